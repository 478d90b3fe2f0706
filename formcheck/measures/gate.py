"""Which landmarks may be used: visibility with hysteresis, and inside the picture."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import N_LANDMARKS
from formcheck.types import Pose

SEEN_FROM = 0.5  # visibility at which a landmark becomes seen
HIDDEN_BELOW = 0.35  # visibility below which it is hidden again
SETTLING_S = 0.17  # time constant of the visibility's low-pass: a change of half a second passes, a flicker does not
MARGIN = 0.03  # share of the frame a landmark may lie outside and still be used

HIDDEN, UNCERTAIN, SEEN = 0, 1, 2


class LandmarkGate:
    """Turns visibilities into the states hidden (0), uncertain (1) and seen (2)."""

    def __init__(self) -> None:
        self._visibility = np.zeros(N_LANDMARKS)
        self._is_open = np.zeros(N_LANDMARKS, bool)
        self._time_s = math.nan

    def reset(self) -> None:
        """Forget the past, as after a cut or a lost person."""
        self._time_s = math.nan

    @property
    def visibility(self) -> npt.NDArray[np.float64]:
        """(33,) smoothed visibilities of the last pose."""
        return self._visibility

    def exchange(self, ones: npt.NDArray[np.intp], others: npt.NDArray[np.intp]) -> None:
        """What was known of `ones` is that of `others` from now on, and the other way round."""
        for known in (self._visibility, self._is_open):
            known[ones], known[others] = known[others], known[ones]

    def states(self, pose: Pose) -> npt.NDArray[np.uint8]:
        """(33,) states of one pose's landmarks. A landmark that was seen stays usable down to 0.35."""
        if math.isnan(self._time_s):
            self._visibility = pose.visibility.astype(float)
            self._is_open = self._visibility >= SEEN_FROM
        else:
            share = 1.0 - math.exp(-(pose.time_s - self._time_s) / SETTLING_S)
            self._visibility += share * (pose.visibility - self._visibility)
            self._is_open = self._visibility >= np.where(self._is_open, HIDDEN_BELOW, SEEN_FROM)
        self._time_s = pose.time_s
        xy = pose.landmarks[:, :2] if pose.in_picture is None else pose.in_picture
        is_inside = ((xy > -MARGIN) & (xy < 1.0 + MARGIN)).all(axis=1)
        states = np.where(self._visibility >= SEEN_FROM, SEEN, UNCERTAIN).astype(np.uint8)
        states[~(self._is_open & is_inside)] = HIDDEN
        return states
