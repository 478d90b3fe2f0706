"""Measures of the ball on a stick figure, and the ball in a pose log."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from figure import film, seated

from formcheck.measures import ball
from formcheck.measures.body import Body, BodyTracker
from formcheck.poselog import PoseLog
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
