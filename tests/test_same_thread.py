"""MediaPipe's calls in the thread that makes them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import sleep
from types import SimpleNamespace

import numpy as np
import pytest

from formcheck.assets import find_model
from formcheck.estimators.mediapipe_pose import MediaPipePose
from formcheck.estimators.same_thread import SameThread, call_in_same_thread
from formcheck.types import Frame


def test_the_network_is_asked_in_the_thread_that_estimates(monkeypatch: pytest.MonkeyPatch) -> None:
    """The installed MediaPipe has the internals by which that is had."""
    threads: list[int] = []
    submit = SameThread.submit

    def watched(here: SameThread, fn: Callable[..., object], *args: object) -> Future[object]:
        def noted() -> object:
            threads.append(threading.get_ident())
            return fn(*args)

        return submit(here, noted)

    monkeypatch.setattr(SameThread, "submit", watched)
    with MediaPipePose(find_model()) as estimator:
        estimator.estimate(Frame(0, 0.0, np.zeros((240, 320, 3), np.uint8)))
        assert threads, "the network is still asked in a thread of MediaPipe's own"
    assert set(threads) == {threading.get_ident()}


def test_where_the_internals_are_others_nothing_is_changed() -> None:
    landmarker = SimpleNamespace(_lib=SimpleNamespace(_executor="theirs"))
    call_in_same_thread(landmarker)
    assert vars(landmarker._lib) == {"_executor": "theirs"}


def test_a_network_that_is_closed_leaves_no_thread_and_finds_nobody() -> None:
    before = set(threading.enumerate())
    frame = Frame(0, 0.0, np.zeros((240, 320, 3), np.uint8))
    with MediaPipePose(find_model()) as estimator:
        estimator.estimate(frame)
    assert set(threading.enumerate()) <= before
    assert not estimator.estimate(frame).is_person


def test_what_a_call_raises_is_raised_by_its_result() -> None:
    future = SameThread().submit(int, "no number")
    with pytest.raises(ValueError, match="no number"):
        future.result()


def test_calls_of_several_threads_are_made_one_at_a_time() -> None:
    here, inside, most = SameThread(), 0, 0

    def call() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        sleep(0.005)
        inside -= 1

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: here.submit(call), range(8)))
    assert most == 1
