"""Ties in rows: finding one, adding one, and moving it between the parts of a row (see `Ties` in state.py; docs/model.md, sections 3 and 4.5).

Cost grows with ties, not with pairs. A row is never silently full: what is forgotten is dropped from it, and then all rows get more room.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from simulation.engine import draws
from simulation.engine.state import (
    ALIKE,
    COMMON,
    HOURS,
    LIKING,
    N_ALL,
    N_LANES,
    N_MET,
    N_TIED,
    N_TOGETHER,
    N_VALUES,
    OVERLAP,
    STRENGTH,
    Floats,
    Gatherings,
    Now,
    People,
    Ties,
    World,
)


@njit(_nrt=False)
def strength_of(p: Any, hours: float) -> float:
    """W = 1 - 2^(-H / friend_hours), 0 below `least_strength`."""
    strength = 1.0 - 2.0 ** (-hours / p.friend_hours)
    return strength if strength >= p.least_strength else 0.0


@njit(_nrt=False)
def liking_of(p: Any, alike: float, strength: float, common: float) -> float:
    """The pull that is the same from both ends: homophily^shared (w^preference_exponent + common_friends_pull K)."""
    if strength == 0.0:
        return alike * p.common_friends_pull * common
    preference = strength * math.sqrt(strength) if p.preference_exponent == 1.5 else strength**p.preference_exponent
    return alike * (preference + p.common_friends_pull * common)


@njit(_nrt=False)
def forgotten_hours(p: Any) -> float:
    """Hours below which a pair without new ones is forgotten."""
    return -p.friend_hours * math.log2(1.0 - p.forget_below)


@njit(_nrt=False)
def find(ties: Ties, i: int, j: int) -> int:
    """Position of j in row i, -1 if it is not there."""
    found, wanted = -1, np.int32(j)
    row = ties.other[i]
    for s in range(ties.end[i, N_ALL]):  # no early way out: so the compiler compares many at once
        if row[s] == wanted:
            found = s
    return found


@njit(_nrt=False)
def hours_now(ties: Ties, world: World, p: Any, now: Now, i: int, s: int) -> float:
    """H of an entry at the end of the last step; what was only remembered has faded since `as_of`, and may be forgotten."""
    hours = ties.value[i, HOURS, s]
    if s < ties.end[i, N_MET]:
        return hours
    n_steps = now.step - 1 - ties.as_of[i, s]
    if n_steps <= 0 or hours == 0.0:
        return hours
    hours *= ties.fade[n_steps]
    return hours if hours >= forgotten_hours(p) else 0.0


@njit(_nrt=False)
def shared_week(mine: Floats, theirs: Floats) -> float:
    """Sum over sites of the smaller of two students' shares."""
    total = 0.0
    for site in range(len(mine)):
        if mine[site] > 0.0:
            total += min(mine[site], theirs[site])
    return total


@njit(_nrt=False)
def overlap_of(world: World, now: Now, gatherings: Gatherings, i: int, j: int) -> float:
    """Share of the week that two students spend at one site; 1 with near-peers."""
    if i >= world.n or j >= world.n:
        return 1.0
    if not now.is_teaching:
        return 0.0
    if not now.is_clinical:
        return 1.0
    return shared_week(gatherings.site_share[i], gatherings.site_share[j])


# Moving entries


@njit(_nrt=False)
def _swap(ties: Ties, i: int, a: int, b: int) -> None:
    if a == b:
        return
    for k in range(N_VALUES):
        ties.value[i, k, a], ties.value[i, k, b] = ties.value[i, k, b], ties.value[i, k, a]
    ties.other[i, a], ties.other[i, b] = ties.other[i, b], ties.other[i, a]
    ties.as_of[i, a], ties.as_of[i, b] = ties.as_of[i, b], ties.as_of[i, a]


@njit(_nrt=False)
def _copy(ties: Ties, i: int, a: int, b: int) -> None:
    """Entry a over entry b."""
    if a != b:
        for k in range(N_VALUES):
            ties.value[i, k, b] = ties.value[i, k, a]
        ties.other[i, b], ties.as_of[i, b] = ties.other[i, a], ties.as_of[i, a]


@njit(_nrt=False)
def lift(ties: Ties, i: int, s: int) -> int:
    """Move an entry to the part before its own; returns its new position."""
    part = N_TOGETHER
    while s >= ties.end[i, part + 1]:
        part += 1
    first = ties.end[i, part]
    _swap(ties, i, s, first)
    ties.end[i, part] += 1
    return first


@njit(_nrt=False)
def lower(ties: Ties, i: int, s: int) -> int:
    """Move an entry to the part after its own; returns its new position."""
    part = N_TOGETHER
    while s >= ties.end[i, part]:
        part += 1
    last = ties.end[i, part] - 1
    _swap(ties, i, s, last)
    ties.end[i, part] -= 1
    return last


@njit(_nrt=False)
def remove(ties: Ties, i: int, s: int) -> None:
    """Take an entry out of row i."""
    while s < ties.end[i, N_MET]:
        s = lower(ties, i, s)
    last = ties.end[i, N_ALL] - 1
    _swap(ties, i, s, last)
    ties.end[i, N_ALL] = last


@njit(_nrt=False)
def put_away(ties: Ties, now: Now, i: int, s: int) -> None:
    """Move an entry without strength to what is only remembered, or out of the row where there is nothing to remember; before the tie phase."""
    while s < ties.end[i, N_TIED]:
        s = lower(ties, i, s)
    other, hours = ties.other[i, s], ties.value[i, HOURS, s]
    last = ties.end[i, N_MET] - 1
    _copy(ties, i, last, s)
    ties.end[i, N_MET] = last
    if hours > 0.0:
        ties.other[i, last], ties.value[i, HOURS, last], ties.as_of[i, last] = other, hours, now.step - 1
    else:
        end = ties.end[i, N_ALL] - 1
        ties.other[i, last], ties.value[i, HOURS, last], ties.as_of[i, last] = ties.other[i, end], ties.value[i, HOURS, end], ties.as_of[i, end]
        ties.end[i, N_ALL] = end


# Adding entries


@njit
def grown(ties: Ties) -> Ties:
    """The same ties with half as much room again in each row."""
    m, old = ties.other.shape
    room = (old * 3 // 2 // N_LANES + 1) * N_LANES
    value, other, as_of = np.zeros((m, N_VALUES, room)), np.zeros((m, room), np.int32), np.zeros((m, room), np.int32)
    value[:, :, :old], other[:, :old], as_of[:, :old] = ties.value, ties.other, ties.as_of
    return Ties(value, other, as_of, ties.end, ties.attribute, ties.fade)


@njit(_nrt=False)
def _drop_forgotten(ties: Ties, world: World, p: Any, now: Now, i: int) -> None:
    for s in range(ties.end[i, N_ALL] - 1, ties.end[i, N_MET] - 1, -1):
        if hours_now(ties, world, p, now, i, s) == 0.0:
            remove(ties, i, s)


@njit
def make_room(ties: Ties, world: World, p: Any, now: Now, i: int, n_more: int) -> Ties:
    """See that so many entries can be added to row i."""
    if ties.end[i, N_ALL] + n_more > ties.other.shape[1]:
        _drop_forgotten(ties, world, p, now, i)
        while ties.end[i, N_ALL] + n_more > ties.other.shape[1]:
            ties = grown(ties)
    return ties


@njit(_nrt=False)
def append(ties: Ties, now: Now, i: int, j: int) -> int:
    """Add j to what row i remembers, without hours yet; it must not be in the row, and there must be room. Returns its position."""
    s = ties.end[i, N_ALL]
    ties.end[i, N_ALL] = s + 1
    ties.other[i, s], ties.value[i, HOURS, s], ties.as_of[i, s] = j, 0.0, now.step - 1
    return s


@njit(_nrt=False)
def alike_of(world: World, p: Any, ties: Ties, i: int, j: int) -> float:
    """homophily^(attributes shared); 0 with near-peers, who are in nobody's pull."""
    if i >= world.n or j >= world.n:
        return 0.0
    alike = 1.0
    for column in range(ties.attribute.shape[1]):
        if ties.attribute[i, column] == ties.attribute[j, column]:
            alike *= p.homophily
    return alike


@njit(_nrt=False)
def wake(ties: Ties, world: World, p: Any, gatherings: Gatherings, now: Now, i: int, s: int) -> int:
    """Make sure that entry s of row i is looked at in a step; returns its position."""
    first = ties.end[i, N_MET]
    if s < first:
        return s
    hours, j = hours_now(ties, world, p, now, i, s), ties.other[i, s]
    ties.other[i, s], ties.value[i, HOURS, s], ties.as_of[i, s] = ties.other[i, first], ties.value[i, HOURS, first], ties.as_of[i, first]
    for k in range(N_VALUES):
        ties.value[i, k, first] = 0.0
    ties.other[i, first], ties.value[i, HOURS, first], ties.as_of[i, first] = j, hours, -1
    ties.value[i, ALIKE, first] = alike_of(world, p, ties, i, j)
    ties.value[i, OVERLAP, first] = overlap_of(world, now, gatherings, i, j)
    ties.end[i, N_MET] = first + 1
    return first


@njit(_nrt=False)
def look_at(ties: Ties, world: World, p: Any, gatherings: Gatherings, now: Now, i: int, j: int) -> int:
    """Make sure that j stands in row i and is looked at; there must be room for one more. Returns its position."""
    s = find(ties, i, j)
    return wake(ties, world, p, gatherings, now, i, s if s >= 0 else append(ties, now, i, j))


@njit
def meet(ties: Ties, world: World, p: Any, gatherings: Gatherings, now: Now, i: int, j: int) -> Ties:
    """Make sure that two people stand in one another's rows and are looked at."""
    ties = make_room(make_room(ties, world, p, now, i, 1), world, p, now, j, 1)
    look_at(ties, world, p, gatherings, now, i, j)
    look_at(ties, world, p, gatherings, now, j, i)
    return ties


@njit
def set_hours(ties: Ties, world: World, p: Any, people: People, gatherings: Gatherings, now: Now, i: int, j: int, hours: float) -> Ties:
    """Give two people H, and with it w."""
    ties = meet(ties, world, p, gatherings, now, i, j)
    for a, b in ((i, j), (j, i)):
        s = find(ties, a, b)
        ties.value[a, HOURS, s] = hours
        ties.value[a, STRENGTH, s] = strength_of(p, hours)
        ties.value[a, LIKING, s] = liking_of(p, ties.value[a, ALIKE, s], ties.value[a, STRENGTH, s], ties.value[a, COMMON, s])
        if s >= ties.end[a, N_TIED]:
            lift(ties, a, s)
    return ties


@njit(_nrt=False)
def forget_person(ties: Ties, i: int) -> None:
    """Take every tie of i out of both rows."""
    for s in range(ties.end[i, N_ALL]):
        j = ties.other[i, s]
        at = find(ties, j, i)
        if at >= 0:
            remove(ties, j, at)
    ties.end[i] = 0


@njit(_nrt=False)
def compatibility_of(world: World, p: Any, people: People, i: int, j: int) -> float:
    """Compatibility x_ij, from the keys of the two."""
    a, b = min(people.key[i], people.key[j]), max(people.key[i], people.key[j])
    part = draws.directed(draws.stream_at(world.seed, draws.COMPATIBILITY, 0), a)
    return draws.lognormal_of(p.compatibility_sd, part, b)
