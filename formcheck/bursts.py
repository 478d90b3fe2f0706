"""Where one core has to do everything: several items of one kind of work, then several of the next.

Threads would take turns at every frame, and each time find that the pose network has driven out what they need from
the core's caches. The two functions here stand where `read_ahead` and `work_behind` stand with more cores.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

Item = TypeVar("Item")
BURST: Final = 6  # items; more gain little, and each frame of them holds a picture


def has_one_core() -> bool:
    """Whether this process may use a single core only."""
    return sys.platform == "linux" and len(os.sched_getaffinity(0)) == 1


@contextlib.contextmanager
def read_in_bursts(items: Iterable[Item]) -> Iterator[Iterator[Item]]:
    """The same items, made several at a time."""
    yield _in_bursts(items)


def _in_bursts(items: Iterable[Item]) -> Iterator[Item]:
    rest = iter(items)
    while burst := list(islice(rest, BURST)):
        yield from burst


@contextlib.contextmanager
def work_in_bursts(work: Callable[[Item], None]) -> Iterator[Callable[[Item], None]]:
    """Hands items to `work`, several at a time; when the block is left by an error, what waits is dropped.

    Yields:
        A function that hands one item over. What `work` raises is raised there, or when the block is left.
    """
    waiting: list[Item] = []

    def do_waiting() -> None:
        while waiting:
            work(waiting.pop(0))

    def hand_over(item: Item) -> None:
        waiting.append(item)
        if len(waiting) >= BURST:
            do_waiting()

    yield hand_over
    do_waiting()
