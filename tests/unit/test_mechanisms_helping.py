"""Noticing, offers, reasons, support and escalation, one phase at a time and by hand (docs/model.md, sections 4.7 to 4.10, and 10)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulation.agents import REFERRAL, Student
from simulation.model import PeerSupportModel
from simulation.phases import helping
from simulation.phases.recorder import Episode
from simulation.phases.state import IN_CARE
from tests.runs import scenario
from tests.unit.test_mechanisms import QUIET, SURE, N, advance, ail, draw, meeting, quiet, symmetric

# Noticing


@pytest.mark.parametrize("week", [10, 45, 60])  # on campus, in a break, on placement
def test_noticing_through_contact_messages_and_absence(week: int) -> None:
    model = quiet(week, officers="near-peer", steps_per_week=2, notice_contact=0.02, notice_absence=0.3, message_hours=3, severe_visibility=2.5,
                  stigma_on_display=0.5)  # fmt: skip
    state, ties, rng, m = model.state, model.ties, np.random.default_rng(1), len(model.state.key)
    assert m == N + 4
    ties.strength[:], ties.met = symmetric(rng, m, 0.9), symmetric(rng, N, 10)
    state.attendance[:N], state.stigma_shift[:N], state.is_present[N - 1] = rng.uniform(0.1, 1, N), rng.normal(0, 1, N), False
    for row in range(13):
        ail(model, row, 1 + row % 2, ago=0 if row == 12 else 1)  # the last began in this step: not exposed
    a, w, c, site = state.attendance, ties.strength, ties.together, model.schedule.site_share
    expected = set()
    for i in range(12):
        shown = math.exp(-0.5 * state.stigma[i]) * (2.5 if state.distress[i] == 2 else 1)
        for j in range(m):
            overlap = {10: 1.0, 45: 0.0, 60: np.minimum(site[i], site[j % N]).sum()}[week]
            elective = ties.met[i, j] + 3 * w[i, j] * (1 - overlap) if j < N else 0
            rate = shown * 0.02 * (c[i, j] * a[i] * a[j] + elective) + 0.3 * w[i, j] * (1 - a[i])
            if i != j and state.is_present[j] and draw(model, "notice", i, j) < 1 - math.exp(-rate / 2):
                expected.add((i, j))
    assert 50 < len(expected) < 400
    assert {(e.seeker.row, e.helper.row) for e in helping.notice(model)} == expected


def test_nobody_there_means_no_acquaintance_and_no_company() -> None:
    model = quiet(1, notice_contact=0, notice_absence=0)
    together, strength = model.ties.together, model.ties.strength
    together[:], strength[:] = 0, 0
    episodes = [ail(model, row) for row in range(4)]
    for i, j, w, c in ((0, 20, 0.31, 0), (1, 21, 0, 1), (2, 22, 0.32, 0), (3, 23, 0.9, 5)):
        strength[i, j] = strength[j, i] = w
        together[i, j] = together[j, i] = c
    model.state.is_present[23] = False
    assert {episode.reason for episode in episodes} == {"brief"}
    expected = ["nobody there", "not noticed", "not noticed", "nobody there"]
    for _ in range(2):  # company in one exposed step is enough
        assert helping.notice(model) == []
        assert [episode.reason for episode in episodes] == expected
        together[:], strength[:] = 0, 0


def test_reasons_in_their_order() -> None:
    episode = Episode(0, 5, True, False)
    for name, value, reason in (("had_company", True, "brief"), ("was_exposed", True, "not noticed"), ("had_company", False, "nobody there"),
                                ("obstacle", "load", "nobody there"), ("first_noticed", 6, "load"), ("first_offered", 6, "refused"),
                                ("first_treated", 9, "reached"), ("first_treated", -1, "refused"), ("first_accepted", 7, "reached")):  # fmt: skip
        setattr(episode, name, value)
        assert episode.reason == reason, name


# Offers


@pytest.mark.parametrize(("helper", "hours", "reason"), [
    ({}, 300, "chance"), ({"expertise": -1}, 300, "expertise"), ({"stigma": 1}, 300, "stigma"), ({"boundary": 1}, 300, "boundary"),
    ({"load": 1}, 300, "load"), ({}, 30, "weak tie"), ({"distress": 1}, 300, "own distress"), ({"readiness": -1}, 300, "reluctance"),
    ({"expertise": -1, "stigma": 2}, 300, "stigma"), ({"expertise": -2, "stigma": 1}, 300, "expertise"),
    ({"boundary": 3, "load": 2, "readiness": -1.1}, 300, "boundary"), ({"stigma": 1, "boundary": 1}, 300, "stigma"),
])  # fmt: skip
def test_the_greatest_cost_is_the_obstacle(helper: dict[str, float], hours: float, reason: str) -> None:
    model = quiet(0)
    model.ties.set_hours(0, 1, hours)
    model.state.own_stigma[:], model.state.own_boundary[:] = 0, 0  # so that equal costs are equal to the last bit
    for name, value in {"expertise": 1, "stigma": -1, "boundary": -1, "load": 0, "readiness": 1, **helper}.items():
        setattr(model.people[1], name, value)
    terms = model.people[1].offer_terms(model.people[0])
    assert helping._obstacle(model, terms, False) == reason
    assert helping._obstacle(model, terms, True) == "weekly limit"


class Bystander(Student):
    """Offers nothing."""

    def offer(self, peer: Student, luck: float) -> bool:
        return False


@pytest.mark.parametrize(("likely", "other"), [(1, 2), (2, 1)])
def test_the_likelier_helper_gives_the_reason(likely: int, other: int) -> None:
    model = PeerSupportModel(scenario(**QUIET), 1, student_class=Bystander)
    advance(model)
    episode = ail(model, 0)

    def be(row: int, load: float, expertise: float) -> None:
        person = model.people[row]
        person.stigma, person.boundary, person.readiness, person.load, person.expertise = 0, 0, 0, load, expertise

    be(likely, 1, 0)  # log odds .5 below an average helper's with the same tie
    be(other, 0, -4)  # 1.6 below
    for row in (1, 2, 3):
        model.ties.set_hours(0, row, -90 * math.log2(0.1))
    assert helping.offer(model, [meeting(model, 0, row) for row in (1, 2)]) == []
    assert episode.obstacle == "load"
    for step, (expertise, reason) in enumerate(((-1.5, "load"), (-1, "expertise")), start=2):  # .6 and .4 below: less and more likely than .5
        advance(model)
        be(3, 0, expertise)
        assert helping.offer(model, [meeting(model, 0, 3)]) == []
        assert (episode.obstacle, model.step_number) == (reason, step)
    equal = Episode(5, 1, True, False)
    model.recorder.current[5] = equal
    for step, key, reason, expected in ((4, 7, "load", "load"), (4, 6, "stigma", "stigma"), (4, 8, "boundary", "stigma"), (5, 1, "chance", "stigma")):
        model.step_number = step  # where equally likely: the earlier step, then the smaller key
        model.recorder.miss_offer(5, -1.0, key, reason)
        assert equal.obstacle == expected


def test_the_limit_keeps_the_smallest_draws_of_the_week() -> None:
    model = quiet(1, steps_per_week=2)
    episodes = {row: ail(model, row) for row in range(1, 9)}
    model.people[0].readiness = SURE
    luck = {row: draw(model, "offer", row, 0) for row in episodes}
    first = sorted(luck, key=lambda row: luck[row])[:3]
    model.state.n_offers_week[:] = 0
    assert sorted(e.seeker.row for e in helping.offer(model, [meeting(model, row, 0) for row in episodes])) == sorted(first)
    assert all((episodes[row].obstacle == "weekly limit") == (row not in first) for row in episodes)
    assert helping.offer(model, [meeting(model, row, 0) for row in episodes]) == []  # the week's three are made
    model.state.n_offers_week[0] = 2
    assert [e.seeker.row for e in helping.offer(model, [meeting(model, row, 0) for row in episodes])] == first[:1]
    assert model.recorder.n_offers[0] == 4


# Support and escalation


def test_received_support_and_load() -> None:
    model = quiet(1, officers="volunteers", add_ons=("advice",), breach=0, steps_per_week=2, p_referral=0, p_plan=1, load_severe=3)
    state = model.state
    officer, a, b = int(np.flatnonzero(state.is_officer)[0]), *np.flatnonzero(~state.is_officer)[:2].tolist()
    mild, severe, once = np.flatnonzero(~state.is_officer)[2:5].tolist()
    for row, level in ((mild, 1), (severe, 2), (once, 1)):
        ail(model, row, level)
        model.people[row].openness = SURE
    state.boundary_shift[:], state.load[:], state.received[:] = 0.5 - state.own_boundary, 1.0, 0.5
    pairs = ((mild, a), (mild, officer), (severe, a), (severe, officer), (once, b))
    helping.accept(model, [meeting(model, i, j) for i, j in pairs])
    fade, weight = math.exp(-0.5 / 4), math.exp(0.2 * 0.5)
    load = {a: fade + (1 + 3) * weight, officer: fade + (1 + 3) * weight / 2, b: fade + weight}
    received = {mild: 1.5, severe: 1.5, once: 0.5 * fade + 0.8}
    for row in range(N):
        assert state.load[row] == pytest.approx(load.get(row, fade)), row
        assert state.received[row] == pytest.approx(received.get(row, 0.5 * fade)), row


def test_staff_notice_offer_and_refer() -> None:
    model = quiet(1, staff_notice=0.8, accept_credibility=2)
    state = model.state
    state.worry[:], chances = 0.5, []
    for row in range(N):
        episode, person = ail(model, row), model.people[row]
        luck = draw(model, "staff_accept", row)
        person.openness = math.log(luck / (1 - luck)) - (-2 - 0.5 * person.stigma - 0.5 * 0.5 + 2 * 0.6) + (1e-9 if row % 2 else -1e-9)
        chances.append((episode, draw(model, "staff_notice", row) < 1 - math.exp(-0.8)))
    helping.accept(model, [])
    for row, (episode, is_noticed) in enumerate(chances):
        helped = is_noticed and row % 2
        assert (episode.first_noticed, episode.first_offered) == ((1, 1) if is_noticed else (-1, -1))
        assert (episode.first_accepted, episode.first_referred, episode.first_accepted_peer) == ((1, 1, -1) if helped else (-1, -1, -1))
        assert (episode.noticed_by, episode.accepted_by) == ("staff" if is_noticed else "nobody", "staff" if helped else "nobody")
        assert episode.reason == ("reached" if helped else "refused" if is_noticed else "brief")
        assert (state.received[row], state.referred[row]) == ((0.6, 1) if helped else (0, -1))
    assert 5 < model.recorder.n_kinds[REFERRAL] == sum(episode.first_accepted == 1 for episode, _ in chances) < 24


@pytest.mark.parametrize(("week", "expected"), [(60, {"at a site": False, "nowhere": True}), (30, {"at a site": True}), (97, {"at a site": True})])
def test_escalation_to_the_own_hospital_only_on_placement(week: int, expected: dict[str, bool]) -> None:
    model = quiet(week, own_hospital_route=1, accept_own_hospital=0, accept_escalation=1)
    model.main_site[:] = 0
    model.main_site[1] = -1
    seekers = {"at a site": 0, "nowhere": 1, "treated": 2, "not severe": 3}
    for row in range(4):
        ail(model, row, 1 if row == 3 else 2)
    model.state.care[2] = IN_CARE
    model.people[4].expertise = 100
    entering = helping.escalate(model, [meeting(model, row, 4) for row in range(4)])
    assert {row: row in entering for row in seekers.values()} == {0: expected["at a site"], 1: expected.get("nowhere", True), 2: False, 3: False}


def test_which_route_is_drawn() -> None:
    model = quiet(60, accept_own_hospital=0.4, accept_escalation=0.8)
    expected = set()
    for row in range(1, N):
        ail(model, row, 2)
        limit = 0.4 if draw(model, "route", row, 0) < 0.5 else 0.8
        if draw(model, "accept_escalation", row, 0) < limit:
            expected.add(row)
    model.people[0].expertise = 200
    assert helping.escalate(model, [meeting(model, row, 0) for row in range(1, N)]) == expected
