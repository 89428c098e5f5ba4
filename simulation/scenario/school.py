"""A school's own cohort as the model sees it: no ids, only rows in the sorted order of ids."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FEWEST_TOLD = 5  # no number of a school's students below this is shown or written


def few(n: int) -> str:
    """A count of students in words that tell no number below FEWEST_TOLD."""
    return f"{n} students" if n >= FEWEST_TOLD else f"fewer than {FEWEST_TOLD} students"


@dataclass(frozen=True)
class Timetable:
    """Placements; every array has shape (rows,).

    Attributes:
        student: row of the student (rank of the id, from 0).
        site: index into the school's sites.
        team: team at the site, numbered from 0 within the school; -1 for none.
        first_week, last_week: weeks of the course, from 1, both included.
        hours: hours a week.
    """

    student: NDArray[np.int64]
    site: NDArray[np.int64]
    team: NDArray[np.int64]
    first_week: NDArray[np.int64]
    last_week: NDArray[np.int64]
    hours: NDArray[np.float64]

    def placed_weeks(self) -> NDArray[np.int64]:
        """Weeks in which anybody is placed, sorted."""
        weeks = [np.arange(a, b + 1) for a, b in zip(self.first_week, self.last_week, strict=True)]
        return np.unique(np.concatenate(weeks)) if weeks else np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class School:
    """Validated contents of a school's files.

    Attributes:
        n_students: students on the roster.
        attributes: levels of the roster's attribute columns, shape (students, columns); empty columns: none given.
        campus_group: group number of each student, or None.
        timetable: placements, or None.
        friend_a, friend_b: rows of listed friendships, a < b.
        friend_hours: effective shared hours H of each.
        has_friendships: a friendships file was given (it may be empty).
        sites: site names, sorted.
        capacity: places of each site; None where no sites file was given.
        start_week: week of the course in which the school's record starts.
        digest: hash of the files' contents after reading (ids replaced), for provenance.
        notes: what was understood, one line each, without ids.
        week_1: day on which week 1 begins; None where the timetable counts in weeks.
        read_as: how the files are written, in a line for whoever gave them; no part of a result, for another way to save a file changes none.
    """

    n_students: int
    attributes: NDArray[np.int64]
    campus_group: NDArray[np.int64] | None = None
    timetable: Timetable | None = None
    friend_a: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    friend_b: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    friend_hours: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    has_friendships: bool = False
    sites: tuple[str, ...] = ()
    capacity: NDArray[np.int64] | None = None
    start_week: int = 1
    digest: str = ""
    notes: tuple[str, ...] = ()
    week_1: datetime.date | None = None
    read_as: str = ""
