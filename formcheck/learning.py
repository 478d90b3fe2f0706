"""Learns a reference keypoint profile from performances: repetitions are laid over one another and averaged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from formcheck.errors import ReferenceFileError
from formcheck.measures.body import METRES_PER_TORSO, BodyTracker
from formcheck.reference import (
    ENDS,
    MID_HIP,
    MID_SHOULDER,
    STARTS,
    TURNED_VIEWS,
    ReferenceProfile,
    mirrored,
    with_middles,
)
from formcheck.skeleton import INDEX, MIRROR
from formcheck.types import Array, Pose, ViewLine

N_PHASES = 48  # samples of a movement; between them is interpolated
FINE = 96  # samples of one repetition while it is laid over the others
N_ROUNDS = 3  # of averaging (barycentre averaging settles within two or three: Petitjean et al., 2011)
REST_SHARE = 0.15  # of the path's length is given to time, so that a hold keeps a few samples of its own
OPPOSITE = {"left": "right", "right": "left", "cw": "ccw", "ccw": "cw"}
CANONICAL = ("right", "cw")
_MIRROR = np.array(MIRROR)


class Extent(NamedTuple):
    """Where one repetition lies in a recording, in seconds; peak_s is where it turns back."""

    start_s: float
    peak_s: float
    end_s: float
    side: str | None = None


@dataclass(frozen=True)
class Performance:
    """A recording of good repetitions: its poses in order of time, and where the repetitions are."""

    poses: Iterable[Pose]
    extents: Sequence[Extent]


class _Track(NamedTuple):
    """One repetition in the body frame: (T,) seconds, (T, 33, 2) and (T, 33, 3) trunk lengths, (T, 33) seen."""

    time_s: Array
    xy: Array
    xyz: Array
    seen: Array
    peak_s: float


def learn_profile(
    performances: Sequence[Performance],
    *,
    exercise: str,
    view: str,
    view_by: ViewLine = "shoulders",
    is_cyclic: bool = True,
    is_posture: bool = False,
    seen_as: Sequence[str] = (),
    meta: dict[str, Any] | None = None,
) -> ReferenceProfile:
    """The mean execution of all repetitions of all performances, with spread and weights.

    Args:
        performances: good repetitions. Those to the left are mirrored where that is what the other side looks like;
            in an oblique view it is not, and the visits to both sides are learned as one round.
        exercise: id of the movement.
        view: the view it is learned for; frames seen from elsewhere are not used.
        view_by: the line that stays put in the movement.
        is_cyclic: whether a repetition ends where it began.
        is_posture: a posture that is kept: one sample.
        seen_as: views that one place of the camera may be taken for, for somebody who lies; the profile is then of
            both sides as they were seen, and may be laid over a person either way round.
        meta: JSON values to keep with the profile.

    Raises:
        ReferenceFileError: no repetition of the performances can be used; says why.
    """
    if seen_as or view in TURNED_VIEWS:
        performances = [replace(p, extents=_as_rounds(p.extents)) for p in performances]
    tracks: list[_Track] = []
    views: Counter[str] = Counter()
    for performance in performances:
        tracks += _tracks(performance, view, seen_as, view_by, views)
    if not tracks:
        shown = ", ".join(name for name, _ in views.most_common(2)) or "nothing"
        raise ReferenceFileError(f"no repetition to learn {exercise} from: wanted the view {view}, seen was {shown}")
    sides = {extent.side for performance in performances for extent in performance.extents}
    of_side = next((name for name in CANONICAL if {name, OPPOSITE[name]} & sides), None)
    if is_posture:
        stacks = [np.concatenate([getattr(t, key) for t in tracks])[None] for key in ("xy", "xyz", "seen")]
        members = [np.swapaxes(stack, 0, 1) for stack in stacks]
    else:
        members = _aligned([_by_phase(track) for track in tracks])
    if seen_as:
        of_side = "either"
    elif of_side is None and view not in TURNED_VIEWS:
        members = [
            np.concatenate([values, other]) for values, other in zip(members, _mirror_image(members), strict=True)
        ]
    xy, xyz, seen = members
    mean: Array = np.nanmean(xy, axis=0)
    seconds = float(np.median([t.time_s[-1] - t.time_s[0] for t in tracks]))
    return ReferenceProfile(
        exercise=exercise,
        view=view,
        is_cyclic=is_cyclic and not is_posture,
        side=of_side,
        xy=mean,
        xyz=np.nanmean(xyz, axis=0),
        spread=np.sqrt(np.nanmean(((xy - mean) ** 2).sum(axis=-1), axis=0)),
        spread_deg=_spread_deg(xy, mean),
        weight=seen.mean(axis=0),
        seconds=seconds,
        meta={"n_performances": len(performances), "n_repetitions": len(tracks), **(meta or {})},
    )


def joined_postures(profile: ReferenceProfile, other: ReferenceProfile) -> ReferenceProfile:
    """One profile of two postures of which either is right: each is a sample, and the nearer one is compared."""
    n = profile.meta["n_performances"] + other.meta["n_performances"]
    return replace(
        profile,
        xy=np.concatenate([profile.xy, other.xy]),
        xyz=np.concatenate([profile.xyz, other.xyz]),
        spread=np.concatenate([profile.spread, other.spread]),
        spread_deg=np.concatenate([profile.spread_deg, other.spread_deg]),
        weight=np.concatenate([profile.weight, other.weight]),
        meta={**profile.meta, "n_performances": n, "n_repetitions": n},
    )


def without(profile: ReferenceProfile, joints: Sequence[str]) -> ReferenceProfile:
    """The profile with landmarks that may be anywhere, named without a side ("elbow"): they are not compared."""
    weight = profile.weight.copy()
    weight[:, [INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in joints]] = 0.0
    return replace(profile, weight=weight)


def _mirror_image(members: Sequence[Array]) -> list[Array]:
    xy, xyz, seen = members
    return [mirrored(xy), mirrored(xyz), seen[..., _MIRROR]]


def _as_rounds(extents: Sequence[Extent]) -> list[Extent]:
    """Visits to the right and to the left that follow one another, joined; everything else as it is."""
    joined: list[Extent] = []
    for extent in extents:
        last = joined[-1] if joined else None
        if last is not None and {last.side, extent.side} == {"left", "right"}:
            joined[-1] = Extent(last.start_s, 0.5 * (last.end_s + extent.start_s), extent.end_s)
        else:
            joined.append(extent)
    return [e for e in joined if e.side not in ("left", "right")] or joined


# -- from poses to tracks in the body frame ---------------------------------------------------------------------------


def _tracks(
    performance: Performance,
    view: str,
    seen_as: Sequence[str],
    view_by: ViewLine,
    views: Counter[str],
) -> list[_Track]:
    bodies = BodyTracker(view_by)
    rows: list[list[tuple[float, Array, Array, npt.NDArray[np.bool_]]]] = [[] for _ in performance.extents]
    for pose in performance.poses:
        if not pose.is_person:
            continue
        body = bodies.update(pose)
        for row, extent in zip(rows, performance.extents, strict=True):
            if not extent.start_s <= pose.time_s <= extent.end_s:
                continue
            views[body.view] += 1
            is_turned = view in TURNED_VIEWS and not seen_as
            if body.view not in (seen_as or (view,)) or (is_turned and math.isnan(body.facing)):
                continue
            # Hidden landmarks keep the estimator's guess, for the figure; their weight says that they were not seen.
            xy, seen = np.array(body.points), body.limb_state > 0
            xyz = np.array(body.world)
            xy[~seen], xyz[~seen] = pose.xy_px[~seen], pose.world_m[~seen]
            xy = (xy - with_middles(xy)[MID_HIP]) / body.torso_px
            is_other_side = extent.side in OPPOSITE and extent.side not in CANONICAL
            if body.facing < 0.0 if is_turned else is_other_side and not seen_as:
                xy, xyz, seen = mirrored(xy), mirrored(xyz), seen[_MIRROR]
            row.append((pose.time_s, xy, xyz, seen))
    return [_as_track(row, extent) for row, extent in zip(rows, performance.extents, strict=True) if len(row) >= 3]


def _as_track(rows: Sequence[tuple[float, Array, Array, npt.NDArray[np.bool_]]], extent: Extent) -> _Track:
    times, xy, xyz, seen = (np.array(column) for column in zip(*rows, strict=True))
    middles = with_middles(xyz)
    torso = np.median(np.linalg.norm(middles[:, MID_SHOULDER] - middles[:, MID_HIP], axis=1))
    xyz = (xyz - middles[:, MID_HIP, None]) / (torso or METRES_PER_TORSO)
    return _Track(times, xy, xyz, seen.astype(np.float64), extent.peak_s)


# -- laying repetitions over one another ------------------------------------------------------------------------------


def _by_phase(track: _Track) -> list[Array]:
    """The track at FINE samples, its peak in the middle: (FINE, 33, 2), (FINE, 33, 3), (FINE, 33)."""
    start, end = float(track.time_s[0]), float(track.time_s[-1])
    peak = min(max(track.peak_s, start + 0.05 * (end - start)), end - 0.05 * (end - start))
    times = np.interp(np.linspace(0.0, 1.0, FINE), [0.0, 0.5, 1.0], [start, peak, end])
    return [_resampled(values, track.time_s, times) for values in (track.xy, track.xyz, track.seen)]


def _resampled(values: Array, at: Array, wanted: Array) -> Array:
    """Values (T, ...) known at `at`, linearly interpolated at `wanted`."""
    flat = values.reshape(len(values), -1)
    columns = [np.interp(wanted, at, column) for column in flat.T]
    return np.array(columns).T.reshape(len(wanted), *values.shape[1:])


def directions(xy: Array) -> Array:
    """(..., S, 2) unit vectors of the segments, shortened where a segment points towards the camera."""
    points = with_middles(xy)
    vectors = points[..., ENDS, :] - points[..., STARTS, :]
    lengths = np.linalg.norm(vectors, axis=-1)
    longest: Array = np.nanmax(lengths, axis=tuple(range(lengths.ndim - 1)))
    scaled: Array = vectors / np.maximum(longest, 1e-6)[:, None]
    return scaled


def _aligned(takes: Sequence[list[Array]]) -> list[Array]:
    """The repetitions at N_PHASES common samples, evenly along the path: (R, N, 33, 2), (R, N, 33, 3), (R, N, 33)."""
    features = [directions(take[0]).reshape(FINE, -1) for take in takes]
    mean = np.mean(features, axis=0)
    paths = [np.arange(FINE)] * len(takes)
    for _ in range(N_ROUNDS):
        paths = [_warp(mean, feature) for feature in features]
        mean = np.mean([feature[path] for feature, path in zip(features, paths, strict=True)], axis=0)
    step = np.linalg.norm(np.diff(mean, axis=0), axis=1)
    step = step + REST_SHARE * max(float(step.sum()), 1e-6) / len(step)
    along = np.concatenate([[0.0], np.cumsum(step)])
    fine = np.interp(np.linspace(0.0, along[-1], N_PHASES), along, np.arange(FINE))
    members: list[Array] = []
    for k in range(3):
        laid = [
            _resampled(take[k][path], np.arange(float(FINE)), fine) for take, path in zip(takes, paths, strict=True)
        ]
        members.append(np.array(laid))
    return members


def _warp(mean: Array, feature: Array) -> npt.NDArray[np.intp]:
    """For every sample of the mean the sample of a repetition that it goes with (dynamic time warping).

    Args:
        mean: (F, D).
        feature: (F, D), from beginning to end.
    """
    n, band = len(mean), len(mean) // 4  # a quarter of the repetition: Sakoe-Chiba
    cost = ((mean[:, None] - feature[None]) ** 2).sum(axis=-1)
    total = np.full((n + 1, n + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(max(1, i - band), min(n, i + band) + 1):
            total[i, j] = cost[i - 1, j - 1] + min(total[i - 1, j - 1], total[i - 1, j], total[i, j - 1])
    matched: list[list[int]] = [[] for _ in range(n)]
    i = j = n
    while i > 0 and j > 0:
        matched[i - 1].append(j - 1)
        i, j = min(((i - 1, j - 1), (i - 1, j), (i, j - 1)), key=lambda at: total[at])
    return np.array([round(float(np.mean(js))) for js in matched])


def _spread_deg(xy: Array, mean: Array) -> Array:
    """(N, S) root mean square angle between the segments of the repetitions (R, N, 33, 2) and those of the mean."""
    points, middle = with_middles(xy), with_middles(mean)
    vectors, of_mean = points[..., ENDS, :] - points[..., STARTS, :], middle[:, ENDS] - middle[:, STARTS]
    angle = np.degrees(np.arctan2(vectors[..., 1], vectors[..., 0]) - np.arctan2(of_mean[..., 1], of_mean[..., 0]))
    wrapped = (angle + 180.0) % 360.0 - 180.0
    spread: Array = np.sqrt(np.mean(wrapped**2, axis=0))
    return spread
