"""Which movements a recording shows, and when: it is split into blocks, and each block is named, or left unsure.

Every exercise is tried on the whole recording. Each counted movement speaks for its exercise for as long as it lasted
and as well as it fits; one that was turned down speaks against it. The split that explains most wins; to begin a
block costs something, so that a stir explains nothing. Postures that are kept fill what the movements leave over.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from formcheck.exercise import Exercise
from formcheck.routine import Routine
from formcheck.splitting import Group, Part, split
from formcheck.trials import Claim, Obstacle, Trial, try_all
from formcheck.types import Pose

CLEAR_MARGIN = 0.15  # of what the best explains: the next one must explain less by this (exercise-spec A6.23)
EXPECTED = 3.0  # how much more a movement speaks for itself where the routine expects it (exercise-spec A6.23)
SAME_BLOCK_S = 20.0  # a pause shorter than this lies inside a block
SHORT_HOLD_NEAR_S = 10.0  # a posture taken again this soon, or left this shortly before, belongs to its block
LEAST_REPETITIONS = 2  # of a movement without a hold: one alone may be a stir
LEAST_SIDES = 3  # of movements from side to side, on both sides
LEAST_CIRCLES = 3  # who stands up or settles may turn one or two
MOST_REACHES = 2  # times what is aimed at

POOR_FIT = 0.4  # a movement that fits no better, in a time in which a posture was kept, is that posture
AGAINST = 0.5  # how much a second of something turned down takes away
MOST_OBSTACLES = 0.5  # of the time: what was in the way of every movement for less is not why there is none
NO_POSTURE = "no starting posture was seen from where it is judged"

_KINDS_ON_THEIR_OWN = ("hold", "reach")  # kept for seconds: one is enough


@dataclass(frozen=True, slots=True)
class Candidate:
    """An exercise that a block may be, and the share of the block's time that it explains, 0-1."""

    exercise: str
    share: float


@dataclass(frozen=True, slots=True)
class Found:
    """A block.

    Attributes:
        told_s: when the last of what it holds was decided.
        exercise: its id; None when it is not clear which of the candidates it is.
        chosen_by: "recognised", or "routine" where the routine expected it.
        candidates: the best two, best first.
        margin: (best - second) / best, 0-1.
        reason: why it is unsure; empty when it is named.
        planned: index of the first block of the routine that it is, None without one.
    """

    start_s: float
    end_s: float
    told_s: float
    exercise: str | None
    chosen_by: str
    candidates: tuple[Candidate, ...]
    margin: float
    reason: str = ""
    planned: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Ids of the candidates, best first."""
        return tuple(candidate.exercise for candidate in self.candidates)


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a recording shows.

    Attributes:
        blocks: in order of time; times between them belong to none.
        reason: why there is none; empty when there is one.
        obstacles: exercise -> when and why it could not be judged.
    """

    blocks: tuple[Found, ...]
    reason: str = ""
    obstacles: Mapping[str, Sequence[Obstacle]] = field(default_factory=dict)


def recognise(poses: Iterable[Pose], exercises: Sequence[Exercise], routine: Routine | None = None) -> Recognition:
    """Split a recording into blocks and name each.

    Args:
        poses: the recording, in order of time.
        exercises: what it may show.
        routine: what was to be done; its order makes what it expects more likely.
    """
    trials = try_all(poses, exercises)
    blocks = find_blocks(trials, routine)
    obstacles = {trial.exercise.id: trial.obstacles for trial in trials}
    return Recognition(tuple(blocks), "" if blocks else why_nothing(trials), obstacles)


def find_blocks(trials: Sequence[Trial], routine: Routine | None = None) -> list[Found]:
    """The blocks that trials of every exercise speak for, in order of time."""
    by_id = {trial.exercise.id: trial for trial in trials}
    groups = _groups(routine, by_id)
    weights = {trial.exercise.id: _weighted(trial) for trial in trials if not trial.is_stay}
    moving = [_Draft.of(part, by_id[part.exercise]) for part in split(weights, groups, EXPECTED)]
    drafts = _joined([draft for draft in moving if draft.claims])
    drafts = [part for draft in drafts for part in _apart(draft, _kept_postures(trials, groups))]
    every = _kept_postures(trials)
    strong = [d for d in drafts if any(_is_enough(by_id[d.exercise].exercise, part) for part in _apart(d, every))]
    found = [_named(draft, trials) for draft in strong]
    found += _stays(found, trials, groups)
    if not found:
        found = [_too_little(draft, trials) for draft in drafts]
    return sorted(found, key=lambda block: block.start_s)


def _groups(routine: Routine | None, by_id: Mapping[str, Trial]) -> list[Group]:
    """What the routine expects, in its order; neighbouring blocks of one exercise are one group."""
    groups: list[Group] = []
    for planned in routine.timeline if routine else ():
        name = planned.block.exercise
        if name is not None and name in by_id and not (groups and groups[-1].exercise == name):
            groups.append(Group(name, planned.index))
    return groups


def _weighted(trial: Trial) -> list[tuple[float, float, float]]:
    """(start, end, worth a second) of everything a trial counted or turned down."""
    return [(claim.start_s, claim.end_s, _worth(claim)) for claim in trial.claims]


def _worth(claim: Claim) -> float:
    if claim.counted:
        return claim.fit
    return 0.0 if claim.is_partial else -AGAINST


# -- blocks of movements ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Draft:
    """A block in the making: the claims of its exercise that lie in it."""

    exercise: str
    claims: tuple[Claim, ...]
    planned: int | None

    @classmethod
    def of(cls, part: Part, trial: Trial) -> _Draft:
        inside = [c for c in trial.claims if c.overlap_s(part.start_s, part.end_s) > 0.5 * c.seconds]
        counted = [i for i, claim in enumerate(inside) if claim.counted]
        claims = tuple(inside[counted[0] : counted[-1] + 1]) if counted else ()
        return cls(part.exercise, claims, part.planned)

    @property
    def start_s(self) -> float:
        return self.claims[0].start_s

    @property
    def end_s(self) -> float:
        return self.claims[-1].end_s


def _joined(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Parts of the same exercise with a short pause between them are one block."""
    joined: list[_Draft] = []
    for draft in drafts:
        last = joined[-1] if joined else None
        if last and last.exercise == draft.exercise and draft.start_s - last.end_s < SAME_BLOCK_S:
            more = tuple(claim for claim in draft.claims if claim.start_s >= last.end_s)
            planned = last.planned if last.planned is not None else draft.planned
            joined[-1] = replace(last, claims=last.claims + more, planned=planned)
        else:
            joined.append(draft)
    return joined


def _kept_postures(trials: Sequence[Trial], groups: Sequence[Group] | None = None) -> list[Claim]:
    """What was kept for as long as counts: of all postures, or of those that the routine expects somewhere."""
    expected = None if groups is None else {group.exercise for group in groups}
    stays = [trial for trial in trials if trial.is_stay and (expected is None or trial.exercise.id in expected)]
    return [claim for trial in stays for claim in trial.claims if claim.counted]


def _apart(draft: _Draft, stays: Sequence[Claim]) -> list[_Draft]:
    """The block, cut where a posture was kept between two of its movements, or was taken for one."""
    parts: list[list[Claim]] = [[]]
    end_s = draft.start_s
    for claim in draft.claims:
        is_pause = any(stay.overlap_s(claim.start_s, claim.end_s) > 0.5 * claim.seconds for stay in stays)
        if is_pause and claim.fit < POOR_FIT:
            parts.append([])
            continue
        if any(stay.overlap_s(end_s, claim.start_s) > 0.5 * stay.seconds for stay in stays):
            parts.append([])
        parts[-1].append(claim)
        end_s = claim.end_s
    return [replace(draft, claims=tuple(part)) for part in parts if any(claim.counted for claim in part)]


def _is_enough(exercise: Exercise, draft: _Draft) -> bool:
    """Whether a block holds as much of its movement as it takes to name it."""
    counted = [claim for claim in draft.claims if claim.counted]
    kind = exercise.criterion.kind
    if kind == "reach" and len(counted) > MOST_REACHES * exercise.criterion.target[1]:
        return False  # what is done again and again is no way to a place
    if kind == "alternation":
        sides = {m.side or m.name for m in exercise.movements}
        return len(counted) >= LEAST_SIDES and len({claim.side for claim in counted}) >= min(2, len(sides))
    if kind in _KINDS_ON_THEIR_OWN or draft.planned is not None:
        return True
    if kind == "circle":
        return len(counted) >= LEAST_CIRCLES
    return exercise.criterion.hold is not None or len(counted) >= LEAST_REPETITIONS


def _named(draft: _Draft, trials: Sequence[Trial]) -> Found:
    """The block with its name, unless another exercise explains nearly as much of it."""
    start_s, end_s = draft.start_s, draft.end_s
    scores = {t.exercise.id: _explained(t.claims, start_s, end_s) for t in trials if not t.is_stay}
    best = scores.pop(draft.exercise)
    # A posture kept in the pauses is no rival, unless the block is mostly pause.
    kept = {t.exercise.id: _kept_between(t.claims, draft) for t in trials if t.is_stay}
    scores |= {name: seconds for name, seconds in kept.items() if seconds > best}
    second, next_best = max(scores.items(), key=lambda item: item[1], default=("", 0.0))
    weight = 1.0 if draft.planned is None else EXPECTED
    margin = max(0.0, (weight * best - next_best) / (weight * best)) if best > 0 else 0.0
    candidates = [Candidate(draft.exercise, _share(best, start_s, end_s))]
    if next_best > 0:
        candidates.append(Candidate(second, _share(next_best, start_s, end_s)))
    candidates.sort(key=lambda candidate: -candidate.share)
    why = "most of it is kept still" if second in kept else "two movements explain it nearly as well"
    # What the routine expects is kept when it is not clear.
    is_clear = margin >= CLEAR_MARGIN or draft.planned is not None
    return Found(
        start_s=start_s,
        end_s=end_s,
        told_s=max(claim.told_s for claim in draft.claims),
        exercise=draft.exercise if is_clear else None,
        chosen_by="recognised" if draft.planned is None else "routine",
        candidates=tuple(candidates),
        margin=margin,
        reason="" if is_clear else why,
        planned=draft.planned,
    )


def _kept_between(stays: Iterable[Claim], draft: _Draft) -> float:
    """Seconds of a block in which a posture was kept for as long as counts, and no movement counted."""
    seconds = 0.0
    for stay in stays:
        if stay.counted:
            moving_s = sum(stay.overlap_s(claim.start_s, claim.end_s) for claim in draft.claims if claim.counted)
            seconds += max(0.0, stay.overlap_s(draft.start_s, draft.end_s) - moving_s)
    return seconds


def _too_little(draft: _Draft, trials: Sequence[Trial]) -> Found:
    return replace(_named(draft, trials), exercise=None, reason="not enough to be sure")


def _explained(claims: Iterable[Claim], start_s: float, end_s: float) -> float:
    return max(0.0, sum(claim.overlap_s(start_s, end_s) * _worth(claim) for claim in claims))


def _share(seconds: float, start_s: float, end_s: float) -> float:
    return min(1.0, seconds / (end_s - start_s)) if end_s > start_s else 0.0


# -- postures that are kept ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stay:
    """A posture kept in a time that no movement explains."""

    claim: Claim
    exercise: Exercise
    group: Group | None

    @property
    def score(self) -> float:
        """Credited seconds, times what the posture asks for: the more, the less often by chance."""
        asked = len(self.exercise.posture.rules)
        return self.claim.seconds * self.claim.fit * asked * (1.0 if self.group is None else EXPECTED)


def _stays(found: Sequence[Found], trials: Sequence[Trial], groups: Sequence[Group]) -> list[Found]:
    """Postures kept in the time that no movement explains: those nobody keeps by chance, and those expected there."""
    options = [
        _Stay(claim, trial.exercise, _expecting(claim, trial.exercise, found, groups))
        for trial in trials
        if trial.is_stay
        for claim in trial.claims
        if not _is_covered(claim, found)
    ]
    options = [stay for stay in options if stay.group is not None or _is_distinct(stay.exercise)]
    stays: list[Found] = []
    for stay in sorted((option for option in options if option.claim.counted), key=lambda option: -option.score):
        if not _is_covered(stay.claim, stays):
            # One too short to count may be the better name all the same.
            rivals = [o for o in options if o.exercise is not stay.exercise and _meet(o.claim, stay.claim)]
            stays.append(_kept(stay, rivals))
    joined = _joined_stays(sorted(stays, key=lambda block: block.start_s), found)
    claims = {trial.exercise.id: trial.claims for trial in trials}
    return [_with_short_ones(block, claims[block.exercise], found) if block.exercise else block for block in joined]


def _with_short_ones(block: Found, claims: Sequence[Claim], moving: Sequence[Found]) -> Found:
    """With the holds, too short to count, right before and after; not with the rests of a movement nearby."""
    for claim in [*reversed(claims), *claims]:
        if claim.counted or _is_covered(claim, moving):
            continue
        before_s, after_s = block.start_s - claim.end_s, claim.start_s - block.end_s
        others = [max(m.start_s - claim.end_s, claim.start_s - m.end_s) for m in moving]
        if max(before_s, after_s) >= min([SHORT_HOLD_NEAR_S, *others]):
            continue
        if before_s >= 0.0:
            block = replace(block, start_s=claim.start_s)
        elif after_s >= 0.0:
            block = replace(block, end_s=claim.end_s, told_s=claim.told_s)
    return block


def _kept(stay: _Stay, rivals: Sequence[_Stay]) -> Found:
    # What was left and taken again while the other was kept counts with all its parts.
    parts = {id(r): sum(o.score for o in rivals if o.exercise is r.exercise) for r in rivals}
    rival = max(rivals, key=lambda option: parts[id(option)], default=None)
    beside = 0.0 if rival is None else parts[id(rival)]
    margin = max(0.0, 1.0 - beside / stay.score) if stay.score > 0.0 else 0.0
    is_clear = margin >= CLEAR_MARGIN or stay.group is not None
    both = sorted((option for option in (stay, rival) if option), key=lambda option: -option.score)
    candidates = [Candidate(option.exercise.id, option.claim.fit) for option in both]
    return Found(
        start_s=stay.claim.start_s,
        end_s=stay.claim.end_s,
        told_s=stay.claim.told_s,
        exercise=stay.exercise.id if is_clear else None,
        chosen_by="recognised" if stay.group is None else "routine",
        candidates=tuple(candidates),
        margin=margin,
        reason="" if is_clear else "two postures explain it nearly as well",
        planned=None if stay.group is None else stay.group.planned,
    )


def _joined_stays(stays: Sequence[Found], moving: Sequence[Found]) -> list[Found]:
    """A posture left for a moment and taken again is one block, unless a movement lies between."""
    joined: list[Found] = []
    for stay in stays:
        last = joined[-1] if joined else None
        is_same = last is not None and last.exercise == stay.exercise and last.planned == stay.planned
        if last and is_same and stay.start_s - last.end_s < SAME_BLOCK_S and not _is_between(moving, last, stay):
            joined[-1] = replace(last, end_s=stay.end_s, told_s=stay.told_s)
        else:
            joined.append(stay)
    return joined


def _is_between(blocks: Iterable[Found], before: Found, after: Found) -> bool:
    return any(before.end_s <= block.start_s < after.start_s for block in blocks)


def _meet(one: Claim, other: Claim) -> bool:
    return one.overlap_s(other.start_s, other.end_s) > 0.5 * min(one.seconds, other.seconds)


def _is_distinct(exercise: Exercise) -> bool:
    return exercise.criterion.stay is not None and exercise.criterion.stay.is_distinct


def _is_covered(claim: Claim, blocks: Iterable[Found]) -> bool:
    """Whether most of the time of a claim is explained already."""
    return sum(claim.overlap_s(block.start_s, block.end_s) for block in blocks) > 0.5 * claim.seconds


def _expecting(claim: Claim, exercise: Exercise, found: Sequence[Found], groups: Sequence[Group]) -> Group | None:
    """The group of the routine that this posture is, when the blocks around it leave it its place."""
    before = [b.planned for b in found if b.planned is not None and b.end_s <= claim.end_s]
    first = max(before, default=-1)
    after = [b.planned for b in found if b.planned is not None and b.start_s >= claim.start_s and b.planned > first]
    last = min(after, default=math.inf)
    own = (group for group in groups if group.exercise == exercise.id and first < group.planned < last)
    return next(own, None)


# -- what was in the way ------------------------------------------------------------------------------------------


def why_nothing(trials: Sequence[Trial]) -> str:
    """Why no block was found: what was in the way of every movement, if anything was."""
    if any(trial.judged_s > 0.0 for trial in trials):
        return "no movement was completed"
    # What is said of one movement, such as from where it is judged, is wrong for the others.
    told = [{obstacle.reason for obstacle in trial.obstacles} for trial in trials]
    in_every = set.intersection(*told) if told else set()
    seconds = _seconds_by_reason(obstacle for trial in trials for obstacle in trial.obstacles)
    reason = max(in_every, key=lambda reason: seconds.get(reason, 0.0), default=NO_POSTURE)
    return reason if seconds.get(reason, 0.0) >= MOST_OBSTACLES * sum(seconds.values()) else NO_POSTURE


def longest_obstacle(obstacles: Iterable[Obstacle], start_s: float = 0.0, end_s: float = math.inf) -> str | None:
    """The reason that lasted longest in [start_s, end_s); None without any."""
    seconds = _seconds_by_reason(obstacles, start_s, end_s)
    return max(seconds, key=lambda reason: seconds[reason]) if seconds else None


def _seconds_by_reason(
    obstacles: Iterable[Obstacle], start_s: float = 0.0, end_s: float = math.inf
) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for obstacle in obstacles:
        lasted_s = min(obstacle.end_s, end_s) - max(obstacle.start_s, start_s)
        if lasted_s > 0:
            seconds[obstacle.reason] = seconds.get(obstacle.reason, 0.0) + lasted_s
    return seconds
