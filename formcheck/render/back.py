"""The back's outline as a line, and beside it, dashed, the same back with the curve it has at rest."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import cv2
import numpy as np

from formcheck.render import theme
from formcheck.render.canvas import Image
from formcheck.skeleton import INDEX
from formcheck.types import BACK_SCALE, N_BACK_POINTS, Array, Pose, Snapshot

KEPT_S: Final = 0.4  # an outline goes on with shoulder and hip until the next look at the back, not longer
NEWER: Final = 0.6  # weight of a new outline against the one before: the mask's edge trembles
AWAY: Final = 0.012  # of the unit: the line runs beside the person, not over them
N_DASHES: Final = 7
DASH: Final = 0.07  # of the outline
DASHED: Final = (0.1, 0.9)  # of it; at its ends the two lines meet

_FRACTION_BITS: Final = 3  # OpenCV draws at eighths of a pixel
_SHOULDERS: Final = (INDEX["left_shoulder"], INDEX["right_shoulder"])
_HIPS: Final = (INDEX["left_hip"], INDEX["right_hip"])


def _spread(first: float, last: float, n: int) -> Array:
    return np.array([first + i * (last - first) / (n - 1) for i in range(n)])


_KNOTS: Final = _spread(0.0, 1.0, N_BACK_POINTS)


def _along(shares: Array) -> Array:
    """(n, N_BACK_POINTS) what takes the points of an outline to a smooth line at these shares of it."""
    degree = 5  # a back has fewer bends; a fit, not an interpolation, so that it is calm
    return np.vander(shares, degree + 1) @ np.linalg.pinv(np.vander(_KNOTS, degree + 1))


def _bulge(shares: Array) -> Array:
    """(n, 1) an arc over the whole outline, 1 high."""
    height: Array = (1.0 - (2.0 * shares - 1.0) ** 2)[:, None]
    return height


_LINE: Final = _spread(0.0, 1.0, 13)
_ENDS: Final = (_spread(*DASHED, N_DASHES)[:, None] + (-DASH / 2, DASH / 2)).ravel()
_TO_LINE: Final = _along(_LINE)
_TO_DASHES: Final = _along(_ENDS)
_DASHES_BULGE: Final = _bulge(_ENDS)


class _Frame(NamedTuple):
    """Shoulder, and the way from it to the hip and at right angles to it, in pixels."""

    origin: Array
    axes: Array  # (2, 2) rows

    @classmethod
    def of(cls, pose: Pose) -> _Frame:
        xy = pose.xy_px
        shoulder = (xy[_SHOULDERS[0]] + xy[_SHOULDERS[1]]) / 2
        x, y = ((xy[_HIPS[0]] + xy[_HIPS[1]]) / 2 - shoulder).tolist()
        return cls(shoulder, np.array([[x, y], [-y, x]]))

    def shape(self, points: Array) -> Array:
        """Pixels in units of this frame."""
        return (points - self.origin) @ self.axes.T / float(self.axes[0] @ self.axes[0])

    def pixels(self, shape: Array) -> Array:
        """The way back."""
        points: Array = shape @ self.axes + self.origin
        return points


class Placed(NamedTuple):
    """What is to be drawn: pixels.

    Attributes:
        line: (n, 2) along the back.
        neutral: (m, 2, 2) dashes where it would be at rest; None while the rest is not known.
    """

    line: Array
    neutral: Array | None


class BackLine:
    """The back of one recording, frame after frame."""

    def __init__(self) -> None:
        self._seen_s = -math.inf
        self._shape: Array | None = None  # (N_BACK_POINTS, 2) relative to shoulder and hip
        self._curve_deg = math.nan

    def place(self, pose: Pose, snapshot: Snapshot, away_px: float) -> Placed | None:
        """Where the line runs, so far from the person; None where nothing asks for the back or it is not seen."""
        neutral_deg = snapshot.back_neutral_deg
        if neutral_deg is None or snapshot.not_judged is not None or not pose.is_person:
            self._shape = None
            return None
        frame = _Frame.of(pose)
        self._take(pose, frame)
        if self._shape is None:
            return None
        points = frame.pixels(self._shape)
        away = _away(points, frame)
        points = points + away * away_px
        if neutral_deg != neutral_deg:
            return Placed(_TO_LINE @ points, None)
        reach = math.hypot(*(points[-1] - points[0]).tolist())
        higher = reach / 2 * (_sagitta(neutral_deg) - _sagitta(self._curve_deg))
        return Placed(_TO_LINE @ points, (_TO_DASHES @ points + _DASHES_BULGE * (higher * away)).reshape(-1, 2, 2))

    def draw(self, image: Image, pose: Pose, snapshot: Snapshot, sizes: theme.Sizes) -> None:
        """Draw over `image` in place; nothing where `place` gives nothing."""
        placed = self.place(pose, snapshot, sizes.px(AWAY))
        if placed is None:
            return
        if placed.neutral is not None:
            _edged(image, placed.neutral, theme.PAPER, sizes.line)
        _edged(image, placed.line[None], theme.BACK_CURVE, 3 * sizes.line // 2)

    def _take(self, pose: Pose, frame: _Frame) -> None:
        """The outline of this frame, or for a moment that of the last one."""
        if pose.time_s == self._seen_s:
            return
        if pose.back_outline is None:
            if pose.time_s - self._seen_s > KEPT_S:
                self._shape = None
            return
        shape, curve_deg = frame.shape(pose.back_outline / BACK_SCALE), pose.back_curve_deg
        if self._shape is not None:
            shape = self._shape + NEWER * (shape - self._shape)
            curve_deg = self._curve_deg + NEWER * (curve_deg - self._curve_deg)
        self._shape, self._curve_deg, self._seen_s = shape, curve_deg, pose.time_s


def _edged(image: Image, lines: Array, colour: str, width: int) -> None:
    """Lines (n, points, 2) with an edge of ink; what is far outside comes nearer, as OpenCV's integers overflow."""
    limit = 4 * max(image.shape[:2])
    ends: Any = np.rint(lines.clip(-limit, limit) * (1 << _FRACTION_BITS)).astype(np.int32)
    cv2.polylines(image, ends, False, theme.bgr(theme.INK), width + 2, cv2.LINE_8, _FRACTION_BITS)
    cv2.polylines(image, ends, False, theme.bgr(colour), width, cv2.LINE_AA, _FRACTION_BITS)


def _sagitta(curve_deg: float) -> float:
    """Height of an arc of this angle over half its chord."""
    return math.tan(math.radians(curve_deg) / 4)


def _away(points: Array, frame: _Frame) -> Array:
    """(2,) the unit vector across the back, away from the person: the outline's ends lie outside of the joints."""
    x, y = (points[-1] - points[0]).tolist()
    across = np.array([-y, x]) / max(1e-6, math.hypot(x, y))
    outside = (points[0] + points[-1]) / 2 - frame.origin - frame.axes[0] / 2
    return across if float(across @ outside) > 0 else -across
