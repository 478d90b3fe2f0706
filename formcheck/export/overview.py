"""The top of a page about several movements: where each lies in the recording, and what was done of the routine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from formcheck.export.chart import element
from formcheck.export.scales import Scale, time_ticks
from formcheck.export.words import clock, is_known, plural

Block = Mapping[str, Any]

_WIDTH, _HEIGHT, _LANE_TOP, _LANE = 760, 78, 8, 40
_LETTER = 7.2  # mean width of a letter of the strip's labels
_WAYS = {"cw": "clockwise", "ccw": "counter-clockwise"}


@dataclass(frozen=True, slots=True)
class UnsureRow:
    """A stretch that is not clear: when, what it may be with the share of the time each explains, and why."""

    start_s: float
    end_s: float
    names: str
    reason: str


@dataclass(frozen=True, slots=True)
class RoutineRow:
    """A block of the routine: `sign` is "good", "half" or "open"."""

    section: str
    name: str
    planned: str
    when: str
    status: str
    sign: str
    reason: str


def strip(blocks: Sequence[Block], unsure: Sequence[Block], duration_s: Any) -> Markup | None:
    """The recording as one bar: named blocks filled with their number, unclear ones dashed, the rest hatched."""
    if not is_known(duration_s) or duration_s <= 0:
        return None
    x = Scale(0.0, float(duration_s), 4, _WIDTH - 4)
    parts = [element("rect", class_="hatch", x=4, y=_LANE_TOP, width=_WIDTH - 8, height=_LANE)]
    parts += [_bar(x, block, "part unsure", "?", _candidates(block)) for block in unsure]
    for i, block in enumerate(blocks, 1):
        parts.append(_bar(x, block, "part", str(i), str(block.get("title") or block.get("exercise"))))
    for tick in time_ticks(0.0, float(duration_s), 8):
        at = min(max(x(tick), 14.0), _WIDTH - 16.0)
        parts.append(element("text", clock(tick)[:-2], class_="tick", x=at, y=_HEIGHT - 8, text_anchor="middle"))
    label = f"{plural(len(blocks), 'movement')} in {clock(duration_s)}"
    content = Markup("").join([element("title", label), *parts])
    return element(
        "svg", content, class_="chart strip", viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=label
    )


def _bar(x: Scale, block: Block, class_: str, sign: str, name: str) -> Markup:
    left, width = x(block["start_s"]), max(2.0, x(block["end_s"]) - x(block["start_s"]))
    label = element("title", f"{name}, {clock(block['start_s'])} to {clock(block['end_s'])}")
    bar = element("rect", label, class_=class_, x=left, y=_LANE_TOP, width=width, height=_LANE)
    words = f"{sign} {name}" if width > _LETTER * (len(name) + 3) else sign
    if width < _LETTER * len(sign) + 2:
        return bar
    middle = _LANE_TOP + _LANE / 2 + 4.5
    return bar + element("text", words, class_="part-name", x=left + width / 2, y=middle, text_anchor="middle")


def _candidates(block: Block) -> str:
    return " or ".join(str(c.get("title") or c.get("exercise")) for c in block.get("candidates") or ())


def unsure_rows(unsure: Sequence[Block]) -> list[UnsureRow]:
    """What may have been done where it is not clear, with how much of the time each candidate explains."""
    rows = []
    for block in unsure:
        shares = [
            f"{c.get('title') or c.get('exercise')} ({100 * c['share']:.0f}\N{NO-BREAK SPACE}%)"
            for c in block.get("candidates") or ()
        ]
        names = " or ".join(shares)
        rows.append(UnsureRow(block["start_s"], block["end_s"], names, str(block.get("reason") or "")))
    return rows


def routine_rows(routine: Block | None) -> list[RoutineRow]:
    """Every block of the routine that was to be done, in its order."""
    rows, section = [], None
    for block in (routine or {}).get("blocks") or ():
        side = _WAYS.get(block.get("direction") or "") or block.get("side")
        title = str(block.get("title") or block.get("exercise"))
        when = f"{clock(block['start_s'])} to {clock(block['end_s'])}" if is_known(block.get("start_s")) else "–"
        rows.append(
            RoutineRow(
                section="" if block.get("section") == section else str(block.get("section")),
                name=f"{title}, {side}" if side else title,
                planned=f"{clock(block.get('planned_start_s'))[:-2]} to {clock(block.get('planned_end_s'))[:-2]}",
                when=when,
                status=str(block.get("status")),
                sign={"done": "good", "partly done": "half"}.get(str(block.get("status")), "open"),
                reason=str(block.get("reason") or ""),
            )
        )
        section = block.get("section")
    return rows
