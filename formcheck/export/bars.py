"""Bars, one row for each repetition or hold: range of motion, tempo, holds against their target, sides.

Each drawing is as wide as a phone; on a page they stand beside each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from formcheck.export.chart import mark_name
from formcheck.export.lanes import share_of
from formcheck.export.scales import Scale
from formcheck.export.svg import LETTER, drawing, element, titled
from formcheck.export.words import Words, is_known

Block = Mapping[str, Any]

MOST_ROWS: Final = 10  # the tables have the others
_WIDTH, _ROW, _BAR, _HEAD = 360, 19, 13, 20
_NAME, _VALUE = 34, 58  # columns for the row's name and for its number
_SMALL: Final = 11


def range_bars(block: Block, words: Words) -> Markup | None:
    """Range of motion of each repetition with the line it had to reach; None without repetitions."""
    rows = [r for r in block.get("repetitions") or () if is_known(r.get("range"))][:MOST_ROWS]
    if not rows:
        return None
    longest = max(r[key] for r in rows for key in ("range", "needed") if is_known(r.get(key)))
    scale = Scale(0.0, longest or 1.0, _NAME, _WIDTH - _VALUE)
    parts = [_head(words.say("Range of motion (line: needed)"))]
    for i, row in enumerate(rows):
        parts += _range_row(row, scale, float(_HEAD + i * _ROW), words)
    return _drawing(parts, len(rows), words.say("Range of motion"), words)


def _range_row(row: Block, scale: Scale, top: float, words: Words) -> list[Markup]:
    unit, end = str(row.get("unit") or ""), scale(row["range"])
    class_ = "credited" if row.get("counted") else "elapsed"
    parts = [_name(mark_name(row, words), top), _bar(class_, _NAME, end, top)]
    if is_known(row.get("needed")):
        parts.append(_needed(scale(row["needed"]), top))
        end = max(end, scale(row["needed"]))
    return [*parts, _value(words.plain(row["range"], unit), end, top)]


def tempo_bars(block: Block, words: Words) -> Markup | None:
    """The seconds of every phase of each repetition; None without repetitions."""
    rows = [r for r in block.get("repetitions") or () if is_known(r.get("start_s")) and is_known(r.get("end_s"))]
    rows = rows[:MOST_ROWS]
    if not rows:
        return None
    scale = Scale(0.0, max(r["end_s"] - r["start_s"] for r in rows) or 1.0, _NAME, _WIDTH - _VALUE)
    parts = [_head(words.say("Tempo: seconds of each phase"))]
    for i, row in enumerate(rows):
        top = float(_HEAD + i * _ROW)
        parts += [_name(mark_name(row, words), top), *_tempo_row(row, block.get("phases") or (), scale, top, words)]
    return _drawing(parts, len(rows), words.say("Tempo: seconds of each phase"), words)


def _tempo_row(row: Block, phases: Sequence[Block], scale: Scale, top: float, words: Words) -> list[Markup]:
    """The phases of a repetition one after the other, as long as each lasted; its whole time where none are known."""
    shapes: dict[str, list[str]] = {"phase": [], "phase odd": []}
    names, told = [], []
    for phase, start_s, end_s in phases_of(row, phases) or [("", row["start_s"], row["end_s"])]:
        left, right = scale(start_s - row["start_s"]), scale(end_s - row["start_s"])
        shape = f"M{left:.1f} {top:.0f}h{right - left:.1f}v{_BAR}H{left:.1f}z"
        shapes["phase" if phase == "Rest" else "phase odd"].append(shape)
        seconds = words.plain(end_s - start_s, "s")
        whole = f"{words.say(phase)} {seconds}".strip()
        told.append(whole)
        if text := next((text for text in (whole, seconds) if _fits(text, right - left)), None):
            names.append(element("text", text, class_="inside", x=(left + right) / 2, y=top + _BAR - 3))
    label = titled(", ".join(told)) if len(names) < len(told) else None  # where not every phase has its name
    bars = [element("path", label, class_=class_, d="".join(steps)) for class_, steps in shapes.items() if steps]
    seconds = row["end_s"] - row["start_s"]
    return [*bars, *names, _value(words.plain(seconds, "s"), scale(seconds), top)]


def _fits(text: str, width: float) -> bool:
    return width > len(text) * _SMALL * LETTER + 4


def phases_of(row: Block, phases: Sequence[Block]) -> list[tuple[str, float, float]]:
    """Name, start and end of the phases of a repetition, cut to its extent."""
    found = []
    for phase in phases:
        if not (is_known(phase.get("start_s")) and is_known(phase.get("end_s"))):
            continue
        start_s, end_s = max(phase["start_s"], row["start_s"]), min(phase["end_s"], row["end_s"])
        if end_s - start_s > 0.05:
            found.append((str(phase.get("phase") or ""), start_s, end_s))
    return found


def hold_bars(block: Block, words: Words) -> Markup | None:
    """What was credited inside what elapsed, against the target; None without holds."""
    rows = [h for h in block.get("holds") or () if is_known(h.get("elapsed_s"))][:MOST_ROWS]
    if not rows:
        return None
    targets = [h["target_s"] for h in rows if is_known(h.get("target_s"))]
    scale = Scale(0.0, max([*(h["elapsed_s"] for h in rows), *targets]) or 1.0, _NAME, _WIDTH - 2.1 * _VALUE)
    name = words.say("Holds: credited inside elapsed (line: target)")
    parts = [_head(name)]
    for i, hold in enumerate(rows):
        label = f"{i + 1}{words.side(hold.get('side'))[:1].upper()}"
        parts += _hold_row(hold, label, scale, float(_HEAD + i * _ROW), words)
    return _drawing(parts, len(rows), name, words)


def _hold_row(hold: Block, name: str, scale: Scale, top: float, words: Words) -> list[Markup]:
    end = scale(hold["elapsed_s"])
    class_ = "credited" if hold.get("counted") else "credited short"
    filled = _NAME + share_of(hold) * (end - _NAME)
    parts = [_name(name, top), _bar(class_, _NAME, filled, top), _bar("elapsed", _NAME, end, top)]
    if is_known(hold.get("target_s")):
        parts.append(_needed(scale(hold["target_s"]), top))
        end = max(end, scale(hold["target_s"]))
    credited, target = (words.plain(hold.get(key), "s") for key in ("credited_s", "target_s"))
    return [*parts, _value(words.say("{s} of {all}", s=credited, all=target), end, top)]


def side_bars(left: float, right: float, unit: str, words: Words) -> Markup:
    """Left above right on one scale."""
    scale = Scale(0.0, max(left, right) or 1.0, 0.0, 100.0)
    parts = [
        element("rect", class_=class_, x=0, y=float(y), width=max(1.0, scale(value)), height=8)
        for value, y, class_ in ((left, 0, "credited"), (right, 11, "phase odd"))
    ]
    about = f"{words.say('left')} {words.plain(left, unit)}, {words.say('right')} {words.plain(right, unit)}"
    return drawing(parts, 100, 19, about, "side-bars")


def _head(text: str) -> Markup:
    return element("text", text, class_="axis-title", x=_NAME, y=13)


def _name(text: str, top: float) -> Markup:
    return element("text", text, class_="tick", x=_NAME - 6, y=top + _BAR - 2)


def _bar(class_: str, left: float, right: float, top: float) -> Markup:
    place = {"x": float(left), "y": top, "width": max(1.0, right - left)}
    return element("rect", class_=class_, **place)  # as high as the style sheet says


def _needed(at: float, top: float) -> Markup:
    return element("path", class_="needed", d=f"M{at:.1f} {top - 2:.0f}v{_BAR + 4}")


def _value(text: str, end: float, top: float) -> Markup:
    return element("text", text, class_="value", x=end + 6, y=top + _BAR - 2)


def _drawing(parts: list[Markup], n_rows: int, name: str, words: Words) -> Markup:
    about = words.say("{name}; the tables below hold the same numbers.", name=name)
    return drawing(parts, _WIDTH, _HEAD + n_rows * _ROW + 2, about, "chart bar")
