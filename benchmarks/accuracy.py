"""How well it counts: every sample clip against its truth, and recordings of other movements against nothing.

    python benchmarks/accuracy.py [--tracks FOLDER]

Runs the real pose network on `sample_videos/`, prints a table (truth, counted, error, per clip) and exits 1 when a
number is worse than promised. FOLDER holds pose logs (.npz) of people doing none of the four movements.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from formcheck.judging import run_engine
from formcheck.poselog import PoseLog
from formcheck.recognise import recognise
from formcheck.registry import exercise_ids, find_exercise
from formcheck.report import build_report
from formcheck.session import estimate_poses

ROOT = Path(__file__).resolve().parent.parent
EDGE_S = 0.4  # start and end of each repetition
HOLD_S = 0.3  # duration of each hold


def report_of(log: PoseLog, exercise_id: str) -> dict[str, Any]:
    """The report's block of one exercise on one pose log."""
    exercise = find_exercise(exercise_id)
    events, _ = run_engine(log, exercise)
    source = {"duration_s": float(log.time_s[-1])}
    block: dict[str, Any] = build_report(events, source=source, versions={}, exercises={exercise.id: exercise})[
        "blocks"
    ][0]
    return block


def compare(truth: dict[str, Any], block: dict[str, Any]) -> tuple[str, str, str, str, list[str]]:
    """(counted, edge error, hold error, faults) as text, and what is worse than promised."""
    problems = []
    kinds = [kind for kind, n in truth["counted"].items() if n]
    for kind in kinds:
        if truth["counted"][kind] != block["counted"][kind]:
            problems.append(f"{kind}: {block['counted'][kind]} counted, {truth['counted'][kind]} done")
    true_reps = [r for r in truth["repetitions"] if r["counted"]]
    reps = [r for r in block["repetitions"] if r["counted"]]
    edges = [abs(a[key] - b[key]) for a, b in zip(true_reps, reps, strict=False) for key in ("start_s", "end_s")]
    if edges and max(edges) > EDGE_S:
        problems.append(f"a repetition's edge is {max(edges):.2f} s off")
    holds = [
        abs((a["end_s"] - a["start_s"]) - b["credited_s"])
        for a, b in zip(
            [h for h in truth["holds"] if h["counted"]],
            [h for h in block["holds"] if h["counted"]],
            strict=False,
        )
    ]
    if holds and max(holds) > HOLD_S:
        problems.append(f"a hold is {max(holds):.2f} s off")
    found = [sorted(r["faults"]) for r in reps]
    scripted = [sorted(f["id"] for f in truth["faults"] if f["repetition"] == r["index"]) for r in true_reps]
    if found != scripted:
        problems.append(f"faults {found}, scripted {scripted}")
    counted = " ".join(f"{block['counted'][kind]} {kind}" for kind in kinds) or "0"
    n_faults = sum(map(len, found))
    return counted, _worst(edges), _worst(holds), f"{n_faults} of {sum(map(len, scripted))}", problems


def _worst(errors: list[float]) -> str:
    return f"{max(errors):.2f} s" if errors else "-"


def check_clip(path: Path) -> list[str]:
    """One sample clip with its own exercise (or, when nothing is to be counted, with all)."""
    truth = json.loads(path.with_suffix(".truth.json").read_text())
    log = estimate_poses(path)
    blocks = recognise(log, [find_exercise(name) for name in exercise_ids()]).blocks
    recognised = [block.exercise or "unsure" for block in blocks]
    expected = [] if truth["exercise"] is None else [truth["exercise"]]
    problems = [] if recognised == expected else [f"recognised as {', '.join(recognised) or 'nothing'}"]
    if truth["exercise"] is not None:
        true = " ".join(f"{n} {kind}" for kind, n in truth["counted"].items() if n)
        counted, edge, hold, faults, worse = compare(truth, report_of(log, truth["exercise"]))
        problems += worse
        print(f"{path.stem:<16} truth {true:<26} counted {counted:<26} edge {edge:<7} hold {hold:<7} faults {faults}")
    else:
        problems += nothing_counted(path.stem, log, exercise_ids())
    return [f"{path.stem}: {problem}" for problem in problems]


def nothing_counted(name: str, log: PoseLog, ids: list[str]) -> list[str]:
    """Run exercises on a recording that shows none of them."""
    counts = {i: report_of(log, i)["counted"] for i in ids}
    total = {i: (c["repetitions"] or 0) + (c["holds"] or 0) for i, c in counts.items()}
    print(f"{name:<40} truth 0   counted {sum(total.values())} (by {len(ids)} exercises)")
    return [f"{name}: {i} counted {n}" for i, n in total.items() if n]


def main() -> int:
    """Print the table; 1 when anything is worse than promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=Path, help="folder of pose logs in which nothing is to be counted")
    tracks = parser.parse_args().tracks
    clips = sorted((ROOT / "sample_videos").glob("*.mp4"))
    if not clips:
        print("no sample clips found", file=sys.stderr)
        return 1
    problems = [problem for clip in clips for problem in check_clip(clip)]
    for path in sorted(tracks.glob("*.npz")) if tracks else []:
        problems += nothing_counted(path.stem, PoseLog.load(path), exercise_ids())
    print("\n".join(["", *problems] if problems else ["", "all as promised"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
