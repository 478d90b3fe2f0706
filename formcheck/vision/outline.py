"""The outline of a ball from the pixels that have its colour: an upright ellipse through their free edge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CLEAR_OF_BODY: Final = 3  # pixels between an edge point and what the body covers
N_TRIES: Final = 80
NEAR: Final = 0.035  # radii within which a point belongs to an outline
N_SECTORS: Final = 48
FEWEST_POINTS: Final = 12
USUAL_SQUASH: Final = 0.92  # height over width of a ball that carries somebody (0.8 to 1.0 on 19 of 20 photos)
FLATNESS_COSTS: Final = 2.0
HALF_PIXEL: Final = 0.5  # the outermost pixels' centres lie this much inside of the edge
SLACK: Final = 3  # pixels by which an edge may lie off the outline
STEP_PX: Final = 4  # pixels within which a colour steps at an edge ...
CONTRAST: Final = 3.5  # ... by this ...
STEP: Final = 1.5  # ... and by so many times what it changes by within as many pixels on the calmer side
WEIGHTS: Final = np.array([0.5, 1.0, 1.0])  # of YCrCb; lightness changes over a ball, too
STEPPING: Final = (0.7, 0.88)  # share of the free outline with a step: none is believed, and all is
MUCH_FREE: Final = 0.5  # an outline with less than this free is trusted less ...
LITTLE_FREE: Final = 0.81  # ... down to this
LEAST_FREE: Final = 0.25  # share of the outline that must be free

_ANGLES: Final = (np.arange(N_SECTORS) + 0.5) * 2 * np.pi / N_SECTORS
_RAYS: Final = np.array([np.cos(_ANGLES), np.sin(_ANGLES)])[:, None]  # (2, 1, N_SECTORS)
_OFFSETS: Final = np.arange(-SLACK - STEP_PX * 3 // 2, SLACK + STEP_PX * 3 // 2 + 1)
_OUTWARDS: Final = _OFFSETS[:, None] * _RAYS  # (2, offsets, N_SECTORS)
_RIDGE: Final = 1e-9 * np.eye(4)  # keeps what has no one solution solvable


@dataclass(frozen=True, slots=True)
class Outline:
    """An upright ellipse in pixels.

    Attributes:
        confidence: 0-1, share of its free arc on which the ball's colours end, times how well they fill it.
        sureness: 0-1, less where those ends are no edges in the picture, or little of the arc is free: what else it
            takes to believe that there is a ball at all.
    """

    x: float
    y: float
    rx: float
    ry: float
    confidence: float
    sureness: float


def fit_outline(
    ycc: npt.NDArray[np.uint8],
    like: Bools,
    covered: npt.NDArray[np.uint8],
    start: tuple[float, float, float, float],
    radii: tuple[float, float],
    squash: tuple[float, float],
) -> Outline | None:
    """The ellipse that explains most of the free edge of a coloured patch.

    Args:
        ycc: (H, W, 3) the picture in YCrCb.
        like: (H, W) pixels of the ball's colour that the body does not cover.
        covered: (H, W) 1 where the body is.
        start: (x, y, rx, ry) roughly where.
        radii, squash: smallest and largest half width in pixels and height over width.
    """
    import cv2

    opened = cv2.morphologyEx(like.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    patch = np.asarray(opened, np.uint8)
    edge = _free_edge(patch, covered, start)
    if len(edge) < FEWEST_POINTS:
        return None
    ellipses = _through(edge, radii, squash)
    if not len(ellipses):
        return None
    votes = _is_near(edge, ellipses).sum(axis=1) * _plausibility(ellipses)
    best = ellipses[[int(np.argmax(votes))]]
    for _ in range(2):
        near = edge[_is_near(edge, best)[0]]
        if len(near) >= FEWEST_POINTS and _is_allowed(better := _solve(near[None]), radii, squash)[0]:
            best = better
    best[:, 2:] += HALF_PIXEL
    confidence, sureness = _confidence(ycc, edge, covered, patch, best[0])
    x, y, rx, ry = map(float, best[0])
    return Outline(x, y, rx, ry, confidence, sureness) if confidence > 0.0 else None


def _free_edge(
    patch: npt.NDArray[np.uint8], covered: npt.NDArray[np.uint8], start: tuple[float, float, float, float]
) -> Points:
    """(N, 2) edge points of the pieces that lie in the start ellipse, away from the body and the window's rim."""
    import cv2

    _, labels, stats, centres = cv2.connectedComponentsWithStats(patch, connectivity=4, ltype=cv2.CV_16U)
    x, y, rx, ry = start
    is_kept = ((centres[:, 0] - x) / rx) ** 2 + ((centres[:, 1] - y) / ry) ** 2 < 1.2
    is_kept &= stats[:, cv2.CC_STAT_AREA] > 0.01 * np.pi * rx * ry
    keep = np.zeros_like(patch)
    for i in np.flatnonzero(is_kept[1:]) + 1:  # the first is the ground
        keep[labels == i] = 1
    contours, _ = cv2.findContours(keep, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return np.empty((0, 2))
    points = np.concatenate([contour[:, 0] for contour in contours])
    barred = cv2.dilate(covered, np.ones((2 * CLEAR_OF_BODY + 1,) * 2, np.uint8))
    barred[[0, -1]] = 1
    barred[:, [0, -1]] = 1
    free: Points = points[barred[points[:, 1], points[:, 0]] == 0].astype(np.float64)
    return free


def _through(edge: Points, radii: tuple[float, float], squash: tuple[float, float]) -> Points:
    """(M, 4) allowed ellipses through fours of edge points, taken the same way every time."""
    ellipses = _solve(edge[_fours(len(edge))])
    return ellipses[_is_allowed(ellipses, radii, squash)]


@lru_cache(maxsize=128)  # an outline has about as many points as the last one
def _fours(n: int) -> npt.NDArray[np.int64]:
    """(N_TRIES, 4) which of `n` points are tried together."""
    return np.random.default_rng(n).integers(0, n, (N_TRIES, 4))


def _solve(points: Points) -> Points:
    """(M, 4) x, y, rx, ry of the upright ellipses that fit (M, N, 2) points best; NaN where there is none."""
    middle = points.mean(axis=1, keepdims=True)
    from_middle = points - middle
    scale = np.abs(from_middle).max(axis=(1, 2), keepdims=True) + 1e-9
    unit = from_middle / scale
    design = np.concatenate([unit * unit, unit], axis=2)
    across = design.transpose(0, 2, 1)
    normal = across @ design + _RIDGE
    factors = np.linalg.solve(normal, across.sum(axis=2)[..., None])[..., 0]
    squares, lines = factors[:, :2], factors[:, 2:]
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = -lines / (2 * squares)
        terms = squares * centre * centre
        size = 1 + terms[:, :1] + terms[:, 1:]
        radii = np.sqrt(size / squares)
    return np.concatenate([centre * scale[:, 0] + middle[:, 0], radii * scale[:, 0]], axis=1)


def _is_allowed(ellipses: Points, radii: tuple[float, float], squash: tuple[float, float]) -> Bools:
    """(M,) whether size and squash are a ball's; never for NaN."""
    rx, ry = ellipses[:, 2], ellipses[:, 3]
    allowed: Bools = (radii[0] <= rx) & (rx <= radii[1]) & (squash[0] * rx <= ry) & (ry <= squash[1] * rx)
    return allowed


def _plausibility(ellipses: Points) -> Points:
    """(M,) 0-1: how usual their squash is. Shadows under a ball hide its lower edge, which makes it look flat."""
    squash: Points = ellipses[:, 3] / ellipses[:, 2]
    return np.clip(1.0 - FLATNESS_COSTS * np.abs(squash - USUAL_SQUASH), 0.0, 1.0)


def _is_near(points: Points, ellipses: Points) -> Bools:
    """(M, N) whether points (N, 2) lie on ellipses (M, 4)."""
    x, y, rx, ry = (ellipses[:, i, None] for i in range(4))
    squared = ((points[:, 0] - x) / rx) ** 2 + ((points[:, 1] - y) / ry) ** 2
    near: Bools = (squared > (1.0 - NEAR) ** 2) & (squared < (1.0 + NEAR) ** 2)
    return near


def _confidence(
    ycc: npt.NDArray[np.uint8],
    edge: Points,
    covered: npt.NDArray[np.uint8],
    patch: npt.NDArray[np.uint8],
    ellipse: Points,
) -> tuple[float, float]:
    """Confidence and sureness of an ellipse."""
    x, y, rx, ry = ellipse
    height, width = covered.shape
    wanted = np.rint(ellipse[:2, None, None] + ellipse[2:, None, None] * _RAYS + _OUTWARDS).astype(np.intp)
    pixels = np.clip(wanted, 0, np.array([width - 1, height - 1])[:, None, None])
    is_free = (pixels == wanted).all(axis=(0, 1))
    columns, lines = pixels
    middle = len(_OFFSETS) // 2
    is_free &= covered[lines[middle], columns[middle]] == 0
    n_free = np.count_nonzero(is_free)
    if n_free < LEAST_FREE * N_SECTORS:
        return 0.0, 0.0
    has_step = _steps(ycc[lines, columns] * WEIGHTS).any(axis=0)
    across, down = ((np.arange(width) - x) / rx) ** 2, ((np.arange(height) - y) / ry) ** 2
    inside = (across + down[:, None] < 0.9) & (covered == 0)
    n_inside = np.count_nonzero(inside)
    filled = np.count_nonzero(patch & inside) / n_inside if n_inside else 0.0
    share = np.count_nonzero(_has_edge(edge, ellipse) & is_free) / n_free
    stepping = (np.count_nonzero(has_step & is_free) / n_free - STEPPING[0]) / (STEPPING[1] - STEPPING[0])
    trust = LITTLE_FREE + (1.0 - LITTLE_FREE) * (n_free / N_SECTORS - LEAST_FREE) / (MUCH_FREE - LEAST_FREE)
    return share * filled, min(1.0, max(0.0, stepping)) * min(1.0, trust)


def _has_edge(edge: Points, ellipse: Points) -> Bools:
    """(N_SECTORS,) whether the ball's colours end near the ellipse."""
    x, y, rx, ry = ellipse
    near = edge[_is_near(edge, ellipse[None])[0]]
    at = np.arctan2((near[:, 1] - y) / ry, (near[:, 0] - x) / rx) % (2 * np.pi)
    has_edge = np.zeros(N_SECTORS, bool)
    has_edge[np.minimum((at / (2 * np.pi) * N_SECTORS).astype(np.intp), N_SECTORS - 1)] = True
    return has_edge


def _steps(colours: Points) -> Bools:
    """(K, M) whether colours (K + 12, M, 3), pixel by pixel outwards, step rather than go on as shading does."""
    apart = np.linalg.norm(colours[STEP_PX:] - colours[:-STEP_PX], axis=2)
    inside, across, outside = apart[: -2 * STEP_PX], apart[STEP_PX:-STEP_PX], apart[2 * STEP_PX :]
    steps: Bools = (across > CONTRAST) & (across > STEP * np.minimum(inside, outside))
    return steps
