"""The array engine's escalating, and its record of episodes, by hand (docs/model.md, sections 4.10 and 10)."""

from __future__ import annotations

import pytest

from simulation.engine import episodes as record
from simulation.engine.state import STRENGTH
from simulation.record.history import REASONS
from tests.unit.engine_states import KEYS, SENIOR, STEP, Small, draw, in_python, log_odds, turns_at

_python = pytest.fixture(in_python, autouse=True, scope="module")


# --- 4.10 escalate ---


def escalating(distress: int = 2, helper: int = 1, **parameters: float) -> Small:
    """An offer was made to student 0, who accepts every escalation unless told otherwise."""
    state = Small(**{"escalation_intercept": 50.0, "accept_escalation": 1.0, "accept_own_hospital": 1.0, **parameters})
    state.distress(0, distress)
    state.meet(0, helper, is_made=True)
    return state


@pytest.mark.parametrize(("helper", "expertise", "switches", "rest"), [
    (1, 0.0, (), -0.5),
    (1, 1.5, (), 0.4 * 1.5 - 0.5),
    (1, 0.0, ("has_obligations",), -0.5 + 0.5),
    (1, 0.0, ("has_red_flags",), -0.5 + 1.0),
    (1, 0.0, ("has_advice",), -0.5),
    (SENIOR, 0.0, ("has_advice",), -0.5 + 1.0),
])  # fmt: skip
def test_the_terms_of_escalating(helper: int, expertise: float, switches: tuple[str, ...], rest: float) -> None:
    def happens(intercept: float) -> bool:
        state = escalating(helper=helper, escalation_intercept=intercept)
        state.set(helper, own_expertise=expertise - 1.0, expertise_shift=1.0)
        state.hold(**dict.fromkeys(switches, True))
        return state.escalate() == [0]

    turns_at(log_odds(draw("escalate", 0, helper)) - rest, happens)


def test_who_is_escalated() -> None:
    assert escalating().escalate() == [0]
    assert escalating(distress=1).escalate() == []
    for care, expected in ((1, [0]), (2, [])):  # waiting, in care
        state = escalating()
        state.people.care[0] = care
        assert state.escalate() == expected
    state = escalating()
    state.encounters.is_made[0] = False
    assert state.escalate() == []


def test_escalation_elsewhere_is_accepted_by_a_draw() -> None:
    def happens(p_accept: float) -> bool:
        return escalating(accept_escalation=p_accept, accept_own_hospital=0.0, own_hospital_route=1.0).escalate() == [0]

    turns_at(draw("accept_escalation", 0, 1), happens)


def test_the_route_on_placement() -> None:
    def at_own_hospital(route: float, **week: bool) -> bool:
        state = escalating(accept_escalation=0.0, own_hospital_route=route)
        state.set(0, main_site=1)
        state.now = state.now._replace(**{"is_clinical": True, **week})
        return state.escalate() == [0]

    turns_at(draw("route", 0, 1), at_own_hospital)
    assert not at_own_hospital(1.0, is_teaching=False)
    assert not at_own_hospital(1.0, is_clinical=False)
    state = escalating(accept_escalation=0.0, own_hospital_route=1.0)
    state.now = state.now._replace(is_clinical=True)
    assert state.escalate() == []  # without a site

    def accepts(p_accept: float) -> bool:
        state = escalating(accept_escalation=0.0, accept_own_hospital=p_accept, own_hospital_route=1.0)
        state.set(0, main_site=0)
        state.now = state.now._replace(is_clinical=True)
        return state.escalate() == [0]

    turns_at(draw("accept_escalation", 0, 1), accepts)


def test_one_accepted_escalation_is_enough() -> None:
    state = escalating(accept_escalation=0.5 * (draw("accept_escalation", 0, 1) + draw("accept_escalation", 0, 2)))
    state.meet(0, 2, is_made=True)
    assert state.escalate() == [0]


# --- 10 the record ---


def reason(state: Small, e: int = 0) -> str:
    return REASONS[record.reasons(state.episodes.rows)[e]]


@pytest.mark.parametrize(("expected", "values", "strength"), [
    ("expertise", {"own_expertise": -2.0, "expertise_shift": 0.5, "load": 1.0}, 0.5),  # .6 against .5
    ("stigma", {"own_stigma": 1.0, "stigma_shift": 0.5, "load": 1.0}, 0.5),
    ("boundary", {"own_boundary": 1.0, "boundary_shift": 0.5, "load": 1.0}, 0.5),
    ("load", {"load": 2.0, "own_stigma": 2.0}, 0.5),  # 1 against .8
    ("weak tie", {"load": 1.0}, 0.3),  # .52 against .5
    ("own distress", {"distress": 1, "load": 2.9}, 0.5),
    ("reluctance", {"readiness": -0.9, "own_stigma": 2.0}, 0.5),
    ("chance", {"own_expertise": 1.0, "own_stigma": -1.0, "own_boundary": -1.0, "readiness": 1.0}, 0.6),
    ("stigma", {"own_stigma": 1.0, "own_boundary": 1.0}, 0.5),  # the first of equals
    ("load", {"load": 3.0}, 0.1),  # 1.5 against 1.04
    ("weak tie", {"readiness": -1.0}, 0.1),  # 1.04 against 1
    ("reluctance", {"readiness": -1.2}, 0.1),
    ("chance", {}, 0.5),  # a cost of 0 is none
])  # fmt: skip
def test_what_kept_the_likeliest_helper(expected: str, values: dict, strength: float) -> None:
    state = Small(offer_intercept=-50.0)
    state.distress(0)
    state.set(1, **values)
    state.tie(0, 1, strength=strength)
    state.use(offer_intercept=-50.0, notice_absence=1000.0)
    state.set(0, attendance=0.5)
    assert state.notice() == {(0, 1)}
    assert state.offer() == [False]
    assert reason(state) == expected


def test_the_likeliest_helper_of_all_who_noticed() -> None:
    state = Small(offer_intercept=-50.0)
    state.distress(0)
    state.episodes.rows.first_noticed[0] = STEP
    state.set(2, load=1.0)
    state.set(3, own_stigma=1.2)
    state.meet(0, 2, 0.5)  # -.5
    state.meet(0, 3, 0.5)  # -.48
    state.offer()
    assert reason(state) == "stigma"
    assert (state.episodes.rows.best_step[0], state.episodes.rows.best_key[0]) == (STEP, KEYS[3])
    state.set(2, load=0.96)  # as likely as 3 was, but later
    state.set(3, own_stigma=5.0)
    state.now = state.now._replace(step=STEP + 1)
    state.offer()
    assert reason(state) == "stigma"
    state.set(2, load=0.9)
    state.offer()
    assert reason(state) == "load"
    state.set(3, own_stigma=0.0, load=0.9)  # equal in the same step: the smaller key
    state.offer()
    assert state.episodes.rows.best_key[0] == KEYS[2]
    state.use(offer_intercept=50.0, weekly_offers=0)
    state.offer()
    assert reason(state) == "weekly limit"
    state.use(offer_intercept=50.0, weekly_offers=3)
    state.offer()
    assert reason(state) == "refused"


def test_reasons_without_notice() -> None:
    state = Small(notice_contact=0.0, notice_absence=0.0)
    state.distress(0, onset=STEP)
    state.notice()
    assert reason(state) == "brief"
    state.now = state.now._replace(step=STEP + 1)
    state.tie(0, 1, strength=0.31, met=5.0)
    state.notice()
    assert reason(state) == "nobody there"
    state.ties.value[STRENGTH, 0] = 0.32
    state.notice()
    state.ties.value[STRENGTH, 0] = 0.0
    state.notice()
    assert reason(state) == "not noticed"
    for first in ("first_accepted", "first_treated"):
        state.distress(2)
        state.tie(2, SENIOR, together=1.0)
        state.notice()
        last = int(state.episodes.used[0]) - 1
        assert reason(state, last) == "not noticed"  # hours with a near-peer are company
        record.note(state.episodes.rows[first], last, STEP)
        assert reason(state, last) == "reached"


def test_episodes_open_close_and_are_censored() -> None:
    state = Small(room=1)
    state.distress(2, onset=0)
    for column in ("was_exposed", "had_company", "noticed_by", "accepted_by", "first_treated"):
        state.episodes.rows[column][0] = 1
    state.distress(0)
    assert not any(state.episodes.rows[column][1] for column in ("was_exposed", "had_company", "noticed_by", "accepted_by"))
    assert state.episodes.rows["first_treated"][:2].tolist() == [1, -1]  # nothing of one episode is another's
    state.episodes.rows["first_treated"][0] = -1
    episodes = record.open_episode(state.people, state.episodes, 3, STEP, False, True)
    rows = episodes.rows
    assert episodes.used[0] == 3
    assert rows["student"][:3].tolist() == [2, 0, 3]
    assert rows["onset"][:3].tolist() == [0, STEP - 3, STEP]
    assert rows["is_isolated_at_onset"][:3].tolist() == [True, True, False]
    assert rows["is_early"][:3].tolist() == [False, False, True]
    assert state.people.episode[[2, 0, 3]].tolist() == [0, 1, 2]
    record.close_episode(state.people, episodes, 0, STEP)
    record.censor_episode(state.people, episodes, 3)
    assert rows["end"][:3].tolist() == [-1, STEP, -1]
    assert state.people.episode[[2, 0, 3]].tolist() == [0, -1, -1]
    record.note(rows["first_treated"], 0, 5)
    record.note(rows["first_treated"], 0, 7)
    assert rows["first_treated"][0] == 5
