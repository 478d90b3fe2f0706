"""The one place where anything is decided: poses in, events out. Camera, file, replay and tests feed it alike.

The engine says whether a frame may be judged at all; what happens in judged frames is followed by the part that
belongs to the exercise's kind.
"""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise
from typing import Any

from formcheck.breaths import STILL_BELOW, BreathCounter, BreathsTold
from formcheck.camera_move import CameraMove
from formcheck.circles import CircleFollower
from formcheck.events import (
    BlockEnded,
    BlockStarted,
    BreathMarked,
    BreathTaken,
    CueGiven,
    Event,
    NotJudged,
    PictureJumped,
    PoseFound,
    PoseLost,
    SafetyStop,
    SetupCleared,
    SetupProblem,
    ViewChanged,
)
from formcheck.excursions import ExcursionFollower
from formcheck.exercise import Exercise
from formcheck.feedback import Coach
from formcheck.filters import is_same_moment
from formcheck.follower import Follower
from formcheck.form import FormWatch
from formcheck.gatekeeper import LOST_AFTER_S, NOBODY, Gatekeeper
from formcheck.measures.body import Body
from formcheck.measures.catalogue import BACK_CURVE, MEASURES
from formcheck.measures.senses import Senses
from formcheck.reference import References
from formcheck.safety import BallWatch, FallWatch
from formcheck.stays import StayFollower
from formcheck.types import Pose, Snapshot
from formcheck.unjudged import UnjudgedTimes

MOST_ARMING_FRAMES = 400  # arming takes about a second; a bound for sources of absurd rates
N_SHOWN_BREATHS = 12  # more than anybody takes in the seconds that are shown
CUT = "the picture jumped"

_FOLLOWERS: dict[str, type[CircleFollower] | type[StayFollower]] = {"circle": CircleFollower, "stay": StayFollower}


class Engine:
    """Follows one exercise.

    Args:
        exercise: what is to be counted.
        chosen_by: who chose it: "user", "routine" or "recognised".
        senses: shared with other engines that are given the same poses; None for its own.
        reference: the movement's keypoint profiles by view; without one the form has no score against it.
    """

    def __init__(
        self,
        exercise: Exercise,
        chosen_by: str = "user",
        senses: Senses | None = None,
        reference: References | None = None,
    ) -> None:
        self.exercise = exercise
        self._chosen_by = chosen_by
        self._senses = senses or Senses(exercise.view_by)
        self._gate = Gatekeeper(exercise)
        self._falls, self._rolls = FallWatch(exercise.fall_torsos), BallWatch()
        self._unjudged = UnjudgedTimes(exercise)
        self._coach = Coach(is_quiet=exercise.eyes_closed)
        self._follower: Follower = _FOLLOWERS.get(exercise.criterion.kind, ExcursionFollower)(exercise, self._coach)
        self._breaths = BreathCounter() if exercise.criterion.breaths else None
        self._last_breaths: deque[float] = deque(maxlen=N_SHOWN_BREATHS)
        self._told = BreathsTold()
        self._form = FormWatch(exercise, reference or {})
        self._measures = [MEASURES[name] for name in exercise.measures]
        self._unknown = tuple(math.nan for _ in self._measures)

        self._time_s = math.nan
        self._values = self._unknown
        self._body: Body | None = None
        self._camera: CameraMove | None = None
        self._view = "unknown"
        self._slipped_s = math.nan  # since when the skeleton has been elsewhere
        self._standpoint: int | None = None
        self._is_person = False
        self._arming: deque[tuple[float, tuple[float, ...], bool]] = deque(maxlen=MOST_ARMING_FRAMES)

    # -- the two calls ------------------------------------------------------------------------------------------

    def step(self, pose: Pose) -> list[Event]:
        """Take the next frame's pose and say what happened; nothing where its time repeats the last one's."""
        if is_same_moment(self._time_s, pose.time_s):
            return []
        events: list[Event] = []
        if math.isnan(self._time_s):
            events.append(BlockStarted(pose.time_s, self.exercise.id, self._chosen_by))
            events.append(SetupProblem(pose.time_s, self.exercise.id, NOBODY))
        dt_s = pose.time_s - self._time_s if self._time_s == self._time_s else 0.0
        self._time_s, self._camera = pose.time_s, pose.camera
        if dt_s > LOST_AFTER_S:  # nothing was seen for so long: no time that can be credited
            self._follower.skip()
            self._start_breaths_over()
            dt_s = 0.0
        verdict, self._body = self._senses.take(pose)
        if verdict not in ("slipped", "cut"):
            self._slipped_s = math.nan
        elif math.isnan(self._slipped_s):
            self._slipped_s = pose.time_s
        if verdict == "cut":
            if self._gate.is_judging:
                events.append(PictureJumped(pose.time_s, self._slipped_s))
            self._slipped_s = math.nan
            events += self._follower.cut(pose.time_s, CUT)
            self._form.cut()
            self._arming.clear()
            self._start_breaths_over()
        events += self._note_standpoint()
        self._note_person(pose, events)
        self._values = self._unknown if self._body is None else tuple(self._senses.read(m) for m in self._measures)
        self._note_view(events)
        is_live = verdict != "frozen"
        if self._judge(verdict, is_live, events):
            self._unjudged.add(self._body, self._values, dt_s)
            events += self._follower.follow(pose.time_s, self._values, is_live, dt_s)
        else:
            self._follower.skip()
        self._form.step(self._body if self._gate.is_judging or self._arming else None)
        self._breathe(pose, events)
        self._guard(verdict, events)
        return self._form.score(events)

    def finish(self) -> list[Event]:
        """The source has ended: whatever is still running is closed."""
        if math.isnan(self._time_s):
            return []
        events = self._follower.finish(self._time_s)
        events += [NotJudged(self._time_s, what, reason, s) for what, reason, s in self._unjudged.totals()]
        events.append(BlockEnded(self._time_s, self.exercise.id))
        return self._form.score(events)

    def mark_breath(self) -> list[Event]:
        """The person has marked a breath in the last frame; it counts where the camera sees none."""
        if math.isnan(self._time_s):
            return []
        if self._told.mark(self._time_s):
            self._follower.breathed(self._time_s)
        return [BreathMarked(self._time_s)]

    @property
    def readings(self) -> dict[str, float]:
        """The last frame's measures and driving value by name; NaN = unknown."""
        measured = {m.name: v for m, v in zip(self._measures, self._values, strict=True)}
        return {self.exercise.drive.name: self._follower.drive} | {
            name: value for name, value in measured.items() if name != self.exercise.drive.name
        }

    # -- may it be judged ---------------------------------------------------------------------------------------

    def _note_person(self, pose: Pose, events: list[Event]) -> None:
        if pose.is_person != self._is_person:
            self._is_person = pose.is_person
            events.append(PoseFound(pose.time_s) if pose.is_person else PoseLost(pose.time_s, NOBODY))

    def _note_standpoint(self) -> list[Event]:
        """A cut may lead back to where the camera was before; the person rests there as they did."""
        if self._senses.standpoint == self._standpoint:
            return []
        self._standpoint = self._senses.standpoint
        return [] if self._standpoint is None else self._follower.look_from(self._standpoint)

    def _note_view(self, events: list[Event]) -> None:
        if self._body is not None and self._body.view != self._view:
            self._view = self._body.view
            events.append(ViewChanged(self._time_s, self._body.view))

    def _judge(self, verdict: str, is_live: bool, events: list[Event]) -> bool:
        """Whether this frame may be used; notes when judging stops, starts, or stays impossible for a new reason."""
        was_judging, old_reason = self._gate.is_judging, self._gate.reason
        now = self._gate.reason_against(self._body, self._values, verdict)  # type: ignore[arg-type]
        is_usable = self._gate.update(self._time_s, now)
        if was_judging and not self._gate.is_judging:
            events += self._follower.stop(self._time_s, self._gate.reason or "")
            events.append(SetupProblem(self._time_s, self.exercise.id, self._gate.reason or ""))
        elif not was_judging and self._gate.is_judging:
            events.append(SetupCleared(self._time_s, self.exercise.id))
            self._follower.start(self._time_s)
            for (before_s, *_), (time_s, values, was_live) in pairwise(self._arming):
                events += self._follower.follow(time_s, values, was_live, time_s - before_s)
            self._arming.clear()
        elif not self._gate.is_judging and self._gate.reason != old_reason:
            events.append(SetupProblem(self._time_s, self.exercise.id, self._gate.reason or ""))
        if self._gate.is_arming(now):
            self._arming.append((self._time_s, self._values, is_live))
        elif not self._gate.is_blink(self._time_s, now):
            self._arming.clear()
        return is_usable

    def _breathe(self, pose: Pose, events: list[Event]) -> None:
        """Count breaths while the person is judged and still."""
        if self._breaths is None:
            return
        if self._body is None or not self._gate.is_judging or not self._body.speed_per_s < STILL_BELOW:
            self._start_breaths_over()
            return
        for breath in self._breaths.step(pose.time_s, pose.breath, pose.breath_quality):
            events.append(BreathTaken(self._time_s, breath.start_s, breath.end_s, breath.quality))
            self._last_breaths.append(breath.end_s)
            if self._told.see(breath.start_s, breath.end_s):
                self._follower.breathed(breath.end_s)

    def _start_breaths_over(self) -> None:
        if self._breaths is not None:
            self._breaths.start_over()

    def _guard(self, verdict: str, events: list[Event]) -> None:
        """A fall out of a movement ends it at once; what people do before and after is no fall."""
        if self._body is None or verdict != "good" or not self._gate.is_judging:
            self._falls.forget()
            self._rolls.forget()
            return
        reason = self._falls.check(self._body) or self._rolls.check(self._body)
        if reason is None:
            return
        events += self._follower.cut(self._time_s, reason)
        events.append(SafetyStop(self._time_s, reason))
        cue = self._coach.stop(self._time_s)
        if cue is not None:
            events.append(cue)

    # -- what may be shown --------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """All that a renderer may know about the last frame."""
        exercise, time_s, marks = self.exercise, self._time_s, self._follower.marks
        shown = self._follower.progress()
        cue: CueGiven | None = self._coach.shown(time_s)
        limbs: dict[str, Any] = {} if self._body is None else {"limb_state": self._body.limb_state}
        return Snapshot(
            time_s=time_s,
            title=exercise.title,
            phase=shown.phase,
            side=shown.side,
            count=shown.count,
            count_target=shown.count_target,
            count_label=shown.count_label,
            progress=shown.progress,
            gauge=shown.gauge,
            hold=shown.hold,
            flash=marks.flash(time_s),
            note=marks.note(time_s),
            cue=cue.text if cue else None,
            cue_level=cue.level if cue else None,
            fault_segments=shown.fault_segments,
            judged_segments=exercise.judged_segments,
            not_judged=self._gate.reason,
            breaths_s=tuple(self._last_breaths) if self._breaths else None,
            back_neutral_deg=self._back_neutral_deg(),
            **limbs | (self._shown_form() if self._gate.reason is None else {}),
        )

    def _shown_form(self) -> dict[str, Any]:
        """The form as it is shown, the figure where the person is in this picture."""
        shown = self._form.shown()
        if shown and self._camera is not None and not self._camera.is_none:
            shown["ghost_px"] = self._camera.inverse().places(shown["ghost_px"])
        return shown

    def _back_neutral_deg(self) -> float | None:
        """The curve of the back at rest, NaN until it is known; None when the exercise does not ask for it."""
        if BACK_CURVE not in self.exercise.measures:
            return None
        rest = self._follower.rest
        return rest[self.exercise.measures.index(BACK_CURVE)] if rest else math.nan
