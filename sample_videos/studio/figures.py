"""The poses of the clips, as functions of named channels.

A state is {channel: value}; a channel that is missing is 0. Degrees, + towards the person's right where there
is a side.

Seated: curl (-1 cow .. +1 cat), twist, pelvis_turn, lean, tip (the whole trunk leans), bow, nod, look,
tilt, shrug_L/R, arm_L/R (position along the arm's stations), shift_x/y (m), press (ball squash), roll (ball
and pelvis to the right, m), knees (both swing to the right; 0.65 is about 10 cm).
Prone: lift (0 draped .. 1 chest up), arms (0 hands on the ball .. 1 reaching back), nod, look.
"""

from collections import defaultdict
from dataclasses import replace

from .poses import Ball, Limb, LimbPath, Pose, both, mirrored

# ---- stations of the arms, written for the left one
ON_THIGH = Limb((0.90, 0.008, 0.10), "thigh", pole=(0.8, 0.5, -0.2), hand=((0, -0.85, -0.45), (0, 0.4, -0.9)))
RAISED_OUT = Limb(directions=((0.93, -0.30, 0.20), (0.10, -0.40, 0.95)), frame="chest", pole=(0, 0, -1))
BEHIND_HEAD = Limb(
    (0.075, 0.088, 0.045),
    "head",
    pole=(1, 0.15, 0.25),
    pole_frame="chest",
    hand=((-1, 0.22, 0.25), (-0.1, -1, 0.1)),
    hand_frame="head",
)
ON_CHEST = Limb(
    directions=((0.42, -0.42, -0.80), (-0.80, -0.34, 0.50)),
    frame="chest",
    pole=(1, 0, -1),
    hand=((-0.85, 0.05, 0.50), (0.05, 1, -0.1)),
    hand_frame="chest",
)
ON_CHEST_LOW = replace(
    ON_CHEST,
    directions=((0.42, -0.36, -0.83), (-0.86, -0.42, 0.22)),
    hand=((-0.95, 0.08, 0.25), (0.05, 1, -0.1)),
)
BESIDE_HIP = Limb(directions=((0.42, 0.02, -0.9), (0.10, -0.16, -0.95)), frame="chest", pole=(0, 1, 0))
ON_BALL = Limb(
    (0.270, 0.04, 0.045), "ball_surface", pole=(0.5, 0.9, 0.2), hand=((0.72, -0.15, -0.66), (-0.64, 0, -0.75))
)
SIDEWAYS = Limb(directions=((0.95, -0.12, 0.15), (0.90, -0.25, 0.35)), frame="chest", pole=(0, 1, 0))
OVERHEAD = Limb(directions=((0.14, -0.04, 1), (-0.14, -0.07, 0.98)), frame="chest", pole=(1, 0.3, 0))
SCRATCH = Limb(
    (0.10, -0.005, 0.125),
    "head",
    pole=(1, -0.1, -0.4),
    pole_frame="chest",
    hand=((-0.75, 0.3, 0.55), (-0.55, -0.2, -0.8)),
    hand_frame="head",
)
AT_SHIRT = Limb((0.13, -0.23, 0.13), "pelvis", pole=(1, 0.6, -0.1), hand=((-0.75, 0.35, -0.55), (0.35, 0.9, 0)))
BALL_SIDE = Limb(
    (0.315, -0.07, -0.045), "ball_surface", pole=(1, -0.25, 0.3), hand=((0.0, 0.35, -0.93), (-0.95, 0.1, 0.1))
)
REACHING_BACK = Limb(
    directions=((0.30, 0.10, -0.93), (0.10, 0.02, -1)),
    frame="chest",
    pole=(0, 1, 0),
    hand=((0.04, 0.02, -1), (-1, 0, 0)),
    hand_frame="chest",
)
SWEEP_SIDE = Limb(directions=((0.85, -0.15, -0.45), (0.55, -0.25, -0.80)), frame="chest", pole=(0, 1, 0))

SEATED_LEGS = both("leg", Limb((0.19, -0.40, 0.077), "world", pole=(0.18, -1, 0.35), foot=("flat", 12), on_floor=True))
WIDE_LEGS = both("leg", Limb((0.25, -0.38, 0.077), "world", pole=(0.42, -1, 0.35), foot=("flat", 22), on_floor=True))
PRONE_LEGS = both(
    "leg",
    Limb((0.15, 0.70, 0.125), "world", pole=(0.05, -0.1, -1), foot=("shin", -42), toes=-40, on_floor=True),
)


def arm_paths(state, left_stations, right_stations, first_station=0):
    """Both arms at their channels' positions, counted from first_station. Stations are of the left arm."""
    right = tuple(mirrored(limb) for limb in right_stations)
    return {
        "arm_L": LimbPath(tuple(left_stations), state["arm_L"] - first_station),
        "arm_R": LimbPath(right, state["arm_R"] - first_station),
    }


def seated(channels, left_stations, right_stations, legs=SEATED_LEGS, first_station=0):
    """Sitting on the ball."""
    s = defaultdict(float, channels)
    curl = s["curl"]
    pitch_range, spine_range, neck_range = (10, 46, 24) if curl > 0 else (14, 34, 22)
    return Pose(
        pelvis=(s["shift_x"] - s["roll"], s["shift_y"], 0.70),
        ball=Ball((-s["roll"], 0.02), squash=0.07 + s["press"]),
        rest_on="seat",
        pitch=-4 - pitch_range * curl + s["bow"],
        lean=-s["tip"],
        turn=-s["pelvis_turn"],
        spine=(5 + spine_range * curl, -s["lean"], -s["twist"]),
        neck=(neck_range * curl + s["nod"], -s["tilt"], -s["look"]),
        shrug={"L": s["shrug_L"], "R": s["shrug_R"]},
        limbs={
            **swung(legs, s["knees"]),
            **arm_paths(s, left_stations, right_stations, first_station),
        },
    )


def swung(legs, amount):
    """Both knees towards the person's right: `amount` is added to the direction in which they point."""
    return {name: replace(limb, pole=(limb.pole[0] - amount, *limb.pole[1:])) for name, limb in legs.items()}


def prone(channels):
    """Belly on the ball, toes on the floor."""
    s = defaultdict(float, channels)
    lift = s["lift"]
    stations = (BALL_SIDE, SWEEP_SIDE, REACHING_BACK)
    s["arm_L"] = s["arm_R"] = 2 * s["arms"]
    return Pose(
        pelvis=(0, 0.07, 0.66),
        ball=Ball((0, -0.06), squash=0.10),
        rest_on="belly",
        sink=0.055,
        pitch=82 - 2 * lift,
        spine=(38 - 41 * lift, 0, 0),
        spine_weights=(0.22, 0.26, 0.22, 0.16, 0.14),
        neck=(-22 + 6 * lift + s["nod"], 0, -s["look"]),
        shrug={"L": 10, "R": 10},
        leg_reach=0.992,
        limbs={**PRONE_LEGS, **arm_paths(s, stations, stations)},
    )
