"""Reading TOML files strictly: unknown keys are errors, and every error names its line and what was perhaps meant."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from formcheck.errors import FormcheckError, why_not_read

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\-]+)\s*\]\]?")
_KEY = re.compile(r"^\s*([\w\-]+)\s*=")

Place = tuple[str | int, ...]


class Table(BaseModel):
    """A table of a file: nothing but the keys of its schema, never changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_toml(path: Path, error_type: type[FormcheckError]) -> dict[str, Any]:
    """The content of a TOML file; raises `error_type` naming the file when it cannot be read or parsed."""
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise error_type(f"{path}: this is not a file.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # some editors begin a text with a mark
    except (OSError, UnicodeDecodeError) as error:
        raise error_type(f"{path}: {why_not_read(error)}") from error
    except (
        ValueError,
        RecursionError,
    ) as error:  # numbers of thousands of digits and deep nests are no TOMLDecodeError
        raise error_type(f"{path}: not valid TOML: {error}.") from error


def explain(error: ValidationError, path: Path, root: type[Table]) -> str:
    """The first problem in words: where in the file, what is wrong, what was perhaps meant."""
    return explain_all(error, path, root)[0]


def explain_all(error: ValidationError, path: Path, root: type[Table]) -> list[str]:
    """Every problem in words, once each, from the top: where in the file, what is wrong, what was perhaps meant."""
    text = path.read_text(encoding="utf-8-sig")
    # A misspelt key makes two errors, the unknown and the missing one; the first says it all.
    misspelt = {(*one["loc"][:-1], _meant(one, root)) for one in error.errors() if one["type"] == "extra_forbidden"}
    places = [one["loc"] for one in error.errors()]
    found = [
        one
        for one in error.errors()
        if not (one["type"] == "missing" and one["loc"] in misspelt)
        # what has lost its wrong parts is called too short as well
        and not (one["type"] == "too_short" and any(one["loc"] == at[: len(one["loc"])] != at for at in places))
    ]
    found.sort(key=lambda one: (line_of(text, one["loc"]) or 0, one["type"] != "extra_forbidden"))
    return list(dict.fromkeys(_in_words(one, text, root) for one in found))


def _in_words(problem: ErrorDetails, text: str, root: type[Table]) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    number = line_of(text, problem["loc"])
    line = "" if number is None else f"line {number}: "
    if problem["type"] == "extra_forbidden":
        meant = _meant(problem, root)
        return f"{line}unknown key {place!r}" + (f"; did you mean {meant!r}?" if meant else ".")
    if problem["type"] == "missing":
        return f"{line}the key {place!r} is missing"
    return f"{line}{place or 'the file'}: {problem['msg'].removeprefix('Value error, ')}"


def _meant(unknown: ErrorDetails, root: type[Table]) -> str | None:
    """The key of any table that an unknown one is nearest to; None when none is near."""
    tables = [table for table in Table.__subclasses__() if table.__module__ == root.__module__]
    known = {name for table in tables for name in table.model_fields}
    close = difflib.get_close_matches(str(unknown["loc"][-1]), sorted(known), n=1)
    return close[0] if close else None


def line_of(text: str, place: Sequence[str | int]) -> int | None:
    r"""The line of a TOML text, from 1, where a key stands, or the table that holds it; None when neither is found.

    >>> line_of("[[blocks]]\na = 1\n[[blocks]]\na = 2", ("blocks", 1, "a"))
    4
    """
    wanted, best = tuple(place), (0, 0)
    for number, at in _places(text):
        depth = len(at)
        if depth > best[0] and wanted[:depth] == at:
            best = (depth, number)
    return best[1] or None


def _places(text: str) -> list[tuple[int, Place]]:
    """(line number, place) of every table header and every key at the beginning of a line."""
    found: list[tuple[int, Place]] = []
    seen: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _table_at(header[2].split("."), header[1] == "[[", seen)
            found.append((number, table))
        elif key := _KEY.match(line):
            found.append((number, (*table, key[1])))
    return found


def _table_at(names: Sequence[str], is_array: bool, seen: dict[Place, int]) -> Place:
    """The place of a table; `seen` counts the entries of every array of tables."""
    place: Place = ()
    for name in names[:-1]:
        place = (*place, name)
        if place in seen:
            place = (*place, seen[place])
    place = (*place, names[-1])
    if not is_array:
        return place
    seen[place] = seen.get(place, -1) + 1
    return (*place, seen[place])
