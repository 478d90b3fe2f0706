"""Whether what changes in the picture in step with a trace is a movement at all.

A trunk that breathes takes its edges along: next to one another they shift alike, and all of them together smoothly.
Noise, and what coding a picture anew does to it, change each little part for itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Greys = npt.NDArray[np.float32]

PATCH: Final = 0.2  # torso lengths: over so much, a surface shifts as one
RIDGE: Final = 1e-3  # keeps a patch with one straight edge from sliding along it
DEGREE: Final = 3  # of the polynomials over the trunk that say how it moves


class Record:
    """What the pixels did in the last looks, since a first picture; jumps of the whole picture are left out."""

    def __init__(self, most: int) -> None:
        """most: so many looks are remembered."""
        self._most = most
        self._n = 0  # looks so far
        self._changes = np.zeros((0, 0), np.float32)  # (most, n), the newest over the oldest
        self._jumped: Greys | float = 0.0
        self._last: Greys | None = None

    def __len__(self) -> int:
        return min(self._n, self._most)

    def add(self, greys: Greys, is_jump: bool) -> None:
        """Remember a change since the first picture (n,), grey levels."""
        if is_jump and self._last is not None:
            self._jumped = self._jumped + greys - self._last
        if self._last is None:
            self._changes = np.zeros((self._most, len(greys)), np.float32)
        self._last = greys
        self._changes[self._n % self._most] = greys - self._jumped
        self._n += 1

    def in_step(self, trace: Array) -> Greys:
        """(n,) grey levels by which each pixel changes while the trace of the last looks (T,) goes one further."""
        looks = np.arange(len(trace))
        level = trace - np.polynomial.Polynomial.fit(looks, trace, 1)(looks)
        along = np.zeros(self._most, np.float32)
        along[(self._n - len(trace) + looks) % self._most] = level / max(float(level @ level), 1e-12)
        return np.asarray(along @ self._changes, np.float32)


class Fabric:
    """The pixels that are looked at, and what they would show if edges next to one another moved alike."""

    def __init__(self, slopes: Greys, x_torsos: Array, y_torsos: Array) -> None:
        """slopes: (n, 2) grey levels a pixel along x and y, of pixels at (n,), (n,) torso lengths."""
        self._slopes = slopes
        cells = np.floor(np.column_stack([x_torsos, y_torsos]) / PATCH)
        self._patch = np.unique(cells, axis=0, return_inverse=True)[1].ravel()
        ways = [x_torsos**i * y_torsos**j for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i)]
        self._fields = np.column_stack([slope * way for slope in slopes.T for way in ways]).astype(np.float32)

    def share_shifted(self, change: Greys, weight: Greys) -> float:
        """Share (0-1) of a change (n,) that is there because every patch shifts as one."""

        def total(values: Greys) -> Array:
            return np.asarray(np.bincount(self._patch, weight * values), np.float64)

        x, y = self._slopes.T
        xx, xy, yy = total(x * x), total(x * y), total(y * y)
        ridge = RIDGE * (xx + yy) + 1e-9
        xx, yy = xx + ridge, yy + ridge
        by_x, by_y = total(x * change), total(y * change)
        explained = (yy * by_x**2 - 2 * xy * by_x * by_y + xx * by_y**2) / (xx * yy - xy * xy)
        return float(explained.sum() / max(1e-12, total(change * change).sum()))

    def share_smooth(self, change: Greys, weight: Greys, shared: Greys) -> float:
        """Share (0-1) of a change (n,) beyond what is shared (n, k) that is there because all moves smoothly."""
        root = np.sqrt(weight)
        left = _rest_of(change * root, shared * root[:, None])
        still_left = _rest_of(change * root, np.hstack([shared, self._fields]) * root[:, None])
        return 1.0 - still_left / max(1e-12, left)


def _rest_of(values: Greys, columns: Greys) -> float:
    """Sum of squares of (n,) that these columns (n, k) leave unexplained."""
    normal = (columns.T @ columns).astype(np.float64)
    normal[np.diag_indices_from(normal)] *= 1.0 + RIDGE
    found = np.linalg.lstsq(normal, (columns.T @ values).astype(np.float64))[0]
    return float(np.sum((values - columns @ found.astype(np.float32)) ** 2))
