"""Counts breaths in a trace of the breath: from one turning point to the next of the same kind.

A breath is told when the trace has become clear; then the ones before it in the same stretch are told, too, as far back
as what the clearness was told from.
"""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

STILL_BELOW: Final = 0.06  # torso lengths a second of trunk and knees: only then is what moves the breath
READY_S: Final = 4.0  # of a trace, before its usual swing is known
CALM_S: Final = 0.25  # over so long, samples are averaged
SWING_S: Final = 8.0  # how far a trace goes in so long, usually, is its swing: slow drift is left out
SHARE: Final = 0.35  # of the usual swing: a smaller half is no breath
SHORTEST_S, LONGEST_S = 1.8, 15.0
TWO_IN_ONE: Final = 1.8  # times the usual length: a turn between was not seen, so how many it was is not known
CLEAR_ENOUGH: Final = 0.5  # quality from which the trace is believed
MOST_MARKED: Final = 20  # that may still be told by the camera, too
CLEARED_S: Final = 24.0  # what a quality was told from
BREATHED: Final = 0.6  # of a hold: where the breaths seen fill less of it, their number says little


@dataclass(frozen=True, slots=True)
class Breath:
    """One breath, [start_s, end_s); quality 0-1 of the trace it was read from."""

    start_s: float
    end_s: float
    quality: float


class BreathCounter:
    """Counts in one stretch of keeping still; start it over where stillness or sight is lost."""

    def __init__(self) -> None:
        self.start_over()

    def start_over(self) -> None:
        """A new stretch begins."""
        self._samples: deque[tuple[float, float]] = deque()
        self._last: deque[tuple[float, float]] = deque()  # as they came, for the average
        self._swing, self._swing_told_s = 0.0, -math.inf
        self._lengths: deque[float] = deque(maxlen=12)  # seconds, of the last breaths
        self._turns: deque[tuple[float, float]] = deque(maxlen=3)  # (time, value), alternating low and high
        self._way = 0  # +1 rising, -1 falling, 0 not known yet
        self._best = (math.nan, math.nan)
        self._is_ready = False
        self._last_end_s = -math.inf
        self._unsure: list[Breath] = []  # that ended while the trace was not clear

    def step(self, time_s: float, trace: float, quality: float) -> list[Breath]:
        """Take a sample (NaN: not known, which starts over) and return the breaths that have just ended."""
        if trace != trace:
            self.start_over()
            return []
        trace = self._averaged(time_s, trace)
        self._samples.append((time_s, trace))
        while time_s - self._samples[0][0] > CLEARED_S:
            self._samples.popleft()
        if not self._is_ready and (not quality >= CLEAR_ENOUGH or time_s - self._samples[0][0] < READY_S):
            return []
        least = SHARE * self._usual_swing(time_s)
        if self._is_ready:
            self._unsure += self._advance(time_s, trace, least)
        else:  # what a trace does before it is clear says nothing about how far a breath swings
            self._is_ready = True
            self._unsure += [b for at_s, value in self._samples for b in self._advance(at_s, value, least)]
        return self._confirmed(time_s, quality)

    def _confirmed(self, time_s: float, quality: float) -> list[Breath]:
        """The breaths that a clear trace vouches for."""
        if not quality >= CLEAR_ENOUGH:
            return []
        longest_s = TWO_IN_ONE * statistics.median(self._lengths) if len(self._lengths) > 2 else LONGEST_S
        sure = [b for b in self._unsure if b.start_s >= time_s - CLEARED_S and b.end_s - b.start_s <= longest_s]
        self._unsure = []
        return [replace(b, quality=quality) for b in sure]

    def _averaged(self, time_s: float, trace: float) -> float:
        self._last.append((time_s, trace))
        while time_s - self._last[0][0] > CALM_S:
            self._last.popleft()
        return statistics.fmean(value for _, value in self._last)

    def _usual_swing(self, time_s: float) -> float:
        """The median over windows; told anew every second."""
        if time_s - self._swing_told_s >= 1.0:
            self._swing, self._swing_told_s = _swing_of(list(self._samples)), time_s
        return self._swing

    def _advance(self, time_s: float, value: float, least: float) -> list[Breath]:
        if self._best[1] != self._best[1]:
            self._best = self._lowest = (time_s, value)
            return []
        if self._way == 0:
            self._best = max(self._best, (time_s, value), key=lambda s: s[1])
            self._lowest = min(self._lowest, (time_s, value), key=lambda s: s[1])
            if self._best[1] - self._lowest[1] < least:
                return []
            self._way = 1 if self._best[0] > self._lowest[0] else -1
            self._turns.append(self._lowest if self._way > 0 else self._best)
            self._best = (time_s, value)
            return []
        if (value - self._best[1]) * self._way > 0:
            self._best = (time_s, value)
            return []
        if (self._best[1] - value) * self._way < least:
            return []
        self._turns.append(self._best)
        self._way, self._best = -self._way, (time_s, value)
        return self._complete()

    def _complete(self) -> list[Breath]:
        """A breath is over at every second turning point."""
        if len(self._turns) < 3:
            return []
        start_s, end_s = self._turns[-3][0], self._turns[-1][0]
        if start_s < self._last_end_s - 1e-9:
            return []
        self._last_end_s = end_s
        if not SHORTEST_S <= end_s - start_s <= LONGEST_S:
            return []
        self._lengths.append(end_s - start_s)
        return [Breath(start_s, end_s, 0.0)]


class BreathsTold:
    """Breaths that the camera sees and those that the person marks, each once: the camera may tell one late."""

    def __init__(self) -> None:
        self._seen_until_s = math.nan
        self._marked_s: deque[float] = deque(maxlen=MOST_MARKED)

    def see(self, start_s: float, end_s: float) -> bool:
        """The camera has seen a breath; whether nobody had marked it."""
        self._seen_until_s = end_s
        return not any(start_s < at_s <= end_s for at_s in self._marked_s)

    def mark(self, time_s: float) -> bool:
        """The person has marked a breath; whether it counts, as none was seen lately."""
        if time_s - self._seen_until_s <= LONGEST_S:
            return False
        self._marked_s.append(time_s)
        return True


def _swing_of(samples: Sequence[tuple[float, float]]) -> float:
    """How far a trace of (time, value) usually goes in a window; of a shorter one, how far it went."""
    first_s, last_s = samples[0][0], samples[-1][0]
    swings: list[float] = []
    end_s = last_s
    while not swings or end_s - SWING_S >= first_s:
        values = sorted(value for at_s, value in samples if end_s - SWING_S < at_s <= end_s)
        if values:
            swings.append(values[int(0.95 * (len(values) - 1))] - values[int(0.05 * (len(values) - 1))])
        end_s -= 1.0
    return statistics.median(swings)


def number_in(breaths: Iterable[Breath], start_s: float, end_s: float) -> int | None:
    """How many of these were taken in a hold, [start_s, end_s); None where too little of it was seen to tell.

    A breath that reaches over an edge of the hold counts with the side on which its middle lies.
    """
    inside = [b for b in breaths if start_s <= (b.start_s + b.end_s) / 2 < end_s]
    seen_s = sum(min(b.end_s, end_s) - max(b.start_s, start_s) for b in inside)
    return len(inside) if inside and seen_s >= BREATHED * (end_s - start_s) else None
