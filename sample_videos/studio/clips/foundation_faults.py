"""The first movements once more, by other people and with faults in them."""

from .. import figures
from ..motion import Hold, Script
from ..scene import Camera, Look, Room
from .clip import Clip

FPS = 12
DRAWN_WH = (480, 360)


# ---- seated cat-cow: rushed, hands off the head, and a nod alone
def seated_cat_cow_faults():
    script = Script(curl=0, arm_L=0, arm_R=0, nod=6, shrug_L=0, shrug_R=0)
    script.wait(1.2)
    hands(script, 2)
    script.wait(0.6, "rest")
    round_of(script, 1.05)
    fast = round_of(script, 0.62)
    script.fault("rushed", fast.start_s, fast.end_s)
    script.wait(0.6, "rest")
    for _ in range(2):
        nod = script.begin(counted=False, reason="only the head moved")
        script.move(0.9, "nod", nod=-22)
        script.move(0.9, nod=30)
        nod.peak_s = script.duration_s
        script.move(0.9, nod=2)
        nod.end_s = script.duration_s
    script.wait(0.5, "rest")
    hands(script, 0)
    script.wait(0.4, "rest")
    without = round_of(script, 1.1)
    for fault in ("hands_off_head", "elbows_forward"):  # hands on the thighs have the elbows before the trunk
        script.fault(fault, without.start_s, without.end_s)
    script.wait(0.8, "rest")
    stations = (figures.ON_THIGH, figures.RAISED_OUT, figures.BEHIND_HEAD)
    return Clip(
        "seated_cat_cow_faults",
        "seated_cat_cow",
        "side",
        "man",
        Look(skin=(178, 128, 98), hair=(34, 28, 26), shirt=(86, 122, 150), leggings=(70, 66, 62), beard=0.3),
        Room(
            wall_rgb=(214, 206, 190),
            floor_rgb=(142, 126, 112),
            mat_rgb=(88, 104, 96),
            ball_rgb=(196, 120, 70),
            cabinet_x=1.8,
            picture_x=-1.2,
            plant_x=-2.4,
        ),
        Camera(97, 3.0, 0.9, (0, -0.10, 0.68), hfov_deg=52),
        script,
        lambda s: figures.seated(s, stations, stations),
        fps=FPS,
        render_wh=DRAWN_WH,
    )


def hands(script, station):
    """Both hands behind the head (2) or down on the thighs (0)."""
    script.move(1.4, "hands", arm_L=station, arm_R=station, nod=2, shrug_L=7 * station, shrug_R=7 * station)


def round_of(script, tempo):
    """One cow and one cat; tempo 1 takes 4.5 s."""
    repetition = script.begin()
    script.move(1.05 * tempo, "to_cow", curl=-1)
    script.wait(0.15 * tempo, "cow")
    script.move(1.00 * tempo, "to_neutral", curl=0)
    script.wait(0.05 * tempo, "neutral")
    script.move(1.05 * tempo, "to_cat", curl=1)
    repetition.peak_s = script.duration_s
    script.wait(0.15 * tempo, "cat")
    script.move(1.05 * tempo, "to_neutral", curl=0)
    repetition.end_s = script.duration_s
    return repetition


# ---- side stretch: one hold too short, one arm that stays low
def side_stretch_faults():
    script = Script(lean=0, tip=0, tilt=0, nod=2, arm_L=0, arm_R=0, shrug_L=0, shrug_R=0)
    script.wait(1.2)
    for side, sign, hold_s, raised, fault in (
        ("right", 1, 6.2, 2.0, "hold_short"),
        ("left", -1, 8.5, 1.25, "arm_low"),
        ("right", 1, 8.6, 2.0, None),
    ):
        up, down = ("L", "R") if side == "right" else ("R", "L")
        script.move(1.3, "arm_up", **{f"arm_{up}": raised, f"arm_{down}": -1, f"shrug_{up}": 10 * raised})
        repetition = script.begin(side)
        script.move(1.9, "lean", lean=sign * 21, tip=sign * 5, tilt=sign * 5, **{f"arm_{down}": -2})
        hold = Hold(script.duration_s, script.duration_s + hold_s, side)
        repetition.peak_s = round(script.duration_s + hold_s / 2, 3)
        script.wait(hold_s, "hold")
        script.holds.append(hold)
        if fault:
            script.fault(fault, hold.start_s, hold.end_s)
        script.move(1.9, "return", lean=0, tip=0, tilt=0, **{f"arm_{down}": -1})
        repetition.end_s = script.duration_s
        script.move(1.1, "arm_down", **{f"arm_{up}": 0, f"arm_{down}": 0, f"shrug_{up}": 0})
        script.wait(0.5, "rest")
    stations = (figures.ON_BALL, figures.BESIDE_HIP, figures.ON_THIGH, figures.SIDEWAYS, figures.OVERHEAD)
    return Clip(
        "side_stretch_faults",
        "side_stretch",
        "front",
        "older",
        Look(skin=(134, 92, 66), hair=(104, 100, 98), shirt=(190, 142, 84), leggings=(66, 74, 98), loose_m=0.006),
        Room(
            wall_rgb=(202, 206, 214),
            floor_rgb=(158, 136, 112),
            mat_rgb=(120, 92, 110),
            ball_rgb=(112, 150, 172),
            cabinet_x=-1.9,
            picture_x=1.3,
            plant_x=2.3,
        ),
        Camera(-9, 3.0, 1.2, (0, -0.05, 0.80), hfov_deg=56),
        script,
        lambda s: figures.seated(s, stations, stations, figures.WIDE_LEGS, first_station=-2),
        fps=FPS,
        render_wh=DRAWN_WH,
    )


BUILDERS = (seated_cat_cow_faults, side_stretch_faults)
