"""The array engine's teaching, disclosures and their fading, against a literal reading of docs/model.md, sections 4.1, 4.12 and 7."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulation.engine import stigma
from simulation.engine.stigma import Heard
from simulation.streams import uniform
from tests.unit.engine_states import SEED, SENIOR, STEP, Small, State, draw, in_python, turns_at

_python = pytest.fixture(in_python, autouse=True, scope="module")


def nothing_heard(n: int, room: int = 1) -> Heard:
    """Nobody has heard anything, with room for so much."""
    return Heard(np.full(n, -1), np.full(room, -9), np.full(room, -9), np.zeros(1, np.int64))


def change(state: State, heard: Heard) -> Heard:
    """The phase."""
    return stigma.change_stigma(state.world, state.p, state.now, state.people, state.ties, heard)


# --- 4.1 and 7 teaching ---


TRAINING = ("information", "scripts", "red_flags", "self_disclosure", "obligations", "collegiality")


@pytest.mark.parametrize("switches", [(), *((name,) for name in TRAINING), TRAINING])
def test_training_in_week_1(switches: tuple[str, ...]) -> None:
    state = Small(training_stigma=-0.1, training_expertise=0.4, training_boundary=-0.3, training_disclosure=-0.25)
    state.hold(has_training=bool(switches), **{f"has_{name}": True for name in switches})
    state.people.stigma_shift[:], state.people.expertise_shift[:], state.people.boundary_shift[:] = 1.0, 2.0, 3.0
    now = state.now._replace(step=1, week=1, week_of_year=1)
    stigma.teach(state.world, state.p, now, state.people)
    taught = [-0.1 * bool(switches) - 0.25 * ("self_disclosure" in switches), 0.4 * ("scripts" in switches), -0.3 * ("scripts" in switches)]
    for i in range(SENIOR + 1):
        before = np.array([1.0, 2.0, 3.0])
        shifts = [state.people.stigma_shift[i], state.people.expertise_shift[i], state.people.boundary_shift[i]]
        assert shifts == pytest.approx(before + taught if i < SENIOR else before)  # students of the cohort
    before = state.people.copy()
    for week in (2, 18, 20, 52, 53):  # never again, and disease-framed teaching in another week
        stigma.teach(state.world, state.p, now._replace(week=week, week_of_year=(week - 1) % 52 + 1), state.people)
    assert (state.people == before).all()


def test_disease_framed_teaching_in_each_campus_year() -> None:
    state = Small(term_weeks=18, disease_framing=0.1)
    for week, is_clinical, shift in ((18, False, 0.0), (19, False, 0.1), (20, False, 0.1), (52 + 19, False, 0.2), (104 + 19, True, 0.2)):
        stigma.teach(state.world, state.p, state.now._replace(week=week, week_of_year=(week - 1) % 52 + 1, is_clinical=is_clinical), state.people)
        assert state.people.stigma_shift[:SENIOR].tolist() == pytest.approx([shift] * 4)
    assert state.people.stigma_shift[SENIOR] == 0.0


def test_each_year_has_its_own_count_of_disclosures() -> None:
    state = Small()
    for week, count in ((2, 3), (52, 3), (53, 0), (105, 0)):
        state.people.n_heard[:4] = 3
        stigma.teach(state.world, state.p, state.now._replace(week=week, week_of_year=(week - 1) % 52 + 1), state.people)
        assert state.people.n_heard[:4].tolist() == [count] * 4


# --- 4.12 the slow return ---


def test_shifts_halve_in_their_half_lives() -> None:
    state = Small(stigma_half_life=50.0, training_half_life=80.0)
    state.hold(dt=0.25)
    state.people.stigma_shift[:], state.people.expertise_shift[:], state.people.boundary_shift[:] = -0.4, 0.6, -0.3
    heard = nothing_heard(4)
    for _ in range(200):
        heard = change(state, heard)
    assert state.people.stigma_shift == pytest.approx([-0.2] * 5)
    for _ in range(120):
        heard = change(state, heard)
    assert state.people.expertise_shift == pytest.approx([0.3] * 5)
    assert state.people.boundary_shift == pytest.approx([-0.15] * 5)


# --- 4.12 disclosures ---


def telling(**parameters: float) -> Small:
    """Student 0 has recovered in this step and discloses to friend 1; shifts do not fade to speak of."""
    state = Small(**({"disclosure_rate": 1e9, "disclosure_on_stigma": -0.4, "stigma_half_life": 1e15, "friend_strength": 0.5} | parameters))
    state.tie(0, 1, 0.5)
    state.set(0, recovered=STEP)
    return state


@pytest.mark.parametrize("dt", [1.0, 0.25])
def test_a_disclosure_is_a_draw(dt: float) -> None:
    def happens(rate: float) -> bool:
        state = telling(disclosure_rate=rate)
        state.hold(dt=dt)
        heard = change(state, nothing_heard(4))
        assert heard.used[0] == state.people.n_heard.sum() == state.people.n_heard[1]
        assert state.people.stigma_shift[1] == pytest.approx(-0.4 * heard.used[0])
        return heard.used[0] == 1

    turns_at(-math.log(1.0 - draw("disclose", 0)) / dt, happens)


@pytest.mark.parametrize(("values", "tells"), [
    ({}, True), ({"recovered": -1}, False), ({"distress": 1}, False), ({"is_present": False}, False),
    ({"recovered": STEP - 8}, True), ({"recovered": STEP - 9}, False),
])  # fmt: skip
def test_who_discloses(values: dict, tells: bool) -> None:
    state = telling(disclosure_window=4.0)
    state.hold(dt=0.5)
    state.set(0, **values)
    assert change(state, nothing_heard(4)).used[0] == tells


def test_friends_among_the_students_hear_it() -> None:
    state = telling()
    state.tie(0, 2, 0.49)
    state.tie(0, SENIOR, 0.9)
    state.tie(0, 3, 0.8)
    heard = change(state, nothing_heard(4))
    assert state.people.stigma_shift.tolist() == pytest.approx([0.0, -0.4, 0.0, -0.4, 0.0])
    assert state.people.n_heard.tolist() == [0, 1, 0, 1, 0]
    state.people.stigma_shift[:] = 0.0
    state.tie(0, 2, 0.5)  # who hears it for the first time, while the others have heard it
    change(state, heard)
    assert state.people.stigma_shift.tolist() == pytest.approx([0.0, 0.0, -0.4, 0.0, 0.0])


def test_each_discloser_is_heard_once_ever() -> None:
    state = telling()
    heard = change(state, nothing_heard(4))
    for year in (1, 2, 3):
        state.now = state.now._replace(step=STEP + 52 * year, week=STEP + 52 * year)
        state.people.n_heard[:4] = 0
        state.set(0, recovered=state.now.step - 1)  # from another episode
        heard = change(state, heard)
    assert heard.used[0] == 1 and state.people.stigma_shift[1] == pytest.approx(-0.4)
    state.set(1, recovered=state.now.step)  # the other way round it is another disclosure
    change(state, heard)
    assert state.people.stigma_shift[:2].tolist() == pytest.approx([-0.4, -0.4])


def test_those_heard_before_in_the_year_halve_the_effect() -> None:
    state = telling(stigma_half_life=52.0)
    state.tie(1, 2, 0.6)
    state.tie(1, 3, 0.6)
    state.set(2, recovered=STEP)
    state.people.stigma_shift[1] = 0.8
    heard = change(state, nothing_heard(4))
    assert state.people.stigma_shift[1] == pytest.approx(0.8 * 2 ** (-1 / 52) - 0.4 - 0.2)  # two in one step
    assert state.people.n_heard[1] == 2
    state.set(3, recovered=STEP)
    state.people.stigma_shift[1] = 0.0
    heard = change(state, heard)
    assert state.people.stigma_shift[1] == pytest.approx(-0.1)
    assert heard.used[0] == 3 and sorted(heard.hearer[:3].tolist()) == [1, 1, 1]


def test_a_cohort_over_many_steps() -> None:
    """Who has heard whom, as sets of pairs, and what it did; what is heard needs far more room than there was."""
    rng = np.random.default_rng(8)
    n = 24
    state = State(rng.permutation(n) + 1, disclosure_rate=0.2, disclosure_window=6.0, friend_strength=0.5)
    state.hold(dt=0.5)
    friends: list[set[int]] = [set() for _ in range(n)]
    for i in range(n):
        for j in range(i):
            strength = float(rng.choice([0.0, 0.0, 0.3, 0.6]))
            if strength > 0.0:
                state.tie(i, j, strength)
            if strength >= 0.5:
                friends[i].add(j)
                friends[j].add(i)
    heard, pairs, shift, n_heard = nothing_heard(n), set(), np.zeros(n), np.zeros(n, int)
    for step in range(1, 121):
        state.now = state.now._replace(step=step)
        state.people.distress[:] = rng.random(n) < 0.2
        state.people.recovered[(state.people.distress == 0) & (rng.random(n) < 0.05)] = step
        if step == 60:
            state.people.n_heard[:], n_heard[:] = 0, 0
        shift *= 2.0 ** (-0.5 / state.values.stigma_half_life)
        tells = uniform(SEED, "disclose", step, state.people.key) < 1.0 - math.exp(-0.2 * 0.5)
        for i in range(n):
            if tells[i] and state.people.distress[i] == 0 and state.people.recovered[i] >= 0 and (step - state.people.recovered[i]) * 0.5 <= 6.0:
                for j in friends[i]:
                    if (i, j) not in pairs:
                        pairs.add((i, j))
                        shift[j] += state.values.disclosure_on_stigma * 0.5 ** n_heard[j]
                        n_heard[j] += 1
        heard = change(state, heard)
        assert state.people.stigma_shift == pytest.approx(shift, rel=1e-12)
        assert state.people.n_heard.tolist() == n_heard.tolist() and heard.used[0] == len(pairs)
    assert len(pairs) > 80 and len(pairs) > sum(map(len, friends)) // 2
