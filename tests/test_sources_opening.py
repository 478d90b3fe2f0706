"""Which decoder a file gets, what a file says of itself, and what is said about files that are none."""

from __future__ import annotations

import itertools
import math
import re
import sys
from pathlib import Path

import pytest
from conftest import MakeVideo
from hypothesis import given
from hypothesis import strategies as st

from formcheck.errors import SourceError
from formcheck.sources import open_source
from formcheck.sources.base import FrameClock
from formcheck.sources.content import content_mark
from formcheck.sources.opencv import OpenCvSource
from formcheck.sources.probe import recorded_at
from formcheck.sources.pyav import PyAvSource


def message_for(path: Path) -> str:
    with pytest.raises(SourceError) as caught, open_source(path) as source:
        list(source)
    text = str(caught.value)
    assert str(path) in text
    assert "\n" not in text
    return text


def test_ordinary_video_is_read_by_opencv(make_video: MakeVideo) -> None:
    with open_source(make_video()) as source:
        assert isinstance(source, OpenCvSource)


@pytest.mark.parametrize(("codec", "pixel_format"), [("libsvtav1", "yuv420p"), ("libx265", "yuv420p10le")])
def test_av1_and_ten_bit_are_read_by_pyav(make_video: MakeVideo, codec: str, pixel_format: str) -> None:
    with open_source(make_video(codec=codec, pixel_format=pixel_format, n_frames=12)) as source:
        assert isinstance(source, PyAvSource)
        assert sum(1 for _ in source) == 12
    assert source.complete


def test_missing_file_is_named(tmp_path: Path) -> None:
    assert "no such file" in message_for(tmp_path / "nothing.mp4")


@pytest.mark.parametrize("name", ["12:30.mp4", "a%03d.mp4", "-x.mp4"])
def test_names_that_are_no_addresses_and_no_patterns(
    name: str, make_video: MakeVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_video("plain.mp4", n_frames=12)
    path.rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    with open_source(Path(name)) as source:
        assert sum(1 for _ in source) == 12
        assert source.complete
    assert recorded_at(Path(name)) is not None


@pytest.mark.skipif(sys.platform != "linux", reason="every name is text there")
def test_name_that_is_no_text_is_read_by_pyav(make_video: MakeVideo, tmp_path: Path) -> None:
    path = make_video("plain.mp4", n_frames=12).rename(tmp_path / "R\udcfccken.mp4")
    with open_source(path) as source:
        assert isinstance(source, PyAvSource)
        assert sum(1 for _ in source) == 12
        assert source.complete
    assert recorded_at(path) is not None


def test_damaged_length_is_as_good_as_none(make_video: MakeVideo, tmp_path: Path) -> None:
    whole = make_video("plain.mkv", n_frames=12).read_bytes()
    told = re.search(rb"00:00:0\d\.\d{9}", whole)
    assert told is not None
    path = tmp_path / "odd.mkv"
    path.write_bytes(whole[: told.start()] + b"xx" + whole[told.start() + 2 :])
    with open_source(path) as source:
        assert sum(1 for _ in source) == 12


def test_content_tells_recordings_apart_and_not_copies(make_video: MakeVideo, tmp_path: Path) -> None:
    one = make_video("one.mp4")
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(one.read_bytes())
    assert content_mark(copy) == content_mark(one)
    data = bytearray(one.read_bytes())
    for place in (0, len(data) // 2, len(data) - 1):
        other = bytearray(data)
        other[place] ^= 1
        copy.write_bytes(other)
        assert content_mark(copy) != content_mark(one)
    copy.write_bytes(b"")
    assert content_mark(copy) not in (None, content_mark(one))
    assert content_mark(tmp_path / "none.mp4") is None


def test_folder_is_not_a_video(tmp_path: Path) -> None:
    assert "not a file" in message_for(tmp_path)


def test_zero_bytes_are_called_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert "empty" in message_for(tmp_path / "empty.mp4")


def test_text_is_not_a_video(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("hello\n" * 100)
    assert "not a video" in message_for(tmp_path / "text.mp4")


def test_text_with_its_own_name_is_not_a_video(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello\n" * 100)  # FFmpeg would play it as a terminal
    assert "not a video" in message_for(tmp_path / "notes.txt")


def test_picture_named_as_video_is_called_a_picture(still_picture: Path) -> None:
    assert "still picture" in message_for(still_picture)


def test_sound_without_pictures_is_called_so(sound_only: Path) -> None:
    assert "only sound" in message_for(sound_only)


def test_recording_without_its_index_is_called_cut_off(make_video: MakeVideo) -> None:
    path = make_video(n_frames=60)
    path.write_bytes(path.read_bytes()[:2000])  # the index of a plain MP4 stands at the end
    assert "cut off" in message_for(path)


@given(st.lists(st.none() | st.floats(-10, 10) | st.just(0.0), min_size=1), st.none() | st.floats(1, 240))
def test_frame_times_always_increase(raw: list[float | None], fps: float | None) -> None:
    clock = FrameClock(fps)
    times = [clock.next(value) for value in raw]
    assert times[0] == 0.0
    assert all(a < b for a, b in zip(times, times[1:], strict=False))
    assert all(math.isfinite(t) for t in times)


def test_one_repeated_time_does_not_shift_the_rest() -> None:
    clock = FrameClock(25)
    assert [clock.next(t) for t in (2.0, 2.04, 2.04, 2.12)] == pytest.approx([0, 0.04, 0.08, 0.12])


@pytest.mark.parametrize("n_alike", [2, 3])
def test_frames_that_share_their_times_are_spread_evenly(n_alike: int) -> None:
    clock = FrameClock(30)
    times = [clock.next((i if i < n_alike else i // n_alike * n_alike) / 30) for i in range(12)]
    assert times == pytest.approx([i / 30 for i in range(12)])


def test_a_frame_too_many_is_caught_up_with_in_steps_that_can_be_measured() -> None:
    clock = FrameClock(30)
    times = [clock.next(i / 30) for i in (0, 1, 2, 2, 3, 4, 5, 4, 6, 7)]
    assert times[-1] == pytest.approx(7 / 30)
    assert min(b - a for a, b in itertools.pairwise(times)) > 0.4 / 30


def test_times_that_begin_anew_go_on_at_the_files_rate() -> None:
    clock = FrameClock(10)
    times = [clock.next(5 + i / 10) for i in range(30)] + [clock.next(i / 10) for i in range(10)]
    assert times == pytest.approx([i / 10 for i in range(40)])
