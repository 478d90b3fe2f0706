"""The poses in which somebody keeps still on the mat with the lower legs on the ball.

A state is {channel: value}; a channel that is missing is 0. Metres and degrees.

Lying: straight (0 calves draped over the ball .. 1 legs straight), arms_L/R (0 beside the body, 1 towards the
ceiling, 2 overhead, -1 on the belly), bend_L/R (0 long .. 1 bent elbow, overhead), off (0 on the ball .. 1 the feet
beside it on the floor), hips (m the hips are off the floor), roll (the ball and the calves to the right, m), nod, look.
Sitting: tall (0 leaning back .. 1 upright), hands (0 on the knees .. 1 on the floor behind), off, nod, look.
"""

import math
from collections import defaultdict

from .figures_prone import blend
from .poses import Ball, Limb, LimbPath, Pose, mirrored

BALL_M = 0.245
ANKLE_M = 0.055  # the ankle joint above what the lower leg lies on

# Arms of somebody who lies, written for the left one. In the axes of the chest: left, ventral = -y, head end = z.
BESIDE = Limb(
    directions=((0.42, 0.10, -0.90), (0.22, 0.02, -0.97)),
    frame="chest",
    pole=(1, 0, 0.2),
    hand=((0.15, 0, -1), (-0.2, -1, 0)),
    hand_frame="chest",
)
ON_BELLY = Limb(
    directions=((0.50, 0.05, -0.86), (-0.76, -0.34, -0.55)),
    frame="chest",
    pole=(1, 0.4, 0),
    hand=((-0.9, -0.1, -0.4), (0, 1, -0.1)),
    hand_frame="chest",
)
UPWARDS = Limb(directions=((0.12, -1, 0.05), (0.05, -1, 0.05)), frame="chest", pole=(1, 0, -1))
OVERHEAD = Limb(directions=((0.20, 0.10, 0.97), (0.06, 0.12, 0.99)), frame="chest", pole=(1, 0, 0))
BENT_OVERHEAD = Limb(directions=((0.72, 0.12, 0.68), (-0.62, 0.02, 0.78)), frame="chest", pole=(1, 0, 0))
BEHIND = Limb((0.30, 0.30, 0.05), "pelvis", pole=(0.3, 1, 0.2), hand=((0.4, 0.9, -0.1), (0, 0, -1)), on_floor=True)
ON_KNEE = Limb((0.86, 0.010, 0.10), "thigh", pole=(0.9, 0.4, -0.4), hand=((0, -0.9, -0.1), (0, 0.1, -1)))


def legs_on(ball, reach_m, apart_m, off):
    """Both ankles on top of the ball, `reach_m` beyond its centre; `off` takes them down beside it."""
    ball_x, ball_y = ball.center_xy
    radius, height = ball.radius * (1 + ball.squash / 2), ball.radius * (1 - ball.squash)
    top = height + height * math.sqrt(1 - (reach_m**2 + apart_m**2) / radius**2) + ANKLE_M

    def leg(sign):
        on_top = (ball_x + apart_m * sign, ball_y - reach_m, top)
        beside = (ball_x + 0.40 * sign, ball_y - 0.22, 0.10)
        foot = ("shin", 18) if off < 0.5 else ("shin", 18 - 30 * (off - 0.5))
        return Limb(blend(on_top, beside, off), "world", pole=(0.12 * sign + 0.3 * off * sign, 0.2, 1), foot=foot)

    return {"leg_L": leg(1), "leg_R": leg(-1)}


def lying(channels, radius_m=BALL_M):
    """On the back, the calves or the heels on the ball."""
    s = defaultdict(float, channels)
    straight = s["straight"]
    stations = (ON_BELLY, BESIDE, UPWARDS)
    arms = {}
    for side in "LR":
        bent = s[f"bend_{side}"]
        overhead = Limb(
            directions=blend(OVERHEAD.directions, BENT_OVERHEAD.directions, bent),
            frame="chest",
            pole=(1, 0, 0),
        )
        path = tuple(limb if side == "L" else mirrored(limb) for limb in (*stations, overhead))
        arms[f"arm_{side}"] = LimbPath(path, s[f"arms_{side}"] + 1)
    lifted = s["hips"]
    ball = Ball((-s["roll"], -0.16 - 0.37 * straight), radius_m, 0.05)
    return Pose(
        pelvis=(0, 0.18, 0.11),
        ball=ball,
        rest_on="back",
        pitch=-90 - 160 * lifted,
        spine=(4 + 120 * lifted, 0, 0),
        neck=(8 + s["nod"], 0, -s["look"]),
        limbs={**legs_on(ball, 0.12 - 0.17 * straight, 0.085, s["off"]), **arms},
    )


def sitting(channels):
    """On the mat, the lower legs draped over the ball."""
    s = defaultdict(float, channels)
    tall, hands = s["tall"], s["hands"]
    stations = (ON_KNEE, BEHIND)
    ball = Ball((0, -0.22), 0.225, 0.06)
    return Pose(
        pelvis=(0, 0.22, 0.11),
        ball=ball,
        rest_on="back",
        pitch=-38 + 14 * tall,
        spine=(34 - 8 * tall, 0, 0),
        neck=(8 + s["nod"], 0, -s["look"]),
        limbs={
            **legs_on(ball, 0.10, 0.10, s["off"]),
            "arm_L": LimbPath(stations, hands),
            "arm_R": LimbPath(tuple(map(mirrored, stations)), hands),
        },
    )
