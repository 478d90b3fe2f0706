"""Finding the exercise files: those of the package by id, anybody's by path."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from formcheck.errors import UsageError

if TYPE_CHECKING:
    from formcheck.exercise import Exercise

FOLDER = Path(__file__).parent / "exercises"


def exercise_ids() -> list[str]:
    """Ids of the exercises that come with the package, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def find_exercise(id_or_path: str) -> Exercise:
    """The exercise with this id, or the one in this file.

    Raises:
        UsageError: no such exercise; names the nearest id.
        ExerciseFileError: the file is not a valid exercise.
    """
    if id_or_path.endswith(".toml"):
        return _load(Path(id_or_path))
    ids = exercise_ids()
    if id_or_path not in ids:
        close = difflib.get_close_matches(id_or_path, ids, n=1)
        hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(ids)}."
        raise UsageError(f"There is no exercise {id_or_path!r}. {hint}")
    return _load(FOLDER / f"{id_or_path}.toml")


@cache
def _load(path: Path) -> Exercise:
    from formcheck.exercise import load_exercise

    return load_exercise(path)
