"""The main job end to end: what is written, what is refused, what is said when there is nothing to judge."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import Analysed, MakeVideo, cut_off, empty_room

from formcheck.assets import find_sample
from formcheck.drawing import draw_video
from formcheck.errors import AssetError, ExportError, SourceError, UsageError
from formcheck.events import from_record, to_record
from formcheck.export.files import plain
from formcheck.export.video import AnnotatedVideoWriter
from formcheck.judging import all_of_it, judge
from formcheck.poselog import PoseLog
from formcheck.registry import find_exercise
from formcheck.session import analyze
from formcheck.sources import open_source
from formcheck.sources.content import content_mark
from formcheck.types import Pose

FILES = {
    "report.json",
    "report.html",
    "reps.csv",
    "holds.csv",
    "angles.csv",
    "events.jsonl",
    "poses.npz",
    "annotated.mp4",
}


def read_report(folder: Path) -> dict:
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_every_promised_file_is_there_and_no_other(analysed: Analysed) -> None:
    assert files_in(analysed.folder) == FILES
    assert all((analysed.folder / name).stat().st_size > 0 for name in FILES)
    assert files_in(analysed.out_dir) == {"seated_cat_cow"}


def test_movement_of_the_sample_is_recognised_and_counted(analysed: Analysed) -> None:
    (block,) = read_report(analysed.folder)["blocks"]
    assert block["exercise"] == "seated_cat_cow"
    assert block["chosen_by"] == "recognised"
    assert block["counted"]["repetitions"] == 6


def test_report_says_what_was_read_and_with_what(analysed: Analysed) -> None:
    report = read_report(analysed.folder)
    with open_source(find_sample()) as source:
        n_frames = sum(1 for _ in source)
    assert report["schema"] == 1
    assert report["source"]["frames"] == n_frames
    assert report["source"]["frames_with_person"] == n_frames
    assert report["source"]["complete"] is True
    assert report["source"]["duration_s"] == pytest.approx(source.duration_hint_s, abs=0.1)
    assert report["versions"]["mediapipe"].startswith("0.10.3")
    assert len(report["versions"]["model_sha256"]) == 64
    assert report == plain(analysed.result.report)


def test_event_file_holds_the_events_that_were_returned(analysed: Analysed) -> None:
    lines = (analysed.folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    opened, *rest = [json.loads(line) for line in lines]
    assert opened["event"] == "LogOpened"
    assert rest == [plain(to_record(e)) for e in analysed.result.events]
    assert {type(from_record(record)) for record in rest} == {type(e) for e in analysed.result.events}


def test_annotated_video_is_h264_with_the_frames_and_times_of_the_recording(analysed: Analysed) -> None:
    with open_source(find_sample()) as source:
        times_s = [frame.time_s for frame in source]
    with av.open(str(analysed.folder / "annotated.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        drawn_s = [frame.time for frame in container.decode(stream)]
    assert drawn_s == pytest.approx(times_s, abs=2e-3)


def test_pose_log_in_place_of_the_video_gives_the_identical_events(analysed: Analysed, tmp_path: Path) -> None:
    result = analyze(analysed.folder / "poses.npz", out_dir=tmp_path)
    assert result.events == analysed.result.events
    assert files_in(tmp_path / "poses") == FILES - {"annotated.mp4"}
    events = (tmp_path / "poses" / "events.jsonl").read_bytes()
    assert events == (analysed.folder / "events.jsonl").read_bytes()
    replayed, original = read_report(tmp_path / "poses"), read_report(analysed.folder)
    assert replayed["blocks"] == original["blocks"]
    assert replayed["versions"] == original["versions"]
    assert replayed["source"]["content"] == original["source"]["content"] == content_mark(find_sample())


def test_progress_is_told_for_every_frame_and_ends_at_the_last(analysed: Analysed) -> None:
    n_frames = read_report(analysed.folder)["source"]["frames"]
    for stage in ("Reading", "Naming", "Drawing"):
        told = [(done, total) for name, done, total in analysed.stages if name == stage]
        assert [done for done, _ in told][:n_frames] == list(range(1, n_frames + 1))
        assert told[-1] == (n_frames, n_frames)


def test_given_exercise_is_the_one_that_is_judged(analysed: Analysed, tmp_path: Path) -> None:
    result = analyze(analysed.folder / "poses.npz", "seated_twist", tmp_path)
    (block,) = result.report["blocks"]
    assert (block["exercise"], block["chosen_by"]) == ("seated_twist", "user")
    assert not any(block["counted"].values())


def test_video_of_an_earlier_run_does_not_stay_beside_a_new_report(analysed: Analysed, tmp_path: Path) -> None:
    (tmp_path / "poses").mkdir()
    (tmp_path / "poses" / "annotated.mp4").write_bytes(b"of an earlier run")
    analyze(analysed.folder / "poses.npz", out_dir=tmp_path, video=False)
    assert files_in(tmp_path / "poses") == FILES - {"annotated.mp4"}


def test_cut_off_recording_gives_a_report_of_what_was_read(tmp_path: Path) -> None:
    sample = tmp_path / "clip.mp4"
    sample.write_bytes(find_sample().read_bytes())
    result = analyze(cut_off(sample, 0.3), "seated_cat_cow", tmp_path / "out", video=False)
    report = read_report(result.folder)
    assert result.problem is not None
    assert "cut off" in result.problem
    assert report["source"]["complete"] is False
    assert report["source"]["problem"] == result.problem
    assert 30 < report["source"]["frames"] < 300
    assert PoseLog.load(result.folder / "poses.npz").meta["complete"] is False


def test_partial_recording_stays_partial_when_its_pose_log_is_read_again(tmp_path: Path) -> None:
    log = PoseLog({"complete": False, "problem": "the recording is damaged"})
    for i in range(30):
        log.append(Pose.nobody(i / 30, (640, 480)))
    log.save(tmp_path / "part.npz")
    result = analyze(tmp_path / "part.npz", out_dir=tmp_path)
    assert result.problem == "the recording is damaged"
    assert result.report["source"]["complete"] is False


@pytest.mark.parametrize("exercise", [None, "back_extension"])
def test_recording_without_a_person_says_so_and_counts_nothing(
    make_video: MakeVideo, tmp_path: Path, exercise: str | None
) -> None:
    path = make_video("room.mp4", n_frames=20, size_wh=(320, 240), picture=empty_room)
    result = analyze(path, exercise, tmp_path / "out")
    assert "No person was found" in result.notes[0]
    report = read_report(result.folder)
    assert report["source"]["frames_with_person"] == 0
    assert report["notes"] == list(result.notes)
    assert report["not_judged"] or report["blocks"][0]["not_judged"]
    assert not any(any(block["counted"].values()) for block in report["blocks"])
    assert files_in(result.folder) == FILES


def test_person_too_small_to_judge_is_said(analysed: Analysed) -> None:
    log = PoseLog()
    for pose in PoseLog.load(analysed.folder / "poses.npz"):
        small = pose.landmarks * np.float32(0.2) + np.float32(0.4)
        log.append(Pose(pose.time_s, small, pose.visibility, pose.world_m, pose.size_wh))
    (note, *_) = judge(log, None).notes
    assert "too small" in note


def test_movement_that_cannot_be_told_gives_a_report_without_blocks(tmp_path: Path) -> None:
    # One pose, held still for five seconds: no movement at all.
    rng = np.random.default_rng(0)
    still = Pose(
        0.0,
        rng.random((33, 3), np.float32),
        np.ones(33, np.float32),
        rng.random((33, 3), np.float32),
        (640, 480),
    )
    log = PoseLog()
    for i in range(150):
        log.append(Pose(i / 30, still.landmarks, still.visibility, still.world_m, still.size_wh))
    log.save(tmp_path / "still.npz")
    result = analyze(tmp_path / "still.npz", out_dir=tmp_path)
    assert result.report["blocks"] == []
    assert any("name it with --exercise" in note for note in result.notes)
    assert result.report["not_judged"]


def test_unknown_exercise_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="seated_twist"):
        analyze(tmp_path / "never read.mp4", "seated_twits", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_folder_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ExportError, match="cannot write here"):
        analyze(tmp_path / "never read.mp4", out_dir=tmp_path / "file")


def test_unreadable_source_leaves_no_folder_behind(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("hello")
    with pytest.raises(SourceError):
        analyze(tmp_path / "text.mp4", out_dir=tmp_path / "out")
    assert files_in(tmp_path) == {"text.mp4"}


def test_missing_model_is_named(make_video: MakeVideo, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"none\.task: there is no such model file"):
        analyze(make_video(), out_dir=tmp_path, model=tmp_path / "none.task")


def test_model_that_is_none_is_refused(make_video: MakeVideo, tmp_path: Path) -> None:
    (tmp_path / "a.task").write_bytes(b"no model")
    with pytest.raises(UsageError, match="not a pose landmarker bundle"):
        analyze(make_video(), out_dir=tmp_path, model=tmp_path / "a.task")


@pytest.fixture
def short_clip(tmp_path: Path) -> Path:
    sample = tmp_path / "clip.mp4"
    sample.write_bytes(find_sample().read_bytes())
    return cut_off(sample, 0.1)


@pytest.mark.parametrize(
    ("stage", "exercise", "left"),
    [("Reading", "seated_cat_cow", set()), ("Drawing", None, FILES - {"annotated.mp4"})],
)
def test_error_on_the_way_leaves_no_thread_and_no_half_video(
    short_clip: Path, tmp_path: Path, stage: str, exercise: str | None, left: set[str]
) -> None:
    class StopHereError(Exception):
        pass

    def stop(now: str, done: int, total: int | None) -> None:
        if (now, done) == (stage, 5):
            raise StopHereError

    before = set(threading.enumerate())
    with pytest.raises(StopHereError):
        analyze(short_clip, exercise, tmp_path / "out", progress=stop)
    assert not set(threading.enumerate()) - before
    folder = tmp_path / "out" / short_clip.stem
    assert (files_in(folder) if folder.exists() else set()) == left


def test_disk_full_while_drawing_costs_the_video_and_nothing_else(
    short_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: AnnotatedVideoWriter, image: np.ndarray, time_s: float) -> None:
        raise ExportError("no space left")

    monkeypatch.setattr(AnnotatedVideoWriter, "write", refuse)
    with pytest.raises(ExportError, match="no space left"):
        analyze(short_clip, "seated_cat_cow", tmp_path / "out")
    assert files_in(tmp_path / "out" / short_clip.stem) == FILES - {"annotated.mp4"}


def test_one_pass_and_two_draw_the_same_video(short_clip: Path, tmp_path: Path) -> None:
    one = analyze(short_clip, "seated_cat_cow", tmp_path / "one").folder
    log = PoseLog.load(one / "poses.npz")
    draw_video(short_clip, log, all_of_it(find_exercise("seated_cat_cow")), tmp_path / "two.mp4")
    assert (one / "annotated.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
