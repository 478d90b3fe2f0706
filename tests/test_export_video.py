"""The annotated video: plays in browsers, keeps times and colours, appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from formcheck.errors import ExportError
from formcheck.export.video import AnnotatedVideoWriter

SIZE = (96, 64)


def picture(value: int, size_wh: tuple[int, int] = SIZE) -> np.ndarray:
    return np.full((size_wh[1], size_wh[0], 3), value, np.uint8)


def read(path: Path) -> list[tuple[float, np.ndarray]]:
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return [(float(frame.pts * frame.time_base), frame.to_ndarray(format="bgr24")) for frame in frames]


def test_uneven_frame_times_are_kept(tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.11, 0.15, 0.9, 1.5]
    with AnnotatedVideoWriter(tmp_path / "a.mp4", SIZE, 25.0) as writer:
        for time_s in times:
            writer.write(picture(100), time_s)
    assert [time for time, _ in read(tmp_path / "a.mp4")] == pytest.approx(times, abs=1e-4)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.duration / av.time_base >= 1.5
    assert writer.n_frames == len(times)


@pytest.mark.parametrize("times", [[0.0, 0.0, 0.0], [0.2, 0.1, 0.3]])
def test_times_that_do_not_rise_still_make_a_video_with_every_frame(tmp_path: Path, times: list[float]) -> None:
    with AnnotatedVideoWriter(tmp_path / "a.mp4", SIZE, 25.0) as writer:
        for time_s in times:
            writer.write(picture(100), time_s)
    found = [time for time, _ in read(tmp_path / "a.mp4")]
    assert len(found) == 3
    assert found == sorted(set(found))


def test_each_frame_shows_its_own_picture_although_buffers_are_reused(tmp_path: Path) -> None:
    image = picture(0)
    values = [20, 200, 60, 240, 120, 90, 30, 180] * 4
    with AnnotatedVideoWriter(tmp_path / "a.mp4", SIZE, 25.0) as writer:
        for i, value in enumerate(values):
            image[:] = value
            writer.write(image, i / 25)
    assert [round(float(shown.mean())) for _, shown in read(tmp_path / "a.mp4")] == pytest.approx(values, abs=4)


@pytest.mark.parametrize("size_wh", [(97, 64), (96, 65), (33, 35)])
def test_odd_sizes_are_padded_to_even_ones(tmp_path: Path, size_wh: tuple[int, int]) -> None:
    with AnnotatedVideoWriter(tmp_path / "a.mp4", size_wh, 25.0) as writer:
        writer.write(picture(100, size_wh), 0.0)
    height, width = read(tmp_path / "a.mp4")[0][1].shape[:2]
    assert (width, height) == (size_wh[0] + size_wh[0] % 2, size_wh[1] + size_wh[1] % 2)


def test_it_is_h264_that_browsers_play_and_start_at_once(tmp_path: Path) -> None:
    with AnnotatedVideoWriter(tmp_path / "a.mp4", SIZE, 25.0) as writer:
        writer.write(picture(100), 0.0)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.codec_context.profile == "High"
        assert (stream.codec_context.color_range, stream.codec_context.colorspace) == (1, 6)
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_colours_come_back_as_they_went_in(tmp_path: Path) -> None:
    colours = [(255, 255, 255), (0, 0, 0), (178, 114, 0), (0, 159, 230), (0, 94, 213), (128, 128, 128)]
    image = np.hstack([np.full((64, 32, 3), colour, np.uint8) for colour in colours])
    with AnnotatedVideoWriter(tmp_path / "a.mp4", (192, 64), 25.0) as writer:
        writer.write(image, 0.0)
    shown = cv2.VideoCapture(str(tmp_path / "a.mp4")).read()[1]
    for i, colour in enumerate(colours):
        assert shown[32, i * 32 + 16].tolist() == pytest.approx(colour, abs=6)


def test_a_block_that_raises_leaves_no_file_and_the_older_one_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"older")

    def break_off() -> None:
        with AnnotatedVideoWriter(path, SIZE, 25.0) as writer:
            writer.write(picture(100), 0.0)
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_video_without_frames_leaves_no_file(tmp_path: Path) -> None:
    with AnnotatedVideoWriter(tmp_path / "a.mp4", SIZE, float("nan")) as writer:
        assert writer.n_frames == 0
    assert not list(tmp_path.iterdir())


def test_the_file_has_no_name_before_it_is_whole(tmp_path: Path) -> None:
    with AnnotatedVideoWriter(tmp_path / "a.mp4", SIZE, 25.0) as writer:
        writer.write(picture(100), 0.0)
        assert not (tmp_path / "a.mp4").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_place_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "a.mp4"
    with (
        pytest.raises(ExportError, match=r"a\.mp4: cannot write .*--out"),
        AnnotatedVideoWriter(target, SIZE, 25.0),
    ):
        pass


def test_a_frame_of_another_size_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="96, 64"),
        AnnotatedVideoWriter(tmp_path / "a.mp4", SIZE, 25.0) as writer,
    ):
        writer.write(picture(0, (64, 96)), 0.0)
