"""When somebody came to be still, and when they left it, from how their speed passed two levels.

Slow movements begin and end gently (minimum-jerk, see edges): a limit of speed is passed late on the way out and early
on the way in, and the later the slower they are. How long the speed takes from the limit to a higher level tells.
"""

from __future__ import annotations

from collections import deque
from itertools import takewhile

from formcheck.measures.body import SPEED_OVER_S

FASTER = 1.5, 3.0  # times the limit: the second level lies between these, and where the speed still rises steeply:
STEEP = 0.75  # of its highest
# The way goes with the third power of the time at its ends: from rest to the limit takes 1 / (times ** (1 / 3) - 1) of
# what it takes from the limit on. A minimum-jerk way of 1 to 5 s takes 0.65 to 0.8 of that; on the way in the smoothing
# of the pose makes the speed fall more slowly [measured: 0.4].
OUT, IN = 0.75, 0.5
# Where the speed does not get as far: the first slow third of the second that it looks back, and more the longer than
# that second, which every little way lasts, it was beyond the limit.
SLOW_END_S = 0.35
LONGEST_END_S = 1.0  # a gentler end is hardly told from stillness
LOOK_S = 2.0
UNSEEN_S = 0.25  # between two frames: a speed that changes has not changed evenly in between
TRAIL_S = 4.0


class SpeedTrail:
    """The speeds of the last seconds, each the way of a second.

    Args:
        limit: below, somebody is still.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._trail: deque[tuple[float, float]] = deque()

    def clear(self) -> None:
        """Another picture: no speed before tells of one after."""
        self._trail.clear()

    def add(self, time_s: float, speed: float) -> None:
        """Take a frame's speed; unknown ones are left out."""
        if speed != speed:
            return
        self._trail.append((time_s, speed))
        while self._trail[0][0] < time_s - TRAIL_S:
            self._trail.popleft()

    def came_s(self) -> float:
        """When somebody whose speed has just fallen below the limit came to be still."""
        now_s = self._trail[-1][0]
        back = [(now_s - time_s, speed) for time_s, speed in reversed(self._trail)]
        slow_s, end_s = self._end(back, IN)
        return now_s - SPEED_OVER_S + min(max(end_s - slow_s, SLOW_END_S), SPEED_OVER_S)

    def left_s(self, still_s: float) -> float:
        """When somebody who was below the limit until `still_s`, and is above it since, began to move."""
        on = [(time_s - still_s, speed) for time_s, speed in self._trail if time_s >= still_s]
        slow_s, end_s = self._end(on, OUT)
        return still_s - max(end_s - slow_s, SLOW_END_S)

    def _end(self, way: list[tuple[float, float]], share: float) -> tuple[float, float]:
        """When the limit is passed, and how long the gentle end beyond it is, along a way that begins below it."""
        slow_s = _passed_s(way, self._limit)
        beyond = [(at_s, speed) for at_s, speed in way if slow_s <= at_s <= slow_s + LOOK_S]
        beyond = list(takewhile(lambda sample: sample[1] >= self._limit, beyond))
        if not slow_s > 0.0 or not beyond:
            return 0.0, SLOW_END_S
        times = min(STEEP * max(speed for _, speed in beyond) / self._limit, FASTER[1])
        if times < FASTER[0]:
            return slow_s, min(SLOW_END_S + max(0.0, beyond[-1][0] - slow_s - SPEED_OVER_S), LONGEST_END_S)
        fast_s = _passed_s([(slow_s, self._limit), *beyond], times * self._limit)
        if not fast_s > slow_s:
            return 0.0, SLOW_END_S
        return slow_s, min(share * (fast_s - slow_s) / (times ** (1.0 / 3.0) - 1.0), LONGEST_END_S)


def _passed_s(way: list[tuple[float, float]], level: float) -> float:
    """When a speed that begins below a level reaches it; 0 if it does not, or in a moment that was not seen."""
    for (before_s, below), (after_s, above) in zip(way, way[1:], strict=False):
        if above >= level >= below:
            if after_s - before_s > UNSEEN_S:
                break
            return before_s + (after_s - before_s) * (level - below) / max(above - below, 1e-9)
    return 0.0
