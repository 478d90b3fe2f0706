"""The report is a view of the event log: report.json, rebuilt from events alone."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

from formcheck.events import (
    BlockEnded,
    BlockFound,
    BlockStarted,
    BreathMarked,
    BreathTaken,
    Circle,
    CircleCompleted,
    CueGiven,
    Event,
    FaultCleared,
    FaultRaised,
    FormScored,
    Hold,
    HoldCompleted,
    NotJudged,
    PainMarked,
    PhaseEntered,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
    RoundCompleted,
    RoutineReviewed,
    SafetyStop,
    SetupCleared,
    SetupProblem,
    ViewChanged,
)
from formcheck.exercise import Exercise
from formcheck.routine import Routine
from formcheck.types import Direction

SCHEMA = 1
BREATHS_SEEN = 0.6  # of the held time: where breaths were seen in less of it, their number says little
SHORTEST_NOT_JUDGED_S = 1.5  # the time it takes to be sure of a posture is judged afterwards; short gaps are no news
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
    blocks = [_block(own, exercises, told, end_s) for told, own in parts]
    for before, after in pairwise(blocks):
        before["end_s"] = min(before["end_s"], after["start_s"])
    gaps = _outside(blocks, end_s) if blocks else _not_judged(loose, 0.0, end_s)
    for (_, own), block in zip(parts, blocks, strict=True):
        gaps += _inside(_not_judged(own, *_extent(own, end_s)), block)
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


# -- which events belong to which block ---------------------------------------------------------------------------

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


def _extent(events: Sequence[Event], end_s: float) -> tuple[float, float]:
    """Since when and until when a block was followed."""
    ended = next((e.time_s for e in events if isinstance(e, BlockEnded)), end_s)
    return events[0].time_s, ended


def _outside(blocks: Sequence[dict[str, Any]], end_s: float) -> list[dict[str, Any]]:
    """The times that belong to no block; none when the exercise was given for the whole recording."""
    if any(block["chosen_by"] == "user" for block in blocks):
        return []
    edges = [0.0, *(time for block in blocks for time in (block["start_s"], block["end_s"])), end_s]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [_gap("no movement was recognised", a, b) for a, b in pairs if b - a >= SHORTEST_NOT_JUDGED_S]


def _inside(gaps: Iterable[dict[str, Any]], block: dict[str, Any]) -> list[dict[str, Any]]:
    """The gaps that a block has, without what lies before and after it."""
    start_s, end_s = block["start_s"], block["end_s"]
    cut = [gap | {"start_s": max(gap["start_s"], start_s), "end_s": min(gap["end_s"], end_s)} for gap in gaps]
    shortest_s = min(SHORTEST_NOT_JUDGED_S, end_s - start_s)
    return [gap for gap in cut if gap["end_s"] - gap["start_s"] >= shortest_s]


def _gap(reason: str, start_s: float, end_s: float | None) -> dict[str, Any]:
    return {"what": "everything", "reason": reason, "start_s": start_s, "end_s": end_s}


def _unsure(told: BlockFound, exercises: Mapping[str, Exercise]) -> dict[str, Any]:
    return {"start_s": told.start_s, "end_s": told.end_s, "reason": told.reason, **_candidates(told, exercises)}


def _candidates(told: BlockFound, exercises: Mapping[str, Exercise]) -> dict[str, Any]:
    """The best two with the share of the time that each explains, and the margin between them."""
    candidates = [
        {"exercise": name, "title": exercises[name].title if name in exercises else name, "share": share}
        for name, share in zip(told.candidates, told.shares, strict=True)
    ]
    return {"candidates": candidates, "margin": told.margin}


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


# -- one block ----------------------------------------------------------------------------------------------------


def _block(
    events: Sequence[Event], exercises: Mapping[str, Exercise], told: BlockFound | None, source_end_s: float
) -> dict[str, Any]:
    started = events[0]
    assert isinstance(started, BlockStarted)
    exercise = exercises[started.exercise]
    start_s, end_s = _extent(events, source_end_s)
    told_of = [e for e in events if isinstance(e, RepetitionCompleted | RepetitionPartial | RepetitionRejected)]
    repetitions = [e.repetition for e in told_of]
    holds = [e.hold for e in events if isinstance(e, HoldCompleted)]
    circles = [e.circle for e in events if isinstance(e, CircleCompleted)]
    gaps = _not_judged(events, start_s, end_s)
    faults = _faults(events, exercise, end_s)
    if told is not None:  # the engine began before and ended after
        done: list[Repetition | Hold | Circle] = [*repetitions, *holds, *circles]
        start_s = min([told.start_s, *(x.start_s for x in done if x.counted)])
        end_s = max([told.end_s, *(x.end_s for x in done if x.counted)])
        gaps = _inside(gaps, {"start_s": start_s, "end_s": end_s})
    return {
        "exercise": exercise.id,
        "title": exercise.title,
        "kind": exercise.criterion.kind,
        "chosen_by": started.chosen_by,
        "recognition": None if told is None else _candidates(told, exercises),
        "start_s": start_s,
        "end_s": end_s,
        "view": _usual_view(events, end_s),
        "side": _only_side([*repetitions, *holds]),
        "counted": _counted(events, exercise, repetitions, holds, circles),
        "target": _target(exercise),
        "drive": _drive(exercise),
        "repetitions": [{**asdict(e.repetition), "partial": isinstance(e, RepetitionPartial)} for e in told_of],
        "holds": [asdict(h) for h in holds],
        "circles": [asdict(c) for c in circles],
        "breaths": _breaths(events, exercise, repetitions, holds),
        "faults": faults,
        "phases": _phases(events, end_s),
        "cues": [
            {"time_s": e.time_s, "text": e.text, "level": e.level, "fault": e.fault}
            for e in events
            if isinstance(e, CueGiven)
        ],
        "safety_stops": [{"time_s": e.time_s, "reason": e.reason} for e in events if isinstance(e, SafetyStop)],
        "not_judged": [
            *_by_reason(gaps),
            *({"what": e.what, "reason": e.reason, "seconds": e.seconds} for e in events if isinstance(e, NotJudged)),
        ],
        "form": _form(events),
        "score": _score(exercise, repetitions, holds, circles, faults, _alignment(events)),
    }


def _only_side(entries: Iterable[Repetition | Hold]) -> str | None:
    """The side on which everything counted was done; None when there are no sides, or both."""
    sides = {entry.side for entry in entries if entry.counted}
    return sides.pop() if len(sides) == 1 else None


def _counted(
    events: Iterable[Event],
    exercise: Exercise,
    repetitions: Sequence[Repetition],
    holds: Sequence[Hold],
    circles: Sequence[Circle],
) -> dict[str, int | None]:
    """How many of each; null for what this kind of exercise does not count."""
    kind = exercise.criterion.kind
    ways: tuple[Direction, Direction] = ("cw", "ccw")
    n_circles = {way: sum(c.counted and c.direction == way for c in circles) for way in ways}
    return {
        "repetitions": None if kind in ("stay", "circle") else sum(r.counted for r in repetitions),
        "rounds": sum(isinstance(e, RoundCompleted) for e in events) if kind == "alternation" else None,
        "holds": sum(h.counted for h in holds) if exercise.criterion.hold else None,
        "circles_cw": n_circles["cw"] if kind == "circle" else None,
        "circles_ccw": n_circles["ccw"] if kind == "circle" else None,
        "breaths": None,
    }


def _target(exercise: Exercise) -> dict[str, Any]:
    criterion = exercise.criterion
    low, high = criterion.target
    target: dict[str, Any]
    if criterion.kind == "circle":
        target = {"circles_cw": [low, high], "circles_ccw": [low, high]}
    elif criterion.kind == "hold":
        target = {"holds": [low * len(criterion.sequence), high * len(criterion.sequence)]}
    else:
        target = {{"alternation": "rounds", "stay": "holds"}.get(criterion.kind, "repetitions"): [low, high]}
    if criterion.hold:
        target["hold_s"] = criterion.hold.target_s
    if criterion.breaths:
        target["breaths"] = list(criterion.breaths)
    return target


def _breaths(
    events: Sequence[Event], exercise: Exercise, repetitions: Sequence[Repetition], holds: Sequence[Hold]
) -> dict[str, Any] | None:
    """What is known of the breath where it is part of the target, or was marked: its count, or what stands for it."""
    wanted = list(exercise.criterion.breaths) if exercise.criterion.breaths else None
    marked = [event.time_s for event in events if isinstance(event, BreathMarked)]
    if wanted is None and not marked:
        return None
    taken = [event for event in events if isinstance(event, BreathTaken)]
    seen = [event for event in taken if not holds or any(_is_in(event, hold) for hold in holds)]
    seen_s = sum(event.end_s - event.start_s for event in seen)
    if seen and seen_s >= BREATHS_SEEN * sum(hold.credited_s for hold in holds):
        return {
            "count": len(seen),
            "reason": None,
            "source": "camera",
            "confidence": round(statistics.fmean(event.quality for event in seen), 2),
            "times_s": [event.end_s for event in seen],
            "target": wanted,
        }
    if marked:
        return {
            "count": len(marked),
            "reason": None,
            "source": "tap",
            "confidence": None,
            "times_s": marked,
            "target": wanted,
        }
    is_clock = exercise.criterion.hold is not None
    held_s = sum(hold.credited_s for hold in holds if hold.counted)
    n_done = sum(repetition.counted for repetition in repetitions)
    return {
        "count": None,
        "reason": "breathing was not seen; the time stands for it"
        if is_clock
        else "breathing was not seen; each movement stands for one",
        "source": "clock" if is_clock else "movement",
        "confidence": None,
        "times_s": [],
        "target": wanted,
        "stands_for_it": {"seconds": held_s} if is_clock else {"movements": n_done},
    }


def _is_in(breath: BreathTaken, hold: Hold) -> bool:
    """Whether most of a breath was taken in a hold."""
    return hold.start_s <= (breath.start_s + breath.end_s) / 2 < hold.end_s


def _drive(exercise: Exercise) -> dict[str, Any]:
    drive, criterion = exercise.drive, exercise.criterion
    if criterion.stay is not None:
        bands = [[0.0, criterion.stay.still_below]]
    elif criterion.circle is not None:
        largest = (f.above for f in exercise.faults if f.metric == "radius" and f.above is not None)
        bands = [[criterion.circle.radius_min, next(largest, drive.axis[1])]]
    else:
        bands = [list(m.target) if m.sign > 0 else [-m.target[1], -m.target[0]] for m in exercise.movements]
    return {"measure": drive.name, "label": drive.label, "unit": drive.unit, "bands": bands}


def _faults(events: Sequence[Event], exercise: Exercise, end_s: float) -> list[dict[str, Any]]:
    rules = {fault.id: fault for fault in exercise.faults}
    faults: list[dict[str, Any]] = []
    for event in events:
        if isinstance(event, FaultRaised):
            rule = rules.get(event.fault)
            faults.append(
                {
                    "id": event.fault,
                    "title": rule.title if rule else event.fault,
                    "level": rule.level if rule else None,
                    "segments": list(rule.segments) if rule else [],
                    "start_s": event.time_s,
                    "end_s": None,
                    "cue": event.cue,
                    "repetition": event.repetition,
                    "value": event.value,
                    "limit": event.limit,
                }
            )
        elif isinstance(event, FaultCleared):
            for fault in faults:
                if fault["id"] == event.fault and fault["end_s"] is None:
                    fault["start_s"], fault["end_s"] = event.start_s, event.time_s
    for fault in faults:
        fault["end_s"] = end_s if fault["end_s"] is None else fault["end_s"]
    return faults


def _phases(events: Iterable[Event], end_s: float) -> list[dict[str, Any]]:
    phases: list[dict[str, Any]] = []
    for event in events:
        if isinstance(event, PhaseEntered | SetupProblem) and phases and phases[-1]["end_s"] is None:
            phases[-1]["end_s"] = event.time_s
        if isinstance(event, PhaseEntered):
            phases.append({"phase": event.phase, "side": event.side, "start_s": event.time_s, "end_s": None})
    if phases and phases[-1]["end_s"] is None:
        phases[-1]["end_s"] = end_s
    return phases


def _not_judged(events: Iterable[Event], start_s: float, end_s: float) -> list[dict[str, Any]]:
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


def _by_reason(gaps: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    seconds: dict[str, float] = {}
    for gap in gaps:
        seconds[gap["reason"]] = seconds.get(gap["reason"], 0.0) + gap["end_s"] - gap["start_s"]
    return [{"what": "everything", "reason": reason, "seconds": s} for reason, s in seconds.items()]


def _usual_view(events: Iterable[Event], end_s: float) -> str | None:
    """The view that lasted longest; None when nobody was seen."""
    seconds: dict[str, float] = {}
    view, since = None, 0.0
    for event in events:
        if isinstance(event, ViewChanged):
            if view is not None:
                seconds[view] = seconds.get(view, 0.0) + event.time_s - since
            view, since = event.view, event.time_s
    if view is not None:
        seconds[view] = seconds.get(view, 0.0) + end_s - since
    return max(seconds, key=lambda name: seconds[name]) if seconds else None


def _form(events: Iterable[Event]) -> list[dict[str, Any]] | None:
    """Every counted movement against the reference: extent, score, parts by limb; None where there was no reference."""
    return [
        {
            "index": e.index,
            "start_s": e.start_s,
            "end_s": e.end_s,
            "score": e.score,
            "parts": e.parts,
            "deviations": list(e.deviations),
        }
        for e in events
        if isinstance(e, FormScored)
    ] or None


def _alignment(events: Iterable[Event]) -> list[int]:
    return [event.score for event in events if isinstance(event, FormScored)]


def _score(
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
    faulty_s, until_s = 0.0, -math.inf
    for start_s, end_s in at_fault:
        faulty_s += max(0.0, end_s - max(start_s, until_s))
        until_s = max(until_s, end_s)
    total_s = sum(hold.elapsed_s for hold in kept)
    return _percent(max(0.0, 1.0 - faulty_s / total_s)) if total_s > 0 else 0


def _symmetry(counted: Sequence[Repetition]) -> int | None:
    ranges = {side: [r.range for r in counted if r.side == side] for side in ("left", "right")}
    if not all(ranges.values()):
        return None
    left, right = statistics.fmean(ranges["left"]), statistics.fmean(ranges["right"])
    return round(100 * min(left, right) / max(left, right))
