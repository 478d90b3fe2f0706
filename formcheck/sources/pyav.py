"""Decoding with PyAV: for what OpenCV cannot read (AV1) or reads at 2 frames a second (10-bit HDR)."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from formcheck.errors import SourceError
from formcheck.sources.base import Image, Source, damaged_pictures
from formcheck.sources.probe import for_ffmpeg


class PyAvSource(Source):
    """A recording read by PyAV, upright and in reused buffers."""

    def _open(self) -> tuple[int, int]:
        self._n_damaged = 0
        self._container = av.open(for_ffmpeg(self.path))
        self._stream = self._container.streams.video[self.info.n_earlier_streams]
        self._stream.thread_type = "AUTO"
        self._frames = self._decode()
        first = next(self._frames, None)
        if first is None:
            self.close()
            raise SourceError(f"{self.path}: no picture of this video can be decoded; record it again")
        self._pending: VideoFrame | None = first
        turn_deg = first.rotation if self._rotate_deg is None else -self._rotate_deg
        self._n_quarter_turns = round(turn_deg / 90) % 4  # counterclockwise, as numpy.rot90 turns
        self._coded_wh = (first.width, first.height)
        return self._coded_wh if self._n_quarter_turns % 2 == 0 else self._coded_wh[::-1]

    def _decode(self) -> Iterator[VideoFrame]:
        """Frames that could be decoded; packets that could not are counted and passed over."""
        try:
            for packet in self._container.demux(self._stream):
                yield from self._decode_packet(packet)
        except av.error.FFmpegError:  # the container itself breaks off
            self._n_damaged += 1

    def _decode_packet(self, packet: Packet[VideoStream]) -> list[VideoFrame]:
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            self._n_damaged += 1
            return []
        self._n_damaged += sum(frame.is_corrupt for frame in frames)
        return frames

    def _next(self) -> VideoFrame | None:
        frame, self._pending = self._pending or next(self._frames, None), None
        return frame

    def _pass_over(self) -> tuple[bool, float | None]:
        frame = self._next()
        return (False, None) if frame is None else (True, frame.time)

    def _read_into(self, image: Image) -> tuple[bool, float | None]:
        frame = self._next()
        if frame is None:
            return False, None
        width, height = self._coded_wh
        plane = frame.reformat(width=width, height=height, format="bgr24").planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(height, plane.line_size)
        np.copyto(image, np.rot90(rows[:, : width * 3].reshape(height, width, 3), self._n_quarter_turns))
        return True, frame.time

    def look_through(self) -> str | None:
        """What the decoder notices in the rest of the recording, in one sentence; None: nothing."""
        for _ in self._frames:
            pass
        return self._damage()

    def _damage(self) -> str | None:
        return damaged_pictures(self._n_damaged)

    def close(self) -> None:
        """Releases the file; may be called twice."""
        self._container.close()
