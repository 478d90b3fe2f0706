"""The score of a block: parts of 0 to 100 and their mean."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from formcheck.events import Circle, Hold, Repetition
from formcheck.exercise import Exercise


def score_of(
    exercise: Exercise,
    repetitions: Sequence[Repetition],
    holds: Sequence[Hold],
    circles: Sequence[Circle],
    faults: Sequence[dict[str, Any]],
    alignment: Sequence[int],
) -> dict[str, Any] | None:
    """Parts of 0 to 100 and their mean; a part that cannot be told is null. None when nothing was counted."""
    counted = [r for r in repetitions if r.counted]
    turned = [c for c in circles if c.counted]
    kept = [h for h in holds if h.counted]
    if not (counted or turned or kept):
        return None
    moved: list[Repetition | Circle] = [*counted, *turned]
    parts: dict[str, int | None] = {
        "range": _range_part(exercise, counted),
        "hold": _percent(statistics.fmean(min(1.0, h.credited_s / h.target_s) for h in kept)) if kept else None,
        "tempo": _without(exercise, moved, ("tempo",)) if moved else None,
        "symmetry": _symmetry(counted),
        "alignment": round(statistics.fmean(alignment)) if alignment else None,
        "faults": _without(exercise, moved, ("primary", "safety")) if moved else _time_without(kept, faults, exercise),
    }
    known = [part for part in parts.values() if part is not None]
    return {"total": round(statistics.fmean(known)), "parts": parts}


def _percent(share: float) -> int:
    return round(100 * share)


def _range_part(exercise: Exercise, counted: Sequence[Repetition]) -> int | None:
    if not counted:
        return None
    aims = {m.name: m.target[0] for m in exercise.movements}
    is_whole = exercise.criterion.kind == "repetition"
    aim = sum(aims[name] for name in exercise.criterion.sequence) if is_whole else min(aims.values())
    return _percent(statistics.fmean(min(1.0, r.range / aim) for r in counted))


def _without(exercise: Exercise, moved: Sequence[Repetition | Circle], levels: tuple[str, ...]) -> int:
    """The share of movements without a fault of these levels."""
    ids = {fault.id for fault in exercise.faults if fault.level in levels}
    return _percent(sum(not ids.intersection(entry.faults) for entry in moved) / len(moved))


def _time_without(kept: Sequence[Hold], faults: Sequence[dict[str, Any]], exercise: Exercise) -> int:
    """The share of the time kept without a fault of form."""
    ids = {fault.id for fault in exercise.faults if fault.level in ("primary", "safety")}
    at_fault = sorted((float(f["start_s"]), float(f["end_s"])) for f in faults if f["id"] in ids)
    faulty_s = sum(_covered_s(at_fault, hold.start_s, hold.end_s) for hold in kept)
    total_s = sum(hold.elapsed_s for hold in kept)
    return _percent(max(0.0, 1.0 - faulty_s / total_s)) if total_s > 0 else 0


def _covered_s(extents: Sequence[tuple[float, float]], start_s: float, end_s: float) -> float:
    """How much of [start_s, end_s) these extents, in order of their starts, cover together."""
    covered_s, until_s = 0.0, start_s
    for first_s, last_s in extents:
        covered_s += max(0.0, min(last_s, end_s) - max(first_s, until_s))
        until_s = max(until_s, last_s)
    return covered_s


def _symmetry(counted: Sequence[Repetition]) -> int | None:
    ranges = {side: [r.range for r in counted if r.side == side] for side in ("left", "right")}
    if not all(ranges.values()):
        return None
    left, right = statistics.fmean(ranges["left"]), statistics.fmean(ranges["right"])
    return round(100 * min(left, right) / max(left, right))
