"""The machinery of the claims: effects by hand, verdicts, the false-alarm rate, and that a mutant or a claim that is no test is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from experiments.claims.catalogue import CLAIMS
from experiments.claims.claim import FALSE_ALARM, Claim, Reading, Trial, difference, level, of_history, of_steps, outcome
from experiments.claims.measures import NOTICINGS, drawn_groups, strengths
from experiments.claims.rows import expectation, said, summary
from experiments.claims.run import n_runs, run_claims
from experiments.claims.verdict import Effect, effect_of, mutant_verdict_of, together, verdict_of
from experiments.claims.watch import Step, watched
from experiments.replicate import RunError
from simulation.engine.cohort import Plan
from simulation.faults import InputError
from simulation.record.outcomes import ratio
from simulation.run import run
from simulation.scenario.scenario import load_scenario
from tests.unit.cli_calls import call
from wardmates.command_claims import chosen_claims

SMALL = {"students": 24, "campus_years": 1, "clinical_years": 1}
UP, DOWN = Reading(measure=outcome("reach"), expects="up"), Reading(measure=outcome("reach"), expects="down")
NIL = Reading(measure=outcome("reach"), expects="nil", margin=0.1)


def trial(**changes):
    """A trial of small cohorts: elective time down, isolation up."""
    content = {"moved": "elective time", "before": {"sociability_mean": 83}, "after": {"sociability_mean": 20}, "both": SMALL, "replicates": 9,
               "mutant": {"max_pair_hours": 0}, "mutant_words": "elective time is spent with nobody",
               "readings": (Reading(measure=outcome("isolated_week_share"), expects="up"),)}  # fmt: skip
    return Trial(**{**content, **changes})


def claim(*trials):
    return Claim(id="C0", section="none", says="nothing", expects="isolation up", trials=trials or (trial(),))


def test_catalogue_holds_every_claim_once_and_in_order():
    assert [each.id for each in CLAIMS] == [f"C{number}" for number in range(1, 38)]


@pytest.mark.parametrize("each", CLAIMS, ids=lambda each: each.id)
def test_arms_can_be_run_and_differ_where_they_should(each):
    for part in each.trials:
        arms = {name: load_scenario("informal", overrides=arm) for name, arm in part.arms.items()}
        mutants = {name: load_scenario("informal", overrides=arm) for name, arm in part.mutant_arms.items()}
        assert len({scenario.fingerprint for scenario in arms.values()}) == len(arms), "two arms are one scenario"
        assert all(arms[name].fingerprint != mutants[name].fingerprint for name in arms), "a mutant changes nothing"
        assert len({scenario.fingerprint for scenario in mutants.values()}) == len(arms), "the mutant undoes the move instead of its effect"


def test_before_and_after_differ_in_one_input():
    with pytest.raises(ValueError, match="differ in one input"):
        trial(after={"sociability_mean": 20, "crowd": 0})
    with pytest.raises(ValueError, match="differ in one input"):
        trial(after={"sociability_mean": 83})


def test_a_mutant_must_change_something_other_than_the_moved_input():
    with pytest.raises(ValueError, match="mutant changes something"):
        trial(mutant={"sociability_mean": 50})
    with pytest.raises(ValueError, match="mutant changes something"):
        trial(mutant={})


def test_a_margin_is_stated_where_nothing_is_expected_and_only_there():
    with pytest.raises(ValueError, match="margin"):
        Reading(measure=outcome("reach"), expects="nil")
    with pytest.raises(ValueError, match="margin"):
        Reading(measure=outcome("reach"), expects="up", margin=0.1)


def test_the_effect_of_a_mean_is_the_mean_paired_difference_with_its_standard_error():
    """Where every run has denominator 1, ratio of sums and jackknife are the mean and its usual error."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(2, 12))
    found = effect_of(np.stack([values, np.ones_like(values)], axis=-1), ratio(), difference)
    paired = values[1] - values[0]
    assert found.value == pytest.approx(paired.mean(), abs=1e-12)
    assert found.error == pytest.approx(paired.std(ddof=1) / np.sqrt(12), rel=1e-9)
    assert found.freedom == 11


def test_the_effect_pools_runs_before_it_divides():
    parts = np.array([[[1, 2], [9, 10]], [[2, 2], [10, 20]]], dtype=float)
    assert effect_of(parts, ratio(), difference).value == pytest.approx(12 / 22 - 10 / 12)
    assert effect_of(parts, ratio(), level).value == pytest.approx(10 / 12)


def test_bounds_are_students():
    found = Effect(2.0, 0.5, 9)
    assert found.interval == pytest.approx((2 - 2.262157 * 0.5, 2 + 2.262157 * 0.5))
    assert found.bounds(FALSE_ALARM)[0] == pytest.approx(2 - 0.5 * special.stdtrit(9, 0.999))


@pytest.mark.parametrize(
    ("reading", "value", "error", "verdict"),
    [
        (UP, 1, 0.1, "borne out"), (UP, 0.2, 0.1, "open"), (UP, -1, 0.1, "not borne out"), (UP, 0, 0, "not borne out"),
        (DOWN, -1, 0.1, "borne out"), (DOWN, -0.2, 0.1, "open"), (DOWN, 1, 0.1, "not borne out"),
        (replace(UP, beyond=0.9), 1, 0.1, "open"), (replace(UP, beyond=2), 1, 0.1, "not borne out"),
        (replace(DOWN, beyond=2), 1, 0.1, "borne out"), (replace(UP, least=0.6), 0.1, 0.1, "not borne out"),
        (replace(DOWN, least=0.6), -0.1, 0.1, "not borne out"),
        (NIL, 0, 0, "borne out"), (NIL, 0.05, 0.01, "borne out"), (NIL, 0.09, 0.01, "open"), (NIL, 0, 0.1, "open"),
        (NIL, 0.2, 0.01, "not borne out"), (NIL, -0.2, 0.01, "not borne out"), (replace(NIL, beyond=1), 1.01, 0.01, "borne out"),
        (UP, np.nan, 0.1, "open"), (NIL, 0, np.nan, "open"),
    ],
)  # fmt: skip
def test_verdicts(reading, value, error, verdict):
    assert verdict_of(reading, Effect(value, error, 50)) == verdict


@pytest.mark.parametrize(
    ("effect", "mutated", "apart", "verdict"),
    [
        (1, 0, Effect(1, 0.1, 50), "seen"), (1, 0.9, Effect(0.1, 0.01, 50), "not seen"), (0.2, 0, Effect(0.2, 0.01, 50), "-"),
        (0.4, 0.2, Effect(0.2, 0.15, 50), "unclear"), (1, np.nan, Effect(np.nan, np.nan, 50), "seen"),
    ],
)  # fmt: skip
def test_a_mutant_is_seen_if_the_test_fails_on_it_by_more_than_noise(effect, mutated, apart, verdict):
    assert mutant_verdict_of(UP, Effect(effect, 0.1, 50), Effect(mutated, 0.1, 50), apart) == verdict


def test_all_readings_must_be_borne_out():
    assert together(["borne out", "borne out"]) == "borne out"
    assert together(["borne out", "open"]) == "open"
    assert together(["open", "not borne out", "borne out"]) == "not borne out"


def test_chance_alone_is_called_borne_out_as_seldom_as_stated():
    """Where there is no effect: 20,000 tests of 40 worlds with counts as small and as paired as episodes are, at a rate of .001.

    The false-alarm rate of this test: the number of alarms is binomial(20,000, p); outside 5..45 it lies with probability below .001 for p between
    .0008 and .0014. The lower end sees a test that is far too strict, the upper one an interval that is too narrow.
    """
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(20_000):
        episodes = rng.poisson(20, size=(1, 40)) + rng.poisson(4, size=(2, 40))
        parts = np.stack([rng.binomial(episodes, 0.35), episodes], axis=-1).astype(float)
        alarms += verdict_of(UP, effect_of(parts, ratio(), difference)) == "borne out"
    assert 5 <= alarms <= 45


def test_threads_change_no_byte_and_the_seed_does():
    claims = [claim(trial(readings=(*trial().readings, Reading(measure=NOTICINGS, expects="down"))))]
    one, two = (json.dumps(run_claims(claims, workers=workers)) for workers in (1, 3))
    assert one == two
    assert json.dumps(run_claims(claims, seed=2)) != one


def test_arms_are_the_same_worlds():
    """What no input has moved differs by exactly 0, and two arms with the same input would be the same run."""
    entry = of_history("distressed at entry", lambda history: (float((history.episodes.onset == 0).sum()), 24.0))
    [row] = run_claims([claim(trial(readings=(Reading(measure=entry, expects="up"),)))])
    [reading] = row["readings"]
    assert (reading["effect"], reading["low"], reading["high"], reading["verdict"]) == (0, 0, 0, "not borne out")
    assert not row["is_as_known"]


def test_what_is_known_not_to_be_borne_out_is_as_known():
    wrong = replace(trial().readings[0], expects="down", known="isolation rises where elective time falls")
    [row] = run_claims([claim(trial(readings=(wrong,)))])
    assert (row["verdict"], row["mutant"], row["is_as_known"]) == ("not borne out", "-", True)
    [row] = run_claims([claim(trial(readings=(replace(trial().readings[0], known="it should fail"),)))])
    assert (row["verdict"], row["is_as_known"]) == ("borne out", False)


def test_a_mutant_on_which_the_same_test_passes_is_told():
    [row] = run_claims([claim(trial(mutant={"crowd": 0.02}))])
    assert (row["verdict"], row["mutant"], row["is_as_known"]) == ("borne out", "not seen", False)
    assert any("C0" in sentence for sentence in summary([row]))


def test_a_reading_beside_the_first_arm_sees_its_history_and_the_mutants_sees_the_mutants():
    seen = []

    def beside(history, first):
        seen.append((history.parameters.sociability_mean, first.parameters.sociability_mean, history.parameters.max_pair_hours,
                     first.parameters.max_pair_hours))  # fmt: skip
        return 1.0, 1.0

    measure = replace(outcome("reach"), parts=beside)
    run_claims([claim(trial(replicates=2, readings=(Reading(measure=measure, expects="up"),)))])
    assert set(seen) == {(83, 83, 25, 25), (20, 83, 25, 25), (83, 83, 0, 0), (20, 83, 0, 0)}


def test_trials_may_have_different_numbers_of_worlds_and_shared_runs_are_run_once():
    both = claim(trial(replicates=3), trial(replicates=5, mutant={"max_pair_hours": 1}))
    assert n_runs([both]) == 3 * 6 + 2 * 4
    told = []
    [row] = run_claims([both], on_progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (26, 26)
    assert [reading["replicates"] for reading in row["readings"]] == [3, 5]


def test_a_run_that_fails_names_the_claim_and_the_seed():
    def broken(step: Step):
        raise ZeroDivisionError

    with pytest.raises(RunError, match=r"claim C0 failed with seed \d+ \(replicate 1 of seed 1\): ZeroDivisionError"):
        run_claims([claim(trial(readings=(Reading(measure=of_steps("nothing", broken), expects="up"),)))])


def test_watching_changes_nothing_and_sees_what_the_history_keeps():
    scenario = load_scenario("informal", overrides=SMALL)

    def seen(step: Step):
        seeker, made = step.encounter("seeker"), step.encounter("is_made")
        assert step.is_exposed[seeker].all()
        with pytest.raises(ValueError, match="read-only"):
            step.student("load")[0] = 1
        return float(made.sum()), float((step.student("distress") >= 1).sum()), float(step.number)

    history, [(offers, distressed, steps)] = watched(Plan(scenario), 5, [seen])
    plain = run(scenario, 5)
    assert np.array_equal(history.distress, plain.distress)
    assert np.array_equal(history.load, plain.load)
    assert offers == plain.n_offers.sum() > 0
    assert distressed == (plain.distress >= 1).sum() > 0
    assert steps == plain.calendar.n_weeks * (plain.calendar.n_weeks + 1) / 2


def test_groups_drawn_anew_are_those_that_met():
    """With nothing but small groups to meet in, ties after one term are exactly between those whom the claims take for one group."""
    only_groups = {**SMALL, "sociability_mean": 0, "chance_hours": 0, "clinical_years": 0, "compatibility_sd": 0, "kappa_campus": 1}
    history = run(load_scenario("informal", overrides=only_groups), 3, weeks_of_ties=(18,))
    tied = strengths(history, 18) > 0
    mates = np.zeros_like(tied)
    for group in drawn_groups(history, "campus_groups", 1, 8):
        mates[np.ix_(group, group)] = True
    assert np.array_equal(tied, np.triu(mates, 1))


def test_figures_are_told_in_words():
    told = {"effect": 0.16034, "low": 0.12771, "high": 0.19284}
    assert said(told) == "0.16 [0.128, 0.193]"
    assert said({"effect": None, "low": None, "high": None}) == "-"
    assert said({"effect": -0.00002, "low": -12345.6, "high": 0.0}) == "-2e-05 [-12,346, 0]"
    assert expectation({"expects": "nil", "beyond": 0, "margin": 0.001}) == "0 ± 0.001"
    assert expectation({"expects": "down", "beyond": 0.5, "margin": 0}) == "< 0.5"


def test_claims_are_chosen_by_id():
    assert [each.id for each in chosen_claims("c7, C3", CLAIMS)] == ["C3", "C7"]
    assert len(chosen_claims("", CLAIMS)) == 37
    for given in ("C99", "C3;C7", ","):
        with pytest.raises(InputError, match="C1 to C37"):
            chosen_claims(given, CLAIMS)


def test_the_command_prints_a_table_or_json_and_says_by_its_exit_code_whether_all_is_as_known(monkeypatch):
    monkeypatch.setattr("experiments.claims.catalogue.CLAIMS", (claim(),))
    shown = call("claims", "--workers", 1)
    assert shown.exit_code == 0, shown.output
    assert "borne out" in shown.stdout
    told = call("claims", "--workers", 1, "--json")
    assert told.exit_code == 0
    contents = json.loads(told.stdout)
    assert (contents["seed"], contents["false_alarm_rate"], [row["id"] for row in contents["claims"]]) == (1, 0.001, ["C0"])
    monkeypatch.setattr("experiments.claims.catalogue.CLAIMS", (claim(trial(mutant={"crowd": 0.02})),))
    assert call("claims", "--workers", 1).exit_code == 1
    refused = call("claims", "--only", "C3")
    assert refused.exit_code == 2
    assert "no such claim" in refused.stderr
