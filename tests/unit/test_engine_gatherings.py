"""Who is scheduled together in the array engine, against a literal reading of docs/model.md, section 6; and what it reads of a school's files."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.engine import groups as engine
from simulation.engine.gatherings import gatherings_room, most_rows_in_force, school_arrays
from simulation.scenario.grouping import POLICIES
from simulation.scenario.scenario import attach_school, make_scenario
from simulation.scenario.school import School as Files
from simulation.scenario.school import Timetable
from tests.unit.engine_groups_literal import Case, Literal, Row, in_week
from tests.unit.engine_states import in_python

Pairs = dict[tuple[int, int], float]

_python = pytest.fixture(in_python, autouse=True, scope="module")


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
        case.form(in_week(1, term=0))
        literal.form_campus(0)
        assert case.gather(in_week(1, term=0))
        assert _hours(case, False) == _expected([(group, 6.0) for group in literal.campus]) and _hours(case, True) == {}
        assert case.people.scheduled[:n].tolist() == [6.0] * n
        _check_sites(case, {})
        literal.form_placement(0)
        case.form(in_week(60, block=0))
        for week in range(60, 63):
            if week == 62 and n > 2:
                case.leave(1)
            assert case.gather(in_week(week, block=0)) == (week == 60 or (week == 62 and n > 2))
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
        assert case.gather(in_week(70)) and not case.gather(in_week(71))  # a break
        assert case.gatherings.used[0] == 0 and not case.people.scheduled.any()
        _check_sites(case, {})


def test_hours_of_nothing_make_no_gathering() -> None:
    case = Case(6, "reshuffled", placement_hours=0.0)
    case.form(in_week(1, block=0))
    assert case.gather(in_week(1, block=0))
    assert case.gatherings.used[0] == 0 and case.people.main_site[0] == -1 and not case.gatherings.site_share.any()


def test_a_timetable_by_hand() -> None:
    """Site 0: 0 and 1 in team 0; 2 to 6 without a team. Site 1: 0 in team 1, in two rows, with 2; 7 alone without a team, and has left in week 3."""
    rows = [(0, 0, 0, 1, 4, 10.0), (1, 0, 0, 1, 4, 20.0), *((i, 0, -1, 1, 3, 8.0 * (i - 1)) for i in range(2, 7)),
            (0, 1, 1, 2, 4, 4.0), (0, 1, 1, 2, 4, 9.0), (2, 1, 1, 2, 4, 12.0), (7, 1, -1, 1, 4, 5.0)]  # fmt: skip
    case = Case(8, "timetable", rows=rows, n_sites=2, companions=3)
    assert case.form(in_week(2, block=0)) == 0
    assert [case.gather(in_week(1, block=0)), case.gather(in_week(2, block=0)), case.gather(in_week(3, block=0))] == [True, True, False]
    spread = {(i, j): 8.0 * (i - 1) * 3 / 4 for i in range(2, 7) for j in range(i + 1, 7)}
    assert _hours(case, True) == pytest.approx({(0, 1): 10.0, (0, 2): 12.0, **spread})
    assert case.people.scheduled[:8].tolist() == [23, 20, 20, 16, 24, 32, 40, 5]
    assert case.gatherings.site_share[0].tolist() == pytest.approx([10 / 23, 13 / 23])
    assert case.gatherings.site_share[2].tolist() == pytest.approx([0.4, 0.6])
    assert case.people.main_site[:8].tolist() == [1, 0, 1, 0, 0, 0, 0, 1]
    assert case.gatherings.is_spread.tolist() == [True, False]
    case.leave(7)
    assert case.gather(in_week(3, block=0)) and case.people.scheduled[7] == 0 and case.people.main_site[7] == -1
    assert case.gather(in_week(4, block=0)) and case.people.scheduled[:8].tolist() == [23, 20, 12, 0, 0, 0, 0, 0]
    assert case.gather(in_week(5)) and case.gatherings.used[0] == 0 and not case.gather(in_week(6))
    assert case.gatherings.is_spread.tolist() == [True, False]  # ever


def test_as_many_companions_as_expected_are_not_spread() -> None:
    case = Case(4, "timetable", rows=[(i, 0, -1, 1, 1, 7.0) for i in range(4)], companions=3)
    case.gather(in_week(1, block=0))
    assert set(_hours(case, True).values()) == {7.0} and not case.gatherings.is_spread.any()


def _timetable_of(case: Case, week: int) -> tuple[Pairs, dict[int, float], dict[tuple[int, int], float], set[int]]:
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
            now = in_week(week, term=0 if week <= 5 else -1, block=(week - 9) // 4 if week > 8 else -1)
            if week == 4 and n > 3:
                case.leave(2)
            assert case.form(now) == 0
            before = case.gatherings.used[0], case.people.scheduled.copy()
            has_changed = case.gather(now)
            n_unchanged += not has_changed
            together, total, at, now_spread = _timetable_of(case, week)
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
