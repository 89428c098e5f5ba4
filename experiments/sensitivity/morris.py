"""Morris' screening: elementary effects of the replicate means, as SALib has them, and how much of them chance alone would give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from experiments.sensitivity.floor import ONE_SIDED, TWO_SIDED, chance_variance
from experiments.sensitivity.noise import centred
from experiments.sensitivity.resample import Estimated, Resampling, world_effect

Array = NDArray[np.float64]


def step_size(num_levels: int) -> float:
    """Length of a step in the unit cube."""
    return num_levels / (2 * (num_levels - 1))


def elementary_effects(y: Array, unit: Array, num_levels: int) -> tuple[Array, Array]:
    """Change of the outcome along each step, by the length of the step.

    Args:
        y: values, shape (points, replicates).
        unit: the points in the unit cube, shape (points, D): trajectories of D + 1 points, of which each moves one factor.
        num_levels: levels of the sampling.

    Returns:
        Effects, shape (trajectories, D, replicates), and variances of their means from chance with independent seeds, shape (trajectories, D)
        (nan with one replicate).
    """
    d = unit.shape[1]
    steps = np.diff(unit.reshape(-1, d + 1, d), axis=1)
    factor = np.abs(steps).argmax(axis=2)
    sign = np.sign(np.take_along_axis(steps, factor[..., None], axis=2))
    delta = step_size(num_levels)
    runs = y.reshape(-1, d + 1, y.shape[1])
    order = factor.argsort(axis=1)
    effects = np.take_along_axis(sign * np.diff(runs, axis=1) / delta, order[..., None], axis=1)
    spread = runs.var(axis=2, ddof=1) / runs.shape[2] if y.shape[1] > 1 else np.full(runs.shape[:2], np.nan)
    return effects, np.take_along_axis((spread[:, 1:] + spread[:, :-1]) / delta**2, order, axis=1)


def estimate(effects: Array, chance: Array, names: tuple[str, ...], resampling: Resampling, *, crossed: bool) -> list[Estimated]:
    """mu, mu_star and sigma, and sigma_corrected where there are replicates.

    Args:
        effects, chance: of `elementary_effects`.
        names: of the factors.
        resampling: how to draw trajectories again.
        crossed: replicate r is the same world at every point.
    """
    n, _, r = effects.shape
    mean = effects.mean(axis=2)
    mu, size = mean.mean(axis=0), np.abs(mean).mean(axis=0)
    sigma = mean.std(axis=0, ddof=1)
    by_chance = effects.var(axis=2, ddof=1) / r if crossed and r > 1 else chance
    k = len(names)
    drawn = resampling.row_means(np.hstack([mean, np.abs(mean), mean**2, by_chance]))
    bias = n / (n - 1)  # of a variance that is drawn again: once for the sample, once for the resample
    variances = np.maximum(drawn[:, 2 * k : 3 * k] - drawn[:, :k] ** 2, 0) * bias**2
    draws = [drawn[:, :k], drawn[:, k : 2 * k], np.sqrt(variances)]
    corrected = np.sqrt(np.maximum(variances - drawn[:, 3 * k :], 0))
    if crossed and r > 1:
        tilt = (mean - mu) / np.where(sigma > 0, sigma, np.inf)
        by_world = [np.column_stack([world_effect(weight[:, j, None] * effects[:, j]) for j in range(k)])
                    for weight in (np.ones_like(mean), np.sign(mean), tilt)]  # fmt: skip
        draws = [resampling.with_worlds(one, effect, n) for one, effect in zip(draws, by_world, strict=True)]
        corrected = resampling.with_worlds(corrected, by_world[2], n)
    found = [Estimated("mu", names, mu, draws[0], n), Estimated("mu_star", names, size, np.maximum(draws[1], 0), n),
             Estimated("sigma", names, sigma, np.maximum(draws[2], 0), n)]  # fmt: skip
    if r > 1:
        value = np.sqrt(np.maximum(sigma**2 - by_chance.mean(axis=0), 0))
        found.append(Estimated("sigma_corrected", names, value, np.maximum(corrected, 0), n))
    return found


def morris_floors(y: Array, n: int, num_levels: int, *, crossed: bool) -> dict[str, float]:
    """95 % points of mu, mu_star and sigma of a parameter that decides nothing, whose steps change the outcome by chance alone; 0 for one run."""
    if y.shape[1] < 2:
        return {"mu": 0.0, "mu_star": 0.0, "sigma": 0.0}
    v = 2 * chance_variance(centred(y, crossed=crossed))[0] / y.shape[1] / step_size(num_levels) ** 2
    size = np.sqrt(v) * (np.sqrt(2 / np.pi) + ONE_SIDED * np.sqrt((1 - 2 / np.pi) / n))
    sigma = np.sqrt(v * special.chdtri(n - 1, 0.05) / (n - 1))
    return {"mu": float(TWO_SIDED * np.sqrt(v / n)), "mu_star": float(size), "sigma": float(sigma)}
