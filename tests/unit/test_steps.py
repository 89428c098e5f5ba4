"""Single steps by hand, on three to five students."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulation.agents import COMFORT, PLAN, REFERRAL, expit
from simulation.model import PeerSupportModel
from simulation.phases.helping import exposed_rows, weekly_limit
from simulation.streams import hashed_order, uniform
from tests.runs import stepped

TRIO = {"students": 3, "small_group_size": 3, "chance_hours": 0, "students_per_officer": 20}


def trio(weeks: int = 0, **changes: object) -> PeerSupportModel:
    return stepped(weeks, **{**TRIO, **changes})


def test_first_week_of_ties_by_hand() -> None:
    """With every tie at 0 the elective hours follow co-placement and homophily alone."""
    model = trio(distressed_at_entry=0, onset_rate=0)
    p, state, x, alike = model.p, model.state, model.ties.compatibility, model.ties.alike
    model.step()
    pull = alike * p.co_placed_pull
    wanted = state.sociability
    u = [[wanted[i] * pull[i, j] / pull[i].sum() for j in range(3)] for i in range(3)]
    fade = 2 ** (-1 / p.tie_half_life)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        met = min(25, math.sqrt(u[i][j] * u[j][i]))
        hours = (p.kappa_campus * x[i, j] * p.small_group_hours + met) * p.tie_half_life / math.log(2) * (1 - fade)
        assert model.ties.met[i, j] == pytest.approx(met)
        assert model.ties.hours[i, j] == pytest.approx(hours)
        assert model.ties.strength[i, j] == pytest.approx(1 - 2 ** (-hours / p.friend_hours))
    assert state.contact[0] == pytest.approx(2 * p.small_group_hours + model.ties.met[0].sum())


def test_strengths_are_halls_hours() -> None:
    model = trio()
    assert model.ties.strength_of(90.0) == pytest.approx(0.5)
    assert model.ties.strength_of(50.0) == pytest.approx(0.32, abs=0.002)
    assert model.ties.strength_of(200.0) == pytest.approx(0.785, abs=0.001)
    assert model.ties.strength_of(6.7) == pytest.approx(0.05, abs=0.001)
    assert model.ties.strength_of(6.6) == 0  # no tie yet


def test_ties_without_contact_halve_in_their_half_life_and_are_then_forgotten() -> None:
    model = trio(1, sociability_mean=0, kappa_campus=0, kappa_placement=0, small_group_size=2)
    model.ties.set_hours(0, 1, 64.0)
    for _ in range(18):
        model.step()
    assert model.ties.hours[0, 1] == pytest.approx(32.0)
    alone = next(pair for pair in ((0, 1), (0, 2), (1, 2)) if model.ties.together[pair] == 0)
    model.ties.set_hours(*alone, 0.1)
    model.step()
    assert model.ties.hours[alone] == 0
    other = next(pair for pair in ((0, 1), (0, 2), (1, 2)) if model.ties.together[pair] > 0)
    model.ties.set_hours(*other, 0.1)
    model.step()
    assert model.ties.hours[other] > 0  # met in class, so not forgotten


def test_common_friends_count_only_through_acquaintances() -> None:
    model = stepped(1, **{**TRIO, "students": 5, "small_group_size": 5})
    model.ties.hours[:], model.ties.strength[:] = 0, 0
    for i, j, w in ((0, 2, 0.6), (1, 2, 0.5), (0, 3, 0.31), (1, 3, 0.9), (0, 4, 0.8), (1, 4, 0.8)):
        model.ties.strength[i, j] = model.ties.strength[j, i] = w
    model.ties.count_common_friends()
    assert model.ties.common[0, 1] == pytest.approx(0.6 * 0.5 + 0.8 * 0.8)
    assert model.ties.common[0, 3] == 0  # 1-3 is strong, 0-1 is not there; 0-3 itself is too weak to lend a friend


def test_long_hours_crowd_out_elective_time() -> None:
    model = trio(53, distressed_at_entry=0, onset_rate=0, placement_hours=50)
    student = model.people[0]
    assert student.meet() == pytest.approx(student.sociability * (1 - 0.01 * 30))
    late = trio(53, distressed_at_entry=0, onset_rate=0, placement_hours=100, crowd=0.1).people[0]
    assert late.meet() == pytest.approx(late.sociability * 0.3)


def test_availability_across_sites_in_breaks_and_online() -> None:
    """Four students alone at four sites meet phi of the hours that they would meet at one site."""
    base = {"students": 4, "small_group_size": 4, "placement_group_size": 1, "sites": 4, "distressed_at_entry": 0, "onset_rate": 0,
            "sociability_mean": 15}  # fmt: skip
    model = stepped(53, **base)
    ties, state, p = model.ties, model.state, model.p
    assert np.array_equal(ties.overlap, np.eye(4))
    assert len(set(model.main_site.tolist())) == 4
    wanted = np.array([student.meet() for student in model.people])

    def met(overlap: float, *, is_break: bool = False) -> float:
        ties.overlap[:] = overlap
        ties.meet(state, wanted, is_break)
        return float(ties.met[0, 1])

    together = met(1.0)
    assert together > 0
    assert met(0.0) == pytest.approx(p.offsite_availability * together)
    assert met(0.5) == pytest.approx((0.5 + 0.5 * p.offsite_availability) * together)
    assert met(0.0, is_break=True) == pytest.approx(p.break_availability * together)
    online = stepped(53, **base, online_share=0.5)
    online.ties.strength[:], online.ties.overlap[:] = ties.strength, 0.0
    online.ties.common = ties.common
    online.ties.meet(state, wanted, is_break=False)
    assert online.ties.met[0, 1] == pytest.approx((0.4 + 0.5 * 0.6) * together)


def test_onset_follows_its_hazard() -> None:
    model = trio(distressed_at_entry=0)
    p, state = model.p, model.state
    for _ in range(60):
        was = state.distress.copy()
        load = state.load.copy()
        model.step()
        friend = model.ties.is_friend()
        for i in range(3):
            if was[i] == 0:
                support = 1 - math.exp(-sum(model.ties.strength[i, j] for j in range(3) if friend[i, j]) / 2)
                exam = 1.3 if model.calendar.is_exam[model.week - 1] else 1.0
                year = 1.6 if model.week <= 52 else 1.0
                hazard = 0.008 * state.susceptibility[i] * year * exam * math.exp(-0.6 * (support - 0.5) + 0.15 * load[i])
                luck = uniform(model.world, "distress", model.step_number, i + 1)[0]
                assert (state.distress[i] == 1) == (luck < 1 - math.exp(-hazard)), (model.week, i)
    assert p.exam_multiplier == 1.3


def test_an_onset_is_exposed_from_the_next_step() -> None:
    model = trio(distressed_at_entry=0, onset_rate=5, recovery_rate=0)
    model.step()
    assert (model.state.distress >= 1).all()
    assert len(exposed_rows(model)) == 0
    assert all(not e.was_exposed for e in model.recorder.episodes)
    model.step()
    assert len(exposed_rows(model)) == 3
    assert all(e.was_exposed for e in model.recorder.episodes)


def test_offer_and_accept_terms() -> None:
    model = trio(5)
    seeker, helper = model.people[0], model.people[1]
    model.ties.set_hours(0, 1, 90.0)
    seeker.distress, helper.distress, helper.load = 2, 1, 2.0
    helper.expertise, helper.stigma, helper.boundary, helper.readiness = 1.0, -1.0, 0.5, 0.25
    terms = helper.offer_terms(seeker)
    assert sum(terms.values()) == pytest.approx(-2.2 + 2.6 * 0.5 + 0.4 + 0.4 - 0.2 - 1.0 - 1.5 + 0.4 + 0.25)
    chance = expit(sum(terms.values()))
    assert helper.offer(seeker, chance - 1e-9)
    assert not helper.offer(seeker, chance + 1e-9)
    seeker.stigma, seeker.worry, seeker.openness = 1.0, 0.5, 0.2
    chance = expit(-2 + 3 * 0.5 - 0.5 - 0.25 + 0.2)
    assert seeker.accept(helper, chance - 1e-9)
    assert not seeker.accept(helper, chance + 1e-9)
    helper.is_officer, helper.credibility = True, 0.5
    assert seeker.accept(helper, expit(-2 + 1.5 - 0.5 - 0.25 + 0.2 + 0.35) - 1e-9)
    refer = expit(math.log(0.3 / 0.7) + 0.4 + 0.7)
    assert helper.support(seeker, refer - 1e-9, 0.0) == REFERRAL
    assert helper.support(seeker, refer + 1e-9, 0.34) == PLAN
    assert helper.support(seeker, refer + 1e-9, 0.36) == COMFORT
    norm = expit(-0.4 + 0.4 - 0.5)
    assert helper.escalate(seeker, norm - 1e-9)
    assert not helper.escalate(seeker, norm + 1e-9)


def test_seeking_care_and_disclosing() -> None:
    model = trio(60)
    student = model.people[0]
    student.distress, student.care, student.stigma = 2, 0, 1.0
    model.state.referred[0] = model.step_number - 4
    rate = 0.006 * math.exp(-0.6) * 3 * 2.8
    assert student.seek_care(-math.expm1(-rate) - 1e-9)
    assert not student.seek_care(-math.expm1(-rate) + 1e-9)
    model.state.referred[0] = model.step_number - 5  # the window is over
    assert not student.seek_care(-math.expm1(-rate) - 1e-9)
    student.care = 1
    assert not student.seek_care(0.0)
    student.distress = 0
    model.state.recovered[0] = model.step_number - 52
    assert student.disclose(-math.expm1(-0.02) - 1e-9)
    model.state.recovered[0] = model.step_number - 53
    assert not student.disclose(0.0)


def test_weekly_limits_of_students_and_officers() -> None:
    model = stepped(1, officers="volunteers", add_ons=("outreach",))
    officer = int(np.flatnonzero(model.state.is_officer)[0])
    student = int(np.flatnonzero(~model.state.is_officer)[0])
    assert weekly_limit(model, student) == 3
    assert model.officers.contracted_hours == 3
    assert weekly_limit(model, officer) == 2  # three contracted hours, one of which went to a check-in
    assert len(model.ties.checkins) == model.officers.n_in_post
    assert len({i for i, _ in model.ties.checkins}) == len(model.ties.checkins)  # nobody twice a week
    assert not any(model.state.is_officer[i] for i, _ in model.ties.checkins)


def test_an_hour_of_checkin_is_an_hour_of_contact() -> None:
    model = stepped(1, officers="volunteers", add_ons=("outreach",), sociability_mean=0, kappa_campus=0, chance_hours=0)
    fade = 2 ** (-1 / 18)
    for i, j in model.ties.checkins:
        assert model.ties.hours[i, j] == pytest.approx(18 / math.log(2) * (1 - fade))
    assert (model.ties.hours > 0).sum() == 2 * len(model.ties.checkins)


def test_ring_and_hashed_order() -> None:
    model = stepped(3)
    order = hashed_order(model.state.key[:48], model.world, "ring", 3)
    first, second = model.ties.ring
    assert np.array_equal(first, order)
    assert np.array_equal(second, np.roll(order, -1))
