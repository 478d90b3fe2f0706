"""Decoding in a thread of its own, a few frames ahead of whoever uses them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from queue import Empty, Queue
from threading import Event, Thread
from typing import Final, TypeVar

from formcheck.background import step_back

Item = TypeVar("Item")

N_WAITING: Final = 2  # frames decoded in advance: enough to even out slow and fast frames
N_BUFFERS: Final = N_WAITING + 2  # besides those waiting: one being decoded, one in use


@contextlib.contextmanager
def read_ahead(frames: Iterable[Item], n_more: int = 0) -> Iterator[Iterator[Item]]:
    """The same frames, decoded ahead in a thread that has ended when the block is left, however it is left.

    Args:
        frames: those of a source opened with `n_buffers=N_BUFFERS + n_more` or more, or what is made of each in the
            same thread.
        n_more: how many more than usual may wait, for somebody who takes several at once.

    Yields:
        The frames in order. What the source raises is raised here, after the frames that came before it.
    """
    queue: Queue[tuple[Item] | BaseException | None] = Queue(N_WAITING + n_more)
    is_left = Event()
    thread = Thread(target=_fill, args=(frames, queue, is_left), name="formcheck-decode", daemon=True)
    thread.start()
    try:
        yield _drain(queue)
    finally:
        is_left.set()
        with contextlib.suppress(Empty):
            while True:  # makes room, so that a waiting thread can go on and see that it is to end
                queue.get_nowait()
        thread.join()


def _fill(frames: Iterable[Item], queue: Queue[tuple[Item] | BaseException | None], is_left: Event) -> None:
    step_back()
    try:
        for frame in frames:
            queue.put((frame,))
            if is_left.is_set():
                return
        queue.put(None)
    except BaseException as error:  # handed to the user of the frames, whatever it is
        queue.put(error)


def _drain(queue: Queue[tuple[Item] | BaseException | None]) -> Iterator[Item]:
    while True:
        item = queue.get()
        if item is None:
            return
        if isinstance(item, BaseException):
            raise item
        yield item[0]
