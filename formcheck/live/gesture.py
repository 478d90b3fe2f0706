"""Both hands above the head, kept: the way to begin or go on without walking to the computer."""

from __future__ import annotations

import math
from typing import Final

from formcheck.skeleton import INDEX
from formcheck.types import Pose
from formcheck.vision.cover import torso_px

KEPT_S: Final = 1.5
FORGIVEN_S: Final = 0.3  # hands that are lost for a frame or two have not come down
ABOVE_TORSOS: Final = 0.1  # the wrists above the eyes by this much of the trunk
UPRIGHT: Final = 0.5  # the trunk stands at least this much of its length high: who lies has arms "above" easily
SEEN: Final = 0.5  # visibility of wrists and shoulders

_PAIRS = ("shoulder", "hip", "wrist", "eye")


class HandsUp:
    """Watches for both hands above the head; one gesture answers once, until the hands have come down."""

    def __init__(self) -> None:
        self._since_s = math.nan
        self._seen_s = math.nan
        self._has_answered = False
        self.filled = 0.0  # 0-1 of the time they must stay up

    def forget(self) -> None:
        """Hands that are up now must first come down."""
        self._since_s, self.filled, self._has_answered = math.nan, 0.0, True

    def update(self, pose: Pose) -> bool:
        """Take the next frame's pose; true once, when the hands have been up long enough."""
        if are_hands_up(pose):
            self._seen_s = pose.time_s
            if math.isnan(self._since_s):
                self._since_s = pose.time_s
        elif not pose.time_s - self._seen_s <= FORGIVEN_S:
            self._since_s, self._has_answered = math.nan, False
        if math.isnan(self._since_s) or self._has_answered:
            self.filled = 0.0
            return False
        self.filled = min(1.0, (pose.time_s - self._since_s) / KEPT_S)
        if self.filled < 1.0:
            return False
        self.filled, self._has_answered = 0.0, True
        return True


def are_hands_up(pose: Pose) -> bool:
    """Whether an upright person's wrists are both above the eyes."""
    if not pose.is_person:
        return False
    at = {f"{side}_{joint}": INDEX[f"{side}_{joint}"] for joint in _PAIRS for side in ("left", "right")}
    if min(float(pose.visibility[i]) for name, i in at.items() if "wrist" in name or "shoulder" in name) < SEEN:
        return False
    y = {name: float(pose.xy_px[i, 1]) for name, i in at.items()}
    trunk = (y["left_hip"] + y["right_hip"] - y["left_shoulder"] - y["right_shoulder"]) / 2
    highest_allowed = min(y["left_eye"], y["right_eye"]) - ABOVE_TORSOS * trunk
    return trunk > UPRIGHT * torso_px(pose) and max(y["left_wrist"], y["right_wrist"]) < highest_allowed
