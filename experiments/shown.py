"""What of a comparison may be shown: no interval from too few cohorts, none beyond what is possible, and cohorts counted one by one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulation.record.outcomes import OUTCOMES
from simulation.scenario.school import FEWEST_TOLD

if TYPE_CHECKING:
    from experiments.compare import Comparison

FEWEST_FOR_INTERVALS = 5
"""Cohorts below which no interval is shown and nothing is called better or worse: with 4 degrees of freedom or fewer an interval is mostly luck."""
_LEVELS = ("low", "high", "cohort_low", "cohort_high")
_DIFFERENCES = ("difference_low", "difference_high")


def has_intervals(comparison: Comparison) -> bool:
    """Whether there are cohorts enough for intervals to be shown."""
    return comparison.replicates >= FEWEST_FOR_INTERVALS


def is_told(comparison: Comparison, counts: ArrayLike) -> NDArray[np.bool_]:
    """Whether counts of simulated students or episodes may be told; about a school only those of FEWEST_TOLD or more."""
    enough: NDArray[np.bool_] = np.asarray(counts) >= (0 if comparison.school is None else FEWEST_TOLD)
    return enough


def possible_range(outcome: str) -> tuple[float, float]:
    """Least and greatest possible value of an outcome, as stored."""
    unit = OUTCOMES[outcome].unit
    if unit == "difference of shares":
        return -1.0, 1.0
    if outcome == "modularity":
        return -0.5, 1.0
    if unit == "share of strength":  # friendships that grow can leave more than there was
        return 0.0, math.inf
    if unit.startswith("share of ") or unit == "index":
        return 0.0, 1.0
    return 0.0, 100.0 if unit == "students per 100 enrolled" else 26.0 if outcome == "weeks_without_support_26" else math.inf


def is_the_same(row: dict[str, Any]) -> bool:
    """Whether nothing differs from the baseline in any replicate, as far as intervals tell."""
    return bool(row["difference"] == 0 and row["difference_low"] == 0 == row["difference_high"])


def shown_rows(comparison: Comparison, outcome: str) -> list[dict[str, Any]]:
    """The rows of one outcome as they are shown, baseline first.

    Intervals end where the possible values end. Below FEWEST_FOR_INTERVALS cohorts there are none, but for a difference of exactly nothing in
    every cohort, which is no estimate. The rows of the comparison stay as they are.
    """
    lowest, highest = possible_range(outcome)
    bounds = {**dict.fromkeys(_LEVELS, (lowest, highest)), **dict.fromkeys(_DIFFERENCES, (lowest - highest, highest - lowest))}
    rows = []
    for found in comparison.of(outcome):
        row = dict(found)
        for key, (least, most) in bounds.items():
            if row.get(key) is None:
                continue
            if not has_intervals(comparison) and not (key in _DIFFERENCES and is_the_same(found)):
                row[key] = None
            else:
                row[key] = min(max(row[key], least), most)
        rows.append(row)
    return rows


def tally(comparison: Comparison, scenario: int) -> tuple[int, int, int]:
    """Cohorts in which the headline is lower than, equal to and higher than the baseline's, where both are defined."""
    gain = comparison.headline[scenario] - comparison.headline[0]
    gain = gain[np.isfinite(gain)]
    return int((gain < 0).sum()), int((gain == 0).sum()), int((gain > 0).sum())


def tally_said(fewer: int, same: int, more: int, *, is_more_first: bool = False, of: str | None = None) -> str:
    """Cohorts counted in words: "fewer in 2 of 40 cohorts, more in none, the same in 38"; `of` replaces " of 40 cohorts"."""
    total = fewer + same + more
    if not total:
        return ""
    counts = [("more", more), ("fewer", fewer)] if is_more_first else [("fewer", fewer), ("more", more)]
    (first, n_first), (second, n_second) = counts
    whole = f" of {total} {'cohort' if total == 1 else 'cohorts'}" if of is None else of
    said = f"{first} in {n_first or 'none'}{whole}, {second} in {n_second or 'none'}"
    return said + (f", the same in {same}" if same else "")
