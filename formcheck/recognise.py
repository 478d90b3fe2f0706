"""Which of the movements a recording shows: each is tried, and the one that fits by far the best is named.

A movement fits by what it counted, less what it had to turn down, and by how long it could be judged at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from formcheck.engine import Engine
from formcheck.events import (
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
    RoundCompleted,
    SetupCleared,
    SetupProblem,
)
from formcheck.exercise import Exercise
from formcheck.types import Pose

CLEAR_MARGIN = 1.5  # the best must explain this many times the movement that the next one explains
LEAST_ROUNDS = 1  # an alternating movement that never came to both sides is not recognised as one


@dataclass(frozen=True)
class Recognition:
    """The movement recognised.

    Attributes:
        best: id of the exercise, None when it is not clear.
        ranking: all (id, share of the judged time that counted movements fill, 0-1), best first.
        reason: in words why it is or is not clear.
    """

    best: str | None
    ranking: list[tuple[str, float]]
    reason: str


@dataclass
class _Trial:
    engine: Engine
    counted_s: float = 0.0
    turned_down_s: float = 0.0
    judged_s: float = 0.0
    rounds: int = 0
    last_reason: str = ""
    _since_s: float | None = None

    def take(self, pose: Pose) -> None:
        self._note(self.engine.step(pose))

    def close(self, end_s: float) -> None:
        self._note(self.engine.finish())
        if self._since_s is not None:
            self.judged_s += end_s - self._since_s

    def _note(self, events: Iterable[object]) -> None:
        for event in events:
            if isinstance(event, RepetitionCompleted):
                self.counted_s += event.repetition.end_s - event.repetition.start_s
            elif isinstance(event, RepetitionPartial | RepetitionRejected):
                self.turned_down_s += event.repetition.end_s - event.repetition.start_s
            elif isinstance(event, RoundCompleted):
                self.rounds += 1
            elif isinstance(event, SetupCleared):
                self._since_s = event.time_s
            elif isinstance(event, SetupProblem):
                self.last_reason = event.reason
                if self._since_s is not None:
                    self.judged_s += event.time_s - self._since_s
                    self._since_s = None

    @property
    def score(self) -> float:
        criterion = self.engine.exercise.criterion
        if self.judged_s <= 0.0 or (criterion.kind == "alternation" and self.rounds < LEAST_ROUNDS):
            return 0.0
        return max(0.0, self.counted_s - self.turned_down_s) / self.judged_s


def recognise(poses: Iterable[Pose], exercises: Sequence[Exercise]) -> Recognition:
    """Try every exercise on a recording and name the one that fits.

    Args:
        poses: the recording, in order of time.
        exercises: what it may be.
    """
    trials = [_Trial(Engine(exercise, "recognised")) for exercise in exercises]
    end_s = 0.0
    for pose in poses:
        end_s = pose.time_s
        for trial in trials:
            trial.take(pose)
    for trial in trials:
        trial.close(end_s)
    ranking = sorted(((t.engine.exercise.id, t.score) for t in trials), key=lambda item: -item[1])
    return _decide(ranking, trials)


def _decide(ranking: list[tuple[str, float]], trials: Sequence[_Trial]) -> Recognition:
    if not ranking or ranking[0][1] <= 0.0:
        if any(trial.judged_s > 0.0 for trial in trials):
            return Recognition(None, ranking, "no movement was completed")
        reasons = "; ".join(dict.fromkeys(trial.last_reason for trial in trials if trial.last_reason))
        return Recognition(None, ranking, reasons or "nobody is in view")
    best, score = ranking[0]
    if len(ranking) > 1 and score < CLEAR_MARGIN * ranking[1][1]:
        return Recognition(None, ranking, f"it could be {best} or {ranking[1][0]}")
    return Recognition(best, ranking, f"{best} explains {score:.0%} of the time judged")
