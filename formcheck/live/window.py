"""The same run in a window of OpenCV, for those who want no browser."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import Final

import numpy as np

from formcheck.errors import UsageError
from formcheck.live.clock import SleepWatch
from formcheck.live.display import overlay as overlay_of
from formcheck.live.flow import State
from formcheck.live.session import LiveSession
from formcheck.render.overlay import Overlay
from formcheck.sources.camera import Camera
from formcheck.types import Pose, Snapshot

TITLE: Final = "formcheck"
SIZE_WH: Final = (1280, 960)
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
        overlay: Overlay | None = None
        sleep = SleepWatch()
        try:
            while session.state not in (State.SAVING, State.DONE):
                grabbed = camera.newest()
                if grabbed is None:
                    if camera.has_ended:
                        break
                    continue
                image, frame_s = grabbed
                if sleep.has_slept(time.time(), time.monotonic()):
                    session.command("interrupt", "asleep")
                session.take(image, frame_s)
                pose = session.pose
                image = np.ascontiguousarray(image[:, ::-1])
                if pose is not None and pose.size_wh == image.shape[1::-1]:
                    overlay = overlay or Overlay(pose.size_wh, session.catalogue.language)
                    overlay.draw(image, *_mirrored(pose, overlay_of(session)))
                cv2.imshow(TITLE, image)
                key = cv2.waitKeyEx(1)
                if key in KEYS:
                    session.command(KEYS[key])
                if cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1:
                    break
        except KeyboardInterrupt:  # what was done until now is still reported
            pass
        finally:
            cv2.destroyAllWindows()


def _mirrored(pose: Pose, snapshot: Snapshot) -> tuple[Pose, Snapshot]:
    """Where things are in the mirrored picture; left stays the person's left."""
    width = pose.size_wh[0]
    landmarks = pose.landmarks * np.array([-1, 1, 1], np.float32) + np.array([1, 0, 0], np.float32)
    ball, ghost_px = pose.ball, snapshot.ghost_px
    if ball is not None and ball.is_seen:
        ball = replace(ball, x_px=width - ball.x_px)
    if ghost_px is not None:
        ghost_px = ghost_px * (-1, 1) + (width, 0)
    return replace(pose, landmarks=landmarks, ball=ball), replace(snapshot, ghost_px=ghost_px)
