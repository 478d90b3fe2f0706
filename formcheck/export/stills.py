"""One moment as a picture: the skeleton and the ball on a plain ground, or over the picture of the camera."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup

from formcheck.export.moments import Moment
from formcheck.export.svg import drawing, element
from formcheck.export.words import Words
from formcheck.poselog import PoseLog
from formcheck.skeleton import INDEX, SEGMENTS
from formcheck.types import Array, Ball, Pose

_WIDE, _HIGH = 240.0, 180.0  # of the drawing
_ROOM: Final = 0.12  # round the figure, of its size
_HIDDEN, _SURE = 0.35, 0.5  # visibility: not drawn below the first, dashed below the second
_SAME_S: Final = 0.01
_NEAREST_S: Final = 0.5  # a pose farther away in time shows another moment
_LIMB_OF: Final = {
    "neck": "head",
    "shoulders": "trunk",
    "hips": "trunk",
    "left_foot": "left_leg",
    "right_foot": "right_leg",
}


@dataclass(frozen=True)
class Album:
    """What pictures can be made from.

    Attributes:
        poses: of every frame; None: they were not kept.
        pictures: JPEG by time in seconds, of whole frames; only where a person asked for them.
    """

    poses: PoseLog | None = None
    pictures: Mapping[float, bytes] | None = None

    def still(self, moment: Moment, words: Words) -> Markup | None:
        """The picture of a moment; None where nobody was seen then."""
        pose = _pose_at(self.poses, moment.time_s) if self.poses is not None else None
        if pose is None:
            return None
        about = words.say("{name} at {time}: {why}", name=moment.name, time=words.clock(moment.time_s), why=moment.why)
        return _still(pose, moment.limbs, self._picture_at(moment.time_s), about)

    def _picture_at(self, time_s: float) -> bytes | None:
        """The picture that was taken for a moment, whose time may be rounded."""
        times = self.pictures or {}
        nearest = min(times, key=lambda taken_s: abs(taken_s - time_s), default=math.inf)
        return times[nearest] if abs(nearest - time_s) <= _SAME_S else None


def _pose_at(poses: PoseLog, time_s: float) -> Pose | None:
    """The nearest pose with a person in it; None when there is none near."""
    if not len(poses):
        return None
    away_s = np.abs(poses.time_s - time_s)
    near = np.flatnonzero(away_s <= _NEAREST_S)
    for i in near[np.argsort(away_s[near], kind="stable")]:
        pose = poses[int(i)]
        if pose.is_person:
            return pose
    return None


def _still(pose: Pose, limbs: frozenset[str], picture: bytes | None, about: str) -> Markup:
    corner, scale = _crop(pose)
    points = (pose.xy_px - corner) * scale
    parts = [element("rect", class_="ground", width=_WIDE, height=_HIGH)]
    if picture is not None:
        width, height = pose.size_wh
        data = "data:image/jpeg;base64," + base64.b64encode(picture).decode("ascii")
        place = {"x": -corner[0] * scale, "y": -corner[1] * scale, "width": width * scale, "height": height * scale}
        parts.append(element("image", href=data, **{k: float(v) for k, v in place.items()}))
    if pose.ball is not None and pose.ball.is_seen:
        parts.append(_ball(pose.ball, corner, scale))
    parts += _figure(points, pose.visibility.astype(float), limbs)
    return drawing(parts, _WIDE, _HIGH, about, "still photo" if picture is not None else "still")


def _crop(pose: Pose) -> tuple[Array, float]:
    """Top left corner of what is shown, in pixels, and how much a pixel is enlarged."""
    seen = pose.xy_px[pose.visibility >= _HIDDEN]
    seen = seen if len(seen) else pose.xy_px
    low, high = seen.min(axis=0), seen.max(axis=0)
    if pose.ball is not None and pose.ball.is_seen:
        half = np.array([pose.ball.width_px, pose.ball.height_px]) / 2
        centre = np.array([pose.ball.x_px, pose.ball.y_px])
        low, high = np.minimum(low, centre - half), np.maximum(high, centre + half)
    size = np.maximum(high - low, 1.0) * (1 + 2 * _ROOM)
    scale = float(min(_WIDE / size[0], _HIGH / size[1]))
    corner: Array = (low + high) / 2 - np.array([_WIDE, _HIGH]) / (2 * scale)
    return corner, scale


def _ball(ball: Ball, corner: Array, scale: float) -> Markup:
    x, y = (ball.x_px - corner[0]) * scale, (ball.y_px - corner[1]) * scale
    rx, ry = ball.width_px / 2 * scale, ball.height_px / 2 * scale
    return element("ellipse", class_="ball", cx=float(x), cy=float(y), rx=float(rx), ry=float(ry))


def _figure(points: Array, visibility: Array, limbs: frozenset[str]) -> list[Markup]:
    """Head, trunk and limbs; the left ones thick, those that were off marked, uncertain ones dashed."""
    corners = [points[INDEX[name]] for name in ("left_shoulder", "right_shoulder", "right_hip", "left_hip")]
    outline = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in corners) + "z"
    parts = [element("path", class_="torso off" if limbs & {"trunk", "hips", "shoulders"} else "torso", d=outline)]
    paths: dict[str, str] = {}
    for name, bones in SEGMENTS.items():
        if name == "head":
            continue
        side = " left" if name.startswith("left_") else ""
        off = " off" if {name, _LIMB_OF.get(name, name)} & limbs else ""
        sure, unsure = _path(points, bones, visibility, _SURE, 2.0), _path(points, bones, visibility, _HIDDEN, _SURE)
        for class_, path in ((f"limb{side}{off}", sure), (f"limb{side}{off} unsure", unsure)):
            paths[class_] = paths.get(class_, "") + path
    parts += [element("path", class_=class_, d=path) for class_, path in paths.items() if path]
    return [*parts, *_head(points, bool(limbs & {"head", "neck"}))]


def _path(points: Array, bones: Iterable[tuple[int, int]], visibility: Array, least: float, below: float) -> str:
    """The bones of which the less visible end lies in [least, below)."""
    return "".join(
        f"M{points[a][0]:.0f} {points[a][1]:.0f}L{points[b][0]:.0f} {points[b][1]:.0f}"
        for a, b in bones
        if least <= min(visibility[a], visibility[b]) < below
    )


def _head(points: Array, is_off: bool) -> list[Markup]:
    ears = (points[INDEX["left_ear"]] + points[INDEX["right_ear"]]) / 2
    nose = points[INDEX["nose"]]
    trunk = _middle(points, "shoulder") - _middle(points, "hip")
    # From the front the nose lies before the ears: the head is never smaller than a fifth of the trunk.
    radius = max(1.1 * float(np.hypot(*(nose - ears))), 0.17 * float(np.hypot(*trunk)))
    neck = _middle(points, "shoulder")
    line = f"M{neck[0]:.0f} {neck[1]:.0f}L{ears[0]:.0f} {ears[1]:.0f}"
    off = " off" if is_off else ""
    return [
        element("path", class_=f"limb{off}", d=line),
        element("circle", class_=f"head{off}", cx=float(ears[0]), cy=float(ears[1]), r=radius),
    ]


def _middle(points: Array, joint: str) -> Array:
    middle: Array = (points[INDEX[f"left_{joint}"]] + points[INDEX[f"right_{joint}"]]) / 2
    return middle
