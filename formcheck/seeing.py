"""What is read from the picture beside the landmarks: ball always, back and breath where a movement asks for them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from formcheck.assets import MASK_MODEL, find_model
from formcheck.measures.catalogue import BACK_CURVE
from formcheck.types import Ball, Pose
from formcheck.vision.ball import BallFinder
from formcheck.vision.breathing import BreathWatch
from formcheck.vision.silhouette import read_back

if TYPE_CHECKING:
    from formcheck.exercise import Exercise
    from formcheck.poselog import PoseLog

Tell = Callable[[str, int, int | None], None]
BACK_EVERY_S: Final = 0.12  # a back moves slowly, and each look costs as much as two poses


@dataclass(frozen=True)
class Wishes:
    """What an exercise wants to be read: the curve of the back (twice the network's time), the breath."""

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


class Onlooker:
    """Adds to each pose of one recording what the picture tells. Feed it every frame."""

    def __init__(self, wishes: Wishes, ball_at_px: tuple[float, float] | None = None) -> None:
        self._finder = BallFinder(ball_at_px)
        self._breath = BreathWatch() if wishes.breath else None

    def look(self, image: npt.NDArray[np.uint8], pose: Pose, mask: npt.NDArray[np.float32] | None = None) -> Pose:
        """The pose with ball, back and breath, as far as they were to be read."""
        ball = self._finder.look(image, pose) or Ball.unseen()
        breath, quality = self._breath.look(image, pose) if self._breath else (math.nan, math.nan)
        seen = replace(pose, ball=ball, breath=_stored(breath), breath_quality=_stored(quality))
        return with_back(seen, mask)


def look_closer(source: Path, log: PoseLog, stretches: Sequence[Stretch], tell: Tell) -> None:
    """Reads back and breath in some stretches of a video whose poses are known, into its log.

    Raises:
        SourceError: the video cannot be read any more.
    """
    from formcheck.estimators.mediapipe_pose import MediaPipePose
    from formcheck.sources import open_source
    from formcheck.sources.read_ahead import N_BUFFERS, read_ahead

    with ExitStack() as stack:
        recording = stack.enter_context(open_source(source, N_BUFFERS, log.meta.get("rotate_deg")))
        estimator = None
        if any(stretch.wishes.back for stretch in stretches):
            estimator = stack.enter_context(MediaPipePose(find_model(MASK_MODEL), with_mask=True))
        frames = stack.enter_context(read_ahead(recording))
        watch, looked_s = BreathWatch(), -math.inf
        for i, frame in zip(range(len(log)), frames, strict=False):
            asked = [s.wishes for s in stretches if s.start_s <= frame.time_s < s.end_s]
            pose = log[i]
            is_due = frame.time_s - looked_s >= BACK_EVERY_S
            if estimator is not None and is_due and any(wishes.back for wishes in asked):
                looked_s = frame.time_s
                estimator.estimate(frame)
                seen = with_back(pose, estimator.mask)
                log.note_back(i, seen.back_curve_deg, seen.back_outline)
            if any(wishes.breath for wishes in asked):
                breath, quality = watch.look(frame.image, pose)
                log.note(i, breath=breath, breath_quality=quality)
            tell("Looking closer", i + 1, len(log))


def with_back(pose: Pose, mask: npt.NDArray[np.float32] | None) -> Pose:
    """The pose with the curve of its back as a pose log keeps it, where the mask shows one."""
    back = read_back(mask, pose) if mask is not None and pose.is_person else None
    if back is None:
        return pose
    return replace(pose, back_curve_deg=_stored(back.curve_deg), back_outline=back.outline)


def _stored(value: float) -> float:
    """The number as a pose log keeps it, so that a replay decides the same."""
    return float(np.float32(value))
