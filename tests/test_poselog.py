"""Pose logs: what goes in comes out, and what is no pose log is called so."""

from __future__ import annotations

import pickle
import tracemalloc
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formcheck.errors import ExportError, SourceError
from formcheck.pages import KEPT, ROWS_A_PAGE
from formcheck.poselog import PoseLog
from formcheck.types import N_BACK_POINTS, Pose

SIZE_WH = (640, 480)


def make_pose(time_s: float, seed: int) -> Pose:
    rng = np.random.default_rng(seed)
    return Pose(
        time_s,
        rng.random((33, 3), np.float32),
        rng.random(33, np.float32),
        rng.standard_normal((33, 3), np.float32),
        SIZE_WH,
    )


def make_log(n: int, lost: frozenset[int] = frozenset()) -> tuple[PoseLog, list[Pose]]:
    poses = [Pose.nobody(i / 30, SIZE_WH) if i in lost else make_pose(i / 30, i) for i in range(n)]
    log = PoseLog({"source": "clip.mp4"})
    for pose in poses:
        log.append(pose)
    return log, poses


def assert_same_poses(a: list[Pose], b: list[Pose]) -> None:
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        assert x.time_s == y.time_s
        assert x.size_wh == y.size_wh
        for key in ("landmarks", "visibility", "world_m"):
            assert getattr(x, key).dtype == np.float32
            np.testing.assert_array_equal(getattr(x, key), getattr(y, key))


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {key: file[key] for key in file.files}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    make_log(5)[0].save(tmp_path / "poses.npz")
    return tmp_path / "poses.npz"


@given(st.integers(1, 40), st.sets(st.integers(0, 39)))
def test_poses_come_back_bit_for_bit(n: int, lost: set[int]) -> None:
    log, poses = make_log(n, frozenset(lost))
    assert_same_poses(list(log), poses)
    assert log.n_with_person == sum(pose.is_person for pose in poses)


ROW_BYTES = 8 + 4 * 33 * (3 + 1 + 3)  # times, landmarks, visibilities, world


def test_poses_survive_more_pages_than_one() -> None:
    log, poses = make_log(2 * ROWS_A_PAGE + 3)
    assert_same_poses(list(log), poses)


def test_saved_poses_come_back_bit_for_bit(tmp_path: Path) -> None:
    log, poses = make_log(20, frozenset({3, 4}))
    log.save(tmp_path / "poses.npz")
    loaded = PoseLog.load(tmp_path / "poses.npz")
    assert_same_poses(list(loaded), poses)
    assert loaded.meta == {"source": "clip.mp4"}
    assert [path.name for path in tmp_path.iterdir()] == ["poses.npz"]


def test_a_log_is_saved_without_a_copy_of_it(tmp_path: Path) -> None:
    log, _ = make_log(20 * ROWS_A_PAGE)
    tracemalloc.start()
    try:
        log.save(tmp_path / "poses.npz")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(log) * ROW_BYTES / 4  # the compressor's own memory, whatever the length


@pytest.mark.parametrize("n", [1, ROWS_A_PAGE, ROWS_A_PAGE + 1])
def test_a_saved_log_is_an_npz_that_numpy_reads(tmp_path: Path, n: int) -> None:
    log, poses = make_log(n)
    log.save(tmp_path / "poses.npz")
    arrays = arrays_of(tmp_path / "poses.npz")
    np.testing.assert_array_equal(arrays["time_s"], [pose.time_s for pose in poses])
    np.testing.assert_array_equal(arrays["landmarks"], [pose.landmarks for pose in poses])
    assert {key: arrays[key].tolist() for key in ("schema", "width", "height")} == {
        "schema": 1,
        "width": SIZE_WH[0],
        "height": SIZE_WH[1],
    }


def test_two_that_write_the_same_log_at_a_time_do_not_mix(tmp_path: Path) -> None:
    logs = [make_log(n)[0] for n in (50, 400)]
    for _ in range(3):
        threads = [Thread(target=log.save, args=(tmp_path / "poses.npz",)) for log in logs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(PoseLog.load(tmp_path / "poses.npz")) in (50, 400)
    assert [path.name for path in tmp_path.iterdir()] == ["poses.npz"]


def test_a_full_disk_leaves_the_older_log_and_nothing_half_done(tmp_path: Path, saved: Path) -> None:
    resource = pytest.importorskip("resource", reason="only Unix limits the size of a file")
    before = saved.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(ExportError, match="cannot be written"):
            make_log(50)[0].save(saved)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir()] == [saved.name]
    assert saved.read_bytes() == before


def test_the_back_comes_back_bit_for_bit_and_may_be_unknown(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    outline = rng.integers(-200, 8000, (N_BACK_POINTS, 2)).astype(np.int16)
    log = PoseLog()
    log.append(replace(make_pose(0.0, 0), back_curve_deg=np.float32(-31.7), back_outline=outline))
    log.append(make_pose(0.1, 1))
    log.append(make_pose(0.2, 2))
    log.note_back(2, np.float32(12.3), outline[::-1])
    log.save(tmp_path / "poses.npz")
    seen, unseen, noted = PoseLog.load(tmp_path / "poses.npz")
    assert seen.back_curve_deg == np.float32(-31.7)
    assert seen.back_outline is not None
    assert seen.back_outline.dtype == np.int16
    np.testing.assert_array_equal(seen.back_outline, outline)
    assert np.isnan(unseen.back_curve_deg)
    assert unseen.back_outline is None
    assert noted.back_curve_deg == np.float32(12.3)
    np.testing.assert_array_equal(noted.back_outline, outline[::-1])


def test_a_log_of_before_backs_were_kept_is_read(saved: Path) -> None:
    arrays = arrays_of(saved)
    del arrays["back_outline"]
    np.savez(saved, **arrays)
    assert all(pose.back_outline is None for pose in PoseLog.load(saved))


def test_what_nobody_looked_for_takes_no_memory_and_may_be_noted_later(tmp_path: Path) -> None:
    n = 3 * ROWS_A_PAGE
    log, poses = make_log(n)
    assert log.nbytes == n * ROW_BYTES
    log.note(ROWS_A_PAGE + 1, breath=0.25, breath_quality=0.5)
    log.note_back(ROWS_A_PAGE, 12.0, np.ones((N_BACK_POINTS, 2), np.int16))
    log.note_back(ROWS_A_PAGE, float("nan"), None)
    log.save(tmp_path / "poses.npz")
    for kept in (log, PoseLog.load(tmp_path / "poses.npz")):
        assert_same_poses(list(kept), poses)
        assert [i for i, pose in enumerate(kept) if pose.breath == pose.breath] == [ROWS_A_PAGE + 1]
        assert all(np.isnan(pose.back_curve_deg) and pose.back_outline is None and pose.ball is None for pose in kept)
    assert PoseLog.load(tmp_path / "poses.npz").nbytes < log.nbytes  # the page of the forgotten back


def test_a_log_sent_to_another_process_is_the_same() -> None:
    log, poses = make_log(ROWS_A_PAGE + 5)
    sent = pickle.loads(pickle.dumps(log))
    assert_same_poses(list(sent), poses)
    assert sent.nbytes == log.nbytes
    sent.append(make_pose(100.0, 1))
    sent.note(3, breath=0.5)
    assert [sent[i].breath for i in (2, 3, 4)] == pytest.approx([np.nan, 0.5, np.nan], nan_ok=True)


def test_a_long_log_does_not_stay_in_memory_and_comes_back_bit_for_bit(tmp_path: Path) -> None:
    log, poses = make_log(9 * ROWS_A_PAGE + 7)
    assert log.nbytes <= (KEPT + 1) * ROWS_A_PAGE * ROW_BYTES
    assert_same_poses(list(log), poses)
    assert_same_poses([log[i] for i in range(0, len(log), 311)][::-1], poses[::311][::-1])
    log.save(tmp_path / "poses.npz")
    loaded = PoseLog.load(tmp_path / "poses.npz")
    assert_same_poses(list(loaded), poses)
    assert_same_poses(list(pickle.loads(pickle.dumps(loaded))), poses)
    assert loaded.nbytes <= (KEPT + 2) * ROWS_A_PAGE * ROW_BYTES  # and the page that came back


def test_what_is_noted_long_afterwards_is_kept() -> None:
    log, poses = make_log(9 * ROWS_A_PAGE)
    noted = {i: i / 1000 for i in (5, ROWS_A_PAGE + 5, 6, 7 * ROWS_A_PAGE, 8 * ROWS_A_PAGE, 3 * ROWS_A_PAGE, 7)}
    for value in (0.5, None):
        for i, other in noted.items():
            log.note(i, breath=value or other)
    log.append(make_pose(1000.0, 1))
    log.note(6, breath=float("nan"))
    del noted[6]
    assert {i: log[i].breath for i in range(len(poses)) if log[i].breath == log[i].breath} == pytest.approx(noted)


def test_a_log_that_the_disk_does_not_take_stays_in_memory() -> None:
    resource = pytest.importorskip("resource", reason="only Unix limits the size of a file")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    try:
        log, poses = make_log(9 * ROWS_A_PAGE)
        assert_same_poses(list(log), poses)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert log.nbytes > 7 * ROWS_A_PAGE * ROW_BYTES


def test_less_than_two_kilobytes_are_kept_per_frame() -> None:
    log, _ = make_log(ROWS_A_PAGE + 1)  # just after growing: the worst moment
    assert log.nbytes / len(log) <= 2048


def test_a_pose_handed_out_is_not_changed_by_later_ones() -> None:
    log, poses = make_log(1)
    first = log[0]
    for i in range(1, 2 * ROWS_A_PAGE):
        log.append(make_pose(i / 30, i))
    assert_same_poses([first], poses)


def test_a_time_that_does_not_advance_is_refused() -> None:
    log, _ = make_log(2)
    with pytest.raises(ValueError, match="cannot follow"):
        log.append(make_pose(1 / 30, 0))


def test_log_of_another_program_without_remarks_is_read(saved: Path) -> None:
    arrays = arrays_of(saved)
    del arrays["meta"]
    np.savez(saved, **arrays)
    assert PoseLog.load(saved).meta == {}


def test_other_schema_is_named_with_what_to_do(saved: Path) -> None:
    np.savez(saved, **(arrays_of(saved) | {"schema": np.int64(2)}))
    with pytest.raises(SourceError, match=r"schema 2, expected 1; make the log again"):
        PoseLog.load(saved)


@pytest.mark.parametrize("key", ["schema", "time_s", "landmarks", "visibility", "world_m", "width", "height"])
def test_missing_array_is_named(saved: Path, key: str) -> None:
    arrays = arrays_of(saved)
    del arrays[key]
    np.savez(saved, **arrays)
    with pytest.raises(SourceError, match=key):
        PoseLog.load(saved)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("landmarks", np.zeros((5, 33, 2), np.float32)),
        ("visibility", np.zeros((4, 33), np.float32)),
        ("world_m", np.zeros((5, 17, 3), np.float32)),
        ("landmarks", np.full((5, 33, 3), "x")),
        ("width", np.int64(0)),
        ("height", np.array([480, 480])),
        ("time_s", np.array([0.0, 0.1, 0.1, 0.2, 0.3])),
        ("time_s", np.array([0.0, 0.1, np.nan, 0.2, 0.3])),
        ("time_s", np.zeros(0)),
        ("back_outline", np.zeros((5, N_BACK_POINTS, 3), np.int16)),
        ("back_outline", np.zeros((5, N_BACK_POINTS, 2), np.float32)),
    ],
)
def test_wrong_array_is_refused_in_one_sentence(saved: Path, key: str, value: np.ndarray) -> None:
    np.savez(saved, **(arrays_of(saved) | {key: value}))
    with pytest.raises(SourceError) as caught:
        PoseLog.load(saved)
    assert str(saved) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken"])
def test_what_is_no_npz_is_called_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(SourceError, match="not a pose log"):
        PoseLog.load(tmp_path / "a.npz")


def test_array_of_objects_is_not_unpickled(saved: Path) -> None:
    np.savez(saved, **(arrays_of(saved) | {"landmarks": np.array([{}], dtype=object)}))
    with pytest.raises(SourceError, match="not a pose log"):
        PoseLog.load(saved)


def test_missing_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        PoseLog.load(tmp_path / "none.npz")


def test_unwritable_place_is_an_export_error(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be written"):
        make_log(2)[0].save(tmp_path / "no folder" / "poses.npz")
