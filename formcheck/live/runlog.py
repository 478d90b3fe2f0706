"""The poses of a run while it is under way: the newest in memory, the older ones in files, whole again at the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from formcheck.errors import ExportError
from formcheck.poselog import PoseLog
from formcheck.types import Pose

ROWS_A_PART: Final = 600  # about half a minute; writing them takes as long as one or two frames


class RunLog:
    """Grows without growing memory. Without a folder, or where it cannot be written, all stays in memory.

    Attributes:
        meta: JSON values about the run, as in a pose log.
        size_wh: width and height of the frames in pixels; (0, 0) before the first pose.
        parts: names of the files that hold what is no longer in memory.
    """

    def __init__(self, folder: Path | None, meta: dict[str, Any], parts: Sequence[str] = ()) -> None:
        """An empty log, or one that goes on after the parts in the folder.

        Raises:
            SourceError: a part is missing or damaged.
        """
        self.meta = dict(meta)
        self.size_wh = (0, 0)
        self.last_s = 0.0
        self.parts: list[str] = []
        self._folder = folder
        self._n_before = 0
        self._tail = PoseLog()
        for name in parts:
            assert folder is not None
            part = PoseLog.load(folder / name)
            self.meta = {**part.meta, **meta}
            self.size_wh, self.last_s = part.size_wh, float(part.time_s[-1])
            self._n_before += len(part)
            self.parts.append(name)

    def __len__(self) -> int:
        return self._n_before + len(self._tail)

    def append(self, pose: Pose) -> None:
        """Copies a pose in; its time must lie after the last one."""
        self._tail.append(pose)
        self.size_wh, self.last_s = pose.size_wh, pose.time_s
        if len(self._tail) >= ROWS_A_PART and len(self._tail) % ROWS_A_PART == 0:
            self.flush()

    def flush(self) -> bool:
        """Writes what is in memory to a file of its own; whether nothing is left that is in memory alone."""
        if not len(self._tail):
            return True
        if self._folder is None:
            return False
        name = f"poses-{len(self.parts):04d}.npz"
        self._tail.meta = self.meta
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._tail.save(self._folder / name)
        except (OSError, ExportError):
            return False
        self.parts.append(name)
        self._n_before += len(self._tail)
        self._tail = PoseLog()
        return True

    def whole(self) -> PoseLog:
        """All poses as one log.

        Raises:
            SourceError: a part is missing or damaged.
        """
        log = PoseLog(self.meta)
        for name in self.parts:
            assert self._folder is not None
            for pose in PoseLog.load(self._folder / name):
                log.append(pose)
        for pose in self._tail:
            log.append(pose)
        return log
