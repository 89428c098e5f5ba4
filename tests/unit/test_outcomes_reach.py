"""Outcomes on episodes, by hand: whom help reached and whom it did not."""

from dataclasses import replace

import numpy as np
import pytest

from simulation.evidence.parameters import Values
from simulation.record.history import REASONS, History
from simulation.record.outcomes import HEADLINE, OUTCOMES, cascade, missed_reasons, outcome_parts, value_of
from simulation.record.reach import cascade_counts, missed_counts
from tests.unit.histories import Spell, blank, by_student, episodes, weeks, without

pytestmark = pytest.mark.filterwarnings("error")


def value(name: str, history: History, baseline: History | None = None) -> float:
    return float(value_of(name, outcome_parts(history, baseline or history)[name]))


def of(*spells: Spell, n_students: int = 4, n_weeks: int = 20, parameters: Values | None = None) -> History:
    return replace(blank(weeks(n_weeks, settling_in=4), n_students, parameters), episodes=episodes(*spells))


def test_headline_counts_students_alone_for_at_least_half_of_a_long_unreached_episode() -> None:
    history = of(
        Spell(0, 5, 6, alone=6),
        Spell(1, 5, 6, alone=6, accepted=8),
        Spell(2, 7, 6, alone=3),  # exactly half
        Spell(3, 7, 6, alone=2),
    )
    assert value(HEADLINE, history) == 100 * 2 / 4
    assert value("unreached_isolated_rate", history) == 2 / 3
    # three students for 16 weeks after the settling-in, one for 10
    assert value("unreached_isolated_per_100_years", without(history, slice(14, None), 3)) == pytest.approx(100 * 2 / ((3 * 16 + 10) / 52))


def test_nobody_alone_makes_the_headline_zero_and_its_rate_null() -> None:
    history = of(Spell(0, 5, 6), Spell(1, 5, 9, alone=4))
    assert value(HEADLINE, history) == 0
    assert np.isnan(value("unreached_isolated_rate", history))
    assert np.isnan(value("reach_isolated", history))
    assert value("reach_connected", history) == 0


@pytest.mark.parametrize(("steps_per_week", "steps", "counts"), [(1, 4, True), (1, 3, False), (2, 8, True), (2, 7, False)])
def test_an_episode_of_exactly_four_weeks_is_long(steps_per_week: int, steps: int, counts: bool) -> None:
    history = of(Spell(0, 10, steps, alone=steps), n_students=2, parameters=Values(steps_per_week=steps_per_week))
    assert value(HEADLINE, history) == (50 if counts else 0)


def test_break_weeks_count_towards_an_episodes_length() -> None:
    history = replace(blank(weeks(20, breaks=(9, 10)), 2), episodes=episodes(Spell(0, 7, 4, alone=2)))  # weeks 7 to 10
    assert value(HEADLINE, history) == 50


def test_a_student_with_two_such_episodes_is_counted_once() -> None:
    history = of(Spell(0, 5, 4, alone=4), Spell(0, 11, 5, alone=5), Spell(1, 5, 4, alone=4, accepted=6), Spell(1, 12, 4, alone=4))
    assert value(HEADLINE, history) == 100 * 2 / 4
    assert value("unreached_isolated_rate", history) == 1


def test_an_episode_cut_off_by_the_end_of_the_course_counts_as_far_as_it_goes() -> None:
    assert value(HEADLINE, of(Spell(0, 17, 4, alone=4, censored=True))) == 25
    assert value(HEADLINE, of(Spell(0, 18, 3, alone=3, censored=True))) == 0


@pytest.mark.parametrize("how", ["accepted", "treated"])
def test_help_in_the_last_step_of_an_episode_reaches_it(how: str) -> None:
    spell = Spell(0, 5, 6, alone=6)
    history = of(replace(spell, accepted=10) if how == "accepted" else replace(spell, treated=10))
    assert value(HEADLINE, history) == 0
    assert value("reach", history) == 1
    assert value("peer_reach", history) == 0  # nobody says that it was a peer


def test_episodes_of_the_settling_in_stand_apart() -> None:
    at_entry = Spell(0, 0, 9, alone=9, alone_at_onset=True, early=True)
    helped = Spell(1, 3, 9, alone=9, alone_at_onset=True, early=True, noticed=4, offered=4, accepted=4, accepted_peer=4)
    history = of(at_entry, helped, Spell(2, 6, 5, noticed=7, noticed_by="peer"))
    assert value("unreached_isolated_settling_in", history) == 25
    assert value(HEADLINE, history) == 0
    assert value("reach", history) == 0
    assert np.isnan(value("reach_isolated", history)) and np.isnan(value("reach_mostly_isolated", history))
    assert value("noticed_share", history) == 1
    assert np.isnan(value("weeks_without_support_26", of(at_entry, n_weeks=60)))
    assert cascade(history) == {"episode": 1, "noticed": 1, "offered": 0, "accepted": 0, "referred": 0, "treated": 0}
    assert sum(missed_reasons(history).values()) == 1


def test_reach_by_isolation() -> None:
    history = of(
        Spell(0, 5, 4, alone=1, alone_at_onset=True, accepted=6, accepted_peer=7),
        Spell(1, 5, 4, alone=2, alone_at_onset=True),
        Spell(2, 5, 4, alone=3, alone_at_onset=True),
        Spell(3, 5, 4, alone=4, treated=6),
        Spell(3, 12, 4, alone=0, accepted=13, accepted_by="staff"),
        Spell(0, 12, 4, alone=1),
        Spell(1, 12, 4, alone=2, accepted=12),
    )
    assert value("reach", history) == 4 / 7
    assert value("peer_reach", history) == 1 / 7
    assert value("reach_isolated", history) == 1 / 3
    assert value("reach_connected", history) == 3 / 4
    assert value("equity_gap", history) == pytest.approx(5 / 12)
    assert value("equity_ratio", history) == pytest.approx(4 / 9)
    assert value("reach_mostly_isolated", history) == 2 / 4


def test_equity_is_null_without_an_isolated_student_and_its_ratio_without_reach() -> None:
    everybody_connected = of(Spell(0, 5, 4, accepted=6))
    assert np.isnan(value("equity_gap", everybody_connected)) and np.isnan(value("equity_ratio", everybody_connected))
    nobody_connected_reached = of(Spell(0, 5, 4), Spell(1, 5, 4, alone_at_onset=True, accepted=6))
    assert value("equity_gap", nobody_connected_reached) == -1
    assert np.isnan(value("equity_ratio", nobody_connected_reached))


def test_reach_at_baseline_asks_who_had_no_friend_there_in_the_week_of_onset() -> None:
    friends = by_student([1] * 9 + [0], [0] * 10, [0] * 10)  # two steps a week: onset in step 20 is in week 10
    baseline = without(replace(blank(weeks(10), 3, Values(steps_per_week=2)), friends=friends), slice(None), 2)
    spells = (
        Spell(0, 18, 2, alone_at_onset=True),  # week 9: had a friend
        Spell(0, 19, 2, accepted=20),  # week 10: had none
        Spell(0, 20, 2),
        Spell(1, 11, 2, accepted=12),
        Spell(2, 11, 2),  # had left under the baseline
        Spell(1, 21, 2),  # week 11: the baseline's course is over
        Spell(3, 11, 2),  # not of the baseline's cohort
    )
    history = of(*spells, parameters=Values(steps_per_week=2))
    assert value("reach_isolated_at_baseline", history, baseline) == 2 / 3
    assert value("reach_isolated", history, baseline) == 0


def test_the_cascade() -> None:
    history = of(
        Spell(0, 5, 4),
        Spell(1, 5, 4, noticed=6),
        Spell(2, 5, 4, noticed=6, offered=6, alone_at_onset=True),
        Spell(3, 5, 4, noticed=6, offered=6, accepted=7, referred=7),
        Spell(0, 12, 4, treated=13),  # asked for care unprompted
        Spell(1, 0, 4, noticed=0, offered=0, accepted=0, referred=0, treated=0, early=True),
    )
    assert cascade(history) == {"episode": 5, "noticed": 3, "offered": 2, "accepted": 1, "referred": 1, "treated": 1}
    assert cascade_counts(history).tolist() == [[1, 1, 1, 0, 0, 0], [4, 2, 1, 1, 1, 1]]  # without a friend at onset, and with one
    assert [value(f"{step}_share", history) for step in ("noticed", "offered", "accepted", "referred", "treated")] == [0.6, 0.4, 0.2, 0.2, 0.2]


@pytest.mark.parametrize(("steps_per_week", "n_weeks"), [(1, 40), (2, 20)])
def test_support_in_time(steps_per_week: int, n_weeks: int) -> None:
    """Both courses have 40 steps; four weeks are four steps in one and eight in the other."""
    window = 4 * steps_per_week
    last = 40 - window
    history = of(
        Spell(0, 10, 20, accepted=10 + window),
        Spell(1, 10, 20, accepted=11 + window),
        Spell(2, 10, 2),  # recovered: stays in the denominator
        Spell(3, last, 2, accepted=last),  # begins just early enough
        Spell(0, last + 1, 2, accepted=last + 1),  # too late to be followed for four weeks
        n_weeks=n_weeks,
        parameters=Values(steps_per_week=steps_per_week),
    )
    assert value("supported_by_week_4", history) == 2 / 4


def test_support_windows_differ_in_whom_they_follow() -> None:
    history = of(Spell(0, 14, 10, accepted=24), Spell(1, 28, 9, accepted=32), Spell(2, 36, 3), n_weeks=40)
    assert value("supported_by_week_4", history) == 1 / 3
    assert value("supported_by_week_12", history) == 2 / 2
    assert value("supported_by_week_26", history) == 1 / 1


def test_weeks_without_support_stop_at_support_at_the_end_and_at_26() -> None:
    history = of(
        Spell(0, 5, 5),
        Spell(1, 5, 20, accepted=8),
        Spell(2, 5, 50, accepted=50),
        Spell(3, 5, 7, censored=True),  # left the course after seven weeks
        Spell(0, 34, 26, censored=True, treated=36),  # care is not support; followed for 26 weeks exactly
        Spell(1, 35, 2, accepted=36),
        n_weeks=60,
    )
    assert value("weeks_without_support_26", history) == (5 + 3 + 26 + 7 + 26) / 5


def test_weeks_without_support_are_weeks_however_many_the_steps() -> None:
    history = of(Spell(0, 9, 10), Spell(1, 9, 40, accepted=13), Spell(2, 9, 70), n_weeks=60, parameters=Values(steps_per_week=2))
    assert value("weeks_without_support_26", history) == (5 + 2 + 26) / 3


def test_first_notice() -> None:
    history = of(
        Spell(0, 5, 4, noticed=6, noticed_by="peer"),
        Spell(1, 5, 4, noticed=6, noticed_by="officer"),
        Spell(2, 5, 4, noticed=6, noticed_by="staff"),
        Spell(3, 5, 4),
    )
    assert value("first_notice_by_peer", history) == 1 / 3


def test_reasons_add_up_to_the_unreached_episodes() -> None:
    missed = [Spell(0, 5 + n, 1, reason=reason) for n, reason in enumerate((*REASONS[1:], "refused", "refused"))]
    others = [Spell(1, 5, 4, accepted=6), Spell(2, 5, 4, treated=6), Spell(3, 0, 4, early=True, reason="chance")]
    history = of(*missed, *others, n_weeks=40)
    reasons = missed_reasons(history)
    assert reasons == dict.fromkeys(REASONS[1:], 1) | {"refused": 3}
    assert list(reasons) == list(REASONS[1:])
    assert missed_counts(history).tolist() == list(reasons.values())
    assert sum(reasons.values()) == len(missed)


def test_reasons_that_nobody_met_are_listed_with_zero() -> None:
    assert missed_reasons(of()) == dict.fromkeys(REASONS[1:], 0)


def test_an_unreached_episode_without_a_reason_is_a_fault_of_the_record() -> None:
    with pytest.raises(ValueError, match="1 unreached episodes"):
        missed_reasons(of(Spell(0, 5, 4, reason="reached")))


def test_missing_episodes_leave_the_other_outcomes_alone() -> None:
    quiet, busy = of(), of(Spell(0, 5, 6, alone=6))
    quiet_parts, busy_parts = outcome_parts(quiet, quiet), outcome_parts(busy, busy)
    changed = {name for name in OUTCOMES if not np.array_equal(quiet_parts[name], busy_parts[name])}
    assert {HEADLINE, "reach", "noticed_share"} <= changed
    assert not changed & {"prevalence", "unmet_need", "friends_mean", "burden_mean", "transitivity"}
