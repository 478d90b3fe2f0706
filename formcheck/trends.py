"""What changed from session to session, and whether a camera can tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final, Literal

from formcheck.history import FiledBlock, FiledSession

Verdict = Literal["more", "less", "same", "early"]

AT_EACH_END: Final = 3  # sessions whose median stands for "at first" and for "lately"
FEWEST: Final = 4  # sessions; fewer say nothing about a change
# How far two sessions may differ without any change of the person. Angles: nothing is judged finer than 10 degrees,
# of which one camera's spread in a side view is 6.4 (95 % of differences of medians lie within). Lengths: two
# landmarks that each wander by 0.03 trunk lengths. Holds: 0.3 s at each edge. Sides: what is called a difference.
NOISE: Final = {"deg": 10.0, "T": 0.05, "%": 15.0, "s": 0.6, "breaths": 1.0}


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure of one movement over the sessions.

    Attributes:
        name: what it is, in English.
        points: when, and the value.
        noise: how far values may lie apart without any change, in `unit`.
        at_first, lately: medians of the first and the last sessions; None while there are too few.
    """

    name: str
    unit: str
    points: tuple[tuple[datetime, float], ...]
    noise: float
    at_first: float | None
    lately: float | None

    @property
    def verdict(self) -> Verdict:
        """Whether it became more or less by more than the noise."""
        if self.at_first is None or self.lately is None:
            return "early"
        change = self.lately - self.at_first
        return "same" if abs(change) <= self.noise else "more" if change > 0 else "less"


@dataclass(frozen=True, slots=True)
class MovementTrends:
    """All trends of one movement."""

    exercise: str
    title: str
    n_sessions: int
    trends: tuple[Trend, ...]


def trends_of(sessions: Sequence[FiledSession]) -> list[MovementTrends]:
    """The trends of every movement that was done, the most often done first."""
    days: dict[str, list[tuple[datetime, FiledBlock]]] = {}
    for session in sessions:
        for block in session.blocks:
            days.setdefault(block.exercise, []).append((session.recorded_at, block))
    found = [_of_one(exercise, blocks) for exercise, blocks in days.items()]
    return sorted(found, key=lambda movement: -movement.n_sessions)


def _of_one(exercise: str, blocks: Sequence[tuple[datetime, FiledBlock]]) -> MovementTrends:
    unit = next((block.unit for _, block in blocks if block.unit), "deg")
    reads: list[tuple[str, str, Callable[[FiledBlock], float | None]]] = [
        ("Range, of the trunk's length" if unit == "T" else "Range", unit, lambda block: block.range),
        ("Longest hold", "s", lambda block: block.longest_s),
        ("Sides alike", "%", lambda block: block.symmetry),
        ("Breaths", "breaths", lambda block: block.breaths),
    ]
    trends = [_trend(name, unit, blocks, read) for name, unit, read in reads]
    n_sessions = len({time for time, _ in blocks})
    return MovementTrends(exercise, blocks[-1][1].title, n_sessions, tuple(t for t in trends if t.points))


def _trend(
    name: str, unit: str, blocks: Sequence[tuple[datetime, FiledBlock]], read: Callable[[FiledBlock], float | None]
) -> Trend:
    by_time: dict[datetime, list[float]] = {}
    for time, block in blocks:
        if (value := read(block)) is not None:
            by_time.setdefault(time, []).append(float(value))
    points = tuple((time, median(values)) for time, values in sorted(by_time.items()))
    values = [value for _, value in points]
    n = min(AT_EACH_END, len(values) // 2)
    is_enough = len(values) >= FEWEST
    noise = NOISE.get(unit, NOISE["%"])
    return Trend(
        name,
        unit,
        points,
        noise,
        median(values[:n]) if is_enough else None,
        median(values[-n:]) if is_enough else None,
    )


def by_week(sessions: Sequence[FiledSession], until: date) -> list[tuple[date, int]]:
    """How many sessions in each week (Monday), from the first one to that of `until`; weeks without any are 0."""
    counts = Counter(_monday(session.recorded_at.date()) for session in sessions)
    if not counts:
        return []
    first, last = min(counts), max(max(counts), _monday(until))
    n_weeks = (last - first).days // 7 + 1
    weeks = [first + timedelta(weeks=i) for i in range(n_weeks)]
    return [(week, counts[week]) for week in weeks]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
