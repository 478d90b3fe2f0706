"""The breath, read from how the trunk's surface moves against itself while the person is still.

Sparse optical flow on chest and belly; what all points share (swaying) is taken away, and the pattern in which the rest
moves together most is followed. The trace is its displacement, slow drift removed.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import INDEX
from formcheck.types import Pose
from formcheck.vision.cover import torso_px

Array = npt.NDArray[np.float64]

EVERY_S: Final = 0.1
GAP_S: Final = 0.5  # after a longer pause between frames everything begins afresh
TORSO_PX: Final = 110.0  # the picture is scaled so that a torso has this many pixels
ALONG: Final = np.linspace(0.05, 0.95, 8)  # grid on the trunk: from shoulders to hips ...
ACROSS: Final = np.linspace(-0.2, 0.2, 5)  # ... and across, in torso lengths
MARGIN: Final = 0.35  # of the looked-at part around the trunk, torso lengths
MOVED: Final = 0.10  # torso lengths: a trunk that moved so far is looked at afresh
FASTEST: Final = 0.15  # torso lengths a second: whoever moves faster does more than breathe
PATTERN_S: Final = 8.0  # memory of the pattern
DRIFT_S: Final = 6.0  # slower changes are no breath
WINDOW_S: Final = 20.0  # what the quality is told from ...
LEAST_S: Final = 6.0  # ... and the shortest that tells it
BAND_HZ: Final = (0.06, 0.6)
NOISE_HZ: Final = 2.0
CLEAR: Final = (3.0, 15.0)  # peak over the median of the spectrum: where quality leaves 0, and where it is 1
SMALLEST: Final = 0.0004  # torso lengths (0.2 mm): less is noise


class BreathWatch:
    """Follows the breath through a recording. Feed it every frame."""

    def __init__(self) -> None:
        self._looked_s = -math.inf
        self._value = (math.nan, math.nan)
        self._start_over()

    def _start_over(self) -> None:
        self._grey: npt.NDArray[np.uint8] | None = None
        self._anchor: Array | None = None
        self._together = np.zeros((2 * len(ALONG) * len(ACROSS),) * 2)
        self._pattern: Array | None = None
        self._trace = 0.0
        self._quality = 0.0
        self._history: deque[tuple[float, float]] = deque()

    def look(self, image: npt.NDArray[np.uint8], pose: Pose) -> tuple[float, float]:
        """(trace in torso lengths, quality 0-1) in this frame; NaN where the trunk is not seen or has just moved."""
        time_s = pose.time_s
        if time_s - self._looked_s < EVERY_S:
            return self._value
        since_s, self._looked_s = time_s - self._looked_s, time_s
        torso = torso_px(pose)
        if not torso > 0.0:
            self._start_over()
            self._value = (math.nan, math.nan)
            return self._value
        corners = pose.xy_px[[INDEX[f"{side}_{joint}"] for joint in ("shoulder", "hip") for side in ("left", "right")]]
        if self._anchor is None or since_s > GAP_S or _apart(corners, self._anchor) > MOVED * torso:
            self._start_over()
            self._settle(corners, torso)
        grey = self._look_at(image)
        if self._grey is None or grey.shape != self._grey.shape:
            self._grey = grey
            self._value = (math.nan, math.nan)
            return self._value
        flow, common = self._flow(grey)
        self._grey = grey
        flow, common = flow / since_s, common / since_s
        if max(common, math.sqrt(float(flow @ flow) / (len(flow) / 2))) > FASTEST:
            self._start_over()
            self._value = (math.nan, math.nan)
            return self._value
        self._follow(time_s, flow, since_s)
        self._value = (self._trace, self._quality)
        return self._value

    def _settle(self, corners: Array, torso: float) -> None:
        """Lay the grid over the trunk as it is now."""
        self._anchor = corners.copy()
        self._scale = TORSO_PX / torso
        low, high = corners.min(axis=0) - MARGIN * torso, corners.max(axis=0) + MARGIN * torso
        self._part = (int(max(0, low[0])), int(max(0, low[1])), int(high[0]) + 1, int(high[1]) + 1)
        chest, hips = corners[:2].mean(axis=0), corners[2:].mean(axis=0)
        along = hips - chest
        across = np.array([-along[1], along[0]]) / max(1e-6, float(np.hypot(*along))) * torso
        points = chest + ALONG[:, None, None] * along + ACROSS[None, :, None] * across
        self._points = ((points.reshape(-1, 2) - self._part[:2]) * self._scale).astype(np.float32)

    def _look_at(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        import cv2

        x0, y0, x1, y1 = self._part
        part = cv2.cvtColor(image[y0:y1, x0:x1], cv2.COLOR_BGR2GRAY)
        way = cv2.INTER_AREA if self._scale < 1.0 else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(part, None, fx=self._scale, fy=self._scale, interpolation=way), np.uint8)

    def _flow(self, grey: npt.NDArray[np.uint8]) -> tuple[Array, float]:
        """(2 N,) displacement of the grid's points since the last picture, torso lengths, without what they share.

        And how far that common part went.
        """
        import cv2

        assert self._grey is not None
        ends, found, _ = cv2.calcOpticalFlowPyrLK(
            self._grey, grey, self._points[:, None], np.empty_like(self._points[:, None]), winSize=(13, 13), maxLevel=1
        )
        moved = (ends[:, 0] - self._points).astype(np.float64)
        is_good = (found[:, 0] == 1) & (np.abs(moved).max(axis=1) < 0.1 * TORSO_PX)
        if is_good.sum() < 0.5 * len(moved):
            return np.zeros(2 * len(moved)), math.inf
        common = np.median(moved[is_good], axis=0)
        moved -= common
        moved[~is_good] = 0.0
        return moved.ravel() / TORSO_PX, float(np.hypot(*common)) / TORSO_PX

    def _follow(self, time_s: float, flow: Array, since_s: float) -> None:
        self._together *= math.exp(-since_s / PATTERN_S)
        self._together += np.outer(flow, flow)
        pattern = flow if self._pattern is None else self._pattern
        for _ in range(2):
            pattern = self._together @ pattern
            pattern /= max(1e-12, float(np.linalg.norm(pattern)))
        self._pattern = pattern
        speed = float(flow @ pattern) / math.sqrt(len(flow) / 2)
        self._trace += speed * since_s - self._trace * since_s / DRIFT_S
        self._history.append((time_s, self._trace))
        while time_s - self._history[0][0] > WINDOW_S:
            self._history.popleft()
        if int(time_s) != int(time_s - since_s):
            self._quality = quality_of(np.array(self._history))


def _apart(corners: Array, others: Array) -> float:
    return float(np.hypot(*(corners.mean(axis=0) - others.mean(axis=0))))


def quality_of(history: Array) -> float:
    """0-1: how clearly one slow rhythm stands out of (N, 2) times and values."""
    if len(history) < 8 or history[-1, 0] - history[0, 0] < LEAST_S:
        return 0.0
    times = np.arange(history[0, 0], history[-1, 0], EVERY_S)
    values = np.interp(times, history[:, 0], history[:, 1])
    values = values - np.polyval(np.polyfit(times, values, 1), times)
    if float(np.sqrt(np.mean(values**2))) < SMALLEST:
        return 0.0
    spectrum = np.abs(np.fft.rfft(values * np.hanning(len(values)), 4 * len(values))) ** 2
    hertz = np.fft.rfftfreq(4 * len(values), EVERY_S)
    in_band = (hertz >= BAND_HZ[0]) & (hertz <= BAND_HZ[1])
    peak = float(spectrum[in_band].max())
    floor = float(np.median(spectrum[(hertz >= BAND_HZ[0]) & (hertz <= NOISE_HZ)]))
    low, high = CLEAR
    return float(np.clip((peak / max(floor, 1e-18) - low) / (high - low), 0.0, 1.0))
