"""MediaPipe's pose landmarker (BlazePose GHUM) in VIDEO mode."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from formcheck.errors import EstimatorError
from formcheck.estimators.exposure import brighten, gain
from formcheck.estimators.lean_import import drawing_later
from formcheck.estimators.one_core import OneCore
from formcheck.estimators.same_thread import call_in_same_thread
from formcheck.types import Frame, Pose

# Lying prone over a ball is lost at MediaPipe's default 0.5 as soon as the light is poor, and survives at
# 0.1-0.3. What it lets through is judged afterwards: no confidence of the network reveals failure.
MIN_CONFIDENCE: Final = 0.2
Mask = npt.NDArray[np.float32]
Prepared = Any  # mediapipe.Image: RGB, black columns added at the right; mediapipe brings no types
_one_at_a_time = threading.Lock()  # the error stream is the whole program's: two would put back what the other took
WIDTH_STEP: Final = 4  # MediaPipe aborts the process on masks of frames whose width is no multiple of 4


class MediaPipePose:
    """One person's landmarks, frame after frame, from one pose landmarker bundle.

    Tracking state belongs to one recording: use a new object for the next.
    """

    def __init__(self, model_path: Path, with_mask: bool = False, on_one_core: bool = False) -> None:
        """Starts the network.

        Args:
            model_path: a pose landmarker bundle (.task); for masks one with a segmentation head.
            with_mask: whether to make the silhouette as well, at the cost of another network's time.
            on_one_core: whether the network and the thread that calls `estimate`, always the same one, stay together
                on one core, which is faster where other threads do other work.

        Raises:
            EstimatorError: mediapipe cannot be imported or refuses the bundle.
        """
        import cv2

        self._cv2 = cv2
        self._rgb = np.empty((0, 0, 3), np.uint8)
        self._last_ms = -1
        self._has_seen_person = False
        self._core = OneCore()
        with _quiet_stderr(), self._core.beginning() if on_one_core else contextlib.nullcontext():
            self._mp, self._landmarker = _start(model_path, with_mask)
        self.mask: Mask | None = None  # (H, W) 0-1 of the last frame's person; None without

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops the network; may be called twice."""
        self._core.release()
        self._landmarker.close()

    def prepare(self, frame: Frame) -> Prepared:
        """A copy of the frame as the network takes it; one thread may prepare frames ahead of the one that estimates.

        Raises:
            EstimatorError: MediaPipe refuses the picture.
        """
        try:
            return self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=self._to_rgb(frame))
        except (RuntimeError, ValueError) as error:
            raise EstimatorError(f"the pose network refuses the picture at {frame.time_s:.2f} s: {error}") from error

    def estimate(self, frame: Frame, prepared: Prepared | None = None) -> Pose:
        """The pose in a frame; `Pose.nobody` when no person is found.

        Args:
            frame: its time must not lie before the last one's.
            prepared: what `prepare` made of this frame; None to do that now.

        Raises:
            EstimatorError: the network failed on this frame.
        """
        height, width = frame.image.shape[:2]
        image = self.prepare(frame) if prepared is None else prepared
        self._last_ms = max(self._last_ms + 1, round(frame.time_s * 1000))
        try:
            # The first frame with a person makes MediaPipe write warnings that concern nobody.
            with contextlib.nullcontext() if self._has_seen_person else _quiet_stderr(), self._core.working():
                result = self._landmarker.detect_for_video(image, self._last_ms)
        except (RuntimeError, ValueError) as error:
            raise EstimatorError(f"the pose network failed at {frame.time_s:.2f} s: {error}") from error
        self.mask = _copy_mask(result, width)
        if not result.pose_landmarks:
            return Pose.nobody(frame.time_s, (width, height))
        self._has_seen_person = True
        return _copy_pose(result, frame.time_s, (width, height), image.width / width)

    def _to_rgb(self, frame: Frame) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """The picture as RGB in a reused buffer, brightened if dark; black columns fill up to a multiple of 4."""
        height, width = frame.image.shape[:2]
        padded = -(-width // WIDTH_STEP) * WIDTH_STEP
        if self._rgb.shape[:2] != (height, padded):
            self._rgb = np.zeros((height, padded, 3), np.uint8)
        self._cv2.cvtColor(frame.image, self._cv2.COLOR_BGR2RGB, self._rgb[:, :width])
        if (times := gain(frame.image)) > 1.0:
            brighten(self._rgb, times, self._cv2)
        return self._rgb


def _start(model_path: Path, with_mask: bool) -> tuple[Any, Any]:
    """The mediapipe module and a running landmarker."""
    try:
        with drawing_later():
            import mediapipe as mp
            from mediapipe.tasks import python as tasks
            from mediapipe.tasks.python import vision
    except (ImportError, OSError) as error:
        raise EstimatorError(
            f"mediapipe cannot be loaded ({error}); run `formcheck doctor` to see what is missing"
        ) from error
    options = vision.PoseLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(model_path)),
        running_mode=vision.RunningMode.VIDEO,
        num_poses=1,  # 2 would run the detector in every frame: 6.9 ms more
        min_pose_detection_confidence=MIN_CONFIDENCE,
        min_pose_presence_confidence=MIN_CONFIDENCE,
        min_tracking_confidence=MIN_CONFIDENCE,
        output_segmentation_masks=with_mask,
    )
    try:
        landmarker = vision.PoseLandmarker.create_from_options(options)
    except (RuntimeError, ValueError, OSError) as error:
        raise EstimatorError(
            f"{model_path}: MediaPipe refuses this model ({error}); give a pose landmarker bundle (.task)"
        ) from error
    call_in_same_thread(landmarker)
    return mp, landmarker


def _copy_mask(result: Any, width: int) -> Mask | None:
    """The first person's mask without the padded columns."""
    if not result.segmentation_masks:
        return None
    return np.array(result.segmentation_masks[0].numpy_view(), np.float32).squeeze()[:, :width]


def _copy_pose(result: Any, time_s: float, size_wh: tuple[int, int], widening: float) -> Pose:
    """Float32 rows of the first person; `widening` is padded width / width, which x and z are relative to."""
    seen = np.array([(p.x, p.y, p.z, p.visibility) for p in result.pose_landmarks[0]], np.float32)
    world_m = np.array([(p.x, p.y, p.z) for p in result.pose_world_landmarks[0]], np.float32)
    landmarks = np.ascontiguousarray(seen[:, :3])
    if widening != 1.0:
        landmarks[:, ::2] *= np.float32(widening)
    return Pose(time_s, landmarks, np.ascontiguousarray(seen[:, 3]), world_m, size_wh)


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Drops what native code writes to the error stream; MediaPipe's messages obey no log setting."""
    with _one_at_a_time:
        try:
            kept = os.dup(2)
        except OSError:  # no error stream at all (a windowed program)
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(nowhere)
            os.close(kept)
