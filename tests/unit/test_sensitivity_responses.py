"""Means over groups of points, curves and the map of who wins where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from experiments.sensitivity.group_means import blocks_of, group_means, groups_along
from experiments.sensitivity.responses import curves, win_map
from tests.unit import sensitivity_made_up as made


def test_points_alone_have_the_interval_of_a_mean() -> None:
    y = np.random.default_rng(1).normal(size=(30, 1))
    mean, low, high, n = group_means(y, np.zeros(30, dtype=np.int64), np.arange(30), crossed=False)
    half = stats.norm.ppf(0.975) * stats.sem(y[:, 0])
    assert (mean[0], high[0], low[0], n[0]) == pytest.approx((y.mean(), y.mean() + half, y.mean() - half, 30))


def test_a_world_that_lifts_all_points_widens_the_interval_and_not_the_one_of_the_shape() -> None:
    rng = np.random.default_rng(2)
    design = made.design(3, 600, replicates=4)
    own = made.evaluations(design, noise=0.1)
    lifted = replace(own, y=own.y + rng.normal(0, 5, 4))
    height = curves(design, lifted, ["tie_half_life"], is_shape=False)[0]
    shape = curves(design, lifted, ["tie_half_life"], is_shape=True)[0]
    assert (height.high - height.low).min() > 5
    assert (shape.high - shape.low).max() < 1
    assert height.mean == pytest.approx(shape.mean)


def test_points_of_a_block_that_are_alike_count_once() -> None:
    rng = np.random.default_rng(3)
    once = rng.normal(size=(40, 1))
    ten_times = np.repeat(once, 10, axis=0)
    one = group_means(once, np.zeros(40, dtype=np.int64), np.arange(40), crossed=False)
    many = group_means(ten_times, np.zeros(400, dtype=np.int64), np.arange(400) // 10, crossed=False)
    assert many[1] == pytest.approx(one[1]) and many[2] == pytest.approx(one[2])


@pytest.mark.parametrize(("method", "size"), [("sobol", 5), ("morris", 4), ("lhs", 1)])
def test_blocks_are_the_rows_that_share_coordinates(method: str, size: int) -> None:
    design = made.design(3, 60, method=method)
    assert np.bincount(blocks_of(design)).max() == size


def test_groups_are_levels_where_they_are_few_and_else_hold_about_equally_many_points() -> None:
    design = made.design(7, 1200, has_choice=True)
    named = groups_along(design, "placement", 12)
    assert named.labels == ("independent", "fixed-groups", "isolate-aware") and named.are_levels
    ranges = groups_along(design, "tie_half_life", 6)
    assert not ranges.are_levels and len(ranges) == 6
    assert np.bincount(ranges.group).min() > 150
    assert (ranges.low[1:] > ranges.high[:-1]).all()


def test_a_curve_follows_what_the_points_say() -> None:
    design = made.design(4, 2000)
    falls, bends = curves(design, made.evaluations(design), ["tie_half_life", "kappa_placement"], is_shape=True)
    assert (np.diff(falls.mean) < 0.1).all() and falls.mean[0] - falls.mean[-1] > 2
    assert np.argmin(bends.mean) not in (0, len(bends.mean) - 1)
    assert (falls.spread_low < falls.low).all() and (falls.high < falls.spread_high).all()


def test_the_map_gives_each_scenario_the_cells_where_it_is_best_and_says_where_that_is_chance() -> None:
    design = made.design(4, 3000, has_choice=False)
    base = made.evaluations(design)
    better = replace(base, y=base.y + made.gains(design).y)
    found = win_map(design, {"informal": base, "officers-outreach": better}, "lower", "tie_half_life", "kappa_placement")
    right, left = found.best[-1, :3], found.best[0]
    assert (right == 0).all() and (left == 1).all()
    assert found.is_told[0].all() and (found.lead[found.best >= 0] >= 0).all()
    same = replace(base, y=base.y + np.random.default_rng(5).normal(0, 1, base.y.shape))
    chance = win_map(design, {"a": base, "b": same}, "lower", "tie_half_life", "kappa_placement")
    assert chance.is_told.mean() < 0.2
    turned = win_map(design, {"informal": base, "officers-outreach": better}, "higher", "tie_half_life", "kappa_placement")
    assert (turned.best[-1, :3] == 1).all()
