"""Compares what was decided about a recording with its truth: counts, edges, holds, faults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from formcheck.events import (
    CircleCompleted,
    Event,
    FaultCleared,
    FaultRaised,
    HoldCompleted,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
    RoundCompleted,
)

Truth = dict[str, Any]
Extent = tuple[float, float]

SAME_SHARE = 0.3  # of the shorter of two extents: overlapping by this much, they are the same movement
SLACK_S = 1.0  # a fault of no repetition is noticed this much later than it begins, and ends as late


def counts(events: Iterable[Event]) -> dict[str, int]:
    """What was counted, in the words of the truth."""
    n = {"repetitions": 0, "rounds": 0, "holds": 0, "circles_cw": 0, "circles_ccw": 0}
    for event in events:
        match event:
            case RepetitionCompleted():
                n["repetitions"] += 1
            case RoundCompleted():
                n["rounds"] += 1
            case HoldCompleted() if event.hold.counted:
                n["holds"] += 1
            case CircleCompleted() if event.circle.counted:
                n[f"circles_{event.circle.direction}"] += 1
    return n


def true_counts(truth: Truth) -> dict[str, int]:
    """The counts that the truth speaks about."""
    return {kind: n for kind, n in truth["counted"].items() if n is not None}


def repetitions(events: Iterable[Event]) -> list[Repetition]:
    """Counted repetitions, in order."""
    return [event.repetition for event in events if isinstance(event, RepetitionCompleted)]


def true_repetitions(truth: Truth) -> list[dict[str, Any]]:
    """Repetitions that are to be counted, in order."""
    return [r for r in truth["repetitions"] if r["counted"]]


def edge_errors_s(truth: Truth, events: Sequence[Event]) -> list[float]:
    """How far starts and ends of the counted repetitions are off; empty when another number was counted."""
    true, found = true_repetitions(truth), repetitions(events)
    if len(true) != len(found):
        return []
    pairs = zip(true, found, strict=True)
    return [abs(error) for t, f in pairs for error in (t["start_s"] - f.start_s, t["end_s"] - f.end_s)]


def hold_errors_s(truth: Truth, events: Iterable[Event]) -> list[float]:
    """How far the credited seconds of the counted holds are off; empty when another number was counted."""
    true = [h.get("credited_s", h["end_s"] - h["start_s"]) for h in truth["holds"] if h["counted"]]
    found = [e.hold.credited_s for e in events if isinstance(e, HoldCompleted) and e.hold.counted]
    return [abs(t - f) for t, f in zip(true, found, strict=True)] if len(true) == len(found) else []


@dataclass(frozen=True)
class Faults:
    """Agreement about faults.

    Attributes:
        hits, missed: ids of scripted faults, found and not found.
        false: ids of findings that were not scripted.
        clean, corrected: how many units (repetitions, circles, holds) had no scripted fault, and in how many of those
            something was found.
    """

    hits: tuple[str, ...]
    missed: tuple[str, ...]
    false: tuple[str, ...]
    clean: int
    corrected: int


def f1(agreements: Iterable[Faults]) -> float:
    """Harmonic mean of precision and recall over all; 1.0 where there is nothing to find and nothing was found."""
    hits = misses = false = 0
    for faults in agreements:
        hits, misses, false = hits + len(faults.hits), misses + len(faults.missed), false + len(faults.false)
    return 2 * hits / (2 * hits + misses + false) if hits + misses + false else 1.0


def compare_faults(truth: Truth, events: Sequence[Event]) -> Faults:
    """Scripted faults against those that were raised."""
    scripted = [(fault["id"], _true_extent(truth, fault)) for fault in truth["faults"]]
    found = list(dict.fromkeys(_found(events)))
    hits, false, false_extents = set(), [], []
    for name, extent in found:
        matches = [i for i, (true, its) in enumerate(scripted) if true == name and _is_same(extent, its)]
        hits.update(matches)
        if not matches:
            false.append(name)
            false_extents.append(extent)
    units = [(u["start_s"], u["end_s"]) for u in _units(truth) if u["counted"]]
    clean = [u for u in units if not any(_is_same(u, its) for _, its in scripted)]
    return Faults(
        hits=tuple(scripted[i][0] for i in sorted(hits)),
        missed=tuple(name for i, (name, _) in enumerate(scripted) if i not in hits),
        false=tuple(false),
        clean=len(clean),
        corrected=sum(any(_is_same(u, extent) for extent in false_extents) for u in clean),
    )


def _units(truth: Truth) -> list[dict[str, Any]]:
    return truth["repetitions"] or truth.get("circles") or truth["holds"]


def _true_extent(truth: Truth, fault: dict[str, Any]) -> Extent:
    if fault["repetition"] and truth["repetitions"]:
        repetition = truth["repetitions"][fault["repetition"] - 1]
        return repetition["start_s"], repetition["end_s"]
    return fault["start_s"] - SLACK_S, fault["end_s"] + SLACK_S


def _found(events: Sequence[Event]) -> Iterable[tuple[str, Extent]]:
    """(id, extent) of every fault that was raised; the extent is its movement's, where there is one."""
    attempts = {
        event.repetition.index: (event.repetition.start_s, event.repetition.end_s)
        for event in events
        if isinstance(event, RepetitionCompleted | RepetitionPartial | RepetitionRejected)
    }
    ends = [event for event in events if isinstance(event, FaultCleared)]
    for event in events:
        if not isinstance(event, FaultRaised):
            continue
        if event.repetition in attempts:
            yield event.fault, attempts[event.repetition]
            continue
        end = next((e for e in ends if e.fault == event.fault and e.time_s >= event.time_s), None)
        yield event.fault, (end.start_s, end.time_s) if end else (event.time_s, event.time_s)


def _is_same(a: Extent, b: Extent) -> bool:
    shorter = max(min(a[1] - a[0], b[1] - b[0]), 1e-6)
    return min(a[1], b[1]) - max(a[0], b[0]) >= min(SAME_SHARE * shorter, shorter) - 1e-6
