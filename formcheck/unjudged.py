"""What could not be judged although the movement was: limbs hidden or far, no ball, what no measure can show."""

from __future__ import annotations

from formcheck.exercise import Exercise
from formcheck.measures.body import Body
from formcheck.measures.gate import HIDDEN
from formcheck.skeleton import INDEX

SHORTEST_S = 1.0
FAR = "on the far side of the body"
COVERED = "covered or outside the picture"

_JOINTS = {"arm": ("elbow", "wrist"), "leg": ("knee", "ankle")}


class UnjudgedTimes:
    """Adds up for how long each part was not to be judged."""

    def __init__(self, exercise: Exercise) -> None:
        self._needs_far_side = exercise.needed.far_side
        self._notes = [(exercise.measures.index(note.measure), note) for note in exercise.posture.notes]
        self._unseen = exercise.notes
        self._seconds: dict[tuple[str, str], float] = {}

    def add(self, body: Body | None, values: tuple[float, ...], dt_s: float) -> None:
        """Take a judged frame that stands for `dt_s` seconds."""
        if body is None:
            return
        for side in ("left", "right"):
            is_far = body.view == "side" and side != body.near and not self._needs_far_side
            for limb, joints in _JOINTS.items():
                if is_far:
                    self._note(f"{side} {limb}", FAR, dt_s)
                elif any(body.limb_state[INDEX[f"{side}_{joint}"]] == HIDDEN for joint in joints):
                    self._note(f"{side} {limb}", COVERED, dt_s)
        for unseen in self._unseen:
            self._note(unseen.what, unseen.reason, dt_s)
        for column, note in self._notes:
            low, high = note.expected
            value = values[column]
            if value == value and not low <= value <= high:
                self._note(note.what, note.reason, dt_s)

    def _note(self, what: str, reason: str, dt_s: float) -> None:
        self._seconds[what, reason] = self._seconds.get((what, reason), 0.0) + dt_s

    def totals(self) -> list[tuple[str, str, float]]:
        """(what, reason, seconds) of everything that was not judged for a second or longer."""
        return [(what, reason, s) for (what, reason), s in self._seconds.items() if s >= SHORTEST_S]
