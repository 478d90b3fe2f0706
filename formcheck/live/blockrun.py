"""A block while it is under way: what its engine decides, what is done of it, and how long it has lasted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from formcheck.engine import Engine
from formcheck.events import Event
from formcheck.judging import load_references
from formcheck.live.interrupted import Stretch
from formcheck.live.plan import Block, amount, is_done, target
from formcheck.live.trace import Trace
from formcheck.measures.senses import Senses
from formcheck.types import Pose, Snapshot

JUST_AFTER_S = 0.001  # the last frame belongs to its block


@dataclass(frozen=True, slots=True)
class Followed:
    """A block that was followed: when, and what came of it."""

    stretch: Stretch
    trace: Trace


class BlockRun:
    """One block, from its first frame to its end.

    Attributes:
        index: of the block in the plan.
        elapsed_s: how long the person has been at it.
        n_done: how many of what it asks for are done.
        n_breaths: how many the person marked.
        done_s: when it reached all it asks for; None before.
    """

    def __init__(self, index: int, block: Block) -> None:
        """Nothing has been seen of it yet."""
        self.index, self.block = index, block
        self.elapsed_s = 0.0
        self.n_done = 0
        self.n_breaths = 0
        self.done_s: float | None = None
        self._engine: Engine | None = None
        self._trace = Trace(0)
        self._start_s = 0.0

    @property
    def is_followed(self) -> bool:
        """Whether an engine has begun to follow the movement."""
        return self._engine is not None

    @property
    def is_begun(self) -> bool:
        """Whether anything of it has happened."""
        return self.is_followed or self.elapsed_s > 0

    def begin(self, senses: Senses, chosen_by: str, row: int, time_s: float) -> None:
        """The next pose is the first to be followed; it is in this row of the run's log."""
        exercise = self.block.exercise
        assert exercise is not None
        self._engine = Engine(exercise, chosen_by, senses, load_references(exercise))
        self._start_s, self._trace = time_s, Trace(row)

    def step(self, pose: Pose) -> list[Event]:
        """Follow the next pose of the log, and say what happened."""
        assert self._engine is not None
        events = self._engine.step(pose)
        self._trace.events += events
        self._trace.add(self._engine.readings)
        self.n_done = amount(self.block, self._engine.snapshot(), self._trace.events)
        return events

    def mark_breath(self) -> None:
        """The person marks a breath in the last frame."""
        if self._engine is not None:
            self._trace.events += self._engine.mark_breath()
            self.n_breaths += 1

    @property
    def snapshot(self) -> Snapshot | None:
        """All that may be shown of the last frame; None before the first."""
        if self._engine is None:
            return None
        snapshot = self._engine.snapshot()
        return replace(snapshot, hold=self.block.lengthened(snapshot.hold)) if self.block.n_longer else snapshot

    @property
    def is_done(self) -> bool:
        """Whether all that the block asks for is done."""
        snapshot = self.snapshot
        return snapshot is not None and is_done(self.block, snapshot, self.n_done, self.elapsed_s)

    @property
    def is_enough(self) -> bool:
        """Whether the least that the block asks for is done."""
        snapshot = self.snapshot
        wanted = target(self.block, snapshot) if snapshot is not None else None
        return wanted is not None and self.n_done >= wanted[0]

    @property
    def has_brought(self) -> bool:
        """Whether anything was seen of what the block asks for; a posture that is still kept counts from its least."""
        if self.n_done or self._engine is None or not self.block.is_still:
            return self.n_done > 0
        rule, hold = self._engine.exercise.criterion.hold, self._engine.snapshot().hold
        return rule is not None and hold is not None and hold.credited_s >= rule.counted_s

    def extend(self) -> Block:
        """The block with more to do; it is not done any more."""
        self.block, self.done_s = self.block.extended(), None
        return self.block

    def stretch(self, end_s: float) -> Stretch | None:
        """When it has been followed so far; None when it was not."""
        return Stretch(self.index, self._start_s, end_s + JUST_AFTER_S) if self.is_followed else None

    def end(self, end_s: float) -> Followed | None:
        """Closes what is still running; None when nothing was followed."""
        stretch = self.stretch(end_s)
        if stretch is None or self._engine is None:
            return None
        self._trace.events += self._engine.finish()
        return Followed(stretch, self._trace)
