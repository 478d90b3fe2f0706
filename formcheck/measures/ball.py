"""Measures of the ball: whether it is seen, where along the body it touches, how it travels. Lengths in torsos (T)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from itertools import pairwise

from formcheck.geometry import NAN, Point
from formcheck.measures.body import Body, BodyTracker
from formcheck.types import Pose

EVERY_S = 0.3  # a median needs no more
CHAIN = ("shoulder", "hip", "knee", "ankle")


def ball_seen(body: Body) -> float:
    """1 where the ball is seen, 0 where it was looked for in vain; NaN where nobody looked."""
    return NAN if body.ball is None else float(body.ball.is_seen)


def ball_width(body: Body) -> float:
    """Width of its outline, T."""
    return body.ball.width_px / body.torso_px if body.ball is not None else NAN


def ball_place(body: Body) -> float:
    """Where along the body its centre lies: 0 shoulder, 1 hip, 2 knee, 3 ankle, shares between them."""
    return _nearest(body)[0]


def ball_gap(body: Body) -> float:
    """From its outline to the line shoulder-hip-knee-ankle, T; negative inside of the outline."""
    return _nearest(body)[1]


def ball_to_hand(body: Body) -> float:
    """From its outline to the nearer hand, T; negative inside of the outline."""
    gaps = [_gap(body, wrist) for wrist in (body.left("wrist"), body.right("wrist"))]
    return min((gap for gap in gaps if gap == gap), default=NAN)


def ball_ahead(body: Body) -> float:
    """Its centre ahead of the ankles, T, + where the person looks (lying: where the head is); side view."""
    if body.ball is None:
        return NAN
    return (body.ball.x_px - body.at("ankle")[0]) * body.facing / body.torso_px


def ball_sideways(body: Body) -> float:
    """Its centre beside the middle of the ankles, T, + to the person's right; front and back views."""
    if body.ball is None:
        return NAN
    return -(body.ball.x_px - body.at("ankle")[0]) * body.front_sign / body.torso_px


def cm_per_torso(poses: Iterable[Pose], ball_cm: float) -> float:
    """Centimetres of a torso length, by a ball of known diameter; +-10 % (a loaded ball is wider). NaN: never seen."""
    tracker, widths, looked_s = BodyTracker(), [], -math.inf
    for pose in poses:
        if not pose.is_person or pose.time_s - looked_s < EVERY_S:
            continue
        looked_s = pose.time_s
        width = ball_width(tracker.update(pose))
        if width == width:
            widths.append(width)
    return ball_cm / statistics.median(widths) if widths else NAN


def _nearest(body: Body) -> tuple[float, float]:
    """(place along the body, gap in T) of the point of the body's line that is nearest to the ball's centre."""
    if body.ball is None or not body.ball.is_seen:
        return NAN, NAN
    x, y = body.ball.x_px, body.ball.y_px
    places = [(math.inf, NAN, (NAN, NAN))]
    for i, (start, end) in enumerate(pairwise(body.at(joint) for joint in CHAIN)):
        along_x, along_y = end[0] - start[0], end[1] - start[1]
        length = along_x * along_x + along_y * along_y
        if not length > 0.0:
            continue
        share = min(1.0, max(0.0, ((x - start[0]) * along_x + (y - start[1]) * along_y) / length))
        point = (start[0] + share * along_x, start[1] + share * along_y)
        places.append((math.hypot(point[0] - x, point[1] - y), i + share, point))
    _, place, point = min(places)
    return place, _gap(body, point)


def _gap(body: Body, point: Point) -> float:
    """How far a point lies outside of the ball's outline, T."""
    if body.ball is None or point[0] != point[0]:
        return NAN
    dx, dy = point[0] - body.ball.x_px, point[1] - body.ball.y_px
    apart = math.hypot(dx, dy)
    across = math.hypot(dx / body.ball.width_px, dy / body.ball.height_px) * 2
    return (apart - apart / across) / body.torso_px if across > 0.0 else -0.5 * ball_width(body)
