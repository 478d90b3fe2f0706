"""Measures of the side view that must not be read where the picture cannot show them, nor fold over."""

from __future__ import annotations

import math

import pytest
from figure import Joints, film, seated, turned

from formcheck.measures.body import Body, BodyTracker
from formcheck.measures.sagittal import head_pitch, neck_extension

HEAD = ("nose", "left_ear", "right_ear")
NOD, LOOK = 0, 2  # axes of figure.turned: the person's left, and up


def body_of(joints: Joints, azimuth_deg: float) -> Body:
    tracker = BodyTracker()
    return [tracker.update(pose) for pose in film(lambda _: joints, 2.0, azimuth_deg)][-1]


def with_head(axis: int, degrees: float) -> Joints:
    """Sitting tall, the head turned about the middle of the shoulders."""
    joints = seated()
    about = (joints["left_shoulder"] + joints["right_shoulder"]) / 2
    return joints | turned({name: joints[name] for name in HEAD}, about, axis, degrees)


@pytest.mark.parametrize("azimuth_deg", [90.0, -90.0])
def test_the_neck_bends_back_over_the_line_of_the_trunk_without_a_fold(azimuth_deg: float) -> None:
    """The interior angle at the shoulder is the same 20 degrees before and behind the line."""
    ahead, behind = (neck_extension(body_of(with_head(NOD, degrees), azimuth_deg)) for degrees in (-20.0, 20.0))
    assert ahead == pytest.approx(-20.0, abs=3.0)
    assert behind == pytest.approx(20.0, abs=3.0)


@pytest.mark.parametrize(("azimuth_deg", "away_deg"), [(90.0, 50.0), (-90.0, -50.0)])
def test_a_head_that_is_turned_away_has_no_pitch(azimuth_deg: float, away_deg: float) -> None:
    """Nose and ear lie behind one another: from the one to the other is any direction."""
    assert head_pitch(body_of(with_head(LOOK, away_deg / 5), azimuth_deg)) == pytest.approx(0.0, abs=8.0)
    assert math.isnan(head_pitch(body_of(with_head(LOOK, away_deg), azimuth_deg)))
