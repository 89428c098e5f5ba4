"""Sobol' indices of the replicate means, equal to SALib's, and beside them the shares of a single run's variance, freed of chance.

Every numerator is a sum of products of two values of a base row. Of the replicate means it is the product of means; of a single run it is
the mean over pairs of different replicates wherever the two values share their chance: docs/sensitivity.md derives both.
First order after Saltelli et al. 2010, total order after Jansen 1999, second order after Saltelli 2002.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity.noise import Noise, between, centred, noise_shares
from experiments.sensitivity.resample import Estimated, Resampling, world_effect

Array = NDArray[np.float64]
Products = list[tuple[float, Array, Array]]
"""Weights and pairs of factors, each of shape (N, replicates); what is meant is the weighted sum of their products."""

Of = Callable[[int], Products]
"""Products of the parameter, or pair, of a number."""


@dataclass(frozen=True)
class Blocks:
    """Values by base row, in SALib's order A, AB_1 .. AB_D, (BA_1 .. BA_D), B.

    Attributes:
        a, b: at A and B, less the mean over all rows (of each world, with crossed seeds), shape (N, replicates).
        ab, ba: at AB_1 .. AB_D and BA_1 .. BA_D, likewise, shape (D, N, replicates); ba is empty where the design has none.
        ends: at A and B as they are, shape (N, 2, replicates).
        crossed: replicate r is the same world at every point.
    """

    a: Array
    b: Array
    ab: Array
    ba: Array
    ends: Array
    crossed: bool


def blocks_of(y: Array, d: int, *, has_ba: bool, crossed: bool) -> Blocks:
    """Values (points, replicates) of a sobol design of d factors by base row."""
    step = 2 * d + 2 if has_ba else d + 2
    z = np.moveaxis(centred(y, crossed=crossed).reshape(-1, step, y.shape[1]), 1, 0)
    ends = y.reshape(-1, step, y.shape[1])[:, [0, -1]]
    return Blocks(z[0], z[-1], z[1 : d + 1], z[d + 1 : -1], ends, crossed)


def estimate(blocks: Blocks, names: tuple[str, ...], resampling: Resampling, *, second_order: bool = False) -> tuple[list[Estimated], Noise | None]:
    """The indices, and the noise shares.

    Returns:
        S1, ST and, if asked for, S2; the same of a single run where there are replicates to tell them by; and the noise, None without.
    """
    found = estimate_means(blocks, names, resampling)
    pairs = list(combinations(range(len(names)), 2))
    pair_names = tuple(f"{names[j]}*{names[k]}" for j, k in pairs)

    def of_pair(number: int) -> Products:
        return second(blocks, *pairs[number])

    if second_order and pairs:
        found.append(_of_means(blocks, "S2", pair_names, of_pair, resampling))
    if blocks.a.shape[1] < 2:
        return found, None
    noise = noise_shares(blocks.ends, resampling, crossed=blocks.crossed)
    found += [_of_runs(blocks, "S1_run", names, lambda j: first(blocks, j), resampling, noise),
              _of_runs(blocks, "ST_run", names, lambda j: total_of_runs(blocks, j), resampling, noise)]  # fmt: skip
    if second_order and pairs:
        found.append(_of_runs(blocks, "S2_run", pair_names, of_pair, resampling, noise))
    return found, noise


def estimate_means(blocks: Blocks, names: tuple[str, ...], resampling: Resampling) -> list[Estimated]:
    """S1 and ST alone."""
    return [_of_means(blocks, "S1", names, lambda j: first(blocks, j), resampling),
            _of_means(blocks, "ST", names, lambda j: total(blocks, j), resampling)]  # fmt: skip


def first(blocks: Blocks, j: int) -> Products:
    """B (AB_j - A)."""
    return [(1, blocks.b, blocks.ab[j] - blocks.a)]


def total(blocks: Blocks, j: int) -> Products:
    """(AB_j - A)^2 / 2."""
    e = blocks.ab[j] - blocks.a
    return [(0.5, e, e)]


def total_of_runs(blocks: Blocks, j: int) -> Products:
    """(AB_j - A)^2 / 2: with independent seeds multiplied out, since there a replicate of A and one of AB_j have nothing in common."""
    if blocks.crossed:
        return total(blocks, j)
    a, ab = blocks.a, blocks.ab[j]
    return [(0.5, ab, ab), (0.5, a, a), (-1, ab, a)]


def second(blocks: Blocks, j: int, k: int) -> Products:
    """BA_j AB_k - A B - B (AB_j - A) - B (AB_k - A): what j and k decide together beyond what each decides alone."""
    return [(1, blocks.ba[j], blocks.ab[k]), (1, blocks.b, blocks.a - blocks.ab[j] - blocks.ab[k])]


def variance(blocks: Blocks) -> Products:
    """Half of A^2 + B^2, each less the mean of both."""
    a, b = np.moveaxis(centred(blocks.ends, crossed=blocks.crossed), 1, 0)
    return [(0.5, a, a), (0.5, b, b)]


def of_means(products: Products) -> Array:
    """The sum of products of replicate means, shape (N,)."""
    return np.asarray(sum(weight * x.mean(axis=1) * y.mean(axis=1) for weight, x, y in products))


def of_replicates(products: Products) -> Array:
    """What each replicate contributes to the sum of products of means, shape (N, replicates)."""
    return np.asarray(sum(weight * (x.mean(axis=1, keepdims=True) * y + x * y.mean(axis=1, keepdims=True)) for weight, x, y in products))


def of_runs(products: Products, *, crossed: bool) -> Array:
    """The sum of products without the square of any replicate's chance, shape (N,).

    Different points share their chance in a world (crossed seeds); with independent seeds only a point and itself do.
    """
    return np.asarray(sum(weight * (between(x, y) if crossed or x is y else x.mean(axis=1) * y.mean(axis=1)) for weight, x, y in products))


def _ratios(blocks: Blocks, index: str, names: tuple[str, ...], products: Of, over: list[Array], under: Array, resampling: Resampling) -> Estimated:
    """Means of numerators over the mean of the denominator, each of shape (N,), with what the worlds in common add to their errors."""
    rows = np.column_stack([*over, under])
    means = rows.mean(axis=0)
    values, scale = means[:-1] / means[-1], means[-1]
    drawn = resampling.row_means(rows)
    draws = np.divide(drawn[:, :-1], drawn[:, -1:], out=np.zeros_like(drawn[:, :-1]), where=drawn[:, -1:] > 0)
    if blocks.crossed and blocks.a.shape[1] > 1:
        of_variance = of_replicates(variance(blocks))
        effects = [world_effect((of_replicates(products(j)) - value * of_variance) / scale) for j, value in enumerate(values)]
        draws = resampling.with_worlds(draws, np.column_stack(effects), len(rows))
    return Estimated(index, names, values, draws, len(rows))


def _of_means(blocks: Blocks, index: str, names: tuple[str, ...], products: Of, resampling: Resampling) -> Estimated:
    return _ratios(blocks, index, names, products, [of_means(products(j)) for j in range(len(names))], of_means(variance(blocks)), resampling)


def _of_runs(blocks: Blocks, index: str, names: tuple[str, ...], products: Of, resampling: Resampling, noise: Noise) -> Estimated:
    over = [of_runs(products(j), crossed=blocks.crossed) for j in range(len(names))]
    found = _ratios(blocks, index, names, products, over, (centred(blocks.ends, crossed=blocks.crossed) ** 2).mean(axis=(1, 2)), resampling)
    return Estimated(index, names, found.values * noise.kept, found.draws * noise.kept_draws[:, None], found.n)
