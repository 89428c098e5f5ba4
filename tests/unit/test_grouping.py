"""Groups: a contract that every policy keeps, and each policy's own promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulation.faults import InputError
from simulation.model import PeerSupportModel
from simulation.scenario.grouping import POLICIES, CohortView, campus_groups, cut_sizes
from simulation.scenario.school import School
from tests.runs import SMALL, scenario, stepped

FORMING = {name: policy for name, policy in POLICIES.items() if policy.form is not None}


def view(n: int, seed: int = 1, ties: dict[tuple[int, int], float] | None = None, last: tuple[Any, ...] = ()) -> CohortView:
    strength = np.zeros((n, n))
    for (i, j), w in (ties or {}).items():
        strength[i, j] = strength[j, i] = w

    def ties_of(row: int) -> tuple[Any, Any]:
        rows = np.flatnonzero(strength[row])
        return rows, strength[row, rows]

    return CohortView(seed, np.arange(1, n + 1), (strength >= 0.5).sum(axis=1), ties_of, 0.32, last)


def random_ties(n: int, seed: int) -> dict[tuple[int, int], float]:
    rng = np.random.default_rng(seed)
    return {(i, j): float(rng.uniform(0.05, 0.9)) for i in range(n) for j in range(i + 1, n) if rng.random() < 0.15}


@pytest.mark.parametrize("name", FORMING)
@pytest.mark.parametrize(("n", "size"), [(24, 3), (25, 3), (7, 2), (5, 8), (3, 1), (2, 2)])
def test_every_policy_seats_everybody_once_in_groups_of_the_right_size(name: str, n: int, size: int) -> None:
    form = FORMING[name].form
    assert form is not None
    for block in range(3):
        groups = form(view(n, ties=random_ties(n, block)), block, size)
        assert sorted(np.concatenate(groups).tolist()) == list(range(n))
        largest = {"alone": 1, "anchor-pair": max(2, size)}.get(name, size)
        assert all(1 <= len(group) <= largest for group in groups)
        assert max(map(len, groups)) - min(map(len, groups)) <= 1
        again = form(view(n, ties=random_ties(n, block)), block, size)
        assert all(np.array_equal(a, b) for a, b in zip(groups, again, strict=True))


def test_sizes_are_balanced() -> None:
    assert cut_sizes(10, 3) == [3, 3, 2, 2]
    assert cut_sizes(9, 3) == [3, 3, 3]
    assert cut_sizes(1, 8) == [1]
    assert cut_sizes(0, 8) == []


def together(groups: list[Any], a: int, b: int) -> bool:
    return any(a in group and b in group for group in groups)


def test_fixed_groups_stay_and_reshuffled_ones_do_not() -> None:
    fixed, shuffled = FORMING["fixed"].form, FORMING["reshuffled"].form
    assert fixed is not None and shuffled is not None
    sets = [{frozenset(g.tolist()) for g in fixed(view(24), block, 3)} for block in range(4)]
    assert all(groups == sets[0] for groups in sets)
    moved = [{frozenset(g.tolist()) for g in shuffled(view(24), block, 3)} for block in range(4)]
    assert len({frozenset(groups) for groups in moved}) == 4


def test_friends_are_kept_together() -> None:
    form = FORMING["friends"].form
    assert form is not None
    ties = {(0, 1): 0.9, (2, 3): 0.8, (4, 5): 0.7}
    for seed in range(10):
        groups = form(view(6, seed, ties), 0, 2)
        assert all(together(groups, *pair) for pair in ties)


def test_isolate_aware_gives_the_least_connected_somebody_they_know() -> None:
    form = FORMING["isolate-aware"].form
    assert form is not None
    # 0 knows 1 alone; 1 is everybody's friend: whoever is least connected chooses first
    ties = {(0, 1): 0.4, (1, 2): 0.9, (1, 3): 0.9, (2, 3): 0.9, (4, 5): 0.9, (2, 4): 0.6, (3, 5): 0.6}
    for seed in range(10):
        assert together(form(view(6, seed, ties), 0, 2), 0, 1)
    last = (np.array([0, 1]), np.array([2, 3]), np.array([4, 5]))
    two = {**ties, (0, 2): 0.35}
    for seed in range(10):
        assert together(form(view(6, seed, two, last), 1, 2), 0, 2)  # not last block's partner where there is another


def test_anchor_pairs_last_and_the_others_move() -> None:
    form = FORMING["anchor-pair"].form
    assert form is not None
    blocks = [form(view(24), block, 3) for block in range(6)]
    pairs = [[tuple(group[:2].tolist()) for group in groups] for groups in blocks]
    assert all(now == pairs[0] for now in pairs)
    thirds = {tuple(group[2:].tolist()) for groups in blocks for group in groups[:1]}
    assert len(thirds) > 1


def test_campus_groups() -> None:
    first, second = (campus_groups(view(24), "reshuffled", term, 8, None) for term in (0, 1))
    assert [len(g) for g in first] == [8, 8, 8]
    assert {frozenset(g.tolist()) for g in first} != {frozenset(g.tolist()) for g in second}
    stable = [campus_groups(view(24), "stable", term, 8, None) for term in (0, 1)]
    assert all(np.array_equal(a, b) for a, b in zip(*stable, strict=True))
    given = campus_groups(view(4), "roster", 0, 8, np.array([1, 0, 1, 0]))
    assert [g.tolist() for g in given] == [[1, 3], [0, 2]]


def test_two_sites_a_week_share_half_the_hours_at_each() -> None:
    model = stepped(53, placement="two-sites")
    assert np.allclose(model.schedule.hours, 28)
    assert set(np.unique(model.ties.together)) <= {0.0, 14.0, 28.0}
    assert (model.schedule.site_share > 0).sum(axis=1).max() == 2
    assert ((model.ties.overlap > 0.4) & (model.ties.overlap < 0.6)).any()


def test_a_home_group_adds_hours_but_no_site() -> None:
    model = stepped(53, placement="home-group")
    assert np.allclose(model.schedule.hours, 30)
    assert np.allclose(model.schedule.site_share.sum(axis=1), 1)
    assert (model.ties.together == 2).any()


def test_capacities_hold_or_the_fault_names_the_block() -> None:
    school = School(48, np.empty((48, 0), dtype=np.int64), sites=("A", "B", "C"), capacity=np.array([30, 12, 6]))
    model = PeerSupportModel("fixed-groups", 1, school=school, **{k: v for k, v in SMALL.items() if k != "students"})
    for _ in range(53):
        model.step()
    assert np.bincount(model.main_site, minlength=3).tolist() == [30, 12, 6]
    tight = School(48, np.empty((48, 0), dtype=np.int64), sites=("A", "B"), capacity=np.array([30, 17]))
    model = PeerSupportModel("fixed-groups", 1, school=tight, **{k: v for k, v in SMALL.items() if k != "students"})
    with pytest.raises(InputError, match=r"block 1.*48 students need more than the 47 places"):
        for _ in range(53):
            model.step()


def test_groups_hold_for_a_block_and_campus_groups_for_a_term() -> None:
    model = PeerSupportModel(scenario(), 1)
    seen: dict[int, list[Any]] = {}
    while model.running:
        model.step()
        seen.setdefault(int(model.calendar.block[model.week - 1]), []).append(model.schedule)
    assert all(schedule is schedules[0] for block, schedules in seen.items() if block >= 0 for schedule in schedules)
    assert len([block for block in seen if block >= 0]) == 7  # 40 teaching weeks in blocks of 6: the last is short
