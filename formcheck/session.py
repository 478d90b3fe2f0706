"""The main job: a recording goes in; report, tables, events, poses and annotated video come out.

Two passes over a video: the first estimates the poses, from which everything is decided; the second draws
what was decided. Memory stays flat: frame buffers are reused and one numpy row is kept per frame.
"""

from __future__ import annotations

import contextlib
import math
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from formcheck.assets import FAST_MODEL, MASK_MODEL, find_model, sha256
from formcheck.errors import AssetError, ExportError, UsageError
from formcheck.events import Event
from formcheck.poselog import PoseLog
from formcheck.registry import find_exercise, find_routine

if TYPE_CHECKING:
    from formcheck.exercise import Exercise
    from formcheck.judging import Judgement, Span
    from formcheck.seeing import Stretch

Progress = Callable[[str, int, int | None], None]
"""Told the stage ("Reading", "Drawing"), how many frames are done, and of how many (None: not known)."""

BALL_CM: Final = (35.0, 120.0)  # what is sold as a fit ball, and a margin
QUARTER_TURNS: Final = (0, 90, 180, 270)
BUNDLE_PARTS: Final = {"pose_detector.tflite", "pose_landmarks_detector.tflite"}


@dataclass(frozen=True)
class SessionResult:
    """What came out of one recording.

    Attributes:
        folder: where the files are.
        report: the content of report.json.
        events: everything that was decided, in order of time.
        problem: why the recording could be read only in part; None when it was whole.
        notes: what a person should know before the numbers, one sentence each.
    """

    folder: Path
    report: dict[str, Any]
    events: tuple[Event, ...]
    problem: str | None = None
    notes: tuple[str, ...] = ()


def analyze(
    source: Path | str,
    exercise: str | None = None,
    out_dir: Path | str = "formcheck-out",
    *,
    routine: str | None = None,
    video: bool = True,
    model: Path | None = None,
    name: str | None = None,
    progress: Progress | None = None,
    ball_at_px: tuple[float, float] | None = None,
    ball_cm: float | None = None,
    rotate_deg: int | None = None,
) -> SessionResult:
    """Analyses one recording and writes its files to the folder `out_dir/name`.

    Args:
        source: a video, or a pose log (.npz) of an earlier analysis.
        exercise: id or file of the movement shown; None to recognise what is shown.
        out_dir: folder for the results; made when missing.
        routine: id or file of the routine that was done; not together with an exercise.
        video: whether to draw annotated.mp4 (never from a pose log, which has no pictures).
        model: pose landmarker bundle; None for the one that comes with formcheck.
        name: folder name of the results; None for the source's name without its ending.
        progress: told about each frame.
        ball_at_px: a point on the ball in the first frames, where it is not found without.
        ball_cm: diameter printed on the ball; it makes the ball the ruler.
        rotate_deg: how far the stored pictures are to be turned clockwise (0, 90, 180, 270); None: as the file says.

    Raises:
        UsageError: unknown exercise or routine, both at once, a model that is none, no ball of that size, no quarter
            turn.
        SourceError: the recording cannot be read at all.
        ExportError: the results cannot be written.
    """
    from formcheck.judging import judge

    source, tell = Path(source), progress or _tell_nobody
    if exercise and routine:
        raise UsageError("give either an exercise or a routine, not both")
    if ball_cm is not None and not BALL_CM[0] <= ball_cm <= BALL_CM[1]:
        raise UsageError(f"a ball of {ball_cm:g} cm: give its diameter in centimetres, 35 to 120")
    if rotate_deg not in (None, *QUARTER_TURNS):
        raise UsageError(f"a turn by {rotate_deg} degrees: give 0, 90, 180 or 270 (clockwise)")
    given = find_exercise(exercise) if exercise else None
    planned = find_routine(routine) if routine else None
    folder = Path(out_dir) / (name or source.stem)
    with _writable(folder):
        is_log = source.suffix.lower() == ".npz"
        log = (
            PoseLog.load(source)
            if is_log
            else estimate_poses(source, model, tell, exercise=given, ball_at_px=ball_at_px, rotate_deg=rotate_deg)
        )
        if ball_cm is not None:
            log.meta["ball_cm"] = ball_cm
        judged = judge(log, given, planned, tell)
        if given is None and not is_log and (stretches := _stretches(judged, has_mask=model is None)):
            from formcheck.seeing import look_closer

            look_closer(source, log, stretches, tell)
            judged = judge(log, given, planned)
        report = report_of(log, judged, source)
        annotated = folder / "annotated.mp4"
        annotated.unlink(missing_ok=True)  # of an earlier run: it would not belong to this report
        _write_files(folder, log, judged, report)
        if video and not is_log:
            draw_video(source, log, judged.spans, annotated, tell)
    problem = log.meta.get("problem")
    return SessionResult(folder, report, tuple(judged.events), problem, tuple(judged.notes))


def estimate_poses(
    source: Path,
    model: Path | None = None,
    progress: Progress | None = None,
    *,
    exercise: Exercise | None = None,
    ball_at_px: tuple[float, float] | None = None,
    rotate_deg: int | None = None,
) -> PoseLog:
    """The pose and the ball in every frame of a video; decoding runs in a thread beside the pose network.

    Args:
        source: the video.
        model: pose landmarker bundle; None for the one that comes with formcheck.
        progress: told about each frame.
        exercise: what is shown, if it is known: it may want the curve of the back (twice the time; not with a model
            given) or the breath.
        ball_at_px: a point on the ball in the first frames; None to find it without.
        rotate_deg: as for `analyze`; kept in the log, so that what is drawn fits.

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

    tell = progress or _tell_nobody
    wishes = Wishes.of(exercise)
    onlooker = Onlooker(wishes, ball_at_px)
    with_mask = wishes.back and model is None
    model_path = _checked_model(model) if model else find_model(MASK_MODEL if with_mask else FAST_MODEL)
    log = PoseLog({"source": source.name, "versions": _versions(model_path), "rotate_deg": rotate_deg})
    with (
        open_source(source, N_BUFFERS, rotate_deg) as recording,
        MediaPipePose(model_path, with_mask=with_mask) as estimator,
        read_ahead(recording) as frames,
    ):
        for frame in frames:
            pose = estimator.estimate(frame)
            log.append(onlooker.look(frame.image, pose, estimator.mask))
            tell("Reading", len(log), recording.n_frames_hint)
        tell("Reading", len(log), len(log))
    log.meta |= {
        "recorded_at": recorded_at(source),
        "complete": recording.complete,
        "problem": recording.problem,
        "fps": recording.fps_hint,
    }
    return log


def _stretches(judged: Judgement, has_mask: bool) -> list[Stretch]:
    """Where movements were found that want more to be read."""
    from formcheck.seeing import Stretch, Wishes

    found = [(s, Wishes.of(s.exercise)) for s in judged.spans]
    stretches = [Stretch(s.start_s, s.end_s, Wishes(w.back and has_mask, w.breath)) for s, w in found]
    return [stretch for stretch in stretches if stretch.wishes != Wishes()]


def draw_video(
    source: Path,
    log: PoseLog,
    spans: Sequence[Span],
    path: Path,
    progress: Progress | None = None,
) -> None:
    """Draws what the engines decide about a pose log over the pictures it came from.

    Args:
        spans: which exercise is followed when; between them the picture says that nothing is judged.

    Raises:
        SourceError: the video cannot be read any more.
        ExportError: the annotated video cannot be written.
    """
    from formcheck.export.video import AnnotatedVideoWriter
    from formcheck.judging import Followers
    from formcheck.render.overlay import Overlay
    from formcheck.sources import open_source
    from formcheck.sources.read_ahead import N_BUFFERS, read_ahead

    tell = progress or _tell_nobody
    followers = Followers(spans)
    with (
        open_source(source, N_BUFFERS, log.meta.get("rotate_deg")) as recording,
        AnnotatedVideoWriter(path, recording.size_wh, recording.fps_hint or math.nan) as writer,
        read_ahead(recording) as frames,
    ):
        overlay = Overlay(recording.size_wh)
        for frame, pose in zip(frames, log, strict=False):
            followers.step(pose)
            overlay.draw(frame.image, pose, followers.snapshot())
            writer.write(frame.image, pose.time_s)
            tell("Drawing", frame.index + 1, len(log))


def report_of(log: PoseLog, judged: Judgement, source: Path) -> dict[str, Any]:
    """The content of report.json for a pose log that was judged."""
    from formcheck.export.words import file_name
    from formcheck.report import build_report

    steps = np.diff(log.time_s)
    about_source = {
        "path": file_name(str(log.meta.get("source") or source)),  # a folder may tell who the person is
        "duration_s": round(float(log.time_s[-1] + (np.median(steps) if len(steps) else 0.0)), 3),
        "frames": len(log),
        "frames_with_person": log.n_with_person,
        "complete": log.meta.get("complete", True),
        "recorded_at": log.meta.get("recorded_at"),
        "problem": log.meta.get("problem"),
        "width": log.size_wh[0],
        "height": log.size_wh[1],
        "ball": _ball_of(log),
    }
    versions = log.meta.get("versions") or {"mediapipe": None, "model_sha256": None}
    report = build_report(
        judged.events,
        source=about_source,
        versions={**versions, "formcheck": own_version()},
        exercises=judged.exercises,
        routine=judged.routine,
    )
    return {**report, "notes": judged.notes}


def _ball_of(log: PoseLog) -> dict[str, Any] | None:
    """How often the ball was seen and what it says about the scale; None when nobody looked for it."""
    balls = [pose.ball for pose in log if pose.ball is not None]
    if not balls:
        return None
    widths = [ball.width_px for ball in balls if ball.is_seen]
    width_px = round(float(np.median(widths)), 1) if widths else None
    cm = log.meta.get("ball_cm")
    scale = round(width_px / cm, 3) if width_px and cm else None
    return {"seen": round(len(widths) / len(balls), 3), "width_px": width_px, "cm": cm, "px_per_cm": scale}


def write_results(folder: Path, log: PoseLog, judged: Judgement, source: Path) -> SessionResult:
    """The report and files of poses that were not read from a recording of their own, such as a live run's.

    Raises:
        ExportError: the results cannot be written.
    """
    report = report_of(log, judged, source)
    with _writable(folder):
        _write_files(folder, log, judged, report)
    return SessionResult(folder, report, tuple(judged.events), log.meta.get("problem"), tuple(judged.notes))


def versions_of(model_path: Path) -> dict[str, str | None]:
    """Versions of what reads poses with this model, for a pose log."""
    return _versions(model_path)


def _write_files(folder: Path, log: PoseLog, judged: Judgement, report: dict[str, Any]) -> None:
    from formcheck.export.files import write_csvs, write_events, write_json
    from formcheck.export.html import write_html
    from formcheck.stored import opening

    write_json(folder / "report.json", report)
    write_events(folder / "events.jsonl", [opening(judged, report), *judged.events])
    write_csvs(folder, report, judged.series)
    write_html(folder / "report.html", report, judged.series)
    log.save(folder / "poses.npz")


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Makes the folder and tries it before any work is done; takes it away when nothing came of it."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        why = error.strerror or error
        raise ExportError(f"{folder}: cannot write here ({why}); choose another folder with --out") from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # ends, as it should, at a folder that has files
            for path in made:
                path.rmdir()


def _checked_model(path: Path) -> Path:
    """The user's own model, if it is a pose landmarker bundle at all."""
    if not path.is_file():
        raise AssetError(f"{path}: there is no such model file; give a pose landmarker bundle (.task)")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if set(archive.namelist()) >= BUNDLE_PARTS:
                return path
    raise UsageError(f"{path}: this is not a pose landmarker bundle (.task) of MediaPipe")


def _versions(model_path: Path) -> dict[str, str | None]:
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


def own_version() -> str:
    """Version of the code that is running (installed metadata may belong to another copy)."""
    return str(sys.modules["formcheck"].__version__)


def _tell_nobody(stage: str, done: int, total: int | None) -> None:
    """Stands in for a progress display."""
