"""Is the skeleton of this frame evidence? Jumps, cuts and frozen pictures are told from movement here.

Visibility does not reveal a failed skeleton; the share of frames in which the main joints jump does (0.11 to 0.7
in nonsense skeletons, at most 0.003 in believable ones, measured on real recordings and rendered ones).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from formcheck.filters import Window
from formcheck.skeleton import MAIN_JOINTS, MIRROR
from formcheck.types import Array, Pose

_JOINTS = np.array(MAIN_JOINTS)
_PARTNERS = np.array([MAIN_JOINTS.index(MIRROR[joint]) for joint in MAIN_JOINTS])
HALF = 0.5
JUMP_TORSOS = 0.15  # mean step of the main joints between frames that no movement of the routine reaches
N_GUESSED = 2  # of them, those that step furthest, are left out: an arm that the body hides may jump alone
CUT_TORSOS = 0.35  # a step this large is another picture, not a movement
# A smaller one is another picture where nothing moved before nearly as fast, or after: a body takes time to gather
# speed [measured: at most 3.5 times the speed of the half second before; cuts in recordings of people, 13 to 67].
SUDDEN_TORSOS = 0.03  # smaller ones change little that is judged
SUDDEN_TIMES = 4.0
SUDDEN_WINDOW_S = 0.5
SLOWEST_TORSOS_PER_S = 0.1  # the jitter of somebody who rests is no speed
GLITCH_S = 0.25  # a skeleton that is elsewhere and stays there for so long is another picture
# Somebody who walks through takes the skeleton along: it stays nowhere, and is back where it was once they have gone.
PASSING_S = 2.0  # [choice] a step a second through one and a half metres; who is away for longer is another picture
UNREST_S = 1.0  # jumps this shortly before the skeleton went away belong to its going
PASSED_AGAIN_S = 10.0  # [choice] what comes again so soon is nobody who walks through: the skeleton is no good
LONGEST_STEP_S = 0.15  # after a longer gap a step says nothing about speed
FROZEN_TORSOS = 2e-4  # mean way below the estimator's own jitter on a living picture
FROZEN_AFTER_S = 0.4  # doubled frames of a lower frame rate last at most 0.1 s
UNBELIEVABLE_SHARE = 0.08  # of the last seconds' frames; between the worst good (0.003) and best bad (0.11) recording
BELIEVABLE_SHARE = 0.04
SHARE_WINDOW_S = 3.0

# A skeleton whose left and right were exchanged lies where it was, under the other names.
SWAP_TORSOS = 0.15  # mean step of the pairs under their own names
SWAP_RATIO = 3.0  # times the step under each other's names
APART_TORSOS = 0.2  # pairs closer together than this cannot tell
SWAPPED_FOR_S = 1.0  # longer is no slip: that is how the person is seen from now on

Verdict = Literal["good", "nobody", "cut", "frozen", "unbelievable", "swapped", "slipped"]


@dataclass(frozen=True, slots=True)
class Integrity:
    """What a frame's skeleton is worth; `step_torsos` is the mean step of the main joints since the last frame."""

    verdict: Verdict
    step_torsos: float


class IntegrityMonitor:
    """Judges each pose against the ones before it."""

    def __init__(self) -> None:
        self._last_xy: Array | None = None
        self._last_time_s = math.nan
        self._kept: tuple[float, Array] | None = None  # where the skeleton has stayed, and since when
        self._swapped_since_s = math.nan
        self._speeds = Window(SUDDEN_WINDOW_S)  # torso lengths a second
        self._place: tuple[float, Array] | None = None  # where the skeleton was before it slipped, and since when
        self._slip_torsos = CUT_TORSOS  # nearer to that place it is back
        self._most_torsos = math.inf  # a step further than this, and the slip was the beginning of a movement
        self._landed: tuple[float, Array] | None = None  # where it has been since, and since when
        self._calm: tuple[float, Array] | None = None  # where it was before it began to jump, and when
        self._jumped_s = self._passed_s = -math.inf  # when it last jumped, and came back after somebody had passed
        self._jumps = Window(SHARE_WINDOW_S)
        self._is_unbelievable = False

    def check(self, pose: Pose, torso_px: float) -> Integrity:
        """The verdict on one pose.

        Args:
            pose: the estimator's pose, not smoothed.
            torso_px: the person's torso length in pixels; NaN before it is known (then the pose's own is used).
        """
        if not pose.is_person:
            return Integrity("nobody", math.nan)
        xy = pose.xy_px[_JOINTS]
        if not torso_px > 0.0:
            torso_px = max(1.0, float(np.hypot(*(xy[0] + xy[1] - xy[6] - xy[7])) / 2.0))
        if self._is_swapped(pose.time_s, xy, torso_px):
            self._last_xy, self._last_time_s = xy[_PARTNERS], pose.time_s
            return Integrity("swapped", math.nan)
        (step, of_most), before = self._step(pose.time_s, xy, torso_px), self._last_xy
        unnamed = self._step_unnamed(pose.time_s, xy, torso_px)
        is_sudden = self._is_sudden(pose.time_s, unnamed)
        self._last_xy, self._last_time_s = xy, pose.time_s
        is_jump = of_most > JUMP_TORSOS
        self._jumps.add(pose.time_s, float(is_jump) if step == step else math.nan)
        if is_jump and before is not None:
            if pose.time_s - self._jumped_s > UNREST_S and self._place is None:
                self._calm = (pose.time_s, before)
            self._jumped_s = pose.time_s
        if self._place is None and step > CUT_TORSOS and before is not None:
            self._place = (self._calm if is_jump else None) or (pose.time_s, before)
            self._landed, self._slip_torsos, self._most_torsos = None, CUT_TORSOS, math.inf
        elif self._place is None and is_sudden and before is not None:
            self._place = (pose.time_s, before)
            self._landed, self._slip_torsos, self._most_torsos = None, HALF * step, HALF * unnamed
        elif self._place is not None and unnamed > self._most_torsos:
            self._place = None
        if self._place is not None and (verdict := self._slipped(pose.time_s, xy, torso_px)) is not None:
            return Integrity(verdict, step)
        if self._is_teleporting():
            return Integrity("unbelievable", step)
        return Integrity("frozen" if self._is_frozen(pose.time_s, xy, torso_px) else "good", step)

    def _is_swapped(self, time_s: float, xy: Array, torso_px: float) -> bool:
        """Whether left and right have changed places since the last good frame, and not for long."""
        if self._last_xy is None or time_s - self._last_time_s > LONGEST_STEP_S:
            self._swapped_since_s = math.nan
            return False
        before = self._last_xy
        is_apart = np.hypot(*(before - before[_PARTNERS]).T) > APART_TORSOS * torso_px
        if is_apart.sum() < 0.5 * len(before):
            return False
        own = float(np.hypot(*(xy - before)[is_apart].T).mean())
        other = float(np.hypot(*(xy - before[_PARTNERS])[is_apart].T).mean())
        if not (own > SWAP_TORSOS * torso_px and own > SWAP_RATIO * other):
            self._swapped_since_s = math.nan
            return False
        if math.isnan(self._swapped_since_s):
            self._swapped_since_s = time_s
        return time_s - self._swapped_since_s < SWAPPED_FOR_S

    def _slipped(self, time_s: float, xy: Array, torso_px: float) -> Verdict | None:
        """Whether the skeleton is still away ("slipped"), away for good ("cut"), or back where it was (None)."""
        assert self._place is not None
        since_s, before = self._place
        far = self._slip_torsos * torso_px
        if _mean_way(xy, before) <= far:
            self._place = None
            if time_s - since_s >= GLITCH_S and time_s - self._passed_s > PASSED_AGAIN_S:
                self._passed_s = time_s
                self._jumps.clear()
            return None
        if self._landed is None or _mean_way(xy, self._landed[1]) > JUMP_TORSOS * torso_px:
            self._landed = (time_s, xy)
        if time_s - self._landed[0] < GLITCH_S and time_s - since_s < PASSING_S:
            return "slipped"
        self._place = self._calm = None
        return "cut"

    def _step(self, time_s: float, xy: Array, torso_px: float) -> tuple[float, float]:
        """Mean step since the last frame of all joints, and of all but the N_GUESSED that step furthest; T."""
        if self._last_xy is None:
            return math.nan, math.nan
        steps = np.hypot(*(xy - self._last_xy).T) / torso_px
        if time_s - self._last_time_s > LONGEST_STEP_S:
            # After a gap only a wholesale change of place is news, not a fast limb.
            median = float(np.median(steps))
            step = median if median > CUT_TORSOS else math.nan
            return step, step
        return float(steps.mean()), float(np.sort(steps)[:-N_GUESSED].mean())

    def _step_unnamed(self, time_s: float, xy: Array, torso_px: float) -> float:
        """Mean step of all joints but the N_GUESSED furthest, whichever of a pair bears which name; T, NaN after a gap.

        Legs whose names are exchanged have not moved.
        """
        if self._last_xy is None or time_s - self._last_time_s > LONGEST_STEP_S:
            return math.nan
        own, other = (np.hypot(*(xy - before).T) for before in (self._last_xy, self._last_xy[_PARTNERS]))
        is_own = own + own[_PARTNERS] <= other + other[_PARTNERS]
        return float(np.sort(np.where(is_own, own, other))[:-N_GUESSED].mean()) / torso_px

    def _is_sudden(self, time_s: float, step: float) -> bool:
        """Whether a step is far beyond what the body was doing."""
        if step != step:
            return False
        speed, before = step / (time_s - self._last_time_s), self._speeds.values()
        is_known = self._speeds.covered_s >= 0.5 * SUDDEN_WINDOW_S
        self._speeds.add(time_s, speed)
        return is_known and step > SUDDEN_TORSOS and speed > SUDDEN_TIMES * max(SLOWEST_TORSOS_PER_S, *before)

    def _is_teleporting(self) -> bool:
        if self._jumps.covered_s < 0.5 * SHARE_WINDOW_S:
            return False
        values = self._jumps.values()
        share = sum(values) / len(values)
        # One jump is a cut or a glitch; a nonsense skeleton keeps jumping.
        limit = BELIEVABLE_SHARE if self._is_unbelievable else UNBELIEVABLE_SHARE
        self._is_unbelievable = share > limit and sum(values) >= 3
        return self._is_unbelievable

    def _is_frozen(self, time_s: float, xy: Array, torso_px: float) -> bool:
        """Whether the skeleton has not moved at all for some time, however many frames that are."""
        if self._kept is not None:
            since_s, kept = self._kept
            if _mean_way(xy, kept) <= FROZEN_TORSOS * torso_px:
                return time_s - since_s >= FROZEN_AFTER_S
        self._kept = (time_s, xy)
        return False


def _mean_way(a: Array, b: Array) -> float:
    """Mean distance of the joints in one skeleton from those in another, px."""
    return float(np.hypot(*(a - b).T).mean())
