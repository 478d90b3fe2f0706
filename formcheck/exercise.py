"""What an exercise is: the schema of one TOML file, read strictly.

Every number a rule uses stands in such a file; the code holds none. Unknown keys are errors.
"""

from __future__ import annotations

import difflib
import math
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from formcheck.errors import ExerciseFileError
from formcheck.measures.catalogue import MEASURES
from formcheck.skeleton import SEGMENTS
from formcheck.tables import Table, explain, read_toml
from formcheck.types import Side, ViewLine


def _rising(limits: tuple[float, float]) -> tuple[float, float]:
    if not limits[0] <= limits[1]:
        raise ValueError(f"must be [lowest, highest], not {list(limits)}")
    return limits


def _above_nothing(limits: tuple[float, float]) -> tuple[float, float]:
    if not limits[0] > 0.0:
        raise ValueError(f"must begin above 0, not at {limits[0]:g}")
    return limits


def _for_file_names(name: str) -> str:
    if not re.fullmatch(r"\w[\w-]*", name):
        raise ValueError(f"must be of letters, digits and _ alone, such as 'hip_bridge', not {name!r}")
    return name


Range = Annotated[tuple[float, float], AfterValidator(_rising)]
Aim = Annotated[Range, AfterValidator(_above_nothing)]  # what is aimed at; what was done is measured in parts of it
STILLNESS = "stillness"  # the measure by which a posture counts as kept still
PART_OF_MOVEMENT = Literal["whole", "rise", "peak", "return"]


def _check_measure(name: str) -> str:
    if name not in MEASURES:
        close = difflib.get_close_matches(name, MEASURES, n=1)
        raise ValueError(f"unknown measure {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
    return name


class PostureRule(Table):
    """A measure that must lie in `enter` to be taken for the posture and in `stay` to be kept for it."""

    measure: str
    enter: Range
    stay: Range
    views: tuple[str, ...] = ()  # the rule is asked in these views only; empty: in all
    if_seen: bool = False  # the posture may be taken while the measure is not known
    otherwise: str  # what to say when it fails

    @model_validator(mode="after")
    def _valid(self) -> Self:
        _check_measure(self.measure)
        return self


class PostureNote(Table):
    """A measure outside of `expected` does not forbid judging, but leaves `what` not judged."""

    measure: str
    expected: Range
    what: str
    reason: str

    @model_validator(mode="after")
    def _valid(self) -> Self:
        _check_measure(self.measure)
        return self


class Posture(Table):
    """A start posture, e.g. sitting on the ball."""

    id: str
    title: str
    rules: tuple[PostureRule, ...]
    notes: tuple[PostureNote, ...] = ()
    dwell_s: float = Field(gt=0)  # how long it must be held to be believed, and be gone to be given up


class Part(Table):
    """One contribution to the driving value: its change from the person's own rest over `full`."""

    measure: str
    full: float  # change of this measure that stands for one unit of drive; negative turns its sign
    weight: float = Field(default=1.0, gt=0)
    rest_within: Range | None = None  # where a rest can lie at all, ...
    rest_about: str | None = None  # ... from where this measure is, as far as it is known
    is_witness: bool = False  # heard only where the others go opposite ways: one of them is a guess

    @model_validator(mode="after")
    def _valid(self) -> Self:
        _check_measure(self.measure)
        if self.rest_about is not None:
            _check_measure(self.rest_about)
        if self.full == 0:
            raise ValueError("full must not be 0")
        return self


class Drive(Table):
    """What decides: the weighted mean of its parts' changes from rest, each over its `full`, times `scale`.

    Where the parts go opposite ways, a witness's change tells how far, no further than they go themselves. With
    `or_median` the parts' weighted median is taken where it lies further out: most of them show a movement that a
    guessed one, however far off, would hide in the mean.
    """

    name: str
    label: str
    unit: str
    scale: float = 1.0
    axis: Range
    parts: tuple[Part, ...] = ()
    or_median: bool = False
    rest_spread: float = Field(default=math.inf, gt=0)  # the drive may wander this much and still be at rest
    rest_s: float = Field(default=1.0, gt=0)  # for this long, to be taken for the rest level
    new_rest_s: float | None = Field(default=None, gt=0)  # calm for as long away from it: a new rest; None: 3 rest_s
    looks_back: bool = False  # what was done before the first rest was found is told from that rest, too


# What the gauge shows where no movement out of rest drives the count.
_DRIVE_OF_KIND: dict[str, dict[str, Any]] = {
    "stay": {"name": STILLNESS, "label": "Trunk movement", "unit": "T/s", "axis": (0.0, 0.2)},
    "circle": {"name": "circle_radius", "label": "Size of the circle", "unit": "T", "axis": (0.0, 0.4)},
}


class Movement(Table):
    """One way out of rest: its direction on the drive and the smallest range that counts."""

    name: str
    label: str
    peak_label: str
    sign: Literal[1, -1]
    side: Side | None = None
    minimum: float = Field(gt=0)  # smallest range that counts, in the drive's unit, above the person's rest
    target: Aim  # where the peak should lie, unsigned


class Hysteresis(Table):
    """Shares of what a repetition needs (its personal range): where a movement begins, and where it is over."""

    begin: float = Field(gt=0, lt=1)
    leave: float = Field(gt=0, lt=1)
    counted: float = Field(gt=0, lt=1)  # share of the person's usual range that counts as a full repetition
    dwell_s: float = Field(ge=0)  # the needed range must be held this long


class HoldRule(Table):
    """How long the peak is to be kept."""

    target_s: float = Field(gt=0)
    counted_s: float = Field(gt=0)  # shorter holds are not counted
    clean_s: float = Field(gt=0)  # shorter holds are a fault
    bridge_s: float = 0.5  # a drop-out shorter than this is bridged and credited


class StayRule(Table):
    """A posture that is kept: how still, and what ends it."""

    measure: str = STILLNESS
    still_below: float = Field(gt=0)  # of the measure, T/s; faster is moving
    gap_s: float = Field(gt=0)  # moving for longer than this ends the hold
    is_distinct: bool = False  # nobody is in it but for the exercise: recognised without being expected
    # Measures whose level is the person's own lowest in the block, rather than that of the hold's beginning, up to
    # this value: what lies above may be the camera's tilt as well as theirs.
    lowest: dict[str, float] = Field(default_factory=dict)
    # Measures and how far they may be, when somebody is still again, from what they were before: further is no more
    # the same posture, and another hold begins.
    same_within: dict[str, float] = Field(default_factory=dict)
    # Measures and how far all of them must go, and come back, to be a movement however slow it is.
    swings: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    swings_within_s: float = Field(default=12.0, gt=0)  # there and back

    @model_validator(mode="after")
    def _valid(self) -> Self:
        for name in self.measures:
            _check_measure(name)
        return self

    @property
    def measures(self) -> list[str]:
        """Everything that is read while the posture is kept."""
        return [self.measure, *self.lowest, *self.same_within, *self.swings]


class CircleRule(Table):
    """A path of the hips round its own middle."""

    side: str  # measure of the path's sideways axis, + to the person's right
    fore: str  # measure of the path's other axis, + forward
    feet: str | None = None  # measure that tells a step: who steps further than the path is wide goes somewhere
    radius_min: float = Field(gt=0)  # half of the longer axis; smaller is swaying in place
    fore_share: float = Field(default=1.0, gt=0, le=1)  # of the way to and from the camera is seen at most
    roundness_min: float = Field(gt=0, lt=1)  # shorter over longer axis on the floor; flatter is a sway, not a circle
    noise: float = Field(default=0.0, ge=0)  # half of the shorter axis as it is seen: narrower is jitter
    filling_min: float = Field(default=0.0, ge=0, lt=1)  # of an ellipse of its size; less has turned back or crossed
    calm_s: float = Field(gt=0)  # a path that stays inside the smallest radius for this long has ended

    @model_validator(mode="after")
    def _valid(self) -> Self:
        for name in self.measures:
            _check_measure(name)
        return self

    @property
    def measures(self) -> list[str]:
        """Everything that is read along the path."""
        return [self.side, self.fore, *([self.feet] if self.feet else [])]


class Criterion(Table):
    """What counts.

    repetition: the movements of `sequence`, each once. alternation: one at a time; all of them make a round. hold: a
    movement to a peak that is kept. reach: a peak kept counts at once, without the way back. stay: the start posture
    itself, kept still. circle: turns of a path.
    """

    kind: Literal["repetition", "alternation", "hold", "reach", "stay", "circle"]
    sequence: tuple[str, ...] = ()  # names of movements that together make one repetition, in any order
    target: tuple[int, int]  # repetitions, rounds, holds per side, or circles per direction to do
    hold: HoldRule | None = None
    stay: StayRule | None = None
    circle: CircleRule | None = None
    breaths: tuple[int, int] | None = None  # a hold of so many breaths: by the clock until they are seen
    shortest_s: float = Field(default=0.0, ge=0)  # a faster movement is not this exercise
    longest_s: float = Field(default=math.inf, gt=0)  # a longer one has turned into something else


class Evidence(Table):
    """A measure that must have taken part, else the movement is not what it seems."""

    measure: str
    movement: str | None = None  # asked in this movement only; None: in each
    during: PART_OF_MOVEMENT = "whole"
    # loop: of the measure against the drive, 1 is round; change: of the median from where the movement began
    statistic: Literal["swing", "median", "share_of_peak", "loop", "change"]
    at_least: float | None = None
    at_most: float | None = None
    reason: str
    if_seen: bool = False  # where the measure is not known, this asks nothing
    noise: float = Field(default=0.0, ge=0)  # a loop no wider than the measure wanders by itself, in its unit, is none
    # What a camera at an angle cannot show to one side, where this measure comes nearer to nothing: no more is asked
    # for than its size less `shown_less`, once the movement to the other side has shown all of it.
    shown_by: str | None = None
    shown_less: float = 0.0
    shown_about: str | None = None  # where `shown_by` truly is at rest: its change is told from there

    @model_validator(mode="after")
    def _valid(self) -> Self:
        for name in (self.measure, self.shown_by, self.shown_about):
            if name is not None:
                _check_measure(name)
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give either at_least or at_most")
        return self


class Pacer(Table):
    """A breath to go along with; where a movement follows the breath, one breath is one way there and back."""

    in_s: float = Field(gt=0)
    out_s: float = Field(gt=0)


class Fault(Table):
    """A deviation of form: when it is one, and what is said about it."""

    id: str
    title: str
    cue: str
    source: Literal["seed", "implied", "physio", "choice"]
    level: Literal["safety", "primary", "tempo", "breath"] = "primary"
    segments: tuple[str, ...] = ()
    measure: str | None = None  # read per frame ...
    metric: (
        Literal[
            "hold_s",
            "hold_drift",
            "rise_s",
            "return_s",
            "cycle_s",
            "peak_speed",
            "range",
            "radius",
            "roundness",
            "sides",
        ]
        | None
    ) = None  # or per movement; sides: counted on the side (or in the direction) done less, per block
    movement: str | None = None
    during: PART_OF_MOVEMENT = "whole"
    is_change: bool = True  # the measure's change from the person's rest, rather than its value
    statistic: Literal["max", "min", "max_abs", "median"] = "median"
    above: float | None = None
    below: float | None = None
    share_of_peak: float | None = None  # and above this share of the drive's peak
    persist_s: float | None = None  # said while it happens once it has lasted this long; None: at the end
    at_once: bool = False  # said the first time, rather than in 2 of the last 3 movements
    is_of_parts: bool = False  # read from the drive's parts: unknown where they go opposite ways, as one is a guess

    @model_validator(mode="after")
    def _valid(self) -> Self:
        if (self.measure is None) == (self.metric is None):
            raise ValueError("give either measure or metric")
        if (self.above is None) == (self.below is None):
            raise ValueError("give either above or below")
        if self.measure is not None:
            _check_measure(self.measure)
        if unknown := set(self.segments) - set(SEGMENTS):
            raise ValueError(f"unknown segments {sorted(unknown)}; known: {', '.join(SEGMENTS)}")
        return self


class Unseen(Table):
    """Something the movement asks for that no measure can show: reported as not judged, with the reason."""

    what: str
    reason: str


class Needed(Table):
    """Landmarks without which nothing is judged, as names without a side ("hip"); a side view needs the near one."""

    landmarks: tuple[str, ...]
    far_side: bool = False  # both sides are needed in a side view, too


class Exercise(Table):
    """One exercise, complete."""

    id: Annotated[str, AfterValidator(_for_file_names)]
    title: str
    summary: str
    setup: str  # where the camera goes and how to sit or lie
    safety: tuple[str, ...]
    views: tuple[Annotated[str, Field(pattern="^(side|oblique|front|back|foot_end|head_end)$")], ...]
    view_by: ViewLine = "shoulders"  # the line that stays put in this movement, and is not misread in it
    posture: Posture
    needed: Needed
    judged_segments: tuple[str, ...]
    drive: Drive  # what moves; for a posture that is kept and for circles it is given by the kind
    movements: tuple[Movement, ...] = ()
    hysteresis: Hysteresis | None = None
    criterion: Criterion
    tempo_s: Aim | None = None  # how long one repetition, circle or round should take
    fall_torsos: float = Field(default=0.5, gt=0)  # chest or hips that come down by this much in half a second fell
    eyes_closed: bool = False  # nothing is said but for safety
    evidence: tuple[Evidence, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[Unseen, ...] = ()
    breath: str
    pacer: Pacer | None = None  # None where breathing is left free
    ball: str
    progression: str

    def movement(self, name: str) -> Movement:
        """The movement of that name."""
        return next(m for m in self.movements if m.name == name)

    @model_validator(mode="before")
    @classmethod
    def _drive_by_kind(cls, values: dict[str, Any]) -> dict[str, Any]:
        criterion = values.get("criterion")
        kind = criterion.get("kind") if isinstance(criterion, dict) else None
        drive = _DRIVE_OF_KIND.get(kind) if isinstance(kind, str) else None
        return values if drive is None or "drive" in values else values | {"drive": drive}

    @property
    def measures(self) -> tuple[str, ...]:
        """Every measure that a rule of this exercise reads, once each, in the order of use."""
        names = [part.measure for part in self.drive.parts]
        names += [part.rest_about for part in self.drive.parts if part.rest_about]
        if self.criterion.circle is not None:
            names += self.criterion.circle.measures
        if self.criterion.stay is not None:
            names += self.criterion.stay.measures
        names += [rule.measure for rule in self.posture.rules]
        names += [note.measure for note in self.posture.notes]
        names += [item.measure for item in self.evidence]
        names += [name for item in self.evidence for name in (item.shown_by, item.shown_about) if name]
        names += [fault.measure for fault in self.faults if fault.measure]
        return tuple(dict.fromkeys(names))

    @model_validator(mode="after")
    def _valid(self) -> Self:
        names = {m.name for m in self.movements}
        if len(names) < len(self.movements):
            raise ValueError("two movements have the same name")
        used = set(self.criterion.sequence)
        used |= {item.movement for item in self.evidence if item.movement}
        used |= {fault.movement for fault in self.faults if fault.movement}
        if unknown := used - names:
            raise ValueError(f"unknown movement {sorted(unknown)}; known: {', '.join(sorted(names))}")
        self._check_tables()
        if len({fault.id for fault in self.faults}) < len(self.faults):
            raise ValueError("two faults have the same id")
        return self

    def _check_tables(self) -> None:
        kind, criterion = self.criterion.kind, self.criterion
        given = {
            "drive": self.drive.parts,
            "movements": self.movements,
            "hysteresis": self.hysteresis,
            "criterion.hold": criterion.hold,
            "criterion.stay": criterion.stay,
            "criterion.circle": criterion.circle,
        }
        moving = ("drive", "movements", "hysteresis")
        needed = {
            "hold": (*moving, "criterion.hold"),
            "reach": (*moving, "criterion.hold"),
            "stay": ("criterion.hold", "criterion.stay"),
            "circle": ("criterion.circle",),
        }.get(kind, moving)
        for table in needed:
            if not given[table]:
                raise ValueError(f"criterion.kind {kind!r} needs the table [{table}]")
        if kind not in ("stay", "circle") and not criterion.sequence:
            raise ValueError("criterion.sequence must name the movements that count")
        sides = {self.movement(name).side for name in criterion.sequence}
        if kind == "circle" and any(item.statistic != "swing" or item.during != "whole" for item in self.evidence):
            raise ValueError("evidence of a circle is the swing of a measure over the whole of it")
        if kind == "alternation" and (None in sides or len(sides) < len(criterion.sequence)):
            raise ValueError("criterion.kind 'alternation' needs movements to different sides: they make a round")


def load_exercise(path: Path, postures: Path | None = None) -> Exercise:
    """Read an exercise file.

    Args:
        path: the TOML file.
        postures: folder of posture files that `posture = "name"` refers to; by default those of the package.

    Raises:
        ExerciseFileError: names the file, the place in it, and what was expected.
    """
    try:
        return Exercise.model_validate(read_exercise(path, postures))
    except ValidationError as error:
        raise ExerciseFileError(f"{path}: {explain(error, path, Exercise)}") from None


def read_exercise(path: Path, postures: Path | None = None) -> dict[str, Any]:
    """The content of an exercise file with its posture put in, not checked yet; raises as `load_exercise` does."""
    values = read_toml(path, ExerciseFileError)
    folder = postures or Path(__file__).parent / "postures"
    name = values.get("posture")
    if isinstance(name, str):
        posture = folder / f"{name}.toml"
        if not posture.is_file():
            known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
            raise ExerciseFileError(f"{path}: unknown posture {name!r}; known: {known}")
        values["posture"] = read_toml(posture, ExerciseFileError) | {"id": name}
    return values
