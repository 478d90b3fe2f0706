"""`formcheck analyze` with more files than one: all at a time as asked for, with the results of one at a time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import MakeVideo, empty_room, repeated
from patience import WITHIN_S, wait_until
from typer.testing import CliRunner, Result

from formcheck.assets import find_sample
from formcheck.cli import app
from formcheck.history import History
from formcheck.recordings import find_recordings
from formcheck.userdata import data_dir

POSES = Path(__file__).parent / "poses"


@pytest.fixture
def recordings(tmp_path: Path) -> list[Path]:
    """Two pose logs, the first once more under another folder, between them what is no recording."""
    files = [tmp_path / "a" / "calf_roll.npz", tmp_path / "b" / "calf_roll.npz", tmp_path / "a" / "Übung eins.npz"]
    for path, name in zip(files, ("calf_roll", "calf_roll", "lumbar_rock"), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((POSES / f"{name}.npz").read_bytes())
    (tmp_path / "a" / "text.mp4").write_text("no video")
    return [files[0], tmp_path / "a" / "text.mp4", files[1], tmp_path / "missing.mp4", files[2]]


def analyze(recordings: list[Path], out: Path, jobs: int, *more: str) -> Result:
    call = ["analyze", *map(str, recordings), "--out", str(out), "--jobs", str(jobs), "--exercise", "calf_roll", *more]
    return CliRunner().invoke(app, call)


def test_several_at_a_time_give_what_one_after_the_other_gives(recordings: list[Path], tmp_path: Path) -> None:
    alone, together = (analyze(recordings, tmp_path / f"out{jobs}", jobs) for jobs in (1, 2))
    assert alone.exit_code == together.exit_code == 2
    said = [
        sorted(result.output.replace(f"out{jobs}", "out").splitlines()) for jobs, result in ((1, alone), (2, together))
    ]
    assert said[0] == said[1]
    assert [line.split(":")[0] for line in together.stderr.splitlines()] == ["formcheck", "formcheck"]
    for name in ("calf_roll", "calf_roll-2", "Übung eins"):
        one, other = (json.loads((tmp_path / f"out{jobs}" / name / "report.json").read_text()) for jobs in (1, 2))
        assert one == other
    assert len(list((tmp_path / "out2").iterdir())) == 3
    with History(data_dir(None)) as history:
        assert {session.name for session in history.sessions()} == {"calf_roll", "Übung eins"}


@pytest.mark.parametrize(
    ("more", "said"),
    [(("--routine", "daily_7"), "not both"), (("--ball-at", "nan,3"), "two numbers"), (("--lang", "xx"), "xx")],
)
def test_mistake_in_the_call_is_said_once(
    more: tuple[str, ...], said: str, recordings: list[Path], tmp_path: Path
) -> None:
    result = analyze(recordings, tmp_path / "out", 2, *more)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert said in line
    assert not (tmp_path / "out").exists()


def test_progress_names_the_running_file_and_which_of_all_it_is(make_video: MakeVideo, tmp_path: Path) -> None:
    clips = [str(make_video(name, n_frames=5, size_wh=(320, 240), picture=empty_room)) for name in ("a.mp4", "b.mp4")]
    call = ["analyze", *clips, "--out", str(tmp_path / "out"), "--no-video", "--no-history"]
    shown = CliRunner().invoke(app, call, env={"FORCE_COLOR": "1", "COLUMNS": "120"}).stderr  # as on a terminal
    assert "Reading a.mp4 (1 of 2)" in shown
    assert "Reading b.mp4 (2 of 2)" in shown
    shown = CliRunner().invoke(app, call[:2] + call[3:], env={"FORCE_COLOR": "1", "COLUMNS": "120"}).stderr
    assert "Reading a.mp4 " in shown
    assert " of " not in shown


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to a group of processes there")
def test_ctrl_c_leaves_one_line_no_process_and_nothing_half_written(tmp_path: Path) -> None:
    out, clips = tmp_path / "out", [tmp_path / "one.mp4", tmp_path / "two.mp4"]
    for path in clips:
        repeated(find_sample(), 20, path)  # nobody is done with it before this test has pressed the keys
    call = [sys.executable, "-m", "formcheck", "analyze", *map(str, clips), "--out", str(out), "--jobs", "2"]
    child = subprocess.Popen(
        [*call, "--exercise", "seated_cat_cow"], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        wait_until(lambda: child.poll() is not None or bool(list(out.glob("*/.annotated*"))))  # a video is written
        assert child.poll() is None
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does it
        _, said = child.communicate(timeout=WITHIN_S)
        assert child.returncode == 130
        assert len(said.splitlines()) == 1, said
        assert said.startswith("formcheck: stopped;")
        assert not out.exists()
        wait_until(lambda: not is_running(child.pid))  # the tracker that Python starts beside ends a moment later
    finally:
        with contextlib.suppress(ProcessLookupError):  # where it failed, nothing may run on
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


@pytest.mark.parametrize(
    ("wish", "said"),
    [(["--rotate", "45"], "a turn by 45"), (["--ball-cm", "5"], "a ball of 5"), (["--model", "x"], "x:")],
)
def test_what_no_recording_can_be_analysed_with_is_said_once(
    recordings: list[Path], tmp_path: Path, wish: list[str], said: str
) -> None:
    result = analyze(recordings, tmp_path / "out", 1, *wish)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"formcheck: {said}")


def test_results_never_take_the_place_of_the_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "annotated").mkdir()
    own = tmp_path / "annotated" / "annotated.mp4"
    own.write_bytes(b"a recording")
    monkeypatch.chdir(tmp_path)
    for more in ([], ["--no-video"], ["--exercise", "calf_roll"]):
        result = CliRunner().invoke(app, ["analyze", "annotated/annotated.mp4", "--out", ".", *more])
        assert result.exit_code == 2
        assert "choose another --out" in result.stderr
        assert own.read_bytes() == b"a recording"


def test_of_a_folder_of_results_the_poses_are_analysed_and_not_the_drawing(tmp_path: Path) -> None:
    folder = tmp_path / "rock"
    folder.mkdir()
    (folder / "poses.npz").write_bytes((POSES / "lumbar_rock.npz").read_bytes())
    (folder / "annotated.mp4").write_bytes(b"a drawing")
    assert [path.name for path in find_recordings([folder])] == ["annotated.mp4", "poses.npz"]
    (folder / "report.json").write_text("{}")
    assert [path.name for path in find_recordings([folder])] == ["poses.npz"]
    assert find_recordings([folder / "annotated.mp4"]) == [folder / "annotated.mp4"], "where it is asked for by name"


def is_running(group: int) -> bool:
    """Whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
