"""Axes of the charts: scales, round ticks, spans of time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600)


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values [low, high] to pixels [start, end] in a straight line."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value; values beyond the ends stay at the ends."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values (1, 2, 5 times a power of ten) inside [low, high].

    >>> round_ticks(-3, 23)
    [0.0, 10.0, 20.0]
    """
    raw = (high - low) / about
    if not math.isfinite(raw) or raw <= 0:
        return [low]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.99)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 9) for i in range(first, last + 1)]


def time_ticks(start_s: float, end_s: float, at_most: int) -> list[int]:
    """Whole seconds, minutes or hours to write below a time axis."""
    step = next((s for s in _TIME_STEPS_S if (end_s - start_s) / s <= at_most), _TIME_STEPS_S[-1])
    return list(range(math.ceil(start_s / step) * step, math.floor(end_s) + 1, step))


def merged(spans: Sequence[tuple[float, float]], start: float, end: float) -> list[tuple[float, float]]:
    """The union of the spans inside [start, end], in order.

    >>> merged([(4, 6), (0, 2), (1, 3)], 0.5, 5)
    [(0.5, 3), (4, 5)]
    """
    out: list[tuple[float, float]] = []
    for a, b in sorted((max(a, start), min(b, end)) for a, b in spans):
        if a >= b:
            continue
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        else:
            out.append((a, b))
    return out
