"""What holds for everybody who lies or leans: what is said, and what a tilted camera must not change."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from figure import SHANK_M, THIGH_M, Joints, course, film, offset, turned, upper_body
from recordings import STEP_S, Poses, on_the_way, shifted, stored

from formcheck.engine import Engine
from formcheck.events import HoldCompleted, RepetitionCompleted, SetupProblem
from formcheck.gatekeeper import view_in_words
from formcheck.measures.body import BodyTracker
from formcheck.messages import load_catalogue
from formcheck.phases import Excursion, ExcursionTracker
from formcheck.registry import find_exercise
from formcheck.types import Pose


def rolled(pose: Pose, degrees: float) -> Pose:
    """The pose as a camera sees it that is turned about its line of sight."""
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    landmarks, world = pose.landmarks.astype(float), pose.world_m.astype(float)
    middle = np.array(pose.size_wh) / 2
    landmarks[:, :2] = ((landmarks[:, :2] * pose.size_wh - middle) @ turn + middle) / pose.size_wh
    world[:, :2] = world[:, :2] @ turn
    return replace(pose, landmarks=landmarks.astype(np.float32), world_m=world.astype(np.float32), ball=None)


def counted(poses: Poses, exercise: str) -> int:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)] + engine.finish()
    return sum(isinstance(event, RepetitionCompleted) for event in events)


@pytest.mark.parametrize("degrees", [-14.0, 14.0])
def test_a_floor_that_looks_tilted_is_no_hand_off_the_floor(degrees: float) -> None:
    poses = stored("prone_walkout")
    assert counted(poses, "prone_walkout") == 1
    assert counted([rolled(pose, degrees) for pose in poses], "prone_walkout") == 1


@pytest.mark.parametrize("exercise", ["calf_roll", "lumbar_rock", "tight_spot_pause", "windshield_wipers"])
def test_who_lies_across_the_camera_is_told_how_to_lie(exercise: str) -> None:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in stored("savasana")[:45] for event in engine.step(pose)]
    reason = [event.reason for event in events if isinstance(event, SetupProblem)][-1]
    assert reason.startswith(f"seen from {view_in_words('side')}")
    assert "head towards the camera" in load_catalogue("en").say(reason)
    assert "Kopf zur Kamera" in load_catalogue("de").say(reason)


def test_the_way_back_that_wavers_at_the_middle_is_no_second_rock_to_the_same_side() -> None:
    exercise = find_exercise("lumbar_rock")
    right, left = exercise.movement("right"), exercise.movement("left")
    tracker = ExcursionTracker(exercise)
    tracker.learn(Excursion(right, right.minimum, 0.0, peak=16.0))
    assert tracker.needed(right) == pytest.approx(8.0)
    assert tracker.needed(left) == left.minimum
    tracker.learn(Excursion(left, left.minimum, 5.0, peak=12.0))
    assert tracker.needed(right) == right.minimum
    assert tracker.needed(left) == pytest.approx(6.0)


def test_lifts_that_follow_each_other_are_not_measured_by_the_one_before() -> None:
    exercise = find_exercise("back_extension")
    (lift,) = exercise.movements
    tracker = ExcursionTracker(exercise)
    tracker.learn(Excursion(lift, lift.minimum, 0.0, peak=4.0 * lift.minimum))
    assert tracker.needed(lift) == lift.minimum


@pytest.mark.parametrize("from_s", [0.0, 0.8, 1.0, 1.2])
def test_hands_that_arrive_a_step_after_the_hips_have_walked(from_s: float) -> None:
    poses = [pose for pose in stored("prone_walkout_hollow") if pose.time_s >= from_s]
    assert counted(poses, "prone_walkout") == 1


@pytest.mark.parametrize("name", ["ball_back_stretch", "ball_back_stretch_faults", "ball_back_stretch_short"])
@pytest.mark.parametrize("from_s", [0.0, 1.0])
def test_hands_that_stay_have_not_walked_however_long_the_hips_are_there(name: str, from_s: float) -> None:
    assert counted([pose for pose in stored(name) if pose.time_s >= from_s], "prone_walkout") == 0


DOWN = course([(2.0, 0.0), (5.0, 1.0)])  # how far somebody has lain down


def lain(time_s: float, back_deg: float, thigh_up_deg: float) -> Joints:
    """From upright to a flat trunk, turning a little on the way; thighs up as on the back, or down as over a ball."""
    down, at = DOWN(time_s), np.array([0.0, 0.0, 0.5])
    upper = upper_body(at)
    hips = {name: upper.pop(name) for name in ("left_hip", "right_hip")}
    points = hips | turned(upper, at, 0, back_deg * down)
    thigh, rise = np.radians(thigh_up_deg), math.copysign(0.2, thigh_up_deg)
    for side, hip in (("left", hips["left_hip"]), ("right", hips["right_hip"])):
        knee = points[f"{side}_knee"] = offset(hip, 0, THIGH_M * np.cos(thigh), THIGH_M * np.sin(thigh))
        ankle = points[f"{side}_ankle"] = offset(knee, 0, SHANK_M, 0.0)
        points[f"{side}_heel"] = offset(ankle, 0, 0, -0.05)
        points[f"{side}_foot_index"] = offset(ankle, 0, 0.05, rise)
    return turned(points, at, 2, -12.0 * down)


def views(back_deg: float, thigh_up_deg: float) -> tuple[str, str]:
    """How somebody is seen before they lie down and in the end, from 62 and then 50 degrees off the front."""
    tracker = BodyTracker()
    seen = [tracker.update(pose).view for pose in film(lambda t: lain(t, back_deg, thigh_up_deg), 12.0, 62.0)]
    return seen[20], seen[-1]


def test_who_lies_back_is_looked_at_as_they_lie_not_as_they_sat() -> None:
    assert views(95.0, 50.0) == ("side", "oblique")


def test_who_goes_down_over_the_ball_or_sits_on_keeps_their_view() -> None:
    assert views(-95.0, -50.0) == ("side", "side")
    assert views(10.0, 50.0) == ("side", "side")


def with_long_legs(pose: Pose) -> Pose:
    """The pose with the legs long on the ball, the heels as high as the calves were."""
    landmarks, world = pose.landmarks.copy(), pose.world_m.copy()
    for points, scale in ((landmarks, np.array(pose.size_wh, float)), (world, np.ones(2))):
        xy = points[:, :2] * scale
        chest, pelvis = (xy[11] + xy[12]) / 2, (xy[23] + xy[24]) / 2
        trunk = math.dist(chest, pelvis)
        caudal = math.copysign(1.0, pelvis[0] - chest[0])
        for hip, knee, ankle, heel, toes in ((23, 25, 27, 29, 31), (24, 26, 28, 30, 32)):
            xy[knee] = xy[hip] + trunk * np.array([caudal * 0.72, -0.45])
            xy[ankle] = xy[hip] + trunk * np.array([caudal * 1.50, -0.66])
            xy[heel], xy[toes] = xy[ankle] + [0.0, 0.1 * trunk], xy[ankle] - [0.0, 0.2 * trunk]
        points[:, :2] = xy / scale
    return replace(pose, landmarks=landmarks, world_m=world)


def kept_draped_and_then(legs: Callable[[Pose], Pose]) -> list[float]:
    """Credited seconds of the holds of somebody who keeps still for 11 s, stirs, and keeps still for 11 s as told."""
    lying = [pose for pose in stored("savasana") if 4.0 <= pose.time_s < 26.0]
    first, then = lying[: len(lying) // 2], [legs(pose) for pose in lying[len(lying) // 2 :]]
    between = with_long_legs(first[-1])
    way = on_the_way(first[-1], between, 1.2)
    back = on_the_way(replace(between, time_s=way[-1].time_s), then[0], 1.2)
    engine = Engine(find_exercise("relaxation"))
    poses = first + way + back + shifted(then, back[-1].time_s + STEP_S)
    events = [event for pose in poses for event in engine.step(pose)] + engine.finish()
    return [event.hold.credited_s for event in events if isinstance(event, HoldCompleted)]


def test_a_stir_interrupts_a_hold_and_long_legs_are_another_posture() -> None:
    assert kept_draped_and_then(lambda pose: pose) == [pytest.approx(21.0, abs=1.0)]
    assert kept_draped_and_then(with_long_legs) == [pytest.approx(11.0, abs=1.0)] * 2
