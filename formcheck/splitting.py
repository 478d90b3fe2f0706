"""The best split of a time line among exercises, each of which is worth something in some of its extents.

Dynamic programming over the times at which any worth changes. With a routine, its groups come in order: a part that is
the next group (or one later on) is worth more than the same exercise out of turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np

from formcheck.types import Array

BEGINNING_COSTS_S = 1.0  # seconds of a perfectly fitting movement: what a block must explain to be worth beginning


@dataclass(frozen=True, slots=True)
class Group:
    """A place of a routine: the exercise expected, and the index of its first planned block."""

    exercise: str
    planned: int


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch [start_s, end_s) given to an exercise; `planned` when it is the routine's."""

    exercise: str
    start_s: float
    end_s: float
    planned: int | None


class _State(NamedTuple):
    """Where the split is: how many groups have begun, and what is done now (None: nothing)."""

    order: int
    exercise: str | None
    group: int | None


def split(
    worth: Mapping[str, Sequence[tuple[float, float, float]]], groups: Sequence[Group] = (), expected: float = 1.0
) -> list[Part]:
    """The parts that are worth most together.

    Args:
        worth: exercise -> (start, end, worth a second) of its extents; outside of them it is worth nothing.
        groups: what a routine expects, in order; each may be left out.
        expected: what the worth of an exercise is multiplied by where it is in its turn.

    Returns:
        The parts in order of time; neighbouring stretches of one exercise are one part.
    """
    edges = sorted({time for extents in worth.values() for start, end, _ in extents for time in (start, end)})
    names = list(worth)
    if len(edges) < 2:
        return []
    states = _states(names, groups)
    gains = _gains(worth, names, states, edges, expected)
    path = _best_path(states, gains)
    parts: list[Part] = []
    for state, run in groupby(range(len(path)), key=lambda k: path[k]):
        inside = list(run)
        if states[state].exercise is not None:
            group = states[state].group
            planned = None if group is None else groups[group].planned
            parts.append(Part(str(states[state].exercise), edges[inside[0]], edges[inside[-1] + 1], planned))
    return parts


def _states(names: Sequence[str], groups: Sequence[Group]) -> list[_State]:
    states = []
    for order in range(len(groups) + 1):
        states.append(_State(order, None, None))
        states += [_State(order, name, None) for name in names]
        if order and groups[order - 1].exercise in names:
            states.append(_State(order, groups[order - 1].exercise, order - 1))
    return states


def _gains(
    worth: Mapping[str, Sequence[tuple[float, float, float]]],
    names: Sequence[str],
    states: Sequence[_State],
    edges: Sequence[float],
    expected: float,
) -> Array:
    """(intervals, states) what each state gains in each interval between two edges."""
    index = {time: k for k, time in enumerate(edges)}
    rates = {name: np.zeros(len(edges) - 1) for name in names}
    for name, extents in worth.items():
        for start, end, rate in extents:
            rates[name][index[start] : index[end]] += rate
    seconds = np.array([b - a for a, b in pairwise(edges)])
    gains = np.zeros((len(edges) - 1, len(states)))
    for column, state in enumerate(states):
        if state.exercise is not None:
            gains[:, column] = rates[state.exercise] * seconds * (1.0 if state.group is None else expected)
    return gains


def _best_path(states: Sequence[_State], gains: Array) -> list[int]:
    """Index of the state of each interval along the path that gains most."""
    orders = np.array([state.order for state in states])
    n_orders = int(orders.max()) + 1
    is_group = np.array([state.group is not None for state in states])
    cost = np.array([0.0 if state.exercise is None else BEGINNING_COSTS_S for state in states])
    totals = np.where(orders == 0, gains[0] - cost, -np.inf)
    totals = np.where(is_group, gains[0] - cost, totals)
    came_from = np.zeros(gains.shape, np.intp)
    for k in range(1, len(gains)):
        best_at = np.array([_argmax(totals, orders == order) for order in range(n_orders)])
        best_up_to = best_at.copy()
        for order in range(1, n_orders):
            if totals[best_up_to[order - 1]] >= totals[best_at[order]]:
                best_up_to[order] = best_up_to[order - 1]
        source = np.where(is_group, best_up_to[orders], best_at[orders])
        changed = totals[source] - cost
        stays = totals >= changed
        came_from[k] = np.where(stays, np.arange(len(states)), source)
        totals = np.where(stays, totals, changed) + gains[k]
    path = [int(np.argmax(totals))]
    for k in range(len(gains) - 1, 0, -1):
        path.append(int(came_from[k][path[-1]]))
    return path[::-1]


def _argmax(values: Array, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    return int(np.flatnonzero(mask)[np.argmax(values[mask])])
