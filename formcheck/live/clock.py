"""The time of a live run, made from the times of its frames: it stands still where frames are missing."""

from __future__ import annotations

import math
from typing import Final

LONGEST_GAP_S: Final = 1.0  # longer without a frame is an interruption, not a slow frame
STEP_S: Final = 0.04  # what passes over an interruption, or when another camera's clock begins
SLEPT_S: Final = 3.0  # clocks are set right by less than this
SMALLEST_STEP_S: Final = 0.002  # two frames closer than this come from a clock that stumbled


class RunClock:
    """Turns capture times into steps of a time that never runs back and never runs on by itself."""

    def __init__(self) -> None:
        self._last_s = math.nan

    def step(self, frame_s: float) -> tuple[float, float]:
        """Seconds to go on by for this frame, and how long nothing was seen (0: no interruption; inf: unknown)."""
        passed = frame_s - self._last_s
        if -LONGEST_GAP_S <= passed < 0:  # a late frame, or a clock that was set right: time waits until it is reached
            return SMALLEST_STEP_S, 0.0
        self._last_s = frame_s
        if math.isnan(passed):
            return STEP_S, 0.0
        if passed < 0:
            return STEP_S, math.inf
        if passed > LONGEST_GAP_S:
            return STEP_S, passed
        return max(SMALLEST_STEP_S, passed), 0.0


class SleepWatch:
    """Notices that the computer was asleep: the time of day went on while the running clock stood still."""

    def __init__(self) -> None:
        self._ahead_s = math.nan

    def has_slept(self, day_s: float, running_s: float) -> bool:
        """Take both clocks, in seconds; true once after each sleep of more than a moment."""
        before_s, self._ahead_s = self._ahead_s, day_s - running_s
        return self._ahead_s - before_s > SLEPT_S
