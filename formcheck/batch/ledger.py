"""What a batch has finished, so that a second start does only the rest: one line of JSON for each recording."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Final

from formcheck.batch.finding import RESULT
from formcheck.batch.task import Row, Task
from formcheck.errors import ExportError, why_not_written

FILE: Final = "batch.jsonl"


class Ledger:
    """The lines of a batch's finished recordings; a recording that was changed since counts as new."""

    def __init__(self, out_dir: Path) -> None:
        """Reads what earlier starts have finished; a last line that was cut off is passed over."""
        self._path = out_dir / FILE
        self._rows: dict[str, Row] = {}
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
                if (entry := _entry(line)) is not None:
                    self._rows[entry[0]] = entry[1]

    def finished(self, task: Task) -> Row | None:
        """The row of a recording whose results are there; None when it is still to be done."""
        row = self._rows.get(_key(task))
        if row is None or row.status not in ("done", "partial") or not (task.out_dir / row.results / RESULT).exists():
            return None
        return row

    def add(self, task: Task, row: Row) -> None:
        """Keeps a row, at once.

        Raises:
            ExportError: the line cannot be written.
        """
        line = json.dumps({"key": _key(task), "row": dataclasses.asdict(row)})  # in ASCII: not every path is text
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a+b") as file:
                cut_off = file.tell() > 0 and _last_byte(file) != b"\n"  # of an earlier start
                file.write((b"\n" if cut_off else b"") + line.encode() + b"\n")
        except OSError as error:
            raise ExportError(
                f"{self._path}: cannot be written ({why_not_written(error)}); choose another --out"
            ) from error
        self._rows[_key(task)] = row


def _last_byte(file: IO[bytes]) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def rest_of(ledger: Ledger, tasks: Sequence[Task]) -> tuple[list[Task], dict[Task, Row]]:
    """What is still to be done, and the rows of what is finished."""
    rows = {task: row for task in tasks if (row := ledger.finished(task)) is not None}
    return [task for task in tasks if task not in rows], rows


def _key(task: Task) -> str:
    """A recording as it is now, and how it is analysed."""
    try:
        stat = task.source.stat()
        state: tuple[int, ...] = (stat.st_size, stat.st_mtime_ns)
    except OSError:
        state = ()
    return json.dumps(
        [task.name, str(task.source), *state, dataclasses.asdict(task.settings)], sort_keys=True, default=str
    )


def _entry(line: str) -> tuple[str, Row] | None:
    try:
        entry: dict[str, Any] = json.loads(line)
        return str(entry["key"]), Row(**entry["row"])
    except (ValueError, KeyError, TypeError):
        return None
