"""From a video to a pose log: decoding, the pose network, and what else is looked for, side by side."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from formcheck.assets import FAST_MODEL, find_model, own_version, sha256
from formcheck.errors import AssetError, UsageError
from formcheck.poselog import PoseLog

if TYPE_CHECKING:
    from formcheck.exercise import Exercise
    from formcheck.types import Frame, Pose

Progress = Callable[[str, int, int | None], None]
"""Told the stage ("Reading", "Drawing"), how many frames are done, and of how many (None: not known)."""
Follow = Callable[["Frame", "Pose", float | None], None]
"""Given every frame, its pose as the log keeps it, and the recording's frame rate if known; may draw on the frame."""

BUNDLE_PARTS: Final = {"pose_detector.tflite", "pose_landmarks_detector.tflite"}


def estimate_poses(
    source: Path,
    model: Path | None = None,
    progress: Progress | None = None,
    *,
    exercise: Exercise | None = None,
    ball_at_px: tuple[float, float] | None = None,
    rotate_deg: int | None = None,
    follow: Follow | None = None,
) -> PoseLog:
    """The pose and the ball in every frame of a video.

    Three threads: one decodes, one runs the pose network, one looks for the rest and hands each frame on.

    Args:
        source: the video.
        model: pose landmarker bundle; None for the one that comes with formcheck.
        progress: told about each frame.
        exercise: what is shown, if it is known: it may want the curve of the back (a second network; not with a model
            given) or the breath.
        ball_at_px: a point on the ball in the first frames; None to find it without.
        rotate_deg: degrees to turn the pictures by where the recording lost its own; kept in the log, so that what is
            drawn fits.
        follow: called with each frame in turn, in a thread that is not the caller's.

    Raises:
        SourceError: the video cannot be read at all.
        AssetError, UsageError: no usable pose model.
        EstimatorError: the pose network failed.
    """
    from formcheck.estimators.mediapipe_pose import MediaPipePose
    from formcheck.seeing import Onlooker, Wishes
    from formcheck.sources import open_source
    from formcheck.sources.probe import recorded_at
    from formcheck.sources.read_ahead import N_BUFFERS, read_ahead
    from formcheck.work_behind import N_HELD, work_behind

    wishes = Wishes.of(exercise) if model is None else replace(Wishes.of(exercise), back=False)
    model_path = _checked_model(model) if model else find_model(FAST_MODEL)
    log = PoseLog({"source": source.name, "versions": versions_of(model_path), "rotate_deg": rotate_deg})
    with open_source(source, N_BUFFERS + N_HELD, rotate_deg) as recording:

        def look(item: tuple[Frame, Pose]) -> None:
            frame, pose = item
            log.append(onlooker.look(frame, pose))
            if follow is not None:
                follow(frame, log[len(log) - 1], recording.fps_hint)

        n_read = 0
        with (
            MediaPipePose(model_path) as estimator,
            Onlooker(wishes, ball_at_px) as onlooker,
            read_ahead(recording) as frames,
            work_behind(look, "formcheck-look") as hand_over,
        ):
            for n_read, frame in enumerate(frames, 1):
                pose = estimator.estimate(frame)
                hand_over((frame, pose))
                if progress is not None:
                    progress("Reading", n_read, recording.n_frames_hint)
        if progress is not None:
            progress("Reading", n_read, n_read)
    log.meta |= {
        "recorded_at": recorded_at(source),
        "complete": recording.complete,
        "problem": recording.problem,
        "fps": recording.fps_hint,
    }
    return log


def versions_of(model_path: Path) -> dict[str, Any]:
    """Versions of what reads poses with this model, for a pose log."""
    try:
        mediapipe = version("mediapipe")
    except PackageNotFoundError:
        mediapipe = None
    return {
        "formcheck": own_version(),
        "mediapipe": mediapipe,
        "model": model_path.name,
        "model_sha256": sha256(model_path),
    }


def _checked_model(path: Path) -> Path:
    """The user's own model, if it is a pose landmarker bundle at all."""
    if not path.is_file():
        raise AssetError(f"{path}: there is no such model file; give a pose landmarker bundle (.task)")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if set(archive.namelist()) >= BUNDLE_PARTS:
                return path
    raise UsageError(f"{path}: this is not a pose landmarker bundle (.task) of MediaPipe")
