"""Moments without a person, and legs whose names are exchanged: what was held meanwhile is held, and no more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from recordings import Poses, joined, stored

from formcheck.engine import Engine
from formcheck.events import Event, Hold, HoldCompleted, RepetitionCompleted, SetupCleared
from formcheck.exercise import HoldRule
from formcheck.faults import FaultWatch
from formcheck.livehold import LiveHold
from formcheck.measures.names import LegNames
from formcheck.phases import Row
from formcheck.registry import find_exercise
from formcheck.skeleton import INDEX, MIRROR
from formcheck.types import Pose

LEGS = [i for name, i in INDEX.items() if name.endswith(("knee", "ankle", "heel", "foot_index"))]


def events_of(poses: Iterable[Pose], exercise: str) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    return [event for pose in poses for event in engine.step(pose)] + engine.finish()


def holds(poses: Iterable[Pose], exercise: str) -> list[Hold]:
    return [e.hold for e in events_of(poses, exercise) if isinstance(e, HoldCompleted) and e.hold.counted]


def lost_at_random(poses: Poses, share: float) -> Poses:
    rng = np.random.default_rng(5)
    return [Pose.nobody(p.time_s, p.size_wh) if rng.random() < share else p for p in poses]


def lost_again_and_again(poses: Poses, seen_s: float, lost_s: float) -> Poses:
    return [p if p.time_s % (seen_s + lost_s) < seen_s else Pose.nobody(p.time_s, p.size_wh) for p in poses]


def exchanged_legs(pose: Pose) -> Pose:
    other = np.arange(len(MIRROR))
    other[LEGS] = np.array(MIRROR)[LEGS]
    return replace(
        pose, landmarks=pose.landmarks[other], world_m=pose.world_m[other], visibility=pose.visibility[other]
    )


@pytest.mark.parametrize("exercise", ["back_extension", "ball_back_stretch", "chest_opener", "relaxation"])
def test_moments_without_a_person_take_nothing_from_a_hold(exercise: str) -> None:
    whole, holed = holds(stored(exercise), exercise), holds(lost_again_and_again(stored(exercise), 0.5, 0.25), exercise)
    assert len(whole) >= 1
    assert [h.credited_s for h in holed] == pytest.approx([h.credited_s for h in whole], abs=0.5)


def test_gaps_longer_than_the_bridge_are_not_held_however_many() -> None:
    (whole,), (holed,) = (
        holds(poses, "chest_opener")
        for poses in (stored("chest_opener"), lost_again_and_again(stored("chest_opener"), 1.4, 0.6))
    )
    assert 0.6 * whole.credited_s < holed.credited_s < 0.8 * whole.credited_s


def test_the_running_clock_bridges_what_the_verdict_bridges() -> None:
    def held_s(gap_s: float) -> float:
        clock = LiveHold(HoldRule(target_s=10.0, counted_s=5.0, clean_s=8.0))
        for i in range(61):
            if 3.0 < i / 10 < 3.0 + gap_s:
                clock.skip()
            else:
                clock.update(i / 10, 20.0, 20.0, 10.0, True)
        shown = clock.clock()
        assert shown is not None
        return shown.credited_s

    assert held_s(0.35) == pytest.approx(held_s(0.0))
    assert held_s(0.85) == pytest.approx(held_s(0.0) - 0.9)


def test_who_is_lost_for_a_moment_need_not_wait_from_the_beginning() -> None:
    def begins_s(poses: Poses) -> float:
        return next((e.time_s for e in events_of(poses, "calf_roll") if isinstance(e, SetupCleared)), np.inf)

    poses = stored("calf_roll")
    assert begins_s(lost_at_random(poses, 0.2)) <= begins_s(poses) + 0.5
    assert begins_s(lost_again_and_again(poses, 0.3, 0.5)) == np.inf


@pytest.mark.parametrize("exercise", ["back_extension", "childs_pose", "relaxation", "savasana", "tight_spot_pause"])
def test_legs_whose_names_are_exchanged_for_a_while_have_not_moved(exercise: str) -> None:
    poses = stored(exercise)
    exchanged = [exchanged_legs(p) if p.time_s % 5.0 > 3.8 else p for p in poses]
    whole, found = holds(poses, exercise), holds(exchanged, exercise)
    assert len(whole) >= 1
    assert [h.credited_s for h in found] == pytest.approx([h.credited_s for h in whole], abs=0.4)


def test_legs_keep_their_names_for_two_seconds_and_a_body_takes_its_own() -> None:
    pose = stored("calf_roll")[60]
    where, seen, trunk_px = pose.xy_px, pose.visibility.astype(float), 100.0
    other = exchanged_legs(pose)
    names = LegNames()
    kept, renamed = names.take(other, where, seen, trunk_px)
    assert (kept.landmarks[LEGS] == pose.landmarks[LEGS]).all()
    assert not len(renamed)
    later, renamed = names.take(replace(other, time_s=pose.time_s + 2.1), where, seen, trunk_px)
    assert (later.landmarks == other.landmarks).all()
    assert INDEX["left_ankle"] in renamed
    swapped = replace(pose, landmarks=pose.landmarks[np.array(MIRROR)])
    body, renamed = names.take(swapped, where, seen, trunk_px)
    assert (body.landmarks == swapped.landmarks).all()
    assert INDEX["left_shoulder"] in renamed


def test_legs_that_move_keep_the_names_they_are_given() -> None:
    poses = stored("windshield_wipers")
    names = LegNames()
    assert len(poses) > 100
    for before, pose in pairwise(poses):
        taken, renamed = names.take(pose, before.xy_px, before.visibility.astype(float), 100.0)
        assert taken is pose
        assert not len(renamed)


@pytest.mark.parametrize(("exercise", "begins_s"), [("back_extension", 4.0), ("back_extension_clean", 6.0)])
def test_a_recording_that_begins_in_a_lift_makes_the_next_hold_no_longer(exercise: str, begins_s: float) -> None:
    poses = stored(exercise)
    whole = [h.credited_s for h in holds(poses, "back_extension")]
    late = [h.credited_s for h in holds([p for p in poses if p.time_s >= begins_s], "back_extension")]
    assert len(late) >= 3
    assert late == pytest.approx(whole[-len(late) :], abs=0.3)


def starts_s(poses: Iterable[Pose], exercise: str) -> list[float]:
    return [e.repetition.start_s for e in events_of(poses, exercise) if isinstance(e, RepetitionCompleted)]


def tilted(poses: Poses, degrees: float) -> Poses:
    """Seen by a camera that hangs askew: who sits in the same way rests elsewhere on the drive."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turned = []
    for pose in poses:
        from_middle = pose.xy_px - np.array(pose.size_wh) / 2
        landmarks = pose.landmarks.copy()
        landmarks[:, :2] = from_middle @ np.array([[c, s], [-s, c]]) / pose.size_wh + 0.5
        turned.append(replace(pose, landmarks=landmarks))
    return turned


@pytest.mark.parametrize(
    ("name", "exercise", "degrees", "n"),
    [("roll_fore_aft_faults", "roll_fore_aft", 6.0, 4), ("ball_back_stretch", "ball_back_stretch", -10.0, 2)],
)
def test_who_comes_back_and_rests_elsewhere_is_counted_from_there(
    name: str, exercise: str, degrees: float, n: int
) -> None:
    before, after = stored(name), tilted(stored(name), degrees)
    poses, extents = joined(before, after, between="nobody", seconds=5.0)
    again = [start_s for start_s in starts_s(poses, exercise) if start_s > extents[1][0]]
    assert len(starts_s(after, exercise)) == len(again) == n


@pytest.mark.parametrize(
    ("name", "exercise", "from_s"),
    [
        ("roll_fore_aft", "roll_fore_aft", 5.0),
        ("lumbar_rock_faults", "lumbar_rock", 5.0),
        ("windshield_wipers", "windshield_wipers", 2.0),
        ("chest_opener_faults", "chest_opener", 2.0),
    ],
)
def test_a_movement_whose_beginning_nobody_saw_is_not_counted(name: str, exercise: str, from_s: float) -> None:
    poses, until_s = stored(name), from_s + 5.0
    whole = [e.repetition for e in events_of(poses, exercise) if isinstance(e, RepetitionCompleted)]
    seen = [r.start_s for r in whole if r.end_s <= from_s or r.start_s >= until_s]
    holed = [Pose.nobody(p.time_s, p.size_wh) if from_s <= p.time_s < until_s else p for p in poses]
    assert 2 <= len(seen) < len(whole)
    assert starts_s(holed, exercise) == pytest.approx(seen, abs=0.5)


def test_a_hold_from_which_the_camera_lost_sight_goes_on_when_it_is_back() -> None:
    poses = stored("chest_opener")
    (whole,) = holds(poses, "chest_opener")
    holed = [Pose.nobody(p.time_s, p.size_wh) if 8.0 <= p.time_s < 13.0 else p for p in poses]
    (rest,) = holds(holed, "chest_opener")
    assert whole.start_s < 8.0 < 13.0 <= rest.start_s
    assert rest.end_s == pytest.approx(whole.end_s, abs=0.3)


@pytest.mark.parametrize(("unseen_s", "is_told"), [(0.3, True), (1.5, False)])
def test_a_fault_that_was_not_seen_in_between_has_not_lasted(unseen_s: float, is_told: bool) -> None:
    exercise = find_exercise("childs_pose")
    fault = next(f for f in exercise.faults if f.id == "arms_bent")
    assert fault.persist_s == 2.0
    watch, n = FaultWatch(exercise), len(exercise.measures)
    bent = [0.0] * n
    bent[exercise.measures.index(fault.measure or "")] = (fault.below or 0.0) - 30.0
    times_s = [*np.arange(0.0, 1.0, 0.1), *np.arange(0.9 + unseen_s, 2.6, 0.1)]
    found = [f for t in times_s for f in watch.watch(Row(t, 1.0, tuple(bent)), 1.0, 1.0, "", True, [0.0] * n)]
    assert (fault.id in {finding.fault.id for finding in found}) is is_told
