"""Every exercise tried on a whole recording: what each engine would have counted, when, and how well it fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from formcheck.engine import Engine
from formcheck.events import (
    Circle,
    CircleCompleted,
    Event,
    Hold,
    HoldCompleted,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
    SetupCleared,
    SetupProblem,
)
from formcheck.exercise import Exercise
from formcheck.measures.senses import Senses
from formcheck.types import Direction, Pose, Side

AFRESH_AFTER_S = 3.0  # not judged for this long: what comes is tried by an engine that knows nothing of before
LARGE_CIRCLE = 2.0  # times the smallest radius that counts


@dataclass(frozen=True, slots=True)
class Claim:
    """Something an engine counted or turned down.

    Attributes:
        fit: how much like the full movement it is, 0-1: its range over the middle of the target, its time against
            the usual tempo; of a posture kept, the share of the time that is credited.
        told_s: when it was decided.
        is_partial: it went that way, only not far enough.
        stretch: number of the stretch of unbroken judgement it lies in.
        reason: why it was not counted; None when counted.
    """

    exercise: str
    start_s: float
    end_s: float
    told_s: float
    fit: float
    counted: bool
    is_partial: bool
    stretch: int
    side: Side | None = None
    direction: Direction | None = None
    reason: str | None = None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end_s - self.start_s

    def overlap_s(self, start_s: float, end_s: float) -> float:
        """How much of it lies in [start_s, end_s)."""
        return max(0.0, min(self.end_s, end_s) - max(self.start_s, start_s))


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an exercise could not be judged in [start_s, end_s)."""

    start_s: float
    end_s: float
    reason: str


class Trial:
    """One exercise tried.

    Attributes:
        claims: what was counted or turned down, in order of time.
        judged_s: for how long it could be judged.
        obstacles: when and why it could not be judged, in order of time.
    """

    def __init__(self, exercise: Exercise, senses: Senses) -> None:
        self.exercise = exercise
        self.claims: list[Claim] = []
        self.judged_s = 0.0
        self.obstacles: list[Obstacle] = []
        self._senses = senses
        self._engine = self._new_engine()
        self._stretch = 0
        self._since_s: float | None = None
        self._stopped_s: float | None = None
        self._problem: tuple[float, str] | None = None

    @property
    def is_stay(self) -> bool:
        """Whether the exercise is a posture that is kept."""
        return self.exercise.criterion.kind == "stay"

    def take(self, pose: Pose) -> None:
        """Try the next frame."""
        self._note(self._engine.step(pose))
        if self._stopped_s is not None and pose.time_s - self._stopped_s >= AFRESH_AFTER_S:
            self._note(self._engine.finish())
            self._engine, self._stopped_s = self._new_engine(), None

    def close(self, end_s: float) -> None:
        """The recording has ended."""
        self._note(self._engine.finish())
        self._end_problem(end_s)
        if self._since_s is not None:
            self.judged_s += end_s - self._since_s
            self._since_s = None

    def _end_problem(self, time_s: float) -> None:
        if self._problem is not None:
            since_s, reason = self._problem
            self.obstacles.append(Obstacle(since_s, time_s, reason))
            self._problem = None

    def _new_engine(self) -> Engine:
        return Engine(self.exercise, "recognised", self._senses)

    def _note(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, RepetitionCompleted | RepetitionPartial | RepetitionRejected):
                is_partial = isinstance(event, RepetitionPartial)
                fit = _fit_of_repetition(self.exercise, event.repetition)
                self._claim(event.repetition, event.time_s, fit, is_partial)
            elif isinstance(event, CircleCompleted):
                self._claim(event.circle, event.time_s, _fit_of_circle(self.exercise, event.circle))
            elif isinstance(event, HoldCompleted) and self.is_stay:
                self._claim(event.hold, event.time_s, _fit_of_hold(event.hold))
            elif isinstance(event, SetupCleared):
                self._end_problem(event.time_s)
                self._since_s, self._stopped_s = event.time_s, None
                self._stretch += 1
            elif isinstance(event, SetupProblem):
                self._end_problem(event.time_s)
                self._problem = (event.time_s, event.reason)
                if self._since_s is not None:
                    self.judged_s += event.time_s - self._since_s
                    self._since_s, self._stopped_s = None, event.time_s

    def _claim(self, found: Repetition | Circle | Hold, told_s: float, fit: float, is_partial: bool = False) -> None:
        self.claims.append(
            Claim(
                exercise=self.exercise.id,
                start_s=found.start_s,
                end_s=found.end_s,
                told_s=told_s,
                fit=fit,
                counted=found.counted,
                is_partial=is_partial,
                stretch=self._stretch,
                side=None if isinstance(found, Circle) else found.side,
                direction=found.direction if isinstance(found, Circle) else None,
                reason=found.reason,
            )
        )


def try_all(poses: Iterable[Pose], exercises: Sequence[Exercise]) -> list[Trial]:
    """Every exercise tried on the recording; what is alike for all is worked out once.

    Args:
        poses: the recording, in order of time.
        exercises: what it may show.
    """
    senses = {line: Senses(line) for line in {exercise.view_by for exercise in exercises}}
    trials = [Trial(exercise, senses[exercise.view_by]) for exercise in exercises]
    end_s = 0.0
    for pose in poses:
        end_s = pose.time_s
        for trial in trials:
            trial.take(pose)
    for trial in trials:
        trial.close(end_s)
    return trials


def _fit_of_repetition(exercise: Exercise, repetition: Repetition) -> float:
    sequence = exercise.criterion.sequence
    if exercise.criterion.kind == "repetition":
        typical = sum(_middle(exercise.movement(name).target) for name in sequence)
    else:
        sign = 1 if repetition.peak >= 0 else -1
        own = [m for m in exercise.movements if m.sign == sign] or list(exercise.movements)
        typical = _middle(own[0].target)
    return min(1.0, repetition.range / typical) * _tempo(exercise, repetition.end_s - repetition.start_s)


def _fit_of_circle(exercise: Exercise, circle: Circle) -> float:
    assert exercise.criterion.circle is not None
    large = LARGE_CIRCLE * exercise.criterion.circle.radius_min
    return min(1.0, circle.radius / large) * _tempo(exercise, circle.end_s - circle.start_s)


def _fit_of_hold(hold: Hold) -> float:
    return hold.credited_s / hold.elapsed_s if hold.elapsed_s > 0 else 0.0


def _tempo(exercise: Exercise, seconds: float) -> float:
    """1 inside the exercise's usual tempo, less the further outside. Of a round, each movement takes its share."""
    if exercise.tempo_s is None or seconds <= 0:
        return 1.0
    n_movements = len(exercise.criterion.sequence) if exercise.criterion.kind == "alternation" else 1
    fastest, slowest = (limit / n_movements for limit in exercise.tempo_s)
    return min(1.0, seconds / fastest, slowest / seconds)


def _middle(band: tuple[float, float]) -> float:
    return (band[0] + band[1]) / 2.0
