"""Swaying on the back, on a stick figure lying before a raised camera; its truth is on paper."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from figure import SHANK_M, SHOULDER_M, SIZE_WH, THIGH_M, TRUNK_M, Joints, course, offset, turned

from formcheck.engine import Engine
from formcheck.events import (
    Event,
    FaultRaised,
    HoldCompleted,
    Repetition,
    RepetitionCompleted,
    RoundCompleted,
    SetupProblem,
)
from formcheck.measures import supine_sway
from formcheck.measures.body import Body, BodyTracker
from formcheck.registry import find_exercise
from formcheck.skeleton import INDEX, MIRROR, N_LANDMARKS
from formcheck.types import Pose

HEAD_SIDE, FOOT_SIDE, FROM_LEFT = 140.0, 30.0, 90.0  # azimuths; the head lies away from azimuth 0
WIDTH_M = 2 * SHOULDER_M
PX_PER_M = 260.0
FPS = 15.0


def lying(
    hips: np.ndarray,
    shoulders: np.ndarray,
    knees: np.ndarray,
    ankles: np.ndarray,
    chest_deg: float = 0.0,
    arms_deg: float = 25.0,
) -> Joints:
    """Face up between the given middles, metres (left, forward, up).

    The chest is rolled to the left by `chest_deg`; the arms lie on the floor `arms_deg` away from the trunk.
    """
    out, along = np.sin(np.radians(arms_deg)), np.cos(np.radians(arms_deg))
    points: Joints = {"nose": offset(shoulders, 0, -0.16, 0.10)}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        shoulder = points[f"{side}_shoulder"] = offset(shoulders, sign * SHOULDER_M, 0, 0)
        points[f"{side}_ear"] = offset(shoulders, sign * 0.07, -0.18, 0)
        eye = offset(shoulders, sign * 0.04, -0.19, 0.08)
        points |= dict.fromkeys((f"{side}_eye", f"{side}_eye_inner", f"{side}_eye_outer"), eye)
        points[f"mouth_{side}"] = offset(shoulders, sign * 0.03, -0.12, 0.09)
        points[f"{side}_elbow"] = offset(shoulder, sign * 0.28 * out, 0.28 * along, 0)
        wrist = points[f"{side}_wrist"] = offset(shoulder, sign * 0.52 * out, 0.52 * along, 0)
        points |= {f"{side}_{finger}": offset(wrist, 0, 0.08, 0) for finger in ("pinky", "index", "thumb")}
    points = turned(points, shoulders, 1, chest_deg)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        points[f"{side}_hip"] = offset(hips, sign * 0.10, 0, 0)
        points[f"{side}_knee"] = offset(knees, sign * 0.09, 0, 0)
        ankle = points[f"{side}_ankle"] = offset(ankles, sign * 0.08, 0, 0)
        points[f"{side}_heel"] = offset(ankle, 0, 0.02, -0.05)
        points[f"{side}_foot_index"] = offset(ankle, 0, 0.06, 0.14)
    return points


def calves_up(right_m: float = 0.0, chest_deg: float = 0.0) -> Joints:
    """Calves on the ball, the ankles `right_m` to the right of the hips and the knees half as far."""
    hips = np.array([0.0, 0.0, 0.10])
    knees = offset(hips, -right_m / 2, 0.28, 0.31)
    return lying(hips, offset(hips, 0, -TRUNK_M, 0), knees, offset(knees, -right_m / 2, SHANK_M, 0.06), chest_deg)


def feet_up(drop_deg: float = 0.0, *, hips_along_m: float = 0.0, chest_deg: float = 0.0) -> Joints:
    """Feet on the ball; the knees, over the hips, fall to the right about the hips.

    The hips go along by `hips_along_m`, and the chest by `chest_deg`, at a drop of 40 degrees.
    """
    middle, angle, share = np.array([0.0, 0.0, 0.10]), np.radians(drop_deg), drop_deg / 40.0
    hips = offset(middle, -hips_along_m * share, 0, 0)
    knees = offset(hips, -THIGH_M * np.sin(angle), 0.05, THIGH_M * np.cos(angle))
    shoulders, feet = offset(middle, 0, -TRUNK_M, 0), np.array([0.0, 0.42, 0.58])
    return lying(hips, shoulders, knees, feet, -chest_deg * share, arms_deg=85.0)


def hips_up(right_m: float = 0.0) -> Joints:
    """Hips on the ball between shoulders and feet that stay; the hips `right_m` to the right."""
    return lying(
        np.array([-right_m, 0.0, 0.36]),
        np.array([0.0, -0.42, 0.12]),
        np.array([0.0, 0.38, 0.48]),
        np.array([0.0, 0.44, 0.08]),
    )


def seen(joints: Joints, time_s: float = 0.0, azimuth_deg: float = HEAD_SIDE, above_deg: float = 30.0) -> Pose:
    """The figure as a perfect estimator would report it from a far camera that looks down by `above_deg`."""
    a, e = np.radians(azimuth_deg), np.radians(above_deg)
    points = np.zeros((N_LANDMARKS, 3))
    for name, index in INDEX.items():
        points[index] = joints[name]
    away = np.array([-np.sin(a), -np.cos(a), 0.0])
    axes = np.stack(
        [
            [np.cos(a), -np.sin(a), 0.0],
            -(away * np.sin(e) + [0.0, 0.0, np.cos(e)]),
            away * np.cos(e) - [0.0, 0.0, np.sin(e)],
        ]
    )
    world = (points - (points[INDEX["left_hip"]] + points[INDEX["right_hip"]]) / 2) @ axes.T
    width, height = SIZE_WH
    px = world * PX_PER_M + [width / 2, height / 2, 0]
    return Pose(
        time_s,
        (px / (width, height, width)).astype(np.float32),
        np.full(N_LANDMARKS, 0.95, np.float32),
        world.astype(np.float32),
        SIZE_WH,
    )


def body_of(pose: Pose) -> Body:
    return BodyTracker().update(pose)


def mirrored(pose: Pose) -> Pose:
    swap = np.array(MIRROR)
    landmarks, world = pose.landmarks[swap].copy(), pose.world_m[swap].copy()
    landmarks[:, 0] = 1.0 - landmarks[:, 0]
    world[:, 0] = -world[:, 0]
    return replace(pose, landmarks=landmarks, world_m=world)


def film(figure: Callable[[float], Joints], values: Iterable[float], **camera: float) -> Iterator[Pose]:
    """Half a pixel of jitter, the same in every run: a picture without any stands still and is not credited."""
    rng = np.random.default_rng(5)
    for i, value in enumerate(values):
        pose = seen(figure(value), i / FPS, **camera)
        pose.landmarks[:, :2] += rng.normal(0.0, 0.5, (N_LANDMARKS, 2)) / SIZE_WH
        yield pose


def events_of(poses: Iterable[Pose], exercise: str) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def counted(events: Iterable[Event]) -> list[Repetition]:
    return [event.repetition for event in events if isinstance(event, RepetitionCompleted)]


@pytest.mark.parametrize("azimuth_deg", [130.0, 150.0, 215.0])
@pytest.mark.parametrize("above_deg", [20.0, 40.0])
def test_a_step_to_a_side_is_found_in_the_picture(azimuth_deg: float, above_deg: float) -> None:
    def change(measure: Callable[[Body], float], figure: Callable[[float], Joints], to: float) -> float:
        rest, there = (body_of(seen(figure(x), 0.0, azimuth_deg, above_deg)) for x in (0.0, to))
        return measure(there) - measure(rest)

    torso_px = body_of(seen(calves_up(), 0.0, azimuth_deg, above_deg)).torso_px
    across = PX_PER_M * abs(math.cos(math.radians(azimuth_deg))) / torso_px  # T in the picture for a metre to the right
    knees_m = THIGH_M * math.sin(math.radians(40.0))
    assert change(supine_sway.legs_sideways, calves_up, 0.12) == pytest.approx(0.12 * across, abs=1e-3)
    assert change(supine_sway.legs_sideways, calves_up, -0.12) == pytest.approx(-0.12 * across, abs=1e-3)
    assert change(supine_sway.knees_sideways, feet_up, 40.0) == pytest.approx(knees_m * across, abs=1e-3)
    # The hips' step is read along the shoulder line, whatever the angle of the camera.
    assert change(supine_sway.hips_sideways, hips_up, 0.08) == pytest.approx(0.08 / WIDTH_M, abs=1e-3)


def test_a_mirrored_picture_swaps_right_and_left() -> None:
    for figure, measure in (
        (calves_up, supine_sway.legs_sideways),
        (hips_up, supine_sway.hips_sideways),
        (feet_up, supine_sway.knees_sideways),
    ):
        pose = seen(figure(0.1))
        assert measure(body_of(mirrored(pose))) == pytest.approx(-measure(body_of(pose)), abs=1e-4)


def test_looking_along_the_shoulder_line_gives_no_number() -> None:
    assert math.isnan(supine_sway.knees_sideways(body_of(seen(feet_up(30.0), 0.0, FROM_LEFT))))


@pytest.mark.parametrize("joint", ["left_shoulder", "right_hip", "left_knee"])
def test_a_hidden_landmark_gives_no_number(joint: str) -> None:
    pose = seen(hips_up(0.05))
    pose.visibility[INDEX[joint]] = 0.0
    assert math.isnan(supine_sway.hips_sideways(body_of(pose)))


def test_a_lifting_shoulder_turns_the_shoulder_line() -> None:
    flat, rolled = (supine_sway.shoulder_line(body_of(seen(calves_up(0.0, deg)))) for deg in (0.0, 25.0))
    assert abs(rolled - flat) > 10.0


def test_face_up_and_the_head_end_are_told_by_their_sign() -> None:
    up = body_of(seen(calves_up()))
    assert supine_sway.belly_seen(up) > 0.5
    assert supine_sway.head_end_nearer(up) > 0.2
    assert supine_sway.head_end_nearer(body_of(seen(calves_up(), 0.0, FOOT_SIDE))) < -0.2
    face_down = turned(calves_up(), np.array([0.0, 0.0, 0.1]), 1, 180.0)
    assert supine_sway.belly_seen(body_of(seen(face_down))) < -0.5


def test_a_lifted_head_brings_the_nose_towards_the_chest() -> None:
    joints = hips_up()
    head = {
        name: p for name, p in joints.items() if name == "nose" or "ear" in name or "eye" in name or "mouth" in name
    }
    neck = (joints["left_shoulder"] + joints["right_shoulder"]) / 2
    lifted = joints | turned(head, neck, 0, -45.0)
    resting, up = supine_sway.nose_beyond(body_of(seen(joints))), supine_sway.nose_beyond(body_of(seen(lifted)))
    assert resting - up > 0.14


def test_knees_that_open_are_wider_apart_than_the_hips() -> None:
    joints = feet_up()
    joints |= {
        f"{side}_knee": offset(joints[f"{side}_knee"], sign * 0.15, 0, 0) for side, sign in (("left", 1), ("right", -1))
    }
    assert supine_sway.knee_spread(body_of(seen(feet_up()))) == pytest.approx(0.9, abs=0.02)
    assert supine_sway.knee_spread(body_of(seen(joints))) == pytest.approx(2.4, abs=0.05)


def test_a_hand_that_pushes_the_knee_is_told_by_its_distance() -> None:
    joints = feet_up()
    assert supine_sway.hand_on_knee(body_of(seen(joints))) > 1.0
    joints["left_wrist"] = offset(joints["left_knee"], 0.03, 0, 0)
    assert supine_sway.hand_on_knee(body_of(seen(joints))) < 0.2


def sampled(steps: Iterable[tuple[float, float]]) -> list[float]:
    """Values at FPS of movements (seconds, value to reach) one after the other, from 0."""
    keys, now_s = [(0.0, 0.0)], 0.0
    for seconds, value in steps:
        now_s += seconds
        keys.append((now_s, value))
    value_at = course(keys)
    return [value_at(i / FPS) for i in range(round(now_s * FPS))]


def rocks(size: float, out_s: float, stay_s: float, n_rounds: int) -> list[tuple[float, float]]:
    """Steps to the right, back, to the left and back."""
    sides = [sign * size for _ in range(n_rounds) for sign in (1.0, -1.0)]
    return [step for side in sides for step in ((out_s, side), (stay_s, side), (out_s, 0.0), (0.4, 0.0))]


def to_and_fro(size: float, out_s: float = 1.3, stay_s: float = 0.3, n_rounds: int = 3) -> list[float]:
    """Right and left in turn, from a rest of two seconds."""
    return sampled([(2.0, 0.0), *rocks(size, out_s, stay_s, n_rounds), (1.0, 0.0)])


@pytest.mark.parametrize(
    ("exercise", "figure", "size"),
    [("calf_roll", calves_up, 0.13), ("lumbar_rock", hips_up, 0.06), ("windshield_wipers", feet_up, 40.0)],
)
@pytest.mark.parametrize("azimuth_deg", [140.0, 220.0])
def test_three_rounds_are_three_rounds(
    exercise: str, figure: Callable[[float], Joints], size: float, azimuth_deg: float
) -> None:
    events = events_of(film(figure, to_and_fro(size), azimuth_deg=azimuth_deg), exercise)
    assert [repetition.side for repetition in counted(events)] == ["right", "left"] * 3
    assert sum(isinstance(event, RoundCompleted) for event in events) == 3
    assert not [event for event in events if isinstance(event, FaultRaised)]


@pytest.mark.parametrize("azimuth_deg", [170.0, 190.0])
def test_wide_drops_count_from_the_first_where_the_trunk_looks_short(azimuth_deg: float) -> None:
    """As far as from one peak to the other, seen from elsewhere; but the knees began over the hips."""
    events = events_of(film(feet_up, to_and_fro(60.0), azimuth_deg=azimuth_deg, above_deg=30.0), "windshield_wipers")
    assert [repetition.side for repetition in counted(events)] == ["right", "left"] * 3


def test_drops_of_who_is_first_seen_with_the_knees_at_a_side_count_from_the_next() -> None:
    values = to_and_fro(50.0, stay_s=0.6)[round(3.4 * FPS) :]
    events = events_of(film(feet_up, values, azimuth_deg=160.0, above_deg=35.0), "windshield_wipers")
    assert [repetition.side for repetition in counted(events)] == ["left", "right", "left", "right", "left"]


@pytest.mark.parametrize("from_s", [0.0, 2.0])
def test_feet_that_the_knees_hide_do_not_speak_against_bent_knees(from_s: float) -> None:
    def hidden() -> Iterator[Pose]:
        for pose in film(hips_up, to_and_fro(0.06)):
            if pose.time_s >= from_s:
                pose.visibility[[INDEX["left_ankle"], INDEX["right_ankle"]]] = 0.2
            yield pose

    assert len(counted(events_of(hidden(), "lumbar_rock"))) == 6


@pytest.mark.parametrize(
    ("exercise", "figure", "size"),
    [("calf_roll", calves_up, 0.015), ("lumbar_rock", hips_up, 0.01), ("windshield_wipers", feet_up, 4.0)],
)
def test_a_small_sway_counts_nothing(exercise: str, figure: Callable[[float], Joints], size: float) -> None:
    assert counted(events_of(film(figure, to_and_fro(size)), exercise)) == []


def far_knee_guessed(drop_deg: float) -> Joints:
    """Knees falling, the feet going along; of a drop to the left the right knee is seen as far to the right."""
    joints = feet_up(drop_deg)
    for name in [name for name in joints if name.endswith(("ankle", "heel", "foot_index"))]:
        joints[name] = offset(joints[name], -0.2 * np.sin(np.radians(drop_deg)), 0, 0)
    if drop_deg < 0.0:
        joints["right_knee"] = offset(joints["right_knee"], 2.2 * THIGH_M * np.sin(np.radians(drop_deg)), 0, 0)
    return joints


def knees_open(drop_deg: float) -> Joints:
    """The feet stay; the knees fall apart, the left one to the left and the right one to the right."""
    joints = feet_up()
    way = THIGH_M * np.sin(np.radians(abs(drop_deg)))
    return joints | {
        "left_knee": offset(joints["left_knee"], way, 0, 0),
        "right_knee": offset(joints["right_knee"], -1.6 * way, 0, 0),
    }


def test_a_far_knee_seen_on_the_wrong_side_takes_no_drop_away() -> None:
    events = events_of(film(far_knee_guessed, to_and_fro(40.0)), "windshield_wipers")
    assert [repetition.side for repetition in counted(events)] == ["right", "left"] * 3
    assert not [event for event in events if isinstance(event, FaultRaised)]


def test_knees_that_fall_apart_are_no_drop_to_a_side() -> None:
    assert counted(events_of(film(knees_open, to_and_fro(50.0)), "windshield_wipers")) == []


@pytest.mark.parametrize("azimuth_deg", [140.0, 220.0])
def test_hips_that_slide_the_other_way_lift_no_shoulder(azimuth_deg: float) -> None:
    figure = partial(feet_up, hips_along_m=-0.12)
    events = events_of(film(figure, to_and_fro(40.0), azimuth_deg=azimuth_deg), "windshield_wipers")
    assert [repetition.side for repetition in counted(events)] == ["right", "left"] * 3
    assert not [event for event in events if isinstance(event, FaultRaised)]


@pytest.mark.parametrize("azimuth_deg", [140.0, 220.0])
def test_a_chest_that_rolls_along_lifts_the_other_shoulder(azimuth_deg: float) -> None:
    figure = partial(feet_up, chest_deg=25.0)
    events = events_of(film(figure, to_and_fro(40.0), azimuth_deg=azimuth_deg), "windshield_wipers")
    assert [e.fault for e in events if isinstance(e, FaultRaised)] == [
        "left_shoulder_lifts",
        "right_shoulder_lifts",
    ] * 3


def test_from_the_foot_end_nothing_is_judged() -> None:
    assert counted(events_of(film(calves_up, to_and_fro(0.13), azimuth_deg=FOOT_SIDE), "calf_roll")) == []


def test_a_camera_low_behind_the_head_is_told_from_feet_off_the_ball() -> None:
    events = events_of(film(feet_up, to_and_fro(40.0), azimuth_deg=170.0, above_deg=20.0), "windshield_wipers")
    reasons = [event.reason for event in events if isinstance(event, SetupProblem)]
    assert "the camera looks along you from too low" in reasons
    assert "your feet are not on the ball" not in reasons
    assert counted(events) == []


def test_quick_and_wide_rocks_are_faults() -> None:
    def faults(size: float, out_s: float) -> set[str]:
        events = events_of(film(hips_up, to_and_fro(size, out_s, 0.05)), "lumbar_rock")
        return {event.fault for event in events if isinstance(event, FaultRaised)}

    assert faults(0.06, 0.4) == {"too_fast"}
    assert faults(0.12, 1.5) == {"too_large"}


@pytest.mark.parametrize(("azimuth_deg", "size", "is_too_far"), [(128.0, 0.30, True), (150.0, 0.20, False)])
def test_how_far_is_too_far_does_not_depend_on_how_far_beside_the_body_the_camera_is(
    azimuth_deg: float, size: float, is_too_far: bool
) -> None:
    """In lengths of the trunk, 0.30 m read less from there than 0.20 m from here."""
    events = events_of(film(calves_up, to_and_fro(size, 2.0), azimuth_deg=azimuth_deg), "calf_roll")
    assert len(counted(events)) == 6
    assert {event.fault for event in events if isinstance(event, FaultRaised)} == (
        {"too_large"} if is_too_far else set()
    )


@pytest.mark.parametrize("azimuth_deg", [140.0, 155.0])
@pytest.mark.parametrize("size", [0.30, 0.40])
def test_rolls_as_wide_as_from_one_peak_to_the_other_count_and_are_told(size: float, azimuth_deg: float) -> None:
    events = events_of(film(calves_up, to_and_fro(size, 2.0), azimuth_deg=azimuth_deg), "calf_roll")
    assert [repetition.side for repetition in counted(events)] == ["right", "left"] * 3
    assert [event.fault for event in events if isinstance(event, FaultRaised)] == ["too_large"] * 6


@pytest.mark.parametrize("size", [0.16, 0.25, 0.30])
@pytest.mark.parametrize("from_s", [3.9, 4.1])
def test_who_is_first_seen_with_the_legs_at_a_side_rolls_from_the_middle(size: float, from_s: float) -> None:
    values = to_and_fro(size, 2.0, stay_s=0.8)[round(from_s * FPS) :]
    events = events_of(film(calves_up, values, azimuth_deg=150.0), "calf_roll")
    assert [repetition.side for repetition in counted(events)] == ["left", "right", "left", "right", "left"]


@pytest.mark.parametrize(("share", "n_counted"), [(0.8, 6), (1.3, 0)])
def test_knees_that_fall_further_than_the_feet_are_no_calf_roll(share: float, n_counted: int) -> None:
    def figure(right_m: float) -> Joints:
        joints = calves_up(right_m)
        further = -(share - 0.5) * right_m  # there they go half as far
        return joints | {f"{side}_knee": offset(joints[f"{side}_knee"], further, 0, 0) for side in ("left", "right")}

    events = events_of(film(figure, to_and_fro(0.13)), "calf_roll")
    assert len(counted(events)) == n_counted


def test_a_pause_between_rocks_is_held_for_its_time() -> None:
    rocking = [(1.0, 0.06), (1.6, -0.06)]
    values = sampled([*rocking, (1.2, 0.03), (12.0, 0.03), *rocking])
    holds = [e.hold for e in events_of(film(hips_up, values), "tight_spot_pause") if isinstance(e, HoldCompleted)]
    (pause,) = [hold for hold in holds if hold.counted]
    assert pause.start_s == pytest.approx(3.8, abs=0.3)
    assert pause.credited_s == pytest.approx(12.0, abs=0.6)
