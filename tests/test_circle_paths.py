"""Circles of the hips whose path is known on paper: seen flat and askew, with jitter, between keeping still."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from figure import course, minimum_jerk

from formcheck.circle_path import Point as PathPoint
from formcheck.circle_path import filling
from formcheck.circles import CircleFollower
from formcheck.events import Circle, CircleCompleted
from formcheck.feedback import Coach
from formcheck.registry import find_exercise
from formcheck.types import Direction

FLAT = 0.3  # how much shorter the way to and from a camera looks that stands above head height
STILL_S = 3.0


Point = tuple[float, float]  # how far to the side and to the front, as the camera sees it, in torso lengths


def followed(
    place: Callable[[float], Point],
    seconds: float,
    *,
    noise: float = 0.0,
    fps: float = 12.0,
    seed: int = 0,
    hip_height: Callable[[float], float] = lambda _: 0.8,
) -> list[Circle]:
    """What is told of a path."""
    exercise = find_exercise("hip_circles")
    follower, rng = CircleFollower(exercise, Coach()), np.random.default_rng(seed)
    names = ("hip_across", "hip_near", "hip_height")
    side, fore, height = (exercise.measures.index(name) for name in names)
    follower.start(0.0)
    events = []
    for i in range(round(seconds * fps)):
        time_s, values = i / fps, [0.0] * len(exercise.measures)
        across, ahead = place(time_s)
        values[side], values[fore] = across + rng.normal(0.0, noise), ahead + rng.normal(0.0, noise)
        values[height] = hip_height(time_s)
        events += follower.follow(time_s, tuple(values), True, 1.0 / fps)
    events += follower.finish(seconds)
    return [event.circle for event in events if isinstance(event, CircleCompleted)]


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
    azimuth, end_s, way_s = math.radians(azimuth_deg), STILL_S + n * turn_s, 0.2 * turn_s

    def place(time_s: float) -> Point:
        size = radius * minimum_jerk((time_s - STILL_S) / way_s) * minimum_jerk((end_s - time_s) / way_s)
        angle = math.tau * (time_s - STILL_S) / turn_s
        across, ahead = size * math.cos(angle), size * depth * math.sin(angle)
        return (
            across * math.cos(azimuth) - ahead * math.sin(azimuth),
            FLAT * (across * math.sin(azimuth) + ahead * math.cos(azimuth)),
        )

    return [c.direction for c in followed(place, end_s + STILL_S, noise=noise, fps=fps, seed=seed) if c.counted]


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


def ellipse(side: float, fore: float, n: int = 4, turn_s: float = 3.0) -> Callable[[float], Point]:
    """n turns on half axes as the camera sees them, out of the middle and back."""
    end_s, way_s = STILL_S + n * turn_s, 0.2 * turn_s

    def place(time_s: float) -> Point:
        size = minimum_jerk((time_s - STILL_S) / way_s) * minimum_jerk((end_s - time_s) / way_s)
        angle = math.tau * (time_s - STILL_S) / turn_s
        return size * side * math.cos(angle), size * fore * math.sin(angle)

    return place


@pytest.mark.parametrize(
    ("side", "fore", "n_counted"),
    [(0.05, 0.015, 4), (0.05, 0.05, 4), (0.05, 0.006, 0), (0.09, 0.007, 0), (0.012, 0.05, 0)],
    ids=["a circle", "from high above", "as narrow as jitter", "flat", "a roll to the camera and back, a little round"],
)
def test_what_is_narrow_on_the_floor_is_no_circle(side: float, fore: float, n_counted: int) -> None:
    """A camera that looks down by 30 degrees sees half of the way to and from it, and no more of it."""
    assert sum(circle.counted for circle in followed(ellipse(side, fore), 18.0)) == n_counted


def test_jitter_of_a_dark_picture_empties_no_circle() -> None:
    """Eighteen points of a turn, off by a quarter of its radius; and the same of an eight, which goes round nothing."""
    angles, rng = np.linspace(0.0, math.tau, 18), np.random.default_rng(5)

    def path(fore: np.ndarray) -> list[PathPoint]:
        jitter = rng.normal(0.0, 0.25, (2, 18))
        return [
            PathPoint(i / 6.0, float(x), float(y), ())
            for i, (x, y) in enumerate((np.stack([np.cos(angles), fore]) + jitter).T)
        ]

    least = find_exercise("hip_circles").criterion.circle
    assert least is not None
    assert all(filling(path(np.sin(angles))) > least.filling_min for _ in range(20))
    assert all(filling(path(np.sin(2.0 * angles))) < 0.5 for _ in range(20))


SHIFTS = [(0.0, 0.0), (-0.1, -0.02), (-0.01, -0.02), (-0.01, 0.0), (0.0, -0.01), (0.05, 0.02), (0.0, 0.0)]


@pytest.mark.parametrize("step_s", [0.8, 1.3])
def test_shifting_about_to_sit_better_is_no_circle(step_s: float) -> None:
    side, fore = (course([(STILL_S + step_s * i, p[axis]) for i, p in enumerate(SHIFTS)]) for axis in (0, 1))
    assert not any(circle.counted for circle in followed(lambda t: (side(t), fore(t)), 2 * STILL_S + 6 * step_s))


@pytest.mark.parametrize("turn_s", [2.0, 3.5, 5.0])
def test_half_a_turn_whose_beginning_nobody_saw_is_no_circle(turn_s: float) -> None:
    """Who is first seen at the right, goes round the front to the left, and comes back to the middle."""
    back_s = 0.7 * turn_s

    def place(time_s: float) -> Point:
        size, angle = 0.12 * minimum_jerk((back_s - time_s) / (0.2 * turn_s)), math.tau * time_s / turn_s
        return size * math.cos(angle), size * FLAT * math.sin(angle)

    assert not any(circle.counted for circle in followed(place, back_s + STILL_S, noise=0.003))


def test_getting_up_and_sitting_down_again_is_no_circle() -> None:
    keys = [(STILL_S, 0.0), (STILL_S + 1.5, 1.0), (STILL_S + 2.0, 1.0), (STILL_S + 3.5, 0.0)]
    up = course(keys)
    circles = followed(ellipse(0.1, 0.04, n=1, turn_s=3.5), 10.0, hip_height=lambda t: 0.8 + 0.5 * up(t))
    assert [(c.counted, c.reason) for c in circles] == [(False, "the hips left the ball: getting up, not a circle")]
    assert [c.counted for c in followed(ellipse(0.1, 0.04, n=1, turn_s=3.5), 10.0)] == [True]
