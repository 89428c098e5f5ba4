"""The same students in two worlds, by hand, and the files of a comparison that tell of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import counterfactual
from experiments.compare import Comparison, compare, write
from experiments.counterfactual import COUNTERFACTUAL_FILES, COUNTERFACTUAL_KEYS, counterfactual_rows
from simulation.evidence.parameters import Values
from simulation.record.accounting import persistently_isolated
from simulation.record.counterfactual import STATES, UNITS, changes, student_groups, student_states
from simulation.record.history import History
from simulation.record.outcomes import OUTCOMES, outcome_parts
from simulation.record.reach import ISOLATION
from simulation.run import run
from simulation.streams import replicate_seed
from tests.unit.fakes_of_experiments import fake_run, quick_comparison, small_scenario, with_school
from tests.unit.histories import Spell, blank, by_student, episodes, weeks, without

NONE, MISSED, REACHED = range(3)
ISOLATED, CONNECTED, NOT_THERE = range(3)
STUDENTS, EPISODES = range(2)


def counted(history: History, baseline: History) -> dict[tuple[int, int, int, int], int]:
    """The cells with anybody in them: (unit, group, under the baseline, under the scenario) -> count."""
    found = changes(history, baseline)
    assert found.shape == (len(UNITS), len(ISOLATION), len(STATES), len(STATES))
    return {tuple(place): int(found[tuple(place)]) for place in np.argwhere(found)}


def pair(here: tuple[Spell, ...], there: tuple[Spell, ...], **of_baseline: np.ndarray) -> tuple[History, History]:
    """A scenario's and the baseline's history of five students and 12 weeks, the first two of them the settling-in; all have a friend."""
    calendar = weeks(12, settling_in=2)
    friends = np.ones((12, 5), dtype=np.int16)
    baseline = replace(blank(calendar, 5, Values(persistent_weeks=4)), friends=friends, episodes=episodes(*there))
    return replace(baseline, episodes=episodes(*here)), replace(baseline, **of_baseline)


def test_each_student_and_each_episode_stands_in_one_cell() -> None:
    history, baseline = pair(
        here=(Spell(0, 4, 3, accepted=5), Spell(1, 4, 3), Spell(3, 6, 2, treated=7), Spell(3, 9, 2)),
        there=(Spell(0, 4, 3), Spell(1, 4, 3, accepted=5), Spell(2, 5, 2)),
    )
    assert counted(history, baseline) == {
        (STUDENTS, CONNECTED, MISSED, REACHED): 1, (STUDENTS, CONNECTED, REACHED, MISSED): 1, (STUDENTS, CONNECTED, MISSED, NONE): 1,
        (STUDENTS, CONNECTED, NONE, REACHED): 1, (STUDENTS, CONNECTED, NONE, NONE): 1,
        (EPISODES, CONNECTED, MISSED, REACHED): 1, (EPISODES, CONNECTED, REACHED, MISSED): 1, (EPISODES, CONNECTED, MISSED, NONE): 1,
        (EPISODES, CONNECTED, NONE, REACHED): 1, (EPISODES, CONNECTED, NONE, MISSED): 1}  # fmt: skip


def test_one_reached_episode_of_several_reaches_the_student_and_early_ones_do_not_count() -> None:
    history, baseline = pair(
        here=(Spell(0, 0, 1, early=True, accepted=1), Spell(0, 4, 3), Spell(0, 9, 1, accepted=9), Spell(1, 2, 3, early=True)),
        there=(Spell(0, 0, 1, early=True, accepted=1), Spell(0, 4, 3), Spell(1, 2, 3, early=True, accepted=3)),
    )
    assert student_states(history).tolist() == [REACHED, NONE, NONE, NONE, NONE]
    assert student_states(baseline).tolist() == [MISSED, NONE, NONE, NONE, NONE]
    assert counted(history, baseline) == {
        (STUDENTS, CONNECTED, MISSED, REACHED): 1, (STUDENTS, CONNECTED, NONE, NONE): 4,
        (EPISODES, CONNECTED, MISSED, MISSED): 1, (EPISODES, CONNECTED, NONE, REACHED): 1}  # fmt: skip


def test_students_are_grouped_by_their_course_under_the_baseline_and_episodes_by_the_week_of_onset() -> None:
    friends = by_student(
        [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1],  # four weeks on end without a friend
        [1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1],  # three at most
        [0] * 5 + [1] * 7,  # three after the settling-in
        [0] * 12, [1] * 12,
    )  # fmt: skip
    here = (Spell(0, 4, 1), Spell(0, 5, 1), Spell(1, 9, 1), Spell(3, 6, 1), Spell(4, 12, 1))
    history, baseline = pair(here, (), friends=friends)
    baseline = without(without(baseline, slice(5, None), 3), slice(1, None), 4)  # left in week 6; left in the settling-in
    assert student_groups(baseline).tolist() == [ISOLATED, CONNECTED, CONNECTED, CONNECTED, NOT_THERE]
    assert counted(history, baseline) == {
        (STUDENTS, ISOLATED, NONE, MISSED): 1, (STUDENTS, CONNECTED, NONE, MISSED): 2, (STUDENTS, CONNECTED, NONE, NONE): 1,
        (STUDENTS, NOT_THERE, NONE, MISSED): 1,
        (EPISODES, ISOLATED, NONE, MISSED): 2, (EPISODES, CONNECTED, NONE, MISSED): 1, (EPISODES, NOT_THERE, NONE, MISSED): 2}  # fmt: skip


def test_who_is_enrolled_in_one_cohort_alone_is_not_compared() -> None:
    history, baseline = pair(here=(Spell(0, 4, 3),), there=(Spell(4, 4, 3), Spell(0, 4, 3)))
    smaller = replace(blank(weeks(12, settling_in=2), 3, Values(persistent_weeks=4)), episodes=history.episodes)
    assert changes(smaller, baseline).sum(axis=(1, 2, 3)).tolist() == [3, 1]
    assert changes(baseline, smaller).sum(axis=(1, 2, 3)).tolist() == [3, 1]


def test_onsets_are_compared_in_weeks_where_steps_differ_in_length() -> None:
    here = (Spell(0, 8, 3, accepted=9), Spell(1, 7, 3), Spell(2, 0, 2))
    history, baseline = pair(here, there=(Spell(0, 4, 3), Spell(1, 4, 3), Spell(2, 0, 1)))
    history = replace(history, parameters=Values(steps_per_week=2, persistent_weeks=4))
    friends = np.ones_like(baseline.friends)
    friends[3] = 0  # week 4: steps 7 and 8 of two a week
    baseline = replace(baseline, friends=friends)
    found = {cell: n for cell, n in counted(history, baseline).items() if cell[0] == EPISODES}
    assert found == {(EPISODES, ISOLATED, MISSED, REACHED): 1, (EPISODES, ISOLATED, MISSED, NONE): 1, (EPISODES, ISOLATED, NONE, MISSED): 1,
                     (EPISODES, CONNECTED, MISSED, MISSED): 1}  # fmt: skip


def test_without_students_in_distress_everybody_stands_in_one_row() -> None:
    history, baseline = pair((), ())
    assert counted(history, baseline) == {(STUDENTS, CONNECTED, NONE, NONE): 5}


@pytest.fixture(scope="module")
def worlds() -> list[tuple[History, History]]:
    """Two ways of grouping in the same worlds; students leave."""
    ways = [small_scenario(name, dropout_rate=0.5, onset_rate=0.02) for name in ("random-groups", "isolate-aware")]
    return [tuple(run(way, seed) for way in ways) for seed in (1, 2, 3)]


def test_cells_of_runs_add_up_to_what_the_outcomes_count(worlds: list[tuple[History, History]]) -> None:
    for baseline, history in worlds:
        found = changes(history, baseline)
        assert found[STUDENTS].sum() == history.n_students == 40
        n_isolated, n_there = persistently_isolated(baseline)
        assert found[STUDENTS].sum(axis=(1, 2)).tolist() == [n_isolated, n_there - n_isolated, 40 - n_there]
        for world, axis in ((baseline, 2), (history, 1)):
            _, missed, reached = found[EPISODES].sum(axis=(0, axis))
            assert (reached, reached + missed) == OUTCOMES["reach"].parts(world, baseline)
        of_scenario = found[EPISODES, ISOLATED].sum(axis=0)
        assert (of_scenario[REACHED], of_scenario[MISSED] + of_scenario[REACHED]) == OUTCOMES["reach_isolated_at_baseline"].parts(history, baseline)
        assert found[EPISODES, :, NONE, NONE].sum() == 0


def test_a_world_compared_with_itself_moves_nobody(worlds: list[tuple[History, History]]) -> None:
    for baseline, _ in worlds:
        found = changes(baseline, baseline)
        assert (found * (1 - np.eye(3, dtype=np.int64))).sum() == 0 < found.sum()


@pytest.mark.parametrize("name", ["informal", "isolate-aware", "officers-outreach"])
def test_for_the_baseline_itself_both_reaches_of_the_isolated_are_one(name: str) -> None:
    """With one step a week and nobody leaving, friends change in the tie phase alone, so the onset step and the week's end see the same."""
    n = 0
    for seed in (1, 2):
        history = run(small_scenario(name, onset_rate=0.03), seed)
        parts = outcome_parts(history, history)
        np.testing.assert_array_equal(parts["reach_isolated_at_baseline"], parts["reach_isolated"])
        n += parts["reach_isolated"][1]
    assert n > 0


# --- the files ---


@pytest.fixture(scope="module")
def three() -> Comparison:
    return quick_comparison(("informal", "training", "officers-outreach"), replicates=6)


def test_the_files_of_a_synthetic_comparison_say_the_same(three: Comparison, tmp_path: Path) -> None:
    write(three, tmp_path)
    table = pd.read_csv(tmp_path / "counterfactual.csv")
    assert tuple(table.columns) == COUNTERFACTUAL_KEYS
    assert set(table["scenario"]) == {"training", "officers-outreach"} and set(table["baseline"]) == {"informal"}
    assert set(table["group"]) == {"isolated", "connected", "all"}, "nobody leaves, so nobody is not there"
    cells, sums = table[table["under_baseline"] != "any"], table[table["under_baseline"] == "any"]
    students = pd.read_parquet(tmp_path / "counterfactual-students.parquet")
    assert len(students) == 2 * 6 * 40 and set(students["seed"]) == {replicate_seed(1, r) for r in range(6)}
    for scenario, of_scenario in students.groupby("scenario", observed=True):
        rows = cells[(cells["scenario"] == scenario) & (cells["unit"] == "students")]
        for row in rows.itertuples():
            same = of_scenario[(of_scenario["under_baseline"] == row.under_baseline) & (of_scenario["under_scenario"] == row.under_scenario)]
            assert len(same if row.group == "all" else same[same["group"] == row.group]) == row.count
        assert rows.loc[rows["group"] == "all", "count"].sum() == 6 * 40
        assert rows.loc[rows["group"] == "all", "per_100"].sum() == pytest.approx(100)
    for _, rows in cells.groupby(["scenario", "unit", "group"]):
        of_group = sums.merge(rows[["scenario", "unit", "group"]].drop_duplicates()).set_index("change")["count"]
        gained, lost = (rows.loc[rows["change"] == change, "count"].sum() for change in ("gained", "lost"))
        assert of_group.to_dict() == {"gained": gained, "lost": lost, "net": gained - lost}
        is_gained = (rows["under_scenario"] == "reached") & (rows["under_baseline"] != "reached")
        assert (rows["change"] == "gained").tolist() == is_gained.tolist()
    assert ((table["low"] <= table["per_100"]) & (table["per_100"] <= table["high"]))[table["per_100"].notna()].all()


def test_the_students_of_the_file_are_those_of_the_histories(three: Comparison, tmp_path: Path) -> None:
    write(three, tmp_path)
    students = pd.read_parquet(tmp_path / "counterfactual-students.parquet")
    for r in (0, 5):
        baseline, history = (fake_run(small_scenario(name), replicate_seed(1, r)) for name in ("informal", "training"))
        rows = students[(students["seed"] == replicate_seed(1, r)) & (students["scenario"] == "training")]
        assert rows["student"].tolist() == list(range(1, 41))
        assert rows["under_baseline"].tolist() == [STATES[state] for state in student_states(baseline)]
        assert rows["under_scenario"].tolist() == [STATES[state] for state in student_states(history)]
        assert rows["group"].tolist() == [ISOLATION[group] for group in student_groups(baseline)]


def test_the_students_are_written_a_few_cohorts_at_a_time(three: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(three, tmp_path / "at once")
    monkeypatch.setattr(counterfactual, "_STUDENTS_AT_ONE_TIME", 100)  # two cohorts of 40
    write(three, tmp_path / "in parts")
    once, parts = (pd.read_parquet(tmp_path / place / "counterfactual-students.parquet") for place in ("at once", "in parts"))
    pd.testing.assert_frame_equal(once, parts)


def test_one_cohort_gives_counts_and_no_interval() -> None:
    rows = counterfactual_rows(quick_comparison(("informal", "training"), replicates=1))
    assert rows and all(row["low"] is None and row["high"] is None for row in rows)
    assert sum(row["count"] for row in rows if row["unit"] == "students" and row["group"] == "all" and row["under_baseline"] != "any") == 40


def test_with_a_roster_nobody_is_followed_and_files_of_an_earlier_comparison_go(three: Comparison, tmp_path: Path) -> None:
    write(three, tmp_path)
    assert all((tmp_path / name).exists() for name in COUNTERFACTUAL_FILES)
    scenarios = [with_school(small_scenario(name)) for name in ("informal", "training")]
    found = compare(scenarios, replicates=5, run=fake_run)
    assert found.changes is None and found.students == [] and counterfactual_rows(found) == []
    write(found, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures", "report.html", "rows.csv", "rows.parquet", "tables"]
    assert any("nobody is followed from one scenario to another" in note for note in found.notes)
    assert not any("nobody is followed" in note for note in three.notes)


def test_a_scenario_alone_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    write(quick_comparison(("informal",), replicates=5), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures", "report.html", "rows.csv", "rows.parquet", "tables"]


def test_a_comparison_of_groupings_says_which_reach_compares_the_same_students() -> None:
    groupings = compare([small_scenario("informal"), small_scenario("fixed-groups")], replicates=2, run=fake_run)
    assert any("`reach_isolated_at_baseline`" in note for note in groupings.notes)
    assert not any("`reach_isolated_at_baseline`" in note for note in quick_comparison(("informal", "training"), 2).notes)
