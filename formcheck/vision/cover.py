"""What the person covers of the picture, told by the landmarks: every bone is a tube."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import INDEX
from formcheck.types import Pose

# Bones as (from, to, width in torso lengths); a little wider than limbs are, as clothes are.
_TUBES: Final = tuple(
    (INDEX[f"{side}_{a}"], INDEX[f"{side}_{b}"], width)
    for side in ("left", "right")
    for a, b, width in (
        ("shoulder", "elbow", 0.19),
        ("elbow", "wrist", 0.15),
        ("wrist", "index", 0.14),
        ("shoulder", "hip", 0.36),
        ("hip", "knee", 0.36),
        ("knee", "ankle", 0.26),
        ("ankle", "heel", 0.17),
        ("heel", "foot_index", 0.17),
    )
) + tuple(
    (INDEX[a], INDEX[b], 0.38)
    for a, b in (
        ("left_shoulder", "right_shoulder"),
        ("left_hip", "right_hip"),
        ("left_shoulder", "right_hip"),
        ("right_shoulder", "left_hip"),
    )
)
HEAD_RADIUS: Final = 0.25  # torso lengths


def torso_px(pose: Pose) -> float:
    """A torso's length in pixels; thigh and shank tell it, too, where the trunk is foreshortened."""
    xy = pose.xy_px
    shoulders = xy[INDEX["left_shoulder"]] + xy[INDEX["right_shoulder"]]
    hips = xy[INDEX["left_hip"]] + xy[INDEX["right_hip"]]
    length = float(np.linalg.norm(shoulders - hips)) / 2
    for side in ("left", "right"):
        hip, knee, ankle = (xy[INDEX[f"{side}_{joint}"]] for joint in ("hip", "knee", "ankle"))
        length = max(length, float(np.linalg.norm(hip - knee)), float(np.linalg.norm(knee - ankle)))
    return length


def covered_by_person(
    joints: npt.NDArray[np.float32], torso: float, shape_hw: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """(H, W) 1 where the body is, 0 elsewhere, from landmarks (33, 2) and a torso's length in its pixels."""
    import cv2

    covered = np.zeros(shape_hw, np.uint8)
    points = np.rint(joints).astype(int).tolist()
    for a, b, width in _TUBES:
        cv2.line(covered, points[a], points[b], 1, max(1, round(width * torso)))
    head = joints[[INDEX["left_ear"], INDEX["right_ear"]]].mean(axis=0)
    cv2.circle(covered, np.rint(head).astype(int).tolist(), round(HEAD_RADIUS * torso), 1, -1)
    return covered
