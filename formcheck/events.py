"""The event log's closed vocabulary. Every view (overlay, report, export) is made from these.

Times are seconds from the start of the source; an event's `time_s` is the moment it was decided, extents are
half-open [start_s, end_s). `to_record` and `from_record` are the JSON form written to events.jsonl.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any

from formcheck.types import CueLevel, Direction, Side, View


@dataclass(frozen=True, slots=True)
class Repetition:
    """One movement out and back.

    Attributes:
        peak: value of the driving measure at its extreme; `range` is its range of motion in the repetition.
        needed: what `range` had to reach to be counted, same unit: the distance to the threshold is range - needed.
        reason: why it was not counted; None when counted.
        faults: ids of the faults found in it.
    """

    index: int
    start_s: float
    peak_s: float
    end_s: float
    measure: str
    unit: str
    peak: float
    range: float
    needed: float
    side: Side | None
    counted: bool
    reason: str | None
    faults: tuple[str, ...] = ()
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A posture kept: `elapsed_s` from arriving to leaving, `credited_s` of it in the band with valid evidence."""

    start_s: float
    end_s: float
    elapsed_s: float
    credited_s: float
    target_s: float
    side: Side | None
    counted: bool
    reason: str | None = None
    drift_deg_per_10s: float | None = None


@dataclass(frozen=True, slots=True)
class Circle:
    """One turn of the hips on the ball, [start_s, end_s).

    Attributes:
        direction: as the person sees it from above.
        radius: half of the longer axis; `roundness` is the shorter axis over the longer one, 0-1.
        unit: of the radius ("T": torso lengths).
    """

    index: int
    start_s: float
    end_s: float
    direction: Direction
    radius: float
    roundness: float
    unit: str
    counted: bool
    reason: str | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogOpened:
    """First line of a stored log: what a report says beside the events, so that it needs nothing else.

    Attributes:
        source: of report.json, with the recording's name in place of its path.
        versions: of report.json.
        routine: id of what was to be done; a routine from a file of one's own as its content; None without one.
        exercises: the content of exercise files that do not come with formcheck, by id.
        notes: what a person should know before the numbers.
    """

    time_s: float
    source: dict[str, Any]
    versions: dict[str, Any]
    routine: str | dict[str, Any] | None
    exercises: dict[str, dict[str, Any]]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BlockFound:
    """The recording shows a movement in [start_s, end_s); told before the block, or instead of it when unsure.

    Attributes:
        exercise: None when it is not clear which of the candidates it is.
        candidates: the best two, best first; `shares` is how much of the time each explains, 0-1.
        margin: how much less the second explains than the best, 0-1 of the best.
        reason: why it is unsure; empty when it is not.
    """

    time_s: float
    start_s: float
    end_s: float
    exercise: str | None
    candidates: tuple[str, ...]
    shares: tuple[float, ...]
    margin: float
    reason: str


@dataclass(frozen=True, slots=True)
class RoutineReviewed:
    """How much of one block of a routine was done; told for each of its exercises when the recording has ended.

    Attributes:
        index: of the block in the routine's timeline, from 0.
        status: "done", "partly done" or "skipped"; `reason` says what is missing, None when nothing is.
        start_s, end_s: when; None when it was not done at all.
    """

    time_s: float
    routine: str
    index: int
    exercise: str
    status: str
    reason: str | None
    start_s: float | None
    end_s: float | None


@dataclass(frozen=True, slots=True)
class BlockStarted:
    time_s: float
    exercise: str
    chosen_by: str  # "user", "routine" or "recognised"


@dataclass(frozen=True, slots=True)
class BlockEnded:
    time_s: float
    exercise: str


@dataclass(frozen=True, slots=True)
class PoseLost:
    time_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class PoseFound:
    time_s: float


@dataclass(frozen=True, slots=True)
class SetupProblem:
    """Judging stopped: `what` is not judged because of `reason`, until SetupCleared for the same `what`."""

    time_s: float
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class SetupCleared:
    time_s: float
    what: str


@dataclass(frozen=True, slots=True)
class PictureJumped:
    """Another picture began at `began_s` while something was judged, as where a recording was cut; it is sure now."""

    time_s: float
    began_s: float


@dataclass(frozen=True, slots=True)
class ViewChanged:
    time_s: float
    view: View


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    time_s: float
    phase: str
    side: Side | None


@dataclass(frozen=True, slots=True)
class RepetitionCompleted:
    time_s: float
    repetition: Repetition


@dataclass(frozen=True, slots=True)
class RepetitionPartial:
    time_s: float
    repetition: Repetition


@dataclass(frozen=True, slots=True)
class RepetitionRejected:
    time_s: float
    repetition: Repetition


@dataclass(frozen=True, slots=True)
class RoundCompleted:
    time_s: float
    index: int


@dataclass(frozen=True, slots=True)
class HoldStarted:
    time_s: float
    side: Side | None


@dataclass(frozen=True, slots=True)
class HoldBroken:
    time_s: float
    side: Side | None
    reason: str


@dataclass(frozen=True, slots=True)
class HoldCompleted:
    time_s: float
    hold: Hold


@dataclass(frozen=True, slots=True)
class CircleCompleted:
    time_s: float
    circle: Circle


@dataclass(frozen=True, slots=True)
class BreathTaken:
    """One breath seen by the camera, [start_s, end_s); quality 0-1 of what it was read from."""

    time_s: float
    start_s: float
    end_s: float
    quality: float


@dataclass(frozen=True, slots=True)
class BreathMarked:
    """The person marked a breath by a key."""

    time_s: float


@dataclass(frozen=True, slots=True)
class PainMarked:
    """The person marked that something hurt; `exercise` is the movement, None when none had been begun."""

    time_s: float
    exercise: str | None


@dataclass(frozen=True, slots=True)
class FormScored:
    """A counted movement laid over its reference.

    Attributes:
        index: of the repetition or circle; None for a posture that was kept.
        score: 0-100; `parts` the same by limb, None where it could not be seen.
        deviations: what lasted, in words ("left arm 25 degrees lower than the reference").
    """

    time_s: float
    index: int | None
    start_s: float
    end_s: float
    score: int
    parts: dict[str, int | None]
    deviations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotJudged:
    """Something was not to be judged for `seconds` of the time judged, such as a hidden limb; told at the end."""

    time_s: float
    what: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class SafetyStop:
    """Something happened that ends every movement at once, such as a fall."""

    time_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class FaultRaised:
    time_s: float
    fault: str
    cue: str
    repetition: int | None
    value: float
    limit: float


@dataclass(frozen=True, slots=True)
class FaultCleared:
    time_s: float
    fault: str
    start_s: float


@dataclass(frozen=True, slots=True)
class CueGiven:
    time_s: float
    text: str
    level: CueLevel
    fault: str | None


Event = (
    LogOpened
    | BlockFound
    | RoutineReviewed
    | BlockStarted
    | BlockEnded
    | PoseLost
    | PoseFound
    | SetupProblem
    | SetupCleared
    | PictureJumped
    | ViewChanged
    | PhaseEntered
    | RepetitionCompleted
    | RepetitionPartial
    | RepetitionRejected
    | RoundCompleted
    | HoldStarted
    | HoldBroken
    | HoldCompleted
    | CircleCompleted
    | BreathTaken
    | BreathMarked
    | PainMarked
    | FormScored
    | NotJudged
    | SafetyStop
    | FaultRaised
    | FaultCleared
    | CueGiven
)

_KINDS: dict[str, type] = {kind.__name__: kind for kind in Event.__args__}
_NESTED: dict[str, type] = {"repetition": Repetition, "hold": Hold, "circle": Circle}


def to_record(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, with its kind under "event"."""
    return {"event": type(event).__name__, **asdict(event)}


def from_record(record: dict[str, Any]) -> Event:
    """The event a record stands for; ValueError names an unknown kind or a missing field."""
    values = dict(record)
    name = values.pop("event", None)
    if name not in _KINDS:
        raise ValueError(f"unknown event kind {name!r}; known: {', '.join(sorted(_KINDS))}")
    kind = _KINDS[name]
    if missing := [f.name for f in fields(kind) if f.name not in values]:
        raise ValueError(f"event {name} lacks {', '.join(missing)}")
    for key, nested in _NESTED.items():
        if isinstance(values.get(key), dict):
            inner = values[key] | ({"faults": tuple(values[key]["faults"])} if "faults" in values[key] else {})
            values[key] = nested(**inner)
    for key, value in values.items():
        if isinstance(value, list):
            values[key] = tuple(value)
    event: Event = kind(**values)
    assert is_dataclass(event)
    return event
