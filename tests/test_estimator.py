"""The real pose network on the sample clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from formcheck.assets import find_model, find_sample
from formcheck.errors import EstimatorError
from formcheck.estimators import PoseEstimator
from formcheck.estimators.mediapipe_pose import MediaPipePose
from formcheck.sources import open_source
from formcheck.types import Frame, Pose

N_FRAMES = 12
BUNDLES = ["pose_landmarker_full_fast.task", "pose_landmarker_full.task"]
ESTIMATORS: list[Callable[[], PoseEstimator]] = [lambda name=name: MediaPipePose(find_model(name)) for name in BUNDLES]


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    """The first frames of the sample clip, each with a picture of its own."""
    with open_source(find_sample()) as source:
        return [Frame(f.index, f.time_s, f.image.copy()) for f in islice(source, N_FRAMES)]


@pytest.fixture(params=ESTIMATORS, ids=BUNDLES)
def estimator(request: pytest.FixtureRequest) -> Iterator[PoseEstimator]:
    with request.param() as running:
        yield running


def estimate_all(frames: list[Frame], bundle: str = BUNDLES[0]) -> list[Pose]:
    with MediaPipePose(find_model(bundle)) as running:
        return [running.estimate(frame) for frame in frames]


def black(index: int, size_wh: tuple[int, int] = (320, 240)) -> Frame:
    return Frame(index, index / 30, np.zeros((size_wh[1], size_wh[0], 3), np.uint8))


def test_there_are_estimators_to_check() -> None:
    assert len(ESTIMATORS) == 2


def test_person_is_found_and_measured_in_plain_arrays(estimator: PoseEstimator, frames: list[Frame]) -> None:
    poses = [estimator.estimate(frame) for frame in frames]
    assert [pose.time_s for pose in poses] == [frame.time_s for frame in frames]
    last = poses[-1]
    assert last.is_person
    height, width = frames[-1].image.shape[:2]
    assert last.size_wh == (width, height)
    assert (last.landmarks.shape, last.visibility.shape, last.world_m.shape) == ((33, 3), (33,), (33, 3))
    assert {last.landmarks.dtype, last.visibility.dtype, last.world_m.dtype} == {np.dtype(np.float32)}
    assert all(array.base is None for array in (last.landmarks, last.visibility, last.world_m))
    head_to_foot_m = np.linalg.norm(last.world_m[0] - last.world_m[27])
    assert 0.7 < head_to_foot_m < 2.0


def test_nobody_in_the_picture_is_unknown_not_a_pose(estimator: PoseEstimator) -> None:
    pose = estimator.estimate(black(0))
    assert not pose.is_person
    assert np.isnan(pose.landmarks).all()
    assert np.isnan(pose.visibility).all()
    assert np.isnan(pose.world_m).all()


def test_frame_is_not_changed(estimator: PoseEstimator, frames: list[Frame]) -> None:
    before = frames[0].image.copy()
    estimator.estimate(frames[0])
    np.testing.assert_array_equal(frames[0].image, before)


def test_frames_within_one_millisecond_are_accepted(estimator: PoseEstimator) -> None:
    for i in range(3):
        frame = black(i)
        assert estimator.estimate(Frame(i, i * 1e-4, frame.image)).time_s == i * 1e-4


def test_nothing_is_written_to_the_error_stream(frames: list[Frame], capfd: pytest.CaptureFixture[str]) -> None:
    estimate_all(frames[:3])
    assert capfd.readouterr() == ("", "")


def test_both_bundles_give_the_same_landmarks(frames: list[Frame]) -> None:
    for fast, full in zip(estimate_all(frames), estimate_all(frames, BUNDLES[1]), strict=True):
        np.testing.assert_allclose(fast.landmarks, full.landmarks, atol=1e-6)
        np.testing.assert_allclose(fast.world_m, full.world_m, atol=1e-6)


def test_odd_width_does_not_shift_landmarks(frames: list[Frame]) -> None:
    narrow = [Frame(f.index, f.time_s, f.image[:, :-3]) for f in frames]
    whole, cut = estimate_all(frames)[-1], estimate_all(narrow)[-1]
    assert cut.size_wh == (whole.size_wh[0] - 3, whole.size_wh[1])
    seen = whole.visibility > 0.8
    assert np.median(np.abs(whole.xy_px - cut.xy_px)[seen]) < 2.0  # px: the network's own jitter


def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.task").write_bytes(b"no model")
    with pytest.raises(EstimatorError, match=r"a\.task: MediaPipe refuses this model") as caught:
        MediaPipePose(tmp_path / "a.task")
    assert "\n" not in str(caught.value)
