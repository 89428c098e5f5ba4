"""What is read off a cohort for the evidence: sums of a history, numerator before denominator, to be added over cohorts before a quotient is taken.

What an outcome already counts is asked of the outcome; here stands the rest. Nothing here looks at a target.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from experiments.claims.measures import drawn_groups, pairs, same_group, strengths
from simulation.record.accounting import Sums
from simulation.record.history import CARE_STATES, History, once
from simulation.record.networks import YEAR_END, year_end_means
from simulation.record.outcomes import OUTCOMES
from simulation.record.series import distressed_by_week, friends_by_week, is_distressed, n_present

Measure = Callable[[History], Sums]
NOTHING = (0.0, 0.0)

NEW_WEEK = 9
"""Two months after entry."""


def of_outcome(name: str) -> Measure:
    """Sums of an outcome of the record that needs no baseline."""
    return partial(_of_outcome, name)


def _of_outcome(name: str, history: History) -> Sums:
    return OUTCOMES[name].parts(history, history)


_year_ends = once(year_end_means)


def friends_at_year_end(*years: int) -> Measure:
    """Mean friends of the students present at the last teaching weeks of some years; a year that the course does not have is left out."""
    return partial(_friends_at_year_end, years)


def _friends_at_year_end(years: tuple[int, ...], history: History) -> Sums:
    table = _year_ends(history)
    rows = np.isin(table[:, 0], years)
    return float(table[rows, YEAR_END.index("friends_mean")].sum()), float(rows.sum())


def friends_sd(year: int) -> Measure:
    """Standard deviation of friends over the students of a cohort at the end of a year's teaching, of one run."""
    return partial(_friends_sd, year)


def _friends_sd(year: int, history: History) -> Sums:
    week = int(history.calendar.year_ends()[year - 1])
    return float(history.friends[week - 1][history.is_present[week - 1]].std()), 1.0


def _distress_of_year(history: History, year: int) -> float:
    weeks = history.calendar.year == year
    return float(distressed_by_week(history)[weeks].sum() / n_present(history)[weeks].sum())


def decline(history: History) -> Sums:
    """Share distressed in the last year, over the share in the first."""
    return _distress_of_year(history, history.calendar.n_years), _distress_of_year(history, 1)


def recovered_within(weeks: int) -> Measure:
    """Episodes over within so many weeks, of those with an onset as long before the end of the course; early ones count."""
    return partial(_recovered_within, weeks)


def _recovered_within(weeks: int, history: History) -> Sums:
    e, per_week = history.episodes, history.parameters.steps_per_week
    followed = e.onset <= (history.calendar.n_weeks - weeks) * per_week
    is_over = (e.end >= 0) & (e.end - e.onset <= weeks * per_week)
    return float(np.count_nonzero(followed & is_over)), float(np.count_nonzero(followed))


# Friendship inside and outside small groups


def group_mates(history: History, first_term: int, last_term: int) -> NDArray[np.bool_]:
    """Pairs who shared a small group in one of these campus terms (from 1), under campus groups drawn anew each term, shape (students, students)."""
    mates = np.zeros((history.n_students, history.n_students), dtype=np.bool_)
    for term in range(first_term, last_term + 1):
        mates |= same_group(history, drawn_groups(history, "campus_groups", term, history.parameters.small_group_size))
    return mates & pairs(history)


def _friends(history: History, week: int) -> NDArray[np.bool_]:
    """Pairs who are friends at the end of a week, shape (students, students), only above the diagonal."""
    return np.asarray(strengths(history, week) >= history.parameters.friend_strength)


def strangers_share(year: int) -> Measure:
    """Friend pairs at the end of a campus year who never shared a small group, of all friend pairs then."""
    return partial(_strangers_share, year)


def _strangers_share(year: int, history: History) -> Sums:
    friends = _friends(history, int(history.calendar.year_ends()[year - 1]))
    return float(np.count_nonzero(friends & ~group_mates(history, 1, 2 * year))), float(np.count_nonzero(friends))


def friends_of_first_group(week: int | None = None) -> Measure:
    """Of the friend pairs at the end of a week, those who shared the first term's small group.

    Args:
        week: one whose ties are kept (`weeks_of_ties`); None for the last teaching week of the first year.
    """
    return partial(_friends_of_first_group, week)


def _friends_of_first_group(week: int | None, history: History) -> Sums:
    friends = _friends(history, int(history.calendar.year_ends()[0]) if week is None else week)
    return float(np.count_nonzero(friends & group_mates(history, 1, 1))), float(np.count_nonzero(friends))


# What is held out


def friends_kept_at_clerkship(history: History) -> Sums:
    """Friends in the thirteenth clinical teaching week, over friends in the last campus teaching week: at the entry to clerkships, not a year on."""
    clinical = np.flatnonzero(history.calendar.is_clinical & history.calendar.is_teaching)
    campus = np.flatnonzero(~history.calendar.is_clinical & history.calendar.is_teaching)
    if not len(campus) or len(clinical) < 13:
        return NOTHING
    friends = friends_by_week(history) / n_present(history)
    return float(friends[clinical[12]]), float(friends[campus[-1]])


def repeat_positives(history: History) -> Sums:
    """Students in distress at more than one year-end, of those in distress at any: a survey once a year, answered by all and free of error."""
    rows = history.calendar.year_ends() - 1
    positive = (is_distressed(history)[rows] & history.is_present[rows]).sum(axis=0)
    return float(np.count_nonzero(positive > 1)), float(np.count_nonzero(positive))


def students_in_care(history: History) -> Sums:
    """Student-years with a week in care, of student-years with a week of distress."""
    distressed, in_care = is_distressed(history) & history.is_present, history.care == CARE_STATES.index("in care")
    years = distressed.reshape(history.calendar.n_years, -1, history.n_students).any(axis=1)
    cared = in_care.reshape(history.calendar.n_years, -1, history.n_students).any(axis=1)
    return float(np.count_nonzero(years & cared)), float(np.count_nonzero(years))


def contact_of_distressed(history: History) -> Sums:
    """Contact hours of distressed students over those of well students, in teaching weeks after the settling-in, of one run."""
    weeks = history.calendar.is_teaching & ~history.calendar.is_settling_in
    there, distressed = history.is_present[weeks], is_distressed(history)[weeks]
    hours = history.contact_hours[weeks]
    if not (there & distressed).any() or not (there & ~distressed).any():
        return NOTHING
    return float(hours[there & distressed].mean()), float(hours[there & ~distressed].mean())


def tied_to_officers(steps: int) -> Measure:
    """Students who are no officer and are linked by friendships to one in post, in at most so many steps, at the ends of the campus years."""
    return partial(_tied_to_officers, steps)


def _tied_to_officers(steps: int, history: History) -> Sums:
    linked, others = 0.0, 0.0
    for week in history.calendar.year_ends()[: history.parameters.campus_years]:
        friends, is_officer = _friends(history, int(week)), history.is_officer[week - 1]
        friends, reached = friends | friends.T, is_officer.copy()
        for _ in range(steps):
            reached |= friends[reached].any(axis=0)
        linked += float(np.count_nonzero(reached & ~is_officer))
        others += float(np.count_nonzero(~is_officer))
    return linked, others
