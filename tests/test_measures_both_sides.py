"""Right against left: heights, places and bends on paper, and what a mirror makes of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from figure import Joints, offset, seated, seen

from formcheck.measures.body import BodyTracker
from formcheck.measures.catalogue import MEASURES
from formcheck.skeleton import INDEX
from formcheck.types import Pose

NAMES = ("shoulder_above_other", "knee_above_other", "foot_above_other", "hand_above_other", "hip_bent_more",
         "knee_bent_more", "elbow_bent_more", "arm_raised_more")  # fmt: skip


def sitting(*, right_foot: tuple[float, float] = (0.0, 0.0), right_arm_deg: float = 8.0) -> Joints:
    """Seated, the right foot moved (forward, up) by metres, the right arm raised to the side."""
    points = seated(arm_up_deg={"left": 8.0, "right": right_arm_deg})
    for joint in ("ankle", "heel", "foot_index"):
        points[f"right_{joint}"] = offset(points[f"right_{joint}"], 0.0, *right_foot)
    return points


def read(name: str, joints: Joints, azimuth_deg: float) -> float:
    pose = seen(joints, 0.0, azimuth_deg)
    return MEASURES[name].read(BodyTracker().update(pose))


@pytest.mark.parametrize("name", NAMES)
def test_alike_sides_read_zero(name: str) -> None:
    assert read(name, sitting(), 0.0) == pytest.approx(0.0, abs=0.02)


def test_heights_are_in_trunk_lengths_and_grow_with_the_right_side() -> None:
    assert read("foot_above_other", sitting(right_foot=(0.0, 0.25)), 0.0) == pytest.approx(0.5, abs=0.03)
    assert read("foot_above_other", sitting(right_foot=(0.0, 0.25)), 90.0) == pytest.approx(0.5, abs=0.03)
    assert read("hand_above_other", sitting(right_arm_deg=90.0), 0.0) > 0.5


def test_right_foot_ahead_is_positive_from_either_side() -> None:
    ahead = sitting(right_foot=(0.2, 0.0))
    assert read("foot_ahead_of_other", ahead, 90.0) == pytest.approx(0.4, abs=0.03)
    assert read("foot_ahead_of_other", ahead, -90.0) == pytest.approx(0.4, abs=0.03)
    assert math.isnan(read("foot_ahead_of_other", ahead, 0.0)), "from the front nobody can tell"


def test_angles_are_degrees_and_grow_with_the_right_side() -> None:
    assert read("arm_raised_more", sitting(right_arm_deg=68.0), 0.0) == pytest.approx(60.0, abs=4.0)
    knees = read("knee_bent_more", sitting(right_foot=(0.42, 0.42)), 90.0)
    assert knees == pytest.approx(-90.0, abs=6.0), "a leg that is stretched is bent less"


@pytest.mark.parametrize("joint", ["left_ankle", "right_ankle"])
def test_hidden_limb_reads_unknown(joint: str) -> None:
    pose = seen(sitting(), 0.0, 0.0)
    visibility = np.array(pose.visibility)
    visibility[INDEX[joint]] = 0.0
    hidden = Pose(pose.time_s, pose.landmarks, visibility, pose.world_m, pose.size_wh)
    assert math.isnan(MEASURES["foot_above_other"].read(BodyTracker().update(hidden)))
