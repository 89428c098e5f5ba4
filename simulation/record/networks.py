"""The friendship graph at the year-ends: how it holds together, and how much of it lasts (docs/model.md, section 11).

Nodes are the students present, edges their ties of at least `friend_strength`. A tie that has fallen below `recorded_strength`
is no longer recorded and counts as nothing.
"""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.record.accounting import Sums, is_distressed, is_isolated
from simulation.record.history import History


def year_end_weeks(history: History) -> dict[int, int]:
    """Last teaching week of each year (both from 1); a year without teaching is not there."""
    return {int(history.calendar.year[week - 1]): int(week) for week in history.calendar.year_ends()}


def _pairs_and_strengths(history: History, week: int, least: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Recorded ties of at least a strength between students present: numbers of pairs (row x students + row), and strengths."""
    ties, present = history.ties[week], history.is_present[week - 1]
    kept = (ties.strength >= least) & present[ties.i] & present[ties.j]
    return ties.i[kept] * history.n_students + ties.j[kept], ties.strength[kept]


def friend_pairs(history: History, week: int) -> NDArray[np.int64]:
    """Friendships at the end of a week, each as one number (row of i x students + row of j, i < j)."""
    return _pairs_and_strengths(history, week, history.parameters.friend_strength)[0]


def friendship_graph(history: History, week: int) -> nx.Graph[int]:
    """Students present at the end of a week, and their friendships."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(np.flatnonzero(history.is_present[week - 1]).tolist())
    graph.add_edges_from(divmod(pair, history.n_students) for pair in friend_pairs(history, week).tolist())
    return graph


def _triples(history: History, week: int) -> tuple[int, int]:
    """Closed and all connected triples of friends."""
    graph = friendship_graph(history, week)
    corners: Any = nx.triangles(graph)  # node -> triangles it is in; one number only where a single node is asked for
    return sum(corners.values()), sum(d * (d - 1) // 2 for _, d in graph.degree())


def transitivity(history: History) -> Sums:
    """Closed over all connected triples, summed over the year-ends."""
    triples = [_triples(history, week) for week in year_end_weeks(history).values()]
    return float(sum(closed for closed, _ in triples)), float(sum(every for _, every in triples))


def no_friend(history: History) -> Sums:
    """Students without a friend, over students present, at the year-ends."""
    rows = [week - 1 for week in year_end_weeks(history).values()]
    present = history.is_present[rows]
    return float(np.count_nonzero(present & is_isolated(history)[rows])), float(np.count_nonzero(present))


def _are_comparable(history: History, ends: dict[int, int], year: int) -> bool:
    """Whether a year has a year-end, and the next one too, with no friendships read in from a school's file between them."""
    return year in ends and year + 1 in ends and not ends[year] < history.friendships_from <= ends[year + 1]


def campus_tie_retention(history: History) -> Sums:
    """Friends at the end of the last campus year: strength of those ties one year on, over their strength then."""
    ends, last = year_end_weeks(history), history.parameters.campus_years
    if not _are_comparable(history, ends, last):
        return 0.0, 0.0
    pairs, then = _pairs_and_strengths(history, ends[last], history.parameters.friend_strength)
    later_pairs, later = _pairs_and_strengths(history, ends[last + 1], 0.0)
    return float(later[np.isin(later_pairs, pairs)].sum()), float(then.sum())


def _overlap(before: NDArray[np.int64], after: NDArray[np.int64]) -> tuple[int, int]:
    """Pairs in both, and in either."""
    n_both = len(np.intersect1d(before, after, assume_unique=True))
    return n_both, len(before) + len(after) - n_both


def yearly_jaccard(history: History) -> Sums:
    """Friend pairs in both of two year-ends a year apart, over those in either, summed over the years."""
    friends = {year: friend_pairs(history, week) for year, week in year_end_weeks(history).items()}
    overlaps = [_overlap(friends[year - 1], friends[year]) for year in friends
                if _are_comparable(history, year_end_weeks(history), year - 1)]  # fmt: skip
    return float(sum(both for both, _ in overlaps)), float(sum(either for _, either in overlaps))


def new_ties(history: History) -> Sums:
    """Friend pairs at the end of the first clinical year that were none a year before, over all friend pairs then."""
    ends, first = year_end_weeks(history), history.parameters.campus_years + 1
    if not _are_comparable(history, ends, first - 1):
        return 0.0, 0.0
    before, after = friend_pairs(history, ends[first - 1]), friend_pairs(history, ends[first])
    return float(len(after) - _overlap(before, after)[0]), float(len(after))


def _last_graph(history: History) -> nx.Graph[int]:
    ends = year_end_weeks(history)
    return friendship_graph(history, max(ends.values())) if ends else nx.Graph()


def largest_component(history: History) -> Sums:
    """Share of students in the largest component of the last year-end's graph, of one run."""
    graph = _last_graph(history)
    if not len(graph):
        return 0.0, 0.0
    return max(map(len, nx.connected_components(graph))) / len(graph), 1.0


def modularity(history: History) -> Sums:
    """Modularity of the last year-end's graph by greedy maximisation, of one run; undefined without a friendship."""
    graph = _last_graph(history)
    if not graph.number_of_edges():
        return 0.0, 0.0
    communities = [set(community) for community in nx.community.greedy_modularity_communities(graph)]
    return float(nx.community.modularity(graph, communities)), 1.0


def year_end_table(history: History) -> pd.DataFrame:
    """One row a year-end.

    Returns:
        Columns `year`, `friends_mean`, `close_friends_mean`, `no_friend_share`, `prevalence` (all of that week, among students present),
        `transitivity`, and `jaccard` with the year-end one year before; nan where not defined.
    """
    ends = year_end_weeks(history)
    friends = {year: friend_pairs(history, week) for year, week in ends.items()}

    def row(year: int, week: int) -> dict[str, float]:
        present = history.is_present[week - 1]

        def mean(series: NDArray[Any]) -> float:
            return _over(float(series[week - 1][present].sum()), int(np.count_nonzero(present)))

        jaccard = _over(*_overlap(friends[year - 1], friends[year])) if _are_comparable(history, ends, year - 1) else np.nan
        return {"year": year, "friends_mean": mean(history.friends), "close_friends_mean": mean(history.close_friends),
                "no_friend_share": mean(is_isolated(history)), "prevalence": mean(is_distressed(history)),
                "transitivity": _over(*_triples(history, week)), "jaccard": jaccard}  # fmt: skip

    columns = ["year", "friends_mean", "close_friends_mean", "no_friend_share", "prevalence", "transitivity", "jaccard"]
    return pd.DataFrame([row(year, week) for year, week in ends.items()], columns=columns)


def _over(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else np.nan
