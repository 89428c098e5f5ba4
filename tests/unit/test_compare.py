"""The comparison: the same worlds for all scenarios, sums pooled in the order of replicates, and what is said when something goes wrong."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

import simulation.run
from experiments.compare import Comparison, RunError, _mean_of_defined, compare, write
from experiments.counterfactual import COUNTERFACTUAL_FILES
from experiments.engines import OWN
from experiments.estimates import ROW_KEYS
from experiments.replicate import SERIES
from experiments.report_files import every_file
from simulation.faults import Fault, InputError
from simulation.record.history import History
from simulation.record.networks import YEAR_END, year_end_table
from simulation.record.outcomes import HEADLINE, OUTCOMES, cascade, missed_reasons
from simulation.record.reach import CASCADE_STEPS
from simulation.scenario.scenario import Scenario
from simulation.streams import replicate_seed
from tests.unit.fakes_of_experiments import FAMOUS_FOUR, fake_run, quick_comparison, small_scenario, with_school


def fails_under_training(scenario: Scenario, seed: int) -> History:
    if scenario.name == "training":
        raise ValueError("a tie has no ends")
    return fake_run(scenario, seed)


def cannot_be_placed(scenario: Scenario, seed: int) -> History:
    raise InputError([Fault("placements", "a group fits nowhere", "more places")])


def ends_its_process(scenario: Scenario, seed: int) -> History:
    os._exit(9)


def uncertain_about_hours(scenario: Scenario, seed: int) -> History:
    history = fake_run(scenario, seed)
    return replace(history, spread_sites=("Northern Hospital", "Bay Clinic"))


@pytest.fixture(scope="module")
def four() -> Comparison:
    return quick_comparison(replicates=6)


def test_every_scenario_meets_the_replicates_own_seed_and_in_order() -> None:
    met: list[tuple[str, int]] = []

    def watch(scenario: Scenario, seed: int) -> History:
        met.append((scenario.name, seed))
        return fake_run(scenario, seed)

    said: list[tuple[int, int]] = []
    compare([small_scenario("informal"), small_scenario("officers")], seed=7, replicates=3, workers=1, run=watch,
            on_progress=lambda done, total: said.append((done, total)))  # fmt: skip
    seeds = [replicate_seed(7, r) for r in range(3)]
    assert met == [(name, seed) for seed in seeds for name in ("informal", "officers")]
    assert len(set(seeds)) == 3
    assert said == [(2, 6), (4, 6), (6, 6)]


def test_rows_are_the_pooled_sums_of_the_histories(four: Comparison) -> None:
    assert [tuple(row) for row in four.rows] == [ROW_KEYS] * len(four.rows)
    assert len(four.rows) == len(OUTCOMES) * 4
    reached = episodes = 0
    for r in range(6):
        history = fake_run(four.scenarios[3], replicate_seed(1, r))
        counted = ~history.episodes.is_early
        reached += int((counted & history.episodes.is_reached).sum())
        episodes += int(counted.sum())
    assert four.of("reach")[3]["mean"] == pytest.approx(reached / episodes, rel=1e-12)
    with pytest.raises(KeyError):
        four.of("happiness")


def test_outcomes_that_look_at_the_baseline_are_given_it(four: Comparison) -> None:
    histories = [[fake_run(scenario, replicate_seed(1, r)) for scenario in (four.scenarios[0], four.scenarios[3])] for r in range(6)]
    parts = np.array([OUTCOMES["reach_isolated_at_baseline"].parts(other, base) for base, other in histories])
    assert four.of("reach_isolated_at_baseline")[3]["mean"] == pytest.approx(parts[:, 0].sum() / parts[:, 1].sum(), rel=1e-12)


def test_reasons_and_steps_add_up(four: Comparison) -> None:
    for s, scenario in enumerate(four.scenarios):
        histories = [fake_run(scenario, replicate_seed(1, r)) for r in range(6)]
        assert four.reasons[s].tolist() == [sum(values) for values in zip(*(missed_reasons(h).values() for h in histories), strict=True)]
        for r, history in enumerate(histories):
            assert dict(zip(CASCADE_STEPS, four.cascade[s, r].sum(axis=0).tolist(), strict=True)) == cascade(history)
        unreached = four.cascade[s, ..., 0].sum() * (1 - four.of("reach")[s]["mean"])
        assert four.reasons[s].sum() == pytest.approx(unreached, rel=1e-12)


def test_weeks_and_year_ends_are_those_of_the_histories(four: Comparison) -> None:
    for s, scenario in enumerate(four.scenarios):
        histories = [fake_run(scenario, replicate_seed(1, r)) for r in range(6)]
        for r, history in enumerate(histories):
            frame = history.weekly_frame()
            for k, name in enumerate(SERIES):
                np.testing.assert_array_equal(four.weekly[s][r, k], frame[name])
        tables = pd.concat([year_end_table(history) for history in histories]).groupby("year", as_index=False).mean()
        assert tuple(tables.columns) == YEAR_END
        np.testing.assert_allclose(four.year_ends[s], tables.to_numpy(dtype=float), rtol=1e-12)
        assert np.isnan(four.year_ends[s][0]).tolist() == [name == "jaccard" for name in YEAR_END]
        assert (four.calendars[s].is_teaching == histories[0].calendar.is_teaching).all()


def test_what_is_defined_in_some_cohorts_is_averaged_over_those() -> None:
    values = np.array([[1.0, np.nan, 4.0], [3.0, np.nan, np.nan]])
    np.testing.assert_array_equal(_mean_of_defined(values), [2.0, np.nan, 4.0])


def test_identical_scenarios_do_not_differ() -> None:
    scenario = small_scenario("officers")
    found = compare([scenario, replace(scenario, name="twin")], replicates=5, workers=1, run=fake_run)
    for row in found.rows[1::2]:
        if row["mean"] is not None:
            assert (row["difference"], row["difference_low"], row["difference_high"]) in ((0.0, 0.0, 0.0), (0.0, None, None)), row
            assert row["p_better"] in (0.5, None)


@pytest.mark.parametrize("where", ["threads", "processes"])
def test_results_do_not_depend_on_the_number_of_workers(where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios = [small_scenario(name) for name in FAMOUS_FOUR[:2]]
    monkeypatch.setattr(simulation.run, "run", lambda scenario, seed, *, engine: fake_run(scenario, seed))  # the array engine, if none is given
    run = fake_run if where == "processes" else None
    one = compare(scenarios, seed=3, replicates=5, workers=1, run=run)
    two = compare(scenarios, seed=3, replicates=5, workers=2, run=run)
    assert one.to_json() == two.to_json()
    for name in ("one", "two"):
        write(one if name == "one" else two, tmp_path / name, "wardmates compare")
    for file in ("report.html", "rows.csv", "rows.parquet", *COUNTERFACTUAL_FILES, *every_file()):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_more_replicates_keep_the_first_ones() -> None:
    few, more = quick_comparison(("informal",), 2), quick_comparison(("informal",), 3)
    assert (more.cascade[:, :2] == few.cascade).all()
    assert (more.weekly[0][:2] == few.weekly[0]).all()
    assert not (quick_comparison(("informal",), 2, seed=2).cascade == few.cascade).all()


def test_json_is_one_strict_object_and_says_nothing_of_the_machine(four: Comparison) -> None:
    def refuse(text: str) -> None:
        raise AssertionError(f"not JSON: {text}")

    content = json.loads(four.to_json(), parse_constant=refuse)
    assert set(content) == {"provenance", "rows", "notes"}
    assert content["notes"] == four.notes != []
    assert set(content["provenance"]) == {"wardmates", "seed", "replicates", "engine", "scenarios", "school", "libraries"}
    assert [s["fingerprint"] for s in content["provenance"]["scenarios"]] == [s.fingerprint for s in four.scenarios]
    assert content["provenance"]["school"] is None and content["provenance"]["engine"] == OWN
    for secret in (os.getcwd(), os.path.expanduser("~"), os.uname().nodename):
        assert len(secret) < 3 or secret not in four.to_json()


def test_the_frame_keeps_numbers_numbers(four: Comparison) -> None:
    frame = four.frame()
    assert tuple(frame.columns) == ROW_KEYS
    assert frame["difference"].dtype == np.float64
    assert str(frame["replicates_needed"].dtype) == "Int64"
    assert frame.loc[frame["scenario"] == "informal", "difference"].isna().all()


def test_a_failing_run_names_the_scenario_and_the_seed() -> None:
    scenarios = [small_scenario("informal"), small_scenario("training")]
    for workers in (1, 2):
        with pytest.raises(RunError, match=r"scenario 'training' failed with seed \d+ .*ValueError: a tie has no ends") as caught:
            compare(scenarios, seed=5, replicates=2, workers=workers, run=fails_under_training)
        assert any(f"seed {replicate_seed(5, r)} (replicate {r + 1} of seed 5)" in str(caught.value) for r in range(workers))
    assert multiprocessing.active_children() == []


def test_what_the_user_can_mend_stays_an_input_error_and_names_the_scenario() -> None:
    with pytest.raises(InputError) as caught:
        compare([small_scenario("two-sites")], replicates=1, run=cannot_be_placed)
    assert caught.value.faults == [Fault("two-sites: placements", "a group fits nowhere", "more places")]


def test_a_worker_that_dies_is_told_with_scenario_and_seed() -> None:
    with pytest.raises(RunError, match="worker process ended before it was done") as caught:
        compare([small_scenario("informal")], seed=5, replicates=2, workers=2, run=ends_its_process)
    assert "informal" in str(caught.value)
    assert str(replicate_seed(5, 0)) in str(caught.value)
    assert multiprocessing.active_children() == []


def test_without_a_number_of_workers_this_process_does_the_work() -> None:
    met: list[int] = []

    def watch(scenario: Scenario, seed: int) -> History:
        met.append(os.getpid())
        return fake_run(scenario, seed)

    compare([small_scenario("informal")], replicates=2, run=watch)
    assert met == [os.getpid()] * 2


def test_a_script_without_a_guard_is_told_of_it(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    script = tmp_path / "script.py"
    script.write_text("from experiments.compare import compare\n"
                      "from tests.unit.fakes_of_experiments import fake_run, small_scenario\n"
                      "compare([small_scenario()], replicates=2, workers=2, run=fake_run)\n", encoding="utf-8")  # fmt: skip
    ended = subprocess.run([sys.executable, script], env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    assert 'below `if __name__ == "__main__":`' in ended.stderr.splitlines()[-1]


def test_an_interrupt_ends_the_workers() -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare([small_scenario("informal")], replicates=40, workers=2, run=fake_run, on_progress=interrupt)
    assert multiprocessing.active_children() == []


def test_faults_of_the_question_are_told_together() -> None:
    scenario = small_scenario("informal")
    with pytest.raises(InputError) as caught:
        compare([scenario, with_school(scenario)], seed=-1, replicates=0, workers=0, engine="Meas", run=fake_run)
    assert [fault.where for fault in caught.value.faults] == ["scenarios", "seed", "replicates", "workers", "engine", "scenarios"]
    assert caught.value.faults[4] == Fault("engine", "no such engine", "one of arrays, mesa. did you mean 'mesa'?", value="Meas")
    with pytest.raises(InputError, match="nothing to compare"):
        compare([], run=fake_run)


def test_notes_on_few_replicates_and_officer_hours() -> None:
    equal = " ".join(quick_comparison(("informal", "officers", "officers-outreach"), 3).notes)
    assert "3 simulated cohorts of each scenario are few" in equal
    assert "take the same officer-hours" in equal
    unequal = " ".join(quick_comparison(("informal", "officers", "officers-per-site"), 3).notes)
    assert "officers takes 7 % more officer-hours a student than officers-per-site" in unequal
    assert "One simulated cohort" in quick_comparison(("informal",), 1).notes[0]


def test_notes_on_placements_courses_and_schools() -> None:
    scenarios = [small_scenario("informal"), small_scenario("fixed-groups", clinical_years=2)]
    notes = " ".join(compare(scenarios, replicates=2, workers=1, run=fake_run).notes)
    assert "kappa_placement" in notes and "unreached_isolated_per_100_years" in notes
    school = compare([with_school(small_scenario("informal"))], replicates=2, workers=1, run=uncertain_about_hours)
    notes = " ".join(school.notes)
    assert "Bay Clinic and Northern Hospital" in notes and "40 students on the roster" in notes
    assert school.provenance["school"] == "abc123"
    assert "kappa_placement" not in notes


def test_written_files_say_what_the_rows_say(four: Comparison, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    files = write(four, out, "wardmates compare")
    names = sorted(["report.html", "rows.csv", "rows.parquet", *COUNTERFACTUAL_FILES, *every_file()])
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) == names
    assert sorted(path.relative_to(out).as_posix() for path in files) == names
    pd.testing.assert_frame_equal(pd.read_parquet(out / "rows.parquet"), four.frame())
    assert (out / "rows.csv").read_text(encoding="utf-8") == four.frame().to_csv(index=False, lineterminator="\n")
    assert json.loads(parquet.read_schema(out / "rows.parquet").metadata[b"wardmates"]) == four.provenance
    table = pd.read_csv(out / "rows.csv")
    assert table["mean"].to_numpy() == pytest.approx(four.frame()["mean"].to_numpy(), rel=1e-15, nan_ok=True)
    assert table.loc[(table["outcome"] == HEADLINE) & (table["scenario"] == "informal"), "mean"].item() == four.of(HEADLINE)[0]["mean"]


def test_a_fault_in_writing_leaves_what_was_there(four: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(four, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def disk_full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(parquet, "write_table", disk_full)
    with pytest.raises(OSError, match="no space left"):
        write(quick_comparison(replicates=2), tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
