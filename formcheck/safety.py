"""The safety stop: an abrupt fall out of a movement (exercise specification, A6)."""

from __future__ import annotations

from collections import deque

from formcheck.geometry import mean_known
from formcheck.measures.body import Body

DROP_TORSOS = 0.5  # chest or hips come down by this much ...
WITHIN_S = 0.5  # ... in this time
STAYS_DOWN_S = 0.8  # and stay there: a skeleton that jumps and returns is no fall
FELL = "you seem to have fallen"

_JOINTS = ("shoulder", "hip")


class FallWatch:
    """Watches the heights of chest and hips."""

    def __init__(self) -> None:
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
            height = -mean_known(body.left(joint)[1], body.right(joint)[1]) / body.torso_px
            if height != height:
                continue
            heights.append((body.time_s, height))
            while body.time_s - heights[0][0] > WITHIN_S:
                heights.popleft()
            highest = max(h for _, h in heights)
            if self._fell is None and highest - height > DROP_TORSOS:
                self._fell = (body.time_s, joint, highest - DROP_TORSOS)
            if self._fell is not None and self._fell[1] == joint and height > self._fell[2]:
                self._fell = None
        if self._fell is None or body.time_s - self._fell[0] < STAYS_DOWN_S:
            return None
        self.forget()
        return FELL
