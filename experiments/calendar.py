"""A school's calendar in figures that may be shown: bands of students, quartiles, and no count below the least that is told."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.scenario.meetings import Meetings, meetings
from simulation.scenario.programme import WEEKS_A_YEAR
from simulation.scenario.school import FEWEST_TOLD, School

BANDS = ("nobody", f"fewer than {FEWEST_TOLD}", f"{FEWEST_TOLD} to 9", "10 to 19", "20 to 39", "40 or more")
_BAND_STARTS = (1, FEWEST_TOLD, 10, 20, 40)
# A quartile of so many has FEWEST_TOLD students on its smaller side, a median twice as few.
_FEWEST_FOR_QUARTILES, _FEWEST_FOR_MEDIAN = 4 * FEWEST_TOLD, 2 * FEWEST_TOLD


@dataclass(frozen=True)
class SchoolCalendar:
    """What a timetable says by week, from its first week to its last.

    Bands and not counts are kept for sites, so that what is withheld of one cannot be found as the rest of a sum.

    Attributes:
        n_students: students on the roster.
        weeks: weeks of the course, shape (weeks,).
        week_1: day on which week 1 begins, or None.
        sites: the sites with most student-weeks first.
        band: index into BANDS, shape (sites, weeks).
        most: most students at each site at one time; nan below FEWEST_TOLD.
        capacity: places of each site, or None.
        median, low, high: group that a student is in: median and quartiles over those who are placed, shape (weeks,); nan where they are few.
        alone: students who are placed and meet nobody, shape (weeks,); nan below FEWEST_TOLD, none among them.
        unplaced: students without placement in weeks in which others are placed, shape (weeks,); nan likewise.
    """

    n_students: int
    weeks: NDArray[np.int64]
    week_1: datetime.date | None
    sites: tuple[str, ...]
    band: NDArray[np.int64]
    most: NDArray[np.float64]
    capacity: NDArray[np.int64] | None
    median: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    alone: NDArray[np.float64]
    unplaced: NDArray[np.float64]

    @property
    def is_taught(self) -> NDArray[np.bool_]:
        """Weeks in which anybody is placed."""
        return np.asarray((self.band > 0).any(axis=0))

    def date(self, week: int) -> datetime.date | None:
        """First day of a week of the course."""
        return None if self.week_1 is None else self.week_1 + datetime.timedelta(7 * (week - 1))


def school_calendar(school: School, companions: float) -> SchoolCalendar:
    """The calendar of a school that has a timetable.

    Args:
        school: the school.
        companions: the parameter: of how many others a student at a site without teams sees something.
    """
    assert school.timetable is not None
    met = meetings(school.timetable, len(school.sites), school.n_students, companions)
    order = np.lexsort((np.arange(len(school.sites)), -met.at_site.sum(axis=1)))
    is_taught = met.n_placed > 0
    unplaced = np.where(is_taught, school.n_students - met.n_placed, 0)
    median, low, high = _quartiles(met)
    return SchoolCalendar(
        n_students=school.n_students, weeks=met.weeks, week_1=school.week_1, sites=tuple(school.sites[k] for k in order),
        band=np.digitize(met.at_site[order], _BAND_STARTS).astype(np.int64), most=_told(met.at_site[order].max(axis=1)),
        capacity=None if school.capacity is None else school.capacity[order], median=median, low=low, high=high,
        alone=_told(met.n_alone), unplaced=_told(unplaced),
    )  # fmt: skip


def _told(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(counts >= FEWEST_TOLD, counts, np.nan)


def _quartiles(met: Meetings) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Median, lower and upper quartile of the group that a student is in, by week; sizes that some student has, not means of two."""
    out = np.full((3, len(met.weeks)), np.nan)
    for week, sizes in enumerate(met.group_size.T):
        placed = sizes[sizes > 0]
        if len(placed) >= _FEWEST_FOR_MEDIAN:
            out[0, week] = np.quantile(placed, 0.5, method="lower")
        if len(placed) >= _FEWEST_FOR_QUARTILES:
            out[1, week], out[2, week] = np.quantile(placed, 0.25, method="lower"), np.quantile(placed, 0.75, method="higher")
    return out[0], out[1], out[2]


def calendar_table(calendar: SchoolCalendar) -> pd.DataFrame:
    """The table behind the picture, a row a week; what is withheld is blank."""
    frame = pd.DataFrame({"week": calendar.weeks, "year": (calendar.weeks - 1) // WEEKS_A_YEAR + 1})
    if calendar.week_1 is not None:
        frame["begins"] = [calendar.date(week) for week in calendar.weeks.tolist()]
    frame["group_size_median"], frame["group_size_low"], frame["group_size_high"] = calendar.median, calendar.low, calendar.high
    frame["meet_nobody"], frame["without_placement"] = calendar.alone, calendar.unplaced
    bands = np.array(BANDS, dtype=object)
    return pd.concat([frame, pd.DataFrame(bands[calendar.band].T, columns=[f"students at {site}" for site in calendar.sites])], axis=1)


def said(calendar: SchoolCalendar) -> str:
    """The picture in words."""
    taught = calendar.weeks[calendar.is_taught]
    parts = [f"{len(taught)} teaching weeks from week {taught[0]} to week {taught[-1]}, {len(calendar.sites)} sites"]
    if np.isfinite(calendar.median).any():
        least, most = np.nanmin(calendar.median), np.nanmax(calendar.median)
        parts.append("the student in the middle is in a group of " + (f"{least:.0f}" if least == most else f"{least:.0f} to {most:.0f}"))
    for counts, words in ((calendar.alone, "are placed and meet nobody"), (calendar.unplaced, "are without placement while others have one")):
        known = np.isfinite(counts)
        if known.any():
            peak = int(np.nanargmax(counts))
            parts.append(f"{FEWEST_TOLD} or more students {words} in {known.sum()} weeks, at most {counts[peak]:.0f} of {calendar.n_students} "
                         f"(week {calendar.weeks[peak]})")  # fmt: skip
        else:
            parts.append(f"in every week fewer than {FEWEST_TOLD} students {words}")
    return "; ".join(parts) + "."
