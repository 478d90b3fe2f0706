"""Angles and distances of points, as plain float functions: a frame needs a few dozen of them, not arrays.

A point is an (x, y) tuple in pixels, y down, unless a docstring says otherwise. Any NaN in gives NaN out, so a
lost landmark can never pass for good form.
"""

from __future__ import annotations

import math

Point = tuple[float, float]
Vector3 = tuple[float, float, float]
NAN = math.nan


def midpoint(a: Point, b: Point) -> Point:
    """The point halfway between two points."""
    return (0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1]))


def distance(a: Point, b: Point) -> float:
    """Length of the segment between two points, in their unit."""
    return math.hypot(b[0] - a[0], b[1] - a[1])


def wrap_deg(angle: float) -> float:
    """The same direction in (-180, 180].

    >>> wrap_deg(190.0), wrap_deg(-180.0)
    (-170.0, 180.0)
    """
    wrapped = math.fmod(angle, 360.0)
    if wrapped > 180.0:
        return wrapped - 360.0
    return wrapped + 360.0 if wrapped <= -180.0 else wrapped


def joint_angle_deg(proximal: Point, vertex: Point, distal: Point) -> float:
    """Interior angle of a joint, 0 to 180; 180 is straight.

    NaN where a segment has no length. atan2(|cross|, dot) is stable at 0 and 180, where acos of a rounded cosine
    leaves its domain.

    >>> joint_angle_deg((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    90.0
    """
    ax, ay = proximal[0] - vertex[0], proximal[1] - vertex[1]
    bx, by = distal[0] - vertex[0], distal[1] - vertex[1]
    if (ax == 0.0 and ay == 0.0) or (bx == 0.0 and by == 0.0):
        return NAN
    return math.degrees(math.atan2(abs(ax * by - ay * bx), ax * bx + ay * by))


def joint_angle_3d_deg(proximal: Vector3, vertex: Vector3, distal: Vector3) -> float:
    """Interior angle of a joint in space, 0 to 180; NaN where an input is NaN or both segments have no length."""
    ax, ay, az = proximal[0] - vertex[0], proximal[1] - vertex[1], proximal[2] - vertex[2]
    bx, by, bz = distal[0] - vertex[0], distal[1] - vertex[1], distal[2] - vertex[2]
    cross = math.hypot(ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
    dot = ax * bx + ay * by + az * bz
    return math.degrees(math.atan2(cross, dot)) if cross or dot else NAN


def direction_deg(start: Point, end: Point) -> float:
    """Direction from start to end: 0 is image-right, +90 is image-down. NaN for a segment without length."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    return NAN if dx == 0.0 and dy == 0.0 else math.degrees(math.atan2(dy, dx))


def from_up_deg(base: Point, top: Point) -> float:
    """Lean of base->top from image-up, -180 to 180; + leans to image-right.

    >>> from_up_deg((0.0, 0.0), (1.0, -1.0))
    45.0
    """
    dx, dy = top[0] - base[0], top[1] - base[1]
    return NAN if dx == 0.0 and dy == 0.0 else math.degrees(math.atan2(dx, -dy))


def elevation_deg(base: Point, top: Point) -> float:
    """How far base->top points above the horizontal, -90 to 90.

    >>> elevation_deg((0.0, 0.0), (-1.0, -1.0))
    45.0
    """
    dx, dy = abs(top[0] - base[0]), top[1] - base[1]
    return NAN if dx == 0.0 and dy == 0.0 else math.degrees(math.atan2(-dy, dx))


def along_and_across(point: Point, origin: Point, end: Point) -> tuple[float, float]:
    """Where a point lies relative to the axis origin->end.

    Returns:
        (along, across) in the points' unit: along grows from origin to end, across grows towards the side that is
        clockwise of the axis on the screen (y down). (NaN, NaN) for an axis without length.
    """
    ux, uy = end[0] - origin[0], end[1] - origin[1]
    length = math.hypot(ux, uy)
    if not length > 0.0:
        return (NAN, NAN)
    px, py = point[0] - origin[0], point[1] - origin[1]
    return ((px * ux + py * uy) / length, (ux * py - uy * px) / length)


def mean_known(*values: float) -> float:
    """Mean of the values that are known; NaN when none is."""
    known = [value for value in values if value == value]
    return sum(known) / len(known) if known else NAN
