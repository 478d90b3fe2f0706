"""How well it sees, counts and names: every sample clip against its truth, other recordings against nothing.

    python benchmarks/accuracy.py [--tracks FOLDER] [--stored] [--breath] [--only NAME ...]

Runs the real pose network on `sample_videos/` (with --stored the stored poses in `tests/poses`, which are the same),
prints a line a clip, then the numbers that are promised, and exits 1 when one of them is missed. FOLDER holds pose
logs (.npz) of people doing none of the movements.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import back
import breath
import numpy as np
from agreement import Faults, Truth, compare_faults, counts, edge_errors_s, f1, hold_errors_s, true_counts

from formcheck.engine import Engine
from formcheck.events import Event
from formcheck.poselog import PoseLog
from formcheck.reading import estimate_poses
from formcheck.recognise import recognise
from formcheck.registry import exercise_ids, find_exercise, find_routine, routine_ids
from formcheck.routine import Routine
from formcheck.skeleton import MIRROR
from formcheck.types import Pose

ROOT = Path(__file__).resolve().parent.parent
SAME_BLOCK = 0.5  # of the shorter of two stretches


@dataclass
class Tally:
    """What all clips together gave."""

    n_exact: list[bool] = field(default_factory=list)
    off_by: list[int] = field(default_factory=list)
    directions: list[bool] = field(default_factory=list)
    edges_s: list[float] = field(default_factory=list)
    holds_s: list[float] = field(default_factory=list)
    faults: list[Faults] = field(default_factory=list)
    invented: int = 0
    named: list[str] = field(default_factory=list)  # "right", "unsure" or "wrong", without a timeline
    planned: list[str] = field(default_factory=list)  # the same with one
    changed: list[str] = field(default_factory=list)


def follow(poses: Iterable[Pose], exercise: str) -> list[Event]:
    """Everything one exercise's engine decides about these poses."""
    engine = Engine(find_exercise(exercise))
    events = [event for pose in poses for event in engine.step(pose)]
    return events + engine.finish()


def shown(numbers: dict[str, int]) -> str:
    """Counts as people read them, leaving out what is 0."""
    return ", ".join(f"{n} {kind}" for kind, n in numbers.items() if n) or "nothing"


# -- a clip of one movement ---------------------------------------------------------------------------------------


def check_movement(name: str, truth: Truth, log: PoseLog, tally: Tally) -> None:
    """One clip with its own exercise."""
    exercise = truth["exercise"]
    events = follow(log, exercise)
    true = true_counts(truth)
    found = {kind: n for kind, n in counts(events).items() if kind in true}
    tally.n_exact.append(found == true)
    tally.off_by.append(max(abs(found[kind] - n) for kind, n in true.items()))
    if "circles_cw" in true:
        tally.directions.append(all((found[way] > 0) == (true[way] > 0) for way in ("circles_cw", "circles_ccw")))
    edges, holds, faults = edge_errors_s(truth, events), hold_errors_s(truth, events), compare_faults(truth, events)
    tally.edges_s += edges
    tally.holds_s += holds
    tally.faults.append(faults)
    for how, poses in (("mirrored", mirrored(log)), ("60 %", shrunk(log)), ("10 % dropped", dropped(log))):
        others = counts(follow(poses, exercise))
        if how == "mirrored":
            others["circles_cw"], others["circles_ccw"] = others["circles_ccw"], others["circles_cw"]
        if {kind: others[kind] for kind in true} != found:
            tally.changed.append(f"{name} {how}: {shown(others)} instead of {shown(found)}")
    mark = " " if found == true else "!"
    print(
        f"{mark} {name:<26} true {shown(true):<34} counted {shown(found):<34} "
        f"edge {_worst(edges):<7} hold {_worst(holds):<7} "
        f"faults {len(faults.hits)}/{len(faults.hits) + len(faults.missed)}"
        + (f" missed {', '.join(faults.missed)}" if faults.missed else "")
        + (f" INVENTED {', '.join(faults.false)}" if faults.false else "")
    )


def _worst(errors: Sequence[float]) -> str:
    return f"{max(errors):.2f} s" if errors else "-"


def mirrored(log: PoseLog) -> Iterator[Pose]:
    """The same recording in a mirror."""
    swap = np.array(MIRROR)
    for pose in log:
        landmarks, world = pose.landmarks[swap].copy(), pose.world_m[swap].copy()
        landmarks[:, 0] = 1.0 - landmarks[:, 0]
        world[:, 0] = -world[:, 0]
        ball = pose.ball and replace(pose.ball, x_px=pose.size_wh[0] - pose.ball.x_px)
        yield replace(pose, landmarks=landmarks, world_m=world, visibility=pose.visibility[swap], ball=ball)


def shrunk(log: PoseLog) -> Iterator[Pose]:
    """The same person at 60 % of the size, in the middle of the picture; the ball is left out."""
    for pose in log:
        landmarks = pose.landmarks * np.float32(0.6)
        landmarks[:, :2] += 0.2
        yield replace(pose, landmarks=landmarks, ball=None)


def dropped(log: PoseLog) -> Iterator[Pose]:
    """One frame in ten is missing."""
    rng = np.random.default_rng(7)
    return (pose for pose in log if rng.random() > 0.1)


# -- naming -------------------------------------------------------------------------------------------------------


def true_blocks(truth: Truth) -> list[tuple[str, float, float]]:
    """(exercise, start, end) of what is done in a clip."""
    if "blocks" in truth:
        return [(b["exercise"], b["start_s"], b["end_s"]) for b in truth["blocks"]]
    units = truth["repetitions"] or truth.get("circles") or truth["holds"]
    if truth["exercise"] is None or not any(unit["counted"] for unit in units):
        return []
    return [(truth["exercise"], units[0]["start_s"], units[-1]["end_s"])]


def check_naming(truth: Truth, log: PoseLog, routine: Routine | None) -> tuple[list[str], list[str]]:
    """("right", "unsure" or "wrong" for each true block and each invented one, what was found)."""
    found = recognise(log, [find_exercise(name) for name in exercise_ids()], routine).blocks
    verdicts, matched = [], set()
    for exercise, start_s, end_s in true_blocks(truth):
        own = [i for i, b in enumerate(found) if _share(b.start_s, b.end_s, start_s, end_s) >= SAME_BLOCK]
        matched.update(own)
        names = {found[i].exercise for i in own} - {None}
        verdicts.append("unsure" if not names else "right" if names == {exercise} else "wrong")
    verdicts += ["wrong" for i, b in enumerate(found) if i not in matched and b.exercise is not None]
    return verdicts, [f"{b.exercise or 'unsure'} {b.start_s:.0f}-{b.end_s:.0f} s" for b in found]


def _share(a: float, b: float, c: float, d: float) -> float:
    return max(0.0, min(b, d) - max(a, c)) / max(1e-6, min(b - a, d - c))


def plan_of(truth: Truth) -> Routine | None:
    """A shipped routine in which what the clip shows is expected."""
    shown_ids = {name for name, _, _ in true_blocks(truth)}
    plans = [find_routine(name) for name in routine_ids()]
    best = max(plans, key=lambda plan: len(shown_ids & set(plan.exercises)), default=None)
    return best if best is not None and shown_ids & set(best.exercises) else None


# -- all together -------------------------------------------------------------------------------------------------


def check_clip(name: str, truth: Truth, log: PoseLog, tally: Tally) -> None:
    """Counts, faults and names of one clip."""
    if truth["exercise"] is not None:
        check_movement(name, truth, log, tally)
    elif "blocks" not in truth:
        check_nothing(name, log, tally)
    verdicts, found = check_naming(truth, log, None)
    tally.named += verdicts
    if plan := plan_of(truth):
        tally.planned += check_naming(truth, log, plan)[0]
    if verdicts != ["right"] * len(true_blocks(truth)):
        print(f"    named {'; '.join(found) or 'nothing'}: {', '.join(verdicts)}")


def check_nothing(name: str, log: PoseLog, tally: Tally) -> None:
    """A recording that shows none of the movements: whatever moves in it, nothing is counted."""
    moving = [i for i in exercise_ids() if find_exercise(i).criterion.kind != "stay"]
    found = {i: sum(counts(follow(log, i)).values()) for i in moving}
    wrong = {i: n for i, n in found.items() if n}
    tally.invented += sum(wrong.values())
    print(f"{'!' if wrong else ' '} {name:<26} true nothing, counted {wrong or 'nothing'} by {len(moving)} exercises")


def promises(tally: Tally) -> Iterator[tuple[str, float, bool]]:
    """(what, its value, whether it is kept)."""
    if tally.n_exact:
        exact = statistics.fmean(tally.n_exact)
        yield "clips counted exactly, at least 0.95", exact, exact >= 0.95
        yield "largest error of a count, at most 1", max(tally.off_by), max(tally.off_by) <= 1
    if tally.directions:
        right = statistics.fmean(tally.directions)
        yield "directions of circles right, always", right, right == 1.0
    if tally.holds_s:
        holds = sorted(tally.holds_s)
        median, high = statistics.median(holds), holds[int(0.95 * (len(holds) - 1))]
        yield "median error of a hold, at most 0.3 s", median, median <= 0.3
        yield "95 % of holds within, at most 0.7 s", high, high <= 0.7
    if tally.faults:
        score = f1(tally.faults)
        yield "F1 of scripted faults, at least 0.85", score, score >= 0.85
        share = sum(f.corrected for f in tally.faults) / max(1, sum(f.clean for f in tally.faults))
        yield "clean movements corrected, at most 0.05", share, share <= 0.05
    yield "counted where nothing is done, never", tally.invented, tally.invented == 0
    for names, least, what in ((tally.named, 0.85, "without a timeline"), (tally.planned, 0.95, "with the timeline")):
        if names:
            right, wrong = names.count("right") / len(names), names.count("wrong") / len(names)
            yield f"blocks named right {what}, at least {least}", right, right >= least
            yield f"blocks named wrong {what}, at most 0.03", wrong, wrong <= 0.03
    yield "other counts mirrored, smaller or with drops, none", len(tally.changed), not tally.changed


def main() -> int:
    """Print the table; 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=Path, help="folder of pose logs in which nothing is to be counted")
    parser.add_argument("--stored", action="store_true", help="read tests/poses instead of running the pose network")
    parser.add_argument("--breath", action="store_true", help="count breaths, too (minutes)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these clips alone")
    args = parser.parse_args()
    clips = [p for p in sorted((ROOT / "sample_videos").glob("*.mp4")) if not args.only or p.stem in args.only]
    if not clips:
        print("no sample clips found", file=sys.stderr)
        return 1
    tally = Tally()
    for clip in clips:
        truth = json.loads(clip.with_suffix(".truth.json").read_text())
        stored = ROOT / "tests" / "poses" / f"{clip.stem}.npz"
        log = PoseLog.load(stored) if args.stored else estimate_poses(clip)
        check_clip(clip.stem, truth, log, tally)
    for path in sorted(args.tracks.glob("*.npz")) if args.tracks else []:
        log = PoseLog.load(path)
        check_nothing(path.stem, log, tally)
        named = [b.exercise for b in recognise(log, [find_exercise(i) for i in exercise_ids()]).blocks if b.exercise]
        tally.invented += len(named)
        if named:
            print(f"    named {', '.join(named)}")
    print("", *tally.changed, sep="\n")
    results = list(promises(tally))
    if args.breath:
        results += breath.measure(sorted(breath.CLIPS.glob("*.mp4")), args.stored, with_even=False)
    if not args.only:
        results += back.following(is_stored=True)
    for what, value, is_kept in results:
        print(f"{'kept  ' if is_kept else 'MISSED'}  {what}: {value:.3g}")
    if tally.edges_s:
        middle, worst = statistics.median(tally.edges_s), max(tally.edges_s)
        print(f"        edges of repetitions: median {middle:.2f} s, worst {worst:.2f} s")
    return 0 if all(is_kept for _, _, is_kept in results) else 1


if __name__ == "__main__":
    sys.exit(main())
