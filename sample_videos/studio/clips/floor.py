"""Clips of keeping still on the mat with the lower legs on the ball."""

from .. import figures_floor
from ..motion import Hold, Script
from ..scene import Camera, Look, Room
from .clip import Clip

FPS = 12
DRAWN_WH = (480, 360)

CORAL = Look(skin=(204, 158, 130), hair=(58, 38, 26), shirt=(206, 104, 88), leggings=(50, 54, 78), loose_m=0.004)
MINT = Look(skin=(130, 88, 62), hair=(88, 84, 82), shirt=(126, 186, 158), leggings=(92, 70, 110), sleeve_end=0.9)
NAVY = Look(
    skin=(198, 150, 122), hair=(40, 30, 24), shirt=(60, 78, 128), leggings=(150, 140, 122), beard=0.4, loose_m=0.006
)
AIRY = Room(wall_rgb=(212, 214, 206), floor_rgb=(172, 142, 110), mat_rgb=(88, 108, 118), ball_rgb=(186, 176, 92))
DUSK = Room(
    wall_rgb=(206, 198, 190),
    floor_rgb=(138, 116, 96),
    mat_rgb=(168, 150, 120),
    ball_rgb=(96, 120, 150),
    cabinet_x=1.9,
    picture_x=-1.2,
    plant_x=-2.4,
    warm=0.3,
)
PALE = Room(
    wall_rgb=(196, 206, 212),
    floor_rgb=(150, 138, 128),
    mat_rgb=(96, 128, 104),
    ball_rgb=(178, 96, 104),
    cabinet_x=-1.8,
    picture_x=1.1,
    plant_x=2.4,
    warm=-0.3,
)


def clip_of(name, exercise, body, look, room, camera, script, figure, view="side", crf=23):
    """A clip in the size and rate of this module."""
    return Clip(name, exercise, view, body, look, room, camera, script, figure, fps=FPS, render_wh=DRAWN_WH, crf=crf)


def keep(script, seconds, counted=True):
    """Keep still from now on for so long. Returns the hold."""
    script.holds.append(Hold(script.duration_s, script.duration_s + seconds, counted=counted))
    script.wait(seconds, "hold")
    return script.holds[-1]


# ---- legs straight on the ball, arms overhead
def supine_full_stretch():
    script = Script(straight=0, arms_L=0, arms_R=0, nod=0, look=-24)
    script.wait(1.2)
    script.move(2.0, "stretch", straight=1.2, arms_L=2, arms_R=2)
    keep(script, 12.0)
    script.move(1.6, "return", straight=0, arms_L=0, arms_R=0)
    script.wait(1.4, "rest")
    return clip_of(
        "supine_full_stretch", "supine_full_stretch", "woman", CORAL, AIRY,
        Camera(80, 2.8, 0.95, (0, 0.22, 0.30), hfov_deg=48), script, figures_floor.lying,
    )  # fmt: skip


# ---- lying still, the calves on the ball
def savasana():
    script = Script(straight=0, arms_L=0, arms_R=0, off=1, nod=0, look=-30)
    script.wait(0.8)
    script.move(1.6, "legs_up", off=0, look=-14)
    keep(script, 26.0)
    script.move(1.4, "legs_down", off=1, look=-32, nod=4)
    script.wait(1.2, "rest")
    return clip_of(
        "savasana", "savasana", "student", CORAL, PALE,
        Camera(82, 2.8, 0.95, (0, 0.20, 0.30), hfov_deg=40), script, figures_floor.lying,
    )  # fmt: skip


# ---- sitting still, the lower legs over the ball
def relaxation():
    script = Script(tall=1, hands=0, off=1, nod=2, look=-25)
    script.wait(0.8)
    script.move(1.6, "legs_up", off=0, tall=0, look=-8, nod=8)
    keep(script, 24.0)
    script.move(1.4, "legs_down", off=1, tall=1, look=-25, nod=2)
    script.wait(1.2, "rest")
    return clip_of(
        "relaxation", "relaxation", "older", MINT, DUSK,
        Camera(80, 2.6, 0.95, (0, 0.08, 0.40), hfov_deg=44), script, figures_floor.sitting,
    )  # fmt: skip


# ---- the same with deviations
def supine_full_stretch_faults():
    script = Script(straight=0, arms_L=0, arms_R=0, bend_L=0, bend_R=0, nod=0, look=-20)
    script.wait(1.2)
    for hold_s, straight, arms, bend, fault in (
        (9.5, 0.95, 2.0, 0.0, "knees_bent"),
        (9.0, 1.25, 1.35, 0.0, "arms_short"),
        (9.0, 1.25, 2.0, 1.0, "elbows_bent"),
        (3.0, 1.25, 2.0, 0.0, None),
    ):
        script.move(2.0, "stretch", straight=straight, arms_L=arms, arms_R=arms, bend_L=bend, bend_R=bend)
        hold = keep(script, hold_s, counted=hold_s > 6.0)
        if fault:
            script.fault(fault, hold.start_s, hold.end_s)
        script.move(1.6, "return", straight=0, arms_L=0, arms_R=0, bend_L=0, bend_R=0)
        script.wait(0.8, "rest")
    return clip_of(
        "supine_full_stretch_faults", "supine_full_stretch", "man", NAVY, PALE,
        Camera(98, 3.0, 1.05, (0, 0.26, 0.32), hfov_deg=52), script, figures_floor.lying, crf=26,
    )  # fmt: skip


def savasana_faults():
    script = Script(straight=0, arms_L=0, arms_R=0, off=1, nod=0, look=-24)
    script.wait(0.6)
    script.move(1.5, "legs_up", off=0, look=-12)
    start_s = script.duration_s
    script.wait(9.0, "hold")
    drift_s = script.duration_s
    script.move(10.0, "hold", straight=0.85)
    script.wait(8.0, "hold")
    script.holds.append(Hold(start_s, script.duration_s))
    script.fault("drifted", drift_s, script.duration_s)
    script.move(1.0, "stir", straight=0.0, nod=14, look=-34)
    script.move(1.2, straight=0.5, arms_L=1, arms_R=0.7, nod=0)
    script.move(1.2, straight=0, look=-20)
    script.move(1.4, arms_L=0, arms_R=0, look=-12)
    keep(script, 9.0, counted=False)
    script.move(1.2, "slip_off", off=1)
    script.wait(2.5, "rest")
    return clip_of(
        "savasana_faults", "savasana", "grandpa", NAVY, AIRY,
        Camera(76, 2.8, 1.05, (0, 0.18, 0.30), hfov_deg=43), script, figures_floor.lying, crf=26,
    )  # fmt: skip


def relaxation_faults():
    script = Script(straight=0, arms_L=-1, arms_R=-1, off=1, nod=0, look=-30)
    script.wait(0.6)
    script.move(1.5, "legs_up", off=0, look=-14)
    start_s = script.duration_s
    script.wait(11.0, "hold")
    script.move(1.0, "stir", straight=0.6, nod=10)
    script.move(1.0, straight=0, nod=0)
    script.wait(11.0, "hold")
    script.holds.append(Hold(start_s, script.duration_s, credited_s=script.duration_s - start_s - 2.0))
    script.move(1.2, "slip_off", off=1)
    script.wait(2.0, "rest")
    script.move(1.4, "legs_up", off=0)
    keep(script, 8.0, counted=False)
    script.move(1.3, "legs_down", off=1, look=-30)
    script.wait(0.8, "rest")
    return clip_of(
        "relaxation_faults", "relaxation", "man", CORAL, DUSK,
        Camera(100, 3.0, 1.0, (0, 0.20, 0.32), hfov_deg=44), script, figures_floor.lying, crf=26,
    )  # fmt: skip


# ---- nothing to count
def idle_floor():
    script = Script(straight=0, arms_L=0, arms_R=0, off=0, hips=0, nod=0, look=-12)
    script.wait(0.8)
    script.move(0.8, "look_round", look=-40)
    script.wait(0.5)
    script.move(1.0, look=10)
    script.move(0.7, look=-14)
    script.move(1.0, "stretch_arm", arms_L=1.1)
    script.move(0.3, arms_L=0.95)
    script.move(0.3, arms_L=1.1)
    script.move(1.0, arms_L=0)
    script.move(0.9, "shift_hips", hips=0.05)
    script.wait(0.3)
    script.move(0.9, hips=0)
    script.move(1.3, "feet_down", off=1)
    script.wait(0.4)
    script.move(1.5, "arm_overhead", arms_R=2, arms_L=2)
    script.wait(0.7)
    script.move(1.5, arms_R=0, arms_L=0)
    script.move(0.8, "look_up", nod=34)
    script.wait(0.6)
    script.move(0.8, nod=0)
    script.move(1.3, "feet_up", off=0)
    script.move(1.3, "push_ball", straight=1)
    script.wait(0.5)
    script.move(1.3, straight=0)
    script.wait(0.8, "rest")
    return clip_of(
        "idle_floor", None, "older", CORAL, PALE,
        Camera(84, 2.8, 1.0, (0, 0.24, 0.32), hfov_deg=50), script, figures_floor.lying,
    )  # fmt: skip


BUILDERS = (
    supine_full_stretch,
    savasana,
    relaxation,
    supine_full_stretch_faults,
    savasana_faults,
    relaxation_faults,
    idle_floor,
)
