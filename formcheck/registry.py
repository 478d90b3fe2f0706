"""Finding the exercise and routine files: those of the package by id, anybody's by path."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from formcheck.errors import FormcheckError, RoutineFileError, UsageError
from formcheck.userdata import data_dir

if TYPE_CHECKING:
    from formcheck.exercise import Exercise
    from formcheck.routine import Routine

FOLDER = Path(__file__).parent / "exercises"
ROUTINES = Path(__file__).parent / "routines"


def exercise_ids() -> list[str]:
    """Ids of the exercises that come with the package, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def own_exercise_ids() -> list[str]:
    """Ids of the exercises that the user taught or put into the data folder, in alphabetical order."""
    return sorted({path.stem for path in own_exercises().glob("*.toml")} - set(exercise_ids()))


def own_movements() -> tuple[dict[str, Exercise], list[FormcheckError]]:
    """The user's own exercises by id, and what is wrong with the files that cannot be used."""
    usable: dict[str, Exercise] = {}
    broken: list[FormcheckError] = []
    for name in own_exercise_ids():
        try:
            usable[name] = find_exercise(name)
        except FormcheckError as error:
            broken.append(error)
    return usable, broken


def own_exercises() -> Path:
    """The folder of the user's own exercise files."""
    return data_dir() / "exercises"


def routine_ids() -> list[str]:
    """Ids of the routines that come with the package, in alphabetical order."""
    return sorted(path.stem for path in ROUTINES.glob("*.toml"))


def find_exercise(id_or_path: str) -> Exercise:
    """The exercise with this id (of the package, else of the user's own), or the one in this file.

    Raises:
        UsageError: no such exercise; names the nearest id.
        ExerciseFileError: the file is not a valid exercise.
    """
    if id_or_path.endswith(".toml"):
        return _load(Path(id_or_path))
    shipped = FOLDER / f"{id_or_path}.toml"
    if id_or_path.isidentifier() and shipped.is_file():
        return _load(shipped)
    _check_id(id_or_path, [*exercise_ids(), *own_exercise_ids()], "exercise")
    return _load_own(own_exercises() / f"{id_or_path}.toml")


def find_routine(id_or_path: str) -> Routine:
    """The routine with this id, or the one in this file; each of its exercises exists and can be seen as it asks.

    Raises:
        UsageError: no such routine; names the nearest id.
        RoutineFileError: the file is not a valid routine.
    """
    if id_or_path.endswith(".toml"):
        return _load_routine(Path(id_or_path))
    _check_id(id_or_path, routine_ids(), "routine")
    return _load_routine(ROUTINES / f"{id_or_path}.toml")


def _check_id(name: str, ids: list[str], kind: str) -> None:
    if name not in ids:
        close = difflib.get_close_matches(name, ids, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(ids)}."
        raise UsageError(f"There is no {kind} {name!r}. {hint}")


@cache
def _load(path: Path) -> Exercise:
    return _load_own(path)


def _load_own(path: Path) -> Exercise:
    """Read each time: it may have been changed, or taught anew."""
    from formcheck.exercise import load_exercise

    return load_exercise(path)


@cache
def _load_routine(path: Path) -> Routine:
    from formcheck.routine import load_routine

    routine = load_routine(path)
    for planned in routine.timeline:
        if planned.block.exercise is None:
            continue
        try:
            exercise = find_exercise(planned.block.exercise)
        except UsageError as error:
            raise RoutineFileError(f"{path}: block {planned.index + 1}: {error}") from None
        view = planned.block.view
        if view is not None and view not in exercise.views:
            seen = " or ".join(exercise.views)
            where = f"{path}: block {planned.index + 1}: {exercise.id}"
            raise RoutineFileError(f"{where} cannot be judged from {view!r}, only from {seen}.")
    return routine
