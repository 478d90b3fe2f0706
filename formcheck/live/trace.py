"""What an engine read and decided while a block was under way, so that nothing is worked out twice at the end."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from formcheck.events import Event


class Trace:
    """Readings of consecutive rows of a pose log, and the events.

    Attributes:
        first_row: of the log.
    """

    def __init__(self, first_row: int) -> None:
        """Nothing read yet."""
        self.first_row = first_row
        self.events: list[Event] = []
        self._columns: dict[str, array[float]] = {}
        self._n = 0

    def add(self, readings: Mapping[str, float]) -> None:
        """The next row's readings by name."""
        for name, value in readings.items():
            if name not in self._columns:
                self._columns[name] = array("f", [math.nan] * self._n)
            self._columns[name].append(value)
        self._n += 1

    def fill(self, columns: dict[str, npt.NDArray[np.float32]], n_rows: int) -> None:
        """Writes the readings into columns of `n_rows`, which are NaN where nothing was read."""
        for name, values in self._columns.items():
            if name not in columns:
                columns[name] = np.full(n_rows, np.nan, np.float32)
            columns[name][self.first_row : self.first_row + len(values)] = values
