"""Friends in common, and rows of ties sorted anew while we are at it (docs/model.md, section 4.5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simulation.engine.state import (
    ALIKE,
    COMMON,
    LIKING,
    N_ALL,
    N_MET,
    N_TIED,
    N_TOGETHER,
    STRENGTH,
    Floats,
    Gatherings,
    Ints,
    Now,
    Ties,
    World,
)
from simulation.engine.ties import look_at, lower, make_room, put_away

HAIR = 1e-9  # under a threshold on a sum of rounded strengths, so that the order of summing does not decide


@njit
def count_common_friends(world: World, p: Any, now: Now, ties: Ties, gatherings: Gatherings, shared: Floats) -> Ties:
    """K_ij = min(1, sum_k w_ik w_kj) over k with both ties at least acquaintances, 0 below `least_common_friends`; rows are sorted anew.

    Args:
        shared: room for one number a row; all 0, and again so afterwards.
    """
    start, known, strength = _acquaintances(world, p, ties)
    reached = np.empty(world.n, dtype=np.int64)
    for i in range(world.n):
        n_reached = 0
        for a in range(start[i], start[i + 1]):
            k, w_ik = known[a], strength[a]
            for b in range(start[k], start[k + 1]):
                j = known[b]
                if shared[j] == 0.0:
                    reached[n_reached] = j
                    n_reached += 1
                shared[j] += w_ik * strength[b]
        shared[i] = 0.0
        if ties.end[i, N_ALL] + n_reached > ties.other.shape[1]:
            ties = make_room(ties, world, p, now, i, n_reached)
        _note_common(p, ties, i, shared)
        _meet_new(world, p, now, ties, gatherings, i, reached, n_reached, shared)
        _sort_row(now, ties, i)
    for i in range(world.n, world.m):
        _sort_row(now, ties, i)
    return ties


@njit(_nrt=False)
def _meet_new(world: World, p: Any, now: Now, ties: Ties, gatherings: Gatherings, i: int, reached: Ints, n_reached: int, shared: Floats) -> None:
    """K with those whom row i did not look at yet; `shared` is left 0."""
    for q in range(n_reached):
        j = reached[q]
        if shared[j] >= p.least_common_friends - HAIR:  # else too little, or noted already
            s = look_at(ties, world, p, gatherings, now, i, j)
            ties.value[i, COMMON, s] = min(1.0, shared[j])
            ties.value[i, LIKING, s] = ties.value[i, ALIKE, s] * p.common_friends_pull * ties.value[i, COMMON, s]
        shared[j] = 0.0


@njit(_nrt=False)
def _note_common(p: Any, ties: Ties, i: int, shared: Floats) -> None:
    """K of those whom row i looks at; what is noted is taken out of `shared`."""
    alike, common, liking, other = ties.value[i, ALIKE], ties.value[i, COMMON], ties.value[i, LIKING], ties.other[i]
    for s in range(ties.end[i, N_MET]):
        k_ij = min(1.0, shared[other[s]]) if shared[other[s]] >= p.least_common_friends - HAIR else 0.0
        shared[other[s]] = 0.0
        liking[s] += alike[s] * p.common_friends_pull * (k_ij - common[s])
        common[s] = k_ij
    for s in range(ties.end[i, N_TIED], ties.end[i, N_MET]):
        liking[s] = alike[s] * p.common_friends_pull * common[s]  # nothing else pulls there: no rounding left over


@njit
def _acquaintances(world: World, p: Any, ties: Ties) -> tuple[Ints, Ints, Floats]:
    """Of each student, students with w >= acquaintance_strength: where they start, who they are, and w."""
    start = np.zeros(world.n + 1, dtype=np.int64)
    for i in range(world.n):
        strength, n_known = ties.value[i, STRENGTH], 0
        for s in range(ties.end[i, N_TIED]):
            n_known += strength[s] >= p.acquaintance_strength and ties.other[i, s] < world.n
        start[i + 1] = start[i] + n_known
    known, strengths = np.empty(start[world.n], dtype=np.int64), np.empty(start[world.n])
    for i in range(world.n):
        strength, a = ties.value[i, STRENGTH], start[i]
        for s in range(ties.end[i, N_TIED]):
            if strength[s] >= p.acquaintance_strength and ties.other[i, s] < world.n:
                known[a], strengths[a] = ties.other[i, s], strength[s]
                a += 1
    return start, known, strengths


@njit(_nrt=False)
def _sort_row(now: Now, ties: Ties, i: int) -> None:
    """Entries without strength go to the part where they belong, by what is so before the tie phase."""
    for s in range(ties.end[i, N_MET] - 1, ties.end[i, N_TOGETHER] - 1, -1):  # from the back: what is moved in from there has been seen
        if ties.value[i, STRENGTH, s] == 0.0:
            if ties.value[i, COMMON, s] == 0.0:
                put_away(ties, now, i, s)
            elif s < ties.end[i, N_TIED]:
                lower(ties, i, s)
