"""Lays a person over the reference, frame by frame: phase, form score with its parts, and which limb is where.

Directions of segments are compared, never positions, so that people of other proportions are judged alike. The phase
is followed along the reference (open-end time warping, one column a frame): a step forward is free, a step back and a
jump cost, so the way out and the way back of one movement are told apart and a lost phase is found again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from formcheck.measures.body import Body
from formcheck.reference import (
    ENDS,
    LIMBS,
    MID_EAR,
    MID_HIP,
    MID_SHOULDER,
    N_POINTS,
    SEGMENT_NAMES,
    SEGMENTS,
    STARTS,
    TURNED_VIEWS,
    ReferenceProfile,
    mirrored,
    with_middles,
)
from formcheck.skeleton import INDEX, LANDMARKS, N_LANDMARKS
from formcheck.types import Array

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

# Following the phase.
GAZE_SCALE: Final = 2.5  # per trunk length: a nose 0.2 trunk lengths to the side says as much as 29 degrees of a limb
OUTLIER: Final = 0.25  # squared chord (29 degrees) at which a segment counts half: one wrong limb cannot drag the phase
FASTEST: Final = 4.0  # times the reference's own speed along its path
MEMORY_S: Final = 0.6
BACK_COST: Final = 0.15  # a sample
JUMP_COST: Final = 0.8
TURN_COST: Final = 0.02
LEAVE_COST: Final = 0.02  # another place must be this much likelier before the phase jumps there
DIRECTION_COST: Final = 0.08
MOVING_FROM: Final = 0.35  # 1/s of the feature vector; slower is standing still
VELOCITY_S: Final = 0.25
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

# The figure takes over the person's own lengths within these limits.
RATIOS: Final = (0.7, 1.4)
RATIO_S: Final = 2.0
GHOST_FROM: Final = 0.3  # landmarks that fewer of the performances show are left out of the figure


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
        self._is_reversible = self._is_turned and profile.side == "cw"
        self._set_reference(profile)
        self._set_weights(profile, {_JUDGED_AS.get(name, name) for name in judged})
        self._ratio = np.ones(_N_SEGMENTS)
        self._step_tables: dict[int, tuple[npt.NDArray[np.intp], Array]] = {}
        self.reset()

    def reset(self) -> None:
        """Forget the phase, as after a cut."""
        n = self.profile.n_phases
        self._belief = np.zeros((2 if self._both_ways else 1, n))
        self._at: tuple[int, int] | None = None
        self._slow: Array | None = None
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
        # For the phase: one column of weights a sample, and the direction in which the reference moves there.
        tangent = np.gradient(self._units, axis=0) if profile.n_phases > 1 else np.zeros_like(self._units)
        tangent = tangent * np.sqrt(self._weight)[..., None]
        size = np.linalg.norm(tangent.reshape(profile.n_phases, -1), axis=1)
        self._tangent = tangent.reshape(profile.n_phases, -1) / np.maximum(size, 1e-9)[:, None]

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
        cost = self._cost(units, known)
        self._follow(cost, self._heading_cost(units, known, dt_s), dt_s)
        way, at = self._at = self._likeliest(dt_s)
        self._is_mirrored = ways[way]
        position = self._refined(way, at)
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

    # -- the phase ------------------------------------------------------------------------------------------------

    def _cost(self, units: Array, known: npt.NDArray[np.bool_]) -> Array:
        """(ways, N) how little the frame looks like each sample, 0-1."""
        away = units[:, None] - self._units
        chord = np.einsum("wnsc,wnsc->wns", away, away)
        weight = self._weight[None] * known[:, None]
        robust = chord / (chord + OUTLIER)
        cost: Array = (weight * robust).sum(axis=-1) / np.maximum(weight.sum(axis=-1), 1e-9)
        return cost

    def _heading_cost(self, units: Array, known: npt.NDArray[np.bool_], dt_s: float) -> Array | float:
        """(ways, N) how far the reference's movement points away from the person's; 0 while the person keeps still."""
        if self._slow is None or self._slow.shape != units.shape or dt_s <= 0.0:
            self._slow = units
            return 0.0
        self._slow = self._slow + (1.0 - math.exp(-dt_s / VELOCITY_S)) * (units - self._slow)
        weight = np.sqrt(self._mean_weight) * known
        change = ((units - self._slow) * weight[..., None] / VELOCITY_S).reshape(len(units), -1)
        speed = np.sqrt((change * change).sum(axis=1, keepdims=True))
        towards = change @ self._tangent.T / np.maximum(speed, 1e-9)
        towards = np.abs(towards) if self._is_reversible else towards
        moving = speed / (speed + MOVING_FROM)
        heading: Array = DIRECTION_COST * moving * moving * (1.0 - towards)
        return heading

    def _follow(self, cost: Array, heading: Array | float, dt_s: float) -> None:
        """One column of the time warping: the belief (negative log-likelihood) moves forward and takes the frame in."""
        fresh = max(dt_s, 1e-3) / MEMORY_S
        if dt_s > 0.0:
            sources, costs = self._steps(self._reach(dt_s))
            padded = np.concatenate([self._belief, np.full((len(self._belief), 1), np.inf)], axis=1)
            moved = (padded[:, sources] + costs).min(axis=2)
            if self._both_ways and self.profile.side == "right":  # at rest, where both begin, one may become the other
                moved[:, 0] = np.minimum(moved[:, 0], self._belief[:, [0, -1]].min() + TURN_COST)
            self._belief = np.minimum(moved, float(self._belief.min()) + JUMP_COST) * math.exp(-fresh)
        self._belief = self._belief + (cost + heading) * min(1.0, 4.0 * fresh)

    def _reach(self, dt_s: float) -> int:
        """How many samples somebody at the highest speed moves on."""
        n = self.profile.n_phases
        return min(1 + math.ceil(FASTEST * dt_s / max(self.profile.seconds, 0.5) * n), n // 2)

    def _likeliest(self, dt_s: float) -> tuple[int, int]:
        """(way, sample) of the lowest belief: near the last one unless another place is clearly likelier."""
        n = self.profile.n_phases
        best = divmod(int(np.argmin(self._belief)), n)
        if self._at is None:
            return best
        way, last = self._at
        near = np.arange(last - (self._reach(dt_s) if self._is_reversible else 1), last + self._reach(dt_s) + 1)
        near = near % n if self.profile.is_cyclic else near.clip(0, n - 1)
        at = int(near[np.argmin(self._belief[way, near])])
        return (way, at) if self._belief[way, at] <= self._belief[best] + LEAVE_COST else best

    def _steps(self, reach: int) -> tuple[npt.NDArray[np.intp], Array]:
        """(N, steps) from which samples each can be reached in one frame (N: from none), and (steps,) what it costs."""
        if reach not in self._step_tables:
            n = self.profile.n_phases
            steps = np.arange(-reach if self._is_reversible else -1, reach + 1)
            sources = np.arange(n)[:, None] - steps
            outside = n if not self.profile.is_cyclic else sources % n
            sources = np.where((sources >= 0) & (sources < n), sources, outside)
            self._step_tables[reach] = (sources, np.where(steps < 0, 0.0 if self._is_reversible else BACK_COST, 0.0))
        return self._step_tables[reach]

    def _refined(self, way: int, at: int) -> float:
        """The phase between samples: the lowest point of the parabola through the best and its neighbours."""
        n = self.profile.n_phases
        before, after = at - 1, at + 1
        if n < 3 or not (self.profile.is_cyclic or 0 < at < n - 1):
            return float(at)
        row = self._belief[way]
        a, b, c = row[before], row[at], row[after % n]
        bend = a - 2.0 * b + c
        beside = float(0.5 * (a - c) / bend) if bend > 1e-9 else 0.0
        return at + max(-1.0, min(1.0, beside))  # `at` need not be a low point: there may be a better place elsewhere

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
        ghost = self._ghost(points, nearest, lengths, xy, body.torso_px, dt_s)
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

    # -- the figure -----------------------------------------------------------------------------------------------

    def _ghost(self, points: Array, nearest: int, lengths: Array, xy: Array, torso_px: float, dt_s: float) -> Array:
        """(33, 2) the reference's directions with the person's own lengths, hips on hips.

        Args:
            points: (36, 2) the reference at this phase.
            nearest: its nearest sample.
            lengths: (S,) of the person's segments in the picture, trunk lengths; NaN where there is no angle.
            xy: (33, 2) the person in pixels.
            torso_px: the person's trunk length.
            dt_s: seconds since the last frame.
        """
        flat = self._share[nearest] >= IN_PLANE[1]
        ratio = np.where(flat, lengths / np.maximum(self._share[nearest] * self._full_lengths, 1e-9), np.nan)
        other = ratio[_PAIR]
        ratio = np.where(np.isnan(ratio), other, np.where(np.isnan(other), ratio, 0.5 * (ratio + other)))
        share = 1.0 - math.exp(-dt_s / RATIO_S) if dt_s > 0.0 else 1.0
        step = ratio.clip(*RATIOS) - self._ratio
        self._ratio += np.where(np.isnan(step), 0.0, share * step)
        reach = (points - points[_PARENT]) * self._ratio[_RATIO_OF][:, None]
        ghost = (_CHAIN @ reach) * torso_px
        ghost[self.profile.weight[nearest] < GHOST_FROM] = np.nan
        if self._is_mirrored:
            ghost = mirrored(ghost)
        left, right = xy[_HIPS[0]], xy[_HIPS[1]]
        hips = 0.5 * (left + right)
        placed: Array = ghost + np.where(np.isnan(hips), np.where(np.isnan(left), right, left), hips)
        return placed


def _steadied(old: Array, new: Array, dt_s: float) -> Array:
    """Angles in degrees, low-passed over STEADY_S; what was unknown begins afresh."""
    step = (new - old + 180.0) % 360.0 - 180.0
    moved = old + (1.0 - math.exp(-dt_s / STEADY_S)) * step
    return np.where(np.isnan(old), new, (moved + 180.0) % 360.0 - 180.0)


# -- the tree of the figure: from the hips outwards -------------------------------------------------------------------


def _tree() -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """(36,) parent of every point, and (36,) row of SEGMENTS by whose length the way there is scaled."""
    rows = {segment.name: row for row, segment in enumerate(SEGMENTS)}
    parent, ratio_of = np.full(N_POINTS, MID_HIP), np.zeros(N_POINTS, np.intp)

    def hang(child: int, on: int, segment: str) -> None:
        parent[child], ratio_of[child] = on, rows[segment]

    hang(MID_SHOULDER, MID_HIP, "trunk")
    hang(MID_EAR, MID_SHOULDER, "neck")
    for i, name in enumerate(LANDMARKS):
        side, _, joint = name.partition("_")
        own = f"{side}_"
        if i <= INDEX["mouth_right"]:
            hang(i, MID_EAR, "neck")
        elif joint in ("shoulder", "hip"):
            hang(i, MID_SHOULDER if joint == "shoulder" else MID_HIP, f"{joint}s")
        elif joint == "elbow":
            hang(i, INDEX[own + "shoulder"], own + "upper_arm")
        elif joint == "knee":
            hang(i, INDEX[own + "hip"], own + "thigh")
        elif joint in ("heel", "foot_index"):
            hang(i, INDEX[own + "ankle"], own + "lower_leg")
        elif joint == "ankle":
            hang(i, INDEX[own + "knee"], own + "lower_leg")
        else:
            hang(i, INDEX[own + ("elbow" if joint == "wrist" else "wrist")], own + "forearm")
    return parent, ratio_of


def _chain(parent: npt.NDArray[np.intp]) -> Array:
    """(36, 36) 1 where the column's point lies on the way from the hips to the row's point."""
    chain = np.zeros((N_POINTS, N_POINTS))
    for row in range(N_POINTS):
        at = row
        while at != MID_HIP:
            chain[row, at] = 1.0
            at = int(parent[at])
    return chain


_PARENT, _RATIO_OF = _tree()
_CHAIN = _chain(_PARENT)[:N_LANDMARKS]
_HIPS = (INDEX["left_hip"], INDEX["right_hip"])
_NAMES = [segment.name for segment in SEGMENTS]
_PAIR = np.array(
    [
        _NAMES.index(_OTHER.get(n.split("_")[0], "") + n[len(n.split("_")[0]) :]) if "_" in n else i
        for i, n in enumerate(_NAMES)
    ]
)
