"""The gaps of a hold in which somebody moved or could not be seen, and where it begins and ends because of them.

Stillness that is shorter than the gap beside it is no part of a hold: where a rock turns round, for instance.
"""

from __future__ import annotations

from typing import NamedTuple


class Until(NamedTuple):
    """How far a hold goes, and the seconds credited until then."""

    end_s: float
    credited_s: float


class Gap(NamedTuple):
    """A gap after `until`."""

    until: Until
    lasted_s: float


class HoldGaps:
    """The gaps of one hold."""

    def __init__(self) -> None:
        self._gaps: list[Gap] = []

    def clear(self) -> None:
        """Another hold begins."""
        self._gaps.clear()

    def add(self, gap: Gap) -> Until | None:
        """Take a gap that is over; says where the hold ended if what came before was too short to be its beginning."""
        if not self._gaps and gap.until.credited_s < gap.lasted_s:
            return gap.until
        self._gaps.append(gap)
        return None

    def trimmed(self, until: Until) -> Until:
        """Where a hold that went until then ends without what lies after gaps longer than that."""
        for gap in reversed(self._gaps):
            if until.credited_s - gap.until.credited_s >= gap.lasted_s:
                break
            until = gap.until
        return until
