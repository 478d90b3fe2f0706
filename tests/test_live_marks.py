"""What goes along with a live run: interruptions, breath and pain marks, next steps, and a video for who asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from livecamera import TWO_BLOCKS, Camera, begun, hands_up
from recordings import frozen, stored

from formcheck.engine import Engine
from formcheck.history import History
from formcheck.live.clock import SleepWatch
from formcheck.live.flow import State
from formcheck.live.pacer import pacer_of
from formcheck.live.past import Past
from formcheck.live.plan import plan_of
from formcheck.live.recorder import VIDEO, Recorder
from formcheck.messages import LANGUAGES, load_catalogue
from formcheck.poselog import PoseLog
from formcheck.registry import exercise_ids, find_exercise
from formcheck.sources import open_source
from formcheck.stored import open_stored
from formcheck.web.greeting import greeting
from formcheck.web.settings import DEFAULTS


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(tmp_path)


def past_of(folder: Path) -> Past:
    return Past(folder, pytest.fail)


# -- interruptions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["hidden", "camera", "asleep", "link"])
def test_whatever_was_away_is_named_and_time_stands_still(camera: Camera, reason: str) -> None:
    begun(camera).show(stored("seated_cat_cow")[:220])
    before = camera.messages[-1]
    answer = camera.ask("interrupt", reason)
    assert (answer["state"], answer["paused"]) == ("paused", reason)
    assert load_catalogue("en").text(f"paused.{reason}") != load_catalogue("de").text(f"paused.{reason}")
    assert (answer["elapsed_s"], answer["count"]) == (before["elapsed_s"], before["count"])
    assert camera.ask("interrupt", "link")["paused"] == reason


def test_an_interruption_before_anything_was_done_changes_nothing(camera: Camera) -> None:
    assert begun(camera).ask("interrupt", "hidden")["state"] == "setup"


def test_sleep_shows_in_the_time_of_day_alone() -> None:
    watch = SleepWatch()
    clocks = [(1000.0, 5.0), (1000.5, 5.5), (1060.0, 6.0), (1060.4, 6.4), (1059.0, 6.5), (1061.0, 8.5), (1093.0, 40.5)]
    assert [watch.has_slept(*both) for both in clocks] == [False, False, True, False, False, False, False]


def test_a_crash_in_the_middle_of_a_block_loses_nothing_that_was_counted(tmp_path: Path) -> None:
    poses = stored("seated_cat_cow")
    split = int(0.7 * len(poses))
    first = begun(Camera(tmp_path, tmp_path / "kept"))
    first.show(poses[:split])
    counted = next(m for m in reversed(first.messages) if any(i["level"] == "count" for i in m["say"]))
    del first  # the program is killed in the middle of a movement

    second = Camera(tmp_path, tmp_path / "kept")
    left = second.session.interrupted()
    assert left is not None
    assert (left.next_block, left.is_open) == (0, True)
    answer = second.ask("continue_last")
    assert (answer["state"], answer["paused"]) == ("paused", "interrupted")
    assert answer["count"] == counted["count"] >= 2
    assert answer["elapsed_s"] == pytest.approx(counted["elapsed_s"], abs=0.05)
    second.ask("resume")
    second.show(frozen(poses[split], 4.0), until=State.BLOCK)
    second.go_on(poses[split:])
    assert second.messages[-1]["count"] > answer["count"]
    result = second.session.finish()
    assert result is not None
    assert result.report["blocks"][0]["counted"]["repetitions"] == second.messages[-1]["count"]


# -- the breath -------------------------------------------------------------------------------------------------------


def test_a_marked_breath_is_counted_where_none_is_seen_and_the_report_says_so(tmp_path: Path) -> None:
    poses = stored("grounding_seat")
    first = begun(Camera(tmp_path, tmp_path / "kept"), "grounding_seat")
    first.show(poses, until=State.BLOCK)
    counts = [first.ask("breath")["breaths"]]  # nothing is followed yet
    for i in (0, 20, 40):
        first.go_on(poses[150 + i : 170 + i])
        counts.append(first.ask("breath")["breaths"])
    assert counts == [0, 1, 2, 3]
    first.ask("pause")
    del first

    second = Camera(tmp_path, tmp_path / "kept")
    second.ask("continue_last")
    result = second.session.finish()
    assert result is not None
    breaths = result.report["blocks"][0]["breaths"]
    assert (breaths["count"], breaths["source"], breaths["target"]) == (3, "tap", [3, 5])
    assert "marked by you" in (result.folder / "report.html").read_text(encoding="utf-8")


def test_marked_breaths_complete_a_hold_before_the_clock_does() -> None:
    engine = Engine(find_exercise("grounding_seat"))
    for pose in stored("grounding_seat"):
        engine.step(pose)
        hold = engine.snapshot().hold
        if hold is not None and hold.credited_s > 2.0:
            break
    assert engine.snapshot().count == 0
    for _ in range(3):
        engine.mark_breath()
    assert engine.snapshot().count == 1


def test_breath_is_paced_where_it_leads_and_in_rests() -> None:
    paced = {name for name in exercise_ids() if pacer_of(plan_of("exercise", name).blocks[0])}
    assert {"seated_cat_cow", "hip_circles", "side_stretch", "relaxation"} <= paced
    assert paced.isdisjoint({"prone_walkout", "savasana", "lumbar_rock", "calf_roll"})
    for name in paced:
        exercise = find_exercise(name)
        assert exercise.pacer is not None
        period_s = exercise.pacer.in_s + exercise.pacer.out_s
        n_breaths = 2 if exercise.criterion.kind == "alternation" else 1
        low_s, high_s = exercise.tempo_s or (3.0, 15.0)
        assert low_s <= n_breaths * period_s <= high_s, name
    rests = [block for block in plan_of("routine", "back_release_18").blocks if block.exercise is None]
    assert rests
    assert all(pacer_of(block) for block in rests)


# -- pain -------------------------------------------------------------------------------------------------------------


def test_pain_stops_and_goes_to_report_and_history(tmp_path: Path) -> None:
    camera = Camera(tmp_path, past=past_of(tmp_path))
    begun(camera).show(stored("seated_cat_cow")[:260])
    answer = camera.ask("hurts")
    assert (answer["state"], answer["paused"]) == ("paused", "pain")
    assert [item["level"] for item in answer["say"]] == ["safety"]
    assert "physiotherapist" in answer["say"][0]["text"]
    camera.go_on(hands_up(3.0))
    assert camera.session.state is State.PAUSED  # after pain raised hands do not go on
    result = camera.session.finish()
    assert result is not None
    (mark,) = result.report["pain"]
    assert mark["exercise"] == "seated_cat_cow"
    assert mark["time_s"] == pytest.approx(camera.session.gathered.run_s, abs=0.1)
    assert "something hurt, in Seated cat-cow" in (result.folder / "report.html").read_text(encoding="utf-8")
    (stored_mark,) = open_stored(result.folder / "events.jsonl").report["pain"]
    assert stored_mark == mark | {"time_s": pytest.approx(mark["time_s"], abs=0.001)}
    with History(tmp_path) as history:
        (session,) = history.sessions()
        assert session.hurt == {"seated_cat_cow"}
        history.file(result.report, session.name, session.recorded_at)  # once more
        assert history._db.execute("SELECT count(*) FROM pain").fetchone() == (1,)
    assert past_of(tmp_path).steps(["seated_cat_cow"])["seated_cat_cow"].change == "hurt"


@pytest.mark.parametrize("does_hurt", [False, True])
def test_who_hurts_is_not_told_well_done(does_hurt: bool, tmp_path: Path) -> None:
    camera = begun(Camera(tmp_path))
    camera.show(stored("seated_cat_cow")[:300])
    if does_hurt:
        camera.ask("hurts")
    camera.ask("stop")
    assert camera.session.finish() is not None
    told = greeting(camera.session, dict(DEFAULTS), is_own_camera=False, records=False)
    assert told["is_well_done"] is not does_hurt


def test_pain_in_a_rest_belongs_to_the_movement_before_it(tmp_path: Path) -> None:
    (tmp_path / "two_blocks.toml").write_text(TWO_BLOCKS, encoding="utf-8")
    camera = Camera(tmp_path)
    camera.session.choose("routine", str(tmp_path / "two_blocks.toml"))
    camera.ask("start")
    camera.show(stored("seated_cat_cow")[:200])
    assert camera.ask("skip")["state"] == "rest"
    camera.ask("hurts")
    result = camera.session.finish()
    assert result is not None
    assert [mark["exercise"] for mark in result.report["pain"]] == ["seated_cat_cow"]


def test_what_hurts_is_left_out_for_the_rest_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "two_blocks.toml").write_text(TWO_BLOCKS, encoding="utf-8")
    camera = Camera(tmp_path)
    camera.session.choose("routine", str(tmp_path / "two_blocks.toml"))
    camera.ask("start")
    camera.show(stored("seated_cat_cow")[:200])
    camera.ask("hurts")
    assert camera.ask("leave_out")["state"] == "rest"
    camera.ask("hurts")
    assert camera.ask("leave_out")["state"] == "rest"  # who rests after pain rests on
    answer = camera.ask("skip")
    assert (answer["state"], answer["results"]["2"]["status"]) == ("saving", "skipped")


def test_the_key_that_goes_on_does_not_go_on_with_what_hurts(tmp_path: Path) -> None:
    camera = begun(Camera(tmp_path))
    camera.show(stored("seated_cat_cow")[:200])
    camera.ask("hurts")
    assert camera.ask("toggle")["state"] == "saving"  # the only movement is left out
    other = begun(Camera(tmp_path))
    other.show(stored("seated_cat_cow")[:200])
    other.ask("hurts")
    assert other.ask("resume")["state"] == "countdown"  # by its own button


def test_pain_survives_a_crash_and_being_forgotten(tmp_path: Path) -> None:
    first = begun(Camera(tmp_path, tmp_path / "kept", past=past_of(tmp_path)))
    first.show(stored("seated_cat_cow")[:200])
    first.ask("hurts")
    del first
    second = Camera(tmp_path, tmp_path / "kept", past=past_of(tmp_path))
    assert second.session.interrupted() is not None
    second.ask("forget_last")
    assert second.session.interrupted() is None
    with History(tmp_path) as history:
        assert [exercise for exercise, _ in history.pain()] == ["seated_cat_cow"]


# -- next steps -------------------------------------------------------------------------------------------------------


def filed(folder: Path, n_days: int) -> Past:
    """A history in which back extension was done cleanly on so many days, the last of them yesterday."""
    movement = {"counted": True, "range": 25.0, "side": None, "faults": [], "unit": "deg"}
    hold = {"counted": True, "credited_s": 3.2, "side": None, "start_s": 1.0, "end_s": 4.2}
    block = {"exercise": "back_extension", "repetitions": [movement] * 10, "holds": [hold] * 10}
    now = datetime.now().astimezone()
    with History(folder) as history:
        for i in range(n_days):
            day = (now - timedelta(days=n_days - i)).isoformat()
            history.file({"source": {"duration_s": 90.0, "recorded_at": day}, "blocks": [block]}, f"day {i}", now)
    return past_of(folder)


def test_the_persons_next_step_is_taken(tmp_path: Path) -> None:
    camera = Camera(tmp_path, past=filed(tmp_path, 2))
    camera.session.choose("exercise", "back_extension")
    step = camera.session.steps["back_extension"]
    assert (step.change, dict(step.stage)) == ("up", {"number": 9, "hold_s": 3})
    assert "clean" in step.reason
    camera.ask("start")
    camera.show(stored("back_extension")[:180])
    assert camera.messages[-1]["target"] == (9, 9)
    result = camera.session.finish()
    assert result is not None
    target = result.report["blocks"][0]["target"]
    assert (target["repetitions"], target["hold_s"]) == ([9, 9], 3.0)
    assert open_stored(result.folder / "events.jsonl").report["blocks"][0]["target"] == target


def test_a_next_step_can_be_refused(tmp_path: Path) -> None:
    camera = Camera(tmp_path, past=filed(tmp_path, 2))
    camera.session.choose("exercise", "back_extension")
    camera.ask("refuse", "back_extension")
    step = camera.session.steps["back_extension"]
    assert (step.change, dict(step.stage)) == ("stay", {"number": 8, "hold_s": 3})
    assert past_of(tmp_path).steps(["back_extension"])["back_extension"] == step
    assert camera.ask("refuse", "no_such")["state"] == "choose"


def test_next_steps_are_told_in_the_language_of_the_page(tmp_path: Path) -> None:
    camera = Camera(tmp_path, past=filed(tmp_path, 2))
    camera.session.choose("exercise", "back_extension")
    told = {}
    for language in LANGUAGES:
        camera.ask("language", language)
        hello = greeting(camera.session, dict(DEFAULTS), is_own_camera=False, records=False)
        (told[language],) = hello["steps"]
    assert (told["en"]["words"], told["de"]["words"]) == ("9 times, 3 s each", "9-mal, je 3 s")
    assert "were clean" in told["en"]["reason"]
    assert "waren sauber" in told["de"]["reason"]


def test_a_movement_that_hurt_is_left_out_unless_it_is_wanted(tmp_path: Path) -> None:
    past = filed(tmp_path, 1)
    past.hurt("back_extension")
    camera = Camera(tmp_path, past=past)
    camera.session.choose("routine", "back_release_18")
    assert camera.session.steps["back_extension"].change == "hurt"
    answer = camera.ask("start")
    plan = camera.session.plan
    assert plan is not None
    index = next(block.index for block in plan.blocks if plan.is_left_out(block))
    while answer["index"] < index:
        answer = camera.ask("skip")
    assert answer["index"] == index + 1
    assert answer["results"][str(index)]["status"] == "skipped"
    camera.ask("stop")
    camera.session.finish()
    camera.ask("again")
    camera.ask("refuse", "back_extension")
    camera.ask("start")
    assert camera.session.plan is not None
    assert not any(map(camera.session.plan.is_left_out, camera.session.plan.blocks))


def test_a_history_that_cannot_be_used_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite3").write_bytes(b"this is no database" * 100)
    told: list[str] = []
    begun(camera := Camera(tmp_path, past=Past(tmp_path, told.append))).show(stored("seated_cat_cow")[:150])
    assert camera.session.finish() is not None
    assert told
    assert all("history" in text for text in told)


# -- a video, only for who asked for one ------------------------------------------------------------------------------


def test_a_video_is_kept_when_it_was_asked_for(tmp_path: Path) -> None:
    camera = Camera(tmp_path, tmp_path / "kept", recorder=Recorder(tmp_path / "kept"))
    begun(camera).show(stored("seated_cat_cow")[:200])
    camera.ask("pause")
    camera.go_on(frozen(stored("seated_cat_cow")[200], 1.0))
    assert camera.messages[-1]["is_recording"]
    result = camera.session.finish()
    assert result is not None
    log = PoseLog.load(result.folder / "poses.npz")
    with open_source(result.folder / VIDEO) as source:
        times = [frame.time_s for frame in source]
    assert len(times) == len(log) == 200
    assert times[-1] - times[0] == pytest.approx(float(log.time_s[-1] - log.time_s[0]), abs=0.01)
    assert list((tmp_path / "kept").iterdir()) == []


def test_without_a_wish_or_a_result_there_is_no_video(tmp_path: Path) -> None:
    kept, recorder = tmp_path / "kept", Recorder(tmp_path / "kept")
    unwanted = Camera(tmp_path, kept, recorder=recorder)
    unwanted.session.choose("exercise", "seated_cat_cow")
    assert not unwanted.ask("record", False)["is_recording"]
    unwanted.ask("start")
    unwanted.show(stored("seated_cat_cow")[:150])
    assert list(kept.glob(".camera-*")) == []
    assert unwanted.session.finish() is not None
    nothing_done = begun(Camera(tmp_path / "b", kept, recorder=recorder))
    nothing_done.show(stored("seated_cat_cow")[:20])
    assert len(list(kept.glob(".camera-*"))) == 1
    assert nothing_done.session.finish() is None
    assert list(kept.glob("*")) == list(tmp_path.rglob("*.mp4")) == []


def test_what_a_crash_left_of_a_video_is_removed(tmp_path: Path) -> None:
    killed = begun(Camera(tmp_path, tmp_path, recorder=Recorder(tmp_path)))
    killed.show(stored("seated_cat_cow")[:20])
    assert list(tmp_path.glob(".camera-*.part.mp4"))
    Recorder(tmp_path)
    assert not list(tmp_path.glob(".camera-*.part.mp4"))


def test_a_video_that_cannot_be_written_does_not_end_the_run(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where a folder should be", encoding="utf-8")
    camera = begun(Camera(tmp_path, recorder=Recorder(tmp_path / "kept")))
    camera.show(stored("seated_cat_cow")[:150])
    assert not camera.messages[-1]["is_recording"]
    assert "camera.mp4" in camera.messages[-1]["trouble"]
    assert camera.session.finish() is not None
