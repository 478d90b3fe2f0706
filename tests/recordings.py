"""Recordings of several movements, put together from stored ones: what is done, what lies between, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from formcheck.poselog import PoseLog
from formcheck.types import Pose

POSES = Path(__file__).parent / "poses"
STEP_S = 1 / 15
Poses = list[Pose]


def stored(name: str) -> Poses:
    """The poses of a stored recording."""
    return list(PoseLog.load(POSES / f"{name}.npz"))


def shifted(poses: Sequence[Pose], start_s: float) -> Poses:
    """The poses, beginning at another time."""
    return [replace(pose, time_s=pose.time_s - poses[0].time_s + start_s) for pose in poses]


def on_the_way(a: Pose, b: Pose, seconds: float) -> Poses:
    """A person who goes from one pose to the other, slowly at both ends."""
    n = round(seconds / STEP_S)
    way = []
    for i in range(1, n):
        share = (1 - np.cos(np.pi * i / n)) / 2
        landmarks, world = (
            ((1 - share) * x + share * y).astype(np.float32)
            for x, y in ((a.landmarks, b.landmarks), (a.world_m, b.world_m))
        )
        way.append(Pose(a.time_s + i * STEP_S, landmarks, a.visibility, world, b.size_wh))
    return way


def nobody(after: Pose, seconds: float) -> Poses:
    """An empty room."""
    return [Pose.nobody(after.time_s + i * STEP_S, after.size_wh) for i in range(1, round(seconds / STEP_S))]


def frozen(pose: Pose, seconds: float) -> Poses:
    """A picture that stands still."""
    return [replace(pose, time_s=pose.time_s + i * STEP_S) for i in range(1, round(seconds / STEP_S))]


def _way(between: str, last: Pose, first: Pose, seconds: float) -> Poses:
    if between == "on_the_way":
        return on_the_way(last, first, seconds)
    ways = {"nobody": nobody, "frozen": frozen}
    return ways[between](last, seconds) if between in ways else []


def joined(
    *parts: Sequence[Pose], between: str = "nobody", seconds: float = 5.0
) -> tuple[Poses, list[tuple[float, float]]]:
    """Parts one after the other, and when each begins and ends.

    Args:
        parts: recordings.
        between: "nobody", "on_the_way", "frozen", or "cut" for another picture at once.
        seconds: how long what lies between takes.
    """
    poses: Poses = []
    extents = []
    for part in parts:
        if poses:
            poses += _way(between, poses[-1], part[0], seconds)
        start_s = poses[-1].time_s + STEP_S if poses else 0.0
        poses += shifted(part, start_s)
        extents.append((start_s, poses[-1].time_s))
    return poses, extents


def log_of(poses: Sequence[Pose]) -> PoseLog:
    """The poses as a log."""
    log = PoseLog({"source": "joined"})
    for pose in poses:
        log.append(pose)
    return log
