"""How well it counts when the camera is moved: the stored poses of the sample clips, as moved cameras would see them.

    python benchmarks/moving_camera.py [--only NAME ...]

Prints, for each way of moving, in how many clips all is counted as it was done: when the poses tell of the camera, as
those do whose pictures were looked at, and when they do not. What the pictures tell of it is tested in
`tests/test_moving_camera.py`; here the move is known to a tenth of a pixel. Exit code 1 when a bound is broken.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from agreement import Truth, counts, true_counts

from formcheck.camera_move import CameraMove
from formcheck.engine import Engine
from formcheck.poselog import PoseLog
from formcheck.registry import find_exercise
from formcheck.types import Pose

ROOT = Path(__file__).resolve().parent.parent
LEAST_RIGHT = 0.95  # share of clips
JITTER_PX = 0.1  # of the move that is told [measured on sample clips that were shaken]

Way = Callable[[float], CameraMove]  # time in seconds -> from the first picture to that one


def about_middle(
    size_wh: tuple[int, int], dx: float, dy: float, zoom: float = 1.0, turn_deg: float = 0.0
) -> CameraMove:
    """A zoom and a turn about the picture's middle and then a shift, in widths of the picture."""
    width, height = size_wh
    a, b = zoom * np.cos(np.radians(turn_deg)), zoom * np.sin(np.radians(turn_deg))
    x, y = width / 2, height / 2
    return CameraMove.of(a, b, x - a * x + b * y + dx * width, y - b * x - a * y + dy * width)


def held_by_hand(size_wh: tuple[int, int], much: float = 1.0) -> Way:
    """A hand that holds a telephone: it sways, turns and comes nearer."""

    def way(t: float) -> CameraMove:
        sway = 0.02 * (np.sin(1.9 * t) + 0.6 * np.sin(4.3 * t + 1.0)), 0.015 * (np.sin(1.3 * t + 2.0) + np.sin(5.1 * t))
        return about_middle(
            size_wh, much * sway[0], much * sway[1], 1.0 + much * 0.02 * np.sin(0.9 * t), much * np.sin(2.2 * t)
        )

    return way


def panned(size_wh: tuple[int, int]) -> Way:
    """A camera that is slowly turned to and fro."""
    return lambda t: about_middle(size_wh, 0.1 * np.sin(0.4 * t), 0.02 * np.sin(0.3 * t))


def knocked(size_wh: tuple[int, int], at_s: float) -> Way:
    """A camera that somebody knocks against."""
    return lambda t: about_middle(size_wh, 0.05, 0.03, 1.0, 2.5) if t >= at_s else CameraMove()


def filmed(poses: Iterable[Pose], way: Way, is_told: bool) -> Iterator[Pose]:
    """The poses as a moved camera would see them.

    Args:
        way: how it is moved.
        is_told: whether the poses say so, as those do whose pictures were looked at.
    """
    for pose in poses:
        move = way(pose.time_s)
        landmarks, world_m = pose.landmarks.copy(), pose.world_m.copy()
        landmarks[:, :2] = move.places(pose.xy_px) / pose.size_wh
        landmarks[:, 2] *= move.scale
        world_m[:, :2] = move.turned(world_m[:, :2])
        ball = pose.ball
        if ball is not None and ball.is_seen:
            x_px, y_px = move.places(np.array([[ball.x_px, ball.y_px]]))[0].tolist()
            size = ball.width_px * move.scale, ball.height_px * move.scale
            ball = replace(ball, x_px=x_px, y_px=y_px, width_px=size[0], height_px=size[1])
        camera = move.inverse() if is_told else None
        yield replace(pose, landmarks=landmarks, world_m=world_m, ball=ball, camera=camera)


# -- all clips ----------------------------------------------------------------------------------------------------


def is_counted_right(truth: Truth, poses: Iterable[Pose]) -> bool:
    """Whether everything is counted that was done, and nothing else."""
    engine = Engine(find_exercise(truth["exercise"]))
    events = [event for pose in poses for event in engine.step(pose)] + engine.finish()
    true = true_counts(truth)
    return {kind: counts(events)[kind] for kind in true} == true


def trembling(poses: Iterable[Pose]) -> Iterator[Pose]:
    """The poses with moves that are told a little wrong."""
    rng = np.random.default_rng(3)
    for pose in poses:
        move, off = pose.camera or CameraMove(), rng.normal(0.0, JITTER_PX, 2).tolist()
        yield replace(pose, camera=CameraMove.of(move.a, move.b, move.x_px + off[0], move.y_px + off[1]))


def main() -> int:
    """Prints the table, and returns 1 when a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these clips alone")
    args = parser.parse_args()
    right: dict[str, list[tuple[bool, bool]]] = {}
    for path in sorted((ROOT / "tests" / "poses").glob("*.npz")):
        about = ROOT / "sample_videos" / f"{path.stem}.truth.json"
        if not about.exists() or (args.only and path.stem not in args.only):
            continue
        truth, log = json.loads(about.read_text()), PoseLog.load(path)
        if truth["exercise"] is None:
            continue
        ways: dict[str, Way] = {
            "held by hand": held_by_hand(log.size_wh),
            "held by an unsteady hand": held_by_hand(log.size_wh, 2.0),
            "panned": panned(log.size_wh),
            "knocked against": knocked(log.size_wh, float(log.time_s[-1]) * 0.45),
        }
        for name, way in ways.items():
            told = is_counted_right(truth, trembling(filmed(log, way, is_told=True)))
            right.setdefault(name, []).append((told, is_counted_right(truth, filmed(log, way, is_told=False))))
    is_kept = True
    for name, verdicts in right.items():
        n_told, n_not_told = (sum(column) for column in zip(*verdicts, strict=True))
        is_kept &= n_told >= LEAST_RIGHT * len(verdicts)
        print(f"{name:<26} right in {n_told} of {len(verdicts)} clips; without a look at the room {n_not_told}")
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
