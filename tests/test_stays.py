"""Postures that are kept still: where a hold begins and ends, what does not break it, and movements that are slow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest
from figure import Joints, course, film, minimum_jerk, offset, seated
from recordings import stored
from test_measures_supine_sway import film as lying_film
from test_measures_supine_sway import hips_up, sampled

from formcheck.engine import Engine
from formcheck.events import Hold, HoldCompleted
from formcheck.holdgaps import Gap, HoldGaps, Until
from formcheck.registry import find_exercise
from formcheck.skeleton import INDEX
from formcheck.stillness import SpeedTrail
from formcheck.types import Pose
from formcheck.wandering import Wandering

LIMIT = 0.08
HIPS_AND_KNEES = [i for name, i in INDEX.items() if name.endswith(("hip", "knee"))]


def holds_of(poses: Iterable[Pose], exercise: str) -> list[Hold]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)] + engine.finish()
    return [event.hold for event in events if isinstance(event, HoldCompleted)]


def counted(poses: Iterable[Pose], exercise: str) -> list[Hold]:
    return [hold for hold in holds_of(poses, exercise) if hold.counted]


# -- where a hold begins and ends ---------------------------------------------------------------------------------


def speed(time_s: float, way_s: float, size: float) -> float:
    """T/s over a second, of a minimum-jerk way that begins at 0."""
    return size * (minimum_jerk(time_s / way_s) - minimum_jerk((time_s - 1.0) / way_s))


def trail(way_s: float, size: float, from_s: float, to_s: float) -> SpeedTrail:
    """The speeds of such a way, 15 a second."""
    speeds = SpeedTrail(LIMIT)
    for i in range(round(15 * (to_s - from_s)) + 1):
        speeds.add(from_s + i / 15, speed(from_s + i / 15, way_s, size))
    return speeds


def slow_times(way_s: float, size: float) -> list[float]:
    """When it is slower than the limit, before and after."""
    return [i / 15 for i in range(round(15 * (way_s + 2.0))) if speed(i / 15, way_s, size) < LIMIT]


@pytest.mark.parametrize(
    ("way_s", "size"), [(1.5, 0.3), (2.5, 0.3), (1.5, 0.6), (2.5, 0.6), (4.0, 0.6), (2.5, 1.0), (4.0, 1.0)]
)
def test_a_hold_ends_where_a_slow_way_out_begins(way_s: float, size: float) -> None:
    still_s = max(time_s for time_s in slow_times(way_s, size) if time_s < 0.5 * way_s)
    assert trail(way_s, size, -1.0, still_s + 1.5).left_s(still_s) == pytest.approx(0.0, abs=0.25)


@pytest.mark.parametrize("way_s", [1.5, 2.5, 4.0])
def test_a_hold_begins_where_a_slow_way_in_ends(way_s: float) -> None:
    now_s = min(time_s for time_s in slow_times(way_s, 0.6) if time_s > 0.5 * way_s)
    assert trail(way_s, 0.6, 0.0, now_s).came_s() == pytest.approx(way_s, abs=0.35)


def test_where_nothing_is_seen_of_the_way_its_slow_end_is_as_long_as_usual() -> None:
    speeds = SpeedTrail(LIMIT)
    for time_s, value in ((0.0, 0.01), (0.1, 0.01), (1.0, 0.5)):
        speeds.add(time_s, value)
    assert speeds.left_s(0.1) == pytest.approx(0.1 - 0.35)
    speeds.clear()
    speeds.add(9.0, 0.01)
    assert speeds.came_s() == pytest.approx(9.0 - 1.0 + 0.35)


@pytest.mark.parametrize("name", ["childs_pose", "childs_pose_clean", "grounding_seat_faults", "supine_full_stretch"])
@pytest.mark.parametrize("times", [1.0, 1.67, 2.5])
def test_slow_people_are_not_credited_with_the_slow_ends(name: str, times: float) -> None:
    exercise = name.removesuffix("_clean").removesuffix("_faults")
    slower = [replace(pose, time_s=times * pose.time_s) for pose in stored(name)]
    (plain, *_), (slow, *_) = counted(stored(name), exercise), counted(slower, exercise)
    assert slow.start_s == pytest.approx(times * plain.start_s, abs=0.5)
    assert slow.end_s == pytest.approx(times * plain.end_s, abs=0.25)
    assert slow.credited_s == pytest.approx(times * plain.credited_s, abs=0.6)


# -- gaps ---------------------------------------------------------------------------------------------------------


def test_stillness_shorter_than_the_gap_beside_it_is_no_part_of_a_hold() -> None:
    gaps = HoldGaps()
    assert gaps.add(Gap(Until(1.0, 0.5), 0.8)) == Until(1.0, 0.5)  # what came before was not its beginning
    assert gaps.add(Gap(Until(9.0, 7.0), 1.2)) is None
    assert gaps.trimmed(Until(10.9, 7.7)) == Until(9.0, 7.0)
    assert gaps.trimmed(Until(15.0, 11.0)) == Until(15.0, 11.0)
    gaps.clear()
    assert gaps.trimmed(Until(10.9, 7.7)) == Until(10.9, 7.7)


def jumping(poses: Iterable[Pose], from_s: float, seconds: float, away: float) -> list[Pose]:
    """Hips and knees seen elsewhere for a moment, `away` of the picture's width."""
    jumped = []
    for pose in poses:
        landmarks = pose.landmarks.copy()
        if from_s <= pose.time_s < from_s + seconds:
            landmarks[HIPS_AND_KNEES, 0] += np.float32(away)
        jumped.append(replace(pose, landmarks=landmarks))
    return jumped


def test_a_moment_of_wild_landmarks_does_not_make_two_pauses_of_one() -> None:
    poses = stored("tight_spot_pause")
    (plain,) = counted(poses, "tight_spot_pause")
    (jumped,) = counted(jumping(poses, 9.0, 0.4, 0.02), "tight_spot_pause")
    assert jumped.start_s == pytest.approx(plain.start_s, abs=0.1)
    assert jumped.end_s == pytest.approx(plain.end_s, abs=0.1)
    assert plain.credited_s - 2.0 < jumped.credited_s < plain.credited_s - 0.5  # what was not still is not credited


@pytest.mark.parametrize("way_s", [0.7, 1.2])
def test_a_rock_to_another_spot_begins_another_pause(way_s: float) -> None:
    values = sampled([(1.5, 0.0), (1.0, 0.04), (8.0, 0.04), (way_s, -0.02), (8.0, -0.02), (1.5, 0.06)])
    first, second = counted(lying_film(hips_up, values), "tight_spot_pause")
    assert first.end_s == pytest.approx(10.5, abs=0.4)
    assert second.start_s == pytest.approx(10.5 + way_s, abs=0.5)


@pytest.mark.parametrize(
    ("size", "way_s"), [(0.03, 1.5), (0.05, 1.0), (0.05, 1.5), (0.05, 2.0), (0.05, 2.5), (0.08, 2.0)]
)
def test_slow_rocks_are_no_pause(size: float, way_s: float) -> None:
    values = sampled([(1.0, 0.0), *[(way_s, place) for _ in range(6) for place in (size, -size)]])
    poses = list(lying_film(hips_up, values))
    assert poses[-1].time_s > 12.0
    assert counted(poses, "tight_spot_pause") == []


# -- to and fro ---------------------------------------------------------------------------------------------------


def sitting(
    forward_m: Callable[[float], float], step_m: Callable[[float], float] = lambda _: 0.0
) -> Callable[[float], Joints]:
    """Sitting tall with the hands on the thighs; the hips roll forward, the feet go forward by themselves."""

    def joints(time_s: float) -> Joints:
        points = seated(hips=(0.0, forward_m(time_s)))
        for side in ("left", "right"):
            thigh = 0.5 * (points[f"{side}_hip"] + points[f"{side}_knee"])
            for part in ("wrist", "pinky", "index", "thumb"):
                points[f"{side}_{part}"] = offset(thigh, 0.0, 0.0, 0.06)
            for part in ("ankle", "heel", "foot_index"):
                points[f"{side}_{part}"] = offset(points[f"{side}_{part}"], 0.0, step_m(time_s), 0.0)
        return points

    return joints


def swaying(size_m: float, cycle_s: float) -> Callable[[float], float]:
    return lambda time_s: 0.5 * size_m * math.sin(2.0 * math.pi * time_s / cycle_s)


def seats(joints: Callable[[float], Joints], seconds: float = 30.0) -> list[Hold]:
    return counted(film(joints, seconds, 90.0, 15.0), "grounding_seat")


@pytest.mark.parametrize("cycle_s", [5.0, 8.0, 11.0])
@pytest.mark.parametrize("size_m", [0.045, 0.06])
def test_slow_rolls_are_no_sitting_still(size_m: float, cycle_s: float) -> None:
    assert seats(sitting(swaying(size_m, cycle_s))) == []


@pytest.mark.parametrize(("size_m", "cycle_s"), [(0.0, 5.0), (0.015, 4.0), (0.02, 8.0)])
def test_swaying_a_little_with_the_breath_is_sitting_still(size_m: float, cycle_s: float) -> None:
    (hold,) = seats(sitting(swaying(size_m, cycle_s)))
    assert hold.credited_s > 29.0


def test_what_was_sat_still_before_the_rolls_counts_until_they_begin() -> None:
    (hold,) = seats(sitting(lambda time_s: 0.0 if time_s < 16.0 else swaying(0.06, 8.0)(time_s - 16.0)), 40.0)
    assert hold.credited_s == pytest.approx(16.0, abs=1.5)
    assert hold.end_s == pytest.approx(16.0, abs=1.5)


def test_sitting_a_little_further_forward_once_and_feet_that_fidget_are_no_rolls() -> None:
    (shifted,) = seats(sitting(course([(12.0, 0.0), (14.0, 0.04)])))
    (fidgeted,) = seats(sitting(lambda _: 0.0, lambda time_s: 0.05 * (time_s % 6.0 > 3.0)))
    assert shifted.credited_s > 28.0
    assert fidgeted.credited_s > 28.0


def drinking(from_s: float, until_s: float) -> Callable[[float], Joints]:
    """Sitting tall, but for a while one hand is at the mouth."""
    raised = course([(from_s, 0.0), (from_s + 1.0, 1.0), (until_s - 1.0, 1.0), (until_s, 0.0)])
    still = sitting(lambda _: 0.0)

    def joints(time_s: float) -> Joints:
        points = still(time_s)
        to_mouth = raised(time_s) * (points["mouth_left"] + np.array([0.0, 0.03, 0.0]) - points["left_wrist"])
        return points | {f"left_{part}": points[f"left_{part}"] + to_mouth for part in ("wrist", "index", "thumb")}

    return joints


def test_who_drinks_in_between_has_sat_still_twice() -> None:
    """The end of the first one was seen: what follows is no other part of it."""
    first, second = seats(drinking(18.0, 24.0), 42.0)
    assert first.end_s == pytest.approx(18.0, abs=1.0)
    assert second.start_s == pytest.approx(24.0, abs=1.5)


def test_places_that_cannot_be_seen_and_jitter_are_no_movement() -> None:
    rng = np.random.default_rng(5)
    unseen, jittery, rolling = (Wandering({}, {0: 0.05}, 12.0) for _ in range(3))
    found = []
    for i in range(600):
        now, roll = Until(i / 15, i / 15), 0.05 * math.sin(i / 15)
        assert unseen.take(now, (math.nan,)) is None
        assert jittery.take(now, (0.03 * rng.normal(),)) is None
        found.append(rolling.take(now, (roll,)))
    assert any(left is not None and left.why == "to and fro" for left in found)
