"""Poses in, events out: the estimator's poses of every sample clip, stored, give the clip's true counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from formcheck.engine import Engine
from formcheck.events import (
    Event,
    HoldCompleted,
    Repetition,
    RepetitionCompleted,
    RoundCompleted,
)
from formcheck.poselog import PoseLog
from formcheck.registry import exercise_ids, find_exercise
from formcheck.skeleton import MIRROR
from formcheck.types import Pose

HERE = Path(__file__).parent
CLIPS = sorted(path.stem for path in (HERE / "poses").glob("*.npz"))
MOVING = [name for name in CLIPS if name in exercise_ids()]


def truth_of(name: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((HERE.parent / "sample_videos" / f"{name}.truth.json").read_text())
    return truth


def events_of(poses: Iterable[Pose], exercise: str) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def counted(events: Iterable[Event]) -> list[Repetition]:
    return [event.repetition for event in events if isinstance(event, RepetitionCompleted)]


def load(name: str) -> PoseLog:
    return PoseLog.load(HERE / "poses" / f"{name}.npz")


def mirrored(pose: Pose) -> Pose:
    swap = np.array(MIRROR)
    landmarks, world = pose.landmarks[swap].copy(), pose.world_m[swap].copy()
    landmarks[:, 0] = 1.0 - landmarks[:, 0]
    world[:, 0] = -world[:, 0]
    return replace(pose, landmarks=landmarks, world_m=world, visibility=pose.visibility[swap])


def shrunk(pose: Pose) -> Pose:
    landmarks = pose.landmarks * 0.6
    landmarks[:, :2] += 0.2
    return replace(pose, landmarks=landmarks)


def with_drops(poses: Iterable[Pose]) -> Iterator[Pose]:
    rng = np.random.default_rng(7)
    return (pose for pose in poses if rng.random() > 0.1)


def test_every_movement_has_a_clip_and_there_is_an_idle_one() -> None:
    assert exercise_ids() == MOVING
    assert "idle" in CLIPS


@pytest.mark.parametrize("name", MOVING)
def test_counts_times_and_faults_agree_with_the_truth(name: str) -> None:
    truth = truth_of(name)
    events = events_of(load(name), name)
    true_reps = [r for r in truth["repetitions"] if r["counted"]]
    found = counted(events)
    assert [r.side for r in found] == [r["side"] for r in true_reps]
    for true, rep in zip(true_reps, found, strict=True):
        assert rep.start_s == pytest.approx(true["start_s"], abs=0.4)
        assert rep.end_s == pytest.approx(true["end_s"], abs=0.4)
        assert rep.range > rep.needed
        assert list(rep.faults) == [f["id"] for f in truth["faults"] if f["repetition"] == true["index"]]
    if truth["counted"]["rounds"]:
        assert sum(isinstance(e, RoundCompleted) for e in events) == truth["counted"]["rounds"]


@pytest.mark.parametrize("name", [name for name in MOVING if truth_of(name)["holds"]])
def test_holds_last_as_long_as_the_truth_says(name: str) -> None:
    holds = [e.hold for e in events_of(load(name), name) if isinstance(e, HoldCompleted) and e.hold.counted]
    true = [h["end_s"] - h["start_s"] for h in truth_of(name)["holds"] if h["counted"]]
    assert [h.credited_s for h in holds] == pytest.approx(true, abs=0.3)


@pytest.mark.parametrize("exercise", exercise_ids())
@pytest.mark.parametrize("name", [name for name in CLIPS if name.startswith("idle")])
def test_sitting_around_counts_nothing(name: str, exercise: str) -> None:
    assert counted(events_of(load(name), exercise)) == []


@pytest.mark.parametrize("exercise", exercise_ids())
@pytest.mark.parametrize("name", MOVING)
def test_a_movement_is_not_counted_as_another_of_another_view(name: str, exercise: str) -> None:
    if truth_of(name)["view"] in find_exercise(exercise).views:
        assert name == exercise or len(counted(events_of(load(name), exercise))) == 0
    else:
        assert counted(events_of(load(name), exercise)) == []


@pytest.mark.parametrize("name", MOVING)
def test_a_mirrored_person_does_the_same_on_the_other_side(name: str) -> None:
    other = {"left": "right", "right": "left", None: None}
    plain = counted(events_of(load(name), name))
    flipped = counted(events_of(map(mirrored, load(name)), name))
    assert [r.side for r in flipped] == [other[r.side] for r in plain]


@pytest.mark.parametrize("name", MOVING)
def test_a_smaller_person_and_dropped_frames_change_no_count(name: str) -> None:
    n = len(counted(events_of(load(name), name)))
    assert len(counted(events_of(map(shrunk, load(name)), name))) == n
    assert len(counted(events_of(with_drops(load(name)), name))) == n
