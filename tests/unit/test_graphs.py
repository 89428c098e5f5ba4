"""Measures of graphs: as networkx has them, to the last community, and whatever the order of the edges."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.record import graphs

Edges = tuple[np.ndarray, np.ndarray]


@st.composite
def edges(draw: st.DrawFn, least: int = 0) -> tuple[int, Edges]:
    """A number of students and edges between them, in any order; few students, so that many joinings are equally good."""
    n = draw(st.integers(2, 24))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda pair: pair[0] < pair[1])
    listed = draw(st.lists(pairs, unique=True, min_size=least, max_size=60))
    return n, arrays(listed)


def arrays(listed: list[tuple[int, int]]) -> Edges:
    table = np.array(listed, dtype=np.int64).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()


def as_networkx(n: int, i: np.ndarray, j: np.ndarray) -> nx.Graph:
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(zip(i.tolist(), j.tolist(), strict=True))
    return graph


def circles(n_circles: int, size: int, seed: int) -> tuple[int, Edges]:
    """A cohort of circles with some friendships between them."""
    rng, n = np.random.default_rng(seed), n_circles * size
    same = np.arange(n)[:, None] // size == np.arange(n) // size
    return n, tuple(np.nonzero(np.triu(rng.random((n, n)) < np.where(same, 0.5, 0.01), 1)))  # type: ignore[return-value]


def sets_of(community: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(community == c).tolist()) for c in np.unique(community)}


@given(edges())
def test_triples_and_the_largest_component_are_those_of_networkx(case: tuple[int, Edges]) -> None:
    n, (i, j) = case
    graph = as_networkx(n, i, j)
    degrees = [degree for _, degree in graph.degree()]
    assert graphs.triples(i, j, n) == (sum(nx.triangles(graph).values()), sum(d * (d - 1) // 2 for d in degrees))
    assert graphs.largest_component(i, j, n) == max(map(len, nx.connected_components(graph)))


@given(edges(least=1))
def test_communities_and_modularity_are_those_of_networkx(case: tuple[int, Edges]) -> None:
    n, (i, j) = case
    graph = as_networkx(n, i, j)
    expected = nx.community.greedy_modularity_communities(graph)
    community = graphs.greedy_communities(i, j, n)
    assert sets_of(community) == {frozenset(one) for one in expected}
    assert graphs.modularity(i, j, community) == pytest.approx(nx.community.modularity(graph, expected), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_communities_of_a_cohort_are_those_of_networkx_whatever_the_order_of_the_edges(seed: int) -> None:
    n, (i, j) = circles(20, 8, seed)
    expected = {frozenset(one) for one in nx.community.greedy_modularity_communities(as_networkx(n, i, j))}
    order = np.random.default_rng(seed).permutation(len(i))
    assert sets_of(graphs.greedy_communities(i, j, n)) == sets_of(graphs.greedy_communities(i[order], j[order], n)) == expected


@pytest.mark.parametrize(("path", "expected"), [
    # At first 0 joins 1 and 3 joins 4; then 2 is as near to both, and (1, 2) comes before (2, 4).
    ([(0, 1), (1, 2), (2, 3), (3, 4)], {frozenset({0, 1, 2}), frozenset({3, 4})}),
    # At first 0 joins 6, then 1 joins 5, which stands before 6 for 2.
    ([(0, 6), (2, 6), (1, 2), (1, 5)], {frozenset({0, 6}), frozenset({1, 2, 5}), frozenset({3}), frozenset({4})}),
])  # fmt: skip
def test_of_equally_good_joinings_the_lowest_numbers_come_first(path: list[tuple[int, int]], expected: set[frozenset[int]]) -> None:
    i, j = arrays(path)
    assert sets_of(graphs.greedy_communities(i, j, max(map(max, path)) + 1)) == expected


def test_strong_ties_are_between_students_present() -> None:
    i, j = arrays([(0, 1), (0, 2), (1, 3), (2, 3)])
    strength, is_present = np.array([0.5, 0.9, 0.49, 0.9]), np.array([True, True, True, False])
    where, is_edge = graphs.strong_ties(i, j, strength, is_present, 0.5)
    assert where.tolist() == [0, 1]
    assert np.argwhere(is_edge).tolist() == [[0, 1], [0, 2]]
