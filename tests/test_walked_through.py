"""Somebody walks through the picture and takes the skeleton along for a moment: what is kept goes on, uncredited."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from recordings import Poses, stored

from formcheck.engine import Engine
from formcheck.events import Hold, HoldCompleted, SafetyStop
from formcheck.measures.integrity import IntegrityMonitor
from formcheck.registry import find_exercise
from formcheck.types import Pose

FROM_S, PASSING_S = 12.0, 1.4
HELD = [("savasana", "savasana"), ("childs_pose_clean", "childs_pose"), ("supine_full_stretch", "supine_full_stretch")]
WALKER = next(pose for pose in stored("walk_in") if pose.is_person)


def taken_along(pose: Pose, share: float) -> Pose:
    """The pose of somebody who walks from the left edge to the right one, at a share of the way."""
    landmarks = WALKER.landmarks + np.float32([share - np.nanmean(WALKER.landmarks[:, 0]), 0.0, 0.0])
    return replace(pose, landmarks=landmarks, world_m=WALKER.world_m, visibility=WALKER.visibility)


def walked_through(poses: Sequence[Pose], from_s: float = FROM_S, seconds: float = PASSING_S) -> Poses:
    along = ((pose, (pose.time_s - from_s) / seconds) for pose in poses)
    return [taken_along(pose, share) if 0.0 <= share < 1.0 else pose for pose, share in along]


def stood_before(poses: Sequence[Pose], seconds: float) -> Poses:
    return [taken_along(p, 0.5) if FROM_S <= p.time_s < FROM_S + seconds else p for p in poses]


def holds_of(poses: Sequence[Pose], exercise: str) -> list[Hold]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)] + engine.finish()
    return [event.hold for event in events if isinstance(event, HoldCompleted)]


def verdicts(poses: Sequence[Pose]) -> list[tuple[float, str]]:
    monitor = IntegrityMonitor()
    return [(pose.time_s, monitor.check(pose, math.nan).verdict) for pose in poses]


@pytest.mark.parametrize(("name", "exercise"), HELD)
def test_who_walks_through_does_not_end_what_is_kept_and_is_not_credited(name: str, exercise: str) -> None:
    poses = stored(name)
    from_s = 9.0 if name == "supine_full_stretch" else FROM_S
    (whole,) = holds_of(poses, exercise)
    (walked,) = holds_of(walked_through(poses, from_s), exercise)
    assert walked.counted
    assert walked.elapsed_s == pytest.approx(whole.elapsed_s, abs=0.2)
    assert PASSING_S - 0.3 < whole.credited_s - walked.credited_s < PASSING_S + 2.0


def test_who_stays_before_the_camera_is_another_picture() -> None:
    assert len(holds_of(stood_before(stored("savasana"), 2.5), "savasana")) == 2


def test_a_skeleton_that_goes_astray_again_and_again_is_not_believed() -> None:
    poses = stored("savasana")
    once = verdicts(walked_through(poses))
    assert "unbelievable" not in [verdict for time_s, verdict in once if time_s > FROM_S + PASSING_S]
    astray = walked_through(walked_through(poses), FROM_S + 2.5)
    assert "unbelievable" in [verdict for time_s, verdict in verdicts(astray) if time_s > FROM_S + 2.5 + PASSING_S]


@pytest.mark.parametrize("seconds", [0.6, 0.9, 1.2])
def test_who_comes_before_the_camera_and_leaves_is_no_fall(seconds: float) -> None:
    engine = Engine(find_exercise("savasana"))
    events = [event for pose in stood_before(stored("savasana"), seconds) for event in engine.step(pose)]
    assert not [event for event in events if isinstance(event, SafetyStop)]
