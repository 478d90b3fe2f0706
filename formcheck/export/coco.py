"""The poses as COCO keypoints: one image a frame, one annotation a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from formcheck.measures.gate import LandmarkGate
from formcheck.poselog import PoseLog
from formcheck.skeleton import INDEX
from formcheck.types import Pose

KEYPOINTS: Final = (
    "nose",
    *(f"{side}_{part}" for part in ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
      for side in ("left", "right")),
)  # fmt: skip
_BONES: Final = (
    "left_ankle left_knee, left_knee left_hip, right_ankle right_knee, right_knee right_hip, left_hip right_hip, "
    "left_shoulder left_hip, right_shoulder right_hip, left_shoulder right_shoulder, left_shoulder left_elbow, "
    "right_shoulder right_elbow, left_elbow left_wrist, right_elbow right_wrist, left_eye right_eye, nose left_eye, "
    "nose right_eye, left_eye left_ear, right_eye right_ear, left_ear left_shoulder, right_ear right_shoulder"
)
_ROWS: Final = [INDEX[name] for name in KEYPOINTS]
NOT_THERE, HIDDEN, SEEN = 0, 1, 2


def coco_keypoints(log: PoseLog, name: str) -> dict[str, Any]:
    """The content of a COCO keypoint file.

    Args:
        log: poses of the recording.
        name: of the recording; frame n of it is called "name/00000n", from 0.

    Returns:
        images (with their time_s), annotations and the one category. A keypoint outside of the picture is 0, 0, 0,
        one that is hidden has visibility 1 and the place where it is thought to be.
    """
    width, height = log.size_wh
    images = [
        {"id": i, "file_name": f"{name}/{i:06d}", "width": width, "height": height, "time_s": round(float(t), 6)}
        for i, t in enumerate(log.time_s)
    ]
    numbers = {keypoint: number for number, keypoint in enumerate(KEYPOINTS, 1)}
    skeleton = [[numbers[end] for end in bone.split()] for bone in _BONES.split(", ")]
    return {
        "info": {"description": f"{name}: landmarks of a pose network, not labelled by hand"},
        "images": images,
        "annotations": list(_annotations(log)),
        "categories": [
            {"id": 1, "name": "person", "supercategory": "person", "keypoints": list(KEYPOINTS), "skeleton": skeleton}
        ],
    }


def _annotations(log: PoseLog) -> Iterator[dict[str, Any]]:
    gate, n = LandmarkGate(), 0
    for i, pose in enumerate(log):
        if not pose.is_person:
            gate.reset()
            continue
        n += 1
        yield {"id": n, "image_id": i, "category_id": 1, "iscrowd": 0, **_annotation(pose, gate)}


def _annotation(pose: Pose, gate: LandmarkGate) -> dict[str, Any]:
    is_seen = (gate.states(pose) > 0)[_ROWS]
    xy = pose.xy_px[_ROWS]
    is_inside = ((xy >= 0) & (xy < pose.size_wh)).all(axis=1)
    state = np.where(is_inside, np.where(is_seen, SEEN, HIDDEN), NOT_THERE)
    keypoints: list[float] = []
    for (x, y), v in zip(xy.tolist(), state.tolist(), strict=True):
        keypoints += [round(x, 2), round(y, 2), v] if v else [0, 0, 0]
    all_xy = np.clip(pose.xy_px, 0, pose.size_wh)
    low, high = all_xy.min(axis=0), all_xy.max(axis=0)
    size = high - low
    return {
        "keypoints": keypoints,
        "num_keypoints": int((state > NOT_THERE).sum()),
        "bbox": [round(float(x), 2) for x in (*low, *size)],
        "area": round(float(size[0] * size[1]), 2),
    }
