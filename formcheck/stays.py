"""Follows a posture that is kept still: sitting tall, lying with the calves on the ball, child's pose."""

from __future__ import annotations

import bisect
import math
import statistics
from collections import deque

from formcheck.events import (
    Event,
    FaultCleared,
    FaultRaised,
    Hold,
    HoldBroken,
    HoldCompleted,
    HoldStarted,
    PhaseEntered,
)
from formcheck.exercise import Exercise, Fault
from formcheck.faults import FaultWatch
from formcheck.feedback import Coach
from formcheck.follower import PRAISE, Marks, Progress, raised, say
from formcheck.holdgaps import Gap, HoldGaps, Until
from formcheck.phases import Row
from formcheck.stillness import SpeedTrail
from formcheck.types import Gauge, HoldClock
from formcheck.wandering import Wandering

LONGEST_UNSEEN_S = 8.0  # [choice] a picture that stands still for longer ends a hold: who knows what was done
GOES_ON = "it is the hold that was counted before the picture was lost"
LEVELS_FROM_S = 2.0  # the first seconds of a hold say what the person's own posture is
LOW_OVER_S = 1.0  # a level that is the lowest in the block is one of seconds ...
LOW_SHARE = 0.2  # ... and a fifth of them lie below it


class LowLevel:
    """The lowest level of a measure in a block: of the medians of its seconds, one that is rarely undercut."""

    def __init__(self) -> None:
        self._running: list[float] = []
        self._since_s = math.nan
        self._medians: list[float] = []

    def take(self, time_s: float, value: float) -> None:
        """Take a frame's value; unknown ones are left out."""
        if not time_s - self._since_s < LOW_OVER_S:
            if self._running:
                bisect.insort(self._medians, statistics.median(self._running))
            self._since_s, self._running = time_s, []
        if value == value:
            self._running.append(value)

    @property
    def value(self) -> float:
        """The level; infinite before the first second."""
        return self._medians[int(LOW_SHARE * len(self._medians))] if self._medians else math.inf


class StayFollower:
    """Implements follower.Follower for postures that are kept."""

    def __init__(self, exercise: Exercise, coach: Coach) -> None:
        assert exercise.criterion.hold is not None
        assert exercise.criterion.stay is not None
        self.exercise = exercise
        self.marks = Marks()
        self._hold_rule = exercise.criterion.hold
        self._stay_rule = exercise.criterion.stay
        self._coach = coach
        self._watch = FaultWatch(exercise)
        self._column = exercise.measures.index(self._stay_rule.measure)
        self._low = {exercise.measures.index(name): LowLevel() for name in self._stay_rule.lowest}
        self._gaps = HoldGaps()
        self._wandering = Wandering(
            {exercise.measures.index(name): limit for name, limit in self._stay_rule.same_within.items()},
            {exercise.measures.index(name): size for name, size in self._stay_rule.swings.items()},
            self._stay_rule.swings_within_s,
        )
        self._speed = math.nan
        self._trail = SpeedTrail(self._stay_rule.still_below)
        self._n_counted = 0
        self._is_judged_again = False
        self._earliest_s = math.nan  # nothing before may be credited: judging began, or the last hold ended
        self._last_s = math.nan
        self._cut_s = -math.inf  # what lies before was not seen, and may have been the same hold
        self._counted_to_s = -math.inf  # where a hold was counted that was cut off
        self._start_over()

    def _start_over(self) -> None:
        self._start_s = self._still_s = math.nan  # of the running hold: since when, and until when it was still
        self._credited_s = 0.0
        self._outside_s = self._unseen_s = 0.0  # moving, and not to be judged, since it was still
        self._is_broken = False
        self._is_part = False  # who knows for how long it was kept
        self._is_counted_part = False  # a part of a hold of which another one was counted
        self._again_s = math.nan  # since when it is still again after a gap
        self._breaths_s: list[float] = []
        self._wandering.clear()
        self._gaps.clear()
        self._first: deque[tuple[float, ...]] = deque()
        self._levels: tuple[float, ...] = ()
        self._found: list[Fault] = []
        self._watch.clear()

    @property
    def _is_running(self) -> bool:
        return self._start_s == self._start_s

    @property
    def _has_breathed_enough(self) -> bool:
        """Whether the camera saw as many breaths as the posture asks for."""
        return self._has_breathed_enough_until(math.inf)

    def _has_breathed_enough_until(self, end_s: float) -> bool:
        breaths = self.exercise.criterion.breaths
        return breaths is not None and sum(at_s <= end_s for at_s in self._breaths_s) >= breaths[0]

    # -- the calls of a Follower --------------------------------------------------------------------------------

    def start(self, time_s: float) -> None:
        """Judging begins."""
        self._earliest_s = self._last_s = math.nan

    def follow(self, time_s: float, values: tuple[float, ...], is_live: bool, dt_s: float) -> list[Event]:
        """Take a frame's measures and say what happened."""
        if math.isnan(self._earliest_s):
            self._earliest_s = time_s
            self._cut_s = time_s if self._is_judged_again else -math.inf
            self._is_judged_again = True
        missed_s = max(0.0, time_s - self._last_s - dt_s) if self._last_s == self._last_s else 0.0
        self._last_s = time_s
        self._speed = values[self._column]
        self._trail.add(time_s, self._speed)
        for column, low in self._low.items():
            low.take(time_s, values[column])
        is_still = is_live and self._speed < self._stay_rule.still_below
        if not self._is_running:
            return self._begin(time_s, self._trail.came_s()) if is_still else []
        events: list[Event] = []
        self._unseen_s += missed_s
        if self._unseen_s > LONGEST_UNSEEN_S:
            events += self._end(time_s)
            self._earliest_s = time_s
            return events
        if is_still:
            if self._is_broken and (until := self._over_before()) is not None:
                return events + self._end(time_s, until) + self._begin(time_s, self._trail.came_s())
            self._keep(time_s, dt_s)
            if (left := self._wandering.take(Until(time_s, self._credited_s), values)) is not None:
                since_s = self._again_s if left.why == "elsewhere" else time_s
                return events + self._end(time_s, left.until) + self._begin(time_s, since_s)
            self._watch_faults(time_s, values, is_live, events)
        elif is_live:
            self._outside_s += dt_s
        else:
            self._unseen_s += dt_s
        if not is_still and self._outside_s + self._unseen_s > self._hold_rule.bridge_s and not self._is_broken:
            self._is_broken = True
            events.append(HoldBroken(time_s, None, "moving" if is_live else "the picture stands still"))
        if self._outside_s > self._stay_rule.gap_s:
            events += self._end(time_s)
        return events

    def breathed(self, time_s: float) -> None:
        """Breaths of the running hold may complete it before the clock does; they may be told some time after."""
        if self._is_running and time_s > self._start_s:
            self._breaths_s.append(time_s)

    def skip(self) -> None:
        """A frame that may not be judged: its time is not credited."""
        self._speed = math.nan

    def stop(self, time_s: float, reason: str) -> list[Event]:
        """Judging has stopped: the posture was left, or can no longer be seen."""
        was_left = any(reason == rule.otherwise for rule in self.exercise.posture.rules)
        return self._break_off(time_s, may_go_on=not was_left)

    def cut(self, time_s: float, reason: str) -> list[Event]:
        """Another picture begins: a hold does not go on across it."""
        events = self._break_off(time_s)
        self._earliest_s = self._cut_s = time_s
        self._trail.clear()
        self._low = {column: LowLevel() for column in self._low}
        return events

    def look_from(self, standpoint: int) -> list[Event]:
        """Nothing of before is needed."""
        return []

    def finish(self, time_s: float) -> list[Event]:
        """The source has ended."""
        return self._end(time_s)

    @property
    def drive(self) -> float:
        """Movement of the trunk in the last frame, T/s; NaN = unknown."""
        return self._speed

    @property
    def rest(self) -> tuple[float, ...]:
        """How the hold began, for each of the exercise's measures; empty outside of a hold."""
        return self._levels

    # -- one hold -----------------------------------------------------------------------------------------------

    def _begin(self, time_s: float, since_s: float) -> list[Event]:
        self._start_s = max(self._earliest_s, since_s)
        self._is_part = self._start_s <= self._cut_s
        self._is_counted_part = self._is_part and self._cut_s - self._counted_to_s <= LONGEST_UNSEEN_S
        self._still_s = time_s
        self._credited_s = time_s - self._start_s
        return [PhaseEntered(time_s, "Hold", None), HoldStarted(self._start_s, None)]

    def _break_off(self, time_s: float, may_go_on: bool = True) -> list[Event]:
        """What is seen of the hold is over; unless it was seen to end, it may go on where nobody sees it."""
        is_open, was_counted, n_before = self._outside_s == 0.0, self._is_counted_part, self._n_counted
        self._is_part = self._is_part or is_open
        events = self._end(time_s)
        if is_open and may_go_on and (was_counted or self._n_counted > n_before):
            self._counted_to_s = time_s
        return events

    def _over_before(self) -> Until | None:
        """Until when the hold went, if the gap that has just ended ended it."""
        until, lasted_s = self._extent(), self._outside_s + self._unseen_s
        left = self._wandering.resume(until)
        return self._gaps.add(Gap(until, lasted_s)) if left is None else left.until

    def _keep(self, time_s: float, dt_s: float) -> None:
        """Still, or still again after a gap that is short enough."""
        if self._is_broken:
            self._again_s = self._trail.came_s()
        lost_s = self._outside_s + self._unseen_s
        self._credited_s += dt_s + (lost_s if lost_s <= self._hold_rule.bridge_s else 0.0)
        self._outside_s = self._unseen_s = 0.0
        self._still_s, self._is_broken = time_s, False

    def _watch_faults(self, time_s: float, values: tuple[float, ...], is_live: bool, events: list[Event]) -> None:
        if not self._levels:
            self._first.append(values)
            if time_s - self._start_s < LEVELS_FROM_S:
                return
            columns = ([v for v in column if v == v] for column in zip(*self._first, strict=True))
            self._levels = tuple(statistics.median(known) if known else math.nan for known in columns)
            self._first.clear()
        row = Row(time_s, 1.0, values, is_live)
        for finding in self._watch.watch(row, 1.0, 1.0, "", True, self._own_levels()):
            self._found.append(finding.fault)
            events.append(raised(time_s, finding, None))
            say(self._coach.while_moving(time_s, finding.fault), events)

    def _own_levels(self) -> list[float]:
        levels, names = list(self._levels), self.exercise.measures
        for column, low in self._low.items():
            levels[column] = min(low.value, self._stay_rule.lowest[names[column]])
        return levels

    def _end(self, time_s: float, before: Until | None = None) -> list[Event]:
        """The hold is over, or was before a slow movement began in it."""
        if not self._is_running:
            return []
        rule = self._hold_rule
        end_s, credited_s = self._gaps.trimmed(before or self._extent())
        has_breathed_enough = self._has_breathed_enough_until(end_s if before else math.inf)
        is_enough = credited_s >= rule.counted_s or has_breathed_enough
        is_counted = is_enough and not self._is_counted_part
        reason = None if is_counted else GOES_ON if is_enough else f"held {credited_s:.1f} s of {rule.target_s:g} s"
        hold = Hold(
            start_s=self._start_s,
            end_s=end_s,
            elapsed_s=end_s - self._start_s,
            credited_s=credited_s,
            target_s=rule.target_s,
            side=None,
            counted=is_counted,
            reason=reason,
        )
        events: list[Event] = [FaultCleared(time_s, fault.id, start) for fault, start in self._watch.clear()]
        if is_counted or credited_s > 0.0:
            events.append(HoldCompleted(time_s, hold))
        found = list(self._found)
        for fault in self.exercise.faults:
            if fault.metric != "hold_s" or fault.below is None or has_breathed_enough or self._is_part:
                continue
            if is_counted and credited_s < fault.below:
                found.append(fault)
                events.append(FaultRaised(time_s, fault.id, fault.cue, None, credited_s, fault.below))
                events.append(FaultCleared(time_s, fault.id, self._start_s))
        if is_counted:
            self._n_counted += 1
            self.marks.counted(time_s)
        else:
            self.marks.turned_down(time_s, reason)
        if is_counted or found:
            say(self._coach.after_movement(time_s, found, PRAISE), events)
        events.append(PhaseEntered(time_s, "Rest", None))
        self._start_over()
        self._earliest_s = end_s
        return events

    def _extent(self) -> Until:
        """How far the hold goes: to where somebody began to move, else to the end of what was seen."""
        is_open = self._outside_s == 0.0
        end_s = self._still_s if is_open else max(self._start_s, self._trail.left_s(self._still_s))
        return Until(end_s, max(0.0, self._credited_s - (self._still_s - end_s)))

    # -- what may be shown --------------------------------------------------------------------------------------

    def progress(self) -> Progress:
        """What to show of the last frame."""
        rule, drive = self._hold_rule, self.exercise.drive
        is_enough = self._credited_s >= rule.target_s or self._has_breathed_enough
        is_done = is_enough and not self._is_counted_part
        return Progress(
            phase="Hold" if self._is_running and not self._is_broken else None,
            side=None,
            count=self._n_counted + is_done,
            count_target=self.exercise.criterion.target,
            count_label="holds",
            progress=min(1.0, self._credited_s / rule.target_s),
            gauge=Gauge(drive.label, drive.unit, self._speed, drive.axis, ((0.0, self._stay_rule.still_below),)),
            hold=HoldClock(self._credited_s, rule.target_s, self._is_running and not self._is_broken),
            fault_segments=self._watch.marked,
        )
