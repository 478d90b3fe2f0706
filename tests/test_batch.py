"""Many recordings: all are done once, a bad one stops none, a lost process is made good, a second start goes on."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeVideo, empty_room
from patience import wait_until
from typer.testing import CliRunner

from formcheck.assets import find_sample
from formcheck.batch.cluster import _shipped, do_shipped, unpack
from formcheck.batch.finding import find_tasks
from formcheck.batch.ledger import Ledger, rest_of
from formcheck.batch.pool import MOST_ATTEMPTS, _Worker, do_all
from formcheck.batch.running import run_batch
from formcheck.batch.summary import write_summary
from formcheck.batch.task import Row, Settings, Task
from formcheck.cli import app
from formcheck.errors import ExportError, UsageError
from formcheck.session import analyze

POSES = Path(__file__).parent / "poses"
SETTINGS = Settings(video=False)
# Any port that is free for what the scheduler tells over HTTP: its usual one may be another cluster's.
CLUSTER: dict[str, Any] = {
    "n_workers": 2,
    "threads_per_worker": 1,
    "dashboard_address": "127.0.0.1:0",
    "scheduler_kwargs": {"dashboard": False},
    "host": "127.0.0.1",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pose logs and a file that is no video, one of them in a folder of its own."""
    for name, place in (("calf_roll", "a"), ("lumbar_rock", "a/b")):
        (tmp_path / "in" / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / place / f"{name}.npz").write_bytes((POSES / f"{name}.npz").read_bytes())
    (tmp_path / "in" / "bad.mp4").write_bytes(b"no video")
    return tmp_path / "in"


def rows_of(out_dir: Path) -> list[dict[str, str]]:
    with (out_dir / "batch.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# -- what is to be done -------------------------------------------------------------------------------------------


def test_results_are_laid_out_as_the_recordings_are(folder: Path, tmp_path: Path) -> None:
    tasks, _ = find_tasks([folder], tmp_path / "out", SETTINGS)
    assert [task.name for task in tasks] == ["a/b/lumbar_rock", "a/calf_roll", "bad"]


def test_list_as_some_editors_write_it_is_read(folder: Path, tmp_path: Path) -> None:
    (folder / "all.txt").write_text("bad.mp4\na/calf_roll.npz\n", encoding="utf-8-sig", newline="\r\n")
    tasks, _ = find_tasks([folder / "all.txt"], tmp_path / "out", SETTINGS)
    assert [task.source for task in tasks] == [folder / "bad.mp4", folder / "a" / "calf_roll.npz"]


def test_list_is_read_relative_to_itself(folder: Path, tmp_path: Path) -> None:
    (folder / "all.txt").write_text("# what to do\n\na/calf_roll.npz  # the first\nbad.mp4\n", encoding="utf-8")
    tasks, _ = find_tasks([folder / "all.txt"], tmp_path / "out", SETTINGS)
    assert [task.source for task in tasks] == [folder / "a" / "calf_roll.npz", folder / "bad.mp4"]


def test_no_two_recordings_share_a_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "bad.mov").write_bytes(b"no video")
    other = tmp_path / "other"
    other.mkdir()
    (other / "bad.mp4").write_bytes(b"no video")
    tasks, _ = find_tasks([folder, other], tmp_path / "out", SETTINGS)
    names = [task.name for task in tasks]
    assert len(names) == len(set(names)) == 5
    (other / "Bad-MP4.mp4").write_bytes(b"no video")  # the same folder as "bad-mp4" where letters are not told apart
    tasks, _ = find_tasks([folder, other], tmp_path / "out", SETTINGS)
    names = [task.name.lower() for task in tasks]
    assert len(names) == len(set(names)) == 6


def test_results_of_the_batch_are_no_recordings(folder: Path) -> None:
    run_batch([folder / "a" / "calf_roll.npz"], folder / "out", SETTINGS)
    assert (folder / "out" / "calf_roll" / "poses.npz").exists()
    assert len(find_tasks([folder], folder / "out", SETTINGS)[0]) == 3


@pytest.mark.parametrize("content", [None, ""])
def test_nothing_to_do_is_refused(content: str | None, tmp_path: Path) -> None:
    place = tmp_path / "list.txt" if content is not None else tmp_path
    if content is not None:
        place.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="no recordings"):
        find_tasks([place], tmp_path / "out", SETTINGS)


def test_folder_and_list_that_have_nothing_are_told_and_stop_none(folder: Path, tmp_path: Path) -> None:
    empty, missing = tmp_path / "empty", tmp_path / "missing.txt"
    empty.mkdir()
    told: list[tuple[str, int, int]] = []
    rows = run_batch(
        [empty, missing, folder / "a"],
        tmp_path / "out",
        SETTINGS,
        tell=lambda row, n_done, n_all: told.append((row.recording, n_done, n_all)),
    )
    assert [row.status for row in rows] == ["failed", "failed", "done", "done"]
    assert [(n_done, n_all) for _, n_done, n_all in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert rows[0].problem.startswith(f"{empty}: there are no recordings here")
    assert rows[1].problem == f"{missing}: the list cannot be read (No such file or directory)"
    assert [row["recording"] for row in rows_of(tmp_path / "out")][:2] == [str(empty), str(missing)]
    assert str(empty) in (tmp_path / "out" / "batch.html").read_text(encoding="utf-8")


def test_list_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"list\.txt: the list cannot be read \(it is no text in UTF-8\)"):
        find_tasks([tmp_path / "list.txt"], tmp_path / "out", SETTINGS)


# -- doing it -----------------------------------------------------------------------------------------------------


def test_each_recording_has_its_row_and_a_bad_one_stops_none(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    rows = run_batch([folder], out, SETTINGS, jobs=2)
    assert [(row.results, row.status) for row in rows] == [
        ("a/b/lumbar_rock", "done"),
        ("a/calf_roll", "done"),
        ("bad", "failed"),
    ]
    assert [row["repetitions"] for row in rows_of(out)] == ["4", "4", "0"]
    assert "not a video" in rows_of(out)[2]["problem"]
    page = (out / "batch.html").read_text(encoding="utf-8")
    assert 'href="a/b/lumbar_rock/report.html"' in page
    assert json.loads((out / "a" / "calf_roll" / "report.json").read_text(encoding="utf-8"))["blocks"]
    assert not processes_of_ours()


def test_second_start_does_what_failed_what_changed_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_batch([folder], out, SETTINGS)
    before = (out / "a" / "calf_roll" / "report.json").stat().st_mtime_ns
    (folder / "bad.mp4").unlink()
    (folder / "bad.npz").write_bytes((POSES / "lumbar_rock.npz").read_bytes())
    (out / "a" / "b" / "lumbar_rock" / "report.json").unlink()
    tasks, _ = find_tasks([folder], out, SETTINGS)
    rest, rows = rest_of(Ledger(out), tasks)
    assert [task.name for task in rest] == ["a/b/lumbar_rock", "bad"]
    assert [row.results for row in rows.values()] == ["a/calf_roll"]
    again = run_batch([folder], out, SETTINGS)
    assert {row.status for row in again} == {"done"}
    assert (out / "a" / "calf_roll" / "report.json").stat().st_mtime_ns == before


def test_no_name_of_a_recording_leads_out_of_the_results(tmp_path: Path) -> None:
    names = ("..npz", "...npz", "....npz")
    for name in names:
        (tmp_path / name).write_bytes((POSES / "calf_roll.npz").read_bytes())
    rows = run_batch([tmp_path / name for name in names], tmp_path / "batch" / "out", SETTINGS)
    assert [(row.results, row.status) for row in rows] == [(name, "done") for name in names]
    done = CliRunner().invoke(app, ["analyze", str(tmp_path / "...npz"), "--out", str(tmp_path / "one" / "out")])
    assert done.exit_code == 0
    result = analyze(tmp_path / "..npz", "calf_roll", tmp_path / "own" / "out")
    assert result.folder == tmp_path / "own" / "out" / "..npz"
    for place in ("batch", "one", "own"):
        assert [path.name for path in (tmp_path / place).iterdir()] == ["out"]
    assert [path.name for path in (tmp_path / "one" / "out").iterdir()] == ["...npz"]


@pytest.mark.skipif(sys.platform != "linux", reason="every name is text there")
def test_recording_whose_name_is_no_text_is_done_once_and_shown(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "R\udcfccken.npz").write_bytes((POSES / "calf_roll.npz").read_bytes())
    for _ in range(2):
        (row,) = run_batch([tmp_path / "in"], tmp_path / "out", SETTINGS)
        assert (row.status, row.results) == ("done", "R\udcfccken")
    assert len(lines_of(tmp_path / "out")) == 1
    assert rows_of(tmp_path / "out")[0]["repetitions"] == "4"
    assert 'href="R%FCcken/report.html">R?cken' in (tmp_path / "out" / "batch.html").read_text(encoding="utf-8")


def test_other_settings_are_another_job(folder: Path, tmp_path: Path) -> None:
    run_batch([folder / "a"], tmp_path, SETTINGS)
    tasks, _ = find_tasks([folder / "a"], tmp_path, Settings("calf_roll", video=False))
    assert len(rest_of(Ledger(tmp_path), tasks)[0]) == 2


def test_cut_off_line_of_the_ledger_is_done_again(folder: Path, tmp_path: Path) -> None:
    run_batch([folder / "a"], tmp_path, SETTINGS)
    text = (tmp_path / "batch.jsonl").read_text(encoding="utf-8")
    (tmp_path / "batch.jsonl").write_text(text[:-20], encoding="utf-8")
    tasks, _ = find_tasks([folder / "a"], tmp_path, SETTINGS)
    assert len(rest_of(Ledger(tmp_path), tasks)[0]) == 1
    run_batch([folder / "a"], tmp_path, SETTINGS)
    assert rest_of(Ledger(tmp_path), tasks)[0] == [], "what is added stands on a line of its own"


def lost_once(task: Task) -> Row:
    """Is killed at the first try of the second task."""
    if task.name == "1" and not (task.out_dir / "tried").exists():
        (task.out_dir / "tried").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Row(str(task.source), task.name, "done")


def lost_always(task: Task) -> Row:
    """Is killed whenever it does the second task."""
    if task.name == "1":
        os.kill(os.getpid(), signal.SIGKILL)
    return Row(str(task.source), task.name, "done")


def stuck(task: Task) -> Row:
    """Does the first task and no other."""
    if task.name != "0":
        time.sleep(600)
    return Row(str(task.source), task.name, "done")


def processes_of_ours() -> list[BaseProcess]:
    return [child for child in multiprocessing.active_children() if child.name.startswith("formcheck")]


def tasks_in(out_dir: Path, n: int) -> list[Task]:
    return [Task(Path(f"{i}.mp4"), out_dir, str(i), SETTINGS) for i in range(n)]


def test_recording_of_a_lost_process_is_done_again(tmp_path: Path) -> None:
    rows = {row.results: row for _, row in do_all(tasks_in(tmp_path, 4), 2, lost_once)}
    assert {name: row.attempts for name, row in rows.items()} == {"0": 1, "1": 2, "2": 1, "3": 1}
    assert {row.status for row in rows.values()} == {"done"}


def test_recording_that_costs_every_process_is_told_and_costs_no_other(tmp_path: Path) -> None:
    rows = {row.results: row for _, row in do_all(tasks_in(tmp_path, 3), 2, lost_always)}
    assert {name: row.status for name, row in rows.items()} == {"0": "done", "1": "failed", "2": "done"}
    assert rows["1"].attempts == MOST_ATTEMPTS
    assert "lost" in rows["1"].problem


def test_process_that_is_lost_while_it_waits_is_noticed_when_it_is_given_something(tmp_path: Path) -> None:
    worker = _Worker(lost_always)
    worker._process.kill()
    worker._process.join()
    worker.give(tasks_in(tmp_path, 1)[0], 1)
    assert worker.take() is None
    assert worker.end() == -signal.SIGKILL


def test_leaving_early_ends_the_processes(tmp_path: Path) -> None:
    with closing(do_all(tasks_in(tmp_path, 3), 2, stuck)) as coming:
        assert next(coming)[1].results == "0"
    assert not processes_of_ours()


# The program, which is killed as soon as it has kept its second row.
KILLED = """
import os, signal
from formcheck.batch.ledger import Ledger
from formcheck.cli import main

add, rows = Ledger.add, []

def add_and_die(ledger, task, row):
    add(ledger, task, row)
    rows.append(row)
    if len(rows) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

Ledger.add = add_and_die
main()
"""


def test_killed_batch_goes_on_where_it_ended(folder: Path, tmp_path: Path) -> None:
    for i in range(6):
        (folder / f"more{i}.npz").write_bytes((POSES / "calf_roll.npz").read_bytes())
    out = tmp_path / "out"
    call = ["batch", str(folder), "--no-video", "--out", str(out)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    first = subprocess.run([sys.executable, "-c", KILLED, *call], **quiet, check=False)
    assert first.returncode == -signal.SIGKILL
    n_finished = len(lines_of(out))
    assert n_finished == 2
    assert not (out / "batch.csv").exists()
    subprocess.run([sys.executable, "-m", "formcheck", *call], **quiet, check=False)
    assert len(lines_of(out)) == 9 + ('"failed"' in "".join(lines_of(out)[:n_finished]))
    assert len(rows_of(out)) == 9


def lines_of(out_dir: Path) -> list[str]:
    return (out_dir / "batch.jsonl").read_text(encoding="utf-8").splitlines()


def test_page_shows_what_failed_first_and_escapes_names(tmp_path: Path) -> None:
    rows = [Row("a.mp4", "a", "done"), Row("<b>.mp4", "<b>", "failed", problem="it is <no> video")]
    write_summary(tmp_path, rows, "de")
    page = (tmp_path / "batch.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert page.index("gescheitert") < page.index('href="a/report.html"')


def test_page_tells_what_was_found_in_its_language(tmp_path: Path) -> None:
    found = "Chest opener, hands interlaced, 0:01-0:30: 1 of 2 holds, 8 s and 9 s; Hip circles, clockwise: skipped"
    write_summary(tmp_path, [Row("a.mp4", "a", "done", movements=found)], "de")
    page = (tmp_path / "batch.html").read_text(encoding="utf-8")
    assert "Brust öffnen, Hände verschränkt, 0:01-0:30: 1 von 2 Haltungen, 8 s und 9 s<br>" in page
    assert "Hüftkreisen, im Uhrzeigersinn: ausgelassen<br>" in page
    bent = "Back extension, 0:01-0:30: nothing counted, not judged: your hips are bent: let your belly rest on the ball"
    write_summary(tmp_path, [Row("a.mp4", "a", "done", movements=bent)], "de")
    page = (tmp_path / "batch.html").read_text(encoding="utf-8")
    assert "nichts gezählt, nicht beurteilt: " in page
    assert "hips" not in page
    write_summary(tmp_path, [Row("a.mp4", "a", "done", movements=found)], "en")
    assert "1 of 2 holds, 8 s and 9 s<br>" in (tmp_path / "batch.html").read_text(encoding="utf-8")


def test_page_tells_what_failed_in_its_language(folder: Path, tmp_path: Path) -> None:
    (folder / "empty.mp4").touch()
    (folder / "links").mkdir()
    rows = run_batch(
        [folder / "empty.mp4", folder / "bad.mp4", folder / "links"], tmp_path, replace(SETTINGS, language="de")
    )
    assert [row.status for row in rows] == ["failed"] * 3
    page = (tmp_path / "batch.html").read_text(encoding="utf-8")
    for row in rows:  # the table for machines stays English
        place, _, why = row.problem.partition(": ")
        assert f"{place}: " in page
        assert why not in page
    for said in ("Die Datei ist leer", "kein lesbares Video", "Hier sind keine Aufnahmen"):
        assert said in page


# -- the command --------------------------------------------------------------------------------------------------


def test_command_says_what_came_and_ends_with_the_worst_status(folder: Path, tmp_path: Path) -> None:
    called = CliRunner().invoke(app, ["batch", str(folder), "--out", str(tmp_path / "out"), "--no-video"])
    assert called.exit_code == 2
    assert "3 recordings: 2 done, 1 failed" in called.output
    assert "bad.mp4: this is not a video" in called.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--exercise", "yoga"], "yoga"),
        (["--address", "tcp://127.0.0.1:1"], "--engine dask"),
        (["--exercise", "calf_roll", "--routine", "daily_7"], "not both"),
        (["--lang", "xx"], "language"),
    ],
)
def test_mistake_in_the_call_is_told_before_anything_is_done(
    options: list[str], said: str, folder: Path, tmp_path: Path
) -> None:
    called = CliRunner().invoke(app, ["batch", str(folder), "--out", str(tmp_path / "out"), *options])
    assert called.exit_code == 2
    assert said in called.output
    assert not (tmp_path / "out").exists()


# -- a cluster ----------------------------------------------------------------------------------------------------


def test_no_scheduler_is_one_sentence(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("formcheck.batch.cluster.PATIENCE_S", 1)
    with pytest.raises(UsageError, match="no Dask scheduler"):
        run_batch([folder], tmp_path / "out", SETTINGS, engine="dask", address="tcp://127.0.0.1:1")


@pytest.fixture
def scheduler() -> Iterator[tuple[str, object]]:
    """Address of a cluster of two processes on this computer, and somebody who may ask it."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(**CLUSTER) as cluster,
        distributed.Client(cluster.scheduler_address, set_as_default=False) as client,
    ):
        yield cluster.scheduler_address, client


def test_cluster_reports_what_the_local_pool_reports_even_when_a_worker_is_killed(
    scheduler: tuple[str, object], folder: Path, tmp_path: Path
) -> None:
    address, client = scheduler
    (folder / "rock.mp4").write_bytes((find_sample().parent / "lumbar_rock.mp4").read_bytes())
    run_batch([folder], tmp_path / "local", SETTINGS)
    victim = tmp_path / "victim"

    def halt_at_the_first_picture() -> None:
        """On each worker: whoever looks at a picture first says who it is, and goes no further."""
        from formcheck.estimators.mediapipe_pose import MediaPipePose

        estimate = MediaPipePose.estimate

        def estimate_or_halt(*values: object, **named: object) -> object:
            try:
                with victim.open("x") as file:
                    file.write(f"{os.getpid()}\n")
            except FileExistsError:
                return estimate(*values, **named)  # type: ignore[arg-type]
            while True:
                time.sleep(1.0)

        MediaPipePose.estimate = estimate_or_halt  # type: ignore[method-assign, assignment]

    def kill_the_victim() -> None:
        wait_until(lambda: victim.exists() and victim.read_text().endswith("\n"))
        os.kill(int(victim.read_text()), signal.SIGKILL)

    client.run(halt_at_the_first_picture)  # type: ignore[attr-defined]
    killer = threading.Thread(target=kill_the_victim)
    killer.start()
    rows = run_batch([folder], tmp_path / "cluster", SETTINGS, engine="dask", address=address)
    killer.join()
    assert victim.exists()
    assert [row.status for row in rows] == ["done", "done", "failed", "done"]
    for name in ("rock", "a/calf_roll", "a/b/lumbar_rock"):
        ours, theirs = (tmp_path / place / name / "report.json" for place in ("local", "cluster"))
        assert json.loads(ours.read_text(encoding="utf-8")) == json.loads(theirs.read_text(encoding="utf-8"))


def test_results_that_travelled_leave_alone_what_else_lies_in_their_folder(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("report.json", "new")
    folder = tmp_path / "clip"
    folder.mkdir()
    for name in ("recording.mp4", "report.json", "annotated.mp4"):
        (folder / name).write_text("old")
    unpack(packed.getvalue(), folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"recording.mp4": "old", "report.json": "new"}
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="choose another folder"):
        unpack(packed.getvalue(), tmp_path / "file" / "clip")


def test_recording_that_travelled_is_of_the_day_that_it_was_written(make_video: MakeVideo, tmp_path: Path) -> None:
    clip = make_video(n_frames=5, size_wh=(320, 240), picture=empty_room)
    os.utime(clip, (1_700_000_000, 1_700_000_000))
    task = Task(clip, tmp_path / "out", "clip", SETTINGS)
    row, files = do_shipped(task, *_shipped(clip))
    assert row.status == "done"
    with zipfile.ZipFile(io.BytesIO(files)) as archive:
        recorded_at = json.loads(archive.read("report.json"))["source"]["recorded_at"]
    assert datetime.fromisoformat(recorded_at).timestamp() == 1_700_000_000


def test_recordings_and_results_travel_through_the_cluster(
    scheduler: tuple[str, object], folder: Path, tmp_path: Path
) -> None:
    gone = folder / "gone.mp4"  # cannot be sent on its way
    rows = run_batch([gone, folder], tmp_path / "out", SETTINGS, engine="dask", address=scheduler[0], ships=True)
    assert [row.status for row in rows] == ["failed", "done", "done", "failed"]
    assert rows[0].problem == f"{gone}: there is no such file; check the path"
    assert rows[3].problem.startswith(str(folder / "bad.mp4"))
    report = json.loads((tmp_path / "out" / "a" / "calf_roll" / "report.json").read_text(encoding="utf-8"))
    assert report["blocks"][0]["counted"]["repetitions"] == 4
    assert report["source"]["path"] == "calf_roll.mp4"  # as the pose log has it
