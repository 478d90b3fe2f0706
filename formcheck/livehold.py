"""The hold clock that runs while a posture is kept. The verdict at the end is made anew from the whole movement."""

from __future__ import annotations

import math
from collections import deque
from typing import Literal

from formcheck.exercise import HoldRule
from formcheck.types import HoldClock

STILL_PER_S = 0.30  # of the peak: a drive that changes less than this a second has arrived
SPEED_OVER_S = 0.25
KEPT_SHARE = 0.85  # of the peak: above this the plateau is kept


class LiveHold:
    """Counts the seconds in which the peak is kept."""

    def __init__(self, rule: HoldRule | None) -> None:
        self._rule = rule
        self.start_over()

    def start_over(self) -> None:
        """No hold is running."""
        self._recent: deque[tuple[float, float]] = deque()
        self._last_s = math.nan
        self._has_gap = False
        self._outside_s = 0.0
        self._credited_s = 0.0
        self._is_running = False
        self._is_broken = False

    def skip(self) -> None:
        """A frame that could not be judged: until the next one, no more than the bridge is credited."""
        self._has_gap = True

    def update(
        self, time_s: float, height: float, peak: float, needed: float, is_live: bool
    ) -> Literal["started", "broken", "none"]:
        """Take a frame of a movement that has reached what it needs."""
        if self._rule is None:
            return "none"
        dt_s = time_s - self._last_s if self._last_s == self._last_s else 0.0
        if self._has_gap and dt_s > self._rule.bridge_s:
            dt_s = 0.0
        self._last_s, self._has_gap = time_s, False
        if not self._is_running:
            if self._has_arrived(time_s, height, peak):
                self._is_running = True
                return "started"
            return "none"
        if not is_live:
            return "none"
        if height >= max(needed, KEPT_SHARE * peak):
            self._credited_s += dt_s + (self._outside_s if self._outside_s <= self._rule.bridge_s else 0.0)
            self._outside_s, self._is_broken = 0.0, False
            return "none"
        self._outside_s += dt_s
        if self._outside_s > self._rule.bridge_s and not self._is_broken and height < needed:
            self._is_broken = True
            return "broken"
        return "none"

    def _has_arrived(self, time_s: float, height: float, peak: float) -> bool:
        recent = self._recent
        recent.append((time_s, height))
        while len(recent) > 2 and time_s - recent[1][0] >= SPEED_OVER_S:
            recent.popleft()
        span = time_s - recent[0][0]
        return span >= SPEED_OVER_S and abs(height - recent[0][1]) / span < STILL_PER_S * peak

    def clock(self) -> HoldClock | None:
        """What the ring shows; None for movements without a hold."""
        if self._rule is None:
            return None
        return HoldClock(self._credited_s, self._rule.target_s, self._is_running and not self._is_broken)
