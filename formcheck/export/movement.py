"""One movement's section of the page: tiles, drawings, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from markupsafe import Markup

from formcheck.export.bars import hold_bars, range_bars, tempo_bars
from formcheck.export.chart import measure_chart
from formcheck.export.counts import count_in_words, kept_s
from formcheck.export.moments import Moment, best_moment, worst_moment
from formcheck.export.movement_tables import (
    FaultRow,
    Row,
    SideRow,
    fault_rows,
    form_in_words,
    is_off,
    numbers_of,
    side_rows,
)
from formcheck.export.stills import Album
from formcheck.export.svg import ChartSize
from formcheck.export.to_work_on import to_work_on
from formcheck.export.words import Words, begun, is_known, readable
from formcheck.series import Series

Block = Mapping[str, Any]

_KEYS: Final = {
    "repetitions": (
        "index",
        "side",
        "start_s",
        "peak_s",
        "end_s",
        "range",
        "needed",
        "unit",
        "counted",
        "partial",
        "reason",
        "score",
    ),
    "holds": ("side", "start_s", "end_s", "elapsed_s", "credited_s", "target_s", "counted", "reason"),
    "circles": ("index", "start_s", "end_s", "direction", "radius", "roundness", "unit", "counted", "reason"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the numbers at the top: what it is, the number, what it is measured against, and its sign."""

    name: str
    value: str | Markup
    beside: str | Markup = ""
    sign: str = ""  # "good", "half", "open" or "": drawn as tick, half or hollow ring, or nothing


@dataclass(frozen=True, slots=True)
class Card:
    """A picture with what it shows."""

    name: str
    text: str
    beside: str
    picture: Markup | None


@dataclass(frozen=True)
class MovementView:
    """One movement as the template needs it; `block` has every key that the template asks for."""

    title: str
    block: Block
    tiles: list[Tile]
    to_work_on: Tile
    best: Moment | None
    worst: Moment | None
    cards: list[Card]
    charts: list[Markup]
    bars: list[Markup]
    numbers: list[Row]
    faults: list[FaultRow]
    fault_names: dict[str, str]
    sides: list[SideRow]
    has_sides: bool
    score: list[tuple[str, float]]
    score_unknown: list[str]
    form: str | None
    form_rows: list[Block]
    not_judged: list[tuple[str, str, Markup]]


def movement_view(
    block: Block,
    series: Series,
    everywhere: Sequence[Block],
    sizes: Sequence[ChartSize],
    album: Album,
    words: Words,
) -> MovementView:
    """What stands in a movement's section.

    Args:
        block: of the report.
        series: readings of the whole session.
        everywhere: what was not judged in the session, with its times.
        sizes: of the drawings.
        album: for the pictures of the best and of the worst moment.
        words: of the page's language.
    """
    block = _complete(block)
    start, end = block.get("start_s"), block.get("end_s")
    gaps = [
        (float(gap["start_s"]), float(gap["end_s"]))
        for gap in [*everywhere, *(block.get("not_judged") or ())]
        if is_known(gap.get("start_s")) and is_known(gap.get("end_s"))
    ]
    charts = [measure_chart(block, series, gaps, size, words) for size in sizes]
    own = [entry for entry in everywhere if _overlaps(entry, start, end)]
    best, worst = best_moment(block, words), worst_moment(block, words)
    faults = fault_rows(block, words)
    work = Tile(words.say("One thing to work on"), *to_work_on(block, own, words))
    bars = [draw(block, words) for draw in (range_bars, tempo_bars, hold_bars)]
    parts = ((block.get("score") or {}).get("parts") or {}).items()
    return MovementView(
        title=words.say(str(block.get("title") or readable(str(block.get("exercise") or "movement")))),
        block=block,
        tiles=_tiles(block, words),
        to_work_on=work,
        best=best,
        worst=worst,
        cards=_cards(best, worst, work, album, words),
        charts=[chart for chart in charts if chart is not None],
        bars=[made for made in bars if made is not None],
        numbers=numbers_of(block, words),
        faults=faults,
        fault_names={str(f.get("id")): words.say(str(f.get("title") or "")) for f in block.get("faults") or ()},
        sides=side_rows(block, words),
        has_sides=any(e.get("side") for kind in ("repetitions", "holds") for e in block[kind]),
        score=[(words.say(readable(part)), value) for part, value in parts if is_known(value)],
        score_unknown=[words.say(readable(part)) for part, value in parts if not is_known(value)],
        form=form_in_words(block, words),
        form_rows=[f for f in block.get("form") or () if is_off(f)],
        not_judged=[
            (
                begun(words.say(str(n.get("what")))),
                words.say(str(n.get("reason") or "reason not known")),
                words.number(n.get("seconds"), "s"),
            )
            for n in block.get("not_judged") or ()
        ],
    )


def _complete(block: Block) -> Block:
    """The block with every list it may have, every entry with its keys; what is missing is not known."""
    usual = ("start_s", "end_s", "view", "chosen_by", "score", "drive", "form", "safety_stops", "breaths")
    filled = {**dict.fromkeys(usual), **block}
    filled["phases"] = list(block.get("phases") or ())
    for kind, keys in _KEYS.items():
        filled[kind] = [{**dict.fromkeys(keys), "faults": (), **entry} for entry in block.get(kind) or ()]
    return filled


def _overlaps(entry: Block, start: Any, end: Any) -> bool:
    if not all(is_known(t) for t in (entry.get("start_s"), entry.get("end_s"), start, end)):
        return True
    return bool(entry["start_s"] < end and entry["end_s"] > start)


# -- tiles and pictures -----------------------------------------------------------------------------------------------


def _tiles(block: Block, words: Words) -> list[Tile]:
    n, beside, sign = count_in_words(block, words)
    is_kept = kept_s(block) is not None
    name = "Circles" if (block.get("counted") or {}).get("circles_cw") is not None else "Counted"
    value = n if n != words.say("not known") else words.number(None)
    tiles = [Tile(words.say("Kept still" if is_kept else name), value, beside, sign)]
    tiles += [] if is_kept else [_extent_tile(block, words)]
    score = (block.get("score") or {}).get("total")
    return [*tiles, Tile(words.say("Score"), words.number(score), words.say("of 100"))] if is_known(score) else tiles


def _extent_tile(block: Block, words: Words) -> Tile:
    """The largest counted range, or the longest credited hold of a movement that is only held."""
    counted = [r for r in block["repetitions"] if r.get("counted") and is_known(r.get("range"))]
    if counted:
        best = max(counted, key=lambda r: r["range"])
        unit = str(best.get("unit") or "")
        needed = best.get("needed")
        beside = words.say("at least {least} counts", least=words.plain(needed, unit)) if is_known(needed) else ""
        return Tile(words.say("Largest range"), words.number(best["range"], unit), beside)
    radii = [c["radius"] for c in block["circles"] if c.get("counted") and is_known(c.get("radius"))]
    if radii:
        radius = words.number(median(radii), "T")
        return Tile(words.say("Radius, middle of all"), radius, words.say("of the trunk's length"))
    holds = [h for h in block["holds"] if is_known(h.get("credited_s"))]
    if holds:
        best = max(holds, key=lambda h: h["credited_s"])
        beside = words.say("of {target}", target=words.plain(best.get("target_s"), "s"))
        return Tile(words.say("Longest hold"), words.number(best["credited_s"], "s"), beside)
    return Tile(words.say("Best"), words.number(None), words.say("nothing was counted"))


def _cards(best: Moment | None, worst: Moment | None, work: Tile, album: Album, words: Words) -> list[Card]:
    """The best moment beside the one thing to work on, with pictures as far as there are any."""
    cards = []
    if best:
        beside = f"{begun(best.why)}, {words.clock(best.time_s)}"
        cards.append(Card(words.say("Best moment"), best.name, beside, album.still(best, words)))
    picture = album.still(worst, words) if worst else None
    return [*cards, Card(work.name, str(work.value), str(work.beside), picture)]
