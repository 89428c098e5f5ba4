"""Who is grouped with whom: campus and placement policies (docs/model.md, section 6).

A policy is a function from a read-only view of the cohort to groups (arrays of rows); POLICIES is the one list of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.streams import hashed_order

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class CohortView:
    """What a policy may see.

    Attributes:
        seed: the run's seed.
        keys: student keys of the rows that are to be grouped, shape (n,).
        friends: F of each, shape (n,).
        ties_of: rows and strengths of everybody with a tie to a row.
        acquaintance_strength: the strength of an acquaintance.
        last_groups: groups of the last block, in the same rows; empty before the first.
    """

    seed: int
    keys: NDArray[np.int64]
    friends: NDArray[np.int64]
    ties_of: Callable[[int], tuple[Rows, NDArray[np.float64]]]
    acquaintance_strength: float
    last_groups: tuple[Rows, ...] = ()

    def order(self, stream: str, t: int) -> Rows:
        """Rows in hashed order of a stream at t."""
        return hashed_order(self.keys, self.seed, stream, t).astype(np.int64)


def cut_sizes(n: int, largest: int) -> list[int]:
    """Sizes of the groups into which n students are cut, none above `largest`, balanced to within one."""
    if n == 0:
        return []
    k = -(-n // largest)
    return [n // k + 1] * (n % k) + [n // k] * (k - n % k)


def cut(order: Rows, largest: int) -> list[Rows]:
    """Successive groups of an order."""
    return np.split(order, np.cumsum(cut_sizes(len(order), largest))[:-1]) if len(order) else []


def reshuffled(view: CohortView, block: int, size: int) -> list[Rows]:
    """P0: new random groups each block."""
    return cut(view.order("placement_groups", block + 1), size)


def fixed(view: CohortView, block: int, size: int) -> list[Rows]:
    """P1: the same random groups in every block."""
    return cut(view.order("placement_groups", 0), size)


def friends_together(view: CohortView, block: int, size: int) -> list[Rows]:
    """P2: each group is opened by one student and filled with that student's strongest ties."""
    order = view.order("placement_groups", block + 1)
    free = np.ones(len(order), dtype=bool)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    groups, next_in_order = [], 0
    for n_members in cut_sizes(len(order), size):
        while not free[order[next_in_order]]:
            next_in_order += 1
        first = order[next_in_order]
        free[first] = False
        rows, strength = view.ties_of(int(first))
        ranked = rows[np.lexsort((place[rows], -strength))]
        chosen = [int(row) for row in ranked if free[row]][: n_members - 1]
        free[chosen] = False
        strangers = [int(row) for row in order[next_in_order:] if free[row]][: n_members - 1 - len(chosen)]
        free[strangers] = False
        groups.append(np.array([first, *chosen, *strangers], dtype=np.int64))
    return groups


def isolate_aware(view: CohortView, block: int, size: int) -> list[Rows]:
    """P3: everyone gets a partner with an acquaintance's tie where there is one, the least connected first."""
    order = view.order("placement_groups", block + 1)
    n = len(order)
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    last_group = np.full(n, -1)
    for number, members in enumerate(view.last_groups):
        last_group[members] = number
    sizes = cut_sizes(n, size)
    groups: list[list[int]] = [[] for _ in sizes]
    group_of = np.full(n, -1)

    def seat(row: int, group: int) -> None:
        groups[group].append(row)
        group_of[row] = group

    waiting = []
    for i in np.lexsort((place, view.friends)):
        if group_of[i] >= 0:
            continue
        rows, strength = view.ties_of(int(i))
        near = strength >= view.acquaintance_strength
        rows, strength = rows[near], strength[near]
        met_last = (last_group[rows] == last_group[i]) & (last_group[i] >= 0)
        ranked = [int(row) for row in rows[np.lexsort((place[rows], -strength, met_last))]]
        partner = next((row for row in ranked if group_of[row] < 0), None)
        opening = next((g for g, members in enumerate(groups) if not members and sizes[g] >= 2), None)
        if partner is not None and opening is not None:
            seat(int(i), opening)
            seat(partner, opening)
            continue
        joined = next((group_of[row] for row in ranked if group_of[row] >= 0 and len(groups[group_of[row]]) < sizes[group_of[row]]), None)
        if joined is None:
            waiting.append(int(i))
        else:
            seat(int(i), int(joined))
    for row in waiting:
        if group_of[row] < 0:
            seat(row, next(g for g, members in enumerate(groups) if len(members) < sizes[g]))
    return [np.array(members, dtype=np.int64) for members in groups]


def alone(view: CohortView, block: int, size: int) -> list[Rows]:
    """P4: everyone alone."""
    return cut(view.order("placement_groups", block + 1), 1)


def anchor_pair(view: CohortView, block: int, size: int) -> list[Rows]:
    """P5: each group is built on a pair that stays together for the course; the other places are reshuffled."""
    lasting = view.order("placement_groups", 0)
    if not len(lasting):
        return []
    sizes = cut_sizes(len(lasting), max(size, 2))
    pairs = [lasting[2 * g : 2 * g + 2] for g in range(len(sizes))]
    is_paired = np.zeros(len(lasting), dtype=bool)
    is_paired[np.concatenate(pairs)] = True
    order = view.order("placement_groups", block + 1)
    others = order[~is_paired[order]]
    groups, used = [], 0
    for pair, n_members in zip(pairs, sizes, strict=True):
        n_more = n_members - len(pair)
        groups.append(np.concatenate([pair, others[used : used + n_more]]))
        used += n_more
    return groups


@dataclass(frozen=True)
class PlacementPolicy:
    """A policy of placement.

    Attributes:
        meaning: one line.
        form: the groups of a block; None for a school's own timetable.
        is_split: half the hours in a second, independent grouping (P9).
        has_home_group: a weekly facilitated home group besides (P6).
        is_lasting: formed once, at the first block; who leaves drops out of the group.
    """

    meaning: str
    form: Callable[[CohortView, int, int], list[Rows]] | None
    is_split: bool = False
    has_home_group: bool = False
    is_lasting: bool = False


POLICIES: dict[str, PlacementPolicy] = {
    "reshuffled": PlacementPolicy("new random groups each block (P0)", reshuffled),
    "fixed": PlacementPolicy("the same groups throughout (P1)", fixed, is_lasting=True),
    "friends": PlacementPolicy("friends are kept together (P2)", friends_together),
    "isolate-aware": PlacementPolicy("everyone gets somebody they know, the least connected first (P3)", isolate_aware),
    "alone": PlacementPolicy("everyone alone (P4)", alone),
    "anchor-pair": PlacementPolicy("a fixed pair in each group, the others reshuffled (P5)", anchor_pair),
    "home-group": PlacementPolicy("as reshuffled, with a weekly facilitated home group (P6)", reshuffled, has_home_group=True),
    "two-sites": PlacementPolicy("two sites a week, half the hours at each (P9)", reshuffled, is_split=True),
    "timetable": PlacementPolicy("the school's own timetable", None),
}
CAMPUS_POLICIES: dict[str, str] = {
    "reshuffled": "new small groups each term",
    "stable": "the same small groups throughout",
    "roster": "the roster's own groups",
}


def campus_groups(view: CohortView, policy: str, term: int, size: int, roster_group: NDArray[np.int64] | None) -> list[Rows]:
    """Small groups of a campus term."""
    if policy == "roster":
        assert roster_group is not None
        return [np.flatnonzero(roster_group == group) for group in np.unique(roster_group)]
    return cut(view.order("campus_groups", term + 1 if policy == "reshuffled" else 0), size)
