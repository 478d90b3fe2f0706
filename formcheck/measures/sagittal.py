"""Measures of bending forward and back, mostly for the side view. Definitions: exercise specification, A2.

Each function takes a Body and returns one number; NaN when a landmark it needs is hidden. `T` is the person's torso
length in the picture.
"""

from __future__ import annotations

import math

from formcheck.geometry import (
    NAN,
    along_and_across,
    distance,
    elevation_deg,
    from_up_deg,
    joint_angle_3d_deg,
    joint_angle_deg,
    mean_known,
)
from formcheck.measures.body import Body
from formcheck.skeleton import INDEX

SHORTEST_HEAD = 0.11  # T from ear to nose; 0.15 to 0.3 from the side, however high it is held [measured]


def stillness(body: Body) -> float:
    """How fast trunk, knees and nose move, T/s over the last second; below 0.06 a posture is kept still."""
    return body.speed_per_s


def hips_stillness(body: Body) -> float:
    """How fast hips and knees move, T/s over the last second: 0.005 to 0.014 kept still, whatever the breath does.

    Without one that moves alone: rocking takes all of them along, a knee that is hardly seen, as in the dark, wanders.
    """
    return body.hips_calm_speed_per_s


def trunk_from_up(body: Body) -> float:
    """Degrees of hip->shoulder from image-up, 0 to 180, in any direction."""
    return abs(from_up_deg(body.at("hip"), body.at("shoulder")))


def trunk_lean(body: Body) -> float:
    """Degrees of hip->shoulder from image-up, + leaning forward."""
    return body.facing * from_up_deg(body.at("hip"), body.at("shoulder"))


def trunk_elevation(body: Body) -> float:
    """Degrees of hip->shoulder above the horizontal, + shoulders higher."""
    return elevation_deg(body.at("hip"), body.at("shoulder"))


def trunk_length(body: Body) -> float:
    """Hip to shoulder in T; rounding the back shortens it by 0.03 to 0.12."""
    return distance(body.at("hip"), body.at("shoulder")) / body.torso_px


def trunk_over_seat(body: Body) -> float:
    """Hip to shoulder over the hips' height above the feet: bending to or from the camera, and getting up, shorten it.

    Both are of the same picture, so that coming nearer changes nothing, however soon.
    """
    seat_px = body.at("ankle")[1] - body.at("hip")[1]
    return distance(body.at("hip"), body.at("shoulder")) / seat_px if seat_px > 0.0 else NAN


def shoulder_ahead(body: Body) -> float:
    """Shoulder ahead of the hip in T, + in the direction the person looks."""
    return body.facing * (body.at("shoulder")[0] - body.at("hip")[0]) / body.torso_px


def ear_shoulder_hip(body: Body) -> float:
    """Degrees between shoulder->ear and shoulder->hip, 0 to 180; smaller when the neck and upper back round."""
    return joint_angle_deg(body.at("ear"), body.at("shoulder"), body.at("hip"))


def nose_drop(body: Body) -> float:
    """How far the nose is below the shoulder in T (above: negative)."""
    return (body.nose[1] - body.at("shoulder")[1]) / body.torso_px


def head_pitch(body: Body) -> float:
    """Degrees of ear->nose above the horizontal, + looking up; NaN while the head is turned away from the camera."""
    nose, ear = body.nose, body.at("ear")
    if distance(nose, ear) < SHORTEST_HEAD * body.torso_px:
        return NAN
    forward = body.facing * (nose[0] - ear[0])
    return math.degrees(math.atan2(ear[1] - nose[1], forward))


def neck_extension(body: Body) -> float:
    """Degrees of shoulder->ear above the line hip->shoulder, + head craned backwards (dorsal), - head dropped.

    Lying prone with the head to image-left, dorsal is up; `facing` says where the head is.
    """
    shoulder, hip, ear = body.at("shoulder"), body.at("hip"), body.at("ear")
    along, across = along_and_across(ear, shoulder, (2 * shoulder[0] - hip[0], 2 * shoulder[1] - hip[1]))
    return math.degrees(math.atan2(-body.facing * across, along))


def back_curve(body: Body) -> float:
    """Arc of the back's outline, degrees, + rounded, - hollow; its change from the person's own rest is what tells."""
    return body.back_curve_deg


def hip_angle(body: Body) -> float:
    """Interior degrees shoulder-hip-knee."""
    return joint_angle_deg(body.at("shoulder"), body.at("hip"), body.at("knee"))


def knee_angle(body: Body) -> float:
    """Interior degrees hip-knee-ankle."""
    return joint_angle_deg(body.at("hip"), body.at("knee"), body.at("ankle"))


def _joint_3d(body: Body, proximal: str, vertex: str, distal: str) -> float:
    """Mean of both sides' interior angle in metres."""
    angles = (
        joint_angle_3d_deg(*(body.world[INDEX[f"{side}_{joint}"]] for joint in (proximal, vertex, distal)))
        for side in ("left", "right")
    )
    return mean_known(*angles)


def hip_angle_3d(body: Body) -> float:
    """Interior degrees shoulder-hip-knee from the world landmarks, mean of the sides; for posture only (+-15)."""
    return _joint_3d(body, "shoulder", "hip", "knee")


def knee_angle_3d(body: Body) -> float:
    """Interior degrees hip-knee-ankle from the world landmarks, mean of the sides; for posture only (+-15)."""
    return _joint_3d(body, "hip", "knee", "ankle")


def hip_height(body: Body) -> float:
    """Hip above the ankle in T."""
    return (body.at("ankle")[1] - body.at("hip")[1]) / body.torso_px


def knee_below_hip(body: Body) -> float:
    """Knee below the hip in T: about 0.8 standing, 0 to 0.4 sitting, 0.8 kneeling."""
    return (body.at("knee")[1] - body.at("hip")[1]) / body.torso_px


def knee_height(body: Body) -> float:
    """Knee above the ankle in T: 0.8 sitting or standing, near 0 kneeling."""
    return (body.at("ankle")[1] - body.at("knee")[1]) / body.torso_px


def ventral_down(body: Body) -> float:
    """Lying: how far the face points to the floor, in T: + belly down (prone), - belly up (supine).

    The nose lies on the ventral side of the ear; the part of ear->nose across the trunk's axis is read as up or down.
    """
    ear, nose, shoulder, hip = body.at("ear"), body.nose, body.at("shoulder"), body.at("hip")
    moved = (shoulder[0] + nose[0] - ear[0], shoulder[1] + nose[1] - ear[1])
    _, across = along_and_across(moved, shoulder, (2 * shoulder[0] - hip[0], 2 * shoulder[1] - hip[1]))
    return body.facing * across / body.torso_px


def wrist_back(body: Body) -> float:
    """Prone: how far the hand reaches from the shoulder towards the feet, along the trunk, in T."""
    shoulder = body.at("shoulder")
    along, _ = along_and_across(body.at("wrist"), shoulder, body.at("hip"))
    return along / body.torso_px


def wrist_height(body: Body) -> float:
    """Hand above the shoulder in T (below: negative)."""
    return (body.at("shoulder")[1] - body.at("wrist")[1]) / body.torso_px


def wrist_above_hip(body: Body) -> float:
    """Hand above the hip in T (below: negative)."""
    return (body.at("hip")[1] - body.at("wrist")[1]) / body.torso_px


def toe_height(body: Body) -> float:
    """Toes above the hip's level in T; only its change says that they lift."""
    return (body.at("hip")[1] - body.at("foot_index")[1]) / body.torso_px


def hand_head(body: Body) -> float:
    """Distance of the hands from the ears in T, mean of the hands that are seen."""
    if body.view == "side":
        return distance(body.at("wrist"), body.at("ear")) / body.torso_px
    left = distance(body.left("wrist"), body.left("ear"))
    right = distance(body.right("wrist"), body.right("ear"))
    return mean_known(left, right) / body.torso_px


def elbow_ahead(body: Body) -> float:
    """Elbow ahead of the ear in T, + in the direction the person looks."""
    value = body.facing * (body.at("elbow")[0] - body.at("ear")[0]) / body.torso_px
    return value if value == value else NAN
