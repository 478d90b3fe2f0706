"""How far reports agree with what a person saw: counts, holds and faults, each number with its definition."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from formcheck.errors import UsageError, why_not_read
from formcheck.history import filed_block
from formcheck.registry import find_exercise

COLUMNS: Final = ("recording", "exercise", "counted", "held_s", "faults")
NONE: Final = frozenset({"none", "-"})
DEFINITIONS: Final = {
    "exact": "share of the labels with exactly the person's count",
    "within one": "share that is off by one at most (OBO)",
    "MAE": "mean of |counted - true| / true, labels with a true count of 0 left out",
    "hold error": "mean of |seconds held - true seconds|, all counted holds of a movement together",
    "precision": "share of the faults found that the person saw, too",
    "recall": "share of the faults the person saw that were found",
    "F1": "harmonic mean of precision and recall",
    "kappa": "Cohen's kappa over every fault that a movement can have: 1 full agreement, 0 no more than chance",
}


@dataclass(frozen=True, slots=True)
class Label:
    """What a person saw of one movement in one recording; None: not labelled.

    Attributes:
        counted: repetitions (each side is one), else holds, else circles.
        held_s: seconds of all holds together.
        faults: ids of those that were seen at least once.
    """

    recording: str
    exercise: str
    counted: int | None
    held_s: float | None
    faults: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Found:
    """The same from a report."""

    counted: int
    held_s: float
    faults: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and what was found; a movement that the report does not have counts nothing."""

    label: Label
    found: Found


def read_labels(path: Path) -> list[Label]:
    """The labels of a CSV file with the columns of COLUMNS; the last three may be missing or empty.

    Raises:
        UsageError: names the line, and what was expected.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := [name for name in COLUMNS[:2] if name not in (reader.fieldnames or ())]:
                raise UsageError(f"{path}: the column {missing[0]!r} is missing; expected {', '.join(COLUMNS)}")
            labels = [_label(row, f"{path}, line {reader.line_num}") for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {why_not_read(error)}") from error
    except csv.Error as error:
        raise UsageError(f"{path}: the labels cannot be read ({error})") from error
    if not labels:
        raise UsageError(f"{path}: there are no labels in it")
    return labels


def _label(row: Mapping[str, str | None], where: str) -> Label:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if not cells["recording"]:
        raise UsageError(f"{where}: the recording has no name")
    exercise = find_exercise(cells["exercise"])
    counted, held_s = (_number(cells[name], f"{where}: {name}") for name in ("counted", "held_s"))
    faults = None
    if cells["faults"]:
        names = {name.strip() for name in cells["faults"].split(";")}
        faults = frozenset(names - NONE - {""})
        if unknown := faults - {fault.id for fault in exercise.faults}:
            known = ", ".join(fault.id for fault in exercise.faults)
            raise UsageError(f"{where}: {exercise.id} has no fault {sorted(unknown)[0]!r}; known: {known}")
    return Label(Path(cells["recording"]).stem, exercise.id, None if counted is None else int(counted), held_s, faults)


def _number(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e6:
        raise UsageError(f"{where} must be a number, 0 or more, not {text!r}")
    return number


def compare(labels: Iterable[Label], reports: Mapping[str, Mapping[str, Any]]) -> tuple[list[Pair], list[str]]:
    """Each label with what its recording's report found, and the recordings without a report.

    Args:
        labels: of a person.
        reports: content of report.json by the recording's name without its ending.
    """
    pairs, absent = [], []
    for label in labels:
        if label.recording in reports:
            pairs.append(Pair(label, _found(reports[label.recording], label.exercise)))
        else:
            absent.append(label.recording)
    return pairs, list(dict.fromkeys(absent))


def _found(report: Mapping[str, Any], exercise: str) -> Found:
    counted, held_s, faults = 0, 0.0, set()
    for block in report["blocks"]:
        if block["exercise"] != exercise:
            continue
        movements = [m for m in filed_block(block).movements if m.counted]
        held_s += sum(m.held_s or 0.0 for m in movements)
        kinds = [m.kind for m in movements]
        counted += next((kinds.count(kind) for kind in ("repetition", "hold", "circle") if kind in kinds), 0)
        faults |= {fault["id"] for fault in block.get("faults") or ()}
    return Found(counted, held_s, frozenset(faults))


def agreement(pairs: Sequence[Pair]) -> dict[str, float | None]:
    """The numbers of DEFINITIONS; None for what no label speaks about."""
    counts = [(p.label.counted, p.found.counted) for p in pairs if p.label.counted is not None]
    holds = [abs(p.label.held_s - p.found.held_s) for p in pairs if p.label.held_s is not None]
    relative = [abs(found - true) / true for true, found in counts if true]
    return {
        "exact": fmean(true == found for true, found in counts) if counts else None,
        "within one": fmean(abs(true - found) <= 1 for true, found in counts) if counts else None,
        "MAE": fmean(relative) if relative else None,
        "hold error": fmean(holds) if holds else None,
        **_on_faults(pairs),
    }


def _on_faults(pairs: Sequence[Pair]) -> dict[str, float | None]:
    both = only_person = only_report = neither = 0
    for pair in pairs:
        if pair.label.faults is None:
            continue
        for fault in find_exercise(pair.label.exercise).faults:
            seen, found = fault.id in pair.label.faults, fault.id in pair.found.faults
            both += seen and found
            only_person += seen and not found
            only_report += found and not seen
            neither += not seen and not found
    return {
        "precision": _share(both, both + only_report),
        "recall": _share(both, both + only_person),
        "F1": _share(2 * both, 2 * both + only_person + only_report),
        "kappa": _kappa(both, only_person, only_report, neither),
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _kappa(both: int, only_person: int, only_report: int, neither: int) -> float | None:
    """Cohen's kappa; None without any case, and where chance alone gives full agreement."""
    n = both + only_person + only_report + neither
    if not n:
        return None
    seen, found = both + only_person, both + only_report
    by_chance = (seen * found + (n - seen) * (n - found)) / n**2
    return ((both + neither) / n - by_chance) / (1 - by_chance) if by_chance < 1 else None
