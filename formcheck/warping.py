"""Follows the phase along a reference: open-end time warping, one column a frame.

A step forward is free, a step back and a jump cost, so the way out and the way back of one movement are told apart and
a lost phase is found again.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.reference import ReferenceProfile
from formcheck.types import Array

OUTLIER: Final = 0.25  # squared chord (29 degrees) at which a segment counts half: one wrong limb cannot drag the phase
FASTEST: Final = 4.0  # times the reference's own speed along its path
MEMORY_S: Final = 0.6
BACK_COST: Final = 0.15  # a sample
JUMP_COST: Final = 0.8
TURN_COST: Final = 0.02
LEAVE_COST: Final = 0.02  # another place must be this much likelier before the phase jumps there
DIRECTION_COST: Final = 0.08
MOVING_FROM: Final = 0.35  # 1/s of the feature vector; slower is standing still
VELOCITY_S: Final = 0.25


class Warp:
    """Where along the reference a person is, one way round or either.

    Args:
        profile: the reference, of N samples.
        units: (N, F, 2) what is compared: directions, as unit vectors, at each sample.
        weight: (N, F) how much each says there.
        n_ways: 2 where the person may be laid over the reference either way round, else 1.
        is_reversible: whether the reference may be gone through backwards, too.
    """

    def __init__(
        self, profile: ReferenceProfile, units: Array, weight: Array, *, n_ways: int, is_reversible: bool
    ) -> None:
        self._profile = profile
        self._units = units
        self._weight = weight
        self._mean_weight: Array = weight.mean(axis=0)
        self._n_ways = n_ways
        self._is_reversible = is_reversible
        # In which direction the reference moves at each sample.
        tangent = np.gradient(units, axis=0) if profile.n_phases > 1 else np.zeros_like(units)
        tangent = (tangent * np.sqrt(weight)[..., None]).reshape(profile.n_phases, -1)
        self._tangent = tangent / np.maximum(np.linalg.norm(tangent, axis=1), 1e-9)[:, None]
        self._step_tables: dict[int, tuple[npt.NDArray[np.intp], Array]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget the phase, as after a cut."""
        self._belief = np.zeros((self._n_ways, self._profile.n_phases))
        self._at: tuple[int, int] | None = None
        self._slow: Array | None = None

    def step(self, units: Array, known: npt.NDArray[np.bool_], dt_s: float) -> tuple[int, float]:
        """Take a frame.

        Args:
            units: (ways, F, 2) the person's directions; 0 where not known.
            known: (ways, F) which are.
            dt_s: seconds since the last frame; 0 for the first.

        Returns:
            The way round that is likelier, and the place along the reference, in samples and between them.
        """
        self._follow(self._cost(units, known), self._heading_cost(units, known, dt_s), dt_s)
        way, at = self._at = self._likeliest(dt_s)
        return way, self._refined(way, at)

    def _cost(self, units: Array, known: npt.NDArray[np.bool_]) -> Array:
        """(ways, N) how little the frame looks like each sample, 0-1."""
        away = units[:, None] - self._units
        chord = np.einsum("wnsc,wnsc->wns", away, away)
        weight = self._weight[None] * known[:, None]
        robust = chord / (chord + OUTLIER)
        cost: Array = (weight * robust).sum(axis=-1) / np.maximum(weight.sum(axis=-1), 1e-9)
        return cost

    def _heading_cost(self, units: Array, known: npt.NDArray[np.bool_], dt_s: float) -> Array | float:
        """(ways, N) how far the reference's movement points away from the person's; 0 while the person keeps still."""
        if self._slow is None or self._slow.shape != units.shape or dt_s <= 0.0:
            self._slow = units
            return 0.0
        self._slow = self._slow + (1.0 - math.exp(-dt_s / VELOCITY_S)) * (units - self._slow)
        weight = np.sqrt(self._mean_weight) * known
        change = ((units - self._slow) * weight[..., None] / VELOCITY_S).reshape(len(units), -1)
        speed = np.sqrt((change * change).sum(axis=1, keepdims=True))
        towards = change @ self._tangent.T / np.maximum(speed, 1e-9)
        towards = np.abs(towards) if self._is_reversible else towards
        moving = speed / (speed + MOVING_FROM)
        heading: Array = DIRECTION_COST * moving * moving * (1.0 - towards)
        return heading

    def _follow(self, cost: Array, heading: Array | float, dt_s: float) -> None:
        """One column of the time warping: the belief (negative log-likelihood) moves forward and takes the frame in."""
        fresh = max(dt_s, 1e-3) / MEMORY_S
        if dt_s > 0.0:
            sources, costs = self._steps(self._reach(dt_s))
            padded = np.concatenate([self._belief, np.full((len(self._belief), 1), np.inf)], axis=1)
            moved = (padded[:, sources] + costs).min(axis=2)
            if (
                self._n_ways > 1 and self._profile.side == "right"
            ):  # at rest, where both begin, one may become the other
                moved[:, 0] = np.minimum(moved[:, 0], self._belief[:, [0, -1]].min() + TURN_COST)
            self._belief = np.minimum(moved, float(self._belief.min()) + JUMP_COST) * math.exp(-fresh)
        self._belief = self._belief + (cost + heading) * min(1.0, 4.0 * fresh)

    def _reach(self, dt_s: float) -> int:
        """How many samples somebody at the highest speed moves on."""
        n = self._profile.n_phases
        return min(1 + math.ceil(FASTEST * dt_s / max(self._profile.seconds, 0.5) * n), n // 2)

    def _likeliest(self, dt_s: float) -> tuple[int, int]:
        """(way, sample) of the lowest belief: near the last one unless another place is clearly likelier."""
        n = self._profile.n_phases
        best = divmod(int(np.argmin(self._belief)), n)
        if self._at is None:
            return best
        way, last = self._at
        near = np.arange(last - (self._reach(dt_s) if self._is_reversible else 1), last + self._reach(dt_s) + 1)
        near = near % n if self._profile.is_cyclic else near.clip(0, n - 1)
        at = int(near[np.argmin(self._belief[way, near])])
        return (way, at) if self._belief[way, at] <= self._belief[best] + LEAVE_COST else best

    def _steps(self, reach: int) -> tuple[npt.NDArray[np.intp], Array]:
        """(N, steps) from which samples each can be reached in one frame (N: from none), and (steps,) what it costs."""
        if reach not in self._step_tables:
            n = self._profile.n_phases
            steps = np.arange(-reach if self._is_reversible else -1, reach + 1)
            sources = np.arange(n)[:, None] - steps
            outside = n if not self._profile.is_cyclic else sources % n
            sources = np.where((sources >= 0) & (sources < n), sources, outside)
            self._step_tables[reach] = (sources, np.where(steps < 0, 0.0 if self._is_reversible else BACK_COST, 0.0))
        return self._step_tables[reach]

    def _refined(self, way: int, at: int) -> float:
        """The phase between samples: the lowest point of the parabola through the best and its neighbours."""
        n = self._profile.n_phases
        before, after = at - 1, at + 1
        if n < 3 or not (self._profile.is_cyclic or 0 < at < n - 1):
            return float(at)
        row = self._belief[way]
        a, b, c = row[before], row[at], row[after % n]
        bend = a - 2.0 * b + c
        beside = float(0.5 * (a - c) / bend) if bend > 1e-9 else 0.0
        return at + max(-1.0, min(1.0, beside))  # `at` need not be a low point: there may be a better place elsewhere
