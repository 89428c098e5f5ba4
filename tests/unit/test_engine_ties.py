"""The array engine's table of pairs: nothing is lost when a pair moves or the table grows, and each person's row says the same as the table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.engine import pairs, ties
from simulation.engine.officers import NEAR_PEER
from simulation.engine.state import ALIKE, COMMON, HOURS, LIKING, MET, N_MET, N_TIED, N_TOGETHER, N_VALUES, OVERLAP, STRENGTH, TOGETHER
from simulation.streams import lognormal
from tests.unit.engine_states import SEED, State, in_python, turns_at

_python = pytest.fixture(in_python, autouse=True, scope="module")

STEP = 20
Entries = dict[tuple[int, int], tuple[int, int, tuple[float, ...]]]  # part, met_on and values, by the two ends
N, M = 5, 7  # students; rows, with two near-peers


def few(room: int = 1, **parameters: float) -> State:
    """Students 0 to 4 and near-peers 5 and 6, with room for so many ties in a row."""
    state = State([3, 1, 4, 2, 5], NEAR_PEER, M - N, world={"n_weeks": 2000}, **parameters)
    state.now = state.now._replace(step=STEP)
    state.set(5, key=2**32)
    state.set(6, key=2**32 + 2**16)
    state.people.is_present[:] = True
    attribute = np.array([[0, 0], [0, 1], [1, 1], [0, 1], [1, 2]])
    t = state.ties
    state.ties = t._replace(value=t.value[:, :room].copy(), first=t.first[:room].copy(), second=t.second[:room].copy(),
                            met_on=t.met_on[:room].copy(), place=t.place[:, :room].copy(), other=t.other[:, :room].copy(),
                            pair=t.pair[:, :room].copy(), kept_other=t.kept_other[:, :room].copy(), kept_hours=t.kept_hours[:, :room].copy(),
                            kept_step=t.kept_step[:, :room].copy(), attribute=attribute)  # fmt: skip
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


# --- moving pairs in the table ---


def entries(state: Any) -> Entries:
    """What stands in the table, by the two ends: its part, when they met by chance, and its values; rows and table say the same."""
    t = state.ties
    assert 0 <= t.end[N_TOGETHER] <= t.end[N_TIED] <= t.end[N_MET] <= len(t.first) == len(t.second) == t.value.shape[1]
    table: Entries = {}
    for q in range(t.end[N_MET]):
        i, j = int(t.first[q]), int(t.second[q])
        assert i < j and (i, j) not in table
        for end, a, b in ((0, i, j), (1, j, i)):
            place = t.place[end, q]
            assert place < t.n_pairs[a] and (t.pair[a, place], t.other[a, place]) == (q, b)
            assert pairs.find(t, a, b) == q
        table[i, j] = int((q >= t.end).sum()), int(t.met_on[q]), tuple(t.value[:, q].tolist())
    assert t.n_pairs.sum() == 2 * len(table)
    return table


def remembered(state: Any) -> dict[tuple[int, int], tuple[float, int]]:
    """Hours that are remembered, and the step at whose end they were so many, by the two ends."""
    t = state.ties
    found = {}
    for k in range(state.m):
        for s in range(t.n_kept[k]):
            other = int(t.kept_other[k, s])
            assert pairs.keeper(k, other) == pairs.keeper(other, k) == k and pairs.find_kept(t, k, other) == s
            found[min(k, other), max(k, other)] = float(t.kept_hours[k, s]), int(t.kept_step[k, s])
    return found


def filled(sizes: list[int]) -> State:
    """Fourteen students, and so many pairs in each part of the table, all of them different; the rows of 0 to 4 hold several."""
    state = State(range(1, 15))
    state.now = state.now._replace(step=STEP)
    some = [(i, j) for j in range(5, 14) for i in range(5)] + [(0, 1), (2, 3)]
    state.ties = ties.more_room(state.ties, state.p, state.now, len(some), len(some), len(some))
    for part, size in enumerate(sizes):
        for _ in range(size):
            i, j = some.pop(7 * len(some) % 11 % len(some))
            q = pairs.add(state.ties, i, j)
            state.ties.value[:, q] = np.arange(1, len(state.ties.value) + 1) + len(some) / 16.0
            state.ties.value[HOURS, q] /= 16.0  # little, but something to remember
            state.ties.met_on[q] = len(some)
            for _ in range(N_MET - part):
                q = pairs.lift(state.ties, q)
    return state


@given(st.lists(st.integers(0, 4), min_size=3, max_size=3), st.lists(st.tuples(st.sampled_from("+-xga0w"), st.integers(0, 11)), max_size=25))
def test_nothing_else_changes_when_a_pair_moves(sizes: list[int], moves: list[tuple[str, int]]) -> None:
    """Lift, lower, take out, grow, put away, put away without hours, and wake."""
    state = filled(sizes)
    table, kept = entries(state), remembered(state)
    assert not kept and sum(sizes) == len(table) and pairs.find(state.ties, 12, 13) == pairs.find_kept(state.ties, 12, 13) == -1
    for move, which in moves:
        known = sorted(table) + sorted(kept)
        pair = known[which % len(known)] if known else (12, 13)
        part, met_on, values = table.get(pair, (-1, 0, ()))
        q = pairs.find(state.ties, *pair)
        if move == "g":
            before = state.ties
            wanted = len(before.first) + 1, before.other.shape[1] + which % 2, before.kept_other.shape[1] + which % 3
            state.ties = pairs.grown(before, *wanted)
            after = state.ties
            assert len(after.first) >= wanted[0] and after.other.shape[1] >= wanted[1] and after.kept_other.shape[1] >= wanted[2]
            assert (after.other is before.other) == (which % 2 == 0) and (after.kept_hours is before.kept_hours) == (which % 3 == 0)
        elif move == "+" and part > 0:
            table[pair] = part - 1, met_on, values
            assert pairs.lift(state.ties, q) == pairs.find(state.ties, *pair)
        elif move == "-" and 0 <= part < N_MET:
            table[pair] = part + 1, met_on, values
            assert pairs.lower(state.ties, q) == pairs.find(state.ties, *pair)
        elif move == "x" and q >= 0:
            pairs.take_out(state.ties, q)
            del table[pair]
        elif move == "a" and q >= 0 and values[HOURS] > 0.0:
            ties.put_away(state.ties, state.now, q)
            del table[pair]
            kept[pair] = values[HOURS], STEP - 1
        elif move == "0" and q >= 0:
            state.ties.value[HOURS, q] = 0.0
            ties.put_away(state.ties, state.now, q)
            del table[pair]
        elif move == "w":
            hours = ties.hours_now(state.ties, state.p, state.now, *pair)
            assert ties.look_at(state.ties, state.world, state.p, state.gatherings, state.now, *pair) == pairs.find(state.ties, *pair)
            kept.pop(pair, None)
            if q < 0:
                new = {HOURS: hours, ALIKE: state.p.homophily**2, OVERLAP: 1.0}
                table[pair] = N_MET, -1, tuple(new.get(k, 0.0) for k in range(N_VALUES))
        assert entries(state) == table
        assert remembered(state) == kept


def test_half_of_all_pairs_are_remembered_by_anybody() -> None:
    keepers = [pairs.keeper(i, j) for i in range(20) for j in range(i)]
    assert {9, 10} == set(np.bincount(keepers).tolist())
    assert all(pairs.keeper(i, j) == pairs.keeper(j, i) for i in range(20) for j in range(i))


# --- hours that are only remembered ---


def put_away(state: State, i: int, j: int) -> None:
    ties.put_away(state.ties, state.now, pairs.find(state.ties, i, j))


def test_remembered_hours_fade_and_are_forgotten() -> None:
    state = few(tie_half_life=10.0, friend_hours=80.0, forget_below=0.005)
    state.hold(dt=0.5)
    state.give_hours(0, 1, 3.0)
    assert state.hours(0, 1, STEP + 100) == 3.0  # looked at: the tie phase lets them fade
    put_away(state, 0, 1)
    assert state.ties.end.tolist() == [0, 0, 0] and remembered(state) == {(0, 1): (3.0, STEP - 1)}
    assert [state.hours(0, 1, STEP + k) for k in (0, 20, 30)] == pytest.approx([3.0, 1.5, 3.0 * 2.0**-1.5])

    def is_remembered(hours: float) -> bool:
        state.ties.kept_hours[pairs.keeper(0, 1), 0] = hours
        return state.hours(0, 1, STEP + 20) > 0.0

    turns_at(-2.0 * 80.0 * math.log2(0.995), is_remembered)
    is_remembered(0.5)  # less than what is forgotten, but of this step
    assert state.hours(0, 1, STEP) == 0.5


def test_a_remembered_pair_is_looked_at_again_with_what_is_left() -> None:
    state = few(tie_half_life=10.0)
    state.give_hours(0, 1, 3.0)
    state.give_hours(0, 2, 3.0)
    put_away(state, 0, 1)
    state.gatherings.site_share[:2] = [[1.0, 0.0], [0.25, 0.75]]
    state.now = state.now._replace(step=STEP + 10, is_clinical=True)
    ties.look_at(state.ties, state.world, state.p, state.gatherings, state.now, 1, 0)
    assert state.ties.end.tolist() == [0, 1, 2] and not remembered(state)
    assert state.value(HOURS, 0, 1) == pytest.approx(1.5)
    assert (state.value(OVERLAP, 0, 1), state.value(STRENGTH, 0, 1), state.value(MET, 0, 1)) == (0.25, 0.0, 0.0)
    assert state.hours(0, 2) == 3.0


def test_what_is_forgotten_is_dropped_before_there_is_more_room() -> None:
    state = few(room=2)
    keeps = [j for j in range(M) if j != 1 and pairs.keeper(1, j) == 1]  # whom person 1 remembers
    state.ties = ties.more_room(state.ties, state.p, state.now, 2, 2, 0)
    for j, hours in zip(keeps, (0.2, 3.0), strict=False):
        state.give_hours(1, j, hours)
        put_away(state, 1, j)
    state.now = state.now._replace(step=STEP + 60)
    state.ties = ties.more_room(state.ties, state.p, state.now, 0, 0, 1)
    assert state.ties.kept_other.shape[1] == 2 and list(remembered(state).values()) == [(3.0, STEP - 1)]
    state.ties = ties.more_room(state.ties, state.p, state.now, 0, 0, 2)
    assert state.ties.kept_other.shape[1] > 2 and list(remembered(state).values()) == [(3.0, STEP - 1)]
    assert state.hours(1, keeps[1], STEP + 60) == pytest.approx(3.0 * 2.0 ** (-60 / 18.0))
    assert state.hours(1, keeps[0], STEP + 60) == 0.0


# --- whatever happens ---


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
        """Every pair has its hours, and stands in the table if it is looked at; nobody else does."""
        state = self.state
        table, kept = entries(state), remembered(state)
        assert set(table) == {pair for pair, (_, since) in self.kept.items() if since is None} and not set(table) & set(kept)
        for pair in [(j, i) for i in range(M) for j in range(i)]:
            hours = self.hours(pair)
            assert state.hours(*pair, state.now.step) == pytest.approx(hours, rel=1e-12, abs=0.0)
            assert hours == 0.0 or pair in table or pair in kept
            if pair in table:
                self.check_values(*pair, *table[pair], hours)

    def check_values(self, a: int, b: int, part: int, met_on: int, values: tuple[float, ...], hours: float) -> None:
        state, p = self.state, self.state.values
        w = 1.0 - 2.0 ** (-hours / p.friend_hours)
        w = 0.0 if w < p.least_strength else w
        n_shared = (state.ties.attribute[a] == state.ties.attribute[b]).sum() if max(a, b) < N else 0
        alike = p.homophily**n_shared if max(a, b) < N else 0.0
        assert values[STRENGTH] == pytest.approx(w, rel=1e-12)
        assert (w == 0.0 or part <= N_TIED) and met_on == -1
        assert values[ALIKE] == pytest.approx(alike, rel=1e-12)
        assert values[LIKING] == pytest.approx(alike * w**p.preference_exponent, rel=1e-9)
        assert (values[TOGETHER], values[COMMON], values[MET]) == (0.0, 0.0, 0.0)


WHO = st.integers(0, M - 1)
WHAT = st.one_of(
    st.tuples(st.just("hours"), WHO, WHO, st.sampled_from([0.0, 0.05, 0.3, 2.0, 4.5, 30.0, 300.0])),
    st.tuples(st.just("look"), WHO, WHO, st.just(0.0)),
    st.tuples(st.just("put away"), WHO, WHO, st.just(0.0)),
    st.tuples(st.just("forget"), WHO, WHO, st.just(0.0)),
    st.tuples(st.just("later"), WHO, WHO, st.sampled_from([1, 5, 40])),
)


@given(st.lists(WHAT, max_size=40))
def test_a_pair_has_its_hours_whatever_happens(events: list[tuple[str, int, int, float]]) -> None:
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
        elif i != j and what == "look":
            literal.kept[pair] = literal.hours(pair), None
            state.ties = ties.more_room(state.ties, state.p, state.now, 1, 1, 0)
            ties.look_at(state.ties, state.world, state.p, state.gatherings, state.now, i, j)
        elif what == "put away":  # all that i looks at without a strength
            for a, b in [pair for pair, (_, since) in literal.kept.items() if i in pair and since is None]:
                if state.value(STRENGTH, a, b) == 0.0:
                    hours, _ = literal.kept.pop((a, b))
                    state.ties = ties.more_room(state.ties, state.p, state.now, 0, 0, 1)
                    put_away(state, a, b)
                    if hours > 0.0:
                        literal.kept[a, b] = hours, state.now.step - 1
        literal.check()


def test_who_is_forgotten_is_in_no_pair() -> None:
    state = few(room=1)
    for i in range(M):
        for j in range(i):
            state.give_hours(i, j, 10.0 * i + j + 1.0)
    for pair in ((3, 4), (0, 3), (1, 2)):  # these are remembered, by one of the two
        state.ties = ties.more_room(state.ties, state.p, state.now, 0, 0, 1)
        put_away(state, *pair)
    ties.forget_person(state.ties, 3)
    assert not any(3 in pair for pair in entries(state) | remembered(state))
    others = [(j, i) for i in range(M) for j in range(i) if 3 not in (i, j)]
    assert set(others) == set(entries(state) | remembered(state))
    assert all(state.hours(j, i) == 10.0 * i + j + 1.0 for j, i in others)
