"""What is kept on disk while a run is under way, so that a crash or a closed tab loses no finished block."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from formcheck.errors import ExportError, SourceError
from formcheck.export.atomic import write_text
from formcheck.poselog import PoseLog

SCHEMA: Final = 1


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
    """

    kind: str
    id: str
    next_block: int
    stretches: tuple[Stretch, ...]
    results: dict[int, dict[str, Any]]
    log: PoseLog


class Keeper:
    """Writes a run's finished part into a folder, and reads it again; without a folder it keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._n_kept = 0
        self._parts: list[str] = []

    def keep(
        self,
        kind: str,
        plan_id: str,
        next_block: int,
        stretches: list[Stretch],
        results: dict[int, dict[str, Any]],
        log: PoseLog,
    ) -> None:
        """Adds what is new since the last call.

        Raises:
            ExportError: the folder cannot be written.
        """
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportError(f"{self._folder}: cannot write here ({error.strerror or error})") from error
        if len(log) > self._n_kept:
            part = PoseLog(log.meta)
            for i in range(self._n_kept, len(log)):
                part.append(log[i])
            name = f"poses-{len(self._parts):03d}.npz"
            part.save(self._folder / name)
            self._parts.append(name)
            self._n_kept = len(log)
        values = {
            "schema": SCHEMA,
            "kind": kind,
            "id": plan_id,
            "next_block": next_block,
            "stretches": [[s.block, s.start_s, s.end_s] for s in stretches],
            "results": {str(index): result for index, result in results.items()},
            "parts": self._parts,
        }
        write_text(self._folder / "run.json", json.dumps(values))

    def read(self) -> Interrupted | None:
        """The run that was not ended; None when there is none that can be read."""
        if self._folder is None or not (self._folder / "run.json").is_file():
            return None
        try:
            values = json.loads((self._folder / "run.json").read_text(encoding="utf-8"))
            if values["schema"] != SCHEMA:
                return None
            log = PoseLog()
            for name in values["parts"]:
                part = PoseLog.load(self._folder / Path(name).name)
                log.meta = part.meta
                for pose in part:
                    log.append(pose)
            stretches = tuple(Stretch(int(b), float(s), float(e)) for b, s, e in values["stretches"])
            results = {int(index): dict(result) for index, result in values["results"].items()}
            kept = Interrupted(
                str(values["kind"]), str(values["id"]), int(values["next_block"]), stretches, results, log
            )
        except (OSError, ValueError, KeyError, TypeError, SourceError):
            return None
        return kept if kept.stretches and len(log) else None

    def go_on(self, kept: Interrupted) -> None:
        """The run goes on from there: only what is new will be added."""
        assert self._folder is not None
        self._parts = [path.name for path in sorted(self._folder.glob("poses-*.npz"))]
        self._n_kept = len(kept.log)

    def forget(self) -> None:
        """The run has ended, or nobody wants it any more."""
        self._n_kept, self._parts = 0, []
        if self._folder is None:
            return
        for path in [self._folder / "run.json", *self._folder.glob("poses-*.npz")]:
            path.unlink(missing_ok=True)
