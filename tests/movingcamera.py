"""Recordings as a camera that is moved would have made them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from formcheck.camera_move import CameraMove
from formcheck.types import Pose

Way = Callable[[float], CameraMove]  # time in seconds -> from the first picture to that one


def about_middle(
    size_wh: tuple[int, int], dx: float, dy: float, zoom: float = 1.0, turn_deg: float = 0.0
) -> CameraMove:
    """A zoom and a turn about the picture's middle and then a shift, in widths of the picture."""
    width, height = size_wh
    a, b = zoom * np.cos(np.radians(turn_deg)), zoom * np.sin(np.radians(turn_deg))
    x, y = width / 2, height / 2
    return CameraMove.of(a, b, x - a * x + b * y + dx * width, y - b * x - a * y + dy * width)


def held_by_hand(size_wh: tuple[int, int], much: float = 1.0) -> Way:
    """A hand that holds a telephone: it sways, turns and comes nearer."""

    def way(t: float) -> CameraMove:
        sway = 0.02 * (np.sin(1.9 * t) + 0.6 * np.sin(4.3 * t + 1.0)), 0.015 * (np.sin(1.3 * t + 2.0) + np.sin(5.1 * t))
        return about_middle(
            size_wh, much * sway[0], much * sway[1], 1.0 + much * 0.02 * np.sin(0.9 * t), much * np.sin(2.2 * t)
        )

    return way


def panned(size_wh: tuple[int, int]) -> Way:
    """A camera that is slowly turned to and fro."""
    return lambda t: about_middle(size_wh, 0.1 * np.sin(0.4 * t), 0.02 * np.sin(0.3 * t))


def knocked(size_wh: tuple[int, int], at_s: float) -> Way:
    """A camera that somebody knocks against."""
    return lambda t: about_middle(size_wh, 0.05, 0.03, 1.0, 2.5) if t >= at_s else CameraMove()


def filmed(poses: Iterable[Pose], way: Way, is_told: bool) -> Iterator[Pose]:
    """The poses as a moved camera would see them.

    Args:
        way: how it is moved.
        is_told: whether the poses say so, as those do whose pictures were looked at.
    """
    for pose in poses:
        move = way(pose.time_s)
        landmarks, world_m = pose.landmarks.copy(), pose.world_m.copy()
        landmarks[:, :2] = move.places(pose.xy_px) / pose.size_wh
        landmarks[:, 2] *= move.scale
        world_m[:, :2] = move.turned(world_m[:, :2])
        ball = pose.ball
        if ball is not None and ball.is_seen:
            x_px, y_px = move.places(np.array([[ball.x_px, ball.y_px]]))[0].tolist()
            size = ball.width_px * move.scale, ball.height_px * move.scale
            ball = replace(ball, x_px=x_px, y_px=y_px, width_px=size[0], height_px=size[1])
        camera = move.inverse() if is_told else None
        yield replace(pose, landmarks=landmarks, world_m=world_m, ball=ball, camera=camera)
