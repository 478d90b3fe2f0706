"""How much of a routine was done: each of its blocks against what was counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from formcheck.events import (
    Circle,
    CircleCompleted,
    Event,
    Hold,
    HoldCompleted,
    Repetition,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
    RoutineReviewed,
)
from formcheck.exercise import Exercise
from formcheck.gatekeeper import waiting_for
from formcheck.recognise import longest_obstacle
from formcheck.routine import Planned, Routine, Status
from formcheck.trials import Obstacle

Entry = Repetition | Hold | Circle

_NOUNS = {"alternation": "round", "hold": "hold", "stay": "hold", "circle": "circle"}


@dataclass(frozen=True, slots=True)
class DoneBlock:
    """A block of the recording: the routine's block that it is (None: in no place of its own), and what happened."""

    exercise: str
    planned: int | None
    events: Sequence[Event]


def review(
    routine: Routine,
    exercises: Mapping[str, Exercise],
    blocks: Sequence[DoneBlock],
    obstacles: Mapping[str, Sequence[Obstacle]],
    end_s: float,
) -> list[RoutineReviewed]:
    """What was done of every exercise of a routine, in its order.

    Args:
        routine: what was to be done.
        exercises: by id.
        blocks: what was found in the recording, in order of time.
        obstacles: exercise -> when and why it could not be judged.
        end_s: when the recording ended.
    """
    reviewed: list[RoutineReviewed] = []
    own: list[DoneBlock] = []
    group: tuple[str, int] | None = None
    placed = {block.planned for block in blocks if block.planned is not None}
    for planned in routine.timeline:
        name = planned.block.exercise
        if name is None:
            continue
        if group is None or group[0] != name:
            group = (name, planned.index)
            own = [b for b in blocks if b.exercise == name and b.planned == planned.index]
            if planned.index not in placed:  # out of turn
                own = [b for b in blocks if b.exercise == name and b.planned is None]
        why_not = None if own else _in_the_way(planned.index, exercises[name], blocks, obstacles.get(name, ()), end_s)
        reviewed.append(_review_one(routine, planned, exercises[name], own, why_not, end_s))
    return reviewed


def _in_the_way(
    index: int, exercise: Exercise, blocks: Sequence[DoneBlock], obstacles: Sequence[Obstacle], end_s: float
) -> str | None:
    """What kept the camera from seeing an exercise in its turn; None when it simply was not done."""
    placed = [(block.planned, block.events) for block in blocks if block.planned is not None and block.events]
    start_s = max((events[-1].time_s for planned, events in placed if planned < index), default=0.0)
    stop_s = min((events[0].time_s for planned, events in placed if planned > index), default=end_s)
    reason = longest_obstacle(obstacles, start_s, stop_s)
    not_taken = {rule.otherwise for rule in exercise.posture.rules} | {waiting_for(exercise)}
    return None if reason is None or reason in not_taken else f"not seen; {reason}"


def _review_one(
    routine: Routine,
    planned: Planned,
    exercise: Exercise,
    blocks: Sequence[DoneBlock],
    why_not: str | None,
    end_s: float,
) -> RoutineReviewed:
    entries = [entry for block in blocks for entry in _entries(block.events, exercise) if _belongs(entry, planned)]
    counted = [entry for entry in entries if entry.counted]
    status, reason = _status(routine, planned, exercise, entries, counted)
    if status == "skipped":
        reason = "optional" if planned.block.optional else reason or why_not or "not seen"
    elif blocks and blocks[0].planned is None:
        reason = "; ".join(text for text in (reason, "not in its turn") if text)
    shown = counted or entries
    return RoutineReviewed(
        time_s=end_s,
        routine=routine.id,
        index=planned.index,
        exercise=exercise.id,
        status=status,
        reason=reason,
        start_s=min((entry.start_s for entry in shown), default=None),
        end_s=max((entry.end_s for entry in shown), default=None),
    )


def _entries(events: Iterable[Event], exercise: Exercise) -> list[Entry]:
    """What counts in this kind of exercise, counted or not."""
    kind = exercise.criterion.kind
    found: list[Entry] = []
    for event in events:
        if isinstance(event, CircleCompleted) and kind == "circle":
            found.append(event.circle)
        elif isinstance(event, HoldCompleted) and kind == "stay":
            found.append(event.hold)
        elif isinstance(event, RepetitionCompleted | RepetitionPartial | RepetitionRejected):
            found.append(event.repetition)
    return found


def _belongs(entry: Entry, planned: Planned) -> bool:
    block = planned.block
    if isinstance(entry, Circle):
        return block.direction in (None, entry.direction)
    return block.side in (None, entry.side)


def _status(
    routine: Routine, planned: Planned, exercise: Exercise, entries: Sequence[Entry], counted: Sequence[Entry]
) -> tuple[Status, str | None]:
    block = planned.block
    if not counted:
        reasons = [entry.reason for entry in entries if entry.reason]
        if not reasons:
            return "skipped", None
        commonest = max(dict.fromkeys(reasons), key=reasons.count)
        return "partly done", f"tried, but not counted: {commonest}"
    if block.counts is None:
        seconds = _active_s(counted)
        if seconds >= routine.done_share * block.seconds:
            return "done", None
        return "partly done", f"{seconds:.0f} of {block.seconds:g} s"
    n, fewest = _number(exercise, planned, counted), block.counts[0]
    if n >= fewest:
        return "done", None
    noun = _NOUNS.get(exercise.criterion.kind, "repetition")
    return "partly done", f"{n} of {fewest} {noun}{'' if fewest == 1 else 's'}"


def _active_s(counted: Sequence[Entry]) -> float:
    """Credited seconds of what is kept, else from the first to the last that counted."""
    if all(isinstance(entry, Hold) for entry in counted):
        return sum(entry.credited_s for entry in counted if isinstance(entry, Hold))
    return max(entry.end_s for entry in counted) - min(entry.start_s for entry in counted)


def _number(exercise: Exercise, planned: Planned, counted: Sequence[Entry]) -> int:
    if exercise.criterion.kind != "alternation" or planned.block.side is not None:
        return len(counted)
    sides = [entry.side for entry in counted if isinstance(entry, Repetition)]
    return min(sides.count(side) for side in ("left", "right"))
