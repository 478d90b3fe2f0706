"""`formcheck analyze`: each recording with results of its own; one that fails does not stop the others."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import typer

from formcheck.batch.finding import RESULT, free_name
from formcheck.batch.pool import do_all
from formcheck.batch.task import Settings, Task, analyzed
from formcheck.cli.batching import STATUS, check_settings, with_name
from formcheck.cli.failures import DONE, READ_IN_PART, complain, run_plainly, worst
from formcheck.cli.past import file_quietly
from formcheck.cli.progress import progress_bar
from formcheck.errors import UsageError
from formcheck.export.lines import line_in
from formcheck.export.words import words_of
from formcheck.recordings import find_recordings, stem_of
from formcheck.wording import report_in_words


def analyze_all(
    sources: list[Path],
    out: Path,
    settings: Settings,
    *,
    ball_at: str | None,
    jobs: int,
    history: bool,
    data: Path | None,
    debug: bool,
) -> int:
    """Analyses files and the recordings in folders; returns the exit status.

    Args:
        sources: recordings and folders of them.
        out: gets a folder of results for each.
        settings: how each is analysed.
        ball_at: a point on the ball, "X,Y" in pixels.
        jobs: with one recording, the processes that share it; with more, how many are analysed at a time.
        history: whether what was counted is filed.
        data: where the history is kept; None for the user's data folder.
        debug: whether an error shows its traceback.
    """
    language = settings.language
    plainly = partial(run_plainly, debug=debug, language=language)

    def find(source: Path, recordings: list[Path]) -> int:
        recordings += find_recordings([source])
        return DONE

    def tell(task: Task, report: dict[str, Any]) -> None:
        print_report(task.source.name, report, task.out_dir / task.name, language)
        if history:
            file_quietly(data, report, task.source.stem, language=language)

    def one(task: Task, place: str) -> int:
        with progress_bar(f"{task.source.name}{place}", language) as progress:
            result = analyzed(task, progress, jobs)
        tell(task, result.report)
        return READ_IN_PART if result.problem else DONE

    def several_at_a_time(tasks: list[Task]) -> Iterable[int]:
        name = words_of(language).count(len(tasks), "recording")
        with progress_bar(name, language) as progress, closing(do_all(tasks, jobs)) as coming:
            progress("Analysing", 0, len(tasks))
            for n_done, (task, row) in enumerate(coming, 1):
                progress("Analysing", n_done, len(tasks))
                if row.status in ("done", "partial"):
                    text = (task.out_dir / task.name / RESULT).read_text(encoding="utf-8")
                    tell(task, json.loads(text))
                else:
                    complain(with_name(row), language)
                yield STATUS[row.status]

    def everything() -> int:
        wanted = replace(settings, ball_at_px=_point(ball_at))
        check_settings(wanted)
        recordings: list[Path] = []
        statuses = [plainly(partial(find, source, recordings)) for source in sources]
        tasks = _tasks(recordings, out, wanted)
        if jobs > 1 and len(tasks) > 1:
            with _made(out):
                return worst([*statuses, *several_at_a_time(tasks)])
        for i, task in enumerate(tasks, 1):
            place = f" ({words_of(language).say('{a} of {b}', a=i, b=len(tasks))})" if len(tasks) > 1 else ""
            statuses.append(plainly(partial(one, task, place)))
        return worst(statuses)

    return plainly(everything)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Makes the folder that several processes share, and takes away what nothing came into; else each would."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    with suppress(OSError):  # a folder that cannot be made is told of every recording
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):  # ends, as it should, at a folder that has files
            for path in made:
                path.rmdir()


def _point(text: str | None) -> tuple[float, float] | None:
    """Two numbers from "X,Y".

    Raises:
        UsageError: the text is something else.
    """
    if text is None:
        return None
    try:
        x, y = (float(part) for part in text.split(","))
        if not (0 <= x < math.inf and 0 <= y < math.inf):
            raise ValueError
    except ValueError:
        raise UsageError(f"--ball-at {text}: give two numbers, such as --ball-at 320,240") from None
    return x, y


def _tasks(recordings: Iterable[Path], out: Path, settings: Settings) -> list[Task]:
    """A task for each recording, each with a folder of its own."""
    taken: set[str] = set()
    return [Task(source, out, free_name(stem_of(source), taken), settings) for source in recordings]


def print_report(name: str, report: dict[str, Any], folder: Path, language: str = "en") -> None:
    """What was counted, what to know, and where the files are."""
    words = words_of(language)
    lines = [line_in(line, words) for line in report_in_words(report)]
    lines += [words.say(note) for note in report["notes"]]
    if problem := report["source"]["problem"]:
        lines.append(f"{words.say(problem)}; {words.say('the results cover what could be read')}")
    for line in [*lines, words.say("results in {folder}", folder=folder)]:
        typer.echo(f"{name}: {line}")
