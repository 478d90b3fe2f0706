"""Teaches a movement from one to five good repetitions: an exercise file and a reference, both usable at once.

What moves is found, not told: every reading is asked for a cycle, and the clearest one that leaves no other movement
out is the movement. The readings that swing with it are what it is counted by; the thresholds are proposed from the
person's own range.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from formcheck.cycles import HALF_WAY, Cycle, Way, cycle_of, either_way, inside, one_sided, paired, swing, two_sided
from formcheck.errors import UsageError
from formcheck.gatekeeper import view_in_words
from formcheck.learning import Extent, Performance, learn_profile
from formcheck.measures.catalogue import MEASURES
from formcheck.poselog import PoseLog
from formcheck.reference import ReferenceProfile
from formcheck.shown import BESIDE, STEP_S, Shown, read_shown
from formcheck.teachable import ARMS, ONE_SIDED, SIDED, family_of
from formcheck.types import Array, Side

# Twice what one camera cannot tell: less is no movement to count by.
LEAST_SWING: Final = {"deg": 20.0, "T": 0.2, "": 0.2}
CLEAR_AT: Final = 7.0  # times that: clearer makes no difference
ALIKE: Final = 0.85  # correlation with what moves in common, from which a reading is part of it
LEAST_COMING_BACK: Final = 0.3  # of what moves must have a cycle; less is no movement from rest to rest
LEAST_QUALITY: Final = 0.45  # of a cycle; less is wandering
CLEAR_SHARE: Final = 0.4  # of the best; cycles this clear must not be left out
BOTH_SIDES: Final = 1.15  # a cycle that tells the sides apart is worth so much more
IN_SPACE: Final = 0.8  # and one from the weak depth so much less
N_TRIED: Final = 8
NEARLY_BEST: Final = 0.5  # of the best cycle; where that is cut off, less is another movement
SHARES: Final = (HALF_WAY, 0.4, 0.6, 0.3, 0.7)  # of the range that a repetition must cross, where a number is told
MOST_PARTS: Final = 4
CARRIES: Final = 1.25  # weight over that of all others of parts that decide alone where the others cannot be read
ANGLES: Final = 1.5  # an angle is worth so much more than a length: the same for people of every build
BESIDE_BEST: Final = 0.4  # of the clearest part; less is no help
ARMS_FREE: Final = 0.5  # of the clearest part; legs or trunk this clear need no help from the arms
WEAK: Final = 0.6  # where one looks, and turns that depth invents during a lean, are worth so much less
PLATEAU: Final = 0.85  # of the peak
HELD_FROM_S: Final = 3.0  # a far end kept for longer is held, not passed

# How far another person, or the same one on another day, may lie beside what was shown.
POSTURE: Final = {
    "trunk_from_up": (30.0, "the trunk upright or lying as it was shown"),
    "ventral_down": (0.3, "the belly to the side where it was shown"),
    "hip_height": (0.5, "the hips as high as it was shown"),
    "hip_angle_3d": (40.0, "the hips bent as it was shown"),
    "knee_angle_3d": (40.0, "the knees bent as it was shown"),
}
_QUIET: Final = ("hip_angle", "knee_angle", "elbow_angle", "arm_overhead", "trunk_lean", "trunk_elevation",
                 "arm_raised_left", "arm_raised_right", "chest_turn", "lateral_flexion")  # fmt: skip
_SIDE_OF: Final[dict[int, Side]] = {1: "right", -1: "left"}
Direction = Literal["right", "left", "one_way", "other_way"]
_WAY_OF: Final[dict[int, Direction]] = {1: "one_way", -1: "other_way"}


@dataclass(frozen=True)
class Part:
    """One reading of the movement.

    Attributes:
        rest: its value at rest.
        swing: how far it goes from there.
        likeness: how well it follows the rest.
        weight: of its share in the drive.
    """

    measure: str
    rest: float
    swing: float
    likeness: float
    weight: float = 1.0


@dataclass(frozen=True)
class Learned:
    """What was learned.

    Attributes:
        id, name: of the movement.
        view: from where it was seen.
        views: from where it will be judged: there, and from beside it where all parts can be read from there.
        extents: the good repetitions, for each recording; with their side where the sides take turns.
        seconds: how long a repetition took, median.
        held_s: how long its far end was kept, median.
        parts: what it is counted by, best first; with sides, + is the right one, of two ways the first one.
        reach: how far it went on each side, or each way, as a share of the parts' mean swing; {None: 1.0} where it
            goes one way only.
        ranges: 2nd and 98th percentile of what describes the posture, by measure.
        quiet: the largest swing of what hardly moved, by measure.
        drop_torsos: the furthest that chest or hips come down within half a second, in trunk lengths.
        profile: the good execution, for the form score.
    """

    id: str
    name: str
    view: str
    views: tuple[str, ...]
    extents: tuple[tuple[Extent, ...], ...]
    seconds: float
    held_s: float
    parts: tuple[Part, ...]
    reach: dict[Direction | None, float]
    ranges: dict[str, tuple[float, float]]
    quiet: dict[str, float]
    drop_torsos: float
    profile: ReferenceProfile

    @property
    def n_repetitions(self) -> int:
        """How many repetitions it was learned from."""
        return sum(map(len, self.extents))

    @property
    def is_held(self) -> bool:
        """Whether its far end is kept, rather than passed."""
        return self.held_s >= HELD_FROM_S

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides that take turns; empty where it has none."""
        return tuple(side for side in _SIDE_OF.values() if side in self.reach)

    @property
    def goes_both_ways(self) -> bool:
        """Whether a repetition goes from rest one way, then the other, as arching and rounding the back do."""
        return set(_WAY_OF.values()) <= set(self.reach)


def id_of(name: str) -> str:
    """A file's name from a movement's.

    >>> id_of("Wall angel, Übung 2")
    'wall_angel_ubung_2'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def learn_movement(
    logs: Sequence[PoseLog], name: str, *, view: str | None = None, n_repetitions: int | None = None
) -> Learned:
    """Learns a movement from recordings that show nothing else.

    Args:
        logs: pose logs of one to five good repetitions each.
        name: what it is called.
        view: from where it is to be judged; None for the view that most frames show.
        n_repetitions: how many repetitions the recordings show together; None to find out.

    Raises:
        UsageError: nothing in it moves enough, no repetition is found, or another number than was told.
        ReferenceFileError: the repetitions give no reference.
    """
    if not id_of(name):
        raise UsageError(f"{name!r} gives no file name; use letters of a to z or digits in it, too")
    if view not in (None, *BESIDE):
        raise UsageError(f"there is no view {view!r}; it is one of {', '.join(BESIDE)}")
    shown = [read_shown(log, view) for log in logs]
    seen = Counter(one.view for one in shown)
    view = view or seen.most_common(1)[0][0]
    shown = [one for one in shown if one.view == view]
    if not shown:
        raise UsageError(f"nothing is seen from {view_in_words(view)}, but from {view_in_words(next(iter(seen)))}")
    names = _moving(shown)
    cycle = _cycle(shown, names, n_repetitions)
    parts = _weighed(view, _parts(shown, cycle, names))
    extents = _extents(shown, cycle, parts)
    moments = [inside(len(one.time_s), ways) for one, ways in zip(shown, cycle.ways, strict=True)]
    profile = learn_profile(
        [Performance(one.poses, of_one) for one, of_one in zip(shown, extents, strict=True)],
        exercise=id_of(name),
        view=view,
    )
    return Learned(
        id=id_of(name),
        name=name,
        view=view,
        views=_views(view, parts),
        extents=tuple(map(tuple, extents)),
        seconds=_median(extent.end_s - extent.start_s for of_one in extents for extent in of_one),
        held_s=_held_s(cycle),
        parts=parts,
        reach=_reach(shown, cycle, parts),
        ranges=_ranges(shown, moments),
        quiet=_quiet(shown, moments, {part.measure for part in parts}),
        drop_torsos=max(one.drop_torsos for one in shown),
        profile=profile,
    )


def _median(values: Iterator[float]) -> float:
    return float(np.median(list(values)))


# -- the cycle --------------------------------------------------------------------------------------------------------


def _moving(shown: Sequence[Shown]) -> list[str]:
    """Readings that are known in every recording and move by more than a camera's noise."""
    names = set(ONE_SIDED | SIDED)
    for one in shown:
        names &= {n for n, v in one.values.items() if swing(v) >= LEAST_SWING.get(MEASURES[n].unit, math.inf)}
    if not names:
        raise UsageError(
            "nothing moves enough to count by: at least 20 degrees, or a fifth of the trunk's length, seen from here"
        )
    return sorted(names)


def _cycle(shown: Sequence[Shown], names: Sequence[str], wanted: int | None) -> Cycle:
    """What moves in common: the clearest cycle that leaves none of the others out, of the number that was told."""
    counts = set()
    for share in SHARES if wanted is not None else SHARES[:1]:
        found = {name: cycle for name in names if (cycle := _cycle_in(shown, name, share)) is not None}
        if _coming_back(shown, names, found) < LEAST_COMING_BACK:
            continue
        for name in _ranked(shown, found, NEARLY_BEST if wanted is None else 0.0)[:N_TRIED]:
            cycle = _in_common(shown, found, name, share)
            if cycle is None:
                continue
            counts.add(cycle.n_repetitions)
            if wanted in (None, cycle.n_repetitions):
                return cycle
    if not counts:
        raise UsageError(
            "no repetition was found: most of what moves does not come back to where it began. Show nothing but the "
            "movement, at least once, from rest to rest"
        )
    told = " or ".join(map(str, sorted(counts)))
    raise UsageError(f"{told} repetitions were found, not {wanted}; cut the recording to them, or leave --reps out")


def _cycle_in(shown: Sequence[Shown], name: str, share: float) -> Cycle | None:
    """The cycle in one reading, where it is more than wandering."""
    recordings = [one.values[name] for one in shown]
    cycle = two_sided(recordings, STEP_S, share) if name in SIDED else None
    cycle = cycle or (one_sided if name in SIDED else either_way)(recordings, STEP_S, share)
    return cycle if cycle is not None and cycle.quality >= LEAST_QUALITY else None


def _coming_back(shown: Sequence[Shown], names: Sequence[str], found: dict[str, Cycle]) -> float:
    """The share of the readings that move, by their clearness, in which there is a cycle."""
    return sum(_clearness(shown, name) for name in found) / sum(_clearness(shown, name) for name in names)


def _ranked(shown: Sequence[Shown], found: dict[str, Cycle], least: float) -> list[str]:
    """The readings with a cycle, best first, down to a share of the best."""
    clear = {name: cycle.quality**2 * _clearness(shown, name) for name, cycle in found.items()}
    strong = [name for name in found if clear[name] >= CLEAR_SHARE * max(clear.values())]
    worth = {}
    for name, cycle in found.items():
        sides = BOTH_SIDES if cycle.is_two_sided else 1.0
        worth[name] = clear[name] * sides * _covered(cycle, [(found[other], clear[other]) for other in strong])
    ranked = sorted(worth, key=lambda name: -worth[name])
    return [name for name in ranked if worth[name] >= least * worth[ranked[0]]]


def _clearness(shown: Sequence[Shown], name: str) -> float:
    """How far the swing stands out of what a camera cannot tell, 0.33 to 1."""
    times = min(swing(one.values[name]) for one in shown) / LEAST_SWING[MEASURES[name].unit]
    in_space = IN_SPACE if name.endswith("_3d") else 1.0
    return in_space * math.log2(1.0 + min(times, CLEAR_AT)) / math.log2(1.0 + CLEAR_AT)


def _covered(cycle: Cycle, others: Sequence[tuple[Cycle, float]]) -> float:
    """The share of the other movements' time, by their weight, that lies within this one's repetitions."""
    within = total = 0.0
    for other, weight in others:
        for height, ways, own in zip(other.heights, other.ways, cycle.ways, strict=True):
            is_out = inside(len(height), ways) & (np.abs(height) > HALF_WAY)
            within += weight * float(np.sum(is_out & inside(len(height), own)))
            total += weight * float(np.sum(is_out))
    return within / total if total else 0.0


def _in_common(shown: Sequence[Shown], found: dict[str, Cycle], name: str, share: float) -> Cycle | None:
    """The mean of the readings that follow one of them, and its cycle; None where gaps hide it, or a side."""
    best = found[name]
    among = np.concatenate([inside(len(h), ways) for h, ways in zip(best.heights, best.ways, strict=True)])
    course = np.concatenate(best.heights)
    members: list[tuple[float, Cycle]] = []
    for cycle in found.values():
        if (cycle.is_two_sided, cycle.is_in_pairs) == (best.is_two_sided, best.is_in_pairs):
            likeness = _correlation(np.concatenate(cycle.heights)[among], course[among])
            if abs(likeness) >= ALIKE and (likeness > 0 or cycle.is_two_sided):
                members.append((math.copysign(1.0, likeness), cycle))
    heights = [np.mean([sign * cycle.heights[i] for sign, cycle in members], axis=0) for i in range(len(shown))]
    common = cycle_of(heights, share, is_two_sided=best.is_two_sided)
    if common is None:
        return None
    ways = tuple(
        tuple(way for way in of_one if one.is_seen[way.first : way.last + 1].all())
        for one, of_one in zip(shown, common.ways, strict=True)
    )
    sides = {way.sign for of_one in ways for way in of_one}
    if len(sides) < (2 if common.is_two_sided else 1):
        return None
    seen = replace(common, ways=ways)
    return paired(seen) if best.is_in_pairs else seen


def _correlation(a: Array, b: Array) -> float:
    if len(a) < 2 or not (np.std(a) > 0 and np.std(b) > 0):
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _held_s(cycle: Cycle) -> float:
    """How long the far end is kept."""
    kept = []
    for height, ways in zip(cycle.heights, cycle.ways, strict=True):
        for way in ways:
            kept.append(STEP_S * float(np.sum(way.sign * height[way.first : way.last + 1] >= PLATEAU * way.height)))
    return float(np.median(kept))


# -- what it is counted by --------------------------------------------------------------------------------------------


def _changes(one: Shown, ways: Sequence[Way], name: str) -> list[tuple[float, float]]:
    """(at rest, change from there to the far end) of a reading in each repetition; to the left: turned round."""
    values = one.values[name]
    return [
        (float(values[way.first]), way.sign * float(values[way.top] - 0.5 * (values[way.first] + values[way.last])))
        for way in ways
    ]


def _parts(shown: Sequence[Shown], cycle: Cycle, names: Sequence[str]) -> tuple[Part, ...]:
    """The readings that follow the movement best, angles before lengths."""
    found = []
    for name in names:
        if cycle.is_two_sided and (name in SIDED) == cycle.is_in_pairs:
            continue
        rests, swings, likeness = [], [], []
        for one, height, ways in zip(shown, cycle.heights, cycle.ways, strict=True):
            if ways:
                among = inside(len(height), ways)
                likeness.append(abs(_correlation(one.values[name][among], height[among])))
                for rest, change in _changes(one, ways, name):
                    rests.append(rest)
                    swings.append(change)
        part = Part(name, float(np.median(rests)), float(np.median(swings)), float(np.mean(likeness)))
        if part.likeness >= ALIKE and abs(part.swing) >= LEAST_SWING[MEASURES[name].unit]:
            found.append(part)
    if not found:
        raise UsageError("what moves does not move together: no reading follows the whole movement")
    found.sort(key=_standing_out, reverse=True)
    return tuple(_different(found, is_two_sided=cycle.is_two_sided)[:MOST_PARTS])


def _standing_out(part: Part) -> float:
    """How far the swing stands out of what a camera cannot tell, and how well it follows."""
    unit = MEASURES[part.measure].unit
    times = min(abs(part.swing) / LEAST_SWING[unit], CLEAR_AT)
    worth = (IN_SPACE if part.measure.endswith("_3d") else 1.0) * (ANGLES if unit == "deg" else 1.0)
    worth *= WEAK if family_of(part.measure) in ("head", "turn") else 1.0
    return worth * part.likeness * times


def _different(parts: Sequence[Part], *, is_two_sided: bool) -> list[Part]:
    """The best of those that tell the same thing."""
    if not is_two_sided and len({family_of(p.measure) for p in parts if p.measure not in SIDED}) >= 2:
        parts = [part for part in parts if part.measure not in SIDED]  # of two limbs, the far one is guessed
    others = [part for part in parts if part.measure not in ARMS]
    clear = {family_of(p.measure) for p in others if _standing_out(p) >= ARMS_FREE * _standing_out(parts[0])}
    if len(clear) >= 2:
        parts = others  # legs or trunk do it; the arms are held as each person likes
    parts = [part for part in parts if _standing_out(part) >= BESIDE_BEST * _standing_out(parts[0])]
    kept: dict[str, Part] = {}
    for part in parts:
        kept.setdefault(family_of(part.measure), part)
    return list(kept.values())


def _views(view: str, parts: Sequence[Part]) -> tuple[str, ...]:
    """The view, and those beside it from which what decides can be read."""
    carrying = [MEASURES[part.measure].views for part in parts if part.weight >= CARRIES]
    carrying = carrying or [MEASURES[part.measure].views for part in parts]
    return (view, *(beside for beside in BESIDE[view] if all(not views or beside in views for views in carrying)))


def _weighed(view: str, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Where the clearest part can be read from beside, too, it and others like it outweigh the rest."""
    is_wide = [len(_views(view, [part])) > 1 for part in parts]
    if not is_wide[0] or all(is_wide):
        return tuple(parts)
    weight = CARRIES * (len(parts) - sum(is_wide)) / sum(is_wide)
    return tuple(
        replace(part, weight=max(CARRIES, weight)) if wide else part for part, wide in zip(parts, is_wide, strict=True)
    )


def _reach(shown: Sequence[Shown], cycle: Cycle, parts: Sequence[Part]) -> dict[Direction | None, float]:
    """How far each side, or each way, goes, as a share of the parts' mean swing."""
    if not cycle.is_two_sided:
        return {None: 1.0}
    reached: dict[int, list[float]] = {1: [], -1: []}
    for one, ways in zip(shown, cycle.ways, strict=True):
        of_parts = [[change / part.swing for _, change in _changes(one, ways, part.measure)] for part in parts]
        for way, shares in zip(ways, zip(*of_parts, strict=True), strict=True):
            reached[way.sign].append(float(np.mean(shares)))
    names = _WAY_OF if cycle.is_in_pairs else _SIDE_OF
    return {names[sign]: float(np.median(shares)) for sign, shares in reached.items()}


def _extents(shown: Sequence[Shown], cycle: Cycle, parts: Sequence[Part]) -> list[list[Extent]]:
    """The repetitions in seconds, each with its side where it has one."""
    lead = next((part for part in parts if part.measure in SIDED), None)
    turn = 1 if cycle.is_two_sided or lead is None else round(math.copysign(1, lead.swing))
    has_side = lead is not None
    return [
        [
            Extent(
                float(one.time_s[ways[0].first]),
                float(one.time_s[ways[0].top if len(ways) == 1 else ways[0].last]),
                float(one.time_s[ways[-1].last]),
                _SIDE_OF[ways[0].sign * turn] if has_side else None,
            )
            for ways in of_one
        ]
        for one, of_one in zip(shown, cycle.repetitions, strict=True)
    ]


def _ranges(shown: Sequence[Shown], moments: Sequence[npt.NDArray[np.bool_]]) -> dict[str, tuple[float, float]]:
    ranges = {}
    for name in POSTURE:
        if all(name in one.values for one in shown):
            values = np.concatenate([one.values[name][i] for one, i in zip(shown, moments, strict=True)])
            low, high = np.percentile(values, [2, 98])
            ranges[name] = (float(low), float(high))
    return ranges


def _quiet(shown: Sequence[Shown], moments: Sequence[npt.NDArray[np.bool_]], moving: set[str]) -> dict[str, float]:
    """The largest swing in any recording of the angles that are none of the movement.

    What the arms do is free where they are no part of it: people hold them as they like.
    """
    is_free = ARMS if not moving & ARMS else frozenset()
    return {
        name: max(swing(one.values[name][i]) for one, i in zip(shown, moments, strict=True) if i.any())
        for name in _QUIET
        if name not in moving | is_free and all(name in one.values for one in shown)
    }
