"""A week's schedule in the table of pairs: hours together, overlap, near-peers' visits, and a school's friendships (docs/model.md, 4.1 and 9)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from simulation.engine.pairs import lift
from simulation.engine.state import (
    COMPULSORY,
    HOURS,
    N_MET,
    N_TOGETHER,
    OVERLAP,
    TOGETHER,
    Floats,
    Gatherings,
    Keys,
    Now,
    People,
    School,
    Ties,
    World,
)
from simulation.engine.ties import compatibility_of, count_friends, look_at, more_room, overlap_of, set_hours, set_hours_at


@njit(_nrt=False)
def _spend_together(ties: Ties, world: World, p: Any, people: People, gatherings: Gatherings, now: Now, i: int, j: int, hours: float,
                    kappa: float) -> None:  # fmt: skip
    """Hours a week that two people are scheduled together: c_ij, and its inflow at full attendance; there must be room for one more pair."""
    q = look_at(ties, world, p, gatherings, now, i, j)
    while q >= ties.end[N_TOGETHER]:
        q = lift(ties, q)
    ties.value[TOGETHER, q] += hours
    ties.value[COMPULSORY, q] += compatibility_of(world, p, people, i, j) * kappa * hours


@njit(_nrt=False)
def _clear(world: World, now: Now, ties: Ties, gatherings: Gatherings) -> None:
    """Nobody is scheduled together; `overlap_of` all pairs of the table."""
    ties.value[TOGETHER, : ties.end[N_TOGETHER]] = 0.0
    ties.value[COMPULSORY, : ties.end[N_TOGETHER]] = 0.0
    ties.end[N_TOGETHER] = 0
    for q in range(ties.end[N_MET]):
        ties.value[OVERLAP, q] = overlap_of(world, now, gatherings, ties.first[q], ties.second[q])


@njit
def schedule_ties(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings) -> Ties:
    """Bring c_ij and overlap_ij of all pairs to this step."""
    _clear(world, now, ties, gatherings)
    n_pairs, n_more = 0, np.zeros(world.m, dtype=np.int64)
    for g in range(gatherings.used[0]):
        first, last = gatherings.start[g], gatherings.start[g + 1]
        n_pairs += (last - first) * (last - first - 1) // 2
        for a in range(first, last):
            n_more[gatherings.member[a]] += last - first - 1
    for i in range(world.n if world.m > world.n else 0):
        if people.visit_hours[i] > 0.0:
            n_pairs += 1
            n_more[i] += 1
            n_more[people.visitor[i]] += 1
    ties = more_room(ties, p, now, n_pairs, n_more.max(), 0)
    for g in range(gatherings.used[0]):
        kappa = p.kappa_placement if gatherings.is_placement[g] else p.kappa_campus
        first, last = gatherings.start[g], gatherings.start[g + 1]
        for a in range(first, last):
            for b in range(a + 1, last):
                i, j = gatherings.member[a], gatherings.member[b]
                hours = min(gatherings.hours[a], gatherings.hours[b]) * gatherings.factor[g]
                if hours > 0.0 and people.is_present[i] and people.is_present[j]:
                    _spend_together(ties, world, p, people, gatherings, now, i, j, hours, kappa)
    for i in range(world.n if world.m > world.n else 0):
        if people.visit_hours[i] > 0.0 and people.is_present[i]:
            _spend_together(ties, world, p, people, gatherings, now, i, people.visitor[i], people.visit_hours[i], p.kappa_campus)
    return ties


@njit
def visits_changed(world: World, people: People, last_visitor: Keys, last_hours: Floats) -> bool:
    """Whether near-peers' visits are others than when last asked; both arrays are brought up to date."""
    changed = False
    for i in range(world.n):
        hours = people.visit_hours[i] if people.is_present[i] else 0.0
        visitor = people.key[people.visitor[i]] if hours > 0.0 else last_visitor[i]
        if hours != last_hours[i] or visitor != last_visitor[i]:
            last_hours[i], last_visitor[i] = hours, visitor
            changed = True
    return changed


@njit
def read_friendships(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings, school: School) -> Ties:
    """Each listed pair gets its hours; any other pair's are cut to those of an acquaintance."""
    most = -p.friend_hours * math.log2(1.0 - p.acquaintance_strength)
    for q in range(ties.end[N_MET]):
        if ties.second[q] < world.n and ties.value[HOURS, q] > most:
            set_hours_at(ties, p, q, most)
    for k in range(len(school.friend_a)):
        i, j = school.friend_a[k], school.friend_b[k]
        if people.is_present[i] and people.is_present[j]:
            ties = set_hours(ties, world, p, gatherings, now, i, j, school.friend_hours[k])
    count_friends(world, p, people, ties)
    return ties
