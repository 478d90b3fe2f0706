"""What an analysis left behind, read back: the report from its event log alone, the readings, the poses."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from formcheck.errors import SourceError, UsageError
from formcheck.events import BlockFound, BlockStarted, Event, LogOpened, from_record
from formcheck.poselog import PoseLog
from formcheck.registry import exercise_ids, find_exercise, find_routine, routine_ids
from formcheck.series import Series

if TYPE_CHECKING:
    from formcheck.exercise import Exercise
    from formcheck.judging import Judgement
    from formcheck.routine import Routine

EVENTS: Final = "events.jsonl"
REPORT: Final = "report.json"
READINGS: Final = "angles.csv"
POSES: Final = "poses.npz"

_UNIT = re.compile(r"^(.*?) \[(.*)\]$")
_EMPTY_CELL = re.compile(r"(?<=,)(?=[,\n])")
_CUT_OFF = "the event log ends in the middle of a line"


@dataclass(frozen=True)
class Stored:
    """The results of one analysis.

    Attributes:
        name: of the recording, without its ending.
        report: content of report.json.
        folder: where the other files are, as far as there are any.
    """

    name: str
    report: dict[str, Any]
    folder: Path

    @property
    def started(self) -> datetime:
        """When the recording began: as it says itself, else when the results were written."""
        told = self.report["source"].get("recorded_at")
        if told:
            return datetime.fromisoformat(told)
        files = [self.folder / name for name in (EVENTS, REPORT, POSES)]
        written = min((file.stat().st_mtime for file in files if file.is_file()), default=0.0)
        return datetime.fromtimestamp(written, UTC).astimezone()

    @cached_property
    def series(self) -> Series:
        """The readings of every frame; without columns where they were not kept."""
        path = self.folder / READINGS
        if not path.is_file():
            return Series(np.empty(0), {})
        drives = [block.get("drive") or {} for block in self.report["blocks"]]
        return _read_series(path, {drive["measure"]: drive["label"] for drive in drives if drive})

    @cached_property
    def poses(self) -> PoseLog:
        """The pose of every frame.

        Raises:
            SourceError: they were not kept, or are damaged.
        """
        path = self.folder / POSES
        if not path.is_file():
            raise SourceError(f"{path}: there are no poses to make this from; analyze the video again")
        return PoseLog.load(path)


@contextlib.contextmanager
def made_from(path: Path) -> Iterator[None]:
    """Whatever goes wrong with results that anybody may have changed since is told as what it probably is.

    Raises:
        SourceError: the results do not hold what they should.
    """
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {' '.join(str(error).split())[:80]}"
        raise SourceError(
            f"{path}: these results are damaged or were changed, or formcheck has a fault ({what}); "
            "analyze the recording again, and if that does not help, --debug shows where"
        ) from error


def opening(judged: Judgement, report: Mapping[str, Any]) -> LogOpened:
    """The first line of an event log."""
    return LogOpened(
        time_s=0.0,
        source=report["source"],
        versions=report["versions"],
        routine=_routine_to_keep(judged.routine),
        exercises={name: _content(own) for name, own in judged.exercises.items() if not _is_shipped(own)},
        notes=tuple(report["notes"]),
    )


def _content(table: Exercise | Routine) -> dict[str, Any]:
    return table.model_dump(mode="json", exclude_defaults=True)


def _is_shipped(exercise: Exercise) -> bool:
    return exercise.id in exercise_ids() and find_exercise(exercise.id) == exercise


def _routine_to_keep(routine: Routine | None) -> str | dict[str, Any] | None:
    if routine is None:
        return None
    is_shipped = routine.id in routine_ids() and find_routine(routine.id) == routine
    return routine.id if is_shipped else _content(routine)


# -- reading back -------------------------------------------------------------------------------------------------


def open_stored(path: Path) -> Stored:
    """The results in a folder, or of one of its files.

    Args:
        path: a result folder, an event log (.jsonl), a report (.json) or a pose log (.npz).

    Raises:
        SourceError: there are no results here, or they are damaged.
        UsageError: another kind of file.
    """
    if not path.exists():
        raise SourceError(f"{path}: there is no such file or folder; give a folder that `formcheck analyze` made")
    if path.is_dir():
        found = next((path / name for name in (EVENTS, REPORT, POSES) if (path / name).is_file()), None)
        if found is None:
            raise SourceError(f"{path}: there are no results here (no {EVENTS}, {REPORT} or {POSES})")
        return open_stored(found)
    ending = path.suffix.lower()
    if ending == ".npz" and not (path.parent / EVENTS).is_file():
        return _from_poses(path)
    reader = {".jsonl": _from_events, ".json": _from_report, ".npz": _from_events_beside}.get(ending)
    if reader is None:
        kinds = f"{EVENTS}, {REPORT} or {POSES}"
        raise UsageError(f"{path}: this is not a result of formcheck; give a result folder or its {kinds}")
    return reader(path)


def _from_events_beside(path: Path) -> Stored:
    return _from_events(path.parent / EVENTS)


def _from_report(path: Path) -> Stored:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"{path}: this report cannot be read ({error})") from error
    kinds = {"schema": int, "source": dict, "versions": dict, "blocks": list}
    is_report = isinstance(report, dict) and all(isinstance(report.get(key), kind) for key, kind in kinds.items())
    if not is_report or report["schema"] != 1:
        raise SourceError(f"{path}: this is not a report of formcheck (schema 1)")
    return Stored(_name_of(report, path), report, path.parent)


def _from_poses(path: Path) -> Stored:
    """Judged again: there is no log beside these poses."""
    from formcheck.judging import judge
    from formcheck.session import report_of

    log = PoseLog.load(path)
    judged = judge(log, None)
    stored = Stored(path.stem, report_of(log, judged, path), path.parent)
    stored.__dict__.update(series=judged.series, poses=log)  # fills the cached properties
    return stored


def _from_events(path: Path) -> Stored:
    opened, events, is_cut = read_log(path)
    if opened is None:
        opened = _opened_by_report(path)
    with made_from(path):
        report = rebuilt(opened, events)
    if is_cut:
        report["source"] |= {"complete": False, "problem": _CUT_OFF}
    return Stored(_name_of(report, path), report, path.parent)


def _name_of(report: Mapping[str, Any], path: Path) -> str:
    told = (report.get("source") or {}).get("path")
    return Path(str(told).replace("\\", "/")).stem if told else path.parent.name


def read_log(path: Path) -> tuple[LogOpened | None, list[Event], bool]:
    """The first line of an event log (None: an old one, without), its events, and whether its last line is cut off.

    Raises:
        SourceError: not an event log, or damaged; names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # a name may hold what `splitlines` takes for an end
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: the event log cannot be read ({error})") from error
    if not lines[-1]:
        del lines[-1]
    events: list[Event] = []
    for number, line in enumerate(lines, 1):
        try:
            events.append(from_record(json.loads(line)))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            if number == len(lines) > 1 and isinstance(error, json.JSONDecodeError):
                return *_split(events), True
            raise SourceError(f"{path}: line {number} is not an event of formcheck ({error})") from error
    if not events:
        raise SourceError(f"{path}: the event log is empty")
    return *_split(events), False


def _split(events: Sequence[Event]) -> tuple[LogOpened | None, list[Event]]:
    opened = next((event for event in events if isinstance(event, LogOpened)), None)
    return opened, [event for event in events if not isinstance(event, LogOpened)]


def _opened_by_report(path: Path) -> LogOpened:
    """What the first line would say, from the report beside a log of an older version."""
    beside = path.parent / REPORT
    if not beside.is_file():
        raise SourceError(
            f"{path}: this log does not say which recording it is of, and no {REPORT} is beside it; analyze it again"
        )
    report = _from_report(beside).report
    routine = (report.get("routine") or {}).get("id")
    return LogOpened(0.0, report["source"], report["versions"], routine, {}, tuple(report.get("notes") or ()))


def rebuilt(opened: LogOpened, events: Sequence[Event]) -> dict[str, Any]:
    """The content of report.json, from the log alone."""
    from formcheck.exercise import Exercise
    from formcheck.report import build_report
    from formcheck.routine import Routine

    kept = opened.routine
    routine = Routine.model_validate(kept) if isinstance(kept, dict) else find_routine(kept) if kept else None
    own = {name: Exercise.model_validate(content) for name, content in opened.exercises.items()}
    named = dict.fromkeys([*_named(events), *(routine.exercises if routine else ())])
    exercises = {name: own[name] if name in own else find_exercise(name) for name in named}
    report = build_report(
        events, source=dict(opened.source), versions=opened.versions, exercises=exercises, routine=routine
    )
    return {**report, "notes": list(opened.notes)}


def _named(events: Iterable[Event]) -> list[str]:
    names: list[str] = []
    for event in events:
        if isinstance(event, BlockStarted):
            names.append(event.exercise)
        elif isinstance(event, BlockFound):
            names += event.candidates
    return names


def _read_series(path: Path, labels: Mapping[str, str]) -> Series:
    from formcheck.measures.catalogue import MEASURES

    try:
        header, _, body = path.read_text(encoding="utf-8").partition("\n")
        cells = _EMPTY_CELL.sub("nan", body)
        rows = np.loadtxt(io.StringIO(cells), delimiter=",", ndmin=2) if cells else np.empty((0, header.count(",") + 1))
        columns = [_UNIT.match(cell) or cell for cell in header.split(",")]
        if len(columns) != rows.shape[1] or columns[0] != "time_s":
            raise ValueError("its columns are not those of a table of readings")
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: the readings cannot be read ({error}); remove the file to go on without") from error
    names = [cell if isinstance(cell, str) else cell[1] for cell in columns[1:]]
    units = {cell[1]: cell[2] for cell in columns[1:] if not isinstance(cell, str)}
    values = {name: rows[:, i].astype(np.float32) for i, name in enumerate(names, 1)}
    known = {name: MEASURES[name].label for name in names if name in MEASURES}
    return Series(rows[:, 0], values, units, known | dict(labels))
