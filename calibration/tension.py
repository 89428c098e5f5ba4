"""What a rejection shows besides what it accepts: how much each target refuses, and which targets pull against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from calibration.rejection import Result
from calibration.targets import Target

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Cost:
    """What one target refuses of what all others of its block and of the blocks before it accept.

    Attributes:
        target: its name.
        n_others: points that all the others accept.
        inside, below, above: of these, how many lie in the target's range, below it and above it.
    """

    target: str
    n_others: int
    inside: int
    below: int
    above: int


def costs(results: Sequence[Result], targets: Sequence[Target]) -> list[Cost]:
    """The cost of each target, in the stage that first judges its block: there its block's parameters are still drawn from the whole table."""
    found: dict[str, Cost] = {}
    judged: set[str] = set()
    for result in results:
        judged |= {result.stage.block}
        for k, target in enumerate(targets):
            if target.block == result.stage.block:
                others = [m for m, other in enumerate(targets) if other.block in judged and m != k]
                values = result.values[result.is_inside[:, others].all(axis=1), k]
                below, above = int((values < target.low).sum()), int((values > target.high).sum())
                n_inside = int(((values >= target.low) & (values <= target.high)).sum())
                found[target.name] = Cost(target.name, len(values), n_inside, below, above)
    return [found[target.name] for target in targets if target.name in found]


@dataclass(frozen=True)
class Pair:
    """Two targets, over some points.

    Attributes:
        a, b: their names.
        n: points.
        joint: share of points inside both.
        product: share inside the one times share inside the other.
        ratio: joint over product; far below 1 the targets pull against each other.
        p: how probable so few inside both, or fewer, are if being inside the one says nothing about the other (Fisher's exact test).
    """

    a: str
    b: str
    n: int
    joint: float
    product: float
    ratio: float
    p: float


def pair(a: str, b: str, is_a: Mask, is_b: Mask) -> Pair | None:
    """Compare two targets over points; None where one of them accepts no point.

    Args:
        a, b: names.
        is_a, is_b: inside each target's range, shape (points,).
    """
    n, both = len(is_a), int((is_a & is_b).sum())
    if not is_a.any() or not is_b.any():
        return None
    product = float(is_a.mean() * is_b.mean())
    table = np.array([[both, (is_a & ~is_b).sum()], [(~is_a & is_b).sum(), (~is_a & ~is_b).sum()]])
    p = float(stats.fisher_exact(table, alternative="less").pvalue)
    return Pair(a, b, n, both / n, product, both / n / product, p)


def pairs(is_inside: Mask, names: Sequence[str]) -> list[Pair]:
    """All pairs of targets, those that pull hardest against each other first.

    Args:
        is_inside: shape (points, targets), of points drawn from the whole table.
        names: of the targets.
    """
    found = [pair(a, b, is_inside[:, i], is_inside[:, j]) for (i, a), (j, b) in combinations(enumerate(names), 2)]
    return sorted((each for each in found if each), key=lambda each: each.ratio)


def pairs_given_the_rest(results: Sequence[Result], targets: Sequence[Target]) -> list[Pair]:
    """The same over the points inside all other ranges: a conflict that only shows where everything else is right.

    A pair is looked at in the stage that first judges both, and the other ranges are those judged by then.
    """
    found: list[Pair | None] = []
    judged: set[str] = set()
    for result in results:
        judged |= {result.stage.block}
        known = [k for k, target in enumerate(targets) if target.block in judged]
        for i, j in combinations(known, 2):
            if result.stage.block in (targets[i].block, targets[j].block):
                right = result.is_inside[:, [k for k in known if k not in (i, j)]].all(axis=1)
                found.append(pair(targets[i].name, targets[j].name, result.is_inside[right, i], result.is_inside[right, j]))
    return sorted((each for each in found if each), key=lambda each: each.ratio)


def place(accepted: Array, value: float) -> float:
    """Share of accepted values below a value (halves of equal ones), from 0 to 1."""
    return float(stats.percentileofscore(accepted, value, kind="mean")) / 100.0
