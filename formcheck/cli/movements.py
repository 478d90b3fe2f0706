"""`formcheck exercises`: the movements as a table, or one explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from formcheck.cli.failures import DONE, run_plainly
from formcheck.registry import exercise_ids, find_exercise

if TYPE_CHECKING:
    from formcheck.exercise import Exercise


def print_list() -> None:
    """Prints id, title, view and target of every movement."""
    table = Table("id", "title", "camera", "target")
    for name in exercise_ids():
        exercise = find_exercise(name)
        table.add_row(exercise.id, exercise.title, " or ".join(exercise.views), target_in_words(exercise))
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


def target_in_words(exercise: Exercise) -> str:
    """What to reach, such as "6-10 repetitions" or "1-2 holds of 30 s a side"."""
    few, many = exercise.criterion.target
    number = str(few) if few == many else f"{few}-{many}"
    if exercise.criterion.kind == "alternation":
        return f"{number} rounds"
    if exercise.criterion.hold is None:
        return f"{number} repetitions"
    kind = "repetitions, each held" if exercise.criterion.kind == "repetition" else "holds of"
    return f"{number} {kind} {exercise.criterion.hold.target_s:g} s"


def _paragraphs(exercise: Exercise) -> list[tuple[str, str]]:
    faults = "\n".join(f"- {fault.title}: {fault.cue}" for fault in exercise.faults)
    return [
        ("What it is", exercise.summary),
        ("Setting up", exercise.setup),
        ("Camera", f"from the {' or '.join(exercise.views)}"),
        ("Target", target_in_words(exercise)),
        ("Ball", exercise.ball),
        ("Breathing", exercise.breath),
        ("What is corrected", faults or "nothing"),
        ("Safety", "\n".join(f"- {line}" for line in exercise.safety)),
        ("Next step", exercise.progression),
    ]
