"""What `wardmates run` wrote is counted again from its files alone, and gives the same figures, exactly; with a fault in the files it does not."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulation.evidence.parameters import Values
from simulation.record.counterfactual import STATES, changes
from simulation.record.history import History
from simulation.record.outcomes import HEADLINE, OUTCOMES, outcome_parts, value_of
from simulation.record.reach import ISOLATION
from simulation.run import run
from simulation.scenario.inputs import read_school
from simulation.scenario.scenario import Scenario, load_scenario
from tests.engines.scenarios import EXAMPLE, first_students
from tests.recount import from_episodes, from_ties, from_weeks, two_worlds
from tests.recount.files import RunFiles, read
from tests.unit.cli_calls import call
from wardmates.run_files import write_run

SEED = 5
SMALL = {"students": 40}
BUSY = {**SMALL, "onset_rate": 0.02, "notice_contact": 0.009, "staff_notice": 0.02, "volunteer_share": 0.4, "sociability_mean": 45}
"""Much distress, and many students without a friend."""
BETWEEN_YEARS = {"yearly_jaccard", "new_tie_share", "campus_tie_retention"}
NOT_IN_THE_FILES = {"cross_group_ties_lost", "offers_gini", "comfort_share", "officer_hours", "false_outreach_share"}

NO_COUNTS = {"screen_positive", "equity_gap", "burden_mean", "burden_p95", "officer_burden_p95", "campus_tie_retention", "modularity"}
"""Sums of numbers that are not whole, and differences: the order of adding shows in the last digit."""


@dataclass(frozen=True)
class Case:
    """A run: a bundled scenario, values, an engine, and outcomes that its files do not allow to be counted."""

    scenario: str
    values: dict[str, float]
    engine: str = "arrays"
    but: frozenset[str] = frozenset()


# Onsets and supports are written in weeks, so that with more than one step a week these are only nearly known.
OF_STEPS = frozenset({"supported_by_week_4", "supported_by_week_12", "supported_by_week_26", "weeks_without_support_26", "helper_onset_share"})
CASES = {
    "informal": Case("informal", SMALL),
    "informal, Mesa": Case("informal", SMALL, "mesa"),
    "informal, busy": Case("informal", BUSY),
    "officers-outreach": Case("officers-outreach", {**BUSY, "students": 120}),
    "officers-outreach, Mesa": Case("officers-outreach", BUSY, "mesa"),
    "isolate-aware": Case("isolate-aware", BUSY),
    "isolate-aware, Mesa": Case("isolate-aware", BUSY, "mesa"),
    "five years, two sites": Case("two-sites", {**SMALL, "clinical_years": 3, "friend_strength": 0.6, "episode_weeks": 6, "persistent_weeks": 5}),
    "students leave": Case("training", {**BUSY, "dropout_rate": 0.4}, but=frozenset({"relocations"})),  # who moves and leaves in one week is not seen
    "half weeks": Case("training-and-outreach", {**BUSY, "steps_per_week": 2}, but=OF_STEPS),
}


def scenario_of(case: Case) -> Scenario:
    return load_scenario(case.scenario, overrides=case.values)


@cache
def history_of(name: str) -> History:
    case = CASES[name]
    return run(scenario_of(case), SEED, engine=case.engine)


@pytest.fixture(params=list(CASES))
def name(request: pytest.FixtureRequest) -> str:
    return request.param


_files: dict[str, RunFiles] = {}


@pytest.fixture
def files(name: str, tmp_path_factory: pytest.TempPathFactory) -> RunFiles:
    """The files of a case, written once; kept by name, as a fixture of the module could be that of another case where tests are shared out."""
    if name not in _files:
        _files[name] = written(name, tmp_path_factory.mktemp("run"))
    return _files[name]


def written(name: str, out: Path) -> RunFiles:
    """The files of the command line's own run."""
    case = CASES[name]
    settings = [word for key, value in case.values.items() for word in ("--set", f"{key}={value}")]
    done = call("run", case.scenario, *settings, "--seed", SEED, "--engine", case.engine, "--out", out)
    assert done.exit_code == 0, done.output
    return read(out)


def recounted(run: RunFiles) -> dict[str, float | None]:
    """Every outcome that the files allow; the baseline of a run alone is the run."""
    return {**from_episodes.headline_and_reach(run), **from_episodes.time_to_support(run), **from_weeks.of_weeks(run), **from_ties.of_graphs(run),
            **from_ties.of_years(run), "reach_isolated_at_baseline": two_worlds.reach_isolated_at_baseline(run, run)}  # fmt: skip


def differing(found: dict[str, float | None], history: History) -> dict[str, tuple[float | None, float]]:
    """Outcomes whose recount is not what the record says, to the last bit, but for NO_COUNTS."""
    parts = outcome_parts(history, history)
    differ = {}
    for outcome, value in found.items():
        said = float(value_of(outcome, parts[outcome]))
        expected = pytest.approx(said, rel=1e-9) if outcome in NO_COUNTS else said
        same = np.isnan(said) if value is None else value == expected
        if not same:
            differ[outcome] = (value, said)
    return differ


def test_the_recount_leans_on_nothing_that_it_recounts() -> None:
    for file in Path(__file__).parent.glob("*.py"):
        if file.name != Path(__file__).name:
            nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
            names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
            names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
            assert all(name.startswith("tests.recount.") or name.split(".")[0] not in {"simulation", "experiments", "wardmates", "tests"}
                       for name in names), file.name  # fmt: skip


def test_the_recount_gives_every_outcome_that_files_allow(name: str, files: RunFiles) -> None:
    found = recounted(files)
    assert set(found) | NOT_IN_THE_FILES == set(OUTCOMES)
    assert differing({outcome: value for outcome, value in found.items() if outcome not in CASES[name].but}, history_of(name)) == {}


def test_the_runs_own_summary_says_the_same(files: RunFiles) -> None:
    assert files.told[HEADLINE] == recounted(files)[HEADLINE]
    assert files.told["cascade"] == from_episodes.cascade(files)
    assert {reason: n for reason, n in files.told["missed"].items() if n} == from_episodes.missed(files)
    unreached = from_episodes.cascade(files)["episode"] - int(from_episodes.is_reached(files.episodes[~files.episodes["is_early"]]).sum())
    assert sum(files.told["missed"].values()) == unreached


def test_no_episode_contradicts_itself(name: str, files: RunFiles) -> None:
    # With several steps a week, what comes a step after the onset may come in its week.
    allowed = ("noticed before it could be",) if files.parameters["steps_per_week"] > 1 else ()
    assert [fault for fault in from_episodes.contradictions(files) if not fault.startswith(allowed or ("-",))] == []
    assert len(files.episodes) > 40


def test_the_weekly_file_is_the_mean_of_the_student_weeks(files: RunFiles) -> None:
    means = from_weeks.weekly_means(files)
    pd.testing.assert_frame_equal(files.weekly[sorted(means)], means[sorted(means)].reindex(files.weekly.index), check_dtype=False, rtol=1e-9)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if not {"steps_per_week", "dropout_rate"} & set(case.values)])
def test_episodes_made_from_the_weeks_alone_are_those_of_the_file(files: RunFiles) -> None:
    """Onset, end, length, isolation, first support and first care: nothing of it is read from the episodes' file."""
    again = from_weeks.episodes_again(files)
    theirs = files.episodes[files.episodes["weeks"] > 0].assign(first_week=lambda e: e["onset_week"].clip(lower=1))
    theirs = theirs.sort_values(["first_week", "student"], ignore_index=True)
    # At entry nobody has a friend, whatever week 1 brings; and who is distressed at entry may be noticed and helped in week 1.
    pd.testing.assert_frame_equal(again.drop(columns="is_isolated_at_onset"), theirs[again.columns].drop(columns="is_isolated_at_onset"),
                                  check_dtype=False)  # fmt: skip
    late = ~again["is_early"]
    assert again.loc[late, "is_isolated_at_onset"].tolist() == theirs.loc[late, "is_isolated_at_onset"].tolist()
    headline = replace(files, episodes=again.assign(onset_week=again["first_week"], **dict.fromkeys(_UNSEEN)))
    for outcome in (HEADLINE, "unreached_isolated_rate", "unreached_isolated_settling_in", "reach", "reach_isolated", "reach_connected"):
        assert from_episodes.headline_and_reach(headline)[outcome] == from_episodes.headline_and_reach(files)[outcome]


_UNSEEN = ("first_noticed_week", "first_offered_week", "first_accepted_peer_week", "first_referred_week", "noticed_by")


def test_two_runs_with_one_seed_are_two_worlds_of_the_same_students(tmp_path: Path) -> None:
    baseline, aware = (written(name, tmp_path / name) for name in ("informal, busy", "isolate-aware"))
    histories = history_of("isolate-aware"), history_of("informal, busy")
    said = float(value_of("reach_isolated_at_baseline", outcome_parts(*histories)["reach_isolated_at_baseline"]))
    assert two_worlds.reach_isolated_at_baseline(aware, baseline) == said
    for counts, theirs in zip(changes(*histories), (two_worlds.changes_of_students(aware, baseline),
                                                    two_worlds.changes_of_episodes(aware, baseline)), strict=True):  # fmt: skip
        cells = {(ISOLATION[g], STATES[a], STATES[b]): int(counts[g, a, b]) for g, a, b in np.argwhere(counts)}
        assert Counter(cells) == theirs and len(theirs) > 6


def test_a_schools_calendar_and_friendships_are_recounted_too(tmp_path: Path) -> None:
    """The files of a school's own students are never written; for this test alone its cohort is taken for a synthetic one."""
    files = [EXAMPLE / f"{name}.csv" for name in ("roster", "timetable", "friendships", "sites")]
    values = {"campus_years": 1, "onset_rate": 0.02}
    school = first_students(read_school(*files, values=replace(Values(), campus_years=1)), 40)
    scenario = load_scenario("officers-outreach", overrides=values, school=school)
    for engine in ("arrays", "mesa"):
        history = replace(run(scenario, SEED, engine=engine), has_school=False)
        write_run(history, {}, tmp_path)
        found = recounted(read(tmp_path))
        assert differing({outcome: value for outcome, value in found.items() if outcome not in BETWEEN_YEARS}, history) == {}
        assert from_episodes.contradictions(read(tmp_path)) == []


def _with_episode(files: RunFiles, which: pd.Series, **changed: object) -> RunFiles:
    """The files with one episode altered, the first of those asked for."""
    episodes = files.episodes.copy()
    assert which.any(), "there is such an episode"
    for column, value in changed.items():
        episodes.loc[which.idxmax(), column] = value
    return replace(files, episodes=episodes)


@pytest.mark.parametrize("name", ["officers-outreach"])
def test_a_fault_planted_in_the_files_is_found(name: str, files: RunFiles) -> None:
    history, e = history_of(name), files.episodes
    late, reached = ~e["is_early"], from_episodes.is_reached(e)
    alone = late & from_episodes.is_mostly_isolated(e) & (e["weeks"] >= 4)
    once = ~e.loc[alone, "student"].duplicated(keep=False).reindex(e.index, fill_value=True)
    nothing = {f"first_{moment}_week": None for moment in ("accepted", "accepted_peer", "referred", "treated")}

    def found(altered: RunFiles) -> set[str]:
        return set(differing(recounted(altered), history))

    assert found(files) == set()
    assert {HEADLINE, "reach"} <= found(_with_episode(files, alone & reached & once, **nothing))
    assert {HEADLINE, "reach"} <= found(_with_episode(files, alone & ~reached & once, first_treated_week=200))
    assert {HEADLINE, "reach"} <= found(_with_episode(files, alone & ~reached & once, is_early=True))
    assert HEADLINE in found(_with_episode(files, alone & ~reached & once, weeks=3.0))
    assert HEADLINE in found(_with_episode(files, alone & ~reached & once, isolated_weeks=0.0))
    other = not e.loc[late.idxmax(), "is_isolated_at_onset"]
    assert {"reach_isolated", "reach_connected"} <= found(_with_episode(files, late, is_isolated_at_onset=other))
    assert "supported_by_week_4" in found(_with_episode(files, late & (e["first_accepted_week"] - e["onset_week"] <= 4), first_accepted_week=208))
    assert "unmet_need" in found(replace(files, student_weeks=files.student_weeks.assign(care="none")))
    assert "transitivity" in found(replace(files, ties=files.ties[files.ties["strength"] < files.ties["strength"].max()]))
    refused = _with_episode(files, late & (e["reason"] == "refused"), reason="chance")
    assert from_episodes.missed(refused) != {reason: n for reason, n in files.told["missed"].items() if n}
    assert any(fault.startswith("refused without an offer") for fault in from_episodes.contradictions(refused))
    without = replace(files, episodes=e.drop(index=late.idxmax()))
    assert from_episodes.cascade(without) != files.told["cascade"] and "noticed_share" in found(without)
