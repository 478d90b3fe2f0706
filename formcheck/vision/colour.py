"""Which colours are the ball's and which its surroundings', learned from looks at both."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Colours = npt.NDArray[np.uint8]
Bins = npt.NDArray[np.uint16]

BINS: Final = (64, 64, 16)  # of red-green, of blue-yellow, of lightness
MEMORY: Final = 0.9  # of what was learned before, at each look
UNKNOWN: Final = 2e-4  # density that every colour has anywhere: one that was never seen is neither's
SMOOTH: Final = np.array([0.25, 0.5, 0.25], np.float32)


class ColourModel:
    """Two histograms in YCrCb: inside and around."""

    def __init__(self) -> None:
        self._inside = np.zeros(BINS, np.float32)
        self._around = np.zeros(BINS, np.float32)
        self._is_ball: npt.NDArray[np.bool_] | None = None

    @property
    def is_learned(self) -> bool:
        """Whether it has looked at anything."""
        return self._is_ball is not None

    def learn(self, ycc: Colours, inside: Bools, around: Bools) -> None:
        """Look at the pixels (H, W, 3) of a ball and at those around it."""
        bins = _bins(ycc)
        for known, pixels in ((self._inside, inside), (self._around, around)):
            known *= MEMORY
            known += _density(bins[pixels])
        share_in = self._inside / max(float(self._inside.sum()), 1e-9)
        share_around = self._around / max(float(self._around.sum()), 1e-9)
        share_around += UNKNOWN
        self._is_ball = (share_in > share_around).ravel()

    def is_ball(self, ycc: Colours) -> Bools:
        """(H, W) whether each pixel has one of the ball's colours."""
        assert self._is_ball is not None
        return self._is_ball.take(_bins(ycc))


def _bins(ycc: Colours) -> Bins:
    lightness, red, blue = (ycc[..., i].astype(np.uint16) for i in range(3))
    return np.asarray(((red >> 2) << 10) | ((blue >> 2) << 4) | (lightness >> 4), np.uint16)


def _density(bins: Bins) -> npt.NDArray[np.float32]:
    """Histogram of pixels (N,), smoothed to its neighbours, summing to about 1."""
    import cv2

    if not len(bins):
        return np.zeros(BINS, np.float32)
    counts = np.bincount(bins, minlength=int(np.prod(BINS))).reshape(BINS).astype(np.float32)
    counts = np.asarray(cv2.sepFilter2D(counts, -1, SMOOTH, SMOOTH, borderType=cv2.BORDER_REPLICATE))
    by_lightness = counts.reshape(-1, BINS[2])
    smooth = cv2.filter2D(by_lightness, -1, SMOOTH[None], borderType=cv2.BORDER_CONSTANT)
    return np.asarray(smooth / len(bins), np.float32).reshape(BINS)
