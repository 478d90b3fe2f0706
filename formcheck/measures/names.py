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
        self._since_s = math.nan

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
        own, other = (_of_pairs(np.hypot(*(pose.xy_px - was).T)) for was in (before_px, before_px[_PARTNERS]))
        is_exchanged = (own > SEEMING_TORSOS * torso_px) & (own > RATIO * other)
        if (is_exchanged & ~_IS_LEG).any():
            self.reset()
            return pose, _LEFT[is_exchanged]
        is_seen_so = _are_seen_exchanged(pose.visibility, seen_before)
        if not self._are_exchanged(_size(own) / torso_px, _size(other) / torso_px, is_seen_so):
            self.reset()
            return pose, _LEFT[:0]
        if math.isnan(self._since_s):
            self._since_s = pose.time_s
        if pose.time_s - self._since_s < KEPT_S:
            return _exchanged(pose, _LEFT[_IS_LEG]), _LEFT[:0]
        self.reset()
        return pose, _LEFT[_IS_LEG]

    def _are_exchanged(self, own: float, other: float, is_seen_so: bool) -> bool:
        """Whether the legs, `own` T away from where they were, are `other` T from each other's places."""
        if not own > SEEMING_TORSOS:
            return is_seen_so
        # Names that are kept already go on to be while the legs lie rather where the others were.
        ratio = RATIO if math.isnan(self._since_s) and not is_seen_so else 1.0
        return own > ratio * other


def _are_seen_exchanged(visibility: npt.NDArray[np.float32], before: Array) -> bool:
    """Whether each leg is as visible as the other was, and they differ."""
    own, other = (_size(_of_pairs(visibility - was)) for was in (before, before[_PARTNERS]))
    return own > SEEMING_SIGHT and own > RATIO * other


def _of_pairs(steps: Array) -> Array:
    """The steps of both joints of each pair together."""
    both: Array = np.hypot(steps[_LEFT], steps[_PARTNERS[_LEFT]])
    return both


def _size(of_pairs: Array) -> float:
    """Of all steps of the legs together."""
    return float(np.linalg.norm(of_pairs[_IS_LEG]))


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
        pose,
        landmarks=pose.landmarks[names],
        world_m=pose.world_m[names],
        visibility=pose.visibility[names],
        in_picture=None if pose.in_picture is None else pose.in_picture[names],
    )
