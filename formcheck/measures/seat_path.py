"""Measures of sitting on the ball: where the hips are over the planted feet, and how one sits.

Each function takes a Body and returns one number; NaN when a landmark it needs is hidden. `T` is the person's torso
length in the picture. Definitions: exercise specification, A2 (HIP_PATH, HIP_FA) and sheets 1 to 4 and 12.
"""

from __future__ import annotations

from formcheck.geometry import NAN, distance, midpoint
from formcheck.measures.body import METRES_PER_TORSO, Body
from formcheck.types import Side

SIDES: tuple[Side, Side] = ("left", "right")


def hip_forward(body: Body) -> float:
    """Hips ahead of the ankles in T, + in the direction the person looks; sitting behind the feet it is negative."""
    return body.facing * (body.at("hip")[0] - body.at("ankle")[0]) / body.torso_px


def hip_sideways(body: Body) -> float:
    """Hips beside the ankles in T (middles), + to the person's right."""
    return -body.front_sign * (body.at("hip")[0] - body.at("ankle")[0]) / body.torso_px


def hip_across(body: Body) -> float:
    """Hips beside the ankles in T, + to image-left: the right of a person seen from the front or at an angle."""
    return (body.at("ankle")[0] - body.at("hip")[0]) / body.torso_px


def hip_place(body: Body) -> float:
    """Where the hips are across the picture, in T, for a camera that stands; without the feet, which may fidget."""
    return body.at("hip")[0] / body.torso_px


def hip_near(body: Body) -> float:
    """How far down the picture hips and knees (their mean) are from the ankles' level, in T: + nearer to the camera.

    For a camera that looks down on the hips. The knees go along over the planted feet; the estimator sees them better
    than the hips, whose height it reads from the shirt [measured]. With `hip_across` it is the hips' path on the floor
    as that camera sees it: turned by the azimuth and foreshortened, but going round the same way.
    """
    return (0.5 * (body.at("hip")[1] + body.at("knee")[1]) - body.at("ankle")[1]) / body.torso_px


def hip_sway_to_camera(body: Body) -> float:
    """How near to the camera the hips are against feet and chest (their mean), in T; from the side: to and from it.

    Two weak signs together: the depth read, and a trunk that looks longer when its lower end comes nearer. Of a
    circle's way to the side a quarter to a half is found [measured on rendered clips]; only its change says anything.
    """
    feet = body.world_left("ankle")[2] + body.world_right("ankle")[2]
    chest = body.world_left("shoulder")[2] + body.world_right("shoulder")[2]
    hips = body.world_left("hip")[2] + body.world_right("hip")[2]
    depth = (hips - (feet + chest) / 2.0) / 2.0 / METRES_PER_TORSO
    return distance(body.at("hip"), body.at("shoulder")) / body.torso_px - depth


def sole_slope(body: Body) -> float:
    """Toes below the heels in the picture in T, the larger of the feet; the higher the camera, the larger.

    About half the sine of the angle at which a camera in front looks down on the feet (heel to toe is 0.4 to 0.6 T).
    """
    slopes = [(body.of(side, "foot_index")[1] - body.of(side, "heel")[1]) / body.torso_px for side in SIDES]
    known = [slope for slope in slopes if slope == slope]
    return max(known) if known else NAN


def chest_sideways(body: Body) -> float:
    """Shoulders beside the ankles in T (middles), + to the person's right."""
    return -body.front_sign * (body.at("shoulder")[0] - body.at("ankle")[0]) / body.torso_px


def ankle_gap(body: Body) -> float:
    """Distance of the ankles in T; it changes when a foot is moved."""
    return distance(body.left("ankle"), body.right("ankle")) / body.torso_px


def ankle_spacing(body: Body) -> float:
    """Distance of the ankles over that of the hip joints: about 1 with the feet hip-width apart."""
    return distance(body.left("ankle"), body.right("ankle")) / distance(body.left("hip"), body.right("hip"))


def heel_lift(body: Body) -> float:
    """Heel above the toes in T; about 0 on flat feet, seen from the side."""
    return (body.at("foot_index")[1] - body.at("heel")[1]) / body.torso_px


def foot_place(body: Body) -> float:
    """Where the ankle is across the picture, in T, for a camera that stands: its change says that the foot moved."""
    return body.at("ankle")[0] / body.torso_px


def ear_ahead(body: Body) -> float:
    """Ear ahead of the shoulder in T, + in the direction the person looks."""
    return body.facing * (body.at("ear")[0] - body.at("shoulder")[0]) / body.torso_px


def ear_height(body: Body) -> float:
    """Ear above the hip in T: how tall one sits."""
    return (body.at("hip")[1] - body.at("ear")[1]) / body.torso_px


def neck_height(body: Body) -> float:
    """Ear above the shoulder in T; shoulders that are drawn up make it shorter."""
    return (body.at("shoulder")[1] - body.at("ear")[1]) / body.torso_px


def hand_off_thigh(body: Body) -> float:
    """Distance of the hand from the middle of its thigh in T; the worse of the hands that are seen."""
    sides = (body.near,) if body.view == "side" else SIDES
    away = (
        distance(body.of(side, "wrist"), midpoint(body.of(side, "hip"), body.of(side, "knee"))) / body.torso_px
        for side in sides
    )
    known = [value for value in away if value == value]
    return max(known) if known else NAN
