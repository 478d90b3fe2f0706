"""What was learned of a movement, as a page: the cycle as a strip of stick figures, and what it is counted by."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from markupsafe import Markup

from formcheck.export.svg import element
from formcheck.export.templating import page_from
from formcheck.export.words import in_percent, unit_sign
from formcheck.messages import LANGUAGES, Catalogue, load_catalogue
from formcheck.reference import ReferenceProfile
from formcheck.skeleton import BONES
from formcheck.types import Array

N_FIGURES: Final = 8
SEEN_FROM: Final = 0.5  # share of the repetitions in which a landmark was seen; else its bones are dashed
SMALLEST_HEAD: Final = 0.12  # radius in trunk lengths: a face that looks at the camera has no length of its own
_HIGH, _GAP = 150.0, 14.0
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the movement is counted by: at rest, at the far end, in its unit."""

    label: str
    unit: str
    rest: float
    far: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the page tells.

    Attributes:
        id, title, file: of the movement, and the name of its file.
        n_repetitions, seconds: what was shown, and how long one took.
        views: from where it is judged; the first is where it was seen from.
        has_turns: the sides take turns.
        goes_both_ways: a repetition goes one way from rest, then the other; the readings are of one of them.
        side: the one side that it was shown to, else None.
        held_s: how long the far end was kept where it is held, else 0; a hold counts from counted_from_s on.
        arms_are_free: the arms are no part of it.
        hidden: names of joints that were not seen.
        readings: best first.
        needed: share of a reading's way that counts.
        shortest_s: a repetition in less is hasty, a hold of less is short.
    """

    id: str
    title: str
    file: str
    n_repetitions: int
    seconds: float
    views: Sequence[str]
    has_turns: bool
    goes_both_ways: bool
    side: str | None
    held_s: float
    counted_from_s: float
    arms_are_free: bool
    hidden: Sequence[str]
    readings: Sequence[Reading]
    needed: float
    shortest_s: float


def learned_page(lesson: Lesson, profile: ReferenceProfile, language: str = "en") -> str:
    """The page as text; self-contained, without a script.

    Args:
        lesson: what was learned.
        profile: the good execution.
        language: "en" or "de".
    """
    words = _catalogue(language)
    return page_from(
        "learned.html.j2",
        text=words.text,
        language=words.language,
        id=lesson.id,
        title=lesson.title,
        file=lesson.file,
        about=list(about(lesson, language)),
        rows=[_row(reading, lesson.needed, words) for reading in lesson.readings],
        of_table="sides.table" if lesson.has_turns else "ways.table" if lesson.goes_both_ways else None,
        has_lengths=any(reading.unit == "T" for reading in lesson.readings),
        seen=list(_seen(lesson, words)),
        unseen=list(unseen(lesson, language)),
        strip=strip(profile, words.text("strip.about")),
        caption=words.text("strip.caption", what=words.text("strip.ways" if lesson.goes_both_ways else "strip.once")),
    )


@cache
def _catalogue(language: str) -> Catalogue:
    name = language if language in LANGUAGES else LANGUAGES[0]
    content = tomllib.loads((_TEMPLATES / f"learned.{name}.toml").read_text(encoding="utf-8"))
    return Catalogue(name, content["page"], content.get("say", {}), below=load_catalogue(name))


def about(lesson: Lesson, language: str = "en") -> Iterator[str]:
    """What was learned, a sentence each."""
    words = _catalogue(language)
    key = "from_one" if lesson.n_repetitions == 1 else "from_many"
    seconds, view = _seconds(lesson.seconds, words), words.text(f"view.{lesson.views[0]}")
    yield words.text(key, n=lesson.n_repetitions, seconds=seconds, view=view)
    if lesson.n_repetitions == 1:
        yield words.text("one_alone")
    if lesson.has_turns:
        yield words.text("sides")
    if lesson.goes_both_ways:
        yield words.text("ways")
    if lesson.side is not None:
        yield words.text("one_side", side=words.text(f"side.{lesson.side}"))
    if lesson.held_s:
        yield words.text("held", held=_seconds(lesson.held_s, words), counted=_seconds(lesson.counted_from_s, words))


def _seen(lesson: Lesson, words: Catalogue) -> Iterator[str]:
    yield words.text("sees.count")
    yield words.text("sees.other")
    yield words.text("sees.short" if lesson.held_s else "sees.fast", seconds=_seconds(lesson.shortest_s, words))
    yield words.text("sees.form")


def unseen(lesson: Lesson, language: str = "en") -> Iterator[str]:
    """What the movement does not judge, a sentence each."""
    words = _catalogue(language)
    views = [words.text(f"view.{view}") for view in lesson.views]
    yield words.text("unseen.view", views=f" {words.text('or')} ".join(views))
    if lesson.hidden:
        yield words.text("unseen.hidden", joints=_listed([words.say(joint) for joint in lesson.hidden], words))
    if lesson.arms_are_free:
        yield words.text("unseen.arms")
    yield words.text("unseen.held" if lesson.held_s else "unseen.faults")


def labels(lesson: Lesson, language: str = "en") -> str:
    """The readings by name as a list: "hip angle and knee angle"."""
    words = _catalogue(language)
    names = [words.say(reading.label) for reading in lesson.readings]
    return _listed([name.lower() for name in names] if words.language == "en" else names, words)


def _listed(names: Sequence[str], words: Catalogue) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {words.text('and')} {names[-1]}"


def _seconds(seconds: float, words: Catalogue) -> str:
    text = f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"
    return f"{text.replace('.', words.decimal_mark)}\N{NO-BREAK SPACE}s"


def _row(reading: Reading, needed: float, words: Catalogue) -> tuple[str, str, str, str]:
    half = reading.rest + needed * (reading.far - reading.rest)
    values = (_value(value, reading.unit, words) for value in (reading.rest, half, reading.far))
    return (words.say(reading.label), *values)  # type: ignore[return-value]


def _value(value: float, unit: str, words: Catalogue) -> str:
    value, n_decimals = in_percent(value, unit), 0 if unit in ("deg", "T") else 2
    text = f"{round(value, n_decimals) + 0.0:.{n_decimals}f}".replace("-", "\N{MINUS SIGN}")  # 0.0: no -0
    return text.replace(".", words.decimal_mark) + unit_sign(unit)


def strip(profile: ReferenceProfile, about: str) -> Markup:
    """The cycle, evenly along the movement: one row of upright figures, two rows of lying ones."""
    phases = np.linspace(0, profile.n_phases - 1, min(N_FIGURES, profile.n_phases)).round().astype(int)
    xy = profile.xy[phases]
    low, high = xy.reshape(-1, 2).min(axis=0), xy.reshape(-1, 2).max(axis=0)
    head = max(SMALLEST_HEAD, float(np.median([_head(points)[1] for points in xy])))
    low, size = low - head, high - low + 2 * head
    in_row = len(phases) if size[1] > size[0] else (len(phases) + 1) // 2
    scale = _HIGH / float(max(size))
    step = size * scale + _GAP
    figures = [
        _figure(
            (points - low) * scale + step * (i % in_row, i // in_row) + _GAP / 2, profile.weight[phase], head * scale
        )
        for i, (points, phase) in enumerate(zip(xy, phases, strict=True))
    ]
    n_rows = -(-len(phases) // in_row)
    box = f"0 0 {step[0] * in_row:.0f} {step[1] * n_rows:.0f}"
    content = Markup("").join([element("title", about), *figures])
    return element("svg", content, class_="strip", viewBox=box, role="img", aria_label=about)


def _head(points: Array) -> tuple[Array, float]:
    """Middle and radius of the head, in the unit of the points."""
    middle: Array = points[7:9].mean(axis=0)
    return middle, 1.2 * float(np.hypot(*(points[0] - middle)))


def _figure(points: Array, weight: Array, head: float) -> Markup:
    parts = []
    for a, b in BONES:
        (x1, y1), (x2, y2) = points[a], points[b]
        dashed = {} if min(weight[a], weight[b]) >= SEEN_FROM else {"stroke_dasharray": "3 3"}
        line = {"x1": float(x1), "y1": float(y1), "x2": float(x2), "y2": float(y2), **dashed}
        parts.append(element("line", stroke="#111827", stroke_width=2.0, stroke_linecap="round", **line))
    (x, y), _ = _head(points)
    look = {"fill": "none", "stroke": "#111827", "stroke_width": 2.0}
    parts.append(element("circle", cx=float(x), cy=float(y), r=head, **look))
    return element("g", Markup("").join(parts))
