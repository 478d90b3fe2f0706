"""From the driving value to movements: rest, out, at the peak, back. Time and hysteresis decide, never frame counts."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from formcheck.exercise import Drive, Exercise, Movement, Part
from formcheck.geometry import NAN
from formcheck.measures.body import MIN_CUTOFF_HZ

HISTORY_S = 4.0  # how far before a movement's first sign its beginning may lie
RANGE_MEMORY = 5  # movements that make up the person's usual range
BACK_SHARE = 0.7  # of where a movement begins: below, it is back at rest
UNSETTLED_AFTER = 3.0  # times the rest's duration: staying this long short of a full movement is a new rest
PAUSE_BETWEEN = (0.25, 0.75)  # of a movement's peak
PAUSE_SHARE = 0.06  # of the peak: what is passed at most in a pause of `rest_s`; no way takes so long
SAME_HEIGHT = 0.2  # of the peak
RANGE_OF_THREE = 1.69  # expected range of three draws from a normal distribution, in its standard deviations
MAD_TO_DEVIATION = 1.4826  # from the median absolute value of normal noise to its standard deviation
MOSTLY_KNOWN = 0.7  # of a window's frames: a measure that is known less often says nothing about a rest
LONGEST_ROWS_S = 180.0  # rows of a movement kept for its assessment, so that memory stays flat


class Row(NamedTuple):
    """One frame as the rules see it.

    `values` are in the order of `Exercise.measures`; `is_live` is False where the picture stood still (no credit).
    """

    time_s: float
    drive: float
    values: tuple[float, ...]
    is_live: bool = True


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


def go_opposite_ways(exercise: Exercise, values: Sequence[float], levels: Sequence[float]) -> bool:
    """Whether the drive's parts contradict each other by more than a rest may wander.

    Args:
        values, levels: a frame's and the person's rest's measures, in the order of `Exercise.measures`.
    """
    drive, names = exercise.drive, exercise.measures
    columns = [(part.full, names.index(part.measure)) for part in drive.parts if not part.is_witness]
    changes = [drive.scale * (values[column] - levels[column]) / full for full, column in columns]
    return min(changes) < -drive.rest_spread and max(changes) > drive.rest_spread


class RestFinder:
    """Finds where the person rests: every part of the drive calm for long enough, then the median of each measure."""

    def __init__(self, exercise: Exercise) -> None:
        self._drive: Drive = exercise.drive
        names = exercise.measures
        self._columns = [names.index(part.measure) for part in self._drive.parts]
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
                low, high = part.rest_within
                if not low <= value <= high:
                    return False
        return True

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
                low, high = part.rest_within or (level, level)
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


@dataclass
class Excursion:
    """One way out of rest and back.

    Attributes:
        rows: frames from a little before it began until it was over.
        begun_s: when the drive left the rest band; over_s: when it was back.
        peak: largest drive in the movement's direction, >= 0; peak_s its time.
        needed: what the peak had to reach.
        is_reached: the needed range was held for the dwell.
        broken: why its evidence is broken, None when it is whole.
    """

    movement: Movement
    needed: float
    begun_s: float
    rows: list[Row] = field(default_factory=list)
    peak: float = 0.0
    peak_s: float = NAN
    over_s: float = NAN
    is_reached: bool = False
    broken: str | None = None


Step = Literal["none", "begun", "reached", "over", "settled"]


class ExcursionTracker:
    """Follows the driving value through rest and movements; one movement at a time."""

    def __init__(self, exercise: Exercise) -> None:
        assert exercise.hysteresis is not None
        self._exercise = exercise
        self._rules = exercise.hysteresis
        self._rest_s = exercise.drive.rest_s
        self._recent: deque[Row] = deque()
        self._peaks: dict[str, deque[float]] = {m.name: deque(maxlen=RANGE_MEMORY) for m in exercise.movements}
        self._same_side_again = ""  # the movement that was counted last, where two to one side do not follow
        self._above_since_s = NAN
        self._lowest: dict[str, float] = {}
        self.current: Excursion | None = None
        self.n_learned = 0

    def needed(self, movement: Movement) -> float:
        """The range that counts: a share of the person's usual range, never below the exercise's minimum.

        Where the sides alternate, what follows to the same side at once is measured by the one before, too: else the
        way back, which wavers at the middle, is a second one.
        """
        peaks = self._peaks[movement.name]
        usual = statistics.median(peaks) if len(peaks) >= 2 else 0.0
        before = peaks[-1] if peaks and movement.name == self._same_side_again else 0.0
        return max(movement.minimum, self._rules.counted * max(usual, before))

    def usual_range(self, movement: Movement) -> float:
        """Median of the person's last counted peaks; NaN before the first."""
        peaks = self._peaks[movement.name]
        return statistics.median(peaks) if peaks else NAN

    def learn(self, excursion: Excursion) -> None:
        """Let a counted movement tell the person's usual range."""
        self._peaks[excursion.movement.name].append(excursion.peak)
        self.n_learned += 1
        if self._exercise.criterion.kind == "alternation":
            self._same_side_again = excursion.movement.name

    def drop(self) -> None:
        """Forget the running movement and what led to it."""
        self.current = None
        self._recent.clear()
        self._lowest.clear()
        self._above_since_s = NAN

    def wait_for_descent(self, movement: Movement) -> None:
        """A movement that was given up at its height must come down before it can begin anew."""
        self._lowest = {movement.name: math.inf}

    def wait_for_rest(self) -> None:
        """Whoever is out already must come down, or rise anew from there."""
        self._lowest = {movement.name: math.inf for movement in self._exercise.movements}

    def recall(self, rows: Sequence[Row]) -> None:
        """Take frames of the past, whose drive is told from a rest that is believed by now, as what led to here.

        What was out of rest among them, and came back, is no beginning of what comes.
        """
        known = [row for row in rows if row.drive == row.drive]
        out = [i for i, row in enumerate(known) if self._is_out(row)]
        self._recent = deque(known[out[-1] + 1 :] if out else known)

    def _is_out(self, row: Row) -> bool:
        """Whether a frame lies where a movement has begun."""
        return any(
            row.drive * movement.sign >= self._rules.begin * self.needed(movement)
            for movement in self._exercise.movements
        )

    @property
    def recent(self) -> Sequence[Row]:
        """The frames that led to here, out of movements."""
        return self._recent if self.current is None else self.current.rows

    def step(self, row: Row) -> Step:
        """Take a frame whose drive is known and say what changed; `current` is the movement it concerns."""
        return self._from_rest(row) if self.current is None else self._on_the_way(row, self.current)

    def take_finished(self) -> Excursion:
        """Hand over the movement that is over."""
        finished = self.current
        assert finished is not None
        self._recent.clear()
        self._lowest = {finished.movement.name: math.inf}
        self.current = None
        self._above_since_s = NAN
        return finished

    def _from_rest(self, row: Row) -> Step:
        recent = self._recent
        recent.append(row)
        while recent[0].time_s < row.time_s - HISTORY_S:
            recent.popleft()
        for movement in self._exercise.movements:
            needed = self.needed(movement)
            height = row.drive * movement.sign
            if height >= self._begin_at(movement, needed, height):
                self.current = Excursion(movement, needed, row.time_s, list(recent))
                self._above_since_s = NAN
                self._note_peak(self.current, row)
                return "begun"
        return "none"

    def _begin_at(self, movement: Movement, needed: float, height: float) -> float:
        """Where a movement begins. One that has just ended must first come down, or rise anew from where it stayed."""
        begin = self._rules.begin * needed
        lowest = self._lowest.get(movement.name)
        if lowest is None:
            return begin
        lowest = self._lowest[movement.name] = min(lowest, height)
        if lowest <= BACK_SHARE * begin:
            del self._lowest[movement.name]
            return begin
        return lowest + begin

    def _note_peak(self, excursion: Excursion, row: Row) -> float:
        height = row.drive * excursion.movement.sign
        if height > excursion.peak:
            excursion.peak, excursion.peak_s = height, row.time_s
        return height

    def _on_the_way(self, row: Row, excursion: Excursion) -> Step:
        rules = self._rules
        height = self._note_peak(excursion, row)
        if row.time_s - excursion.begun_s < LONGEST_ROWS_S:
            excursion.rows.append(row)
        if excursion.is_reached:
            is_over = height <= rules.leave * excursion.peak
        else:
            is_over = height <= BACK_SHARE * rules.begin * excursion.needed
        if is_over:
            excursion.over_s = row.time_s
            return "over"
        if excursion.is_reached:
            return "none"
        if height < excursion.needed:
            self._above_since_s = NAN
            return "none"
        if math.isnan(self._above_since_s):
            self._above_since_s = row.time_s
        if row.time_s - self._above_since_s >= rules.dwell_s:
            excursion.is_reached = True
            return "reached"
        return "none"


def pauses_on_the_way(exercise: Exercise, excursion: Excursion) -> list[tuple[float, ...]]:
    """The measures of the frames in which a movement paused at the same height on its way out and on its way back.

    Nobody does in a movement out of rest and back; who begins at one side's peak passes the rest twice. Empty without.
    """
    sign = excursion.movement.sign
    way_out = [row for row in excursion.rows if row.time_s <= excursion.peak_s]
    way_back = [row for row in excursion.rows if row.time_s > excursion.peak_s]
    pauses = [_pause(exercise, rows, excursion.peak, sign) for rows in (way_out, way_back)]
    if not all(pauses):
        return []
    heights = [statistics.median(row.drive * sign for row in rows) for rows in pauses]
    if abs(heights[0] - heights[1]) > SAME_HEIGHT * excursion.peak:
        return []
    return [row.values for rows in pauses for row in rows]


def _pause(exercise: Exercise, rows: Sequence[Row], peak: float, sign: int) -> list[Row]:
    """The slowest `rest_s` of a way between a quarter and three quarters of the peak; empty when it is no pause."""
    low, high = PAUSE_BETWEEN
    middle = [row for row in rows if low * peak <= row.drive * sign <= high * peak]
    best: list[Row] = []
    for i, first in enumerate(middle):
        window = [row for row in middle[i:] if row.time_s < first.time_s + exercise.drive.rest_s]
        if len(window) >= 3 and window[-1].time_s - first.time_s >= 0.7 * exercise.drive.rest_s:
            drives = [row.drive for row in window]
            if not best or max(drives) - min(drives) < _range(best):
                best = window
    return best if best and _range(best) <= PAUSE_SHARE * peak else []


def _range(rows: Sequence[Row]) -> float:
    drives = [row.drive for row in rows]
    return max(drives) - min(drives)
