"""Arrays that are not needed now, put away in a file without a name: it is gone with the program that made it."""

from __future__ import annotations

import contextlib
import tempfile
import weakref
from typing import IO, Any

import numpy as np
import numpy.typing as npt


class Shelf:
    """A place on disk for arrays; nothing is made before the first one comes."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._end = 0

    def __reduce__(self) -> tuple[type[Shelf], tuple[()]]:
        """Another process has a shelf of its own, an empty one."""
        return Shelf, ()

    def put(self, values: npt.NDArray[Any], place: int | None = None) -> int | None:
        """Keeps a copy, in a place where an array of its size was before if one is given.

        Returns:
            The place; None where the disk takes nothing.
        """
        with contextlib.suppress(OSError):
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="formcheck-", buffering=0)  # noqa: SIM115 (closed at the end)
                weakref.finalize(self, self._file.close)
            where = self._end if place is None else place
            self._file.seek(where)
            if self._file.write(values.data) == values.nbytes:
                self._end = max(self._end, where + values.nbytes)
                return where
        return None

    def get(self, place: int, like: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The array in a place, of the shape and kind of another one.

        Raises:
            OSError: the disk does not give it back.
        """
        assert self._file is not None
        self._file.seek(place)
        kept = self._file.read(like.nbytes)
        if len(kept) != like.nbytes:
            raise OSError("a temporary file has become shorter")
        return np.frombuffer(bytearray(kept), like.dtype).reshape(like.shape)
