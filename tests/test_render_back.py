"""The line along the back: where it is drawn, when, and on which side its neutral lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from formcheck.render import theme
from formcheck.render.back import KEPT_S, BackLine
from formcheck.skeleton import INDEX, N_LANDMARKS
from formcheck.types import BACK_SCALE, N_BACK_POINTS, Pose, Snapshot

SIZE = (640, 480)
SIZES = theme.Sizes.of_frame(SIZE)
BACK_X = 260.0  # of a straight back; shoulders and hips at 300
Image = npt.NDArray[np.uint8]


def upright(time_s: float = 0.0, shift_px: float = 0.0, back: bool = True) -> Pose:
    """Somebody upright who looks to the right of the picture, with a straight back."""
    landmarks = np.full((N_LANDMARKS, 3), 0.5, np.float32)
    for joint, y in (("shoulder", 0.3), ("hip", 0.7)):
        for side in ("left", "right"):
            landmarks[INDEX[f"{side}_{joint}"], :2] = (300.0 + shift_px) / SIZE[0], y
    points = np.stack([np.full(N_BACK_POINTS, BACK_X + shift_px), np.linspace(160.0, 320.0, N_BACK_POINTS)], axis=1)
    return Pose(
        time_s,
        landmarks,
        np.ones(N_LANDMARKS, np.float32),
        np.zeros((N_LANDMARKS, 3), np.float32),
        SIZE,
        back_curve_deg=0.0 if back else float("nan"),
        back_outline=(points * BACK_SCALE).astype(np.int16) if back else None,
    )


def shot(neutral_deg: float | None) -> Snapshot:
    return Snapshot(0.0, "Seated cat-cow", back_neutral_deg=neutral_deg)


def drawn(pose: Pose, snapshot: Snapshot, line: BackLine | None = None) -> Image:
    image = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    (line or BackLine()).draw(image, pose, snapshot, SIZES)
    return image


def columns(image: Image, colour: str) -> npt.NDArray[np.intp]:
    """x of all pixels of this colour."""
    return np.flatnonzero((image == theme.bgr(colour)).all(axis=2).any(axis=0))


def test_the_line_runs_behind_the_back_and_beside_the_person() -> None:
    x = columns(drawn(upright(), shot(float("nan"))), theme.BACK_CURVE)
    assert len(x)
    assert BACK_X - 15 < x.min() <= x.max() < BACK_X


@pytest.mark.parametrize(("neutral_deg", "is_further_out"), [(40.0, True), (-40.0, False)])
def test_the_neutral_lies_where_the_back_would_be_at_rest(neutral_deg: float, is_further_out: bool) -> None:
    image = drawn(upright(), shot(neutral_deg))
    line, dashes = columns(image, theme.BACK_CURVE), columns(image, theme.PAPER)
    assert (dashes.min() < line.min() - 5) == is_further_out
    assert (dashes.max() > line.max() + 5) == (not is_further_out)


def test_a_back_at_rest_covers_its_neutral() -> None:
    image = drawn(upright(), shot(0.0))
    assert not len(columns(image, theme.PAPER))
    assert len(columns(image, theme.BACK_CURVE))


@pytest.mark.parametrize(
    ("pose", "snapshot"),
    [
        (upright(), shot(None)),
        (upright(back=False), shot(10.0)),
        (upright(), replace(shot(10.0), not_judged="turn sideways")),
        (Pose.nobody(0.0, SIZE), shot(10.0)),
    ],
)
def test_nothing_is_drawn_that_is_not_asked_for_or_not_seen(pose: Pose, snapshot: Snapshot) -> None:
    assert (drawn(pose, snapshot) == 90).all()


def test_between_two_looks_the_line_goes_with_the_person_and_then_ends() -> None:
    line = BackLine()
    first = columns(drawn(upright(), shot(0.0), line), theme.BACK_CURVE)
    later = columns(drawn(upright(0.1, 50.0, back=False), shot(0.0), line), theme.BACK_CURVE)
    np.testing.assert_array_equal(later, first + 50)
    assert (drawn(upright(KEPT_S + 0.2, 50.0, back=False), shot(0.0), line) == 90).all()
