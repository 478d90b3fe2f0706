"""The tables of a movement's section: numbers, faults, sides, form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from markupsafe import Markup

from formcheck.export.bars import side_bars
from formcheck.export.moments import faults_by_weight
from formcheck.export.words import Words, is_known, readable, span, unit_sign

Block = Mapping[str, Any]
Row = tuple[str, Markup | str, Markup | str]

_NOTABLE_DIFFERENCE: Final = 0.15  # sides that differ by less are within what a camera can tell
_CLOSE_FORM: Final = 90  # of 100: from here on a table of limbs tells nothing


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A kind of fault: how often, when, in which repetitions, and what is said about it."""

    name: str
    n_times: int
    times: str
    repetitions: str
    cue: str


@dataclass(frozen=True, slots=True)
class SideRow:
    """Left beside right: numbers, the difference in words, and bars where there are two numbers."""

    name: str
    left: Markup
    right: Markup
    difference: str
    bars: Markup | None = None


def numbers_of(block: Block, words: Words) -> list[Row]:
    """Middle and extent of range, tempo and holds, each with what it is measured against."""
    rows: list[Row] = []
    counted = [r for r in block["repetitions"] if r.get("counted")]
    ranges = [r["range"] for r in counted if is_known(r.get("range"))]
    if ranges:
        unit = str(counted[0].get("unit") or "")
        needed = {r.get("needed") for r in counted if is_known(r.get("needed"))}
        aim = _at_least(needed, unit, words)
        rows.append((words.say("Range of motion"), _spread(ranges, unit, words), aim))
    lasting = [r["end_s"] - r["start_s"] for r in counted if is_known(r.get("end_s")) and is_known(r.get("start_s"))]
    if lasting:
        rows.append((words.say("Time for one repetition"), _spread(lasting, "s", words), words.say("your own pace")))
    credited = [h["credited_s"] for h in block["holds"] if is_known(h.get("credited_s"))]
    if credited:
        target = (block.get("target") or {}).get("hold_s")
        rows.append((words.say("Hold, credited"), _spread(credited, "s", words), _at_least({target}, "s", words)))
    return [*rows, *_circle_numbers(block, words), *_breath_numbers(block, words)]


def _at_least(values: set[Any], unit: str, words: Words) -> str:
    known = sorted(value for value in values if is_known(value))
    if not known:
        return "–"
    low, high = words.plain(known[0], unit), words.plain(known[-1], unit)
    least = high if low == high else f"{low.removesuffix(unit_sign(unit))}–{high}"
    return words.say("at least {least}", least=least)


def _circle_numbers(block: Block, words: Words) -> list[Row]:
    turned = [c for c in block["circles"] if c.get("counted")]
    rows: list[Row] = []
    bands = (block.get("drive") or {}).get("bands") or ()
    radii = [c["radius"] for c in turned if is_known(c.get("radius"))]
    if radii:
        aim = (
            words.say("{a} to {b}", **dict(zip("ab", (words.plain(e, "T") for e in bands[0]), strict=True)))
            if bands
            else "–"
        )
        rows.append((words.say("Radius"), _spread(radii, "T", words), aim))
    round_ = [100 * c["roundness"] for c in turned if is_known(c.get("roundness"))]
    if round_:
        name = words.say("Shorter over longer axis, as the camera sees it")
        rows.append((name, _spread(round_, "%", words), "–"))
    lasting = [c["end_s"] - c["start_s"] for c in turned if is_known(c.get("end_s")) and is_known(c.get("start_s"))]
    if lasting:
        rows.append((words.say("Time for one circle"), _spread(lasting, "s", words), words.say("your own pace")))
    return rows


_BREATHS_FROM: Final = {
    "camera": "seen by the camera",
    "movement": "each movement stands for one",
    "clock": "the clock stands for them",
    "pacer": "breathed along with the pacer",
    "tap": "marked by you",
}


_ENDED_BY: Final = {"breaths": "the hold ended by breaths", "clock": "the hold ended by the clock"}


def _breath_numbers(block: Block, words: Words) -> list[Row]:
    """How many breaths, and where that is known from: seen, stood for by movement or clock, or marked."""
    breaths = block.get("breaths")
    if not breaths:
        return []
    aim = span(breaths.get("target")) or "–"
    source = words.say(_BREATHS_FROM.get(str(breaths.get("source")), str(breaths.get("source") or "")))
    if not is_known(breaths.get("count")):
        reason = str(breaths.get("reason") or "").partition(";")[0]
        value = words.number(None, reason=reason)
        stands = breaths.get("stands_for_it") or {}
        if is_known(stands.get("seconds")):
            source += f": {words.plain(stands['seconds'], 's')}"
        elif is_known(stands.get("movements")):
            source += f": {stands['movements']}"
        return [(words.say("Breaths"), Markup("{}; {}").format(value, source), aim)]
    ended_by = set(breaths.get("ended_by") or ())
    if len(ended_by) == 1:
        source += "; " + words.say(_ENDED_BY[ended_by.pop()])
    value = Markup("{} ({})").format(words.number(breaths["count"]), source)
    return [(words.say("Breaths"), value, aim)]


def _spread(values: Sequence[float], unit: str, words: Words) -> Markup:
    middle = words.number(median(values), unit)
    if len(values) == 1:
        return middle
    low, high = words.plain(min(values), unit), words.plain(max(values), unit)
    return Markup("{} ({})").format(middle, words.say("{a} to {b}", a=low, b=high))


def fault_rows(block: Block, words: Words) -> list[FaultRow]:
    """Faults by kind, the weightiest first."""
    rows = []
    for faults in faults_by_weight(block):
        hit = [str(f["repetition"]) for f in faults if f.get("repetition") is not None]
        times = words.listed([words.clock(f.get("start_s")) for f in faults])
        name = words.say(str(faults[0].get("title") or readable(str(faults[0].get("id")))))
        cue = words.say(str(faults[0].get("cue") or ""))
        rows.append(FaultRow(name, len(faults), times, words.listed(list(dict.fromkeys(hit))) or "–", cue))
    return rows


def side_rows(block: Block, words: Words) -> list[SideRow]:
    """Left beside right: how many counted, the middle of their ranges, the middle of their holds."""
    rows: list[SideRow] = []
    for kind, name, key in (
        ("repetitions", "Range, middle of all", "range"),
        ("holds", "Hold, middle of all", "credited_s"),
    ):
        entries = [e for e in block[kind] if e.get("side") and e.get("counted")]
        if not entries:
            continue
        unit = "s" if kind == "holds" else str(entries[0].get("unit") or "")
        left, right = (
            [e[key] for e in entries if e["side"] == side and is_known(e.get(key))] for side in ("left", "right")
        )
        more = _count_difference(len(left) - len(right), words)
        name_counted = words.say(f"{readable(kind)} counted")
        rows.append(SideRow(name_counted, Markup(len(left)), Markup(len(right)), more))
        if left and right:
            a, b = median(left), median(right)
            bars = side_bars(abs(a), abs(b), unit, words)
            rows.append(
                SideRow(words.say(name), words.number(a, unit), words.number(b, unit), _difference(a, b, words), bars)
            )
    return rows


def _count_difference(more_left: int, words: Words) -> str:
    if not more_left:
        return words.say("even")
    side = words.say("left" if more_left > 0 else "right")
    return words.say("{n} more {side}", n=abs(more_left), side=side)


def _difference(left: float, right: float, words: Words) -> str:
    larger = max(abs(left), abs(right))
    share = abs(abs(left) - abs(right)) / larger if larger else 0.0
    if share <= _NOTABLE_DIFFERENCE:
        return words.say("no difference that a camera can tell")
    side = words.say("left" if abs(left) < abs(right) else "right")
    return words.say("{percent} % less {side}", percent=round(100 * share), side=side)


def form_in_words(block: Block, words: Words) -> str | None:
    """A sentence on the movements that were close to their reference; None where there were none."""
    form = block.get("form") or ()
    scores = [f["score"] for f in form if is_known(f.get("score")) and not is_off(f)]
    if not scores:
        return None
    low, high = min(scores), max(scores)
    extent = str(low) if low == high else words.say("{a} to {b}", a=low, b=high)
    if len(scores) < len(form):
        return words.say("The other {n} were close to the reference: {extent} of 100.", n=len(scores), extent=extent)
    return words.say("Close to the reference all the time: {extent} of 100.", extent=extent)


def is_off(form: Block) -> bool:
    """Whether a movement differed from its reference enough to be told by limb."""
    score = form.get("score")
    return bool(form.get("deviations")) or not is_known(score) or score < _CLOSE_FORM
