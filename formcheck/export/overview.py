"""Where each of several movements lies in the recording, what is not clear, and what was done of the routine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from formcheck.export.scales import Scale, time_ticks
from formcheck.export.svg import ChartSize, drawing, element, titled
from formcheck.export.words import Words, is_known

Block = Mapping[str, Any]

_HEIGHT, _TOP, _LANE = 66.0, 4.0, 36.0
_LETTER: Final = 7.2  # mean width of a letter of the strip's labels


@dataclass(frozen=True, slots=True)
class UnsureRow:
    """A stretch that is not clear: when, what it may be with the share of the time each explains, and why."""

    when: str
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


def strip(
    blocks: Sequence[Block], unsure: Sequence[Block], duration_s: Any, size: ChartSize, words: Words
) -> Markup | None:
    """The recording as one bar: named blocks filled with their number, unclear ones dashed, the rest hatched."""
    if not is_known(duration_s) or duration_s <= 0:
        return None
    x = Scale(0.0, float(duration_s), 4, size.width - 4)
    parts = [element("rect", class_="hatch", x=4, y=_TOP, width=size.width - 8, height=_LANE)]
    parts += [_bar(x, block, "part unsure", "?", _candidates(block, words), words) for block in unsure]
    for i, block in enumerate(blocks, 1):
        name = words.say(str(block.get("title") or block.get("exercise")))
        parts.append(_bar(x, block, "part", str(i), name, words))
    for tick in time_ticks(0.0, float(duration_s), size.n_times):
        at = min(max(x(tick), 14.0), size.width - 16.0)
        parts.append(element("text", words.clock(tick), class_="tick time", x=at, y=_HEIGHT - 8))
    label = words.say("{what} in {time}", what=words.count(len(blocks), "movement"), time=words.clock(duration_s))
    return drawing(parts, size.width, _HEIGHT, label, f"chart {size.name} strip")


def _bar(x: Scale, block: Block, class_: str, sign: str, name: str, words: Words) -> Markup:
    left, width = x(block["start_s"]), max(2.0, x(block["end_s"]) - x(block["start_s"]))
    label = titled(f"{name}, {words.from_to(block['start_s'], block['end_s'])}")
    bar = element("rect", label, class_=class_, x=left, y=_TOP, width=width, height=_LANE)
    text = f"{sign} {name}" if width > _LETTER * (len(name) + 3) else sign
    if width < _LETTER * len(sign) + 2:
        return bar
    place = {"x": left + width / 2, "y": _TOP + _LANE / 2 + 4.5}
    return bar + element("text", text, class_="part-name", **place)


def _names(block: Block, words: Words) -> list[tuple[str, Any]]:
    found = block.get("candidates") or ()
    return [(words.say(str(c.get("title") or c.get("exercise"))), c.get("share")) for c in found]


def _candidates(block: Block, words: Words) -> str:
    return words.one_of([name for name, _ in _names(block, words)])


def unsure_rows(unsure: Sequence[Block], words: Words) -> list[UnsureRow]:
    """What may have been done where it is not clear, with how much of the time each candidate explains."""
    rows = []
    for block in unsure:
        shares = [
            f"{name} ({100 * share:.0f}\N{NO-BREAK SPACE}%)" if is_known(share) else name
            for name, share in _names(block, words)
        ]
        when = words.from_to(block["start_s"], block["end_s"])
        rows.append(UnsureRow(when, words.one_of(shares), words.say(str(block.get("reason") or ""))))
    return rows


def routine_rows(routine: Block | None, words: Words) -> list[RoutineRow]:
    """Every block of the routine that was to be done, in its order."""
    rows, section = [], None
    for block in (routine or {}).get("blocks") or ():
        side = words.side(block.get("direction") or block.get("side"))
        title = words.say(str(block.get("title") or block.get("exercise")))
        is_timed = is_known(block.get("start_s"))
        status = str(block.get("status"))
        reasons = [words.say(part) for part in str(block.get("reason") or "").split("; ") if part]
        rows.append(
            RoutineRow(
                section="" if block.get("section") == section else words.say(str(block.get("section"))),
                name=f"{title}, {side}" if side else title,
                planned=words.from_to(block.get("planned_start_s"), block.get("planned_end_s")),
                when=words.from_to(block["start_s"], block["end_s"]) if is_timed else "–",
                status=words.say(status),
                sign={"done": "good", "partly done": "half"}.get(status, "open"),
                reason="; ".join(reasons),
            )
        )
        section = block.get("section")
    return rows
