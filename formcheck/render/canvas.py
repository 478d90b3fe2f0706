"""Sprites: pictures with soft edges, put together once, then laid over video frames in two fast passes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from formcheck.render import theme
from formcheck.render.text import REGULAR, Mask, text_mask

Image = npt.NDArray[np.uint8]
_FINE = 4  # shapes are drawn this much larger and averaged down: smooth edges at any size


@dataclass(frozen=True, slots=True)
class Sprite:
    """A picture to lay over another: result = background * keep / 255 + paint.

    Attributes:
        paint: (h, w, 3) uint8 BGR, already multiplied by its opacity.
        keep: (h, w, 3) uint8 share of the background that stays, equal in the three channels.
    """

    paint: Image
    keep: Image

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.paint.shape[1], self.paint.shape[0]


class Sheet:
    """Where a sprite is composed; starts fully transparent."""

    def __init__(self, width: int, height: int) -> None:
        self._paint = np.zeros((height, width, 3), np.float32)
        self._keep = np.ones((height, width, 1), np.float32)

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._paint.shape[1], self._paint.shape[0]

    def copy(self) -> Sheet:
        """A sheet that looks the same and can be composed further."""
        other = Sheet(0, 0)
        other._paint, other._keep = self._paint.copy(), self._keep.copy()
        return other

    def stamp(self, mask: Mask, colour: str, at: tuple[int, int] = (0, 0), opacity: float = 1.0) -> None:
        """Lay `colour` through the mask, its top left corner at `at`; what lies outside the sheet is cut."""
        (x, y), (width, height) = at, self.size_wh
        left, top = max(0, x), max(0, y)
        right, bottom = min(width, x + mask.shape[1]), min(height, y + mask.shape[0])
        if right <= left or bottom <= top:
            return
        cover = mask[top - y : bottom - y, left - x : right - x, None].astype(np.float32) * (opacity / 255)
        place = np.s_[top:bottom, left:right]
        self._paint[place] = self._paint[place] * (1 - cover) + cover * np.array(theme.bgr(colour), np.float32)
        self._keep[place] *= 1 - cover

    def stack(self, other: Sheet, at: tuple[int, int]) -> None:
        """Lay another sheet over this one, its top left corner at `at`; it must lie inside."""
        (x, y), (width, height) = at, other.size_wh
        place = np.s_[y : y + height, x : x + width]
        self._paint[place] = self._paint[place] * other._keep + other._paint
        self._keep[place] *= other._keep

    def write(self, text: str, size_px: int, centre_x: int, top: int, weight: int = REGULAR) -> None:
        """One line of white text centred on `centre_x`."""
        mask = text_mask(text, size_px, weight)
        self.stamp(mask, theme.PAPER, (centre_x - mask.shape[1] // 2, top))

    def sprite(self) -> Sprite:
        """What was composed so far."""
        keep = np.repeat(np.rint(self._keep * 255), 3, axis=2)
        return Sprite(np.rint(self._paint).astype(np.uint8), keep.astype(np.uint8))


def paste(image: Image, sprite: Sprite, at: tuple[int, int], opacity: float = 1.0) -> None:
    """Lay a sprite over the image in place, its top left corner at `at`; cut at the image's edges."""
    (x, y), (width, height) = at, sprite.size_wh
    left, top = max(0, x), max(0, y)
    right, bottom = min(image.shape[1], x + width), min(image.shape[0], y + height)
    if right <= left or bottom <= top or opacity <= 0:
        return
    part = np.s_[top - y : bottom - y, left - x : right - x]
    paint, keep = sprite.paint[part], sprite.keep[part]
    if opacity < 1:
        paint = _scaled(paint, opacity, 0)
        keep = _scaled(keep, opacity, 255 * (1 - opacity))
    place = image[top:bottom, left:right]
    cv2.multiply(place, keep, dst=place, scale=1 / 255)
    cv2.add(place, paint, dst=place)


def _scaled(picture: Image, by: float, plus: float) -> Image:
    return np.asarray(cv2.convertScaleAbs(picture, alpha=by, beta=plus), np.uint8)


def _shrink(fine: Mask, width: int, height: int) -> Mask:
    return np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=64)
def rounded_mask(width: int, height: int, radius: int) -> Mask:
    """A filled rectangle with round corners."""
    radius = min(radius, width // 2, height // 2)
    if radius <= 0:
        return np.full((height, width), 255, np.uint8)
    corner = np.zeros((radius * _FINE, radius * _FINE), np.uint8)
    cv2.circle(corner, (radius * _FINE, radius * _FINE), radius * _FINE, 255, -1)
    soft = _shrink(corner, radius, radius)
    mask = np.full((height, width), 255, np.uint8)
    mask[:radius, :radius] = soft
    mask[:radius, width - radius :] = soft[:, ::-1]
    mask[height - radius :, :radius] = soft[::-1]
    mask[height - radius :, width - radius :] = soft[::-1, ::-1]
    return mask


@lru_cache(maxsize=64)
def frame_mask(width: int, height: int, radius: int, line: int) -> Mask:
    """The outline of a rectangle with round corners."""
    mask = rounded_mask(width, height, radius).copy()
    inner = rounded_mask(width - 2 * line, height - 2 * line, max(0, radius - line))
    mask[line:-line, line:-line] -= inner
    return mask


@lru_cache(maxsize=64)
def disc_mask(diameter: int) -> Mask:
    """A filled circle."""
    return rounded_mask(diameter, diameter, (diameter + 1) // 2)


@lru_cache(maxsize=64)
def ring_mask(diameter: int, line: int) -> Mask:
    """A circle of the given line width."""
    fine = np.zeros((diameter * _FINE, diameter * _FINE), np.uint8)
    centre, radius = diameter * _FINE // 2, (diameter - line) * _FINE // 2
    cv2.circle(fine, (centre, centre), radius, 255, line * _FINE)
    return _shrink(fine, diameter, diameter)


def polygon_mask(corners: npt.NDArray[np.float64], size: int) -> Mask:
    """A filled polygon in a square of `size` pixels; corners (n, 2) as shares of the square."""
    fine = np.zeros((size * _FINE, size * _FINE), np.uint8)
    cv2.fillPoly(fine, [np.rint(corners * size * _FINE).astype(np.int32)], 255)
    return _shrink(fine, size, size)


def stroke_mask(points: npt.NDArray[np.float64], size: int, line: float) -> Mask:
    """An open line of round strokes in a square of `size` pixels; points and width as shares of it."""
    fine = np.zeros((size * _FINE, size * _FINE), np.uint8)
    ends = np.rint(points * size * _FINE).astype(np.int32)
    cv2.polylines(fine, [ends], False, 255, max(1, round(line * size * _FINE)))
    return _shrink(fine, size, size)


def panel(width: int, height: int, sizes: theme.Sizes) -> Sheet:
    """A sheet with the dark, rounded, see-through ground that all text stands on."""
    sheet = Sheet(width, height)
    sheet.stamp(rounded_mask(width, height, sizes.radius), theme.INK, opacity=theme.PANEL_OPACITY)
    return sheet
