"""A person at a camera: choosing, one run after the other, what is kept of them. All time comes from the frames."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from formcheck.errors import ExportError
from formcheck.live.blockrun import BlockRun
from formcheck.live.clock import RunClock
from formcheck.live.commands import obey
from formcheck.live.eyes import Image, fitted
from formcheck.live.flow import Flow, State
from formcheck.live.gathered import Gathered
from formcheck.live.interrupted import Interrupted, Keeper
from formcheck.live.message import Json
from formcheck.live.past import Past
from formcheck.live.plan import Plan, plan_of
from formcheck.live.recorder import Recorder
from formcheck.live.replay import plan_for
from formcheck.live.results import write_run
from formcheck.live.runlog import RunLog
from formcheck.live.saying import Speaker
from formcheck.messages import Catalogue, load_catalogue
from formcheck.progression import Suggestion
from formcheck.render.back import BackLine
from formcheck.seeing import Wishes
from formcheck.session import SessionResult
from formcheck.types import Frame, Pose

DAMAGED: Final = "what was kept of the last time is damaged: it cannot be gone on with"


class LiveSession:
    """One run after the other, guided.

    Attributes:
        flow: the run that is under way, or about to begin.
        steps: the person's own next steps of its movements, by exercise; those in `refused` are not taken.
        pose: in the last picture; None before the first.
        result: the files of the last run; None before, or when there was nothing to report.
        is_pain_noted: whether the history has what hurt and is in no report; None when nothing did.
        trouble: what could not be done before or beside the run, in a sentence; None when all could.
        speaker: says things in the person's language.
        is_recording: whether the pictures are kept as a video.
    """

    flow: Flow

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
        self.pose: Pose | None = None
        self.back_line = BackLine()
        self._chosen: Plan | None = None
        self.steps: dict[str, Suggestion] = {}
        self.refused: set[str] = set()
        self.result: SessionResult | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        about = {"source": "camera", "complete": True, "problem": None, **self._about}
        log = RunLog(self._keeper.folder, about)
        self.flow = Flow(self._chosen, Gathered(log), self.speaker, self._keep)
        self.trouble: str | None = None
        self.is_pain_noted: bool | None = None

    @property
    def state(self) -> State:
        """Where the run stands."""
        return self.flow.state

    @property
    def plan(self) -> Plan | None:
        """What is to be done; None before it is chosen."""
        return self.flow.plan

    @property
    def run(self) -> BlockRun | None:
        """The block that is under way or comes next."""
        return self.flow.run

    @property
    def gathered(self) -> Gathered:
        """What the run has brought so far."""
        return self.flow.gathered

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
        if self.flow.are_hands_raised(pose) and not self._is_question_open:
            self.toggle()
        self.pose = self.flow.step(pose, step_s, gap_s)
        if self.flow.is_logged and self.is_recording:
            self._record(image)

    @property
    def _is_question_open(self) -> bool:
        """Whether a run waits to be gone on with or forgotten: raised hands must not throw it away."""
        return self.state is State.CHOOSE and self.offered() is not None

    def _record(self, image: Image) -> None:
        assert self._recorder is not None
        try:
            self._recorder.write(image, self.gathered.run_s)
        except ExportError as error:  # the run is worth more than its video
            self._recorder.drop()
            self.is_recording, self.trouble = False, str(error)

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
        if self.state is not State.CHOOSE:
            self.flow.go_ahead()
        elif self.plan is not None:
            self._forget_kept()  # whoever begins something else does not want to continue
            self.trouble = None
            wanted = {name: step for name, step in self.steps.items() if name not in self.refused}
            left_out = frozenset(name for name, step in wanted.items() if step.change == "hurt")
            self.flow.begin(self.plan.at_stages({name: step.stage for name, step in wanted.items()}, left_out))

    def toggle(self) -> None:
        """Begin, pause or go on: one key, or both hands raised."""
        if self.state is State.CHOOSE:
            self.start()
        else:
            self.flow.toggle()

    def speak_language(self, language: str) -> None:
        """Everything is said in this language from now on."""
        self.speaker.catalogue = load_catalogue(language)

    def record(self, is_wanted: bool) -> None:
        """Whoever asked for a video may change their mind before it begins."""
        if self.state is State.CHOOSE and self._recorder is not None:
            self.is_recording = is_wanted

    def mark_pain(self) -> None:
        """Something hurts; after the end of a run, when its report is written, it is what was done last."""
        if self.state is not State.DONE:
            self.flow.mark_pain()
        elif self.plan is not None and self.gathered.followed:
            last = self.plan.blocks[self.gathered.followed[-1].stretch.block].exercise
            self.is_pain_noted = self._tell_past({last.id if last is not None else None})
            self.speaker.say_text("say.pain", "safety")

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

    def offered(self) -> Interrupted | None:
        """The same, if it can be gone on with."""
        kept = self.interrupted()
        return kept if kept is not None and plan_for(kept) is not None else None

    def _keep(self, plan: Plan, run: BlockRun) -> None:
        """What is done survives a crash from now on; where it cannot be kept, the run goes on all the same."""
        with contextlib.suppress(ExportError):
            if (kept := self.gathered.to_keep(plan, run)) is not None:
                self._keeper.keep(kept)

    def continue_last(self) -> None:
        """Go on where an interrupted run was cut off."""
        kept = self.offered()
        if kept is None:
            return
        self.choose(kept.kind, kept.id)
        log = self._keeper.log_of(kept, self.gathered.log.meta)
        if log is None or self.plan is None:
            self._forget_kept()
            self.trouble = DAMAGED
            return
        hurt = frozenset(exercise for _, exercise in kept.pain if exercise is not None)
        self.flow = Flow(self.plan.at_stages(kept.stages, hurt), Gathered(log), self.speaker, self._keep)
        assert self.plan is not None
        run = self.gathered.bring_back(self.plan, kept)
        if run is None:
            self.flow.go_to(kept.next_block)
        else:
            self.flow.come_back(run)

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

    def _tell_past(self, hurt: set[str | None]) -> bool:
        """Whether all that hurt is in the history now."""
        if self._past is None:
            return False
        noted = [self._past.hurt(exercise) for exercise in hurt]
        return all(noted)

    # -- the end ------------------------------------------------------------------------------------------------------

    def finish(self) -> SessionResult | None:
        """Write the files of what was done last; None when nothing was. What was begun and not ended is ended.

        Raises:
            ExportError: they cannot be written; what was done is still kept.
        """
        self.flow.stop()
        if self.plan is not None and self.state is State.SAVING:
            self.result = self._write(self.plan) if self.gathered.followed else None
            if self.result is None:
                self._lose()
            self._keeper.forget()
            self.flow.enter(State.DONE)
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
        if hurt := {mark.exercise for mark in self.gathered.pain}:
            self.is_pain_noted = self._tell_past(hurt)
