"""Groups and sites (docs/model.md, section 6): campus groups, and the placement policies P0-P6 and P9.

A grouping is a label a student: group[i] is the number of i's group, from 0, and -1 for who has left. `order` is always an order of the students
present, and g a largest group size.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulation.engine.draws import (
    CAMPUS_GROUPS,
    HOME_GROUPS,
    PLACEMENT_GROUPS,
    SECOND_GROUPS,
    SECOND_SITE_ORDER,
    SITE_ORDER,
    hashed_order,
    stream_at,
)
from simulation.engine.state import STRENGTH, Bools, Floats, Groups, Ints, Keys, Now, People, School, Ties, World

Rows = NDArray[np.int32]

# Places in list(simulation.scenario.grouping.CAMPUS_POLICIES) and list(simulation.scenario.grouping.POLICIES).
CAMPUS_RESHUFFLED, CAMPUS_STABLE, CAMPUS_ROSTER = range(3)
RESHUFFLED, FIXED, FRIENDS, ISOLATE_AWARE, ALONE, ANCHOR_PAIR, HOME_GROUP, TWO_SITES, TIMETABLE = range(9)

# Entries of Groups.formed, all -1 at the start: what groups were last formed for, then (gatherings.py) what gatherings were last made for.
FORMED_TERM, FORMED_BLOCK, FIRST_PLACEMENT_WEEK, GATHERED_TERM, GATHERED_BLOCK, GATHERED_PRESENT, NEXT_CHANGE = range(7)
FORMED_ROOM = 7


@njit
def form_groups(world: World, p: Any, school: School, now: Now, people: People, ties: Ties, groups: Groups) -> int:
    """In the first step of a week: form the groups that begin in it, from the ties as they are, and give them sites.

    Returns:
        0, or the size of a group that fits into no site in block now.block.
    """
    formed, seed, n, is_present, key = groups.formed, world.seed, world.n, people.is_present, people.key
    if now.term >= 0 and now.term != formed[FORMED_TERM]:
        is_first = formed[FORMED_TERM] < 0
        formed[FORMED_TERM] = now.term
        if school.campus_policy == CAMPUS_RESHUFFLED:
            cut(_hashed(seed, CAMPUS_GROUPS, 1 + now.term, n, is_present, key), p.small_group_size, groups.campus)
        elif is_first and school.campus_policy == CAMPUS_STABLE:
            cut(_hashed(seed, CAMPUS_GROUPS, 0, n, is_present, key), p.small_group_size, groups.campus)
        elif is_first and school.campus_policy == CAMPUS_ROSTER:
            for i in range(n):
                groups.campus[i] = school.campus_group[i] if is_present[i] else -1
    if now.block < 0 or now.block == formed[FORMED_BLOCK] or school.placement_policy == TIMETABLE:
        return 0
    formed[FORMED_BLOCK] = now.block
    is_first = formed[FIRST_PLACEMENT_WEEK] < 0
    if is_first:
        formed[FIRST_PLACEMENT_WEEK] = now.week
    g, policy, b = p.placement_group_size, school.placement_policy, now.block
    if policy == FIXED:
        if is_first:
            cut(_hashed(seed, PLACEMENT_GROUPS, 0, n, is_present, key), g, groups.placement)
    else:
        order = _hashed(seed, PLACEMENT_GROUPS, b + 1, n, is_present, key)
        if policy == FRIENDS:
            _with_friends(order, g, ties.n_pairs, ties.other, _strength_by_row(ties), groups.placement)
        elif policy == ISOLATE_AWARE:
            _isolate_aware(order, g, p.acquaintance_strength, people.friends, ties.n_pairs, ties.other, _strength_by_row(ties), groups.placement)
        elif policy == ANCHOR_PAIR:
            _anchor_pairs(order, _hashed(seed, PLACEMENT_GROUPS, 0, n, is_present, key), g, groups.placement)
        else:
            cut(order, 1 if policy == ALONE else g, groups.placement)
    misfit = _allot_sites(groups.placement, is_present, key, school.capacity, seed, SITE_ORDER, b + 1, groups.placement_site)
    if policy == HOME_GROUP and is_first:
        cut(_hashed(seed, HOME_GROUPS, 0, n, is_present, key), p.small_group_size, groups.home)
    elif policy == TWO_SITES and misfit == 0:
        cut(_hashed(seed, SECOND_GROUPS, b + 1, n, is_present, key), g, groups.second)
        misfit = _allot_sites(groups.second, is_present, key, school.capacity, seed, SECOND_SITE_ORDER, b + 1, groups.second_site)
    return misfit


@njit
def _strength_by_row(ties: Ties) -> Floats:
    """W of those who stand in each row of `Ties.other`."""
    strength = np.zeros(ties.other.shape)
    for i in range(len(strength)):
        for k in range(ties.n_pairs[i]):
            strength[i, k] = ties.value[STRENGTH, ties.pair[i, k]]
    return strength


@njit
def _hashed(seed: np.uint64, stream: np.uint64, t: int, n: int, is_present: Bools, key: Keys) -> Ints:
    """Those of the n students who are present, in hashed order of (stream, t)."""
    present = np.empty(n, dtype=np.int64)
    n_present = 0
    for i in range(n):
        if is_present[i]:
            present[n_present] = i
            n_present += 1
    return hashed_order(present[:n_present], key, stream_at(seed, stream, t))


@njit
def _sizes(n: int, g: int) -> Ints:
    """Sizes of a cut of n students: k = ceil(n/g) groups, the first n mod k of size ceil(n/k), the rest floor(n/k)."""
    k = (n + g - 1) // g
    size = np.empty(k, dtype=np.int64)
    for a in range(k):
        size[a] = n // k + (1 if a < n % k else 0)
    return size


@njit
def cut(order: Ints, g: int, group: Ints) -> None:
    """Cut an order into groups of at most g successive students; who is not in it gets -1."""
    group[:] = -1
    q = 0
    size = _sizes(len(order), g)
    for a in range(len(size)):
        for _ in range(size[a]):
            group[order[q]] = a
            q += 1


@njit
def _places(order: Ints, n: int) -> Ints:
    """Each student's place in an order, -1 for who is not in it; shape (n,)."""
    place = np.full(n, -1, dtype=np.int64)
    for q in range(len(order)):
        place[order[q]] = q
    return place


@njit
def _with_friends(order: Ints, g: int, n_tied: Ints, other: Rows, strength: Floats, group: Ints) -> None:
    """P2: the first ungrouped opens each group, and takes those with the strongest ties to them, then the earlier in order."""
    n = len(group)
    place, size = _places(order, n), _sizes(len(order), g)
    group[:] = -1
    first = 0  # nobody before this place is ungrouped
    for a in range(len(size)):
        while group[order[first]] >= 0:
            first += 1
        opener = order[first]
        group[opener] = a
        for _ in range(size[a] - 1):
            best: Any = -1
            strongest = 0.0
            for s in range(n_tied[opener]):
                j, w = other[opener, s], strength[opener, s]
                if w < strongest or w <= 0.0 or j >= n or place[j] < 0 or group[j] >= 0:
                    continue
                if w > strongest or place[j] < place[best]:
                    best, strongest = np.int64(j), w
            if best < 0:  # the others' ties are all 0: the earliest in order
                while group[order[first]] >= 0:
                    first += 1
                best = order[first]
            group[best] = a


@njit
def _isolate_aware(order: Ints, g: int, acquaintance_strength: float, friends: Ints, n_tied: Ints, other: Rows,
                   strength: Floats, group: Ints) -> None:  # fmt: skip
    """P3: those with the fewest friends first, each with an acquaintance, rather another than in the last block."""
    n = len(group)
    place, free = _places(order, n), _sizes(len(order), g)
    size, last = free.copy(), group.copy()
    group[:] = -1
    n_opened = 0  # groups are opened in turn and the large ones come first, so this is the first empty one
    waiting = np.empty(len(order), dtype=np.int64)
    n_waiting = 0
    for i in _by_friends(order, friends):
        if group[i] >= 0:
            continue
        single, seated = -1, -1  # where in row i the best candidates stand: of those ungrouped, of those in a group with a free place
        for s in range(n_tied[i]):
            j = other[i, s]
            if strength[i, s] < acquaintance_strength or j >= n or place[j] < 0:
                continue
            if group[j] < 0:
                if single < 0 or _comes_first(other, strength, i, s, single, last, place):
                    single = s
            elif free[group[j]] > 0 and (seated < 0 or _comes_first(other, strength, i, s, seated, last, place)):
                seated = s
        if single >= 0 and n_opened < len(size) and size[n_opened] >= 2:
            group[i] = group[other[i, single]] = n_opened
            free[n_opened] -= 2
            n_opened += 1
        elif seated >= 0:
            group[i] = group[other[i, seated]]
            free[group[i]] -= 1
        else:
            waiting[n_waiting] = i
            n_waiting += 1
    a = 0
    for q in range(n_waiting):
        if group[waiting[q]] >= 0:  # taken along since by somebody who came later (never, while w is the same from both ends)
            continue
        while free[a] == 0:
            a += 1
        group[waiting[q]] = a
        free[a] -= 1


@njit
def _by_friends(order: Ints, friends: Ints) -> Ints:
    """Students by (F, place in order)."""
    start = np.zeros(len(friends) + 1, dtype=np.int64)  # of those with so many friends
    for q in range(len(order)):
        start[friends[order[q]] + 1] += 1
    for f in range(1, len(start)):
        start[f] += start[f - 1]
    taken = np.empty(len(order), dtype=np.int64)
    for q in range(len(order)):
        f = friends[order[q]]
        taken[start[f]] = order[q]
        start[f] += 1
    return taken


@njit
def _comes_first(other: Rows, strength: Floats, i: int, s: int, r: int, last: Ints, place: Ints) -> bool:
    """Whether i would rather have the candidate at s of row i than the one at r: not of i's last group, then the stronger tie, then the earlier."""
    a, b = other[i, s], other[i, r]
    is_again_a, is_again_b = last[a] == last[i], last[b] == last[i]  # in the first block true of everybody, so that it decides nothing
    if is_again_a != is_again_b:
        return is_again_b
    if strength[i, s] != strength[i, r]:
        return strength[i, s] > strength[i, r]
    return place[a] < place[b]


@njit
def _anchor_pairs(order: Ints, fixed: Ints, g: int, group: Ints) -> None:
    """P5: the first 2k of the fixed order are, two by two, the pairs of groups 1..k; the others, in order, fill them group after group."""
    free = _sizes(len(order), max(g, 2))
    group[:] = -1
    for q in range(min(2 * len(free), len(fixed))):
        group[fixed[q]] = q // 2
        free[q // 2] -= 1
    a = 0
    for q in range(len(order)):
        if group[order[q]] < 0:
            while free[a] == 0:
                a += 1
            group[order[q]] = a
            free[a] -= 1


@njit
def _allot_sites(group: Ints, is_present: Bools, key: Keys, capacity: Ints, seed: np.uint64, stream: np.uint64, t: int, site: Ints) -> int:
    """Send groups, in hashed order (stream, t) of their smallest keys, to the site with the most free places, then the first.

    Who has left since the groups were formed leaves them here.

    Returns:
        0, or the size of a group that fits nowhere.
    """
    n = len(group)
    size, smallest = np.zeros(n, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    for i in range(n):
        if not is_present[i]:
            group[i] = -1
        a = group[i]
        if a >= 0:
            size[a] += 1
            if smallest[a] < 0 or key[i] < key[smallest[a]]:
                smallest[a] = i
    k = 0
    for a in range(n):
        if size[a] > 0:
            smallest[k] = smallest[a]
            k += 1
    free = capacity.copy()
    for i in hashed_order(smallest[:k], key, stream_at(seed, stream, t)):
        a, best = group[i], 0
        for b in range(1, len(free)):
            if free[b] > free[best]:
                best = b
        if free[best] < size[a]:
            return size[a]
        site[a] = best
        free[best] -= size[a]
    return 0
