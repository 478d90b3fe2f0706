"""Clips of the other movements that are done sitting on the ball."""

import math
from dataclasses import replace

import numpy as np

from .. import figures, figures_seat
from ..motion import Circle, Hold, Script, minimum_jerk
from ..scene import Camera, Look, Room
from .clip import Clip

FPS = 12
DRAWN_WH = (480, 360)

BERRY = Look(skin=(132, 88, 62), hair=(92, 88, 86), shirt=(168, 62, 92), leggings=(58, 62, 82), loose_m=0.005)
SEA = Look(skin=(208, 162, 136), hair=(58, 38, 26), shirt=(48, 118, 150), leggings=(70, 62, 58), loose_m=0.004)
SAND = Look(
    skin=(192, 144, 116),
    hair=(36, 28, 24),
    shirt=(204, 168, 110),
    leggings=(52, 64, 96),
    beard=0.35,
    hem_m=0.085,
    loose_m=0.006,
    sleeve_end=0.9,
)
FERN = Look(skin=(216, 174, 142), hair=(26, 22, 22), shirt=(92, 140, 84), leggings=(74, 70, 92), loose_m=0.004)
NAVY = Look(
    skin=(214, 168, 146),
    hair=(126, 124, 122),
    shirt=(62, 82, 124),
    leggings=(120, 108, 92),
    beard=0.2,
    sleeve_end=0.9,
    loose_m=0.007,
)
LIGHT = Room(wall_rgb=(210, 212, 206), floor_rgb=(172, 146, 114), mat_rgb=(90, 98, 112), ball_rgb=(188, 104, 84))
DUSK = Room(
    wall_rgb=(218, 202, 186),
    floor_rgb=(140, 116, 96),
    mat_rgb=(76, 104, 100),
    ball_rgb=(92, 124, 176),
    cabinet_x=1.8,
    picture_x=-1.2,
    plant_x=-2.4,
    lamp_x=2.8,
    light=0.95,
    warm=0.4,
)
STUDY = Room(
    wall_rgb=(196, 208, 212),
    floor_rgb=(150, 140, 130),
    mat_rgb=(164, 128, 96),
    ball_rgb=(120, 160, 110),
    cabinet_x=-1.9,
    picture_x=1.1,
    plant_x=2.4,
    lamp_x=-2.9,
    warm=-0.3,
)


def clip_of(name, exercise, view, body, look, room, camera, script, figure):
    """A clip in the size and rate of this module."""
    return Clip(name, exercise, view, body, look, room, camera, script, figure, fps=FPS, render_wh=DRAWN_WH)


def on_thighs(state):
    """Hands on the thighs while the hips move."""
    return figures_seat.rolling_seat(state, [figures.ON_THIGH], [figures.ON_THIGH])


# ---- sitting tall and still
BREATH_S = 4.6


def breathing(script, start_s, end_s):
    """Slow breaths in the chest between two times."""
    t, period = start_s, BREATH_S
    while t + period <= end_s:
        script.overlay(t, 0.42 * period, breath=1)
        script.overlay(t + 0.45 * period, 0.5 * period, breath=0)
        t += period


def still(script, seconds, phase="hold"):
    """A stretch of sitting still, breathing; returns its beginning."""
    start_s = script.duration_s
    breathing(script, start_s, start_s + seconds)
    script.wait(seconds, phase)
    script.holds.append(Hold(start_s, script.duration_s))
    return start_s


def sitting_down_tall(script):
    """From a slack seat with hanging arms: hands onto the thighs, back long."""
    script.wait(0.8, "getting_ready")
    script.move(1.4, arm_L=0, arm_R=0, slump=0, bow=0, nod=2, look=0)


def seat_stations(state):
    """Arm channels: 0 on the thigh, 1 hanging beside the hip."""
    stations = (figures.ON_THIGH, figures.BESIDE_HIP)
    return figures_seat.rolling_seat(state, stations, stations)


def grounding_seat():
    script = Script(slump=0.55, arm_L=1, arm_R=1, nod=14, look=-25, breath=0)
    sitting_down_tall(script)
    still(script, 17.0)
    script.move(1.2, "leaving", bow=28, nod=20, arm_L=1, arm_R=1)
    script.wait(0.4)
    return clip_of(
        "grounding_seat",
        "grounding_seat",
        "side",
        "older",
        BERRY,
        DUSK,
        Camera(-84, 2.8, 1.0, (0, -0.1, 0.66), hfov_deg=50),
        script,
        seat_stations,
    )


def grounding_seat_faults():
    """A long stay in which the back sinks, and one that is too short, with the heels up."""
    script = Script(slump=0.2, bow=24, arm_L=1, arm_R=1, nod=10, look=15, breath=0, heels=0)
    sitting_down_tall(script)
    start_s = still(script, 13.0)
    script.overlay(start_s + 2.2, 7.0, slump=0.85)
    script.fault("slump", start_s + 6.0, script.duration_s)
    script.move(0.9, "sitting_up", bow=26)
    script.wait(0.7)
    script.move(1.3, slump=0, nod=2, heels=26, bow=0)
    start_s = still(script, 6.0)
    script.holds[-1].counted = False
    script.fault("heels_up", start_s, script.duration_s)
    script.move(1.2, "leaving", bow=30, nod=22, arm_L=1, arm_R=1)
    script.wait(0.3)
    return clip_of(
        "grounding_seat_faults",
        "grounding_seat",
        "side",
        "man",
        SAND,
        STUDY,
        Camera(80, 2.7, 0.9, (0, -0.1, 0.66), hfov_deg=52),
        script,
        seat_stations,
    )


# ---- circles of the hips
RAMP_TURNS = 0.2  # the path spirals out of the middle, and back into it, in this part of a turn


class CirclingScript(Script):
    """A script in which the hips go round: channels `side` and `fore`, metres, + to the right and forward."""

    def __init__(self, **start):
        super().__init__(**start)
        self._paths = []

    def go_round(self, direction, periods_s, side_m, fore_m, reason=None, **also):
        """One turn per period, each from front to front; returns the time of the first one's beginning.

        also: factors by which the channels of that name follow the path, {name: (of side, of fore)}.
        """
        lead_s = RAMP_TURNS * periods_s[0]
        times, turns = [self.duration_s, self.duration_s + lead_s], [-RAMP_TURNS, 0.0]
        self.wait(lead_s, f"into_{direction}")
        first_s = self.duration_s
        for period_s in periods_s:
            start_s = self.duration_s
            self.wait(period_s, direction)
            self.circles.append(Circle(round(start_s, 3), self.duration_s, direction, reason is None, reason))
            times.append(self.duration_s)
            turns.append(turns[-1] + 1)
        self.wait(RAMP_TURNS * periods_s[-1], f"out_of_{direction}")
        times.append(self.duration_s)
        turns.append(turns[-1] + RAMP_TURNS)
        self._paths.append((times, turns, 1 if direction == "cw" else -1, side_m, fore_m, also))
        return first_s

    def state(self, t_s):
        state = super().state(t_s)
        for times, turns, sign, side_m, fore_m, also in self._paths:
            if not times[0] < t_s < times[-1]:
                continue
            turn = float(np.interp(t_s, times, turns))
            size = minimum_jerk(min(turn + RAMP_TURNS, turns[-1] - turn) / RAMP_TURNS)
            side = sign * size * side_m * math.sin(2 * math.pi * turn)
            fore = size * fore_m * math.cos(2 * math.pi * turn)
            state["side"] = state.get("side", 0.0) + side
            state["fore"] = state.get("fore", 0.0) + fore
            for name, (of_side, of_fore) in also.items():
                state[name] = state.get(name, 0.0) + of_side * side + of_fore * fore
        return state


def hip_circles():
    script = CirclingScript(side=0, fore=0, nod=2, free=0.1)
    script.wait(1.2)
    script.go_round("cw", (3.3, 3.1, 3.2), 0.072, 0.066)
    script.wait(0.7, "rest")
    script.go_round("ccw", (3.2, 3.3, 3.1), 0.070, 0.068)
    script.wait(0.8, "rest")
    return clip_of(
        "hip_circles",
        "hip_circles",
        "front",
        "woman",
        SEA,
        LIGHT,
        Camera(-14, 2.5, 1.75, (0, -0.12, 0.62), hfov_deg=50),
        script,
        on_thighs,
    )


def hip_circles_faults():
    """Two good circles, two that are too fast; the other way round the chest goes along; then the hips only sway."""
    script = CirclingScript(side=0, fore=0, nod=2, free=0.1)
    script.wait(1.2)
    start_s = script.go_round("cw", (3.1, 3.1, 2.0, 2.0), 0.068, 0.064)
    script.fault("too_fast", start_s + 6.2, start_s + 10.2)
    script.move(1.9, "rest", free=1)
    start_s = script.go_round("ccw", (3.3, 3.3), 0.070, 0.062)
    script.fault("chest_moves", start_s, start_s + 6.6)
    script.move(0.6, "rest", free=0.1)
    for _ in range(2):
        script.move(0.9, "sway", side=0.06)
        script.move(1.3, "sway", side=-0.06)
    script.move(0.8, "rest", side=0)
    script.wait(0.6, "rest")
    return clip_of(
        "hip_circles_faults",
        "hip_circles",
        "front",
        "man",
        NAVY,
        DUSK,
        Camera(19, 2.4, 1.62, (0, -0.12, 0.60), hfov_deg=54),
        script,
        on_thighs,
    )


# ---- rolling forward and back
def roll_fore_aft():
    script = Script(fore=0, nod=2)
    script.wait(1.2)
    script.move(1.2, "getting_ready", fore=-0.055)
    script.wait(0.6, "rest")
    for forward_m, back_m, tempo in (
        (0.07, -0.055, 1.0),
        (0.075, -0.06, 1.04),
        (0.068, -0.055, 0.97),
        (0.073, -0.055, 1.0),
    ):
        repetition = script.begin()
        script.move(2.0 * tempo, "forward", fore=forward_m)
        repetition.peak_s = script.duration_s
        script.wait(0.15)
        script.move(2.1 * tempo, "back", fore=back_m)
        repetition.end_s = script.duration_s
        script.wait(0.4, "rest")
    script.wait(0.5, "rest")
    return clip_of(
        "roll_fore_aft",
        "roll_fore_aft",
        "side",
        "student",
        FERN,
        STUDY,
        Camera(84, 2.8, 0.95, (0, -0.12, 0.66), hfov_deg=50),
        script,
        on_thighs,
    )


def roll_fore_aft_faults():
    """Forward from the middle and back to it: good, trunk tips, too small, too fast, good."""
    script = Script(fore=0, bow=0, nod=2)
    script.wait(1.4)
    for forward_m, bow_deg, way_s, flaw in (
        (0.085, 0, 1.9, None),
        (0.080, 27, 1.9, "trunk_tips"),
        (0.022, 0, 1.3, "partial"),
        (0.082, 0, 0.95, "too_fast"),
        (0.088, 0, 1.8, None),
    ):
        partial = flaw == "partial"
        repetition = script.begin(counted=not partial, reason="partial" if partial else None)
        script.move(way_s, "forward", fore=forward_m, bow=bow_deg)
        repetition.peak_s = script.duration_s
        script.wait(0.1)
        script.move(way_s, "back", fore=0, bow=0)
        repetition.end_s = script.duration_s
        if flaw and not partial:
            script.fault(flaw, repetition.start_s, repetition.end_s)
        script.wait(0.7, "rest")
    script.wait(0.3, "rest")
    return clip_of(
        "roll_fore_aft_faults",
        "roll_fore_aft",
        "side",
        "older",
        BERRY,
        LIGHT,
        Camera(-80, 2.7, 0.85, (0, -0.14, 0.64), hfov_deg=52),
        script,
        on_thighs,
    )


# ---- leaning to the side while the ball rolls along
# arm channels: -2 hand on the ball, -1 beside the hip, 0 on the thigh, 1 sideways, 2 overhead
STRETCH_STATIONS = (figures.ON_BALL, figures.BESIDE_HIP, figures.ON_THIGH, figures.SIDEWAYS, figures.OVERHEAD)


def stretching(state):
    return figures_seat.rolling_seat(state, STRETCH_STATIONS, STRETCH_STATIONS, figures.WIDE_LEGS, first_station=-2)


def arm_over(script, side):
    """The arm of the other side overhead, the hand of this side beside the hip."""
    up, down = ("L", "R") if side == "right" else ("R", "L")
    script.move(1.2, "arm_up", **{f"arm_{up}": 2, f"arm_{down}": -1, f"shrug_{up}": 18})


def arms_down(script):
    script.move(1.1, "arm_down", arm_L=0, arm_R=0, shrug_L=0, shrug_R=0)


def wave(script, side, lean_deg, hips_m, tempo=1.0, **fields):
    """One lean to a side and back; `hips_m` is how far the hips travel, + towards the lean. Returns the repetition."""
    sign = 1 if side == "right" else -1
    repetition = script.begin(side, **fields)
    script.move(1.9 * tempo, "lean", lean=sign * lean_deg, tip=sign * 5, tilt=sign * 5, side=sign * hips_m)
    top_s = script.duration_s
    script.wait(0.3 * tempo, side)
    repetition.peak_s = round((top_s + script.duration_s) / 2, 3)
    script.move(1.9 * tempo, "return", lean=0, tip=0, tilt=0, side=0)
    repetition.end_s = script.duration_s
    return repetition


def side_stretch_roll():
    script = Script(lean=0, tip=0, tilt=0, side=0, free=1, nod=2, arm_L=0, arm_R=0, shrug_L=0, shrug_R=0)
    script.wait(0.8)
    for side in ("right", "left"):
        arm_over(script, side)
        script.wait(0.3, "rest")
        for lean_deg, hips_m, tempo in ((27, -0.07, 1.0), (28, -0.075, 1.03)):
            wave(script, side, lean_deg, hips_m, tempo)
            script.wait(0.4, "rest")
        arms_down(script)
        script.wait(0.3, "rest")
    return clip_of(
        "side_stretch_roll",
        "side_stretch_roll",
        "front",
        "man",
        SAND,
        DUSK,
        Camera(4, 3.0, 1.15, (0, -0.05, 0.88), hfov_deg=58),
        script,
        stretching,
    )


def side_stretch_roll_faults():
    """To the right: good, arm low; to the left: the ball stays where it was, too fast, good and with the ball along."""
    script = Script(lean=0, tip=0, tilt=0, side=0, free=1, nod=2, arm_L=0, arm_R=0, shrug_L=0, shrug_R=0)
    script.wait(0.8)
    arm_over(script, "right")
    script.wait(0.3, "rest")
    wave(script, "right", 26, -0.07)
    script.move(0.6, "arm_sinks", arm_L=0.75, shrug_L=4)
    low = wave(script, "right", 27, -0.07)
    script.fault("arm_low", low.start_s, low.end_s)
    script.wait(0.3, "rest")
    arms_down(script)
    arm_over(script, "left")
    script.wait(0.3, "rest")
    wave(script, "left", 25, 0.0, 0.9, counted=False, reason="no_roll")
    script.wait(0.4, "rest")
    quick = wave(script, "left", 26, -0.07, 0.58)
    script.fault("too_fast", quick.start_s, quick.end_s)
    script.wait(0.5, "rest")
    wave(script, "left", 27, 0.07)
    script.wait(0.4, "rest")
    arms_down(script)
    script.wait(0.3, "rest")
    return clip_of(
        "side_stretch_roll_faults",
        "side_stretch_roll",
        "front",
        "woman",
        SEA,
        STUDY,
        Camera(-7, 3.1, 1.05, (0, -0.05, 0.88), hfov_deg=56),
        script,
        stretching,
    )


# ---- stepping in, sitting down, one real movement, and away again
SEAT_Z = 0.632  # of this body
WALK_STATIONS = (figures_seat.HANGING, figures.ON_THIGH, figures.ON_CHEST)
WALK_STATIONS_LOW = (figures_seat.HANGING, figures.ON_THIGH, figures.ON_CHEST_LOW)


def side_step(script, to_m):
    """One step sideways: the foot on that side first."""
    here_m = script.state(script.duration_s)["step"]
    first, second = "RL" if to_m > here_m else "LR"
    t = script.duration_s
    for start_s, foot in ((t, first), (t + 0.5, second)):
        script.overlay(start_s, 0.5, **{f"step_{foot}": to_m})
        script.overlay(start_s, 0.25, **{f"raise_{foot}": 0.06})
        script.overlay(start_s + 0.25, 0.25, **{f"raise_{foot}": 0.0})
    script.move(1.0, "walking", step=to_m)


def walk_in():
    away_m = -0.8
    script = Script(
        up=1, step=away_m, step_L=away_m, step_R=away_m, raise_L=0, raise_R=0, arm_L=0, arm_R=0, look=20, nod=4,
        twist=0, side=0, fore=0, bow=0, slump=0,
    )  # fmt: skip
    script.wait(0.7, "standing")
    side_step(script, -0.4)
    side_step(script, 0.0)
    script.wait(0.2)
    script.move(1.9, "sitting_down", up=0, arm_L=1, arm_R=1, look=0)
    script.wait(0.3, "rest")
    for side_m, fore_m in ((0.03, 0.02), (-0.025, 0.0), (0.0, -0.015), (0.0, 0.0)):
        script.move(0.45, "shuffling", side=side_m, fore=fore_m, bow=4 if side_m else 0)
    script.move(1.0, "getting_ready", arm_L=2, arm_R=2)
    script.wait(1.0, "rest")
    for side, twist_deg in (("right", 38), ("left", 37), ("right", 40)):
        sign = 1 if side == "right" else -1
        repetition = script.begin(side)
        script.move(1.25, f"to_{side}", twist=sign * twist_deg, look=sign * 9)
        top_s = script.duration_s
        script.wait(0.3, side)
        repetition.peak_s = round((top_s + script.duration_s) / 2, 3)
        script.move(1.25, "to_centre", twist=0, look=0)
        repetition.end_s = script.duration_s
        script.wait(0.4, "rest")
    script.wait(0.3, "rest")
    script.move(0.9, "arms_down", arm_L=1, arm_R=1)
    script.move(0.5, nod=10, look=-15)
    script.move(1.8, "standing_up", up=1, arm_L=0, arm_R=0, nod=4)
    side_step(script, 0.4)
    side_step(script, 0.8)
    script.wait(0.3, "standing")
    clip = clip_of(
        "walk_in",
        "seated_twist",
        "front",
        "grandpa",
        NAVY,
        LIGHT,
        Camera(6, 3.3, 1.2, (0, -0.1, 0.88), hfov_deg=58),
        script,
        lambda s: figures_seat.rising_seat(s, WALK_STATIONS, WALK_STATIONS_LOW, SEAT_Z),
    )
    return replace(clip, rounds=1)


BUILDERS = (
    grounding_seat,
    grounding_seat_faults,
    hip_circles,
    hip_circles_faults,
    roll_fore_aft,
    roll_fore_aft_faults,
    side_stretch_roll,
    side_stretch_roll_faults,
    walk_in,
)
