"""Results read back: the report comes from its event log alone, damage is told in one sentence."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import MakeVideo
from recordings import POSES, joined, log_of, stored

from formcheck.errors import SourceError, UsageError
from formcheck.export.files import plain
from formcheck.judging import judge
from formcheck.poselog import PoseLog
from formcheck.registry import FOLDER
from formcheck.session import SessionResult, analyze
from formcheck.sources.probe import recorded_at
from formcheck.stored import open_stored


@pytest.fixture(scope="module")
def twist(tmp_path_factory: pytest.TempPathFactory) -> SessionResult:
    return analyze(POSES / "seated_twist.npz", out_dir=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def routine(tmp_path_factory: pytest.TempPathFactory) -> SessionResult:
    """Two movements of a routine, one after the other."""
    folder = tmp_path_factory.mktemp("routine")
    poses, _ = joined(stored("hip_circles"), stored("back_extension"))
    log_of(poses).save(folder / "evening.npz")
    return analyze(folder / "evening.npz", out_dir=folder / "out", routine="daily_7")


@pytest.mark.parametrize("session", ["twist", "routine"])
def test_report_is_rebuilt_from_the_event_log_alone(
    session: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    result: SessionResult = request.getfixturevalue(session)
    shutil.copy(result.folder / "events.jsonl", tmp_path / "somewhere.jsonl")
    wanted, got = plain(result.report), plain(open_stored(tmp_path / "somewhere.jsonl").report)
    assert wanted["blocks"]
    del wanted["source"]["path"], got["source"]["path"]
    assert got == wanted


def test_what_the_balls_size_tells_is_rebuilt_too(tmp_path: Path) -> None:
    result = analyze(POSES / "seated_twist.npz", out_dir=tmp_path, ball_cm=65.0)
    (note,) = [text for text in result.report["notes"] if "65 cm" in text]
    assert "the trunk's length" in note
    assert open_stored(result.folder).report["notes"] == result.report["notes"]


def test_log_keeps_the_name_of_the_recording_and_no_folder(twist: SessionResult) -> None:
    first = (twist.folder / "events.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert open_stored(twist.folder).report["source"]["path"] == "seated_twist.mp4"
    assert str(POSES.parent) not in first


def test_movement_of_ones_own_is_kept_in_the_log(tmp_path: Path) -> None:
    own = (FOLDER / "seated_twist.toml").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(own.replace('id = "seated_twist"', 'id = "my_twist"'), encoding="utf-8")
    result = analyze(POSES / "seated_twist.npz", str(tmp_path / "mine.toml"), tmp_path / "out")
    (tmp_path / "mine.toml").unlink()
    assert plain(open_stored(result.folder).report["blocks"]) == plain(result.report["blocks"])
    assert result.report["blocks"][0]["exercise"] == "my_twist"


@pytest.mark.parametrize("sign", ["\u2028", "\x85"])
def test_title_with_a_sign_that_ends_lines_elsewhere_comes_back(sign: str, tmp_path: Path) -> None:
    text = (FOLDER / "seated_twist.toml").read_text(encoding="utf-8")
    title = f"My{sign}twist"
    own = text.replace('id = "seated_twist"', 'id = "own"').replace('title = "Seated twist"', f'title = "{title}"', 1)
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    result = analyze(POSES / "seated_twist.npz", str(tmp_path / "own.toml"), tmp_path / "out")
    assert [block["title"] for block in result.report["blocks"]] == [title]
    (result.folder / "report.json").unlink()
    assert [block["title"] for block in open_stored(result.folder).report["blocks"]] == [title]


def test_readings_come_back_with_units_and_gaps(twist: SessionResult) -> None:
    log = PoseLog.load(POSES / "seated_twist.npz")
    wanted, got = judge(log, None).series, open_stored(twist.folder).series
    assert list(got.values) == list(wanted.values)
    assert got.units == {name: unit for name, unit in wanted.units.items() if unit}
    assert got.labels == wanted.labels
    for name, values in wanted.values.items():
        np.testing.assert_allclose(got.values[name], values, atol=6e-4, rtol=1e-6)
    np.testing.assert_allclose(got.time_s, log.time_s, atol=6e-4)


def test_poses_alone_are_judged_again(twist: SessionResult, tmp_path: Path) -> None:
    shutil.copy(twist.folder / "poses.npz", tmp_path / "poses.npz")
    got = open_stored(tmp_path)
    assert plain(got.report["blocks"]) == plain(twist.report["blocks"])
    assert len(got.poses) == twist.report["source"]["frames"]
    assert got.series.values


def test_report_file_is_taken_as_it_stands(twist: SessionResult) -> None:
    assert open_stored(twist.folder / "report.json").report == plain(twist.report)


def test_older_log_takes_the_recording_from_the_report_beside_it(twist: SessionResult, tmp_path: Path) -> None:
    lines = (twist.folder / "events.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "events.jsonl").write_text("".join(lines[1:]), encoding="utf-8")
    with pytest.raises(SourceError, match=r"no report\.json is beside it"):
        open_stored(tmp_path)
    shutil.copy(twist.folder / "report.json", tmp_path / "report.json")
    assert plain(open_stored(tmp_path / "events.jsonl").report) == plain(twist.report)


def test_log_that_ends_in_the_middle_of_a_line_gives_what_is_whole(twist: SessionResult, tmp_path: Path) -> None:
    text = (twist.folder / "events.jsonl").read_text(encoding="utf-8")
    (tmp_path / "events.jsonl").write_text(text[: text.rindex("RepetitionCompleted") + 40], encoding="utf-8")
    report = open_stored(tmp_path).report
    assert report["source"]["complete"] is False
    assert "ends in the middle of a line" in report["source"]["problem"]
    n, n_whole = (r["blocks"][0]["counted"]["repetitions"] for r in (report, twist.report))
    assert 0 < n < n_whole


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("events.jsonl", "", "empty"),
        ("events.jsonl", '{"event": "PoseFound", "time_s": 0.0}\n{"event": "Moon"}\n', "line 2 is not an event"),
        ("events.jsonl", '{"event": "PoseFound", "time_s": 0.0}\nno json\n{}\n', "line 2 is not an event"),
        ("report.json", "[]", "not a report"),
        ("report.json", "{", "cannot be read"),
        ("report.json", '{"schema": 2, "blocks": []}', "not a report"),
        ("poses.npz", "PK no", "not a pose log"),
    ],
)
def test_damaged_results_are_told_in_one_sentence(tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=words) as caught:
        open_stored(tmp_path / name)
    assert name in str(caught.value)


def test_damaged_readings_are_told(twist: SessionResult, tmp_path: Path) -> None:
    shutil.copy(twist.folder / "events.jsonl", tmp_path)
    (tmp_path / "angles.csv").write_text("time_s,chest_turn [deg]\n0.0,1.0\n0.1\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"angles\.csv"):
        _ = open_stored(tmp_path).series


def test_other_files_and_empty_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "video.mp4").touch()
    with pytest.raises(UsageError, match="not a result of formcheck"):
        open_stored(tmp_path / "video.mp4")
    with pytest.raises(SourceError, match="no results here"):
        open_stored(tmp_path)
    with pytest.raises(SourceError, match="no such file"):
        open_stored(tmp_path / "none")


def with_creation_time(video: Path, told: str) -> Path:
    """A copy whose header says when it was recorded."""
    copy = video.with_name("told_" + video.name)
    with av.open(str(video)) as source, av.open(str(copy), "w") as target:
        target.metadata["creation_time"] = told
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return copy


def test_recording_is_dated_by_its_header_else_by_its_file(make_video: MakeVideo, tmp_path: Path) -> None:
    video = make_video(n_frames=5)
    written = datetime(2024, 5, 10, 18, 30, tzinfo=UTC)
    os.utime(video, (written.timestamp(), written.timestamp()))

    def dated(path: Path) -> datetime:
        told = recorded_at(path)
        assert told is not None
        return datetime.fromisoformat(told)

    assert dated(video) == written
    assert dated(with_creation_time(video, "2023-02-01T08:00:00Z")) == datetime(2023, 2, 1, 8, tzinfo=UTC)
    unset = with_creation_time(video, "1904-01-01T00:00:00Z")
    os.utime(unset, (written.timestamp(), written.timestamp()))
    assert dated(unset) == written, "a camera whose clock was never set"
    assert recorded_at(tmp_path / "none.mp4") is None
    os.utime(unset, (0.0, 0.0))
    assert recorded_at(unset) is None, "nor is that of the disk, or of what unpacked it"
