"""Offering and accepting help, and what that does to both (docs/model.md, sections 4.8 and 4.9). i seeks, j helps; noticing.py comes before."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from simulation.engine import draws
from simulation.engine.episodes import (
    BOUNDARY,
    CHANCE,
    EXPERTISE,
    LOAD,
    NEVER,
    OWN_DISTRESS,
    RELUCTANCE,
    STIGMA,
    WEAK_TIE,
    WEEKLY_LIMIT,
    is_likelier,
    note,
    note_by,
)
from simulation.engine.noticing import STAFF, notice, source_of
from simulation.engine.officers import is_any_in_post
from simulation.engine.pairs import find
from simulation.engine.state import (
    STRENGTH,
    TOGETHER,
    Bools,
    Encounters,
    Episodes,
    Floats,
    Ints,
    Keys,
    Now,
    People,
    Seats,
    Ties,
    Totals,
    Weekly,
    World,
)

__all__ = ["accept", "expit", "notice", "offer"]

COMFORT, PLAN, REFERRAL = 0, 1, 2


@njit
def expit(x: float) -> float:
    """1 / (1 + exp(-x)), for any x."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))


@njit
def logit(probability: float) -> float:
    """The inverse of expit; infinite at 0 and 1."""
    if probability <= 0.0:
        return -math.inf
    if probability >= 1.0:
        return math.inf
    return math.log(probability / (1.0 - probability))


# 4.8 Offer


@njit
def _offer_logit(p: Any, w: float, expertise: float, stigma: float, boundary: float, load: float, readiness: float, is_distressed: bool,
                 is_severe: bool, is_officer: bool, has_officers: bool, is_colleague: bool) -> float:  # fmt: skip
    """How ready j is to offer."""
    x = p.offer_intercept + p.offer_tie * w + p.offer_expertise * expertise - p.offer_stigma * stigma - p.offer_boundary * boundary
    x += readiness - p.offer_load * load
    if is_distressed:
        x -= p.offer_own_distress
    if is_severe:
        x += p.offer_severe
    if is_officer:
        x += p.offer_officer
    elif has_officers:
        x -= p.crowding_out
    return x + p.training_collegiality if is_colleague else x


@njit
def _obstacle(p: Any, w: float, expertise: float, stigma: float, boundary: float, load: float, readiness: float, is_distressed: bool) -> int:
    """What kept j from offering: the largest positive cost, the first of equals (section 10)."""
    cost, obstacle = 0.0, CHANCE
    if -p.offer_expertise * expertise > cost:
        cost, obstacle = -p.offer_expertise * expertise, EXPERTISE
    if p.offer_stigma * stigma > cost:
        cost, obstacle = p.offer_stigma * stigma, STIGMA
    if p.offer_boundary * boundary > cost:
        cost, obstacle = p.offer_boundary * boundary, BOUNDARY
    if p.offer_load * load > cost:
        cost, obstacle = p.offer_load * load, LOAD
    if p.offer_tie * (0.5 - w) > cost:
        cost, obstacle = p.offer_tie * (0.5 - w), WEAK_TIE
    if is_distressed and p.offer_own_distress > cost:
        cost, obstacle = p.offer_own_distress, OWN_DISTRESS
    return RELUCTANCE if -readiness > cost else obstacle


@njit
def _limit(p: Any, contracted_hours: float, is_officer: bool, has_checked_in: bool) -> int:
    """Offers that somebody makes at most in a week, besides the one made in a check-in."""
    limit = p.weekly_offers
    if is_officer:
        limit = min(limit, max(1, math.floor(contracted_hours + 0.5)) - has_checked_in)
    return max(0, limit)


@njit
def _make(p: Any, contracted_hours: float, key: Keys, is_officer: Bools, checked_on: Ints, n_offers: Ints, seeker: Ints, helper: Ints,
          is_free: Bools, is_made: Bools, u: Floats, would: Bools) -> None:  # fmt: skip
    """Of the offers that would be made, those within the weekly limits: with the smallest draws, then the smaller key of i.

    Args:
        n_offers: made in this week so far, by helper; brought up to date. is_free: an offer that counts in no limit.
        u: draws. would: offers that would be made but for the limit; all shape (encounters,). is_made: set here.
    """
    n = len(would)
    for r in range(n):  # all of them first, to see who is over the limit
        is_made[r] = would[r]
        if would[r] and not is_free[r]:
            n_offers[helper[r]] += 1
    for r in range(n):
        j = helper[r]
        if not would[r] or is_free[r]:
            continue
        limit = _limit(p, contracted_hours, is_officer[j], checked_on[j] >= 0)
        if n_offers[j] > limit:
            n_before = n_offers[j]  # made earlier in the week, or in this step and before this one
            for q in range(n):
                if helper[q] == j and would[q] and not is_free[q]:
                    n_before -= u[q] > u[r] or (u[q] == u[r] and key[seeker[q]] >= key[seeker[r]])
            is_made[r] = n_before < limit
    for r in range(n):
        if would[r] and not is_made[r]:
            n_offers[helper[r]] -= 1


@njit
def offer(world: World, p: Any, now: Now, people: People, seats: Seats, ties: Ties, episodes: Episodes, totals: Totals,
          encounters: Encounters) -> None:  # fmt: skip
    """Who noticed offers if a directed draw (stream offer, t = n) is below expit of `_offer_logit`; staff always do. Sets `is_made`."""
    n = encounters.used[0]
    if n == 0:
        return
    stream, has_officers = draws.stream_at(world.seed, draws.OFFER, now.step), is_any_in_post(seats)
    seeker, helper, w, is_made = encounters.seeker, encounters.helper, encounters.strength, encounters.is_made
    key, distress, load, readiness, is_officer = people.key, people.distress, people.load, people.readiness, people.is_officer
    x, u, would, is_free, obstacle = np.zeros(n), np.zeros(n), np.ones(n, np.bool_), np.ones(n, np.bool_), np.zeros(n, np.int64)
    for r in range(n):
        i, j = seeker[r], helper[r]
        if j == STAFF:
            continue
        expertise, stigma = people.own_expertise[j] + people.expertise_shift[j], people.own_stigma[j] + people.stigma_shift[j]
        boundary, is_colleague = people.own_boundary[j] + people.boundary_shift[j], False
        if world.has_collegiality and j < world.n:
            q = find(ties, i, j)
            is_colleague = q >= 0 and ties.value[TOGETHER, q] > 0.0
        x[r] = _offer_logit(p, w[r], expertise, stigma, boundary, load[j], readiness[j], distress[j] >= 1, distress[i] == 2, is_officer[j],
                            has_officers, is_colleague)  # fmt: skip
        u[r] = draws.uniform_of(draws.directed(stream, key[i]), key[j])
        would[r], is_free[r], obstacle[r] = u[r] < expit(x[r]), encounters.is_checkin[r], WEEKLY_LIMIT
        if not would[r]:
            obstacle[r] = _obstacle(p, w[r], expertise, stigma, boundary, load[j], readiness[j], distress[j] >= 1)
    _make(p, world.contracted_hours, key, is_officer, people.checked_on, people.n_offers, seeker, helper, is_free, is_made, u, would)
    rows = episodes.rows
    for r in range(n):
        j, e = helper[r], people.episode[seeker[r]]
        if is_made[r]:
            note(rows.first_offered, e, now.step)
            if 0 <= j < world.n:
                totals.n_offers[j] += 1
        elif rows.first_offered[e] == NEVER and is_likelier(rows.best_logit[e], rows.best_step[e], rows.best_key[e], x[r], now.step, key[j]):
            rows.best_logit[e], rows.best_step[e], rows.best_key[e], rows.obstacle[e] = x[r], now.step, key[j], obstacle[r]


# 4.9 Accept, kind of support


@njit
def _accept_logit(p: Any, w: float, stigma: float, worry: float, credibility: float, openness: float) -> float:
    """How ready i is to accept; credibility of officers, school_trust for staff, 0 for others."""
    return p.accept_intercept + p.accept_tie * w - p.accept_stigma * stigma - p.accept_breach * worry + p.accept_credibility * credibility + openness


@njit
def _p_referral(p: Any, expertise: float, is_severe: bool, has_information: bool) -> float:
    """Probability that an accepted support is a referral."""
    x = logit(p.p_referral) + p.referral_expertise * expertise
    if is_severe:
        x += p.referral_severe
    return expit(x + p.training_referral if has_information else x)


@njit(inline="always")
def _fade(world: World, p: Any, people: People) -> None:
    """R, L and c lose what a step takes."""
    kept_received, kept_load = math.exp(-world.dt / p.received_weeks), math.exp(-world.dt / p.load_weeks)
    kept_worry = 2.0 ** (-world.dt / p.breach_half_life)
    received, worry, load = people.received, people.worry, people.load
    for i in range(world.n):
        received[i] *= kept_received
        worry[i] *= kept_worry
    for j in range(world.m):
        load[j] *= kept_load


@njit
def _worry(p: Any, n: int, people: People, ties: Ties, i: int) -> None:
    """A breach concerns i and i's friends."""
    people.worry[i] += p.breach_on_worry
    for k in range(ties.n_pairs[i]):
        if ties.other[i, k] < n and ties.value[STRENGTH, ties.pair[i, k]] >= p.friend_strength:
            people.worry[ties.other[i, k]] += p.breach_on_worry


@njit
def accept(world: World, p: Any, now: Now, people: People, ties: Ties, episodes: Episodes, totals: Totals, weekly: Weekly,
           encounters: Encounters) -> None:  # fmt: skip
    """Student i accepts an offer of j by a directed draw (stream accept, t = n); then R, L and c of everybody, and breaches."""
    n = encounters.used[0]
    if n == 0:
        _fade(world, p, people)
        return
    seeker, helper, is_made, key, is_officer = encounters.seeker, encounters.helper, encounters.is_made, people.key, people.is_officer
    stream, staff_stream = draws.stream_at(world.seed, draws.ACCEPT, now.step), draws.stream_at(world.seed, draws.STAFF_ACCEPT, now.step)
    is_accepted, n_accepted = np.zeros(n, np.bool_), 0
    for r in range(n):  # all of them, before anything that they change
        i, j = seeker[r], helper[r]
        if is_made[r]:
            stigma, trust = people.own_stigma[i] + people.stigma_shift[i], p.school_trust
            if j != STAFF:
                trust = people.credibility[j] if is_officer[j] else 0.0
            x = _accept_logit(p, encounters.strength[r], stigma, people.worry[i], trust, people.openness[i])
            u = draws.uniform(staff_stream, key[i]) if j == STAFF else draws.uniform_of(draws.directed(stream, key[i]), key[j])
            is_accepted[r] = u < expit(x)
            n_accepted += is_accepted[r]
    _fade(world, p, people)
    if n_accepted > 0:
        _support(world, p, now, people, ties, episodes, totals, weekly, seeker, helper, is_accepted)


@njit(inline="always")
def _support(world: World, p: Any, now: Now, people: People, ties: Ties, episodes: Episodes, totals: Totals, weekly: Weekly, seeker: Ints,
             helper: Ints, is_accepted: Bools) -> None:  # fmt: skip
    """What each accepted support is, and what it does to i and j."""
    referral, plan = draws.stream_at(world.seed, draws.REFERRAL, now.step), draws.stream_at(world.seed, draws.PLAN, now.step)
    breach, p_breach = draws.stream_at(world.seed, draws.BREACH, now.step), p.breach_stress if world.has_breach_stress else p.breach
    rows = episodes.rows
    for r in range(len(is_accepted)):
        if not is_accepted[r]:
            continue
        i, j, kind = seeker[r], helper[r], REFERRAL
        e, is_severe, a = people.episode[i], people.distress[i] == 2, people.key[i]
        if j != STAFF:
            b, by_officer = people.key[j], people.is_officer[j]
            expertise, boundary = people.own_expertise[j] + people.expertise_shift[j], people.own_boundary[j] + people.boundary_shift[j]
            if draws.uniform_of(draws.directed(referral, a), b) >= _p_referral(p, expertise, is_severe, world.has_information):
                kind = PLAN if draws.uniform_of(draws.directed(plan, a), b) < p.p_plan else COMFORT
            load = (p.load_severe if is_severe else p.load_support) * math.exp(p.boundary_on_load * boundary)
            people.load[j] += load * (p.advice_on_load if by_officer and world.has_advice else 1.0)
            note(rows.first_accepted_peer, e, now.step)
            if j < world.n:
                weekly.n_supports_given[now.week - 1, j] += 1
            if by_officer and draws.uniform_of(draws.directed(breach, a), b) < p_breach:
                totals.n_breaches[0] += 1
                people.n_breaches[j] += 1
                people.credibility[j] = max(0.0, people.credibility[j] - p.breach_on_credibility)
                _worry(p, world.n, people, ties, i)
        if kind == REFERRAL:
            people.referred[i] = now.step
            note(rows.first_referred, e, now.step)
        q = p.referral_support if kind == REFERRAL else p.plan_support if kind == PLAN else p.comfort_support
        people.received[i] = min(p.received_cap, people.received[i] + q)
        totals.n_kinds[kind] += 1
        weekly.is_supported[now.week - 1, i] = True
        note_by(rows.first_accepted, rows.accepted_by, e, now.step, source_of(people.is_officer, j))
