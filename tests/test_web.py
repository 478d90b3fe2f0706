"""The server of the live page: who is let in, what is answered to junk, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import io
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
import pytest
import websockets.exceptions
from browser import CHROMIUM, SEEN, as_fake_camera, chromium, pause, until
from conftest import empty_room
from liveserver import ROOT, Served, page_at, program
from patience import WITHIN_S, wait_until
from typer.testing import CliRunner
from websockets.sync.client import ClientConnection

from formcheck.assets import find_sample
from formcheck.cli import app
from formcheck.errors import ExportError, SourceError, UsageError
from formcheck.live.session import LiveSession
from formcheck.messages import load_catalogue
from formcheck.registry import FOLDER, find_exercise, own_exercises
from formcheck.sources.camera import Camera
from formcheck.types import Frame, Pose
from formcheck.voice import has_voice, speech_wav
from formcheck.web.guard import Guard
from formcheck.web.server import LARGEST_FRAME, LARGEST_MESSAGE, LiveServer
from formcheck.web.serving import listen
from formcheck.web.settings import DEFAULTS, merged, read_settings, write_settings

STATIC = ROOT / "formcheck" / "web" / "static"
JPEG = cv2.imencode(".jpg", np.zeros((480, 640, 3), np.uint8))[1].tobytes()
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine to open the page in")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as server:
        yield server


def told(talk: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(talk.recv(timeout=WITHIN_S)))


def ask(talk: ClientConnection, command: str, value: Any = None) -> dict[str, Any]:
    talk.send(json.dumps({"do": command, "value": value}))
    return told(talk)


def show(talk: ClientConnection, time_s: float, jpeg: bytes = JPEG) -> dict[str, Any]:
    talk.send(struct.pack("<d", time_s) + jpeg)
    return told(talk)


# -- who is let in ----------------------------------------------------------------------------------------------------


def test_the_token_opens_once_and_only_for_its_browser(served: Served) -> None:
    status, headers, _ = served.get(f"/?token={served.guard.token}")
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert served.get(f"/?token={served.guard.token}")[0] == 403
    status, _, page = served.get("/", Cookie=cookie.split(";")[0])
    assert status == 200
    assert "/static/app.js" in page


@pytest.mark.parametrize("path", ["/", "/?token=wrong", "/?token=%C3%A4", "/static/app.js", "/report"])
def test_without_the_token_there_is_nothing(served: Served, path: str) -> None:
    status, _, text = served.get(path)
    assert status == 403
    assert "Open the address" in text


def test_another_host_name_is_refused(served: Served) -> None:
    cookie = served.key()
    for host in ("evil.example", f"evil.example:{served.port}", "127.0.0.1:1", ""):
        assert served.get("/", Host=host, Cookie=cookie)[0] in (400, 421)
    assert served.get("/", Host=f"localhost:{served.port}", Cookie=cookie)[0] == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1", "", "junk", "http://["]
)
def test_a_foreign_page_cannot_talk_even_with_the_cookie(served: Served, origin: str) -> None:
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        served.talk(served.key(), origin)
    assert refused.value.response.status_code == 403


def test_nobody_talks_without_the_cookie(served: Served) -> None:
    for cookie in ("", f"formcheck_{served.port}=wrong", "other=1"):
        with pytest.raises(websockets.exceptions.InvalidStatus):
            served.talk(cookie)


def test_the_socket_is_on_the_loopback_address_only(served: Served) -> None:
    assert served.listening.getsockname()[0] == "127.0.0.1"


def test_every_answer_forbids_what_is_from_elsewhere(served: Served) -> None:
    cookie = served.key()
    for path in ("/", "/static/app.js", "/static/style.css", "/static/nothing", "/report"):
        _, headers, _ = served.get(path, Cookie=cookie)
        policy = headers["content-security-policy"]
        assert policy.startswith(("default-src 'self'", "default-src 'none'"))
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_no_file_of_the_page_names_another_address() -> None:
    files = [path for path in STATIC.iterdir() if path.is_file()]
    assert len(files) >= 5
    for path in files:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text
        assert "https:" not in text.replace('"https:"', "")
        assert "//" not in text.replace("// ", "").replace("//${location.host}", "").replace("://", "")


def test_every_text_of_the_page_is_in_the_catalogue() -> None:
    import re

    page = load_catalogue("en").page
    used = set(re.findall(r'data-text="([\w.]+)"', (STATIC / "index.html").read_text(encoding="utf-8")))
    for script in STATIC.glob("*.js"):
        used |= set(re.findall(r'\b(?:text|trouble|gone)\("([\w.]+)"', script.read_text(encoding="utf-8")))
    assert len(used) > 30
    assert used - set(page) == set()


# -- talking ----------------------------------------------------------------------------------------------------------


def test_a_page_is_greeted_and_its_frames_are_answered(served: Served) -> None:
    with served.talk(served.key()) as talk:
        hello = told(talk)
        assert hello["kind"] == "hello"
        assert {"back_release_18", "daily_7"} <= {routine["id"] for routine in hello["routines"]}
        assert ask(talk, "choose", {"kind": "exercise", "id": "seated_cat_cow"})["plan"]["id"] == "seated_cat_cow"
        assert ask(talk, "start")["state"] == "setup"
        answer = show(talk, 100.0)
        assert (answer["kind"], answer["of"], answer["state"]) == ("moment", "frame", "setup")
        assert len(answer["seen"]["landmarks"]) == 33


@pytest.mark.parametrize(
    "message",
    [
        "",
        "junk",
        "[]",
        "{}",
        '{"do": 1}',
        '{"do": "no_such"}',
        '{"do": "choose", "value": {"kind": "routine", "id": "/etc/passwd.toml"}}',
        "[" * 3000,
        "x" * 100_000,
        b"",
        b"short",
        b"\0" * 8 + b"junk",
        struct.pack("<d", float("nan")) + JPEG,
        struct.pack("<d", float("inf")) + JPEG,
        struct.pack("<d", 1.0) + JPEG[:200],
    ],
)
def test_junk_is_answered_and_the_session_goes_on(served: Served, message: str | bytes) -> None:
    with served.talk(served.key()) as talk:
        told(talk)
        talk.send(message)
        answer = told(talk)
        assert answer["kind"] == "error"
        assert 0 < len(answer["text"]) < 300
        assert show(talk, 1.0)["kind"] == "moment"


def test_a_picture_that_cannot_be_used_is_told_in_the_language_of_the_page(served: Served) -> None:
    with served.talk(served.key()) as talk:
        told(talk)
        assert show(talk, 0.1, b"no picture")["text"] == "this is not a JPEG picture"
        ask(talk, "language", "de")
        assert show(talk, 0.1, b"no picture")["text"] == "das ist kein JPEG-Bild"
        assert show(talk, 0.1, b"x" * (LARGEST_FRAME + 1))["text"] == "ein Bild von 3 MB ist zu groß"


def test_a_frame_of_20_mb_is_answered_and_the_session_goes_on(served: Served) -> None:
    with served.talk(served.key()) as talk:
        told(talk)
        answer = show(talk, 1.0, JPEG + b"\0" * 20_000_000)
        assert (answer["kind"], answer["of"]) == ("error", "frame")
        assert "too large" in answer["text"]
        assert len(JPEG) < LARGEST_FRAME
        assert show(talk, 1.1)["kind"] == "moment"


def test_a_message_beyond_all_measure_ends_the_connection_but_not_the_session(served: Served) -> None:
    cookie = served.key()
    with served.talk(cookie) as talk:
        told(talk)
        ask(talk, "choose", {"kind": "exercise", "id": "seated_cat_cow"})
        ask(talk, "start")
        with contextlib.suppress(websockets.exceptions.ConnectionClosed, OSError):
            talk.send(b"\0" * (LARGEST_MESSAGE + 1000))
            told(talk)
    with served.talk(cookie, query="?take=1") as talk:
        assert told(talk)["kind"] == "hello"
        assert ask(talk, "how")["state"] == "setup"


def test_a_second_tab_is_told_and_may_take_over(served: Served) -> None:
    cookie = served.key()
    with served.talk(cookie) as first:
        told(first)
        with served.talk(cookie) as second:
            assert told(second) == {"kind": "busy"}
            with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
                told(second)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4001
        assert show(first, 1.0)["kind"] == "moment"
        with served.talk(cookie, query="?take=1") as third:
            assert told(third)["kind"] == "hello"
            assert show(third, 1.0)["kind"] == "moment"
        assert told(first) == {"kind": "busy"}


def test_a_page_that_comes_while_the_one_before_is_still_answered_is_let_in(served: Served) -> None:
    cookie, look = served.key(), served.session._watch
    is_looking, may_look = threading.Event(), threading.Event()

    def wait_and_look(frame: Frame) -> Pose:
        is_looking.set()
        assert may_look.wait(WITHIN_S)
        return look(frame)

    with served.talk(cookie) as gone:
        told(gone)
        ask(gone, "choose", {"kind": "exercise", "id": "seated_cat_cow"})
        ask(gone, "start")
        ask(gone, "start")
        for i in range(60):
            show(gone, 10.0 + i / 15)
        served.session._watch = wait_and_look
        gone.send(struct.pack("<d", 14.0) + JPEG)
        assert is_looking.wait(WITHIN_S)
    with served.talk(cookie) as reloaded:
        may_look.set()
        hello = told(reloaded)
        assert (hello["kind"], hello["moment"]["state"]) == ("hello", "paused")
        assert hello["moment"]["paused"] == "link"


def test_a_page_that_is_closed_at_the_end_finds_its_report_when_it_is_opened_again(served: Served) -> None:
    cookie = served.key()
    with served.talk(cookie) as gone:
        told(gone)
        ask(gone, "choose", {"kind": "exercise", "id": "seated_cat_cow"})
        ask(gone, "start")
        for i in range(130):
            show(gone, 10.0 + i / 15)
        gone.send(json.dumps({"do": "stop"}))
    with served.talk(cookie) as again:
        greetings = [told(again)]
        if greetings[0]["moment"]["state"] == "saving":
            greetings.append(told(again))
        assert greetings[-1]["moment"]["state"] == "done"
        assert greetings[-1]["result"]["lines"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ExportError("the disk is full"), "the disk is full"),
        (SourceError("poses-0000.npz: the pose log is damaged"), "poses-0000.npz: the pose log is damaged"),
        (ZeroDivisionError("division by zero"), "unexpected ZeroDivisionError: division by zero"),
    ],
)
def test_a_report_that_cannot_be_written_is_tried_again_when_asked_for_not_at_every_picture(
    error: Exception, words: str, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served.talk(served.key()) as talk:
        told(talk)
        ask(talk, "choose", {"kind": "exercise", "id": "seated_cat_cow"})
        ask(talk, "start")
        for i in range(130):
            show(talk, 10.0 + i / 15)
        write, tries = served.session._write, []

        def fail(plan: Any) -> None:
            tries.append(plan)
            raise error

        monkeypatch.setattr(served.session, "_write", fail)
        assert ask(talk, "stop")["state"] == "saving"
        assert told(talk) == {"kind": "unsaved", "text": words}
        assert [show(talk, 20.0 + i / 15)["kind"] for i in range(5)] == ["moment"] * 5
        assert len(tries) == 1
        monkeypatch.setattr(served.session, "_write", write)
        assert ask(talk, "stop")["state"] == "saving"
        hello = told(talk)
        assert hello["moment"]["state"] == "done"
        assert hello["result"]["lines"]


def test_a_movement_of_ones_own_can_be_chosen_and_a_broken_one_is_not_offered(served: Served) -> None:
    own_exercises().mkdir(parents=True)
    text = (FOLDER / "seated_cat_cow.toml").read_text(encoding="utf-8")
    own = text.replace('"seated_cat_cow"', '"my_swing"').replace("Seated cat-cow", "My swing")
    (own_exercises() / "my_swing.toml").write_text(own, encoding="utf-8")
    (own_exercises() / "broken.toml").write_text("titel = 1", encoding="utf-8")
    with served.talk(served.key()) as talk:
        offered = {choice["id"]: choice["title"] for choice in told(talk)["exercises"]}
        assert offered["my_swing"] == "My swing"
        assert "broken" not in offered
        plan = ask(talk, "choose", {"kind": "exercise", "id": "my_swing"})["plan"]
        assert plan["summary"] == find_exercise("my_swing").summary


def test_pictures_of_odd_sizes_are_answered(served: Served) -> None:
    with served.talk(served.key()) as talk:
        told(talk)
        ask(talk, "choose", {"kind": "exercise", "id": "seated_cat_cow"})
        ask(talk, "start")
        for i, (width, height) in enumerate([(333, 251), (640, 180), (65, 999), (640, 20), (333, 251)]):
            jpeg = cv2.imencode(".jpg", np.zeros((height, width, 3), np.uint8))[1].tobytes()
            answer = show(talk, 10.0 + i / 15, jpeg)
            assert answer["kind"] == ("error" if height < 64 else "moment")


def test_the_end_brings_the_report_to_the_page(served: Served) -> None:
    cookie = served.key()
    with served.talk(cookie) as talk:
        told(talk)
        ask(talk, "choose", {"kind": "exercise", "id": "seated_cat_cow"})
        ask(talk, "start")
        for i in range(130):
            show(talk, 10.0 + i / 15)
        assert served.get("/report", Cookie=cookie)[0] == 404
        assert ask(talk, "stop")["state"] == "saving"
        hello = told(talk)
        assert hello["moment"]["state"] == "done"
        (line,) = hello["result"]["lines"]
        assert line["title"] == "Seated cat-cow"
        assert re.fullmatch(r"\d of 6\u20138 repetitions", line["counted"])
        assert hello["is_well_done"] is (line["counted"][0] != "0")
        again = ask(talk, "again")
        assert (again["plan"]["id"], again["moment"]["state"]) == ("seated_cat_cow", "choose")
        assert ask(talk, "start")["state"] == "setup"
    status, headers, page = served.get("/report", Cookie=cookie)
    assert status == 200
    assert "Seated cat-cow" in page
    assert "script" not in headers["content-security-policy"]
    assert served.get("/report")[0] == 403


@pytest.mark.skipif(not has_voice(), reason="espeak-ng is not installed: the page falls back to tones")
def test_the_server_speaks_for_a_browser_without_a_voice(served: Served) -> None:
    with served.talk(served.key()) as talk:
        assert told(talk)["has_voice"]
    for text in ("Lift your chest", "--version", "-w /tmp/x"):
        with wave.open(io.BytesIO(speech_wav(text, "en"))) as sound:
            assert sound.getnframes() / sound.getframerate() > 0.3
    assert served.get("/voice?text=hello")[0] == 403


def test_without_espeak_there_is_a_plain_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert not has_voice()
    with pytest.raises(ExportError, match="espeak-ng"):
        speech_wav("hello", "en")


def test_settings_are_kept_and_nonsense_is_not(served: Served) -> None:
    with served.talk(served.key()) as talk:
        told(talk)
        wishes = {"height_cm": 172, "ball_cm": 65, "is_muted": True, "language": "de", "other": "x"}
        kept = ask(talk, "settings", wishes)["settings"]
        assert kept == {"height_cm": 172, "ball_cm": 65, "is_muted": True, "language": "de"}
        nonsense = {"height_cm": "tall", "ball_cm": 1e9, "is_muted": 1, "language": "xx"}
        assert ask(talk, "settings", nonsense)["settings"] == kept
        assert ask(talk, "settings", [1])["settings"] == kept
    assert read_settings(served.settings_path) == kept
    assert served.session.gathered.log.meta["ball_cm"] == 65


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
def test_language_of_the_call_is_that_of_page_and_terminal_this_time(tmp_path: Path) -> None:
    with program(tmp_path, "--lang", "de", "--data-dir", str(tmp_path / "data")) as (child, address):
        with page_at(address) as talk:
            hello = json.loads(talk.recv(timeout=WITHIN_S))
            assert (hello["language"], hello["settings"]["language"]) == ("de", "de")
            assert hello["texts"]["button.stop"] == load_catalogue("de").text("button.stop")
            assert ask(talk, "settings", {"ball_cm": 65})["settings"]["language"] == "de"
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=WITHIN_S)
    assert "Es wurde nichts getan, also gibt es keinen Bericht." in output
    kept = read_settings(tmp_path / "data" / "settings.json")
    assert (kept["language"], kept["ball_cm"]) == (None, 65)  # another time it is asked again


def test_language_that_is_not_spoken_is_refused_before_anybody_begins(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["live", "--no-open", "--lang", "fr", "--data-dir", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "formcheck: there is no language 'fr'; known: en, de\n"


def test_settings_survive_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    assert read_settings(path) == DEFAULTS
    path.write_text("{", encoding="utf-8")
    assert read_settings(path) == DEFAULTS
    write_settings(path, merged(DEFAULTS, {"ball_cm": 55.0}))
    assert read_settings(path)["ball_cm"] == 55.0


# -- starting and stopping --------------------------------------------------------------------------------------------


def test_a_port_in_use_is_named() -> None:
    with listen(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} is in use"):
            listen(port)


def test_a_port_in_use_ends_the_program_with_one_sentence(tmp_path: Path) -> None:
    with listen(0) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(app, ["live", "--no-open", "--port", str(port), "--data-dir", str(tmp_path)])
    assert done.exit_code == 2
    assert done.stderr == f"formcheck: port {port} is in use; choose another with --port, or leave it out\n"


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_ends_the_program_cleanly(tmp_path: Path) -> None:
    with program(tmp_path) as (child, address):
        port = int(address.split(":")[2].split("/")[0])
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=WITHIN_S)
        assert child.returncode == 0
        assert "Traceback" not in output
        assert "Nothing was done" in output
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


HELD = """
import time, sys
from pathlib import Path
from formcheck import cli
from formcheck.live.session import LiveSession
from formcheck.web import server, serving

is_held = Path(sys.argv.pop())
looking = set()

def held(jpeg, decode=server.decode_jpeg):
    looking.add(jpeg)
    is_held.touch()
    time.sleep(1.5)
    looking.clear()
    return decode(jpeg)

def finish(session, finish=LiveSession.finish):
    print("A picture is still looked at." if looking else "", end="")
    return finish(session)

server.decode_jpeg, LiveSession.finish = held, finish
serving.CLOSE_WITHIN_S = 0.2
cli.main()
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
@pytest.mark.parametrize(("name", "times"), [("SIGINT", 1), ("SIGINT", 3), ("SIGTERM", 1), ("SIGHUP", 1)])
def test_an_end_while_an_answer_takes_long_waits_for_it_and_says_only_its_own_words(
    name: str, times: int, tmp_path: Path
) -> None:
    is_held = tmp_path / "held"
    with program(tmp_path, str(is_held), code=HELD) as (child, address), page_at(address) as talk:
        talk.recv(timeout=WITHIN_S)
        talk.send(struct.pack("<d", 0.1) + JPEG)
        wait_until(is_held.exists)
        for _ in range(times):
            child.send_signal(getattr(signal, name))
            time.sleep(0.3)  # pressed together, they would be one
        output, _ = child.communicate(timeout=WITHIN_S)
    assert child.returncode == 0, output
    own = "This address works once and on this computer only. Ctrl-C ends."  # may have been read with the address
    assert [line for line in output.splitlines() if line != own] == ["Nothing was done, so there is no report."]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a display that can be taken away")
def test_a_window_without_a_display_is_refused_plainly(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [sys.executable, "-m", "formcheck", "live", "--window", "--exercise", "hip_circles"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment | {"XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        timeout=3 * WITHIN_S,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "formcheck: no window can be opened here: there is no display; leave --window out to use the browser"
    ]


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed: there is no display for a window")
def test_a_window_plays_a_file_to_its_end(tmp_path: Path, make_video: Any) -> None:
    clip = make_video(n_frames=30, fps=15, size_wh=(320, 240), picture=empty_room)
    read_fd, write_fd = os.pipe()
    with subprocess.Popen(["Xvfb", "-displayfd", str(write_fd), "-nolisten", "tcp"], pass_fds=[write_fd]) as display:
        os.close(write_fd)
        try:
            with os.fdopen(read_fd) as numbers:
                number = numbers.readline().strip()
            environment = os.environ | {
                "DISPLAY": f":{number}",
                "XDG_DATA_HOME": str(tmp_path),
                "PYTHONPATH": str(ROOT),
            }
            command = [sys.executable, "-m", "formcheck", "live", "--window", "--exercise", "hip_circles"]
            done = subprocess.run(
                [*command, "--camera", str(clip)],
                capture_output=True,
                text=True,
                cwd=tmp_path,
                env=environment,
                timeout=5 * WITHIN_S,
                check=False,
            )
        finally:
            display.terminate()
    assert (done.returncode, done.stdout) == (0, "Nothing was done, so there is no report.\n"), done.stderr


# -- a camera of the server's own -------------------------------------------------------------------------------------


def test_a_file_plays_as_a_camera_and_ends(make_video: Any) -> None:
    with Camera(str(make_video(n_frames=12, fps=30))) as camera:
        pictures = list(all_of(camera))
    assert 1 <= len(pictures) <= 12
    times = [time_s for _, time_s in pictures]
    assert times == sorted(times)
    assert len(pictures) + camera.n_dropped == 12
    assert pictures[0][0].shape == (64, 96, 3)


def all_of(camera: Camera) -> Iterator[tuple[Any, float]]:
    has_ended = False
    while not has_ended:
        has_ended = camera.has_ended  # asked before the last look
        if (picture := camera.newest()) is not None:
            has_ended = False
            yield picture


class Silent:
    """The page's end of a socket over which nothing comes."""

    query_params: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        self.is_greeted = asyncio.Event()

    async def accept(self) -> None:
        """Nothing is to be done."""

    async def receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send_json(self, message: dict[str, Any]) -> None:
        assert message["kind"] == "hello"
        self.is_greeted.set()


class Frozen(Silent):
    """Takes nothing any more once it is greeted, as a tab that the browser has frozen."""

    async def send_json(self, message: dict[str, Any]) -> None:
        if self.is_greeted.is_set():
            await asyncio.Event().wait()
        await super().send_json(message)


class Taking(Silent):
    """Takes over from the other page."""

    query_params: ClassVar[dict[str, str]] = {"take": "1"}


def test_a_page_that_takes_nothing_any_more_keeps_no_other_one_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = LiveSession(lambda frame: Pose.nobody(frame.time_s, (640, 480)), lambda _: tmp_path)
    server = LiveServer(session, Guard(1), dict(DEFAULTS))
    monkeypatch.setattr(server, "_may_talk", lambda _: True)
    monkeypatch.setattr("formcheck.web.server.TOLD_WITHIN_S", 0.01)

    async def take_over() -> None:
        frozen, taking = Frozen(), Taking()
        first = asyncio.create_task(server._live(frozen))  # type: ignore[arg-type]
        await frozen.is_greeted.wait()
        second = asyncio.create_task(server._live(taking))  # type: ignore[arg-type]
        await asyncio.wait_for(taking.is_greeted.wait(), WITHIN_S)
        await first
        assert server._page is taking
        second.cancel()
        await second

    asyncio.run(take_over())
    server._worker.shutdown()


def test_a_server_that_waits_no_longer_for_a_page_ends_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = LiveSession(lambda frame: Pose.nobody(frame.time_s, (640, 480)), lambda _: tmp_path)
    server = LiveServer(session, Guard(1), dict(DEFAULTS))
    monkeypatch.setattr(server, "_may_talk", lambda _: True)

    async def end_while_it_talks() -> None:
        page = Silent()
        talk = asyncio.create_task(server._live(page))  # type: ignore[arg-type]
        await page.is_greeted.wait()
        talk.cancel()
        await talk
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(end_while_it_talks())
    server._worker.shutdown()


class _Mjpeg(http.server.BaseHTTPRequestHandler):
    """A network camera that sends ten pictures and then breaks off."""

    opened_s: ClassVar[list[float]] = []

    def do_GET(self) -> None:
        self.opened_s.append(time.monotonic())
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=f")
        self.end_headers()
        part = b"--f\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(JPEG) + JPEG + b"\r\n"
        with contextlib.suppress(OSError):
            for _ in range(10):
                self.wfile.write(part)
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        """Nothing is written to the terminal."""


def test_a_network_camera_that_breaks_off_is_opened_again() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Mjpeg) as network:
        thread = threading.Thread(target=network.serve_forever)
        thread.start()
        try:
            with Camera(f"http://127.0.0.1:{network.server_port}/video.mjpg") as camera:
                times = times_around_a_break(camera)
                assert not camera.has_ended
            assert camera.has_ended
        finally:
            network.shutdown()
            thread.join()
    assert times == sorted(times)
    assert max(np.diff(times)) > 0.5  # it was away in between


def times_around_a_break(camera: Camera) -> list[float]:
    """When pictures came, until some were seen before the camera was opened again and some after that."""
    times: list[float] = []
    until_s = time.monotonic() + 2 * WITHIN_S
    while not any(times[0] < opened_s < times[-1] for opened_s in _Mjpeg.opened_s if times):
        assert time.monotonic() < until_s
        if (picture := camera.newest()) is not None:
            times.append(picture[1])
    return times


@pytest.mark.parametrize(
    "where", ["99", "²", "no_such_file.mp4", "http://127.0.0.1:9/none.mjpg", "RTSP://127.0.0.1:9/a"]
)
def test_a_camera_that_is_not_there_is_named(where: str) -> None:
    with pytest.raises(SourceError, match=where):
        Camera(where)


def test_a_file_without_a_picture_is_refused_at_once_as_a_camera(tmp_path: Path, make_video: Any) -> None:
    clip = make_video("zeros.mp4", n_frames=30)
    content = bytearray(clip.read_bytes())
    begin = content.index(b"mdat") + 4
    n = int.from_bytes(content[begin - 8 : begin - 4], "big") - 8
    content[begin : begin + n] = bytes(n)  # its tables promise pictures that are not there
    clip.write_bytes(content)
    n_threads = threading.active_count()
    done = CliRunner().invoke(app, ["live", "--no-open", "--camera", str(clip), "--data-dir", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"formcheck: {clip}: no picture of this video can be decoded; record it again\n"
    assert threading.active_count() == n_threads


# -- the real page in the real browser --------------------------------------------------------------------------------


@needs_chromium
def test_the_page_guides_through_a_movement(tmp_path: Path) -> None:
    clip = as_fake_camera(find_sample(), tmp_path / "camera.mjpeg", end_s=14.0)
    state = "document.body.dataset.state"
    with program(tmp_path) as (child, address), chromium(clip, "--use-fake-ui-for-media-stream") as page:
        page.prepare(SEEN)
        page.open(address)
        page.wait_for(f"{state} == 'choose' && document.querySelectorAll('#exercises button').length > 10")
        page.run("document.querySelector('#exercises button[data-id=seated_cat_cow]').click()")
        page.wait_for("document.querySelector('[aria-checked=true]')?.dataset.id == 'seated_cat_cow'")
        page.press(" ")
        until(page, f"{state} == 'block'")
        until(page, f"{state} == 'block' && Number(document.getElementById('count').textContent) >= 1")
        pause(page)
        page.call("Page.reload")
        page.wait_for(f"{state} == 'paused' && document.getElementById('do-resume').offsetWidth > 0")
        until(page, f"{state} == 'block'")
        assert "countdown" in page.run("seen.states")
        page.press("Escape")
        page.wait_for(f"{state} == 'done' && document.querySelector('#done-lines b')")
        assert "repetition" in page.run("document.getElementById('done-lines').innerText")
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=WITHIN_S)
        assert child.returncode == 0, output
    assert len(list((tmp_path / "out").glob("*/report.json"))) == 1


@needs_chromium
@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--use-fake-device-for-media-stream", "--deny-permission-prompts"), "may not be used"),
        (("--use-fake-ui-for-media-stream",), "No camera"),
    ],
)
def test_a_camera_that_cannot_be_had_is_explained(served: Served, flags: tuple[str, ...], words: str) -> None:
    with chromium(None, *flags) as page:
        page.open(f"http://127.0.0.1:{served.port}/?token={served.guard.token}")
        page.wait_for(f"document.getElementById('trouble').innerText.includes({json.dumps(words)})")
        assert page.run("document.getElementById('do-retry').offsetHeight") >= 48
