"""Decoding with OpenCV: the cheapest way for ordinary 8-bit files."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final, TypeVar, cast

from formcheck.errors import SourceError
from formcheck.sources.base import FINEST_STEP_S, Image, Source, damaged_pictures
from formcheck.sources.probe import for_ffmpeg, shown_at_s

T = TypeVar("T")

QUIET_FFMPEG: Final = "-8"  # AV_LOG_QUIET: damage is reported by `Source.problem`, not on the terminal

MOST_REFUSED: Final = 100  # times in a row; behind more damage than that nothing is looked for
SAME_TIME_S: Final = FINEST_STEP_S / 2
EARLIER_S: Final = (0.0, 0.5, 5.0)  # OpenCV goes by an even frame rate: where it varies, it may go a little too far


class OpenCvSource(Source):
    """A recording read by OpenCV's FFmpeg backend, upright and in reused buffers."""

    def _open(self) -> tuple[int, int]:
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", QUIET_FFMPEG)  # read by OpenCV at its first open
        import cv2

        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        self._cv2, self._n_refused = cv2, 0
        self._capture = cv2.VideoCapture(for_ffmpeg(self.path), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise SourceError(f"{self.path}: this video cannot be decoded; convert it to H.264 (MP4)")
        # OpenCV would turn each picture into a fresh array; turned here, the buffers stay the same.
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
        turns = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
        told_deg = int(self._capture.get(cv2.CAP_PROP_ORIENTATION_META)) % 360
        self._turn = turns.get(told_deg if self._rotate_deg is None else self._rotate_deg)
        self._decoded: Image | None = None
        width = int(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH))
        height = int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
        is_on_its_side = self._turn in (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE)
        return (height, width) if is_on_its_side else (width, height)

    def _read_into(self, image: Image) -> tuple[bool, float | None]:
        target = image if self._turn is None else self._decoded
        decoded = self._asked_again(lambda: cast("tuple[bool, Image]", self._capture.read(target)))
        if decoded is None:
            return False, None
        if decoded is not image:
            self._decoded = decoded
            self._place(decoded, image)
        return True, self._time_s()

    def _pass_over(self) -> tuple[bool, float | None]:
        is_passed = self._asked_again(lambda: (self._capture.grab(), True))
        return (True, self._time_s()) if is_passed else (False, None)

    def _asked_again(self, ask: Callable[[], tuple[bool, T]]) -> T | None:
        """What OpenCV gives; where it refuses a damaged picture before the declared end, one that comes behind it."""
        is_frame, given = ask()
        n_refused = 0
        while not is_frame and n_refused < MOST_REFUSED and self._missing_at_end() is not None:
            n_refused += 1
            is_frame, given = ask()
        self._n_refused += n_refused if is_frame else 0
        return given if is_frame else None

    def _leap(self, n_frames: int) -> Sequence[float]:
        shown_s = shown_at_s(self.path, self.info)
        is_frame, first_s = self._pass_over()
        if len(shown_s) > n_frames and is_frame and first_s is not None:
            before_s = [first_s + (time_s - shown_s[0]) for time_s in shown_s[:n_frames]]
            if any(self._go_to(before_s[-1], earlier_s) for earlier_s in EARLIER_S):
                return before_s
        self.close()
        self._open()
        return ()

    def _go_to(self, time_s: float, earlier_s: float) -> bool:
        """Goes to a little earlier and passes over all frames up to the one at this time; False when it is not met.

        How near OpenCV gets by itself depends on the file; what counts is the time of the frame that was met.
        """
        self._capture.set(self._cv2.CAP_PROP_POS_MSEC, max(0.0, time_s - earlier_s) * 1000.0)
        is_frame, met_s = self._pass_over()
        while is_frame and met_s is not None and met_s < time_s - SAME_TIME_S:
            is_frame, met_s = self._pass_over()
        return is_frame and met_s is not None and met_s <= time_s + SAME_TIME_S

    def _time_s(self) -> float:
        return float(self._capture.get(self._cv2.CAP_PROP_POS_MSEC)) / 1000.0

    def _place(self, decoded: Image, image: Image) -> None:
        """Turns the picture upright into `image`; a stream that changes its size half-way is scaled back."""
        upright = decoded if self._turn is None else self._cv2.rotate(decoded, self._turn, image)
        if upright is not image:
            self._cv2.resize(upright, self.size_wh, image)

    def _damage(self) -> str | None:
        """OpenCV keeps to itself what its decoder notices: gaps in a file that does not count its pictures ask PyAV."""
        if self._n_refused:
            return damaged_pictures(self._n_refused)
        if self.info.is_count_declared or not self._clock.n_lost_in_gaps:
            return None
        from formcheck.sources.pyav import PyAvSource

        with PyAvSource(self.path, self.info, 1) as again:
            return again.look_through()

    def close(self) -> None:
        """Releases the file; may be called twice."""
        self._capture.release()
