"""The main job: a recording goes in; report, tables, events, poses and annotated video come out.

A movement that is named needs one pass over the video: each frame's pose is estimated, followed and drawn while the
next one is read. Without a name the poses of the whole recording tell which movements there are, and a second pass
draws. Memory stays flat: frame buffers are reused, and poses of long ago are put away (`formcheck/shelf.py`).
"""

from __future__ import annotations

import contextlib
import math
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from formcheck.assets import own_version
from formcheck.errors import ExportError, UsageError
from formcheck.events import Event
from formcheck.measures.ball import cm_per_torso
from formcheck.poselog import PoseLog
from formcheck.reading import PoseRateName, Progress, estimate_poses
from formcheck.recordings import stem_of
from formcheck.registry import find_exercise, find_routine

if TYPE_CHECKING:
    from formcheck.drawing import Drawing
    from formcheck.exercise import Exercise
    from formcheck.judging import Judgement
    from formcheck.routine import Routine
    from formcheck.seeing import Stretch
    from formcheck.types import Frame, Pose

BALL_CM: Final = (35.0, 120.0)  # what is sold as a fit ball, and a margin
ANNOTATED: Final = "annotated.mp4"
QUARTER_TURNS: Final = (0, 90, 180, 270)


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
    language: str = "en",
    pictures: bool = False,
    pose_rate: PoseRateName = "full",
    jobs: int = 1,
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
        language: of report.html and of the words in annotated.mp4, "en" or "de".
        pictures: whether report.html shows pictures of the camera, where else it draws the skeleton alone.
        pose_rate: "auto" asks the pose network less often while the body hardly moves.
        jobs: how many processes share the reading of a long recording.

    Raises:
        UsageError: unknown exercise or routine, both at once, a model that is none, no ball of that size, no quarter
            turn; results that would take the recording's own place.
        SourceError: the recording cannot be read at all.
        ExportError: the results cannot be written.
    """
    from formcheck.judging import judge

    source, tell = Path(source), progress or _tell_nobody
    check_wishes(exercise, routine, ball_cm, rotate_deg)
    given = find_exercise(exercise) if exercise else None
    planned = find_routine(routine) if routine else None
    folder = Path(out_dir) / (name or stem_of(source))
    is_log = source.suffix.lower() == ".npz"
    annotated = folder / ANNOTATED
    if _are_same(source, annotated):
        raise UsageError(f"{source}: the results would take the place of this recording; choose another --out")
    reading: dict[str, Any] = {"model": model, "progress": tell, "ball_at_px": ball_at_px, "rotate_deg": rotate_deg}
    reading |= {"pose_rate": pose_rate, "jobs": jobs}
    with writable(folder), ExitStack() as opened:
        is_one_pass = given is not None and jobs == 1 and not is_log
        drawing = opened.enter_context(_drawing(annotated, language)) if video and is_one_pass else None
        if is_log:
            log = PoseLog.load(source)
            judged = judge(log, given, planned, tell)
        elif given is not None and is_one_pass:
            log, judged = _follow_while_reading(source, given, drawing, reading)
        elif given is not None:
            log = estimate_poses(source, exercise=given, **reading)
            judged = judge(log, given)
        else:
            log, judged = _read_and_name(source, planned, reading)
        if ball_cm is not None:
            log.meta["ball_cm"] = ball_cm
        report = report_of(log, judged, source)
        annotated.unlink(missing_ok=True)  # of an earlier run: it would not belong to this report
        taken = _pictures(source, report, rotate_deg) if pictures else None
        _write_files(folder, log, judged, report, language, taken)
        if drawing is not None:
            drawing.close()
        elif video and not is_log:
            from formcheck.drawing import draw_video

            draw_video(source, log, judged.spans, annotated, tell, language)
    problem = log.meta.get("problem")
    return SessionResult(folder, report, tuple(judged.events), problem, tuple(judged.notes))


def check_wishes(exercise: str | None, routine: str | None, ball_cm: float | None, rotate_deg: int | None) -> None:
    """Raises UsageError for what no recording can be analysed with."""
    if exercise and routine:
        raise UsageError("give either an exercise or a routine, not both")
    if ball_cm is not None and not BALL_CM[0] <= ball_cm <= BALL_CM[1]:
        raise UsageError(f"a ball of {ball_cm:g} cm: give its diameter in centimetres, 35 to 120")
    if rotate_deg not in (None, *QUARTER_TURNS):
        raise UsageError(f"a turn by {rotate_deg} degrees: give 0, 90, 180 or 270 (clockwise)")


def _are_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same file; not where either leads to none."""
    with contextlib.suppress(OSError):
        return one.samefile(other)
    return False


def _drawing(path: Path, language: str) -> Drawing:
    from formcheck.drawing import Drawing

    return Drawing(path, language)


def _follow_while_reading(
    source: Path, exercise: Exercise, drawing: Drawing | None, reading: dict[str, Any]
) -> tuple[PoseLog, Judgement]:
    """One pass over a video whose movement is known: read, followed and drawn frame by frame."""
    from formcheck.judging import Following, all_of_it, judge

    following = Following(all_of_it(exercise))

    def follow(frame: Frame, pose: Pose, fps_hint: float | None) -> None:
        following.step(pose)
        if drawing is not None:
            drawing.add(frame.image, pose, following.snapshot(), fps_hint)

    log = estimate_poses(source, exercise=exercise, follow=follow, **reading)
    return log, judge(log, exercise, following=following)


def _read_and_name(source: Path, planned: Routine | None, reading: dict[str, Any]) -> tuple[PoseLog, Judgement]:
    """The poses of a video, and the movements found in them; what those want is read in another pass."""
    from formcheck.judging import judge

    log = estimate_poses(source, **reading)
    tell = reading["progress"]
    judged = judge(log, None, planned, tell)
    if stretches := _stretches(judged, has_mask=reading["model"] is None):
        from formcheck.seeing import look_closer

        look_closer(source, log, stretches, tell)
        judged = judge(log, None, planned)
    return log, judged


def _stretches(judged: Judgement, has_mask: bool) -> list[Stretch]:
    """Where movements were found that want more to be read."""
    from formcheck.seeing import Stretch, Wishes

    found = [(s, Wishes.of(s.exercise)) for s in judged.spans]
    stretches = [Stretch(s.start_s, s.end_s, Wishes(w.back and has_mask, w.breath)) for s, w in found]
    return [stretch for stretch in stretches if stretch.wishes != Wishes()]


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
        "content": log.meta.get("content"),
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
    return {**report, "notes": [*judged.notes, *_notes_on_scale(log)]}


def _notes_on_scale(log: PoseLog) -> list[str]:
    """What a torso length is in centimetres, where the ball tells it."""
    ball_cm = log.meta.get("ball_cm")
    cm = cm_per_torso(log, ball_cm) if ball_cm else math.nan
    return [f"By the ball's {ball_cm:g} cm, the trunk's length (100 %) is about {cm:.0f} cm."] if cm == cm else []


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


def _pictures(source: Path, report: dict[str, Any], rotate_deg: int | None) -> dict[float, bytes]:
    """What the camera saw at the moments that the report shows."""
    from formcheck.export.moments import times_of
    from formcheck.sources.pictures import pictures_at

    if source.suffix.lower() == ".npz":
        raise UsageError(f"{source}: a pose log has no pictures; give the video to have them in the report")
    return pictures_at(source, times_of(report), rotate_deg)


def write_results(folder: Path, log: PoseLog, judged: Judgement, source: Path, language: str = "en") -> SessionResult:
    """The report and files of poses that were not read from a recording of their own, such as a live run's.

    Raises:
        ExportError: the results cannot be written.
    """
    report = report_of(log, judged, source)
    with writable(folder):
        _write_files(folder, log, judged, report, language)
    return SessionResult(folder, report, tuple(judged.events), log.meta.get("problem"), tuple(judged.notes))


def _write_files(
    folder: Path,
    log: PoseLog,
    judged: Judgement,
    report: dict[str, Any],
    language: str,
    pictures: dict[float, bytes] | None = None,
) -> None:
    from formcheck.export.files import write_csvs, write_events, write_json
    from formcheck.export.html import write_html
    from formcheck.export.stills import Album
    from formcheck.stored import opening

    write_json(folder / "report.json", report)
    write_events(folder / "events.jsonl", [opening(judged, report), *judged.events])
    write_csvs(folder, report, judged.series)
    write_html(folder / "report.html", report, judged.series, Album(log, pictures), language)
    log.save(folder / "poses.npz")


@contextlib.contextmanager
def writable(folder: Path) -> Iterator[None]:
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


def _tell_nobody(stage: str, done: int, total: int | None) -> None:
    """Stands in for a progress display."""
