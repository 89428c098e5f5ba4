"""The array engine's offering, by hand (docs/model.md, section 4.8).

Where an equation is tested, a parameter is put just below and just above the value at which the draw, taken from simulation.streams, turns.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulation.engine import helping
from tests.unit.engine_states import SENIOR, STEP, Small, draw, in_python, log_odds, turns_at

_python = pytest.fixture(in_python, autouse=True, scope="module")


def offers_turn_at(state: Small, helper: int, rest: float, **parameters: float) -> None:
    """The offer of `helper` to student 0 turns where `offer_intercept` and the rest make up the log odds of the draw."""
    state.meet(0, helper, 0.4)

    def happens(intercept: float) -> bool:
        state.use(offer_intercept=intercept, **parameters)
        return state.offer() == [True]

    turns_at(log_odds(draw("offer", 0, helper)) - 2.6 * 0.4 - rest, happens)


@pytest.mark.parametrize(("helper", "values", "rest"), [
    (1, {}, 0.0),
    (1, {"own_expertise": 1.0, "expertise_shift": 0.5}, 0.4 * 1.5),
    (1, {"own_stigma": 1.0, "stigma_shift": -0.4}, -0.4 * 0.6),
    (1, {"own_boundary": 2.0, "boundary_shift": 0.5}, -0.4 * 2.5),
    (1, {"load": 3.0}, -0.5 * 3.0),
    (1, {"readiness": 0.7}, 0.7),
    (1, {"distress": 1}, -1.5),
    (1, {"distress": 2}, -1.5),
    (1, {"is_officer": True}, 1.0),
    (SENIOR, {"own_expertise": 1.0}, 1.0 + 0.4),
])  # fmt: skip
def test_the_terms_of_offering(helper: int, values: dict, rest: float) -> None:
    state = Small()
    state.distress(0)
    state.set(helper, **values)
    offers_turn_at(state, helper, rest)


def test_offers_to_the_severe_and_crowded_out() -> None:
    state = Small()
    state.distress(0, 2)
    offers_turn_at(state, 1, 0.4)
    for helper, rest in ((1, -0.8), (SENIOR, 1.0)):  # the near-peer is in post
        state = Small()
        state.distress(0)
        offers_turn_at(state, helper, rest, crowding_out=0.8)
    state = Small()
    state.seats.row[:] = -1
    state.distress(0)
    offers_turn_at(state, 1, 0.0, crowding_out=0.8)


def test_collegiality_counts_between_students_who_share_hours() -> None:
    for helper, together, rest in ((1, 6.0, 0.2), (1, 0.0, 0.0), (SENIOR, 6.0, 1.0)):
        state = Small()
        state.hold(has_collegiality=True)
        state.distress(0)
        state.tie(0, helper, strength=0.4, together=together)
        offers_turn_at(state, helper, rest)


def limited(draws_of: dict[int, float], limit: int, *, before: int = 0, free: tuple[int, ...] = ()) -> set[int]:
    """Who of the seekers with these draws gets the offer of helper 1."""
    state = Small(weekly_offers=limit)
    state.people.n_offers[1] = before
    people, seeker, is_made = state.people, np.array(list(draws_of)), np.zeros(len(draws_of), np.bool_)
    helping._make(state.p, 3.0, people.key, people.is_officer, people.checked_on, people.n_offers, seeker, np.ones_like(seeker),
                  np.isin(seeker, free), is_made, np.array(list(draws_of.values())), np.ones(len(seeker), np.bool_))  # fmt: skip
    made = set(seeker[is_made].tolist())
    assert state.people.n_offers[1] == before + len(made - set(free))
    return made


def test_the_smallest_draws_are_made() -> None:
    assert limited({0: 0.3, 2: 0.1, 3: 0.2}, 3) == {0, 2, 3}
    assert limited({0: 0.3, 2: 0.1, 3: 0.2}, 2) == {2, 3}
    assert limited({0: 0.3, 2: 0.1, 3: 0.2}, 1) == {2}
    assert limited({0: 0.3, 2: 0.1, 3: 0.2}, 0) == set()
    assert limited({3: 0.2, 0: 0.2, 2: 0.2}, 2) == {0, 2}  # the smaller key of i
    assert limited({0: 0.3, 2: 0.1, 3: 0.2}, 3, before=1) == {2, 3}
    assert limited({0: 0.3, 2: 0.1, 3: 0.2}, 2, before=2) == set()
    assert limited({0: 0.3, 2: 0.1, 3: 0.2}, 1, free=(0,)) == {0, 2}  # in a check-in
    assert limited({0: 0.3, 2: 0.1}, 0, free=(0,)) == {0}


@pytest.mark.parametrize(("hours", "weekly_offers", "has_checked_in", "limit"), [
    (3.0, 9, False, 3), (2.5, 9, False, 3), (2.49, 9, False, 2), (2.5, 9, True, 2), (0.2, 9, False, 1), (0.2, 9, True, 0), (8.0, 3, True, 3),
    (3.0, 0, True, 0),
])  # fmt: skip
def test_an_officers_limit(hours: float, weekly_offers: int, has_checked_in: bool, limit: int) -> None:
    p = Small(weekly_offers=weekly_offers).p
    assert helping._limit(p, hours, True, has_checked_in) == limit
    assert helping._limit(p, hours, False, has_checked_in) == weekly_offers


def test_the_limit_in_a_week() -> None:
    state = Small(offer_intercept=50.0, weekly_offers=1)
    state.set(1, is_officer=True, checked_on=0)
    for i in (0, 2, 3):
        state.distress(i)
        state.meet(i, 1, is_checkin=i == 0)
        state.meet(i, SENIOR)
    first = min((2, 3), key=lambda i: draw("offer", i, 1))
    first_of_near_peer = min((0, 2, 3), key=lambda i: draw("offer", i, SENIOR))
    expected = [made for i in (0, 2, 3) for made in (i in (0, first), i == first_of_near_peer)]
    assert state.offer() == expected
    assert state.people.n_offers.tolist() == [0, 1, 0, 0, 1]
    assert state.totals.n_offers.tolist() == [0, 2, 0, 0]  # check-ins count, near-peers do not
    state.encounters.is_checkin[:] = False
    state.now = state.now._replace(step=STEP + 1)
    assert not any(state.offer())  # what was made earlier in the week counts


def test_an_officer_with_one_contracted_hour_has_none_left_after_a_check_in() -> None:
    for checked_on, made in ((-1, True), (0, False)):
        state = Small(offer_intercept=50.0)
        state.hold(contracted_hours=1.0)
        state.set(1, is_officer=True, checked_on=checked_on)
        state.distress(2)
        state.meet(2, 1)
        assert state.offer() == [made]
