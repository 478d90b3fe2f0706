"""Recordings that were cut: other views, stretches left out, titles between. What is not whole is not judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from agreement import counts
from recordings import Poses, log_of, stored

from formcheck.engine import Engine
from formcheck.events import (
    CircleCompleted,
    Event,
    FaultRaised,
    HoldCompleted,
    PictureJumped,
    RepetitionCompleted,
    RepetitionRejected,
)
from formcheck.judging import judge, notes_on_jumps
from formcheck.measures.integrity import IntegrityMonitor
from formcheck.measures.standpoint import Standpoints
from formcheck.messages import page_catalogue
from formcheck.registry import exercise_ids, find_exercise
from formcheck.skeleton import MIRROR
from formcheck.types import Pose

POSES = Path(__file__).parent / "poses"
NONSENSE = {"childs_pose_hidden", "prone_hidden_face"}  # skeletons that jump by themselves: the face is not seen
CLEAN = sorted(path.stem for path in POSES.glob("*.npz") if path.stem not in NONSENSE)
ZOOMED = [
    "back_extension",
    "ball_back_stretch_short",
    "calf_roll",
    "childs_pose_clean",
    "hip_circles",
    "roll_fore_aft",
    "seated_cat_cow_faults",
    "seated_twist",
    "side_stretch",
    "supine_full_stretch",
]


def exercise_of(name: str) -> str:
    return max((own for own in exercise_ids() if name.startswith(own)), key=len)


def events_of(poses: Sequence[Pose], exercise: str) -> list[Event]:
    engine = Engine(find_exercise(exercise))
    return [event for pose in poses for event in engine.step(pose)] + engine.finish()


def faults_of(events: Sequence[Event]) -> set[str]:
    return {event.fault for event in events if isinstance(event, FaultRaised)}


def step_of(poses: Sequence[Pose]) -> float:
    return float(np.median(np.diff([pose.time_s for pose in poses])))


def spliced(*parts: Sequence[Pose]) -> Poses:
    """The parts one after the other, without a frame's pause."""
    step_s, joined = step_of(parts[0]), [pose for part in parts for pose in part]
    return [replace(pose, time_s=i * step_s) for i, pose in enumerate(joined)]


def between(poses: Sequence[Pose], start_s: float, end_s: float) -> Poses:
    return [pose for pose in poses if start_s <= pose.time_s < end_s]


def without(poses: Sequence[Pose], start_s: float, end_s: float) -> Poses:
    return spliced([pose for pose in poses if not start_s <= pose.time_s < end_s])


def hidden(poses: Sequence[Pose], start_s: float, end_s: float) -> Poses:
    return [Pose.nobody(p.time_s, p.size_wh) if start_s <= p.time_s < end_s else p for p in poses]


def closer(poses: Sequence[Pose], start_s: float, end_s: float, zoom: float = 1.3) -> Poses:
    """Between two times, seen from the same place through a longer lens."""

    def seen(pose: Pose) -> Pose:
        landmarks = ((pose.landmarks - (0.5, 0.5, 0.0)) * zoom + (0.55, 0.46, 0.0)).astype(np.float32)
        return replace(pose, landmarks=landmarks, ball=None, back_outline=None)

    return [seen(pose) if start_s <= pose.time_s < end_s else pose for pose in poses]


def mirrored(pose: Pose) -> Pose:
    swap = list(MIRROR)
    landmarks, world_m = pose.landmarks[swap].copy(), pose.world_m[swap].copy()
    landmarks[:, 0], world_m[:, 0] = 1 - landmarks[:, 0], -world_m[:, 0]
    return replace(pose, landmarks=landmarks, world_m=world_m, visibility=pose.visibility[swap], ball=None)


def turned(pose: Pose, degrees: float) -> Pose:
    """Seen by a camera that stands elsewhere, as far as that one's metres tell."""
    angle = np.radians(degrees)
    x, y, z = pose.world_m.T
    world = np.stack([np.cos(angle) * x + np.sin(angle) * z, y, np.cos(angle) * z - np.sin(angle) * x], axis=1)
    return replace(pose, world_m=world.astype(np.float32))


# -- where a cut is ------------------------------------------------------------------------------------------------


def cuts_in(poses: Sequence[Pose]) -> list[float]:
    monitor = IntegrityMonitor()
    return [pose.time_s for pose in poses if monitor.check(pose, float("nan")).verdict == "cut"]


def test_nobody_is_cut_by_moving() -> None:
    assert len(CLEAN) > 40
    assert {name: cuts for name in CLEAN if (cuts := cuts_in(stored(name)))} == {}


@pytest.mark.parametrize(
    ("name", "start_s", "end_s"),
    [("seated_twist", 3.0, 12.0), ("roll_fore_aft", 7.7, 14.3), ("seated_cat_cow", 4.0, 10.0)],
)
def test_a_stretch_that_was_left_out_is_told(name: str, start_s: float, end_s: float) -> None:
    (cut_s,) = cuts_in(without(stored(name), start_s, end_s))
    assert start_s < cut_s < start_s + 0.4


@pytest.mark.parametrize("name", ["back_extension", "hip_circles", "side_stretch"])
def test_a_closer_view_is_another_picture(name: str) -> None:
    cuts = cuts_in(closer(stored(name), 6.0, 12.0))
    assert len(cuts) == 2
    assert cuts == pytest.approx([6.25, 12.25], abs=0.2)


def test_a_skeleton_that_is_back_at_once_was_not_cut() -> None:
    poses = stored("seated_cat_cow")
    jumpy = [
        replace(pose, landmarks=pose.landmarks + np.float32([0.03, 0.03, 0])) if 6.0 <= pose.time_s < 6.1 else pose
        for pose in poses
    ]
    assert cuts_in(jumpy) == []


def test_who_begins_fast_is_not_cut() -> None:
    still, step_s = stored("idle")[:60], step_of(stored("idle"))
    ways = np.cumsum([0.01, 0.03, 0.05, 0.05, 0.05, 0.05, 0.03, 0.01])  # of the picture's height, to the floor
    falls = [
        replace(
            still[-1],
            time_s=still[-1].time_s + (i + 1) * step_s,
            landmarks=still[-1].landmarks + np.float32([0, way, 0]),
        )
        for i, way in enumerate(ways)
    ]
    lies = [
        replace(
            pose, time_s=falls[-1].time_s + (i + 1) * step_s, landmarks=pose.landmarks + np.float32([0, ways[-1], 0])
        )
        for i, pose in enumerate(still[:30])
    ]
    assert cuts_in(still + falls + lies) == []


# -- from where it is seen -----------------------------------------------------------------------------------------


def numbers(*shots: Sequence[Pose]) -> list[int | None]:
    """The standpoint's number at the end of each shot."""
    standpoints, found = Standpoints(), []
    for shot in shots:
        standpoints.cut()
        for pose in shot:
            standpoints.take(pose)
        found.append(standpoints.number)
    return found


@pytest.mark.parametrize("name", ["back_extension", "roll_fore_aft", "side_stretch", "calf_roll"])
def test_a_standpoint_is_known_again(name: str) -> None:
    poses = stored(name)
    near = closer(poses, 0.0, 99.0, 1.5)
    elsewhere = [turned(pose, 60.0) for pose in poses]
    shots = (poses[:40], near[40:80], elsewhere[80:120], poses[120:160], near[20:60])
    assert numbers(*shots) == [0, 1, 2, 0, 1]


def test_the_other_side_of_somebody_is_another_standpoint() -> None:
    poses = stored("back_extension")
    assert numbers(poses[:40], [mirrored(pose) for pose in poses[40:80]], poses[80:120]) == [0, 1, 0]


def test_a_standpoint_is_not_known_at_once() -> None:
    assert numbers(stored("back_extension")[:3]) == [None]


# -- what is counted -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ZOOMED)
def test_two_cuts_to_another_view_invent_nothing(name: str) -> None:
    poses, exercise = stored(name), exercise_of(name)
    end_s = poses[-1].time_s
    whole, cut = events_of(poses, exercise), events_of(closer(poses, 0.35 * end_s, 0.65 * end_s), exercise)
    assert faults_of(cut) <= faults_of(whole)
    assert all(n <= counts(whole)[kind] for kind, n in counts(cut).items())


def test_what_lies_whole_between_cuts_is_counted() -> None:
    poses = stored("back_extension")  # repetitions at 1.2, 7.7, 17.2 and 23.0 s, one that falls short at 14.2 s
    found = [
        e.repetition
        for e in events_of(closer(poses, 9.0, 18.5), "back_extension")
        if isinstance(e, RepetitionCompleted)
    ]
    assert [round(repetition.start_s) for repetition in found] == [1, 23]


def test_the_beginning_of_one_and_the_end_of_another_make_no_repetition() -> None:
    poses = stored("roll_fore_aft")
    whole = [e.repetition for e in events_of(poses, "roll_fore_aft") if isinstance(e, RepetitionCompleted)]
    first, last = whole[0], whole[-1]
    events = events_of(without(poses, first.peak_s, last.end_s - 0.3), "roll_fore_aft")
    found = [e.repetition for e in events if isinstance(e, RepetitionCompleted)]
    assert not [r for r in found if r.start_s < first.peak_s]


def test_who_is_seen_again_from_where_they_were_rests_as_they_did() -> None:
    """Back in the middle of a lean that is held: without the rest of before, its top would be taken for one."""
    poses = stored("back_extension")
    shots = spliced(between(poses, 0.0, 8.0), closer(poses, 8.0, 10.5)[120:157], between(poses, 10.5, 30.0))
    events = events_of(shots, "back_extension")
    assert faults_of(events) <= faults_of(events_of(poses, "back_extension"))
    assert counts(events)["repetitions"] == 3  # that of the cut is lost


def test_a_half_whose_first_was_cut_away_has_no_partner() -> None:
    """Arch and round make one; a cut in the arch leaves a round, which is not put together with the next arch."""
    poses = stored("seated_cat_cow")
    whole = [e.repetition for e in events_of(poses, "seated_cat_cow") if isinstance(e, RepetitionCompleted)]
    cut_s = whole[1].start_s + 0.4 * (whole[1].end_s - whole[1].start_s)
    events = events_of(closer(poses, cut_s, 999.0), "seated_cat_cow")
    found = [e.repetition for e in events if isinstance(e, RepetitionCompleted)]
    assert [r.start_s for r in found] == pytest.approx([r.start_s for r in (whole[0], *whole[2:])], abs=0.3)


@pytest.mark.parametrize("name", ["tight_spot_pause", "savasana"])
def test_a_hold_that_is_cut_through_counts_once(name: str) -> None:
    poses = stored(name)
    whole = [e.hold for e in events_of(poses, name) if isinstance(e, HoldCompleted) and e.hold.counted]
    assert len(whole) == 1
    for share in (0.3, 0.5, 0.7):
        cut_s = whole[0].start_s + share * (whole[0].end_s - whole[0].start_s)
        for cut in (closer(poses, cut_s, 999.0), hidden(poses, cut_s, cut_s + 1.5)):
            events = events_of(cut, name)
            assert sum(isinstance(e, HoldCompleted) and e.hold.counted for e in events) <= 1
            assert faults_of(events) <= faults_of(events_of(poses, name))


def test_a_circle_that_was_cut_before_it_was_closed_is_none() -> None:
    poses = stored("hip_circles")
    circles = [e.circle for e in events_of(poses, "hip_circles") if isinstance(e, CircleCompleted) and e.circle.counted]
    early = circles[1].end_s - 0.12 * (circles[1].end_s - circles[1].start_s)
    cut = events_of(without(poses, early, 11.5), "hip_circles")
    n_before = sum(isinstance(e, CircleCompleted) and e.circle.counted and e.circle.end_s <= early for e in cut)
    assert n_before == 1


# -- faults --------------------------------------------------------------------------------------------------------


def test_a_side_that_was_cut_away_is_not_missed() -> None:
    poses = stored("seated_twist")
    done = [e.repetition for e in events_of(poses, "seated_twist") if isinstance(e, RepetitionCompleted)]
    assert [repetition.side for repetition in done[:3]] == ["right", "left", "right"]
    shots = spliced(between(poses, 0.0, done[1].peak_s), between(poses, done[2].start_s - 0.5, done[2].end_s + 0.3))
    events = events_of(shots, "seated_twist")
    assert {e.repetition.side for e in events if isinstance(e, RepetitionCompleted)} == {"right"}
    assert any(isinstance(e, PictureJumped) for e in events)
    assert "other_side" not in faults_of(events)


@pytest.mark.parametrize("name", ["childs_pose_clean", "supine_full_stretch"])
def test_a_hold_that_was_cut_through_is_not_too_short(name: str) -> None:
    poses, exercise = stored(name), exercise_of(name)
    (hold,) = [e.hold for e in events_of(poses, exercise) if isinstance(e, HoldCompleted) and e.hold.counted]
    middle_s = (hold.start_s + hold.end_s) / 2
    for cut in (closer(poses, middle_s, 999.0), closer(poses, 0.0, middle_s)):
        assert "hold_short" not in faults_of(events_of(cut, exercise))


@pytest.mark.parametrize(
    ("name", "start_s", "end_s"),
    [("ball_back_stretch", 2.5, 4.2), ("chest_opener", 4.5, 7.5), ("windshield_wipers_faults", 4.0, 5.6)],
)
def test_a_movement_that_nobody_saw_begin_is_neither_rushed_nor_too_short(
    name: str, start_s: float, end_s: float
) -> None:
    poses, exercise = stored(name), exercise_of(name)
    assert faults_of(events_of(hidden(poses, start_s, end_s), exercise)) <= faults_of(events_of(poses, exercise))


# -- what is told --------------------------------------------------------------------------------------------------


def test_a_report_says_where_the_picture_jumps() -> None:
    poses = stored("back_extension")
    told = judge(log_of(closer(poses, 9.0, 18.5)), find_exercise("back_extension"))
    (note,) = [note for note in told.notes if "jumps" in note]
    assert note.startswith("The picture jumps at 0:09, 0:19: what was under way there was not judged.")
    assert (
        page_catalogue("de").say(note).startswith("Das Bild springt bei 0:09, 0:19: Was dort gerade lief, wurde nicht")
    )
    assert not [note for note in judge(log_of(poses), find_exercise("back_extension")).notes if "jumps" in note]
    reasons = {e.repetition.reason for e in told.events if isinstance(e, RepetitionRejected)}
    assert "the picture jumped" in reasons
    assert page_catalogue("de").say("the picture jumped") == "das Bild ist gesprungen"


def test_many_jumps_are_not_told_one_by_one() -> None:
    assert notes_on_jumps([]) == []
    (note,) = notes_on_jumps([PictureJumped(10.0 * i + 0.6, 10.0 * i) for i in range(1, 10)])
    assert note.startswith("The picture jumps at 0:10, 0:20, 0:30, 0:40, 0:50, 1:00 and 3 times more: what")
    assert "0:50, 1:00 und noch 3-mal: Was" in page_catalogue("de").say(note)
