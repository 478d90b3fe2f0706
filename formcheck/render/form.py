"""The form score and what it is made of: one small panel with a bar for every limb, and the worst deviation."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from formcheck.render import theme
from formcheck.render.canvas import Image, Sheet, Sprite, panel, paste, rounded_mask
from formcheck.render.text import BOLD, fit, line_px, text_mask
from formcheck.types import Snapshot

NOTE_LINES = 2
STEP = 5  # points; what is shown moves in steps of this, so that a panel is drawn once and not every frame
ROWS = (("head", "trunk"), ("left arm", "right arm"), ("left leg", "right leg"))
_SHORT = {"left": "L", "right": "R"}


def form_panel_wh(snapshot: Snapshot, width: int, sizes: theme.Sizes) -> tuple[int, int] | None:
    """Width and height that `draw_form` needs at most; None while there is no score."""
    return None if snapshot.form_score is None else (width, _height(NOTE_LINES, sizes))


def draw_form(
    image: Image, snapshot: Snapshot, at: tuple[int, int], width: int, sizes: theme.Sizes, opacity: float = 1.0
) -> None:
    """Draw the panel in place, its top left corner at `at`; nothing while there is no score."""
    if snapshot.form_score is None:
        return
    known = dict(snapshot.form_parts)
    parts = tuple(_rounded(known.get(name)) for row in ROWS for name in row)
    paste(image, _panel(_rounded(snapshot.form_score), parts, _short(snapshot.form_note), width, sizes), at, opacity)


def _rounded(points: float | None) -> int | None:
    return None if points is None else STEP * round(points / STEP)


def _short(note: str | None) -> str:
    """'left arm 25° lower': the panel has little room, and a panel for every single degree would be too many."""
    words = (note or "").removesuffix(" than the reference").split(" ")
    if "degrees" not in words:
        return " ".join(words)
    at = words.index("degrees")
    return " ".join([*words[: at - 1], f"{_rounded(float(words[at - 1]))}°", *words[at + 1 :]])


def _height(n_lines: int, sizes: theme.Sizes) -> int:
    return sizes.pad + line_px(sizes.small_text) + (len(ROWS) + n_lines) * line_px(sizes.min_text)


@lru_cache(maxsize=128)
def _panel(score: int | None, parts: tuple[int | None, ...], note: str, width: int, sizes: theme.Sizes) -> Sprite:
    lines, size = fit(note, width - 2 * sizes.grid, sizes.min_text, sizes.min_text, NOTE_LINES) if note else ((), 0)
    sheet = panel(width, _height(len(lines), sizes), sizes)
    top = sizes.pad // 2
    sheet.write(f"Form {score}", sizes.small_text, width // 2, top, BOLD)
    top += line_px(sizes.small_text)
    for row, names in enumerate(ROWS):
        for column, name in enumerate(names):
            left, right = (sizes.grid, width // 2 - sizes.grid // 2), (width // 2 + sizes.grid // 2, width - sizes.grid)
            _stamp_part(sheet, name, parts[2 * row + column], top, (left, right)[column], sizes)
        top += line_px(sizes.min_text)
    for line in lines:
        sheet.write(line, size, width // 2, top)
        top += line_px(sizes.min_text)
    return sheet.sprite()


def _stamp_part(
    sheet: Sheet, name: str, points: int | None, top: int, span: tuple[int, int], sizes: theme.Sizes
) -> None:
    """A limb's name and its bar between two edges; a short line for one that could not be seen."""
    side, _, joint = name.partition(" ")
    label = text_mask(f"{_SHORT[side]} {joint}" if joint else name, sizes.min_text)
    widest = max(text_mask(text, sizes.min_text).shape[1] for text in ("head", "trunk", "L arm", "R arm"))
    sheet.stamp(label, theme.PAPER, (span[0], top))
    left, right = span[0] + widest + sizes.grid // 2, span[1]
    if right - left < 2:  # a frame of a few pixels has no room for bars
        return
    bar = max(3, sizes.px(0.010))
    y = top + (line_px(sizes.min_text) - bar) // 2
    if points is None:
        sheet.stamp(np.full((1 + bar // 4, min(right - left, sizes.grid)), 255, np.uint8), theme.MUTED, (left, y))
        return
    sheet.stamp(rounded_mask(right - left, bar, bar // 2), theme.PAPER, (left, y), theme.TRACK_OPACITY)
    filled = round((right - left) * points / 100)
    if filled > 0:
        sheet.stamp(rounded_mask(filled, bar, bar // 2), theme.PAPER if points >= 100 else theme.ATTENTION, (left, y))
