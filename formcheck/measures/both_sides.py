"""Measures that set the right side against the left, for movements in which the sides take turns.

Each function takes a Body and returns one number, + where the right side is the higher, the further ahead or the more
bent one; 0 where both are alike; NaN when a landmark it needs is hidden. `T` is the person's torso length in the
picture. In a side view the far limb is guessed by the estimator: read the swing, not the value.
"""

from __future__ import annotations

from formcheck.geometry import joint_angle_3d_deg, joint_angle_deg, mean_known
from formcheck.measures.body import Body
from formcheck.skeleton import INDEX
from formcheck.types import Side

SIDES: tuple[Side, Side] = ("left", "right")


def _above(body: Body, joint: str) -> float:
    return (body.left(joint)[1] - body.right(joint)[1]) / body.torso_px


def _ahead(body: Body, joint: str) -> float:
    return body.facing * (body.right(joint)[0] - body.left(joint)[0]) / body.torso_px


def _more_bent(body: Body, proximal: str, vertex: str, distal: str) -> float:
    left, right = (joint_angle_deg(*(body.of(side, joint) for joint in (proximal, vertex, distal))) for side in SIDES)
    return left - right


def _mean_3d(body: Body, proximal: str, vertex: str, distal: str) -> float:
    angles = (
        joint_angle_3d_deg(*(body.world[INDEX[f"{side}_{joint}"]] for joint in (proximal, vertex, distal)))
        for side in SIDES
    )
    return mean_known(*angles)


def shoulder_above_other(body: Body) -> float:
    """Right shoulder above the left one in T."""
    return _above(body, "shoulder")


def knee_above_other(body: Body) -> float:
    """Right knee above the left one in T."""
    return _above(body, "knee")


def foot_above_other(body: Body) -> float:
    """Right ankle above the left one in T."""
    return _above(body, "ankle")


def hand_above_other(body: Body) -> float:
    """Right hand above the left one in T."""
    return _above(body, "wrist")


def foot_ahead_of_other(body: Body) -> float:
    """Right ankle ahead of the left one in T, where the person looks (lying: where the head is)."""
    return _ahead(body, "ankle")


def hand_ahead_of_other(body: Body) -> float:
    """Right hand ahead of the left one in T, where the person looks (lying: where the head is)."""
    return _ahead(body, "wrist")


def hip_bent_more(body: Body) -> float:
    """Degrees by which the right hip (shoulder-hip-knee) is bent more than the left one."""
    return _more_bent(body, "shoulder", "hip", "knee")


def knee_bent_more(body: Body) -> float:
    """Degrees by which the right knee is bent more than the left one."""
    return _more_bent(body, "hip", "knee", "ankle")


def elbow_bent_more(body: Body) -> float:
    """Degrees by which the right elbow is bent more than the left one."""
    return _more_bent(body, "shoulder", "elbow", "wrist")


def arm_raised_more(body: Body) -> float:
    """Degrees by which the right upper arm is further from the trunk than the left one."""
    return -_more_bent(body, "hip", "shoulder", "elbow")


def elbow_angle_3d(body: Body) -> float:
    """Interior degrees shoulder-elbow-wrist from the world landmarks, mean of the sides (+-15)."""
    return _mean_3d(body, "shoulder", "elbow", "wrist")


def arm_angle_3d(body: Body) -> float:
    """Degrees between trunk and upper arm from the world landmarks, mean of the sides (+-15)."""
    return _mean_3d(body, "hip", "shoulder", "elbow")
