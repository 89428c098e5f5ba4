"""Officers in the array engine, by hand: docs/model.md, section 8 but 8.5. Draws are looked up in simulation.streams, not the kernels' own."""

import math

import numpy as np
import pytest

from simulation.engine import officers
from simulation.engine.officers import ELECTED, NEAR_PEER, NO_OFFICERS, ONE_PER_SITE, SELECTED, VOLUNTEERS, contracted_hours, seats_of
from simulation.streams import uniform
from tests.unit.engine_states import SEED, School, in_python

_python = pytest.fixture(in_python, autouse=True, scope="module")

# 8.1 Design


@pytest.mark.parametrize(("design", "n", "seats"), [(VOLUNTEERS, 120, 6), (ELECTED, 50, 3), (SELECTED, 49, 2), (NEAR_PEER, 10, 1), (VOLUNTEERS, 4, 1),
                                                    (ONE_PER_SITE, 120, 8), (NO_OFFICERS, 120, 0)])  # fmt: skip
def test_seats_round_half_up_and_are_at_least_one_or_one_a_site(design, n, seats):
    assert seats_of(design, n, 20.0, 8) == seats


def test_all_designs_have_the_same_officer_hours():
    assert contracted_hours(3.0, 50, 20.0, 3) == pytest.approx(2.5)
    assert contracted_hours(3.0, 120, 20.0, 8) * 8 == pytest.approx(contracted_hours(3.0, 120, 20.0, 6) * 6)
    assert contracted_hours(3.0, 120, 20.0, 0) == 0.0


# 8.2 Choice


def test_volunteers_are_taken_in_hashed_order_from_the_willing_present_and_well():
    school = School(VOLUNTEERS)
    unwilling, absent, distressed, *rest = school.hashed()
    school.people.is_willing[unwilling], school.people.is_present[absent], school.people.distress[distressed] = False, False, 1
    assert school.change() == rest[:3]
    assert sorted(np.flatnonzero(school.people.is_officer)) == sorted(rest[:3])
    assert officers.n_in_post(school.seats) == 3


def test_each_year_all_leave_and_the_order_is_new():
    school = School(VOLUNTEERS)
    first, second = school.change(), school.change(step=53, week=53, year=2)
    assert first == school.hashed(1)[:3] and second == school.hashed(2)[:3] and first != second
    assert sorted(np.flatnonzero(school.people.is_officer)) == sorted(second)
    assert all(school.people.credibility[i] == (1.0 if i in second else 0.0) for i in range(school.n))


def test_seats_without_anybody_eligible_are_vacant_until_the_next_years_first_step():
    school = School(VOLUNTEERS)
    few = school.hashed()[5:7]
    school.people.is_willing[:] = False
    assert school.change() == [-1, -1, -1] and not officers.is_any_in_post(school.seats)
    school.people.is_willing[few] = True
    assert school.change(step=2, week=2, week_of_year=2) == [-1, -1, -1]
    assert school.change(step=2, is_first_step=False) == [-1, -1, -1]
    assert school.change(step=53, week=53) == [*few, -1] and officers.is_any_in_post(school.seats)


@pytest.mark.parametrize("year", range(1, 7))
def test_the_elected_have_friends(year):
    school = School(ELECTED, n=43, seats=20)
    school.people.friends[:] = friends = np.arange(43) % 6
    elected = [int(i) for i in np.argsort(-np.log(1.0 - uniform(SEED, "officer_choice", year, school.keys)) / (1 + friends))[:20]]
    assert elected != school.hashed(year)[:20]
    assert school.change(year=year) == elected


def test_the_selected_have_expertise_and_neither_stigma_nor_load_and_equal_ones_stand_in_hashed_order():
    school = School(SELECTED, seats=6)
    a, b, c, *equal = school.hashed()[::-1]
    school.people.own_expertise[a], school.people.expertise_shift[a] = 1.0, 2.0
    school.people.own_expertise[b], school.people.own_stigma[b], school.people.stigma_shift[b] = 3.0, 1.5, -0.5
    school.people.own_expertise[c], school.people.load[c] = 3.0, 1.2
    assert school.change() == [a, b, c, *equal[::-1][:3]]


def test_one_per_site_takes_the_first_whose_main_site_it_is_or_nobody():
    school = School(ONE_PER_SITE, seats=3)
    first, second, third, fourth, *_ = school.hashed()
    school.people.main_site[[first, second, third, fourth]] = 2, 2, 0, -1
    assert school.change(is_clinical=True) == [third, -1, first]


def test_one_per_site_without_sites_is_as_volunteers():
    school = School(ONE_PER_SITE, seats=3)
    assert school.change() == school.hashed()[:3]


def test_without_officers_nothing_happens():
    school = School(NO_OFFICERS, seats=0, world={"has_outreach": True, "has_succession": True})
    school.change()
    school.reach_out()
    assert not officers.is_any_in_post(school.seats) and not school.people.is_officer.any() and school.totals.n_checkins[0] == 0


# 8.3 Appointment


def test_training_is_given_the_first_time_in_life_and_own_breaches_count():
    school = School(VOLUNTEERS, seats=4, world={"has_role_boundaries": True})
    twice, once, never, trained = school.hashed()[:4]
    school.people.n_breaches[[twice, once]] = 3, 1
    school.people.is_trained[trained] = True
    school.change()
    assert [school.people.credibility[i] for i in (twice, once, never)] == [0.0, 0.5, 1.0]
    shift = [school.values.officer_training * (i != trained and i in school.seats.row) for i in range(school.n)]
    assert list(school.people.expertise_shift) == shift
    assert school.people.boundary_shift[once] == school.values.training_boundary and school.people.boundary_shift[trained] == 0.0
    school.change(step=53, week=53)  # the same four once more
    assert list(school.people.expertise_shift) == shift


def test_under_trust_credibility_starts_at_the_trust_in_the_school_and_without_the_option_boundaries_stay():
    school = School(VOLUNTEERS, world={"has_trust": True}, school_trust=0.7)
    first, second, _ = school.hashed()[:3]
    school.people.n_breaches[second] = 1
    school.change()
    assert school.people.credibility[first] == 0.7 and school.people.credibility[second] == pytest.approx(0.2)
    assert not school.people.boundary_shift.any()


# 8.4 Leaving and succession


@pytest.mark.parametrize(("is_exam", "has_succession", "dt"), [(False, False, 1.0), (True, False, 1.0), (False, True, 0.5), (True, True, 1.0)])
def test_each_officer_leaves_at_the_rate_of_the_week(is_exam, has_succession, dt):
    world = {"has_succession": has_succession, "dt": dt}
    school = School(VOLUNTEERS, n=97, seats=97, world=world, officer_exit=20.0, exam_exit=3.0, succession_exit=0.4)
    rate = 20.0 / 52.0 * (3.0 if is_exam else 1.0) * (0.4 if has_succession else 1.0)
    stays = uniform(SEED, "officer_exit", 1, school.keys) >= 1.0 - math.exp(-rate * dt)
    assert 10 < stays.sum() < 90
    school.change(is_exam=is_exam)  # who has just been chosen can leave
    assert list(school.people.is_officer) == list(stays)
    assert sorted(row for row in school.seats.row if row >= 0) == list(np.flatnonzero(stays))


def test_without_succession_a_seat_stays_vacant_until_the_next_choice():
    school = School(VOLUNTEERS)
    seated = school.change()
    (leaver,) = school.let_leave(1, step=2)
    left = [-1 if row == leaver else row for row in seated]
    assert school.change(step=2, week=2, week_of_year=2) == left
    assert school.people.credibility[leaver] == 0.0 and school.people.is_present[leaver]
    school.use(officer_exit=0.0)
    assert school.change(step=3, week=3, week_of_year=3) == left


def test_a_successor_takes_over_at_once_with_part_of_the_predecessors_credibility():
    school = School(VOLUNTEERS, world={"has_succession": True}, succession_carry=0.7)
    seated, order = school.change(), school.hashed()
    school.people.credibility[seated] = 0.8
    breached = order[3]
    school.people.n_breaches[breached] = 1
    (leaver,) = school.let_leave(1, step=2, factor=school.values.succession_exit)
    assert school.change(step=2, week=2, week_of_year=2) == [breached if row == leaver else row for row in seated]
    assert school.people.credibility[breached] == pytest.approx(0.7 * 0.8 - 0.5)
    assert school.people.is_trained[breached] and school.people.expertise_shift[breached] == school.values.officer_training
    assert not school.people.is_officer[leaver]


def test_seats_vacated_in_one_step_are_filled_in_order_of_seats_and_not_by_leavers():
    school = School(VOLUNTEERS, n=4, world={"has_succession": True})
    seated, order = school.change(), school.hashed()
    leavers = school.let_leave(2, step=2, factor=school.values.succession_exit)
    first = min(seated.index(row) for row in leavers)
    expected = [order[3] if k == first else -1 if row in leavers else row for k, row in enumerate(seated)]
    assert school.change(step=2, week=2, week_of_year=2) == expected
    school.use(officer_exit=0.0)
    assert school.change(step=3, week=3, week_of_year=3) == expected  # the leavers could be eligible now, but the moment has passed


def test_who_leaves_in_the_step_of_the_choice_is_followed_by_the_next_in_the_order_of_the_design():
    school = School(ELECTED, world={"has_succession": True}, succession_carry=0.7)
    school.people.friends[:] = [0, 9, 0, 30, 1, 0, 2, 0]
    place = -np.log(1.0 - uniform(SEED, "officer_choice", 1, school.keys)) / (1 + school.people.friends)
    order = [int(i) for i in np.argsort(place)]
    school.seats.row[:] = order[:3]
    (leaver,) = school.let_leave(1, step=1, factor=school.values.succession_exit)
    assert school.change() == [order[3] if row == leaver else row for row in order[:3]]
    assert school.people.credibility[order[3]] == pytest.approx(0.7)


def test_a_site_officers_successor_may_be_anybody():
    school = School(ONE_PER_SITE, seats=2, world={"has_succession": True})
    order = school.hashed()
    school.people.main_site[:8] = 1
    school.people.main_site[order[6]] = 0
    assert school.change(is_clinical=True) == [order[6], order[0]]
    school.let_leave(2, step=2, factor=school.values.succession_exit)
    assert school.change(step=2, week=2, week_of_year=2, is_clinical=True) == order[1:3]


def test_who_leaves_the_course_gives_up_the_seat_and_nobody_succeeds():
    school = School(VOLUNTEERS, world={"has_succession": True})
    first, second, third = school.change()
    school.people.checked_on[second], school.people.checked_by[5] = 5, second
    school.people.is_present[second] = False
    officers.give_up_seat(school.people, school.seats, second)
    assert list(school.seats.row) == [first, -1, third] and not school.people.is_officer[second]
    assert school.people.checked_by[5] == -1 and school.people.checked_on[second] == -1
    assert school.change(step=2, week=2, week_of_year=2) == [first, -1, third]


def test_who_leaves_the_course_is_checked_on_no_more_and_keeps_nobody_elses_seat():
    school = School(VOLUNTEERS)
    first, *_ = seated = school.change()
    gone = school.hashed()[7]
    school.people.checked_on[first], school.people.checked_by[gone] = gone, first
    officers.give_up_seat(school.people, school.seats, gone)
    assert list(school.seats.row) == seated and school.people.checked_by[gone] == -1
    assert school.people.checked_on[first] == gone  # the hour is spent


# 8.6 Outreach


@pytest.mark.parametrize("week", range(2, 18))
def test_officers_check_in_one_after_the_other_on_whom_their_draw_chooses(week):
    school = School(VOLUNTEERS, n=43, seats=7, world={"has_outreach": True}, outreach_sensitivity=0.9, outreach_specificity=0.7)
    in_post, student = school.change(), np.arange(43)
    school.people.friends[:], school.people.distress[:], school.people.is_present[:] = student % 2, student % 3 == 0, student % 5 > 0
    school.people.checked_by[2], school.people.checked_on[in_post[0]] = in_post[0], 2  # last week's
    school.reach_out(step=week, week=week, week_of_year=week)
    flag = uniform(SEED, "flag", week, school.keys)
    low = {i for i in range(43) if flag[i] < (1.0 - 0.7 if i % 2 else 0.9) and i not in in_post and i % 5 > 0}
    expected = {}
    for j in sorted(in_post, key=lambda j: uniform(SEED, "outreach_order", week, school.keys[j])[0]):
        expected[j] = min(low, key=lambda i: uniform(SEED, "outreach_choice", week, school.keys[i], school.keys[j])[0])
        low.remove(expected[j])
    assert {j: int(school.people.checked_on[j]) for j in range(43) if school.people.checked_on[j] >= 0} == expected
    assert {int(school.people.checked_by[i]): i for i in range(43) if school.people.checked_by[i] >= 0} == expected
    assert school.totals.n_checkins[0] == 7
    assert school.totals.n_false_checkins[0] == sum(school.people.distress[i] == 0 for i in expected.values())


def test_nobody_is_checked_on_twice_and_near_peers_reach_out_too():
    school = School(NEAR_PEER, n=3, seats=5, world={"has_outreach": True}, outreach_sensitivity=1.0)
    school.change()
    school.reach_out()
    assert sorted(school.people.checked_on[3:]) == [-1, -1, 0, 1, 2]
    assert school.totals.n_checkins[0] == 3 and school.totals.n_false_checkins[0] == 3


def test_check_ins_hold_for_the_week_and_are_over_in_a_break():
    school = School(VOLUNTEERS, world={"has_outreach": True}, outreach_sensitivity=1.0)
    school.change()
    school.reach_out()
    held = school.people.checked_by.copy()
    school.reach_out(step=2, is_first_step=False)
    assert (school.people.checked_by == held).all() and (held >= 0).sum() == 3 and school.totals.n_checkins[0] == 3
    school.reach_out(step=40, week=40, is_teaching=False)
    assert (school.people.checked_by == -1).all() and (school.people.checked_on == -1).all() and school.totals.n_checkins[0] == 3


def test_without_the_add_on_nobody_reaches_out():
    school = School(VOLUNTEERS, outreach_sensitivity=1.0)
    school.change()
    school.reach_out()
    assert school.totals.n_checkins[0] == 0 and (school.people.checked_by == -1).all()
