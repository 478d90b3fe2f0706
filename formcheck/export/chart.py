"""The driving measure over time as a drawing: curve, target, repetitions, and strips on the same time axis.

Every state differs by shape, so a grey print loses nothing: counted is filled, in part half filled, not counted
hollow, not judged hatched. Colours and lines are set in the page's style sheet by class.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from formcheck.export.curves import thinned, unknown_spans, value_range
from formcheck.export.lanes import draw_lanes
from formcheck.export.scales import Scale, merged, round_ticks, time_ticks
from formcheck.export.svg import BOLD_LETTER, LETTER, RIGHT, TOP, Canvas, ChartSize, drawing, titled
from formcheck.export.words import Words, is_known, unit_sign
from formcheck.series import Series
from formcheck.types import Array

Block = Mapping[str, Any]
Spans = Sequence[tuple[float, float]]

_GAP_S: Final = 0.3  # an interruption shorter than this is a flicker, not a stretch that was not judged
_MOST_MARKS: Final = 60  # beyond this many, marks carry no numbers and no reasons: the table has them
_DENSE_S: Final = 300.0  # a longer curve is drawn finer, else it is one black field
_UNITS: Final = {"deg": "degrees", "T": "% of the trunk's length", "T/s": "% of the trunk's length per second"}


def measure_chart(block: Block, series: Series, gaps: Spans, size: ChartSize, words: Words) -> Markup | None:
    """The chart of a block, or None when its driving measure was never known.

    Args:
        block: a block of the report.
        series: readings of the whole session.
        gaps: stretches in which nothing was judged, in seconds.
        size: for a page or for a phone.
        words: of the page's language.
    """
    drive = block.get("drive") or {}
    values = series.values.get(drive.get("measure", ""))
    if values is None or not len(series.time_s):
        return None
    start_s, end_s = _extent(block, series)
    inside = (series.time_s >= start_s) & (series.time_s <= end_s)
    time_s, known = series.time_s[inside], values[inside].astype(np.float64)
    if len(time_s) < 2 or not np.isfinite(known).any():
        return None
    canvas = _canvas(block, drive, known, (start_s, end_s), size, words)
    # The size of a circle is known only once it is round: what is missing before was judged all the same.
    unknown = [] if block.get("circles") else unknown_spans(time_s, known, _GAP_S)
    measure = words.say(str(drive.get("label") or drive.get("measure")))
    _draw_hatch(canvas, merged([*gaps, *unknown], start_s, end_s))
    _draw_bands(canvas, drive.get("bands") or ())
    _draw_value_axis(canvas, measure)
    bottom = draw_lanes(canvas, block, float(TOP + size.plot_height))
    _draw_time_axis(canvas, bottom)
    _draw_curve(canvas, time_s, known)
    _name_bands(canvas, drive.get("bands") or ())
    _draw_repetitions(canvas, block.get("repetitions") or ())
    about = _spoken_about(canvas, block, measure)
    return drawing(canvas.parts, size.width, bottom + size.font + 8, about, f"chart {size.name}")


def _extent(block: Block, series: Series) -> tuple[float, float]:
    """Seconds at which the chart begins and ends."""
    first, last = float(series.time_s[0]), float(series.time_s[-1])
    start, end = block.get("start_s"), block.get("end_s")
    return (float(start) if is_known(start) else first), (float(end) if is_known(end) else last)


def _canvas(
    block: Block, drive: Block, values: Array, extent: tuple[float, float], size: ChartSize, words: Words
) -> Canvas:
    peaks = [r["peak"] for r in block.get("repetitions") or () if is_known(r.get("peak"))]
    low, high = value_range(np.append(values, peaks), drive.get("bands") or ())
    x = Scale(*extent, size.left, size.width - RIGHT)
    y = Scale(low, high, TOP + size.plot_height, TOP)
    return Canvas(size, x, y, drive.get("unit") or "", words)


def _draw_hatch(canvas: Canvas, spans: Spans) -> None:
    """Grey hatch over the times in which nothing was judged."""
    text = canvas.words.say("not judged")
    for start, end in spans:
        left, width = canvas.x(start), canvas.x(end) - canvas.x(start)
        place = {"x": left, "y": TOP, "width": max(1.0, width), "height": canvas.size.plot_height}
        canvas.add("rect", titled(f"{text}, {canvas.words.from_to(start, end)}"), class_="hatch", **place)
        if width > len(text) * canvas.size.font * LETTER + 8:
            canvas.label(text, left + width / 2, TOP + canvas.size.font + 3, "muted", "middle")


def _draw_bands(canvas: Canvas, bands: Iterable[Sequence[float]]) -> None:
    """The target as a tinted band with dotted edges."""
    left, right = canvas.size.left, canvas.size.width - RIGHT
    for low, high in bands:
        top, bottom = canvas.y(high), canvas.y(low)
        if bottom - top < 1:
            continue
        canvas.add("rect", class_="band", x=left, y=top, width=right - left, height=bottom - top)
        for edge in (low, high):
            if canvas.y.low < edge < canvas.y.high:
                canvas.add("path", class_="band-edge", d=f"M{left} {canvas.y(edge):.1f}H{right}")


def _name_bands(canvas: Canvas, bands: Iterable[Sequence[float]]) -> None:
    """What the tinted bands are, over the curve: under it nobody could read it."""
    for low, high in bands:
        top = canvas.y(high)
        if canvas.y(low) - top >= 1:
            place = canvas.size.width - RIGHT - 4, top + canvas.size.font + 1
            canvas.label(canvas.words.say("target"), *place, "target", "end")


def _draw_value_axis(canvas: Canvas, measure: str) -> None:
    """Lines at round values, the values with their unit, and what is measured above them."""
    size, right = canvas.size, canvas.size.width - RIGHT
    for tick in round_ticks(canvas.y.low, canvas.y.high):
        y = canvas.y(tick)
        canvas.add("path", class_="zero" if tick == 0 else "grid", d=f"M{size.left} {y:.1f}H{right}")
        text = canvas.words.tick(tick, canvas.unit) + ("°" if canvas.unit == "deg" else "")
        canvas.add("text", text, class_="tick", x=size.left - 6, y=y + size.font * 0.35)
    unit = canvas.words.say(_UNITS.get(canvas.unit, canvas.unit))
    title = f"{measure}, {unit}" if unit else measure
    if len(title) * size.font * BOLD_LETTER > size.width - RIGHT:
        title = f"{measure}, {unit_sign(canvas.unit).strip()}"  # "%/s" in place of "% of the trunk's length per second"
    canvas.add("text", title, class_="axis-title", x=4, y=size.font + 1)


def _draw_time_axis(canvas: Canvas, bottom: float) -> None:
    """Lines through the plot and its lanes, and the times below them."""
    for tick in time_ticks(canvas.x.low, canvas.x.high, canvas.size.n_times):
        x, y, text = canvas.x(tick), bottom + canvas.size.font + 2, canvas.words.clock(tick)
        canvas.add("path", class_="grid", d=f"M{x:.1f} {TOP}V{bottom:.1f}")
        x = min(x, canvas.size.width - 0.5 * len(text) * canvas.size.font * LETTER - 1)
        canvas.add("text", text, class_="tick time", x=x, y=y)


def _draw_curve(canvas: Canvas, time_s: Array, values: Array) -> None:
    times, thin = thinned(time_s, values, canvas.size.n_points)
    is_dense = canvas.x.high - canvas.x.low > _DENSE_S
    steps: list[str] = []
    last: tuple[int, int] | None = None  # tenths, as written: differences of them add up to no error
    for time, value in zip(times.tolist(), thin.tolist(), strict=True):
        if not math.isfinite(value):
            last = None
            continue
        here = round(10 * canvas.x(time)), round(10 * canvas.y(value))
        dx, dy = (here[0] - last[0], here[1] - last[1]) if last else here
        steps.append(f"{'l' if last else 'M'}{dx / 10:g} {dy / 10:g}")
        last = here
    canvas.add("path", class_="curve dense" if is_dense else "curve", d="".join(steps))


# -- repetitions ------------------------------------------------------------------------------------------------------


def _draw_repetitions(canvas: Canvas, repetitions: Iterable[Block]) -> None:
    """A mark at each peak: filled where it counted, half filled where in part, else hollow; with what is to say."""
    shown = [r for r in repetitions if is_known(r.get("peak_s")) and is_known(r.get("peak"))]
    is_roomy = len(shown) <= _MOST_MARKS
    marks = [(r, canvas.x(r["peak_s"]), canvas.y(r["peak"])) for r in shown]
    canvas.taken += [(x - 7, y - 7, x + 7, y + 7) for _, x, y in marks]
    for repetition, x, y in marks:
        is_told = (is_roomy and canvas.size.has_titles) or not repetition.get("counted")
        _draw_mark(canvas, repetition, x, y, 5.0 if is_roomy else 2.5, is_told)
    if not is_roomy:
        return
    for repetition, x, y in sorted(marks, key=lambda mark: bool(mark[0].get("counted"))):
        is_counted = repetition.get("counted")
        reason = canvas.words.say(str(repetition.get("reason") or "not counted"))
        canvas.label_beside(
            mark_name(repetition, canvas.words) if is_counted else reason, x, y, "mark" if is_counted else "reason"
        )


def _draw_mark(canvas: Canvas, repetition: Block, x: float, y: float, radius: float, is_told: bool) -> None:
    label = titled(_spoken(repetition, canvas)) if is_told else None
    class_ = "counted" if repetition.get("counted") else "hollow"
    canvas.add("circle", label, class_=class_, cx=x, cy=y, r=radius)
    if class_ == "hollow" and repetition.get("partial"):
        half = f"M{x:.1f} {y - radius:.1f}a{radius:g} {radius:g} 0 0 0 0 {2 * radius:g}z"
        canvas.add("path", class_="half", d=half)


def mark_name(repetition: Block, words: Words) -> str:
    """The repetition's number, with the side's first letter where there is one."""
    side = words.side(repetition.get("side"))
    return f"{repetition.get('index')}{side[:1].upper()}"


def _spoken(repetition: Block, canvas: Canvas) -> str:
    words = canvas.words
    name = " ".join(filter(None, (str(repetition.get("index")), words.side(repetition.get("side")))))
    what = f"{name}, {words.clock(repetition.get('peak_s'))}: {words.plain(repetition.get('range'), canvas.unit)}"
    if repetition.get("counted"):
        return f"{what}, {words.say('counted')}"
    return f"{what}, {words.say('not counted')}: {words.say(str(repetition.get('reason') or 'reason not known'))}"


def _spoken_about(canvas: Canvas, block: Block, measure: str) -> str:
    repetitions = block.get("repetitions") or ()
    n_counted = sum(bool(r.get("counted")) for r in repetitions)
    return canvas.words.say(
        "{measure} over time, {times}: {n} counted, {rest} not counted. The tables below hold the same numbers.",
        measure=measure,
        times=canvas.words.from_to(canvas.x.low, canvas.x.high),
        n=n_counted,
        rest=len(repetitions) - n_counted,
    )
