"""A recording is split into blocks: each is named for what is done in it, and what lies between belongs to none."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import POSES, Poses, frozen, joined, log_of, nobody, shifted, stored

from formcheck.engine import Engine
from formcheck.events import BlockEnded, BlockFound, BlockStarted, Event
from formcheck.gatekeeper import UNBELIEVABLE
from formcheck.judging import judge
from formcheck.measures.senses import Senses
from formcheck.recognise import NO_POSTURE, Recognition, find_blocks, recognise, why_nothing
from formcheck.registry import exercise_ids, find_exercise
from formcheck.report import build_report
from formcheck.routine import Routine
from formcheck.splitting import Group, Part, split
from formcheck.trials import Claim, Obstacle, Trial
from formcheck.types import Side

MOVING = ["back_extension", "seated_cat_cow", "seated_twist", "side_stretch"]
TRUTHS = Path(__file__).parent.parent / "sample_videos"
EDGE_S = 3.0  # a block begins with its first movement, a recording with a rest


def seen(poses: Poses, routine: Routine | None = None) -> Recognition:
    return recognise(poses, [find_exercise(name) for name in exercise_ids()], routine)


def names(recognition: Recognition) -> list[str | None]:
    return [block.exercise for block in recognition.blocks]


def truth_of(name: str) -> str | None:
    return json.loads((TRUTHS / f"{name}.truth.json").read_text(encoding="utf-8"))["exercise"]


def shown_in(name: str) -> set[str]:
    """Every movement that is done in a clip."""
    truth = json.loads((TRUTHS / f"{name}.truth.json").read_text(encoding="utf-8"))
    blocks = truth.get("blocks", [truth] if truth["exercise"] else [])
    return {block["exercise"] for block in blocks}


CLIPS = sorted(path.stem for path in POSES.glob("*.npz") if (TRUTHS / f"{path.stem}.truth.json").is_file())


@pytest.mark.parametrize("name", CLIPS)
def test_a_stored_recording_is_named_for_what_it_shows_or_left_unsure(name: str) -> None:
    expected = shown_in(name)
    found = names(seen(stored(name)))
    assert set(found) <= {*expected, None}
    if not expected:
        assert found == []


@pytest.mark.parametrize("name", MOVING)
def test_the_four_first_movements_are_named(name: str) -> None:
    recognition = seen(stored(name))
    assert names(recognition) == [name]
    (block,) = recognition.blocks
    assert block.chosen_by == "recognised"
    assert block.candidates[0].exercise == name
    assert block.candidates[0].share > 0.5
    assert block.margin > 0.5


@pytest.mark.parametrize("between", ["nobody", "on_the_way", "frozen", "cut"])
def test_four_movements_in_any_order_are_four_blocks_at_their_times(between: str) -> None:
    order = random.Random(between).sample(MOVING, len(MOVING))
    poses, extents = joined(*(stored(name) for name in order), between=between)
    recognition = seen(poses)
    assert names(recognition) == order
    for block, (start_s, end_s) in zip(recognition.blocks, extents, strict=True):
        assert start_s - 0.5 <= block.start_s <= start_s + EDGE_S
        assert end_s - EDGE_S <= block.end_s <= end_s + 0.5


def test_sitting_around_between_two_movements_belongs_to_neither() -> None:
    parts = ["seated_cat_cow", "idle", "back_extension", "idle_front", "seated_twist"]
    poses, extents = joined(*(stored(name) for name in parts), between="cut")
    recognition = seen(poses)
    assert [name for name in names(recognition) if name] == [name for name in parts if not name.startswith("idle")]
    for block in recognition.blocks:
        for (start_s, end_s), name in zip(extents, parts, strict=True):
            if name.startswith("idle"):
                assert min(block.end_s, end_s) - max(block.start_s, start_s) < 1.0


def test_a_pause_within_a_movement_does_not_split_it() -> None:
    poses = stored("back_extension")
    first = [pose for pose in poses if pose.time_s < 14.0]
    rest = [pose for pose in poses if pose.time_s >= 14.0]
    (block,) = seen(joined(first, rest, between="nobody", seconds=6.0)[0]).blocks
    assert block.exercise == "back_extension"
    assert block.end_s - block.start_s > 30.0


@pytest.mark.parametrize("name", ["idle", "idle_front"])
def test_sitting_around_is_no_movement(name: str) -> None:
    recognition = seen(stored(name))
    assert recognition.blocks == ()
    assert recognition.reason


def test_a_picture_that_stands_still_is_no_movement() -> None:
    for name in MOVING:
        pose = stored(name)[60]
        assert seen([pose, *frozen(pose, 40.0)]).blocks == ()


def test_an_empty_room_is_no_movement() -> None:
    pose = stored("idle")[0]
    recognition = seen(nobody(pose, 10.0))
    assert recognition.blocks == ()
    assert recognition.reason == "nobody is in view"


def test_a_single_repetition_is_too_little_to_be_sure() -> None:
    once = [pose for pose in stored("seated_cat_cow") if pose.time_s < 6.6]
    (block,) = seen(once).blocks
    assert block.exercise is None
    assert block.candidates[0].exercise == "seated_cat_cow"
    assert block.reason


def test_what_explains_more_of_the_time_wins_and_the_other_is_told() -> None:
    twist = find_exercise("seated_twist")
    twin = twist.model_copy(update={"id": "twin"})
    stronger = twist.criterion.model_copy(update={"shortest_s": 3.0})
    rival = twist.model_copy(update={"id": "slow_ones_only", "criterion": stronger})
    (block,) = recognise(stored("seated_twist"), [twist, rival]).blocks
    assert block.exercise == "seated_twist"
    assert [candidate.exercise for candidate in block.candidates] == ["seated_twist", "slow_ones_only"]
    assert 0.15 <= block.margin < 1.0
    (unclear,) = recognise(stored("seated_twist"), [twist, twin]).blocks
    assert unclear.exercise is None
    assert {candidate.exercise for candidate in unclear.candidates} == {"seated_twist", "twin"}
    assert unclear.margin < 0.15


def test_the_frame_rate_changes_no_name() -> None:
    for step in (2, 3):
        poses, _ = joined(stored("seated_twist")[::step], stored("back_extension")[::step])
        assert names(seen(poses)) == ["seated_twist", "back_extension"]


def test_every_block_is_followed_by_its_own_engine_and_the_report_tells_all_of_them() -> None:
    poses, extents = joined(*(stored(name) for name in MOVING), between="on_the_way")
    log = log_of(poses)
    judged = judge(log, None)
    started = [event.exercise for event in judged.events if isinstance(event, BlockStarted)]
    assert started == MOVING
    assert sum(isinstance(event, BlockEnded) for event in judged.events) == len(MOVING)
    assert [event.exercise for event in judged.events if isinstance(event, BlockFound)] == MOVING
    source = {"duration_s": float(log.time_s[-1])}
    report = build_report(judged.events, source=source, versions={}, exercises=judged.exercises)
    counted = {block["exercise"]: block["counted"] for block in report["blocks"]}
    for name in MOVING:
        truth = json.loads((TRUTHS / f"{name}.truth.json").read_text(encoding="utf-8"))["counted"]
        assert {kind: n for kind, n in counted[name].items() if truth.get(kind)} == {
            k: n for k, n in truth.items() if n
        }
    for block, (start_s, end_s) in zip(report["blocks"], extents, strict=True):
        assert start_s - 0.5 <= block["start_s"] < block["end_s"] <= end_s + 0.5
    between = [gap for gap in report["not_judged"] if gap["reason"] == "no movement was recognised"]
    assert len(between) >= len(MOVING) - 1


@pytest.mark.parametrize("name", ["seated_twist", "back_extension"])
def test_engines_that_share_their_senses_decide_as_each_alone(name: str) -> None:
    poses = joined(stored(name)[:200], stored("idle_front")[:100])[0]
    exercises = [find_exercise(exercise) for exercise in exercise_ids()]
    senses = {line: Senses(line) for line in {exercise.view_by for exercise in exercises}}
    shared = [Engine(exercise, senses=senses[exercise.view_by]) for exercise in exercises]
    together: list[list[Event]] = [[] for _ in shared]
    for pose in poses:
        for engine, events in zip(shared, together, strict=True):
            events += engine.step(pose)
    for exercise, events in zip(exercises, together, strict=True):
        alone = Engine(exercise)
        assert [event for pose in poses for event in alone.step(pose)] == events


def test_the_same_log_gives_the_same_events() -> None:
    poses, _ = joined(stored("side_stretch"), stored("seated_cat_cow"))
    log = log_of(poses)
    assert judge(log, None).events == judge(log, None).events


def test_a_part_of_a_log_gives_the_same_names_at_another_time() -> None:
    poses = shifted(stored("side_stretch"), 100.0)
    (block,) = seen(poses).blocks
    assert block.exercise == "side_stretch"
    assert block.start_s > 100.0


# -- the split on paper --------------------------------------------------------------------------------------------


def test_the_split_takes_the_best_of_each_time() -> None:
    worth = {"a": [(0.0, 10.0, 0.9), (10.0, 20.0, 0.3)], "b": [(0.0, 10.0, 0.4), (10.0, 20.0, 0.8)]}
    assert split(worth) == [Part("a", 0.0, 10.0, None), Part("b", 10.0, 20.0, None)]


def test_a_flicker_of_another_movement_does_not_begin_a_block() -> None:
    worth = {"a": [(0.0, 10.0, 0.6), (11.0, 20.0, 0.6)], "b": [(9.9, 11.0, 1.0)]}
    assert [part.exercise for part in split(worth)] == ["a"]


def test_what_was_turned_down_speaks_against_a_movement() -> None:
    assert split({"a": [(0.0, 4.0, 0.5), (4.0, 20.0, -0.5), (20.0, 24.0, 0.5)]}) == [
        Part("a", 0.0, 4.0, None),
        Part("a", 20.0, 24.0, None),
    ]


def test_the_routine_decides_what_is_otherwise_open() -> None:
    worth = {"a": [(0.0, 10.0, 0.5)], "b": [(0.0, 10.0, 0.6)]}
    assert split(worth)[0].exercise == "b"
    (part,) = split(worth, [Group("a", 7)], 3.0)
    assert part == Part("a", 0.0, 10.0, 7)


def test_out_of_turn_a_movement_is_found_all_the_same() -> None:
    worth = {"a": [(20.0, 30.0, 0.9)], "b": [(0.0, 10.0, 0.9)]}
    parts = split(worth, [Group("a", 0), Group("b", 1)], 3.0)
    assert [part.exercise for part in parts] == ["b", "a"]
    assert sorted(part.planned is None for part in parts) == [False, True]


@given(
    st.dictionaries(
        st.sampled_from("abc"),
        st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6), st.floats(-1, 1)), min_size=1, max_size=6),
        min_size=1,
    )
)
def test_parts_never_overlap_and_are_worth_their_beginning(raw: dict[str, list[tuple[int, int, float]]]) -> None:
    worth = {}
    for name, extents in raw.items():
        time_s, own = 0.0, []
        for wait, seconds, rate in extents:
            own.append((time_s + wait, time_s + wait + seconds, rate))
            time_s += wait + seconds
        worth[name] = own
    parts = split(worth)
    for a, b in zip(parts, parts[1:], strict=False):
        assert a.end_s <= b.start_s
    for part in parts:
        inside = [
            max(0.0, min(end, part.end_s) - max(start, part.start_s)) * rate
            for start, end, rate in worth[part.exercise]
        ]
        assert sum(inside) >= 1.0 - 1e-6


# -- blocks on paper -----------------------------------------------------------------------------------------------


def trial(exercise: str, *claims: Claim) -> Trial:
    tried = Trial(find_exercise(exercise), Senses())
    tried.claims = [replace(claim, exercise=exercise) for claim in claims]
    return tried


def claim(start_s: float, end_s: float, side: Side | None = None, *, fit: float = 0.9, counted: bool = True) -> Claim:
    return Claim("", start_s, end_s, end_s, fit, counted, False, 1, side, reason=None if counted else "no")


def rocks(n: int, start_s: float) -> list[Claim]:
    """To the right and to the left in turn, two seconds each."""
    return [claim(start_s + 2 * i, start_s + 2 * i + 2, "left" if i % 2 else "right") for i in range(n)]


def routine_of(*exercises: str) -> Routine:
    blocks = [{"exercise": name, "seconds": 60} for name in exercises]
    section = {"title": "All", "seconds": 60 * len(blocks), "blocks": blocks}
    head = {"id": "r", "title": "R", "summary": "s", "safety": ["stop"], "done_share": 0.5}
    return Routine.model_validate({**head, "sections": [section]})


def named(trials: list[Trial], routine: Routine | None = None) -> list[tuple[str | None, float, float]]:
    return [(block.exercise, block.start_s, block.end_s) for block in find_blocks(trials, routine)]


def test_a_posture_kept_never_wins_over_a_movement_that_was_counted_in_the_same_time() -> None:
    twists = [claim(4.0 * i, 4.0 * i + 4, "left" if i % 2 else "right", fit=0.5) for i in range(6)]
    trials = [trial("seated_twist", *twists), trial("childs_pose", claim(0.0, 24.0, fit=1.0))]
    assert [name for name, *_ in named(trials)] == ["seated_twist"]


def test_sitting_still_is_named_only_where_the_routine_expects_it() -> None:
    trials = [trial("grounding_seat", claim(2.0, 30.0)), trial("back_extension", claim(50.0, 57.0), claim(58.0, 65.0))]
    assert named(trials) == [("back_extension", 50.0, 65.0)]
    expected = named(trials, routine_of("grounding_seat", "back_extension"))
    assert expected == [("grounding_seat", 2.0, 30.0), ("back_extension", 50.0, 65.0)]
    assert named(trials, routine_of("back_extension", "grounding_seat")) == [("back_extension", 50.0, 65.0)]


def test_of_two_postures_kept_alike_the_one_that_asks_for_more_is_meant() -> None:
    both = [trial("savasana", claim(0.0, 40.0)), trial("relaxation", claim(0.0, 40.0))]
    assert named(both) == [("savasana", 0.0, 40.0)]
    shorter = [trial("savasana", claim(0.0, 25.0)), trial("relaxation", claim(0.0, 40.0))]
    assert [name for name, *_ in named(shorter)] == [None]
    too_short = [trial("savasana", claim(0.0, 39.0, counted=False)), trial("relaxation", claim(0.0, 40.0))]
    assert [name for name, *_ in named(too_short)] == [None]
    assert named(shorter, routine_of("relaxation")) == [("relaxation", 0.0, 40.0)]


def test_a_posture_left_and_taken_again_within_another_may_be_what_was_kept_all_along() -> None:
    whole = trial("relaxation", claim(0.0, 28.0))
    pieces = [claim(0.0, 12.0, counted=False), claim(15.0, 28.0, counted=False)]
    assert [name for name, *_ in named([trial("savasana", *pieces), whole])] == [None]
    assert [name for name, *_ in named([trial("savasana", pieces[0]), whole])] == ["relaxation"]


def test_a_posture_of_which_no_second_is_credited_is_not_named() -> None:
    by_breaths = trial("savasana", claim(0.0, 40.0, fit=0.0))
    assert [name for name, *_ in named([by_breaths, trial("relaxation", claim(0.0, 30.0, counted=False))])] == [None]


def test_a_pause_between_rocks_is_named_where_the_routine_expects_it_and_leaves_the_rocks_one_block_elsewhere() -> None:
    trials = [
        trial("lumbar_rock", *rocks(6, 0.0), *rocks(4, 26.0)),
        trial("tight_spot_pause", claim(12.5, 25.5)),
    ]
    assert named(trials) == [("lumbar_rock", 0.0, 34.0)]
    expected = named(trials, routine_of("lumbar_rock", "tight_spot_pause"))
    assert [name for name, *_ in expected] == ["lumbar_rock", "tight_spot_pause", "lumbar_rock"]


def test_two_rocks_on_the_way_into_a_pause_are_not_a_block_of_rocking() -> None:
    trials = [trial("lumbar_rock", *rocks(2, 0.0), *rocks(2, 18.0)), trial("tight_spot_pause", claim(4.0, 18.0))]
    assert [name for name, *_ in named(trials)] == [None]
    assert [name for name, *_ in named(trials, routine_of("lumbar_rock", "tight_spot_pause"))] == ["tight_spot_pause"]


def test_a_movement_done_on_one_side_alone_is_not_named_as_one_from_side_to_side() -> None:
    turns = [claim(4.0 * i, 4.0 * i + 4, "left") for i in range(5)]
    assert [name for name, *_ in named([trial("seated_twist", *turns)])] == [None]


def test_two_turns_of_the_hips_are_settling_and_three_are_circles() -> None:
    turns = [claim(4.0 * i, 4.0 * i + 4) for i in range(3)]
    assert [name for name, *_ in named([trial("hip_circles", *turns[:2])])] == [None]
    assert [name for name, *_ in named([trial("hip_circles", *turns)])] == ["hip_circles"]
    expected = named([trial("hip_circles", *turns[:2])], routine_of("hip_circles"))
    assert [name for name, *_ in expected] == ["hip_circles"]


def test_a_way_to_a_place_done_again_and_again_is_none() -> None:
    once = [trial("prone_walkout", claim(2.0, 6.0))]
    assert [name for name, *_ in named(once)] == ["prone_walkout"]
    often = [trial("prone_walkout", *(claim(4.0 * i, 4.0 * i + 3) for i in range(5)))]
    assert [name for name, *_ in named(often)] == [None]


def test_what_was_in_the_way_of_some_movements_only_is_not_told_of_all() -> None:
    def seen_from_the_front(tried: Trial) -> Trial:
        wrong = "side" in tried.exercise.views and "front" not in tried.exercise.views
        reason = "seen from the front, judged from the side" if wrong else "you are not sitting"
        tried.obstacles = [Obstacle(0.0, 4.0, reason)]
        return tried

    ids = ["back_extension", "savasana", "seated_twist", "hip_circles", "side_stretch", "childs_pose"]
    assert why_nothing([seen_from_the_front(trial(name)) for name in ids]) == NO_POSTURE
    assert why_nothing([seen_from_the_front(trial("back_extension"))]) == "seen from the front, judged from the side"


def test_what_was_in_the_way_of_every_movement_is_told() -> None:
    trials = [trial(name) for name in ("back_extension", "seated_twist")]
    for tried in trials:
        tried.obstacles = [Obstacle(0.0, 1.0, f"{tried.exercise.id} is not done"), Obstacle(1.0, 9.0, UNBELIEVABLE)]
    assert why_nothing(trials) == UNBELIEVABLE
