"""Rows that grow without being copied; those of long ago do not stay in memory."""

from __future__ import annotations

from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from formcheck.shelf import Shelf

ROWS_A_PAGE: Final = 256
KEPT: Final = 4  # pages that stay in memory where older ones can be put away


class Pages:
    """Rows of one shape and kind, kept in pages: a longer recording needs more of them, and nothing is moved.

    Rows are not known until they are set, and pages of which no row was ever set take no memory. With a shelf, all but
    the newest pages are put away; a page that is asked for comes back until another one is.
    """

    def __init__(
        self, shape: tuple[int, ...], kind: type[np.generic], unknown: float = np.nan, shelf: Shelf | None = None
    ) -> None:
        """No rows yet; each has this shape, and one that is not known has this value everywhere."""
        self._shape, self._kind = shape, kind
        self._blank = np.broadcast_to(np.array(unknown, kind), (ROWS_A_PAGE, *shape))  # one value in memory
        self._pages: list[npt.NDArray[Any] | int] = []  # int: the place on the shelf
        self._shelf = shelf
        self._back: tuple[int, npt.NDArray[Any]] | None = None  # the page that came back, and its number
        self._is_changed = False  # since it came back
        self._held: list[int] = []  # numbers of the pages in memory, but for blank ones

    @classmethod
    def of(cls, values: npt.NDArray[Any], unknown: float = np.nan, shelf: Shelf | None = None) -> Pages:
        """The rows of an array."""
        pages = cls(values.shape[1:], values.dtype.type, unknown, shelf)
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
        return self._page(i // ROWS_A_PAGE)[i % ROWS_A_PAGE]

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
            self._held.append(n)
            self._put_away()
        page = self._page(n)
        self._is_changed |= self._back is not None and self._back[1] is page
        return page

    def _page(self, n: int) -> npt.NDArray[Any]:
        page = self._pages[n]
        if not isinstance(page, int):
            return page
        if self._back is None or self._back[0] != n:
            self._return_changed()
            assert self._shelf is not None
            self._back = n, self._shelf.get(page, self._blank)
        return self._back[1]

    def _return_changed(self) -> None:
        """What was written into the page that came back is kept."""
        if self._back is not None and self._is_changed:
            n, page = self._back
            place = self._pages[n]
            assert self._shelf is not None
            assert isinstance(place, int)
            if self._shelf.put(page, place) is None:
                self._pages[n] = page
        self._back, self._is_changed = None, False

    def _put_away(self) -> None:
        """The oldest page in memory goes to the shelf when there are enough newer ones, and if the disk takes it."""
        if self._shelf is None or len(self._held) <= KEPT:
            return
        oldest = self._held.pop(0)
        page = self._pages[oldest]
        assert not isinstance(page, int)
        if (place := self._shelf.put(page)) is not None:
            self._pages[oldest] = place

    def first(self, n_rows: int) -> npt.NDArray[Any]:
        """The first rows as one array, a copy."""
        values = np.empty((n_rows, *self._shape), self._kind)
        for start in range(0, n_rows, ROWS_A_PAGE):
            rows = self._page(start // ROWS_A_PAGE)[: n_rows - start]
            values[start : start + len(rows)] = rows
        return values

    def write_npy(self, file: IO[bytes], n_rows: int) -> None:
        """Writes the first rows as `numpy.save` would, page by page: they are never in memory a second time."""
        header = {
            "descr": np.lib.format.dtype_to_descr(np.dtype(self._kind)),
            "fortran_order": False,
            "shape": (n_rows, *self._shape),
        }
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, n_rows, ROWS_A_PAGE):
            file.write(np.ascontiguousarray(self._page(start // ROWS_A_PAGE)[: n_rows - start]).data)

    @property
    def nbytes(self) -> int:
        """Bytes reserved in memory, used or not."""
        back = self._back[1].nbytes if self._back else 0
        return back + sum(p.nbytes for p in self._pages if not isinstance(p, int) and p is not self._blank)

    def __getstate__(self) -> dict[str, Any]:
        """For another process, whose shelf is empty: the rows themselves."""
        rows = self.first(len(self._pages) * ROWS_A_PAGE)
        return {"values": rows, "unknown": self._blank.flat[0], "shelf": self._shelf}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(Pages.of(**state).__dict__)
