"""What is kept on disk while a run is under way, so that a crash or a closed tab loses no finished block."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from formcheck.errors import SourceError
from formcheck.export.atomic import write_text
from formcheck.live.runlog import RunLog

SCHEMA: Final = 1
RUN: Final = "run.json"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames [start_s, end_s) of the run in which a block was followed; `block` is its index in the plan."""

    block: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Interrupted:
    """A run that was not ended.

    Attributes:
        kind, id: of its plan; `next_block` is the first that was not finished.
        results: what the finished blocks brought, as shown in the timeline.
        parts: files with the poses until then.
    """

    kind: str
    id: str
    next_block: int
    stretches: tuple[Stretch, ...]
    results: dict[int, dict[str, Any]]
    parts: tuple[str, ...]


class Keeper:
    """Writes a run's finished part into a folder, and reads it again; without a folder it keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def keep(self, kept: Interrupted) -> None:
        """Keeps this instead of what was kept before.

        Raises:
            ExportError: the folder cannot be written.
        """
        if self.folder is None:
            return
        values = {
            "schema": SCHEMA,
            "kind": kept.kind,
            "id": kept.id,
            "next_block": kept.next_block,
            "stretches": [[s.block, s.start_s, s.end_s] for s in kept.stretches],
            "results": {str(index): result for index, result in kept.results.items()},
            "parts": kept.parts,
        }
        write_text(self.folder / RUN, json.dumps(values))

    def read(self) -> Interrupted | None:
        """The run that was not ended; None when there is none that can be read."""
        if self.folder is None or not (self.folder / RUN).is_file():
            return None
        try:
            values = json.loads((self.folder / RUN).read_text(encoding="utf-8"))
            if values["schema"] != SCHEMA:
                return None
            parts = tuple(Path(name).name for name in values["parts"])
            is_whole = all((self.folder / name).is_file() for name in parts)
            stretches = tuple(Stretch(int(b), float(s), float(e)) for b, s, e in values["stretches"])
            results = {int(index): dict(result) for index, result in values["results"].items()}
            kept = Interrupted(
                str(values["kind"]), str(values["id"]), int(values["next_block"]), stretches, results, parts
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return kept if kept.stretches and kept.parts and is_whole else None

    def log_of(self, kept: Interrupted, meta: dict[str, Any]) -> RunLog | None:
        """The poses of a run that was not ended, ready to go on; None when they are damaged."""
        try:
            return RunLog(self.folder, meta, kept.parts)
        except SourceError:
            return None

    def forget(self) -> None:
        """The run has ended, or nobody wants it any more."""
        if self.folder is None:
            return
        with contextlib.suppress(OSError):  # what cannot be removed is overwritten by the next run
            for path in [self.folder / RUN, *self.folder.glob("poses-*.npz")]:
                path.unlink(missing_ok=True)
