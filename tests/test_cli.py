"""The command line as a person meets it: what it prints, and the exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from conftest import Analysed, MakeVideo, cut_off, empty_room
from patience import WITHIN_S
from rich.console import Console
from typer.testing import CliRunner, Result

from formcheck.assets import find_sample
from formcheck.cli import _complete_exercise, app
from formcheck.cli.demo import table_of
from formcheck.cli.failures import NOBODY_READS, run_plainly, worst
from formcheck.cli.movements import target_in_words
from formcheck.export.lines import line_in, lines_of
from formcheck.export.words import words_of
from formcheck.poselog import PoseLog
from formcheck.recordings import find_recordings
from formcheck.registry import FOLDER, exercise_ids, find_exercise, own_exercises
from formcheck.types import Pose
from formcheck.wording import block_in_words, report_in_words

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: object, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"} | (env or {}))


@pytest.fixture
def nobody_log(tmp_path: Path) -> Path:
    """A pose log of a second in which nobody is seen: the quickest recording there is."""
    log = PoseLog()
    for i in range(30):
        log.append(Pose.nobody(i / 30, (640, 480)))
    log.save(tmp_path / "nobody.npz")
    return tmp_path / "nobody.npz"


def assert_one_plain_line(result: Result, *words: str) -> None:
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("formcheck: ")
    for word in words:
        assert word in lines[0]
    assert "Traceback" not in result.output


def test_version_is_the_packages() -> None:
    import formcheck

    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.strip() == f"formcheck {formcheck.__version__}"


def test_help_names_every_command() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for command in ("analyze", "demo", "doctor", "exercises", "routines", "--version", "--install-completion"):
        assert command in result.stdout


def test_analyze_help_explains_the_exit_status() -> None:
    result = run("analyze", "--help")
    assert "3 read only in part" in " ".join(result.stdout.split())


def test_exercises_lists_every_movement_with_its_target() -> None:
    result = run("exercises")
    assert result.exit_code == 0
    assert len(exercise_ids()) >= 4
    for name in exercise_ids():
        row = next(line for line in result.stdout.splitlines() if name in line)
        assert find_exercise(name).title in row
        assert any(view in row for view in find_exercise(name).views)


@pytest.mark.parametrize("name", exercise_ids())
def test_exercises_show_explains_one(name: str) -> None:
    result = run("exercises", "show", name)
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    exercise = find_exercise(name)
    for part in (exercise.title, exercise.summary, *(fault.cue for fault in exercise.faults)):
        assert " ".join(part.split()) in text


def test_movements_are_explained_in_german() -> None:
    result = run("exercises", "show", "side_stretch", "--lang", "de")
    assert result.exit_code == 0
    for part in ("Seitdehnung", "Was es ist", "von vorn oder von hinten", "1 Haltung von 18 s je Seite"):
        assert part in result.stdout
    listed = run("exercises", "--lang", "de")
    assert listed.exit_code == 0
    assert "5 Kreise je Richtung" in listed.stdout
    assert run("exercises", "--lang", "fr").exit_code == 2
    english = {line for name in exercise_ids() for line in run("exercises", "show", name).stdout.splitlines()}
    german = {
        line for name in exercise_ids() for line in run("exercises", "show", name, "--lang", "de").stdout.splitlines()
    }
    assert sorted(english & german) == ["", "Ball"]


def test_exercises_show_suggests_the_nearest_id() -> None:
    result = run("exercises", "show", "seated_twits")
    assert result.exit_code == 2
    assert_one_plain_line(result, "seated_twist")


def test_completion_offers_the_ids_that_fit() -> None:
    assert _complete_exercise("seated_t") == ["seated_twist"]
    assert _complete_exercise("") == exercise_ids()


def test_shell_completion_answers_for_an_option() -> None:
    environment = {
        **os.environ,
        "_FORMCHECK_COMPLETE": "complete_bash",
        "COMP_WORDS": "formcheck analyze --exercise seated_t",
        "COMP_CWORD": "3",
    }
    program = "import sys; sys.argv[0] = 'formcheck'; from formcheck.cli import main; main()"
    child = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.stdout.split() == ["seated_twist"]


def test_demo_counts_the_sample_and_says_which_files_to_open(tmp_path: Path) -> None:
    result = run("demo", "--out", tmp_path / "demo")
    assert result.exit_code == 0, result.output
    assert str(tmp_path / "demo" / "seated_cat_cow" / "report.html") in result.stdout
    assert str(tmp_path / "demo" / "seated_cat_cow" / "annotated.mp4") in result.stdout
    rows = [line for line in result.stdout.splitlines() if "repetition" in line]
    assert sum("yes" in row for row in rows) == 6
    assert (tmp_path / "demo" / "seated_cat_cow" / "annotated.mp4").stat().st_size > 10_000


def test_table_of_the_demo_says_what_was_measured_and_what_was_needed_in_both_languages(analysed: Analysed) -> None:
    (block,) = json.loads((analysed.folder / "report.json").read_text(encoding="utf-8"))["blocks"]
    shown = {}
    for language in ("en", "de"):
        console = Console(width=120, record=True, file=StringIO())
        console.print(table_of(block, words_of(language)))
        shown[language] = console.export_text()
    assert "range of motion" in shown["en"]
    assert "Range of motion: Back: arched - round; % is of a full movement" in shown["en"]
    assert f"{block['repetitions'][0]['needed']:.0f}\N{NO-BREAK SPACE}%" in shown["en"]
    for word in ("Katze-Kuh im Sitzen", "Wiederholung 1", "Bewegungsumfang", "nötig", "gezählt", "ja"):
        assert word in shown["de"]
    for word in ("repetition", "range", "needed", "recognised", "yes"):
        assert word not in shown["de"]


def test_doctor_finds_nothing_wrong_here() -> None:
    result = run("doctor")
    assert result.exit_code == 0, result.output
    assert "All is well." in result.stdout


def test_analyze_accepts_a_pose_log_and_prints_the_count(analysed: Analysed, tmp_path: Path) -> None:
    result = run("analyze", analysed.folder / "poses.npz", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "6 repetitions" in result.stdout
    assert str(tmp_path / "poses") in result.stdout
    assert json.loads((tmp_path / "poses" / "report.json").read_text(encoding="utf-8"))["schema"] == 1


def counted_block(**changes: object) -> dict[str, object]:
    counted = dict.fromkeys(("repetitions", "rounds", "holds", "circles_cw", "circles_ccw", "breaths"))
    usual: dict[str, object] = {"title": "Movement", "exercise": "x", "start_s": 3.2, "end_s": 101.9}
    usual |= {"counted": counted | changes.pop("counted", {}), "target": {}, "repetitions": [], "holds": []}
    return usual | changes


def times(n: int, n_refused: int = 0) -> list[dict[str, object]]:
    return [{"counted": True, "credited_s": 42.4}] * n + [{"counted": False, "credited_s": 1.0}] * n_refused


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (
            counted_block(counted={"rounds": 4, "repetitions": 8}, target={"rounds": [5, 5]}, repetitions=times(8)),
            "4 of 5 rounds (8 of 10 sides)",
        ),
        (
            counted_block(
                counted={"rounds": 5, "repetitions": 11}, target={"rounds": [5, 5]}, repetitions=times(11, 1)
            ),
            "5 rounds (11 sides), 1 not counted",
        ),
        (
            counted_block(counted={"repetitions": 1}, target={"repetitions": [6, 8]}, repetitions=times(1)),
            "1 of 6 repetitions",
        ),
        (
            counted_block(counted={"repetitions": 1}, target={"repetitions": [1, 1]}, repetitions=times(1)),
            "1 repetition",
        ),
        (
            counted_block(counted={"holds": 1}, target={"holds": [1, 1], "hold_s": 60.0}, holds=times(1)),
            "1 hold, 42 s of 60 s",
        ),
        (
            counted_block(counted={"holds": 1}, target={"holds": [2, 2], "hold_s": 60.0}, holds=times(1, 2)),
            "1 of 2 holds, 42 s of 60 s, 2 not counted",
        ),
        (
            counted_block(counted={"holds": 3}, target={"holds": [2, 2], "hold_s": 60.0}, holds=times(3)),
            "3 holds, 42 s, 42 s and 42 s",
        ),
        (
            counted_block(
                counted={"circles_cw": 5, "circles_ccw": 4}, target={"circles_cw": [5, 5], "circles_ccw": [5, 5]}
            ),
            "5 clockwise and 4 of 5 counter-clockwise circles",
        ),
        (counted_block(counted={"repetitions": 0}, repetitions=times(0, 2)), "2 not counted"),
        (counted_block(), "nothing counted"),
        (
            counted_block(
                not_judged=[
                    {"what": "everything", "reason": "nobody is in view", "seconds": 2.0},
                    {"what": "everything", "reason": "you are not lying over the ball", "seconds": 29.0},
                    {"what": "left arm", "reason": "hidden", "seconds": 31.0},
                ]
            ),
            "nothing counted, not judged: you are not lying over the ball",
        ),
        (
            counted_block(counted={"holds": 0}, safety_stops=[{"time_s": 61.0, "reason": "you seem to have fallen"}]),
            "stopped at 1:01: you seem to have fallen",
        ),
    ],
)
def test_a_block_is_one_line_in_plain_words(block: dict[str, object], words: str) -> None:
    assert block_in_words(block) == f"Movement, 0:03-1:42: {words}"


def test_several_movements_are_a_line_each_in_order_of_time_and_what_is_not_clear_names_both() -> None:
    candidates = [{"title": "Cat-cow", "share": 0.62}, {"title": "Roll", "share": 0.6}]
    unsure = {"start_s": 50.0, "end_s": 60.0, "candidates": candidates, "reason": ""}
    late = counted_block(title="Late", start_s=70.0)
    lines = list(report_in_words({"blocks": [counted_block(), late], "unsure": [unsure], "routine": None}))
    assert [line.split(",")[0] for line in lines] == ["Movement", "Not clear", "Late"]
    assert lines[1] == "Not clear, 0:50-1:00: Cat-cow (62 %) or Roll (60 %)"


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Chest opener, hands interlaced, 0:01-0:30: 1 hold, 8 s of 18 s",
         "Brust öffnen, Hände verschränkt, 0:01-0:30: 1 Haltung, 8 s von 18 s"),
        ("Hip circles, 0:01-0:21: 4 of 5 clockwise and 2 of 5 counter-clockwise circles",
         "Hüftkreisen, 0:01-0:21: 4 von 5 im Uhrzeigersinn und 2 von 5 Kreisen gegen den Uhrzeigersinn"),
        ("Not clear, 0:02-0:29: Savasana, legs on the ball (100 %) or Seated twist (91 %)",
         "Unklar, 0:02-0:29: Savasana, Beine auf dem Ball (100 %) oder Drehen im Sitzen (91 %)"),
        ("  Seated twist: skipped (not seen; seen from the side, judged from the front)",
         "  Drehen im Sitzen: ausgelassen (nicht gesehen; von der Seite gesehen, beurteilt wird von vorn)"),
        ("  Side stretch, right: partly done (44 of 180 s)", "  Seitdehnung, rechts: teilweise getan (44 von 180 s)"),
        ("Daily seven minutes: 0 of 6 done", "Sieben Minuten am Tag: 0 von 6 getan"),
    ],
)  # fmt: skip
def test_lines_of_the_terminal_are_in_the_language(english: str, german: str) -> None:
    assert line_in(english, words_of("de")) == german
    assert line_in(english, words_of("en")) == english


def test_lines_keep_together_in_a_row_where_a_reason_has_a_semicolon() -> None:
    lines = ["Hip circles: skipped (not seen; too dark)", "Seated twist: done"]
    assert lines_of("; ".join(lines)) == lines


def test_analyze_speaks_german(analysed: Analysed, tmp_path: Path) -> None:
    call = ["--out", tmp_path, "--lang", "de", "--exercise", "seated_cat_cow"]
    result = run("analyze", analysed.folder / "poses.npz", tmp_path / "none.mp4", *call)
    assert result.exit_code == 2
    assert "Katze-Kuh im Sitzen" in result.stdout
    assert "6 Wiederholungen" in result.stdout
    assert f"Ergebnisse in {tmp_path / 'poses'}" in result.stdout
    assert result.stderr == f"formcheck: {tmp_path / 'none.mp4'}: Diese Datei gibt es nicht; prüfe den Pfad\n"
    unknown = run("analyze", analysed.folder / "poses.npz", "--lang", "de", "--exercise", "seated_cat_caw")
    assert unknown.stderr == "formcheck: Die Übung 'seated_cat_caw' gibt es nicht. Meinst du seated_cat_cow?\n"


@pytest.mark.parametrize(
    "english",
    [
        "out/batch.jsonl: cannot be written (Permission denied); choose another --out",
        "Dask is not installed; install formcheck with it: pip install 'formcheck[cluster]'",
        "FIT files need the package fit-tool: pip install 'formcheck[fit]'",
        "A PDF is printed by Chromium, Chrome or Edge, and none was found on this computer; install one, or make the "
        "page (--format html), open it in any browser and print it from there.",
        "h.sqlite3: this history was made by a newer formcheck (version 9 of it, this one knows 2); update formcheck. "
        "Nothing was changed.",
        "a/report.json: this is not a report of formcheck (schema 1)",
        "a/events.jsonl: line 7 is not an event of formcheck (no kind)",
        "a: there are no poses to make this from; analyze the video again",
        "port 80 cannot be used (Permission denied); choose another with --port, or leave it out",
        "no window can be opened here: there is no display; leave --window out to use the browser",
        "name what to do with --routine or --exercise when there is no page to choose on",
        "camera 7 cannot be opened: is it plugged in, and not used by another program?",
    ],
)
def test_what_commands_cannot_do_is_told_in_german(english: str) -> None:
    german = words_of("de").say(english)
    assert not {"is", "the", "cannot", "there", "with", "this"} & set(re.findall(r"[a-z]+", german)), german
    assert {"7", "9", "80"} & set(re.findall(r"\d+", english)) <= set(re.findall(r"\d+", german))


def test_own_movement_with_a_broken_file_does_not_hide_the_others() -> None:
    own_exercises().mkdir(parents=True)
    (own_exercises() / "broken.toml").write_text('id = "broken"\n', encoding="utf-8")
    copy = (FOLDER / "relaxation.toml").read_text(encoding="utf-8").replace('title = "', 'title = "My ', 1)
    (own_exercises() / "my_own.toml").write_text(copy, encoding="utf-8")
    listed = run("exercises")
    assert listed.exit_code == 2
    assert_one_plain_line(listed, "broken.toml", "'title' is missing", "exercises check")
    assert all(name in listed.stdout for name in exercise_ids())
    assert "my_own" in listed.stdout  # what --exercise takes, whatever id the file gives itself
    german = run("exercises", "--lang", "de")
    assert_one_plain_line(german, "broken.toml", "der Schlüssel 'title' fehlt; sie wird ausgelassen")


def test_language_given_to_the_list_is_the_language_of_one() -> None:
    assert "Seitdehnung" in run("exercises", "--lang", "de", "show", "side_stretch").stdout


@pytest.mark.parametrize("end", ["/", os.sep])
def test_folder_is_meant_where_its_name_ends_as_one(
    end: str, analysed: Analysed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, made in {"html": "report.html", "json": "report.json", "trc": "poses.trc", "csv": "holds.csv"}.items():
        result = run("report", analysed.folder, "--format", name, "--out", f"{name}-out{end}")
        assert result.exit_code == 0, result.output
        assert (tmp_path / f"{name}-out" / made).is_file()
    data = ("--data-dir", "data")
    assert run("history", "--trends", f"pages{end}", "--export", f"all{end}", *data).exit_code == 0
    assert (tmp_path / "pages" / "trends.html").is_file()
    assert (tmp_path / "all" / "history.json").is_file()


@pytest.mark.parametrize("ball_cm", [-5, 5, 500])
def test_size_that_no_ball_has_is_refused_alike_everywhere(ball_cm: int, nobody_log: Path, tmp_path: Path) -> None:
    for call in (("analyze", nobody_log), ("report", tmp_path, "--format", "trc")):
        result = run(*call, "--ball-cm", ball_cm)
        assert result.exit_code == 2
        assert_one_plain_line(result, f"a ball of {ball_cm} cm", "35 to 120")


def test_ending_of_the_place_names_the_format(analysed: Analysed, tmp_path: Path) -> None:
    for name, begin in {"poses.trc": "PathFileType", "all.json": "{", "page.html": "<!DOCTYPE html>"}.items():
        assert run("report", analysed.folder, "--out", tmp_path / name).exit_code == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begin)
    assert run("report", analysed.folder, "--format", "fhir", "--out", tmp_path / "mine.json").exit_code == 0
    assert '"Bundle"' in (tmp_path / "mine.json").read_text(encoding="utf-8")
    result = run("report", analysed.folder, "--out", tmp_path / "reps.csv")
    assert result.exit_code == 2
    assert_one_plain_line(result, "three files", "a folder")
    assert not (tmp_path / "reps.csv").exists()


def test_recording_whose_name_looks_like_markup_is_shown_as_it_is(analysed: Analysed, tmp_path: Path) -> None:
    odd = tmp_path / "me [bold] [red].npz"
    odd.write_bytes((analysed.folder / "poses.npz").read_bytes())
    data = ["--data-dir", tmp_path / "data"]
    result = run("analyze", odd, "--out", tmp_path / "out", *data, env={"FORCE_COLOR": "1", "COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    listed = run("history", *data, env={"COLUMNS": "200"})
    assert listed.exit_code == 0, listed.output
    assert odd.stem in listed.stdout


def test_every_kind_of_movement_has_a_target_in_words() -> None:
    kinds = {
        find_exercise(name).criterion.kind: target_in_words(find_exercise(name), words_of("en"))
        for name in exercise_ids()
    }
    assert len(kinds) >= 4
    assert kinds["alternation"].endswith("rounds")
    assert kinds["stay"].startswith("keep still for")
    assert kinds["circle"].endswith("circles each way")
    assert not any("1 rounds" in told or "1 holds" in told or "1-1" in told for told in kinds.values())


def test_analyze_reads_what_there_is_of_a_cut_off_recording(tmp_path: Path) -> None:
    sample = tmp_path / "clip.mp4"
    sample.write_bytes(find_sample().read_bytes())
    result = run("analyze", cut_off(sample, 0.1), "--out", tmp_path / "out", "--no-video")
    assert result.exit_code == 3, result.output
    assert "could be read" in result.stdout


def test_recording_without_a_person_is_no_error(make_video: MakeVideo, tmp_path: Path) -> None:
    path = make_video("room.mp4", n_frames=10, size_wh=(320, 240), picture=empty_room)
    result = run("analyze", path, "--out", tmp_path / "out", "--no-video")
    assert result.exit_code == 0, result.output
    assert "No person was found" in result.stdout


def test_folder_means_the_recordings_directly_in_it(nobody_log: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no recording")
    np.savez(tmp_path / "truth.npz", angles=np.zeros(3))
    (tmp_path / "broken.npz").write_bytes(b"")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "b.npz").write_bytes(nobody_log.read_bytes())
    assert find_recordings([tmp_path]) == [nobody_log]
    result = run("analyze", tmp_path, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / "nobody" / "report.json").is_file()


def test_folder_without_recordings_is_a_mistake_of_the_call(tmp_path: Path) -> None:
    result = run("analyze", tmp_path)
    assert result.exit_code == 2
    assert_one_plain_line(result, "no recordings in this folder")


@pytest.mark.parametrize("jobs", [1, 2])
def test_folder_without_recordings_does_not_stop_the_others(jobs: int, nobody_log: Path, tmp_path: Path) -> None:
    empty, twin = tmp_path / "empty", tmp_path / "twin.npz"
    empty.mkdir()
    twin.write_bytes(nobody_log.read_bytes())
    result = run("analyze", nobody_log, empty, twin, "--out", tmp_path / "out", "--jobs", jobs)
    assert result.exit_code == 2
    assert_one_plain_line(result, f"{empty}: there are no recordings in this folder")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"nobody", "twin"}


def test_sources_of_the_same_name_do_not_overwrite_each_other(nobody_log: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    twin = tmp_path / "other" / nobody_log.name
    twin.write_bytes(nobody_log.read_bytes())
    result = run("analyze", nobody_log, twin, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"nobody", "nobody-2"}


def test_one_bad_source_does_not_stop_the_others(nobody_log: Path, tmp_path: Path) -> None:
    result = run("analyze", tmp_path / "missing.mp4", nobody_log, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert_one_plain_line(result, "missing.mp4")
    assert (tmp_path / "out" / "nobody" / "report.json").is_file()


def test_every_bad_file_gets_one_plain_line_and_status_two(
    tmp_path: Path, nobody_log: Path, sound_only: Path, still_picture: Path, make_video: MakeVideo
) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("hello " * 100)
    (tmp_path / "bad.npz").write_bytes(b"PK no")
    no_index = make_video("no_index.mp4", n_frames=60)
    no_index.write_bytes(no_index.read_bytes()[:2000])
    with np.load(nobody_log) as arrays:
        np.savez(tmp_path / "schema.npz", **({key: arrays[key] for key in arrays.files} | {"schema": 7}))
    expected = {
        tmp_path / "none.mp4": "no such file",
        tmp_path / "empty.mp4": "empty",
        tmp_path / "text.mp4": "not a video",
        tmp_path / "bad.npz": "not a pose log",
        tmp_path / "schema.npz": "schema 7, expected 1",
        no_index: "cut off",
        sound_only: "only sound",
        still_picture: "still picture",
    }
    for path, words in expected.items():
        result = run("analyze", path, "--out", tmp_path / "out")
        assert result.exit_code == 2, result.output
        assert_one_plain_line(result, path.name, words)


def test_unknown_exercise_names_the_nearest(nobody_log: Path, tmp_path: Path) -> None:
    result = run("analyze", nobody_log, "--exercise", "back_extention", "--out", tmp_path)
    assert result.exit_code == 2
    assert_one_plain_line(result, "back_extension")


def test_exercise_file_with_an_unknown_key_is_a_mistake_of_the_user(nobody_log: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("colour = 'red'\n")
    result = run("analyze", nobody_log, "--exercise", tmp_path / "mine.toml", "--out", tmp_path)
    assert result.exit_code == 2
    assert_one_plain_line(result, "mine.toml")


@pytest.mark.parametrize(
    "arguments",
    [
        ("exercises", "check", "no.toml"),
        ("exercises", "show", "no.toml"),
        ("routines", "no.toml"),
        ("agree", "results", "--labels", "no.csv"),
    ],
)
def test_missing_file_is_told_in_plain_words(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert f"{arguments[-1]}: there is no such file; check the path" in result.stderr
    assert "Errno" not in result.stderr


def test_place_that_cannot_be_written_names_no_option_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    page = tmp_path / "file" / "trends.html"
    result = run("history", "--trends", str(page), "--data-dir", str(tmp_path / "data"))
    assert result.exit_code == 2
    assert "choose another place with --trends" in result.stderr
    assert "--out" not in result.stderr
    result = run("history", "--data-dir", str(tmp_path / "file"))
    assert result.exit_code == 2
    assert "a file stands where a folder should be" in result.stderr


def test_unwritable_output_is_named(nobody_log: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("analyze", nobody_log, "--out", tmp_path / "file" / "out")
    assert result.exit_code == 2
    assert_one_plain_line(result, "cannot write here", "--out")


def test_live_refuses_a_place_for_its_results_before_anybody_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    command = [sys.executable, "-m", "formcheck", "live", "--no-open", "--out", str(tmp_path / "file" / "out")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=WITHIN_S)
    assert (child.returncode, child.stdout) == (2, "")
    assert "cannot write here" in child.stderr
    assert "--out" in child.stderr


def test_missing_model_is_named(make_video: MakeVideo, tmp_path: Path) -> None:
    result = run("analyze", make_video(), "--model", tmp_path / "none.task", "--out", tmp_path)
    assert result.exit_code == 2
    assert_one_plain_line(result, "none.task")


def test_debug_shows_the_traceback_and_keeps_the_status(tmp_path: Path) -> None:
    result = run("analyze", tmp_path / "none.mp4", "--debug")
    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert "formcheck: " in result.stderr.splitlines()[-1]


def test_fault_of_ours_is_status_one_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def job() -> int:
        raise ZeroDivisionError("division by zero")

    assert run_plainly(job, debug=False) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "unexpected ZeroDivisionError" in line
    assert "--debug" in line


@pytest.fixture
def unread() -> Iterator[int]:
    """The writing end of a pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def run_unread(unread: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "formcheck", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, stdout=unread, stderr=subprocess.PIPE, text=True, env=environment, timeout=WITHIN_S)


@pytest.mark.skipif(os.name == "nt", reason="there, nobody can be asked whether a pipe is still read")
def test_output_that_nobody_reads_ends_quietly_and_what_was_done_is_whole(
    unread: int, nobody_log: Path, tmp_path: Path
) -> None:
    child = run_unread(unread, "analyze", nobody_log, "--no-history", "--no-video", "--out", tmp_path / "out")
    assert (child.returncode, child.stderr) == (NOBODY_READS, "")
    assert json.loads((tmp_path / "out" / "nobody" / "report.json").read_text())["source"]["frames"] == 30


@pytest.mark.skipif(os.name == "nt", reason="there, nobody can be asked whether a pipe is still read")
@pytest.mark.parametrize("arguments", [("exercises",), ("routines", "daily_7"), ("--help",)])
def test_listing_that_nobody_reads_is_no_failure(arguments: tuple[str, ...], unread: int) -> None:
    child = run_unread(unread, *arguments)
    assert (child.returncode, child.stderr) == (NOBODY_READS, "")


@pytest.mark.skipif(os.name == "nt", reason="there, nobody can be asked whether a pipe is still read")
def test_live_whose_address_nobody_reads_ends_quietly(unread: int, tmp_path: Path) -> None:
    child = run_unread(unread, "live", "--no-open", "--data-dir", tmp_path / "data", "--out", tmp_path / "out")
    assert (child.returncode, child.stderr) == (NOBODY_READS, "")
    assert not (tmp_path / "out").exists()


def test_a_pipe_of_ours_that_breaks_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def job() -> int:
        raise BrokenPipeError(32, "Broken pipe")

    assert run_plainly(job, debug=False) == 1
    assert "unexpected BrokenPipeError" in capsys.readouterr().err


@pytest.mark.parametrize(("statuses", "expected"), [([], 0), ([0, 0], 0), ([0, 3], 3), ([3, 2, 0], 2), ([2, 1, 3], 1)])
def test_worst_status_of_several_sources_is_the_one_returned(statuses: list[int], expected: int) -> None:
    assert worst(statuses) == expected


def test_analysis_opens_no_network_connection(tmp_path: Path) -> None:
    sample = tmp_path / "clip.mp4"
    sample.write_bytes(find_sample().read_bytes())
    program = f"""
import os, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(event) if event.startswith("socket.") else None)
from formcheck.session import analyze
analyze({str(cut_off(sample, 0.1))!r}, out_dir={str(tmp_path / "out")!r})
handles = "/proc/self/fd"  # native code is not seen by the hook; its open sockets are, on Linux
for handle in os.listdir(handles) if os.path.isdir(handles) else []:
    link = f"{{handles}}/{{handle}}"
    if os.path.islink(link) and os.readlink(link).startswith("socket:"):
        opened.append(os.readlink(link))
print("opened", opened)
"""
    child = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert child.stdout.splitlines()[-1] == "opened []"
    assert (tmp_path / "out").is_dir()
