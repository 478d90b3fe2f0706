"""How many frames a second: whole jobs beside bare inference and the usual public loop, in turns, on the same video.

    python benchmarks/throughput.py [VIDEO] [--exercise ID] [--rounds N] [--peer-python peer/bin/python] [--sharing]

Wall time; run it on a machine that does nothing else. Medians over the rounds. Starting (imports, the network) is in
the whole jobs and not in bare inference or the public loop, so a video of a minute or more tells most; by default the
sample clip of the demo is played eight times over (four minutes). With --sharing only one process and two are
compared. Exit code 1 when a bound is broken.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from formcheck.assets import find_model, find_sample
from formcheck.poselog import PoseLog
from formcheck.reading import estimate_poses
from formcheck.sources import open_source

# Processes that share a recording import this file, too: what they do not need is imported where it is used.

ROOT = Path(__file__).resolve().parent
N_TIMES = 8


def repeated(video: Path, path: Path, n_times: int) -> Path:
    """The video played several times over, without encoding it again."""
    import av

    with av.open(str(path), "w") as output:
        stream, offset = None, 0
        for _ in range(n_times):
            with av.open(str(video)) as source:
                track = source.streams.video[0]
                stream = stream or output.add_stream_from_template(track)
                last = 0
                for packet in source.demux(track):
                    if packet.dts is None:
                        continue
                    last = max(last, packet.pts + (packet.duration or 1))
                    packet.pts, packet.dts, packet.stream = packet.pts + offset, packet.dts + offset, stream
                    output.mux(packet)
                offset += last
    return path


def bare_fps(video: Path, on_one_core: bool = False) -> float:
    """Frames per second of the pose network alone, on frames made ready beforehand one by one.

    As MediaPipe comes, whose threads hand each frame from core to core; or kept on one core, as the whole jobs do.
    """
    from speed import Held

    spent_s, n_frames = 0.0, 0
    with open_source(video) as source, Held(find_model(), on_one_core=on_one_core) as estimator:
        for frame in source:
            image = estimator.hold(frame)
            start_s = perf_counter()
            estimator.infer(image, round(frame.time_s * 1000) + 1)
            spent_s += perf_counter() - start_s
            n_frames += 1
    return n_frames / spent_s


def fps(n_frames: int, job: Callable[[], object]) -> float:
    """Frames per second of a job over a video of so many frames."""
    start_s = perf_counter()
    job()
    return n_frames / (perf_counter() - start_s)


def peer_fps(python: Path, video: Path) -> float:
    """Frames per second of the public loop, in its own environment."""
    call = [str(python), str(ROOT / "peer_loop.py"), str(video)]
    return float(subprocess.run(call, capture_output=True, text=True, check=True).stdout.split()[-1])


def same_counts(a: PoseLog, b: PoseLog, exercise: str) -> bool:
    """Whether both logs give the same events, apart from their times."""
    from formcheck.judging import run_engine
    from formcheck.registry import find_exercise

    (events, _), (others, _) = (run_engine(log, find_exercise(exercise)) for log in (a, b))
    counted = ("RepetitionCompleted", "HoldCompleted", "CircleCompleted")
    return [type(e).__name__ for e in events if type(e).__name__ in counted] == [
        type(e).__name__ for e in others if type(e).__name__ in counted
    ]


def main() -> int:
    """Measures, prints the table, and returns 1 when a bound is broken."""
    from speed import Row

    from formcheck.session import analyze

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video", type=Path, nargs="?", help="a recording (default: the sample of the demo, repeated)")
    parser.add_argument("--exercise", default="seated_cat_cow", help="what it shows")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-python", type=Path, help="Python of the environment of peer_loop.py")
    parser.add_argument("--sharing", action="store_true", help="only one process against two")
    args = parser.parse_args()
    rates: dict[str, list[float]] = {}
    fast = {"model": find_model()}  # a model given: without the silhouette
    with tempfile.TemporaryDirectory() as folder:
        video = args.video or repeated(find_sample(), Path(folder) / "long.mp4", N_TIMES)
        log = estimate_poses(video)
        jobs: dict[str, Callable[[], float]] = {
            "bare": lambda: bare_fps(video),
            "bare, on one core": lambda: bare_fps(video, on_one_core=True),
            "without video": lambda: fps(len(log), lambda: analyze(video, args.exercise, folder, video=False, **fast)),
            "annotated": lambda: fps(len(log), lambda: analyze(video, args.exercise, folder, **fast)),
            "poses": lambda: fps(len(log), lambda: estimate_poses(video)),
            "poses, two processes": lambda: fps(len(log), lambda: estimate_poses(video, jobs=2)),
            "poses, rate auto": lambda: fps(len(log), lambda: estimate_poses(video, pose_rate="auto")),
        }
        if args.peer_python:
            jobs["public loop"] = lambda: peer_fps(args.peer_python, video)
        if args.sharing:
            jobs = {name: jobs[name] for name in ("poses", "poses, two processes")}
        for _ in range(args.rounds):
            for name, job in jobs.items():
                rates.setdefault(name, []).append(job())
        shared = estimate_poses(video, jobs=2)
        rare = None if args.sharing else estimate_poses(video, pose_rate="auto")
    median = {name: statistics.median(values) for name, values in rates.items()}
    print(f"{video.name}: {len(log)} frames of {log.size_wh[0]}x{log.size_wh[1]}, {args.rounds} rounds")
    rows = [Row(name, value, "frames/s") for name, value in median.items()]
    rows += [
        Row("two processes / one, poses", median["poses, two processes"] / median["poses"], "", at_least=1.6),
        Row("two processes count the same", float(same_counts(log, shared, args.exercise)), "", at_least=1.0),
    ]
    if rare is not None:
        rows += [
            Row("without video / bare", median["without video"] / median["bare"], "", at_least=0.90),
            Row("without video / bare on one core", median["without video"] / median["bare, on one core"], ""),
            Row("annotated / bare", median["annotated"] / median["bare"], "", at_least=0.75),
            Row("rate auto / full, poses", median["poses, rate auto"] / median["poses"], "", at_least=1.6),
            Row("rate auto counts the same", float(same_counts(log, rare, args.exercise)), "", at_least=1.0),
        ]
    if "public loop" in median:
        rows += [
            Row("without video / public loop", median["without video"] / median["public loop"], "", at_least=2.1),
            Row("annotated / public loop", median["annotated"] / median["public loop"], "", at_least=1.8),
        ]
    for row in rows:
        print(row)
    return 0 if all(row.is_kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
