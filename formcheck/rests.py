"""Where the person rests: the first calm moment, and how far the driving value is from it."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Sequence

from formcheck.exercise import Drive, Exercise, Part
from formcheck.geometry import NAN
from formcheck.measures.body import MIN_CUTOFF_HZ

RANGE_OF_THREE = 1.69  # expected range of three draws from a normal distribution, in its standard deviations
MAD_TO_DEVIATION = 1.4826  # from the median absolute value of normal noise to its standard deviation
MOSTLY_KNOWN = 0.7  # of a window's frames: a measure that is known less often says nothing about a rest


class RestFinder:
    """Finds where the person rests: every part of the drive calm for long enough, then the median of each measure."""

    def __init__(self, exercise: Exercise) -> None:
        self._drive: Drive = exercise.drive
        self._names = exercise.measures
        self._columns = [self._names.index(part.measure) for part in self._drive.parts]
        self._rows: deque[tuple[float, tuple[float, ...]]] = deque()
        self.levels: tuple[float, ...] | None = None

    def forget_window(self) -> None:
        """Start collecting afresh, as after a cut or a hidden person."""
        self._rows.clear()

    def drive(self, values: Sequence[float]) -> float:
        """The driving value of a frame in the drive's unit.

        NaN before the rest is known and when parts that carry half of the weight or more are unknown.
        """
        if self.levels is None:
            return NAN
        changes: list[tuple[float, float]] = []
        known = weights = 0.0
        witness = NAN
        for part, column in zip(self._drive.parts, self._columns, strict=True):
            change = (values[column] - self.levels[column]) / part.full
            if part.is_witness:
                witness = change
                continue
            weights += part.weight
            if change == change:
                changes.append((change, part.weight))
                known += part.weight
        if not known > 0.5 * weights:
            return NAN
        weighted = [weight * change for change, weight in changes]
        if witness == witness and min(weighted) < 0.0 < max(weighted):
            return self._drive.scale * min(max(witness, min(weighted)), max(weighted))
        mean = sum(weighted) / known
        return self._drive.scale * (max(mean, weighted_median(changes), key=abs) if self._drive.or_median else mean)

    def _deciding(self) -> list[tuple[Part, int]]:
        """The parts that are no witnesses, with their columns."""
        return [
            (part, column) for part, column in zip(self._drive.parts, self._columns, strict=True) if not part.is_witness
        ]

    def off_zero(self) -> float:
        """Where the rest lies on the drive's own scale, whose zero is the middle between two sides; NaN as `drive`."""
        assert self.levels is not None
        places = [(part.weight, self.levels[column] / part.full) for part, column in self._deciding()]
        known = [(weight, place) for weight, place in places if place == place]
        weights = sum(weight for weight, _ in known)
        return self._drive.scale * sum(weight * place for weight, place in known) / weights if known else NAN

    def add(self, time_s: float, values: tuple[float, ...]) -> None:
        """Take a frame's measures."""
        rows = self._rows
        rows.append((time_s, values))
        rest_s = self._drive.rest_s
        # A frame that is missing must not make the window too short to tell; a long gap may.
        while rows[0][0] < time_s - 1.25 * rest_s and (
            rows[1][0] <= time_s - rest_s or rows[0][0] < time_s - 2.0 * rest_s
        ):
            rows.popleft()

    def is_calm(self) -> bool:
        """Whether the last `rest_s` seconds were calm enough to be a rest."""
        rows = self._rows
        if not rows or rows[-1][0] - rows[0][0] < self._drive.rest_s:
            return False
        spread = known = weights = 0.0
        step_s = (rows[-1][0] - rows[0][0]) / max(1, len(rows) - 1)
        for part, column in self._deciding():
            change = _spread([values[column] for _, values in rows], step_s)
            weights += part.weight
            if change == change:
                spread += part.weight * change / abs(part.full)
                known += part.weight
        is_known = known > 0.5 * weights
        return is_known and self._drive.scale * spread / known <= self._drive.rest_spread and self._may_be_rest()

    def window(self) -> tuple[float, ...]:
        """The window's median of each measure."""
        return self._medians([values for _, values in self._rows])

    def distance(self, a: Sequence[float], b: Sequence[float]) -> float:
        """How far the drive lies between two frames' measures, whatever the rest; NaN when too little is known."""
        total = known = weights = 0.0
        for part, column in self._deciding():
            change = abs(a[column] - b[column])
            weights += part.weight
            if change == change:
                total += part.weight * change / abs(part.full)
                known += part.weight
        return self._drive.scale * total / known if known > 0.5 * weights else NAN

    def _may_be_rest(self) -> bool:
        """Whether every part lies where a rest can lie, so that no held peak is taken for one."""
        newest = self._rows[-1][1]
        for part, column in zip(self._drive.parts, self._columns, strict=True):
            value = newest[column]
            if part.rest_within is not None and value == value:
                low, high = self._rest_within(part, newest)
                if not low <= value <= high:
                    return False
        return True

    def _rest_within(self, part: Part, values: Sequence[float]) -> tuple[float, float]:
        """Where a part's rest can lie, given a frame's or a level's measures."""
        assert part.rest_within is not None
        low, high = part.rest_within
        about = values[self._names.index(part.rest_about)] if part.rest_about is not None else 0.0
        return (low + about, high + about) if about == about else (low, high)

    def settle(self) -> None:
        """Make the window's medians the rest."""
        self.levels = self._medians([values for _, values in self._rows])

    def settle_at(self, rows: Sequence[tuple[float, ...]], quantile: float) -> None:
        """Without a calm moment: the given quantile (0-1) of the drive's parts over these frames is the rest."""
        levels = list(self._medians(rows))
        for part, column in zip(self._drive.parts, self._columns, strict=True):
            known = sorted(row[column] for row in rows if row[column] == row[column])
            if known:
                share = quantile if part.full > 0 else 1.0 - quantile
                level = known[min(len(known) - 1, int(share * len(known)))]
                low, high = self._rest_within(part, levels) if part.rest_within else (level, level)
                levels[column] = min(max(level, low), high)
        self.levels = tuple(levels)

    def drift(self, share: float) -> None:
        """Move the rest by `share` (0-1) of the way towards the calm window: people sink and shift slowly."""
        assert self.levels is not None
        now = self._medians([values for _, values in self._rows])
        self.levels = tuple(
            old + share * (new - old) if new == new and old == old else new if new == new else old
            for old, new in zip(self.levels, now, strict=True)
        )

    @staticmethod
    def _medians(rows: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
        medians = []
        for column in zip(*rows, strict=True):
            known = [value for value in column if value == value]
            medians.append(statistics.median(known) if known else NAN)
        return tuple(medians)


def go_opposite_ways(exercise: Exercise, values: Sequence[float], levels: Sequence[float]) -> bool:
    """Whether the drive's parts contradict each other by more than a rest may wander.

    Args:
        values, levels: a frame's and the person's rest's measures, in the order of `Exercise.measures`.
    """
    drive, names = exercise.drive, exercise.measures
    columns = [(part.full, names.index(part.measure)) for part in drive.parts if not part.is_witness]
    changes = [drive.scale * (values[column] - levels[column]) / full for full, column in columns]
    return min(changes) < -drive.rest_spread and max(changes) > drive.rest_spread


def weighted_median(weighted: Sequence[tuple[float, float]]) -> float:
    """The value on both sides of which lies half of the weight; between two where it is exactly half.

    Args:
        weighted: (value, weight > 0), at least one.
    """
    ordered = sorted(weighted)
    half, below = 0.5 * sum(weight for _, weight in ordered), 0.0
    for (value, weight), (following, _) in zip(ordered, [*ordered[1:], ordered[-1]], strict=True):
        below += weight
        if math.isclose(below, half):
            return 0.5 * (value + following)
        if below > half:
            break
    return value


def _spread(values: Sequence[float], step_s: float) -> float:
    """How far a window's values spread, less what jitter alone would make; NaN where most are not known.

    From the medians of the window's thirds: a steady way of 1 through the window makes 1.

    Args:
        step_s: time from one value to the next.
    """
    known = [value for value in values if value == value]
    n = len(known)
    if n < MOSTLY_KNOWN * len(values):
        return NAN
    if n < 6:
        return max(known) - min(known)
    step_s, values = step_s * len(values) / n, known
    thirds = (values[: n // 3], values[n // 3 : n - n // 3], values[n - n // 3 :])
    medians = [statistics.median(third) for third in thirds]
    spread = 1.5 * (max(medians) - min(medians))
    by_jitter = 1.5 * RANGE_OF_THREE * _jitter(values, step_s) / math.sqrt(n / 3)
    return math.sqrt(max(0.0, spread * spread - by_jitter * by_jitter))


def _jitter(values: Sequence[float], step_s: float) -> float:
    """Standard deviation of white noise that would make means wander as much as these smoothed values' noise does.

    From the second differences, which a steady movement does not have. The smoothing (an exponential one of
    MIN_CUTOFF_HZ) makes neighbours alike: both what that takes from the differences and what it adds to the wandering
    of a mean follow from how alike they are.
    """
    alike = 1.0 - 1.0 / (1.0 + 1.0 / (2.0 * math.pi * MIN_CUTOFF_HZ * max(step_s, 1e-3)))
    second = [abs(a - 2.0 * b + c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    deviation = MAD_TO_DEVIATION * statistics.median(second)
    return deviation * math.sqrt((1.0 + alike) / (2.0 * (1.0 - alike) ** 2 * (3.0 - alike)))
