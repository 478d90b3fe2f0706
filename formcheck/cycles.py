"""Finds the cycle in a reading: ways out of rest and back, to one side or to both, and how clear they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from formcheck.types import Array

HALF_WAY: Final = 0.5  # share of the range that a repetition must cross ...
BACK: Final = 0.5  # ... and the part of it below which it is back
NEAR_REST: Final = 0.25  # of the range; below it a repetition begins where it is slower ...
SLOW_SHARE: Final = 0.08  # ... than this share of its own speed: a person at rest drifts
GOOD_SHARE: Final = 0.6  # of the usual range; less is no good repetition
SLOWEST: Final = 2.5  # times the usual duration; longer is no good repetition
WHOLE_TO: Final = 0.5  # of the peak; a repetition that begins or ends further out is cut off
BEGINNING_S: Final = 0.4
CLEARER: Final = (
    1.3  # times the quality that the cycle needs to have its rest elsewhere than at the end where it begins
)
IN_BETWEEN: Final = (0.35, 0.65)  # shares of the range: who begins here is not at rest
MIDDLE_HALF: Final = (0.25, 0.75)
EVEN: Final = 0.4  # the smaller over the larger side of a movement to both sides, at least
ALONE: Final = 0.7  # how regular a single repetition is taken to be
LEAST_PAIRS: Final = 2  # of ways there and over, so that a movement goes both ways by more than chance


class Way(NamedTuple):
    """One way out of rest and back, as indices of the grid; `sign` tells the side, `height` is the peak's."""

    first: int
    top: int
    last: int
    sign: int
    height: float


@dataclass(frozen=True)
class Cycle:
    """What a reading says about the cycle.

    Attributes:
        heights: for each recording (T,) how far out: 0 at rest, 1 at the usual far end, -1 at that of the other side.
        ways: the good ways out and back, for each recording.
        quality: 0 to about 1: clear, regular, one rise and one fall, calm in between.
        is_two_sided: whether it leaves its rest to both sides.
        is_in_pairs: whether it does so in a reading that tells no side: one way and the next are one repetition.
    """

    heights: tuple[Array, ...]
    ways: tuple[tuple[Way, ...], ...]
    quality: float
    is_two_sided: bool
    is_in_pairs: bool = False

    @property
    def repetitions(self) -> tuple[tuple[tuple[Way, ...], ...], ...]:
        """The ways that together are one repetition, for each recording."""
        return tuple(
            tuple(zip(ways[::2], ways[1::2], strict=True)) if self.is_in_pairs else tuple((way,) for way in ways)
            for ways in self.ways
        )

    @property
    def n_repetitions(self) -> int:
        """How many there are in all recordings."""
        return sum(map(len, self.repetitions))


def swing(values: Array) -> float:
    """From the 5th to the 95th percentile."""
    low, high = np.percentile(values, [5, 95])
    return float(high - low)


def one_sided(recordings: Sequence[Array], step_s: float, share: float = HALF_WAY) -> Cycle | None:
    """The cycle of a reading that leaves its rest to one side; None when it never does and comes back.

    Args:
        recordings: (T,) values of each.
        step_s: of the grid.
        share: of the range that counts as out.
    """
    whole = np.concatenate(recordings)
    low, high = map(float, np.percentile(whole, [5, 95]))
    if not high > low:
        return None
    rest, far = (high, low) if _begins_high(recordings, low, high, step_s) else (low, high)
    as_begun = cycle_of([(values - rest) / (far - rest) for values in recordings], share, is_two_sided=False)
    other = cycle_of([(values - far) / (rest - far) for values in recordings], share, is_two_sided=False)
    if other is None or (as_begun is not None and other.quality <= CLEARER * as_begun.quality):
        return as_begun
    return other  # the recording begins at the far end


def two_sided(recordings: Sequence[Array], step_s: float, share: float = HALF_WAY) -> Cycle | None:
    """The cycle of a reading that leaves its rest to both sides in turn; None when it does not."""
    low, high = map(float, np.percentile(np.concatenate(recordings), [5, 95]))
    rest = _middle(recordings, low, high, step_s)
    up, down = high - rest, rest - low
    if not min(up, down) > EVEN * max(up, down):
        return None
    heights = [np.where(values >= rest, (values - rest) / up, (values - rest) / down) for values in recordings]
    return cycle_of(heights, share, is_two_sided=True)


def either_way(recordings: Sequence[Array], step_s: float, share: float = HALF_WAY) -> Cycle | None:
    """The cycle of a reading that tells no side: out of its rest one way only, or one way and then the other.

    Arching and rounding the back is of the second kind: either alone would be half of the movement.
    """
    one_way, there_and_over = one_sided(recordings, step_s, share), two_sided(recordings, step_s, share)
    pairs = paired(there_and_over) if there_and_over is not None else None
    if pairs is None or (one_way is not None and pairs.quality <= CLEARER * one_way.quality):
        return one_way
    return pairs


def paired(cycle: Cycle) -> Cycle | None:
    """The ways of a cycle that follow one another to different sides; None where they are too few."""
    pairs = replace(cycle, ways=tuple(map(_pairs, cycle.ways)), is_in_pairs=True)
    n_alone = sum(map(len, cycle.ways)) - 2 * pairs.n_repetitions
    is_enough = pairs.n_repetitions >= LEAST_PAIRS and n_alone <= len(cycle.ways)  # one in each may be cut off
    return pairs if is_enough else None


def _pairs(ways: Sequence[Way]) -> tuple[Way, ...]:
    kept: list[Way] = []
    waiting: Way | None = None
    for way in ways:
        if waiting is not None and waiting.sign != way.sign:
            kept += (waiting, way)
            waiting = None
        else:
            waiting = way
    return tuple(kept)


def beginning(recordings: Sequence[Array], step_s: float) -> float:
    """The level at which the recordings begin."""
    n = max(1, round(BEGINNING_S / step_s))
    return float(np.median([np.median(values[:n]) for values in recordings]))


def _begins_high(recordings: Sequence[Array], low: float, high: float, step_s: float) -> bool:
    """Whether the rest is the upper end: there it begins; beginning in between, there it stays longer."""
    share = (beginning(recordings, step_s) - low) / (high - low)
    if IN_BETWEEN[0] < share < IN_BETWEEN[1]:
        whole, quarter = np.concatenate(recordings), 0.25 * (high - low)
        return bool(np.mean(whole > high - quarter) > np.mean(whole < low + quarter))
    return bool(share >= IN_BETWEEN[1])


def _middle(recordings: Sequence[Array], low: float, high: float, step_s: float) -> float:
    """The rest of a movement to both sides: where it begins, else where both sides are alike, else half-way."""
    first, last = (low + share * (high - low) for share in MIDDLE_HALF)
    for level in (beginning(recordings, step_s), 0.0):
        if first <= level <= last:
            return level
    return 0.5 * (low + high)


def ways_out(height: Array, share: float = HALF_WAY, sign: int = 1) -> list[Way]:
    """From rest to rest: each time the height rises above `share` and comes back to below a part of it."""
    ways: list[Way] = []
    after, i, n = 0, 0, len(height)
    while i < n:
        if height[i] < share:
            i += 1
            continue
        begun = i
        while i < n and height[i] > BACK * share:
            i += 1
        if i == n:
            break  # it does not come back
        top = begun + int(np.argmax(height[begun:i]))
        rising = np.flatnonzero(height[i:] >= share)
        until = i + int(rising[0]) if len(rising) else n
        first = top - _steps_to_rest(height[after : top + 1][::-1])
        after = top + _steps_to_rest(height[top:until])
        ways.append(Way(first, top, after, sign, float(height[top])))
    return ways


def _steps_to_rest(height: Array) -> int:
    """From the far end on, the first step that is near the rest and slow; else the lowest one."""
    speed = np.abs(np.gradient(height)) if len(height) > 1 else np.zeros(len(height))
    resting = np.flatnonzero((height <= NEAR_REST) & (speed <= SLOW_SHARE * speed.max(initial=0.0)))
    return int(resting[0] if len(resting) else np.argmin(height))


def cycle_of(heights: Sequence[Array], share: float = HALF_WAY, *, is_two_sided: bool) -> Cycle | None:
    """The cycle of a course that is 0 at rest and 1 (to the other side -1) at the far end; None when there is none.

    Of a movement to both sides, both must be there.
    """
    signs = (1, -1) if is_two_sided else (1,)
    found = []
    for height in heights:
        to_sides = [np.maximum(sign * height, 0.0) if is_two_sided else height for sign in signs]
        out = [way for sign, h in zip(signs, to_sides, strict=True) for way in ways_out(h, share, sign)]
        found.append(sorted(out))
    good = _good([[w for w in ways if _is_whole(h, w)] for h, ways in zip(heights, found, strict=True)])
    if {way.sign for ways in good for way in ways} != set(signs):
        return None
    quality = _regularity(good) * _directness(heights, good) * _calm(heights, good)
    return Cycle(tuple(heights), tuple(map(tuple, good)), quality, is_two_sided)


def _is_whole(height: Array, way: Way) -> bool:
    """Whether both its ends are seen near the rest."""
    ends = way.sign * height[[way.first, way.last]]
    return bool((ends <= WHOLE_TO * way.height).all())


def _good(found: Sequence[Sequence[Way]]) -> list[list[Way]]:
    """Without those that go less far, or take much longer, than the usual one to their side, or are cut off."""
    ways = [way for ways in found for way in ways]
    sides = {way.sign for way in ways}
    usual = {sign: float(np.median([way.height for way in ways if way.sign == sign])) for sign in sides}
    usual_n = float(np.median([way.last - way.first for way in ways])) if ways else 0.0
    return [
        [w for w in ways if w.height >= GOOD_SHARE * usual[w.sign] and w.last - w.first <= SLOWEST * usual_n]
        for ways in found
    ]


def _regularity(found: Sequence[Sequence[Way]]) -> float:
    """How alike the peaks are, each over the usual one of its side, 0 to 1."""
    peaks = np.array([way.height for ways in found for way in ways])
    return ALONE if len(peaks) == 1 else 1.0 - min(1.0, float(peaks.std() / peaks.mean()))


def _directness(heights: Sequence[Array], found: Sequence[Sequence[Way]]) -> float:
    """Twice the peak over the length of the way: 1 for one rise and one fall, less for detours."""
    shares = []
    for height, ways in zip(heights, found, strict=True):
        for way in ways:
            path = float(np.abs(np.diff(height[way.first : way.last + 1])).sum())
            ends = way.sign * (height[way.first] + height[way.last])
            shares.append(min(1.0, (2 * way.height - ends) / path) if path > 0 else 0.0)
    return float(np.mean(shares))


def _calm(heights: Sequence[Array], found: Sequence[Sequence[Way]]) -> float:
    """How near to rest it is outside of the ways, 0 to 1."""
    outside = [np.abs(h[~inside(len(h), ways)]) for h, ways in zip(heights, found, strict=True)]
    away = np.concatenate(outside)
    return 1.0 - min(1.0, float(away.mean())) if len(away) else 1.0


def inside(n: int, ways: Sequence[Way]) -> npt.NDArray[np.bool_]:
    """(n,) whether a moment belongs to one of the ways."""
    is_inside = np.zeros(n, bool)
    for way in ways:
        is_inside[way.first : way.last + 1] = True
    return is_inside
