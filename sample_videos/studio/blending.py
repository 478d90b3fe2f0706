"""Ways from one pose to another that no figure describes: turning round, standing up, kneeling down, lying down.

A pose is placed in the room by turning it about the vertical. Between two placed poses the trunk and the arms turn
from one to the other; feet and knees go from place to place, so that a foot that stands in both keeps standing.
"""

from dataclasses import dataclass

import numpy as np

from . import ik
from .motion import minimum_jerk, with_idle_motion
from .poses import Limb, Pose
from .posing import PosedClip, contact_track, skinned
from .rotations import rot_z, slerp


@dataclass(frozen=True)
class Placed:
    """A pose turned about the vertical through `pivot` and then shifted. Degrees, + to the person's left; metres."""

    pose: Pose
    turn: float = 0.0
    pivot: tuple = (0.0, 0.0)
    shift: tuple = (0.0, 0.0)
    ball_xy: tuple | None = None  # where the ball lies in the room, if it does not turn along


@dataclass(frozen=True)
class Way:
    """`share` of the way from one placed pose to the next.

    step: the left foot goes in the first half, the right one in the second, lifted by `lift_m`; else both go along.
    swing_m: the feet pass this much further out. sag_m: the pelvis passes this much below the straight line.
    """

    start: Placed
    end: Placed
    share: float = 0.0
    steps: bool = False
    lift_m: float = 0.0
    swing_m: float = 0.0
    sag_m: float = 0.0


@dataclass(frozen=True)
class Stance:
    """A solved pose in the room."""

    rotations: np.ndarray  # (N, 3, 3)
    joints: np.ndarray  # (N, 3)
    pelvis: np.ndarray  # (3,)
    ball_m: np.ndarray  # (2, 3) centre and radii
    spine: np.ndarray  # (3,) degrees
    turn: float  # degrees


def stand(body, placed, contact, t_s):
    """The Stance of a placed pose, breathing."""
    pose = with_idle_motion(placed.pose, t_s)
    posture = ik.solve(body, pose, contact)
    turn = rot_z(placed.turn)
    pivot = np.array([*placed.pivot, 0.0])
    offset = pivot + np.array([*placed.shift, 0.0])

    def moved(points):
        return (points - pivot) @ turn.T + offset

    ball = ik.ball_shape(pose.ball)
    center = moved(ball[0])
    if placed.ball_xy is not None:
        center[:2] = placed.ball_xy
    return Stance(
        turn @ posture.rotations,
        moved(posture.joints),
        moved(posture.pelvis),
        np.array([center, ball[1]]),
        np.array(pose.spine, float),
        placed.turn,
    )


def between(body, way, a, b):
    """The Stance on the way from a to b."""
    share = way.share
    if share <= 0:
        return a
    if share >= 1:
        return b
    root = next(i for i, parent in enumerate(body.parents) if parent < 0)
    relative = {}
    for i, (name, parent) in enumerate(zip(body.bone_names, body.parents, strict=True)):
        if parent < 0:
            continue
        relative[name] = slerp(a.rotations[parent].T @ a.rotations[i], b.rotations[parent].T @ b.rotations[i], share)
    turn = slerp(a.rotations[root], b.rotations[root], share)
    pelvis = a.pelvis + (b.pelvis - a.pelvis) * share - [0, 0, way.sag_m * np.sin(np.pi * share)]
    rotations, joints = body.forward_kinematics(turn, pelvis, {}, relative)
    absolute = {}
    for side, late in (("L", 0.0), ("R", 0.5)):
        own = float(minimum_jerk((share - late) / 0.5)) if way.steps else share
        absolute |= leg(body, way, a, b, side, own, rotations, joints)
    rotations, joints = body.forward_kinematics(turn, pelvis, absolute, relative)
    ball = a.ball_m + (b.ball_m - a.ball_m) * share
    spine = a.spine + (b.spine - a.spine) * share
    return Stance(rotations, joints, pelvis, ball, spine, a.turn + (b.turn - a.turn) * share)


def leg(body, way, a, b, side, share, rotations, joints):
    """{bone: global rotation} of one leg whose foot is `share` of its own way along."""
    hip, knee, foot = (body.bone[f"{name}.{side}"] for name in ("upperleg01", "lowerleg01", "foot"))
    ankle = a.joints[foot] + (b.joints[foot] - a.joints[foot]) * share
    outward = joints[hip] - joints[body.bone[f"upperleg01.{'R' if side == 'L' else 'L'}"]]
    outward = outward / np.linalg.norm(outward)
    ankle = ankle + (way.lift_m * np.array([0, 0, 1.0]) + way.swing_m * outward) * np.sin(np.pi * share)
    middle = [(s.joints[knee] - (s.joints[hip] + s.joints[foot]) / 2) for s in (a, b)]
    pole = middle[0] + (middle[1] - middle[0]) * share
    upper_m = np.linalg.norm(body.ref_joint(f"lowerleg01.{side}") - body.ref_joint(f"upperleg01.{side}"))
    lower_m = np.linalg.norm(body.ref_joint(f"foot.{side}") - body.ref_joint(f"lowerleg01.{side}"))
    upper, lower, _ = ik.two_bone_ik(joints[hip], ankle, pole, upper_m, lower_m)
    limb = Limb(directions=(tuple(upper), tuple(lower)), frame="world", pole=tuple(pole))
    state = _LegState(body, rotations, joints)
    bones = ik.solve_station(state, f"leg_{side}", limb)
    bones[f"foot.{side}"] = slerp(a.rotations[foot], b.rotations[foot], share)
    return bones


class _LegState:
    """What ik.solve_station needs to know."""

    def __init__(self, body, rotations, joints):
        self.body, self.rotations, self.joints, self.thighs = body, rotations, joints, {}


def stances(body, ways, times_s):
    """One Stance per frame. Contact is searched for wherever somebody moves on the spot, and at both ends of a way."""
    out, ends, i = [], [], 0
    while i < len(ways):
        if 0 < ways[i].share < 1:
            way, t_s = ways[i], times_s[i]
            out.append(
                between(
                    body,
                    way,
                    *(stand(body, end, contact_at(body, end.pose, ends), t_s) for end in (way.start, way.end)),
                )
            )
            i += 1
            continue
        stop = next((j for j in range(i, len(ways)) if 0 < ways[j].share < 1), len(ways))
        placed = [way.end if way.share >= 1 else way.start for way in ways[i:stop]]
        contacts = contact_track(body, [p.pose for p in placed])
        out += [stand(body, p, c, t) for p, c, t in zip(placed, contacts, times_s[i:stop], strict=True)]
        i = stop
    return out


def contact_at(body, pose, known):
    """The contact of a pose, looked up among those already searched for: [(pose, contact), ...]."""
    for seen, contact in reversed(known):
        if seen == pose:
            return contact
    known.append((pose, ik.settle(body, pose)))
    return known[-1][1]


def pose_frames(body, clip, times_s):
    """As posing.pose_frames, for a clip whose figure gives Ways."""
    states = [clip.script.state(t) for t in times_s]
    found = stances(body, [clip.figure(state) for state in states], times_s)
    rotations = np.array([s.rotations for s in found])
    pelvis = np.array([s.pelvis for s in found])
    landmarks = np.array([body.landmarks(vertices, joints) for vertices, joints in skinned(body, rotations, pelvis)])
    return PosedClip(
        np.asarray(times_s),
        states,
        [clip.script.phase(t) for t in times_s],
        rotations,
        pelvis,
        landmarks,
        np.array([s.ball_m for s in found]),
        np.array([s.spine for s in found]),
        turns=np.array([s.turn for s in found]),
    )
