"""Threads that work beside the pose network leave it the processor."""

from __future__ import annotations

import contextlib
import os
import sys
import threading


def step_back() -> None:
    """From now on the calling thread interrupts no other one of its priority when it wakes; it gets its share of time.

    The pose network hands each frame from thread to thread; whoever interrupts it delays the whole chain. Only Linux
    can tell threads apart so; elsewhere, and where it is forbidden, nothing changes.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_BATCH, os.sched_param(0))
