"""Fewer poses where the body hardly moves: when the network is asked, and what stands in for the frames between.

The engine is given every frame all the same. A frame that was left out lies between two poses whose joints are close
together; what it holds is drawn straight from one to the other.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from formcheck.skeleton import INDEX, MAIN_JOINTS
from formcheck.types import Array, Pose

LONGEST_S: Final = 0.2  # between two poses of a body that rests: a start is noticed this late at most
STEP_TORSOS: Final = 0.04  # how far the fastest joint may be expected to come between two poses, in torso lengths
APART_TORSOS: Final = 0.3  # a longer step than this is no movement to be drawn straight
MOST_LEFT_OUT: Final = 5  # frames in a row: they wait, and every one of them holds a picture

_JOINTS: Final = np.array(MAIN_JOINTS)
_SHOULDERS: Final = np.array([INDEX["left_shoulder"], INDEX["right_shoulder"]])
_HIPS: Final = np.array([INDEX["left_hip"], INDEX["right_hip"]])


class PoseRate:
    """Says for every frame of one recording whether its pose is worth asking for."""

    def __init__(self) -> None:
        self._last: Pose | None = None
        self._speeds = (math.inf, math.inf)  # of the last two steps, torso lengths per second
        self._n_left_out = 0

    def is_due(self, time_s: float) -> bool:
        """Whether the frame at this time needs a pose of its own."""
        if self._last is None or not self._last.is_person or self._n_left_out >= MOST_LEFT_OUT:
            return True
        since_s = time_s - self._last.time_s
        return since_s >= LONGEST_S or since_s * max(self._speeds) >= STEP_TORSOS

    def leave_out(self) -> None:
        """The frame was left out."""
        self._n_left_out += 1

    def saw(self, pose: Pose) -> None:
        """The pose of a frame that was due."""
        speed = math.inf
        if self._last is not None and self._last.is_person and pose.is_person:
            speed = step_torsos(self._last, pose) / (pose.time_s - self._last.time_s)
        self._speeds = (self._speeds[1], speed)
        self._last, self._n_left_out = pose, 0


def step_torsos(a: Pose, b: Pose) -> float:
    """How far the fastest of the main joints came from one pose to the other, in torso lengths."""
    torso = b.xy_px[_SHOULDERS].mean(axis=0) - b.xy_px[_HIPS].mean(axis=0)
    steps: Array = np.hypot(*(b.xy_px[_JOINTS] - a.xy_px[_JOINTS]).T)
    return float(steps.max() / max(1.0, math.hypot(*torso)))


def between(a: Pose, b: Pose, time_s: float) -> Pose:
    """The pose of a frame that was left out between two others; nobody's where they are not one movement."""
    if not a.is_person or not b.is_person or step_torsos(a, b) > APART_TORSOS:
        return Pose.nobody(time_s, b.size_wh)
    share = np.float32((time_s - a.time_s) / (b.time_s - a.time_s))
    return replace(
        b,
        time_s=time_s,
        landmarks=a.landmarks + share * (b.landmarks - a.landmarks),
        visibility=np.minimum(a.visibility, b.visibility),
        world_m=a.world_m + share * (b.world_m - a.world_m),
    )
