"""One run from its first frame to its end: set up, 3-2-1, block after block. All time comes from the frames."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from formcheck.events import CueGiven, PainMarked, SafetyStop
from formcheck.live.blockrun import BlockRun
from formcheck.live.gathered import Gathered
from formcheck.live.gesture import HandsUp
from formcheck.live.plan import Plan
from formcheck.live.saying import Speaker
from formcheck.live.setup import SetupGate
from formcheck.types import Pose

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


class Flow:
    """Where a run stands, and what comes next.

    Attributes:
        state: where it stands; `state_s` is for how long.
        plan: what is to be done; None before it is chosen.
        run: the block that is under way or comes next.
        gathered: what the run has brought so far.
        gate, hands: what is gathered in the set-up, and by raised hands.
        pause_reason: why it is paused, else None.
        is_logged: whether the last frame belongs to the run.
    """

    def __init__(
        self, plan: Plan | None, gathered: Gathered, speaker: Speaker, keep: Callable[[Plan, BlockRun], None]
    ) -> None:
        """Nothing is begun yet; `keep` is called whenever something was done that must not be lost."""
        self.plan, self.gathered, self._speaker, self._keep = plan, gathered, speaker, keep
        self.state, self.state_s = State.CHOOSE, 0.0
        self.run: BlockRun | None = None
        self.gate: SetupGate | None = None
        self.hands = HandsUp()
        self.pause_reason: str | None = None
        self._paused_from = State.SETUP
        self._is_seat_told = False
        self.is_logged = False
        speaker.is_quiet = False

    def begin(self, plan: Plan) -> None:
        """The first block of a plan comes."""
        self.plan = plan
        self.gathered.sharpen_senses(plan)
        self.go_to(0)

    def come_back(self, run: BlockRun) -> None:
        """Wait with a block that was under way when the run was interrupted; one that hurt is not just gone on with."""
        self.run, self._paused_from = run, State.BLOCK
        does_hurt = self.plan is not None and self.plan.is_left_out(run.block)
        self.pause_reason = "pain" if does_hurt else "interrupted"
        self.enter(State.PAUSED)

    # -- frames in ----------------------------------------------------------------------------------------------------

    def are_hands_raised(self, pose: Pose) -> bool:
        """Whether raised hands ask for something now; never in a block, and never after pain."""
        is_paused = self.state is State.PAUSED and self.pause_reason != "pain"
        if is_paused or self.state is State.REST or (self.state is State.CHOOSE and self.plan is not None):
            return self.hands.update(pose)
        self.hands.forget()
        return False

    def step(self, pose: Pose, step_s: float, gap_s: float) -> Pose:
        """Go on with the next pose; returns it, with its time in the run where it belongs to the run.

        Args:
            pose: in the newest picture.
            step_s: what has passed since the last one.
            gap_s: for how long nothing was seen in between; 0 for no interruption.
        """
        self.state_s += step_s
        if gap_s > PAUSE_AFTER_S and self.state in (State.BLOCK, State.REST):
            self.pause("interrupted")
        if gap_s and self.state is State.COUNTDOWN:
            self._begin_countdown_anew()
        was_logged, self.is_logged = self.is_logged, self._is_part_of_run
        if self.is_logged:
            if not was_logged or gap_s:
                self._note_gap(pose)
            pose = self.gathered.add(pose, step_s)
        self._go_on(pose, step_s)
        return pose

    @property
    def _is_part_of_run(self) -> bool:
        """Pauses, and the countdown after one, are no part of the run: its time stands still."""
        is_coming_back = self.state is State.COUNTDOWN and self.run is not None and self.run.is_followed
        return self.state in ACTIVE and not is_coming_back

    def _note_gap(self, pose: Pose) -> None:
        nobody = self.gathered.add_gap(pose.size_wh)
        if nobody is not None and self.run is not None and self.run.is_followed:
            self.run.step(nobody)

    def _go_on(self, pose: Pose, step_s: float) -> None:
        if self.state is State.SETUP:
            assert self.gate is not None
            if (problem := self.gate.update(pose)) is not None:
                self._speaker.say(self._speaker.catalogue.say(problem), "setup")
            self._tell_seat(self.gate.seat.note)
            if self.gate.is_armed:
                self._count_down()
        elif self.state is State.COUNTDOWN:
            before, now = COUNTDOWN_S - self.state_s + step_s, COUNTDOWN_S - self.state_s
            for second in (2, 1):
                if now <= second < before:
                    self._speaker.say(str(second), "countdown")
            if self.state_s >= COUNTDOWN_S:
                self.enter(State.BLOCK)
        elif self.state is State.REST:
            assert self.run is not None
            self.run.elapsed_s += step_s
            if self.run.elapsed_s >= (self.run.block.seconds or 0.0):
                self._end_block("done")
                self._next()
        elif self.state is State.BLOCK:
            self._follow(pose, step_s)

    def _tell_seat(self, note: str | None) -> None:
        """Whether the ball fits, once in a run."""
        if note is not None and not self._is_seat_told:
            self._is_seat_told = True
            self._speaker.say(self._speaker.catalogue.say(note), "setup")

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
            self._speaker.say(str(run.n_done), "count")
            self._keep(plan, run)
        for event in events:
            if isinstance(event, CueGiven):
                self._speaker.say(self._speaker.catalogue.say(event.text), event.level)
        if any(isinstance(event, SafetyStop) for event in events):
            self.pause("safety")
        elif run.done_s is None and run.is_done:
            run.done_s = pose.time_s
            if run.has_brought:
                self._speaker.say_text("say.well_done", "praise")
            else:
                self._speaker.say_text("say.time_over", "info")
        elif run.done_s is not None and pose.time_s - run.done_s >= LINGER_S:
            self._end_block("done")
            self._next()

    def _end_block(self, status: str) -> None:
        """Whatever was done of the block is kept; `status` is "done" or "skipped"."""
        run = self.run
        assert run is not None
        is_enough, has_brought = run.is_enough, run.has_brought
        followed = run.end(self.gathered.run_s)
        if followed is not None:
            self.gathered.followed.append(followed)
            if status == "skipped" and (has_brought or is_enough):
                status = "done" if is_enough else "part"
            elif not has_brought:
                status = "skipped"
        elif status == "skipped" and run.index in self.gathered.results:
            return  # done before, and not repeated after all
        self.gathered.results[run.index] = {
            "status": status,
            "count": run.n_done if run.block.exercise else None,
            "seconds": round(run.elapsed_s, 1),
        }

    def _next(self) -> None:
        assert self.run is not None
        self.go_to(self.run.index + 1)
        if self.state is not State.SAVING and self.plan is not None:
            self._keep(self.plan, self.run)

    def go_to(self, index: int) -> None:
        assert self.plan is not None
        blocks = self.plan.blocks
        while index < len(blocks) and self.plan.is_left_out(blocks[index]):
            self.gathered.results[index] = {"status": "skipped", "count": 0, "seconds": 0.0}
            index += 1
        if index >= len(blocks):
            self.enter(State.SAVING)
            self._speaker.say_text("say.finished" if self.gathered.has_brought else "say.over", "info")
            return
        self.run = BlockRun(index, blocks[index])
        if blocks[index].exercise is None:
            self.enter(State.REST)
        else:
            self._set_up()
        self._speaker.announce(blocks[index])

    def _set_up(self) -> None:
        exercise = self.run.block.exercise if self.run is not None else None
        assert exercise is not None
        self.gate = SetupGate(exercise, self.gathered.senses[exercise.view_by])
        self.enter(State.SETUP)

    def _begin_countdown_anew(self) -> None:
        """Nobody was seen for a moment; a block that is not begun waits for a good view again."""
        if self.run is not None and self.run.is_followed:
            self._count_down()
        else:
            self._set_up()

    def _count_down(self) -> None:
        self.enter(State.COUNTDOWN)
        self._speaker.say("3", "countdown")

    def enter(self, state: State) -> None:
        self.state, self.state_s = state, 0.0
        self.hands.forget()
        exercise = self.run.block.exercise if self.run is not None else None
        self._speaker.is_quiet = state is State.BLOCK and exercise is not None and exercise.eyes_closed

    # -- what the person asks for -------------------------------------------------------------------------------------

    def go_ahead(self) -> None:
        """Do not wait any longer: begin the block, go on after a pause, or end the rest."""
        if self.state is State.SETUP:
            self._count_down()
        elif self.state is State.PAUSED:
            self.resume()
        elif self.state is State.REST:
            self.skip()

    def toggle(self) -> None:
        """Pause or go on: one key, or both hands raised; after pain that is no word for going on with what hurt."""
        if self.state is State.PAUSED and self.pause_reason == "pain":
            self.leave_out()
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
        self.enter(State.PAUSED)
        self._speaker.keep_only_safety()
        if reason not in ("safety", "pain"):
            self._speaker.say_text("say.paused", "info")
        if self.plan is not None and self.run is not None:
            self._keep(self.plan, self.run)

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
            self.enter(self._paused_from)

    def mark_pain(self) -> None:
        """Something hurts: it is the movement under way, else the one before, else the one that comes."""
        if self.plan is None or self.run is None or self.state not in (*ACTIVE, State.PAUSED):
            return
        before, index = self.gathered.followed, self.run.index
        exercise = self.plan.blocks[index if self.run.is_followed or not before else before[-1].stretch.block].exercise
        self.gathered.pain.append(PainMarked(self.gathered.run_s, exercise.id if exercise else None))
        self.pause("pain")
        self._speaker.say_text("say.pain", "safety")

    def leave_out(self) -> None:
        """What hurt last is not done any more in this run; a rest goes on."""
        if self.plan is None or self.run is None or self.state is not State.PAUSED or not self.gathered.pain:
            return
        exercise = self.gathered.pain[-1].exercise
        self.plan = self.plan.without(exercise)
        if self.plan.is_left_out(self.run.block):
            self.skip()
        else:
            self.resume()

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
        self.go_to(index if is_begun else max(0, index - 1))

    def extend(self) -> None:
        """A little more of the block."""
        if self.plan is not None and self.run is not None and self.state in (*ACTIVE, State.PAUSED):
            self.plan = self.plan.with_block(self.run.extend())

    def stop(self) -> None:
        """End the run."""
        if self.state in (*ACTIVE, State.PAUSED):
            if self.run is not None and self.run.is_begun:
                self._end_block("skipped")
            self.enter(State.SAVING)
