"""Clips of the other movements over the ball: face down, and kneeling before it."""

from dataclasses import replace

from .. import figures_prone
from ..motion import Hold, Script
from ..scene import Camera, Look, Room
from .clip import Clip

FPS = 12
DRAWN_WH = (480, 360)

TEAL = Look(skin=(206, 160, 134), hair=(70, 44, 28), shirt=(40, 128, 124), leggings=(62, 58, 76), loose_m=0.004)
RUST = Look(
    skin=(122, 82, 58),
    hair=(60, 56, 54),
    shirt=(196, 96, 60),
    leggings=(70, 84, 120),
    loose_m=0.006,
    sleeve_end=0.9,
)
PLUM = Look(skin=(216, 174, 144), hair=(26, 22, 22), shirt=(140, 84, 132), leggings=(86, 92, 96), loose_m=0.004)
OLIVE = Look(
    skin=(196, 148, 120),
    hair=(44, 32, 26),
    shirt=(206, 190, 120),
    leggings=(52, 62, 84),
    beard=0.4,
    hem_m=0.085,
    loose_m=0.004,
)
SLATE = Look(
    skin=(212, 166, 146),
    hair=(126, 124, 122),
    shirt=(86, 110, 150),
    leggings=(116, 104, 88),
    beard=0.2,
    sleeve_end=0.9,
    loose_m=0.006,
)
BRIGHT = Room(wall_rgb=(206, 210, 204), floor_rgb=(168, 140, 108), mat_rgb=(92, 96, 110), ball_rgb=(150, 156, 164))
WARM = Room(
    wall_rgb=(222, 208, 188),
    floor_rgb=(150, 122, 98),
    mat_rgb=(70, 100, 96),
    ball_rgb=(198, 120, 92),
    cabinet_x=1.9,
    picture_x=-1.2,
    plant_x=-2.5,
    warm=0.4,
)
COOL = Room(
    wall_rgb=(196, 206, 214),
    floor_rgb=(132, 124, 118),
    mat_rgb=(160, 128, 90),
    ball_rgb=(96, 140, 172),
    cabinet_x=-1.9,
    picture_x=1.0,
    plant_x=2.4,
    lamp_x=-2.9,
    warm=-0.3,
)


def clip_of(name, exercise, body, look, room, camera, script, figure, view="side"):
    """A clip in the size and rate of this module."""
    return Clip(name, exercise, view, body, look, room, camera, script, figure, fps=FPS, render_wh=DRAWN_WH)


# ---- chest lifted, hands interlaced behind the back
def chest_opener():
    script = Script(lift=0, arms=0, nod=0, look=0)
    script.wait(1.0)
    script.move(1.6, "getting_ready", arms=1)
    script.wait(0.8, "rest")
    held(script, 18.0, 2.0, 2.2)
    script.wait(1.2, "rest")
    return clip_of(
        "chest_opener", "chest_opener", "student", PLUM, BRIGHT,
        Camera(78, 2.7, 0.95, (0, 0.08, 0.44), hfov_deg=42), script, figures_prone.opened,
    )  # fmt: skip


def held(script, hold_s, up_s, down_s, during=None, **up):
    """One lift that is held; `during` may move other channels while it lasts. Returns the repetition."""
    repetition = script.begin()
    script.move(up_s, "rise", lift=up.pop("lift", 1.0), **up)
    top_s = script.duration_s
    if during is not None:
        during(top_s)
    script.wait(hold_s, "hold")
    repetition.peak_s = round((top_s + script.duration_s) / 2, 3)
    script.holds.append(Hold(top_s, script.duration_s))
    script.move(down_s, "lower", lift=0, nod=0)
    repetition.end_s = script.duration_s
    return repetition


# ---- walking the hands out until the chest lies on the ball
def prone_walkout():
    script = Script(travel=0, hands_L=0, hands_R=0, raise_L=0, raise_R=0, nod=0)
    script.wait(1.6)
    repetition = script.begin()
    for step in range(1, 6):
        side = "LR"[step % 2]
        script.overlay(script.duration_s + 0.1, 0.35, **{f"raise_{side}": 0.05})
        script.overlay(script.duration_s + 0.45, 0.35, **{f"raise_{side}": 0.0})
        script.overlay(script.duration_s + 0.1, 0.7, **{f"hands_{side}": 0.07 * step})
        script.move(0.9, "walk", travel=step / 5)
    top_s = script.duration_s
    script.wait(4.0, "settled")
    script.holds.append(Hold(top_s, script.duration_s))
    repetition.peak_s = round((top_s + script.duration_s) / 2, 3)
    repetition.end_s = script.duration_s
    return clip_of(
        "prone_walkout", "prone_walkout", "woman", TEAL, WARM,
        Camera(74, 2.8, 0.95, (0, -0.02, 0.42), hfov_deg=46), script, figures_prone.walking,
    )  # fmt: skip


# ---- rolling forward over the ball and resting there
def ball_back_stretch():
    script = Script(travel=0, nod=0, drape=0)
    script.wait(1.5)
    for hold_s in (15.0, 16.0):
        repetition = script.begin()
        script.move(3.5, "roll_forward", travel=1, drape=10)
        top_s = script.duration_s
        script.wait(hold_s, "hold")
        script.holds.append(Hold(top_s, script.duration_s))
        repetition.peak_s = round((top_s + script.duration_s) / 2, 3)
        script.move(3.5, "roll_back", travel=0, drape=0)
        repetition.end_s = script.duration_s
        script.wait(1.2, "rest")
    return clip_of(
        "ball_back_stretch", "ball_back_stretch", "older", RUST, COOL,
        Camera(74, 2.8, 0.95, (0, -0.04, 0.42), hfov_deg=46), script, figures_prone.rolling,
    )  # fmt: skip


# ---- child's pose, the hands on the ball
def childs_pose():
    script = Script(sink=0, reach=0, nod=-8, look=0, arms=0)
    script.wait(1.2)
    script.move(2.6, "sink", sink=1, reach=1, nod=0)
    top_s = script.duration_s
    script.wait(14.0, "hold")
    script.holds.append(Hold(top_s, script.duration_s))
    script.move(2.0, "rise", sink=0, reach=0, nod=-8)
    script.wait(0.6, "rest")
    return clip_of(
        "childs_pose", "childs_pose", "woman", TEAL, COOL,
        Camera(76, 2.6, 0.9, (0, -0.10, 0.42), hfov_deg=44), script, figures_prone.kneeling,
    )  # fmt: skip


BUILDERS = (chest_opener, prone_walkout, ball_back_stretch, childs_pose)
