"""Officers: choice, appointment, leaving, succession and outreach (docs/model.md, sections 8.1-8.4 and 8.6, and the turns of 8.5)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from simulation.engine import draws
from simulation.engine.near_peers import arrive, deal_students, hand_over, visit
from simulation.engine.state import Gatherings, Ints, Now, People, Seats, Ties, Totals, World
from simulation.engine.ties import forget_person
from simulation.scenario.support import OFFICERS

NO_OFFICERS, VOLUNTEERS, ELECTED, SELECTED, ONE_PER_SITE, NEAR_PEER = range(len(OFFICERS))


# 8.1 Design


def seats_of(design: int, n: int, students_per_officer: float, n_sites: int) -> int:
    """M = max(1, round half up(N / students_per_officer)); one-per-site: the number of sites; none without officers."""
    if design == NO_OFFICERS:
        return 0
    return n_sites if design == ONE_PER_SITE else max(1, math.floor(n / students_per_officer + 0.5))


def contracted_hours(officer_hours: float, n: int, students_per_officer: float, n_seats: int) -> float:
    """Hours a week of each officer, so that designs have equal officer-hours: officer_hours (N / students_per_officer) / seats."""
    return officer_hours * (n / students_per_officer) / n_seats if n_seats > 0 else 0.0


@njit
def n_in_post(seats: Seats) -> int:
    """Officers in post, near-peers included."""
    count = 0
    for k in range(len(seats.row)):
        count += seats.row[k] >= 0
    return count


@njit
def is_any_in_post(seats: Seats) -> bool:
    """An officer is in post."""
    return n_in_post(seats) > 0


# 8.2 Choice


@njit
def eligible_in_order(world: World, now: Now, people: People) -> Ints:
    """Willing, present, D = 0 and not in post, in the order of the design; equal ones in hashed order of (officer_choice, t = year)."""
    rows, k = np.empty(world.n, dtype=np.int64), 0
    for i in range(world.n):
        if people.is_willing[i] and people.is_present[i] and people.distress[i] == 0 and not people.is_officer[i]:
            rows[k] = i
            k += 1
    stream = draws.stream_at(world.seed, draws.OFFICER_CHOICE, now.year)
    order = draws.hashed_order(rows[:k], people.key, stream)
    if world.design != ELECTED and world.design != SELECTED:
        return order
    place = np.empty(k)  # who has the smallest comes first
    for q in range(k):
        i = order[q]
        if world.design == ELECTED:
            place[q] = -math.log(1.0 - draws.uniform(stream, people.key[i])) / (1.0 + people.friends[i])
        else:
            expertise, stigma = people.own_expertise[i] + people.expertise_shift[i], people.own_stigma[i] + people.stigma_shift[i]
            place[q] = -(expertise - stigma - people.load[i])
    return order[np.argsort(place, kind="mergesort")]


@njit
def _choose(world: World, p: Any, now: Now, people: People, seats: Seats) -> None:
    """All officers leave their seats, then the seats are filled; at each site the first of those who are there, where anybody has a site."""
    for k in range(len(seats.row)):
        _vacate(people, seats, k)
    order, base = eligible_in_order(world, now, people), p.school_trust if world.has_trust else 1.0
    if world.design == ONE_PER_SITE and np.any(people.is_present[: world.n] & (people.main_site[: world.n] >= 0)):
        for i in order:  # in this order the first of each site takes its seat, as if seat after seat were filled
            site = people.main_site[i]
            if site >= 0 and seats.row[site] < 0:
                _appoint(world, p, people, seats, site, i, base)
    else:
        for k in range(min(len(order), len(seats.row))):
            _appoint(world, p, people, seats, k, order[k], base)


# 8.3 Appointment, and its end


@njit
def _appoint(world: World, p: Any, people: People, seats: Seats, k: int, row: int, base: float) -> None:
    """Seat k to a row: trained the first time in life, credibility max(0, base - breach_on_credibility x own breaches)."""
    seats.row[k], people.is_officer[row] = row, True
    if not people.is_trained[row]:
        people.is_trained[row] = True
        people.expertise_shift[row] += p.officer_training
        if world.has_role_boundaries:
            people.boundary_shift[row] += p.training_boundary
    people.credibility[row] = max(0.0, base - p.breach_on_credibility * people.n_breaches[row])


@njit
def _vacate(people: People, seats: Seats, k: int) -> None:
    """Nobody sits in seat k."""
    row = seats.row[k]
    if row >= 0:
        seats.row[k], people.is_officer[row], people.credibility[row] = -1, False, 0.0


@njit
def _end_checkin(people: People, row: int) -> None:
    """The week's check-in of an officer who is gone is gone."""
    if people.checked_on[row] >= 0:
        people.checked_by[people.checked_on[row]], people.checked_on[row] = -1, -1


@njit
def give_up_seat(people: People, seats: Seats, row: int) -> None:
    """A student leaves the course: the seat is vacant until the next choice, and check-ins by or on the student are over.

    The officer who checked in on the student has still spent the week's hour on it, so that officer's `checked_on` stays.
    """
    people.checked_by[row] = -1
    _end_checkin(people, row)
    if people.is_officer[row]:
        for k in range(len(seats.row)):
            if seats.row[k] == row:
                _vacate(people, seats, k)


# 8.4 Leaving and succession, 8.5 the turns of near-peers


@njit
def _depart(people: People, ties: Ties, row: int) -> None:
    """A near-peer has gone, and nobody follows in the row: its ties and the week's check-in are gone."""
    forget_person(ties, row)
    _end_checkin(people, row)
    people.is_present[row] = False


@njit
def _fill_near_peers(world: World, p: Any, people: People, seats: Seats) -> None:
    """Vacant seats to their next holders; those in post stay."""
    base = p.school_trust if world.has_trust else 1.0
    for k in range(len(seats.row)):
        if seats.row[k] < 0:
            arrive(world, p, people, seats, k)
            _appoint(world, p, people, seats, k, world.n + k, base)


@njit
def _graduate(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings, seats: Seats) -> Ties:
    """Near-peers leave for good; under succession each occupied seat goes to the first eligible student, with the predecessor's ties."""
    order, n_taken = eligible_in_order(world, now, people), 0
    for k in range(len(seats.row)):
        row = seats.row[k]
        if row < world.n:  # vacant
            continue
        base = p.succession_carry * people.credibility[row]
        _vacate(people, seats, k)
        if world.has_succession and n_taken < len(order):
            successor = order[n_taken]
            n_taken += 1
            _appoint(world, p, people, seats, k, successor, base)
            ties = hand_over(world, p, now, people, ties, gatherings, row, successor)
        _depart(people, ties, row)
    return ties


@njit
def _leave(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings, seats: Seats) -> Ties:
    """Each officer leaves with p(officer_exit / 52 (exam_exit in exam weeks) (succession_exit under succession)).

    Under succession, in order of seats, a near-peer is followed by the next holder and a student by the first eligible, who is nobody that left
    in this step: the eligible are looked up while the leavers are still in post.
    """
    rate = p.officer_exit / 52.0 * (p.exam_exit if now.is_exam else 1.0) * (p.succession_exit if world.has_succession else 1.0)
    p_exit = 1.0 - math.exp(-rate * world.dt)
    stream = draws.stream_at(world.seed, draws.OFFICER_EXIT, now.step)
    leaving, n_leaving = np.empty(len(seats.row), dtype=np.int64), 0
    for k in range(len(seats.row)):
        if seats.row[k] >= 0 and draws.uniform(stream, people.key[seats.row[k]]) < p_exit:
            leaving[n_leaving] = k
            n_leaving += 1
    if n_leaving == 0:
        return ties
    order, n_taken = leaving[:0], 0
    if world.has_succession:
        order = eligible_in_order(world, now, people)
    for k in leaving[:n_leaving]:
        row, base = seats.row[k], p.succession_carry * people.credibility[seats.row[k]]
        _vacate(people, seats, k)
        if row >= world.n and world.has_succession:
            _end_checkin(people, row)
            arrive(world, p, people, seats, k)
            _appoint(world, p, people, seats, k, row, base)
            ties = hand_over(world, p, now, people, ties, gatherings, row, row)
        elif row >= world.n:
            _depart(people, ties, row)
        elif n_taken < len(order):
            _appoint(world, p, people, seats, k, order[n_taken], base)
            n_taken += 1
    return ties


@njit
def change_officers(world: World, p: Any, now: Now, people: People, ties: Ties, gatherings: Gatherings, seats: Seats) -> Ties:
    """Phase 2: choice in the first step of a year, then leaving and succession, then the hours that near-peers spend with whom."""
    if world.design == NO_OFFICERS or (world.design == NEAR_PEER and world.m == world.n):  # near-peers: none in a course of one year
        return ties
    if now.is_first_step and now.week_of_year == 1:
        if world.design != NEAR_PEER:
            _choose(world, p, now, people, seats)
        else:
            if now.year < world.n_years:
                _fill_near_peers(world, p, people, seats)
            else:
                ties = _graduate(world, p, now, people, ties, gatherings, seats)
            deal_students(world, now, people)
    ties = _leave(world, p, now, people, ties, gatherings, seats)
    if world.design == NEAR_PEER:
        visit(world, now, people)
    return ties


# 8.6 Outreach


@njit
def reach_out(world: World, p: Any, now: Now, people: People, seats: Seats, totals: Totals) -> None:
    """Phase 3: each officer, in hashed order, checks in on one student who looks low in contact and whom nobody has checked on this week."""
    if not world.has_outreach or not now.is_first_step or world.design == NO_OFFICERS:
        return
    people.checked_by[:] = -1
    people.checked_on[:] = -1
    n_officers = n_in_post(seats)
    if not now.is_teaching or n_officers == 0:
        return
    low, part, n_low = np.empty(world.n, dtype=np.int64), np.empty(world.n, dtype=np.uint64), 0
    flag = draws.stream_at(world.seed, draws.FLAG, now.week)
    choice = draws.stream_at(world.seed, draws.OUTREACH_CHOICE, now.week)
    for i in range(world.n):
        p_low = p.outreach_sensitivity if people.friends[i] == 0 else 1.0 - p.outreach_specificity
        if people.is_present[i] and not people.is_officer[i] and draws.uniform(flag, people.key[i]) < p_low:
            low[n_low], part[n_low] = i, draws.directed(choice, people.key[i])
            n_low += 1
    officers = seats.row[seats.row >= 0]
    for j in draws.hashed_order(officers, people.key, draws.stream_at(world.seed, draws.OUTREACH_ORDER, now.week)):
        if n_low == 0:
            return
        best, least = 0, 2.0
        for q in range(n_low):
            draw = draws.uniform_of(part[q], people.key[j])
            if draw < least or (draw == least and people.key[low[q]] < people.key[low[best]]):
                best, least = q, draw
        i = low[best]
        people.checked_by[i], people.checked_on[j] = j, i
        totals.n_checkins[0] += 1
        totals.n_false_checkins[0] += people.distress[i] == 0
        n_low -= 1  # who is last takes the place of the one who is checked on: the order of `low` means nothing
        low[best], part[best] = low[n_low], part[n_low]
