"""The array engine's care, against a literal reading of docs/model.md, section 4.11.

Where an equation is tested, a parameter is put just below and just above the value at which the draw, taken from simulation.streams, turns.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulation.engine import care
from simulation.engine.state import IN_CARE, NONE, WAITING
from simulation.streams import uniform
from tests.unit.engine_states import SEED, STEP, Small, State, draw, in_python, turns_at

_python = pytest.fixture(in_python, autouse=True, scope="module")

NEVER = {"self_presentation": 0.0}


def change(state: State, *accepted: int) -> list[int]:
    """The phase, where these have accepted an escalation; returns the states of care."""
    care.change_care(state.world, state.p, state.now, state.people, state.episodes, np.isin(np.arange(state.n), accepted))
    return state.people.care[: state.n].tolist()


def in_states(*states: tuple[int, int, int], **parameters: float) -> Small:
    """Students with D, care and since when."""
    state = Small(**(NEVER | parameters))
    for i, (severity, in_care, since) in enumerate(states):
        if severity:
            state.distress(i, severity)
        state.set(i, care=in_care, care_since=since)
    return state


# --- (a) leaving care ---


def test_who_is_well_is_neither_in_care_nor_waiting() -> None:
    state = in_states((0, IN_CARE, STEP - 1), (0, WAITING, STEP - 1), (1, IN_CARE, STEP - 1), (2, WAITING, STEP - 1))
    assert change(state) == [NONE, NONE, IN_CARE, WAITING]
    assert state.people.care_since[2:4].tolist() == [STEP - 1, STEP - 1]


@pytest.mark.parametrize(("dt", "weeks", "last"), [(1.0, 6.0, 6), (0.25, 1.5, 6), (1.0, 5.5, 6)])
def test_care_is_over_after_its_weeks(dt: float, weeks: float, last: int) -> None:
    state = in_states((1, IN_CARE, STEP - last), (2, IN_CARE, STEP - last + 1), (1, WAITING, STEP - last), care_weeks=weeks, waiting_weeks=99.0)
    state.hold(dt=dt)
    assert change(state) == [NONE, IN_CARE, WAITING, NONE]


def test_who_has_been_in_care_may_ask_again_at_once() -> None:
    state = in_states((1, IN_CARE, STEP - 6), care_weeks=6.0, self_presentation=1e9, waiting_weeks=1.0)
    assert change(state)[0] == WAITING and state.people.care_since[0] == STEP


# --- (b) urgent care ---


def test_who_accepted_an_escalation_is_in_care_whatever_the_places() -> None:
    state = in_states((2, NONE, -1), (2, WAITING, STEP - 9), (2, WAITING, STEP - 9), care_places=0.0, waiting_weeks=2.0)
    assert change(state, 0, 1) == [IN_CARE, IN_CARE, WAITING, NONE]
    assert state.people.care_since[:3].tolist() == [STEP, STEP, STEP - 9]
    assert state.episodes.rows.first_treated[:3].tolist() == [STEP, STEP, -1]


def test_an_episode_is_treated_at_the_first_entry() -> None:
    state = in_states((2, NONE, -1), care_weeks=1.0)
    change(state, 0)
    state.now = state.now._replace(step=STEP + 3)
    assert change(state)[0] == NONE
    change(state, 0)
    assert (state.people.care_since[0], state.episodes.rows.first_treated[0]) == (STEP + 3, STEP)


# --- (c) asking ---


@pytest.mark.parametrize("dt", [1.0, 0.5])
@pytest.mark.parametrize(("values", "rest"), [
    ({}, 1.0),
    ({"own_stigma": 0.7, "stigma_shift": 0.4}, math.exp(-0.6 * 1.1)),
    ({"distress": 2}, 3.0),
    ({"referred": STEP}, 2.8),
    ({"referred": STEP - 4}, 2.8),
    ({"referred": STEP - 5}, 1.0),
    ({"distress": 2, "referred": STEP - 4, "own_stigma": -1.0}, 3.0 * 2.8 * math.exp(0.6)),
    ({"received": 1.0, "openness": 2.0, "worry": 3.0}, 1.0),  # what does not count
])  # fmt: skip
def test_the_terms_of_asking(values: dict, rest: float, dt: float) -> None:
    def happens(rate: float) -> bool:
        state = in_states((1, NONE, -1), self_presentation=rate, stigma_on_care=-0.6, severe_on_care=3.0, referral_on_care=2.8,
                          referral_window=4.0 * dt, waiting_weeks=1.0)  # fmt: skip
        state.hold(dt=dt)
        state.set(0, **values)
        asks = change(state)[0] == WAITING
        assert state.people.care_since[0] == (STEP if asks else -1)
        assert state.people.care[1:].tolist() == [NONE] * 4  # the well do not ask
        return asks

    turns_at(-math.log(1.0 - draw("ask", 0)) / dt / rest, happens)


def test_who_waits_or_is_in_care_does_not_ask() -> None:
    state = in_states((1, WAITING, STEP - 1), (1, IN_CARE, STEP - 1), self_presentation=1e9, waiting_weeks=3.0)
    assert change(state)[:2] == [WAITING, IN_CARE]
    assert state.people.care_since[:2].tolist() == [STEP - 1, STEP - 1]


# --- (d) places ---


@pytest.mark.parametrize(("dt", "weeks", "first"), [(1.0, 3.0, 3), (0.5, 1.5, 3), (1.0, 2.5, 3), (1.0, 0.0, 0)])
def test_who_has_waited_enters(dt: float, weeks: float, first: int) -> None:
    state = in_states((1, WAITING, STEP - first), (1, WAITING, STEP - first + 1), waiting_weeks=weeks)
    state.hold(dt=dt)
    assert change(state)[:2] == [IN_CARE, WAITING]
    assert state.people.care_since[:2].tolist() == [STEP, STEP - first + 1]
    assert state.episodes.rows.first_treated[:2].tolist() == [STEP, -1]
    state = in_states((1, NONE, -1), waiting_weeks=0.0, self_presentation=1e9)
    assert change(state)[0] == IN_CARE  # asked and entered in one step


@pytest.mark.parametrize(("places", "entered"), [(0.0, 0), (9.9, 0), (10.1, 1), (20.0, 1), (20.1, 2), (35.0, 3), (100.0, 6)])
def test_the_longest_waiting_enter_first_and_then_in_hashed_order(places: float, entered: int) -> None:
    """Of ten students one is in care; places are rounded up."""
    keys = [4, 9, 2, 10, 7, 1, 3, 8, 5, 6]
    state = State(keys, waiting_weeks=2.0, care_places=places, **NEVER)
    state.now = state.now._replace(step=STEP)
    state.people.distress[:] = 1
    state.set(slice(0, 7), care=WAITING, care_since=STEP - 5)
    state.set(3, care=IN_CARE, care_since=STEP - 1)
    state.set(6, care_since=STEP - 7)
    state.set(slice(7, 10), care=WAITING, care_since=STEP - 1)  # not long enough
    queue = uniform(SEED, "queue", STEP - 5, keys)
    order = [6, *sorted((0, 1, 2, 4, 5), key=lambda i: queue[i])]
    assert order[1:] not in (sorted(order[1:]), sorted(order[1:], key=lambda i: keys[i]))
    after = change(state)
    assert sorted(order[:entered]) == [i for i in range(10) if after[i] == IN_CARE and i != 3]
    assert (np.array(after) == WAITING).sum() == 9 - entered


def test_urgent_care_takes_places_and_who_leaves_gives_them_back() -> None:
    taken = (1, IN_CARE, STEP - 1)
    assert change(in_states((2, NONE, -1), (1, WAITING, STEP - 9), care_places=25.0), 0) == [IN_CARE, WAITING, NONE, NONE]
    assert change(in_states(taken, (1, WAITING, STEP - 9), care_places=25.0)) == [IN_CARE, WAITING, NONE, NONE]
    assert change(in_states((1, IN_CARE, STEP - 12), (1, WAITING, STEP - 9), care_places=25.0, care_weeks=12.0)) == [NONE, IN_CARE, NONE, NONE]
    assert change(in_states(taken, taken, (1, WAITING, STEP - 9), care_places=25.0)) == [IN_CARE, IN_CARE, WAITING, NONE]


# --- all at once ---


class Literal:
    """Care as the page has it, step by step."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.care, self.since = [NONE] * state.n, [-1] * state.n
        self.treated: dict[int, int] = {}

    def enter(self, i: int) -> None:
        self.care[i], self.since[i] = IN_CARE, self.state.now.step
        self.treated.setdefault(int(self.state.people.episode[i]), self.state.now.step)

    def step(self, accepted: list[int]) -> None:
        state, p, people, step, dt = self.state, self.state.values, self.state.people, self.state.now.step, self.state.world.dt
        for i in range(state.n):
            if people.distress[i] == 0 or (self.care[i] == IN_CARE and (step - self.since[i]) * dt >= p.care_weeks):
                self.care[i] = NONE
        for i in accepted:
            self.enter(i)
        for i in range(state.n):
            if people.distress[i] >= 1 and self.care[i] == NONE:
                rate = p.self_presentation * math.exp(p.stigma_on_care * (people.own_stigma[i] + people.stigma_shift[i]))
                rate *= p.severe_on_care if people.distress[i] == 2 else 1.0
                was_referred = people.referred[i] >= 0 and (step - people.referred[i]) * dt <= p.referral_window
                rate *= p.referral_on_care if was_referred else 1.0
                if uniform(SEED, "ask", step, people.key[i])[0] < 1.0 - math.exp(-rate * dt):
                    self.care[i], self.since[i] = WAITING, step
        waited = [i for i in range(state.n) if self.care[i] == WAITING and (step - self.since[i]) * dt >= p.waiting_weeks]
        waited.sort(key=lambda i: (self.since[i], uniform(SEED, "queue", self.since[i], people.key[i])[0]))
        while waited and self.care.count(IN_CARE) < math.ceil(p.care_places * state.n / 100.0):
            self.enter(waited.pop(0))


@pytest.mark.parametrize("places", [8.0, 100.0])
def test_a_cohort_over_many_steps(places: float) -> None:
    rng = np.random.default_rng(3)
    n = 50
    state = State(rng.permutation(n) + 1, self_presentation=0.08, care_places=places, waiting_weeks=2.0, care_weeks=5.0)
    state.hold(dt=0.5)
    state.people.own_stigma[:] = rng.normal(size=n)
    literal = Literal(state)
    seen = set()
    for step in range(1, 81):
        state.now = state.now._replace(step=step)
        for i in np.flatnonzero(rng.random(n) < 0.1):
            severity = int(rng.integers(3))
            if severity and state.people.distress[i] == 0:
                state.distress(int(i), severity, step)
            state.people.distress[i] = severity
        state.people.referred[rng.random(n) < 0.05] = step
        accepted = [int(i) for i in np.flatnonzero((state.people.distress == 2) & (state.people.care != IN_CARE) & (rng.random(n) < 0.05))]
        literal.step(accepted)
        assert change(state, *accepted) == literal.care
        assert [int(since) for since, now in zip(state.people.care_since, literal.care, strict=True) if now] == [
            since for since, now in zip(literal.since, literal.care, strict=True) if now]  # fmt: skip
        seen.add(literal.care.count(IN_CARE))
    first = state.episodes.rows.first_treated[: state.episodes.used[0]]
    assert {e: int(step) for e, step in enumerate(first) if step >= 0} == literal.treated and len(literal.treated) > 20
    assert max(seen) >= 5
