"""Errors a caller may catch; each text says what happened, where, and what to do."""

from __future__ import annotations

from pathlib import Path


class FormcheckError(Exception):
    """Base of every error raised on purpose; `is_users` tells a mistake of the user from one of ours."""

    is_users = True


class UsageError(FormcheckError):
    """The command or the call cannot be carried out as given."""


class SourceError(FormcheckError):
    """A recording or pose log cannot be read at all."""


class ExerciseFileError(FormcheckError):
    """An exercise file has an unknown key, a wrong value or a missing table."""


class RoutineFileError(FormcheckError):
    """A routine file has an unknown key, a wrong value, or times that do not add up."""


class ReferenceFileError(FormcheckError):
    """A reference keypoint profile cannot be read, or cannot be learned from what was given."""


class AssetError(FormcheckError):
    """A file the program ships with (pose model, sample) is missing or altered."""


class EstimatorError(FormcheckError):
    """The pose network could not be started or failed on a frame."""

    is_users = False


class ExportError(FormcheckError):
    """An output file or folder could not be written."""


class HistoryError(FormcheckError):
    """The history cannot be read or written, or does not have what was asked for; `kept` is a copy of a damaged one."""

    kept: Path | None = None
