"""Files appear whole or not at all: written under a temporary name beside the target, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from formcheck.errors import ExportError, why_not_written


@contextmanager
def put_in_place(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, which takes its place when the block ends well, else is removed.

    A block that removes the temporary file itself leaves nothing, and an older file under the name as it was. Two that
    write the same file at a time do not mix: the last one stays.

    Raises:
        OSError: the folder is missing or cannot be written, or the disk is full.
    """
    handle, name = tempfile.mkstemp(f".part{path.suffix}", f".{path.stem}-", path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        if part.exists():
            part.chmod(0o666 & ~_umask())
            part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def whole_file(path: Path, option: str = "--out") -> Iterator[Path]:
    """As `put_in_place`, in a folder that is made when it is missing.

    `option` is how a person chooses another place.

    Raises:
        ExportError: the folder cannot be made or written, or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with put_in_place(path) as part:
            yield part
    except OSError as error:
        raise _cannot_write(path, error, option) from error


def write_text(path: Path, text: str, option: str = "--out") -> None:
    """Write a UTF-8 text file with Unix line ends, whole or not at all; else as `whole_file`.

    What is no text, as in some file names of Linux, becomes a question mark.
    """
    with whole_file(path, option) as part:
        part.write_text(text, encoding="utf-8", errors="replace", newline="\n")


def _umask() -> int:
    """The process's mask for new files, which temporary files do not follow."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(path: Path, error: OSError, option: str) -> ExportError:
    why = why_not_written(error)
    return ExportError(f"{path}: cannot write this file ({why}); choose another place with {option} or free space")
