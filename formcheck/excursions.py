"""Follows movements out of rest and back: repetitions, alternating sides, held peaks, peaks that are reached once."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import dropwhile, takewhile

from formcheck.attempts import Attempts, Moment
from formcheck.counters import assess_hold, contradicts, measure_trip, until_arrival
from formcheck.events import Event, FaultCleared, HoldBroken, HoldStarted, PhaseEntered
from formcheck.exercise import Exercise, Fault
from formcheck.faults import FaultWatch
from formcheck.feedback import Coach
from formcheck.follower import Marks, Progress, one_sided, raised, say
from formcheck.livehold import LiveHold
from formcheck.phases import (
    HISTORY_S,
    Excursion,
    ExcursionTracker,
    Row,
    pauses_on_the_way,
)
from formcheck.rests import RestFinder
from formcheck.types import Gauge, HoldClock, Side

DRIFT_S = 1.5  # time constant with which the rest follows a person who settles
NO_REST_AFTER_S = 6.0  # somebody who never rests: the rest is read from the range of this long a time
MIDDLE, BOTTOM = 0.5, 0.1  # where in that range it lies, for movements to both sides and to one
HELD_SHARE = 0.8  # of the peak: below, a plateau has been left
CALM_WINDOWS = 1.25  # times the rest's duration: what a calm moment is judged by
BEYOND = 1.0  # times the axis of the drive: further than a movement from a true rest goes
BETWEEN = 0.25  # of a first movement: at rest it began near 0, at the other peak half of it away
KEPT_PEAK_S = 8.0  # a first peak may be kept for a breath or two; kept for longer, it is where the person rests
SHOWN_SHARE = 0.5  # of what is needed: from here on, staying short of a full movement is shown as partial
UNSETTLED_AFTER = 3.0  # times the rest's duration: staying this long short of a full movement is a new rest
AWAY_S = 2.0  # not judged for longer: who comes back may have sat or lain down elsewhere
BLIND_AFTER_S = 1.0  # a driving value unknown for this long breaks a movement


class ExcursionFollower:
    """Implements follower.Follower for every exercise that has a rest and movements out of it."""

    def __init__(self, exercise: Exercise, coach: Coach) -> None:
        assert exercise.hysteresis is not None
        self.exercise = exercise
        self.marks = Marks()
        self._begin_share = exercise.hysteresis.begin
        self._coach = coach
        self._rest = RestFinder(exercise)
        self._tracker = ExcursionTracker(exercise)
        self._watch = FaultWatch(exercise)
        self._hold = LiveHold(exercise.criterion.hold)
        self._is_two_sided = len({m.sign for m in exercise.movements}) == 2

        self._time_s = math.nan
        self._stopped_s = math.nan  # when judging stopped last
        self._was_holding = False  # when it did
        self._drive = math.nan
        self._has_gap = False
        self._drive_lost_s = math.nan
        self._still_since_s = math.nan
        self._still_level: tuple[float, ...] = ()  # where the person has been still since
        self._calm_level: tuple[float, ...] = ()  # where this calm stretch began
        self._is_cut = False  # a part of the recording is missing
        self._standpoint: int | None = None
        self._known: dict[int, tuple[tuple[float, ...], ExcursionTracker]] = {}  # rest and range, by standpoint
        self._looked_s = math.nan  # from where it is looked since
        self._waiting: deque[tuple[float, tuple[float, ...], bool]] = deque()
        self._is_retelling = False
        self._doubted: tuple[tuple[float, ...], Excursion] | None = None  # a rest, and what spoke against it
        self._held_from_s = math.nan  # the running hold
        self._phase: str | None = None
        self._attempts = Attempts(exercise, coach, self.marks, lambda excursion: self._tracker.learn(excursion))

    # -- the calls of a Follower --------------------------------------------------------------------------------

    def start(self, time_s: float) -> None:
        """Judging begins: who was away may rest elsewhere, and being there is no movement; a hold may still be kept."""
        self._rest.forget_window()
        self._tracker.begin_anew()
        if time_s - self._stopped_s > AWAY_S and not self._was_holding:
            self._tracker.wait_for_rest()
        self._waiting.clear()

    def follow(self, time_s: float, values: tuple[float, ...], is_live: bool, dt_s: float) -> list[Event]:
        """Take a frame's measures and say what happened."""
        self._time_s = time_s
        if is_live:
            self._rest.add(time_s, values)
        else:  # a picture that stands still is no person at rest
            self._rest.forget_window()
        before: list[Event] = []
        if self._rest.levels is None:
            if not self._find_rest(time_s, values, is_live):
                return []
            before = self._look_back(time_s)
        return before + self._follow(time_s, values, is_live, dt_s)

    def _follow(self, time_s: float, values: tuple[float, ...], is_live: bool, dt_s: float) -> list[Event]:
        """A frame whose rest is known."""
        self._drive = self._rest.drive(values)
        if self._drive != self._drive:
            return self._blind(time_s)
        self._drive_lost_s = math.nan
        row = Row(time_s, self._drive, values, is_live)
        running = self._tracker.current
        if self._has_gap and running is not None and running.rows:
            running.rows[-1] = running.rows[-1]._replace(is_live=False)
        self._has_gap = False
        events = self._advance(row)
        return events + self._settle(time_s, dt_s)

    def breathed(self, time_s: float) -> None:
        """Breaths of a hold may complete it before the clock does; they may be told some time after."""
        self._attempts.breathed(time_s)

    def skip(self) -> None:
        """A frame that may not be judged: its time is not credited."""
        self._has_gap = True
        self._hold.skip()
        self._drive = math.nan

    def stop(self, time_s: float, reason: str) -> list[Event]:
        """Judging has stopped: the running movement is broken."""
        self._time_s = self._stopped_s = time_s
        running = self._tracker.current
        self._was_holding = running is not None and running.is_reached and self.exercise.criterion.hold is not None
        events = self._break(reason) + self._attempts.flush(self._now)
        self._phase = None
        return events

    def cut(self, time_s: float, reason: str) -> list[Event]:
        """Another picture begins: where and how the person rests in it is not known yet."""
        self._time_s, self._is_cut = time_s, True
        is_proven = self._is_rest_proven()
        events = self._break(reason) + self._attempts.flush(self._now)
        if is_proven and self._standpoint is not None and self._rest.levels is not None:
            self._known[self._standpoint] = self._rest.levels, self._tracker
        self._attempts.doubt_rest()
        self._rest, self._tracker = RestFinder(self.exercise), ExcursionTracker(self.exercise)
        self._waiting.clear()
        self._doubted = None
        self._still_since_s = self._drive = math.nan
        return events

    def _is_rest_proven(self) -> bool:
        """Whether a movement has gone out of what is taken for the rest, as far as it should and no further."""
        running = self._tracker.current
        is_out = running is not None and running.is_reached and not self._is_beyond_any(running)
        return is_out or self._tracker.n_learned > 0

    def look_from(self, standpoint: int) -> list[Event]:
        """Who was seen from there before rests there as they did; what they were in the middle of is left out."""
        self._standpoint, self._looked_s = standpoint, self._time_s
        known = self._known.get(standpoint)
        if known is None or self._rest.levels is not None:
            return []
        self._rest.levels, self._tracker = known
        self._tracker.wait_until_back()
        return self._look_at_waiting()

    def finish(self, time_s: float) -> list[Event]:
        """The source has ended: whatever is still running is closed."""
        self._time_s = time_s
        events: list[Event] = []
        running = self._tracker.current
        if running is not None and running.is_reached:
            events += self._break("the recording ended in the middle of it")
        else:
            events += self._drop_running()
        events += self._attempts.flush(self._now)
        sides = {m.side for m in self.exercise.movements if m.side is not None}
        n_done = [self._attempts.counted.get(side, 0) for side in sides]
        return events if self._is_cut else events + one_sided(time_s, self.exercise.faults, n_done)

    @property
    def drive(self) -> float:
        """The last frame's driving value; NaN = unknown."""
        return self._drive

    @property
    def rest(self) -> tuple[float, ...]:
        """The person's rest level of each of the exercise's measures; empty until it is known."""
        return self._rest.levels or ()

    @property
    def _now(self) -> Moment:
        return Moment(self._time_s, self.rest)

    # -- following the movement ---------------------------------------------------------------------------------

    def _find_rest(self, time_s: float, values: tuple[float, ...], is_live: bool) -> bool:
        """The first rest: a calm moment, or after seconds without one the range of what was seen."""
        if self._rest.is_calm():
            self._rest.settle()
            return True
        self._waiting.append((time_s, values, is_live))
        if time_s - self._waiting[0][0] < NO_REST_AFTER_S:
            return False
        self._rest.settle_at([values for _, values, _ in self._waiting], MIDDLE if self._is_two_sided else BOTTOM)
        return True

    def _look_back(self, time_s: float) -> list[Event]:
        """What was done before the rest was found, where the exercise asks for it; from its height on, if cut off."""
        if not self.exercise.drive.looks_back:
            self._waiting.clear()
            return []
        self._tracker.wait_for_rest()
        events = self._look_at_waiting()
        self._time_s = time_s
        return events

    def _look_at_waiting(self) -> list[Event]:
        """Follow what was seen before the rest was known."""
        events: list[Event] = []
        for then_s, values, is_live in self._waiting:
            self._time_s = then_s
            drive = self._rest.drive(values)
            if drive == drive:
                events += self._advance(Row(then_s, drive, values, is_live))
        self._waiting.clear()
        return events

    def _blind(self, time_s: float) -> list[Event]:
        """The driving value is unknown: a second of that breaks a movement."""
        self._has_gap = True
        self._hold.skip()
        if math.isnan(self._drive_lost_s):
            self._drive_lost_s = time_s
        if time_s - self._drive_lost_s < BLIND_AFTER_S:
            return []
        return self._break(f"{self.exercise.drive.label.lower()} could not be seen")

    def _advance(self, row: Row) -> list[Event]:
        events: list[Event] = []
        step = self._tracker.step(row)
        running = self._tracker.current
        if running is None:
            return events
        movement = running.movement
        height = row.drive * movement.sign
        if step == "begun":
            self._enter(movement.label, movement.side, events)
            self._hold.start_over()
        elif step == "over":
            return self._finish_excursion(self._tracker.take_finished())
        if running.is_reached:
            events += self._hold_events(row, height, running)
            at_peak = height >= HELD_SHARE * running.peak
            self._enter(movement.peak_label if at_peak else "Return", movement.side, events)
        else:
            at_peak = False
        for finding in self._watch.watch(row, height, running.peak, movement.name, at_peak, self.rest):
            events.append(raised(row.time_s, finding, self._attempts.n_told + 1))
            say(self._coach.while_moving(row.time_s, finding.fault), events)
        if self._has_arrived(running):
            return events + self._reach(running)
        if row.time_s - running.begun_s > self.exercise.criterion.longest_s:
            events += self._break(f"not back within {self.exercise.criterion.longest_s:.0f} s")
            self._tracker.wait_for_descent(movement)
        return events

    def _has_arrived(self, running: Excursion) -> bool:
        """Whether a peak that counts without the way back has been kept for long enough."""
        rule, clock = self.exercise.criterion.hold, self._hold.clock()
        if self.exercise.criterion.kind != "reach" or rule is None or clock is None:
            return False
        if not (running.is_reached and clock.credited_s >= rule.counted_s and self._rest.is_calm()):
            return False  # still on the way, however far
        return assess_hold(measure_trip(running), rule).counted

    def _reach(self, running: Excursion) -> list[Event]:
        """The peak counts, and is where the person rests from now on."""
        running.over_s = self._time_s
        events = self._finish_excursion(self._tracker.take_finished())
        self._rest.settle()
        return events + self._drop_running()

    def _hold_events(self, row: Row, height: float, running: Excursion) -> list[Event]:
        change = self._hold.update(row.time_s, height, running.peak, running.needed, row.is_live)
        if change == "started":
            self._held_from_s = row.time_s
            return [HoldStarted(row.time_s, running.movement.side)]
        if change == "broken":
            return [HoldBroken(row.time_s, running.movement.side, "out of the band")]
        return []

    def _enter(self, phase: str, side: Side | None, events: list[Event]) -> None:
        if phase != self._phase:
            self._phase = phase
            events.append(PhaseEntered(self._time_s, phase, side))

    def _settle(self, time_s: float, dt_s: float) -> list[Event]:
        """Keep the rest where the person rests: follow slow drift, and believe a new rest that lasts."""
        rest, running = self._rest, self._tracker.current
        if self._tracker.is_way_back:
            if time_s - self._looked_s > self.exercise.criterion.longest_s:  # no movement takes so long
                self._rest, self._tracker = RestFinder(self.exercise), ExcursionTracker(self.exercise)
            return []
        if not rest.is_calm():
            self._still_since_s = math.nan
            return []
        # Somebody who moves slowly looks calm at every place of the way: a rest is where one stays.
        rest_s, spread = self.exercise.drive.rest_s, self.exercise.drive.rest_spread
        level = rest.window()
        if math.isnan(self._still_since_s):
            self._still_since_s, self._still_level, self._calm_level = time_s, level, level
        elif not rest.distance(level, self._still_level) <= spread:
            self._still_since_s, self._still_level = time_s, level
        calm_s = time_s - self._still_since_s
        if running is None:
            beyond = self._drive * self.exercise.movements[0].sign
            if not self._is_two_sided and beyond < -self._begin_share * self.exercise.movements[0].minimum:
                self._settle_anew()  # lower than what was taken for the rest
            elif self._tracker.n_learned == 0:
                self._get_into_position(calm_s, level)
            else:
                rest.drift(min(1.0, dt_s / DRIFT_S))
            return []
        new_rest_s = self.exercise.drive.new_rest_s or UNSETTLED_AFTER * rest_s
        if time_s - running.begun_s < CALM_WINDOWS * rest_s:
            return []  # the calm was before the movement
        is_no_peak = running.is_reached and self._is_no_peak(level, running)
        if running.is_reached and not is_no_peak:
            if self._tracker.n_learned or self.exercise.criterion.hold is not None:
                return []
            still = takewhile(lambda row: row.time_s >= self._still_since_s, reversed(running.rows))
            if max((row.drive * running.movement.sign for row in still), default=0.0) >= HELD_SHARE * running.peak:
                new_rest_s = max(new_rest_s, KEPT_PEAK_S)
        if calm_s < new_rest_s:
            return []
        events: list[Event] = []
        past = list(self._tracker.recent)
        if is_no_peak or (not running.is_reached and running.peak >= SHOWN_SHARE * running.needed):
            running.over_s = time_s
            events = self._finish_excursion(running)
            past = [row for row in past if row.time_s >= self._still_since_s]  # no part of two movements
        # What was done out of the old rest has no partner out of the new one.
        events += self._attempts.flush_half(self._now) + self._drop_running()
        self._settle_anew(past)
        return events

    def _is_no_peak(self, level: tuple[float, ...], running: Excursion) -> bool:
        """Whether where the person has come to rest contradicts what a peak of this movement must show."""
        return any(
            contradicts(item, level[self.exercise.measures.index(item.measure)])
            for item in self.exercise.evidence
            if item.during == "peak" and item.statistic == "median" and item.movement in (None, running.movement.name)
        )

    def _get_into_position(self, calm_s: float, level: tuple[float, ...]) -> None:
        """Before the first movement the rest goes along with small shifts, but not with a slow way elsewhere."""
        drive = self.exercise.drive
        if self._rest.distance(level, self._calm_level) <= drive.rest_spread:
            self._settle_anew()
        elif calm_s >= UNSETTLED_AFTER * drive.rest_s:
            self._calm_level = level
            self._settle_anew()
        else:
            self._rest.levels = self._calm_level

    def _settle_anew(self, past: Sequence[Row] = ()) -> None:
        """Another rest than before: what led to here (`past`, or what the tracker knows) is told from it, too."""
        self._rest.settle()
        past = past or self._tracker.recent
        newest = past[-1].time_s if past else 0.0
        self._tracker.recall(
            [row._replace(drive=self._rest.drive(row.values)) for row in past if row.time_s >= newest - HISTORY_S]
        )

    def _drop_running(self) -> list[Event]:
        """Forget what is under way; what was raised in it is over."""
        self._tracker.drop()
        self._hold.start_over()
        self._phase = None
        return self._cleared(self._watch.clear())

    def _cleared(self, faults: Sequence[tuple[Fault, float]]) -> list[Event]:
        return [FaultCleared(self._time_s, fault.id, start_s) for fault, start_s in faults]

    # -- the end of a movement ----------------------------------------------------------------------------------

    def _break(self, reason: str) -> list[Event]:
        """The running movement's evidence is broken: it ends here, not counted. Who gets up has not begun one."""
        running = self._tracker.current
        if running is None:
            self._tracker.drop()
            return []
        events: list[Event] = []
        if running.is_reached and not self._is_beyond_any(running):
            running.broken = reason
            running.over_s = self._time_s
            events = self._finish_excursion(self._tracker.take_finished())
        return events + self._drop_running()

    def _finish_excursion(self, excursion: Excursion) -> list[Event]:
        events: list[Event] = []
        faults = self._watch.clear()
        self._hold.start_over()
        self._enter("Rest", None, events)
        if excursion.peak <= 0.0:
            return events + self._cleared(faults)
        if self._is_two_sided and self._tracker.n_learned == 0:
            if not self._is_retelling and (pauses := pauses_on_the_way(self.exercise, excursion)):
                self._rest.settle_at(pauses, MIDDLE)
                return events + self._cleared(faults) + self._retell(excursion.rows)
            if not self._is_retelling and self._is_from_a_peak(excursion):
                return events + self._cleared(faults) + self._doubt_rest(excursion)
        trip = measure_trip(excursion, frozenset(fault.id for fault, _ in faults))
        if self.exercise.criterion.kind == "reach":
            trip = until_arrival(trip)
        return events + self._attempts.take(trip, self._now) + self._cleared(faults)

    def _is_from_a_peak(self, excursion: Excursion) -> bool:
        """Whether a first movement goes further than any can: what was taken for the rest was the other side's peak.

        Unless it lay between the sides: then the person is seen from where the movement looks as large.
        """
        has_sides = excursion.movement.side is not None
        is_between = has_sides and abs(self._rest.off_zero()) < BETWEEN * excursion.peak
        return self._is_beyond_any(excursion) and not is_between

    def _is_beyond_any(self, excursion: Excursion) -> bool:
        """Whether it went further than a movement from a true rest goes."""
        low, high = self.exercise.drive.axis
        return excursion.peak > BEYOND * (high if excursion.movement.sign > 0 else -low)

    def _doubt_rest(self, excursion: Excursion) -> list[Event]:
        """A movement went further than any can: its middle is the rest, not the other side's peak.

        Unless the next one goes beyond that peak: then it lay between the sides, and this person goes far.
        """
        if self._doubted is not None:
            levels, first = self._doubted
            self._rest.levels = levels
            heights = [self._rest.drive(row.values) * first.movement.sign for row in excursion.rows]
            if min((height for height in heights if height == height), default=math.nan) < -first.needed:
                self._doubted = None
                return self._retell(first.rows + excursion.rows)
        assert self._rest.levels is not None
        self._doubted = self._rest.levels, excursion
        self._rest.settle_at([row.values for row in excursion.rows], MIDDLE)
        self._tracker.drop()
        self._attempts.forget_halves()
        return []

    def _retell(self, rows: Sequence[Row]) -> list[Event]:
        """Another rest than was thought: what happened since the person first passed it is told from it."""
        self._tracker.drop()
        self._attempts.forget_halves()
        near = self._begin_share * min(movement.minimum for movement in self.exercise.movements)
        told = [row._replace(drive=self._rest.drive(row.values)) for row in rows]
        events: list[Event] = []
        self._is_retelling = True  # a second rest in what is told once more would be told for ever
        for row in dropwhile(lambda row: not abs(row.drive) < near, told):
            events += self._advance(row)
        self._is_retelling = False
        return events

    # -- what may be shown --------------------------------------------------------------------------------------

    def progress(self) -> Progress:
        """What to show of the last frame."""
        kind = self.exercise.criterion.kind
        running = self._tracker.current
        return Progress(
            phase=self._phase,
            side=None if running is None else running.movement.side,
            count=self._attempts.rounds if kind == "alternation" else sum(self._attempts.counted.values()),
            count_target=self._target(),
            count_label={"alternation": "rounds", "hold": "holds"}.get(kind, "repetitions"),
            progress=self._share(running),
            gauge=self._gauge(),
            hold=self._hold_clock(),
            fault_segments=self._watch.marked,
        )

    def _hold_clock(self) -> HoldClock | None:
        """The hold's seconds; breaths enough end it where it is."""
        clock = self._hold.clock()
        if clock is not None and self._attempts.has_breathed_enough(self._held_from_s, self._time_s):
            return replace(clock, target_s=min(clock.target_s, clock.credited_s))
        return clock

    def _target(self) -> tuple[int, int]:
        low, high = self.exercise.criterion.target
        n_sides = len(self.exercise.criterion.sequence) if self.exercise.criterion.kind == "hold" else 1
        return (low * n_sides, high * n_sides)

    def _share(self, running: Excursion | None) -> float:
        if running is None or self._drive != self._drive:
            return 0.0
        full = max(running.needed, self._tracker.usual_range(running.movement), 0.0)
        share = self._drive * running.movement.sign / (full if full == full else running.needed)
        return min(1.0, max(0.0, share))

    def _gauge(self) -> Gauge:
        drive = self.exercise.drive
        bands = tuple(
            (m.target[0], m.target[1]) if m.sign > 0 else (-m.target[1], -m.target[0]) for m in self.exercise.movements
        )
        return Gauge(drive.label, drive.unit, self._drive, drive.axis, bands)
