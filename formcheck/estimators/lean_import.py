"""MediaPipe without what it loads for drawing.

MediaPipe's package loads matplotlib at its own start, for drawings in space that nobody asks for here. That is four
fifths of the time it takes to load [measured], and on a new computer matplotlib first goes through all its fonts and
writes a list of them into the user's folders. Here the two modules that want it are loaded only when they are used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Final

_DRAWING: Final = {f"mediapipe.tasks.python.vision.drawing_{name}" for name in ("styles", "utils")}


class _LaterFinder:
    """Finds the drawing modules like anybody else, and has them loaded at their first use."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """As of any finder of modules; None for all other modules."""
        spec = PathFinder.find_spec(name, path, target) if name in _DRAWING else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


@contextmanager
def drawing_later() -> Iterator[None]:
    """Around an import of MediaPipe: its drawing modules are there, but load themselves only when they are used."""
    finder = _LaterFinder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
