"""Sums over the episodes of a run: whom help reached, how soon, and whom it did not (docs/model.md, sections 10 and 11).

Episodes of the settling-in are left out unless the name says otherwise. A function that tells which episodes gives a mask of shape (episodes,).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simulation.record.accounting import Sums
from simulation.record.history import REASONS, SOURCES_OF_HELP, History, once
from simulation.record.series import Mask, Of, n_present
from simulation.scenario.programme import WEEKS_A_YEAR

CASCADE_GROUPS = ("isolated", "connected")  # at onset
ISOLATION = ("isolated", "connected", "not there")  # of a student in another world, who may have left it
CASCADE_STEPS = ("episode", "noticed", "offered", "accepted", "referred", "treated")


def happened(moment: str) -> Of:
    """Episodes in which something happened at least once.

    Args:
        moment: name of a field of `Episodes` that holds a step, or -1 for never.
    """
    return partial(_happened, moment)


def _happened(moment: str, history: History) -> Mask:
    step: NDArray[np.int64] = getattr(history.episodes, moment)
    return step >= 0


@once
def is_reached(history: History) -> Mask:
    """Episodes with accepted support from anybody, or with care begun."""
    return history.episodes.is_reached


@once
def is_counted(history: History) -> Mask:
    """Episodes that began after the settling-in: all that shares of episodes speak of."""
    return ~history.episodes.is_early


def is_isolated_at_onset(history: History) -> Mask:
    """Episodes of students who had no friend in the onset step."""
    return history.episodes.is_isolated_at_onset


def is_connected_at_onset(history: History) -> Mask:
    """Episodes of students who had a friend in the onset step."""
    return ~history.episodes.is_isolated_at_onset


@once
def is_mostly_isolated(history: History) -> Mask:
    """Episodes spent without a friend in at least half of their steps."""
    return 2 * history.episodes.n_isolated_steps >= history.episodes.n_steps


def isolation_at_baseline(student: NDArray[np.int64], week: NDArray[np.int64], baseline: History) -> NDArray[np.int64]:
    """Index into ISOLATION of students at the end of weeks of the baseline's course.

    Args:
        student: rows, shape (k,).
        week: rows of the weekly series, from 0, shape (k,).
        baseline: the baseline's history with the same seed.

    Returns:
        Shape (k,). Who is not in the baseline in that week (left, or the baseline's course or cohort is smaller) is neither isolated nor connected.
    """
    n_weeks, n_students = baseline.friends.shape
    known = (week < n_weeks) & (student < n_students)
    week, student = np.where(known, week, 0), np.where(known, student, 0)
    return np.where(known & baseline.is_present[week, student], (baseline.friends[week, student] > 0).astype(np.int64), len(ISOLATION) - 1)


def is_isolated_at_baseline(history: History, baseline: History) -> Mask:
    """Episodes whose student had no friend under the baseline at the end of the week of onset."""
    week = np.maximum(history.week_of(history.episodes.onset), 1) - 1
    return isolation_at_baseline(history.episodes.student, week, baseline) == 0


def share_of_episodes(of: Of, among: Of = is_counted) -> Callable[[History], Sums]:
    """Sums of a share: episodes that are `of`, over episodes that are `among`; both after the settling-in."""
    return partial(_share_of_episodes, of, among)


def _share_of_episodes(of: Of, among: Of, history: History) -> Sums:
    base = is_counted(history) & among(history)
    return float(np.count_nonzero(base & of(history))), float(np.count_nonzero(base))


def reach_isolated_at_baseline(history: History, baseline: History) -> Sums:
    """Episodes reached, over episodes: of students without a friend in that week under the baseline."""
    return _share_of_episodes(is_reached, partial(is_isolated_at_baseline, baseline=baseline), history)


def reach_by_isolation(history: History) -> Sums:
    """Episodes reached and episodes of students with a friend at onset, then the same of students without one."""
    return (_share_of_episodes(is_reached, is_connected_at_onset, history)
            + _share_of_episodes(is_reached, is_isolated_at_onset, history))  # fmt: skip


@once
def _is_left_alone(history: History) -> Mask:
    """Long and mostly isolated episodes, early ones and those reached too."""
    is_long = history.episodes.n_steps / history.parameters.steps_per_week >= history.parameters.episode_weeks
    return is_long & is_mostly_isolated(history)


def _n_students(history: History, which: Mask) -> float:
    """Distinct students with such an episode."""
    has_one = np.zeros(history.n_students, dtype=np.bool_)
    has_one[history.episodes.student[which]] = True
    return float(np.count_nonzero(has_one))


@once
def _n_unreached_isolated(history: History) -> float:
    """Distinct students with an unreached isolated episode after the settling-in."""
    return _n_students(history, _is_left_alone(history) & is_counted(history) & ~is_reached(history))


def unreached_isolated_students(history: History) -> Sums:
    """Distinct students with an unreached isolated episode, over students enrolled."""
    return _n_unreached_isolated(history), float(history.n_students)


def unreached_isolated_rate(history: History) -> Sums:
    """Distinct students with an unreached isolated episode, over those with an isolated episode as long, reached or not."""
    return _n_unreached_isolated(history), _n_students(history, _is_left_alone(history) & is_counted(history))


def unreached_isolated_years(history: History) -> Sums:
    """Distinct students with an unreached isolated episode, over student-years after the settling-in."""
    n_weeks = n_present(history)[~history.calendar.is_settling_in].sum()
    return _n_unreached_isolated(history), float(n_weeks / WEEKS_A_YEAR)


def unreached_isolated_settling_in(history: History) -> Sums:
    """Distinct students with an unreached isolated episode that began in the settling-in, over students enrolled."""
    early_and_unreached = _is_left_alone(history) & history.episodes.is_early & ~is_reached(history)
    return _n_students(history, early_and_unreached), float(history.n_students)


def _is_followed(history: History, weeks: int) -> Mask:
    """Episodes that began at least so many weeks before the course ends."""
    steps_a_week = history.parameters.steps_per_week
    return is_counted(history) & (history.episodes.onset + weeks * steps_a_week <= history.calendar.n_weeks * steps_a_week)


def supported_by_week(weeks: int) -> Callable[[History], Sums]:
    """Sums of a share: episodes with support accepted at most so many weeks after onset, over episodes followed so long."""
    return partial(_supported_by_week, weeks)


def _supported_by_week(weeks: int, history: History) -> Sums:
    e, followed = history.episodes, _is_followed(history, weeks)
    in_time = (e.first_accepted >= 0) & (e.first_accepted - e.onset <= weeks * history.parameters.steps_per_week)
    return float(np.count_nonzero(followed & in_time)), float(np.count_nonzero(followed))


def weeks_without_support(weeks: int) -> Callable[[History], Sums]:
    """Sums of a mean: weeks (at most so many) until the first accepted support or the end, over episodes followed so long."""
    return partial(_weeks_without_support, weeks)


def _weeks_without_support(weeks: int, history: History) -> Sums:
    e, followed = history.episodes, _is_followed(history, weeks)
    # n_steps, not end - onset: it also holds where the student left and the episode has no end.
    waited = np.where(e.first_accepted >= 0, e.first_accepted - e.onset, e.n_steps) / history.parameters.steps_per_week
    return float(np.minimum(waited, weeks)[followed].sum()), float(np.count_nonzero(followed))


def _is_noticed_by_peer(history: History) -> Mask:
    return history.episodes.noticed_by == SOURCES_OF_HELP.index("peer")


def first_notice_by_peer(history: History) -> Sums:
    """Episodes first noticed by a student who is no officer, over episodes noticed."""
    return _share_of_episodes(_is_noticed_by_peer, happened("first_noticed"), history)


def missed_counts(history: History) -> NDArray[np.int64]:
    """Unreached episodes after the settling-in, by why nobody reached them.

    Returns:
        Counts of every reason of REASONS but "reached", in that order; they add up to the number of such episodes.

    Raises:
        ValueError: an unreached episode carries no reason, so the record is at fault.
    """
    missed = is_counted(history) & ~is_reached(history)
    counts = np.bincount(history.episodes.reason[missed], minlength=len(REASONS))
    if counts[0]:
        raise ValueError(f"{counts[0]} unreached episodes are recorded with the reason {REASONS[0]!r}")
    return counts[1:]


def missed_reasons(history: History) -> dict[str, int]:
    """Unreached episodes after the settling-in by reason, as `missed_counts` has them."""
    return dict(zip(REASONS[1:], missed_counts(history).tolist(), strict=True))


def cascade_counts(history: History) -> NDArray[np.int64]:
    """Episodes after the settling-in, and in how many of them each step on the way to help was taken at least once.

    Returns:
        Counts by CASCADE_GROUPS and CASCADE_STEPS, shape (groups, steps).
    """
    e = history.episodes
    counted = [is_counted(history) & group for group in (e.is_isolated_at_onset, ~e.is_isolated_at_onset)]
    taken = [_happened(f"first_{step}", history) for step in CASCADE_STEPS[1:]]
    return np.array([[np.count_nonzero(group), *(np.count_nonzero(group & step) for step in taken)] for group in counted], dtype=np.int64)


def cascade(history: History) -> dict[str, int]:
    """Episodes after the settling-in by CASCADE_STEPS, as `cascade_counts` has them, of isolated and connected students together."""
    return dict(zip(CASCADE_STEPS, cascade_counts(history).sum(axis=0).tolist(), strict=True))
