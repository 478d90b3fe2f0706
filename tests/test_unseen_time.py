"""Time that nobody saw: pictures that stand still, frames that are missing, other pictures in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from formcheck.engine import Engine
from formcheck.events import Event, Hold, HoldCompleted, RepetitionCompleted
from formcheck.measures.integrity import IntegrityMonitor
from formcheck.poselog import PoseLog
from formcheck.registry import find_exercise
from formcheck.types import Pose
from formcheck.vision.standing import StandingPicture

POSES = Path(__file__).parent / "poses"
STILL_S = 3.0


def stored(name: str) -> list[Pose]:
    return list(PoseLog.load(POSES / f"{name}.npz"))


def events_of(poses: Sequence[Pose], exercise: str) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    return [event for pose in poses for event in engine.step(pose)] + engine.finish()


def holds_of(poses: Sequence[Pose], exercise: str) -> list[Hold]:
    return [event.hold for event in events_of(poses, exercise) if isinstance(event, HoldCompleted)]


def n_repetitions(poses: Sequence[Pose], exercise: str) -> int:
    return sum(isinstance(event, RepetitionCompleted) for event in events_of(poses, exercise))


def at_rate(poses: Sequence[Pose], fps: float) -> list[Pose]:
    """The poses at another rate, drawn straight from one to the next."""
    times = np.array([pose.time_s for pose in poses])
    found = []
    for time_s in np.arange(times[0], times[-1], 1 / fps):
        i = int(np.searchsorted(times, time_s + 1e-9)) - 1
        a, b = poses[i], poses[i + 1]
        share = np.float32((time_s - a.time_s) / (b.time_s - a.time_s))
        xyz, world = (getattr(a, key) + share * (getattr(b, key) - getattr(a, key)) for key in ("landmarks", "world_m"))
        found.append(replace(a, time_s=float(time_s), landmarks=xyz, world_m=world))
    return found


def with_still(poses: Sequence[Pose], from_s: float, step_s: float) -> list[Pose]:
    """The picture stands still for STILL_S seconds, then all goes on where it was."""
    before = [pose for pose in poses if pose.time_s < from_s]
    still = [replace(before[-1], time_s=before[-1].time_s + (i + 1) * step_s) for i in range(round(STILL_S / step_s))]
    return before + still + [replace(p, time_s=p.time_s + STILL_S) for p in poses if p.time_s >= from_s]


def without(poses: Sequence[Pose], from_s: float) -> list[Pose]:
    return [pose for pose in poses if not from_s <= pose.time_s < from_s + STILL_S]


# -- what is credited ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "exercise", "from_s"), [("chest_opener", "chest_opener", 12.0)])
def test_seconds_without_frames_are_not_credited(name: str, exercise: str, from_s: float) -> None:
    whole, gap = (holds_of(poses, exercise)[0] for poses in (stored(name), without(stored(name), from_s)))
    assert gap.elapsed_s == pytest.approx(whole.elapsed_s, abs=0.2)
    assert whole.credited_s - gap.credited_s == pytest.approx(STILL_S, abs=0.3)


def test_a_repetition_whose_hold_nobody_saw_is_not_counted() -> None:
    poses = stored("back_extension")
    assert n_repetitions(without(poses, 9.2), "back_extension") == n_repetitions(poses, "back_extension") - 1


@pytest.mark.parametrize("fps", [6.0, 12.0, 30.0])
def test_a_picture_that_stands_still_is_told_at_any_rate(fps: float) -> None:
    poses = at_rate(stored("childs_pose_clean")[:240], fps)
    monitor, times = IntegrityMonitor(), []
    for pose in with_still(poses, 10.0, 1 / fps):
        if monitor.check(pose, float("nan")).verdict == "frozen":
            times.append(pose.time_s)
    assert len(times) / fps == pytest.approx(STILL_S - 0.4, abs=0.3)
    assert 10.0 < times[0] < times[-1] < 10.0 + STILL_S + 0.1


@pytest.mark.parametrize("fps", [30.0, 60.0, 120.0])
def test_who_keeps_still_is_no_frozen_picture_at_high_rates(fps: float) -> None:
    monitor = IntegrityMonitor()
    verdicts = [monitor.check(pose, float("nan")).verdict for pose in at_rate(stored("chest_opener")[:200], fps)]
    assert "frozen" not in verdicts


@pytest.mark.parametrize(
    ("name", "exercise", "from_s"),
    [("childs_pose_clean", "childs_pose", 14.8), ("tight_spot_pause", "tight_spot_pause", 8.0)],
)
def test_a_still_picture_is_not_credited_and_does_not_make_two_holds_of_one(
    name: str, exercise: str, from_s: float
) -> None:
    clips = stored(name), with_still(stored(name), from_s, 1 / 12)
    whole, still = ([hold for hold in holds_of(clip, exercise) if hold.counted] for clip in clips)
    assert len(whole) == len(still) == 1
    assert still[0].elapsed_s == pytest.approx(whole[0].elapsed_s + STILL_S, abs=0.2)
    assert still[0].credited_s == pytest.approx(whole[0].credited_s, abs=0.6)  # it takes 0.4 s to know


def test_a_posture_not_seen_for_long_is_another_hold() -> None:
    poses = stored("childs_pose_clean")
    away = [p if p.time_s < 15.0 else replace(p, time_s=p.time_s + 12.0) for p in poses]
    assert len(holds_of(away, "childs_pose")) == 2


def test_a_still_picture_is_no_rest() -> None:
    poses = stored("seated_cat_cow_faults")
    on_the_way = with_still(poses, 7.4, 1 / 12)
    assert n_repetitions(on_the_way, "seated_cat_cow") == n_repetitions(poses, "seated_cat_cow")


@pytest.mark.parametrize("fps", [5.0, 6.0, 12.0])
def test_another_picture_is_told_at_any_rate(fps: float) -> None:
    poses = at_rate(stored("back_extension")[:150], fps)
    far = [replace(p, landmarks=p.landmarks + np.float32([0.3, 0, 0])) if p.time_s >= 5.0 else p for p in poses]
    monitor = IntegrityMonitor()
    cuts = [pose.time_s for pose in far if monitor.check(pose, float("nan")).verdict == "cut"]
    assert len(cuts) == 1
    assert 5.0 <= cuts[0] < 5.0 + 0.25 + 2 / fps


# -- the picture itself -------------------------------------------------------------------------------------------

RNG = np.random.default_rng(4)
SCENE = RNG.integers(0, 200, (30, 40, 3), np.uint8).repeat(12, axis=0).repeat(12, axis=1)


def pose_at(time_s: float) -> Pose:
    """A pose that wanders."""
    xyz = np.full((33, 3), 0.5 + 0.01 * np.sin(time_s), np.float32)
    return Pose(time_s, xyz, np.ones(33, np.float32), xyz, (480, 360))


def kept(pictures: Sequence[np.ndarray], fps: float) -> list[bool]:
    """For each picture, whether its pose was that of an earlier one."""
    standing = StandingPicture()
    poses = [pose_at(i / fps) for i in range(len(pictures))]
    return [
        standing.steady(picture, pose).landmarks is not pose.landmarks
        for picture, pose in zip(pictures, poses, strict=True)
    ]


@pytest.mark.parametrize("fps", [6.0, 30.0, 60.0])
def test_the_pose_stays_while_the_picture_stands(fps: float) -> None:
    n = round(2 * fps)
    coded = [SCENE + RNG.integers(0, 3, SCENE.shape, np.uint8) for _ in range(n)]  # as a coder leaves it
    noisy = [SCENE + RNG.integers(0, 40, SCENE.shape, np.uint8) for _ in range(n)]
    stays = kept(noisy + coded + noisy, fps)
    assert not any(stays[:n])
    assert sum(stays[n : 2 * n]) / fps == pytest.approx(1.5, abs=2 / fps)
    assert not any(stays[2 * n :])


def test_in_the_dark_a_little_change_is_a_change() -> None:
    dark = [SCENE // 12 + RNG.integers(0, 3, SCENE.shape, np.uint8) for _ in range(60)]
    assert not any(kept(dark, 30.0))
    assert any(kept([SCENE // 12] * 60, 30.0))


def test_a_body_that_moves_slowly_is_a_change() -> None:
    body = RNG.integers(100, 130, (54, 34, 3), np.uint8).repeat(3, axis=0).repeat(3, axis=1)  # cloth, hardly lit
    pictures = []
    for i in range(90):
        picture = SCENE.copy()
        picture[100:262, 100 + i // 6 : 202 + i // 6] = body  # a twentieth of its width a second
        pictures.append(picture)
    assert not any(kept(pictures, 30.0))


def test_another_picture_in_the_same_buffer_is_another_picture() -> None:
    buffer = np.empty_like(SCENE)
    standing, stays = StandingPicture(), []
    for i in range(60):
        buffer[:] = RNG.integers(0, 200, SCENE.shape, np.uint8)
        pose = pose_at(i / 30)
        stays.append(standing.steady(buffer, pose).landmarks is not pose.landmarks)
    assert not any(stays)


def test_pictures_of_any_size_are_looked_at() -> None:
    for size in ((2, 2), (36, 64), (1080, 1920)):
        assert kept([np.zeros((*size, 3), np.uint8)] * 40, 30.0)[-1]
    assert not kept([np.zeros((20, 20, 3), np.uint8)] * 40 + [np.zeros((30, 20, 3), np.uint8)], 30.0)[-1]
