"""Estimates of a single run's shares are unbiased, whatever chance is like; those of replicate means are of replicate means.

Shares are ratios, and a ratio of unbiased estimates is a little biased. So the variances themselves are tested: a share times the variance of
a single run. Tolerance: 4.5 standard errors of the mean over designs (a false alarm in 150,000 for each of some 70 figures: one in 2,000 for
all), and 1/N of the figure's scale for the centring.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from experiments.sensitivity.analyse import analyse
from tests.statistical import known_functions as known

DESIGNS, N, R = 150, 128, 3
FUNCTIONS = {"ishigami": known.ishigami(), "g": known.sobol_g()}
CHANCES = {"constant": known.constant, "varying": known.varying, "scattered": known.crossed_scattered, "scaled": known.crossed_scaled}
CASES = [(f, c) for f in FUNCTIONS for c in CHANCES]


@cache
def variances(function: str, chance: str) -> dict[str, np.ndarray]:
    """Estimated variances by index, shape (designs, parameters)."""
    f = FUNCTIONS[function]
    c = CHANCES[chance](f)
    rng = np.random.default_rng([1, *map(ord, function + chance)])
    found: dict[str, list[list[float]]] = {}
    for _ in range(DESIGNS):
        unit = known.base_rows(N, len(f.first), rng)
        design = known.design_of(unit, replicates=R, crossed=c.crossed)
        evaluations = known.evaluated(f, c, unit, R, rng)
        analysis = analyse(design, evaluations, resamples=2)
        for index in ("S1_run", "ST_run", "noise", "noise_seed", "noise_interaction"):
            found.setdefault(index, []).append([row.value * analysis.sd**2 for row in analysis.of(index)])
        found.setdefault("sd2", []).append([analysis.sd**2])
        of_means = evaluations.y.mean(axis=1).reshape(N, -1)[:, [0, -1]].var()
        found.setdefault("ST as is", []).append([row.value * of_means for row in analysis.of("ST")])
    return {index: np.array(rows) for index, rows in found.items()}


@pytest.mark.parametrize(("function", "chance"), CASES)
def test_variances_of_a_single_run_are_unbiased(function: str, chance: str) -> None:
    f = FUNCTIONS[function]
    c = CHANCES[chance](f)
    whole = f.variance + c.seed + c.interaction
    expected = {"S1_run": f.first, "ST_run": f.total, "noise": [c.seed + c.interaction], "sd2": [whole]}
    if c.crossed:
        expected |= {"noise_seed": [c.seed], "noise_interaction": [c.interaction]}
    for index, truth in expected.items():
        found = variances(function, chance)[index]
        error = found.std(axis=0, ddof=1) / np.sqrt(DESIGNS)
        assert (np.abs(found.mean(axis=0) - truth) < 4.5 * error + whole / N).all(), index


@pytest.mark.parametrize("chance", ["constant", "varying", "scattered"])
def test_the_bias_that_is_taken_out_is_large_enough_to_be_seen(chance: str) -> None:
    """Total order without the correction holds chance / R, many standard errors of what the test above looks at."""
    f = FUNCTIONS["ishigami"]
    found = variances("ishigami", chance)
    error = found["ST_run"].std(axis=0, ddof=1) / np.sqrt(DESIGNS)
    assert (found["ST as is"].mean(axis=0) - f.total > 9 * error + f.variance / N).all()


@pytest.mark.parametrize("chance", CHANCES)
def test_shares_add_up(chance: str) -> None:
    f = FUNCTIONS["g"]
    c = CHANCES[chance](f)
    rng = np.random.default_rng(5)
    unit = known.base_rows(64, 4, rng)
    analysis = analyse(known.design_of(unit, replicates=4, crossed=c.crossed), known.evaluated(f, c, unit, 4, rng), resamples=50)
    if c.crossed:
        assert analysis.get("noise").value == pytest.approx(analysis.get("noise_seed").value + analysis.get("noise_interaction").value, abs=1e-12)
    else:
        assert analysis.get("noise_seed") is None and analysis.get("noise_interaction") is None


def test_without_chance_a_single_run_is_the_mean() -> None:
    f = known.sobol_g()
    unit = known.base_rows(64, 4, np.random.default_rng(2))
    y = np.repeat(f.values(unit)[:, None], 3, axis=1)
    for crossed in (True, False):
        analysis = analyse(known.design_of(unit, replicates=3, crossed=crossed), known.Evaluations(y, "y", "", crossed), resamples=50)
        for index in ("S1", "ST"):
            np.testing.assert_allclose([row.value for row in analysis.of(f"{index}_run")], [row.value for row in analysis.of(index)], atol=1e-12)
        assert analysis.get("noise").value == pytest.approx(0, abs=1e-12)
        assert analysis.floors == pytest.approx({"S1": 0, "ST": 0, "S1_run": 0, "ST_run": 0}, abs=1e-12)


def test_labels_of_independent_replicates_mean_nothing() -> None:
    """With seeds of its own at each point, which run is called the first changes no figure."""
    f = known.ishigami()
    rng = np.random.default_rng(3)
    unit = known.base_rows(64, 3, rng)
    there = known.evaluated(f, known.varying(f), unit, 4, rng)
    shuffled = known.Evaluations(rng.permuted(there.y, axis=1), "y", "", False)
    design = known.design_of(unit, replicates=4, crossed=False)
    one, other = analyse(design, there, resamples=20), analyse(design, shuffled, resamples=20)
    np.testing.assert_allclose([row.value for row in one.rows], [row.value for row in other.rows], atol=1e-12)
