"""Measures of the way over the ball, and the movements they drive, on a stick figure whose truth is on paper."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from figure import Joints, course, film, offset, prone, seen, upper_body

from formcheck.engine import Engine
from formcheck.events import (
    Event,
    FaultRaised,
    Hold,
    HoldCompleted,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
)
from formcheck.measures.body import Body, BodyTracker
from formcheck.measures.catalogue import MEASURES
from formcheck.registry import find_exercise
from formcheck.skeleton import INDEX
from formcheck.types import Pose

THIGH_M = SHANK_M = 0.42
BODY_M = 0.50 + THIGH_M + SHANK_M
ANKLE = np.array([0.0, -0.45, 0.10])  # behind the hips' start, on the floor
FROM_LEFT, FROM_RIGHT = 90.0, -90.0


def leg(hip: np.ndarray, ankle: np.ndarray) -> np.ndarray:
    """The knee: below and behind the line from hip to ankle."""
    along = ankle - hip
    distance = float(np.linalg.norm(along))
    bow = math.sqrt(max(0.0, THIGH_M**2 - (distance / 2) ** 2))
    down = np.cross(along / distance, [1.0, 0.0, 0.0])
    return np.asarray((hip + ankle) / 2 + bow * (down if down[2] < 0 else -down))


def over_ball(*, travel_m: float = 0.0, hands_m: float = 0.0, elevation_deg: float = -10.0) -> Joints:
    """Hips on the ball `travel_m` ahead of the start, toes planted, hands on the floor `hands_m` ahead of theirs."""
    hips = np.array([0.0, travel_m, 0.55])
    points = dict(prone(lift_deg=elevation_deg + 10.0, travel_m=travel_m))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        hip = points[f"{side}_hip"] = offset(hips, sign * 0.10, 0, 0)
        ankle = points[f"{side}_ankle"] = offset(ANKLE, sign * 0.10, 0, 0)
        points[f"{side}_knee"] = leg(hip, ankle)
        points[f"{side}_heel"] = offset(ankle, 0, -0.03, 0.05)
        points[f"{side}_foot_index"] = offset(ankle, 0, 0.05, -0.10)
        wrist = points[f"{side}_wrist"] = np.array([sign * 0.2, 0.70 + hands_m, 0.05])
        points[f"{side}_elbow"] = (points[f"{side}_shoulder"] + wrist) / 2
        for finger in ("pinky", "index", "thumb"):
            points[f"{side}_{finger}"] = offset(wrist, 0, 0.07, -0.03)
    return points


def behind_back(*, lift_deg: float, arms_deg: float) -> Joints:
    """Prone, the straight arms `arms_deg` behind the line of the back."""
    points = dict(prone(lift_deg=lift_deg))
    trunk = points["left_hip"] - points["left_shoulder"]
    along = np.array([0.0, trunk[1], trunk[2]]) / np.hypot(trunk[1], trunk[2])
    behind = np.array([0.0, along[2], -along[1]])
    a = math.radians(arms_deg)
    for side in ("left", "right"):
        shoulder = points[f"{side}_shoulder"]
        direction = math.cos(a) * along + math.sin(a) * behind
        points[f"{side}_elbow"], points[f"{side}_wrist"] = shoulder + 0.29 * direction, shoulder + 0.55 * direction
        for finger in ("pinky", "index", "thumb"):
            points[f"{side}_{finger}"] = shoulder + 0.63 * direction
    return points


def childs(*, hips_back: float = 1.0, bent: bool = False) -> Joints:
    """Kneeling, the trunk over the thighs; `hips_back` 1 with the hips on the heels, 0 above the knees."""
    knee = np.array([0.0, 0.0, 0.05])
    angle = math.radians(20.0 + 70.0 * (1 - hips_back))
    hips = knee + THIGH_M * np.array([0.0, -math.cos(angle), math.sin(angle)])
    points = dict(upper_body(hips))
    chest = hips + 0.50 * np.array([0.0, math.cos(0.25), math.sin(0.25)])
    head = chest + np.array([0.0, 0.20, 0.02])
    points["nose"] = offset(head, 0.0, 0.03, -0.10)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        points[f"{side}_hip"] = offset(hips, sign * 0.10, 0, 0)
        shoulder = points[f"{side}_shoulder"] = offset(chest, sign * 0.18, 0, 0)
        points[f"{side}_ear"] = offset(head, sign * 0.07, 0, 0)
        for name in ("eye", "eye_inner", "eye_outer"):
            points[f"{side}_{name}"] = points["nose"] + [sign * 0.04, 0.0, 0.04]
        points[f"mouth_{side}"] = points["nose"] + [sign * 0.03, 0.02, -0.03]
        elbow = points[f"{side}_elbow"] = offset(shoulder, 0, 0.28, 0.07)
        points[f"{side}_wrist"] = offset(elbow, 0, 0.0, 0.26) if bent else offset(elbow, 0, 0.25, 0.07)
        for finger in ("pinky", "index", "thumb"):
            points[f"{side}_{finger}"] = offset(points[f"{side}_wrist"], 0, 0.07, 0)
        points[f"{side}_knee"] = offset(knee, sign * 0.12, 0, 0)
        points[f"{side}_ankle"] = offset(knee, sign * 0.12, -SHANK_M, 0.02)
        points[f"{side}_heel"] = offset(knee, sign * 0.12, -SHANK_M - 0.03, 0.06)
        points[f"{side}_foot_index"] = offset(knee, sign * 0.12, -SHANK_M - 0.15, -0.03)
    return points


def body_of(joints: Joints, azimuth_deg: float, hidden: tuple[str, ...] = ()) -> Body:
    tracker = BodyTracker()
    for i in range(30):
        pose = seen(joints, i / 20.0, azimuth_deg)
        for name in hidden:
            pose.visibility[INDEX[name]] = 0.05
        body = tracker.update(pose)
    return body


def read(name: str, joints: Joints, azimuth_deg: float = FROM_LEFT) -> float:
    return MEASURES[name].read(body_of(joints, azimuth_deg))


@pytest.mark.parametrize("azimuth_deg", [FROM_LEFT, FROM_RIGHT], ids=["from the left", "from the right"])
@pytest.mark.parametrize(
    ("name", "joints", "value"),
    [
        ("hips_over_feet", over_ball(travel_m=0.20), (0.20 + 0.45 - 0.05) / BODY_M),
        ("hands_over_feet", over_ball(hands_m=0.10), (0.80 + 0.45 - 0.05) / BODY_M),
        ("hips_over_hands", over_ball(travel_m=0.20), (0.20 - 0.70) / BODY_M),
        ("hands_over_shoulders", over_ball(elevation_deg=0.0), (0.70 - 0.50) / 0.5),
        ("hand_over_toes", over_ball(), (0.05 - 0.0) / 0.5),
        (
            "hips_by_shoulders",
            over_ball(elevation_deg=0.0),
            (0.55 - 0.05 * 0.40 / 1.10) / (0.55 - 0.05 * 0.90 / 1.10),  # above the line from toes to hands
        ),
        ("hips_off_line", over_ball(travel_m=0.10, elevation_deg=-39.289), math.sin(math.radians(39.289)) * 0.5),
        ("hips_to_heels", childs(hips_back=0.0), math.hypot(0.42, 0.40) / 0.5),
        ("wrist_behind_back", behind_back(lift_deg=0.0, arms_deg=20.0), 0.55 * math.sin(math.radians(20.0)) / 0.5),
        ("wrist_behind_back", behind_back(lift_deg=30.0, arms_deg=-20.0), -0.55 * math.sin(math.radians(20.0)) / 0.5),
        ("wrist_gap", behind_back(lift_deg=0.0, arms_deg=0.0), 0.0),
        ("elbow_angle", behind_back(lift_deg=0.0, arms_deg=10.0), 180.0),
        ("arm_overhead", behind_back(lift_deg=0.0, arms_deg=10.0), 10.0),
    ],
)
def test_values_on_paper_from_either_side(name: str, joints: Joints, value: float, azimuth_deg: float) -> None:
    if name == "hips_off_line":  # equal sides: hips as far from the chest as from the ankles
        hip, chest = joints["left_hip"], joints["left_shoulder"]
        ankle = joints["left_ankle"]
        area = abs((chest - hip)[1] * (ankle - hip)[2] - (chest - hip)[2] * (ankle - hip)[1])
        value = area / float(np.sum((chest - ankle)[1:] ** 2))
    tolerance = 1.0 if MEASURES[name].unit == "deg" else 0.01
    assert read(name, joints, azimuth_deg) == pytest.approx(value, abs=tolerance)


def test_sagging_hips_lie_below_the_line() -> None:
    joints = over_ball()
    for side in ("left", "right"):
        joints[f"{side}_hip"] = offset(joints[f"{side}_hip"], 0, 0, -0.45)
    assert read("hips_off_line", joints, FROM_LEFT) < 0.0
    assert read("hips_off_line", joints, FROM_RIGHT) < 0.0


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("hips_over_feet", "foot_index"),
        ("hands_over_feet", "wrist"),
        ("hips_off_line", "ankle"),
        ("wrist_behind_back", "wrist"),
        ("arm_overhead", "elbow"),
        ("hips_to_heels", "hip"),
    ],
)
def test_a_hidden_landmark_gives_no_value(name: str, hidden: str) -> None:
    body = body_of(over_ball(), FROM_LEFT, (f"left_{hidden}", f"right_{hidden}"))
    assert math.isnan(MEASURES[name].read(body))


# -- the movements that these measures drive ------------------------------------------------------------------------


def run(exercise: str, poses: Iterable[Pose]) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def repetitions(events: Iterable[Event]) -> list[Repetition]:
    return [event.repetition for event in events if isinstance(event, RepetitionCompleted)]


def holds(events: Iterable[Event]) -> list[Hold]:
    return [event.hold for event in events if isinstance(event, HoldCompleted) and event.hold.counted]


def reasons(events: Iterable[Event]) -> list[str | None]:
    return [e.repetition.reason for e in events if isinstance(e, RepetitionPartial | RepetitionRejected)]


def faults(events: Iterable[Event]) -> list[str]:
    return [event.fault for event in events if isinstance(event, FaultRaised)]


def walking(
    out_s: float, hands_m: float, travel_m: float = 0.25, stays_s: float = 3.0
) -> tuple[Callable[[float], Joints], float]:
    """(joints over time, seconds): from 3 s on, `out_s` of walking, then staying."""
    share = course([(0.0, 0.0), (3.0, 0.0), (3.0 + out_s, 1.0)])
    return (lambda t: over_ball(travel_m=share(t) * travel_m, hands_m=share(t) * hands_m)), 3.0 + out_s + stays_s


def test_a_walk_out_counts_once_and_ends_where_it_settled() -> None:
    joints, seconds = walking(4.0, hands_m=0.25)
    events = run("prone_walkout", film(joints, seconds, FROM_LEFT))
    (repetition,) = repetitions(events)
    assert repetition.start_s == pytest.approx(3.0, abs=0.4)
    assert repetition.end_s == pytest.approx(7.0, abs=0.4)
    assert holds(events) == []


def test_a_walk_out_that_turns_back_at_once_is_not_counted() -> None:
    share = course([(0.0, 0.0), (3.0, 0.0), (5.0, 1.0), (7.0, 0.0)])
    events = run(
        "prone_walkout",
        film(lambda t: over_ball(travel_m=0.25 * share(t), hands_m=0.25 * share(t)), 10.0, FROM_LEFT),
    )
    assert repetitions(events) == []
    assert len(reasons(events)) == 1


@pytest.mark.parametrize(("sinks_m", "count"), [(0.0, 1), (0.22, 0)])
def test_a_walk_out_into_a_plank_is_none(sinks_m: float, count: int) -> None:
    """Straight arms under the shoulders: the hips of a plank are no ball's."""
    joints_at, _ = walking(4.0, 0.25)

    def sinking(t: float) -> Joints:
        joints = dict(joints_at(t))
        sunk_m = sinks_m * min(1.0, max(0.0, t / 3.0 - 1.0))
        for side in ("left", "right"):
            hip = joints[f"{side}_hip"] = offset(joints[f"{side}_hip"], 0, 0, -sunk_m)
            joints[f"{side}_knee"] = leg(hip, joints[f"{side}_ankle"])
        return joints

    events = run("prone_walkout", film(sinking, 10.0, FROM_LEFT))
    assert len(repetitions(events)) == count
    assert count or "your hips are not on the ball" in reasons(events)


def test_two_walk_outs_with_the_way_back_between_are_two() -> None:
    share = course([(0.0, 0.0), (3.0, 0.0), (6.0, 1.0), (9.0, 1.0), (12.0, 0.0), (15.0, 0.0), (18.0, 1.0)])
    events = run(
        "prone_walkout",
        film(lambda t: over_ball(travel_m=0.25 * share(t), hands_m=0.25 * share(t)), 21.0, FROM_RIGHT),
    )
    assert [r.end_s for r in repetitions(events)] == pytest.approx([6.0, 18.0], abs=0.4)


def test_with_planted_hands_it_is_the_stretch_and_no_walk_out_and_the_reverse() -> None:
    share = course([(0.0, 0.0), (3.0, 0.0), (6.5, 1.0), (22.0, 1.0), (25.5, 0.0)])
    stretch = list(film(lambda t: over_ball(travel_m=0.25 * share(t), elevation_deg=-20.0), 28.0, FROM_LEFT))
    walk = list(
        film(lambda t: over_ball(travel_m=0.25 * share(t), hands_m=0.30 * share(t)), 28.0, FROM_LEFT),
    )
    assert repetitions(run("prone_walkout", stretch)) == []
    found = run("ball_back_stretch", stretch)
    assert [h.credited_s for h in holds(found)] == pytest.approx([15.5], abs=0.3)
    assert faults(found) == []
    assert holds(run("ball_back_stretch", walk)) == []
    assert len(repetitions(run("prone_walkout", walk))) == 1


def test_a_stretch_of_thirteen_seconds_counts_and_is_short_one_of_ten_does_not() -> None:
    def stretched(hold_s: float) -> list[Event]:
        share = course([(0.0, 0.0), (3.0, 0.0), (6.5, 1.0), (6.5 + hold_s, 1.0), (10.0 + hold_s, 0.0)])
        joints = film(lambda t: over_ball(travel_m=0.25 * share(t), elevation_deg=-20.0), 13.0 + hold_s, FROM_LEFT)
        return run("ball_back_stretch", joints)

    assert faults(stretched(13.0)) == ["hold_short"]
    assert holds(stretched(10.0)) == []


def test_a_foot_that_jumps_tears_no_stretch() -> None:
    """Every other third of a second of the hold the estimator takes the near ankle for a spot beside the knee."""
    share = course([(0.0, 0.0), (3.0, 0.0), (6.5, 1.0), (22.5, 1.0), (26.0, 0.0)])

    def jumping(t: float) -> Joints:
        joints = dict(over_ball(travel_m=0.10 * share(t), elevation_deg=-10.0 - 10.0 * share(t)))
        if 7.0 < t < 22.0 and int(3.0 * t) % 2:
            joints["left_ankle"] = offset(joints["left_knee"], 0.0, -0.12, -0.05)
        return joints

    events = run("ball_back_stretch", film(jumping, 29.0, FROM_LEFT))
    assert [h.credited_s for h in holds(events)] == pytest.approx([16.0], abs=0.5)
    assert faults(events) == []
    assert reasons(events) == []


def lifted(hold_s: float, arms_deg: float, lift_deg: float = 25.0, way_s: float = 2.0) -> list[Pose]:
    """Poses of one lift, `way_s` up and down, the arms this far behind the line of the back."""
    steps = [(0.0, 0.0), (3.0, 0.0), (way_s, lift_deg), (hold_s, lift_deg), (way_s, 0.0)]
    height = course([(sum(s for s, _ in steps[: i + 1]), deg) for i, (_, deg) in enumerate(steps)])
    seconds = 5.0 + 2 * way_s + hold_s
    return list(film(lambda t: behind_back(lift_deg=height(t), arms_deg=arms_deg), seconds, FROM_LEFT))


def test_a_long_lift_with_the_hands_behind_the_back_is_the_chest_opener_alone() -> None:
    poses = lifted(18.0, arms_deg=20.0)
    assert [h.credited_s for h in holds(run("chest_opener", poses))] == pytest.approx([18.0], abs=0.3)
    assert repetitions(run("back_extension", poses)) == []


def test_a_short_lift_with_the_arms_at_the_sides_is_the_back_extension_alone() -> None:
    poses = lifted(3.0, arms_deg=3.0)
    assert len(repetitions(run("back_extension", poses))) == 1
    assert holds(run("chest_opener", poses)) == []
    assert repetitions(run("chest_opener", poses)) == []


@pytest.mark.parametrize(("way_s", "said"), [(1.0, ["hold_short"]), (3.0, [])])
def test_a_hold_is_not_called_short_where_slow_ways_keep_the_chest_up_for_its_time(
    way_s: float, said: list[str]
) -> None:
    """Held for 2.4 s either way; within a twentieth of the top for 2.8 and for 3.5 s."""
    events = run("back_extension", lifted(2.4, arms_deg=3.0, way_s=way_s))
    assert len(repetitions(events)) == 1
    assert [h.credited_s for h in holds(events)] == pytest.approx([2.4], abs=0.2)
    assert faults(events) == said


@pytest.mark.parametrize(("arms_deg", "count"), [(-8.0, 1), (-70.0, 0)])
def test_in_a_high_lift_hands_along_the_body_are_free_and_hands_below_it_push(arms_deg: float, count: int) -> None:
    """However high the chest: hands that reach back are then far below the shoulders."""
    events = run("back_extension", lifted(3.0, arms_deg, lift_deg=40.0))
    assert len(repetitions(events)) == count
    assert count or reasons(events) == ["the hands stayed on the floor or the ball"]


def test_arms_at_the_sides_make_no_chest_opener_however_long() -> None:
    events = run("chest_opener", lifted(18.0, arms_deg=3.0))
    assert holds(events) == []
    assert reasons(events) == ["the hands were not behind the back"]


def test_a_lift_that_was_given_up_as_too_long_does_not_begin_anew_at_its_height() -> None:
    events = run("back_extension", lifted(30.0, arms_deg=3.0))
    assert reasons(events) == ["not back within 11 s"]
    assert repetitions(events) == []


def test_childs_pose_is_held_for_as_long_as_on_paper() -> None:
    share = course([(0.0, 0.0), (3.0, 0.0), (5.0, 1.0), (27.0, 1.0), (29.0, 0.0)])
    events = run("childs_pose", film(lambda t: childs(hips_back=share(t)), 31.0, FROM_LEFT))
    assert [h.credited_s for h in holds(events)] == pytest.approx([22.0], abs=0.5)
    assert faults(events) == []


@pytest.mark.parametrize(
    ("joints", "fault"),
    [(lambda t: childs(hips_back=0.4), "hips_high"), (lambda t: childs(bent=True), "arms_bent")],
    ids=["hips high", "arms bent"],
)
def test_what_is_wrong_in_childs_pose_is_said_once(joints: Callable[[float], Joints], fault: str) -> None:
    events = run("childs_pose", film(joints, 26.0, FROM_LEFT))
    assert len(holds(events)) == 1
    assert faults(events) == [fault]
