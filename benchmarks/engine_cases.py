"""Runs of the two engines, and the array engine against itself in other sizes and threads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import numpy as np

from benchmarks.interleave import Case, Part, Samples, Step, Taken, clocked
from benchmarks.record import Measure, paired, per_run
from benchmarks.sizes import SCENARIO, Sizes
from simulation.engine.cohort import Cohort, Plan
from simulation.engine.state import N_MET
from simulation.run import run
from simulation.scenario.scenario import Scenario, load_scenario

COUNTED_EVERY = 5
"""Weeks from one count of ties to the next. It has no common factor with a year or a placement block, so every part of both is met; against a count
in every week it is .6 to .7 % high at 60, 200 and 1,000 students alike."""
_CONTROL_ROUNDS = 100_000


@cache
def informal(students: int) -> Scenario:
    """The scenario of all timings, at this size."""
    return load_scenario(SCENARIO, overrides={"students": students})


def repeats_of(students: int) -> int:
    """Runs of the array engine in one sample: so many that it takes a tenth of a second or more."""
    return max(1, min(20, 4000 // students))


def arrays(students: int, sizes: Sizes) -> Case:
    """Whole runs on arrays, from the seed to the history; seeds 1, 2, ... in every round, so that all that differs between rounds is the machine."""
    repeats = repeats_of(students)
    guess = repeats * students * (250e-6 if students < 2000 else 550e-6)

    def turn(_round: int) -> Taken:
        with clocked(repeats) as taken:
            for seed in range(1, repeats + 1):
                run(informal(students), seed)
        return taken

    return Case(f"arrays-{students}", sizes.samples(guess), turn, guess, is_alone=True)


def mesa(students: int, sizes: Sizes) -> Case:
    """One whole run of the Mesa model, another cohort in every round."""
    guess = 3e-3 * students + 1e-5 * students**2

    def turn(number: int) -> Taken:
        with clocked() as taken:
            run(informal(students), number + 1, engine="mesa")
        return taken

    return Case(f"mesa-{students}", sizes.samples(guess), turn, guess, is_alone=True)


def count_ties(students: int, seeds: range) -> tuple[float, float]:
    """What there was to do in a run, averaged over cohorts: pair-weeks with a tie, and pair-weeks that the engine looked at.

    A tie is an unordered pair of students with w > 0 at the end of the week. The record keeps ties from `recorded_strength`, and below
    `least_strength`, which is no more, w is 0: so what it keeps of a week is all ties of the week. The other count needs the engine's own rows.

    Raises:
        ValueError: the record would not hold every tie.
    """
    values, plan = informal(students).parameters, Plan(informal(students))
    if values.recorded_strength > values.least_strength:
        raise ValueError(f"the record begins at strength {values.recorded_strength}, ties at {values.least_strength}")
    weeks = range(COUNTED_EVERY, int(plan.world.n_weeks) + 1, COUNTED_EVERY)
    ties, looked_at = [], []
    for seed in seeds:
        cohort = Cohort(plan, seed, weeks_of_ties=tuple(weeks))
        for week in weeks:
            cohort.run_to(week * int(plan.world.steps_per_week))
            looked_at.append(_looked_at(cohort))
        cohort.run_to(cohort.n_steps)
        kept = cohort.history().ties
        ties += [len(kept[week].i) for week in weeks]
    n_weeks = int(plan.world.n_weeks)
    return n_weeks * float(np.mean(ties)), n_weeks * float(np.mean(looked_at))


def _looked_at(cohort: Cohort) -> float:
    """Pairs in the table that a step works through."""
    return float(cohort.course.ties.end[N_MET])


def scaling(sizes: Sizes) -> Part:
    """The time of a tie in a week, by the size of the cohort."""
    work: dict[int, tuple[float, float]] = {}

    def count(n: int) -> None:
        work[n] = count_ties(n, range(1, repeats_of(n) + 1))

    def measures(samples: Samples) -> list[Measure]:
        result = []
        smallest = sizes.scaling[0]
        for n in sizes.scaling:
            taken, (ties, looked_at) = samples[f"arrays-{n}"], work[n]
            weeks = int(informal(n).calendar.n_weeks)
            ns = [1e9 * per_run(s, "cpu") for s in taken]
            result += [
                Measure.of(f"scaling.{n}.ms", f"{n:,} students, CPU a run", "ms", (1e-6 * t for t in ns)),
                Measure.of(f"scaling.{n}.ties", f"{n:,} students, ties of a student in a week", "ties", [2 * ties / weeks / n]),
                Measure.of(f"scaling.{n}.looked_at", f"{n:,} students, pairs of a student looked at", "pairs", [2 * looked_at / weeks / n]),
                Measure.of(f"scaling.{n}.per_tie", f"{n:,} students, CPU a tie and week", "ns", (t / ties for t in ns)),
                Measure.of(f"scaling.{n}.per_pair", f"{n:,} students, CPU a pair looked at and week", "ns", (t / looked_at for t in ns)),
            ]
            if n != smallest:
                more = work[smallest][0] / ties
                result.append(Measure.of(f"scaling.{n}.ratio", f"CPU a tie and week, {n:,} / {smallest:,} students", "times",
                                         (more * ratio for ratio in paired(taken, samples[f"arrays-{smallest}"], "cpu"))))  # fmt: skip
        return result

    steps = [Step(f"Counting the ties of {n:,} students", arrays(n, sizes).guess * 1.3, partial(count, n)) for n in sizes.scaling]
    return Part(steps, [[arrays(n, sizes)] for n in sizes.scaling], measures)


def threads(sizes: Sizes) -> Part:
    """Runs of 200 students in one thread and in two, and a control that needs no memory: what two processors of this machine can give at most."""
    n, runs = 200, sizes.thread_runs

    def control(_seed: int) -> None:
        hashlib.pbkdf2_hmac("sha256", b"control", b"", _CONTROL_ROUNDS)  # lets go of the interpreter, as the engine does

    def one(seed: int) -> None:
        run(informal(n), seed)

    def case(name: str, work: Callable[[int], None], at_once: int, guess: float) -> Case:
        def turn(_round: int) -> Taken:
            with clocked(runs) as taken, ThreadPoolExecutor(at_once) as pool:
                for _ in pool.map(work, range(1, runs + 1)):
                    pass
            return taken

        return Case(name, sizes.samples(guess / 2), turn, guess / at_once)

    def measures(samples: Samples) -> list[Measure]:
        said = {1: "one thread", 2: "two threads"}
        result = [Measure.of(f"threads.{k}", f"{runs} runs of {n} students, {said[k]}, wall", "s", (s.wall for s in samples[f"threads-{k}"]))
                  for k in said]  # fmt: skip
        ratios = {name: paired(samples[f"{name}-1"], samples[f"{name}-2"], "wall") for name in ("threads", "control")}
        return [*result, Measure.of("threads.ratio", "two threads against one", "times", ratios["threads"]),
                Measure.of("threads.control", "control: hashing, two threads against one", "times", ratios["control"])]  # fmt: skip

    kinds = {"threads": one, "control": control}
    return Part([], [[case(f"{name}-{k}", work, k, 0.05 * runs) for name, work in kinds.items() for k in (1, 2)]], measures)
