"""`formcheck analyze`: every source in turn, one failing source does not stop the others."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import typer

from formcheck.cli.failures import DONE, READ_IN_PART, run_plainly, worst
from formcheck.cli.past import file_quietly
from formcheck.cli.progress import progress_bar
from formcheck.cli.reporting import check_language
from formcheck.errors import UsageError
from formcheck.reading import PoseRateName
from formcheck.recordings import find_recordings
from formcheck.session import SessionResult
from formcheck.session import analyze as analyze_one
from formcheck.wording import report_in_words


def analyze_all(
    sources: list[Path],
    exercise: str | None,
    routine: str | None,
    out: Path,
    *,
    video: bool,
    model: Path | None,
    ball_at: str | None,
    ball_cm: float | None,
    rotate_deg: int | None,
    pose_rate: PoseRateName,
    jobs: int,
    language: str,
    pictures: bool,
    history: bool,
    data: Path | None,
    debug: bool,
) -> int:
    """Analyses files and the recordings in folders; returns the exit status."""
    names: set[str] = set()

    def one(source: Path) -> int:
        name = _free_name(source.stem, names)
        with progress_bar(source.name) as progress:
            result = analyze_one(
                source,
                exercise,
                out,
                routine=routine,
                video=video,
                model=model,
                name=name,
                progress=progress,
                ball_at_px=_point(ball_at),
                ball_cm=ball_cm,
                rotate_deg=rotate_deg,
                language=language,
                pictures=pictures,
                pose_rate=pose_rate,
                jobs=jobs,
            )
        print_result(source.name, result)
        if history:
            file_quietly(data, result.report, source.stem)
        return READ_IN_PART if result.problem else DONE

    def everything() -> int:
        check_language(language)
        statuses = [run_plainly(partial(one, source), debug=debug) for source in find_recordings(sources)]
        return worst(statuses)

    return run_plainly(everything, debug=debug)


def _point(text: str | None) -> tuple[float, float] | None:
    """Two numbers from "X,Y".

    Raises:
        UsageError: the text is something else.
    """
    if text is None:
        return None
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--ball-at {text}: give two numbers, such as --ball-at 320,240") from None
    return x, y


def _free_name(stem: str, taken: set[str]) -> str:
    """`stem`, or with a number when another source of this call has the same name."""
    name, n = stem, 1
    while name in taken:
        n += 1
        name = f"{stem}-{n}"
    taken.add(name)
    return name


def print_result(name: str, result: SessionResult) -> None:
    """What was counted, what to know, and where the files are."""
    for line in [*report_in_words(result.report), *result.notes]:
        typer.echo(f"{name}: {line}")
    if result.problem:
        typer.echo(f"{name}: {result.problem}; the results cover what could be read")
    typer.echo(f"{name}: results in {result.folder}")
