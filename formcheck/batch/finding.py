"""Which recordings a batch has: those of a folder and the folders in it, or of a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from formcheck.batch.task import Row, Settings, Task
from formcheck.errors import UsageError, in_one_line
from formcheck.recordings import is_recording, stem_of

LISTS: Final = frozenset((".txt", ".list"))
RESULT: Final = "report.json"  # lies beside the annotated video and the pose log of an analysis


def find_tasks(what: Sequence[Path], out_dir: Path, settings: Settings) -> tuple[list[Task], list[Row]]:
    """A task for each recording, in alphabetical order; the results are laid out as the recordings are.

    The rows tell why a folder or list that was given, one of several, has nothing to do.

    Args:
        what: folders, lists (text files with a path in each line, relative to the list; # begins a remark) and
            recordings.
        out_dir: folder for the results of the batch; may be one of those folders: results are no recordings.
        settings: how each is analysed.

    Raises:
        UsageError: none of them has a recording, or can be read.
    """
    found: dict[Path, Path] = {}  # recording: folder that its results' place is relative to
    refused: list[Row] = []
    for place in what:
        try:
            for path, base in _recordings(place):
                found.setdefault(path, base)
        except (UsageError, OSError) as error:
            refused.append(Row(str(place), "", "failed", problem=in_one_line(error)[0]))
    if not found:
        raise UsageError("; ".join(row.problem for row in refused))
    stems = [path.relative_to(base).with_name(stem_of(path)) for path, base in found.items()]
    n_alike = Counter(stems)
    tasks = []
    for (path, _), stem in zip(found.items(), stems, strict=True):
        name = stem if n_alike[stem] == 1 else stem.with_name(f"{stem.name}-{path.suffix[1:].lower()}")
        tasks.append(Task(path, out_dir, name.as_posix(), settings))
    return _with_names_of_their_own(tasks), refused


def _recordings(place: Path) -> list[tuple[Path, Path]]:
    found = [(place, place.parent)]
    if place.is_dir():
        inside = [path for path in sorted(place.rglob("*")) if is_recording(path)]
        found = [(path, place) for path in inside if not (path.parent / RESULT).exists()]
    elif place.suffix.lower() in LISTS:
        found = [(path, path.parent) for path in _listed(place)]
    if not found:
        raise UsageError(f"{place}: there are no recordings here (MP4, MOV, MKV, WebM, NPZ ...)")
    return found


def _listed(place: Path) -> list[Path]:
    try:
        lines = place.read_text(encoding="utf-8-sig").splitlines()  # some editors begin a text with a mark
    except OSError as error:
        raise UsageError(f"{place}: the list cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{place}: the list cannot be read (it is no text in UTF-8)") from error
    names = [line.split("#")[0].strip() for line in lines]
    return [place.parent / name for name in names if name]


def _with_names_of_their_own(tasks: list[Task]) -> list[Task]:
    """The tasks; recordings of one name from several folders of a list get a number."""
    taken: set[str] = set()
    return [replace(task, name=free_name(task.name, taken)) for task in tasks]


def free_name(name: str, taken: set[str]) -> str:
    """The name, or with a number where it is taken; it is taken from now on.

    Small and large letters are the same, as in the folders of Windows and macOS.

    >>> taken = set()
    >>> [free_name(name, taken) for name in ("Roll", "roll", "Roll")]
    ['Roll', 'roll-2', 'Roll-3']
    """
    free, n = name, 1
    while free.casefold() in taken:
        n += 1
        free = f"{name}-{n}"
    taken.add(free.casefold())
    return free
