"""Does the ball fit: on a stick figure whose hips are at a known height over the knees, and in the sample clips."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from figure import TRUNK_M, Joints, film, offset, seated

from formcheck.measures.seat_fit import TOO_HIGH, TOO_LOW, notes_on_seat
from formcheck.messages import LANGUAGES, load_catalogue, page_catalogue
from formcheck.poselog import PoseLog
from formcheck.types import Ball, Pose

HERE = Path(__file__).parent
LEGS = ("knee", "ankle", "heel", "foot_index")


def sitting(hips_above_knees: float, heels_up_m: float = 0.0) -> Joints:
    """Sitting with the hips this many torso lengths above the knees; lifted heels raise the knees, too."""
    joints = seated()
    for name, point in joints.items():
        if not name.endswith(LEGS):
            joints[name] = offset(point, 0, 0, hips_above_knees * TRUNK_M)
        elif not name.endswith("foot_index"):
            joints[name] = offset(point, 0, 0, heels_up_m)
    return joints


def filmed(joints: Joints, seconds: float = 6.0, azimuth_deg: float = 90.0, has_ball: bool = True) -> Iterator[Pose]:
    """The figure over a ball."""
    for pose in film(lambda _: joints, seconds, azimuth_deg):
        hip = pose.xy_px[23:25].mean(axis=0)
        ball = Ball(float(hip[0]), float(hip[1]) + 60.0, 140.0, 130.0, 0.9) if has_ball else Ball.unseen()
        yield replace(pose, ball=ball)


@pytest.mark.parametrize(
    ("above", "notes"),
    [(-0.25, [TOO_LOW]), (-0.16, [TOO_LOW]), (-0.04, []), (0.0, []), (0.25, []), (0.4, []), (0.6, [TOO_HIGH])],
)
def test_hips_far_below_or_above_the_knees_tell_that_the_ball_does_not_fit(above: float, notes: list[str]) -> None:
    assert notes_on_seat(filmed(sitting(above))) == notes
    assert notes_on_seat(filmed(sitting(above), azimuth_deg=270.0)) == notes


def test_nothing_is_said_without_the_side_view_the_ball_or_some_seconds() -> None:
    low = sitting(-0.3)
    assert notes_on_seat(filmed(low)) == [TOO_LOW]
    assert notes_on_seat(filmed(low, azimuth_deg=0.0)) == []
    assert notes_on_seat(filmed(low, azimuth_deg=45.0)) == []
    assert notes_on_seat(filmed(low, has_ball=False)) == []
    assert notes_on_seat(filmed(low, seconds=2.0)) == []


def test_lifted_heels_say_nothing_about_the_ball() -> None:
    assert notes_on_seat(filmed(sitting(-0.05, heels_up_m=0.12))) == []


def test_somebody_who_bounces_is_not_judged() -> None:
    def bounce(t: float) -> Joints:
        return sitting(-0.3 + 0.3 * float(np.sin(4 * t)))

    poses = [replace(pose, ball=Ball(320.0, 300.0, 400.0, 130.0, 0.9)) for pose in film(bounce, 8.0, 90.0)]
    assert notes_on_seat(poses) == []


@pytest.mark.parametrize("path", sorted((HERE / "poses").glob("*.npz")), ids=lambda path: path.stem)
def test_a_sample_clip_is_told_nothing_that_its_truth_denies(path: Path) -> None:
    """The sheet's bounds, by the true joints: hips lower than the knees by 0.10, or higher by 0.25 torso lengths."""
    notes = notes_on_seat(PoseLog.load(path))
    if notes:
        truth = np.load(HERE.parent / "sample_videos" / f"{path.stem}.truth.npz")["xyz_m"]
        torso = np.linalg.norm((truth[:, [11, 12]] - truth[:, [23, 24]]).mean(axis=1), axis=1)
        above = float(np.median((truth[:, [23, 24], 2] - truth[:, [25, 26], 2]).mean(axis=1) / torso))
        assert notes == [TOO_LOW if above < -0.10 else TOO_HIGH if above > 0.25 else "it fits"]


@pytest.mark.parametrize("note", [TOO_LOW, TOO_HIGH])
def test_the_notes_exist_in_both_languages(note: str) -> None:
    for of in (load_catalogue, page_catalogue):
        assert len({of(language).say(note) for language in LANGUAGES}) == len(LANGUAGES)
        assert of("en").say(note) == note
