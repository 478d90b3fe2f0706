"""What is kept on disk while a run is under way, so that a crash or a closed tab loses nothing that was counted."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from formcheck.errors import SourceError
from formcheck.live.runlog import RunLog
from formcheck.progression import WHATS, What
from formcheck.whole_files import write_text

SCHEMA: Final = 2
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
        kind, id: of its plan; `stages` are the next steps that were taken into it, by exercise.
        next_block: the first that was not finished.
        stretches: of the finished blocks, and at last, where `is_open`, of the one that was under way.
        elapsed_s: how long that one had lasted.
        breaths: times of the breaths that the person marked.
        pain: when something hurt, and in which movement.
        results: what the blocks brought, as shown in the timeline.
        parts: files with the poses until then.
    """

    kind: str
    id: str
    next_block: int
    stretches: tuple[Stretch, ...]
    results: dict[int, dict[str, Any]]
    parts: tuple[str, ...]
    is_open: bool = False
    elapsed_s: float = 0.0
    breaths: tuple[float, ...] = ()
    pain: tuple[tuple[float, str | None], ...] = ()
    stages: dict[str, dict[What, float]] = field(default_factory=dict)


class Keeper:
    """Writes a run into a folder while it is under way, and reads it again; without a folder it keeps nothing."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def keep(self, kept: Interrupted) -> None:
        """Keeps this instead of what was kept before.

        Raises:
            ExportError: the folder cannot be written.
        """
        if self.folder is not None:
            write_text(self.folder / RUN, json.dumps({"schema": SCHEMA, **asdict(kept)}))

    def read(self) -> Interrupted | None:
        """The run that was not ended; None when there is none that can be read."""
        if self.folder is None or not (self.folder / RUN).is_file():
            return None
        try:
            kept = _from_values(json.loads((self.folder / RUN).read_text(encoding="utf-8")))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
            return None
        is_whole = all((self.folder / name).is_file() for name in kept.parts)
        return kept if (kept.stretches or kept.pain) and kept.parts and is_whole else None

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


def _from_values(values: dict[str, Any]) -> Interrupted:
    """The run that a file's content stands for; ValueError, KeyError or TypeError when it stands for none."""
    if values["schema"] != SCHEMA:
        raise ValueError("made by another formcheck")
    return Interrupted(
        kind=str(values["kind"]),
        id=str(values["id"]),
        next_block=int(values["next_block"]),
        stretches=tuple(Stretch(int(s["block"]), float(s["start_s"]), float(s["end_s"])) for s in values["stretches"]),
        results={int(index): dict(result) for index, result in values["results"].items()},
        parts=tuple(Path(name).name for name in values["parts"]),
        is_open=bool(values["is_open"]),
        elapsed_s=float(values["elapsed_s"]),
        breaths=tuple(map(float, values["breaths"])),
        pain=tuple((float(time_s), name if name is None else str(name)) for time_s, name in values["pain"]),
        stages={name: {what: float(s[what]) for what in WHATS if what in s} for name, s in values["stages"].items()},
    )
