"""The ball as it was found: its outline, and a mark where the body rests on it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from formcheck.render import theme
from formcheck.render.canvas import Image
from formcheck.render.limbs import strokes
from formcheck.skeleton import INDEX
from formcheck.types import Array, Ball, Pose

TOUCHING: Final = (0.7, 1.35)  # radii from the centre: the line of the bones of what rests on the ball
UPWARD: Final = 0.5  # a ball carries from below: the cosine of how far from upward that may be
N_DASHES: Final = 30

_CHAINS: Final = tuple(
    tuple(INDEX[f"{side}_{joint}"] for joint in ("shoulder", "hip", "knee", "ankle")) for side in ("left", "right")
)
_SHARES: Final = np.linspace(0.0, 1.0, 16)
_TURNS: Final = (np.arange(N_DASHES)[:, None] + (0.0, 0.6)) * 2 * np.pi / N_DASHES
_DIAMOND: Final = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
_DASHES: Final = np.stack([np.cos(_TURNS), np.sin(_TURNS)], axis=2)  # (n, 2, 2) ends on the unit circle


def draw_ball(image: Image, ball: Ball, pose: Pose, sizes: theme.Sizes) -> None:
    """Draw the outline dashed, in place; nothing where the ball's place is not known."""
    outline = np.array([ball.x_px, ball.y_px]) + _DASHES * np.array([ball.width_px, ball.height_px]) / 2
    strokes(image, outline, theme.INK, sizes.line + 2, cv2.LINE_8)
    strokes(image, outline, theme.BALL, sizes.line)
    contact = contact_px(ball, pose)
    if contact is not None:
        for colour, reach in ((theme.INK, 3.5 * sizes.line), (theme.BALL, 2.5 * sizes.line)):
            corners = np.rint(contact + reach * _DIAMOND).astype(np.int32)
            cv2.fillConvexPoly(image, corners, theme.bgr(colour), cv2.LINE_AA)


def contact_px(ball: Ball, pose: Pose) -> Array | None:
    """(2,) where the outline carries trunk, thighs or shanks from below; None where nothing rests on it."""
    centre = np.array([ball.x_px, ball.y_px])
    radii = np.array([ball.width_px, ball.height_px]) / 2
    chain = (pose.xy_px[list(_CHAINS[0])] + pose.xy_px[list(_CHAINS[1])]) / 2
    points = chain[:-1, None] + _SHARES[None, :, None] * (chain[1:] - chain[:-1])[:, None]
    offsets = (points.reshape(-1, 2) - centre) / radii
    distance = np.hypot(offsets[:, 0], offsets[:, 1])
    rests = (distance > TOUCHING[0]) & (distance < TOUCHING[1]) & (-offsets[:, 1] > UPWARD * distance)
    if not rests.any():
        return None
    weights = np.where(rests, TOUCHING[1] - distance, 0.0)[:, None]
    toward = (weights * offsets).sum(axis=0)
    point: Array = centre + radii * toward / np.hypot(*toward)
    return point
