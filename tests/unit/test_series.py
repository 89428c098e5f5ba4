"""Student-weeks and sums by week by hand, and what is kept of them with a history."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from simulation.record.accounting import SAMPLE_EVERY, percentile_95
from simulation.record.history import History, once
from simulation.record.outcomes import OUTCOMES, outcome_parts
from simulation.record.series import WEEKLY, over_weeks, weekly_means
from simulation.record.weeks import n_student_years, sums_over_students
from tests.runs import history as run_of
from tests.unit.histories import blank, by_student, weeks, without

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))


# What is kept with a history


@once
def calls(history: History) -> list[int]:
    """A list of its own for each history."""
    return []


def test_what_is_marked_once_is_computed_once_for_each_history() -> None:
    history = blank(weeks(3), 2)
    calls(history).append(1)
    assert calls(history) == [1]
    assert calls(replace(history)) == []
    assert calls(pickle.loads(pickle.dumps(history))) == []


def test_a_history_cannot_be_changed_and_who_filled_its_arrays_may_go_on() -> None:
    load = np.zeros((3, 2))
    history = replace(blank(weeks(3), 2), load=load)
    for array in (history.load, history.episodes.onset, history.is_present):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 1
    load[0] = 1


def test_outcomes_do_not_depend_on_which_were_asked_for_before() -> None:
    history, baseline = run_of(seed=2, officers="volunteers", add_ons=("outreach",), dropout_rate=0.2), run_of(seed=2)
    together = outcome_parts(history, baseline)
    assert all(np.array_equal(values, outcome_parts(history, baseline)[name]) for name, values in together.items())
    for name, outcome in reversed(OUTCOMES.items()):
        assert tuple(together[name]) == outcome.parts(replace(history), baseline), name


# By week


def test_weekly_means_are_of_the_students_present() -> None:
    history = replace(
        blank(weeks(3), 3),
        distress=by_student([1, 0, 2], [0, 0, 2], [2, 2, 2], kind=np.int8),
        friends=by_student([0, 2, 0], [4, 5, 0], [9, 9, 9]),
        contact_hours=by_student([1.5, 2, 0], [4, 5, 0], [9, 9, 9], kind=np.float64),
        care=by_student([1, 0, 2], [2, 1, 2], [2, 1, 2], kind=np.int8),
        is_officer=by_student([1, 1, 1], [0, 1, 1], [1, 1, 1], kind=np.bool_),
    )
    history = without(without(history, slice(None), 2), slice(2, None))
    expected = {"present": [2, 2, 0], "distressed": [0.5, 0, 0], "severe": [0, 0, 0], "friends_mean": [2, 3.5, 0], "isolated": [0.5, 0, 0],
                "contact_hours_mean": [2.75, 3.5, 0], "waiting": [0.5, 0.5, 0], "in_care": [0.5, 0, 0], "officers_in_post": [1, 2, 0]}  # fmt: skip
    assert weekly_means(history, expected).tolist() == list(expected.values())
    frame = history.weekly_frame()
    assert {name: frame[name].tolist() for name in expected} == expected
    assert list(frame.columns)[-len(WEEKLY) :] == list(WEEKLY)


@given(MASKS, st.integers(1, 15), st.sampled_from([np.logical_and, np.logical_or]))
def test_rows_are_taken_together_with_those_after_them(mask: np.ndarray, n: int, together: np.ufunc) -> None:
    expected = [together.reduce(mask[row : row + n], axis=0) for row in range(len(mask) - n + 1)]
    assert over_weeks(together, mask, n).tolist() == [row.tolist() for row in expected]


@given(arrays(np.int16, (5, 7)), arrays(np.bool_, (5, 7)))
def test_sums_over_students_are_of_those_present_and_do_not_overflow(values: np.ndarray, is_present: np.ndarray) -> None:
    expected = np.where(is_present, values, 0).sum(axis=1, dtype=np.int64)
    assert sums_over_students(values, is_present).tolist() == expected.tolist()
    assert sums_over_students(values > 0, is_present).tolist() == (is_present & (values > 0)).sum(axis=1).tolist()


def test_a_year_begun_counts() -> None:
    mask = np.zeros((60, 3), dtype=bool)
    mask[[0, 51], 0] = mask[52, 1] = mask[[50, 59], 2] = True
    assert n_student_years(mask, 52) == 4


# Percentiles


def numbers(seed: int, n: int) -> dict[str, np.ndarray]:
    """Values of which a sample tells much, little, nothing, or the wrong thing."""
    rng = np.random.default_rng(seed)
    mostly_none = np.where(rng.random(n) < 0.97, 0.0, rng.random(n))
    misleading = rng.random(n)
    misleading[::SAMPLE_EVERY] += 10
    return {"spread": rng.gamma(0.5, size=n), "mostly none": mostly_none, "misleading": misleading, "rising": np.arange(float(n)),
            "alike": np.full(n, 0.3), "half none": np.maximum(rng.normal(size=n), 0)}  # fmt: skip


@pytest.mark.parametrize("n", [20, 100, 1999, 2001, 24960, 24967])
@pytest.mark.parametrize("seed", range(3))
def test_the_percentile_is_that_of_numpy_to_the_last_bit(seed: int, n: int) -> None:
    for name, values in numbers(seed, n).items():
        assert percentile_95(values) == (np.percentile(values, 95), 1.0), name


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_the_percentile_of_few_is_that_of_numpy_to_the_last_bit(values: list[float]) -> None:
    assert percentile_95(np.array(values)) == (np.percentile(values, 95), 1.0)


def test_the_percentile_of_nothing_is_undefined() -> None:
    assert percentile_95(np.zeros(0)) == (0.0, 0.0)
