"""The outline of a ball from the pixels that have its colour: an upright ellipse through their free edge."""

from __future__ import annotations

from dataclasses import dataclass
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
_COS, _SIN = np.cos(_ANGLES), np.sin(_ANGLES)
_OFFSETS: Final = np.arange(-SLACK - STEP_PX * 3 // 2, SLACK + STEP_PX * 3 // 2 + 1)


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

    opened = cv2.morphologyEx(like.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
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

    n, labels, stats, centres = cv2.connectedComponentsWithStats(patch, connectivity=4)
    x, y, rx, ry = start
    keep = np.zeros_like(patch)
    for i in range(1, n):
        is_inside = ((centres[i, 0] - x) / rx) ** 2 + ((centres[i, 1] - y) / ry) ** 2 < 1.2
        if is_inside and stats[i, cv2.CC_STAT_AREA] > 0.01 * np.pi * rx * ry:
            keep[labels == i] = 1
    contours, _ = cv2.findContours(keep, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return np.empty((0, 2))
    points = np.concatenate([contour[:, 0] for contour in contours])
    height, width = patch.shape
    grown = cv2.dilate(covered, np.ones((2 * CLEAR_OF_BODY + 1,) * 2, np.uint8))
    is_free = grown[points[:, 1], points[:, 0]] == 0
    is_free &= (points > 0).all(axis=1) & (points < (width - 1, height - 1)).all(axis=1)
    free: Points = points[is_free].astype(np.float64)
    return free


def _through(edge: Points, radii: tuple[float, float], squash: tuple[float, float]) -> Points:
    """(M, 4) allowed ellipses through fours of edge points, taken the same way every time."""
    rng = np.random.default_rng(len(edge))
    ellipses = _solve(edge[rng.integers(0, len(edge), (N_TRIES, 4))])
    return ellipses[_is_allowed(ellipses, radii, squash)]


def _solve(points: Points) -> Points:
    """(M, 4) x, y, rx, ry of the upright ellipses that fit (M, N, 2) points best; NaN where there is none."""
    middle = points.mean(axis=1, keepdims=True)
    scale = np.abs(points - middle).max(axis=(1, 2), keepdims=True) + 1e-9
    u, v = np.moveaxis((points - middle) / scale, 2, 0)
    design = np.stack([u * u, v * v, u, v], axis=2)
    across = design.transpose(0, 2, 1)
    normal = across @ design + 1e-9 * np.eye(4)
    a, b, c, d = np.linalg.solve(normal, across.sum(axis=2)[..., None])[..., 0].T
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = -c / (2 * a), -d / (2 * b)
        size = 1 + a * x * x + b * y * y
        shape = np.stack([x, y, np.sqrt(size / a), np.sqrt(size / b)], axis=1)
    fitted: Points = shape * scale[:, 0] + np.concatenate([middle[:, 0], np.zeros_like(middle[:, 0])], axis=1)
    return fitted


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
    columns = np.rint(x + rx * _COS + _OFFSETS[:, None] * _COS).astype(np.intp)
    lines = np.rint(y + ry * _SIN + _OFFSETS[:, None] * _SIN).astype(np.intp)
    middle = len(_OFFSETS) // 2
    is_free = (columns >= 0).all(axis=0) & (lines >= 0).all(axis=0)
    is_free &= (columns < width).all(axis=0) & (lines < height).all(axis=0)
    columns, lines = np.clip(columns, 0, width - 1), np.clip(lines, 0, height - 1)
    is_free &= covered[lines[middle], columns[middle]] == 0
    if is_free.sum() < LEAST_FREE * N_SECTORS:
        return 0.0, 0.0
    has_step = _steps(ycc[lines, columns] * WEIGHTS).any(axis=0)
    across, down = ((np.arange(width) - x) / rx) ** 2, ((np.arange(height) - y) / ry) ** 2
    inside = (across + down[:, None] < 0.9) & (covered == 0)
    filled = float(patch[inside].mean()) if inside.any() else 0.0
    free = is_free.sum()
    share = (_has_edge(edge, ellipse) & is_free).sum() / free
    stepping = np.clip(((has_step & is_free).sum() / free - STEPPING[0]) / (STEPPING[1] - STEPPING[0]), 0.0, 1.0)
    trust = min(1.0, LITTLE_FREE + (1.0 - LITTLE_FREE) * (free / N_SECTORS - LEAST_FREE) / (MUCH_FREE - LEAST_FREE))
    return float(share * filled), float(stepping * trust)


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
