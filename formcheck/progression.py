"""The next step of every movement: one at a time, back after pain or a long break, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from formcheck.errors import ExerciseFileError
from formcheck.history import STOP, FiledBlock, FiledSession, History, Movement
from formcheck.tables import Table, explain, read_toml

FILE: Final = Path(__file__).with_name("progressions.toml")
What = Literal["number", "hold_s", "breaths"]
Change = Literal["begin", "stay", "up", "back", "hurt"]
Stage = Mapping[What, float]
WHATS: Final[tuple[What, ...]] = ("number", "hold_s", "breaths")


class Step(Table):
    """One thing that is made harder, from where to where, and by how much at a time."""

    what: What
    first: float = Field(alias="from", gt=0)
    last: float = Field(alias="to", gt=0)
    by: float = Field(gt=0)

    @model_validator(mode="after")
    def _valid(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"a step leads from less to more, not from {self.first:g} to {self.last:g}")
        return self


class Rule(Table):
    """How one movement is made harder."""

    unit: Literal["repetition", "hold", "circle"]
    then: str
    steps: tuple[Step, ...] = ()

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage from the first to the last; each differs from the one before in one thing by one step."""
        stage: dict[What, float] = {step.what: step.first for step in self.steps}
        stages = [dict(stage)]
        for step in self.steps:
            while stage[step.what] < step.last:
                stage[step.what] = min(step.last, stage[step.what] + step.by)
                stages.append(dict(stage))
        return tuple(stages)


class Progressions(Table):
    """The file of all rules; what each number means stands in it."""

    clean_sessions: int = Field(ge=1)
    clean_share: float = Field(gt=0, le=1)
    break_days: float = Field(gt=0)
    slack_s: float = Field(ge=0)
    breath_s: float = Field(gt=0)
    exercises: dict[str, Rule]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to do next of a movement.

    Attributes:
        stage: what to do, such as {"number": 3, "hold_s": 20}; empty where only words lead on.
        index, n_stages: which stage of how many, from 0.
        change: how that came: "begin", "stay", a step "up", or one "back" after a break, or since it "hurt".
        reason: why, in a sentence; `then` is what comes after the last stage, None before it is reached.
    """

    exercise: str
    stage: Stage
    index: int
    n_stages: int
    change: Change
    reason: str
    then: str | None

    @property
    def words(self) -> str:
        """The stage as people read it, such as "3 times, 20 s each"; after pain, to leave it."""
        return "Leave it out for now" if self.change == "hurt" else stage_in_words(self.stage)


def hold_seconds(stage: Stage, rules: Progressions | None = None) -> float | None:
    """How long each hold of a stage takes by the clock; None where none is asked for."""
    if "hold_s" in stage:
        return stage["hold_s"]
    return stage["breaths"] * (rules or progressions()).breath_s if "breaths" in stage else None


def stage_in_words(stage: Stage) -> str:
    """A stage as people read it.

    >>> stage_in_words({"number": 3, "hold_s": 20.0})
    '3 times, 20 s each'
    """
    number, hold_s, breaths = (stage.get(what) for what in WHATS)
    parts = [f"{number:g} times"] if number is not None else []
    each = " each" if number is not None else ""
    parts += [f"{hold_s:g} s{each}"] if hold_s is not None else []
    parts += [f"{breaths:g} breaths{each}"] if breaths is not None else []
    return ", ".join(parts)


@cache
def progressions(path: Path = FILE) -> Progressions:
    """The rules of a file.

    Raises:
        ExerciseFileError: names the file, the place in it, and what was expected.
    """
    try:
        return Progressions.model_validate(read_toml(path, ExerciseFileError))
    except ValidationError as error:
        raise ExerciseFileError(f"{path}: {explain(error, path, Progressions)}") from None


def suggest(
    exercise: str,
    sessions: Iterable[FiledSession],
    today: date,
    *,
    pain: Iterable[tuple[str | None, date]] = (),
    refused: Iterable[tuple[str, date]] = (),
    rules: Progressions | None = None,
) -> Suggestion | None:
    """The next step of a movement; None where no rule speaks of it.

    Args:
        exercise: its id.
        sessions: all that was done.
        today: for the length of the break.
        pain: pain marks outside of any session, with the movement (None: every one).
        refused: movements whose step up was not wanted, and when.
        rules: None for those that come with formcheck.
    """
    rules = rules or progressions()
    rule = rules.exercises.get(exercise)
    if rule is None:
        return None
    days = _days(exercise, sessions)
    marks = [day for name, day in pain if name in (None, exercise)]
    noes = [day for name, day in refused if name == exercise]
    ladder = _Ladder(rules, rule)
    for day in sorted({*days, *marks, *noes}):
        if day in days:
            ladder.done(day, *days[day])
        if day in marks:
            ladder.hurt(day)
        if day in noes:
            ladder.refused()
    ladder.rested(today)
    return Suggestion(
        exercise=exercise,
        stage=ladder.stages[ladder.index],
        index=ladder.index,
        n_stages=len(ladder.stages),
        change=ladder.change,
        reason=ladder.reason,
        then=rule.then if ladder.is_done else None,
    )


def next_steps(history: History, today: date, sessions: Sequence[FiledSession] | None = None) -> dict[str, Suggestion]:
    """The next step of every movement that was done, by id; `sessions`: those of the history, if they were read."""
    sessions = history.sessions() if sessions is None else sessions
    done = dict.fromkeys(block.exercise for session in sessions for block in session.blocks)
    pain = [(name, at.date()) for name, at in history.pain()]
    refused = [(name, at.date()) for name, at in history.refusals()]
    steps = {name: suggest(name, sessions, today, pain=pain, refused=refused) for name in done}
    return {name: step for name, step in steps.items() if step is not None}


def _days(exercise: str, sessions: Iterable[FiledSession]) -> dict[date, tuple[list[FiledBlock], bool]]:
    """For each day all blocks of the movement, and whether it hurt; two sessions of a day are one."""
    days: dict[date, tuple[list[FiledBlock], bool]] = {}
    for session in sessions:
        own = [block for block in session.blocks if block.exercise == exercise]
        if not own:
            continue
        day = session.recorded_at.date()
        blocks, is_hurt = days.get(day, ([], False))
        days[day] = ([*blocks, *own], is_hurt or bool(session.hurt & {None, exercise}))
    return days


class _Ladder:
    """Where a person stands, as the days go by."""

    def __init__(self, rules: Progressions, rule: Rule) -> None:
        self.stages = rule.stages
        self.index = 0
        self.change: Change = "begin"
        self.reason = "This is where to begin."
        self.is_done = False
        self._rules, self._rule = rules, rule
        self._clean: list[date] = []
        self._last: date | None = None

    def done(self, day: date, blocks: Sequence[FiledBlock], is_hurt: bool) -> None:
        """The movement was done."""
        self.rested(day)
        self._last = day
        if is_hurt:
            self.hurt(day)
        elif (why_not := is_lacking(blocks, self.stages[self.index], self._rule, self._rules)) is not None:
            self._clean = []
            self._stay(f"On {_day(day)} {why_not}.")
        else:
            self._clean.append(day)
            self._after_clean()

    def _after_clean(self) -> None:
        missing = self._rules.clean_sessions - len(self._clean)
        if missing > 0:
            self._stay(f"{missing} more clean session{'s' if missing > 1 else ''}, then the next step.")
        elif self.index == len(self.stages) - 1:
            self._stay("This is the last step, and it goes well.")
            self.is_done = True
        else:
            days = " and ".join(map(_day, self._clean[-self._rules.clean_sessions :]))
            self._move(1, "up", f"The sessions of {days} were clean, and nothing hurt.")

    def hurt(self, day: date) -> None:
        """The movement hurt."""
        self._move(-1, "hurt", f"It hurt on {_day(day)}. {STOP}")

    def refused(self) -> None:
        """The step up was not wanted."""
        if self.change == "up":
            self._move(-1, "stay", "You did not want the next step yet.")

    def rested(self, day: date) -> None:
        """Nothing was done up to this day."""
        if self._last is None:
            return
        n_days = (day - self._last).days
        if n_days > self._rules.break_days:
            how = "one step back, to begin gently" if self.index else "begin gently"
            self._move(-1, "back", f"{n_days} days without it: {how}.")
            self._last = day

    def _stay(self, reason: str) -> None:
        self.change, self.reason, self.is_done = "stay", reason, False

    def _move(self, by: int, change: Change, reason: str) -> None:
        self.index = max(0, self.index + by)
        self.change, self.reason, self.is_done = change, reason, False
        self._clean = []


def is_lacking(blocks: Sequence[FiledBlock], stage: Stage, rule: Rule, rules: Progressions) -> str | None:
    """What a day's blocks lack to be clean at a stage, as the end of a sentence; None when they are."""
    movements = [m for block in blocks for m in block.movements if m.kind == rule.unit]
    counted = [m for m in movements if m.counted]
    wanted = round(stage.get("number", 1))
    if not counted:
        return "nothing of it was counted"
    if _fewest(counted) < wanted:
        return f"{_fewest(counted)} of {wanted} were counted"
    if (need_s := _seconds(blocks, stage, rules)) is not None:
        holds = [m for block in blocks for m in block.movements if m.kind == "hold" and m.counted]
        long = [m for m in holds if m.held_s is not None and m.held_s >= need_s - rules.slack_s]
        if _fewest(long) < wanted:
            return f"{_fewest(long)} of {wanted} were held for {need_s:g} s"
    clean = sum(m.is_clean for m in counted)
    share = 1.0 if rule.unit == "hold" else rules.clean_share
    if clean < share * len(counted):
        return f"{clean} of {len(counted)} were clean"
    return None


def _fewest(movements: Sequence[Movement]) -> int:
    """How many, of the side that was done less where there are sides."""
    sides = [m.side for m in movements if m.side is not None]
    if not sides:
        return len(movements)
    both = ("cw", "ccw") if sides[0] in ("cw", "ccw") else ("left", "right")
    return min(sides.count(side) for side in both)


def _seconds(blocks: Sequence[FiledBlock], stage: Stage, rules: Progressions) -> float | None:
    """How long each hold must be; None where none is asked for, or where the breaths were seen and are enough."""
    breaths = stage.get("breaths")
    if "hold_s" in stage or breaths is None:
        return hold_seconds(stage, rules)
    seen = [block.breaths for block in blocks if block.breaths is not None]
    n_holds = sum(m.kind == "hold" and m.counted for block in blocks for m in block.movements)
    return None if seen and sum(seen) >= breaths * max(1, n_holds) else hold_seconds(stage, rules)


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
