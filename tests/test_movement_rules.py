"""What the rules do with known movements: truth on paper, and stored poses with something broken put in."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formcheck.edges import movement_edges
from formcheck.engine import Engine
from formcheck.errors import ExerciseFileError, UsageError
from formcheck.events import (
    Event,
    HoldCompleted,
    RepetitionCompleted,
    RepetitionRejected,
    SetupProblem,
    from_record,
    to_record,
)
from formcheck.exercise import load_exercise
from formcheck.geometry import NAN, joint_angle_deg, wrap_deg
from formcheck.poselog import PoseLog
from formcheck.registry import FOLDER, exercise_ids, find_exercise
from formcheck.types import Pose

POSES = Path(__file__).parent / "poses"
LIFTS = list(PoseLog.load(POSES / "back_extension.npz"))  # holds at 2.7-5.7, 9.2-12.2, 18.7-21.0, 24.5-27.5 s


def events_of(poses: Iterable[Pose], exercise: str = "back_extension") -> list[Event]:
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def n_counted(events: Iterable[Event]) -> int:
    return sum(isinstance(event, RepetitionCompleted) for event in events)


def between(poses: Iterable[Pose], start_s: float, end_s: float) -> list[Pose]:
    return [pose for pose in poses if start_s <= pose.time_s < end_s]


def nobody(pose: Pose) -> Pose:
    return Pose.nobody(pose.time_s, pose.size_wh)


def frozen(poses: list[Pose], start_s: float, pause_s: float) -> list[Pose]:
    """The picture stands still for a while, then goes on where it was."""
    before = [pose for pose in poses if pose.time_s < start_s]
    still = [replace(before[-1], time_s=start_s + i / 15) for i in range(round(pause_s * 15))]
    return before + still + [replace(p, time_s=p.time_s + pause_s) for p in poses if p.time_s >= start_s]


def minimum_jerk(share: float) -> float:
    s = min(1.0, max(0.0, share))
    return s**3 * (10 - 15 * s + 6 * s * s)


@pytest.mark.parametrize("rise_s", [0.8, 1.5, 3.0])
@pytest.mark.parametrize("hold_s", [0.5, 2.3, 9.0])
def test_edges_of_a_minimum_jerk_movement_are_found_within_a_frame(rise_s: float, hold_s: float) -> None:
    times = [i / 30 for i in range(round((2 * rise_s + hold_s + 2) * 30))]
    heights = [20 * (minimum_jerk((t - 1) / rise_s) - minimum_jerk((t - 1 - rise_s - hold_s) / rise_s)) for t in times]
    edges = movement_edges(times, heights)
    expected = (1, 1 + rise_s, 1 + rise_s + hold_s, 1 + 2 * rise_s + hold_s)
    assert tuple(edges) == pytest.approx(expected, abs=1 / 30)


@pytest.mark.parametrize(
    ("share", "pause_s"),
    [*product([0.3, 0.4, 0.45, 0.5], [0.3, 0.6, 1.2, 4.0]), *product([0.6, 0.65, 0.7, 0.75], [1.2, 4.0])],
)
def test_a_pause_on_the_way_takes_no_time_off_the_hold(share: float, pause_s: float) -> None:
    """Up in two stages, held for 2.6 s, down in two stages."""

    def height(time_s: float) -> float:
        up = share * minimum_jerk((time_s - 1.0) / 1.1) + (1 - share) * minimum_jerk((time_s - 2.1 - pause_s) / 1.6)
        return 36.0 * up

    top_s = 2.1 + pause_s + 1.6
    times = [i / 15 for i in range(round((2 * top_s + 2.6) * 15))]
    edges = movement_edges(times, [min(height(t), height(2 * top_s + 2.6 - t)) for t in times])
    assert edges.plateau_start_s == pytest.approx(top_s, abs=0.3)
    assert edges.plateau_end_s == pytest.approx(top_s + 2.6, abs=0.3)


def test_a_person_lost_in_mid_lift_is_a_rejected_repetition_with_its_reason() -> None:
    broken = [nobody(p) if 10.0 <= p.time_s < 12.6 else p for p in LIFTS]
    events = events_of(broken)
    rejected = [e.repetition for e in events if isinstance(e, RepetitionRejected)]
    assert n_counted(events) == n_counted(events_of(LIFTS)) - 1
    assert rejected[0].reason == "nobody is in view"
    assert rejected[0].end_s == pytest.approx(10.0, abs=1.2)


def test_a_gap_shorter_than_a_second_gives_no_hold_time_and_breaks_nothing() -> None:
    gap = [nobody(p) if 10.0 <= p.time_s < 10.6 else p for p in LIFTS]
    plain, holes = (
        [e.hold.credited_s for e in events_of(poses) if isinstance(e, HoldCompleted)] for poses in (LIFTS, gap)
    )
    assert n_counted(events_of(gap)) == n_counted(events_of(LIFTS))
    assert plain[1] - holes[1] == pytest.approx(0.6, abs=0.15)


def test_a_frozen_picture_gives_no_hold_time() -> None:
    holds = [e.hold for e in events_of(frozen(LIFTS, 20.0, 5.0)) if isinstance(e, HoldCompleted)]
    assert holds[2].elapsed_s > 7.0
    assert holds[2].credited_s < 3.0


def test_a_jump_cut_in_mid_lift_counts_nothing_for_it() -> None:
    moved = [replace(p, landmarks=p.landmarks + np.float32([0.3, 0, 0])) if p.time_s >= 10.5 else p for p in LIFTS]
    events = events_of(between(moved, 7.4, 13.9))
    assert n_counted(events_of(between(LIFTS, 7.4, 13.9))) == 1
    assert n_counted(events) == 0


def test_a_teleporting_skeleton_counts_nothing() -> None:
    rng = np.random.default_rng(3)
    shaken = [
        replace(p, landmarks=p.landmarks + np.float32([*rng.uniform(-0.15, 0.15, 2), 0])) if i % 3 == 0 else p
        for i, p in enumerate(LIFTS)
    ]
    assert n_counted(events_of(shaken)) == 0


def test_a_freeze_a_title_card_and_nobody_count_nothing() -> None:
    still = [replace(LIFTS[0], time_s=i / 15) for i in range(300)]
    assert n_counted(events_of(still)) == 0
    assert n_counted(events_of(map(nobody, LIFTS))) == 0


def test_the_wrong_view_is_said_and_nothing_is_counted() -> None:
    events = events_of(LIFTS, "seated_twist")
    assert n_counted(events) == 0
    assert any("seen from the side" in e.reason for e in events if isinstance(e, SetupProblem))


def test_a_lift_cut_off_by_the_end_is_not_counted() -> None:
    assert n_counted(events_of(between(LIFTS, 0.0, 5.0))) == 0


@settings(max_examples=12, deadline=None)
@given(start_s=st.floats(0, 29), length_s=st.floats(0.05, 6))
def test_unknown_frames_never_add_a_repetition(start_s: float, length_s: float) -> None:
    holed = [nobody(p) if start_s <= p.time_s < start_s + length_s else p for p in LIFTS]
    assert n_counted(events_of(holed)) <= n_counted(events_of(LIFTS))


@settings(max_examples=8, deadline=None)
@given(scale=st.floats(0.6, 1.3), right=st.floats(-0.05, 0.05))
def test_shift_and_scale_change_no_count(scale: float, right: float) -> None:
    centre = np.float32([0.5, 0.5, 0.0])
    moved = [
        replace(p, landmarks=(p.landmarks - centre) * np.float32(scale) + centre + np.float32([right, 0, 0]))
        for p in between(LIFTS, 0, 14)
    ]
    inside = [p for p in moved if np.abs(p.landmarks[[11, 12, 23, 24, 25, 26], :2] - 0.5).max() < 0.5]
    if len(inside) == len(moved):
        assert n_counted(events_of(moved)) == 2


@given(
    points=st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=3, max_size=3, unique=True),
    turn=st.floats(0, 2 * math.pi),
    scale=st.floats(0.5, 4),
)
def test_a_joint_angle_does_not_change_under_rotation_and_scale(
    points: list[tuple[float, float]], turn: float, scale: float
) -> None:
    if min(math.dist(points[0], points[1]), math.dist(points[1], points[2])) < 1.0:
        return
    c, s = scale * math.cos(turn), scale * math.sin(turn)
    turned = [(c * x - s * y + 7, s * x + c * y - 3) for x, y in points]
    assert joint_angle_deg(*turned) == pytest.approx(joint_angle_deg(*points), abs=1e-4)


def test_a_lost_landmark_has_no_angle() -> None:
    assert math.isnan(joint_angle_deg((NAN, 0.0), (1.0, 0.0), (1.0, 1.0)))
    assert math.isnan(joint_angle_deg((1.0, 0.0), (1.0, 0.0), (1.0, 1.0)))


@given(st.floats(-1e4, 1e4))
def test_wrapped_angles_lie_between_minus_and_plus_180(angle: float) -> None:
    assert -180 < wrap_deg(angle) <= 180


def test_every_event_survives_its_json_form() -> None:
    events = events_of(LIFTS)
    assert len({type(event) for event in events}) >= 8
    assert [from_record(to_record(event)) for event in events] == events


def test_every_exercise_file_loads_and_names_a_source_for_each_fault() -> None:
    assert len(exercise_ids()) >= 4
    for name in exercise_ids():
        exercise = find_exercise(name)
        assert exercise.id == name
        assert exercise.safety
        assert exercise.faults


def test_an_unknown_key_names_its_line_and_what_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = (FOLDER / "back_extension.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("longest_s =", "longest ="), encoding="utf-8")
    with pytest.raises(ExerciseFileError, match=r"mine\.toml: line \d+: unknown key .*longest_s"):
        load_exercise(path)


def test_an_unknown_measure_suggests_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = (FOLDER / "back_extension.toml").read_text(encoding="utf-8")
    path.write_text(text.replace('"trunk_elevation"', '"trunk_elevatoin"'), encoding="utf-8")
    with pytest.raises(ExerciseFileError, match="did you mean 'trunk_elevation'"):
        load_exercise(path)


def test_an_unknown_exercise_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean back_extension"):
        find_exercise("back_extention")
