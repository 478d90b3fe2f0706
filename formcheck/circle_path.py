"""The path of circling hips: its ellipse and the angles in it, its size, roundness and rhythm."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from formcheck.types import Array

SHORTEST_TURN_S, LONGEST_TURN_S = 1.2, 12.0  # what is looked for; what counts is the exercise's business
TURNS_SEEN = 1.1
ALIKE = 0.1  # correlations this close are the same turn seen once and twice
EVENED_SHARE = 0.2  # of a turn; the mean over a fifth of a circle is a circle
RHYTHM = 0.5  # the path must look this much (correlation) like itself one turn earlier


class Point(NamedTuple):
    """The path at one time; `values` are the exercise's measures."""

    time_s: float
    side: float
    fore: float
    values: tuple[float, ...]


class Ellipse(NamedTuple):
    """The path's middle, the direction of its longer axis, and its half axes.

    Angles are read along those axes and after dividing by them, so that an ellipse is a circle, however it lies.
    """

    side: float
    fore: float
    cos: float
    sin: float
    half_long: float
    half_short: float

    @classmethod
    def of(cls, points: Sequence[Point]) -> Ellipse | None:
        """Round the whole path, as wide as it is along and across; None where it has no width."""
        turn = _axis_rad(points)
        cos, sin = math.cos(turn), math.sin(turn)
        longs = [p.side * cos + p.fore * sin for p in points]
        shorts = [p.fore * cos - p.side * sin for p in points]
        half_long, half_short = (max(longs) - min(longs)) / 2.0, (max(shorts) - min(shorts)) / 2.0
        if half_long <= 0.0 or half_short <= 0.0:
            return None
        middle_long, middle_short = (max(longs) + min(longs)) / 2.0, (max(shorts) + min(shorts)) / 2.0
        side, fore = middle_long * cos - middle_short * sin, middle_long * sin + middle_short * cos
        return cls(side, fore, cos, sin, half_long, half_short)

    @property
    def size(self) -> float:
        """Product of the half axes."""
        return self.half_long * self.half_short

    def _seen(self, point: Point) -> tuple[float, float]:
        """Along the longer and the shorter axis from the middle, in half axes."""
        side, fore = point.side - self.side, point.fore - self.fore
        along, across = side * self.cos + fore * self.sin, fore * self.cos - side * self.sin
        return along / self.half_long, across / self.half_short

    def distance(self, point: Point) -> float:
        """How far from the middle, in half axes."""
        return math.hypot(*self._seen(point))

    def angle_deg(self, a: Point, b: Point) -> float:
        """Signed angle from a to b round the middle, -180 to 180; + from the right towards forward."""
        (ax, ay), (bx, by) = self._seen(a), self._seen(b)
        return math.degrees(math.atan2(ax * by - ay * bx, ax * bx + ay * by))


def _axis_rad(points: Sequence[Point]) -> float:
    """Direction of a path's longer axis, from its second moments."""
    n = len(points)
    mx, my = sum(p.side for p in points) / n, sum(p.fore for p in points) / n
    xx = sum((p.side - mx) ** 2 for p in points)
    yy = sum((p.fore - my) ** 2 for p in points)
    xy = sum((p.side - mx) * (p.fore - my) for p in points)
    return 0.5 * math.atan2(2.0 * xy, xx - yy)


def half_axis(points: Collection[Point]) -> float:
    """Half of the longer axis of a closed path, from its second moments."""
    return _half_axes(points)[0]


def _half_axes(points: Collection[Point]) -> tuple[float, float]:
    """Half of the longer and of the shorter axis of a closed path, from its second moments.

    For points spread evenly in angle on an ellipse the variance along an axis is half of that half axis squared.
    """
    n = len(points)
    if n < 3:
        return 0.0, 0.0
    mx, my = sum(p.side for p in points) / n, sum(p.fore for p in points) / n
    xx = sum((p.side - mx) ** 2 for p in points) / n
    yy = sum((p.fore - my) ** 2 for p in points) / n
    xy = sum((p.side - mx) * (p.fore - my) for p in points) / n
    middle, apart = (xx + yy) / 2.0, math.hypot((xx - yy) / 2.0, xy)
    return math.sqrt(2.0 * (middle + apart)), math.sqrt(2.0 * max(0.0, middle - apart))


def way(points: Sequence[Point]) -> float:
    """How far it is from the middle of the first third of the points to that of the last: jitter goes nowhere."""
    third = max(1, len(points) // 3)
    first, last = points[:third], points[-third:]
    side = sum(p.side for p in last) - sum(p.side for p in first)
    fore = sum(p.fore for p in last) - sum(p.fore for p in first)
    return math.hypot(side, fore) / third


def roundness_of(points: Sequence[Point]) -> float:
    """Shorter over longer axis of the ellipse that goes round as much of the floor as the path does.

    By the area with its sign: a sway over a ball sinks at both ends, which makes it wide, but it goes round nothing.
    Nor does one that comes back beside where it began: the path is closed first.
    """
    path = _closed(points)
    longer = half_axis(path)
    if not longer > 0.0:
        return 0.0
    return _area(path) / (math.pi * longer * longer)


def filling(points: Sequence[Point]) -> float:
    """How much of the ellipse of its own size a path goes round: 1 in a circle, less where it turns back or crosses.

    The path goes straight from point to point: where those are few, so does the ellipse. Jitter widens the ellipse and
    goes round nothing; it is quicker than what turns back, and evened out.
    """
    path = _evened(_closed(points), EVENED_SHARE)
    longer, shorter = _half_axes(path)
    ellipse = 0.5 * len(path) * math.sin(math.tau / len(path)) * longer * shorter if len(path) > 2 else 0.0
    return _area(path) / ellipse if ellipse > 0.0 else 0.0


def _area(path: Sequence[Point]) -> float:
    """What a closed path goes round, each way round against the other."""
    return abs(0.5 * sum(p.side * q.fore - q.side * p.fore for p, q in zip(path, [*path[1:], path[0]], strict=True)))


def _closed(points: Sequence[Point]) -> list[Point]:
    """The path less the steady drift that took its end away from its beginning."""
    first, last = points[0], points[-1]
    span_s = last.time_s - first.time_s
    if not span_s > 0.0:
        return list(points)
    shares = [(point.time_s - first.time_s) / span_s for point in points]
    return [
        p._replace(side=p.side - share * (last.side - first.side), fore=p.fore - share * (last.fore - first.fore))
        for p, share in zip(points, shares, strict=True)
    ]


def _evened(path: Sequence[Point], share: float) -> list[Point]:
    """A closed path, each point the mean of those around it that are this share of the whole."""
    n, reach = len(path), int(share * len(path) / 2.0)
    around = [[path[(i + k) % n] for k in range(-reach, reach + 1)] for i in range(n)]
    width = 2 * reach + 1
    return [
        p._replace(side=sum(q.side for q in near) / width, fore=sum(q.fore for q in near) / width)
        for p, near in zip(path, around, strict=True)
    ]


def rhythm_s(points: Sequence[Point]) -> float | None:
    """Seconds of one turn: the shift by which the path looks most like itself; None while that is not clear."""
    n = len(points)
    if n < 3 or points[-1].time_s - points[0].time_s < TURNS_SEEN * SHORTEST_TURN_S:
        return None
    step_s = (points[-1].time_s - points[0].time_s) / (n - 1)
    path = np.array([(p.side, p.fore) for p in points])
    first, last = max(2, int(SHORTEST_TURN_S / step_s)), min(int(LONGEST_TURN_S / step_s), int(n / TURNS_SEEN))
    likeness = [_likeness(path, lag) for lag in range(first, last + 1)]
    tops = [
        (value, first + i)
        for i, value in enumerate(likeness)
        if value >= RHYTHM and value >= max(likeness[max(0, i - 1) : i + 2]) and i > 0
    ]
    if not tops:
        return None
    # Two turns look as alike as one: the first of the best.
    best = max(value for value, _ in tops)
    return next(lag for value, lag in tops if value >= best - ALIKE) * step_s


def _likeness(path: Array, lag: int) -> float:
    """Correlation of the path's newest `lag` points with those one lag earlier, both axes together."""
    n = min(len(path) - lag, lag)
    new, old = path[len(path) - n :], path[len(path) - n - lag : len(path) - lag]
    new, old = new - new.mean(axis=0), old - old.mean(axis=0)
    scale = math.sqrt(float((new * new).sum()) * float((old * old).sum()))
    return float((new * old).sum()) / scale if scale > 0.0 else 0.0
