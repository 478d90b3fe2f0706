"""Recordings as frames: `open_source` picks the decoder; each decoder is a module of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formcheck.sources.base import Source

__all__ = ["open_source"]


def open_source(path: Path, n_buffers: int = 1, rotate_deg: int | None = None) -> Source:
    """A recording, ready to be read once from the start; use it as a context manager.

    Args:
        path: video file.
        n_buffers: how many frames stay valid at a time. The image of a frame is overwritten after
            `n_buffers` further frames were read: 1 is enough for a plain loop, a queue needs more.
        rotate_deg: 0, 90, 180 or 270: how far the stored pictures are to be turned clockwise, where the file does not
            know or is wrong; None: as the file says.

    Raises:
        SourceError: the file is missing, empty, not a video, or has no picture that can be decoded.
    """
    from formcheck.sources.probe import is_named_in_text, probe

    info = probe(path)
    if info.is_fast_in_opencv and is_named_in_text(path):
        from formcheck.sources.opencv import OpenCvSource

        return OpenCvSource(path, info, n_buffers, rotate_deg)
    from formcheck.sources.pyav import PyAvSource

    return PyAvSource(path, info, n_buffers, rotate_deg)
