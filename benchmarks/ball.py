"""How well the ball is seen: its outline in every sample clip against the projected truth.

    python benchmarks/ball.py [--only NAME ...]

Uses the stored poses in `tests/poses`. Prints a line a clip and the numbers that are promised; exits 1 when one of them
is missed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from formcheck.poselog import PoseLog
from formcheck.sources import open_source
from formcheck.types import Ball
from formcheck.vision.ball import BallFinder

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_videos"
FIRST_S = 1.5  # it takes a second of looks that agree until a ball is believed


def true_box(truth: dict[str, np.ndarray], projection: np.ndarray, i: int) -> np.ndarray:
    """(4,) left, top, right, bottom of the whole ball in pixels, hidden parts included."""
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 60), np.linspace(0, np.pi, 30))
    unit = np.stack([np.cos(u) * np.sin(v), np.sin(u) * np.sin(v), np.cos(v)], axis=-1).reshape(-1, 3)
    points = truth["ball_center_m"][i] + truth["ball_radii_m"][i] * unit
    xyw = np.c_[points, np.ones(len(points))] @ projection.T
    uv = xyw[:, :2] / xyw[:, 2:]
    return np.r_[uv.min(axis=0), uv.max(axis=0)]


def overlap(ball: Ball, box: np.ndarray) -> float:
    """Intersection over union of the ball's box and another."""
    centre, half = np.array([ball.x_px, ball.y_px]), np.array([ball.width_px, ball.height_px]) / 2
    low, high = np.subtract(centre, half), np.add(centre, half)
    shared = np.clip(np.minimum(high, box[2:]) - np.maximum(low, box[:2]), 0, None).prod()
    return float(shared / ((high - low).prod() + (box[2:] - box[:2]).prod() - shared))


def main() -> int:
    """Print the table; 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these clips alone")
    args = parser.parse_args()
    found_share, overlaps, widths, costs_ms = [], [], [], []
    for stored in sorted((ROOT / "tests" / "poses").glob("*.npz")):
        name = stored.stem
        video, truth_file = SAMPLES / f"{name}.mp4", SAMPLES / f"{name}.truth.npz"
        if (args.only and name not in args.only) or not video.exists() or not truth_file.exists():
            continue
        truth = dict(np.load(truth_file))
        projection = np.array(json.loads((SAMPLES / f"{name}.truth.json").read_text())["camera"]["P"])
        finder, seen, own, spent_s, time_s = BallFinder(), [], [], 0.0, 0.0
        with open_source(video) as recording:
            for i, (frame, pose) in enumerate(zip(recording, PoseLog.load(stored), strict=False)):
                start = time.process_time()
                ball = finder.look(frame.image, pose)
                spent_s += time.process_time() - start
                time_s = frame.time_s
                if frame.time_s < FIRST_S or not np.isfinite(truth["ball_center_m"][i]).all():
                    continue
                box = true_box(truth, projection, i)
                seen.append(ball is not None)
                if ball is not None:
                    own.append(overlap(ball, box))
                    widths.append(abs(ball.width_px / (box[2] - box[0]) - 1.0))
        found_share += seen
        overlaps += own + [0.0] * (len(seen) - len(own))
        costs_ms.append(1000 * spent_s / time_s)
        middle = f"{statistics.median(own):.2f}" if own else "-"
        print(f"{name:<28} seen {np.mean(seen):.2f}  overlap {middle}  {costs_ms[-1]:.0f} ms a second")
    results = [
        ("frames with an overlap of 0.5 or more, at least 0.90", float(np.mean(np.array(overlaps) >= 0.5)), 0.90),
        ("median error of the width, at most 0.05", -statistics.median(widths), -0.05),
    ]
    cost_ms = statistics.mean(costs_ms)
    results.append(("processor time a second of a clip, at most 15 ms: 1 ms a frame at 15", -cost_ms, -15.0))
    for what, value, limit in results:
        print(f"{'kept  ' if value >= limit else 'MISSED'}  {what}: {abs(value):.3g}")
    return 0 if all(value >= limit for _, value, limit in results) else 1


if __name__ == "__main__":
    sys.exit(main())
