"""Work done in a thread of its own, a few items behind whoever hands them over."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import Final, Generic, TypeVar

from formcheck.background import step_back

Item = TypeVar("Item")
N_WAITING: Final = 2  # items handed over and not begun: enough to even out slow and fast ones
N_HELD: Final = N_WAITING + 1  # besides those waiting: the one being worked on
PATIENCE_S: Final = 0.1  # how often a full queue is looked at again: whoever empties it may have failed


@contextlib.contextmanager
def work_behind(work: Callable[[Item], None], name: str, n_more: int = 0) -> Iterator[Callable[[Item], None]]:
    """Hands items to `work`, one after the other, in a thread that has ended when the block is left.

    All that was handed over is done before the block is left in peace; when it is left by an error, what waits is
    dropped.

    Args:
        work: is done with each item.
        name: of the thread.
        n_more: how many items more than usual may wait, for somebody who hands over several at once.

    Yields:
        A function that hands one item over; it waits while `N_WAITING + n_more` items wait. What `work` raises is
        raised there, or when the block is left.
    """
    thread = _Worker(work, name, N_WAITING + n_more)
    try:
        yield thread.put
    except BaseException:
        thread.drop()
        raise
    else:
        thread.close()


class _Worker(Generic[Item]):
    def __init__(self, work: Callable[[Item], None], name: str, n_waiting: int) -> None:
        self._work = work
        self._queue: Queue[tuple[Item] | None] = Queue(n_waiting)
        self._is_dropped = Event()
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        self._hand((item,))
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self._hand(None)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def drop(self) -> None:
        self._is_dropped.set()
        self._hand(None)
        self._thread.join()

    def _hand(self, item: tuple[Item] | None) -> None:
        while self._thread.is_alive():
            with contextlib.suppress(Full):
                self._queue.put(item, timeout=PATIENCE_S)
                return

    def _run(self) -> None:
        step_back()
        try:
            while (item := self._queue.get()) is not None:
                if not self._is_dropped.is_set():
                    self._work(item[0])
        except BaseException as error:  # handed to whoever hands over, whatever it is
            self._error = error
