"""The estimators against closed forms, and their intervals against repeated sampling."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from experiments.estimates import ROW_KEYS, estimate, replicates_for, rows_of


def ratio(parts: np.ndarray) -> np.ndarray:
    """Numerator over denominator, nan where the denominator is 0: what an outcome's value is."""
    parts = np.asarray(parts, dtype=float)
    out = np.full(parts.shape[:-1], np.nan)
    return np.divide(parts[..., 0], parts[..., 1], out=out, where=parts[..., 1] != 0)


def noisy_ratios(rng: np.random.Generator, experiments: int, replicates: int, true_ratio: float) -> np.ndarray:
    """Binomial counts over Poisson denominators that differ from run to run; shape (experiments, replicates, 2)."""
    denominator = rng.poisson(12, (experiments, replicates)) + 1
    return np.stack([rng.binomial(denominator, true_ratio), denominator], axis=-1).astype(float)


def test_constant_denominators_give_the_ordinary_t_interval() -> None:
    x = np.array([[3.0, 5, 4, 8, 1], [2.0, 2, 6, 7, 0]])
    got = estimate(np.stack([x, np.full_like(x, 4.0)], axis=-1), ratio, "lower")
    for s in range(2):
        low, high = stats.t.interval(0.95, 4, x[s].mean() / 4, stats.sem(x[s] / 4))
        assert got.mean[s] == pytest.approx(x[s].mean() / 4, rel=1e-14)
        assert (got.low[s], got.high[s]) == pytest.approx((low, high), rel=1e-12)
    paired = stats.ttest_rel(x[1] / 4, x[0] / 4).confidence_interval(0.95)
    assert got.difference[1] == pytest.approx((x[1] - x[0]).mean() / 4, rel=1e-12)
    assert (got.difference_low[1], got.difference_high[1]) == pytest.approx((paired.low, paired.high), rel=1e-12)


def test_an_estimate_is_a_ratio_of_sums_and_not_a_mean_of_ratios() -> None:
    parts = np.array([[[1.0, 2], [0, 40], [9, 10]]])
    got = estimate(parts, ratio)
    assert got.mean[0] == 10 / 52
    assert got.mean[0] != pytest.approx(np.mean([1 / 2, 0, 9 / 10]))
    # By hand: deleting one seed at a time leaves 9/50, 10/12 and 1/42.
    deleted = np.array([9 / 50, 10 / 12, 1 / 42])
    error = np.sqrt(2 / 3 * ((deleted - deleted.mean()) ** 2).sum())
    assert got.high[0] - got.mean[0] == pytest.approx(4.302652729911275 * error, rel=1e-9)


def test_quantiles_of_single_cohorts_leave_out_those_where_nothing_happened() -> None:
    parts = np.array([[[k, 10.0] for k in range(11)] + [[0.0, 0.0]]])
    got = estimate(parts, ratio)
    assert (got.cohort_low[0], got.cohort_high[0]) == pytest.approx((0.05, 0.95))


def test_identical_scenarios_differ_by_exactly_nothing() -> None:
    parts = np.repeat(noisy_ratios(np.random.default_rng(7), 1, 23, 0.3), 3, axis=0)
    got = estimate(parts, ratio, "higher")
    assert np.isnan(got.difference[0])
    for array in (got.difference, got.difference_low, got.difference_high):
        assert array[1:].tolist() == [0.0, 0.0]
    assert got.p_better[1:].tolist() == [0.5, 0.5]


def test_pairing_takes_out_what_the_worlds_share() -> None:
    rng = np.random.default_rng(11)
    world = rng.normal(10, 3, 40)
    x = np.stack([world, world - 1 + rng.normal(0, 0.1, 40)])
    got = estimate(np.stack([x, np.ones_like(x)], axis=-1), ratio, "lower")
    assert got.high[0] - got.low[0] > 1.5
    assert got.difference_high[1] - got.difference_low[1] < 0.1
    assert got.difference_low[1] < -1 < got.difference_high[1]


def test_p_better_counts_ties_half_and_only_seeds_where_both_are_defined() -> None:
    base = [[2.0, 10], [2, 10], [2, 10], [2, 10], [0, 0]]
    other = [[1.0, 10], [2, 10], [3, 10], [0, 0], [1, 10]]
    parts = np.array([base, other])
    assert estimate(parts, ratio, "lower").p_better[1] == pytest.approx(1.5 / 3)
    assert estimate(np.array([base, [[1.0, 10], [1, 10], [3, 10], [0, 0], [1, 10]]]), ratio, "higher").p_better[1] == pytest.approx(1 / 3)
    assert np.isnan(estimate(parts, ratio, "lower").p_better[0])
    assert np.isnan(estimate(parts, ratio, None).p_better).all()


def test_one_replicate_gives_values_and_no_intervals() -> None:
    rows = rows_of(["a", "b"], "share", "share", estimate(np.array([[[1.0, 4]], [[3.0, 4]]]), ratio, "lower"))
    assert tuple(rows[0]) == ROW_KEYS
    assert [row["mean"] for row in rows] == [0.25, 0.75]
    assert (rows[1]["difference"], rows[1]["p_better"]) == (0.5, 0.0)
    for key in ("low", "high", "cohort_low", "cohort_high", "difference_low", "difference_high", "replicates_needed"):
        assert [row[key] for row in rows] == [None, None]
    assert rows[0]["difference"] is None and rows[0]["p_better"] is None


def test_nothing_happened_is_none_and_not_zero() -> None:
    parts = np.zeros((2, 6, 2))
    parts[1, :, 0], parts[1, :, 1] = 1, 2
    rows = rows_of(["a", "b"], "share", "share", estimate(parts, ratio, "lower"))
    assert all(rows[0][key] is None for key in ROW_KEYS[3:])
    assert rows[1]["mean"] == 0.5
    assert all(rows[1][key] is None for key in ("difference", "difference_low", "difference_high", "p_better", "replicates_needed"))


def test_what_happened_in_one_cohort_alone_has_no_interval() -> None:
    parts = np.zeros((1, 5, 2))
    parts[0, 2] = 1, 4
    got = estimate(parts, ratio)
    assert got.mean[0] == 0.25
    assert np.isnan([got.low[0], got.high[0], got.cohort_low[0]]).all()


def test_replicates_needed_is_the_fewest_that_are_enough() -> None:
    half, n = np.array([0.9, 0.05, 0.3, 40.0]), 30
    deviation = half * np.sqrt(n) / stats.t.ppf(0.975, n - 1)
    needed = replicates_for(half, n, 0.2)
    assert (needed >= 2).all()
    assert (stats.t.ppf(0.975, needed - 1) * deviation / np.sqrt(needed) <= 0.2).all()
    fewer = needed[needed > 2] - 1
    assert (stats.t.ppf(0.975, fewer - 1) * deviation[needed > 2] / np.sqrt(fewer) > 0.2).all()
    assert np.isnan(replicates_for(half, n, 0.0)).all()


def test_rows_of_others_ask_for_the_precision_of_the_difference() -> None:
    rng = np.random.default_rng(3)
    world = rng.normal(10, 4, 50)
    x = np.stack([world, world - 1 + rng.normal(0, 0.3, 50)])
    got = estimate(np.stack([x, np.ones_like(x)], axis=-1), ratio, "lower")
    assert got.replicates_needed[1] < 5 < got.replicates_needed[0]


@pytest.mark.parametrize("shape", [(2, 5), (0, 5, 2), (2, 0, 2)])
def test_parts_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="scenarios, replicates, k"):
        estimate(np.zeros(shape), ratio)


def test_95_percent_intervals_of_a_noisy_ratio_cover_about_95_percent() -> None:
    """4,000 experiments of 40 cohorts. With a true coverage of .95 the count falls outside [.935, .965] once in 70,000 times (|z| > 4.35)."""
    true_ratio = 0.2
    got = estimate(noisy_ratios(np.random.default_rng(2024), 4000, 40, true_ratio), ratio)
    coverage = ((got.low <= true_ratio) & (true_ratio <= got.high)).mean()
    assert 0.935 <= coverage <= 0.965


def test_95_percent_intervals_of_a_paired_difference_cover_about_95_percent() -> None:
    """2,000 pairs of 40 cohorts; with a true coverage of .95 the count falls outside [.93, .97] once in 25,000 times (|z| > 4.1)."""
    rng = np.random.default_rng(2025)
    experiments, n = 2000, 40
    denominator = rng.poisson(12, (experiments, n)) + 1
    base = rng.binomial(denominator, 0.3)
    other = rng.binomial(base, 0.8)  # a fifth of the baseline's are spared, so the true difference is -.06
    covered = 0
    for e in range(experiments):
        got = estimate(np.stack([np.stack([k, denominator[e]], axis=-1) for k in (base[e], other[e])]), ratio, "lower")
        covered += int(got.difference_low[1] <= -0.06 <= got.difference_high[1])
    assert 0.93 <= covered / experiments <= 0.97
