"""How the surface of the trunk moves against itself, in pictures that are compared with one first picture.

The difference of two pictures is explained, over all edges on the trunk and around it at once, by light that changed,
by what the trunk shares (shift, turn, bend) and by a few smooth ways in which a trunk widens and lengthens. Arms are
left out, and so is what stays where it is while the trunk sways.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import INDEX
from formcheck.types import Pose
from formcheck.vision.cover import covered_by_person
from formcheck.vision.evidence import Fabric

Array = npt.NDArray[np.float64]
Picture = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]

TORSO_PX: Final = 120.0  # larger pictures are made smaller, so that a torso has this many pixels
ALONG: Final = (-0.05, 1.05)  # what is looked at: from shoulders to hips ...
ACROSS: Final = 0.34  # ... and to each side, in torso lengths
MARGIN: Final = 0.40  # of the looked-at part around the trunk, torso lengths
ARM: Final = 0.18  # width of an arm in its sleeve, torso lengths ...
ARM_FROM: Final = 0.3  # ... from here between shoulder and elbow: the shoulder itself belongs to the trunk
BLUR_PX: Final = 1.1
N_EDGES: Final = 4000  # pixels with the clearest edges are enough
FAINT: Final = 0.7  # grey levels a pixel: fainter edges are noise
FEWEST: Final = 300  # such pixels; with less, nothing can be told
FAR_MORE: Final = 3.0  # times the usual change of the surroundings ...
LEAST_GREY: Final = 4.0  # ... and at least so many grey levels: something moves there
AROUND_EVERY: Final = 4  # pixels: so many of the surroundings are enough
NOISE_GREY: Final = 1.0  # what a camera adds
TRIM: Final = 3.7  # times the usual difference: such pixels show something else
RIDGE: Final = 1e-3  # keeps what can hardly be seen from growing
CLOSE_PX: Final = 0.2  # what is shared is fitted again until it changes by less ...
MOST_TRIES: Final = 4  # ... but not more often
MEMORY: Final = 0.98  # of how pixels differed, from look to look: some five seconds
TOLD_EVERY: Final = 10  # looks: how often the background is told from the trunk
BACKGROUND: Final = 0.6  # of the difference that is left: who differs less without the trunk's sway is background

N_LIGHT, N_RIGID, N_BEND = 2, 3, 2
N_SHARED: Final = N_LIGHT + N_RIGID + N_BEND
N_WAYS: Final = 9  # of widening and lengthening
WIDENING: Final = 0  # the first of them: both sides go outwards


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed since the first picture.

    Attributes:
        moves: (9,) how far the trunk has moved in every way, torso lengths.
        shift: (2,) of the trunk as a whole, torso lengths.
        around: grey levels by which most of the surroundings have changed since the last look; NaN: there are none.
        astir: share of the surroundings that has changed far more than that; 0 where there are none.
        greys: (n,) of every pixel that is looked at, without light and what the trunk shares.
    """

    moves: Array
    shift: Array
    around: float
    astir: float
    greys: Picture


class Surface:
    """The trunk in a first picture.

    Attributes:
        is_blank: nothing can be told from it: no edges, or out of the picture.
        clearness: (9, 9) what movements are multiplied with, so that noise is the same in every direction.
    """

    def __init__(self, image: npt.NDArray[np.uint8], pose: Pose, torso: float) -> None:
        """Lay the ways of moving over the trunk of this picture; torso: its length in pixels."""
        self._scale = min(1.0, TORSO_PX / torso)
        self.torso_px = torso * self._scale
        corners = pose.xy_px[[INDEX[f"{side}_{joint}"] for joint in ("shoulder", "hip") for side in ("left", "right")]]
        low, high = corners.min(axis=0) - MARGIN * torso, corners.max(axis=0) + MARGIN * torso
        self._part = (int(max(0, low[0])), int(max(0, low[1])), int(high[0]) + 1, int(high[1]) + 1)
        self._first = self._look_at(image)
        self.is_blank = min(self._first.shape) < 8
        if self.is_blank:
            return
        self._last = self._first.ravel()  # moved back to where the trunk was at first
        joints = ((pose.xy_px - self._part[:2]) * self._scale).astype(np.float32)
        self._choose_edges(joints)
        around = covered_by_person(joints, 1.15 * self.torso_px, self._first.shape[:2]) == 0
        self._around = np.flatnonzero(around)[::AROUND_EVERY] if around.sum() > 50 * AROUND_EVERY else None

    def _look_at(self, image: npt.NDArray[np.uint8]) -> Picture:
        import cv2

        x0, y0, x1, y1 = self._part
        part = image[y0:y1, x0:x1]
        if not part.size:
            return np.zeros((0, 0), np.float32)
        grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
        if self._scale < 1.0:
            grey = cv2.resize(grey, None, fx=self._scale, fy=self._scale, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), BLUR_PX), np.float32)

    def _choose_edges(self, joints: Picture) -> None:
        """The pixels that are looked at, and how each would change in every way of moving."""
        import cv2

        shoulders, hips = joints[11:13].mean(axis=0), joints[23:25].mean(axis=0)
        axis = hips - shoulders
        length = max(1e-6, float(np.hypot(*axis)))
        down = axis / length
        across = np.array([-down[1], down[0]])
        lines, columns = np.mgrid[: self._first.shape[0], : self._first.shape[1]].astype(np.float32)
        u = ((columns - shoulders[0]) * down[0] + (lines - shoulders[1]) * down[1]) / length
        v = ((columns - shoulders[0]) * across[0] + (lines - shoulders[1]) * across[1]) / (ACROSS * self.torso_px)
        gx = cv2.Sobel(self._first, cv2.CV_32F, 1, 0, scale=1 / 8)
        gy = cv2.Sobel(self._first, cv2.CV_32F, 0, 1, scale=1 / 8)
        clear = np.hypot(gx, gy)
        clear[(u < ALONG[0]) | (u > ALONG[1]) | (np.abs(v) > 1.0) | (clear < FAINT)] = 0.0
        clear[_arms(joints, self.torso_px, clear.shape) > 0] = 0.0
        n_edges = min(N_EDGES, int(np.count_nonzero(clear)))
        self.is_blank = n_edges < FEWEST
        if self.is_blank:
            return
        self._at = np.sort(np.argpartition(clear.ravel(), -n_edges)[-n_edges:])
        x, y, gx, gy, u, v = (a.ravel()[self._at].astype(np.float64) for a in (columns, lines, gx, gy, u, v))
        self._middle = np.array([x.mean(), y.mean()])
        x, y, u = (x - self._middle[0]) / self.torso_px, (y - self._middle[1]) / self.torso_px, 2.0 * u - 1.0
        self._fabric = Fabric(np.column_stack([gx, gy]).astype(np.float32), x, y)
        sideways, lengthways = gx * across[0] + gy * across[1], gx * down[0] + gy * down[1]
        self._grey = self._first.ravel()[self._at]
        light = (np.ones(n_edges), self._grey / 100.0)
        rigid, bend = (gx, gy, gy * x - gx * y), (sideways * u**2, sideways * u**3)
        wide = (sideways * v, sideways * v * u, sideways * v * u**2)
        one_sided = (sideways * v**2, sideways * v**2 * u, sideways * v**2 * u**2)
        long = (lengthways * u, lengthways * u**2, lengthways * u * v)
        ways = [way * self.torso_px for way in (*wide, *one_sided, *long)]
        self._design = np.column_stack([*light, *rigid, *bend, *ways]).astype(np.float32)
        self._solver = np.linalg.pinv(self._design).astype(np.float32)
        self._weight = np.ones(n_edges, np.float32)
        self._stayed, self._strayed = np.zeros(n_edges, np.float32), np.zeros(n_edges, np.float32)
        self._n_compared = 0
        self._placed = np.zeros(3)  # shift in pixels and turn in pixels at a torso's length, as found last
        self._read_clearness()

    def _read_clearness(self) -> None:
        """What noise does to the ways of moving: its covariance's inverse, what is shared taken out."""
        design = self._design * np.sqrt(self._weight)[:, None]
        normal = (design.T @ design).astype(np.float64)
        shared, ways, both = normal[:N_SHARED, :N_SHARED], normal[N_SHARED:, N_SHARED:], normal[:N_SHARED, N_SHARED:]
        known = ways - both.T @ np.linalg.lstsq(shared, both, rcond=None)[0]
        energy, axes = np.linalg.eigh((known + known.T) / 2)
        self.clearness = (axes * np.sqrt(np.maximum(energy, 0.0))) @ axes.T

    def compare(self, image: npt.NDArray[np.uint8]) -> Change:
        """What has changed since the first picture."""
        picture = self._look_at(image)
        rigid = slice(N_LIGHT, N_LIGHT + N_RIGID)
        for _ in range(MOST_TRIES):
            moved = self._moved_back(picture).ravel()
            rest = moved[self._at] - self._grey
            fitted = self._fit(rest)
            self._placed = self._placed - fitted[rigid]
            if float(np.abs(fitted[rigid]).max()) < CLOSE_PX:
                break
        around, astir = self._change_around(moved)
        self._last = moved
        greys = rest - self._design[:, :N_SHARED] @ fitted[:N_SHARED].astype(np.float32)
        self._tell_background(picture, greys - self._design[:, N_SHARED:] @ fitted[N_SHARED:].astype(np.float32))
        return Change(-fitted[N_SHARED:], self._placed[:2] / self.torso_px, around, astir, greys)

    def evidence_in(self, greys: Picture) -> tuple[float, float]:
        """Shares (0-1) of a change of the pixels (n,) that are there as patches shift, and as all moves smoothly."""
        shifted = self._fabric.share_shifted(greys, self._weight)
        return shifted, self._fabric.share_smooth(greys, self._weight, self._design[:, :N_SHARED])

    def _change_around(self, moved: Picture) -> tuple[float, float]:
        """Grey levels by which most of the surroundings have changed, and the share that has changed far more."""
        if self._around is None:
            return math.nan, 0.0
        change = np.abs(moved[self._around] - self._last[self._around])
        usual = float(np.median(change))
        return usual, float(np.mean(change > max(FAR_MORE * usual, LEAST_GREY)))

    def _moved_back(self, picture: Picture) -> Picture:
        """The picture as if the trunk had stayed where it was at first."""
        import cv2

        x, y, turn = self._placed
        sine = turn / self.torso_px
        middle_x, middle_y = self._middle
        ways = np.array([[1.0, -sine, x + sine * middle_y], [sine, 1.0, y - sine * middle_x]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(picture, ways, picture.shape[1::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.float32)

    def _fit(self, rest: Picture) -> Array:
        """What explains most pixels' difference: light, what is shared, and every way of moving."""
        off = np.abs(rest - self._design @ (self._solver @ rest))
        keep = self._weight * (off < TRIM * float(np.median(off)) + 1e-6)
        design = self._design * keep[:, None]
        normal = (design.T @ self._design).astype(np.float64)
        normal[np.diag_indices_from(normal)] *= 1.0 + RIDGE
        return np.asarray(np.linalg.solve(normal, (design.T @ rest).astype(np.float64)))

    def _tell_background(self, picture: Picture, rest: Picture) -> None:
        """Pixels that stay where they are while the trunk sways are not of the trunk."""
        self._stayed = self._stayed * MEMORY + np.abs(picture.ravel()[self._at] - self._grey)
        self._strayed = self._strayed * MEMORY + np.abs(rest)
        self._n_compared += 1
        if self._n_compared % TOLD_EVERY:
            return
        noise = NOISE_GREY * (1.0 - MEMORY**self._n_compared) / (1.0 - MEMORY)
        ratio = (self._stayed + noise) / (self._strayed + noise)
        self._weight = np.clip((ratio - BACKGROUND) / (1.0 - BACKGROUND), 0.0, 1.0).astype(np.float32)
        self._read_clearness()


def spread_of(moves: Array) -> float:
    """How far the trunk's surface moves on the average in a way of moving (9,), torso lengths."""
    return float(np.sqrt(np.mean((FIELDS @ moves) ** 2)))


def _fields() -> Array:
    """(2 n, 9) movement across and along at points spread over the trunk, for every way of moving."""
    u, v = (a.ravel() for a in np.meshgrid(np.linspace(-1, 1, 7), np.linspace(-0.7, 0.7, 5)))
    none = np.zeros_like(u)
    across = [v, v * u, v * u**2, v**2, v**2 * u, v**2 * u**2, none, none, none]
    along = [none] * 6 + [u, u**2, u * v]
    return np.concatenate([np.column_stack(across), np.column_stack(along)])


FIELDS: Final = _fields()


def _arms(joints: Picture, torso: float, shape_hw: tuple[int, ...]) -> Mask:
    """(H, W) 1 where an arm may lie over the trunk."""
    import cv2

    covered = np.zeros(shape_hw, np.uint8)
    for side in ("left", "right"):
        shoulder, elbow, wrist = (joints[INDEX[f"{side}_{joint}"]] for joint in ("shoulder", "elbow", "wrist"))
        upper = shoulder + ARM_FROM * (elbow - shoulder)
        points = [(round(float(x)), round(float(y))) for x, y in (upper, elbow, wrist)]
        for a, b in pairwise(points):
            cv2.line(covered, a, b, 1, max(1, round(ARM * torso)))
    return covered
