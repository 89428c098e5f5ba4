"""Escalating: who offers help to a student in severe distress may call in care at once (docs/model.md, section 4.10)."""

from __future__ import annotations

from typing import Any

from numba import njit

from simulation.engine import draws
from simulation.engine.helping import expit
from simulation.engine.noticing import STAFF
from simulation.engine.state import IN_CARE, Bools, Encounters, Now, People, World


@njit(inline="always")
def _escalation_logit(world: World, p: Any, people: People, j: int) -> float:
    """How ready j is to escalate."""
    norm = p.confidentiality_norm + (p.training_obligations if world.has_obligations else 0.0)
    x = p.escalation_intercept + p.escalation_expertise * (people.own_expertise[j] + people.expertise_shift[j]) - norm
    if world.has_red_flags:
        x += p.training_red_flags
    if world.has_advice and people.is_officer[j]:
        x += p.advice_on_escalation
    return x


@njit
def escalate(world: World, p: Any, now: Now, people: People, encounters: Encounters, accepted: Bools) -> None:
    """Each j who made an offer to an i with D_i = 2 who is not in care escalates, and i accepts by the route; directed draws at t = n.

    Args:
        accepted: who accepted an escalation in this step, shape (n,); set here.
    """
    accepted[:] = False
    will = draws.stream_at(world.seed, draws.ESCALATE, now.step)
    route, consent = draws.stream_at(world.seed, draws.ROUTE, now.step), draws.stream_at(world.seed, draws.ACCEPT_ESCALATION, now.step)
    for r in range(encounters.used[0]):
        i, j = encounters.seeker[r], encounters.helper[r]
        if not encounters.is_made[r] or j == STAFF or people.distress[i] != 2 or people.care[i] == IN_CARE:
            continue
        a, b = people.key[i], people.key[j]
        if draws.uniform_of(draws.directed(will, a), b) >= expit(_escalation_logit(world, p, people, j)):
            continue
        is_placed = now.is_teaching and now.is_clinical and people.main_site[i] >= 0
        is_own_hospital = is_placed and draws.uniform_of(draws.directed(route, a), b) < p.own_hospital_route
        p_accept = p.accept_own_hospital if is_own_hospital else p.accept_escalation
        if draws.uniform_of(draws.directed(consent, a), b) < p_accept:
            accepted[i] = True
