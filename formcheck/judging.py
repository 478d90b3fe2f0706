"""From a pose log to what was decided: which movements there are and when, and each followed by its engine."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from formcheck.assets import find_references
from formcheck.engine import Engine
from formcheck.events import BlockFound, Event, PictureJumped, RoutineReviewed, SetupProblem
from formcheck.measures.catalogue import MEASURES
from formcheck.measures.seat_fit import notes_on_seat
from formcheck.measures.senses import Senses
from formcheck.poselog import PoseLog
from formcheck.recognise import Found, Recognition, recognise
from formcheck.reference import ReferenceProfile
from formcheck.registry import exercise_ids, find_exercise
from formcheck.review import DoneBlock, review
from formcheck.series import Series
from formcheck.skeleton import INDEX
from formcheck.types import Pose, Snapshot
from formcheck.wording import clock

if TYPE_CHECKING:
    from formcheck.exercise import Exercise
    from formcheck.routine import Routine

Tell = Callable[[str, int, int | None], None]

# An engine begins this long before the first movement, so that it sees the rest, and ends this long after the last.
LEAD_S: Final = 6.0
TAIL_S: Final = 2.0
DECIDED_S: Final = 0.1  # later than a decision: the frame that made it belongs to the block
BETWEEN: Final = "no movement is under way"
# The pose detector sees a picture of 224 px: it begins to lose people whose trunk is shorter than 0.045 of
# the longer side, and tracks all of those from 0.06 (measured by shrinking rendered clips).
SMALL_TRUNK: Final = 0.06
MOST_JUMPS: Final = 6  # are told one by one


@dataclass(frozen=True)
class Span:
    """A stretch [start_s, end_s) in which an exercise is followed; without one, `note` says why nothing is."""

    exercise: Exercise | None
    chosen_by: str
    start_s: float
    end_s: float
    found: Found | None = None
    note: str = ""


@dataclass(frozen=True)
class Judgement:
    """What was decided about a pose log.

    Attributes:
        spans: in order of time; last, when no exercise is followed, one over the whole recording that says why.
        routine: what was to be done, if it was told.
        notes: what a person should know before the numbers, one sentence each.
    """

    spans: tuple[Span, ...]
    events: list[Event]
    series: Series
    notes: list[str] = field(default_factory=list)
    routine: Routine | None = None

    @property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises that were followed, those that were nearly taken, and those of the routine, by id."""
        ids = {name for span in self.spans if span.found for name in span.found.names}
        ids |= set(self.routine.exercises if self.routine else ())
        followed = {span.exercise.id: span.exercise for span in self.spans if span.exercise}
        return {name: find_exercise(name) for name in sorted(ids)} | followed


class Followers:
    """One engine after the other, each in its span; their senses follow all frames, so that none begins blind.

    Attributes:
        engine: of the span that the last frame lies in; None between spans.
        events: what happened, by span.
    """

    def __init__(self, spans: Sequence[Span]) -> None:
        self.events: list[list[Event]] = [[] for _ in spans]
        self.engine: Engine | None = None
        self._spans = spans
        self._senses = {line: Senses(line) for line in {span.exercise.view_by for span in spans if span.exercise}}
        self._followed = [i for i, span in enumerate(spans) if span.exercise is not None]
        self._time_s = math.nan

    def step(self, pose: Pose) -> None:
        """Take the next frame's pose."""
        self._time_s = pose.time_s
        for senses in self._senses.values():
            senses.take(pose)
        while self._followed and pose.time_s >= self._spans[self._followed[0]].end_s:
            self._end()
        if self.engine is None and self._followed and pose.time_s >= self._spans[self._followed[0]].start_s:
            self.engine = self._begin(self._spans[self._followed[0]])
        if self.engine is not None:
            self.events[self._followed[0]] += self.engine.step(pose)

    def finish(self) -> None:
        """The recording has ended."""
        if self.engine is not None:
            self._end()

    def _begin(self, span: Span) -> Engine:
        exercise = span.exercise
        assert exercise is not None
        return Engine(exercise, span.chosen_by, self._senses[exercise.view_by], load_references(exercise))

    def _end(self) -> None:
        span = self._followed.pop(0)
        if self.engine is not None:
            self.events[span] += self.engine.finish()
            self.engine = None

    def snapshot(self) -> Snapshot:
        """All that a renderer may know about the last frame; between movements, that nothing is judged."""
        if self.engine is not None:
            return self.engine.snapshot()
        notes = [s.note for s in self._spans if s.exercise is None and s.start_s <= self._time_s < s.end_s]
        return Snapshot(self._time_s, "", not_judged=notes[0] if notes else BETWEEN)


def all_of_it(exercise: Exercise) -> list[Span]:
    """The spans of a recording that shows one movement, which the user named."""
    return [Span(exercise, "user", -math.inf, math.inf)]


def judge(
    log: PoseLog,
    given: Exercise | None,
    routine: Routine | None = None,
    tell: Tell | None = None,
    following: Following | None = None,
) -> Judgement:
    """Finds the movements unless one is given, and lets its engine decide about every frame of each.

    Args:
        log: the poses.
        given: the movement shown, when it is known.
        routine: what was to be done, when that is known.
        tell: told the stage, how many frames are done, and of how many, while the movements are looked for.
        following: what came of following `all_of_it` while the poses were read, if that was done.
    """
    notes = notes_on_visibility(log)
    recognition = Recognition(())
    if given is not None:
        spans = all_of_it(given)
    elif log.n_with_person:
        exercises = [find_exercise(name) for name in _candidates(routine)]
        recognition = recognise(_telling(log, tell) if tell else log, exercises, routine)
        spans = _spans(recognition.blocks)
        notes += _notes_on(recognition)
    else:
        spans = []
    if not any(span.exercise for span in spans):
        spans.append(Span(None, "recognised", -math.inf, math.inf, note=notes[0]))
    followers, series = following.finish(log) if following else follow(log, spans)
    events = [e for span, own in zip(spans, followers.events, strict=True) for e in [*_told(span, log), *own]]
    events += _reviewed(routine, recognition, spans, followers, log)
    notes += [*notes_on_seat(log), *notes_on_camera(log), *notes_on_jumps(events)]
    return Judgement(tuple(spans), events, series, notes, routine)


def _telling(log: PoseLog, tell: Tell) -> Iterator[Pose]:
    """The poses; each is told before the next."""
    for n_done, pose in enumerate(log, 1):
        yield pose
        tell("Naming", n_done, len(log))


def run_engine(log: PoseLog, exercise: Exercise, chosen_by: str = "user") -> tuple[list[Event], Series]:
    """Events and readings of a whole pose log, followed as one exercise."""
    followers, series = follow(log, [Span(exercise, chosen_by, -math.inf, math.inf)])
    return followers.events[0], series


def follow(log: PoseLog, spans: Sequence[Span]) -> tuple[Followers, Series]:
    """What happened in each span, and the readings of all; NaN outside of the spans."""
    following = Following(spans)
    for pose in log:
        following.step(pose)
    return following.finish(log)


class Following:
    """Followers whose readings are kept. Feed it every frame, then finish."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.followers = Followers(spans)
        self._spans = spans
        self._columns: dict[str, array[float]] = {}
        self._n = 0

    def step(self, pose: Pose) -> None:
        """Take the next frame's pose."""
        self.followers.step(pose)
        engine = self.followers.engine
        for name, value in engine.readings.items() if engine else ():
            if name not in self._columns:
                self._columns[name] = array("f")
            self._pad(self._columns[name])
            self._columns[name].append(value)
        self._n += 1

    def snapshot(self) -> Snapshot:
        """All that a renderer may know about the last frame."""
        return self.followers.snapshot()

    def finish(self, log: PoseLog) -> tuple[Followers, Series]:
        """What happened, and the readings: one a frame of the log."""
        self.followers.finish()
        for column in self._columns.values():
            self._pad(column)
        columns = {name: np.frombuffer(column, np.float32) for name, column in self._columns.items()}
        return self.followers, series_of(log, columns, self._spans)

    def _pad(self, column: array[float]) -> None:
        column.extend([math.nan] * (self._n - len(column)))


def series_of(log: PoseLog, columns: dict[str, npt.NDArray[np.float32]], spans: Sequence[Span]) -> Series:
    """Readings by name, with the units and labels of the exercises that were followed."""
    drives = [span.exercise.drive for span in spans if span.exercise]
    units = {name: MEASURES[name].unit for name in columns if name in MEASURES} | {d.name: d.unit for d in drives}
    labels = {name: MEASURES[name].label for name in columns if name in MEASURES} | {d.name: d.label for d in drives}
    return Series(log.time_s, columns, units, labels)


def load_references(exercise: Exercise) -> dict[str, ReferenceProfile]:
    """The reference keypoint profiles that come with formcheck for a movement, by view.

    Raises:
        ReferenceFileError: a file is damaged or of another schema.
    """
    return {view: ReferenceProfile.load(path) for view, path in find_references(exercise.id).items()}


# -- from blocks to spans -----------------------------------------------------------------------------------------


def _candidates(routine: Routine | None) -> list[str]:
    return list(dict.fromkeys([*exercise_ids(), *(routine.exercises if routine else ())]))


def _spans(blocks: Sequence[Found]) -> list[Span]:
    """Where each block's engine runs: a little longer than the block, but not into its neighbours; if alone, always."""
    edges = [_edge_s(a, b) for a, b in pairwise(blocks)]
    spans: list[Span] = []
    if len(blocks) == 1 and blocks[0].exercise is not None:
        return [Span(find_exercise(blocks[0].exercise), blocks[0].chosen_by, -math.inf, math.inf, blocks[0])]
    for block, low, high in zip(blocks, [-math.inf, *edges], [*edges, math.inf], strict=False):
        if block.exercise is None:
            note = f"not clear which movement this is: {_or(_titles(block))}"
            spans.append(Span(None, block.chosen_by, block.start_s, block.end_s, block, note))
        else:
            start_s, end_s = max(low, block.start_s - LEAD_S), min(high, _over_s(block))
            spans.append(Span(find_exercise(block.exercise), block.chosen_by, start_s, end_s, block))
    return spans


def _over_s(block: Found) -> float:
    """When everything that a block holds has been decided."""
    return max(block.end_s, block.told_s) + TAIL_S


def _edge_s(a: Found, b: Found) -> float:
    """Until when a block is followed, and from when the next one may be: half-way, but not before all is decided."""
    half_way_s = (a.end_s + b.start_s) / 2
    return min(max(half_way_s, a.told_s + DECIDED_S), _over_s(a), max(half_way_s, b.start_s))


def _titles(block: Found) -> list[str]:
    return [find_exercise(name).title for name in block.names]


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)


def _told(span: Span, log: PoseLog) -> list[Event]:
    """What is told before a span's own events."""
    found = span.found
    if found is None:
        first_s = float(log.time_s[0])
        return [] if span.exercise else [SetupProblem(first_s, "everything", span.note)]
    return [
        BlockFound(
            time_s=found.start_s,
            start_s=found.start_s,
            end_s=found.end_s,
            exercise=found.exercise,
            candidates=found.names,
            shares=tuple(candidate.share for candidate in found.candidates),
            margin=found.margin,
            reason=found.reason,
        )
    ]


def _reviewed(
    routine: Routine | None, recognition: Recognition, spans: Sequence[Span], followers: Followers, log: PoseLog
) -> list[RoutineReviewed]:
    if routine is None:
        return []
    done = [
        DoneBlock(span.exercise.id, span.found.planned if span.found else None, events)
        for span, events in zip(spans, followers.events, strict=True)
        if span.exercise is not None
    ]
    exercises = {name: find_exercise(name) for name in routine.exercises}
    return review(routine, exercises, done, recognition.obstacles, float(log.time_s[-1]))


# -- what a person should know before the numbers -----------------------------------------------------------------


def notes_on_visibility(log: PoseLog) -> list[str]:
    """What is wrong with the person's size or presence, as sentences; empty when nothing is."""
    hint = "the whole body must be in the picture, at least a third of its height"
    if not log.n_with_person:
        return [f"No person was found in this recording: {hint}."]
    trunk = _trunk_share(log)
    if trunk < SMALL_TRUNK:
        return [f"The person is too small in the picture to be judged well: move the camera closer; {hint}."]
    return []


def notes_on_camera(log: PoseLog) -> list[str]:
    """That the camera was moved, as a sentence; empty when it stood."""
    if all(pose.camera is None or pose.camera.is_none for pose in log):
        return []
    return [
        "The camera was moved: what moved with it was told by the room behind the person and left out. Let it stand "
        "for numbers that are sure."
    ]


def notes_on_jumps(events: Iterable[Event]) -> list[str]:
    """Where the recording was cut, as a sentence; empty when it was not."""
    times = list(dict.fromkeys(clock(event.began_s) for event in events if isinstance(event, PictureJumped)))
    if not times:
        return []
    more = f" and {len(times) - MOST_JUMPS} times more" if len(times) > MOST_JUMPS else ""
    return [
        f"The picture jumps at {', '.join(times[:MOST_JUMPS])}{more}: what was under way there was not judged. "
        "A recording without cuts can be counted whole."
    ]


def _notes_on(recognition: Recognition) -> list[str]:
    """Why no movement could be named."""
    if any(block.exercise for block in recognition.blocks):
        return []
    why = f" ({recognition.reason.rstrip('.')})" if recognition.reason else ""
    return [f"Not clear which movement this is{why}; name it with --exercise."]


def _trunk_share(log: PoseLog) -> float:
    """Median trunk length as a share of the picture's longer side, over the frames with a person."""
    step = max(1, len(log) // 200)  # 200 frames tell the median
    lengths = [_trunk_px(log[i]) for i in range(0, len(log), step)]
    return float(np.nanmedian(lengths)) / max(log.size_wh) if np.isfinite(lengths).any() else np.inf


def _trunk_px(pose: Pose) -> float:
    ends = [
        (pose.xy_px[INDEX[f"left_{joint}"]] + pose.xy_px[INDEX[f"right_{joint}"]]) / 2 for joint in ("shoulder", "hip")
    ]
    return float(np.linalg.norm(ends[0] - ends[1]))
