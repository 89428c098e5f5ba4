"""Means over groups of points, with intervals that know that a design's points come in blocks and its runs in worlds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import special

if TYPE_CHECKING:
    from experiments.sweep.design import Design
    from experiments.sweep.factor import Factor

Array = NDArray[np.float64]
CONFIDENCE = 0.95
MOST_LEVELS = 12
"""Most different values of a factor that are shown one by one; of more, neighbouring ones are taken together."""


@dataclass(frozen=True)
class Groups:
    """The points of a design in groups along one factor.

    Attributes:
        factor: what they are grouped by.
        group: number of the group of each point, shape (points,), from the lowest values up.
        labels: what each group is called: a level, or the average of its values; shape (groups,).
        low, high: lowest and highest value in each group, for numbers; empty for named levels.
        are_levels: each group is one value.
    """

    factor: Factor
    group: NDArray[np.int64]
    labels: tuple[str | float, ...]
    low: Array
    high: Array
    are_levels: bool

    def __len__(self) -> int:
        return len(self.labels)


def blocks_of(design: Design) -> NDArray[np.int64]:
    """Number of the block of each point: points of one block share coordinates, so only blocks are independent of one another.

    Sobol: the rows of one base point; Morris: one trajectory; else every point for itself.
    """
    factors = len(design.problem.factors)
    size = {"sobol": (2 if design.second_order else 1) * factors + 2, "morris": factors + 1}.get(design.method, 1)
    return np.arange(len(design.points), dtype=np.int64) // size


def groups_along(design: Design, name: str, most: int) -> Groups:
    """The points in groups along a factor: its values where there are few, else `most` groups of about equally many points.

    Args:
        design: the design.
        name: the factor.
        most: groups of a continuous factor.
    """
    factor = next(one for one in design.problem.factors if one.name == name)
    column = design.points[name]
    if factor.distribution == "choice":
        levels = [level for level in factor.levels if (column == level).any()]
        return Groups(factor, np.array([levels.index(value) for value in column], dtype=np.int64), tuple(levels), np.empty(0), np.empty(0), True)
    values = column.to_numpy(np.float64)
    unique, group = np.unique(values, return_inverse=True)
    if len(unique) <= max(most, MOST_LEVELS):
        return Groups(factor, group.astype(np.int64), tuple(float(value) for value in unique), unique, unique, True)
    inner = np.unique(np.quantile(values, np.arange(1, most) / most))
    _, group = np.unique(np.searchsorted(inner, values, side="right"), return_inverse=True)
    n = np.bincount(group)
    low, high = np.full(len(n), np.inf), np.full(len(n), -np.inf)
    np.minimum.at(low, group, values)
    np.maximum.at(high, group, values)
    return Groups(factor, group.astype(np.int64), tuple(np.bincount(group, values) / n), low, high, False)


def group_means(y: Array, group: NDArray[np.int64], blocks: NDArray[np.int64], crossed: bool) -> tuple[Array, Array, Array, NDArray[np.int64]]:
    """Mean of each group of points and its 95 % interval.

    The variance is that of a mean of runs that are alike within a block of points and, with crossed seeds, within a world: by block, plus by
    world, less by both (Cameron, Gelbach and Miller 2011, two-way clusters). Independent seeds leave the blocks alone. One crossed replicate
    cannot tell what its world adds, so the interval is then of the points alone.

    Args:
        y: values, shape (points, replicates).
        group: group of each point, shape (points,).
        blocks: block of each point, shape (points,).
        crossed: replicate r is the same world at every point.

    Returns:
        Mean, low, high and number of points, each of shape (groups,); nan bounds where a group has fewer than two blocks.
    """
    replicates = y.shape[1]
    n_groups, n_blocks = int(group.max()) + 1, int(blocks.max()) + 1
    n = np.bincount(group, minlength=n_groups)
    mean = np.bincount(group, y.mean(axis=1), minlength=n_groups) / n
    share = (y - mean[group][:, None]) / (n[group][:, None] * replicates)
    cell = group * n_blocks + blocks
    in_cell = np.stack([np.bincount(cell, own, minlength=n_groups * n_blocks) for own in share.T]).reshape(replicates, n_groups, n_blocks)
    touched = (np.bincount(cell, minlength=n_groups * n_blocks).reshape(n_groups, n_blocks) > 0).sum(axis=1)
    by_block = (in_cell.sum(axis=0) ** 2).sum(axis=1)
    variance, of_worlds = by_block, np.zeros(n_groups)
    if crossed and replicates > 1:
        variance = np.maximum(by_block - (in_cell**2).sum(axis=(0, 2)), 0.0)
        of_worlds = (in_cell.sum(axis=2) ** 2).sum(axis=0) * replicates / (replicates - 1)
    variance = np.divide(variance * touched, touched - 1, out=np.full(n_groups, np.nan), where=touched > 1)
    quantile = (1 + CONFIDENCE) / 2
    half = np.sqrt(special.ndtri(quantile) ** 2 * variance + special.stdtrit(max(replicates - 1, 1), quantile) ** 2 * of_worlds)
    return mean, mean - half, mean + half, n
