"""Every export format, read back by a reader that is not ours (TRC: by the rules of OpenSim's reader)."""

from __future__ import annotations

import base64
import csv
import json
import math
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import fitdecode
import numpy as np
import pypdf
import pytest
from fhir.resources.R4B.bundle import Bundle
from pycocotools.coco import COCO
from recordings import joined, log_of, stored
from typer.testing import CliRunner

import formcheck.export.pdf as pdf
from formcheck.cli import app
from formcheck.cli.reporting import FORMATS
from formcheck.errors import ExportError
from formcheck.export.coco import HIDDEN, KEYPOINTS, NOT_THERE, SEEN, coco_keypoints
from formcheck.export.fhir import SYSTEM, fhir_bundle
from formcheck.export.fit import repetitions_of, write_fit
from formcheck.export.html import html_page
from formcheck.export.trc import ball_scale, write_trc
from formcheck.poselog import PoseLog
from formcheck.session import SessionResult, analyze
from formcheck.skeleton import INDEX, LANDMARKS
from formcheck.stored import open_stored
from formcheck.types import Ball, Pose

STARTED = datetime(2024, 5, 10, 18, 30, tzinfo=UTC)
_SVG = re.compile("<svg.*?</svg>", re.DOTALL)
run = CliRunner()


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> SessionResult:
    """Circles, a pause with nobody in the picture, lifts."""
    folder = tmp_path_factory.mktemp("session")
    poses, _ = joined(stored("hip_circles"), stored("back_extension"))
    log = log_of(poses)
    log.meta |= {"recorded_at": STARTED.isoformat(), "source": "evening.mp4"}
    log.save(folder / "evening.npz")
    return analyze(folder / "evening.npz", out_dir=folder / "out")


def export(session: SessionResult, name: str, out: Path, *more: str) -> str:
    done = run.invoke(app, ["report", str(session.folder), "--format", name, "--out", str(out), *more])
    assert done.exit_code == 0, done.output
    return done.stdout


# -- one reader for each format; each returns (exercises or blocks in order, what it found) --------------------------


def read_json(path: Path, session: SessionResult) -> None:
    report = json.loads(path.read_text(encoding="utf-8"))
    assert [b["exercise"] for b in report["blocks"]] == ["hip_circles", "back_extension"]
    assert report["source"]["recorded_at"] == STARTED.isoformat()


def read_csv(path: Path, session: SessionResult) -> None:
    with (path / "reps.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = [r for block in session.report["blocks"] for r in block["repetitions"]]
    assert len(rows) == len(wanted) > 0
    assert [float(row["range"]) for row in rows] == pytest.approx([r["range"] for r in wanted], abs=1e-3)
    with (path / "angles.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == session.report["source"]["frames"]


def read_html(path: Path, session: SessionResult) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "Hip circles" in text
    written = (session.folder / "report.html").read_text(encoding="utf-8").replace("evening.npz", "evening.mp4")
    assert len(_SVG.findall(text)) == len(_SVG.findall(written)) > 0, "charts, from the readings beside the log"
    assert _SVG.sub("", text) == _SVG.sub("", written)


def read_pdf(path: Path, session: SessionResult) -> None:
    pages = pypdf.PdfReader(path).pages
    width_mm, height_mm = (float(side) / 72 * 25.4 for side in pages[0].mediabox[2:])
    assert (width_mm, height_mm) == pytest.approx((210, 297), abs=1), "A4"
    text = "\n".join(page.extract_text() for page in pages)
    assert "Back extension" in text


def read_fit(path: Path, session: SessionResult) -> None:
    messages = fit_messages(path)
    names = [name for name, _ in messages]
    assert names[0] == "file_id"
    assert names[-1] == "activity"
    assert [names.count(name) for name in ("session", "lap", "activity")] == [1, 1, 1]
    sets = [values for name, values in messages if name == "set"]
    titles = {v["exercise_name"]: v["wkt_step_name"] for name, v in messages if name == "exercise_title"}
    blocks = session.report["blocks"]
    assert len(sets) == len(blocks) == 2
    for values, block in zip(sets, blocks, strict=True):
        assert values["repetitions"] == repetitions_of(block)
        assert values["duration"] == pytest.approx(block["end_s"] - block["start_s"], abs=1e-3)
        assert abs(values["start_time"] - STARTED - timedelta(seconds=block["start_s"])) <= timedelta(seconds=1)
        assert titles[values["category_subtype"]] == block["title"]
    (total,) = (values for name, values in messages if name == "session")
    assert total["sport"] == "training"
    assert total["total_elapsed_time"] == pytest.approx(session.report["source"]["duration_s"], abs=1e-3)


def fit_messages(path: Path) -> list[tuple[str, dict[str, Any]]]:
    found = []
    strict = {"check_crc": fitdecode.CrcCheck.RAISE, "error_handling": fitdecode.ErrorHandling.RAISE}
    with fitdecode.FitReader(str(path), **strict) as reader:
        for frame in reader:
            if isinstance(frame, fitdecode.FitDataMessage):
                found.append((frame.name, {field.name: field.value for field in frame.fields}))
    return found


def read_fhir(path: Path, session: SessionResult) -> None:
    bundle = Bundle.model_validate_json(path.read_text(encoding="utf-8"))
    assert bundle.type == "collection"
    codes, *observations = [entry.resource for entry in bundle.entry]
    stated = {concept.code for concept in codes.concept}
    assert [o.code.text for o in observations] == ["Hip circles", "Back extension"]
    used = [coding for o in observations for code in [o.code, *(c.code for c in o.component)] for coding in code.coding]
    assert used
    assert {coding.system for coding in used} == {SYSTEM}
    assert {coding.code for coding in used} <= stated, "every code is stated in the bundle"
    lifts = {c.code.coding[0].code: c for c in observations[1].component}
    block = session.report["blocks"][1]
    assert float(lifts["repetitions"].valueQuantity.value) == block["counted"]["repetitions"]
    assert lifts["range_of_motion"].valueQuantity.code == "deg"
    start = observations[1].effectivePeriod.start
    assert abs(start - STARTED - timedelta(seconds=block["start_s"])) < timedelta(seconds=1)


def read_trc(path: Path, session: SessionResult) -> None:
    marks, names, rows = trc_of(path)
    assert "NOT METRIC" in marks
    assert names == list(LANDMARKS)
    log = PoseLog.load(session.folder / "poses.npz")
    assert rows.shape == (len(log), 1 + 3 * len(LANDMARKS))
    np.testing.assert_allclose(rows[:, 0], log.time_s, atol=1e-5)
    wanted = log[5].world_m[INDEX["left_shoulder"]] * (1, -1, -1)
    np.testing.assert_allclose(rows[5, 1 + 3 * INDEX["left_shoulder"] :][:3], wanted, atol=1e-5)


def trc_of(path: Path) -> tuple[str, list[str], np.ndarray]:
    """Read as OpenSim's TRCFileAdapter does: keys in their order, a marker every third column, empty is missing."""
    lines = path.read_text(encoding="ascii").split("\n")
    kind, four, axes, name, mark = lines[0].split("\t")
    assert (kind, four, axes, name) == ("PathFileType", "4", "(X/Y/Z)", path.name)
    keys = "DataRate CameraRate NumFrames NumMarkers Units OrigDataRate OrigDataStartFrame OrigNumFrames"
    assert lines[1].split("\t") == keys.split()
    about = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    assert about["Units"] == "m"
    names = lines[3].split("\t")[2::3]
    assert len(names) == int(about["NumMarkers"])
    assert lines[4].split("\t")[2:] == [f"{axis}{n}" for n in range(1, len(names) + 1) for axis in "XYZ"]
    assert lines[5] == ""
    body = [line.split("\t") for line in lines[6:] if line]
    assert len(body) == int(about["NumFrames"])
    assert [int(row[0]) for row in body] == list(range(1, len(body) + 1))
    return mark, names, np.array([[float(cell) if cell else math.nan for cell in row[1:]] for row in body])


def read_coco(path: Path, session: SessionResult) -> None:
    coco = COCO(str(path))
    log = PoseLog.load(session.folder / "poses.npz")
    assert len(coco.getImgIds()) == len(log)
    people = coco.loadAnns(coco.getAnnIds(catIds=coco.getCatIds(catNms=["person"])))
    assert len(people) == log.n_with_person < len(log)
    person = people[7]
    place = KEYPOINTS.index("left_shoulder")
    x, y, _ = person["keypoints"][3 * place : 3 * place + 3]
    assert (x, y) == pytest.approx(log[person["image_id"]].xy_px[INDEX["left_shoulder"]], abs=0.01)


def read_poses(path: Path, session: SessionResult) -> None:
    with np.load(path, allow_pickle=False) as arrays:
        assert int(arrays["schema"]) == 1
        assert arrays["landmarks"].shape == (session.report["source"]["frames"], 33, 3)


READERS: dict[str, Callable[[Path, SessionResult], None]] = {
    "json": read_json,
    "csv": read_csv,
    "html": read_html,
    "pdf": read_pdf,
    "fit": read_fit,
    "fhir": read_fhir,
    "trc": read_trc,
    "coco": read_coco,
    "poses": read_poses,
}
needs_browser = pytest.mark.skipif(pdf.find_browser() is None, reason="no browser that prints is installed")


def test_every_format_has_a_reader() -> None:
    assert FORMATS.keys() == READERS.keys()


@pytest.mark.parametrize("name", [pytest.param(n, marks=needs_browser) if n == "pdf" else n for n in READERS])
def test_format_is_read_back_by_an_independent_reader(name: str, session: SessionResult, tmp_path: Path) -> None:
    out = tmp_path / (FORMATS[name].file_name or "tables")
    said = export(session, name, out)
    assert str(out) in said
    READERS[name](out, session)


def test_without_a_place_the_file_goes_beside_the_log(session: SessionResult) -> None:
    done = run.invoke(app, ["report", str(session.folder / "events.jsonl"), "--format", "fhir"])
    assert done.exit_code == 0, done.output
    assert (session.folder / "fhir.json").is_file()
    (session.folder / "fhir.json").unlink()


def test_unknown_format_names_the_nearest(session: SessionResult) -> None:
    done = run.invoke(app, ["report", str(session.folder), "--format", "fihr"])
    assert done.exit_code == 2
    assert done.stderr.strip() == "formcheck: there is no format 'fihr'; did you mean fhir?"


def test_without_a_browser_the_pdf_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, session: SessionResult, tmp_path: Path
) -> None:
    monkeypatch.setattr(pdf, "find_browser", lambda: None)
    done = run.invoke(app, ["report", str(session.folder), "--format", "pdf", "--out", str(tmp_path / "r.pdf")])
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert "none was found on this computer" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_report_is_made_again_in_german_from_the_log_alone(session: SessionResult, tmp_path: Path) -> None:
    export(session, "html", tmp_path / "r.html", "--lang", "de")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert '<html lang="de">' in text
    assert "Rückenheben" in text
    assert 'class="still"' in text, "stills, from the poses beside the log"
    folder = tmp_path / "alone"
    folder.mkdir()
    (folder / "events.jsonl").write_bytes((session.folder / "events.jsonl").read_bytes())
    done = run.invoke(app, ["report", str(folder)])
    assert done.exit_code == 0, done.output
    alone = (folder / "report.html").read_text(encoding="utf-8")
    assert "Back extension" in alone
    assert 'class="still"' not in alone


def test_report_does_not_fail_over_damaged_poses(session: SessionResult, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    (folder / "events.jsonl").write_bytes((session.folder / "events.jsonl").read_bytes())
    (folder / "poses.npz").write_bytes(b"not a pose log")
    done = run.invoke(app, ["report", str(folder)])
    assert done.exit_code == 0, done.output


def test_pictures_come_from_the_recording_that_is_named(session: SessionResult, tmp_path: Path) -> None:
    video = tmp_path / "evening.avi"
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter_fourcc(*"MJPG"), 10.0, (640, 480))
    for i in range(60 * 10):
        writer.write(np.full((480, 640, 3), i % 200, np.uint8))
    writer.release()
    export(session, "html", tmp_path / "r.html", "--pictures", str(video))
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    found = re.findall(r'<image href="data:image/jpeg;base64,([^"]+)"', text)
    assert found
    assert shape_of(found[0]) == (480, 640, 3)
    log = PoseLog.load(session.folder / "poses.npz")
    log.meta["rotate_deg"] = 90
    turned = tmp_path / "turned"
    shutil.copytree(session.folder, turned)
    log.save(turned / "poses.npz")
    done = run.invoke(app, ["report", str(turned), "--pictures", str(video)])
    assert done.exit_code == 0, done.output
    text = (turned / "report.html").read_text(encoding="utf-8")
    assert shape_of(re.findall(r'<image href="data:image/jpeg;base64,([^"]+)"', text)[0]) == (640, 480, 3), (
        "as analysed"
    )


def shape_of(picture: str) -> tuple[int, ...]:
    return cv2.imdecode(np.frombuffer(base64.b64decode(picture), np.uint8), cv2.IMREAD_COLOR).shape


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--lang", "fr"), "there is no language 'fr'; known: en, de"),
        (("--format", "csv", "--pictures", "a.mp4"), "--pictures belongs to --format html or pdf"),
        (("--pictures", "nowhere.mp4"), "nowhere.mp4: there is no such video"),
    ],
)
def test_wish_that_cannot_be_met_is_one_sentence(more: tuple[str, ...], said: str, session: SessionResult) -> None:
    done = run.invoke(app, ["report", str(session.folder), *more])
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr


@pytest.mark.parametrize("out", [None, "deeper/again.npz"])
def test_poses_of_a_log_with_a_name_of_its_own_are_written(
    out: str | None, session: SessionResult, tmp_path: Path
) -> None:
    own = shutil.copy(session.folder / "poses.npz", tmp_path / "evening.npz")
    place = tmp_path / (out or "poses.npz")
    done = run.invoke(app, ["report", str(own), "--format", "poses", *(["--out", str(place)] if out else [])])
    assert (done.exit_code, done.stdout.strip()) == (0, str(place))
    kept, again = PoseLog.load(own), PoseLog.load(place)
    assert len(kept) == len(again) > 0
    np.testing.assert_array_equal(kept[5].landmarks, again[5].landmarks)


def test_page_of_results_that_were_changed_is_refused_in_one_sentence(session: SessionResult, tmp_path: Path) -> None:
    opened, *events = (session.folder / "events.jsonl").read_text(encoding="utf-8").split("\n")
    changed = json.dumps(json.loads(opened) | {"versions": True})
    (tmp_path / "events.jsonl").write_text("\n".join([changed, *events]), encoding="utf-8")
    done = run.invoke(app, ["report", str(tmp_path)])
    assert done.exit_code == 2
    (line,) = done.stderr.splitlines()
    assert "were changed" in line
    assert not (tmp_path / "report.html").exists()


@needs_browser
def test_pdf_is_the_same_by_its_own_option(session: SessionResult, tmp_path: Path) -> None:
    done = run.invoke(app, ["report", str(session.folder), "--pdf", "--lang", "de", "--out", str(tmp_path / "r.pdf")])
    assert done.exit_code == 0, done.output
    assert "Rückenheben" in "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "r.pdf").pages)


def test_browser_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pdf, "find_browser", lambda: Path("/bin/false"))
    with pytest.raises(ExportError, match="did not print"):
        pdf.write_pdf(tmp_path / "r.pdf", "<p>x</p>")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="a script is no program there")
def test_what_a_browser_says_in_another_coding_is_told_as_far_as_it_is_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    browser = tmp_path / "browser"
    browser.write_bytes(b"#!/bin/sh\nprintf 'kein Platz f\\374r die Datei' >&2\n")
    browser.chmod(0o755)
    monkeypatch.setattr(pdf, "find_browser", lambda: browser)
    with pytest.raises(ExportError, match="kein Platz f\ufffdr die Datei"):
        pdf.write_pdf(tmp_path / "r.pdf", "<p>x</p>")


# -- what is not known ------------------------------------------------------------------------------------------------


def report(**counted: int | None) -> dict[str, Any]:
    block = {"exercise": "x", "title": "X", "start_s": 1.0, "end_s": 3.5, "counted": counted, "score": None}
    return {"source": {"duration_s": 10.0, "complete": False}, "versions": {}, "blocks": [block]}


def test_count_that_is_not_known_is_absent_with_a_reason_in_fhir() -> None:
    content = fhir_bundle(
        report(repetitions=None) | {"blocks": [report()["blocks"][0] | {"target": {"holds": [1, 1]}}]}, STARTED
    )
    observation = Bundle.model_validate(content).entry[1].resource
    holds = next(c for c in observation.component if c.code.coding[0].code == "holds")
    assert holds.valueQuantity is None
    assert holds.dataAbsentReason.coding[0].code == "unknown"
    assert observation.status == "preliminary", "a recording that was read in part"


def test_count_that_is_not_known_is_no_number_in_fit(tmp_path: Path) -> None:
    write_fit(tmp_path / "a.fit", report(), STARTED)
    (values,) = (values for name, values in fit_messages(tmp_path / "a.fit") if name == "set")
    assert values.get("repetitions") is None
    write_fit(tmp_path / "b.fit", report(circles_cw=3, circles_ccw=2), STARTED)
    (values,) = (values for name, values in fit_messages(tmp_path / "b.fit") if name == "set")
    assert values["repetitions"] == 5


def test_bundle_of_the_same_session_is_the_same() -> None:
    assert fhir_bundle(report(), STARTED) == fhir_bundle(report(), STARTED)
    ids = [entry["resource"]["id"] for entry in fhir_bundle(report(), STARTED)["entry"]]
    assert len(set(ids)) == len(ids) == 2


def one_pose(visibility: float = 1.0, ball: Ball | None = None, time_s: float = 0.0) -> Pose:
    rng = np.random.default_rng(1)
    landmarks = (0.3 + 0.4 * rng.random((33, 3))).astype(np.float32)
    world = rng.random((33, 3)).astype(np.float32)
    return Pose(time_s, landmarks, np.full(33, visibility, np.float32), world, (640, 480), ball)


def test_hidden_landmark_is_empty_in_trc_and_marked_in_coco(tmp_path: Path) -> None:
    pose = one_pose()
    pose.visibility[INDEX["left_knee"]] = 0.1
    pose.landmarks[INDEX["right_ankle"], 0] = 1.2
    log = log_of([pose])
    write_trc(tmp_path / "a.trc", log)
    _, names, rows = trc_of(tmp_path / "a.trc")
    missing = [name for i, name in enumerate(names) if np.isnan(rows[0, 1 + 3 * i])]
    assert missing == ["left_knee", "right_ankle"]
    (person,) = coco_keypoints(log, "a")["annotations"]
    states = dict(zip(KEYPOINTS, person["keypoints"][2::3], strict=True))
    assert (states["left_knee"], states["right_ankle"], states["nose"]) == (HIDDEN, NOT_THERE, SEEN)
    assert person["num_keypoints"] == 16


def test_ball_gives_the_scale_only_when_it_was_seen(tmp_path: Path) -> None:
    def trunk(points: np.ndarray) -> float:
        ends = [(points[INDEX[f"left_{j}"]] + points[INDEX[f"right_{j}"]]) / 2 for j in ("shoulder", "hip")]
        return float(np.hypot(*(ends[0] - ends[1])[:2]))

    plain = one_pose()
    # A ball of 65 cm whose outline is 130 px: 2 px a centimetre, from which follows what the trunk really measures.
    seen = [replace(plain, ball=Ball(320, 300, 130, 130, 0.9), time_s=i / 30) for i in range(30)]
    factor = ball_scale(log_of(seen), 65.0)
    assert factor is not None
    assert factor * trunk(plain.world_m) == pytest.approx(trunk(plain.xy_px) / 2 / 100, rel=1e-5)
    said = write_trc(tmp_path / "a.trc", log_of(seen), 65.0)
    mark, _, rows = trc_of(tmp_path / "a.trc")
    assert said == mark
    assert "ball of 65 cm" in mark
    assert "NOT METRIC" not in mark
    assert rows[0, 1] == pytest.approx(plain.world_m[0, 0] * factor, abs=1e-5)
    unseen = [replace(plain, ball=Ball.unseen(), time_s=i / 30) for i in range(30)]
    assert "NOT METRIC" in write_trc(tmp_path / "b.trc", log_of(unseen), 65.0)
    assert "NOT METRIC" in write_trc(tmp_path / "c.trc", log_of(seen[:5]), 65.0), "too few frames tell nothing"


def test_page_of_a_long_session_stays_light(session: SessionResult) -> None:
    kept = open_stored(session.folder)
    few, many = ({**kept.report, "blocks": kept.report["blocks"] * n} for n in (1, 12))
    page = html_page(many, kept.series)
    assert page.count('class="block-head"') >= 24
    assert len(page) <= 500_000, "24 blocks: 18 minutes"
    assert len(page) < 12 * len(html_page(few, kept.series))


@needs_browser
def test_print_of_a_long_session_is_short_and_begins_with_all_movements(session: SessionResult, tmp_path: Path) -> None:
    kept = open_stored(session.folder)
    many = {**kept.report, "blocks": kept.report["blocks"] * 8}
    pdf.write_pdf(tmp_path / "many.pdf", html_page(many, kept.series))
    pages = [page.extract_text() for page in pypdf.PdfReader(tmp_path / "many.pdf").pages]
    n = len(many["blocks"])
    assert n >= 16
    assert len(pages) <= 2 + n / 2
    title = many["blocks"][0]["title"]
    assert pages[0].count(title) >= n / len(kept.report["blocks"]), "the summary stands on a page of its own"
    assert f"1. {title}" not in pages[0]
    assert f"1. {title}" in pages[1]
    pdf.write_pdf(tmp_path / "one.pdf", html_page({**many, "blocks": many["blocks"][:1]}, kept.series))
    alone = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "one.pdf").pages)
    assert "Direction" in alone, "of a single movement paper has every circle"
    assert "Direction" not in "".join(pages)
