"""Outcomes on the friendship graph counted again from the ties, with networkx (docs/model.md, section 11)."""

from __future__ import annotations

import networkx as nx

from tests.recount.files import RunFiles, over


def friendships(run: RunFiles, week: int) -> nx.Graph:
    """Students present, and ties of a friend's strength between them."""
    graph = nx.Graph()
    graph.add_nodes_from(sorted(run.student_weeks.loc[run.student_weeks["week"] == week, "student"].tolist()))
    ties = run.ties[(run.ties["week"] == week) & (run.ties["strength"] >= run.parameters["friend_strength"])]
    for tie in ties.sort_values(["i", "j"]).itertuples():
        if tie.i in graph and tie.j in graph:
            graph.add_edge(tie.i, tie.j, strength=tie.strength)
    return graph


def of_graphs(run: RunFiles) -> dict[str, float | None]:
    """Outcomes within a year-end."""
    graphs = {year: friendships(run, week) for year, week in run.year_ends.items()}
    closed = sum(sum(nx.triangles(graph).values()) for graph in graphs.values())
    connected = sum(degree * (degree - 1) // 2 for graph in graphs.values() for _, degree in graph.degree)
    last = graphs[max(graphs)]
    largest = max((len(part) for part in nx.connected_components(last)), default=0)
    circles = nx.community.greedy_modularity_communities(last) if last.number_of_edges() else []
    return {
        "transitivity": over(closed, connected),
        "largest_component_share": over(largest, len(last)),
        "modularity": nx.community.modularity(last, circles, weight=None) if circles else None,
    }


def of_years(run: RunFiles) -> dict[str, float | None]:
    """Outcomes that compare two year-ends; not where a school's friendships were read in between."""
    pairs = {year: {frozenset(pair) for pair in friendships(run, week).edges} for year, week in run.year_ends.items()}
    both = sum(len(pairs[year] & pairs[year - 1]) for year in pairs if year - 1 in pairs)
    either = sum(len(pairs[year] | pairs[year - 1]) for year in pairs if year - 1 in pairs)
    campus = int(run.parameters["campus_years"])
    found: dict[str, float | None] = {"yearly_jaccard": over(both, either), "new_tie_share": None, "campus_tie_retention": None}
    if campus in pairs and campus + 1 in pairs:
        found["new_tie_share"] = over(len(pairs[campus + 1] - pairs[campus]), len(pairs[campus + 1]))
        found["campus_tie_retention"] = _retention(run, run.year_ends[campus], run.year_ends[campus + 1])
    return found


def _retention(run: RunFiles, then: int, later: int) -> float | None:
    """Strength of the friendships of a week in a later one, over their strength then; a tie that is not kept counts 0."""
    kept = {(tie.i, tie.j): tie.strength for tie in run.ties[run.ties["week"] == later].itertuples()}
    friends = nx.get_edge_attributes(friendships(run, then), "strength")
    return over(sum(kept.get((min(pair), max(pair)), 0.0) for pair in friends), sum(friends.values()))
