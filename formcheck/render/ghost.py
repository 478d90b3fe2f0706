"""The reference figure behind the skeleton: thin, dashed, see-through, the person's own size."""

from __future__ import annotations

import cv2
import numpy as np

from formcheck.render import theme
from formcheck.render.canvas import Image
from formcheck.render.limbs import dashes, strokes
from formcheck.skeleton import INDEX, SEGMENTS
from formcheck.types import Array

OPACITY = 0.75
_FACE = {"head"}
_LINES = np.array([bone for name, bones in SEGMENTS.items() if name not in _FACE for bone in bones])
_EARS = (INDEX["left_ear"], INDEX["right_ear"])
_SHOULDERS = (INDEX["left_shoulder"], INDEX["right_shoulder"])
_NOSE = INDEX["nose"]


def draw_ghost(image: Image, ghost_px: Array, sizes: theme.Sizes) -> None:
    """Draw the figure in place.

    Args:
        image: (H, W, 3) uint8 BGR.
        ghost_px: (33, 2) pixels; lines with an unknown end are left out.
        sizes: lengths for this frame size.
    """
    lines = np.concatenate([ghost_px[_LINES], _head_lines(ghost_px)])
    lines = lines[np.isfinite(lines).all(axis=(1, 2))]
    if not len(lines):
        return
    box = _box(lines, image, 4 * sizes.line)
    if box is None:
        return
    x, y, right, bottom = box
    part = image[y:bottom, x:right]
    drawn = part.copy()
    pieces, _ = dashes(lines - (x, y), np.arange(len(lines)), sizes)
    strokes(drawn, pieces, theme.INK, sizes.line + 2, cv2.LINE_8)
    strokes(drawn, pieces, theme.GHOST, sizes.line)
    cv2.addWeighted(drawn, OPACITY, part, 1.0 - OPACITY, 0.0, dst=part)


def _head_lines(ghost_px: Array) -> Array:
    """(2, 2, 2) the neck, and the head from between the ears to the nose."""
    ears, shoulders = ghost_px[[*_EARS]].mean(axis=0), ghost_px[[*_SHOULDERS]].mean(axis=0)
    return np.array([[shoulders, ears], [ears, ghost_px[_NOSE]]])


def _box(lines: Array, image: Image, margin: int) -> tuple[int, int, int, int] | None:
    """The part of the image that the lines touch; None when there is none."""
    low, high = lines.reshape(-1, 2).min(axis=0), lines.reshape(-1, 2).max(axis=0)
    x, y = max(0, int(low[0]) - margin), max(0, int(low[1]) - margin)
    right, bottom = min(image.shape[1], int(high[0]) + margin + 1), min(image.shape[0], int(high[1]) + margin + 1)
    return (x, y, right, bottom) if right > x and bottom > y else None
