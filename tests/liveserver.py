"""The live page's server for tests: in a thread with stored poses for a pose network, or as the program itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http.cookiejar import CookieJar
from itertools import cycle
from pathlib import Path
from typing import Any

import uvicorn
from patience import WITHIN_S
from recordings import stored
from websockets.sync.client import ClientConnection, connect

from formcheck.live.past import Past
from formcheck.live.recorder import Recorder
from formcheck.live.session import LiveSession
from formcheck.types import Frame, Pose
from formcheck.web.guard import Guard
from formcheck.web.server import LARGEST_MESSAGE, LiveServer
from formcheck.web.serving import listen
from formcheck.web.settings import DEFAULTS

ROOT = Path(__file__).resolve().parent.parent


class Served:
    """A server in a thread, whose pose network is a stored recording.

    Attributes:
        is_empty: whether nobody is in the room; then nothing begins that the test has not asked for.
    """

    def __init__(self, tmp_path: Path, *, past: Past | None = None, recorder: Recorder | None = None) -> None:
        poses = cycle(stored("seated_cat_cow"))
        self.is_empty = False

        def look(frame: Frame) -> Pose:
            if self.is_empty:
                return Pose.nobody(frame.time_s, (frame.image.shape[1], frame.image.shape[0]))
            return replace(next(poses), time_s=frame.time_s)

        results, kept = tmp_path / "results", tmp_path / "kept"
        self.session = LiveSession(look, lambda plan: results, state_folder=kept, past=past, recorder=recorder)
        self.listening = listen(0)
        self.port = self.listening.getsockname()[1]
        self.guard = Guard(self.port)
        self.settings_path = tmp_path / "settings.json"
        records = recorder is not None
        self._live = LiveServer(self.session, self.guard, dict(DEFAULTS), self.settings_path, records=records)
        self.app = self._live.app
        config = uvicorn.Config(
            self.app,
            log_level="error",
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._server.serve([self.listening]))

    def __enter__(self) -> Served:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(WITHIN_S)
        self.listening.close()
        assert not self._thread.is_alive()

    @property
    def has_page(self) -> bool:
        """Whether a page is connected."""
        return self._live._page is not None

    def do(self, command: str, value: Any = None) -> None:
        """A command from elsewhere than the page, between two pictures."""
        self._live._worker.submit(self.session.command, command, value).result(WITHIN_S)

    def cut(self) -> None:
        """The connection to the page breaks off."""
        page, loop = self._live._page, self._loop
        assert page is not None
        asyncio.run_coroutine_threadsafe(page.close(1011), loop).result(WITHIN_S)

    @property
    def address(self) -> str:
        """Of the page, with its token."""
        return f"http://127.0.0.1:{self.port}/?token={self.guard.token}"

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of an answer; redirections are not followed."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        opener = urllib.request.build_opener(_Stay)
        try:
            with opener.open(request, timeout=WITHIN_S) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read().decode()

    def key(self) -> str:
        """The cookie that the token is exchanged for."""
        _, headers, _ = self.get(f"/?token={self.guard.token}")
        return headers["set-cookie"].split(";")[0]

    def talk(self, cookie: str, origin: str | None = None, query: str = "") -> ClientConnection:
        headers = {"Cookie": cookie} if cookie else {}
        address = f"ws://127.0.0.1:{self.port}/live{query}"
        own = f"http://127.0.0.1:{self.port}" if origin is None else origin
        patience: dict[str, Any] = {"open_timeout": WITHIN_S, "ping_interval": None}
        return connect(address, origin=own, additional_headers=headers, max_size=None, proxy=None, **patience)  # type: ignore[arg-type]


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@contextlib.contextmanager
def program(
    tmp_path: Path, *arguments: str, environment: dict[str, str] | None = None, code: str | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`formcheck live` in a process of its own, and the address it printed; `code` starts it where that is given."""
    own = {"XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | (environment or {})
    start = ["-m", "formcheck"] if code is None else ["-c", code]
    command = [sys.executable, *start, "live", "--no-open", "--out", str(tmp_path / "out"), *arguments]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | own)
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        is_open = line.startswith(("Open http://127.0.0.1:", "Öffne http://127.0.0.1:"))
        assert is_open, line + child.stdout.read()
        yield child, line.split()[1]
    finally:
        if child.poll() is None:
            child.kill()
        if child.stdout and not child.stdout.closed:
            child.communicate()


@contextlib.contextmanager
def page_at(address: str) -> Iterator[ClientConnection]:
    """A page at the address that a program printed."""
    base, jar = address.split("/?")[0], CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), urllib.request.ProxyHandler({}))
    opener.open(address, timeout=WITHIN_S).close()
    headers = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)}
    patience: dict[str, Any] = {"open_timeout": WITHIN_S, "ping_interval": None}
    with connect(
        base.replace("http", "ws") + "/live", origin=base, additional_headers=headers, proxy=None, **patience
    ) as talk:  # type: ignore[arg-type]
        yield talk
