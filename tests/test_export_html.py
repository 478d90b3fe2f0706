"""The report page: complete in itself, honest about what is not known, readable by people and programs."""

from __future__ import annotations

import math
import re
import tomllib
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import log_of

from formcheck.cli import progress
from formcheck.errors import ExportError
from formcheck.export import words as words_module
from formcheck.export.bars import phases_of
from formcheck.export.counts import blocks_as_asked, count_in_a_line, count_in_words
from formcheck.export.curves import thinned, unknown_spans, value_range
from formcheck.export.html import html_page, write_html
from formcheck.export.moments import Moment, best_moment, times_of, worst_moment
from formcheck.export.scales import Scale, merged, round_ticks, time_ticks
from formcheck.export.stills import Album
from formcheck.export.words import words_of
from formcheck.messages import FOLDER, page_catalogue
from formcheck.registry import exercise_ids, find_exercise
from formcheck.series import Series
from formcheck.skeleton import INDEX
from formcheck.types import Pose

VOID = {"meta", "link", "br", "img", "input", "hr"}


def repetition(index: int, start_s: float, **changes: Any) -> dict[str, Any]:
    usual = {"index": index, "start_s": start_s, "peak_s": start_s + 2, "end_s": start_s + 5, "counted": True}
    usual |= {
        "reason": None,
        "measure": "trunk_lift",
        "peak": 24.0,
        "range": 30.0,
        "needed": 15.0,
        "unit": "deg",
    }
    return usual | {"score": None, "side": None, "faults": []} | changes


def hold(start_s: float, **changes: Any) -> dict[str, Any]:
    usual = {"start_s": start_s, "end_s": start_s + 3, "elapsed_s": 3.0, "credited_s": 2.9, "target_s": 3.0}
    return usual | {"side": None, "counted": True, "reason": None} | changes


def block(**changes: Any) -> dict[str, Any]:
    counted = {
        "repetitions": 2,
        "rounds": None,
        "holds": 1,
        "circles_cw": None,
        "circles_ccw": None,
        "breaths": None,
    }
    drive = {"measure": "trunk_lift", "label": "Trunk lift", "unit": "deg", "bands": [[15.0, 40.0]]}
    repetitions = [repetition(1, 2.0), repetition(2, 8.0, range=33.0, faults=["head_drops"])]
    repetitions.append(repetition(3, 14.0, counted=False, reason="only half the range", range=11.0, peak=5.0))
    usual: dict[str, Any] = {"exercise": "back_extension", "title": "Back extension", "chosen_by": "user"}
    usual |= {"start_s": 0.0, "end_s": 20.0, "view": "side", "side": None, "counted": counted, "drive": drive}
    usual |= {
        "target": {"repetitions": [8, 10], "hold_s": 3.0},
        "repetitions": repetitions,
        "holds": [hold(3.0)],
    }
    fault = {"id": "head_drops", "start_s": 9.0, "end_s": 11.0, "cue": "Keep your neck long", "repetition": 2}
    usual |= {"circles": [], "breaths": None, "faults": [fault], "not_judged": [], "score": None, "cues": []}
    usual |= {"phases": [{"phase": "lift", "side": None, "start_s": 2.0, "end_s": 4.0}]}
    return usual | changes


def report(*blocks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    source = {
        "path": "/somewhere/private/clip.mp4",
        "duration_s": 20.0,
        "frames": 300,
        "frames_with_person": 290,
    }
    versions = {"formcheck": "0.1.0", "mediapipe": "0.10.31", "model_sha256": "abc"}
    usual: dict[str, Any] = {"schema": 1, "source": source | {"complete": True}, "versions": versions}
    return usual | {"blocks": list(blocks), "not_judged": []} | changes


def series(duration_s: float = 20.0, fps: float = 15.0) -> Series:
    time_s = np.arange(0, duration_s, 1 / fps)
    values = (10 + 15 * np.sin(time_s)).astype(np.float32)
    values[(time_s > 16) & (time_s < 18)] = np.nan
    return Series(time_s, {"trunk_lift": values}, {"trunk_lift": "deg"}, {})


class Page(HTMLParser):
    """The page taken apart: texts, tags with attributes, and whether every tag that opens also closes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def having(self, class_: str) -> list[str]:
        return [tag for tag, attributes in self.tags if class_ in (attributes.get("class") or "").split()]


@pytest.fixture
def page() -> Page:
    return Page(html_page(report(block()), series()))


def test_the_page_is_well_formed_and_names_its_language(page: Page) -> None:
    assert page.open == []
    assert ("html", {"lang": "en"}) in page.tags
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_page_runs_nothing_and_loads_nothing(page: Page) -> None:
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form"}
    for _, attributes in page.tags:
        assert not set(attributes) & {"src", "href", "xlink:href", "srcset", "action"}
        assert not [name for name in attributes if name.startswith("on")]
    assert "url(http" not in html_page(report(block()), series())
    assert "default-src 'none'" in html_page(report(block()), series())


def test_headings_go_down_one_step_at_a_time(album: Album) -> None:
    page = Page(html_page(report(block(), circles()), series(), album))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert len(levels) > 8
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_charts_are_valid_svg() -> None:
    charts = re.findall(r"<svg.*?</svg>", html_page(report(block()), series()), re.DOTALL)
    assert len(charts) > 3
    for chart in charts:
        ElementTree.fromstring(chart)


def test_the_top_says_counted_target_best_and_one_thing_to_work_on(page: Page) -> None:
    top = page.text[: page.text.index("The movement over time")]
    for part in (
        "Back extension",
        "clip.mp4",
        "of 8–10 repetitions",
        "33°",
        "at least 15°",
        "Keep your neck long",
    ):
        assert part in top


def test_folders_of_the_computer_stay_off_the_page(page: Page) -> None:
    assert "private" not in page.text


def test_counted_marks_are_filled_and_others_hollow_with_their_reason(page: Page) -> None:
    wide_narrow_legend = 2, 1
    assert len(page.having("counted")) == 2 * wide_narrow_legend[0] + wide_narrow_legend[1]
    assert len(page.having("hollow")) == 1 * wide_narrow_legend[0] + wide_narrow_legend[1]
    assert page.text.count("only half the range") >= 4, "beside and as a title in both charts, and in the table"
    assert "not counted : only half the range" in page.text


def test_times_in_which_nothing_was_judged_are_hatched() -> None:
    unseen = {"what": "everything", "reason": "feet not in view", "start_s": 0.0, "end_s": 2.0}
    page = Page(html_page(report(block(), not_judged=[unseen]), series()))
    assert len(page.having("hatch")) == 2 * 2 + 1, "the gap told and the gap in the curve, twice, and the legend"
    assert "feet not in view" in page.text


def test_what_is_not_known_is_said_and_never_zero() -> None:
    counted = dict.fromkeys(("repetitions", "rounds", "holds"))
    reps = [repetition(1, 2.0, range=None, peak=None, counted=False, reason="hidden by the ball")]
    unknown = block(counted=counted, repetitions=reps, holds=[], faults=[], view=None)
    page = Page(html_page(report(unknown, versions={"mediapipe": None}), series()))
    assert page.text.count("not known") >= 3
    assert "1 0:04 not known 15° 5.0 s not counted : hidden by the ball" in page.text
    assert "nothing could be judged" in page.text


def test_a_recording_in_which_nothing_was_judged_says_why() -> None:
    unseen = {"what": "everything", "reason": "no person in view", "start_s": 0.0, "end_s": 5.0}
    page = Page(html_page(report(not_judged=[unseen], notes=["No person was found."]), Series(np.arange(3.0), {})))
    for part in ("Nothing was judged", "no person in view", "No person was found."):
        assert part in page.text
    assert not page.having("curve")


def test_a_measure_that_was_never_known_has_no_chart() -> None:
    unknown = Series(np.arange(10.0), {"trunk_lift": np.full(10, np.nan, np.float32)})
    for readings in (unknown, Series(np.arange(10.0), {})):
        page = Page(html_page(report(block()), readings))
        assert not page.having("curve")
        assert "no curve to show" in page.text


def test_sides_are_compared_only_where_there_are_sides(page: Page) -> None:
    assert "Left Right" not in page.text
    reps = [repetition(i, 2.0 * i, side="left" if i % 2 else "right", range=20.0 + 20 * (i % 2)) for i in range(6)]
    sided = Page(html_page(report(block(repetitions=reps)), series()))
    assert "Left and right What Left Right" in sided.text
    assert "50 % less right" in sided.text


def test_small_differences_between_sides_are_not_made_much_of() -> None:
    reps = [repetition(i, 2.0 * i, side="left" if i % 2 else "right", range=20.0 + i % 2) for i in range(6)]
    assert "no difference that a camera can tell" in html_page(report(block(repetitions=reps)), series())


def test_scores_appear_only_when_given(page: Page) -> None:
    assert "Of 100" not in page.text
    score = {"total": 84, "parts": {"range": 90, "symmetry": None}}
    scored = Page(html_page(report(block(score=score)), series())).text
    assert "Total 84" in scored
    assert "Symmetry not known" in scored


def test_faults_are_gathered_by_kind_the_commonest_first() -> None:
    kinds = ["rushed", "head_drops", "head_drops"]
    faults = [
        {"id": k, "start_s": 3.0 * i, "end_s": 3.0 * i + 1, "cue": f"Cue {k}", "repetition": i}
        for i, k in enumerate(kinds)
    ]
    text = Page(html_page(report(block(faults=faults)), series())).text
    assert "Head drops 2 0:03, 0:06 1, 2 Cue head_drops" in text
    assert text.index("Head drops 2") < text.index("Rushed 1")
    assert "Cue head_drops Head drops: seen 2 times" in text


def test_one_thing_of_several_movements_is_named_in_whole_sentences() -> None:
    missed = block(faults=[], repetitions=[repetition(1, 2.0, counted=False, reason="leaning, not turning")])
    text = Page(html_page(report(missed, block(title="Seated twist", faults=[])), series())).text
    assert "Leaning, not turning Back extension. Why 1 movement did not count" in text


def test_page_names_the_model_it_was_made_with() -> None:
    made = report(block(), versions={"formcheck": "0.1.0", "model": "a.task", "model_sha256": "abc"})
    english, german = (Page(html_page(made, series(), language=language)).text for language in ("en", "de"))
    assert "formcheck 0.1.0 Pose model a.task SHA-256 of the model abc" in english
    assert "formcheck 0.1.0 Posenmodell a.task SHA-256 des Modells abc" in german


def test_each_block_of_a_recording_has_its_own_numbers_and_chart() -> None:
    second = block(title="Seated twist", faults=[], counted={"repetitions": 9})
    page = Page(html_page(report(block(), second), series()))
    assert page.open == []
    assert "Back extension, Seated twist" in page.text
    assert page.text.count("One thing to work on") == 1 + 2, "of all, and of each"
    assert len(page.having("wide")) >= 2
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def circles(**changes: Any) -> dict[str, Any]:
    counted = dict.fromkeys(("repetitions", "rounds", "holds", "breaths")) | {"circles_cw": 2, "circles_ccw": 1}
    usual = {"radius": 0.1, "roundness": 0.4, "unit": "T", "counted": True, "reason": None, "faults": ()}
    turned = [
        {"index": i, "start_s": 4.0 * i, "end_s": 4.0 * i + 4, "direction": way, **usual}
        for i, way in enumerate(("cw", "cw", "ccw"))
    ]
    turned.append(turned[0] | {"index": 3, "start_s": 14.0, "end_s": 16.0, "counted": False, "reason": "a sway"})
    made = block(
        title="Hip circles", kind="circle", counted=counted, circles=turned, repetitions=[], holds=[], faults=[]
    )
    return made | {"target": {"circles_cw": [5, 5], "circles_ccw": [5, 5]}} | changes


@pytest.mark.parametrize(
    ("language", "line"),
    [("en", "2 clockwise, 1 counter-clockwise, of 5 each"), ("de", "2 im Uhrzeigersinn, 1 dagegen, je 5")],
)
def test_circles_in_one_line_name_each_direction_beside_its_number(language: str, line: str) -> None:
    assert count_in_a_line(circles(), words_of(language)) == line


def test_circles_are_shown_by_direction_with_a_bar_each_in_the_chart() -> None:
    page = Page(html_page(report(circles()), series()))
    assert page.open == []
    assert "2 + 1" in page.text
    assert "clockwise + counter-clockwise, of 5 each" in page.text
    assert "3 clockwise 0:14–0:16 2.0 s 10 % not counted : a sway" in page.text
    assert not re.search(r"\bT\b|\d T", page.text)  # the same unit as over the picture
    assert len(page.having("turn")) == 4 * 2
    assert len([c for c in page.having("open") if c == "rect"]) == 1 * 2


def test_a_posture_that_is_kept_shows_its_seconds_and_that_breaths_were_not_seen() -> None:
    counted = dict.fromkeys(("repetitions", "rounds", "circles_cw", "circles_ccw", "breaths")) | {"holds": 1}
    breaths = {"count": None, "reason": "breathing was not seen", "source": "clock", "target": [5, 8]}
    kept = block(
        title="Child's pose", kind="stay", counted=counted, repetitions=[], faults=[], breaths=breaths,
        holds=[hold(3.0, credited_s=12.0), hold(12.0, counted=False, reason="held 1.0 s of 60 s")],
        target={"holds": [1, 1], "hold_s": 60.0},
    )  # fmt: skip
    page = Page(html_page(report(kept), series()))
    assert "Kept still 12.0 s of 60.0 s" in page.text
    assert "1 of 1" not in page.text, "nobody has done it who stayed for a fifth of the time"
    assert "Stay a little longer 12.0 s of 60.0 s" in page.text
    assert "Breaths not known (breathing was not seen) ; the clock stands for them 5–8" in page.text
    assert "held 1.0 s of 60 s" in page.text


def stay(credited_s: float, **changes: Any) -> dict[str, Any]:
    counted = dict.fromkeys(("repetitions", "rounds", "circles_cw", "circles_ccw", "breaths")) | {"holds": 1}
    usual = {"title": "Sitting", "kind": "stay", "counted": counted, "repetitions": [], "faults": []}
    return block(**usual | {"holds": [hold(3.0, credited_s=credited_s)], "target": {"hold_s": 18.0}} | changes)


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (stay(14.0), ("14.0 s", "of 18.0 s", "half")),
        (stay(17.0), ("17.0 s", "of 18.0 s", "good")),
        (stay(30.0), ("30.0 s", "of at least 18.0 s", "good")),
        (stay(14.0, breaths={"ended_by": ["breaths"]}), ("14.0 s", "counted in breaths", "good")),
        (stay(14.0, target={}), ("14.0 s", "", "")),
        (stay(4.0, holds=[hold(3.0, credited_s=4.0, counted=False)], counted={"holds": 0}), ("0", "holds", "")),
    ],
)
def test_a_posture_that_is_kept_is_told_in_seconds(kept: dict[str, Any], told: tuple[str, str, str]) -> None:
    shown = count_in_words(kept, words_of("en"))
    assert tuple(text.replace("\N{NO-BREAK SPACE}", " ") for text in shown) == told


@pytest.mark.parametrize(
    ("status", "told"), [("partly done", "20.0 s of 40.0 s"), ("done", "20.0 s of at least 18.0 s")]
)
def test_a_posture_that_is_kept_is_measured_against_what_the_routine_asks(status: str, told: str) -> None:
    row = {"section": "Sitting", "exercise": "grounding_seat", "title": "Sitting", "side": None, "direction": None}
    row |= {"planned_start_s": 0.0, "planned_end_s": 40.0, "status": status, "start_s": 3.0, "end_s": 23.0, "block": 1}
    whole = report(stay(20.0)) | {"routine": {"title": "Daily", "blocks": [row | {"reason": "20 of 40 s"}]}}
    page = Page(html_page(whole, series()))
    assert f"Kept still {told}" in page.text
    assert ("Stay a little longer" in page.text) == (status == "partly done")


def test_a_posture_that_was_kept_long_enough_for_the_routine_is_not_held_against_a_longer_target() -> None:
    row = {"exercise": "savasana", "status": "done", "planned_start_s": 0.0, "planned_end_s": 50.0, "block": 1}
    whole = report(stay(43.0, target={"hold_s": 120.0})) | {"routine": {"title": "Daily", "blocks": [row]}}
    (told,) = blocks_as_asked(whole)
    shown = count_in_words(told, words_of("en"))
    assert tuple(text.replace("\N{NO-BREAK SPACE}", " ") for text in shown) == ("43.0 s", "of 50.0 s", "good")


@pytest.mark.parametrize(
    ("side", "counts", "told"),
    [
        (None, [2, 3], ("2", "of 2–3 repetitions", "good")),
        (None, [3, 3], ("2", "of 3 repetitions", "open")),
        (None, None, ("2", "of 8–10 repetitions", "open")),
        ("left", [2, 2], ("2", "of 8–10 repetitions", "open")),  # asked of one side alone
    ],
)
def test_a_count_is_measured_against_what_the_routine_asks(
    side: str | None, counts: list[int] | None, told: tuple[str, str, str]
) -> None:
    row = {"exercise": "back_extension", "side": side, "counts": counts, "block": 1}
    (asked,) = blocks_as_asked(report(block()) | {"routine": {"title": "Own", "blocks": [row]}})
    assert count_in_words(asked, words_of("en")) == told


@pytest.mark.parametrize(
    ("credited_s", "breaths", "words"),
    [
        ((8.0, 9.1), None, "Stay a little longer the longest hold: 9.1 s of 18.0 s"),
        ((8.0, 17.0), None, "Nothing stood out"),
        ((8.0, 9.1), {"count": 3, "ended_by": ["breaths"]}, "Nothing stood out"),
    ],
)
def test_holds_that_are_all_short_of_their_target_are_what_to_work_on(
    credited_s: tuple[float, float], breaths: dict[str, Any] | None, words: str
) -> None:
    holds = [hold(10.0 * i, credited_s=s, target_s=18.0) for i, s in enumerate(credited_s)]
    counted = block()["counted"] | {"repetitions": None, "holds": 2}
    kept = block(holds=holds, counted=counted, target={"holds": [2, 2]}, repetitions=[], faults=[], breaths=breaths)
    assert words in Page(html_page(report(kept), series())).text


def test_what_was_needed_has_its_unit_once() -> None:
    needed = [repetition(i, 6.0 * i, needed=n, unit="%", range=150.0) for i, n in enumerate((60.0, 80.0), 1)]
    page = Page(html_page(report(block(repetitions=needed)), series()))
    assert "at least 60–80 %" in page.text


def test_a_safety_stop_stands_out_and_is_what_to_work_on() -> None:
    page = Page(html_page(report(block(safety_stops=[{"time_s": 7.0, "reason": "you seem to have fallen"}])), series()))
    assert len(page.having("safety")) == 1
    assert "Take care 0:07: you seem to have fallen" in page.text


def test_several_movements_begin_with_where_each_lies_and_what_was_counted() -> None:
    first, second = block(start_s=1.0, end_s=8.0), circles(start_s=9.0, end_s=18.0)
    page = Page(html_page(report(first, second), series()))
    assert page.open == []
    assert len(page.having("strip")) == 2, "for a page and for a phone"
    assert len([tag for tag in page.having("part") if tag == "rect"]) == 2 * 2 + 1, (
        "two movements, twice, and the legend"
    )
    top = page.text[: page.text.index("1. Back extension")]
    assert "1 Back extension 0:01–0:08 2 of 8–10 repetitions" in top
    assert "2 Hip circles 0:09–0:18 2 + 1 clockwise + counter-clockwise" in top
    targets = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    ids = {attributes.get("id") for _, attributes in page.tags}
    assert targets
    assert all(target.startswith("#") and target[1:] in ids for target in targets)


def test_what_is_not_clear_is_told_with_its_best_two() -> None:
    candidates = [
        {"exercise": "a", "title": "Cat-cow", "share": 0.62},
        {"exercise": "b", "title": "Roll", "share": 0.6},
    ]
    unsure = {"start_s": 9.0, "end_s": 18.0, "candidates": candidates, "margin": 0.03, "reason": "nearly alike"}
    page = Page(html_page(report(block(start_s=1.0, end_s=8.0), unsure=[unsure]), series()))
    assert "0:09–0:18 Cat-cow (62 %) or Roll (60 %) nearly alike" in page.text
    assert len([tag for tag in page.having("unsure") if tag == "rect"]) == 2 + 1, "the stretch, twice, and the legend"
    alone = Page(html_page(report(unsure=[unsure, unsure | {"start_s": 1.0, "end_s": 5.0}]), series()))
    assert alone.open == []
    assert "Nothing was judged" in alone.text
    assert "Cat-cow (62" in alone.text


def test_a_routine_is_a_table_of_what_was_done() -> None:
    usual = {"section": "Sitting", "side": None, "direction": None, "planned_start_s": 0.0, "planned_end_s": 60.0}
    usual |= {"status": "done", "reason": None, "start_s": 1.0, "end_s": 19.0}
    blocks = [
        usual | {"title": "Cat-cow"},
        usual | {"title": "Circles", "direction": "cw", "status": "partly done", "reason": "3 of 5 circles"},
        usual | {"title": "Twist", "status": "skipped", "reason": "not seen", "start_s": None, "end_s": None},
    ]
    routine = {"id": "r", "title": "The morning", "blocks": blocks}
    page = Page(html_page(report(block(), routine=routine), series()))
    assert page.open == []
    assert "The morning" in page.text
    assert "1 of 3 done; 1 partly, 1 not" in page.text
    assert "Circles, clockwise 0:00–1:00 0:01–0:19 partly done: 3 of 5 circles" in page.text
    assert "Twist 0:00–1:00 – skipped: not seen" in page.text


def test_a_damaged_recording_is_marked_as_partial() -> None:
    source = report()["source"] | {"complete": False, "problem": "the file ends in the middle of a frame"}
    text = Page(html_page(report(block(), source=source), series())).text
    assert "Only the first 0:20 of this recording could be read: the file ends in the middle of a frame." in text


def test_tables_have_headers_for_rows_and_columns(page: Page) -> None:
    headers = [attributes for tag, attributes in page.tags if tag == "th"]
    assert len(headers) > 10
    assert all(attributes.get("scope") in ("row", "col") for attributes in headers)
    charts = [
        attributes for tag, attributes in page.tags if tag == "svg" and "chart" in (attributes.get("class") or "")
    ]
    assert len(charts) == 2 + 3, "curve, for a page and for a phone; ranges, tempos, holds"
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in charts)


@settings(max_examples=25)
@given(st.text(max_size=30))
def test_no_text_of_a_report_can_become_markup(text: str) -> None:
    text = f"<script>{text}</script>\"'&"
    reps = [repetition(1, 2.0, counted=False, reason=text, faults=[text], side=text, unit=text)]
    hostile = block(title=text, repetitions=reps, not_judged=[{"what": text, "reason": text, "seconds": None}])
    hostile["drive"] = block()["drive"] | {"label": text}
    source = report()["source"] | {"path": text, "complete": False, "problem": text}
    page = Page(html_page(report(hostile, source=source, notes=[text], versions={text: text}), series()))
    assert page.open == []
    assert "script" not in {tag for tag, _ in page.tags}
    assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]


def test_twenty_minutes_stay_a_small_page() -> None:
    reps = [repetition(i + 1, 6.5 * i, counted=bool(i % 9), reason=None if i % 9 else "too small") for i in range(180)]
    holds = [hold(6.5 * i) for i in range(180)]
    faults = [
        {"id": "rushed", "start_s": 6.5 * i, "end_s": 6.5 * i + 1, "cue": "Slow down", "repetition": i}
        for i in range(40)
    ]
    long = block(repetitions=reps, holds=holds, faults=faults, end_s=1200.0)
    text = html_page(report(long), series(1200.0, 30.0))
    assert len(text.encode()) < 200_000
    assert "reps.csv beside this page holds all" in text


def test_the_page_is_written_whole_or_an_error_is_told(tmp_path: Path) -> None:
    write_html(tmp_path / "report.html", report(block()), series())
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match=r"report\.html"):
        write_html(tmp_path / "file" / "report.html", report(block()), series())


def test_thinning_keeps_every_extreme_and_every_gap() -> None:
    time_s = np.arange(10_000) / 30
    values = np.sin(time_s)
    values[5_000], values[7_000:7_100] = 9.0, np.nan
    times, thin = thinned(time_s, values, 600)
    assert len(thin) <= 650
    assert np.nanmax(thin) == 9.0
    assert np.nanmin(thin) == np.nanmin(values)
    assert np.isnan(thin).any()
    assert (np.diff(times) > 0).all()


@given(st.floats(-1e3, 1e3), st.floats(0.01, 1e3))
def test_ticks_are_round_inside_and_few(low: float, extent: float) -> None:
    ticks = round_ticks(low, low + extent)
    assert 1 <= len(ticks) <= 12
    assert all(low - 1e-6 <= tick <= low + extent + 1e-6 for tick in ticks)


@pytest.mark.parametrize(("end", "at_most"), [(20.0, 8), (58.0, 4), (1200.0, 8), (20_000.0, 8)])
def test_time_ticks_fit_and_lie_inside(end: float, at_most: int) -> None:
    ticks = time_ticks(0.0, end, at_most)
    assert 2 <= len(ticks) <= at_most + 1
    assert ticks[0] == 0
    assert ticks[-1] <= end


def test_one_wild_frame_does_not_flatten_the_axis() -> None:
    values = np.append(np.linspace(0, 30, 1000), 5000.0)
    low, high = value_range(values, [(15.0, 40.0), (-40.0, -15.0)])
    assert high < 60
    assert low <= -15


def test_a_scale_is_linear_and_stays_at_its_ends() -> None:
    scale = Scale(0.0, 10.0, 100.0, 0.0)
    assert [scale(v) for v in (-5, 0, 5, 10, 50)] == [100.0, 100.0, 50.0, 0.0, 0.0]


def test_gaps_are_found_and_joined() -> None:
    values = np.array([1, np.nan, np.nan, 1, np.nan, 1.0])
    spans = unknown_spans(np.arange(6.0), values, 1.5)
    assert spans == [(1.0, 3.0)]
    assert merged([*spans, (2.0, 4.0)], 0.0, 3.5) == [(1.0, 3.5)]


def test_numbers_and_times_are_written_for_people() -> None:
    english, german = words_of("en"), words_of("de")
    assert str(english.number(-12.4, "deg")) == "−12°"
    assert str(english.number(0.0, "s")) == "0.0\N{NO-BREAK SPACE}s"
    assert str(german.number(8.54, "s")) == "8,5\N{NO-BREAK SPACE}s"
    assert str(english.number(-0.2, "deg")) == "0°"
    assert "not known" in english.number(math.nan, "deg")
    assert (english.clock(59.96), english.clock(600), english.clock(None)) == ("1:00", "10:00", "not known")
    assert (english.count(1, "hold"), english.count(3, "hold")) == ("1 hold", "3 holds")
    assert (german.count(1, "hold"), german.count(3, "hold")) == ("1 Haltung", "3 Haltungen")


# -- language, moments, pictures, breaths -----------------------------------------------------------------------------


def standing(time_s: float, hidden: tuple[str, ...] = ()) -> Pose:
    """A person drawn by hand: head up, arms down, in a picture of 640 by 480."""
    points = np.zeros((33, 3), np.float32)
    places = {"nose": (0.52, 0.2), "ear": (0.5, 0.2), "shoulder": (0.5, 0.35), "elbow": (0.5, 0.45)}
    places |= {"wrist": (0.5, 0.55), "hip": (0.5, 0.6), "knee": (0.5, 0.75), "ankle": (0.5, 0.9)}
    for name, (x, y) in places.items():
        for landmark in (name, f"left_{name}", f"right_{name}"):
            if landmark in INDEX:
                points[INDEX[landmark], :2] = x + 0.05 * landmark.startswith("left"), y
    for name in ("pinky", "index", "thumb", "heel", "foot_index"):
        for side in ("left", "right"):
            points[INDEX[f"{side}_{name}"], :2] = 0.5, 0.55 if name in ("pinky", "index", "thumb") else 0.9
    visibility = np.ones(33, np.float32)
    visibility[[INDEX[name] for name in hidden]] = 0.1
    return Pose(time_s, points, visibility, np.zeros((33, 3), np.float32), (640, 480))


@pytest.fixture
def album() -> Album:
    return Album(log_of([standing(i / 5) for i in range(100)]))


def test_german_page_is_german_all_through(album: Album) -> None:
    page = Page(html_page(report(block(), circles(), not_judged=[]), series(), album, "de"))
    assert ("html", {"lang": "de"}) in page.tags
    for text in ("Rückenheben", "Bester Moment", "Das Eine zum Üben", "Wiederholungen", "2 von 8–10", "nicht gezählt"):
        assert text in page.text
    spoken = page.text + " ".join(str(a.get("aria-label")) for _, a in page.tags)
    for word in ("counted", "Repetition ", "target", "needed", "of 8", "seen from", "movement", "Nothing", "Score"):
        assert word not in spoken, word


def test_every_sentence_of_the_pages_exists_in_german() -> None:
    folder = Path(words_module.__file__).parent
    commands = Path(progress.__file__).parent
    sources = [*folder.glob("*.py"), *folder.glob("templates/*.j2"), *commands.glob("*.py")]
    call = re.compile(r'\b(?:say|region)\(\s*"((?:[^"\\]|\\.)*)"\s*[,)]')
    sentences = {text for path in sources for text in call.findall(path.read_text(encoding="utf-8"))}
    assert len(sentences) > 100
    tables = [tomllib.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("pages.de.toml", "de.toml")]
    known = {english for table in tables for part in ("text", "say") for english in table.get(part, {})}
    assert sentences <= known, sorted(sentences - known)


def test_every_fault_and_reason_of_the_files_exists_in_german() -> None:
    german = page_catalogue("de")
    texts = set()
    for name in exercise_ids():
        exercise = find_exercise(name)
        texts |= {exercise.title, exercise.drive.label, *(m.label for m in exercise.movements)}
        texts |= {text for fault in exercise.faults for text in (fault.title, fault.cue)}
        texts |= {evidence.reason for evidence in exercise.evidence}
        texts |= {rule.otherwise for rule in exercise.posture.rules}
        texts |= {note.reason for note in exercise.posture.notes}
        texts |= {text for note in exercise.notes for text in (note.what, note.reason)}
    assert len(texts) > 150
    assert sorted(text for text in texts if german.say(text) == text) == []


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("held 6.2 s of 18 s", "6,2 s von 18 s gehalten"),
        ("lift: 8° of the 10° needed", "Heben: 8° von nötigen 10°"),
        ("right forearm 37 degrees lower than the reference", "rechter Unterarm 37 Grad tiefer als das Vorbild"),
        (
            "Not clear which movement this is; name it with --exercise.",
            "Unklar, welche Übung das ist; nenne sie mit --exercise.",
        ),
        ("I cannot see your left ankle", "Knöchel links war nicht zu sehen"),
        ("tried, but not counted: a sway, not a circle", "versucht, aber nicht gezählt: ein Schwanken, kein Kreis"),
        ("seen from the side, judged from the front", "von der Seite gesehen, beurteilt wird von vorn"),
    ],
)  # fmt: skip
def test_reasons_of_the_engine_are_told_in_german(english: str, german: str) -> None:
    assert words_of("de").say(english) == german
    assert words_of("en").say(english) == english


def test_best_moment_has_no_fault_and_the_worst_is_where_the_weightiest_fault_was_strongest() -> None:
    reps = [repetition(1, 2.0, range=18.0), repetition(2, 8.0, range=40.0, faults=["a"]), repetition(3, 14.0)]
    bent = {"id": "b", "title": "Bent", "level": "primary", "limit": 10.0}
    faults = [
        {"id": "a", "title": "Rushed", "level": "tempo", "start_s": 2.0, "end_s": 4.0, "value": 9.0, "limit": 1.0},
        bent | {"start_s": 8.0, "end_s": 13.0, "repetition": 2, "value": 11.0},
        bent | {"start_s": 14.0, "end_s": 17.0, "repetition": 3, "value": 20.0},
    ]
    made = block(repetitions=reps, faults=faults)
    best, worst = best_moment(made, words_of("en")), worst_moment(made, words_of("en"))
    assert best is not None
    assert worst is not None
    assert (best.name, best.time_s) == ("Repetition 3", 16.0)
    assert (worst.name, worst.why, worst.time_s) == ("Repetition 3", "Bent", 16.0)


def test_without_faults_the_worst_is_what_was_not_counted_and_nothing_when_all_was_well() -> None:
    missed = worst_moment(block(faults=[]), words_of("en"))
    assert missed is not None
    assert (missed.time_s, missed.why) == (16.0, "Only half the range")
    assert worst_moment(block(faults=[], repetitions=[repetition(1, 2.0)]), words_of("en")) is None
    assert best_moment(block(repetitions=[], holds=[]), words_of("en")) is None


def test_moments_are_drawn_as_skeletons_and_without_poses_not_at_all(album: Album) -> None:
    drawn = Page(html_page(report(block()), series(), album))
    assert len(drawn.having("still")) == 2, "the best and the worst"
    assert "image" not in {tag for tag, _ in drawn.tags}, "no picture of a person without being asked for"
    assert not Page(html_page(report(block()), series())).having("still")
    nobody = Album(log_of([Pose.nobody(i / 5, (640, 480)) for i in range(100)]))
    assert not Page(html_page(report(block()), series(), nobody)).having("still")


def test_limb_that_was_hidden_is_not_drawn() -> None:
    moment = Moment(0.0, "x", "y", frozenset({"right_arm"}))
    whole = Album(log_of([standing(0.0)])).still(moment, words_of("en"))
    part = Album(log_of([standing(0.0, hidden=("left_elbow", "left_wrist", "left_index"))])).still(
        moment, words_of("en")
    )
    assert whole is not None
    assert part is not None
    left = [re.search(r'class="limb left" d="([^"]*)"', str(still)) for still in (whole, part)]
    assert [found[1].count("M") for found in left if found] == [8, 5], "arm, leg and foot; leg and foot"
    assert "limb off" in whole


def test_pictures_of_the_camera_appear_only_when_given(album: Album) -> None:
    times = times_of(report(block()))
    assert times == [4.0, 10.0]
    asked = Album(album.poses, {time_s + 0.0004: b"jpeg" for time_s in times})  # a report is written rounded
    page = Page(html_page(report(block()), series(), asked))
    pictures = [attributes["href"] for tag, attributes in page.tags if tag == "image"]
    assert pictures == ["data:image/jpeg;base64,anBlZw=="] * 2


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("camera", "4 (seen by the camera)"),
        ("tap", "4 (marked by you)"),
        ("pacer", "4 (breathed along with the pacer)"),
    ],
)
def test_breaths_say_where_they_come_from(source: str, told: str) -> None:
    breaths = {"count": 4, "source": source, "confidence": 0.8, "times_s": [1.0, 5.0], "target": [3, 5]}
    page = Page(html_page(report(block(breaths=breaths)), series()))
    assert f"Breaths {told} 3–5" in page.text
    assert len(page.having("breath")) == 2 * 2


def test_movement_in_part_is_marked_apart_from_one_that_broke_a_rule() -> None:
    reps = [repetition(1, 2.0), repetition(2, 8.0, counted=False, partial=True, reason="lift: 8° of the 10° needed")]
    page = Page(html_page(report(block(repetitions=reps, faults=[])), series()))
    assert len(page.having("half")) == 2 + 1, "in both charts and in the legend"


def test_pain_that_was_marked_stands_on_top_with_what_to_do() -> None:
    pain = [{"time_s": 12.0, "exercise": "back_extension"}]
    text = Page(html_page(report(block(), pain=pain), series())).text
    assert "It hurt at 0:12 (Back extension). Stop this movement. Ask a doctor or physiotherapist" in text
    assert text.index("It hurt") < text.index("Best moment")


def test_tempo_is_told_by_phases_cut_to_their_repetition() -> None:
    phases = [
        {"phase": "Lift", "start_s": 1.0, "end_s": 3.0},
        {"phase": "Hold", "start_s": 3.0, "end_s": 6.0},
        {"phase": "Return", "start_s": 6.0, "end_s": 9.0},
    ]
    assert phases_of(repetition(1, 2.0), phases) == [("Lift", 2.0, 3.0), ("Hold", 3.0, 6.0), ("Return", 6.0, 7.0)]
