"""Professional care: asking, waiting, places (docs/model.md, section 4.11)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from simulation.engine import draws
from simulation.engine.state import IN_CARE, NONE, WAITING, Bools, Episodes, Now, People, World


@njit
def _enter(now: Now, people: People, episodes: Episodes, i: int) -> None:
    people.care[i], people.care_since[i] = IN_CARE, now.step
    episode = people.episode[i]
    if episode >= 0 and episodes.rows.first_treated[episode] < 0:
        episodes.rows.first_treated[episode] = now.step


@njit
def change_care(world: World, p: Any, now: Now, people: People, episodes: Episodes, accepted: Bools) -> None:
    """Care ends, urgent care begins, students ask and wait, and the longest waiting enter while there are places.

    Args:
        accepted: who accepted an escalation in this step, shape (n,).
    """
    for i in range(world.n):
        is_over = people.care[i] == IN_CARE and (now.step - people.care_since[i]) * world.dt >= p.care_weeks
        if people.care[i] != NONE and (people.distress[i] == 0 or is_over):
            people.care[i] = NONE
        if accepted[i]:
            _enter(now, people, episodes, i)
    ask = draws.stream_at(world.seed, draws.ASK, now.step)
    n_ready = n_in_care = 0
    for i in range(world.n):
        if people.care[i] == NONE and people.distress[i] >= 1:
            rate = p.self_presentation * math.exp(p.stigma_on_care * (people.own_stigma[i] + people.stigma_shift[i]))
            if people.distress[i] == 2:
                rate *= p.severe_on_care
            if people.referred[i] >= 0 and (now.step - people.referred[i]) * world.dt <= p.referral_window:
                rate *= p.referral_on_care
            if draws.uniform(ask, people.key[i]) < -math.expm1(-rate * world.dt):
                people.care[i], people.care_since[i] = WAITING, now.step
        n_in_care += people.care[i] == IN_CARE
        n_ready += people.care[i] == WAITING and (now.step - people.care_since[i]) * world.dt >= p.waiting_weeks
    if n_ready > 0:
        n_free = math.ceil(p.care_places * world.n / 100.0) - n_in_care
        _fill_places(world, p, now, people, episodes, n_ready, n_free)


@njit
def _fill_places(world: World, p: Any, now: Now, people: People, episodes: Episodes, n_ready: int, n_free: int) -> None:
    """The longest waiting enter, then in hashed order."""
    ready = np.empty(n_ready, dtype=np.int64)
    k = 0
    for i in range(world.n):
        if people.care[i] == WAITING and (now.step - people.care_since[i]) * world.dt >= p.waiting_weeks:
            ready[k] = i
            k += 1
    for k in range(min(n_free, n_ready)):
        first = k
        if n_free < n_ready:
            for q in range(k + 1, n_ready):
                if _comes_before(world, people, ready[q], ready[first]):
                    first = q
        ready[k], ready[first] = ready[first], ready[k]
        _enter(now, people, episodes, ready[k])


@njit
def _comes_before(world: World, people: People, a: int, b: int) -> bool:
    if people.care_since[a] != people.care_since[b]:
        return people.care_since[a] < people.care_since[b]
    queue = draws.stream_at(world.seed, draws.QUEUE, people.care_since[a])
    draw_a, draw_b = draws.uniform(queue, people.key[a]), draws.uniform(queue, people.key[b])
    return draw_a < draw_b or (draw_a == draw_b and people.key[a] < people.key[b])
