"""MediaPipe's calls in the thread that makes them.

MediaPipe's Python hands each call to a thread of its own and waits for it: four changes of thread a frame, each of
which waits for Python's lock where other threads of the program work. A whole job takes 3 to 7 % longer so [measured,
in turns]. Here the calls are made on the spot, still one at a time.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

Args = ParamSpec("Args")
Result = TypeVar("Result")


class SameThread(Executor):
    """Does what is submitted at once, in the thread that submits it; one at a time."""

    def __init__(self, instead_of: Executor | None = None) -> None:
        """`instead_of`: whose work it does, and who ends with it."""
        self._instead_of = instead_of
        self._lock = threading.Lock()

    def submit(self, fn: Callable[Args, Result], /, *args: Args.args, **kwargs: Args.kwargs) -> Future[Result]:
        """What came of it, done already."""
        future: Future[Result] = Future()
        with self._lock:
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # raised to whoever asks for the result, as by any executor
                future.set_exception(error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing of its own is left to be done at any time."""
        if self._instead_of is not None:
            self._instead_of.shutdown(wait, cancel_futures=cancel_futures)


def call_in_same_thread(landmarker: Any) -> None:
    """Lets a pose landmarker of MediaPipe make its calls in the thread that uses it.

    MediaPipe offers no way to ask for that: it is had by its internals, the same from 0.10.30 to 0.10.33, and where
    they are others, the calls stay in its own thread.
    """
    with contextlib.suppress(ImportError, AttributeError):
        from mediapipe.tasks.python.vision import pose_landmarker

        calls = landmarker._lib
        signatures, register = pose_landmarker._CTYPES_SIGNATURES, calls._register_signature
        calls._executor = SameThread(calls._executor)
        for signature in signatures:
            register(signature)
