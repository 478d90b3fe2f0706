"""The breath, read from how the trunk's surface moves against itself while the person is still.

Sparse optical flow on chest, belly and their outline, always against the same first picture, so that noise does not add
up. What all of the trunk shares (swaying, a shaking camera, changing light) is taken away, and the pattern in which the
rest moves together most, at a breath's pace, is followed. The trace is its displacement, slow drift removed.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import INDEX
from formcheck.types import Pose
from formcheck.vision.cover import torso_px
from formcheck.vision.evidence import Record
from formcheck.vision.surface import N_WAYS, WIDENING, Surface, spread_of

Array = npt.NDArray[np.float64]

EVERY_S: Final = 0.08
GAP_S: Final = 0.5  # after a longer pause between frames everything begins afresh
MOVED: Final = 0.10  # torso lengths: a trunk that moved so far is looked at afresh
SETTLED: Final = 0.03  # torso lengths from look to look: only who moves less is worth a closer look
FASTEST: Final = 0.3  # torso lengths a second: whoever moves faster does more than breathe
FARTHEST: Final = 0.06  # torso lengths: when the trunk has drifted so far, a new first picture is taken
RECODED: Final = 3.0  # times the usual change around the person: a key frame, a lamp; what moved meanwhile is not known
QUIET_GREY: Final = 0.05  # grey levels: what changes by less is not coded anew
ASTIR: Final = 0.05  # of the surroundings: where so much moves, somebody or something passes by
ASTIR_FOR: Final = 0.15  # of the time that tells the quality: what passes so long may be what the trunk seems to do
PULSE: Final = 0.2  # of a period: key frames that come as often as the breath hide it
DRIFT_S: Final = 6.0  # slower changes are no breath
WINDOW_S: Final = 30.0  # what pattern and quality are told from ...
N_LOOKS: Final = round(WINDOW_S / EVERY_S)
PATTERN_FROM_S: Final = 3.0  # ... the shortest that tells the pattern ...
LEAST_S: Final = 6.0  # ... and the quality
BAND_HZ: Final = (0.07, 0.7)
SMALLEST: Final = 0.0001  # torso lengths (0.05 mm on the average of the trunk): less is noise
TOLD_FROM_S: Final = 24.0  # of the trace tell the quality: people do not breathe evenly for longer
CURVED_FROM_S: Final = 12.0  # longer stretches may drift along a curve
FEWEST_PERIODS: Final = 2.0  # a rhythm must have been seen for so long
SLOWEST_HZ: Final = 0.03
MOST_LAG: Final = 5  # samples that must be left to compare
# Where quality leaves 0 and where it is 1; at half way, walks at random pass in 2 of 100 windows (simulated).
ALIKE: Final = (0.3, 0.7)  # correlation with itself, a period and half a period later
SHARE: Final = (0.4, 0.8)  # of what moves
ABOVE_NOISE: Final = (1.0, 2.5)  # spread over that of the noise
SMOOTH: Final = (-7.0, -4.0)  # largest step over the usual one
# What encoders do to photographs stays below half way in one of the two; who breathes is above in both [measured].
SHIFTED: Final = (0.3, 0.6)  # of what changes in this rhythm: patches of the trunk that shift ...
SMOOTHLY: Final = (0.24, 0.42)  # ... and its whole surface, smoothly


class BreathWatch:
    """Follows the breath through a recording. Feed it every frame."""

    def __init__(self) -> None:
        self._looked_s = -math.inf
        self._value = (math.nan, math.nan)
        self._start_over()

    def _start_over(self) -> None:
        self._surface: Surface | None = None
        self._anchor: Array | None = None
        self._times: deque[float] = deque()
        self._history: deque[Array] = deque()  # (9,) how far it has moved in every way
        self._changes: deque[float] = deque(maxlen=100)  # around the person, grey levels
        self._recoded_s: deque[float] = deque(maxlen=20)
        self._is_astir: deque[bool] = deque(maxlen=round(TOLD_FROM_S / EVERY_S))  # look by look
        self._pattern = np.zeros(N_WAYS)  # in movements made equally noisy
        self._pattern[WIDENING] = 1.0
        self._seen, self._shift = np.zeros(N_WAYS), np.zeros(2)  # in the last frame, since the first picture
        self._record = Record(N_LOOKS)  # since the first picture
        self._trace = self._quality = self._clearness = self._evidence = 0.0

    def look(self, image: npt.NDArray[np.uint8], pose: Pose) -> tuple[float, float]:
        """(trace in torso lengths, quality 0-1) in this frame; NaN where the trunk is not seen or has just moved."""
        time_s = pose.time_s
        if time_s - self._looked_s < EVERY_S - 1e-3:
            return self._value
        since_s, self._looked_s = time_s - self._looked_s, time_s
        self._value = (self._trace, self._quality) if self._next(image, pose, since_s) else (math.nan, math.nan)
        return self._value

    def _next(self, image: npt.NDArray[np.uint8], pose: Pose, since_s: float) -> bool:
        """Whether the breath can be followed through this frame."""
        torso = torso_px(pose)
        if not torso > 0.0:
            self._start_over()
            return False
        corners = pose.xy_px[[INDEX[f"{side}_{joint}"] for joint in ("shoulder", "hip") for side in ("left", "right")]]
        if self._anchor is None or since_s > GAP_S or _apart(corners, self._anchor) > MOVED * torso:
            self._start_over()
            self._anchor = corners.copy()
            return False
        if self._surface is None:
            is_settled = _apart(corners, self._anchor) < SETTLED * torso
            self._anchor = corners.copy()
            return is_settled and self._begin(image, pose, torso)
        change = self._surface.compare(image)
        self._is_astir.append(change.astir > ASTIR)
        if float(np.hypot(*(change.shift - self._shift))) > FASTEST * since_s + SMALLEST:
            self._start_over()
            return False
        moved = change.moves - self._seen
        is_recoded = self._is_recoded(change.around)
        if is_recoded:
            moved = np.zeros_like(moved)
            self._recoded_s.append(pose.time_s)
        self._seen, self._shift = change.moves, change.shift
        self._record.add(change.greys, is_recoded)
        self._follow(pose.time_s, moved, since_s)
        if float(np.hypot(*change.shift)) > FARTHEST:
            surface = Surface(image, pose, torso)
            if surface.is_blank:
                self._start_over()
                return False
            self._surface, self._record = surface, Record(N_LOOKS)
            self._seen, self._shift = np.zeros_like(change.moves), np.zeros(2)
        return True

    def _begin(self, image: npt.NDArray[np.uint8], pose: Pose, torso: float) -> bool:
        surface = Surface(image, pose, torso)
        if surface.is_blank:
            return False
        self._surface = surface
        return False

    def _is_recoded(self, around: float) -> bool:
        """Whether the picture around the person changed all at once."""
        if around != around:
            return False
        usual = statistics.median(self._changes) if len(self._changes) >= 10 else math.inf
        self._changes.append(around)
        return around > RECODED * max(usual, QUIET_GREY)

    def _follow(self, time_s: float, moved: Array, since_s: float) -> None:
        assert self._surface is not None
        self._history.append(moved + self._history[-1] if self._history else moved)
        self._times.append(time_s)
        while time_s - self._times[0] > WINDOW_S:
            self._times.popleft()
            self._history.popleft()
        if int(time_s) != int(time_s - since_s) and time_s - self._times[0] >= PATTERN_FROM_S:
            self._learn()
        self._trace += float(self._along_pattern(moved)) - self._trace * since_s / DRIFT_S

    def _learn(self) -> None:
        """The pattern of the last seconds, and how clearly it is a breath."""
        assert self._surface is not None
        history = np.array(self._history)
        every_s = (self._times[-1] - self._times[0]) / (len(history) - 1)
        self._pattern = pattern_of(in_band(history, every_s) @ self._surface.clearness, self._pattern)
        if self._times[-1] - self._times[0] < LEAST_S:
            return
        clearness, period_s = rhythm_of(self._along_pattern(history), every_s)
        if clearness > 0.0:
            self._tell_evidence(history, every_s)
            clearness = min(clearness, self._evidence)
        if self._is_pulsing(period_s) or sum(self._is_astir) > ASTIR_FOR * len(self._is_astir):
            clearness = 0.0
        self._quality, self._clearness = min(clearness, self._clearness), clearness  # clear for two seconds running

    def _tell_evidence(self, history: Array, every_s: float) -> None:
        """How much (0-1) of what happens in this rhythm is a trunk that moves; kept where that cannot be told."""
        assert self._surface is not None
        n_looks = min(len(self._record), len(history))
        if n_looks * every_s < LEAST_S:
            return
        trace = in_band(self._along_pattern(history), every_s)[-n_looks:]
        shifted, smooth = self._surface.evidence_in(self._record.in_step(trace))
        self._evidence = min(_ramp(shifted, *SHIFTED), _ramp(smooth, *SMOOTHLY))

    def _is_pulsing(self, period_s: float) -> bool:
        """Whether the picture is coded anew as often as this, which looks like a breath."""
        times = [time_s for time_s in self._recoded_s if self._times[-1] - time_s <= TOLD_FROM_S]
        gaps = np.diff(times)
        gaps = gaps[gaps > 2 * EVERY_S]  # one key frame may show in two looks
        return len(gaps) > 1 and bool(abs(float(np.median(gaps)) - period_s) < PULSE * period_s)

    def _along_pattern(self, moves: Array) -> Array:
        """(...) torso lengths that the surface moves along the pattern, on the average, from (..., 9)."""
        assert self._surface is not None
        return np.asarray(moves @ self._surface.clearness @ self._pattern * spread_of(self._moves()))

    def _moves(self) -> Array:
        """(9,) how far the surface moves in every way while it moves by one along the pattern."""
        assert self._surface is not None
        return np.asarray(np.linalg.lstsq(self._surface.clearness, self._pattern, rcond=1e-3)[0])


def _apart(corners: Array, others: Array) -> float:
    return float(np.hypot(*(corners.mean(axis=0) - others.mean(axis=0))))


def in_band(history: Array, every_s: float) -> Array:
    """(T, ...) the part of each column, (T, ...) sampled every so often, that may be breath."""
    steady = np.linspace(0.0, 1.0, len(history))
    level = history - history[0] - np.multiply.outer(steady, history[-1] - history[0])
    spectrum = np.fft.rfft(level, axis=0)
    hertz = np.fft.rfftfreq(len(level), every_s)
    spectrum[(hertz < BAND_HZ[0]) | (hertz > BAND_HZ[1])] = 0.0
    return np.asarray(np.fft.irfft(spectrum, len(level), axis=0))


def pattern_of(moves: Array, start: Array) -> Array:
    """(K,) unit vector along which the rows of (T, K) vary most, pointing as `start` does."""
    pattern = start
    for _ in range(8):
        pattern = moves.T @ (moves @ pattern)
        length = float(np.linalg.norm(pattern))
        if length < 1e-12:
            return start
        pattern = pattern / length
    return pattern


def rhythm_of(values: Array, every_s: float) -> tuple[float, float]:
    """How clearly (0-1) a trace (T,) in torso lengths, sampled every so often, is one slow rhythm; and its period.

    A breath comes back: the trace is alike one period later and opposite half a period later, most of what moves has
    that period or half of it, and it moves smoothly. The least convincing of these decides.
    """
    values = values[-round(TOLD_FROM_S / every_s) :]
    n = len(values)
    steady = np.polynomial.Polynomial.fit(np.arange(n), values, 2 if n * every_s > CURVED_FROM_S else 1)
    level = values - steady(np.arange(n))
    if float(level.std()) < SMALLEST:
        return 0.0, math.nan
    power = np.abs(np.fft.rfft(level * np.hanning(n), 4 * n)) ** 2
    hertz = np.fft.rfftfreq(4 * n, every_s)
    in_reach = (hertz >= max(BAND_HZ[0], FEWEST_PERIODS / (n * every_s))) & (hertz <= BAND_HZ[1])
    if not in_reach.any():
        return 0.0, math.nan
    at = int(np.flatnonzero(in_reach)[power[in_reach].argmax()])
    if power[at] < power[at - 1 : at + 2].max():  # no peak, but the foot of something slower or quicker
        return 0.0, math.nan
    rate = float(hertz[at])
    own = ((hertz > 0.7 * rate) & (hertz < 1.35 * rate)) | ((hertz > 1.7 * rate) & (hertz < 2.3 * rate))
    share = float(power[own].sum() / power[hertz > SLOWEST_HZ].sum())
    period = 1.0 / (rate * every_s)
    again, opposite = _alike(level, period, 1.0), _alike(level, period / 2, -1.0)
    noise = float(np.sqrt(np.median(np.diff(values, 2) ** 2) / 0.455 / 6.0))
    steps = np.abs(np.diff(np.convolve(level, np.ones(3) / 3, "valid")))
    jerk = float(steps.max() / max(1e-12, np.sqrt(np.mean(steps**2))))
    quality = min(
        _ramp(again, *ALIKE),
        _ramp(opposite, *ALIKE),
        _ramp(share, *SHARE),
        _ramp(float(level.std()) / max(1e-12, noise), *ABOVE_NOISE),
        _ramp(-jerk, *SMOOTH),
    )
    return quality, 1.0 / rate


def _alike(level: Array, lag: float, sign: float) -> float:
    """The largest correlation of a trace (T,) with `sign` times itself about `lag` samples later."""
    n = len(level)
    first, last = max(2, round(0.75 * lag)), min(n - MOST_LAG, round(1.3 * lag))
    return max((sign * _correlation(level[:-k], level[k:]) for k in range(first, last + 1)), default=0.0)


def _correlation(a: Array, b: Array) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 0.0 else 0.0


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
