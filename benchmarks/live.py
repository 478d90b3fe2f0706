"""What the live page costs: delay, rate, start, memory and hold clocks, against their bounds.

    python benchmarks/live.py [--seconds 40]

The page runs in the machine's own Chromium with the demo clip for a camera; page and server share the machine. The
delay is from the capture time of a picture to the end of drawing what it showed. Memory and clocks are measured on
the session alone, beside an idle pose network, which is shown the clip's poses over and over for 18 minutes of its own
time. Exit code 1 when a
bound is broken, 2 when there is no Chromium.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser import CHROMIUM, as_fake_camera, chromium  # noqa: E402

from formcheck.assets import find_sample  # noqa: E402
from formcheck.live.display import message  # noqa: E402
from formcheck.live.eyes import Eyes  # noqa: E402
from formcheck.live.flow import State  # noqa: E402
from formcheck.live.session import LiveSession  # noqa: E402
from formcheck.poselog import PoseLog  # noqa: E402
from formcheck.sources import open_source  # noqa: E402
from formcheck.types import Frame, Pose  # noqa: E402

RUN_S = 18 * 60
FPS = 15
POSES = ROOT / "tests" / "poses"

Row = tuple[str, float, str, float | None, float | None]  # what, value, unit, at least, at most


def measure_page(seconds: float, folder: Path) -> list[Row]:
    """Delay and rate in a block, and how long it takes from the command to a page that shows the camera."""
    clip = as_fake_camera(find_sample(), folder / "camera.mjpeg")
    environment = os.environ | {"XDG_DATA_HOME": str(folder), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "formcheck", "live", "--no-open", "--exercise", "seated_cat_cow", "--out", folder]
    with chromium(clip, "--use-fake-ui-for-media-stream") as page:
        began_s = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
            try:
                assert server.stdout is not None
                page.open(server.stdout.readline().split()[1])
                page.wait_for("document.body.dataset.state == 'choose'", 30)
                ready_s = time.perf_counter() - began_s
                page.press(" ")
                page.wait_for("document.body.dataset.state == 'block'", 40)
                page.run("performance.clearMeasures()")
                time.sleep(seconds)
                entries = page.run(
                    "performance.getEntriesByName('picture to drawing').map((e) => [e.startTime, e.duration])"
                )
            finally:
                server.terminate()
    starts_ms, delays_ms = np.array(entries).T
    rate = 1000 * (len(starts_ms) - 1) / (starts_ms[-1] - starts_ms[0])
    return [
        ("from the command to a page with a camera", ready_s, "s", None, 3.0),
        ("from picture to drawing, median", float(np.median(delays_ms)), "ms", None, 60.0),
        ("from picture to drawing, 95 of 100", float(np.percentile(delays_ms, 95)), "ms", None, 120.0),
        ("pictures looked at", rate, "1/s", 15.0, None),
    ]


def measure_run(folder: Path) -> list[Row]:
    """Memory and clocks of a block that takes 18 minutes of the session's own time."""
    with Eyes() as eyes, open_source(find_sample()) as source:  # a run's memory holds them, too
        for frame in islice(source, 45):
            eyes.look(frame)
        return _measure_session(folder)


def _measure_session(folder: Path) -> list[Row]:
    poses = list(PoseLog.load(POSES / "seated_cat_cow.npz"))
    shown: dict[str, Pose] = {}

    def look(frame: Frame) -> Pose:
        return replace(shown["pose"], time_s=frame.time_s)

    session = LiveSession(look, lambda plan: folder / "run", state_folder=folder / "kept")
    session.choose("exercise", "seated_cat_cow")
    session.command("start")
    black = np.zeros((480, 640, 3), np.uint8)
    after_a_minute = began_run_s = began_s = 0.0
    shown_now: dict[str, Any] = {}
    for i in range(RUN_S * FPS):
        shown["pose"] = poses[i % len(poses)]
        session.take(black, i / FPS)
        shown_now = message(session)
        for _ in range(2 if session.state is State.BLOCK and i % 100 == 0 else 0):
            session.command("extend")
        if i == 60 * FPS:
            after_a_minute = _resident_mb()
            began_run_s, began_s = shown_now["run_s"], i / FPS
    drift_s = abs((shown_now["run_s"] - began_run_s) - ((RUN_S * FPS - 1) / FPS - began_s))
    growth = 100 * (_resident_mb() / after_a_minute - 1)
    print(f"the session's memory after a minute: {after_a_minute:.0f} MB; counted at the end: {shown_now['count']}")
    return [
        ("drift of the run's clock in 18 minutes", 1000 * drift_s, "ms", None, 100.0),
        ("growth of memory after the first minute", growth, "%", None, 5.0),
    ]


def _resident_mb() -> float:
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> int:
    """Prints the table; 0 when every bound holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=40.0, help="how long the page is measured in a block")
    seconds = parser.parse_args().seconds
    if CHROMIUM is None:
        print("there is no Chromium on this machine")
        return 2
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        rows = [*measure_page(seconds, Path(name)), *measure_run(Path(name))]
    print(f"load of the machine before: {load:.1f} on {os.cpu_count()} cores")
    is_kept = True
    for what, value, unit, at_least, at_most in rows:
        is_good = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
        bound = f">= {at_least:g}" if at_least is not None else f"<= {at_most:g}"
        print(f"{what:45} {value:9.1f} {unit:4} {bound:9} {'ok' if is_good else 'BROKEN'}")
        is_kept &= is_good
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
