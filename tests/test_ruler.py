"""The unit of lengths: the person's own trunk, at the distance and in the posture they are in now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from formcheck.measures.ruler import Ruler
from formcheck.poselog import PoseLog
from formcheck.types import Pose

SITTING = PoseLog.load(Path(__file__).parent / "poses" / "roll_fore_aft.npz")


def nearer(pose: Pose, factor: float) -> Pose:
    """The same body `factor` times as large in the picture, about its middle."""
    landmarks = pose.landmarks.copy()
    landmarks[:, :2] = 0.5 + factor * (landmarks[:, :2] - 0.5)
    return replace(pose, landmarks=landmarks)


def sitting_until(s: float) -> list[Pose]:
    return [pose for pose in SITTING if pose.time_s < s]


def torso_px(poses: Iterable[Pose]) -> float:
    ruler = Ruler()
    for pose in poses:
        ruler.take(pose)
    return ruler.torso_px


@pytest.mark.parametrize("factor", [0.7, 1.4])
def test_who_comes_from_another_distance_is_measured_where_they_are(factor: float) -> None:
    poses = sitting_until(7.0)
    walked_in = [nearer(pose, factor) if pose.time_s < 4.0 else pose for pose in poses]
    assert torso_px(walked_in) == pytest.approx(torso_px(poses), rel=0.03)


def test_who_stood_before_is_measured_as_they_sit() -> None:
    """Standing, the trunk looks longer from the side."""
    poses = sitting_until(7.0)
    stood = [standing(pose) if pose.time_s < 4.0 else pose for pose in poses]
    assert torso_px(stood) == pytest.approx(torso_px(poses), rel=0.03)


def standing(pose: Pose) -> Pose:
    """The legs straight down, the shoulders a fifth further from the hips; as large as before."""
    landmarks, world = pose.landmarks.copy(), pose.world_m.copy()
    for points in (landmarks, world):
        hips = points[[23, 24]].mean(axis=0)
        points[[11, 12], :2] += 0.2 * (points[[11, 12], :2] - hips[:2])
    for hip, knee, ankle in ((23, 25, 27), (24, 26, 28)):
        world[knee], world[ankle] = world[hip] + (0.0, 0.4, 0.0), world[hip] + (0.0, 0.8, 0.0)
    return replace(pose, landmarks=landmarks, world_m=world)
