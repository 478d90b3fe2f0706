"""`formcheck history`: what was done when, what changed, and the next step of every movement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console
from rich.table import Column, Table

from formcheck.cli.failures import DONE, run_plainly
from formcheck.cli.reporting import check_language
from formcheck.errors import HistoryError, UsageError
from formcheck.history import FILE, History, delete_all
from formcheck.progression import Suggestion, next_steps
from formcheck.registry import exercise_ids, find_exercise
from formcheck.trends import by_week, trends_of
from formcheck.userdata import data_dir

MOST_TITLES: Final = 3  # in a line of the list; the page has all


def show_history(folder: Path | None, trends: Path | None, export: Path | None, language: str, *, debug: bool) -> int:
    """Lists the sessions and the next steps, or writes the page or everything; returns the exit status."""

    def job() -> int:
        check_language(language)
        with History(data_dir(folder)) as history:
            if trends:
                _write_page(trends, history, language)
            if export:
                from formcheck.export.atomic import write_text

                write_text(export, json.dumps(history.everything(), ensure_ascii=False, indent=2) + "\n", "--export")
                typer.echo(str(export))
            if not (trends or export):
                _print_list(history)
        return DONE

    return run_plainly(job, debug=debug)


def delete_from_history(folder: Path | None, which: str, *, debug: bool) -> int:
    """Forgets one session, or all; returns the exit status."""

    def job() -> int:
        if which == "all":
            kept = delete_all(data_dir(folder))
            typer.echo(
                f"The history is empty now; the old file is kept as {kept}." if kept else "The history is empty now."
            )
            return DONE
        with History(data_dir(folder)) as history:
            history.delete(_number(which))
        typer.echo(f"Session {which} is deleted.")
        return DONE

    return run_plainly(job, debug=debug)


def mark(folder: Path | None, pain: str | None, refuse: str | None, exercise: str | None, *, debug: bool) -> int:
    """Keeps a pain mark or a refused step; returns the exit status."""

    def job() -> int:
        if exercise and pain is None:
            raise UsageError("--exercise names what hurt: give --pain NO or --pain now with it")
        now = datetime.now().astimezone()
        for name in filter(None, (exercise, refuse)):
            find_exercise(name)  # says which one was perhaps meant
        with History(data_dir(folder)) as history:
            if pain is not None:
                session = None if pain == "now" else _number(pain)
                typer.echo(history.mark_pain(session, exercise, now))
            if refuse is not None:
                history.refuse(refuse, now)
                typer.echo(f"Kept: no next step of {refuse} for now.")
        return DONE

    return run_plainly(job, debug=debug)


def file_quietly(folder: Path | None, report: Mapping[str, Any], name: str, at: datetime | None = None) -> None:
    """Files a session in which a movement was followed; a history that cannot be used is told and stops nothing."""
    if not report["blocks"]:
        return
    try:
        with History(data_dir(folder)) as history:
            history.file(report, name, at or datetime.now().astimezone())
    except HistoryError as error:
        typer.echo(f"formcheck: not filed in the history: {error}", err=True)


def steps_so_far(folder: Path | None = None) -> dict[str, Suggestion]:
    """The next steps by movement; none without a history, or with one that cannot be used."""
    if not (data_dir(folder) / FILE).is_file():
        return {}
    try:
        with History(data_dir(folder)) as history:
            return next_steps(history, _today())
    except HistoryError as error:
        typer.echo(f"formcheck: {error}", err=True)
        return {}


def _today() -> date:
    return datetime.now().astimezone().date()


def _number(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{text!r} is not a session; give its number from `formcheck history`")
    return int(text)


def _print_list(history: History) -> None:
    sessions = history.sessions()
    if not sessions:
        typer.echo(f"Nothing is filed yet in {history.path}. `formcheck analyze` files what it analyses.")
        return
    console = Console()
    table = Table(Column("no.", justify="right"), "when", "recording", "what was done", "remarks")
    for session in sessions:
        done = _titles_in_short([block.title for block in session.blocks])
        notes = [f"{session.blocks_done} of {session.blocks_planned} blocks"] if session.blocks_planned else []
        notes += ["it hurt"] if session.hurt else []
        when = f"{session.recorded_at:%Y-%m-%d %H:%M}"
        table.add_row(str(session.id), when, session.name, done, ", ".join(notes))
    console.print(table)
    steps = next_steps(history, _today(), sessions)
    if steps:
        table = Table("movement", "next time", "why", title="Next steps", title_justify="left")
        for step in steps.values():
            words = step.words or "as before"
            table.add_row(_title(step.exercise), words, " ".join(filter(None, (step.reason, step.then))))
        console.print(table)
        typer.echo("If something hurts: stop, and ask a professional. Afterwards: formcheck history --pain NO")


def _titles_in_short(titles: Sequence[str]) -> str:
    """The first few titles, once each, and how many more."""
    own = list(dict.fromkeys(titles))
    rest = len(own) - MOST_TITLES
    return ", ".join(own[:MOST_TITLES]) + (f" and {rest} more" if rest > 0 else "") or "nothing was judged"


def _title(exercise: str) -> str:
    return find_exercise(exercise).title if exercise in exercise_ids() else exercise


def _write_page(path: Path, history: History, language: str) -> None:
    from formcheck.export.atomic import write_text
    from formcheck.export.trends_page import Done, Line, Movement, trends_page

    sessions = history.sessions()
    steps = next_steps(history, _today(), sessions)
    movements = []
    for found in trends_of(sessions):
        lines = [Line(t.name, t.unit, t.points, t.noise, t.at_first, t.lately, t.verdict) for t in found.trends]
        step = steps.get(found.exercise)
        told = (step.words, step.reason, step.then) if step else (None, None, None)
        movements.append(Movement(found.title, found.n_sessions, lines, *told))
    rows = [
        Done(
            session.recorded_at,
            session.name,
            session.duration_s / 60,
            list(dict.fromkeys(block.title for block in session.blocks)),
            (session.blocks_done or 0, session.blocks_planned) if session.blocks_planned else None,
            bool(session.hurt),
        )
        for session in sessions
    ]
    weeks = by_week(sessions, datetime.now().astimezone().date())
    write_text(path, trends_page(movements, rows, weeks, language), "--trends")
    typer.echo(str(path))
