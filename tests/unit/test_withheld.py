"""What a comparison holds back of a school: outcomes that rest on fewer than five students or episodes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments.compare import compare
from experiments.notes import notes_of
from experiments.withheld import fewest_behind, is_of_few
from simulation.record.outcomes import OUTCOMES
from simulation.run import run
from simulation.scenario.inputs import read_school
from simulation.scenario.scenario import attach_school, load_scenario
from simulation.scenario.school import FEWEST_TOLD


def test_what_stands_behind_an_outcome() -> None:
    assert fewest_behind("reach", np.array([2.0, 3.0])) == 3
    assert fewest_behind("equity_gap", np.array([2.0, 30.0, 1.0, 4.0])) == 4
    assert fewest_behind("unreached_isolated_students", np.array([1.0, 120.0])) == 120
    assert fewest_behind("weeks_without_support_26", np.array([40.0, 4.0])) == 4
    for of_weeks_or_runs in ("prevalence", "modularity", "largest_component_share", "burden_mean"):
        assert fewest_behind(of_weeks_or_runs, np.array([0.5, 1.0])) == np.inf


@pytest.mark.parametrize(("episodes", "is_held_back"), [([0, 0], False), ([1, 0], True), ([2, 2], True), ([2, 3], False)])
def test_cohorts_are_added_before_they_are_counted(episodes: list[int], is_held_back: bool) -> None:
    parts = np.array([[[1.0, n] for n in episodes], [[1.0, FEWEST_TOLD]] * 2])
    assert is_of_few("reach", parts).tolist() == [is_held_back, False]


def test_every_share_of_people_or_episodes_of_a_small_school_rests_on_five(tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("student_id\n" + "".join(f"s{k:02d}\n" for k in range(16)), encoding="utf-8")
    plain = [load_scenario(name, overrides={"campus_years": 1, "clinical_years": 1}) for name in ("informal", "officers")]
    scenarios = [attach_school(scenario, read_school(roster, values=scenario.parameters)) for scenario in plain]
    seed, replicates, sums = 5, 2, {}

    def watched(scenario, its_seed):  # type: ignore[no-untyped-def]
        history = run(scenario, its_seed)
        base = sums.setdefault((its_seed, "informal"), history)
        for name, outcome in OUTCOMES.items():
            key = (scenario.name, name)
            sums[key] = sums.get(key, 0) + np.array(outcome.parts(history, base))
        return history

    found = compare(scenarios, seed=seed, replicates=replicates, workers=1, run=watched)
    held_back = set()
    for row in found.rows:
        behind = fewest_behind(row["outcome"], sums[row["scenario"], row["outcome"]])
        if behind < FEWEST_TOLD:
            assert all(row[key] is None for key in ("mean", "difference", "cohort_low", "cohort_high")), row
            held_back |= {row["outcome"]} if behind else set()
    assert held_back == set(found.withheld) != set()
    assert any("left blank" in note for note in notes_of(found))
    assert all(row["mean"] is not None for row in found.of("unreached_isolated_students"))
