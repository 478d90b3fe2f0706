"""The ball in rendered pictures that make it hard: seen where it is, or not at all, but never somewhere else.

The pictures are made by `python -m studio.ball_scenes`; what MediaPipe saw in them is kept beside them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from formcheck.types import Ball, Pose
from formcheck.vision.ball import BallFinder

SCENES = Path(__file__).parent / "ball"
KNOWN: dict[str, dict[str, Any]] = json.loads((SCENES / "scenes.json").read_text())
SURE = 0.6  # confidence that must not be wrong
EASY = (
    "brown_room", "green_room", "second_ball", "twin_ball", "twin_before", "trouser_coloured", "one_lamp", "glossy",
    "blurred", "spotted_mat",
)  # fmt: skip
# Its edge can hardly be told from its shading: what is found lies on the ball, but is not all of it.
PARTLY = {"pale_room", "grey_room"}


@cache
def looks(name: str, light: float = 1.0, noise: float = 2.0) -> list[Ball | None]:
    """What is seen within six seconds of a still picture, as a camera with some noise shows it."""
    image = light * cv2.imread(str(SCENES / f"{name}.jpg")).astype(np.float32)
    rows = np.load(SCENES / "poses.npz")[name].astype(np.float32)
    rng = np.random.default_rng(1)
    finder, seen = BallFinder(), []
    for i in range(30):
        rows_now = rows + np.pad(rng.normal(0, 0.001, (33, 2)), ((0, 0), (0, 2))).astype(np.float32)
        noisy = np.clip(image + rng.normal(0, noise, image.shape), 0, 255).astype(np.uint8)
        size_wh = (image.shape[1], image.shape[0])
        pose = Pose(i / 5, rows_now[:, :3], rows_now[:, 3], np.zeros((33, 3), np.float32), size_wh)
        seen.append(finder.look(noisy, pose))
    return seen


def overlap(ball: Ball, box: list[float] | None) -> float:
    """Intersection over union with the true box; 0 where there is no ball."""
    if box is None:
        return 0.0
    half = np.array([ball.width_px, ball.height_px]) / 2
    low, high = np.array([ball.x_px, ball.y_px]) - half, np.array([ball.x_px, ball.y_px]) + half
    shared = np.clip(np.minimum(high, box[2:]) - np.maximum(low, box[:2]), 0, None).prod()
    return float(shared / ((high - low).prod() + np.subtract(box[2:], box[:2]).prod() - shared))


def test_there_are_scenes_and_each_has_its_picture() -> None:
    assert len(KNOWN) >= 20
    assert {path.stem for path in SCENES.glob("*.jpg")} == set(KNOWN)
    assert set(EASY) | PARTLY <= set(KNOWN)


@pytest.mark.parametrize("name", EASY)
def test_a_ball_that_can_be_seen_is_found(name: str) -> None:
    found = [ball for ball in looks(name) if ball is not None]
    assert len(found) > 0.4 * len(looks(name))
    assert np.median([overlap(ball, KNOWN[name]["ball"]) for ball in found]) > 0.5


@pytest.mark.parametrize("name", sorted(set(KNOWN) - PARTLY))
def test_a_wrong_place_is_never_told_with_confidence(name: str) -> None:
    sure = [ball for ball in looks(name) if ball is not None and ball.confidence >= SURE]
    assert all(overlap(ball, KNOWN[name]["ball"]) >= 0.5 for ball in sure)


@pytest.mark.parametrize("name", sorted(PARTLY))
def test_a_ball_without_a_clear_edge_is_found_in_part_at_the_worst(name: str) -> None:
    assert all(overlap(ball, KNOWN[name]["ball"]) > 0.35 for ball in looks(name) if ball is not None)


@pytest.mark.parametrize("name", [name for name, scene in KNOWN.items() if scene["ball"] is None])
def test_lamps_and_clocks_are_no_balls(name: str) -> None:
    assert not any(looks(name))


@pytest.mark.parametrize("name", ["behind", "embraced", "cut_off", "half_shadow"])
def test_where_it_cannot_know_it_says_so(name: str) -> None:
    """Hardly anything of the ball is free, or its colours are two: right, or not seen; the landmarks go on alone."""
    found = [ball for ball in looks(name) if ball is not None]
    assert all(overlap(ball, KNOWN[name]["ball"]) >= 0.5 for ball in found)


@pytest.mark.parametrize("name", ["second_ball", "no_ball_side"])
def test_little_light_and_much_noise_make_no_wrong_ball(name: str) -> None:
    sure = [ball for ball in looks(name, 0.35, 7.0) if ball is not None and ball.confidence >= SURE]
    assert all(overlap(ball, KNOWN[name]["ball"]) >= 0.5 for ball in sure)
