"""Fixtures: small video files made on the spot, and the rule that nothing may log an error."""

from __future__ import annotations

import logging
import signal
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from formcheck.assets import find_sample
from formcheck.session import SessionResult, analyze

# Other work on the same machine must not turn a slow example into a failure.
PATIENT = [HealthCheck.too_slow]
settings.register_profile("formcheck", deadline=None, max_examples=50, derandomize=True, suppress_health_check=PATIENT)
settings.load_profile("formcheck")

MakeVideo = Callable[..., Path]

RED, GREEN, BLUE, GREY = (0, 0, 255), (0, 255, 0), (255, 0, 0), (128, 128, 128)  # BGR


@pytest.fixture(scope="session", autouse=True)
def _data_folder_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes what belongs to the person at this computer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORMCHECK_DATA_DIR", str(tmp_path_factory.mktemp("user-data")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """Tests that a shell started in the background are deaf to Ctrl-C, and so would be the programs they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without a history."""
    monkeypatch.setenv("FORMCHECK_DATA_DIR", str(tmp_path_factory.mktemp("user-data")))


@pytest.fixture(autouse=True)
def _no_error_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def corner_picture(index: int, size_wh: tuple[int, int]) -> np.ndarray:
    """Quarters in red, green, blue (top left, top right, bottom left) and a grey that tells the index."""
    width, height = size_wh
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = RED
    picture[: height // 2, width // 2 :] = GREEN
    picture[height // 2 :, : width // 2] = BLUE
    picture[height // 2 :, width // 2 :] = 40 + 4 * (index % 50)
    return picture


@pytest.fixture
def make_video(tmp_path: Path) -> MakeVideo:
    """A maker of synthetic clips: `make_video("a.mp4", n_frames=30, fps=30, codec="libx264")`."""

    def make(
        name: str = "clip.mp4",
        *,
        n_frames: int = 30,
        fps: int = 30,
        size_wh: tuple[int, int] = (96, 64),
        codec: str = "libx264",
        pixel_format: str = "yuv420p",
        times_ms: Sequence[int] | None = None,
        picture: Callable[[int, tuple[int, int]], np.ndarray] = corner_picture,
    ) -> Path:
        path = tmp_path / name
        quiet = {"libx265": {"x265-params": "log-level=none"}, "libx264": {"preset": "ultrafast", "bf": "2"}}
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=fps, options=quiet.get(codec, {}))
            stream.width, stream.height = size_wh
            stream.pix_fmt = pixel_format
            stream.gop_size = 10
            if times_ms is not None:
                stream.codec_context.time_base = Fraction(1, 1000)
            for index in range(n_frames):
                frame = av.VideoFrame.from_ndarray(picture(index, size_wh), format="bgr24")
                frame = frame.reformat(format=pixel_format)
                if times_ms is not None:
                    frame.pts, frame.time_base = times_ms[index], Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return make


@pytest.fixture
def sound_only(tmp_path: Path) -> Path:
    """An MP4 with a second of silence and no picture."""
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        silence.rate = 44100
        container.mux(stream.encode(silence))
        container.mux(stream.encode())
    return path


@pytest.fixture
def still_picture(tmp_path: Path) -> Path:
    """A PNG under the name of a video."""
    path = tmp_path / "picture.mp4"
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "rgb24"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode())
    return path


def set_rotation(path: Path, degrees: int) -> None:
    """Writes the rotation flag of an MP4 (clockwise quarter turns for display) into its track header."""
    cos, sin = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    one = 1 << 16
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 44  # ISO 14496-12, version 0: the matrix follows 40 bytes of header
    data[start : start + 36] = struct.pack(">9i", cos * one, sin * one, 0, -sin * one, cos * one, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


def move_index_to_front(path: Path) -> Path:
    """The same MP4 with its index before the pictures, so that a cut-off copy still opens."""
    front = path.with_name("front_" + path.name)
    with av.open(str(path)) as source, av.open(str(front), "w", options={"movflags": "faststart"}) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return front


def repeated(path: Path, n: int, target: Path) -> Path:
    """The same recording `n` times in a row, without coding it again."""
    with av.open(str(target), "w") as out:
        stream = None
        for i in range(n):
            with av.open(str(path)) as source:
                video = source.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                for packet in source.demux(video):
                    if packet.dts is not None and packet.pts is not None:
                        packet.dts += i * (video.duration or 0)
                        packet.pts += i * (video.duration or 0)
                        packet.stream = stream
                        out.mux(packet)
    return target


def cut_off(path: Path, share: float) -> Path:
    """A copy that ends after `share` of the bytes."""
    whole = move_index_to_front(path).read_bytes()
    cut = path.with_name("cut_" + path.name)
    cut.write_bytes(whole[: int(len(whole) * share)])
    return cut


def damage(path: Path) -> Path:
    """A copy whose second half is noise (index intact)."""
    data = bytearray(move_index_to_front(path).read_bytes())
    half = len(data) // 2
    data[half:] = np.random.default_rng(0).integers(0, 256, len(data) - half, dtype=np.uint8).tobytes()
    broken = path.with_name("damaged_" + path.name)
    broken.write_bytes(data)
    return broken


@dataclass(frozen=True)
class Analysed:
    """The sample recording after the whole job."""

    out_dir: Path
    result: SessionResult
    stages: list[tuple[str, int, int | None]]

    @property
    def folder(self) -> Path:
        return self.out_dir / "seated_cat_cow"


@pytest.fixture(scope="session")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    """The whole job on the sample recording, once for all tests that look at its results."""
    out_dir = tmp_path_factory.mktemp("results")
    stages: list[tuple[str, int, int | None]] = []
    result = analyze(find_sample(), out_dir=out_dir, progress=lambda *told: stages.append(told))
    return Analysed(out_dir, result, stages)


def empty_room(index: int, size_wh: tuple[int, int]) -> np.ndarray:
    """A wall and a floor, and nobody."""
    picture = np.full((size_wh[1], size_wh[0], 3), 190, np.uint8)
    picture[size_wh[1] * 2 // 3 :] = 110 + index % 2
    return picture
