"""A person at a camera: choose, set up, 3-2-1, block after block, report. All time comes from the frames."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from formcheck.errors import ExportError, UsageError
from formcheck.events import CueGiven, Event, PainMarked, SafetyStop
from formcheck.live.blockrun import BlockRun, Followed
from formcheck.live.clock import RunClock
from formcheck.live.eyes import Image, fitted
from formcheck.live.gesture import HandsUp
from formcheck.live.interrupted import Interrupted, Keeper
from formcheck.live.message import Json, block_title
from formcheck.live.past import Past
from formcheck.live.plan import Block, Plan, plan_of
from formcheck.live.recorder import Recorder
from formcheck.live.replay import replay
from formcheck.live.results import write_run
from formcheck.live.runlog import RunLog
from formcheck.live.setup import SetupGate
from formcheck.measures.senses import Senses
from formcheck.messages import LANGUAGES, load_catalogue
from formcheck.progression import Suggestion
from formcheck.seeing import Wishes
from formcheck.session import SessionResult
from formcheck.types import Frame, Pose

COUNTDOWN_S: Final = 3.0
LINGER_S: Final = 2.0  # a finished block stays, so that its last count and cue can be taken in
PAUSE_AFTER_S: Final = 3.0  # without frames for this long, a block pauses by itself
ANOTHER_DAY_S: Final = 3.0  # what passes in the log between an interrupted run and its continuation
INTERRUPTIONS: Final = frozenset({"interrupted", "hidden", "camera", "asleep", "link"})


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
        steps: the person's own next steps of its movements, by exercise; those in `refused` are not taken.
        run: the block that is under way or comes next.
        results: what the blocks before brought, by their index.
        log: every pose of the run; its time `run_s` stands still in pauses.
        pose: in the last picture; None before the first.
        gate, hands: what is gathered in the set-up, and by raised hands.
        pause_reason: why it is paused, else None.
        result: the files of the last run; None before, or when there was nothing to report.
        trouble: what could not be done beside the run, in a sentence; None when all could.
        catalogue: the texts in the person's language.
    """

    def __init__(
        self,
        watch: Callable[[Frame], Pose],
        folder_for: Callable[[Plan], Path],
        *,
        language: str = "en",
        state_folder: Path | None = None,
        about: Json | None = None,
        past: Past | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """Nothing is chosen yet.

        Args:
            watch: finds the person in a frame.
            folder_for: where the results of a plan go; asked when a run ends.
            language: "en" or "de".
            state_folder: where an unfinished run is kept; None to keep none.
            about: JSON values for the pose log, such as versions.
            past: the history; None for none.
            recorder: keeps the pictures; None when nobody asked for that.
        """
        self._watch, self._folder_for = watch, folder_for
        self.catalogue = load_catalogue(language)
        self._keeper = Keeper(state_folder)
        self._about = about or {}
        self._past = past
        self._recorder = recorder
        self.is_recording = recorder is not None
        self._clock = RunClock()
        self._seen_s = 0.0  # time of the frames as the estimator gets it: goes on in pauses
        self._n_frames = 0
        self.hands = HandsUp()
        self.pose: Pose | None = None
        self._chosen: Plan | None = None
        self.steps: dict[str, Suggestion] = {}
        self.refused: set[str] = set()
        self.result: SessionResult | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.state = State.CHOOSE
        self.state_s = 0.0
        self.plan = self._chosen
        self.log = RunLog(self._keeper.folder, {"source": "camera", "complete": True, "problem": None, **self._about})
        self.run_s = 0.0
        self._was_logged = False
        self._senses: dict[str, Senses] = {}
        self.run: BlockRun | None = None
        self._followed: list[Followed] = []
        self._pain: list[PainMarked] = []
        self.results: dict[int, Json] = {}
        self._breaths: list[float] = []
        self._said: list[Json] = []
        self.pause_reason: str | None = None
        self._paused_from = State.SETUP
        self.gate: SetupGate | None = None
        self.trouble: str | None = None

    @property
    def wishes(self) -> Wishes:
        """What the block under way wants to be read beside the landmarks."""
        return Wishes.of(self.run.block.exercise) if self.run is not None else Wishes()

    # -- frames in ----------------------------------------------------------------------------------------------------

    def take(self, image: Image, frame_s: float) -> None:
        """Take a picture.

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
        self._step(pose, step_s, gap_s)
        if self._was_logged and self.is_recording:
            self._record(image)

    def _step(self, pose: Pose, step_s: float, gap_s: float) -> None:
        self.pose = pose
        self.state_s += step_s
        if gap_s > PAUSE_AFTER_S and self.state in (State.BLOCK, State.REST):
            self._pause("interrupted")
        if gap_s and self.state is State.COUNTDOWN:
            self._begin_countdown_anew()
        if self._hands_say_so(pose):
            self._toggle()
        if self._is_logged:
            if not self._was_logged or gap_s:
                self._note_gap(pose)
            self.run_s += step_s
            pose = self.pose = replace(pose, time_s=self.run_s)
            self._note(pose)
        self._was_logged = self._is_logged
        self._go_on(pose, step_s)

    @property
    def _is_logged(self) -> bool:
        """Pauses, and the countdown after one, are no part of the run: its time stands still."""
        is_coming_back = self.state is State.COUNTDOWN and self.run is not None and self.run.is_followed
        return self.state in ACTIVE and not is_coming_back

    def _note(self, pose: Pose) -> None:
        self.log.append(pose)
        for senses in self._senses.values():
            senses.take(pose)

    def _note_gap(self, pose: Pose) -> None:
        """A row with nobody where frames are missing, so that nothing is credited across."""
        if len(self.log):
            self.run_s += 0.02
            nobody = Pose.nobody(self.run_s, pose.size_wh)
            self._note(nobody)
            if self.run is not None and self.run.is_followed:
                self.run.step(nobody)

    def _record(self, image: Image) -> None:
        assert self._recorder is not None
        try:
            self._recorder.write(image, self.run_s)
        except ExportError as error:  # the run is worth more than its video
            self._recorder.drop()
            self.is_recording, self.trouble = False, str(error)

    def _hands_say_so(self, pose: Pose) -> bool:
        is_paused = self.state is State.PAUSED and self.pause_reason != "pain"
        if is_paused or self.state is State.REST or (self.state is State.CHOOSE and self.plan is not None):
            return self.hands.update(pose)
        self.hands.forget()
        return False

    def _go_on(self, pose: Pose, step_s: float) -> None:
        if self.state is State.SETUP:
            assert self.gate is not None
            self.gate.update(pose)
            if self.gate.is_armed:
                self._count_down()
        elif self.state is State.COUNTDOWN:
            self._speak_countdown(step_s)
            if self.state_s >= COUNTDOWN_S:
                self._enter(State.BLOCK)
        elif self.state is State.REST:
            assert self.run is not None
            self.run.elapsed_s += step_s
            if self.run.elapsed_s >= (self.run.block.seconds or 0.0):
                self._end_block("done")
                self._next()
        elif self.state is State.BLOCK:
            self._follow(pose, step_s)

    # -- a block ------------------------------------------------------------------------------------------------------

    def _follow(self, pose: Pose, step_s: float) -> None:
        run, plan = self.run, self.plan
        assert run is not None
        assert plan is not None
        if not run.is_followed:
            assert run.block.exercise is not None
            senses = self._senses[run.block.exercise.view_by]
            run.begin(senses, plan.chosen_by, len(self.log) - 1, pose.time_s)
        n_before = run.n_done
        events = run.step(pose)
        run.elapsed_s += step_s if pose.is_person else 0.0
        self._speak_of(events, run.n_done if run.n_done > n_before else None)
        if run.n_done > n_before:
            self._keep()
        if any(isinstance(event, SafetyStop) for event in events):
            self._pause("safety")
        elif run.done_s is None and run.is_done:
            run.done_s = pose.time_s
            self.say(self.catalogue.text("say.well_done"), "praise")
        elif run.done_s is not None and pose.time_s - run.done_s >= LINGER_S:
            self._end_block("done")
            self._next()

    def _end_block(self, status: str) -> None:
        """Whatever was done of the block is kept; `status` is "done" or "skipped"."""
        run = self.run
        assert run is not None
        is_enough = run.is_enough
        followed = run.end(self.run_s)
        if followed is not None:
            self._followed.append(followed)
            if status == "skipped" and (run.n_done or is_enough):
                status = "done" if is_enough else "part"
        self.results[run.index] = {
            "status": status,
            "count": run.n_done if run.block.exercise else None,
            "seconds": round(run.elapsed_s, 1),
        }

    def _next(self) -> None:
        assert self.run is not None
        self._go_to(self.run.index + 1)
        if self.state is not State.SAVING:
            self._keep()

    def _go_to(self, index: int) -> None:
        assert self.plan is not None
        blocks = self.plan.blocks
        while index < len(blocks) and self.plan.is_left_out(blocks[index]):
            self.results[index] = {"status": "skipped", "count": 0, "seconds": 0.0}
            index += 1
        if index >= len(blocks):
            self._enter(State.SAVING)
            self.say(self.catalogue.text("say.finished"), "info")
            return
        self.run = BlockRun(index, blocks[index])
        if blocks[index].exercise is None:
            self._enter(State.REST)
            turn = self.catalogue.say(blocks[index].turn or "")
            self.say(f"{block_title(blocks[index], self.catalogue)} {turn}".strip(), "info")
        else:
            self._set_up()
            self._announce(blocks[index])

    def _set_up(self) -> None:
        exercise = self.run.block.exercise if self.run is not None else None
        assert exercise is not None
        self.gate = SetupGate(exercise, self._senses[exercise.view_by])
        self._enter(State.SETUP)

    def _begin_countdown_anew(self) -> None:
        """Nobody was seen for a moment; a block that is not begun waits for a good view again."""
        if self.run is not None and self.run.is_followed:
            self._count_down()
        else:
            self._set_up()

    def _count_down(self) -> None:
        self._enter(State.COUNTDOWN)
        self.say("3", "info")

    def _enter(self, state: State) -> None:
        self.state, self.state_s = state, 0.0
        self.hands.forget()

    # -- what is said -------------------------------------------------------------------------------------------------

    def say(self, text: str, level: str) -> None:
        """Something to be spoken and shown as a caption; with closed eyes only changes and safety are."""
        exercise = self.run.block.exercise if self.run is not None else None
        is_quiet = self.state is State.BLOCK and exercise is not None and exercise.eyes_closed
        if not is_quiet or level in ("safety", "info"):
            self._said.append({"text": text, "level": level})

    def take_said(self) -> list[Json]:
        """What is to be spoken since the last call: text and level of each."""
        said, self._said = self._said, []
        return said

    def _speak_of(self, events: list[Event], count: int | None) -> None:
        if count is not None:
            self.say(str(count), "count")
        for event in events:
            if isinstance(event, CueGiven):
                self.say(self.catalogue.say(event.text), event.level)

    def _announce(self, block: Block) -> None:
        parts = [self.catalogue.text("say.next", title=block_title(block, self.catalogue))]
        parts += [self.catalogue.say(text) for text in (block.change, block.turn) if text]
        self.say(" ".join(parts), "info")

    def _speak_countdown(self, step_s: float) -> None:
        before, now = COUNTDOWN_S - self.state_s + step_s, COUNTDOWN_S - self.state_s
        for second in (2, 1):
            if now <= second < before:
                self.say(str(second), "info")

    # -- what the person asks for -------------------------------------------------------------------------------------

    def command(self, name: str, value: Any = None) -> None:
        """Do what a key, a button or the voice asks for; what does not fit the moment is left undone.

        Raises:
            UsageError: there is no such command, routine, movement or language.
        """
        act = self._commands.get(name)
        if act is None:
            raise UsageError(f"there is no command {str(name)[:40]!r}")
        act(self, value)

    def choose(self, kind: str, id_or_path: str) -> None:
        """Take a routine or a movement for the next run; files of the user's only come from the command line."""
        plan = plan_of(kind, id_or_path)
        if self.state in (State.CHOOSE, State.DONE):
            self._chosen = plan
            self.refused = set()
            self._begin_anew()
            self._look_up_steps()

    def _choose(self, value: Any) -> None:
        if not isinstance(value, dict) or value.get("kind") not in ("routine", "exercise"):
            raise UsageError("choose a routine or an exercise")
        name = str(value.get("id"))
        is_same = self.plan is not None and (self.plan.kind, self.plan.id) == (value["kind"], name)
        if name.endswith(".toml") and not is_same:
            raise UsageError("a file is given on the command line, not here")
        self.choose(value["kind"], name)

    def _look_up_steps(self) -> None:
        self.steps = self._past.steps(self.plan.exercises) if self._past and self.plan else {}

    def _refuse(self, value: Any) -> None:
        """A next step is not wanted, or a movement that hurt is wanted all the same."""
        step = self.steps.get(str(value))
        if step is None or self.state is not State.CHOOSE or self._past is None:
            return
        if step.change == "up":
            self._past.refuse(step.exercise)
            self._look_up_steps()
        else:
            self.refused.add(step.exercise)

    def _start(self, _: Any) -> None:
        if self.state is State.CHOOSE and self.plan is not None:
            self._forget_kept()  # whoever begins something else does not want to continue
            wanted = {name: step for name, step in self.steps.items() if name not in self.refused}
            left_out = frozenset(name for name, step in wanted.items() if step.change == "hurt")
            self.plan = self.plan.at_stages({name: step.stage for name, step in wanted.items()}, left_out)
            self._sharpen_senses()
            self._go_to(0)
        elif self.state is State.SETUP:
            self._count_down()
        elif self.state is State.PAUSED:
            self._resume()
        elif self.state is State.REST:
            self._skip(None)

    def _sharpen_senses(self) -> None:
        blocks = self.plan.blocks if self.plan is not None else ()
        self._senses = {line: Senses(line) for line in {b.exercise.view_by for b in blocks if b.exercise}}

    def _toggle(self, _: Any = None) -> None:
        if self.state is State.CHOOSE:
            self._start(None)
        elif self.state is State.PAUSED:
            self._resume()
        else:
            self._pause("asked")

    def _pause(self, reason: str) -> None:
        is_followed = self.run is not None and self.run.is_followed
        if self.state in (State.COUNTDOWN, State.SETUP) and not is_followed:
            self._set_up()
            self._paused_from = State.SETUP
        elif self.state in (State.BLOCK, State.COUNTDOWN, State.REST):
            self._paused_from = State.REST if self.state is State.REST else State.BLOCK
        elif self.state is not State.PAUSED or reason != "pain":
            return
        self.pause_reason = reason
        self._enter(State.PAUSED)
        self._said = [item for item in self._said if item["level"] == "safety"]
        if reason not in ("safety", "pain"):
            self.say(self.catalogue.text("say.paused"), "info")
        self._keep()

    def _interrupt(self, value: Any) -> None:
        """The page, the camera or the computer was away: only what runs by itself pauses."""
        if self.state in (State.BLOCK, State.REST, State.COUNTDOWN):
            self._pause(value if value in INTERRUPTIONS else "interrupted")

    def _resume(self, _: Any = None) -> None:
        if self.state is not State.PAUSED:
            return
        self.pause_reason = None
        if self._paused_from is State.BLOCK:
            self._count_down()
        else:
            self._enter(self._paused_from)

    def _hurts(self, _: Any) -> None:
        """Something hurts: it is the movement under way, else the one before, else the one that comes."""
        if self.plan is None or self.run is None or self.state not in (*ACTIVE, State.PAUSED):
            return
        last = self.run.index if self.run.is_followed or not self._followed else self._followed[-1].stretch.block
        exercise = self.plan.blocks[last].exercise
        self._pain.append(PainMarked(self.run_s, exercise.id if exercise else None))
        self._pause("pain")
        self.say(self.catalogue.text("say.pain"), "safety")

    def _breath(self, _: Any) -> None:
        if self.state is State.BLOCK and self.run is not None:
            self._breaths.append(self.run_s)
            self.run.mark_breath()

    def _skip(self, _: Any) -> None:
        if self.state in (*ACTIVE, State.PAUSED):
            self.pause_reason = None
            self._end_block("skipped")
            self._next()

    def _repeat(self, _: Any) -> None:
        """The block from its beginning; already at its beginning, the one before."""
        if self.run is None or self.state not in (*ACTIVE, State.PAUSED):
            return
        self.pause_reason = None
        index, is_begun = self.run.index, self.run.is_begun
        if is_begun:
            self._end_block("skipped")
            self.results.pop(index, None)
        self._go_to(index if is_begun else max(0, index - 1))

    def _extend(self, _: Any) -> None:
        if self.plan is not None and self.run is not None and self.state in (*ACTIVE, State.PAUSED):
            self.plan = self.plan.with_block(self.run.extend())

    def _stop(self, _: Any) -> None:
        if self.state in (*ACTIVE, State.PAUSED):
            if self.run is not None and self.run.is_begun:
                self._end_block("skipped")
            self._enter(State.SAVING)

    def _speak_language(self, value: Any) -> None:
        if value not in LANGUAGES:
            raise UsageError(f"there is no language {str(value)[:20]!r}")
        self.catalogue = load_catalogue(value)

    def _record_or_not(self, value: Any) -> None:
        """Whoever asked for a video may change their mind before it begins."""
        if self.state is State.CHOOSE and self._recorder is not None:
            self.is_recording = bool(value)

    def _begin_again(self, _: Any) -> None:
        if self.state is State.DONE:
            self._begin_anew()
            self._look_up_steps()

    def note(self, **about: Any) -> None:
        """Remarks for the pose logs of this and later runs, such as the size of the ball."""
        self._about |= about
        self.log.meta |= about

    # -- a run that was interrupted -----------------------------------------------------------------------------------

    def interrupted(self) -> Interrupted | None:
        """A run that was not ended, if there is one and none is under way."""
        return self._keeper.read() if self.state in (State.CHOOSE, State.DONE) else None

    def _keep(self) -> None:
        """What is done survives a crash from now on; where it cannot be kept, the run goes on all the same."""
        plan, run = self.plan, self.run
        if plan is None or run is None:
            return
        under_way = None if run.index in self.results else run.stretch(self.run_s)
        stretches = [followed.stretch for followed in self._followed] + ([under_way] if under_way else [])
        with contextlib.suppress(ExportError):
            if self.log.flush():
                kept = Interrupted(
                    kind=plan.kind,
                    id=plan.id,
                    next_block=run.index,
                    stretches=tuple(stretches),
                    results=self.results,
                    parts=tuple(self.log.parts),
                    is_open=under_way is not None,
                    elapsed_s=run.elapsed_s,
                    breaths=tuple(self._breaths),
                    pain=tuple((mark.time_s, mark.exercise) for mark in self._pain),
                    stages={name: dict(stage) for name, stage in plan.stages.items()},
                )
                self._keeper.keep(kept)

    def _continue_last(self, _: Any) -> None:
        kept = self.interrupted()
        if kept is None:
            return
        self.choose(kept.kind, kept.id)
        log = self._keeper.log_of(kept, self.log.meta)
        if log is None or self.plan is None:
            return
        self.plan = self.plan.at_stages(kept.stages)
        self._sharpen_senses()
        self._followed, run = replay(self.plan, log.whole(), kept, self._senses)
        self.log, self.run_s = log, log.last_s + ANOTHER_DAY_S
        self.results = dict(kept.results)
        self._breaths = list(kept.breaths)
        self._pain = [PainMarked(time_s, exercise) for time_s, exercise in kept.pain]
        if run is None:
            self._go_to(kept.next_block)
        else:
            self.run, self._paused_from = run, State.BLOCK
            self.pause_reason = "interrupted"
            self._enter(State.PAUSED)

    def _forget_last(self, _: Any) -> None:
        if self.state in (State.CHOOSE, State.DONE):
            self._forget_kept()

    def _forget_kept(self) -> None:
        """What hurt is not forgotten with the rest."""
        kept = self._keeper.read()
        for exercise in dict.fromkeys(name for _, name in kept.pain) if kept is not None and self._past else ():
            assert self._past is not None
            self._past.hurt(exercise)
        self._keeper.forget()

    # -- the end ------------------------------------------------------------------------------------------------------

    def finish(self) -> SessionResult | None:
        """Write the files of what was done; None when nothing was. What was begun and not ended is ended.

        Raises:
            ExportError: they cannot be written; what was done is still kept.
        """
        self._stop(None)
        if self.plan is None or self.state is State.CHOOSE:
            return None
        if self.state is State.SAVING:
            self.result = self._write(self.plan) if self._followed else None
            if self.result is None:
                self._lose()
            self._keeper.forget()
            self._enter(State.DONE)
        return self.result

    def _write(self, plan: Plan) -> SessionResult:
        result = write_run(
            self._folder_for(plan), plan, self.log.whole(), self._followed, self._pain, self.catalogue.language
        )
        if self._recorder is not None:
            try:
                self._recorder.keep(result.folder)
            except ExportError as error:
                self.trouble = str(error)
        if self._past is not None:
            self._past.file(result)
        return result

    def _lose(self) -> None:
        """Nothing was followed: no report, no video; but what hurt is kept."""
        if self._recorder is not None:
            self._recorder.drop()
        for mark in self._pain if self._past is not None else ():
            assert self._past is not None
            self._past.hurt(mark.exercise)

    _commands: Final[dict[str, Callable[[LiveSession, Any], None]]] = {
        "again": _begin_again,
        "breath": _breath,
        "choose": _choose,
        "continue_last": _continue_last,
        "extend": _extend,
        "forget_last": _forget_last,
        "how": lambda self, _: None,  # only asks how things are
        "hurts": _hurts,
        "interrupt": _interrupt,
        "language": _speak_language,
        "pause": lambda self, _: self._pause("asked"),
        "record": _record_or_not,
        "refuse": _refuse,
        "repeat": _repeat,
        "resume": _resume,
        "skip": _skip,
        "start": _start,
        "stop": _stop,
        "toggle": _toggle,
    }
