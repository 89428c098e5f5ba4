"""Measures of a friendship graph: its triples, largest component, and communities by greedy maximisation of modularity; compiled.

A graph is its edges: rows of students i < j, each pair once; their order does not matter to what is returned.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NONE = -1


@njit(cache=True, nogil=True)
def strong_ties(i: Ints, j: Ints, strength: Floats, is_present: Bools, least: float) -> tuple[Ints, Bools]:
    """Ties of at least a strength between students present.

    Args:
        i, j, strength: ties, shape (ties,).
        is_present: shape (students,).
        least: least strength.

    Returns:
        Where such ties stand, shape (edges,), and whether row and column are the i and j of one, shape (students, students).
    """
    n = len(is_present)
    where, is_edge, k = np.empty(len(i), np.int64), np.zeros((n, n), np.bool_), 0
    for tie in range(len(i)):
        if strength[tie] >= least and is_present[i[tie]] and is_present[j[tie]]:
            where[k], is_edge[i[tie], j[tie]] = tie, True
            k += 1
    return where[:k].copy(), is_edge


@njit(cache=True, nogil=True)
def triples(i: Ints, j: Ints, n: int) -> tuple[int, int]:
    """Closed and all connected triples of n students."""
    degree, end = np.zeros(n, np.int64), np.zeros(n + 1, np.int64)
    for edge in range(len(i)):
        degree[i[edge]] += 1
        degree[j[edge]] += 1
        end[i[edge] + 1] += 1
    begin = np.cumsum(end)  # row a is linked with the rows behind it that stand in behind[begin[a] : begin[a + 1]]
    behind, at = np.empty(len(i), np.int64), begin.copy()
    for edge in range(len(i)):
        behind[at[i[edge]]] = j[edge]
        at[i[edge]] += 1
    n_triangles, n_triples, linked_with = 0, 0, np.full(n, NONE)
    for a in range(n):
        n_triples += degree[a] * (degree[a] - 1) // 2
        for b in behind[begin[a] : begin[a + 1]]:
            linked_with[b] = a
        for b in behind[begin[a] : begin[a + 1]]:
            for c in behind[begin[b] : begin[b + 1]]:
                n_triangles += linked_with[c] == a
    return 3 * n_triangles, n_triples


@njit(cache=True, nogil=True)
def largest_component(i: Ints, j: Ints, n: int) -> int:
    """Students in the largest connected component, of n students."""
    root, size = np.arange(n), np.ones(n, np.int64)
    for edge in range(len(i)):
        a, b = i[edge], j[edge]
        while root[a] != a:
            a = root[a]
        while root[b] != b:
            b = root[b]
        if a != b:
            small, large = (a, b) if size[a] < size[b] else (b, a)
            root[small] = large
            size[large] += size[small]
    return size.max()


@njit(cache=True, nogil=True)
def modularity(i: Ints, j: Ints, community: Ints) -> float:
    """Unweighted modularity of a partition: with m edges, the sum over communities of (edges within) / m - ((degrees within) / 2m)^2.

    Args:
        i, j: edges, at least one.
        community: of each student, below the number of students, shape (students,).
    """
    m, n_within, degree = len(i), 0, np.zeros(len(community), np.int64)
    for edge in range(m):
        a, b = community[i[edge]], community[j[edge]]
        n_within += a == b
        degree[a] += 1
        degree[b] += 1
    return (4 * m * n_within - (degree * degree).sum()) / (4 * m * m)


@njit(cache=True, nogil=True)
def _best_of(row: int, first: Ints, after: Ints, to: Ints, gain: Floats) -> tuple[float, int]:
    """Greatest dQ of joining a community with a linked one of a higher number, and with which: of equal ones the lowest."""
    best, partner = -np.inf, NONE
    link = first[row]
    while link != NONE:
        if to[link] > row and (gain[link // 2] > best or (gain[link // 2] == best and to[link] < partner)):
            best, partner = gain[link // 2], to[link]
        link = after[link]
    return best, partner


@njit(cache=True, nogil=True)
def greedy_communities(i: Ints, j: Ints, n: int) -> Ints:
    """Communities by greedy maximisation of modularity (Clauset, Newman and Moore 2004, doi 10.1103/PhysRevE.70.066111).

    Everybody begins alone. The two linked communities whose joining raises modularity most become one, until every joining would lower it: with m
    edges it changes it by dQ = (edges between) / m - 2 ((degrees of one) / 2m) ((degrees of the other) / 2m). Of pairs that raise it alike, the
    one with the lowest numbers comes first; the new community keeps the higher number of its two. These are the communities of
    networkx.community.greedy_modularity_communities, whose sums are taken in the same order: rounding breaks many of the ties.

    Args:
        i, j: edges between rows of students, i < j, each once, at least one; their order does not matter.
        n: students.

    Returns:
        Community of each student, the row of one of its students, shape (n,).
    """
    m = len(i)
    # Two communities are linked by a pair of links, 2e and 2e + 1, one in the list of each, with one gain. `first` begins a list, `after` goes on.
    to, after, first, share = np.empty(2 * m, np.int64), np.empty(2 * m, np.int64), np.full(n, NONE), np.zeros(n)
    for link in range(2 * m):
        row, to[link] = (j[link // 2], i[link // 2]) if link % 2 else (i[link // 2], j[link // 2])
        after[link], first[row] = first[row], link
        share[row] += 1.0
    share *= 1.0 / m
    share *= 0.5
    gain = np.empty(m)
    for edge in range(m):
        gain[edge] = 1.0 / m - 2.0 * (share[i[edge]] * share[j[edge]])
    best, partner = np.empty(n), np.empty(n, np.int64)
    for row in range(n):
        best[row], partner[row] = _best_of(row, first, after, to, gain)
    community, link_of_u, link_of_v = np.arange(n), np.full(n, NONE), np.full(n, NONE)
    while True:
        u, most = 0, best[0]
        for row in range(1, n):
            if best[row] > most:
                u, most = row, best[row]
        if most < 0.0:
            break
        v = partner[u]
        _join(u, v, first, after, to, gain, share, link_of_u, link_of_v)
        community[u] = v
        best[u] = -np.inf
        best[v], partner[v] = _best_of(v, first, after, to, gain)
        link = first[v]
        while link != NONE:
            w, of_pair = to[link], gain[link // 2]
            if w < v and (partner[w] == u or partner[w] == v):
                best[w], partner[w] = _best_of(w, first, after, to, gain)
            elif w < v and (of_pair > best[w] or (of_pair == best[w] and v < partner[w])):
                best[w], partner[w] = of_pair, v
            link = after[link]
    for row in range(n - 1, -1, -1):  # what a row was joined to lies behind it
        community[row] = community[community[row]]
    return community


@njit(cache=True, nogil=True)
def _unlink(row: int, link: int, first: Ints, after: Ints) -> None:
    """Take a link out of a community's list."""
    if first[row] == link:
        first[row] = after[link]
        return
    before = first[row]
    while after[before] != link:
        before = after[before]
    after[before] = after[link]


@njit(cache=True, nogil=True)
def _join(u: int, v: int, first: Ints, after: Ints, to: Ints, gain: Floats, share: Floats, link_of_u: Ints, link_of_v: Ints) -> None:
    """Join community u to v: its links become v's. `link_of_u` and `link_of_v` are room for links by community, NONE before and after."""
    link = first[u]
    while link != NONE:
        link_of_u[to[link]] = link
        link = after[link]
    _unlink(v, link_of_u[v] ^ 1, first, after)
    _unlink(u, link_of_u[v], first, after)
    link = first[v]
    while link != NONE:
        w = to[link]
        link_of_v[w] = link
        if link_of_u[w] == NONE:
            gain[link // 2] -= 2.0 * (share[u] * share[w])
        link = after[link]
    link_of_u[v] = NONE
    link = first[u]
    while link != NONE:
        w, following = to[link], after[link]
        link_of_u[w] = NONE
        if link_of_v[w] != NONE:
            gain[link_of_v[w] // 2] += gain[link // 2]
            _unlink(w, link ^ 1, first, after)
        else:
            gain[link // 2] -= 2.0 * (share[v] * share[w])
            to[link ^ 1] = v
            after[link], first[v] = first[v], link
        link = following
    first[u] = NONE
    link = first[v]
    while link != NONE:
        link_of_v[to[link]] = NONE
        link = after[link]
    share[v] += share[u]
