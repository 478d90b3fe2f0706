"""What must not be lost: two runs at once stay apart, pain is noted whenever it is marked, every state can be ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from livecamera import TWO_BLOCKS, Camera, begun
from liveserver import ROOT
from recordings import frozen, stored

from formcheck.events import PainMarked
from formcheck.history import History
from formcheck.live.flow import State
from formcheck.live.ownfolder import LOCK, own_folder
from formcheck.live.past import Past

HELD = """
import sys, time
from pathlib import Path
from formcheck.live.ownfolder import own_folder
with own_folder(Path(sys.argv[1])) as folder:
    print(folder.name, flush=True)
    time.sleep(600)
"""


# -- two at once ------------------------------------------------------------------------------------------------------


def test_two_at_once_have_a_folder_each_and_leave_none_behind(tmp_path: Path) -> None:
    usual = tmp_path / "data" / "live"
    with own_folder(usual) as first:
        with own_folder(usual) as second, own_folder(usual) as third:
            assert [folder.name for folder in (first, second, third)] == ["live", "live-2", "live-3"]
        with own_folder(usual) as fourth:
            assert fourth.name == "live-2"
    assert list((tmp_path / "data").iterdir()) == []


def test_a_folder_is_free_after_kill_9_and_one_with_a_run_is_offered_first(tmp_path: Path) -> None:
    usual = tmp_path / "live"
    with subprocess.Popen(
        [sys.executable, "-c", HELD, str(usual)], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "live\n"
        with own_folder(usual) as second:
            assert second.name == "live-2"
        child.kill()
    assert (usual / LOCK).exists()
    with own_folder(usual) as again:
        assert again == usual
    (tmp_path / "live-3").mkdir()
    (tmp_path / "live-3" / "run.json").touch()
    with own_folder(usual) as first, own_folder(usual) as second:
        assert (first.name, second.name) == ("live-3", "live")


def test_where_nothing_can_be_written_it_is_the_usual_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be", encoding="utf-8")
    with own_folder(tmp_path / "data" / "live") as folder:
        assert folder == tmp_path / "data" / "live"


def test_beginning_in_one_program_leaves_the_run_of_another_alone(tmp_path: Path) -> None:
    poses = stored("seated_cat_cow")
    with own_folder(tmp_path / "live") as one, own_folder(tmp_path / "live") as other:
        first = begun(Camera(tmp_path / "a", one))
        first.show(poses[:300])
        first.ask("pause")  # kept
        second = Camera(tmp_path / "b", other)
        assert second.session.interrupted() is None
        begun(second).show(poses[:300])
        result = second.session.finish()
        assert result is not None
        first.ask("resume")
        first.go_on(frozen(poses[300], 4.0), until=State.BLOCK)
        first.go_on(poses[300:])
        whole = first.session.finish()
    assert whole is not None
    n_counted = [r.report["blocks"][0]["counted"]["repetitions"] for r in (result, whole)]
    assert 1 <= n_counted[0] < n_counted[1]


# -- pain and the end, in every state ---------------------------------------------------------------------------------

WHEN = ["setup", "countdown", "block", "paused", "coming back", "rest", "second setup", "second countdown"]


def brought_to(camera: Camera, when: str) -> None:
    """A routine of two blocks with a rest between, brought to a moment."""
    (camera.folder / "two_blocks.toml").write_text(TWO_BLOCKS, encoding="utf-8")
    camera.session.choose("routine", str(camera.folder / "two_blocks.toml"))
    camera.ask("start")
    poses = stored("seated_cat_cow")
    if when == "setup":
        camera.show(poses[:20])
    elif when == "countdown":
        camera.show(poses, until=State.COUNTDOWN)
    else:
        camera.show(poses[:200])
        assert camera.session.state is State.BLOCK
    if when in ("paused", "coming back"):
        camera.ask("pause")
        camera.go_on(frozen(poses[200], 1.0))
    if when == "coming back":
        camera.ask("resume")
    if when in ("rest", "second setup", "second countdown"):
        camera.ask("skip")
    if when.startswith("second"):
        camera.ask("skip")
    if when == "second countdown":
        camera.go_on(poses, until=State.COUNTDOWN)
    state = {"second setup": "setup", "second countdown": "countdown", "coming back": "countdown"}.get(when, when)
    assert camera.session.state.value == state


@pytest.mark.parametrize("when", WHEN)
def test_pain_is_noted_whenever_it_is_marked(tmp_path: Path, when: str) -> None:
    camera = Camera(tmp_path, tmp_path / "kept", past=Past(tmp_path / "past", pytest.fail))
    brought_to(camera, when)
    answer = camera.ask("hurts")
    assert (answer["state"], answer["paused"]) == ("paused", "pain")
    camera.ask("stop")
    result = camera.session.finish()
    is_followed = when not in ("setup", "countdown")
    assert (result is not None) == is_followed
    assert camera.session.is_pain_noted is (None if is_followed else True)
    with History(tmp_path / "past") as history:
        hurt = {name for session in history.sessions() for name in session.hurt} | {name for name, _ in history.pain()}
    assert hurt == {"seated_cat_cow"}
    if result is not None:
        assert [mark["exercise"] for mark in result.report["pain"]] == ["seated_cat_cow"]
        assert [event for event in result.events if isinstance(event, PainMarked)]


def test_pain_that_is_felt_when_all_is_done_is_noted_for_what_was_done_last(tmp_path: Path) -> None:
    camera = begun(Camera(tmp_path, past=Past(tmp_path / "past", pytest.fail)))
    camera.show(stored("seated_cat_cow")[:200])
    assert camera.session.finish() is not None
    assert camera.session.is_pain_noted is None
    answer = camera.ask("hurts")
    assert (answer["state"], camera.session.is_pain_noted) == ("done", True)
    assert "physiotherapist" in answer["say"][-1]["text"]
    with History(tmp_path / "past") as history:
        assert [name for name, _ in history.pain()] == ["seated_cat_cow"]
    assert Past(tmp_path / "past", pytest.fail).steps(["seated_cat_cow"])["seated_cat_cow"].change == "hurt"


def test_pain_that_cannot_be_noted_is_told(tmp_path: Path) -> None:
    camera = begun(Camera(tmp_path))
    camera.ask("hurts")
    assert camera.session.finish() is None
    assert camera.session.is_pain_noted is False
    camera.ask("again")
    assert camera.session.is_pain_noted is None


@pytest.mark.parametrize("when", WHEN)
def test_every_state_can_be_ended_and_what_was_done_is_reported(tmp_path: Path, when: str) -> None:
    camera = Camera(tmp_path, tmp_path / "kept")
    brought_to(camera, when)
    assert camera.ask("stop")["state"] == "saving"
    result = camera.session.finish()
    assert (result is not None) == (when not in ("setup", "countdown"))
    assert camera.session.state is State.DONE
    assert camera.session.is_pain_noted is None
    assert list((tmp_path / "kept").glob("*")) == []


def test_a_movement_that_hurt_before_a_crash_is_not_just_gone_on_with(tmp_path: Path) -> None:
    first = begun(Camera(tmp_path, tmp_path / "kept"))
    first.show(stored("seated_cat_cow")[:200])
    first.ask("hurts")
    del first
    second = Camera(tmp_path, tmp_path / "kept")
    answer = second.ask("continue_last")
    assert (answer["state"], answer["paused"]) == ("paused", "pain")
    assert second.ask("leave_out")["state"] == "saving"


def test_the_language_can_change_in_the_middle_of_a_run(tmp_path: Path) -> None:
    camera = begun(Camera(tmp_path))
    poses = stored("seated_cat_cow")
    camera.show(poses[:200])
    assert camera.messages[-1]["block"]["title"] == "Seated cat-cow"
    assert camera.ask("language", "de")["block"]["title"] == "Katze-Kuh im Sitzen"
    camera.go_on(poses[200:])
    assert camera.messages[-1]["moment"]["label"] != camera.messages[199]["moment"]["label"]
    assert camera.messages[-1]["count"] >= 2
    result = camera.session.finish()
    assert result is not None
    assert "Katze-Kuh im Sitzen" in (result.folder / "report.html").read_text(encoding="utf-8")
