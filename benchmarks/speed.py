"""What formcheck costs: a table of measured values against their bounds.

    python benchmarks/speed.py                      # on the sample clip of the demo
    python benchmarks/speed.py VIDEO --exercise ID

Exit code 1 when a bound is broken. Times of the whole job are processor time over all threads, so that work
hidden on the other core counts; the pose network is measured bare in the same run, on the same frames, and
taken off. Every value is a median; things that are compared take turns.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from formcheck.assets import find_model, find_sample
from formcheck.engine import Engine
from formcheck.estimators.mediapipe_pose import MediaPipePose
from formcheck.judging import load_references, run_engine
from formcheck.poselog import PoseLog
from formcheck.reading import estimate_poses
from formcheck.registry import find_exercise
from formcheck.session import analyze
from formcheck.sources import open_source
from formcheck.types import Frame, Pose
from formcheck.vision.ball import BallFinder

ROOT = Path(__file__).resolve().parent.parent
FAST, FULL = "pose_landmarker_full_fast.task", "pose_landmarker_full.task"
N_INFERENCE_FRAMES, INFERENCE_ROUNDS = 100, 3  # enough for a median on a busy machine
HELP_RUNS = 15
BARE_PROGRAM = """
import typer
app = typer.Typer()
@app.command()
def greet(name: str) -> None: ...
@app.command()
def part(name: str) -> None: ...
app()
"""


@dataclass(frozen=True)
class Row:
    """One line of the table; `at_least` or `at_most` is the bound, both None for information."""

    what: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the value keeps its bound."""
        return (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )

    def __str__(self) -> str:
        bound = "" if self.at_least is None else f">= {self.at_least:g}"
        bound = bound if self.at_most is None else f"<= {self.at_most:g}"
        verdict = "" if not bound else "ok" if self.is_kept else "BROKEN"
        return f"{self.what:<58}{self.value:>10.3g} {self.unit:<12}{bound:>10}  {verdict}"


class Held(MediaPipePose):
    """The pose network on RGB pictures made beforehand: inference and nothing else."""

    def infer(self, image: object, time_ms: int) -> object:
        """MediaPipe's own result for one of its own images."""
        with self._core.working():
            return self._landmarker.detect_for_video(image, time_ms)

    def hold(self, frame: Frame) -> object:
        """The frame as MediaPipe's own image."""
        return self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=self._to_rgb(frame))


def compare_bundles(video: Path) -> list[Row]:
    """Time of a frame and landmarks of both bundles on the same frames, in turns, clip by clip."""
    with open_source(video) as source:
        frames = [Frame(f.index, f.time_s, f.image.copy()) for f in islice(source, N_INFERENCE_FRAMES)]
    times: dict[str, list[float]] = {FAST: [], FULL: []}
    poses: dict[str, list[Pose]] = {}
    for _ in range(INFERENCE_ROUNDS):
        for name in (FAST, FULL):
            poses[name] = []
            with MediaPipePose(find_model(name)) as estimator:
                for frame in frames:
                    start = perf_counter()
                    poses[name].append(estimator.estimate(frame))
                    times[name].append(1000 * (perf_counter() - start))
    largest = max(_difference(a, b) for a, b in zip(poses[FAST], poses[FULL], strict=True))
    fast_ms, full_ms = statistics.median(times[FAST]), statistics.median(times[FULL])
    return [
        Row("pose step, full bundle", full_ms, "ms/frame"),
        Row("pose step, fast bundle", fast_ms, "ms/frame"),
        Row("fast bundle is faster by a factor of", full_ms / fast_ms, "", at_least=1.6),
        Row("largest difference of their landmarks", largest, "", at_most=1e-6),
    ]


def _difference(a: Pose, b: Pose) -> float:
    """Largest difference of two poses' landmarks; infinite when only one has a person."""
    if a.is_person != b.is_person:
        return np.inf
    return max(
        float(np.nanmax(np.abs(x - y), initial=0.0)) for x, y in ((a.landmarks, b.landmarks), (a.world_m, b.world_m))
    )


def engine_cost(log: PoseLog, exercise: str) -> Row:
    """Wall time of one engine step."""
    times = []
    followed = find_exercise(exercise)
    engine = Engine(followed, reference=load_references(followed))
    for pose in log:
        start = perf_counter()
        engine.step(pose)
        times.append(1000 * (perf_counter() - start))
    return Row(
        "engine: gate, smoothing, measures, phases, counting, faults, matching the reference",
        statistics.median(times),
        "ms/frame",
        at_most=1.0,
    )


def kept_bytes(log: PoseLog, exercise: str) -> Row:
    """What stays in memory for each frame: poses with their reserve, and readings."""
    _, series = run_engine(log, find_exercise(exercise))
    n_bytes = log.nbytes + sum(column.nbytes for column in series.values.values())
    return Row("kept in memory", n_bytes / len(log), "bytes/frame", at_most=2048)


def processor_ms(job: Callable[[], object]) -> float:
    """Processor time of a job in milliseconds, over all threads."""
    start = process_time()
    job()
    return 1000 * (process_time() - start)


def bare_inference(video: Path) -> float:
    """Processor time of starting the network and of inference alone, over all frames, in milliseconds.

    On one core, as in the whole job: what is saved there is nothing that the rest of the job saves.
    """
    start = process_time()
    with open_source(video) as source, Held(find_model(), on_one_core=True) as estimator:
        total = process_time() - start
        for frame in source:
            image = estimator.hold(frame)
            start = process_time()
            estimator.infer(image, round(frame.time_s * 1000) + 1)
            total += process_time() - start
    return 1000 * total


def ball_ms(video: Path, log: PoseLog) -> float:
    """Processor time of looking for the ball in a whole recording."""
    finder, spent_s = BallFinder(), 0.0
    with open_source(video) as recording:
        for frame, pose in zip(recording, log, strict=False):
            start = process_time()
            finder.look(frame.image, pose)
            spent_s += process_time() - start
    return 1000 * spent_s


def whole_job_cost(video: Path, exercise: str | None, log: PoseLog, rounds: int) -> list[Row]:
    """Processor time of the whole job, less that of bare inference, per frame; the ball's part of it by itself.

    Without the silhouette: with a model given, no second network runs.
    """
    without, annotated, bare, ball = [], [], [], []
    model, n_frames = find_model(), len(log)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            bare.append(bare_inference(video) / n_frames)
            ball.append(ball_ms(video, log) / n_frames)
            for costs, with_video in ((without, False), (annotated, True)):
                job = partial(analyze, video, exercise, folder, video=with_video, model=model)
                costs.append(processor_ms(job) / n_frames)
    plain = [a - b for a, b in zip(without, bare, strict=True)]
    drawn = [a - b for a, b in zip(annotated, bare, strict=True)]
    return [
        Row("bare inference (processor time)", statistics.median(bare), "ms/frame"),
        Row("of this, looking for the ball (processor time)", statistics.median(ball), "ms/frame", at_most=3.0),
        Row(
            "all but the pose network, no video (processor time)",
            statistics.median(plain),
            "ms/frame",
            at_most=3.2,
        ),
        Row(
            "the same with annotated H.264 (processor time)",
            statistics.median(drawn),
            "ms/frame",
            at_most=6.5,
        ),
    ]


def help_cost() -> list[Row]:
    """Time of `formcheck --help` against a bare typer program, in turns."""
    ours, theirs = [], []
    for _ in range(HELP_RUNS):
        ours.append(_help_ms("from formcheck.cli import main; main()"))
        theirs.append(_help_ms(BARE_PROGRAM))
    ratio = statistics.median(ours) / statistics.median(theirs)
    return [
        Row("formcheck --help", statistics.median(ours), "ms"),
        Row("its ratio to a bare typer program", ratio, "", at_most=1.3),
    ]


def _help_ms(program: str) -> float:
    command = [sys.executable, "-c", program, "--help"]
    start = perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return 1000 * (perf_counter() - start)


def main() -> int:
    """Measures, prints the table, and returns 1 when a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video", type=Path, nargs="?", help="a recording (default: the sample of the demo)")
    parser.add_argument("--exercise", default="seated_cat_cow", help="what it shows")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the whole job")
    args = parser.parse_args()
    video = args.video or find_sample()

    log = estimate_poses(video)
    rows = compare_bundles(video)
    rows += [engine_cost(log, args.exercise), kept_bytes(log, args.exercise)]
    rows += whole_job_cost(video, args.exercise, log, args.rounds)
    rows += help_cost()
    print(f"{video.name}: {len(log)} frames of {log.size_wh[0]}x{log.size_wh[1]}")
    for row in rows:
        print(row)
    return 0 if all(row.is_kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
