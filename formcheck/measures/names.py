"""Legs whose left and right the estimator exchanges for a while, as where somebody lies: they keep their names."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import INDEX, MIRROR
from formcheck.types import Array, Pose

SEEMING_TORSOS: Final = 0.1  # how far a pair of joints seems to go at least
SEEMING_SIGHT: Final = 0.4  # how far its visibility does, where the two lie too close to each other to tell by place
RATIO: Final = 3.0  # times as far as to each other's: no movement takes two joints to the other's place at once
KEPT_S: Final = 2.0  # [choice] longer is no slip: that is how the legs are seen from now on

_PARTNERS: Final = np.array(MIRROR)
_LEFT: Final = np.array(
    [INDEX[f"left_{joint}"] for joint in ("shoulder", "hip", "knee", "ankle", "heel", "foot_index")]
)
_IS_LEG: Final = INDEX["left_knee"] <= _LEFT

Rows = npt.NDArray[np.intp]


class LegNames:
    """Tells exchanged names from movement by where the joints were a frame before."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the past, as after a cut."""
        self._since_s = np.full(len(_LEFT), math.nan)

    def take(self, pose: Pose, before_px: Array, seen_before: Array, torso_px: float) -> tuple[Pose, Rows]:
        """The pose with its legs under the names they had, and which joints' names are another's for good.

        Args:
            pose: the estimator's pose.
            before_px: (33, 2) where the landmarks were a frame before.
            seen_before: (33,) their visibilities then.
            torso_px: the person's torso length.

        Returns:
            The pose, and the left joints (rows of a skeleton) that must be known under their partners' names from now
            on: those of a whole body that is seen the other way round, and of legs that have stayed exchanged.
        """
        is_exchanged = _seem_exchanged(pose, before_px, seen_before, torso_px)
        if not is_exchanged.any():
            self.reset()
            return pose, _LEFT[:0]
        if (is_exchanged & ~_IS_LEG).any():
            self.reset()
            return pose, _LEFT[is_exchanged]
        is_new = is_exchanged & np.isnan(self._since_s)
        self._since_s[is_new] = pose.time_s
        self._since_s[~is_exchanged] = math.nan
        is_kept = is_exchanged & (pose.time_s - self._since_s < KEPT_S)
        is_settled = is_exchanged & ~is_kept
        self._since_s[is_settled] = math.nan
        return _exchanged(pose, _LEFT[is_kept]), _LEFT[is_settled]


def _seem_exchanged(pose: Pose, before_px: Array, seen_before: Array, torso_px: float) -> npt.NDArray[np.bool_]:
    """For each pair: whether each joint is where, or seen as, the other was."""
    own, other = (_of_pairs(np.hypot(*(pose.xy_px - was).T)) for was in (before_px, before_px[_PARTNERS]))
    own_sight, other_sight = (_of_pairs(pose.visibility - was) for was in (seen_before, seen_before[_PARTNERS]))
    is_apart = own > SEEMING_TORSOS * torso_px
    by_place = own > RATIO * other
    by_sight = _IS_LEG & (own_sight > SEEMING_SIGHT) & (own_sight > RATIO * other_sight)
    is_seen_so = by_sight & (~is_apart | (own > other))
    return np.asarray((is_apart & by_place) | is_seen_so, np.bool_)


def _of_pairs(steps: Array) -> Array:
    """The steps of both joints of each pair together."""
    both: Array = np.hypot(steps[_LEFT], steps[_PARTNERS[_LEFT]])
    return both


def partners(left: Rows) -> Rows:
    """The right joints of left ones."""
    return _PARTNERS[left]


def _exchanged(pose: Pose, left: Rows) -> Pose:
    """The pose with these joints and their partners under each other's names."""
    if not len(left):
        return pose
    names = np.arange(len(MIRROR))
    names[left], names[_PARTNERS[left]] = _PARTNERS[left], left
    return replace(
        pose, landmarks=pose.landmarks[names], world_m=pose.world_m[names], visibility=pose.visibility[names]
    )
