"""What a finished movement is worth: counted, partial or rejected, with reason and distance to the threshold."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from formcheck.edges import Edges, movement_edges
from formcheck.events import Hold, Repetition
from formcheck.exercise import PART_OF_MOVEMENT, Evidence, Exercise, HoldRule
from formcheck.geometry import NAN
from formcheck.measures.catalogue import MEASURES
from formcheck.phases import Excursion, Row

NEARLY_THE_PEAK = 0.8  # rows above this share of the peak are "at the peak" when there is no plateau
SHORTEST_PLATEAU_S = 0.3
LIKE_THE_TOP = 0.95  # of a plateau: a lift of 20 to 40 degrees less the 1 to 2 by which one that is kept wanders
LEAST_ROWS = 3  # what a statistic is made of
SPEED_OVER_S = 0.2  # speeds are taken over this time, so that jitter between two frames is no speed
EVEN_SHARE, EVEN_S = 0.125, 0.5  # of a movement's time, and at most: means over so long keep 97 % of its swing
WILD_S = 0.25  # a landmark that jumps drags the smoothed one along for so long
WILD_SHARE = 0.05  # of the rows at most


@dataclass(frozen=True)
class Trip:
    """A finished excursion with its edges.

    Attributes:
        heights: the drive in the movement's direction, for each row.
        seen: ids of the faults that were raised while it happened.
    """

    excursion: Excursion
    heights: tuple[float, ...]
    edges: Edges
    seen: frozenset[str] = frozenset()

    def rows(self, part: PART_OF_MOVEMENT) -> list[Row]:
        """The rows of one part of the movement."""
        start, top, leave, end = self.edges
        first, last = {
            "whole": (start, max(leave, end)),  # of a reach with its stay: hands may arrive a step after the hips
            "rise": (start, top),
            "peak": (top, leave),
            "return": (leave, end),
        }[part]
        rows = [row for row in self.excursion.rows if first <= row.time_s <= last]
        is_short = leave - top < SHORTEST_PLATEAU_S or len(rows) < LEAST_ROWS
        return self._highest() if part == "peak" and is_short else rows

    def _highest(self) -> list[Row]:
        """The rows nearly at the peak; at few frames a second the three highest."""
        highest = sorted(self.heights, reverse=True)[:LEAST_ROWS]
        limit = min(NEARLY_THE_PEAK * self.excursion.peak, highest[-1])
        return [r for r, height in zip(self.excursion.rows, self.heights, strict=True) if height >= limit]


def measure_trip(excursion: Excursion, seen: frozenset[str] = frozenset()) -> Trip:
    """Find the edges of a finished excursion, in which these faults were raised."""
    heights = tuple(row.drive * excursion.movement.sign for row in excursion.rows)
    return Trip(excursion, heights, movement_edges([row.time_s for row in excursion.rows], heights), seen)


def until_arrival(trip: Trip) -> Trip:
    """A movement whose plateau was not left ends where the plateau begins; others stay as they are."""
    if trip.edges.plateau_end_s < trip.excursion.rows[-1].time_s:
        return trip
    return replace(trip, edges=trip.edges._replace(end_s=trip.edges.plateau_start_s))


@dataclass(frozen=True)
class Attempt:
    """The movements that together are, or should have been, one repetition."""

    trips: tuple[Trip, ...]

    @property
    def start_s(self) -> float:
        """When the first movement left rest."""
        return self.trips[0].edges.start_s

    @property
    def end_s(self) -> float:
        """When the last movement was back at rest."""
        return self.trips[-1].edges.end_s

    @property
    def seen(self) -> frozenset[str]:
        """Ids of the faults that were raised while they happened."""
        return frozenset().union(*(trip.seen for trip in self.trips))

    @property
    def peak_trip(self) -> Trip:
        """The movement whose peak is named as the repetition's: the last of the sequence."""
        return self.trips[-1]

    def rows(self, part: PART_OF_MOVEMENT, movement: str | None = None) -> list[Row]:
        """Rows of that part of the movements (of one of them when named)."""
        return [
            row for trip in self.trips if movement in (None, trip.excursion.movement.name) for row in trip.rows(part)
        ]


def near_the_top_s(trip: Trip) -> float:
    """For how long a movement was where nobody can tell it from its plateau: the plateau and the slow ends beside it.

    Time in which the picture stood still is not counted.
    """
    levels = [h for row, h in zip(trip.excursion.rows, trip.heights, strict=True) if _is_on_plateau(row, trip.edges)]
    if not levels:
        return 0.0
    limit = LIKE_THE_TOP * statistics.median(levels)
    rows = zip(trip.excursion.rows, trip.heights, strict=True)
    return sum(b.time_s - a.time_s for (a, height), (b, _) in pairwise(rows) if a.is_live and height >= limit)


def _is_on_plateau(row: Row, edges: Edges) -> bool:
    return edges.plateau_start_s <= row.time_s <= edges.plateau_end_s


def assess_hold(trip: Trip, rule: HoldRule) -> Hold:
    """Elapsed and credited seconds of a movement's plateau.

    Elapsed is from arriving at the plateau to leaving it. Not credited: what is longer than the bridge of drop-outs, of
    pictures that stood still, and of heights below what counts.
    """
    start, end = trip.edges.plateau_start_s, trip.edges.plateau_end_s
    needed = trip.excursion.needed
    lost = away = 0.0
    drives: list[tuple[float, float]] = []
    for (row, height), (later, _) in pairwise(zip(trip.excursion.rows, trip.heights, strict=True)):
        span = min(later.time_s, end) - max(row.time_s, start)
        if span <= 0.0:
            continue
        drives.append((row.time_s, height))
        if row.is_live and height >= needed:
            lost += away if away > rule.bridge_s else 0.0
            away = 0.0
        else:
            away += span
    lost += away if away > rule.bridge_s else 0.0
    credited = max(0.0, end - start - lost)
    is_counted = credited >= rule.counted_s and trip.excursion.is_reached and trip.excursion.broken is None
    reason = None if is_counted else trip.excursion.broken or f"held {credited:.1f} s of {rule.target_s:g} s"
    return Hold(
        start_s=start,
        end_s=end,
        elapsed_s=end - start,
        credited_s=credited,
        target_s=rule.target_s,
        side=trip.excursion.movement.side,
        counted=is_counted,
        reason=reason,
        drift_deg_per_10s=_slope_per_10s(drives),
    )


def _slope_per_10s(samples: Sequence[tuple[float, float]]) -> float | None:
    """Least-squares slope of a hold of at least 2 s, in the drive's unit per 10 s."""
    if len(samples) < 5 or samples[-1][0] - samples[0][0] < 2.0:
        return None
    times, values = zip(*samples, strict=True)
    return 10.0 * statistics.linear_regression(times, values).slope


def why_not(exercise: Exercise, attempt: Attempt, hold: Hold | None, is_shown: bool = False) -> tuple[bool, str | None]:
    """Whether an attempt counts, and if not, why: (is_partial, reason). (False, None) counts.

    Args:
        is_shown: the movement to the other side has shown what this one cannot from where the camera is.
    """
    for trip in attempt.trips:
        if trip.excursion.broken:
            return False, trip.excursion.broken
    names = {trip.excursion.movement.name for trip in attempt.trips}
    for trip in attempt.trips:
        if not trip.excursion.is_reached:
            what = trip.excursion.movement.label.lower()
            return True, f"{what}: {_of_needed(trip.excursion.peak, trip.excursion.needed, exercise.drive.unit)}"
    if exercise.criterion.kind == "repetition":
        for name in exercise.criterion.sequence:
            if name not in names:
                return True, f"without the {exercise.movement(name).label.lower()}"
    duration = attempt.end_s - attempt.start_s
    if duration < exercise.criterion.shortest_s:
        return False, f"too quick for this movement ({duration:.1f} s)"
    for item in exercise.evidence:
        if item.movement in (None, *names) and (reason := _contradiction(exercise, attempt, item, is_shown)):
            return False, reason
    if hold is not None and not hold.counted:
        return False, hold.reason
    return False, None


def _of_needed(peak: float, needed: float, unit: str) -> str:
    """How far it went and how far it had to go, in words; rounded away from each other, so that less looks less."""
    if peak >= needed:
        return "there for a moment only"
    steps = 100 if unit == "T" else 1
    less, more = math.floor(round(steps * peak, 6)), math.ceil(round(steps * needed, 6))
    sign = {"deg": "°", "T": "%"}.get(unit, unit)
    return f"{less}{sign} of the {more}{sign} needed"


def _contradiction(exercise: Exercise, attempt: Attempt, item: Evidence, is_shown: bool) -> str | None:
    """Why a measure that must have taken part speaks against the movement; None when it agrees."""
    value = _value(exercise, attempt, item, item.measure)
    if value != value:
        return None if item.if_seen else f"{MEASURES[item.measure].label.lower()} could not be seen"
    if not contradicts(item, value):
        return None
    if not is_shown or item.shown_by is None:
        return item.reason
    # Nearer to nothing than at rest: what it shows is hidden by where the camera is.
    shown = _shown(exercise, attempt, item, item.shown_by)
    is_hidden = any(at_peak < at_rest and value >= at_peak - item.shown_less for at_rest, at_peak in shown)
    return None if is_hidden else item.reason


def _shown(exercise: Exercise, attempt: Attempt, item: Evidence, measure: str) -> list[tuple[float, float]]:
    """How far from nothing the measure that shows a movement is at rest and at the peak.

    As it is read, and as if it were read as much off at the peak as at rest.
    """
    at_peak = _value(exercise, attempt, item, measure)
    ends = _at_the_ends(exercise, attempt, measure)
    as_read = statistics.fmean(abs(value) for value in ends), abs(at_peak)
    if item.shown_about is None:
        return [as_read]
    truly = statistics.fmean(_at_the_ends(exercise, attempt, item.shown_about))
    return [as_read, (abs(truly), abs(truly + at_peak - statistics.fmean(ends)))]


def _at_the_ends(exercise: Exercise, attempt: Attempt, measure: str) -> tuple[float, float]:
    """A measure where the movement begins and where it ends."""
    column, whole = exercise.measures.index(measure), attempt.rows("whole")
    return whole[0].values[column], whole[-1].values[column]


def _value(exercise: Exercise, attempt: Attempt, item: Evidence, measure: str) -> float:
    """The evidence's statistic of a measure; NaN when too little of it is known."""
    column = exercise.measures.index(measure)
    known = [row for row in attempt.rows(item.during, item.movement) if row.values[column] == row.values[column]]
    if len(known) < LEAST_ROWS:
        return NAN
    if item.statistic == "loop":
        return _loop([(row.drive, row.values[column]) for row in known], item.noise)
    values = [row.values[column] for row in known]
    if item.statistic == "median":
        return statistics.median(values)
    if item.statistic == "change":
        return statistics.median(values) - _at_the_beginning(attempt.rows("whole", item.movement), column)
    span_s = known[-1].time_s - known[0].time_s
    swing = _robust_swing(_evened([row.time_s for row in known], values, span_s), span_s)
    return swing if item.statistic == "swing" else swing / attempt.peak_trip.excursion.peak


def _at_the_beginning(rows: Sequence[Row], column: int) -> float:
    """A measure in the first frames in which it is known; NaN when those are too few."""
    first = [row.values[column] for row in rows if row.values[column] == row.values[column]][:LEAST_ROWS]
    return statistics.median(first) if len(first) == LEAST_ROWS else NAN


def contradicts(item: Evidence, value: float) -> bool:
    """Whether a known value lies beyond what the evidence asks for."""
    if item.at_least is not None:
        return value < item.at_least
    return item.at_most is not None and value > item.at_most


def _loop(path: Sequence[tuple[float, float]], noise: float) -> float:
    """How round the path of (drive, measure) is: 0 there and back on the same way, 1 a circle, in the drive's unit.

    A path whose half axis in the measure is at most `noise` is not round, however short it is.
    """
    area = 0.5 * abs(sum(a * y - x * b for (a, b), (x, y) in zip(path, [*path[1:], path[0]], strict=True)))
    drives = [drive for drive, _ in path]
    radius = (max(drives) - min(drives)) / 2.0
    if not radius > 0.0:
        return NAN
    half_axis = area / (math.pi * radius)
    return half_axis / radius if half_axis > noise else 0.0


def _evened(times_s: Sequence[float], values: Sequence[float], span_s: float) -> list[float]:
    """Running means: what swings with the movement stays; jitter, which makes every range larger, does not."""
    half_s = 0.5 * min(EVEN_SHARE * span_s, EVEN_S)
    evened, first, last, total = [], 0, 0, 0.0
    for time_s in times_s:
        while last < len(values) and times_s[last] <= time_s + half_s:
            total += values[last]
            last += 1
        while times_s[first] < time_s - half_s:
            total -= values[first]
            first += 1
        evened.append(total / (last - first))
    return evened


def _robust_swing(values: Sequence[float], span_s: float) -> float:
    """From the lowest to the highest value without the wildest: one wild frame is no swing.

    Those are of a moment, however long the whole takes: of a hold of a minute, the ways there and back are a few
    hundredths.
    """
    ordered = sorted(values)
    cut = int(len(ordered) * min(WILD_SHARE, WILD_S / max(span_s, WILD_S)))
    return ordered[-1 - cut] - ordered[cut]


def metric(attempt: Attempt, name: str, hold: Hold | None) -> float:
    """A number per repetition; NaN where it is not known.

    hold_s, rise_s, return_s, cycle_s in seconds; range and hold_drift (from the hold's beginning to its end) in the
    drive's unit; peak_speed in that unit per second.
    """
    edges = attempt.peak_trip.edges
    if name == "hold_s":
        return hold.credited_s if hold else edges.plateau_end_s - edges.plateau_start_s
    if name == "hold_drift":
        slope = hold.drift_deg_per_10s if hold else None
        return NAN if hold is None or slope is None else slope * hold.elapsed_s / 10.0
    if name == "rise_s":
        return edges.plateau_start_s - edges.start_s
    if name == "return_s":
        return edges.end_s - edges.plateau_end_s
    if name == "cycle_s":
        return attempt.end_s - attempt.start_s
    if name == "peak_speed":
        return _peak_speed(attempt.rows("whole"))
    return sum(trip.excursion.peak for trip in attempt.trips)


def _peak_speed(rows: Sequence[Row]) -> float:
    best, first = NAN, 0
    for last, row in enumerate(rows):
        while first < last and row.time_s - rows[first + 1].time_s >= SPEED_OVER_S:
            first += 1
        span = row.time_s - rows[first].time_s
        if span >= SPEED_OVER_S:
            speed = abs(row.drive - rows[first].drive) / span
            best = speed if not best >= speed else best
    return best


def _range(trip: Trip, is_two_sided: bool) -> float:
    """How far the movement went.

    To two sides, from where it began and ended: a middle that is taken a little to one side must not make the person
    look uneven.
    """
    if not is_two_sided:
        return trip.excursion.peak
    rows = trip.rows("whole")
    ends = (rows[0].drive + rows[-1].drive) / 2 * trip.excursion.movement.sign if rows else 0.0
    limit = 0.5 * trip.excursion.peak  # further from the rest, it was cut off
    return trip.excursion.peak - min(max(ends, -limit), limit)


def as_repetition(
    exercise: Exercise, attempt: Attempt, index: int, reason: str | None, faults: tuple[str, ...]
) -> Repetition:
    """The attempt as the event log keeps it."""
    sides = {trip.excursion.movement.side for trip in attempt.trips}
    peak = attempt.peak_trip.excursion
    is_two_sided = exercise.criterion.kind == "alternation"
    return Repetition(
        index=index,
        start_s=attempt.start_s,
        peak_s=peak.peak_s,
        end_s=attempt.end_s,
        measure=exercise.drive.name,
        unit=exercise.drive.unit,
        peak=peak.peak * peak.movement.sign,
        range=sum(_range(trip, is_two_sided) for trip in attempt.trips),
        needed=sum(trip.excursion.needed for trip in attempt.trips),
        side=sides.pop() if len(sides) == 1 else None,
        counted=reason is None,
        reason=reason,
        faults=faults,
    )
