"""Work in a thread: all of it is done in order, errors come out, no thread is left."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

import pytest
from patience import WITHIN_S

from formcheck.work_behind import N_WAITING, work_behind


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert not set(threading.enumerate()) - before


def test_everything_is_done_in_order_in_one_other_thread() -> None:
    done: list[tuple[int, int]] = []
    with work_behind(lambda n: done.append((n, threading.get_ident())), "worker") as hand_over:
        for n in range(50):
            hand_over(n)
    assert [n for n, _ in done] == list(range(50))
    (ident,) = {ident for _, ident in done}
    assert ident != threading.get_ident()


def test_whoever_hands_over_waits_for_slow_work() -> None:
    may_work, begun, handed = threading.Event(), threading.Event(), []

    def work(_: int) -> None:
        begun.set()
        may_work.wait(WITHIN_S)

    def hand_over_all() -> None:
        with work_behind(work, "worker") as hand_over:
            for n in range(10):
                hand_over(n)
                handed.append(n)

    giver = threading.Thread(target=hand_over_all)
    giver.start()
    assert begun.wait(WITHIN_S)
    giver.join(0.3)  # time enough to hand over more, were it not to wait; a busy machine may need more, and pass
    assert giver.is_alive()
    assert len(handed) <= N_WAITING + 1
    may_work.set()
    giver.join(WITHIN_S)
    assert handed == list(range(10))


@pytest.mark.parametrize("n_before", [0, 3])
def test_error_of_the_work_comes_out(n_before: int) -> None:
    done: list[int] = []

    def work(n: int) -> None:
        if n == n_before:
            raise OSError("the disk is full")
        done.append(n)

    def run() -> None:
        with work_behind(work, "worker") as hand_over:
            for n in range(1000):
                hand_over(n)

    with pytest.raises(OSError, match="the disk is full"):
        run()
    assert done == list(range(n_before))


def test_error_in_the_last_item_comes_out_when_the_block_is_left() -> None:
    def fail(_: int) -> None:
        raise ValueError("no such thing")

    def run() -> None:
        with work_behind(fail, "worker") as hand_over:
            hand_over(1)

    with pytest.raises(ValueError, match="no such thing"):
        run()


def test_error_of_the_giver_wins_and_what_waits_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    is_dropped, begun = threading.Event(), threading.Event()
    monkeypatch.setattr("formcheck.work_behind.Event", lambda: is_dropped)  # so that the work ends after that
    done: list[int] = []

    def work(n: int) -> None:
        begun.set()
        assert is_dropped.wait(WITHIN_S)
        done.append(n)

    def run() -> None:
        with work_behind(work, "worker") as hand_over:
            hand_over(0)
            assert begun.wait(WITHIN_S)
            hand_over(1)
            raise RuntimeError("the pose network failed")

    with pytest.raises(RuntimeError, match="the pose network failed"):
        run()
    assert done == [0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells threads of one program apart")
def test_work_behind_interrupts_no_other_thread() -> None:
    policies = []
    with work_behind(
        lambda _: policies.append(os.sched_getscheduler(threading.get_native_id())), "behind"
    ) as hand_over:
        hand_over(1)
    assert policies == [os.SCHED_BATCH]
    assert os.sched_getscheduler(threading.get_native_id()) != os.SCHED_BATCH
