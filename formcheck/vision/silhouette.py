"""The curve of the back, read from the person's outline between shoulder and hip.

It is the outline of the back, clothes and all, not vertebrae: its change from the person's own neutral tells rounding
and hollowing, its absolute value says little. Where something else makes the outline - an arm across the back, a flap
of cloth, the ball - or where it is not seen from the side, nothing is read.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import INDEX
from formcheck.types import BACK_SCALE, N_BACK_POINTS, Ball, Pose
from formcheck.vision.cover import torso_px

NAN: Final = float("nan")
Points = npt.NDArray[np.float64]

# Rays leave the line from shoulder to hip (the chord) at these shares of it, at right angles, towards the back.
SHARES: Final = np.linspace(0.08, 0.92, 22)
SPAN: Final = 0.84  # of the chord that the rays cover
REACH: Final = 0.75  # how far a ray looks, in chords
FROM: Final = 0.15  # a ray starts this far on the belly's side: the chord may run outside of a hollow back
GAP_PX: Final = 4  # the outline may have holes as wide as this
FINEST: Final = 1 / 160  # of a chord: how finely a ray looks in a large picture
FEWEST_RAYS: Final = 18
IS_PERSON: Final = 0.5
SHORTEST_CHORD: Final = 0.5  # of a torso: shorter is foreshortened
SHORTEST_PX: Final = 12.0  # of the mask: in a smaller person the holes that are bridged are as wide as the back
FROM_THE_SIDE_DEG: Final = 45.0  # shoulder and hip line at least so far out of the picture's plane
ARM_HALF: Final = 0.09  # of the chord: an arm whose middle is so near to the outline makes the outline
BENT_ELBOW: Final = 0.10  # more at an elbow that is bent all the way: its point juts out
LARGEST_STEP: Final = (
    0.08  # of the chord, from ray to ray; bare and clothed backs: up to 0.04, arms from 0.17 [measured]
)
ROUGHEST: Final = 0.025  # of the chord, about a cubic; backs: up to 0.01, arms across them 0.03 to 0.1 [measured]
BALL_EDGE: Final = 0.06  # of the ball's radius: an outline so near to the ball's is the ball's
MOST_ON_BALL: Final = 3  # rays that may end there by chance

_SMOOTH: Final = np.ones(5) / 5
_INNER: Final = SHARES[2:-2]
_SAGITTA: Final = np.linalg.pinv(np.vander(_INNER, 3))[0] * (-(SPAN**2) / 4)
_TO_CUBIC: Final = np.vander(SHARES, 4) @ np.linalg.pinv(np.vander(SHARES, 4))
_KEPT: Final = np.linspace(SHARES[0], SHARES[-1], N_BACK_POINTS)
_SIDES: Final = ("left", "right")
_PAIRS: Final = tuple((INDEX[f"left_{joint}"], INDEX[f"right_{joint}"]) for joint in ("shoulder", "hip"))
_ARMS: Final = tuple(tuple(INDEX[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist")) for side in _SIDES)
_ALONG_ARM: Final = np.linspace(0.0, 1.4, 8)[:, None]  # from the elbow to the fingertips


class Back(NamedTuple):
    """What the outline of a back says.

    Attributes:
        curve_deg: angle of the arc that it makes, + rounded, - hollow.
        outline: (N_BACK_POINTS, 2) int16, its points from the shoulder to the hip in 1 / BACK_SCALE pixels.
    """

    curve_deg: float
    outline: npt.NDArray[np.int16]


class _Chord(NamedTuple):
    """From shoulder to hip in pixels; `dorsal` is the unit vector across it, towards the back."""

    start: Points
    vector: Points
    length: float
    dorsal: Points

    def place(self, points: Points) -> tuple[Points, Points]:
        """Where points (n, 2) lie along the chord and behind it, in chords."""
        offsets = points - self.start
        return offsets @ self.vector / self.length**2, offsets @ self.dorsal / self.length


def read_back(mask: npt.NDArray[np.float32], pose: Pose) -> Back | None:
    """The back's outline; None where it cannot be trusted.

    Args:
        mask: (h, w) 0-1, how surely a pixel is the person; of the frame or of a smaller copy of it.
        pose: whose back it is, with the ball if it was looked for.
    """
    if not _is_from_the_side(pose):
        return None
    scale = pose.size_wh[0] / mask.shape[1]
    chord = _chord_of(pose)
    if not chord.length >= max(SHORTEST_CHORD * torso_px(pose), SHORTEST_PX * scale):
        return None
    found = _exit_distances(mask, chord, scale)
    is_found = np.isfinite(found)
    if is_found.sum() < FEWEST_RAYS:
        return None
    distances: Points = np.interp(SHARES, SHARES[is_found], found[is_found])
    if not _is_smooth(distances) or _is_arms(pose, chord, distances) or _is_balls(pose.ball, chord, distances):
        return None
    sagitta = float(_SAGITTA @ np.convolve(distances, _SMOOTH, mode="valid"))
    return Back(math.degrees(4 * math.atan(2 * sagitta / SPAN)), _outline(chord, distances))


def _is_from_the_side(pose: Pose) -> bool:
    """Whether both the shoulder line and the hip line point at the camera; False where they are not known."""
    least = math.tan(math.radians(FROM_THE_SIDE_DEG))
    for left, right in _PAIRS:
        x, y, z = (pose.world_m[left] - pose.world_m[right]).tolist()
        if not abs(z) >= least * math.hypot(x, y):
            return False
    return True


def _chord_of(pose: Pose) -> _Chord:
    """The back is away from knees and nose."""
    xy = pose.xy_px
    shoulder, hip, ears, knees = (
        (xy[INDEX[f"left_{joint}"]] + xy[INDEX[f"right_{joint}"]]) / 2 for joint in ("shoulder", "hip", "ear", "knee")
    )
    vector = hip - shoulder
    length = max(1e-6, math.hypot(*vector.tolist()))
    across = np.array([-vector[1], vector[0]]) / length
    belly = float(((knees - hip) + 1.5 * (xy[INDEX["nose"]] - ears)) @ across)
    return _Chord(shoulder, vector, length, -across if belly > 0 else across)


def _exit_distances(mask: npt.NDArray[np.float32], chord: _Chord, scale: float) -> Points:
    """(22,) where each ray leaves the trunk, in chords; NaN where it never was inside or never leaves.

    Only what is joined to the chord, or next to it on the belly's side, is the trunk: not a limb beyond a gap. Where
    the picture ends nothing is known to leave.
    """
    height, width = mask.shape
    length = chord.length / scale  # in the mask's pixels, as all from here on
    step_px = max(1.0, FINEST * length)
    steps = np.arange(-FROM * length, REACH * length, step_px)
    starts = (chord.start + SHARES[:, None] * chord.vector) / scale
    x = np.rint(starts[:, :1] + steps * chord.dorsal[0]).astype(np.intp)
    y = np.rint(starts[:, 1:] + steps * chord.dorsal[1]).astype(np.intp)
    is_in = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    is_trunk = (mask[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] > IS_PERSON) & is_in
    n_gap = max(1, round(GAP_PX / step_px)) + 1
    at_chord = round(FROM * length / step_px)
    is_begun = is_trunk[:, : at_chord + 1]
    last_begun = at_chord - np.argmax(is_begun[:, ::-1], axis=1)
    sums = np.cumsum(is_trunk, axis=1, dtype=np.int32)
    is_gap = sums[:, n_gap:] == sums[:, :-n_gap]  # at i: nothing in the n_gap steps after it
    is_gap &= np.arange(is_gap.shape[1]) >= last_begun[:, None]
    exits = np.argmax(is_gap, axis=1)
    rays = np.arange(len(SHARES))
    is_known = is_begun.any(axis=1) & is_gap.any(axis=1) & is_in[rays, exits + 1]
    return np.where(is_known, steps[exits] / length, NAN)


def _is_smooth(distances: Points) -> bool:
    """Whether this is the outline of one thing: no step in it, and nothing that sticks out."""
    if np.abs(np.diff(distances)).max() > LARGEST_STEP:
        return False
    rest = distances - _TO_CUBIC @ distances
    return float(rest @ rest) <= len(SHARES) * ROUGHEST**2


def _is_arms(pose: Pose, chord: _Chord, distances: Points) -> bool:
    """Whether a forearm or hand lies along the outline."""
    for joints in _ARMS:
        shoulder, elbow, wrist = pose.xy_px[list(joints)]
        upper, lower = shoulder - elbow, wrist - elbow
        cosine = float(upper @ lower) / max(1e-6, math.hypot(*upper.tolist()) * math.hypot(*lower.tolist()))
        reach = np.full(len(_ALONG_ARM), ARM_HALF)
        reach[0] += BENT_ELBOW * (1.0 + cosine) / 2
        along, behind = chord.place(elbow + _ALONG_ARM * lower)
        is_beside = (along > SHARES[0]) & (along < SHARES[-1])
        if (is_beside & (np.abs(behind - np.interp(along, SHARES, distances)) < reach)).any():
            return True
    return False


def _is_balls(ball: Ball | None, chord: _Chord, distances: Points) -> bool:
    """Whether the ball stands before the back, so that its edge is the outline."""
    if ball is None or not ball.is_seen:
        return False
    points = _points(chord, SHARES, distances)
    offsets = (points - (ball.x_px, ball.y_px)) / (ball.width_px / 2, ball.height_px / 2)
    on_edge = np.abs(np.hypot(offsets[:, 0], offsets[:, 1]) - 1.0) < BALL_EDGE
    return int(on_edge.sum()) > MOST_ON_BALL


def _points(chord: _Chord, along: Points, behind: Points) -> Points:
    """(n, 2) pixels."""
    points: Points = chord.start + along[:, None] * chord.vector + (behind * chord.length)[:, None] * chord.dorsal
    return points


def _outline(chord: _Chord, distances: Points) -> npt.NDArray[np.int16]:
    """Smoothed over five rays; at the ends over what there is."""
    padded = np.concatenate([2 * distances[0] - distances[2:0:-1], distances, 2 * distances[-1] - distances[-2:-4:-1]])
    smooth = np.convolve(padded, _SMOOTH, mode="valid")
    points = _points(chord, _KEPT, np.interp(_KEPT, SHARES, smooth))
    return np.rint(points * BACK_SCALE).clip(-32767, 32767).astype(np.int16)
