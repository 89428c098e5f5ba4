"""Friends in common, and the table of pairs sorted anew while we are at it (docs/model.md, section 4.5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simulation.engine.pairs import keeper, lower
from simulation.engine.state import (
    ALIKE,
    COMMON,
    HOURS,
    LIKING,
    N_MET,
    N_TIED,
    N_TOGETHER,
    STRENGTH,
    Ends,
    Floats,
    Gatherings,
    Ints,
    Now,
    Others,
    Ties,
    World,
)
from simulation.engine.ties import more_room, put_away, wake

HAIR = 1e-9  # under a threshold on a sum of rounded strengths, so that the order of summing does not decide


@njit
def count_common_friends(world: World, p: Any, now: Now, ties: Ties, gatherings: Gatherings, shared: Floats) -> Ties:
    """K_ij = min(1, sum_k w_ik w_kj) over k with both ties at least acquaintances, 0 below `least_common_friends`; the table is sorted anew.

    Args:
        shared: room for one number a row; all 0, and again so afterwards.
    """
    start, known, strength = _acquaintances(world.n, p.acquaintance_strength, ties)
    common, least = np.zeros(ties.end[N_MET]), p.least_common_friends - HAIR
    reached = np.empty(world.n + 1, dtype=np.int64)
    new_i, new_j, new_k, n_new = np.empty(4 * world.n, np.int64), np.empty(4 * world.n, np.int64), np.empty(4 * world.n), 0
    for i in range(world.n):
        n_reached = _share(i, start, known, strength, shared, reached)
        _note_common(ties.n_pairs[i], ties.other[i], ties.pair[i], least, shared, common)
        if n_new + n_reached > len(new_i):
            new_i, new_j, new_k = _longer(new_i, n_reached), _longer(new_j, n_reached), _longer(new_k, n_reached)
        for j in reached[:n_reached]:
            if shared[j] > 0.0 and shared[j] >= least:  # else noted already, or too little
                new_i[n_new], new_j[n_new], new_k[n_new] = i, j, min(1.0, shared[j])
                n_new += 1
            shared[j] = 0.0
    _like_anew(p.common_friends_pull, ties, common)
    ties = _sorted(p, now, ties)
    return _meet_new(world, p, now, ties, gatherings, new_i[:n_new], new_j[:n_new], new_k[:n_new])


@njit(_nrt=False)
def _share(i: int, start: Ints, known: Ends, strength: Floats, shared: Floats, reached: Ints) -> int:
    """Sum_k w_ik w_kj, in shared[j], for students j of higher rows than i; `reached` lists them.

    Returns:
        How many they are.
    """
    n_reached = 0
    for a in range(start[i], start[i + 1]):
        k, w_ik = known[a], strength[a]
        for b in range(start[k + 1] - 1, start[k] - 1, -1):  # from the last, as they stand in order
            j = known[b]
            if j <= i:
                break
            reached[n_reached] = j
            n_reached += shared[j] == 0.0
            shared[j] += w_ik * strength[b]
    return n_reached


@njit
def _longer(values: Any, n_more: int) -> Any:
    longer = np.empty(2 * len(values) + n_more, values.dtype)
    longer[: len(values)] = values
    return longer


@njit
def _acquaintances(n: int, least: float, ties: Ties) -> tuple[Ints, Ends, Floats]:
    """Of each of n students, students with w >= `least`, in the order of rows: where they start, who they are, and w."""
    w, first, second = ties.value[STRENGTH], ties.first, ties.second
    start = np.zeros(n + 1, dtype=np.int64)
    for q in range(ties.end[N_TIED]):
        if w[q] >= least and second[q] < n:
            start[first[q] + 1] += 1
            start[second[q] + 1] += 1
    start = np.cumsum(start)
    some, some_w, at = np.empty(start[n], dtype=np.uint32), np.empty(start[n]), start.copy()
    for q in range(ties.end[N_TIED]):
        if w[q] >= least and second[q] < n:
            i, j = first[q], second[q]
            some[at[i]], some_w[at[i]], some[at[j]], some_w[at[j]] = j, w[q], i, w[q]
            at[i] += 1
            at[j] += 1
    known, strength, at = np.empty(start[n], dtype=np.uint32), np.empty(start[n]), start.copy()
    for i in range(n):  # i stands at the end of the lists of all whom i knows, so the lists come to be in order
        for a in range(start[i], start[i + 1]):
            j = some[a]
            known[at[j]], strength[at[j]] = i, some_w[a]
            at[j] += 1
    return start, known, strength


@njit(_nrt=False)
def _note_common(n_pairs: int, other: Others, pair: Others, least: float, shared: Floats, common: Floats) -> None:
    """K of those in one's row whose own row is higher (`shared` of others is 0); what is noted is taken out of `shared`."""
    for r in range(n_pairs):
        k_ij = shared[other[r]]
        common[pair[r]] += k_ij if k_ij >= least else 0.0
        shared[other[r]] = 0.0


@njit(_nrt=False)
def _like_anew(common_friends_pull: float, ties: Ties, common: Floats) -> None:
    """K, at most 1, and the pull that follows."""
    strength, alike, before, liking = ties.value[STRENGTH], ties.value[ALIKE], ties.value[COMMON], ties.value[LIKING]
    for q in range(len(common)):
        k_ij = min(1.0, common[q])
        pull = alike[q] * common_friends_pull
        liking[q] = liking[q] + pull * (k_ij - before[q]) if strength[q] > 0.0 else pull * k_ij
        before[q] = k_ij


@njit
def _sorted(p: Any, now: Now, ties: Ties) -> Ties:
    """Pairs without strength go to the part where they belong, by what is so before the tie phase."""
    strength, common, n_more = ties.value[STRENGTH], ties.value[COMMON], np.zeros(len(ties.n_kept), dtype=np.int64)
    for q in range(ties.end[N_TOGETHER], ties.end[N_MET]):
        if strength[q] == 0.0 and common[q] == 0.0 and ties.value[HOURS, q] > 0.0:
            n_more[keeper(ties.first[q], ties.second[q])] += 1
    ties = more_room(ties, p, now, 0, 0, n_more.max())
    _sort(now, ties)
    return ties


@njit(_nrt=False)
def _sort(now: Now, ties: Ties) -> None:
    strength, common = ties.value[STRENGTH], ties.value[COMMON]
    for q in range(ties.end[N_MET] - 1, ties.end[N_TOGETHER] - 1, -1):  # from the back: what is moved in from there has been seen
        if strength[q] == 0.0:
            if common[q] == 0.0:
                put_away(ties, now, q)
            elif q < ties.end[N_TIED]:
                lower(ties, q)


@njit
def _meet_new(world: World, p: Any, now: Now, ties: Ties, gatherings: Gatherings, new_i: Ints, new_j: Ints, new_k: Floats) -> Ties:
    """K of pairs that were not looked at yet."""
    n_more = np.zeros(world.m, dtype=np.int64)
    for r in range(len(new_i)):
        n_more[new_i[r]] += 1
        n_more[new_j[r]] += 1
    ties = more_room(ties, p, now, len(new_i), n_more.max(), 0)
    for r in range(len(new_i)):
        q = wake(ties, world, p, gatherings, now, new_i[r], new_j[r])
        ties.value[COMMON, q], ties.value[LIKING, q] = new_k[r], ties.value[ALIKE, q] * p.common_friends_pull * new_k[r]
    return ties
