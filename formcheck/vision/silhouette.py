"""The curve of the back, read from the person's outline between shoulder and hip.

It is the outline of the back, clothes and all, not vertebrae: its change from the person's own neutral tells rounding
and hollowing, its absolute value says little.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import INDEX
from formcheck.types import Pose

NAN: Final = float("nan")

# Rays leave the line from shoulder to hip at these shares of it, at right angles, towards the back.
SHARES: Final = np.linspace(0.08, 0.92, 22)
SPAN: Final = 0.84  # of the line that the rays cover
REACH: Final = 0.75  # how far a ray looks, in lengths of the line
FROM: Final = 0.15  # a ray starts this far on the belly's side: the line may run outside of a hollow back
GAP_PX: Final = 4  # the outline may have holes as wide as this
FEWEST_RAYS: Final = 18
IS_PERSON: Final = 0.5
ARM_ON_BACK: Final = (0.08, 0.40)  # elbow or wrist so far behind the line, in its lengths: the outline is the arm's
SHORTEST_CHORD: Final = 0.5  # of a torso: shorter is foreshortened


def back_curve_deg(mask: npt.NDArray[np.float32], pose: Pose, torso_px: float) -> float:
    """Angle of the arc that the back's outline makes, degrees, + rounded, - hollow; NaN where it cannot be read.

    Args:
        mask: (H, W) 0-1, how surely a pixel of the frame is the person.
        pose: whose back it is; side view.
        torso_px: length of the person's torso in pixels.
    """
    shoulder, hip, dorsal = _chord(pose)
    chord = hip - shoulder
    length = float(np.hypot(*chord))
    if not length >= SHORTEST_CHORD * torso_px:
        return NAN
    if _is_arm_on_back(pose, shoulder, chord, dorsal, length):
        return NAN
    distances = _exit_distances(mask, shoulder, chord, dorsal, length)
    is_found = np.isfinite(distances)
    if is_found.sum() < FEWEST_RAYS:
        return NAN
    smooth = np.convolve(np.interp(SHARES, SHARES[is_found], distances[is_found]), np.ones(5) / 5, mode="valid")
    curvature = np.polyfit(SHARES[2:-2], smooth, 2)[0]
    sagitta = -curvature / 4 * SPAN**2
    return float(np.degrees(4 * math.atan(2 * sagitta / SPAN)))


def _chord(pose: Pose) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Shoulder, hip, and the unit vector towards the back: away from knees and nose."""
    xy = pose.xy_px
    shoulder = (xy[INDEX["left_shoulder"]] + xy[INDEX["right_shoulder"]]) / 2
    hip = (xy[INDEX["left_hip"]] + xy[INDEX["right_hip"]]) / 2
    along = (hip - shoulder) / max(1e-6, float(np.hypot(*(hip - shoulder))))
    across = np.array([-along[1], along[0]])
    ears = (xy[INDEX["left_ear"]] + xy[INDEX["right_ear"]]) / 2
    knees = (xy[INDEX["left_knee"]] + xy[INDEX["right_knee"]]) / 2
    belly = float(((knees - hip) + 1.5 * (xy[INDEX["nose"]] - ears)) @ across)
    return shoulder, hip, -across if belly > 0 else across


def _is_arm_on_back(
    pose: Pose,
    shoulder: npt.NDArray[np.float64],
    chord: npt.NDArray[np.float64],
    dorsal: npt.NDArray[np.float64],
    length: float,
) -> bool:
    for joint in ("elbow", "wrist"):
        for side in ("left", "right"):
            offset = pose.xy_px[INDEX[f"{side}_{joint}"]] - shoulder
            along, behind = float(offset @ chord) / length**2, float(offset @ dorsal) / length
            if 0.05 < along < 0.95 and ARM_ON_BACK[0] < behind < ARM_ON_BACK[1]:
                return True
    return False


def _exit_distances(
    mask: npt.NDArray[np.float32],
    shoulder: npt.NDArray[np.float64],
    chord: npt.NDArray[np.float64],
    dorsal: npt.NDArray[np.float64],
    length: float,
) -> npt.NDArray[np.float64]:
    """(22,) where each ray leaves the person, in lengths of the line; NaN where it never was inside or never leaves."""
    steps = np.arange(-FROM * length, REACH * length, 1.0)
    starts = shoulder + SHARES[:, None] * chord
    points = np.rint(starts[:, None] + steps[None, :, None] * dorsal).astype(np.intp)
    height, width = mask.shape
    is_in = np.all((points >= 0) & (points < (width, height)), axis=2)
    x, y = np.clip(points[..., 0], 0, width - 1), np.clip(points[..., 1], 0, height - 1)
    is_person = (mask[y, x] > IS_PERSON) & is_in
    found = np.full(len(SHARES), NAN)
    for i, ray in enumerate(is_person):
        inside = np.flatnonzero(ray)
        if not len(inside):
            continue
        ends = np.flatnonzero(np.diff(inside) > GAP_PX)
        last = int(inside[ends[0]] if len(ends) else inside[-1])
        if last < len(steps) - 1 and is_in[i, last + 1]:
            found[i] = steps[last] / length
    return found
