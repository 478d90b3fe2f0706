"""Causal filters: the same in a live session and on a recording. Time is given in seconds, never counted in frames."""

from __future__ import annotations

import math
from collections import deque

import numpy as np
import numpy.typing as npt

from formcheck.types import Array

SAME_MOMENT_S = 0.002  # no camera for people takes 500 pictures a second: closer together, a time was repeated


def is_same_moment(before_s: float, time_s: float) -> bool:
    """Whether a frame's time repeats the one before (False where that is NaN): what moved in it has no speed."""
    return 0.0 <= time_s - before_s < SAME_MOMENT_S


class OneEuro:
    """One-Euro low-pass over an array of coordinates: calm when still, quick when moving.

    Casiez et al., CHI 2012. Unknown (NaN) entries are passed on as NaN and start afresh when they return, so a gap
    is never bridged by an invented value.

    Args:
        min_cutoff_hz: cut-off at rest.
        beta: how fast the cut-off rises with speed, in Hz per (unit / s).
        speed_cutoff_hz: cut-off of the speed estimate.
    """

    def __init__(self, min_cutoff_hz: float, beta: float, speed_cutoff_hz: float = 1.0) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._speed_cutoff_hz = speed_cutoff_hz
        self._time_s = math.nan
        self._value: Array | None = None
        self._speed: Array | None = None

    def reset(self) -> None:
        """Forget the past, as after a cut."""
        self._value = self._speed = None

    @property
    def value(self) -> Array | None:
        """The last smoothed array; None before the first and after a reset."""
        return self._value

    def exchange(self, rows: npt.NDArray[np.intp], others: npt.NDArray[np.intp]) -> None:
        """What was known of `rows` is that of `others` from now on, and the other way round."""
        for known in (self._value, self._speed):
            if known is not None:
                known[rows], known[others] = known[others], known[rows]

    def __call__(self, time_s: float, value: Array, unit: float = 1.0) -> Array:
        """The smoothed array.

        Args:
            time_s: seconds, later than the call before.
            value: array in any unit, always of one shape.
            unit: length of one unit of `beta` in the array's unit, e.g. the torso length in pixels.
        """
        if self._value is None or self._speed is None:
            self._time_s, self._value, self._speed = time_s, value.copy(), np.zeros_like(value)
            return value
        dt_s = time_s - self._time_s
        speed = (value - self._value) / dt_s
        share = _smoothing(dt_s, self._speed_cutoff_hz)
        speed = self._speed + share * (speed - self._speed)
        cutoff_hz = self._min_cutoff_hz + (self._beta / unit) * np.abs(speed)
        smooth = self._value + (value - self._value) / (1.0 + 1.0 / (2.0 * math.pi * cutoff_hz * dt_s))
        fresh = np.isnan(smooth)
        if fresh.any():
            smooth[fresh] = value[fresh]
            speed[fresh] = 0.0
        self._time_s, self._value, self._speed = time_s, smooth, speed
        return smooth


def _smoothing(dt_s: float, cutoff_hz: float) -> float:
    rate = 2.0 * math.pi * cutoff_hz * dt_s
    return rate / (rate + 1.0)


class Window:
    """The samples of the last `span_s` seconds of one signal; unknown samples are not kept."""

    def __init__(self, span_s: float) -> None:
        self._span_s = span_s
        self._samples: deque[tuple[float, float]] = deque()

    def add(self, time_s: float, value: float) -> None:
        """Take a sample and forget those older than the span."""
        if value == value:
            self._samples.append((time_s, value))
        while self._samples and self._samples[0][0] < time_s - self._span_s:
            self._samples.popleft()

    def clear(self) -> None:
        """Forget everything."""
        self._samples.clear()

    @property
    def covered_s(self) -> float:
        """Seconds between the oldest and the newest sample kept."""
        return self._samples[-1][0] - self._samples[0][0] if self._samples else 0.0

    def values(self) -> list[float]:
        """The values, oldest first."""
        return [value for _, value in self._samples]


class Steady:
    """A yes/no (or any label) that changes only after it has been different for `dwell_s` without a break."""

    def __init__(self, start: object, dwell_s: float) -> None:
        self.value = start
        self._dwell_s = dwell_s
        self._candidate: object = start
        self._since_s = math.nan

    def update(self, time_s: float, label: object, dwell_s: float | None = None) -> object:
        """The steady label at this time."""
        if label == self.value:
            self._candidate = label
            return self.value
        if label != self._candidate:
            self._candidate, self._since_s = label, time_s
        if time_s - self._since_s >= (self._dwell_s if dwell_s is None else dwell_s):
            self.value = label
        return self.value
