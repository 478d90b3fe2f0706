"""Taught movements: what moves is found, the count is right on other people and zero on other movements."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import PATIENT
from figure import Joints, course, film, offset, prone, seated, turned, upper_body
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recordings import log_of, stored
from typer.testing import CliRunner

from formcheck.assets import find_references
from formcheck.checking import check_exercise
from formcheck.cli import app
from formcheck.errors import UsageError
from formcheck.events import HoldCompleted, RepetitionCompleted
from formcheck.exercise import Exercise, load_exercise
from formcheck.export import learned_page
from formcheck.judging import judge, run_engine
from formcheck.learn import Learned, id_of, learn_movement
from formcheck.measures.catalogue import MEASURES
from formcheck.messages import load_catalogue
from formcheck.poselog import PoseLog
from formcheck.registry import exercise_ids, find_exercise, own_exercise_ids, own_exercises
from formcheck.skeleton import MIRROR
from formcheck.teachable import ONE_SIDED, SIDED
from formcheck.teaching import exercise_text
from formcheck.types import Pose

run = CliRunner()


def standing(bend_deg: float) -> Joints:
    """Upright, knees and hips bent by that much: a squat, the feet where they are."""
    bend = np.radians(bend_deg)
    ankles = np.array([0.0, 0.0, 0.1])
    knees = offset(ankles, 0, 0.42 * np.sin(bend / 2), 0.42 * np.cos(bend / 2))
    hips = offset(knees, 0, -0.42 * np.sin(bend / 2), 0.42 * np.cos(bend / 2))
    upper = upper_body(hips)
    pelvis = {name: upper.pop(name) for name in ("left_hip", "right_hip")}
    points = pelvis | turned(upper, hips, 0, -0.5 * bend_deg)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        points[f"{side}_knee"] = offset(knees, sign * 0.12, 0, 0)
        ankle = points[f"{side}_ankle"] = offset(ankles, sign * 0.12, 0, 0)
        points[f"{side}_heel"] = offset(ankle, 0, -0.05, -0.05)
        points[f"{side}_foot_index"] = offset(ankle, 0, 0.16, -0.08)
    return points


def squats(n: int, depth_deg: float = 90.0, seconds: float = 3.0, **camera: float) -> list[Pose]:
    """Squats of a figure seen from its left, a second of rest before, between and after."""
    keys = [(0.0, 0.0)]
    for i in range(n):
        start = 1.0 + i * (seconds + 1.0)
        keys += [(start, 0.0), (start + 0.5 * seconds, depth_deg), (start + seconds, 0.0)]
    bend = course(keys)
    return filmed(lambda t: standing(bend(t)), keys[-1][0] + 1.0, **camera)


def marching(right_deg: float) -> Joints:
    """Standing, one knee raised in front by that much: the right one, or the left one where it is negative."""
    points = standing(0.0)
    side, angle = ("right", right_deg) if right_deg > 0 else ("left", -right_deg)
    hip = points[f"{side}_hip"]
    knee = offset(hip, 0, 0.42 * np.sin(np.radians(angle)), -0.42 * np.cos(np.radians(angle)))
    below = knee - points[f"{side}_knee"]
    for joint in ("knee", "ankle", "heel", "foot_index"):
        points[f"{side}_{joint}"] = points[f"{side}_{joint}"] + below
    return points


def marches(sides: str, azimuth_deg: float = 60.0, seconds: float = 2.0, **camera: float) -> list[Pose]:
    """A knee raised for each letter, R or L, seen from the side; half a second of rest before, between and after."""
    keys = [(0.0, 0.0)]
    for i, side in enumerate(sides):
        start, peak = 0.5 + i * (seconds + 0.5), 80.0 if side == "R" else -80.0
        keys += [(start, 0.0), (start + 0.5 * seconds, peak), (start + seconds, 0.0)]
    lift = course(keys)
    return list(film(lambda t: marching(lift(t)), keys[-1][0] + 0.5, 90.0, **camera))


def mirrored(poses: Iterable[Pose]) -> list[Pose]:
    """What a mirror shows: left is right, in the picture and on the person."""
    order = np.array(MIRROR)
    turned_poses = []
    for pose in poses:
        landmarks, world = pose.landmarks[order].copy(), pose.world_m[order].copy()
        landmarks[:, 0] = 1.0 - landmarks[:, 0]
        world[:, 0] = -world[:, 0]
        turned_poses.append(replace(pose, landmarks=landmarks, world_m=world, visibility=pose.visibility[order]))
    return turned_poses


def filmed(joints_at: Callable[[float], Joints], seconds: float, **camera: float) -> list[Pose]:
    return list(film(joints_at, seconds, 90.0, **camera))


def learned_from(poses: Iterable[Pose], n_repetitions: int | None = None) -> Learned:
    return learn_movement([log_of(list(poses))], "Deep squat", n_repetitions=n_repetitions)


def as_exercise(learned: Learned, folder: Path) -> Exercise:
    (folder / f"{learned.id}.toml").write_text(exercise_text(learned), encoding="utf-8")
    return load_exercise(folder / f"{learned.id}.toml")


def counted(poses: Iterable[Pose] | PoseLog, exercise: Exercise) -> int:
    log = poses if isinstance(poses, PoseLog) else log_of(list(poses))
    return sum(isinstance(event, RepetitionCompleted) for event in run_engine(log, exercise)[0])


@pytest.fixture(scope="module")
def squat() -> Learned:
    return learned_from(squats(3))


@pytest.fixture
def exercise(squat: Learned, tmp_path: Path) -> Exercise:
    return as_exercise(squat, tmp_path)


def test_repetitions_and_their_length_are_found(squat: Learned) -> None:
    assert squat.n_repetitions == 3
    assert squat.seconds == pytest.approx(3.0, abs=0.6)
    assert squat.view == "side"
    peaks = [extent.peak_s for extent in squat.extents[0]]
    assert peaks == pytest.approx([2.5, 6.5, 10.5], abs=0.3)


def test_what_moves_is_picked_with_its_swing(squat: Learned) -> None:
    swings = {part.measure: part.swing for part in squat.parts}
    assert swings["knee_angle"] == pytest.approx(-90.0, abs=12.0)
    assert "elbow_angle" not in swings, "the arms do nothing"
    assert "elbow_angle" not in squat.quiet, "and may be held in any way"


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_another_number_is_counted(exercise: Exercise, n: int) -> None:
    assert counted(squats(n), exercise) == n


@pytest.mark.parametrize(
    "changes",
    [{"scale": 0.6}, {"scale": 0.8}, {"seconds": 2.0}, {"seconds": 5.0}, {"depth_deg": 70.0}, {"depth_deg": 110.0}],
)
def test_smaller_people_other_tempo_and_other_depth_are_counted(exercise: Exercise, changes: dict[str, float]) -> None:
    assert counted(squats(4, **changes), exercise) == 4


def test_person_who_turns_the_other_side_is_counted(exercise: Exercise) -> None:
    assert counted(mirrored(squats(4)), exercise) == 4


@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[*PATIENT, HealthCheck.function_scoped_fixture],
)
@given(
    n=st.integers(1, 3),
    seconds=st.floats(1.6, 5.0),
    depth_deg=st.floats(65.0, 110.0),
    scale=st.floats(0.6, 1.0),
    is_mirrored=st.booleans(),
)
def test_any_tempo_depth_size_and_side_is_counted(
    exercise: Exercise, n: int, seconds: float, depth_deg: float, scale: float, is_mirrored: bool
) -> None:
    poses = squats(n, depth_deg, seconds, scale=scale)
    assert counted(mirrored(poses) if is_mirrored else poses, exercise) == n


def test_first_repetition_counts_where_the_recording_begins_with_it(exercise: Exercise) -> None:
    poses = [replace(pose, time_s=pose.time_s - 0.8) for pose in squats(3) if pose.time_s >= 0.8]
    assert counted(poses, exercise) == 3


def test_half_of_the_movement_is_not_counted(exercise: Exercise) -> None:
    assert counted(squats(4, depth_deg=30.0), exercise) == 0


def test_standing_still_sitting_and_lifting_are_not_counted(exercise: Exercise) -> None:
    bend = course([(0.0, 0.0), *((float(t), 40.0 * (t // 2 % 2)) for t in range(2, 30, 2))])
    others = {
        "still": filmed(lambda _: standing(0.0), 20.0),
        "bending, seated": filmed(lambda t: seated(forward_deg=bend(t)), 30.0),
        "lifting, prone": filmed(lambda t: prone(lift_deg=bend(t)), 30.0),
    }
    assert {name: counted(poses, exercise) for name, poses in others.items()} == dict.fromkeys(others, 0)


@pytest.mark.parametrize(
    "name", ["seated_cat_cow", "seated_twist", "hip_circles", "side_stretch", "roll_fore_aft", "idle", "idle_front"]
)
def test_other_movements_are_not_counted(exercise: Exercise, name: str) -> None:
    assert counted(stored(name), exercise) == 0


def test_lift_taught_from_its_first_two_repetitions_counts_the_rest(tmp_path: Path) -> None:
    log = log_of(stored("back_extension"))
    judged = judge(log, find_exercise("back_extension"))
    lifts = [e.repetition for e in judged.events if isinstance(e, RepetitionCompleted)]
    assert len(lifts) >= 4
    taught = log_of([pose for pose in log if pose.time_s <= lifts[1].end_s + 0.5])
    exercise = as_exercise(learn_movement([taught], "My lift"), tmp_path)
    events, _ = run_engine(log, exercise)
    peaks = [e.repetition.peak_s for e in events if isinstance(e, RepetitionCompleted)]
    for lift in lifts:
        assert sum(lift.start_s <= peak <= lift.end_s for peak in peaks) == 1
    assert counted(stored("seated_cat_cow"), exercise) == 0


def test_two_recordings_teach_what_they_have_in_common() -> None:
    learned = learn_movement([log_of(squats(1)), log_of(squats(2, scale=0.8))], "Deep squat")
    assert [len(extents) for extents in learned.extents] == [1, 2]


def test_reference_is_learned_for_the_form_score(squat: Learned) -> None:
    assert (squat.profile.exercise, squat.profile.view) == ("deep_squat", "side")
    assert squat.profile.n_phases > 10
    hips = squat.profile.xy[:, [25, 26], 1].mean(axis=1)
    assert hips.max() - hips.min() > 0.1, "the knees come nearer to the hips' height"


# -- sides and holds --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def march() -> Learned:
    return learn_movement([log_of(marches("RLRL"))], "March")


def test_sides_that_take_turns_are_told_apart(march: Learned, tmp_path: Path) -> None:
    assert march.sides == ("right", "left")
    assert [extent.side for extent in march.extents[0]] == ["right", "left", "right", "left"]
    exercise = as_exercise(march, tmp_path)
    assert exercise.criterion.kind == "alternation"
    assert sides_of(marches("RLLRL"), exercise) == ["right", "left", "left", "right", "left"]


def test_mirrored_person_does_the_other_side(march: Learned, tmp_path: Path) -> None:
    exercise = as_exercise(march, tmp_path)
    assert sides_of(mirrored(marches("RLR", scale=0.7, seconds=3.0)), exercise) == ["left", "right", "left"]


def sides_of(poses: Iterable[Pose], exercise: Exercise) -> list[str | None]:
    events, _ = run_engine(log_of(list(poses)), exercise)
    return [event.repetition.side for event in events if isinstance(event, RepetitionCompleted)]


def held_squats(n: int, held_s: float) -> list[Pose]:
    keys = [(0.0, 0.0)]
    for i in range(n):
        start = 1.0 + i * (held_s + 4.0)
        keys += [(start, 0.0), (start + 1.5, 80.0), (start + 1.5 + held_s, 80.0), (start + 3.0 + held_s, 0.0)]
    bend = course(keys)
    return filmed(lambda t: standing(bend(t)), keys[-1][0] + 1.0)


def test_far_end_that_is_kept_becomes_a_hold(tmp_path: Path) -> None:
    learned = learn_movement([log_of(held_squats(2, 6.0))], "Low hold")
    assert learned.held_s == pytest.approx(6.5, abs=0.8)
    exercise = as_exercise(learned, tmp_path)
    assert exercise.criterion.kind == "hold"
    assert check_exercise(tmp_path / "low_hold.toml").errors == ()
    held = {s: holds(held_squats(2, s), exercise) for s in (6.0, 12.0, 1.0)}
    assert held == {6.0: 2, 12.0: 2, 1.0: 0}


def holds(poses: list[Pose], exercise: Exercise) -> int:
    events, _ = run_engine(log_of(poses), exercise)
    return sum(isinstance(event, HoldCompleted) and event.hold.counted for event in events)


@pytest.mark.parametrize(
    ("taught", "counted_in", "n"),
    [
        ("chest_opener", "chest_opener_faults", 3),  # of 4, one is short
        ("ball_back_stretch", "ball_back_stretch_faults", 2),  # of 3, one is partial
        ("roll_fore_aft", "roll_fore_aft_faults", 4),  # of 5, one is partial
        ("seated_twist", "walk_in", 3),
    ],
)
def test_one_person_teaches_and_another_one_is_counted(taught: str, counted_in: str, n: int, tmp_path: Path) -> None:
    exercise = as_exercise(learn_movement([log_of(stored(taught))], "Mine"), tmp_path)
    assert counted(stored(counted_in), exercise) == n
    assert counted(stored("idle_front"), exercise) == 0


# -- one way and then the other --------------------------------------------------------------------------------------


def rocking(n: int, one_deg: float = 30.0, other_deg: float = -20.0, seconds: float = 4.0) -> list[Pose]:
    """Leaning forward and upright again, then back and upright again, a short stop each time in the middle."""
    keys, stop_s = [(0.0, 0.0), (1.0, 0.0)], 0.3
    way_s = (seconds - 2 * stop_s) / 4
    for far_deg in n * [one_deg, other_deg]:
        start_s = keys[-1][0]
        keys += [(start_s + way_s, far_deg), (start_s + 2 * way_s, 0.0), (start_s + 2 * way_s + stop_s, 0.0)]
    lean = course(keys)
    return filmed(lambda t: seated(forward_deg=lean(t)), keys[-1][0] + 1.0)


def test_movement_one_way_and_then_the_other_is_one_repetition(tmp_path: Path) -> None:
    learned = learn_movement([log_of(rocking(4))], "Rocking")
    assert (learned.n_repetitions, learned.goes_both_ways, learned.sides) == (4, True, ())
    assert learned.seconds == pytest.approx(4.0, abs=0.5)
    exercise = as_exercise(learned, tmp_path)
    assert check_exercise(tmp_path / "rocking.toml").errors == ()
    assert counted(rocking(5), exercise) == 5
    assert counted(mirrored(rocking(3, seconds=6.0)), exercise) == 3
    assert counted(rocking(5, other_deg=0.0), exercise) == 0, "half of it is none"
    assert counted(rocking(5, one_deg=0.0), exercise) == 0


def test_movement_that_swings_a_little_beyond_its_rest_goes_one_way() -> None:
    learned = learn_movement([log_of(rocking(4, other_deg=-5.0))], "Bow")
    assert (learned.n_repetitions, learned.goes_both_ways) == (4, False)


def test_movement_without_rest_that_begins_half_way_goes_one_way() -> None:
    bend = filmed(lambda t: standing(45.0 + 45.0 * np.sin(2.0 * np.pi * t / 3.0)), 15.0)
    learned = learned_from(bend)
    assert (learned.n_repetitions, learned.goes_both_ways) == (5, False)
    assert learned.seconds == pytest.approx(3.0, abs=0.3)


@pytest.mark.parametrize("name", ["seated_cat_cow", "seated_cat_cow_faults"])
def test_arching_and_rounding_are_taught_as_one(name: str, tmp_path: Path) -> None:
    own = [e.repetition for e in judge(log_of(stored(name)), find_exercise("seated_cat_cow")).events
           if isinstance(e, RepetitionCompleted)]  # fmt: skip
    learned = learn_movement([log_of(stored(name))], "My cat")
    assert learned.n_repetitions == len(own)
    assert learned.seconds == pytest.approx(np.median([r.end_s - r.start_s for r in own]), rel=0.15)
    assert counted(stored(name), as_exercise(learned, tmp_path)) == len(own)


def test_sides_are_called_the_same_when_taught_and_when_counted(tmp_path: Path) -> None:
    log = log_of(stored("windshield_wipers_faults"))  # the hips go to the other side than the knees
    learned = learn_movement([log], "Wipers")
    done = [e.repetition for e in run_engine(log, as_exercise(learned, tmp_path))[0]
            if isinstance(e, RepetitionCompleted)]  # fmt: skip
    assert len(done) >= 4
    for one in done:
        assert [e.side for e in learned.extents[0] if e.start_s <= one.peak_s <= e.end_s] == [one.side]


# -- what teaches nothing ---------------------------------------------------------------------------------------------


def test_told_number_must_be_found() -> None:
    assert learned_from(squats(2), 2).n_repetitions == 2
    with pytest.raises(UsageError, match="not 7"):
        learned_from(squats(2), 7)


def test_what_teaches_nothing_is_said() -> None:
    with pytest.raises(UsageError, match="nothing moves enough"):
        learned_from(filmed(lambda _: standing(0.0), 10.0))
    with pytest.raises(UsageError, match="no person"):
        learned_from([Pose.nobody(i / 20, (640, 480)) for i in range(40)])
    bend = course([(0.0, 0.0), (2.0, 0.0), (6.0, 90.0)])
    with pytest.raises(UsageError, match="no repetition"):
        learned_from(filmed(lambda t: standing(bend(t)), 8.0))
    with pytest.raises(UsageError, match="no file name"):
        learn_movement([log_of(squats(1))], "???")
    with pytest.raises(UsageError, match="no view 'above'; it is one of side, front"):
        learn_movement([log_of(squats(1))], "Squat", view="above")
    with pytest.raises(UsageError, match="nothing is seen from the front, but from the side"):
        learn_movement([log_of(squats(1))], "Squat", view="front")
    with pytest.raises(UsageError, match="too short"):
        learned_from(squats(1)[:15])


def test_person_who_is_lost_is_said() -> None:
    poses = squats(2)
    hidden = [pose if i % 3 == 0 else Pose.nobody(pose.time_s, pose.size_wh) for i, pose in enumerate(poses)]
    with pytest.raises(UsageError, match="seen in 33 %"):
        learned_from(hidden)


def test_two_people_who_are_mixed_up_are_said() -> None:
    poses = squats(3)
    other = squats(3, shift_px=(200.0, 0.0))
    mixed = [a if i % 4 < 2 else b for i, (a, b) in enumerate(zip(poses, other, strict=True))]
    with pytest.raises(UsageError, match="One person alone"):
        learned_from(mixed)


def test_repetition_that_is_cut_off_or_interrupted_teaches_nothing() -> None:
    poses = squats(3)
    begun = [pose for pose in poses if pose.time_s >= 2.3]  # the first one is at its far end
    assert learned_from(begun).n_repetitions == 2
    gap = [Pose.nobody(p.time_s, p.size_wh) if 6.0 < p.time_s < 7.2 else p for p in poses]
    assert learned_from(gap).n_repetitions == 2


def test_what_does_not_come_back_teaches_nothing() -> None:
    bend = course([(0.0, 0.0), (2.0, 0.0), (4.0, 40.0), (6.0, 40.0), (8.0, 90.0), (12.0, 90.0)])
    with pytest.raises(UsageError, match="no repetition"):
        learned_from(filmed(lambda t: standing(bend(t)), 12.0))


def test_names_become_ids() -> None:
    assert id_of("Wall angel") == "wall_angel"
    assert id_of("  Übung 2: Wall-Angel! ") == "ubung_2_wall_angel"


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "me.npz"
    log_of(squats(3)).save(path)
    return path


def test_taught_movement_is_usable_at_once(recording: Path, tmp_path: Path) -> None:
    done = run.invoke(app, ["learn", str(recording), "--name", "Deep squat"])
    assert done.exit_code == 0, done.output
    assert "learned from 3 repetitions" in done.stdout
    assert own_exercise_ids() == ["deep_squat"]
    assert list(find_references("deep_squat")) == ["side"]
    assert check_exercise(own_exercises() / "deep_squat.toml").errors == ()
    assert "deep_squat" in run.invoke(app, ["exercises"]).stdout
    assert "Deep squat" in run.invoke(app, ["exercises", "show", "deep_squat"]).stdout
    log_of(squats(4)).save(tmp_path / "again.npz")
    analysed = run.invoke(
        app, ["analyze", str(tmp_path / "again.npz"), "--exercise", "deep_squat", "--out", str(tmp_path / "out")]
    )
    assert analysed.exit_code == 0, analysed.output
    assert "4 of 5 repetitions" in analysed.stdout
    page = (own_exercises() / "deep_squat.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert page.count("<circle") == 8, "a head for each figure of the strip"
    assert "Knee angle" in page


def test_page_and_its_readings_speak_german(recording: Path) -> None:
    assert run.invoke(app, ["learn", str(recording), "--name", "Kniebeuge", "--lang", "de"]).exit_code == 0
    page = (own_exercises() / "kniebeuge.html").read_text(encoding="utf-8")
    assert '<html lang="de">' in page
    told = run.invoke(app, ["learn", str(recording), "--name", "Kniebeuge", "--lang", "de", "--replace"]).stdout
    assert told.startswith("Kniebeuge: gelernt aus 3 Wiederholungen")
    assert "Gezählt wird an Hüftwinkel, Kniewinkel" in told
    assert not {"Not seen", "Use it", "range"} & set(told.replace(":", "").split())
    assert "Kniewinkel" in page
    assert "Knee angle" not in page


def test_page_tells_what_a_hold_counts_from_as_its_file_does(tmp_path: Path) -> None:
    log_of(held_squats(2, 6.0)).save(tmp_path / "held.npz")
    assert run.invoke(app, ["learn", str(tmp_path / "held.npz"), "--name", "Low hold"]).exit_code == 0
    rule = load_exercise(own_exercises() / "low_hold.toml").criterion.hold
    assert rule is not None
    page = (own_exercises() / "low_hold.html").read_text(encoding="utf-8")
    assert f"A hold counts from {rule.counted_s:.1f}\N{NO-BREAK SPACE}s on." in page


def test_page_of_a_movement_both_ways_says_so(tmp_path: Path) -> None:
    log_of(rocking(3)).save(tmp_path / "rocking.npz")
    for name, language, told in (
        ("Rocking", "en", "both together are one repetition"),
        ("Wiege", "de", "eine Wiederh"),
    ):
        assert run.invoke(
            app, ["learn", str(tmp_path / "rocking.npz"), "--name", name, "--lang", language]
        ).exit_code == 0  # fmt: skip
        assert told in (own_exercises() / f"{name.lower()}.html").read_text(encoding="utf-8")


def test_every_text_of_the_page_is_in_both_languages() -> None:
    folder = Path(learned_page.__file__).parent / "templates"
    english, german = (tomllib.loads((folder / f"learned.{x}.toml").read_text(encoding="utf-8")) for x in ("en", "de"))
    assert english["page"].keys() == german["page"].keys() != set()
    labels = {MEASURES[name].label for name in ONE_SIDED | SIDED}
    assert labels
    assert {label for label in labels if load_catalogue("de").say(label) == label} == set()


def test_movement_is_not_replaced_by_accident(recording: Path) -> None:
    teach = ["learn", str(recording), "--name", "Deep squat"]
    assert run.invoke(app, teach).exit_code == 0
    before = (own_exercises() / "deep_squat.toml").read_bytes()
    again = run.invoke(app, teach)
    assert again.exit_code == 2
    assert "--replace" in again.stderr
    assert (own_exercises() / "deep_squat.toml").read_bytes() == before
    assert run.invoke(app, [*teach, "--replace"]).exit_code == 0
    shipped = run.invoke(app, ["learn", str(recording), "--name", "Seated twist"])
    assert shipped.exit_code == 2
    assert "choose another --name" in shipped.stderr


def test_taught_movements_do_not_change_what_comes_with_formcheck(recording: Path) -> None:
    before = exercise_ids()
    assert run.invoke(app, ["learn", str(recording), "--name", "Deep squat"]).exit_code == 0
    assert exercise_ids() == before


def test_a_side_that_lies_in_gaps_is_not_taught_as_a_side_without_range() -> None:
    poses = list(stored("seated_twist_clean"))
    events, _ = run_engine(log_of(poses), find_exercise("seated_twist"))
    done = [event.repetition for event in events if isinstance(event, RepetitionCompleted)]
    ends = [turn.end_s for turn in done if turn.side == "left"]
    gaps = [
        Pose.nobody(p.time_s, p.size_wh) if any(end_s - 1.0 <= p.time_s < end_s - 0.1 for end_s in ends) else p
        for p in poses
    ]
    assert len(ends) >= 2
    assert learn_movement([log_of(poses)], "Twist").sides == ("right", "left")
    with pytest.raises(UsageError, match="no repetition was found"):
        learn_movement([log_of(gaps)], "Twist")


def test_a_language_that_is_not_known_is_told_before_anything_is_learned(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["learn", str(tmp_path / "none.mp4"), "--name", "Wall angel", "--lang", "xx"])
    assert done.exit_code == 2
    assert "language" in done.stderr
