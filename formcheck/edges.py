"""When a movement began, reached its plateau, left it and was back, from the crossings of two levels.

Slow voluntary movements between two rests follow a minimum-jerk course (Flash & Hogan, J Neurosci 1985): position
10 s^3 - 15 s^4 + 6 s^5 of the way after the share s of its time. Two crossings in the steep middle give its duration,
and so its beginning and end, without a threshold near the noisy levels at either side.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

# Levels that are crossed; LOW lies above where a movement is called over (0.35).
LOW, MIDDLE, HIGH = 0.40, 0.60, 0.80
LOW_S, MIDDLE_S, HIGH_S = 0.44625, 0.55375, 0.67340  # share of a minimum-jerk movement's time at which they are reached
PAUSED = 2.0  # times slower in one half of the steep middle than in the other: somebody paused on the way
# Who paused high goes on anew from there: from NEARLY on they take this many times as long as from HIGH to NEARLY; 2.7
# times after a pause at 0.6 and 1.7 times after one at 0.75, where they follow such a course again.
NEARLY, AFTER_NEARLY = 0.90, 2.0
GOES_ON = 4.0  # times as long from the middle to HIGH as from there to NEARLY; else it was a slow sinking
PLATEAU_FROM = 0.85  # of the peak: samples above it give the plateau's level
LONGEST_EDGE_S = 6.0
SHORTEST_EDGE_S = 0.2


class Edges(NamedTuple):
    """Times in seconds: [start, plateau_start] is the way out, [plateau_end, end] the way back."""

    start_s: float
    plateau_start_s: float
    plateau_end_s: float
    end_s: float


def movement_edges(times_s: Sequence[float], heights: Sequence[float]) -> Edges:
    """The edges of one movement.

    Args:
        times_s: seconds, rising.
        heights: how far out, 0 at rest, peaking once (a plateau is one peak); no NaN.

    Returns:
        Edges in order; a side that is not crossed (cut off) takes the first or last time.
    """
    peak = max(heights)
    level = statistics.median(h for h in heights if h >= PLATEAU_FROM * peak)
    high, low = HIGH * level, LOW * level
    rise_high = _first(heights, lambda h: h >= high)
    fall_high = _last(heights, lambda h: h >= high)
    start, plateau_start = _edge(times_s, heights, rise_high, low, high, step=-1)
    plateau_end, end = _edge(times_s, heights, fall_high, low, high, step=1)
    if plateau_end < plateau_start:  # no plateau: both ways meet at the top
        plateau_start = plateau_end = 0.5 * (plateau_start + plateau_end)
    return Edges(start, plateau_start, plateau_end, end)


def _first(heights: Sequence[float], test: Callable[[float], bool]) -> int:
    return next(i for i, h in enumerate(heights) if test(h))


def _last(heights: Sequence[float], test: Callable[[float], bool]) -> int:
    return len(heights) - 1 - _first(heights[::-1], test)


def _edge(
    times_s: Sequence[float], heights: Sequence[float], at_high: int, low: float, high: float, step: int
) -> tuple[float, float]:
    """The two ends of the way from rest to plateau (step -1) or from plateau to rest (step 1), in time order."""
    i = at_high
    while 0 <= i < len(heights) and heights[i] > low:
        i += step
    cut_off = times_s[0] if step < 0 else times_s[-1]
    if not 0 <= i < len(heights):
        return (cut_off, times_s[at_high]) if step < 0 else (times_s[at_high], cut_off)
    crossed_low = _crossing(times_s, heights, i, i - step, low)
    outside = at_high + step
    crossed_high = _crossing(times_s, heights, outside, at_high, high) if 0 <= outside < len(heights) else cut_off
    j = at_high
    while heights[j] > MIDDLE / LOW * low:
        j += step
    crossed_middle = _crossing(times_s, heights, j, j - step, MIDDLE / LOW * low)
    duration, is_paused = _duration(crossed_low, crossed_middle, crossed_high)
    duration = min(max(duration, SHORTEST_EDGE_S), LONGEST_EDGE_S)
    rest = crossed_low + step * LOW_S * duration
    plateau = crossed_high - step * (1.0 - HIGH_S) * duration if is_paused else rest - step * duration
    if step < 0 and not is_paused:
        plateau = max(plateau, crossed_high)
    high_pause = _high_pause(times_s, heights, (i, at_high), (crossed_low, crossed_high), high, step)
    if high_pause:
        duration, to_plateau_s = high_pause
        rest = crossed_low + step * LOW_S * min(max(duration, SHORTEST_EDGE_S), LONGEST_EDGE_S)
        plateau = crossed_high - step * min(to_plateau_s, (1.0 - HIGH_S) * LONGEST_EDGE_S)
    return (max(rest, times_s[0]), plateau) if step < 0 else (plateau, rest)


def _duration(crossed_low: float, crossed_middle: float, crossed_high: float) -> tuple[float, bool]:
    """How long a way takes that crosses the three levels, and whether it paused low: then its part above tells."""
    lower = abs(crossed_middle - crossed_low) / (MIDDLE_S - LOW_S)
    upper = abs(crossed_high - crossed_middle) / (HIGH_S - MIDDLE_S)
    is_paused = lower > PAUSED * upper
    return (upper if is_paused else abs(crossed_high - crossed_low) / (HIGH_S - LOW_S)), is_paused


def _high_pause(
    times_s: Sequence[float],
    heights: Sequence[float],
    ends: tuple[int, int],
    crossed: tuple[float, float],
    high: float,
    step: int,
) -> tuple[float, float] | None:
    """Of a way that paused at the middle or above: how long it takes by its part below, and the time from HIGH on.

    Args:
        ends, crossed: the samples beyond, and the times at, the low and the high level.
    """
    (i, at_high), (crossed_low, crossed_high), middle = ends, crossed, MIDDLE / HIGH * high
    while heights[i] < middle:
        i -= step
    left_middle = _crossing(times_s, heights, i + step, i, middle)
    duration = abs(left_middle - crossed_low) / (MIDDLE_S - LOW_S)
    inwards = range(at_high, len(heights) if step < 0 else -1, -step)
    nearly = next((n for n in inwards if heights[n] >= NEARLY / HIGH * high), at_high)
    on_s, upper_s = abs(times_s[nearly] - crossed_high), abs(crossed_high - left_middle)
    is_paused = upper_s > max(PAUSED * (HIGH_S - MIDDLE_S) * duration, GOES_ON * on_s)
    return (duration, (1.0 + AFTER_NEARLY) * on_s) if is_paused else None


def _crossing(times_s: Sequence[float], heights: Sequence[float], below: int, above: int, level: float) -> float:
    """Time at which the line between two neighbouring samples passes the level."""
    rise = heights[above] - heights[below]
    share = (level - heights[below]) / rise if rise else 0.0
    return times_s[below] + share * (times_s[above] - times_s[below])
