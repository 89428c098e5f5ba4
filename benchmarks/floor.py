"""A floor under a run: the equations of ties alone (docs/model.md, 4.5), on a cohort as it is in every eighth week.

Nobody is drawn for, looked up, met by chance, moved in the table or recorded, friends in common are not counted, and nothing but ties is simulated.
An engine that does the same arithmetic cannot take less, whatever becomes of the rest.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from benchmarks.engine_cases import informal, repeats_of
from benchmarks.interleave import Case, Taken, clocked
from benchmarks.sizes import Sizes
from simulation.engine.cohort import Cohort, Plan
from simulation.engine.meeting import _meet, _share_time, _strengthen
from simulation.engine.ties import count_friends
from simulation.engine.week import step_at

EVERY = 8
"""Weeks that one state of the cohort stands for."""


@njit(nogil=True)
def _ties_alone(times: int, world: Any, p: Any, now: Any, people: Any, ties: Any, reach: Any, contact: Any, gain: float) -> None:
    """Pulls, hours, strengths and friends of all pairs of the table, so many times."""
    for _ in range(times):
        _share_time(world, p, now, people, ties, reach)
        _meet(p, people, ties, reach, p.offsite_availability, 1.0 - p.offsite_availability, gain, contact)
        _strengthen(p, ties)
        count_friends(world, p, people, ties)


@cache
def _states(students: int) -> tuple[Any, ...]:
    """What `_ties_alone` is given for every EVERYth week of a course; the arrays are the states' own."""
    plan = Plan(informal(students))
    states: list[tuple[Any, ...]] = []
    cohort = Cohort(plan, 1)
    for week in range(EVERY, int(plan.world.n_weeks) + 1, EVERY):
        cohort.run_to(week)
        people, ties = deepcopy(cohort.course.people), deepcopy(cohort.course.ties)
        room = np.zeros(len(people)), np.zeros(len(people))
        states.append((EVERY, cohort.world, plan.p, step_at(cohort.world, plan.weeks, week), people, ties, *room, 1.0))
    return tuple(states)


def prepare(students: int) -> None:
    """Compile, and put the states by."""
    for state in _states(students):
        _ties_alone(*state)


def floor(students: int, sizes: Sizes) -> Case:
    """As many courses of it as `arrays` runs."""
    repeats = repeats_of(students)
    guess = repeats * students * 25e-6

    def turn(_round: int) -> Taken:
        with clocked(repeats) as taken:
            for _ in range(repeats):
                for state in _states(students):
                    _ties_alone(*state)
        return taken

    return Case(f"floor-{students}", sizes.samples(guess), turn, guess, is_alone=True)
