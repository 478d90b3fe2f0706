"""Circles of the hips whose path is known on paper: seen flat and askew, with jitter, between keeping still."""

from __future__ import annotations

import math

import numpy as np
import pytest
from figure import minimum_jerk

from formcheck.circles import CircleFollower
from formcheck.events import CircleCompleted
from formcheck.feedback import Coach
from formcheck.registry import find_exercise
from formcheck.types import Direction

FLAT = 0.3  # how much shorter the way to and from a camera looks that stands above head height
STILL_S = 3.0


def counted(
    n: int,
    turn_s: float,
    *,
    azimuth_deg: float = 0.0,
    radius: float = 0.1,
    depth: float = 0.8,
    noise: float = 0.0,
    fps: float = 12.0,
    seed: int = 0,
) -> list[Direction]:
    """The directions counted of n circles to the left, between keeping still in the middle, in torso lengths."""
    exercise = find_exercise("hip_circles")
    follower, rng = CircleFollower(exercise, Coach()), np.random.default_rng(seed)
    side, fore = (exercise.measures.index(name) for name in ("hip_across", "hip_near"))
    azimuth, end_s, way_s = math.radians(azimuth_deg), STILL_S + n * turn_s, 0.2 * turn_s
    follower.start(0.0)
    events = []
    for i in range(round((end_s + STILL_S) * fps)):
        time_s = i / fps
        size = radius * minimum_jerk((time_s - STILL_S) / way_s) * minimum_jerk((end_s - time_s) / way_s)
        angle = math.tau * (time_s - STILL_S) / turn_s
        across, ahead = size * math.cos(angle), size * depth * math.sin(angle)
        values = [0.0] * len(exercise.measures)
        values[side] = across * math.cos(azimuth) - ahead * math.sin(azimuth) + rng.normal(0.0, noise)
        values[fore] = FLAT * (across * math.sin(azimuth) + ahead * math.cos(azimuth)) + rng.normal(0.0, noise)
        events += follower.follow(time_s, tuple(values), True, 1.0 / fps)
    events += follower.finish(end_s + STILL_S)
    return [e.circle.direction for e in events if isinstance(e, CircleCompleted) and e.circle.counted]


@pytest.mark.parametrize("turn_s", [2.0, 3.0, 6.0])
@pytest.mark.parametrize("n", [1, 3])
def test_circles_count_to_the_last(n: int, turn_s: float) -> None:
    assert counted(n, turn_s) == ["ccw"] * n


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("fps", "noise"), [(6.0, 0.002), (12.0, 0.008), (25.0, 0.008)])
def test_jitter_before_and_after_makes_no_circle(fps: float, noise: float, seed: int) -> None:
    assert counted(3, 3.0, noise=noise, fps=fps, seed=seed) == ["ccw"] * 3


@pytest.mark.parametrize("azimuth_deg", [-30.0, -15.0, 15.0, 30.0])
def test_long_circles_seen_askew_count(azimuth_deg: float) -> None:
    """Twice as far to the side as forward and back: what the camera sees is a narrow path that lies aslant."""
    assert counted(3, 3.0, azimuth_deg=azimuth_deg, depth=0.5, noise=0.003) == ["ccw"] * 3


@pytest.mark.parametrize("azimuth_deg", [0.0, 25.0])
def test_a_sway_is_no_circle_however_it_is_seen(azimuth_deg: float) -> None:
    assert counted(4, 3.0, azimuth_deg=azimuth_deg, depth=0.0, noise=0.003) == []
