"""What is told of movements that are broken off, or made of two: every fault that was raised is cleared."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from formcheck.events import (
    Event,
    FaultCleared,
    FaultRaised,
    HoldCompleted,
    RepetitionCompleted,
    RepetitionPartial,
    RepetitionRejected,
)
from formcheck.excursions import ExcursionFollower
from formcheck.exercise import Exercise, Fault
from formcheck.feedback import Coach
from formcheck.registry import find_exercise

STEP_S = 0.1


def watched(name: str, measure: str) -> Exercise:
    """A movement of formcheck with one fault only, which is raised after half a second of it."""
    fault = Fault(
        id="off",
        title="Off",
        cue="Not so",
        source="choice",
        measure=measure,
        is_change=False,
        statistic="median",
        above=0.5,
        persist_s=0.5,
    )
    return find_exercise(name).model_copy(update={"faults": (fault,), "evidence": ()})


def follower_of(exercise: Exercise) -> ExcursionFollower:
    follower = ExcursionFollower(exercise, Coach())
    follower.start(0.0)
    return follower


def followed(
    follower: ExcursionFollower,
    values_at: Callable[[float], dict[str, float]],
    seconds: float,
    live_from_s: float = 0.0,
) -> list[Event]:
    """What happens while the measures go as told; those that are not told are unknown."""
    names = follower.exercise.measures
    events: list[Event] = []
    for i in range(round(seconds / STEP_S)):
        values = values_at(i * STEP_S)
        row = tuple(values.get(name, math.nan) for name in names)
        events += follower.follow(i * STEP_S, row, i * STEP_S >= live_from_s, STEP_S)
    return events


def roll(time_s: float) -> dict[str, float]:
    """Two seconds of rest, then hips that go forward and stay there; the fault lasts while they are away."""
    height = 0.1 * min(1.0, max(0.0, (time_s - 2.0) / 2.0))
    return {"hip_forward": height, "trunk_lean": float(height > 0.0)}


ENDS: dict[str, Callable[[ExcursionFollower], list[Event]]] = {
    "stopped": lambda follower: follower.stop(9.0, "nobody is in view"),
    "cut": lambda follower: follower.cut(9.0, "the picture jumped"),
    "finished": lambda follower: follower.finish(9.0),
}


@pytest.mark.parametrize("end", list(ENDS))
@pytest.mark.parametrize("seconds", [3.4, 6.0])
def test_a_fault_raised_in_a_movement_that_is_broken_off_is_cleared(end: str, seconds: float) -> None:
    exercise = watched("roll_fore_aft", "trunk_lean")
    far = exercise.movements[0].model_copy(update={"minimum": 0.08})
    follower = follower_of(exercise.model_copy(update={"movements": (far,)}))
    events = followed(follower, roll, seconds) + ENDS[end](follower)
    told = [event.fault for event in events if isinstance(event, FaultRaised | FaultCleared)]
    assert told == ["off", "off"]
    told_of = [e for e in events if isinstance(e, RepetitionCompleted | RepetitionPartial | RepetitionRejected)]
    assert len(told_of) == (seconds > 4.0)  # what was reached is told as broken, what was not is none


def test_a_fault_raised_in_one_of_two_movements_belongs_to_the_repetition_they_make() -> None:
    exercise = watched("seated_cat_cow", "neck_height")
    assert len(exercise.criterion.sequence) == 2
    part = exercise.drive.parts[0].model_copy(update={"is_witness": False, "rest_within": None, "full": 1.0})
    drive = exercise.drive.model_copy(update={"parts": (part,), "scale": 1.0, "or_median": False})
    follower = follower_of(exercise.model_copy(update={"drive": drive}))

    def values_at(time_s: float) -> dict[str, float]:
        height = 60.0 * math.sin(math.pi * (time_s - 3.0) / 3.0) if 3.0 < time_s < 9.0 else 0.0
        return {part.measure: height, "neck_height": float(height > 20.0)}

    events = followed(follower, values_at, 12.0) + follower.finish(12.0)
    repetitions = [event.repetition for event in events if isinstance(event, RepetitionCompleted)]
    assert [repetition.faults for repetition in repetitions] == [("off",)]
    assert [e.repetition for e in events if isinstance(e, FaultRaised)] == [repetitions[0].index]


def test_a_picture_that_stood_still_before_the_first_rest_is_not_held() -> None:
    def credited_s(live_from_s: float) -> float:
        exercise = watched("back_extension", "neck_extension")
        drive = exercise.drive.model_copy(update={"looks_back": True})
        follower = follower_of(exercise.model_copy(update={"drive": drive}))

        def values_at(time_s: float) -> dict[str, float]:
            return {"trunk_elevation": 5.0 if time_s < 0.3 else 30.0 if time_s < 4.0 else 5.0}

        events = followed(follower, values_at, 8.0, live_from_s) + follower.finish(8.0)
        (hold,) = [event.hold for event in events if isinstance(event, HoldCompleted)]
        return hold.credited_s

    assert credited_s(2.5) == pytest.approx(credited_s(0.0) - 2.2, abs=0.5)
