"""Effects, their intervals and what they say about a reading: a jackknife over worlds, and a one-sided test at a stated false-alarm rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from experiments.claims.claim import FALSE_ALARM, Contrast, Reading, Value

Array = NDArray[np.float64]

BORNE_OUT, NOT_BORNE_OUT, OPEN = "borne out", "not borne out", "open"
SEEN, UNCLEAR, NOT_SEEN, NOTHING_TO_SEE = "seen", "unclear", "not seen", "-"
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Effect:
    """An effect over worlds; nan where it cannot be said.

    Attributes:
        value: the contrast of the arms' values, each a value of sums over all worlds.
        error: its standard error.
        freedom: degrees of freedom of the error.
    """

    value: float
    error: float
    freedom: int

    def bounds(self, false_alarm: float) -> tuple[float, float]:
        """Lower and upper bound, each missed with this probability."""
        half = float(special.stdtrit(self.freedom, 1 - false_alarm)) * self.error
        return self.value - half, self.value + half

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval."""
        return self.bounds((1 - CONFIDENCE) / 2)


def effect_of(parts: Array, value: Value, contrast: Contrast) -> Effect:
    """The effect of a reading, with the delete-one jackknife over worlds.

    A world is left out of all arms at one time, so what the arms share cancels.

    Args:
        parts: sums of each run, shape (arms, worlds, k).
        value: sums of shape (..., k) to values of shape (...).
        contrast: values of shape (..., arms) to effects of shape (...).
    """
    n = parts.shape[1]
    total = parts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # an arm in which nothing happened has no value
        whole = float(contrast(value(total)))
        deleted = contrast(np.moveaxis(value(total[:, None] - parts), 0, -1))
        spread = deleted - deleted.mean()
        return Effect(whole, float(np.sqrt((n - 1) / n * (spread**2).sum())), n - 1)


def verdict_of(reading: Reading, effect: Effect) -> str:
    """Whether an effect bears a reading out.

    A direction is borne out if the one-sided bound at FALSE_ALARM lies on the expected side of `beyond`, and not borne out if the other bound shows
    that it is on the wrong side, or smaller than `least`. That nothing happens is borne out if both bounds lie within the margin (two one-sided
    tests), and not borne out if both lie on one side outside it.
    Whatever cannot be said (no error can be given) is open.
    """
    low, high = (bound - reading.beyond for bound in effect.bounds(FALSE_ALARM))
    if not np.isfinite([low, high]).all():
        return OPEN
    if reading.expects == "nil":
        if -reading.margin < low and high < reading.margin:
            return BORNE_OUT
        return NOT_BORNE_OUT if low >= reading.margin or high <= -reading.margin else OPEN
    if reading.expects == "down":
        low, high = -high, -low
    if low > 0:
        return BORNE_OUT
    return NOT_BORNE_OUT if high <= 0 or high < reading.least else OPEN


def mutant_verdict_of(reading: Reading, effect: Effect, mutated: Effect, apart: Effect) -> str:
    """Whether a mutant is seen: the same test must fail on it, and by more than noise.

    A test that only just passes could only just fail on a mutant that changes nothing. So the two effects must also differ, in the same worlds; where
    they do not (at 95 %) it is unclear whether the mutant was seen. Where the reading is not borne out, there is nothing to take away.

    Args:
        reading: what is read.
        effect, mutated: the effect, and the effect with the mutant.
        apart: the first less the second, as an effect of its own over the same worlds; nan where the mutant leaves nothing to measure.
    """
    if verdict_of(reading, effect) != BORNE_OUT:
        return NOTHING_TO_SEE
    if verdict_of(reading, mutated) == BORNE_OUT:
        return NOT_SEEN
    low, high = apart.interval
    return UNCLEAR if low <= 0 <= high else SEEN


def together(verdicts: list[str]) -> str:
    """The verdict on a claim from those on its readings: all must be borne out."""
    return NOT_BORNE_OUT if NOT_BORNE_OUT in verdicts else OPEN if OPEN in verdicts else BORNE_OUT
