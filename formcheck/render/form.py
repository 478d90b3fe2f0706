"""The form score and what it is made of: one small panel with a bar for every limb, and the worst deviation."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from formcheck.render import theme
from formcheck.render.canvas import Image, Sheet, Sprite, panel, paste, rounded_mask
from formcheck.render.text import BOLD, Mask, fit, line_px, text_mask
from formcheck.render.words import OverlayWords
from formcheck.types import Snapshot

NOTE_LINES = 2
STEP = 5  # points; what is shown moves in steps of this, so that a panel is drawn once and not every frame
ROWS = (("head", "trunk"), ("left arm", "right arm"), ("left leg", "right leg"))
_LABELS = {"left arm": "L arm", "right arm": "R arm", "left leg": "L leg", "right leg": "R leg"}
_DEGREES = re.compile(r"(\d+) degrees")
_NUMBER_AND_WORD = re.compile(r"(\d+) \w+")


def form_panel_wh(snapshot: Snapshot, width: int, sizes: theme.Sizes) -> tuple[int, int] | None:
    """Width and height that `draw_form` needs at most; None while there is no score."""
    return None if snapshot.form_score is None else (width, _height(NOTE_LINES, sizes))


def draw_form(
    image: Image,
    snapshot: Snapshot,
    at: tuple[int, int],
    width: int,
    sizes: theme.Sizes,
    words: OverlayWords,
    opacity: float = 1.0,
) -> None:
    """Draw the panel in place, its top left corner at `at`; nothing while there is no score."""
    if snapshot.form_score is None:
        return
    known = dict(snapshot.form_parts)
    parts = tuple(_rounded(known.get(name)) for row in ROWS for name in row)
    note = _short(snapshot.form_note, words) if snapshot.form_note else ""
    paste(image, _panel(_rounded(snapshot.form_score), parts, note, width, sizes, words), at, opacity)


def _rounded(points: float | None) -> int | None:
    return None if points is None else STEP * round(points / STEP)


def _short(note: str, words: OverlayWords) -> str:
    """'left arm 25° lower': the panel has little room, and a panel for every single degree would be too many."""
    rounded = _DEGREES.sub(
        lambda found: f"{_rounded(float(found[1]))} degrees", note.removesuffix(" than the reference")
    )
    return _NUMBER_AND_WORD.sub(r"\1°", words.say(rounded))


def _height(n_lines: int, sizes: theme.Sizes) -> int:
    return sizes.pad + line_px(sizes.small_text) + (len(ROWS) + n_lines) * line_px(sizes.min_text)


@lru_cache(maxsize=128)
def _panel(
    score: int | None, parts: tuple[int | None, ...], note: str, width: int, sizes: theme.Sizes, words: OverlayWords
) -> Sprite:
    lines, size = fit(note, width - 2 * sizes.grid, sizes.min_text, sizes.min_text, NOTE_LINES) if note else ((), 0)
    sheet = panel(width, _height(len(lines), sizes), sizes)
    top = sizes.pad // 2
    sheet.write(f"{words.fill('Form')} {score}", sizes.small_text, width // 2, top, BOLD)
    top += line_px(sizes.small_text)
    labels = {name: _label(name, sizes, words) for row in ROWS for name in row}
    widest = max(label.shape[1] for label in labels.values())
    for row, names in enumerate(ROWS):
        for column, name in enumerate(names):
            left, right = (sizes.grid, width // 2 - sizes.grid // 2), (width // 2 + sizes.grid // 2, width - sizes.grid)
            _stamp_part(sheet, labels[name], widest, parts[2 * row + column], top, (left, right)[column], sizes)
        top += line_px(sizes.min_text)
    for line in lines:
        sheet.write(line, size, width // 2, top)
        top += line_px(sizes.min_text)
    return sheet.sprite()


def _label(name: str, sizes: theme.Sizes, words: OverlayWords) -> Mask:
    """A limb's name, as short as may be."""
    return text_mask(words.fill(_LABELS.get(name, name)), sizes.min_text)


def _stamp_part(
    sheet: Sheet, label: Mask, widest: int, points: int | None, top: int, span: tuple[int, int], sizes: theme.Sizes
) -> None:
    """A limb's name and its bar between two edges; a short line for one that could not be seen."""
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
