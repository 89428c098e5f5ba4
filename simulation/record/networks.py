"""The friendship graph at the year-ends: how it holds together, and how much of it lasts (docs/model.md, section 11).

Nodes are the students present, edges their ties of at least `friend_strength`. A tie that has fallen below `recorded_strength`
is no longer recorded and counts as nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.record import graphs
from simulation.record.accounting import Sums
from simulation.record.history import History, once
from simulation.record.series import Mask, close_friends_by_week, distressed_by_week, friends_by_week, isolated_by_week, n_present

YEAR_END = ("year", "friends_mean", "close_friends_mean", "no_friend_share", "prevalence", "transitivity", "jaccard")
"""Columns of the table of year-ends."""


@dataclass(frozen=True)
class Friendships:
    """The friendship graph at the end of a week.

    Attributes:
        i, j: rows of friends, i < j, shape (friendships,).
        strength: of these ties.
        are_friends: whether the students of a row and a column are friends, row < column; False elsewhere. Shape (students, students).
    """

    i: NDArray[np.int64]
    j: NDArray[np.int64]
    strength: NDArray[np.float64]
    are_friends: Mask

    def __len__(self) -> int:
        return len(self.i)

    def overlap(self, other: Friendships) -> tuple[int, int]:
        """Friendships in both graphs, and in either."""
        n_both = int(np.count_nonzero(self.are_friends & other.are_friends))
        return n_both, len(self) + len(other) - n_both


@once
def year_end_weeks(history: History) -> dict[int, int]:
    """Last teaching week of each year (both from 1); a year without teaching is not there."""
    return {int(history.calendar.year[week - 1]): int(week) for week in history.calendar.year_ends()}


@once
def _year_end_rows(history: History) -> NDArray[np.int64]:
    return np.array(list(year_end_weeks(history).values()), dtype=np.int64) - 1


@once
def friendships(history: History) -> dict[int, Friendships]:
    """The friendship graph at the end of each year that has a year-end."""
    return {year: _friendships(history, week) for year, week in year_end_weeks(history).items()}


def _friendships(history: History, week: int) -> Friendships:
    ties, present = history.ties[week], history.is_present[week - 1]
    kept, are_friends = graphs.strong_ties(ties.i, ties.j, ties.strength, present, history.parameters.friend_strength)
    return Friendships(ties.i[kept], ties.j[kept], ties.strength[kept], are_friends)


@once
def _triples(history: History) -> dict[int, tuple[int, int]]:
    """Closed and all connected triples at the year-ends."""
    return {year: graphs.triples(graph.i, graph.j, history.n_students) for year, graph in friendships(history).items()}


@once
def _overlaps(history: History) -> dict[int, tuple[int, int]]:
    """Friendships at both, and at either, of a year-end and the one a year before; years for which these can be compared."""
    of_year = friendships(history)
    return {year: graph.overlap(of_year[year - 1]) for year, graph in of_year.items() if _is_comparable(history, year)}


def _is_comparable(history: History, year: int) -> bool:
    """Whether a year has a year-end, and the year before too, with no friendships read in from a school's file between them."""
    ends = year_end_weeks(history)
    return year in ends and year - 1 in ends and not ends[year - 1] < history.friendships_from <= ends[year]


def transitivity(history: History) -> Sums:
    """Closed over all connected triples, summed over the year-ends."""
    triples = _triples(history).values()
    return float(sum(closed for closed, _ in triples)), float(sum(every for _, every in triples))


def no_friend(history: History) -> Sums:
    """Students without a friend, over students present, at the year-ends."""
    rows = _year_end_rows(history)
    return float(isolated_by_week(history)[rows].sum()), float(n_present(history)[rows].sum())


def campus_tie_retention(history: History) -> Sums:
    """Friends at the end of the last campus year: strength of those ties one year on, over their strength then."""
    last = history.parameters.campus_years
    if not _is_comparable(history, last + 1):
        return 0.0, 0.0
    then, week = friendships(history)[last], year_end_weeks(history)[last + 1]
    later, present = history.ties[week], history.is_present[week - 1]
    kept = then.are_friends[later.i, later.j] & present[later.i] & present[later.j]
    return float(later.strength[kept].sum()), float(then.strength.sum())


def yearly_jaccard(history: History) -> Sums:
    """Friend pairs in both of two year-ends a year apart, over those in either, summed over the years."""
    overlaps = _overlaps(history).values()
    return float(sum(both for both, _ in overlaps)), float(sum(either for _, either in overlaps))


def new_ties(history: History) -> Sums:
    """Friend pairs at the end of the first clinical year that were none a year before, over all friend pairs then."""
    first = history.parameters.campus_years + 1
    if not _is_comparable(history, first):
        return 0.0, 0.0
    n_pairs = len(friendships(history)[first])
    return float(n_pairs - _overlaps(history)[first][0]), float(n_pairs)


def largest_component(history: History) -> Sums:
    """Share of students in the largest component of the last year-end's graph, of one run."""
    year, week = max(year_end_weeks(history).items(), default=(0, 0))
    n = int(n_present(history)[week - 1])
    if not week or not n:
        return 0.0, 0.0
    graph = friendships(history)[year]
    return graphs.largest_component(graph.i, graph.j, history.n_students) / n, 1.0


def modularity(history: History) -> Sums:
    """Modularity of the last year-end's graph by greedy maximisation, of one run; undefined without a friendship.

    Which of several equally good steps is taken follows the order of the students, so the value does too: on cohorts of 120 to 200 it moves with
    a standard deviation of .005 where they are listed in another order, and as much from one implementation of the same algorithm to another.
    This one gives the communities of networkx.community.greedy_modularity_communities.
    """
    graph = friendships(history).get(max(year_end_weeks(history), default=0))
    if not graph:
        return 0.0, 0.0
    return graphs.modularity(graph.i, graph.j, graphs.greedy_communities(graph.i, graph.j, history.n_students)), 1.0


def year_end_means(history: History) -> NDArray[np.float64]:
    """The table of year-ends as an array.

    Returns:
        Shape (year-ends, columns), columns as in YEAR_END: `friends_mean`, `close_friends_mean`, `no_friend_share` and `prevalence` of that week,
        among students present, `transitivity`, and `jaccard` with the year-end one year before; nan where not defined.
    """
    years, rows = list(year_end_weeks(history)), _year_end_rows(history)
    triples, overlaps = _triples(history), _overlaps(history)
    sums = np.array([by_week(history) for by_week in (friends_by_week, close_friends_by_week, isolated_by_week, distressed_by_week)])
    table = np.empty((len(years), len(YEAR_END)))
    with np.errstate(invalid="ignore"):  # nobody present
        table[:, 1:5] = (sums[:, rows] / n_present(history)[rows]).T
    table[:, 0] = years
    table[:, 5] = [_over(*triples[year]) for year in years]
    table[:, 6] = [_over(*overlaps[year]) if year in overlaps else np.nan for year in years]
    return table


def year_end_table(history: History) -> pd.DataFrame:
    """One row a year-end; columns as in YEAR_END, explained at `year_end_means`."""
    table = pd.DataFrame(year_end_means(history), columns=list(YEAR_END))
    return table.astype({"year": np.int64})


def _over(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else np.nan
