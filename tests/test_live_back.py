"""The back beside the pose loop: it comes with a later picture, and only while it is wanted."""

from __future__ import annotations

import threading
from itertools import islice
from pathlib import Path

import numpy as np

from formcheck.live.eyes import Eyes
from formcheck.live.session import LiveSession
from formcheck.sources import open_source
from formcheck.types import Pose

CLIP = Path(__file__).parent.parent / "sample_videos" / "seated_cat_cow.mp4"
N_FRAMES = 150  # ten seconds; the second network starts beside the first of them


def backs_seen(wants_back: bool) -> list[Pose]:
    with Eyes() as eyes, open_source(CLIP) as source:
        eyes.wants_back = lambda: wants_back
        poses = (eyes.look(frame) for frame in islice(source, N_FRAMES))
        return [pose for pose in poses if pose.back_outline is not None][:3]


def test_the_back_is_read_while_it_is_wanted_and_its_thread_ends() -> None:
    seen = backs_seen(wants_back=True)
    assert len(seen) == 3
    assert all(np.isfinite(pose.back_curve_deg) for pose in seen)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("formcheck-back")]


def test_the_back_is_not_read_when_nothing_wants_it() -> None:
    assert backs_seen(wants_back=False) == []


def test_a_run_wants_the_back_for_the_movements_that_ask_for_it(tmp_path: Path) -> None:
    for exercise, wants_back in (("seated_cat_cow", True), ("side_stretch", False)):
        session = LiveSession(lambda frame: Pose.nobody(frame.time_s, (640, 480)), lambda _: tmp_path)
        assert not session.wishes.back
        session.choose("exercise", exercise)
        session.command("start")
        session.take(np.zeros((480, 640, 3), np.uint8), 0.0)
        assert session.wishes.back == wants_back
