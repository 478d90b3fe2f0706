"""`formcheck exercises check`: every mistake of a file with its line, and what is probably not meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from formcheck.checking import check_exercise
from formcheck.cli import app
from formcheck.registry import FOLDER, exercise_ids

GOOD = (FOLDER / "back_extension.toml").read_text(encoding="utf-8").replace('id = "back_extension"', 'id = "mine"', 1)


def changed(tmp_path: Path, old: str, new: str) -> Path:
    assert old in GOOD
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    return path


def line_with(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_file_as_some_editors_write_it_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("\n" + GOOD, encoding="utf-8-sig", newline="\r\n")
    assert check_exercise(path).errors == ()
    path.write_text(f"titel = 1\n{GOOD}", encoding="utf-8-sig", newline="\r\n")
    (error,) = check_exercise(path).errors
    assert error.startswith("line 1: ")


@pytest.mark.parametrize("name", exercise_ids())
def test_files_of_the_package_can_be_used(name: str) -> None:
    found = check_exercise(FOLDER / f"{name}.toml")
    assert found.errors == ()
    assert not [hint for hint in found.hints if "can be read from" in hint]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[hysteresis]", "[hysterisis]", "did you mean 'hysteresis'"),
        ('measure = "wrist_behind_back"', 'measure = "wrist_behind_bak"', "did you mean 'wrist_behind_back'"),
        ("target_s = 3.0 ", 'target_s = "three" ', "valid number"),
        ("counted = 0.6", "counted = 1.6", "less than 1"),
        ("target = [12.0, 40.0]", "target = [0.0, 40.0]", "must begin above 0"),
        ("target = [12.0, 40.0]", "target = [40.0, 12.0]", "must be [lowest, highest]"),
        ("tempo_s = [6.0, 12.0]", "tempo_s = [0.0, 12.0]", "must begin above 0"),
        ('id = "mine"', 'id = "../mine"', "must be of letters, digits and _ alone"),
        ('kind = "repetition"', "kind = []", "Input should be 'repetition'"),
        ('id = "mine"', 'id = ""', "must be of letters, digits and _ alone"),
        ("axis = [-5.0, 45.0]", "axis = [45.0, -5.0]", "must be [lowest, highest]"),
    ],
)
def test_mistake_is_named_with_its_line_and_what_was_meant(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = changed(tmp_path, old, new)
    found = check_exercise(path)
    assert found.exercise is None
    error = next(error for error in found.errors if words in error)
    number = int(error.split(":")[0].removeprefix("line "))
    assert line_with(path, new) - number in (0, 1), "its own line, or that of the table's heading right above"


@pytest.mark.parametrize("side", ["", 'side = "right"\n'])
def test_sides_that_cannot_be_told_apart_make_no_round(tmp_path: Path, side: str) -> None:
    text = (FOLDER / "seated_twist.toml").read_text(encoding="utf-8")
    assert 'side = "left"\n' in text
    path = tmp_path / "seated_twist.toml"
    path.write_text(text.replace('side = "left"\n', side, 1), encoding="utf-8")
    assert ["different sides: they make a round" in error for error in check_exercise(path).errors] == [True]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = changed(tmp_path, "counted = 0.6", "counted = 1.6")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("shortest_s = 1.2", "shortest_s = -1").replace('cue = "Hold', 'ceu = "Hold', 1))
    errors = check_exercise(path).errors
    assert len([e for e in errors if any(w in e for w in ("less than 1", "greater than or equal to 0", "ceu"))]) == 3


def test_mistakes_stand_in_the_order_of_the_file_and_a_misspelt_key_is_no_missing_one_as_well(tmp_path: Path) -> None:
    path = changed(tmp_path, "counted = 0.6", "counted = 1.6")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('title = "', 'titel = "').replace('source = "', '# source = "', 1), encoding="utf-8")
    errors = check_exercise(path).errors
    numbers = [int(error.split(":")[0].removeprefix("line ")) for error in errors]
    assert numbers == sorted(numbers)
    assert len([error for error in errors if "unknown key" in error]) == text.count('title = "')
    assert not [error for error in errors if "missing" in error and "title" in error]
    assert [error for error in errors if error.endswith("the key 'faults.0.source' is missing")]


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ('cue = "Hold for three"', 'cue = "Please do hold it for three whole seconds"', "8 words"),
        ("minimum = 12.0", "minimum = 6.0", "within what one camera cannot tell"),
        ("minimum = 12.0", "minimum = 42.0", "beyond the target's end"),
        ('measure = "neck_extension"', 'measure = "knee_gap"', "can be read from front or back only"),
        ("shortest_s = 1.2", "shortest_s = 20.0", "nothing can be longer"),
        ('"Stop at once if it hurts, and ask a professional.",', '"Be careful.",', "does not say to stop"),
        ('id = "mine"', 'id = "other"', "the file is called 'mine'"),
        ('id = "mine"', 'id = "seated_twist"', "of its own"),
    ],
)
def test_what_is_probably_not_meant_is_a_hint_and_no_error(tmp_path: Path, old: str, new: str, hint: str) -> None:
    found = check_exercise(changed(tmp_path, old, new))
    assert found.exercise is not None
    assert [h for h in found.hints if hint in h]
    assert not [h for h in check_exercise(changed(tmp_path, old, old)).hints if hint in h]


def test_command_says_that_a_good_file_can_be_used_and_how_to_try_it(tmp_path: Path) -> None:
    path = changed(tmp_path, "[hysteresis]", "[hysteresis]")
    done = CliRunner().invoke(app, ["exercises", "check", str(path)])
    assert done.exit_code == 0, done.output
    assert "can be used: Back extension" in done.stdout
    assert f"--exercise {path}" in done.stdout


@pytest.mark.parametrize("content", ["id = ", "id = 'x'\n", "\xff"])
def test_command_says_what_is_wrong_and_ends_with_two(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.toml").write_bytes(content.encode("latin-1"))
    done = CliRunner().invoke(app, ["exercises", "check", str(tmp_path / "bad.toml")])
    assert done.exit_code == 2
    assert "to mend" in done.stderr
    assert "Traceback" not in done.output


def test_example_of_the_guide_can_be_used(tmp_path: Path) -> None:
    guide = (FOLDER.parent.parent / "docs" / "write-an-exercise.md").read_text(encoding="utf-8")
    parts = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert len(parts) >= 4
    (tmp_path / "hip_bridge.toml").write_text("\n".join(parts), encoding="utf-8")
    found = check_exercise(tmp_path / "hip_bridge.toml")
    assert found.errors == found.hints == ()
