"""Deviations of form: judged on each finished movement, and while it happens where it lasts."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from formcheck.counters import Attempt, metric, near_the_top_s
from formcheck.events import Hold
from formcheck.exercise import Exercise, Fault
from formcheck.geometry import NAN
from formcheck.phases import Row
from formcheck.rests import go_opposite_ways

LIVE_DWELL_S = 0.4  # a segment is marked on the picture after this, whatever the verdict at the end
CLEARED_AFTER_S = 0.5
OF_THE_BEGINNING = ("hold_s", "hold_drift", "rise_s", "cycle_s")  # not known of a movement that nobody saw begin
MOSTLY_SEEN = 0.5  # of the frames that are asked: a measure known in fewer tells no fault


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault found: its value against its limit, and the time it covers."""

    fault: Fault
    value: float
    limit: float
    start_s: float
    end_s: float


def find_faults(exercise: Exercise, attempt: Attempt, hold: Hold | None, levels: Sequence[float]) -> list[Finding]:
    """The faults of a finished repetition.

    Args:
        levels: the person's rest level of each of the exercise's measures, for faults that are changes from it.
    """
    findings = []
    is_seen_to_begin = all(trip.excursion.is_seen_to_begin for trip in attempt.trips)
    names = {trip.excursion.movement.name for trip in attempt.trips}
    for fault in exercise.faults:
        if fault.persist_s is not None or fault.movement not in (None, *names):
            continue
        if fault.metric == "sides":  # of a block, not of a movement
            continue
        if not is_seen_to_begin and (fault.metric in OF_THE_BEGINNING or fault.during == "rise"):
            continue
        finding = _judge(exercise, fault, attempt, hold, levels)
        if finding is not None:
            findings.append(finding)
    return findings


def _judge(
    exercise: Exercise, fault: Fault, attempt: Attempt, hold: Hold | None, levels: Sequence[float]
) -> Finding | None:
    if fault.metric is not None:
        value = metric(attempt, fault.metric, hold)
        start, end = attempt.start_s, attempt.end_s
        if fault.metric == "hold_s" and hold is not None:
            start, end = hold.start_s, hold.end_s
            if near_the_top_s(attempt.peak_trip) >= hold.target_s:
                return None  # where the slow ways end and the hold begins, nobody can tell as exactly
    else:
        rows = attempt.rows(fault.during, fault.movement)
        values = [v for v in (change_of(exercise, fault, row, levels) for row in rows) if v == v]
        if len(values) < max(3, MOSTLY_SEEN * len(rows)):
            return None  # a few frames, of something hidden in the others, are a guess
        value = _STATISTICS[fault.statistic](values)
        start, end = rows[0].time_s, rows[-1].time_s
    limit = _limit(fault, attempt.peak_trip.excursion.peak)
    return Finding(fault, value, limit, start, end) if _is_beyond(fault, value, limit) else None


def _robust(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


_STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "median": lambda values: float(statistics.median(values)),
    "max": lambda values: _robust(values, 0.9),
    "min": lambda values: _robust(values, 0.1),
    "max_abs": lambda values: _robust([abs(v) for v in values], 0.9),
}


def change_of(exercise: Exercise, fault: Fault, row: Row, levels: Sequence[float]) -> float:
    """The fault's measure in a row: its value, or its change from the person's rest. NaN when not known."""
    column = exercise.measures.index(fault.measure or "")
    value = row.values[column]
    if fault.is_of_parts and go_opposite_ways(exercise, row.values, levels):
        return NAN
    return value - levels[column] if fault.is_change else value


def _limit(fault: Fault, peak: float) -> float:
    if fault.above is not None:
        return fault.above if fault.share_of_peak is None else max(fault.above, fault.share_of_peak * peak)
    return fault.below if fault.below is not None else NAN


def _is_beyond(fault: Fault, value: float, limit: float) -> bool:
    return value > limit if fault.above is not None else value < limit


class FaultWatch:
    """Watches faults while a movement runs: what is marked on the picture, and what is said before the end."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._since_s: dict[str, float] = {}
        self._last_s: dict[str, float] = {}
        self._raised: dict[str, float] = {}
        self.marked: tuple[str, ...] = ()

    def clear(self) -> list[tuple[Fault, float]]:
        """The movement is over: everything watched starts afresh. Returns the raised faults with their start times."""
        raised = [(f, self._raised[f.id]) for f in self._exercise.faults if f.id in self._raised]
        self._since_s.clear()
        self._last_s.clear()
        self._raised.clear()
        self.marked = ()
        return raised

    def watch(
        self, row: Row, height: float, peak: float, movement: str, is_at_peak: bool, levels: Sequence[float]
    ) -> list[Finding]:
        """Faults that have just lasted long enough to be raised while they happen.

        Args:
            row: the frame; height: its drive in the movement's direction; peak: the largest so far.
            is_at_peak: whether the movement is at its peak (faults of the peak are asked only there).
        """
        found: list[Finding] = []
        marked: list[str] = []
        for fault in self._exercise.faults:
            if fault.measure is None or fault.movement not in (None, movement):
                continue
            if fault.during != "whole" and (fault.during != "peak" or not is_at_peak):
                continue
            value = change_of(self._exercise, fault, row, levels)
            if fault.statistic == "max_abs":
                value = abs(value)
            limit = _limit(fault, max(peak, height))
            if not _is_beyond(fault, value, limit):
                continue
            if row.time_s - self._last_s.get(fault.id, -math.inf) > CLEARED_AFTER_S:  # who knows what lay between
                self._since_s[fault.id] = row.time_s
            since = self._since_s[fault.id]
            self._last_s[fault.id] = row.time_s
            if row.time_s - since >= LIVE_DWELL_S:
                marked += fault.segments
            if fault.persist_s is not None and fault.id not in self._raised and row.time_s - since >= fault.persist_s:
                self._raised[fault.id] = since
                found.append(Finding(fault, value, limit, since, row.time_s))
        self.marked = tuple(dict.fromkeys(marked))
        return found
