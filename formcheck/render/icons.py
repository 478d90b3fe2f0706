"""Signs that say by their shape what a colour says: octagon, triangle, tick, and rings."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from formcheck.render import theme
from formcheck.render.canvas import (
    Sheet,
    Sprite,
    disc_mask,
    polygon_mask,
    ring_mask,
    rounded_mask,
    stroke_mask,
)
from formcheck.render.text import BOLD, Mask, text_mask
from formcheck.types import Array, CueLevel

_TICK = np.array([[0.26, 0.53], [0.43, 0.70], [0.75, 0.34]])
_TRIANGLE = np.array([[0.50, 0.04], [0.99, 0.94], [0.01, 0.94]])
_SLASH = np.array([[0.24, 0.76], [0.76, 0.24]])


def _octagon(radius: float) -> Array:
    """Corners of an octagon that stands on a side, as shares of a square."""
    turns = (np.arange(8, dtype=np.float64) + 0.5) * (math.pi / 4)
    return 0.5 + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)


def _glyph(sheet: Sheet, text: str, size: int, colour: str, rise: float = 0.0) -> None:
    """A single sign in the middle of the icon; `rise` moves it up by a share of the icon's size."""
    mask = text_mask(text, size, BOLD)
    rows = np.flatnonzero(mask.any(axis=1))
    cut = mask[rows[0] : rows[-1] + 1]
    width, height = sheet.size_wh
    sheet.stamp(cut, colour, ((width - cut.shape[1]) // 2, round((height - cut.shape[0]) / 2 - rise * height)))


def stop_icon(size: int) -> Sheet:
    """Safety: an octagon with a white rim and "!"."""
    sheet = Sheet(size, size)
    sheet.stamp(polygon_mask(_octagon(0.53), size), theme.PAPER)
    sheet.stamp(polygon_mask(_octagon(0.46), size), theme.STOP)
    _glyph(sheet, "!", round(size * 0.74), theme.PAPER)
    return sheet


def attention_icon(size: int) -> Sheet:
    """Correction: a triangle with "!"."""
    sheet = Sheet(size, size)
    sheet.stamp(polygon_mask(_TRIANGLE, size), theme.ATTENTION)
    _glyph(sheet, "!", round(size * 0.66), theme.INK, rise=-0.14)
    return sheet


def praise_icon(size: int) -> Sheet:
    """Praise: a disc with a tick."""
    sheet = Sheet(size, size)
    sheet.stamp(disc_mask(size), theme.PAPER)
    rim = max(1, size // 14)
    sheet.stamp(disc_mask(size - 2 * rim), theme.GOOD, (rim, rim))
    sheet.stamp(stroke_mask(_TICK, size, 0.11), theme.PAPER)
    return sheet


def setup_icon(size: int) -> Sheet:
    """Set-up: a rounded square with "i"."""
    sheet = Sheet(size, size)
    sheet.stamp(rounded_mask(size, size, size // 4), theme.PAPER)
    _glyph(sheet, "i", round(size * 0.74), theme.INK)
    return sheet


def unknown_icon(size: int) -> Sheet:
    """Not judged: a crossed ring."""
    sheet = Sheet(size, size)
    sheet.stamp(ring_mask(size, max(2, size // 10)), theme.PAPER)
    sheet.stamp(stroke_mask(_SLASH, size, 0.10), theme.PAPER)
    return sheet


def hollow_icon(size: int) -> Sheet:
    """Not counted: the hollow mark, as in the report."""
    sheet = Sheet(size, size)
    sheet.stamp(ring_mask(size, max(2, size // 6)), theme.PAPER)
    return sheet


_OF_LEVEL = {"safety": stop_icon, "correction": attention_icon, "praise": praise_icon, "setup": setup_icon}


def level_icon(level: CueLevel, size: int) -> Sheet:
    """The sign of a cue's level."""
    return _OF_LEVEL[level](size)


def tick_mask(size: int) -> Mask:
    """A tick alone, to be stamped in any colour."""
    return stroke_mask(_TICK, size, 0.13)


@lru_cache(maxsize=8)
def fault_badge(size: int) -> Sprite:
    """The "!" beside a segment at fault: an orange disc with a dark rim."""
    sheet = Sheet(size, size)
    rim = max(1, size // 10)
    sheet.stamp(disc_mask(size), theme.INK)
    sheet.stamp(disc_mask(size - 2 * rim), theme.ATTENTION, (rim, rim))
    _glyph(sheet, "!", round(size * 0.78), theme.INK)
    return sheet.sprite()
