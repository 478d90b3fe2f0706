"""Recordings whose times are odd: every second frame repeats the time before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from agreement import counts
from recordings import stored

from formcheck.engine import Engine
from formcheck.events import Event, FaultRaised
from formcheck.measures.senses import Senses
from formcheck.registry import find_exercise
from formcheck.types import Pose

REPEATED_S = 0.001  # what a repeated time is moved on by where nothing is known of the rate


def with_repeated_times(poses: Sequence[Pose]) -> list[Pose]:
    return [
        pose if i % 2 == 0 else replace(pose, time_s=poses[i - 1].time_s + REPEATED_S) for i, pose in enumerate(poses)
    ]


def events_of(poses: Sequence[Pose], exercise: str) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    return [event for pose in poses for event in engine.step(pose)] + engine.finish()


def faults_of(events: Sequence[Event]) -> list[str]:
    return sorted(event.fault for event in events if isinstance(event, FaultRaised))


@pytest.mark.parametrize(
    ("name", "exercise"), [("seated_cat_cow_faults", "seated_cat_cow"), ("side_stretch_faults", "side_stretch")]
)
def test_repeated_times_change_no_count_and_no_fault(name: str, exercise: str) -> None:
    poses = stored(name)
    plain, repeated = events_of(poses, exercise), events_of(with_repeated_times(poses), exercise)
    assert counts(repeated) == counts(plain)
    assert faults_of(repeated) == faults_of(plain)


def test_a_step_within_a_moment_has_no_speed() -> None:
    first, second, third = stored("seated_cat_cow_faults")[:3]
    elsewhere = replace(second, time_s=first.time_s + REPEATED_S, landmarks=second.landmarks + np.float32(0.01))
    bodies = []
    for poses in ((first, third), (first, elsewhere, third)):
        senses = Senses()
        bodies.append([senses.take(pose)[1] for pose in poses][-1])
    plain, repeated = bodies
    assert plain is not None
    assert repeated is not None
    assert repeated.points == plain.points
