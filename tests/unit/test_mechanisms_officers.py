"""Officers, one mechanism at a time and by hand: appointment, breaches, succession, near-peers, sites, check-ins (docs/model.md, section 8)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulation.agents import Student, expit
from simulation.model import PeerSupportModel
from simulation.phases import helping
from simulation.phases.helping import weekly_limit
from simulation.phases.officers import VACANT, Officers
from simulation.streams import uniform
from tests.runs import scenario
from tests.unit.test_mechanisms import QUIET, SURE, N, advance, ail, draw, meeting, quiet

VOLUNTEERS = {"officers": "volunteers"}


def strength_of(hours: np.ndarray) -> np.ndarray:
    strength = 1 - 2 ** (-hours / 90)
    return np.where(strength < 0.05, 0, strength)


def in_post(model: PeerSupportModel) -> list[int]:
    """Row of the holder of each seat."""
    return [seat.row for seat in model.officers.seats]


def volunteers(model: PeerSupportModel, year: int) -> list[int]:
    """Willing students who are well, in the hashed order of a year."""
    rows = np.flatnonzero(model.state.is_willing[:N] & (model.state.distress[:N] == 0))
    return sorted(rows.tolist(), key=lambda row: float(uniform(model.world, "officer_choice", year, model.state.key[row])[0]))


def test_a_breach_costs_credibility_and_worries_the_student_and_friends() -> None:
    model = quiet(1, **VOLUNTEERS, breach=1, steps_per_week=2)
    state, strength = model.state, model.ties.strength
    officer, *_ = in_post(model)
    seeker, friend, other, helper = np.flatnonzero(~state.is_officer)[:4].tolist()
    strength[:], worry = 0, np.full(N, 0.4)
    for i, j, w in ((seeker, friend, 0.5), (seeker, other, 0.49), (friend, other, 0.9)):
        strength[i, j] = strength[j, i] = w
    state.worry[:], state.credibility[helper] = worry, 1.0
    ail(model, seeker)
    model.people[seeker].openness = SURE
    for credibility in (0.5, 0.0, 0.0):
        helping.accept(model, [meeting(model, seeker, officer), meeting(model, seeker, helper)])
        worry = worry * 2 ** (-0.5 / 52)
        worry[[seeker, friend]] += 0.5
        assert state.worry == pytest.approx(worry)
        assert state.credibility[officer] == credibility
    assert state.credibility[helper] == 1.0  # no officer: nothing is broken
    assert (state.n_breaches[officer], state.n_breaches[helper], model.recorder.n_breaches) == (3, 0, 3)


@pytest.mark.parametrize(("add_ons", "chance"), [((), 0.3), (("breach-stress",), 0.6)])
def test_breaches_are_drawn(add_ons: tuple[str, ...], chance: float) -> None:
    model = quiet(1, **VOLUNTEERS, add_ons=add_ons, breach=0.3, breach_stress=0.6)
    officer, *_ = in_post(model)
    seekers = [row for row in range(N) if row != officer]
    for row in seekers:
        ail(model, row)
        model.people[row].openness = SURE
    helping.accept(model, [meeting(model, row, officer) for row in seekers])
    assert model.state.n_breaches[officer] == sum(draw(model, "breach", row, officer) < chance for row in seekers) > 5


@pytest.mark.parametrize(("design", "add_ons", "breaches", "expected"), [
    ("volunteers", (), 0, 1), ("volunteers", (), 1, 0.5), ("elected", (), 3, 0), ("volunteers", ("trust",), 0, 0.7), ("selected", ("trust",), 1, 0.2),
    ("near-peer", (), 0, 1), ("near-peer", ("trust",), 0, 0.7),
])  # fmt: skip
def test_credibility_at_appointment(design: str, add_ons: tuple[str, ...], breaches: int, expected: float) -> None:
    model = quiet(0, officers=design, add_ons=add_ons, officer_exit=0, school_trust=0.7)
    model.state.n_breaches[:] = breaches
    model.step()
    assert VACANT not in in_post(model)
    assert model.state.credibility[in_post(model)] == pytest.approx(expected)


def test_officers_are_trained_once_in_life() -> None:
    model = quiet(52, **VOLUNTEERS, add_ons=("role-boundaries",), officer_exit=0)
    state = model.state
    newcomer = int(np.flatnonzero(~state.is_officer)[0])
    serving = [*in_post(model)[:3], newcomer]
    state.is_willing[:], state.expertise_shift[:], state.boundary_shift[:] = False, 0, 0
    state.is_willing[serving] = True
    advance(model)
    model.officers.act(model)
    assert sorted(in_post(model)) == sorted(serving)
    assert {row: state.expertise_shift[row] for row in np.flatnonzero(state.expertise_shift)} == {newcomer: 0.6}
    assert {row: state.boundary_shift[row] for row in np.flatnonzero(state.boundary_shift)} == {newcomer: -0.4}


@pytest.mark.parametrize("add_ons", [(), ("succession",)])
def test_who_leaves_and_who_follows(add_ons: tuple[str, ...]) -> None:
    """Twice the exits in exam weeks (16 to 18 here), half of them under succession, which carries a share of the credibility over."""
    model = quiet(0, **VOLUNTEERS, add_ons=add_ons, students_per_officer=3, volunteer_share=1, officer_exit=2, exam_exit=4, succession_exit=0.5,
                  succession_carry=0.7, steps_per_week=2)  # fmt: skip
    order, exits = volunteers(model, 1), {True: 0, False: 0}
    seats, credibility = order[:16], dict.fromkeys(order[:16], 1.0)
    for _ in range(2 * 18):
        advance(model)
        model.officers.act(model)
        is_exam = model.week >= 16
        rate = 2 / 52 * (4 if is_exam else 1) * (0.5 if add_ons else 1)
        leavers = [row for row in seats if row != VACANT and draw(model, "officer_exit", row) < -np.expm1(-rate / 2)]
        followers = [row for row in order if row not in seats] if add_ons else []
        for row in sorted(leavers, key=seats.index):
            follower = followers.pop(0) if followers else VACANT
            seats[seats.index(row)] = follower
            credibility[follower] = 0.7 * credibility[row]
        exits[is_exam] += len(leavers)
        assert in_post(model) == seats, model.step_number
        for row in set(seats) - {VACANT}:
            assert model.state.is_officer[row]
            assert model.state.credibility[row] == pytest.approx(credibility[row])
        assert model.state.is_officer.sum() == sum(row != VACANT for row in seats)
    assert min(exits.values()) > 1


@pytest.mark.parametrize("add_ons", [("outreach",), ("outreach", "succession")])
def test_a_near_peer_who_leaves_hands_over_ties_only_under_succession(add_ons: tuple[str, ...]) -> None:
    model = quiet(1, officers="near-peer", add_ons=add_ons, students_per_officer=2, officer_exit=10, succession_exit=1, succession_carry=0.7)
    state, ties, rng = model.state, model.ties, np.random.default_rng(1)
    before = [row for row in in_post(model) if row != VACANT]
    for row in before:
        ties.set_hours(row, np.arange(N), rng.uniform(0, 100, N))
        state.credibility[row] = rng.uniform(0.2, 1)
    ties.checkins = [(i, row) for i, row in enumerate(before)]
    hours, keys, credibility = ties.hours.copy(), state.key.copy(), state.credibility.copy()
    advance(model)
    leavers = [row for row in before if draw(model, "officer_exit", row) < -np.expm1(-10 / 52)]
    model.officers.act(model)
    assert 0 < len(leavers) < len(before)
    for row in before:
        carry = 1 if row not in leavers else 0.7 if "succession" in add_ons else 0
        assert ties.hours[row, :N] == pytest.approx(carry * hours[row, :N])
        assert ties.strength[:N, row] == pytest.approx(strength_of(carry * hours[row, :N]))
        assert state.is_present[row] == state.is_officer[row] == (row in in_post(model)) == (carry > 0)
        if carry == 0.7:
            assert state.key[row] == keys[row] + 1  # the next holder, trained afresh
            assert state.credibility[row] == pytest.approx(0.7 * credibility[row])
            assert state.expertise_shift[row] == 0.6
    assert ties.checkins == [(i, row) for i, row in enumerate(before) if row not in leavers]


@pytest.mark.parametrize("add_ons", [(), ("succession",)])
def test_near_peers_who_graduate_hand_over_to_students(add_ons: tuple[str, ...]) -> None:
    model = quiet(52, officers="near-peer", add_ons=add_ons, officer_exit=0, succession_carry=0.7)
    state, ties = model.state, model.ties
    theirs = np.random.default_rng(1).uniform(0, 100, (4, N))
    for seat in range(4):
        ties.set_hours(N + seat, np.arange(N), theirs[seat])
    state.credibility[N:] = (0.9, 0.8, 0.6, 0.5)
    expected = ties.hours[:N, :N].copy()
    successors = volunteers(model, 2)[:4] if add_ons else []
    advance(model)
    model.officers.act(model)
    for seat, row in enumerate(successors):
        for i in set(range(N)) - {row}:
            expected[row, i] = expected[i, row] = max(expected[row, i], 0.7 * theirs[seat, i])
    assert in_post(model) == (successors or [VACANT] * 4)
    np.testing.assert_allclose(ties.hours[:N, :N], expected)
    np.testing.assert_allclose(ties.strength[:N, :N], strength_of(expected))
    assert not ties.hours[N:].any()
    assert not state.is_present[N:].any()
    assert state.credibility[successors] == pytest.approx([0.63, 0.56, 0.42, 0.35][: len(successors)])
    assert state.expertise_shift[successors] == pytest.approx([0.6] * len(successors))


def test_an_officer_at_each_site() -> None:
    model = quiet(52, officers="one-per-site", sites=4, officer_exit=0)
    state = model.state
    advance(model)
    model.main_site = np.arange(N) % 4
    state.is_willing[model.main_site == 2] = False
    first = next(row for row in volunteers(model, 2) if row % 4 == 0)
    ail(model, first)  # not eligible, and nor is who has no site
    order = volunteers(model, 2)
    model.main_site[order[0]] = -1
    by_site = [next((row for row in order[1:] if row % 4 == site), VACANT) for site in range(4)]
    model.officers.act(model)
    assert in_post(model) == by_site
    assert by_site[2] == VACANT
    model.main_site[:] = -1  # a year that begins without placements: as volunteers
    model.officers.act(model)
    assert in_post(model) == order[:4]


def test_who_is_checked_in_on() -> None:
    model = quiet(10, **VOLUNTEERS, add_ons=("outreach",), students_per_officer=6, officer_exit=0, outreach_sensitivity=0.8, outreach_specificity=0.6)
    state = model.state
    state.friends[:], state.distress[:] = np.arange(N) % 2, np.arange(N) % 3
    low = [row for row in range(N) if not state.is_officer[row] and draw(model, "flag", row) < (0.8 if state.friends[row] == 0 else 0.4)]
    expected = []
    for officer in sorted(in_post(model), key=lambda row: draw(model, "outreach_order", row)):
        chosen = min(low, key=lambda row: draw(model, "outreach_choice", row, officer))
        expected.append((chosen, officer))
        low.remove(chosen)
    model.recorder.n_checkins = model.recorder.n_false_checkins = 0
    assert model.officers.reach_out(model) == expected
    assert (model.recorder.n_checkins, model.recorder.n_false_checkins) == (8, sum(state.distress[row] == 0 for row, _ in expected))
    assert {state.friends[row] for row, _ in expected} == {0, 1}
    model.week = 40
    assert model.officers.reach_out(model) == []  # a break


class Blind(Student):
    """Notices nothing."""

    def notice(self, peer: Student, chance: float, luck: float) -> bool:
        return False


@pytest.mark.parametrize("student_class", [Student, Blind])
def test_a_checkin_notices_in_the_first_step_of_the_week(student_class: type[Student]) -> None:
    changes: dict[str, Any] = {**QUIET, **VOLUNTEERS, "notice_contact": 0, "notice_absence": 0, "steps_per_week": 2}
    model = PeerSupportModel(scenario(**changes), 1, student_class=student_class)
    model.step()
    officer, *_ = in_post(model)
    ill, new, well = np.flatnonzero(~model.state.is_officer)[:3].tolist()
    model.step()
    advance(model)
    episode = ail(model, ill)
    ail(model, new, ago=0)
    model.ties.checkins = [(row, officer) for row in (ill, new, well)]
    found = helping.notice(model)
    assert [(e.seeker.row, e.helper.row, e.is_checkin) for e in found] == ([(ill, officer, True)] if student_class is Student else [])
    assert (episode.first_noticed, episode.noticed_by) == ((3, "officer") if student_class is Student else (-1, "nobody"))
    advance(model)
    assert helping.notice(model) == []


@pytest.mark.parametrize(("hours", "limit", "with_checkin"), [(0.3, 1, 0), (1.4, 1, 0), (1.5, 2, 1), (2.4, 2, 1), (2.5, 3, 2), (8, 4, 4)])
def test_weekly_limit_by_contracted_hours(hours: float, limit: int, with_checkin: int) -> None:
    model = quiet(1, **VOLUNTEERS, officer_hours=hours, weekly_offers=4)
    officer, *_ = in_post(model)
    seeker, student = np.flatnonzero(~model.state.is_officer)[:2].tolist()
    assert (weekly_limit(model, officer), weekly_limit(model, student)) == (limit, 4)
    model.ties.checkins = [(seeker, officer)]
    assert (weekly_limit(model, officer), weekly_limit(model, student)) == (with_checkin, 4)
    ail(model, seeker)
    model.people[officer].readiness, model.state.n_offers_week[officer] = SURE, 4
    assert helping.offer(model, [meeting(model, seeker, officer)]) == []
    assert len(helping.offer(model, [meeting(model, seeker, officer, is_checkin=True)])) == 1  # counts in neither limit
    assert model.state.n_offers_week[officer] == 4


def test_crowding_out_and_collegiality() -> None:
    model = quiet(1, officers="near-peer", crowding_out=0.8, training=("collegiality",), training_collegiality=0.3)
    mate = int(np.flatnonzero(model.ties.together[0, :N])[0])
    stranger = int(np.flatnonzero(model.ties.together[0, :N] == 0)[1])
    officer = int(np.flatnonzero(model.ties.together[0, N:])[0]) + N
    seeker = model.people[0]
    for is_manned in (True, False):
        for row, extra in ((mate, 0.3 - 0.8 * is_manned), (stranger, -0.8 * is_manned), (officer, 1.0)):
            j = model.people[row]
            logit = -2.2 + 2.6 * j.tie(seeker) + 0.4 * (j.expertise - j.stigma - j.boundary) + j.readiness + extra
            assert j.offer(seeker, expit(logit) - 1e-9)
            assert not j.offer(seeker, expit(logit) + 1e-9)
        for seat in model.officers.seats:
            seat.row = VACANT


@pytest.mark.parametrize("students", [60, 120, 150])
def test_designs_have_equal_officer_hours(students: int) -> None:
    p = scenario(students=students, students_per_officer=20).parameters
    seats = {}
    for design in ("volunteers", "elected", "selected", "one-per-site", "near-peer"):
        officers = Officers(p, design, frozenset(), 8, 4)
        seats[design] = len(officers.seats)
        assert officers.contracted_hours * len(officers.seats) == 3 * students / 20
    assert seats == {**dict.fromkeys(seats, {60: 3, 120: 6, 150: 8}[students]), "one-per-site": 8}
