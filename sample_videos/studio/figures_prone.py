"""The poses of the other movements over the ball: face down, and kneeling before it.

A state is {channel: value}; a channel that is missing is 0. Metres and degrees.

Over the ball: travel (0 start .. 1 far; the hips go ahead of the planted feet), hands_L/R (m ahead of where the hands
start), raise_L/R (m above the floor), drape, sag (degrees added to the spine's flexion), pike (degrees of pitch),
nod, look, feet (m above the floor).
Opened: lift, arms (0 hands on the ball .. 1 interlaced behind the back), apart (0 interlaced .. 1 a shoulder's width),
bend (0 long arms .. 1 bent elbows), nod, look, feet.
Kneeling: sink (0 upright .. 1 hips on the heels), reach (0 .. 1 the ball rolled away), up (hips above the heels,
0 .. 1), arms (0 long .. 1 bent), nod, look.
"""

from collections import defaultdict
from dataclasses import replace

from . import figures
from .poses import Ball, Limb, LimbPath, Pose, both, mirrored

SMALL_BALL_RADIUS_M = 0.275
INTERLACED = Limb(
    directions=((0.10, 0.42, -0.90), (-0.52, 0.42, -0.74)),
    frame="chest",
    pole=(1, 0.4, 0),
    hand=((-0.25, 0.25, -0.93), (-1, 0, 0.2)),
    hand_frame="chest",
)
APART = replace(INTERLACED, directions=((0.38, 0.36, -0.85), (0.30, 0.40, -0.86)))
BENT = replace(INTERLACED, directions=((0.30, 0.75, -0.60), (-0.62, -0.28, -0.72)))


def blend(a, b, share):
    """The tuple `share` of the way from a to b; tuples of tuples too."""
    if isinstance(a, tuple):
        return tuple(blend(x, y, share) for x, y in zip(a, b, strict=True))
    return a + (b - a) * share


def lifted(legs, height_m):
    """The same legs with the feet this far above the floor."""
    if height_m <= 0.004:
        return legs
    return {
        name: replace(limb, target=(*limb.target[:2], limb.target[2] + height_m), on_floor=False)
        for name, limb in legs.items()
    }


def opened(channels):
    """Belly on the ball, the hands interlaced behind the back."""
    s = defaultdict(float, channels)
    behind = replace(INTERLACED, directions=blend(INTERLACED.directions, APART.directions, s["apart"]))
    behind = replace(behind, directions=blend(behind.directions, BENT.directions, s["bend"]))
    stations = (figures.BALL_SIDE, figures.SWEEP_SIDE, behind)
    arms = {
        "arm_L": LimbPath(stations, 2 * s["arms"]),
        "arm_R": LimbPath(tuple(map(mirrored, stations)), 2 * s["arms"]),
    }
    pose = figures.prone({"lift": s["lift"], "nod": s["nod"], "look": s["look"]})
    return replace(pose, limbs={**lifted(figures.PRONE_LEGS, s["feet"]), **arms})


TOES_BACK_M = 0.05  # the ankles go back by this as the knees straighten over planted toes


def legs_over_ball(travel, feet_m):
    """Knees outside of the ball at first, the toes planted."""
    left = Limb(
        (0.10, 0.62 + TOES_BACK_M * travel, 0.125),
        "world",
        pole=(0.6, -0.5, -1),
        foot=("shin", -42),
        toes=-40,
        on_floor=True,
    )
    return lifted(both("leg", left), feet_m)


def over_ball(channels, start, far):
    """Face down over the ball, hands and toes on the floor.

    `start` and `far` say how it looks at travel 0 and 1: (leg_reach, ball_y, pitch, spine, neck, hands_y).
    """
    s = defaultdict(float, channels)
    reach, ball_y, pitch, spine, neck, _ = blend(start, far, s["travel"])
    hands_y = start[5]
    arms = {}
    for side in "LR":
        height_m = s[f"raise_{side}"]
        left = Limb(
            (0.20, hands_y - s[f"hands_{side}"], 0.07 + height_m),
            "world",
            pole=(1, 0.5, 0.2),
            hand=((0.1, -1, -0.15), (0, 0, -1)),
            on_floor=height_m <= 0.004,
        )
        arms[f"arm_{side}"] = left if side == "L" else mirrored(left)
    return Pose(
        pelvis=(0, 0.07, 0.58),
        ball=Ball((0, ball_y), SMALL_BALL_RADIUS_M, squash=0.10),
        rest_on="belly",
        sink=0.05,
        pitch=pitch + s["pike"],
        spine=(spine + s["drape"] + s["sag"] - 1.2 * s["pike"], 0, 0),
        spine_weights=(0.22, 0.26, 0.22, 0.16, 0.14),
        neck=(neck + s["nod"], 0, -s["look"]),
        shrug={"L": 12, "R": 12},
        leg_reach=reach,
        limbs={**legs_over_ball(s["travel"], s["feet"]), **arms},
    )


def walking(channels):
    """From the hips on the ball to the chest on it, hand by hand."""
    return over_ball(channels, (0.72, 0.02, 80.0, 34.0, -22.0, -0.36), (0.985, -0.10, 89.0, 4.0, -12.0, -0.36))


def rolling(channels):
    """From the belly on the ball to the thighs on it, the hands planted."""
    return over_ball(channels, (0.72, 0.02, 79.0, 24.0, -22.0, -0.38), (0.985, -0.12, 96.0, 24.0, -16.0, -0.38))


def kneeling(channels, radius_m=SMALL_BALL_RADIUS_M):
    """On the knees before a ball, the hands on it."""
    s = defaultdict(float, channels)
    sink, reach, bent = s["sink"], s["reach"], s["arms"]
    legs = both("leg", Limb((0.13, 0.44, 0.06), "world", pole=(0.12, -1, -0.9), foot=("shin", 58), on_floor=True))
    arms = both(
        "arm",
        Limb(
            (0.15, 0.12 - 0.08 * reach, 0.033),
            "ball_surface",
            pole=(1, 0.2, 0.1 - 1.2 * bent),
            hand=((-0.1, -1, -0.15), (0, -0.1, -1)),
        ),
    )
    return Pose(
        pelvis=(0, 0.10 + 0.27 * sink - 0.15 * s["up"], 0.45 - 0.19 * sink),
        ball=Ball((0, -0.42 - 0.10 * reach - 0.12 * s["up"] + 0.06 * bent), radius_m, squash=0.02),
        rest_on="knees",
        pitch=14 + 44 * sink,
        spine=(8 + 8 * sink, 0, 0),
        neck=(s["nod"], 0, -s["look"]),
        shrug={"L": 10 + 20 * reach, "R": 10 + 20 * reach},
        limbs={**legs, **arms},
    )
