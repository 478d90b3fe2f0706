"""Clips of the other movements over the ball: face down, and kneeling before it."""

from dataclasses import replace

from .. import figures, figures_prone
from ..motion import Hold, Script
from ..poses import BALL_RADIUS_M
from ..scene import Camera, Look, Room
from .clip import Clip

FPS = 12
CRF = 26  # long holds: a noisy picture that hardly moves
DRAWN_WH = (480, 360)

TEAL = Look(skin=(206, 160, 134), hair=(70, 44, 28), shirt=(40, 128, 124), leggings=(62, 58, 76), loose_m=0.004)
RUST = Look(
    skin=(122, 82, 58),
    hair=(60, 56, 54),
    shirt=(196, 96, 60),
    leggings=(46, 48, 66),
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


def clip_of(name, exercise, body, look, room, camera, script, figure, view="side", crf=CRF):
    """A clip in the size and rate of this module."""
    return Clip(
        name, exercise, view, body, look, room, camera, script, figure, fps=FPS, crf=crf, render_wh=DRAWN_WH
    )  # fmt: skip


# ---- chest lifted, hands interlaced behind the back
def chest_opener():
    script = opening()
    held(script, 18.0)
    script.wait(1.2, "rest")
    return clip_of(
        "chest_opener", "chest_opener", "student", PLUM, BRIGHT,
        Camera(78, 2.7, 0.95, (0, 0.08, 0.44), hfov_deg=42), script, figures_prone.opened, crf=23,
    )  # fmt: skip


def chest_opener_faults():
    script = opening()
    held(script, 9.6)
    script.wait(1.2, "rest")
    partial = script.begin(counted=False, reason="partial")
    script.move(1.6, "rise", lift=0.32)
    partial.peak_s = script.duration_s
    script.move(1.6, "lower", lift=0)
    partial.end_s = script.duration_s
    script.wait(1.0, "rest")
    bent = held(script, 9.6, bend=1)
    script.fault("arms_bent", bent.start_s, bent.end_s)
    script.move(0.8, "rest", bend=0)
    script.wait(0.6, "rest")
    held(script, 8.2, up_s=3.4, down_s=3.4)
    script.fault("hold_short", script.holds[-1].start_s, script.holds[-1].end_s)
    script.wait(1.0, "rest")
    return clip_of(
        "chest_opener_faults", "chest_opener", "grandpa", SLATE, WARM,
        Camera(-84, 2.8, 0.9, (0, 0.06, 0.46), hfov_deg=43), script, figures_prone.opened,
    )  # fmt: skip


def opening():
    """Hands off the ball and behind the back."""
    script = Script(lift=0, arms=0, bend=0, nod=0, look=0)
    script.wait(1.0)
    script.move(1.6, "getting_ready", arms=1)
    script.wait(0.8, "rest")
    return script


def held(script, hold_s, up_s=2.0, down_s=2.2, **on_the_way):
    """One lift that is held; other channels may go along on the way up."""
    repetition = script.begin()
    script.move(up_s, "rise", lift=1, **on_the_way)
    script.holds.append(Hold(script.duration_s, script.duration_s + hold_s))
    repetition.peak_s = round(script.duration_s + hold_s / 2, 3)
    script.wait(hold_s, "hold")
    script.move(down_s, "lower", lift=0)
    repetition.end_s = script.duration_s
    return repetition


# ---- walking the hands out until the chest lies on the ball
def prone_walkout():
    script = Script(travel=0, hands_L=0, hands_R=0, raise_L=0, raise_R=0, nod=0)
    script.wait(2.0)
    walk_out(script, 0.9)
    script.wait(2.5, "settled")
    return clip_of(
        "prone_walkout", "prone_walkout", "woman", TEAL, WARM,
        Camera(80, 2.8, 0.95, (0, -0.02, 0.42), hfov_deg=44), script, figures_prone.walking,
    )  # fmt: skip


def prone_walkout_faults():
    script = Script(travel=0, hands_L=0, hands_R=0, raise_L=0, raise_R=0, nod=0, drape=0)
    script.wait(2.0)
    partial = walk_out(script, 0.9, n_steps=2)
    partial.counted, partial.reason = False, "partial"
    script.wait(0.4, "pause")
    walk_back(script)
    partial.end_s = script.duration_s
    script.wait(1.6, "rest")
    hanging = walk_out(script, 0.9, drape=40)
    hanging.counted, hanging.reason = False, "hanging"
    script.wait(2.4, "settled")
    walk_back(script)
    script.wait(1.6, "rest")
    fast = walk_out(script, 0.3)
    script.fault("rushed", fast.start_s, fast.end_s)
    script.wait(2.5, "settled")
    return clip_of(
        "prone_walkout_faults", "prone_walkout", "man", OLIVE, COOL,
        Camera(-82, 3.0, 0.9, (0, -0.04, 0.44), hfov_deg=46), script, figures_prone.walking,
    )  # fmt: skip


HAND_STEP_M = 0.06


def walk_out(script, step_s, n_steps=5, **on_the_way):
    """Hand by hand, of five steps the first n_steps. The repetition ends where the way out does."""
    repetition = script.begin()
    start_s = script.duration_s
    for step in range(1, n_steps + 1):
        side = "LR"[step % 2]
        at_s = start_s + (step - 0.9) * step_s
        script.overlay(at_s, 0.4 * step_s, **{f"raise_{side}": 0.05})
        script.overlay(at_s + 0.4 * step_s, 0.4 * step_s, **{f"raise_{side}": 0.0})
        script.overlay(at_s, 0.8 * step_s, **{f"hands_{side}": HAND_STEP_M * step})
    script.move(n_steps * step_s, "walk", travel=n_steps / 5, **on_the_way)
    repetition.peak_s = repetition.end_s = script.duration_s
    return repetition


def walk_back(script):
    """All the way back, both hands sliding."""
    script.move(2.4, "back", travel=0, hands_L=0, hands_R=0, drape=0)


# ---- rolling forward over the ball and resting there
def ball_back_stretch():
    script = Script(travel=0, nod=0)
    script.wait(1.8)
    rolled(script, 15.5)
    rolled(script, 16.0)
    return clip_of(
        "ball_back_stretch", "ball_back_stretch", "older", RUST, BRIGHT,
        Camera(84, 2.8, 0.95, (0, -0.04, 0.42), hfov_deg=44), script, figures_prone.rolling,
    )  # fmt: skip


def ball_back_stretch_short():
    script = Script(travel=0, nod=0, drape=0)
    script.wait(1.8)
    for _ in range(2):
        short = rolled(script, 2.5, drape=10)
        short.counted, short.reason = False, "hold_short"
        script.holds[-1].counted = False
        script.fault("hold_short", script.holds[-1].start_s, script.holds[-1].end_s)
    return clip_of(
        "ball_back_stretch_short", "ball_back_stretch", "older", replace(RUST, leggings=(70, 84, 120)), COOL,
        Camera(80, 2.8, 0.95, (0, -0.04, 0.42), hfov_deg=44), script, figures_prone.rolling,
    )  # fmt: skip


def ball_back_stretch_faults():
    script = Script(travel=0, nod=0)
    script.wait(1.8)
    rolled(script, 13.0)
    script.fault("hold_short", script.holds[-1].start_s, script.holds[-1].end_s)
    partial = script.begin(counted=False, reason="partial")
    script.move(1.6, "roll_forward", travel=0.2)
    partial.peak_s = script.duration_s
    script.move(1.6, "roll_back", travel=0)
    partial.end_s = script.duration_s
    script.wait(1.4, "rest")
    raised = rolled(script, 15.5, nod=-78)
    script.fault("neck_lifted", raised.start_s, raised.end_s)
    return clip_of(
        "ball_back_stretch_faults", "ball_back_stretch", "student", OLIVE, COOL,
        Camera(-82, 2.7, 0.9, (0, -0.04, 0.42), hfov_deg=44), script, figures_prone.rolling,
    )  # fmt: skip


def rolled(script, hold_s, **on_the_way):
    """One roll forward, held, and back to the start."""
    repetition = script.begin()
    script.move(3.5, "roll_forward", travel=1, **on_the_way)
    script.holds.append(Hold(script.duration_s, script.duration_s + hold_s))
    repetition.peak_s = round(script.duration_s + hold_s / 2, 3)
    script.wait(hold_s, "hold")
    script.move(3.5, "roll_back", travel=0, **dict.fromkeys(on_the_way, 0))
    repetition.end_s = script.duration_s
    script.wait(1.4, "rest")
    return repetition


# ---- child's pose, the hands on the ball
def childs_pose():
    script = Script(sink=0, reach=0, up=0, arms=0, nod=-8, look=0)
    script.wait(1.2)
    sunk(script, 14.0, rest_s=0.6)
    script.fault("hold_short", script.holds[-1].start_s, script.holds[-1].end_s)
    return clip_of(
        "childs_pose", "childs_pose", "woman", TEAL, COOL,
        Camera(76, 2.6, 0.9, (0, -0.10, 0.42), hfov_deg=44), script,
        lambda state: figures_prone.kneeling(state, BALL_RADIUS_M), crf=23,
    )  # fmt: skip


def childs_pose_faults():
    script = Script(sink=0, reach=0, up=0, arms=0, nod=-8, look=0)
    script.wait(1.2)
    sunk(script, 21.0, up=2.0)
    script.fault("hips_high", script.holds[-1].start_s, script.holds[-1].end_s)
    sunk(script, 13.0, arms=1)
    for fault in ("arms_bent", "hold_short"):
        script.fault(fault, script.holds[-1].start_s, script.holds[-1].end_s)
    return clip_of(
        "childs_pose_faults", "childs_pose", "man", OLIVE, WARM,
        Camera(-80, 3.0, 0.95, (0, -0.10, 0.46), hfov_deg=46), script, figures_prone.kneeling,
    )  # fmt: skip


def sunk(script, hold_s, rest_s=0.8, **fault):
    """Down into the pose, still, and up again."""
    script.move(2.6, "sink", sink=1, reach=1, nod=0, **fault)
    script.holds.append(Hold(script.duration_s, script.duration_s + hold_s))
    script.wait(hold_s, "hold")
    script.move(2.0, "rise", sink=0, reach=0, nod=-8, **dict.fromkeys(fault, 0))
    script.wait(rest_s, "rest")


# ---- seen so badly that nothing may be judged
def prone_hidden_face():
    script = Script(lift=0, arms=0, nod=0, look=0)
    script.wait(1.2)
    for _ in range(2):
        repetition = script.begin(counted=False, reason="hidden")
        script.move(1.5, "rise", lift=1, arms=1)
        repetition.peak_s = round(script.duration_s + 1.5, 3)
        script.wait(3.0, "hold")
        script.move(1.5, "lower", lift=0, arms=0)
        repetition.end_s = script.duration_s
        script.wait(1.0, "rest")
    return clip_of(
        "prone_hidden_face", None, "man", OLIVE, WARM,
        Camera(152, 2.7, 1.0, (0, 0.08, 0.44), hfov_deg=42), script, figures.prone, view="oblique",
    )  # fmt: skip


def childs_pose_hidden():
    script = Script(sink=1, reach=1, up=0, arms=0, nod=12, look=0)
    script.wait(14.0, "hold")
    return clip_of(
        "childs_pose_hidden", None, "older", RUST, BRIGHT,
        Camera(158, 2.6, 0.9, (0, -0.05, 0.40), hfov_deg=44), script, figures_prone.kneeling, view="oblique",
    )  # fmt: skip


BUILDERS = (
    chest_opener,
    chest_opener_faults,
    prone_walkout,
    prone_walkout_faults,
    ball_back_stretch,
    ball_back_stretch_short,
    ball_back_stretch_faults,
    childs_pose,
    childs_pose_faults,
    prone_hidden_face,
    childs_pose_hidden,
)
