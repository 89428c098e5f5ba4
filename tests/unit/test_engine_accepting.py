"""The array engine's accepting, kinds of support, loads and breaches, by hand (docs/model.md, section 4.9).

Where an equation is tested, a parameter is put just below and just above the value at which the draw, taken from simulation.streams, turns.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulation.engine.noticing import STAFF
from simulation.record.history import SOURCES_OF_HELP
from tests.unit.engine_states import SENIOR, STEP, Small, draw, in_python, log_odds, turns_at

PEER, OFFICER, BY_STAFF = (SOURCES_OF_HELP.index(source) for source in ("peer", "officer", "staff"))
_python = pytest.fixture(in_python, autouse=True, scope="module")


def accepts_turn_at(state: Small, helper: int, rest: float, **parameters: float) -> None:
    """Student 0 accepts where `accept_intercept` and the rest make up the log odds of the draw."""
    strength = 0.0 if helper == STAFF else 0.4
    state.meet(0, helper, strength, is_made=True)
    u = draw("staff_accept", 0) if helper == STAFF else draw("accept", 0, helper)
    before = state.people.worry.copy()

    def happens(intercept: float) -> bool:
        state.use(accept_intercept=intercept, breach=0.0, **parameters)
        state.people.worry[:] = before
        n_before = state.totals.n_kinds.sum()
        return sum(state.accept()) > n_before

    turns_at(log_odds(u) - 3.0 * strength - rest, happens)


@pytest.mark.parametrize(("helper", "seeker", "officer", "rest"), [
    (1, {}, {}, 0.0),
    (1, {"own_stigma": 1.0, "stigma_shift": 0.6}, {}, -0.5 * 1.6),
    (1, {"worry": 1.2}, {}, -0.5 * 1.2),
    (1, {"openness": -0.3}, {}, -0.3),
    (1, {}, {"credibility": 0.6}, 0.0),  # not in post
    (1, {}, {"credibility": 0.6, "is_officer": True}, 0.7 * 0.6),
    (SENIOR, {}, {"credibility": 0.5}, 0.7 * 0.5),
    (STAFF, {"own_stigma": 1.0, "worry": 1.0, "openness": 0.2}, {}, -0.5 - 0.5 + 0.2 + 0.7 * 0.6),
])  # fmt: skip
def test_the_terms_of_accepting(helper: int, seeker: dict, officer: dict, rest: float) -> None:
    state = Small()
    state.distress(0)
    state.set(0, **seeker)
    state.set(helper, **officer)
    accepts_turn_at(state, helper, rest)


def supported(helpers: tuple[int, ...] = (1,), distress: int = 1, **parameters: float) -> Small:
    """Student 0 is about to accept the offers of these."""
    state = Small(**{"accept_intercept": 50.0, "breach": 0.0, **parameters})
    state.distress(0, distress)
    for j in helpers:
        state.meet(0, j, is_made=True)
    return state


@pytest.mark.parametrize(("expertise", "distress", "informs", "rest"), [
    (0.0, 1, False, 0.0), (1.5, 1, False, 0.6), (0.0, 2, False, 0.7), (0.0, 1, True, 0.5), (-1.0, 2, True, -0.4 + 0.7 + 0.5),
])  # fmt: skip
def test_referrals(expertise: float, distress: int, informs: bool, rest: float) -> None:
    def happens(odds: float) -> bool:
        state = supported(distress=distress, p_referral=1.0 / (1.0 + math.exp(-odds)))
        state.hold(has_information=informs)
        state.set(1, own_expertise=expertise - 1.0, expertise_shift=1.0)
        is_referral = state.accept() == (0, 0, 1)
        assert (state.people.referred[0] == STEP) == (state.episodes.rows.first_referred[0] == STEP) == is_referral
        return is_referral

    turns_at(log_odds(draw("referral", 0, 1)) - rest, happens)


def test_plans_and_comfort() -> None:
    def happens(p_plan: float) -> bool:
        return supported(p_referral=0.0, p_plan=p_plan).accept() == (0, 1, 0)

    turns_at(draw("plan", 0, 1), happens)
    assert supported(p_referral=0.0, p_plan=0.0).accept() == (1, 0, 0)
    assert supported(p_referral=1.0).accept() == (0, 0, 1)


def test_an_offer_that_was_not_made_is_not_accepted() -> None:
    state = supported()
    state.encounters.is_made[0] = False
    assert state.accept() == (0, 0, 0)
    assert state.episodes.rows.first_accepted[0] == -1


def test_what_support_gives_and_costs() -> None:
    state = supported((1, 2, SENIOR), p_referral=0.0, p_plan=0.0)
    state.people.received[:3], state.people.load[:] = 0.1, 2.0
    state.set(2, own_boundary=1.0, boundary_shift=0.5, is_officer=True)
    state.hold(has_advice=True)
    assert state.accept() == (3, 0, 0)
    kept = math.exp(-1 / 4)
    assert state.people.received[:3] == pytest.approx([0.1 * kept + 3 * 0.4, 0.1 * kept, 0.1 * kept])
    assert state.people.load == pytest.approx([2 * kept, 2 * kept + 1, 2 * kept + 0.5 * math.exp(0.2 * 1.5), 2 * kept, 2 * kept + 0.5])
    assert np.argwhere(state.weekly.is_supported).tolist() == [[STEP - 1, 0]]
    assert state.weekly.n_supports_given[STEP - 1].tolist() == [0, 1, 1, 0]
    assert state.weekly.n_supports_given.sum() == 2


@pytest.mark.parametrize(("parameters", "q"), [({"p_referral": 1.0}, 0.6), ({"p_referral": 0.0, "p_plan": 1.0}, 0.8)])
def test_support_by_kind_while_severe_and_the_cap(parameters: dict, q: float) -> None:
    state = supported((1,), 2, **parameters)
    state.accept()
    assert state.people.received[0] == pytest.approx(q)
    assert state.people.load[1] == pytest.approx(2.0)
    state.people.received[0] = 1.5
    state.accept()
    assert state.people.received[0] == 1.5


def test_received_load_and_worry_fade() -> None:
    state = Small()
    state.hold(dt=0.5)
    state.people.received[:], state.people.load[:], state.people.worry[:] = 1.0, 2.0, 3.0
    state.accept()
    assert state.people.received[:4] == pytest.approx([math.exp(-0.5 / 4)] * 4)
    assert state.people.load == pytest.approx([2 * math.exp(-0.5 / 4)] * 5)
    assert state.people.worry[:4] == pytest.approx([3 * 2 ** (-0.5 / 52)] * 4)


def test_staffs_support_is_a_referral_and_loads_nobody() -> None:
    state = supported((STAFF,), p_referral=0.0)
    assert state.accept() == (0, 0, 1)
    assert state.people.received[0] == pytest.approx(0.6)
    assert state.people.referred[0] == state.episodes.rows.first_referred[0] == state.episodes.rows.first_accepted[0] == STEP
    assert (state.episodes.rows.first_accepted_peer[0], state.episodes.rows.accepted_by[0]) == (-1, BY_STAFF)
    assert state.weekly.is_supported[STEP - 1, 0]
    assert not state.people.load.any()
    assert not state.weekly.n_supports_given.any()


def test_by_whom_support_was_first_accepted() -> None:
    for helpers, source in (((STAFF, SENIOR, 1), PEER), ((STAFF, SENIOR), OFFICER), ((3,), OFFICER)):
        state = supported(helpers)
        state.set(3, is_officer=True)
        state.accept()
        state.now = state.now._replace(step=STEP + 1)
        state.accept()
        assert state.episodes.rows.accepted_by[0] == source
        assert state.episodes.rows.first_accepted[0] == state.episodes.rows.first_accepted_peer[0] == STEP


def test_acceptances_are_synchronous() -> None:
    """All at worry and credibility before any breach: everybody acts on the state as the phase found it."""
    state = Small()
    state.set(0, is_officer=True, credibility=1.0)
    for i in (1, 2):
        state.distress(i)
        state.meet(i, 0, is_made=True)
    state.tie(1, 2, strength=0.9)  # friends: what is breached of one worries the other
    state.set(1, openness=50.0)
    state.use(accept_intercept=log_odds(draw("accept", 2, 0)) - 0.7 + 1e-9, accept_breach=5.0, breach=1.0)
    assert sum(state.accept()) == 2
    assert state.people.credibility[0] == 0.0
    assert state.people.worry[[1, 2]] == pytest.approx([1.0, 1.0])


# --- breaches ---


@pytest.mark.parametrize("officer", [1, SENIOR])
def test_breaches_worry_the_student_and_friends(officer: int) -> None:
    def happens(breach: float) -> bool:
        state = supported((officer, 2), breach=breach, breach_stress=1.0)
        state.set(officer, is_officer=True, credibility=0.8)
        state.tie(0, 3, strength=0.5)
        state.tie(0, 2, strength=0.49)
        state.tie(0, SENIOR, strength=0.9)
        state.people.worry[:4] = 1.0
        state.accept()
        n = int(state.totals.n_breaches[0])
        kept = 2 ** (-1 / 52)
        assert state.people.worry[:4] == pytest.approx([kept + 0.5 * n, kept, kept, kept + 0.5 * n])
        assert state.people.worry[SENIOR] == 0.0
        assert state.people.n_breaches[officer] == state.people.n_breaches.sum() == n
        assert state.people.credibility[officer] == pytest.approx(0.8 - 0.5 * n)
        return n == 1

    turns_at(draw("breach", 0, officer), happens)


def test_breaches_under_the_add_on_and_credibility_of_at_least_0() -> None:
    state = supported(breach=0.0, breach_stress=1.0)
    state.set(1, is_officer=True, credibility=0.8)
    state.hold(has_breach_stress=True)
    for credibility in (0.3, 0.0):
        state.accept()
        assert state.people.credibility[1] == pytest.approx(credibility)
    state.people.is_officer[1] = False  # whoever is in no post breaches nothing
    state.accept()
    assert state.totals.n_breaches[0] == 2
