"""Part of a frame, made small, with what the person covers: what the search for the ball works on."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import INDEX
from formcheck.types import Ball, Pose
from formcheck.vision.cover import covered_by_person

Part = tuple[float, float, float, float]

# The ball stands on the floor: its lowest point is no deeper than this below the feet, or below a joint inside the body
# of somebody who lies or sits on the floor; it may be nearer to the camera than they are. Torso lengths.
BELOW_FEET: Final = 0.2
BELOW_JOINT: Final = 0.5
# Nor is it far above the lowest joint: it may be further from the camera, most so with somebody who lies.
ABOVE_LOWEST: Final = (1.4, 2.1)  # upright, otherwise
UPRIGHT: Final = 0.6  # torso lengths the shoulders are above the hips

_FEET = [INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("ankle", "heel", "foot_index")]
_BODY = slice(INDEX["left_shoulder"], None)
_JOINTS = [INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("shoulder", "hip")]


class Shrunk:
    """Part of a frame, shrunk, in YCrCb.

    Attributes:
        scale: its pixels per pixel of the frame.
        origin_px: its top left corner in the frame.
        ycc: (H, W, 3) uint8.
        joints: (33, 2) landmarks in its pixels; unit: a torso's length in them.
        covered: (H, W) 1 where the body is.
        floor_y: highest and lowest line on which a ball can stand.
    """

    def __init__(
        self, image: npt.NDArray[np.uint8], pose: Pose, torso: float, torso_to: float, part: Part | None = None
    ) -> None:
        """`torso_to`: pixels a torso of `torso` gets; `part`: (left, top, right, bottom), None for all of the frame."""
        import cv2

        self.scale = min(1.0, torso_to / torso)
        whole = int(1.0 / self.scale)  # a whole factor is quick to shrink by
        self.origin_px, cut = _cut(image, part, whole)
        if whole > 1:
            size_wh = (cut.shape[1] // whole, cut.shape[0] // whole)
            cut = np.asarray(cv2.resize(cut, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
        rest = self.scale * whole
        if rest < 1.0:
            cut = np.asarray(cv2.resize(cut, None, fx=rest, fy=rest, interpolation=cv2.INTER_LINEAR), np.uint8)
        self.ycc = np.asarray(cv2.cvtColor(cv2.GaussianBlur(cut, (3, 3), 0), cv2.COLOR_BGR2YCrCb), np.uint8)
        self.height, self.width = self.ycc.shape[:2]
        self.unit = torso * self.scale
        self.joints = ((pose.xy_px - self.origin_px) * self.scale).astype(np.float32)
        self.covered = covered_by_person(self.joints, self.unit, (self.height, self.width))
        self.floor_y = _floor_y(self.joints, self.unit)

    def can_stand(self, bottom_y: float) -> bool:
        """Whether a ball whose lowest point is there can stand on the floor."""
        return self.floor_y[0] <= bottom_y <= self.floor_y[1]

    def to_picture(self, ball: Ball) -> tuple[float, float, float, float]:
        """(x, y, rx, ry) of a ball in shrunk pixels."""
        left, top = self.origin_px
        x, y = (ball.x_px - left) * self.scale, (ball.y_px - top) * self.scale
        return x, y, ball.width_px * self.scale / 2, ball.height_px * self.scale / 2

    def to_ball(self, x: float, y: float, rx: float, ry: float, confidence: float) -> Ball:
        """A ball in the frame from one in shrunk pixels."""
        left, top = self.origin_px
        place = x / self.scale + left, y / self.scale + top
        values = np.array([*place, 2 * rx / self.scale, 2 * ry / self.scale, confidence], np.float32)
        return Ball(*values.tolist())


def _floor_y(joints: npt.NDArray[np.float32], unit: float) -> tuple[float, float]:
    """Highest and lowest line on which a ball can stand beside somebody."""
    y = joints[:, 1]
    trunk_y = y[_JOINTS]
    shoulders_y, hips_y = trunk_y.reshape(2, 2).mean(axis=0)
    is_upright = hips_y - shoulders_y > UPRIGHT * unit
    highest = float(y[_BODY].max()) - ABOVE_LOWEST[0 if is_upright else 1] * unit
    lowest = max(float(y[_FEET].max()) + BELOW_FEET * unit, float(trunk_y.max()) + BELOW_JOINT * unit)
    return highest, lowest


def _cut(
    image: npt.NDArray[np.uint8], part: Part | None, whole: int
) -> tuple[tuple[float, float], npt.NDArray[np.uint8]]:
    """Where a part of the frame begins, and that part; its sides are multiples of `whole`, at least 8 times that."""
    height, width = image.shape[:2]
    left, top, right, bottom = part or (0.0, 0.0, float(width), float(height))
    least = 8 * whole
    x0, y0 = int(min(max(left, 0), width - least)), int(min(max(top, 0), height - least))
    x0, y0 = max(0, x0), max(0, y0)
    x1, y1 = int(max(min(right, width), x0 + least)), int(max(min(bottom, height), y0 + least))
    x1, y1 = min(x1, width), min(y1, height)
    x1, y1 = x1 - (x1 - x0) % whole, y1 - (y1 - y0) % whole
    return (float(x0), float(y0)), image[y0:y1, x0:x1]
