"""The routine is slow: a movement counts however slowly it is done, from the first one on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from figure import Joints, course, film, prone, seated

from formcheck.engine import Engine
from formcheck.events import RepetitionCompleted
from formcheck.registry import find_exercise

LIFTS = ((1, 1, 1), 3.0)  # directions, seconds kept at the top
TURNS = ((1, -1, 1, -1), 0.3)


def counted(exercise: str, joints: Callable[[float], Joints], seconds: float, azimuth_deg: float) -> int:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in film(joints, seconds, azimuth_deg, 15.0) for event in engine.step(pose)]
    return sum(isinstance(event, RepetitionCompleted) for event in events + engine.finish())


def ways(directions: tuple[int, ...], kept_s: float, way_s: float) -> tuple[Callable[[float], float], float]:
    """(height over time, seconds): out, kept, back, a second's rest; the first begins at 2.5 s."""
    keys, t = [(0.0, 0.0), (2.5, 0.0)], 2.5
    for sign in directions:
        for seconds, height in ((way_s, float(sign)), (kept_s, float(sign)), (way_s, 0.0), (1.0, 0.0)):
            t += seconds
            keys.append((t, height))
    return course(keys), t + 0.5


@pytest.mark.parametrize("way_s", [1.5, 2.5, 4.0])
def test_slow_lifts_count(way_s: float) -> None:
    height, seconds = ways(*LIFTS, way_s)
    n = counted("back_extension", lambda t: prone(lift_deg=24.0 * height(t)), seconds, 90.0)
    assert n == len(LIFTS[0])


@pytest.mark.parametrize("turn_deg", [24.0, 32.0])
@pytest.mark.parametrize("way_s", [1.5, 2.5, 4.0])
def test_slow_turns_count(way_s: float, turn_deg: float) -> None:
    height, seconds = ways(*TURNS, way_s)
    n = counted("seated_twist", lambda t: seated(turn_right_deg=turn_deg * height(t)), seconds, 0.0)
    assert n == len(TURNS[0])


@pytest.mark.parametrize("way_s", [1.5, 2.5, 4.0])
def test_slow_leans_count(way_s: float) -> None:
    height, seconds = ways((1, -1), 8.0, way_s)
    n = counted("side_stretch", lambda t: seated(right_deg=20.0 * height(t)), seconds, 0.0)
    assert n == 2
