"""The pose as a camera that stood still would have seen it: what follows measures the person, not the camera."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from formcheck.camera_move import CameraMove
from formcheck.types import Ball, Pose


def steadied(pose: Pose) -> Pose:
    """The pose with landmarks and ball where they would lie in the first picture; `in_picture` keeps where they lie.

    The same pose where the camera stands, or where nobody looked whether it does.
    """
    move = pose.camera
    if move is None or move.is_none:
        return pose
    landmarks, world_m = pose.landmarks.copy(), pose.world_m.copy()
    landmarks[:, :2] = move.places(pose.xy_px) / pose.size_wh
    landmarks[:, 2] *= np.float32(move.scale)
    world_m[:, :2] = move.turned(pose.world_m[:, :2])
    return replace(
        pose, landmarks=landmarks, world_m=world_m, ball=_moved(pose.ball, move), in_picture=pose.landmarks[:, :2]
    )


def _moved(ball: Ball | None, move: CameraMove) -> Ball | None:
    if ball is None or not ball.is_seen:
        return ball
    x_px, y_px = move.places(np.array([[ball.x_px, ball.y_px]]))[0].tolist()
    width_px, height_px = ball.width_px * move.scale, ball.height_px * move.scale
    return replace(ball, x_px=x_px, y_px=y_px, width_px=width_px, height_px=height_px)
