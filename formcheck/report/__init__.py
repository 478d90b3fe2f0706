"""The report is a view of the event log: report.json, rebuilt from events alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from formcheck.events import (
    BlockEnded,
    BlockFound,
    BlockStarted,
    Event,
    PainMarked,
    RoutineReviewed,
)
from formcheck.exercise import Exercise
from formcheck.report.blocks import block_of, candidates_of, extent_of
from formcheck.report.gaps import inside_block, not_judged, outside_blocks
from formcheck.routine import Routine

SCHEMA = 1
SLACK_S = 1.0  # an edge of a movement may lie this far outside of its block


def build_report(
    events: Sequence[Event],
    *,
    source: dict[str, Any],
    versions: dict[str, Any],
    exercises: Mapping[str, Exercise],
    routine: Routine | None = None,
) -> dict[str, Any]:
    """The content of report.json.

    Args:
        events: the whole log, in order of decision.
        source: path, duration_s, frames, frames_with_person, complete.
        versions: of the program, the estimator and the model.
        exercises: every exercise that the events name, by id.
        routine: what was to be done, when the events review it.
    """
    end_s = float(source["duration_s"])
    found, loose, parts = _by_block(events)
    blocks = [block_of(own, exercises, told, end_s) for told, own in parts]
    for before, after in pairwise(blocks):
        before["end_s"] = min(before["end_s"], after["start_s"])
    gaps = outside_blocks(blocks, end_s) if blocks else not_judged(loose, 0.0, end_s)
    for (_, own), block in zip(parts, blocks, strict=True):
        gaps += inside_block(not_judged(own, *extent_of(own, end_s)), block)
    return {
        "schema": SCHEMA,
        "source": source,
        "versions": versions,
        "blocks": blocks,
        "unsure": [_unsure(told, exercises) for told in found if told.exercise is None],
        "pain": [{"time_s": e.time_s, "exercise": e.exercise} for e in events if isinstance(e, PainMarked)],
        "routine": _routine(events, routine, exercises, blocks) if routine else None,
        "not_judged": sorted(gaps, key=lambda gap: float(gap["start_s"])),
    }


Part = tuple[BlockFound | None, list[Event]]


def _by_block(events: Iterable[Event]) -> tuple[list[BlockFound], list[Event], list[Part]]:
    """What was found, the events outside of any block, and each block's own with what told of it."""
    found: list[BlockFound] = []
    loose: list[Event] = []
    parts: list[Part] = []
    told: BlockFound | None = None
    is_open = False
    for event in events:
        if isinstance(event, BlockFound):
            found.append(event)
            told = event
        elif isinstance(event, BlockStarted):
            parts.append((told, [event]))
            told, is_open = None, True
        elif is_open:
            parts[-1][1].append(event)
            is_open = not isinstance(event, BlockEnded)
        else:
            loose.append(event)
    return found, loose, parts


def _unsure(told: BlockFound, exercises: Mapping[str, Exercise]) -> dict[str, Any]:
    return {"start_s": told.start_s, "end_s": told.end_s, "reason": told.reason, **candidates_of(told, exercises)}


def _routine(
    events: Iterable[Event], routine: Routine, exercises: Mapping[str, Exercise], blocks: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Every block of the routine with what was done of it; pauses are left out."""
    timeline = {planned.index: planned for planned in routine.timeline}
    reviewed = []
    for event in events:
        if not isinstance(event, RoutineReviewed):
            continue
        planned = timeline[event.index]
        reviewed.append(
            {
                "index": event.index,
                "section": planned.section,
                "exercise": event.exercise,
                "title": exercises[event.exercise].title,
                "side": planned.block.side,
                "direction": planned.block.direction,
                "optional": planned.block.optional,
                "counts": list(planned.block.counts) if planned.block.counts else None,
                "planned_start_s": planned.start_s,
                "planned_end_s": planned.end_s,
                "status": event.status,
                "reason": event.reason,
                "start_s": event.start_s,
                "end_s": event.end_s,
                "block": _block_at(blocks, event),
            }
        )
    return {"id": routine.id, "title": routine.title, "blocks": reviewed}


def _block_at(blocks: Sequence[dict[str, Any]], event: RoutineReviewed) -> int | None:
    """Number of the block, from 1, in which it was done."""
    start_s = event.start_s
    if start_s is None:
        return None
    inside = (
        number
        for number, block in enumerate(blocks, 1)
        if block["exercise"] == event.exercise and block["start_s"] - SLACK_S <= start_s <= block["end_s"] + SLACK_S
    )
    return next(inside, None)
