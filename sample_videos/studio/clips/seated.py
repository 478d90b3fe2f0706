"""Clips of the other movements that are done sitting on the ball."""

import math

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
    script.move(1.4, arm_L=0, arm_R=0, slump=0, nod=2, look=0)


def seat_stations(state):
    """Arm channels: 0 on the thigh, 1 hanging beside the hip."""
    stations = (figures.ON_THIGH, figures.BESIDE_HIP)
    return figures_seat.rolling_seat(state, stations, stations)


def grounding_seat():
    script = Script(slump=0.55, arm_L=1, arm_R=1, nod=14, look=-25, breath=0)
    sitting_down_tall(script)
    still(script, 17.0)
    script.move(1.0, "leaving", look=30, arm_L=1)
    script.move(0.9, look=-10, slump=0.4)
    script.wait(0.5)
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


# ---- circles of the hips
RAMP_TURNS = 0.3  # the path spirals out of the middle, and back into it, in this part of a turn


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
        for lean_deg, hips_m, tempo in ((20, -0.075, 1.0), (21, -0.08, 1.03)):
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


BUILDERS = (grounding_seat, hip_circles, roll_fore_aft, side_stretch_roll)
