"""Sums over the weeks of a run and over what helpers and programs did, from which outcomes are made (docs/model.md, section 11).

Every function of a history gives its sums as a tuple of numbers, so that runs are pooled by adding the tuples; a ratio is taken only afterwards.
A numerator stands before its denominator.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simulation.record.history import History, once
from simulation.record.series import (
    ByWeek,
    Of,
    distressed_by_week,
    is_distressed,
    is_isolated,
    is_severe,
    is_taught,
    n_present,
    n_student_weeks,
    over_weeks,
    taught_weeks,
)
from simulation.record.weeks import n_student_years
from simulation.scenario.programme import WEEKS_A_YEAR

Sums = tuple[float, ...]

HELPER_WEEKS = 12  # a helper's own onset is looked for in so many weeks after helping
SAMPLE_EVERY = 71  # of the values of which a percentile is taken


def share_of_taught_weeks(of: Of) -> Callable[[History], Sums]:
    """Sums of a share: student-weeks that are `of`, over student-weeks present, in teaching weeks after the settling-in."""
    return partial(_share_of_taught_weeks, of)


def _share_of_taught_weeks(of: Of, history: History) -> Sums:
    return float(np.count_nonzero(is_taught(history) & of(history))), _n_taught(history)


def _n_taught(history: History) -> float:
    """Student-weeks present in teaching weeks after the settling-in."""
    return float(n_present(history)[taught_weeks(history)].sum())


def mean_in_taught_weeks(by_week: ByWeek) -> Callable[[History], Sums]:
    """Sums of a mean: what the students present have in teaching weeks after the settling-in, over student-weeks."""
    return partial(_mean_in_taught_weeks, by_week)


def _mean_in_taught_weeks(by_week: ByWeek, history: History) -> Sums:
    return float(by_week(history)[taught_weeks(history)].sum()), _n_taught(history)


def prevalence(history: History) -> Sums:
    """Student-weeks in distress, over student-weeks."""
    return float(distressed_by_week(history).sum()), n_student_weeks(history)


def screen_positive(history: History) -> Sums:
    """Student-weeks that an imperfect screening instrument is expected to call positive, over student-weeks."""
    (distressed, n), p = prevalence(history), history.parameters
    return p.screen_sensitivity * distressed + (1.0 - p.screen_specificity) * (n - distressed), n


def severe_years(history: History) -> Sums:
    """Student-years with a severe week, over student-years (a year begun counts as one)."""
    severe = history.is_present & is_severe(history)
    return float(n_student_years(severe, WEEKS_A_YEAR)), float(n_student_years(history.is_present, WEEKS_A_YEAR))


def weeks_a_student_year(of: Of) -> Callable[[History], Sums]:
    """Sums of a rate: student-weeks that are `of`, over student-years, the settling-in included."""
    return partial(_weeks_a_student_year, of)


def _weeks_a_student_year(of: Of, history: History) -> Sums:
    return float(np.count_nonzero(history.is_present & of(history))), n_student_weeks(history) / WEEKS_A_YEAR


def persistently_isolated(history: History) -> Sums:
    """Students with `persistent_weeks` teaching weeks on end without a friend, over students present in any such week.

    A break neither counts nor interrupts: weeks are successive where no teaching week lies between them.
    """
    present = history.is_present[taught_weeks(history)]
    alone = present & is_isolated(history)[taught_weeks(history)]
    persistent = over_weeks(np.logical_and, alone, history.parameters.persistent_weeks).any(axis=0)
    return float(np.count_nonzero(persistent)), float(np.count_nonzero(present.any(axis=0)))


@once
def _load(history: History) -> NDArray[np.float64]:
    """Load in all student-weeks present, shape (student-weeks,)."""
    return history.load.ravel() if history.is_present.all() else history.load[history.is_present]


def burden_mean(history: History) -> Sums:
    """Load of students, over student-weeks."""
    return float(_load(history).sum()), n_student_weeks(history)


def burden_p95(history: History) -> Sums:
    """95th percentile of load over student-weeks, of one run."""
    return percentile_95(_load(history))


def officer_burden_p95(history: History) -> Sums:
    """95th percentile of load over weeks in post, near-peers included, of one run."""
    return percentile_95(np.concatenate([history.load[history.is_present & history.is_officer], history.near_peer_load]))


def percentile_95(values: NDArray[np.float64]) -> Sums:
    """Sums of np.percentile(values, 95), to the last bit, of one run; undefined without values.

    Only the largest are looked at: those above what a sample says is nearly the percentile, as long as they are enough.
    """
    if not len(values):
        return 0.0, 0.0
    place = 0.95 * (len(values) - 1)
    sample = np.sort(values[::SAMPLE_EVERY])
    largest = values.compress(values > sample[int(0.92 * (len(sample) - 1))])
    at, part = len(largest) - (len(values) - int(place)), place - int(place)
    if at < 0:
        return float(np.percentile(values, 95)), 1.0
    low, high = np.partition(largest, (at, at + 1))[at : at + 2]
    # from the nearer end, as numpy does
    return float(low + (high - low) * part if part < 0.5 else high - (high - low) * (1.0 - part)), 1.0


def offers_gini(history: History) -> Sums:
    """Gini coefficient of offers made over the students enrolled, of one run; undefined where nobody offered."""
    offers, n = np.sort(history.n_offers), history.n_students
    total = offers.sum()
    if not total:
        return 0.0, 0.0
    return float(((2 * np.arange(1, n + 1) - n - 1) * offers).sum() / (n * total)), 1.0


def helper_onset(history: History) -> Sums:
    """Weeks in which a well student gave support and became distressed within 12 weeks, over all such weeks."""
    step, student = history.episodes.onset, history.episodes.student
    has_onset = np.zeros(history.distress.shape, dtype=np.bool_)
    has_onset[history.week_of(step[step >= 1]) - 1, student[step >= 1]] = True
    followed = over_weeks(np.logical_or, has_onset[1:], HELPER_WEEKS)  # a row for every week with twelve after it
    helped = ((history.n_supports_given > 0) & ~is_distressed(history) & history.is_present)[: len(followed)]
    return float(np.count_nonzero(helped & followed)), float(np.count_nonzero(helped))


def total_per_student(total: str) -> Callable[[History], Sums]:
    """Sums of a mean: a total of `History`, over students enrolled."""
    return partial(_total_per_student, total)


def _total_per_student(total: str, history: History) -> Sums:
    return float(getattr(history, total)), float(history.n_students)


def comfort(history: History) -> Sums:
    """Accepted supports that are comfort, over all."""
    return float(history.n_kinds[0]), float(sum(history.n_kinds))


def false_outreach(history: History) -> Sums:
    """Check-ins on students who are well, over all check-ins."""
    return float(history.n_false_checkins), float(history.n_checkins)
