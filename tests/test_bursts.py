"""Work in bursts: nothing is lost, nothing is late, and errors come out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import astuple

import numpy as np
import pytest

from formcheck.assets import find_sample
from formcheck.bursts import BURST, has_one_core, read_in_bursts, work_in_bursts
from formcheck.reading import Part, Task, find_model, read_part
from formcheck.seeing import Wishes


def test_items_are_made_several_at_a_time_and_come_in_order() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for i in range(2 * BURST + 1):
            made.append(i)
            yield i

    with read_in_bursts(items()) as given:
        n_made = [(item, len(made)) for item in given]
    assert [item for item, _ in n_made] == list(range(2 * BURST + 1))
    assert [n for _, n in n_made] == [BURST] * BURST + [2 * BURST] * BURST + [2 * BURST + 1]


def test_work_is_done_in_order_and_whole_when_the_block_is_left() -> None:
    done: list[int] = []
    with work_in_bursts(done.append) as hand_over:
        for i in range(BURST + 2):
            hand_over(i)
        assert done == list(range(BURST))
    assert done == list(range(BURST + 2))


def test_what_waits_is_dropped_when_the_block_fails_and_what_work_raises_comes_out() -> None:
    done: list[int] = []

    def fail() -> None:
        with work_in_bursts(done.append) as hand_over:
            hand_over(1)
            raise OSError("the disk went away")

    with pytest.raises(OSError, match="the disk went away"):
        fail()
    assert not done
    with pytest.raises(ZeroDivisionError), work_in_bursts(lambda item: 1 // item) as divide:
        divide(0)


@pytest.mark.skipif(sys.platform != "linux", reason="threads are placed on Linux only")
def test_one_core_reads_the_same_as_several() -> None:
    task, part = Task(find_sample(), find_model(), Wishes()), Part(first=20, end=60, warm_from=5)
    before = os.sched_getaffinity(0)
    if len(before) < 2:
        pytest.skip("there is one core only")
    assert not has_one_core()
    several = read_part(task, part)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert has_one_core()
        one = read_part(task, part)
    finally:
        os.sched_setaffinity(0, before)
    np.testing.assert_array_equal(one.time_s, several.time_s)
    for a, b in zip(one, several, strict=True):
        np.testing.assert_array_equal(a.landmarks, b.landmarks)
        np.testing.assert_array_equal(astuple(a.ball), astuple(b.ball))
