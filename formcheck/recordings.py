"""Which files are recordings."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from formcheck.errors import UsageError
from formcheck.poselog import looks_like_pose_log

VIDEOS: Final = frozenset(
    (
        ".3gp",
        ".avi",
        ".m2ts",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mts",
        ".ogv",
        ".webm",
        ".wmv",
    )
)


def find_recordings(sources: Iterable[Path]) -> list[Path]:
    """The files given, and for each folder the recordings directly in it, in alphabetical order.

    Of the results of an analysis the poses are one, the annotated video is not.

    Raises:
        UsageError: a folder without recordings.
    """
    found: list[Path] = []
    for source in sources:
        if not source.is_dir():
            found.append(source)
            continue
        inside = sorted(path for path in source.iterdir() if is_recording(path) and not _is_drawn(path))
        if not inside:
            raise UsageError(f"{source}: there are no recordings in this folder (MP4, MOV, MKV, WebM, NPZ ...)")
        found += inside
    return found


def _is_drawn(path: Path) -> bool:
    """Whether it is what an analysis has drawn: the report lies beside it, and so do the poses."""
    return path.name == "annotated.mp4" and (path.parent / "report.json").is_file()


def stem_of(path: Path) -> str:
    """The name of a recording without its ending: what its folder of results is called, and so never a way elsewhere.

    >>> stem_of(Path("evening.mp4")), stem_of(Path("...mp4"))
    ('evening', '...mp4')
    """
    return path.stem if path.stem.strip(".") else path.name


def is_recording(path: Path) -> bool:
    """Whether a file is a video by its ending, or a pose log by its content."""
    ending = path.suffix.lower()
    return path.is_file() and (looks_like_pose_log(path) if ending == ".npz" else ending in VIDEOS)
