"""The stored poses of the seated movements once more: by slower people, and with a camera that stands askew."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from agreement import compare_faults, counts, true_counts

from formcheck.engine import Engine
from formcheck.events import Event
from formcheck.poselog import PoseLog
from formcheck.registry import find_exercise
from formcheck.types import Pose

HERE = Path(__file__).parent
CLIPS = ("hip_circles", "roll_fore_aft", "seated_cat_cow", "seated_twist", "side_stretch", "side_stretch_roll")


def truth_of(name: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((HERE.parent / "sample_videos" / f"{name}.truth.json").read_text())
    return truth


def poses_of(name: str) -> PoseLog:
    return PoseLog.load(HERE / "poses" / f"{name}.npz")


def run(exercise: str, poses: Iterable[Pose]) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def tilted(pose: Pose, degrees: float) -> Pose:
    """The pose in a picture that is turned about its middle."""
    a, size = np.radians(degrees), np.array(pose.size_wh)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    landmarks, world = pose.landmarks.copy(), pose.world_m.copy()
    landmarks[:, :2] = 0.5 + ((landmarks[:, :2] - 0.5) * size) @ turn.T / size
    world[:, :2] = world[:, :2] @ turn.T
    return replace(pose, landmarks=landmarks, world_m=world, ball=None)


@pytest.mark.parametrize("times", [1.5, 2.0])
@pytest.mark.parametrize("name", CLIPS)
def test_slow_people_are_counted_alike(name: str, times: float) -> None:
    events = run(name, (replace(pose, time_s=times * pose.time_s) for pose in poses_of(name)))
    expected = true_counts(truth_of(name))
    assert {key: counts(events)[key] for key in expected} == expected


@pytest.mark.parametrize("degrees", [-5.0, 5.0])
@pytest.mark.parametrize("name", [*CLIPS, "grounding_seat", "grounding_seat_faults"])
def test_a_camera_that_is_tilted_a_little_changes_no_count_and_invents_no_fault(name: str, degrees: float) -> None:
    truth = truth_of(name)
    events = run(truth["exercise"], (tilted(pose, degrees) for pose in poses_of(name)))
    expected = true_counts(truth)
    assert {key: counts(events)[key] for key in expected} == expected
    faults = compare_faults(truth, events)
    assert (faults.missed, faults.false) == ((), ())
