"""Estimates, intervals and paired differences from sums over replicates.

An outcome is a value of sums: over replicates the sums are added first, so an estimate is a ratio of sums and not a mean of ratios (a cohort
with two episodes must not weigh as much as one with forty). Its standard error is the delete-one jackknife over seeds; a difference between
two scenarios is jackknifed by deleting the same seed from both, so that what the two worlds share cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]
ValueOf = Callable[[Array], Array]

CONFIDENCE = 0.95
COHORT_QUANTILES = (0.05, 0.95)
WANTED_PRECISION = 0.1
"""Half-width of an interval, as a share of the baseline's mean, for which `replicates_needed` is given."""

ROW_KEYS = ("scenario", "outcome", "unit", "mean", "low", "high", "cohort_low", "cohort_high", "difference", "difference_low",
            "difference_high", "p_better", "replicates_needed")  # fmt: skip


@dataclass(frozen=True)
class Estimates:
    """One outcome over all scenarios; every array has shape (scenarios,), nan where there is nothing to say.

    Attributes:
        mean: the value of the sums over all replicates.
        low, high: its 95 % interval.
        cohort_low, cohort_high: 5 % and 95 % quantiles of the values of single cohorts.
        difference: mean less the baseline's (scenario 0); nan for the baseline.
        difference_low, difference_high: its 95 % interval, paired by seed.
        p_better: share of seeds in which the scenario's own value is better than the baseline's, ties counted half.
        replicates_needed: replicates for a 95 % half-width of a tenth of the baseline's mean (baseline: of its mean; others: of the difference).
    """

    mean: Array
    low: Array
    high: Array
    cohort_low: Array
    cohort_high: Array
    difference: Array
    difference_low: Array
    difference_high: Array
    p_better: Array
    replicates_needed: Array


def _finite(values: Any) -> Array:
    """Values as floats, with nan wherever there is no number."""
    array = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(array), array, np.nan)


def _t_quantile(freedom: Array | int) -> Any:
    """Quantile of Student's t that bounds a 95 % interval; what scipy.stats gives, whose import would take longer than all estimates."""
    return special.stdtrit(freedom, (1 + CONFIDENCE) / 2)


def _half_width(deleted: Array) -> Array:
    """95 % half-width from delete-one values of shape (..., replicates); nan with one replicate or where one of them is undefined."""
    n = deleted.shape[-1]
    if n < 2:
        return np.full(deleted.shape[:-1], np.nan)
    spread = deleted - deleted.mean(axis=-1, keepdims=True)
    error = np.sqrt((n - 1) / n * (spread**2).sum(axis=-1))
    return np.asarray(_t_quantile(n - 1) * error)


def _cohort_quantiles(single: Array) -> tuple[Array, Array]:
    """Quantiles over cohorts of shape (scenarios, replicates), undefined ones left out; nan where fewer than two are defined."""
    low, high = np.full(len(single), np.nan), np.full(len(single), np.nan)
    for row, values in enumerate(single):
        defined = values[np.isfinite(values)]
        if len(defined) >= 2:
            low[row], high[row] = np.quantile(defined, COHORT_QUANTILES)
    return low, high


def _share_better(single: Array, better: str | None) -> Array:
    """Share of seeds in which each scenario beats scenario 0, ties half, over the seeds where both are defined."""
    share = np.full(len(single), np.nan)
    if better is None:
        return share
    gain = {"lower": -1.0, "higher": 1.0}[better] * (single - single[:1])
    n_both = np.isfinite(gain).sum(axis=1)
    wins = (gain > 0).sum(axis=1) + 0.5 * (gain == 0).sum(axis=1)
    np.divide(wins, n_both, out=share, where=n_both > 0)
    share[0] = np.nan
    return share


def replicates_for(half_width: Array, n: int, target: Array | float) -> Array:
    """Fewest replicates whose 95 % half-width is at most a target, if the replicates at hand are typical.

    Args:
        half_width: half-width with the replicates at hand, any shape.
        n: replicates at hand.
        target: half-width wanted, same shape or a number.

    Returns:
        Whole numbers of at least 2; nan where there is no half-width or the target is not above 0.
    """
    half_width, target = np.broadcast_arrays(_finite(half_width), _finite(target))
    ratio = np.full(half_width.shape, np.nan)
    if n < 2:
        return ratio
    np.divide(half_width, target, out=ratio, where=target > 0)
    deviation = ratio * np.sqrt(n) / _t_quantile(n - 1)
    # The normal quantile gives a lower bound; Student's t asks for a few more, never for ten.
    first = np.maximum(2, np.ceil((special.ndtri((1 + CONFIDENCE) / 2) * deviation) ** 2))
    candidates = first[..., None] + np.arange(11)
    enough = _t_quantile(candidates - 1) * deviation[..., None] / np.sqrt(candidates) <= 1
    needed = np.take_along_axis(candidates, enough.argmax(axis=-1)[..., None], axis=-1)[..., 0]
    return np.where(np.isfinite(ratio), needed, np.nan)


def estimate(parts: Array, value: ValueOf, better: str | None = None) -> Estimates:
    """Estimate one outcome for every scenario.

    Args:
        parts: sums of each run, shape (scenarios, replicates, k); scenario 0 is the baseline, replicate r of all scenarios shares a seed.
        value: the outcome's value of sums, shape (..., k) -> (...), nan where nothing happened.
        better: "lower", "higher", or None where neither is better in itself.

    Raises:
        ValueError: parts have not three axes, or no scenario or replicate.
    """
    parts = np.ascontiguousarray(parts, dtype=np.float64)
    if parts.ndim != 3 or 0 in parts.shape[:2]:
        raise ValueError(f"parts must have shape (scenarios, replicates, k) with at least one of each; they have {parts.shape}")
    n = parts.shape[1]
    total = parts.sum(axis=1)
    mean, single = _finite(value(total)), _finite(value(parts))
    deleted = _finite(value(total[:, None] - parts)) if n > 1 else np.full(parts.shape[:2], np.nan)
    half = _half_width(deleted)
    half_difference = _half_width(deleted - deleted[:1])
    difference = mean - mean[:1]
    difference[0] = half_difference[0] = np.nan
    needed = replicates_for(np.where(np.arange(len(parts)) == 0, half, half_difference), n, WANTED_PRECISION * abs(mean[0]))
    cohort_low, cohort_high = _cohort_quantiles(single)
    return Estimates(mean, mean - half, mean + half, cohort_low, cohort_high, difference, difference - half_difference,
                     difference + half_difference, _share_better(single, better), needed)  # fmt: skip


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def rows_of(scenarios: Sequence[str], outcome: str, unit: str, estimates: Estimates) -> list[dict[str, Any]]:
    """The rows of one outcome, one a scenario, with the keys ROW_KEYS and None where there is nothing to say."""
    rows = []
    for s, scenario in enumerate(scenarios):
        row: dict[str, Any] = {"scenario": scenario, "outcome": outcome, "unit": unit}
        row |= {key: _plain(getattr(estimates, key)[s]) for key in ROW_KEYS[3:]}
        if row["replicates_needed"] is not None:
            row["replicates_needed"] = int(row["replicates_needed"])
        rows.append(row)
    return rows
