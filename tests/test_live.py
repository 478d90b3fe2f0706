"""A run at a camera: set-up, 3-2-1, blocks, pauses, interruptions, report; fed with stored poses for pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from livecamera import BLACK, TWO_BLOCKS, Camera, begun, hands_down, hands_up
from recordings import STEP_S, frozen, nobody, stored

from formcheck import registry
from formcheck.errors import SourceError, UsageError
from formcheck.events import to_record
from formcheck.export.files import write_csvs
from formcheck.judging import Span, follow
from formcheck.live.clock import LONGEST_GAP_S, RunClock
from formcheck.live.display import message
from formcheck.live.eyes import decode_jpeg, jpeg_size_wh
from formcheck.live.flow import State
from formcheck.live.gesture import KEPT_S, HandsUp, are_hands_up
from formcheck.live.plan import EXTEND_COUNT, EXTEND_S, Block, amount, is_done, plan_of, target
from formcheck.live.runlog import ROWS_A_PART, RunLog
from formcheck.live.session import DAMAGED
from formcheck.live.setup import FEET_BELOW, HEAD_ABOVE, SAY_FROM_S, TOO_FAR, TOO_NEAR, framing_problem
from formcheck.messages import LANGUAGES, load_catalogue
from formcheck.poselog import PoseLog
from formcheck.registry import exercise_ids, find_exercise, routine_ids
from formcheck.skeleton import INDEX
from formcheck.types import HoldClock, Pose, Snapshot


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(tmp_path)


@pytest.fixture
def two_blocks(tmp_path: Path) -> str:
    path = tmp_path / "two_blocks.toml"
    path.write_text(TWO_BLOCKS, encoding="utf-8")
    return str(path)


# -- from the set-up to the report ------------------------------------------------------------------------------------


def test_three_seconds_of_a_good_view_arm_and_three_more_begin(camera: Camera) -> None:
    begun(camera).show(stored("seated_cat_cow"))
    assert camera.states() == ["setup", "countdown", "block"]
    at = {message["state"]: message["run_s"] for message in reversed(camera.messages)}
    good_s = next(m["run_s"] for m in camera.messages if m.get("setup", {}).get("filled", 0) > 0)
    assert at["countdown"] - good_s == pytest.approx(3.0, abs=0.15)
    assert at["block"] - at["countdown"] == pytest.approx(3.0, abs=0.15)
    assert [text for text in camera.spoken() if text in ("3", "2", "1")][:3] == ["3", "2", "1"]


def test_nobody_in_view_never_arms_and_is_named(camera: Camera) -> None:
    begun(camera)
    answers = camera.show([Pose.nobody(i / 15, (640, 480)) for i in range(150)])
    assert {answer["state"] for answer in answers} == {"setup"}
    assert answers[-1]["setup"] == {"problem": "I can't see you. Step into the picture.", "filled": 0.0}


def test_what_is_in_the_way_for_long_is_said_once(camera: Camera) -> None:
    begun(camera)
    stranger = stored("seated_cat_cow")[0]
    camera.show(nobody(stranger, 30.0))
    words = load_catalogue("en").say("nobody is in view")
    at = [i for i, shown in enumerate(camera.messages) if words in [item["text"] for item in shown["say"]]]
    assert len(at) == 1
    assert SAY_FROM_S <= at[0] * STEP_S < SAY_FROM_S + 1.0
    camera.go_on(frozen(stored("idle_front")[40], 10.0))
    assert camera.spoken()[-1] == camera.messages[-1]["setup"]["problem"] != words


def test_the_wrong_view_never_arms_and_says_which_way_to_turn(camera: Camera) -> None:
    begun(camera, "seated_cat_cow")
    answers = camera.show(stored("seated_twist")[:150])  # a person who faces the camera
    assert {answer["state"] for answer in answers} == {"setup"}
    assert answers[-1]["setup"]["problem"] == "Turn until your side faces the camera."


def test_counts_are_those_of_an_analysis_of_the_same_poses(camera: Camera) -> None:
    begun(camera).show(stored("seated_cat_cow"))
    counts = [message["count"] for message in camera.messages if message["state"] == "block"]
    assert counts == sorted(counts)
    camera.session.command("stop")
    result = camera.session.finish()
    assert result is not None
    counted = result.report["blocks"][0]["counted"]["repetitions"]
    assert counts[-1] == counted >= 3
    assert [str(n) for n in range(1, counted + 1)] == [
        item["text"] for message in camera.messages for item in message["say"] if item["level"] == "count"
    ]


@pytest.mark.parametrize("name", ["back_extension", "seated_cat_cow", "side_stretch"])
def test_the_report_is_what_replaying_the_pose_log_gives(camera: Camera, name: str) -> None:
    poses = stored(name)
    begun(camera, name).show(poses[:200])
    camera.session.command("pause")
    camera.go_on(frozen(poses[200], 3.0))
    camera.session.command("resume")
    camera.go_on(frozen(poses[200], 4.0), until=State.BLOCK)
    camera.go_on(poses[200:])
    first_s = next(m["run_s"] for m in camera.messages if m["state"] == "block")
    last_s = message(camera.session)["run_s"]
    result = camera.session.finish()
    assert result is not None
    log = PoseLog.load(result.folder / "poses.npz")
    followers, series = follow(log, [Span(find_exercise(name), "user", first_s + STEP_S / 2, last_s + STEP_S / 2)])
    replayed = [to_record(event) for event in followers.events[0]]
    assert [record for record in replayed if record["event"] in ("RepetitionCompleted", "HoldCompleted")]
    assert replayed == [to_record(event) for event in result.events]
    (camera.folder / "again").mkdir()
    write_csvs(camera.folder / "again", result.report, series)
    assert (camera.folder / "again" / "angles.csv").read_bytes() == (result.folder / "angles.csv").read_bytes()


def test_the_files_are_those_of_an_analysis(camera: Camera) -> None:
    begun(camera).show(stored("seated_cat_cow"))
    result = camera.session.finish()
    assert result is not None
    names = {path.name for path in result.folder.iterdir()}
    assert names >= {"report.json", "report.html", "reps.csv", "holds.csv", "angles.csv", "events.jsonl", "poses.npz"}
    report = json.loads((result.folder / "report.json").read_text(encoding="utf-8"))
    assert report["blocks"][0]["chosen_by"] == "user"
    assert camera.session.state is State.DONE


def test_who_ends_while_choosing_anew_is_told_of_what_was_done(camera: Camera) -> None:
    begun(camera).show(stored("seated_cat_cow")[:300])
    result = camera.session.finish()
    assert result is not None
    assert camera.ask("again")["state"] == "choose"
    assert camera.session.finish() is result
    camera.ask("start")
    assert camera.session.finish() is None


def test_a_run_without_any_block_writes_nothing(camera: Camera, tmp_path: Path) -> None:
    begun(camera).show(stored("seated_cat_cow")[:30])
    camera.session.command("stop")
    assert camera.session.finish() is None
    assert not (tmp_path / "results").exists()
    assert camera.session.state is State.DONE


# -- block after block ------------------------------------------------------------------------------------------------


def test_a_routine_goes_from_block_to_block(camera: Camera, two_blocks: str) -> None:
    camera.session.choose("routine", two_blocks)
    camera.ask("start")
    poses = stored("seated_cat_cow")
    camera.show(poses, until=State.REST)
    assert camera.messages[-1]["results"]["0"]["status"] == "done"
    assert camera.messages[-1]["results"]["0"]["count"] == 2
    camera.go_on(poses, until=State.SETUP)
    assert camera.states() == ["setup", "countdown", "block", "rest", "setup"]
    camera.go_on(poses)
    camera.ask("stop")
    result = camera.session.finish()
    assert result is not None
    assert [block["exercise"] for block in result.report["blocks"]] == ["seated_cat_cow"] * 2
    assert result.report["routine"]["blocks"][0]["status"] == "done"
    assert result.report["blocks"][0]["chosen_by"] == "routine"


def test_what_is_optional_is_announced_as_such(camera: Camera) -> None:
    camera.session.choose("routine", "back_release_18")
    camera.ask("start")
    camera.show(stored("idle_front")[:2])
    assert camera.session.plan is not None
    blocks = camera.session.plan.blocks
    for _ in blocks[1:]:
        camera.ask("skip")
    announced = camera.spoken()
    assert len(announced) == len(blocks)
    optional = ["Only if you like." in text for text in announced]
    assert optional == [block.is_optional for block in blocks]
    assert any(optional)


def test_skipping_goes_on_and_keeps_what_was_done(camera: Camera, two_blocks: str) -> None:
    camera.session.choose("routine", two_blocks)
    camera.session.command("start")
    poses = stored("seated_cat_cow")
    half = [pose for pose in poses if pose.time_s < 17.0]
    camera.show(half)
    assert camera.ask("skip")["state"] == "rest"
    assert camera.ask("skip")["state"] == "setup"
    answer = camera.ask("skip")
    assert answer["state"] == "saving"
    assert {index: result["status"] for index, result in answer["results"].items()} == {
        "0": "part",
        "1": "skipped",
        "2": "skipped",
    }
    result = camera.session.finish()
    assert result is not None
    assert result.report["blocks"][0]["counted"]["repetitions"] == 1


def test_repeating_begins_the_block_anew(camera: Camera) -> None:
    begun(camera).show(stored("seated_cat_cow")[:300])
    assert camera.messages[-1]["count"] >= 1
    answer = camera.ask("repeat")
    assert (answer["state"], answer["count"]) == ("setup", 0)


def test_a_block_that_was_done_stays_done_when_its_repetition_is_skipped(camera: Camera, two_blocks: str) -> None:
    camera.session.choose("routine", two_blocks)
    camera.ask("start")
    camera.show(stored("seated_cat_cow"), until=State.REST)
    done = camera.messages[-1]["results"]["0"]
    assert camera.ask("repeat")["index"] == 0
    answer = camera.ask("skip")
    assert (answer["state"], answer["results"]["0"]) == ("rest", done)


def test_longer_adds_to_what_is_to_be_done() -> None:
    by_count = plan_of("routine", "back_release_18").blocks[4]
    assert by_count.counts == (6, 8)
    assert by_count.extended().counts == (6, 10)
    by_time = plan_of("routine", "daily_7").blocks[0]
    assert by_time.seconds == 30.0
    assert by_time.extended().seconds == 60.0
    by_movement = plan_of("exercise", "seated_cat_cow").blocks[0]
    low, high = find_exercise("seated_cat_cow").criterion.target
    seen = Snapshot(0.0, "", count_target=(low, high))
    assert target(by_movement.extended(), seen) == (low, high + EXTEND_COUNT)


@pytest.mark.parametrize(("is_longer", "ends_as"), [(False, State.SAVING), (True, State.BLOCK)])
def test_longer_keeps_a_posture_for_longer(is_longer: bool, ends_as: State, camera: Camera) -> None:
    begun(camera, "supine_full_stretch").ask("start")  # does not wait for the view
    if is_longer:
        camera.ask("extend")
    camera.show(stored("supine_full_stretch"), until=State.SAVING)
    assert camera.session.state is ends_as
    holds = [shown["moment"]["hold"] for shown in camera.messages if shown.get("moment")]
    own_s = find_exercise("supine_full_stretch").criterion.hold.target_s
    assert max(hold["credited_s"] for hold in holds) >= own_s
    assert {hold["target_s"] for hold in holds} == {own_s + EXTEND_S * is_longer}


def test_nobody_is_praised_for_a_time_in_which_nothing_counted(camera: Camera) -> None:
    sits = stored("hip_circles")[30]
    camera.session.choose("routine", "daily_7")
    camera.ask("start")
    camera.show([sits, *frozen(sits, 45.0)])
    assert camera.session.gathered.results[0] == {"status": "skipped", "count": 0, "seconds": pytest.approx(32, abs=1)}
    assert "Time is up." in camera.spoken()
    assert camera.session.plan is not None
    for _ in camera.session.plan.blocks[1:]:
        camera.ask("skip")
    assert camera.session.state is State.SAVING
    assert camera.spoken()[-1] == "That was the last one."
    assert not any("Well done" in text for text in camera.spoken())


@pytest.mark.parametrize("name", routine_ids())
def test_every_routine_can_be_planned(name: str) -> None:
    plan = plan_of("routine", name)
    assert plan.blocks
    assert [block.planned for block in plan.blocks] == list(range(len(plan.blocks)))
    assert all(block.title and (block.counts or block.seconds) for block in plan.blocks)


@pytest.mark.parametrize("name", exercise_ids())
def test_every_movement_ends_once_its_target_is_reached(name: str) -> None:
    block = plan_of("exercise", name).blocks[0]
    low, high = find_exercise(name).criterion.target
    hold = HoldClock(200.0, 180.0, True)
    enough = Snapshot(0.0, "", count=high, count_target=(low, high), hold=hold)
    too_little = replace(enough, count=high - 1, hold=replace(hold, credited_s=1.0))
    assert is_done(block, enough, high, 0.0)
    assert not is_done(block, too_little, high - 1, 1000.0)


def test_only_the_blocks_own_direction_counts(camera: Camera) -> None:
    begun(camera, "hip_circles").show(stored("hip_circles"))
    result = camera.session.finish()
    assert result is not None
    counted = result.report["blocks"][0]["counted"]
    snapshot = Snapshot(0.0, "", count=99)
    block = Block(0, find_exercise("hip_circles"), "Hip circles")
    both = [amount(replace(block, direction=way), snapshot, result.events) for way in ("cw", "ccw")]
    assert both == [counted["circles_cw"], counted["circles_ccw"]]
    assert sum(both) >= 3


# -- pauses and interruptions -----------------------------------------------------------------------------------------


def test_time_stands_still_in_a_pause_and_nothing_counted_is_lost(camera: Camera) -> None:
    poses = stored("seated_cat_cow")
    split = next(i for i, pose in enumerate(poses) if pose.time_s > 20.0)
    begun(camera).show(poses[:split])
    before = camera.ask("pause")
    assert before["state"] == "paused"
    n_before, run_s = before["count"], before["run_s"]
    answers = camera.go_on(frozen(poses[split], 20.0))
    assert {answer["state"] for answer in answers} == {"paused"}
    assert answers[-1]["run_s"] == run_s
    assert answers[-1]["elapsed_s"] == before["elapsed_s"]
    assert camera.ask("resume")["state"] == "countdown"
    camera.go_on(frozen(poses[split], 4.0), until=State.BLOCK)
    assert camera.messages[-1]["count"] == n_before >= 1
    camera.go_on(poses[split:])
    assert camera.messages[-1]["count"] > n_before


def test_a_long_gap_between_frames_pauses_and_credits_nothing(camera: Camera) -> None:
    poses = stored("seated_cat_cow")
    split = next(i for i, pose in enumerate(poses) if pose.time_s > 16.0)
    begun(camera).show(poses[:split])
    last = camera.messages[-1]
    assert last["state"] == "block"
    answer = camera.show([poses[split]], start_s=60.0)[0]
    assert (answer["state"], answer["paused"]) == ("paused", "interrupted")
    assert answer["elapsed_s"] == last["elapsed_s"]
    assert answer["count"] == last["count"]


def test_another_clock_after_a_reload_pauses(camera: Camera) -> None:
    poses = stored("seated_cat_cow")
    begun(camera).show(poses[:240], start_s=1000.0)
    assert camera.messages[-1]["state"] == "block"
    answer = camera.show([poses[240]], start_s=-10.0)[0]
    assert (answer["state"], answer["paused"]) == ("paused", "interrupted")


def test_an_interrupted_run_goes_on_after_its_last_finished_block(tmp_path: Path, two_blocks: str) -> None:
    kept = tmp_path / "kept"
    poses = stored("seated_cat_cow")
    first = Camera(tmp_path, kept)
    first.session.choose("routine", two_blocks)
    first.session.command("start")
    first.show(poses, until=State.REST)
    del first  # the program has crashed

    second = Camera(tmp_path, kept)
    left = second.session.interrupted()
    assert left is not None
    assert (left.id, left.next_block) == (two_blocks, 1)
    answer = second.ask("continue_last")
    assert (answer["state"], answer["index"], answer["results"]["0"]["count"]) == ("rest", 1, 2)
    second.go_on(poses)
    second.session.command("stop")
    result = second.session.finish()
    assert result is not None
    assert result.report["blocks"][0]["counted"]["repetitions"] == 2
    assert second.session.interrupted() is None
    assert list(kept.iterdir()) == []


def test_what_is_counted_in_a_repeated_block_survives_a_crash(tmp_path: Path, two_blocks: str) -> None:
    before = Camera(tmp_path, tmp_path / "kept")
    before.session.choose("routine", two_blocks)
    before.ask("start")
    before.show(stored("seated_cat_cow"), until=State.REST)
    before.ask("repeat")
    before.go_on(stored("seated_cat_cow")[:300])
    n_counted = before.messages[-1]["count"]
    assert n_counted >= 1
    after = Camera(tmp_path, tmp_path / "kept")
    answer = after.ask("continue_last")
    assert (answer["state"], answer["index"], answer["count"]) == ("paused", 0, n_counted)
    after.ask("stop")
    result = after.session.finish()
    assert result is not None
    assert [block["counted"]["repetitions"] for block in result.report["blocks"]] == [2, n_counted]


def test_damaged_poses_of_a_kept_run_are_told_and_not_offered_again(tmp_path: Path, two_blocks: str) -> None:
    before = Camera(tmp_path, tmp_path / "kept")
    before.session.choose("routine", two_blocks)
    before.ask("start")
    before.show(stored("seated_cat_cow")[:300])
    for path in (tmp_path / "kept").glob("*.npz"):
        path.write_bytes(b"junk")
    after = Camera(tmp_path, tmp_path / "kept", language="de")
    assert after.session.interrupted() is not None
    answer = after.ask("continue_last")
    assert (answer["state"], answer["trouble"]) == ("choose", load_catalogue("de").say(DAMAGED))
    assert after.session.interrupted() is None
    assert after.ask("start")["trouble"] is None


def test_a_damaged_kept_run_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"schema": 1, "parts": ["../../etc/passwd"]', encoding="utf-8")
    assert Camera(tmp_path, tmp_path).session.interrupted() is None


def test_a_run_that_is_spread_over_files_is_whole_at_the_end(tmp_path: Path) -> None:
    poses = [replace(pose, time_s=i / 15) for i, pose in enumerate(stored("seated_cat_cow") * 3)]
    on_disk, in_memory = RunLog(tmp_path, {"source": "camera"}), RunLog(None, {"source": "camera"})
    for pose in poses:
        on_disk.append(pose)
        in_memory.append(pose)
    assert len(on_disk.parts) == len(poses) // ROWS_A_PART >= 2
    assert in_memory.parts == []
    wholes = [on_disk.whole(), in_memory.whole(), RunLog(tmp_path, {}, on_disk.parts).whole()]
    for whole, n in zip(wholes, (len(poses), len(poses), ROWS_A_PART * len(on_disk.parts)), strict=True):
        assert len(whole) == n
        assert np.array_equal(whole.time_s, [pose.time_s for pose in poses[:n]])
        assert np.array_equal(whole[n - 1].landmarks, poses[n - 1].landmarks)
        assert whole.meta["source"] == "camera"


def test_a_run_goes_on_where_nothing_can_be_kept(tmp_path: Path, two_blocks: str) -> None:
    (tmp_path / "kept").write_text("a file where a folder should be", encoding="utf-8")
    camera = Camera(tmp_path, tmp_path / "kept")
    camera.session.choose("routine", two_blocks)
    camera.session.command("start")
    camera.show(stored("seated_cat_cow"), until=State.REST)
    result = camera.session.finish()
    assert result is not None
    assert result.report["blocks"][0]["counted"]["repetitions"] == 2


def test_beginning_something_else_forgets_what_was_interrupted(tmp_path: Path, two_blocks: str) -> None:
    first = Camera(tmp_path, tmp_path / "kept")
    first.session.choose("routine", two_blocks)
    first.session.command("start")
    first.show(stored("seated_cat_cow"), until=State.REST)
    second = Camera(tmp_path, tmp_path / "kept")
    assert second.session.interrupted() is not None
    begun(second).show(stored("seated_cat_cow")[:10])
    second.session.finish()
    assert second.session.interrupted() is None


def test_the_run_clock_never_runs_back_nor_over_a_gap() -> None:
    clock = RunClock()
    times = [5.0, 5.1, 5.1, 5.0, 5.2, 5.2 + LONGEST_GAP_S + 1.0, 2.0, 2.1, 2.1 - LONGEST_GAP_S - 0.1]
    steps = [clock.step(time_s) for time_s in times]
    assert all(0 < step_s <= LONGEST_GAP_S for step_s, _ in steps)
    # One frame that comes late is no interruption, which would pause; another clock is.
    assert [gap_s > 0 for _, gap_s in steps] == [False, False, False, False, False, True, True, False, True]


# -- hands and framing ------------------------------------------------------------------------------------------------


def test_both_hands_above_the_head_start_once_kept(camera: Camera) -> None:
    camera.session.choose("exercise", "seated_twist")
    camera.show(hands_down(1.0))
    answers = camera.show(hands_up(3.0, 1.2), until=State.SETUP)
    assert answers[-1]["state"] == "setup"
    assert answers[-1]["run_s"] < 0.2
    assert 0.5 < max(answer["gesture"] for answer in answers) <= 1.0
    assert len(answers) / 15 == pytest.approx(KEPT_S, abs=0.2)


def test_hands_up_do_not_throw_away_what_was_interrupted(tmp_path: Path, two_blocks: str) -> None:
    before = Camera(tmp_path, tmp_path / "kept")
    before.session.choose("routine", two_blocks)
    before.ask("start")
    before.show(stored("seated_cat_cow")[:300])
    after = Camera(tmp_path, tmp_path / "kept")
    after.session.choose("routine", two_blocks)
    after.show(hands_up(KEPT_S + 1.0))
    assert after.states() == ["choose"]
    assert after.session.interrupted() is not None
    after.ask("forget_last")
    after.go_on(hands_down(1.0))
    after.go_on(hands_up(KEPT_S + 1.0))
    assert after.states() == ["choose", "setup"]


@pytest.mark.parametrize(
    ("old", "new"), [('exercise = "seated_cat_cow"\ncounts = [2, 2]', 'pause = "Sit."'), ("title =", "titel =")]
)
def test_a_run_that_its_routine_has_no_more_place_for_is_not_gone_on_with(
    old: str, new: str, tmp_path: Path, two_blocks: str
) -> None:
    before = Camera(tmp_path, tmp_path / "kept")
    before.session.choose("routine", two_blocks)
    before.ask("start")
    before.show(stored("seated_cat_cow")[:300])
    Path(two_blocks).write_text(TWO_BLOCKS.replace(old, new), encoding="utf-8")
    registry._load_routine.cache_clear()  # as in another process
    after = Camera(tmp_path, tmp_path / "kept")
    after.session.choose("exercise", "seated_twist")
    assert after.session.offered() is None
    assert after.ask("continue_last")["state"] == "choose"
    after.show(hands_down(1.0))
    after.go_on(hands_up(KEPT_S + 1.0))  # there is no question that they would answer
    assert after.states() == ["choose", "setup"]


def test_hands_up_do_nothing_in_a_block(camera: Camera) -> None:
    begun(camera).show(stored("seated_cat_cow")[:200])
    assert camera.messages[-1]["state"] == "block"
    answers = camera.go_on(hands_up(4.0))
    assert "countdown" not in {answer["state"] for answer in answers}
    assert max(answer["gesture"] for answer in answers if answer["state"] == "block") == 0


def test_hands_must_come_down_before_they_answer_again() -> None:
    hands = HandsUp()
    answers = [hands.update(pose) for pose in hands_up(6.0)]
    assert answers.count(True) == 1
    assert not any(hands.update(pose) for pose in hands_down(1.0, 7.0))
    assert [hands.update(pose) for pose in hands_up(2.0, 9.0)].count(True) == 1


def test_hands_behind_the_head_are_not_above_it() -> None:
    poses = stored("seated_cat_cow")
    assert sum(map(are_hands_up, poses)) < 0.02 * len(poses)
    assert not are_hands_up(Pose.nobody(0.0, (640, 480)))


def moved(pose: Pose, scale: float = 1.0, down: float = 0.0) -> Pose:
    """The person at another size and height in the picture."""
    landmarks = pose.landmarks.copy()
    landmarks[:, :2] = (landmarks[:, :2] - 0.5) * scale + 0.5
    landmarks[:, 1] += down
    return replace(pose, landmarks=landmarks)


@pytest.mark.parametrize(
    ("scale", "down", "problem"),
    [(1.0, 0.0, None), (1.0, 0.4, FEET_BELOW), (1.0, -0.5, HEAD_ABOVE), (4.0, 0.0, TOO_NEAR), (0.15, 0.0, TOO_FAR)],
)
def test_framing_names_what_to_change(scale: float, down: float, problem: str | None) -> None:
    exercise = find_exercise("relaxation")  # needs the ankles
    assert "ankle" in exercise.needed.landmarks
    assert framing_problem(moved(stored("seated_cat_cow")[40], scale, down), exercise) == problem


# -- words ------------------------------------------------------------------------------------------------------------


def test_both_languages_have_the_same_texts() -> None:
    keys = [load_catalogue(language).page.keys() for language in LANGUAGES]
    assert len(keys[0]) > 80
    assert keys[0] == keys[1]


def test_texts_that_are_not_translated_stay() -> None:
    assert load_catalogue("de").say("no such sentence") == "no such sentence"
    assert load_catalogue("xx").language == "en"


def test_a_run_can_be_in_german(camera: Camera) -> None:
    camera.session.command("language", "de")
    begun(camera).show(stored("seated_cat_cow")[:20])
    assert camera.messages[-1]["block"]["title"] == "Katze-Kuh im Sitzen"
    assert camera.messages[-1]["setup"]["problem"] is None or "Ball" in camera.messages[-1]["setup"]["problem"]


@pytest.mark.parametrize("exercise", ["hip_circles", "childs_pose", "roll_fore_aft"])
def test_the_page_is_told_trunk_lengths_in_percent_and_as_they_move(exercise: str, camera: Camera) -> None:
    begun(camera, exercise).ask("start")
    camera.show(stored(exercise)[:200])
    gauges = [shown["moment"]["gauge"] for shown in camera.messages if shown.get("moment")]
    assert {gauge["unit"] for gauge in gauges} == {"%"}
    assert len({gauge["value"] for gauge in gauges}) > 20  # not in a few steps
    assert all(gauge["axis"][1] >= 20 for gauge in gauges)


def test_messages_are_plain_json(camera: Camera) -> None:
    begun(camera).show(stored("seated_cat_cow")[::5])
    assert len(camera.messages) > 50
    for shown in camera.messages:
        json.dumps(shown, allow_nan=False)


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no_such", None),
        ("choose", None),
        ("choose", {"kind": "exercise", "id": "no_such"}),
        ("choose", {"kind": "routine", "id": "/tmp/mine.toml"}),
        ("language", "xx"),
        ("language", ["de"]),
    ],
)
def test_commands_that_make_no_sense_are_refused(camera: Camera, name: str, value: Any) -> None:
    with pytest.raises(UsageError):
        camera.session.command(name, value)
    assert camera.session.state is State.CHOOSE


@pytest.mark.parametrize(
    "name", ["pause", "resume", "skip", "repeat", "extend", "stop", "toggle", "again", "interrupt"]
)
def test_commands_out_of_turn_do_nothing(camera: Camera, name: str) -> None:
    assert camera.ask(name)["state"] == "choose"


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"junk" * 100, b"\xff\xd8\xff\xe0\x00\x10" + b"\0" * 40])
def test_junk_is_no_picture(data: bytes) -> None:
    with pytest.raises(SourceError):
        decode_jpeg(data)


def test_the_size_of_a_picture_is_known_before_it_is_decoded() -> None:
    import cv2

    _, jpeg = cv2.imencode(".jpg", BLACK)
    data = jpeg.tobytes()
    assert jpeg_size_wh(data) == (640, 480)
    assert decode_jpeg(data).shape == (480, 640, 3)
    at = data.index(b"\xff\xc0") + 5
    with pytest.raises(SourceError, match="60000 x 60000"):
        decode_jpeg(data[:at] + b"\xea\x60\xea\x60" + data[at + 4 :])
    with pytest.raises(SourceError, match="640 x 8 "):
        decode_jpeg(data[:at] + b"\x00\x08" + data[at + 2 :])


def test_a_fall_pauses_and_asks(camera: Camera) -> None:
    poses = stored("seated_cat_cow")
    begun(camera).show(poses[:200])
    assert camera.messages[-1]["state"] == "block"
    sitting = poses[200]
    trunk = float(np.ptp(sitting.landmarks[[INDEX["left_shoulder"], INDEX["left_hip"]], 1]))
    falling = [moved(sitting, down=share * 0.8 * trunk) for share in np.linspace(0.0, 1.0, 8)]
    lying = falling[-1]
    times = [i * STEP_S for i in range(40)]
    wobble = np.random.default_rng(1).normal(0, 2e-4, (40, 33, 3)).astype(np.float32)  # a living picture is never still
    fall = [
        replace(pose, time_s=time_s, landmarks=pose.landmarks + noise)
        for pose, time_s, noise in zip(falling + [lying] * 32, times, wobble, strict=True)
    ]
    answers = camera.go_on(fall, until=State.PAUSED)
    assert (answers[-1]["state"], answers[-1]["paused"]) == ("paused", "safety")
    assert {"text": "Stop. Are you all right?", "level": "safety"} in answers[-1]["say"]


def test_every_sentence_of_the_files_exists_in_german() -> None:
    german = load_catalogue("de")
    sentences = {text for name in exercise_ids() for text in _sentences_of(name)}
    for name in routine_ids():
        plan = plan_of("routine", name)
        sentences |= {plan.title, plan.summary, *plan.safety}
        sentences |= {text for b in plan.blocks for text in (b.title, b.section, b.change, b.turn) if text}
    assert len(sentences) > 150
    assert sorted(text for text in sentences if german.say(text) == text) == []


def test_sentence_that_is_not_known_is_not_told_half_in_german() -> None:
    german = load_catalogue("de")
    assert german.say("the side or the front") == "von der Seite oder von vorn"
    assert german.say("Sing or hum along.") == "Sing or hum along."


def _sentences_of(name: str) -> list[str]:
    exercise = find_exercise(name)
    labels = [label for m in exercise.movements for label in (m.label, m.peak_label) if label]
    cues = [fault.cue for fault in exercise.faults]
    about = [exercise.title, exercise.summary, exercise.setup, exercise.breath, exercise.ball, exercise.drive.label]
    waits = [rule.otherwise for rule in exercise.posture.rules] + [note.reason for note in exercise.posture.notes]
    return [*about, exercise.posture.title, *waits, *exercise.safety, *labels, *cues]
