"""Limbs that could not be judged although the movement was: hidden, or on the far side of the body."""

from __future__ import annotations

from formcheck.exercise import Exercise
from formcheck.measures.body import Body
from formcheck.measures.gate import HIDDEN
from formcheck.skeleton import INDEX

SHORTEST_S = 1.0
FAR = "on the far side of the body"
COVERED = "covered or outside the picture"

_JOINTS = {"arm": ("elbow", "wrist"), "leg": ("knee", "ankle")}


class LimbWatch:
    """Adds up for how long each limb was not to be judged."""

    def __init__(self, exercise: Exercise) -> None:
        self._needs_far_side = exercise.needed.far_side
        self._seconds: dict[tuple[str, str], float] = {}

    def add(self, body: Body | None, dt_s: float) -> None:
        """Take a judged frame that stands for `dt_s` seconds."""
        if body is None:
            return
        for side in ("left", "right"):
            is_far = body.view == "side" and side != body.near and not self._needs_far_side
            for limb, joints in _JOINTS.items():
                if is_far:
                    reason = FAR
                elif any(body.limb_state[INDEX[f"{side}_{joint}"]] == HIDDEN for joint in joints):
                    reason = COVERED
                else:
                    continue
                key = (f"{side} {limb}", reason)
                self._seconds[key] = self._seconds.get(key, 0.0) + dt_s

    def unseen(self) -> list[tuple[str, str, float]]:
        """(limb, reason, seconds) of each limb that was not judged for a second or longer."""
        return [(what, reason, s) for (what, reason), s in self._seconds.items() if s >= SHORTEST_S]
