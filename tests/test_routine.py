"""Routines: what their files say, what is refused in them, and what is said of a recording of one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from recordings import joined, log_of, nobody, stored
from typer.testing import CliRunner, Result

from formcheck.cli import app
from formcheck.errors import RoutineFileError, UsageError
from formcheck.events import RoutineReviewed
from formcheck.judging import judge
from formcheck.registry import ROUTINES, find_exercise, find_routine, routine_ids
from formcheck.routine import Routine, RoutineBlock, Section, load_routine
from formcheck.session import analyze

ROOT = Path(__file__).resolve().parent.parent

TEXT = """
id = "short"
title = "Short one"
summary = "Three movements."
safety = ["Stop at once if it hurts."]
done_share = 0.5

[[sections]]
title = "Sitting"
seconds = 90

[[sections.blocks]]
exercise = "seated_cat_cow"
counts = [6, 8]
seconds = 60
view = "side"

[[sections.blocks]]
exercise = "seated_twist"
counts = [5, 5]
seconds = 30
turn = "Turn until you face the camera."

[[sections]]
title = "Lying"
seconds = 60

[[sections.blocks]]
pause = "Lie over the ball."
seconds = 10

[[sections.blocks]]
exercise = "back_extension"
seconds = 30

[[sections.blocks]]
exercise = "chest_opener"
optional = true
seconds = 20
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def written(folder: Path, text: str = TEXT) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def reviewed(routine: Routine, *names: str) -> dict[tuple[str, str | None], RoutineReviewed]:
    """What is said of a recording of these movements, by exercise and side or direction."""
    poses, _ = joined(*(stored(name) for name in names))
    events = [event for event in judge(log_of(poses), None, routine).events if isinstance(event, RoutineReviewed)]
    blocks = {planned.index: planned.block for planned in routine.timeline}
    return {(e.exercise, blocks[e.index].side or blocks[e.index].direction): e for e in events}


# -- the files ----------------------------------------------------------------------------------------------------


def test_the_three_routines_are_there_and_their_exercises_exist() -> None:
    assert routine_ids() == ["back_release_18", "back_stretch", "daily_7"]
    for name in routine_ids():
        routine = find_routine(name)
        assert routine.id == name
        assert routine.exercises
        assert all(find_exercise(exercise).id == exercise for exercise in routine.exercises)


def test_eighteen_minutes_are_two_two_three_two_three_three_three() -> None:
    routine = find_routine("back_release_18")
    assert [section.seconds / 60 for section in routine.sections] == [2, 2, 3, 2, 3, 3, 3]
    assert routine.seconds == routine.timeline[-1].end_s == 18 * 60
    sides = [b.side for s in routine.sections for b in s.blocks if b.exercise == "side_stretch"]
    ways = [b.direction for s in routine.sections for b in s.blocks if b.exercise == "hip_circles"]
    assert (sides, ways) == (["right", "left"], ["cw", "ccw"])


def test_the_daily_list_takes_seven_minutes_and_its_changes_come_on_top() -> None:
    routine = find_routine("daily_7")
    assert [section.seconds for section in routine.sections] == [60, 60, 120, 60, 120]
    assert routine.seconds == 420
    assert routine.timeline[-1].end_s == 420 + 4 * routine.change_s


def test_the_timeline_is_without_gaps_but_for_changes() -> None:
    for name in routine_ids():
        routine = find_routine(name)
        timeline = routine.timeline
        assert timeline[0].start_s == 0
        for a, b in zip(timeline, timeline[1:], strict=False):
            assert b.start_s - a.end_s == (routine.change_s if b.block.change else 0)


def test_every_routine_is_part_of_the_package() -> None:
    assert ROUTINES.parent.name == "formcheck"  # the wheel takes the whole package folder
    assert {path.stem for path in ROUTINES.glob("*.toml")} == set(routine_ids())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "seconds = 60\nview",
            "second = 60\nview",
            r"line \d+: unknown key 'sections\.0\.blocks\.0\.second'.*'seconds'",
        ),
        ("seconds = 90", "seconds = 95", "'Sitting' take 90 s together, the section 95 s"),
        ("counts = [5, 5]", "counts = [5, 3]", r"\[fewest, most\]"),
        ("counts = [5, 5]", "counts = [0, 5]", "greater than or equal to 1"),
        ('pause = "Lie over the ball."', 'exercise = "seated_twist"\npause = "x"', "either exercise or pause"),
        ('pause = "Lie over the ball."', 'pause = "x"\nside = "left"', "a pause has no"),
        ('safety = ["Stop at once if it hurts."]', "safety = []", "safety"),
        ('id = "short"', 'id = "Short One"', "line 2: id"),
        ("done_share = 0.5", "done_share = 0", "line 6: done_share"),
        ("[[sections]]", "[[sections", "not valid TOML"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in TEXT
    path = written(tmp_path, TEXT.replace(old, new, 1))
    with pytest.raises(RoutineFileError, match=message) as error:
        load_routine(path)
    assert str(error.value).startswith(str(path))


def test_a_key_misspelt_everywhere_is_told_by_its_first_line(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT.replace("title =", "titel ="))
    with pytest.raises(
        RoutineFileError, match=re.escape(f"{path}: line 3: unknown key 'titel'; did you mean 'title'?")
    ):
        load_routine(path)


def test_an_error_deep_in_the_file_names_its_own_line(tmp_path: Path) -> None:
    text = TEXT.replace("counts = [5, 5]", 'counts = "many"')
    line = text.splitlines().index('counts = "many"') + 1
    with pytest.raises(RoutineFileError, match=f"line {line}: sections.0.blocks.1.counts"):
        load_routine(written(tmp_path, text))


def test_an_unknown_exercise_or_view_in_a_file_names_what_there_is(tmp_path: Path) -> None:
    unknown = written(tmp_path, TEXT.replace('"seated_twist"', '"seated_twits"'))
    with pytest.raises(
        RoutineFileError, match=r"block 2: There is no exercise 'seated_twits'. Did you mean seated_twist"
    ):
        find_routine(str(unknown))
    other = tmp_path / "other.toml"
    other.write_text(TEXT.replace('view = "side"', 'view = "front"'), encoding="utf-8")
    with pytest.raises(RoutineFileError, match="seated_cat_cow cannot be judged from 'front', only from side"):
        find_routine(str(other))


def test_an_unknown_routine_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean daily_7"):
        find_routine("daily7")


# -- the command --------------------------------------------------------------------------------------------------


def test_routines_lists_each_with_its_time() -> None:
    result = run("routines")
    assert result.exit_code == 0, result.output
    for name in routine_ids():
        assert any(name in line and find_routine(name).title in line for line in result.stdout.splitlines())
    assert "18:00" in result.stdout


def test_routines_shows_a_timeline_with_what_to_change_and_where_to_turn(tmp_path: Path) -> None:
    result = run("routines", written(tmp_path))
    assert result.exit_code == 0, result.output
    for part in ("0:00-1:00", "Seated cat-cow: 6 to 8 repetitions", "Seated twist: 5 rounds", "(Lie over the ball.)"):
        assert part in result.stdout
    assert result.stdout.index("Turn until you face the camera.") < result.stdout.index("Seated twist")
    assert "(optional)" in result.stdout


def test_brackets_in_a_routine_are_shown_as_they_stand(tmp_path: Path) -> None:
    title = re.search(r'^title = "(.+)"', TEXT, re.MULTILINE)
    assert title is not None
    result = run("routines", written(tmp_path, TEXT.replace(title[1], "Mine [bold] [/x]", 1)))
    assert result.exit_code == 0, result.output
    assert "Mine [bold] [/x], " in result.stdout


def test_a_timeline_is_shown_in_german() -> None:
    shown = run("routines", "daily_7", "--lang", "de")
    assert shown.exit_code == 0
    for part in ("Sieben Minuten am Tag", "9:00 mit Wechseln", "Drehen im Sitzen: 60 s", "Sicherheit"):
        assert part in shown.stdout
    english = {line for name in routine_ids() for line in run("routines", name).stdout.splitlines()}
    german = {line for name in routine_ids() for line in run("routines", name, "--lang", "de").stdout.splitlines()}
    assert english & german == {""}
    assert "Rücken lösen" in run("routines", "--lang", "de").stdout
    assert run("routines", "--lang", "fr").exit_code == 2


@pytest.mark.parametrize("name", routine_ids())
def test_every_timeline_can_be_shown(name: str) -> None:
    result = run("routines", name)
    assert result.exit_code == 0, result.output
    assert all(find_exercise(exercise).title in result.stdout for exercise in find_routine(name).exercises)


def test_blocks_of_broken_seconds_make_a_section_together() -> None:
    block = RoutineBlock(pause="rest", seconds=33.3)
    assert 3 * block.seconds != 99.9  # as floats are
    assert len(Section(title="Breaks", seconds=99.9, blocks=(block,) * 3).blocks) == 3


def test_an_unknown_routine_is_a_mistake_of_the_call() -> None:
    result = run("routines", "nightly")
    assert result.exit_code == 2
    assert result.stderr.startswith("formcheck: There is no routine 'nightly'")


def test_an_exercise_and_a_routine_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not both"):
        analyze(tmp_path / "never read.mp4", "seated_twist", tmp_path / "out", routine="daily_7")
    assert not (tmp_path / "out").exists()


# -- a recording of a routine -------------------------------------------------------------------------------------


def test_each_block_is_reviewed_against_its_counts_or_its_time(tmp_path: Path) -> None:
    said = reviewed(load_routine(written(tmp_path)), "seated_cat_cow", "seated_twist", "back_extension")
    assert [(e.exercise, e.status) for e in said.values()] == [
        ("seated_cat_cow", "done"),
        ("seated_twist", "partly done"),
        ("back_extension", "done"),
        ("chest_opener", "skipped"),
    ]
    assert said["seated_twist", None].reason == "4 of 5 rounds"
    assert said["chest_opener", None].reason == "optional"
    assert said["chest_opener", None].start_s is None


def test_what_was_left_out_is_skipped_and_what_came_late_is_out_of_turn(tmp_path: Path) -> None:
    said = reviewed(load_routine(written(tmp_path)), "back_extension", "seated_cat_cow")
    assert said["seated_twist", None].status == "skipped"
    assert said["seated_twist", None].reason.startswith("not seen")
    out_of_turn = [e.exercise for e in said.values() if e.reason and "not in its turn" in e.reason]
    assert len(out_of_turn) == 1
    assert {e.exercise for e in said.values() if e.status != "skipped"} == {"back_extension", "seated_cat_cow"}


def test_sides_of_one_exercise_are_reviewed_each(tmp_path: Path) -> None:
    blocks = "".join(
        f'[[sections.blocks]]\nexercise = "side_stretch"\nside = "{side}"\ncounts = [{n}, 2]\nseconds = 30\n'
        for side, n in (("right", 1), ("left", 2))
    )
    head = TEXT[: TEXT.index("[[sections]]")]
    text = f'{head}[[sections]]\ntitle = "Both"\nseconds = 60\n{blocks}'
    said = reviewed(load_routine(written(tmp_path, text)), "side_stretch")
    right, left = said["side_stretch", "right"], said["side_stretch", "left"]
    assert (right.status, left.status) == ("done", "partly done")
    assert left.reason == "1 of 2 holds"
    assert right.end_s <= left.start_s


def test_nobody_in_the_recording_means_that_all_is_skipped(tmp_path: Path) -> None:
    log = log_of(nobody(stored("idle")[0], 10.0))
    events = judge(log, None, load_routine(written(tmp_path))).events
    said = [event for event in events if isinstance(event, RoutineReviewed)]
    assert len(said) == 4
    assert {event.status for event in said} == {"skipped"}


def test_the_whole_job_with_a_routine_tells_it_in_report_page_and_terminal(tmp_path: Path) -> None:
    poses, _ = joined(stored("seated_cat_cow"), stored("back_extension"))
    log_of(poses).save(tmp_path / "two.npz")
    result = run("analyze", tmp_path / "two.npz", "--routine", written(tmp_path), "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "Seated cat-cow, 0:" in result.stdout
    assert "Short one: 2 of 4 done" in result.stdout
    assert "Seated twist: skipped" in result.stdout
    report = json.loads((tmp_path / "out" / "two" / "report.json").read_text(encoding="utf-8"))
    assert [block["chosen_by"] for block in report["blocks"]] == ["routine", "routine"]
    assert report["routine"]["id"] == "short"
    assert [block["status"] for block in report["routine"]["blocks"]] == ["done", "skipped", "done", "skipped"]
    assert [block["block"] for block in report["routine"]["blocks"]] == [1, None, 2, None]
    page = (tmp_path / "out" / "two" / "report.html").read_text(encoding="utf-8")
    assert "The routine" in page
    assert "2 of 4 done" in " ".join(re.sub(r"<[^>]*>", " ", page).split())
