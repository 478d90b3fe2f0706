"""The one large thing: the count, or the seconds of a hold, in a ring that fills; below it the movement."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from formcheck.render import theme
from formcheck.render.canvas import Image, Sheet, Sprite, disc_mask, panel, paste, ring_mask
from formcheck.render.text import (
    BOLD,
    DIGIT_HEIGHT,
    REGULAR,
    Mask,
    clean,
    fit,
    line_px,
    text_mask,
    text_width,
)
from formcheck.render.words import OverlayWords
from formcheck.types import HoldClock, Snapshot

_FRACTION_BITS = 3


@dataclass(frozen=True, slots=True)
class _Face:
    """What stands inside the ring, and how far the ring is filled (0-1)."""

    big: str
    small: str
    filled: float


def ring_diameter(sizes: theme.Sizes) -> int:
    """Outer diameter of the ring in pixels: two digits of 12 % and the target below them just fit inside."""
    return sizes.px(0.30)


def panel_width(sizes: theme.Sizes) -> int:
    """Width of the count's panel in pixels."""
    return ring_diameter(sizes) + 2 * sizes.pad


def count_panel_wh(snapshot: Snapshot, sizes: theme.Sizes, words: OverlayWords) -> tuple[int, int]:
    """Width and height of the panel that `draw_count` will draw."""
    return _ground(words.say(snapshot.title), sizes).size_wh


def draw_count(
    image: Image,
    snapshot: Snapshot,
    at: tuple[int, int],
    sizes: theme.Sizes,
    words: OverlayWords,
    opacity: float = 1.0,
) -> None:
    """Draw the panel in place with its top left corner at `at`."""
    title = words.say(snapshot.title)
    if opacity < 1:  # the ring is drawn with hard opacity: it waits until the panel has arrived
        paste(image, _ground(title, sizes).sprite(), at, opacity)
        return
    face, diameter = _face_of(snapshot, words), ring_diameter(sizes)
    lines = _label_of(snapshot, words), _phase_of(snapshot, words)
    paste(image, _lettered(title, face.big, face.small, *lines, sizes), at)
    ring_at = (at[0] + sizes.pad, at[1] + sizes.pad)
    if snapshot.flash > 0:
        paste(image, _flash(diameter), ring_at, min(1.0, snapshot.flash))
        paste(image, _digits(face.big, face.small, sizes).sprite(), ring_at)
    _draw_arc(image, (ring_at[0] + diameter / 2, ring_at[1] + diameter / 2), face.filled, sizes)


def _face_of(snapshot: Snapshot, words: OverlayWords) -> _Face:
    """A running hold shows its seconds, everything else the count."""
    hold = snapshot.hold
    if hold is not None and hold.is_running:
        return _Face(str(math.floor(hold.credited_s + 1e-6)), _hold_target(hold, words), _share(hold))
    return _Face(str(snapshot.count), _count_target(snapshot.count_target, words), snapshot.progress)


def _count_target(target: tuple[int, int] | None, words: OverlayWords) -> str:
    if target is None:
        return ""
    low, high = target
    return words.fill("of {target}", target=low if low == high else f"{low}–{high}")


def _share(hold: HoldClock) -> float:
    return hold.credited_s / hold.target_s if hold.target_s > 0 else 0.0


def _hold_target(hold: HoldClock, words: OverlayWords) -> str:
    if hold.target_s <= 0:
        return "s"
    return words.fill("of {target} s", target=words.number(f"{hold.target_s:.3g}"))


def _label_of(snapshot: Snapshot, words: OverlayWords) -> str:
    """What the large number counts; while a hold runs, how many are done."""
    n, label = snapshot.count, snapshot.count_label
    if snapshot.hold is not None and snapshot.hold.is_running:
        return f"{n} {words.say(label.removesuffix('s') if n == 1 else label)}"
    return words.say(label)


def _phase_of(snapshot: Snapshot, words: OverlayWords) -> str:
    phase, side = clean(snapshot.phase or ""), snapshot.side or ""
    parts = [phase] if side in phase.lower().split() else [part for part in (phase, side) if part]
    line = " · ".join(words.say(part) for part in parts)
    return line[:1].upper() + line[1:]


@lru_cache(maxsize=8)
def _lettered(title: str, big: str, small: str, label: str, phase: str, sizes: theme.Sizes) -> Sprite:
    """The whole panel but for what fills the ring: it changes a few times in a second at most."""
    sheet = _ground(title, sizes).copy()
    sheet.stack(_digits(big, small, sizes), (sizes.pad, sizes.pad))
    sheet.stack(_lines(label, phase, sizes), (0, sizes.pad + ring_diameter(sizes) + sizes.grid // 2))
    return sheet.sprite()


@lru_cache(maxsize=8)
def _ground(title: str, sizes: theme.Sizes) -> Sheet:
    """The panel with the ring's track and the movement's name, which stay for a whole block."""
    width, diameter = panel_width(sizes), ring_diameter(sizes)
    names, size = fit(title, width - 2 * sizes.pad, sizes.body_text, sizes.min_text, 2, BOLD)
    step = line_px(size)
    rule = sizes.pad + diameter + _lines_height(sizes) + sizes.grid
    sheet = panel(width, rule + sizes.grid + step * len(names) + sizes.pad, sizes)
    line = _ring_line(sizes)
    sheet.stamp(ring_mask(diameter, line), theme.PAPER, (sizes.pad, sizes.pad), theme.TRACK_OPACITY)
    hair = np.full((max(1, sizes.px(0.002)), width - 2 * sizes.pad), 255, np.uint8)
    sheet.stamp(hair, theme.PAPER, (sizes.pad, rule), theme.TRACK_OPACITY)
    for row, name in enumerate(names):
        sheet.write(name, size, width // 2, rule + sizes.grid + row * step, BOLD)
    return sheet


def _phase_height(sizes: theme.Sizes) -> int:
    """Room for the phase in one line, or for a long one in two small lines."""
    return max(line_px(sizes.body_text), 2 * line_px(sizes.min_text))


def _lines_height(sizes: theme.Sizes) -> int:
    return sizes.grid // 2 + line_px(sizes.small_text) + _phase_height(sizes)


@lru_cache(maxsize=8)
def _lines(label: str, phase: str, sizes: theme.Sizes) -> Sheet:
    """What is counted, and phase and side below it."""
    width, label_height = panel_width(sizes), line_px(sizes.small_text)
    sheet = Sheet(width, _lines_height(sizes))
    inside = width - 2 * sizes.pad
    _write_centred(sheet, fit(label, inside, sizes.small_text, sizes.min_text, 1), 0, label_height, REGULAR)
    if phase:
        lettering = fit(phase, inside, sizes.body_text, sizes.min_text, 1, BOLD)
        _write_centred(sheet, lettering, label_height, _phase_height(sizes), BOLD)
    return sheet


def _write_centred(sheet: Sheet, lettering: tuple[tuple[str, ...], int], top: int, height: int, weight: int) -> None:
    """Lines of text in the middle of a strip of the sheet."""
    lines, size = lettering
    first = top + (height - line_px(size) * len(lines)) // 2
    for row, line in enumerate(lines):
        sheet.write(line, size, sheet.size_wh[0] // 2, first + row * line_px(size), weight)


def _ring_line(sizes: theme.Sizes) -> int:
    return sizes.px(0.022)


@lru_cache(maxsize=4)
def _flash(diameter: int) -> Sprite:
    sheet = Sheet(diameter, diameter)
    sheet.stamp(disc_mask(diameter), theme.GOOD)
    return sheet.sprite()


@lru_cache(maxsize=8)
def _digits(big: str, small: str, sizes: theme.Sizes) -> Sheet:
    """The large number with its target below, both centred in the ring."""
    diameter = ring_diameter(sizes)
    sheet = Sheet(diameter, diameter)
    size = _digit_size(big, bool(small), sizes)
    number = _trimmed(text_mask(big, size, BOLD))
    top = (diameter - number.shape[0]) // 2
    if small:
        top -= (sizes.small_text + sizes.grid // 4) // 2
        target = _trimmed(text_mask(small, sizes.small_text))
        below = top + number.shape[0] + sizes.grid
        sheet.stamp(target, theme.PAPER, ((diameter - target.shape[1]) // 2, below))
    sheet.stamp(number, theme.PAPER, ((diameter - number.shape[1]) // 2, top))
    return sheet


def _digit_size(big: str, has_target: bool, sizes: theme.Sizes) -> int:
    """Font size whose digits are 12 % high, less only where they would touch the ring."""
    size = round(sizes.count_digits / DIGIT_HEIGHT)
    inner = ring_diameter(sizes) / 2 - _ring_line(sizes) - sizes.grid / 4
    rise = 0.5 * (sizes.small_text if has_target else 0)
    while size > sizes.small_text:
        corner = math.hypot(text_width(big, size, BOLD) / 2 - 0.05 * size, DIGIT_HEIGHT * size / 2 + rise)
        if corner <= inner:
            break
        size -= 1
    return size


def _trimmed(mask: Mask) -> Mask:
    """The mask without empty rows and columns at its edges."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return mask
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _draw_arc(image: Image, centre: tuple[float, float], filled: float, sizes: theme.Sizes) -> None:
    """The filled part of the ring, clockwise from the top, with round ends."""
    filled = min(1.0, filled) if filled > 0 else 0.0
    if filled < 0.004:  # less than two degrees
        return
    line = _ring_line(sizes)
    radius = (ring_diameter(sizes) - line) / 2
    n_points = max(2, round(40 * filled))
    turns = np.linspace(-0.25, filled - 0.25, n_points) * 2 * math.pi
    points = np.array(centre) - 0.5 + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    fixed = np.rint(points * (1 << _FRACTION_BITS)).astype(np.int32)
    cv2.polylines(image, [fixed], filled >= 1.0, theme.bgr(theme.PAPER), line, cv2.LINE_AA, _FRACTION_BITS)
