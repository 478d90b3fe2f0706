"""Clips of keeping still and breathing: what a counter of breaths is measured on.

Every clip is one hold. Even numbers are for choosing the counter's constants, odd ones for reporting on it.
"""

from dataclasses import replace

from .. import figures, figures_floor, figures_prone, figures_seat, figures_supine
from ..breathing import Breathing
from ..motion import Hold, Script
from ..poses import BALL_RADIUS_M
from ..scene import Camera, Look, Room
from .clip import Clip

FPS, SECONDS = 10, 40.0
SIZE_WH = (480, 360)
CRF, NOISE, GROUP = 29, 0.7, 100  # a key frame every ten seconds, as encoders do unless told otherwise

STRIPED = Look(skin=(206, 158, 130), hair=(58, 38, 26), shirt=(120, 134, 150), leggings=(50, 54, 78), stripes_m=0.03)
PLAIN = Look(
    skin=(198, 150, 122), hair=(40, 30, 24), shirt=(188, 92, 70), leggings=(88, 94, 112), beard=0.4, loose_m=0.010
)
CREASED = Look(skin=(212, 170, 142), hair=(28, 24, 22), shirt=(96, 150, 132), leggings=(74, 66, 92), folds=1.0)
DARK = Look(
    skin=(130, 88, 62), hair=(88, 84, 82), shirt=(52, 52, 60), leggings=(44, 44, 52), loose_m=0.014, sleeve_end=0.9
)
LOOSE = Look(
    skin=(214, 168, 146), hair=(126, 124, 122), shirt=(170, 164, 150), leggings=(96, 88, 76), beard=0.2,
    loose_m=0.016, hem_m=0.09, folds=0.5, sleeve_end=0.9,
)  # fmt: skip
DAY = Room(wall_rgb=(210, 212, 206), floor_rgb=(172, 146, 114), mat_rgb=(90, 98, 112), ball_rgb=(188, 104, 84))
EVENING = Room(
    wall_rgb=(206, 192, 176), floor_rgb=(138, 116, 96), mat_rgb=(76, 104, 100), ball_rgb=(92, 124, 176),
    cabinet_x=1.8, picture_x=-1.2, plant_x=-2.4, light=0.75, warm=0.5,
)  # fmt: skip
CLOUDY = Room(
    wall_rgb=(188, 198, 206), floor_rgb=(150, 140, 130), mat_rgb=(160, 132, 100), ball_rgb=(120, 160, 110),
    cabinet_x=-1.9, picture_x=1.1, plant_x=2.4, light=0.9, warm=-0.4,
)  # fmt: skip


def sitting(state):
    return figures_seat.rolling_seat(state, [figures.ON_THIGH], [figures.ON_THIGH])


def kneeling(state):
    return figures_prone.kneeling(state, BALL_RADIUS_M)


SEAT = (sitting, {"nod": 4}, (0, -0.10, 0.74))
LYING = (figures_floor.lying, {"look": -14}, (0, 0.24, 0.26))
STRETCHED = (figures_floor.lying, {"straight": 1.2, "arms_L": 2, "arms_R": 2, "look": -24}, (0, 0.24, 0.28))
DRAPED_LEGS = (figures_floor.sitting, {"nod": 8, "look": -8}, (0, 0.12, 0.38))
ROCKING = (figures_supine.rocking, {"rock": 0.02}, (0, 0.10, 0.30))
KNEELING = (kneeling, {"sink": 1, "reach": 1}, (0, -0.02, 0.40))
PRONE = (figures_prone.rolling, {"travel": 1}, (0, -0.04, 0.44))


def still(name, exercise, view, place, body, look, room, at, way, **fields):
    """Somebody who keeps still for the whole clip; at: azimuth_deg, distance_m, height_m, hfov_deg."""
    figure, channels, target = place
    script = Script(**channels)
    script.holds.append(Hold(0.0, SECONDS))
    script.wait(SECONDS, "hold")
    azimuth_deg, distance_m, height_m, hfov_deg = at
    camera = Camera(azimuth_deg, distance_m, height_m, target, hfov_deg)
    usual = {"fps": FPS, "size_wh": SIZE_WH, "crf": CRF, "noise": NOISE, "group": GROUP}
    return Clip(name, exercise, view, body, look, room, camera, script, figure, breathing=way, **usual | fields)


def breath_00():
    """Sitting, from the side, stripes."""
    way = Breathing(14, chest_mm=3.0, belly_mm=3.5, seed=20)
    return still("breath_00", "grounding_seat", "side", SEAT, "woman", STRIPED, DAY, (84, 2.8, 1.0, 45), way)


def breath_01():
    """Sitting, from the other side, a plain loose shirt."""
    way = Breathing(12, chest_mm=4.0, belly_mm=4.5, late=-0.05, seed=21)
    return still("breath_01", "grounding_seat", "side", SEAT, "man", PLAIN, EVENING, (-80, 2.7, 1.1, 47), way)


def breath_02():
    """Sitting, from the front, creases."""
    way = Breathing(10, chest_mm=5.0, belly_mm=5.0, shrug_deg=1.2, seed=22)
    return still("breath_02", "grounding_seat", "front", SEAT, "student", CREASED, CLOUDY, (4, 2.6, 1.1, 48), way)


def breath_03():
    """Sitting, oblique, stripes, deep and slow."""
    way = Breathing(6, chest_mm=5.0, belly_mm=6.0, pause=0.18, shrug_deg=1.2, seed=23)
    return still("breath_03", "grounding_seat", "oblique", SEAT, "older", STRIPED, DAY, (42, 2.7, 1.1, 47), way)


def breath_04():
    """Lying with the calves on the ball, from the side."""
    way = Breathing(12, chest_mm=2.0, belly_mm=5.0, sway_mm=0.3, seed=24)
    return still("breath_04", "savasana", "side", LYING, "older", CREASED, EVENING, (82, 2.6, 0.9, 42), way)


def breath_05():
    """The same, a man who breathes slowly into the belly, seen a little from the feet."""
    way = Breathing(8, chest_mm=2.0, belly_mm=6.0, late=-0.10, sway_mm=0.3, seed=25)
    return still("breath_05", "savasana", "side", LYING, "man", PLAIN, CLOUDY, (62, 2.5, 1.0, 44), way)


def breath_06():
    """On the mat, the lower legs over the ball, quick and shallow."""
    way = Breathing(17, chest_mm=2.5, belly_mm=3.0, sway_mm=0.6, seed=26)
    return still("breath_06", "relaxation", "side", DRAPED_LEGS, "grandpa", LOOSE, DAY, (80, 2.5, 0.95, 42), way)


def breath_07():
    """The same from the other side, stripes."""
    way = Breathing(11, chest_mm=3.5, belly_mm=3.5, sway_mm=0.6, seed=27)
    return still("breath_07", "relaxation", "side", DRAPED_LEGS, "student", STRIPED, EVENING, (-96, 2.6, 0.95, 42), way)


def breath_08():
    """Child's pose: the back rises."""
    way = Breathing(8, chest_mm=5.0, belly_mm=5.0, back=0.9, sway_mm=0.4, seed=28)
    return still("breath_08", "childs_pose", "side", KNEELING, "woman", CREASED, CLOUDY, (78, 2.5, 0.9, 42), way)


def breath_09():
    """Child's pose, a loose shirt."""
    way = Breathing(13, chest_mm=4.0, belly_mm=4.0, back=0.9, sway_mm=0.4, seed=29)
    return still("breath_09", "childs_pose", "side", KNEELING, "man", LOOSE, DAY, (-82, 2.7, 0.95, 42), way)


def breath_10():
    """On the back, legs and arms long."""
    way = Breathing(7, chest_mm=4.0, belly_mm=5.0, sway_mm=0.3, seed=30)
    room = replace(DAY, ball_rgb=(96, 140, 172))
    return still(
        "breath_10", "supine_full_stretch", "side", STRETCHED, "student", STRIPED, room, (80, 2.8, 0.95, 46), way
    )


def breath_11():
    """Low back on the ball, from the head's side."""
    way = Breathing(10, chest_mm=4.0, belly_mm=5.0, sway_mm=0.5, seed=31)
    return still(
        "breath_11", "tight_spot_pause", "oblique", ROCKING, "woman", CREASED, EVENING, (140, 2.5, 1.2, 42), way
    )


def breath_12():
    """Face down over the ball."""
    way = Breathing(12, chest_mm=4.0, belly_mm=4.0, back=0.9, sway_mm=0.5, seed=32)
    return still("breath_12", "ball_back_stretch", "side", PRONE, "older", CREASED, CLOUDY, (84, 2.6, 0.95, 44), way)


def breath_13():
    """Sitting, from the front, plain and dark."""
    way = Breathing(15, chest_mm=3.5, belly_mm=3.5, seed=33)
    return still("breath_13", "grounding_seat", "front", SEAT, "grandpa", DARK, DAY, (-8, 2.6, 1.0, 48), way)


def breath_14():
    """Hardly to be seen: a millimetre under a dark loose shirt, far away."""
    way = Breathing(14, chest_mm=0.6, belly_mm=0.8, shrug_deg=0.1, seed=34)
    return still("breath_14", "grounding_seat", "side", SEAT, "man", DARK, EVENING, (76, 4.2, 1.2, 44), way)


def breath_15():
    """Hardly to be seen: shallow, on the back, from the feet."""
    way = Breathing(12, chest_mm=0.5, belly_mm=0.8, shrug_deg=0.1, sway_mm=0.3, seed=35)
    return still("breath_15", "savasana", "oblique", LYING, "grandpa", PLAIN, DAY, (30, 3.8, 1.0, 44), way)


def breath_16():
    """The breath is held, sitting; strongly compressed, a key frame every five seconds."""
    way = Breathing(0, sway_mm=1.2, seed=36)
    return still(
        "breath_16", "grounding_seat", "side", SEAT, "woman", STRIPED, CLOUDY, (86, 2.7, 1.0, 47), way, group=50, crf=36
    )  # fmt: skip


def breath_17():
    """The breath is held, lying; strongly compressed, a key frame every four seconds."""
    way = Breathing(0, sway_mm=0.4, seed=37)
    return still(
        "breath_17", "savasana", "side", LYING, "student", CREASED, DAY, (84, 2.6, 0.95, 42), way, group=40, crf=36
    )


BUILDERS = tuple(build for name, build in sorted(globals().items()) if name.startswith("breath_"))
