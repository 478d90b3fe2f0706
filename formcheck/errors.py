"""Errors a caller may catch; each text says what happened, where, and what to do."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

# What a path that was given, or a disk, can bring about; everything else is a fault of the program.
OF_THE_DISK: Final = frozenset(
    {
        errno.EACCES,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOENT,
        errno.ENOSPC,
        errno.ENOTDIR,
        errno.EPERM,
        errno.EROFS,
    }
)


class FormcheckError(Exception):
    """Base of every error raised on purpose; `is_users` tells a mistake of the user from one of ours."""

    is_users = True


class UsageError(FormcheckError):
    """The command or the call cannot be carried out as given."""


class SourceError(FormcheckError):
    """A recording or pose log cannot be read at all."""


class ExerciseFileError(FormcheckError):
    """An exercise file has an unknown key, a wrong value or a missing table."""


class RoutineFileError(FormcheckError):
    """A routine file has an unknown key, a wrong value, or times that do not add up."""


class ReferenceFileError(FormcheckError):
    """A reference keypoint profile cannot be read, or cannot be learned from what was given."""


class AssetError(FormcheckError):
    """A file the program ships with (pose model, sample) is missing or altered."""


class EstimatorError(FormcheckError):
    """The pose network could not be started or failed on a frame."""

    is_users = False


class ExportError(FormcheckError):
    """An output file or folder could not be written."""


class HistoryError(FormcheckError):
    """The history cannot be read or written, or does not have what was asked for; `kept` is a copy of a damaged one."""

    kept: Path | None = None


def why_not_read(error: OSError | UnicodeDecodeError) -> str:
    """Why a text file could not be read, and what to do.

    >>> why_not_read(FileNotFoundError(2, "No such file or directory"))
    'there is no such file; check the path'
    >>> why_not_read(PermissionError(13, "Permission denied"))
    'cannot be read (Permission denied); check the path and the permissions'
    """
    if isinstance(error, FileNotFoundError):
        return "there is no such file; check the path"
    if isinstance(error, UnicodeDecodeError):
        return "cannot be read: it is no text in UTF-8"
    return f"cannot be read ({error.strerror or error}); check the path and the permissions"


def why_not_written(error: OSError) -> str:
    """Why something could not be written, in a few words.

    >>> why_not_written(FileExistsError(17, "File exists"))
    'a file stands where a folder should be'
    """
    if isinstance(error, FileExistsError):  # what making a folder says of a file under its name
        return "a file stands where a folder should be"
    return error.strerror or str(error) or type(error).__name__


def in_one_line(error: Exception) -> tuple[str, bool]:
    r"""What a person is told of an error, and whether it is a mistake of theirs (or of their disk), not one of ours.

    >>> in_one_line(SourceError("a.mp4: this file is empty"))
    ('a.mp4: this file is empty', True)
    >>> in_one_line(ValueError("no\nsuch thing"))
    ('unexpected ValueError: no such thing', False)
    """
    if isinstance(error, FormcheckError):
        return str(error), error.is_users
    if isinstance(error, OSError) and error.errno in OF_THE_DISK:
        what = f"{error.filename}: " if error.filename else ""
        return f"{what}{error.strerror}; check the path, the permissions and the free space", True
    return f"unexpected {type(error).__name__}: {' '.join(str(error).split())}", False
