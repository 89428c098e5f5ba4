"""Officers from the year above in the array engine, by hand: docs/model.md, section 8.5."""


import numpy as np
import pytest

from simulation.engine import officers, pairs, ties
from simulation.engine.officers import NEAR_PEER
from simulation.streams import normal, uniform
from tests.unit.engine_states import SEED, School, in_python

_python = pytest.fixture(in_python, autouse=True, scope="module")


def test_near_peers_are_themselves_by_their_keys():
    school = School(NEAR_PEER, seats=2, readiness_sd=2.0)
    school.people.load[8:], school.people.n_breaches[8:], school.people.stigma_shift[8:] = 3.0, 1, 1.0
    assert school.change() == [8, 9]
    keys = [2**32, 2**32 + 2**16]
    assert list(school.people.key[8:]) == keys
    people = school.people
    for stream, values in (("stigma", people.own_stigma), ("expertise", people.own_expertise), ("boundary", people.own_boundary)):
        assert values[8:] == pytest.approx(normal(SEED, stream, 0, keys), abs=1e-14)
    assert school.people.readiness[8:] == pytest.approx(2.0 * normal(SEED, "readiness", 0, keys), abs=1e-14)
    assert list(school.people.expertise_shift[8:]) == [school.values.officer_training] * 2 and not school.people.stigma_shift.any()
    assert list(school.people.credibility[8:]) == [1.0, 1.0] and not school.people.load.any()
    assert school.people.is_officer[8:].all() and school.people.is_present[8:].all() and school.people.is_trained[8:].all()


def test_students_are_dealt_to_the_seats_and_visited_in_teaching_weeks():
    school = School(NEAR_PEER, n=9, seats=2, world={"has_outreach": True})
    school.people.is_present[4] = False
    school.change()
    present = [i for i in range(9) if i != 4]
    dealt = [present[q] for q in np.argsort(uniform(SEED, "near_peer_students", 1, school.keys[present]))]
    assert [school.people.visitor[i] for i in dealt] == [9, 10] * 4 and school.people.visitor[4] == -1
    assert list(school.people.visit_hours[:9]) == [0.0 if i == 4 else 2.0 / 4 for i in range(9)]
    school.people.is_present[dealt[0]] = False  # the others of the seat are visited no longer for it
    school.change(step=2, week=2, week_of_year=2)
    assert school.people.visit_hours[dealt[0]] == 0.0 and school.people.visit_hours[dealt[2]] == 0.5
    school.change(step=40, week=40, week_of_year=40, is_teaching=False)
    assert not school.people.visit_hours.any()


@pytest.mark.parametrize(("contracted", "has_outreach", "hours"), [(0.5, False, 0.5), (0.5, True, 0.0), (1.5, True, 0.5)])
def test_a_visitors_hours_are_the_contract_less_the_check_in(contracted, has_outreach, hours):
    school = School(NEAR_PEER, n=4, seats=1, world={"has_outreach": has_outreach, "contracted_hours": contracted})
    school.change()
    assert list(school.people.visit_hours[:4]) == [hours / 4] * 4


def test_a_near_peer_who_leaves_is_followed_in_the_next_year_by_the_next_holder_while_others_stay():
    school = School(NEAR_PEER, n=6, seats=2, world={"n_years": 3})
    school.change()
    (leaver,) = school.let_leave(1, step=2)
    other = 15 - leaver - 2
    school.give_hours(0, leaver, 50.0)
    school.give_hours(0, other, 40.0)
    school.people.checked_on[leaver], school.people.checked_by[3] = 3, leaver
    school.people.stigma_shift[leaver] = 0.3
    school.change(step=2, week=2, week_of_year=2)
    assert not school.people.is_present[leaver] and not school.people.is_officer[leaver] and officers.n_in_post(school.seats) == 1
    assert school.hours(0, leaver) == 0.0 and school.hours(0, other) == 40.0
    assert school.people.checked_by[3] == -1 and school.people.checked_on[leaver] == -1
    assert [school.people.visit_hours[i] for i in range(6)] == [0.0 if school.people.visitor[i] == leaver else 1.0 for i in range(6)]
    school.use(officer_exit=0.0)
    assert school.change(step=53, week=53, year=2) == [6, 7]
    assert school.people.key[leaver] == 2**32 + 2**16 * (leaver - 6) + 1 and school.people.key[other] == 2**32 + 2**16 * (other - 6)
    assert school.people.stigma_shift[leaver] == 0.0 and school.people.credibility[leaver] == 1.0
    assert list(school.people.expertise_shift[6:]) == [school.values.officer_training] * 2
    dealt = np.argsort(uniform(SEED, "near_peer_students", 2, school.keys))
    assert [school.people.visitor[i] for i in dealt] == [6, 7] * 3


def test_under_succession_the_next_holder_comes_at_once_with_part_of_the_ties():
    school = School(NEAR_PEER, n=6, seats=1, world={"has_succession": True}, succession_carry=0.7)
    school.change()
    school.give_hours(0, 6, 50.0)
    school.give_hours(1, 6, 5.0)
    school.people.credibility[6], school.people.n_breaches[6], school.people.load[6] = 0.5, 1, 2.0
    school.people.checked_on[6], school.people.checked_by[3] = 3, 6
    school.let_leave(1, step=2, factor=school.values.succession_exit)
    assert school.change(step=2, week=2, week_of_year=2) == [6]
    assert school.people.key[6] == 2**32 + 1 and school.people.credibility[6] == pytest.approx(0.35)
    assert school.people.own_stigma[6] == pytest.approx(normal(SEED, "stigma", 0, 2**32 + 1)[0], abs=1e-14)
    assert school.people.n_breaches[6] == 0 and school.people.load[6] == 0.0 and school.people.checked_by[3] == -1
    assert school.hours(0, 6) == pytest.approx(35.0) and school.hours(1, 6) == pytest.approx(3.5) and school.hours(2, 6) == 0.0
    assert (school.people.visit_hours[:6] == 0.5).all()


def test_near_peers_graduate_before_the_last_year():
    school = School(NEAR_PEER, n=6, seats=2)
    school.change()
    school.give_hours(0, 6, 50.0)
    assert school.change(step=53, week=53, year=2) == [-1, -1]
    assert school.hours(0, 6) == 0.0 and not school.people.is_present[6:].any() and not school.people.is_officer.any()
    assert not school.people.visit_hours.any()
    assert school.change(step=54, week=54, year=2, week_of_year=2) == [-1, -1]


def test_under_succession_a_graduates_seat_credibility_and_ties_go_to_a_student():
    school = School(NEAR_PEER, n=6, seats=3, world={"has_succession": True}, succession_carry=0.7)
    school.change()
    unwell, heir, second, *_ = school.hashed(year=2)
    school.people.distress[unwell] = 1
    officers.give_up_seat(school.people, school.seats, 7)  # an empty seat is nobody's to inherit
    school.people.is_present[7] = False
    others = [i for i in range(6) if i not in (heir, second)]
    for i, hours in ((heir, 80.0), (others[0], 50.0), (others[1], 50.0), (second, 20.0)):
        school.give_hours(i, 6, hours)
    school.give_hours(heir, others[1], 90.0)
    school.give_hours(heir, second, 10.0)
    school.give_hours(second, 8, 30.0)
    school.people.credibility[6] = 0.8
    assert school.change(step=53, week=53, year=2) == [heir, -1, second]
    assert school.people.credibility[heir] == pytest.approx(0.56) and school.people.credibility[second] == pytest.approx(0.7)
    assert school.people.expertise_shift[heir] == school.values.officer_training
    assert school.hours(heir, others[0]) == pytest.approx(35.0) and school.hours(heir, others[1]) == 90.0
    assert school.hours(heir, second) == pytest.approx(14.0)
    assert school.ties.n_pairs[[6, 8]].tolist() == school.ties.n_kept[[6, 8]].tolist() == [0, 0]
    assert school.hours(heir, 6) == 0.0 and school.hours(heir, heir) == 0.0
    assert not school.people.visit_hours.any() and not school.people.is_present[6:].any()
    before = [school.hours(second, i) for i in range(6) if i != second]
    (leaver,) = school.let_leave(1, step=54, factor=school.values.succession_exit)
    next_in_line = next(i for i in school.hashed(year=2) if i not in (unwell, heir, second))
    assert school.change(step=54, week=54, year=2, week_of_year=2) == [next_in_line if row == leaver else row for row in (heir, -1, second)]
    assert school.hours(next_in_line, leaver) == school.hours(leaver, next_in_line)
    assert [school.hours(second, i) for i in range(6) if i != second] == before  # a student keeps the ties


def test_remembered_hours_are_handed_over_as_they_are_now():
    school = School(NEAR_PEER, n=6, seats=1, world={"has_succession": True}, succession_carry=0.5)
    school.change()
    heir, known = school.hashed(year=2)[:2]
    school.give_hours(known, 6, 40.0)
    # Out of those looked at, 18 weeks (a half-life) before the graduation.
    ties.put_away(school.ties, school.now._replace(step=52 - 18 + 1), pairs.find(school.ties, known, 6))
    school.change(step=53, week=53, year=2)
    assert school.hours(heir, known) == pytest.approx(0.5 * 20.0)
