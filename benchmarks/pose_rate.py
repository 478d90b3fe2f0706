"""What `--pose-rate auto` saves and what it costs: every sample clip read at both rates by the real network, in turns.

    python benchmarks/pose_rate.py [--repeat] [CLIP ...]

With --repeat each clip is also read at the full rate from half a second later on: how far the network's answers, and
with them the seconds of holds, differ for a reason that means nothing.

For each clip: how much faster, whether the same is counted, and how far the seconds of counted holds are off. Poses and
ball only; the curve of the back takes as long at either rate. Wall time; run it on a machine that does nothing else.
Exit code 1 when a bound is broken.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from time import perf_counter

from agreement import counts
from speed import Row

from formcheck.assets import find_model
from formcheck.events import Event, HoldCompleted
from formcheck.judging import run_engine
from formcheck.poselog import PoseLog
from formcheck.reading import Part, PoseRateName, Task, estimate_poses, read_part
from formcheck.registry import find_exercise
from formcheck.seeing import Wishes

N_LATER = 7  # frames: half a second
SAMPLES = Path(__file__).resolve().parent.parent / "sample_videos"


def timed(clip: Path, pose_rate: PoseRateName) -> tuple[PoseLog, float]:
    """The poses of a clip, and the seconds that reading took."""
    start_s = perf_counter()
    log = estimate_poses(clip, pose_rate=pose_rate)
    return log, perf_counter() - start_s


def read_later(clip: Path, full: PoseLog) -> PoseLog:
    """The clip with the first poses as they were, and the others from a network that had not seen their frames."""
    later = read_part(Task(clip, find_model(), Wishes()), Part(first=N_LATER, warm_from=N_LATER))
    whole = PoseLog(full.meta)
    for i in range(len(full)):
        whole.append(full[i] if i < N_LATER else later[i - N_LATER])
    return whole


def hold_seconds(events: list[Event]) -> list[float]:
    """Credited seconds of the counted holds, in order."""
    return [event.hold.credited_s for event in events if isinstance(event, HoldCompleted) and event.hold.counted]


def differences(events: list[Event], others: list[Event]) -> list[float]:
    """How far the seconds of counted holds are apart, one by one."""
    return [abs(a - b) for a, b in zip(hold_seconds(events), hold_seconds(others), strict=False)]


def main() -> int:
    """Measures, prints a line for each clip and the table, and returns 1 when a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", nargs="*", help="names of sample clips (default: all)")
    parser.add_argument("--repeat", action="store_true", help="also how well full readings of a clip agree")
    args = parser.parse_args()
    wanted = set(args.clip)
    spent_s: dict[str, float] = {"full": 0.0, "auto": 0.0}
    errors_s: list[float] = []
    repeated_s: list[float] = []
    n_clips = n_same = 0
    for path in sorted(SAMPLES.glob("*.truth.json")):
        name, exercise = path.name.removesuffix(".truth.json"), json.loads(path.read_text("utf-8")).get("exercise")
        if exercise is None or (wanted and name not in wanted):
            continue
        clip = SAMPLES / f"{name}.mp4"
        (full, full_s), (auto, auto_s) = timed(clip, "full"), timed(clip, "auto")
        events, others = (run_engine(log, find_exercise(exercise))[0] for log in (full, auto))
        is_same = counts(events) == counts(others)
        off_s = differences(events, others)
        if args.repeat:
            repeated_s += differences(events, run_engine(read_later(clip, full), find_exercise(exercise))[0])
        same = "same counts" if is_same else f"COUNTS DIFFER: {counts(events)} {counts(others)}"
        print(f"{name:<30}{full_s / auto_s:5.2f} times  {same}  holds off {max(off_s, default=0.0):.2f} s", flush=True)
        n_clips, n_same = n_clips + 1, n_same + is_same
        errors_s += off_s
        spent_s["full"] += full_s
        spent_s["auto"] += auto_s
    rows = [
        Row("rate auto / full, all clips", spent_s["full"] / spent_s["auto"], "", at_least=1.6),
        Row("clips with the same counts", n_same / n_clips, "", at_least=1.0),
        Row("holds, largest difference", max(errors_s, default=0.0), "s", at_most=0.1),
        Row("holds off by more than 0.1 s", sum(e > 0.1 for e in errors_s), f"of {len(errors_s)}"),
    ]
    if args.repeat:
        rows += [
            Row("full rate, begun half a second later: largest", max(repeated_s, default=0.0), "s"),
            Row("... holds off by more than 0.1 s", sum(e > 0.1 for e in repeated_s), f"of {len(repeated_s)}"),
        ]
    for row in rows:
        print(row)
    return 0 if all(row.is_kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
