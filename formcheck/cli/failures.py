"""Errors and requests to end as one plain line, and the exit status that goes with them."""

from __future__ import annotations

import errno
import os
import signal
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


class AskedToEnd(KeyboardInterrupt):
    """A request to end from outside: everything that Ctrl-C tidies up is tidied up."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def end_like_ctrl_c() -> None:
    """From now on a request to end (SIGTERM), and a closed terminal, are treated like Ctrl-C."""
    own = os.getpid()

    def ask(number: int, _: object) -> None:
        if os.getpid() == own:
            raise AskedToEnd(number)
        signal.signal(number, signal.SIG_DFL)  # a process that this one has started just ends
        os.kill(os.getpid(), number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, ask)


def run_plainly(job: Callable[[], int], *, debug: bool) -> int:
    """Runs a job that returns an exit status; an error becomes one line and a status of its own.

    Ctrl-C and a request to end leave the program at once: what is written is whole, what is half written is gone.
    """
    try:
        return job()
    except KeyboardInterrupt as asked:
        if debug:
            traceback.print_exc()
        number = asked.number if isinstance(asked, AskedToEnd) else signal.SIGINT
        typer.echo("formcheck: stopped; what was finished before is whole, the rest was not written", err=True)
        raise SystemExit(128 + number) from None
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
