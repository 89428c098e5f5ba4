"""How an outcome answers to one factor, and which scenario wins where: averages over everything else that the design varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity.group_means import Array, Groups, blocks_of, group_means, groups_along

if TYPE_CHECKING:
    from experiments.sensitivity.evaluations import Evaluations
    from experiments.sweep.design import Design
    from experiments.sweep.factor import Factor

MOST_GROUPS = 12
BLOCKS_A_GROUP = 20
SPREAD = (0.05, 0.95)
POINTS_A_CELL = 15
FEWEST_CELLS, MOST_CELLS = 3, 8
FEWEST_IN_CELL = 5
TOO_FEW, SAME = -1, -2
"""In the place of a cell's best scenario: too few points, and two scenarios that are the best alike."""


@dataclass(frozen=True)
class Curve:
    """The outcome along one factor.

    Attributes:
        groups: the points in groups along the factor.
        mean, low, high: average outcome and its 95 % interval, shape (groups,).
        spread_low, spread_high: where nine in ten points of the group lie, seeds averaged out.
        n: points in each group.
    """

    groups: Groups
    mean: Array
    low: Array
    high: Array
    spread_low: Array
    spread_high: Array
    n: NDArray[np.int64]

    @property
    def factor(self) -> Factor:
        """The factor."""
        return self.groups.factor


@dataclass(frozen=True)
class WinMap:
    """Which scenario has the best average where two factors lie.

    Attributes:
        scenarios: their names, in the design's order.
        x, y: the points in groups along either factor.
        best, second: position of the best and the next best scenario in each cell, shape (x groups, y groups); TOO_FEW where there are too few
            points, and `best` is SAME where neither is ahead of the other.
        lead: by how much the best is ahead of the next, in the outcome's unit, never negative; low, high: its 95 % interval, paired run by run.
        n: points in each cell.
    """

    scenarios: tuple[str, ...]
    x: Groups
    y: Groups
    best: NDArray[np.int64]
    second: NDArray[np.int64]
    lead: Array
    low: Array
    high: Array
    n: NDArray[np.int64]

    @property
    def is_filled(self) -> NDArray[np.bool_]:
        """Whether a cell has points enough."""
        return self.best != TOO_FEW

    @property
    def n_filled(self) -> int:
        """Cells with points enough."""
        return int(np.count_nonzero(self.is_filled))

    @property
    def is_told(self) -> NDArray[np.bool_]:
        """Whether a cell's winner is told from the next best."""
        return (self.best >= 0) & (self.low > 0)


def curves(design: Design, evaluations: Evaluations, names: Sequence[str], *, is_shape: bool) -> list[Curve]:
    """The outcome along each of some factors.

    Args:
        design: the points.
        evaluations: the outcome.
        names: the factors.
        is_shape: intervals are of the curve's shape, without the shift that a world gives to all points alike; else of its height too.
    """
    blocks, y = blocks_of(design), evaluations.y
    if is_shape and evaluations.crossed:
        y = y - y.mean(axis=0) + y.mean()
    most = int(np.clip((blocks.max() + 1) // BLOCKS_A_GROUP, 4, MOST_GROUPS))
    found = []
    for name in names:
        groups = groups_along(design, name, most)
        mean, low, high, n = group_means(y, groups.group, blocks, evaluations.crossed)
        of_points = y.mean(axis=1)
        spread = np.array([np.quantile(of_points[groups.group == k], SPREAD) for k in range(len(groups))])
        found.append(Curve(groups, mean, low, high, spread[:, 0], spread[:, 1], n))
    return found


def win_map(design: Design, values: dict[str, Evaluations], better: str, x: str, y: str) -> WinMap:
    """Which scenario wins where two factors lie, averaged over all others.

    Args:
        design: the design.
        values: scenario -> its evaluations of one outcome, of the same points and replicates.
        better: "lower" or "higher".
        x, y: the factors.
    """
    names, blocks = tuple(values), blocks_of(design)
    sign = -1.0 if better == "lower" else 1.0
    side = int(np.clip(np.sqrt(len(blocks) / POINTS_A_CELL), FEWEST_CELLS, MOST_CELLS))
    along = groups_along(design, x, side), groups_along(design, y, side)
    shape = (len(along[0]), len(along[1]))
    cell = along[0].group * shape[1] + along[1].group
    n = np.bincount(cell, minlength=shape[0] * shape[1])
    best, second = np.full(n.size, TOO_FEW, dtype=np.int64), np.full(n.size, TOO_FEW, dtype=np.int64)
    lead, low, high = (np.full(n.size, np.nan) for _ in range(3))
    gains = np.stack([sign * values[name].y for name in names])
    crossed = next(iter(values.values())).crossed
    for k in np.flatnonzero(n >= FEWEST_IN_CELL):
        inside = np.flatnonzero(cell == k)
        order = np.argsort(-gains[:, inside].mean(axis=(1, 2)), kind="stable")
        best[k], second[k] = order[0], order[1]
        ahead = gains[order[0], inside] - gains[order[1], inside]
        if not ahead.mean():
            best[k] = SAME
        _, own_blocks = np.unique(blocks[inside], return_inverse=True)
        (lead[k],), (low[k],), (high[k],), _ = group_means(ahead, np.zeros(len(inside), dtype=np.int64), own_blocks, crossed)
    return WinMap(names, along[0], along[1], best.reshape(shape), second.reshape(shape), lead.reshape(shape), low.reshape(shape),
                  high.reshape(shape), n.reshape(shape))  # fmt: skip
