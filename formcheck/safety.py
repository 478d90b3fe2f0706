"""The safety stop: an abrupt fall out of a movement, or the ball shooting away (exercise specification, A6)."""

from __future__ import annotations

import math
from collections import deque

from formcheck.geometry import distance, mean_known
from formcheck.measures.body import Body

WITHIN_S = 0.5  # chest or hips come down by more than a movement does in this time ...
STAYS_DOWN_S = 0.8  # ... and stay there: a skeleton that jumps and returns is no fall
FELL = "you seem to have fallen"

TOUCHING_TORSOS = 0.2  # the ball's outline is no further from the nearest part of the body
AWAY_TORSOS = 0.6  # and then this far, having rolled as far itself ...
AWAY_WITHIN_S = 1.0  # ... in this time
STAYS_AWAY_S = 0.5  # seen there again: one look may be mistaken
ROLLED_AWAY = "the ball has rolled away"

_JOINTS = ("shoulder", "hip")


class FallWatch:
    """Watches the heights of chest and hips: coming down by `drop_torsos` at once, and staying down, is a fall."""

    def __init__(self, drop_torsos: float) -> None:
        self._drop_torsos = drop_torsos
        # Pixels: the scale may change from one frame to the next, a place in the picture does not.
        self._heights: dict[str, deque[tuple[float, float]]] = {joint: deque() for joint in _JOINTS}
        self._fell: tuple[float, str, float] | None = None  # when, which joint, the height that must not be regained

    def forget(self) -> None:
        """What was seen before says nothing about what comes."""
        self._fell = None
        for heights in self._heights.values():
            heights.clear()

    def check(self, body: Body) -> str | None:
        """What happened, in words, once it is sure; None otherwise."""
        for joint, heights in self._heights.items():
            height = -mean_known(body.left(joint)[1], body.right(joint)[1])
            if height != height:
                continue
            heights.append((body.time_s, height))
            while body.time_s - heights[0][0] > WITHIN_S:
                heights.popleft()
            highest = max(h for _, h in heights)
            drop = self._drop_torsos * body.torso_px
            if self._fell is None and highest - height > drop:
                self._fell = (body.time_s, joint, highest - drop)
            if self._fell is not None and self._fell[1] == joint and height > self._fell[2]:
                self._fell = None
        if self._fell is None or body.time_s - self._fell[0] < STAYS_DOWN_S:
            return None
        self.forget()
        return FELL


class BallWatch:
    """Watches how far the ball is from the body."""

    def __init__(self) -> None:
        self._touched_s = -math.inf
        self._touched_at = (math.nan, math.nan)
        self._left_s = math.nan

    def forget(self) -> None:
        """What was seen before says nothing about what comes."""
        self._touched_s, self._left_s = -math.inf, math.nan

    def check(self, body: Body) -> str | None:
        """What happened, in words, once it is sure; None otherwise."""
        gap = _gap_to_body(body)
        if gap != gap or body.ball is None:
            return None
        at = (body.ball.x_px, body.ball.y_px)
        if gap <= TOUCHING_TORSOS:
            self._touched_s, self._touched_at, self._left_s = body.time_s, at, math.nan
        elif math.isnan(self._left_s) and body.time_s - self._touched_s <= AWAY_WITHIN_S:
            rolled = distance(at, self._touched_at) / body.torso_px
            if min(gap, rolled) > AWAY_TORSOS:
                self._left_s = body.time_s
        if math.isnan(self._left_s) or body.time_s - self._left_s < STAYS_AWAY_S:
            return None
        self.forget()
        return ROLLED_AWAY


def _gap_to_body(body: Body) -> float:
    """From the ball's outline to the nearest landmark, torsos; NaN where one of them is not seen."""
    ball = body.ball
    if ball is None or not ball.is_seen:
        return math.nan
    apart = [distance(point, (ball.x_px, ball.y_px)) for point in body.points]
    nearest = min((d for d in apart if d == d), default=math.nan)
    return (nearest - ball.width_px / 2) / body.torso_px
