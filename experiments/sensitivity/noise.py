"""How much of a single run is chance: variance between replicates, and its split where all points share their worlds.

Every estimate multiplies different replicates only, so none of them holds the square of a replicate's own chance (docs/sensitivity.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity.resample import Estimated, Resampling, world_effect

Array = NDArray[np.float64]


def between(x: Array, y: Array) -> Array:
    """Mean of x_r * y_s over all pairs of different replicates r and s, which stand on the last axis."""
    r = x.shape[-1]
    return np.asarray((x.sum(axis=-1) * y.sum(axis=-1) - (x * y).sum(axis=-1)) / (r * (r - 1)))


def centred(y: Array, *, crossed: bool) -> Array:
    """Values less their mean over all points: with crossed seeds world by world, else over everything (labels of replicates mean nothing)."""
    return y - (y.mean(axis=tuple(range(y.ndim - 1)), keepdims=True) if crossed else y.mean())


@dataclass(frozen=True)
class Noise:
    """The noise shares of a single run.

    Attributes:
        variance: of a single run.
        shares: noise, and with crossed seeds noise_seed and noise_interaction.
        within: variance of a single run without what a world adds at all points alike; with independent seeds of a single run.
        kept, kept_draws: `within` as a share of the variance, and how it may differ, shape (resamples,).
    """

    variance: float
    shares: tuple[Estimated, ...]
    within: float
    kept: float
    kept_draws: Array


def noise_shares(units: Array, resampling: Resampling, *, crossed: bool, rows_are_drawn: bool = True) -> Noise:
    """The noise shares over the points of a design.

    Args:
        units: values at the points that a unit of resampling holds, shape (units, points of each, replicates), at least two replicates.
        resampling: how to draw again.
        crossed: replicate r is the same world everywhere.
        rows_are_drawn: the units are a sample (not so for a grid).
    """
    z = centred(units, crossed=crossed)
    moments = np.column_stack([between(z, z).mean(axis=1), (z**2).mean(axis=(1, 2))])
    of_points, within = moments.mean(axis=0)
    share = of_points / within
    drawn = resampling.row_means(moments) if rows_are_drawn else np.broadcast_to(moments.mean(axis=0), (resampling.resamples, 2))
    draws = _over(drawn[:, 0], drawn[:, 1])
    contributions = (2 * z.mean(axis=-1, keepdims=True) * z).mean(axis=1) / within
    n = len(units) if rows_are_drawn else np.inf
    if not crossed:
        draws = draws if rows_are_drawn else _of_fixed_points(z.reshape(-1, z.shape[-1]), resampling)
        return Noise(within, (_of("noise", 1 - share, 1 - draws, n),), within, 1.0, np.ones(resampling.resamples))
    effect = world_effect((1 - share) * contributions, rows_are_drawn=rows_are_drawn)
    draws = resampling.with_worlds(draws[:, None], effect[:, None], n)[:, 0]
    seeds, seeds_draws = _seed_variance(units.reshape(-1, units.shape[-1]), resampling)
    interaction_draws = (drawn[:, 1] - drawn[:, 0]) * _interaction_factors(z.reshape(-1, z.shape[-1]), resampling)
    variance, variance_draws = within + seeds, drawn[:, 0] + interaction_draws + seeds_draws
    kept, kept_draws = within / variance, _over(drawn[:, 1], variance_draws)
    noise_draws, seed_draws = 1 - draws * kept_draws, _over(seeds_draws, variance_draws)
    found = (_of("noise", 1 - share * kept, noise_draws, n), _of("noise_seed", seeds / variance, seed_draws, n),
             _of("noise_interaction", (1 - share) * kept, noise_draws - seed_draws, n))  # fmt: skip
    return Noise(variance, found, within, kept, kept_draws)


def _over(share: Array, variance: Array) -> Array:
    """The ratio, nan in a resample in which nothing varies."""
    return np.asarray(np.divide(share, variance, out=np.full(len(share), np.nan), where=variance > 0))


def _of(index: str, value: float, draws: Array, n: float) -> Estimated:
    """A share; what lies outside 0 and 1 is none."""
    return Estimated(index, (None,), np.array([value]), np.clip(draws, 0, 1)[:, None], n)


def _of_fixed_points(z: Array, resampling: Resampling) -> Array:
    """Draws of 1 - noise where only chance is left to be uncertain of: the points are all there are, and every run has a world of its own.

    The mean square of the points' means and the variance between replicates vary independently if chance is about normal.

    Args:
        z: values less their mean, shape (points, replicates).
    """
    points, r = z.shape
    squares, variances = z.mean(axis=1) ** 2, z.var(axis=1, ddof=1)
    errors = np.sqrt([(4 * squares * variances / r).sum(), (2 * variances**2 / (r + 1)).sum()]) / points
    shifts = resampling.chance_shifts(errors)
    chance = variances.mean() + shifts[:, 1]
    of_points = squares.mean() + shifts[:, 0] - chance / r
    return np.asarray(of_points / (of_points + chance))


def _seed_variance(y: Array, resampling: Resampling) -> tuple[float, Array]:
    """Variance of what a world adds at all points alike, by a two-way analysis of variance of points and worlds, shape (points, worlds).

    The draws are the values that agree with what was seen if worlds' effects are about normal: the mean square of the worlds times its degrees
    of freedom over a chi-squared number. Estimate and draws may be a little below 0 where there is no such effect.
    """
    points, worlds = y.shape
    by_world = y.mean(axis=0) - y.mean()
    rest = y - y.mean(axis=1, keepdims=True) - by_world
    among = points * float(by_world @ by_world) / (worlds - 1)
    interaction = float((rest**2).sum()) / ((points - 1) * (worlds - 1))
    return (among - interaction) / points, (among * (worlds - 1) / resampling.chi_squared(worlds - 1) - interaction) / points


_NO_STRUCTURE = 3.0
"""Times what worlds resemble each other by accident at that many points; less than that counts as no resemblance."""


def _interaction_factors(z: Array, resampling: Resampling) -> Array:
    """By how much the variance of seed x parameter may differ because few worlds told of it, factors around 1, shape (resamples,).

    If worlds shift the response at each point by chance of its own, thousands of points tell of the variance even in two worlds. If a world
    is a single number that acts on the response everywhere, the variance is that of a handful of numbers. What part of it is of the second kind
    is sqrt(tr(K^2)) / tr(K), K the covariance between points over worlds, estimated without bias from how similar worlds are to each other;
    that part varies like a variance of so many numbers. Two worlds cannot tell, and all of it counts.

    Args:
        z: values less the mean of each world, shape (points, worlds).
    """
    n, m = len(z), z.shape[1] - 1
    rest = z - z.mean(axis=1, keepdims=True)
    likeness = rest.T @ rest / n
    trace = float(np.trace(likeness))
    if trace <= 0:
        return np.ones(resampling.resamples)
    alike = 1.0
    if m > 1:
        squares = m**2 / ((m - 1) * (m + 2)) * (float((likeness**2).sum()) / trace**2 - 1 / m)
        alike = float(np.sqrt(np.clip(squares / (1 - 2 * squares / m) - _NO_STRUCTURE / n, 0, 1)))
    return 1 - alike + alike * m / resampling.chi_squared(m, stream=1)
