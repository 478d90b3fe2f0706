"""The breath of a drawn trunk whose chest widens by millimetres, and counting in traces known on paper."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from figure import film, seated

from formcheck.breaths import Breath, BreathCounter
from formcheck.types import Pose
from formcheck.vision.breathing import BreathWatch


def counted(trace: Callable[[float], float], seconds: float, noise: float = 0.0) -> list[Breath]:
    counter, rng = BreathCounter(), np.random.default_rng(5)
    times = np.arange(0.0, seconds, 0.1)
    return [b for t in times for b in counter.step(float(t), trace(float(t)) + noise * rng.normal(), 0.8)]


@pytest.mark.parametrize("period_s", [3.5, 5.0, 7.5, 10.0])
def test_breaths_of_a_clean_rhythm_are_counted_within_one(period_s: float) -> None:
    found = counted(lambda t: math.sin(2 * math.pi * t / period_s), 40.0)
    assert abs(len(found) - 40.0 / period_s) <= 1.0
    whole = found[1:]  # the trace begins in the middle of the first
    assert [b.end_s - b.start_s for b in whole] == pytest.approx([period_s] * len(whole), abs=0.4)


def test_noise_and_drift_do_not_add_breaths() -> None:
    found = counted(lambda t: math.sin(2 * math.pi * t / 5.0) + 0.03 * t, 45.0, noise=0.12)
    assert abs(len(found) - 9) <= 1


def test_a_trace_that_cannot_be_believed_or_is_not_known_counts_nothing() -> None:
    counter = BreathCounter()
    wave = [math.sin(2 * math.pi * t / 5.0) for t in np.arange(0.0, 30.0, 0.1)]
    assert [b for i, v in enumerate(wave) for b in counter.step(0.1 * i, v, 0.05)] == []
    counter.start_over()
    assert [b for i, v in enumerate(wave) for b in counter.step(0.1 * i, v if i % 20 else math.nan, 0.9)] == []


def breathing_film(seconds: float, period_s: float, widening: float, noise: float) -> list[tuple[np.ndarray, Pose]]:
    """Somebody who sits, a cloth pattern on the trunk; the chest widens by a share while breathing in."""
    poses = [pose for pose in film(lambda _: seated(), seconds, 90.0) if round(pose.time_s * 20) % 2 == 0]
    rng = np.random.default_rng(11)
    cloth = cv2.GaussianBlur(rng.uniform(60, 200, (480, 640)).astype(np.float32), (0, 0), 2.0)
    cloth = (cloth - cloth.mean()) * 4 + 120
    chest, hips = poses[0].xy_px[11:13].mean(axis=0), poses[0].xy_px[23:25].mean(axis=0)
    lines, columns = np.mgrid[0:480, 0:640].astype(np.float32)
    along = np.clip((lines - chest[1]) / (hips[1] - chest[1]), 0, 1)
    beside = np.clip((columns - chest[0]) / (0.25 * (hips[1] - chest[1])), -1, 1)  # both sides go outwards
    frames = []
    for pose in poses:
        depth = widening * math.sin(2 * math.pi * pose.time_s / period_s)
        shift = depth * np.sin(np.pi * along) * (hips[1] - chest[1]) * beside
        image = cv2.remap(cloth, (columns - shift).astype(np.float32), lines, cv2.INTER_LINEAR) + rng.normal(
            0, noise, cloth.shape
        )
        frames.append((np.repeat(np.clip(image, 0, 255).astype(np.uint8)[..., None], 3, axis=2), pose))
    return frames


def breaths_seen(frames: list[tuple[np.ndarray, Pose]]) -> tuple[list[Breath], float]:
    watch, counter, found, quality = BreathWatch(), BreathCounter(), [], 0.0
    for image, pose in frames:
        trace, quality = watch.look(image, pose)
        found += counter.step(pose.time_s, trace, quality)
    return found, quality


@pytest.mark.parametrize("period_s", [4.0, 6.5])
def test_a_chest_that_moves_by_millimetres_is_counted(period_s: float) -> None:
    found, quality = breaths_seen(breathing_film(32.0, period_s, widening=0.008, noise=3.0))
    assert quality > 0.3
    assert abs(len(found) - 32.0 / period_s) <= 2.0


def test_without_breathing_nothing_is_counted() -> None:
    found, _ = breaths_seen(breathing_film(24.0, 5.0, widening=0.0, noise=3.0))
    assert found == []
