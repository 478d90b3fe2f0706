"""The report is made from the event log alone: every kind of movement, what was found, what was not judged."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from recordings import joined, log_of, stored

from formcheck.events import (
    BlockEnded,
    BlockFound,
    BlockStarted,
    Circle,
    CircleCompleted,
    Event,
    FaultCleared,
    FaultRaised,
    Hold,
    HoldCompleted,
    NotJudged,
    Repetition,
    RepetitionCompleted,
    RepetitionRejected,
    RoutineReviewed,
    SafetyStop,
    SetupCleared,
    SetupProblem,
    from_record,
    to_record,
)
from formcheck.export.files import plain
from formcheck.judging import judge
from formcheck.registry import exercise_ids, find_exercise, find_routine
from formcheck.report import build_report
from formcheck.report.scores import score_of
from formcheck.types import Direction


def report_of(events: Iterable[Event], end_s: float = 60.0, routine: str | None = None) -> dict[str, Any]:
    exercises = {name: find_exercise(name) for name in exercise_ids()}
    planned = find_routine(routine) if routine else None
    return build_report(list(events), source={"duration_s": end_s}, versions={}, exercises=exercises, routine=planned)


def block(
    exercise: str, *inside: Event, start_s: float = 0.0, end_s: float = 60.0, chosen_by: str = "recognised"
) -> list[Event]:
    return [
        BlockStarted(start_s, exercise, chosen_by),
        SetupProblem(start_s, exercise, "nobody is in view"),
        SetupCleared(start_s + 0.5, exercise),
        *inside,
        BlockEnded(end_s, exercise),
    ]


def only_block(*events: Event) -> dict[str, Any]:
    (found,) = report_of(events)["blocks"]
    return found


def circle(index: int, direction: Direction, start_s: float, **changes: Any) -> CircleCompleted:
    values = {"radius": 0.1, "roundness": 0.4, "unit": "T", "counted": True, "reason": None} | changes
    return CircleCompleted(start_s + 4.0, Circle(index, start_s, start_s + 4.0, direction, **values))


def hold(start_s: float, seconds: float, *, counted: bool = True, target_s: float = 60.0) -> HoldCompleted:
    reason = None if counted else "too short"
    kept = Hold(start_s, start_s + seconds, seconds, seconds - 1.0, target_s, None, counted, reason)
    return HoldCompleted(start_s + seconds, kept)


def repetition(index: int, start_s: float, side: Any = None, *, counted: bool = True) -> Event:
    made = Repetition(
        index, start_s, start_s + 2, start_s + 4, "m", "deg", 30.0, 30.0, 15.0, side, counted, None if counted else "no"
    )
    return (RepetitionCompleted if counted else RepetitionRejected)(start_s + 4, made)


def found(exercise: str | None, start_s: float, end_s: float) -> BlockFound:
    two = ("seated_cat_cow", "roll_fore_aft")
    reason = "" if exercise else "two movements explain it nearly as well"
    return BlockFound(start_s, start_s, end_s, exercise, two, (0.8, 0.75), 0.06, reason)


def test_circles_are_counted_by_direction_and_those_turned_down_keep_their_reason() -> None:
    turned_down = circle(4, "cw", 20.0, counted=False, reason="a sway, not a circle")
    made = only_block(*block("hip_circles", circle(1, "cw", 2), circle(2, "ccw", 8), circle(3, "ccw", 14), turned_down))
    assert made["counted"]["circles_cw"] == 1
    assert made["counted"]["circles_ccw"] == 2
    assert made["counted"]["repetitions"] is None
    assert [c["reason"] for c in made["circles"]] == [None, None, None, "a sway, not a circle"]
    assert made["target"]["circles_cw"] == made["target"]["circles_ccw"]
    assert made["score"]["parts"]["range"] is None
    assert made["score"]["parts"]["faults"] == 100


def test_a_posture_that_is_kept_tells_credited_and_elapsed_seconds_and_no_repetitions() -> None:
    made = only_block(*block("childs_pose", hold(2, 31), hold(40, 4, counted=False)))
    assert made["kind"] == "stay"
    assert made["counted"]["repetitions"] is None
    assert made["counted"]["holds"] == 1
    assert [(h["elapsed_s"], h["credited_s"], h["counted"]) for h in made["holds"]] == [(31, 30, True), (4, 3, False)]
    assert made["target"]["hold_s"] == find_exercise("childs_pose").criterion.hold.target_s
    assert made["score"]["parts"]["hold"] == 50


def test_a_fault_takes_its_share_of_the_time_a_posture_was_kept() -> None:
    fault = next(f for f in find_exercise("childs_pose").faults if f.level == "primary")
    raised = FaultRaised(10.0, fault.id, fault.cue, None, 1.0, 0.8)
    made = only_block(*block("childs_pose", raised, FaultCleared(20.0, fault.id, 10.0), hold(2, 40)))
    assert made["score"]["parts"]["faults"] == 75


def test_breaths_that_were_not_seen_are_null_with_what_stands_for_them() -> None:
    breaths = only_block(*block("childs_pose", hold(2, 31)))["breaths"]
    assert breaths["count"] is None
    assert breaths["source"] == "clock"
    assert breaths["reason"]
    assert breaths["stands_for_it"] == {"seconds": 30}
    assert breaths["target"] == list(find_exercise("childs_pose").criterion.breaths)
    assert only_block(*block("seated_twist", repetition(1, 2, "left")))["breaths"] is None


def test_what_was_not_judged_within_a_movement_is_told_with_its_seconds() -> None:
    made = only_block(
        *block("childs_pose", hold(2, 31), NotJudged(60.0, "left arm", "on the far side of the body", 29.0))
    )
    assert {"what": "left arm", "reason": "on the far side of the body", "seconds": 29.0} in made["not_judged"]


def test_a_safety_stop_is_told() -> None:
    made = only_block(*block("seated_twist", repetition(1, 2, "left"), SafetyStop(30.0, "you seem to have fallen")))
    assert made["safety_stops"] == [{"time_s": 30.0, "reason": "you seem to have fallen"}]


@pytest.mark.parametrize(("sides", "expected"), [(("left", "left"), "left"), (("left", "right"), None), ((), None)])
def test_a_block_has_a_side_when_all_of_it_was_done_there(sides: tuple[str, ...], expected: str | None) -> None:
    reps = [repetition(i, 6.0 * i, side) for i, side in enumerate(sides, 1)]
    assert only_block(*block("seated_twist", *reps))["side"] == expected


def test_what_was_turned_down_is_listed_and_not_counted() -> None:
    made = only_block(*block("back_extension", repetition(1, 2), repetition(2, 10, counted=False)))
    assert made["counted"]["repetitions"] == 1
    assert [(r["counted"], r["reason"]) for r in made["repetitions"]] == [(True, None), (False, "no")]


def test_blocks_lie_where_they_were_found_and_the_rest_of_the_time_belongs_to_none() -> None:
    events = [
        found("seated_cat_cow", 5.0, 20.0),
        *block("seated_cat_cow", repetition(1, 5.0), repetition(2, 12.0), start_s=3.0, end_s=22.0),
        found("back_extension", 40.0, 50.0),
        *block("back_extension", repetition(1, 39.5), start_s=37.0, end_s=52.0),
    ]
    report = report_of(events)
    assert [(b["start_s"], b["end_s"]) for b in report["blocks"]] == [(5.0, 20.0), (39.5, 50.0)]
    gaps = [(g["start_s"], g["end_s"]) for g in report["not_judged"] if g["reason"] == "no movement was recognised"]
    assert gaps == [(0.0, 5.0), (20.0, 39.5), (50.0, 60.0)]
    assert report["blocks"][0]["recognition"]["candidates"][1]["exercise"] == "roll_fore_aft"


def test_an_exercise_that_was_given_has_the_whole_recording() -> None:
    report = report_of(block("seated_twist", repetition(1, 20.0, "left"), chosen_by="user"))
    assert [(b["start_s"], b["end_s"], b["recognition"]) for b in report["blocks"]] == [(0.0, 60.0, None)]
    assert report["not_judged"] == []


def test_what_is_unsure_is_no_block_but_told_with_its_best_two() -> None:
    report = report_of([SetupProblem(0.0, "everything", "not clear"), found(None, 5.0, 20.0)])
    assert report["blocks"] == []
    (unsure,) = report["unsure"]
    assert [c["title"] for c in unsure["candidates"]] == ["Seated cat-cow", find_exercise("roll_fore_aft").title]
    assert unsure["margin"] == 0.06
    assert unsure["reason"]


def test_a_routine_is_told_block_by_block_without_its_pauses() -> None:
    events = [
        found("seated_twist", 10.0, 50.0),
        *block("seated_twist", repetition(1, 10.0, "left")),
        RoutineReviewed(60.0, "daily_7", 2, "seated_twist", "partly done", "20 of 60 s", 10.0, 30.0),
        RoutineReviewed(60.0, "daily_7", 3, "back_extension", "skipped", "not seen", None, None),
    ]
    routine = report_of(events, routine="daily_7")["routine"]
    assert routine["id"] == "daily_7"
    twist, lifts = routine["blocks"]
    assert (twist["status"], twist["reason"], twist["block"]) == ("partly done", "20 of 60 s", 1)
    assert (lifts["status"], lifts["block"], lifts["start_s"]) == ("skipped", None, None)
    assert twist["planned_end_s"] - twist["planned_start_s"] == 60


def test_the_report_can_be_made_anew_from_the_written_event_log() -> None:
    poses, _ = joined(stored("seated_twist"), stored("back_extension"))
    judged = judge(log_of(poses), None, find_routine("daily_7"))
    assert any(isinstance(event, BlockFound) for event in judged.events)
    assert any(isinstance(event, RoutineReviewed) for event in judged.events)
    read = [from_record(json.loads(json.dumps(to_record(event)))) for event in judged.events]
    assert read == judged.events
    first, again = (report_of(events, 70.0, "daily_7") for events in (judged.events, read))
    assert plain(first) == plain(again)


def test_a_fault_outside_of_what_was_kept_takes_nothing_from_it() -> None:
    exercise = find_exercise("childs_pose")
    fault = next(f.id for f in exercise.faults if f.level == "primary")

    def hold(start_s: float, end_s: float, is_counted: bool) -> Hold:
        return Hold(start_s, end_s, end_s - start_s, end_s - start_s, 30.0, None, counted=is_counted)

    def without_fault(start_s: float, end_s: float) -> int | None:
        told = [{"id": fault, "start_s": start_s, "end_s": end_s}, {"id": fault, "start_s": start_s, "end_s": end_s}]
        score = score_of(exercise, [], [hold(0.0, 10.0, False), hold(20.0, 60.0, True)], [], told, [])
        assert score is not None
        part: int | None = score["parts"]["faults"]
        return part

    assert without_fault(2.0, 9.0) == 100
    assert without_fault(15.0, 30.0) == 75
    assert without_fault(20.0, 60.0) == 0
