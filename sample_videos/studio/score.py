"""How well does MediaPipe follow a rendered clip?

    python studio/score.py CLIP.mp4 --model POSE.task

Needs mediapipe and opencv (the product's own environment), none of the studio's packages. Prints the detected
share, the mean distance of the 12 joints from shoulder to ankle over the torso length, and driving angles
against the truth.
"""

import argparse
import json
from pathlib import Path

import cv2
import mediapipe as mp
import numpy as np

JOINTS = (11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
MIN_CONFIDENCE = 0.2


def detect(video, model):
    """(T, 33, 4): x, y, depth in pixels, visibility; and (T, 33, 3) world metres. NaN where not found."""
    options = mp.tasks.vision.PoseLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=str(model)),
        running_mode=mp.tasks.vision.RunningMode.VIDEO,
        min_pose_detection_confidence=MIN_CONFIDENCE,
    )
    capture = cv2.VideoCapture(str(video))
    fps = capture.get(cv2.CAP_PROP_FPS)
    image, world = [], []
    with mp.tasks.vision.PoseLandmarker.create_from_options(options) as landmarker:
        while True:
            ok, frame = capture.read()
            if not ok:
                break
            height, width = frame.shape[:2]
            rgb = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            result = landmarker.detect_for_video(rgb, round(1000 * len(image) / fps))
            if result.pose_landmarks:
                image.append([[p.x * width, p.y * height, p.z * width, p.visibility] for p in result.pose_landmarks[0]])
                world.append([[p.x, p.y, p.z] for p in result.pose_world_landmarks[0]])
            else:
                image.append(np.full((33, 4), np.nan))
                world.append(np.full((33, 3), np.nan))
    return np.array(image), np.array(world)


def middle(points, left):
    """Midpoint of a left landmark and its right partner."""
    return (points[:, left] + points[:, left + 1]) / 2


def joint_error(found, truth_uv):
    """(T,) mean distance of JOINTS over the torso length."""
    torso = np.linalg.norm(middle(truth_uv, 11) - middle(truth_uv, 23), axis=1)
    return np.linalg.norm(found[:, JOINTS, :2] - truth_uv[:, JOINTS], axis=2).mean(1) / torso


def side_inclination_deg(uv):
    """(T,) lean of hip -> shoulder from image-up, + towards where the nose is."""
    trunk = middle(uv, 11) - middle(uv, 23)
    facing = np.sign(np.nanmedian(uv[:, 0, 0] - (uv[:, 7, 0] + uv[:, 8, 0]) / 2))
    return np.degrees(np.arctan2(facing * trunk[:, 0], -trunk[:, 1]))


def hip_angle_deg(uv):
    """(T,) interior angle shoulder - hip - knee."""
    a, b = middle(uv, 11) - middle(uv, 23), middle(uv, 25) - middle(uv, 23)
    return np.degrees(np.arctan2(np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]), (a * b).sum(1)))


def head_drop(uv):
    """(T,) nose below the shoulders, in median torso lengths."""
    torso = np.nanmedian(np.linalg.norm(middle(uv, 11) - middle(uv, 23), axis=1))
    return (uv[:, 0, 1] - middle(uv, 11)[:, 1]) / torso


def ear_shoulder_hip_deg(uv):
    """(T,) interior angle ear - shoulder - hip."""
    a, b = middle(uv, 7) - middle(uv, 11), middle(uv, 23) - middle(uv, 11)
    return np.degrees(np.arctan2(np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]), (a * b).sum(1)))


def lateral_flexion_deg(uv):
    """(T,) shoulder line against hip line in a front view, + bent to the person's right."""

    def tilt(left):
        line = uv[:, left] - uv[:, left + 1]
        return np.degrees(np.arctan2(-line[:, 1], line[:, 0]))

    return tilt(11) - tilt(23)


def yaw_deg(world, left):
    """(T,) turn of a left-right line about the vertical, + to the person's right, camera frame."""
    line = world[:, left] - world[:, left + 1]
    return -np.degrees(np.arctan2(line[:, 2], line[:, 0]))


def compare(name, found, truth):
    """One line: correlation, range of both, rmse after removing the median offset."""
    ok = np.isfinite(found) & np.isfinite(truth)
    if ok.sum() < 10:
        print(f"  {name:24} not enough frames")
        return
    found, truth = found[ok], truth[ok]
    offset = np.median(found - truth)
    rmse = np.sqrt(np.mean((found - offset - truth) ** 2))
    spans = [np.percentile(x, 98) - np.percentile(x, 2) for x in (truth, found)]
    print(
        f"  {name:24} corr {np.corrcoef(found, truth)[0, 1]:5.2f}"
        f"  swing truth {spans[0]:6.2f} found {spans[1]:6.2f}"
        f"  offset {offset:6.2f}  rmse {rmse:5.2f}"
    )


def score(video, model):
    truth = json.loads(video.with_name(f"{video.stem}.truth.json").read_text())
    with np.load(video.with_name(f"{video.stem}.truth.npz")) as arrays:
        uv, angles = arrays["uv_px"], {name: arrays[name] for name in arrays if name.endswith("_deg")}
    found, world = detect(video, model)
    n = min(len(found), len(uv))
    found, world, uv = found[:n], world[:n], uv[:n]
    error = joint_error(found, uv)
    seen = np.isfinite(error)
    print(
        f"{video.name}: {n} frames, detected {seen.mean():.1%}, "
        f"joint error / torso mean {np.nanmean(error):.3f} "
        f"p95 {np.nanpercentile(error, 95):.3f}, visibility {np.nanmean(found[:, JOINTS, 3]):.2f}"
    )
    if truth["view"] == "side":
        for name, measure in (
            ("trunk_inc_2d", side_inclination_deg),
            ("hip_angle_2d", hip_angle_deg),
            ("ear_shoulder_hip_2d", ear_shoulder_hip_deg),
            ("nose_drop", head_drop),
        ):
            compare(name, measure(found[:, :, :2]), measure(uv))
    else:
        compare("lat_flex_2d", lateral_flexion_deg(found[:, :, :2]), lateral_flexion_deg(uv))
        compare("trunk_yaw_world", yaw_deg(world, 11), angles["trunk_yaw_deg"][:n])
        compare("pelvis_yaw_world", yaw_deg(world, 23), angles["pelvis_yaw_deg"][:n])
    return found, world


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, required=True)
    args = parser.parse_args()
    for video in args.videos:
        score(video, args.model)


if __name__ == "__main__":
    main()
