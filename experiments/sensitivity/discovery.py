"""Scenario discovery: where in the sweep does one scenario do no better than another, in a rule that a reader can repeat.

A decision tree (CART, scikit-learn) separates the points at which the paired difference shows no gain from those at which it does. The rule is its
purest leaf, with bounds rounded to what one would say, and its points are counted again after rounding. Whether a rule is there at all is judged on
what the tree has not seen: blocks of the design are kept apart in turn, with crossed seeds half of the worlds too (a world is the same at all points,
so a rule could be about which worlds were drawn), and the tree must predict better than the overall share does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity.group_means import Array, blocks_of, group_means
from experiments.tables import number

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.tree import DecisionTreeClassifier

    from experiments.sensitivity.evaluations import Evaluations
    from experiments.sweep.design import Design

MOST_CONDITIONS = 3
LEAST_SHARE_OF_POINTS, LEAST_POINTS = 0.05, 20
LEAST_GAIN = 0.01
"""Share of the root's impurity (Gini) that a split must take away, as in rpart: else the tree is pruned back."""
FOLDS = 10
FEWEST_BLOCKS = 40
"""Blocks of points that a search needs: below it, ten folds hold too little to judge by."""
ERRORS_ABOVE = 2.0
"""Standard errors by which the gain on points kept apart must exceed none."""
_SEED = 1


@dataclass(frozen=True)
class Condition:
    """One condition of a rule.

    Attributes:
        parameter: the factor.
        sign: ">", "<=", "is" or "is not".
        bound: a number, or a level's name.
    """

    parameter: str
    sign: str
    bound: float | str

    def holds(self, points: pd.DataFrame) -> NDArray[np.bool_]:
        """Whether it holds at each point."""
        column = points[self.parameter]
        if self.sign in ("is", "is not"):
            same = (column == self.bound).to_numpy(dtype=np.bool_)
            return same if self.sign == "is" else ~same
        values = column.to_numpy(np.float64)
        return values > float(self.bound) if self.sign == ">" else values <= float(self.bound)

    @property
    def bound_text(self) -> str:
        """The bound as one says it."""
        return number(self.bound, _places(self.bound)) if isinstance(self.bound, float) else self.bound

    def __str__(self) -> str:
        words = {">": "is above", "<=": "is at most", "is": "is", "is not": "is not"}
        return f"`{self.parameter}` {words[self.sign]} {self.bound_text}"


@dataclass(frozen=True)
class Rule:
    """Where it holds, how often the first scenario does no better there and elsewhere, and how large the difference is.

    Attributes:
        conditions: all of which must hold.
        n, n_without: points inside, and those of them at which the first scenario does no better.
        n_same: those of the latter at which no run differs.
        n_else, n_without_else: the same outside.
        difference: mean paired difference inside with its 95 % interval.
        difference_else: the same outside.
    """

    conditions: tuple[Condition, ...]
    n: int
    n_without: int
    n_same: int
    n_else: int
    n_without_else: int
    difference: tuple[float, float, float]
    difference_else: tuple[float, float, float]


@dataclass(frozen=True)
class KeptApart:
    """What rules did on points that they were not found on, with crossed seeds in worlds that they were not found in.

    Attributes:
        gain: share of the error (Brier score) of the overall share that the tree takes away; below 0 where it adds to it.
        error: standard error of the gain over the folds.
        n, n_without, n_else, n_without_else: as in `Rule`, over all folds, each with the rule found without it.
        has_other_worlds: worlds were kept apart too.
    """

    gain: float
    error: float
    n: int
    n_without: int
    n_else: int
    n_without_else: int
    has_other_worlds: bool


@dataclass(frozen=True)
class Discovery:
    """What was found.

    Attributes:
        a, b: the difference is a less b.
        n_points, n_without, n_same: points, those at which a does no better than b, and those of the latter at which no run differs.
        about_gain: the rule tells where a does better, as it does so at fewer than half of the points; else where it does not.
        leaves: the tree's leaves as rules, the purest first; empty where no tree was grown.
        kept_apart: how rules did on points kept apart; None where no tree was grown.
        is_found: the first leaf is a rule that holds on points kept apart.
    """

    a: str
    b: str
    n_points: int
    n_without: int
    n_same: int
    about_gain: bool
    leaves: tuple[Rule, ...]
    kept_apart: KeptApart | None
    is_found: bool

    @property
    def why_not(self) -> str:
        """Why no tree was grown: a does no better at too "few" points, at too "many", or the design is "small"."""
        least = _least(self.n_points)
        return "few" if self.n_without < least else "many" if self.n_points - self.n_without < least else "small"

    @property
    def rule(self) -> Rule | None:
        """The rule, where one was found."""
        return self.leaves[0] if self.is_found else None


def discover(design: Design, difference: Evaluations, a: str, b: str, better: str) -> Discovery:
    """Look for a rule that tells where scenario a does no better than scenario b.

    Args:
        design: the points.
        difference: outcome of a less that of b, paired.
        a, b: their names.
        better: "lower" or "higher" values of the outcome are better.
    """
    from sklearn.model_selection import GroupKFold

    gains_of_runs = difference.y * (-1.0 if better == "lower" else 1.0)
    without = gains_of_runs.mean(axis=1) <= 0
    same = (difference.y == 0).all(axis=1)
    n, n_without, n_same = len(without), int(without.sum()), int(same.sum())
    about_gain = 2 * n_without > n
    blocks = blocks_of(design)
    least = _least(n)
    if min(n_without, n - n_without) < least or blocks.max() + 1 < FEWEST_BLOCKS:
        return Discovery(a, b, n, n_without, n_same, about_gain, (), None, False)
    table, columns = _table(design)
    folds = []
    halves = _halves(gains_of_runs, difference.crossed)
    for k, (train, test) in enumerate(GroupKFold(FOLDS, shuffle=True, random_state=_SEED).split(table, groups=blocks)):
        seen, unseen = halves[k % 2][train], halves[1 - k % 2][test]
        if len(np.unique(seen)) < 2:
            return Discovery(a, b, n, n_without, n_same, about_gain, (), None, False)
        wanted, wanted_unseen = seen != about_gain, unseen != about_gain
        tree = _grown(table[train], wanted, least)
        inside = _holds(_purest(tree, columns, design)[0], design.points.iloc[test])
        off = np.mean((_shares(tree, table[test]) - wanted_unseen) ** 2), np.mean((wanted.mean() - wanted_unseen) ** 2)
        folds.append((*off, inside.sum(), unseen[inside].sum(), (~inside).sum(), unseen[~inside].sum()))
    score = np.array(folds)
    gains = 1 - score[:, 0] / score[:, 1].mean()
    counts = [int(total) for total in score[:, 2:].sum(axis=0)]
    kept = KeptApart(float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(FOLDS)), counts[0], counts[1], counts[2], counts[3],
                     halves[0] is not halves[1])  # fmt: skip
    paths = _purest(_grown(table, without != about_gain, least), columns, design)
    leaves = tuple(_rule(path, design, difference, without, same, blocks) for path in paths)
    found = bool(paths[0]) and kept.gain > ERRORS_ABOVE * kept.error and _is_purer(kept, about_gain)
    return Discovery(a, b, n, n_without, n_same, about_gain, leaves, kept, found)


def _halves(gains: Array, crossed: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Points without a gain in either half of the worlds; where each point has worlds of its own, or there is but one, in all of them twice."""
    if not crossed or gains.shape[1] < 2:
        without = gains.mean(axis=1) <= 0
        return without, without
    return gains[:, ::2].mean(axis=1) <= 0, gains[:, 1::2].mean(axis=1) <= 0


def _least(n: int) -> int:
    """Points that a leaf must hold."""
    return max(LEAST_POINTS, math.ceil(LEAST_SHARE_OF_POINTS * n))


def _is_purer(kept: KeptApart, about_gain: bool) -> bool:
    """Whether what the rule is about was commoner inside than outside, on points kept apart."""
    if not kept.n or not kept.n_else:
        return False
    inside, outside = kept.n_without / kept.n, kept.n_without_else / kept.n_else
    return inside < outside if about_gain else inside > outside


def _grown(table: Array, wanted: NDArray[np.bool_], least: int) -> DecisionTreeClassifier:
    from sklearn.tree import DecisionTreeClassifier

    share = float(wanted.mean())
    least_gain = LEAST_GAIN * 2 * share * (1 - share)
    return DecisionTreeClassifier(max_depth=MOST_CONDITIONS, min_samples_leaf=least, ccp_alpha=least_gain, random_state=_SEED).fit(table, wanted)


def _shares(tree: DecisionTreeClassifier, table: Array) -> Array:
    """Predicted share of what is wanted, at each point."""
    found = np.asarray(tree.predict_proba(table), dtype=np.float64)
    return found[:, 1] if found.shape[1] == 2 else np.full(len(table), float(tree.classes_[0]))


def _table(design: Design) -> tuple[Array, list[tuple[str, str | None]]]:
    """Factors as numbers for the tree, a column a number or a level, and what each column is."""
    parts: list[Array] = []
    columns: list[tuple[str, str | None]] = []
    for factor in design.problem.factors:
        values = design.points[factor.name]
        if factor.distribution == "choice":
            for level in factor.levels:
                parts.append(np.asarray(values == level, dtype=np.float64))
                columns.append((factor.name, level))
        else:
            parts.append(np.asarray(values, dtype=np.float64))
            columns.append((factor.name, None))
    return np.column_stack(parts), columns


Path = tuple[Condition, ...]


def _purest(tree: DecisionTreeClassifier, columns: list[tuple[str, str | None]], design: Design) -> list[Path]:
    """The conditions of each leaf, the leaf with the largest share of what is wanted first."""
    inner = tree.tree_
    found: list[tuple[float, Path]] = []

    def walk(node: int, path: list[tuple[int, str, float]]) -> None:
        if inner.children_left[node] < 0:
            shares = inner.value[node][0]
            share = shares[-1] if len(shares) == 2 else float(tree.classes_[0])
            found.append((float(share / shares.sum()), _said(path, columns, design)))
            return
        feature, threshold = int(inner.feature[node]), float(inner.threshold[node])
        walk(inner.children_left[node], [*path, (feature, "<=", threshold)])
        walk(inner.children_right[node], [*path, (feature, ">", threshold)])

    walk(0, [])
    return [path for _, path in sorted(found, key=lambda leaf: -leaf[0])]


def _said(path: list[tuple[int, str, float]], columns: list[tuple[str, str | None]], design: Design) -> Path:
    """A leaf's path as one says it: the tightest bounds, rounded, in the order in which the tree asked."""
    tightest: dict[tuple[int, str], float] = {}
    for feature, sign, bound in path:
        old = tightest.get((feature, sign))
        tightest[feature, sign] = bound if old is None else max(old, bound) if sign == ">" else min(old, bound)
    factors = {factor.name: factor for factor in design.problem.factors}
    conditions = []
    for (feature, sign), bound in tightest.items():
        name, level = columns[feature]
        if level is None:
            conditions.append(Condition(name, sign, _rounded(bound, design.points[name].to_numpy(np.float64), factors[name].distribution)))
        else:
            conditions.append(Condition(name, "is" if sign == ">" else "is not", level))
    named = {condition.parameter for condition in conditions if condition.sign == "is"}  # "is A" says "is not B" as well
    return tuple(one for one in conditions if not (one.sign == "is not" and one.parameter in named))


def _rounded(bound: float, values: Array, distribution: str) -> float:
    """A bound in as few digits as tell a fiftieth of the range apart; the same points on either side where values are few."""
    unique = np.unique(values)
    if distribution == "integer" or len(unique) <= 12:
        return float(unique[unique <= bound].max())
    step = float(unique[-1] - unique[0]) / 50
    if distribution == "loguniform":
        step = min(step, abs(bound) / 20)
    return round(bound, -math.floor(math.log10(step)))


def _places(bound: float) -> int:
    text = f"{bound:.10f}".rstrip("0")
    return len(text.partition(".")[2])


def _holds(path: Path, points: pd.DataFrame) -> NDArray[np.bool_]:
    inside = np.ones(len(points), dtype=np.bool_)
    for condition in path:
        inside &= condition.holds(points)
    return inside


def _rule(path: Path, design: Design, difference: Evaluations, without: NDArray[np.bool_], same: NDArray[np.bool_],
          blocks: NDArray[np.int64]) -> Rule:  # fmt: skip
    inside = _holds(path, design.points)
    return Rule(path, int(inside.sum()), int(without[inside].sum()), int(same[inside].sum()), int((~inside).sum()), int(without[~inside].sum()),
                _mean(difference, inside, blocks), _mean(difference, ~inside, blocks))  # fmt: skip


def _mean(difference: Evaluations, at: NDArray[np.bool_], blocks: NDArray[np.int64]) -> tuple[float, float, float]:
    if not at.any():
        return math.nan, math.nan, math.nan
    _, own = np.unique(blocks[at], return_inverse=True)
    mean, low, high, _ = group_means(difference.y[at], np.zeros(int(at.sum()), dtype=np.int64), own, difference.crossed)
    return float(mean[0]), float(low[0]), float(high[0])
