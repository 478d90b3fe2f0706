"""Where a file that was asked for goes."""

from __future__ import annotations

import os
from pathlib import Path


def place_of(given: str, usual_name: str) -> Path:
    """The path of a file: as given, or under its usual name in a folder that is there or ends as folders do.

    >>> place_of("no-such-folder/", "report.html").as_posix(), place_of("new.html", "report.html").as_posix()
    ('no-such-folder/report.html', 'new.html')
    """
    is_folder = given.endswith(("/", os.sep)) or Path(given).is_dir()
    return Path(given) / usual_name if is_folder else Path(given)
