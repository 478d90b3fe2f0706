"""Axes of the charts: ranges, round ticks, and curves thinned without losing their peaks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from formcheck.types import Array

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


def value_range(values: Array, bands: Iterable[Sequence[float]]) -> tuple[float, float]:
    """Where an axis begins and ends.

    Holds zero, 99 % of the known values (a single wild frame must not flatten the rest), the near edge of
    each target band, and its far edge if that lies within a quarter of the extent.
    """
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, [0.5, 99.5]) if len(known) else (0.0, 0.0)
    edges = [sorted(band, key=abs) for band in bands]
    near = [edge for edge, _ in edges]
    low, high = min([0.0, float(low), *near]), max([0.0, float(high), *near])
    room = 0.25 * (high - low)
    far = [edge for _, edge in edges if low - room <= edge <= high + room]
    low, high = min([low, *far]), max([high, *far])
    pad = 0.13 * (high - low) or 1.0  # room for the numbers beside the peaks
    return (low - pad if low < 0 else low), (high + pad if high > 0 else high)


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


def thinned(time_s: Array, values: Array, n_points: int) -> tuple[Array, Array]:
    """At most about `n_points` of a curve: the least and the greatest of each stretch, each gap as one NaN.

    Returns:
        Times and values in order of time; NaN marks where the curve is interrupted.
    """
    if len(values) <= n_points:
        return time_s, values
    keep: list[int] = []
    for stretch in np.array_split(np.arange(len(values)), max(1, n_points // 3)):
        known = stretch[np.isfinite(values[stretch])]
        picked = {int(known[np.argmin(values[known])]), int(known[np.argmax(values[known])])} if len(known) else set()
        if len(known) < len(stretch):
            picked.add(int(stretch[~np.isfinite(values[stretch])][0]))
        keep.extend(sorted(picked))
    return time_s[keep], values[keep]


def unknown_spans(time_s: Array, values: Array, at_least_s: float) -> list[tuple[float, float]]:
    """Stretches in which the values are not known for at least this long."""
    unknown = np.concatenate([[False], ~np.isfinite(values), [False]])
    edges = np.flatnonzero(np.diff(unknown.astype(np.int8)))
    last = len(time_s) - 1
    spans = [(float(time_s[a]), float(time_s[min(b, last)])) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in spans if b - a >= at_least_s]


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
