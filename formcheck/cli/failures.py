"""Errors as one plain line, and the exit status that goes with them."""

from __future__ import annotations

import errno
import traceback
from collections.abc import Callable
from typing import Final

import typer

from formcheck.errors import FormcheckError

DONE: Final = 0
OUR_FAULT: Final = 1
USERS_MISTAKE: Final = 2
READ_IN_PART: Final = 3
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


def run_plainly(job: Callable[[], int], *, debug: bool) -> int:
    """Runs a job that returns an exit status; an error becomes one line and a status of its own."""
    try:
        return job()
    except FormcheckError as error:
        if debug:
            traceback.print_exc()
        typer.echo(f"formcheck: {error}", err=True)
        return USERS_MISTAKE if error.is_users else OUR_FAULT
    except OSError as error:
        if debug:
            traceback.print_exc()
        if error.errno not in OF_THE_DISK:
            return _unexpected(error, debug)
        what = f"{error.filename}: " if error.filename else ""
        typer.echo(f"formcheck: {what}{error.strerror}; check the path, the permissions and the free space", err=True)
        return USERS_MISTAKE
    except Exception as error:
        if debug:
            traceback.print_exc()
        return _unexpected(error, debug)


def _unexpected(error: Exception, debug: bool) -> int:
    hint = "" if debug else "; run again with --debug and report what it shows"
    text = " ".join(str(error).split())  # one line, whatever it says
    typer.echo(f"formcheck: unexpected {type(error).__name__}: {text}{hint}", err=True)
    return OUR_FAULT


def worst(statuses: list[int]) -> int:
    """The status to end with when several jobs ran: ours before the user's before a partial reading."""
    return min((s for s in statuses if s), default=DONE)
