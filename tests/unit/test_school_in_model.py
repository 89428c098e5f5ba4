"""A school's own files in the model: who meets whom is what the timetable says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulation.model import PeerSupportModel
from simulation.scenario.scenario import load_scenario
from simulation.scenario.school import School, Timetable

YEARS = {"campus_years": 1, "clinical_years": 1}


def timetable(rows: list[tuple[int, int, int, int, int, float]]) -> Timetable:
    columns = list(zip(*rows, strict=True))
    integers = [np.array(column, dtype=np.int64) for column in columns[:5]]
    return Timetable(*integers, np.array(columns[5], dtype=float))


# student, site, team, first week, last week, hours: a team of two at site 0; seven without a team at site 1 (one on fewer hours); one alone at site 2
ROWS = [(0, 0, 0, 53, 60, 30.0), (1, 0, 0, 53, 60, 20.0), *[(i, 1, -1, 53, 60, 24.0) for i in range(2, 8)], (8, 1, -1, 53, 60, 12.0),
        (9, 2, 1, 53, 56, 28.0)]  # fmt: skip


def school(**changes: Any) -> School:
    groups = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    base = School(10, np.zeros((10, 1), dtype=np.int64), groups, timetable(ROWS), sites=("Alpha", "Beta", "Gamma"), start_week=53)
    return replace(base, **changes)


def at_week(week: int, given: School, name: str = "informal", **parameters: float) -> PeerSupportModel:
    model = PeerSupportModel(load_scenario(name, overrides={**YEARS, **parameters}, school=given), 1)
    for _ in range(week):
        model.step()
    return model


def test_hours_are_shared_in_teams_and_spread_without_them() -> None:
    model = at_week(53, school())
    together = model.ties.together
    assert together[0, 1] == 20  # the smaller of the two students' hours
    assert together[2, 3] == pytest.approx(24 * 3 / 6)  # seven at the site, three companions expected
    assert together[2, 8] == pytest.approx(12 * 3 / 6)
    assert together[0, 2] == together[0, 9] == 0
    assert model.schedule.hours[[0, 1, 8, 9]].tolist() == [30, 20, 12, 28]
    assert model.scheduler.spread_sites == {"Beta"}
    assert [model.people[i].site for i in (0, 2, 9)] == ["Alpha", "Beta", "Gamma"]


def test_campus_groups_come_from_the_roster_and_campus_years_are_simulated_first() -> None:
    model = at_week(1, school())
    assert (model.ties.together[0, 1:5] == 6).all()
    assert (model.ties.together[0, 5:] == 0).all()
    assert not model.calendar.is_clinical[51]
    assert model.calendar.is_clinical[52]


def test_teaching_weeks_of_clinical_years_are_those_with_placements() -> None:
    model = at_week(0, school())
    assert np.flatnonzero(model.calendar.is_teaching[52:]).tolist() == list(range(8))
    fixed = at_week(0, school(), "fixed-groups")
    assert np.array_equal(fixed.calendar.is_teaching, model.calendar.is_teaching)  # policies are compared on the same calendar


def test_a_student_without_a_placement_meets_nobody_at_a_site() -> None:
    model = at_week(58, school())
    assert model.schedule.hours[9] == 0
    assert model.main_site[9] == -1
    assert (model.ties.overlap[9, :9] == 0).all()
    assert model.people[9].site is None


def test_listed_friendships_hold_from_the_start_of_the_record() -> None:
    given = school(friend_a=np.array([0]), friend_b=np.array([9]), friend_hours=np.array([150.0]), has_friendships=True)
    before = at_week(52, given)
    assert (before.ties.strength >= 0.5).any()
    model = at_week(53, given)
    alone = at_week(53, school())
    assert model.ties.hours[0, 9] > 140
    assert alone.ties.strength[0, 9] < 0.5
    unlisted = [(i, j) for i in range(10) for j in range(i + 1, 10) if (i, j) != (0, 9)]
    # a week's hours at the most above an acquaintance's 50
    assert max(model.ties.hours[pair] for pair in unlisted) < 50.1 + 25 + 28 * 0.5 * model.ties.compatibility.max()


def test_attributes_of_the_roster_draw_like_to_like() -> None:
    given = school(attributes=np.array([[i % 2] for i in range(10)]))
    model = at_week(0, given)
    assert model.ties.alike[0, 2] == 1.5
    assert model.ties.alike[0, 1] == 1.0


def test_nothing_of_the_order_of_timetable_rows_reaches_the_result() -> None:
    a = at_week(60, school())
    b = at_week(60, school(timetable=timetable(ROWS[::-1])))
    assert np.array_equal(a.state.distress, b.state.distress)
    np.testing.assert_allclose(a.ties.strength, b.ties.strength, rtol=0, atol=1e-12)


def test_relocations_count_moves_between_sites() -> None:
    moved = timetable([*ROWS, (9, 0, 2, 57, 60, 28.0)])
    model = at_week(104, school(timetable=moved))
    assert model.recorder.n_relocations == 1
