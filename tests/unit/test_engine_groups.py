"""Groups, sites and gatherings of the array engine, against a slow literal reading of docs/model.md, section 6, with sets and sorted lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar, get_args, get_type_hints

import numpy as np
import pytest

from simulation.engine import groups as engine
from simulation.engine.gatherings import gather, gatherings_room, most_rows_in_force, school_arrays
from simulation.engine.groups import FORMED_ROOM, form_groups
from simulation.engine.state import Gatherings, Groups, Now, People, School, Ties, World, parameter_record
from simulation.evidence.parameters import Values
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from simulation.scenario.scenario import attach_school, make_scenario
from simulation.scenario.school import School as Files
from simulation.scenario.school import Timetable
from simulation.streams import uniform

SEED = 2021
NEAR_PEERS = 2  # rows beyond the students, in nobody's group
Pairs = dict[tuple[int, int], float]
Row = tuple[int, int, int, int, int, float]  # student, site, team, first and last week, hours
Sited = list[tuple[set[int], int]]  # groups, and their sites
Kind = TypeVar("Kind")
_POLICY = {name: number for number, name in enumerate(POLICIES)}
_CAMPUS = {name: number for number, name in enumerate(CAMPUS_POLICIES)}


@pytest.fixture(autouse=True)
def _hashes_wrap_around() -> Iterator[None]:
    """Without compilation numpy tells of every hash that wraps around, which is meant."""
    with np.errstate(over="ignore"):
        yield


# What the kernels work on


def _blank(kind: type[Kind], shape: Any) -> Kind:
    hints = get_type_hints(kind)
    return kind(*(np.zeros(shape, get_args(get_args(hint)[1])[0]) for hint in hints.values()))


class Case:
    """A cohort whose ties a test makes up: the arrays, and the same as sets, dictionaries and lists."""

    def __init__(self, n: int, placement: str = "reshuffled", campus: str = "reshuffled", seed: int = 0, *, n_sites: int = 4,
                 capacity: list[int] | None = None, rows: list[Row] | None = None, **changed: float) -> None:  # fmt: skip
        self.rng = np.random.default_rng([seed, n])
        self.n, self.m, self.campus_policy, self.policy = n, n + NEAR_PEERS, campus, placement
        self.values = Values(students=n, **changed)
        self.p = parameter_record(self.values)
        self.keys = np.append(self.rng.permutation(np.arange(1, 2 * n + 1))[:n], [2**32, 2**32 + 2**16])
        self.present = set(range(n))
        self.roster = [int(g) for g in np.unique(self.rng.integers(0, 3, n), return_inverse=True)[1]]
        numbers = {name: 0 if hint is int else False for name, hint in get_type_hints(World).items()}
        self.world = World(**{**numbers, "seed": np.uint64(SEED), "n": n, "m": self.m, "dt": 1.0, "contracted_hours": 1.0, "n_sites": n_sites})
        self.capacity = [n] * n_sites if capacity is None else capacity
        self.rows = [] if rows is None else sorted(rows, key=lambda row: (row[1], row[2], row[0]))
        columns = [np.array([row[c] for row in self.rows], dtype=np.int64) for c in range(5)]
        none = np.empty(0, dtype=np.int64)
        self.school = School(_CAMPUS[campus], _POLICY[placement], np.array(self.capacity), np.array(self.roster), *columns,
                             np.array([row[5] for row in self.rows], dtype=np.float64), False, 1, none, none, np.empty(0))  # fmt: skip
        self.people = _blank(People, self.m)
        self.people.key[:] = self.keys
        self.people.is_present[:] = True
        self.people.main_site[:] = -1
        self.groups = Groups(*(np.full(n, -1) for _ in range(6)), np.full(FORMED_ROOM, -1))
        room, members = gatherings_room(n, most_rows_in_force(self.school))
        self.gatherings = _blank(Gatherings, room)._replace(
            start=np.zeros(room + 1, dtype=np.int64), member=np.zeros(members, dtype=np.int64), hours=np.zeros(members),
            count=np.zeros(1, dtype=np.int64), site_share=np.zeros((n, len(self.capacity))),
            is_spread=np.zeros(len(self.capacity), dtype=np.bool_))  # fmt: skip
        self.meet_anew()

    def meet_anew(self) -> None:
        """Other strengths, few different ones, so that many are equal; entries without strength stand among those with."""
        strength = self.rng.choice([0, 0, 0, 0.02, 0.31, 0.32, 0.4, 0.5, 0.8], (self.m, self.m))
        strength = np.triu(strength, 1) + np.triu(strength, 1).T
        here = np.array([i in self.present or i >= self.n for i in range(self.m)])
        strength[~here], strength[:, ~here] = 0, 0
        self.w = strength
        self.ties = _blank(Ties, (self.m, self.m + 1))
        self.ties = self.ties._replace(**{name: np.zeros(self.m, dtype=np.int64) for name in ("n_together", "n_tied", "n_met", "n_all")})
        for i in range(self.m):
            others = [j for j in self.rng.permutation(self.m) if j != i and (strength[i, j] > 0 or self.rng.random() < 0.2)]
            self.ties.other[i, : len(others)] = others
            self.ties.strength[i, : len(others)] = strength[i, others]
            self.ties.strength[i, len(others) :] = 0.9  # what stands beyond is not to be read
            self.ties.n_tied[i] = self.ties.n_met[i] = self.ties.n_all[i] = len(others)
            self.people.friends[i] = (strength[i, : self.n] >= self.values.friend_strength).sum()

    def leave(self, i: int) -> None:
        self.present.discard(i)
        self.people.is_present[i] = False
        self.people.friends[i] = 0
        self.meet_anew()

    def form(self, now: Now) -> int:
        return int(form_groups(self.world, self.p, self.school, now, self.people, self.ties, self.groups))

    def gather(self, now: Now) -> bool:
        return bool(gather(self.world, self.p, self.school, now, self.people, self.groups, self.gatherings))

    def hashed(self, stream: str, t: int, rows: set[int] | None = None) -> list[int]:
        rows = self.present if rows is None else rows
        draw = uniform(SEED, stream, t, self.keys)
        return sorted(rows, key=lambda i: (draw[i], self.keys[i]))


def _now(week: int, term: int = -1, block: int = -1) -> Now:
    return Now(week, week, 1, 1, True, True, term >= 0 or block >= 0, block >= 0, False, False, term, block)


def _together(label: Any, present: set[int]) -> list[set[int]]:
    return [{i for i in present if label[i] == a} for a in sorted({int(label[i]) for i in present})]


def _same(found: list[set[int]], expected: list[set[int]]) -> bool:
    return sorted(map(sorted, found)) == sorted(map(sorted, expected))


# A literal reading of section 6


def _sizes(n: int, g: int) -> list[int]:
    k = -(-n // g)
    return [-(-n // k)] * (n % k) + [n // k] * (k - n % k) if n else []


def _cut(order: list[int], g: int) -> list[set[int]]:
    sizes = _sizes(len(order), g)
    return [set(order[sum(sizes[:a]) : sum(sizes[: a + 1])]) for a in range(len(sizes))]


def _friends(case: Case, order: list[int], g: int) -> list[set[int]]:
    groups, ungrouped = [], list(order)
    for size in _sizes(len(order), g):
        opener = ungrouped.pop(0)
        taken = sorted(ungrouped, key=lambda j: (-case.w[opener, j], order.index(j)))[: size - 1]
        groups.append({opener, *taken})
        ungrouped = [i for i in ungrouped if i not in taken]
    return groups


def _isolate_aware(case: Case, order: list[int], g: int, last: list[set[int]]) -> list[set[int]]:
    sizes = _sizes(len(order), g)
    groups: list[set[int]] = [set() for _ in sizes]
    taken = sorted(order, key=lambda i: (case.people.friends[i], order.index(i)))
    waiting = []
    for i in taken:
        grouped = set().union(*groups)
        if i in grouped:
            continue
        candidates = [j for j in order if j != i and case.w[i, j] >= case.values.acquaintance_strength]
        candidates.sort(key=lambda j: (any({i, j} <= group for group in last), -case.w[i, j], order.index(j)))
        ungrouped = [j for j in candidates if j not in grouped]
        empty = [a for a, size in enumerate(sizes) if size >= 2 and not groups[a]]
        open_ = [a for j in candidates for a, size in enumerate(sizes) if j in groups[a] and len(groups[a]) < size]
        if ungrouped and empty:
            groups[empty[0]] |= {i, ungrouped[0]}
        elif open_:
            groups[open_[0]].add(i)
        else:
            waiting.append(i)
    for i in waiting:
        next(group for a, group in enumerate(groups) if len(group) < sizes[a]).add(i)
    return groups


def _anchor_pair(fixed: list[int], order: list[int], g: int) -> list[set[int]]:
    sizes = _sizes(len(order), max(g, 2))
    k = len(sizes)
    groups = [set(fixed[: 2 * k][2 * a : 2 * a + 2]) for a in range(k)]
    others = [i for i in order if i not in fixed[: 2 * k]]
    for a in range(k):
        while len(groups[a]) < sizes[a]:
            groups[a].add(others.pop(0))
    assert not others
    return groups


def _sited(case: Case, groups: list[set[int]], block: int, stream: str) -> Sited | int:
    """Sites of groups, or the size of the first that fits nowhere."""
    smallest = {min(group, key=lambda i: case.keys[i]): group for group in groups if group}
    free, result = list(case.capacity), []
    for i in case.hashed(stream, block + 1, set(smallest)):
        site = free.index(max(free))
        if len(smallest[i]) > free[site]:
            return len(smallest[i])
        free[site] -= len(smallest[i])
        result.append((smallest[i], site))
    return result


class Literal:
    """Groups as the page has them, week by week."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.campus: list[set[int]] = []
        self.home: list[set[int]] = []
        self.placement: list[set[int]] = []
        self.second: list[set[int]] = []

    def form_campus(self, term: int) -> None:
        case = self.case
        if case.campus_policy == "reshuffled":
            self.campus = _cut(case.hashed("campus_groups", 1 + term), case.values.small_group_size)
        elif not self.campus and case.campus_policy == "stable":
            self.campus = _cut(case.hashed("campus_groups", 0), case.values.small_group_size)
        elif not self.campus:
            self.campus = [{i for i in range(case.n) if case.roster[i] == a} for a in range(3)]
        self.campus = [group & case.present for group in self.campus if group & case.present]

    def form_placement(self, block: int) -> None:
        case, g, policy = self.case, self.case.values.placement_group_size, self.case.policy
        order, fixed = case.hashed("placement_groups", block + 1), case.hashed("placement_groups", 0)
        if policy == "fixed":
            self.placement = self.placement or _cut(fixed, g)
        else:
            form: dict[str, Callable[[], list[set[int]]]] = {
                "friends": lambda: _friends(case, order, g), "isolate-aware": lambda: _isolate_aware(case, order, g, self.placement),
                "alone": lambda: [{i} for i in case.present], "anchor-pair": lambda: _anchor_pair(fixed, order, g),
            }  # fmt: skip
            self.placement = form.get(policy, lambda: _cut(order, g))()
        if policy == "home-group":
            self.home = self.home or _cut(case.hashed("home_groups", 0), case.values.small_group_size)
        if policy == "two-sites":
            self.second = _cut(case.hashed("second_groups", block + 1), g)
        self.placement = [group & case.present for group in self.placement if group & case.present]
        self.home = [group & case.present for group in self.home if group & case.present]


# Groups


def test_the_numbers_of_policies_are_the_places_of_their_names() -> None:
    names = [name.upper().replace("-", "_") for name in POLICIES]
    assert [getattr(engine, name) for name in names] == list(range(len(POLICIES)))
    assert [getattr(engine, "CAMPUS_" + name.upper()) for name in CAMPUS_POLICIES] == list(range(len(CAMPUS_POLICIES)))


@pytest.mark.parametrize("leavers", [False, True])
@pytest.mark.parametrize("policy", list(CAMPUS_POLICIES))
def test_campus_groups_are_those_of_the_page(policy: str, leavers: bool) -> None:
    for n in range(1, 26):
        for g in (2, 3, 8):
            case = Case(n, campus=policy, small_group_size=g)
            literal = Literal(case)
            if leavers and n > 2:
                case.leave(1)
            for term in range(3):
                if leavers and term == 2 and n > 1:
                    case.leave(0)
                assert case.form(_now(20 * term + 1, term=term)) == 0
                literal.form_campus(term)
                assert _same(_together(case.groups.campus, case.present), literal.campus)
                formed = case.groups.campus.copy()
                case.form(_now(20 * term + 2, term=term))
                assert (case.groups.campus == formed).all()


@pytest.mark.parametrize("leavers", [False, True])
@pytest.mark.parametrize("policy", [name for name in POLICIES if name != "timetable"])
def test_placement_groups_and_sites_are_those_of_the_page(policy: str, leavers: bool) -> None:
    for n in range(1, 26):
        for g in (1, 2, 3, 4, 7):
            case = Case(n, policy, seed=g, n_sites=3, placement_group_size=g, small_group_size=5)
            literal = Literal(case)
            for block in range(4):
                if leavers and len(case.present) > 1:
                    case.leave(min(case.present, key=lambda i: (7 * i + block) % n))
                case.meet_anew()
                assert case.form(_now(6 * block + 1, block=block)) == 0
                literal.form_placement(block)
                assert _same(_together(case.groups.placement, case.present), literal.placement)
                for group, site in _sited(case, literal.placement, block, "site_order"):
                    assert {int(case.groups.placement_site[case.groups.placement[i]]) for i in group} == {site}
                assert all(case.groups.placement[i] < 0 for i in range(n) if i not in case.present)
                if policy == "home-group":
                    assert _same(_together(case.groups.home, case.present), literal.home)
                if policy == "two-sites":
                    assert _same(_together(case.groups.second, case.present), literal.second)
                    for group, site in _sited(case, literal.second, block, "second_site_order"):
                        assert {int(case.groups.second_site[case.groups.second[i]]) for i in group} == {site}
                formed = case.groups.placement.copy()
                case.meet_anew()
                for now in (_now(6 * block + 2, block=block), _now(6 * block + 3), _now(6 * block + 4, block=block)):
                    assert case.form(now) == 0  # later weeks of the block, and a break within it
                assert (case.groups.placement == formed).all()


@pytest.mark.parametrize("policy", ["reshuffled", "two-sites", "alone"])
def test_groups_go_where_there_are_most_places_and_a_misfit_is_told(policy: str) -> None:
    misfits = []
    for seed in range(60):
        capacity = [int(places) for places in np.random.default_rng(seed).integers(1, 12, 4)]
        case = Case(20, policy, seed=seed, capacity=capacity, placement_group_size=4)
        literal = Literal(case)
        block = seed % 5
        literal.form_placement(block)
        wanted = [_sited(case, literal.placement, block, "site_order")]
        if policy == "two-sites":
            wanted.append(_sited(case, literal.second, block, "second_site_order"))
        expected = next((sited for sited in wanted if isinstance(sited, int)), 0)
        assert case.form(_now(1, block=block)) == expected
        misfits.append(expected)
        if expected == 0:
            for group, site in wanted[0]:
                assert {int(case.groups.placement_site[case.groups.placement[i]]) for i in group} == {site}
    assert 0 in misfits and max(misfits) == (1 if policy == "alone" else 4)


def test_students_met_in_the_last_block_come_second_and_a_full_group_is_passed_by() -> None:
    """Isolate-aware, by hand: 0 knows 1 better than 2, but was with 1 in the last block."""
    case = Case(4, "isolate-aware", placement_group_size=2)
    case.ties.n_tied[:] = 0
    for i, j, w in ((0, 1, 0.9), (0, 2, 0.4), (1, 3, 0.4)):
        for a, b in ((i, j), (j, i)):
            case.ties.other[a, case.ties.n_tied[a]], case.ties.strength[a, case.ties.n_tied[a]] = b, w
            case.ties.n_tied[a] += 1
    case.people.friends[:] = [0, 3, 3, 3, 0, 0]
    case.form(_now(1, block=0))
    assert _same(_together(case.groups.placement, case.present), [{0, 1}, {2, 3}])
    case.form(_now(7, block=1))
    assert _same(_together(case.groups.placement, case.present), [{0, 2}, {1, 3}])


# Gatherings


def _hours(case: Case, is_placement: bool) -> Pairs:
    """c_ij by setting, as the gatherings give it."""
    found: Pairs = {}
    g = case.gatherings
    for a in range(int(g.used[0])):
        assert g.start[a] < g.start[a + 1] <= len(g.member)
        members = [(int(g.member[q]), float(g.hours[q])) for q in range(g.start[a], g.start[a + 1])]
        for i, mine in members:
            for j, theirs in members:
                if i < j and bool(g.is_placement[a]) == is_placement:
                    found[i, j] = found.get((i, j), 0.0) + float(g.factor[a]) * min(mine, theirs)
    return found


def _expected(groups: list[tuple[set[int], float]]) -> Pairs:
    found: Pairs = {}
    for group, hours in groups:
        for i in group:
            for j in group:
                if i < j:
                    found[i, j] = found.get((i, j), 0.0) + hours
    return found


def _check_sites(case: Case, at: dict[tuple[int, int], float]) -> None:
    """Site shares and main sites from hours by (student, site)."""
    n_sites = len(case.capacity)
    for i in range(case.n):
        own = [at.get((i, site), 0.0) for site in range(n_sites)]
        shares = [hours / sum(own) for hours in own] if sum(own) else own
        assert case.gatherings.site_share[i].tolist() == pytest.approx(shares, abs=1e-12)
        assert case.people.main_site[i] == (own.index(max(own)) if sum(own) else -1)


@pytest.mark.parametrize("policy", [name for name in POLICIES if name != "timetable"])
def test_hours_and_site_shares_of_a_policy(policy: str) -> None:
    for n in (1, 2, 9, 20):
        case = Case(n, policy, seed=3, small_group_size=5, placement_hours=30.0, home_group_hours=3.0)
        literal = Literal(case)
        case.form(_now(1, term=0))
        literal.form_campus(0)
        assert case.gather(_now(1, term=0))
        assert _hours(case, False) == _expected([(group, 6.0) for group in literal.campus]) and _hours(case, True) == {}
        assert case.people.scheduled[:n].tolist() == [6.0] * n
        _check_sites(case, {})
        literal.form_placement(0)
        case.form(_now(60, block=0))
        for week in range(60, 63):
            if week == 62 and n > 2:
                case.leave(1)
            assert case.gather(_now(week, block=0)) == (week == 60 or (week == 62 and n > 2))
            half = 0.5 if policy == "two-sites" else 1.0
            groupings = [literal.placement] + ([literal.second] if policy == "two-sites" else [])
            assert _hours(case, True) == _expected([(group & case.present, 30 * half) for grouping in groupings for group in grouping])
            assert _hours(case, False) == _expected([(group & case.present, 3.0) for group in literal.home])
            own = 33.0 if policy == "home-group" else 30.0
            assert case.people.scheduled[: case.n].tolist() == [own * (i in case.present) for i in range(n)]
            at: dict[tuple[int, int], float] = {}
            for label, site in ((case.groups.placement, case.groups.placement_site), (case.groups.second, case.groups.second_site))[: len(groupings)]:
                for i in case.present:
                    where = i, int(site[label[i]])
                    at[where] = at.get(where, 0.0) + 30 * half
            _check_sites(case, at)
        assert case.gather(_now(70)) and not case.gather(_now(71))  # a break
        assert case.gatherings.used[0] == 0 and not case.people.scheduled.any()
        _check_sites(case, {})


def test_hours_of_nothing_make_no_gathering() -> None:
    case = Case(6, "reshuffled", placement_hours=0.0)
    case.form(_now(1, block=0))
    assert case.gather(_now(1, block=0))
    assert case.gatherings.used[0] == 0 and case.people.main_site[0] == -1 and not case.gatherings.site_share.any()


def test_a_timetable_by_hand() -> None:
    """Site 0: 0 and 1 in team 0; 2 to 6 without a team. Site 1: 0 in team 1, in two rows, with 2; 7 alone without a team, and has left in week 3."""
    rows = [(0, 0, 0, 1, 4, 10.0), (1, 0, 0, 1, 4, 20.0), *((i, 0, -1, 1, 3, 8.0 * (i - 1)) for i in range(2, 7)),
            (0, 1, 1, 2, 4, 4.0), (0, 1, 1, 2, 4, 9.0), (2, 1, 1, 2, 4, 12.0), (7, 1, -1, 1, 4, 5.0)]  # fmt: skip
    case = Case(8, "timetable", rows=rows, n_sites=2, companions=3)
    assert case.form(_now(2, block=0)) == 0
    assert [case.gather(_now(1, block=0)), case.gather(_now(2, block=0)), case.gather(_now(3, block=0))] == [True, True, False]
    spread = {(i, j): 8.0 * (i - 1) * 3 / 4 for i in range(2, 7) for j in range(i + 1, 7)}
    assert _hours(case, True) == pytest.approx({(0, 1): 10.0, (0, 2): 12.0, **spread})
    assert case.people.scheduled[:8].tolist() == [23, 20, 20, 16, 24, 32, 40, 5]
    assert case.gatherings.site_share[0].tolist() == pytest.approx([10 / 23, 13 / 23])
    assert case.gatherings.site_share[2].tolist() == pytest.approx([0.4, 0.6])
    assert case.people.main_site[:8].tolist() == [1, 0, 1, 0, 0, 0, 0, 1]
    assert case.gatherings.is_spread.tolist() == [True, False]
    case.leave(7)
    assert case.gather(_now(3, block=0)) and case.people.scheduled[7] == 0 and case.people.main_site[7] == -1
    assert case.gather(_now(4, block=0)) and case.people.scheduled[:8].tolist() == [23, 20, 12, 0, 0, 0, 0, 0]
    assert case.gather(_now(5)) and case.gatherings.used[0] == 0 and not case.gather(_now(6))
    assert case.gatherings.is_spread.tolist() == [True, False]  # ever


def test_as_many_companions_as_expected_are_not_spread() -> None:
    case = Case(4, "timetable", rows=[(i, 0, -1, 1, 1, 7.0) for i in range(4)], companions=3)
    case.gather(_now(1, block=0))
    assert set(_hours(case, True).values()) == {7.0} and not case.gatherings.is_spread.any()


def _week_of(case: Case, week: int) -> tuple[Pairs, dict[int, float], dict[tuple[int, int], float], set[int]]:
    """A timetable's week, literally: c, C, hours by student and site, and sites with spread hours."""
    own: dict[tuple[int, int], dict[int, float]] = {}
    for student, site, team, first, last, hours in case.rows:
        if first <= week <= last and student in case.present:
            there = own.setdefault((site, team), {})
            there[student] = there.get(student, 0.0) + hours
    together: Pairs = {}
    total: dict[int, float] = {}
    at: dict[tuple[int, int], float] = {}
    spread = set()
    for (site, team), there in own.items():
        m = len(there)
        factor = min(1.0, case.values.companions / (m - 1)) if team < 0 and m > 1 else 1.0
        if factor < 1:
            spread.add(site)
        for i, hours in there.items():
            total[i] = total.get(i, 0.0) + hours
            at[i, site] = at.get((i, site), 0.0) + hours
            for j in there:
                if i < j:
                    together[i, j] = together.get((i, j), 0.0) + factor * min(hours, there[j])
    return together, total, at, spread


def test_timetables_at_random() -> None:
    """Rows of all lengths, several sites and teams a week, rows in a campus term and in a break; a student leaves on the way."""
    n_unchanged = 0
    for seed in range(25):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(1, 16))
        rows: list[Row] = []
        for _ in range(int(rng.integers(1, 5 * n + 1))):
            first = int(rng.integers(1, 14))
            site = int(rng.integers(3))
            rows.append((int(rng.integers(n)), site, int(rng.choice([-1, -1, 2 * site, 2 * site + 1])), first,
                         first + int(rng.integers(6)), 0.5 * int(rng.integers(1, 30))))  # fmt: skip
        case = Case(n, "timetable", seed=seed, n_sites=3, rows=rows, companions=2, small_group_size=4)
        literal = Literal(case)
        spread: set[int] = set()
        for week in range(1, 22):
            now = _now(week, term=0 if week <= 5 else -1, block=(week - 9) // 4 if week > 8 else -1)
            if week == 4 and n > 3:
                case.leave(2)
            assert case.form(now) == 0
            before = case.gatherings.used[0], case.people.scheduled.copy()
            has_changed = case.gather(now)
            n_unchanged += not has_changed
            together, total, at, now_spread = _week_of(case, week)
            spread |= now_spread
            campus = 6.0 if week <= 5 else 0.0
            if week == 1:
                literal.form_campus(0)
            assert _hours(case, True) == pytest.approx(together)
            expected = [(group & case.present, campus) for group in literal.campus] if campus else []
            assert _hours(case, False) == _expected(expected)
            assert case.people.scheduled[:n].tolist() == pytest.approx([total.get(i, 0.0) + campus * (i in case.present) for i in range(n)])
            _check_sites(case, at)
            assert set(np.flatnonzero(case.gatherings.is_spread)) == spread
            assert has_changed or (before[0] == case.gatherings.used[0] and (before[1] == case.people.scheduled).all())
    assert n_unchanged > 25


# From a scenario


def test_arrays_of_a_scenario_without_files() -> None:
    school = school_arrays(make_scenario({"grouping": {"campus": "stable", "placement": "two-sites"}, "parameters": {"students": 30, "sites": 5}}))
    assert (school.campus_policy, school.placement_policy) == (engine.CAMPUS_STABLE, engine.TWO_SITES)
    assert school.capacity.tolist() == [30] * 5
    assert (len(school.student), len(school.campus_group), school.has_friendships, most_rows_in_force(school)) == (0, 0, False, 0)


def test_arrays_of_a_school() -> None:
    columns = [[2, 0, 1, 0], [1, 1, 0, 1], [-1, 0, 1, 0], [105, 105, 107, 108], [106, 107, 110, 108]]
    timetable = Timetable(*(np.array(column) for column in columns), np.array([1.0, 2.0, 3.0, 4.0]))
    files = Files(n_students=3, attributes=np.empty((3, 0), dtype=np.int64), campus_group=np.array([4, 9, 4]), timetable=timetable,
                  friend_a=np.array([0]), friend_b=np.array([2]), friend_hours=np.array([90.0]), has_friendships=True, sites=("A", "B"),
                  start_week=105)  # fmt: skip
    school = school_arrays(attach_school(make_scenario({}), files))
    assert (school.campus_policy, school.placement_policy) == (engine.CAMPUS_ROSTER, engine.TIMETABLE)
    assert school.capacity.tolist() == [3, 3] and school.campus_group.tolist() == [0, 1, 0]
    rows = list(zip(*(column.tolist() for column in school[4:10]), strict=True))
    assert rows == [(1, 0, 1, 107, 110, 3.0), (2, 1, -1, 105, 106, 1.0), (0, 1, 0, 105, 107, 2.0), (0, 1, 0, 108, 108, 4.0)]
    assert most_rows_in_force(school) == 2 and gatherings_room(3, 2) == (6, 6) and gatherings_room(3, 7) == (10, 10)
    assert (school.has_friendships, school.start_week, school.friend_a.tolist(), school.friend_b.tolist()) == (True, 105, [0], [2])
    assert school.friend_hours.tolist() == [90.0]
    other = school_arrays(attach_school(make_scenario({"grouping": {"placement": "alone"}}), files))
    assert other.placement_policy == engine.ALONE and len(other.student) == 0 and other.capacity.tolist() == [3, 3]


def test_capacities_are_those_of_the_sites_file() -> None:
    files = Files(n_students=3, attributes=np.empty((3, 0), dtype=np.int64), sites=("A", "B"), capacity=np.array([2, 7]))
    school = school_arrays(attach_school(make_scenario({}), files))
    assert school.capacity.tolist() == [2, 7] and len(school.campus_group) == 0
    assert school_arrays(attach_school(make_scenario({"parameters": {"sites": 6}}), Files(3, files.attributes))).capacity.tolist() == [3] * 6
