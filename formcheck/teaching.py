"""A learned movement as an exercise file: a draft that works, every number in it open to be changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from formcheck.gatekeeper import view_in_words
from formcheck.learn import POSTURE, Direction, Learned, Part
from formcheck.measures.catalogue import MEASURES
from formcheck.teachable import UNANCHORED

MINIMUM: Final = 50.0  # percent of the range that was shown; others have other ranges
TARGET: Final = (80.0, 140.0)
CLEAN: Final = 0.75  # of the hold that was shown; less is short
QUIET_AT_MOST: Final = 45.0  # degrees; what hardly moved may move by this much, or twice of what it did
TAKES_PART: Final = 0.5  # of the swing that was shown
COUNTED: Final = 0.4  # of the hold that was shown: between a third, as in the lifts [physio], and a half
FALL: Final = 0.5  # trunk lengths in half a second: as everywhere else, unless the movement itself is faster
SHORTEST_S: Final = 0.6  # nobody does a movement that was shown slowly faster than this
NOISE_DEG, NOISE_T = 4.0, 0.05
ONLY: Final = "out"  # name of the movement that goes one way


def exercise_text(learned: Learned) -> str:
    """The content of the exercise file (TOML)."""
    return "\n".join(_lines(learned)) + "\n"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _lines(learned: Learned) -> Iterator[str]:
    n, seconds = learned.n_repetitions, learned.seconds
    shown = "1 repetition" if n == 1 else f"{n} repetitions"
    yield f"# Learned from {shown}. Marks: [measured] of what was shown, [choice] proposed."
    yield "# Change what you know better, then run: formcheck exercises check FILE"
    yield f"id = {_text(learned.id)}"
    yield f"title = {_text(learned.name)}"
    yield f"summary = {_text(f'Learned from a recording: {_labels(learned)}.')}"
    where = f"Camera where it was: it is judged seen from {view_in_words(learned.view)}, with the whole body in view."
    yield f"setup = {_text(where)}"
    yield 'safety = ["Stop at once if it hurts, and ask a professional."]'
    yield f"views = [{', '.join(map(_text, learned.views))}]"
    yield 'judged_segments = ["trunk"]'
    yield 'breath = "Breathe evenly."'
    yield 'ball = "As it was shown."'
    yield 'progression = "More range, then slower."'
    yield f"tempo_s = [{0.5 * seconds:.1f}, {2.0 * seconds:.1f}]  # [measured] {seconds:.1f} s, [choice] half to twice"
    fall = max(FALL, 1.5 * learned.drop_torsos)
    yield f"fall_torsos = {fall:.2f}  # [measured] it comes down by {learned.drop_torsos:.2f}"
    yield ""
    yield "[needed]"
    yield 'landmarks = ["shoulder", "hip"]'
    yield from _posture(learned)
    yield from _drive(learned)
    yield from _rules(learned)
    yield from _evidence(learned)
    yield from _faults(learned)


def _labels(learned: Learned) -> str:
    return ", ".join(MEASURES[part.measure].label.lower() for part in learned.parts)


def _posture(learned: Learned) -> Iterator[str]:
    yield from ("", "[posture]", f"id = {_text(learned.id)}", 'title = "as it was shown"', "dwell_s = 0.3  # [choice]")
    for name, (low, high) in learned.ranges.items():
        beside, otherwise = POSTURE[name]
        yield from ("", "[[posture.rules]]", f"measure = {_text(name)}")
        if MEASURES[name].views:
            yield f"views = [{', '.join(map(_text, MEASURES[name].views))}]"
        yield f"enter = [{low - beside:.2f}, {high + beside:.2f}]  # [measured] {low:.2f} to {high:.2f}"
        yield f"stay = [{low - 1.3 * beside:.2f}, {high + 1.3 * beside:.2f}]"
        yield f"otherwise = {_text(f'waiting for {otherwise}')}"


def _drive(learned: Learned) -> Iterator[str]:
    calm = max(12.0, max(100.0 * _noise(part) / abs(part.swing) for part in learned.parts))
    yield from ("", "[drive]", 'name = "learned"', f"label = {_text(learned.name)}", 'unit = "%"', "scale = 100.0")
    yield "axis = [-20.0, 150.0]" if None in learned.reach else "axis = [-150.0, 150.0]"
    yield f"rest_spread = {calm:.1f}  # [choice] or what a camera wanders"
    yield f"rest_s = {min(0.4, max(0.2, 0.1 * learned.seconds)):.2f}"
    yield "looks_back = true  # the first repetition counts where the recording begins with it"
    yield "parts = ["
    for part in learned.parts:
        yield f"    {{ {', '.join(_keys(part))} }},  # [measured] from {part.rest:.2f}"
    yield "]"
    for direction, reach in learned.reach.items():
        yield from _movement(learned, direction, reach)


def _movement(learned: Learned, direction: Direction | None, reach: float) -> Iterator[str]:
    told = (direction or "").replace("_", " ")
    yield from ("", "[[movements]]", f"name = {_text(direction or ONLY)}")
    yield f"label = {_text(f'{learned.name}, {told}' if told else learned.name)}"
    yield f"peak_label = {_text(f'Far end, {told}' if told else 'Far end')}"
    yield f"sign = {-1 if direction in ('left', 'other_way') else 1}"
    if direction in learned.sides:
        yield f"side = {_text(told)}"
    yield f"minimum = {MINIMUM * reach:.1f}  # [choice] half of the range that was shown"
    yield f"target = [{TARGET[0] * reach:.1f}, {TARGET[1] * reach:.1f}]  # [choice]"


def _keys(part: Part) -> Iterator[str]:
    yield f"measure = {_text(part.measure)}"
    yield f"full = {part.swing:.2f}"
    if part.weight != 1.0:
        yield f"weight = {part.weight:.2f}"
    if part.measure not in UNANCHORED:
        beside = max(0.5 * abs(part.swing), 5 * _noise(part))
        yield f"rest_within = [{part.rest - beside:.2f}, {part.rest + beside:.2f}]"


def _noise(part: Part) -> float:
    return NOISE_DEG if MEASURES[part.measure].unit == "deg" else NOISE_T


def _rules(learned: Learned) -> Iterator[str]:
    seconds = learned.seconds
    yield from ("", "[hysteresis]  # [choice]", "begin = 0.5", "leave = 0.45", "counted = 0.5")
    yield f"dwell_s = {min(0.2, 0.05 * seconds):.2f}"
    kind = "hold" if learned.is_held else "alternation" if learned.sides else "repetition"
    names = ", ".join(_text(direction or ONLY) for direction in learned.reach)
    target = "[1, 3]" if learned.is_held else "[5, 10]"
    yield from ("", "[criterion]", f"kind = {_text(kind)}", f"sequence = [{names}]", f"target = {target}  # [choice]")
    shortest_s = min(SHORTEST_S, 0.3 * seconds)
    yield f"shortest_s = {shortest_s:.2f}  # [choice]; {seconds:.1f} s [measured]"
    yield f"longest_s = {4.0 * seconds + 4.0:.1f}  # [choice]"
    if learned.is_held:
        target_s = _target_s(learned)
        yield from ("", "[criterion.hold]", f"target_s = {target_s:.1f}  # [measured] held for {learned.held_s:.1f} s")
        from_s = counted_from_s(learned)
        yield f"counted_s = {from_s:.1f}  # [choice] a good part of it; the rest is told as held too short"
        yield f"clean_s = {CLEAN * target_s:.1f}  # [choice]"


def _evidence(learned: Learned) -> Iterator[str]:
    for part in learned.parts:
        label = MEASURES[part.measure].label.lower()
        yield from ("", "[[evidence]]", f"measure = {_text(part.measure)}", 'statistic = "swing"')
        yield f"at_least = {TAKES_PART * abs(part.swing):.2f}  # [measured] {abs(part.swing):.2f} were shown"
        yield f"reason = {_text(f'{label} hardly changed')}"
        if learned.is_held:
            yield 'during = "rise"'
        yield "if_seen = true"
    for name, swing in learned.quiet.items():
        label = MEASURES[name].label.lower()
        yield from ("", "[[evidence]]", f"measure = {_text(name)}", 'statistic = "swing"')
        yield f"at_most = {max(QUIET_AT_MOST, 2.0 * swing):.1f}  # [measured] {swing:.1f} in what was shown"
        yield f"reason = {_text(f'{label} changed, which is no part of it')}"
        yield "if_seen = true"


def short_below_s(learned: Learned) -> float:
    """A repetition in less time is hasty, a hold of less is short."""
    return CLEAN * _target_s(learned) if learned.is_held else 0.5 * learned.seconds


def counted_from_s(learned: Learned) -> float:
    """How long the far end must be held to count."""
    return COUNTED * _target_s(learned)


def _target_s(learned: Learned) -> float:
    """How long the far end is to be held."""
    return float(round(learned.held_s))


def _faults(learned: Learned) -> Iterator[str]:
    names = ("hold_short", "Held too short", "Hold longer") if learned.is_held else ("rushed", "Too fast", "Slower")
    yield from ("", "[[faults]]")
    yield from (f"{key} = {_text(text)}" for key, text in zip(("id", "title", "cue"), names, strict=True))
    metric = "hold_s" if learned.is_held else "cycle_s"
    yield from ('source = "choice"', 'level = "tempo"', f"metric = {_text(metric)}")
    yield f"below = {short_below_s(learned):.1f}  # [measured] a share of what was shown"
