"""The array engine's onset, recovery, worsening, easing and leaving, against a literal reading of docs/model.md, section 4.6.

Where an equation is tested, a parameter is put just below and just above the value at which the draw, taken from simulation.streams, turns.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from simulation.engine import distress
from simulation.engine.officers import NEAR_PEER
from simulation.engine.state import IN_CARE, NONE, WAITING
from simulation.streams import lognormal, normal, uniform
from tests.unit.engine_states import SEED, SENIOR, STEP, Small, State, draw, in_python, turns_at

_python = pytest.fixture(in_python, autouse=True, scope="module")

YEARS = np.array([1.6, 0.7])  # multipliers of onset


def change(state: State) -> None:
    """The phase."""
    before = np.full(state.m, 2)  # room, with something in it
    state.keep_episodes(distress.change_distress(state.world, state.p, state.now, state.people, state.ties, state.episodes, YEARS, before))


def available(support: float) -> float:
    """Q - .5."""
    return 0.5 - math.exp(-support / 2.0)


# --- D = 0: onset ---


@pytest.mark.parametrize(("values", "now", "parameters", "rest"), [
    ({}, {}, {}, math.exp(0.6 * 0.5)),
    ({"susceptibility": 2.5}, {}, {}, 2.5 * math.exp(0.6 * 0.5)),
    ({}, {"year": 2}, {}, 0.7 / 1.6 * math.exp(0.6 * 0.5)),
    ({}, {"is_exam": True}, {}, 1.3 * math.exp(0.6 * 0.5)),
    ({"support": 1.3}, {}, {}, math.exp(-0.6 * available(1.3))),
    ({"support": 1.3}, {}, {"outside_support": 0.8}, math.exp(-0.6 * available(2.1))),
    ({"support": 9.0}, {}, {"support_on_onset": -2.0}, math.exp(2.0 * available(9.0))),  # more than alone
    ({"load": 3.0}, {}, {}, math.exp(0.6 * 0.5 + 0.15 * 3.0)),
    ({"load": 3.0}, {}, {"load_on_onset": -0.2}, math.exp(0.6 * 0.5 - 0.2 * 3.0)),
    ({"care": WAITING, "received": 1.0, "frailty": 3.0, "own_stigma": 2.0}, {}, {}, math.exp(0.6 * 0.5)),  # what does not count
])  # fmt: skip
@pytest.mark.parametrize("dt", [1.0, 0.25])
def test_the_hazard_of_onset(values: dict, now: dict, parameters: dict, rest: float, dt: float) -> None:
    def happens(rate: float) -> bool:
        state = Small(onset_rate=rate, **({"support_on_onset": 0.6} | parameters))
        state.hold(dt=dt)
        state.now = state.now._replace(**now)
        state.set(0, **({"susceptibility": 1.0} | values))
        change(state)
        assert not state.people.distress[1:].any()  # whose v is 0
        return state.people.distress[0] == 1

    turns_at(-math.log(1.0 - draw("distress", 0)) / dt / 1.6 / rest, happens)


def test_contagion_comes_from_friends_distressed_as_the_phase_found_them() -> None:
    """Of 3's friends 0 and 1 are distressed, 2 becomes so in the phase, 4 is hardly one, and 5 is well, as is all the time a near-peer."""
    draws = uniform(SEED, "distress", 1, range(1, 7))

    def happens(rate: float) -> bool:
        state = State(range(1, 7), NEAR_PEER, 1, onset_rate=rate, support_on_onset=0.0, contagion=0.5, friend_strength=0.5, recovery_rate=1e3)
        for j, strength in ((0, 0.5), (1, 0.6), (2, 0.9), (4, 0.49), (5, 0.7), (6, 0.9)):
            state.tie(3, j, strength)
        for i, severity in ((0, 1), (1, 2), (4, 1)):
            state.distress(i, severity)
        state.people.distress[6] = 1
        state.set(2, susceptibility=1e9)
        state.set(3, susceptibility=1.0)
        change(state)
        assert (state.people.distress[0], state.people.distress[2]) == (0, 1)  # by the time that 3 comes
        return state.people.distress[3] == 1

    turns_at(-math.log(1.0 - draws[3]) / 1.6 / math.exp(2 * 0.5), happens)


@pytest.mark.parametrize("is_settling_in", [False, True])
def test_an_episode_begins(is_settling_in: bool) -> None:
    state = Small(onset_rate=1e9, frailty_sd=1.25, openness_sd=0.8)
    state.now = state.now._replace(is_settling_in=is_settling_in)
    state.set(slice(0, 4), susceptibility=1.0)
    state.people.friends[:4] = [0, 1, 0, 2]
    state.people.is_present[2] = False
    change(state)
    assert state.people.distress.tolist() == [1, 1, 0, 1, 0]
    here, keys = [0, 1, 3], [11, 12, 14]
    assert state.people.onset[here].tolist() == [STEP] * 3
    assert state.people.frailty[here] == pytest.approx(lognormal(1.25, SEED, "frailty", STEP, keys), rel=1e-13)
    assert state.people.openness[here] == pytest.approx(0.8 * normal(SEED, "openness", STEP, keys), rel=1e-13)
    rows = state.episodes.rows[:3]
    assert state.episodes.used[0] == 3 and state.people.episode[here].tolist() == [0, 1, 2]
    assert (rows.student.tolist(), rows.onset.tolist(), rows.end.tolist()) == (here, [STEP] * 3, [-1] * 3)
    assert (rows.is_isolated_at_onset.tolist(), rows.is_early.tolist()) == ([True, False, False], [is_settling_in] * 3)


# --- D = 1: recovery and worsening ---


RECOVERY = [
    ({}, {}, math.exp(-0.3 * 0.5)),
    ({"frailty": 0.3}, {}, 0.3 * math.exp(-0.3 * 0.5)),
    ({"received": 1.2}, {}, math.exp(0.3 * 1.2 - 0.3 * 0.5)),
    ({"support": 1.7}, {}, math.exp(0.3 * available(1.7))),
    ({"support": 1.7}, {"outside_support": 0.4}, math.exp(0.3 * available(2.1))),
    ({"care": IN_CARE}, {"care_on_recovery": 2.0}, 2.0 * math.exp(-0.3 * 0.5)),
    ({"care": WAITING}, {"care_on_recovery": 2.0}, math.exp(-0.3 * 0.5)),
    ({"load": 3.0, "susceptibility": 4.0}, {}, math.exp(-0.3 * 0.5)),  # what does not count
]


def distressed(dt: float, severity: int, values: dict[str, Any], **parameters: float) -> State:
    """Student 0 has been distressed for 8 steps; the phase has come and gone."""
    state = Small(**({"support_on_recovery": 0.3, "received_on_recovery": 0.3} | parameters))
    state.hold(dt=dt)
    state.distress(0, severity, STEP - 8)
    state.set(0, **values)
    change(state)
    return state


@pytest.mark.parametrize("dt", [1.0, 0.25])
@pytest.mark.parametrize(("values", "parameters", "rest"), RECOVERY)
def test_the_hazard_of_recovery(values: dict, parameters: dict, rest: float, dt: float) -> None:
    u = draw("distress", 0)

    def happens(rate: float) -> bool:
        state = distressed(dt, 1, values, recovery_rate=rate, worsening_rate=0.0, **parameters)
        is_well = state.people.distress[0] == 0
        assert state.people.recovered[0] == state.episodes.rows.end[0] == (STEP if is_well else -1)
        assert state.people.episode[0] == (-1 if is_well else 0)
        return is_well

    turns_at(-math.log(1.0 - u) / dt / rest, happens)


@pytest.mark.parametrize("dt", [1.0, 0.25])
def test_recovery_slows_down(dt: float) -> None:
    slowed = (1.0 + 8 * dt / 26.0) ** -1.7
    turns_at(-math.log(1.0 - draw("distress", 0)) / dt / slowed / math.exp(-0.3 * 0.5),
             lambda rate: distressed(dt, 1, {}, recovery_rate=rate, worsening_rate=0.0, recovery_slowing=1.7).people.distress[0] == 0)  # fmt: skip


@pytest.mark.parametrize("dt", [1.0, 0.25])
@pytest.mark.parametrize("received", [0.0, 1.2])
def test_recovery_and_worsening_compete(received: float, dt: float) -> None:
    u, by_received = draw("distress", 0), math.exp(0.3 * received - 0.3 * 0.5)
    g = 0.4 * math.exp(-0.5 * received)

    def of_recovery(r: float) -> float:
        return (1.0 - math.exp(-(r + g) * dt)) * r / (r + g)

    def happens(rate: float) -> bool:
        state = distressed(dt, 1, {"received": received}, recovery_rate=rate, worsening_rate=0.4, received_on_worsening=0.5)
        return state.people.distress[0] == 0

    turns_at(brentq(lambda r: of_recovery(r) - u, 1e-9, 1e3, xtol=1e-14) / by_received, happens)
    both = -math.log(1.0 - u) / dt

    def worsens(rate: float) -> bool:
        state = distressed(dt, 1, {"received": received, "care": IN_CARE}, recovery_rate=0.25 * both / by_received, care_on_recovery=2.0,
                           worsening_rate=rate, received_on_worsening=0.5)  # fmt: skip
        assert state.people.distress[0] in (1, 2) and state.people.recovered[0] == -1 and state.people.episode[0] == 0
        return state.people.distress[0] == 2

    turns_at(0.5 * both / math.exp(-0.5 * received), worsens)


def test_without_any_hazard_nothing_happens() -> None:
    assert distressed(1.0, 1, {}, recovery_rate=0.0, worsening_rate=0.0).people.distress[0] == 1


# --- D = 2: easing ---


@pytest.mark.parametrize("dt", [1.0, 0.25])
@pytest.mark.parametrize(("values", "rest"), [
    ({}, 1.0), ({"received": 1.2}, math.exp(0.5 * 1.2)), ({"care": IN_CARE}, 1.5), ({"care": WAITING}, 1.0),
    ({"frailty": 0.2, "support": 3.0, "load": 2.0}, 1.0),
])  # fmt: skip
def test_the_hazard_of_easing(values: dict, rest: float, dt: float) -> None:
    def happens(rate: float) -> bool:
        state = distressed(dt, 2, values, easing_rate=rate, received_on_easing=0.5, care_on_easing=1.5, recovery_rate=1e9)
        assert state.people.distress[0] >= 1  # nobody recovers at once
        return state.people.distress[0] == 1

    turns_at(-math.log(1.0 - draw("distress", 0)) / dt / rest, happens)


# --- all at once ---


def expected(state: State) -> list[int]:
    """D after the phase, as the page has it."""
    p, now, people, dt = state.values, state.now, state.people, state.world.dt
    after = []
    for i in range(state.n):
        d, u = int(people.distress[i]), uniform(SEED, "distress", now.step, people.key[i])[0]
        q = 1.0 - math.exp(-(p.outside_support + people.support[i]) / 2.0)
        in_care = people.care[i] == IN_CARE
        if d == 0:
            rate = p.onset_rate * people.susceptibility[i] * YEARS[now.year - 1] * (p.exam_multiplier if now.is_exam else 1.0)
            rate *= math.exp(-p.support_on_onset * (q - 0.5) + p.load_on_onset * people.load[i])
            d = int(u < 1.0 - math.exp(-rate * dt))
        elif d == 1:
            r = p.recovery_rate * people.frailty[i] * math.exp(p.received_on_recovery * people.received[i] + p.support_on_recovery * (q - 0.5))
            r *= (p.care_on_recovery if in_care else 1.0) * (1.0 + (now.step - people.onset[i]) * dt / 26.0) ** -p.recovery_slowing
            g = p.worsening_rate * math.exp(-p.received_on_worsening * people.received[i])
            either = 1.0 - math.exp(-(r + g) * dt)
            d = 0 if u < either * r / (r + g) else 2 if u < either else 1
        else:
            rate = p.easing_rate * math.exp(p.received_on_easing * people.received[i]) * (p.care_on_easing if in_care else 1.0)
            d = 1 if u < 1.0 - math.exp(-rate * dt) else 2
        after.append(d if people.is_present[i] else 0)
    return after


def test_a_cohort_over_many_steps() -> None:
    rng = np.random.default_rng(5)
    state = State(rng.permutation(90) + 1, onset_rate=0.1, recovery_rate=0.06, worsening_rate=0.03, recovery_slowing=0.4, outside_support=0.2)
    state.hold(dt=0.5)
    state.people.susceptibility[:] = rng.lognormal(0.0, 0.8, 90)
    state.people.is_present[:3] = False
    seen = set()
    for step in range(1, 61):
        state.now = state.now._replace(step=step, year=1 + step // 31, is_exam=step % 7 == 0)
        for name, values in (("support", rng.gamma(1.0, 2.0, 90)), ("load", rng.choice([0.0, 1.5], 90)), ("received", rng.choice([0.0, 0.8], 90)),
                             ("care", rng.integers(0, 3, 90))):  # fmt: skip
            state.people[name][:] = values
        after, before = expected(state), state.people.distress.tolist()
        change(state)
        assert state.people.distress.tolist() == after
        seen |= set(zip(before, after, strict=True))
        running = state.people.episode >= 0
        assert running.tolist() == (state.people.distress > 0).tolist()
        assert (state.episodes.rows.onset[state.people.episode[running]] == state.people.onset[running]).all()
    assert seen == {(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2)}


# --- leaving ---


def leave(state: State) -> None:
    """The phase."""
    distress.leave_course(state.world, state.p, state.now, state.people, state.ties, state.seats, state.episodes)


@pytest.mark.parametrize("dt", [1.0, 0.25])
def test_who_is_distressed_may_leave(dt: float) -> None:
    def happens(rate: float) -> bool:
        state = Small(dropout_rate=rate)
        state.hold(dt=dt)
        state.distress(1, 2)
        leave(state)
        assert state.people.is_present[[0, 2, 3, SENIOR]].all()  # the well stay
        return not state.people.is_present[1]

    turns_at(-math.log(1.0 - draw("dropout", 1)) / dt * 52.0, happens)


def test_what_is_given_up_by_leaving() -> None:
    state = State([11, 12, 13, 14], NEAR_PEER, 2, dropout_rate=1e9, friend_strength=0.5)
    state.seats.row[:], state.people.is_officer[[1, 3]], state.people.credibility[[1, 3]] = [3, 1], True, 1.0
    for i, j, strength in ((0, 1, 0.6), (1, 2, 0.7), (0, 2, 0.5), (2, 3, 0.4), (0, 4, 0.9), (1, 4, 0.9)):
        state.tie(i, j, strength)
    state.people.friends[:4] = [2, 2, 2, 0]
    state.distress(1)
    state.set(1, care=IN_CARE, checked_on=2, checked_by=3)
    state.set(2, checked_by=1)
    leave(state)
    assert state.people.is_present[:4].tolist() == [True, False, True, True]
    assert (state.people.distress[1], state.people.care[1], state.people.attendance[1]) == (0, NONE, 0.0)
    assert state.people.friends[:4].tolist() == [1, 0, 1, 0]
    assert [state.hours(1, j) for j in (0, 2, 3, 4)] == [0.0] * 4 and state.hours(0, 2) > 0.0
    assert (state.seats.row.tolist(), state.people.is_officer[:4].tolist()) == ([3, -1], [False, False, False, True])
    assert state.people.checked_by[:4].tolist() == [-1] * 4
    assert (state.people.episode[1], state.episodes.rows.end[0]) == (-1, -1)  # censored
    leave(state)
    change(state)
    assert state.people.distress[1] == 0 and state.episodes.used[0] == 1
