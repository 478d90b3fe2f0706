"""Errors as one plain line, and the exit status that goes with them."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Final

import typer

from formcheck.errors import FormcheckError

DONE: Final = 0
OUR_FAULT: Final = 1
USERS_MISTAKE: Final = 2
READ_IN_PART: Final = 3


def run_plainly(job: Callable[[], int], *, debug: bool) -> int:
    """Runs a job that returns an exit status; an error becomes one line and a status of its own."""
    try:
        return job()
    except FormcheckError as error:
        if debug:
            traceback.print_exc()
        typer.echo(f"formcheck: {error}", err=True)
        return USERS_MISTAKE if error.is_users else OUR_FAULT
    except Exception as error:
        if debug:
            traceback.print_exc()
        hint = "" if debug else "; run again with --debug and report what it shows"
        typer.echo(f"formcheck: unexpected {type(error).__name__}: {error}{hint}", err=True)
        return OUR_FAULT


def worst(statuses: list[int]) -> int:
    """The status to end with when several jobs ran: ours before the user's before a partial reading."""
    return min((s for s in statuses if s), default=DONE)
