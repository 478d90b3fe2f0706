"""Poses of the movements in which the hips roll the ball, and of sitting still on it.

Channels, + forwards and towards the person's right: fore, side (travel of the pelvis over the feet, metres), bow (the
trunk tips forwards), slump (0 tall .. 1 collapsed), chin (0 .. 1 head pushed forward), heels (degrees the feet stand
on their toes), free (0 the chest stays over the feet .. 1 it goes with the hips); twist, lean, tip, tilt, nod, look,
shrug_L/R, arm_L/R as in figures.py; breath (0 out .. 1 in).
"""

from collections import defaultdict
from dataclasses import replace

from . import figures
from .poses import Ball, Pose

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


def tiptoe(limb, degrees):
    """The same leg, standing on its toes."""
    return limb if degrees <= 0 else replace(limb, foot=("tiptoe", limb.foot[1], degrees))
