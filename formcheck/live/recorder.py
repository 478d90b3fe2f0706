"""The camera's pictures as a video, for those who asked for one; whole, or not there at all."""

from __future__ import annotations

import contextlib
import math
import shutil
from pathlib import Path
from typing import Final

from formcheck.live.eyes import Image
from formcheck.whole_files import whole_file

VIDEO: Final = "camera.mp4"


class Recorder:
    """Gathers pictures in a folder of the program's own; the finished video is moved to the results.

    Times are those of the run, so that picture and pose log go together; pauses are not in it.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing is written before the first picture. What a crash left behind is removed."""
        self._path = folder / VIDEO
        self._open: contextlib.ExitStack | None = None
        with contextlib.suppress(OSError):
            for path in [self._path, *folder.glob(f".{self._path.stem}-*.part{self._path.suffix}")]:
                path.unlink(missing_ok=True)

    def write(self, image: Image, time_s: float) -> None:
        """Adds a picture.

        Args:
            image: (H, W, 3) uint8, BGR; of the size of the first.
            time_s: of the run, after the last.

        Raises:
            ExportError: the disk is full, or the folder cannot be written.
        """
        from formcheck.export.video import AnnotatedVideoWriter

        if self._open is None:
            with contextlib.ExitStack() as opened:
                writer = AnnotatedVideoWriter(self._path, (image.shape[1], image.shape[0]), math.nan)
                self._writer = opened.enter_context(writer)
                self._open = opened.pop_all()
        self._writer.write(image, time_s)

    def keep(self, folder: Path) -> None:
        """Ends the video and moves it into the results.

        Raises:
            ExportError: it cannot be written; then there is none.
        """
        if self._open is None:
            return
        opened, self._open = self._open, None
        opened.close()
        try:
            with whole_file(folder / VIDEO) as part:
                shutil.move(self._path, part)
        finally:
            self._path.unlink(missing_ok=True)

    def drop(self) -> None:
        """Forgets the pictures; no file is left."""
        if self._open is not None:
            opened, self._open = self._open, None
            with contextlib.suppress(_NotWantedError):
                opened.__exit__(_NotWantedError, _NotWantedError(), None)


class _NotWantedError(Exception):
    """Makes the writer leave no file."""
