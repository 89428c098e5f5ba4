"""The table of pairs: finding one, adding one, moving it between the parts of the table, taking it out (see `Ties` in state.py).

Cost grows with pairs that matter, not with all pairs. The table is never silently full: `more_room` gives it more.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from simulation.engine.state import N_MET, N_TOGETHER, N_VALUES, Ties


@njit(_nrt=False)
def find(ties: Ties, i: int, j: int) -> int:
    """Pair of i and j in the table, -1 if it is not there."""
    found, wanted, row = -1, np.int32(j), ties.other[i]
    for k in range(ties.n_pairs[i]):  # no early way out: so the compiler compares many at once
        if row[k] == wanted:
            found = k
    return ties.pair[i, found] if found >= 0 else -1


# Moving


@njit(_nrt=False)
def _tell(ties: Ties, q: int) -> None:
    """Tell the rows of both ends where pair q stands."""
    ties.pair[ties.first[q], ties.place[0, q]] = q
    ties.pair[ties.second[q], ties.place[1, q]] = q


@njit(_nrt=False)
def _move(ties: Ties, q: int, to: int) -> None:
    """Pair q over what stands at `to`."""
    if q == to:
        return
    for k in range(N_VALUES):
        ties.value[k, to] = ties.value[k, q]
    ties.first[to], ties.second[to], ties.met_on[to] = ties.first[q], ties.second[q], ties.met_on[q]
    ties.place[0, to], ties.place[1, to] = ties.place[0, q], ties.place[1, q]
    _tell(ties, to)


@njit(_nrt=False)
def _swap(ties: Ties, q: int, r: int) -> None:
    if q == r:
        return
    for k in range(N_VALUES):
        ties.value[k, q], ties.value[k, r] = ties.value[k, r], ties.value[k, q]
    ties.first[q], ties.first[r] = ties.first[r], ties.first[q]
    ties.second[q], ties.second[r] = ties.second[r], ties.second[q]
    ties.met_on[q], ties.met_on[r] = ties.met_on[r], ties.met_on[q]
    for end in range(2):
        ties.place[end, q], ties.place[end, r] = ties.place[end, r], ties.place[end, q]
    _tell(ties, q)
    _tell(ties, r)


@njit(_nrt=False)
def lift(ties: Ties, q: int) -> int:
    """Move a pair to the part before its own; returns where it stands then."""
    part = N_TOGETHER
    while q >= ties.end[part + 1]:
        part += 1
    to = ties.end[part]
    _swap(ties, q, to)
    ties.end[part] += 1
    return to


@njit(_nrt=False)
def lower(ties: Ties, q: int) -> int:
    """Move a pair to the part after its own; returns where it stands then."""
    part = N_TOGETHER
    while q >= ties.end[part]:
        part += 1
    to = ties.end[part] - 1
    _swap(ties, q, to)
    ties.end[part] -= 1
    return to


# Adding and taking out


@njit(_nrt=False)
def _stand_in_row(ties: Ties, end: int, i: int, j: int, q: int) -> None:
    k = ties.n_pairs[i]
    ties.other[i, k], ties.pair[i, k], ties.place[end, q] = j, q, k
    ties.n_pairs[i] = k + 1


@njit(_nrt=False)
def add(ties: Ties, i: int, j: int) -> int:
    """Add a pair, all of whose values are 0, to the last part; it must not be in the table, and there must be room. Returns where it stands."""
    q = ties.end[N_MET]
    for k in range(N_VALUES):
        ties.value[k, q] = 0.0
    ties.first[q], ties.second[q], ties.met_on[q] = min(i, j), max(i, j), -1
    _stand_in_row(ties, 0, min(i, j), max(i, j), q)
    _stand_in_row(ties, 1, max(i, j), min(i, j), q)
    ties.end[N_MET] = q + 1
    return q


@njit(_nrt=False)
def _leave_row(ties: Ties, i: int, k: int) -> None:
    last = ties.n_pairs[i] - 1
    if k != last:
        moved = ties.pair[i, last]
        ties.other[i, k], ties.pair[i, k] = ties.other[i, last], moved
        ties.place[0 if ties.first[moved] == i else 1, moved] = k
    ties.n_pairs[i] = last


@njit(_nrt=False)
def take_out(ties: Ties, q: int) -> None:
    """Take a pair out of the table; the last of its part, and of the parts after it, move up."""
    _leave_row(ties, ties.first[q], ties.place[0, q])
    _leave_row(ties, ties.second[q], ties.place[1, q])
    for part in range(N_MET + 1):
        if q < ties.end[part]:
            ties.end[part] -= 1
            _move(ties, ties.end[part], q)
            q = ties.end[part]


# What is remembered of pairs that are not in the table


@njit(_nrt=False)
def keeper(i: int, j: int) -> int:
    """Who of the two remembers the pair: so that it is half of the pairs for everybody."""
    return min(i, j) if (i + j) % 2 == 1 else max(i, j)


@njit(_nrt=False)
def find_kept(ties: Ties, k: int, other: int) -> int:
    """Place, in what k remembers, of the pair with `other`, -1 if it is not there."""
    found, wanted, row = -1, np.int32(other), ties.kept_other[k]
    for s in range(ties.n_kept[k]):
        if row[s] == wanted:
            found = s
    return found


@njit(_nrt=False)
def keep(ties: Ties, i: int, j: int, hours: float, step: int) -> None:
    """Remember the hours that a pair has at the end of a step; it must not be remembered yet, and there must be room."""
    k = keeper(i, j)
    s = ties.n_kept[k]
    ties.kept_other[k, s], ties.kept_hours[k, s], ties.kept_step[k, s] = i + j - k, hours, step
    ties.n_kept[k] = s + 1


@njit(_nrt=False)
def drop_kept(ties: Ties, k: int, s: int) -> None:
    """Remember no longer what stands at a place."""
    last = ties.n_kept[k] - 1
    ties.kept_other[k, s], ties.kept_hours[k, s], ties.kept_step[k, s] = ties.kept_other[k, last], ties.kept_hours[k, last], ties.kept_step[k, last]
    ties.n_kept[k] = last


# Room


@njit
def _longer(old: int, wanted: int) -> int:
    return old if wanted <= old else max(wanted, old * 3 // 2 + 1)


@njit
def grown(ties: Ties, n_pairs: int, wide: int, deep: int) -> Ties:
    """The same ties with room for at least so many pairs, so many in the row of one, and so many remembered by one."""
    m, n, old = len(ties.n_pairs), ties.end[N_MET], ties
    room, width, depth = _longer(len(old.first), n_pairs), _longer(old.other.shape[1], wide), _longer(old.kept_other.shape[1], deep)
    if room > len(old.first):
        value, first, second = np.zeros((N_VALUES, room)), np.zeros(room, np.uint32), np.zeros(room, np.uint32)
        met_on, place = np.zeros(room, np.int32), np.zeros((2, room), np.int32)
        value[:, :n], first[:n], second[:n], met_on[:n], place[:, :n] = (
            old.value[:, :n], old.first[:n], old.second[:n], old.met_on[:n], old.place[:, :n])  # fmt: skip
    else:
        value, first, second, met_on, place = old.value, old.first, old.second, old.met_on, old.place
    if width > old.other.shape[1]:
        other, pair = np.zeros((m, width), np.int32), np.zeros((m, width), np.int32)
        other[:, : old.other.shape[1]], pair[:, : old.other.shape[1]] = old.other, old.pair
    else:
        other, pair = old.other, old.pair
    if depth > old.kept_other.shape[1]:
        kept_other, kept_hours, kept_step = np.zeros((m, depth), np.int32), np.zeros((m, depth)), np.zeros((m, depth), np.int32)
        had = old.kept_other.shape[1]
        kept_other[:, :had], kept_hours[:, :had], kept_step[:, :had] = old.kept_other, old.kept_hours, old.kept_step
    else:
        kept_other, kept_hours, kept_step = old.kept_other, old.kept_hours, old.kept_step
    return Ties(value, first, second, met_on, old.end, place, other, pair, old.n_pairs, kept_other, kept_hours, kept_step, old.n_kept,
                old.attribute, old.fade)  # fmt: skip
