"""The history as one page: how often, and every movement's measures with the band in which nothing can be told."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final, Literal

from markupsafe import Markup

from formcheck.export.html import page_from
from formcheck.export.scales import Scale, round_ticks
from formcheck.export.svg import NARROW, WIDE, ChartSize, element
from formcheck.export.words import unit_sign
from formcheck.messages import Catalogue, load_catalogue

MOST_ROWS: Final = 60  # of the newest sessions, in a table; the export holds all
_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 56, 16, 12, 26, 150
_WIDEST = 32.0  # of a column
_DECIMALS: Final = {"T": 2, "s": 1}


@dataclass(frozen=True, slots=True)
class Line:
    """One measure over time.

    Attributes:
        noise: half of the band round `at_first` in which a camera cannot tell a change; None: no band yet.
        verdict: "more", "less", "same" or "early".
    """

    name: str
    unit: str
    points: Sequence[tuple[datetime, float]]
    noise: float
    at_first: float | None
    lately: float | None
    verdict: Literal["more", "less", "same", "early"]


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement's section: its lines, and the next step with its reason (None: no rule speaks of it)."""

    title: str
    n_sessions: int
    lines: Sequence[Line]
    next_step: str | None
    reason: str | None
    then: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """A session as a row of the table."""

    when: datetime
    name: str
    minutes: float
    movements: Sequence[str]
    done_of: tuple[int, int] | None
    is_hurt: bool


def trends_page(
    movements: Sequence[Movement],
    sessions: Sequence[Done],
    weeks: Sequence[tuple[date, int]],
    language: str = "en",
) -> str:
    """The page as text; self-contained, without a script.

    Args:
        movements: in the order of the page.
        sessions: in order of time.
        weeks: each week's Monday and how many sessions there were.
        language: "en" or "de".
    """
    words = catalogue(language)
    return page_from(
        "trends.html.j2",
        say=words.say,
        language=words.language,
        day=lambda time: day_in_words(time, words),
        movements=[(movement, [_figure(line, words) for line in movement.lines]) for movement in movements],
        sessions=list(reversed(sessions))[:MOST_ROWS],
        n_sessions=len(sessions),
        first_day=sessions[0].when if sessions else None,
        weeks=[weeks_chart(weeks, size, words) for size in (WIDE, NARROW)] if weeks else [],
        per_week=_per_week(weeks),
        value=_value,
    )


@cache
def catalogue(language: str) -> Catalogue:
    """The page's own words over those of the other pages."""
    others = load_catalogue(language)
    path = Path(__file__).parent / "templates" / f"trends.{others.language}.toml"
    said = tomllib.loads(path.read_text(encoding="utf-8"))["say"] if path.is_file() else {}
    return _Both(others.language, {}, said, others)


class _Both(Catalogue):
    """Looks into another catalogue for what this one does not say."""

    def __init__(self, language: str, page: dict[str, str], said: dict[str, str], others: Catalogue) -> None:
        super().__init__(language, page, said)
        self._others = others

    def say(self, english: str) -> str:
        own = super().say(english)
        return own if own != english else self._others.say(english)


def _per_week(weeks: Sequence[tuple[date, int]]) -> float | None:
    """Sessions a week over the last four; None in the first weeks."""
    last = [n for _, n in weeks[-4:]]
    return sum(last) / len(last) if len(last) == 4 else None


def day_in_words(time: date, words: Catalogue) -> str:
    """A day as people write it."""
    return f"{time.day}. {time.month}. {time.year}" if words.language == "de" else f"{time.day} {time:%b} {time.year}"


def _value(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    text = f"{value:.{_DECIMALS.get(unit, 0)}f}"
    return text.replace("-", "−") + ("" if unit == "breaths" else unit_sign(unit))


def _figure(line: Line, words: Catalogue) -> tuple[Line, str, list[Markup]]:
    is_line = len(line.points) > 1
    charts = [line_chart(line, size, words) for size in (WIDE, NARROW)] if is_line else []
    return line, verdict_in_words(line, words), charts


def verdict_in_words(line: Line, words: Catalogue) -> str:
    """Whether it changed, never more than a camera can tell."""
    if len(line.points) == 1:
        return words.say(f"{_value(line.points[0][1], line.unit)} in one session.")
    if line.verdict == "early" or line.at_first is None or line.lately is None:
        return words.say("Too few sessions to tell a change.")
    first, last = _value(line.at_first, line.unit), _value(line.lately, line.unit)
    if line.verdict == "same":
        return words.say(f"{first} at first, {last} lately: no change that can be told from measuring noise.")
    return words.say(f"{line.verdict.capitalize()} than at first: {first}, lately {last}.")


# -- drawings ---------------------------------------------------------------------------------------------------------


def line_chart(line: Line, size: ChartSize, words: Catalogue) -> Markup:
    """A measure over time; the hatched band is where no change can be told."""
    values = [value for _, value in line.points]
    band = None if line.at_first is None else (line.at_first - line.noise, line.at_first + line.noise)
    low, high = min([*values, *(band or ())]), max([*values, *(band or ())])
    room = 0.1 * (high - low) or max(line.noise, 1e-3)
    low, high = (max(low - room, 0.0) if min(values) >= 0 else low - room), high + room
    if line.unit == "%" and max(values) <= 100:
        high = min(high, 100.0)
    y = Scale(low, high, _TOP + _HEIGHT, _TOP)
    x = _times([time.timestamp() for time, _ in line.points], size)
    parts = []
    if band is not None:
        parts.append(_box("hatch", x.start, y(max(band[1], low)), x.end, y(max(band[0], low))))
    parts += _value_axis(y, line.unit, size)
    places = [(x(time.timestamp()), y(value)) for time, value in line.points]
    path = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in places)
    parts.append(element("path", class_="curve dense" if len(places) > 40 else "curve", d=path))
    for (time, value), (px, py) in zip(line.points, places, strict=True):
        title = element("title", f"{day_in_words(time, words)}: {_value(value, line.unit)}")
        radius = 2.5 if len(places) > 40 else 4.0
        parts.append(element("circle", title, class_="counted", cx=px, cy=py, r=radius))
    parts += _ends([time for time, _ in line.points], x, size, words)
    about = f"{words.say(line.name)}: {verdict_in_words(line, words)}"
    return _svg(parts, size, _TOP + _HEIGHT + _BOTTOM, about)


def weeks_chart(weeks: Sequence[tuple[date, int]], size: ChartSize, words: Catalogue) -> Markup:
    """Sessions of each week as columns."""
    most = max(n for _, n in weeks)
    y = Scale(0.0, most + 0.5, _TOP + _HEIGHT / 2, _TOP)
    width = min(_WIDEST, (size.width - _LEFT - _RIGHT) / len(weeks))
    parts = [
        part
        for tick in round_ticks(0.0, float(most), 3)
        if tick == int(tick)
        for part in _grid_line(y(tick), f"{tick:.0f}", size)
    ]
    for i, (week, n) in enumerate(weeks):
        left = _LEFT + i * width
        title = element("title", f"{day_in_words(week, words)}: {n}")
        gap = min(2.0, 0.15 * width)
        box = {"x": left + gap, "y": y(n), "width": width - 2 * gap, "height": y(0.0) - y(n)}
        parts.append(element("rect", title, class_="credited", **box))
    x = Scale(0.0, 1.0, _LEFT, max(_LEFT + 180.0, _LEFT + width * len(weeks)))
    parts += _ends([week for week, _ in weeks], x, size, words, bottom=_TOP + _HEIGHT / 2)
    return _svg(parts, size, _TOP + _HEIGHT / 2 + _BOTTOM, words.say("Sessions a week"))


def _times(stamps: Sequence[float], size: ChartSize) -> Scale:
    first, last = min(stamps), max(stamps)
    return Scale(first, last, _LEFT + 6, size.width - _RIGHT - 6)


def _box(name: str, left: float, top: float, right: float, bottom: float) -> Markup:
    return element("rect", class_=name, x=left, y=top, width=right - left, height=max(0.0, bottom - top))


def _value_axis(y: Scale, unit: str, size: ChartSize) -> list[Markup]:
    return [
        part
        for tick in round_ticks(y.low, y.high, 4)
        for part in _grid_line(y(tick), f"{tick:g}{'' if unit == 'breaths' else unit_sign(unit)}", size)
    ]


def _grid_line(at: float, text: str, size: ChartSize) -> list[Markup]:
    line = element("path", class_="grid", d=f"M{_LEFT} {at:.1f}H{size.width - _RIGHT}")
    return [line, element("text", text, class_="tick", x=_LEFT - 6, y=at + 4)]


def _ends(
    times: Sequence[date], x: Scale, size: ChartSize, words: Catalogue, bottom: float = _TOP + _HEIGHT
) -> list[Markup]:
    """The first and the last day below the axis."""
    at = bottom + 18
    first = element("text", day_in_words(times[0], words), class_="tick first", x=x.start, y=at)
    if times[0] == times[-1]:
        return [first]
    last = element("text", day_in_words(times[-1], words), class_="tick", x=x.end, y=at)
    return [first, last]


def _svg(parts: Sequence[Markup], size: ChartSize, height: float, about: str) -> Markup:
    box = f"0 0 {size.width} {height:.0f}"
    content = Markup("").join([element("title", about), *parts])
    return element("svg", content, class_=f"chart {size.name}", viewBox=box, role="img", aria_label=about)
