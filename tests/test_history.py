"""The history: what is filed, what is shown of it, and that nothing is lost when the file is damaged or newer."""

from __future__ import annotations

import errno
import json
import os
import re
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

import pytest
from recordings import POSES
from typer.testing import CliRunner

from formcheck.cli import app
from formcheck.errors import HistoryError
from formcheck.export.trends_page import Done, Line, Movement, trends_page
from formcheck.history import MIGRATIONS, STOP, VERSION, History, delete_all, filed_block
from formcheck.history import database as module
from formcheck.trends import NOISE, by_week, trends_of
from formcheck.userdata import data_dir

START = datetime(2024, 5, 6, 18, 0, tzinfo=UTC)  # a Monday
run = CliRunner()


def repetition(extent: float = 20.0, counted: bool = True, faults: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"range": extent, "side": None, "counted": counted, "faults": list(faults), "unit": "deg"}


def hold(seconds: float, start_s: float = 0.0, counted: bool = True) -> dict[str, Any]:
    extent = {"start_s": start_s, "end_s": start_s + seconds, "elapsed_s": seconds, "credited_s": seconds}
    return {**extent, "side": None, "counted": counted}


def report(day: int = 0, extent: float = 20.0, n: int = 8, seconds: float = 3.0) -> dict[str, Any]:
    block = {
        "exercise": "back_extension",
        "title": "Back extension",
        "repetitions": [repetition(extent) for _ in range(n)],
        "holds": [hold(seconds, 10.0 * i) for i in range(n)],
        "circles": [],
        "faults": [],
        "target": {"repetitions": [8, 10], "hold_s": 3.0},
        "breaths": None,
        "score": {"total": 80, "parts": {"symmetry": None}},
    }
    when = (START + timedelta(days=day)).isoformat()
    source = {"recorded_at": when, "frames": 100, "duration_s": 60.0, "complete": True, "width": 640, "height": 480}
    return {"source": source, "versions": {"formcheck": "0.1.0"}, "blocks": [block], "routine": None}


def test_session_comes_back_as_it_was_filed(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        history.file(report(), "evening", START)
    with History(tmp_path) as history:
        (session,) = history.sessions()
    assert session.recorded_at == START
    assert session.name == "evening"
    (block,) = session.blocks
    assert block.range == 20.0
    assert block.longest_s == 3.0
    assert sum(m.is_clean for m in block.movements) == 16


def test_fault_makes_its_movement_unclean_and_no_other() -> None:
    block = report()["blocks"][0]
    block["repetitions"][2]["faults"] = ["hold_short"]
    block["faults"] = [{"id": "hold_short", "start_s": 23.2, "end_s": 23.3}]
    unclean = [(m.kind, i % 8) for i, m in enumerate(filed_block(block).movements) if not m.is_clean]
    assert unclean == [("repetition", 2), ("hold", 2)]


def test_same_recording_analysed_again_replaces_its_session_and_keeps_the_pain_mark(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        number = history.file(report(), "evening", START)
        assert history.mark_pain(number, "back_extension", START) == STOP
        assert history.file(report(n=5), "evening", START + timedelta(days=3)) == number
        (session,) = history.sessions()
    assert len(session.blocks[0].movements) == 10
    assert session.hurt == {"back_extension"}


def test_two_recordings_of_the_same_second_length_and_size_are_two_sessions(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        first = history.file(of_content("a"), "evening", START)
        second = history.file(of_content("b"), "evening", START)
        assert first != second
        renamed = of_content("a", recorded_at=START.replace(year=2031).isoformat())  # a copy is as young as its file
        assert history.file(renamed, "copy", START) == first
        assert [session.name for session in history.sessions()] == ["copy", "evening"]


def test_session_that_an_older_version_filed_is_taken_up_by_its_recording_alone(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        old = history.file(report(), "evening", START)
        history.mark_pain(old, "back_extension", START)
        other = history.file(of_content("b"), "another of that second", START)
        again = history.file(of_content("a"), "evening", START)
        assert (other != old, again) == (True, old)
        assert history.file(of_content("a"), "evening", START) == old
        assert [(s.name, bool(s.hurt)) for s in history.sessions()] == [
            ("evening", True),
            ("another of that second", False),
        ]


def of_content(content: str, **more: Any) -> dict[str, Any]:
    made = report()
    made["source"] |= {"content": content, **more}
    return made


def test_sessions_are_in_order_of_recording_not_of_filing(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        for day in (5, 1, 3):
            history.file(report(day), f"day {day}", START)
        assert [s.name for s in history.sessions()] == ["day 1", "day 3", "day 5"]


def test_what_was_noted_on_a_journey_is_of_the_day_that_it_is_here(tmp_path: Path) -> None:
    here = datetime(2024, 5, 7, 8, 0).astimezone()
    there = here.astimezone(timezone((here.utcoffset() or timedelta()) - timedelta(hours=12)))
    assert there.date() != here.date()
    made = report()
    with History(tmp_path) as history:
        history.file({**made, "source": made["source"] | {"recorded_at": there.isoformat()}}, "away", START)
        history.mark_pain(None, "back_extension", there)
        history.refuse("back_extension", there)
        (session,), ((_, hurt),), ((_, refused),) = history.sessions(), history.pain(), history.refusals()
    assert {session.recorded_at.date(), hurt.date(), refused.date()} == {here.date()}


def test_deleted_session_leaves_nothing_in_the_file(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        number = history.file(report(), "unmistakable-name", START)
        history.file(report(1), "other", START)
        history.mark_pain(number, None, START)
        history.delete(number)
        assert [s.name for s in history.sessions()] == ["other"]
        assert history.everything()["sessions"][0]["hurt"] == []
    assert b"unmistakable-name" not in (tmp_path / module.FILE).read_bytes()


def test_nothing_of_the_persons_folders_is_kept(tmp_path: Path) -> None:
    home = tmp_path / "home" / "somebody"
    home.mkdir(parents=True)
    (home / "clip.npz").write_bytes((POSES / "seated_twist.npz").read_bytes())
    done = run.invoke(app, ["analyze", str(home / "clip.npz"), "--out", str(home / "out"), "--no-video"])
    assert done.exit_code == 0, done.output
    kept = (data_dir() / module.FILE).read_bytes()
    assert b"clip" in kept
    assert b"somebody" not in kept


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_history_is_nobody_elses_business(tmp_path: Path) -> None:
    with History(tmp_path / "new"):
        pass
    assert (tmp_path / "new" / module.FILE).stat().st_mode & 0o777 == 0o600


# -- versions and damage ----------------------------------------------------------------------------------------------


def test_history_of_an_older_version_is_brought_up_to_date_and_a_copy_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert VERSION == len(MIGRATIONS) >= 2
    with monkeypatch.context() as older:
        older.setattr(module, "VERSION", 1)
        older.setattr(module, "MIGRATIONS", MIGRATIONS[:1])
        with History(tmp_path) as history:
            history.file(report(), "old", START)
    before = (tmp_path / module.FILE).read_bytes()
    with History(tmp_path) as history:
        assert [s.name for s in history.sessions()] == ["old"]
        history.refuse("back_extension", START)
    assert (tmp_path / "history.version-1.sqlite3").read_bytes() == before


def test_deleting_all_takes_the_old_copies_along_and_nothing_of_anybody_else(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        history.file(report(0), "day 0", START)
    copies = [
        "history.damaged.sqlite3",
        "history.damaged-2.sqlite3",
        "history.version-1.sqlite3",
        "history.sqlite3-wal",
    ]
    others = ["history of my back.txt", "history_2025.ods", "history.sqlite3.backup", "notes"]
    for name in copies + others:
        (tmp_path / name).write_text("")
    assert delete_all(tmp_path) is None
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)


def test_history_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        history.file(report(), "a", START)
    with sqlite3.connect(tmp_path / module.FILE) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = (tmp_path / module.FILE).read_bytes()
    with pytest.raises(HistoryError, match="newer formcheck"):
        History(tmp_path)
    assert (tmp_path / module.FILE).read_bytes() == before
    assert delete_all(tmp_path) == tmp_path / "history.newer.sqlite3"
    assert (tmp_path / "history.newer.sqlite3").read_bytes() == before


@pytest.mark.parametrize("damage", ["text", "pages"])
def test_damaged_history_is_told_kept_and_begun_anew_on_request(tmp_path: Path, damage: str) -> None:
    with History(tmp_path) as history:
        for day in range(40):
            history.file(report(day), f"day {day}", START)
    path = tmp_path / module.FILE
    whole = path.read_bytes()
    path.write_bytes(b"no database at all" * 100 if damage == "text" else whole[:4096] + b"\xff" * (len(whole) - 4096))
    broken = path.read_bytes()
    for _ in range(2):  # asked twice: one copy is enough
        with pytest.raises(HistoryError, match="damaged") as caught:
            History(tmp_path)
    assert "\n" not in str(caught.value)
    copy = tmp_path / "history.damaged.sqlite3"
    assert {p.name for p in tmp_path.iterdir()} == {module.FILE, copy.name}
    assert path.read_bytes() == copy.read_bytes() == broken
    assert delete_all(tmp_path) == copy
    with History(tmp_path) as history:
        assert history.sessions() == []
    assert copy.read_bytes() == broken


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    def file(first: int) -> None:
        try:
            for day in range(first, first + 10):
                with History(tmp_path) as history:
                    history.file(report(day), f"day {day}", START)
        except HistoryError as error:
            errors.append(error)

    errors: list[HistoryError] = []
    threads = [threading.Thread(target=file, args=(first,)) for first in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with History(tmp_path) as history:
        assert len(history.sessions()) == 30


def test_history_that_another_one_holds_for_long_is_told_not_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_S", 0.01)
    with History(tmp_path) as history:
        history.file(report(), "evening", START)

    def use_while_it_is_held(use: Callable[[History], object]) -> None:
        with History(tmp_path) as history, closing(sqlite3.connect(history.path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            use(history)

    for use in (History.sessions, History.pain, lambda history: history.delete(1), History.everything):
        with pytest.raises(HistoryError, match="cannot be used now"):
            use_while_it_is_held(use)


@pytest.mark.parametrize("is_damaged", [True, False])
def test_history_of_which_no_copy_can_be_kept_is_left_alone(
    is_damaged: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / module.FILE
    if is_damaged:
        path.write_bytes(b"no database at all" * 100)
    else:
        with sqlite3.connect(path) as older:
            older.execute("PRAGMA user_version = 1")
        older.close()
    before = path.read_bytes()
    monkeypatch.setattr(module.shutil, "copyfile", full)
    with pytest.raises(HistoryError, match="No space left"):
        History(tmp_path)
    assert path.read_bytes() == before
    path.rename(tmp_path / "elsewhere")  # it is not held open


def test_name_of_a_recording_that_is_no_text_is_filed_as_far_as_it_is(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        history.file(report(), "R\udcfccken", START)
        assert [session.name for session in history.sessions()] == ["R?cken"]


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="--data-dir"):
        History(tmp_path / "file" / "deeper")


# -- trends -----------------------------------------------------------------------------------------------------------


def ranges(tmp_path: Path, values: list[float]) -> Any:
    with History(tmp_path) as history:
        for day, value in enumerate(values):
            history.file(report(day, extent=value), f"day {day}", START)
        (movement,) = trends_of(history.sessions())
    return next(trend for trend in movement.trends if trend.name == "Range")


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([20, 21, 19, 29, 28, 29], "same"),  # 9 degrees: within what one camera can tell
        ([20, 21, 19, 33, 32, 33], "more"),
        ([33, 33, 33, 20, 20, 60, 20], "less"),  # one wild session changes nothing
        ([20, 40, 60], "early"),
    ],
)
def test_change_within_the_measuring_noise_is_not_called_one(tmp_path: Path, values: list[float], verdict: str) -> None:
    trend = ranges(tmp_path, values)
    assert trend.noise == NOISE["deg"] >= 10.0
    assert trend.verdict == verdict


def test_weeks_without_a_session_are_shown(tmp_path: Path) -> None:
    with History(tmp_path) as history:
        for day in (0, 2, 21):
            history.file(report(day), f"day {day}", START)
        weeks = by_week(history.sessions(), date(2024, 6, 4))
    assert [n for _, n in weeks] == [2, 0, 0, 1, 0]
    assert weeks[0][0] == date(2024, 5, 6)


class _Page(HTMLParser):
    """Counts what a page must not have, and that its tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for key, value in attrs if key in ("src", "href", "action")]
        if tag not in ("meta", "br", "path", "rect", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("path", "rect", "circle"):
            assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "de"])
def test_page_of_trends_is_self_contained_and_shows_the_noise(tmp_path: Path, language: str) -> None:
    data = tmp_path / "data"
    with History(data) as history:
        for day, value in enumerate([20, 21, 19, 29, 28, 29]):
            history.file(report(day, extent=value), "<b>evening</b>", START)
    out = tmp_path / "t.html"
    done = run.invoke(app, ["history", "--trends", str(out), "--data-dir", str(data), "--language", language])
    assert done.exit_code == 0, done.output
    text = out.read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert "script" not in page.tags
    assert page.addresses == []
    assert "<b>" not in text
    assert f'lang="{language}"' in text
    told = {"en": "no change that can be told", "de": "keine Änderung, die sich vom Messrauschen"}[language]
    assert told in text
    assert 'class="hatch" x=' in text, "the band of noise is drawn"


def test_page_of_many_sessions_is_light(tmp_path: Path) -> None:
    points = [(START + timedelta(days=day), 20.0 + day % 5) for day in range(300)]
    line = Line("Range", "deg", points, 10.0, 20.0, 21.0, "same")
    page = trends_page([Movement(f"Own {i}", 300, [line, line], None, None, None) for i in range(20)], [], [])
    assert len(page) < 500_000
    few = trends_page(
        [Movement("Own", 30, [Line("Range", "deg", points[:30], 10.0, 20.0, 21.0, "same")], *[None] * 3)], [], []
    )
    assert few.count("<circle") == 30, "each with its day"
    assert "6 May 2024: 20°" in few


@pytest.mark.parametrize(
    ("verdict", "told"), [("early", "too few sessions"), ("same", "nothing that can be told"), ("more", "▲ Range")]
)
def test_page_tells_at_a_glance_whether_a_change_can_be_told_at_all(
    verdict: Literal["early", "same", "more"], told: str
) -> None:
    ends = (None, None) if verdict == "early" else (20.0, 45.0)
    line = Line("Range", "deg", [(START + timedelta(days=i), 20.0) for i in range(4)], 10.0, *ends, verdict)
    rows = [Done(START, "a", 3.0, ["Lift"], None, False)]
    page = trends_page([Movement("Lift", 4, [line], None, None, None)], rows, [(START.date(), 4)])
    all_there_are = ("too few sessions", "nothing that can be told", "▲ Range")
    assert [words for words in all_there_are if words in page] == [told]


def test_noise_of_a_few_sessions_is_not_drawn_as_a_change() -> None:
    points = [(START, 38.4), (START + timedelta(days=1), 38.1), (START + timedelta(days=2), 38.5)]
    line = Line("Range", "deg", points, 10.0, None, None, "early")
    page = trends_page([Movement("Lift", 3, [line], None, None, None)], [], [(START.date(), 3)])
    heights = [float(y) for y in re.findall(r'class="counted" cx="[\d.]+" cy="([\d.]+)"', page)]
    assert len(heights) == 3
    assert max(heights) - min(heights) < 3.0  # pixels of the page; 0.4 degrees are nothing


def test_days_of_the_page_are_named_once_where_they_are_one() -> None:
    rows = [Done(START + timedelta(hours=hours), "x", 18.0, ["Own"], None, False) for hours in (0, 1, 48)]
    assert "2 sessions, 6 May 2024</p>" in trends_page([], rows[:2], [])
    assert "3 sessions, 6 May 2024 – 8 May 2024</p>" in trends_page([], rows, [])


def test_how_much_of_the_routine_was_done_is_drawn(tmp_path: Path) -> None:
    rows = [
        Done(START + timedelta(days=day), "x", 18.0, ["Own"], (done, 16), False) for day, done in enumerate((8, 16))
    ]
    page = trends_page([], rows, [(START.date(), 2)])
    assert "Routine done" in page
    assert "50\N{NO-BREAK SPACE}%" in page
    assert "Routine done" not in trends_page([], rows[:1], [(START.date(), 1)])


def test_every_word_of_the_page_has_a_german_one() -> None:
    line = Line("Range", "deg", [(START, 1.0)], 10.0, None, None, "early")
    step = ("3 times, 20 s each", "The sessions of 3 May and 5 May were clean, and nothing hurt.", None)
    empty = trends_page([], [], [], "de")
    text = trends_page([Movement("Back extension", 1, [line], *step)], [], [], "de")
    for english in (
        "Your history",
        "Nothing is filed",
        "Next time",
        "Too few",
        "were clean",
        "times",
        "sessions",
        "May",
    ):
        assert english not in text + empty


# -- the command ------------------------------------------------------------------------------------------------------


def test_analysed_recordings_are_filed_unless_told_not_to(tmp_path: Path) -> None:
    poses = str(POSES / "seated_twist.npz")
    assert run.invoke(app, ["analyze", poses, "--out", str(tmp_path / "a"), "--no-history"]).exit_code == 0
    assert "Nothing is filed yet" in run.invoke(app, ["history"]).stdout
    assert not (tmp_path / "elsewhere").exists()
    filed = ["analyze", poses, "--out", str(tmp_path / "a"), "--data-dir", str(tmp_path / "elsewhere")]
    assert run.invoke(app, filed).exit_code == 0
    assert "Nothing is filed yet" in run.invoke(app, ["history"]).stdout
    listed = run.invoke(app, ["history", "--data-dir", str(tmp_path / "elsewhere")]).stdout
    assert "Seated twist" in listed
    assert "Next steps" in listed


def test_history_speaks_german(tmp_path: Path) -> None:
    speak = ["--lang", "de"]
    assert "noch nichts abgelegt" in run.invoke(app, ["history", *speak]).stdout
    with History(data_dir()) as history:
        number = history.file(report(0), "[/b] day 0", START)
    listed = run.invoke(app, ["history", *speak], env={"COLUMNS": "200"}).stdout
    for words in (
        "Aufnahme",
        "was getan wurde",
        "Rückenheben",
        "Nächste Schritte",
        "frag eine Fachperson",
        "[/b] day 0",
    ):
        assert words in listed
    for words in ("recording", "Back extension", "Next steps", "professional"):
        assert words not in listed
    assert run.invoke(app, ["history", "--delete", "77", *speak]).stderr.endswith(
        "gibt es im Verlauf nicht; `formcheck history` zeigt alle\n"
    )
    assert "Hör mit dieser Übung auf" in run.invoke(app, ["history", "--pain", str(number), *speak]).stdout
    assert "Rückenheben" in run.invoke(app, ["history", "--refuse", "back_extension", *speak]).stdout
    assert run.invoke(app, ["history", "--delete", str(number), *speak]).stdout == f"Einheit {number} ist gelöscht.\n"
    assert run.invoke(app, ["history", "--delete", "all", *speak]).stdout == "Der Verlauf ist jetzt leer.\n"


def test_damaged_history_does_not_stop_an_analysis(tmp_path: Path) -> None:
    data_dir().mkdir(exist_ok=True)
    (data_dir() / module.FILE).write_text("no database at all" * 100)
    done = run.invoke(app, ["analyze", str(POSES / "seated_twist.npz"), "--out", str(tmp_path)])
    assert done.exit_code == 0
    assert "not filed in the history" in done.stderr
    assert (tmp_path / "seated_twist" / "report.json").is_file()


def test_export_delete_and_pain_from_the_command_line(tmp_path: Path) -> None:
    with History(data_dir()) as history:
        first, second = (history.file(report(day), f"day {day}", START) for day in (0, 1))
    said = run.invoke(app, ["history", "--pain", str(second), "--exercise", "back_extension"])
    assert said.stdout.strip() == STOP
    assert run.invoke(app, ["history", "--delete", str(first)]).exit_code == 0
    assert run.invoke(app, ["history", "--delete", str(first)]).exit_code == 2
    assert run.invoke(app, ["history", "--export", str(tmp_path / "all.json")]).exit_code == 0
    (session,) = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))["sessions"]
    assert (session["name"], session["hurt"]) == ("day 1", ["back_extension"])
    assert run.invoke(app, ["history", "--delete", "all"]).exit_code == 0
    assert "Nothing is filed yet" in run.invoke(app, ["history"]).stdout


def test_list_is_short_and_says_to_stop_when_it_hurts() -> None:
    made = report()
    others = [{**made["blocks"][0], "exercise": f"own_{i}", "title": f"Own {i}"} for i in range(8)]
    with History(data_dir()) as history:
        history.file({**made, "blocks": made["blocks"] + others}, "evening", START)
    listed = run.invoke(app, ["history"]).stdout
    assert "and 6 more" in re.sub(r"[│\s]+", " ", listed)
    assert "Own 7" not in listed
    assert "If something hurts: stop, and ask a professional." in listed


def test_words_that_are_no_session_are_refused_in_one_line() -> None:
    no_sessions = (["--delete", "first"], ["--delete", "9" * 30], ["--pain", "x"])
    for arguments in (*no_sessions, ["--refuse", "back_extention"], ["--lang", "fr"]):
        done = run.invoke(app, ["history", *arguments])
        assert done.exit_code == 2, arguments
        assert len(done.stderr.splitlines()) == 1


def test_routine_shows_the_next_steps_once_there_is_a_history() -> None:
    before = run.invoke(app, ["routines", "daily_7"])
    assert before.exit_code == 0
    assert "Your next steps" not in before.stdout
    assert not (data_dir() / module.FILE).exists(), "looking makes no history"
    today = (datetime.now(UTC).date() - START.date()).days
    with History(data_dir()) as history:
        for day in (today - 3, today - 1):
            history.file(report(day), f"day {day}", START)
    told = run.invoke(app, ["routines", "daily_7"]).stdout
    assert "Your next steps" in told
    assert "Back extension: 9 times, 3 s each. The sessions of" in told


def test_a_movement_without_a_pain_mark_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["history", "--exercise", "calf_roll", "--data-dir", str(tmp_path / "data")])
    assert done.exit_code == 2
    assert "--pain" in done.stderr
    assert not (tmp_path / "data").exists()
