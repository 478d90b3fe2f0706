"""Text in any language through OpenCV's TrueType renderer: measured, wrapped, made a mask once per string."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]

REGULAR = 500
BOLD = 700
LINE_HEIGHT = 1.2  # of the font size
DIGIT_HEIGHT = 0.755  # of the font size, measured on the built-in face
_FINE_PX = 192  # size at which glyphs are reshaped before they are averaged down
_ZERO_TOP = round(0.80 * _FINE_PX)  # of the reshaped zero's box, above the baseline


@lru_cache(maxsize=1)
def _face() -> cv2.FontFace:
    """OpenCV's built-in sans face: of any weight; has Latin, Cyrillic, CJK and degrees; nothing to ship."""
    return cv2.FontFace("sans")


def line_px(size_px: int) -> int:
    """Height of a line of text of this font size."""
    return math.ceil(LINE_HEIGHT * size_px)


def clean(text: str) -> str:
    """One line of printable characters: line breaks and runs of blanks become single blanks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@lru_cache(maxsize=1024)
def text_width(text: str, size_px: int, weight: int = REGULAR) -> int:
    """How far the pen moves when `text` is written, in pixels."""
    _, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), _face(), size_px, weight)
    return int(width)


@lru_cache(maxsize=256)
def text_mask(text: str, size_px: int, weight: int = REGULAR) -> Mask:
    """Coverage 0-255 of one line of text.

    The mask is as wide as the pen moves and `line_px` high, so that lines stack and centre by their box.
    """
    width = max(1, text_width(text, size_px, weight)) + 1
    mask = np.zeros((line_px(size_px), width), np.uint8)
    baseline = round(0.90 * size_px)  # room for the dots of an upper-case umlaut above and for descenders below
    cv2.putText(mask, text, (0, baseline), (255,), _face(), size_px, weight)
    for i, character in enumerate(text):
        if character == "0":
            _open_zero(mask, text_width(text[:i], size_px, weight), baseline, size_px, weight)
    return mask


def _open_zero(mask: Mask, x: int, baseline: int, size_px: int, weight: int) -> None:
    """Replace the zero whose pen starts at `x`: the face strikes it through, so "10" would read as "1Ø"."""
    zero, scale = _plain_zero(weight), size_px / _FINE_PX
    width, height = round(zero.shape[1] * scale), round(zero.shape[0] * scale)
    glyph = cv2.resize(zero, (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA)
    row = baseline - round(_ZERO_TOP * scale)
    place = mask[row : row + height, x : x + width]
    place[:] = glyph[: place.shape[0], : place.shape[1]]


@lru_cache(maxsize=8)
def _plain_zero(weight: int) -> Mask:
    """The zero at `_FINE_PX` with the hull of its two half holes cut out, which takes the stroke away."""
    below = 8  # rows under the baseline for the round foot
    mask = np.zeros((_ZERO_TOP + below, text_width("0", _FINE_PX, weight)), np.uint8)
    cv2.putText(mask, "0", (0, _ZERO_TOP), (255,), _face(), _FINE_PX, weight)
    contours, tree = cv2.findContours((mask > 127).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    holes = [hole for hole, (_, _, _, parent) in zip(contours, tree[0], strict=True) if parent >= 0]
    if holes:
        cv2.fillConvexPoly(mask, cv2.convexHull(np.concatenate(holes)), (0,))
    return mask


def wrap(text: str, max_width_px: int, size_px: int, weight: int = REGULAR) -> list[str]:
    """Lines of `text`, broken between words, none wider than asked unless a single word is."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size_px, weight) <= max_width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _balanced(text: str, n_lines: int, max_width_px: int, size_px: int, weight: int) -> list[str]:
    """The same number of lines, made as equal in width as the words allow."""
    narrow = max_width_px
    step = max(1, size_px // 2)
    while narrow > step:
        tried = wrap(text, narrow - step, size_px, weight)
        if len(tried) > n_lines or _widest(tried, size_px, weight) > narrow - step:
            break
        narrow -= step
    return wrap(text, narrow, size_px, weight)


def _widest(lines: list[str], size_px: int, weight: int) -> int:
    return max(text_width(line, size_px, weight) for line in lines)


@lru_cache(maxsize=128)
def fit(
    text: str, max_width_px: int, size_px: int, min_px: int, max_lines: int, weight: int = REGULAR
) -> tuple[tuple[str, ...], int]:
    """The lines and the font size in which `text` fits.

    Starts at `size_px` and shrinks step by step to `min_px`. A text that does not fit even then is never cut:
    it takes more lines, and a single word wider than the place is hyphenated.

    Returns:
        The lines and their font size in pixels.
    """
    text = clean(text)
    for size in range(size_px, min_px - 1, -1):
        lines = wrap(text, max_width_px, size, weight)
        if len(lines) <= max_lines and _widest(lines, size, weight) <= max_width_px:
            return tuple(_balanced(text, len(lines), max_width_px, size, weight)), size
    text = _split_long_words(text, max_width_px, min_px, weight)
    return tuple(wrap(text, max_width_px, min_px, weight)), min_px


def _split_long_words(text: str, max_width_px: int, size_px: int, weight: int) -> str:
    """The text with a hyphen and a blank wherever a word would not fit into a line of its own."""
    words: list[str] = []
    for word in text.split(" "):
        while len(word) > 2 and text_width(word, size_px, weight) > max_width_px:
            cut = max(1, _n_fitting(word, max_width_px, size_px, weight))
            words.append(word[:cut] + "-")
            word = word[cut:]
        words.append(word)
    return " ".join(words)


def _n_fitting(word: str, max_width_px: int, size_px: int, weight: int) -> int:
    """How many letters of a word that is too wide fit in front of a hyphen."""
    letters = range(1, len(word))
    return max((n for n in letters if text_width(f"{word[:n]}-", size_px, weight) <= max_width_px), default=0)
