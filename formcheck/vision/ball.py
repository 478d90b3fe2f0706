"""Finds the ball in the picture and follows it.

The ball is looked for where the body can touch it, as a squashed circle whose free arc (what the body does not cover)
separates one colour inside from others outside. Looks that agree settle its size and colour; from then on the pixels
of its colour near where it was tell its outline. No gesture is needed; a point inside the ball may be given.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import INDEX
from formcheck.types import Ball, Pose
from formcheck.vision.colour import ColourModel
from formcheck.vision.cover import covered_by_person, torso_px
from formcheck.vision.outline import fit_outline

Array = npt.NDArray[np.float32]
Rows = npt.NDArray[np.float64]

# Lengths are in torso lengths T; pictures are shrunk so that a torso has this many pixels.
COARSE_PX: Final = 52.0
FINE_PX: Final = 96.0
RADII: Final = (0.36, 1.0)  # of half the width
SQUASH: Final = (0.70, 1.05)  # height over width: a loaded ball flattens and its upper cap is hidden
SIZE_TOLERANCE: Final = (0.12, 0.25)  # smaller, larger, once its width is known: limbs cut it short, nothing adds to it
N_ANGLES: Final = 40
GRID: Final = 0.14
MARGIN: Final = 0.65  # how far outside of the body's landmarks a centre may lie
CONTACT: Final = 1.22  # a part of the body lies within so many radii of the centre
# The ball stands on the floor: its lowest point is no deeper than this below the feet, or below a joint inside the body
# of somebody who lies or sits on the floor; it may be nearer to the camera than they are.
BELOW_FEET: Final = 0.2
BELOW_JOINT: Final = 0.5
IN_PICTURE: Final = 0.8  # share of the contour that must lie in the picture
ENOUGH_FREE: Final = 0.3  # share of the contour that must be free

# Colours in CIE Lab as OpenCV scales them; lightness varies over a ball, so it weighs less.
LIGHTNESS: Final = 0.25
SAME_COLOUR: Final = 12.0
OTHER_COLOUR: Final = (1.3, 3.0)  # outside differs by so many times the inside's deviation, and this much more
EDGE_CONTRAST: Final = 5.0  # between the two sides of the contour at one angle
RING: Final = 0.10  # how far inside and outside of the contour the colours are compared, in radii

WINDOW: Final = 1.5  # what is looked at about a ball, in radii
CORE: Final = 0.8  # squared distance in radii up to which everything free is the ball's ...
AROUND: Final = 1.5  # ... and from which nothing is
N_TRIED: Final = 6  # best places of the coarse search whose outline is fitted
LOOKS_LIKE_ONE: Final = 0.6  # confidence from which a find is believed
STILL_THERE: Final = 0.45
AGREEING: Final = 3  # finds that settle its size and colour
AGREE_WITHIN: Final = 0.15  # of the width
SEARCH_EVERY_S: Final = 0.5
SEARCH_RARELY_S: Final = 3.0  # a search costs as much as 20 poses: without a ball it is repeated ever less often
PATIENCE: Final = 1.5
FOLLOW_EVERY_S: Final = 0.2
TEACH_EVERY_S: Final = 1.0
LOST_AFTER_S: Final = 2.0
SIZE_MEMORY: Final = 25

_FEET = [INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("ankle", "heel", "foot_index")]
_JOINTS = [INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("shoulder", "hip")]
_ANGLES = np.linspace(0.0, 2.0 * np.pi, N_ANGLES, endpoint=False, dtype=np.float32)
_COS, _SIN = np.cos(_ANGLES), np.sin(_ANGLES)
_WEIGHTS = np.array([LIGHTNESS, 1.0, 1.0], np.float32)


class BallFinder:
    """Follows one ball through a recording. Feed it every frame; it decides which ones it looks at."""

    def __init__(self, at_px: tuple[float, float] | None = None) -> None:
        """`at_px`: a point on the ball in the first frames, if somebody knows it."""
        self._at_px = at_px
        self._looked_s = -math.inf
        self._search_every_s = SEARCH_EVERY_S
        self._seen_s = -math.inf
        self._taught_s = -math.inf
        self._finds: deque[_Find] = deque(maxlen=AGREEING)
        self._colours = ColourModel()
        self._widths: deque[float] = deque(maxlen=SIZE_MEMORY)  # in torso lengths
        self._ball: Ball | None = None

    def look(self, image: npt.NDArray[np.uint8], pose: Pose) -> Ball | None:
        """Where the ball is in this frame; None when it is not seen.

        Args:
            image: (H, W, 3) uint8, BGR.
            pose: who is in it; without a person nothing is looked for.
        """
        torso = torso_px(pose)
        if not torso > 0.0:
            return self._unless_lost(pose.time_s)
        every_s = self._search_every_s if self._ball is None else FOLLOW_EVERY_S
        if pose.time_s - self._looked_s < every_s:
            return self._unless_lost(pose.time_s)
        self._looked_s = pose.time_s
        found = self._follow(image, pose, torso) if self._ball is not None else self._search(image, pose, torso)
        if found is None:
            self._search_every_s = min(PATIENCE * self._search_every_s, SEARCH_RARELY_S)
            return self._unless_lost(pose.time_s)
        self._search_every_s = SEARCH_EVERY_S
        self._seen_s = pose.time_s
        if self._colours.is_learned:
            self._widths.append(found.ball.width_px / torso)
            self._ball = found.ball
            if found.ball.confidence >= LOOKS_LIKE_ONE and pose.time_s - self._taught_s >= TEACH_EVERY_S:
                self._taught_s = pose.time_s
                found.picture.teach(found.ball, self._colours)
        else:
            self._settle(found, torso)
        return self._ball

    def _unless_lost(self, time_s: float) -> Ball | None:
        if time_s - self._seen_s > LOST_AFTER_S:
            self._ball = None
        return self._ball

    def _settle(self, found: _Find, torso: float) -> None:
        """Looks that agree tell size and colour."""
        self._finds.append(found)
        balls = [find.ball for find in self._finds]
        if len(balls) < AGREEING:
            return
        width = float(np.median([ball.width_px for ball in balls]))
        if all(_agree(ball, found.ball, width) for ball in balls):
            for find in self._finds:
                find.picture.teach(find.ball, self._colours)
            self._widths.extend(ball.width_px / torso for ball in balls)
            self._finds.clear()
            self._ball = found.ball

    def _search(self, image: npt.NDArray[np.uint8], pose: Pose, torso: float) -> _Find | None:
        at_px = None if self._colours.is_learned else self._at_px
        radii = self._radii(torso)
        fine = _Fine(image, pose, torso)
        guesses = _Coarse(image, pose, torso).search(radii, at_px)
        finds = [find for guess in guesses if (find := fine.outline(guess, self._colours, radii)) is not None]
        best = max(finds, key=lambda find: find.ball.confidence, default=None)
        return best if best is not None and best.ball.confidence >= LOOKS_LIKE_ONE else None

    def _follow(self, image: npt.NDArray[np.uint8], pose: Pose, torso: float) -> _Find | None:
        assert self._ball is not None
        find = _Fine(image, pose, torso, self._ball).outline(self._ball, self._colours, self._radii(torso))
        return find if find is not None and find.ball.confidence >= STILL_THERE else None

    def _radii(self, torso: float) -> tuple[float, float]:
        """Smallest and largest half width, pixels."""
        if not self._widths:
            return RADII[0] * torso, RADII[1] * torso
        usual = float(np.median(self._widths)) * torso / 2
        return (1 - SIZE_TOLERANCE[0]) * usual, (1 + SIZE_TOLERANCE[1]) * usual


def _agree(one: Ball, other: Ball, width: float) -> bool:
    apart = math.hypot(one.x_px - other.x_px, one.y_px - other.y_px)
    return max(apart, abs(one.width_px - other.width_px)) <= AGREE_WITHIN * width


@dataclass(frozen=True)
class _Find:
    ball: Ball
    picture: _Fine


class _Shrunk:
    """Part of a frame, shrunk, in Lab colours, with what the person covers."""

    def __init__(
        self,
        image: npt.NDArray[np.uint8],
        pose: Pose,
        torso: float,
        torso_to: float,
        part_px: tuple[float, float, float, float] | None = None,
    ) -> None:
        """`part_px`: (left, top, right, bottom) in the frame; None for all of it."""
        import cv2

        height, width = image.shape[:2]
        left, top, right, bottom = part_px or (0.0, 0.0, float(width), float(height))
        x0, y0 = int(min(max(left, 0), width - 8)), int(min(max(top, 0), height - 8))
        x1, y1 = int(max(min(right, width), x0 + 8)), int(max(min(bottom, height), y0 + 8))
        self.scale = min(1.0, torso_to / torso)
        self.origin_px = np.array([x0, y0], np.float64)
        small = cv2.resize(image[y0:y1, x0:x1], None, fx=self.scale, fy=self.scale, interpolation=cv2.INTER_AREA)
        self.lab8 = np.asarray(cv2.cvtColor(cv2.GaussianBlur(small, (3, 3), 0), cv2.COLOR_BGR2LAB), np.uint8)
        self.height, self.width = self.lab8.shape[:2]
        self.unit = torso * self.scale
        self.joints = ((pose.xy_px - self.origin_px) * self.scale).astype(np.float32)
        self.covered = covered_by_person(self.joints, self.unit, (self.height, self.width))
        feet_y, joints_y = float(self.joints[_FEET, 1].max()), float(self.joints[_JOINTS, 1].max())
        self.floor_y = max(feet_y + BELOW_FEET * self.unit, joints_y + BELOW_JOINT * self.unit)

    def to_picture(self, ball: Ball) -> tuple[float, float, float, float]:
        """(x, y, rx, ry) of a ball in shrunk pixels."""
        x, y = (np.array([ball.x_px, ball.y_px]) - self.origin_px) * self.scale
        return float(x), float(y), ball.width_px * self.scale / 2, ball.height_px * self.scale / 2

    def to_ball(self, x: float, y: float, rx: float, ry: float, confidence: float) -> Ball:
        """A ball in the frame from one in shrunk pixels."""
        at = np.array([x, y]) / self.scale + self.origin_px
        values = np.array([*at, 2 * rx / self.scale, 2 * ry / self.scale, confidence], np.float32)
        return Ball(*map(float, values))


class _Coarse(_Shrunk):
    """Where the ball could be. Candidates are rows (x, y, radius, squash) in shrunk pixels."""

    def __init__(self, image: npt.NDArray[np.uint8], pose: Pose, torso: float) -> None:
        super().__init__(image, pose, torso, COARSE_PX)
        self.lab = self.lab8.astype(np.float32) * _WEIGHTS

    def search(self, radii_px: tuple[float, float], at_px: tuple[float, float] | None) -> list[Ball]:
        """The best candidates, different from one another, best first."""
        rows = self._candidates(radii_px, at_px)
        if not len(rows):
            return []
        scores = self._scores(rows)
        best: list[Ball] = []
        while len(best) < N_TRIED and scores.max() > 0.0:
            row = rows[int(np.argmax(scores))]
            best.append(self.to_ball(row[0], row[1], row[2], row[2] * row[3], float(scores.max())))
            apart = np.hypot(rows[:, 0] - row[0], rows[:, 1] - row[1])
            scores[(apart < 0.5 * row[2]) & (np.abs(rows[:, 2] - row[2]) < 0.25 * row[2])] = 0.0
        return best

    def _candidates(self, radii_px: tuple[float, float], at_px: tuple[float, float] | None) -> Rows:
        step, margin = GRID * self.unit, MARGIN * self.unit
        low, high = self.joints.min(axis=0) - margin, self.joints.max(axis=0) + margin
        xs = np.arange(max(0.0, low[0]), min(self.width, high[0]), step)
        ys = np.arange(max(0.0, low[1]), min(self.height * 1.05, high[1]), step)
        radii = np.geomspace(*radii_px, 9 if radii_px[1] > 1.5 * radii_px[0] else 3) * self.scale
        rows = np.array(np.meshgrid(xs, ys, radii, (0.76, 0.9, 1.0))).reshape(4, -1).T
        nearest = np.sqrt(((rows[:, None, :2] - self.joints[11:]) ** 2).sum(axis=2).min(axis=1))
        rows = rows[(nearest <= CONTACT * rows[:, 2]) & (rows[:, 1] + rows[:, 2] * rows[:, 3] <= self.floor_y)]
        if at_px is not None:
            point = (np.array(at_px) - self.origin_px) * self.scale
            rows = rows[np.linalg.norm(rows[:, :2] - point, axis=1) <= 0.9 * rows[:, 2]]
        near: Rows = rows
        return near

    def _scores(self, rows: Rows) -> Array:
        """(N,) 0-1: share of the free arc with one colour inside and another outside."""
        inside, free_in, is_in = self._ring(rows, 1.0 - RING)
        outside, free_out, _ = self._ring(rows, 1.0 + RING)
        free = free_in & free_out
        n_free = free.sum(axis=1)
        weight = free[..., None] / np.maximum(n_free, 1)[:, None, None]
        middle = (inside * weight).sum(axis=1, keepdims=True)
        near = free & (np.abs(inside - middle).sum(axis=2) < 2 * SAME_COLOUR)
        weight = near[..., None] / np.maximum(near.sum(axis=1), 1)[:, None, None]
        middle = (inside * weight).sum(axis=1, keepdims=True)
        off_inside = np.sqrt(((inside - middle) ** 2).sum(axis=2))
        off_outside = np.sqrt(((outside - middle) ** 2).sum(axis=2))
        times, more = OTHER_COLOUR
        contrast = np.sqrt(((inside - outside) ** 2).sum(axis=2))
        edge = free & (off_inside < SAME_COLOUR) & (contrast > EDGE_CONTRAST)
        edge &= off_outside > times * off_inside + more
        share = edge.sum(axis=1) / np.maximum(n_free, 1)
        freedom = n_free / N_ANGLES
        is_possible = (freedom >= ENOUGH_FREE) & (is_in.mean(axis=1) >= IN_PICTURE)
        trust = np.minimum(1.0, 0.6 + 0.8 * (freedom - ENOUGH_FREE))
        scores: Array = np.where(is_possible, share * trust, 0.0)
        return scores

    def _ring(self, rows: Rows, at: float) -> tuple[Array, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Colours (N, A, 3) on the contour times `at`, whether (N, A) they are free, and whether in the picture."""
        x, y, radius, squash = (rows[:, i, None].astype(np.float32) for i in range(4))
        columns = np.rint(x + at * radius * _COS).astype(np.int32)
        lines = np.rint(y + at * radius * squash * _SIN).astype(np.int32)
        is_in = (columns >= 0) & (lines >= 0) & (columns < self.width) & (lines < self.height)
        columns = np.clip(columns, 0, self.width - 1)
        lines = np.clip(lines, 0, self.height - 1)
        return self.lab[lines, columns], is_in & (self.covered[lines, columns] == 0), is_in


class _Fine(_Shrunk):
    """The outline of a ball whose place is roughly known."""

    def __init__(self, image: npt.NDArray[np.uint8], pose: Pose, torso: float, near: Ball | None = None) -> None:
        """`near`: a ball around which alone will be looked; None for all of the frame."""
        part = None
        if near is not None:
            half_w, half_h = 0.7 * WINDOW * near.width_px, 0.7 * WINDOW * near.height_px
            part = (near.x_px - half_w, near.y_px - half_h, near.x_px + half_w, near.y_px + half_h)
        super().__init__(image, pose, torso, FINE_PX, part)

    def outline(self, guess: Ball, colours: ColourModel, radii_px: tuple[float, float]) -> _Find | None:
        """The ball near a guess, from the pixels of its colour; None when they form none."""
        window, within = self._around(guess)
        lab, covered = self.lab8[window], self.covered[window]
        model = colours
        if not colours.is_learned:
            model = ColourModel()
            model.learn(lab, (within < CORE) & (covered == 0), (within > AROUND) & (covered == 0))
        y0, x0 = window[0].start, window[1].start
        x, y, rx, ry = self.to_picture(guess)
        fit = fit_outline(
            model.is_ball(lab) & (covered == 0),
            covered,
            start=(x - x0, y - y0, rx, ry),
            radii=(radii_px[0] * self.scale, radii_px[1] * self.scale),
            squash=SQUASH,
        )
        if fit is None or fit.y + y0 + fit.ry > self.floor_y:
            return None
        return _Find(self.to_ball(fit.x + x0, fit.y + y0, fit.rx, fit.ry, fit.confidence), self)

    def teach(self, ball: Ball, colours: ColourModel) -> None:
        """Let the ball's own pixels and those around it tell its colours."""
        window, within = self._around(ball)
        free = self.covered[window] == 0
        colours.learn(self.lab8[window], (within < CORE) & free, (within > AROUND) & free)

    def _around(self, ball: Ball) -> tuple[tuple[slice, slice], npt.NDArray[np.float64]]:
        """A window about a ball, and in it the squared distance from its centre in radii."""
        x, y, rx, ry = self.to_picture(ball)
        x0, x1 = max(0, min(self.width - 2, int(x - WINDOW * rx))), min(self.width, int(x + WINDOW * rx) + 1)
        y0, y1 = max(0, min(self.height - 2, int(y - WINDOW * ry))), min(self.height, int(y + WINDOW * ry) + 1)
        lines, columns = np.mgrid[y0:y1, x0:x1]
        return (slice(y0, y1), slice(x0, x1)), ((columns - x) / rx) ** 2 + ((lines - y) / ry) ** 2
