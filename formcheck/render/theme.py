"""The look, in one place: palette, sizes relative to the frame, dashes and easing times.

Colours are the colour-blind safe set of Okabe and Ito; every state that has a colour also has a shape
(solid with tick, dashed with "!", octagon), so that a grey print or a colour-blind eye loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

GOOD = "#0072B2"
ATTENTION = "#E69F00"
STOP = "#D55E00"
BALL = "#56B4E9"
BACK_CURVE = "#CC79A7"
BREATH = "#009E73"
INK = "#111827"
PAPER = "#FFFFFF"
GHOST = "#F0E442"  # the reference figure; the yellow of the same set
MUTED = "#9CA3AF"  # skeleton while nothing is judged; 6.6:1 on ink
PALETTE: dict[str, str] = {
    "good": GOOD,
    "attention": ATTENTION,
    "stop": STOP,
    "ball": BALL,
    "back-curve": BACK_CURVE,
    "breath": BREATH,
    "ink": INK,
    "paper": PAPER,
}
"""Names shared with the report's style sheet; a test compares the two."""

PANEL_OPACITY = 0.72
TRACK_OPACITY = 0.28  # unfilled part of a ring or bar: paper over the panel

EASE_S = 0.2  # cues and moved panels fade in; inside the 150-250 ms that reads as calm
MOVE_AFTER_S = 0.3  # a person must stay under a panel this long before it gives way
RETURN_AFTER_S = 8.0  # and be gone this long before it comes back: longer than one slow repetition

MIN_TEXT = 0.025  # of the unit; nothing is written smaller


@cache
def bgr(colour: str) -> tuple[int, int, int]:
    """Blue, green, red (0-255) of "#RRGGBB", the order OpenCV draws in."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return blue, green, red


@dataclass(frozen=True, slots=True)
class Sizes:
    """Every length of the overlay in pixels for one frame size.

    Attributes:
        wh: width and height of the frame.
        unit: what shares are taken of: the frame's height, but never more than 1.1 times its width, so that
            in an upright phone video the person, who comes first, has the middle free between the panels.
        grid: the rhythm all distances are multiples of, 8 px at 480 lines.
    """

    wh: tuple[int, int]
    unit: float
    grid: int

    @classmethod
    def of_frame(cls, size_wh: tuple[int, int]) -> Sizes:
        """Sizes for frames of this width and height in pixels."""
        width, height = size_wh
        unit = min(float(height), 1.1 * width)
        return cls(size_wh, unit, max(2, round(unit / 60)))

    def px(self, share: float) -> int:
        """A share of the unit in whole pixels, at least 1."""
        return max(1, round(self.unit * share))

    @property
    def margin(self) -> int:
        """From the frame's edge to a panel."""
        return 2 * self.grid

    @property
    def pad(self) -> int:
        """From a panel's edge to its content."""
        return round(1.5 * self.grid)

    @property
    def radius(self) -> int:
        """Of a panel's corners."""
        return round(1.5 * self.grid)

    @property
    def count_digits(self) -> int:
        """Height of the count's digits: 12 % of the unit."""
        return self.px(0.12)

    @property
    def cue_text(self) -> int:
        """Font size of the cue: 6 % of the unit."""
        return self.px(0.06)

    @property
    def body_text(self) -> int:
        """Font size of the movement's name and the phase."""
        return self.px(0.036)

    @property
    def small_text(self) -> int:
        """Font size of labels."""
        return self.px(0.03)

    @property
    def min_text(self) -> int:
        """Smallest font size there is: 2.5 % of the unit."""
        return max(6, self.px(MIN_TEXT))

    @property
    def line(self) -> int:
        """Width of a skeleton line: 0.4 % of the unit; at least 2 so that it survives video compression."""
        return max(2, self.px(0.004))

    @property
    def judged_line(self) -> int:
        """Width of a line of the judged segments."""
        return 2 * self.line

    @property
    def outlines(self) -> tuple[int, int]:
        """Outline on each side of a line: thin for left limbs and the middle, thick for right ones."""
        return max(1, self.px(0.002)), max(3, self.px(0.006))

    @property
    def dash(self) -> tuple[float, float]:
        """Length of a dash and of the gap after it."""
        return 0.022 * self.unit, 0.018 * self.unit
