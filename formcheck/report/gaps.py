"""When nothing was judged, and why: extents of a recording or of a block, and their sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from formcheck.events import Event, SetupCleared, SetupProblem

SHORTEST_NOT_JUDGED_S = 1.5  # the time it takes to be sure of a posture is judged afterwards; short gaps are no news


def not_judged(events: Iterable[Event], start_s: float, end_s: float) -> list[dict[str, Any]]:
    """Extents in which nothing was judged, with their reason; those too short to tell are left out."""
    gaps: list[dict[str, Any]] = []
    for event in events:
        if not isinstance(event, SetupProblem | SetupCleared):
            continue
        if gaps and gaps[-1]["end_s"] is None:
            gaps[-1]["end_s"] = event.time_s
        if isinstance(event, SetupProblem):
            gaps.append(_gap(event.reason, event.time_s, None))
    if gaps and gaps[-1]["end_s"] is None:
        gaps[-1]["end_s"] = end_s
    return [gap for gap in gaps if gap["end_s"] - gap["start_s"] >= min(SHORTEST_NOT_JUDGED_S, end_s - start_s)]


def outside_blocks(blocks: Sequence[dict[str, Any]], end_s: float) -> list[dict[str, Any]]:
    """The times that belong to no block; none when the exercise was given for the whole recording."""
    if any(block["chosen_by"] == "user" for block in blocks):
        return []
    edges = [0.0, *(time for block in blocks for time in (block["start_s"], block["end_s"])), end_s]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [_gap("no movement was recognised", a, b) for a, b in pairs if b - a >= SHORTEST_NOT_JUDGED_S]


def inside_block(gaps: Iterable[dict[str, Any]], block: dict[str, Any]) -> list[dict[str, Any]]:
    """The gaps that a block has, without what lies before and after it."""
    start_s, end_s = block["start_s"], block["end_s"]
    cut = [gap | {"start_s": max(gap["start_s"], start_s), "end_s": min(gap["end_s"], end_s)} for gap in gaps]
    shortest_s = min(SHORTEST_NOT_JUDGED_S, end_s - start_s)
    return [gap for gap in cut if gap["end_s"] - gap["start_s"] >= shortest_s]


def _gap(reason: str, start_s: float, end_s: float | None) -> dict[str, Any]:
    return {"what": "everything", "reason": reason, "start_s": start_s, "end_s": end_s}


def by_reason(gaps: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """How long nothing was judged for each reason."""
    seconds: dict[str, float] = {}
    for gap in gaps:
        seconds[gap["reason"]] = seconds.get(gap["reason"], 0.0) + gap["end_s"] - gap["start_s"]
    return [{"what": "everything", "reason": reason, "seconds": s} for reason, s in seconds.items()]
