"""Noticing, offering, accepting and escalating (docs/model.md, sections 4.7 to 4.10)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulation.agents import COMFORT, PLAN, REFERRAL, Student, expit
from simulation.phases.state import IN_CARE
from simulation.streams import uniform

if TYPE_CHECKING:
    from simulation.model import PeerSupportModel


@dataclass(frozen=True)
class Encounter:
    """Somebody who noticed, and whom they noticed.

    Attributes:
        seeker: the student in distress.
        helper: who noticed.
        is_checkin: it happened in a check-in of outreach.
    """

    seeker: Student
    helper: Student
    is_checkin: bool


def _luck(model: PeerSupportModel, stream: str, encounters: list[Encounter]) -> list[float]:
    """Directed draws of a stream for each encounter."""
    seekers = np.array([e.seeker.key for e in encounters], dtype=np.int64)
    helpers = np.array([e.helper.key for e in encounters], dtype=np.int64)
    draws: list[float] = uniform(model.world, stream, model.step_number, seekers, helpers).tolist()
    return draws


def exposed_rows(model: PeerSupportModel) -> np.ndarray:
    """Students whose distress can be noticed: in an episode that began before this step."""
    state, n = model.state, model.n_students
    return np.flatnonzero((state.distress[:n] >= 1) & (state.onset[:n] < model.step_number))


def notice(model: PeerSupportModel) -> list[Encounter]:
    """Who notices whom, through shared hours, messages, absence or a check-in; ordered by keys of helper, then seeker."""
    state, ties, p, n = model.state, model.ties, model.p, model.n_students
    rows = exposed_rows(model)
    exposed = set(rows.tolist())
    checked = {(i, j) for i, j in ties.checkins if i in exposed} if model.is_first_step else set()
    found = {(i, j) for i, j in checked if model.people[j].notice(model.people[i], 1.0, 0.0)}
    if len(rows):
        contact = ties.together[rows] * state.attendance[rows, None] * state.attendance[None, :]
        near = (ties.strength[rows] >= p.acquaintance_strength) | (ties.together[rows] > 0)
        contact[:, :n] += ties.met[rows] + p.message_hours * ties.strength[rows, :n] * (1.0 - model.overlap(rows))
        display = np.exp(-p.stigma_on_display * state.stigma[rows]) * np.where(state.distress[rows] == 2, p.severe_visibility, 1.0)
        rate = display[:, None] * p.notice_contact * contact
        rate += p.notice_absence * ties.strength[rows] * (1.0 - state.attendance[rows, None])
        rate[:, ~state.is_present] = 0.0
        rate[np.arange(len(rows)), rows] = 0.0
        near[:, ~state.is_present] = False
        chance = -np.expm1(-rate * model.dt)
        luck = uniform(model.world, "notice", model.step_number, state.key[rows][:, None], state.key[None, :])
        model.recorder.see_company(rows, near.any(axis=1))
        for a, j in np.argwhere(luck < chance):
            i = int(rows[a])
            if model.people[j].notice(model.people[i], float(chance[a, j]), float(luck[a, j])):
                found.add((i, int(j)))
    encounters = [Encounter(model.people[i], model.people[j], (i, j) in checked) for i, j in found]
    encounters.sort(key=lambda e: (e.helper.key, e.seeker.key))
    for encounter in encounters:
        model.recorder.notice(encounter.seeker.row, "officer" if encounter.helper.is_officer else "peer")
    return encounters


def offer(model: PeerSupportModel, encounters: list[Encounter]) -> list[Encounter]:
    """Who offers help, within the week's limits: where more would be made, those with the smallest draws are."""
    willing: dict[int, list[tuple[float, int, Encounter]]] = {}
    made = []
    for encounter, luck in zip(encounters, _luck(model, "offer", encounters), strict=True):
        helper, seeker = encounter.helper, encounter.seeker
        if helper.offer(seeker, luck):
            if encounter.is_checkin:
                made.append(encounter)
            else:
                willing.setdefault(helper.row, []).append((luck, seeker.key, encounter))
    for row, wishes in willing.items():
        wishes.sort(key=lambda wish: wish[:2])
        left = max(0, weekly_limit(model, row) - int(model.state.n_offers_week[row]))
        made += [encounter for _, _, encounter in wishes[:left]]
        model.state.n_offers_week[row] += min(left, len(wishes))
    made.sort(key=lambda e: (e.seeker.key, e.helper.key))
    for encounter in made:
        model.recorder.offer(encounter.seeker.row, encounter.helper.row)
    for encounter in encounters:
        if model.recorder.was_never_offered(encounter.seeker.row):
            wished = any(wish[2] is encounter for wish in willing.get(encounter.helper.row, ()))
            terms = encounter.helper.offer_terms(encounter.seeker)
            model.recorder.miss_offer(encounter.seeker.row, sum(terms.values()), encounter.helper.key, _obstacle(model, terms, wished))
    return made


def _obstacle(model: PeerSupportModel, terms: dict[str, float], is_over_limit: bool) -> str:
    """Why the likeliest helper did not offer: the term that cost most against an average helper."""
    if is_over_limit:
        return "weekly limit"
    costs = {
        "expertise": -terms["expertise"], "stigma": -terms["stigma"], "boundary": -terms["boundary"], "load": -terms["load"],
        "weak tie": 0.5 * model.p.offer_tie - terms["tie"], "own distress": -terms["own distress"], "reluctance": -terms["readiness"],
    }  # fmt: skip
    worst = max(costs, key=lambda name: costs[name])
    return worst if costs[worst] > 0 else "chance"


def weekly_limit(model: PeerSupportModel, row: int) -> int:
    """Offers that a helper can make in a week, besides those in check-ins."""
    limit = int(model.p.weekly_offers)
    if model.state.is_officer[row]:
        n_checkins = sum(1 for _, j in model.ties.checkins if j == row)
        limit = min(limit, max(1, math.floor(model.officers.contracted_hours + 0.5)) - n_checkins)
    return max(0, limit)


def accept(model: PeerSupportModel, offers: list[Encounter]) -> None:
    """What comes of the offers: support accepted, its kind, its load, and breaches of confidence; staff's offers too."""
    state, p, n, step = model.state, model.p, model.n_students, model.step_number
    values = {COMFORT: p.comfort_support, PLAN: p.plan_support, REFERRAL: p.referral_support}
    received, load, worry = np.zeros(len(state.key)), np.zeros(len(state.key)), np.zeros(len(state.key))
    accepted = [e for e, luck in zip(offers, _luck(model, "accept", offers), strict=True) if e.seeker.accept(e.helper, luck)]
    draws = [_luck(model, stream, accepted) for stream in ("referral", "plan", "breach")]
    p_breach = p.breach_stress if "breach-stress" in model.add_ons else p.breach
    breaches = []
    boundary = state.boundary
    for encounter, luck_referral, luck_plan, luck_breach in zip(accepted, *draws, strict=True):
        i, j = encounter.seeker.row, encounter.helper.row
        kind = encounter.helper.support(encounter.seeker, luck_referral, luck_plan)
        received[i] += values[kind]
        weight = p.load_severe if state.distress[i] == 2 else p.load_support
        advised = state.is_officer[j] and "advice" in model.add_ons
        load[j] += weight * math.exp(p.boundary_on_load * boundary[j]) * (p.advice_on_load if advised else 1.0)
        model.recorder.accept(i, j, kind, "officer" if state.is_officer[j] else "peer")
        if kind == REFERRAL:
            state.referred[i] = step
        if state.is_officer[j] and luck_breach < p_breach:
            breaches.append((i, j))
    if p.staff_notice > 0:
        _staff(model, received)
    friend = model.ties.is_friend()
    for i, j in breaches:
        state.n_breaches[j] += 1
        state.credibility[j] = max(0.0, state.credibility[j] - p.breach_on_credibility)
        worry[:n] += friend[i]
        worry[i] += 1
        model.recorder.n_breaches += 1
    dt = model.dt
    state.received = np.minimum(p.received_cap, state.received * math.exp(-dt / p.received_weeks) + received)
    state.load = state.load * math.exp(-dt / p.load_weeks) + load
    state.worry = state.worry * 2.0 ** (-dt / p.breach_half_life) + p.breach_on_worry * worry


def _staff(model: PeerSupportModel, received: np.ndarray) -> None:
    """Staff who notice offer help, which is a referral if it is accepted."""
    p, state, step = model.p, model.state, model.step_number
    rows = exposed_rows(model)
    keys = state.key[rows]
    seen = uniform(model.world, "staff_notice", step, keys) < -math.expm1(-p.staff_notice * model.dt)
    luck = uniform(model.world, "staff_accept", step, keys)
    for row, draw in zip(rows[seen], luck[seen], strict=True):
        student = model.people[row]
        model.recorder.notice(int(row), "staff")
        model.recorder.offer(int(row), None)
        logit = p.accept_intercept - p.accept_stigma * student.stigma - p.accept_breach * student.worry
        if draw < expit(logit + p.accept_credibility * p.school_trust + student.openness):
            received[row] += p.referral_support
            state.referred[row] = step
            model.recorder.accept(int(row), None, REFERRAL, "staff")


def escalate(model: PeerSupportModel, offers: list[Encounter]) -> set[int]:
    """Rows of severely distressed students who accept that a helper involves professionals."""
    p, state = model.p, model.state
    severe = [e for e in offers if state.distress[e.seeker.row] == 2 and state.care[e.seeker.row] != IN_CARE]
    draws = [_luck(model, stream, severe) for stream in ("escalate", "route", "accept_escalation")]
    entering = set()
    for encounter, luck, luck_route, luck_accept in zip(severe, *draws, strict=True):
        if not encounter.helper.escalate(encounter.seeker, luck):
            continue
        row = encounter.seeker.row
        own = model.is_clinical_teaching and model.main_site[row] >= 0 and luck_route < p.own_hospital_route
        if luck_accept < (p.accept_own_hospital if own else p.accept_escalation):
            entering.add(row)
    return entering
