"""Lying on the back with the legs on the ball, on paper: the measures, and which of the still postures it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from figure import Joints, course, film, offset, seen, turned, upper_body

from formcheck.engine import Engine
from formcheck.events import FaultRaised, Hold, HoldCompleted
from formcheck.measures.body import BodyTracker
from formcheck.measures.catalogue import MEASURES
from formcheck.registry import find_exercise
from formcheck.types import Pose

THIGH_M = SHANK_M = 0.42
SIDES = [pytest.param(90.0, id="from the left"), pytest.param(-90.0, id="from the right")]


def supine(
    *, arm_up_deg: float = -8.0, thigh_deg: float = 95.0, shank_deg: float = 5.0, trunk_deg: float = 0.0
) -> Joints:
    """On the back; thigh and shank above the horizontal, towards the feet; the trunk above the floor (sitting: 60)."""
    at = np.array([0.0, 0.0, 0.10])
    upper = upper_body(at, {"left": 15.0, "right": 15.0})
    pelvis = {name: upper.pop(name) for name in ("left_hip", "right_hip")}
    for side in ("left", "right"):
        shoulder = upper[f"{side}_shoulder"]
        arm = [name for name in upper if name.startswith(side) and name.split("_", 1)[1] in ("elbow", "wrist", "index")]
        arm += [f"{side}_pinky", f"{side}_thumb"]
        upper |= turned({name: upper[name] for name in arm}, shoulder, 0, arm_up_deg)
    points = pelvis | turned(upper, at, 0, 90.0 - trunk_deg)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        thigh, shank = np.radians(thigh_deg), np.radians(shank_deg)
        hip = points[f"{side}_hip"]
        knee = points[f"{side}_knee"] = offset(hip, sign * 0.02, THIGH_M * np.cos(thigh), THIGH_M * np.sin(thigh))
        ankle = points[f"{side}_ankle"] = offset(knee, 0, SHANK_M * np.cos(shank), SHANK_M * np.sin(shank))
        points[f"{side}_heel"] = offset(ankle, 0, 0.04, -0.02)
        points[f"{side}_foot_index"] = offset(ankle, 0, 0.05, 0.15)
    return points


DRAPED = {"arm_up_deg": -8.0, "thigh_deg": 95.0, "shank_deg": 5.0}
STRETCHED = {"arm_up_deg": 172.0, "thigh_deg": 30.0, "shank_deg": 26.0}
SITTING = {"arm_up_deg": 40.0, "thigh_deg": 70.0, "shank_deg": -5.0, "trunk_deg": 60.0}
LEGS_DOWN = {"thigh_deg": 50.0, "shank_deg": -60.0}


def measured(name: str, joints: Joints, azimuth_deg: float) -> float:
    bodies = BodyTracker()
    body = [bodies.update(seen(joints, i / 15, azimuth_deg)) for i in range(30)][-1]
    return MEASURES[name].read(body)


def run(exercise: str, poses: Iterable[Pose]) -> tuple[list[Hold], list[str]]:
    """The counted holds and the ids of the faults raised."""
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)] + engine.finish()
    holds = [event.hold for event in events if isinstance(event, HoldCompleted) and event.hold.counted]
    return holds, [event.fault for event in events if isinstance(event, FaultRaised)]


def between(first: dict[str, float], second: dict[str, float], share: float) -> Joints:
    keys = first.keys() | second.keys()
    default = {"arm_up_deg": -8.0, "thigh_deg": 95.0, "shank_deg": 5.0, "trunk_deg": 0.0}
    a, b = default | first, default | second
    return supine(**{key: a[key] + (b[key] - a[key]) * share for key in keys})


def kept(
    posture: dict[str, float], seconds: float, out_of: dict[str, float] = LEGS_DOWN
) -> tuple[Callable[[float], Joints], float]:
    """(joints over time, seconds): from another posture into this one within 1.5 s, kept, and back."""
    share = course([(0.0, 0.0), (1.0, 0.0), (2.5, 1.0), (2.5 + seconds, 1.0), (4.0 + seconds, 0.0)])
    return lambda time_s: between(out_of, posture, share(time_s)), 5.0 + seconds


@pytest.mark.parametrize("azimuth_deg", SIDES)
def test_a_hand_on_the_floor_is_not_lifted_and_one_in_the_air_is_an_arm_s_length(azimuth_deg: float) -> None:
    assert measured("hand_lifted", supine(arm_up_deg=0.0), azimuth_deg) == pytest.approx(0.0, abs=0.05)
    assert measured("hand_lifted", supine(arm_up_deg=90.0), azimuth_deg) == pytest.approx(1.1, abs=0.1)
    assert measured("hand_lifted", supine(arm_up_deg=180.0), azimuth_deg) == pytest.approx(0.0, abs=0.05)


def test_a_hidden_hand_is_not_known_to_lie_on_the_floor() -> None:
    bodies = BodyTracker()
    for i in range(30):
        pose = seen(supine(), i / 15, 90.0)
        pose.visibility[[15, 16]] = 0.0
        body = bodies.update(pose)
    assert np.isnan(MEASURES["hand_lifted"].read(body))


@pytest.mark.parametrize("azimuth_deg", SIDES)
@pytest.mark.parametrize(
    ("exercise", "posture", "seconds"),
    [("savasana", DRAPED, 25.0), ("relaxation", SITTING, 20.0), ("supine_full_stretch", STRETCHED, 10.0)],
)
def test_a_posture_kept_still_is_credited_from_arriving_to_leaving(
    exercise: str, posture: dict[str, float], seconds: float, azimuth_deg: float
) -> None:
    joints, total_s = kept(posture, seconds)
    holds, faults = run(exercise, film(joints, total_s, azimuth_deg))
    assert [hold.credited_s for hold in holds] == pytest.approx([seconds], abs=0.8)
    assert faults == []


@pytest.mark.parametrize(
    ("exercise", "posture"),
    [
        ("savasana", STRETCHED),
        ("savasana", SITTING),
        ("savasana", LEGS_DOWN),
        ("savasana", DRAPED | {"arm_up_deg": 75.0}),
        ("savasana", DRAPED | {"arm_up_deg": 15.0}),
        ("supine_full_stretch", DRAPED),
        ("supine_full_stretch", STRETCHED | {"arm_up_deg": 15.0}),
        ("supine_full_stretch", SITTING),
        ("relaxation", STRETCHED),
        ("relaxation", LEGS_DOWN),
    ],
)
def test_another_posture_is_never_credited(exercise: str, posture: dict[str, float]) -> None:
    joints, total_s = kept(posture, 25.0, out_of=posture)
    assert run(exercise, film(joints, total_s, 90.0)) == ([], [])


@pytest.mark.parametrize(
    ("fault", "flaw"),
    [("knees_bent", {"thigh_deg": 45.0, "shank_deg": 5.0}), ("arms_short", {"arm_up_deg": 122.0})],
)
def test_a_full_stretch_that_is_not_full_is_told_apart(fault: str, flaw: dict[str, float]) -> None:
    joints, total_s = kept(STRETCHED | flaw, 10.0)
    holds, faults = run("supine_full_stretch", film(joints, total_s, 90.0))
    assert len(holds) == 1
    assert faults == [fault]


@pytest.mark.parametrize(("up_s", "n_holds"), [(0.6, 1), (6.0, 2)])
def test_a_hand_at_the_nose_for_a_moment_does_not_end_the_rest(up_s: float, n_holds: int) -> None:
    hand = course([(0.0, 0.0), (25.0, 0.0), (25.6, 1.0), (25.6 + up_s, 1.0), (26.2 + up_s, 0.0)])
    joints = lambda time_s: between(DRAPED, DRAPED | {"arm_up_deg": 100.0}, hand(time_s))  # noqa: E731
    holds, _ = run("savasana", film(joints, 55.0, 90.0))
    assert len(holds) == n_holds
    assert sum(hold.credited_s for hold in holds) == pytest.approx(55.0 - 1.2 - up_s, abs=3.0)


def test_a_far_arm_that_is_guessed_here_and_there_takes_nothing_from_the_stretch() -> None:
    joints, total_s = kept(STRETCHED, 10.0)
    rng = np.random.default_rng(3)

    def guessed() -> Iterable[Pose]:
        for pose in film(joints, total_s, 90.0):
            pose.landmarks[[14, 16], :2] += rng.uniform(-0.2, 0.2, (2, 2)).astype(np.float32)
            yield pose

    holds, faults = run("supine_full_stretch", guessed())
    assert [hold.credited_s for hold in holds] == pytest.approx([10.0], abs=0.8)
    assert faults == []


def test_moving_about_ends_the_rest() -> None:
    shifts = course([(0.0, 0.0), *((3.0 + 1.2 * i, float(i % 2)) for i in range(20))])
    joints = lambda time_s: between(DRAPED, DRAPED | {"thigh_deg": 70.0, "shank_deg": 20.0}, shifts(time_s))  # noqa: E731
    assert run("savasana", film(joints, 27.0, 90.0))[0] == []
