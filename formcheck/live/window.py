"""The same run in a window of OpenCV, for those who want no browser."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import Final, Protocol

import numpy as np

from formcheck.errors import UsageError
from formcheck.live.clock import SleepWatch
from formcheck.live.display import overlay as overlay_of
from formcheck.live.eyes import Image
from formcheck.live.flow import State
from formcheck.live.session import LiveSession
from formcheck.render.overlay import Overlay
from formcheck.sources.camera import WAIT_S, Camera
from formcheck.types import BACK_SCALE, Pose, Snapshot

TITLE: Final = "formcheck"
SIZE_WH: Final = (1280, 960)
LOOK_S: Final = 0.2  # a window without pictures still answers to its keys so often
PROBE: Final = "import cv2; cv2.namedWindow('formcheck'); cv2.waitKey(1); cv2.destroyAllWindows()"
PROBE_WITHIN_S: Final = 60  # where there is no display, it says so at once; a busy machine needs its time
# Arrow keys as GTK and Qt, Windows, and macOS report them; a letter does the same everywhere.
KEYS: Final = {
    ord(" "): "toggle",
    ord("b"): "breath",
    ord("p"): "hurts",
    ord("n"): "skip",
    65363: "skip",
    2555904: "skip",
    63235: "skip",
    ord("r"): "repeat",
    65361: "repeat",
    2424832: "repeat",
    63234: "repeat",
    65362: "extend",
    2490368: "extend",
    63232: "extend",
    27: "stop",
    ord("q"): "stop",
}


class Pictures(Protocol):
    """Where pictures come from, as `sources.camera.Camera`."""

    has_ended: bool

    def newest(self, within_s: float) -> tuple[Image, float] | None:
        """A picture that was not seen yet, and its time in seconds; None when none came within this time."""


def check_display() -> None:
    """Whether a window can be opened is tried in another process, which OpenCV aborts where it cannot.

    Raises:
        UsageError: there is no display.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROBE], capture_output=True, timeout=PROBE_WITHIN_S, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        done = -1
    if done != 0:
        raise UsageError("no window can be opened here: there is no display; leave --window out to use the browser")


def run_in_window(session: LiveSession, where: str) -> None:
    """Runs what was chosen until it is done, stopped, or the window is closed.

    Raises:
        UsageError: nothing was chosen, or there is no display.
        SourceError: the camera cannot be opened.
    """
    if session.plan is None:
        raise UsageError("name what to do with --routine or --exercise when there is no page to choose on")
    check_display()
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")  # Qt's remarks on fonts, which are not used
    import cv2

    with Camera(where) as camera:
        cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        cv2.resizeWindow(TITLE, *SIZE_WH)
        session.command("start")
        try:
            follow(session, camera)
        except KeyboardInterrupt:  # what was done until now is still reported
            pass
        finally:
            cv2.destroyAllWindows()


def follow(session: LiveSession, camera: Pictures) -> None:
    """Shows picture after picture in the open window, until the run is over, the pictures are, or it is closed."""
    mirror, sleep, silent_s = _Mirror(session), SleepWatch(), 0.0
    while session.state not in (State.SAVING, State.DONE):
        grabbed = camera.newest(LOOK_S)
        if grabbed is not None:
            silent_s = 0.0
            if sleep.has_slept(time.time(), time.monotonic()):
                session.command("interrupt", "asleep")
            session.take(*grabbed)
            mirror.show(grabbed[0])
        elif camera.has_ended:
            return
        else:
            silent_s += LOOK_S
            if silent_s >= WAIT_S:
                session.command("interrupt", "camera")
                mirror.show_again()
        if not _is_open(session):
            return


def _is_open(session: LiveSession) -> bool:
    """Does what a key asks for; False when the window has been closed."""
    import cv2

    key = cv2.waitKeyEx(1)
    key = ord(chr(key).lower()) if 0 <= key < 128 else key  # Caps Lock must not keep "it hurts" from being heard
    if key in KEYS:
        session.command(KEYS[key])
    return cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) >= 1


class _Mirror:
    """The pictures as in a mirror, with the overlay."""

    def __init__(self, session: LiveSession) -> None:
        self._session = session
        self._overlay: Overlay | None = None
        self._last: Image | None = None

    def show(self, image: Image) -> None:
        """Shows a picture that the session has taken."""
        import cv2

        self._last, pose = image, self._session.pose
        shown = np.ascontiguousarray(image[:, ::-1])
        if pose is not None and pose.size_wh == shown.shape[1::-1]:
            self._overlay = self._overlay or Overlay(pose.size_wh, self._session.catalogue.language)
            self._overlay.draw(shown, *mirrored(pose, overlay_of(self._session)))
        cv2.imshow(TITLE, shown)

    def show_again(self) -> None:
        """The last picture, where there was one: what is said over it may have changed."""
        if self._last is not None:
            self.show(self._last)


def mirrored(pose: Pose, snapshot: Snapshot) -> tuple[Pose, Snapshot]:
    """Where things are in the mirrored picture; left stays the person's left."""
    width = pose.size_wh[0]
    landmarks = pose.landmarks * np.array([-1, 1, 1], np.float32) + np.array([1, 0, 0], np.float32)
    ball, ghost_px, outline = pose.ball, snapshot.ghost_px, pose.back_outline
    if ball is not None and ball.is_seen:
        ball = replace(ball, x_px=width - ball.x_px)
    if ghost_px is not None:
        ghost_px = ghost_px * (-1, 1) + (width, 0)
    if outline is not None:
        outline = np.stack([width * BACK_SCALE - outline[:, 0], outline[:, 1]], axis=1).astype(np.int16)
    mirrored = replace(pose, landmarks=landmarks, ball=ball, back_outline=outline)
    return mirrored, replace(snapshot, ghost_px=ghost_px)
