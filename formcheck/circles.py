"""Follows circles of the hips: turns round the middle of their own path, with direction, size and roundness.

The middle is that of the range over the last 1.1 turns (exercise specification, A3): a running mean, or the winding
of the tangent, fails in moderate noise. The turn's time comes from the path's own rhythm.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import numpy as np

from formcheck.circle_path import (
    LONGEST_TURN_S,
    SHORTEST_TURN_S,
    TURNS_SEEN,
    Ellipse,
    Point,
    filling,
    half_axis,
    rhythm_s,
    roundness_of,
    way,
)
from formcheck.counters import contradicts
from formcheck.events import Circle, CircleCompleted, Event, FaultCleared, FaultRaised, PhaseEntered
from formcheck.exercise import Exercise, Fault
from formcheck.feedback import Coach
from formcheck.filters import SAME_MOMENT_S
from formcheck.follower import PRAISE, Marks, Progress, one_sided, say
from formcheck.types import Direction, Gauge

STEP_S = 0.1  # the path is followed at ten points a second, whatever the frame rate
AROUND_S = 0.2  # a point is the mean of the frames so long before and after it: jitter is not followed round
RHYTHM_EVERY_S = 0.3
NEAR_MIDDLE = 0.5  # of the half axes: nearer to the middle a point has no angle worth reading
MIDDLE_SHARE = 0.25  # of a turn's time: who stays near the middle for so long does not go round
SHRUNK = 0.75  # of a frame's size: whoever ends goes back to the middle, which makes a smaller frame beside it
WENT_SHARE = 0.1  # of the path's half axis; at 6 s a circle, seen flat, a turn's slowest part goes 0.15 [measured]
REVERSED_DEG = 60.0  # turning back by this much ends a turn
CLOSED_DEG = 300.0  # a last turn spirals back to the middle before it is quite closed
ENDED_DEG = 250.0  # so far it is seen outside of the middle when it spirals out or back over a fifth of its time
ATTEMPT_DEG = 200.0  # a turn given up after this much is shown as not counted


class CircleFollower:
    """Implements follower.Follower for circles."""

    def __init__(self, exercise: Exercise, coach: Coach) -> None:
        assert exercise.criterion.circle is not None
        self.exercise = exercise
        self.marks = Marks()
        self._rule = exercise.criterion.circle
        self._coach = coach
        self._columns = [exercise.measures.index(name) for name in (self._rule.side, self._rule.fore)]
        self._frames: deque[Point] = deque()  # of the last moments: what the path's points are made of
        self._path: deque[Point] = deque()
        self._last_s = -math.inf  # of the path's newest point
        self._followed_s = -math.inf  # up to where the path's angles are read
        self._middle_since_s = math.nan  # the path is near its middle
        self._frame: Ellipse | None = None  # what the running turn's angles are read in, since when
        self._framed_s = -math.inf
        self._turn: list[Point] = []  # of the running turn
        self._turned_deg = 0.0
        self._back_deg = 0.0  # against the turn's own direction since it was furthest
        self._has_turned = False  # a turn has been closed since the path began
        self._began_at_rest = False  # the path's beginning was seen: before it the hips were where they stay
        self._radius = math.nan
        self._turn_s: float | None = None
        self._rhythm_at_s = math.nan
        self._n_attempts = 0
        self._is_cut = False  # a part of the recording is missing
        self._counted: dict[Direction, int] = {"cw": 0, "ccw": 0}

    # -- the calls of a Follower --------------------------------------------------------------------------------

    def start(self, time_s: float) -> None:
        """Judging begins."""
        self._frames.clear()
        self._forget()

    def follow(self, time_s: float, values: tuple[float, ...], is_live: bool, dt_s: float) -> list[Event]:
        """Take a frame's measures and say what happened."""
        side, fore = (values[column] for column in self._columns)
        if not is_live or side != side or fore != fore:
            return []
        self._frames.append(Point(time_s, side, fore, values))
        return self._go_on(time_s - AROUND_S)

    def breathed(self, time_s: float) -> None:
        """Breaths are reported; the clock decides."""

    def skip(self) -> None:
        """A frame that may not be judged."""

    def stop(self, time_s: float, reason: str) -> list[Event]:
        """Judging has stopped: the running turn is broken."""
        return self._go_on(time_s) + self._give_up(time_s, reason)

    def cut(self, time_s: float, reason: str) -> list[Event]:
        """Another picture begins."""
        self._is_cut = True
        events = self._go_on(time_s) + self._give_up(time_s, reason, 360.0)  # no way back to the middle
        self._frames.clear()
        return events

    def look_from(self, standpoint: int) -> list[Event]:
        """Nothing of before is needed."""
        return []

    def finish(self, time_s: float) -> list[Event]:
        """The source has ended."""
        events = self._go_on(time_s) + self._give_up(time_s, "the recording ended in the middle of it")
        n_done = list(self._counted.values())
        return events if self._is_cut else events + one_sided(time_s, self.exercise.faults, n_done)

    @property
    def drive(self) -> float:
        """Half of the longer axis of the path over the last turn; NaN = unknown."""
        return self._radius

    @property
    def rest(self) -> tuple[float, ...]:
        """Nobody rests on a circle."""
        return ()

    # -- following the path -------------------------------------------------------------------------------------

    def _go_on(self, until_s: float) -> list[Event]:
        """Lengthen the path up to a time: what lies around its points is known by then."""
        events: list[Event] = []
        while (point := self._next_point(until_s)) is not None:
            self._path.append(point)
            while self._path[0].time_s < point.time_s - 2.2 * LONGEST_TURN_S:
                self._path.popleft()
            events += self._advance()
        while self._frames and self._frames[0].time_s < until_s - STEP_S - 2.0 * AROUND_S:
            self._frames.popleft()
        return events

    def _next_point(self, until_s: float) -> Point | None:
        """The path's next point up to a time; None when there is none yet."""
        after_s = self._last_s + 0.9 * STEP_S
        frame = next((f for f in self._frames if not f.time_s < after_s), None)
        if frame is None or frame.time_s > until_s:
            return None
        self._last_s = frame.time_s
        around_s = min(AROUND_S, self._frames[-1].time_s - frame.time_s, frame.time_s - self._frames[0].time_s)
        around = [f for f in self._frames if abs(f.time_s - frame.time_s) <= around_s + SAME_MOMENT_S]
        n = len(around)
        return frame._replace(side=sum(f.side for f in around) / n, fore=sum(f.fore for f in around) / n)

    def _forget(self) -> None:
        self._path.clear()
        self._turn.clear()
        self._turned_deg = self._back_deg = 0.0
        self._radius = self._rhythm_at_s = math.nan
        self._turn_s = None
        self._followed_s, self._middle_since_s = -math.inf, math.nan
        self._frame = None
        self._has_turned = self._began_at_rest = False

    def _advance(self) -> list[Event]:
        now = self._path[-1]
        recent = [p for p in self._path if p.time_s >= now.time_s - self._rule.calm_s]
        if self._is_calm(recent):
            events: list[Event] = self._give_up(now.time_s, "not a whole circle")
            self._began_at_rest = True
            self._path.extend(recent[len(recent) // 2 :])  # a slow circle may have begun in it
            return events
        if not now.time_s - self._rhythm_at_s < RHYTHM_EVERY_S:
            self._rhythm_at_s, self._turn_s = now.time_s, rhythm_s(list(self._path))
        turn_s = self._turn_s
        if turn_s is None:
            return []
        window = [p for p in self._path if p.time_s >= now.time_s - TURNS_SEEN * turn_s]
        self._radius = half_axis(window)
        if self._radius < self._rule.radius_min:
            return []
        frame = self._frame = self._steadied(Ellipse.of(window), now.time_s, turn_s)
        if frame is None:
            return []
        if not self._has_turned:
            # The middle of a first turn is only known once it is closed: until then it is followed afresh.
            self._turn.clear()
            self._turned_deg = self._back_deg = 0.0
            self._followed_s, self._middle_since_s = -math.inf, math.nan
        events = []
        for point in [p for p in self._path if p.time_s > self._followed_s]:
            self._followed_s = point.time_s
            events += self._turn_on(point, frame, now.time_s - TURNS_SEEN * turn_s, turn_s)
        return events

    def _steadied(self, frame: Ellipse | None, time_s: float, turn_s: float) -> Ellipse | None:
        """The newest frame, or for up to a turn the one before, where the way back to the middle shrinks it."""
        kept = self._frame
        is_shrunk = kept is not None and (frame is None or frame.size < SHRUNK * kept.size)
        if is_shrunk and time_s - self._framed_s <= turn_s:
            return kept
        self._framed_s = time_s
        return frame

    def _is_calm(self, recent: Sequence[Point]) -> bool:
        """Whether the hips have stayed where they are; slow circles are small over a second, too, but go somewhere."""
        if recent[-1].time_s - self._path[0].time_s < 0.95 * self._rule.calm_s or (
            half_axis(recent) >= self._rule.radius_min
        ):
            return False
        so_far = half_axis(self._path)
        return so_far < self._rule.radius_min or way(recent) < WENT_SHARE * so_far

    def _turn_on(self, point: Point, frame: Ellipse, framed_from_s: float, turn_s: float) -> list[Event]:
        if frame.distance(point) < NEAR_MIDDLE:
            return self._pass_the_middle(point, framed_from_s, turn_s)
        self._middle_since_s = math.nan
        if not self._turn:
            self._turn.append(point)
            return []
        step = frame.angle_deg(self._turn[-1], point)
        self._turn.append(point)
        if not self._turned_deg or step * self._turned_deg >= 0.0:
            self._turned_deg += step
            self._back_deg = max(0.0, self._back_deg - abs(step))
        else:
            self._turned_deg += step
            self._back_deg += abs(step)
        if self._back_deg >= REVERSED_DEG:
            self._turn = self._turn[-1:]
            self._turned_deg = self._back_deg = 0.0
            return []
        if abs(self._turned_deg) < 360.0:
            return []
        if not self._has_turned and self._turn[0].time_s > framed_from_s:
            return []  # the frame still holds the way from the middle to the first turn, which has another middle
        points, direction = self._turn, self._direction()
        self._has_turned = True
        self._turn = [point]
        self._turned_deg = math.copysign(abs(self._turned_deg) - 360.0, self._turned_deg)
        self._back_deg = 0.0
        return self._assess(points, direction, None)

    def _pass_the_middle(self, point: Point, framed_from_s: float, turn_s: float) -> list[Event]:
        """A point without an angle; whoever stays in the middle does not go round: what comes then is another turn."""
        if math.isnan(self._middle_since_s):
            self._middle_since_s = point.time_s
        if not self._turn or point.time_s - self._middle_since_s < MIDDLE_SHARE * turn_s:
            return []
        events: list[Event] = []
        if abs(self._turned_deg) >= ENDED_DEG and (self._has_turned or self._turn[0].time_s <= framed_from_s):
            events = self._assess(self._turn, self._direction(), None, abs(self._turned_deg))
            self._has_turned = True
        self._turn = []
        self._turned_deg = self._back_deg = 0.0
        return events

    def _direction(self) -> Direction:
        # Sideways is + to the right and fore is + forward: from forward to the right is clockwise seen from above.
        return "cw" if self._turned_deg < 0.0 else "ccw"

    def _give_up(self, time_s: float, reason: str, closed_deg: float = CLOSED_DEG) -> list[Event]:
        events: list[Event] = []
        if abs(self._turned_deg) >= closed_deg and (self._has_turned or self._began_at_rest):
            events = self._assess(self._turn, self._direction(), None, abs(self._turned_deg))
        elif abs(self._turned_deg) >= ATTEMPT_DEG:
            events = self._assess(self._turn, self._direction(), reason)
        self._forget()
        return events

    # -- what a turn was worth ----------------------------------------------------------------------------------

    def _assess(
        self, points: Sequence[Point], direction: Direction, broken: str | None, turned_deg: float = 360.0
    ) -> list[Event]:
        criterion, time_s = self.exercise.criterion, points[-1].time_s
        radius = half_axis(points)
        roundness = roundness_of(points)
        whole = max(1.0, 360.0 / turned_deg)  # a last turn that spirals back is no quicker for it, and no narrower
        seconds = whole * (points[-1].time_s - points[0].time_s)
        if seconds < SHORTEST_TURN_S:
            return []  # jitter round the middle
        reason = broken
        if reason is None and radius < self._rule.radius_min:
            reason = f"smaller than {100 * self._rule.radius_min:g} % of the trunk's length"
        if reason is None and not self._is_round(points, whole * roundness * radius):
            reason = "a sway, not a circle"
        if reason is None and filling(points) < self._rule.filling_min:
            reason = "moved about, not round in a circle"
        if reason is None and self._steps(points) > 2.0 * radius:
            reason = "your feet went further than your hips"
        reason = reason or self._contradiction(points)
        if reason is None and seconds < criterion.shortest_s:
            reason = f"too quick for this movement ({seconds:.1f} s)"
        if reason is None and seconds > criterion.longest_s:
            reason = f"not round within {criterion.longest_s:.0f} s"
        self._n_attempts += 1
        faults = self._faults(points, radius, roundness, seconds) if reason is None else []
        circle = Circle(
            index=self._n_attempts,
            start_s=points[0].time_s,
            end_s=time_s,
            direction=direction,
            radius=radius,
            roundness=roundness,
            unit="T",
            counted=reason is None,
            reason=reason,
            faults=tuple(fault.id for fault, _, _ in faults),
        )
        events: list[Event] = []
        for fault, value, limit in faults:
            events.append(FaultRaised(time_s, fault.id, fault.cue, circle.index, value, limit))
            events.append(FaultCleared(time_s, fault.id, circle.start_s))
        events.append(CircleCompleted(time_s, circle))
        if reason is None:
            self._counted[direction] += 1
            self.marks.counted(time_s)
            say(self._coach.after_movement(time_s, [fault for fault, _, _ in faults], PRAISE), events)
            events.append(PhaseEntered(time_s, "Clockwise" if direction == "cw" else "Counter-clockwise", None))
        else:
            self.marks.turned_down(time_s, reason)
        return events

    def _is_round(self, points: Sequence[Point], shorter: float) -> bool:
        """Whether a turn goes round something on the floor, wider (half of the shorter axis) than jitter goes."""
        on_floor = [point._replace(fore=point.fore / self._rule.fore_share) for point in points]
        return shorter >= self._rule.noise and roundness_of(on_floor) >= self._rule.roundness_min

    def _steps(self, points: Sequence[Point]) -> float:
        """How far the feet went in a turn; 0 where nothing tells it."""
        return 0.0 if self._rule.feet is None else max(0.0, self._swing(points, self._rule.feet))

    def _contradiction(self, points: Sequence[Point]) -> str | None:
        """Why a measure speaks against a turn; None where none does, or it is not known."""
        return next((e.reason for e in self.exercise.evidence if contradicts(e, self._swing(points, e.measure))), None)

    def _swing(self, points: Sequence[Point], measure: str) -> float:
        """How far a measure goes in a turn, NaN where little of it is known. The middle 80 %: jitter is no step."""
        column = self.exercise.measures.index(measure)
        known = [p.values[column] for p in points if p.values[column] == p.values[column]]
        return float(np.ptp(np.quantile(known, (0.1, 0.9)))) if len(known) > 2 else math.nan

    def _faults(
        self, points: Sequence[Point], radius: float, roundness: float, seconds: float
    ) -> list[tuple[Fault, float, float]]:
        """(fault, value, limit) of what was wrong with a turn."""
        metrics = {"radius": radius, "roundness": roundness, "cycle_s": seconds}
        found = []
        for fault in self.exercise.faults:
            if fault.metric == "sides":
                continue
            if fault.measure is not None:
                column = self.exercise.measures.index(fault.measure)
                known = sorted(p.values[column] for p in points if p.values[column] == p.values[column])
                if len(known) < 3:
                    continue
                # A change is the measure's own half swing in the turn.
                value = (known[-1] - known[0]) / 2.0 if fault.is_change else known[len(known) // 2]
            elif fault.metric in metrics:
                value = metrics[fault.metric]
            else:
                continue
            limit = fault.above if fault.above is not None else fault.below or 0.0
            if fault.above is not None:
                limit = max(limit, (fault.share_of_peak or 0.0) * radius)
            if (value > limit) if fault.above is not None else (value < limit):
                found.append((fault, value, limit))
        return found

    # -- what may be shown --------------------------------------------------------------------------------------

    def progress(self) -> Progress:
        """What to show of the last frame."""
        drive, low = self.exercise.drive, self._rule.radius_min
        high = next((f.above for f in self.exercise.faults if f.metric == "radius" and f.above), drive.axis[1])
        target = self.exercise.criterion.target
        is_turning = abs(self._turned_deg) > 0.0
        phase = ("Clockwise" if self._direction() == "cw" else "Counter-clockwise") if is_turning else None
        return Progress(
            phase=phase,
            side=None,
            count=sum(self._counted.values()),
            count_target=(2 * target[0], 2 * target[1]),
            count_label="circles",
            progress=min(1.0, abs(self._turned_deg) / 360.0),
            gauge=Gauge(drive.label, drive.unit, self._radius, drive.axis, ((low, high),)),
            hold=None,
            fault_segments=(),
        )
