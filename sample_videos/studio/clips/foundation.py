"""The first sample clips: one movement of each kind, and two in which nothing is to be counted."""

from dataclasses import replace

from .. import figures
from ..motion import Hold, Script
from ..scene import Camera, Look, Room
from .clip import Clip

# ---- 1: seated cat-cow
# (amplitude of the cow, amplitude of the cat, tempo): 1 is the usual range and 4.5 s
CAT_COW_REPS = (
    (1.00, 1.00, 1.00),
    (0.94, 1.05, 1.02),
    (1.06, 0.96, 0.98),
    (0.97, 1.08, 1.02),
    (1.03, 0.92, 0.99),
    (0.92, 1.02, 1.00),
)


def seated_cat_cow():
    script = Script(curl=0, arm_L=0, arm_R=0, nod=6, shrug_L=0, shrug_R=0)
    script.wait(0.3)
    script.move(1.2, "getting_ready", arm_L=2, arm_R=2, nod=2, shrug_L=14, shrug_R=14)
    script.wait(0.4, "rest")
    for cow, cat, tempo in CAT_COW_REPS:
        repetition = script.begin()
        script.move(1.05 * tempo, "to_cow", curl=-cow)
        script.wait(0.15 * tempo, "cow")
        script.move(1.00 * tempo, "to_neutral", curl=0)
        script.wait(0.05 * tempo, "neutral")
        script.move(1.05 * tempo, "to_cat", curl=cat)
        repetition.peak_s = script.duration_s
        script.wait(0.15 * tempo, "cat")
        script.move(1.05 * tempo, "to_neutral", curl=0)
        repetition.end_s = script.duration_s
    script.wait(0.8, "rest")
    stations = (figures.ON_THIGH, figures.RAISED_OUT, figures.BEHIND_HEAD)
    return Clip(
        "seated_cat_cow",
        "seated_cat_cow",
        "side",
        "woman",
        Look(skin=(206, 158, 132), hair=(62, 40, 26), shirt=(188, 70, 66), leggings=(44, 48, 62)),
        Room(),
        Camera(86, 2.9, 1.0, (0, -0.10, 0.66), hfov_deg=52),
        script,
        lambda s: figures.seated(s, stations, stations),
    )


# ---- 2: prone back extension
# (share of the full lift, seconds at the top, fault or reason)
EXTENSION_REPS = (
    (1.0, 3.0, None),
    (0.97, 3.0, None),
    (0.45, 0.5, "partial"),
    (1.0, 2.3, "hold_short"),
    (1.03, 3.0, None),
)


def back_extension():
    script = Script(lift=0, arms=0, nod=0, look=0)
    script.wait(1.2)
    for amount, hold_s, flaw in EXTENSION_REPS:
        partial = flaw == "partial"
        repetition = script.begin(counted=not partial, reason="partial" if partial else None)
        ramp_s = 1.0 if partial else 1.5
        script.move(ramp_s, "rise", lift=amount, arms=1)
        top_s = script.duration_s
        script.wait(hold_s, "hold")
        repetition.peak_s = round((top_s + script.duration_s) / 2, 3)
        if not partial:
            script.holds.append(Hold(top_s, script.duration_s))
        if flaw == "hold_short":
            script.fault("hold_short", top_s, script.duration_s)
        script.move(ramp_s, "lower", lift=0, arms=0)
        repetition.end_s = script.duration_s
        script.wait(0.5, "rest")
    script.wait(0.4, "rest")
    return Clip(
        "back_extension",
        "back_extension",
        "side",
        "man",
        Look(
            skin=(196, 146, 118),
            hair=(40, 30, 24),
            shirt=(196, 150, 62),
            leggings=(58, 66, 92),
            beard=0.35,
            hem_m=0.085,
            loose_m=0.004,
        ),
        Room(
            wall_rgb=(196, 206, 212),
            floor_rgb=(150, 128, 106),
            mat_rgb=(96, 92, 110),
            ball_rgb=(150, 152, 158),
            cabinet_x=1.9,
            picture_x=-1.2,
            plant_x=-2.6,
            light=1.1,
        ),
        Camera(85, 2.8, 0.95, (0, 0.08, 0.44), hfov_deg=42),
        script,
        figures.prone,
    )


# ---- 3: seated twist
# (twist to the right, to the left, the pelvis turns along by, tempo of the right and the left visit);
# a pelvis that turns along takes the knees and the ball with it
TWIST_ROUNDS = (
    (38, 37, 0, 1.00, 0.98),
    (41, 39, 0, 1.02, 1.00),
    (21, 21, 30, 0.99, 1.02),
    (37, 40, 0, 1.00, 0.98),
)
KNEE_SWING, BALL_ROLL_M = 0.65, 0.025


def seated_twist():
    script = Script(twist=0, pelvis_turn=0, knees=0, roll=0, look=0, arm_L=0, arm_R=0, nod=2)
    script.wait(1.0)
    for right_deg, left_deg, pelvis_deg, right_tempo, left_tempo in TWIST_ROUNDS:
        for side, sign, twist_deg, tempo in (
            ("right", 1, right_deg, right_tempo),
            ("left", -1, left_deg, left_tempo),
        ):
            repetition = script.begin(side)
            script.move(
                1.30 * tempo,
                f"to_{side}",
                twist=sign * twist_deg,
                look=sign * 9,
                pelvis_turn=sign * pelvis_deg,
                knees=sign * pelvis_deg / 30 * KNEE_SWING,
                roll=sign * pelvis_deg / 30 * BALL_ROLL_M,
            )
            start_s = script.duration_s
            script.wait(0.30 * tempo, side)
            repetition.peak_s = round((start_s + script.duration_s) / 2, 3)
            script.move(1.30 * tempo, "to_centre", twist=0, look=0, pelvis_turn=0, knees=0, roll=0)
            repetition.end_s = script.duration_s
            if pelvis_deg:
                script.fault("hips_turn", repetition.start_s, repetition.end_s)
            script.wait(0.35 * tempo, "rest")
    script.wait(0.7, "rest")
    return Clip(
        "seated_twist",
        "seated_twist",
        "front",
        "older",
        Look(
            skin=(128, 84, 60),
            hair=(96, 92, 90),
            shirt=(96, 158, 150),
            leggings=(128, 108, 150),
            loose_m=0.006,
            sleeve_end=1.0,
        ),
        Room(
            wall_rgb=(222, 206, 184),
            floor_rgb=(178, 140, 104),
            mat_rgb=(150, 156, 150),
            ball_rgb=(204, 92, 78),
            wood_rgb=(196, 168, 130),
            cabinet_x=1.6,
            picture_x=-1.1,
            plant_x=-2.3,
            lamp_x=2.7,
            light=1.12,
            warm=0.4,
        ),
        Camera(-7, 2.7, 1.05, (0, -0.1, 0.66), hfov_deg=52),
        script,
        lambda s: figures.seated(s, [figures.ON_CHEST], [figures.ON_CHEST_LOW]),
        rounds=4,
    )


# ---- 4: side stretch
def side_stretch():
    script = Script(lean=0, tip=0, tilt=0, nod=2, arm_L=0, arm_R=0, shrug_L=0, shrug_R=0)
    script.wait(0.5)
    for side, sign, hold_s, lean_deg in (("right", 1, 8.0, 21), ("left", -1, 9.0, 22)):
        up, down = ("L", "R") if side == "right" else ("R", "L")
        script.move(1.15, "arm_up", **{f"arm_{up}": 2, f"arm_{down}": -1, f"shrug_{up}": 20})
        repetition = script.begin(side)
        script.move(1.8, "lean", lean=sign * lean_deg, tip=sign * 5, tilt=sign * 5, **{f"arm_{down}": -2})
        hold = Hold(script.duration_s, script.duration_s + hold_s, side)
        repetition.peak_s = round(script.duration_s + hold_s / 2, 3)
        script.wait(hold_s, "hold")
        script.holds.append(hold)
        script.move(1.8, "return", lean=0, tip=0, tilt=0, **{f"arm_{down}": -1})
        repetition.end_s = script.duration_s
        script.move(1.1, "arm_down", **{f"arm_{up}": 0, f"arm_{down}": 0, f"shrug_{up}": 0})
        script.wait(0.3, "rest")
    script.wait(0.2, "rest")
    # arm channels: -2 hand on the ball, -1 beside the hip, 0 on the thigh, 1 sideways, 2 overhead
    stations = (figures.ON_BALL, figures.BESIDE_HIP, figures.ON_THIGH, figures.SIDEWAYS, figures.OVERHEAD)
    return Clip(
        "side_stretch",
        "side_stretch",
        "front",
        "student",
        Look(
            skin=(214, 172, 140),
            hair=(28, 24, 24),
            shirt=(112, 96, 158),
            leggings=(92, 96, 100),
            leg_end_m=0.46,
            loose_m=0.004,
        ),
        Room(
            wall_rgb=(190, 204, 190),
            floor_rgb=(186, 162, 130),
            mat_rgb=(70, 76, 96),
            ball_rgb=(104, 160, 96),
            cabinet_x=-2.0,
            picture_x=1.5,
            plant_x=None,
            lamp_x=2.5,
        ),
        Camera(5, 2.9, 1.15, (0, -0.05, 0.78), hfov_deg=54),
        script,
        lambda s: figures.seated(s, stations, stations, figures.WIDE_LEGS, first_station=-2),
    )


# ---- 5, 6: nothing to count
def idle():
    script = Script(look=0, nod=2, tilt=0, arm_L=0, arm_R=0, press=0, shift_x=0, shift_y=0, bow=0, twist=0)
    script.wait(0.8)
    script.move(0.9, "look_left", look=-42, twist=-8)
    script.wait(0.7)
    script.move(1.2, "look_right", look=38, twist=8)
    script.wait(0.6)
    script.move(0.8, "look_ahead", look=0, twist=0)
    script.wait(0.3)
    for _ in range(2):
        script.move(0.35, "nod", nod=20)
        script.move(0.4, nod=2)
    script.wait(0.4, "rest")
    script.move(0.9, "scratch_head", arm_L=2, tilt=-5, nod=8)
    for _ in range(3):
        script.move(0.22, arm_L=1.92)
        script.move(0.22, arm_L=2.0)
    script.move(0.9, "arm_down", arm_L=0, tilt=0, nod=2)
    script.wait(0.4, "rest")
    script.move(0.3, "adjust_seat", press=0.05, bow=6)
    script.move(0.35, press=-0.01, shift_x=0.03, shift_y=0.02, bow=3)
    script.move(0.3, press=0.035, bow=2)
    script.move(0.4, press=0, shift_x=0.01, shift_y=0.01, bow=0)
    script.wait(0.5, "rest")
    script.move(0.8, "pull_shirt", arm_L=-1, arm_R=-1, nod=22)
    script.move(0.25, arm_L=-0.85, arm_R=-0.85)
    script.move(0.25, arm_L=-1, arm_R=-1)
    script.move(0.8, "rest", arm_L=0, arm_R=0, nod=2)
    script.wait(0.6, "rest")
    script.move(0.9, "look_camera", look=-30)
    script.wait(0.6)
    script.move(0.8, look=0)
    script.wait(0.7, "rest")
    # arm channels: -1 at the shirt, 0 on the thigh, 1 raised, 2 at the head
    stations = (figures.AT_SHIRT, figures.ON_THIGH, figures.RAISED_OUT, figures.SCRATCH)
    return Clip(
        "idle",
        None,
        "side",
        "grandpa",
        Look(
            skin=(214, 166, 146),
            hair=(124, 122, 120),
            shirt=(64, 84, 104),
            leggings=(112, 104, 88),
            beard=0.2,
            sleeve_end=1.72,
            loose_m=0.008,
        ),
        Room(
            wall_rgb=(206, 196, 206),
            floor_rgb=(104, 92, 84),
            mat_rgb=(150, 110, 84),
            ball_rgb=(206, 160, 60),
            cabinet_x=-1.7,
            picture_x=0.9,
            plant_x=2.2,
            lamp_x=-2.9,
            warm=0.3,
        ),
        Camera(80, 2.8, 1.1, (0, -0.12, 0.66), hfov_deg=52),
        script,
        lambda s: figures.seated(s, stations, stations, first_station=-1),
    )


def idle_front():
    script = Script(look=0, nod=2, tilt=0, arm_L=0, arm_R=0, shrug_L=0, shrug_R=0, bow=0, twist=0, lean=0, shift_x=0)
    script.wait(0.8)
    script.move(1.0, "look_right", look=45, twist=7)
    script.wait(0.6)
    script.move(1.3, "look_left", look=-42, twist=-7)
    script.wait(0.6)
    script.move(0.9, "look_ahead", look=0, twist=0)
    script.wait(0.4, "rest")
    script.move(1.4, "reach_up", arm_L=2, shrug_L=16, tilt=-4, lean=3)
    script.wait(0.8)
    script.move(1.3, "arm_down", arm_L=0, shrug_L=0, tilt=0, lean=0)
    script.wait(0.6, "rest")
    for _ in range(2):
        script.move(0.5, "shrug", shrug_L=22, shrug_R=22)
        script.move(0.6, shrug_L=0, shrug_R=0)
    script.wait(0.5, "rest")
    script.move(0.7, "look_down", nod=26, bow=6)
    script.wait(0.7)
    script.move(0.7, nod=2, bow=0)
    script.move(0.7, "shift_seat", shift_x=0.03, lean=-4)
    script.move(0.7, shift_x=0, lean=0)
    script.move(0.8, "tilt_head", tilt=14)
    script.move(1.2, tilt=-12)
    script.move(0.8, tilt=0)
    script.wait(0.8, "rest")
    # arm channels: 0 on the thigh, 1 sideways, 2 overhead
    stations = (figures.ON_THIGH, figures.SIDEWAYS, figures.OVERHEAD)
    return Clip(
        "idle_front",
        None,
        "front",
        "man",
        Look(
            skin=(150, 104, 78),
            hair=(34, 28, 26),
            shirt=(206, 202, 192),
            leggings=(60, 74, 66),
            leg_end_m=0.44,
            loose_m=0.008,
            beard=0.4,
        ),
        Room(
            wall_rgb=(200, 206, 214),
            floor_rgb=(150, 140, 128),
            mat_rgb=(176, 150, 70),
            ball_rgb=(88, 70, 130),
            cabinet_x=1.9,
            picture_x=-1.3,
            plant_x=-2.2,
            light=0.92,
            warm=-0.5,
        ),
        Camera(-10, 3.3, 1.25, (0, -0.05, 0.90), hfov_deg=56),
        script,
        lambda s: figures.seated(s, stations, stations),
    )


# ---- a picture, not a clip
def portrait():
    """The cat-cow from an oblique view, wide: python -m studio stills portrait --at 3.2."""
    camera = Camera(58, 2.9, 1.05, (0, -0.10, 0.66), hfov_deg=60)
    return replace(seated_cat_cow(), name="portrait", camera=camera, size_wh=(1280, 720))


BUILDERS = (seated_cat_cow, back_extension, seated_twist, side_stretch, idle, idle_front, portrait)
