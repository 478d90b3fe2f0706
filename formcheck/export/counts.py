"""What a movement counted first of all, against its target, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from formcheck.export.words import Words, is_known, span

Block = Mapping[str, Any]

LONG_ENOUGH: Final = 0.9  # of a hold's target; no time is told tighter than that

# What is counted, the most telling first: a round is two repetitions, a hold has its seconds.
_COUNTED: Final = {
    "rounds": "round",
    "repetitions": "repetition",
    "holds": "hold",
    "circles_cw": "clockwise circle",
    "circles_ccw": "counter-clockwise circle",
    "breaths": "breath",
}


def blocks_as_asked(report: Mapping[str, Any]) -> Iterator[Block]:
    """The blocks of a report; what a routine asks of one, in counts or seconds, goes before its own target."""
    rows: dict[int, list[Block]] = {}
    for row in (report.get("routine") or {}).get("blocks") or ():
        rows.setdefault(row.get("block"), []).append(row)
    for number, block in enumerate(report.get("blocks") or (), 1):
        asked = rows.get(number, [])
        if asked and block.get("kind") == "stay":
            yield _kept_as_asked(block, asked[-1])
        elif len(asked) == 1 and asked[0].get("counts") and not (asked[0].get("side") or asked[0].get("direction")):
            kind, _, _ = main_count(block)
            yield {**block, "target": {**(block.get("target") or {}), kind: asked[0]["counts"]}}
        else:
            yield block


def _kept_as_asked(block: Block, row: Block) -> Block:
    """A posture that was kept; the routine's part of its seconds is enough."""
    if row.get("status") not in ("done", "partly done"):
        return block
    target, asked_s = block.get("target") or {}, row["planned_end_s"] - row["planned_start_s"]
    if row["status"] == "done":
        own_s = target.get("hold_s")
        least_s = min(own_s, asked_s) if is_known(own_s) else own_s
        return {**block, "target": {**target, "hold_s": least_s}, "is_long_enough": True}
    return {**block, "target": {**target, "hold_s": asked_s}}


def kept_s(block: Block) -> float | None:
    """Credited seconds of a posture that was kept; None of another movement, and where it never counted."""
    if block.get("kind") != "stay":
        return None
    held = [hold.get("credited_s") for hold in block.get("holds") or () if hold.get("counted")]
    return sum(filter(is_known, held)) if held else None


def main_count(block: Block) -> tuple[str, int | None, Any]:
    """What the block counts first of all: kind, how many (None: not known), target range or None."""
    counted, target = block.get("counted") or {}, block.get("target") or {}
    kinds = [kind for kind in _COUNTED if counted.get(kind) is not None]
    aimed = [kind for kind in kinds if target.get(kind) is not None]
    kind = next(iter([*aimed, *kinds]), "repetitions")
    return kind, counted.get(kind), target.get(kind)


def count_in_words(block: Block, words: Words) -> tuple[str, str, str]:
    """The number, what it is measured against, and its sign: "good", "half", "open" or "" where there is no target.

    Of a posture that was kept the seconds are told, of everything else how often.
    """
    counted, aims = block.get("counted") or {}, block.get("target") or {}
    if counted.get("circles_cw") is not None:
        return _circles(counted, aims, words)
    if (seconds := kept_s(block)) is not None:
        return _kept(block, seconds, words)
    kind, n, target = main_count(block)
    word = _COUNTED[kind]
    if n is None:
        return words.say("not known"), words.say("nothing could be judged"), ""
    if target is None:
        return str(n), words.say(word if n == 1 else f"{word}s"), ""
    low, high = (target, target) if is_known(target) else target
    noun = words.say(word if high == 1 else f"{word}s")
    return str(n), words.say("of {target} {noun}", target=span(target), noun=noun), "good" if n >= low else "open"


def count_in_a_line(block: Block, words: Words) -> str:
    """As `count_in_words`, number and target in one: "1 of 2 holds", "3 clockwise, 4 counter-clockwise, of 5 each"."""
    counted, aim = block.get("counted") or {}, (block.get("target") or {}).get("circles_cw")
    if counted.get("circles_cw") is not None:
        ways = {"circles_cw": "{n} clockwise", "circles_ccw": "{n} counter-clockwise"}
        told = ", ".join(words.say(way, n=counted.get(key) or 0) for key, way in ways.items())
        return told + (words.say(", of {target} each", target=span(aim)) if aim else "")
    n, beside, _ = count_in_words(block, words)
    return beside if n == words.say("not known") else f"{n} {beside}"


def _kept(block: Block, seconds: float, words: Words) -> tuple[str, str, str]:
    kept, target_s = words.plain(seconds, "s"), (block.get("target") or {}).get("hold_s")
    if "breaths" in ((block.get("breaths") or {}).get("ended_by") or ()):
        return kept, words.say("counted in breaths"), "good"
    if not is_known(target_s):
        return kept, "", ""
    target = words.plain(target_s, "s")
    beside = (
        words.say("of at least {least}", least=target)
        if seconds >= target_s
        else words.say("of {target}", target=target)
    )
    is_enough = block.get("is_long_enough") or seconds >= LONG_ENOUGH * target_s
    return kept, beside, "good" if is_enough else "half"


def _circles(counted: Block, target: Block, words: Words) -> tuple[str, str, str]:
    """Both directions in one."""
    ways = (counted.get("circles_cw") or 0, counted.get("circles_ccw") or 0)
    aim = target.get("circles_cw")
    sign = "" if not aim else "good" if min(ways) >= aim[0] else "open"
    beside = words.say("clockwise + counter-clockwise")
    beside += words.say(", of {target} each", target=span(aim)) if aim else ""
    return f"{ways[0]} + {ways[1]}", beside, sign
