"""Clips of the movements that are done lying on the back."""

from dataclasses import replace

from .. import figures_supine
from ..motion import Hold, Script
from ..scene import Camera, Look, Room
from .clip import Clip

FPS = 12
DRAWN_WH = (480, 360)

BRICK = Look(skin=(206, 158, 132), hair=(62, 40, 26), shirt=(188, 70, 66), leggings=(44, 48, 62))
FERN = Look(
    skin=(122, 82, 58), hair=(64, 60, 58), shirt=(110, 150, 90), leggings=(64, 60, 92), loose_m=0.006, sleeve_end=0.9
)
INK = Look(skin=(216, 176, 146), hair=(24, 22, 24), shirt=(74, 96, 150), leggings=(150, 142, 132), loose_m=0.004)
SAND = Look(
    skin=(196, 148, 120), hair=(44, 32, 26), shirt=(214, 196, 150), leggings=(52, 70, 76), beard=0.4, hem_m=0.085,
    loose_m=0.004,
)  # fmt: skip
MOSS = Look(
    skin=(214, 168, 148), hair=(150, 148, 146), shirt=(150, 96, 70), leggings=(60, 66, 80), beard=0.2, loose_m=0.006
)
GREY_MAT = Room(mat_rgb=(150, 150, 140))
BLUE_MAT = Room(
    wall_rgb=(206, 212, 214), floor_rgb=(150, 130, 110), mat_rgb=(110, 130, 156), ball_rgb=(196, 120, 90),
    cabinet_x=1.9, picture_x=-1.2, plant_x=-2.6,
)  # fmt: skip
TAN_MAT = Room(
    wall_rgb=(222, 212, 196), floor_rgb=(120, 104, 92), mat_rgb=(176, 152, 120), ball_rgb=(110, 150, 120),
    cabinet_x=-1.9, picture_x=1.0, plant_x=2.4, lamp_x=-2.9, warm=0.3,
)  # fmt: skip

# Behind the head and to one side, looking down along the body: from the feet the ball hides the hips.
HEAD_SIDE = Camera(136, 2.2, 1.5, (0, 0.08, 0.20), hfov_deg=46)


def clip_of(name, exercise, body, look, room, camera, script, figure, rounds=None):
    """A clip in the size and rate of this module."""
    return Clip(
        name, exercise, "oblique", body, look, room, camera, script, figure, FPS, rounds, render_wh=DRAWN_WH
    )  # fmt: skip


def visit(script, side, channel, amount, out_s, stay_s, back_s, rest_s, flaw=None, fault=None, **along):
    """One movement to a side and back to the middle; other channels go `along` and return."""
    sign = 1 if side == "right" else -1
    repetition = script.begin(side, counted=flaw is None, reason=flaw)
    script.move(out_s, f"to_{side}", **{channel: sign * amount}, **along)
    repetition.peak_s = round(script.duration_s + stay_s / 2, 3)
    script.wait(stay_s, side)
    script.move(back_s, "to_middle", **{channel: 0}, **dict.fromkeys(along, 0))
    repetition.end_s = script.duration_s
    if fault is not None:
        script.fault(fault, repetition.start_s, repetition.end_s)
    script.wait(rest_s, "rest")
    return repetition


# ---- calves on the ball, rolling from side to side
def calf_roll():
    script = Script(calves=0)
    script.wait(1.6)
    for right_m, left_m in ((0.16, 0.155), (0.165, 0.16)):
        visit(script, "right", "calves", right_m, 1.2, 0.15, 1.2, 0.3)
        visit(script, "left", "calves", left_m, 1.2, 0.15, 1.2, 0.3)
    script.wait(0.8, "rest")
    return clip_of(
        "calf_roll", "calf_roll", "student", INK, GREY_MAT, HEAD_SIDE, script, figures_supine.rolling, rounds=2
    )


def calf_roll_faults():
    script = Script(calves=0, heave=0)
    script.wait(1.6)
    visit(script, "left", "calves", 0.155, 1.2, 0.15, 1.2, 0.3)
    visit(script, "right", "calves", 0.16, 1.2, 0.15, 1.2, 0.3)
    visit(script, "left", "calves", 0.04, 0.9, 0.1, 0.9, 0.3, flaw="partial")
    visit(script, "right", "calves", 0.16, 0.45, 0.05, 0.45, 0.5, fault="too_fast")
    visit(script, "left", "calves", 0.16, 1.2, 0.15, 1.2, 0.3)
    visit(script, "right", "calves", 0.40, 1.8, 0.15, 1.8, 0.3, fault="too_large")
    visit(script, "left", "calves", 0.15, 1.2, 0.15, 1.2, 0.3, fault="back_lifts", heave=-16)
    script.wait(0.8, "rest")
    return clip_of(
        "calf_roll_faults", "calf_roll", "man", SAND, BLUE_MAT,
        replace(HEAD_SIDE, azimuth_deg=228, height_m=1.45, distance_m=2.35), script, figures_supine.rolling, rounds=3,
    )  # fmt: skip


# ---- low back on the ball, the hips rocking from side to side
def lumbar_rock():
    script = Script(rock=0)
    script.wait(1.6)
    for right_m, left_m in ((0.068, 0.064), (0.062, 0.066)):
        visit(script, "right", "rock", right_m, 1.2, 0.15, 1.2, 0.3)
        visit(script, "left", "rock", left_m, 1.2, 0.15, 1.2, 0.3)
    script.wait(0.8, "rest")
    return clip_of(
        "lumbar_rock", "lumbar_rock", "woman", BRICK, TAN_MAT, HEAD_SIDE, script, figures_supine.rocking, rounds=2
    )


def lumbar_rock_faults():
    script = Script(rock=0, nod=0)
    script.wait(1.6)
    visit(script, "left", "rock", 0.067, 1.2, 0.15, 1.2, 0.3)
    visit(script, "right", "rock", 0.064, 1.2, 0.15, 1.2, 0.3)
    visit(script, "left", "rock", 0.064, 0.45, 0.05, 0.45, 0.5, fault="too_fast")
    visit(script, "right", "rock", 0.067, 1.2, 0.15, 1.2, 0.3)
    visit(script, "left", "rock", 0.16, 1.5, 0.2, 1.5, 0.3, fault="too_large")
    visit(script, "right", "rock", 0.064, 1.2, 0.15, 1.2, 0.3, fault="head_lifts", nod=45)
    script.wait(0.8, "rest")
    return clip_of(
        "lumbar_rock_faults", "lumbar_rock", "student", FERN, BLUE_MAT,
        replace(HEAD_SIDE, azimuth_deg=226, height_m=1.4), script, figures_supine.rocking, rounds=3,
    )  # fmt: skip


# ---- feet on the ball, the knees falling from side to side
def windshield_wipers():
    script = Script(drop=0)
    script.wait(1.4)
    for right_deg, left_deg in ((46, 44), (48, 46)):
        visit(script, "right", "drop", right_deg, 1.6, 0.4, 1.5, 0.4)
        visit(script, "left", "drop", left_deg, 1.6, 0.4, 1.5, 0.4)
    script.wait(0.6, "rest")
    return clip_of(
        "windshield_wipers", "windshield_wipers", "older", MOSS, TAN_MAT,
        replace(HEAD_SIDE, azimuth_deg=146, target=(0, 0.16, 0.2), hfov_deg=52), script,
        figures_supine.wiping, rounds=2,
    )  # fmt: skip


def windshield_wipers_faults():
    script = Script(drop=0, heave=0, apart=0, arms=0)
    script.wait(1.4)
    visit(script, "left", "drop", 46, 1.5, 0.3, 1.4, 0.4)
    visit(script, "right", "drop", 45, 1.5, 0.3, 1.4, 0.4)
    visit(script, "left", "drop", 46, 1.5, 0.3, 1.4, 0.4, fault="right_shoulder_lifts", heave=-26)
    visit(script, "left", "drop", 10, 1.0, 0.2, 1.0, 0.4, flaw="partial")
    visit(script, "right", "drop", 46, 0.5, 0.2, 0.9, 0.5, fault="too_fast")
    visit(script, "left", "drop", 64, 1.7, 0.3, 1.5, 0.4, fault="knees_apart", apart=0.9)
    script.wait(0.6, "rest")
    return clip_of(
        "windshield_wipers_faults", "windshield_wipers", "man", INK, BLUE_MAT,
        replace(HEAD_SIDE, azimuth_deg=217, height_m=1.6, target=(0, 0.16, 0.2), hfov_deg=55), script,
        figures_supine.wiping, rounds=2,
    )  # fmt: skip


# ---- a tight spot found while rocking: pausing there for three breaths
def pause(script, seconds):
    script.holds.append(Hold(script.duration_s, script.duration_s + seconds))
    script.wait(seconds, "pause")


def tight_spot_pause():
    script = Script(rock=-0.05)
    script.wait(0.5)
    script.move(1.8, "to_spot", rock=0.03)
    pause(script, 14.0)
    script.move(1.6, "to_left", rock=-0.05)
    return clip_of(
        "tight_spot_pause", "tight_spot_pause", "older", FERN, GREY_MAT, HEAD_SIDE, script, figures_supine.rocking
    )


def tight_spot_pause_faults():
    script = Script(rock=0.055)
    script.wait(0.5)
    script.move(1.6, "to_spot", rock=-0.005)
    pause(script, 6.2)
    script.fault("hold_short", script.holds[-1].start_s, script.holds[-1].end_s)
    script.move(1.5, "to_spot", rock=-0.06)
    pause(script, 11.0)
    script.move(1.5, "to_middle", rock=0)
    return clip_of(
        "tight_spot_pause_faults", "tight_spot_pause", "woman", BRICK, BLUE_MAT,
        replace(HEAD_SIDE, azimuth_deg=226, height_m=1.4), script, figures_supine.rocking,
    )  # fmt: skip


BUILDERS = (
    calf_roll,
    calf_roll_faults,
    lumbar_rock,
    lumbar_rock_faults,
    windshield_wipers,
    windshield_wipers_faults,
    tight_spot_pause,
    tight_spot_pause_faults,
)
