"""The array engine's noticing, by hand (docs/model.md, section 4.7).

Where an equation is tested, a parameter is put just below and just above the value at which the draw, taken from simulation.streams, turns.
"""

from __future__ import annotations

import math

import pytest

from simulation.engine import pairs, ties
from simulation.engine.noticing import STAFF
from simulation.record.history import SOURCES_OF_HELP
from tests.unit.engine_states import SENIOR, STEP, Small, draw, in_python, turns_at

PEER, OFFICER, BY_STAFF = (SOURCES_OF_HELP.index(source) for source in ("peer", "officer", "staff"))
_python = pytest.fixture(in_python, autouse=True, scope="module")


@pytest.mark.parametrize(("helper", "tie", "seeker", "hours", "absence"), [
    (1, {"together": 6.0}, {}, 6.0 * 0.7, 0.0),  # 1 attends .7
    (1, {"together": 6.0}, {"attendance": 0.6}, 6.0 * 0.6 * 0.7, 0.0),
    (SENIOR, {"together": 6.0}, {"attendance": 0.6}, 6.0 * 0.6, 0.0),
    (1, {"met": 2.5}, {}, 2.5, 0.0),
    (1, {"met": 2.5, "strength": 0.4, "overlap": 0.25}, {}, 2.5 + 0.5 * 0.4 * 0.75, 0.0),  # and messages
    (SENIOR, {"together": 2.5, "strength": 0.4}, {}, 2.5, 0.0),
    (1, {"met": 2.5, "strength": 0.4}, {"attendance": 0.6}, 2.5, 0.4 * 0.4),
    (1, {"together": 3.0, "met": 1.0}, {"own_stigma": 0.5, "stigma_shift": 0.3}, (3.0 * 0.7 + 1.0) * math.exp(-0.25 * 0.8), 0.0),
    (1, {"together": 3.0, "met": 1.0}, {"distress": 2}, (3.0 * 0.7 + 1.0) * 1.6, 0.0),
    (SENIOR, {"strength": 0.5}, {"attendance": 0.4, "own_stigma": 2.0, "distress": 2}, 0.0, 0.5 * 0.6),  # neither counts in absence
])  # fmt: skip
def test_the_terms_of_noticing(helper: int, tie: dict, seeker: dict, hours: float, absence: float) -> None:
    state = Small()
    state.distress(0)
    state.set(0, **seeker)
    state.set(1, attendance=0.7)
    state.tie(0, helper, **tie)
    needed = -math.log(1.0 - draw("notice", 0, helper)) / (0.003 * hours + 0.035 * absence)  # both rates so many times as great

    def happens(times: float) -> bool:
        state.use(notice_contact=0.003 * times, notice_absence=0.035 * times)
        return state.notice() == {(0, helper)}

    turns_at(needed, happens)


def test_noticing_counts_the_length_of_a_step() -> None:
    state = Small()
    state.hold(dt=0.25)
    state.distress(0)
    state.set(0, attendance=0.6)
    state.tie(0, 2, met=4.0, strength=0.5)

    def happens(times: float) -> bool:
        state.use(notice_contact=0.01 * times, notice_absence=0.02 * times)
        return state.notice() == {(0, 2)}

    turns_at(-math.log(1.0 - draw("notice", 0, 2)) / (0.25 * (0.01 * 4.0 + 0.02 * 0.5 * 0.4)), happens)


def test_only_the_exposed_are_noticed_and_only_by_those_who_are_looked_at() -> None:
    state = Small(notice_contact=1000.0)
    state.distress(0, onset=STEP)  # in this step
    state.distress(1, onset=STEP - 1)
    for i in (0, 1):
        state.tie(i, 2, met=1.0)
        state.tie(i, 3, met=1.0)
    ties.put_away(state.ties, state.now, pairs.find(state.ties, 1, 3))  # 3 is only remembered
    state.set(0, checked_by=3)
    state.set(3, checked_on=0)
    assert state.notice() == {(1, 2)}  # the well are noticed by nobody
    assert state.episodes.rows.was_exposed[:2].tolist() == [False, True]
    state.now = state.now._replace(step=STEP + 1)
    assert state.notice() == {(0, 2), (0, 3), (1, 2)}


@pytest.mark.parametrize("room", [1, 3, 4, 5])
def test_encounters_find_room(room: int) -> None:
    state = Small(room, notice_contact=1000.0)
    state.distress(0)
    for j in (1, 2, 3, SENIOR):
        state.tie(0, j, met=1.0, strength=j / 10)
    assert state.notice() == {(0, 1), (0, 2), (0, 3), (0, SENIOR)}
    assert state.encounters.strength[:4].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])
    state.encounters.is_made[:] = True
    state.notice()
    assert not state.encounters.is_made[:4].any()  # nothing has been offered yet
    state.people.distress[0] = 0
    assert state.notice() == set()  # those of the last step are gone


@pytest.mark.parametrize("room", [1, 2, 3])
def test_room_for_check_ins_and_staff(room: int) -> None:
    state = Small(room, notice_contact=0.0, notice_absence=0.0, staff_notice=1000.0)
    for i in (1, 2):
        state.distress(i)
    state.set(1, checked_by=0)
    assert state.notice() == {(1, 0), (1, STAFF), (2, STAFF)}
    assert state.encounters.is_checkin[:3].tolist() == [True, False, False]


@pytest.mark.parametrize("officer", [3, SENIOR])
def test_a_check_in_notices_in_the_first_step_of_the_week(officer: int) -> None:
    state = Small(notice_contact=0.0, notice_absence=0.0)
    state.distress(0)
    state.set(0, checked_by=officer)
    state.set(officer, is_officer=True, checked_on=0)
    assert state.notice() == {(0, officer)}
    assert state.encounters.is_checkin[0]
    assert state.encounters.strength[0] == 0.0  # a stranger
    state.tie(0, officer, strength=0.3)
    state.notice()
    assert state.encounters.strength[0] == 0.3
    ties.put_away(state.ties, state.now, pairs.find(state.ties, 0, officer))
    state.notice()
    assert state.encounters.strength[0] == 0.0  # what is only remembered is no tie
    state.tie(0, officer, strength=0.3, met=1.0)
    state.use(notice_contact=1000.0)
    assert state.notice() == {(0, officer)}  # once, however often
    assert state.encounters.is_checkin[0]
    state.now = state.now._replace(is_first_step=False)
    assert state.notice() == {(0, officer)}
    assert not state.encounters.is_checkin[0]
    state.use(notice_contact=0.0, notice_absence=0.0)
    assert state.notice() == set()
    state.now = state.now._replace(is_first_step=True)
    state.people.is_present[officer] = False
    assert state.notice() == set()


def test_staff_notice_offer_and_do_not_escalate() -> None:
    state = Small()
    state.hold(dt=0.5)
    state.distress(0, 2)

    def happens(rate: float) -> bool:
        state.use(staff_notice=rate, weekly_offers=0, escalation_intercept=50.0, accept_escalation=1.0)
        return state.notice() == {(0, STAFF)}

    turns_at(-math.log(1.0 - draw("staff_notice", 0)) / 0.5, happens)
    assert state.offer() == [True]
    assert state.escalate() == []
    assert state.episodes.rows.first_offered[0] == STEP
    assert state.totals.n_offers.sum() == state.people.n_offers.sum() == 0


def test_who_noticed_first() -> None:
    for helpers, source in (((1, 3, SENIOR), PEER), ((3, SENIOR), OFFICER), ((SENIOR,), OFFICER), ((), BY_STAFF)):
        state = Small(notice_contact=1000.0, staff_notice=1000.0)
        state.set(3, is_officer=True)
        state.distress(0)
        for j in helpers:
            state.tie(0, j, met=1.0)
        state.notice()
        assert state.episodes.rows.noticed_by[0] == source, SOURCES_OF_HELP[source]
        state.now = state.now._replace(step=STEP + 1)
        state.tie(0, 2, met=1.0)
        state.notice()  # a peer comes later
        assert (state.episodes.rows.first_noticed[0], state.episodes.rows.noticed_by[0]) == (STEP, source)
