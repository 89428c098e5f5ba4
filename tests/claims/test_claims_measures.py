"""What C20 to C37 measure, by hand on a few students: each count, its denominator, and who must not be in either."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from experiments.claims import context, officers, programs
from simulation.evidence.parameters import PARAMETERS
from simulation.model import PeerSupportModel
from simulation.record.history import Episodes, History
from simulation.run import run
from simulation.scenario.scenario import load_scenario
from tests.unit.histories import Spell, blank, by_student, episodes, ties, weeks

IN_CARE, WAITING = 2, 1


def history(**changes: Any) -> History:
    """Two students over four weeks, with changes."""
    return replace(blank(weeks(4), 2), **changes)


def two(first: list[float], second: list[float], kind: type = np.int16) -> np.ndarray:
    return by_student(first, second, kind=kind)


def of(*spells: Spell) -> Episodes:
    return episodes(*spells)


# Officers


def test_who_takes_a_seat_of_those_who_are_well_when_seats_are_filled() -> None:
    found = replace(blank(weeks(2), 4), is_officer=by_student([1, 0], [0, 1], [0, 0], [0, 0], kind=bool),
                    episodes=of(Spell(2, 0, 5), Spell(3, 1, 1), Spell(2, 8, 1)))  # fmt: skip
    assert officers.share_who_take_a_seat(found) == (1, 3)  # student 2 is distressed at entry; 3 becomes so after the choice, 1 an officer later


def test_own_expertise_is_that_of_the_model_without_training() -> None:
    scenario = load_scenario("informal", overrides={"students": 20, "officers": "volunteers", "training": "all", "volunteer_share": 1})
    model = PeerSupportModel(scenario, 7)
    own = model.state.own_expertise[:20].copy()
    model.step()
    in_post = np.flatnonzero(model.state.is_officer[:20])
    found = replace(blank(weeks(2), 20), seed=7, is_officer=np.vstack([model.state.is_officer[:20], np.zeros(20, dtype=bool)]))
    total, n = officers.own_expertise_of_officers(found)
    assert total == pytest.approx(own[in_post].sum())
    assert n == len(in_post) == 1
    assert total != pytest.approx(float((model.state.own_expertise + model.state.expertise_shift)[in_post].sum()))


def test_distress_of_officers_and_of_others() -> None:
    found = history(is_officer=two([1, 1, 1, 0], [0, 0, 0, 1], bool), distress=two([0, 2, 1, 1], [1, 0, 0, 0], np.int8),
                    is_present=two([1, 1, 1, 1], [1, 1, 0, 1], bool))  # fmt: skip
    assert officers.distressed_officers(found) == (2, 4)
    assert officers.distress_of_officers_and_others(found) == (2, 4, 2, 3)
    assert officers.share_over_share(np.array([2.0, 4.0, 2.0, 3.0])) == pytest.approx(0.5 / (2 / 3))


def test_offers_and_supports_of_standing_officers() -> None:
    found = history(is_officer=two([1, 1, 1, 1], [1, 1, 1, 0], bool), n_offers=np.array([8, 5]), n_supports_given=two([0, 2, 0, 1], [4, 0, 0, 0]),
                    distress=two([1, 0, 0, 0], [0, 2, 1, 1], np.int8))  # fmt: skip
    assert officers.accepted_from_standing_officers(found) == (3, 8)
    assert programs.officers_offers(found) == (8, 0.04)
    assert context.supports_by_officers(found) == (7, 0.04)
    assert programs.supports_by_peers(found) == (0, 0.04)


def test_supports_count_by_what_the_helper_is_in_that_week() -> None:
    found = history(is_officer=two([1, 0, 1, 1], [0, 0, 0, 0], bool), n_supports_given=two([1, 2, 4, 0], [8, 0, 0, 0]),
                    load=two([1, 5, 2, 0.5], [9, 9, 9, 9], float))  # fmt: skip
    assert context.supports_by_officers(found) == (5, 0)
    assert programs.supports_by_peers(found) == (10, 0)
    assert officers.officer_load(found) == (3.5, 3)
    assert programs.load_a_support(found) == (3.5, 5)


def test_onset_of_officers_who_were_well_in_post_the_week_before() -> None:
    found = replace(blank(weeks(4), 4), is_officer=by_student([1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1], [1, 1, 1, 1], kind=bool),
                    distress=by_student([0, 1, 0, 2], [1, 1, 0, 1], [0, 1, 1, 1], [0, 0, 0, 0], kind=np.int8),
                    is_present=by_student([1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 0, 0], kind=bool))  # fmt: skip
    # Student 0 twice, of weeks 1 and 3; 1 and 2 are never well in post; 3 is, in week 1, and leaves after week 2.
    assert officers.officer_onset(found) == (2, 0.03)


def test_seats_over_exams_and_over_a_year() -> None:
    calendar = weeks(104)
    is_exam = np.isin(np.arange(1, 105), [16, 17, 18, 34, 35, 36])
    seats = np.zeros((104, 3), dtype=bool)
    seats[:16] = True  # three before the first exams and in the first week of them, two at their end
    seats[16:52, :2] = True  # two before and after the second, and at the year's end
    seats[52:, 0] = True
    found = replace(blank(replace(calendar, is_exam=is_exam), 3), is_officer=seats)
    assert officers.seats_kept_over_exams(found) == (2 + 2, 3 + 2)
    assert officers.seats_kept_over_a_year(found) == (2 + 1, 3 + 1)


def test_exams_at_the_very_end_still_end() -> None:
    found = replace(blank(replace(weeks(3), is_exam=np.array([False, True, True])), 1), is_officer=np.array([[True], [True], [False]]))
    assert officers.seats_kept_over_exams(found) == (0, 1)


def test_seats_in_the_last_year_with_those_of_near_peers_before_it() -> None:
    seats = np.zeros((104, 2), dtype=bool)
    seats[:26, 0] = True
    seats[78:] = True
    found = replace(blank(weeks(104), 2), is_officer=seats, near_peer_load=np.zeros(52))
    assert officers.seats_in_the_last_year(found) == (1, 1.5)


# Episodes


def test_offered_when_first_noticed_and_accepted_when_first_offered() -> None:
    found = history(episodes=of(Spell(0, 1, 3, noticed=2, offered=2, accepted=2), Spell(0, 5, 3, noticed=6, offered=7, accepted=8),
                                Spell(1, 1, 3, noticed=2), Spell(1, 5, 3), Spell(1, 9, 3, noticed=9, offered=9)))  # fmt: skip
    assert officers.offered_when_noticed(found) == (2, 4)
    assert context.accepted_at_first_offer(found) == (1, 3)


def test_noticed_in_isolation_leaves_out_the_settling_in_and_who_has_a_friend() -> None:
    found = history(episodes=of(Spell(0, 1, 3, alone_at_onset=True, early=True, noticed=2), Spell(0, 5, 3, alone_at_onset=True, noticed=6),
                                Spell(1, 1, 3, noticed=2), Spell(1, 5, 3, alone_at_onset=True)))  # fmt: skip
    assert programs.noticed_in_isolation(found) == (1, 2)


# Weeks


def test_weeks_on_placement_without_a_friend() -> None:
    calendar = replace(weeks(4, breaks=[3]), is_clinical=np.array([False, True, True, True]))
    found = replace(blank(calendar, 2), friends=two([0, 0, 0, 1], [0, 2, 0, 0]), is_present=two([1, 1, 1, 1], [1, 1, 1, 0], bool))
    assert programs.isolated_on_placement(found) == (1, 3)


def test_entries_into_care_for_severe_weeks_outside_it() -> None:
    found = history(care=two([IN_CARE, IN_CARE, 0, IN_CARE], [0, WAITING, IN_CARE, 0], np.int8), distress=two([2, 2, 2, 2], [2, 2, 1, 1], np.int8))
    assert programs.care_begun_in_severe_weeks(found) == (3, 0.03)


def test_change_of_prevalence_over_what_cohorts_differ_by() -> None:
    first = [history(distress=two([1.0] * n + [0.0] * (4 - n), [0] * 4, np.int8)) for n in (0, 2, 4)]
    after = [history(distress=two([1, 0, 0, 0], [0, 0, 0, 0], np.int8))] * 3
    sums = np.array([programs.prevalence_of_both(b, a) for a, b in zip(first, after, strict=True)])
    assert sums[1] == pytest.approx([0.125, 0.25, 0.0625, 1])
    assert programs.change_over_noise(sums.sum(axis=0)) == pytest.approx((0.125 - 0.25) / np.std([0, 0.25, 0.5], ddof=1))
    gone = replace(history(distress=two([1, 1, 1, 1], [0] * 4, np.int8)), is_present=two([1, 1, 1, 1], [1, 0, 0, 0], bool))
    assert programs.prevalence_of_both(gone, gone)[0] == 0.8  # of those present


# Barriers


def test_all_barriers_against_the_largest_and_against_the_sum() -> None:
    values = np.array([[0.3, 0.4, 0.35, 0.6], [0.3, 0.2, 0.25, 0.4]])
    assert context.joint_over_largest(values) == pytest.approx([0.2, 0.15])
    assert context.joint_over_sum(values) == pytest.approx([0.3 - 0.15, 0.1 + 0.15])


# Ties


def placed() -> History:
    """Three students, a campus week, a break and two clinical weeks, and nothing more: 0 is with 1 in week 3, with 2 in week 4."""
    calendar = weeks(52, breaks=[2, *range(5, 53)])
    site = np.full((52, 3), -1, dtype=np.int16)
    site[0], site[2], site[3] = (5, 1, 5), (0, 0, 2), (0, 1, 0)
    strength = {(0, 1): 0.5, (0, 2): 0.25, (1, 2): 0.75}
    return replace(blank(replace(calendar, is_clinical=np.arange(52) >= 1), 3), site=site, ties={1: ties({(0, 2): 0.9}), 4: ties(strength)})


def test_who_was_ever_placed_together() -> None:
    together = context.ever_placed_together(placed(), 4)
    assert [(i, j) for i in range(3) for j in range(i) if together[i, j]] == [(1, 0), (2, 0)]
    assert not context.ever_placed_together(placed(), 2).any()  # a site on campus counts no more than having none
    assert context.ever_placed_together(placed(), 3)[0, 1]


def test_ties_outside_and_inside_placement() -> None:
    assert placed().calendar.year_ends().tolist() == [4]
    assert context.offsite_ties(placed()) == (0.75, 3)  # of 1 and 2 alone
    assert context.coplaced_ties(placed()) == (0.25, 1)  # 0 and 2, who are together in the last week


def test_with_forty_sites_a_site_is_a_placement_group() -> None:
    [trial, *_] = context.C37.trials
    found = run(load_scenario("informal", overrides={**trial.arms["before"], "campus_years": 0, "clinical_years": 1}), 3)
    taught = np.flatnonzero(found.calendar.is_teaching)
    assert {int(n) for week in taught for n in np.unique(found.site[week], return_counts=True)[1]} == {3}


# What is off


def test_crowding_out_is_an_input_and_off_by_default() -> None:
    row = PARAMETERS["crowding_out"]
    assert (row.default, row.high) == (0, 1)
    assert "crowding_out" not in programs.C30.trials[0].before
