"""Threads that work in turns stay on one core while they have it, and go where they like afterwards."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue

import pytest

from formcheck.assets import find_sample
from formcheck.estimators import one_core
from formcheck.estimators.one_core import OneCore
from formcheck.reading import estimate_poses

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="threads are placed on Linux, with two cores"
)
Idle = Callable[[], int]


@pytest.fixture
def idle() -> Iterator[Idle]:
    """Begins a thread that waits until the test is over, and tells its native id."""
    over = threading.Event()
    begun: list[threading.Thread] = []

    def begin() -> int:
        ids: SimpleQueue[int] = SimpleQueue()
        thread = threading.Thread(target=lambda: (ids.put(threading.get_native_id()), over.wait()))
        thread.start()
        begun.append(thread)
        return ids.get()

    yield begin
    over.set()
    for thread in begun:
        thread.join()


@pytest.fixture
def everywhere() -> Iterator[set[int]]:
    """The cores of this thread, which must be the same afterwards."""
    before = os.sched_getaffinity(0)
    yield before
    after = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before)
    assert after == before


@pytest.fixture
def had_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the system says of the helpers' processor time, one answer to change."""
    told = [0.0]
    monkeypatch.setattr(one_core, "_processor_s", lambda thread: told[0])
    monkeypatch.setattr(one_core, "WATCHED_S", 0.0)  # asked each time
    return told


def test_worker_and_helper_share_a_core_that_the_others_leave(idle: Idle, everywhere: set[int]) -> None:
    core, other = OneCore(), idle()
    with core.beginning():
        helper = idle()
    assert [os.sched_getaffinity(thread) for thread in (0, helper, other)] == [everywhere] * 3
    with core.working():
        (taken,) = os.sched_getaffinity(0)
        assert os.sched_getaffinity(helper) == {taken}
        assert os.sched_getaffinity(other) == everywhere - {taken}
    core.release()
    assert [os.sched_getaffinity(thread) for thread in (0, helper, other)] == [everywhere] * 3


def test_who_gets_too_little_of_the_core_lets_go(idle: Idle, everywhere: set[int], had_s: list[float]) -> None:
    core = OneCore()
    with core.beginning():
        helper = idle()
    for had, is_placed in ((0.0, True), (1000.0, True), (1000.0, False)):
        had_s[0] = had
        with core.working():
            assert core.is_placed is is_placed
    assert os.sched_getaffinity(helper) == everywhere


def test_others_use_the_core_too_while_the_work_waits_for_them(
    idle: Idle, everywhere: set[int], had_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    core, other = OneCore(), idle()
    with core.beginning():
        idle()
    clock = iter([0.0, 1.0, 1.0, 2.0, 12.0, 13.0])  # 1 s of work, 1 s of work, 10 s of waiting
    monkeypatch.setattr(one_core, "perf_counter", lambda: next(clock))
    with core.working():
        pass
    had_s[0] = 100.0
    with core.working():
        assert len(os.sched_getaffinity(other)) < len(everywhere)
    had_s[0] = 200.0
    with core.working():
        assert core.is_placed
        assert os.sched_getaffinity(other) == everywhere
    core.release()


def test_without_helpers_nothing_is_placed(everywhere: set[int]) -> None:
    core = OneCore()
    with core.beginning():
        pass
    with core.working():
        assert not core.is_placed
        assert os.sched_getaffinity(0) == everywhere


def test_reading_leaves_every_thread_as_it_was(everywhere: set[int]) -> None:
    seen: list[bool] = []

    def tell(stage: str, done: int, total: int | None) -> None:
        seen.append(len(os.sched_getaffinity(0)) == 1)
        if len(seen) == 5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        estimate_poses(find_sample(), progress=tell)
    assert any(seen), "the network was never placed"
    left = {one_core._cores_of(thread) for thread in one_core._threads()}
    assert left - {frozenset()} == {frozenset(everywhere)}  # none: it has ended meanwhile
