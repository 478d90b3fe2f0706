"""`formcheck exercises`: the movements as a table, or one explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Column, Table

from formcheck.checking import check_exercise
from formcheck.cli.failures import DONE, USERS_MISTAKE, run_plainly
from formcheck.gatekeeper import view_in_words
from formcheck.registry import exercise_ids, find_exercise, own_exercise_ids

if TYPE_CHECKING:
    from formcheck.exercise import Exercise


def print_list() -> None:
    """Prints id, title, view and target of every movement."""
    table = Table(Column("id", no_wrap=True), "title", "camera", "target")
    for name in [*exercise_ids(), *own_exercise_ids()]:
        exercise = find_exercise(name)
        table.add_row(exercise.id, exercise.title, " or ".join(map(_short, exercise.views)), target_in_words(exercise))
    Console().print(table)


def print_one(id_or_path: str, *, debug: bool) -> int:
    """Explains one movement; returns the exit status."""

    def job() -> int:
        exercise = find_exercise(id_or_path)
        console = Console(highlight=False)
        console.print(exercise.title, style="bold")
        for heading, text in _paragraphs(exercise):
            console.print(f"\n{heading}", style="bold")
            console.print(text.strip())
        return DONE

    return run_plainly(job, debug=debug)


def print_check(path: Path, *, debug: bool) -> int:
    """Says what is wrong with an exercise file, line by line; returns the exit status."""

    def job() -> int:
        found = check_exercise(path)
        for error in found.errors:
            typer.echo(f"{path}: {error}", err=True)
        for hint in found.hints:
            typer.echo(f"{path}: hint: {hint}")
        if found.exercise is None:
            n = len(found.errors)
            typer.echo(f"{path}: {n} to mend" + ("" if n == 1 else ", from the top"), err=True)
            return USERS_MISTAKE
        exercise = found.exercise
        typer.echo(f"{path}: can be used: {exercise.title}, {target_in_words(exercise)}")
        typer.echo(f"Try it: formcheck analyze VIDEO --exercise {path}")
        return DONE

    return run_plainly(job, debug=debug)


def target_in_words(exercise: Exercise) -> str:
    """What to reach, such as "6-10 repetitions", "1 hold of 18 s a side" or "5 circles each way"."""
    criterion = exercise.criterion
    few, many = criterion.target
    number = str(few) if few == many else f"{few}-{many}"
    plural = "" if many == 1 else "s"
    if criterion.kind == "circle":
        return f"{number} circle{plural} each way"
    if criterion.kind == "alternation":
        return f"{number} round{plural}"
    if criterion.kind == "reach":
        return "once" if many == 1 else f"{number} times"
    if criterion.hold is None:
        return f"{number} repetition{plural}"
    seconds = f"{criterion.hold.target_s:g} s"
    breaths = f" ({_breaths(*criterion.breaths)})" if criterion.breaths else ""
    if criterion.kind == "repetition":
        return f"{number} repetition{plural}, each held {seconds}"
    if criterion.kind == "stay":
        return f"keep still for {seconds}{breaths}"
    a_side = " a side" if len(criterion.sequence) > 1 else ""
    return f"{number} hold{plural} of {seconds}{breaths}{a_side}"


def _breaths(few: int, many: int) -> str:
    if few == many:
        return "1 breath" if few == 1 else f"{few} breaths"
    return f"{few}-{many} breaths"


def _paragraphs(exercise: Exercise) -> list[tuple[str, str]]:
    faults = "\n".join(f"- {fault.title}: {fault.cue}" for fault in exercise.faults)
    unseen = "\n".join(f"- {note.what}: {note.reason}" for note in exercise.notes)
    return [
        ("What it is", exercise.summary),
        ("Setting up", exercise.setup),
        ("Camera", f"from {' or '.join(map(view_in_words, exercise.views))}"),
        ("Target", target_in_words(exercise)),
        ("Ball", exercise.ball),
        ("Breathing", exercise.breath),
        ("What is corrected", faults or "nothing"),
        *([("What cannot be judged", unseen)] if unseen else []),
        ("Safety", "\n".join(f"- {line}" for line in exercise.safety)),
        ("Next step", exercise.progression),
    ]


def _short(view: str) -> str:
    return view_in_words(view).removeprefix("the ")
