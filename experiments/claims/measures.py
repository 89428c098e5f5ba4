"""Small measurements that claims share: sums of a history or of a step, numerator before denominator, and values of sums."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from experiments.claims.claim import Array, Measure, Sums, of_history, of_steps
from experiments.claims.watch import Step
from simulation.record.history import History
from simulation.scenario.grouping import cut
from simulation.streams import hashed_order

Groups = list[NDArray[np.int64]]


def gap(sums: Array) -> Array:
    """Value of sums (numerator, denominator, numerator, denominator): the first quotient less the second, nan where one has no denominator."""
    return np.asarray(sums[..., 0] / sums[..., 1] - sums[..., 2] / sums[..., 3])


ONE_YEAR_EACH = {"campus_years": 1, "clinical_years": 1}
"""A short course, for claims that do not speak of years: half the time a run."""


# Noticing and offering, by step


def _noticings(step: Step) -> Sums:
    return float(len(step.encounter("seeker"))), float(step.is_exposed.sum())


def _offers(step: Step) -> Sums:
    is_made = step.encounter("is_made")
    return float(is_made.sum()), float(len(is_made))


NOTICINGS = of_steps("how many notice a distressed student in a week", _noticings)
OFFERS_A_NOTICING = of_steps("offers made by those who notice, each", _offers)


# Helping, over a course


def _accepted_an_offer(history: History) -> Sums:
    return float(sum(history.n_kinds)), float(history.n_offers.sum())


def _load_an_offer(history: History) -> Sums:
    return float(history.load.sum()), float(history.n_offers.sum())


def _severe_weeks_without_care(history: History) -> Sums:
    is_severe = history.distress == 2
    return float((is_severe & (history.care != 2)).sum()), float(is_severe.sum())


ACCEPTED_AN_OFFER = of_history("offers accepted, of offers made", _accepted_an_offer)
LOAD_AN_OFFER = of_history("weeks of load for each offer made", _load_an_offer)
SEVERE_WITHOUT_CARE = of_history("weeks of severe distress without care, of all such weeks", _severe_weeks_without_care)
REFERRALS_A_SUPPORT = of_history("accepted support that refers to care", lambda history: (float(history.n_kinds[2]), float(sum(history.n_kinds))))


# Stigma, by step


def _mean_stigma(step: Step) -> Sums:
    if step.is_settling_in:
        return 0.0, 0.0
    return float(step.stigma.sum()), float(len(step.stigma))


MEAN_STIGMA = of_steps("mean stigma of students after settling in (SD)", _mean_stigma)


# Who is grouped with whom, anew from the specification: groups whose order is a draw of the seed alone


def drawn_groups(history: History, stream: str, t: int, largest: int) -> Groups:
    """Rows of a synthetic cohort in hashed order of a stream at t, cut into groups."""
    keys = np.arange(1, history.n_students + 1)
    return cut(hashed_order(keys, history.seed, stream, t).astype(np.int64), largest)


def same_group(history: History, groups: Groups) -> NDArray[np.bool_]:
    """Whether two students are in one group, shape (students, students)."""
    group_of = np.empty(history.n_students, dtype=np.int64)
    for number, members in enumerate(groups):
        group_of[members] = number
    return group_of[:, None] == group_of[None, :]


def strengths(history: History, week: int) -> Array:
    """Recorded strengths at the end of a week, shape (students, students), only above the diagonal; ties too weak for the record are 0."""
    ties = history.ties[week]
    table = np.zeros((history.n_students, history.n_students))
    table[np.minimum(ties.i, ties.j), np.maximum(ties.i, ties.j)] = ties.strength
    return table


def pairs(history: History) -> NDArray[np.bool_]:
    """Each pair of students once, shape (students, students)."""
    return np.triu(np.ones((history.n_students, history.n_students), dtype=np.bool_), 1)


def strength_of_group_mates(words: str, groups: Callable[[History], Groups]) -> Measure:
    """Mean strength, at the end of the last year's teaching, of the ties between members of the same groups."""

    def sums(history: History) -> Sums:
        mates = same_group(history, groups(history)) & pairs(history)
        week = int(history.calendar.year_ends()[-1])
        return float(strengths(history, week)[mates].sum()), float(mates.sum())

    return of_history(words, sums)
