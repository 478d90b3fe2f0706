"""A progress bar with the time left; silent where nobody watches."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from formcheck.export.words import words_of

if TYPE_CHECKING:
    from formcheck.reading import Progress as Tell

REFRESH_S: Final = 0.1  # ten times a second looks smooth and costs nothing beside the pose network


@contextlib.contextmanager
def progress_bar(name: str, language: str = "en") -> Iterator[Tell]:
    """Yields what `analyze` reports to: one bar for each stage, on the error stream if that is a terminal."""
    say = words_of(language).say
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True),
    )
    # Refreshed by `tell` alone: a thread of its own would write while the error stream is turned away.
    with Progress(*columns, console=console, auto_refresh=False, disable=not console.is_terminal) as bar:
        tasks = {}
        last_s = -REFRESH_S

        def tell(stage: str, done: int, total: int | None) -> None:
            nonlocal last_s
            if stage not in tasks:
                tasks[stage] = bar.add_task(f"{say(stage)} {name}", total=total)
            if done != total and monotonic() - last_s < REFRESH_S:
                return
            last_s = monotonic()
            known = max(done, total) if total else None  # headers may promise too few frames
            bar.update(tasks[stage], completed=done, total=known, refresh=True)

        yield tell
