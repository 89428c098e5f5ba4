"""Who is where and with how many, week by week, as a timetable says it: counted, not simulated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.scenario.school import Timetable, few

LONG_GAP = 4
"""Weeks in a row without placement, while most others are placed, from which a student is warned of."""
_FEWEST_FOR_ALL = 10  # on placement in a week, so that all of them in one group is worth a word
_MOST_SITES_NAMED = 5


@dataclass(frozen=True)
class Meetings:
    """Students and groups by week, from the first to the last week in which anybody is placed.

    Attributes:
        weeks: weeks of the course, shape (weeks,).
        is_placed: shape (students, weeks).
        group_size: people in the largest group that a student is in, the student included; 0 where not placed; shape (students, weeks).
        at_site: students at each site, shape (sites, weeks).
        everybody_at: the site at which one group holds all who are placed, -1 for none, shape (weeks,).
    """

    weeks: NDArray[np.int64]
    is_placed: NDArray[np.bool_]
    group_size: NDArray[np.int64]
    at_site: NDArray[np.int64]
    everybody_at: NDArray[np.int64]

    @property
    def n_alone(self) -> NDArray[np.int64]:
        """Students who are placed and meet nobody, by week."""
        return np.asarray((self.group_size == 1).sum(axis=0), dtype=np.int64)

    @property
    def n_placed(self) -> NDArray[np.int64]:
        """Students placed, by week."""
        return np.asarray(self.is_placed.sum(axis=0), dtype=np.int64)


def meetings(timetable: Timetable, n_sites: int, n_students: int, companions: float = np.inf) -> Meetings:
    """Count a timetable's groups: students with the same site and team in a week; at a site without teams, all who have none there.

    Args:
        timetable: placements, at least one.
        n_sites: sites of the school.
        n_students: students on the roster.
        companions: of how many others a student at a site without teams sees something; the group is taken for no larger.
    """
    begin, end = int(timetable.first_week.min()), int(timetable.last_week.max())
    n_weeks = end - begin + 1
    lengths = timetable.last_week - timetable.first_week + 1
    row = np.repeat(np.arange(len(lengths)), lengths)
    week = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + timetable.first_week[row] - begin
    student, site = timetable.student[row], timetable.site[row]
    n_places = int(timetable.team.max()) + 2  # team -1 is a place of its own at each site
    gathering = (site * n_places + timetable.team[row] + 1) * n_weeks + week
    _, which = np.unique(gathering, return_inverse=True)
    # Rows of one student in one gathering are a fault when they overlap, so a row is a head.
    size = np.bincount(which)[which]
    group_size = np.zeros((n_students, n_weeks), dtype=np.int64)
    seen = np.where(timetable.team[row] < 0, np.minimum(size, np.round(companions) + 1), size).astype(np.int64)
    np.maximum.at(group_size, (student, week), seen)
    heads = np.unique((site * n_students + student) * n_weeks + week)
    at_site = np.zeros((n_sites, n_weeks), dtype=np.int64)
    np.add.at(at_site, (heads // n_weeks // n_students, heads % n_weeks), 1)
    is_placed = group_size > 0
    n_placed = is_placed.sum(axis=0)
    everybody_at = np.full(n_weeks, -1, dtype=np.int64)
    holds_all = (size == n_placed[week]) & (size >= _FEWEST_FOR_ALL)
    everybody_at[week[holds_all]] = site[holds_all]
    return Meetings(np.arange(begin, end + 1), is_placed, group_size, at_site, everybody_at)


def warnings(timetable: Timetable, sites: tuple[str, ...], n_students: int) -> list[str]:
    """What is allowed and looks like a mistake, without ids and without counts below the least that is told."""
    met = meetings(timetable, len(sites), n_students)
    said = []
    n_gaps = int((longest_gaps(met) >= LONG_GAP).sum())
    if n_gaps:
        said.append(f"Warning: timetable: {few(n_gaps)} have {LONG_GAP} or more weeks in a row without placement while most others are placed: "
                    "are rows missing?")  # fmt: skip
    everybody = [(site, int((met.everybody_at == site).sum())) for site in np.unique(met.everybody_at[met.everybody_at >= 0]).tolist()]
    for site, n in everybody[:_MOST_SITES_NAMED]:
        said.append(f"Warning: timetable: at {sites[site]} everybody who is placed meets in one group, in {n} week{'s' * (n != 1)}: "
                    "is it one place, or a name for several?")  # fmt: skip
    if len(everybody) > _MOST_SITES_NAMED:
        said.append(f"Warning: timetable: and so at {len(everybody) - _MOST_SITES_NAMED} more sites")
    return said


def longest_gaps(met: Meetings) -> NDArray[np.int64]:
    """Longest run of weeks without placement of each student who has any, while at least half of those are placed; shape (students,)."""
    has_any: NDArray[np.bool_] = np.asarray(met.is_placed.any(axis=1))
    most = np.flatnonzero(met.n_placed * 2 >= has_any.sum())
    missing = ~met.is_placed[:, most] & has_any[:, np.newaxis]
    run = np.zeros(len(missing), dtype=np.int64)
    longest = run.copy()
    for week in missing.T:
        run = np.where(week, run + 1, 0)
        longest = np.maximum(longest, run)
    return longest
