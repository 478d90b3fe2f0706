"""What the engine asks of the part that follows one kind of movement, whatever the kind."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

from formcheck.events import CueGiven, Event, FaultCleared, FaultRaised
from formcheck.exercise import Fault
from formcheck.faults import Finding
from formcheck.types import Gauge, HoldClock, Side

FLASH_S = 0.25
NOTE_S = 4.0
PRAISE = "That is it"


@dataclass(frozen=True, slots=True)
class Progress:
    """What a follower has to show; the fields are those of `types.Snapshot`."""

    phase: str | None
    side: Side | None
    count: int
    count_target: tuple[int, int]
    count_label: str
    progress: float
    gauge: Gauge
    hold: HoldClock | None
    fault_segments: tuple[str, ...]


class Follower(Protocol):
    """Follows one exercise through the frames that may be judged."""

    marks: Marks

    def start(self, time_s: float) -> None:
        """Judging begins, for the first time or again: what lay between was not seen."""

    def follow(self, time_s: float, values: tuple[float, ...], is_live: bool, dt_s: float) -> list[Event]:
        """Take a frame's measures, in the order of `Exercise.measures`."""

    def breathed(self, time_s: float) -> None:
        """A breath has ended, as the camera saw it."""

    def skip(self) -> None:
        """A frame that may not be judged lies between the last and the next one."""

    def stop(self, time_s: float, reason: str) -> list[Event]:
        """Judging has stopped: what was running is broken."""

    def cut(self, time_s: float, reason: str) -> list[Event]:
        """Another picture begins."""

    def look_from(self, standpoint: int) -> list[Event]:
        """From where the camera looks, by number: the same number is the same place."""

    def finish(self, time_s: float) -> list[Event]:
        """The source has ended."""

    @property
    def drive(self) -> float:
        """The last frame's driving value; NaN = unknown."""

    @property
    def rest(self) -> tuple[float, ...]:
        """The person's rest level of each of the exercise's measures; empty while there is none."""

    def progress(self) -> Progress:
        """What to show of the last frame."""


@dataclass
class Marks:
    """What is shown for a moment after something was counted or turned down."""

    flash_s: float = -math.inf
    _note: tuple[float, str] | None = field(default=None)

    def counted(self, time_s: float) -> None:
        """Something was counted just now."""
        self.flash_s, self._note = time_s, None

    def turned_down(self, time_s: float, reason: str | None) -> None:
        """Something was not counted just now."""
        self._note = (time_s, f"not counted: {reason}")

    def flash(self, time_s: float) -> float:
        """1 at the moment of counting, fading to 0."""
        return max(0.0, 1.0 - (time_s - self.flash_s) / FLASH_S)

    def note(self, time_s: float) -> str | None:
        """Why the last one was not counted, while that is fresh."""
        return self._note[1] if self._note and time_s - self._note[0] < NOTE_S else None


def raised(time_s: float, finding: Finding, index: int | None) -> FaultRaised:
    """The event of a fault found in the movement of that index."""
    fault = finding.fault
    return FaultRaised(time_s, fault.id, fault.cue, index, finding.value, finding.limit)


def one_sided(time_s: float, faults: tuple[Fault, ...], n_done: list[int]) -> list[Event]:
    """At the end: one side (or direction) was done and another was not.

    Args:
        n_done: how many were counted on each side.
    """
    events: list[Event] = []
    for fault in faults:
        if fault.metric == "sides" and any(n_done) and not all(n_done):
            events.append(FaultRaised(time_s, fault.id, fault.cue, None, 0.0, fault.below or 0.0))
            events.append(FaultCleared(time_s, fault.id, time_s))
    return events


def say(cue: CueGiven | None, events: list[Event]) -> None:
    """Add a cue to the events when there is one."""
    if cue is not None:
        events.append(cue)
