"""The pose of every frame of a recording: kept by rows, written to and read from `.npz`."""

from __future__ import annotations

import json
import math
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from formcheck.camera_move import CameraMove
from formcheck.errors import ExportError, SourceError
from formcheck.pages import Pages
from formcheck.shelf import Shelf
from formcheck.skeleton import N_LANDMARKS
from formcheck.types import N_BACK_POINTS, Ball, Pose
from formcheck.whole_files import put_in_place

SCHEMA: Final = 1

_ROWS: Final[dict[str, tuple[tuple[int, ...], type[np.floating[Any]]]]] = {
    "time_s": ((), np.float64),
    "landmarks": ((N_LANDMARKS, 3), np.float32),
    "visibility": ((N_LANDMARKS,), np.float32),
    "world_m": ((N_LANDMARKS, 3), np.float32),
}

# What was read from the picture beside the landmarks; a log without it says that nothing was looked for.
_SEEN: Final[dict[str, tuple[int, ...]]] = {
    "ball_px": (3,),
    "ball_height_px": (),
    "ball_confidence": (),
    "back_curve_deg": (),
    "breath": (),
    "breath_quality": (),
    "camera": (4,),
}
LONGEST_S: Final = 1e6  # eleven days
LARGEST: Final = 1e5  # pixels, degrees; more is a damaged file
LIMITS: Final = {"time_s": LONGEST_S, "landmarks": 100.0, "visibility": 1.0, "world_m": 100.0}  # widths, metres
_BACK: Final = "back_outline"  # int16; a back that is not known has NO_POINT in all its points
_BACK_SHAPE: Final = (N_BACK_POINTS, 2)
NO_POINT: Final = -32768
ZOOMS: Final = (0.02, 50.0)  # of a camera; more is a damaged file


class PoseLog:
    """Poses in order of time, one row a frame; NaN rows where nobody was seen.

    All but the last minute or so lies in a temporary file without a name; a log is for one thread at a time.

    Attributes:
        size_wh: width and height of the frames in pixels; (0, 0) before the first pose.
        meta: JSON values about the recording: what made the log, whether the source was whole.
    """

    def __init__(self, meta: dict[str, Any] | None = None) -> None:
        """An empty log."""
        self.meta: dict[str, Any] = dict(meta or {})
        self.size_wh = (0, 0)
        self._n = 0
        self._shelf = Shelf()
        self._rows = {key: Pages(shape, kind, shelf=self._shelf) for key, (shape, kind) in _ROWS.items()}
        self._rows |= {key: Pages(shape, np.float32, shelf=self._shelf) for key, shape in _SEEN.items()}
        self._rows[_BACK] = Pages(_BACK_SHAPE, np.int16, NO_POINT, self._shelf)

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[Pose]:
        """The poses as they were appended, bit for bit (float32 landmarks)."""
        for i in range(self._n):
            yield self[i]

    def __getitem__(self, i: int) -> Pose:
        """The pose of frame `i`, counted from 0; its arrays are copies."""
        if not 0 <= i < self._n:
            raise IndexError(f"pose {i} of a log of {self._n}")
        rows = {key: self._rows[key][i].copy() for key in _ROWS if key != "time_s"}
        return Pose(
            float(self._rows["time_s"][i]),
            size_wh=self.size_wh,
            ball=self._ball(i),
            back_curve_deg=float(self._rows["back_curve_deg"][i]),
            breath=float(self._rows["breath"][i]),
            breath_quality=float(self._rows["breath_quality"][i]),
            back_outline=self._back(i),
            camera=self._camera(i),
            **rows,
        )

    def _ball(self, i: int) -> Ball | None:
        confidence = float(self._rows["ball_confidence"][i])
        if confidence != confidence:
            return None
        x, y, width = map(float, self._rows["ball_px"][i])
        return Ball(x, y, width, float(self._rows["ball_height_px"][i]), confidence)

    def _camera(self, i: int) -> CameraMove | None:
        move = CameraMove(*self._rows["camera"][i].tolist())
        return move if ZOOMS[0] < move.scale < ZOOMS[1] else None  # NaN: nobody looked

    def _back(self, i: int) -> npt.NDArray[np.int16] | None:
        points = self._rows[_BACK][i]
        return None if points[0, 0] == NO_POINT else points.copy()

    @property
    def time_s(self) -> npt.NDArray[np.float64]:
        """(T,) seconds from the start of the source, strictly increasing."""
        return self._rows["time_s"].first(self._n)

    @property
    def n_with_person(self) -> int:
        """In how many frames a person was found."""
        return sum(bool(np.isfinite(self._rows["landmarks"][i][0, 0])) for i in range(self._n))

    @property
    def nbytes(self) -> int:
        """Bytes reserved in memory, used or not."""
        return sum(values.nbytes for values in self._rows.values())

    def append(self, pose: Pose) -> None:
        """Copies a pose in; its time must lie after the last one."""
        if self._n and pose.time_s <= (last_s := self._rows["time_s"][self._n - 1]):
            raise ValueError(f"a pose at {pose.time_s} s cannot follow one at {last_s} s")
        for rows in self._rows.values():
            rows.make_room(self._n + 1)
        self.size_wh = pose.size_wh
        for key in _ROWS:
            self._rows[key][self._n] = getattr(pose, key)
        if (ball := pose.ball) is not None:
            self._rows["ball_px"][self._n] = ball.x_px, ball.y_px, ball.width_px
            self._rows["ball_height_px"][self._n] = ball.height_px
            self._rows["ball_confidence"][self._n] = ball.confidence
        if (move := pose.camera) is not None:
            self._rows["camera"][self._n] = move.a, move.b, move.x_px, move.y_px
        self.note(self._n, breath=pose.breath, breath_quality=pose.breath_quality)
        self.note_back(self._n, pose.back_curve_deg, pose.back_outline)
        self._n += 1

    def note(self, i: int, **values: float) -> None:
        """Keeps what was read from frame `i`: breath, breath_quality, back_curve_deg; NaN where it is not known."""
        for key, value in values.items():
            if math.isnan(value):
                self._rows[key].forget(i)
            else:
                self._rows[key][i] = value

    def note_back(self, i: int, curve_deg: float, outline: npt.NDArray[np.int16] | None) -> None:
        """Keeps the back of frame `i` as in a `Pose`."""
        self.note(i, back_curve_deg=curve_deg)
        if outline is None:
            self._rows[_BACK].forget(i)
        else:
            self._rows[_BACK][i] = outline

    def save(self, path: Path) -> None:
        """Writes the log as compressed `.npz`, under a temporary name until it is whole.

        Raises:
            ExportError: the file cannot be written.
        """
        try:
            with put_in_place(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
                for key, value in self._about().items():
                    with archive.open(f"{key}.npy", "w") as member:
                        np.lib.format.write_array(member, value)
                for key, rows in self._rows.items():
                    with archive.open(f"{key}.npy", "w", force_zip64=True) as member:
                        rows.write_npy(member, self._n)
        except OSError as error:
            raise ExportError(
                f"{path}: the poses cannot be written ({error.strerror or error}); free space or choose another folder"
            ) from error

    def _about(self) -> dict[str, npt.NDArray[Any]]:
        """What is kept once for the whole recording."""
        width, height = self.size_wh
        meta = np.array(json.dumps(self.meta))
        return {"schema": np.array(SCHEMA), "width": np.array(width), "height": np.array(height), "meta": meta}

    @classmethod
    def load(cls, path: Path) -> PoseLog:
        """A log from a file that `save` or another program wrote (`meta` may be absent).

        Raises:
            SourceError: not a pose log, of another schema, a missing key, a wrong shape, times out of order.
        """
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise SourceError(f"{path}: this is not a file; give a pose log (.npz)")
        try:
            with path.open("rb") as stored, np.load(stored, allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
        except OSError as error:
            raise SourceError(f"{path}: the pose log cannot be read ({error.strerror or error})") from error
        except Exception as error:  # what numpy, zip and the parser of headers raise has no common base
            raise SourceError(f"{path}: this is not a pose log (.npz), or it is damaged") from error
        if problem := _problem(arrays):
            raise SourceError(f"{path}: {problem}")
        log = cls(_read_meta(arrays.get("meta")))
        log.size_wh = (int(arrays["width"]), int(arrays["height"]))
        log._n = n = len(arrays["time_s"])
        for key, (_, kind) in _ROWS.items():
            log._rows[key] = Pages.of(_possible(key, arrays.pop(key), kind), shelf=log._shelf)
        for key, shape in _SEEN.items():
            seen = arrays.pop(key, np.full((n, *shape), np.nan))
            log._rows[key] = Pages.of(_possible(key, seen, np.float32), shelf=log._shelf)
        outlines = arrays.get(_BACK, np.full((n, *_BACK_SHAPE), NO_POINT))
        log._rows[_BACK] = Pages.of(np.ascontiguousarray(outlines, np.int16), NO_POINT, log._shelf)
        return log


def looks_like_pose_log(path: Path) -> bool:
    """Whether a file has the main array of a pose log; other programs write `.npz` files, too."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "landmarks.npy" in archive.namelist()


def _possible(key: str, values: npt.NDArray[Any], kind: type[np.floating[Any]]) -> npt.NDArray[Any]:
    """The values as the log keeps them; what no camera can have seen is not known."""
    limit = LIMITS.get(key, LARGEST)
    with np.errstate(invalid="ignore"):  # NaN compares as it should
        is_possible = (values >= -limit) & (values <= limit)
    return np.ascontiguousarray(np.where(is_possible, values, np.nan), kind)


def _problem(arrays: dict[str, npt.NDArray[Any]]) -> str | None:
    """Why the arrays of a file are no pose log, in one sentence; None when they are."""
    if missing := [key for key in ("schema", "width", "height", *_ROWS) if key not in arrays]:
        return f"this is not a pose log: it lacks {', '.join(missing)}"
    if arrays["schema"].shape != () or arrays["schema"].dtype.kind not in "iu" or arrays["schema"] != SCHEMA:
        return f"the pose log has schema {arrays['schema']}, expected {SCHEMA}; make the log again"
    for key in ("width", "height"):
        if arrays[key].shape != () or arrays[key].dtype.kind not in "iuf" or not 1 <= arrays[key] <= LARGEST:
            return f"{key} in the pose log must be one positive number of pixels, not {str(arrays[key])[:40]}"
    n = arrays["time_s"].shape[0] if arrays["time_s"].ndim == 1 else 0
    if n == 0:
        return "the pose log holds no frames"
    for key, (shape, _) in _ROWS.items():
        if arrays[key].shape != (n, *shape) or arrays[key].dtype.kind != "f":
            want = ", ".join(map(str, (n, *shape)))
            return f"{key} in the pose log must be floats of shape ({want}), not {arrays[key].shape}"
    for key, shape in _SEEN.items():
        if key in arrays and (arrays[key].shape != (n, *shape) or arrays[key].dtype.kind != "f"):
            want = ", ".join(map(str, (n, *shape)))
            return f"{key} in the pose log must be floats of shape ({want}), not {arrays[key].shape}"
    if _BACK in arrays and (arrays[_BACK].shape != (n, *_BACK_SHAPE) or arrays[_BACK].dtype != np.int16):
        want = ", ".join(map(str, (n, *_BACK_SHAPE)))
        return f"{_BACK} in the pose log must be 16-bit integers of shape ({want}), not {arrays[_BACK].shape}"
    times = arrays["time_s"]
    if not (((times >= 0) & (times < LONGEST_S)).all() and (np.diff(times) > 0).all()):
        return f"the times in the pose log must be finite, strictly increasing, and from 0 to {LONGEST_S:.0f} s"
    return None


def _read_meta(stored: npt.NDArray[Any] | None) -> dict[str, Any]:
    """Remarks of the log's maker; they decide nothing, so unreadable ones are as good as none."""
    try:
        meta = json.loads(str(stored)) if stored is not None else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(meta, dict):
        return {}
    if isinstance(source := meta.get("source"), str):  # older logs keep the folder as well, which is nobody's business
        meta["source"] = re.split(r"[/\\]", source)[-1]
    return meta
