"""What a run leaves behind: the files of an analysis, from what was decided while it was under way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.events import Event, PainMarked
from formcheck.history import STOP
from formcheck.judging import Judgement, Span, notes_on_camera, notes_on_jumps, notes_on_visibility, series_of
from formcheck.live.blockrun import Followed
from formcheck.live.plan import Plan
from formcheck.measures.seat_fit import notes_on_seat
from formcheck.poselog import PoseLog
from formcheck.registry import exercise_ids, find_exercise
from formcheck.review import DoneBlock, review
from formcheck.session import SessionResult, write_results

SOURCE: Final = Path("camera")


def write_run(
    folder: Path,
    plan: Plan,
    log: PoseLog,
    followed: Sequence[Followed],
    pain: Sequence[PainMarked],
    language: str = "en",
) -> SessionResult:
    """The report and the other files of what was followed.

    Raises:
        ExportError: they cannot be written.
    """
    blocks = [plan.blocks[done.stretch.block] for done in followed]
    spans = [
        Span(block.exercise, plan.chosen_by, done.stretch.start_s, done.stretch.end_s)
        for block, done in zip(blocks, followed, strict=True)
    ]
    own_events = [_with_pain(done, pain) for done in followed]
    events = [event for own in own_events for event in own]
    events += [mark for mark in pain if not any(mark in own for own in own_events)]
    if plan.routine is not None:
        done_blocks = [
            DoneBlock(block.exercise.id, block.planned, own)
            for block, own in zip(blocks, own_events, strict=True)
            if block.exercise is not None
        ]
        exercises = {b.exercise.id: b.exercise for b in plan.blocks if b.exercise}
        events += review(plan.routine, exercises, done_blocks, {}, float(log.time_s[-1]))
    columns: dict[str, npt.NDArray[np.float32]] = {}
    for done in followed:
        done.trace.fill(columns, len(log))
    notes = [*map(_in_words, pain), *notes_on_visibility(log), *notes_on_seat(log), *notes_on_camera(log)]
    notes += notes_on_jumps(events)
    judged = Judgement(tuple(spans), events, series_of(log, columns, spans), notes, plan.routine)
    return write_results(folder, log, judged, SOURCE, language)


def _with_pain(done: Followed, pain: Sequence[PainMarked]) -> list[Event]:
    """A block's events with the pain that was marked in it, at its place."""
    events, stretch = list(done.trace.events), done.stretch
    for mark in pain:
        if stretch.start_s <= mark.time_s < stretch.end_s:
            at = next((i for i, event in enumerate(events) if event.time_s > mark.time_s), len(events) - 1)
            events.insert(at, mark)
    return events


def _in_words(mark: PainMarked) -> str:
    minutes, seconds = divmod(int(mark.time_s), 60)
    name = mark.exercise
    title = find_exercise(name).title if name in exercise_ids() and name else name
    where = f"in {title} " if title else ""
    return f"You marked that something hurt, {where}at {minutes}:{seconds:02}. {STOP}"
