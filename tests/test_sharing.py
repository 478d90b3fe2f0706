"""One recording read by several processes: the same poses as read by one, and every failure comes out."""

from __future__ import annotations

import multiprocessing
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import Analysed
from figure import film, seated

from formcheck import sharing
from formcheck.assets import FAST_MODEL, find_model, find_sample
from formcheck.errors import EstimatorError
from formcheck.judging import run_engine
from formcheck.poselog import PoseLog
from formcheck.reading import BUNDLE_PARTS, WHOLE, Task, estimate_poses
from formcheck.registry import find_exercise
from formcheck.seam import AGREE_FRAMES, Meeting, Seam, main_joints_px
from formcheck.seeing import Wishes
from formcheck.types import Frame, Pose


def logged(shift_px: float = 0.0, first: int = 0, end: int = 120) -> PoseLog:
    log = PoseLog()
    for i, pose in enumerate(film(lambda t: seated(), end / 20, 90.0, shift_px=(shift_px, 0.0))):
        if i >= first:
            log.append(pose)
    return log


def test_parts_cover_every_frame_and_overlap_after_the_seams() -> None:
    parts = sharing._parts(1000, 3, warm_up=30, overlap=100)
    assert [part.first for part in parts] == [0, 353, 677]
    assert [part.end for part in parts] == [453, 777, np.inf]
    assert [part.warm_from for part in parts] == [0, 323, 647]
    assert {min(part.end, 1000) - part.warm_from for part in sharing._parts(1000, 3, 30, overlap=0)} <= {353, 354}


def test_parts_are_joined_where_they_agree() -> None:
    before, after = logged(end=80), logged(first=60)
    joined = sharing._joined(before, after, 60)
    assert joined is not None
    np.testing.assert_array_equal(joined.time_s, logged().time_s)


def test_parts_that_never_agree_are_not_joined() -> None:
    assert sharing._joined(logged(end=80), logged(shift_px=20.0, first=60), 60) is None


def test_the_one_before_a_seam_goes_on_until_both_agree() -> None:
    poses = list(film(lambda t: seated(), 4.0, 90.0))
    frames = [Frame(i, pose.time_s, np.zeros((1, 1, 3), np.uint8)) for i, pose in enumerate(poses)]
    seam = Seam(multiprocessing.get_context("spawn"), first=20, n_frames=30)
    for frame, pose in zip(frames, poses, strict=True):
        if frame.index not in (23, 24):  # two that are not told
            seam.tell(frame, pose)
    met = [frame.index for frame, pose in zip(frames, poses, strict=True) if seam.is_met(frame, pose)]
    assert met == list(range(25 + AGREE_FRAMES - 1, 50))


def test_two_readings_meet_where_nobody_is_and_not_where_one_sees_somebody() -> None:
    (pose,) = film(lambda t: seated(), 0.05, 90.0)
    nobody = Pose.nobody(0.0, pose.size_wh)
    met = Meeting()
    assert [met.step(nobody, main_joints_px(nobody), 0.0) for _ in range(AGREE_FRAMES)] == [False] * 4 + [True]
    assert not met.step(nobody, main_joints_px(pose), 0.0)
    assert not met.step(pose, main_joints_px(nobody), pose.time_s)
    assert not met.step(nobody, np.full_like(main_joints_px(pose), np.nan), 0.0)


def test_two_readings_that_number_their_frames_differently_never_meet() -> None:
    (pose,) = film(lambda t: seated(), 0.05, 90.0)
    met = Meeting()
    assert not any(met.step(pose, main_joints_px(pose), pose.time_s + 0.04) for _ in range(2 * AGREE_FRAMES))


def test_two_processes_count_what_one_counts(analysed: Analysed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "SHORTEST_PART_S", 10.0)
    told: list[int] = []
    expected_log = PoseLog.load(analysed.folder / "poses.npz")
    log = estimate_poses(find_sample(), progress=lambda stage, done, total: told.append(done), jobs=2)
    np.testing.assert_array_equal(log.time_s, expected_log.time_s)
    assert log.meta["complete"]
    assert told == sorted(told)
    assert told[-1] <= len(log)
    cat_cow = find_exercise("seated_cat_cow")
    (events, _), (expected, _) = run_engine(log, cat_cow), run_engine(expected_log, cat_cow)
    assert [type(event) for event in events] == [type(event) for event in expected]
    assert not [child for child in multiprocessing.active_children() if child.name.startswith("formcheck")]


def test_failure_of_one_process_comes_out_and_ends_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "SHORTEST_PART_S", 10.0)
    model = tmp_path / "broken.task"
    with zipfile.ZipFile(model, "w") as archive:
        for name in BUNDLE_PARTS:
            archive.writestr(name, b"no network")
    with pytest.raises(EstimatorError, match=r"broken\.task"):
        sharing.read_shared(Task(find_sample(), model, Wishes()), 2)
    assert not [child for child in multiprocessing.active_children() if child.name.startswith("formcheck")]


def test_interrupt_ends_the_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "SHORTEST_PART_S", 10.0)

    def interrupt(stage: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        estimate_poses(find_sample(), progress=interrupt, jobs=2)
    assert not [child for child in multiprocessing.active_children() if child.name.startswith("formcheck")]


def test_process_whose_asker_is_gone_ends_without_a_word(tmp_path: Path) -> None:
    ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
    ours.close()
    task = Task(tmp_path / "none.mp4", find_model(FAST_MODEL), Wishes())
    sharing._work(task, WHOLE, None, None, set(), theirs)
    assert theirs.closed


@pytest.mark.skipif(sys.platform != "linux", reason="threads are placed on Linux only")
@pytest.mark.parametrize(
    ("n_cores", "own"),
    [(1, [set(), set()]), (2, [{0}, {1}]), (3, [{0}, {1, 2}]), (4, [set(), set()]), (16, [set(), set()])],
)
def test_two_processes_keep_apart_where_cores_are_few(
    n_cores: int, own: list[set[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(n_cores)))
    assert [sharing.own_cores(i, 2) for i in range(2)] == own
