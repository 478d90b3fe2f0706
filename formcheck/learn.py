"""Teaches a movement from one to five good repetitions: an exercise file and a reference, both usable at once.

What moves is found, not told: the readings that swing together are the movement, their common rise and fall the
cycle. The thresholds are proposed from the person's own range.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from formcheck.errors import UsageError
from formcheck.gatekeeper import view_in_words
from formcheck.geometry import mean_known
from formcheck.learning import Extent, Performance, learn_profile
from formcheck.measures.body import Body
from formcheck.measures.catalogue import MEASURES
from formcheck.measures.senses import Senses
from formcheck.poselog import PoseLog
from formcheck.reference import ReferenceProfile
from formcheck.safety import WITHIN_S
from formcheck.types import Array, Pose

STEP_S: Final = 1 / 15  # readings are compared at 15 a second, as in the reference recordings
SMOOTH_S: Final = 0.2
LEAST_KNOWN: Final = 0.85  # share of the frames in which a reading must be known to be used
# Twice what one camera cannot tell: less is no movement to count by.
LEAST_SWING: Final = {"deg": 20.0, "T": 0.2, "": 0.2}
ALIKE: Final = 0.85  # correlation with what moves in common, from which a reading is part of it
MOST_PARTS: Final = 4
ANGLES_ENOUGH: Final = 3  # with fewer, lengths help to tell the movement from others
HALF_WAY: Final = (0.5, 0.4, 0.6, 0.3, 0.7)  # shares of the range that a repetition must cross; the first that fits
NEAR_REST: Final = 0.25  # of the range; below it a repetition begins where it is slower ...
SLOW_SHARE: Final = 0.08  # ... than this share of its own speed: a person at rest drifts
GOOD_SHARE: Final = 0.6  # of the usual range; less is no good repetition
SLOWEST: Final = 2.5  # times the usual duration; longer is no good repetition
MOST_REPETITIONS: Final = 5

# Depth, the ball, and what only tells how the person lies or sits: they say nothing about the movement itself.
_NO_DRIVE: Final = frozenset(
    {"stillness", "belly_seen", "head_end_nearer", "hip_near", "hip_across", "sole_slope", "back_curve", "ball_seen",
     "ball_width", "ball_place", "ball_gap", "ball_to_hand", "ball_ahead", "ball_sideways", "trunk_length",
     "hand_on_knee", "wrist_behind_back", "shoulder_narrowing", "knee_angle_3d", "hip_angle_3d", "knees_sideways",
     "legs_sideways", "hips_sideways", "knee_spread", "ankle_spacing", "elbow_wide", "nose_beyond", "shoulder_line",
     "hand_lifted", "hand_over_toes", "hip_forward", "hip_sideways", "chest_sideways", "trunk_from_up"}
)  # fmt: skip
# Readings that tell the same thing: one of them is enough.
_SAME: Final = (
    frozenset({"trunk_lean", "trunk_elevation", "shoulder_ahead", "ear_height"}),
    frozenset({"neck_extension", "ear_shoulder_hip", "head_pitch", "nose_drop", "neck_height", "ear_ahead"}),
    frozenset({"hip_height", "toe_height", "knee_below_hip", "knee_height", "wrist_above_hip"}),
    frozenset({"arm_overhead", "arms_wide", "arm_raised_left", "arm_raised_right", "upper_arm_elevation",
               "wrist_height", "wrist_back", "hand_off_thigh", "hands_over_shoulders", "elbow_ahead", "wrist_gap"}),
)  # fmt: skip
_ARMS: Final = _SAME[-1] | {"elbow_angle", "upper_elbow"}
# How far another person, or the same one on another day, may lie beside what was shown.
POSTURE: Final = {
    "trunk_from_up": (30.0, "the trunk upright or lying as it was shown"),
    "ventral_down": (0.3, "the belly to the side where it was shown"),
    "hip_height": (0.5, "the hips as high as it was shown"),
    "hip_angle_3d": (40.0, "the hips bent as it was shown"),
    "knee_angle_3d": (40.0, "the knees bent as it was shown"),
}
_QUIET: Final = ("hip_angle", "knee_angle", "elbow_angle", "arm_overhead", "trunk_lean", "trunk_elevation",
                 "arm_raised_left", "arm_raised_right", "chest_turn", "lateral_flexion")  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One reading of the movement: its value at rest, how far it goes from there, and how well it follows the rest."""

    measure: str
    rest: float
    swing: float
    likeness: float


@dataclass(frozen=True)
class Learned:
    """What was learned.

    Attributes:
        id, name: of the movement.
        view: from where it was seen, and will be judged.
        extents: the good repetitions, for each recording.
        seconds: how long a repetition took, median.
        parts: what it is counted by, best first.
        ranges: 2nd and 98th percentile of what describes the posture, by measure.
        quiet: the largest swing of what hardly moved, by measure.
        drop_torsos: the furthest that chest or hips come down within half a second, in trunk lengths.
        profile: the good execution, for the form score.
    """

    id: str
    name: str
    view: str
    extents: tuple[tuple[Extent, ...], ...]
    seconds: float
    parts: tuple[Part, ...]
    ranges: dict[str, tuple[float, float]]
    quiet: dict[str, float]
    drop_torsos: float
    profile: ReferenceProfile

    @property
    def n_repetitions(self) -> int:
        """How many repetitions it was learned from."""
        return sum(map(len, self.extents))


@dataclass(frozen=True)
class _Shown:
    """A recording on an even grid of time: (T,) seconds, and (T,) readings by measure (gaps filled).

    Attributes:
        drop_torsos: the furthest that chest or hips come down within half a second, in trunk lengths.
    """

    poses: list[Pose]
    view: str
    time_s: Array
    values: dict[str, Array]
    drop_torsos: float


def id_of(name: str) -> str:
    """A file's name from a movement's.

    >>> id_of("Wall angel, Übung 2")
    'wall_angel_ubung_2'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def learn_movement(
    logs: Sequence[PoseLog], name: str, *, view: str | None = None, n_repetitions: int | None = None
) -> Learned:
    """Learns a movement from recordings that show nothing else.

    Args:
        logs: pose logs of one to five good repetitions each.
        name: what it is called.
        view: from where it is to be judged; None for the view that most frames show.
        n_repetitions: how many repetitions the recordings show together; None to find out.

    Raises:
        UsageError: nothing in it moves enough, no repetition is found, or another number than was told.
        ReferenceFileError: the repetitions give no reference.
    """
    if not id_of(name):
        raise UsageError(f"{name!r} gives no file name; use letters of a to z or digits in it, too")
    shown = [_read(log, view) for log in logs]
    seen = Counter(one.view for one in shown)
    view = view or seen.most_common(1)[0][0]
    shown = [one for one in shown if one.view == view]
    if not shown:
        raise UsageError(f"nothing is seen from {view_in_words(view)}, but from {view_in_words(next(iter(seen)))}")
    names = _moving(shown)
    common = _in_common(shown, names)
    cycles = _cycles(shown, common, n_repetitions)
    if not sum(map(len, cycles)):
        raise UsageError("no repetition was found: show the whole movement at least once, from rest to rest")
    parts = _parts(shown, cycles, common, names)
    inside = [_inside(one, extents) for one, extents in zip(shown, cycles, strict=True)]
    profile = learn_profile(
        [Performance(one.poses, extents) for one, extents in zip(shown, cycles, strict=True)],
        exercise=id_of(name),
        view=view,
    )
    durations = [extent.end_s - extent.start_s for extents in cycles for extent in extents]
    return Learned(
        id=id_of(name),
        name=name,
        view=view,
        extents=tuple(map(tuple, cycles)),
        seconds=float(np.median(durations)),
        parts=parts,
        ranges=_ranges(shown, inside),
        quiet=_quiet(shown, inside, {part.measure for part in parts}),
        drop_torsos=max(one.drop_torsos for one in shown),
        profile=profile,
    )


# -- reading ----------------------------------------------------------------------------------------------------------


def _read(log: PoseLog, wanted: str | None) -> _Shown:
    """The readings of a recording in the view that most of it shows (or the wanted one)."""
    poses = [pose for pose in log if pose.is_person]
    senses = Senses()
    bodies: list[str] = []
    rows: list[dict[str, float]] = []
    heights: list[tuple[float, float]] = []
    for pose in poses:
        _, body = senses.take(pose)
        bodies.append(body.view if body is not None else "unknown")
        rows.append({name: senses.read(m) for name, m in MEASURES.items()} if body is not None else {})
        heights.append(_heights(body))
    views = Counter(view for view in bodies if view != "unknown")
    if not views:
        raise UsageError("no person can be made out in the recording")
    view = wanted if wanted is not None and wanted in views else views.most_common(1)[0][0]
    time_s = np.arange(poses[0].time_s, poses[-1].time_s, STEP_S)
    at = np.array([pose.time_s for pose in poses])
    values = {}
    for name in MEASURES:
        column = np.array([row.get(name, np.nan) if v == view else np.nan for row, v in zip(rows, bodies, strict=True)])
        known = np.isfinite(column)
        if known.sum() >= 2 and known.sum() >= LEAST_KNOWN * views[view]:
            values[name] = _smooth(np.interp(time_s, at[known], column[known]))
    return _Shown(poses, view, time_s, values, _drop(time_s, at, np.array(heights)))


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
        if known.sum() > n:
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


def _swing(values: Array) -> float:
    low, high = np.percentile(values, [5, 95])
    return float(high - low)


def _moving(shown: Sequence[_Shown]) -> list[str]:
    """Readings that are known in every recording and move by more than a camera's noise."""
    names = set(MEASURES) - _NO_DRIVE
    for one in shown:
        names &= {n for n, v in one.values.items() if _swing(v) >= LEAST_SWING.get(MEASURES[n].unit, np.inf)}
    if not names:
        raise UsageError(
            "nothing moves enough to count by: at least 20 degrees, or a fifth of the trunk's length, seen from here"
        )
    return sorted(names)


# -- the cycle --------------------------------------------------------------------------------------------------------


def _in_common(shown: Sequence[_Shown], names: Sequence[str]) -> list[Array]:
    """For each recording (T,) what its readings have in common: 0 at rest, 1 at the usual far end."""
    stacked = np.concatenate([np.array([one.values[name] for name in names]) for one in shown], axis=1)
    middle = np.median(stacked, axis=1, keepdims=True)
    scale = np.array([[_swing(row)] for row in stacked])
    centred = np.clip((stacked - middle) / scale, -1.0, 1.0)  # a skeleton that jumps must not be what moves most
    vectors, _, _ = np.linalg.svd(centred, full_matrices=False)
    whole = vectors[:, 0] @ centred
    lengths = np.cumsum([len(one.time_s) for one in shown])[:-1]
    if _begins_high(np.split(whole, lengths), whole):
        whole = -whole
    low, high = np.percentile(whole, [5, 95])
    return list(np.split((whole - low) / (high - low), lengths))


def _begins_high(recordings: Sequence[Array], whole: Array) -> bool:
    """Whether the rest is the upper end: there it begins; beginning in between, there it stays longer."""
    low, high = np.percentile(whole, [5, 95])
    start = float(np.median([np.median(values[: max(1, round(0.4 / STEP_S))]) for values in recordings]))
    share = (start - low) / (high - low)
    if 0.35 < share < 0.65:
        return bool(np.mean(whole > high - 0.25 * (high - low)) > np.mean(whole < low + 0.25 * (high - low)))
    return bool(share >= 0.65)


def _cycles(shown: Sequence[_Shown], common: Sequence[Array], wanted: int | None) -> list[list[Extent]]:
    """The good repetitions of each recording, at most MOST_REPETITIONS together where no number was told."""
    found: list[list[Extent]] = []
    counts = []
    for share in HALF_WAY:
        found = [_extents(one.time_s, values, share) for one, values in zip(shown, common, strict=True)]
        counts.append(sum(map(len, found)))
        if counts[-1] == wanted or (wanted is None and counts[-1]):
            break
    else:
        if wanted is None:
            return found
        told = " or ".join(map(str, sorted(set(counts))))
        raise UsageError(f"{told} repetitions were found, not {wanted}; cut the recording to them, or leave --reps out")
    durations = [extent.end_s - extent.start_s for extents in found for extent in extents]
    usual = float(np.median(durations)) if durations else 0.0
    good = [[extent for extent in extents if extent.end_s - extent.start_s <= SLOWEST * usual] for extents in found]
    left = MOST_REPETITIONS if wanted is None else max(MOST_REPETITIONS, wanted)
    for i, extents in enumerate(good):
        good[i] = extents[:left]
        left -= len(good[i])
    return good


def _extents(time_s: Array, height: Array, share: float) -> list[Extent]:
    """From rest to rest: each time the height rises above `share` and comes back to below a part of it."""
    extents: list[Extent] = []
    peaks: list[float] = []
    after, i, n = 0, 0, len(height)
    while i < n:
        if height[i] < share:
            i += 1
            continue
        begun = i
        while i < n and height[i] > 0.5 * share:
            i += 1
        if i == n:
            break  # it does not come back
        top = begun + int(np.argmax(height[begun:i]))
        rising = np.flatnonzero(height[i:] >= share)
        until = i + int(rising[0]) if len(rising) else n
        first = _last_rest(height, after, top)
        after = _first_rest(height, top, until)
        extents.append(Extent(float(time_s[first]), float(time_s[top]), float(time_s[after])))
        peaks.append(float(height[top]))
    usual = float(np.median(peaks)) if peaks else 0.0
    return [extent for extent, peak in zip(extents, peaks, strict=True) if peak >= GOOD_SHARE * usual]


def _first_rest(height: Array, top: int, stop: int) -> int:
    """Where a movement that was at its far end first comes to rest."""
    return top + _steps_to_rest(height[top:stop])


def _last_rest(height: Array, start: int, top: int) -> int:
    """Where a movement was last at rest before its far end."""
    return top - _steps_to_rest(height[start : top + 1][::-1])


def _steps_to_rest(height: Array) -> int:
    """From the far end on, the first step that is near the rest and slow; else the lowest one."""
    speed = np.abs(np.gradient(height)) if len(height) > 1 else np.zeros(len(height))
    resting = np.flatnonzero((height <= NEAR_REST) & (speed <= SLOW_SHARE * speed.max(initial=0.0)))
    return int(resting[0] if len(resting) else np.argmin(height))


def _inside(one: _Shown, extents: Iterable[Extent]) -> Array:
    """(T,) whether a moment belongs to a good repetition."""
    inside = np.zeros(len(one.time_s), bool)
    for extent in extents:
        inside |= (one.time_s >= extent.start_s) & (one.time_s <= extent.end_s)
    return inside


# -- what it is counted by --------------------------------------------------------------------------------------------


def _parts(
    shown: Sequence[_Shown], cycles: Sequence[Sequence[Extent]], common: Sequence[Array], names: Sequence[str]
) -> tuple[Part, ...]:
    """The readings that follow the movement best, angles before lengths."""
    found = []
    for name in names:
        rests, swings, likeness = [], [], []
        for one, extents, height in zip(shown, cycles, common, strict=True):
            values = one.values[name]
            if not extents:
                continue
            inside = _inside(one, extents)
            likeness.append(abs(float(np.corrcoef(values[inside], height[inside])[0, 1])))
            for extent in extents:
                at_rest, at_peak = (np.interp(t, one.time_s, values) for t in (extent.start_s, extent.peak_s))
                rests.append(at_rest)
                swings.append(at_peak - at_rest)
        part = Part(name, float(np.median(rests)), float(np.median(swings)), float(np.mean(likeness)))
        if part.likeness >= ALIKE and abs(part.swing) >= LEAST_SWING[MEASURES[name].unit]:
            found.append(part)
    if not found:
        raise UsageError("what moves does not move together: no reading follows the whole movement")
    found.sort(key=lambda part: (MEASURES[part.measure].unit != "deg", -_clearness(part)))
    return tuple(_different(found)[:MOST_PARTS])


def _different(parts: Sequence[Part]) -> list[Part]:
    """The best of those that tell the same thing."""
    kept: list[Part] = []
    others = [part for part in parts if part.measure not in _ARMS]
    if len(others) >= 2 and parts[0] in others:
        parts = others  # legs or trunk do it; the arms are held as each person likes
    angles = [part for part in parts if MEASURES[part.measure].unit == "deg"]
    if len(angles) >= ANGLES_ENOUGH:
        parts = angles  # the same for people of every build
    for part in parts:
        same = next((names for names in _SAME if part.measure in names), {part.measure})
        if not any(other.measure in same for other in kept):
            kept.append(part)
    return kept


def _clearness(part: Part) -> float:
    """How far the swing stands out of what a camera cannot tell, and how well it follows."""
    return part.likeness * abs(part.swing) / LEAST_SWING[MEASURES[part.measure].unit]


def _ranges(shown: Sequence[_Shown], inside: Sequence[Array]) -> dict[str, tuple[float, float]]:
    ranges = {}
    for name in POSTURE:
        if all(name in one.values for one in shown):
            values = np.concatenate([one.values[name][i] for one, i in zip(shown, inside, strict=True)])
            low, high = np.percentile(values, [2, 98])
            ranges[name] = (float(low), float(high))
    return ranges


def _quiet(shown: Sequence[_Shown], inside: Sequence[Array], moving: set[str]) -> dict[str, float]:
    """The largest swing in any recording of the angles that are none of the movement.

    What the arms do is free where they are no part of it: people hold them as they like.
    """
    is_free = _ARMS if not moving & _ARMS else frozenset()
    return {
        name: max(_swing(one.values[name][i]) for one, i in zip(shown, inside, strict=True))
        for name in _QUIET
        if name not in moving | is_free and all(name in one.values for one in shown)
    }
