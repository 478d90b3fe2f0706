"""The poses of the movements done lying on the back.

A state is {channel: value}; a channel that is missing is 0. Metres and degrees, + towards the person's right.

Calves on the ball (rolling): calves (they roll that far to the side), heave (degrees that the chest rolls
along), nod, look.
Low back on the ball (rocking): rock (the hips roll that far to the side), nod, look.
Feet on the ball (wiping): drop (degrees the knees fall to the side), apart (share of it that the other knee stays
behind), heave, arms (0 wide .. 1 beside the body), nod, look.
"""

from collections import defaultdict

from .poses import Ball, Limb, LimbPath, Pose, both, mirrored

CALF_BALL_M, HIP_BALL_M, FOOT_BALL_M = 0.21, 0.19, 0.275

# Arms on the mat, written for the left one.
BESIDE = Limb((0.36, 0.24, 0.045), "world", pole=(1, 0.5, 0.4), on_floor=True, hand=((0.25, -1, -0.1), (0, 0, -1)))
WIDE = Limb((0.66, 0.56, 0.05), "world", pole=(0, 1, 0), on_floor=True, hand=((1, 0.1, -0.1), (0, 0, 1)))


def rolling(channels):
    """On the back with the calves on the ball, which rolls from side to side."""
    s = defaultdict(float, channels)
    roll_m = s["calves"]
    carried_m = 0.7 * roll_m  # so far the ball goes with the legs
    pelvis_roll = 30 * roll_m

    def leg(sign):
        return Limb(
            (0.06 * sign + carried_m - roll_m, -0.09, 0.12),
            "ball_surface",
            pole=(-1.5 * roll_m + 0.1 * sign, 0.2, 1),
            foot=("shin", 18),
        )

    return Pose(
        pelvis=(0, 0.16, 0.11),
        ball=Ball((-carried_m, -0.34), CALF_BALL_M, 0.04),
        rest_on="back",
        pitch=-90,
        lean=-pelvis_roll,
        spine=(4, 0, pelvis_roll - s["heave"]),
        neck=(s["nod"], 0, -s["look"]),
        limbs={"leg_L": leg(1), "leg_R": leg(-1), **both("arm", BESIDE)},
    )


def rocking(channels):
    """Low back and hips on a small soft ball, feet and shoulders on the floor; the hips rock from side to side."""
    s = defaultdict(float, channels)
    rock_m = s["rock"]
    roll = 130 * rock_m
    legs = both("leg", Limb((0.15, -0.42, 0.077), "world", pole=(0.15, -0.4, 1), foot=("flat", 10), on_floor=True))

    return Pose(
        pelvis=(-rock_m, 0.02, 0.36),
        ball=Ball((-rock_m / 2, 0.06), HIP_BALL_M, 0.22),
        rest_on="seat",
        sink=0.05,
        pitch=-129,
        lean=-0.8 * roll,
        turn=0.6 * roll - 110 * rock_m,  # the shoulders stay where they are
        spine=(10, 0, roll),
        neck=(30 + s["nod"], 0, -s["look"]),
        limbs={**legs, **both("arm", BESIDE)},
    )


def wiping(channels):
    """On the back with the feet on the ball; the knees fall to one side and to the other."""
    s = defaultdict(float, channels)
    drop = s["drop"]
    side = drop / 60
    pelvis_roll = 0.4 * drop

    def leg(sign):
        own = side * (1 - s["apart"]) if sign * side > 0 else side  # the leg that should follow may stay behind
        return Limb(
            (0.075 * sign - 0.05 * side, 0.02, 0.06),
            "ball_surface",
            pole=(-1.3 * own, 0.2, 1 - 0.5 * abs(own)),
            foot=("shin", 8),
        )

    return Pose(
        pelvis=(0, 0.16, 0.11),
        ball=Ball((-0.10 * side, -0.26), FOOT_BALL_M, 0.04),
        rest_on="back",
        pitch=-90,
        lean=-pelvis_roll,
        spine=(4, 0, pelvis_roll - s["heave"]),
        neck=(s["nod"], 0, -s["look"]),
        limbs={
            "leg_L": leg(1),
            "leg_R": leg(-1),
            "arm_L": LimbPath((WIDE, BESIDE), s["arms"], on_floor=True),
            "arm_R": LimbPath((mirrored(WIDE), mirrored(BESIDE)), s["arms"], on_floor=True),
        },
    )
