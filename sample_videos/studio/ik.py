"""From a pose specification to bone rotations (two-bone IK), and settling the body onto ball and floor."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from .body import N_SKIN, REFERENCE_LEG_M
from .poses import LimbPath
from .rotations import align, axis_angle, rot_x, rot_y, rot_z, slerp, swing, twist_angle_rad, unit

MAT_Z = 0.008  # top of the mat; bodies and feet rest on it
FLOOR_SINK_M = 0.004  # skin pressed into the mat by the feet
BACK_SINK_M = 0.012  # and by the back of a body that lies
SEAT_DEPTH_M = 0.10  # the seat reaches this far below the hip joints of a standing body
REACH = 0.9985  # a limb never straightens beyond this part of its length

SPINE_BONES = ("spine05", "spine04", "spine03", "spine02", "spine01")  # lowest first
NECK_SHARES = {"neck01": 0.3, "neck02": 0.2, "neck03": 0.2, "head": 0.3}
FRAME_BONES = {"head": "head", "chest": "spine01"}

# upper bone (two halves), lower bone (two halves), end joint, the bone the limb hangs from
CHAINS = {
    "arm": ("upperarm01", "upperarm02", "lowerarm01", "lowerarm02", "wrist", "shoulder01"),
    "leg": ("upperleg01", "upperleg02", "lowerleg01", "lowerleg02", "foot", "pelvis"),
}
LIMB_ORDER = ("leg_L", "leg_R", "arm_L", "arm_R")  # arms may refer to the thighs


@dataclass(frozen=True)
class Contact:
    """What settle() found, metres: the pelvis joint's height and shift along y, each standing limb's lift."""

    pelvis_z: float
    lifts: dict = field(default_factory=dict)
    pelvis_dy: float = 0.0

    def as_array(self):
        return np.array([self.pelvis_z, self.pelvis_dy] + [self.lifts.get(limb, 0.0) for limb in LIMB_ORDER])

    @classmethod
    def from_array(cls, values):
        z, dy, *lifts = map(float, values)
        return cls(z, dict(zip(LIMB_ORDER, lifts, strict=True)), dy)


@dataclass(frozen=True)
class Posture:
    rotations: np.ndarray  # (N, 3, 3) from the reference pose, world axes
    joints: np.ndarray  # (N, 3) metres
    pelvis: np.ndarray  # (3,) root position, metres


def ball_shape(ball):
    """Centre (3,) and radii (3,) in metres of a ball that lies on the floor."""
    rz, rxy = ball.radius * (1 - ball.squash), ball.radius * (1 + ball.squash / 2)
    return np.array([*ball.center_xy, rz]), np.array([rxy, rxy, rz])


def ball_surface_z(ball, xy):
    """Height of the ball's upper surface at (n, 2) points; NaN beside the ball."""
    center, radii = ball_shape(ball)
    q = 1 - (((xy - center[:2]) / radii[:2]) ** 2).sum(1)
    return np.where(q > 0.05, center[2] + radii[2] * np.sqrt(np.maximum(q, 0.05)), np.nan)


# ---- pose specification -> rotations
def solve(body, pose, contact=None):
    """Posture of `body` in `pose`. Without a contact the heights written in the pose are used."""
    contact = contact or Contact(pose.pelvis[2] * body.leg_scale)
    planted = planted_pelvis(body, pose, contact)  # where the pelvis is without the idle sway
    pelvis = planted + pose.sway
    root = rot_z(pose.turn) @ rot_y(pose.lean) @ rot_x(pose.pitch)

    relative = {**trunk_rotations(pose), **girdle_rotations(pose), **finger_rotations(body, pose)}
    rotations, joints = body.forward_kinematics(root, pelvis, {}, relative)  # trunk first: limbs hang from it
    state = SimpleNamespace(
        body=body, pose=pose, planted=planted, rotations=rotations, joints=joints, thighs={}, contact=contact
    )
    absolute = {}
    for name in LIMB_ORDER:
        if name in pose.limbs:
            absolute.update(solve_limb(state, name))
            if name.startswith("leg"):
                relative.update(toe_rotations(name, pose.limbs[name]))
    rotations, joints = body.forward_kinematics(root, pelvis, absolute, relative)
    return Posture(rotations, joints, pelvis)


def planted_pelvis(body, pose, contact):
    """The pelvis keeps its distance from the ball in leg lengths."""
    ball_xy = np.array(pose.ball.center_xy, float)
    xy = ball_xy + body.leg_scale * (np.array(pose.pelvis[:2]) - ball_xy)
    return np.array([xy[0], xy[1] + contact.pelvis_dy, contact.pelvis_z])


def trunk_rotations(pose):
    """Spread flexion, lean and turn over the vertebra bones: {bone: rotation relative to its parent}."""
    shares = dict(zip(SPINE_BONES, pose.spine_weights, strict=True))
    spread = {
        **{bone: (pose.spine, share) for bone, share in shares.items()},
        **{bone: (pose.neck, share) for bone, share in NECK_SHARES.items()},
    }
    return {
        bone: rot_z(turn * share) @ rot_y(lean * share) @ rot_x(flexion * share)
        for bone, ((flexion, lean, turn), share) in spread.items()
    }


def girdle_rotations(pose):
    """Raise the shoulder girdle by `shrug` degrees, 60 % on each of two bones."""
    out = {}
    for side, sign in (("L", 1), ("R", -1)):
        for bone in ("clavicle", "shoulder01"):
            out[f"{bone}.{side}"] = rot_y(-sign * 0.6 * pose.shrug.get(side, 0))
    return out


def finger_rotations(body, pose):
    """Curl every finger joint but the thumb's by the same angle."""
    out = {}
    for side in "LR":
        along = body.ref_joint(f"finger3-2.{side}") - body.ref_joint(f"finger3-1.{side}")
        curl = axis_angle(np.cross(along, body.palm_normal(side)), np.radians(pose.finger_curl))
        out.update({f"finger{finger}-{joint}.{side}": curl for finger in "2345" for joint in "123"})
    return out


def toe_rotations(name, limb):
    """Flex the toes at their base."""
    side = name[-1]
    if not limb.toes:
        return {}
    return {f"toe{toe}-1.{side}": rot_x(limb.toes) for toe in "12345"}


def solve_limb(state, name):
    """Global rotations of one limb's bones; a LimbPath is blended between its two nearest stations."""
    limb = state.pose.limbs[name]
    if not isinstance(limb, LimbPath):
        return solve_station(state, name, limb)
    if len(limb.stations) == 1:
        return solve_station(state, name, limb.stations[0])
    first = min(int(limb.position), len(limb.stations) - 2)
    fraction = limb.position - first
    near, far = (
        complete_arm(solve_station(state, name, station), name) for station in limb.stations[first : first + 2]
    )
    base = state.rotations[state.body.bone[f"{CHAINS[name[:3]][-1]}.{name[-1]}"]]
    return {bone: base @ slerp(base.T @ near[bone], base.T @ far[bone], fraction) for bone in near}


def complete_arm(rotations, name):
    """Fill in the bones that an arm without a hand direction leaves to follow their parent."""
    lower1, lower2, end = (f"{bone}.{name[-1]}" for bone in CHAINS["arm"][2:5])
    return {lower2: rotations[lower1], end: rotations[lower1], **rotations}


def solve_station(state, name, limb):
    """Global rotations of the bones of one limb that has a target or two directions."""
    body = state.body
    kind, side = name.split("_")
    upper1, upper2, lower1, lower2, end, base = (f"{bone}.{side}" for bone in CHAINS[kind])
    ref_upper = body.ref_joint(lower1) - body.ref_joint(upper1)
    ref_lower = body.ref_joint(end) - body.ref_joint(lower1)
    ref_hinge = unit(np.cross(ref_upper, ref_lower))
    start = state.joints[body.bone[upper1]]

    if limb.directions is not None:
        upper, lower, hinge = limb_from_directions(state, limb)
    else:
        pole = frame_rotation(state, limb.pole_frame) @ limb.pole
        upper, lower, hinge = two_bone_ik(
            start,
            limb_target(state, name, limb),
            pole,
            np.linalg.norm(ref_upper),
            np.linalg.norm(ref_lower),
            keep_height=limb.on_floor,
        )
    upper_g = align(upper, hinge, ref_upper, ref_hinge)
    lower_g = align(lower, hinge, ref_lower, ref_hinge)
    if kind == "leg":
        state.thighs[side] = (start, np.linalg.norm(ref_upper) * upper)

    base_g = state.rotations[body.bone[base]]
    swung = swing(base_g @ ref_upper, upper) @ base_g
    out = {upper1: add_half_twist(swung, upper_g, upper), upper2: upper_g, lower1: lower_g}
    if kind == "leg":
        out[end] = foot_rotation(limb, lower_g)
    elif limb.hand is not None:
        hand_g = hand_rotation(state, limb, side)
        out[lower2] = add_half_twist(lower_g, hand_g, lower)
        out[end] = hand_g
    return out


def add_half_twist(from_g, to_g, axis):
    """from_g plus half of the turn about `axis` towards to_g, for the first of two bones."""
    return axis_angle(axis, twist_angle_rad(to_g @ from_g.T, axis) / 2) @ from_g


def frame_rotation(state, frame):
    """Axes of a named frame as a world rotation; identity unless it is a bone."""
    return state.rotations[state.body.bone[FRAME_BONES[frame]]] if frame in FRAME_BONES else np.eye(3)


def limb_target(state, name, limb):
    """World position of the wrist or ankle joint; the frames are described in poses.py."""
    body, pose = state.body, state.pose
    scale = body.leg_scale if name.startswith("leg") else body.arm_scale
    x, y, z = limb.target
    if limb.frame in FRAME_BONES:
        origin = state.joints[body.bone[FRAME_BONES[limb.frame]]]
        point = origin + frame_rotation(state, limb.frame) @ limb.target
    elif limb.frame == "pelvis":
        point = state.planted + scale * np.array(limb.target)
    elif limb.frame == "world":
        ball_y = pose.ball.center_xy[1]
        point = np.array([scale * x, ball_y + scale * (y - ball_y), z])
    elif limb.frame == "ball_surface":
        center, radii = ball_shape(pose.ball)
        up = np.sqrt(max(0.0, 1 - (x / radii[0]) ** 2 - (y / radii[1]) ** 2))
        surface = np.array([x, y, up * radii[2] * (1 if z >= 0 else -1)])
        point = center + surface + abs(z) * unit(surface / radii**2)
    elif limb.frame == "thigh":
        hip, thigh = state.thighs[name[-1]]
        point = hip + x * thigh + [y if name.endswith("L") else -y, 0, z]
    else:
        raise ValueError(f"unknown frame {limb.frame!r} for {name}")
    return point + np.array([0, 0, state.contact.lifts.get(name, 0.0)])


def limb_from_directions(state, limb):
    """Unit directions of both segments and the hinge axis."""
    axes = frame_rotation(state, limb.frame)
    upper, lower = unit(axes @ limb.directions[0]), unit(axes @ limb.directions[1])
    hinge = np.cross(upper, lower)
    if np.linalg.norm(hinge) < 0.05:  # nearly straight: the pole decides
        hinge = np.cross(axes @ limb.pole, upper)
    return upper, lower, unit(hinge)


def two_bone_ik(start, target, pole, upper_length, lower_length, keep_height=False):
    """Directions of both segments and the hinge axis: the end reaches `target`, the middle points to `pole`.

    A target out of reach is moved towards `start`; with keep_height it moves horizontally only, so that a
    foot stays on the floor.
    """
    reach = REACH * (upper_length + lower_length)
    to_target = target - start
    if keep_height and np.linalg.norm(to_target) > reach > abs(to_target[2]):
        to_target[:2] *= np.sqrt(reach**2 - to_target[2] ** 2) / np.linalg.norm(to_target[:2])
    distance = np.clip(np.linalg.norm(to_target), abs(upper_length - lower_length) + 0.02, reach)
    axis = unit(to_target)
    hinge = unit(np.cross(pole, axis))
    towards_pole = np.cross(axis, hinge)
    cos = (upper_length**2 + distance**2 - lower_length**2) / (2 * upper_length * distance)
    upper = axis * cos + towards_pole * np.sqrt(max(0.0, 1 - cos**2))
    lower = unit(axis * distance - upper * upper_length)
    return upper, lower, hinge


def foot_rotation(limb, shin_g):
    kind, angle, *raised = limb.foot
    if kind == "tiptoe":
        return rot_z(angle) @ rot_x(raised[0])
    return rot_z(angle) if kind == "flat" else shin_g @ rot_x(angle)


def hand_rotation(state, limb, side):
    body, axes = state.body, frame_rotation(state, limb.hand_frame)
    ref_fingers = body.ref_joint(f"finger3-1.{side}") - body.ref_joint(f"wrist.{side}")
    return align(axes @ limb.hand[0], axes @ limb.hand[1], ref_fingers, body.palm_normal(side))


# ---- contact
def settle(body, pose, start=None, iterations=12, tolerance_m=0.001):
    """Move the pelvis and every limb that stands on the floor vertically until they rest on ball and mat.

    With pose.leg_reach the pelvis also moves along y until the legs have that length: planted feet stay.
    `start` (a Contact) shortens the search. Returns a Contact.
    """
    start = start or Contact(pose.pelvis[2] * body.leg_scale)
    pelvis_z, pelvis_dy, lifts = start.pelvis_z, start.pelvis_dy, dict(start.lifts)
    if pose.rest_on is None:
        pelvis_z = pose.pelvis[2] * body.leg_scale
    touching = [name for name, limb in pose.limbs.items() if limb.on_floor]
    for _ in range(iterations):
        posture = solve(body, pose, Contact(pelvis_z, lifts, pelvis_dy))
        skin = body.skin(posture.rotations[None], posture.pelvis[None])[0][0, :N_SKIN]
        drop = pelvis_gap(body, pose, skin)
        shift = leg_shift(body, pose, posture, lifts) if pose.leg_reach else 0.0
        gaps = {name: limb_gap(body, name, skin) for name in touching}
        pelvis_z -= drop
        pelvis_dy += shift
        lifts = {name: lifts.get(name, 0.0) - gap for name, gap in gaps.items()}
        if max([abs(drop), abs(shift), *map(abs, gaps.values())]) < tolerance_m:
            break
    return Contact(pelvis_z, lifts, pelvis_dy)


def leg_shift(body, pose, posture, lifts):
    """How far the pelvis must move along y for the left leg to have pose.leg_reach of its length, metres."""
    state = SimpleNamespace(body=body, pose=pose, contact=Contact(0.0, lifts))
    ankle = limb_target(state, "leg_L", pose.limbs["leg_L"])
    hip = posture.joints[body.bone["upperleg01.L"]]
    length = pose.leg_reach * REFERENCE_LEG_M * body.leg_scale
    across = length**2 - (ankle[0] - hip[0]) ** 2 - (ankle[2] - hip[2]) ** 2
    return ankle[1] - np.sqrt(max(0.0, across)) - hip[1]


def pelvis_gap(body, pose, skin):
    """How far the trunk must come down to rest on the ball with the chosen sink, or the knees on the mat, metres."""
    if pose.rest_on is None:  # standing: as high as the pose says
        return 0.0
    if pose.rest_on == "knees":
        return skin[vertices_of(body, ("lowerleg01",)), 2].min() - (MAT_Z - FLOOR_SINK_M)
    if pose.rest_on == "back":
        trunk = vertices_of(body, ("root", "pelvis", "spine", "upperleg01", "clavicle"))
        return skin[trunk, 2].min() - (MAT_Z - BACK_SINK_M)
    part = skin[belly(body) if pose.rest_on == "belly" else buttocks(body)]
    return np.nanmin(part[:, 2] - ball_surface_z(pose.ball, part[:, :2])) + pose.sink


def belly(body):
    """(N_SKIN,) mask of the lower trunk."""
    return vertices_of(body, ("root", "pelvis", "spine05", "spine04", "spine03"))


def buttocks(body):
    """(N_SKIN,) mask of the seat without the thighs: knees that swing must not lift the body."""
    lowest_z = body.ref_joint("upperleg01.L")[2] - SEAT_DEPTH_M
    near_hips = body.ref_vertices[:N_SKIN, 2] > lowest_z
    return vertices_of(body, ("root", "pelvis", "spine05", "upperleg01")) & near_hips


def limb_gap(body, name, skin):
    """How far a hand or foot must come down to touch the mat, metres."""
    kind, side = name.split("_")
    prefixes = ("foot", "toe") if kind == "leg" else ("wrist", "finger", "metacarpal")
    tip = skin[vertices_of(body, prefixes, side)]
    return tip[:, 2].min() - (MAT_Z - FLOOR_SINK_M)


def vertices_of(body, prefixes, side=None):
    """(N_SKIN,) mask of the skin vertices whose main bone has one of these name prefixes."""
    return np.isin(body.main_bone[:N_SKIN], body.bones_starting_with(prefixes, side))
