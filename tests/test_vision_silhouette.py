"""The curve of the back in drawn silhouettes, whose arc is known on paper, and in the stored sample clips."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from back import FOLLOWED, NODS, check_following, check_nods, follow, log_of
from figure import film, seated

from formcheck.skeleton import INDEX
from formcheck.types import BACK_SCALE, N_BACK_POINTS, Ball, Pose
from formcheck.vision.silhouette import SPAN, Back, read_back

TRUNK_HALF = 0.20  # of the line from shoulder to hip
Mask = npt.NDArray[np.float32]


def sitter(azimuth_deg: float = 90.0) -> Pose:
    """Somebody sitting upright, arms hanging in front of the trunk's line."""
    return next(iter(film(lambda _: seated(), 0.2, azimuth_deg)))


def chord_of(pose: Pose) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    """Shoulder, the way to the hip, and +1 where forward is image-right."""
    xy = pose.xy_px
    shoulder, hip = xy[11:13].mean(axis=0), xy[23:25].mean(axis=0)
    return shoulder, hip - shoulder, float(np.sign(xy[25:27, 0].mean() - hip[0]))


def on_back(pose: Pose, shares: npt.NDArray[np.float64], arc_deg: float) -> npt.NDArray[np.float64]:
    """Points (n, 2) of the drawn back at these shares of the line from shoulder to hip."""
    shoulder, chord, forward = chord_of(pose)
    bulge = 0.5 * math.tan(math.radians(arc_deg) / 4) * (1 - (2 * shares - 1) ** 2)
    across = (TRUNK_HALF + bulge) * float(np.hypot(*chord))
    return shoulder + shares[:, None] * chord - np.outer(across, [forward, 0.0])


def drawn(pose: Pose, arc_deg: float, head_shift: float = 0.0) -> Mask:
    """A silhouette whose back is an arc of this angle over the line from shoulder to hip, belly straight."""
    shoulder, chord, forward = chord_of(pose)
    length = float(np.hypot(*chord))
    shares = np.linspace(-0.15, 1.15, 60)
    belly = shoulder + shares[::-1, None] * chord + np.array([forward * TRUNK_HALF * length, 0.0])
    mask = np.zeros((pose.size_wh[1], pose.size_wh[0]), np.float32)
    cv2.fillPoly(mask, [np.rint(np.concatenate([on_back(pose, shares, arc_deg), belly])).astype(np.int32)], 1.0)
    head = shoulder - 0.45 * chord + np.array([head_shift, 0.0])
    cv2.circle(mask, (round(float(head[0])), round(float(head[1]))), round(0.2 * length), 1.0, -1)
    return mask


def seen(mask: Mask, pose: Pose) -> Back:
    """The back, which must be readable."""
    back = read_back(mask, pose)
    assert back is not None
    return back


def moved(pose: Pose, name: str, to_px: npt.NDArray[np.float64]) -> Pose:
    """The pose with one landmark elsewhere in the picture."""
    landmarks = pose.landmarks.copy()
    landmarks[INDEX[name], :2] = to_px / pose.size_wh
    return replace(pose, landmarks=landmarks)


@pytest.mark.parametrize("azimuth_deg", [90.0, -90.0])
@pytest.mark.parametrize("arc_deg", [-40.0, -15.0, 0.0, 25.0, 60.0])
def test_the_angle_of_the_arc_is_read_with_its_sign(arc_deg: float, azimuth_deg: float) -> None:
    pose = sitter(azimuth_deg)
    read_part_deg = math.degrees(4 * math.atan(SPAN * math.tan(math.radians(arc_deg) / 4)))
    assert seen(drawn(pose, arc_deg), pose).curve_deg == pytest.approx(read_part_deg, abs=4)


def test_the_outline_runs_along_the_back_from_shoulder_to_hip() -> None:
    pose = sitter()
    points = seen(drawn(pose, 25.0), pose).outline / BACK_SCALE
    assert points.shape == (N_BACK_POINTS, 2)
    assert np.abs(points - on_back(pose, np.linspace(0.08, 0.92, N_BACK_POINTS), 25.0)).max() < 2.0


def test_a_nod_does_not_change_the_curve() -> None:
    pose = sitter()
    nod = moved(pose, "nose", pose.xy_px[INDEX["nose"]] + (0.0, 29.0))
    nodding = seen(drawn(pose, 20.0, head_shift=12.0), nod)
    assert nodding.curve_deg == pytest.approx(seen(drawn(pose, 20.0), pose).curve_deg, abs=3)


def test_an_arm_along_the_outline_is_not_taken_for_the_back() -> None:
    pose = sitter()
    mask = drawn(pose, 20.0)
    shoulder, chord, forward = chord_of(pose)
    inside = np.array([-forward * 0.03 * float(np.hypot(*chord)), 0.0])
    for side in ("left", "right"):
        elbow, wrist = shoulder + 0.35 * chord + inside, shoulder + 0.7 * chord + inside
        beside = moved(moved(pose, f"{side}_elbow", elbow), f"{side}_wrist", wrist)
        assert read_back(mask, beside) is not None  # the arm hangs before the trunk
        back = on_back(pose, np.array([0.35, 0.7]), 20.0)
        across = moved(moved(pose, f"{side}_elbow", back[0]), f"{side}_wrist", back[1])
        assert read_back(mask, across) is None


def test_the_point_of_a_bent_elbow_is_not_taken_for_the_back() -> None:
    pose = sitter()
    _, chord, forward = chord_of(pose)
    length = float(np.hypot(*chord))
    elbow = on_back(pose, np.array([0.4]), 20.0)[0] + (forward * 0.13 * length, 0.0)
    bent = moved(moved(pose, "left_elbow", elbow), "left_wrist", pose.xy_px[INDEX["left_ear"]])
    hanging = moved(moved(pose, "left_elbow", elbow), "left_wrist", elbow + 0.45 * chord)
    assert read_back(drawn(pose, 20.0), bent) is None
    assert read_back(drawn(pose, 20.0), hanging) is not None


def test_nobody_in_the_mask_or_everybody_is_not_judged() -> None:
    pose = sitter()
    mask = drawn(pose, 20.0)
    assert read_back(np.zeros_like(mask), pose) is None
    assert read_back(np.ones_like(mask), pose) is None


@pytest.mark.parametrize(("azimuth_deg", "is_side"), [(70.0, True), (110.0, True), (40.0, False), (0.0, False)])
def test_only_a_back_seen_from_the_side_is_judged(azimuth_deg: float, is_side: bool) -> None:
    pose = sitter(azimuth_deg)
    _, chord, forward = chord_of(pose)
    for name in ("left_elbow", "left_wrist", "right_elbow", "right_wrist"):  # reaching ahead
        pose = moved(pose, name, pose.xy_px[INDEX[name]] + (forward * 0.8 * float(np.hypot(*chord)), 0.0))
    assert (read_back(drawn(pose, 20.0), pose) is not None) == is_side


def test_a_trunk_seen_from_its_end_is_not_judged() -> None:
    pose = sitter()
    xy = pose.xy_px
    nearer = xy[23:25].mean(axis=0) - 0.4 * (xy[23:25].mean(axis=0) - xy[11:13].mean(axis=0))
    short = moved(moved(pose, "left_shoulder", nearer), "right_shoulder", nearer)
    assert read_back(drawn(short, 20.0), short) is None


def test_cloth_that_stands_off_the_back_is_not_judged() -> None:
    pose = sitter()
    mask = drawn(pose, 0.0)
    _, chord, forward = chord_of(pose)
    length = float(np.hypot(*chord))
    root = on_back(pose, np.array([0.45, 0.75]), 0.0)
    flap = [root[0], root[1], root[1] - (forward * 0.25 * length, -0.05 * length)]
    cv2.fillPoly(mask, [np.rint(flap).astype(np.int32)], 1.0)
    assert read_back(mask, pose) is None


def test_what_is_apart_from_the_trunk_changes_nothing() -> None:
    pose = sitter()
    plain = drawn(pose, 20.0)
    _, chord, forward = chord_of(pose)
    length = float(np.hypot(*chord))
    for share, across in ((0.5, -0.55), (0.6, 0.35)):  # behind the back; before the belly, where the rays begin
        mask = plain.copy()
        x, y = (on_back(pose, np.array([share]), 20.0)[0] + (forward * across * length, 0.0)).tolist()
        cv2.circle(mask, (round(x), round(y)), round(0.08 * length), 1.0, -1)
        assert seen(mask, pose).curve_deg == seen(plain, pose).curve_deg


def test_a_ball_before_the_back_is_not_taken_for_it() -> None:
    pose = sitter()
    middle, radius = on_back(pose, np.array([0.5]), 40.0)[0], 90.0
    _, _, forward = chord_of(pose)
    hiding = Ball(float(middle[0] + forward * radius), float(middle[1]), 2 * radius, 2 * radius, 0.9)
    mask = drawn(pose, 40.0)
    below = replace(hiding, y_px=hiding.y_px + 3 * radius)
    assert read_back(mask, replace(pose, ball=hiding)) is None
    assert seen(mask, replace(pose, ball=below)).curve_deg == seen(mask, pose).curve_deg
    assert seen(mask, replace(pose, ball=Ball.unseen())).curve_deg == seen(mask, pose).curve_deg


@pytest.mark.parametrize("share", [0.05, 0.01, 0.0])
def test_who_is_tiny_in_the_picture_has_no_back_that_can_be_read(share: float) -> None:
    pose, mask = sitter(), drawn(sitter(), 40.0)
    tiny = replace(
        pose, landmarks=pose.landmarks.mean(axis=0) * np.float32(1 - share) + pose.landmarks * np.float32(share)
    )
    assert seen(mask, pose)
    assert read_back(mask, tiny) is None


@pytest.mark.parametrize("name", sorted(FOLLOWED))
def test_the_stored_curve_follows_the_true_spine(name: str) -> None:
    promises = list(check_following(follow(name, log_of(name, is_stored=True))))
    assert promises
    assert not [what for what, _, is_kept in promises if not is_kept]


def test_nods_alone_are_no_motion_of_the_spine() -> None:
    log = log_of(NODS, is_stored=True)
    promises = list(check_nods(follow(NODS, log), log))
    assert len(promises) == 3
    assert not [what for what, _, is_kept in promises if not is_kept]
