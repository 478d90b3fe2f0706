"""Is the picture good enough to begin, and if not, what is to be changed first."""

from __future__ import annotations

import math
from typing import Final

from formcheck.exercise import Exercise
from formcheck.gatekeeper import NOBODY, Gatekeeper
from formcheck.judging import SMALL_TRUNK
from formcheck.measures.catalogue import MEASURES
from formcheck.measures.seat_fit import SeatFit
from formcheck.measures.senses import Senses
from formcheck.skeleton import INDEX
from formcheck.types import Pose
from formcheck.vision.cover import torso_px

ARM_AFTER_S: Final = 3.0  # of a good view
FORGIVEN_S: Final = 0.4  # a single bad frame does not take away what was gathered
SAY_AFTER_S: Final = 4.0  # whoever gets into place puts right by themselves what is in the way for less
SAY_FROM_S: Final = 10.0  # until then it is being said what comes

FEET_BELOW: Final = "feet not in view: tilt the camera down or step back"
HEAD_ABOVE: Final = "head not in view: tilt the camera up or step back"
TOO_NEAR: Final = "too near: step back until all of you is in the picture"
TOO_FAR: Final = "too far away: come closer or move the camera nearer"
OFF_LEFT: Final = "partly out of the picture: move to the middle"

_HEAD = ("nose", "left_ear", "right_ear")
_FEET = {"ankle": ("left_ankle", "right_ankle"), "heel": ("left_heel", "right_heel")}


class SetupGate:
    """Waits for three seconds of a view in which a movement can be judged.

    Attributes:
        problem: what is to be changed, None when nothing is.
        seat: whether the ball fits who sits on it.
    """

    def __init__(self, exercise: Exercise, senses: Senses) -> None:
        """`senses`: given every pose, before `update`, by whoever owns them."""
        self._exercise, self._senses = exercise, senses
        self._gate = Gatekeeper(exercise)
        self._measures = [MEASURES[name] for name in exercise.measures]
        self._good_s = 0.0
        self._bad_since_s = math.nan
        self._time_s = math.nan
        self.problem: str | None = NOBODY
        self.seat = SeatFit()
        self._lasting = Lasting()

    @property
    def filled(self) -> float:
        """0-1, how much of the three seconds has been gathered."""
        return min(1.0, self._good_s / ARM_AFTER_S)

    @property
    def is_armed(self) -> bool:
        """Whether the block can begin."""
        return self._good_s >= ARM_AFTER_S

    def update(self, pose: Pose) -> str | None:
        """Take the next frame's pose; returns a problem once when it has lasted: whoever lies cannot read it."""
        self._update(pose)
        return self._lasting.update(pose.time_s, self.problem)

    def _update(self, pose: Pose) -> None:
        dt_s = pose.time_s - self._time_s if self._time_s == self._time_s else 0.0
        self._time_s = pose.time_s
        found = self._problem_of(pose)
        if found is None:
            self._good_s += dt_s
            self._bad_since_s = math.nan
            self.problem = None
            return
        if math.isnan(self._bad_since_s):
            self._bad_since_s = pose.time_s
        if pose.time_s - self._bad_since_s >= FORGIVEN_S or self._good_s == 0.0:
            self._good_s = 0.0
            self.problem = found

    def _problem_of(self, pose: Pose) -> str | None:
        verdict, body = self._senses.take(pose)
        if not pose.is_person:
            return NOBODY
        if body is not None:
            self.seat.take(body)
        values = tuple(math.nan if body is None else self._senses.read(measure) for measure in self._measures)
        reason = self._gate.reason_against(body, values, verdict)
        self._gate.update(pose.time_s, reason)
        return framing_problem(pose, self._exercise) or reason


class Lasting:
    """What has been in the way for some seconds, each problem once."""

    def __init__(self) -> None:
        """Time begins with the first update."""
        self._began_s = self._since_s = math.nan
        self._problem: str | None = None
        self._told: set[str | None] = {None}

    def update(self, time_s: float, problem: str | None) -> str | None:
        """Take what is in the way now; returns it when it is time to say it."""
        if math.isnan(self._began_s):
            self._began_s = time_s
        if problem != self._problem:
            self._problem, self._since_s = problem, time_s
        is_due = time_s - self._began_s >= SAY_FROM_S and time_s - self._since_s >= SAY_AFTER_S
        if not is_due or problem in self._told:
            return None
        self._told.add(problem)
        return problem


def framing_problem(pose: Pose, exercise: Exercise) -> str | None:
    """What is wrong with where the camera looks or stands; None when nothing is.

    Only body parts that the exercise needs must be in the picture.
    """
    below = any(_outside(pose, names)[1] > 0 for joint, names in _FEET.items() if joint in exercise.needed.landmarks)
    above = _outside(pose, _HEAD)[1] < 0
    if below and above:
        return TOO_NEAR
    if below:
        return FEET_BELOW
    if above:
        return HEAD_ABOVE
    if torso_px(pose) < SMALL_TRUNK * max(pose.size_wh):
        return TOO_FAR
    joints = tuple(f"{side}_{joint}" for joint in exercise.needed.landmarks for side in ("left", "right"))
    return OFF_LEFT if _outside(pose, joints)[0] != 0 else None


def _outside(pose: Pose, names: tuple[str, ...]) -> tuple[int, int]:
    """(across, down) -1, 0 or 1: on which side of the picture all of these landmarks' middle lies."""
    points = pose.landmarks[[INDEX[name] for name in names], :2]
    x, y = (float(value) for value in points.mean(axis=0))
    return (x > 1.0) - (x < 0.0), (y > 1.0) - (y < 0.0)
