"""The example school is what its maker writes, can be read, and is what its README says."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from simulation.evidence.parameters import Values
from simulation.scenario.inputs import read_school
from simulation.scenario.school import School

EXAMPLE = Path(__file__).parents[2] / "examples" / "school"
NAMES = ("roster", "timetable", "friendships", "sites")


@pytest.fixture(scope="module")
def school() -> School:
    return read_school(*(EXAMPLE / f"{name}.csv" for name in NAMES), values=Values())


def test_the_maker_writes_the_same_bytes(tmp_path):
    runpy.run_path(str(EXAMPLE / "make_school.py"))["make"](tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{name}.csv" for name in NAMES)
    for name in NAMES:
        assert (tmp_path / f"{name}.csv").read_bytes() == (EXAMPLE / f"{name}.csv").read_bytes(), name


def test_groups_and_attributes(school):
    assert school.n_students == 152 and school.attributes.shape == (152, 2)
    assert np.bincount(school.campus_group).tolist() == [8] * 19


def test_the_timetable_covers_two_clinical_years_with_a_summer_break(school):
    placed = school.timetable.placed_weeks()
    assert [np.count_nonzero((placed - 1) // 52 == year) for year in range(4)] == [0, 0, 40, 40]
    assert school.start_week == 105 and not set(range(147, 157)) & set(placed.tolist())
    length = school.timetable.last_week - school.timetable.first_week + 1
    assert (length.min(), length.max()) == (6, 8)
    assert school.timetable.hours.min() >= 24 and school.timetable.hours.max() <= 32


def test_everybody_is_placed_once_in_every_teaching_week(school):
    for week in school.timetable.placed_weeks().tolist():
        now = (school.timetable.first_week <= week) & (week <= school.timetable.last_week)
        assert np.array_equal(np.sort(school.timetable.student[now]), np.arange(152))


def test_a_large_site_without_teams_and_sites_for_one(school):
    def at(name: str) -> np.ndarray:
        return school.timetable.site == school.sites.index(name)

    week = school.timetable.first_week == 105
    assert (week & at("Harbour Hospital")).sum() == 40 and (school.timetable.team[at("Harbour Hospital")] == -1).all()
    assert (week & at("Northgate Hospital")).sum() == 54 and (school.timetable.team[at("Northgate Hospital")] >= 0).all()
    assert [(week & at(name)).sum() for name in ("Rural Site West", "Rural Site East")] == [1, 1]


def test_friendships_look_like_those_of_the_second_year(school):
    strength = 1 - 2 ** (-school.friend_hours / Values().friend_hours)
    is_friend = strength >= 0.5 - 1e-9
    degree = np.bincount(np.concatenate([school.friend_a[is_friend], school.friend_b[is_friend]]), minlength=152)
    assert degree.mean() == 5 and 2.4 < degree.std() < 3.4 and 1 <= (degree == 0).sum() <= 10
    assert strength.min() >= 0.32 - 1e-9 and strength.max() <= 0.9 + 1e-9
