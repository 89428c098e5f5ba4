"""Intervals: rows of a design drawn again as weights in matrix products, and worlds shared by all rows as shifts of their own.

The unit that is drawn again is what the sampler drew independently: a base row (sobol), a trajectory (morris), a point (lhs), each with all of
its replicates. So a resample holds both what points differ by and what chance did in them. What it cannot hold is an error common to all
rows, which is there when all rows were run in the same few worlds (crossed seeds): that is added by `with_worlds`. docs/sensitivity.md
derives both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from experiments.sensitivity.result import Index

Array = NDArray[np.float64]

_BLOCK = 2_000_000
"""Weights made at a time, which keeps memory flat however large a design is (16 MB)."""
_ROWS, _WORLDS, _SEEDS, _CHANCE = range(4)
"""Streams of random numbers."""


@dataclass(frozen=True)
class Resampling:
    """How estimates are drawn again. The same resampling draws the same rows and the same worlds for whatever it is asked.

    Attributes:
        resamples: how many.
        seed: any whole number from 0.
        level: of the intervals, such as .95.
    """

    resamples: int
    seed: int
    level: float

    def _rng(self, stream: int, size: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, stream, size])

    def weights(self, n: int) -> Iterator[Array]:
        """Weights of n rows in each resample, in blocks of shape (some, n); those of a resample add up to 1."""
        rng = self._rng(_ROWS, n)
        size = max(1, _BLOCK // n)
        for start in range(0, self.resamples, size):
            block = min(size, self.resamples - start)
            drawn = rng.integers(n, size=(block, n)) + n * np.arange(block)[:, None]
            yield np.bincount(drawn.ravel(), minlength=block * n).reshape(block, n) / n

    def row_means(self, rows: Array) -> Array:
        """Means of the columns of `rows`, shape (n, k), in each resample: shape (resamples, k)."""
        return np.concatenate([block @ rows for block in self.weights(len(rows))])

    def with_worlds(self, draws: Array, effects: Array, n: float) -> Array:
        """Draws that also hold the error that all rows have in common because they were run in the same worlds.

        Args:
            draws: of the estimates, from drawing n units again, shape (resamples, estimates).
            effects: of each world on each estimate (`world_effect`), shape (worlds, estimates).
            n: units that were drawn again; inf where they are fixed.

        Returns:
            The draws with normal shifts of the worlds' standard error, stretched for the few worlds that told of it: by Student's t with
            Satterthwaite's degrees of freedom of both errors together, over that of the units alone (which `interval` puts in).
        """
        worlds = len(effects)
        drawn = self._rng(_WORLDS, worlds).standard_normal((self.resamples, worlds))
        drawn -= drawn.mean(axis=1, keepdims=True)
        of_units, of_worlds = draws.var(axis=0), (effects**2).sum(axis=0) / (worlds * (worlds - 1))
        both = of_units**2 / (n - 1) + of_worlds**2 / (worlds - 1)
        freedom = np.divide((of_units + of_worlds) ** 2, both, out=np.full_like(both, n - 1), where=both > 0)
        stretch = self._quantile(freedom) / self._quantile(n - 1)
        centre = draws.mean(axis=0)
        return np.asarray(centre + (draws - centre + drawn @ effects / np.sqrt(worlds * (worlds - 1))) * stretch)

    def _quantile(self, freedom: Array | float) -> Array:
        """Student's t that bounds an interval; the normal one for endless degrees of freedom."""
        freedom = np.asarray(freedom, dtype=np.float64)
        tail = (1 + self.level) / 2
        return np.where(np.isfinite(freedom), special.stdtrit(np.where(np.isfinite(freedom), freedom, 1), tail), special.ndtri(tail))

    def chance_shifts(self, errors: Array) -> Array:
        """Errors from chance alone, of given standard errors (k,), where rows are fixed and every run has a world of its own."""
        return self._rng(_CHANCE, len(errors)).standard_normal((self.resamples, len(errors))) * errors

    def chi_squared(self, freedom: int, stream: int = 0) -> Array:
        """Chi-squared numbers, shape (resamples,), which vary a variance that few worlds told of."""
        return self._rng(_SEEDS, stream).chisquare(freedom, size=self.resamples)

    def interval(self, values: Array, draws: Array, n: float = np.inf) -> tuple[Array, Array]:
        """Percentile intervals, a little wider than the level for a small number of units.

        The percentiles are those whose normal quantile is Student's t times sqrt(n / (n - 1)): what a percentile interval of n draws is short
        of (Hesterberg 2015, "expanded percentile").

        Args:
            values: estimates, shape (k,).
            draws: of each, shape (resamples, k); nan where a resample has no value.
            n: units that were resampled.

        Returns:
            Low and high ends, shape (k,), nan where fewer than two units or draws are there.
        """
        low, high = np.full(len(values), np.nan), np.full(len(values), np.nan)
        some = np.isfinite(draws).sum(axis=0) >= 2
        if n < 2 or not some.any():
            return low, high
        tail = float(special.ndtr(-self._quantile(n - 1) * (np.sqrt(n / (n - 1)) if np.isfinite(n) else 1)))
        low[some], high[some] = np.nanquantile(draws[:, some], (tail, 1 - tail), axis=0)
        return np.where(some, np.fmin(low, values), np.nan), np.where(some, np.fmax(high, values), np.nan)


def world_effect(shares: Array, *, rows_are_drawn: bool = True) -> Array:
    """What each world does to an estimate, beyond what resampling the rows holds already.

    Args:
        shares: contributions of rows and worlds to the estimate, shape (rows, worlds): its error is about the mean of their errors.
        rows_are_drawn: the rows are a sample, so that resampling them holds the interaction of rows and worlds, and only what worlds differ by
            beyond it is left. Not so for a grid, whose rows are fixed.

    Returns:
        Effects around 0, shape (worlds,).
    """
    n = len(shares)
    effect = shares.mean(axis=0)
    effect = effect - effect.mean()
    if not rows_are_drawn or n < 2:
        return np.asarray(effect)
    among = n * float(effect @ effect)
    interaction = (float(((shares - shares.mean(axis=1, keepdims=True)) ** 2).sum()) - among) / (n - 1)
    return np.asarray(effect * np.sqrt(max(0.0, 1 - interaction / among) if among > 0 else 0.0))


def chance_error(shares: Array) -> float:
    """Standard error of an estimate from chance alone, rows fixed and replicates independent; `shares` as in `world_effect`."""
    n, replicates = shares.shape
    return float(np.sqrt(shares.var(axis=1, ddof=1).sum() / replicates) / n)


@dataclass(frozen=True)
class Estimated:
    """Estimates of one index, as drawn again.

    Attributes:
        index: its name.
        names: of what it was estimated for: parameters, or pairs "a*b".
        values: shape (names,).
        draws: shape (resamples, names).
        n: units that were resampled.
    """

    index: str
    names: tuple[str | None, ...]
    values: Array
    draws: Array
    n: float

    def rows(self, resampling: Resampling) -> list[Index]:
        """As rows of an analysis, with their intervals."""
        low, high = resampling.interval(self.values, self.draws, self.n)
        return [Index(name, self.index, float(value), float(start), float(end))
                for name, value, start, end in zip(self.names, self.values, low, high, strict=True)]  # fmt: skip
