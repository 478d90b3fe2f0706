"""JSON and CSV: nothing unknown turns into a number, nothing turns into a formula, no half file."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcheck.errors import ExportError
from formcheck.events import BlockStarted, FaultRaised, Repetition, RepetitionCompleted, from_record
from formcheck.export.files import plain, write_csvs, write_events, write_json
from formcheck.series import Series
from formcheck.whole_files import whole_file

REPETITION = Repetition(1, 4.0, 6.12345, 10.8, "trunk_lift", "deg", 24.1, 32.1, 15.0, None, True, None, ("a", "b"))


def report(**changes: Any) -> dict[str, Any]:
    repetition = {name: getattr(REPETITION, name) for name in Repetition.__dataclass_fields__} | changes
    hold = {
        "start_s": 5.6,
        "end_s": 8.5,
        "elapsed_s": 2.9,
        "credited_s": None,
        "target_s": 3.0,
        "side": "left",
    }
    hold |= {"counted": False, "reason": "hidden"}
    return {"blocks": [{"exercise": "back_extension", "repetitions": [repetition], "holds": [hold]}]}


def series(n: int = 4) -> Series:
    values = np.arange(n, dtype=np.float32) / 3
    values[1:2] = np.nan
    return Series(np.arange(n) / 30, {"trunk_lift": values, "knee_gap": values}, {"trunk_lift": "deg"})


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_json_holds_null_for_what_is_not_known_and_three_decimals(tmp_path: Path) -> None:
    content = {
        "a": float("nan"),
        "b": [np.float32(1.23456), math.inf],
        "c": np.arange(2),
        "d": -0.0001,
        "é": None,
    }
    write_json(tmp_path / "r.json", content)
    text = (tmp_path / "r.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": None, "b": [1.235, None], "c": [0, 1], "d": 0.0, "é": None}
    assert "é" in text
    assert "-0.0" not in text


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_like)
def test_anything_reported_is_valid_json(value: Any) -> None:
    text = json.dumps(plain(value), allow_nan=False)
    assert "NaN" not in text or "NaN" in str(value)


def test_events_come_back_from_their_lines(tmp_path: Path) -> None:
    events = [
        BlockStarted(0.0, "back_extension", "user"),
        RepetitionCompleted(10.8, REPETITION),
        FaultRaised(12.0, "head_drops", "Hals lang, Blick zum Boden", 2, float("nan"), 20.0),
    ]
    write_events(tmp_path / "events.jsonl", events)
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    back = [from_record(json.loads(line)) for line in lines]
    assert len(back) == 3
    assert back[0] == events[0]
    assert back[1].repetition.peak_s == pytest.approx(6.123)
    assert back[1].repetition.faults == ("a", "b")
    assert back[2].value is None, "an unknown value is null, never a number"


def test_tables_have_one_row_for_each_repetition_and_hold(tmp_path: Path) -> None:
    write_csvs(tmp_path, report(), series())
    repetition, hold = rows(tmp_path / "reps.csv")[0], rows(tmp_path / "holds.csv")[0]
    assert float(repetition["range"]) == 32.1
    assert repetition["counted"] == "yes"
    assert repetition["faults"] == "a; b"
    assert repetition["exercise"] == hold["exercise"] == "back_extension"
    assert hold["credited_s"] == "", "unknown is empty, not 0"
    assert (hold["counted"], hold["reason"]) == ("no", "hidden")


def test_measures_have_their_unit_in_the_header_and_gaps_stay_empty(tmp_path: Path) -> None:
    write_csvs(tmp_path, report(), series())
    table = rows(tmp_path / "angles.csv")
    assert list(table[0]) == ["time_s", "trunk_lift [deg]", "knee_gap"]
    assert [row["trunk_lift [deg]"] for row in table] == ["0.0", "", "0.667", "1.0"]
    assert float(table[3]["time_s"]) == 0.1


def test_long_recordings_lose_no_frame(tmp_path: Path) -> None:
    write_csvs(tmp_path, {"blocks": []}, series(10_001))
    assert len(rows(tmp_path / "angles.csv")) == 10_001


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", " =1", "\t=1", "\r\n=1"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless(tmp_path: Path, text: str) -> None:
    write_csvs(tmp_path, report(reason=text, range=-3.5), series())
    row = rows(tmp_path / "reps.csv")[0]
    assert row["reason"].startswith("'")
    assert row["reason"][1:].strip() == text.strip()
    assert float(row["range"]) == -3.5, "negative numbers stay numbers"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_any_reason_survives_the_table(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("csv")
    write_csvs(folder, report(reason=text), series())
    assert rows(folder / "reps.csv")[0]["reason"].lstrip("'").split() == _printable(text).lstrip("'").split()


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def test_a_failure_half_way_leaves_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("older")

    def break_off() -> None:
        with whole_file(path) as part:
            part.write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["repetitions", "holds"])
def test_of_a_damaged_report_no_table_is_left(kind: str, tmp_path: Path) -> None:
    damaged = report()
    damaged["blocks"][0][kind].append(None)
    with pytest.raises(AttributeError):
        write_csvs(tmp_path / "made", damaged, series())
    assert not (tmp_path / "made").exists()


def test_files_get_the_usual_rights_and_missing_folders_are_made(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    write_json(tmp_path / "new" / "folder" / "r.json", {})
    made = tmp_path / "new" / "folder" / "r.json"
    assert made.stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("write", [lambda p: write_json(p, {}), lambda p: write_events(p, [])])
def test_a_place_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path, write: Any) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError) as caught:
        write(tmp_path / "file" / "r.json")
    assert str(tmp_path / "file" / "r.json") in str(caught.value)
    assert "--out" in str(caught.value)
    assert "\n" not in str(caught.value)
