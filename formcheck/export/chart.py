"""The driving measure over time as a drawing: curve, target, repetitions, holds, phases, faults, gaps.

Every state differs by shape, so a grey print loses nothing: counted is filled, not counted hollow, not judged
hatched.
Colours and lines are set in the page's style sheet by class.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from formcheck.export.scales import (
    Scale,
    merged,
    round_ticks,
    thinned,
    time_ticks,
    unknown_spans,
    value_range,
)
from formcheck.export.words import clock, is_known, number
from formcheck.series import Series
from formcheck.types import Array

Block = Mapping[str, Any]
Spans = Sequence[tuple[float, float]]

_LETTER = 0.54  # mean width of a letter, of the font size
_GAP_S = 0.3  # an interruption of the curve shorter than this is a flicker, not a stretch that was not judged
_MOST_MARKS = 60  # beyond this many, marks carry no numbers and no reasons: the table has them
_MOST_PHASES = 160
_DENSE_S = 300.0  # a longer curve is drawn finer, else it is one black field


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


WIDE = ChartSize("wide", 760, 240, 13, 1500, 8, 58, True)
NARROW = ChartSize("narrow", 360, 200, 13, 500, 4, 46, False)

_RIGHT, _TOP, _LANE, _LANE_GAP = 12, 26, 16, 6


@dataclass(slots=True)
class _Canvas:
    """What is drawn so far, the scales, and the boxes that are taken by labels."""

    size: ChartSize
    x: Scale
    y: Scale
    unit: str
    parts: list[Markup] = field(default_factory=list)
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def add(self, name: str, content: Any = None, /, **attributes: Any) -> None:
        """Append one element; attribute names may end in "_" and use "_" for "-"."""
        self.parts.append(element(name, content, **attributes))


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


def measure_chart(block: Block, series: Series, gaps: Spans, size: ChartSize) -> Markup | None:
    """The chart of a block, or None when its driving measure was never known.

    Args:
        block: a block of the report.
        series: readings of the whole session.
        gaps: stretches in which nothing was judged, in seconds.
        size: for a page or for a phone.
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
    canvas = _canvas(block, drive, time_s, known, (start_s, end_s), size)
    # The size of a circle is known only once it is round: what is missing before was judged all the same.
    unknown = [] if block.get("circles") else unknown_spans(time_s, known, _GAP_S)
    _draw_hatch(canvas, merged([*gaps, *unknown], start_s, end_s))
    _draw_bands(canvas, drive.get("bands") or ())
    _draw_value_axis(canvas, _measure_name(drive))
    bottom = _draw_lanes(canvas, block, _TOP + size.plot_height + _LANE_GAP)
    _draw_time_axis(canvas, bottom)
    _draw_curve(canvas, time_s, known)
    _draw_repetitions(canvas, block.get("repetitions") or ())
    return _svg(canvas, block, _measure_name(drive), bottom + size.font + 8)


def _measure_name(drive: Block) -> str:
    return str(drive.get("label") or drive.get("measure"))


def _extent(block: Block, series: Series) -> tuple[float, float]:
    """Seconds at which the chart begins and ends."""
    first, last = float(series.time_s[0]), float(series.time_s[-1])
    start, end = block.get("start_s"), block.get("end_s")
    return (float(start) if is_known(start) else first), (float(end) if is_known(end) else last)


def _canvas(
    block: Block, drive: Block, time_s: Array, values: Array, extent: tuple[float, float], size: ChartSize
) -> _Canvas:
    peaks = [r["peak"] for r in block.get("repetitions") or () if is_known(r.get("peak"))]
    low, high = value_range(np.append(values, peaks), drive.get("bands") or ())
    x = Scale(*extent, size.left, size.width - _RIGHT)
    y = Scale(low, high, _TOP + size.plot_height, _TOP)
    return _Canvas(size, x, y, drive.get("unit") or "")


def _draw_hatch(canvas: _Canvas, spans: Spans) -> None:
    """Grey hatch over the times in which nothing was judged."""
    for start, end in spans:
        left, width = canvas.x(start), canvas.x(end) - canvas.x(start)
        label = Markup("<title>{}</title>").format(f"not judged, {clock(start)} to {clock(end)}")
        canvas.add(
            "rect",
            label,
            class_="hatch",
            x=left,
            y=_TOP,
            width=max(1.0, width),
            height=canvas.size.plot_height,
        )
        words = "not judged"
        if width > len(words) * canvas.size.font * _LETTER + 8:
            _label(canvas, words, left + width / 2, _TOP + canvas.size.font + 3, "muted", "middle")


def _draw_bands(canvas: _Canvas, bands: Iterable[Sequence[float]]) -> None:
    """The target as a tinted band with dotted edges."""
    left, right = canvas.size.left, canvas.size.width - _RIGHT
    for low, high in bands:
        top, bottom = canvas.y(high), canvas.y(low)
        if bottom - top < 1:
            continue
        canvas.add("rect", class_="band", x=left, y=top, width=right - left, height=bottom - top)
        for edge in (low, high):
            if canvas.y.low < edge < canvas.y.high:
                canvas.add("path", class_="band-edge", d=f"M{left} {canvas.y(edge):.1f}H{right}")
        _label(canvas, "target", right - 4, top + canvas.size.font + 1, "target", "end")


def _draw_value_axis(canvas: _Canvas, title: str) -> None:
    """Lines at round values, the values with their unit, and what is measured above them."""
    size, right = canvas.size, canvas.size.width - _RIGHT
    for tick in round_ticks(canvas.y.low, canvas.y.high):
        y = canvas.y(tick)
        canvas.add("path", class_="zero" if tick == 0 else "grid", d=f"M{size.left} {y:.1f}H{right}")
        text = f"{tick:g}".replace("-", "−") + ("°" if canvas.unit == "deg" else "")
        canvas.add("text", text, class_="tick", x=size.left - 6, y=y + size.font * 0.35, text_anchor="end")
    unit = {"deg": "degrees", "T": "torso lengths"}.get(canvas.unit, canvas.unit)
    canvas.add("text", f"{title}, {unit}" if unit else title, class_="axis-title", x=4, y=size.font + 1)


def _draw_time_axis(canvas: _Canvas, bottom: float) -> None:
    """Lines through the plot and its lanes, and the times below them."""
    for tick in time_ticks(canvas.x.low, canvas.x.high, canvas.size.n_times):
        x, y, text = canvas.x(tick), bottom + canvas.size.font + 2, _time_label(tick, canvas.x.high)
        canvas.add("path", class_="grid", d=f"M{x:.1f} {_TOP}V{bottom:.1f}")
        x = min(x, canvas.size.width - 0.5 * len(text) * canvas.size.font * _LETTER - 1)
        canvas.add("text", text, class_="tick", x=x, y=y, text_anchor="middle")


def _time_label(tick_s: int, end_s: float) -> str:
    return f"{tick_s} s" if end_s < 100 else f"{tick_s // 60}:{tick_s % 60:02d}"


def _draw_lanes(canvas: _Canvas, block: Block, top: float) -> float:
    """Phases, holds and faults as strips below the plot, sharing its time axis; returns where they end."""
    phases, holds, faults = (block.get(kind) or () for kind in ("phases", "holds", "faults"))
    if phases and canvas.size.has_phases and len(phases) <= _MOST_PHASES:
        _lane_name(canvas, "phase", top)
        for i, phase in enumerate(phases):
            _draw_phase(canvas, phase, top, "phase odd" if i % 2 else "phase")
        top += _LANE + _LANE_GAP
    if holds:
        _lane_name(canvas, "hold", top)
        for hold in holds:
            _draw_hold(canvas, hold, top)
        top += _LANE + _LANE_GAP
    if turns := block.get("circles") or ():
        _lane_name(canvas, "circle", top)
        for turn in turns:
            _draw_turn(canvas, turn, top)
        top += _LANE + _LANE_GAP
    if faults:
        _lane_name(canvas, "fault", top)
        for fault in faults:
            _draw_fault(canvas, fault, top)
        top += _LANE + _LANE_GAP
    return top


def _lane_name(canvas: _Canvas, name: str, top: float) -> None:
    y = top + _LANE / 2 + canvas.size.font * 0.35
    canvas.add("text", name, class_="tick", x=canvas.size.left - 6, y=y, text_anchor="end")


def _draw_phase(canvas: _Canvas, phase: Block, top: float, class_: str) -> None:
    if not (is_known(phase.get("start_s")) and is_known(phase.get("end_s"))):
        return
    left, right = canvas.x(phase["start_s"]), canvas.x(phase["end_s"])
    words = " ".join(str(part) for part in (phase.get("phase"), phase.get("side")) if part)
    label = Markup("<title>{}</title>").format(f"{words}, {clock(phase['start_s'])} to {clock(phase['end_s'])}")
    canvas.add("rect", label, class_=class_, x=left, y=top, width=max(0.5, right - left), height=_LANE)
    small = canvas.size.font - 2
    if right - left > len(words) * small * _LETTER + 4:
        canvas.add("text", words, class_="inside", x=(left + right) / 2, y=top + _LANE - 4, text_anchor="middle")


def _draw_hold(canvas: _Canvas, hold: Block, top: float) -> None:
    """The whole hold as an outline, the credited seconds of it filled; hollow where it did not count."""
    if not (is_known(hold.get("start_s")) and is_known(hold.get("end_s"))):
        return
    left, right = canvas.x(hold["start_s"]), max(canvas.x(hold["end_s"]), canvas.x(hold["start_s"]) + 2)
    elapsed, credited = hold.get("elapsed_s"), hold.get("credited_s")
    share = min(1.0, credited / elapsed) if is_known(elapsed) and is_known(credited) and elapsed > 0 else 0.0
    words = f"hold from {clock(hold['start_s'])}: {number(credited, 's').striptags()} credited of "
    words += f"{number(elapsed, 's').striptags()}, target {number(hold.get('target_s'), 's').striptags()}"
    words += "" if hold.get("counted") else f"; not counted: {hold.get('reason') or 'too short'}"
    label = Markup("<title>{}</title>").format(words)
    class_ = "credited" if hold.get("counted") else "credited short"
    canvas.add("rect", class_=class_, x=left, y=top, width=share * (right - left), height=_LANE)
    canvas.add("rect", label, class_="elapsed", x=left, y=top, width=right - left, height=_LANE)


def _draw_turn(canvas: _Canvas, turn: Block, top: float) -> None:
    """A circle as a bar from its beginning to its end: filled with an arrow where it counted, else hollow."""
    if not (is_known(turn.get("start_s")) and is_known(turn.get("end_s"))):
        return
    left, right = canvas.x(turn["start_s"]), canvas.x(turn["end_s"])
    words = f"{'clockwise' if turn.get('direction') == 'cw' else 'counter-clockwise'}, {clock(turn['start_s'])}"
    words += "" if turn.get("counted") else f"; not counted: {turn.get('reason') or 'no reason given'}"
    label = Markup("<title>{}</title>").format(words)
    class_ = "turn" if turn.get("counted") else "turn open"
    canvas.add("rect", label, class_=class_, x=left + 1, y=top, width=max(1.0, right - left - 2), height=_LANE)
    if right - left > 14:
        arrow = (
            "\N{CLOCKWISE OPEN CIRCLE ARROW}"
            if turn.get("direction") == "cw"
            else "\N{ANTICLOCKWISE OPEN CIRCLE ARROW}"
        )
        sign_class = "turn-sign" if turn.get("counted") else "turn-sign open"
        canvas.add("text", arrow, class_=sign_class, x=(left + right) / 2, y=top + _LANE - 4, text_anchor="middle")


def _draw_fault(canvas: _Canvas, fault: Block, top: float) -> None:
    """A triangle at the beginning and a dashed line as long as the fault lasted."""
    start, end = fault.get("start_s"), fault.get("end_s")
    if not is_known(start):
        return
    x, y = canvas.x(start), top + _LANE
    words = f"{clock(start)}: {fault.get('cue') or fault.get('id')}"
    label = Markup("<title>{}</title>").format(words)
    if is_known(end) and canvas.x(end) > x + 8:
        canvas.add("path", class_="fault-line", d=f"M{x:.1f} {y - 3:.1f}H{canvas.x(end):.1f}")
    canvas.add("path", label, class_="fault", d=f"M{x:.1f} {top:.1f}l7 {_LANE}h-14z")
    canvas.add("text", "!", class_="fault-sign", x=x, y=y - 3, text_anchor="middle")


def _draw_curve(canvas: _Canvas, time_s: Array, values: Array) -> None:
    times, thin = thinned(time_s, values, canvas.size.n_points)
    is_dense = canvas.x.high - canvas.x.low > _DENSE_S
    steps: list[str] = []
    pen = "M"
    for time, value in zip(times.tolist(), thin.tolist(), strict=True):
        if math.isfinite(value):
            steps.append(f"{pen}{canvas.x(time):.1f} {canvas.y(value):.1f}")
            pen = "L"
        else:
            pen = "M"
    canvas.add("path", class_="curve dense" if is_dense else "curve", d="".join(steps))


def _draw_repetitions(canvas: _Canvas, repetitions: Iterable[Block]) -> None:
    """A filled mark at the peak of what counted, a hollow one with its reason at the peak of what did not."""
    shown = [r for r in repetitions if is_known(r.get("peak_s")) and is_known(r.get("peak"))]
    is_roomy = len(shown) <= _MOST_MARKS
    marks = [(r, canvas.x(r["peak_s"]), canvas.y(r["peak"])) for r in shown]
    canvas.taken += [(x - 7, y - 7, x + 7, y + 7) for _, x, y in marks]
    for repetition, x, y in marks:
        is_told = is_roomy or not repetition.get("counted")
        label = Markup("<title>{}</title>").format(_spoken(repetition, canvas.unit)) if is_told else None
        canvas.add(
            "circle",
            label,
            class_="counted" if repetition.get("counted") else "hollow",
            cx=x,
            cy=y,
            r=5.0 if is_roomy else 2.5,
        )
    for repetition, x, y in marks if is_roomy else ():
        if not repetition.get("counted"):
            _place_label(canvas, str(repetition.get("reason") or "not counted"), x, y, "reason")
    for repetition, x, y in marks if is_roomy else ():
        if repetition.get("counted"):
            _place_label(canvas, _mark_name(repetition), x, y, "mark")


def _mark_name(repetition: Block) -> str:
    """The repetition's number, with the side's first letter where there is one."""
    side = repetition.get("side")
    return f"{repetition.get('index')}{side[0].upper() if side else ''}"


def _spoken(repetition: Block, unit: str) -> str:
    side = f" {repetition['side']}" if repetition.get("side") else ""
    what = f"{repetition.get('index')}{side}, {clock(repetition.get('peak_s'))}: "
    what += f"{number(repetition.get('range'), unit).striptags()}"
    if repetition.get("counted"):
        return f"{what}, counted"
    return f"{what}, not counted: {repetition.get('reason') or 'no reason given'}"


def _place_label(canvas: _Canvas, words: str, x: float, y: float, class_: str) -> None:
    """Write beside a mark where nothing else stands yet; left out when there is no such place."""
    font = canvas.size.font - 1
    width, height = len(words) * font * _LETTER, font
    up = -1 if y > canvas.y(0.0) + 1 else 1  # peaks below zero are labelled below
    for dx, dy in (
        (0, -15 * up),
        (0, 15 * up),
        (width / 2 + 10, 0),
        (-width / 2 - 10, 0),
        (0, -30 * up),
        (0, 30 * up),
    ):
        middle = min(max(x + dx, canvas.size.left + width / 2 + 2), canvas.size.width - _RIGHT - width / 2)
        centre = y + dy
        box = (middle - width / 2, centre - height / 2, middle + width / 2, centre + height / 2)
        inside = box[1] >= _TOP and box[3] <= _TOP + canvas.size.plot_height
        if inside and not any(_overlap(box, other) for other in canvas.taken):
            _label(canvas, words, middle, centre + 0.35 * font, class_, "middle")
            return


def _label(canvas: _Canvas, words: str, x: float, y: float, class_: str, anchor: str) -> None:
    width = len(words) * canvas.size.font * _LETTER
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    canvas.taken.append((left, y - canvas.size.font, left + width, y + 3))
    canvas.add("text", words, class_=class_, x=x, y=y, text_anchor=anchor)


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _svg(canvas: _Canvas, block: Block, measure: str, height: float) -> Markup:
    """The finished drawing with its spoken description."""
    repetitions = block.get("repetitions") or ()
    n_counted = sum(bool(r.get("counted")) for r in repetitions)
    spoken = (
        f"{measure} from {clock(canvas.x.low)} to {clock(canvas.x.high)}: {n_counted} repetitions counted, "
        f"{len(repetitions) - n_counted} not counted. The tables below hold the same numbers."
    )
    return Markup('<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        canvas.size.name, canvas.size.width, round(height), spoken, Markup("").join(canvas.parts)
    )
