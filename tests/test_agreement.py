"""Reports against a person's labels: the numbers are those on paper, and what is not labelled stays out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recordings import POSES
from typer.testing import CliRunner

from formcheck.agreement import DEFINITIONS, Found, Label, Pair, agreement, compare, read_labels
from formcheck.cli import app
from formcheck.errors import UsageError
from formcheck.registry import find_exercise

run = CliRunner()
LIFT = "back_extension"
FAULTS = [fault.id for fault in find_exercise(LIFT).faults]


def pair(true: int | None, counted: int, seen: Any = None, found: Any = (), held: Any = (None, 0.0)) -> Pair:
    faults = None if seen is None else frozenset(seen)
    return Pair(Label("a", LIFT, true, held[0], faults), Found(counted, held[1], frozenset(found)))


def test_counts_on_paper() -> None:
    numbers = agreement([pair(10, 10), pair(8, 7), pair(5, 10), pair(0, 0), pair(None, 99)])
    assert numbers["exact"] == 2 / 4
    assert numbers["within one"] == 3 / 4
    assert numbers["MAE"] == pytest.approx((0 + 1 / 8 + 1) / 3)
    assert numbers["F1"] is numbers["hold error"] is None, "nobody labelled them"


def test_holds_on_paper() -> None:
    pairs = [pair(None, 0, held=(30.0, 28.5)), pair(None, 0, held=(10.0, 10.5))]
    assert agreement(pairs)["hold error"] == pytest.approx(1.0)


def test_faults_on_paper() -> None:
    a, b, c = FAULTS[:3]
    numbers = agreement([pair(1, 1, {a, b}, {a}), pair(1, 1, set(), {c})])
    n, agreed = 2 * len(FAULTS), 2 * len(FAULTS) - 2
    by_chance = (2 * 2 + (n - 2) * (n - 2)) / n**2
    assert numbers["precision"] == numbers["recall"] == numbers["F1"] == 0.5
    assert numbers["kappa"] == pytest.approx((agreed / n - by_chance) / (1 - by_chance))


def test_full_agreement_is_one_and_agreement_on_nothing_is_not_known() -> None:
    assert agreement([pair(3, 3, {FAULTS[0]}, {FAULTS[0]})])["kappa"] == 1.0
    assert agreement([pair(3, 3, set(), set())])["kappa"] is None


def test_every_number_has_its_definition() -> None:
    assert agreement([]).keys() == DEFINITIONS.keys()
    assert set(agreement([]).values()) == {None}


def test_movement_that_the_report_does_not_have_counts_nothing() -> None:
    pairs, absent = compare([Label("a", LIFT, 5, None, None), Label("b", LIFT, 5, None, None)], {"a": {"blocks": []}})
    assert [p.found.counted for p in pairs] == [0]
    assert absent == ["b"]


def labels(tmp_path: Path, *rows: str, header: str = "recording,exercise,counted,held_s,faults") -> Path:
    path = tmp_path / "labels.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8-sig")
    return path


def test_labels_are_read_as_spreadsheets_write_them(tmp_path: Path) -> None:
    rows = [f"x/evening.mp4,{LIFT},8,24.5,{FAULTS[0]}; {FAULTS[1]}", f"b,{LIFT},,,none", f"c,{LIFT},3,,"]
    first, second, third = read_labels(labels(tmp_path, *rows))
    assert first == Label("evening", LIFT, 8, 24.5, frozenset(FAULTS[:2]))
    assert (second.counted, second.faults) == (None, frozenset())
    assert third.faults is None
    assert len(read_labels(labels(tmp_path, f"a,{LIFT}", header="recording,exercise"))) == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (f"a,{LIFT},many,,", "line 2: counted must be a number"),
        (f"a,{LIFT},-1,,", "line 2: counted must be a number"),
        (f"a,{LIFT},3,,hold_shrot", "has no fault 'hold_shrot'"),
        ("a,back_extention,3,,", "Did you mean back_extension"),
        (f",{LIFT},3,,", "no name"),
    ],
)
def test_wrong_label_is_named_with_its_line(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_labels(labels(tmp_path, row))


def test_command_compares_results_with_labels(tmp_path: Path) -> None:
    analysed = ["analyze", str(POSES / "seated_twist.npz"), "--out", str(tmp_path), "--no-history"]
    assert run.invoke(app, analysed).exit_code == 0
    folder = tmp_path / "seated_twist"
    n = json.loads((folder / "report.json").read_text(encoding="utf-8"))["blocks"][0]["counted"]["repetitions"]
    own = labels(tmp_path, f"seated_twist.mp4,seated_twist,{n},,", "other,seated_twist,3,,")
    done = run.invoke(app, ["agree", str(folder), "--labels", str(own)])
    assert done.exit_code == 0, done.output
    numbers = {line.split("  ")[0]: line for line in done.stdout.splitlines()}
    assert "1.00" in numbers["exact"]
    assert DEFINITIONS["exact"] in numbers["exact"]
    assert "no result for other" in done.stdout
    none = run.invoke(app, ["agree", str(folder), "--labels", str(labels(tmp_path, "other,seated_twist,3,,"))])
    assert none.exit_code == 2
    assert len(none.stderr.splitlines()) == 1
