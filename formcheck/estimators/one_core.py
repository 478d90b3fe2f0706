"""The threads of a pose network stay together on one core while that core is theirs.

MediaPipe hands each frame through its steps from thread to thread, and only one of them works at a time. A scheduler
wakes the next one on an idle core: that core has to wake up, too, and has none of the network's weights at hand. Where
all of them stay on one core, the whole job takes an eighth less time [measured, on two cores, in turns];
`benchmarks/throughput.py` has bare inference both ways. While the network is what everything else waits for, the
program's other threads keep off its core.

Only Linux lets threads be placed so; elsewhere, and on a single core, nothing happens.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Final

WATCHED_S: Final = 2.0  # working time after which it is asked how much of it the threads had a core
LEAST_SHARE: Final = 0.85  # of it; alone on a core they have 0.93, two networks that share one have half each
ROAMING_S: Final = 10.0  # working time until a core is tried again
BUSY: Final = 0.9  # share of all time that is work where the network is what everything else waits for
_OWN_THREADS: Final = Path("/proc/self/task")
Cores = frozenset[int]


class OneCore:
    """Keeps the thread that works and its helpers on the core where it works; lets go when others want that core."""

    def __init__(self) -> None:
        self._before: set[int] = set()  # threads that there were before the helpers
        self._helpers: set[int] = set()
        self._threads: set[int] = set()  # that are placed
        self._core: Cores = frozenset()
        self._all: Cores = frozenset()  # the cores they came with
        self._looked_s = self._worked_s = 0.0  # when it was last looked, and working time since then
        self._until_s = 0.0  # working time until the next look
        self._had_s = 0.0  # processor time of the helpers until the last look

    @contextlib.contextmanager
    def beginning(self) -> Iterator[None]:
        """Around what begins the helpers: threads that are begun by this one, here, and what they begin later."""
        me = threading.get_native_id()
        self._before = _threads()
        if not self._before or not self._choose(me):
            yield
            return
        _place(me, self._core)  # a thread that is begun may use the cores of the one that begins it
        try:
            yield
        finally:
            self._helpers = self._begun()
            for thread in {me} | self._helpers:
                _place(thread, self._all)

    @property
    def is_placed(self) -> bool:
        """Whether the threads stay on one core now."""
        return bool(self._threads)

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Around each piece of work, always in the same thread."""
        start_s = perf_counter()
        if self._worked_s >= self._until_s and self._helpers:
            self._look(start_s)
        try:
            yield
        finally:
            self._worked_s += perf_counter() - start_s

    def release(self) -> None:
        """The threads may go where they like; may be called from any thread, and twice."""
        if self.is_placed:
            _move_others(self._all - self._core, self._all)
        for thread in self._threads:
            _place(thread, self._all)
        self._threads = set()

    def _look(self, now_s: float) -> None:
        """Takes the core where the thread is, or lets go of it when the helpers had too little of it."""
        self._helpers |= self._begun() if self.is_placed else set()
        had_s = sum(map(_processor_s, self._helpers))
        if not self.is_placed:
            self._take()
        elif had_s - self._had_s < LEAST_SHARE * self._worked_s:
            self.release()
        elif self._worked_s > BUSY * (now_s - self._looked_s):
            _move_others(self._all, self._all - self._core)
        else:
            _move_others(self._all - self._core, self._all)
        self._until_s = WATCHED_S if self.is_placed else ROAMING_S
        self._had_s, self._looked_s, self._worked_s = had_s, now_s, 0.0

    def _take(self) -> None:
        me = threading.get_native_id()
        if not self._choose(me):
            return
        self._threads = {me} | self._helpers
        if all(_place(thread, self._core) for thread in self._threads):
            _move_others(self._all, self._all - self._core)
        else:
            self.release()

    def _choose(self, me: int) -> bool:
        """The core where this thread is, and all that it may use; whether these are more."""
        self._core, self._all = frozenset({_core_of(me)}), frozenset(os.sched_getaffinity(me))
        return self._core < self._all

    def _begun(self) -> set[int]:
        """The threads that have come to the core, this one not among them."""
        here = {thread for thread in _threads() - self._before if _cores_of(thread) == self._core}
        return here - {threading.get_native_id()}


def _threads() -> set[int]:
    """Native ids of this program's threads; none where the system does not tell."""
    try:
        return {int(path.name) for path in _OWN_THREADS.iterdir()}
    except OSError:
        return set()


def _status(thread: int) -> list[str]:
    """What the system knows of a thread, from its state on; empty when it has ended."""
    try:
        return (_OWN_THREADS / str(thread) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _processor_s(thread: int) -> float:
    """Processor time that a thread has had."""
    status = _status(thread)
    return (int(status[11]) + int(status[12])) / os.sysconf("SC_CLK_TCK") if status else 0.0


def _core_of(thread: int) -> int:
    """The core where a thread is now; -1 when it has ended."""
    status = _status(thread)
    return int(status[36]) if status else -1


def _cores_of(thread: int) -> Cores:
    """The cores that a thread may use; none when it has ended."""
    try:
        return frozenset(os.sched_getaffinity(thread))
    except OSError:
        return frozenset()


def _place(thread: int, cores: Cores) -> bool:
    """Lets a thread of this program use these cores only; whether that worked."""
    try:
        os.sched_setaffinity(thread, cores)
    except (OSError, ValueError):  # it has ended, or it is forbidden
        return False
    return True


def _move_others(before: Cores, cores: Cores) -> None:
    """Lets those threads of this program use these cores that could use just the ones before."""
    for thread in _threads():
        if _cores_of(thread) == before:
            _place(thread, cores)
