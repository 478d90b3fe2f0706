"""What a live run has to do with the history: next steps before it, filing after it. It never stops a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from formcheck.errors import HistoryError
from formcheck.history import FILE, History
from formcheck.progression import Suggestion, next_steps
from formcheck.session import SessionResult

T = TypeVar("T")


class Past:
    """The history in a folder, of a person who may want none, and which may be damaged."""

    def __init__(self, folder: Path | None, tell: Callable[[str], None]) -> None:
        """Opens nothing yet.

        Args:
            folder: of the history; None to keep and use none.
            tell: told in a sentence what could not be done.
        """
        self._folder, self._tell = folder, tell

    def steps(self, exercises: Sequence[str]) -> dict[str, Suggestion]:
        """The next step of each of these movements that was done before."""
        if self._folder is None or not (self._folder / FILE).is_file():
            return {}
        steps = self._with(lambda history: next_steps(history, _now().date())) or {}
        return {name: steps[name] for name in exercises if name in steps}

    def refuse(self, exercise: str) -> None:
        """The step up of a movement is not wanted now."""
        self._with(lambda history: history.refuse(exercise, _now()))

    def hurt(self, exercise: str | None) -> bool:
        """A movement hurt in a run that leaves no report; whether it is noted now."""
        return self._with(lambda history: history.mark_pain(None, exercise, _now())) is not None

    def file(self, result: SessionResult) -> None:
        """Files a run with its pain marks; of one in which nothing was to be seen, these alone."""
        if result.report["blocks"]:
            self._with(lambda history: history.file(result.report, result.folder.name, _now()))
        else:
            for exercise in {mark["exercise"] for mark in result.report.get("pain") or ()}:
                self.hurt(exercise)

    def _with(self, job: Callable[[History], T]) -> T | None:
        if self._folder is None:
            return None
        try:
            with History(self._folder) as history:
                return job(history)
        except HistoryError as error:
            self._tell(f"the history cannot be used: {error}")
            return None


def _now() -> datetime:
    return datetime.now().astimezone()
