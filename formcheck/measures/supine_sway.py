"""Measures of swaying from side to side while lying on the back, seen from a raised camera at an angle.

From the feet the ball hides the hips; from behind one shoulder, looking down along the body, all of the trunk and the
legs is seen. There, what moves to a side moves across the picture. Definitions: exercise specification, A2 (LEG_ROLL,
KNEE_DROP, PEL_ROLL).

Each function takes a Body and returns one number; NaN when a landmark it needs is hidden, or when the camera looks
along the shoulder line. + is towards the person's right. `T` is the person's torso length in the picture.
"""

from __future__ import annotations

import math

from formcheck.geometry import (
    NAN,
    Point,
    Vector3,
    along_and_across,
    direction_deg,
    distance,
    joint_angle_3d_deg,
    midpoint,
    wrap_deg,
)
from formcheck.measures.body import Body
from formcheck.skeleton import INDEX

# A shoulder line that crosses less of the picture than this share of its length does not tell right from left.
MOST_SIDEWAYS = 0.25
# Below this sine the body's axis and the shoulder line cannot be told apart in the picture.
FLATTEST = 0.2


def _middle(body: Body, joint: str) -> Point:
    return midpoint(body.left(joint), body.right(joint))


def _cross(a: Point, b: Point) -> float:
    return a[0] * b[1] - a[1] * b[0]


def _from(start: Point, end: Point) -> Point:
    return (end[0] - start[0], end[1] - start[1])


def _step_px(body: Body, place: Point) -> float:
    """A point beside the hips across the picture, in pixels, + to the person's right."""
    line = _from(body.left("shoulder"), body.right("shoulder"))
    if not abs(line[0]) > MOST_SIDEWAYS * math.hypot(*line):
        return NAN
    return math.copysign(1.0, line[0]) * (place[0] - _middle(body, "hip")[0])


def _across(body: Body, place: Point) -> float:
    """A point beside the hips across the picture, in T, + to the person's right."""
    return _step_px(body, place) / body.torso_px


def knees_sideways(body: Body) -> float:
    """Knees beside the hips across the picture, in T, + to the person's right; legs at an angle add a constant."""
    return _across(body, _middle(body, "knee"))


def left_knee_sideways(body: Body) -> float:
    """Left knee beside the hips across the picture, in T, + to the person's right."""
    return _across(body, body.left("knee"))


def right_knee_sideways(body: Body) -> float:
    """Right knee beside the hips across the picture, in T, + to the person's right."""
    return _across(body, body.right("knee"))


def legs_sideways(body: Body) -> float:
    """Ankles beside the hips across the picture, in T, + to the person's right; legs at an angle add a constant."""
    return _across(body, _middle(body, "ankle"))


def legs_by_shoulders(body: Body) -> float:
    """The same in lengths of the shoulder line: from further beside the body, step and line look shorter alike."""
    return _step_px(body, _middle(body, "ankle")) / body.shoulders_px


def hips_sideways(body: Body) -> float:
    """Hips beside the line from knees to shoulders, along the shoulder line and in its lengths; + right.

    Their height above that line adds a constant.
    """
    knee, shoulder = _middle(body, "knee"), _middle(body, "shoulder")
    line, axis = _from(body.left("shoulder"), body.right("shoulder")), _from(knee, shoulder)
    both = _cross(line, axis)
    if not abs(both) > FLATTEST * math.hypot(*line) * math.hypot(*axis):
        return NAN
    return _cross(_from(knee, _middle(body, "hip")), axis) / both


def shoulder_line(body: Body) -> float:
    """Degrees from the trunk (hip->shoulder) to the shoulder line in the picture; a shoulder that lifts turns it."""
    trunk = direction_deg(_middle(body, "hip"), _middle(body, "shoulder"))
    return wrap_deg(direction_deg(body.left("shoulder"), body.right("shoulder")) - trunk)


def belly_seen(body: Body) -> float:
    """How squarely the front of the trunk is seen: +1 fully, 0 edge-on, -1 the back (sine, by left and right)."""
    line = _from(body.left("shoulder"), body.right("shoulder"))
    trunk = _from(_middle(body, "hip"), _middle(body, "shoulder"))
    area = math.hypot(*line) * math.hypot(*trunk)
    return _cross(line, trunk) / area if area > 0.0 else NAN


def head_end_nearer(body: Body) -> float:
    """Shoulders below the hips in the picture, in T: positive lying with the head towards a raised camera."""
    return (_middle(body, "shoulder")[1] - _middle(body, "hip")[1]) / body.torso_px


def nose_beyond(body: Body) -> float:
    """Nose beyond the shoulders along the trunk in T; a head that lifts off the floor brings it towards the chest."""
    shoulder, hip = _middle(body, "shoulder"), _middle(body, "hip")
    along, _ = along_and_across(body.nose, hip, shoulder)
    return (along - distance(hip, shoulder)) / body.torso_px


def knee_spread(body: Body) -> float:
    """Distance of the knees over that of the hips in the picture; together: about 1."""
    return distance(body.left("knee"), body.right("knee")) / distance(body.left("hip"), body.right("hip"))


def hand_on_knee(body: Body) -> float:
    """Smallest distance of a hand from a knee, in T; below 0.3 the hand pushes the knee."""
    pairs = [(hand, knee) for hand in (body.left, body.right) for knee in (body.left, body.right)]
    gaps = [distance(hand("wrist"), knee("knee")) / body.torso_px for hand, knee in pairs]
    known = [gap for gap in gaps if gap == gap]
    return min(known) if known else NAN


def arms_wide(body: Body) -> float:
    """Degrees between the trunk and the upper arm that lies closer to it, from the world landmarks."""
    angles = [joint_angle_3d_deg(*_arm(body, side)) for side in ("left", "right")]
    known = [angle for angle in angles if angle == angle]
    return min(known) if known else NAN


def _arm(body: Body, side: str) -> tuple[Vector3, Vector3, Vector3]:
    hip, shoulder, elbow = (body.world[INDEX[f"{side}_{joint}"]] for joint in ("hip", "shoulder", "elbow"))
    return hip, shoulder, elbow
