"""The back beside the pose loop: it comes with a later picture, and only while it is wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formcheck.errors import EstimatorError
from formcheck.live.display import message
from formcheck.live.eyes import BackBeside, Eyes
from formcheck.live.flow import State
from formcheck.live.session import LiveSession
from formcheck.poselog import PoseLog
from formcheck.sources import open_source
from formcheck.types import BACK_SCALE, Pose

HERE = Path(__file__).parent
CLIP = HERE.parent / "sample_videos" / "seated_cat_cow.mp4"
N_FRAMES = 60
BACK_THREAD = "formcheck-back"


class AtOnce(Executor):
    """Does what it is given before it gives back its future."""

    def submit(self, job: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(job(*args, **more))
        return future


class FailsAtFirst(AtOnce):
    """Has no luck with what it is given first."""

    n_given = 0

    def submit(self, job: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        self.n_given += 1
        if self.n_given > 1:
            return super().submit(job, *args, **more)
        future: Future[Any] = Future()
        future.set_exception(EstimatorError("the pose network failed"))
        return future


def test_a_back_that_could_not_be_read_once_costs_one_picture_and_not_the_run() -> None:
    log = PoseLog.load(HERE / "poses" / "seated_cat_cow.npz")
    thread, seen, n_failed = FailsAtFirst(), [], 0
    beside = BackBeside(thread)
    with open_source(CLIP) as source:
        for frame, pose in zip(islice(source, N_FRAMES), log, strict=False):
            try:
                seen.append(beside.look(frame, replace(pose, back_curve_deg=np.nan, back_outline=None)))
            except EstimatorError:
                n_failed += 1
    beside.close()
    assert (n_failed, len(seen)) == (1, N_FRAMES - 1)
    assert thread.n_given > 1
    assert any(pose.back_outline is not None for pose in seen)


def test_a_back_comes_with_the_picture_after_the_one_it_was_read_from(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each look takes 50 ms, whatever the machine: how often it is looked decides what the network's tracking says.
    readings = count()
    monkeypatch.setattr("formcheck.live.eyes.perf_counter", lambda: 0.05 * next(readings))
    log = PoseLog.load(HERE / "poses" / "seated_cat_cow.npz")
    blank = [replace(pose, back_curve_deg=np.nan, back_outline=None) for pose in islice(log, N_FRAMES)]
    beside = BackBeside(AtOnce())
    with open_source(CLIP) as source:
        seen = [beside.look(frame, pose) for frame, pose in zip(source, blank, strict=False)]
    beside.close()
    with_back = [i for i, pose in enumerate(seen) if pose.back_outline is not None]
    assert with_back
    assert with_back[0] == 1
    assert all(abs(seen[i].back_curve_deg - log[i - 1].back_curve_deg) < 6 for i in with_back)


def test_the_back_is_read_only_while_it_is_wanted_and_its_thread_ends() -> None:
    for wants_back in (False, True):
        with Eyes() as eyes, open_source(CLIP) as source:
            eyes.wants_back = lambda wants_back=wants_back: wants_back
            for frame in islice(source, 5):
                eyes.look(frame)
            assert (BACK_THREAD in names_of_threads()) == wants_back
        assert BACK_THREAD not in names_of_threads()


def names_of_threads() -> set[str]:
    return {thread.name.rpartition("_")[0] for thread in threading.enumerate()}


def test_a_run_wants_the_back_for_the_movements_that_ask_for_it(tmp_path: Path) -> None:
    for exercise, wants_back in (("seated_cat_cow", True), ("side_stretch", False)):
        session = LiveSession(lambda frame: Pose.nobody(frame.time_s, (640, 480)), lambda _: tmp_path)
        assert not session.wishes.back
        session.choose("exercise", exercise)
        session.command("start")
        session.take(np.zeros((480, 640, 3), np.uint8), 0.0)
        assert session.wishes.back == wants_back


def test_the_page_is_told_where_the_back_runs_and_where_it_rests(tmp_path: Path) -> None:
    poses = list(PoseLog.load(HERE / "poses" / "seated_cat_cow.npz"))
    pictures = iter(range(100_000))
    session = LiveSession(
        lambda frame: replace(poses[next(pictures) % len(poses)], time_s=frame.time_s), lambda _: tmp_path
    )
    session.choose("exercise", "seated_cat_cow")
    session.command("start")
    black = np.zeros((480, 640, 3), np.uint8)
    backs = []
    for i in range(15 * 15):
        session.take(black, i / 15)
        moment = message(session).get("moment")
        backs += [moment["back"]] if session.state is State.BLOCK and moment else []
    known = [back for back in backs if back and back["neutral"]]
    assert len(known) > 15
    line, outline = np.array(known[-1]["line"]), poses[0].back_outline
    assert outline is not None
    assert abs(np.ptp(line[:, 1]) / np.ptp(outline[:, 1] / BACK_SCALE) - 1.0) < 0.3
