"""Outreach that sees no difference is a lottery: with a sensitivity equal to its false-positive rate it finds isolated students by chance alone.

`outreach_sensitivity` q and `outreach_specificity` 1 - q: every student who is no officer looks low in contact with probability q, friends or not.
"""

from __future__ import annotations

from functools import cache

import pytest

from experiments.compare import compare
from simulation.engine.cohort import Cohort, Plan
from simulation.scenario.scenario import Scenario, make_scenario

FALSE_ALARM = 0.001
LONELY = {"students": 60, "campus_years": 1, "clinical_years": 1, "sociability_mean": 45, "onset_rate": 0.02, "students_per_officer": 10,
          "volunteer_share": 0.3}  # fmt: skip
N_COHORTS = 12
N_REPLICATES, MARGIN = 160, 0.03
"""Fixed beforehand: so many replicates give a paired standard error of about .0065 for `reach_isolated`, so that without any true difference
the equivalence below is missed once in three hundred; a perfect flag gains about .1."""


def outreach(sensitivity: float, specificity: float, name: str = "outreach") -> Scenario:
    return make_scenario({"parameters": {**LONELY, "outreach_sensitivity": sensitivity, "outreach_specificity": specificity},
                          "support": {"officers": "volunteers", "add_ons": ["outreach"]}}, label=name)  # fmt: skip


def excess_of_isolated(scenario: Scenario) -> tuple[float, int]:
    """Check-ins on students without a friend, less what a lottery among all who are no officers gives, in standard deviations; and check-ins in all.

    Given everything before a week, and how many are checked on in it, a lottery makes the isolated among them hypergeometric.
    """
    excess = variance = 0.0
    n_checkins = 0
    for seed in range(N_COHORTS):
        cohort = Cohort(Plan(scenario), seed)
        n = cohort.plan.n
        while cohort.step_number < cohort.n_steps:
            alone = cohort.course.people.friends[:n] == 0
            cohort.run_to(cohort.step_number + 1)
            people = cohort.course.people
            candidates, checked = ~people.is_officer[:n], people.checked_by[:n] >= 0
            assert not (checked & ~candidates).any()
            m, k, n_alone = int(candidates.sum()), int(checked.sum()), int((alone & candidates).sum())
            if k:
                share = n_alone / m
                excess += float((checked & alone).sum()) - k * share
                variance += k * share * (1 - share) * (m - k) / (m - 1)
                n_checkins += k
    return excess / variance**0.5, n_checkins


@pytest.mark.parametrize("q", [0.1, 0.4, 1.0])
def test_whom_a_blind_flag_finds_is_a_lottery(q: float) -> None:
    """A z-test, two-sided, with a false-alarm rate of FALSE_ALARM for the three together."""
    z, n_checkins = excess_of_isolated(outreach(q, 1 - q))
    assert n_checkins > 1000
    assert abs(z) < 3.6, z  # the two-sided quantile of FALSE_ALARM / 3 is 3.59


def test_a_flag_that_sees_something_is_no_lottery() -> None:
    z, _ = excess_of_isolated(outreach(0.6, 0.8))  # the table's defaults
    assert z > 10


@cache
def gains() -> dict[str, tuple[float, float]]:
    """Difference in `reach_isolated` to check-ins on anybody at random, paired by seed, and its standard error."""
    scenarios = [outreach(1, 0, "anybody"), outreach(0.4, 0.6, "blind"), outreach(1, 1, "seeing")]
    found = compare(scenarios, seed=1, replicates=N_REPLICATES)
    rows = {row["scenario"]: row for row in found.of("reach_isolated")[1:]}
    return {name: (row["difference"], (row["difference_high"] - row["difference_low"]) / 2 / 1.975) for name, row in rows.items()}


def test_a_blind_flag_gains_nothing_over_check_ins_at_random() -> None:
    """Two one-sided tests at 5 %: the 90 % interval lies within the margin."""
    gain, error = gains()["blind"]
    assert abs(gain) + 1.654 * error < MARGIN, (gain, error)


def test_the_same_test_sees_what_a_perfect_flag_gains() -> None:
    gain, error = gains()["seeing"]
    assert gain - 1.654 * error > MARGIN, (gain, error)
