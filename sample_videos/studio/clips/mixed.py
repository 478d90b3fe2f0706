"""One recording of several movements, with the ways between them: five blocks, one camera that stays where it is."""

from collections import defaultdict
from dataclasses import replace

from .. import blending, figures, figures_floor, figures_prone
from ..blending import Placed, Way
from ..motion import Block, Hold, Script
from ..poses import Ball, Limb, Pose, both
from ..scene import Camera, Look, Room
from .clip import Clip
from .foundation import CAT_COW_REPS

CAMERA_DEG = 84  # from the person's left at first; the person turns to it for the twist
BALL_M = 0.275
SPOT = (0.0, -0.38)  # where the person turns round standing

ARMS_DOWN = both("arm", Limb(directions=((0.16, -0.03, -0.98), (0.06, -0.16, -0.98)), frame="chest", pole=(0.2, 1, 0)))
STANDING_LEGS = both("leg", Limb((0.13, -0.40, 0.077), "world", pole=(0.1, -1, 0), foot=("flat", 8), on_floor=True))
SITTING_LEGS = both("leg", Limb((0.14, -0.16, 0.077), "world", pole=(0.15, -0.5, 1), foot=("flat", 8), on_floor=True))


def on_own_ball(pose):
    """The pose on the ball of this recording."""
    return replace(pose, ball=replace(pose.ball, radius=BALL_M))


def on_ball(s):
    """Seated for the cat-cow."""
    stations = (figures.ON_THIGH, figures.RAISED_OUT, figures.BEHIND_HEAD)
    return figures.seated({**s, "arm_L": 2 * s["behind"], "arm_R": 2 * s["behind"]}, stations, stations)


def on_ball_crossed(s):
    """Seated for the twist; fold: 0 hands on the thighs .. 1 crossed on the chest."""
    channels = {**s, "curl": 0.0, "arm_L": s["fold"], "arm_R": s["fold"]}
    return figures.seated(channels, (figures.ON_THIGH, figures.ON_CHEST), (figures.ON_THIGH, figures.ON_CHEST_LOW))


def bowed():
    """Seated, the chest over the knees: about to stand up."""
    pose = figures.seated({"bow": 38, "nod": -14}, (figures.ON_THIGH,), (figures.ON_THIGH,))
    return replace(pose, limbs={**pose.limbs, **STANDING_LEGS})


def standing(bow=0.0):
    """Upright before the ball, the back to it."""
    return Pose(
        pelvis=(0, -0.38 + 0.004 * bow, 0.872 - 0.0022 * bow),
        ball=Ball((0, 0.02)),
        rest_on=None,
        pitch=bow,
        spine=(5 + 0.3 * bow, 0, 0),
        neck=(2 - 0.3 * bow, 0, 0),
        limbs={**STANDING_LEGS, **ARMS_DOWN},
    )


def on_mat():
    """Sitting on the mat before the ball, the feet flat."""
    arms = both("arm", replace(figures_floor.BEHIND, on_floor=True))
    return Pose(
        pelvis=(0, 0.26, 0.11),
        ball=Ball((0, -0.40)),
        rest_on="back",
        pitch=-26,
        spine=(30, 0, 0),
        neck=(6, 0, 0),
        limbs={**SITTING_LEGS, **arms},
    )


# Turned round: the ball is ahead of the person again, at the same place of the mat.
ROUND = 180.0
KNEEL_SHIFT, PRONE_SHIFT, FLOOR_SHIFT = (0, -0.30), (0, 0.0), (0, 0.0)


def stages(s):
    """The poses of the recording in their order, as {stage: Placed} with the ways between them."""
    seat_pivot = (0.0, 0.02)

    def seat(turn):
        return Placed(on_ball_crossed(s), turn, seat_pivot)

    def upright(turn):
        return Placed(standing(), turn, SPOT, ball_xy=(0.0, 0.02))

    turns = [CAMERA_DEG * k / 3 for k in (1, 2, 3)]
    kneeling = figures_prone.kneeling({**s, "look": s["gaze"]})
    prone = figures.prone({"lift": s["lift"], "arms": s["arms"], "nod": s["nod_prone"], "look": s["gaze"]})
    lying = figures_floor.lying(
        {"arms_L": s["rest_arms"], "arms_R": s["rest_arms"], "off": s["off"], "look": s["gaze"]}, BALL_M
    )
    poses = [
        Placed(on_ball(s), 0.0, seat_pivot),
        *map(seat, turns),
        *map(seat, (turns[1], turns[0], 0.0)),
        Placed(bowed(), 0.0, seat_pivot),
        Placed(standing(28.0), 0.0, SPOT),
        upright(0.0),
        *map(upright, (45.0, 90.0, 135.0, ROUND)),
        Placed(kneeling, ROUND, (0, 0), KNEEL_SHIFT),
        Placed(prone, ROUND, (0, 0), PRONE_SHIFT),
        Placed(kneeling, ROUND, (0, 0), KNEEL_SHIFT),
        Placed(on_mat(), ROUND, (0, 0), FLOOR_SHIFT),
        Placed(lying, ROUND, (0, 0), FLOOR_SHIFT),
    ]
    return [replace(placed, pose=on_own_ball(placed.pose)) for placed in poses]


# What is special about the way that begins at a stage.
STEPPING = {"steps": True, "lift_m": 0.05}
WAYS = {
    **dict.fromkeys((0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 12), STEPPING),
    13: {"steps": True, "lift_m": 0.08},
    14: {"lift_m": 0.02, "sag_m": -0.16},
    15: {"lift_m": 0.02, "sag_m": -0.16},
    16: {"steps": True, "lift_m": 0.10, "swing_m": 0.28, "sag_m": -0.24},
    17: {"steps": True, "lift_m": 0.12},
}


def figure(channels):
    """The Way at the channel `stage`: a whole number is a pose, a fraction is on the way to the next."""
    s = defaultdict(float, channels)
    poses = stages(s)
    first = min(int(s["stage"] + 1e-9), len(poses) - 2)
    share = s["stage"] - first
    share = 0.0 if share < 1e-6 else share
    return Way(poses[first], poses[first + 1], share, **WAYS.get(first, {}))


def mixed():
    script = Script(
        stage=0, behind=0, curl=0, nod=2, fold=0, twist=0, look=0, gaze=30, sink=0, reach=0, lift=0, arms=0,
        nod_prone=0, rest_arms=1, off=0,
    )  # fmt: skip

    def go(*stages_s, phase="on_the_way"):
        for stage, seconds in stages_s:
            script.move(seconds, phase, stage=stage)

    def block(exercise, start_s, **counted):
        script.blocks.append(Block(exercise, start_s, script.duration_s, counted))

    # 1: cat-cow, seen from the side
    script.wait(1.5, "rest")
    script.move(1.4, "getting_ready", behind=1)
    start_s = script.duration_s
    script.wait(3.0, "rest")
    for cow, cat, tempo in CAT_COW_REPS[:3]:
        repetition = script.begin()
        script.move(1.05 * tempo, "to_cow", curl=-cow)
        script.wait(0.15 * tempo, "cow")
        script.move(1.00 * tempo, "to_neutral", curl=0)
        script.move(1.05 * tempo, "to_cat", curl=cat)
        repetition.peak_s = script.duration_s
        script.wait(0.15 * tempo, "cat")
        script.move(1.05 * tempo, "to_neutral", curl=0)
        repetition.end_s = script.duration_s
    script.wait(1.0, "rest")
    block("seated_cat_cow", start_s, repetitions=3)
    # 2: twist, facing the camera
    script.move(1.4, "arms_down", behind=0)
    go((1, 1.2), (2, 1.2), (3, 1.2))
    script.move(1.3, "getting_ready", fold=1)
    start_s = script.duration_s
    script.wait(1.6, "rest")
    for right_deg, left_deg in ((38, 37), (41, 39)):
        for side, sign, twist_deg in (("right", 1, right_deg), ("left", -1, left_deg)):
            repetition = script.begin(side)
            script.move(1.4, f"to_{side}", twist=sign * twist_deg, look=sign * 9)
            repetition.peak_s = round(script.duration_s + 0.2, 3)
            script.wait(0.4, side)
            script.move(1.4, "to_centre", twist=0, look=0)
            repetition.end_s = script.duration_s
            script.wait(0.4, "rest")
    script.wait(1.0, "rest")
    block("seated_twist", start_s, rounds=2)
    # 3: back to the side, up, round, and down on the knees
    script.move(1.3, "arms_down", fold=0)
    go((4, 1.2), (5, 1.2), (6, 1.2), (7, 1.1), (8, 1.2), (9, 1.0))
    script.wait(0.6, "standing")
    go((10, 1.0), (11, 1.0), (12, 1.0), (13, 1.0))
    script.wait(0.6, "standing")
    go((14, 3.0))
    script.wait(1.6, "kneeling")
    start_s = script.duration_s
    script.move(2.6, "sink", sink=1, reach=1, gaze=0)
    script.holds.append(Hold(script.duration_s, script.duration_s + 30.0))
    script.wait(30.0, "hold")
    script.move(2.2, "rise", sink=0, reach=0, gaze=30)
    block("childs_pose", start_s, holds=1)
    # 4: over the ball
    script.wait(0.8, "kneeling")
    go((15, 3.5))
    start_s = script.duration_s
    script.wait(2.0, "rest")
    for amount in (1.0, 0.97, 1.03):
        repetition = script.begin()
        script.move(1.6, "rise", lift=amount, arms=1)
        top_s = script.duration_s
        script.wait(3.0, "hold")
        repetition.peak_s = round((top_s + script.duration_s) / 2, 3)
        script.holds.append(Hold(top_s, script.duration_s))
        script.move(1.6, "lower", lift=0, arms=0)
        repetition.end_s = script.duration_s
        script.wait(1.0, "rest")
    block("back_extension", start_s, repetitions=3, holds=3)
    # 5: down on the back
    go((16, 3.5))
    script.wait(0.6, "kneeling")
    go((17, 4.6))
    script.wait(0.8, "sitting")
    go((18, 4.0))
    script.move(1.8, "settle", rest_arms=0, gaze=14)
    start_s = script.duration_s
    script.holds.append(Hold(start_s, start_s + 42.0))
    script.wait(42.0, "hold")
    block("savasana", start_s, holds=1)
    script.move(1.4, "legs_down", off=1, gaze=32)
    script.wait(0.8, "rest")
    return Clip(
        "mixed",
        None,
        "side",
        "woman",
        Look(skin=(206, 158, 132), hair=(62, 40, 26), shirt=(198, 92, 70), leggings=(48, 54, 76), loose_m=0.004),
        Room(
            wall_rgb=(206, 210, 204),
            floor_rgb=(164, 140, 112),
            mat_rgb=(90, 108, 120),
            ball_rgb=(150, 160, 172),
            cabinet_x=-1.9,
            picture_x=1.2,
            plant_x=2.5,
        ),
        Camera(CAMERA_DEG, 3.1, 1.05, (0, -0.14, 0.68), hfov_deg=50),
        script,
        figure,
        fps=12,
        crf=26,
        render_wh=(480, 360),
        frames=blending.pose_frames,
    )


BUILDERS = (mixed,)
