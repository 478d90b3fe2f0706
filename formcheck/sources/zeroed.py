"""Pictures that a disk or a copy has lost to zeros, told from the packets alone: nothing is decoded."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

from formcheck.sources.probe import VideoInfo, for_ffmpeg

# In these codings three zero bytes never stand inside a picture; a decoder conceals what is lost, and says nothing.
CODECS: Final = frozenset({"h264", "hevc"})
ZEROS: Final = bytes(16)


def n_zeroed(path: Path, info: VideoInfo) -> int:
    """How many pictures have a run of zeros inside; 0 where the coding or the file cannot tell."""
    if info.codec not in CODECS:
        return 0
    import av

    n = 0
    with contextlib.suppress(av.error.FFmpegError), av.open(for_ffmpeg(path)) as container:
        stream = container.streams.video[info.n_earlier_streams]
        if not _has_lengths(stream.codec_context.extradata):
            return 0
        for packet in container.demux(stream):
            if packet.size:
                data = bytes(packet).rstrip(b"\0")  # a few may stand behind a picture
                n += not data or ZEROS in data
    return n


def _has_lengths(extradata: bytes | None) -> bool:
    """Whether a length stands before each part of a picture, as in MP4 and MKV; else zeros may fill what is between."""
    return extradata is not None and extradata[:1] == b"\1"
