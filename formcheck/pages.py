"""Rows that grow without being copied."""

from __future__ import annotations

from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

ROWS_A_PAGE: Final = 256


class Pages:
    """Rows of one shape and kind, kept in pages: a longer recording needs more of them, and nothing is moved.

    Rows are not known until they are set, and pages of which no row was ever set take no memory.
    """

    def __init__(self, shape: tuple[int, ...], kind: type[np.generic], unknown: float = np.nan) -> None:
        """No rows yet; each has this shape, and one that is not known has this value everywhere."""
        self._shape, self._kind = shape, kind
        self._blank = np.broadcast_to(np.array(unknown, kind), (ROWS_A_PAGE, *shape))  # one value in memory
        self._pages: list[npt.NDArray[Any]] = []

    @classmethod
    def of(cls, values: npt.NDArray[Any], unknown: float = np.nan) -> Pages:
        """The rows of an array."""
        pages = cls(values.shape[1:], values.dtype.type, unknown)
        pages.make_room(len(values))
        for start in range(0, len(values), ROWS_A_PAGE):
            rows = values[start : start + ROWS_A_PAGE]
            if not np.array_equal(rows, pages._blank[: len(rows)], equal_nan=True):
                pages._own_page(start)[: len(rows)] = rows
        return pages

    def make_room(self, n_rows: int) -> None:
        """From now on there are at least this many rows."""
        while len(self._pages) * ROWS_A_PAGE < n_rows:
            self._pages.append(self._blank)

    def __getitem__(self, i: int) -> Any:
        """Row `i`, counted from 0; not a copy."""
        return self._pages[i // ROWS_A_PAGE][i % ROWS_A_PAGE]

    def __setitem__(self, i: int, row: Any) -> None:
        self._own_page(i)[i % ROWS_A_PAGE] = row

    def forget(self, i: int) -> None:
        """Row `i` is not known."""
        if self._pages[i // ROWS_A_PAGE] is not self._blank:
            self[i] = self._blank[0]

    def _own_page(self, i: int) -> npt.NDArray[Any]:
        """The page of row `i`, for writing."""
        n = i // ROWS_A_PAGE
        if self._pages[n] is self._blank:
            self._pages[n] = self._blank.copy()
        return self._pages[n]

    def first(self, n_rows: int) -> npt.NDArray[Any]:
        """The first rows as one array, a copy."""
        if not n_rows:
            return np.empty((0, *self._shape), self._kind)
        return np.concatenate(self._pages)[:n_rows]

    def write_npy(self, file: IO[bytes], n_rows: int) -> None:
        """Writes the first rows as `numpy.save` would, page by page: they are never in memory a second time."""
        header = {
            "descr": np.lib.format.dtype_to_descr(np.dtype(self._kind)),
            "fortran_order": False,
            "shape": (n_rows, *self._shape),
        }
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, n_rows, ROWS_A_PAGE):
            file.write(np.ascontiguousarray(self._pages[start // ROWS_A_PAGE][: n_rows - start]).data)

    @property
    def nbytes(self) -> int:
        """Bytes reserved, used or not."""
        return sum(page.nbytes for page in self._pages if page is not self._blank)
