"""Poses in, events out: the estimator's poses of every sample clip, stored, give the clip's true counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from agreement import compare_faults, counts, edge_errors_s, f1, hold_errors_s, repetitions, true_counts

from formcheck.engine import Engine
from formcheck.events import Event
from formcheck.poselog import PoseLog
from formcheck.registry import exercise_ids, find_exercise
from formcheck.skeleton import MIRROR
from formcheck.types import Ball, Pose

HERE = Path(__file__).parent
CLIPS = sorted(path.stem for path in (HERE / "poses").glob("*.npz"))
NOTHING = {"repetitions": 0, "rounds": 0, "holds": 0, "circles_cw": 0, "circles_ccw": 0}
EDGE_S, HOLD_S = 0.4, 0.3  # how far an edge of a repetition and the length of a hold may be off
# Clips that miss these, with what they may reach at most: known weaknesses, not what is aimed at.
KNOWN_EDGE_S = {
    "seated_twist_clean": 0.55,  # hands behind the head: the depth of the shoulders comes and goes late
}
KNOWN_HOLD_S = {
    "savasana": 0.4,
    "supine_full_stretch_faults": 0.4,
    "tight_spot_pause": 0.4,
    "tight_spot_pause_faults": 0.65,  # slow ends of the movement before and after count as still
}
OTHER_SIDE = {"left": "right", "right": "left", None: None}
OTHER_WAY = {"circles_cw": "circles_ccw", "circles_ccw": "circles_cw"}


def truth_of(name: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((HERE.parent / "sample_videos" / f"{name}.truth.json").read_text())
    return truth


def exercise_of(name: str) -> str:
    exercise: str = truth_of(name)["exercise"]
    return exercise


MOVING = [name for name in CLIPS if truth_of(name)["exercise"] in exercise_ids()]
EMPTY = [name for name in CLIPS if truth_of(name)["exercise"] is None and "blocks" not in truth_of(name)]


def load(name: str) -> PoseLog:
    return PoseLog.load(HERE / "poses" / f"{name}.npz")


def events_of(poses: Iterable[Pose], exercise: str) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def mirrored(pose: Pose) -> Pose:
    swap = np.array(MIRROR)
    landmarks, world = pose.landmarks[swap].copy(), pose.world_m[swap].copy()
    landmarks[:, 0] = 1.0 - landmarks[:, 0]
    world[:, 0] = -world[:, 0]
    ball = pose.ball and replace(pose.ball, x_px=pose.size_wh[0] - pose.ball.x_px)
    return replace(pose, landmarks=landmarks, world_m=world, visibility=pose.visibility[swap], ball=ball)


def shrunk(pose: Pose) -> Pose:
    landmarks = pose.landmarks * 0.6
    landmarks[:, :2] += 0.2
    if pose.ball is None:
        return replace(pose, landmarks=landmarks)
    (width, height), ball = pose.size_wh, pose.ball
    ball = Ball(
        0.6 * ball.x_px + 0.2 * width,
        0.6 * ball.y_px + 0.2 * height,
        0.6 * ball.width_px,
        0.6 * ball.height_px,
        ball.confidence,
    )
    return replace(pose, landmarks=landmarks, ball=ball)


def with_drops(poses: Iterable[Pose]) -> Iterator[Pose]:
    rng = np.random.default_rng(7)
    return (pose for pose in poses if rng.random() > 0.1)


def test_every_movement_has_a_clip_and_there_are_idle_ones() -> None:
    assert {exercise_of(name) for name in MOVING} == set(exercise_ids())
    assert len(EMPTY) >= 2


@pytest.mark.parametrize("name", MOVING)
def test_counts_edges_and_holds_agree_with_the_truth(name: str) -> None:
    truth = truth_of(name)
    events = events_of(load(name), exercise_of(name))
    assert {kind: n for kind, n in counts(events).items() if kind in true_counts(truth)} == true_counts(truth)
    if true_counts(truth)["repetitions"]:
        assert [r.side for r in repetitions(events)] == [r["side"] for r in truth["repetitions"] if r["counted"]]
        assert max(edge_errors_s(truth, events)) <= KNOWN_EDGE_S.get(name, EDGE_S)
        assert all(r.range > r.needed for r in repetitions(events))
    assert max(hold_errors_s(truth, events), default=0.0) <= KNOWN_HOLD_S.get(name, HOLD_S)


def test_scripted_faults_are_found_and_clean_movements_left_alone() -> None:
    agreements = {name: compare_faults(truth_of(name), events_of(load(name), exercise_of(name))) for name in MOVING}
    assert f1(agreements.values()) >= 0.85
    assert sum(a.corrected for a in agreements.values()) <= 0.05 * sum(a.clean for a in agreements.values())


@pytest.mark.parametrize("exercise", exercise_ids())
@pytest.mark.parametrize("name", EMPTY)
def test_sitting_around_counts_nothing(name: str, exercise: str) -> None:
    events = events_of(load(name), exercise)
    if find_exercise(exercise).criterion.kind == "stay":
        assert counts(events)["repetitions"] == 0  # to sit still may well be what a stay asks for
    else:
        assert counts(events) == NOTHING


@pytest.mark.parametrize("exercise", exercise_ids())
@pytest.mark.parametrize("name", MOVING)
def test_a_movement_is_not_counted_as_another(name: str, exercise: str) -> None:
    if exercise == exercise_of(name) or find_exercise(exercise).criterion.kind == "stay":
        return
    assert counts(events_of(load(name), exercise)) == NOTHING


@pytest.mark.parametrize("name", MOVING)
def test_a_mirrored_person_does_the_same_on_the_other_side(name: str) -> None:
    plain, flipped = (events_of(poses, exercise_of(name)) for poses in (load(name), map(mirrored, load(name))))
    assert [r.side for r in repetitions(flipped)] == [OTHER_SIDE[r.side] for r in repetitions(plain)]
    assert counts(flipped) == {OTHER_WAY.get(kind, kind): n for kind, n in counts(plain).items()}


@pytest.mark.parametrize("name", MOVING)
def test_a_smaller_person_and_dropped_frames_change_no_count(name: str) -> None:
    expected = counts(events_of(load(name), exercise_of(name)))
    assert counts(events_of(map(shrunk, load(name)), exercise_of(name))) == expected
    assert counts(events_of(with_drops(load(name)), exercise_of(name))) == expected


@pytest.mark.parametrize("path", sorted((HERE / "rates").glob("*.npz")), ids=lambda path: path.stem)
def test_the_same_movement_at_other_frame_rates_counts_the_same(path: Path) -> None:
    name = path.name.split(".")[0]
    truth, events = truth_of(name), events_of(PoseLog.load(path), name)
    assert {kind: n for kind, n in counts(events).items() if kind in true_counts(truth)} == true_counts(truth)
    assert max(edge_errors_s(truth, events)) <= 0.45
    assert max(hold_errors_s(truth, events), default=0.0) <= 0.3
