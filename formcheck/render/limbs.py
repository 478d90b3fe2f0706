"""The skeleton: seen limbs solid, uncertain dashed, hidden absent; faults orange, dashed, with a badge."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from formcheck.render import theme
from formcheck.render.canvas import Image, paste
from formcheck.render.icons import fault_badge
from formcheck.skeleton import INDEX, MAIN_JOINTS, N_LANDMARKS, SEGMENTS
from formcheck.types import Array, Pose, Snapshot

Lines = npt.NDArray[np.float64]  # (n, 2 ends, 2) pixels
Mask = npt.NDArray[np.bool_]  # (n,) bones or pieces of them

_FRACTION_BITS = 3  # OpenCV draws at eighths of a pixel
_MID_EARS, _MID_SHOULDERS = N_LANDMARKS, N_LANDMARKS + 1  # two points without a landmark of their own
_MIDPOINTS = ((INDEX["left_ear"], INDEX["right_ear"]), (INDEX["left_shoulder"], INDEX["right_shoulder"]))
_BONES_OF = SEGMENTS | {"neck": ((_MID_EARS, _MID_SHOULDERS),)}
_ENDS = np.array([bone for bones in _BONES_OF.values() for bone in bones])
_SEGMENT_OF = [name for name, bones in _BONES_OF.items() for _ in bones]
_RIGHT = {i for name, i in INDEX.items() if name.startswith("right_")}
_IS_RIGHT = np.array([{a, b} <= _RIGHT for a, b in _ENDS.tolist()])
_JOINTS = np.array(MAIN_JOINTS)
_MOST_GAPS = 60  # a landmark thrown far outside the frame must not cost thousands of dashes


def draw_limbs(image: Image, pose: Pose, snapshot: Snapshot, sizes: theme.Sizes) -> None:
    """Draw the skeleton in place; nothing where nobody was seen or a limb is hidden."""
    if not pose.is_person:
        return
    points, states = _with_midpoints(pose.xy_px, snapshot.limb_state)
    dimmed = snapshot.not_judged is not None
    faults = () if dimmed else snapshot.fault_segments
    judged = () if dimmed else snapshot.judged_segments
    _draw_lines(image, points[_ENDS], states[_ENDS].min(axis=1), _named(judged), _named(faults), dimmed, sizes)
    _draw_joints(image, points[_JOINTS[states[_JOINTS] == 2]], dimmed, sizes)
    _draw_badges(image, points, states, faults, sizes)


@lru_cache(maxsize=64)
def _named(segments: tuple[str, ...]) -> Mask:
    """Which bones belong to the named segments."""
    return np.array([name in segments for name in _SEGMENT_OF])


def _with_midpoints(xy_px: Array, limb_state: npt.NDArray[np.uint8]) -> tuple[Array, npt.NDArray[np.uint8]]:
    """Landmarks and their states, then the two midpoints, made of the better seen of their two landmarks."""
    known = np.isfinite(xy_px).all(axis=-1, keepdims=True)
    points = np.concatenate([np.where(known, xy_px, 0.0), np.zeros((len(_MIDPOINTS), 2))])
    states = np.concatenate([np.where(known.ravel(), limb_state, 0), np.zeros(len(_MIDPOINTS))]).astype(np.uint8)
    for row, (a, b) in enumerate(_MIDPOINTS, start=N_LANDMARKS):
        states[row] = max(states[a], states[b])
        if states[a] == states[b]:
            points[row] = (points[a] + points[b]) / 2
        else:
            points[row] = points[a if states[a] > states[b] else b]
    return points, states


def _draw_lines(
    image: Image,
    lines: Lines,
    state: npt.NDArray[np.uint8],
    judged: Mask,
    fault: Mask,
    dimmed: bool,
    sizes: theme.Sizes,
) -> None:
    """Outlines first, then cores, so that no outline cuts a neighbour's core.

    Args:
        image: (H, W, 3) uint8 BGR, drawn on in place.
        lines: (n, 2, 2) ends of every bone in pixels.
        state: (n,) 0 hidden, 1 uncertain, 2 seen.
        judged: (n,) bones the movement judges.
        fault: (n,) bones at fault.
        dimmed: whether nothing is judged now.
        sizes: lengths for this frame size.
    """
    fault = fault & (state > 0)
    solid = np.flatnonzero((state == 2) | fault)  # a fault is dashed over a solid ground
    cut, of_dash = dashes(lines, np.flatnonzero((state == 1) & ~fault), sizes)
    pieces, bone = np.concatenate([lines[solid], cut]), np.concatenate([solid, of_dash])
    good, fault, is_right = (judged & ~fault)[bone], fault[bone], _IS_RIGHT[bone]
    plain = ~(good | fault)
    for right, outline in zip((False, True), sizes.outlines, strict=True):
        side = is_right == right
        strokes(image, pieces[plain & side], theme.INK, sizes.line + 2 * outline, cv2.LINE_8)
        strokes(image, pieces[good & side], theme.PAPER, sizes.judged_line + 2 * outline)
        strokes(image, pieces[fault & side], theme.INK, sizes.judged_line + 2 * outline, cv2.LINE_8)
    strokes(image, pieces[plain], theme.MUTED if dimmed else theme.PAPER, sizes.line)
    strokes(image, pieces[good], theme.GOOD, sizes.judged_line)
    strokes(image, dashes(lines, bone[fault], sizes)[0], theme.ATTENTION, sizes.judged_line)


def dashes(lines: Lines, chosen: npt.NDArray[np.intp], sizes: theme.Sizes) -> tuple[Lines, npt.NDArray[np.intp]]:
    """The chosen lines cut into dashes, and the line each dash comes from.

    Each line begins and ends with a dash; the gaps are fitted to its length.
    """
    if not len(chosen):
        return np.empty((0, 2, 2)), chosen
    dash, gap = sizes.dash
    starts, along = lines[chosen, 0], lines[chosen, 1] - lines[chosen, 0]
    n_gaps = np.rint((np.hypot(along[:, 0], along[:, 1]) - dash) / (dash + gap)).clip(1, _MOST_GAPS).astype(np.intp)
    n_dashes = n_gaps + 1
    share = dash / (dash * n_dashes + gap * n_gaps)  # of the line, for one dash
    owner = np.repeat(np.arange(len(chosen)), n_dashes)
    number = np.arange(len(owner)) - (np.cumsum(n_dashes) - n_dashes)[owner]  # of the dash in its line
    begin = number * ((1 - share) / n_gaps)[owner]
    ends = np.stack([begin, begin + share[owner]], axis=1)
    pieces: Lines = starts[owner, None] + ends[:, :, None] * along[owner, None]
    return pieces, chosen[owner]


def strokes(image: Image, lines: Lines, colour: str, width: int, kind: int = cv2.LINE_AA) -> None:
    """Lines (n, 2, 2) of one colour and width, drawn in place; with `cv2.LINE_8` unsmoothed, in a third of the time."""
    if len(lines):
        ends: Any = _fixed_point(lines, image)  # OpenCV takes one array as the list of its rows, its stub does not
        cv2.polylines(image, ends, False, theme.bgr(colour), width, kind, _FRACTION_BITS)


def _fixed_point(points: Array, image: Image) -> npt.NDArray[np.int32]:
    """Coordinates in eighths of a pixel; points far outside come nearer, as OpenCV's integers overflow."""
    limit = 4 * max(image.shape[:2])
    fixed: npt.NDArray[np.int32] = np.rint(points.clip(-limit, limit) * (1 << _FRACTION_BITS)).astype(np.int32)
    return fixed


def _draw_joints(image: Image, centres: Array, dimmed: bool, sizes: theme.Sizes) -> None:
    """A dot on every main joint that is seen."""
    radius = max(3, sizes.px(0.0055))
    rim = radius + max(1, sizes.outlines[0])
    fill = theme.bgr(theme.MUTED if dimmed else theme.PAPER)
    for x, y in _fixed_point(centres, image).tolist():
        cv2.circle(image, (x, y), rim << _FRACTION_BITS, theme.bgr(theme.INK), -1, cv2.LINE_AA, _FRACTION_BITS)
        cv2.circle(image, (x, y), radius << _FRACTION_BITS, fill, -1, cv2.LINE_AA, _FRACTION_BITS)


def _draw_badges(
    image: Image, points: Array, states: npt.NDArray[np.uint8], segments: tuple[str, ...], sizes: theme.Sizes
) -> None:
    """An "!" beside the middle of every segment at fault, on the side away from the body's middle."""
    size = sizes.px(0.052)
    seen = points[:N_LANDMARKS][states[:N_LANDMARKS] > 0]
    body = seen.mean(axis=0) if len(seen) else points[0]
    for name in segments:
        bones = [(a, b) for a, b in _BONES_OF.get(name, ()) if min(states[a], states[b]) > 0]
        if not bones:
            continue
        ends = points[np.array(bones)]
        centre = ends.reshape(-1, 2).mean(axis=0) + _outward(ends, body) * 0.055 * sizes.unit
        width, height = image.shape[1], image.shape[0]
        x = min(max(0, round(centre[0] - size / 2)), width - size)
        y = min(max(0, round(centre[1] - size / 2)), height - size)
        paste(image, fault_badge(size), (x, y))


def _outward(ends: Lines, body: Array) -> Array:
    """Unit vector across the segment, pointing away from the body's middle; up where that is undecided."""
    along = (ends[:, 1] - ends[:, 0]).mean(axis=0)
    length = float(np.hypot(*along))
    if length < 1.0:
        return np.array([0.0, -1.0])
    across = np.array([along[1], -along[0]]) / length
    away = ends.reshape(-1, 2).mean(axis=0) - body
    return across if across @ away >= 0 else -across
