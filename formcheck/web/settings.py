"""What a person says once: height, ball, language, sound; kept in a small file on this computer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from formcheck.messages import LANGUAGES
from formcheck.whole_files import write_text

DEFAULTS: Final[dict[str, Any]] = {"height_cm": None, "ball_cm": None, "language": None, "is_muted": False}
_LIMITS: Final = {"height_cm": (80.0, 250.0), "ball_cm": (35.0, 120.0)}


def read_settings(path: Path) -> dict[str, Any]:
    """The settings kept in a file; what is missing or makes no sense is at its default."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return dict(DEFAULTS)
    return merged(DEFAULTS, kept)


def merged(settings: dict[str, Any], wishes: Any) -> dict[str, Any]:
    """The settings with every wish that makes sense."""
    new = dict(settings)
    for key, value in wishes.items() if isinstance(wishes, dict) else ():
        if key in _LIMITS:
            low, high = _LIMITS[key]
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if value is None or (is_number and low <= value <= high):
                new[key] = value
        elif (key == "language" and value in LANGUAGES) or (key == "is_muted" and isinstance(value, bool)):
            new[key] = value
    return new


def write_settings(path: Path, settings: dict[str, Any]) -> None:
    """Keeps the settings; ExportError when the file cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(settings, indent=2) + "\n")
