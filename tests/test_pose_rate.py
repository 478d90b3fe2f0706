"""Fewer poses of a body that hardly moves: when the network is asked, and what stands in for the frames between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from figure import PX_PER_M, TRUNK_M, film, seated, seen

from formcheck.pose_rate import (
    APART_TORSOS,
    LONGEST_S,
    MOST_LEFT_OUT,
    RESTS_BELOW,
    SPEED_OVER_S,
    PoseRate,
    between,
    speed_per_s,
    step_torsos,
)
from formcheck.skeleton import INDEX
from formcheck.types import Pose


def asked(poses: list[Pose]) -> list[float]:
    """Times at which the network is asked, were these the poses it finds."""
    rate, times = PoseRate(), []
    for pose in poses:
        if rate.is_due(pose.time_s):
            rate.saw(pose)
            times.append(pose.time_s)
        else:
            rate.leave_out()
    return times


def arms_at(degrees: Callable[[float], float], seconds: float, fps: float) -> list[Pose]:
    """Somebody seated who raises the left arm by an angle that depends on time."""
    return list(film(lambda t: seated(arm_up_deg={"left": degrees(t)}), seconds, 0.0, fps=fps))


def sits(time_s: float) -> float:
    return 8.0


def swings(time_s: float) -> float:
    return 60.0 + 60.0 * np.sin(2 * np.pi * time_s)


def moved(pose: Pose, joint: str, right_px: float, visibility: float = 1.0) -> Pose:
    """The pose with one joint elsewhere."""
    landmarks, seen_as = pose.landmarks.copy(), pose.visibility.copy()
    landmarks[INDEX[joint], 0] += right_px / pose.size_wh[0]
    seen_as[INDEX[joint]] = visibility
    return replace(pose, landmarks=landmarks, visibility=seen_as)


def test_somebody_who_rests_is_asked_for_as_rarely_as_allowed() -> None:
    times = asked(arms_at(sits, 4.0, 30.0))
    gaps = np.diff(times[2:])
    assert max(gaps) <= LONGEST_S + 1e-9
    assert len(times) < 0.4 * 4.0 * 30.0


@pytest.mark.parametrize("fps", [12.0, 15.0, 30.0])
def test_somebody_who_rests_is_asked_for_as_often_as_needed_at_any_rate(fps: float) -> None:
    times = asked(arms_at(sits, 4.0, fps))
    gaps = np.diff([t for t in times if t > SPEED_OVER_S])
    assert max(gaps) < LONGEST_S + 1 / fps - 1e-6
    assert min(gaps) > min(LONGEST_S - 1e-6, MOST_LEFT_OUT / fps)


def test_slow_movement_is_asked_for_in_every_frame() -> None:
    poses = arms_at(lambda t: 8.0 + 15.0 * t, 3.0, 12.0)  # the wrist: 0.29 torso lengths a second
    assert RESTS_BELOW < speed_per_s(poses[:7]) < 0.4
    assert len(asked(poses)) == len(poses)


def test_speed_is_that_of_the_fastest_joint_that_is_seen() -> None:
    still = [seen(seated(), i / 30, 0.0) for i in range(19)]
    torso_px = TRUNK_M * PX_PER_M
    seen_moving = [moved(pose, "left_ankle", 22.0 * pose.time_s) for pose in still]
    assert speed_per_s(seen_moving) == pytest.approx(22.0 / torso_px, rel=1e-3)
    hidden = [moved(pose, "left_ankle", 22.0 * pose.time_s, visibility=0.2) for pose in still]
    assert speed_per_s(hidden) == pytest.approx(0.0, abs=1e-3)


def test_speed_of_somebody_of_whom_nothing_is_seen_is_not_rest() -> None:
    poses = [replace(pose, visibility=np.zeros_like(pose.visibility)) for pose in arms_at(sits, 2.0, 30.0)]
    assert len(asked(poses)) == len(poses)


def test_fast_movement_is_asked_for_in_every_frame() -> None:
    assert len(asked(arms_at(swings, 4.0, 30.0))) == 120


def test_a_start_is_followed_from_the_first_pose_that_shows_it() -> None:
    times = asked(arms_at(lambda t: 8.0 if t < 2.0 else 8.0 + 90.0 * (t - 2.0), 3.0, 30.0))
    noticed = next(t for t in times if t >= 2.0 + LONGEST_S)
    after = [t for t in times if t >= noticed]
    assert np.diff(after).max() == pytest.approx(1 / 30, abs=1e-6)


def test_no_more_frames_wait_than_there_is_room_for() -> None:
    poses = arms_at(sits, 2.0, 240.0)
    gaps = [round((b - a) * 240) for a, b in pairwise(asked(poses))]
    assert max(gaps) == MOST_LEFT_OUT + 1


def test_an_empty_room_is_looked_at_in_every_frame() -> None:
    poses = [Pose.nobody(i / 30, (640, 480)) for i in range(60)]
    assert len(asked(poses)) == 60


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_frame_between_two_poses_is_drawn_straight(share: float) -> None:
    a, b = (seen(seated(arm_up_deg={"left": d}), t, 0.0) for d, t in ((8.0, 1.0), (16.0, 1.2)))
    pose = between(a, b, 1.0 + 0.2 * share)
    assert pose.time_s == 1.0 + 0.2 * share
    np.testing.assert_allclose(pose.xy_px, a.xy_px + share * (b.xy_px - a.xy_px), atol=1e-2)
    np.testing.assert_allclose(pose.world_m, a.world_m + share * (b.world_m - a.world_m), atol=1e-5)


def test_nothing_stands_between_a_person_and_nobody() -> None:
    a, b = seen(seated(), 1.0, 0.0), Pose.nobody(1.2, (640, 480))
    assert not between(a, b, 1.1).is_person
    assert not between(b, a, 1.1).is_person


def test_nothing_stands_between_two_places() -> None:
    a, b = (seen(seated(), t, 0.0, shift_px=shift) for t, shift in ((1.0, (0.0, 0.0)), (1.2, (90.0, 0.0))))
    assert step_torsos(a, b) > APART_TORSOS
    assert not between(a, b, 1.1).is_person


def test_a_guessed_joint_that_jumps_takes_nobody_away() -> None:
    a, b = (seen(seated(), t, 0.0) for t in (1.0, 1.2))
    assert between(a, moved(b, "left_wrist", 200.0), 1.1).is_person
