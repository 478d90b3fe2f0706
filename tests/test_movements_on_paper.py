"""Movements of a stick figure, whose counts, holds and times are known on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from figure import Joints, course, film, minimum_jerk, prone, seated, turned
from hypothesis import given
from hypothesis import strategies as st

from formcheck.engine import Engine
from formcheck.events import (
    Event,
    Hold,
    HoldCompleted,
    NotJudged,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
    RoundCompleted,
    SafetyStop,
    SetupProblem,
)
from formcheck.registry import find_exercise
from formcheck.skeleton import INDEX, MIRROR
from formcheck.types import Ball, Pose
from formcheck.unjudged import FAR

LIFT_DEG, LIFT_S, HELD_S, DOWN_S = 25.0, 1.5, 3.0, 1.5
CYCLE_S = 2 * LIFT_S + HELD_S + DOWN_S


def lifts(n: int, height_deg: float = LIFT_DEG, held_s: float = HELD_S) -> tuple[Callable[[float], Joints], float]:
    """(joints over time, seconds): n back extensions, the first begins at 2 s."""
    keys, t = [(0.0, 0.0), (2.0, 0.0)], 2.0
    for _ in range(n):
        for seconds, value in ((LIFT_S, height_deg), (held_s, height_deg), (LIFT_S, 0.0), (DOWN_S, 0.0)):
            t += seconds
            keys.append((t, value))
    height = course(keys)
    return lambda time_s: prone(lift_deg=height(time_s)), t + 1.0


def turns(n: int, angle_deg: float = 35.0) -> tuple[Callable[[float], Joints], float]:
    """(joints over time, seconds): n rounds of a seated twist, right first."""
    keys, t = [(0.0, 0.0), (2.0, 0.0)], 2.0
    for _ in range(n):
        for sign in (1.0, -1.0):
            for seconds, value in ((1.3, sign * angle_deg), (0.4, sign * angle_deg), (1.3, 0.0), (0.5, 0.0)):
                t += seconds
                keys.append((t, value))
    angle = course(keys)
    return lambda time_s: seated(turn_right_deg=angle(time_s)), t + 1.0


def run(exercise: str, poses: Iterable[Pose]) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def repetitions(events: Iterable[Event]) -> list[Repetition]:
    return [event.repetition for event in events if isinstance(event, RepetitionCompleted)]


def holds(events: Iterable[Event]) -> list[Hold]:
    return [event.hold for event in events if isinstance(event, HoldCompleted) and event.hold.counted]


def mirrored(pose: Pose) -> Pose:
    swap = np.array(MIRROR)
    landmarks, world = pose.landmarks[swap].copy(), pose.world_m[swap].copy()
    landmarks[:, 0] = 1.0 - landmarks[:, 0]
    world[:, 0] = -world[:, 0]
    return replace(pose, landmarks=landmarks, world_m=world, visibility=pose.visibility[swap])


@pytest.mark.parametrize("azimuth_deg", [90.0, -90.0], ids=["from the left", "from the right"])
def test_lifts_and_holds_are_those_on_paper(azimuth_deg: float) -> None:
    joints, seconds = lifts(3)
    events = run("back_extension", film(joints, seconds, azimuth_deg))
    found = repetitions(events)
    assert [r.start_s for r in found] == pytest.approx([2.0 + i * CYCLE_S for i in range(3)], abs=0.3)
    assert [r.end_s for r in found] == pytest.approx([8.0 + i * CYCLE_S for i in range(3)], abs=0.3)
    assert [r.range for r in found] == pytest.approx([LIFT_DEG] * 3, abs=2.0)
    assert [h.credited_s for h in holds(events)] == pytest.approx([HELD_S] * 3, abs=0.3)
    assert all(not r.faults for r in found)


def test_a_lift_of_half_the_height_is_partial_and_says_how_much_was_missing() -> None:
    joints, seconds = lifts(2, height_deg=9.0, held_s=1.0)
    events = run("back_extension", film(joints, seconds, 90.0))
    assert repetitions(events) == []
    partial = [event.repetition for event in events if isinstance(event, RepetitionPartial)]
    assert len(partial) == 2
    for repetition in partial:
        lift, needed = map(int, re.findall(r"(\d+)°", repetition.reason))
        assert needed == 12
        assert lift == pytest.approx(9, abs=2)


def test_a_lift_that_is_a_little_short_says_less_than_what_was_needed() -> None:
    reasons = []
    for height_deg in (10.0, 10.5, 11.0, 11.5):
        joints, seconds = lifts(2, height_deg=height_deg, held_s=1.0)
        events = run("back_extension", film(joints, seconds, 90.0))
        reasons += [event.repetition.reason for event in events if isinstance(event, RepetitionPartial)]
    said = [tuple(map(int, re.findall(r"(\d+)°", reason))) for reason in reasons]
    assert (11, 12) in said
    assert all(lift < needed for lift, needed in said)


def test_getting_up_is_no_lift_that_was_broken_off() -> None:
    up = course([(2.0, 0.0), (3.5, 25.0), (6.5, 25.0), (8.0, 0.0), (10.0, 0.0), (12.5, 95.0)])
    events = run("back_extension", film(lambda t: prone(lift_deg=up(t)), 15.0, 90.0))
    assert len(repetitions(events)) == 1
    assert not [event for event in events if isinstance(event, RepetitionRejected | RepetitionPartial)]
    assert [event for event in events if isinstance(event, SetupProblem)][-1].time_s > 11.0


def test_a_short_hold_is_counted_with_its_fault_or_not_at_all() -> None:
    joints, seconds = lifts(2, held_s=2.3)
    assert [r.faults for r in repetitions(run("back_extension", film(joints, seconds, 90.0)))] == [("hold_short",)] * 2
    joints, seconds = lifts(2, held_s=0.5)
    assert repetitions(run("back_extension", film(joints, seconds, 90.0))) == []


def test_turns_are_counted_by_side_and_round() -> None:
    joints, seconds = turns(3)
    events = run("seated_twist", film(joints, seconds, 0.0))
    assert [r.side for r in repetitions(events)] == ["right", "left"] * 3
    assert sum(isinstance(event, RoundCompleted) for event in events) == 3


@pytest.mark.parametrize("azimuth_deg", [-18.0, 18.0])
def test_small_turns_count_to_both_sides_from_a_camera_at_an_angle(azimuth_deg: float) -> None:
    """To one side the shoulders come to face the camera, and look no narrower: the other side proves the turns."""
    joints, seconds = turns(3, angle_deg=26.0)
    found = repetitions(run("seated_twist", film(joints, seconds, azimuth_deg)))
    assert [r.side for r in found] == ["right", "left"] * 3
    assert [r.start_s for r in found] == sorted(r.start_s for r in found)


@pytest.mark.parametrize("azimuth_deg", [-18.0, 18.0])
def test_turns_to_one_side_that_nothing_shows_are_not_counted(azimuth_deg: float) -> None:
    """Towards the camera only, and by little: from the picture it could be the head alone."""
    way = 1.0 if azimuth_deg < 0.0 else -1.0
    angle = course([(0.0, 0.0), (2.0, 0.0), (3.5, way * 26.0), (5.0, 0.0), (7.0, 0.0), (8.5, way * 26.0), (10.0, 0.0)])
    events = run("seated_twist", film(lambda t: seated(turn_right_deg=angle(t)), 12.0, azimuth_deg))
    assert repetitions(events) == []
    assert sum(isinstance(event, RepetitionRejected) for event in events) == 2


def test_from_behind_right_is_still_the_persons_right() -> None:
    joints, seconds = turns(2)
    found = repetitions(run("seated_twist", film(joints, seconds, 180.0)))
    assert [r.side for r in found] == ["right", "left"] * 2


@given(
    fps=st.sampled_from([12.0, 15.0, 24.0, 30.0, 60.0]),
    scale=st.floats(0.7, 1.3),
    shift_px=st.tuples(st.floats(-60, 60), st.floats(-40, 20)),
)
def test_frame_rate_size_and_place_in_the_picture_change_no_count(
    fps: float, scale: float, shift_px: tuple[float, float]
) -> None:
    joints, seconds = lifts(2)
    found = repetitions(run("back_extension", film(joints, seconds, 90.0, fps, scale=scale, shift_px=shift_px)))
    assert [r.start_s for r in found] == pytest.approx([2.0, 2.0 + CYCLE_S], abs=0.35)


@given(n=st.integers(0, 3))
def test_a_mirrored_picture_turns_to_the_other_side(n: int) -> None:
    joints, seconds = turns(n)
    found = repetitions(run("seated_twist", map(mirrored, film(joints, seconds, 0.0))))
    assert [r.side for r in found] == ["left", "right"] * n


@given(gaps=st.lists(st.tuples(st.floats(0.0, 20.0), st.floats(0.05, 4.0)), max_size=4))
def test_frames_without_a_person_never_add_a_repetition(gaps: list[tuple[float, float]]) -> None:
    joints, seconds = lifts(2)

    def with_gaps() -> Iterator[Pose]:
        for pose in film(joints, seconds, 90.0, 15.0):
            is_gone = any(start <= pose.time_s < start + length for start, length in gaps)
            yield Pose.nobody(pose.time_s, pose.size_wh) if is_gone else pose

    events = run("back_extension", with_gaps())
    assert len(repetitions(events)) <= 2
    assert sum(h.credited_s for h in holds(events)) <= 2 * HELD_S + 0.3


@given(hidden=st.sets(st.sampled_from(["shoulder", "hip", "knee", "wrist"]), min_size=1))
def test_hidden_joints_never_add_a_repetition(hidden: set[str]) -> None:
    joints, seconds = lifts(2)
    rows = [INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in hidden]

    def covered() -> Iterator[Pose]:
        for pose in film(joints, seconds, 90.0, 15.0):
            visibility = pose.visibility.copy()
            visibility[rows] = 0.1
            yield replace(pose, visibility=visibility)

    assert repetitions(run("back_extension", covered())) == []


def test_the_far_limbs_of_a_side_view_are_named_as_not_judged() -> None:
    joints, seconds = lifts(1)
    events = run("back_extension", film(joints, seconds, 90.0))
    far = {event.what for event in events if isinstance(event, NotJudged) and event.reason == FAR}
    assert far == {"right arm", "right leg"}


def test_left_and_right_exchanged_for_a_moment_count_nothing_more() -> None:
    joints, seconds = turns(2)

    def slipping() -> Iterator[Pose]:
        swap = np.array(MIRROR)
        for pose in film(joints, seconds, 0.0):
            if 3.0 <= pose.time_s % 5.0 < 3.3:
                pose = replace(
                    pose,
                    landmarks=pose.landmarks[swap],
                    world_m=pose.world_m[swap],
                    visibility=pose.visibility[swap],
                )
            yield pose

    found = repetitions(run("seated_twist", slipping()))
    assert [r.side for r in found] == ["right", "left"] * 2


def test_a_fall_off_the_ball_stops_everything_once() -> None:
    def falling(time_s: float) -> Joints:
        share = course([(4.0, 0.0), (4.6, 1.0)])(time_s)
        points = seated(right_deg=80.0 * share)
        return {name: p - [0.3 * share, 0, 0.3 * share * (p[2] > 0.4)] for name, p in points.items()}

    stops = [event for event in run("seated_twist", film(falling, 8.0, 0.0)) if isinstance(event, SafetyStop)]
    assert len(stops) == 1
    assert stops[0].time_s == pytest.approx(5.2, abs=0.5)


def test_leaning_quickly_is_no_fall() -> None:
    lean = course([(3.0, 0.0), (3.7, 25.0), (4.7, 25.0), (5.4, 0.0)])
    events = run("side_stretch", film(lambda t: seated(right_deg=lean(t), arm_up_deg={"left": 175.0}), 8.0, 0.0))
    assert not [event for event in events if isinstance(event, SafetyStop)]


def test_a_ball_that_shoots_away_stops_everything_once() -> None:
    def with_ball(pose: Pose) -> Pose:
        hip = pose.xy_px[23:25].mean(axis=0)
        rolled = 400.0 * min(max(pose.time_s - 4.0, 0.0), 0.8)
        return replace(pose, ball=Ball(float(hip[0]) - rolled, float(hip[1]) + 65.0, 130.0, 120.0, 0.9))

    poses = map(with_ball, film(lambda _: seated(), 8.0, 0.0))
    stops = [event for event in run("seated_twist", poses) if isinstance(event, SafetyStop)]
    assert [event.reason for event in stops] == ["the ball has rolled away"]
    assert stops[0].time_s == pytest.approx(5.0, abs=0.6)


def test_a_ball_that_is_pushed_aside_slowly_is_no_alarm() -> None:
    def with_ball(pose: Pose) -> Pose:
        hip = pose.xy_px[23:25].mean(axis=0)
        rolled = 40.0 * max(pose.time_s - 3.0, 0.0)
        return replace(pose, ball=Ball(float(hip[0]) - rolled, float(hip[1]) + 65.0, 130.0, 120.0, 0.9))

    poses = map(with_ball, film(lambda _: seated(), 10.0, 0.0))
    assert not [event for event in run("seated_twist", poses) if isinstance(event, SafetyStop)]


# -- faults of form -------------------------------------------------------------------------------------------------


def moved(points: Joints, left_m: float = 0.0, forward_m: float = 0.0, up_m: float = 0.0, *joints: str) -> Joints:
    """The figure with these joints (of both sides where none is named) moved."""
    there = np.array([left_m, forward_m, up_m])
    return {name: p + there if any(name.endswith(joint) for joint in joints) else p for name, p in points.items()}


def leaning_right(**pose: float) -> Callable[[float], Joints]:
    """One lean to the right of 25 degrees with the left arm up, held from 4 to 13 s; `right` raises the other arm."""
    lean = course([(2.0, 0.0), (4.0, 25.0), (13.0, 25.0), (15.0, 0.0)])
    return lambda t: seated(right_deg=lean(t), arm_up_deg={"left": 175.0, "right": 12.0} | pose)


def faults_of(events: Iterable[Event]) -> set[str]:
    return {fault for repetition in repetitions(events) for fault in repetition.faults}


@pytest.mark.parametrize(
    ("figure", "fault"),
    [
        (leaning_right(), None),
        (leaning_right(right=140.0), "wrong_arm"),
        (lambda t: bent_arm(leaning_right()(t)), "collapsed"),
        (lambda t: dropped_head(leaning_right()(t)), "head_drops"),
    ],
    ids=["clean", "wrong arm", "collapsed", "head drops"],
)
def test_faults_of_the_side_stretch_are_those_on_paper(figure: Callable[[float], Joints], fault: str | None) -> None:
    events = run("side_stretch", film(figure, 17.0, 0.0))
    assert len(repetitions(events)) == 1
    assert (fault in faults_of(events)) if fault else not faults_of(events)


def bent_arm(points: Joints) -> Joints:
    """The lower arm bent to 60 degrees, the hand at the hip."""
    elbow, shoulder = points["right_elbow"], points["right_shoulder"]
    wrist = elbow + 0.26 * (shoulder - elbow + np.array([0.15, 0.0, -0.05])) / 0.33
    return points | {f"right_{joint}": wrist for joint in ("wrist", "pinky", "index", "thumb")}


def dropped_head(points: Joints) -> Joints:
    """The head hanging over the shoulder of the lean."""
    middle = (points["left_shoulder"] + points["right_shoulder"]) / 2
    head = {name: p for name, p in points.items() if name.endswith(("ear", "nose")) or "eye" in name or "mouth" in name}
    return points | turned(head, middle, 1, -55.0)


def test_knees_that_drift_apart_in_a_turn_are_told() -> None:
    angle = course(
        [(2.0, 0.0), (3.3, 35.0), (3.9, 35.0), (5.2, 0.0), (6.0, 0.0), (7.3, -35.0), (7.9, -35.0), (9.2, 0.0)]
    )

    def drifting(t: float) -> Joints:
        points = seated(turn_right_deg=angle(t))
        return moved(points, 0.004 * abs(angle(t)), 0.0, 0.0, "left_knee")

    assert faults_of(run("seated_twist", film(lambda t: seated(turn_right_deg=angle(t)), 11.0, 0.0))) == set()
    assert "knees_drift" in faults_of(run("seated_twist", film(drifting, 11.0, 0.0)))


def rolls(n: int, forward_m: float = 0.08, sideways_m: float = 0.0) -> tuple[Callable[[float], Joints], float]:
    """(joints over time, seconds): n rolls of 5 s forward and back; with a way to the side they are circles."""
    begun_s, ended_s = 2.0, 2.0 + 5.0 * n

    def joints(t: float) -> Joints:
        if not begun_s <= t < ended_s:
            return seated()
        turn = 2 * np.pi * (t - begun_s) / 5.0
        size = minimum_jerk((t - begun_s) / 1.0) * minimum_jerk((ended_s - t) / 1.0)
        hips = (sideways_m * size * np.sin(turn), forward_m * size * (1 - np.cos(turn)) / 2)
        points = seated()
        at = np.array([0.0, 0.0, 0.50])
        rolled = moved(points, -hips[0], hips[1], 0.0, "hip")
        upper = {name: p for name, p in points.items() if p[2] > at[2] + 0.05}
        return rolled | moved(upper, -0.4 * hips[0], 0.4 * hips[1], 0.0, "")

    return joints, ended_s + 2.0


def test_rolls_are_counted_and_circles_seen_from_the_side_are_none() -> None:
    joints, seconds = rolls(4)
    assert len(repetitions(run("roll_fore_aft", film(joints, seconds, 90.0)))) == 4
    joints, seconds = rolls(4, sideways_m=0.08)
    assert repetitions(run("roll_fore_aft", film(joints, seconds, 90.0))) == []


def test_feet_that_are_drawn_back_in_a_roll_are_told() -> None:
    joints, seconds = rolls(3)

    def stepping(t: float) -> Joints:
        step_m = 0.09 * (minimum_jerk((t - 10.0) / 0.6) - minimum_jerk((t - 8.0) / 0.6))
        return moved(joints(t), 0.0, step_m, 0.0, "ankle", "heel", "foot_index")

    assert "feet_move" not in faults_of(run("roll_fore_aft", film(joints, seconds, 90.0)))
    assert "feet_move" in faults_of(run("roll_fore_aft", film(stepping, seconds, 90.0)))


def test_what_no_landmark_shows_is_told_as_not_judged() -> None:
    joints, seconds = lifts(1)
    told = {
        event.what: event
        for event in run("back_extension", film(joints, seconds, 90.0))
        if isinstance(event, NotJudged)
    }
    assert told["one arm higher than the other"].reason == "the side view hides the far arm"
    assert told["one arm higher than the other"].seconds > 5.0


# -- the picture ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every_s", [2.9, 6.1])
def test_a_skeleton_that_slips_for_a_frame_changes_nothing(every_s: float) -> None:
    joints, seconds = lifts(2)

    def slipping() -> Iterator[Pose]:
        due_s = every_s
        for pose in film(joints, seconds, 90.0):
            if pose.time_s >= due_s:
                due_s += every_s
                pose = replace(pose, landmarks=pose.landmarks + np.array([0.15, 0.0, 0.0], np.float32))
            yield pose

    events = run("back_extension", slipping())
    assert len(repetitions(events)) == 2
    assert [h.credited_s for h in holds(events)] == pytest.approx([HELD_S] * 2, abs=0.4)


def test_after_a_cut_the_rest_is_looked_for_afresh() -> None:
    """Somebody who leans, then in another picture somebody who sits straight and turns."""
    joints, seconds = turns(2)
    before = list(film(lambda _: seated(turn_right_deg=25.0), 4.0, 0.0))
    after = film(joints, seconds, 0.0, shift_px=(120.0, 0.0))
    poses = [*before, *(replace(pose, time_s=pose.time_s + 4.05) for pose in after)]
    assert [r.side for r in repetitions(run("seated_twist", poses))] == ["right", "left"] * 2


@pytest.mark.parametrize("from_s", [3.3, 3.5])
def test_who_is_first_seen_at_a_peak_is_counted_from_the_first_whole_turn_on(from_s: float) -> None:
    joints, seconds = turns(3)
    late = film(lambda t: joints(t + from_s), seconds - from_s, 0.0)
    found = repetitions(run("seated_twist", late))
    assert [r.side for r in found] == ["left", "right", "left", "right", "left"]
    assert [r.start_s + from_s for r in found] == pytest.approx([2.0 + 3.5 * i for i in range(1, 6)], abs=0.4)


@pytest.mark.parametrize(("low_deg", "is_told"), [(25.0, False), (14.0, True)], ids=["kept", "sinking"])
def test_a_chest_that_sinks_while_it_is_held_is_told(low_deg: float, is_told: bool) -> None:
    height = course([(2.0, 0.0), (4.0, 25.0), (5.0, 25.0), (17.0, low_deg), (19.0, 0.0)])

    def opened(t: float) -> Joints:
        points = moved(prone(lift_deg=height(t)), 0.0, 0.0, 0.07, "elbow")
        return moved(points, 0.0, 0.0, 0.15, "wrist", "index", "pinky", "thumb")

    events = run("chest_opener", film(opened, 22.0, 90.0))
    assert len(repetitions(events)) == 1
    assert ("chest_sinks" in faults_of(events)) is is_told
