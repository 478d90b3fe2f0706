"""How a camera has moved: a turn, a zoom and a shift of the whole picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class CameraMove:
    """Takes places in this picture to where they lay in the first one.

    (x, y) goes to (a x - b y + x_px, b x + a y + y_px). The values fit into float32, as a pose log keeps them.
    """

    a: float = 1.0
    b: float = 0.0
    x_px: float = 0.0
    y_px: float = 0.0

    @classmethod
    def of(cls, a: float, b: float, x_px: float, y_px: float) -> Self:
        """The same as a pose log keeps it, so that a replay decides the same."""
        return cls(*np.array([a, b, x_px, y_px], np.float32).tolist())

    @property
    def is_none(self) -> bool:
        """Whether the camera stands as it stood."""
        return (self.a, self.b, self.x_px, self.y_px) == (1.0, 0.0, 0.0, 0.0)

    @property
    def scale(self) -> float:
        """How many times larger things were in the first picture."""
        return math.hypot(self.a, self.b)

    def places(self, xy_px: Points) -> npt.NDArray[np.float64]:
        """(N, 2) pixels of the first picture from those of this one."""
        return self.turned(xy_px) * self.scale + (self.x_px, self.y_px)

    def turned(self, xy: Points) -> npt.NDArray[np.float64]:
        """(N, 2) directions of the first picture from those of this one."""
        cos, sin = self.a / self.scale, self.b / self.scale
        return np.asarray(xy @ np.array([[cos, sin], [-sin, cos]]))

    def inverse(self) -> CameraMove:
        """Takes places in the first picture to where they lie in this one."""
        square = self.a * self.a + self.b * self.b
        a, b = self.a / square, -self.b / square
        return CameraMove.of(a, b, b * self.y_px - a * self.x_px, -b * self.x_px - a * self.y_px)

    def after(self, other: CameraMove) -> CameraMove:
        """This move of what the other one has taken to its place."""
        return CameraMove.of(
            self.a * other.a - self.b * other.b,
            self.b * other.a + self.a * other.b,
            self.a * other.x_px - self.b * other.y_px + self.x_px,
            self.b * other.x_px + self.a * other.y_px + self.y_px,
        )


STANDING = CameraMove()
