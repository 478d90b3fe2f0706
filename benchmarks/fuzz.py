"""Feeds formcheck what nobody would write: damaged files, junk messages, odd calls. `python benchmarks/fuzz.py N`.

Each target takes one example. It raises where formcheck does anything but work or answer with one of its own errors:
another exception, output that is half written, an answer that is no JSON, an exit status that does not exist.
`tests/test_fuzz.py` runs the same targets with few examples.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import struct
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from formcheck.checking import check_exercise
from formcheck.errors import FormcheckError
from formcheck.exercise import load_exercise
from formcheck.judging import judge
from formcheck.poselog import PoseLog
from formcheck.reference import ReferenceProfile
from formcheck.registry import FOLDER, ROUTINES, exercise_ids, find_routine
from formcheck.session import analyze
from formcheck.stored import open_stored
from formcheck.types import Frame, Pose

T = TypeVar("T")

ROOT: Final = Path(__file__).resolve().parent.parent
POSES: Final = ROOT / "tests" / "poses" / "seated_cat_cow.npz"
SLOW_S: Final = 30.0  # of the processor's time; an example that takes longer hangs
STATUSES: Final = (0, 1, 2, 3)

ODD_VALUES: Final = (
    *("0", "-1", "1", "3.5", "nan", "inf", "-inf", "1e308", "-1e308", "1e-320", "9" * 30, "9" * 5000, "true", "false"),
    *(
        '""',
        '"x"',
        '"seated_cat_cow"',
        '"\\u0000"',
        '"../../etc/passwd"',
        '"' + "x" * 3000 + '"',
        "'''",
        '"',
        "1979-05-27",
    ),
    *("[]", "[[[]]]", "[1, 2, 3]", "[0, 0]", "[2, 1]", "[nan, nan]", "{}", "{a = 1}", "[" * 3000, "{a = " * 500, "="),
)
ODD_JSON: Final = (
    *(None, True, 0, -1, 1, 3.5, 1e308, -1e308, 10**400, "", "x", "seated_cat_cow", "\0", "\ud800", "x" * 3000, "NaN"),
    *([], [[]], [None], [1, 2, 3], {}, {"a": 1}, {"id": []}, "<script>alert(1)</script>"),
)


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one example."""
    with tempfile.TemporaryDirectory(prefix="formcheck-fuzz") as folder:
        yield Path(folder)


# -- examples ---------------------------------------------------------------------------------------------------------


@st.composite
def changed_toml(draw: st.DrawFn, folder: Path) -> str:
    """A shipped file with some lines lost, doubled, moved, cut, or with other values."""
    path = draw(st.sampled_from(sorted(folder.glob("*.toml"))))
    lines = path.read_text(encoding="utf-8").splitlines()
    for _ in range(draw(st.integers(1, 3))):
        i = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(("value", "value", "value", "lose", "double", "move", "cut", "junk")))
        if kind == "value":
            filled = [n for n, line in enumerate(lines) if "=" in line]
            i = filled[i % len(filled)] if filled else i
            lines[i] = f"{lines[i].partition('=')[0]}= {draw(st.sampled_from(ODD_VALUES))}"
        elif kind == "lose":
            lines.pop(i)
        elif kind == "double":
            lines.insert(i, lines[i])
        elif kind == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(i))
        elif kind == "cut":
            lines[i] = lines[i][: draw(st.integers(0, len(lines[i])))]
        else:
            lines.insert(i, draw(st.text(max_size=20)))
        if not lines:
            break
    return "\n".join(lines)


def changed_bytes(data: bytes) -> st.SearchStrategy[bytes]:
    """The bytes, cut off, with some overwritten, or others altogether."""

    def with_changes(cut: int, changes: list[tuple[int, int]]) -> bytes:
        out = bytearray(data[:cut])
        for at, value in changes:
            if out:
                out[at % len(out)] = value
        return bytes(out)

    anywhere = st.integers(0, len(data))
    changes = st.lists(st.tuples(anywhere, st.integers(0, 255)), max_size=8)
    return st.one_of(
        st.builds(with_changes, st.just(len(data)), changes),
        st.builds(with_changes, anywhere, changes),
        st.binary(max_size=200),
    )


@st.composite
def changed_json(draw: st.DrawFn, value: Any) -> Any:
    """The value with one to three of its leaves, branches or keys replaced, lost or renamed."""
    value = json.loads(json.dumps(value))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(value))
        if not places:
            break
        inside, key = places[draw(st.integers(0, len(places) - 1))]
        kind = draw(st.sampled_from(("replace", "replace", "replace", "lose", "rename")))
        if kind == "replace":
            inside[key] = deepcopy(draw(st.sampled_from(ODD_JSON)))
        elif kind == "rename" and isinstance(inside, dict):
            inside[draw(st.sampled_from(("", "x", "id", "time_s")))] = inside.pop(key)
        else:
            del inside[key]
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from _places(value[key])


ODD_NUMBERS: Final = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1.0, 2.0, 1e6, -1e6, 1e30, -1e30, 3e38, 1e-40)
ROWS: Final = ("landmarks", "visibility", "world_m", "time_s", "ball_px", "back_curve_deg", "breath", "breath_quality")


@st.composite
def changed_poses(draw: st.DrawFn) -> dict[str, np.ndarray]:
    """The arrays of a pose log of some seconds with parts overwritten, reshaped, lost, or of another type."""
    first = draw(st.integers(0, 300))
    with np.load(POSES) as file:
        arrays = {key: file[key] for key in file.files}
    n = draw(st.sampled_from((1, 2, 60, 90)))
    whole = len(arrays["time_s"])
    arrays = {k: (v[first : first + n].copy() if v.ndim and len(v) == whole else v) for k, v in arrays.items()}
    for _ in range(draw(st.integers(1, 4))):
        key = draw(st.sampled_from([key for key in (*ROWS, "width", "height", "schema", "meta") if key in arrays]))
        kind = draw(st.sampled_from(("some", "some", "some", "all", "shape", "type", "lose")))
        values = arrays[key]
        if kind in ("some", "all") and values.dtype.kind == "f" and values.ndim:
            start = 0 if kind == "all" else draw(st.integers(0, len(values) - 1))
            values[start : start + (len(values) if kind == "all" else draw(st.integers(1, 20)))] = draw(
                st.sampled_from(ODD_NUMBERS)
            )
        elif kind == "shape":
            arrays[key] = np.array(draw(st.sampled_from((0, -1, 7, [1.0], [[1.0]]))))
        elif kind == "type":
            arrays[key] = np.array(draw(st.sampled_from(("x", True, 1 + 2j, b"x", "{}", "[" * 3000, '{"source": []}'))))
        elif kind == "lose":
            del arrays[key]
    return arrays


# -- targets ----------------------------------------------------------------------------------------------------------


def short_log() -> PoseLog:
    """Three seconds of a person."""
    log = PoseLog()
    for _, pose in zip(range(45), _stored_poses(), strict=False):
        log.append(pose)
    return log


@cache
def _stored_poses() -> tuple[Pose, ...]:
    return tuple(PoseLog.load(POSES))


def answered(job: Callable[[], T]) -> tuple[T | None, str]:
    """What the job gives, or the sentence that it is refused with."""
    try:
        return job(), ""
    except FormcheckError as error:
        refusal = str(error)
    assert len(refusal.splitlines()) == 1, refusal
    return None, refusal


def exercise_file(text: str) -> None:
    """An exercise file is refused with a sentence, or can be used."""
    with scratch() as folder:
        path = folder / "mine.toml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        found = check_exercise(path)
        assert found.exercise is not None or found.errors
        exercise, refusal = answered(lambda: load_exercise(path))
        assert (exercise is None) == (found.exercise is None)
        assert exercise is not None or str(path) in refusal
        if exercise is None:
            return
        judge(short_log(), exercise)


def routine_file(text: str) -> None:
    """A routine file is refused with a sentence, or can be planned."""
    with scratch() as folder:
        path = folder / "mine.toml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        routine, _ = answered(lambda: find_routine(str(path)))
        if routine is None:
            return
        judge(short_log(), None, routine)


def pose_file(data: bytes) -> None:
    """A pose log that is damaged is refused with a sentence, or analysed to the end."""
    with scratch() as folder:
        (folder / "log.npz").write_bytes(data)
        _analyse(folder)


def pose_arrays(arrays: dict[str, np.ndarray], exercise: str | None) -> None:
    """Odd numbers in a pose log are refused with a sentence, or analysed to the end."""
    with scratch() as folder:
        np.savez(folder / "log.npz", **arrays)  # type: ignore[arg-type]
        _analyse(folder, exercise)


def _analyse(folder: Path, exercise: str | None = "seated_cat_cow") -> None:
    result, _ = answered(lambda: analyze(folder / "log.npz", exercise, folder / "out"))
    if result is None:
        assert not (folder / "out").exists()
        return
    names = {path.name for path in result.folder.iterdir()}
    assert names == {"report.json", "report.html", "reps.csv", "holds.csv", "angles.csv", "events.jsonl", "poses.npz"}
    json.loads((result.folder / "report.json").read_text(encoding="utf-8"), parse_constant=_refuse)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@cache
def _results() -> dict[str, bytes]:
    """The files of one analysis."""
    with scratch() as folder:
        result = analyze(POSES, "seated_cat_cow", folder)
        return {path.name: path.read_bytes() for path in result.folder.iterdir()}


def event_lines() -> list[Any]:
    """Records of a real event log."""
    return [json.loads(line) for line in _results()["events.jsonl"].splitlines()]


def whole_report() -> Any:
    """A real report."""
    return json.loads(_results()["report.json"])


def results_file(name: str, data: bytes, kind: str) -> None:
    """Results that were changed by hand are refused with a sentence, or exported whole."""
    from typer.testing import CliRunner

    from formcheck.cli import app

    with scratch() as folder:
        (folder / name).write_bytes(data)
        for other in ("poses.npz", "angles.csv"):
            if other != name:
                (folder / other).write_bytes(_results()[other])
        done = CliRunner().invoke(
            app, ["report", str(folder / name), "--format", kind, "--out", str(folder / "made")], catch_exceptions=False
        )
        status = done.exit_code
        assert status in (0, 2), done.output
        assert len(done.output.splitlines()) == 1, done.output
        assert (folder / "made").exists() == (status == 0)
        assert not [path for path in folder.rglob("*") if "part" in path.name]


class Talk:
    """A live server's part that answers messages, without a network; its pose network is a stored recording."""

    def __init__(self) -> None:
        from formcheck.live.session import LiveSession
        from formcheck.web.guard import Guard
        from formcheck.web.server import LiveServer
        from formcheck.web.settings import DEFAULTS

        self.folder = Path(tempfile.mkdtemp(prefix="formcheck-fuzz"))
        self._n = 0
        self.session = LiveSession(self._look, lambda plan: self.folder / "out", state_folder=self.folder / "state")
        self._server = LiveServer(self.session, Guard(1), dict(DEFAULTS), self.folder / "settings.json")

    def _look(self, frame: Frame) -> Pose:
        from dataclasses import replace

        self._n += 1
        poses = _stored_poses()
        return replace(poses[self._n % len(poses)], time_s=frame.time_s)

    def exchange(self, messages: list[str | bytes]) -> None:
        """Every message gets one answer in JSON; a run that ended is saved."""

        async def talk() -> None:
            for message in messages:
                text, data = (message, None) if isinstance(message, str) else (None, message)
                answer = await self._server._answer(text, data)
                assert answer["kind"] in ("error", "moment", "hello", "settings"), answer
                assert "a fault of formcheck" not in answer.get("text", ""), (message, answer)
                json.dumps(answer, allow_nan=False).encode("utf-8")
                if self.session.state.value == "saving":
                    self.session.finish()

        asyncio.run(talk())

    def close(self) -> None:
        """Nothing stays."""
        self._server._worker.shutdown()
        shutil.rmtree(self.folder)


@cache
def jpeg() -> bytes:
    """A picture that can be decoded."""
    import cv2

    return bytes(cv2.imencode(".jpg", np.zeros((96, 128, 3), np.uint8))[1].tobytes())


def frames() -> st.SearchStrategy[bytes]:
    """A time and a picture, either of which may be odd."""
    times = st.one_of(st.floats(0, 100), st.floats(allow_nan=True, allow_infinity=True)).map(
        lambda t: struct.pack("<d", t)
    )
    pictures = st.one_of(st.just(jpeg()), st.just(jpeg()), changed_bytes(jpeg()))
    return st.builds(lambda head, picture: head + picture, times, pictures)


def messages() -> st.SearchStrategy[str | bytes]:
    """Commands with odd values, junk, frames."""
    from formcheck.live.commands import COMMANDS

    plans = (*exercise_ids()[:3], "daily_7", "x", "/etc/passwd.toml", "", 1)
    choice = {"kind": st.sampled_from(("exercise", "routine", "", 1)), "id": st.sampled_from(plans)}
    wishes = st.sampled_from(("height_cm", "ball_cm", "language", "is_muted", "x"))
    values = st.one_of(
        st.sampled_from([v for v in ODD_JSON if v != "\ud800"]),
        st.fixed_dictionaries(choice),
        st.dictionaries(wishes, st.sampled_from(ODD_JSON[:12])),
    )
    names = st.sampled_from((*COMMANDS, "settings", "x", ""))
    commands = st.builds(lambda name, value: json.dumps({"do": name, "value": value}), names, values)
    junk = st.one_of(
        st.text(max_size=60), st.sampled_from(("", "[]", "{}", "null", '{"do": []}', "[" * 3500, "1" * 3999))
    )
    return st.one_of(commands, commands, frames(), frames(), junk, st.binary(max_size=40))


def conversation(said: list[str | bytes]) -> None:
    """The server answers whatever is said."""
    talk = Talk()
    try:
        talk.session.choose("exercise", "seated_cat_cow")
        talk.exchange([json.dumps({"do": "start"}), *said])
    finally:
        talk.close()


PATHS: Final = ("log.npz", "none.mp4", "junk.mp4", "empty.npz", ".", "mine.toml", "results", "x" * 300, "a\nb", "", "-")
WORDS: Final = (
    *(
        "analyze",
        "report",
        "exercises",
        "show",
        "check",
        "routines",
        "history",
        "learn",
        "agree",
        "--help",
        "--version",
    ),
    *(
        "--exercise",
        "--routine",
        "--out",
        "--no-video",
        "--model",
        "--ball-at",
        "--ball-cm",
        "--rotate",
        "--no-history",
    ),
    *("--format", "--name", "--reps", "--view", "--labels", "--delete", "--pain", "--trends", "--export", "--debug"),
    *("--data-dir", "seated_cat_cow", "daily_7", "json", "html", "csv", "fhir", "trc", "coco", "fit", "poses", "all"),
    *("0", "-1", "90", "nan", "1e400", "1,2", "inf,nan", "65", "now", "en", "xx", "side", "ä", "\u202e", "--", "-x"),
)


def calls() -> st.SearchStrategy[list[str]]:
    """Arguments of the command line, in any order."""
    commands = st.sampled_from(("analyze", "report", "exercises", "routines", "history", "learn", "agree"))
    word = st.one_of(st.sampled_from(WORDS), st.sampled_from(PATHS), st.sampled_from(PATHS))
    return st.builds(lambda command, words: [command, *words], commands, st.lists(word, max_size=6))


@cache
def _call_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="formcheck-fuzz"))
    short_log().save(folder / "log.npz")
    (folder / "junk.mp4").write_bytes(b"junk" * 100)
    (folder / "empty.npz").touch()
    shutil.copy(FOLDER / "seated_cat_cow.toml", folder / "mine.toml")
    (folder / "results").mkdir()
    for name, data in _results().items():
        (folder / "results" / name).write_bytes(data)
    return folder


def call(arguments: list[str]) -> None:
    """The command line ends with a status that is documented, and without a traceback that was not asked for."""
    from typer.testing import CliRunner

    from formcheck.cli import app

    with scratch() as folder:
        here = Path.cwd()
        os.chdir(shutil.copytree(_call_folder(), folder / "here"))
        try:
            data = {"FORMCHECK_DATA_DIR": str(folder / "data")}
            done = CliRunner().invoke(app, arguments, env=data, catch_exceptions=False)
        finally:
            os.chdir(here)
        assert done.exit_code in STATUSES, (arguments, done.output)
        assert "formcheck: unexpected" not in done.stderr, (arguments, done.stderr)
        if "--debug" not in arguments:
            assert "Traceback" not in done.output, arguments


def kept_run(data: bytes) -> None:
    """What is left of an interrupted run is read, or taken as none."""
    from formcheck.live.interrupted import Keeper
    from formcheck.live.session import LiveSession
    from formcheck.web.settings import read_settings

    with scratch() as folder:
        (folder / "run.json").write_bytes(data)
        shutil.copy(POSES, folder / "poses-0000.npz")
        kept = Keeper(folder).read()
        if kept is not None:
            Keeper(folder).log_of(kept, {})
        session = LiveSession(
            lambda frame: Pose.nobody(frame.time_s, (640, 480)), lambda _: folder, state_folder=folder
        )
        answered(lambda: session.command("continue_last"))
        read_settings(folder / "run.json")


@cache
def a_run() -> Any:
    """What is kept of a run that is under way."""
    from formcheck.live.interrupted import RUN, Interrupted, Keeper, Stretch

    with scratch() as folder:
        done = {0: {"status": "done", "count": 2}}
        kept = Interrupted("exercise", "seated_cat_cow", 1, (Stretch(0, 1.0, 5.0),), done, ("poses-0000.npz",))
        Keeper(folder).keep(kept)
        return json.loads((folder / RUN).read_text(encoding="utf-8"))


def reference_file(data: bytes) -> None:
    """A reference that is damaged is refused with a sentence, or can be read."""
    with scratch() as folder:
        (folder / "mine.side.npz").write_bytes(data)
        with contextlib.suppress(FormcheckError):
            ReferenceProfile.load(folder / "mine.side.npz")


@cache
def _reference() -> bytes:
    return min((ROOT / "models" / "references").glob("*.npz"), key=lambda path: path.stat().st_size).read_bytes()


@cache
def _pose_bytes() -> bytes:
    with scratch() as folder:
        short_log().save(folder / "log.npz")
        return (folder / "log.npz").read_bytes()


def _as_lines(records: list[Any]) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


KINDS: Final = st.sampled_from(("html", "json", "csv", "fhir"))

TARGETS: Final[dict[str, Callable[[], Callable[[], None]]]] = {
    "exercise files": lambda: given(changed_toml(FOLDER))(exercise_file),
    "routine files": lambda: given(changed_toml(ROUTINES))(routine_file),
    "pose logs, bytes": lambda: given(changed_bytes(_pose_bytes()))(pose_file),
    "pose logs, numbers": lambda: given(
        changed_poses(), st.sampled_from(("seated_cat_cow", "hip_circles", "relaxation", None))
    )(pose_arrays),
    "event logs": lambda: given(changed_json(event_lines()), KINDS)(
        lambda records, kind: results_file("events.jsonl", _as_lines(records), kind)
    ),
    "event logs, bytes": lambda: given(changed_bytes(_results()["events.jsonl"]), KINDS)(
        lambda data, kind: results_file("events.jsonl", data, kind)
    ),
    "reports": lambda: given(changed_json(whole_report()), KINDS)(
        lambda report, kind: results_file("report.json", json.dumps(report).encode(), kind)
    ),
    "tables of readings": lambda: given(changed_bytes(_results()["angles.csv"]))(
        lambda data: results_file_beside("angles.csv", data)
    ),
    "messages": lambda: given(st.lists(messages(), max_size=12))(conversation),
    "command lines": lambda: given(calls())(call),
    "interrupted runs": lambda: given(
        st.one_of(
            changed_json(a_run()).map(lambda run: json.dumps(run).encode()), changed_bytes(json.dumps(a_run()).encode())
        )
    )(kept_run),
    "references": lambda: given(changed_bytes(_reference()))(reference_file),
}


def results_file_beside(name: str, data: bytes) -> None:
    """As `results_file`, with the change in a file that an export reads besides."""
    with scratch() as folder:
        for other, content in _results().items():
            (folder / other).write_bytes(data if other == name else content)
        with contextlib.suppress(FormcheckError):
            assert len(open_stored(folder / "events.jsonl").series.time_s) >= 0


def run(name: str, n: int) -> float:
    """Runs a target with `n` examples; the longest time that one took, in seconds."""
    longest = 0.0
    target = TARGETS[name]()
    inner = target.hypothesis.inner_test  # type: ignore[attr-defined]

    def timed(*values: Any, **named: Any) -> None:
        nonlocal longest
        began = time.process_time()  # a machine that has other things to do is no hang
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            inner(*values, **named)
        longest = max(longest, time.process_time() - began)
        assert longest < SLOW_S, f"{longest:.0f} s"

    target.hypothesis.inner_test = timed  # type: ignore[attr-defined]
    settings(max_examples=n, deadline=None, derandomize=True, database=None, suppress_health_check=_ALL)(target)()
    return longest


def _health_checks() -> tuple[Any, ...]:
    from hypothesis import HealthCheck

    return tuple(HealthCheck)


_ALL: Final = _health_checks()


def main() -> None:
    """Every target with N examples, or those named after it."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    names = [name for name in TARGETS if not sys.argv[2:] or any(part in name for part in sys.argv[2:])]
    for name in names:
        began = time.monotonic()
        longest = run(name, n)
        print(f"{name}: {n} examples in {time.monotonic() - began:.0f} s, the longest {longest:.2f} s")


if __name__ == "__main__":
    main()
