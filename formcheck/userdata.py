"""Where formcheck keeps what belongs to the user: the history and the movements they taught it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

VARIABLE: Final = "FORMCHECK_DATA_DIR"


def data_dir(given: Path | None = None) -> Path:
    """The folder that was given, else that of the environment variable, else the system's usual one; not made here."""
    if given is not None:
        return given
    if told := os.environ.get(VARIABLE):
        return Path(told)
    from platformdirs import user_data_path

    return user_data_path("formcheck", appauthor=False)
