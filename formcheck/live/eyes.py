"""From a camera's picture to a pose: what comes over the wire is checked, decoded and looked at."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from formcheck.assets import FAST_MODEL, find_model
from formcheck.errors import SourceError
from formcheck.types import Ball, Frame, Pose

Image = npt.NDArray[np.uint8]

LARGEST_SIDE_PX: Final = 2560
SMALLEST_SIDE_PX: Final = 64
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


class Eyes:
    """Finds person and ball in picture after picture; use it as a context manager."""

    def __init__(self) -> None:
        from formcheck.estimators.mediapipe_pose import MediaPipePose
        from formcheck.vision.ball import BallFinder

        self._estimator = MediaPipePose(find_model(FAST_MODEL))
        self._finder = BallFinder()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._estimator.close()

    def look(self, frame: Frame) -> Pose:
        """Who is in a frame, and where the ball is."""
        pose = self._estimator.estimate(frame)
        return replace(pose, ball=self._finder.look(frame.image, pose) or Ball.unseen())


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
