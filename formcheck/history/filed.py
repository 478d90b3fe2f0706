"""What is kept of a session: every movement with its range or seconds, and whether it was clean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Final

OVERHANG_S: Final = 1.0  # a fault of a hold is told when it has ended


@dataclass(frozen=True, slots=True)
class Movement:
    """One repetition, hold or circle: what of it matters from one session to the next.

    Attributes:
        range: of the driving measure, in the block's unit; None for a hold.
        held_s: credited seconds; None where nothing was to be held.
        is_clean: counted, and without a fault.
    """

    kind: str
    side: str | None
    counted: bool
    is_clean: bool
    range: float | None = None
    held_s: float | None = None


@dataclass(frozen=True, slots=True)
class FiledBlock:
    """One movement's place in a session.

    Attributes:
        unit: of the ranges.
        symmetry: smaller over larger range of the sides, percent; None where there are no sides.
        breaths: how many were seen; None: not known.
    """

    exercise: str
    title: str
    unit: str | None
    movements: tuple[Movement, ...]
    target: dict[str, Any]
    symmetry: float | None
    breaths: int | None
    score: int | None

    @property
    def range(self) -> float | None:
        """Median range of what was counted."""
        ranges = [m.range for m in self.movements if m.counted and m.range is not None]
        return median(ranges) if ranges else None

    @property
    def longest_s(self) -> float | None:
        """The longest hold that was counted."""
        return max((m.held_s for m in self.movements if m.counted and m.held_s is not None), default=None)


@dataclass(frozen=True, slots=True)
class FiledSession:
    """One session; `hurt` names the movements that were marked as painful (None in it: the session as a whole)."""

    id: int
    recorded_at: datetime
    name: str
    duration_s: float
    is_complete: bool
    routine: str | None
    blocks_done: int | None
    blocks_planned: int | None
    blocks: tuple[FiledBlock, ...]
    hurt: frozenset[str | None]


def filed_block(block: Mapping[str, Any]) -> FiledBlock:
    """What is kept of a block of a report."""
    repetitions, circles = block.get("repetitions") or (), block.get("circles") or ()
    faults = block.get("faults") or ()
    movements = [_moved(r, "repetition", r["range"], r["side"]) for r in repetitions]
    movements += [_moved(c, "circle", c["radius"], c["direction"]) for c in circles]
    movements += [_held(hold, faults) for hold in block.get("holds") or ()]
    score = block.get("score") or {}
    return FiledBlock(
        exercise=block["exercise"],
        title=str(block.get("title") or block["exercise"]),
        unit=next((entry["unit"] for entry in [*repetitions, *circles]), None),
        movements=tuple(movements),
        target=dict(block.get("target") or {}),
        symmetry=(score.get("parts") or {}).get("symmetry"),
        breaths=(block.get("breaths") or {}).get("count"),
        score=score.get("total"),
    )


def _moved(entry: Mapping[str, Any], kind: str, extent: float, side: str | None) -> Movement:
    is_clean = bool(entry["counted"] and not entry.get("faults"))
    return Movement(kind, side, bool(entry["counted"]), is_clean, range=round(float(extent), 3))


def _held(hold: Mapping[str, Any], faults: Iterable[Mapping[str, Any]]) -> Movement:
    until_s = hold["end_s"] + OVERHANG_S
    is_faulty = any(f["start_s"] < until_s and f["end_s"] > hold["start_s"] for f in faults)
    is_clean = bool(hold["counted"] and not is_faulty)
    return Movement("hold", hold["side"], bool(hold["counted"]), is_clean, held_s=round(float(hold["credited_s"]), 3))
