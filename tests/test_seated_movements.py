"""Seated movements of a stick figure as other people do them: small, long kept, from a camera at an angle."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from figure import Joints, course, film, minimum_jerk, offset, seated, seen, turned
from hypothesis import given
from hypothesis import strategies as st

from formcheck.counters import Attempt, measure_trip
from formcheck.engine import Engine
from formcheck.events import (
    Event,
    HoldCompleted,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
)
from formcheck.faults import find_faults
from formcheck.measures.body import BodyTracker
from formcheck.measures.frontal import legs_turn
from formcheck.phases import Excursion, ExcursionTracker, Row
from formcheck.registry import find_exercise
from formcheck.rests import weighted_median
from formcheck.skeleton import INDEX
from formcheck.types import Pose

ARM_UP = {"left": 175.0, "right": 12.0}


def run(exercise: str, poses: Iterable[Pose]) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def counted(events: Iterable[Event]) -> list[Repetition]:
    return [event.repetition for event in events if isinstance(event, RepetitionCompleted)]


def refused(events: Iterable[Event]) -> list[str | None]:
    return [event.repetition.reason for event in events if isinstance(event, RepetitionRejected)]


# -- side stretch ---------------------------------------------------------------------------------------------------


def lean(
    lean_deg: float, kept_s: float, way_s: float = 1.5, share: float = 1.0
) -> tuple[Callable[[float], Joints], float]:
    """(joints over time, seconds): one lean to the right, of which the pelvis does all but `share`."""
    height = course([(2.0, 0.0), (2.0 + way_s, 1.0), (2.0 + way_s + kept_s, 1.0), (2.0 + 2 * way_s + kept_s, 0.0)])

    def joints(t: float) -> Joints:
        points = seated(right_deg=share * lean_deg * height(t), arm_up_deg=ARM_UP)
        hips = (points["left_hip"] + points["right_hip"]) / 2
        tipped = turned(points, hips, 1, -(1.0 - share) * lean_deg * height(t))
        return tipped | {name: p for name, p in points.items() if p[2] < hips[2] - 0.05 or name.endswith("knee")}

    return joints, 4.0 + 2 * way_s + kept_s


@pytest.mark.parametrize("kept_s", [8.0, 60.0])
def test_a_stretch_counts_however_long_it_is_kept(kept_s: float) -> None:
    joints, seconds = lean(20.0, kept_s)
    assert [r.side for r in counted(run("side_stretch", film(joints, seconds, 0.0, 12.0)))] == ["right"]


@pytest.mark.parametrize("pause_s", [1.5, 3.0, 5.0])
@pytest.mark.parametrize("share", [0.4, 0.6, 0.7])
def test_a_pause_on_the_way_into_a_stretch_takes_nothing_from_it(share: float, pause_s: float) -> None:
    keys = [(2.0, 0.0), (3.2, share), (3.2 + pause_s, share), (4.4 + pause_s, 1.0), (13.4 + pause_s, 1.0)]
    height = course([*keys, (14.9 + pause_s, 0.0)])
    poses = film(lambda t: seated(right_deg=25.0 * height(t), arm_up_deg=ARM_UP), 17.0 + pause_s, 0.0, 12.0)
    (hold,) = [event.hold for event in run("side_stretch", poses) if isinstance(event, HoldCompleted)]
    assert hold.counted
    assert hold.start_s == pytest.approx(4.4 + pause_s, abs=0.5)
    assert hold.credited_s == pytest.approx(9.0, abs=0.5)


@pytest.mark.parametrize("lean_deg", [14.0, 25.0])
def test_a_stretch_is_one_when_most_of_the_lean_is_a_bend(lean_deg: float) -> None:
    joints, seconds = lean(lean_deg, 8.0, share=0.75)
    assert [r.side for r in counted(run("side_stretch", film(joints, seconds, 0.0, 12.0)))] == ["right"]


@pytest.mark.parametrize("lean_deg", [14.0, 25.0, 40.0])
def test_a_trunk_that_tips_with_the_pelvis_is_no_stretch(lean_deg: float) -> None:
    joints, seconds = lean(lean_deg, 8.0, share=0.25)
    events = run("side_stretch", film(joints, seconds, 0.0, 12.0))
    assert counted(events) == []
    assert refused(events) == ["the trunk tipped as a whole, the side did not bend"]


# -- twist ----------------------------------------------------------------------------------------------------------

LOOK = [(1.5, 0.0), (2.3, -38.0), (2.9, -38.0), (3.9, 35.0), (4.4, 35.0), (5.1, 0.0)]
TURN = [(7.0, 0.0), (8.5, 1.0), (8.9, 1.0), (10.4, 0.0), (11.0, 0.0), (12.5, -1.0), (12.9, -1.0), (14.4, 0.0)]


def looking_round(turn_deg: float, azimuth_deg: float) -> Iterator[Pose]:
    """Looks right and left, the chest going along by a fifth; then turns to both sides.

    The depth of the shoulders is read as an estimator reads it that is led by the face.
    """
    look, turn = course(LOOK), course(TURN)

    def joints(t: float) -> Joints:
        return seated(turn_right_deg=0.2 * look(t) + turn_deg * turn(t))

    for pose in film(joints, 16.0, azimuth_deg, 12.0):
        landmarks = pose.landmarks.copy()
        led = 0.6 * np.sin(np.radians(look(pose.time_s))) * (landmarks[11, 0] - landmarks[12, 0])
        landmarks[12, 2] += led / 2
        landmarks[11, 2] -= led / 2
        yield replace(pose, landmarks=landmarks)


@pytest.mark.parametrize("azimuth_deg", [-18.0, 0.0, 18.0])
def test_looking_round_before_the_first_turn_is_none(azimuth_deg: float) -> None:
    events = run("seated_twist", looking_round(28.0, azimuth_deg))
    assert [r.side for r in counted(events)] == ["right", "left"]
    assert all(
        r.start_s == pytest.approx(true_s, abs=0.5) for r, true_s in zip(counted(events), (7.0, 11.0), strict=True)
    )


TWO_TURNS = course([(2.0, 0.0), (3.5, 1.0), (4.0, 1.0), (5.5, 0.0), (6.0, 0.0), (7.5, -1.0), (8.0, -1.0), (9.5, 0.0)])


@pytest.mark.parametrize("seed", range(4))
def test_turns_count_where_the_landmarks_jitter(seed: int) -> None:
    """Turned far, the shoulder line is short in the picture, and its slope jitters most."""
    rng = np.random.default_rng(seed)
    poses = (
        seen(seated(turn_right_deg=55.0 * TWO_TURNS(i / 12)), i / 12, 0.0, noise_px=4.0, rng=rng) for i in range(138)
    )
    assert [r.side for r in counted(run("seated_twist", poses))] == ["right", "left"]


def read_askew(poses: Iterable[Pose], by_deg: float) -> Iterator[Pose]:
    """The chest's angle to the camera, which is in the shoulders' depth, read so much further to the person's right."""
    for pose in poses:
        landmarks = pose.landmarks.copy()
        left, right = landmarks[11], landmarks[12]
        wide = left[0] - right[0]
        away = wide * math.tan(math.atan2(right[2] - left[2], wide) + math.radians(by_deg))
        left[2], right[2] = -away / 2, away / 2
        yield replace(pose, landmarks=landmarks)


@pytest.mark.parametrize("azimuth_deg", [-22.0, 22.0])
def test_turns_count_to_both_sides_where_the_angle_to_the_camera_is_read_twice_as_large(azimuth_deg: float) -> None:
    poses = film(lambda t: seated(turn_right_deg=32.0 * TWO_TURNS(t)), 12.0, azimuth_deg, 12.0)
    events = run("seated_twist", read_askew(poses, azimuth_deg))
    assert [r.side for r in counted(events)] == ["right", "left"]
    assert [r.start_s for r in counted(events)] == pytest.approx([2.0, 6.0], abs=0.5)


@pytest.mark.parametrize("azimuth_deg", [-12.0, 12.0])
def test_who_reaches_forward_turning_to_one_side_does_not_twist(azimuth_deg: float) -> None:
    """As somebody who switches the camera off: the chest turns a little, and the trunk comes forward."""
    poses = film(
        lambda t: seated(turn_right_deg=24.0 * TWO_TURNS(t), forward_deg=abs(32.0 * TWO_TURNS(t))), 12.0, azimuth_deg
    )
    events = run("seated_twist", poses)
    assert counted(events) == []
    assert set(refused(events)) == {"you bent forward or sat down: not a turn"}


@pytest.mark.parametrize(("azimuth_deg", "bent_deg"), [(-22.0, 0.0), (0.0, 6.0), (22.0, 6.0)])
def test_the_thighs_tell_how_far_somebody_sits_turned_from_the_camera(azimuth_deg: float, bent_deg: float) -> None:
    """Whatever the chest does; - is to the person's left, where a camera at their right sees them look."""
    tracker = BodyTracker("hips")
    figure = seated(turn_right_deg=40.0, forward_deg=bent_deg)
    bodies = [tracker.update(seen(figure, i / 12, azimuth_deg)) for i in range(24)]
    assert legs_turn(bodies[-1]) == pytest.approx(azimuth_deg, abs=2.0)


AWAY_AND_BACK = course([(3.0, 0.0), (4.5, 1.0), (5.0, 1.0), (6.5, 0.0)])


def turning_round(turn_deg: float) -> Iterator[Pose]:
    """Turns on the ball with the feet, and back; the hips' depth is read too flat to tell that they face elsewhere."""
    for pose in film(lambda t: turned(seated(), np.zeros(3), 2, turn_deg * AWAY_AND_BACK(t)), 9.0, 0.0, 12.0):
        world = pose.world_m.copy()
        world[[INDEX["left_hip"], INDEX["right_hip"]], 2] *= 0.3
        yield replace(pose, world_m=world)


@pytest.mark.parametrize("turn_deg", [-40.0, -25.0, 25.0, 60.0])
def test_who_turns_round_on_the_ball_with_the_feet_does_not_twist(turn_deg: float) -> None:
    events = run("seated_twist", turning_round(turn_deg))
    assert counted(events) == []
    assert "all of you turned on the ball, feet and all" in refused(events)


# -- cat-cow --------------------------------------------------------------------------------------------------------

HEAD = ("nose", "ear", "eye", "eye_inner", "eye_outer", "mouth_left", "mouth_right")


def curled(amount: float, head: float) -> Joints:
    """Hands behind the head; the trunk arched (-1) to round (1), the head up (-1) to down (1)."""
    points = seated(forward_deg=(18.0 if amount > 0 else 9.0) * amount)
    chest = (points["left_shoulder"] + points["right_shoulder"]) / 2
    top = {name: p for name, p in points.items() if name.endswith(HEAD)}
    top = turned(top, chest, 0, -(30.0 if head > 0 else 25.0) * head)
    ears = {f"{side}_{hand}": top[f"{side}_ear"] for side in ("left", "right") for hand in ("wrist", "index", "thumb")}
    return points | top | ears


def guessed_head(points: Joints) -> Joints:
    """A head behind an arm: upright, half-way to where the trunk goes, its face not to be seen."""
    before = curled(0.0, 0.0)
    along = (points["left_shoulder"] - before["left_shoulder"]) / 2
    head = {name: p + along for name, p in before.items() if name.endswith(HEAD)}
    return head | {"nose": head["left_ear"]}


def cat_cow(n: int, *, is_nod: bool = False, is_face_hidden: bool = False) -> Iterator[Pose]:
    """Rounds of 5 s, the outline of the back known in every other frame; an arm may hide the face while it is round."""
    keys, t = [(0.0, 0.0), (2.5, 0.0)], 2.5
    for _ in range(n):
        for seconds, value in ((1.0, -1.0), (0.4, -1.0), (1.6, 1.0), (0.5, 1.0), (1.0, 0.0), (0.5, 0.0)):
            t += seconds
            keys.append((t, value))
    amount = course(keys)

    def joints(t: float) -> Joints:
        points = curled(0.0 if is_nod else amount(t), amount(t))
        return points | guessed_head(points) if is_face_hidden and amount(t) > 0.0 else points

    for i, pose in enumerate(film(joints, t + 1.0, 90.0, 12.0)):
        curve_deg = -20.0 + (0.0 if is_nod else 35.0 * amount(pose.time_s))
        yield replace(pose, back_curve_deg=curve_deg if i % 2 else math.nan)


@pytest.mark.parametrize("is_face_hidden", [False, True])
def test_a_cat_cow_counts_where_an_arm_hides_the_face(is_face_hidden: bool) -> None:
    found = counted(run("seated_cat_cow", cat_cow(3, is_face_hidden=is_face_hidden)))
    assert [r.start_s for r in found] == pytest.approx([2.5, 7.5, 12.5], abs=0.5)


def lines_turned(poses: Iterable[Pose], by_deg: float) -> Iterator[Pose]:
    """The lines of shoulders and hips turned in space, as an estimator does whom arms behind the head mislead."""
    c, s = math.cos(math.radians(by_deg)), math.sin(math.radians(by_deg))
    for pose in poses:
        world = pose.world_m.copy()
        for pair in ([11, 12], [23, 24]):
            middle = world[pair].mean(axis=0)
            x, _, z = (world[pair] - middle).T
            world[pair, 0], world[pair, 2] = middle[0] + c * x - s * z, middle[2] + s * x + c * z
        yield replace(pose, world_m=world)


@pytest.mark.parametrize("by_deg", [-45.0, 45.0])
def test_a_cat_cow_counts_where_raised_arms_make_the_trunk_look_turned_to_the_camera(by_deg: float) -> None:
    found = counted(run("seated_cat_cow", lines_turned(cat_cow(3), by_deg)))
    assert [r.start_s for r in found] == pytest.approx([2.5, 7.5, 12.5], abs=0.5)


def test_a_nod_is_no_cat_cow_and_is_told() -> None:
    events = run("seated_cat_cow", cat_cow(3, is_nod=True))
    assert counted(events) == []
    assert sum(isinstance(event, RepetitionPartial | RepetitionRejected) for event in events) == 3


@given(
    parts=st.lists(st.tuples(st.floats(-2.0, 2.0), st.sampled_from([0.2, 1.0, 2.0])), min_size=1, max_size=6),
    guess=st.floats(-1e6, 1e6),
)
def test_what_is_guessed_of_one_part_decides_nothing(parts: list[tuple[float, float]], guess: float) -> None:
    """However far off a part is, the median stays among the others when they weigh more."""
    lightest = min(weight for _, weight in parts)
    values = [value for value, _ in parts]
    if sum(weight for _, weight in parts) > lightest:
        assert min(values) <= weighted_median([*parts, (guess, 0.5 * lightest)]) <= max(values)


def arched(head_pitch_known_every: int) -> Attempt:
    """An arch of 3 s at 10 frames a second; the head stays level, which is seen in one frame of so many."""
    exercise = find_exercise("seated_cat_cow")
    height = course([(0.0, 0.0), (1.0, -40.0), (2.0, -40.0), (3.0, 0.0)])
    column, unknown = exercise.measures.index("head_pitch"), [math.nan] * len(exercise.measures)
    excursion = Excursion(exercise.movement("cow"), 20.0, 0.3, peak=40.0, peak_s=1.5, over_s=3.0, is_reached=True)
    for i in range(31):
        values = list(unknown)
        if i % head_pitch_known_every == 0:
            values[column] = 0.0
        excursion.rows.append(Row(i / 10, height(i / 10), tuple(values)))
    return Attempt((measure_trip(excursion),))


@pytest.mark.parametrize(("known_every", "is_told"), [(1, True), (3, False)])
def test_a_fault_is_told_of_what_was_mostly_seen(known_every: int, is_told: bool) -> None:
    exercise = find_exercise("seated_cat_cow")
    findings = find_faults(exercise, arched(known_every), None, [0.0] * len(exercise.measures))
    assert ("no_chest_lift" in {finding.fault.id for finding in findings}) is is_told


def test_the_back_keeps_its_curve_between_two_looks_and_not_for_longer() -> None:
    tracker = BodyTracker()
    looks = {0.0: -20.0, 0.1: math.nan, 0.2: math.nan, 0.3: -5.0, 0.5: math.nan, 0.7: math.nan}
    kept = [
        tracker.update(replace(seen(seated(), time_s, 90.0), back_curve_deg=curve_deg)).back_curve_deg
        for time_s, curve_deg in looks.items()
    ]
    assert kept == pytest.approx([-20.0, -20.0, -20.0, -5.0, -5.0, math.nan], nan_ok=True)


# -- rolls ----------------------------------------------------------------------------------------------------------


def rolling(forward_m: float, sideways_m: float, wander_m: float) -> Iterator[Pose]:
    """Four rolls of 5 s seen from the left, going round where there is a way to the side; the hips' depth wanders."""

    def joints(t: float) -> Joints:
        if not 2.0 <= t < 22.0:
            return seated()
        turn = 2 * np.pi * (t - 2.0) / 5.0
        size = minimum_jerk(t - 2.0) * minimum_jerk(22.0 - t)
        return seated(hips=(sideways_m * size * np.sin(turn), forward_m * size * (1 - np.cos(turn)) / 2))

    for pose in film(joints, 24.0, 90.0, 12.0):
        world = pose.world_m.copy()
        world[[INDEX["left_hip"], INDEX["right_hip"]], 2] += wander_m * np.sin(2 * np.pi * (pose.time_s - 2.0) / 5.0)
        yield replace(pose, world_m=world)


@pytest.mark.parametrize("forward_m", [0.045, 0.08])
def test_a_roll_is_straight_when_the_depth_only_wanders(forward_m: float) -> None:
    assert len(counted(run("roll_fore_aft", rolling(forward_m, 0.0, 0.005)))) == 4


def test_small_circles_seen_from_the_side_are_no_rolls() -> None:
    assert counted(run("roll_fore_aft", rolling(0.05, 0.03, 0.0))) == []


@pytest.mark.parametrize("pause_s", [0.5, 1.5])
def test_who_rolls_soon_after_sitting_down_again_has_begun_when_they_began(pause_s: float) -> None:
    again_s = 1.0 + pause_s
    way = course([(0.0, 0.5), (1.0, 0.01), (again_s, 0.01), (again_s + 2.0, 0.19), (again_s + 4.0, 0.0)])
    tracker = ExcursionTracker(find_exercise("roll_fore_aft"))
    tracker.wait_for_rest()
    times_s = np.arange(0.0, again_s + 4.0, 0.05)
    over_s = next(t for t in times_s if tracker.step(Row(t, way(t), ())) == "over")
    assert over_s > again_s + 3.0
    edges = measure_trip(tracker.take_finished()).edges
    assert (edges.start_s, edges.end_s) == pytest.approx((again_s, again_s + 4.0), abs=0.2)


def risen(points: Joints, up_m: float) -> Joints:
    """All but the feet higher."""
    feet = ("ankle", "heel", "foot_index")
    return {name: p if name.endswith(feet) else offset(p, 0.0, 0.0, up_m) for name, p in points.items()}


def test_getting_up_for_a_moment_is_no_roll() -> None:
    way = course([(2.0, 0.0), (4.0, 0.08), (6.0, 0.0), (8.0, 0.0), (9.4, 0.35), (9.7, 0.35), (11.2, 0.0)])
    up = course([(8.0, 0.0), (9.4, 0.20), (9.7, 0.20), (11.2, 0.0)])
    events = run("roll_fore_aft", film(lambda t: risen(seated(hips=(0.0, way(t))), up(t)), 14.0, 90.0))
    assert len(counted(events)) == 1
    assert refused(events) == ["the hips left the ball: getting up, not a roll"]


def test_getting_up_to_one_side_is_no_wave() -> None:
    """Leaning over one foot, as people do who get up without haste."""
    lean = course([(2.0, 0.0), (4.0, 1.0), (4.4, 1.0), (6.4, 0.0), (8.0, 0.0), (9.2, 1.0), (10.4, 0.0), (12.0, 0.0)])
    up = course([(8.0, 0.0), (10.4, 0.30), (11.0, 0.30), (12.6, 0.0)])

    def joints(t: float) -> Joints:
        return risen(seated(hips=(0.06 * lean(t), 0.0), right_deg=20.0 * lean(t), arm_up_deg=ARM_UP), up(t))

    events = run("side_stretch_roll", film(joints, 15.0, 0.0))
    assert [r.start_s for r in counted(events)] == pytest.approx([2.0], abs=0.5)
    assert refused(events) == ["the hips left the ball: getting up, not a wave"]
