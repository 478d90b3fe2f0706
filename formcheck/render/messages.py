"""Where and how softly messages appear: at the bottom, or at the top while the person is down there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from formcheck.render import theme
from formcheck.render.canvas import Image, Sprite, paste
from formcheck.render.cue import cue_panel, not_judged_panel, note_panel
from formcheck.render.layout import Placer, Rect, covered
from formcheck.render.words import OverlayWords
from formcheck.types import Array, CueLevel, Snapshot

T = TypeVar("T")


@dataclass(slots=True)
class Fader(Generic[T]):
    """Lets what is shown change over `EASE_S` instead of at once.

    What is wanted in the first frame is there at once.

    Attributes:
        current: what is shown now.
    """

    current: T | None = None
    _previous: T | None = None
    _since_s: float = -math.inf
    _is_new: bool = True

    def update(self, time_s: float, wanted: T) -> list[tuple[T, float]]:
        """What to draw at this moment, each with its strength (0-1)."""
        if self._is_new:
            self.current, self._is_new = wanted, False
        if wanted != self.current:
            self._previous, self.current, self._since_s = self.current, wanted, time_s
        share = (time_s - self._since_s) / theme.EASE_S
        if not 0 <= share < 1:
            return [(wanted, 1.0)]
        leaving = [] if self._previous is None else [(self._previous, 1 - share)]
        return [*leaving, (wanted, max(share, 0.25))]  # the first frame already shows that something comes


class _Strip(NamedTuple):
    """A horizontal span that messages may stand in."""

    left: int
    right: int
    is_bottom: bool


_Shown = list[tuple[T | None, float]]  # texts of one slot, each with its strength
_Slot = list[tuple[Sprite, float]]  # panels that come and go at one place, each with its strength


class Messages:
    """The cue, what is not judged, why the last movement did not count; never more than one instruction."""

    def __init__(self, sizes: theme.Sizes, words: OverlayWords) -> None:
        self._sizes, self._words = sizes, words
        self._cue: Fader[tuple[str, CueLevel] | None] = Fader()
        self._not_judged: Fader[str | None] = Fader()
        self._note: Fader[str | None] = Fader()
        self._placer = Placer(wish=(0.0, 0.05), margin=0.05)

    def draw(self, image: Image, body: tuple[Array, Array], snapshot: Snapshot, corners: Sequence[Rect]) -> None:
        """Draw in place.

        Args:
            image: (H, W, 3) uint8 BGR.
            body: points of the person and their weights, from `layout.body_points`.
            snapshot: what is known of the moment.
            corners: rectangles that are taken by other panels.
        """
        time_s, level, words = snapshot.time_s, snapshot.cue_level or "correction", self._words
        cue, not_judged, note = snapshot.cue, snapshot.not_judged, snapshot.note
        cues = self._cue.update(time_s, (words.say(cue), level) if cue else None)
        reasons = self._not_judged.update(time_s, words.after("Not judged", not_judged) if not_judged else None)
        notes = self._note.update(time_s, words.after("Not counted", note) if note else None)
        if all(text is None for text, _ in chain(cues, reasons, notes)):
            return
        strips = _strips(corners, self._sizes)
        stacks = [_stack(strip, _slots(cues, reasons, notes, strip, self._sizes), self._sizes) for strip in strips]
        # the outermost panel decides, so that a note which comes and goes above a cue does not move the cue
        cover = covered(*body, [[stack[0][1]] for stack in stacks], self._sizes.grid)
        no_room = [1.0] * (2 - len(stacks))
        chosen = self._placer.update(time_s, np.append(cover, no_room))
        for sprite, rect, strength in stacks[min(chosen, len(stacks) - 1)]:
            paste(image, sprite, rect[:2], strength)


def _slots(
    cues: _Shown[tuple[str, CueLevel]],
    reasons: _Shown[str],
    notes: _Shown[str],
    strip: _Strip,
    sizes: theme.Sizes,
) -> list[_Slot]:
    """The panels, from the frame's edge inwards."""
    room = strip.right - strip.left
    is_alone = cues[-1][0] is None
    return [
        [(cue_panel(*cue, room, sizes), strength) for cue, strength in cues if cue],
        [(not_judged_panel(text, is_alone, room, sizes), strength) for text, strength in reasons if text],
        [(note_panel(text, room, sizes), strength) for text, strength in notes if text],
    ]


def _stack(strip: _Strip, slots: Sequence[_Slot], sizes: theme.Sizes) -> list[tuple[Sprite, Rect, float]]:
    """Every panel with its place and strength; panels of one slot share a place."""
    placed: list[tuple[Sprite, Rect, float]] = []
    used = sizes.margin
    for slot in slots:
        for sprite, strength in slot:
            width, height = sprite.size_wh
            y = sizes.wh[1] - used - height if strip.is_bottom else used
            placed.append((sprite, ((strip.left + strip.right - width) // 2, y, width, height), strength))
        if slot:
            used += max(sprite.size_wh[1] for sprite, _ in slot) + sizes.grid // 2
    return placed


def _strips(corners: Sequence[Rect], sizes: theme.Sizes) -> list[_Strip]:
    """The bottom, and the top if at least two fifths of the width are free there, beside the other panels."""
    width, height = sizes.wh
    low = [rect for rect in corners if rect[1] + rect[3] > 0.75 * height]
    strips = [_Strip(*_free_span(low, sizes), is_bottom=True)]
    left, right = _free_span([rect for rect in corners if rect not in low], sizes)
    if right - left >= 0.4 * width:
        strips.append(_Strip(left, right, is_bottom=False))
    return strips


def _free_span(taken: Sequence[Rect], sizes: theme.Sizes) -> tuple[int, int]:
    """Left and right end of what the rectangles at the sides leave free."""
    width, _ = sizes.wh
    left = max([x + w for x, _, w, _ in taken if x + w / 2 < width / 2], default=0) + sizes.margin
    right = min([x for x, _, w, _ in taken if x + w / 2 >= width / 2], default=width) - sizes.margin
    return left, right
