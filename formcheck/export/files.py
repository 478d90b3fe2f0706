"""The report and the event log as JSON; repetitions, holds and measures as CSV."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from formcheck.events import Event, to_record
from formcheck.series import Series
from formcheck.whole_files import whole_file, write_text

DECIMALS = 3  # a millisecond, a thousandth of a degree: finer than anything that is measured here

_REP_COLUMNS = (
    "index",
    "side",
    "start_s",
    "peak_s",
    "end_s",
    "counted",
    "reason",
    "measure",
    "peak",
    "range",
    "needed",
    "unit",
    "score",
    "faults",
)
_HOLD_COLUMNS = ("side", "start_s", "end_s", "elapsed_s", "credited_s", "target_s", "counted", "reason")
_ROWS_AT_ONCE = 4096  # so that a recording of hours needs no more memory than one of minutes


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a report as JSON.

    Floats are rounded to three decimals; what is not known (NaN, infinite) becomes null.

    Raises:
        ExportError: the file cannot be written.
    """
    write_text(path, json.dumps(plain(content), ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def write_events(path: Path, events: Iterable[Event]) -> None:
    """Write the event log, one JSON object a line, in the order given.

    Raises:
        ExportError: the file cannot be written.
    """
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        for event in events:
            record = plain(to_record(event))
            file.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")


def write_csvs(folder: Path, report: Mapping[str, Any], series: Series) -> None:
    """Write reps.csv, holds.csv and angles.csv into the folder.

    A number that is not known is an empty cell. Text that a spreadsheet would take for a formula gets an
    apostrophe.

    Raises:
        ExportError: a file cannot be written.
    """
    blocks = report.get("blocks", [])
    repetitions = list(_rows(blocks, "repetitions", _REP_COLUMNS))
    holds = list(_rows(blocks, "holds", _HOLD_COLUMNS))  # before anything is written: a report may be damaged
    write_table(folder / "reps.csv", ["block", "exercise", *_REP_COLUMNS], repetitions)
    write_table(folder / "holds.csv", ["block", "exercise", *_HOLD_COLUMNS], holds)
    header = ["time_s", *(_with_unit(name, series.units.get(name, "")) for name in series.values)]
    write_table(folder / "angles.csv", header, _reading_rows(series))


def plain(value: Any) -> Any:
    """The value in JSON's own types: numpy and tuples resolved, floats rounded, NaN and infinite as None.

    >>> plain({"range": np.float32(24.13579), "peak": float("nan"), "bands": ((1, 2),)})
    {'range': 24.136, 'peak': None, 'bands': [[1, 2]]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0 if math.isfinite(value) else None  # + 0.0: no "-0.0"
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value


def _rows(blocks: Sequence[Mapping[str, Any]], kind: str, columns: Sequence[str]) -> Iterator[list[Any]]:
    for number, block in enumerate(blocks, start=1):
        for entry in block.get(kind) or ():
            yield [number, block.get("exercise"), *(entry.get(column) for column in columns)]


def _reading_rows(series: Series) -> Iterator[list[Any]]:
    columns: list[npt.NDArray[Any]] = [series.time_s, *series.values.values()]
    for start in range(0, len(series.time_s), _ROWS_AT_ONCE):
        part = [np.round(column[start : start + _ROWS_AT_ONCE].astype(float), DECIMALS).tolist() for column in columns]
        yield from (list(row) for row in zip(*part, strict=True))


def _with_unit(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file as `write_csvs` does.

    Raises:
        ExportError: the file cannot be written.
    """
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([_cell(name) for name in header])
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> Any:
    """What stands in a cell; numbers stay numbers."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0
    if isinstance(value, list | tuple):
        value = "; ".join(str(inner) for inner in value)
    return _harmless(value) if isinstance(value, str) else value


def _harmless(text: str) -> str:
    """Text on one line that no spreadsheet runs as a formula."""
    text = "".join(c if c.isprintable() else " " for c in text)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") else text
