"""A recording that shows a movement: every reading on an even grid of time, and what is wrong with the recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.errors import UsageError
from formcheck.geometry import mean_known
from formcheck.measures.body import Body
from formcheck.measures.catalogue import MEASURES
from formcheck.measures.senses import Senses
from formcheck.poselog import PoseLog
from formcheck.safety import WITHIN_S
from formcheck.types import Array, Pose

STEP_S: Final = 1 / 15  # readings are compared at 15 a second, as in the reference recordings
SMOOTH_S: Final = 0.2
LEAST_KNOWN: Final = 0.85  # share of the frames in which a reading must be known to be used
SHORTEST_S: Final = 1.0  # no repetition fits in less
LEAST_SEEN: Final = 0.5  # share of the frames in which a person must be seen
MOST_JUMPS: Final = 0.25  # share of the frames in which the skeleton may be no evidence
GAP_S: Final = 0.7  # what is not seen for longer is not shown


# What the camera may be taken for when the person turns a little.
BESIDE: Final[dict[str, tuple[str, ...]]] = {
    "side": ("oblique",),
    "front": ("oblique",),
    "back": ("oblique", "head_end"),
    "oblique": ("side", "front", "back"),
    "head_end": ("back", "oblique"),
    "foot_end": ("front",),
}


@dataclass(frozen=True)
class Shown:
    """A recording on an even grid of time.

    Attributes:
        poses: frames with a person.
        view: from where it is seen.
        time_s: (T,) seconds.
        values: (T,) readings by measure, short gaps filled, smoothed.
        is_seen: (T,) False in gaps that are too long to fill, and at cuts.
        drop_torsos: the furthest that chest or hips come down within half a second, in trunk lengths.
    """

    poses: list[Pose]
    view: str
    time_s: Array
    values: dict[str, Array]
    is_seen: npt.NDArray[np.bool_]
    drop_torsos: float


def read_shown(log: PoseLog, wanted: str | None = None) -> Shown:
    """The readings of a recording in the view that most of it shows (or the wanted one), and from beside it.

    Raises:
        UsageError: it is too short, or nobody can be made out in it.
    """
    if len(log) < 2 or float(log.time_s[-1] - log.time_s[0]) < SHORTEST_S:
        raise UsageError("the recording is too short: show the whole movement at least once, from rest to rest")
    poses = [pose for pose in log if pose.is_person]
    if not poses:
        raise UsageError("no person can be made out in the recording")
    if len(poses) < LEAST_SEEN * len(log):
        share = 100 * len(poses) // len(log)
        raise UsageError(f"a person is seen in {share} % of the recording only: cut it to where the movement is done")
    senses = Senses()
    bodies: list[Body | None] = []
    rows: list[dict[str, float]] = []
    n_bad = 0
    cuts_s = []
    for pose in poses:
        verdict, body = senses.take(pose)
        if verdict == "cut":
            cuts_s.append(pose.time_s)
        n_bad += verdict in ("unbelievable", "swapped", "cut")
        bodies.append(body)
        rows.append({name: senses.read(m) for name, m in MEASURES.items()} if body is not None else {})
    if n_bad > MOST_JUMPS * len(poses):
        raise UsageError(
            "the body cannot be made out well enough: it seems to jump. One person alone, the whole body, good light"
        )
    views = Counter(body.view for body in bodies if body is not None and body.view != "unknown")
    if not views:
        raise UsageError("no person can be made out in the recording")
    view = wanted if wanted is not None and wanted in views else views.most_common(1)[0][0]
    at = np.array([pose.time_s for pose in poses])
    time_s = np.arange(at[0], at[-1], STEP_S)
    is_view = np.array([body is not None and body.view in (view, *BESIDE[view]) for body in bodies])
    values = _on_grid(rows, is_view, at, time_s)
    heights = np.array([_heights(body) for body in bodies])
    is_seen = _near(time_s, at[is_view])
    for cut_s in cuts_s:
        is_seen &= np.abs(time_s - cut_s) > STEP_S
    return Shown(poses, view, time_s, values, is_seen, _drop(time_s, at, heights))


def _on_grid(
    rows: Sequence[dict[str, float]], is_view: npt.NDArray[np.bool_], at: Array, time_s: Array
) -> dict[str, Array]:
    values = {}
    for name in MEASURES:
        column = np.array([row.get(name, np.nan) for row in rows])
        known = is_view & np.isfinite(column)
        if known.sum() >= max(2, LEAST_KNOWN * is_view.sum()):
            values[name] = _smooth(np.interp(time_s, at[known], column[known]))
    return values


def _near(time_s: Array, at: Array) -> npt.NDArray[np.bool_]:
    """(T,) whether each moment lies in a gap of less than GAP_S between frames at `at`."""
    after = np.searchsorted(at, time_s)
    before = at[np.maximum(after - 1, 0)]
    is_near: npt.NDArray[np.bool_] = at[np.minimum(after, len(at) - 1)] - before < GAP_S
    return is_near


def _heights(body: Body | None) -> tuple[float, float]:
    """Chest and hips above the picture's upper edge, in trunk lengths (negative)."""
    if body is None:
        return (np.nan, np.nan)
    pairs = ((body.left(joint)[1], body.right(joint)[1]) for joint in ("shoulder", "hip"))
    chest, hips = (-mean_known(left, right) / body.torso_px for left, right in pairs)
    return chest, hips


def _drop(time_s: Array, at: Array, heights: Array) -> float:
    """How far chest or hips come down within WITHIN_S at most."""
    n, most = round(WITHIN_S / STEP_S), 0.0
    for column in heights.T:
        known = np.isfinite(column)
        if known.sum() > n and len(time_s) > n:
            height = np.interp(time_s, at[known], column[known])
            most = max(most, *(float(np.max(height[:-i] - height[i:])) for i in range(1, n + 1)))
    return most


def _smooth(values: Array) -> Array:
    """Without single wild frames, then a moving mean."""
    n = max(1, round(SMOOTH_S / STEP_S)) | 1
    beside = np.pad(values, 1, mode="edge")
    values = np.median([beside[:-2], beside[1:-1], beside[2:]], axis=0)
    padded = np.pad(values, n // 2, mode="edge")
    smoothed: Array = np.convolve(padded, np.ones(n) / n, mode="valid")
    return smoothed
