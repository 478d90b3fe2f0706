"""Reference performances: a clip's clean repetitions, done by three different people, for models/build_references.py.

    python -m studio.reference NAME[:VIEW]... --out out/reference

Writes NAME.VIEW.PERSON.mp4 and NAME.VIEW.PERSON.json (where each repetition begins, peaks and ends, in seconds).
"""

import argparse
import json
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from .body import PEOPLE, Body
from .clips import CLIPS
from .posing import pose_frames
from .record import record_clip
from .scene import Look

FPS, SIZE_WH = 10, (480, 360)
BEFORE_S, AFTER_S = 1.3, 0.6  # shown around the repetitions: filters and view need a second
HOLD_S = 1.6  # a longer stillness shows nothing more: its middle is left out
N_REPETITIONS = 1  # by each person; where there are sides, people take turns

LOOKS = (
    Look(skin=(206, 160, 134), hair=(70, 44, 28), shirt=(56, 104, 150), leggings=(58, 58, 72), loose_m=0.004),
    Look(skin=(126, 84, 60), hair=(52, 48, 46), shirt=(186, 120, 70), leggings=(70, 80, 104), loose_m=0.006),
    Look(skin=(214, 172, 146), hair=(110, 104, 98), shirt=(96, 132, 104), leggings=(96, 92, 100), loose_m=0.005),
)
# (azimuth in degrees, distance as a factor, height in metres) added to the clip's camera, one for each person
CAMERA_OFFSETS = ((0, 1.0, 0.0), (6, 1.05, 0.08), (-6, 0.98, -0.06))
# where the camera stands for another view than the clip's; from straight behind the head hips and knees look straighter
# than they are (by 30 to 45 degrees), a little to one side they do not
AZIMUTH_DEG = {"front": 0, "back": 180, "head_end": 168, "oblique": 42, "side": 86}


@dataclass(frozen=True)
class Extent:
    """One repetition (or hold, or turn) of a performance, in seconds; peak_s is where it turns back."""

    start_s: float
    peak_s: float
    end_s: float
    side: str | None


def clean_extents(script, turn=None):
    """The repetitions to learn from: counted, without a fault, to one side; `turn` says which where there are two.

    Without a turn one to each side: seen at an angle the sides are no mirror images of one another.
    """
    if script.circles:
        turns = [
            Extent(c.start_s, (c.start_s + c.end_s) / 2, c.end_s, c.direction) for c in script.circles if c.counted
        ]
        return first_of_a_side(turns, turn)
    clean = [
        Extent(r.start_s, r.peak_s, r.end_s, r.side)
        for r in script.repetitions
        if r.counted and not r.faults and r.end_s > r.start_s
    ]
    if clean:
        return first_of_a_side(clean, turn)
    holds = [h for h in script.holds if h.counted][:1]
    return [Extent(h.start_s, (h.start_s + h.end_s) / 2, h.end_s, h.side) for h in holds]


def first_of_a_side(extents, turn):
    """The first N_REPETITIONS to one side, or one to each, in the order of time."""
    sides = list(dict.fromkeys(extent.side for extent in extents))
    if turn is None:
        return extents[: len(sides)]
    return [extent for extent in extents if extent.side == sides[turn % len(sides)]][:N_REPETITIONS]


def shown_times(script, extents):
    """(T,) script times of the frames: only what is to be learned, without the middle of long holds."""
    keep = [(max(0.0, e.start_s - BEFORE_S), min(script.duration_s, e.end_s + AFTER_S)) for e in extents]
    gaps = [(h.start_s + HOLD_S / 2, h.end_s - HOLD_S / 2) for h in script.holds if h.end_s - h.start_s > HOLD_S]
    times_s = np.arange(round(script.duration_s * FPS)) / FPS
    is_kept = np.zeros(len(times_s), bool)
    for start_s, end_s in keep:
        is_kept |= (times_s >= start_s) & (times_s < end_s)
    for start_s, end_s in gaps:
        is_kept &= (times_s <= start_s) | (times_s >= end_s)
    return times_s[is_kept]


def in_video(times_s, t_s):
    """Where a script time is in the video, seconds."""
    return round(float(np.searchsorted(times_s, t_s - 1e-6)) / FPS, 3)


def seen_from(clip, view, offset):
    """The clip's camera, moved a little, or round the person to another view."""
    azimuth, distance, height = offset
    camera = clip.camera
    return replace(
        camera,
        azimuth_deg=azimuth + (camera.azimuth_deg if view == clip.view else AZIMUTH_DEG[view]),
        distance_m=camera.distance_m * distance,
        height_m=camera.height_m + height,
    )


def performers(clip):
    """Three people, the clip's own first."""
    return [clip.body, *[name for name in PEOPLE if name != clip.body][:2]]


def perform(name, view, numbers, out, threads):
    """Record the movement of a clip by some of its performers, given by their numbers."""
    original = CLIPS[name]()
    view = view or original.view
    for number in numbers:
        person = performers(original)[number]
        stem = f"{original.exercise}.{view}.{person}"
        if (out / f"{stem}.mp4").exists():
            continue
        both_sides = view in ("oblique", "head_end") and not original.script.circles
        extents = clean_extents(original.script, None if both_sides else number)
        times_s = shown_times(original.script, extents)
        clip = replace(
            original,
            name=person,
            body=person,
            look=LOOKS[list(PEOPLE).index(person) % len(LOOKS)],
            camera=seen_from(original, view, CAMERA_OFFSETS[number]),
            fps=FPS,
            size_wh=SIZE_WH,
            render_wh=None,
        )
        record = {
            "exercise": original.exercise,
            "clip": name,
            "view": view,
            "person": person,
            "repetitions": [
                asdict(Extent(*(in_video(times_s, t) for t in (e.start_s, e.peak_s, e.end_s)), e.side)) for e in extents
            ],
        }
        record_performance(clip, times_s, out / stem, threads)
        (out / f"{stem}.json").write_text(json.dumps(record, indent=1) + "\n")
        print(f"{stem}: {len(times_s)} frames", flush=True)


known_body = cache(Body)


def record_performance(clip, times_s, stem, threads):
    """Render the clip at these times into stem.mp4."""
    work_dir = stem.parent / "scratch" / clip.body  # the skin is painted once for each person
    work_dir.mkdir(parents=True, exist_ok=True)
    body = known_body(clip.body, threads)
    partial = stem.with_name(f"{stem.name}.partial.mp4")
    record_clip(clip, body, pose_frames(body, clip, times_s), partial, "plain", work_dir, 1, threads)
    partial.replace(stem.with_name(f"{stem.name}.mp4"))


def main():
    parser = argparse.ArgumentParser(prog="python -m studio.reference", description="Record reference performances.")
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="a clip, or CLIP:VIEW for another view than the clip's"
    )
    parser.add_argument(
        "--people", type=int, nargs="+", default=(2, 1, 0), help="numbers of the performers; 0 is the clip's own"
    )
    parser.add_argument("--out", type=Path, default=Path("out/reference"))
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for number in args.people:
        for name in args.names:
            clip, _, view = name.partition(":")
            perform(clip, view, [number], args.out, args.threads)


if __name__ == "__main__":
    main()
