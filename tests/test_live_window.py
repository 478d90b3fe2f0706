"""The window of OpenCV: what it shows in its mirror, and that it answers while no picture comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from livecamera import BLACK
from recordings import stored
from test_render_back import BACK_X, shot, upright

from formcheck.live.eyes import Image
from formcheck.live.flow import State
from formcheck.live.session import LiveSession
from formcheck.live.window import LOOK_S, follow, mirrored
from formcheck.render.back import BackLine
from formcheck.sources.camera import WAIT_S
from formcheck.types import Ball, Frame, Pose

ESCAPE, NO_KEY = 27, -1


class Pictures:
    """So many pictures, fifteen a second, and then none; the camera is still there."""

    def __init__(self, n_pictures: int) -> None:
        self._times_s = iter([i / 15 for i in range(n_pictures)])
        self.has_ended = False
        self.n_asked = 0

    def newest(self, within_s: float) -> tuple[Image, float] | None:
        self.n_asked += 1
        time_s = next(self._times_s, None)
        return None if time_s is None else (BLACK.copy(), time_s)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Image]:
    """What the window shows; it is open, and no key is pressed."""
    pictures: list[Image] = []
    monkeypatch.setattr(cv2, "imshow", lambda _, picture: pictures.append(picture))
    monkeypatch.setattr(cv2, "waitKeyEx", lambda _: NO_KEY)
    monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: 1.0)
    return pictures


def in_a_block(tmp_path: Path) -> LiveSession:
    poses = iter(stored("seated_cat_cow"))

    def look(frame: Frame) -> Pose:
        return replace(next(poses), time_s=frame.time_s)

    session = LiveSession(look, lambda plan: tmp_path / "results")
    session.choose("exercise", "seated_cat_cow")
    session.command("start")
    session.command("start")  # does not wait for a good view
    return session


def pressing(keys: Sequence[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """One key at each look, then none."""
    waiting = iter(keys)
    monkeypatch.setattr(cv2, "waitKeyEx", lambda _: next(waiting, NO_KEY))


def test_without_pictures_the_keys_still_work(
    tmp_path: Path, shown: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, pictures = in_a_block(tmp_path), Pictures(90)
    pressing([NO_KEY] * 95 + [ESCAPE], monkeypatch)
    follow(session, pictures)
    assert session.state is State.SAVING
    assert (len(shown), pictures.n_asked) == (90, 96)


@pytest.mark.parametrize("key", ["p", "P"])
def test_that_it_hurts_is_heard_with_caps_lock_too(
    key: str, tmp_path: Path, shown: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = in_a_block(tmp_path)
    pressing([NO_KEY] * 80 + [ord(key), ESCAPE], monkeypatch)
    follow(session, Pictures(90))
    assert [mark.exercise for mark in session.gathered.pain] == ["seated_cat_cow"]
    assert session.state is State.SAVING


def test_a_camera_that_is_lost_pauses_and_it_is_said(
    tmp_path: Path, shown: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, pictures = in_a_block(tmp_path), Pictures(90)
    states: list[State] = []

    def look(*_: Any) -> float:
        states.append(session.state)
        return float(pictures.n_asked < 90 + WAIT_S / LOOK_S + 2)

    monkeypatch.setattr(cv2, "getWindowProperty", look)
    follow(session, pictures)
    assert states[89] is State.BLOCK
    assert (session.state, session.flow.pause_reason) == (State.PAUSED, "camera")
    assert not np.array_equal(shown[-1], shown[89])  # the words over the last picture


def test_the_mirror_turns_all_that_is_drawn() -> None:
    pose = replace(upright(), ball=Ball(200.0, 300.0, 90.0, 90.0, 1.0))
    ghost = np.full((33, 2), 100.0)
    turned, snapshot = mirrored(pose, replace(shot(0.0), ghost_px=ghost))
    width = pose.size_wh[0]
    line = BackLine().place(turned, snapshot, 0.0)
    assert line is not None
    assert line.line[:, 0] == pytest.approx(width - BACK_X, abs=1.0)
    assert turned.xy_px[:, 0] == pytest.approx(width - pose.xy_px[:, 0])
    assert turned.ball is not None
    assert turned.ball.x_px == width - 200.0
    assert snapshot.ghost_px is not None
    assert (snapshot.ghost_px[:, 0] == width - 100.0).all()
