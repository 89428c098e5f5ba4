"""The timetable of a week as the model sees it: who spends how many hours with whom, and where (docs/model.md, section 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.faults import Fault, InputError
from simulation.scenario.grouping import POLICIES, CohortView, Rows, campus_groups, cut
from simulation.scenario.scenario import Scenario
from simulation.streams import uniform


@dataclass(frozen=True)
class Gathering:
    """People who are scheduled together.

    Attributes:
        members: rows.
        hours: hours a week of each member; a pair shares the smaller times `factor`.
        factor: 1, or companions / (n - 1) where hours are spread.
        site: number of the site, -1 for none.
        is_placement: counts with kappa_placement, else kappa_campus.
    """

    members: Rows
    hours: NDArray[np.float64]
    factor: float
    site: int
    is_placement: bool


@dataclass(frozen=True)
class Schedule:
    """A week's gatherings; the same object as long as nothing changes.

    Attributes:
        gatherings: all of them.
        hours: scheduled hours C of each student, shape (n,).
        site_share: share of the hours at sites that each site has, shape (n, sites).
    """

    gatherings: tuple[Gathering, ...]
    hours: NDArray[np.float64]
    site_share: NDArray[np.float64]

    @property
    def main_site(self) -> NDArray[np.int64]:
        """Site with most of a student's hours, then the first; -1 without a site."""
        return np.where(self.site_share.max(axis=1, initial=0.0) > 0, self.site_share.argmax(axis=1), -1)


def no_place(n: int, capacity: NDArray[np.int64], size: int, block: int) -> InputError:
    """The error where a placement group of a block finds no site with enough free places.

    Args:
        n: students enrolled.
        capacity: places of each site.
        size: students in the group.
        block: from 0.
    """
    places = int(capacity.sum())
    why = (f"{n} students need more than the {places} places that there are; raise a capacity" if places < n else
           f"the {places} places would do, but none of the sites has {size} free at once; "
           "raise a capacity or make placement groups smaller (placement_group_size)")  # fmt: skip
    what = f"a placement group of {size} finds no site with enough free places in block {block + 1}"
    return InputError([Fault("sites", what, why)])


class Scheduler:
    """Forms groups when a term or a block begins, and gives each week's schedule."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.p = scenario.parameters
        self.seed = seed
        self.school = scenario.school
        self.campus_policy = scenario.campus_policy
        self.policy_name = scenario.placement_policy
        self.policy = POLICIES[self.policy_name]
        self.n = self.p.students
        timetable = self.school.timetable if self.school and self.policy_name == "timetable" else None
        self.timetable = timetable
        self.calendar = scenario.calendar
        self.site_names = scenario.site_names
        self.capacity = scenario.capacity
        self.spread_sites: set[str] = set()
        self._groups: tuple[Rows, ...] = ()
        self._home: list[Rows] = []
        self._term = self._block = -1
        self._last_key: tuple[int, int, tuple[int, ...], int] | None = None
        self._last: Schedule | None = None

    @property
    def groups(self) -> tuple[Rows, ...]:
        """Placement groups of the last block that was formed, as rows."""
        return self._groups

    def week(self, t: int, view: CohortView, present: NDArray[np.bool_]) -> Schedule:
        """Schedule of week t (from 1).

        Args:
            t: week of the course.
            view: the cohort; its rows are those of `present` students, in order.
            present: who has not left, shape (n,).

        Raises:
            InputError: groups do not fit into the sites.
        """
        w = t - 1
        term, block = int(self.calendar.term[w]), int(self.calendar.block[w])
        active: tuple[int, ...] = ()
        if self.timetable is not None:
            active = tuple(np.flatnonzero((self.timetable.first_week <= t) & (t <= self.timetable.last_week)).tolist())
        key = (term, block, active, int(present.sum()))
        if self._last is None or key != self._last_key:
            rows = np.flatnonzero(present)
            gatherings: list[Gathering] = []
            if term >= 0:
                gatherings += self._campus(view, term, rows, present)
            if block >= 0 and self.timetable is None:
                gatherings += self._placement(view, block, rows, present)
            if active:
                gatherings += self._from_timetable(np.array(active), present)
            self._last, self._last_key = self._collect(gatherings), key
        return self._last

    def _even(self, members: Rows, hours: float, site: int, is_placement: bool) -> Gathering:
        return Gathering(members, np.full(len(members), float(hours)), 1.0, site, is_placement)

    def _campus(self, view: CohortView, term: int, rows: Rows, present: NDArray[np.bool_]) -> list[Gathering]:
        if term != self._term and (self._term < 0 or self.campus_policy == "reshuffled"):
            self._term = term
            roster = self.school.campus_group if self.school else None
            formed = campus_groups(view, self.campus_policy, term, self.p.small_group_size, None if roster is None else roster[rows])
            self._campus_now = [rows[group] for group in formed]
        return [self._even(group[present[group]], self.p.small_group_hours, -1, False) for group in self._campus_now]

    def _placement(self, view: CohortView, block: int, rows: Rows, present: NDArray[np.bool_]) -> list[Gathering]:
        if block != self._block:
            self._block = block
            self._form(view, block, rows)
        hours = self.p.placement_hours / (2 if self.policy.is_split else 1)
        placed = [self._even(g[present[g]], hours, s, True) for g, s in zip(self._groups, self._sites, strict=True)]
        if self.policy.is_split:
            placed += [self._even(g[present[g]], hours, s, True) for g, s in zip(self._second, self._second_sites, strict=True)]
        placed += [self._even(g[present[g]], self.p.home_group_hours, -1, False) for g in self._home]
        return placed

    def _form(self, view: CohortView, block: int, rows: Rows) -> None:
        """Form the groups of a block and give them sites."""
        assert self.policy.form is not None
        if not (self._groups and self.policy.is_lasting):
            self._groups = tuple(rows[g] for g in self.policy.form(view, block, self.p.placement_group_size))
        keys = np.zeros(self.n, dtype=np.int64)
        keys[rows] = view.keys
        self._groups = tuple(kept for group in self._groups if len(kept := group[keys[group] > 0]))
        self._sites = self._allot(self._groups, keys, "site_order", block)
        if self.policy.has_home_group and not self._home:
            self._home = [rows[g] for g in cut(view.order("home_groups", 0), self.p.small_group_size)]
        if self.policy.is_split:
            self._second = tuple(rows[g] for g in cut(view.order("second_groups", block + 1), self.p.placement_group_size))
            self._second_sites = self._allot(self._second, keys, "second_site_order", block)

    def _allot(self, groups: tuple[Rows, ...], keys: NDArray[np.int64], stream: str, block: int) -> list[int]:
        """A site for each group: in hashed order, to the site with the most free places."""
        smallest = np.array([keys[group].min() for group in groups], dtype=np.int64)
        free = self.capacity.copy()
        sites = [-1] * len(groups)
        for g in np.lexsort((smallest, uniform(self.seed, stream, block + 1, smallest))):
            site = int(np.argmax(free))
            if free[site] < len(groups[g]):
                raise no_place(self.n, self.capacity, len(groups[g]), block)
            free[site] -= len(groups[g])
            sites[g] = site
        return sites

    def _from_timetable(self, active: NDArray[np.int64], present: NDArray[np.bool_]) -> list[Gathering]:
        """Gatherings of the timetable's rows in force: by site and team, or spread over the site."""
        assert self.timetable is not None
        student, site, team, hours = (a[active] for a in (self.timetable.student, self.timetable.site, self.timetable.team, self.timetable.hours))
        here = present[student]
        student, site, team, hours = student[here], site[here], team[here], hours[here]
        gatherings = []
        for place in sorted(set(zip(site.tolist(), team.tolist(), strict=True))):
            at = (site == place[0]) & (team == place[1])
            members = np.unique(student[at])
            spent, factor = np.bincount(student[at], hours[at])[members], 1.0
            if place[1] < 0 and len(members) - 1 > self.p.companions:
                factor = self.p.companions / (len(members) - 1)
                self.spread_sites.add(self.site_names[place[0]])
            gatherings.append(Gathering(members, spent, factor, place[0], True))
        return gatherings

    def _collect(self, gatherings: list[Gathering]) -> Schedule:
        hours = np.zeros(self.n)
        at_site = np.zeros((self.n, len(self.site_names)))
        for gathering in gatherings:
            np.add.at(hours, gathering.members, gathering.hours)
            if gathering.site >= 0:
                np.add.at(at_site[:, gathering.site], gathering.members, gathering.hours)
        at_sites = at_site.sum(axis=1, keepdims=True)
        share = np.divide(at_site, at_sites, out=np.zeros_like(at_site), where=at_sites > 0)
        return Schedule(tuple(gatherings), hours, share)
