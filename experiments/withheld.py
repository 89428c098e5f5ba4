"""What a comparison holds back of a school: an outcome that rests on fewer students or episodes than may be told of.

Sums over all cohorts of a scenario are looked at. What is withheld is blank in the comparison's rows, and so in all that is made from them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.record.outcomes import OUTCOMES
from simulation.scenario.school import FEWEST_TOLD

_COUNTED = ("share of students", "share of episodes", "share of noticed episodes", "share of supports", "share of check-ins",
            "students per 100 enrolled", "weeks")  # fmt: skip
_TWO_GROUPS = ("difference of shares", "ratio of shares")
_OF_RUNS = ("largest_component_share",)  # a mean over runs of what is a share in each


def fewest_behind(outcome: str, parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Students, episodes or acts over which an outcome is taken; of two groups that are compared, the smaller.

    Args:
        outcome: a name in OUTCOMES.
        parts: its sums over cohorts, shape (..., k).

    Returns:
        Array of shape (...); infinite where what is divided by are weeks, hours or runs, which tell of nobody.
    """
    unit = OUTCOMES[outcome].unit
    if unit in _TWO_GROUPS:
        return np.minimum(parts[..., 1], parts[..., 3])
    if unit in _COUNTED and outcome not in _OF_RUNS:
        return parts[..., 1]
    return np.full(parts.shape[:-1], np.inf)


def is_of_few(outcome: str, parts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the cohorts of a scenario have together fewer than FEWEST_TOLD behind an outcome, but more than none.

    Args:
        outcome: a name in OUTCOMES.
        parts: sums of each run, shape (scenarios, replicates, k).

    Returns:
        Array of shape (scenarios,).
    """
    behind = fewest_behind(outcome, parts.sum(axis=1))
    return (behind > 0) & (behind < FEWEST_TOLD)
