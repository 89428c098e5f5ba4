"""Points drawn in any way (lhs, own): standardised slopes and partial rank correlations, from one matrix of correlations.

Both are closed forms of a correlation matrix, so every resample is a weighted matrix of products. They see effects that go one way;
R2 tells how much of the response they see.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from experiments.sensitivity.resample import Estimated, Resampling
from simulation.faults import Fault, InputError

Array = NDArray[np.float64]


def estimate(x: Array, y: Array, names: tuple[str, ...], resampling: Resampling, *, crossed: bool) -> list[Estimated]:
    """SRC, PRCC and R2.

    Args:
        x: values of the factors as numbers, shape (points, D), none constant.
        y: shape (points, replicates).
        names: of the factors.
        resampling: how to draw points again.
        crossed: replicate r is the same world at every point.

    Raises:
        InputError: the points do not tell the factors apart.
    """
    ranks = stats.rankdata(x, axis=0)
    told_apart = all(np.linalg.matrix_rank((values - values.mean(axis=0)) / values.std(axis=0)) == x.shape[1] for values in (x, ranks))
    if not told_apart or len(x) < x.shape[1] + 3:
        raise InputError([Fault("the design's points", f"{len(x)} points do not tell {x.shape[1]} factors apart: some follow from others",
                                "more points, or points in which the factors vary freely (`wardmates sweep design --method lhs`)")])  # fmt: skip
    mean = y.mean(axis=1)
    slopes, ranked = np.column_stack([x, mean]), np.column_stack([ranks, stats.rankdata(mean)])
    values = _of_tables(slopes, ranked)
    draws = np.hstack([_slopes(_resampled(slopes, resampling)), _partial(_resampled(ranked, resampling))])
    n = len(x)
    worlds = y.shape[1]
    if crossed and worlds > 1:
        without = np.array([_of_tables(np.column_stack([x, kept]), np.column_stack([ranks, stats.rankdata(kept)]))
                            for kept in ((y.sum(axis=1) - y[:, r]) / (worlds - 1) for r in range(worlds))])  # fmt: skip
        draws = resampling.with_worlds(draws, (worlds - 1) * (without.mean(axis=0) - without), n)
    d = len(names)
    return [Estimated("SRC", names, values[:d], draws[:, :d], n), Estimated("PRCC", names, values[d + 1 :], draws[:, d + 1 :], n),
            Estimated("R2", (None,), values[d : d + 1], np.clip(draws[:, d : d + 1], 0, 1), n)]  # fmt: skip


def regression_floors(n: int, d: int, r2: float) -> dict[str, float]:
    """95 % points of the absolute SRC and PRCC of a parameter that decides nothing, given all others."""
    t = float(special.stdtrit(n - d - 1, 0.975))
    return {"SRC": t * np.sqrt(max(0.0, 1 - r2) / (n - d - 1)), "PRCC": t / np.sqrt(n - d - 1 + t**2)}


def _of_tables(slopes: Array, ranked: Array) -> Array:
    return np.concatenate([_slopes(np.cov(slopes.T)[None])[0], _partial(np.cov(ranked.T)[None])[0]])


def _resampled(table: Array, resampling: Resampling) -> Array:
    """Covariance matrices of the columns in each resample, shape (resamples, columns, columns)."""
    z = (table - table.mean(axis=0)) / table.std(axis=0)
    k = z.shape[1]
    rows, columns = np.triu_indices(k)
    means = resampling.row_means(np.hstack([z, z[:, rows] * z[:, columns]]))
    found = np.empty((len(means), k, k))
    found[:, rows, columns] = found[:, columns, rows] = means[:, k:] - means[:, rows] * means[:, columns]
    return found


def _regressed(covariance: Array) -> tuple[Array, Array, Array]:
    """Standardised slopes of the last column on the others, their R2, and the diagonal of the inverse correlation matrix of the others.

    nan where a matrix is no more than rounding away from having no inverse: a resample whose points do not tell the factors apart.
    """
    deviation = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    bad = (deviation <= 1e-12).any(axis=1)
    deviation = np.where(deviation > 0, deviation, 1)
    correlation = covariance / deviation[:, :, None] / deviation[:, None]
    factors, response = correlation[:, :-1, :-1].copy(), correlation[:, :-1, -1]
    bad |= np.linalg.eigvalsh(factors)[:, 0] < 1e-10
    factors[bad] = np.eye(factors.shape[1])
    inverse = np.linalg.inv(factors)
    slopes = np.einsum("bij,bj->bi", inverse, response)
    r2 = np.minimum((slopes * response).sum(axis=1), 1)
    slopes[bad], r2[bad] = np.nan, np.nan
    return slopes, r2, np.diagonal(inverse, axis1=1, axis2=2)


def _slopes(covariance: Array) -> Array:
    """Standardised slopes of the last column on the others, and their R2."""
    slopes, r2, _ = _regressed(covariance)
    return np.column_stack([slopes, r2])


def _partial(covariance: Array) -> Array:
    """Correlations of the last column with each other one, all the rest held."""
    slopes, r2, diagonal = _regressed(covariance)
    scale = np.sqrt(slopes**2 + (1 - r2)[:, None] * diagonal)
    return np.divide(slopes, scale, out=slopes * 0, where=scale > 0)
