"""The same students in two worlds: who was reached under a scenario and not under the baseline, and the other way round (docs/model.md, 11.2).

Both worlds have the same seed. Students are matched by key, episodes by student and onset. About a school's own students none of this is asked.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulation.record.history import History, once
from simulation.record.reach import ISOLATION, is_counted, is_reached, isolation_at_baseline
from simulation.record.series import Mask, is_isolated, over_weeks, taught_weeks

Ints = NDArray[np.int64]

STATES = ("no episode", "not reached", "reached")
UNITS = ("students", "episodes")

_NO_EPISODE, _NOT_REACHED, _REACHED = range(len(STATES))
_ISOLATED, _CONNECTED, _NOT_THERE = range(len(ISOLATION))


@once
def student_states(history: History) -> NDArray[np.int8]:
    """What became of each student: index into STATES, by the episodes that began after the settling-in, shape (students,)."""
    states, student = np.full(history.n_students, _NO_EPISODE, dtype=np.int8), history.episodes.student
    states[student[is_counted(history)]] = _NOT_REACHED
    states[student[is_counted(history) & is_reached(history)]] = _REACHED
    return states


@once
def student_groups(history: History) -> NDArray[np.int8]:
    """Index into ISOLATION of each student over the course, shape (students,).

    Isolated is who is persistently isolated, as `persistently_isolated_share` has it; not there, who has left before any week that it looks at.
    """
    present = history.is_present[taught_weeks(history)]
    alone = present & is_isolated(history)[taught_weeks(history)]
    is_persistent = over_weeks(np.logical_and, alone, history.parameters.persistent_weeks).any(axis=0)
    return np.where(present.any(axis=0), np.where(is_persistent, _ISOLATED, _CONNECTED), _NOT_THERE).astype(np.int8)


def _changes_of_students(history: History, baseline: History) -> Ints:
    n = min(history.n_students, baseline.n_students)
    return _count(student_groups(baseline)[:n], student_states(baseline)[:n], student_states(history)[:n])


def _episodes(history: History, steps_a_week: int, n_students: int) -> tuple[Ints, Mask]:
    """Counted episodes of the first students: (onset, student) as one number, sorted, and whether help reached them.

    Onsets are in steps of a common length, of which `steps_a_week` of the other history make one of this one's.
    """
    e = history.episodes
    which = is_counted(history) & (e.student < n_students)
    number = e.onset[which] * steps_a_week * n_students + e.student[which]
    order = np.argsort(number)
    return number[order], is_reached(history)[which][order]


def _changes_of_episodes(history: History, baseline: History) -> Ints:
    n = min(history.n_students, baseline.n_students)
    steps, steps_baseline = history.parameters.steps_per_week, baseline.parameters.steps_per_week
    number, reached = _episodes(history, steps_baseline, n)
    number_baseline, reached_baseline = _episodes(baseline, steps, n)
    every = np.union1d(number, number_baseline)
    here, there = np.full(len(every), _NO_EPISODE), np.full(len(every), _NO_EPISODE)
    here[np.searchsorted(every, number)] = np.where(reached, _REACHED, _NOT_REACHED)
    there[np.searchsorted(every, number_baseline)] = np.where(reached_baseline, _REACHED, _NOT_REACHED)
    week = np.maximum((every // n - 1) // (steps * steps_baseline), 0)
    return _count(isolation_at_baseline(every % n, week, baseline), there, here)


def _count(group: NDArray[np.integer], there: NDArray[np.integer], here: NDArray[np.integer]) -> Ints:
    shape = (len(ISOLATION), len(STATES), len(STATES))
    return np.bincount(np.ravel_multi_index((group, there, here), shape), minlength=int(np.prod(shape))).reshape(shape)


def changes(history: History, baseline: History) -> Ints:
    """What became of the same students, and of their episodes, in two worlds.

    Args:
        history: the scenario's run.
        baseline: the baseline's run with the same seed.

    Returns:
        Counts by UNITS, ISOLATION (under the baseline), STATES under the baseline and STATES under the scenario, shape (2, 3, 3, 3). Those of
        students add up to the students enrolled in both worlds, those of episodes to the episodes of either.
    """
    return np.stack([_changes_of_students(history, baseline), _changes_of_episodes(history, baseline)])
