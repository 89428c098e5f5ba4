"""Outcomes on weekly series, helpers and programs, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from simulation.evidence.parameters import Values
from simulation.record.history import History
from simulation.record.outcomes import outcome_parts, value_of
from tests.unit.histories import Spell, blank, by_student, episodes, weeks, without

pytestmark = pytest.mark.filterwarnings("error")


def value(name: str, history: History) -> float:
    return float(value_of(name, outcome_parts(history, history)[name]))


def test_prevalence_is_of_students_present_and_keeps_the_settling_in() -> None:
    history = replace(
        blank(weeks(4, settling_in=2), 3, Values(screen_sensitivity=0.9, screen_specificity=0.8)),
        distress=by_student([1, 2, 0, 0], [0, 0, 0, 1], [1, 1, 0, 0]),  # the last left after the first week
        is_present=by_student([1, 1, 1, 1], [1, 1, 1, 1], [1, 0, 0, 0], kind=np.bool_),
    )
    assert value("prevalence", history) == 4 / 9
    assert value("screen_positive", history) == pytest.approx((4 * 0.9 + 5 * 0.2) / 9)


def test_severe_years_count_students_and_years_not_weeks() -> None:
    distress = np.zeros((156, 3), dtype=np.int8)
    distress[[3, 9, 60], 0] = 2  # twice in year 1, once in year 2
    distress[:, 1] = 1
    distress[70, 2] = 2
    history = replace(blank(weeks(156), 3), distress=distress)
    assert value("severe_year_share", history) == 3 / 9
    assert value("severe_year_share", without(history, slice(53, None), 2)) == 2 / 8  # left early in year 2, before that week


def test_unmet_need_looks_back_over_three_weeks_of_support() -> None:
    history = replace(
        blank(weeks(8, breaks=(7, 8), settling_in=2), 3),
        distress=by_student([1, 1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 2, 2, 2, 2], [1, 1, 1, 1, 0, 0, 0, 0], kind=np.int8),
        is_supported=by_student([0, 0, 1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 0], [0] * 8, kind=np.bool_),
        care=by_student([0] * 8, [0, 0, 0, 0, 1, 1, 2, 2], [0] * 8, kind=np.int8),
        is_present=by_student([1] * 8, [1] * 8, [1, 1, 0, 0, 0, 0, 0, 0], kind=np.bool_),
    )
    # the first: weeks 1, 2, then 7 and 8 (support in week 3 covers 3 to 6); the second: week 6, waiting is not care; the last: both weeks
    assert value("unmet_need", history) == pytest.approx(100 * 7 / ((8 + 8 + 2) / 52))


def test_support_is_not_carried_round_the_ends_of_a_course_shorter_than_the_window() -> None:
    history = replace(
        blank(weeks(2), 1), distress=by_student([1, 1], kind=np.int8), is_supported=by_student([0, 1], kind=np.bool_)
    )
    assert value("unmet_need", history) == pytest.approx(100 * 1 / (2 / 52))


def test_severe_weeks_count_until_care_is_asked_for() -> None:
    history = replace(
        blank(weeks(6, settling_in=6), 1),
        distress=by_student([2, 2, 2, 2, 2, 1], kind=np.int8),
        care=by_student([0, 0, 0, 1, 2, 0], kind=np.int8),
    )
    assert value("severe_weeks_unescalated", history) == pytest.approx(100 * 3 / (6 / 52))


def test_friends_and_contact_are_of_teaching_weeks_after_the_settling_in() -> None:
    history = replace(
        blank(weeks(6, breaks=(6,), settling_in=2), 3),
        friends=by_student([9, 9, 2, 0, 1, 9], [0, 0, 4, 4, 4, 0], [0, 0, 1, 0, 0, 0]),
        close_friends=by_student([9, 9, 1, 0, 0, 9], [0, 0, 2, 2, 2, 0], [0, 0, 0, 0, 0, 0]),
        contact_hours=by_student([0, 0, 8, 7.9, 20, 0], [0, 0, 8, 8, 8, 0], [0, 0, 1, 0, 0, 0], kind=np.float64),
        is_present=by_student([1] * 6, [1] * 6, [1, 1, 1, 0, 0, 0], kind=np.bool_),
    )
    assert value("friends_mean", history) == (2 + 0 + 1 + 12 + 1) / 7
    assert value("close_friends_mean", history) == (1 + 6) / 7
    assert value("isolated_week_share", history) == 1 / 7
    assert value("contact_isolated_share", history) == 2 / 7


def test_persistent_isolation_runs_over_breaks_and_not_from_the_settling_in() -> None:
    parameters = Values(persistent_weeks=4)
    history = replace(
        blank(weeks(10, breaks=(6, 7), settling_in=2), 6, parameters),
        friends=by_student(
            [1, 1, 1, 0, 0, 0, 0, 0, 0, 1],  # four teaching weeks on end, round the break
            [0, 0, 0, 0, 0, 1, 1, 1, 1, 1],  # three after the settling-in
            [1, 1, 0, 0, 1, 0, 0, 0, 0, 0],  # three at most, the break apart
            [1, 1, 1, 1, 0, 1, 1, 0, 0, 0],  # a friend in the break is no interruption
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],  # left after week 5
            [1, 1, 1, 0, 0, 1, 1, 0, 0, 1],
        ),
    )
    history = without(history, slice(5, None), 4)
    assert value("persistently_isolated_share", history) == 3 / 6
    assert value("persistently_isolated_share", replace(history, parameters=Values(persistent_weeks=7))) == 0  # more than there are


def test_burden_is_of_student_weeks_present() -> None:
    load = np.zeros((10, 2))
    load[:, 0], load[:, 1] = np.arange(10), 50
    present = np.ones((10, 2), dtype=bool)
    present[:, 1] = False
    history = replace(blank(weeks(10, settling_in=5), 2), load=load, is_present=present)
    assert value("burden_mean", history) == 4.5
    assert value("burden_p95", history) == pytest.approx(8.55)  # between the ninth and the tenth of 0..9, at .95 * 9


def test_burden_of_officers_is_of_their_weeks_in_post_near_peers_included() -> None:
    history = replace(
        blank(weeks(3), 3),
        load=by_student([1, 2, 50], [70, 80, 90], [60, 60, 60], kind=np.float64),
        is_officer=by_student([1, 1, 0], [0, 0, 0], [1, 1, 1], kind=np.bool_),
        is_present=by_student([1, 1, 1], [1, 1, 1], [0, 0, 0], kind=np.bool_),
    )
    assert value("officer_burden_p95", history) == pytest.approx(1.95)
    with_near_peers = replace(history, near_peer_load=np.array([3.0]))
    assert value("officer_burden_p95", with_near_peers) == pytest.approx(2.9)


@pytest.mark.parametrize(("offers", "gini"), [([2, 2, 2, 2], 0), ([0, 4, 0, 0], 0.75), ([3, 1, 0, 0], 0.625)])
def test_gini_of_offers(offers: list[int], gini: float) -> None:
    """Half the mean absolute difference over the mean: for 3, 1, 0, 0 it is 20 / 16 / 2 over 1."""
    assert value("offers_gini", replace(blank(weeks(3), 4), n_offers=np.array(offers))) == pytest.approx(gini)


def test_a_percentile_or_gini_is_averaged_over_the_runs_in_which_it_exists() -> None:
    alike, one, none = (
        outcome_parts(history, history)["offers_gini"]
        for history in (replace(blank(weeks(3), 4), n_offers=np.array(offers)) for offers in ([2, 2, 2, 2], [0, 4, 0, 0], [0, 0, 0, 0]))
    )
    assert value_of("offers_gini", alike + one + none) == pytest.approx(0.375)


def test_helpers_own_onset_is_looked_for_over_twelve_weeks() -> None:
    given = np.zeros((30, 4), dtype=np.int16)
    given[[4, 5], 0] = 1  # onset in week 18: thirteen weeks after week 5, twelve after week 6
    given[9, 1] = 2  # onset in that very week: distressed at its end
    given[17, 2] = 1  # week 18, twelve weeks before the end, no onset
    given[18, 3] = 1  # week 19: not followed for twelve weeks
    distress = np.zeros((30, 4), dtype=np.int8)
    distress[17:20, 0], distress[9:12, 1], distress[20, 3] = 1, 1, 1
    history = replace(
        blank(weeks(30), 4), n_supports_given=given, distress=distress, episodes=episodes(Spell(1, 10, 3), Spell(0, 18, 3), Spell(3, 21, 1))
    )
    assert value("helper_onset_share", history) == 1 / 3
    assert np.isnan(value("helper_onset_share", replace(blank(weeks(12), 1), n_supports_given=np.ones((12, 1), dtype=np.int16))))


def test_an_onset_between_the_ends_of_weeks_is_seen_though_the_helper_is_well_again() -> None:
    given = np.zeros((20, 1), dtype=np.int16)
    given[2] = 1
    parameters = Values(steps_per_week=4)
    history = replace(blank(weeks(20), 1, parameters), n_supports_given=given, episodes=episodes(Spell(0, 14, 1)))
    assert value("helper_onset_share", history) == 1


def test_totals_are_per_student_enrolled() -> None:
    history = without(replace(blank(weeks(3), 4), n_relocations=6, n_cross_group_ties_lost=2, officer_hours=30.0), slice(1, None), 0)
    assert value("relocations", history) == 1.5
    assert value("cross_group_ties_lost", history) == 0.5
    assert value("officer_hours", history) == 7.5


def test_kinds_of_support_and_false_outreach() -> None:
    history = replace(blank(weeks(3), 4), n_kinds=(5, 2, 3), n_checkins=8, n_false_checkins=6)
    assert value("comfort_share", history) == 0.5
    assert value("false_outreach_share", history) == 0.75
