"""What an analysis found: indices with intervals, how they settled as the sample grew, and what is not told from zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

RANKED_BY = {"sobol": "ST", "morris": "mu_star", "lhs": "PRCC", "own": "PRCC", "grid": "ST"}
"""The index by which the parameters of a method's analysis are ranked, and to which its floor and verdict belong."""

NEVER_NEGATIVE = ("ST", "mu_star", "sigma", "sigma_corrected")
"""Means of squares and of sizes: they are above 0 by chance alone, so it is the floor that tells them from zero."""


@dataclass(frozen=True)
class Index:
    """One figure of an analysis.

    Attributes:
        parameter: name of the factor, "a*b" of a pair, None where it belongs to no factor (noise).
        index: name of the index, as in docs/sensitivity.md.
        value: the estimate.
        low, high: its interval; nan where there is none.
    """

    parameter: str | None
    index: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Step:
    """One index at one size of the sample.

    Attributes:
        n: base rows (sobol), trajectories (morris) or points (others) that were used.
        parameter, index, value, low, high: as in `Index`.
    """

    n: int
    parameter: str
    index: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Analysis:
    """Everything that the analysis of one outcome found.

    Attributes:
        method: grid, lhs, sobol, morris or own.
        label, unit: what was analysed and what it is measured in.
        parameters: names of the factors in the design's order.
        n: size of the sample: base rows (sobol), trajectories (morris), points (others).
        n_points, replicates, crossed: points, replicates of each, and whether replicate r is the same world at every point.
        rows: the indices, one after the other, each by parameter in the design's order; noise comes last.
        floors: by index: the size below which it is not told from zero (of signed ones: in absolute size).
        convergence: the ranking index at growing samples.
        verdict: a sentence on whether the ranking settled.
        notes: what a reader must know before leaning on the figures, in plain sentences.
        mean, sd: average over all runs, and standard deviation of a single run, parameters and chance together.
        level, resamples: of the intervals.
    """

    method: str
    label: str
    unit: str
    parameters: tuple[str, ...]
    n: int
    n_points: int
    replicates: int
    crossed: bool
    rows: tuple[Index, ...]
    floors: dict[str, float]
    convergence: tuple[Step, ...]
    verdict: str
    notes: tuple[str, ...]
    mean: float
    sd: float
    level: float
    resamples: int

    @property
    def ranked_by(self) -> str:
        """Name of the index by which parameters are ranked."""
        return RANKED_BY[self.method]

    @property
    def floor(self) -> float:
        """Size below which the ranking index is not told from zero."""
        return self.floors[self.ranked_by]

    def of(self, index: str) -> list[Index]:
        """The rows of one index, in the design's order of parameters; empty where the analysis has none."""
        return [row for row in self.rows if row.index == index]

    def get(self, index: str, parameter: str | None = None) -> Index | None:
        """One row, or None where the analysis has none."""
        return next((row for row in self.rows if row.index == index and row.parameter == parameter), None)

    def ranked(self) -> list[str]:
        """Parameters from the most to the least influential by the ranking index, equal ones in the design's order."""
        found = self.of(self.ranked_by)
        return [str(row.parameter) for row in sorted(found, key=lambda row: -abs(row.value))]

    def told_from_zero(self, index: str | None = None) -> list[str]:
        """Parameters whose index is told from zero (`is_told`), from the largest."""
        name = index or self.ranked_by
        found = sorted(self.of(name), key=lambda row: -abs(row.value))
        return [str(row.parameter) for row in found if is_told(row, self.floors.get(name, 0.0))]

    def frame(self) -> pd.DataFrame:
        """The rows as a table."""
        return _frame(self.rows, ["parameter", "index", "value", "low", "high"])

    def convergence_frame(self) -> pd.DataFrame:
        """The convergence as a table: n, parameter, index, value, low, high."""
        return _frame(self.convergence, ["n", "parameter", "index", "value", "low", "high"])


def is_told(row: Index, floor: float) -> bool:
    """Whether an index is told from zero: its size is above its floor and, of those that can lie on both sides of 0, its interval leaves it out."""
    if row.index in NEVER_NEGATIVE:
        return row.value > floor
    return abs(row.value) > floor and not row.low <= 0 <= row.high  # an interval that is not defined leaves out nothing that we know of


def _frame(rows: Iterable[object], columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([[getattr(row, column) for column in columns] for row in rows], columns=columns)
