"""Noticing: who notices a student in distress in this step (docs/model.md, section 4.7). i seeks, j helps.

An `Encounters` row is one j who noticed one i; staff, who are nobody's row, stand there as helper `STAFF`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from simulation.engine import draws
from simulation.engine.episodes import BY_OFFICER, BY_PEER, BY_STAFF, note_by
from simulation.engine.pairs import find
from simulation.engine.state import (
    MET,
    OVERLAP,
    STRENGTH,
    TOGETHER,
    Bools,
    Encounters,
    Episodes,
    Floats,
    Ints,
    Keys,
    Now,
    Others,
    People,
    Ties,
    World,
)

STAFF = -1


@njit
def new_encounters(room: int) -> Encounters:
    """No encounters, with room for so many."""
    return Encounters(np.zeros(room, np.int64), np.zeros(room, np.int64), np.zeros(room, np.bool_), np.zeros(room), np.zeros(room, np.bool_),
                      np.zeros(1, np.int64))  # fmt: skip


@njit(inline="always")
def source_of(is_officer: Bools, j: int) -> int:
    """Who helper j is: *peer*, *officer* (near-peers included) or *staff*."""
    return BY_STAFF if j == STAFF else BY_OFFICER if is_officer[j] else BY_PEER


@njit(inline="always")
def is_exposed(distress: int, onset: int, step: int) -> bool:
    """An episode is exposed from the step after its onset until it ends."""
    return distress >= 1 and onset < step


@njit
def _who_notices(i: int, n: int, other: Others, pair: Others, value: Floats, attendance: Floats, key: Keys, message_hours: float,
                 by_contact: float, by_absence: float, part: np.uint64, found: Ints) -> int:  # fmt: skip
    """Who of the first n in the row of i notices i, by 1 - exp(-x), x = V_i nu_c (c_ij a_i a_j + h_ij + m_ij) dt + nu_a w_ij (1 - a_i) dt.

    Args:
        by_contact: V_i nu_c dt. by_absence: nu_a (1 - a_i) dt. part: of the draws of i. found: filled with their positions in the row.

    Returns:
        How many they are.
    """
    n_found, a = 0, attendance[i]
    for k in range(n):
        j, q = other[k], pair[k]
        w = value[STRENGTH, q]
        messages = message_hours * w * (1.0 - value[OVERLAP, q])
        contact = value[TOGETHER, q] * a * attendance[j] + value[MET, q] + messages
        x = by_contact * contact + by_absence * w
        u = draws.uniform_of(part, key[j])
        if u < x and u < 1.0 - math.exp(-x):  # 1 - exp(-x) <= x, and seldom is u below either
            found[n_found] = k
            n_found += 1
    return n_found


@njit(inline="always")
def _look(world: World, p: Any, now: Now, people: People, ties: Ties, encounters: Encounters) -> int:
    """Fill the encounters as far as there is room; returns how many there are. Draws are pure: with more room, it is done once more."""
    stream, staff_stream = draws.stream_at(world.seed, draws.NOTICE, now.step), draws.stream_at(world.seed, draws.STAFF_NOTICE, now.step)
    p_staff = 1.0 - math.exp(-p.staff_notice * world.dt)
    attendance, key = people.attendance.copy(), people.key.copy()  # side by side in memory: they are asked for again and again
    other, pair, value = ties.other, ties.pair, ties.value
    seeker, helper, is_checkin, w = encounters.seeker, encounters.helper, encounters.is_checkin, encounters.strength
    found = np.empty(other.shape[1], np.int64)
    room, r = len(seeker), 0
    for i in range(world.n):
        if not is_exposed(people.distress[i], people.onset[i], now.step):
            continue
        visibility = math.exp(-p.stigma_on_display * (people.own_stigma[i] + people.stigma_shift[i]))
        if people.distress[i] == 2:
            visibility *= p.severe_visibility
        n_found = _who_notices(i, ties.n_pairs[i], other[i], pair[i], value, attendance, key, p.message_hours,
                               visibility * p.notice_contact * world.dt, p.notice_absence * (1.0 - attendance[i]) * world.dt,
                               draws.directed(stream, key[i]), found)  # fmt: skip
        checker = people.checked_by[i] if now.is_first_step else -1
        for k in found[:n_found]:
            if r < room:
                seeker[r], helper[r], is_checkin[r], w[r] = i, other[i, k], other[i, k] == checker, value[STRENGTH, pair[i, k]]
            checker = -1 if other[i, k] == checker else checker
            r += 1
        if checker >= 0 and people.is_present[checker]:  # the check-in alone made this officer notice
            if r < room:
                q = find(ties, i, checker)
                seeker[r], helper[r], is_checkin[r], w[r] = i, checker, True, value[STRENGTH, q] if q >= 0 else 0.0
            r += 1
        if p_staff > 0.0 and draws.uniform(staff_stream, key[i]) < p_staff:
            if r < room:
                seeker[r], helper[r], is_checkin[r], w[r] = i, STAFF, False, 0.0
            r += 1
    return r


@njit(inline="always")
def _note_exposure(world: World, p: Any, now: Now, people: People, ties: Ties, episodes: Episodes) -> None:
    """Whether there ever was a j with w_ij >= `acquaintance_strength` or c_ij > 0 while exposed (section 10)."""
    rows, value = episodes.rows, ties.value
    for i in range(world.n):
        if is_exposed(people.distress[i], people.onset[i], now.step):
            e = people.episode[i]
            rows.was_exposed[e] = True
            if not rows.had_company[e]:
                for q in ties.pair[i, : ties.n_pairs[i]]:
                    rows.had_company[e] |= value[STRENGTH, q] >= p.acquaintance_strength or value[TOGETHER, q] > 0.0


@njit
def notice(world: World, p: Any, now: Now, people: People, ties: Ties, episodes: Episodes, encounters: Encounters) -> Encounters:
    """Who notices whom: directed draws (stream notice, t = n), check-ins of the week in its first step, and staff (stream staff_notice).

    Returns:
        The encounters of this step, with those of the last one gone.
    """
    _note_exposure(world, p, now, people, ties, episodes)
    while True:
        count = _look(world, p, now, people, ties, encounters)
        if count <= len(encounters.seeker):
            break
        encounters = new_encounters(2 * count)
    encounters.used[0] = count
    encounters.is_made[:count] = False
    rows = episodes.rows
    for r in range(count):
        e = people.episode[encounters.seeker[r]]
        note_by(rows.first_noticed, rows.noticed_by, e, now.step, source_of(people.is_officer, encounters.helper[r]))
    return encounters
