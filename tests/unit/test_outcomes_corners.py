"""Corner cases of every outcome, by hand on few students: nothing happens, everybody or nobody is isolated, students leave, one replicate."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.estimates import estimate
from simulation.evidence.parameters import Values
from simulation.record.history import History
from simulation.record.outcomes import HEADLINE, OUTCOMES, cascade, missed_reasons, outcome_parts, value_of
from simulation.scenario.programme import build_calendar
from tests.unit.histories import Spell, blank, by_student, episodes, ties, weeks, without

Ties = dict[tuple[int, int], float]
NULL_WITHOUT_EPISODES = {
    "unreached_isolated_rate", "reach", "peer_reach", "reach_isolated", "reach_connected", "reach_isolated_at_baseline", "reach_mostly_isolated",
    "equity_gap", "equity_ratio", "noticed_share", "offered_share", "accepted_share", "referred_share", "treated_share", "supported_by_week_4",
    "supported_by_week_12", "supported_by_week_26", "weeks_without_support_26", "first_notice_by_peer"}  # fmt: skip


def values(history: History, baseline: History | None = None) -> dict[str, float]:
    parts = outcome_parts(history, baseline or history)
    return {name: float(value_of(name, parts[name])) for name in OUTCOMES}


def null(found: dict[str, float]) -> set[str]:
    return {name for name, value in found.items() if np.isnan(value)}


def course(*year_ends: Ties, n_students: int = 4, campus_years: int = 1, **changed: object) -> History:
    """A course with one set of ties for each year-end, and all that goes with them: friends in the weeks of the year-ends."""
    parameters = Values(campus_years=campus_years, clinical_years=len(year_ends) - campus_years)
    history = blank(build_calendar(parameters), n_students, parameters)
    return replace(history, ties=dict(zip(history.calendar.year_ends().tolist(), map(ties, year_ends), strict=True)), **changed)


def of(*spells: Spell, n_students: int = 4, n_weeks: int = 60, **parameters: float) -> History:
    """Episodes in weeks of teaching, four of them the settling-in; everybody has a friend."""
    history = blank(weeks(n_weeks, settling_in=4), n_students, Values(**parameters))
    return replace(history, episodes=episodes(*spells), friends=np.ones_like(history.friends))


# --- nothing happens ---


def test_a_cohort_in_which_nothing_happens_has_a_value_or_null_for_every_outcome() -> None:
    """Three students on campus and on placement, well throughout, all without a friend: every outcome is written down here."""
    found = values(course({}, {}, n_students=3))
    empty_graphs = {"transitivity", "campus_tie_retention", "yearly_jaccard", "new_tie_share", "modularity"}
    nobody_helps = {"officer_burden_p95", "offers_gini", "helper_onset_share", "comfort_share", "false_outreach_share"}
    assert null(found) == NULL_WITHOUT_EPISODES | empty_graphs | nobody_helps
    expected = dict.fromkeys(set(OUTCOMES) - null(found), 0.0) | dict.fromkeys(
        ("no_friend_share", "isolated_week_share", "persistently_isolated_share", "contact_isolated_share"), 1.0)  # fmt: skip
    expected |= {"largest_component_share": 1 / 3, "screen_positive": pytest.approx(0.15)}  # 1 - specificity
    assert {name: found[name] for name in expected} == expected


def test_a_cohort_that_has_left_before_the_first_week_has_no_value_but_counts_of_the_enrolled() -> None:
    found = values(without(course({}, {}, n_students=3), slice(None)))
    of_enrolled = {HEADLINE, "unreached_isolated_settling_in", "relocations", "cross_group_ties_lost", "officer_hours"}
    assert set(OUTCOMES) - null(found) == of_enrolled
    assert all(found[name] == 0 for name in of_enrolled)


def test_a_course_of_one_week_has_no_room_for_what_takes_longer() -> None:
    history = replace(blank(weeks(1), 3), distress=by_student([1], [2], [0]), n_supports_given=by_student([0], [0], [2]),
                      episodes=episodes(Spell(0, 1, 1, censored=True), Spell(1, 1, 1, censored=True, noticed=1)))  # fmt: skip
    found = values(history)
    assert found["reach"] == 0 and found["noticed_share"] == 1 / 2 and found["prevalence"] == 2 / 3
    assert found["severe_year_share"] == 1 / 3  # a year begun counts as one
    assert found["unmet_need"] == pytest.approx(100 * 2 / (3 / 52)) and found["severe_weeks_unescalated"] == pytest.approx(100 / (3 / 52))
    assert {"supported_by_week_4", "weeks_without_support_26", "helper_onset_share"} <= null(found)
    assert found["persistently_isolated_share"] == 0  # nobody can be it for eight weeks


# --- nobody isolated, and everybody ---


def test_where_nobody_is_isolated_what_asks_for_isolated_students_is_zero_or_null() -> None:
    found = values(of(Spell(0, 5, 9, noticed=6), Spell(1, 7, 9, accepted=9)))
    for name in (HEADLINE, "unreached_isolated_settling_in", "unreached_isolated_per_100_years", "no_friend_share", "isolated_week_share",
                 "persistently_isolated_share"):  # fmt: skip
        assert found[name] == 0, name
    asked = {"unreached_isolated_rate", "reach_isolated", "reach_isolated_at_baseline", "reach_mostly_isolated", "equity_gap", "equity_ratio"}
    assert asked <= null(found)
    assert found["reach"] == found["reach_connected"] == 1 / 2


def test_where_everybody_is_isolated_nobody_is_connected() -> None:
    alone = {"alone_at_onset": True}
    history = of(Spell(0, 5, 9, alone=9, **alone), Spell(1, 7, 9, alone=9, accepted=9, **alone), Spell(2, 7, 3, alone=3, **alone))
    found = values(replace(history, friends=np.zeros_like(history.friends)))
    assert {"reach_connected", "equity_gap", "equity_ratio"} <= null(found)
    assert found["reach_isolated"] == found["reach"] == found["reach_isolated_at_baseline"] == found["reach_mostly_isolated"] == 1 / 3
    assert found[HEADLINE] == 25 and found["unreached_isolated_rate"] == 1 / 2
    assert found["isolated_week_share"] == found["persistently_isolated_share"] == 1 and found["friends_mean"] == 0


def test_isolated_under_one_world_alone() -> None:
    """The same episode: reach_isolated asks its own world, reach_isolated_at_baseline the other."""
    spell = Spell(0, 10, 5, accepted=12)
    connected, other = of(spell), of(replace(spell, alone_at_onset=True, accepted=-1))
    other = replace(other, friends=np.zeros_like(other.friends))
    assert np.isnan(values(connected, other)["reach_isolated"]) and values(connected, other)["reach_isolated_at_baseline"] == 1
    assert values(other, connected)["reach_isolated"] == 0 and np.isnan(values(other, connected)["reach_isolated_at_baseline"])


def test_without_a_settling_in_an_episode_at_entry_looks_at_the_first_week() -> None:
    spells = episodes(Spell(0, 0, 5, accepted=3), Spell(1, 0, 5))
    history = replace(blank(weeks(20), 2), episodes=spells, friends=by_student([0] + [1] * 19, [1] * 20))
    assert values(history)["reach_isolated_at_baseline"] == 1


# --- cut off by the end, or by leaving ---


def test_episodes_cut_off_count_as_they_stand() -> None:
    history = of(
        Spell(0, 55, 6, alone=6, alone_at_onset=True, censored=True, noticed=57, offered=58),  # to the end
        Spell(1, 50, 4, alone=2, censored=True),  # left
        Spell(2, 58, 3, censored=True, accepted=60, noticed=59, offered=60),
        Spell(3, 40, 8, alone=8),
    )
    found = values(history)
    assert found["reach"] == 1 / 4 and found["reach_isolated"] == 0 and found["reach_connected"] == 1 / 3
    assert found[HEADLINE] == 75 and found["unreached_isolated_rate"] == 1
    assert found["reach_mostly_isolated"] == 0
    assert found["supported_by_week_4"] == 0  # followed from week 56 at the latest: three, and none of them supported
    assert found["weeks_without_support_26"] != found["weeks_without_support_26"]  # none began 26 weeks before the end
    assert cascade(history) == {"episode": 4, "noticed": 2, "offered": 2, "accepted": 1, "referred": 0, "treated": 0}
    assert sum(missed_reasons(history).values()) == 3


def test_who_becomes_distressed_and_leaves_at_once_has_an_episode_of_no_steps() -> None:
    found = values(of(Spell(0, 20, 0, alone_at_onset=True, censored=True), Spell(1, 20, 5, accepted=22)))
    assert found["reach"] == 1 / 2 and found["reach_isolated"] == 0
    assert found["reach_mostly_isolated"] == 0  # half of no steps are isolated, so it counts
    assert found[HEADLINE] == 0  # it is not long
    assert found["weeks_without_support_26"] == (0 + 2) / 2


def test_student_weeks_after_leaving_count_nowhere() -> None:
    """The first of three leaves after week 6 and would have been distressed, alone and burdened for ever."""
    history = replace(
        blank(weeks(10, settling_in=2), 3, Values(persistent_weeks=5)),
        distress=by_student([2] * 10, [0] * 10, [0] * 10),
        friends=by_student([0] * 10, [2] * 10, [2] * 10),
        contact_hours=by_student([0] * 10, [9] * 10, [9] * 10, kind=np.float64),
        load=by_student([5] * 10, [1] * 10, [0] * 10, kind=np.float64),
        n_supports_given=by_student([1] * 10, [0] * 10, [0] * 10),
        is_officer=by_student([1] * 10, [0] * 10, [0] * 10, kind=np.bool_),
    )
    found = values(without(history, slice(6, None), 0))
    assert found["prevalence"] == 6 / 26 and found["severe_year_share"] == 1 / 3
    assert found["unmet_need"] == found["severe_weeks_unescalated"] == pytest.approx(100 * 6 / (26 / 52))
    assert found["isolated_week_share"] == found["contact_isolated_share"] == 4 / 20
    assert found["friends_mean"] == 32 / 20 and found["persistently_isolated_share"] == 0  # four weeks, and not five
    assert found["burden_mean"] == (6 * 5 + 10) / 26 and found["officer_burden_p95"] == 5
    assert values(history)["persistently_isolated_share"] == 1 / 3


def test_a_helper_who_leaves_is_followed_no_longer_than_the_course() -> None:
    given = by_student([0, 1] + [0] * 28, [0] * 30, [0] * 30)
    history = replace(blank(weeks(30), 3), n_supports_given=given, episodes=episodes(Spell(0, 10, 0, censored=True)))
    assert values(history)["helper_onset_share"] == 1  # the onset was seen
    assert values(replace(history, episodes=episodes()))["helper_onset_share"] == 0
    assert np.isnan(values(without(history, slice(1, None), 0))["helper_onset_share"])  # had left when the week was over


def test_offers_of_who_has_left_stay_offers_of_the_enrolled() -> None:
    history = without(replace(blank(weeks(3), 4), n_offers=np.array([4, 0, 0, 0])), slice(1, None), 0)
    assert values(history)["offers_gini"] == 0.75


# --- the friendship graph ---


def test_friendships_of_who_has_left_are_gone_from_the_graph() -> None:
    triangle, rest = {(0, 1): 0.9, (0, 2): 0.6, (1, 2): 0.6}, {(1, 2): 0.6}
    stays = course(triangle, rest)
    leaves = without(stays, slice(52, None), 0)
    assert values(stays)["transitivity"] == values(leaves)["transitivity"] == 1  # the second year-end has no triple in either
    assert values(leaves)["campus_tie_retention"] == pytest.approx(0.6 / 2.1) == values(stays)["campus_tie_retention"]
    assert values(leaves)["yearly_jaccard"] == 1 / 3 and values(leaves)["new_tie_share"] == 0
    assert values(stays)["largest_component_share"] == 2 / 4 and values(leaves)["largest_component_share"] == 2 / 3
    still_written = without(course(triangle, triangle), slice(52, None), 0)  # a tie left over in the record
    assert values(still_written)["campus_tie_retention"] == pytest.approx(0.6 / 2.1)
    assert values(still_written)["yearly_jaccard"] == 1 / 3


def test_friendships_without_a_beginning_or_an_end() -> None:
    pair = {(0, 1): 0.6}
    none_then, none_later = values(course({}, pair)), values(course(pair, {}))
    assert np.isnan(none_then["campus_tie_retention"]) and none_then["new_tie_share"] == 1 and none_then["yearly_jaccard"] == 0
    assert none_later["campus_tie_retention"] == 0 and np.isnan(none_later["new_tie_share"]) and none_later["yearly_jaccard"] == 0
    assert values(course(pair, {(0, 1): 0.9}))["campus_tie_retention"] == 1.5  # it grew
    neither = values(course({}, {}))
    assert {"campus_tie_retention", "new_tie_share", "yearly_jaccard", "transitivity", "modularity"} <= null(neither)


def test_one_friendship_and_one_circle_are_in_one_part() -> None:
    one = values(course({}, {(0, 1): 0.6}))
    assert one["modularity"] == 0 and one["largest_component_share"] == 2 / 4 and np.isnan(one["transitivity"])
    everybody = {(i, j): 0.6 for i in range(4) for j in range(i + 1, 4)}
    circle = values(course({}, everybody))
    assert circle["modularity"] == 0 and circle["largest_component_share"] == 1 and circle["transitivity"] == 1


def test_friendships_of_a_schools_file_are_not_compared_with_simulated_ones_before() -> None:
    pair = {(0, 1): 0.6}
    first, second = course(pair, pair).calendar.year_ends()
    compared = {"campus_tie_retention", "yearly_jaccard", "new_tie_share"}
    for week in (first + 1, second):  # read in after the first year-end, at the latest in the week of the second
        assert compared <= null(values(course(pair, pair, friendships_from=int(week))))
    for week in (0, 1, first, second + 1):
        assert not compared & null(values(course(pair, pair, friendships_from=int(week))))
    later = values(course(pair, pair, pair, friendships_from=int(second)))
    assert later["yearly_jaccard"] == 1 and np.isnan(later["campus_tie_retention"])  # the second and the third year can be compared


# --- one replicate ---


def test_of_one_replicate_every_outcome_is_its_own_value_and_has_no_interval() -> None:
    history = replace(of(Spell(0, 5, 9, alone=9, alone_at_onset=True), Spell(1, 7, 9, accepted=9)), n_offers=np.array([3, 1, 0, 0]))
    parts, found = outcome_parts(history, history), values(history)
    for name, outcome in OUTCOMES.items():
        one = estimate(parts[name][None, None], outcome.value, outcome.better)
        np.testing.assert_array_equal(one.mean, [found[name]])
        assert np.isnan([one.low, one.high, one.cohort_low, one.cohort_high, one.replicates_needed]).all(), name
        twice = estimate(np.stack([parts[name], parts[name]])[None], outcome.value, outcome.better)
        np.testing.assert_allclose(twice.mean, [found[name]], rtol=1e-15)
        assert np.isnan(found[name]) or twice.low == twice.mean == twice.high, name
