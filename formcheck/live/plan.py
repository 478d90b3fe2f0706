"""What is to be done in front of the camera: the blocks of a routine, or one movement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from formcheck.events import CircleCompleted, Event, HoldCompleted, RepetitionCompleted
from formcheck.exercise import Exercise
from formcheck.progression import Stage, hold_seconds
from formcheck.registry import find_exercise, find_routine
from formcheck.routine import Routine
from formcheck.types import Direction, HoldClock, Side, Snapshot

EXTEND_S: Final = 30.0  # what "a little longer" adds to a block that is done by its time, or to a kept posture ...
EXTEND_COUNT: Final = 2  # ... and to one that is done by its counts


@dataclass(frozen=True, slots=True)
class Block:
    """One exercise's place, or a pause.

    Attributes:
        index: place among all blocks, from 0.
        exercise: None in a pause, whose `title` then says what to do.
        counts: (fewest, most) to do; None: done by time or by the kept posture.
        seconds: how long it takes when it is done by time; None: it is done when its counts or its hold are.
        planned: index in the routine's timeline; None without a routine.
        n_longer: how often more was asked for than its movement asks for by itself.
    """

    index: int
    exercise: Exercise | None
    title: str
    section: str = ""
    counts: tuple[int, int] | None = None
    seconds: float | None = None
    side: Side | None = None
    direction: Direction | None = None
    change: str | None = None
    turn: str | None = None
    view: str | None = None
    is_optional: bool = False
    planned: int | None = None
    n_longer: int = 0

    @property
    def is_still(self) -> bool:
        """Whether a posture is kept."""
        return self.exercise is not None and self.exercise.criterion.kind == "stay"

    def extended(self) -> Block:
        """The same with more to do."""
        if self.seconds is not None:
            return replace(self, seconds=self.seconds + EXTEND_S)
        if self.counts is not None and not self.is_still:
            return replace(self, counts=(self.counts[0], self.counts[1] + EXTEND_COUNT))
        return replace(self, n_longer=self.n_longer + 1)

    def lengthened(self, hold: HoldClock | None) -> HoldClock | None:
        """The clock of a kept posture, with what was added to its time."""
        if hold is None or not self.is_still:
            return hold
        return replace(hold, target_s=hold.target_s + EXTEND_S * self.n_longer)

    def at_stage(self, stage: Stage) -> Block:
        """The same at a stage of its progression; a block that is done by time keeps its time."""
        if self.exercise is None:
            return self
        counts = self.counts
        if counts is not None and "number" in stage:
            counts = (round(stage["number"]), round(stage["number"]))
        return replace(self, exercise=_at_stage(self.exercise, stage), counts=counts)


@dataclass(frozen=True)
class Plan:
    """All blocks in their order.

    Attributes:
        kind, id: "routine" or "exercise", and which; what a file about an interrupted run refers to.
        summary: what it is, in a sentence or two.
        stages: next steps of the person's own that were taken into it, by exercise.
        left_out: exercises that are passed over, since they hurt.
    """

    kind: Literal["routine", "exercise"]
    id: str
    title: str
    summary: str
    blocks: tuple[Block, ...]
    safety: tuple[str, ...]
    routine: Routine | None = None
    stages: Mapping[str, Stage] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()

    @property
    def chosen_by(self) -> str:
        """Who chose the movements: "routine" or "user"."""
        return "user" if self.routine is None else "routine"

    @property
    def exercises(self) -> tuple[str, ...]:
        """Ids of the movements, once each, in their order."""
        return tuple(dict.fromkeys(block.exercise.id for block in self.blocks if block.exercise))

    def is_left_out(self, block: Block) -> bool:
        """Whether a block is passed over."""
        return block.exercise is not None and block.exercise.id in self.left_out

    def without(self, exercise: str | None) -> Plan:
        """The same, with one more movement passed over."""
        return self if exercise is None else replace(self, left_out=self.left_out | {exercise})

    def with_block(self, block: Block) -> Plan:
        """The same with another block in its place."""
        return replace(self, blocks=(*self.blocks[: block.index], block, *self.blocks[block.index + 1 :]))

    def at_stages(self, stages: Mapping[str, Stage], left_out: frozenset[str] = frozenset()) -> Plan:
        """The same with each movement at its stage, and without those that are left out."""
        blocks = (
            b.at_stage(stages[b.exercise.id]) if b.exercise and b.exercise.id in stages else b for b in self.blocks
        )
        return replace(self, blocks=tuple(blocks), stages=dict(stages), left_out=left_out)


def plan_of(kind: str, id_or_path: str) -> Plan:
    """The plan of a routine or of one movement.

    Raises:
        UsageError: there is no such routine or movement.
        RoutineFileError, ExerciseFileError: its file is not valid.
    """
    return _of_routine(id_or_path) if kind == "routine" else _of_exercise(id_or_path)


def _of_routine(id_or_path: str) -> Plan:
    routine = find_routine(id_or_path)
    blocks = []
    for planned in routine.timeline:
        block = planned.block
        exercise = find_exercise(block.exercise) if block.exercise else None
        by_time = None if block.counts else block.seconds
        blocks.append(
            Block(
                index=planned.index,
                exercise=exercise,
                title=exercise.title if exercise else block.pause or "",
                section=planned.section,
                counts=block.counts,
                seconds=by_time,
                side=block.side,
                direction=block.direction,
                change=block.change,
                turn=block.turn,
                view=block.view or (exercise.views[0] if exercise else None),
                is_optional=block.optional,
                planned=planned.index,
            )
        )
    return Plan("routine", id_or_path, routine.title, routine.summary, tuple(blocks), routine.safety, routine)


def _of_exercise(id_or_path: str) -> Plan:
    exercise = find_exercise(id_or_path)
    block = Block(0, exercise, exercise.title, change=exercise.setup, view=exercise.views[0])
    return Plan("exercise", id_or_path, exercise.title, exercise.summary, (block,), exercise.safety)


def _at_stage(exercise: Exercise, stage: Stage) -> Exercise:
    """A movement with the target of a stage: how many, and how long or how many breaths each is held."""
    criterion = exercise.criterion
    target, hold, breaths = criterion.target, criterion.hold, criterion.breaths
    if "number" in stage:
        target = (round(stage["number"]), round(stage["number"]))
    if "breaths" in stage and breaths is not None:
        breaths = (round(stage["breaths"]), max(round(stage["breaths"]), breaths[1]))
    if (seconds := hold_seconds(stage)) is not None and hold is not None:
        hold = hold.model_copy(update={"target_s": seconds})
    new = criterion.model_copy(update={"target": target, "hold": hold, "breaths": breaths})
    return exercise.model_copy(update={"criterion": new})


def amount(block: Block, snapshot: Snapshot, events: Iterable[Event]) -> int:
    """How many of what a block asks for are done: only those of its side or direction, if it names one.

    Args:
        events: of the block so far.
    """
    if block.direction is not None:
        circles = [event.circle for event in events if isinstance(event, CircleCompleted)]
        return sum(circle.counted and circle.direction == block.direction for circle in circles)
    if block.side is None:
        return snapshot.count
    done = [event.repetition for event in events if isinstance(event, RepetitionCompleted)]
    kept = [event.hold for event in events if isinstance(event, HoldCompleted)]
    n_done = sum(repetition.counted and repetition.side == block.side for repetition in done)
    return n_done or (sum(hold.counted and hold.side == block.side for hold in kept) if not done else 0)


def target(block: Block, snapshot: Snapshot) -> tuple[int, int] | None:
    """(fewest, most) to do; None where time alone ends the block."""
    if block.counts is not None:
        return block.counts
    if block.seconds is not None or snapshot.count_target is None:
        return None
    fewest, most = snapshot.count_target
    return fewest, most + (0 if block.is_still else EXTEND_COUNT * block.n_longer)


def is_done(block: Block, snapshot: Snapshot, n_done: int, elapsed_s: float) -> bool:
    """Whether a block has reached all it asks for."""
    if block.seconds is not None:
        return elapsed_s >= block.seconds
    if block.is_still:
        return snapshot.hold is not None and snapshot.hold.credited_s >= snapshot.hold.target_s
    wanted = target(block, snapshot)
    return wanted is not None and n_done >= wanted[1]
