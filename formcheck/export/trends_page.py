"""The history as one page: how often, and every movement's measures with the band in which nothing can be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from markupsafe import Markup

from formcheck.export.scales import Scale, round_ticks
from formcheck.export.svg import NARROW, WIDE, drawing, element, titled
from formcheck.export.templating import page_from
from formcheck.export.words import Words, unit_sign, words_of

MOST_ROWS: Final = 60  # of the newest sessions, in a table; the export holds all
_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT, _WIDTH = 48, 12, 8, 22, 110, 360
_WIDEST: Final = 32.0  # of a column
_MANY: Final = 40  # points; beyond, each is no more than a dot


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


@dataclass(frozen=True, slots=True)
class Figure:
    """A line as the page shows it: what it says, and its drawing where there is more than one point."""

    name: str
    verdict: str
    mark: str  # an arrow for a change beyond the noise; empty where there is none
    noise: str
    chart: Markup | None


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
    words = words_of(language)
    shares = [(s.when, 100.0 * s.done_of[0] / s.done_of[1]) for s in sessions if s.done_of and s.done_of[1]]
    return page_from(
        "trends.html.j2",
        w=words,
        say=words.say,
        movements=[(movement, [_figure(line, words) for line in movement.lines]) for movement in movements],
        sessions=list(reversed(sessions))[:MOST_ROWS],
        n_sessions=len(sessions),
        first_day=sessions[0].when if sessions else None,
        weeks=[weeks_chart(weeks, size.name, size.width, words) for size in (WIDE, NARROW)] if weeks else [],
        shares=_points_chart("Routine done", "%", shares, None, words) if len(shares) > 1 else None,
        per_week=_per_week(weeks),
    )


def _per_week(weeks: Sequence[tuple[date, int]]) -> float | None:
    """Sessions a week over the last four; None in the first weeks."""
    last = [n for _, n in weeks[-4:]]
    return sum(last) / len(last) if len(last) == 4 else None


def _figure(line: Line, words: Words) -> Figure:
    band = None if line.at_first is None else (line.at_first - line.noise, line.at_first + line.noise)
    about = verdict_in_words(line, words)
    chart = None
    if len(line.points) > 1:
        chart = _points_chart(line.name, line.unit, line.points, band, words, about, line.noise)
    noise = "" if band is None or chart is None else f"± {_value(line.noise, line.unit, words)}"
    mark = {"more": "▲", "less": "▼"}.get(line.verdict, "") if line.at_first is not None else ""
    return Figure(words.say(line.name), about, mark, noise, chart)


def _value(value: float | None, unit: str, words: Words) -> str:
    if value is None:
        return "–"
    return words.plain(value if unit == "T" else float(f"{value:.1f}"), "" if unit == "breaths" else unit)


def verdict_in_words(line: Line, words: Words) -> str:
    """Whether it changed, never more than a camera can tell."""
    if len(line.points) == 1:
        return words.say(f"{_value(line.points[0][1], line.unit, words)} in one session.")
    if line.verdict == "early" or line.at_first is None or line.lately is None:
        return words.say("Too few sessions to tell a change.")
    first, last = (_value(value, line.unit, words) for value in (line.at_first, line.lately))
    if line.verdict == "same":
        return words.say(f"{first} at first, {last} lately: no change that can be told from measuring noise.")
    return words.say(f"{line.verdict.capitalize()} than at first: {first}, lately {last}.")


# -- drawings ---------------------------------------------------------------------------------------------------------


def _points_chart(
    name: str,
    unit: str,
    points: Sequence[tuple[datetime, float]],
    band: tuple[float, float] | None,
    words: Words,
    about: str = "",
    noise: float = 0.0,
) -> Markup:
    """Values over time as wide as a phone; the hatched band is where no change can be told."""
    values = [value for _, value in points]
    low, high = _extent(values, band, noise, unit)
    y = Scale(low, high, _TOP + _HEIGHT, _TOP)
    stamps = [time.timestamp() for time, _ in points]
    x = Scale(min(stamps), max(stamps), _LEFT + 6, _WIDTH - _RIGHT - 6)
    parts = []
    if band is not None:
        top, bottom = y(max(band[1], low)), y(max(band[0], low))
        place = {"x": x.start, "y": top, "width": x.end - x.start, "height": max(0.0, bottom - top)}
        parts.append(element("rect", class_="hatch", **place))
    sign = "" if unit == "breaths" else unit_sign(unit)
    for tick in round_ticks(y.low, y.high, 3):
        parts += _grid_line(y(tick), words.tick(tick, unit) + sign, _WIDTH)
    places = [(x(stamp), y(value)) for stamp, value in zip(stamps, values, strict=True)]
    steps = "L".join(f"{px:.1f} {py:.1f}" for px, py in places)
    parts.append(element("path", class_="curve dense" if len(places) > _MANY else "curve", d=f"M{steps}"))
    parts += _dots(points, places, unit, words)
    parts += _ends([time for time, _ in points], x, words, _TOP + _HEIGHT)
    spoken = f"{words.say(name)}: {about}" if about else words.say(name)
    return drawing(parts, _WIDTH, _TOP + _HEIGHT + _BOTTOM, spoken, "chart trend")


def _extent(values: Sequence[float], band: tuple[float, float] | None, noise: float, unit: str) -> tuple[float, float]:
    """Where the axis begins and ends: never below zero for what cannot be, never above 100 % for a share.

    It is never so short that the noise of measuring looks like a change.
    """
    low, high = min([*values, *(band or ())]), max([*values, *(band or ())])
    short = max(0.0, 2 * noise - (high - low)) / 2
    low, high = low - short, high + short
    room = 0.1 * (high - low) or 1.0
    low, high = (max(low - room, 0.0) if min(values) >= 0 else low - room), high + room
    return low, min(high, 100.0) if unit == "%" and max(values) <= 100 else high


def _dots(
    points: Sequence[tuple[datetime, float]], places: Sequence[tuple[float, float]], unit: str, words: Words
) -> list[Markup]:
    """Each value with its day; of many values one shape without words."""
    if len(points) > _MANY:
        return [element("path", class_="dots", d="".join(f"M{px:.1f} {py:.1f}h0" for px, py in places))]
    return [
        element(
            "circle",
            titled(f"{words.day(time)}: {_value(value, unit, words)}"),
            class_="counted",
            cx=px,
            cy=py,
            r=4.0,
        )
        for (time, value), (px, py) in zip(points, places, strict=True)
    ]


def weeks_chart(weeks: Sequence[tuple[date, int]], name: str, wide: int, words: Words) -> Markup:
    """Sessions of each week as columns."""
    most, bottom = max(n for _, n in weeks), _TOP + 70.0
    y = Scale(0.0, most + 0.5, bottom, _TOP)
    width = min(_WIDEST, (wide - _LEFT - _RIGHT) / len(weeks))
    ticks = [tick for tick in round_ticks(0.0, float(most), 3) if tick == int(tick)]
    parts = [part for tick in ticks for part in _grid_line(y(tick), f"{tick:.0f}", wide)]
    gap = min(2.0, 0.15 * width)
    for i, (week, n) in enumerate(weeks):
        if n:
            box = {"x": _LEFT + i * width + gap, "y": y(n), "width": width - 2 * gap, "height": bottom - y(n)}
            parts.append(element("rect", titled(f"{words.day(week)}: {n}"), class_="credited", **box))
    x = Scale(0.0, 1.0, _LEFT, max(_LEFT + 180.0, _LEFT + width * len(weeks)))
    parts += _ends([week for week, _ in weeks], x, words, bottom)
    return drawing(parts, wide, bottom + _BOTTOM, words.say("Sessions a week"), f"chart {name}")


def _grid_line(at: float, text: str, wide: int) -> list[Markup]:
    line = element("path", class_="grid", d=f"M{_LEFT} {at:.1f}H{wide - _RIGHT}")
    return [line, element("text", text, class_="tick", x=_LEFT - 6, y=at + 4)]


def _ends(times: Sequence[date], x: Scale, words: Words, bottom: float) -> list[Markup]:
    """The first and the last day below the axis."""
    first = element("text", words.day(times[0]), class_="tick first", x=x.start, y=bottom + 16)
    if words.day(times[0]) == words.day(times[-1]):
        return [first]
    return [first, element("text", words.day(times[-1]), class_="tick", x=x.end, y=bottom + 16)]
