"""Teaching that shifts stigma and expertise, disclosure, and the slow return (docs/model.md, sections 4.1, 4.12 and 7)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from simulation.engine import draws
from simulation.engine.state import STRENGTH, Ints, Now, People, Ties, World


class Heard(NamedTuple):
    """Who has ever heard whose disclosure: a chain of hearers for each discloser.

    Attributes:
        first: the discloser's first link, -1 for none, shape (n,).
        hearer, following: of each link, shape (room,). used: links so far, shape (1,).
    """

    first: Ints
    hearer: Ints
    following: Ints
    used: Ints


@njit
def teach(world: World, p: Any, now: Now, people: People) -> None:
    """All-student training in week 1, disease-framed teaching once each campus year; a new year of disclosures."""
    n = world.n
    if now.week == 1 and world.has_training:
        people.stigma_shift[:n] += p.training_stigma
        if world.has_scripts:
            people.expertise_shift[:n] += p.training_expertise
            people.boundary_shift[:n] += p.training_boundary
        if world.has_self_disclosure:
            people.stigma_shift[:n] += p.training_disclosure
    if not now.is_clinical and now.week_of_year == p.term_weeks + 1:
        people.stigma_shift[:n] += p.disease_framing
    if now.week_of_year == 1:
        people.n_heard[:n] = 0


@njit
def _hear(heard: Heard, discloser: int, hearer: int) -> tuple[Heard, bool]:
    """Remember it; whether it is the first time."""
    link = heard.first[discloser]
    while link >= 0:
        if heard.hearer[link] == hearer:
            return heard, False
        link = heard.following[link]
    k = heard.used[0]
    if k == len(heard.hearer):
        hearers, following = np.empty(2 * k, dtype=np.int64), np.empty(2 * k, dtype=np.int64)
        hearers[:k], following[:k] = heard.hearer, heard.following
        heard = Heard(heard.first, hearers, following, heard.used)
    heard.hearer[k], heard.following[k] = hearer, heard.first[discloser]
    heard.first[discloser], heard.used[0] = k, k + 1
    return heard, True


@njit
def change_stigma(world: World, p: Any, now: Now, people: People, ties: Ties, heard: Heard) -> Heard:
    """Shifts fade, and friends hear the disclosures of students who have recovered."""
    people.stigma_shift[:] *= 2.0 ** (-world.dt / p.stigma_half_life)
    people.expertise_shift[:] *= 2.0 ** (-world.dt / p.training_half_life)
    people.boundary_shift[:] *= 2.0 ** (-world.dt / p.training_half_life)
    disclose = draws.stream_at(world.seed, draws.DISCLOSE, now.step)
    p_disclose = -math.expm1(-p.disclosure_rate * world.dt)
    for i in range(world.n):
        recovered = people.recovered[i]
        if recovered < 0 or people.distress[i] > 0 or (now.step - recovered) * world.dt > p.disclosure_window or not people.is_present[i]:
            continue
        if draws.uniform(disclose, people.key[i]) >= p_disclose:
            continue
        for k in range(ties.n_pairs[i]):
            hearer = ties.other[i, k]
            if hearer < world.n and ties.value[STRENGTH, ties.pair[i, k]] >= p.friend_strength:
                heard, is_first = _hear(heard, i, hearer)
                if is_first:
                    people.stigma_shift[hearer] += p.disclosure_on_stigma * 2.0 ** (-people.n_heard[hearer])
                    people.n_heard[hearer] += 1
    return heard
