"""Where two parts of a recording meet that are read at the same time: from which frame on do both see the same?"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import MAIN_JOINTS
from formcheck.types import Frame, Pose
from formcheck.vision.cover import torso_px

AGREE_TORSOS: Final = 0.03  # mean distance of the main joints, well under what an estimator jitters by
AGREE_FRAMES: Final = 5  # in a row
SAME_TIME_S: Final = 0.0005
_JOINTS: Final = np.array(MAIN_JOINTS)
Floats = npt.NDArray[np.floating[Any]]


def main_joints_px(pose: Pose) -> Floats:
    """Where the main joints are, (J, 2) pixels; infinite where there is nobody."""
    return pose.xy_px[_JOINTS] if pose.is_person else np.full((len(_JOINTS), 2), np.inf)


class Meeting:
    """Follows two readings of the same frames until they have agreed for some frames in a row."""

    def __init__(self) -> None:
        self._n_agreed = 0

    def step(self, pose: Pose, other_px: Floats, other_s: float) -> bool:
        """Whether the readings have met, after one more frame.

        Args:
            pose: of the frame, by one reading.
            other_px: `main_joints_px` by the other; NaN while it is not known.
            other_s: the frame's time by the other; another one where a decoder lost pictures on its way.
        """
        is_same_frame = abs(pose.time_s - other_s) < SAME_TIME_S
        self._n_agreed = self._n_agreed + 1 if is_same_frame and _agree(pose, other_px) else 0
        return self._n_agreed >= AGREE_FRAMES


def _agree(pose: Pose, other_px: Floats) -> bool:
    if not pose.is_person:
        return bool(np.isinf(other_px).all())
    away = np.hypot(*(pose.xy_px[_JOINTS] - other_px).T)
    return float(away.mean()) < AGREE_TORSOS * torso_px(pose)


class Seam:
    """What the process behind a seam tells the one before it, in memory that both share."""

    def __init__(self, context: Any, first: int, n_frames: int) -> None:
        """Nothing is told yet.

        Args:
            context: of multiprocessing.
            first: index of the first frame behind the seam.
            n_frames: how many frames from there on are told.
        """
        self._first, self._shape = first, (n_frames, len(_JOINTS), 2)
        self._values = context.RawArray("f", int(np.prod(self._shape)))
        self._times_s = context.RawArray("d", n_frames)
        self._table[:] = np.nan
        self._meeting = Meeting()

    @property
    def _table(self) -> npt.NDArray[np.float32]:
        return np.frombuffer(self._values, np.float32).reshape(self._shape)

    def tell(self, frame: Frame, pose: Pose) -> None:
        """By the process behind the seam, with each of its frames."""
        i = frame.index - self._first
        if 0 <= i < self._shape[0]:
            self._times_s[i] = pose.time_s
            self._table[i] = main_joints_px(pose)

    def is_met(self, frame: Frame, pose: Pose) -> bool:
        """By the process before the seam, with each of its frames: whether the rest can be left to the other."""
        i = frame.index - self._first
        return 0 <= i < self._shape[0] and self._meeting.step(pose, self._table[i], self._times_s[i])
