"""What the report page says, worked out from the report: headline, one thing to work on, tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from markupsafe import Markup

from formcheck.export.chart import NARROW, WIDE, ChartSize, measure_chart
from formcheck.export.overview import routine_rows, strip, unsure_rows
from formcheck.export.words import (
    clock,
    file_name,
    is_known,
    listed,
    number,
    plural,
    readable,
    span,
)
from formcheck.series import Series

Block = Mapping[str, Any]

_FEW_BLOCKS = 6  # up to here every curve is drawn as finely as a screen can show
_LEAST_POINTS = 200
MOST_ROWS = 100  # in one table of the page; the CSV files hold all
# What is counted, the most telling first: a round is two repetitions, a hold has its seconds.
_COUNTED = {
    "rounds": "round",
    "repetitions": "repetition",
    "holds": "hold",
    "circles_cw": "clockwise circle",
    "circles_ccw": "counter-clockwise circle",
    "breaths": "breath",
}
_ENTRY_KEYS = {
    "repetitions": [
        "index",
        "side",
        "start_s",
        "peak_s",
        "end_s",
        "range",
        "needed",
        "unit",
        "counted",
        "reason",
    ],
    "holds": ["side", "start_s", "end_s", "elapsed_s", "credited_s", "target_s", "counted", "reason"],
    "circles": ["index", "start_s", "end_s", "direction", "radius", "roundness", "unit", "counted", "reason"],
}
_ENTRIES = ("repetitions", "holds", "circles")
_MOST_TITLES = 3  # in the page's heading
_NOTABLE_DIFFERENCE = 0.15  # sides that differ by less are within what a camera can tell


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the numbers at the top: what it is, the number, what it is measured against, and its sign."""

    name: str
    value: str | Markup
    beside: str | Markup = ""
    sign: str = ""  # "good", "open" or "": drawn as tick, hollow ring or nothing


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A kind of fault: how often, when, in which repetitions, and what is said about it."""

    name: str
    n_times: int
    times: str
    repetitions: str
    cue: str


@dataclass(frozen=True, slots=True)
class BlockView:
    """One block as the template needs it; `block` has every key that the template asks for."""

    title: str
    block: Block
    tiles: list[Tile]
    to_work_on: Tile
    charts: list[Markup]
    numbers: list[tuple[str, Markup | str, Markup | str]]
    faults: list[FaultRow]
    sides: list[tuple[str, Markup, Markup, Markup]]
    has_sides: bool
    not_judged: list[tuple[str, str, Markup]]


def page_of(report: Mapping[str, Any], series: Series) -> dict[str, Any]:
    """Everything the template writes.

    Args:
        report: content of report.json.
        series: readings of the session; a block whose driving measure is missing in it gets no chart.
    """
    source = report.get("source") or {}
    everywhere = report.get("not_judged") or []
    told = report.get("blocks") or []
    sizes = [_for_many(size, len(told)) for size in (WIDE, NARROW)]
    blocks = [_block_view(block, series, everywhere, sizes) for block in told]
    unsure, routine = report.get("unsure") or [], report.get("routine")
    is_alone = len(blocks) <= 1 and not unsure
    return {
        "source": source,
        "name": file_name(str(source.get("path") or "recording")),
        "title": _title(blocks, routine),
        "strip": None if is_alone else strip([view.block for view in blocks], unsure, source.get("duration_s")),
        "unsure": unsure_rows(unsure),
        "routine": routine_rows(routine),
        "blocks": blocks,
        "notes": [*_partial(source), *(report.get("notes") or [])],
        "not_judged": everywhere,
        "versions": report.get("versions") or {},
        "seen": _seen(source),
        "most_rows": MOST_ROWS,
    }


def _title(blocks: Sequence[BlockView], routine: Block | None) -> str:
    if routine:
        return str(routine.get("title"))
    if not blocks:
        return "Nothing was judged"
    titles = list(dict.fromkeys(view.title for view in blocks))
    return listed(titles) if len(titles) <= _MOST_TITLES else f"{len(blocks)} movements"


def _partial(source: Mapping[str, Any]) -> list[str]:
    """The warning that the recording could be read only in part."""
    if source.get("complete", True):
        return []
    why = str(source.get("problem") or "").rstrip(".")
    read = f"Only the first {clock(source.get('duration_s'))} of this recording could be read"
    return [f"{read}: {why}." if why else f"{read}."]


def _seen(source: Mapping[str, Any]) -> Markup:
    """How many of the frames showed a person."""
    frames, seen = source.get("frames"), source.get("frames_with_person")
    if not (is_known(frames) and is_known(seen)) or not frames:
        return number(None)
    assert frames is not None
    assert seen is not None
    return Markup("{} of {} frames ({} %)").format(seen, frames, int(100 * seen / frames))


def _complete(block: Block) -> Block:
    """The block with every list it may have, every entry with its keys; what is missing is not known."""
    filled = {
        **dict.fromkeys(("start_s", "end_s", "view", "chosen_by", "score", "drive", "form", "safety_stops")),
        **block,
    }
    for kind, keys in _ENTRY_KEYS.items():
        filled[kind] = [{**dict.fromkeys(keys), "faults": (), **entry} for entry in block.get(kind) or ()]
    return filled


def _for_many(size: ChartSize, n_blocks: int) -> ChartSize:
    """Of many blocks each is short: coarser curves keep the page light."""
    n_points = round(size.n_points * min(1.0, _FEW_BLOCKS / max(1, n_blocks)))
    return replace(size, n_points=max(_LEAST_POINTS, n_points))


def _block_view(
    block: Block, series: Series, everywhere: Sequence[Block], sizes: Sequence[ChartSize] = (WIDE, NARROW)
) -> BlockView:
    block = _complete(block)
    start, end = block.get("start_s"), block.get("end_s")
    gaps = [
        (float(gap["start_s"]), float(gap["end_s"]))
        for gap in [*everywhere, *(block.get("not_judged") or ())]
        if is_known(gap.get("start_s")) and is_known(gap.get("end_s"))
    ]
    charts = [measure_chart(block, series, gaps, size) for size in sizes]
    own = [entry for entry in everywhere if _overlaps(entry, start, end)]
    return BlockView(
        title=str(block.get("title") or readable(str(block.get("exercise") or "movement"))),
        block=block,
        tiles=[_counted_tile(block), _best_tile(block)],
        to_work_on=_to_work_on(block, own),
        charts=[chart for chart in charts if chart is not None],
        numbers=_numbers(block),
        faults=_fault_rows(block),
        sides=_sides(block),
        has_sides=bool(_sides_of(block)),
        not_judged=[
            (
                readable(str(n.get("what"))),
                str(n.get("reason") or "reason not known"),
                number(n.get("seconds"), "s"),
            )
            for n in block.get("not_judged") or ()
        ],
    )


def _overlaps(entry: Block, start: Any, end: Any) -> bool:
    if not all(is_known(t) for t in (entry.get("start_s"), entry.get("end_s"), start, end)):
        return True
    return bool(entry["start_s"] < end and entry["end_s"] > start)


def main_count(block: Block) -> tuple[str, int | None, Any]:
    """What the block counts first of all: kind, how many (None: not known), target range or None."""
    counted, target = block.get("counted") or {}, block.get("target") or {}
    kinds = [kind for kind in _COUNTED if counted.get(kind) is not None]
    aimed = [kind for kind in kinds if target.get(kind) is not None]
    kind = next(iter([*aimed, *kinds]), "repetitions")
    return kind, counted.get(kind), target.get(kind)


def _counted_tile(block: Block) -> Tile:
    counted, aims = block.get("counted") or {}, block.get("target") or {}
    if counted.get("circles_cw") is not None:
        return _circles_tile(counted, aims)
    kind, n, target = main_count(block)
    word = _COUNTED[kind]
    if n is None:
        return Tile("Counted", number(None), f"{word}s; nothing could be judged")
    low = target if is_known(target) else target[0] if target else None
    beside = f"of {span(target)} {_plural_of(word, target)}" if target is not None else plural(n, word)[len(str(n)) :]
    sign = "" if low is None else "good" if n >= low else "open"
    return Tile("Counted", str(n), beside.strip(), sign)


def _circles_tile(counted: Block, target: Block) -> Tile:
    """Both directions in one."""
    ways = (counted.get("circles_cw") or 0, counted.get("circles_ccw") or 0)
    aim = target.get("circles_cw")
    sign = "" if not aim else "good" if min(ways) >= aim[0] else "open"
    beside = "clockwise + counter-clockwise" + (f", of {span(aim)} each" if aim else "")
    return Tile("Circles", f"{ways[0]} + {ways[1]}", beside, sign)


def _plural_of(word: str, target: Any) -> str:
    most = target if is_known(target) else target[1]
    return word if most == 1 else f"{word}s"


def _best_tile(block: Block) -> Tile:
    """The largest counted range, or the longest credited hold of a movement that is only held."""
    counted = [r for r in block.get("repetitions") or () if r.get("counted") and is_known(r.get("range"))]
    if counted:
        best = max(counted, key=lambda r: r["range"])
        unit = best.get("unit") or ""
        beside = _needed(best.get("needed"), unit)
        return Tile("Largest range", number(best["range"], unit), beside)
    radii = [c["radius"] for c in block.get("circles") or () if c.get("counted") and is_known(c.get("radius"))]
    if radii:
        return Tile("Radius, middle of all", number(median(radii), "T"), "torso lengths")
    holds = [h for h in block.get("holds") or () if is_known(h.get("credited_s"))]
    if holds:
        best = max(holds, key=lambda h: h["credited_s"])
        return Tile(
            "Longest hold",
            number(best["credited_s"], "s"),
            Markup("of {}").format(number(best.get("target_s"), "s")),
        )
    return Tile("Best", number(None), "nothing was counted")


def _needed(needed: Any, unit: str) -> Markup:
    return Markup("at least {} counts").format(number(needed, unit)) if is_known(needed) else Markup("")


def _to_work_on(block: Block, not_judged: Sequence[Block]) -> Tile:
    """One sentence: the commonest fault's cue, else why movements did not count, else what was in the way."""
    if stops := block.get("safety_stops"):
        return _work("Take care", f"{clock(stops[0].get('time_s'))}: {stops[0].get('reason')}")
    faults = _fault_rows(block)
    if faults:
        worst = faults[0]
        return _work(worst.cue or worst.name, f"seen {'once' if worst.n_times == 1 else f'{worst.n_times} times'}")
    is_kept = block.get("kind") == "stay" and _counted_tile(block).sign == "good"  # a shorter stay beside it is no news
    failed = [] if is_kept else [e for kind in _ENTRIES for e in block.get(kind) or () if not e.get("counted")]
    reasons = [str(e["reason"]) for e in failed if e.get("reason")]
    if reasons:
        commonest = max(dict.fromkeys(reasons), key=reasons.count)
        n = reasons.count(commonest)
        return _work(readable(commonest), f"why {plural(n, 'movement')} did not count")
    _, n_counted, _ = main_count(block)
    if n_counted:
        return _work("Nothing stood out", "keep going the same way")
    unseen = [str(e["reason"]) for e in [*not_judged, *(block.get("not_judged") or ())] if e.get("reason")]
    if unseen:
        return _work("Let the camera see the movement", unseen[0])
    return _work("Nothing yet", "no movement was seen that could be counted")


def _work(what: str, beside: str) -> Tile:
    return Tile("One thing to work on", what, beside)


def _numbers(block: Block) -> list[tuple[str, Markup | str, Markup | str]]:
    """Middle and extent of range, tempo and holds, each with what it is measured against."""
    rows: list[tuple[str, Markup | str, Markup | str]] = []
    counted = [r for r in block.get("repetitions") or () if r.get("counted")]
    ranges = [r["range"] for r in counted if is_known(r.get("range"))]
    if ranges:
        unit = str(counted[0].get("unit") or "")
        needed = {r.get("needed") for r in counted}
        beside = number(needed.pop(), unit) if len(needed) == 1 else Markup("see the table")
        rows.append(("Range of motion", _spread(ranges, unit), Markup("at least {}").format(beside)))
    lasting = [r["end_s"] - r["start_s"] for r in counted if is_known(r.get("end_s")) and is_known(r.get("start_s"))]
    if lasting:
        rows.append(("Time for one repetition", _spread(lasting, "s"), "your own pace"))
    credited = [h["credited_s"] for h in block.get("holds") or () if is_known(h.get("credited_s"))]
    if credited:
        target = (block.get("target") or {}).get("hold_s")
        rows.append(("Hold, credited", _spread(credited, "s"), Markup("at least {}").format(number(target, "s"))))
    return rows + _circle_numbers(block) + _breath_numbers(block)


def _circle_numbers(block: Block) -> list[tuple[str, Markup | str, Markup | str]]:
    turned = [c for c in block.get("circles") or () if c.get("counted")]
    rows: list[tuple[str, Markup | str, Markup | str]] = []
    bands = (block.get("drive") or {}).get("bands") or ()
    radii = [c["radius"] for c in turned if is_known(c.get("radius"))]
    if radii:
        aim = Markup("{} to {}").format(*(number(edge, "T") for edge in bands[0])) if bands else Markup("–")
        rows.append(("Radius", _spread(radii, "T"), aim))
    round_ = [100 * c["roundness"] for c in turned if is_known(c.get("roundness"))]
    if round_:
        rows.append(("Shorter over longer axis, as the camera sees it", _spread(round_, "%"), "–"))
    lasting = [c["end_s"] - c["start_s"] for c in turned if is_known(c.get("end_s")) and is_known(c.get("start_s"))]
    if lasting:
        rows.append(("Time for one circle", _spread(lasting, "s"), "your own pace"))
    return rows


def _breath_numbers(block: Block) -> list[tuple[str, Markup | str, Markup | str]]:
    breaths = block.get("breaths")
    if not breaths:
        return []
    value = number(breaths.get("count"), "", str(breaths.get("reason") or ""))
    how = {"camera": ", seen by the camera", "tap": ", marked by you"}.get(breaths.get("source") or "", "")
    return [(f"Breaths{how}", value, span(breaths.get("target")) or "–")]


def _spread(values: Sequence[float], unit: str) -> Markup:
    middle = number(median(values), unit)
    if len(values) == 1:
        return middle
    return Markup("{} ({} to {})").format(middle, number(min(values), unit), number(max(values), unit))


def _fault_rows(block: Block) -> list[FaultRow]:
    """Faults by kind, the commonest first."""
    kinds: dict[str, list[Block]] = defaultdict(list)
    for fault in block.get("faults") or ():
        kinds[str(fault.get("id"))].append(fault)
    rows = []
    for identifier, faults in sorted(kinds.items(), key=lambda item: -len(item[1])):
        hit = [str(f["repetition"]) for f in faults if f.get("repetition") is not None]
        times = listed([clock(f.get("start_s")) for f in faults])
        name = str(faults[0].get("title") or readable(identifier))
        cue = str(faults[0].get("cue") or "")
        rows.append(FaultRow(name, len(faults), times, listed(list(dict.fromkeys(hit))) or "–", cue))
    return rows


def _sides_of(block: Block) -> list[Block]:
    return [e for kind in ("repetitions", "holds") for e in block.get(kind) or () if e.get("side")]


def _sides(block: Block) -> list[tuple[str, Markup, Markup, Markup]]:
    """Left beside right: how many counted, the middle of their ranges, the middle of their holds."""
    rows: list[tuple[str, Markup, Markup, Markup]] = []
    for kind, name, key in (
        ("repetitions", "Range, middle of all", "range"),
        ("holds", "Hold, middle of all", "credited_s"),
    ):
        entries = [e for e in block.get(kind) or () if e.get("side") and e.get("counted")]
        if not entries:
            continue
        unit = "s" if kind == "holds" else str(entries[0].get("unit") or "")
        left, right = (
            [e[key] for e in entries if e["side"] == side and is_known(e.get(key))] for side in ("left", "right")
        )
        rows.append(
            (
                f"{readable(kind)} counted",
                Markup(len(left)),
                Markup(len(right)),
                _count_difference(left, right),
            )
        )
        if left and right:
            a, b = median(left), median(right)
            rows.append((name, number(a, unit), number(b, unit), _difference(a, b)))
    return rows


def _count_difference(left: Sequence[float], right: Sequence[float]) -> Markup:
    more = len(left) - len(right)
    return Markup("even") if not more else Markup("{} more {}").format(abs(more), "left" if more > 0 else "right")


def _difference(left: float, right: float) -> Markup:
    larger = max(abs(left), abs(right))
    share = abs(abs(left) - abs(right)) / larger if larger else 0.0
    words = Markup("{} % {}").format(round(100 * share), "less left" if abs(left) < abs(right) else "less right")
    return words if share > _NOTABLE_DIFFERENCE else Markup("no difference that a camera can tell")
