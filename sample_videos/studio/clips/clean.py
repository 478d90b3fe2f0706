"""Movements without a fault, by other people, where the first clip of that name holds some."""

from .. import figures, figures_prone
from ..motion import Hold, Script
from ..poses import BALL_RADIUS_M
from ..scene import Camera, Look, Room
from .clip import Clip
from .prone import sunk

FPS = 12
CRF = 25
SIZE_WH = (480, 360)

MOSS = Look(
    skin=(182, 134, 104), hair=(40, 32, 28), shirt=(104, 132, 84), leggings=(64, 68, 86), beard=0.3, loose_m=0.005
)  # fmt: skip
ROSE = Look(skin=(216, 172, 148), hair=(84, 54, 36), shirt=(196, 110, 128), leggings=(56, 60, 78), loose_m=0.004)
STEEL = Look(skin=(212, 168, 140), hair=(26, 22, 22), shirt=(92, 116, 140), leggings=(104, 98, 90), loose_m=0.004)
PALE = Room(
    wall_rgb=(220, 216, 206), floor_rgb=(160, 134, 108), mat_rgb=(84, 102, 128), ball_rgb=(112, 152, 160),
    cabinet_x=1.9, picture_x=-1.3, plant_x=-2.5,
)  # fmt: skip
GREEN = Room(
    wall_rgb=(196, 208, 194), floor_rgb=(138, 118, 100), mat_rgb=(150, 124, 100), ball_rgb=(196, 128, 84),
    cabinet_x=-1.9, picture_x=1.1, plant_x=2.4, lamp_x=-2.9,
)  # fmt: skip
EVENING = Room(
    wall_rgb=(208, 196, 188), floor_rgb=(124, 106, 94), mat_rgb=(92, 112, 104), ball_rgb=(132, 120, 172),
    cabinet_x=1.7, picture_x=-1.0, plant_x=-2.3, lamp_x=2.7, warm=0.3,
)  # fmt: skip


def clip_of(name, exercise, view, body, look, room, camera, script, figure, rounds=None):
    """A clip in the size and rate of this module."""
    return Clip(
        name, exercise, view, body, look, room, camera, script, figure, FPS, rounds, size_wh=SIZE_WH, crf=CRF
    )  # fmt: skip


def seated_twist_clean():
    """Three rounds, hands behind the head, the hips still."""
    script = Script(twist=0, look=0, arm_L=2, arm_R=2, nod=2, shrug_L=14, shrug_R=14)
    script.wait(1.2)
    for right_deg, left_deg, tempo in ((36, 37, 1.15), (39, 38, 1.2), (38, 40, 1.15)):
        for side, sign, twist_deg in (("right", 1, right_deg), ("left", -1, left_deg)):
            repetition = script.begin(side)
            script.move(1.3 * tempo, f"to_{side}", twist=sign * twist_deg, look=sign * 6)
            start_s = script.duration_s
            script.wait(0.35 * tempo, side)
            repetition.peak_s = round((start_s + script.duration_s) / 2, 3)
            script.move(1.3 * tempo, "to_centre", twist=0, look=0)
            repetition.end_s = script.duration_s
            script.wait(0.4 * tempo, "rest")
    script.wait(0.7, "rest")
    stations = (figures.ON_THIGH, figures.RAISED_OUT, figures.BEHIND_HEAD)
    return clip_of(
        "seated_twist_clean", "seated_twist", "front", "man", MOSS, PALE,
        Camera(5, 2.9, 1.1, (0, -0.1, 0.70), hfov_deg=53), script,
        lambda state: figures.seated(state, stations, stations), rounds=3,
    )  # fmt: skip


def back_extension_clean():
    """Four lifts, each held for three seconds or a little longer."""
    script = Script(lift=0, arms=0, nod=0, look=0)
    script.wait(1.6)
    for amount, hold_s in ((0.95, 3.2), (1.0, 3.4), (0.98, 3.2), (1.02, 3.3)):
        repetition = script.begin()
        script.move(1.8, "rise", lift=amount, arms=1)
        script.holds.append(Hold(script.duration_s, script.duration_s + hold_s))
        repetition.peak_s = round(script.duration_s + hold_s / 2, 3)
        script.wait(hold_s, "hold")
        script.move(1.9, "lower", lift=0, arms=0)
        repetition.end_s = script.duration_s
        script.wait(1.2, "rest")
    return clip_of(
        "back_extension_clean", "back_extension", "side", "older", ROSE, GREEN,
        Camera(-83, 2.8, 0.9, (0, 0.08, 0.46), hfov_deg=43), script, figures.prone,
    )  # fmt: skip


def childs_pose_clean():
    """One long stay, hips on the heels and arms long."""
    script = Script(sink=0, reach=0, up=0, arms=0, nod=-8, look=0)
    script.wait(1.4)
    sunk(script, 26.0, rest_s=1.0)
    return clip_of(
        "childs_pose_clean", "childs_pose", "side", "student", STEEL, EVENING,
        Camera(80, 2.7, 0.95, (0, -0.10, 0.42), hfov_deg=44), script,
        lambda state: figures_prone.kneeling(state, BALL_RADIUS_M),
    )  # fmt: skip


BUILDERS = (seated_twist_clean, back_extension_clean, childs_pose_clean)
