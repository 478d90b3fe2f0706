"""The annotated recording: H.264 that every browser plays, frame times kept as they were."""

from __future__ import annotations

import math
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from formcheck.errors import ExportError
from formcheck.whole_files import whole_file

_CLOCK_HZ = 90_000  # the usual clock of video streams: every common frame rate falls on whole ticks
_KEY_FRAME_EVERY_S = 4.0  # how far a jump on the time line may land from a picture that stands alone

# Measured on the sample clips at 640x480, processor time a frame and size of the file: veryfast as it is 2.2 ms and
# 1.66 MB; with the coarser motion search and the shorter look-ahead given here 1.5 ms and 1.58 MB, 0.7 dB below it;
# ultrafast 1.3 ms and 3.7 MB; superfast 2.4 ms and 3.4 MB. 23 is the encoder's own default.
# No B-frames: with them a recording with uneven times gets a wrong length (they would save 14 %).
_ENCODER = {
    "preset": "veryfast",
    "crf": "23",
    "profile": "high",
    "bf": "0",
    "threads": "1",  # more cost processor time, and there is a pose network to feed
    "x264-params": "subme=0:me=dia:weightp=0:rc-lookahead=2",
}

# What OpenCV's conversion makes: studio range, matrix of BT.601; primaries and curve as of ordinary pictures.
_RANGE_STUDIO, _MATRIX_BT601, _PRIMARIES_BT709, _CURVE_BT709 = 1, 6, 1, 1


class AnnotatedVideoWriter:
    """Writes frames to an mp4 file that appears under its name only when it is whole.

    Use as a context manager; when the block raises, or no frame was written, no file is left.
    """

    def __init__(self, path: Path, size_wh: tuple[int, int], fps_hint: float) -> None:
        """Prepare a file.

        Args:
            path: where the finished file shall stand, ending in .mp4.
            size_wh: width and height of the frames in pixels; an odd one is padded by one column or row.
            fps_hint: about how many frames come in a second; steers the encoder only, never the times.
        """
        self.path = path
        self.n_frames = 0
        self._size_wh = size_wh
        self._picture = _Picture(size_wh)
        self._fps = min(240.0, max(1.0, fps_hint)) if math.isfinite(fps_hint) else 30.0
        self._last_tick = -1
        self._open = ExitStack()

    def __enter__(self) -> AnnotatedVideoWriter:
        with ExitStack() as opened:
            self._part = opened.enter_context(whole_file(self.path))
            file = str(self._part.absolute())  # a relative one may look like an address to FFmpeg
            self._container = av.open(file, "w", format="mp4", options={"movflags": "+faststart"})
            opened.callback(self._container.close)
            self._stream = self._add_stream()
            self._open = opened.pop_all()
        return self

    def write(self, image_bgr: npt.NDArray[np.uint8], time_s: float) -> None:
        """Add a frame.

        Args:
            image_bgr: (H, W, 3) uint8 of the size given at the start; free to change when the call returns.
            time_s: seconds from the start of the source; a frame that is not later than the one before it is
                put one tick (1/90000 s) after it.

        Raises:
            ExportError: the disk is full or the encoder refuses the frame.
        """
        if (image_bgr.shape[1], image_bgr.shape[0]) != self._size_wh:
            raise ValueError(f"the video is for frames of {self._size_wh}, not of {image_bgr.shape[1::-1]}")
        self._last_tick = max(round(time_s * _CLOCK_HZ), self._last_tick + 1)
        frame = self._picture.filled(image_bgr)
        frame.pts, frame.time_base = self._last_tick, Fraction(1, _CLOCK_HZ)
        self._encode(frame)
        self.n_frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._open:
            if error is not None:
                raise error
            if self.n_frames:
                self._encode(None)
            else:
                self._part.unlink()

    def _add_stream(self) -> Any:
        stream: Any = self._container.add_stream("libx264", rate=Fraction(self._fps).limit_denominator(1001))
        stream.width, stream.height = self._picture.size_wh
        stream.pix_fmt = "yuv420p"
        stream.options = _ENCODER | {"g": str(round(_KEY_FRAME_EVERY_S * self._fps))}
        stream.time_base = stream.codec_context.time_base = Fraction(1, _CLOCK_HZ)
        context = stream.codec_context
        context.color_range, context.colorspace = _RANGE_STUDIO, _MATRIX_BT601
        context.color_primaries, context.color_trc = _PRIMARIES_BT709, _CURVE_BT709
        return stream

    def _encode(self, frame: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except av.FFmpegError as error:
            raise ExportError(f"{self.path}: cannot write the video ({error}); is the disk full?") from error


class _Picture:
    """One frame in the encoder's layout, filled again and again.

    The encoder copies what it is given, so a single buffer serves a recording of any length: a fresh one for
    every frame lets the heap grow by gigabytes in long recordings.
    """

    def __init__(self, size_wh: tuple[int, int]) -> None:
        width, height = (n + n % 2 for n in size_wh)
        self.size_wh = width, height
        self._pad_wh = width - size_wh[0], height - size_wh[1]
        self._planes = np.empty((height * 3 // 2, width), np.uint8)
        self._frame = av.VideoFrame(width, height, "yuv420p")
        luma, chroma = width * height, width * height // 4
        flat = self._planes.reshape(-1)
        ends = (0, luma, luma + chroma, luma + 2 * chroma)
        self._parts = [flat[a:b] for a, b in zip(ends, ends[1:], strict=False)]

    def filled(self, image_bgr: npt.NDArray[np.uint8]) -> av.VideoFrame:
        """The frame, showing this picture."""
        if any(self._pad_wh):
            right, bottom = self._pad_wh
            padded = cv2.copyMakeBorder(image_bgr, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
            image_bgr = np.asarray(padded, np.uint8)
        cv2.cvtColor(image_bgr, cv2.COLOR_BGR2YUV_I420, dst=self._planes)
        for plane, part in zip(self._frame.planes, self._parts, strict=True):
            rows = np.frombuffer(memoryview(plane), np.uint8)[: plane.line_size * plane.height].reshape(
                plane.height, -1
            )
            rows[:, : plane.width] = part.reshape(plane.height, plane.width)
        return self._frame
