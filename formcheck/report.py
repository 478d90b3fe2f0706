"""The report is a view of the event log: report.json, rebuilt from events alone."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from formcheck.events import (
    BlockEnded,
    BlockStarted,
    CueGiven,
    Event,
    FaultCleared,
    FaultRaised,
    FormScored,
    Hold,
    HoldCompleted,
    PhaseEntered,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
    RoundCompleted,
    SetupCleared,
    SetupProblem,
    ViewChanged,
)
from formcheck.exercise import Exercise

SCHEMA = 1
SHORTEST_NOT_JUDGED_S = 1.5  # the time it takes to be sure of a posture is judged afterwards; short gaps are no news


def build_report(
    events: Sequence[Event],
    *,
    source: dict[str, Any],
    versions: dict[str, Any],
    exercise: Exercise | None,
) -> dict[str, Any]:
    """The content of report.json.

    Args:
        events: the whole log, in order of decision.
        source: path, duration_s, frames, frames_with_person, complete.
        versions: of the program, the estimator and the model.
        exercise: what was judged; None when nothing could be chosen (then there is no block).
    """
    end_s = float(source["duration_s"])
    gaps = _not_judged(events, end_s)
    blocks = [] if exercise is None else [_block(events, exercise, gaps, end_s)]
    return {"schema": SCHEMA, "source": source, "versions": versions, "blocks": blocks, "not_judged": gaps}


def _block(events: Sequence[Event], exercise: Exercise, gaps: list[dict[str, Any]], end_s: float) -> dict[str, Any]:
    repetitions = [
        e.repetition for e in events if isinstance(e, RepetitionCompleted | RepetitionPartial | RepetitionRejected)
    ]
    holds = [e.hold for e in events if isinstance(e, HoldCompleted)]
    started = next((e for e in events if isinstance(e, BlockStarted)), None)
    ended = next((e for e in events if isinstance(e, BlockEnded)), None)
    return {
        "exercise": exercise.id,
        "title": exercise.title,
        "chosen_by": started.chosen_by if started else "user",
        "start_s": started.time_s if started else 0.0,
        "end_s": ended.time_s if ended else end_s,
        "view": _usual_view(events, end_s),
        "side": None,
        "counted": _counted(events, exercise, repetitions, holds),
        "target": _target(exercise),
        "drive": _drive(exercise),
        "repetitions": [asdict(r) for r in repetitions],
        "holds": [asdict(h) for h in holds],
        "circles": [],
        "breaths": None,
        "faults": _faults(events, exercise, end_s),
        "phases": _phases(events, end_s),
        "cues": [
            {"time_s": e.time_s, "text": e.text, "level": e.level, "fault": e.fault}
            for e in events
            if isinstance(e, CueGiven)
        ],
        "not_judged": _by_reason(gaps),
        "form": _form(events),
        "score": _score(exercise, repetitions, holds, [e.score for e in events if isinstance(e, FormScored)]),
    }


def _counted(
    events: Iterable[Event], exercise: Exercise, repetitions: Sequence[Repetition], holds: Sequence[Hold]
) -> dict[str, int | None]:
    is_alternating = exercise.criterion.kind == "alternation"
    return {
        "repetitions": sum(r.counted for r in repetitions),
        "rounds": sum(isinstance(e, RoundCompleted) for e in events) if is_alternating else None,
        "holds": sum(h.counted for h in holds) if exercise.criterion.hold else None,
        "circles_cw": None,
        "circles_ccw": None,
        "breaths": None,
    }


def _target(exercise: Exercise) -> dict[str, Any]:
    criterion = exercise.criterion
    low, high = criterion.target
    if criterion.kind == "hold":
        low, high = low * len(criterion.sequence), high * len(criterion.sequence)
    kind = {"alternation": "rounds", "hold": "holds"}.get(criterion.kind, "repetitions")
    target: dict[str, Any] = {kind: [low, high]}
    if criterion.hold:
        target["hold_s"] = criterion.hold.target_s
    return target


def _drive(exercise: Exercise) -> dict[str, Any]:
    drive = exercise.drive
    bands = [list(m.target) if m.sign > 0 else [-m.target[1], -m.target[0]] for m in exercise.movements]
    return {"measure": drive.name, "label": drive.label, "unit": drive.unit, "bands": bands}


def _faults(events: Sequence[Event], exercise: Exercise, end_s: float) -> list[dict[str, Any]]:
    titles = {fault.id: fault.title for fault in exercise.faults}
    faults: list[dict[str, Any]] = []
    for event in events:
        if isinstance(event, FaultRaised):
            faults.append(
                {
                    "id": event.fault,
                    "title": titles.get(event.fault, event.fault),
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


def _not_judged(events: Iterable[Event], end_s: float) -> list[dict[str, Any]]:
    """Extents in which nothing was judged, with their reason; those too short to tell are left out."""
    gaps: list[dict[str, Any]] = []
    for event in events:
        if not isinstance(event, SetupProblem | SetupCleared):
            continue
        if gaps and gaps[-1]["end_s"] is None:
            gaps[-1]["end_s"] = event.time_s
        if isinstance(event, SetupProblem):
            gaps.append({"what": "everything", "reason": event.reason, "start_s": event.time_s, "end_s": None})
    if gaps and gaps[-1]["end_s"] is None:
        gaps[-1]["end_s"] = end_s
    return [gap for gap in gaps if gap["end_s"] - gap["start_s"] >= min(SHORTEST_NOT_JUDGED_S, end_s)]


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


def _score(
    exercise: Exercise, repetitions: Sequence[Repetition], holds: Sequence[Hold], alignment: Sequence[int]
) -> dict[str, Any] | None:
    """Parts of 0 to 100 and their mean; a part that cannot be told is null. None when nothing was counted."""
    counted = [r for r in repetitions if r.counted]
    if not counted:
        return None
    levels = {fault.id: fault.level for fault in exercise.faults}
    tempo = [r for r in counted if any(levels.get(f) == "tempo" for f in r.faults)]
    form = [r for r in counted if any(levels.get(f) in ("primary", "safety") for f in r.faults)]
    aims = {m.name: m.target[0] for m in exercise.movements}
    aim = (
        sum(aims[name] for name in exercise.criterion.sequence)
        if exercise.criterion.kind == "repetition"
        else min(aims.values())
    )
    kept = [min(1.0, h.credited_s / h.target_s) for h in holds if h.counted]
    parts: dict[str, int | None] = {
        "range": round(100 * statistics.fmean(min(1.0, r.range / aim) for r in counted)),
        "hold": round(100 * statistics.fmean(kept)) if kept else None,
        "tempo": round(100 * (1 - len(tempo) / len(counted))),
        "symmetry": _symmetry(counted),
        "alignment": round(statistics.fmean(alignment)) if alignment else None,
        "faults": round(100 * (1 - len(form) / len(counted))),
    }
    known = [part for part in parts.values() if part is not None]
    return {"total": round(statistics.fmean(known)), "parts": parts}


def _symmetry(counted: Sequence[Repetition]) -> int | None:
    ranges = {side: [r.range for r in counted if r.side == side] for side in ("left", "right")}
    if not all(ranges.values()):
        return None
    left, right = statistics.fmean(ranges["left"]), statistics.fmean(ranges["right"])
    return round(100 * min(left, right) / max(left, right))
