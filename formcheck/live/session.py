"""A person at a camera: choose, set up, 3-2-1, block after block, report. All time comes from the frames."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from formcheck.errors import ExportError
from formcheck.events import CueGiven, PainMarked, SafetyStop
from formcheck.live.blockrun import BlockRun
from formcheck.live.clock import RunClock
from formcheck.live.commands import obey
from formcheck.live.eyes import Image, fitted
from formcheck.live.gathered import Gathered
from formcheck.live.gesture import HandsUp
from formcheck.live.interrupted import Interrupted, Keeper
from formcheck.live.message import Json
from formcheck.live.past import Past
from formcheck.live.plan import Plan, plan_of
from formcheck.live.recorder import Recorder
from formcheck.live.results import write_run
from formcheck.live.runlog import RunLog
from formcheck.live.saying import Speaker
from formcheck.live.setup import SetupGate
from formcheck.messages import Catalogue, load_catalogue
from formcheck.progression import Suggestion
from formcheck.render.back import BackLine
from formcheck.seeing import Wishes
from formcheck.session import SessionResult
from formcheck.types import Frame, Pose

COUNTDOWN_S: Final = 3.0
LINGER_S: Final = 2.0  # a finished block stays, so that its last count and cue can be taken in
PAUSE_AFTER_S: Final = 3.0  # without frames for this long, a block pauses by itself


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
        gathered: what the run has brought so far.
        pose: in the last picture; None before the first.
        gate, hands: what is gathered in the set-up, and by raised hands.
        pause_reason: why it is paused, else None.
        result: the files of the last run; None before, or when there was nothing to report.
        trouble: what could not be done beside the run, in a sentence; None when all could.
        speaker: says things in the person's language.
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
        self.speaker = Speaker(load_catalogue(language))
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
        self.back_line = BackLine()
        self._chosen: Plan | None = None
        self.steps: dict[str, Suggestion] = {}
        self.refused: set[str] = set()
        self.result: SessionResult | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.state = State.CHOOSE
        self.state_s = 0.0
        self.plan = self._chosen
        about = {"source": "camera", "complete": True, "problem": None, **self._about}
        self.gathered = Gathered(RunLog(self._keeper.folder, about))
        self._was_logged = False
        self.run: BlockRun | None = None
        self.pause_reason: str | None = None
        self._paused_from = State.SETUP
        self.gate: SetupGate | None = None
        self.trouble: str | None = None

    @property
    def catalogue(self) -> Catalogue:
        """The texts in the person's language."""
        return self.speaker.catalogue

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
        log = self.gathered.log
        if len(log) and image.shape[1::-1] != log.size_wh:
            image = fitted(image, log.size_wh)
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
            self.pause("interrupted")
        if gap_s and self.state is State.COUNTDOWN:
            self._begin_countdown_anew()
        if self._hands_say_so(pose):
            self.toggle()
        if self._is_logged:
            if not self._was_logged or gap_s:
                self._note_gap(pose)
            pose = self.pose = self.gathered.add(pose, step_s)
        self._was_logged = self._is_logged
        self._go_on(pose, step_s)

    @property
    def _is_logged(self) -> bool:
        """Pauses, and the countdown after one, are no part of the run: its time stands still."""
        is_coming_back = self.state is State.COUNTDOWN and self.run is not None and self.run.is_followed
        return self.state in ACTIVE and not is_coming_back

    def _note_gap(self, pose: Pose) -> None:
        nobody = self.gathered.add_gap(pose.size_wh)
        if nobody is not None and self.run is not None and self.run.is_followed:
            self.run.step(nobody)

    def _record(self, image: Image) -> None:
        assert self._recorder is not None
        try:
            self._recorder.write(image, self.gathered.run_s)
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
            before, now = COUNTDOWN_S - self.state_s + step_s, COUNTDOWN_S - self.state_s
            for second in (2, 1):
                if now <= second < before:
                    self.speaker.say(str(second), "info")
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
            senses = self.gathered.senses[run.block.exercise.view_by]
            run.begin(senses, plan.chosen_by, len(self.gathered.log) - 1, pose.time_s)
        n_before = run.n_done
        events = run.step(pose)
        run.elapsed_s += step_s if pose.is_person else 0.0
        if run.n_done > n_before:
            self.speaker.say(str(run.n_done), "count")
            self._keep()
        for event in events:
            if isinstance(event, CueGiven):
                self.speaker.say(self.catalogue.say(event.text), event.level)
        if any(isinstance(event, SafetyStop) for event in events):
            self.pause("safety")
        elif run.done_s is None and run.is_done:
            run.done_s = pose.time_s
            self.speaker.say_text("say.well_done", "praise")
        elif run.done_s is not None and pose.time_s - run.done_s >= LINGER_S:
            self._end_block("done")
            self._next()

    def _end_block(self, status: str) -> None:
        """Whatever was done of the block is kept; `status` is "done" or "skipped"."""
        run = self.run
        assert run is not None
        is_enough = run.is_enough
        followed = run.end(self.gathered.run_s)
        if followed is not None:
            self.gathered.followed.append(followed)
            if status == "skipped" and (run.n_done or is_enough):
                status = "done" if is_enough else "part"
        self.gathered.results[run.index] = {
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
            self.gathered.results[index] = {"status": "skipped", "count": 0, "seconds": 0.0}
            index += 1
        if index >= len(blocks):
            self._enter(State.SAVING)
            self.speaker.say_text("say.finished", "info")
            return
        self.run = BlockRun(index, blocks[index])
        if blocks[index].exercise is None:
            self._enter(State.REST)
        else:
            self._set_up()
        self.speaker.announce(blocks[index])

    def _set_up(self) -> None:
        exercise = self.run.block.exercise if self.run is not None else None
        assert exercise is not None
        self.gate = SetupGate(exercise, self.gathered.senses[exercise.view_by])
        self._enter(State.SETUP)

    def _begin_countdown_anew(self) -> None:
        """Nobody was seen for a moment; a block that is not begun waits for a good view again."""
        if self.run is not None and self.run.is_followed:
            self._count_down()
        else:
            self._set_up()

    def _count_down(self) -> None:
        self._enter(State.COUNTDOWN)
        self.speaker.say("3", "info")

    def _enter(self, state: State) -> None:
        self.state, self.state_s = state, 0.0
        self.hands.forget()
        exercise = self.run.block.exercise if self.run is not None else None
        self.speaker.is_quiet = state is State.BLOCK and exercise is not None and exercise.eyes_closed

    # -- what the person asks for -------------------------------------------------------------------------------------

    def command(self, name: str, value: Any = None) -> None:
        """Do what a key, a button or the voice asks for; what does not fit the moment is left undone.

        Raises:
            UsageError: there is no such command, routine, movement or language.
        """
        obey(self, name, value)

    def choose(self, kind: str, id_or_path: str) -> None:
        """Take a routine or a movement for the next run; files of the user's only come from the command line."""
        plan = plan_of(kind, id_or_path)
        if self.state in (State.CHOOSE, State.DONE):
            self._chosen = plan
            self.refused = set()
            self._begin_anew()
            self._look_up_steps()

    def _look_up_steps(self) -> None:
        self.steps = self._past.steps(self.plan.exercises) if self._past and self.plan else {}

    def refuse(self, exercise: str) -> None:
        """A next step is not wanted, or a movement that hurt is wanted all the same."""
        step = self.steps.get(exercise)
        if step is None or self.state is not State.CHOOSE or self._past is None:
            return
        if step.change == "up":
            self._past.refuse(step.exercise)
            self._look_up_steps()
        else:
            self.refused.add(step.exercise)

    def start(self) -> None:
        """Begin what is chosen, or what the moment waits for."""
        if self.state is State.CHOOSE and self.plan is not None:
            self._forget_kept()  # whoever begins something else does not want to continue
            wanted = {name: step for name, step in self.steps.items() if name not in self.refused}
            left_out = frozenset(name for name, step in wanted.items() if step.change == "hurt")
            self.plan = self.plan.at_stages({name: step.stage for name, step in wanted.items()}, left_out)
            self.gathered.sharpen_senses(self.plan)
            self._go_to(0)
        elif self.state is State.SETUP:
            self._count_down()
        elif self.state is State.PAUSED:
            self.resume()
        elif self.state is State.REST:
            self.skip()

    def toggle(self) -> None:
        """Begin, pause or go on: one key, or both hands raised."""
        if self.state is State.CHOOSE:
            self.start()
        elif self.state is State.PAUSED:
            self.resume()
        else:
            self.pause("asked")

    def pause(self, reason: str) -> None:
        """Time stands still until `resume`; the reason is shown."""
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
        self.speaker.keep_only_safety()
        if reason not in ("safety", "pain"):
            self.speaker.say_text("say.paused", "info")
        self._keep()

    def interrupt(self, reason: str) -> None:
        """The page, the camera or the computer was away: only what runs by itself pauses."""
        if self.state in (State.BLOCK, State.REST, State.COUNTDOWN):
            self.pause(reason)

    def resume(self) -> None:
        """Go on after a pause."""
        if self.state is not State.PAUSED:
            return
        self.pause_reason = None
        if self._paused_from is State.BLOCK:
            self._count_down()
        else:
            self._enter(self._paused_from)

    def mark_pain(self) -> None:
        """Something hurts: it is the movement under way, else the one before, else the one that comes."""
        if self.plan is None or self.run is None or self.state not in (*ACTIVE, State.PAUSED):
            return
        before, index = self.gathered.followed, self.run.index
        exercise = self.plan.blocks[index if self.run.is_followed or not before else before[-1].stretch.block].exercise
        self.gathered.pain.append(PainMarked(self.gathered.run_s, exercise.id if exercise else None))
        self.pause("pain")
        self.speaker.say_text("say.pain", "safety")

    def mark_breath(self) -> None:
        """The person has taken a breath."""
        if self.state is State.BLOCK and self.run is not None:
            self.gathered.breaths.append(self.gathered.run_s)
            self.run.mark_breath()

    def skip(self) -> None:
        """Leave the block; what was done of it is kept."""
        if self.state in (*ACTIVE, State.PAUSED):
            self.pause_reason = None
            self._end_block("skipped")
            self._next()

    def repeat(self) -> None:
        """The block from its beginning; already at its beginning, the one before."""
        if self.run is None or self.state not in (*ACTIVE, State.PAUSED):
            return
        self.pause_reason = None
        index, is_begun = self.run.index, self.run.is_begun
        if is_begun:
            self._end_block("skipped")
            self.gathered.results.pop(index, None)
        self._go_to(index if is_begun else max(0, index - 1))

    def extend(self) -> None:
        """A little more of the block."""
        if self.plan is not None and self.run is not None and self.state in (*ACTIVE, State.PAUSED):
            self.plan = self.plan.with_block(self.run.extend())

    def stop(self) -> None:
        """End the run."""
        if self.state in (*ACTIVE, State.PAUSED):
            if self.run is not None and self.run.is_begun:
                self._end_block("skipped")
            self._enter(State.SAVING)

    def speak_language(self, language: str) -> None:
        """Everything is said in this language from now on."""
        self.speaker.catalogue = load_catalogue(language)

    def record(self, is_wanted: bool) -> None:
        """Whoever asked for a video may change their mind before it begins."""
        if self.state is State.CHOOSE and self._recorder is not None:
            self.is_recording = is_wanted

    def begin_again(self) -> None:
        """The same once more."""
        if self.state is State.DONE:
            self._begin_anew()
            self._look_up_steps()

    def note(self, **about: Any) -> None:
        """Remarks for the pose logs of this and later runs, such as the size of the ball."""
        self._about |= about
        self.gathered.log.meta |= about

    # -- a run that was interrupted -----------------------------------------------------------------------------------

    def interrupted(self) -> Interrupted | None:
        """A run that was not ended, if there is one and none is under way."""
        return self._keeper.read() if self.state in (State.CHOOSE, State.DONE) else None

    def _keep(self) -> None:
        """What is done survives a crash from now on; where it cannot be kept, the run goes on all the same."""
        if self.plan is None or self.run is None:
            return
        with contextlib.suppress(ExportError):
            if (kept := self.gathered.to_keep(self.plan, self.run)) is not None:
                self._keeper.keep(kept)

    def continue_last(self) -> None:
        """Go on where an interrupted run was cut off."""
        kept = self.interrupted()
        if kept is None:
            return
        self.choose(kept.kind, kept.id)
        log = self._keeper.log_of(kept, self.gathered.log.meta)
        if log is None or self.plan is None:
            return
        self.plan, self.gathered = self.plan.at_stages(kept.stages), Gathered(log)
        run = self.gathered.bring_back(self.plan, kept)
        if run is None:
            self._go_to(kept.next_block)
        else:
            self.run, self._paused_from = run, State.BLOCK
            self.pause_reason = "interrupted"
            self._enter(State.PAUSED)

    def forget_last(self) -> None:
        """Nobody wants to go on with the interrupted run."""
        if self.state in (State.CHOOSE, State.DONE):
            self._forget_kept()

    def _forget_kept(self) -> None:
        """What hurt is not forgotten with the rest."""
        kept = self._keeper.read()
        if kept is not None:
            self._tell_past({exercise for _, exercise in kept.pain})
        self._keeper.forget()

    def _tell_past(self, hurt: set[str | None]) -> None:
        for exercise in hurt if self._past is not None else ():
            assert self._past is not None
            self._past.hurt(exercise)

    # -- the end ------------------------------------------------------------------------------------------------------

    def finish(self) -> SessionResult | None:
        """Write the files of what was done; None when nothing was. What was begun and not ended is ended.

        Raises:
            ExportError: they cannot be written; what was done is still kept.
        """
        self.stop()
        if self.plan is None or self.state is State.CHOOSE:
            return None
        if self.state is State.SAVING:
            self.result = self._write(self.plan) if self.gathered.followed else None
            if self.result is None:
                self._lose()
            self._keeper.forget()
            self._enter(State.DONE)
        return self.result

    def _write(self, plan: Plan) -> SessionResult:
        result = write_run(
            self._folder_for(plan),
            plan,
            self.gathered.log.whole(),
            self.gathered.followed,
            self.gathered.pain,
            self.catalogue.language,
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
        self._tell_past({mark.exercise for mark in self.gathered.pain})
