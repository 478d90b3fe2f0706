"""From the driving value to movements: rest, out, at the peak, back. Time and hysteresis decide, never frame counts."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal, NamedTuple

from formcheck.exercise import Exercise, Movement
from formcheck.geometry import NAN

HISTORY_S = 4.0  # how far before a movement's first sign its beginning may lie
RANGE_MEMORY = 5  # movements that make up the person's usual range
BACK_SHARE = 0.7  # of where a movement begins: below, it is back at rest
PAUSE_BETWEEN = (0.25, 0.75)  # of a movement's peak
PAUSE_SHARE = 0.06  # of the peak: what is passed at most in a pause of `rest_s`; no way takes so long
SAME_HEIGHT = 0.2  # of the peak
LONGEST_ROWS_S = 180.0  # rows of a movement kept for its assessment, so that memory stays flat


class Row(NamedTuple):
    """One frame as the rules see it.

    `values` are in the order of `Exercise.measures`; `is_live` is False where the picture stood still (no credit).
    """

    time_s: float
    drive: float
    values: tuple[float, ...]
    is_live: bool = True


@dataclass
class Excursion:
    """One way out of rest and back.

    Attributes:
        rows: frames from a little before it began until it was over.
        begun_s: when the drive left the rest band; over_s: when it was back.
        peak: largest drive in the movement's direction, >= 0; peak_s its time.
        needed: what the peak had to reach.
        is_reached: the needed range was held for the dwell.
        is_seen_to_begin: False where the person was out already in the first frame that was judged.
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
    is_seen_to_begin: bool = True
    broken: str | None = None


Step = Literal["none", "begun", "reached", "over"]


class ExcursionTracker:
    """Follows the driving value through rest and movements; one movement at a time."""

    def __init__(self, exercise: Exercise) -> None:
        assert exercise.hysteresis is not None
        self._exercise = exercise
        self._rules = exercise.hysteresis
        self._recent: deque[Row] = deque()
        self._peaks: dict[str, deque[float]] = {m.name: deque(maxlen=RANGE_MEMORY) for m in exercise.movements}
        self._same_side_again = ""  # the movement that was counted last, where two to one side do not follow
        self._above_since_s = NAN
        self._lowest: dict[str, float] = {}
        self._was_at_rest = True  # since judging began
        self._is_way_back = False  # whoever was out when a picture began is not back yet
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
        self._is_way_back = False

    def begin_anew(self) -> None:
        """Judging begins: whoever is out began when nobody saw it."""
        self._was_at_rest = False

    def wait_for_descent(self, movement: Movement) -> None:
        """A movement that was given up at its height must come down before it can begin anew."""
        self._lowest = {movement.name: math.inf}

    def wait_for_rest(self) -> None:
        """Whoever is out already must come down, or rise anew from there."""
        self._lowest = {movement.name: math.inf for movement in self._exercise.movements}

    def wait_until_back(self) -> None:
        """Whoever is out may have begun where nobody saw it: nothing begins before they have been at rest."""
        self.drop()
        self._is_way_back = True

    @property
    def is_way_back(self) -> bool:
        """Whether somebody who was out when the picture began has not been at rest yet."""
        return self._is_way_back

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
        if self._is_way_back and not self._is_back():
            return "none"
        for movement in self._exercise.movements:
            needed = self.needed(movement)
            height = row.drive * movement.sign
            begin = self._begin_at(movement, needed, height)
            if height >= begin:
                self.current = Excursion(movement, needed, row.time_s, _since_back(recent, movement.sign, begin))
                self.current.is_seen_to_begin, self._was_at_rest = self._was_at_rest, True
                self._above_since_s = NAN
                self._note_peak(self.current, row)
                return "begun"
        self._was_at_rest = True
        return "none"

    def _is_back(self) -> bool:
        """Whether the newest frame lies at rest, or on the other side of it than the one before."""
        sides = [row.drive for row in list(self._recent)[-2:]]
        near = BACK_SHARE * self._rules.begin * min(map(self.needed, self._exercise.movements))
        self._is_way_back = not (abs(sides[-1]) <= near or sides[0] * sides[-1] < 0.0)
        return not self._is_way_back

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


def _since_back(rows: Sequence[Row], sign: int, begin: float) -> list[Row]:
    """The rows that lead to a beginning, the last one. What was as far out before, and came back, is no part of it.

    Somebody who sits down comes from further away than the movement goes.
    """
    lead = list(takewhile(lambda row: not row.drive * sign >= begin, reversed(list(rows)[:-1])))
    return [*reversed(lead), rows[-1]]


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
