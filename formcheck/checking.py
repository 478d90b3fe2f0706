"""What is wrong with an exercise file, all of it at once, and what is probably not meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from formcheck.errors import ExerciseFileError
from formcheck.exercise import Exercise, Fault, read_exercise
from formcheck.measures.catalogue import MEASURES
from formcheck.registry import FOLDER, exercise_ids
from formcheck.tables import explain_all, line_of

LONGEST_CUE: Final = 6  # words: what can be taken in while moving
FINEST_DEG: Final = 10.0  # no verdict on an angle is tighter than this


@dataclass(frozen=True)
class Finding:
    """What was found in a file; `exercise` is None when it cannot be used.

    Attributes:
        errors: what must be mended before it can be used.
        hints: what works, but is probably not meant.
    """

    exercise: Exercise | None
    errors: tuple[str, ...]
    hints: tuple[str, ...]


def check_exercise(path: Path) -> Finding:
    """Everything that is wrong with an exercise file, each with its line where it has one."""
    try:
        exercise = Exercise.model_validate(read_exercise(path))
    except ExerciseFileError as error:
        return Finding(None, (str(error).removeprefix(f"{path}: "),), ())
    except ValidationError as error:
        return Finding(None, tuple(explain_all(error, path, Exercise)), ())
    text = path.read_text(encoding="utf-8-sig")
    hints = [*_on_the_whole(exercise, path), *_on_views(exercise, text), *_on_numbers(exercise, text)]
    return Finding(exercise, (), tuple(hints))


def _at(text: str, *place: str | int) -> str:
    number = line_of(text, place)
    return "" if number is None else f"line {number}: "


def _on_the_whole(exercise: Exercise, path: Path) -> Iterator[str]:
    if exercise.id != path.stem:
        yield f"the id is {exercise.id!r}, the file is called {path.stem!r}; the same name for both is easier to find"
    if exercise.id in exercise_ids() and path.resolve().parent != FOLDER:
        yield f"formcheck has a movement {exercise.id!r} of its own; another id keeps the two apart in the history"
    if not any("stop" in line.lower() for line in exercise.safety):
        yield "safety does not say to stop when it hurts"
    if not exercise.faults:
        yield "there are no [[faults]]: it will be counted, and nothing will be corrected"


def _on_views(exercise: Exercise, text: str) -> Iterator[str]:
    """Measures that cannot be read in any of the views from which the movement is judged."""
    places: list[tuple[str, tuple[str | int, ...]]] = [
        *((part.measure, ("drive", "parts")) for part in exercise.drive.parts),
        *((item.measure, ("evidence", i, "measure")) for i, item in enumerate(exercise.evidence)),
        *((fault.measure, ("faults", i, "measure")) for i, fault in enumerate(exercise.faults) if fault.measure),
    ]
    for name, place in places:
        readable = MEASURES[name].views
        if readable and not set(readable) & set(exercise.views):
            seen, wanted = " or ".join(readable), " or ".join(exercise.views)
            yield f"{_at(text, *place)}{name} can be read from {seen} only, the movement is judged from {wanted}"


def _on_numbers(exercise: Exercise, text: str) -> Iterator[str]:
    low, high = exercise.drive.axis
    for i, movement in enumerate(exercise.movements):
        at = _at(text, "movements", i, "minimum")
        if movement.minimum > movement.target[1]:
            yield f"{at}the minimum of {movement.minimum:g} lies beyond the target's end of {movement.target[1]:g}"
        if exercise.drive.unit == "deg" and movement.minimum < FINEST_DEG:
            yield f"{at}{movement.minimum:g} degrees are within what one camera cannot tell ({FINEST_DEG:g})"
        reach = high if movement.sign > 0 else -low
        if movement.target[0] > reach:
            yield f"{at}the target begins beyond the axis of the drive ({reach:g})"
    criterion = exercise.criterion
    if criterion.target[0] > criterion.target[1]:
        yield f"{_at(text, 'criterion', 'target')}the target goes from more to less"
    if criterion.shortest_s >= criterion.longest_s:
        yield f"{_at(text, 'criterion', 'shortest_s')}nothing can be longer than shortest_s and shorter than longest_s"
    for i, fault in enumerate(exercise.faults):
        yield from _on_fault(fault, _at(text, "faults", i, "cue"), _at(text, "faults", i, "above"))


def _on_fault(fault: Fault, at_cue: str, at_limit: str) -> Iterator[str]:
    n_words = len(fault.cue.split())
    if n_words > LONGEST_CUE:
        yield f"{at_cue}the cue of {fault.id!r} has {n_words} words; {LONGEST_CUE} can be taken in while moving"
    limit = fault.above if fault.above is not None else fault.below
    is_angle = fault.measure is not None and MEASURES[fault.measure].unit == "deg"
    if is_angle and fault.is_change and limit is not None and abs(limit) < FINEST_DEG:
        yield f"{at_limit}{fault.id!r} speaks of {abs(limit):g} degrees, less than one camera can tell ({FINEST_DEG:g})"
