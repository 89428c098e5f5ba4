"""Points drawn follow the distributions that they are drawn from, for every sampler."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from experiments.sweep.factor import Factor
from experiments.sweep.problem import Problem, choice
from experiments.sweep.sampling import sample

N = 1024
FACTORS = (Factor("u", -2, 5, "uniform"), Factor("l", 0.01, 3, "loguniform"), Factor("t", 60, 130, "triangular", 90),
           Factor("k", 3, 10, "integer"), choice("c", ["a", "b", "c", "d"]))  # fmt: skip
TRUTH = {"u": stats.uniform(-2, 7), "l": stats.loguniform(0.01, 3), "t": stats.triang((90 - 60) / 70, 60, 70)}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_continuous_factors_follow_their_distributions(method: str, seed: int) -> None:
    points, _ = sample(Problem(FACTORS, False), method, N, seed=seed)
    base = points if method == "lhs" else points.iloc[:: len(FACTORS) + 2]  # the rows of A: a net in base two
    assert len(base) == N
    for name, truth in TRUTH.items():
        # One point in each of N strata: the distribution function is nowhere off by more than 1/N, where a random sample is by some 1/sqrt(N).
        assert stats.ks_1samp(base[name], truth.cdf).statistic <= 1 / N + 1e-12


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_integers_and_levels_come_equally_often(method: str, seed: int) -> None:
    points, _ = sample(Problem(FACTORS, False), method, N, seed=seed)
    base = points if method == "lhs" else points.iloc[:: len(FACTORS) + 2]
    for name, n_levels in (("k", 8), ("c", 4)):
        assert (base[name].value_counts() == N / n_levels).all() and base[name].nunique() == n_levels


def test_levels_of_morris_come_about_equally_often_and_so_does_each_direction() -> None:
    _, unit = sample(Problem(FACTORS, False), "morris", 4000, seed=0)
    start = unit.reshape(4000, len(FACTORS) + 1, len(FACTORS))[:, 0]
    steps = np.diff(unit.reshape(4000, len(FACTORS) + 1, len(FACTORS)), axis=1).sum(axis=1)
    np.testing.assert_allclose(np.abs(steps), 2 / 3, atol=1e-12)
    for k in range(len(FACTORS)):
        counts = np.bincount(np.rint(start[:, k] * 3).astype(int), minlength=4)
        assert stats.chisquare(counts).pvalue > 1e-4
        assert stats.binomtest(int((steps[:, k] > 0).sum()), 4000).pvalue > 1e-4


@pytest.mark.parametrize("method", ["lhs", "sobol"])
def test_columns_are_not_correlated(method: str) -> None:
    _, unit = sample(Problem(FACTORS, False), method, N, seed=0)
    base = unit if method == "lhs" else unit[:: len(FACTORS) + 2]
    off_diagonal = np.corrcoef(base.T) - np.eye(len(FACTORS))
    assert np.abs(off_diagonal).max() < 5 / np.sqrt(N)
