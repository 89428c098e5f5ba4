"""A full grid: the shares of variance of its points are exact, so only chance is left to be uncertain of.

Every point weighs the same, whatever the distribution of its factors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity.floor import ONE_SIDED, chance_variance
from experiments.sensitivity.noise import Noise, between, centred, noise_shares
from experiments.sensitivity.resample import Estimated, Resampling, chance_error, world_effect

Array = NDArray[np.float64]


def estimate(y: Array, codes: NDArray[np.int64], names: tuple[str, ...], resampling: Resampling, *,
             crossed: bool) -> tuple[list[Estimated], Noise | None]:  # fmt: skip
    """S1 and ST of the replicate means, S1_run and ST_run where there are replicates, and the noise shares.

    Args:
        y: shape (points, replicates), the last factor changing fastest.
        codes: number of the level of each factor, shape (points, D).
        names: of the factors.
        resampling: how to draw chance again.
        crossed: replicate r is the same world at every point.
    """
    shape = tuple(codes.max(axis=0) + 1)
    r = y.shape[1]
    z = centred(y, crossed=crossed).reshape(*shape, r)
    axes = range(len(shape))
    parts = [_main(z, j) for j in axes] + [_rest(z, j) for j in axes]
    over = np.array([(part.mean(axis=-1) ** 2).mean() for part in parts])
    scale = float((z.mean(axis=-1) ** 2).mean())
    if r < 2:
        unknown = np.full((resampling.resamples, len(over)), np.nan)
        return _split(("S1", "ST"), names, over / scale, unknown), None
    if crossed:
        freed = np.array([between(part, part).mean() for part in parts])
    else:
        chance = z.var(axis=-1, ddof=1).mean() / r
        cells = np.array([np.prod(shape) / size for size in shape] + [1] * len(shape))
        freed = over - chance / cells * (1 - 1 / np.array(shape * 2))
    noise = noise_shares(y[:, None], resampling, crossed=crossed, rows_are_drawn=False)
    found = []
    for labels, values, under, kept, kept_draws in (
        (("S1", "ST"), over / scale, scale, 1.0, np.ones(resampling.resamples)),
        (("S1_run", "ST_run"), freed / noise.within, noise.within, noise.kept, noise.kept_draws),
    ):
        shares = [_shares(part, z, value, under) for part, value in zip(parts, values, strict=True)]
        draws = np.broadcast_to(values, (resampling.resamples, len(values)))
        if crossed:
            draws = resampling.with_worlds(draws, np.column_stack([world_effect(share, rows_are_drawn=False) for share in shares]), np.inf)
        else:
            draws = draws + resampling.chance_shifts(np.array([chance_error(share) for share in shares]))
        found += _split(labels, names, values * kept, draws * kept_draws[:, None])
    return found, noise


def grid_floors(y: Array, levels: int, noise: Noise | None, *, crossed: bool) -> dict[str, float]:
    """95 % points of the indices of a factor of so many levels that decides nothing but reshuffles chance; 0 for one run."""
    m, r = y.shape
    if noise is None:
        return {"S1": 0.0, "ST": 0.0}
    z = centred(y, crossed=crossed)
    v, v2 = chance_variance(z)
    scale = float((z.mean(axis=1) ** 2).mean())
    first, total = np.sqrt(2 * v2 * (levels - 1)) / m, np.sqrt(2 * v2 * (levels - 1) / (levels * m))
    pairs = np.sqrt(r * (r - 1))
    return {"S1": (v * (levels - 1) / m + ONE_SIDED * first) / r / scale, "ST": (v * (1 - 1 / levels) + ONE_SIDED * total) / r / scale,
            "S1_run": ONE_SIDED * first / pairs / noise.variance, "ST_run": ONE_SIDED * total / pairs / noise.variance}  # fmt: skip


def _main(z: Array, j: int) -> Array:
    """Means by level of factor j, shape (1, .., levels, .., 1, replicates)."""
    return z.mean(axis=tuple(k for k in range(z.ndim - 1) if k != j), keepdims=True)


def _rest(z: Array, j: int) -> Array:
    """What is left when the mean over factor j is taken off, all others held."""
    return z - z.mean(axis=j, keepdims=True)


def _shares(part: Array, z: Array, value: float, under: float) -> Array:
    """Contributions of points and replicates to the ratio of the mean square of `part` to that of all, shape (points, replicates)."""
    weight = part.mean(axis=-1, keepdims=True) - value * z.mean(axis=-1, keepdims=True)
    return np.asarray((2 * weight * z / under).reshape(-1, z.shape[-1]))


def _split(labels: tuple[str, str], names: tuple[str, ...], values: Array, draws: Array) -> list[Estimated]:
    d = len(names)
    return [Estimated(label, names, values[k * d : (k + 1) * d], draws[:, k * d : (k + 1) * d], np.inf) for k, label in enumerate(labels)]
