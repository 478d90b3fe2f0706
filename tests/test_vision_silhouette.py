"""The curve of the back in drawn silhouettes, whose arc is known on paper."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from figure import film, seated

from formcheck.poselog import PoseLog
from formcheck.skeleton import INDEX
from formcheck.types import Pose
from formcheck.vision.cover import torso_px
from formcheck.vision.silhouette import back_curve_deg

TRUNK_HALF = 0.16  # of the line from shoulder to hip


def sitter(azimuth_deg: float = 90.0) -> Pose:
    """Somebody sitting upright, arms hanging in front of the trunk's line."""
    return next(iter(film(lambda _: seated(), 0.2, azimuth_deg)))


def drawn(pose: Pose, arc_deg: float, hand_shift: float = 0.0) -> npt.NDArray[np.float32]:
    """A silhouette whose back is an arc of this angle over the line from shoulder to hip, belly straight."""
    xy = pose.xy_px
    shoulder, hip = xy[11:13].mean(axis=0), xy[23:25].mean(axis=0)
    chord = hip - shoulder
    forward = np.sign(xy[25, 0] - hip[0])
    sagitta = 0.5 * math.tan(math.radians(arc_deg) / 4)
    shares = np.linspace(-0.15, 1.15, 60)
    bulge = sagitta * (1 - (2 * shares - 1) ** 2)
    length = float(np.hypot(*chord))
    back = shoulder + shares[:, None] * chord - np.outer((TRUNK_HALF + bulge) * length, [forward, 0.0])
    belly = shoulder + shares[::-1, None] * chord + np.array([forward * TRUNK_HALF * length, 0.0])
    mask = np.zeros((pose.size_wh[1], pose.size_wh[0]), np.float32)
    cv2.fillPoly(mask, [np.rint(np.concatenate([back, belly])).astype(np.int32)], 1.0)
    head = shoulder - 0.45 * chord + np.array([hand_shift, 0.0])
    cv2.circle(mask, (round(float(head[0])), round(float(head[1]))), round(0.2 * length), 1.0, -1)
    return mask


@pytest.mark.parametrize("azimuth_deg", [90.0, -90.0])
@pytest.mark.parametrize("arc_deg", [-40.0, -15.0, 0.0, 25.0, 60.0])
def test_the_angle_of_the_arc_is_read_with_its_sign(arc_deg: float, azimuth_deg: float) -> None:
    pose = sitter(azimuth_deg)
    assert back_curve_deg(drawn(pose, arc_deg), pose, torso_px(pose)) == pytest.approx(arc_deg, abs=10)


def test_a_nod_does_not_change_the_curve() -> None:
    pose = sitter()
    still, nodding = drawn(pose, 20.0), drawn(pose, 20.0, hand_shift=12.0)
    lowered = pose.landmarks.copy()
    lowered[INDEX["nose"], 1] += 0.06
    nod = replace(pose, landmarks=lowered)
    assert back_curve_deg(nodding, nod, torso_px(nod)) == pytest.approx(
        back_curve_deg(still, pose, torso_px(pose)), abs=3
    )


def test_an_arm_across_the_back_or_no_person_there_is_not_judged() -> None:
    pose = sitter()
    mask = drawn(pose, 20.0)
    behind = pose.landmarks.copy()
    middle = (pose.landmarks[11] + pose.landmarks[23]) / 2
    forward = np.sign(pose.landmarks[25, 0] - pose.landmarks[23, 0])
    behind[INDEX["left_wrist"], :2] = middle[0] - forward * 0.02, middle[1]
    covered = replace(pose, landmarks=behind)
    assert math.isnan(back_curve_deg(mask, covered, torso_px(covered)))
    assert math.isnan(back_curve_deg(np.zeros_like(mask), pose, torso_px(pose)))
    assert math.isnan(back_curve_deg(np.ones_like(mask), pose, torso_px(pose)))


def test_a_trunk_seen_from_its_end_is_not_judged() -> None:
    pose = sitter()
    assert math.isnan(back_curve_deg(drawn(pose, 20.0), pose, 3 * torso_px(pose)))


def test_the_curve_follows_the_true_spine_of_the_sample_clip() -> None:
    here = Path(__file__).parent
    log = PoseLog.load(here / "poses" / "seated_cat_cow.npz")
    curve = np.array([pose.back_curve_deg for pose in log])
    true = np.load(here.parent / "sample_videos" / "seated_cat_cow.truth.npz")["spine_flexion_deg"][: len(curve)]
    is_known = np.isfinite(curve)
    assert is_known.mean() > 0.9
    assert np.corrcoef(curve[is_known], true[is_known])[0, 1] > 0.9
