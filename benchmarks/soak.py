"""Eighteen minutes of a live run in which something goes wrong every twenty seconds. `python benchmarks/soak.py`.

Camera and pose network are stored recordings, the clock is this program's: what takes 18 minutes for a person takes
half a minute here. It fails when anything that was counted is lost, when time is credited that nobody was seen for, or
when memory grows.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from formcheck.errors import EstimatorError, FormcheckError
from formcheck.live.display import message, whole_plan
from formcheck.live.session import LiveSession, State
from formcheck.poselog import PoseLog
from formcheck.types import Frame, Pose

POSES: Final = Path(__file__).resolve().parent.parent / "tests" / "poses"
FPS: Final = 15
IMAGE: Final = np.zeros((480, 640, 3), np.uint8)
SMALL: Final = np.zeros((240, 320, 3), np.uint8)
PAUSED_FOR_S: Final = 4.0  # then the person presses the key
GROWTH_MB: Final = 12.0  # what is kept of 15 minutes beside the poses, which go to files, and a margin


@cache
def _poses(name: str) -> tuple[Pose, ...]:
    return tuple(PoseLog.load(POSES / f"{name}.npz"))


class Soak:
    """One run after the other, disturbed.

    Attributes:
        n_faults: how many of each kind there were.
        n_frames, n_runs: shown, finished.
        n_counted: in all reports.
    """

    def __init__(self, folder: Path, routine: str, seed: int) -> None:
        self.folder = folder
        self._routine = routine
        self._random = random.Random(seed)
        self._clock_s, self.now_s = 1000.0, 0.0  # the camera's clock, which may be set; how long it has really been
        self._fails = False
        self._at = 0
        self._shown: dict[int, int] = {}  # of each block, the last count on the screen
        self._paused_s = 0.0
        self.n_faults: Counter[str] = Counter()
        self.n_frames = self.n_runs = self.n_counted = 0
        self.session = LiveSession(self._look, self._results, state_folder=folder / "state")
        self._begin()

    def _results(self, _: object) -> Path:
        return self.folder / f"run-{self.n_runs}"

    def _begin(self) -> None:
        self.session.choose("routine", self._routine)
        self.session.command("start")
        self._shown = {}

    def _look(self, frame: Frame) -> Pose:
        if self._fails:
            self._fails = False
            raise EstimatorError("the pose network failed")
        run = self.session.run
        if run is None or run.block.exercise is None:
            return Pose.nobody(frame.time_s, (640, 480))
        poses = _poses(run.block.exercise.id)
        if self.session.state in (State.BLOCK, State.SETUP):  # a person keeps still while it counts down, or is paused
            self._at += 1
        return replace(poses[self._at % len(poses)], time_s=frame.time_s)

    def go(self, seconds: float, n_faults: int) -> None:
        """Shows frames for so long, with faults at times that nobody knows."""
        end_s = self.now_s + seconds
        due = sorted(self._random.uniform(self.now_s, end_s) for _ in range(n_faults))
        while due or self.now_s < end_s:
            if due and self.now_s >= due[0]:
                due.pop(0)
                self._disturb()
            self.show()

    def show(self, image: np.ndarray[Any, Any] = IMAGE, step_s: float = 1 / FPS) -> None:
        """The next frame, and what a person does about what the page then says."""
        self._clock_s += step_s
        self.now_s += max(0.0, step_s)
        self.n_frames += 1
        session = self.session
        before = (session.state, self._shown.get(self._index))
        try:
            session.take(image, self._clock_s)  # type: ignore[arg-type]
        except FormcheckError:
            assert (session.state, self._shown.get(self._index)) == before
        self._watch(message(session))
        if session.state is State.PAUSED:
            self._paused_s += step_s
            if self._paused_s > PAUSED_FOR_S:
                session.command("resume")
        else:
            self._paused_s = 0.0
        if session.state is State.SAVING:
            self._end()
            self._begin()

    @property
    def _index(self) -> int:
        return int(message(self.session)["index"])

    def _watch(self, shown: dict[str, Any]) -> None:
        """No number on the screen ever goes back, and a block that is over brought what was last shown."""
        index, count = shown["index"], shown.get("count")
        if shown["state"] in ("block", "paused", "countdown") and count is not None:
            assert count >= self._shown.get(index, 0), f"block {index}: {self._shown[index]} became {count}"
            self._shown[index] = count
        for key, result in shown["results"].items():
            assert (result["count"] or 0) >= self._shown.get(int(key), 0), f"block {key} lost repetitions"

    def _end(self) -> None:
        session = self.session
        results = [r for _, r in sorted(message(session)["results"].items(), key=lambda item: int(item[0]))]
        written = session.finish()
        assert session.state is State.DONE
        self.n_runs += 1
        told = [r["count"] for r in results if r["count"] is not None and r["status"] != "skipped"]
        if written is not None:
            blocks = [max((n for n in b["counted"].values() if n), default=0) for b in written.report["blocks"]]
            assert sum(blocks) >= sum(told), f"shown {told}, in the report {blocks}"
            self.n_counted += sum(blocks)

    def end(self) -> None:
        """The person has had enough; what was done is written."""
        self.session.command("stop")
        if self.session.state is State.SAVING:
            self._end()

    # -- what goes wrong ----------------------------------------------------------------------------------------------

    def _disturb(self) -> None:
        kind = self._random.choice(list(FAULTS))
        self.n_faults[kind] += 1
        FAULTS[kind](self)

    def stall(self) -> None:
        """The camera gives nothing for five seconds, or for a minute."""
        self.show(step_s=self._random.choice((5.0, 60.0)))

    def other_clock(self) -> None:
        """The page was loaded again, or the clock was set."""
        self._clock_s += self._random.choice((-500.0, -30.0, -0.4, 1e6))
        self.show()

    def stumble(self) -> None:
        """Frames come twice, late, and all at once."""
        for step_s in (0.0, 0.0, -0.1, 0.1, 0.0, 1e-9):
            self.show(step_s=step_s)

    def fail(self) -> None:
        """The pose network fails on a frame."""
        self._fails = True
        self.show()

    def other_picture(self) -> None:
        """Pictures of another size for a while."""
        for _ in range(5):
            self.show(SMALL)

    def junk(self) -> None:
        """Commands that nobody knows, or with odd values."""
        for name, value in (("no such", None), ("choose", {"kind": "exercise", "id": "x"}), ("language", 7)):
            try:
                self.session.command(name, value)
            except FormcheckError:
                continue
            raise AssertionError(f"{name} was taken")
        self.session.command("how")

    def reload(self) -> None:
        """A page comes anew and asks for everything."""
        assert whole_plan(self.session) is not None
        self._watch(message(self.session))

    def press(self) -> None:
        """Somebody plays with the pause key."""
        for name in ("pause", "resume", "pause", "toggle", "toggle"):
            self.session.command(name)

    def no_room(self) -> None:
        """The folder of the unfinished run cannot be written for two seconds."""
        state, away = self.folder / "state", self.folder / "away"
        if state.is_dir():
            state.rename(away)
        state.touch()
        for _ in range(2 * FPS):
            self.show()
        state.unlink()
        if away.is_dir():
            away.rename(state)

    def nobody(self) -> None:
        """The person leaves the picture."""
        look = self.session._watch
        self.session._watch = lambda frame: Pose.nobody(frame.time_s, (640, 480))
        for _ in range(3 * FPS):
            self.show()
        self.session._watch = look


FAULTS: Final[dict[str, Callable[[Soak], None]]] = {
    "stall": Soak.stall,
    "another clock": Soak.other_clock,
    "stumbling frames": Soak.stumble,
    "network fails": Soak.fail,
    "another size": Soak.other_picture,
    "junk": Soak.junk,
    "reload": Soak.reload,
    "keys": Soak.press,
    "no room": Soak.no_room,
    "nobody": Soak.nobody,
}


def memory_mb() -> float:
    """Resident memory of this process now; its peak where the system does not tell."""
    status = Path("/proc/self/statm")
    if status.is_file():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    """Runs it and says what happened; exit status 1 when something was lost or memory grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=18.0)
    parser.add_argument("--faults", type=int, default=50)
    parser.add_argument("--routine", default="back_release_18")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="formcheck-soak"))
    try:
        began = time.monotonic()
        soak = Soak(folder, asked.routine, asked.seed)
        warm_s = 60.0 * asked.minutes / 6  # everything is loaded, every array has its size
        soak.go(warm_s, round(asked.faults / 6))
        before_mb = memory_mb()
        soak.go(60.0 * asked.minutes - warm_s, asked.faults - round(asked.faults / 6))
        grown_mb = memory_mb() - before_mb
        soak.end()
        kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(soak.n_faults.items()))
        print(f"{soak.now_s / 60:.1f} minutes, {soak.n_frames} frames, {soak.n_faults.total()} faults: {kinds}")
        print(f"{soak.n_runs} runs; {soak.n_counted} repetitions, circles and holds counted, none lost")
        print(f"memory {before_mb:.0f} MB after the first sixth, {grown_mb:+.1f} MB since")
        print(f"{time.monotonic() - began:.0f} s of this computer's time")
        if grown_mb > GROWTH_MB:
            sys.exit(f"memory grew by {grown_mb:.1f} MB, more than {GROWTH_MB} MB")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
