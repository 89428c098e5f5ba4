"""A week's schedule in the rows of ties: hours together, overlap, near-peers' visits, and a school's friendships (docs/model.md, 4.1 and 9)."""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from simulation.engine.state import (
    ALIKE,
    COMMON,
    COMPULSORY,
    HOURS,
    LIKING,
    N_ALL,
    N_MET,
    N_TIED,
    N_TOGETHER,
    OVERLAP,
    STRENGTH,
    TOGETHER,
    Floats,
    Gatherings,
    Keys,
    Now,
    Others,
    People,
    School,
    Ties,
    World,
)
from simulation.engine.ties import compatibility_of, lift, liking_of, look_at, make_room, set_hours, shared_week, strength_of


@njit(_nrt=False)
def _spend(ties: Ties, world: World, p: Any, gatherings: Gatherings, now: Now, i: int, j: int, hours: float, inflow: float) -> None:
    """Hours a week that i is scheduled with j: c_ij, and its inflow at full attendance; there must be room for one more."""
    s = look_at(ties, world, p, gatherings, now, i, j)
    while s >= ties.end[i, N_TOGETHER]:
        s = lift(ties, i, s)
    ties.value[i, TOGETHER, s] += hours
    ties.value[i, COMPULSORY, s] += inflow


@njit
def _spend_together(ties: Ties, world: World, p: Any, people: People, gatherings: Gatherings, now: Now, i: int, j: int, hours: float,
                    kappa: float) -> Ties:  # fmt: skip
    ties = make_room(make_room(ties, world, p, now, i, 1), world, p, now, j, 1)
    inflow = compatibility_of(world, p, people, i, j) * kappa * hours
    _spend(ties, world, p, gatherings, now, i, j, hours, inflow)
    _spend(ties, world, p, gatherings, now, j, i, hours, inflow)
    return ties


@njit(_nrt=False)
def _overlap_row(n: int, site: int, n_met: int, other: Others, site_share: Floats, i: int, overlap: Floats) -> None:
    """`overlap_of` for a row in a clinical teaching week; `site`, the main one, is where most students are all week."""
    is_at_one = site >= 0 and site_share[i, site] == 1.0
    for s in range(n_met):
        j = other[s]
        if j >= n:
            overlap[s] = 1.0
        elif is_at_one:
            overlap[s] = site_share[j, site]
        else:
            overlap[s] = shared_week(site_share[i], site_share[j])


@njit
def schedule_ties(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings) -> Ties:
    """Bring c_ij and overlap_ij of all rows to this step."""
    for i in range(world.m):
        for s in range(ties.end[i, N_TOGETHER]):
            ties.value[i, TOGETHER, s], ties.value[i, COMPULSORY, s] = 0.0, 0.0
        ties.end[i, N_TOGETHER] = 0
        if now.is_teaching and now.is_clinical and i < world.n:
            _overlap_row(world.n, people.main_site[i], ties.end[i, N_MET], ties.other[i], gatherings.site_share, i, ties.value[i, OVERLAP])
        else:
            ties.value[i, OVERLAP, : ties.end[i, N_MET]] = 1.0 if now.is_teaching or i >= world.n else 0.0
            for s in range(ties.end[i, N_MET] if world.m > world.n else 0):
                if ties.other[i, s] >= world.n:
                    ties.value[i, OVERLAP, s] = 1.0
    for g in range(gatherings.used[0]):
        kappa = p.kappa_placement if gatherings.is_placement[g] else p.kappa_campus
        first, last = gatherings.start[g], gatherings.start[g + 1]
        for a in range(first, last):
            for b in range(a + 1, last):
                i, j = gatherings.member[a], gatherings.member[b]
                hours = min(gatherings.hours[a], gatherings.hours[b]) * gatherings.factor[g]
                if hours > 0.0 and people.is_present[i] and people.is_present[j]:
                    ties = _spend_together(ties, world, p, people, gatherings, now, i, j, hours, kappa)
    if world.m > world.n:
        for i in range(world.n):
            if people.visit_hours[i] > 0.0 and people.is_present[i]:
                ties = _spend_together(ties, world, p, people, gatherings, now, i, people.visitor[i], people.visit_hours[i], p.kappa_campus)
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
