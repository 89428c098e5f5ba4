"""Onset, recovery, worsening, easing, and leaving the course (docs/model.md, section 4.6)."""

from __future__ import annotations

import math
from typing import Any

from numba import njit

from simulation.engine import draws
from simulation.engine.episodes import censor_episode, close_episode, open_episode
from simulation.engine.officers import give_up_seat
from simulation.engine.state import IN_CARE, NONE, STRENGTH, Episodes, Floats, Ints, Now, People, Seats, Ties, World
from simulation.engine.ties import count_friends, forget_person


@njit
def available_support(p: Any, people: People, i: int) -> float:
    """Q_i = 1 - exp(-(outside_support + summed strength of friends) / 2)."""
    return 1.0 - math.exp(-(p.outside_support + people.support[i]) / 2.0)


@njit
def _onset_hazard(world: World, p: Any, people: People, ties: Ties, base: float, distress: Ints, i: int) -> float:
    exponent = -p.support_on_onset * (available_support(p, people, i) - 0.5) + p.load_on_onset * people.load[i]
    if p.contagion != 0.0:
        for k in range(ties.n_pairs[i]):
            j = ties.other[i, k]
            if j < world.n and ties.value[STRENGTH, ties.pair[i, k]] >= p.friend_strength and distress[j] >= 1:
                exponent += p.contagion
    return base * people.susceptibility[i] * math.exp(exponent)


@njit
def begin(world: World, p: Any, step: int, is_early: bool, people: People, episodes: Episodes, i: int) -> Episodes:
    """An episode begins: its frailty and openness are drawn."""
    people.onset[i] = step
    frailty = draws.directed(draws.stream_at(world.seed, draws.FRAILTY, step), people.key[i])
    people.frailty[i] = draws.lognormal_of(p.frailty_sd, frailty, draws.NO_KEY)
    people.openness[i] = p.openness_sd * draws.normal(draws.stream_at(world.seed, draws.OPENNESS, step), people.key[i])
    return open_episode(people, episodes, i, step, people.friends[i] == 0, is_early)


@njit
def change_distress(world: World, p: Any, now: Now, people: People, ties: Ties, episodes: Episodes, multiplier: Floats, before: Ints) -> Episodes:
    """One draw a student: the hazards of section 4.6 against it.

    Args:
        multiplier: of onset, by year, shape (years,).
        before: room for D as the phase found it, shape (m,).
    """
    stream = draws.stream_at(world.seed, draws.DISTRESS, now.step)
    base = p.onset_rate * multiplier[now.year - 1] * (p.exam_multiplier if now.is_exam else 1.0)
    most_by_support = math.exp(abs(p.support_on_onset) / 2.0)
    if p.contagion != 0.0:
        before[:] = people.distress
    for i in range(world.n):
        if not people.is_present[i]:
            continue
        u = draws.uniform(stream, people.key[i])
        if people.distress[i] == 0:
            if p.contagion == 0.0 and people.load[i] == 0.0 and u >= base * people.susceptibility[i] * most_by_support * world.dt:
                continue  # not even if nobody were there for the student
            if u < -math.expm1(-_onset_hazard(world, p, people, ties, base, before, i) * world.dt):
                people.distress[i] = 1
                episodes = begin(world, p, now.step, now.is_settling_in, people, episodes, i)
        elif people.distress[i] == 1:
            recovery = p.recovery_rate * people.frailty[i] * math.exp(
                p.received_on_recovery * people.received[i] + p.support_on_recovery * (available_support(p, people, i) - 0.5))  # fmt: skip
            if people.care[i] == IN_CARE:
                recovery *= p.care_on_recovery
            if p.recovery_slowing != 0.0:
                recovery *= (1.0 + (now.step - people.onset[i]) * world.dt / 26.0) ** -p.recovery_slowing
            worsening = p.worsening_rate * math.exp(-p.received_on_worsening * people.received[i])
            both = recovery + worsening
            p_either = -math.expm1(-both * world.dt)
            if both > 0.0 and u < p_either * recovery / both:
                people.distress[i], people.recovered[i] = 0, now.step
                close_episode(people, episodes, i, now.step)
            elif u < p_either:
                people.distress[i] = 2
        else:
            easing = p.easing_rate * math.exp(p.received_on_easing * people.received[i])
            if people.care[i] == IN_CARE:
                easing *= p.care_on_easing
            if u < -math.expm1(-easing * world.dt):
                people.distress[i] = 1
    return episodes


@njit
def leave_course(world: World, p: Any, now: Now, people: People, ties: Ties, seats: Seats, episodes: Episodes) -> None:
    """Distressed students may leave: the episode is censored, and every tie, place in care and office is given up."""
    stream = draws.stream_at(world.seed, draws.DROPOUT, now.step)
    p_leave = -math.expm1(-p.dropout_rate / 52.0 * world.dt)
    has_left = False
    for i in range(world.n):
        if people.distress[i] >= 1 and draws.uniform(stream, people.key[i]) < p_leave:
            censor_episode(people, episodes, i)
            give_up_seat(people, seats, i)
            forget_person(ties, i)
            people.distress[i], people.care[i], people.friends[i] = 0, NONE, 0
            people.is_present[i], people.attendance[i] = False, 0.0
            has_left = True
    if has_left:
        count_friends(world, p, people, ties)
