"""Decoding in a thread: same frames, errors come out, no thread is left."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from conftest import MakeVideo

from formcheck.sources import open_source
from formcheck.sources.read_ahead import N_BUFFERS, read_ahead
from formcheck.types import Frame


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert not set(threading.enumerate()) - before


def endless() -> Iterator[Frame]:
    index = 0
    while True:
        yield Frame(index, index / 30, np.zeros((1, 1, 3), np.uint8))
        index += 1


def failing_after(n: int) -> Iterator[Frame]:
    for frame in endless():
        if frame.index == n:
            raise OSError("the disk went away")
        yield frame


def test_frames_are_those_of_the_source(make_video: MakeVideo) -> None:
    path = make_video(n_frames=30)
    with open_source(path) as source:
        expected = [(frame.index, frame.time_s, frame.image.sum()) for frame in source]
    with open_source(path, N_BUFFERS) as source, read_ahead(source) as frames:
        assert [(frame.index, frame.time_s, frame.image.sum()) for frame in frames] == expected
    assert source.complete


def test_picture_in_use_is_not_overwritten_while_the_thread_runs_ahead(make_video: MakeVideo) -> None:
    with open_source(make_video(n_frames=40), N_BUFFERS) as source, read_ahead(source) as frames:
        for frame in frames:
            before = frame.image.copy()
            if frame.index == 10:
                # The thread has now time to decode whatever it may: it is done when it waits for room.
                np.linalg.svd(np.random.default_rng(0).random((300, 300)))
            np.testing.assert_array_equal(frame.image, before)


def test_error_of_the_source_comes_out_after_the_frames_before_it() -> None:
    seen: list[int] = []
    with pytest.raises(OSError, match="the disk went away"), read_ahead(failing_after(7)) as frames:
        seen.extend(frame.index for frame in frames)
    assert seen == list(range(7))


def test_error_of_the_user_ends_the_thread() -> None:
    def fail_at_the_fifth() -> None:
        with read_ahead(endless()) as frames:
            for frame in frames:
                if frame.index == 5:
                    raise RuntimeError("the estimator failed")

    with pytest.raises(RuntimeError, match="the estimator failed"):
        fail_at_the_fifth()


def test_leaving_early_ends_the_thread() -> None:
    with read_ahead(endless()) as frames:
        assert next(frames).index == 0


def test_not_reading_at_all_ends_the_thread() -> None:
    with read_ahead(endless()):
        pass


def test_error_that_nobody_waited_for_does_not_block_the_end() -> None:
    with read_ahead(failing_after(1)) as frames:
        assert next(frames).index == 0
