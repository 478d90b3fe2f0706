"""`formcheck routines`: the routines as a table, or the timeline of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Column, Table

from formcheck.cli.failures import DONE, run_plainly
from formcheck.cli.past import steps_so_far
from formcheck.registry import ROUTINES, find_exercise, find_routine, routine_ids
from formcheck.routine import load_routine
from formcheck.wording import clock

if TYPE_CHECKING:
    from formcheck.routine import Planned, Routine


def print_routines(id_or_path: str | None, *, debug: bool) -> int:
    """Prints the list of routines, or one routine's timeline; returns the exit status."""

    def job() -> int:
        console = Console(highlight=False)
        if id_or_path is None:
            console.print(_list())
        else:
            routine = find_routine(id_or_path)
            _print_one(routine, console)
            _print_next_steps(routine, console)
        return DONE

    return run_plainly(job, debug=debug)


def _print_next_steps(routine: Routine, console: Console) -> None:
    """What the person's own history says about the movements; nothing without one."""
    steps = [step for name, step in steps_so_far().items() if name in routine.exercises]
    if steps:
        console.print("\nYour next steps", style="bold")
    for step in steps:
        words = " ".join(filter(None, (step.reason, step.then)))
        console.print(f"- {find_exercise(step.exercise).title}: {step.words or 'as before'}. {words}", soft_wrap=True)


def _list() -> Table:
    table = Table(Column("id", no_wrap=True), "title", "time", "what it is")
    for name in routine_ids():
        routine = load_routine(ROUTINES / f"{name}.toml")
        table.add_row(routine.id, routine.title, _time(routine), routine.summary)
    return table


def _time(routine: Routine) -> str:
    whole = routine.timeline[-1].end_s
    work = f"{clock(routine.seconds)} min"
    return work if whole == routine.seconds else f"{work}, {clock(whole)} with changes"


def _print_one(routine: Routine, console: Console) -> None:
    console.print(f"{routine.title}, {_time(routine)}", style="bold")
    console.print(routine.summary)
    section = None
    for planned in routine.timeline:
        if planned.section != section:
            section = planned.section
            console.print(f"\n{section}", style="bold")
        for line in _lines(planned):
            console.print(line, soft_wrap=True, markup=False)
    console.print("\nSafety", style="bold")
    for text in routine.safety:
        console.print(f"- {text}")
    if routine.afterwards:
        titles = " or ".join(find_exercise(name).title for name in routine.afterwards)
        console.print(f"\nGoes well with it: {titles}")


def _lines(planned: Planned) -> list[str]:
    """A block as lines: when, what and how much; before it, what to change."""
    block = planned.block
    before = [text for text in (block.change, block.turn) if text]
    lines = [f"             {text}" for text in before]
    when = f"{clock(planned.start_s):>5}-{clock(planned.end_s):<5}"
    if block.exercise is None:
        return [*lines, f"{when}  ({block.pause})"]
    exercise = find_exercise(block.exercise)
    side = {"cw": "clockwise", "ccw": "counter-clockwise", None: block.side}[block.direction]
    name = f"{exercise.title}, {side}" if side else exercise.title
    return [*lines, f"{when}  {name}: {_amount(planned)}{' (optional)' if block.optional else ''}  [{exercise.id}]"]


def _amount(planned: Planned) -> str:
    block = planned.block
    if block.counts is None or block.exercise is None:
        return f"{block.seconds:g} s"
    few, many = block.counts
    kind = find_exercise(block.exercise).criterion.kind
    noun = {"alternation": "round", "hold": "hold", "stay": "hold", "reach": "time", "circle": "circle"}
    word = noun.get(kind, "repetition")
    return f"{few} {word}{'' if few == 1 else 's'}" if few == many else f"{few} to {many} {word}s"
