"""Form against the reference while a movement runs, and what each counted movement was worth."""

from __future__ import annotations

import math
import statistics
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from formcheck.events import CircleCompleted, Event, FormScored, HoldCompleted, RepetitionCompleted
from formcheck.exercise import Exercise
from formcheck.matching import Deviation, Match, Matcher
from formcheck.measures.body import Body
from formcheck.reference import LIMBS, References

MOST_FRAMES: Final = 20_000  # of one movement; two minutes at 60 pictures a second are 7,200
TOLD_SHARE: Final = 0.25  # of a movement's frames in which a deviation must be seen to be told [choice]
MOST_TOLD: Final = 3
LEAST_FRAMES: Final = 3


class _Row(NamedTuple):
    time_s: float
    score: float
    parts: dict[str, float]
    deviations: tuple[Deviation, ...]


class FormWatch:
    """Lays every judged frame over the reference of its view.

    Args:
        exercise: what is followed.
        references: its profiles by view; in a view without one nothing is scored.
    """

    def __init__(self, exercise: Exercise, references: References) -> None:
        self._matchers = {view: Matcher(profile, exercise.judged_segments) for view, profile in references.items()}
        self._is_stay = exercise.criterion.kind == "stay"
        self._rows: deque[_Row] = deque(maxlen=MOST_FRAMES)
        self.match: Match | None = None

    def step(self, body: Body | None) -> None:
        """Take a judged frame's person; None for a frame that may not be judged."""
        matcher = None if body is None else self._matchers.get(body.view)
        self.match = None if matcher is None or body is None else matcher.step(body)
        if body is not None and self.match is not None and not math.isnan(self.match.score):
            self._rows.append(_Row(body.time_s, self.match.score, self.match.parts, self.match.deviations))

    def cut(self) -> None:
        """Another picture begins."""
        self.match = None
        for matcher in self._matchers.values():
            matcher.reset()

    def shown(self) -> dict[str, Any]:
        """The fields of a Snapshot that tell of the form; none while nothing is compared."""
        match = self.match
        if match is None:
            return {}
        parts = tuple((limb.replace("_", " "), value) for limb, value in match.parts.items() if not math.isnan(value))
        return {
            "ghost_px": match.ghost_px,
            "form_score": None if math.isnan(match.score) else match.score,
            "form_parts": parts,
            "form_note": match.deviations[0].words if match.deviations else None,
        }

    def score(self, events: Iterable[Event]) -> list[Event]:
        """The events, with a score on every counted repetition and a FormScored after it."""
        scored: list[Event] = []
        for event in events:
            if isinstance(event, RepetitionCompleted):
                done = event.repetition
                form = self._over(event.time_s, done.index, done.start_s, done.end_s)
                scored.append(event if form is None else replace(event, repetition=replace(done, score=form.score)))
            else:
                scored.append(event)
                form = None
                if isinstance(event, CircleCompleted) and event.circle.counted:
                    form = self._over(event.time_s, event.circle.index, event.circle.start_s, event.circle.end_s)
                elif isinstance(event, HoldCompleted) and self._is_stay and event.hold.counted:
                    form = self._over(event.time_s, None, event.hold.start_s, event.hold.end_s)
            if form is not None:
                scored.append(form)
        return scored

    def _over(self, time_s: float, index: int | None, start_s: float, end_s: float) -> FormScored | None:
        """What the movement between two times was worth; None when too little of it could be compared."""
        while self._rows and self._rows[0].time_s < start_s:
            self._rows.popleft()
        rows = [row for row in self._rows if row.time_s < end_s]
        if len(rows) < LEAST_FRAMES:
            return None
        known = {limb: [row.parts[limb] for row in rows if not math.isnan(row.parts[limb])] for limb in LIMBS}
        parts = {limb: round(statistics.fmean(values)) if values else None for limb, values in known.items()}
        score = round(statistics.fmean(row.score for row in rows))
        return FormScored(time_s, index, start_s, end_s, score, parts, _told(rows))


def _told(rows: Sequence[_Row]) -> tuple[str, ...]:
    """The deviations that lasted, those seen longest first, each by its median size."""
    seen = Counter((deviation.who, deviation.way) for row in rows for deviation in row.deviations)
    told = []
    for (who, way), n in seen.most_common(MOST_TOLD):
        if n < TOLD_SHARE * len(rows):
            break
        same = [d for row in rows for d in row.deviations if (d.who, d.way) == (who, way)]
        told.append(same[0]._replace(degrees=statistics.median(d.degrees for d in same)).words)
    return tuple(told)
