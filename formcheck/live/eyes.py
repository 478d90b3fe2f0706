"""From a camera's picture to a pose: what comes over the wire is checked, decoded and looked at."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from time import perf_counter
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from formcheck.assets import FAST_MODEL, find_model
from formcheck.errors import SourceError
from formcheck.seeing import BACK_EVERY_S, BackWatch
from formcheck.types import Ball, Frame, Pose

Image = npt.NDArray[np.uint8]

LARGEST_SIDE_PX: Final = 2560
SMALLEST_SIDE_PX: Final = 64
STALE_S: Final = 0.3  # a back that was seen longer ago says nothing about now
SHARE: Final = 0.2  # of the time that may be spent on backs: a busy machine looks less often
NICENESS: Final = 10
_START_OF_FRAME: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG markers that hold the size


def decode_jpeg(data: bytes) -> Image:
    """A JPEG as (H, W, 3) uint8, BGR.

    Raises:
        SourceError: it is no JPEG, is damaged, or has an unreasonable size; nothing is decoded before that is known.
    """
    import cv2

    width, height = jpeg_size_wh(data)
    if not SMALLEST_SIDE_PX <= min(width, height) <= max(width, height) <= LARGEST_SIDE_PX:
        raise SourceError(f"a picture of {width} x {height} pixels cannot be used")
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise SourceError("the picture is damaged")
    return np.asarray(image, np.uint8)


def jpeg_size_wh(data: bytes) -> tuple[int, int]:
    """Width and height from a JPEG's header; SourceError when it is none."""
    at = 2
    if data[:2] != b"\xff\xd8":
        raise SourceError("this is not a JPEG picture")
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _START_OF_FRAME:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + length
    raise SourceError("the picture is damaged: it has no size")


class BackBeside:
    """Reads the back in a thread of its own: nobody waits for it, what it finds comes with one of the next pictures."""

    def __init__(self, thread: Executor | None = None) -> None:
        """`thread`: runs the looks, one at a time; None for one of its own."""
        self._thread = thread or ThreadPoolExecutor(1, "formcheck-back", _step_back)
        self._watch: BackWatch | None = None
        self._took_s = 0.0  # of the last look
        self._asked_s = -math.inf
        self._asked: Future[Pose] | None = None

    def close(self) -> None:
        """Waits for the last look and stops the network."""
        self._thread.shutdown()
        if self._watch is not None:
            self._watch.close()

    def look(self, frame: Frame, pose: Pose) -> Pose:
        """The pose with the back that was read since the last picture, if any; hands this picture on when it is time.

        Raises:
            EstimatorError: the network failed on the last picture that was handed on.
        """
        found = self._found(frame.time_s)
        is_due = frame.time_s - self._asked_s >= max(BACK_EVERY_S, self._took_s / SHARE)
        if self._asked is None and pose.is_person and is_due:
            self._asked_s = frame.time_s
            self._asked = self._thread.submit(self._read, replace(frame, image=frame.image.copy()), pose)
        if found is None:
            return pose
        return replace(pose, back_curve_deg=found.back_curve_deg, back_outline=found.back_outline)

    def _read(self, frame: Frame, pose: Pose) -> Pose:
        if self._watch is None:  # here, because it takes as long as several pictures
            self._watch = BackWatch()
        began_s = perf_counter()
        seen = self._watch.look(frame, pose)
        self._took_s = perf_counter() - began_s
        return seen

    def _found(self, time_s: float) -> Pose | None:
        if self._asked is None or not self._asked.done():
            return None
        asked, self._asked = self._asked, None  # a look that failed is told once, and the next is looked again
        found = asked.result()
        return found if found.back_outline is not None and time_s - found.time_s <= STALE_S else None


def _step_back() -> None:
    """Lets the pose loop go first; threads that this one starts, the network's, inherit it. Linux alone can do that."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class Eyes:
    """Finds person and ball, and the back where it is wanted, in picture after picture; use it as a context manager.

    Attributes:
        wants_back: asked for each picture, whether what is done now wants the back.
    """

    def __init__(self) -> None:
        from formcheck.estimators.mediapipe_pose import MediaPipePose
        from formcheck.vision.ball import BallFinder
        from formcheck.vision.camera_motion import CameraWatch
        from formcheck.vision.standing import StandingPicture

        self._estimator = MediaPipePose(find_model(FAST_MODEL), on_one_core=True)
        self._standing = StandingPicture()
        self._finder = BallFinder()
        self._camera = CameraWatch()
        self._back = BackBeside()
        self.wants_back: Callable[[], bool] = lambda: False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._back.close()
        self._estimator.close()

    def look(self, frame: Frame) -> Pose:
        """Who is in a frame, where the ball is, and how the back is curved."""
        pose = self._standing.steady(frame.image, self._estimator.estimate(frame))
        ball = self._finder.look(frame.image, pose) or Ball.unseen()
        pose = replace(pose, ball=ball, camera=self._camera.look(frame.image, pose, ball))
        return self._back.look(frame, pose) if self.wants_back() else pose


def fitted(image: Image, size_wh: tuple[int, int]) -> Image:
    """The whole picture inside a black one of another size, undistorted and centred."""
    import cv2

    height, width = image.shape[:2]
    scale = min(size_wh[0] / width, size_wh[1] / height)
    inner_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    x, y = (size_wh[0] - inner_wh[0]) // 2, (size_wh[1] - inner_wh[1]) // 2
    out = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    out[y : y + inner_wh[1], x : x + inner_wh[0]] = cv2.resize(image, inner_wh, interpolation=cv2.INTER_AREA)
    return out
