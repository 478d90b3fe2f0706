"""Poses of the movements in which the hips roll the ball, and of sitting still on it.

Channels, + forwards and towards the person's right: fore, side (travel of the pelvis over the feet, metres), bow (the
trunk tips forwards), slump (0 tall .. 1 collapsed), chin (0 .. 1 head pushed forward), heels (degrees the feet stand
on their toes), free (0 the chest stays over the feet .. 1 it goes with the hips); twist, lean, tip, tilt, nod, look,
shrug_L/R, arm_L/R as in figures.py; breath (0 out .. 1 in).
"""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from . import figures
from .poses import Ball, Limb, Pose, both

BALL_SHARE = 0.6  # the ball's centre makes this part of the pelvis's way; without slipping it would be a half
BALL_Y = 0.02

# Degrees per metre: the pelvis tilts as the ball rolls under it, and the spine bends back over the feet.
TUCK, ROUND = 150.0, 130.0
TILT, BEND = 60.0, 200.0


def rolling_seat(channels, left_stations, right_stations, legs=figures.SEATED_LEGS, first_station=0):
    """Sitting while the hips roll the ball forward and back or to the sides."""
    s = defaultdict(float, channels)
    side, fore, slump, chin = s["side"], s["fore"], s["slump"], s["chin"]
    over = 1 - s["free"]
    return Pose(
        pelvis=(-side, -fore, 0.70),
        ball=Ball((-BALL_SHARE * side, BALL_Y - BALL_SHARE * fore), squash=0.07),
        pitch=-4 - over * TUCK * fore + s["bow"] - 6 * slump,
        lean=-(s["tip"] + TILT * side),
        turn=0,
        spine=(
            5 + over * ROUND * fore + 40 * slump + 6 * chin - 2.5 * s["breath"],
            -(s["lean"] - over * BEND * side),
            -s["twist"],
        ),
        neck=(s["nod"] - 12 * slump + 22 * chin, -s["tilt"], -s["look"]),
        shrug={side: s[f"shrug_{side}"] + 2 * s["breath"] for side in "LR"},
        limbs={
            **{name: tiptoe(limb, s["heels"]) for name, limb in legs.items()},
            **figures.arm_paths(s, left_stations, right_stations, first_station),
        },
    )


STANDING_Y, STANDING_Z = -0.37, 0.87  # over the feet; metres, for the body "woman"
STEP_LEGS = both("leg", Limb((0.13, -0.40, 0.077), "world", pole=(0.12, -1, 0.3), foot=("flat", 8), on_floor=True))
HANGING = Limb(directions=((0.20, 0.02, -0.98), (0.04, -0.14, -0.99)), frame="chest", pole=(0, 1, 0))


def rising_seat(channels, left_stations, right_stations, seat_z, first_station=0):
    """Between sitting (up 0) and standing before the ball (up 1), and stepping sideways when standing.

    seat_z: height of the pelvis on the ball as settle() finds it, over the body's leg scale. Channels: up; step (the
    pelvis), step_L/R (the feet, all metres to the person's right), raise_L/R (the feet, metres above the floor).
    """
    s = defaultdict(float, channels)
    seat = rolling_seat(s, left_stations, right_stations, STEP_LEGS, first_station)
    legs = {}
    for name, limb in STEP_LEGS.items():
        x, y, z = limb.target
        raised_m = s[f"raise_{name[-1]}"]
        target = (x - s[f"step_{name[-1]}"], y, z + raised_m)
        legs[name] = replace(limb, target=target, on_floor=raised_m < 0.004)
    up = s["up"]
    if up <= 0:
        return replace(seat, limbs={**seat.limbs, **legs})
    x, y, _ = seat.pelvis
    return replace(
        seat,
        rest_on=None,
        pelvis=(x - s["step"], y + (STANDING_Y - y) * up, seat_z + (STANDING_Z - seat_z) * up**1.3),
        ball=replace(seat.ball, squash=0.07 * (1 - up)),
        pitch=seat.pitch * (1 - up) + 44 * np.sin(np.pi * up),
        limbs={**seat.limbs, **legs},
    )


def tiptoe(limb, degrees):
    """The same leg, standing on its toes."""
    return limb if degrees <= 0 else replace(limb, foot=("tiptoe", limb.foot[1], degrees), toes=-degrees)
