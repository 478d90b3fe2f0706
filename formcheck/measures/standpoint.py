"""From where the camera looks: a recording that is cut comes back to a view that was seen before, or to another one.

How the person rests is known from there, if it is the same: the camera looks from the same direction, at people of the
same size. The direction is that of the line (shoulders or hips) that stays put in the movement, seen from above.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median
from typing import Final, NamedTuple

from formcheck.geometry import NAN
from formcheck.measures.ruler import px_per_m
from formcheck.skeleton import INDEX
from formcheck.types import Pose, ViewLine

LOOKED_S: Final = 0.3  # the first moments of a picture tell where it was taken from
WINDOW_S: Final = 1.0
EVERY_S: Final = 0.2
N_KEPT: Final = 150  # looks from one standpoint: half a minute of them holds every turn of a movement
SAME_DEG: Final = 15.0  # from any of those; the depth is weak
SAME_SIZE: Final = 0.15
LEAST_FLAT: Final = 0.8  # of a line's length: seen from above, a steeper one has no direction


class Look(NamedTuple):
    """The line as seen from above, x and depth as shares of its length, and the size of a metre in pixels."""

    x: float
    depth: float
    px_per_m: float

    def is_like(self, other: Look) -> bool:
        """Whether both are the same camera's; not known is not the same."""
        turned = math.degrees(math.atan2(self.x * other.depth - self.depth * other.x, self._dot(other)))
        return abs(turned) <= SAME_DEG and abs(math.log(self.px_per_m / other.px_per_m)) <= SAME_SIZE

    def _dot(self, other: Look) -> float:
        return self.x * other.x + self.depth * other.depth


class Standpoints:
    """Numbers the standpoints of a recording's cameras. Feed it every pose in which a person was found.

    Attributes:
        number: of the standpoint that is seen now; None until it is known.
    """

    def __init__(self, view_by: ViewLine = "shoulders") -> None:
        self.number: int | None = None
        self._lines = ("shoulder", "hip") if view_by == "shoulders" else ("hip", "shoulder")
        self._known: list[deque[Look]] = []
        self._recent: deque[tuple[float, Look]] = deque()
        self._began_s = NAN

    def cut(self) -> None:
        """Another picture begins."""
        self.number = None
        self._recent.clear()
        self._began_s = NAN

    def take(self, pose: Pose) -> None:
        """Take the next pose."""
        time_s, recent = pose.time_s, self._recent
        if math.isnan(self._began_s):
            self._began_s = time_s
        if self.number is not None and recent and time_s - recent[-1][0] < EVERY_S:
            return
        look = self._look(pose)
        if look is None:
            return
        recent.append((time_s, look))
        while recent[0][0] < time_s - WINDOW_S:
            recent.popleft()
        now = Look(*(median(values) for values in zip(*(look for _, look in recent), strict=True)))
        if self.number is not None:
            self._known[self.number].append(now)
        elif time_s - self._began_s >= LOOKED_S:
            alike = (i for i, looks in enumerate(self._known) if any(look.is_like(now) for look in looks))
            self.number = next(alike, len(self._known))
            if self.number == len(self._known):
                self._known.append(deque([now], N_KEPT))

    def _look(self, pose: Pose) -> Look | None:
        """What a pose tells; None where neither line lies flat enough."""
        for joint in self._lines:
            x, y, depth = (pose.world_m[INDEX[f"left_{joint}"]] - pose.world_m[INDEX[f"right_{joint}"]]).tolist()
            length = math.hypot(x, y, depth)
            if math.hypot(x, depth) > LEAST_FLAT * length:
                return Look(x / length, depth / length, px_per_m(pose.xy_px, pose.world_m.astype(float)))
        return None
