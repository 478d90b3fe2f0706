"""Measures of the ball on a stick figure, and the ball in a pose log."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from figure import film, seated

from formcheck.measures import ball
from formcheck.measures.body import Body, BodyTracker
from formcheck.poselog import PoseLog
from formcheck.session import analyze
from formcheck.types import Ball, Pose


def side_body(ball_of: Ball | None) -> tuple[Body, Pose]:
    """Somebody sitting for 2 s, seen from the left."""
    tracker = BodyTracker()
    for pose in film(lambda _: seated(), 2.0, 90.0):
        body = tracker.update(replace(pose, ball=ball_of))
    return body, pose


def test_a_ball_below_the_hips_touches_there() -> None:
    body, _ = side_body(None)
    hip = body.at("hip")
    width = 1.2 * body.torso_px
    under = replace(body, ball=Ball(hip[0], hip[1] + 0.5 * width, width, width, 0.9))
    assert ball.ball_place(under) == pytest.approx(1.0, abs=0.35)
    assert ball.ball_gap(under) == pytest.approx(0.0, abs=0.08)
    assert ball.ball_width(under) == pytest.approx(1.2)
    assert ball.ball_seen(under) == 1.0


def test_a_ball_that_rolls_away_leaves_a_gap() -> None:
    body, _ = side_body(None)
    hip, torso = body.at("hip"), body.torso_px
    away = replace(body, ball=Ball(hip[0] - body.facing * 2.0 * torso, hip[1] + 0.5 * torso, torso, torso, 0.9))
    assert ball.ball_gap(away) > 0.8
    near = replace(away, ball=Ball(hip[0], hip[1] + 0.5 * torso, torso, torso, 0.9))
    assert ball.ball_ahead(near) - ball.ball_ahead(away) == pytest.approx(2.0)


def test_a_ball_not_seen_is_no_number_and_one_not_looked_for_no_statement() -> None:
    unseen, _ = side_body(Ball.unseen())
    assert ball.ball_seen(unseen) == 0.0
    for measure in (ball.ball_place, ball.ball_gap, ball.ball_width, ball.ball_ahead, ball.ball_to_hand):
        assert measure(unseen) != measure(unseen)
    never, _ = side_body(None)
    assert ball.ball_seen(never) != ball.ball_seen(never)


def test_a_ball_of_known_size_tells_a_torso_in_centimetres() -> None:
    poses = [replace(pose, ball=Ball(320.0, 300.0, 165.0, 150.0, 0.9)) for pose in film(lambda _: seated(), 2.0, 90.0)]
    # the figure's torso is 0.50 m at 220 pixels a metre: 165 pixels are 75 cm
    assert ball.cm_per_torso(poses, 75.0) == pytest.approx(50.0, rel=0.03)
    unseen = [replace(pose, ball=Ball.unseen()) for pose in poses]
    assert math.isnan(ball.cm_per_torso(unseen, 75.0))


@pytest.mark.parametrize("ball_cm", [65.0, None])
def test_a_report_says_what_a_torso_length_is_where_the_ball_tells_it(tmp_path: Path, ball_cm: float | None) -> None:
    log = Path(__file__).parent / "poses" / "roll_fore_aft.npz"
    result = analyze(log, "roll_fore_aft", tmp_path, video=False, ball_cm=ball_cm)
    said = [note for note in result.report["notes"] if "the trunk's length (100 %) is about" in note]
    assert len(said) == (1 if ball_cm else 0)


def test_a_pose_log_keeps_the_ball_and_that_it_was_looked_for(tmp_path: Path) -> None:
    _, pose = side_body(None)
    found = Ball(320.25, 240.5, 151.75, 140.0, 0.875)
    log = PoseLog()
    for i, seen in enumerate((found, Ball.unseen(), None)):
        log.append(replace(pose, time_s=float(i), ball=seen))
    log.save(tmp_path / "a.npz")
    balls = [stored.ball for stored in PoseLog.load(tmp_path / "a.npz")]
    assert balls[0] == found
    assert balls[1] is not None
    assert not balls[1].is_seen
    assert balls[2] is None
