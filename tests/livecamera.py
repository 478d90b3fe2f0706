"""A live session for tests: stored poses instead of a camera and a pose network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from recordings import STEP_S, Poses, frozen, shifted, stored

from formcheck.live.display import message
from formcheck.live.flow import State
from formcheck.live.session import LiveSession
from formcheck.skeleton import INDEX
from formcheck.types import Frame, Pose

BLACK = np.zeros((480, 640, 3), np.uint8)
Messages = list[dict[str, Any]]

TWO_BLOCKS = """
id = "two_blocks"
title = "Two blocks"
summary = "Two blocks and a pause."
safety = ["Stop at once if it hurts."]
done_share = 0.5

[[sections]]
title = "All"
seconds = 60

[[sections.blocks]]
exercise = "seated_cat_cow"
counts = [2, 2]
seconds = 30

[[sections.blocks]]
pause = "Rest a little."
seconds = 2

[[sections.blocks]]
exercise = "seated_cat_cow"
seconds = 28
"""


class Camera:
    """Stands for camera and pose network: the session is given the poses, one a frame."""

    def __init__(self, tmp_path: Path, state_folder: Path | None = None, **more: Any) -> None:
        results = tmp_path / "results"
        self.session = LiveSession(self._look, lambda plan: results, state_folder=state_folder, **more)
        self.folder = tmp_path
        self.messages: Messages = []
        self._next: Pose | None = None
        self._shown_s = 0.0

    def _look(self, frame: Frame) -> Pose:
        assert self._next is not None
        return replace(self._next, time_s=frame.time_s)

    def show(self, poses: Iterable[Pose], start_s: float = 0.0, until: State | None = None) -> Messages:
        """What the session answers to each pose, until it is in a state."""
        answers: Messages = []
        for pose in poses:
            self._next = pose
            self._shown_s = start_s + pose.time_s
            self.session.take(BLACK, self._shown_s)
            answers.append(message(self.session))
            if until is not None and self.session.state is until:
                break
        self.messages += answers
        return answers

    def go_on(self, poses: Poses, until: State | None = None) -> Messages:
        """As `show`, without a gap after what was shown before."""
        return self.show(shifted(poses, self._shown_s + STEP_S), until=until)

    def ask(self, command: str, value: Any = None) -> dict[str, Any]:
        """What the session answers to a command."""
        self.session.command(command, value)
        self.messages.append(message(self.session))
        return self.messages[-1]

    def states(self) -> list[str]:
        """The states one after the other, each once."""
        states = [message["state"] for message in self.messages]
        return [state for i, state in enumerate(states) if not i or state != states[i - 1]]

    def spoken(self) -> list[str]:
        return [item["text"] for message in self.messages for item in message["say"]]


def begun(camera: Camera, exercise: str = "seated_cat_cow") -> Camera:
    """A session whose movement has been started before the first frame."""
    camera.session.choose("exercise", exercise)
    camera.ask("start")
    return camera


def with_hands(pose: Pose, raised: bool) -> Pose:
    """The same person, both wrists above or below the head."""
    landmarks, visibility = pose.landmarks.copy(), np.ones_like(pose.visibility)
    for side in ("left", "right"):
        eye_y = landmarks[INDEX[f"{side}_eye"], 1]
        landmarks[INDEX[f"{side}_wrist"], 1] = eye_y - 0.12 if raised else eye_y + 0.3
    return replace(pose, landmarks=landmarks, visibility=visibility)


def hands_up(seconds: float, start_s: float = 0.0) -> Poses:
    pose = with_hands(stored("idle_front")[40], raised=True)
    return shifted([pose, *frozen(pose, seconds)], start_s)


def hands_down(seconds: float, start_s: float = 0.0) -> Poses:
    pose = with_hands(stored("idle_front")[40], raised=False)
    return shifted([pose, *frozen(pose, seconds)], start_s)
