"""`formcheck exercises`: the movements as a table, or one explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from formcheck.checking import check_exercise
from formcheck.cli.failures import DONE, USERS_MISTAKE, complain, run_plainly
from formcheck.cli.reporting import check_language
from formcheck.export.words import Words, words_of
from formcheck.gatekeeper import view_in_words
from formcheck.registry import exercise_ids, find_exercise, own_movements

if TYPE_CHECKING:
    from formcheck.exercise import Exercise


LEFT_OUT: Final = "it is left out; `formcheck exercises check FILE` names all that is to mend"


def print_list(language: str, *, debug: bool) -> int:
    """Prints id, title, view and target of every movement; returns the exit status."""

    def job() -> int:
        words = _words(language)
        table = Table(Column("id", no_wrap=True), *(words.say(name) for name in ("title", "camera", "target")))
        own, broken = own_movements()
        for name, exercise in ({name: find_exercise(name) for name in exercise_ids()} | own).items():
            views = words.one_of([words.say(view_in_words(view)).removeprefix("the ") for view in exercise.views])
            table.add_row(name, escape(words.say(exercise.title)), views, target_in_words(exercise, words))
        Console(highlight=False).print(table)
        for error in broken:  # told behind the list, which would push it out of sight
            complain(str(error), language, LEFT_OUT)
        return USERS_MISTAKE if broken else DONE

    return run_plainly(job, debug=debug, language=language)


def print_one(id_or_path: str, language: str, *, debug: bool) -> int:
    """Explains one movement; returns the exit status."""

    def job() -> int:
        words = _words(language)
        exercise = find_exercise(id_or_path)
        console = Console(highlight=False)
        console.print(words.say(exercise.title), style="bold", markup=False)
        for heading, text in _paragraphs(exercise, words):
            console.print(f"\n{words.say(heading)}", style="bold")
            console.print(text.strip(), markup=False)
        return DONE

    return run_plainly(job, debug=debug, language=language)


def _words(language: str) -> Words:
    check_language(language)
    return words_of(language)


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
        target = target_in_words(exercise, words_of("en"))
        typer.echo(f"{path}: can be used: {exercise.title}, {target}")
        typer.echo(f"Try it: formcheck analyze VIDEO --exercise {path}")
        return DONE

    return run_plainly(job, debug=debug)


def target_in_words(exercise: Exercise, words: Words) -> str:
    """What to reach, such as "6-10 repetitions", "1 hold of 18 s a side" or "5 circles each way"."""
    criterion = exercise.criterion
    few, many = criterion.target
    n = str(few) if few == many else f"{few}-{many}"
    is_one = many == 1
    if criterion.kind == "circle":
        return words.say("{n} circle each way" if is_one else "{n} circles each way", n=n)
    if criterion.kind == "alternation":
        return words.say("{n} round" if is_one else "{n} rounds", n=n)
    if criterion.kind == "reach":
        return words.say("once") if is_one else words.say("{n} times", n=n)
    repetitions = words.say("{n} repetition" if is_one else "{n} repetitions", n=n)
    if criterion.hold is None:
        return repetitions
    seconds = f"{criterion.hold.target_s:g} s"
    if criterion.kind == "repetition":
        return words.say("{repetitions}, each held {seconds}", repetitions=repetitions, seconds=seconds)
    if criterion.breaths:
        seconds += f" ({_breaths(*criterion.breaths, words)})"
    if criterion.kind == "stay":
        return words.say("keep still for {seconds}", seconds=seconds)
    kept = words.say("{n} hold of {seconds}" if is_one else "{n} holds of {seconds}", n=n, seconds=seconds)
    return words.say("{kept} a side", kept=kept) if len(criterion.sequence) > 1 else kept


def _breaths(few: int, many: int, words: Words) -> str:
    n = str(few) if few == many else f"{few}-{many}"
    return words.say("{n} breath" if many == 1 else "{n} breaths", n=n)


def _paragraphs(exercise: Exercise, words: Words) -> list[tuple[str, str]]:
    say = words.say
    faults = "\n".join(f"- {say(fault.title)}: {say(fault.cue)}" for fault in exercise.faults)
    unseen = "\n".join(f"- {say(note.what)}: {say(note.reason)}" for note in exercise.notes)
    views = words.one_of([say(view_in_words(view)) for view in exercise.views])
    return [
        ("What it is", say(exercise.summary)),
        ("Setting up", say(exercise.setup)),
        ("Camera", say("from {views}", views=views)),
        ("Target", target_in_words(exercise, words)),
        ("Ball", say(exercise.ball)),
        ("Breathing", say(exercise.breath)),
        ("What is corrected", faults or say("nothing")),
        *([("What cannot be judged", unseen)] if unseen else []),
        ("Safety", "\n".join(f"- {say(line)}" for line in exercise.safety)),
        ("Next step", say(exercise.progression)),
    ]
