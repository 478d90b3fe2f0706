"""The ball in drawn pictures, whose place is known to the pixel, and in a sample clip, whose truth is projected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from figure import film, seated

from formcheck.poselog import PoseLog
from formcheck.render.ball import contact_px
from formcheck.sources import open_source
from formcheck.types import Ball, Pose
from formcheck.vision.ball import BallFinder
from formcheck.vision.outline import _solve, fit_outline

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "sample_videos"
SIZE_WH = (640, 480)
WALL, FLOOR, BLUE = (190, 200, 205), (95, 120, 150), (160, 90, 40)


def sitting(seconds: float = 4.0) -> list[Pose]:
    """Somebody who sits sideways to the camera."""
    return list(film(lambda _: seated(), seconds, 90.0))


def room(person: Pose, ball_wh: tuple[int, int] | None, colour: tuple[int, int, int] = BLUE) -> np.ndarray:
    """A wall, a floor, a shaded ball under the person's hips, and the person as thick dark bones over it."""
    image = np.empty((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
    floor_y = round(float(person.xy_px[:, 1].max()) - 30)
    image[:floor_y], image[floor_y:] = WALL, FLOOR
    hip = person.xy_px[23:25].mean(axis=0)
    if ball_wh is not None:
        centre = (round(float(hip[0])), round(float(hip[1]) + 0.42 * ball_wh[1]))
        cv2.ellipse(image, centre, (ball_wh[0] // 2, ball_wh[1] // 2), 0, 0, 360, colour, -1)
    chest, knee, ankle = person.xy_px[11:13].mean(axis=0), person.xy_px[25], person.xy_px[27]
    for a, b in ((chest, hip), (hip, knee), (knee, ankle)):
        cv2.line(image, tuple(map(round, map(float, a))), tuple(map(round, map(float, b))), (60, 50, 70), 32)
    noise = np.random.default_rng(3).normal(0, 3, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def look(poses: list[Pose], image: np.ndarray, at_px: tuple[float, float] | None = None) -> Ball | None:
    finder = BallFinder(at_px)
    found = None
    for pose in poses:
        found = finder.look(image, pose)
    return found


@pytest.mark.parametrize("colour", [BLUE, (60, 60, 190), (150, 150, 150)])
def test_a_ball_under_the_hips_is_found_with_its_size(colour: tuple[int, int, int]) -> None:
    poses = sitting()
    ball = look(poses, room(poses[0], (150, 135), colour))
    assert ball is not None
    hip = poses[0].xy_px[23:25].mean(axis=0)
    assert ball.x_px == pytest.approx(hip[0], abs=4)
    assert ball.y_px == pytest.approx(hip[1] + 0.42 * 135, abs=4)
    assert ball.width_px == pytest.approx(150, rel=0.05)
    assert ball.height_px == pytest.approx(135, rel=0.07)
    assert ball.confidence > 0.6


def test_without_a_ball_none_is_reported() -> None:
    poses = sitting()
    assert look(poses, room(poses[0], None)) is None


def test_a_ball_of_the_walls_and_floors_colour_is_not_guessed() -> None:
    poses = sitting()
    image = room(poses[0], None)
    assert look(poses, image, at_px=(320.0, 300.0)) is None


def test_nobody_means_no_ball_and_one_that_is_gone_is_lost() -> None:
    poses = sitting(10.0)
    nobody = [Pose.nobody(pose.time_s, SIZE_WH) for pose in poses]
    image = room(poses[0], (150, 135))
    assert look(nobody, image) is None
    finder, half = BallFinder(), len(poses) // 2
    assert [finder.look(image, pose) for pose in poses[:half]][-1] is not None
    empty = room(poses[0], None)
    assert [finder.look(empty, pose) for pose in poses[half:]][-1] is None


def frames_of(name: str) -> Iterator[tuple[np.ndarray, Pose]]:
    log = PoseLog.load(HERE / "poses" / f"{name}.npz")
    with open_source(SAMPLES / f"{name}.mp4") as recording:
        for frame, pose in zip(recording, log, strict=False):
            yield frame.image, pose


def true_box(truth: dict[str, np.ndarray], projection: np.ndarray, i: int) -> np.ndarray:
    """(4,) left, top, right, bottom of the ball in pixels."""
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 60), np.linspace(0, np.pi, 30))
    unit = np.stack([np.cos(u) * np.sin(v), np.sin(u) * np.sin(v), np.cos(v)], axis=-1).reshape(-1, 3)
    points = truth["ball_center_m"][i] + truth["ball_radii_m"][i] * unit
    xyw = np.c_[points, np.ones(len(points))] @ projection.T
    uv = xyw[:, :2] / xyw[:, 2:]
    return np.r_[uv.min(axis=0), uv.max(axis=0)]


def overlap(ball: Ball, box: np.ndarray) -> float:
    """Intersection over union of the ball's box and another."""
    half = np.array([ball.width_px, ball.height_px]) / 2
    centre = np.array([ball.x_px, ball.y_px])
    mine = np.concatenate([np.subtract(centre, half), np.add(centre, half)])
    shared = np.clip(np.minimum(mine[2:], box[2:]) - np.maximum(mine[:2], box[:2]), 0, None).prod()
    return float(shared / ((mine[2:] - mine[:2]).prod() + (box[2:] - box[:2]).prod() - shared))


def test_the_ball_of_a_sample_clip_is_where_the_truth_says() -> None:
    name = "seated_cat_cow"
    truth = dict(np.load(SAMPLES / f"{name}.truth.npz"))
    projection = np.array(json.loads((SAMPLES / f"{name}.truth.json").read_text())["camera"]["P"])
    finder = BallFinder()
    found = [(i, finder.look(image, pose)) for i, (image, pose) in enumerate(frames_of(name)) if i < 150]
    seen = [(i, ball) for i, ball in found if ball is not None]
    assert len(seen) > 0.75 * len(found)
    assert min(overlap(ball, true_box(truth, projection, i)) for i, ball in seen) > 0.75


def test_the_ball_is_marked_where_it_carries_the_body_and_not_where_nothing_rests_on_it() -> None:
    pose = sitting(0.2)[0]
    hip = pose.xy_px[23:25].mean(axis=0)
    below = Ball(float(hip[0]), float(hip[1]) + 70.0, 140.0, 130.0, 0.9)
    contact = contact_px(below, pose)
    assert contact is not None
    assert contact == pytest.approx((below.x_px, below.y_px - 65.0), abs=25)
    assert contact_px(Ball(below.x_px + 300.0, below.y_px, 140.0, 130.0, 0.9), pose) is None


@pytest.mark.parametrize("ellipse", [(40.0, 30.0, 20.0, 18.0), (-3.5, 200.25, 55.0, 41.5)])
def test_the_outline_of_a_patch_is_the_ellipse_it_was_drawn_from(ellipse: tuple[float, float, float, float]) -> None:
    x, y, rx, ry = ellipse
    angles = np.linspace(0.0, 2.0 * np.pi, 60, endpoint=False)
    points = np.stack([x + rx * np.cos(angles), y + ry * np.sin(angles)], axis=1)
    (fitted,) = _solve(points[None])
    assert fitted == pytest.approx(ellipse, rel=1e-4)


def test_the_same_picture_gives_the_same_outline() -> None:
    like = np.zeros((120, 140), bool)
    yy, xx = np.mgrid[:120, :140]
    like[((xx - 70) / 45) ** 2 + ((yy - 60) / 40) ** 2 < 1] = True
    covered = np.zeros(like.shape, np.uint8)
    covered[:40] = 1  # somebody sits on it
    ycc = np.where(like[..., None], 60, 180).astype(np.uint8).repeat(3, axis=2)
    found = [
        fit_outline(ycc, like & (covered == 0), covered, (72.0, 61.0, 44.0, 41.0), (30.0, 60.0), (0.7, 1.05))
        for _ in range(2)
    ]
    assert found[0] == found[1]
    assert found[0] is not None
    assert (found[0].x, found[0].y, found[0].rx, found[0].ry) == pytest.approx((70, 60, 45, 40), abs=1.0)
    assert found[0].confidence > 0.9
