"""Sums over a table of student-weeks, compiled: where numpy would first make another table of the same size, of wider numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def sums_over_students(values: NDArray[Any], is_present: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Sum of whole numbers, or count of a mask, over the students present.

    Args:
        values: shape (weeks, students).
        is_present: the same shape.

    Returns:
        Shape (weeks,).
    """
    sums = np.zeros(len(values), np.int64)
    for week in range(values.shape[0]):
        total = 0
        for student in range(values.shape[1]):
            total += values[week, student] * is_present[week, student]
        sums[week] = total
    return sums


@njit(cache=True, nogil=True)
def n_student_years(mask: NDArray[np.bool_], weeks_a_year: int) -> int:
    """Student-years with a week of a mask, shape (weeks, students) from week 1; a year begun counts as one.

    The length of a year is handed over: a constant of another file would be compiled in, and the cache would not see it change.
    """
    n = 0
    for first in range(0, mask.shape[0], weeks_a_year):
        has_week = np.zeros(mask.shape[1], np.bool_)
        for week in range(first, min(first + weeks_a_year, mask.shape[0])):
            for student in range(mask.shape[1]):
                has_week[student] |= mask[week, student]
        n += int(np.count_nonzero(has_week))
    return n
