"""The annotated video: what was decided, drawn over the pictures it was decided from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from formcheck.errors import ExportError
from formcheck.export.video import AnnotatedVideoWriter
from formcheck.judging import Followers, Span
from formcheck.poselog import PoseLog
from formcheck.render.overlay import Overlay
from formcheck.sources import open_source
from formcheck.sources.opencv_threads import one_opencv_thread
from formcheck.sources.read_ahead import N_BUFFERS, read_ahead
from formcheck.types import Frame, Pose, Snapshot
from formcheck.work_behind import N_HELD, work_behind

Tell = Callable[[str, int, int | None], None]


class Drawing:
    """One annotated video in the making; begins with its first frame.

    A disk that is full must not cost what else is found out about a recording: what goes wrong is raised by `close`.
    """

    def __init__(self, path: Path, language: str = "en") -> None:
        """Prepares the file `path`, with words in this language; nothing is written before the first frame."""
        self._path, self._language = path, language
        self._open = ExitStack()
        self._tools: tuple[Overlay, AnnotatedVideoWriter] | None = None
        self._error: ExportError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def add(self, image: npt.NDArray[np.uint8], pose: Pose, snapshot: Snapshot, fps_hint: float | None = None) -> None:
        """Draws over `image` in place, (H, W, 3) uint8 BGR, and encodes it; `fps_hint` counts for the first frame."""
        if self._error is not None:
            return
        try:
            overlay, writer = self._tools or self._begin((image.shape[1], image.shape[0]), fps_hint or math.nan)
            overlay.draw(image, pose, snapshot)
            writer.write(image, pose.time_s)
        except ExportError as error:
            self._error = error
            with suppress(ExportError):  # the writer takes its file away and passes the error on
                self._open.__exit__(type(error), error, error.__traceback__)

    def close(self) -> None:
        """Finishes the file.

        Raises:
            ExportError: the video could not be written; there is no file then.
        """
        if self._error is not None:
            raise self._error
        self._open.close()

    def _begin(self, size_wh: tuple[int, int], fps_hint: float) -> tuple[Overlay, AnnotatedVideoWriter]:
        writer = self._open.enter_context(AnnotatedVideoWriter(self._path, size_wh, fps_hint))
        self._tools = Overlay(size_wh, self._language), writer
        return self._tools


def draw_video(
    source: Path, log: PoseLog, spans: Sequence[Span], path: Path, tell: Tell | None = None, language: str = "en"
) -> None:
    """Draws what the engines decide about a pose log over the pictures it came from.

    Args:
        spans: which exercise is followed when; between them the picture says that nothing is judged.
        tell: told the stage, how many frames are done, and of how many.
        language: of what is written into the picture.

    Raises:
        SourceError: the video cannot be read any more.
        ExportError: the annotated video cannot be written.
    """
    followers = Followers(spans)
    turned = log.meta.get("rotate_deg")
    with (
        one_opencv_thread(),
        Drawing(path, language) as drawing,
        open_source(source, N_BUFFERS + N_HELD, turned) as recording,
    ):

        def draw(item: tuple[Frame, Pose, Snapshot]) -> None:
            frame, pose, snapshot = item
            drawing.add(frame.image, pose, snapshot, recording.fps_hint)

        with read_ahead(recording) as frames, work_behind(draw, "formcheck-draw") as hand_over:
            for frame, pose in zip(frames, log, strict=False):
                followers.step(pose)
                hand_over((frame, pose, followers.snapshot()))
                if tell is not None:
                    tell("Drawing", frame.index + 1, len(log))
        drawing.close()
