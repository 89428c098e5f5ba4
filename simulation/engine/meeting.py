"""Who meets whom in a step, and what becomes of the ties (docs/model.md, sections 4.4 and 4.5)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from simulation.engine import draws
from simulation.engine.pairs import find, find_kept, keep, keeper, lift
from simulation.engine.state import (
    ALIKE,
    COMMON,
    COMPULSORY,
    HOURS,
    LIKING,
    MET,
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
    People,
    Ties,
    Totals,
    World,
)
from simulation.engine.ties import count_friends, forgotten_hours, kept_now, liking_of, more_room, wake


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
def _add_hours(ties: Ties, world: World, p: Any, now: Now, gatherings: Gatherings, i: int, j: int, gained: float, least: float,
               forgotten: float) -> None:  # fmt: skip
    """Hours of chance or of a check-in; `_meet` fades what stands in the table, so there they are added so much larger."""
    fade, q = ties.fade[1], find(ties, i, j)
    if q < 0:
        k = keeper(i, j)
        s, before = find_kept(ties, k, i + j - k), 0.0
        if s >= 0:
            before = ties.kept_hours[k, s] / fade if ties.kept_step[k, s] == now.step else kept_now(ties, now, forgotten, k, s)
        remembered = before * fade + gained
        if remembered < least:
            if s >= 0:
                ties.kept_hours[k, s], ties.kept_step[k, s] = remembered, now.step
            else:
                keep(ties, i, j, remembered, now.step)
            return
        q = wake(ties, world, p, gatherings, now, i, j)
        ties.value[HOURS, q] = before
    ties.value[HOURS, q] += gained / fade
    ties.met_on[q] = now.step  # met in this step, so not to be forgotten


@njit
def _by_chance(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings, ring: Ints, n_ring: int, gain: float,
               least: float, forgotten: float, contact: Floats) -> Ties:  # fmt: skip
    """Neighbours on the ring, and officers' check-ins."""
    ties = more_room(ties, p, now, n_ring + world.n, 4, 4)  # two neighbours; an officer's check-in on somebody, and another's on the officer
    if p.chance_hours > 0.0 and n_ring >= 2:
        for k in range(n_ring if n_ring > 2 else 1):
            i, j = ring[k], ring[k + 1 if k + 1 < n_ring else 0]
            if people.is_present[i] and people.is_present[j]:
                contact[i] += p.chance_hours
                contact[j] += p.chance_hours
                _add_hours(ties, world, p, now, gatherings, i, j, p.chance_hours * gain, least, forgotten)
    if world.has_outreach and p.checkin_hours > 0.0:
        for i in range(world.n):
            j = people.checked_by[i]
            if j >= 0 and people.is_present[i] and people.is_present[j]:
                contact[i] += p.checkin_hours
                contact[j] += p.checkin_hours
                _add_hours(ties, world, p, now, gatherings, i, j, p.checkin_hours * gain, least, forgotten)
    return ties


@njit
def _share_time(world: World, p: Any, now: Now, people: People, ties: Ties, reach: Floats) -> None:
    """reach_i = sqrt(wanted_i / sum_k pull_ik), so that sqrt(u_ij u_ji) = sqrt(pull_ij pull_ji) reach_i reach_j."""
    season = 1.0 if now.is_teaching else p.break_sociability
    total, liking, first, second = reach, ties.value[LIKING], ties.first, ties.second
    total[:] = 0.0
    for q in range(ties.end[N_MET]):
        total[first[q]] += liking[q]
        total[second[q]] += liking[q]
    for q in range(ties.end[N_TOGETHER]):
        pull_by_c = ties.value[ALIKE, q] * p.co_placed_pull * ties.value[TOGETHER, q]
        if pull_by_c > 0.0:  # not with near-peers
            total[first[q]] += pull_by_c / people.scheduled[first[q]]
            total[second[q]] += pull_by_c / people.scheduled[second[q]]
    for i in range(world.n):
        crowded = max(p.crowd_floor, 1.0 - p.crowd * max(0.0, people.scheduled[i] - p.crowd_from))
        wanted = people.attendance[i] * people.sociability[i] * season * crowded
        reach[i] = math.sqrt(wanted / total[i]) if total[i] > 0.0 else 0.0


@njit(_nrt=False)
def _meet(p: Any, people: People, ties: Ties, reach: Floats, always: float, at_one_site: float, gain: float, contact: Floats) -> None:
    """h_ij, and H and contact hours from it, for all pairs of the table; avail_ij = always + at_one_site overlap_ij."""
    hours, liking, overlap, met, first, second = (ties.value[HOURS], ties.value[LIKING], ties.value[OVERLAP], ties.value[MET], ties.first,
                                                  ties.second)  # fmt: skip
    most, fade = p.max_pair_hours, ties.fade[1]
    for q in range(ties.end[N_MET]):
        h = (always + at_one_site * overlap[q]) * liking[q] * (reach[first[q]] * reach[second[q]])
        met[q] = h if h < most else most
    for q in range(ties.end[N_TOGETHER]):
        i, j, c = first[q], second[q], ties.value[TOGETHER, q]
        both = people.attendance[i] * people.attendance[j]
        if ties.value[ALIKE, q] > 0.0:
            pull_by_c = ties.value[ALIKE, q] * p.co_placed_pull * c
            pulls = (liking[q] + pull_by_c / people.scheduled[i]) * (liking[q] + pull_by_c / people.scheduled[j])
            met[q] = min(most, (always + at_one_site * overlap[q]) * math.sqrt(pulls) * (reach[i] * reach[j]))
        hours[q] += ties.value[COMPULSORY, q] * both * gain / fade
        contact[i] += c * both
        contact[j] += c * both
    for q in range(ties.end[N_MET]):
        hours[q] = hours[q] * fade + met[q] * gain
    for q in range(ties.end[N_MET]):
        contact[first[q]] += met[q]
        contact[second[q]] += met[q]


@njit(_nrt=False)
def _make_ties(ties: Ties, least: float) -> None:
    """Those who met only through friends in common: a tie if their hours suffice."""
    hours = ties.value[HOURS]
    for q in range(ties.end[N_TIED], ties.end[N_MET]):
        if hours[q] > least:
            lift(ties, q)


@njit(_nrt=False)
def _forget(step: int, ties: Ties, forgotten: float) -> None:
    """H = 0 of pairs apart that did not meet in this step, if it is that little."""
    hours, met, met_on = ties.value[HOURS], ties.value[MET], ties.met_on
    for q in range(ties.end[N_TOGETHER], ties.end[N_MET]):
        if hours[q] < forgotten and met[q] == 0.0 and met_on[q] != step:
            hours[q] = 0.0


@njit(_nrt=False)
def _strengthen(p: Any, ties: Ties) -> None:
    """W from H, and the pull from w; pairs beyond the second part have hours of less than a tie, and so w = 0."""
    hours, strength, liking, alike, common = ties.value[HOURS], ties.value[STRENGTH], ties.value[LIKING], ties.value[ALIKE], ties.value[COMMON]
    scale, least, xi, n_tied = 1.0 / p.friend_hours, p.least_strength, p.common_friends_pull, ties.end[N_TIED]
    for q in range(n_tied):
        w = 1.0 - half_to(hours[q] * scale)
        strength[q] = w if w >= least else 0.0
    if p.preference_exponent == 1.5:
        for q in range(n_tied):
            liking[q] = alike[q] * (strength[q] * math.sqrt(strength[q]) + xi * common[q])
    else:
        for q in range(n_tied):
            liking[q] = liking_of(p, alike[q], strength[q], common[q])


@njit(_nrt=False)
def _count_lost(world: World, p: Any, ties: Ties) -> int:
    """Friendships apart (c_ij = 0) that end in this step; before `_strengthen`."""
    hours, strength, friend, friend_hours, n_lost = (ties.value[HOURS], ties.value[STRENGTH], p.friend_strength,
                                                     -p.friend_hours * math.log2(1.0 - p.friend_strength), 0)  # fmt: skip
    for q in range(ties.end[N_TOGETHER], ties.end[N_TIED]):
        n_lost += strength[q] >= friend and hours[q] < friend_hours and ties.second[q] < world.n
    return n_lost


@njit
def update_ties(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings, totals: Totals, ring: Ints, n_ring: int,
                reach: Floats) -> Ties:  # fmt: skip
    """H <- H 2^(-dt/tie_half_life) + inflow (tie_half_life / ln 2) (1 - 2^(-dt/tie_half_life)), and w from H.

    Args:
        ring: rows in the order of the ring; the first n_ring stand on it.
        reach: room for one number a row.
    """
    gain = p.tie_half_life / math.log(2.0) * (1.0 - ties.fade[1])
    always, at_one_site = p.offsite_availability, 1.0 - p.offsite_availability
    if not now.is_teaching:
        always, at_one_site = p.break_availability, 0.0
    always, at_one_site = always + p.online_share * (1.0 - always), at_one_site * (1.0 - p.online_share)
    forgotten = forgotten_hours(p)
    least = -p.friend_hours * math.log2(1.0 - p.least_strength) * (1.0 - 1e-9)
    contact = np.zeros(world.m)
    _share_time(world, p, now, people, ties, reach)
    ties = _by_chance(world, p, now, people, ties, gatherings, ring, n_ring, gain, least, forgotten, contact)
    _meet(p, people, ties, reach, always, at_one_site, gain, contact)
    people.contact[:] = contact
    _make_ties(ties, least)
    _forget(now.step, ties, forgotten)
    if now.is_teaching and now.is_clinical:
        totals.n_cross_group_ties_lost[0] += _count_lost(world, p, ties)
    _strengthen(p, ties)
    count_friends(world, p, people, ties)
    return ties
