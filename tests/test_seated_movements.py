"""Seated movements of a stick figure as other people do them: small, long kept, from a camera at an angle."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
