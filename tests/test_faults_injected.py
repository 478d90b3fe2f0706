"""What breaks from outside: signals at every stage, a failing network, a camera that stumbles, a killed program.

Whatever happens, each file is whole or absent, the exit status is right, and nothing that was counted is lost.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterable
from http.cookiejar import CookieJar
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import fuzz
import numpy as np
import pytest
from conftest import cut_off
from livecamera import BLACK, TWO_BLOCKS, Camera, begun
from liveserver import Served
from patience import WITHIN_S
from recordings import Poses, frozen, stored
from starlette.websockets import WebSocketDisconnect
from test_nothing_leaves import show_a_movement
from typer.testing import CliRunner
from websockets.sync.client import connect

from formcheck import registry
from formcheck.assets import find_sample
from formcheck.cli import app
from formcheck.errors import EstimatorError, SourceError
from formcheck.estimators.mediapipe_pose import MediaPipePose
from formcheck.live.clock import RunClock
from formcheck.live.session import LiveSession, State
from formcheck.poselog import PoseLog
from formcheck.seeing import Onlooker
from formcheck.sources import camera as camera_module
from formcheck.sources.camera import Camera as OwnCamera
from formcheck.types import Frame, Pose
from formcheck.web.greeting import greeting
from formcheck.web.guard import Guard
from formcheck.web.server import LiveServer
from formcheck.web.settings import DEFAULTS

ROOT = Path(__file__).resolve().parent.parent
linux_only = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked there")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of the sample recording, and whole."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    path.write_bytes(find_sample().read_bytes())
    return cut_off(path, 0.04)


def assert_whole(folder: Path) -> set[str]:
    """Names of the files in a folder, each of which is whole."""
    names = set()
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        names.add(path.name)
        assert "part" not in path.name, path
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".jsonl":
            assert path.read_text(encoding="utf-8").endswith("\n")
            assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        elif path.suffix == ".csv":
            assert path.read_text(encoding="utf-8").endswith("\n")
        elif path.suffix == ".html":
            assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
        elif path.suffix == ".npz":
            assert len(PoseLog.load(path)) > 0
        elif path.suffix == ".mp4":
            with av.open(str(path)) as video:
                assert sum(1 for _ in video.decode(video=0)) > 10
    return names


# -- asked to end, at every stage -------------------------------------------------------------------------------------

# One process loads everything and forks for each case: `hook` is called, and at its n-th call the signal comes.
SIGNALLED = """
import importlib, json, os, sys
from pathlib import Path
import formcheck.session, formcheck.reading, formcheck.drawing, formcheck.seeing, formcheck.cli.analyzing
import formcheck.export.html, formcheck.export.files, formcheck.estimators.mediapipe_pose, formcheck.pages
import mediapipe.tasks.python.vision
from formcheck.cli import main

def hooked(place, nth, number):
    module, _, path = place.partition(":")
    owner = importlib.import_module(module)
    *above, name = path.split(".")
    for part in above:
        owner = getattr(owner, part)
    original, calls = getattr(owner, name), []
    def hook(*values, **named):
        calls.append(1)
        if len(calls) == nth:
            os.kill(os.getpid(), number)
        return original(*values, **named)
    setattr(owner, name, hook)

for case in json.loads(sys.stdin.read()):
    child = os.fork()
    if child == 0:
        said = os.open(case["said"], os.O_CREAT | os.O_WRONLY)
        os.dup2(said, 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        hooked(case["hook"], case["nth"], case["signal"])
        if case["closer"]:
            from formcheck.seeing import Stretch, Wishes
            formcheck.session._stretches = lambda *_, **__: [Stretch(0.0, 9.0, Wishes(False, True))]
        sys.argv = ["formcheck", *case["arguments"]]
        main()
        os._exit(99)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""

STAGES = {
    "starting": ("formcheck.sources.probe:probe", 1, True),
    "reading": ("formcheck.estimators.mediapipe_pose:MediaPipePose.estimate", 4, True),
    "looking": ("formcheck.seeing:Onlooker.look", 3, True),
    "naming": ("formcheck.judging:judge", 1, False),
    "looking closer": ("formcheck.vision.breathing:BreathWatch.look", 3, False),
    "writing the report": ("formcheck.export.files:write_json", 1, True),
    "inside a file": ("formcheck.export.files:_cell", 40, True),
    "writing the page": ("formcheck.export.html:html_page", 1, True),
    "writing the poses": ("formcheck.pages:Pages.write_npy", 3, True),
    "renaming": ("pathlib:Path.replace", 3, True),
    "drawing while reading": ("formcheck.export.video:AnnotatedVideoWriter.write", 3, True),
    "drawing afterwards": ("formcheck.export.video:AnnotatedVideoWriter.write", 3, False),
    "finishing the video": ("formcheck.export.video:AnnotatedVideoWriter.__exit__", 1, True),
}
# A request to end is made like Ctrl-C in one place; what follows is the same from there on.
CASES = [*((stage, "SIGINT") for stage in STAGES), ("reading", "SIGTERM"), ("inside a file", "SIGTERM")]


@pytest.fixture(scope="module")
def ended(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[int, str, Path]]:
    """For each stage and signal: exit status, what was said, and the folder of the results."""
    folder = tmp_path_factory.mktemp("signals")
    cases = []
    for stage, name in CASES:
        hook, nth, is_named = STAGES[stage]
        out = folder / f"{stage}-{name}".replace(" ", "-")
        named = ["--exercise", "seated_cat_cow"] if is_named else []
        cases.append(
            {
                "hook": hook,
                "nth": nth,
                "signal": getattr(signal, name),
                "said": str(out) + ".txt",
                "closer": stage == "looking closer",
                "arguments": ["analyze", str(clip), "--no-history", "--out", str(out), *named],
            }
        )
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED],
        input=json.dumps(cases),
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=1200,
        check=True,
    )
    statuses = [int(line) for line in done.stdout.split()]
    return {
        key: (status, Path(case["said"]).read_text(), Path(case["arguments"][4]))
        for key, status, case in zip(CASES, statuses, cases, strict=True)
    }


@linux_only
@pytest.mark.parametrize(("stage", "name"), CASES)
def test_a_request_to_end_leaves_whole_files_and_the_right_status(stage: str, name: str, ended: dict[Any, Any]) -> None:
    status, said, out = ended[stage, name]
    assert status == 128 + getattr(signal, name), said
    (line,) = said.splitlines()
    assert line.startswith("formcheck: stopped;")
    names = assert_whole(out)
    if stage in ("starting", "reading", "looking", "naming", "looking closer", "writing the report"):
        assert not out.exists()
    elif stage in ("drawing afterwards", "finishing the video"):
        assert names >= {"report.json", "report.html", "events.jsonl", "poses.npz"}
        assert "annotated.mp4" not in names


# -- a part that fails ------------------------------------------------------------------------------------------------


def failing(after: int, error: Exception, original: Callable[..., Any]) -> Callable[..., Any]:
    """The function, until it has been called so often; then it raises, every time."""
    calls = []

    def fail(*values: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) > after:
            raise error
        return original(*values, **named)

    return fail


@pytest.mark.parametrize("exercise", [["--exercise", "seated_cat_cow"], []], ids=["named", "recognised"])
@pytest.mark.parametrize(
    ("owner", "name", "error", "words"),
    [
        (MediaPipePose, "estimate", EstimatorError("the pose network failed at 0.20 s"), "the pose network failed"),
        (MediaPipePose, "estimate", MemoryError("no room"), "unexpected MemoryError: no room"),
        (Onlooker, "look", RuntimeError("two\nlines"), "unexpected RuntimeError: two lines"),
    ],
)
def test_a_part_that_fails_is_one_line_and_leaves_nothing(
    owner: type, name: str, error: Exception, words: str, exercise: list[str], clip: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(owner, name, failing(5, error, getattr(owner, name)))
    before = set(threading.enumerate())
    done = CliRunner().invoke(app, ["analyze", str(clip), "--out", str(tmp_path / "out"), *exercise])
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert words in line
    assert not set(threading.enumerate()) - before
    assert not (tmp_path / "out").exists()


# -- a camera that stumbles, with a clock that the test turns ---------------------------------------------------------


def counted(session: LiveSession) -> int:
    result = session.finish()
    assert result is not None
    (*_, block) = result.report["blocks"]
    return int(block["counted"]["repetitions"])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Repetitions counted when nothing goes wrong."""
    camera = begun(Camera(tmp_path_factory.mktemp("undisturbed")))
    camera.show(stored("seated_cat_cow"))
    return counted(camera.session)


def timed(camera: Camera, poses: Poses, times_s: Iterable[float]) -> None:
    """Shows the poses at times that need not be in order."""
    for pose, time_s in zip(poses, times_s, strict=True):
        camera._next = pose
        camera.session.take(BLACK, time_s)


JITTER = np.random.default_rng(7)


@pytest.mark.parametrize(
    "disturbed",
    [
        pytest.param(lambda t: np.repeat(t[::2], 2)[: len(t)], id="each time twice"),
        pytest.param(lambda t: t + JITTER.uniform(-0.02, 0.02, len(t)), id="jitter"),
        pytest.param(lambda t: np.where(np.arange(len(t)) % 10 == 5, t - 0.1, t), id="out of order"),
        pytest.param(lambda t: np.where(t > 120, t - 0.5, t), id="set back by half a second"),
    ],
)
def test_odd_frame_times_change_no_count(disturbed: Any, undisturbed: int, tmp_path: Path) -> None:
    camera = begun(Camera(tmp_path))
    poses = stored("seated_cat_cow")
    timed(camera, poses, disturbed(np.array([pose.time_s for pose in poses]) + 100.0))
    assert camera.session.state in (State.BLOCK, State.SAVING)
    assert counted(camera.session) == undisturbed >= 3


def test_a_late_frame_is_no_interruption_and_moves_time_on_by_next_to_nothing() -> None:
    clock = RunClock()
    steps = [clock.step(t) for t in (10.0, 10.1, 10.05, 10.2, 10.3)]
    assert [gap for _, gap in steps] == [0.0] * 5
    assert sum(step for step, _ in steps[1:]) == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("away_s", [5.0, 600.0, -50.0], ids=["stalls 5 s", "gone for ten minutes", "clock set back"])
def test_a_camera_that_was_away_pauses_and_nothing_counted_is_lost(
    away_s: float, undisturbed: int, tmp_path: Path
) -> None:
    camera = begun(Camera(tmp_path))
    poses = stored("seated_cat_cow")
    split = next(i for i, pose in enumerate(poses) if pose.time_s > 20.0)
    camera.show(poses[:split], start_s=100.0)
    before = camera.messages[-1]
    assert before["state"] == "block"
    (after,) = camera.show([poses[split]], start_s=100.0 + away_s)
    assert (after["state"], after["paused"], after["count"]) == ("paused", "interrupted", before["count"])
    assert before["count"] >= 1
    camera.ask("resume")
    camera.go_on(frozen(poses[split], 5.0), until=State.BLOCK)
    camera.go_on(poses[split:])
    # The movement under way when it happened may be lost, no other.
    assert undisturbed - 1 <= counted(camera.session) <= undisturbed


@pytest.mark.parametrize("error", [EstimatorError("the pose network failed"), SourceError("the picture is damaged")])
def test_a_frame_that_cannot_be_looked_at_costs_that_frame_alone(
    error: Exception, undisturbed: int, tmp_path: Path
) -> None:
    camera = begun(Camera(tmp_path))
    look = camera.session._watch
    n_failed = 0

    def sometimes(frame: Frame) -> Pose:
        if frame.index % 25 == 24:
            raise error
        return look(frame)

    camera.session._watch = sometimes
    for pose in stored("seated_cat_cow"):
        camera._next = pose
        try:
            camera.session.take(BLACK, pose.time_s)
        except type(error):
            n_failed += 1
    assert n_failed > 10
    assert counted(camera.session) == undisturbed


@pytest.mark.parametrize("error", [EstimatorError("the pose network failed"), ZeroDivisionError("two\nlines")])
def test_the_page_is_told_of_a_frame_that_failed_and_the_next_one_is_answered(error: Exception, tmp_path: Path) -> None:
    with Served(tmp_path) as served, served.talk(served.key()) as talk:
        json.loads(talk.recv(timeout=WITHIN_S))
        look = served.session._watch
        frame = struct.pack("<d", 5.0) + fuzz.jpeg()
        served.session._watch = failing(0, error, look)
        talk.send(frame)
        answer = json.loads(talk.recv(timeout=WITHIN_S))
        assert answer["kind"] == "error"
        assert str(error).split()[0] in answer["text"]
        assert "\n" not in answer["text"]
        served.session._watch = look
        talk.send(struct.pack("<d", 5.1) + fuzz.jpeg())
        assert json.loads(talk.recv(timeout=WITHIN_S))["kind"] == "moment"


class Page:
    """The page's end of a socket, which goes away after some messages."""

    def __init__(self, n: int) -> None:
        self.got: list[Any] = []
        self._left = n

    async def send_json(self, message: Any) -> None:
        self._take(message["kind"])

    async def send_bytes(self, data: bytes) -> None:
        self._take("picture")

    def _take(self, what: str) -> None:
        if not self._left:
            raise WebSocketDisconnect
        self._left -= 1
        self.got.append(what)


def test_a_camera_of_the_servers_own_goes_on_after_a_frame_that_failed(tmp_path: Path) -> None:
    camera = begun(Camera(tmp_path))
    (camera._next, *_) = stored("seated_cat_cow")
    look = camera.session._watch
    calls = []

    def sometimes(frame: Frame) -> Pose:
        calls.append(1)
        if len(calls) in (2, 3):
            raise (EstimatorError("failed"), ZeroDivisionError())[len(calls) - 2]
        return look(frame)

    camera.session._watch = sometimes
    times = iter(np.arange(100.0) / 15)
    own = SimpleNamespace(has_ended=False, newest=lambda: (BLACK, float(next(times))))
    server = LiveServer(camera.session, Guard(1), dict(DEFAULTS), camera=own)
    page = Page(6)
    asyncio.run(server._pump(page))  # type: ignore[arg-type]
    assert page.got == ["picture", "error", "error", "picture", "picture", "picture"]
    server._worker.shutdown()


def test_a_kept_run_of_a_movement_that_is_gone_is_not_offered(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(TWO_BLOCKS, encoding="utf-8")
    first = Camera(tmp_path, tmp_path / "kept")
    first.session.choose("routine", str(mine))
    first.session.command("start")
    first.show(stored("seated_cat_cow"), until=State.REST)
    mine.unlink()
    find_routine_anew()
    session = Camera(tmp_path, tmp_path / "kept").session
    assert session.interrupted() is not None
    hello = greeting(session, dict(DEFAULTS), is_own_camera=False, records=False)
    assert hello["interrupted"] is None


def find_routine_anew() -> None:
    """As another process would."""
    registry._load_routine.cache_clear()


class Scripted:
    """Pictures of a camera that is lost after some, each time it is opened."""

    comes_back = True
    n_opened = 0

    def __init__(self, n: int) -> None:
        Scripted.n_opened += 1
        self._left = n

    def read(self) -> tuple[np.ndarray, float] | None:
        if not self._left:
            return self.fail()
        self._left -= 1
        return BLACK, float(Scripted.n_opened)

    def fail(self) -> None:
        return None

    def close(self) -> None:
        self._left = 0


class Raising(Scripted):
    """Another driver, which says so in its own way."""

    def fail(self) -> None:
        raise ValueError("the picture has no size")


@pytest.mark.parametrize("kind", [Scripted, Raising])
def test_a_camera_that_is_lost_is_opened_again_and_again(kind: type[Scripted], monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = iter([kind, None, None, kind, None, kind])

    def open_again(where: str) -> Scripted:
        outcome = next(outcomes, kind)
        if outcome is None:
            raise SourceError("still away")
        return outcome(3)

    monkeypatch.setattr(camera_module, "_open", open_again)
    monkeypatch.setattr(camera_module, "TRY_AGAIN_S", 0.001)
    Scripted.n_opened = 0
    seen: set[float] = set()
    with OwnCamera("0") as own:
        while len(seen) < 3:
            picture = own.newest()
            assert picture is not None
            assert not own.has_ended
            seen.add(picture[1])
    assert own.has_ended
    assert own.newest() is None


# -- a program that is killed -----------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
from livecamera import Camera
from recordings import stored
from formcheck.live.session import State

folder, routine = Path(sys.argv[1]), sys.argv[2]
poses = stored("seated_cat_cow")
for kill_at in map(int, sys.argv[3:]):
    child = os.fork()
    if child == 0:
        n = 0
        def hook(event, arguments):
            global n
            if event in ("os.rename", "os.remove", "os.mkdir") or (event == "open" and "w" in str(arguments[1])):
                n += str(folder) in str(arguments[0])
                if n == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(hook)
        camera = Camera(folder, folder / f"kept-{kill_at}")
        camera.session.choose("routine", routine)
        camera.session.command("start")
        camera.show(poses, until=State.REST)
        camera.go_on(poses, until=State.BLOCK)
        camera.go_on(poses[100:250])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
"""
KILL_AT = (1, 2, 3, 4, 5, 6, 999)


@linux_only
def test_after_kill_9_the_next_start_offers_to_go_on_with_nothing_lost(tmp_path: Path) -> None:
    routine = tmp_path / "two_blocks.toml"
    routine.write_text(TWO_BLOCKS, encoding="utf-8")
    arguments = [str(tmp_path), str(routine), *map(str, KILL_AT)]
    subprocess.run([sys.executable, "-c", KILLED, *arguments], cwd=ROOT, check=True, timeout=1200)
    offered = {}
    for kill_at in KILL_AT:
        camera = Camera(tmp_path / f"after-{kill_at}", tmp_path / f"kept-{kill_at}")
        left = camera.session.interrupted()
        offered[kill_at] = left is not None
        if left is None:  # killed before anything was kept: a run from the beginning must work
            camera.session.choose("routine", str(routine))
            camera.session.command("start")
            camera.show(stored("seated_cat_cow")[:150])
            assert camera.session.state is State.BLOCK
            continue
        n_done = sum((result.get("count") or 0) for result in left.results.values())
        camera.session.command("continue_last")
        assert camera.session.state is not State.CHOOSE
        camera.go_on(stored("seated_cat_cow"))
        camera.session.command("stop")
        result = camera.session.finish()
        assert result is not None
        total = sum(block["counted"]["repetitions"] or 0 for block in result.report["blocks"])
        assert total >= n_done
        assert_whole(result.folder)
    assert offered[999]
    assert not offered[1]  # nothing had been written yet


@linux_only
def test_sigterm_ends_the_live_program_with_its_report(tmp_path: Path) -> None:
    """A page that has done something, and a service manager that ends the program."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "FORMCHECK_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-m", "formcheck", "live", "--no-open", "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=environment | {"PYTHONUNBUFFERED": "1"}) as child:  # fmt: skip
        assert child.stdout is not None
        address = child.stdout.readline().split()[1]
        base, jar = address.split("/?")[0], CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), urllib.request.ProxyHandler({}))
        opener.open(address, timeout=WITHIN_S).close()
        cookie = "; ".join(f"{c.name}={c.value}" for c in jar)
        headers = {"Cookie": cookie}
        patience: dict[str, Any] = {"open_timeout": WITHIN_S, "ping_interval": None}
        with connect(
            base.replace("http", "ws") + "/live", origin=base, additional_headers=headers, proxy=None, **patience
        ) as talk:  # type: ignore[arg-type]
            show_a_movement(talk, stops=False)
            child.send_signal(signal.SIGTERM)
            output, _ = child.communicate(timeout=2 * WITHIN_S)
    assert child.returncode in (0, 128 + signal.SIGTERM), output
    assert "Traceback" not in output
    assert "Seated cat-cow" in output
    assert assert_whole(tmp_path / "out") >= {"report.json", "poses.npz"}
