"""Seated movements of a stick figure as other people do them: small, long kept, from a camera at an angle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from figure import Joints, course, film, seated, turned

from formcheck.engine import Engine
from formcheck.events import Event, Repetition, RepetitionCompleted, RepetitionRejected
from formcheck.registry import find_exercise
from formcheck.types import Pose

ARM_UP = {"left": 175.0, "right": 12.0}


def run(exercise: str, poses: Iterable[Pose]) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def counted(events: Iterable[Event]) -> list[Repetition]:
    return [event.repetition for event in events if isinstance(event, RepetitionCompleted)]


def refused(events: Iterable[Event]) -> list[str | None]:
    return [event.repetition.reason for event in events if isinstance(event, RepetitionRejected)]


# -- side stretch ---------------------------------------------------------------------------------------------------


def lean(
    lean_deg: float, kept_s: float, way_s: float = 1.5, share: float = 1.0
) -> tuple[Callable[[float], Joints], float]:
    """(joints over time, seconds): one lean to the right, of which the pelvis does all but `share`."""
    height = course([(2.0, 0.0), (2.0 + way_s, 1.0), (2.0 + way_s + kept_s, 1.0), (2.0 + 2 * way_s + kept_s, 0.0)])

    def joints(t: float) -> Joints:
        points = seated(right_deg=share * lean_deg * height(t), arm_up_deg=ARM_UP)
        hips = (points["left_hip"] + points["right_hip"]) / 2
        tipped = turned(points, hips, 1, -(1.0 - share) * lean_deg * height(t))
        return tipped | {name: p for name, p in points.items() if p[2] < hips[2] - 0.05 or name.endswith("knee")}

    return joints, 4.0 + 2 * way_s + kept_s


@pytest.mark.parametrize("kept_s", [8.0, 60.0])
def test_a_stretch_counts_however_long_it_is_kept(kept_s: float) -> None:
    joints, seconds = lean(20.0, kept_s)
    assert [r.side for r in counted(run("side_stretch", film(joints, seconds, 0.0, 12.0)))] == ["right"]


@pytest.mark.parametrize("lean_deg", [14.0, 25.0])
def test_a_stretch_is_one_when_most_of_the_lean_is_a_bend(lean_deg: float) -> None:
    joints, seconds = lean(lean_deg, 8.0, share=0.75)
    assert [r.side for r in counted(run("side_stretch", film(joints, seconds, 0.0, 12.0)))] == ["right"]


@pytest.mark.parametrize("lean_deg", [14.0, 25.0, 40.0])
def test_a_trunk_that_tips_with_the_pelvis_is_no_stretch(lean_deg: float) -> None:
    joints, seconds = lean(lean_deg, 8.0, share=0.25)
    events = run("side_stretch", film(joints, seconds, 0.0, 12.0))
    assert counted(events) == []
    assert refused(events) == ["the trunk tipped as a whole, the side did not bend"]


# -- twist ----------------------------------------------------------------------------------------------------------

LOOK = [(1.5, 0.0), (2.3, -38.0), (2.9, -38.0), (3.9, 35.0), (4.4, 35.0), (5.1, 0.0)]
TURN = [(7.0, 0.0), (8.5, 1.0), (8.9, 1.0), (10.4, 0.0), (11.0, 0.0), (12.5, -1.0), (12.9, -1.0), (14.4, 0.0)]


def looking_round(turn_deg: float, azimuth_deg: float) -> Iterator[Pose]:
    """Looks right and left, the chest going along by a fifth; then turns to both sides.

    The depth of the shoulders is read as an estimator reads it that is led by the face.
    """
    look, turn = course(LOOK), course(TURN)

    def joints(t: float) -> Joints:
        return seated(turn_right_deg=0.2 * look(t) + turn_deg * turn(t))

    for pose in film(joints, 16.0, azimuth_deg, 12.0):
        landmarks = pose.landmarks.copy()
        led = 0.6 * np.sin(np.radians(look(pose.time_s))) * (landmarks[11, 0] - landmarks[12, 0])
        landmarks[12, 2] += led / 2
        landmarks[11, 2] -= led / 2
        yield replace(pose, landmarks=landmarks)


@pytest.mark.parametrize("azimuth_deg", [-18.0, 0.0, 18.0])
def test_looking_round_before_the_first_turn_is_none(azimuth_deg: float) -> None:
    events = run("seated_twist", looking_round(28.0, azimuth_deg))
    assert [r.side for r in counted(events)] == ["right", "left"]
    assert all(
        r.start_s == pytest.approx(true_s, abs=0.5) for r, true_s in zip(counted(events), (7.0, 11.0), strict=True)
    )
