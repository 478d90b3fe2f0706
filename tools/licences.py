"""Writes docs/licences.md from pyproject.toml and what the installed packages say of themselves.

`python tools/licences.py` in the project's environment, with the extras; `--check` says what is out of date instead.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "licences.md"
SAME: Final = {"Apache 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0", "MIT License": "MIT"}
# The second OpenCV that mediapipe 0.10.32 and newer ask for is left out by [tool.uv] and never needed.
NOT_INSTALLED: Final = frozenset({"opencv-contrib-python"})

HEAD: Final = """# Licences

formcheck itself is under Apache-2.0 (`LICENSE`). It copies no code of others. The pose model is BlazePose GHUM of
MediaPipe, Apache-2.0 (`models/LICENSE`, `models/NOTICE`); the sample recordings are listed in `NOTICE`.

This page is written by `python tools/licences.py` from what the installed packages say of themselves; a test checks
that every direct dependency is on it.
"""

FOOT: Final = """
The wheels of OpenCV and PyAV bring FFmpeg as libraries of their own. That of PyAV calls its build LGPL 3 or later and
has the encoders x264 and x265 in it, which are under GPL 2 or later, or a commercial licence. They are installed beside
formcheck, not distributed with it; whoever hands on a bundle of all has to look at that.

## Known faults of these packages

formcheck looks nothing up. To compare what is installed with the public lists of known faults, with a network, in the
project's environment:

```sh
uv run --with pip-audit pip-audit          # or: pip install pip-audit && pip-audit
```

It asks those lists about the names and versions of the installed packages. Do it before a release; a finding in a
direct dependency is answered by raising its lower bound in `pyproject.toml`. All direct dependencies have an upper
bound as well (a test checks it), so that a new major version is taken on purpose.

The pose models are compared with their SHA-256 each time they are loaded (`formcheck/assets.py`); one that was altered
is refused.
"""


def requirements() -> dict[str, list[Requirement]]:
    """The direct dependencies, by what they are for: "always", or the name of an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {"always": project["dependencies"], **project["optional-dependencies"]}
    return {use: [Requirement(text) for text in texts] for use, texts in wanted.items()}


def licence_of(name: str) -> str:
    """What an installed package says, in one line; PackageNotFoundError when it is not installed."""
    about = distribution(name).metadata
    told = about.get("License-Expression") or _first_line(about.get("License")) or _of_classifiers(name)
    return SAME.get(told, told) or "not said"


def _first_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[0] if lines and len(lines[0]) < 60 else ""


def _of_classifiers(name: str) -> str:
    told = distribution(name).metadata.get_all("Classifier") or []
    return ", ".join(text.rpartition(" :: ")[2] for text in told if text.startswith("License"))


def brought_by(direct: Iterable[str]) -> list[str]:
    """Packages that the direct dependencies need in turn, as far as they are installed, in alphabetical order."""
    seen = {_plain(name) for name in direct}
    first, waiting = set(seen), list(seen)
    while waiting:
        for name in _needs(waiting.pop()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return sorted(seen - first)


def _needs(name: str) -> Iterator[str]:
    for text in distribution(name).requires or ():
        needed = Requirement(text)
        if (needed.marker is None or needed.marker.evaluate({"extra": ""})) and _is_installed(needed.name):
            yield _plain(needed.name)


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return _plain(name) not in NOT_INSTALLED


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def row(needed: Requirement, use: str) -> str:
    """A direct dependency's line of the table."""
    versions = ",".join(sorted(map(str, needed.specifier), reverse=True))  # lower bound first
    return f"| {needed.name} | `{versions}` | {licence_of(needed.name)} | {use} |"


def page() -> str:
    """The whole page."""
    wanted = requirements()
    rows = [row(needed, use) for use, all_needed in wanted.items() for needed in all_needed]
    direct = [needed.name for all_needed in wanted.values() for needed in all_needed]
    parts = [f"| {name} | {licence_of(name)} |" for name in brought_by(direct)]
    table = ["## What formcheck needs", "", "| package | versions | licence | for |", "|---|---|---|---|", *rows]
    more = ["", "## What those bring (Linux, Python 3.11)", "", "| package | licence |", "|---|---|", *parts]
    return "\n".join([HEAD, *table, *more, FOOT])


def main() -> None:
    """Writes the page, or with --check says whether it is up to date."""
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else f"{PAGE}: run python tools/licences.py")
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
