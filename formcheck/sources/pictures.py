"""Single pictures of a recording, for a report that shows them: only where a person asked for that."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from formcheck.errors import SourceError

LONGER_SIDE_PX: Final = 640  # a still is a few centimetres wide on paper
_JPEG_QUALITY: Final = 80


def pictures_at(source: Path, times_s: Iterable[float], rotate_deg: int | None = None) -> dict[float, bytes]:
    """The picture nearest to each time, as JPEG; what lies beyond the end of the recording is left out.

    Args:
        source: the video.
        times_s: seconds from its start.
        rotate_deg: how far the stored pictures are to be turned clockwise; None: as the file says.

    Raises:
        SourceError: there is no video, or it cannot be read at all.
    """
    from formcheck.sources import open_source

    if not source.is_file():
        raise SourceError(f"{source}: there is no such video; pictures are taken from the recording itself")
    wanted = sorted(set(times_s))
    found: dict[float, bytes] = {}
    with open_source(source, 1, rotate_deg) as frames:
        for frame in frames:
            if len(found) == len(wanted):
                break
            while len(found) < len(wanted) and frame.time_s >= wanted[len(found)] - 1e-3:
                found[wanted[len(found)]] = _jpeg(frame.image)
    return found


def _jpeg(image: np.ndarray) -> bytes:
    height, width = image.shape[:2]
    shrink = min(1.0, LONGER_SIDE_PX / max(height, width))
    small = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1.0 else image
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return bytes(data)
