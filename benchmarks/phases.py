"""Where a week's time goes, kernel by kernel."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import cached_property, partial
from time import perf_counter
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher

from benchmarks import twin
from benchmarks.engine_cases import arrays, informal, repeats_of
from benchmarks.interleave import Case, Part, Samples, Step, Taken, clocked
from benchmarks.record import Measure, paired, per_run
from benchmarks.sizes import Sizes
from simulation.engine import week
from simulation.engine.cohort import Cohort, Plan
from simulation.engine.compile import SECONDS
from simulation.record.history import History
from simulation.run import run

START, END = "the cohort's start", "the history"
"""What a run does before its first step and after its last."""


class NotTheSameError(RuntimeError):
    """What was timed is not what the engine does."""


class Timed:
    """The twin, derived and compiled once."""

    @cached_property
    def twin(self) -> twin.Twin:
        """As derived from the engine's source."""
        return twin.derive(steps_in_python())

    @cached_property
    def kernel(self) -> Callable[..., Any]:
        """As compiled."""
        return twin.compiled(self.twin)

    def run(self, plan: Plan, seed: int) -> tuple[History, dict[str, float]]:
        """A whole run, and the seconds of START, of each lap ("phase: kernel") and of END."""
        with twin.timing(self.kernel, len(self.twin.laps)) as laps:
            begun = perf_counter()
            cohort = Cohort(plan, seed)
            started = perf_counter()
            cohort.run_to(cohort.n_steps)
            stepped = perf_counter()
            history = cohort.history()
            ended = perf_counter()
        noted = {f"{lap.phase}: {lap.kernel}": 1e-9 * float(ns) for lap, ns in zip(self.twin.laps, laps[1:], strict=True)}
        return history, {START: started - begun, **noted, END: ended - stepped}

    def check(self, students: int) -> None:
        """Compile the twin, unless it is kept from before, and see that it does what the engine does.

        Raises:
            NotTheSameError: it does not.
        """
        history, _ = self.run(Plan(informal(students)), 1)
        check_same(history, run(informal(students), 1))


def steps_in_python() -> Callable[..., Any]:
    """`run_steps` as it is written, whether or not it has been compiled."""
    steps: Callable[..., Any] = week.run_steps.py_func if isinstance(week.run_steps, Dispatcher) else week.run_steps
    return steps


def check_same(timed: History, engine: History) -> None:
    """See that two histories are the same in every array.

    Raises:
        NotTheSameError: they are not.
    """
    try:
        np.testing.assert_equal(asdict(timed), asdict(engine))
    except AssertionError as difference:
        raise NotTheSameError(f"the timed steps give another history than the engine: {difference}") from difference


def phases(sizes: Sizes) -> Part:
    """The twin's laps, and what the clock itself costs."""
    if sys.platform == "win32":
        return Part([], [], lambda _: [], ["phases: left out, as kernels cannot call a clock on this system"])
    timed = Timed()

    def case(n: int) -> Case:
        repeats = max(1, 1000 // n)
        plan = Plan(informal(n))
        guess = arrays(n, sizes).guess / repeats_of(n) * repeats

        def turn(_round: int) -> Taken:
            with clocked(repeats) as taken:
                for seed in range(1, repeats + 1):
                    for lap, seconds in timed.run(plan, seed)[1].items():
                        taken.extra[lap] = taken.extra.get(lap, 0.0) + seconds
            return taken

        return Case(f"phases-{n}", sizes.samples(guess), turn, guess, is_alone=True)

    def measures(samples: Samples) -> list[Measure]:
        result = []
        for n in sizes.phases:
            taken, weeks = samples[f"phases-{n}"], int(informal(n).calendar.n_weeks)
            for lap in taken[0].extra:
                micro = (1e6 * s.extra[lap] / s.repeats / weeks for s in taken)
                result.append(Measure.of(f"phases.{n}.lap.{lap}", f"{n:,} students, {lap}, wall a week", "us", micro))
            result.append(Measure.of(f"phases.{n}.week", f"{n:,} students, all of it, wall a week", "us",
                                     (1e6 * per_run(s, "wall") / weeks for s in taken)))  # fmt: skip
            result.append(Measure.of(f"phases.{n}.clock", f"{n:,} students, timed twin / engine, CPU", "times",
                                     paired(taken, samples[f"arrays-{n}"], "cpu")))  # fmt: skip
        return result

    is_kept = twin.is_kept(timed.twin)
    what = f"{'Loading' if is_kept else 'Compiling'} the timed twin of the engine, and checking that it does the same"
    steps = [Step(what, 1.0 if is_kept else SECONDS, partial(timed.check, sizes.phases[0]))]
    return Part(steps, [[case(n), arrays(n, sizes)] for n in sizes.phases], measures)
