"""What a movement counted first of all, against its target, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from formcheck.export.words import Words, is_known, span

Block = Mapping[str, Any]

# What is counted, the most telling first: a round is two repetitions, a hold has its seconds.
_COUNTED: Final = {
    "rounds": "round",
    "repetitions": "repetition",
    "holds": "hold",
    "circles_cw": "clockwise circle",
    "circles_ccw": "counter-clockwise circle",
    "breaths": "breath",
}


def main_count(block: Block) -> tuple[str, int | None, Any]:
    """What the block counts first of all: kind, how many (None: not known), target range or None."""
    counted, target = block.get("counted") or {}, block.get("target") or {}
    kinds = [kind for kind in _COUNTED if counted.get(kind) is not None]
    aimed = [kind for kind in kinds if target.get(kind) is not None]
    kind = next(iter([*aimed, *kinds]), "repetitions")
    return kind, counted.get(kind), target.get(kind)


def count_in_words(block: Block, words: Words) -> tuple[str, str, str]:
    """The number, what it is measured against, and its sign: "good", "open" or "" where there is no target."""
    counted, aims = block.get("counted") or {}, block.get("target") or {}
    if counted.get("circles_cw") is not None:
        return _circles(counted, aims, words)
    kind, n, target = main_count(block)
    word = _COUNTED[kind]
    if n is None:
        return words.say("not known"), words.say("nothing could be judged"), ""
    if target is None:
        return str(n), words.say(word if n == 1 else f"{word}s"), ""
    low, high = (target, target) if is_known(target) else target
    noun = words.say(word if high == 1 else f"{word}s")
    return str(n), words.say("of {target} {noun}", target=span(target), noun=noun), "good" if n >= low else "open"


def _circles(counted: Block, target: Block, words: Words) -> tuple[str, str, str]:
    """Both directions in one."""
    ways = (counted.get("circles_cw") or 0, counted.get("circles_ccw") or 0)
    aim = target.get("circles_cw")
    sign = "" if not aim else "good" if min(ways) >= aim[0] else "open"
    beside = words.say("clockwise + counter-clockwise")
    beside += words.say(", of {target} each", target=span(aim)) if aim else ""
    return f"{ways[0]} + {ways[1]}", beside, sign
