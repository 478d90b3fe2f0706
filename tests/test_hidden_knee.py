"""A knee that the camera hardly sees wanders by itself: whether the hips keep still is told from the others."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from recordings import stored

from formcheck.engine import Engine
from formcheck.events import HoldCompleted
from formcheck.registry import find_exercise
from formcheck.skeleton import INDEX
from formcheck.types import Pose

SAMPLES = Path(__file__).parent.parent / "sample_videos"
WANDERS_TORSOS, ROUND_HZ = 0.03, 0.4  # seen in the dark: 0.03 to 0.08 torso lengths a second


def torso_px(pose: Pose) -> float:
    shoulder, hip = (pose.xy_px[INDEX[f"left_{joint}"]] for joint in ("shoulder", "hip"))
    return math.hypot(*(shoulder - hip))


def with_wandering_knee(pose: Pose, torso: float, knee: str) -> Pose:
    landmarks, turn = pose.landmarks.copy(), 2 * math.pi * ROUND_HZ * pose.time_s
    away_px = WANDERS_TORSOS * torso
    landmarks[INDEX[knee], 0] += away_px * math.cos(turn) / pose.size_wh[0]
    landmarks[INDEX[knee], 1] += away_px * math.sin(turn) / pose.size_wh[1]
    return replace(pose, landmarks=landmarks)


@pytest.mark.parametrize("knee", ["left_knee", "right_knee"])
def test_a_knee_that_wanders_alone_does_not_break_the_pause(knee: str) -> None:
    poses = stored("tight_spot_pause")
    [true] = json.loads((SAMPLES / "tight_spot_pause.truth.json").read_text())["holds"]
    engine, torso = Engine(find_exercise("tight_spot_pause")), torso_px(poses[0])
    events = [event for pose in poses for event in engine.step(with_wandering_knee(pose, torso, knee))]
    holds = [event.hold for event in events + engine.finish() if isinstance(event, HoldCompleted)]
    [hold] = [hold for hold in holds if hold.counted]
    assert hold.start_s == pytest.approx(true["start_s"], abs=0.5)
    assert hold.end_s == pytest.approx(true["end_s"], abs=0.5)
