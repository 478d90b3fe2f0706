"""What finished movements make together: halves joined to one repetition, sides to rounds, and what each was worth."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from formcheck.counters import Attempt, Trip, as_repetition, assess_hold, why_not
from formcheck.events import (
    Event,
    FaultCleared,
    Hold,
    HoldCompleted,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
    RoundCompleted,
)
from formcheck.exercise import Exercise
from formcheck.faults import Finding, find_faults
from formcheck.feedback import Coach
from formcheck.follower import PRAISE, Marks, raised, say
from formcheck.phases import Excursion
from formcheck.types import Side

N_BREATHS = 40  # more than anybody takes in a hold
TWITCH_SHARE = 0.5  # of the shortest movement that counts: what is shorter, and falls short, is not told


class Moment(NamedTuple):
    """When something is told, and the person's rest level then of each of the exercise's measures."""

    time_s: float
    levels: Sequence[float]


class Attempts:
    """Says what each repetition, done or tried, was worth, and keeps the count.

    Args:
        exercise: what is counted.
        coach: chooses what is said.
        marks: what is shown for a moment.
        learn: told of every movement of a repetition that counts.
    """

    def __init__(self, exercise: Exercise, coach: Coach, marks: Marks, learn: Callable[[Excursion], None]) -> None:
        self.n_told = 0
        self.counted: dict[Side | None, int] = {}
        self.rounds = 0
        self._exercise = exercise
        self._coach = coach
        self._marks = marks
        self._learn = learn
        self._is_joined = exercise.criterion.kind == "repetition" and len(exercise.criterion.sequence) > 1
        self._halves: list[Trip] = []
        self._begins_with = ""  # the half that comes first in what this person does
        self._is_picture_new = False  # another one began, and nothing has been done in it
        self._is_rest_doubted = False  # another picture began, and nothing has counted since
        self._unshown: Attempt | None = None  # counts if the next one, to the other side, shows it
        self._sides_of_round: set[Side | None] = set()
        self._breaths_s: deque[float] = deque(maxlen=N_BREATHS)  # when they ended

    def breathed(self, time_s: float) -> None:
        """A breath has ended; it may be told some time after."""
        self._breaths_s.append(time_s)

    def has_breathed_enough(self, start_s: float, end_s: float) -> bool:
        """Whether as many breaths were seen in a hold as it asks for."""
        wanted = self._exercise.criterion.breaths
        return wanted is not None and sum(start_s < at_s <= end_s for at_s in self._breaths_s) >= wanted[0]

    def take(self, trip: Trip, now: Moment) -> list[Event]:
        """A movement is over: it is a repetition, or one of those that make one."""
        return self._join(trip, now) if self._is_joined else self._assess(Attempt((trip,)), now)

    def flush(self, now: Moment) -> list[Event]:
        """Nothing more comes: what still waits is told."""
        return self.flush_half(now) + self._flush_unshown(now)

    def doubt_rest(self) -> None:
        """Another picture begins: what is taken for the rest in it may be where a movement was held."""
        self._is_rest_doubted = self._is_picture_new = True

    # -- halves ---------------------------------------------------------------------------------------------------

    def forget_halves(self) -> None:
        """What waits for a partner was none: the rest it was told from was wrong."""
        self._halves.clear()

    def flush_half(self, now: Moment) -> list[Event]:
        """What waits for a partner finds none."""
        if not self._halves:
            return []
        trips, self._halves = tuple(self._halves), []
        if not all(trip.excursion.is_reached for trip in trips):
            return []  # a small stir on one side only is no attempt
        return self._assess(Attempt(trips), now)

    def _join(self, trip: Trip, now: Moment) -> list[Event]:
        """Put the movements of a sequence together; one that has no partner is shown as partial."""
        events: list[Event] = []
        name, criterion = trip.excursion.movement.name, self._exercise.criterion
        if self._is_rest_of_a_cut(name):
            return events
        if self._halves:
            gap_s = trip.edges.start_s - self._halves[-1].edges.end_s
            is_repeated = name in {half.excursion.movement.name for half in self._halves}
            if is_repeated or self._is_stir(name) or gap_s > criterion.longest_s:
                events += self.flush_half(now)
        self._halves.append(trip)
        if len(self._halves) == len(criterion.sequence) or trip.excursion.broken:
            trips, self._halves = tuple(self._halves), []
            events += self._assess(Attempt(trips), now)
        return events

    def _is_rest_of_a_cut(self, name: str) -> bool:
        """Whether what comes first in a new picture is the second half of something whose first nobody saw."""
        is_first, self._is_picture_new = self._is_picture_new, False
        return is_first and self._begins_with not in ("", name)

    def _is_stir(self, name: str) -> bool:
        """Whether what waits for a partner is no half: short of its range, and out of turn before what comes."""
        last, order = self._halves[-1].excursion, self._exercise.criterion.sequence
        return not last.is_reached and order.index(name) < order.index(last.movement.name)

    # -- what only the other side can prove -----------------------------------------------------------------------

    def _assess(self, attempt: Attempt, now: Moment) -> list[Event]:
        """Say what an attempt was worth; one that only the other side can prove waits for the next."""
        hold = self._hold_of(attempt)
        if self._has_other_side(attempt):
            return self._flush_unshown(now) + self._tell(attempt, hold, now, is_shown=True)
        counts, would_count = (why_not(self._exercise, attempt, hold, shown)[1] is None for shown in (False, True))
        if would_count and not counts:
            events = self._flush_unshown(now)
            self._unshown = attempt
            return events
        return self._flush_unshown(now, attempt if counts else None) + self._tell(attempt, hold, now, is_shown=False)

    def _has_other_side(self, attempt: Attempt) -> bool:
        """Whether the movement to the other side has been counted."""
        side = attempt.peak_trip.excursion.movement.side
        return any(n for other, n in self.counted.items() if other != side)

    def _flush_unshown(self, now: Moment, after: Attempt | None = None) -> list[Event]:
        """Tell what waited: it counts when what came after it counts, and to the other side."""
        if self._unshown is None:
            return []
        attempt, self._unshown = self._unshown, None
        sides = {one.peak_trip.excursion.movement.side for one in (attempt, after or attempt)}
        return self._tell(attempt, self._hold_of(attempt), now, is_shown=len(sides) > 1)

    # -- what it was worth ----------------------------------------------------------------------------------------

    def _hold_of(self, attempt: Attempt) -> Hold | None:
        rule = self._exercise.criterion.hold
        if rule is None:
            return None
        hold, excursion = assess_hold(attempt.peak_trip, rule), attempt.peak_trip.excursion
        is_whole = excursion.is_reached and excursion.broken is None
        if not hold.counted and is_whole and self.has_breathed_enough(hold.start_s, hold.end_s):
            return replace(hold, counted=True, reason=None)
        return hold

    def _tell(self, attempt: Attempt, hold: Hold | None, now: Moment, *, is_shown: bool) -> list[Event]:
        exercise = self._exercise
        is_partial, reason = why_not(exercise, attempt, hold, is_shown)
        if is_partial and attempt.end_s - attempt.start_s < TWITCH_SHARE * exercise.criterion.shortest_s:
            return []
        is_whole = not any(trip.excursion.broken for trip in attempt.trips)
        is_short = is_whole and hold is not None and reason == hold.reason and not self._is_rest_doubted
        is_form_judged = reason is None or is_short
        findings = self._findings(attempt, hold, now.levels) if is_form_judged else []
        found = {finding.fault.id for finding in findings}
        self.n_told += 1
        ids = tuple(fault.id for fault in exercise.faults if fault.id in attempt.seen | found)
        repetition = as_repetition(exercise, attempt, self.n_told, reason, ids)
        events = self._hold_events(attempt, hold, reason, now.time_s)
        for finding in findings:
            events.append(raised(now.time_s, finding, repetition.index))
            events.append(FaultCleared(now.time_s, finding.fault.id, finding.start_s))
        if reason is None:
            events += self._count(repetition, attempt, now)
        else:
            events += self._turn_down(repetition, is_partial, now)
        if is_form_judged:
            faults = [finding.fault for finding in findings] + [f for f in exercise.faults if f.id in attempt.seen]
            say(self._coach.after_movement(now.time_s, faults, PRAISE), events)
        return events

    def _findings(self, attempt: Attempt, hold: Hold | None, levels: Sequence[float]) -> list[Finding]:
        """The faults of a repetition; breaths enough make no hold too short."""
        findings = find_faults(self._exercise, attempt, hold, levels)
        if hold is not None and self.has_breathed_enough(hold.start_s, hold.end_s):
            return [finding for finding in findings if finding.fault.metric != "hold_s"]
        return findings

    def _hold_events(self, attempt: Attempt, hold: Hold | None, reason: str | None, time_s: float) -> list[Event]:
        """The hold of a repetition. A peak that is reached once counts itself: that it was kept is only its proof."""
        if hold is None or not attempt.peak_trip.excursion.is_reached or self._exercise.criterion.kind == "reach":
            return []
        if reason is not None and hold.counted:
            hold = replace(hold, counted=False, reason=reason)
        return [HoldCompleted(time_s, hold)]

    def _count(self, repetition: Repetition, attempt: Attempt, now: Moment) -> list[Event]:
        self._is_rest_doubted = False
        self._begins_with = attempt.trips[0].excursion.movement.name
        for trip in attempt.trips:
            self._learn(trip.excursion)
        self.counted[repetition.side] = self.counted.get(repetition.side, 0) + 1
        self._marks.counted(now.time_s)
        events: list[Event] = [RepetitionCompleted(now.time_s, repetition)]
        if self._exercise.criterion.kind == "alternation":
            self._sides_of_round.add(repetition.side)
            if len(self._sides_of_round) == len(self._exercise.criterion.sequence):
                self._sides_of_round.clear()
                self.rounds += 1
                events.append(RoundCompleted(now.time_s, self.rounds))
        return events

    def _turn_down(self, repetition: Repetition, is_partial: bool, now: Moment) -> list[Event]:
        self._marks.turned_down(now.time_s, repetition.reason)
        kind = RepetitionPartial if is_partial else RepetitionRejected
        return [kind(now.time_s, repetition)]
