"""What a tie is, and what is remembered of a pair that is none (docs/model.md, sections 3, 4.1 and 4.5)."""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from simulation.engine import draws
from simulation.engine.pairs import add, drop_kept, find, find_kept, grown, keep, keeper, lift, take_out
from simulation.engine.state import ALIKE, COMMON, HOURS, LIKING, N_MET, N_TIED, OVERLAP, STRENGTH, Gatherings, Now, People, Ties, World


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
def compatibility_of(world: World, p: Any, people: People, i: int, j: int) -> float:
    """Compatibility x_ij, from the keys of the two."""
    a, b = min(people.key[i], people.key[j]), max(people.key[i], people.key[j])
    part = draws.directed(draws.stream_at(world.seed, draws.COMPATIBILITY, 0), a)
    return draws.lognormal_of(p.compatibility_sd, part, b)


@njit(_nrt=False)
def overlap_of(world: World, now: Now, gatherings: Gatherings, i: int, j: int) -> float:
    """Share of the week that two students spend at one site: the sum over sites of the smaller of their shares; 1 with near-peers."""
    if i >= world.n or j >= world.n:
        return 1.0
    if not now.is_teaching:
        return 0.0
    if not now.is_clinical:
        return 1.0
    mine, theirs, total = gatherings.site_share[i], gatherings.site_share[j], 0.0
    for site in range(len(mine)):
        if mine[site] > 0.0:
            total += min(mine[site], theirs[site])
            if mine[site] == 1.0:
                break  # all week, as most students are
    return total


# What is remembered


@njit(_nrt=False)
def kept_now(ties: Ties, now: Now, forgotten: float, k: int, s: int) -> float:
    """H, at the end of the last step, of what k remembers at a place: it has faded since, and is forgotten if it is less than so many hours."""
    hours, n_steps = ties.kept_hours[k, s], now.step - 1 - ties.kept_step[k, s]
    if n_steps <= 0 or hours == 0.0:
        return hours
    hours *= ties.fade[n_steps]
    return hours if hours >= forgotten else 0.0


@njit(_nrt=False)
def kept_hours(ties: Ties, p: Any, now: Now, i: int, j: int) -> float:
    """H, at the end of the last step, of a pair that is not in the table."""
    k = keeper(i, j)
    s = find_kept(ties, k, i + j - k)
    return kept_now(ties, now, forgotten_hours(p), k, s) if s >= 0 else 0.0


@njit(_nrt=False)
def hours_now(ties: Ties, p: Any, now: Now, i: int, j: int) -> float:
    """H of two people at the end of the last step."""
    q = find(ties, i, j)
    return ties.value[HOURS, q] if q >= 0 else kept_hours(ties, p, now, i, j)


@njit
def more_room(ties: Ties, p: Any, now: Now, n_pairs: int, wide: int, deep: int) -> Ties:
    """See that so many more pairs can be added to the table, to the row of anybody, and to what anybody remembers.

    What is forgotten is dropped before there is more room for what is remembered.
    """
    most_wide, most_deep, forgotten = 0, 0, forgotten_hours(p)
    for i in range(len(ties.n_pairs)):
        if ties.n_kept[i] + deep > ties.kept_other.shape[1]:
            for s in range(ties.n_kept[i] - 1, -1, -1):
                if kept_now(ties, now, forgotten, i, s) == 0.0:
                    drop_kept(ties, i, s)
        most_wide, most_deep = max(most_wide, ties.n_pairs[i]), max(most_deep, ties.n_kept[i])
    n_pairs, wide, deep = ties.end[N_MET] + n_pairs, most_wide + wide, most_deep + deep
    if n_pairs <= len(ties.first) and wide <= ties.other.shape[1] and deep <= ties.kept_other.shape[1]:
        return ties
    return grown(ties, n_pairs, wide, deep)


# Looking at a pair in every step, or no longer


@njit(_nrt=False)
def wake(ties: Ties, world: World, p: Any, gatherings: Gatherings, now: Now, i: int, j: int) -> int:
    """Look at a pair that is not in the table; there must be room for it. Returns where it stands."""
    k = keeper(i, j)
    s, hours = find_kept(ties, k, i + j - k), 0.0
    if s >= 0:
        hours = kept_now(ties, now, forgotten_hours(p), k, s)
        drop_kept(ties, k, s)
    q = add(ties, i, j)
    ties.value[HOURS, q], ties.value[ALIKE, q] = hours, alike_of(world, p, ties, i, j)
    ties.value[OVERLAP, q] = overlap_of(world, now, gatherings, i, j)
    return q


@njit(_nrt=False)
def look_at(ties: Ties, world: World, p: Any, gatherings: Gatherings, now: Now, i: int, j: int) -> int:
    """Make sure that a pair is in the table; there must be room for it. Returns where it stands."""
    q = find(ties, i, j)
    return q if q >= 0 else wake(ties, world, p, gatherings, now, i, j)


@njit(_nrt=False)
def put_away(ties: Ties, now: Now, q: int) -> None:
    """Look no longer at a pair without strength, and remember its hours, if any; before the tie phase, and there must be room."""
    if ties.value[HOURS, q] > 0.0:
        keep(ties, ties.first[q], ties.second[q], ties.value[HOURS, q], now.step - 1)
    take_out(ties, q)


@njit
def set_hours(ties: Ties, world: World, p: Any, gatherings: Gatherings, now: Now, i: int, j: int, hours: float) -> Ties:
    """Give two people H, and with it w."""
    ties = more_room(ties, p, now, 1, 1, 0)
    q = look_at(ties, world, p, gatherings, now, i, j)
    set_hours_at(ties, p, q, hours)
    if q >= ties.end[N_TIED]:
        lift(ties, q)
    return ties


@njit(_nrt=False)
def set_hours_at(ties: Ties, p: Any, q: int, hours: float) -> None:
    """Give a pair of the table H, w, and the pull that follows."""
    ties.value[HOURS, q], ties.value[STRENGTH, q] = hours, strength_of(p, hours)
    ties.value[LIKING, q] = liking_of(p, ties.value[ALIKE, q], ties.value[STRENGTH, q], ties.value[COMMON, q])


@njit(_nrt=False)
def forget_person(ties: Ties, i: int) -> None:
    """Take every pair of i out of the table, and out of what anybody remembers."""
    while ties.n_pairs[i] > 0:
        take_out(ties, ties.pair[i, ties.n_pairs[i] - 1])
    for j in range(len(ties.n_kept)):
        if j != i and keeper(i, j) == j:
            s = find_kept(ties, j, i)
            if s >= 0:
                drop_kept(ties, j, s)
    ties.n_kept[i] = 0


@njit
def count_friends(world: World, p: Any, people: People, ties: Ties) -> None:
    """F, the number of friends, and their summed strength, which is the support that they give."""
    people.friends[:], people.support[:] = 0, 0.0
    strength, first, second = ties.value[STRENGTH], ties.first, ties.second
    for q in range(ties.end[N_TIED]):
        if strength[q] >= p.friend_strength and second[q] < world.n:
            people.friends[first[q]] += 1
            people.friends[second[q]] += 1
            people.support[first[q]] += strength[q]
            people.support[second[q]] += strength[q]
