"""How long the person's trunk, shoulder line and body are in the picture: the units of all lengths."""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from formcheck.geometry import NAN, Point, distance, midpoint
from formcheck.skeleton import INDEX
from formcheck.types import Pose, Side

WINDOW_S = 10.0
EVERY_S = 0.2
QUANTILE = 0.8  # foreshortening can only shorten a segment, hence a high quantile

# Somebody who walks in is larger or smaller in the picture than where they sit then: the pixels of a metre tell,
# whatever the posture. Without a change of distance they wander by 5 % [measured].
NOW_S = 1.0
MOVED_SHARE = 0.08
# Standing, the line from hips to shoulders is a fifth longer than sitting on a ball, the pelvis rolled back [measured].
# Hips above ankles over the legs' length: 0.97 standing, 0.6 to 0.8 sitting seen from the side. From the front the
# depth is read too flat to tell them apart, and the line is as long.
OTHER_POSTURE = 0.15
BODY = ("shoulder", "hip", "knee", "ankle")


class Sample(NamedTuple):
    """One moment: lengths and the size of a metre, and how high the hips are above the ankles in leg lengths.

    `body_px` is the way from a side's shoulder over hip and knee to the ankle.
    """

    time_s: float
    torso_px: float
    shoulders_px: float
    px_per_m: float
    hips_up: float
    body_px: dict[Side, float]


class Ruler:
    """The full lengths of trunk and shoulder line, in pixels, at the person's distance and in their posture.

    Attributes:
        torso_px, shoulders_px: at least 1; NaN before the first pose.
        body_px: of either side, from shoulder over hip and knee to ankle; the same.
    """

    def __init__(self) -> None:
        self.torso_px = self.shoulders_px = NAN
        self.body_px: dict[Side, float] = {"left": NAN, "right": NAN}
        self._samples: deque[Sample] = deque()

    def cut(self) -> None:
        """Another picture begins: its first pose is measured afresh, and until then the lengths stay."""
        self._samples.clear()

    def take(self, pose: Pose) -> None:
        """Take a pose in which a person was found."""
        samples, time_s = self._samples, pose.time_s
        if samples and time_s - samples[-1].time_s < EVERY_S:
            return
        samples.append(_sample(pose))
        while samples[0].time_s < time_s - WINDOW_S:
            samples.popleft()
        newest = [sample for sample in samples if sample.time_s > time_s - NOW_S]
        px_per_m = median(sample.px_per_m for sample in newest)
        hips_up = median(sample.hips_up for sample in newest)
        alike = [s for s in samples if not abs(s.hips_up - hips_up) > OTHER_POSTURE] or newest
        now = [(sample, _nearer(sample, px_per_m)) for sample in alike]
        self.torso_px = _full([s.torso_px * nearer for s, nearer in now])
        self.shoulders_px = _full([s.shoulders_px * nearer for s, nearer in now])
        for side in self.body_px:
            self.body_px[side] = _full([s.body_px[side] * nearer for s, nearer in now])


def _nearer(sample: Sample, px_per_m: float) -> float:
    """How many times larger the person is now than they were; 1 while they keep their distance."""
    factor = px_per_m / sample.px_per_m
    return factor if abs(factor - 1.0) > MOVED_SHARE else 1.0


def _full(lengths_px: list[float]) -> float:
    ordered = sorted(lengths_px)
    return max(1.0, ordered[min(len(ordered) - 1, int(QUANTILE * len(ordered)))])


def _sample(pose: Pose) -> Sample:
    xy, world = pose.xy_px, pose.world_m.astype(np.float64)

    def at(side: Side, joint: str) -> Point:
        x, y = xy[INDEX[f"{side}_{joint}"]].tolist()
        return x, y

    def body_px(side: Side) -> float:
        return sum(distance(at(side, a), at(side, b)) for a, b in pairwise(BODY))

    left, right = at("left", "shoulder"), at("right", "shoulder")
    torso_px = distance(midpoint(left, right), midpoint(at("left", "hip"), at("right", "hip")))
    return Sample(
        pose.time_s,
        torso_px,
        distance(left, right),
        px_per_m(xy, world),
        _hips_up(world),
        {"left": body_px("left"), "right": body_px("right")},
    )


def px_per_m(xy: npt.NDArray[np.float64], world: npt.NDArray[np.float64]) -> float:
    """Size of the landmarks' spread in the picture over that in the world, whose x and y are the picture's; else 1."""
    in_picture, in_world = (points - points.mean(axis=0) for points in (xy, world[:, :2]))
    size = float(np.square(in_world).sum())
    return max(1.0, math.sqrt(float(np.square(in_picture).sum()) / size)) if size > 0.0 else 1.0


def _hips_up(world: npt.NDArray[np.float64]) -> float:
    """How high the hips are above the ankles (y points down), in lengths of the legs; 0 where those have none."""
    hips, knees, ankles = (
        world[[INDEX[f"left_{joint}"], INDEX[f"right_{joint}"]]] for joint in ("hip", "knee", "ankle")
    )
    length = float((np.linalg.norm(knees - hips, axis=1) + np.linalg.norm(ankles - knees, axis=1)).sum())
    return float((ankles - hips)[:, 1].sum()) / length if length > 0.0 else 0.0
