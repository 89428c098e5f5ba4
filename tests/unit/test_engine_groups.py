"""Groups and their sites in the array engine, against a literal reading of docs/model.md, section 6."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.engine import groups as engine
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from tests.unit.engine_groups_literal import Case, Literal, in_week, same, sited, together
from tests.unit.engine_states import in_python

_python = pytest.fixture(in_python, autouse=True, scope="module")


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
                assert case.form(in_week(20 * term + 1, term=term)) == 0
                literal.form_campus(term)
                assert same(together(case.groups.campus, case.present), literal.campus)
                formed = case.groups.campus.copy()
                case.form(in_week(20 * term + 2, term=term))
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
                assert case.form(in_week(6 * block + 1, block=block)) == 0
                literal.form_placement(block)
                assert same(together(case.groups.placement, case.present), literal.placement)
                for group, site in sited(case, literal.placement, block, "site_order"):
                    assert {int(case.groups.placement_site[case.groups.placement[i]]) for i in group} == {site}
                assert all(case.groups.placement[i] < 0 for i in range(n) if i not in case.present)
                if policy == "home-group":
                    assert same(together(case.groups.home, case.present), literal.home)
                if policy == "two-sites":
                    assert same(together(case.groups.second, case.present), literal.second)
                    for group, site in sited(case, literal.second, block, "second_site_order"):
                        assert {int(case.groups.second_site[case.groups.second[i]]) for i in group} == {site}
                formed = case.groups.placement.copy()
                case.meet_anew()
                for now in (in_week(6 * block + 2, block=block), in_week(6 * block + 3), in_week(6 * block + 4, block=block)):
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
        wanted = [sited(case, literal.placement, block, "site_order")]
        if policy == "two-sites":
            wanted.append(sited(case, literal.second, block, "second_site_order"))
        expected = next((sited for sited in wanted if isinstance(sited, int)), 0)
        assert case.form(in_week(1, block=block)) == expected
        misfits.append(expected)
        if expected == 0:
            for group, site in wanted[0]:
                assert {int(case.groups.placement_site[case.groups.placement[i]]) for i in group} == {site}
    assert 0 in misfits and max(misfits) == (1 if policy == "alone" else 4)


def test_students_met_in_the_last_block_come_second_and_a_full_group_is_passed_by() -> None:
    """Isolate-aware, by hand: 0 knows 1 better than 2, but was with 1 in the last block."""
    case = Case(4, "isolate-aware", placement_group_size=2)
    case.part_with_all()
    for i, j, w in ((0, 1, 0.9), (0, 2, 0.4), (1, 3, 0.4)):
        case.tie(i, j, w)
    case.people.friends[:] = [0, 3, 3, 3, 0, 0]
    case.form(in_week(1, block=0))
    assert same(together(case.groups.placement, case.present), [{0, 1}, {2, 3}])
    case.form(in_week(7, block=1))
    assert same(together(case.groups.placement, case.present), [{0, 2}, {1, 3}])
