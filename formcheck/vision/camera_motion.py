"""Has the camera moved? Told from what stands still in the room: corners that neither person nor ball covers.

Corners of a key picture are looked for in each later one, so that nothing adds up while they are seen; the move is the
one that most of them agree on. A camera that stands gives none at all, whatever its pictures tremble by.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.camera_move import STANDING, CameraMove
from formcheck.types import Ball, Pose
from formcheck.vision.cover import covered_by_person, torso_px

Image = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Affine = npt.NDArray[np.float64]

WIDTH_PX: Final = 320  # the picture is shrunk to about this
EVERY_S: Final = 0.4  # while the camera stands ...
MOVING_FOR_S: Final = 1.0  # ... and every picture until it has stood for so long, as at the beginning
RARELY_S: Final = 2.0  # where the room shows too little
STANDS_WITHIN: Final = 0.0015  # of the picture's width, in the picture's corners: less is no move
MOST_CORNERS: Final = 80
FEWEST_CORNERS: Final = 12  # that agree on a move
AGREEING_SHARE: Final = 0.5  # of the corners that are seen
AGREE_WITHIN_PX: Final = 1.0  # of the shrunk picture
AT_REST_PX: Final = 0.75  # the same: what corners tremble by before a camera that stands
CELLS: Final = (4, 3)  # the picture's parts across and down ...
FEWEST_CELLS: Final = 4  # ... in which corners must agree: those of one thing that moves lie together
LEAST_SPAN: Final = 0.5  # of the width, from the leftmost to the rightmost corner that agrees
NEW_KEY_BELOW: Final = 0.5  # share of the key picture's corners that is still seen
AROUND_BODY: Final = 0.2  # torso lengths: hair, clothes and shadows move along
AROUND_BALL: Final = 1.25  # of its size
WINDOW_PX: Final = (15, 15)
LEVELS: Final = 3
SAME_LIGHT: Final = 0.02  # share by which brightness and contrast may differ
QUALITY: Final = 0.02  # of the best corner's
APART_PX: Final = 8  # between corners


class CameraWatch:
    """Follows the camera through one recording. Feed it every picture; it decides which ones it looks at.

    Attributes:
        move: from the last picture to the first.
        is_moving: whether the camera has moved within the last second.
    """

    def __init__(self) -> None:
        self.move = STANDING
        self._looked_s = self._moved_s = -math.inf
        self._time_s = -math.inf
        self._began_s = math.nan
        self._every_s = EVERY_S
        self._anchor = STANDING  # what the last move is compared with
        self._base = STANDING  # from the key picture to the first
        self._key: Image | None = None
        self._corners: Points = np.empty((0, 2), np.float32)  # in the key picture
        self._since_key: Affine = np.eye(2, 3)  # from the key picture's shrunk pixels to those of the last one

    @property
    def is_moving(self) -> bool:
        """Whether the camera has moved within the last second."""
        return self._time_s - self._moved_s < MOVING_FOR_S

    def look(self, image: Image, pose: Pose, ball: Ball | None) -> CameraMove:
        """From this picture to the first.

        Args:
            image: (H, W, 3) uint8, BGR.
            pose, ball: who and what covers the room in it.
        """
        self._time_s = pose.time_s
        if math.isnan(self._began_s):
            self._began_s = pose.time_s
        is_watched = self.is_moving or pose.time_s - self._began_s < MOVING_FOR_S
        if not is_watched and pose.time_s - self._looked_s < self._every_s:
            return self.move
        self._looked_s = pose.time_s
        scale = min(1.0, WIDTH_PX / image.shape[1])
        grey = _shrunk(image, scale)
        free = _free(pose, ball, scale, (grey.shape[0], grey.shape[1]))
        if self._key is None or self._key.shape != grey.shape:
            self._take_key(grey, free)
            return self.move
        places, is_seen = self._places_of_corners(grey, free)
        n_agreeing = int(np.count_nonzero(is_seen))
        if n_agreeing >= FEWEST_CORNERS and not self._are_at_rest(places[is_seen], is_seen):
            to_key, n_agreeing = _fitted(places[is_seen], self._corners[is_seen], (grey.shape[1], grey.shape[0]))
            if n_agreeing:
                self._note(to_key, scale, image.shape[1], image.shape[0])
        if n_agreeing < max(FEWEST_CORNERS, NEW_KEY_BELOW * len(self._corners)):
            self._take_key(grey, free)
        return self.move

    def _are_at_rest(self, places: Points, is_seen: Bools) -> bool:
        """Whether a camera that stood goes on standing, by most of the corners that are seen."""
        if self.is_moving:
            return False
        away = np.hypot(*(places - self._expected()[is_seen]).T)
        return bool(np.count_nonzero(away < AT_REST_PX) >= AGREEING_SHARE * len(places))

    def _expected(self) -> Points:
        """(N, 2) where the corners are if the camera has not moved since the last look."""
        return (self._corners @ self._since_key[:, :2].T + self._since_key[:, 2]).astype(np.float32)

    def _note(self, to_key: Affine, scale: float, width: int, height: int) -> None:
        """Takes a move over, unless it is what a standing camera's pictures tremble by."""
        move = self._base.after(_unshrunk(to_key, scale))
        if _apart(move, self._anchor, width, height) > STANDS_WITHIN * width:
            self._anchor, self._moved_s = move, self._time_s
        if self.is_moving:
            import cv2

            self.move, self._since_key = move, np.asarray(cv2.invertAffineTransform(to_key), np.float64)

    def _take_key(self, grey: Image, free: Image) -> None:
        """Later pictures are compared with this one."""
        import cv2

        self._base, self._since_key, self._key = self.move, np.eye(2, 3), grey
        corners = cv2.goodFeaturesToTrack(grey, MOST_CORNERS, QUALITY, APART_PX, mask=free)
        self._corners = np.empty((0, 2), np.float32) if corners is None else np.asarray(corners, np.float32)[:, 0]
        self._every_s = EVERY_S if len(self._corners) >= FEWEST_CORNERS else RARELY_S

    def _places_of_corners(self, grey: Image, free: Image) -> tuple[Points, Bools]:
        """(N, 2) where the key picture's corners are in this one, and (N,) whether they are seen at all."""
        import cv2

        if self._key is None or len(self._corners) < FEWEST_CORNERS:
            return self._corners, np.zeros(len(self._corners), bool)
        grey = _lit_alike(grey, self._key, free)
        found = cv2.calcOpticalFlowPyrLK(
            self._key,
            grey,
            self._corners,
            self._expected(),
            winSize=WINDOW_PX,
            maxLevel=LEVELS,
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )
        places = np.asarray(found[0], np.float32)
        return places, (found[1][:, 0] == 1) & _lie_in(free, places)


def _fitted(here: Points, there: Points, size_wh: tuple[int, int]) -> tuple[Affine, int]:
    """(2, 3) from here to there, and how many corners agree on it; 0 where that tells nothing of the room."""
    import cv2

    to_key, agrees = cv2.estimateAffinePartial2D(here, there, None, cv2.RANSAC, AGREE_WITHIN_PX)
    if to_key is None or not _are_the_room(there, agrees[:, 0] == 1, size_wh):
        return np.eye(2, 3), 0
    return np.asarray(to_key, np.float64), int(np.count_nonzero(agrees))


def _shrunk(image: Image, scale: float) -> Image:
    import cv2

    size_wh = round(image.shape[1] * scale), round(image.shape[0] * scale)
    if scale < 0.5:  # of a large picture some pixels are enough
        image = np.asarray(
            cv2.resize(image, (2 * size_wh[0], 2 * size_wh[1]), interpolation=cv2.INTER_NEAREST), np.uint8
        )
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(grey, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def _lit_alike(grey: Image, key: Image, free: Image) -> Image:
    """The picture with the brightness and contrast that the room has in the key picture."""
    import cv2

    (mean, spread), (key_mean, key_spread) = (np.ravel(cv2.meanStdDev(x, mask=free)).tolist() for x in (grey, key))
    gain = key_spread / spread if spread > 0.0 else 1.0
    if abs(gain - 1.0) < SAME_LIGHT and abs(key_mean - mean) < SAME_LIGHT * mean:
        return grey
    return np.asarray(cv2.addWeighted(grey, gain, grey, 0.0, key_mean - gain * mean), np.uint8)


def _free(pose: Pose, ball: Ball | None, scale: float, shape_hw: tuple[int, int]) -> Image:
    """(H, W) 255 where neither person nor ball is."""
    import cv2

    free = np.full(shape_hw, 255, np.uint8)
    torso = torso_px(pose) * scale if pose.is_person else 0.0
    if torso > 0.0:
        covered = covered_by_person((pose.xy_px * scale).astype(np.float32), torso, shape_hw)
        around = 2 * round(AROUND_BODY * torso) + 1
        free[cv2.dilate(covered, np.ones((around, around), np.uint8)) > 0] = 0
    if ball is not None and ball.is_seen:
        middle = round(ball.x_px * scale), round(ball.y_px * scale)
        half = (round(AROUND_BALL * size * scale / 2) for size in (ball.width_px, ball.height_px))
        cv2.ellipse(free, middle, tuple(half), 0, 0, 360, 0, -1)
    return free


def _lie_in(free: Image, places: Points) -> Bools:
    """(N,) whether places lie in the picture, and not on person or ball."""
    height, width = free.shape
    x, y = np.rint(places).astype(int).T
    is_inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return np.asarray(is_inside & (free[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)] > 0))


def _are_the_room(corners: Points, agrees: Bools, size_wh: tuple[int, int]) -> bool:
    """Whether the corners that agree are many of those seen, and lie all over the picture."""
    n_agreeing = np.count_nonzero(agrees)
    if n_agreeing < max(FEWEST_CORNERS, AGREEING_SHARE * len(corners)):
        return False
    own = corners[agrees]
    cells = set(map(tuple, (own * CELLS / size_wh).astype(int).tolist()))
    return len(cells) >= FEWEST_CELLS and float(np.ptp(own[:, 0])) >= LEAST_SPAN * size_wh[0]


def _unshrunk(to_key: Affine, scale: float) -> CameraMove:
    """The move in the picture's own pixels."""
    (a, _, x), (b, _, y) = to_key.tolist()
    return CameraMove(a, b, x / scale, y / scale)


def _apart(one: CameraMove, other: CameraMove, width: int, height: int) -> float:
    """By how many pixels two moves take the picture's corners to different places, at most."""
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
    return float(np.abs(one.places(corners) - other.places(corners)).max())
