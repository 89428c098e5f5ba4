"""A week's schedule in the rows of ties: hours together, overlap, near-peers' visits, and a school's friendships (docs/model.md, 4.1 and 9)."""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from simulation.engine.state import ALIKE, COMMON, COMPULSORY, HOURS, LIKING, N_ALL, N_MET, N_TIED, N_TOGETHER, OVERLAP, STRENGTH, TOGETHER, Floats, Gatherings, Keys, Now, People, School, Ties, World
from simulation.engine.ties import find, lift, liking_of, lognormal_of_pair, meet, overlap_of, set_hours, strength_of


@njit
def _spend(ties: Ties, world: World, p: Any, people: People, gatherings: Gatherings, now: Now, i: int, j: int, hours: float, kappa: float) -> Ties:
    """Hours a week that two people are scheduled together: c_ij, and its inflow at full attendance."""
    ties = meet(ties, world, p, people, gatherings, now, i, j)
    x = lognormal_of_pair(world, p, people, i, j)
    for a, b in ((i, j), (j, i)):
        s = find(ties, a, b)
        ties.value[a, TOGETHER, s] += hours
        ties.value[a, COMPULSORY, s] += x * kappa * hours
        while s >= ties.end[a, N_TOGETHER]:
            s = lift(ties, a, s)
    return ties


@njit
def schedule_ties(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings) -> Ties:
    """Bring c_ij and overlap_ij of all rows to this step."""
    for i in range(world.m):
        for s in range(ties.end[i, N_TOGETHER]):
            ties.value[i, TOGETHER, s], ties.value[i, COMPULSORY, s] = 0.0, 0.0
        ties.end[i, N_TOGETHER] = 0
        for s in range(ties.end[i, N_MET]):
            ties.value[i, OVERLAP, s] = overlap_of(world, now, gatherings, i, ties.other[i, s])
    for g in range(gatherings.count[0]):
        kappa = p.kappa_placement if gatherings.is_placement[g] else p.kappa_campus
        first, last = gatherings.start[g], gatherings.start[g + 1]
        for a in range(first, last):
            for b in range(a + 1, last):
                i, j = gatherings.member[a], gatherings.member[b]
                hours = min(gatherings.hours[a], gatherings.hours[b]) * gatherings.factor[g]
                if hours > 0.0 and people.is_present[i] and people.is_present[j]:
                    ties = _spend(ties, world, p, people, gatherings, now, i, j, hours, kappa)
    if world.m > world.n:
        for i in range(world.n):
            if people.visit_hours[i] > 0.0 and people.is_present[i]:
                ties = _spend(ties, world, p, people, gatherings, now, i, people.visitor[i], people.visit_hours[i], p.kappa_campus)
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
    for i in range(world.n):
        for s in range(ties.end[i, N_ALL] - 1, -1, -1):
            if ties.other[i, s] < world.n and ties.value[i, HOURS, s] > most:
                ties.value[i, HOURS, s] = most
                ties.value[i, STRENGTH, s] = strength_of(p, most)
                ties.value[i, LIKING, s] = liking_of(p, ties.value[i, ALIKE, s], ties.value[i, STRENGTH, s], ties.value[i, COMMON, s])
    for k in range(len(school.friend_a)):
        i, j = school.friend_a[k], school.friend_b[k]
        if people.is_present[i] and people.is_present[j]:
            ties = set_hours(ties, world, p, people, gatherings, now, i, j, school.friend_hours[k])
    for i in range(world.n):
        people.friends[i] = 0
        for s in range(ties.end[i, N_TIED]):
            people.friends[i] += ties.value[i, STRENGTH, s] >= p.friend_strength and ties.other[i, s] < world.n
    return ties
