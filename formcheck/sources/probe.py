"""What a video file says of itself, read from its header alone."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from formcheck.errors import SourceError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

# OpenCV 5 opens AV1 and gives no frame, decodes 10-bit 1080p at 2 frames a second, and loses the time of the last
# picture of MPEG-1 and MPEG-2; all run well in PyAV.
CODECS_OPENCV_CANNOT_READ: Final = frozenset({"av1", "libdav1d", "libaom-av1", "mpeg1video", "mpeg2video"})
SANE_FPS: Final = (0.1, 1000.0)  # outside, a header is wrong: real cameras are within 1-960
EARLIEST_YEAR: Final = 1990  # cameras without a clock write the beginning of their calendar (1904, 1970, 1980)
_CLOCK: Final = re.compile(r"(\d+):(\d+):(\d+(?:\.\d*)?)")
MAX_N_FRAMES: Final = 10_000_000  # 4 days at 30 a second; broken headers declare up to 9e18


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """The header of a video file; every hint is None when unknown or absurd.

    Attributes:
        coded_wh: width and height in pixels as stored, before the rotation flag is applied.
        fps_hint: mean frames a second; real frame times may vary.
        n_frames_hint: number of pictures, declared or worked out from length and rate.
        is_count_declared: whether the file itself counts its pictures.
        duration_hint_s: declared length of the video stream in seconds.
        codec: FFmpeg's name of the decoder, such as "h264".
        bits: bits per colour channel.
        n_earlier_streams: cover pictures that come before the video among the file's video streams.
    """

    coded_wh: tuple[int, int]
    fps_hint: float | None
    n_frames_hint: int | None
    is_count_declared: bool
    duration_hint_s: float | None
    codec: str
    bits: int
    n_earlier_streams: int

    @property
    def is_fast_in_opencv(self) -> bool:
        """Whether OpenCV decodes it at all and at a useful speed."""
        return self.codec not in CODECS_OPENCV_CANNOT_READ and self.bits <= 8


def for_ffmpeg(path: Path) -> str:
    """A file as FFmpeg takes it: "12:30.mp4", given as it is, would be an address."""
    return str(path.absolute())


def is_named_in_text(path: Path) -> bool:
    r"""Whether a name is text, as on Linux not every one is: OpenCV does not survive one that is not.

    >>> is_named_in_text(Path("Rücken.mp4")), is_named_in_text(Path("R\udcfccken.mp4"))
    (True, False)
    """
    try:
        for_ffmpeg(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def probe(path: Path) -> VideoInfo:
    """The header of a video file.

    Raises:
        SourceError: missing, a folder, unreadable, empty, not a video, a still picture, sound only.
    """
    import av

    _check_is_readable_file(path)
    try:
        with av.open(for_ffmpeg(path)) as container:
            return _read_info(path, container)
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        raise SourceError(_why_unreadable(path)) from error


def shown_at_s(path: Path, info: VideoInfo) -> list[float]:
    """When each picture is shown, in seconds and in order, from the packets alone: nothing is decoded.

    Empty where the file does not tell: a packet without a time, or two with the same one.
    """
    import av

    times: list[int] = []
    with contextlib.suppress(av.error.FFmpegError), av.open(for_ffmpeg(path)) as container:
        stream = container.streams.video[info.n_earlier_streams]
        for packet in container.demux(stream):
            if packet.size and not packet.is_discard:
                if packet.pts is None:
                    return []
                times.append(packet.pts)
        base = stream.time_base
        if base is not None and len(set(times)) == len(times):
            return [float(time * base) for time in sorted(times)]
    return []


def recorded_at(path: Path) -> str | None:
    """When a video was recorded, as its header says, else when the file was last written; ISO 8601 with its offset.

    None where neither tells a year that there were such files in.
    """
    import av

    told = None
    untold = (av.error.FFmpegError, OSError, ValueError, KeyError)
    with contextlib.suppress(*untold), av.open(for_ffmpeg(path)) as container:
        told = datetime.fromisoformat(container.metadata["creation_time"])
    if told is None or told.year < EARLIEST_YEAR:
        told = None
        with contextlib.suppress(OSError, OverflowError, ValueError):
            told = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    is_known = told is not None and told.year >= EARLIEST_YEAR
    return told.astimezone().isoformat(timespec="seconds") if told is not None and is_known else None


def _check_is_readable_file(path: Path) -> None:
    try:
        is_there = path.exists()
    except OSError as error:  # a name longer than any file's
        raise SourceError(f"{path}: this cannot be a file ({error.strerror}); check the path") from error
    if not is_there:
        raise SourceError(f"{path}: there is no such file; check the path")
    if not path.is_file():
        raise SourceError(f"{path}: this is not a file; give a video file")
    if not os.access(path, os.R_OK):
        raise SourceError(f"{path}: no permission to read this file; change its permissions")
    if path.stat().st_size == 0:
        raise SourceError(f"{path}: the file is empty (0 bytes); copy or record it again")


def _why_unreadable(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":  # an MP4 or MOV file whose index, written last, never came
        return f"{path}: the recording was cut off before its index was written; copy or record it again"
    return f"{path}: this is not a video that can be read; expected a file such as MP4, MOV, MKV or WebM"


def _read_info(path: Path, container: InputContainer) -> VideoInfo:
    from av.stream import Disposition

    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        has = "only sound" if container.streams.audio else "no pictures"
        raise SourceError(f"{path}: the file has {has}, no video; give a video file")
    names = container.format.name
    if names.endswith("_pipe") or names in {"image2", "tty"}:
        raise SourceError(f"{path}: this is a still picture or text, not a video; give a video file")
    stream = streams[0]
    if stream.codec_context is None:
        raise SourceError(f"{path}: the video's coding is not known here; convert it to H.264 (MP4)")
    fps = _sane_fps(stream)
    duration = _duration_s(stream, container)
    return VideoInfo(
        coded_wh=(stream.codec_context.width, stream.codec_context.height),
        fps_hint=fps,
        n_frames_hint=_n_frames(stream, duration, fps),
        is_count_declared=_is_count_declared(stream),
        duration_hint_s=duration,
        codec=stream.codec_context.name,
        bits=_bits(stream),
        n_earlier_streams=list(container.streams.video).index(stream),
    )


def _sane_fps(stream: VideoStream) -> float | None:
    rate = stream.average_rate or stream.guessed_rate
    if rate is None or not SANE_FPS[0] <= rate <= SANE_FPS[1]:
        return None
    return float(rate)


def _duration_s(stream: VideoStream, container: InputContainer) -> float | None:
    """Length of the video stream; the container's, which includes longer sound, as the last resort."""
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    elif told := _CLOCK.fullmatch(stream.metadata.get("DURATION", "")):  # Matroska, WebM: "00:01:02.345000000"
        seconds = int(told[1]) * 3600 + int(told[2]) * 60 + float(told[3])
    else:
        seconds = (container.duration or 0) / 1_000_000
    return seconds if 0 < seconds < MAX_N_FRAMES else None


def _n_frames(stream: VideoStream, duration_s: float | None, fps: float | None) -> int | None:
    if _is_count_declared(stream):
        return int(stream.frames)
    return round(duration_s * fps) if duration_s and fps else None


def _is_count_declared(stream: VideoStream) -> bool:
    return 0 < stream.frames < MAX_N_FRAMES


def _bits(stream: VideoStream) -> int:
    pixel_format = stream.codec_context.format
    return max((c.bits for c in pixel_format.components), default=8) if pixel_format else 8
