"""Curves made ready for a drawing: their range, thinned without losing their peaks, and where they are not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from formcheck.types import Array


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
