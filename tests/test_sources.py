"""One contract for every decoder of recordings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import MakeVideo, cut_off, damage, set_rotation

from formcheck.errors import SourceError
from formcheck.sources.base import Source
from formcheck.sources.opencv import OpenCvSource
from formcheck.sources.probe import probe
from formcheck.sources.pyav import PyAvSource

BACKENDS: list[type[Source]] = [OpenCvSource, PyAvSource]
QUADRANT_LEVEL_TOLERANCE = 12  # of 255: chroma subsampling and two different converters


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.__name__)
def backend(request: pytest.FixtureRequest) -> type[Source]:
    return request.param


def open_with(backend: type[Source], path: Path, n_buffers: int = 1) -> Source:
    return backend(path, probe(path), n_buffers)


def quadrant_centres(image: np.ndarray) -> list[tuple[int, ...]]:
    """Colours in the middle of the four quadrants, row by row."""
    height, width = image.shape[:2]
    return [tuple(map(int, image[y, x])) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]


def test_there_is_more_than_one_backend_to_compare() -> None:
    assert len(BACKENDS) >= 2


def test_every_frame_comes_once_in_order_with_its_time(backend: type[Source], make_video: MakeVideo) -> None:
    with open_with(backend, make_video(n_frames=40, fps=20)) as source:
        rows = [(frame.index, frame.time_s, int(frame.image[-8, -8, 0])) for frame in source]
    assert [index for index, _, _ in rows] == list(range(40))
    assert [time_s for _, time_s, _ in rows] == pytest.approx(np.arange(40) / 20, abs=1e-3)
    assert [level for _, _, level in rows] == pytest.approx([40 + 4 * i for i in range(40)], abs=6)
    assert source.complete
    assert source.problem is None


def test_frames_that_are_passed_over_count_and_keep_their_times(backend: type[Source], make_video: MakeVideo) -> None:
    times_ms = [500, 533, 566, 700, 900, 910, 1000, 1400]
    with open_with(backend, make_video(n_frames=8, fps=30, times_ms=times_ms)) as source:
        rows = [(frame.index, frame.time_s, int(frame.image[-8, -8, 0])) for frame in source.frames(first=5)]
    assert [index for index, _, _ in rows] == [5, 6, 7]
    assert [time_s for _, time_s, _ in rows] == pytest.approx([0.41, 0.5, 0.9], abs=2e-3)
    assert [level for _, _, level in rows] == pytest.approx([60, 64, 68], abs=6)
    assert source.complete


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [("a.mp4", "libx264", "yuv420p"), ("a.mkv", "libx264", "yuv420p"), ("a.avi", "mjpeg", "yuvj420p")],
)
def test_going_to_the_middle_gives_what_reading_up_to_it_gives(
    make_video: MakeVideo, monkeypatch: pytest.MonkeyPatch, name: str, codec: str, pixels: str
) -> None:
    times_ms = [500 + 33 * i + 70 * (i // 20) for i in range(60)] if name != "a.avi" else None
    path = make_video(name, n_frames=60, codec=codec, pixel_format=pixels, times_ms=times_ms)
    n_passed_over = 0
    pass_over = OpenCvSource._pass_over

    def counted(source: OpenCvSource) -> tuple[bool, float | None]:
        nonlocal n_passed_over
        n_passed_over += 1
        return pass_over(source)

    with open_with(OpenCvSource, path) as source:
        read = [(frame.index, frame.time_s, frame.image.copy()) for frame in source][45:]
    monkeypatch.setattr(OpenCvSource, "_pass_over", counted)
    with open_with(OpenCvSource, path) as source:
        gone_to = [(frame.index, frame.time_s, frame.image.copy()) for frame in source.frames(first=45)]
        assert source.complete
    assert n_passed_over < 20  # one group of pictures and a little
    assert [index for index, _, _ in gone_to] == list(range(45, 60))
    assert [time_s for _, time_s, _ in gone_to] == pytest.approx([time_s for _, time_s, _ in read], abs=1e-9)
    assert all(np.array_equal(one, other) for (_, _, one), (_, _, other) in zip(gone_to, read, strict=True))


def test_a_file_whose_times_repeat_is_read_up_to_the_middle(make_video: MakeVideo) -> None:
    path = make_video("a.mkv", n_frames=30, times_ms=[40 * (i // 2) for i in range(30)])
    with open_with(OpenCvSource, path) as source:
        read = [(frame.index, frame.time_s) for frame in source][20:]
    with open_with(OpenCvSource, path) as source:
        assert [(frame.index, frame.time_s) for frame in source.frames(first=20)] == read
        assert source.complete


def test_header_is_told_before_reading(backend: type[Source], make_video: MakeVideo) -> None:
    with open_with(backend, make_video(n_frames=40, fps=20)) as source:
        assert source.size_wh == (96, 64)
        assert source.fps_hint == pytest.approx(20)
        assert source.n_frames_hint == 40
        assert source.duration_hint_s == pytest.approx(2.0, abs=0.06)
        assert not source.complete


def test_times_come_from_the_file_when_the_frame_rate_varies(backend: type[Source], make_video: MakeVideo) -> None:
    times_ms = [500, 533, 566, 700, 900, 910, 1000, 1400]  # the first frame is the start of time
    with open_with(backend, make_video(n_frames=8, fps=30, times_ms=times_ms)) as source:
        times_s = [frame.time_s for frame in source]
    assert times_s == pytest.approx([(t - 500) / 1000 for t in times_ms], abs=2e-3)
    assert source.complete


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_pictures_are_upright_whatever_the_rotation_flag(
    backend: type[Source], make_video: MakeVideo, degrees: int
) -> None:
    upright = ["red", "green", "blue", "grey"]  # as painted, row by row
    clockwise = {
        0: upright,
        90: ["blue", "red", "grey", "green"],
        180: ["grey", "blue", "green", "red"],
        270: ["green", "grey", "red", "blue"],
    }[degrees]
    path = make_video()
    set_rotation(path, degrees)
    with open_with(backend, path) as source:
        frame = next(iter(source))
        assert source.size_wh == ((96, 64) if degrees % 180 == 0 else (64, 96))
    assert frame.image.shape == (source.size_wh[1], source.size_wh[0], 3)
    colours = {"red": (0, 0, 255), "green": (0, 255, 0), "blue": (255, 0, 0), "grey": (40, 40, 40)}
    for seen, name in zip(quadrant_centres(frame.image), clockwise, strict=True):
        assert seen == pytest.approx(colours[name], abs=QUADRANT_LEVEL_TOLERANCE)


@pytest.mark.parametrize("flag", [0, 90])
def test_a_turn_that_is_told_goes_before_the_flag(backend: type[Source], make_video: MakeVideo, flag: int) -> None:
    path = make_video()
    set_rotation(path, flag)
    seen = {}
    for turn in (0, 90, 180, 270):
        with backend(path, probe(path), 1, turn) as source:
            assert source.size_wh == ((96, 64) if turn % 180 == 0 else (64, 96))
            seen[turn] = quadrant_centres(next(iter(source)).image)
    red = (0, 0, 255)  # painted top left; a turn clockwise takes it on to the next corner
    for turn, corner in {0: 0, 90: 1, 180: 3, 270: 2}.items():
        assert seen[turn][corner] == pytest.approx(red, abs=QUADRANT_LEVEL_TOLERANCE)


@pytest.mark.parametrize("degrees", [0, 90])
def test_buffers_are_reused_and_stay_valid_as_long_as_promised(
    backend: type[Source], make_video: MakeVideo, degrees: int
) -> None:
    path = make_video(n_frames=12)
    set_rotation(path, degrees)
    with open_with(backend, path, n_buffers=3) as source:
        held: list[np.ndarray] = []
        addresses = set()
        levels = []
        for frame in source:
            addresses.add(frame.image.ctypes.data)
            held = [*held, frame.image][-3:]
            levels.append([int(image.max(axis=2).min()) for image in held])
    assert len(addresses) == 3
    assert levels[5] == pytest.approx([40 + 4 * i for i in (3, 4, 5)], abs=8)


def test_cut_off_recording_gives_what_was_there_and_says_so(backend: type[Source], make_video: MakeVideo) -> None:
    whole = make_video(n_frames=120, size_wh=(160, 120), picture=noisy_picture)
    with open_with(backend, cut_off(whole, 0.5)) as source:
        n_read = sum(1 for _ in source)
    assert 30 < n_read < 90
    assert not source.complete
    assert source.problem is not None
    assert "damaged" in source.problem


def test_corrupt_recording_gives_what_was_there_and_says_so(backend: type[Source], make_video: MakeVideo) -> None:
    whole = make_video(n_frames=120, size_wh=(160, 120), picture=noisy_picture)
    with open_with(backend, damage(whole)) as source:
        n_read = sum(1 for _ in source)
    assert n_read > 30
    assert not source.complete
    assert source.problem is not None
    assert "damaged" in source.problem


READ_ALL = """
import sys
from pathlib import Path
from formcheck.sources import {module}
from formcheck.sources.probe import probe
path = Path(sys.argv[1])
with {module}.{backend}(path, probe(path), 1) as source:
    print(sum(1 for _ in source))
"""


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_zeros_inside_a_picture_that_can_still_be_decoded_are_told(
    backend: type[Source], codec: str, make_video: MakeVideo
) -> None:
    import av

    clip = make_video(codec=codec, size_wh=(320, 240), picture=noisy)
    with open_with(backend, clip) as source:
        assert len(list(source)) == 30
        assert source.complete
    data = bytearray(clip.read_bytes())
    with av.open(str(clip)) as container:
        packet = max((p for p in container.demux(video=0) if p.size), key=lambda packet: packet.size)
        assert packet.pos is not None
        middle = packet.pos + packet.size // 2
    data[middle : middle + 64] = bytes(64)
    clip.write_bytes(data)
    with open_with(backend, clip) as source:
        assert len(list(source)) == 30
        assert not source.complete
        assert source.problem == "the recording is damaged: a picture could not be read or only in part"


def test_what_comes_behind_damaged_pictures_is_read(backend: type[Source], make_video: MakeVideo) -> None:
    import av

    clip = make_video(n_frames=120, size_wh=(320, 240), picture=noisy)
    with av.open(str(clip)) as container:
        begin, end = [p.pos for p in container.demux(video=0) if p.size][40:43:2]
    assert begin is not None
    assert end is not None
    data = bytearray(clip.read_bytes())
    data[begin:end] = np.random.default_rng(0).integers(0, 256, end - begin, dtype=np.uint8).tobytes()
    clip.write_bytes(data)
    with open_with(backend, clip) as source:
        times_s = [frame.time_s for frame in source]
        assert times_s[-1] == pytest.approx(119 / 30, abs=0.001)
        assert 110 <= len(times_s) < 120
        assert not source.complete
        assert "could not be read or only in part" in (source.problem or "")


def noisy(index: int, size_wh: tuple[int, int]) -> np.ndarray:
    """Pictures that take some bytes."""
    noise = np.random.default_rng(index).integers(0, 256, (size_wh[1] // 8, size_wh[0] // 8, 3), np.uint8)
    return np.ascontiguousarray(noise.repeat(8, axis=0).repeat(8, axis=1))


def test_damage_is_told_by_the_source_and_not_scattered_over_the_terminal(
    backend: type[Source], make_video: MakeVideo
) -> None:
    # In a process of its own: the decoder's log level holds for a whole process from its first use on.
    whole = make_video(n_frames=120, size_wh=(160, 120), picture=noisy_picture)
    script = READ_ALL.format(module=backend.__module__.rpartition(".")[2], backend=backend.__name__)
    run = subprocess.run([sys.executable, "-c", script, damage(whole)], capture_output=True, text=True, timeout=600)
    assert run.stderr == ""
    assert int(run.stdout) > 30


def test_recording_left_half_way_is_not_complete(backend: type[Source], make_video: MakeVideo) -> None:
    with open_with(backend, make_video()) as source:
        next(iter(source))
    assert not source.complete


def test_closing_twice_is_harmless(backend: type[Source], make_video: MakeVideo) -> None:
    source = open_with(backend, make_video())
    source.close()
    source.close()


def test_path_with_blanks_and_umlauts_opens(backend: type[Source], make_video: MakeVideo) -> None:
    with open_with(backend, make_video("Übung am Morgen.mp4", n_frames=5)) as source:
        assert sum(1 for _ in source) == 5


def test_raw_stream_without_times_is_spaced_evenly(backend: type[Source], make_video: MakeVideo) -> None:
    with open_with(backend, make_video("raw.h264", n_frames=10)) as source:
        assert source.n_frames_hint is None
        times_s = [frame.time_s for frame in source]
    assert np.diff(times_s) == pytest.approx(np.full(9, 1 / 25), abs=1e-3)  # FFmpeg's rate for raw streams


def test_size_change_half_way_keeps_the_promised_size(backend: type[Source], make_video: MakeVideo) -> None:
    path = make_video("raw.h264", n_frames=5)
    path.write_bytes(path.read_bytes() + make_video("small.h264", n_frames=5, size_wh=(48, 32)).read_bytes())
    with open_with(backend, path) as source:
        corners = [quadrant_centres(frame.image)[0] for frame in source]
        assert source.size_wh == (96, 64)
    assert len(corners) >= 9
    assert corners[-1] == pytest.approx((0, 0, 255), abs=QUADRANT_LEVEL_TOLERANCE)


def test_sound_that_outlasts_the_pictures_is_no_damage(backend: type[Source], make_video: MakeVideo) -> None:
    path = with_sound(make_video(n_frames=10, fps=10), seconds=4)
    with open_with(backend, path) as source:
        assert sum(1 for _ in source) == 10
    assert source.complete


def test_backends_show_the_same_picture(make_video: MakeVideo) -> None:
    path = make_video(n_frames=3)
    with open_with(OpenCvSource, path) as a, open_with(PyAvSource, path) as b:
        for x, y in zip(a, b, strict=True):
            difference = np.abs(x.image.astype(int) - y.image)
            assert np.median(difference) <= 3


def noisy_picture(index: int, size_wh: tuple[int, int]) -> np.ndarray:
    """Noise, so that every frame takes about the same space in the file."""
    return np.random.default_rng(index).integers(0, 256, (size_wh[1], size_wh[0], 3), dtype=np.uint8)


def with_sound(video: Path, seconds: int) -> Path:
    """The same pictures in a file with silence of another length."""
    import av

    path = video.with_name("sound_" + video.name)
    with av.open(str(video)) as source, av.open(str(path), "w") as target:
        pictures = target.add_stream_from_template(source.streams.video[0])
        sound = target.add_stream("aac", rate=44100)
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = pictures
                target.mux(packet)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 44100 * seconds), np.float32), format="fltp", layout="mono")
        silence.rate = 44100
        target.mux(sound.encode(silence))
        target.mux(sound.encode())
    return path


def test_empty_list_of_frames_is_an_error_not_a_report(make_video: MakeVideo) -> None:
    # OpenCV opens AV1 and gives no frame: that must not look like an empty recording.
    path = make_video("av1.mp4", codec="libsvtav1", n_frames=5)
    with OpenCvSource(path, probe(path), 1) as source, pytest.raises(SourceError, match="no picture"):
        list(source)
