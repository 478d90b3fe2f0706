"""Errors and requests to end as one plain line, and the exit status that goes with them."""

from __future__ import annotations

import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

import typer

from formcheck.errors import FormcheckError, in_one_line

DONE: Final = 0
OUR_FAULT: Final = 1
USERS_MISTAKE: Final = 2
READ_IN_PART: Final = 3
NOBODY_READS: Final = 128 + getattr(signal, "SIGPIPE", 13)  # as of a program that the signal ends
REPORT_IT: Final = "run again with --debug and report what it shows"


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


def run_plainly(job: Callable[[], int], *, debug: bool, language: str = "en") -> int:
    """Runs a job that returns an exit status; an error becomes one line, in the language, and a status of its own.

    Ctrl-C and a request to end leave the program at once: what is written is whole, what is half written is gone.
    So does whoever reads the output and stops, as `head` does, and to them nothing is said.
    """
    try:
        return job()
    except KeyboardInterrupt as asked:
        if debug:
            traceback.print_exc()
        number = asked.number if isinstance(asked, AskedToEnd) else signal.SIGINT
        complain("stopped; what was finished before is whole, the rest was not written", language)
        raise SystemExit(128 + number) from None
    except Exception as error:
        if isinstance(error, BrokenPipeError) and _nobody_reads():
            raise SystemExit(NOBODY_READS) from None
        if debug:
            traceback.print_exc()
        text, is_users = in_one_line(error)
        has_hint = not (debug or isinstance(error, FormcheckError) or is_users)
        complain(text, language, REPORT_IT if has_hint else "")
        return USERS_MISTAKE if is_users else OUR_FAULT


def complain(text: str, language: str, *more: str) -> None:
    """Writes what is wrong to the error stream, in the language as far as it knows the sentences."""
    from formcheck.export.words import words_of

    told = "; ".join(words_of(language).say(part) for part in (text, *filter(None, more)))
    typer.echo(f"formcheck: {told}", err=True)


@contextmanager
def quiet_without_a_reader() -> Iterator[None]:
    """Ends a listing that nobody reads any more as `run_plainly` ends a job: typer and rich call it a failure (1)."""
    try:
        yield
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):
            raise SystemExit(NOBODY_READS) from None
        raise


def _nobody_reads() -> bool:
    """Whether the output has lost its reader; what is still to be written goes nowhere then."""
    lost = [stream for stream in (sys.stdout, sys.stderr) if _is_broken(stream)]
    for stream in lost:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return bool(lost)


def _is_broken(stream: TextIO) -> bool:
    """Whether a stream is a pipe or a socket that nobody holds the other end of."""
    try:
        asked = select.poll()
        asked.register(stream.fileno(), 0)  # an error is told unasked
    except (AttributeError, OSError):  # no such question on this system; no stream of the system
        return False
    return any(answer & (select.POLLERR | select.POLLHUP) for _, answer in asked.poll(0))


def worst(statuses: list[int]) -> int:
    """The status to end with when several jobs ran: ours before the user's before a partial reading."""
    return min((s for s in statuses if s), default=DONE)
