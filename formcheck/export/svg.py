"""Drawing as inline SVG: one element, a canvas with scales and places that are taken, labels that do not overlap."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from markupsafe import Markup, escape

from formcheck.export.scales import Scale
from formcheck.export.words import Words

LETTER: Final = 0.54  # mean width of a letter, of the font size
BOLD_LETTER: Final = 0.62
RIGHT, TOP, LANE, LANE_GAP = 12, 26, 16, 6
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ChartSize:
    """How large a chart is drawn, in its own units: for a page, or for a phone."""

    name: str
    width: int
    plot_height: int
    font: int
    n_points: int
    n_times: int
    left: int
    has_phases: bool
    has_titles: bool  # a phone has no pointer that could rest on what counted


WIDE: Final = ChartSize("wide", 760, 200, 13, 1500, 8, 64, True, True)
NARROW: Final = ChartSize("narrow", 360, 190, 13, 500, 4, 54, False, False)


@dataclass(slots=True)
class Canvas:
    """What is drawn so far, the scales, and the boxes that are taken by labels."""

    size: ChartSize
    x: Scale
    y: Scale
    unit: str
    words: Words
    parts: list[Markup] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)

    def add(self, name: str, content: Any = None, /, **attributes: Any) -> None:
        """Append one element; attribute names may end in "_" and use "_" for "-"."""
        self.parts.append(element(name, content, **attributes))

    def label(self, text: str, x: float, y: float, class_: str, anchor: str) -> None:
        """Write, and keep the place as taken."""
        width = len(text) * self.size.font * LETTER
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        self.taken.append((left, y - self.size.font, left + width, y + 3))
        self.add("text", text, class_=class_, x=x, y=y, text_anchor=anchor)

    def label_beside(self, text: str, x: float, y: float, class_: str) -> None:
        """Write beside a mark where nothing else stands yet; left out when there is no such place."""
        font = self.size.font - 1
        width = len(text) * font * LETTER
        up = -1 if y > self.y(0.0) + 1 else 1  # peaks below zero are labelled below
        for dx, dy in _places(width, up):
            middle = min(max(x + dx, self.size.left + width / 2 + 2), self.size.width - RIGHT - width / 2)
            box = (middle - width / 2, y + dy - font / 2, middle + width / 2, y + dy + font / 2)
            is_inside = box[1] >= TOP and box[3] <= TOP + self.size.plot_height
            if is_inside and not any(_overlap(box, other) for other in self.taken):
                self.label(text, middle, y + dy + 0.35 * font, class_, "middle")
                return


def _places(width: float, up: int) -> list[tuple[float, float]]:
    beside = width / 2 + 10
    return [(0, -15 * up), (0, 15 * up), (beside, 0), (-beside, 0), (0, -30 * up), (0, 30 * up)]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def element(name: str, content: Any = None, /, **attributes: Any) -> Markup:
    """One SVG element with everything escaped; numbers are written with one decimal.

    >>> element("text", "a < b", class_="tick", x=1.25)
    Markup('<text class="tick" x="1.2">a &lt; b</text>')
    """
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"' for key, value in attributes.items()
    )
    if content is None:
        return Markup(f"<{name}{pairs}/>")
    return Markup(f"<{name}{pairs}>{escape(content)}</{name}>")


def _short(value: Any) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def titled(text: str) -> Markup:
    """What is shown while the pointer rests on an element."""
    return element("title", text)


def drawing(parts: list[Markup], width: float, height: float, about: str, class_: str) -> Markup:
    """The finished drawing with its spoken description."""
    box = f"0 0 {width:g} {height:.0f}"
    content = Markup("").join(parts)
    return element("svg", content, class_=class_, viewBox=box, role="img", aria_label=about)
