"""What a routine is: the schema of one TOML file, read strictly. Sections of blocks, in the order they are done.

A block is an exercise with its time or counts, or a pause. The timeline is a guide: who is slower is not late.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from formcheck.errors import RoutineFileError
from formcheck.tables import Table, explain, read_toml
from formcheck.types import Direction, Side, View

Counts = tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]


class RoutineBlock(Table):
    """One exercise's place in a routine, or a pause.

    Attributes:
        seconds: how long it is planned to take.
        counts: how many to do (fewest, most) of what the exercise counts; None: the block is done by its time.
        change: what to do before it begins, when the place or posture changes.
        turn: which way to turn for the camera; the ball is turned, not the camera.
    """

    exercise: str | None = None
    pause: str | None = None
    seconds: float = Field(gt=0)
    counts: Counts | None = None
    side: Side | None = None
    direction: Direction | None = None
    optional: bool = False
    change: str | None = None
    turn: str | None = None
    view: View | None = None  # that `turn` is for

    @model_validator(mode="after")
    def _valid(self) -> Self:
        if (self.exercise is None) == (self.pause is None):
            raise ValueError("a block needs either exercise or pause")
        if self.exercise is None and (self.counts or self.side or self.direction or self.view):
            raise ValueError("a pause has no counts, side, direction or view")
        if self.counts and self.counts[0] > self.counts[1]:
            raise ValueError(f"counts must be [fewest, most], not {list(self.counts)}")
        return self


class Section(Table):
    """Some blocks under one heading, and how long they take together."""

    title: str
    seconds: float = Field(gt=0)
    blocks: tuple[RoutineBlock, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _valid(self) -> Self:
        total = sum(block.seconds for block in self.blocks)
        if not math.isclose(total, self.seconds):
            raise ValueError(f"the blocks of {self.title!r} take {total:g} s together, the section {self.seconds:g} s")
        return self


@dataclass(frozen=True, slots=True)
class Planned:
    """A block with its place in the timeline: [start_s, end_s) from the beginning of the routine."""

    index: int
    section: str
    block: RoutineBlock
    start_s: float
    end_s: float


class Routine(Table):
    """One routine, complete.

    Attributes:
        change_s: time allowed for each change beside the blocks' own; 0 where the blocks hold it.
        done_share: of a block's time, to be called done when it is done by time.
        afterwards: exercises that go well with it.
    """

    id: str = Field(pattern="^[a-z0-9_]+$")
    title: str
    summary: str
    safety: tuple[str, ...] = Field(min_length=1)
    change_s: float = Field(default=0.0, ge=0)
    done_share: float = Field(gt=0, le=1)
    afterwards: tuple[str, ...] = ()
    sections: tuple[Section, ...] = Field(min_length=1)

    @property
    def seconds(self) -> float:
        """How long all blocks take together, without the time for changes."""
        return sum(section.seconds for section in self.sections)

    @property
    def timeline(self) -> tuple[Planned, ...]:
        """Every block with the time at which it is planned, changes included."""
        return tuple(self._planned())

    @property
    def exercises(self) -> tuple[str, ...]:
        """Ids of the exercises, once each, in the order they are done."""
        ids = [b.exercise for section in self.sections for b in section.blocks if b.exercise]
        return tuple(dict.fromkeys(ids))

    def _planned(self) -> Iterator[Planned]:
        index, time_s = 0, 0.0
        for section in self.sections:
            for block in section.blocks:
                if index and block.change:
                    time_s += self.change_s
                yield Planned(index, section.title, block, time_s, time_s + block.seconds)
                index += 1
                time_s += block.seconds


def load_routine(path: Path) -> Routine:
    """Read a routine file.

    Raises:
        RoutineFileError: names the file, the place in it, and what was expected.
    """
    values: dict[str, Any] = read_toml(path, RoutineFileError)
    try:
        return Routine.model_validate(values)
    except ValidationError as error:
        raise RoutineFileError(f"{path}: {explain(error, path, Routine)}") from None


Status = Literal["done", "partly done", "skipped"]
