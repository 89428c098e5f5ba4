"""One thing that is varied: its range and distribution, as a map from the unit interval to values and back.

The map is the inverse of the distribution function, so every design is drawn in the unit cube whatever the factors are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[Any]

DISTRIBUTIONS = ("uniform", "loguniform", "triangular", "integer", "choice")


@dataclass(frozen=True)
class Factor:
    """One thing that is varied.

    Attributes:
        name: a parameter of the table, a setting of a scenario, or any name of a problem that is not the model's.
        low, high: the range; of a choice the numbers of its first and last level. Equal only where a user's own points do not vary.
        distribution: one of DISTRIBUTIONS. Every integer of the range, and every level of a choice, has the same probability.
        mode: of the triangular distribution, else None.
        levels: of a choice, else empty.
        unit, meaning: for axes and tables.
    """

    name: str
    low: float
    high: float
    distribution: str
    mode: float | None = None
    levels: tuple[str, ...] = ()
    unit: str = ""
    meaning: str = ""

    @property
    def n_levels(self) -> int | None:
        """How many values an integer or a choice takes; None where they are continuous."""
        return int(self.high - self.low) + 1 if self.distribution in ("integer", "choice") else None

    def value(self, u: ArrayLike) -> Array:
        """Values at probabilities `u` in [0, 1]: float64, int64 for an integer, an object array of texts for a choice."""
        u = np.asarray(u, dtype=np.float64)
        n = self.n_levels
        if n is not None:
            return self.level(np.minimum(u * n, n - 1).astype(np.int64))
        width = self.high - self.low
        if width == 0:
            return np.full(u.shape, self.low)
        if self.distribution == "loguniform":
            values = np.exp(math.log(self.low) + u * (math.log(self.high) - math.log(self.low)))
        elif self.distribution == "triangular":
            values = stats.triang.ppf(u, self._peak, self.low, width)
        else:
            values = u * width + self.low
        return np.clip(values, self.low, self.high)

    def level(self, number: NDArray[np.int64]) -> Array:
        """Values of an integer or a choice by their number, from 0."""
        return np.array(self.levels, dtype=object)[number] if self.distribution == "choice" else number + int(self.low)

    def spread(self, n: int) -> Array:
        """At most `n` values from low to high in equal steps, of the logarithm where it is loguniform; every level of a choice."""
        if self.distribution == "choice":
            return np.array(self.levels, dtype=object)
        if self.distribution == "integer":
            return np.unique(np.rint(np.linspace(self.low, self.high, n))).astype(np.int64)
        return (np.geomspace if self.distribution == "loguniform" else np.linspace)(self.low, self.high, n)

    def position(self, value: ArrayLike) -> NDArray[np.float64]:
        """Back to the unit interval, clipped to it; an integer and a level of a choice lie in the middle of their cells.

        Raises:
            KeyError: no such level of a choice.
        """
        values = np.asarray(value)
        if self.distribution == "choice":
            number = {level: k for k, level in enumerate(self.levels)}
            values = np.array([number[str(v)] for v in values.ravel()], dtype=np.float64).reshape(values.shape)
        values = values.astype(np.float64)
        n = self.n_levels
        if n is not None:
            return np.clip((values - self.low + 0.5) / n, 0, 1)
        if self.high == self.low:
            return np.full(values.shape, 0.5)
        if self.distribution == "loguniform":
            u = np.log(np.maximum(values, self.low) / self.low) / math.log(self.high / self.low)
        elif self.distribution == "triangular":
            u = stats.triang.cdf(values, self._peak, self.low, self.high - self.low)
        else:
            u = (values - self.low) / (self.high - self.low)
        return np.asarray(np.clip(u, 0, 1), dtype=np.float64)

    @property
    def _peak(self) -> float:
        """Where the mode lies between low (0) and high (1)."""
        assert self.mode is not None
        return (self.mode - self.low) / (self.high - self.low)
