"""The breath's line: there while the breath is clear, silent otherwise, the same from a stored log."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from figure import seated, seen

from formcheck.render.breath import SHOWN_S, BreathWave
from formcheck.render.overlay import Overlay
from formcheck.render.words import words_of
from formcheck.types import Pose, Snapshot

SIZE = (640, 480)
SITTING = seen(seated(), 0.0, 90.0)


def at(i: int, quality: float) -> tuple[Pose, Snapshot]:
    """A moment of breathing every four seconds, ten pictures a second."""
    time_s = i / 10
    pose = replace(SITTING, time_s=time_s, breath=0.004 * math.sin(math.pi * time_s / 2), breath_quality=quality)
    ends = tuple(4.0 * n for n in range(1, int(time_s / 4) + 1))
    return pose, Snapshot(time_s, "Sitting", breaths_s=ends)


def drawn(n: int, quality: float, **changes: object) -> np.ndarray:
    overlay, image = Overlay(SIZE), np.full((480, 640, 3), 90, np.uint8)
    for i in range(n):
        image[:] = 90
        pose, snapshot = at(i, quality)
        overlay.draw(image, pose, replace(snapshot, **changes))
    return image


def test_a_clear_breath_is_drawn_with_its_ticks() -> None:
    without = drawn(150, 1.0, breaths_s=None)
    line, ticked = drawn(150, 1.0, breaths_s=()), drawn(150, 1.0)
    assert (line != without).any()
    assert (ticked != line).any()


def test_an_unclear_breath_is_mentioned_once_and_then_left_alone() -> None:
    wave, shown = BreathWave(words_of("en")), []
    for i in range(900):
        pose, snapshot = at(i, 0.1)
        wave.take(pose, snapshot)
        shown.append(wave.is_shown(pose.time_s))
    starts = [i for i in range(1, len(shown)) if shown[i] and not shown[i - 1]]
    assert len(starts) == 1
    assert 30 <= sum(shown) <= 50  # of a tenth of a second


def test_a_movement_that_does_not_ask_for_the_breath_has_no_line() -> None:
    assert (drawn(150, 1.0, breaths_s=None) == drawn(150, math.nan, breaths_s=None)).all()


def test_two_runs_draw_the_same() -> None:
    assert (drawn(150, 1.0) == drawn(150, 1.0)).all()


@pytest.mark.parametrize("size_wh", [(640, 480), (1920, 1080), (480, 854)])
def test_the_line_stays_inside_the_picture_and_costs_little(size_wh: tuple[int, int]) -> None:
    overlay, wave, spent = Overlay(size_wh), BreathWave(words_of("en")), []
    image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    for i in range(int(10 * SHOWN_S) + 40):
        pose, snapshot = at(i, 1.0)
        wave.take(pose, snapshot)
        start_s = time.thread_time()  # other work on the machine does not count
        if wave.is_shown(pose.time_s):
            wave.draw(image, snapshot, (16, 16), round(0.26 * size_wh[1]), overlay._sizes)
        spent.append(time.thread_time() - start_s)
    assert sorted(spent)[len(spent) // 2] < 0.002
    assert image.any()


def test_that_no_breath_is_seen_is_said_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    said, put_text = set(), cv2.putText
    monkeypatch.setattr(cv2, "putText", lambda mask, text, *more: said.add(text) or put_text(mask, text, *more))
    overlay, size_wh = Overlay((1246, 934), "de"), (1246, 934)  # a size that nothing is kept of
    for i in range(0, 900, 10):
        overlay.draw(np.full((size_wh[1], size_wh[0], 3), 90, np.uint8), *at(i, 0.1))
    assert "Atem nicht gesehen" in said
    assert "Breath not seen" not in said
