"""The reference as a figure over the person: its directions, with the person's own lengths."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.reference import (
    MID_EAR,
    MID_HIP,
    MID_SHOULDER,
    N_POINTS,
    SEGMENT_NAMES,
    SEGMENTS,
    ReferenceProfile,
    mirrored,
)
from formcheck.skeleton import INDEX, LANDMARKS, N_LANDMARKS
from formcheck.types import Array

# The figure takes over the person's own lengths within these limits.
RATIOS: Final = (0.7, 1.4)
RATIO_S: Final = 2.0
GHOST_FROM: Final = 0.3  # landmarks that fewer of the performances show are left out of the figure

_OTHER = {"left": "right", "right": "left"}


class Ghost:
    """Draws one reference over one person, whose lengths it takes over.

    Args:
        profile: the reference.
        share: (N, S) how long each segment is seen at each sample, in parts of its full length.
        flat_from: the share from which a segment lies in the picture's plane, so that its length says something.
    """

    def __init__(self, profile: ReferenceProfile, share: Array, flat_from: float) -> None:
        self._profile = profile
        self._share = share
        self._flat_from = flat_from
        self._ratio = np.ones(len(SEGMENTS))

    def place(
        self,
        points: Array,
        nearest: int,
        lengths: Array,
        xy: Array,
        torso_px: float,
        dt_s: float,
        *,
        is_mirrored: bool,
    ) -> Array:
        """(33, 2) the reference's directions with the person's own lengths, hips on hips.

        Args:
            points: (36, 2) the reference at this phase.
            nearest: its nearest sample.
            lengths: (S,) of the person's segments in the picture, trunk lengths; NaN where there is no angle.
            xy: (33, 2) the person in pixels.
            torso_px: the person's trunk length.
            dt_s: seconds since the last frame.
            is_mirrored: whether the reference lies over the person as a mirror image.
        """
        flat = self._share[nearest] >= self._flat_from
        ratio = np.where(flat, lengths / np.maximum(self._share[nearest] * self._profile.lengths, 1e-9), np.nan)
        other = ratio[_PAIR]
        ratio = np.where(np.isnan(ratio), other, np.where(np.isnan(other), ratio, 0.5 * (ratio + other)))
        share = 1.0 - math.exp(-dt_s / RATIO_S) if dt_s > 0.0 else 1.0
        step = ratio.clip(*RATIOS) - self._ratio
        self._ratio += np.where(np.isnan(step), 0.0, share * step)
        reach = (points - points[_PARENT]) * self._ratio[_RATIO_OF][:, None]
        ghost = (_CHAIN @ reach) * torso_px
        ghost[self._profile.weight[nearest] < GHOST_FROM] = np.nan
        if is_mirrored:
            ghost = mirrored(ghost)
        left, right = xy[_HIPS[0]], xy[_HIPS[1]]
        hips = 0.5 * (left + right)
        placed: Array = ghost + np.where(np.isnan(hips), np.where(np.isnan(left), right, left), hips)
        return placed


def _tree() -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """(36,) parent of every point, and (36,) row of SEGMENTS by whose length the way there is scaled."""
    rows = {segment.name: row for row, segment in enumerate(SEGMENTS)}
    parent, ratio_of = np.full(N_POINTS, MID_HIP), np.zeros(N_POINTS, np.intp)

    def hang(child: int, on: int, segment: str) -> None:
        parent[child], ratio_of[child] = on, rows[segment]

    hang(MID_SHOULDER, MID_HIP, "trunk")
    hang(MID_EAR, MID_SHOULDER, "neck")
    for i, name in enumerate(LANDMARKS):
        side, _, joint = name.partition("_")
        own = f"{side}_"
        if i <= INDEX["mouth_right"]:
            hang(i, MID_EAR, "neck")
        elif joint in ("shoulder", "hip"):
            hang(i, MID_SHOULDER if joint == "shoulder" else MID_HIP, f"{joint}s")
        elif joint == "elbow":
            hang(i, INDEX[own + "shoulder"], own + "upper_arm")
        elif joint == "knee":
            hang(i, INDEX[own + "hip"], own + "thigh")
        elif joint in ("heel", "foot_index"):
            hang(i, INDEX[own + "ankle"], own + "lower_leg")
        elif joint == "ankle":
            hang(i, INDEX[own + "knee"], own + "lower_leg")
        else:
            hang(i, INDEX[own + ("elbow" if joint == "wrist" else "wrist")], own + "forearm")
    return parent, ratio_of


def _chain(parent: npt.NDArray[np.intp]) -> Array:
    """(36, 36) 1 where the column's point lies on the way from the hips to the row's point."""
    chain = np.zeros((N_POINTS, N_POINTS))
    for row in range(N_POINTS):
        at = row
        while at != MID_HIP:
            chain[row, at] = 1.0
            at = int(parent[at])
    return chain


_PARENT, _RATIO_OF = _tree()
_CHAIN = _chain(_PARENT)[:N_LANDMARKS]
_HIPS = (INDEX["left_hip"], INDEX["right_hip"])
_PAIR = np.array(
    [
        SEGMENT_NAMES.index(_OTHER.get(n.split("_")[0], "") + n[len(n.split("_")[0]) :]) if "_" in n else i
        for i, n in enumerate(SEGMENT_NAMES)
    ]
)
