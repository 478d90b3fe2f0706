"""Pose specifications: plain data, no body needed. The poses of the clips are in figures.py.

Units: metres and degrees. World: z up, floor z = 0; at zero pitch the body faces -y and its own left is +x.
Numbers are for the body "woman"; ik.py scales them for others. Signs: pitch + tips forwards (prone 90), spine
and neck are (flexion, lean to own left, turn to own left).

Limb targets are the wrist or ankle joint, in one of these frames:
  pelvis        offset from the pelvis joint, world axes                        (scaled)
  world         x, y absolute; z above the floor; stays while the pelvis moves  (x, y scaled about the ball)
  ball_surface  x, y from the ball's centre; |z| off the surface; z < 0 means the lower half     (not scaled)
  head, chest   offset from that bone's head, in the bone's axes                                 (not scaled)
  thigh         (fraction of the way from hip to knee, outward, upward); follows the thigh
"""

from dataclasses import dataclass, field, replace

BALL_RADIUS_M = 0.325


@dataclass(frozen=True)
class Limb:
    """Where one arm or leg goes: either a `target` with a pole, or two explicit `directions`."""

    target: tuple = None  # wrist or ankle joint, in `frame`
    frame: str = "pelvis"
    directions: tuple = None  # (upper segment, lower segment), in `frame` 'world' or 'chest'
    pole: tuple = (0, 1, 0)  # the elbow or knee points this way
    pole_frame: str = "world"  # 'world' or 'chest'
    on_floor: bool = False  # settle() moves the target vertically until hand or foot touches the mat
    hand: tuple = None  # (finger direction, palm normal), in hand_frame; None = along the forearm
    hand_frame: str = "world"  # 'world', 'head' or 'chest'
    foot: tuple = ("flat", 0)  # ('flat', yaw), ('tiptoe', yaw, heel up) or ('shin', plantarflexion from the shin)
    toes: float = 0.0  # flexion of the toes; negative = bent upwards


@dataclass(frozen=True)
class LimbPath:
    """An arm on its way through several stations: position 0 is the first, 1 the second, 0.5 half way."""

    stations: tuple  # Limb, ...
    position: float
    on_floor: bool = False


@dataclass(frozen=True)
class Ball:
    """Squash 0.1 makes the ball 10 % lower and 5 % wider. It always lies on the floor."""

    center_xy: tuple
    radius: float = BALL_RADIUS_M
    squash: float = 0.0


@dataclass(frozen=True)
class Pose:
    pelvis: tuple  # pelvis joint; its height is only the start value for settle()
    ball: Ball
    limbs: dict  # 'arm_L', 'arm_R', 'leg_L', 'leg_R' -> Limb
    rest_on: str = "seat"  # 'seat' or 'belly': this part lies on the ball
    sink: float = 0.035  # how deep the body presses into the ball
    pitch: float = 0.0
    lean: float = 0.0
    turn: float = 0.0
    spine: tuple = (0, 0, 0)
    spine_weights: tuple = (0.12, 0.20, 0.24, 0.24, 0.20)  # lowest vertebra bone first
    neck: tuple = (0, 0, 0)
    shrug: dict = field(default_factory=lambda: {"L": 0.0, "R": 0.0})
    finger_curl: float = 12.0
    leg_reach: float | None = None  # settle() moves the pelvis along y until the legs are this straight
    sway: tuple = (0, 0, 0)  # shifts the pelvis but not the planted hands and feet


def mirrored(limb):
    """The same limb on the other side of the body."""

    def flip(v):
        return None if v is None else (-v[0], *v[1:])

    def flip_pair(pair):
        return None if pair is None else (flip(pair[0]), flip(pair[1]))

    # on the thigh, 'outward' is the same number on both sides
    target = limb.target if limb.frame == "thigh" else flip(limb.target)
    foot = ("flat", -limb.foot[1]) if limb.foot[0] == "flat" else limb.foot
    return replace(
        limb,
        target=target,
        directions=flip_pair(limb.directions),
        pole=flip(limb.pole),
        hand=flip_pair(limb.hand),
        foot=foot,
    )


def both(kind, left):
    """{'arm_L': left, 'arm_R': its mirror image}."""
    return {f"{kind}_L": left, f"{kind}_R": mirrored(left)}
