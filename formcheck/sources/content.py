"""What tells one recording from another that began in the same second, is as long and as large."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Final

PART: Final = 65_536  # bytes; read in a millisecond from any disk
N_DIGITS: Final = 32


def content_mark(path: Path) -> str | None:
    """A few digits made from the file's size, beginning, middle and end; None where it cannot be read any more.

    A copy under another name has the same mark, whenever it was made.
    """
    with contextlib.suppress(OSError), path.open("rb") as file:
        size = path.stat().st_size
        found = hashlib.sha256(str(size).encode())
        for start in (0, size // 2, size - PART):
            file.seek(max(0, start))
            found.update(file.read(PART))
        return found.hexdigest()[:N_DIGITS]
    return None
