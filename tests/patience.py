"""How long a test waits for what comes by itself: a machine may have other things to do, or stop for a minute."""

from __future__ import annotations

import time
from collections.abc import Callable

WITHIN_S = 240.0  # what is there earlier is not waited for


def wait_until(is_so: Callable[[], bool]) -> None:
    """Returns once it is so."""
    until_s = time.monotonic() + WITHIN_S
    while True:
        is_late = time.monotonic() > until_s  # asked before the look: who was stopped in between looks once more
        if is_so():
            return
        assert not is_late
        time.sleep(0.02)
