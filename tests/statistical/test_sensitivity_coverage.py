"""95 % intervals cover the truth about 95 times in 100, replicate noise included; and what decides nothing is seldom told from zero.

Base rows are drawn independently, as the intervals take them to be (with Sobol's sequence they are too wide: the last test).
Limits: of 200 designs the truth may be missed so often that an interval of 92 % coverage would miss it more in one case in 10,000 (about 80
figures: one false alarm in 100 changes of the code). With 128 base rows coverage is 91 to 97 %, and down to 88 % where worlds scale the
whole response (docs/sensitivity.md has the table). Averaged over the indices of a case it must also lie between 91.5 and 98.5 %, so that
intervals much too wide are found as well.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from experiments.sensitivity.analyse import analyse
from experiments.sweep.sampling import sample
from tests.statistical import known_functions as known

DESIGNS = 200
LEAST = int(stats.binom.ppf(1e-4, DESIGNS, 0.92))
CASES = [("constant", 2, 128), ("varying", 2, 128), ("varying", 5, 128), ("scattered", 5, 128), ("scattered", 10, 128), ("scaled", 5, 128),
         ("scaled", 10, 128), ("mixed", 10, 512)]  # fmt: skip
CHANCES = {"constant": known.constant, "varying": known.varying, "scattered": known.crossed_scattered, "scaled": known.crossed_scaled,
           "mixed": known.crossed_mixed}  # fmt: skip


def covered(function: known.Function, chance: known.Chance, n: int, replicates: int, designs: int) -> dict[str, np.ndarray]:
    """How many intervals hold the truth, by index, shape (parameters,)."""
    truth = known.truth(function, chance, replicates)
    hits = {index: np.zeros(len(values), dtype=int) for index, values in truth.items()}
    rng = np.random.default_rng([n, replicates, designs])
    for seed in range(designs):
        unit = known.base_rows(n, len(function.first), rng)
        design = known.design_of(unit, replicates=replicates, crossed=chance.crossed)
        analysis = analyse(design, known.evaluated(function, chance, unit, replicates, rng), resamples=400, seed=seed)
        for index, values in truth.items():
            hits[index] += [row.low <= value <= row.high for row, value in zip(analysis.of(index), values, strict=True)]
    return hits


@pytest.mark.parametrize(("chance", "replicates", "n"), CASES)
def test_intervals_cover(chance: str, replicates: int, n: int) -> None:
    f = known.ishigami()
    hits = covered(f, CHANCES[chance](f), n, replicates, DESIGNS)
    print({index: (found / DESIGNS).round(3).tolist() for index, found in hits.items()})
    for index, found in hits.items():
        assert (found >= LEAST).all(), (index, found)
    average = np.concatenate(list(hits.values())).mean() / DESIGNS
    assert 0.915 < average < 0.985


def test_an_interval_without_replicate_noise_would_be_too_narrow() -> None:
    """The same base rows with a tenth of the chance give narrower intervals: chance is in them."""
    f = known.ishigami()
    widths = []
    for share in (0.2, 2.0):
        rng = np.random.default_rng(8)
        unit = known.base_rows(256, 3, rng)
        there = known.evaluated(f, known.constant(f, share), unit, 2, rng)
        analysis = analyse(known.design_of(unit, replicates=2, crossed=False), there, resamples=400)
        widths.append(np.mean([(row.high - row.low) / (1 - analysis.get("noise").value) for row in analysis.of("ST_run")]))
    assert widths[1] > 1.5 * widths[0]


def test_few_worlds_make_wide_intervals_of_the_seed() -> None:
    f = known.ishigami()
    widths = []
    for replicates in (3, 30):
        rng = np.random.default_rng(9)
        unit = known.base_rows(128, 3, rng)
        there = known.evaluated(f, known.crossed_scattered(f), unit, replicates, rng)
        row = analyse(known.design_of(unit, replicates=replicates), there, resamples=400).get("noise_seed")
        widths.append(row.high / max(row.low, 1e-9))
    assert widths[0] > 5 * widths[1]


@pytest.mark.parametrize("crossed", [True, False])
def test_what_only_reshuffles_chance_is_seldom_told_from_zero(crossed: bool) -> None:
    """x3 decides nothing but which chance befalls a run. Its floor is a 95 % point: 190 of 200 designs below, give or take a 1 in 10,000 limit."""
    line = known.Function(lambda u: u[:, 0] + 0.5 * u[:, 1], np.array([1 / 12, 1 / 48, 0]), np.array([1 / 12, 1 / 48, 0]), 5 / 48, 0.75)
    chance = known.crossed_scattered(line, share=2.0) if crossed else known.constant(line, share=2.0)
    rng = np.random.default_rng([4, crossed])
    below = dict.fromkeys(("S1", "ST", "S1_run", "ST_run"), 0)
    told = dict.fromkeys(below, 0)
    leading = 0
    for seed in range(DESIGNS):
        unit = known.base_rows(128, 3, rng)
        there = known.evaluated(line, chance, unit, 3, rng)
        analysis = analyse(known.design_of(unit, replicates=3, crossed=crossed), there, resamples=200, seed=seed)
        for index in below:
            below[index] += abs(analysis.get(index, "x3").value) <= analysis.floors[index]
            told[index] += "x3" in analysis.told_from_zero(index)
        leading += analysis.told_from_zero()[:1] == ["x1"]
    lowest, highest = stats.binom.ppf((1e-4, 1 - 1e-4), DESIGNS, 0.95)
    assert all(lowest <= count <= highest for count in below.values()), below
    assert all(count <= DESIGNS - lowest for count in told.values()), told
    assert leading > 0.9 * DESIGNS


def test_floor_without_replicates_is_that_of_a_dummy_of_two_independent_samples() -> None:
    f = known.ishigami()
    floors = []
    for n in (256, 1024):
        unit = known.base_rows(n, 3, np.random.default_rng(n))
        analysis = analyse(known.design_of(unit), known.Evaluations(f.values(unit)[:, None], "y", "", True), resamples=50)
        assert analysis.floor == pytest.approx(1.96 / np.sqrt(n), rel=0.25)
        floors.append(analysis.floor)
        assert "one run at each point" in analysis.notes[0]
    assert floors[1] < 0.7 * floors[0]


def test_on_a_sobol_sequence_intervals_cover_at_least_as_often() -> None:
    f = known.ishigami()
    chance = known.constant(f, 0.2)
    truth = known.truth(f, chance, 3)
    rng = np.random.default_rng(6)
    hits = {index: np.zeros(len(values)) for index, values in truth.items()}
    for seed in range(100):
        problem = known.design_of(np.zeros((1, 3))).problem
        _, unit = sample(problem, "sobol", 128, seed=seed)
        analysis = analyse(known.design_of(unit, replicates=3, crossed=False), known.evaluated(f, chance, unit, 3, rng), resamples=300)
        for index, values in truth.items():
            hits[index] += [row.low <= value <= row.high for row, value in zip(analysis.of(index), values, strict=True)]
    print(hits)
    assert all((found >= stats.binom.ppf(1e-4, 100, 0.95)).all() for found in hits.values()), hits


@pytest.mark.parametrize("function", ["ishigami", "g"])
def test_known_indices_are_found_to_a_hundredth(function: str) -> None:
    f = {"ishigami": known.ishigami(), "g": known.sobol_g()}[function]
    d = len(f.first)
    for seed in (0, 1):
        _, unit = sample(known.design_of(np.zeros((1, d))).problem, "sobol", 8192, seed=seed)
        analysis = analyse(known.design_of(unit), known.Evaluations(f.values(unit)[:, None], "y", "", True), resamples=20)
        np.testing.assert_allclose([row.value for row in analysis.of("S1")], f.first / f.variance, atol=0.01)
        np.testing.assert_allclose([row.value for row in analysis.of("ST")], f.total / f.variance, atol=0.01)
