"""What is said, and when: one cue at a time, the most important first, never in quick succession.

The pauses are those of the exercise specification (A3, feedback throttle).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from formcheck.events import CueGiven
from formcheck.exercise import Fault
from formcheck.types import CueLevel

PAUSE_S = 5.0  # between two cues
SAME_CUE_PAUSE_S = 12.0
SHOWN_S = 4.0  # a cue stays readable this long
REMEMBERED = 3  # movements in which a fault must come twice before it is said
NEEDED_IN_REMEMBERED = 2

_RANK = {"safety": 0, "setup": 1, "primary": 2, "tempo": 3, "breath": 4, "praise": 5}


@dataclass(frozen=True, slots=True)
class _Wish:
    text: str
    level: str
    fault: str | None


STOP = "Stop. Are you all right?"


class Coach:
    """Chooses the one cue to give.

    Args:
        is_quiet: the movement is done with eyes closed: nothing is said but for safety.
    """

    def __init__(self, is_quiet: bool = False) -> None:
        self._is_quiet = is_quiet
        self._history: deque[frozenset[str]] = deque(maxlen=REMEMBERED)
        self._said_s: dict[str, float] = {}
        self._last: CueGiven | None = None
        self._corrected: str | None = None

    def shown(self, time_s: float) -> CueGiven | None:
        """The cue to show now, None when none is fresh."""
        return self._last if self._last is not None and time_s - self._last.time_s < SHOWN_S else None

    def after_movement(self, time_s: float, faults: list[Fault], praise: str) -> CueGiven | None:
        """Choose a cue once a movement is over.

        Args:
            faults: the faults found in it, empty when it was clean.
            praise: what to say for a clean movement after a corrected one.
        """
        self._history.append(frozenset(fault.id for fault in faults))
        wishes = [_Wish(f.cue, f.level, f.id) for f in faults if f.at_once or self._is_repeated(f.id)]
        if not faults and self._corrected is not None:
            wishes.append(_Wish(praise, "praise", None))
        return self._choose(time_s, wishes)

    def while_moving(self, time_s: float, fault: Fault) -> CueGiven | None:
        """A fault has just lasted long enough to be said while it happens."""
        return self._choose(time_s, [_Wish(fault.cue, fault.level, fault.id)])

    def stop(self, time_s: float) -> CueGiven | None:
        """Something happened that ends every movement."""
        return self._choose(time_s, [_Wish(STOP, "safety", None)])

    def _is_repeated(self, fault: str) -> bool:
        return sum(fault in faults for faults in self._history) >= NEEDED_IN_REMEMBERED

    def _choose(self, time_s: float, wishes: list[_Wish]) -> CueGiven | None:
        for wish in sorted(wishes, key=lambda wish: _RANK[wish.level]):
            is_urgent = wish.level == "safety"
            if self._is_quiet and not is_urgent:
                continue
            if not is_urgent and self._last is not None and time_s - self._last.time_s < PAUSE_S:
                continue
            if time_s - self._said_s.get(wish.text, -math.inf) < SAME_CUE_PAUSE_S:
                continue
            level: CueLevel = "safety" if is_urgent else "praise" if wish.level == "praise" else "correction"
            self._said_s[wish.text] = time_s
            self._corrected = wish.fault
            self._last = CueGiven(time_s, wish.text, level, wish.fault)
            return self._last
        return None
