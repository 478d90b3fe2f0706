"""A stick figure with its truth on paper: joints in metres from named angles, seen by a level camera.

Person's frame: +left, +forward, +up, origin on the floor below the middle of the hips. The camera's azimuth is 0 from
the front and 90 degrees from the person's left. No perspective, no noise unless asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from formcheck.skeleton import INDEX, N_LANDMARKS
from formcheck.types import Pose

Joints = dict[str, np.ndarray]  # name of the landmark -> (left, forward, up) in metres

TRUNK_M, THIGH_M, SHANK_M, UPPER_ARM_M, FOREARM_M = 0.50, 0.42, 0.42, 0.29, 0.26
SHOULDER_M, HIP_M = 0.18, 0.10  # half of the line's length
SIZE_WH = (640, 480)
PX_PER_M = 220.0


def offset(point: np.ndarray, left: float, forward: float, up: float) -> np.ndarray:
    """The point moved, in metres."""
    return point + np.array([left, forward, up])


def turned(points: Joints, about: np.ndarray, axis: int, degrees: float) -> Joints:
    """Points turned about an axis (0 left, 1 forward, 2 up) through a point."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    matrix = np.eye(3)
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
    return {name: about + matrix @ (p - about) for name, p in points.items()}


def upper_body(hips: np.ndarray, arm_up_deg: dict[str, float] | None = None) -> Joints:
    """Trunk, head and arms upright above the hips; arms hang at 0 and are overhead at 180 degrees, sideways."""
    arm_up_deg = arm_up_deg or {}
    chest = offset(hips, 0, 0, TRUNK_M)
    points: Joints = {"nose": offset(chest, 0, 0.10, 0.20)}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        points[f"{side}_hip"] = offset(hips, sign * HIP_M, 0, 0)
        shoulder = points[f"{side}_shoulder"] = offset(chest, sign * SHOULDER_M, 0, 0)
        points[f"{side}_ear"] = offset(chest, sign * 0.07, 0, 0.20)
        eye = offset(chest, sign * 0.04, 0.08, 0.23)
        points |= dict.fromkeys((f"{side}_eye", f"{side}_eye_inner", f"{side}_eye_outer"), eye)
        points[f"mouth_{side}"] = offset(chest, sign * 0.03, 0.09, 0.16)
        angle = np.radians(arm_up_deg.get(side, 8.0))
        along = np.array([sign * np.sin(angle), 0.0, -np.cos(angle)])
        points[f"{side}_elbow"] = shoulder + UPPER_ARM_M * along
        wrist = points[f"{side}_wrist"] = shoulder + (UPPER_ARM_M + FOREARM_M) * along
        for finger in ("pinky", "index", "thumb"):
            points[f"{side}_{finger}"] = wrist + 0.08 * along
    return points


def legs_seated(hips_at_rest: np.ndarray) -> Joints:
    """Feet on the floor, shanks upright; they stay where they are when the hips move."""
    points: Joints = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        knee = points[f"{side}_knee"] = offset(hips_at_rest, sign * 0.16, THIGH_M, 0)
        ankle = points[f"{side}_ankle"] = np.array([knee[0], knee[1], knee[2] - SHANK_M])
        points[f"{side}_heel"] = offset(ankle, 0, -0.05, -0.04)
        points[f"{side}_foot_index"] = offset(ankle, 0, 0.15, -0.04)
    return points


def seated(
    *,
    hips: tuple[float, float] = (0.0, 0.0),
    forward_deg: float = 0.0,
    right_deg: float = 0.0,
    turn_right_deg: float = 0.0,
    arm_up_deg: dict[str, float] | None = None,
) -> Joints:
    """Sitting on the ball; `hips` = (to the right, forward) in metres away from the middle."""
    at_rest = np.array([0.0, 0.0, 0.50])
    at = offset(at_rest, -hips[0], hips[1], 0.0)
    upper = upper_body(at, arm_up_deg)
    pelvis = {name: upper.pop(name) for name in ("left_hip", "right_hip")}
    upper = turned(upper, at, 2, turn_right_deg)
    upper = turned(upper, at, 1, -right_deg)
    upper = turned(upper, at, 0, -forward_deg)
    return pelvis | upper | legs_seated(at_rest)


def prone(*, lift_deg: float = 0.0, arms_back: bool = True, travel_m: float = 0.0) -> Joints:
    """Belly on the ball, feet behind on the floor; the trunk's elevation is `lift_deg` above -10 degrees."""
    at = np.array([0.0, travel_m, 0.55])
    upper = upper_body(at, {"left": 8.0, "right": 8.0} if arms_back else {"left": 170.0, "right": 170.0})
    pelvis = {name: upper.pop(name) for name in ("left_hip", "right_hip")}
    upper = turned(upper, at, 0, -(100.0 - lift_deg))
    points = pelvis | upper
    for side, sign in (("left", 1.0), ("right", -1.0)):
        knee = points[f"{side}_knee"] = offset(at, sign * 0.12, -0.36, -0.21)
        ankle = points[f"{side}_ankle"] = offset(knee, 0, -0.36, -0.21)
        points[f"{side}_heel"] = offset(ankle, 0, -0.03, 0.05)
        points[f"{side}_foot_index"] = offset(ankle, 0, 0.05, -0.10)
    return points


def seen(
    joints: Joints,
    time_s: float,
    azimuth_deg: float,
    *,
    scale: float = 1.0,
    shift_px: tuple[float, float] = (0.0, 0.0),
    size_wh: tuple[int, int] = SIZE_WH,
    noise_px: float = 0.0,
    rng: np.random.Generator | None = None,
) -> Pose:
    """The figure as a perfect estimator would report it."""
    a = np.radians(azimuth_deg)
    right = np.array([np.cos(a), -np.sin(a), 0.0])
    away = np.array([-np.sin(a), -np.cos(a), 0.0])
    points = np.zeros((N_LANDMARKS, 3))
    for name, index in INDEX.items():
        points[index] = joints[name]
    middle = (points[INDEX["left_hip"]] + points[INDEX["right_hip"]]) / 2
    flat = np.stack([points @ right, -points[:, 2], (points - middle) @ away], axis=1)
    width, height = size_wh
    px = flat * PX_PER_M * scale
    px[:, 0] += width / 2 + shift_px[0]
    px[:, 1] += 0.75 * height + shift_px[1]
    if noise_px and rng is not None:
        px[:, :2] += rng.normal(0.0, noise_px, (N_LANDMARKS, 2))
    world = np.stack([(points - middle) @ right, -(points - middle)[:, 2], (points - middle) @ away], axis=1)
    return Pose(
        time_s,
        (px / (width, height, width)).astype(np.float32),
        np.full(N_LANDMARKS, 0.95, np.float32),
        world.astype(np.float32),
        size_wh,
    )


def film(
    joints_at: Callable[[float], Joints], seconds: float, azimuth_deg: float, fps: float = 20.0, **camera: object
) -> Iterator[Pose]:
    """Poses of `joints_at(time_s)` at an even rate, with half a pixel of jitter that is the same in every run."""
    rng = np.random.default_rng(5)
    for i in range(round(seconds * fps)):
        yield seen(joints_at(i / fps), i / fps, azimuth_deg, noise_px=0.5, rng=rng, **camera)  # type: ignore[arg-type]


def minimum_jerk(share: float) -> float:
    """0 to 1 with rest at both ends."""
    x = min(1.0, max(0.0, share))
    return x**3 * (x * (6 * x - 15) + 10)


def course(keys: Iterable[tuple[float, float]]) -> Callable[[float], float]:
    """A value over time from [(time_s, value), ...]: minimum-jerk between the keys, still outside of them."""
    table = list(keys)

    def value(time_s: float) -> float:
        for (t0, a), (t1, b) in zip(table, table[1:], strict=False):
            if time_s < t1:
                return a + (b - a) * minimum_jerk((time_s - t0) / (t1 - t0))
        return table[-1][1]

    return value
