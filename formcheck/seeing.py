"""What is read from the picture beside the landmarks: ball always, back and breath where a movement asks for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from formcheck.assets import MASK_MODEL, find_model
from formcheck.measures.catalogue import BACK_CURVE
from formcheck.types import Ball, Frame, Pose
from formcheck.vision.ball import BallFinder
from formcheck.vision.breathing import BreathWatch
from formcheck.vision.camera_motion import CameraWatch
from formcheck.vision.silhouette import read_back
from formcheck.vision.standing import StandingPicture

if TYPE_CHECKING:
    from formcheck.exercise import Exercise
    from formcheck.poselog import PoseLog

Tell = Callable[[str, int, int | None], None]
BACK_EVERY_S: Final = 0.12  # a back moves slowly, and each look costs as much as two poses
BACK_WIDTH_PX: Final = 640  # the network sees 256 pixels of a person; a mask of a larger picture only takes longer


@dataclass(frozen=True)
class Wishes:
    """What an exercise wants to be read: the curve of the back (another network, eight times a second), the breath."""

    back: bool = False
    breath: bool = False

    @classmethod
    def of(cls, exercise: Exercise | None) -> Wishes:
        """The wishes of an exercise; none without one."""
        if exercise is None:
            return cls()
        return cls(BACK_CURVE in exercise.measures, exercise.criterion.breaths is not None)


class Stretch(NamedTuple):
    """A part of a recording, [start_s, end_s), in which something is to be read."""

    start_s: float
    end_s: float
    wishes: Wishes


class BackWatch:
    """Reads the curve of the back eight times a second, with a network of its own; use it as a context manager."""

    def __init__(self) -> None:
        from formcheck.estimators.mediapipe_pose import MediaPipePose

        self._estimator = MediaPipePose(find_model(MASK_MODEL), with_mask=True)
        self._looked_s = -math.inf

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops the network."""
        self._estimator.close()

    def look(self, frame: Frame, pose: Pose) -> Pose:
        """The pose of a frame with its back, where it is time to look and where the back can be read."""
        if frame.time_s - self._looked_s < BACK_EVERY_S or not pose.is_person:
            return pose
        self._looked_s = frame.time_s
        self._estimator.estimate(replace(frame, image=_at_most_wide(frame.image)))
        mask = self._estimator.mask
        back = read_back(mask, pose) if mask is not None else None
        if back is None:
            return pose
        return replace(pose, back_curve_deg=_stored(back.curve_deg), back_outline=back.outline)


class Onlooker:
    """Adds to each pose of one recording what the picture tells. Feed it every frame; use it as a context manager."""

    def __init__(self, wishes: Wishes, ball_at_px: tuple[float, float] | None = None) -> None:
        self._standing = StandingPicture()
        self._finder = BallFinder(ball_at_px)
        self._camera = CameraWatch()
        self._breath = BreathWatch() if wishes.breath else None
        self._back = BackWatch() if wishes.back else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._back is not None:
            self._back.close()

    def look(self, frame: Frame, pose: Pose) -> Pose:
        """The pose with ball, back and breath, as far as they were to be read."""
        pose = self._standing.steady(frame.image, pose)
        ball = self._finder.look(frame.image, pose) or Ball.unseen()
        move = self._camera.look(frame.image, pose, ball)
        breath, quality = self._breath.look(frame.image, pose) if self._breath else (math.nan, math.nan)
        if self._camera.is_moving:  # it takes the chest along
            breath, quality = math.nan, math.nan
        seen = replace(pose, ball=ball, camera=move, breath=_stored(breath), breath_quality=_stored(quality))
        return self._back.look(frame, seen) if self._back is not None else seen


def look_closer(source: Path, log: PoseLog, stretches: Sequence[Stretch], tell: Tell) -> None:
    """Reads back and breath in some stretches of a video whose poses are known, into its log.

    Raises:
        SourceError: the video cannot be read any more.
    """
    from formcheck.sources import open_source
    from formcheck.sources.read_ahead import N_BUFFERS, read_ahead

    bounds_s = min(stretch.start_s for stretch in stretches), max(stretch.end_s for stretch in stretches)
    first, end = map(int, np.searchsorted(log.time_s, bounds_s))
    with ExitStack() as stack:
        recording = stack.enter_context(open_source(source, N_BUFFERS, log.meta.get("rotate_deg")))
        wants_back = any(stretch.wishes.back for stretch in stretches)
        backs = stack.enter_context(BackWatch()) if wants_back else None
        breaths = BreathWatch()
        is_whole = not log.meta.get("problem")  # else the pictures that were lost on the way are lost again
        read = stack.enter_context(read_ahead(recording.frames(first if is_whole else 0)))
        frames = (frame for frame in read if frame.index >= first)
        for i, frame in zip(range(first, end), frames, strict=False):
            asked = [s.wishes for s in stretches if s.start_s <= frame.time_s < s.end_s]
            pose = log[i]
            if backs is not None and any(wishes.back for wishes in asked):
                seen = backs.look(frame, pose)
                log.note_back(i, seen.back_curve_deg, seen.back_outline)
            if any(wishes.breath for wishes in asked):
                breath, quality = breaths.look(frame.image, pose)
                log.note(i, breath=breath, breath_quality=quality)
            tell("Looking closer", i + 1 - first, end - first)


def _at_most_wide(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The picture, or a smaller copy of a large one."""
    import cv2

    factor = image.shape[1] // BACK_WIDTH_PX
    if factor < 2:
        return image
    size_wh = (image.shape[1] // factor, image.shape[0] // factor)
    return np.asarray(cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def _stored(value: float) -> float:
    """The number as a pose log keeps it, so that a replay decides the same."""
    return float(np.float32(value))
