"""Nothing leaves the computer, and nothing is kept that was not asked for.

`analyze` and `live` run as programs of their own under two observers: Python's audit hook, which sees every socket
call of Python code, and strace, where it is installed, which sees those of native code as well and every file that is
opened for writing.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from conftest import cut_off
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from patience import WITHIN_S
from websockets.sync.client import connect

from formcheck.assets import find_sample
from formcheck.poselog import PoseLog
from formcheck.session import analyze
from formcheck.sources import open_source

ROOT = Path(__file__).resolve().parent.parent
WEB = [*(ROOT / "formcheck" / "web" / "static").iterdir(), *(ROOT / "formcheck" / "export" / "templates").iterdir()]
LOOPBACK = ("127.", "::1", "localhost")

# Prints what Python code asks of the network; runs the program as the command line does.
WATCHED = """
import sys, os
seen = open(os.environ["SEEN"], "a", buffering=1)
def hook(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind", "socket.getaddrinfo",
                 "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "urllib.Request"):
        seen.write(f"{event} {arguments[-1] if event.startswith('socket.c') else arguments}\\n")
sys.addaudithook(hook)
from formcheck.cli import main
main()
"""


def strace() -> str | None:
    """Where it is; None where it is missing or must not trace."""
    program = shutil.which("strace")
    if program is None:
        return None
    tried = subprocess.run([program, "-f", "-o", os.devnull, "true"], capture_output=True, check=False)
    return program if tried.returncode == 0 else None


STRACE = strace()
needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not installed, or must not trace here")


class Watch:
    """A folder for one run of the program, and what was seen of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out, self.data = folder, folder / "out", folder / "data"
        self.temporary = folder / "temporary"
        self.data.mkdir()
        self.temporary.mkdir()
        self._calls, self._seen = folder / "calls.txt", folder / "seen.txt"
        self._seen.touch()

    def command(self, *arguments: object) -> list[str]:
        calls = "connect,bind,sendto,sendmsg,sendmmsg,openat,creat,rename"
        trace = [STRACE, "-f", "-qq", "-s", "200", "-e", f"trace={calls}", "-o", str(self._calls)] if STRACE else []
        return [*trace, sys.executable, "-c", WATCHED, *map(str, arguments)]

    @property
    def environment(self) -> dict[str, str]:
        mine = {
            "TMPDIR": str(self.temporary),
            "SEEN": str(self._seen),
            "FORMCHECK_DATA_DIR": str(self.data),
            "PYTHONPATH": str(ROOT),
        }
        return os.environ | mine | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}

    def talks(self) -> list[str]:
        """Every attempt to reach or be reached by somebody, but for sockets within this computer."""
        lines = [line for line in self._seen.read_text().splitlines() if line]
        lines += [line for line in self._lines() if "sa_family=AF_INET" in line]
        return [line for line in lines if not any(home in line for home in LOOPBACK)]

    def loopback_talks(self) -> int:
        return sum(1 for line in self._seen.read_text().splitlines() if "127.0.0.1" in line)

    def written(self) -> set[Path]:
        """Files opened for writing, as native code asked for them."""
        found = set()
        for line in self._lines():
            asked = re.search(r'(?:openat\([^,]+, |creat\()"([^"]*)"(.*)', line)
            if asked and re.search(r"O_WRONLY|O_RDWR|O_CREAT|creat", line) and " = -1" not in asked[2]:
                found.add(Path(asked[1]))
        return found

    def _lines(self) -> list[str]:
        return self._calls.read_text(errors="replace").splitlines() if self._calls.exists() else []


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def analysed_under(watch: Watch, *more: str) -> None:
    """A short analysis, and files that try to send their reader elsewhere."""
    clip = watch.folder / "clip.mp4"
    clip.write_bytes(find_sample().read_bytes())
    (watch.folder / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nhttp://192.0.2.1/a.ts\n#EXT-X-ENDLIST\n")
    (watch.folder / "radio.sdp").write_text("v=0\no=- 0 0 IN IP4 192.0.2.1\ns=x\nc=IN IP4 192.0.2.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n")  # fmt: skip  # noqa: E501
    sources = [cut_off(clip, 0.03), watch.folder / "list.m3u8", watch.folder / "radio.sdp"]
    done = subprocess.run(
        watch.command("analyze", *sources, "--out", watch.out, *more),
        env=watch.environment, cwd=watch.folder, capture_output=True, text=True, timeout=1200, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr  # of the two files that are no recordings
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert (watch.out / "cut_clip" / "report.json").is_file()


@contextlib.contextmanager
def live_under(watch: Watch) -> Iterator[str]:
    """The server with a page's part played by this test: a movement begun, shown, stopped. Gives its report."""
    child = subprocess.Popen(
        watch.command("live", "--no-open", "--out", watch.out),
        env=watch.environment, cwd=watch.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        address = child.stdout.readline().split()[1]
        base = address.split("/?")[0]
        jar = CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), urllib.request.ProxyHandler({}))
        assert opener.open(address, timeout=WITHIN_S).status == 200
        cookie = "; ".join(f"{c.name}={c.value}" for c in jar)
        patience: dict[str, Any] = {"open_timeout": WITHIN_S, "ping_interval": None}
        headers = {"Cookie": cookie}
        socket = connect(
            base.replace("http", "ws") + "/live", origin=base, additional_headers=headers, proxy=None, **patience
        )  # type: ignore[arg-type]
        with socket as talk:
            show_a_movement(talk)
        report = opener.open(base + "/report", timeout=WITHIN_S).read().decode()
        end(child)
        output, _ = child.communicate(timeout=WITHIN_S)
        assert child.returncode == 0, output
        yield report
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()


def end(child: subprocess.Popen[str]) -> None:
    """Ctrl-C to the program itself, which runs under strace as a child of it."""
    if STRACE is None:
        child.send_signal(signal.SIGINT)
        return
    (own,) = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
    os.kill(int(own), signal.SIGINT)


def show_a_movement(talk: Any, *, stops: bool = True) -> None:
    json.loads(talk.recv(timeout=WITHIN_S))

    def ask(command: str, value: Any = None) -> dict[str, Any]:
        talk.send(json.dumps({"do": command, "value": value}))
        return dict(json.loads(talk.recv(timeout=WITHIN_S)))

    ask("choose", {"kind": "exercise", "id": "seated_cat_cow"})
    ask("start")
    ask("start")  # no waiting for a good view
    with open_source(find_sample()) as source:
        for i, frame in zip(range(60), source, strict=False):
            jpeg = cv2.imencode(".jpg", frame.image)[1].tobytes()
            talk.send(struct.pack("<d", 5.0 + i / 10) + jpeg)
            answer = json.loads(talk.recv(timeout=WITHIN_S))
    assert answer["state"] == "block"
    if not stops:
        return
    ask("stop")
    assert json.loads(talk.recv(timeout=WITHIN_S))["moment"]["state"] == "done"


def strangers(watch: Watch) -> set[Path]:
    """Files written outside of where results and the user's own data go."""
    usual = (watch.out, watch.data, watch.folder / "seen.txt", Path("/dev"), Path("/proc"))
    found = {p for p in watch.written() if p.is_absolute() and not any(p.is_relative_to(home) for home in usual)}
    # Python tries the folder; an import asks the compiler, where there is one, for the library of a sound card.
    linker = re.compile(r"cc\w{6}\.(res|cdtor\.[co]|le|ld)|cc\w{6}|(tmp)?\w{8}")
    return {p for p in found if not (p.parent == watch.temporary and linker.fullmatch(p.name))}


def has_picture(data: bytes) -> bool:
    """Whether the file holds a JPEG, a PNG or a video."""
    return any(mark in data for mark in (b"\xff\xd8\xff", b"\x89PNG", b"ftypisom", b"moov", b"data:image/"))


def test_analyze_talks_to_nobody_and_keeps_no_picture(watch: Watch) -> None:
    analysed_under(watch, "--no-video")
    assert watch.talks() == []
    assert watch.loopback_talks() == 0
    files = [path for path in (*watch.out.rglob("*"), *watch.data.rglob("*")) if path.is_file()]
    assert len(files) >= 7
    assert [path.name for path in files if has_picture(path.read_bytes())] == []
    if STRACE:
        assert watch.out / "cut_clip" in {path.parent for path in watch.written()}  # the observer saw what there is
        assert strangers(watch) == set()
        assert list(watch.temporary.iterdir()) == []


def test_live_talks_to_this_computer_alone_and_keeps_no_picture(watch: Watch) -> None:
    with live_under(watch) as report:
        assert "Seated cat-cow" in report
    assert watch.loopback_talks() > 0  # the observer saw the server
    assert watch.talks() == []
    files = [path for path in (*watch.out.rglob("*"), *watch.data.rglob("*")) if path.is_file()]
    assert len(files) >= 7
    assert [path.name for path in files if has_picture(path.read_bytes())] == []
    if STRACE:
        assert strangers(watch) == set()
        assert list(watch.temporary.iterdir()) == []


@needs_strace
def test_the_observer_sees_what_native_code_does(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    # The address is reserved for documentation; nothing answers, and nothing is sent over UDP by connecting.
    program = """
import ctypes, socket, struct
libc = ctypes.CDLL(None)
handle = libc.socket(2, 2, 0)
libc.connect(handle, struct.pack("<H", 2) + struct.pack(">H", 9) + bytes([192, 0, 2, 1]) + bytes(8), 16)
open("/tmp/../" + __import__("os").environ["SEEN"] + ".extra", "w")
"""
    command = watch.command()
    subprocess.run(
        [*command[: command.index("-c")], "-c", program], env=watch.environment, check=True, timeout=WITHIN_S
    )
    (talk,) = watch.talks()
    assert "192.0.2.1" in talk
    assert [path.name for path in watch.written() if path.name.endswith(".extra")]


# -- what the program is made of --------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["0.10.34", "0.10.35", "0.11.0", "1.0.0", "1.2.2", "0.10.29", "0.10.21"])
def test_no_installer_may_choose_a_mediapipe_that_calls_home(bad: str) -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["tool"]["uv"]["override-dependencies"]]
    ranges = [Requirement(text).specifier for text in asked if Requirement(text).name == "mediapipe"]
    assert len(ranges) == 2
    assert not any(Version(bad) in SpecifierSet(str(allowed)) for allowed in ranges)


def test_the_installed_mediapipe_is_in_the_range() -> None:
    assert Version("0.10.30") <= Version(version("mediapipe")) < Version("0.10.34")
    assert distribution("mediapipe").metadata["Name"] == "mediapipe"


@pytest.mark.parametrize("path", [p for p in WEB if p.suffix in {".html", ".js", ".css", ".svg", ".j2"}], ids=str)
def test_no_page_names_an_address_outside(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(
        r"(?:https?|wss?|ftp):(?!\$|//\$\{location\.host\}|\")//[^\"'`\s]*", text.replace('"https:"', "")
    )
    assert not re.findall(r"""(?:src|href|url|action|import|from)\s*[=(]?\s*["'(]?//""", text)
    assert not re.search(r"@import|sendBeacon|XMLHttpRequest|serviceWorker|localStorage|indexedDB|eval\(", text)


def test_there_are_pages_to_look_at() -> None:
    assert {path.name for path in WEB} >= {"index.html", "app.js", "style.css", "report.html.j2", "report.css"}


def test_the_policies_of_the_pages_allow_nothing_from_elsewhere() -> None:
    from formcheck.web.guard import CONTENT_POLICY, REPORT_POLICY

    for policy in (CONTENT_POLICY.format(host="127.0.0.1:1"), REPORT_POLICY):
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] in ("'self'", "'none'")
        sources = {source for kinds in rules.values() for source in kinds.split()}
        assert sources <= {"'self'", "'none'", "blob:", "data:", "ws://127.0.0.1:1", "'unsafe-inline'"}
        scripts = rules.get("script-src", rules["default-src"])
        assert "unsafe" not in scripts
        assert "data:" not in scripts


# -- what the results tell of the person ------------------------------------------------------------------------------


def test_no_result_names_a_folder_of_the_person(tmp_path: Path) -> None:
    home = tmp_path / "home" / "Erika Mustermann"
    home.mkdir(parents=True)
    clip = home / "morning.mp4"
    clip.write_bytes(find_sample().read_bytes())
    cut_off(clip, 0.03).replace(clip)
    result = analyze(clip, "seated_cat_cow", home / "out", video=True)
    assert result.problem is not None  # a partial recording has most to tell
    again = analyze(result.folder / "poses.npz", "seated_cat_cow", home / "again")
    shutil.copy(result.folder / "poses.npz", home / "alone.npz")
    third = analyze(home / "alone.npz", out_dir=home / "third")
    for folder in (result.folder, again.folder, third.folder):
        files = [path for path in folder.iterdir() if path.is_file()]
        assert len(files) >= 7
        for path in files:
            assert b"Mustermann" not in path.read_bytes(), path
        assert "Mustermann" not in json.dumps(PoseLog.load(folder / "poses.npz").meta)
        assert json.loads((folder / "report.json").read_text())["source"]["path"] == "morning.mp4"


def test_the_folder_kept_in_an_older_pose_log_is_not_passed_on(tmp_path: Path) -> None:
    for kept in ("/home/erika/morning.mp4", r"C:\Users\Erika\morning.mp4"):
        log = PoseLog({"source": kept})
        from formcheck.types import Pose

        for i in range(30):
            log.append(Pose.nobody(i / 30, (640, 480)))
        log.save(tmp_path / "old.npz")
        result = analyze(tmp_path / "old.npz", out_dir=tmp_path / "out")
        assert result.report["source"]["path"] == "morning.mp4"
        assert PoseLog.load(result.folder / "poses.npz").meta["source"] == "morning.mp4"


@pytest.mark.parametrize("kind", ["json", "csv", "html", "fhir", "trc", "coco", "poses"])
def test_every_export_finds_what_it_needs_without_the_folder(kind: str, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from formcheck.cli import app

    home = tmp_path / "Mustermann"
    clip = home / "morning.mp4"
    home.mkdir()
    clip.write_bytes(find_sample().read_bytes())
    moved = tmp_path / "elsewhere"
    shutil.move(analyze(cut_off(clip, 0.03), "seated_cat_cow", home / "out", video=False).folder, moved)
    shutil.rmtree(home)
    target = tmp_path / "made"
    done = CliRunner().invoke(app, ["report", str(moved), "--format", kind, "--out", str(target)])
    assert done.exit_code == 0, done.output
    for path in target.rglob("*") if target.is_dir() else [target]:
        assert b"Mustermann" not in path.read_bytes()


def test_the_history_keeps_the_name_and_no_folder(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from formcheck.cli import app

    log = np.load(ROOT / "tests" / "poses" / "seated_cat_cow.npz")
    home = tmp_path / "Mustermann"
    home.mkdir()
    np.savez(home / "morning.npz", **dict(log))
    data = tmp_path / "data"
    arguments = ["analyze", home / "morning.npz", "--out", home / "out", "--data-dir", data]
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exit_code == 0, done.output
    (kept,) = data.iterdir()
    assert b"Mustermann" not in kept.read_bytes()
    assert b"morning" in kept.read_bytes()
