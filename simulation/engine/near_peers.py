"""Officers from the year above: who they are, whom they visit, and what becomes of their ties (docs/model.md, section 8.5).

Seat k is row n + k, whoever holds it: a new holder is a new person, with a new key, in the same row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simulation.engine import draws
from simulation.engine.state import NONE, Gatherings, Now, People, Seats, Ties, World
from simulation.engine.ties import forget_person, hours_now, set_hours

_FIRST_KEY, _KEYS_PER_SEAT = np.uint64(2**32), np.uint64(2**16)


@njit
def near_peer_key(seat: int, holder: int) -> np.uint64:
    """2^32 + 2^16 seat + holder."""
    return _FIRST_KEY + _KEYS_PER_SEAT * np.uint64(seat) + np.uint64(holder)


@njit
def arrive(world: World, p: Any, people: People, seats: Seats, k: int) -> None:
    """The next holder of seat k: S0, E0, U0 and readiness by its key, always well and present; not yet appointed."""
    row, key = world.n + k, near_peer_key(k, seats.next_holder[k])
    seats.next_holder[k] += 1
    people.key[row] = key
    people.own_stigma[row] = draws.normal(draws.stream_at(world.seed, draws.STIGMA, 0), key)
    people.own_expertise[row] = draws.normal(draws.stream_at(world.seed, draws.EXPERTISE, 0), key)
    people.own_boundary[row] = draws.normal(draws.stream_at(world.seed, draws.BOUNDARY, 0), key)
    people.readiness[row] = p.readiness_sd * draws.normal(draws.stream_at(world.seed, draws.READINESS, 0), key)
    people.stigma_shift[row], people.expertise_shift[row], people.boundary_shift[row] = 0.0, 0.0, 0.0
    people.distress[row], people.care[row], people.received[row], people.worry[row] = 0, NONE, 0.0, 0.0
    people.load[row], people.n_offers[row], people.n_breaches[row] = 0.0, 0, 0
    people.is_trained[row], people.is_present[row], people.attendance[row] = False, True, 1.0
    people.checked_by[row], people.checked_on[row] = -1, -1


@njit
def hand_over(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings, row: int, successor: int) -> Ties:
    """H_successor,i = max(H_successor,i, succession_carry H_predecessor,i); the predecessor's own ties are gone.

    Args:
        row: of the near-peer who goes.
        successor: a student's row, or `row` itself where the next holder has arrived in it.
    """
    carried = np.zeros(world.m)
    for i in range(world.m):
        if i != row:
            carried[i] = p.succession_carry * hours_now(ties, p, now, row, i)
    forget_person(ties, row)
    for i in range(world.m):
        if i != successor and carried[i] > 0.0 and carried[i] > hours_now(ties, p, now, successor, i):
            ties = set_hours(ties, world, p, gatherings, now, successor, i, carried[i])
    return ties


@njit
def deal_students(world: World, now: Now, people: People) -> None:
    """Students present, in hashed order of (near_peer_students, t = year), are dealt to the seats in turn."""
    rows, n_present = np.empty(world.n, dtype=np.int64), 0
    for i in range(world.n):
        people.visitor[i] = -1
        if people.is_present[i]:
            rows[n_present] = i
            n_present += 1
    order = draws.hashed_order(rows[:n_present], people.key, draws.stream_at(world.seed, draws.NEAR_PEER_STUDENTS, now.year))
    for q in range(n_present):
        people.visitor[order[q]] = world.n + q % (world.m - world.n)


@njit
def visit(world: World, now: Now, people: People) -> None:
    """(contracted hours - [outreach])+ / (number dealt to the seat) with each, in teaching weeks, while a near-peer is in post.

    Who was dealt to a seat and has left the course since still counts among the number dealt: `visitor` outlasts presence.
    """
    n_dealt = np.zeros(world.m - world.n, dtype=np.int64)
    for i in range(world.n):
        people.visit_hours[i] = 0.0
        if people.visitor[i] >= 0:
            n_dealt[people.visitor[i] - world.n] += 1
    if not now.is_teaching:
        return
    hours = max(0.0, world.contracted_hours - (1.0 if world.has_outreach else 0.0))
    for i in range(world.n):
        row = people.visitor[i]
        if row >= 0 and people.is_present[i] and people.is_present[row]:
            people.visit_hours[i] = hours / n_dealt[row - world.n]
