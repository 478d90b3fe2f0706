"""Any file a person may give: every kind is read as it is, or answered by one sentence and the right exit status.

The clips show a person (a few pictures of the sample recording), made with PyAV when the tests run. What is read of
a good file is proved by the person: found, upright, in every picture, at the times the file tells.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from conftest import damage, move_index_to_front, set_rotation
from typer.testing import CliRunner, Result

from formcheck.assets import find_sample
from formcheck.cli import app
from formcheck.poselog import PoseLog
from formcheck.skeleton import INDEX
from formcheck.sources import open_source
from formcheck.sources.opencv import OpenCvSource
from formcheck.sources.pyav import PyAvSource

FILES = {"report.json", "report.html", "reps.csv", "holds.csv", "angles.csv", "events.jsonl", "poses.npz"}
N_FRAMES = 6
HLG = {"color_primaries": 9, "color_trc": 18, "colorspace": 9, "color_range": 1}  # BT.2020 with the HLG curve
QUIET = {
    "libx265": {"x265-params": "log-level=none:pools=1:frame-threads=1", "preset": "ultrafast"},
    "libx264": {"preset": "ultrafast"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"preset": "12", "svtav1-params": "lp=1"},
}


@dataclass(frozen=True)
class Clip:
    """How to make a recording of a person.

    Attributes:
        turned: how far the stored pictures are turned anticlockwise, and the flag says to turn them back.
        has_flag: whether it does say so.
        times_ms: when each picture was taken; None for evenly by the rate.
    """

    name: str = "clip.mp4"
    codec: str = "libx264"
    pixels: str = "yuv420p"
    size_wh: tuple[int, int] = (320, 240)
    fps: int = 30
    n: int = N_FRAMES
    turned: int = 0
    has_flag: bool = True
    times_ms: Sequence[int] | None = None
    with_sound: bool = False
    colours: dict[str, int] = field(default_factory=dict)
    format: str | None = None

    @property
    def times_s(self) -> list[float]:
        """From the first picture on."""
        times = self.times_ms or [1000 * i / self.fps for i in range(self.n)]
        return [(t - times[0]) / 1000 for t in times]


@cache
def person() -> list[np.ndarray]:
    """A few pictures of the sample recording."""
    with open_source(find_sample()) as source:
        return [frame.image.copy() for _, frame in zip(range(N_FRAMES), source, strict=False)]


def picture(i: int, size_wh: tuple[int, int]) -> np.ndarray:
    """The person, whole and undistorted, in a picture of any shape."""
    image = person()[i % N_FRAMES]
    scale = min(size_wh[0] / image.shape[1], size_wh[1] / image.shape[0])
    small = cv2.resize(image, None, fx=scale, fy=scale)[: size_wh[1], : size_wh[0]]
    below, right = size_wh[1] - small.shape[0], size_wh[0] - small.shape[1]
    return np.asarray(cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)


def made(clip: Clip, folder: Path) -> Path:
    """The file."""
    path = folder / clip.name
    stored_wh = clip.size_wh if clip.turned % 180 == 0 else clip.size_wh[::-1]
    with av.open(str(path), "w", format=clip.format) as container:
        stream: Any = container.add_stream(clip.codec, rate=clip.fps, options=QUIET.get(clip.codec, {}))
        stream.width, stream.height = stored_wh
        stream.pix_fmt, stream.gop_size = clip.pixels, 10
        for name, value in clip.colours.items():
            setattr(stream.codec_context, name, value)
        if clip.times_ms is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        sound: Any = container.add_stream("aac", rate=44100) if clip.with_sound else None
        for i in range(clip.n):
            stored = np.ascontiguousarray(np.rot90(picture(i, clip.size_wh), clip.turned // 90))
            frame = av.VideoFrame.from_ndarray(stored, format="bgr24").reformat(format=clip.pixels)
            if clip.times_ms is not None:
                frame.pts, frame.time_base = clip.times_ms[i], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if sound is not None:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
            silence.rate = 44100
            container.mux(sound.encode(silence))
            container.mux(sound.encode())
    if clip.turned and clip.has_flag:
        set_rotation(path, clip.turned)
    return path


def analyze(source: Path, out: Path, *more: str) -> Result:
    arguments = ["analyze", str(source), "--exercise", "seated_cat_cow", "--out", str(out), "--no-history", *more]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})


def says(result: Result, status: int, *words: str) -> str:
    """The one line on the error stream, where there must be exactly one."""
    assert result.exit_code == status, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("formcheck: ")
    assert len(line) < 500
    for word in words:
        assert word in line
    return line


def whole_files(folder: Path) -> set[str]:
    """Names in a folder, none of them a leftover of something begun."""
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    assert not [name for name in names if "part" in name]
    return names


# -- recordings that work ---------------------------------------------------------------------------------------------

GOOD = {
    "ordinary": Clip(),
    **{
        f"turned {turned} {ending}": Clip(f"turned.{ending}", turned=turned)
        for turned in (90, 180, 270)
        for ending in ("mp4", "mov")
    },
    "variable frame rate": Clip(times_ms=(500, 533, 566, 700, 900, 917)),
    "uneven, in Matroska": Clip("clip.mkv", times_ms=(0, 16, 50, 66, 400, 433)),
    "HEVC": Clip("hevc.mp4", "libx265"),
    "HEVC, 10 bit": Clip("hevc10.mov", "libx265", "yuv420p10le"),
    "HDR (HLG), 1080p": Clip("hdr.mov", "libx265", "yuv420p10le", (1920, 1080), n=3, colours=HLG),
    "HDR (HLG), 1080p, upright": Clip("hdr.mov", "libx265", "yuv420p10le", (1080, 1920), n=3, turned=90, colours=HLG),
    "AV1": Clip("av1.mp4", "libsvtav1"),
    "AV1, 10 bit, WebM": Clip("av1.webm", "libsvtav1", "yuv420p10le"),
    "VP8": Clip("vp8.webm", "libvpx"),
    "VP9": Clip("vp9.webm", "libvpx-vp9"),
    "ProRes": Clip("prores.mov", "prores_ks", "yuv422p10le"),
    "MJPEG": Clip("camera.avi", "mjpeg", "yuvj420p"),
    "MPEG-2": Clip("old.mpg", "mpeg2video", fps=25),
    "transport stream": Clip("recorder.ts", fps=25),
    "240 a second": Clip("slow.mp4", fps=240, n=12),
    "4K": Clip("4k.mp4", size_wh=(3840, 2160), n=2),
    "upright": Clip("upright.mp4", size_wh=(240, 320)),
    "width no multiple of 4": Clip("odd.mp4", size_wh=(322, 242)),
    "odd width and height": Clip("odd.mkv", "ffv1", "yuv444p", size_wh=(321, 241)),
    "with sound": Clip("sound.mp4", with_sound=True, n=30),
    "one picture": Clip("short.mp4", n=1),
    "two pictures": Clip("short.mp4", n=2),
    "wrong ending, a video's": Clip("wrong.avi", format="mp4"),
    "wrong ending, none of a video": Clip("wrong.txt", format="mp4"),
    "no ending": Clip("recording", format="mp4"),
    "blanks and umlauts": Clip("Übung am  Morgen (1) – früh.mp4"),
    "percent and quotes": Clip("50%d 'good' %s.mp4"),
    "like an option": Clip("-v.mp4"),
}
DRAWN = ("turned 90 mp4", "odd width and height", "HDR (HLG), 1080p, upright", "one picture", "percent and quotes")


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_recording_is_read_upright_and_whole(kind: str, tmp_path: Path) -> None:
    clip = GOOD[kind]
    path = made(clip, tmp_path)
    result = analyze(path, tmp_path / "out", "--video" if kind in DRAWN else "--no-video")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    folder = tmp_path / "out" / path.stem
    assert whole_files(folder) == FILES | ({"annotated.mp4"} if kind in DRAWN else set())
    log = PoseLog.load(folder / "poses.npz")
    assert log.size_wh == clip.size_wh
    assert log.time_s == pytest.approx(clip.times_s, abs=0.002)
    assert_upright_person(log)
    if kind in DRAWN:
        with open_source(folder / "annotated.mp4") as drawn:
            assert drawn.size_wh == tuple(n + n % 2 for n in clip.size_wh)
            assert [frame.time_s for frame in drawn] == pytest.approx(clip.times_s, abs=0.002)


def assert_upright_person(log: PoseLog) -> None:
    assert log.n_with_person == len(log)
    for pose in log:
        nose, hip, ankle = (pose.landmarks[INDEX[name], 1] for name in ("nose", "left_hip", "left_ankle"))
        assert nose < hip < ankle


@pytest.mark.parametrize(
    ("kind", "decoder"),
    [
        ("ordinary", OpenCvSource),
        ("HEVC", OpenCvSource),
        ("VP9", OpenCvSource),
        ("HDR (HLG), 1080p", PyAvSource),
        ("AV1", PyAvSource),
        ("ProRes", PyAvSource),
    ],
)
def test_what_one_decoder_does_badly_goes_to_the_other(kind: str, decoder: type, tmp_path: Path) -> None:
    with open_source(made(GOOD[kind], tmp_path)) as source:
        assert isinstance(source, decoder)


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_lost_flag_is_made_up_for_by_rotate(turned: int, tmp_path: Path) -> None:
    path = made(Clip(turned=turned, has_flag=False), tmp_path)
    result = analyze(path, tmp_path / "out", "--video", "--rotate", str(turned))
    assert result.exit_code == 0, result.output
    folder = tmp_path / "out" / "clip"
    log = PoseLog.load(folder / "poses.npz")
    assert log.meta["rotate_deg"] == turned
    assert log.size_wh == (320, 240)
    assert_upright_person(log)
    with open_source(folder / "annotated.mp4") as drawn:
        assert drawn.size_wh == (320, 240)
        shown = next(iter(drawn)).image.astype(int)
    expected = picture(0, (320, 240)).astype(int)
    assert np.median(np.abs(shown - expected)) < 20 < np.median(np.abs(shown[::-1, ::-1] - expected))


def test_a_wrong_flag_is_ignored_by_rotate_0(tmp_path: Path) -> None:
    path = made(Clip(), tmp_path)
    set_rotation(path, 90)
    assert analyze(path, tmp_path / "out", "--no-video", "--rotate", "0").exit_code == 0
    assert_upright_person(PoseLog.load(tmp_path / "out" / "clip" / "poses.npz"))


@pytest.mark.parametrize("turn", ["45", "360", "-90"])
def test_other_turns_are_refused(turn: str, tmp_path: Path) -> None:
    says(analyze(made(Clip(), tmp_path), tmp_path / "out", "--rotate", turn), 2, "0, 90, 180 or 270")


# -- recordings that are damaged --------------------------------------------------------------------------------------


def long_clip(folder: Path, name: str = "long.mp4", **changes: Any) -> Path:
    return made(Clip(name, n=60, **changes), folder)


def torn_out(path: Path) -> Path:
    """A copy with noise in the middle fifth; the index before it and the pictures after it are sound."""
    has_index = path.suffix in (".mp4", ".mov")
    data = bytearray((move_index_to_front(path) if has_index else path).read_bytes())
    start, end = len(data) * 2 // 5, len(data) * 3 // 5
    data[start:end] = np.random.default_rng(0).integers(0, 256, end - start, dtype=np.uint8).tobytes()
    torn = path.with_name("torn_" + path.name)
    torn.write_bytes(data)
    return torn


def cut(path: Path) -> Path:
    data = move_index_to_front(path).read_bytes()
    path.with_name("cut_" + path.name).write_bytes(data[: len(data) // 2])
    return path.with_name("cut_" + path.name)


DAMAGED = [
    *((harm, "long.mp4", codec) for harm in (torn_out, cut, damage) for codec in ("libx264", "libx265")),
    (torn_out, "long.mov", "mjpeg"),
    (torn_out, "long.mkv", "libx264"),
    (torn_out, "long.ts", "libx264"),
]


@pytest.mark.parametrize(("harm", "name", "codec"), DAMAGED)
def test_a_damaged_recording_gives_what_can_be_read_and_status_3(
    harm: Any, name: str, codec: str, tmp_path: Path
) -> None:
    whole = long_clip(tmp_path, name, codec=codec, pixels="yuvj420p" if codec == "mjpeg" else "yuv420p")
    result = analyze(harm(whole), tmp_path / "out", "--no-video")
    assert result.exit_code == 3, result.output
    assert result.stderr == ""
    (told,) = [line for line in result.stdout.splitlines() if "could be read" in line]
    assert "damaged" in told
    (folder,) = (tmp_path / "out").iterdir()
    assert whole_files(folder) == FILES
    log = PoseLog.load(folder / "poses.npz")
    assert 5 < len(log) <= 60
    assert log.n_with_person > 3


def test_a_recording_that_grows_while_it_is_read_gives_what_was_there(tmp_path: Path) -> None:
    data = long_clip(tmp_path, "long.ts", fps=25).read_bytes()
    growing = tmp_path / "growing.ts"
    growing.write_bytes(data[: len(data) // 2])

    def grow() -> None:
        with growing.open("ab") as file:
            for i in range(len(data) // 2, len(data), 4096):
                file.write(data[i : i + 4096])
                file.flush()

    thread = threading.Thread(target=grow)
    thread.start()
    result = analyze(growing, tmp_path / "out", "--video")
    thread.join()
    assert result.exit_code in (0, 3), result.output
    assert whole_files(tmp_path / "out" / "growing") == FILES | {"annotated.mp4"}
    log = PoseLog.load(tmp_path / "out" / "growing" / "poses.npz")
    assert 10 < len(log) <= 60
    assert log.n_with_person == len(log)


# -- what is no recording ---------------------------------------------------------------------------------------------


def a_file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def empty_folder(path: Path) -> Path:
    path.mkdir()
    return path


def link_to_nowhere(path: Path) -> Path:
    path.symlink_to(path.with_name("gone.mp4"))
    return path


def link_to_itself(path: Path) -> Path:
    path.symlink_to(path)
    return path


def png(path: Path) -> Path:
    return a_file(path, cv2.imencode(".png", picture(0, (64, 64)))[1].tobytes())


def jpeg(path: Path) -> Path:
    return a_file(path, cv2.imencode(".jpg", picture(0, (64, 64)))[1].tobytes())


def without_index(path: Path) -> Path:
    made(Clip(path.name), path.parent)
    return a_file(path, path.read_bytes()[:3000])


NO_RECORDING = {
    "zero bytes": (lambda p: a_file(p, b""), "x.mp4", "empty"),
    "zeros": (lambda p: a_file(p, bytes(5000)), "x.mp4", "not a video"),
    "noise": (lambda p: a_file(p, np.random.default_rng(1).bytes(20_000)), "x.mp4", "not a video"),
    "text": (lambda p: a_file(p, b"hello\n" * 500), "x.mp4", "not a video"),
    "PNG": (png, "x.mp4", "still picture"),
    "JPEG": (jpeg, "x.mp4", "still picture"),
    "no index": (without_index, "x.mp4", "cut off"),
    "one byte": (lambda p: a_file(p, b"\0"), "x.mp4", "not a video"),
    "missing": (lambda p: p, "x.mp4", "no such file"),
    "folder": (empty_folder, "x.mp4", "no recordings in this folder"),
    "FIFO": (fifo, "x.mp4", "not a file"),
    "FIFO in place of a pose log": (fifo, "x.npz", "not a file"),
    "link to nowhere": (link_to_nowhere, "x.mp4", "no such file"),
    "link to itself": (link_to_itself, "x.mp4", ""),
    "missing pose log": (lambda p: p, "x.npz", "cannot be read"),
    "empty pose log": (lambda p: a_file(p, b""), "x.npz", "not a pose log"),
    "name that is too long": (lambda p: p.with_name("x" * 300 + ".mp4"), "x.mp4", ""),
    "playlist": (lambda p: a_file(p, b"#EXTM3U\n#EXTINF:1,\nhttp://192.0.2.1/a.ts\n"), "x.m3u8", "not a video"),
    "list of files": (lambda p: a_file(p, b"ffconcat version 1.0\nfile /etc/passwd\n"), "x.mp4", "not a video"),
}


@pytest.mark.parametrize("kind", NO_RECORDING)
def test_what_is_no_recording_is_answered_by_one_sentence(kind: str, tmp_path: Path) -> None:
    make, name, words = NO_RECORDING[kind]
    (tmp_path / "in").mkdir()
    path = make(tmp_path / "in" / name)
    says(analyze(path, tmp_path / "out"), 2, words, path.name[:100])
    assert not (tmp_path / "out").exists()


# -- places that cannot be written ------------------------------------------------------------------------------------


@contextlib.contextmanager
def as_somebody() -> Iterator[None]:
    """Not as root, who may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_must_not_be_written_is_named_before_anything_is_read(tmp_path: Path) -> None:
    result = analyze(made(Clip(n=1), tmp_path), tmp_path / "before", "--no-video")  # loads all that is needed
    assert result.exit_code == 0
    folder = Path(tempfile.mkdtemp())
    try:
        shutil.copy(tmp_path / "clip.mp4", folder)
        (folder / "out").mkdir(mode=0o555)
        folder.chmod(0o755)
        with as_somebody():
            result = analyze(folder / "clip.mp4", folder / "out")
        says(result, 2, "cannot write here", "--out")
        assert not list((folder / "out").iterdir())
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def room_for(n_bytes: int) -> Iterator[None]:
    """No file can grow beyond this: what a full disk does, without a disk of one's own."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
@pytest.mark.parametrize("n_bytes", [0, 700, 6000, 30_000])
def test_a_full_disk_is_named_and_leaves_no_half_file(n_bytes: int, tmp_path: Path) -> None:
    path = long_clip(tmp_path, size_wh=(640, 480))
    assert analyze(path, tmp_path / "enough").exit_code == 0
    sizes = {file.name: file.stat().st_size for file in (tmp_path / "enough" / "long").iterdir()}
    with room_for(n_bytes):
        result = analyze(path, tmp_path / "out")
    says(result, 2, "free space" if n_bytes else "")
    left = whole_files(tmp_path / "out" / "long")
    assert left < set(sizes)
    for name in left:
        assert (tmp_path / "out" / "long" / name).stat().st_size == pytest.approx(sizes[name], abs=60)


def test_a_source_that_vanishes_before_the_drawing_leaves_a_whole_report(tmp_path: Path) -> None:
    from formcheck.errors import SourceError
    from formcheck.session import analyze as job

    path = made(Clip(), tmp_path)
    with pytest.raises(SourceError, match="no such file"):
        job(path, out_dir=tmp_path / "out", progress=lambda stage, *_: path.unlink(missing_ok=True))
    assert whole_files(tmp_path / "out" / "clip") == FILES
