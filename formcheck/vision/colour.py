"""Which colours are the ball's and which its surroundings', learned from looks at both."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Lab = npt.NDArray[np.uint8]

BINS: Final = (16, 64, 64)  # of lightness, green-red and blue-yellow
MEMORY: Final = 0.9  # of what was learned before, at each look
UNKNOWN: Final = 2e-4  # density that every colour has anywhere: one that was never seen is neither's


class ColourModel:
    """Two histograms in CIE Lab: inside and around."""

    def __init__(self) -> None:
        self._inside = np.zeros(BINS)
        self._around = np.zeros(BINS)
        self._is_ball: npt.NDArray[np.bool_] | None = None

    @property
    def is_learned(self) -> bool:
        """Whether it has looked at anything."""
        return self._is_ball is not None

    def learn(self, lab: Lab, inside: Bools, around: Bools) -> None:
        """Look at the pixels (H, W, 3) of a ball and at those around it."""
        self._inside = MEMORY * self._inside + _density(lab[inside])
        self._around = MEMORY * self._around + _density(lab[around])
        share_in = self._inside / max(self._inside.sum(), 1e-9)
        share_around = self._around / max(self._around.sum(), 1e-9)
        self._is_ball = share_in > share_around + UNKNOWN

    def is_ball(self, lab: Lab) -> Bools:
        """(H, W) whether each pixel has one of the ball's colours."""
        assert self._is_ball is not None
        found: Bools = self._is_ball.ravel()[_bins(lab)]
        return found


def _bins(lab: Lab) -> npt.NDArray[np.intp]:
    lightness, a, b = (lab[..., i].astype(np.intp) for i in range(3))
    bins: npt.NDArray[np.intp] = ((lightness >> 4) * BINS[1] + (a >> 2)) * BINS[2] + (b >> 2)
    return bins


def _density(pixels: Lab) -> npt.NDArray[np.float64]:
    """Histogram of pixels (N, 3), smoothed to its neighbours, summing to 1."""
    if not len(pixels):
        return np.zeros(BINS)
    counts = np.bincount(_bins(pixels), minlength=int(np.prod(BINS))).reshape(BINS).astype(np.float64)
    for axis in range(3):
        counts = 0.5 * counts + 0.25 * (np.roll(counts, 1, axis) + np.roll(counts, -1, axis))
    density: npt.NDArray[np.float64] = counts / len(pixels)
    return density
