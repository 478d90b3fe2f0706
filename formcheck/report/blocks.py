"""One block of a report: what was counted, held, breathed and wrong in it, from its own events."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from formcheck.breaths import BREATHED, BreathsTold
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
    PhaseEntered,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
    RoundCompleted,
    SafetyStop,
    SetupProblem,
    ViewChanged,
)
from formcheck.exercise import Exercise
from formcheck.report.gaps import by_reason, inside_block, not_judged
from formcheck.report.scores import score_of
from formcheck.types import Direction


def block_of(
    events: Sequence[Event], exercises: Mapping[str, Exercise], told: BlockFound | None, source_end_s: float
) -> dict[str, Any]:
    """A block of report.json.

    Args:
        events: its own, from BlockStarted to BlockEnded.
        exercises: by id.
        told: what was told of it before; None when the exercise was given for the whole recording.
        source_end_s: when the recording ended.
    """
    started = events[0]
    assert isinstance(started, BlockStarted)
    exercise = exercises[started.exercise]
    start_s, end_s = extent_of(events, source_end_s)
    told_of = [e for e in events if isinstance(e, RepetitionCompleted | RepetitionPartial | RepetitionRejected)]
    repetitions = [e.repetition for e in told_of]
    holds = [e.hold for e in events if isinstance(e, HoldCompleted)]
    circles = [e.circle for e in events if isinstance(e, CircleCompleted)]
    gaps = not_judged(events, start_s, end_s)
    faults = _faults(events, exercise, end_s)
    if told is not None:  # the engine began before and ended after
        done: list[Repetition | Hold | Circle] = [*repetitions, *holds, *circles]
        start_s = min([told.start_s, *(x.start_s for x in done if x.counted)])
        end_s = max([told.end_s, *(x.end_s for x in done if x.counted)])
        gaps = inside_block(gaps, {"start_s": start_s, "end_s": end_s})
    return {
        "exercise": exercise.id,
        "title": exercise.title,
        "kind": exercise.criterion.kind,
        "chosen_by": started.chosen_by,
        "recognition": None if told is None else candidates_of(told, exercises),
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
        "breaths": breaths_of(events, exercise, repetitions, holds),
        "faults": faults,
        "phases": _phases(events, end_s),
        "cues": [
            {"time_s": e.time_s, "text": e.text, "level": e.level, "fault": e.fault}
            for e in events
            if isinstance(e, CueGiven)
        ],
        "safety_stops": [{"time_s": e.time_s, "reason": e.reason} for e in events if isinstance(e, SafetyStop)],
        "not_judged": [
            *by_reason(gaps),
            *({"what": e.what, "reason": e.reason, "seconds": e.seconds} for e in events if isinstance(e, NotJudged)),
        ],
        "form": _form(events),
        "score": score_of(exercise, repetitions, holds, circles, faults, _alignment(events)),
    }


def extent_of(events: Sequence[Event], end_s: float) -> tuple[float, float]:
    """Since when and until when a block was followed."""
    ended = next((e.time_s for e in events if isinstance(e, BlockEnded)), end_s)
    return events[0].time_s, ended


def candidates_of(told: BlockFound, exercises: Mapping[str, Exercise]) -> dict[str, Any]:
    """The best two with the share of the time that each explains, and the margin between them."""
    candidates = [
        {"exercise": name, "title": exercises[name].title if name in exercises else name, "share": share}
        for name, share in zip(told.candidates, told.shares, strict=True)
    ]
    return {"candidates": candidates, "margin": told.margin}


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


def breaths_of(
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
    ended_by = _ended_by(_each_once(events), wanted, holds)

    def told(source: str, **known: Any) -> dict[str, Any]:
        blank: dict[str, Any] = {"count": None, "reason": None, "source": source, "confidence": None, "times_s": []}
        return blank | {"target": wanted, "ended_by": ended_by} | known

    if seen and seen_s >= BREATHED * sum(hold.credited_s for hold in holds):
        confidence = round(statistics.fmean(event.quality for event in seen), 2)
        return told("camera", count=len(seen), confidence=confidence, times_s=[event.end_s for event in seen])
    if marked:
        return told("tap", count=len(marked), times_s=marked)
    if exercise.criterion.hold is not None:
        held_s = sum(hold.credited_s for hold in holds if hold.counted)
        reason = "breathing was not seen; the time stands for it"
        return told("clock", reason=reason, stands_for_it={"seconds": held_s})
    n_done = sum(repetition.counted for repetition in repetitions)
    reason = "breathing was not seen; each movement stands for one"
    return told("movement", reason=reason, stands_for_it={"movements": n_done})


def _each_once(events: Iterable[Event]) -> list[float]:
    """When the breaths ended by which holds were ended: those seen, and those marked where none was seen."""
    told, times_s = BreathsTold(), []
    for event in events:
        if isinstance(event, BreathTaken) and told.see(event.start_s, event.end_s):
            times_s.append(event.end_s)
        elif isinstance(event, BreathMarked) and told.mark(event.time_s):
            times_s.append(event.time_s)
    return times_s


def _ended_by(times_s: Sequence[float], wanted: list[int] | None, holds: Sequence[Hold]) -> list[str] | None:
    """What ended each hold that was counted: as many breaths as it asks for, or the clock; None where none was held."""
    counted = [hold for hold in holds if hold.counted]
    if wanted is None or not counted:
        return None
    taken = [sum(hold.start_s < time_s <= hold.end_s for time_s in times_s) for hold in counted]
    return ["breaths" if n >= wanted[0] else "clock" for n in taken]


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
