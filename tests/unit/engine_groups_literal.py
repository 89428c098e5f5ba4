"""Groups as docs/model.md, section 6, has them, read slowly and literally with sets and sorted lists, beside the arrays of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simulation.engine import gatherings, ties
from simulation.engine import groups as engine
from simulation.engine import pairs as table
from simulation.engine.officers import NEAR_PEER
from simulation.engine.state import STRENGTH, Groups, Now, School
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from simulation.streams import uniform
from tests.unit.engine_states import FIRST_STEP, SEED, State, empty_gatherings

NEAR_PEERS = 2  # rows beyond the students, in nobody's group
Row = tuple[int, int, int, int, int, float]  # student, site, team, first and last week, hours
Sited = list[tuple[set[int], int]]  # groups, and their sites
_POLICY = {name: number for number, name in enumerate(POLICIES)}
_CAMPUS = {name: number for number, name in enumerate(CAMPUS_POLICIES)}


class Case(State):
    """A cohort whose ties a test makes up: the arrays, and the same as sets, dictionaries and lists."""

    def __init__(self, n: int, placement: str = "reshuffled", campus: str = "reshuffled", seed: int = 0, *, n_sites: int = 4,
                 capacity: list[int] | None = None, rows: list[Row] | None = None, **changed: float) -> None:  # fmt: skip
        self.rng = np.random.default_rng([seed, n])
        self.keys = np.append(self.rng.permutation(np.arange(1, 2 * n + 1))[:n], [2**32, 2**32 + 2**16])
        super().__init__(self.keys[:n], NEAR_PEER, NEAR_PEERS, world={"n_sites": n_sites}, students=n, **changed)
        self.people.key[n:], self.people.is_present[n:] = self.keys[n:], True
        self.campus_policy, self.policy = campus, placement
        self.present = set(range(n))
        self.roster = [int(g) for g in np.unique(self.rng.integers(0, 3, n), return_inverse=True)[1]]
        self.capacity = [n] * n_sites if capacity is None else capacity
        self.rows = [] if rows is None else sorted(rows, key=lambda row: (row[1], row[2], row[0]))
        columns = [np.array([row[c] for row in self.rows], dtype=np.int64) for c in range(5)]
        none = np.empty(0, dtype=np.int64)
        self.school = School(_CAMPUS[campus], _POLICY[placement], np.array(self.capacity), np.array(self.roster), *columns,
                             np.array([row[5] for row in self.rows], dtype=np.float64), False, 1, none, none, np.empty(0))  # fmt: skip
        self.groups = Groups(*(np.full(n, -1) for _ in range(6)), np.full(engine.FORMED_ROOM, -1))
        self.gatherings = empty_gatherings(n, len(self.capacity), *gatherings.gatherings_room(n, gatherings.most_rows_in_force(self.school)))
        self.meet_anew()

    def meet_anew(self) -> None:
        """Other strengths, few different ones, so that many are equal; entries without strength stand among those with."""
        strength = self.rng.choice([0, 0, 0, 0.02, 0.31, 0.32, 0.4, 0.5, 0.8], (self.m, self.m))
        strength = np.triu(strength, 1) + np.triu(strength, 1).T
        here = np.array([i in self.present or i >= self.n for i in range(self.m)])
        strength[~here], strength[:, ~here] = 0, 0
        self.w = strength
        self.part_with_all()
        pairs = [(i, j) for i in range(self.m) for j in range(i + 1, self.m) if strength[i, j] > 0 or self.rng.random() < 0.2]
        self.ties = ties.more_room(self.ties, self.p, FIRST_STEP, len(pairs), self.m, 0)
        for i, j in self.rng.permutation(np.array(pairs, dtype=np.int64).reshape(-1, 2)):
            q = table.add(self.ties, i, j)
            self.ties.value[STRENGTH, q] = strength[i, j]
            if strength[i, j] > 0:
                table.lift(self.ties, q)
        for i in range(self.m):
            self.people.friends[i] = (strength[i, : self.n] >= self.values.friend_strength).sum()

    def leave(self, i: int) -> None:
        self.present.discard(i)
        self.people.is_present[i] = False
        self.people.friends[i] = 0
        self.meet_anew()

    def form(self, now: Now) -> int:
        return int(engine.form_groups(self.world, self.p, self.school, now, self.people, self.ties, self.groups))

    def gather(self, now: Now) -> bool:
        return bool(gatherings.gather(self.world, self.p, self.school, now, self.people, self.groups, self.gatherings))

    def hashed(self, stream: str, t: int, rows: set[int] | None = None) -> list[int]:
        rows = self.present if rows is None else rows
        draw = uniform(SEED, stream, t, self.keys)
        return sorted(rows, key=lambda i: (draw[i], self.keys[i]))


def in_week(week: int, term: int = -1, block: int = -1) -> Now:
    return Now(week, week, 1, 1, True, True, term >= 0 or block >= 0, block >= 0, False, False, term, block)


def together(label: Any, present: set[int]) -> list[set[int]]:
    return [{i for i in present if label[i] == a} for a in sorted({int(label[i]) for i in present})]


def same(found: list[set[int]], expected: list[set[int]]) -> bool:
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


def sited(case: Case, groups: list[set[int]], block: int, stream: str) -> Sited | int:
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
