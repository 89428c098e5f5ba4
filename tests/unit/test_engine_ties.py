"""The array engine's rows of ties: nothing is lost when an entry moves or a row grows, and every tie stands in both rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.engine import ties
from simulation.engine.officers import NEAR_PEER
from simulation.engine.state import ALIKE, COMMON, HOURS, LIKING, MET, N_ALL, N_LANES, N_MET, N_TIED, N_TOGETHER, OVERLAP, STRENGTH, TOGETHER
from simulation.streams import lognormal
from tests.unit.engine_states import SEED, State, in_python, turns_at

_python = pytest.fixture(in_python, autouse=True, scope="module")

STEP = 20
Entries = dict[int, tuple[int, int, tuple[float, ...]]]  # of a row: part, as_of and values (H alone where it is only remembered), by the other end
N, M = 5, 7  # students; rows, with two near-peers


def few(room: int = 1, **parameters: float) -> State:
    """Students 0 to 4 and near-peers 5 and 6, with room for so many ties in a row."""
    state = State([3, 1, 4, 2, 5], NEAR_PEER, M - N, world={"n_weeks": 2000}, **parameters)
    state.now = state.now._replace(step=STEP)
    state.set(5, key=2**32)
    state.set(6, key=2**32 + 2**16)
    state.people.is_present[:] = True
    few_values, few_others, few_steps = (array[..., :room].copy() for array in state.ties[:3])
    attribute = np.array([[0, 0], [0, 1], [1, 1], [0, 1], [1, 2]])
    state.ties = state.ties._replace(value=few_values, other=few_others, as_of=few_steps, attribute=attribute)
    return state


# --- 3 strength, 4.1 overlap ---


def test_strength_and_what_is_no_tie_yet() -> None:
    p = few(friend_hours=80.0, least_strength=0.25, forget_below=0.001).p
    assert [ties.strength_of(p, hours) for hours in (0.0, 80.0, 160.0)] == pytest.approx([0.0, 0.5, 0.75])
    turns_at(-80.0 * math.log2(0.75), lambda hours: ties.strength_of(p, hours) > 0.0)
    turns_at(ties.forgotten_hours(p), lambda hours: 1.0 - 2.0 ** (-hours / 80.0) >= 0.001)


@pytest.mark.parametrize("exponent", [1.5, 2.0])
def test_liking(exponent: float) -> None:
    p = few(preference_exponent=exponent, common_friends_pull=0.05).p
    assert ties.liking_of(p, 2.25, 0.36, 0.4) == pytest.approx(2.25 * (0.36**exponent + 0.05 * 0.4))
    assert ties.liking_of(p, 2.25, 0.0, 0.4) == pytest.approx(2.25 * 0.05 * 0.4)
    assert ties.liking_of(p, 0.0, 0.36, 0.0) == 0.0  # near-peers


def test_overlap() -> None:
    state = few()
    state.gatherings.site_share[:3] = [[0.9375, 0.0625], [0.5, 0.5], [0.0, 0.0]]
    campus, clinical = state.now, state.now._replace(is_clinical=True)
    for now, expected in ((campus, 1.0), (clinical, 0.5625), (campus._replace(is_teaching=False), 0.0), (clinical._replace(is_teaching=False), 0.0)):
        assert ties.overlap_of(state.world, now, state.gatherings, 0, 1) == ties.overlap_of(state.world, now, state.gatherings, 1, 0) == expected
        assert ties.overlap_of(state.world, now, state.gatherings, 0, 5) == ties.overlap_of(state.world, now, state.gatherings, 5, 0) == 1.0
    assert ties.overlap_of(state.world, clinical, state.gatherings, 0, 2) == 0.0


def test_compatibility_is_a_pairs_own() -> None:
    state = few(compatibility_sd=0.7)
    expected = lognormal(0.7, SEED, "compatibility", 0, 3, 4)[0]
    for i, j in ((0, 2), (2, 0)):
        assert ties.compatibility_of(state.world, state.p, state.people, i, j) == pytest.approx(expected, rel=1e-14)


# --- moving entries in a row ---


def entries(state: Any, i: int) -> Entries:
    """What stands in row i, by the other end."""
    t, end = state.ties, state.ties.end[i]
    assert 0 <= end[N_TOGETHER] <= end[N_TIED] <= end[N_MET] <= end[N_ALL] <= t.other.shape[1]
    row: Entries = {}
    for s in range(end[N_ALL]):
        assert ties.find(t, i, t.other[i, s]) == s, "somebody stands twice"
        values = t.value[i, :, s] if s < end[N_MET] else t.value[i, [HOURS], s]
        row[int(t.other[i, s])] = int((s >= end[:N_ALL]).sum()), int(t.as_of[i, s]), tuple(values.tolist())
    return row


def filled(sizes: list[int]) -> State:
    """Row 2 of fourteen holds so many entries in each part, all of them different."""
    state = State(range(1, 15))
    state.now = state.now._replace(step=STEP)
    k = sum(sizes)
    state.ties.end[2] = np.cumsum(sizes)
    state.ties.other[2, :k] = [13, 7, 0, 5, 9, 1, 11, 3, 12, 4, 8, 10][:k]
    state.ties.as_of[2, :k] = np.arange(k)
    state.ties.value[2, :, :k] = np.arange(1, len(state.ties.value[2]) + 1)[:, None] + np.arange(k) / 16.0
    state.ties.value[2, HOURS, :k] /= 16.0  # little, but something to remember
    return state


@given(st.lists(st.integers(0, 3), min_size=4, max_size=4), st.lists(st.tuples(st.sampled_from("+-xga0w"), st.integers(0, 11)), max_size=25))
def test_nothing_else_in_a_row_changes_when_an_entry_moves(sizes: list[int], moves: list[tuple[str, int]]) -> None:
    """Lift, lower, remove, grow, put away, put away without hours, and wake."""
    state = filled(sizes)
    row = entries(state, 2)
    assert ties.find(state.ties, 2, 6) == -1
    for move, which in moves:
        j = list(row)[which % len(row)] if row else -1
        part, as_of, values = row.get(j, (-1, 0, ()))
        s = ties.find(state.ties, 2, j)
        if move == "g":
            room = state.ties.other.shape[1]
            state.ties = ties.grown(state.ties)
            assert state.ties.other.shape[1] == state.ties.as_of.shape[1] == state.ties.value.shape[2] > room
            assert state.ties.other.shape[1] % N_LANES == 0
        elif move == "+" and N_TOGETHER < part < N_ALL:
            assert state.ties.other[2, ties.lift(state.ties, 2, s)] == j
            row[j] = part - 1, as_of, values
        elif move == "-" and 0 <= part < N_MET:
            assert state.ties.other[2, ties.lower(state.ties, 2, s)] == j
            row[j] = part + 1, as_of, values
        elif move == "x" and s >= 0:
            ties.remove(state.ties, 2, s)
            del row[j]
        elif move == "a" and 0 <= part < N_ALL and values[HOURS] > 0.0:
            ties.put_away(state.ties, state.now, 2, s)
            row[j] = N_ALL, STEP - 1, (values[HOURS],)
        elif move == "0" and 0 <= part < N_ALL:
            state.ties.value[2, HOURS, s] = 0.0
            ties.put_away(state.ties, state.now, 2, s)
            del row[j]
        elif move == "w" and s >= 0:
            hours = ties.hours_now(state.ties, state.world, state.p, state.now, 2, s)
            at = ties.wake(state.ties, state.world, state.p, state.gatherings, state.now, 2, s)
            assert state.ties.other[2, at] == j
            if part == N_ALL:
                assert state.ties.as_of[2, at] < STEP  # met neither by chance nor in a check-in
                new = {HOURS: hours, ALIKE: state.p.homophily**2, OVERLAP: 1.0}
                row[j] = N_MET, int(state.ties.as_of[2, at]), tuple(new.get(k, 0.0) for k in range(len(state.ties.value[2])))
        assert entries(state, 2) == row


# --- hours that are only remembered ---


def test_remembered_hours_fade_and_are_forgotten() -> None:
    state = few(tie_half_life=10.0, friend_hours=80.0, forget_below=0.005)
    state.hold(dt=0.5)
    state.give_hours(0, 1, 3.0)
    assert state.hours(0, 1, STEP + 100) == 3.0  # looked at: the tie phase lets them fade
    for i in (0, 1):
        ties.put_away(state.ties, state.now, i, 0)
    assert state.ties.end[[0, 1]].tolist() == [[0, 0, 0, 1]] * 2
    assert [state.hours(0, 1, STEP + k) for k in (0, 20, 30)] == pytest.approx([3.0, 1.5, 3.0 * 2.0**-1.5])

    def is_remembered(hours: float) -> bool:
        state.ties.value[:2, HOURS, 0] = hours
        return state.hours(0, 1, STEP + 20) > 0.0

    turns_at(-2.0 * 80.0 * math.log2(0.995), is_remembered)
    is_remembered(0.5)  # less than what is forgotten, but of this step
    assert state.hours(0, 1, STEP) == 0.5


def test_a_remembered_pair_is_looked_at_again_with_what_is_left() -> None:
    state = few(tie_half_life=10.0)
    state.give_hours(0, 1, 3.0)
    state.give_hours(0, 2, 3.0)
    for i in (0, 1):
        ties.put_away(state.ties, state.now, i, 0)
    state.gatherings.site_share[:2] = [[1.0, 0.0], [0.25, 0.75]]
    state.now = state.now._replace(step=STEP + 10, is_clinical=True)
    state.ties = ties.meet(state.ties, state.world, state.p, state.gatherings, state.now, 1, 0)
    assert state.ties.end[[0, 1]].tolist() == [[0, 1, 2, 2], [0, 0, 1, 1]]
    for i, j in ((0, 1), (1, 0)):
        assert state.value(HOURS, i, j) == pytest.approx(1.5)
        assert (state.value(OVERLAP, i, j), state.value(STRENGTH, i, j), state.value(MET, i, j)) == (0.25, 0.0, 0.0)
    assert state.hours(0, 2) == 3.0


def test_a_full_row_drops_what_is_forgotten_before_it_grows() -> None:
    state = few(room=2)
    for j, hours in ((1, 0.2), (2, 3.0)):
        state.give_hours(0, j, hours)
        for a, b in ((0, j), (j, 0)):
            ties.put_away(state.ties, state.now, a, ties.find(state.ties, a, b))
    state.now = state.now._replace(step=STEP + 60)
    state.give_hours(0, 3, 7.0)
    assert state.ties.other.shape[1] == 2 and sorted(entries(state, 0)) == [2, 3]
    state.give_hours(0, 4, 7.0)
    assert state.ties.other.shape[1] > 2 and sorted(entries(state, 0)) == [2, 3, 4]
    assert state.hours(0, 2, STEP + 60) == pytest.approx(3.0 * 2.0 ** (-60 / 18.0))
    assert state.hours(0, 1, STEP + 60) == 0.0


# --- both rows ---


class Literal:
    """H of pairs, and since when it is only remembered (None: looked at)."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.kept: dict[tuple[int, int], tuple[float, int | None]] = {}

    def hours(self, pair: tuple[int, int]) -> float:
        hours, since = self.kept.get(pair, (0.0, None))
        values = self.state.values
        if since is None or since == self.state.now.step - 1:
            return hours
        hours *= 2.0 ** (-(self.state.now.step - 1 - since) * self.state.world.dt / values.tie_half_life)
        return hours if 1.0 - 2.0 ** (-hours / values.friend_hours) >= values.forget_below else 0.0

    def check(self) -> None:
        """Every tie stands in both rows, alike, with its hours; nobody else does but who is forgotten."""
        state = self.state
        rows = [entries(state, i) for i in range(M)]
        for i in range(M):
            for j in range(i):
                hours, is_looked_at = self.hours((j, i)), self.kept.get((j, i), (0.0, 0))[1] is None
                assert state.hours(i, j, state.now.step) == pytest.approx(hours, rel=1e-12, abs=0.0)
                if hours > 0.0 or is_looked_at:
                    assert i in rows[j] and j in rows[i]
                for a, b in ((i, j), (j, i)):
                    if b in rows[a]:
                        part, _, values = rows[a][b]
                        assert (part < N_ALL) == is_looked_at
                        if is_looked_at:
                            self.check_values(a, b, part, values, hours)

    def check_values(self, a: int, b: int, part: int, values: tuple[float, ...], hours: float) -> None:
        state, p = self.state, self.state.values
        w = 1.0 - 2.0 ** (-hours / p.friend_hours)
        w = 0.0 if w < p.least_strength else w
        n_shared = (state.ties.attribute[a] == state.ties.attribute[b]).sum() if max(a, b) < N else 0
        alike = p.homophily**n_shared if max(a, b) < N else 0.0
        assert values[STRENGTH] == pytest.approx(w, rel=1e-12)
        assert w == 0.0 or part <= N_TIED
        assert values[ALIKE] == pytest.approx(alike, rel=1e-12)
        assert values[LIKING] == pytest.approx(alike * w**p.preference_exponent, rel=1e-9)
        assert (values[TOGETHER], values[COMMON], values[MET]) == (0.0, 0.0, 0.0)


WHO = st.integers(0, M - 1)
WHAT = st.one_of(
    st.tuples(st.just("hours"), WHO, WHO, st.sampled_from([0.0, 0.05, 0.3, 2.0, 4.5, 30.0, 300.0])),
    st.tuples(st.just("meet"), WHO, WHO, st.just(0.0)),
    st.tuples(st.just("put away"), WHO, WHO, st.just(0.0)),
    st.tuples(st.just("forget"), WHO, WHO, st.just(0.0)),
    st.tuples(st.just("later"), WHO, WHO, st.sampled_from([1, 5, 40])),
)


@given(st.lists(WHAT, max_size=40))
def test_every_tie_stands_in_both_rows_whatever_happens(events: list[tuple[str, int, int, float]]) -> None:
    state = few(room=1)
    literal = Literal(state)
    for what, i, j, number in events:
        pair = min(i, j), max(i, j)
        if what == "later":
            state.now = state.now._replace(step=state.now.step + number)
        elif what == "forget":
            ties.forget_person(state.ties, i)
            literal.kept = {other: kept for other, kept in literal.kept.items() if i not in other}
        elif i != j and what == "hours":
            state.give_hours(i, j, number)
            literal.kept[pair] = number, None
        elif i != j and what == "meet":
            literal.kept[pair] = literal.hours(pair), None
            state.ties = ties.meet(state.ties, state.world, state.p, state.gatherings, state.now, i, j)
        elif what == "put away":  # all that i looks at without a strength
            for a, b in [pair for pair, (_, since) in literal.kept.items() if i in pair and since is None]:
                if state.value(STRENGTH, a, b) == 0.0:
                    hours, _ = literal.kept.pop((a, b))
                    ties.put_away(state.ties, state.now, a, ties.find(state.ties, a, b))
                    ties.put_away(state.ties, state.now, b, ties.find(state.ties, b, a))
                    if hours > 0.0:
                        literal.kept[a, b] = hours, state.now.step - 1
        literal.check()


def test_who_is_forgotten_stands_in_nobodys_row_and_nobody_in_theirs() -> None:
    state = few(room=1)
    for i in range(M):
        for j in range(i):
            state.give_hours(i, j, 10.0 * i + j)
    ties.forget_person(state.ties, 3)
    assert state.ties.end[3].tolist() == [0, 0, 0, 0]
    others = [i for i in range(M) if i != 3]
    assert all(sorted(entries(state, i)) == [j for j in others if j != i] for i in others)
    assert all(state.hours(i, j) == 10.0 * i + j for i in others for j in others if j < i)
