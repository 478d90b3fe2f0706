"""Rows that grow without being copied."""

from __future__ import annotations

from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

ROWS_A_PAGE: Final = 256


class Pages:
    """Rows of one shape and kind, kept in pages: a longer recording needs more of them, and nothing is moved."""

    def __init__(self, shape: tuple[int, ...], kind: type[np.generic]) -> None:
        """No rows yet; each has this shape."""
        self._shape, self._kind = shape, kind
        self._pages: list[npt.NDArray[Any]] = []

    @classmethod
    def of(cls, values: npt.NDArray[Any]) -> Pages:
        """The rows of an array."""
        pages = cls(values.shape[1:], values.dtype.type)
        pages.make_room(len(values))
        for i, page in enumerate(pages._pages):
            rows = values[i * ROWS_A_PAGE : (i + 1) * ROWS_A_PAGE]
            page[: len(rows)] = rows
        return pages

    def make_room(self, n_rows: int) -> None:
        """From now on there are at least this many rows."""
        while len(self._pages) * ROWS_A_PAGE < n_rows:
            self._pages.append(np.empty((ROWS_A_PAGE, *self._shape), self._kind))

    def __getitem__(self, i: int) -> Any:
        """Row `i`, counted from 0; not a copy."""
        return self._pages[i // ROWS_A_PAGE][i % ROWS_A_PAGE]

    def __setitem__(self, i: int, row: Any) -> None:
        self._pages[i // ROWS_A_PAGE][i % ROWS_A_PAGE] = row

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
            file.write(self._pages[start // ROWS_A_PAGE][: n_rows - start].data)

    @property
    def nbytes(self) -> int:
        """Bytes reserved, used or not."""
        return sum(page.nbytes for page in self._pages)
