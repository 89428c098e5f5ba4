"""The table of outcomes itself: complete, in the order of the specification, pooled as ratios of sums, null where nothing happened."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulation.record.outcomes import HEADLINE, OUTCOMES, outcome_parts, ratio, value_of
from simulation.scenario.programme import build_calendar
from tests.unit.histories import Spell, blank, episodes, weeks

pytestmark = pytest.mark.filterwarnings("error")
SPECIFICATION = Path(__file__).parents[2] / "docs" / "model.md"


def specified() -> list[tuple[str, str | None]]:
    """Names and better directions of the table in section 11; `_12` after `a_week_4` stands for `a_week_12`."""
    section = SPECIFICATION.read_text(encoding="utf-8").split("\n## 11.")[1].split("\n## 12.")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")][2:]
    table: list[tuple[str, str | None]] = []
    for cells in rows:
        names, directions = cells[0].split(", "), cells[-1].split("; ")
        names = [names[0].rsplit("_", 1)[0] + name if name.startswith("_") else name for name in names]
        directions = directions * len(names) if len(directions) == 1 else directions
        table += [(name, None if better == "-" else better) for name, better in zip(names, directions, strict=True)]
    return table


def test_outcomes_are_those_of_the_specification_in_its_order() -> None:
    assert [(outcome.name, outcome.better) for outcome in OUTCOMES.values()] == specified()
    assert next(iter(OUTCOMES)) == HEADLINE == "unreached_isolated_students"


def test_every_outcome_says_in_one_line_what_it_means() -> None:
    for name, outcome in OUTCOMES.items():
        assert outcome.name == name
        assert outcome.unit
        assert outcome.meaning and "\n" not in outcome.meaning and "_" not in outcome.meaning
    assert len({outcome.meaning for outcome in OUTCOMES.values()}) == len(OUTCOMES)


def test_where_nothing_happened_outcomes_are_null_and_not_zero() -> None:
    parameters = replace(blank(weeks(1), 2).parameters, campus_years=1, clinical_years=1)
    history = blank(build_calendar(parameters), 3, parameters)
    parts = outcome_parts(history, history)
    null = {name for name in OUTCOMES if np.isnan(value_of(name, parts[name]))}
    assert null == {
        "unreached_isolated_rate", "reach", "peer_reach", "reach_isolated", "reach_connected", "reach_isolated_at_baseline",
        "reach_mostly_isolated", "equity_gap", "equity_ratio", "noticed_share", "offered_share", "accepted_share", "referred_share",
        "treated_share", "supported_by_week_4", "supported_by_week_12", "supported_by_week_26", "weeks_without_support_26",
        "first_notice_by_peer", "transitivity", "campus_tie_retention", "yearly_jaccard", "new_tie_share", "modularity",
        "officer_burden_p95", "offers_gini", "helper_onset_share", "comfort_share", "false_outreach_share"}  # fmt: skip
    assert value_of(HEADLINE, parts[HEADLINE]) == 0


def test_a_course_without_teaching_after_the_settling_in_leaves_its_outcomes_null() -> None:
    history = blank(weeks(5, settling_in=5), 2)
    parts = outcome_parts(history, history)
    for name in ("friends_mean", "close_friends_mean", "isolated_week_share", "persistently_isolated_share", "contact_isolated_share",
                 "unreached_isolated_per_100_years", "no_friend_share", "largest_component_share"):  # fmt: skip
        assert np.isnan(value_of(name, parts[name])), name
    assert value_of("prevalence", parts["prevalence"]) == 0


def test_replicates_are_pooled_as_a_ratio_of_sums() -> None:
    one = replace(blank(weeks(20), 2), episodes=episodes(Spell(0, 2, 3, accepted=3)))
    other = replace(blank(weeks(20), 2), episodes=episodes(*(Spell(0, onset, 2) for onset in (2, 6, 10))))
    pooled = outcome_parts(one, one)["reach"] + outcome_parts(other, other)["reach"]
    assert value_of("reach", pooled) == 1 / 4  # the mean of the runs' shares would be 1 / 2


def test_values_keep_leading_dimensions() -> None:
    parts = np.array([[[1, 2], [0, 0]], [[3, 4], [0, 5]], [[2, 2], [0, 0]]])
    expected = [[50, np.nan], [75, 0], [100, np.nan]]
    np.testing.assert_array_equal(value_of(HEADLINE, parts), expected)
    np.testing.assert_array_equal(ratio(100)(parts), expected)
    sums = np.array([[3, 4, 1, 4], [3, 4, 0, 0], [0, 4, 1, 4], [0, 0, 1, 4]])
    np.testing.assert_array_equal(value_of("equity_gap", sums), [0.5, np.nan, -0.25, np.nan])
    np.testing.assert_array_equal(value_of("equity_ratio", sums), [1 / 3, np.nan, np.nan, np.nan])


def test_an_unknown_outcome_is_refused() -> None:
    with pytest.raises(KeyError, match="reech"):
        value_of("reech", np.zeros(2))


def test_outcomes_can_be_sent_to_another_process() -> None:
    history = replace(blank(weeks(20), 2), episodes=episodes(Spell(0, 2, 3, accepted=3), Spell(1, 2, 3)))
    for name, outcome in pickle.loads(pickle.dumps(OUTCOMES)).items():
        assert outcome.parts(history, history) == OUTCOMES[name].parts(history, history)
