"""Sums over the weeks of a run and over what helpers and programs did, from which outcomes are made (docs/model.md, section 11).

Every function of a history gives its sums as a tuple of numbers, so that runs are pooled by adding the tuples; a ratio is taken only afterwards.
A numerator stands before its denominator. A function that tells which student-weeks gives a mask of shape (weeks, students).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simulation.record.history import History
from simulation.scenario.programme import WEEKS_A_YEAR

Sums = tuple[float, ...]
Mask = NDArray[np.bool_]
Of = Callable[[History], Mask]  # which of a history's episodes, or of its student-weeks

RECENT_WEEKS = 4  # support in this and the three weeks before is recent
HELPER_WEEKS = 12  # a helper's own onset is looked for in so many weeks after helping


def is_distressed(history: History) -> Mask:
    """Student-weeks in distress, severe or not."""
    return history.distress >= 1


def is_unsupported(history: History) -> Mask:
    """Student-weeks in distress, not in care, without support in this and the three weeks before."""
    recent = history.is_supported.copy()
    for lag in range(1, RECENT_WEEKS):
        recent[lag:] |= history.is_supported[:-lag]
    return is_distressed(history) & (history.care != 2) & ~recent


def is_severe_alone(history: History) -> Mask:
    """Student-weeks in severe distress, neither in care nor waiting for it."""
    return (history.distress == 2) & (history.care == 0)


def is_isolated(history: History) -> Mask:
    """Student-weeks without a friend in the cohort."""
    return history.friends == 0


def is_contact_isolated(history: History) -> Mask:
    """Student-weeks with less contact than `contact_isolated_hours`."""
    return history.contact_hours < history.parameters.contact_isolated_hours


def taught_weeks(history: History) -> Mask:
    """Teaching weeks after the settling-in, shape (weeks,)."""
    return history.calendar.is_teaching & ~history.calendar.is_settling_in


def share_of_taught_weeks(of: Of) -> Callable[[History], Sums]:
    """Sums of a share: student-weeks that are `of`, over student-weeks present, in teaching weeks after the settling-in."""
    return partial(_share_of_taught_weeks, of)


def _share_of_taught_weeks(of: Of, history: History) -> Sums:
    present = history.is_present & taught_weeks(history)[:, None]
    return float(np.count_nonzero(present & of(history))), float(np.count_nonzero(present))


def mean_in_taught_weeks(series: str) -> Callable[[History], Sums]:
    """Sums of a mean of a weekly series of `History` over students present in teaching weeks after the settling-in."""
    return partial(_mean_in_taught_weeks, series)


def _mean_in_taught_weeks(series: str, history: History) -> Sums:
    present = history.is_present & taught_weeks(history)[:, None]
    return float(getattr(history, series)[present].sum()), float(np.count_nonzero(present))


def prevalence(history: History) -> Sums:
    """Student-weeks in distress, over student-weeks."""
    return float(np.count_nonzero(history.is_present & is_distressed(history))), float(np.count_nonzero(history.is_present))


def screen_positive(history: History) -> Sums:
    """Student-weeks that an imperfect screening instrument is expected to call positive, over student-weeks."""
    (distressed, n), p = prevalence(history), history.parameters
    return p.screen_sensitivity * distressed + (1.0 - p.screen_specificity) * (n - distressed), n


def severe_years(history: History) -> Sums:
    """Student-years with a severe week, over student-years (a year begun counts as one)."""
    severe, begun = history.is_present & (history.distress == 2), history.is_present
    years = [history.calendar.year == year for year in np.unique(history.calendar.year)]
    return (float(sum(np.count_nonzero(severe[weeks].any(axis=0)) for weeks in years)),
            float(sum(np.count_nonzero(begun[weeks].any(axis=0)) for weeks in years)))  # fmt: skip


def weeks_a_student_year(of: Of) -> Callable[[History], Sums]:
    """Sums of a rate: student-weeks that are `of`, over student-years, the settling-in included."""
    return partial(_weeks_a_student_year, of)


def _weeks_a_student_year(of: Of, history: History) -> Sums:
    return float(np.count_nonzero(history.is_present & of(history))), np.count_nonzero(history.is_present) / WEEKS_A_YEAR


def persistently_isolated(history: History) -> Sums:
    """Students with `persistent_weeks` teaching weeks on end without a friend, over students present in any such week.

    A break neither counts nor interrupts: weeks are successive where no teaching week lies between them.
    """
    rows, n = taught_weeks(history), history.parameters.persistent_weeks
    present = history.is_present[rows]
    alone = present & is_isolated(history)[rows]
    so_far = np.vstack([np.zeros(alone.shape[1], dtype=np.int64), np.cumsum(alone, axis=0)])
    persistent = (so_far[n:] - so_far[:-n] == n).any(axis=0)
    return float(np.count_nonzero(persistent)), float(np.count_nonzero(present.any(axis=0)))


def burden_mean(history: History) -> Sums:
    """Load of students, over student-weeks."""
    return float(history.load[history.is_present].sum()), float(np.count_nonzero(history.is_present))


def burden_p95(history: History) -> Sums:
    """95th percentile of load over student-weeks, of one run."""
    return _percentile(history.load[history.is_present])


def officer_burden_p95(history: History) -> Sums:
    """95th percentile of load over weeks in post, near-peers included, of one run."""
    return _percentile(np.concatenate([history.load[history.is_present & history.is_officer], history.near_peer_load]))


def _percentile(values: NDArray[np.float64]) -> Sums:
    return (float(np.percentile(values, 95)), 1.0) if len(values) else (0.0, 0.0)


def offers_gini(history: History) -> Sums:
    """Gini coefficient of offers made over the students enrolled, of one run; undefined where nobody offered."""
    offers, n = np.sort(history.n_offers), history.n_students
    if not offers.sum():
        return 0.0, 0.0
    return float(((2 * np.arange(1, n + 1) - n - 1) * offers).sum() / (n * offers.sum())), 1.0


def helper_onset(history: History) -> Sums:
    """Weeks in which a well student gave support and became distressed within 12 weeks, over all such weeks."""
    n = HELPER_WEEKS
    onsets = np.zeros((history.calendar.n_weeks + 1, history.n_students), dtype=np.int64)
    np.add.at(onsets, (history.week_of(history.episodes.onset), history.episodes.student), 1)
    so_far = np.cumsum(onsets, axis=0)[1:]
    followed = slice(0, max(0, history.calendar.n_weeks - n))
    helped = ((history.n_supports_given > 0) & (history.distress == 0) & history.is_present)[followed]
    return float(np.count_nonzero(helped & (so_far[n:] > so_far[followed]))), float(np.count_nonzero(helped))


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
