"""Strips below a curve that share its time axis: phases, holds, circles, breaths, faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from formcheck.export.svg import LANE, LANE_GAP, LETTER, Canvas, titled
from formcheck.export.words import is_known

Block = Mapping[str, Any]

_MOST_PHASES: Final = 60  # beyond this many, none is wide enough to be read
_TURNS: Final = {"cw": "\N{CLOCKWISE OPEN CIRCLE ARROW}", "ccw": "\N{ANTICLOCKWISE OPEN CIRCLE ARROW}"}


def draw_lanes(canvas: Canvas, block: Block, top: float) -> float:
    """Draw the strips that the block has something for, from `top` down; returns where they end."""
    phases = [p for p in block.get("phases") or () if _is_placed(p)]
    has_phases = canvas.size.has_phases and len(phases) <= _MOST_PHASES
    breaths = [{"time_s": t} for t in (block.get("breaths") or {}).get("times_s") or () if is_known(t)]
    lanes: tuple[tuple[str, Sequence[Block], Callable[[Canvas, Sequence[Block], float], None]], ...] = (
        ("phase", phases if has_phases else (), _draw_phases),
        ("hold", [h for h in block.get("holds") or () if _is_placed(h)], _each(_draw_hold)),
        ("circle", [c for c in block.get("circles") or () if _is_placed(c)], _each(_draw_turn)),
        ("breath", breaths, _each(_draw_breath)),
        ("fault", [f for f in block.get("faults") or () if is_known(f.get("start_s"))], _each(_draw_fault)),
    )
    top += LANE_GAP
    for name, entries, draw in lanes:
        if not entries:
            continue
        y = top + LANE / 2 + canvas.size.font * 0.35
        canvas.add("text", canvas.words.say(name), class_="tick", x=canvas.size.left - 6, y=y)
        draw(canvas, entries, top)
        top += LANE + LANE_GAP
    return top


def _each(draw: Callable[[Canvas, Block, float], None]) -> Callable[[Canvas, Sequence[Block], float], None]:
    def draw_all(canvas: Canvas, entries: Sequence[Block], top: float) -> None:
        for entry in entries:
            draw(canvas, entry, top)

    return draw_all


def _is_placed(entry: Block) -> bool:
    return is_known(entry.get("start_s")) and is_known(entry.get("end_s"))


def _draw_phases(canvas: Canvas, phases: Sequence[Block], top: float) -> None:
    """All phases as one shape for rest and one for movement, named where the name fits."""
    shapes: dict[str, list[str]] = {"phase": [], "phase odd": []}
    for phase in phases:
        left, right = canvas.x(phase["start_s"]), canvas.x(phase["end_s"])
        if right - left < 0.5:
            continue
        width = right - left
        class_ = "phase" if phase.get("phase") == "Rest" else "phase odd"
        shapes[class_].append(f"M{left:.1f} {top:.0f}h{width:.1f}v{LANE}h-{width:.1f}z")
    for class_, steps in shapes.items():
        if steps:
            canvas.add("path", class_=class_, d="".join(steps))
    for phase in phases:
        left, right = canvas.x(phase["start_s"]), canvas.x(phase["end_s"])
        name = canvas.words.say(str(phase.get("phase") or ""))
        if right - left > len(name) * (canvas.size.font - 2) * LETTER + 6:
            canvas.add("text", name, class_="inside", x=(left + right) / 2, y=top + LANE - 4)


def _draw_hold(canvas: Canvas, hold: Block, top: float) -> None:
    """The whole hold as an outline, the credited seconds of it filled; grey where it did not count."""
    words = canvas.words
    left, right = canvas.x(hold["start_s"]), max(canvas.x(hold["end_s"]), canvas.x(hold["start_s"]) + 2)
    seconds = [words.plain(hold.get(key), "s") for key in ("credited_s", "elapsed_s", "target_s")]
    text = words.say("{credited} credited of {elapsed}", credited=seconds[0], elapsed=seconds[1])
    text = f"{words.clock(hold['start_s'])}: {text}, {words.say('target')} {seconds[2]}"
    if not hold.get("counted"):
        text += f"; {words.say('not counted')}: {words.say(str(hold.get('reason') or 'too short'))}"
    class_ = "credited" if hold.get("counted") else "credited short"
    width = share_of(hold) * (right - left)
    canvas.add("rect", class_=class_, x=left, y=top, width=width, height=LANE)
    label = titled(text) if canvas.size.has_titles or not hold.get("counted") else None
    canvas.add("rect", label, class_="elapsed", x=left, y=top, width=right - left, height=LANE)


def share_of(hold: Block) -> float:
    """The credited part of a hold, 0-1; 0 where it is not known."""
    elapsed, credited = hold.get("elapsed_s"), hold.get("credited_s")
    return min(1.0, credited / elapsed) if is_known(elapsed) and is_known(credited) and elapsed > 0 else 0.0


def _draw_turn(canvas: Canvas, turn: Block, top: float) -> None:
    """A circle as a bar from its beginning to its end: filled with an arrow where it counted, else hollow."""
    words, direction = canvas.words, str(turn.get("direction"))
    left, right = canvas.x(turn["start_s"]), canvas.x(turn["end_s"])
    text = f"{words.side(direction)}, {words.clock(turn['start_s'])}"
    if not turn.get("counted"):
        text += f"; {words.say('not counted')}: {words.say(str(turn.get('reason') or 'reason not known'))}"
    is_open = "" if turn.get("counted") else " open"
    place = {"x": left + 1, "y": top, "width": max(1.0, right - left - 2), "height": LANE}
    label = titled(text) if canvas.size.has_titles or is_open else None
    canvas.add("rect", label, class_=f"turn{is_open}", **place)
    if right - left > 14 and direction in _TURNS:
        place = {"x": (left + right) / 2, "y": top + LANE - 4}
        canvas.add("text", _TURNS[direction], class_=f"turn-sign{is_open}", **place)


def _draw_breath(canvas: Canvas, breath: Block, top: float) -> None:
    """A rounded tick where a breath ended."""
    label = titled(f"{canvas.words.say('breath')}, {canvas.words.clock(breath['time_s'])}")
    canvas.add("rect", label, class_="breath", x=canvas.x(breath["time_s"]) - 2, y=top, width=4, height=LANE, rx=2)


def _draw_fault(canvas: Canvas, fault: Block, top: float) -> None:
    """A triangle at the beginning and a dashed line as long as the fault lasted."""
    x, y, end = canvas.x(fault["start_s"]), top + LANE, fault.get("end_s")
    name = canvas.words.say(str(fault.get("title") or fault.get("cue") or fault.get("id")))
    label = titled(f"{canvas.words.clock(fault['start_s'])}: {name}")
    if is_known(end) and canvas.x(end) > x + 8:
        canvas.add("path", class_="fault-line", d=f"M{x:.1f} {y - 3:.1f}H{canvas.x(end):.1f}")
    canvas.add("path", label, class_="fault", d=f"M{x:.1f} {top:.1f}l7 {LANE}h-14z")
    canvas.add("text", "!", class_="fault-sign", x=x, y=y - 3)
