"""May the movement be judged now? If not, why: nobody, nonsense skeleton, wrong view, hidden limb, wrong posture."""

from __future__ import annotations

import math

from formcheck.exercise import Exercise
from formcheck.filters import Steady
from formcheck.measures.body import Body
from formcheck.measures.gate import HIDDEN
from formcheck.measures.integrity import Verdict
from formcheck.skeleton import INDEX

ARM_AFTER_S = 0.5  # a good view must last this long before anything is judged
BLINK_S = 0.35  # [choice] who is lost for no longer need not wait from the beginning
LOST_AFTER_S = 1.0  # and be gone this long before judging stops; shorter gaps are frozen, not credited
SMALLEST_TORSO_PX = 36.0  # below this a landmark's jitter of 1-2 px is more than a movement's noise allowance

NOBODY = "nobody is in view"
SWAPPED = "left and right cannot be told apart"
UNBELIEVABLE = "the body cannot be made out from here"


_VIEWS = {"oblique": "an angle", "foot_end": "the foot end", "head_end": "the head end", "unknown": "nowhere known"}


def view_in_words(view: str) -> str:
    """A view class as people say it: "the side", "an angle", "the foot end"."""
    return _VIEWS.get(view, f"the {view}")


def waiting_for(exercise: Exercise) -> str:
    """What is said while the start posture is not taken yet."""
    return f"waiting for you to be {exercise.posture.title}"


class Gatekeeper:
    """Decides with dwell whether an exercise may be judged, and keeps the reason why not."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._columns = [exercise.measures.index(rule.measure) for rule in exercise.posture.rules]
        self._posture = Steady(False, exercise.posture.dwell_s)
        stay = exercise.criterion.stay
        # A posture that somebody keeps is not left by what they may do in it, such as scratching their nose.
        self._lost_after_s = LOST_AFTER_S if stay is None else max(LOST_AFTER_S, stay.gap_s)
        self._since_s = math.nan
        self._arming_s = math.nan
        self._is_judging = False
        self.waiting = waiting_for(exercise)
        self.reason: str | None = NOBODY

    @property
    def is_judging(self) -> bool:
        """Whether the movement is judged (a gap shorter than a second, or what a stay allows, does not end it)."""
        return self._is_judging

    def update(self, time_s: float, reason_now: str | None) -> bool:
        """Take this frame's reason against judging (None: nothing speaks against it).

        Returns:
            Whether this very frame may be used.
        """
        wanted = reason_now is None
        if self.is_blink(time_s, reason_now):
            return False
        if self.is_arming(reason_now):
            self._arming_s = time_s
        if wanted == self._is_judging:
            self._since_s = math.nan
        else:
            if math.isnan(self._since_s):
                self._since_s = time_s
            if time_s - self._since_s >= (ARM_AFTER_S if wanted else self._lost_after_s):
                self._is_judging = wanted
                self._since_s = math.nan
        if self._is_judging:
            self.reason = None
        elif reason_now is not None:
            self.reason = reason_now
        return self._is_judging and wanted

    def is_blink(self, time_s: float, reason_now: str | None) -> bool:
        """Whether somebody is only lost for a moment while nothing but time was missing."""
        return not self._is_judging and reason_now == NOBODY and time_s - self._arming_s <= BLINK_S

    def is_arming(self, reason_now: str | None) -> bool:
        """Whether only time is missing until the movement is judged: such frames are judged afterwards."""
        return not self._is_judging and reason_now in (None, self.waiting)

    def reason_against(self, body: Body | None, values: tuple[float, ...], verdict: Verdict) -> str | None:
        """What speaks against judging this frame; None when nothing does."""
        if verdict == "swapped":
            return SWAPPED
        if verdict == "slipped":
            return UNBELIEVABLE
        if body is None:
            return NOBODY
        if verdict == "unbelievable":
            return UNBELIEVABLE
        if body.torso_px < SMALLEST_TORSO_PX:
            return "you are too small in the picture: come closer"
        if body.view not in self._exercise.views:
            return self._wrong_view(body)
        return self._hidden(body) or self._wrong_posture(body, values)

    def _wrong_view(self, body: Body) -> str:
        wanted = " or ".join(view_in_words(view) for view in self._exercise.views)
        return f"seen from {view_in_words(body.view)}, judged from {wanted}"

    def _hidden(self, body: Body) -> str | None:
        sides = ("left", "right") if body.view != "side" or self._exercise.needed.far_side else (body.near,)
        for joint in self._exercise.needed.landmarks:
            for side in sides:
                if body.limb_state[INDEX[f"{side}_{joint}"]] == HIDDEN:
                    return f"I cannot see your {side} {joint}"
        return None

    def _wrong_posture(self, body: Body, values: tuple[float, ...]) -> str | None:
        was = bool(self._posture.value)
        failed = None
        for rule, column in zip(self._exercise.posture.rules, self._columns, strict=True):
            if rule.views and body.view not in rule.views:
                continue
            if values[column] != values[column] and (was or rule.if_seen):
                continue  # what cannot be seen does not speak against a posture that was taken
            low, high = rule.stay if was else rule.enter
            if not low <= values[column] <= high:
                failed = rule.otherwise
                break
        is_held = bool(self._posture.update(body.time_s, failed is None))
        if is_held and failed is None:
            return None
        return failed or self.waiting
