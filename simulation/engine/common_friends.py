"""Friends in common, and rows of ties sorted anew while we are at it (docs/model.md, section 4.5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simulation.engine.state import ALIKE, COMMON, LIKING, N_ALL, N_MET, N_TIED, N_TOGETHER, STRENGTH, Floats, Gatherings, Ints, Now, People, Ties, World
from simulation.engine.ties import append, find, liking_of, lower, put_away, wake


@njit
def count_common_friends(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings, at: Ints) -> Ties:
    """K_ij = min(1, sum_k w_ik w_kj) over k with both ties at least acquaintances; rows are sorted anew.

    Args:
        at: room for one number a row; all -1, and again so afterwards.
    """
    start, known, strength = _acquaintances(world, p, ties)
    for i in range(world.n):
        for s in range(ties.end[i, N_MET]):
            ties.value[i, COMMON, s] = 0.0
            at[ties.other[i, s]] = s
        for a in range(start[i], start[i + 1]):
            k, w_ik = known[a], strength[a]
            for b in range(start[k], start[k + 1]):
                j = known[b]
                if j == i:
                    continue
                s = at[j]
                if s < 0:
                    s = find(ties, i, j)
                    if s < 0:
                        ties = append(ties, world, p, now, people, i, j)
                        s = ties.end[i, N_ALL] - 1
                    s = wake(ties, world, p, gatherings, now, i, s)
                    at[j] = s
                ties.value[i, COMMON, s] += w_ik * strength[b]
        _sort_row(p, now, ties, i, at)
    for i in range(world.n, world.m):
        _sort_row(p, now, ties, i, at)
    return ties


@njit
def _acquaintances(world: World, p: Any, ties: Ties) -> tuple[Ints, Ints, Floats]:
    """Of each student, students with w >= acquaintance_strength: where they start, who they are, and w."""
    start = np.zeros(world.n + 1, dtype=np.int64)
    for i in range(world.n):
        start[i + 1] = start[i]
        for s in range(ties.end[i, N_TIED]):
            start[i + 1] += ties.value[i, STRENGTH, s] >= p.acquaintance_strength and ties.other[i, s] < world.n
    known, strength = np.empty(start[world.n], dtype=np.int64), np.empty(start[world.n])
    for i in range(world.n):
        a = start[i]
        for s in range(ties.end[i, N_TIED]):
            if ties.value[i, STRENGTH, s] >= p.acquaintance_strength and ties.other[i, s] < world.n:
                known[a], strength[a] = ties.other[i, s], ties.value[i, STRENGTH, s]
                a += 1
    return start, known, strength


@njit
def _sort_row(p: Any, now: Now, ties: Ties, i: int, at: Ints) -> None:
    """Every entry into the part where it belongs, by what is so before the tie phase."""
    for s in range(ties.end[i, N_MET] - 1, -1, -1):  # from the back: what is moved in from there has been seen
        at[ties.other[i, s]] = -1
        ties.value[i, COMMON, s] = min(1.0, ties.value[i, COMMON, s])
        ties.value[i, LIKING, s] = liking_of(p, ties.value[i, ALIKE, s], ties.value[i, STRENGTH, s], ties.value[i, COMMON, s])
    for s in range(ties.end[i, N_MET] - 1, ties.end[i, N_TOGETHER] - 1, -1):
        if ties.value[i, STRENGTH, s] == 0.0:
            if ties.value[i, COMMON, s] == 0.0:
                put_away(ties, now, i, s)
            elif s < ties.end[i, N_TIED]:
                lower(ties, i, s)
