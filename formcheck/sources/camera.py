"""A camera that this program owns: a device, a network address, or a file played in real time; the newest wins."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from pathlib import Path
from threading import Condition, Event, Thread
from types import TracebackType
from typing import Any, Final, Protocol, Self

from formcheck.errors import SourceError
from formcheck.sources.base import Image

SCHEMES: Final = ("rtsp://", "rtsps://", "http://", "https://")
WAIT_S: Final = 5.0  # for a first or a next picture; a network camera may take seconds to begin
TRY_AGAIN_S: Final = 1.0  # between attempts to open a camera that was lost
STOP_WAIT_S: Final = 2.0


class _Pictures(Protocol):
    comes_back: bool  # whether it may be lost and found again

    def read(self) -> tuple[Image, float] | None:
        """The next picture, copied, and its time in seconds; None when there are no more."""

    def close(self) -> None:
        """Lets the camera go."""


class Camera:
    """Reads in a thread of its own and keeps only the newest picture; use it as a context manager.

    A device or an address that is lost is opened again when it comes back.

    Attributes:
        n_dropped: pictures that nobody had time for.
        has_ended: whether no picture will ever come: a file is over, or the camera was closed.
    """

    def __init__(self, where: str) -> None:
        """`where`: a device's index, an RTSP or HTTP address, or a video file; SourceError when it cannot be opened."""
        self._where = where
        self._pictures = _open(where)
        self._changed = Condition()
        self._newest: tuple[Image, float] | None = None
        self.has_ended = False
        self._stop = Event()
        self.n_dropped = 0
        self._thread = Thread(target=self._drain, name="formcheck-camera", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def newest(self, within_s: float = WAIT_S) -> tuple[Image, float] | None:
        """A picture newer than the last one, and its time in seconds; None when none came within this time."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self.has_ended, within_s)
            picture, self._newest = self._newest, None
        return picture

    def close(self) -> None:
        """Stops reading; may be called twice."""
        self._stop.set()
        with self._changed:
            self.has_ended = True
            self._changed.notify_all()
        self._thread.join(STOP_WAIT_S)

    def _drain(self) -> None:
        try:
            while not self._stop.is_set():
                picture = self._read()
                if picture is None:
                    if not self._pictures.comes_back:
                        break
                    self._find_again()
                    continue
                with self._changed:
                    self.n_dropped += self._newest is not None
                    self._newest = picture
                    self._changed.notify_all()
        finally:
            self._pictures.close()
            with self._changed:
                self.has_ended = True
                self._changed.notify_all()

    def _read(self) -> tuple[Image, float] | None:
        """The next picture; none where the driver or the decoder fails, whatever it raises."""
        try:
            return self._pictures.read()
        except Exception:
            return None

    def _find_again(self) -> None:
        self._pictures.close()
        while not self._stop.wait(TRY_AGAIN_S):
            with contextlib.suppress(SourceError):
                self._pictures = _open(self._where)
                return


def _open(where: str) -> _Pictures:
    if where.isdecimal() or where.lower().startswith(SCHEMES):
        return _Device(where)
    return _Played(Path(where))


class _Device:
    """A camera or a stream, through OpenCV; its pictures are as old as the moment they arrive."""

    comes_back = True

    def __init__(self, where: str) -> None:
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        import cv2

        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        is_index = where.isdecimal()
        self._capture: Any = cv2.VideoCapture(int(where)) if is_index else cv2.VideoCapture(where, cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            self._capture.release()
            what = f"camera {where} cannot be opened: is it plugged in, and not used by another program?"
            raise SourceError(
                what if is_index else f"{where}: no pictures come from this address; check it in a browser"
            )
        if is_index:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, 640)
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, 480)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def read(self) -> tuple[Image, float] | None:
        is_picture, image = self._capture.read()
        return (image, time.monotonic()) if is_picture else None

    def close(self) -> None:
        self._capture.release()


class _Played:
    """A file, at the pace it was recorded in."""

    comes_back = False

    def __init__(self, path: Path) -> None:
        from formcheck.sources import open_source

        self._source = open_source(path)
        frames = iter(self._source)
        try:
            first = list(itertools.islice(frames, 1))
        except SourceError:  # no picture of it can be decoded: said at once, not by the thread that reads on
            self._source.close()
            raise
        self._frames = itertools.chain(first, frames)
        self._began_s: float | None = None

    def read(self) -> tuple[Image, float] | None:
        frame = next(self._frames, None)
        if frame is None:
            return None
        if self._began_s is None:
            self._began_s = time.monotonic() - frame.time_s
        time.sleep(max(0.0, self._began_s + frame.time_s - time.monotonic()))
        return frame.image.copy(), frame.time_s

    def close(self) -> None:
        self._source.close()
