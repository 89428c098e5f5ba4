"""What a history does not keep, read off the array engine after each step: students' stigma, who noticed whom, who offered.

The one file of the claims that knows the engine's arrays. A `Step` shows views that cannot be written to, as they are after the step: distress,
attendance and strengths are those with which students noticed and offered in it; load and stigma already hold what the step added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.claims.claim import Sums
from simulation.engine.cohort import Cohort, Plan
from simulation.record.history import History


class Step:
    """A cohort after a step.

    Args:
        cohort: the cohort; it goes on after the step, so nothing of this is to be kept.
    """

    def __init__(self, cohort: Cohort) -> None:
        self._course, self._plan, self.number = cohort.course, cohort.plan, cohort.step_number
        self.parameters: Any = cohort.plan.values

    @property
    def week(self) -> int:
        """Week of the course, from 1."""
        return (self.number - 1) // int(self.parameters.steps_per_week) + 1

    @property
    def is_clinical_teaching(self) -> bool:
        """A teaching week of a clinical year."""
        calendar = self._plan.calendar
        return bool(calendar.is_clinical[self.week - 1] and calendar.is_teaching[self.week - 1])

    @property
    def is_settling_in(self) -> bool:
        """One of the first weeks, in which everybody is new."""
        return bool(self._plan.calendar.is_settling_in[self.week - 1])

    def student(self, name: str) -> NDArray[Any]:
        """A quantity of each student, shape (students,).

        Args:
            name: as in `simulation.engine.state.PEOPLE`, such as "distress", "load" or "main_site".
        """
        values: NDArray[Any] = np.asarray(self._course.people[name][: self._plan.n]).view()
        values.flags.writeable = False
        return values

    @property
    def stigma(self) -> NDArray[np.float64]:
        """S of each student, shape (students,); likewise E and U below."""
        return self.student("own_stigma") + self.student("stigma_shift")

    @property
    def expertise(self) -> NDArray[np.float64]:
        """E of each student."""
        return self.student("own_expertise") + self.student("expertise_shift")

    @property
    def boundary(self) -> NDArray[np.float64]:
        """U of each student."""
        return self.student("own_boundary") + self.student("boundary_shift")

    @cached_property
    def is_exposed(self) -> NDArray[np.bool_]:
        """Students who are distressed and have been since before this step: whom others can notice. Shape (students,)."""
        return (self.student("distress") >= 1) & (self.student("onset") < self.number)

    def encounter(self, name: str) -> NDArray[Any]:
        """A column of who noticed whom in this step, shape (encounters,).

        Args:
            name: "seeker" and "helper" (rows; -1 for staff, from `students` on near-peers), "is_checkin", "strength" of the tie, or "is_made": an
                offer was made.
        """
        values: NDArray[Any] = getattr(self._course.encounters, name)[: self._course.encounters.used[0]].view()
        values.flags.writeable = False
        return values


def watched(plan: Plan, seed: int, measures: Sequence[Callable[[Step], Sums]], weeks_of_ties: tuple[int, ...] = ()) -> tuple[History, list[Sums]]:
    """Run a cohort and sum up what is read after each of its steps.

    Args:
        plan: of the scenario.
        seed: the world.
        measures: sums of a step; without any, the course is run in one go.
        weeks_of_ties: weeks, besides the year-ends, whose ties the history keeps.

    Returns:
        The history, and for each measure its sums over the course.
    """
    cohort = Cohort(plan, seed, weeks_of_ties=weeks_of_ties)
    totals: list[Any] = [0.0] * len(measures)
    for number in range(1, cohort.n_steps + 1) if measures else ():
        cohort.run_to(number)
        step = Step(cohort)
        for k, measure in enumerate(measures):
            totals[k] = totals[k] + np.asarray(measure(step), dtype=np.float64)
    if not measures:
        cohort.run_to(cohort.n_steps)
    return cohort.history(), [tuple(np.atleast_1d(total).tolist()) for total in totals]
