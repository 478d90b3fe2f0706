"""Lays a person over the reference, frame by frame: phase, form score with its parts, and which limb is where.

Directions of segments are compared, never positions, so that people of other proportions are judged alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from formcheck.ghost import Ghost
from formcheck.measures.body import Body
from formcheck.reference import (
    ENDS,
    LIMBS,
    MID_SHOULDER,
    SEGMENT_NAMES,
    SEGMENTS,
    STARTS,
    TURNED_VIEWS,
    ReferenceProfile,
    mirrored,
    with_middles,
)
from formcheck.skeleton import INDEX
from formcheck.types import Array
from formcheck.warping import MEMORY_S, Warp

# What is a deviation. No angle of one camera is judged tighter than 10 degrees [measured: those of the side view
# differ from a goniometer's by 6-7 degrees].
TOLERANCE_DEG: Final = 10.0
# Where legs are not judged they follow the ball: 10 cm more or less under the seat tilt a thigh by 14 degrees.
SEAT_TOLERANCE_DEG: Final = 20.0
# Ears and nose lie a fifth of the trunk's length apart: the landmarks' own unrest turns that line by as much.
FACE_TOLERANCE_DEG: Final = 20.0
SPREADS: Final = 2.0  # good performances differ by this many of their own spreads
ZERO_AFTER_DEG: Final = 30.0  # a limb this far beyond the tolerance has no points left [choice]
UNJUDGED_WEIGHT: Final = 0.5  # of limbs that the movement does not judge [choice]
STEADY_S: Final = 0.4  # time constant of the deviations

# Which segments say something at all.
SHORTEST: Final = 0.25  # a segment seen shorter than this share of its length points at the camera: no angle
IN_PLANE: Final = (0.3, 0.6)  # shares of the length between which a reference's segment gains its weight
WIDEST_SPREAD_DEG: Final = 30.0  # good performances that differ by this say nothing
LEAST_WEIGHT: Final = 0.25

GAZE_SCALE: Final = 2.5  # per trunk length: a nose 0.2 trunk lengths to the side says as much as 29 degrees of a limb
LEAST_SHARE: Final = 0.35  # of the reference's weight that must be in sight to match at all

_N_SEGMENTS = len(SEGMENTS)
_LIMB_OF = tuple(LIMBS.index(segment.limb) for segment in SEGMENTS)
_JUDGED_AS = {"neck": "head", "shoulders": "trunk", "hips": "trunk", "left_foot": "left_leg", "right_foot": "right_leg"}
_WORDS = {"neck": "head", "face": "face", "trunk": "trunk", "upper_arm": "arm", "forearm": "forearm"}
_WORDS |= {"thigh": "thigh", "lower_leg": "lower leg"}
_NOSE = INDEX["nose"]
_FACE = SEGMENT_NAMES.index("face")
_ACROSS = [SEGMENT_NAMES.index("shoulders"), SEGMENT_NAMES.index("hips")]
_OTHER = {"left": "right", "right": "left"}

_MIRROR_NAMES = dict(_OTHER.items()) | {
    name: _OTHER[side] + name.removeprefix(side)
    for name in (*LIMBS, *(segment.name for segment in SEGMENTS))
    for side in _OTHER
    if name.startswith(side)
}


class Deviation(NamedTuple):
    """A limb that is not where the reference has it: "left arm" (who), 25.0 (degrees), "lower" (way)."""

    limb: str
    segment: str
    degrees: float
    who: str
    way: str

    @property
    def words(self) -> str:
        """'left arm 25 degrees lower than the reference'."""
        return f"{self.who} {self.degrees:.0f} degrees {self.way} than the reference"


@dataclass(frozen=True, slots=True)
class Match:
    """One frame laid over the reference.

    Attributes:
        phase: 0-1 along the reference.
        score: 0-100; NaN when no limb could be compared.
        parts: the same for every limb of `reference.LIMBS`; NaN where it could not be seen or says nothing.
        deviations: what is beyond the tolerance, worst first.
        ghost_px: (33, 2) the reference in the picture, with the person's own lengths, at the person's hips.
    """

    phase: float
    score: float
    parts: dict[str, float]
    deviations: tuple[Deviation, ...]
    ghost_px: Array


class Matcher:
    """Follows one person through one reference.

    Args:
        profile: the reference.
        judged: names of `skeleton.SEGMENTS` that the movement judges; the others weigh half.
    """

    def __init__(self, profile: ReferenceProfile, judged: Iterable[str] = ()) -> None:
        self.profile = profile
        # Which way round the person is laid over the reference: by where the person looks, or, seen from the front,
        # a movement with sides either way. A circle the other way is the same path backwards.
        self._is_turned = profile.view in TURNED_VIEWS and profile.side != "either"
        self._both_ways = not self._is_turned and profile.side is not None
        self._set_reference(profile)
        self._set_weights(profile, {_JUDGED_AS.get(name, name) for name in judged})
        self._warp = Warp(
            profile,
            self._units,
            self._weight,
            n_ways=2 if self._both_ways else 1,
            is_reversible=self._is_turned and profile.side == "cw",
        )
        self._ghost = Ghost(profile, self._share, IN_PLANE[1])
        self.reset()

    def reset(self) -> None:
        """Forget the phase, as after a cut."""
        self._warp.reset()
        self._off_deg = np.full(_N_SEGMENTS, np.nan)
        self._is_mirrored = False
        self._time_s = math.nan

    def _set_reference(self, profile: ReferenceProfile) -> None:
        vectors = profile.vectors
        lengths = np.linalg.norm(vectors, axis=2)
        self._points = with_middles(profile.xy)
        gaze = GAZE_SCALE * (self._points[:, _NOSE] - self._points[:, MID_SHOULDER])
        self._units = np.concatenate([vectors / np.maximum(lengths, 1e-9)[..., None], gaze[:, None]], axis=1)
        self._full_lengths = profile.lengths
        self._share = lengths / np.maximum(profile.lengths, 1e-9)

    def _set_weights(self, profile: ReferenceProfile, judged: set[str]) -> None:
        low, high = IN_PLANE
        weight = profile.seen * ((self._share - low) / (high - low)).clip(0.0, 1.0)
        weight = weight * (1.0 - profile.spread_deg / WIDEST_SPREAD_DEG).clip(0.0, 1.0)
        weight = np.where(weight >= LEAST_WEIGHT, weight, 0.0)
        weight[:, _FACE if profile.view != "side" else _ACROSS] = 0.0  # what points at the camera there
        # Seen from the front, a turn hardly changes a direction, but it takes the nose to the side.
        gaze = profile.weight[:, _NOSE, None] * float(not self._is_turned)
        self._weight = np.concatenate([weight, gaze], axis=1)
        self._mean_weight: Array = self._weight.mean(axis=0)
        is_seat = [segment.limb.endswith("leg") and segment.limb not in judged for segment in SEGMENTS]
        least = np.where(is_seat, SEAT_TOLERANCE_DEG, TOLERANCE_DEG)
        least[_FACE] = FACE_TOLERANCE_DEG
        self._tolerance = np.maximum(least, SPREADS * profile.spread_deg)
        importance = [1.0 if not judged or limb in judged else UNJUDGED_WEIGHT for limb in LIMBS]
        self._importance = dict(zip(LIMBS, importance, strict=True))

    # -- one frame ------------------------------------------------------------------------------------------------

    def step(self, body: Body) -> Match | None:
        """Lay the next frame over the reference; None in another view, or while too little is seen."""
        profile = self.profile
        if body.view != profile.view or (self._is_turned and math.isnan(body.facing)):
            return None
        dt_s = body.time_s - self._time_s if self._time_s == self._time_s else 0.0
        if dt_s > MEMORY_S:
            self.reset()
            dt_s = 0.0
        xy = np.array(body.points)
        ways: tuple[bool, ...] = (False, True)
        if not self._both_ways:
            ways = (self._is_turned and body.facing < 0.0,)
            if ways[0] != self._is_mirrored:
                self.reset()
                self._is_mirrored = ways[0]
                dt_s = 0.0
        live = [self._live(mirrored(xy) if way else xy, body.torso_px) for way in ways]
        units = np.array([u for u, _ in live])
        known = np.isfinite(units[..., 0])
        if not (known[0] * self._mean_weight).sum() >= LEAST_SHARE * self._mean_weight.sum():
            self._time_s = math.nan
            return None
        self._time_s = body.time_s
        units = np.where(known[..., None], units, 0.0)
        way, position = self._warp.step(units, known, dt_s)
        self._is_mirrored = ways[way]
        return self._judged(position, units[way], known[way], live[way][1], body, xy, dt_s)

    def _live(self, xy: Array, torso_px: float) -> tuple[Array, Array]:
        """(S + 1, 2) unit vectors of the segments and where the nose is, NaN where unknown; (S,) lengths."""
        points = with_middles(xy)
        vectors = points[ENDS] - points[STARTS]
        lengths = np.sqrt((vectors * vectors).sum(axis=1))
        lengths = np.where(lengths >= SHORTEST * self._full_lengths * torso_px, lengths, np.nan)
        gaze = (points[_NOSE] - points[MID_SHOULDER]) * (GAZE_SCALE / torso_px)
        units = np.concatenate([vectors / lengths[:, None], gaze[None]])
        return units, lengths / torso_px

    # -- what the frame is worth ------------------------------------------------------------------------------------

    def _judged(
        self,
        position: float,
        units: Array,
        known: npt.NDArray[np.bool_],
        lengths: Array,
        body: Body,
        xy: Array,
        dt_s: float,
    ) -> Match:
        n = self.profile.n_phases
        low = math.floor(position)
        i, j = (low % n, (low + 1) % n) if self.profile.is_cyclic else (max(0, low), min(n - 1, max(0, low) + 1))
        share = position - low
        units, known = units[:_N_SEGMENTS], known[:_N_SEGMENTS]
        wanted = (1.0 - share) * self._units[i, :_N_SEGMENTS] + share * self._units[j, :_N_SEGMENTS]
        nearest = i if share < 0.5 else j
        weight, tolerance = self._weight[nearest, :_N_SEGMENTS] * known, self._tolerance[nearest]
        off = np.degrees(
            np.arctan2(
                wanted[:, 0] * units[:, 1] - wanted[:, 1] * units[:, 0],
                (wanted * units).sum(axis=1),
            )
        )
        self._off_deg = _steadied(self._off_deg, np.where(weight > 0.0, off, np.nan), dt_s)
        points = (1.0 - share) * self._points[i] + share * self._points[j]
        beyond = np.maximum(0.0, np.abs(self._off_deg) - tolerance)
        parts, worst = self._parts(beyond)
        deviations = self._deviations(worst, beyond, wanted, points)
        phase = (position / n) % 1.0 if self.profile.is_cyclic else position / max(1, n - 1)
        ghost = self._ghost.place(points, nearest, lengths, xy, body.torso_px, dt_s, is_mirrored=self._is_mirrored)
        return Match(phase, self._score(parts), parts, deviations, ghost)

    def _parts(self, beyond: Array) -> tuple[dict[str, float], dict[str, int]]:
        """Points of every limb by its worst segment, and which that is; mirrored back to the person's own sides."""
        parts = dict.fromkeys(LIMBS, math.nan)
        worst: dict[str, int] = {}
        for row, value in enumerate(beyond.tolist()):
            if value != value:
                continue
            limb = self._own(LIMBS[_LIMB_OF[row]])
            points = 100.0 * max(0.0, 1.0 - value / ZERO_AFTER_DEG)
            if not parts[limb] <= points:
                parts[limb], worst[limb] = points, row
        return parts, worst

    def _score(self, parts: dict[str, float]) -> float:
        """Half of the mean of the limbs and half of the worst: one bad limb is not averaged away."""
        known = [(value, self._importance[self._own(limb)]) for limb, value in parts.items() if value == value]
        if not known:
            return math.nan
        mean = sum(value * weight for value, weight in known) / sum(weight for _, weight in known)
        return 0.5 * mean + 0.5 * min(100.0 - (100.0 - value) * weight for value, weight in known)

    def _deviations(self, worst: dict[str, int], beyond: Array, wanted: Array, points: Array) -> tuple[Deviation, ...]:
        found = []
        for limb, row in worst.items():
            if not beyond[row] > 0.0:
                continue
            degrees = float(self._off_deg[row])
            who, way = self._words(row, degrees, wanted[row], points)
            rank = float(beyond[row]) * self._importance[self._own(limb)]
            found.append((rank, Deviation(limb, self._own(SEGMENTS[row].name), abs(degrees), who, way)))
        return tuple(deviation for _, deviation in sorted(found, key=lambda item: -item[0]))

    def _words(self, row: int, degrees: float, wanted: Array, points: Array) -> tuple[str, str]:
        """Who is off, and which way."""
        name = SEGMENTS[row].name
        turn = math.radians(degrees)
        x, y = float(wanted[0]), float(wanted[1])
        dx = x * math.cos(turn) - y * math.sin(turn) - x
        dy = x * math.sin(turn) + y * math.cos(turn) - y
        if name in ("shoulders", "hips"):
            return name, f"lower on the {self._own('left' if dy > 0.0 else 'right')}"  # it runs from right to left
        side, _, part = name.partition("_") if name.startswith(("left_", "right_")) else ("", "", name)
        who = f"{self._own(side)} {_WORDS[part]}" if side else _WORDS[part]
        return who, self._way(dx, dy, side, points)

    def _way(self, dx: float, dy: float, side: str, points: Array) -> str:
        """In which direction the end of a segment is off, in the person's words."""
        if abs(dy) >= abs(dx):
            return "lower" if dy > 0.0 else "higher"
        if self._is_turned:
            return "further forward" if dx > 0.0 else "further back"
        left, right = points[INDEX["left_shoulder"]], points[INDEX["right_shoulder"]]
        is_left = (dx > 0.0) == bool(left[0] > right[0])
        if side:
            return "further out" if is_left == (side == "left") else "further in"
        return f"further to the {self._own('left' if is_left else 'right')}"

    def _own(self, name: str) -> str:
        """A name with a side as the person's own: the reference may lie over the person as a mirror image."""
        return _MIRROR_NAMES.get(name, name) if self._is_mirrored else name


def _steadied(old: Array, new: Array, dt_s: float) -> Array:
    """Angles in degrees, low-passed over STEADY_S; what was unknown begins afresh."""
    step = (new - old + 180.0) % 360.0 - 180.0
    moved = old + (1.0 - math.exp(-dt_s / STEADY_S)) * step
    return np.where(np.isnan(old), new, (moved + 180.0) % 360.0 - 180.0)
