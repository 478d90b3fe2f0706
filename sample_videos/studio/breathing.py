"""How somebody breathes: when, how deep, and where the body widens.

Chest and belly are pushed outwards along a smooth field in the reference pose and carried along by the bones; the
shoulders rise a little and the back straightens. The body sways as people do who keep still: slowly and irregularly.
"""

from dataclasses import dataclass, replace

import numpy as np

from .motion import minimum_jerk

CHEST_AT, BELLY_AT = 0.74, 0.30  # along the trunk, hip joints 0 .. shoulder joints 1
CHEST_SPREAD, BELLY_SPREAD = 0.20, 0.17
TRUNK_BONES = ("root", "pelvis", "spine", "clavicle", "shoulder", "breast")


@dataclass(frozen=True)
class Breathing:
    """One person's way of breathing.

    rate: a minute; 0: the breath is held. chest_mm, belly_mm: how far the skin moves out. late: share of a breath by
    which the belly follows the chest (negative: it leads). pause: share of a breath without movement after breathing
    out. back: share of the movement that the back makes. shrug_deg: the shoulders rise by. sway_mm: how much the body
    sways. uneven: how much length and depth differ from breath to breath.
    """

    rate: float
    chest_mm: float = 3.0
    belly_mm: float = 4.0
    late: float = 0.06
    pause: float = 0.12
    back: float = 0.25
    shrug_deg: float = 0.8
    sway_mm: float = 1.0
    uneven: float = 0.10
    seed: int = 1


@dataclass
class Breath:
    """From the beginning of breathing in to the end of breathing out and pausing; seconds from the clip's start."""

    start_s: float
    peak_s: float
    end_s: float


def breath_times(way, duration_s):
    """([Breath, ...], [depth, ...]) covering the clip; the first may begin before it, the last end after it."""
    if way.rate <= 0:
        return [], []
    rng = np.random.default_rng(way.seed)
    usual_s = 60 / way.rate
    start_s = -rng.uniform(0.1, 0.9) * usual_s
    breaths, depths = [], []
    while start_s < duration_s:
        length_s = usual_s * (1 + way.uneven * rng.uniform(-1.5, 1.5))
        rise_s = length_s * (1 - way.pause) * rng.uniform(0.40, 0.47)
        breaths.append(Breath(start_s, start_s + rise_s, start_s + length_s))
        depths.append(1 + way.uneven * rng.uniform(-1.5, 1.5))
        start_s += length_s
    return breaths, depths


def level(way, breaths, depths, t_s):
    """0 (out) .. about 1 (in) at a time."""
    for breath, depth in zip(breaths, depths, strict=True):
        if breath.start_s <= t_s < breath.end_s:
            if t_s < breath.peak_s:
                return depth * float(minimum_jerk((t_s - breath.start_s) / (breath.peak_s - breath.start_s)))
            out_s = (breath.end_s - breath.start_s) * (1 - way.pause) - (breath.peak_s - breath.start_s)
            return depth * (1 - float(minimum_jerk((t_s - breath.peak_s) / out_s)))
    return 0.0


class Breather:
    """A way of breathing over the length of a clip."""

    def __init__(self, way, duration_s):
        self.way = way
        self.breaths, self._depths = breath_times(way, duration_s + 60 / max(way.rate, 1))
        rng = np.random.default_rng(1000 + way.seed)
        self._sway = [(rng.uniform(0.04, 0.7), rng.uniform(0, 2 * np.pi, 3), rng.normal(size=3)) for _ in range(14)]

    def levels(self, t_s):
        """(chest, belly) 0 .. about 1 at a time."""
        late_s = self.way.late * 60 / max(self.way.rate, 1)
        return tuple(level(self.way, self.breaths, self._depths, t_s - by_s) for by_s in (0.0, late_s))

    def sway(self, t_s):
        """(3,) irregular, slower changes larger; its spread is about 1."""
        waves = [amount * np.sin(2 * np.pi * hz * t_s + at) * (0.1 / hz) ** 0.5 for hz, at, amount in self._sway]
        return 0.5 * np.sum(waves, axis=0)

    def moved(self, pose, t_s):
        """The pose with what breathing and swaying do to the posture."""
        chest, _ = self.levels(t_s)
        x, y, z = self.way.sway_mm / 1000 * self.sway(t_s)
        bend, lean, turn = 60 * self.way.sway_mm / 1000 * self.sway(t_s + 100.0)
        nod, tilt, look = 200 * self.way.sway_mm / 1000 * self.sway(t_s + 200.0)
        depth = self.way.chest_mm / 3.0 * chest
        flexion, side, twist = pose.spine
        neck, neck_side, neck_turn = pose.neck
        return replace(
            pose,
            sway=(x, y, 0.2 * z),
            spine=(flexion + bend - 0.4 * depth, side + lean, twist + turn),
            neck=(neck + nod, neck_side + tilt, neck_turn + look),
            shrug={name: value + self.way.shrug_deg * depth for name, value in pose.shrug.items()},
        )


class Swelling:
    """How far each vertex of one body goes out at full breath, for chest and belly."""

    def __init__(self, body, way):
        reference = body.ref_vertices
        hip_z = body.ref_joint("upperleg01.L")[2]
        shoulder_z = body.ref_joint("upperarm01.L")[2]
        along = (reference[:, 2] - hip_z) / (shoulder_z - hip_z)
        trunk = body.weight_of(body.bones_starting_with(TRUNK_BONES))
        outwards, front = self._outwards(reference, along, trunk)
        strength = trunk * (way.back + (1 - way.back) * front)
        self._fields = []
        for at, spread, depth_mm in (
            (CHEST_AT, CHEST_SPREAD, way.chest_mm),
            (BELLY_AT, BELLY_SPREAD, way.belly_mm),
        ):
            bump = np.exp(-(((along - at) / spread) ** 2)) * strength * depth_mm / 1000
            self._fields.append(bump[:, None] * outwards)
        self._moving = np.flatnonzero(np.abs(self._fields[0]).max(1) + np.abs(self._fields[1]).max(1) > 1e-5)
        self._weights = body.weights[self._moving]

    @staticmethod
    def _outwards(reference, along, trunk):
        """(V, 3) horizontal unit vectors away from the middle of the trunk, and how far in front a vertex lies, 0-1."""
        on_trunk = (trunk > 0.5) & (along > 0) & (along < 1)
        middle = np.array([0.0, np.median(reference[on_trunk, 1])])
        away = reference[:, :2] - middle
        away[:, 0] *= 0.6  # chest and belly go forward more than sideways
        unit = away / (np.linalg.norm(away, axis=1, keepdims=True) + 1e-9)
        front = 1 / (1 + np.exp(unit[:, 1] / 0.2))
        return np.column_stack([unit, np.zeros(len(unit))]), front

    def push(self, vertices, rotations, levels):
        """Vertices (V, 3) of a posed body with chest and belly out; rotations (N, 3, 3) of its bones from rest."""
        out = sum(amount * field[self._moving] for amount, field in zip(levels, self._fields, strict=True))
        turned = np.einsum("vn,nij,vj->vi", self._weights, rotations, out, optimize=True)
        pushed = vertices.copy()
        pushed[self._moving] += turned
        return pushed
