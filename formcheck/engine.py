"""The one place where anything is decided: poses in, events out. Camera, file, replay and tests feed it alike."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace
from itertools import pairwise

from formcheck.counters import Attempt, Trip, as_repetition, assess_hold, measure_trip, why_not
from formcheck.events import (
    BlockEnded,
    BlockStarted,
    CueGiven,
    Event,
    FaultCleared,
    FaultRaised,
    HoldBroken,
    HoldCompleted,
    HoldStarted,
    PhaseEntered,
    PoseFound,
    PoseLost,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
    RoundCompleted,
    SetupCleared,
    SetupProblem,
    ViewChanged,
)
from formcheck.exercise import Exercise
from formcheck.faults import FaultWatch, Finding, find_faults
from formcheck.feedback import Coach
from formcheck.gatekeeper import LOST_AFTER_S, NOBODY, Gatekeeper
from formcheck.livehold import LiveHold
from formcheck.measures.body import Body, BodyTracker
from formcheck.measures.catalogue import MEASURES
from formcheck.measures.integrity import IntegrityMonitor
from formcheck.phases import UNSETTLED_AFTER, Excursion, ExcursionTracker, RestFinder, Row
from formcheck.types import Gauge, Pose, Side, Snapshot

DRIFT_S = 4.0  # time constant with which the rest follows a person who settles
NO_REST_AFTER_S = 6.0  # somebody who never rests: the rest is read from the range of this long a time
MIDDLE, BOTTOM = 0.5, 0.1  # where in that range it lies, for movements to both sides and to one
MOST_ARMING_FRAMES = 400  # arming takes about a second; a bound for sources of absurd rates
HELD_SHARE = 0.8  # of the peak: below, a plateau has been left
CALM_WINDOWS = 1.25  # times the rest's duration: what a calm moment is judged by
BEYOND = 1.0  # times the axis of the drive: further than a movement from a true rest goes
FLASH_S = 0.25
NOTE_S = 4.0
PRAISE = "That is it"
CUT = "the picture jumped"


class Engine:
    """Follows one exercise.

    Args:
        exercise: what is to be counted.
        chosen_by: who chose it: "user", "routine" or "recognised".
    """

    def __init__(self, exercise: Exercise, chosen_by: str = "user") -> None:
        self.exercise = exercise
        self._chosen_by = chosen_by
        self._integrity = IntegrityMonitor()
        self._bodies = BodyTracker(exercise.view_by)
        self._gate = Gatekeeper(exercise)
        self._rest = RestFinder(exercise)
        self._tracker = ExcursionTracker(exercise)
        self._watch = FaultWatch(exercise)
        self._coach = Coach()
        self._hold = LiveHold(exercise.criterion.hold)
        self._measures = [MEASURES[name] for name in exercise.measures]
        self._unknown = tuple(math.nan for _ in self._measures)

        self._time_s = math.nan
        self._values = self._unknown
        self._drive = math.nan
        self._body: Body | None = None
        self._view = "unknown"
        self._is_person = False
        self._has_gap = False
        self._drive_lost_s = math.nan
        self._calm_since_s = math.nan
        self._waiting: deque[tuple[float, tuple[float, ...]]] = deque()
        self._arming: deque[tuple[float, tuple[float, ...], bool]] = deque(maxlen=MOST_ARMING_FRAMES)
        self._halves: list[Trip] = []

        self._phase: str | None = None
        self._n_attempts = 0
        self._counted: dict[Side | None, int] = {}
        self._rounds = 0
        self._sides_of_round: set[Side | None] = set()
        self._flash_s = -math.inf
        self._note: tuple[float, str] | None = None

    # -- the two calls ------------------------------------------------------------------------------------------

    def step(self, pose: Pose) -> list[Event]:
        """Take the next frame's pose and say what happened."""
        events: list[Event] = []
        if math.isnan(self._time_s):
            events.append(BlockStarted(pose.time_s, self.exercise.id, self._chosen_by))
            events.append(SetupProblem(pose.time_s, self.exercise.id, NOBODY))
        dt_s = pose.time_s - self._time_s if self._time_s == self._time_s else 0.0
        self._time_s = pose.time_s
        verdict = self._integrity.check(pose, self._bodies.torso_px).verdict
        if verdict == "cut":
            self._bodies.cut()
            self._rest.forget_window()
            events += self._break(CUT)
        self._note_person(pose, events)
        self._body = self._bodies.update(pose) if pose.is_person else None
        self._values = self._unknown if self._body is None else tuple(m.read(self._body) for m in self._measures)
        self._note_view(events)
        is_live = verdict != "frozen"
        if self._judge(verdict, is_live, events):
            events += self._follow(pose.time_s, self._values, is_live, dt_s)
        else:
            self._has_gap = True
            self._drive = math.nan
        return events

    def finish(self) -> list[Event]:
        """The source has ended: whatever is still running is closed."""
        if math.isnan(self._time_s):
            return []
        events: list[Event] = []
        running = self._tracker.current
        if running is not None and running.is_reached:
            events += self._break("the recording ended in the middle of it")
        events += self._flush_half()
        events += self._one_sided()
        events.append(BlockEnded(self._time_s, self.exercise.id))
        return events

    @property
    def readings(self) -> dict[str, float]:
        """The last frame's measures and driving value by name; NaN = unknown."""
        return {self.exercise.drive.name: self._drive} | {
            m.name: v for m, v in zip(self._measures, self._values, strict=True) if m.name != self.exercise.drive.name
        }

    # -- may it be judged ---------------------------------------------------------------------------------------

    def _note_person(self, pose: Pose, events: list[Event]) -> None:
        if pose.is_person != self._is_person:
            self._is_person = pose.is_person
            events.append(PoseFound(pose.time_s) if pose.is_person else PoseLost(pose.time_s, NOBODY))

    def _note_view(self, events: list[Event]) -> None:
        if self._body is not None and self._body.view != self._view:
            self._view = self._body.view
            events.append(ViewChanged(self._time_s, self._body.view))

    def _judge(self, verdict: str, is_live: bool, events: list[Event]) -> bool:
        """Whether this frame may be used; notes when judging stops, starts, or stays impossible for a new reason."""
        was_judging, old_reason = self._gate.is_judging, self._gate.reason
        now = self._gate.reason_against(self._body, self._values, verdict)  # type: ignore[arg-type]
        is_usable = self._gate.update(self._time_s, now)
        if was_judging and not self._gate.is_judging:
            events += self._break(self._gate.reason or "")
            events += self._flush_half()
            events.append(SetupProblem(self._time_s, self.exercise.id, self._gate.reason or ""))
            self._phase = None
        elif not was_judging and self._gate.is_judging:
            events.append(SetupCleared(self._time_s, self.exercise.id))
            self._rest.forget_window()
            self._waiting.clear()
            for (before_s, *_), (time_s, values, was_live) in pairwise(self._arming):
                events += self._follow(time_s, values, was_live, time_s - before_s)
            self._arming.clear()
        elif not self._gate.is_judging and self._gate.reason != old_reason:
            events.append(SetupProblem(self._time_s, self.exercise.id, self._gate.reason or ""))
        if self._gate.is_arming(now):
            self._arming.append((self._time_s, self._values, is_live))
        else:
            self._arming.clear()
        return is_usable

    # -- following the movement ---------------------------------------------------------------------------------

    def _follow(self, time_s: float, values: tuple[float, ...], is_live: bool, dt_s: float) -> list[Event]:
        self._rest.add(time_s, values)
        if self._rest.levels is None and not self._find_rest(time_s, values):
            return []
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
        self._settle(time_s, dt_s)
        return events

    def _find_rest(self, time_s: float, values: tuple[float, ...]) -> bool:
        """The first rest: a calm moment, or after seconds without one the range of what was seen."""
        if self._rest.is_calm():
            self._rest.settle()
            return True
        self._waiting.append((time_s, values))
        if time_s - self._waiting[0][0] < NO_REST_AFTER_S:
            return False
        is_two_sided = len({m.sign for m in self.exercise.movements}) == 2
        self._rest.settle_at([values for _, values in self._waiting], MIDDLE if is_two_sided else BOTTOM)
        self._waiting.clear()
        return True

    def _blind(self, time_s: float) -> list[Event]:
        """The driving value is unknown: a second of that breaks a movement."""
        self._has_gap = True
        if math.isnan(self._drive_lost_s):
            self._drive_lost_s = time_s
        if time_s - self._drive_lost_s < LOST_AFTER_S:
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
        for finding in self._watch.watch(row, height, running.peak, movement.name, at_peak, self._rest.levels or ()):
            events += self._raise(finding, self._n_attempts + 1)
            self._say(self._coach.while_moving(row.time_s, finding.fault), events)
        if row.time_s - running.begun_s > self.exercise.criterion.longest_s:
            events += self._break(f"not back within {self.exercise.criterion.longest_s:.0f} s")
        return events

    def _hold_events(self, row: Row, height: float, running: Excursion) -> list[Event]:
        change = self._hold.update(row.time_s, height, running.peak, running.needed, row.is_live)
        if change == "started":
            return [HoldStarted(row.time_s, running.movement.side)]
        if change == "broken":
            return [HoldBroken(row.time_s, running.movement.side, "out of the band")]
        return []

    def _enter(self, phase: str, side: Side | None, events: list[Event]) -> None:
        if phase != self._phase:
            self._phase = phase
            events.append(PhaseEntered(self._time_s, phase, side))

    def _settle(self, time_s: float, dt_s: float) -> None:
        """Keep the rest where the person rests: follow slow drift, and believe a new rest that lasts."""
        rest, running = self._rest, self._tracker.current
        if not rest.is_calm():
            self._calm_since_s = math.nan
            return
        if math.isnan(self._calm_since_s):
            self._calm_since_s = time_s
        calm_s = time_s - self._calm_since_s
        if running is None:
            beyond = self._drive * self.exercise.movements[0].sign
            is_one_sided = len({m.sign for m in self.exercise.movements}) == 1
            if is_one_sided and beyond < -self.exercise.hysteresis.begin * self.exercise.movements[0].minimum:
                rest.settle()  # lower than what was taken for the rest
            elif self._tracker.n_learned == 0:
                rest.settle()  # still getting into position
            else:
                rest.drift(min(1.0, dt_s / DRIFT_S))
            return
        rest_s = self.exercise.drive.rest_s
        if time_s - running.begun_s < CALM_WINDOWS * rest_s:
            return  # the calm was before the movement
        if running.is_reached:
            is_new_rest = (
                self._tracker.n_learned == 0
                and self.exercise.criterion.hold is None
                and calm_s >= UNSETTLED_AFTER * rest_s
            )
        else:
            is_new_rest = self._tracker.n_learned == 0 or calm_s >= UNSETTLED_AFTER * rest_s
        if is_new_rest:
            rest.settle()
            self._drop_running()

    def _drop_running(self) -> None:
        self._tracker.drop()
        self._watch.clear()
        self._hold.start_over()
        self._phase = None

    # -- what a movement was worth ------------------------------------------------------------------------------

    def _break(self, reason: str) -> list[Event]:
        """The running movement's evidence is broken: it ends here, not counted."""
        running = self._tracker.current
        if running is None:
            self._tracker.drop()
            return []
        events: list[Event] = []
        if running.is_reached:
            running.broken = reason
            running.over_s = self._time_s
            events = self._finish_excursion(self._tracker.take_finished())
        self._drop_running()
        return events

    def _finish_excursion(self, excursion: Excursion) -> list[Event]:
        events: list[Event] = []
        raised = self._watch.clear()
        self._hold.start_over()
        self._enter("Rest", None, events)
        if excursion.peak <= 0.0:
            return events
        if self._is_from_a_peak(excursion):
            self._rest.settle_at([row.values for row in excursion.rows], MIDDLE)
            self._tracker.drop()
            self._halves.clear()
            return events
        trip = measure_trip(excursion)
        if self.exercise.criterion.kind != "repetition" or len(self.exercise.criterion.sequence) == 1:
            events += self._assess(Attempt((trip,)), {f.id for f, _ in raised})
        else:
            events += self._join(trip)
        events += [FaultCleared(self._time_s, fault.id, start) for fault, start in raised]
        return events

    def _is_from_a_peak(self, excursion: Excursion) -> bool:
        """Whether a first movement goes further than any can: what was taken for the rest was the other side's peak."""
        low, high = self.exercise.drive.axis
        limit = high if excursion.movement.sign > 0 else -low
        is_two_sided = len({m.sign for m in self.exercise.movements}) == 2
        return is_two_sided and self._tracker.n_learned == 0 and excursion.peak > BEYOND * limit

    def _join(self, trip: Trip) -> list[Event]:
        """Put the movements of a sequence together; one that has no partner is shown as partial."""
        events: list[Event] = []
        name = trip.excursion.movement.name
        if self._halves:
            gap_s = trip.edges.start_s - self._halves[-1].edges.end_s
            is_repeated = name in {half.excursion.movement.name for half in self._halves}
            if is_repeated or gap_s > self.exercise.criterion.longest_s:
                events += self._flush_half()
        self._halves.append(trip)
        if len(self._halves) == len(self.exercise.criterion.sequence) or trip.excursion.broken:
            trips, self._halves = tuple(self._halves), []
            events += self._assess(Attempt(trips), set())
        return events

    def _flush_half(self) -> list[Event]:
        if not self._halves:
            return []
        trips, self._halves = tuple(self._halves), []
        if not all(trip.excursion.is_reached for trip in trips):
            return []  # a small stir on one side only is no attempt
        return self._assess(Attempt(trips), set())

    def _assess(self, attempt: Attempt, raised: set[str]) -> list[Event]:
        exercise = self.exercise
        hold = None
        if exercise.criterion.hold is not None:
            hold = assess_hold(attempt.peak_trip, exercise.criterion.hold)
        is_partial, reason = why_not(exercise, attempt, hold)
        if is_partial and attempt.end_s - attempt.start_s < 0.5 * exercise.criterion.shortest_s:
            return []  # a twitch
        is_form_judged = reason is None or (hold is not None and reason == hold.reason)
        findings = find_faults(exercise, attempt, hold, self._rest.levels or ()) if is_form_judged else []
        self._n_attempts += 1
        ids = tuple(f.id for f in exercise.faults if f.id in raised or f.id in {x.fault.id for x in findings})
        repetition = as_repetition(exercise, attempt, self._n_attempts, reason, ids)
        events: list[Event] = []
        if hold is not None and attempt.peak_trip.excursion.is_reached:
            if reason is not None and hold.counted:
                hold = replace(hold, counted=False, reason=reason)
            events.append(HoldCompleted(self._time_s, hold))
        for finding in findings:
            events += self._raise(finding, repetition.index)
            events.append(FaultCleared(self._time_s, finding.fault.id, finding.start_s))
        events += self._count(repetition, attempt) if reason is None else self._turn_down(repetition, is_partial)
        if is_form_judged:
            faults = [finding.fault for finding in findings] + [f for f in exercise.faults if f.id in raised]
            self._say(self._coach.after_movement(self._time_s, faults, PRAISE), events)
        return events

    def _count(self, repetition: Repetition, attempt: Attempt) -> list[Event]:
        for trip in attempt.trips:
            self._tracker.learn(trip.excursion)
        self._counted[repetition.side] = self._counted.get(repetition.side, 0) + 1
        self._flash_s, self._note = self._time_s, None
        events: list[Event] = [RepetitionCompleted(self._time_s, repetition)]
        if self.exercise.criterion.kind == "alternation":
            self._sides_of_round.add(repetition.side)
            if len(self._sides_of_round) == len(self.exercise.criterion.sequence):
                self._sides_of_round.clear()
                self._rounds += 1
                events.append(RoundCompleted(self._time_s, self._rounds))
        return events

    def _turn_down(self, repetition: Repetition, is_partial: bool) -> list[Event]:
        self._note = (self._time_s, f"not counted: {repetition.reason}")
        kind = RepetitionPartial if is_partial else RepetitionRejected
        return [kind(self._time_s, repetition)]

    def _raise(self, finding: Finding, repetition: int) -> list[Event]:
        fault = finding.fault
        return [FaultRaised(self._time_s, fault.id, fault.cue, repetition, finding.value, finding.limit)]

    def _one_sided(self) -> list[Event]:
        """At the end: one side was done and the other was not."""
        sides = {m.side for m in self.exercise.movements if m.side is not None}
        done = [side for side in sides if self._counted.get(side)]
        events: list[Event] = []
        for fault in self.exercise.faults:
            if fault.metric == "sides" and done and len(done) < len(sides):
                events.append(FaultRaised(self._time_s, fault.id, fault.cue, None, 0.0, fault.below or 0.0))
                events.append(FaultCleared(self._time_s, fault.id, self._time_s))
        return events

    def _say(self, cue: CueGiven | None, events: list[Event]) -> None:
        if cue is not None:
            events.append(cue)

    # -- what may be shown --------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """All that a renderer may know about the last frame."""
        exercise, time_s = self.exercise, self._time_s
        running = self._tracker.current
        cue = self._coach.shown(time_s)
        note = self._note[1] if self._note and time_s - self._note[0] < NOTE_S else None
        limbs = {} if self._body is None else {"limb_state": self._body.limb_state}
        return Snapshot(
            time_s=time_s,
            title=exercise.title,
            phase=self._phase,
            side=None if running is None else running.movement.side,
            count=self._rounds if exercise.criterion.kind == "alternation" else sum(self._counted.values()),
            count_target=self._target(),
            count_label={"alternation": "rounds", "hold": "holds"}.get(exercise.criterion.kind, "repetitions"),
            progress=self._progress(running),
            gauge=self._gauge(),
            hold=self._hold.clock(),
            flash=max(0.0, 1.0 - (time_s - self._flash_s) / FLASH_S),
            note=note,
            cue=cue.text if cue else None,
            cue_level=cue.level if cue else None,
            fault_segments=self._watch.marked,
            judged_segments=exercise.judged_segments,
            not_judged=self._gate.reason,
            **limbs,
        )

    def _target(self) -> tuple[int, int]:
        low, high = self.exercise.criterion.target
        n_sides = len(self.exercise.criterion.sequence) if self.exercise.criterion.kind == "hold" else 1
        return (low * n_sides, high * n_sides)

    def _progress(self, running: Excursion | None) -> float:
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
