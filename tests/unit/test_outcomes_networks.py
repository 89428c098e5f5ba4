"""Outcomes on the friendship graph at the year-ends, by hand. Friend: w >= .5."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from simulation.evidence.parameters import Values
from simulation.record.history import History
from simulation.record.outcomes import outcome_parts, value_of, year_end_table
from simulation.scenario.programme import build_calendar
from tests.unit.histories import blank, ties, without

pytestmark = pytest.mark.filterwarnings("error")
Ties = dict[tuple[int, int], float]
TRIANGLE: Ties = {(0, 1): 0.6, (0, 2): 0.6, (1, 2): 0.6}


def value(name: str, history: History) -> float:
    return float(value_of(name, outcome_parts(history, history)[name]))


def course(*year_ends: Ties, n_students: int = 4, campus_years: int = 2) -> History:
    """A course with one set of ties for each year-end."""
    parameters = Values(campus_years=campus_years, clinical_years=len(year_ends) - campus_years)
    history = blank(build_calendar(parameters), n_students, parameters)
    return replace(history, ties=dict(zip(history.calendar.year_ends().tolist(), map(ties, year_ends), strict=True)))


def test_transitivity_sums_triples_over_the_year_ends() -> None:
    kite = TRIANGLE | {(2, 3): 0.5}  # degrees 2, 2, 3, 1: five connected triples, three of them closed
    assert value("transitivity", course(kite, {}, {})) == 3 / 5
    assert value("transitivity", course(kite, {(0, 1): 0.9, (1, 2): 0.9}, {})) == 3 / 6
    acquainted = {(0, 1): 0.9, (1, 2): 0.9, (0, 2): 0.49}  # the third tie is no friendship
    assert value("transitivity", course(acquainted, {}, {})) == 0
    assert np.isnan(value("transitivity", course({(0, 1): 0.9, (2, 3): 0.9}, {}, {})))


def test_no_friend_share_is_of_students_present_at_the_year_ends() -> None:
    history = course({}, {}, {}, n_students=3)
    first, second, third = history.calendar.year_ends() - 1
    friends = np.ones_like(history.friends)
    friends[second, 0] = 0
    friends[third, 1:] = 0
    friends[first + 3, :] = 0  # no year-end
    history = without(replace(history, friends=friends), slice(third, None), 2)
    assert value("no_friend_share", history) == (0 + 1 + 1) / (3 + 3 + 2)


def test_campus_ties_are_followed_over_the_first_year_on_placement() -> None:
    campus = {(0, 1): 0.8, (1, 2): 0.5, (2, 3): 0.7, (0, 3): 0.4}  # the last is no friendship
    later = {(0, 1): 0.6, (2, 3): 0.4, (0, 2): 0.9, (0, 3): 0.9}  # one below a friend's strength, one below an acquaintance's
    history = course({(0, 2): 0.9}, campus, later, {})
    assert value("campus_tie_retention", history) == pytest.approx((0.6 + 0.4) / (0.8 + 0.5 + 0.7))
    assert value("new_tie_share", history) == 2 / 3


def test_campus_ties_are_null_without_a_campus_or_a_clinical_year() -> None:
    for history in (course(TRIANGLE, TRIANGLE), course(TRIANGLE, campus_years=0)):
        assert np.isnan(value("campus_tie_retention", history))
        assert np.isnan(value("new_tie_share", history))


def test_jaccard_sums_pairs_over_successive_years() -> None:
    history = course({(0, 1): 0.6, (1, 2): 0.6}, {(0, 1): 0.9, (2, 3): 0.5}, {(2, 3): 0.5})
    assert value("yearly_jaccard", history) == (1 + 1) / (3 + 2)
    assert np.isnan(value("yearly_jaccard", course(TRIANGLE, campus_years=1)))


def test_a_year_without_teaching_has_no_year_end_and_parts_its_neighbours() -> None:
    history = course(TRIANGLE, TRIANGLE, TRIANGLE, TRIANGLE)
    idle_year = replace(history.calendar, is_teaching=history.calendar.is_teaching & (history.calendar.year != 3))
    history = replace(history, calendar=idle_year)
    assert outcome_parts(history, history)["yearly_jaccard"].tolist() == [3, 3]  # years 1 and 2 only
    assert np.isnan(value("campus_tie_retention", history))
    assert year_end_table(history)["year"].tolist() == [1, 2, 4]


def test_the_largest_component_is_of_the_last_year_end_and_of_those_present() -> None:
    history = course(TRIANGLE, TRIANGLE, {(0, 1): 0.6, (1, 2): 0.6, (3, 4): 0.6}, n_students=6)
    assert value("largest_component_share", history) == 3 / 6
    # who held the three together has left; 4 weeks of teaching are among these 20
    assert value("largest_component_share", without(history, slice(-20, None), 1)) == 2 / 5
    last = int(history.calendar.year_ends()[-1]) - 1
    assert value("largest_component_share", without(history, slice(last, last + 1), 5)) == 3 / 5  # away in that very week
    assert value("largest_component_share", without(history, slice(last + 1, None), 5)) == 3 / 6
    assert value("largest_component_share", course(TRIANGLE, TRIANGLE, {}, n_students=5)) == 1 / 5


def test_modularity_of_two_triangles() -> None:
    apart = TRIANGLE | {(3, 4): 0.6, (3, 5): 0.6, (4, 5): 0.6}
    assert value("modularity", course({}, {}, apart, n_students=6)) == pytest.approx(1 / 2)
    bridged = apart | {(2, 3): 0.6}  # 6 of 7 ties within, half of the degrees in each
    assert value("modularity", course({}, {}, bridged, n_students=7)) == pytest.approx(6 / 7 - 1 / 2)
    assert np.isnan(value("modularity", course(apart, apart, {(0, 1): 0.4}, n_students=6)))


def test_everybody_gone_leaves_the_graph_null() -> None:
    history = without(course(TRIANGLE, {}, {}), slice(100, None))
    for name in ("largest_component_share", "modularity"):
        assert np.isnan(value(name, history))
    assert year_end_table(history).loc[2, ["friends_mean", "prevalence"]].isna().all()


def test_year_end_table() -> None:
    history = course(TRIANGLE, TRIANGLE | {(2, 3): 0.5}, {(0, 1): 0.6})
    first, second, third = history.calendar.year_ends() - 1
    friends, close_friends, distress = np.zeros_like(history.friends), np.zeros_like(history.close_friends), np.zeros_like(history.distress)
    friends[first], friends[second], friends[third] = [2, 2, 2, 0], [2, 2, 3, 1], [1, 1, 0, 0]
    close_friends[second] = [1, 1, 0, 0]
    distress[first], distress[third] = [1, 0, 0, 2], [0, 0, 1, 0]
    distress[first + 1] = 1  # the week after is not looked at
    history = without(replace(history, friends=friends, close_friends=close_friends, distress=distress), slice(second + 1, None), 3)
    expected = pd.DataFrame({
        "year": [1, 2, 3],
        "friends_mean": [1.5, 2.0, 2 / 3],
        "close_friends_mean": [0.0, 0.5, 0.0],
        "no_friend_share": [0.25, 0.0, 1 / 3],
        "prevalence": [0.5, 0.0, 1 / 3],
        "transitivity": [1.0, 0.6, np.nan],
        "jaccard": [np.nan, 3 / 4, 1 / 4],
    })  # fmt: skip
    pd.testing.assert_frame_equal(year_end_table(history), expected)
