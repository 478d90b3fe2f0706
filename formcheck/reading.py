"""From a video to a pose log: decoding, the pose network, and what else is looked for, side by side."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from formcheck.assets import FAST_MODEL, find_model, own_version, sha256
from formcheck.errors import AssetError, UsageError
from formcheck.poselog import PoseLog

if TYPE_CHECKING:
    from formcheck.estimators.mediapipe_pose import MediaPipePose, Prepared
    from formcheck.exercise import Exercise
    from formcheck.seeing import Wishes
    from formcheck.types import Frame, Pose

PoseRateName = Literal["full", "auto"]
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
    pose_rate: PoseRateName = "full",
    jobs: int = 1,
    follow: Follow | None = None,
) -> PoseLog:
    """The pose and the ball in every frame of a video.

    Args:
        source: the video.
        model: pose landmarker bundle; None for the one that comes with formcheck.
        progress: told about each frame.
        exercise: what is shown, if it is known: it may want the curve of the back (a second network; not with a model
            given) or the breath.
        ball_at_px: a point on the ball in the first frames; None to find it without.
        rotate_deg: degrees to turn the pictures by where the recording lost its own; kept in the log, so that what is
            drawn fits.
        pose_rate: "auto" asks the network less often while the body hardly moves.
        jobs: how many processes share a recording; only without `follow`.
        follow: called with each frame in turn, always in the same thread, which need not be the caller's.

    Raises:
        SourceError: the video cannot be read at all.
        AssetError, UsageError: no usable pose model.
        EstimatorError: the pose network failed.
    """
    from formcheck.seeing import Wishes

    wishes = Wishes.of(exercise) if model is None else replace(Wishes.of(exercise), back=False)
    model_path = checked_model(model) if model else find_model(FAST_MODEL)
    task = Task(source, model_path, wishes, ball_at_px, rotate_deg, pose_rate)
    if jobs > 1 and follow is None and ball_at_px is None:
        from formcheck.sharing import read_shared

        return read_shared(task, jobs, progress)
    return read_part(task, WHOLE, follow, progress)


@dataclass(frozen=True)
class Task:
    """A recording and how it is to be read; goes to other processes as it is."""

    source: Path
    model_path: Path
    wishes: Wishes
    ball_at_px: tuple[float, float] | None = None
    rotate_deg: int | None = None
    pose_rate: PoseRateName = "full"


@dataclass(frozen=True)
class Part:
    """Frames [first, end) of a recording; those from `warm_from` on are looked at before, and not kept."""

    first: int = 0
    end: float = math.inf
    warm_from: int = 0


WHOLE: Final = Part()


def read_part(
    task: Task,
    part: Part,
    follow: Follow | None = None,
    progress: Progress | None = None,
    is_enough: Callable[[Frame, Pose], bool] | None = None,
) -> PoseLog:
    """The poses of a part of a recording, and what else its pictures tell.

    Three threads: one decodes, one runs the pose network, one looks for the rest and hands each frame on. On a single
    core one thread does all, in bursts.

    Args:
        task: the recording.
        part: of it.
        follow: called with each frame that is kept, as by `estimate_poses`.
        progress: told about each frame.
        is_enough: asked with each frame, those before the part, too; the frame for which it is true is the last.
    """
    from formcheck.bursts import BURST, has_one_core, read_in_bursts, work_in_bursts
    from formcheck.estimators.mediapipe_pose import MediaPipePose
    from formcheck.pose_rate import AHEAD, BEHIND, MOST_LEFT_OUT
    from formcheck.seeing import Onlooker
    from formcheck.sources import open_source
    from formcheck.sources.content import content_mark
    from formcheck.sources.opencv_threads import one_opencv_thread
    from formcheck.sources.probe import recorded_at
    from formcheck.sources.read_ahead import N_BUFFERS, read_ahead
    from formcheck.work_behind import N_HELD, work_behind

    log = PoseLog({"source": task.source.name, "versions": versions_of(task.model_path), "rotate_deg": task.rotate_deg})
    n_ahead, n_behind, n_left_out = (AHEAD, BEHIND, MOST_LEFT_OUT) if task.pose_rate == "auto" else (0, 0, 0)
    is_alone = has_one_core()
    n_buffers = 2 * BURST + 1 if is_alone else N_BUFFERS + n_ahead + N_HELD + n_behind
    with one_opencv_thread(), open_source(task.source, n_buffers + n_left_out, task.rotate_deg) as recording:

        def look(item: Asked) -> None:
            frame = item.frame
            seen = onlooker.look(frame, item.pose())
            if frame.index < part.first:
                return
            log.append(seen)
            if follow is not None:
                follow(frame, log[len(log) - 1], recording.fps_hint)

        n_read = 0
        with (
            MediaPipePose(task.model_path, on_one_core=True) as estimator,
            Onlooker(task.wishes, task.ball_at_px) as onlooker,
            ExitStack() as stack,
        ):
            prepared = _prepared(recording.frames(part.warm_from), part.end, estimator)
            reading = read_in_bursts(prepared) if is_alone else read_ahead(prepared, n_ahead)
            looking = work_in_bursts(look) if is_alone else work_behind(look, "formcheck-look", n_behind)
            frames, hand_over = stack.enter_context(reading), stack.enter_context(looking)
            for n_read, item in enumerate(_asked(frames, estimator, task.pose_rate), 1):
                hand_over(item)
                if progress is not None:
                    progress("Reading", n_read, recording.n_frames_hint)
                if is_enough is not None and is_enough(item.frame, item.pose()):
                    break
        if progress is not None:
            progress("Reading", n_read, n_read)
    log.meta |= {
        "recorded_at": recorded_at(task.source),
        "content": content_mark(task.source),
        "complete": recording.complete,
        "problem": recording.problem,
        "fps": recording.fps_hint,
        "pose_rate": task.pose_rate,
    }
    return log


def _prepared(frames: Iterable[Frame], end: float, estimator: MediaPipePose) -> Iterator[tuple[Frame, Prepared]]:
    """The frames before `end`, prepared for the network: also those that may be left out, as nobody waits for it."""
    for frame in takewhile(lambda frame: frame.index < end, frames):
        yield frame, estimator.prepare(frame)


class Asked(NamedTuple):
    """A frame, and what the network said: about the frame itself, or about those on both sides of it."""

    frame: Frame
    after: Pose
    before: Pose | None = None

    def pose(self) -> Pose:
        """The pose in the frame."""
        if self.before is None:
            return self.after
        from formcheck.pose_rate import between

        return between(self.before, self.after, self.frame.time_s)


def _asked(
    frames: Iterable[tuple[Frame, Prepared]], estimator: MediaPipePose, pose_rate: PoseRateName
) -> Iterator[Asked]:
    """Every frame, in order; at the rate "auto" those of a body that hardly moves come a few frames later."""
    if pose_rate == "full":
        yield from (Asked(frame, estimator.estimate(frame, prepared)) for frame, prepared in frames)
        return
    from formcheck.pose_rate import PoseRate

    rate = PoseRate()
    left_out: list[Frame] = []
    last: Pose | None = None  # the first frame is never left out
    for frame, prepared in frames:
        if not rate.is_due(frame.time_s):
            rate.leave_out()
            left_out.append(frame)
            continue
        pose = estimator.estimate(frame, prepared)
        rate.saw(pose)
        yield from (Asked(waiting, pose, last) for waiting in left_out)
        yield Asked(frame, pose)
        left_out, last = [], pose
    if left_out:
        pose = estimator.estimate(left_out[-1])
        yield from (Asked(waiting, pose, last) for waiting in left_out[:-1])
        yield Asked(left_out[-1], pose)


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


def checked_model(path: Path) -> Path:
    """The user's own model, if it is a pose landmarker bundle at all."""
    if not path.is_file():
        raise AssetError(f"{path}: there is no such model file; give a pose landmarker bundle (.task)")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if set(archive.namelist()) >= BUNDLE_PARTS:
                return path
    raise UsageError(f"{path}: this is not a pose landmarker bundle (.task) of MediaPipe")
