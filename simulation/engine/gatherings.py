"""Who is scheduled together in a week, for how long and where (docs/model.md, sections 4.1 and 6): groups, and a school's timetable."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simulation.engine.groups import (
    GATHERED_BLOCK,
    GATHERED_PRESENT,
    GATHERED_TERM,
    HOME_GROUP,
    NEXT_CHANGE,
    TIMETABLE,
    TWO_SITES,
)
from simulation.engine.state import Bools, Floats, Gatherings, Groups, Ints, Now, People, School, World
from simulation.scenario.grouping import CAMPUS_POLICIES, POLICIES
from simulation.scenario.scenario import Scenario

_NEVER = 1 << 40  # a week that does not come


def school_arrays(scenario: Scenario) -> School:
    """The policies in force and a school's files as arrays; the timetable's rows are sorted by site, team and student, as `gather` reads them."""
    school = scenario.school
    none, no_hours = np.empty(0, dtype=np.int64), np.empty(0)
    campus_group = none
    student, site, team, first_week, last_week, hours = none, none, none, none, none, no_hours
    has_friendships, start_week, friend_a, friend_b, friend_hours = False, 1, none, none, no_hours
    if school is not None:
        if school.campus_group is not None:
            campus_group = np.unique(school.campus_group, return_inverse=True)[1].astype(np.int64)
        if scenario.placement_policy == "timetable" and school.timetable is not None:
            rows = school.timetable
            order = np.lexsort((rows.student, rows.team, rows.site))
            student, site, team, first_week, last_week = (
                column[order].astype(np.int64) for column in (rows.student, rows.site, rows.team, rows.first_week, rows.last_week))  # fmt: skip
            hours = rows.hours[order].astype(np.float64)
        has_friendships, start_week = school.has_friendships, school.start_week
        friend_a, friend_b = school.friend_a.astype(np.int64), school.friend_b.astype(np.int64)
        friend_hours = school.friend_hours.astype(np.float64)
    return School(list(CAMPUS_POLICIES).index(scenario.campus_policy), list(POLICIES).index(scenario.placement_policy),
                  scenario.capacity.astype(np.int64), campus_group, student, site, team, first_week, last_week, hours, has_friendships, start_week,
                  friend_a, friend_b, friend_hours)  # fmt: skip


def most_rows_in_force(school: School) -> int:
    """The most rows of the timetable that are in force in any one week."""
    if len(school.student) == 0:
        return 0
    change = np.zeros(int(school.last_week.max()) + 2, dtype=np.int64)
    np.add.at(change, school.first_week, 1)
    np.add.at(change, school.last_week + 1, -1)
    return int(change.cumsum().max())


def gatherings_room(n: int, n_rows: int) -> tuple[int, int]:
    """Most gatherings and most members of them all in a week: two groupings of n students, or campus groups and the timetable.

    Args:
        n: students enrolled.
        n_rows: from `most_rows_in_force`.
    """
    room = n + max(n, n_rows)
    return room, room


@njit
def gather(world: World, p: Any, school: School, now: Now, people: People, groups: Groups, gatherings: Gatherings) -> bool:
    """In the first step of a week: who gathers, each student's scheduled hours C, site shares and main site.

    Returns:
        Whether anything can have changed since last week; if not, all stays as it was.
    """
    formed = groups.formed
    n_present = 0
    for i in range(world.n):
        n_present += people.is_present[i]
    if (now.term == formed[GATHERED_TERM] and now.block == formed[GATHERED_BLOCK] and n_present == formed[GATHERED_PRESENT]
            and now.week < formed[NEXT_CHANGE]):  # fmt: skip
        return False
    formed[GATHERED_TERM], formed[GATHERED_BLOCK], formed[GATHERED_PRESENT] = now.term, now.block, n_present
    gatherings.used[0] = 0
    gatherings.start[0] = 0
    present = people.is_present
    nowhere = np.full(world.n, -1, dtype=np.int64)
    if now.term >= 0:
        _add_groups(groups.campus, nowhere, p.small_group_hours, False, present, gatherings)
    if now.block >= 0 and school.placement_policy == TWO_SITES:
        _add_groups(groups.placement, groups.placement_site, p.placement_hours / 2.0, True, present, gatherings)
        _add_groups(groups.second, groups.second_site, p.placement_hours / 2.0, True, present, gatherings)
    elif now.block >= 0 and school.placement_policy != TIMETABLE:
        _add_groups(groups.placement, groups.placement_site, p.placement_hours, True, present, gatherings)
        if school.placement_policy == HOME_GROUP:
            _add_groups(groups.home, nowhere, p.home_group_hours, False, present, gatherings)
    formed[NEXT_CHANGE] = _add_timetable(school, now.week, p.companions, present, gatherings)
    _sum_hours(world.n, people.scheduled, people.main_site, gatherings)
    return True


@njit
def _add_groups(group: Ints, site: Ints, hours: float, is_placement: bool, is_present: Bools, gatherings: Gatherings) -> None:
    """A gathering for each group that anybody is in; site: of each group."""
    if hours <= 0.0:
        return
    n, count, start = len(group), gatherings.used[0], gatherings.start
    size = np.zeros(n, dtype=np.int64)
    for i in range(n):
        if is_present[i] and group[i] >= 0:
            size[group[i]] += 1
    end = size  # from here on: where the next member of a group goes
    for a in range(n):
        if size[a] > 0:
            start[count + 1] = start[count] + size[a]
            end[a] = start[count]
            gatherings.factor[count], gatherings.site[count], gatherings.is_placement[count] = 1.0, site[a], is_placement
            count += 1
    for i in range(n):
        if is_present[i] and group[i] >= 0:
            gatherings.member[end[group[i]]] = i
            gatherings.hours[end[group[i]]] = hours
            end[group[i]] += 1
    gatherings.used[0] = count


@njit
def _add_timetable(school: School, week: int, companions: int, is_present: Bools, gatherings: Gatherings) -> int:
    """A gathering for each site and team of the timetable's rows in force, and for each site's students without a team.

    Returns:
        The next week in which other rows are in force.
    """
    next_change = _NEVER
    count, start = gatherings.used[0], gatherings.start
    end, team = start[count], np.int64(-1)  # members so far, and the team of the gathering being filled
    for r in range(len(school.student)):
        if week < school.first_week[r]:
            next_change = min(next_change, school.first_week[r])
            continue
        if week > school.last_week[r]:
            continue
        next_change = min(next_change, school.last_week[r] + 1)
        i = school.student[r]
        if not is_present[i]:
            continue
        if end == start[count] or gatherings.site[count] != school.site[r] or team != school.team[r]:
            count = _close(count, end, team, companions, gatherings)
            team = school.team[r]
            gatherings.factor[count], gatherings.site[count], gatherings.is_placement[count] = 1.0, school.site[r], True
        elif gatherings.member[end - 1] == i:  # another row of this student at this site and team
            gatherings.hours[end - 1] += school.hours[r]
            continue
        gatherings.member[end], gatherings.hours[end] = i, school.hours[r]
        end += 1
    gatherings.used[0] = _close(count, end, team, companions, gatherings)
    return next_change


@njit
def _close(count: int, end: int, team: int, companions: int, gatherings: Gatherings) -> int:
    """End a gathering of the timetable; without a team the hours are spread: min(1, companions / (m - 1)). Returns the number of gatherings."""
    m = end - gatherings.start[count]
    if m == 0:
        return count
    gatherings.start[count + 1] = end
    if team < 0 and m - 1 > companions:
        gatherings.factor[count] = companions / (m - 1)
        gatherings.is_spread[gatherings.site[count]] = True
    return count + 1


@njit
def _sum_hours(n: int, scheduled: Floats, main_site: Ints, gatherings: Gatherings) -> None:
    """C_i, site shares (hours at a site over hours at all sites) and main sites (most hours, then the first)."""
    share, member, hours = gatherings.site_share, gatherings.member, gatherings.hours
    share[:, :] = 0.0
    scheduled[:n] = 0.0
    for a in range(gatherings.used[0]):
        site = gatherings.site[a]
        for q in range(gatherings.start[a], gatherings.start[a + 1]):
            scheduled[member[q]] += hours[q]
            if site >= 0:
                share[member[q], site] += hours[q]  # hours, until divided below
    for i in range(n):
        best, most, total = -1, 0.0, 0.0
        for b in range(share.shape[1]):
            total += share[i, b]
            if share[i, b] > most:
                best, most = b, share[i, b]
        main_site[i] = best
        if best >= 0:
            for b in range(share.shape[1]):
                share[i, b] /= total
