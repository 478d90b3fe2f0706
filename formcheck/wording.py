"""What a report says, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from formcheck.export.counts import blocks_as_asked

Block = Mapping[str, Any]

_NOUNS: Final = {"repetitions": "repetition", "rounds": "round", "holds": "hold"}
_WAYS: Final = {"circles_cw": "clockwise", "circles_ccw": "counter-clockwise"}


def clock(seconds: float) -> str:
    """Minutes and seconds, rounded as on the pages.

    >>> clock(95.4), clock(59.6)
    ('1:35', '1:00')
    """
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def report_in_words(report: Block) -> Iterator[str]:
    """One line for each block and each stretch that is not clear, in order of time, then the routine."""
    blocks = [*blocks_as_asked(report), *report.get("unsure", ())]
    for block in sorted(blocks, key=lambda block: float(block["start_s"])):
        yield block_in_words(block) if "exercise" in block else _unsure_in_words(block)
    if report.get("routine"):
        yield from _routine_in_words(report["routine"])


def block_in_words(block: Block) -> str:
    """One line for a block: "Seated twist, 0:03-0:41: 4 of 5 rounds (8 of 10 sides)"."""
    title = block.get("title") or block["exercise"]
    entries = [*(block.get("repetitions") or ()), *(block.get("circles") or ())] or list(block.get("holds") or ())
    refused = sum(not entry["counted"] for entry in entries)
    parts = [*_counts(block), *([f"{refused} not counted"] if refused else [])]
    if stops := block.get("safety_stops"):
        parts.append(f"stopped at {clock(stops[0]['time_s'])}: {stops[0]['reason']}")
    return f"{title}, {_span(block)}: {', '.join(parts) or _nothing(block)}"


def _nothing(block: Block) -> str:
    """That nothing was counted, and what was in the way for the longest."""
    unseen = [entry for entry in block.get("not_judged") or () if entry["what"] == "everything" and entry["reason"]]
    longest = max(unseen, key=lambda entry: float(entry.get("seconds") or 0.0), default=None)
    return f"nothing counted, not judged: {longest['reason'].partition('; ')[0]}" if longest else "nothing counted"


def _span(block: Block) -> str:
    return f"{clock(block['start_s'])}-{clock(block['end_s'])}"


def _counts(block: Block) -> list[str]:
    """What was counted, the most telling first; nothing when nothing was."""
    counted, target = block["counted"], block.get("target") or {}
    if not any(counted.values()):
        return []
    if counted.get("rounds") is not None:
        sides = sum(bool(r["counted"]) for r in block["repetitions"])
        return [f"{_of(counted['rounds'], target.get('rounds'), 'round')} ({_sides(sides, target.get('rounds'))})"]
    if counted.get("circles_cw") is not None:
        ways = [f"{_of(counted[key], target.get(key), '')}{word}" for key, word in _WAYS.items()]
        return [f"{ways[0]} and {ways[1]} circles"]
    if counted.get("repetitions") is None or "holds" in target:
        return [_of(counted["holds"], target.get("holds"), "hold"), _held(block)]
    return [_of(counted["repetitions"], target.get("repetitions"), "repetition")]


def _of(n: int, target: Any, noun: str) -> str:
    """As in "4 of 5 rounds" while the target is not reached, then "6 rounds"."""
    least = target[0] if target else n
    words = f"{n} of {least} {noun}" if n < least else f"{n} {noun}"
    plural = max(n, least) if n < least else n
    return words + ("s" if noun and plural != 1 else "")


def _sides(n: int, rounds: Any) -> str:
    both = 2 * rounds[0] if rounds else n
    return f"{n} of {both} sides" if n < both else f"{n} sides"


def _listed(items: Sequence[str]) -> str:
    """As in "6 s, 8 s and 9 s"."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def _held(block: Block) -> str:
    held = [h["credited_s"] for h in block["holds"] if h["counted"]]
    target_s = (block.get("target") or {}).get("hold_s")
    seconds = _listed([f"{s:.0f} s" for s in held]) if len(held) <= 3 else f"{sum(held):.0f} s together"
    is_short = target_s and len(held) == 1 and held[0] < target_s
    return seconds + (f" of {target_s:g} s" if is_short else "")


def _unsure_in_words(block: Block) -> str:
    """As in "Not clear, 1:02-1:30: Seated cat-cow (62 %) or Hip circles (55 %)"."""
    names = [f"{c['title']} ({100 * c['share']:.0f} %)" for c in block["candidates"]]
    reason = f", {block['reason']}" if block.get("reason") else ""
    return f"Not clear, {_span(block)}{reason}: {' or '.join(names)}"


def _routine_in_words(routine: Block) -> Iterator[str]:
    blocks = routine["blocks"]
    done = sum(block["status"] == "done" for block in blocks)
    yield f"{routine['title']}: {done} of {len(blocks)} done"
    for block in blocks:
        side = {"cw": "clockwise", "ccw": "counter-clockwise", None: block["side"]}[block["direction"]]
        name = f"{block['title']}, {side}" if side else block["title"]
        reason = f" ({block['reason']})" if block["reason"] else ""
        yield f"  {name}: {block['status']}{reason}"
