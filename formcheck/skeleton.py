"""The 33 landmarks of BlazePose as named data; left and right are the person's.

Source: BlazePose GHUM topology (MediaPipe Pose), landmark order 0-32.
"""

from __future__ import annotations

LANDMARKS: tuple[str, ...] = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)
N_LANDMARKS = len(LANDMARKS)
INDEX: dict[str, int] = {name: i for i, name in enumerate(LANDMARKS)}


def _mirror_name(name: str) -> str:
    for a, b in (("left", "right"), ("right", "left")):
        if a in name:
            return name.replace(a, b)
    return name


MIRROR: tuple[int, ...] = tuple(INDEX[_mirror_name(name)] for name in LANDMARKS)
"""MIRROR[i] is the landmark that i becomes when the picture is flipped left to right."""

MAIN_JOINTS: tuple[int, ...] = tuple(
    INDEX[f"{side}_{joint}"]
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
)
"""The 12 joints that judge whether a skeleton is believable."""


def _limb(*names: str) -> tuple[tuple[int, int], ...]:
    return tuple((INDEX[a], INDEX[b]) for a, b in zip(names, names[1:], strict=False))


SEGMENTS: dict[str, tuple[tuple[int, int], ...]] = {
    "head": ((7, 0), (8, 0)),
    "neck": (),  # drawn from the midpoints of ears and shoulders; no landmark of its own
    "shoulders": _limb("left_shoulder", "right_shoulder"),
    "hips": _limb("left_hip", "right_hip"),
    "trunk": _limb("left_shoulder", "left_hip") + _limb("right_shoulder", "right_hip"),
    "left_arm": _limb("left_shoulder", "left_elbow", "left_wrist", "left_index"),
    "right_arm": _limb("right_shoulder", "right_elbow", "right_wrist", "right_index"),
    "left_leg": _limb("left_hip", "left_knee", "left_ankle"),
    "right_leg": _limb("right_hip", "right_knee", "right_ankle"),
    "left_foot": _limb("left_ankle", "left_heel", "left_foot_index", "left_ankle"),
    "right_foot": _limb("right_ankle", "right_heel", "right_foot_index", "right_ankle"),
}
"""Named body segments and their bones as pairs of landmark indices; faults name segments, renderers draw bones."""

BONES: tuple[tuple[int, int], ...] = tuple(bone for bones in SEGMENTS.values() for bone in bones)
