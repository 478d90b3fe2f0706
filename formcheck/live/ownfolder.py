"""A folder that no other running formcheck writes to, so that two at once cannot destroy each other's run."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from formcheck.live.interrupted import RUN

LOCK: Final = "in-use"
MOST: Final = 20  # at once, or left behind by crashes


@contextlib.contextmanager
def own_folder(usual: Path) -> Iterator[Path]:
    """The usual folder, or one beside it (`live`, `live-2`, ...) where that is in use; given back at the end.

    One in which a crash left a run comes first, so that it is offered. Where nothing can be written, and so nothing
    be destroyed, it is the usual one.
    """
    folders = [usual, *(usual.with_name(f"{usual.name}-{n}") for n in range(2, MOST + 1))]
    for folder in sorted(folders, key=lambda folder: not _has_run(folder)):  # otherwise in their order
        try:
            lock = _lock(folder)
        except OSError:
            break
        if lock is None:
            continue
        try:
            yield folder
        finally:
            _give_back(folder, lock)
        return
    yield usual


def _has_run(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return (folder / RUN).is_file()
    return False


def _lock(folder: Path) -> int | None:
    """An open file that holds the folder until it is closed or the program has gone; None when another holds it."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # whoever had the folder has just removed it: try again
            handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT)
            if not _holds(handle):
                os.close(handle)
                return None
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), (folder / LOCK).stat()):
                    return handle
            os.close(handle)


def _holds(handle: int) -> bool:
    """Whether the open file is this program's alone now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _give_back(folder: Path, lock: int) -> None:
    """Leaves neither the file nor an empty folder behind."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":  # there, an open file cannot be removed
            os.close(lock)
            (folder / LOCK).unlink()
        else:
            (folder / LOCK).unlink()
            os.close(lock)
        folder.rmdir()
