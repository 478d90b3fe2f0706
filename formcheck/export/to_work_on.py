"""The one thing to work on in a movement: rules, the most pressing first, of which the first that applies is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from formcheck.export.counts import LONG_ENOUGH, count_in_words, kept_s, main_count
from formcheck.export.movement_tables import fault_rows
from formcheck.export.words import Words, begun, is_known

Block = Mapping[str, Any]
Told = tuple[str, str]
"""What to do, and why, in the language."""

_ENTRIES: Final = ("repetitions", "holds", "circles")


def to_work_on(block: Block, not_judged: Sequence[Block], words: Words) -> Told:
    """What to do, and why: care, a fault, why movements did not count, how many or how long, else what was in the way.

    Args:
        block: of the report, with every list and key it may have.
        not_judged: what was not judged in the session meanwhile, with reasons.
        words: of the page's language.
    """
    for rule in _RULES:
        if told := rule(block, words):
            return told
    if main_count(block)[1]:
        return words.say("Nothing stood out"), words.say("keep going the same way")
    unseen = [str(e["reason"]) for e in [*not_judged, *(block.get("not_judged") or ())] if e.get("reason")]
    if unseen:
        return words.say("Let the camera see the movement"), words.say(unseen[0])
    return words.say("Nothing yet"), words.say("no movement was seen that could be counted")


def _was_stopped(block: Block, words: Words) -> Told | None:
    stops = block.get("safety_stops")
    if not stops:
        return None
    return words.say("Take care"), f"{words.clock(stops[0].get('time_s'))}: {words.say(str(stops[0].get('reason')))}"


def _had_a_fault(block: Block, words: Words) -> Told | None:
    """The weightiest fault's cue."""
    faults = fault_rows(block, words)
    if not faults:
        return None
    worst = faults[0]
    seen = words.say("seen once") if worst.n_times == 1 else words.say("seen {n} times", n=worst.n_times)
    return worst.cue or worst.name, f"{worst.name}: {seen}"


def _did_not_count(block: Block, words: Words) -> Told | None:
    """The commonest reason; a shorter stay beside one that counted is no news."""
    if kept_s(block) is not None:
        return None
    refused = [entry for kind in _ENTRIES for entry in block[kind] if not entry.get("counted")]
    reasons = [str(entry["reason"]) for entry in refused if entry.get("reason")]
    if not reasons:
        return None
    commonest = max(dict.fromkeys(reasons), key=reasons.count)
    n = reasons.count(commonest)
    why = words.say("why 1 movement did not count") if n == 1 else words.say("why {n} movements did not count", n=n)
    return begun(words.say(commonest)), why


def _differed(block: Block, words: Words) -> Told | None:
    """What differed from the reference for a while, of the movement that was farthest from it."""
    off = [form for form in block.get("form") or () if form.get("deviations") and is_known(form.get("score"))]
    if not off:
        return None
    least = min(off, key=lambda form: form["score"])
    return begun(words.say(str(least["deviations"][0]))), words.say("against the reference")


def _were_too_few(block: Block, words: Words) -> Told | None:
    shown, beside, sign = count_in_words(block, words)
    return (words.say("A few more of them"), f"{shown} {beside}") if main_count(block)[1] and sign == "open" else None


def _was_left_early(block: Block, words: Words) -> Told | None:
    """A posture that was kept for less than was asked."""
    shown, beside, sign = count_in_words(block, words)
    return (words.say("Stay a little longer"), f"{shown} {beside}") if sign == "half" else None


def _were_too_short(block: Block, words: Words) -> Told | None:
    """Holds of which even the longest is short; breaths may end a hold."""
    if not main_count(block)[1] or kept_s(block) is not None:
        return None
    if "breaths" in ((block.get("breaths") or {}).get("ended_by") or ()):
        return None
    holds = [h for h in block["holds"] if h.get("counted") and is_known(h["credited_s"]) and is_known(h["target_s"])]
    longest = max(holds, key=lambda h: h["credited_s"], default=None)
    if longest is None or longest["credited_s"] >= LONG_ENOUGH * longest["target_s"]:
        return None
    held, target = (words.plain(longest[key], "s") for key in ("credited_s", "target_s"))
    beside = words.say("the longest hold: {held} of {target}", held=held, target=target)
    return words.say("Stay a little longer"), beside


_RULES: Final[tuple[Callable[[Block, Words], Told | None], ...]] = (
    _was_stopped,
    _had_a_fault,
    _did_not_count,
    _differed,
    _were_too_few,
    _was_left_early,
    _were_too_short,
)
