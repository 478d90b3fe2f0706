"""A picture that stands still: a recording that hangs, a cut to a still, a camera that sends the same again and again.

The landmarks do not tell. Asked the same picture again and again, the network's answers wander for seconds by more
than a person does who lies still [measured: 0.0006 to 0.008 torso lengths from frame to frame].
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.types import Pose

EVERY_PX: Final = 8  # one pixel in each corner of the blocks of 16 that video coders leave as they were
FEWEST_LINES: Final = 40
# No pixel has changed by more since the picture began to stand. Frozen and coded once more, 2 or 3 grey levels; the
# living are as much alike for a third of a second [measured]. In the dark, a share of the picture's own contrast.
ALIKE_GREY: Final = 3.0
ALIKE_SHARE: Final = 0.08
STANDS_AFTER_S: Final = 0.5


class StandingPicture:
    """Keeps the pose of a picture that stands still as it was, whatever the network says. Feed it every frame."""

    def __init__(self) -> None:
        self._picture = np.empty((0, 0), np.uint8)
        self._since_s = math.nan
        self._pose: Pose | None = None

    def steady(self, image: npt.NDArray[np.uint8], pose: Pose) -> Pose:
        """The pose; while the picture stands still, its landmarks are those that it had before.

        Args:
            image: (H, W, 3) uint8.
            pose: what the network says about it.
        """
        every = max(1, min(EVERY_PX, min(image.shape[:2]) // FEWEST_LINES))
        picture = image[every // 2 :: every, every // 2 :: every, 1].copy()
        is_alike = _are_alike(self._picture, picture)
        if not is_alike:
            self._picture, self._since_s = picture, pose.time_s
        if not is_alike or self._pose is None or pose.time_s - self._since_s < STANDS_AFTER_S:
            self._pose = pose
            return pose
        kept = self._pose
        return replace(pose, landmarks=kept.landmarks, visibility=kept.visibility, world_m=kept.world_m)


def _are_alike(first: npt.NDArray[np.uint8], now: npt.NDArray[np.uint8]) -> bool:
    """Whether no pixel has changed by more than coding the same picture again changes it."""
    import cv2

    if now.shape != first.shape:
        return False
    change = cv2.norm(now, first, cv2.NORM_INF)
    return change <= ALIKE_GREY and change <= ALIKE_SHARE * float(first.std())  # the contrast only where it matters
