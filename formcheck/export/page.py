"""What the report page says, worked out from the report: the top, and a section for each movement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from markupsafe import Markup

from formcheck.export.counts import blocks_as_asked
from formcheck.export.movement import Card, MovementView, Tile, movement_view
from formcheck.export.overview import RoutineRow, routine_rows, strip, unsure_rows
from formcheck.export.stills import Album
from formcheck.export.svg import NARROW, WIDE, ChartSize
from formcheck.export.words import Words, begun, file_name, is_known, span
from formcheck.series import Series

Block = Mapping[str, Any]

_FEW_BLOCKS: Final = 3  # up to here every curve is drawn as finely as a screen can show
_LEAST_POINTS: Final = 100
MOST_ROWS: Final = 100  # in one table of the page; the CSV files hold all
_STOP: Final = "Stop this movement. Ask a doctor or physiotherapist before you go on with it."
_MOST_TITLES: Final = 3  # in the page's heading


def page_of(report: Mapping[str, Any], series: Series, album: Album, words: Words) -> dict[str, Any]:
    """Everything the template writes.

    Args:
        report: content of report.json.
        series: readings of the session; a block whose driving measure is missing in it gets no chart.
        album: for pictures of moments.
        words: of the page's language.
    """
    source = report.get("source") or {}
    everywhere = report.get("not_judged") or []
    told = list(blocks_as_asked(report))
    sizes = [_for_many(size, len(told)) for size in (WIDE, NARROW)]
    views = [movement_view(block, series, everywhere, sizes, album, words) for block in told]
    unsure, routine = report.get("unsure") or [], report.get("routine")
    rows = routine_rows(routine, words)
    is_alone = len(views) <= 1 and not unsure and not rows
    strips = [strip([v.block for v in views], unsure, source.get("duration_s"), size, words) for size in sizes]
    return {
        "w": words,
        "say": words.say,
        "number": words.number,
        "clock": words.clock,
        "span": span,
        "source": source,
        "name": file_name(str(source.get("path") or "recording")),
        "title": _title(views, routine, words),
        "when": words.moment(source.get("recorded_at")),
        "tiles": _top_tiles(views, rows, source, words),
        "cards": _top_cards(views, rows, album, words),
        "is_alone": is_alone,
        "strips": [] if is_alone else [made for made in strips if made is not None],
        "unsure": unsure_rows(unsure, words),
        "routine": rows,
        "views": views,
        "notes": [*_partial(source, words), *(words.say(str(note)) for note in report.get("notes") or ())],
        "pain": _pain(report, words),
        "not_judged": everywhere,
        "versions": report.get("versions") or {},
        "seen": _seen(source, words),
        "most_rows": MOST_ROWS,
    }


def _for_many(size: ChartSize, n_blocks: int) -> ChartSize:
    """Of many blocks each is short: coarser curves keep the page light."""
    n_points = round(size.n_points * min(1.0, _FEW_BLOCKS / max(1, n_blocks)))
    return replace(size, n_points=max(_LEAST_POINTS, n_points))


def _title(views: Sequence[MovementView], routine: Block | None, words: Words) -> str:
    if routine:
        return words.say(str(routine.get("title")))
    if not views:
        return words.say("Nothing was judged")
    titles = list(dict.fromkeys(view.title for view in views))
    return words.listed(titles) if len(titles) <= _MOST_TITLES else words.say("{n} movements", n=len(views))


def _partial(source: Mapping[str, Any], words: Words) -> list[str]:
    """The warning that the recording could be read only in part."""
    if source.get("complete", True):
        return []
    why = words.say(str(source.get("problem") or "").rstrip("."))
    read = words.say(
        "Only the first {time} of this recording could be read", time=words.clock(source.get("duration_s"))
    )
    return [f"{read}: {why}." if why else f"{read}."]


def _pain(report: Mapping[str, Any], words: Words) -> list[str]:
    """What hurt, and what to do about it; nothing where a note says so already."""
    titles = {b.get("exercise"): str(b.get("title") or b.get("exercise")) for b in report.get("blocks") or ()}
    stop = words.say(_STOP)
    if any(_STOP in str(note) for note in report.get("notes") or ()):
        return []
    told = []
    for mark in report.get("pain") or ():
        title = titles.get(mark.get("exercise"))
        where = words.say("It hurt at {time}", time=words.clock(mark.get("time_s")))
        told.append(f"{where}{f' ({words.say(title)})' if title else ''}. {stop}")
    return told


def _seen(source: Mapping[str, Any], words: Words) -> Markup:
    """How many of the frames showed a person."""
    frames, seen = source.get("frames"), source.get("frames_with_person")
    if not (is_known(frames) and is_known(seen)) or not frames:
        return words.number(None)
    assert frames is not None
    assert seen is not None
    return Markup(words.say("{n} of {all} frames ({percent} %)", n=seen, all=frames, percent=int(100 * seen / frames)))


# -- the top ----------------------------------------------------------------------------------------------------------


def _top_tiles(
    views: Sequence[MovementView], routine: Sequence[RoutineRow], source: Mapping[str, Any], words: Words
) -> list[Tile]:
    """What was done of the routine or of the movement, and the minutes."""
    tiles = []
    if routine:
        tiles.append(_routine_tile(routine, words))
    elif len(views) == 1:
        tiles += views[0].tiles
    elif views:
        reached = sum(view.tiles[0].sign == "good" for view in views)
        beside = words.say("movements; {n} reached their target", n=reached)
        tiles.append(Tile(words.say("Done"), str(len(views)), beside))
    moving_s = sum(view.block["end_s"] - view.block["start_s"] for view in views if _is_timed(view.block))
    minutes = words.say("in movements, of {time}", time=words.clock(source.get("duration_s")))
    tiles.append(Tile(words.say("Minutes"), words.clock(moving_s), minutes))
    return tiles


def _is_timed(block: Block) -> bool:
    return is_known(block.get("start_s")) and is_known(block.get("end_s"))


def _routine_tile(routine: Sequence[RoutineRow], words: Words) -> Tile:
    n = {sign: sum(row.sign == sign for row in routine) for sign in ("good", "half", "open")}
    beside = words.say("done; {n} partly, {rest} not", n=n["half"], rest=n["open"])
    sign = "good" if n["good"] == len(routine) else "half" if n["good"] or n["half"] else "open"
    return Tile(words.say("The routine"), words.say("{a} of {b}", a=n["good"], b=len(routine)), beside, sign)


def _top_cards(
    views: Sequence[MovementView],
    routine: Sequence[RoutineRow],
    album: Album,
    words: Words,
) -> list[Card]:
    """The best moment of all, and the one thing to work on."""
    is_one = len(views) == 1
    cards = []
    best = [(view, view.best) for view in views if view.best is not None]
    if best:
        view, moment = max(best, key=lambda pair: pair[1].merit)
        name = moment.name if is_one else f"{view.title}, {moment.name}"
        beside = f"{moment.why}, {words.clock(moment.time_s)}"
        cards.append(Card(words.say("Best moment"), name, beside, album.still(moment, words)))
    cards.append(_work_card(views, routine, album, words))
    return cards


def _work_card(
    views: Sequence[MovementView],
    routine: Sequence[RoutineRow],
    album: Album,
    words: Words,
) -> Card:
    """What helps most: care, then a fault, then what was not counted, left out, or could not be seen."""
    head = words.say("One thing to work on")
    pressing = sorted((rank, i) for i, view in enumerate(views) if (rank := _weight(view)) is not None)
    if pressing:
        view = views[pressing[0][1]]
        beside = str(view.to_work_on.beside)
        beside = beside if len(views) == 1 else f"{view.title}. {begun(beside)}"
        picture = album.still(view.worst, words) if view.worst else None
        return Card(head, str(view.to_work_on.value), beside, picture)
    left_out = [row for row in routine if row.sign != "good"]
    if left_out:
        first = next((row for row in left_out if row.sign == "open"), left_out[0])
        return Card(head, f"{first.name}: {first.status}", first.reason, None)
    if views:
        return Card(head, str(views[0].to_work_on.value), str(views[0].to_work_on.beside), None)
    return Card(head, words.say("Let the camera see the movement"), "", None)


def _weight(view: MovementView) -> tuple[float, ...] | None:
    """How pressing a movement's one thing is, the most pressing first; None where nothing stood out."""
    block = view.block
    if block.get("safety_stops"):
        return (0.0, 0.0)
    if view.faults:
        return (1.0, -float(view.faults[0].n_times))
    missed = sum(not entry.get("counted") for kind in ("repetitions", "circles") for entry in block[kind])
    if missed:
        return (2.0, -float(missed))
    if view.worst is not None:
        return (3.0, 0.0)
    return None
