"""Everything that is drawn over a video frame, configured once and then called frame by frame."""

from __future__ import annotations

import math
from typing import Final

from formcheck.render import theme
from formcheck.render.back import BackLine
from formcheck.render.ball import draw_ball
from formcheck.render.breath import BreathWave, breath_panel_wh
from formcheck.render.canvas import Image
from formcheck.render.count import count_panel_wh, draw_count
from formcheck.render.form import draw_form, form_panel_wh
from formcheck.render.gauge import draw_gauge, gauge_wh
from formcheck.render.ghost import draw_ghost
from formcheck.render.layout import NOBODY, Placer, Rect, body_points, covered
from formcheck.render.limbs import draw_limbs
from formcheck.render.messages import Messages
from formcheck.render.words import words_of
from formcheck.types import Array, Pose, Snapshot

LOOK_EVERY_S: Final = 0.1  # how often it is looked whether panels cover the person: they move far more slowly


class Overlay:
    """Draws what a person needs to see: skeleton, gauge, count, and one cue.

    Keeps the places of its panels from frame to frame: use one overlay for one recording and call `draw` in
    the order of time. The same poses and snapshots always give the same pictures.
    """

    def __init__(self, size_wh: tuple[int, int], language: str = "en") -> None:
        """Prepare for frames of this width and height in pixels, with words in "en" or "de"."""
        self._sizes, self._words = theme.Sizes.of_frame(size_wh), words_of(language)
        self._corners = Placer(wish=_WISH)
        self._form = Placer(wish=_FORM_WISH)
        self._messages = Messages(self._sizes, self._words)
        self._back = BackLine()
        self._breath, self._wave = BreathWave(self._words), Placer(wish=_FORM_WISH)
        self._body: tuple[Array, Array] = NOBODY
        self._looked_s = -math.inf

    def draw(self, image: Image, pose: Pose, snapshot: Snapshot) -> Image:
        """Draw over `image` in place and return it.

        Args:
            image: (H, W, 3) uint8 BGR of the size the overlay was made for.
            pose: the pose found in this frame.
            snapshot: what is known of the moment; without a title no movement is followed and no count shown.
        """
        if (image.shape[1], image.shape[0]) != self._sizes.wh:
            raise ValueError(f"the overlay was made for frames of {self._sizes.wh}, not {image.shape[1::-1]}")
        is_due = not 0 <= snapshot.time_s - self._looked_s < LOOK_EVERY_S
        if is_due:
            self._looked_s, self._body = snapshot.time_s, body_points(pose)
        if pose.ball is not None and pose.ball.is_seen:
            draw_ball(image, pose.ball, pose, self._sizes)
        if snapshot.ghost_px is not None:
            draw_ghost(image, snapshot.ghost_px, self._sizes)
        draw_limbs(image, pose, snapshot, self._sizes)
        self._back.draw(image, pose, snapshot, self._sizes)
        self._breath.take(pose, snapshot)
        corners = self._draw_corners(image, snapshot, is_due) if snapshot.title else []
        if corners and self._breath.is_shown(snapshot.time_s):
            corners = [*corners, self._draw_breath(image, snapshot, corners, is_due)]
        self._messages.draw(image, self._body, snapshot, corners)
        return image

    def _draw_corners(self, image: Image, snapshot: Snapshot, is_due: bool) -> list[Rect]:
        """Count, gauge and form in the corners, where they cover the person least."""
        sizes, words, time_s = self._sizes, self._words, snapshot.time_s
        places = corner_places(count_panel_wh(snapshot, sizes, words), snapshot.gauge is not None, sizes)
        if is_due:
            self._corners.update(time_s, covered(*self._body, places, sizes.grid))
        chosen = places[self._corners.chosen]
        opacity = self._corners.opacity(time_s)
        count, *rest = chosen
        draw_count(image, snapshot, count[:2], sizes, words, opacity)
        for gauge in rest:
            assert snapshot.gauge is not None
            draw_gauge(image, snapshot.gauge, gauge[:2], sizes, words, opacity)
        form_wh = form_panel_wh(snapshot, count[2], sizes)
        if form_wh is None:
            return chosen
        form_places = form_panel_places(form_wh, chosen, sizes)
        if is_due:
            self._form.update(time_s, covered(*self._body, [[place] for place in form_places], sizes.grid))
        form = form_places[self._form.chosen]
        draw_form(image, snapshot, form[:2], form[2], sizes, words, min(opacity, self._form.opacity(time_s)))
        return [*chosen, form]

    def _draw_breath(self, image: Image, snapshot: Snapshot, taken: list[Rect], is_due: bool) -> Rect:
        """The breath's line, below the count or in a lower corner."""
        count = taken[0]
        below = count[1] + count[3] + self._sizes.grid
        column = max(rect for rect in taken if rect[0] == count[0] and rect[1] <= below)
        places = form_panel_places(breath_panel_wh(count[2], self._sizes), [column, *taken], self._sizes)
        if is_due:
            self._wave.update(snapshot.time_s, covered(*self._body, [[place] for place in places], self._sizes.grid))
        place = places[self._wave.chosen]
        self._breath.draw(image, snapshot, place[:2], place[2], self._sizes)
        return place


# What each of `corner_places` costs before it covers anything: level places are liked, crossed ones next, and
# both panels in one corner only when the person fills the rest.
_WISH = (0.0, 0.01, 0.015, 0.015, 0.02, 0.02)


def corner_places(count_wh: tuple[int, int], has_gauge: bool, sizes: theme.Sizes) -> list[list[Rect]]:
    """Count in an upper corner; gauge at the other side, in the lower corner there, or beside the count."""
    (width, height), margin = sizes.wh, sizes.margin
    left: Rect = (margin, margin, *count_wh)
    right: Rect = (width - margin - count_wh[0], margin, *count_wh)
    if not has_gauge:
        return [[left], [right], [right], [left], [right], [left]]
    gauge = gauge_wh(sizes)
    outer_right: Rect = (width - margin - gauge[0], margin, *gauge)
    outer_left: Rect = (margin, margin, *gauge)
    inner_right: Rect = (right[0] - sizes.grid - gauge[0], margin, *gauge)
    inner_left: Rect = (left[0] + count_wh[0] + sizes.grid, margin, *gauge)
    low_left: Rect = (margin, height - margin - gauge[1], *gauge)
    low_right: Rect = (outer_right[0], height - margin - gauge[1], *gauge)
    return [
        [left, outer_right],
        [right, outer_left],
        [right, low_left],
        [left, low_right],
        [right, inner_right],
        [left, inner_left],
    ]


# Below the count first; then the free lower corners, of which the one away from the gauge is liked.
_FORM_WISH = (0.0, 0.02, 0.02)


def form_panel_places(form_wh: tuple[int, int], taken: list[Rect], sizes: theme.Sizes) -> list[Rect]:
    """Where the form panel may go: below the count, or in a lower corner; never over the other panels."""
    (width, height), margin = sizes.wh, sizes.margin
    count = taken[0]
    below: Rect = (count[0], count[1] + count[3] + sizes.grid // 2, *form_wh)
    low_left: Rect = (margin, height - margin - form_wh[1], *form_wh)
    low_right: Rect = (width - margin - form_wh[0], height - margin - form_wh[1], *form_wh)
    return [
        place if not any(_overlap(place, other) for other in taken) else below for place in (below, low_left, low_right)
    ]


def _overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
