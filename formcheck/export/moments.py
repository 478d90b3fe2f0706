"""The best moment of a movement, and the one that shows best what to work on: when, which, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from formcheck.export.chart import mark_name
from formcheck.export.words import Words, begun, is_known, words_of

Block = Mapping[str, Any]

_RANKS: Final = {"safety": 0, "primary": 1, "tempo": 2}
_OFF: Final = 80  # of 100: a limb below is marked in the picture
_LIMBS: Final = frozenset(("head", "trunk", "left_arm", "right_arm", "left_leg", "right_leg"))


@dataclass(frozen=True, slots=True)
class Moment:
    """One point in time that is worth a picture.

    Attributes:
        name: which movement it is of, such as "Repetition 2".
        why: what it shows.
        limbs: those that it is about, of `formcheck.skeleton.SEGMENTS`.
        merit: how good it is, better first when sorted downwards; only for the best moments.
    """

    time_s: float
    name: str
    why: str
    limbs: frozenset[str] = frozenset()
    merit: tuple[float, ...] = ()


def best_moment(block: Block, words: Words) -> Moment | None:
    """The counted movement without a fault whose form, then whose range or length, was best; None without any."""
    forms = _forms(block)
    found = [_best_repetition(r, forms, words) for r in block.get("repetitions") or () if _is_good(r, "peak_s")]
    found = found or [_best_circle(c, forms, words) for c in block.get("circles") or () if _is_good(c, "end_s")]
    found = found or [
        _best_hold(i, h, words) for i, h in enumerate(block.get("holds") or (), 1) if _is_good(h, "credited_s")
    ]
    return max(found, key=lambda moment: moment.merit, default=None)


def _is_good(entry: Block, key: str) -> bool:
    return bool(entry.get("counted")) and is_known(entry.get(key)) and is_known(entry.get("start_s"))


def _forms(block: Block) -> dict[Any, Block]:
    return {form.get("index"): form for form in block.get("form") or ()}


def _best_repetition(row: Block, forms: Mapping[Any, Block], words: Words) -> Moment:
    extent, needed, unit = row.get("range"), row.get("needed"), str(row.get("unit") or "")
    share = extent / needed if is_known(extent) and is_known(needed) and needed > 0 else 1.0
    score = row.get("score") or (forms.get(row.get("index")) or {}).get("score")
    why = words.say("range {range}", range=words.plain(extent, unit))
    return Moment(
        row["peak_s"],
        words.say("Repetition {n}", n=mark_name(row, words)),
        _with_form(why, score, words),
        merit=_merit(row, score, share),
    )


def _best_circle(row: Block, forms: Mapping[Any, Block], words: Words) -> Moment:
    score = (forms.get(row.get("index")) or {}).get("score")
    roundness = row.get("roundness")
    name = words.say("Circle {n}, {way}", n=row.get("index"), way=words.side(row.get("direction")))
    why = words.say("radius {radius}", radius=words.plain(row.get("radius"), str(row.get("unit") or "")))
    time_s = (row["start_s"] + row["end_s"]) / 2
    merit = _merit(row, score, roundness if is_known(roundness) else 0.0)
    return Moment(time_s, name, _with_form(why, score, words), merit=merit)


def _best_hold(number: int, row: Block, words: Words) -> Moment:
    credited, target = row["credited_s"], row.get("target_s")
    share = credited / target if is_known(target) and target > 0 else 1.0
    end_s = row["end_s"] if is_known(row.get("end_s")) else row["start_s"] + credited
    why = words.say("held for {seconds}", seconds=words.plain(credited, "s"))
    name = words.say("Hold {n}", n=f"{number}{words.side(row.get('side'))[:1].upper()}")
    return Moment((row["start_s"] + end_s) / 2, name, why, merit=_merit(row, None, share))


def _merit(row: Block, score: Any, share: float) -> tuple[float, ...]:
    """Without a fault, then by form, then by how much more than needed (no more than half as much again)."""
    return (float(not row.get("faults")), float(score) if is_known(score) else 50.0, min(share, 1.5))


def _with_form(why: str, score: Any, words: Words) -> str:
    return words.say("{why}, form {score} of 100", why=why, score=round(score)) if is_known(score) else why


# -- what to work on --------------------------------------------------------------------------------------------------


def worst_moment(block: Block, words: Words) -> Moment | None:
    """Where the fault that matters most was strongest, else where a movement fell short; None when all was well."""
    for stop in block.get("safety_stops") or ():
        if is_known(stop.get("time_s")):
            return Moment(stop["time_s"], words.say("Stopped"), begun(words.say(str(stop.get("reason") or ""))))
    kinds = faults_by_weight(block)
    if kinds:
        return _of_fault(max(kinds[0], key=_excess), block, words)
    missed = [r for r in block.get("repetitions") or () if not r.get("counted") and is_known(r.get("peak_s"))]
    if missed:
        least = min(missed, key=lambda r: r["range"] if is_known(r.get("range")) else 0.0)
        why = begun(words.say(str(least.get("reason") or "not counted")))
        return Moment(least["peak_s"], words.say("Repetition {n}", n=mark_name(least, words)), why)
    return _of_form(block, words)


def faults_by_weight(block: Block) -> list[list[Block]]:
    """The faults of a block by kind: safety, then form, then tempo; of a level the commonest first."""
    kinds: dict[str, list[Block]] = {}
    for fault in block.get("faults") or ():
        kinds.setdefault(str(fault.get("id")), []).append(fault)
    return sorted(kinds.values(), key=lambda kind: (_RANKS.get(str(kind[0].get("level")), 1), -len(kind)))


def _excess(fault: Block) -> float:
    value, limit = fault.get("value"), fault.get("limit")
    if not (is_known(value) and is_known(limit) and is_known(fault.get("start_s"))):
        return -1.0
    return abs(value - limit) / (abs(limit) or 1.0)


def _of_fault(fault: Block, block: Block, words: Words) -> Moment | None:
    start_s, end_s, number = fault.get("start_s"), fault.get("end_s"), fault.get("repetition")
    if not is_known(start_s):
        return None
    end_s = end_s if is_known(end_s) else start_s
    time_s = (start_s + end_s) / 2
    rows = [r for r in block.get("repetitions") or () if r.get("index") == number and is_known(r.get("peak_s"))]
    if rows:
        time_s = min(max(rows[0]["peak_s"], start_s), end_s)
    name = words.say("Repetition {n}", n=mark_name(rows[0], words)) if rows else words.clock(start_s)
    title = str(fault.get("title") or fault.get("cue") or fault.get("id"))
    return Moment(time_s, name, words.say(title), _limbs_of(fault, _limbs_off(block, number)))


def _limbs_of(fault: Block, off: frozenset[str]) -> frozenset[str]:
    """What a fault is about; of several limbs those that were off, where that is known."""
    named = frozenset(str(name) for name in fault.get("segments") or ())
    return named & off or named


def _limbs_off(block: Block, index: Any) -> frozenset[str]:
    parts = (_forms(block).get(index) or {}).get("parts") or {}
    return frozenset(limb for limb, score in parts.items() if limb in _LIMBS and is_known(score) and score < _OFF)


def _of_form(block: Block, words: Words) -> Moment | None:
    """The counted movement that was farthest from its reference, when something lasted."""
    off = [form for form in block.get("form") or () if form.get("deviations") and is_known(form.get("score"))]
    if not off:
        return None
    least = min(off, key=lambda form: form["score"])
    time_s = _peak_of(block.get("repetitions") or (), least)
    name = words.say("Repetition {n}", n=least["index"]) if least.get("index") else words.clock(time_s)
    why = begun(words.say(str(least["deviations"][0])))
    return Moment(time_s, name, why, _limbs_off(block, least.get("index")))


def _peak_of(repetitions: Iterable[Block], form: Block) -> float:
    for row in repetitions:
        if row.get("index") == form.get("index") and is_known(row.get("peak_s")):
            return float(row["peak_s"])
    return float((form["start_s"] + form["end_s"]) / 2)


def times_of(report: Mapping[str, Any]) -> list[float]:
    """When the pictures of a report are to be taken, in order, once each."""
    words = words_of("en")
    blocks: Sequence[Block] = report.get("blocks") or ()
    found = [moment for block in blocks for moment in (best_moment(block, words), worst_moment(block, words))]
    return sorted({moment.time_s for moment in found if moment is not None})
