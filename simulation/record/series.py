"""Student-weeks: which of them there are, and how many of the students present in each week (docs/model.md, section 11).

A function that tells which student-weeks gives a mask of shape (weeks, students), present or not; one by week has shape (weeks,). What more than
one outcome asks for is marked `once`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.record.history import History, once
from simulation.record.weeks import sums_over_students

Mask = NDArray[np.bool_]
Of = Callable[[History], Mask]  # which of a history's episodes, or of its student-weeks
ByWeek = Callable[[History], NDArray[Any]]

RECENT_WEEKS = 4  # support in this and the three weeks before is recent


# Which student-weeks


@once
def is_distressed(history: History) -> Mask:
    """Student-weeks in distress, severe or not."""
    return history.distress >= 1


@once
def is_severe(history: History) -> Mask:
    """Student-weeks in severe distress."""
    return history.distress == 2


def is_unsupported(history: History) -> Mask:
    """Student-weeks in distress, not in care, without support in this and the three weeks before."""
    recent = history.is_supported.copy()
    for lag in range(1, RECENT_WEEKS):
        recent[lag:] |= history.is_supported[:-lag]
    return is_distressed(history) & (history.care != 2) & ~recent


def is_severe_alone(history: History) -> Mask:
    """Student-weeks in severe distress, neither in care nor waiting for it."""
    return is_severe(history) & (history.care == 0)


@once
def is_isolated(history: History) -> Mask:
    """Student-weeks without a friend in the cohort."""
    return history.friends == 0


def is_contact_isolated(history: History) -> Mask:
    """Student-weeks with less contact than `contact_isolated_hours`."""
    return history.contact_hours < history.parameters.contact_isolated_hours


@once
def taught_weeks(history: History) -> Mask:
    """Teaching weeks after the settling-in, shape (weeks,)."""
    return history.calendar.is_teaching & ~history.calendar.is_settling_in


@once
def is_taught(history: History) -> Mask:
    """Student-weeks present, in teaching weeks after the settling-in."""
    return history.is_present & taught_weeks(history)[:, None]


def over_weeks(together: np.ufunc, mask: Mask, n: int) -> Mask:
    """Each row of a mask together with the n - 1 after it.

    Args:
        together: np.logical_and (whether all n are true) or np.logical_or (whether any is).
        mask: shape (rows, students).
        n: rows taken together, at least 1.

    Returns:
        Shape (rows - n + 1, students); no row where there are fewer than n.
    """
    width = 1
    while width < n:
        step = min(width, n - width)  # a row that stands for `width` and the one `step` further on: for `width + step`
        mask = together(mask[:-step], mask[step:])
        width += step
    return mask


# The students present, by week


@once
def n_present(history: History) -> NDArray[np.int64]:
    """Students present."""
    return sums_over_students(history.is_present, history.is_present)


def n_student_weeks(history: History) -> float:
    """Student-weeks present."""
    return float(n_present(history).sum())


def sums_by_week(history: History, values: NDArray[Any]) -> NDArray[Any]:
    """Sum of a weekly series, or number of student-weeks of a mask, over the students present."""
    if values.dtype == np.float64:
        return (values * history.is_present).sum(axis=1)
    return sums_over_students(values, history.is_present)


@once
def distressed_by_week(history: History) -> NDArray[np.int64]:
    """Students present in distress."""
    return sums_by_week(history, is_distressed(history))


@once
def isolated_by_week(history: History) -> NDArray[np.int64]:
    """Students present without a friend."""
    return sums_by_week(history, is_isolated(history))


@once
def friends_by_week(history: History) -> NDArray[np.int64]:
    """Friends of the students present, added up."""
    return sums_by_week(history, history.friends)


@once
def close_friends_by_week(history: History) -> NDArray[np.int64]:
    """Close friends of the students present, added up."""
    return sums_by_week(history, history.close_friends)


def _sum(values: Callable[[History], NDArray[Any]], history: History) -> NDArray[Any]:
    return sums_by_week(history, values(history))


def _mean(sums: ByWeek, history: History) -> NDArray[np.float64]:
    return sums(history) / np.maximum(n_present(history), 1)


def _mean_of(values: Callable[[History], NDArray[Any]]) -> ByWeek:
    return partial(_mean, partial(_sum, values))


WEEKLY: dict[str, ByWeek] = {
    "present": n_present,
    "distressed": partial(_mean, distressed_by_week),
    "severe": _mean_of(is_severe),
    "friends_mean": partial(_mean, friends_by_week),
    "close_friends_mean": partial(_mean, close_friends_by_week),
    "acquaintances_mean": _mean_of(lambda history: history.acquaintances),
    "isolated": partial(_mean, isolated_by_week),
    "contact_hours_mean": _mean_of(lambda history: history.contact_hours),
    "supported": _mean_of(lambda history: history.is_supported),
    "in_care": _mean_of(lambda history: history.care == 2),
    "waiting": _mean_of(lambda history: history.care == 1),
    "load_mean": _mean_of(lambda history: history.load),
    "officers_in_post": partial(_sum, lambda history: history.is_officer),
}
"""What `History.weekly_frame` tells of a week: name of the column -> values by week."""


def weekly_means(history: History, names: Iterable[str] = tuple(WEEKLY)) -> NDArray[np.float64]:
    """Columns of `History.weekly_frame` as an array, of which only those asked for are computed.

    Args:
        history: the run.
        names: names in WEEKLY.

    Returns:
        Shape (names, weeks), in the order of the names.

    Raises:
        KeyError: no such column.
    """
    return np.array([WEEKLY[name](history) for name in names], dtype=np.float64)
