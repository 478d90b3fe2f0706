"""Fewer poses where the body rests: when the network is asked, and what stands in for the frames between.

The engine is given every frame all the same. A frame that was left out lies between two poses whose joints are close
together; what it holds is drawn straight from one to the other.

The network looks for a body where it was last seen, so asked rarely it lags behind a movement, however slow: a body
that moves is asked for in every frame.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from formcheck.skeleton import INDEX, MAIN_JOINTS
from formcheck.types import Array, Pose

LONGEST_S: Final = 0.2  # the first frame this long after the last pose is due however still the body is
ROUNDING_S: Final = 0.002  # containers keep times in milliseconds
SPEED_OVER_S: Final = 0.6  # long enough for jitter to be small beside a slow movement
RESTS_BELOW: Final = 0.14  # torso lengths a second [choice]
SEEN_FROM: Final = 0.5  # visibility; joints that are guessed move without a movement
APART_TORSOS: Final = 0.3  # where most joints came further than this, it is no movement to be drawn straight
MOST_LEFT_OUT: Final = 5  # frames in a row: they wait, and every one of them holds a picture

AHEAD: Final = 2  # frames more that wait before the network, as it takes several at once ...
BEHIND: Final = 6  # ... and behind it: it gives several at once, and looking for the ball takes as long as four poses

_JOINTS: Final = np.array(MAIN_JOINTS)
_SHOULDERS: Final = np.array([INDEX["left_shoulder"], INDEX["right_shoulder"]])
_HIPS: Final = np.array([INDEX["left_hip"], INDEX["right_hip"]])


class PoseRate:
    """Says for every frame of one recording whether its pose is worth asking for."""

    def __init__(self) -> None:
        self._recent: deque[_Places] = deque()  # in the poses of the last SPEED_OVER_S in which a person was seen
        self._is_at_rest = False
        self._n_left_out = 0

    def is_due(self, time_s: float) -> bool:
        """Whether the frame at this time needs a pose of its own."""
        if not self._is_at_rest or self._n_left_out >= MOST_LEFT_OUT:
            return True
        return time_s - self._recent[-1].time_s >= LONGEST_S - ROUNDING_S

    def leave_out(self) -> None:
        """The frame was left out."""
        self._n_left_out += 1

    def saw(self, pose: Pose) -> None:
        """The pose of a frame that was due."""
        self._n_left_out = 0
        if not pose.is_person:
            self._recent.clear()
            self._is_at_rest = False
            return
        self._recent.append(_Places.of(pose))
        while pose.time_s - self._recent[0].time_s > SPEED_OVER_S + ROUNDING_S:
            self._recent.popleft()
        is_known = pose.time_s - self._recent[0].time_s >= 0.5 * SPEED_OVER_S and len(self._recent) > 2
        self._is_at_rest = is_known and _speed_per_s(self._recent) < RESTS_BELOW


class _Places(NamedTuple):
    """Where the main joints are in a pose: (J, 2) pixels and (J,) visibilities."""

    time_s: float
    xy_px: Array
    visibility: Array
    torso_px: float

    @classmethod
    def of(cls, pose: Pose) -> _Places:
        return cls(pose.time_s, pose.xy_px[_JOINTS], pose.visibility[_JOINTS], _torso_px(pose))


def speed_per_s(poses: Sequence[Pose]) -> float:
    """How fast the fastest of the main joints that are seen goes, in torso lengths a second; infinite where none is.

    The spread of a joint's places over the spread of their times: the speed of a joint that goes straight on, and no
    zero where a movement turns.

    Args:
        poses: of one person, at two times at least.
    """
    return _speed_per_s([_Places.of(pose) for pose in poses])


def _speed_per_s(recent: Collection[_Places]) -> float:
    times_s, places, visibilities, torsos_px = zip(*recent, strict=True)
    is_seen = np.add.reduce(visibilities) >= SEEN_FROM * len(recent)
    if not is_seen.any():
        return math.inf
    away = np.array(places) - np.add.reduce(places) / len(recent)
    spread_px = math.sqrt(float(np.einsum("tjx,tjx->j", away, away)[is_seen].max()) / len(recent))
    mean_s = sum(times_s) / len(recent)
    spread_s = math.sqrt(sum((time_s - mean_s) ** 2 for time_s in times_s) / len(recent))
    return spread_px / spread_s / float(torsos_px[-1])


def step_torsos(a: Pose, b: Pose) -> float:
    """How far the main joints came from one pose to the other, in torso lengths: the median, as some are guessed."""
    steps: Array = np.hypot(*(b.xy_px[_JOINTS] - a.xy_px[_JOINTS]).T)
    return float(np.median(steps)) / _torso_px(b)


def _torso_px(pose: Pose) -> float:
    return max(1.0, math.hypot(*(pose.xy_px[_SHOULDERS].mean(axis=0) - pose.xy_px[_HIPS].mean(axis=0))))


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
