"""What every decoder shares: reused buffers, repaired times, and the judgement whether all was read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from formcheck.errors import SourceError
from formcheck.sources.probe import VideoInfo
from formcheck.sources.zeroed import n_zeroed
from formcheck.types import Frame

Image = npt.NDArray[np.uint8]

FALLBACK_FPS: Final = 25.0  # files without times and rate are raw streams; FFmpeg assumes the same
FINEST_STEP_S: Final = 0.001  # what estimators know
BEGAN_ANEW_S: Final = 1.0  # times that lie behind by more are not caught up with
SHORT_BY_S: Final = 0.5  # containers round their length and may drop the last frames: less is not damage
LOST_SHARE: Final = 0.02  # declared counts are off by a few frames in good files


class FrameClock:
    """Turns a decoder's times into seconds from the first frame, strictly increasing.

    Frames with the same time share the way to the next one evenly: what moves in them took that long.
    """

    def __init__(self, fps_hint: float | None) -> None:
        """Without usable times in the file, frames are spaced by `fps_hint` (25 when that is unknown too)."""
        self.step_s = 1.0 / (fps_hint or FALLBACK_FPS)
        self.n_lost_in_gaps = 0
        self.last_s = -1.0
        self._first_raw_s: float | None = None
        self._last_raw_s = 0.0
        self._n_alike = 1  # frames that had the last time
        self._gap_s = self._share_s = self.step_s  # from one time to another, and what each frame of one takes
        self._has_times = True
        self._n = 0

    def next(self, raw_s: float | None) -> float:
        """Time of the next frame, from what the decoder said (None: nothing)."""
        time_s = self._time(raw_s)
        if self._n:
            self.n_lost_in_gaps += max(0, round((time_s - self.last_s) / self.step_s) - 1)
        self._n += 1
        self.last_s = time_s
        return time_s

    def _time(self, raw_s: float | None) -> float:
        if self._n == 0:
            self._first_raw_s, self._last_raw_s = raw_s, raw_s or 0.0
            return 0.0
        if raw_s is None or self._first_raw_s is None:
            self._has_times = False
        if not self._has_times or raw_s is None or self._first_raw_s is None:
            return self.last_s + self.step_s
        is_same = raw_s == self._last_raw_s
        self._note_share(raw_s)
        ahead_s = self.last_s - (raw_s - self._first_raw_s)
        if ahead_s <= -FINEST_STEP_S:
            return raw_s - self._first_raw_s
        # Half a step at a time lets the file's times catch up with what has run ahead of them.
        is_to_catch_up = not is_same and ahead_s < BEGAN_ANEW_S
        return self.last_s + max(FINEST_STEP_S, self._gap_s / 2 if is_to_catch_up else self._share_s)

    def _note_share(self, raw_s: float) -> None:
        if raw_s > self._last_raw_s:
            gap_s = raw_s - self._last_raw_s
            self._gap_s, self._share_s = (min(self.step_s, x) for x in (gap_s, gap_s / self._n_alike))
        self._n_alike = self._n_alike + 1 if raw_s == self._last_raw_s else 1
        self._last_raw_s = raw_s


class Source(ABC):
    """One recording, read once from the start.

    Attributes:
        path: the file.
        size_wh: width and height of the upright picture in pixels.
        fps_hint, n_frames_hint, duration_hint_s: from the header; None when unknown or absurd.
        problem: after reading: why the recording is not whole, in one sentence; None when it is.
    """

    def __init__(self, path: Path, info: VideoInfo, n_buffers: int, rotate_deg: int | None = None) -> None:
        """Opens the decoder; `n_buffers` frames stay valid at a time.

        `rotate_deg` (0, 90, 180, 270): how far to turn the stored pictures clockwise; None: as the file says.
        """
        self.path = path
        self.info = info
        self._rotate_deg = rotate_deg
        self.fps_hint = info.fps_hint
        self.n_frames_hint = info.n_frames_hint
        self.duration_hint_s = info.duration_hint_s
        self.problem: str | None = None
        self.n_read = 0
        self._is_read_to_end = False
        self._clock = FrameClock(info.fps_hint)
        self.size_wh = self._open()
        width, height = self.size_wh
        self._buffers = [np.empty((height, width, 3), np.uint8) for _ in range(n_buffers)]

    @abstractmethod
    def _open(self) -> tuple[int, int]:
        """Opens the decoder and returns the upright size; SourceError when it cannot."""

    @abstractmethod
    def _read_into(self, image: Image) -> tuple[bool, float | None]:
        """Decodes the next frame into `image`: whether there was one, and its time in seconds if known."""

    @abstractmethod
    def _pass_over(self) -> tuple[bool, float | None]:
        """Decodes the next frame without making a picture of it: whether there was one, and its time if known."""

    def _leap(self, n_frames: int) -> Sequence[float]:
        """Goes to frame `n_frames` without decoding all before it, and returns their times, exactly as if it had.

        Where that cannot be had, and in decoders that cannot do it, nothing has happened and nothing is returned.
        """
        return ()

    @abstractmethod
    def close(self) -> None:
        """Releases the file; may be called twice."""

    def _damage(self) -> str | None:
        """What the decoder itself noticed, in one sentence; decoders that notice nothing keep this one."""
        return None

    @property
    def complete(self) -> bool:
        """Whether the recording was read to its end and nothing was missing."""
        return self._is_read_to_end and self.problem is None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        """Frames in order; SourceError when not even the first can be decoded."""
        return self.frames()

    def frames(self, first: int = 0) -> Iterator[Frame]:
        """Frames in order from the one with index `first` on; SourceError when not even frame 0 can be decoded."""
        for passed_s in self._leap(first) if first else ():
            self._clock.next(passed_s)
            self.n_read += 1
        while True:
            image = self._buffers[self.n_read % len(self._buffers)]
            is_frame, raw_s = self._read_into(image) if self.n_read >= first else self._pass_over()
            if not is_frame:
                break
            self.n_read += 1
            time_s = self._clock.next(raw_s)
            if self.n_read > first:
                yield Frame(self.n_read - 1, time_s, image)
        if self.n_read == 0:
            raise SourceError(f"{self.path}: no picture of this video can be decoded; record it again")
        self._is_read_to_end = True
        self.problem = self._missing_at_end() or self._damage() or self._zeroed() or self._missing_inside()

    def _missing_at_end(self) -> str | None:
        end_s = self._clock.last_s + self._clock.step_s
        declared_s = self.duration_hint_s
        if declared_s is None or declared_s - end_s <= max(SHORT_BY_S, 3 * self._clock.step_s):
            return None
        return f"the recording is damaged or cut off: only {end_s:.1f} s of {declared_s:.1f} s could be read"

    def _zeroed(self) -> str | None:
        """Pictures that every decoder makes something of, though a part of them is gone."""
        return damaged_pictures(n_zeroed(self.path, self.info))

    def _missing_inside(self) -> str | None:
        """Frames that are missing by count *and* leave gaps in time: variable frame rates have only gaps."""
        n_declared = (self.n_frames_hint or 0) if self.info.is_count_declared else 0
        n_missing = n_declared - self.n_read
        if n_missing <= max(3, LOST_SHARE * n_declared) or self._clock.n_lost_in_gaps < n_missing / 2:
            return None
        return f"the recording is damaged: {n_missing} of {n_declared} pictures could not be read"


def damaged_pictures(n: int) -> str | None:
    """That so many pictures were damaged, in one sentence; None for none."""
    if not n:
        return None
    some = "a picture" if n == 1 else f"{n} pictures"
    return f"the recording is damaged: {some} could not be read or only in part"
