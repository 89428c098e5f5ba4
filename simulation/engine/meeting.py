"""Who meets whom in a step, and what becomes of the ties (docs/model.md, sections 4.4 and 4.5)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from simulation.engine import draws
from simulation.engine.state import (
    ALIKE,
    COMMON,
    COMPULSORY,
    HOURS,
    LIKING,
    MET,
    N_ALL,
    N_LANES,
    N_MET,
    N_TIED,
    N_TOGETHER,
    OVERLAP,
    STRENGTH,
    TOGETHER,
    Floats,
    Gatherings,
    Ints,
    Now,
    Others,
    People,
    Ties,
    Totals,
    World,
)
from simulation.engine.ties import append, find, forgotten_hours, hours_now, lift, liking_of, make_room, wake


@njit(_nrt=False)
def sum_of(values: Floats, n: int) -> float:
    """Sum of the first n values in eight lanes: several additions at a time, in an order that is the same on every machine."""
    a = b = c = d = e = f = g = h = 0.0
    whole = n - n % N_LANES
    for s in range(0, whole, N_LANES):
        a += values[s]
        b += values[s + 1]
        c += values[s + 2]
        d += values[s + 3]
        e += values[s + 4]
        f += values[s + 5]
        g += values[s + 6]
        h += values[s + 7]
    for s in range(whole, n):
        a += values[s]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@njit(inline="always")
def half_to(x: float) -> float:
    """2^-x for x >= 0, to 1e-14: as the 64th power of a short series, arithmetic only, so that the compiler takes several at a time."""
    t = min(x, 64.0) * (-math.log(2.0) / 64.0)
    y = 1.0 + t * (1.0 + t * (1 / 2 + t * (1 / 6 + t * (1 / 24 + t * (1 / 120 + t * (1 / 720 + t * (1 / 5040 + t * (1 / 40320 + t * (
        1 / 362880 + t * (1 / 3628800))))))))))  # fmt: skip
    y *= y
    y *= y
    y *= y
    y *= y
    y *= y
    return y * y


@njit
def attend(world: World, p: Any, people: People) -> None:
    """a_i = max(attendance_floor, 1 - withdrawal [D >= 1] - severe_withdrawal [D = 2]); near-peers attend always."""
    low = max(p.attendance_floor, 1.0 - p.withdrawal)
    least = max(p.attendance_floor, 1.0 - p.withdrawal - p.severe_withdrawal)
    for i in range(world.n):
        if not people.is_present[i]:
            people.attendance[i] = 0.0
        elif people.distress[i] == 0:
            people.attendance[i] = 1.0
        else:
            people.attendance[i] = low if people.distress[i] == 1 else least


@njit
def stand_on_ring(world: World, now: Now, people: People, ring: Ints) -> int:
    """Students in hashed order on the week's ring; returns how many stand on it (0 outside teaching)."""
    if not now.is_teaching:
        return 0
    k = 0
    rows = np.empty(world.n, dtype=np.int64)
    for i in range(world.n):
        if people.is_present[i]:
            rows[k] = i
            k += 1
    ring[:k] = draws.hashed_order(rows[:k], people.key, draws.stream_at(world.seed, draws.RING, now.week))
    return k


@njit(_nrt=False)
def _add_hours(ties: Ties, world: World, p: Any, now: Now, gatherings: Gatherings, i: int, j: int, gained: float, least: float) -> None:
    """Hours of chance or of a check-in, for row i: `_meet_row` fades what it finds, so there they are added so much larger."""
    fade, s = ties.fade[1], find(ties, i, j)
    if s < 0:
        s = append(ties, now, i, j)
    if s >= ties.end[i, N_MET]:
        before = ties.value[i, HOURS, s] / fade if ties.as_of[i, s] == now.step else hours_now(ties, world, p, now, i, s)
        remembered = before * fade + gained
        if remembered < least:
            ties.value[i, HOURS, s], ties.as_of[i, s] = remembered, now.step
            return
        s = wake(ties, world, p, gatherings, now, i, s)
        ties.value[i, HOURS, s] = before
    ties.value[i, HOURS, s] += gained / fade
    ties.as_of[i, s] = now.step  # met in this step, so not to be forgotten


@njit
def _by_chance(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings, ring: Ints, n_ring: int, gain: float,
               least: float) -> Ties:  # fmt: skip
    """Neighbours on the ring, and officers' check-ins."""
    for i in range(world.m):
        if ties.end[i, N_ALL] + 3 > ties.other.shape[1]:
            ties = make_room(ties, world, p, now, i, 3)
    if p.chance_hours > 0.0 and n_ring >= 2:
        for k in range(n_ring if n_ring > 2 else 1):
            i, j = ring[k], ring[k + 1 if k + 1 < n_ring else 0]
            if people.is_present[i] and people.is_present[j]:
                people.contact[i] += p.chance_hours
                people.contact[j] += p.chance_hours
                _add_hours(ties, world, p, now, gatherings, i, j, p.chance_hours * gain, least)
                _add_hours(ties, world, p, now, gatherings, j, i, p.chance_hours * gain, least)
    if world.has_outreach and p.checkin_hours > 0.0:
        for i in range(world.n):
            j = people.checked_by[i]
            if j >= 0 and people.is_present[i] and people.is_present[j]:
                people.contact[i] += p.checkin_hours
                people.contact[j] += p.checkin_hours
                _add_hours(ties, world, p, now, gatherings, i, j, p.checkin_hours * gain, least)
                _add_hours(ties, world, p, now, gatherings, j, i, p.checkin_hours * gain, least)
    return ties


@njit
def _share_time(world: World, p: Any, now: Now, people: People, ties: Ties, reach: Floats) -> None:
    """reach_i = sqrt(wanted_i / sum_k pull_ik), so that sqrt(u_ij u_ji) = sqrt(pull_ij pull_ji) reach_i reach_j."""
    season = 1.0 if now.is_teaching else p.break_sociability
    for i in range(world.n):
        total = sum_of(ties.value[i, LIKING], ties.end[i, N_MET])
        scheduled = people.scheduled[i]
        for s in range(ties.end[i, N_TOGETHER] if scheduled > 0.0 else 0):  # without hours there may still be a near-peer's visit
            total += ties.value[i, ALIKE, s] * p.co_placed_pull * ties.value[i, TOGETHER, s] / scheduled
        crowded = max(p.crowd_floor, 1.0 - p.crowd * max(0.0, scheduled - p.crowd_from))
        wanted = people.attendance[i] * people.sociability[i] * season * crowded
        reach[i] = math.sqrt(wanted / total) if total > 0.0 else 0.0


@njit(_nrt=False)
def _meet_row(i: int, n_together: int, n_met: int, value: Floats, other: Others, people: People, reach: Floats, co_placed_pull: float,
              most: float, always: float, at_one_site: float, fade: float, gain: float) -> None:  # fmt: skip
    """h_ij, and H from it, for what row i looks at; avail_ij = always + at_one_site overlap_ij."""
    hours, liking, overlap, met, attendance, contact = value[HOURS], value[LIKING], value[OVERLAP], value[MET], people.attendance, 0.0
    mine = reach[i]
    for s in range(n_together):
        j, c, both = other[s], value[TOGETHER, s], attendance[i] * attendance[other[s]]
        pull_by_c, h = value[ALIKE, s] * co_placed_pull * c, 0.0
        if value[ALIKE, s] > 0.0:
            pulls = (liking[s] + pull_by_c / people.scheduled[i]) * (liking[s] + pull_by_c / people.scheduled[j])
            h = min(most, (always + at_one_site * overlap[s]) * math.sqrt(pulls) * (mine * reach[j]))
        met[s] = h
        hours[s] += value[COMPULSORY, s] * both * gain / fade
        contact += c * both + h
    for s in range(n_together, n_met):
        h = (always + at_one_site * overlap[s]) * liking[s] * (mine * reach[other[s]])
        met[s] = h if h < most else most
    for s in range(n_met):
        hours[s] = hours[s] * fade + met[s] * gain
    people.contact[i] += contact + sum_of(met[n_together:], n_met - n_together)


@njit(_nrt=False)
def _strengthen_row(n: int, step: int, n_together: int, n_tied: int, value: Floats, other: Others, as_of: Others, p: Any,
                    forgotten: float) -> int:  # fmt: skip
    """W from H, and the pull from w, of the first n_tied of a row, and what is forgotten; returns friendships apart (c_ij = 0) that ended."""
    hours, strength, liking, met = value[HOURS], value[STRENGTH], value[LIKING], value[MET]
    for s in range(n_together, n_tied):
        if hours[s] < forgotten and met[s] == 0.0 and as_of[s] != step:
            hours[s] = 0.0
    scale, least, xi, friend, n_lost = 1.0 / p.friend_hours, p.least_strength, p.common_friends_pull, p.friend_strength, 0
    friend_hours = -p.friend_hours * math.log2(1.0 - friend)
    alike, common = value[ALIKE], value[COMMON]
    for s in range(n_together, n_tied):
        n_lost += strength[s] >= friend and hours[s] < friend_hours and other[s] < n
    whole = (n_tied + N_LANES - 1) // N_LANES * N_LANES  # what is beyond has hours of less than a tie, and so strength 0
    for s in range(whole):
        w = 1.0 - half_to(hours[s] * scale)
        strength[s] = w if w >= least else 0.0
    if p.preference_exponent == 1.5:
        for s in range(whole):
            liking[s] = alike[s] * (strength[s] * math.sqrt(strength[s]) + xi * common[s])
    else:
        for s in range(n_tied):
            liking[s] = liking_of(p, value[ALIKE, s], strength[s], value[COMMON, s])
    return n_lost


@njit(_nrt=False)
def _count_friends(i: int, n_tied: int, value: Floats, friend: float, people: People) -> None:
    """F, and the summed strength of ties with friends; near-peers, who are none, have no homophily factor."""
    strength, alike, n_friends, support = value[STRENGTH], value[ALIKE], 0, 0.0
    for s in range(n_tied):
        n_friends += strength[s] >= friend and alike[s] > 0.0
    if n_friends > 0:
        for s in range(n_tied):
            if strength[s] >= friend and alike[s] > 0.0:
                support += strength[s]
    people.friends[i], people.support[i] = n_friends, support


@njit(_nrt=False)
def _is_unchanged(n_tied: int, n_met: int, value: Floats, forgotten: float, least: float) -> bool:
    """Of those who met only through friends in common, nobody's hours suffice for a tie, and nobody is forgotten."""
    hours, met, n_changed = value[HOURS], value[MET], 0
    for s in range(n_tied, n_met):
        n_changed += hours[s] > least or (hours[s] < forgotten and met[s] == 0.0)
    return n_changed == 0


@njit(_nrt=False)
def _make_ties(step: int, ties: Ties, i: int, forgotten: float, least: float) -> None:
    """Those who met only through friends in common: a tie if their hours suffice, forgotten if they do not meet."""
    hours, met = ties.value[i, HOURS], ties.value[i, MET]
    for s in range(ties.end[i, N_TIED], ties.end[i, N_MET]):
        if hours[s] > least:
            lift(ties, i, s)
        elif hours[s] < forgotten and met[s] == 0.0 and ties.as_of[i, s] != step:
            hours[s] = 0.0


@njit
def update_ties(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings, totals: Totals, ring: Ints, n_ring: int,
                reach: Floats) -> Ties:  # fmt: skip
    """H <- H 2^(-dt/tie_half_life) + inflow (tie_half_life / ln 2) (1 - 2^(-dt/tie_half_life)), and w from H.

    Args:
        ring: rows in the order of the ring; the first n_ring stand on it.
        reach: room for one number a row, 0 for near-peers.
    """
    fade = ties.fade[1]
    gain = p.tie_half_life / math.log(2.0) * (1.0 - fade)
    _share_time(world, p, now, people, ties, reach)
    people.contact[:] = 0.0
    always, at_one_site = p.offsite_availability, 1.0 - p.offsite_availability
    if not now.is_teaching:
        always, at_one_site = p.break_availability, 0.0
    always, at_one_site = always + p.online_share * (1.0 - always), at_one_site * (1.0 - p.online_share)
    forgotten = forgotten_hours(p)
    least = -p.friend_hours * math.log2(1.0 - p.least_strength) * (1.0 - 1e-9)
    ties = _by_chance(world, p, now, people, ties, gatherings, ring, n_ring, gain, least)
    n_lost = 0
    for i in range(world.m):
        value, other, n_together = ties.value[i], ties.other[i], ties.end[i, N_TOGETHER]
        _meet_row(i, n_together, ties.end[i, N_MET], value, other, people, reach, p.co_placed_pull, p.max_pair_hours, always, at_one_site,
                  fade, gain)  # fmt: skip
        if not _is_unchanged(ties.end[i, N_TIED], ties.end[i, N_MET], value, forgotten, least):
            _make_ties(now.step, ties, i, forgotten, least)
        n_lost += _strengthen_row(world.n, now.step, n_together, ties.end[i, N_TIED], value, other, ties.as_of[i], p, forgotten)
        _count_friends(i, ties.end[i, N_TIED], value, p.friend_strength, people)
    if now.is_teaching and now.is_clinical:
        totals.n_cross_group_ties_lost[0] += n_lost // 2
    return ties
