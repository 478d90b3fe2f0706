"""The machine's own Chromium, headless, with a camera that plays pictures from a file; driven over its debug socket."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
from patience import WITHIN_S
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from formcheck.sources import open_source

FAKE_CAMERA_FPS = 30  # at which Chromium plays an MJPEG file
KEYS = {
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    "Tab": (9, ""),
    "ArrowLeft": (37, ""),
    "ArrowRight": (39, ""),
    " ": (32, " "),
    "b": (66, "b"),
    "p": (80, "p"),
}
# Before any script of a page: keeps every state and every trouble that was shown, however short.
SEEN = """
window.seen = { states: [], troubles: [] };
new MutationObserver(() => {
  const state = document.body && document.body.dataset.state, sheet = document.getElementById('trouble');
  const trouble = sheet && !sheet.hidden ? document.getElementById('trouble-text').textContent : '';
  if (state && state !== seen.states.at(-1)) seen.states.push(state);
  if (trouble && trouble !== seen.troubles.at(-1)) seen.troubles.push(trouble);
}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
"""
NO_TROUBLE = "document.getElementById('trouble').hidden"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def as_fake_camera(video: Path, path: Path, end_s: float = math.inf) -> Path:
    """A recording until `end_s` as the MJPEG file that Chromium plays for a camera, at the recording's own pace."""
    with open_source(video) as source, path.open("wb") as file:
        n_written = 0
        for frame in source:
            if frame.time_s > end_s:
                break
            _, jpeg = cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, 85])
            while n_written <= frame.time_s * FAKE_CAMERA_FPS:
                file.write(jpeg.tobytes())
                n_written += 1
    return path


class Page:
    """One tab."""

    def __init__(self, talk: ClientConnection) -> None:
        self._socket = talk
        self._n = 0
        for domain in ("Page", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the DevTools protocol, and its result."""
        self._n += 1
        self._socket.send(json.dumps({"id": self._n, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=2 * WITHIN_S))
            if answer.get("id") == self._n:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def open(self, address: str) -> None:
        self.call("Page.navigate", url=address)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def prepare(self, *scripts: str) -> None:
        """Scripts that run before those of every document that is opened from now on."""
        for script in scripts:
            self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def wait_for(self, script: str, timeout_s: float = WITHIN_S) -> None:
        """Returns once the expression is true."""
        until = time.monotonic() + timeout_s
        while True:
            is_late = time.monotonic() > until  # asked before the look: who was stopped in between looks once more
            with contextlib.suppress(AssertionError):  # the page may be between two documents
                if self.run(f"Boolean({script})"):
                    return
            if is_late:
                break
            time.sleep(0.05)
        shown = self.run("document.body.dataset.state + ': ' + document.body.innerText")[:600]
        raise AssertionError(f"never true within {timeout_s} s: {script}; {shown}")

    def press(self, key: str) -> None:
        """One key, as a finger does it: a focused button answers to Enter and Space."""
        code, text = KEYS[key]
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, text=text)
            text = ""

    def resize(self, size_wh: tuple[int, int]) -> None:
        """Another size of the window."""
        width, height = size_wh
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.wait_for(f"innerWidth === {width} && innerHeight === {height}")

    def picture(self, path: Path, size_wh: tuple[int, int]) -> None:
        """A screenshot at a size of the window."""
        self.resize(size_wh)
        time.sleep(0.6)
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


def until(page: Page, goal: str, presses_in: tuple[str, ...] = ("paused",)) -> None:
    """Waits for a goal in a run as a person does, who presses the key where it waits for one.

    A page, a camera or a program that was stopped for some seconds has paused the run, and shows what was wrong until
    it goes on. The page must be prepared with `SEEN`.
    """
    waits = f"({json.dumps(presses_in)}.includes(document.body.dataset.state) && {NO_TROUBLE})"
    for _ in range(50):
        page.wait_for(f"{goal} || {waits}", 3 * WITHIN_S)
        if page.run(f"Boolean({goal})"):
            return
        n_before = page.run("seen.states.length")
        page.press(" ")
        with contextlib.suppress(AssertionError):  # it was stopped once more, before it had taken the key
            page.wait_for(f"seen.states.length > {n_before}", 10.0)
    raise AssertionError(f"not reached: {goal}; {page.run('seen')}")


def pause(page: Page) -> None:
    """Presses the key until the run is paused: one that has just paused by itself would go on with the first press."""
    for _ in range(50):
        page.press(" ")
        with contextlib.suppress(AssertionError):
            page.wait_for("document.body.dataset.state == 'paused'", 10.0)
            return
    raise AssertionError(f"never paused; {page.run('seen')}")


@contextlib.contextmanager
def chromium(camera: Path | None, *flags: str) -> Iterator[Page]:
    """A tab of a fresh, headless Chromium that is gone when the block is left.

    Args:
        camera: an MJPEG file to play as the camera; None for no camera at all.
        flags: more of Chromium's own.
    """
    assert CHROMIUM is not None
    fakes = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}"] if camera else []
    with tempfile.TemporaryDirectory(prefix="formcheck-chromium", ignore_cleanup_errors=True) as folder:
        child = subprocess.Popen(
            [
                CHROMIUM,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--remote-debugging-port=0",
                f"--user-data-dir={folder}",
                *fakes,
                *flags,
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = _address_of_tab(Path(folder), child)
            patience: dict[str, Any] = {"open_timeout": WITHIN_S, "ping_interval": None}
            with connect(address, max_size=None, proxy=None, **patience) as talk:
                page = Page(talk)
                yield page
                with contextlib.suppress(ConnectionClosed, TimeoutError):  # it is ended below in any case
                    page.call("Browser.close")
        finally:
            child.terminate()
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _address_of_tab(folder: Path, child: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + 2 * WITHIN_S
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError, ValueError, IndexError, StopIteration):
            port = int((folder / "DevToolsActivePort").read_text().split()[0])
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=WITHIN_S) as answer:
                tabs = json.load(answer)
            return str(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))
        time.sleep(0.1)
    raise AssertionError("Chromium did not start")
