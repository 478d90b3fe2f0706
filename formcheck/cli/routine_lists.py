"""`formcheck routines`: the routines as a table, or the timeline of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Column, Table

from formcheck.cli.failures import DONE, run_plainly
from formcheck.cli.past import steps_so_far
from formcheck.cli.reporting import check_language
from formcheck.export.words import words_of
from formcheck.registry import ROUTINES, find_exercise, find_routine, routine_ids
from formcheck.routine import load_routine
from formcheck.wording import clock

if TYPE_CHECKING:
    from formcheck.export.words import Words
    from formcheck.routine import Planned, Routine


def print_routines(id_or_path: str | None, language: str, *, debug: bool) -> int:
    """Prints the list of routines, or one routine's timeline; returns the exit status."""

    def job() -> int:
        check_language(language)
        words, console = words_of(language), Console(highlight=False)
        if id_or_path is None:
            console.print(_list(words))
        else:
            routine = find_routine(id_or_path)
            _print_one(routine, console, words)
            _print_next_steps(routine, console, words)
        return DONE

    return run_plainly(job, debug=debug, language=language)


def _print_next_steps(routine: Routine, console: Console, words: Words) -> None:
    """What the person's own history says about the movements; nothing without one."""
    say = words.say
    steps = [step for name, step in steps_so_far().items() if name in routine.exercises]
    if steps:
        console.print(f"\n{say('Your next steps')}", style="bold")
    for step in steps:
        why = " ".join(say(part) for part in (step.reason, step.then) if part)
        title = say(find_exercise(step.exercise).title)
        console.print(f"- {title}: {say(step.words or 'as before')}. {why}", soft_wrap=True, markup=False)


def _list(words: Words) -> Table:
    table = Table(Column("id", no_wrap=True), *(words.say(name) for name in ("title", "time", "what it is")))
    for name in routine_ids():
        routine = load_routine(ROUTINES / f"{name}.toml")
        table.add_row(routine.id, words.say(routine.title), _time(routine, words), words.say(routine.summary))
    return table


def _time(routine: Routine, words: Words) -> str:
    whole = routine.timeline[-1].end_s
    work = f"{clock(routine.seconds)} min"
    if whole == routine.seconds:
        return work
    return words.say("{work}, {whole} with changes", work=work, whole=clock(whole))


def _print_one(routine: Routine, console: Console, words: Words) -> None:
    say = words.say
    console.print(f"{say(routine.title)}, {_time(routine, words)}", style="bold", markup=False)
    console.print(say(routine.summary), markup=False)
    section = None
    for planned in routine.timeline:
        if planned.section != section:
            section = planned.section
            console.print(f"\n{say(section)}", style="bold", markup=False)
        for line in _lines(planned, words):
            console.print(line, soft_wrap=True, markup=False)
    console.print(f"\n{say('Safety')}", style="bold")
    for text in routine.safety:
        console.print(f"- {say(text)}", markup=False)
    if routine.afterwards:
        titles = words.one_of([say(find_exercise(name).title) for name in routine.afterwards])
        console.print("\n" + say("Goes well with it: {titles}", titles=titles))


def _lines(planned: Planned, words: Words) -> list[str]:
    """A block as lines: when, what and how much; before it, what to change."""
    block, say = planned.block, words.say
    before = [say(text) for text in (block.change, block.turn) if text]
    lines = [f"             {text}" for text in before]
    when = f"{clock(planned.start_s):>5}-{clock(planned.end_s):<5}"
    if block.exercise is None:
        return [*lines, f"{when}  ({say(block.pause or '')})"]
    exercise = find_exercise(block.exercise)
    side = words.side(block.direction or block.side)
    name = f"{say(exercise.title)}, {side}" if side else say(exercise.title)
    optional = f" ({say('optional')})" if block.optional else ""
    return [*lines, f"{when}  {name}: {_amount(planned, words)}{optional}  [{exercise.id}]"]


def _amount(planned: Planned, words: Words) -> str:
    block = planned.block
    if block.counts is None or block.exercise is None:
        return f"{block.seconds:g} s"
    few, many = block.counts
    kind = find_exercise(block.exercise).criterion.kind
    noun = {"alternation": "round", "hold": "hold", "stay": "hold", "reach": "time", "circle": "circle"}
    word = noun.get(kind, "repetition")
    n = str(few) if few == many else words.say("{a} to {b}", a=few, b=many)
    return words.say("{n} " + (word if many == 1 else f"{word}s"), n=n)
