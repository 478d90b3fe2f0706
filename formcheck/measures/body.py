"""The person of one frame as measures see them: gated, smoothed, with scale, view, facing and near side."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from formcheck.filters import OneEuro, Steady
from formcheck.geometry import NAN, Point, Vector3, distance, midpoint
from formcheck.measures.gate import HIDDEN, LandmarkGate
from formcheck.measures.names import LegNames, partners
from formcheck.measures.ruler import Ruler
from formcheck.skeleton import INDEX
from formcheck.types import Ball, Pose, Side, View, ViewLine

# One-Euro in torso lengths. The estimator smooths inside already, so this is light: 0.1 s of lag when still.
MIN_CUTOFF_HZ = 1.5
BETA = 0.8
METRES_PER_TORSO = 0.5  # unit of the world frame's filter

# View classes by the angle between the shoulder (or hip) line and the image plane; 10 degrees of hysteresis.
SIDE_FROM_DEG = 55.0
FRONT_TO_DEG = 30.0
VIEW_HYSTERESIS_DEG = 10.0
VIEW_DWELL_S = 1.0

# Who sits down and then lies back is turned to the camera otherwise than before: where the hysteresis would leave them
# with the view they sat in, they are looked at afresh. Trunk upwards: 0.9 sitting, 0.1 and less lying; the knees are
# above the hips by 0.2 to 0.4 m of a person on the back, and below by as much kneeling or over the ball [measured].
UPRIGHT_FROM, LYING_BELOW, KNEES_UP_M = 0.7, 0.5, 0.15
AFRESH_S = 3.0  # lying down ends, and a second of the same view follows

SPEED_OVER_S = 1.0  # long enough for jitter to be small beside a slow movement
STILL_JOINTS = (0, 11, 12, 23, 24, 25, 26)
STILL_PAIRS = ((1, 2), (3, 4), (5, 6))  # of STILL_JOINTS: shoulders, hips, knees
HIPS_AND_KNEES = slice(3, 7)  # of STILL_JOINTS: breathing moves them least
ALONE = 2.0  # times as fast as the others: rocking takes all of them along

# A person who lies along the line of sight: the trunk looks shorter than this many shoulder widths.
FORESHORTENED_BELOW = 0.9

# The outline of the back is looked for eight times a second: in the frames between, it is as it was.
BACK_KEPT_S = 0.3

_NOWHERE: Point = (NAN, NAN)
_NOWHERE3: Vector3 = (NAN, NAN, NAN)


@dataclass(frozen=True, slots=True)
class Body:
    """One frame's person.

    Attributes:
        points: 33 (x, y) in pixels, smoothed; (NaN, NaN) where hidden.
        depth_px: 33 depths on the scale of the pixels, smoothed, smaller = nearer; the weak axis (+-15 degrees).
        world: 33 (x, y, z) in metres, smoothed; NaN where hidden. z is the weak axis here, too, and rather flat.
        torso_px, shoulders_px: the person's own full torso and shoulder-line length in this picture; NaN until known.
        body_px: the same from the near shoulder over hip and knee to the ankle.
        view: from where the camera looks at the line (shoulders or hips) that stays put in the movement.
        facing: +1 when the person looks (lying: has the head) to image-right, -1 to image-left, NaN when not known.
        near: the person's side nearer to the camera.
        limb_state: (33,) 0 hidden, 1 uncertain, 2 seen.
        speed_per_s: how fast trunk, knees and nose move, in torso lengths a second over the last second; NaN at first.
        hips_speed_per_s: the same for hips and knees alone.
        hips_calm_speed_per_s: the same without one that moves alone, as a knee does that the camera hardly sees.
        ball: as in the pose.
        back_curve_deg: as in the pose, the last one known for BACK_KEPT_S.
    """

    time_s: float
    points: list[Point]
    depth_px: list[float]
    world: list[Vector3]
    torso_px: float
    shoulders_px: float
    body_px: float
    view: View
    facing: float
    near: Side
    limb_state: npt.NDArray[np.uint8]
    speed_per_s: float = NAN
    hips_speed_per_s: float = NAN
    hips_calm_speed_per_s: float = NAN
    ball: Ball | None = None
    back_curve_deg: float = NAN

    def left(self, joint: str) -> Point:
        """The person's left landmark of a pair."""
        return self.points[INDEX[f"left_{joint}"]]

    def right(self, joint: str) -> Point:
        """The person's right landmark of a pair."""
        return self.points[INDEX[f"right_{joint}"]]

    def of(self, side: Side, joint: str) -> Point:
        """A landmark of the given side of the person."""
        return self.points[INDEX[f"{side}_{joint}"]]

    def at(self, joint: str) -> Point:
        """Where a paired joint is: the near landmark in a side view, the midpoint otherwise."""
        if self.view == "side":
            return self.points[INDEX[f"{self.near}_{joint}"]]
        return midpoint(self.left(joint), self.right(joint))

    @property
    def nose(self) -> Point:
        """The nose."""
        return self.points[0]

    @property
    def front_sign(self) -> float:
        """+1 seen from the front, -1 from the back, NaN otherwise: turns image-right into the person's left."""
        return {"front": 1.0, "back": -1.0}.get(self.view, NAN)

    def world_left(self, joint: str) -> Vector3:
        """The person's left landmark of a pair in metres."""
        return self.world[INDEX[f"left_{joint}"]]

    def world_right(self, joint: str) -> Vector3:
        """The person's right landmark of a pair in metres."""
        return self.world[INDEX[f"right_{joint}"]]


class BodyTracker:
    """Makes a Body of every pose; keeps what needs a past: filters, gate, scale, view, facing, near side."""

    def __init__(self, view_by: ViewLine = "shoulders") -> None:
        self._gate = LandmarkGate()
        self._names = LegNames()
        self._view_by = view_by
        self._view_line = (11, 12) if view_by == "shoulders" else (23, 24)
        self._pixels = OneEuro(MIN_CUTOFF_HZ, BETA)
        self._metres = OneEuro(MIN_CUTOFF_HZ, BETA)
        self._ruler = Ruler()
        self._path: deque[tuple[float, list[Point]]] = deque()
        self._back: tuple[float, float] = (-math.inf, NAN)  # when it was last known, and its curve
        self._look_afresh()

    @property
    def torso_px(self) -> float:
        """The person's full torso length in this picture; NaN before the first pose."""
        return self._ruler.torso_px

    def cut(self) -> None:
        """Another picture begins: nothing of the past may smooth the new one."""
        self._gate.reset()
        self._names.reset()
        self._pixels.reset()
        self._metres.reset()
        self._ruler.cut()
        self._path.clear()
        self._back = (-math.inf, NAN)
        self._look_afresh()

    def _look_afresh(self) -> None:
        self._view = Steady("unknown", VIEW_DWELL_S)
        self._was_upright = False
        self._lay_back_s = -math.inf
        self._facing = Steady(NAN, 0.7)
        self._near = Steady("left", 1.0)
        self._has_near = False

    def update(self, pose: Pose) -> Body:
        """The Body of a pose in which a person was found."""
        pose = self._keep_names(pose)
        states = self._gate.states(pose)
        self._ruler.take(pose)
        pixels = self._pixels(pose.time_s, pose.xyz_px, unit=self.torso_px)
        metres = self._metres(pose.time_s, pose.world_m.astype(np.float64), unit=METRES_PER_TORSO)
        points: list[Point] = [(x, y) for x, y, _ in pixels.tolist()]
        depth_px: list[float] = pixels[:, 2].tolist()
        world: list[Vector3] = [(x, y, z) for x, y, z in metres.tolist()]
        view = self._look(pose.time_s, points, world)
        near = self._nearer(pose)
        for i in np.flatnonzero(states == HIDDEN).tolist():
            points[i], depth_px[i], world[i] = _NOWHERE, NAN, _NOWHERE3
        facing = self._face(pose.time_s, points, near)
        return Body(
            pose.time_s,
            points,
            depth_px,
            world,
            self.torso_px,
            self._ruler.shoulders_px,
            self._ruler.body_px[near],
            view,
            facing,
            near,
            states,
            *self._speeds(pose.time_s, points),
            pose.ball,
            self._back_curve(pose),
        )

    def _keep_names(self, pose: Pose) -> Pose:
        """The pose with legs under the names they had; joints renamed for good are not smoothed from place to place."""
        before = self._pixels.value
        if before is None or not self.torso_px > 0.0:
            return pose
        pose, renamed = self._names.take(pose, before[:, :2], self._gate.visibility, self.torso_px)
        if len(renamed):
            for known in (self._gate, self._pixels, self._metres):
                known.exchange(renamed, partners(renamed))
        return pose

    def _back_curve(self, pose: Pose) -> float:
        """The curve of the back's outline, degrees; NaN when it was not known for a while."""
        if pose.back_curve_deg == pose.back_curve_deg:
            self._back = pose.time_s, pose.back_curve_deg
        known_s, curve_deg = self._back
        return curve_deg if pose.time_s - known_s <= BACK_KEPT_S else NAN

    def _speeds(self, time_s: float, points: list[Point]) -> tuple[float, float, float]:
        """Speed of the landmarks that tell whether somebody keeps still, T/s.

        Root mean square of all, of hips and knees, and of hips and knees without one that moves alone.
        """
        path = self._path
        path.append((time_s, [points[i] for i in STILL_JOINTS]))
        while len(path) > 2 and time_s - path[1][0] >= SPEED_OVER_S:
            path.popleft()
        span_s = time_s - path[0][0]
        if span_s < 0.5 * SPEED_OVER_S:
            return NAN, NAN, NAN
        steps = _steps(path[0][1], path[-1][1])
        unit = span_s * self.torso_px
        hips = steps[HIPS_AND_KNEES]
        return _root_mean_square(steps) / unit, _root_mean_square(hips) / unit, _together(hips) / unit

    def _look(self, time_s: float, points: list[Point], world: list[Vector3]) -> View:
        """The view class, decided over a second."""
        left, right = self._view_line
        psi = _thighs_deg(world) if self._view_by == "thighs" else _line_deg(world[left], world[right])
        self._note_lying_back(time_s, world)
        is_first = self._view.value == "unknown"
        was = self._view.value if time_s - self._lay_back_s >= AFRESH_S else "unknown"
        side_from = SIDE_FROM_DEG - (VIEW_HYSTERESIS_DEG if was == "side" else 0.0)
        front_to = FRONT_TO_DEG + (VIEW_HYSTERESIS_DEG if was in ("front", "back") else 0.0)
        if psi >= side_from:
            label = "side"
        elif psi <= front_to:
            label = self._end_on(points, world) or ("front" if points[left][0] > points[right][0] else "back")
        else:
            label = "oblique"
        return self._view.update(time_s, label, 0.0 if is_first else None)  # type: ignore[return-value]

    def _note_lying_back(self, time_s: float, world: list[Vector3]) -> None:
        """Notes when somebody who was upright came to lie on the back."""
        chest, pelvis, knees = (
            [(a + b) / 2.0 for a, b in zip(world[left], world[left + 1], strict=True)] for left in (11, 23, 25)
        )
        length = math.dist(chest, pelvis)
        upwards = (pelvis[1] - chest[1]) / length if length > 0.0 else NAN
        if upwards > UPRIGHT_FROM:
            self._was_upright = True
        elif self._was_upright and upwards < LYING_BELOW and pelvis[1] - knees[1] > KNEES_UP_M:
            self._was_upright, self._lay_back_s = False, time_s

    def _end_on(self, points: list[Point], world: list[Vector3]) -> View | None:
        """Whether the person lies along the line of sight, and which end is nearer."""
        chest, pelvis = midpoint(points[11], points[12]), midpoint(points[23], points[24])
        limit = FORESHORTENED_BELOW * (1.15 if self._view.value in ("foot_end", "head_end") else 1.0)
        if not distance(chest, pelvis) < limit * distance(points[11], points[12]):
            return None
        depth = world[11][2] + world[12][2] - world[23][2] - world[24][2]
        return "foot_end" if depth > 0.0 else "head_end"

    def _nearer(self, pose: Pose) -> Side:
        """The side whose hip and shoulder are nearer by depth; with equal depth the better seen one."""
        z, visibility = pose.landmarks[:, 2], pose.visibility
        depth = float(z[12] + z[24] - z[11] - z[23])
        seen = float(
            visibility[11] + visibility[23] + visibility[25] - visibility[12] - visibility[24] - visibility[26]
        )
        label = "left" if depth + 0.5 * seen > 0.0 else "right"
        is_first, self._has_near = not self._has_near, True
        return self._near.update(pose.time_s, label, 0.0 if is_first else None)  # type: ignore[return-value]

    def _face(self, time_s: float, points: list[Point], near: Side) -> float:
        """Where the person looks in the picture: knees, toes and nose vote when upright; lying, the head end."""

        def ahead(front: str, behind: str) -> float:
            offset = points[INDEX[f"{near}_{front}"]][0] - points[INDEX[f"{near}_{behind}"]][0]
            return offset if offset == offset else 0.0

        rise = points[INDEX[f"{near}_hip"]][1] - points[INDEX[f"{near}_shoulder"]][1]
        if abs(ahead("shoulder", "hip")) > abs(rise):
            vote = ahead("shoulder", "hip")
        else:
            nose = points[0][0] - points[INDEX[f"{near}_ear"]][0]
            vote = ahead("knee", "hip") + ahead("foot_index", "heel") + (nose if nose == nose else 0.0)
        if not abs(vote) > 0.1 * self.torso_px:
            return self._facing.value  # type: ignore[return-value]
        is_first = self._facing.value != self._facing.value
        return self._facing.update(time_s, math.copysign(1.0, vote), 0.0 if is_first else None)  # type: ignore[return-value]


def _line_deg(left: Vector3, right: Vector3) -> float:
    """Angle of a left-right line to the picture: 0 from the front or the back, 90 from the side."""
    (ax, ay, az), (bx, by, bz) = left, right
    return math.degrees(math.atan2(abs(bz - az), math.hypot(bx - ax, by - ay)))


def _thighs_deg(world: list[Vector3]) -> float:
    """The same by where somebody's thighs point who sits: right to a few degrees where raised arms bend the lines."""
    ahead = [(world[25][i] + world[26][i] - world[23][i] - world[24][i]) / 2.0 for i in (0, 2)]
    return math.degrees(math.atan2(abs(ahead[0]), abs(ahead[1])))


def _steps(before: list[Point], now: list[Point]) -> list[float]:
    """How far each of STILL_JOINTS went; a pair that lies where it was under each other's names has not moved."""
    steps = [distance(a, b) for a, b in zip(before, now, strict=True)]
    for i, j in STILL_PAIRS:
        own, other = (steps[i], steps[j]), (distance(before[j], now[i]), distance(before[i], now[j]))
        if math.hypot(*other) < math.hypot(*own):
            steps[i], steps[j] = other
    return steps


def _together(steps: list[float]) -> float:
    """Root mean square of the known ones, without the largest where it is far from the others; NaN when none is."""
    known = sorted(step for step in steps if step == step)
    others = known[:-1]
    is_alone = len(others) > 1 and known[-1] > ALONE * _root_mean_square(others)
    return _root_mean_square(others if is_alone else known)


def _root_mean_square(steps: list[float]) -> float:
    """Of the known ones; NaN when none is."""
    squares = [step * step for step in steps if step == step]
    return math.sqrt(sum(squares) / len(squares)) if squares else NAN
