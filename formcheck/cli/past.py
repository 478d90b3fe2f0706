"""`formcheck history`: what was done when, what changed, and the next step of every movement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from formcheck.cli.failures import DONE, run_plainly
from formcheck.cli.places import place_of
from formcheck.cli.reporting import check_language
from formcheck.errors import HistoryError, UsageError
from formcheck.export.words import Words, words_of
from formcheck.history import FILE, FiledSession, History, delete_all
from formcheck.progression import Suggestion, next_steps
from formcheck.registry import exercise_ids, find_exercise
from formcheck.trends import by_week, trends_of
from formcheck.userdata import data_dir

MOST_TITLES: Final = 3  # in a line of the list; the page has all
PAIN_COMMAND: Final = "formcheck history --pain NO"


def show_history(folder: Path | None, trends: str | None, export: str | None, language: str, *, debug: bool) -> int:
    """Lists the sessions and the next steps, or writes the page or everything; returns the exit status."""

    def job() -> int:
        check_language(language)
        with History(data_dir(folder)) as history:
            if trends:
                _write_page(place_of(trends, "trends.html"), history, language)
            if export:
                from formcheck.whole_files import write_text

                path = place_of(export, "history.json")
                write_text(path, json.dumps(history.everything(), ensure_ascii=False, indent=2) + "\n", "--export")
                typer.echo(str(path))
            if not (trends or export):
                _print_list(history, words_of(language))
        return DONE

    return run_plainly(job, debug=debug, language=language)


def delete_from_history(folder: Path | None, which: str, language: str, *, debug: bool) -> int:
    """Forgets one session, or all; returns the exit status."""

    def job() -> int:
        check_language(language)
        say = words_of(language).say
        if which == "all":
            kept = delete_all(data_dir(folder))
            typer.echo(say("The history is empty now."))
            if kept:
                typer.echo(say("The old file is kept as {path}.", path=kept))
            return DONE
        with History(data_dir(folder)) as history:
            history.delete(_number(which))
        typer.echo(say("Session {number} is deleted.", number=which))
        return DONE

    return run_plainly(job, debug=debug, language=language)


def mark(
    folder: Path | None, pain: str | None, refuse: str | None, exercise: str | None, language: str, *, debug: bool
) -> int:
    """Keeps a pain mark or a refused step; returns the exit status."""

    def job() -> int:
        check_language(language)
        say = words_of(language).say
        if exercise and pain is None:
            raise UsageError("--exercise names what hurt: give --pain NO or --pain now with it")
        now = datetime.now().astimezone()
        for name in filter(None, (exercise, refuse)):
            find_exercise(name)  # says which one was perhaps meant
        with History(data_dir(folder)) as history:
            if pain is not None:
                session = None if pain == "now" else _number(pain)
                typer.echo(say(history.mark_pain(session, exercise, now)))
            if refuse is not None:
                history.refuse(refuse, now)
                typer.echo(say("Kept: no next step of {movement} for now.", movement=say(_title(refuse))))
        return DONE

    return run_plainly(job, debug=debug, language=language)


def file_quietly(
    folder: Path | None, report: Mapping[str, Any], name: str, at: datetime | None = None, language: str = "en"
) -> None:
    """Files a session in which a movement was followed; a history that cannot be used is told and stops nothing."""
    if not report["blocks"]:
        return
    try:
        with History(data_dir(folder)) as history:
            history.file(report, name, at or datetime.now().astimezone())
    except HistoryError as error:
        say = words_of(language).say
        typer.echo(f"formcheck: {say('not filed in the history')}: {say(str(error))}", err=True)


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


def _print_list(history: History, words: Words) -> None:
    say, sessions = words.say, history.sessions()
    if not sessions:
        typer.echo(
            say("Nothing is filed yet in {path}. `formcheck analyze` files what it analyses.", path=history.path)
        )
        return
    console = Console(highlight=False)
    columns = (say(name) for name in ("when", "recording", "what was done", "remarks"))
    table = Table(Column(say("no."), justify="right"), *columns)
    for session in sessions:
        done = _titles_in_short([block.title for block in session.blocks], words)
        when = f"{session.recorded_at:%Y-%m-%d %H:%M}"
        table.add_row(str(session.id), when, escape(session.name), escape(done), ", ".join(_remarks(session, words)))
    console.print(table)
    steps = next_steps(history, _today(), sessions)
    if steps:
        table = Table(
            *(say(name) for name in ("movement", "next time", "why")), title=say("Next steps"), title_justify="left"
        )
        titles = {block.exercise: block.title for session in sessions for block in session.blocks}
        for step in steps.values():
            title = titles.get(step.exercise) or _title(step.exercise)
            why = " ".join(say(part) for part in (step.reason, step.then) if part)
            table.add_row(escape(say(title)), say(step.words or "as before"), why)
        console.print(table)
        typer.echo(say("If something hurts: stop, and ask a professional. Afterwards: {command}", command=PAIN_COMMAND))


def _remarks(session: FiledSession, words: Words) -> list[str]:
    """How much of a routine was done, that not all could be read, and that it hurt."""
    done = words.say("{a} of {b} blocks", a=session.blocks_done or 0, b=session.blocks_planned or 0)
    return [
        *([done] if session.blocks_planned else []),
        *([words.say("it hurt")] if session.hurt else []),
    ]


def _titles_in_short(titles: Sequence[str], words: Words) -> str:
    """The first few titles, once each, and how many more."""
    own = [words.say(title) for title in dict.fromkeys(titles)]
    return words.listed(own, MOST_TITLES) or words.say("nothing was judged")


def _title(exercise: str) -> str:
    return find_exercise(exercise).title if exercise in exercise_ids() else exercise


def _write_page(path: Path, history: History, language: str) -> None:
    from formcheck.export.trends_page import Done, Line, Movement, trends_page
    from formcheck.whole_files import write_text

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
