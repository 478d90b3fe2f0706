"""What was learned of a movement, as a page: the cycle as a strip of stick figures, and what it is counted by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup

from formcheck.export.html import page_from
from formcheck.export.svg import element
from formcheck.export.words import unit_sign
from formcheck.reference import ReferenceProfile
from formcheck.skeleton import BONES
from formcheck.types import Array

N_FIGURES: Final = 8
SEEN_FROM: Final = 0.5  # share of the repetitions in which a landmark was seen; else its bones are dashed
_HIGH, _GAP = 150.0, 14.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the movement is counted by: at rest, at the far end, in its unit."""

    label: str
    unit: str
    rest: float
    far: float


def learned_page(
    title: str, about: Sequence[str], readings: Sequence[Reading], profile: ReferenceProfile, unseen: Sequence[str]
) -> str:
    """The page as text; self-contained, without a script.

    Args:
        title: of the movement.
        about: sentences on what was learned, and how to use it.
        readings: best first.
        profile: the good execution.
        unseen: what this movement does not judge, one sentence each.
    """
    rows = [(r.label, _value(r.rest, r.unit), _value(r.far, r.unit)) for r in readings]
    return page_from("learned.html.j2", title=title, about=about, rows=rows, unseen=unseen, strip=strip(profile))


def _value(value: float, unit: str) -> str:
    return f"{value:.{0 if unit == 'deg' else 2}f}".replace("-", "−") + unit_sign(unit)


def strip(profile: ReferenceProfile) -> Markup:
    """The cycle, evenly along the movement: one row of upright figures, two rows of lying ones."""
    phases = np.linspace(0, profile.n_phases - 1, min(N_FIGURES, profile.n_phases)).round().astype(int)
    xy = profile.xy[phases]
    low, high = xy.reshape(-1, 2).min(axis=0), xy.reshape(-1, 2).max(axis=0)
    head = max(_head(points)[1] for points in xy)
    low, size = low - head, high - low + 2 * head
    in_row = len(phases) if size[1] > size[0] else (len(phases) + 1) // 2
    scale = _HIGH / float(max(size))
    step = size * scale + _GAP
    figures = [
        _figure((points - low) * scale + step * (i % in_row, i // in_row) + _GAP / 2, profile.weight[phase])
        for i, (points, phase) in enumerate(zip(xy, phases, strict=True))
    ]
    n_rows = -(-len(phases) // in_row)
    box = f"0 0 {step[0] * in_row:.0f} {step[1] * n_rows:.0f}"
    about = "The movement from rest to its far end and back"
    content = Markup("").join([element("title", about), *figures])
    return element("svg", content, class_="strip", viewBox=box, role="img", aria_label=about)


def _head(points: Array) -> tuple[Array, float]:
    """Middle and radius of the head, in the unit of the points."""
    middle: Array = points[7:9].mean(axis=0)
    return middle, 1.2 * float(np.hypot(*(points[0] - middle)))


def _figure(points: Array, weight: Array) -> Markup:
    parts = []
    for a, b in BONES:
        (x1, y1), (x2, y2) = points[a], points[b]
        dashed = {} if min(weight[a], weight[b]) >= SEEN_FROM else {"stroke_dasharray": "3 3"}
        line = {"x1": float(x1), "y1": float(y1), "x2": float(x2), "y2": float(y2), **dashed}
        parts.append(element("line", stroke="#111827", stroke_width=2.0, stroke_linecap="round", **line))
    (x, y), radius = _head(points)
    look = {"fill": "none", "stroke": "#111827", "stroke_width": 2.0}
    parts.append(element("circle", cx=float(x), cy=float(y), r=max(4.0, radius), **look))
    return element("g", Markup("").join(parts))
