"""Where panels go: as far from the person as they can, and without jumping about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from formcheck.render import theme
from formcheck.skeleton import BONES, INDEX, MAIN_JOINTS, N_LANDMARKS
from formcheck.types import Array, Pose

Rect = tuple[int, int, int, int]  # x, y, width, height in pixels

_BONES = np.array(BONES)
_TRUNK = np.array([INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("shoulder", "hip")])
_CORNER_SHARES = np.array(
    [[a * c, a * (1 - c), (1 - a) * c, (1 - a) * (1 - c)] for a in (0.2, 0.8) for c in (0.2, 0.8)]
)
_EARS = np.array([INDEX["left_ear"], INDEX["right_ear"]])
# Only the face has landmarks: the head reaches half as far around the ears as these are from the shoulders.
_TURNS = np.arange(6) * math.pi / 3
_HEAD_OUTLINE = 0.5 * np.stack([np.cos(_TURNS), np.sin(_TURNS)], axis=1)
_N_HEAD = 11  # nose, eyes, ears, mouth come first
# The face and the back are what one looks at; fingers and toes are many points on little body.
_HEAVY, _LIGHT = 3.0, 0.25


def _point_weights() -> Array:
    """How much each point of `body_points` matters, in its order."""
    joints = np.full(N_LANDMARKS, _LIGHT)
    joints[[*MAIN_JOINTS]] = 1.0
    joints[:_N_HEAD] = joints[_TRUNK] = _HEAVY
    bones = np.minimum(1.0, joints[_BONES].min(axis=1))
    return np.concatenate([joints, bones, np.full(len(_CORNER_SHARES) + len(_HEAD_OUTLINE), _HEAVY)])


_WEIGHTS = _point_weights()
NOBODY = np.empty((0, 2)), np.empty(0)  # points and weights of nobody


def body_points(pose: Pose) -> tuple[Array, Array]:
    """Points spread over the person and how much each matters.

    Returns:
        (n, 2) pixels and (n,) weights summing to 1: landmarks, middles of bones, points in the trunk and
        around the head. Empty where nobody was seen.
    """
    if not pose.is_person:
        return NOBODY
    xy = pose.xy_px
    ears, shoulders = xy[_EARS].mean(axis=0), xy[_TRUNK[::2]].mean(axis=0)
    head = ears + math.hypot(*(ears - shoulders)) * _HEAD_OUTLINE
    points = np.concatenate([xy, xy[_BONES].mean(axis=1), _CORNER_SHARES @ xy[_TRUNK], head])
    known = np.isfinite(points).all(axis=1)
    weights = _WEIGHTS[known]
    return points[known], weights / max(1.0, float(weights.sum()))


def covered(points: Array, weights: Array, places: Sequence[Sequence[Rect]], clearance_px: int = 0) -> Array:
    """How much of the person each placement would hide.

    Args:
        points: (n, 2) pixels, from `body_points`.
        weights: (n,) how much each point matters, summing to 1.
        places: p placements, each of the same number of rectangles.
        clearance_px: a rectangle hides points up to this far outside, too: limbs are wider than lines.

    Returns:
        (p,) shares of the person (0-1) that lie under a placement's rectangles; 0 where nobody was seen.
    """
    rects = np.array(places, float)[:, :, :, None]  # (p, rectangles, 4, 1)
    x, y = points[:, 0] - rects[:, :, 0], points[:, 1] - rects[:, :, 1]
    inside = (x >= -clearance_px) & (x <= rects[:, :, 2] + clearance_px)
    inside &= (y >= -clearance_px) & (y <= rects[:, :, 3] + clearance_px)
    shares: Array = inside.any(axis=1) @ weights
    return shares


@dataclass(slots=True)
class Placer:
    """Chooses one of several placements, quick to leave one that covers the person and slow to come back.

    How much a placement covers is remembered: it rises within `MOVE_AFTER_S` and falls over `RETURN_AFTER_S`,
    so a movement that passes under a panel in every repetition does not make the panel wander every time.

    Attributes:
        wish: (n,) what each placement costs before it covers anything; the first should be the liked one.
        margin: how much better another must be before the panels move.
    """

    wish: tuple[float, ...]
    margin: float = 0.03  # three hundredths of the person: an ear
    chosen: int = 0
    moved_s: float = -math.inf
    _memory: Array | None = None
    _time_s: float = -math.inf

    def update(self, time_s: float, cover: Array) -> int:
        """The placement for this moment, given what each would cover (0-1)."""
        elapsed = time_s - self._time_s
        self._time_s = time_s
        if self._memory is None or elapsed < 0:
            self._memory = cover
            self.chosen = int(np.argmin(self._memory + self.wish))
            return self.chosen
        within = np.where(cover > self._memory, theme.MOVE_AFTER_S, theme.RETURN_AFTER_S)
        self._memory = self._memory + (cover - self._memory) * -np.expm1(-elapsed / within)
        cost = self._memory + self.wish
        best = int(np.argmin(cost))
        if cost[best] < cost[self.chosen] - self.margin:
            self.chosen, self.moved_s = best, time_s
        return self.chosen

    def opacity(self, time_s: float) -> float:
        """0-1: panels that have just moved fade in."""
        return min(1.0, (time_s - self.moved_s) / theme.EASE_S) if time_s >= self.moved_s else 1.0
