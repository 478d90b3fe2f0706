"""A person at a camera: choose, set up, 3-2-1, block after block, report. All time comes from the frames."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from formcheck.engine import Engine
from formcheck.errors import ExportError, FormcheckError, UsageError
from formcheck.events import CueGiven, Event, SafetyStop
from formcheck.judging import Judgement, Span, follow, load_references, notes_on_visibility, series_of
from formcheck.live.clock import RunClock
from formcheck.live.eyes import Image, fitted
from formcheck.live.gesture import HandsUp
from formcheck.live.interrupted import Interrupted, Keeper, Stretch
from formcheck.live.message import Json, block_in_short, block_title, moment, plan_in_full, seen
from formcheck.live.plan import Block, Plan, amount, is_done, plan_of, target
from formcheck.live.runlog import RunLog
from formcheck.live.setup import SetupGate
from formcheck.live.trace import Trace
from formcheck.measures.senses import Senses
from formcheck.messages import LANGUAGES, load_catalogue
from formcheck.poselog import PoseLog
from formcheck.review import DoneBlock, review
from formcheck.series import Series
from formcheck.session import SessionResult, write_results
from formcheck.types import Frame, Pose, Snapshot

COUNTDOWN_S: Final = 3.0
LINGER_S: Final = 2.0  # a finished block stays, so that its last count and cue can be taken in
PAUSE_AFTER_S: Final = 3.0  # without frames for this long, a block pauses by itself
ANOTHER_DAY_S: Final = 3.0  # what passes in the log between an interrupted run and its continuation


class State(StrEnum):
    """Where a run stands."""

    CHOOSE = "choose"
    SETUP = "setup"
    COUNTDOWN = "countdown"
    BLOCK = "block"
    REST = "rest"
    PAUSED = "paused"
    SAVING = "saving"  # whoever feeds the frames is to call `finish`
    DONE = "done"


ACTIVE: Final = frozenset({State.SETUP, State.COUNTDOWN, State.BLOCK, State.REST})


class LiveSession:
    """One run after the other, guided.

    Attributes:
        state: where the run stands.
        plan: what is to be done; None before it is chosen.
        result: the files of the last run; None before, or when there was nothing to report.
        log: every pose of the run; its time stands still in pauses.
    """

    def __init__(
        self,
        watch: Callable[[Frame], Pose],
        folder_for: Callable[[Plan], Path],
        *,
        language: str = "en",
        state_folder: Path | None = None,
        about: Json | None = None,
    ) -> None:
        """Nothing is chosen yet.

        Args:
            watch: finds the person in a frame.
            folder_for: where the results of a plan go; asked when a run ends.
            language: "en" or "de".
            state_folder: where an unfinished run is kept; None to keep none.
            about: JSON values for the pose log, such as versions.
        """
        self._watch, self._folder_for = watch, folder_for
        self._catalogue = load_catalogue(language)
        self._keeper = Keeper(state_folder)
        self._about = about or {}
        self._clock = RunClock()
        self._seen_s = 0.0  # time of the frames as the estimator gets it: goes on in pauses
        self._n_frames = 0
        self._hands = HandsUp()
        self._pose: Pose | None = None
        self.plan: Plan | None = None
        self.result: SessionResult | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.state = State.CHOOSE
        self.log = RunLog(self._keeper.folder, {"source": "camera", "complete": True, "problem": None, **self._about})
        self._run_s = 0.0
        self._was_logged = False
        self._senses: dict[str, Senses] = {}
        self._index = 0
        self._stretches: list[Stretch] = []
        self._traces: list[Trace | None] = []  # of the stretches; None of those of an interrupted run
        self._results: dict[int, Json] = {}
        self._said: list[Json] = []
        self._pause_reason: str | None = None
        self._gate: SetupGate | None = None
        self._state_s = 0.0
        self._leave_block()

    def _leave_block(self) -> None:
        self._engine: Engine | None = None
        self._started_s = 0.0
        self._elapsed_s = 0.0
        self._trace = Trace(0)
        self._n_done = 0
        self._done_s: float | None = None

    @property
    def language(self) -> str:
        """Of everything that is said and shown."""
        return self._catalogue.language

    @property
    def block(self) -> Block | None:
        """The block that is under way or comes next."""
        return self._block if self.plan is not None and self._index < len(self.plan.blocks) else None

    # -- frames in ----------------------------------------------------------------------------------------------------

    def take(self, image: Image, frame_s: float) -> Json:
        """Take a picture and say what it showed.

        Args:
            image: (H, W, 3) uint8, BGR. A size other than the first is fitted into it.
            frame_s: when it was taken, seconds of the camera's or the page's clock.
        """
        if len(self.log) and image.shape[1::-1] != self.log.size_wh:
            image = fitted(image, self.log.size_wh)
        step_s, gap_s = self._clock.step(frame_s)
        self._seen_s += step_s
        self._n_frames += 1
        pose = self._watch(Frame(self._n_frames - 1, self._seen_s, image))
        return self._step(pose, step_s, gap_s)

    def _step(self, pose: Pose, step_s: float, gap_s: float) -> Json:
        self._pose = pose
        self._state_s += step_s
        if gap_s > PAUSE_AFTER_S and self.state in (State.BLOCK, State.REST):
            self._pause("interrupted")
        if gap_s and self.state is State.COUNTDOWN:
            self._set_up()
        if self._hands_say_so(pose):
            self._toggle()
        if self._is_logged:
            if not self._was_logged or gap_s:
                self._note_gap(pose)
            self._run_s += step_s
            pose = self._pose = replace(pose, time_s=self._run_s)
            self.log.append(pose)
            for senses in self._senses.values():
                senses.take(pose)
        self._was_logged = self._is_logged
        self._go_on(pose, step_s)
        return self.message()

    @property
    def _is_logged(self) -> bool:
        """Pauses, and the countdown after one, are no part of the run: its time stands still."""
        return self.state in ACTIVE and not (self.state is State.COUNTDOWN and self._engine is not None)

    def _note_gap(self, pose: Pose) -> None:
        """A row with nobody where frames are missing, so that nothing is credited across."""
        if len(self.log):
            self._run_s += 0.02
            nobody = Pose.nobody(self._run_s, pose.size_wh)
            self.log.append(nobody)
            for senses in self._senses.values():
                senses.take(nobody)
            if self._engine is not None:
                self._step_engine(nobody)

    def _hands_say_so(self, pose: Pose) -> bool:
        if self.state in (State.PAUSED, State.REST) or (self.state is State.CHOOSE and self.plan is not None):
            return self._hands.update(pose)
        self._hands.forget()
        return False

    def _go_on(self, pose: Pose, step_s: float) -> None:
        if self.state is State.SETUP:
            assert self._gate is not None
            self._gate.update(pose)
            if self._gate.is_armed:
                self._count_down()
        elif self.state is State.COUNTDOWN:
            self._speak_countdown(step_s)
            if self._state_s >= COUNTDOWN_S:
                self._enter(State.BLOCK)
        elif self.state is State.REST:
            self._elapsed_s += step_s
            if self._elapsed_s >= (self._block.seconds or 0.0):
                self._end_block("done")
                self._next()
        elif self.state is State.BLOCK:
            self._follow(pose, step_s)

    # -- a block ------------------------------------------------------------------------------------------------------

    @property
    def _block(self) -> Block:
        assert self.plan is not None
        return self._extended.get(self._index, self.plan.blocks[self._index])

    def _follow(self, pose: Pose, step_s: float) -> None:
        block = self._block
        assert block.exercise is not None
        if self._engine is None:
            chosen_by = "routine" if self.plan and self.plan.routine else "user"
            senses = self._senses[block.exercise.view_by]
            self._engine = Engine(block.exercise, chosen_by, senses, load_references(block.exercise))
            self._started_s, self._trace = pose.time_s, Trace(len(self.log) - 1)
        events = self._step_engine(pose)
        if pose.is_person:
            self._elapsed_s += step_s
        self._speak_of(events)
        if any(isinstance(event, SafetyStop) for event in events):
            self._pause("safety")
            return
        if self._done_s is None and is_done(block, self._engine.snapshot(), self._n_done, self._elapsed_s):
            self._done_s = pose.time_s
            self._say(self._catalogue.text("say.well_done"), "praise")
        elif self._done_s is not None and pose.time_s - self._done_s >= LINGER_S:
            self._end_block("done")
            self._next()

    def _step_engine(self, pose: Pose) -> list[Event]:
        assert self._engine is not None
        events = self._engine.step(pose)
        self._trace.events += events
        self._trace.add(self._engine.readings)
        return events

    def _speak_of(self, events: list[Event]) -> None:
        assert self._engine is not None
        n_done = amount(self._block, self._engine.snapshot(), self._trace.events)
        if n_done > self._n_done:
            self._say(str(n_done), "count")
        self._n_done = n_done
        for event in events:
            if isinstance(event, CueGiven):
                self._say(self._catalogue.say(event.text), event.level)

    def _end_block(self, status: str) -> None:
        """Whatever was done of the block is kept; `status` is "done" or "skipped"."""
        block = self._block
        if self._engine is not None:
            end_s = self._run_s + 0.001
            wanted = target(block, self._engine.snapshot())
            self._trace.events += self._engine.finish()
            self._traces.append(self._trace)
            self._stretches.append(Stretch(self._index, self._started_s, end_s))
            is_enough = wanted is not None and self._n_done >= wanted[0]
            if status == "skipped" and (self._n_done or is_enough):
                status = "done" if is_enough else "part"
        self._results[self._index] = {
            "status": status,
            "count": self._n_done if block.exercise else None,
            "seconds": round(self._elapsed_s, 1),
        }
        self._leave_block()

    def _next(self) -> None:
        assert self.plan is not None
        self._go_to(self._index + 1)
        if self.state is not State.SAVING:
            self._keep()

    def _keep(self) -> None:
        """What is finished survives a crash from now on; where it cannot be kept, the run goes on all the same."""
        assert self.plan is not None
        plan, stretches = self.plan, tuple(self._stretches)
        with contextlib.suppress(ExportError):
            if self.log.flush():
                parts = tuple(self.log.parts)
                self._keeper.keep(Interrupted(plan.kind, plan.id, self._index, stretches, self._results, parts))

    def _go_to(self, index: int) -> None:
        assert self.plan is not None
        self._index = index
        self._leave_block()
        if index >= len(self.plan.blocks):
            self._enter(State.SAVING)
            self._say(self._catalogue.text("say.finished"), "info")
        elif self._block.exercise is None:
            self._enter(State.REST)
            turn = self._catalogue.say(self._block.turn) if self._block.turn else ""
            self._say(f"{block_title(self._block, self._catalogue)} {turn}".strip(), "info")
        else:
            self._set_up()
            self._announce()

    def _set_up(self) -> None:
        exercise = self._block.exercise
        assert exercise is not None
        self._gate = SetupGate(exercise, self._senses[exercise.view_by])
        self._enter(State.SETUP)

    def _announce(self) -> None:
        block, catalogue = self._block, self._catalogue
        parts = [catalogue.text("say.next", title=block_title(block, catalogue))]
        parts += [catalogue.say(text) for text in (block.change, block.turn) if text]
        self._say(" ".join(parts), "info")

    def _count_down(self) -> None:
        self._enter(State.COUNTDOWN)
        self._say("3", "info")

    def _speak_countdown(self, step_s: float) -> None:
        before, now = COUNTDOWN_S - self._state_s + step_s, COUNTDOWN_S - self._state_s
        for second in (2, 1):
            if now <= second < before:
                self._say(str(second), "info")

    def _enter(self, state: State) -> None:
        self.state, self._state_s = state, 0.0
        self._hands.forget()

    # -- what the person asks for -------------------------------------------------------------------------------------

    def command(self, name: str, value: Any = None) -> Json:
        """Do what a key, a button or the voice asks for; what does not fit the moment is left undone.

        Raises:
            UsageError: there is no such command, routine, movement or language.
        """
        act = self._commands.get(name)
        if act is None:
            raise UsageError(f"there is no command {str(name)[:40]!r}")
        act(self, value)
        return self.message()

    def choose(self, kind: str, id_or_path: str) -> None:
        """Take a routine or a movement for the next run; files of the user's only come from the command line."""
        plan = plan_of(kind, id_or_path)
        if self.state in (State.CHOOSE, State.DONE):
            self._begin_anew()
            self.plan = plan
            self._extended: dict[int, Block] = {}

    def _choose(self, value: Any) -> None:
        if not isinstance(value, dict) or value.get("kind") not in ("routine", "exercise"):
            raise UsageError("choose a routine or an exercise")
        name = str(value.get("id"))
        is_same = self.plan is not None and (self.plan.kind, self.plan.id) == (value["kind"], name)
        if name.endswith(".toml") and not is_same:
            raise UsageError("a file is given on the command line, not here")
        self.choose(value["kind"], name)

    def _start(self, _: Any) -> None:
        if self.state is State.CHOOSE and self.plan is not None:
            self._keeper.forget()  # whoever begins something else does not want to continue
            self._start_at(0)
        elif self.state is State.SETUP:
            self._count_down()
        elif self.state is State.PAUSED:
            self._resume()
        elif self.state is State.REST:
            self._skip(None)

    def _start_at(self, index: int) -> None:
        assert self.plan is not None
        lines = {block.exercise.view_by for block in self.plan.blocks if block.exercise}
        self._senses = {line: Senses(line) for line in lines}
        self._go_to(index)

    def _toggle(self, _: Any = None) -> None:
        if self.state is State.CHOOSE:
            self._start(None)
        elif self.state is State.PAUSED:
            self._resume()
        else:
            self._pause("asked")

    def _pause(self, reason: str | None) -> None:
        if self.state in (State.COUNTDOWN, State.SETUP) and self._engine is None:
            self._set_up()
            self._paused_from = State.SETUP
        elif self.state in (State.BLOCK, State.COUNTDOWN, State.REST):
            self._paused_from = State.REST if self.state is State.REST else State.BLOCK
        else:
            return
        self._pause_reason = reason or "asked"
        self._enter(State.PAUSED)
        self._said = [item for item in self._said if item["level"] == "safety"]
        if self._pause_reason != "safety":
            self._say(self._catalogue.text("say.paused"), "info")

    def _resume(self, _: Any = None) -> None:
        if self.state is not State.PAUSED:
            return
        self._pause_reason = None
        if self._paused_from is State.BLOCK:
            self._count_down()
        else:
            self._enter(self._paused_from)

    def _skip(self, _: Any) -> None:
        if self.plan is not None and self.state in (*ACTIVE, State.PAUSED):
            self._end_block("skipped")
            self._next()

    def _repeat(self, _: Any) -> None:
        """The block from its beginning; already at its beginning, the one before."""
        if self.plan is None or self.state not in (*ACTIVE, State.PAUSED):
            return
        is_begun = self._engine is not None or self._elapsed_s > 0
        if is_begun:
            self._end_block("skipped")
            self._results.pop(self._index, None)
        self._go_to(self._index if is_begun else max(0, self._index - 1))

    def _extend(self, _: Any) -> None:
        if self.plan is not None and self.state in (*ACTIVE, State.PAUSED):
            block = self._block
            if block.counts is None and block.seconds is None and self._engine is not None:
                block = replace(block, counts=self._engine.snapshot().count_target)
            self._extended[self._index] = block.extended()
            self._done_s = None

    def _stop(self, _: Any) -> None:
        if self.state in (*ACTIVE, State.PAUSED):
            if self._engine is not None or self._elapsed_s > 0:
                self._end_block("skipped")
            self._enter(State.SAVING)

    def _speak_language(self, value: Any) -> None:
        if value not in LANGUAGES:
            raise UsageError(f"there is no language {str(value)[:20]!r}")
        self._catalogue = load_catalogue(value)

    def _continue_last(self, _: Any) -> None:
        kept = self._keeper.read()
        if kept is None or self.state not in (State.CHOOSE, State.DONE):
            return
        self.choose(kept.kind, kept.id)
        log = self._keeper.log_of(kept, self.log.meta)
        if log is None:
            return
        self.log, self._run_s = log, log.last_s + ANOTHER_DAY_S
        self._stretches, self._results = list(kept.stretches), dict(kept.results)
        self._traces = [None] * len(self._stretches)
        self._start_at(kept.next_block)

    def _forget_last(self, _: Any) -> None:
        if self.state in (State.CHOOSE, State.DONE):
            self._keeper.forget()

    def _begin_again(self, _: Any) -> None:
        if self.state is State.DONE:
            self._begin_anew()
            self._extended = {}

    def _stay(self, _: Any) -> None:
        """Only asks how things are."""

    _commands: Final[dict[str, Callable[[LiveSession, Any], None]]] = {
        "again": _begin_again,
        "choose": _choose,
        "continue_last": _continue_last,
        "extend": _extend,
        "forget_last": _forget_last,
        "how": _stay,
        "interrupt": lambda self, _: self._pause("interrupted"),
        "language": _speak_language,
        "pause": lambda self, _: self._pause("asked"),
        "repeat": _repeat,
        "resume": _resume,
        "skip": _skip,
        "start": _start,
        "stop": _stop,
        "toggle": _toggle,
    }

    def note(self, **about: Any) -> None:
        """Remarks for the pose logs of this and later runs, such as the size of the ball."""
        self._about |= about
        self.log.meta |= about

    def interrupted(self) -> Interrupted | None:
        """A run that was not ended, if there is one and none is under way."""
        return self._keeper.read() if self.state in (State.CHOOSE, State.DONE) else None

    # -- the end ------------------------------------------------------------------------------------------------------

    def finish(self) -> SessionResult | None:
        """Write the files of what was done; None when nothing was. What was begun and not ended is ended.

        Raises:
            ExportError: they cannot be written; the finished blocks are still kept.
        """
        self._stop(None)
        if self.plan is None or self.state is State.CHOOSE:
            return None
        if self.state is State.SAVING:
            self.result = self._write() if self._stretches else None
            self._keeper.forget()
            self._enter(State.DONE)
        return self.result

    def _write(self) -> SessionResult:
        assert self.plan is not None
        plan, log = self.plan, self.log.whole()
        chosen_by = "routine" if plan.routine else "user"
        blocks = [plan.blocks[stretch.block] for stretch in self._stretches]
        spans = [Span(b.exercise, chosen_by, s.start_s, s.end_s) for b, s in zip(blocks, self._stretches, strict=True)]
        own_events, series = self._followed(spans, log)
        events = [event for own in own_events for event in own]
        if plan.routine is not None:
            done = [
                DoneBlock(block.exercise.id, block.planned, own)
                for block, own in zip(blocks, own_events, strict=True)
                if block.exercise is not None
            ]
            exercises = {b.exercise.id: b.exercise for b in plan.blocks if b.exercise}
            events += review(plan.routine, exercises, done, {}, float(log.time_s[-1]))
        judged = Judgement(tuple(spans), events, series, notes_on_visibility(log), plan.routine)
        return write_results(self._folder_for(plan), log, judged, Path("camera"))

    def _followed(self, spans: list[Span], log: PoseLog) -> tuple[list[list[Event]], Series]:
        """Events of each span and all readings, as they were; of an interrupted run from the poses that were kept."""
        traces = [trace for trace in self._traces if trace is not None]
        if len(traces) < len(spans):
            followers, series = follow(log, spans)
            return followers.events, series
        columns: dict[str, npt.NDArray[np.float32]] = {}
        for trace in traces:
            trace.fill(columns, len(log))
        return [trace.events for trace in traces], series_of(log, columns, spans)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def _say(self, text: str, level: str) -> None:
        """Something to be spoken and shown as a caption; with closed eyes only changes and safety are."""
        block = self.block
        is_quiet = self.state is State.BLOCK and block is not None and block.exercise and block.exercise.eyes_closed
        if not is_quiet or level in ("safety", "info"):
            self._said.append({"text": text, "level": level})

    def message(self) -> Json:
        """All there is to show now; what is to be spoken is in one message only."""
        said, self._said = self._said, []
        shown: Json = {
            "kind": "moment",
            "state": self.state.value,
            "say": said,
            "gesture": round(self._hands.filled, 2),
            "index": self._index,
            "run_s": round(self._run_s, 2),
            "results": {str(index): result for index, result in self._results.items()},
        }
        if self._pose is not None:
            shown["seen"] = seen(self._pose)
        block = self.block
        if block is not None and self.state in (*ACTIVE, State.PAUSED):
            shown["block"] = block_in_short(block, self._catalogue)
            shown |= self._about_block(block)
        return shown

    def _about_block(self, block: Block) -> Json:
        about: Json = {"elapsed_s": round(self._elapsed_s, 1), "count": self._n_done, "target": block.counts}
        if self._engine is not None:
            snapshot = self._engine.snapshot()
            about["moment"] = moment(snapshot, self._catalogue)
            about["target"] = target(block, snapshot)
        if self.state is State.SETUP and self._gate is not None:
            problem = self._gate.problem
            about["setup"] = {
                "problem": self._catalogue.say(problem) if problem else None,
                "filled": round(self._gate.filled, 2),
            }
        elif self.state is State.COUNTDOWN:
            about["countdown"] = self._countdown
        elif self.state is State.PAUSED:
            about["paused"] = self._pause_reason
        return about

    @property
    def _countdown(self) -> int:
        return max(1, min(3, int(COUNTDOWN_S - self._state_s) + 1))

    def whole_plan(self) -> Json | None:
        """The plan with all its blocks, for a timeline; None when nothing is chosen."""
        return None if self.plan is None else plan_in_full(self.plan, self._catalogue)

    @property
    def pose(self) -> Pose | None:
        """In the last picture; None before the first."""
        return self._pose

    def snapshot(self) -> Snapshot:
        """The moment for an overlay that is drawn into the picture; outside of a block, what to do now."""
        text, say = self._catalogue.text, self._catalogue.say
        time_s = self._pose.time_s if self._pose is not None else 0.0
        if self.state is State.BLOCK and self._engine is not None:
            now = self._engine.snapshot()
            return replace(
                now,
                title=block_title(self._block, self._catalogue),
                count=self._n_done,
                count_target=target(self._block, now),
                count_label=say(now.count_label),
                phase=say(now.phase) if now.phase else None,
                cue=say(now.cue) if now.cue else None,
                not_judged=say(now.not_judged) if now.not_judged else None,
            )
        problem = self._gate.problem if self._gate is not None else None
        words = {
            State.SETUP: say(problem) if problem else text("setup.good"),
            State.COUNTDOWN: str(self._countdown),
            State.REST: block_title(self._block, self._catalogue) if self.state is State.REST else "",
            State.PAUSED: text(f"paused.{self._pause_reason or 'asked'}"),
        }.get(self.state)
        return Snapshot(time_s, "", cue=words, cue_level="setup" if words else None)


def explained(error: FormcheckError) -> Json:
    """An error as a message."""
    return {"kind": "error", "text": str(error)}
