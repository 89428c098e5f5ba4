"""Years, weeks and blocks: the calendar of a course, and presets after published structures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WEEKS_A_YEAR = 52
MOST_YEARS = 6  # of a course: the table has a multiplier for each
MID_YEAR_EXAM_WEEKS = (16, 17, 18)
FINAL_EXAM_WEEKS = 3

# A preset sets rows of the parameter table; everything else keeps its default.
PROGRAMMES: dict[str, dict[str, float]] = {
    "GE4": {"campus_years": 2, "clinical_years": 2},
    "UG5": {"campus_years": 2, "clinical_years": 3, "year_3_multiplier": 0.8, "year_4_multiplier": 0.6, "year_5_multiplier": 0.5},
    "GE4-8-week": {"campus_years": 2, "clinical_years": 2, "clinical_teaching_weeks": 40, "block_weeks": 8},
    "GE4-6-week": {"campus_years": 2, "clinical_years": 2, "block_weeks": 6},
}
PROGRAMME_TITLES = {
    "GE4": "graduate entry: 2 campus and 2 clinical years",
    "UG5": "undergraduate entry: 2 campus and 3 clinical years",
    "GE4-8-week": "GE4 with ten 8-week rotations over the clinical years, as at the University of Queensland",
    "GE4-6-week": "GE4 with 6-week rotations, as at Flinders University",
}


@dataclass(frozen=True)
class Calendar:
    """The weeks of a course; every array has one entry a week, week 1 first.

    Attributes:
        year: year of the course, from 1.
        week_of_year: from 1 to 52.
        is_clinical: the week lies in a clinical year.
        is_teaching: a teaching week (else break).
        is_exam: an exam week.
        is_settling_in: one of the first `term_weeks` weeks.
        term: number of the campus term from 0 (-1 outside campus teaching).
        block: number of the clinical block from 0 (-1 outside clinical teaching).
    """

    year: NDArray[np.int64]
    week_of_year: NDArray[np.int64]
    is_clinical: NDArray[np.bool_]
    is_teaching: NDArray[np.bool_]
    is_exam: NDArray[np.bool_]
    is_settling_in: NDArray[np.bool_]
    term: NDArray[np.int64]
    block: NDArray[np.int64]

    @property
    def n_weeks(self) -> int:
        """Weeks of the course, breaks included."""
        return len(self.year)

    @property
    def n_years(self) -> int:
        """Years of the course."""
        return self.n_weeks // WEEKS_A_YEAR

    def year_ends(self) -> NDArray[np.int64]:
        """Last teaching week of each year (weeks counted from 1); a year without teaching gives none."""
        ends = [np.flatnonzero((self.year == year) & self.is_teaching) for year in range(1, self.n_years + 1)]
        return np.array([weeks[-1] + 1 for weeks in ends if len(weeks)], dtype=np.int64)


def build_calendar(p: Any, placed_weeks: NDArray[np.int64] | None = None) -> Calendar:
    """The calendar of a course (docs/model.md, section 1).

    Args:
        p: parameter values.
        placed_weeks: weeks (from 1) in which a school's timetable places anybody; None without a timetable.
    """
    n_years = p.campus_years + p.clinical_years
    week = np.arange(n_years * WEEKS_A_YEAR)
    year, week_of_year = week // WEEKS_A_YEAR + 1, week % WEEKS_A_YEAR + 1
    is_clinical = year > p.campus_years
    is_teaching = week_of_year <= np.where(is_clinical, p.clinical_teaching_weeks, p.campus_teaching_weeks)
    if placed_weeks is not None:
        is_teaching = np.where(is_clinical, np.isin(week + 1, placed_weeks), is_teaching)
    is_exam = np.zeros(len(week), dtype=bool)
    for y in range(1, n_years + 1):
        taught = np.flatnonzero((year == y) & is_teaching)
        is_exam[taught[[w - 1 for w in MID_YEAR_EXAM_WEEKS if w <= len(taught)]]] = True
        is_exam[taught[-FINAL_EXAM_WEEKS:]] = True
    on_campus = is_teaching & ~is_clinical
    term = np.where(on_campus, 2 * (year - 1) + (week_of_year > p.term_weeks), -1)
    on_placement = is_teaching & is_clinical
    block = np.where(on_placement, (np.cumsum(on_placement) - 1) // p.block_weeks, -1)
    return Calendar(year, week_of_year, is_clinical, is_teaching, is_exam, week < p.term_weeks, term, block)
