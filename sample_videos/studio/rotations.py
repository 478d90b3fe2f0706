"""Small rotation helpers: 3x3 numpy matrices that act on column vectors. Right-handed, z up."""

import numpy as np
from scipy.spatial.transform import Rotation


def rot_x(deg):
    """Rotation about +x. For a body that faces -y, positive tips it forwards."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def rot_y(deg):
    """Rotation about +y. Positive leans the body towards its own left (+x)."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def rot_z(deg):
    """Rotation about +z. Positive turns the body towards its own left."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def unit(v):
    v = np.asarray(v, float)
    return v / (np.linalg.norm(v) + 1e-12)


def axis_angle(axis, angle_rad):
    """Rodrigues' formula."""
    x, y, z = unit(axis)
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle_rad) * k + (1 - np.cos(angle_rad)) * k @ k


def swing(a, b):
    """The shortest rotation that takes direction a to direction b."""
    a, b = unit(a), unit(b)
    axis = np.cross(a, b)
    sin, cos = np.linalg.norm(axis), a @ b
    if sin < 1e-9:
        return np.eye(3) if cos > 0 else axis_angle(np.cross(a, [1, 0, 0.3]), np.pi)
    return axis_angle(axis, np.arctan2(sin, cos))


def twist_angle_rad(rotation, axis):
    """How far `rotation` turns about the unit vector `axis`, in (-pi, pi]."""
    r = rotation
    vee = np.array([r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]])
    return np.arctan2(vee @ axis, np.trace(r) - axis @ r @ axis)


def segment_frame(direction, normal):
    """Right-handed orthonormal columns: direction, normal made perpendicular to it, their cross product."""
    d = unit(direction)
    n = np.asarray(normal, float)
    n = unit(n - d * (n @ d))
    return np.stack([d, n, np.cross(d, n)], axis=1)


def align(direction, normal, ref_direction, ref_normal):
    """The full rotation that takes (ref_direction, ref_normal) to (direction, normal)."""
    return segment_frame(direction, normal) @ segment_frame(ref_direction, ref_normal).T


def slerp(a, b, fraction):
    """The rotation that lies `fraction` of the shortest way from a to b."""
    vector = Rotation.from_matrix(a.T @ b).as_rotvec()
    return a @ Rotation.from_rotvec(fraction * vector).as_matrix()
