"""Reference keypoint profiles: a movement's good execution, phase by phase, as landmarks in the body frame.

Body frame: origin at the middle of the hips, one unit is the length of the trunk, picture-up stays up. In a side or
oblique view the person looks (lying: has the head) to picture-right; in the other views a movement with sides goes to
the side named in the file, and the other side is its mirror image.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from formcheck.errors import ExportError, ReferenceFileError
from formcheck.skeleton import INDEX, MIRROR, N_LANDMARKS
from formcheck.types import Array
from formcheck.whole_files import put_in_place

SCHEMA: Final = 1
TURNED_VIEWS: Final = ("side", "oblique")  # in which the person looks to one side of the picture
MID_SHOULDER, MID_HIP, MID_EAR = N_LANDMARKS, N_LANDMARKS + 1, N_LANDMARKS + 2
N_POINTS: Final = N_LANDMARKS + 3  # the landmarks, then the three middles
_MIRROR = np.array(MIRROR)
_MIDDLES = tuple((INDEX[f"left_{joint}"], INDEX[f"right_{joint}"]) for joint in ("shoulder", "hip", "ear"))
_LEFT, _RIGHT = (np.array(ends) for ends in zip(*_MIDDLES, strict=True))


class Segment(NamedTuple):
    """A straight piece of the body whose direction is compared; start and end are indices of `with_middles`."""

    name: str
    limb: str
    start: int
    end: int


def _sided(side: str) -> tuple[Segment, ...]:
    def joint(name: str) -> int:
        return INDEX[f"{side}_{name}"]

    return (
        Segment(f"{side}_upper_arm", f"{side}_arm", joint("shoulder"), joint("elbow")),
        Segment(f"{side}_forearm", f"{side}_arm", joint("elbow"), joint("wrist")),
        Segment(f"{side}_thigh", f"{side}_leg", joint("hip"), joint("knee")),
        Segment(f"{side}_lower_leg", f"{side}_leg", joint("knee"), joint("ankle")),
    )


SEGMENTS: Final[tuple[Segment, ...]] = (
    Segment("trunk", "trunk", MID_HIP, MID_SHOULDER),
    Segment("shoulders", "trunk", INDEX["right_shoulder"], INDEX["left_shoulder"]),
    Segment("hips", "trunk", INDEX["right_hip"], INDEX["left_hip"]),
    Segment("neck", "head", MID_SHOULDER, MID_EAR),
    Segment("face", "head", MID_EAR, INDEX["nose"]),
    *_sided("left"),
    *_sided("right"),
)
SEGMENT_NAMES: Final = tuple(segment.name for segment in SEGMENTS)
STARTS = np.array([segment.start for segment in SEGMENTS])
ENDS = np.array([segment.end for segment in SEGMENTS])
LIMBS: Final = ("head", "trunk", "left_arm", "right_arm", "left_leg", "right_leg")


def with_middles(points: Array) -> Array:
    """The landmarks followed by the middles of shoulders, hips and ears.

    Args:
        points: (..., 33, D); NaN where unknown.

    Returns:
        (..., 36, D); a middle of which only one end is known is taken from that end.
    """
    left, right = points[..., _LEFT, :], points[..., _RIGHT, :]
    both = 0.5 * (left + right)
    middles = np.where(np.isnan(both), np.where(np.isnan(left), right, left), both)
    return np.concatenate([points, middles], axis=-2)


def mirrored(points: Array) -> Array:
    """(..., 33, D) landmarks as in a mirror: x turned round, left and right exchanged."""
    flipped: Array = points[..., _MIRROR, :]
    flipped[..., 0] *= -1.0
    return flipped


@dataclass(frozen=True)
class ReferenceProfile:
    """The good execution of one movement in one view.

    Attributes:
        exercise, view: what it shows and from where.
        is_cyclic: whether the end of the movement is its beginning; a posture that is kept has one sample, and one
            more for every other way in which it may be kept.
        side: which side it shows ("right", "cw"); "either" when it may be laid over the person either way round. None
            when there are no sides, or a round shows both.
        xy: (N, 33, 2) picture plane in trunk lengths, y down.
        xyz: (N, 33, 3) space in trunk lengths: x picture-right, y down, z away from the camera.
        spread: (N, 33) how far the performances lay from their mean, trunk lengths (root mean square).
        spread_deg: (N, S) the same for the directions of SEGMENTS, degrees.
        weight: (N, 33) 0-1, in which share of the performances a landmark could be seen.
        seconds: how long one execution took; the samples lie evenly along the path of the movement, not in time.
        meta: what it was learned from (JSON values).
    """

    exercise: str
    view: str
    is_cyclic: bool
    side: str | None
    xy: Array
    xyz: Array
    spread: Array
    spread_deg: Array
    weight: Array
    seconds: float
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def n_phases(self) -> int:
        """Number of samples along the movement."""
        return len(self.xy)

    @cached_property
    def vectors(self) -> Array:
        """(N, S, 2) the segments in the picture plane, trunk lengths."""
        points = with_middles(self.xy)
        return points[:, ENDS] - points[:, STARTS]

    @cached_property
    def lengths(self) -> Array:
        """(S,) full lengths of the segments in space, trunk lengths."""
        points = with_middles(self.xyz)
        lengths: Array = np.linalg.norm(points[:, ENDS] - points[:, STARTS], axis=2).max(axis=0)
        in_plane: Array = np.linalg.norm(self.vectors, axis=2).max(axis=0)
        return np.maximum(lengths, in_plane)

    @cached_property
    def seen(self) -> Array:
        """(N, S) 0-1, in which share of the performances both ends of a segment could be seen."""
        padded = np.concatenate([self.weight, *(self.weight[:, [a, b]].max(axis=1)[:, None] for a, b in _MIDDLES)], 1)
        seen: Array = np.minimum(padded[:, STARTS], padded[:, ENDS])
        return seen

    def save(self, path: Path) -> None:
        """Writes the profile as compressed `.npz`, under a temporary name until it is whole.

        Raises:
            ExportError: the file cannot be written.
        """
        arrays = {key: np.asarray(getattr(self, key), np.float32) for key in _shapes(self.n_phases)}
        head = {
            "exercise": self.exercise,
            "view": self.view,
            "is_cyclic": self.is_cyclic,
            "side": self.side,
            "seconds": self.seconds,
            "segments": SEGMENT_NAMES,
            "meta": self.meta,
        }
        try:
            with put_in_place(path) as part, part.open("wb") as file:
                np.savez_compressed(
                    file,
                    schema=np.int64(SCHEMA),
                    head=np.array(json.dumps(head)),
                    **arrays,  # type: ignore[arg-type]
                )
        except OSError as error:
            raise ExportError(f"{path}: the reference cannot be written ({error.strerror or error})") from error

    @classmethod
    def load(cls, path: Path) -> ReferenceProfile:
        """A profile from a file that `save` wrote.

        Raises:
            ReferenceFileError: not a profile, damaged, of another schema; one sentence says which.
        """
        try:
            with path.open("rb") as stored, np.load(stored, allow_pickle=False) as file:
                arrays = {key: file[key] for key in file.files}
        except OSError as error:
            raise ReferenceFileError(f"{path}: the reference cannot be read ({error.strerror or error})") from error
        except Exception as error:  # what numpy, zip and the parser of headers raise has no common base
            raise ReferenceFileError(f"{path}: this is not a reference (.npz), or it is damaged") from error
        if problem := _problem(arrays):
            raise ReferenceFileError(f"{path}: {problem}")
        head = json.loads(str(arrays["head"]))
        keys = _shapes(len(arrays["xy"]))
        return cls(
            exercise=str(head["exercise"]),
            view=str(head["view"]),
            is_cyclic=bool(head["is_cyclic"]),
            side=head["side"],
            seconds=float(head["seconds"]),
            meta=head["meta"],
            **{key: np.asarray(arrays[key], np.float64) for key in keys},
        )


References = Mapping[str, ReferenceProfile]
"""The profiles of one movement by the view they were learned from."""


def _shapes(n: int) -> dict[str, tuple[int, ...]]:
    return {
        "xy": (n, N_LANDMARKS, 2),
        "xyz": (n, N_LANDMARKS, 3),
        "spread": (n, N_LANDMARKS),
        "spread_deg": (n, len(SEGMENTS)),
        "weight": (n, N_LANDMARKS),
    }


def _problem(arrays: dict[str, npt.NDArray[Any]]) -> str | None:
    """Why the arrays of a file are no profile, in one sentence; None when they are."""
    if missing := [key for key in ("schema", "head", *_shapes(0)) if key not in arrays]:
        return f"this is not a reference: it lacks {', '.join(missing)}"
    if arrays["schema"].shape != () or arrays["schema"].dtype.kind not in "iu" or arrays["schema"] != SCHEMA:
        return f"the reference has schema {arrays['schema']}, expected {SCHEMA}; learn it again"
    n = len(arrays["xy"]) if arrays["xy"].ndim else 0
    if n == 0:
        return "the reference holds no phases"
    for key, shape in _shapes(n).items():
        if arrays[key].shape != shape or arrays[key].dtype.kind != "f":
            want = ", ".join(map(str, shape))
            return f"{key} in the reference must be floats of shape ({want}), not {arrays[key].shape}"
        if not np.isfinite(arrays[key]).all():
            return f"{key} in the reference holds values that are not numbers"
    return _problem_of_head(str(arrays["head"]))


def _problem_of_head(text: str) -> str | None:
    try:
        head = json.loads(text)
    except ValueError:
        head = None
    kinds: dict[str, Any] = {
        "exercise": str,
        "view": str,
        "is_cyclic": bool,
        "side": (str, type(None)),
        "seconds": (int, float),
    }
    kinds |= {"segments": list, "meta": dict}
    if not isinstance(head, dict) or any(not isinstance(head.get(key), kind) for key, kind in kinds.items()):
        return "the reference does not say which movement it shows; learn it again"
    if tuple(head["segments"]) != SEGMENT_NAMES:
        return "the reference compares other parts of the body than this version does; learn it again"
    return None
