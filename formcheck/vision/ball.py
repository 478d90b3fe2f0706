"""Finds the ball in the picture and follows it.

The ball is looked for where the body can touch it, as a squashed circle whose free arc (what the body does not cover)
separates one colour inside from others outside. Looks that agree settle its size and colour; from then on the pixels
of its colour near where it was tell its outline. No gesture is needed; a point inside the ball may be given.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from formcheck.skeleton import INDEX
from formcheck.types import Ball, Pose
from formcheck.vision.colour import ColourModel
from formcheck.vision.cover import torso_px
from formcheck.vision.outline import fit_outline
from formcheck.vision.places import Places
from formcheck.vision.shrunk import Shrunk

# Lengths are in torso lengths T.
TORSO_TO_PX: Final = 80.0  # the picture is shrunk so that a torso has this many pixels
RADII: Final = (0.36, 1.0)  # of half the width
SQUASH: Final = (0.70, 1.05)  # height over width: a loaded ball flattens and its upper cap is hidden
SIZE_TOLERANCE: Final = (0.12, 0.25)  # smaller, larger, once its width is known: limbs cut it short, nothing adds to it
WINDOW: Final = 1.5  # what is looked at about a ball, in radii
CORE: Final = 0.8  # squared distance in radii up to which everything free is the ball's ...
AROUND: Final = 1.5  # ... and from which nothing is
LOOKS_LIKE_ONE: Final = 0.55  # confidence from which a find is believed
STILL_THERE: Final = 0.45
AGREEING: Final = 4  # finds that settle its size and colour
AGREE_WITHIN: Final = 0.15  # of the width
SEARCH_EVERY_S: Final = 0.35
SEARCH_RARELY_S: Final = 3.0  # a search costs as much as several poses: without a ball it is repeated ever less often
PATIENCE: Final = 1.5
FOLLOW_EVERY_S: Final = 0.2  # while the body or the ball moves ...
REST_EVERY_S: Final = 0.5  # ... and while neither does
MOVED: Final = 0.05  # torso lengths that say that something has moved since the last look
TEACH_EVERY_S: Final = 2.0
LOST_AFTER_S: Final = 2.0
SIZE_MEMORY: Final = 25

_PAIRS = np.array(
    [
        [INDEX[f"{side}_{joint}"] for joint in ("shoulder", "hip", "knee", "ankle", "wrist")]
        for side in ("left", "right")
    ]
)


class BallFinder:
    """Follows one ball through a recording. Feed it every frame; it decides which ones it looks at."""

    def __init__(self, at_px: tuple[float, float] | None = None) -> None:
        """`at_px`: a point on the ball in the first frames, if somebody knows it."""
        self._at_px = at_px
        self._looked_s = -math.inf
        self._search_every_s = SEARCH_EVERY_S
        self._seen_s = -math.inf
        self._taught_s = -math.inf
        self._finds: deque[_Find] = deque(maxlen=AGREEING)
        self._colours = ColourModel()
        self._widths: deque[float] = deque(maxlen=SIZE_MEMORY)  # in torso lengths
        self._ball: Ball | None = None
        self._is_rolling = False
        self._joints_px = np.full((5, 2), np.nan)  # at the last look
        self._torso_px = math.nan

    def look(self, image: npt.NDArray[np.uint8], pose: Pose) -> Ball | None:
        """Where the ball is in this frame; None when it is not seen.

        Args:
            image: (H, W, 3) uint8, BGR.
            pose: who is in it; without a person nothing is looked for.
        """
        if not self._is_due(pose) or not (torso := torso_px(pose)) > 0.0:
            return self._unless_lost(pose.time_s)
        self._looked_s, self._joints_px, self._torso_px, before = pose.time_s, _joints(pose), torso, self._ball
        found = self._follow(image, pose, torso) if self._ball is not None else self._search(image, pose, torso)
        if found is None:
            self._search_every_s = min(PATIENCE * self._search_every_s, SEARCH_RARELY_S)
            return self._unless_lost(pose.time_s)
        self._search_every_s = SEARCH_EVERY_S
        self._seen_s = pose.time_s
        if self._colours.is_learned:
            self._widths.append(found.ball.width_px / torso)
            self._ball = found.ball
            self._is_rolling = before is not None and _apart(before, found.ball) > MOVED * torso
            if found.ball.confidence >= LOOKS_LIKE_ONE and pose.time_s - self._taught_s >= TEACH_EVERY_S:
                self._taught_s = pose.time_s
                found.picture.teach(found.ball, self._colours)
        else:
            self._settle(found, torso)
        return self._ball

    def _is_due(self, pose: Pose) -> bool:
        """Whether it is time for a look."""
        waited_s = pose.time_s - self._looked_s
        if self._ball is None:
            return waited_s >= self._search_every_s
        if waited_s < FOLLOW_EVERY_S or waited_s >= REST_EVERY_S or self._is_rolling or self._seen_s < self._looked_s:
            return waited_s >= FOLLOW_EVERY_S
        return bool(np.abs(_joints(pose) - self._joints_px).max() > MOVED * self._torso_px)

    def _unless_lost(self, time_s: float) -> Ball | None:
        if time_s - self._seen_s > LOST_AFTER_S:
            self._ball = None
        return self._ball

    def _settle(self, found: _Find, torso: float) -> None:
        """Looks that agree tell size and colour."""
        self._finds.append(found)
        balls = [find.ball for find in self._finds]
        if len(balls) < AGREEING:
            return
        width = float(np.median([ball.width_px for ball in balls]))
        if all(_agree(ball, found.ball, width) for ball in balls):
            for find in self._finds:
                find.picture.teach(find.ball, self._colours)
            self._widths.extend(ball.width_px / torso for ball in balls)
            self._finds.clear()
            self._ball = found.ball

    def _search(self, image: npt.NDArray[np.uint8], pose: Pose, torso: float) -> _Find | None:
        at_px = None if self._colours.is_learned else self._at_px
        radii = self._radii(torso)
        fine = _Fine(image, pose, torso)
        guesses = Places(image, pose, torso).best(radii, at_px)
        finds = [find for guess in guesses if (find := fine.outline(guess, self._colours, radii)) is not None]
        best = max(finds, key=lambda find: find.ball.confidence, default=None)
        return best if best is not None and best.ball.confidence >= LOOKS_LIKE_ONE else None

    def _follow(self, image: npt.NDArray[np.uint8], pose: Pose, torso: float) -> _Find | None:
        assert self._ball is not None
        find = _Fine(image, pose, torso, self._ball).outline(self._ball, self._colours, self._radii(torso))
        return find if find is not None and find.ball.confidence >= STILL_THERE else None

    def _radii(self, torso: float) -> tuple[float, float]:
        """Smallest and largest half width, pixels."""
        if not self._widths:
            return RADII[0] * torso, RADII[1] * torso
        usual = float(np.median(self._widths)) * torso / 2
        return (1 - SIZE_TOLERANCE[0]) * usual, (1 + SIZE_TOLERANCE[1]) * usual


def _agree(one: Ball, other: Ball, width: float) -> bool:
    return max(_apart(one, other), abs(one.width_px - other.width_px)) <= AGREE_WITHIN * width


def _apart(one: Ball, other: Ball) -> float:
    """From centre to centre, pixels."""
    return math.hypot(one.x_px - other.x_px, one.y_px - other.y_px)


def _joints(pose: Pose) -> npt.NDArray[np.float64]:
    """(5, 2) the middles of shoulders, hips, knees, ankles and wrists, pixels: a hidden side's jumps weigh half."""
    return np.asarray(pose.xy_px[_PAIRS].mean(axis=0))


@dataclass(frozen=True)
class _Find:
    ball: Ball
    picture: _Fine


class _Fine(Shrunk):
    """The outline of a ball whose place is roughly known."""

    def __init__(self, image: npt.NDArray[np.uint8], pose: Pose, torso: float, near: Ball | None = None) -> None:
        """`near`: a ball around which alone will be looked; None for all of the frame."""
        part = None
        if near is not None:
            half_w, half_h = 0.7 * WINDOW * near.width_px, 0.7 * WINDOW * near.height_px
            part = (near.x_px - half_w, near.y_px - half_h, near.x_px + half_w, near.y_px + half_h)
        super().__init__(image, pose, torso, TORSO_TO_PX, part)

    def outline(self, guess: Ball, colours: ColourModel, radii_px: tuple[float, float]) -> _Find | None:
        """The ball near a guess, from the pixels of its colour; None when they form none."""
        window, within = self._around(guess)
        ycc, covered = self.ycc[window], self.covered[window]
        model = colours
        if not colours.is_learned:
            model = ColourModel()
            model.learn(ycc, (within < CORE) & (covered == 0), (within > AROUND) & (covered == 0))
        y0, x0 = window[0].start, window[1].start
        x, y, rx, ry = self.to_picture(guess)
        fit = fit_outline(
            ycc,
            model.is_ball(ycc) & (covered == 0),
            covered,
            start=(x - x0, y - y0, rx, ry),
            radii=(radii_px[0] * self.scale, radii_px[1] * self.scale),
            squash=SQUASH,
        )
        if fit is None or not self.can_stand(fit.y + y0 + fit.ry):
            return None
        confidence = fit.confidence if colours.is_learned else fit.confidence * fit.sureness
        return _Find(self.to_ball(fit.x + x0, fit.y + y0, fit.rx, fit.ry, confidence), self)

    def teach(self, ball: Ball, colours: ColourModel) -> None:
        """Let the ball's own pixels and those around it tell its colours."""
        window, within = self._around(ball)
        free = self.covered[window] == 0
        colours.learn(self.ycc[window], (within < CORE) & free, (within > AROUND) & free)

    def _around(self, ball: Ball) -> tuple[tuple[slice, slice], npt.NDArray[np.float64]]:
        """A window about a ball, and in it the squared distance from its centre in radii."""
        x, y, rx, ry = self.to_picture(ball)
        x0, x1 = max(0, min(self.width - 2, int(x - WINDOW * rx))), min(self.width, int(x + WINDOW * rx) + 1)
        y0, y1 = max(0, min(self.height - 2, int(y - WINDOW * ry))), min(self.height, int(y + WINDOW * ry) + 1)
        across, down = ((np.arange(x0, x1) - x) / rx) ** 2, ((np.arange(y0, y1) - y) / ry) ** 2
        return (slice(y0, y1), slice(x0, x1)), across + down[:, None]
