"""Morris, regression and grids on functions whose answers are known: equal without chance, freed of it with chance, covered by their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from experiments.sensitivity.analyse import analyse
from experiments.sensitivity.evaluations import Evaluations
from experiments.sensitivity.screening import suggested
from experiments.sweep.sampling import sample
from tests.statistical import known_functions as known

DESIGNS = 150
LEAST = int(stats.binom.ppf(1e-4, DESIGNS, 0.90))
"""Intervals of 12 to 20 units cover 90 % or more; fewer hits than this has a chance of one in 10,000 then."""
SLOPES = np.array([4.0, -2.0, 1.0, 0.0])


def problem(d: int):
    return known.design_of(np.zeros((1, d))).problem


def trajectories(d: int, n: int, seed: int) -> np.ndarray:
    return sample(problem(d), "morris", n, seed=seed)[1]


def curved(unit: np.ndarray) -> np.ndarray:
    """Effects of x1 and x2 depend on x3 and on each other; x4 decides nothing."""
    return unit @ SLOPES + 3 * unit[:, 0] * unit[:, 2] - 2 * unit[:, 1] ** 2


def chance(kind: str, points: int, replicates: int, rng: np.random.Generator) -> np.ndarray:
    own = rng.normal(0, 1, (points, replicates))
    return own + rng.normal(0, 2, replicates) if kind == "crossed" else own


@pytest.mark.parametrize("kind", ["crossed", "independent"])
def test_of_a_straight_line_the_spread_is_chance_and_is_taken_off(kind: str) -> None:
    """Every elementary effect of a line is its slope: sigma is chance alone, sigma_corrected is near 0, mu is unbiased and covered."""
    hits, means, sigma, corrected = np.zeros(4), [], [], []
    rng = np.random.default_rng(11)
    for seed in range(DESIGNS):
        unit = trajectories(4, 12, seed)
        y = (unit @ SLOPES)[:, None] + chance(kind, len(unit), 4, rng)
        design = known.design_of(unit, "morris", num_levels=4, crossed=kind == "crossed")
        analysis = analyse(design, Evaluations(y, "y", "", kind == "crossed"), resamples=300, seed=seed)
        hits += [row.low <= slope <= row.high for row, slope in zip(analysis.of("mu"), SLOPES, strict=True)]
        means.append([row.value for row in analysis.of("mu")])
        sigma.append([row.value**2 for row in analysis.of("sigma")])
        corrected.append([row.value for row in analysis.of("sigma_corrected")])
    by_chance = 2 / 4 / (2 / 3) ** 2  # two runs' variance over four replicates, by the square of a step
    np.testing.assert_allclose(np.mean(sigma, axis=0), by_chance, rtol=4.5 * np.sqrt(2 / 11 / DESIGNS))
    assert np.mean(corrected) < 0.5 * np.sqrt(by_chance)
    error = np.std(means, axis=0, ddof=1) / np.sqrt(DESIGNS)
    assert (np.abs(np.mean(means, axis=0) - SLOPES) < 4.5 * error).all()
    assert (hits >= LEAST).all(), hits


@pytest.mark.parametrize("kind", ["crossed", "independent"])
def test_intervals_of_mu_and_of_mu_star_cover(kind: str) -> None:
    """The truth of mu* is that of replicate means: effects with chance / R in them, from 4,000 trajectories."""
    replicates, n = 3, 20
    rng = np.random.default_rng(12)
    unit = trajectories(4, 4000, 999)
    many = curved(unit)[:, None]
    own = rng.normal(0, 1 / np.sqrt(replicates), (len(unit), 1))
    truth = analyse(known.design_of(unit, "morris", num_levels=4), Evaluations(many + own, "y", "", True), resamples=2)
    hits = {"mu": np.zeros(4), "mu_star": np.zeros(4)}
    for seed in range(DESIGNS):
        unit = trajectories(4, n, seed)
        y = curved(unit)[:, None] + chance(kind, len(unit), replicates, rng)
        design = known.design_of(unit, "morris", num_levels=4, crossed=kind == "crossed")
        analysis = analyse(design, Evaluations(y, "y", "", kind == "crossed"), resamples=300, seed=seed)
        for index, found in hits.items():
            found += [row.low <= true.value <= row.high for row, true in zip(analysis.of(index), truth.of(index), strict=True)]
    print(kind, {index: found / DESIGNS for index, found in hits.items()})
    assert all((found >= LEAST).all() for found in hits.values()), hits


@pytest.mark.parametrize("kind", ["crossed", "independent"])
def test_screening_keeps_what_matters_and_leaves_out_what_is_chance(kind: str) -> None:
    below = kept = 0
    rng = np.random.default_rng(13)
    for seed in range(DESIGNS):
        unit = trajectories(4, 12, seed)
        y = 3 * curved(unit)[:, None] + chance(kind, len(unit), 5, rng)
        design = known.design_of(unit, "morris", num_levels=4, crossed=kind == "crossed")
        analysis = analyse(design, Evaluations(y, "y", "", kind == "crossed"), resamples=100, seed=seed)
        below += analysis.get("mu_star", "x4").value <= analysis.floor
        kept += set(suggested(analysis)) >= {"x1", "x2", "x3"}
        assert suggested(analysis)[0] == "x1"
    lowest, highest = stats.binom.ppf((1e-4, 1 - 1e-4), DESIGNS, 0.95)
    assert lowest <= below <= highest
    assert kept == DESIGNS


def test_screening_leaves_out_what_is_told_from_zero_but_too_small() -> None:
    unit = trajectories(3, 10, 0)
    y = (unit @ np.array([10.0, 2.0, 0.1]))[:, None]
    analysis = analyse(known.design_of(unit, "morris", num_levels=4), Evaluations(y, "y", "", True), resamples=100)
    assert analysis.told_from_zero() == ["x1", "x2", "x3"]
    assert suggested(analysis) == ["x1", "x2"]


@pytest.mark.parametrize("kind", ["crossed", "independent"])
def test_slopes_are_unbiased_and_covered(kind: str) -> None:
    sd = np.sqrt((SLOPES**2).sum() / 12 + 1 / 4)  # of the mean of four runs
    truth = SLOPES / np.sqrt(12) / sd
    hits, values, below = np.zeros(4), [], 0
    rng = np.random.default_rng(14)
    for seed in range(DESIGNS):
        unit = rng.random((100, 4))
        y = (unit @ SLOPES)[:, None] + chance(kind, 100, 4, rng)
        design = known.design_of(unit, "lhs", crossed=kind == "crossed")
        analysis = analyse(design, Evaluations(y, "y", "", kind == "crossed"), resamples=300, seed=seed)
        hits += [row.low <= value <= row.high for row, value in zip(analysis.of("SRC"), truth, strict=True)]
        values.append([row.value for row in analysis.of("SRC")])
        below += abs(analysis.get("PRCC", "x4").value) <= analysis.floor
    error = np.std(values, axis=0, ddof=1) / np.sqrt(DESIGNS)
    assert (np.abs(np.mean(values, axis=0) - truth) < 4.5 * error + 1 / 100).all()
    assert (hits >= LEAST).all(), hits
    lowest, highest = stats.binom.ppf((1e-4, 1 - 1e-4), DESIGNS, 0.95)
    assert lowest <= below <= highest


@pytest.mark.parametrize("kind", ["crossed", "independent"])
def test_shares_of_a_grid_are_exact_and_only_chance_is_left(kind: str) -> None:
    points, unit = sample(problem(3), "grid", 5)
    f = points["x1"] * 3 + points["x2"] + 4 * points["x1"] * points["x2"]
    design = known.design_of(unit, "grid", crossed=kind == "crossed")
    exact = analyse(design, Evaluations(f.to_numpy()[:, None], "y", "", True))
    cube = f.to_numpy().reshape(5, 5, 5)
    assert exact.get("S1", "x1").value == pytest.approx(cube.mean(axis=(1, 2)).var() / cube.var())
    assert exact.get("ST", "x2").value == pytest.approx(cube.var(axis=1).mean() / cube.var())
    assert exact.get("ST", "x3").value == pytest.approx(0, abs=1e-12)
    assert np.isnan(exact.get("ST", "x1").low)
    whole = cube.var() + 1 + (4 if kind == "crossed" else 0)
    truth = {"S1_run": np.array([cube.mean(axis=(1, 2)).var(), cube.mean(axis=(0, 2)).var(), 0]),
             "ST_run": np.array([cube.var(axis=0).mean(), cube.var(axis=1).mean(), 0]), "noise": np.array([whole - cube.var()])}  # fmt: skip
    values: dict[str, list] = {index: [] for index in truth}
    hits = {index: np.zeros(len(found)) for index, found in truth.items()}
    rng = np.random.default_rng(15)
    for seed in range(DESIGNS):
        y = f.to_numpy()[:, None] + chance(kind, 125, 4, rng)
        analysis = analyse(design, Evaluations(y, "y", "", kind == "crossed"), resamples=300, seed=seed)
        for index, found in truth.items():
            values[index].append([row.value * analysis.sd**2 for row in analysis.of(index)])
            hits[index] += [row.low <= value <= row.high for row, value in zip(analysis.of(index), found / whole, strict=True)]
    for index, found in truth.items():
        error = np.std(values[index], axis=0, ddof=1) / np.sqrt(DESIGNS)
        assert (np.abs(np.mean(values[index], axis=0) - found) < 4.5 * error + whole / 125 / 4).all(), index
        matters = found > 0
        assert (hits[index][matters] >= LEAST).all(), (index, hits[index])
