"""The breath as a quiet line: the last seconds of its trace, with a tick for every breath that was counted."""

from __future__ import annotations

import math
from collections import deque
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from formcheck.breaths import CLEAR_ENOUGH
from formcheck.render import theme
from formcheck.render.canvas import Image, Sprite, panel, paste
from formcheck.render.text import fit, line_px
from formcheck.render.words import OverlayWords
from formcheck.types import Array, Pose, Snapshot

SHOWN_S: Final = 12.0
STEP_S: Final = 0.1  # between two points of the line ...
STEP_PX: Final = 2.0  # ... of which so many pixels need no more than one
LEAST_SWING: Final = 0.002  # torso lengths (1 mm): what is smaller is not drawn larger
UNSEEN_AFTER_S: Final = 20.0  # of keeping still without a clear breath: then it is said, once ...
UNSEEN_FOR_S: Final = 4.0  # ... for so long
NOT_SEEN: Final = "Breath not seen"
_NEIGHBOURS: Final = np.full(5, 0.2)
_FRACTION_BITS: Final = 4  # of a pixel: the line moves smoothly


class BreathWave:
    """Remembers the trace of one recording. Call `take` with every frame, then `draw`."""

    def __init__(self, words: OverlayWords) -> None:
        self._words = words
        self._trace: deque[tuple[float, float]] = deque()
        self._n_taken = 0  # points, those no longer shown, too
        self._is_clear = False
        self._since_s = math.nan  # since when the trunk is followed without a clear breath
        self._told_s = math.nan
        self._strip: Sprite | None = None  # drawn anew with every point of the trace
        self._strip_of: tuple[float, tuple[float, ...], int] | None = None

    def take(self, pose: Pose, snapshot: Snapshot) -> None:
        """Remember the breath of this frame."""
        time_s = pose.time_s
        self._is_clear = False
        if snapshot.breaths_s is None or math.isnan(pose.breath):
            self._trace.clear()
            self._since_s = math.nan
            return
        if not self._trace or time_s - self._trace[-1][0] >= STEP_S - 1e-3:
            self._trace.append((time_s, pose.breath))
            self._n_taken += 1
        while time_s - self._trace[0][0] > SHOWN_S:
            self._trace.popleft()
        self._is_clear = pose.breath_quality >= CLEAR_ENOUGH
        if self._is_clear:
            self._since_s = math.nan
        elif math.isnan(self._since_s):
            self._since_s = time_s
        elif math.isnan(self._told_s) and time_s - self._since_s >= UNSEEN_AFTER_S:
            self._told_s = time_s

    def is_shown(self, time_s: float) -> bool:
        """Whether there is something to draw: a clear breath, or that none is seen, which is said once."""
        return (self._is_clear and len(self._trace) > 1) or self._is_told(time_s)

    def _is_told(self, time_s: float) -> bool:
        return not self._is_clear and 0.0 <= time_s - self._told_s < UNSEEN_FOR_S

    def draw(self, image: Image, snapshot: Snapshot, at: tuple[int, int], width: int, sizes: theme.Sizes) -> None:
        """Draw in place, the panel's top left corner at `at`."""
        if self._is_told(snapshot.time_s):
            paste(image, _panel_with(self._words.fill(NOT_SEEN), width, sizes), at)
            return
        key = (self._trace[-1][0], snapshot.breaths_s or (), width)
        if self._strip is None or self._strip_of != key:
            self._strip, self._strip_of = self._composed(*key, sizes), key
        paste(image, self._strip, at)

    def _composed(self, now_s: float, breaths_s: tuple[float, ...], width: int, sizes: theme.Sizes) -> Sprite:
        """The panel with the line up to now, and a tick where a breath has ended."""
        ground, height = _ground(width, sizes), breath_panel_wh(width, sizes)[1]
        paint, keep = ground.paint.copy(), ground.keep.copy()
        times, values = np.array(self._trace).T
        line = self._thinned(_line(times - now_s, _calm(values), width, sizes))
        fixed = np.rint(line * (1 << _FRACTION_BITS)).astype(np.int32)
        since_s = np.array([end_s - now_s for end_s in breaths_s])
        feet = [round(float(x)) for x in _across(since_s[since_s >= -SHOWN_S], width, sizes)]
        bottom = height - sizes.grid // 2
        for layer, colour, tick in (
            (paint, theme.bgr(theme.BREATH), theme.bgr(theme.PAPER)),
            (keep, (0, 0, 0), (0, 0, 0)),
        ):
            cv2.polylines(layer, [fixed], False, colour, sizes.line, cv2.LINE_AA, _FRACTION_BITS)
            for x in feet:
                cv2.line(layer, (x, bottom), (x, bottom - sizes.grid), tick, sizes.line)
        return Sprite(paint, keep)

    def _thinned(self, line: Array) -> Array:
        """The points (n, 2) that are worth drawing, the same ones while the line moves on, and the newest."""
        every = max(1, int(STEP_PX * (len(line) - 1) / max(1.0, line[-1, 0] - line[0, 0])))
        oldest = self._n_taken - len(line)
        return np.vstack([line[-oldest % every : -1 : every], line[-1:]])


def breath_panel_wh(width: int, sizes: theme.Sizes) -> tuple[int, int]:
    """Width and height of the panel in pixels."""
    return width, max(sizes.px(0.085), line_px(sizes.min_text) + sizes.grid)


def _across(since_s: Array, width: int, sizes: theme.Sizes) -> Array:
    """Pixels from the panel's left edge of a moment `since_s` (<= 0) from now."""
    return width - sizes.grid + since_s / SHOWN_S * (width - 2 * sizes.grid)


def _calm(values: Array) -> Array:
    """The mean of each value (n,) and its neighbours."""
    return np.convolve(np.concatenate([values[:2], values, values[-2:]]), _NEIGHBOURS, "valid")


def _line(since_s: Array, values: Array, width: int, sizes: theme.Sizes) -> Array:
    """(n, 2) pixels in the panel; in is up."""
    height = breath_panel_wh(width, sizes)[1]
    low, high = float(values.min()), float(values.max())
    middle, swing = (low + high) / 2, max(high - low, LEAST_SWING)
    top, room = sizes.grid // 2 + sizes.line, height - 2 * sizes.grid - sizes.line
    y = top + (0.5 - (values - middle) / swing) * room
    return np.column_stack([_across(since_s, width, sizes), y])


@lru_cache(maxsize=8)
def _ground(width: int, sizes: theme.Sizes) -> Sprite:
    return panel(*breath_panel_wh(width, sizes), sizes).sprite()


@lru_cache(maxsize=8)
def _panel_with(text: str, width: int, sizes: theme.Sizes) -> Sprite:
    sheet = panel(*breath_panel_wh(width, sizes), sizes)
    lines, size = fit(text, width - 2 * sizes.grid, sizes.small_text, sizes.min_text, 1)
    top = (breath_panel_wh(width, sizes)[1] - line_px(size)) // 2
    for line in lines:
        sheet.write(line, size, width // 2, top)
    return sheet.sprite()
