"""Measures of bending and turning sideways, for the front (or back) view. Definitions: exercise specification, A2.

Each function takes a Body and returns one number; NaN when a landmark it needs is hidden. + is towards the person's
right. `T` is the person's torso length in the picture.
"""

from __future__ import annotations

import math

from formcheck.geometry import NAN, Point, direction_deg, distance, from_up_deg, joint_angle_deg, wrap_deg
from formcheck.measures.body import Body
from formcheck.skeleton import INDEX
from formcheck.types import Side

THIGH_TORSOS = 0.82  # [measured] of a seated person's trunk in the picture, lying level


def trunk_lateral(body: Body) -> float:
    """Degrees of hip->shoulder from image-up, + leaning to the person's right."""
    return -body.front_sign * from_up_deg(body.at("hip"), body.at("shoulder"))


def lateral_flexion(body: Body) -> float:
    """Degrees between the hip line and the shoulder line, + bent to the person's right; tells bending from leaning."""
    hips = direction_deg(body.right("hip"), body.left("hip"))
    shoulders = direction_deg(body.right("shoulder"), body.left("shoulder"))
    return body.front_sign * wrap_deg(hips - shoulders)


def pelvis_roll(body: Body) -> float:
    """Degrees of the hip line from the horizontal, + right hip low."""
    tilt = direction_deg(body.right("hip"), body.left("hip"))
    return -body.front_sign * wrap_deg(tilt if body.front_sign > 0 else tilt - 180.0)


def _yaw_deg(body: Body, joint: str) -> float:
    """Turn of a left-right line about the vertical from depth, + to the person's right; 0 facing the camera."""
    left, right = INDEX[f"left_{joint}"], INDEX[f"right_{joint}"]
    wide = body.front_sign * (body.points[left][0] - body.points[right][0])
    return math.degrees(math.atan2(body.front_sign * (body.depth_px[right] - body.depth_px[left]), wide))


def pelvis_turn(body: Body) -> float:
    """Degrees the hip line is turned from facing the camera, from depth, + to the person's right.

    The estimator lets the hips follow the shoulders: read it as a hint, never as a verdict.
    """
    return _yaw_deg(body, "hip")


def chest_turn(body: Body) -> float:
    """Degrees the shoulder line is turned from facing the camera, from depth, + to the person's right.

    Depth alone invents rotation (128 degrees during a pure side bend were measured): a turn counts only with
    `shoulder_narrowing` as evidence and without a lean.
    """
    return _yaw_deg(body, "shoulder")


def shoulder_narrowing(body: Body) -> float:
    """Degrees of turn that the shortening of the shoulder line in the picture stands for, 0 to 90, to either side.

    The length along the line itself is used, which a side bend does not change. Blind below about 10 degrees (cosine).
    """
    width = distance(body.left("shoulder"), body.right("shoulder")) / body.shoulders_px
    return math.degrees(math.acos(min(1.0, width))) if width == width else NAN


def legs_turn(body: Body) -> float:
    """Degrees a seated person's thighs point past the camera, from the picture alone, + to the person's right.

    From the way of the knees beside the hips. Planted feet keep the thighs where they are, whatever the chest does, and
    no depth is read, which the estimator takes twice as large as it is at an angle to the camera [measured].
    """
    beside = -body.front_sign * (body.at("knee")[0] - body.at("hip")[0]) / (THIGH_TORSOS * body.torso_px)
    return math.degrees(math.asin(min(1.0, max(-1.0, beside)))) if beside == beside else NAN


def narrowing_beyond_legs(body: Body) -> float:
    """`shoulder_narrowing` less the angle at which the thighs point past the camera to the same side; degrees, 0 to 90.

    Who sits at an angle to the camera shows narrow shoulders by looking round already.
    """
    same_side = math.copysign(1.0, chest_turn(body)) * legs_turn(body)
    return max(0.0, shoulder_narrowing(body) - max(0.0, same_side)) if same_side == same_side else NAN


def knee_swing(body: Body) -> float:
    """Knees beside the ankles in T (middles), + to the person's right: hips that turn take the knees along."""
    return -body.front_sign * (body.at("knee")[0] - body.at("ankle")[0]) / body.torso_px


def head_turn(body: Body) -> float:
    """Nose beside the middle of the shoulders in T, + to the person's right."""
    middle = body.at("shoulder")
    return -body.front_sign * (body.nose[0] - middle[0]) / body.torso_px


def knee_gap(body: Body) -> float:
    """Distance between the knees in T."""
    return distance(body.left("knee"), body.right("knee")) / body.torso_px


def elbow_wide(body: Body) -> float:
    """Distance of the elbows over that of the shoulders; hands behind the head with wide elbows: 1.8 and more."""
    return distance(body.left("elbow"), body.right("elbow")) / distance(body.left("shoulder"), body.right("shoulder"))


def _arm_raised(body: Body, side: Side) -> float:
    """Degrees between the trunk (shoulder->hip) and the upper arm: 0 by the side, 180 overhead."""
    return joint_angle_deg(body.of(side, "hip"), body.of(side, "shoulder"), body.of(side, "elbow"))


def arm_raised_left(body: Body) -> float:
    """Degrees of the left upper arm from the trunk."""
    return _arm_raised(body, "left")


def arm_raised_right(body: Body) -> float:
    """Degrees of the right upper arm from the trunk."""
    return _arm_raised(body, "right")


def _upper_side(body: Body) -> Side | None:
    """The side away from the lean, whose arm reaches over in a side stretch; None when not leaning."""
    lean = trunk_lateral(body)
    if not abs(lean) > 0.0:
        return None
    return "left" if lean > 0.0 else "right"


def upper_arm_elevation(body: Body) -> float:
    """Degrees from the trunk of the arm opposite to the lean (the one that reaches over)."""
    side = _upper_side(body)
    return NAN if side is None else _arm_raised(body, side)


def upper_elbow(body: Body) -> float:
    """Interior elbow degrees of the arm opposite to the lean; 180 is a long arm."""
    side = _upper_side(body)
    if side is None:
        return NAN
    points: tuple[Point, ...] = tuple(body.of(side, joint) for joint in ("shoulder", "elbow", "wrist"))
    return joint_angle_deg(*points)


def _lower_side(body: Body) -> Side | None:
    """The side of the lean, whose hand rests on the ball in a side stretch; None when not leaning."""
    upper = _upper_side(body)
    return None if upper is None else "right" if upper == "left" else "left"


def lower_arm_elevation(body: Body) -> float:
    """Degrees from the trunk of the arm on the side of the lean (the one that rests on the ball)."""
    side = _lower_side(body)
    return NAN if side is None else _arm_raised(body, side)


def lower_elbow(body: Body) -> float:
    """Interior elbow degrees of the arm on the side of the lean."""
    side = _lower_side(body)
    if side is None:
        return NAN
    points: tuple[Point, ...] = tuple(body.of(side, joint) for joint in ("shoulder", "elbow", "wrist"))
    return joint_angle_deg(*points)


def head_off_lower_shoulder(body: Body) -> float:
    """Distance of ear and shoulder on the side of the lean in T; a head that drops that way makes it short."""
    side = _lower_side(body)
    return NAN if side is None else distance(body.of(side, "ear"), body.of(side, "shoulder")) / body.torso_px
