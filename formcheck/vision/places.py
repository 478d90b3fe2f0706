"""Where in the picture a ball could be: circles that the body touches, one colour inside and others outside."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.types import Ball, Pose
from formcheck.vision.shrunk import Shrunk

Array = npt.NDArray[np.float32]
Rows = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

TORSO_TO_PX: Final = 52.0
GRID: Final = 0.14  # torso lengths between the centres that are tried
MARGIN: Final = 0.65  # torso lengths outside of the body's landmarks that a centre may lie
CONTACT: Final = 1.22  # a part of the body lies within so many radii of the centre
SQUASHES: Final = (0.76, 0.9, 1.0)  # height over width
N_ANGLES: Final = 40
FIRST_EVERY: Final = 4  # of the angles is looked at ...
N_SECOND: Final = 800  # ... of all candidates; at all of them of the best
IN_PICTURE: Final = 0.8  # share of the contour that must lie in the picture
ENOUGH_FREE: Final = 0.3  # share of the contour that must be free
N_BEST: Final = 6

# Colours in YCrCb; lightness varies over a ball, so it weighs less.
WEIGHTS: Final = np.array([0.25, 1.0, 1.0], np.float32)
SAME_COLOUR: Final = 12.0
OTHER_COLOUR: Final = (1.3, 3.0)  # outside differs by so many times the inside's deviation, and this much more
EDGE_CONTRAST: Final = 5.0  # between the two sides of the contour at one angle
RING: Final = 0.10  # how far inside and outside of the contour the colours are compared, in radii

_ANGLES = np.linspace(0.0, 2.0 * np.pi, N_ANGLES, endpoint=False, dtype=np.float32)
_COS, _SIN = np.cos(_ANGLES), np.sin(_ANGLES)


class Places(Shrunk):
    """Candidates are rows (x, y, radius, squash) in shrunk pixels."""

    def __init__(self, image: npt.NDArray[np.uint8], pose: Pose, torso: float) -> None:
        super().__init__(image, pose, torso, TORSO_TO_PX)
        colours = (self.ycc * WEIGHTS).reshape(-1, 3)
        self._channels = [np.ascontiguousarray(colours[:, i]) for i in range(3)]
        self._free = (self.covered == 0).ravel()

    def best(self, radii_px: tuple[float, float], at_px: tuple[float, float] | None) -> list[Ball]:
        """The best candidates, different from one another, best first.

        Args:
            radii_px: smallest and largest half width, pixels of the frame.
            at_px: a point inside the ball, if somebody knows one.
        """
        rows = self._candidates(radii_px, at_px)
        if len(rows) > N_SECOND:
            rows = rows[np.argpartition(-self._scores(rows, FIRST_EVERY), N_SECOND)[:N_SECOND]]
        if not len(rows):
            return []
        scores = self._scores(rows)
        best: list[Ball] = []
        while len(best) < N_BEST and scores.max() > 0.0:
            x, y, radius, squash = map(float, rows[int(np.argmax(scores))])
            best.append(self.to_ball(x, y, radius, radius * squash, float(scores.max())))
            apart = np.hypot(rows[:, 0] - x, rows[:, 1] - y)
            scores[(apart < 0.5 * radius) & (np.abs(rows[:, 2] - radius) < 0.25 * radius)] = 0.0
        return best

    def _candidates(self, radii_px: tuple[float, float], at_px: tuple[float, float] | None) -> Rows:
        step, margin = GRID * self.unit, MARGIN * self.unit
        low, high = self.joints.min(axis=0) - margin, self.joints.max(axis=0) + margin
        xs = np.arange(max(0.0, low[0]), min(self.width, high[0]), step)
        ys = np.arange(max(0.0, low[1]), min(self.height * 1.05, high[1]), step)
        radii = np.geomspace(*radii_px, 9 if radii_px[1] > 1.5 * radii_px[0] else 3) * self.scale
        centres = np.array(np.meshgrid(xs, ys), np.float32).reshape(2, -1).T
        nearest = np.sqrt(((centres[:, None] - self.joints[11:]) ** 2).sum(axis=2).min(axis=1))
        shapes = np.array(np.meshgrid(radii, SQUASHES), np.float32).reshape(2, -1).T
        is_near = nearest[:, None] <= CONTACT * shapes[:, 0]
        bottom = centres[:, 1, None] + shapes[:, 0] * shapes[:, 1]
        is_near &= (self.floor_y[0] <= bottom) & (bottom <= self.floor_y[1])
        if at_px is not None:
            point = (np.array(at_px) - self.origin_px) * self.scale
            is_near &= np.linalg.norm(centres - point, axis=1)[:, None] <= 0.9 * shapes[:, 0]
        where, which = np.nonzero(is_near)
        return np.concatenate([centres[where], shapes[which]], axis=1)

    def _scores(self, rows: Rows, every: int = 1) -> Array:
        """(N,) 0-1: share of the free arc with one colour inside and another outside; of every so many angles."""
        inside, free_in, is_in = self._ring(rows, 1.0 - RING, every)
        outside, free_out, _ = self._ring(rows, 1.0 + RING, every)
        free = free_in & free_out
        n_free = free.sum(axis=1, dtype=np.int32)
        near = free & (_apart_l1(inside, _middle(inside, free, n_free)) < 2 * SAME_COLOUR)
        middle = _middle(inside, near, near.sum(axis=1, dtype=np.int32))
        off_inside = _apart(inside, middle)
        times, more = OTHER_COLOUR
        edge = free & (off_inside < SAME_COLOUR) & (_apart(inside, outside) > EDGE_CONTRAST)
        edge &= _apart(outside, middle) > times * off_inside + more
        share = edge.sum(axis=1, dtype=np.int32) / np.maximum(n_free, 1)
        freedom = n_free / free.shape[1]
        is_possible = (freedom >= ENOUGH_FREE) & (is_in.mean(axis=1) >= IN_PICTURE)
        trust = np.minimum(1.0, 0.6 + 0.8 * (freedom - ENOUGH_FREE))
        scores: Array = np.where(is_possible, share * trust, 0.0).astype(np.float32)
        return scores

    def _ring(self, rows: Rows, at: float, every: int) -> tuple[list[Array], Bools, Bools]:
        """Three channels (N, A) on the contour times `at`, whether (N, A) they are free, and whether in the picture."""
        x, y, radius, squash = (rows[:, i, None] for i in range(4))
        columns = np.rint(x + at * radius * _COS[::every]).astype(np.int32)
        lines = np.rint(y + at * radius * squash * _SIN[::every]).astype(np.int32)
        is_in = (columns >= 0) & (lines >= 0) & (columns < self.width) & (lines < self.height)
        pixels = np.clip(lines, 0, self.height - 1) * self.width + np.clip(columns, 0, self.width - 1)
        return [channel[pixels] for channel in self._channels], is_in & self._free[pixels], is_in


def _middle(colours: list[Array], which: Bools, n: npt.NDArray[np.int32]) -> list[Array]:
    """Three (N, 1): the mean colour of those that are meant."""
    count = np.maximum(n, 1)
    return [((channel * which).sum(axis=1) / count)[:, None].astype(np.float32) for channel in colours]


def _apart(one: list[Array], other: list[Array]) -> Array:
    """(N, A) distance of colours."""
    squares = [np.square(a - b) for a, b in zip(one, other, strict=True)]
    apart: Array = np.sqrt(squares[0] + squares[1] + squares[2])
    return apart


def _apart_l1(one: list[Array], other: list[Array]) -> Array:
    """(N, A) the sum of the differences of three channels."""
    parts = [np.abs(a - b) for a, b in zip(one, other, strict=True)]
    apart: Array = parts[0] + parts[1] + parts[2]
    return apart
