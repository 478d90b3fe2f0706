"""Sitting on the ball: the measures of the hips' path, and the movements they count, of a figure known on paper."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from figure import TRUNK_M, Joints, course, seated, seen, turned

from formcheck.engine import Engine
from formcheck.events import (
    Circle,
    CircleCompleted,
    Event,
    HoldCompleted,
    RepetitionCompleted,
    SafetyStop,
    SetupProblem,
)
from formcheck.measures.body import Body, BodyTracker
from formcheck.measures.catalogue import MEASURES
from formcheck.poselog import PoseLog
from formcheck.registry import find_exercise
from formcheck.skeleton import INDEX
from formcheck.types import Pose

ORIGIN = np.zeros(3)
FPS = 15.0
ABOVE_DEG = 28.0  # a camera above head height, three steps away


def looked_at(joints: Joints, time_s: float, azimuth_deg: float, down_deg: float, rng: np.random.Generator) -> Pose:
    """The figure from a camera that looks down on it by an angle."""
    joints = turned(joints, ORIGIN, 2, -azimuth_deg)
    joints = turned(joints, ORIGIN, 0, -down_deg)
    return seen(joints, time_s, 0.0, noise_px=0.4, rng=rng)


def film(
    joints_at: Callable[[float], Joints], seconds: float, azimuth_deg: float, down_deg: float = 0.0
) -> Iterator[Pose]:
    rng = np.random.default_rng(3)
    for i in range(round(seconds * FPS)):
        yield looked_at(joints_at(i / FPS), i / FPS, azimuth_deg, down_deg, rng)


def body_of(joints: Joints, azimuth_deg: float, hidden: Iterable[str] = ()) -> Body:
    """The figure, still for two seconds."""
    tracker = BodyTracker()
    rows = [INDEX[name] for name in hidden]
    for i in range(30):
        pose = seen(joints, i / FPS, azimuth_deg)
        visibility = pose.visibility.copy()
        visibility[rows] = 0.1
        body = tracker.update(replace(pose, visibility=visibility))
    return body


def read(name: str, joints: Joints, azimuth_deg: float, hidden: Iterable[str] = ()) -> float:
    return MEASURES[name].read(body_of(joints, azimuth_deg, hidden))


@pytest.mark.parametrize("azimuth_deg", [90.0, -90.0], ids=["from the left", "from the right"])
def test_hips_that_roll_forward_are_further_ahead_of_the_feet(azimuth_deg: float) -> None:
    change = read("hip_forward", seated(hips=(0.0, 0.06)), azimuth_deg) - read("hip_forward", seated(), azimuth_deg)
    assert change == pytest.approx(0.06 / TRUNK_M, abs=0.01)


@pytest.mark.parametrize("azimuth_deg", [0.0, 180.0], ids=["from the front", "from the back"])
@pytest.mark.parametrize("name", ["hip_sideways", "chest_sideways"])
def test_hips_and_chest_to_the_right_are_positive_from_both_ends(name: str, azimuth_deg: float) -> None:
    assert read(name, seated(hips=(0.05, 0.0)), azimuth_deg) == pytest.approx(0.05 / TRUNK_M, abs=0.01)


@pytest.mark.parametrize(
    ("name", "azimuth_deg", "hidden"),
    [
        ("hip_forward", 90.0, ["left_ankle", "right_ankle"]),
        ("hip_sideways", 0.0, ["left_ankle"]),
        ("hip_near", 0.0, ["right_hip"]),
        ("chest_sideways", 0.0, ["left_shoulder"]),
        ("ankle_gap", 0.0, ["right_ankle"]),
        ("ankle_spacing", 0.0, ["right_ankle"]),
        ("heel_lift", 90.0, ["left_heel", "right_heel"]),
        ("ear_ahead", 90.0, ["left_ear", "right_ear"]),
        ("ear_height", 90.0, ["left_hip", "right_hip"]),
        ("neck_height", 90.0, ["left_ear", "right_ear"]),
        ("hand_off_thigh", 90.0, ["left_wrist", "right_wrist"]),
        ("sole_slope", 0.0, ["left_heel", "right_foot_index"]),
    ],
)
def test_a_measure_without_its_landmark_is_not_a_number(name: str, azimuth_deg: float, hidden: list[str]) -> None:
    assert math.isfinite(read(name, seated(), azimuth_deg))
    assert math.isnan(read(name, seated(), azimuth_deg, hidden))


def test_a_heel_that_leaves_the_floor_is_read_in_torso_lengths() -> None:
    joints = seated()
    joints["left_heel"] = joints["left_heel"] + [0.0, 0.0, 0.08]
    assert read("heel_lift", joints, 90.0) - read("heel_lift", seated(), 90.0) == pytest.approx(0.16, abs=0.01)


def test_a_head_pushed_forward_and_shoulders_drawn_up_are_told_apart() -> None:
    forward, up = seated(), seated()
    forward["left_ear"] = forward["left_ear"] + [0.0, 0.06, 0.0]
    up["left_shoulder"] = up["left_shoulder"] + [0.0, 0.0, 0.03]
    for joints, name, change in ((forward, "ear_ahead", 0.12), (up, "neck_height", -0.06)):
        other = {"ear_ahead": "neck_height", "neck_height": "ear_ahead"}[name]
        assert read(name, joints, 90.0) - read(name, seated(), 90.0) == pytest.approx(change, abs=0.02)
        assert read(other, joints, 90.0) - read(other, seated(), 90.0) == pytest.approx(0.0, abs=0.03)


# -- circles -------------------------------------------------------------------------------------------------------

FOOT = ("ankle", "heel", "foot_index")


def circling(
    n: int,
    direction: str,
    turn_s: float = 3.4,
    radius_m: tuple[float, float] = (0.05, 0.05),
    chest_along: float = 0.3,
) -> tuple[Callable[[float], Joints], float]:
    """(joints over time, seconds): n turns of the hips, from 2 s on; clockwise is forward, right, back, left.

    radius_m: sideways and forward. chest_along: the chest's part of the hips' way.
    """
    sign = 1.0 if direction == "cw" else -1.0
    end_s = 2.0 + (n + 0.2) * turn_s
    size = course([(0.0, 0.0), (2.0, 0.0), (2.7, 1.0), (end_s, 1.0), (end_s + 0.7, 0.0)])

    def joints(time_s: float) -> Joints:
        angle = 2.0 * math.pi * max(0.0, time_s - 2.0) / turn_s
        right_m = sign * size(time_s) * radius_m[0] * math.sin(angle)
        forward_m = size(time_s) * radius_m[1] * math.cos(angle)
        back_deg = [math.degrees(math.atan2((1.0 - chest_along) * m, TRUNK_M)) for m in (right_m, forward_m)]
        return seated(hips=(right_m, forward_m), right_deg=-back_deg[0], forward_deg=-back_deg[1])

    return joints, end_s + 2.0


def run(exercise: str, poses: Iterable[Pose]) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def circles(events: Iterable[Event]) -> list[Circle]:
    return [event.circle for event in events if isinstance(event, CircleCompleted) and event.circle.counted]


@pytest.mark.parametrize("direction", ["cw", "ccw"])
@pytest.mark.parametrize("azimuth_deg", [-40.0, -20.0, 0.0, 20.0, 40.0])
def test_circles_are_counted_with_their_direction_from_every_angle_in_front(azimuth_deg: float, direction: str) -> None:
    joints, seconds = circling(3, direction)
    found = circles(run("hip_circles", film(joints, seconds, azimuth_deg, ABOVE_DEG)))
    assert [c.direction for c in found] == [direction] * 3
    assert all(not c.faults for c in found)
    assert [c.radius for c in found] == pytest.approx([0.05 / TRUNK_M] * 3, rel=0.25)


@pytest.mark.parametrize("down_deg", [0.0, -12.0], ids=["at the hips' height", "on the floor"])
def test_a_camera_that_cannot_tell_the_direction_says_so_and_counts_nothing(down_deg: float) -> None:
    joints, seconds = circling(3, "cw")
    events = run("hip_circles", film(joints, seconds, 0.0, down_deg))
    assert circles(events) == []
    reasons = [event.reason for event in events if isinstance(event, SetupProblem)]
    assert any("raise the camera" in reason for reason in reasons)


def test_swaying_to_the_sides_is_no_circle() -> None:
    joints, seconds = circling(4, "cw", radius_m=(0.05, 0.0))
    assert circles(run("hip_circles", film(joints, seconds, 0.0, ABOVE_DEG))) == []


def test_a_fast_circle_and_a_chest_that_goes_along_are_faults() -> None:
    joints, seconds = circling(4, "ccw", turn_s=2.0, chest_along=1.0)
    found = circles(run("hip_circles", film(joints, seconds, 0.0, ABOVE_DEG)))
    assert [c.faults for c in found] == [("too_fast", "chest_moves")] * 4


@pytest.mark.parametrize(("step_m", "n_counted"), [(0.06, 3), (0.25, 0)], ids=["fidgeting", "stepping"])
def test_who_steps_further_than_the_hips_go_turns_no_circle(step_m: float, n_counted: int) -> None:
    joints, seconds = circling(3, "cw")

    def stepping(time_s: float) -> Joints:
        body = dict(joints(time_s))
        way = [step_m * math.sin(math.pi * max(0.0, time_s - 2.0) / 3.4) ** 2, 0.0, 0.0]
        return body | {name: where + way for name, where in body.items() if name.endswith(FOOT) and "right" in name}

    found = circles(run("hip_circles", film(stepping, seconds, 0.0, ABOVE_DEG)))
    assert len(found) == n_counted


def test_hips_that_only_go_round_are_not_counted_as_rolls_seen_from_the_front() -> None:
    joints, seconds = circling(3, "cw")
    events = run("roll_fore_aft", film(joints, seconds, 0.0, ABOVE_DEG))
    assert [event for event in events if isinstance(event, RepetitionCompleted)] == []


@pytest.mark.parametrize("azimuth_deg", [-30.0, 0.0, 30.0])
def test_rolling_forward_and_back_is_no_circle(azimuth_deg: float) -> None:
    joints, seconds = circling(4, "ccw", radius_m=(0.0, 0.06))
    assert circles(run("hip_circles", film(joints, seconds, azimuth_deg, ABOVE_DEG))) == []


# -- rolls and sitting still ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("way_s", "in_front_s"), [(1.5, 0.2), (2.0, 4.0), (5.0, 2.0)])
@pytest.mark.parametrize("behind_m", [0.0, -0.05], ids=["from the middle", "from behind"])
def test_rolls_forward_are_counted_quick_or_slow_and_with_a_breath_in_front(
    behind_m: float, way_s: float, in_front_s: float
) -> None:
    keys, t, starts = [(0.0, behind_m), (2.0, behind_m)], 2.0, []
    for _ in range(3):
        starts.append(t)
        for seconds, at_m in ((way_s, 0.06), (in_front_s, 0.06), (way_s, behind_m), (0.6, behind_m)):
            t += seconds
            keys.append((t, at_m))
    fore_m = course(keys)
    events = run("roll_fore_aft", film(lambda time_s: seated(hips=(0.0, fore_m(time_s))), t + 0.5, 90.0))
    found = [event.repetition for event in events if isinstance(event, RepetitionCompleted)]
    assert [r.start_s for r in found] == pytest.approx(starts, abs=0.6)
    assert [r.range for r in found] == pytest.approx([(0.06 - behind_m) / TRUNK_M] * 3, abs=0.02)


def test_a_stay_is_as_long_as_one_sat_still() -> None:
    lean = course([(0.0, 25.0), (1.0, 25.0), (2.2, 0.0), (17.2, 0.0), (18.4, 30.0)])
    events = run("grounding_seat", film(lambda time_s: seated(forward_deg=lean(time_s)), 19.0, 90.0))
    holds = [event.hold for event in events if isinstance(event, HoldCompleted) and event.hold.counted]
    assert [h.credited_s for h in holds] == pytest.approx([15.0], abs=0.4)


def test_somebody_who_walks_in_and_sits_down_has_not_fallen() -> None:
    # Sitting down changes the scale for seconds after; the count begins in the middle of that.
    events = run("seated_twist", PoseLog.load(Path(__file__).parent / "poses" / "walk_in.npz"))
    assert not any(isinstance(event, SafetyStop) for event in events)
    assert sum(isinstance(event, RepetitionCompleted) for event in events) == 3
