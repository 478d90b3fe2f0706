"""One recording of a batch: what is to be done with it, doing it, and the row that tells what came out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from formcheck.errors import in_one_line
from formcheck.reading import PoseRateName, Progress

if TYPE_CHECKING:
    from formcheck.session import SessionResult

Status = Literal["done", "partial", "failed", "error"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How every recording is analysed; as for `session.analyze`."""

    exercise: str | None = None
    routine: str | None = None
    video: bool = True
    pose_rate: PoseRateName = "full"
    language: str = "en"
    model: Path | None = None
    ball_at_px: tuple[float, float] | None = None
    ball_cm: float | None = None
    rotate_deg: int | None = None
    pictures: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A recording and where its results go.

    Attributes:
        source: the recording.
        out_dir: folder for the results of all.
        name: the results' folder in `out_dir`, with the folders that the recording itself lies in.
        settings: how it is analysed.
    """

    source: Path
    out_dir: Path
    name: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one recording: a line of batch.csv.

    Attributes:
        recording: its path, as the batch was given it.
        results: folder of the results in that of the batch.
        status: "partial" where the recording is damaged and the rest of it was analysed, "failed" where it cannot be
            read or the results not be written, "error" where formcheck itself is at fault.
        movements: what was found, in words, one movement after the other.
        not_counted: repetitions, circles and holds that were seen and not counted.
        faults: how many times a fault was found.
        problem: why it is not done, or only in part.
        took_s: seconds of one process.
        attempts: more than 1 where a process was lost over it.
    """

    recording: str
    results: str
    status: Status
    movements: str = ""
    repetitions: int = 0
    rounds: int = 0
    holds: int = 0
    held_s: float = 0.0
    circles: int = 0
    not_counted: int = 0
    faults: int = 0
    duration_s: float = 0.0
    problem: str = ""
    took_s: float = 0.0
    attempts: int = 1

    def at_attempt(self, n: int) -> Row:
        """The same row, reached at the n-th attempt."""
        return dataclasses.replace(self, attempts=n)


def analyzed(task: Task, progress: Progress | None = None, jobs: int = 1) -> SessionResult:
    """What came of one recording; raises as `session.analyze` does. `jobs` processes share a long one."""
    from formcheck.session import analyze

    wanted = task.settings
    return analyze(
        task.source,
        wanted.exercise,
        task.out_dir,
        routine=wanted.routine,
        video=wanted.video,
        model=wanted.model,
        name=task.name,
        progress=progress,
        ball_at_px=wanted.ball_at_px,
        ball_cm=wanted.ball_cm,
        rotate_deg=wanted.rotate_deg,
        language=wanted.language,
        pictures=wanted.pictures,
        pose_rate=wanted.pose_rate,
        jobs=jobs,
    )


def do(task: Task) -> Row:
    """Analyses one recording. A bad one gives a row that says why, whatever is wrong with it."""
    start_s = monotonic()
    try:
        result = analyzed(task)
    except Exception as error:
        problem, is_users = in_one_line(error)
        return failed(task, problem, monotonic() - start_s, "failed" if is_users else "error")
    return Row(
        recording=str(task.source),
        results=task.name,
        status="partial" if result.problem else "done",
        problem=result.problem or "",
        took_s=round(monotonic() - start_s, 2),
        **_told(result.report),
    )


def failed(task: Task, problem: str, took_s: float = 0.0, status: Status = "failed") -> Row:
    """The row of a recording that could not be analysed."""
    return Row(str(task.source), task.name, status, problem=problem, took_s=round(took_s, 2))


def _told(report: dict[str, Any]) -> dict[str, Any]:
    """What a report says, as far as a row has room for it."""
    from formcheck.wording import report_in_words

    blocks = report["blocks"]
    holds = [hold for block in blocks for hold in block["holds"]]
    entries = [e for block in blocks for key in ("repetitions", "circles", "holds") for e in block[key] or ()]
    return {
        "movements": "; ".join(line.strip() for line in report_in_words(report)),
        "repetitions": _total(blocks, "repetitions"),
        "rounds": _total(blocks, "rounds"),
        "holds": _total(blocks, "holds"),
        "held_s": round(sum(hold["credited_s"] for hold in holds if hold["counted"]), 1),
        "circles": _total(blocks, "circles_cw") + _total(blocks, "circles_ccw"),
        "not_counted": sum(not entry["counted"] for entry in entries),
        "faults": sum(len(block["faults"]) for block in blocks),
        "duration_s": report["source"]["duration_s"],
    }


def _total(blocks: list[dict[str, Any]], key: str) -> int:
    return sum(block["counted"].get(key) or 0 for block in blocks)
