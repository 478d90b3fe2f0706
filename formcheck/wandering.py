"""Whether somebody who keeps still does so in one place: not elsewhere after a gap, and not slowly to and fro."""

from __future__ import annotations

import math
import statistics
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from formcheck.holdgaps import Until

BLOCK_S = 1.0  # the median of so long tells a place whatever jumps for a moment, and is short beside a slow movement
LEAST_BLOCK_S = 0.15  # of stillness between two gaps that tells a place, such as where a rock turns round
MOSTLY_KNOWN = 0.5  # of a block's frames
SURE = 3.0  # times the median deviation within a second [choice]: two of its medians are hardly ever that far apart
AT_THE_END = 0.25  # of its size: nearer to where a way began, it has not begun yet


class Left(NamedTuple):
    """A hold is over: how far it went, and why: still again elsewhere since, or slowly on the way to and fro."""

    until: Until
    why: Literal["elsewhere", "to and fro"]


class Block(NamedTuple):
    """The places of a second: the medians of the measures, by column, and how far they jitter. `until` is before it."""

    until: Until
    places: dict[int, float]
    jitters: dict[int, float]


class Wandering:
    """Follows the places of somebody who is still; give it the frames in which they are.

    What cannot be seen has not moved. A way to and fro must be seen in all of its measures.

    Args:
        same_within: columns of measures, and how far they may be after a gap from what they were before.
        swings: columns of measures, and how far all of them must go, and come back, to be a movement.
        swings_within_s: there and back within so long.
    """

    def __init__(self, same_within: Mapping[int, float], swings: Mapping[int, float], swings_within_s: float) -> None:
        self._same_within, self._swings = dict(same_within), dict(swings)
        self._columns = {*same_within, *swings}
        self._blocks: deque[Block] = deque(maxlen=math.ceil(swings_within_s / BLOCK_S))
        self.clear()

    def clear(self) -> None:
        """Another hold begins."""
        self._blocks.clear()
        self._running: list[Sequence[float]] = []
        self._since = self._last = Until(math.nan, 0.0)
        self._gap: tuple[Until, Block] | None = None  # how far the hold went before it, and where that was

    def resume(self, until: Until) -> Left | None:
        """Somebody moved, or could not be seen, after `until`: what comes may be elsewhere; what was before, too."""
        left = None
        if self._last.end_s - self._since.end_s >= LEAST_BLOCK_S:
            self._close()
            left = self._look()
        self._running.clear()
        self._since = Until(math.nan, 0.0)
        if self._blocks and self._gap is None:
            self._gap = until, self._blocks[-1]
        return left

    def take(self, now: Until, values: Sequence[float]) -> Left | None:
        """Take a frame; says that the hold was over before."""
        if not self._columns:
            return None
        left = None
        if not now.end_s - self._since.end_s < BLOCK_S:
            if self._running:
                self._close()
                left = self._look()
            self._since = now
        self._last = now
        self._running.append(values)
        return left

    def _close(self) -> None:
        places, jitters = {}, {}
        for column in self._columns:
            known = [values[column] for values in self._running if values[column] == values[column]]
            is_known = len(known) > MOSTLY_KNOWN * len(self._running)
            places[column] = statistics.median(known) if is_known else math.nan
            jitters[column] = statistics.median(abs(value - places[column]) for value in known) if is_known else 0.0
        self._blocks.append(Block(self._since, places, jitters))
        self._running.clear()

    def _look(self) -> Left | None:
        if self._gap is not None:
            (until, before), self._gap = self._gap, None
            now = self._blocks[-1]
            if any(abs(now.places[c] - before.places[c]) > limit for c, limit in self._same_within.items()):
                return Left(until, "elsewhere")
        begins = [
            way_there_and_back([block.places[column] for block in self._blocks], size + self._jitter(column))
            for column, size in self._swings.items()
        ]
        known = [begin for begin in begins if begin is not None]
        return Left(self._blocks[min(known)].until, "to and fro") if known and len(known) == len(begins) else None

    def _jitter(self, column: int) -> float:
        """How far medians of a second may lie apart for jitter alone."""
        return SURE * statistics.median(block.jitters[column] for block in self._blocks)


def way_there_and_back(levels: Sequence[float], size: float) -> int | None:
    """Index of the last level before the first way of at least `size` that is followed by as long a way back.

    Args:
        levels: in order of time; unknown (NaN) ones are left out.
        size: > 0, in the levels' unit.

    Returns:
        None where nothing goes there and back.

    >>> way_there_and_back([0.0, 0.0, 0.1, 0.2, 0.1, 0.0], 0.2)
    1
    >>> way_there_and_back([0.0, 0.1, 0.2, 0.2, 0.2], 0.2) is None
    True
    """
    known = [(i, level) for i, level in enumerate(levels) if level == level]
    for sign in (1.0, -1.0):
        heights = [sign * level for _, level in known]
        for top in range(1, len(heights) - 1):
            low = min(heights[:top])
            if heights[top] - low >= size and heights[top] - min(heights[top + 1 :]) >= size:
                return known[max(i for i in range(top) if heights[i] <= low + AT_THE_END * size)][0]
    return None
