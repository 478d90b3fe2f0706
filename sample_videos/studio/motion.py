"""A clip's choreography: scalar channels over time, and the repetitions, holds and faults in it."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np


@dataclass
class Repetition:
    """One movement away from rest and back; seconds from the start of the clip."""

    start_s: float
    peak_s: float = 0.0
    end_s: float = 0.0
    side: str | None = None
    counted: bool = True
    reason: str | None = None
    faults: list = field(default_factory=list)


@dataclass
class Hold:
    start_s: float
    end_s: float
    side: str | None = None
    counted: bool = True
    credited_s: float | None = None  # less than its length where it was broken in between


@dataclass
class Circle:
    """One turn of the hips; direction "cw" or "ccw" as the person sees it from above."""

    start_s: float
    end_s: float
    direction: str
    counted: bool = True
    reason: str | None = None


@dataclass
class Fault:
    id: str
    start_s: float
    end_s: float
    repetition: int | None  # 1-based index into the repetitions; None where nothing is repeated


@dataclass
class Block:
    """One exercise's place in a recording of several."""

    exercise: str
    start_s: float
    end_s: float
    counted: dict


class Script:
    """Builds a choreography from left to right along a cursor.

    >>> script = Script(lean=0)
    >>> script.wait(1.0)
    >>> script.move(2.0, "right", lean=30)
    >>> script.duration_s, round(script.state(2.0)["lean"], 3)
    (3.0, 15.0)
    """

    def __init__(self, **start):
        self.keys = {name: [(0.0, float(value))] for name, value in start.items()}
        self.phases = [(0.0, "rest")]
        self.duration_s = 0.0
        self.repetitions, self.holds, self.faults, self.circles = [], [], [], []
        self.blocks = []

    def wait(self, seconds, phase=None):
        """Let time pass with every channel still."""
        self._enter(phase)
        self.duration_s = round(self.duration_s + seconds, 6)

    def move(self, seconds, phase=None, **targets):
        """Take channels to new values, minimum-jerk, and move the cursor to the end of the movement."""
        self._enter(phase)
        self.overlay(self.duration_s, seconds, **targets)
        self.duration_s = round(self.duration_s + seconds, 6)

    def overlay(self, start_s, seconds, **targets):
        """The same without moving the cursor. A channel's movements must not overlap."""
        for name, value in targets.items():
            keys = self.keys.setdefault(name, [(0.0, 0.0)])
            if start_s < keys[-1][0] - 1e-9:
                raise ValueError(f"channel {name!r} already moves until {keys[-1][0]} s; {start_s} s is too early")
            keys += [(start_s, keys[-1][1]), (start_s + seconds, float(value))]

    def _enter(self, phase):
        if phase is not None:
            self.phases.append((self.duration_s, phase))

    def state(self, t_s):
        """{channel: value} at a time."""
        return {name: track_value(keys, t_s) for name, keys in self.keys.items()}

    def phase(self, t_s):
        return [name for start, name in self.phases if start <= t_s + 1e-9][-1]

    def begin(self, side=None, **fields):
        """Start a repetition at the cursor."""
        self.repetitions.append(Repetition(self.duration_s, side=side, **fields))
        return self.repetitions[-1]

    def fault(self, fault_id, start_s, end_s):
        """Mark the current repetition (if there are any) with a fault."""
        if self.repetitions:
            self.repetitions[-1].faults.append(fault_id)
        self.faults.append(Fault(fault_id, start_s, end_s, len(self.repetitions) or None))


def minimum_jerk(x):
    """0 -> 1 with zero speed and acceleration at both ends (Flash and Hogan 1985)."""
    x = np.clip(x, 0, 1)
    return x**3 * (x * (6 * x - 15) + 10)


def track_value(keys, t_s):
    """Value of [(t_s, value), ...] at a time: minimum-jerk between keys, still outside them."""
    for (t0, a), (t1, b) in pairwise(keys):
        if t0 <= t_s < t1:
            return a + (b - a) * float(minimum_jerk((t_s - t0) / (t1 - t0)))
    return keys[0][1] if t_s < keys[0][0] else keys[-1][1]


def with_idle_motion(pose, t_s):
    """Breathing and a slight sway: fixed sines, no randomness."""

    def wave(period_s, phase=0.0):
        return np.sin(2 * np.pi * t_s / period_s + phase)

    breath, sway = wave(3.7), wave(5.3, 1)
    flexion, lean, turn = pose.spine
    nod, tilt, look = pose.neck
    return replace(
        pose,
        sway=(0.004 * sway, 0, 0.002 * breath),
        spine=(flexion + 0.8 * breath, lean + 0.5 * sway, turn + 0.6 * wave(4.1)),
        neck=(nod + wave(2.9), tilt + 0.8 * sway, look + 1.5 * wave(6.1)),
    )
