"""`formcheck batch`: many recordings, each with its own results, one row for each."""

from __future__ import annotations

from pathlib import Path

import typer

from formcheck.batch.running import Engine, run_batch
from formcheck.batch.summary import CSV, PAGE
from formcheck.batch.task import Row, Settings
from formcheck.cli.failures import DONE, OUR_FAULT, READ_IN_PART, USERS_MISTAKE, run_plainly, worst
from formcheck.cli.progress import progress_bar
from formcheck.errors import UsageError
from formcheck.export.words import Words, words_of

STATUS = {"done": DONE, "partial": READ_IN_PART, "failed": USERS_MISTAKE, "error": OUR_FAULT}


def analyze_many(
    what: list[Path],
    out_dir: Path,
    settings: Settings,
    *,
    jobs: int,
    engine: Engine,
    address: str | None,
    ships: bool,
    debug: bool,
) -> int:
    """Analyses all recordings; returns the exit status."""

    def everything() -> int:
        check_settings(settings)
        if engine == "local" and (address or ships):
            raise UsageError("--address and --ship go with --engine dask")
        with progress_bar(out_dir.name, settings.language) as bar:

            def tell(row: Row, n_done: int, n_all: int) -> None:
                bar("Analysing", n_done, n_all)
                if row.problem:
                    typer.echo(words_of(settings.language).say(with_name(row)), err=True)

            bar("Analysing", 0, None)
            rows = run_batch(what, out_dir, settings, jobs=jobs, engine=engine, address=address, ships=ships, tell=tell)
        words = words_of(settings.language)
        typer.echo(in_words(rows, words))
        typer.echo(f"{words.say('results in {folder}', folder=out_dir)}: {CSV}, {PAGE}")
        return worst([STATUS[row.status] for row in rows])

    return run_plainly(everything, debug=debug, language=settings.language)


def check_settings(settings: Settings) -> None:
    """Refuses before the first recording what would be refused at each."""
    from formcheck.cli.reporting import check_language
    from formcheck.reading import checked_model
    from formcheck.registry import find_exercise, find_routine
    from formcheck.session import check_wishes

    check_wishes(settings.exercise, settings.routine, settings.ball_cm, settings.rotate_deg)
    if settings.model:
        checked_model(settings.model)
    if settings.exercise:
        find_exercise(settings.exercise)
    if settings.routine:
        find_routine(settings.routine)
    check_language(settings.language)


def with_name(row: Row) -> str:
    """The problem of a recording; most begin with its name."""
    return row.problem if row.problem.startswith(row.recording) else f"{row.recording}: {row.problem}"


def in_words(rows: list[Row], words: Words) -> str:
    """As in "12 recordings: 10 done, 1 in part, 1 failed"."""
    n = {status: sum(row.status == status for row in rows) for status in STATUS}
    told = {"done": n["done"], "in part": n["partial"], "failed": n["failed"] + n["error"]}
    parts = [f"{number} {words.say(what)}" for what, number in told.items() if number or what == "done"]
    return f"{words.count(len(rows), 'recording')}: {', '.join(parts)}"
