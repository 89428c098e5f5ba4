"""One replicate of a comparison: every scenario in one world, summed up.

The unit of work is one replicate of all scenarios, because some outcomes look at the baseline's history. What is sent back are sums and weekly
means over the cohort, never a history. Of a single student only what became of him or her in each world goes further, in one byte, and only
where the cohort is synthetic: about a school's own students nothing does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from experiments.engines import DEFAULT_ENGINE, OWN
from simulation.faults import InputError
from simulation.record.counterfactual import changes, student_groups, student_states
from simulation.record.history import REASONS, History
from simulation.record.networks import year_end_means
from simulation.record.outcomes import OUTCOMES
from simulation.record.reach import cascade_counts, missed_counts
from simulation.record.series import weekly_means
from simulation.scenario.programme import Calendar
from simulation.scenario.scenario import Scenario
from simulation.streams import replicate_seed

Run = Callable[[Scenario, int], History]
Array = NDArray[np.float64]

MISSED = REASONS[1:]
SERIES = ("present", "distressed", "isolated", "friends_mean")


class RunError(RuntimeError):
    """A simulated cohort could not be finished; the message names the scenario and the seed that repeat it."""


@dataclass(frozen=True)
class Work:
    """What is asked for, the same for every replicate.

    Attributes:
        scenarios: the baseline first.
        run: (scenario, seed) -> History.
        seed: the user's seed.
        engine: what `run` simulates with: a name in ENGINES, or OWN.
    """

    scenarios: tuple[Scenario, ...]
    run: Run
    seed: int
    engine: str = OWN


@dataclass(frozen=True)
class Sums:
    """What one replicate sends back; lists have one entry a scenario.

    Attributes:
        parts: outcome -> sums, shape (scenarios, k).
        reasons: unreached episodes by MISSED, shape (scenarios, reasons).
        cascade: episodes after the settling-in by CASCADE_GROUPS and CASCADE_STEPS, shape (scenarios, groups, steps).
        weekly: SERIES by week, each of shape (series, weeks).
        calendars: the weeks of each course.
        year_ends: YEAR_END by year-end, each of shape (year-ends, columns).
        spread_sites: sites where hours were spread over expected companions.
        changes: what became of the same students and episodes under the baseline and under the scenario, as
            `simulation.record.counterfactual.changes` counts it, shape (scenarios, 2, 3, 3, 3); None with a school.
        groups: the students' isolation under the baseline, index into ISOLATION, shape (students,); None with a school.
        states: what became of them, index into STATES, each of shape (students,); empty with a school.
    """

    parts: dict[str, Array]
    reasons: NDArray[np.int64]
    cascade: NDArray[np.int64]
    weekly: list[Array]
    calendars: list[Calendar]
    year_ends: list[Array]
    spread_sites: list[tuple[str, ...]]
    changes: NDArray[np.int64] | None = None
    groups: NDArray[np.int8] | None = None
    states: list[NDArray[np.int8]] = field(default_factory=list)


def run_replicate(work: Work, replicate: int) -> Sums:
    """Run one replicate of every scenario and sum it up.

    Raises:
        InputError: a scenario cannot be run as it stands; names it.
        RunError: a run failed; names the scenario and the seed.
    """
    baseline: History | None = None
    parts: dict[str, list[tuple[float, ...]]] = {name: [] for name in OUTCOMES}
    reasons, cascades, weekly, calendars, year_ends, spread, changed, states = [], [], [], [], [], [], [], []
    own_seed = replicate_seed(work.seed, replicate)
    for scenario in work.scenarios:
        try:
            history = work.run(scenario, own_seed)
            baseline = baseline or history
            for name, outcome in OUTCOMES.items():
                parts[name].append(outcome.parts(history, baseline))
            reasons.append(missed_counts(history))
            cascades.append(cascade_counts(history))
            weekly.append(weekly_means(history, SERIES))
            calendars.append(history.calendar)
            year_ends.append(year_end_means(history))
            spread.append(tuple(history.spread_sites))
            if not baseline.has_school:
                changed.append(changes(history, baseline))
                states.append(student_states(history))
        except InputError as error:
            raise InputError([fault if scenario.name in fault.where else replace(fault, where=f"{scenario.name}: {fault.where}")
                              for fault in error.faults]) from error  # fmt: skip
        except Exception as error:
            raise RunError(f"scenario {scenario.name!r} failed with seed {own_seed} (replicate {replicate + 1} of seed {work.seed}): "
                           f"{type(error).__name__}: {error}{_alone(work, scenario, own_seed)}") from error  # fmt: skip
    arrays = {name: np.array(sums, dtype=np.float64) for name, sums in parts.items()}
    sums = Sums(arrays, np.array(reasons), np.array(cascades), weekly, calendars, year_ends, spread)
    if baseline is None or baseline.has_school:
        return sums
    return replace(sums, changes=np.array(changed), groups=student_groups(baseline), states=states)


def _alone(work: Work, scenario: Scenario, seed: int) -> str:
    """How to repeat a run that failed; nothing where it is no run of the command line's."""
    if work.engine == OWN:
        return ""
    engine = "" if work.engine == DEFAULT_ENGINE else f" --engine {work.engine}"
    return f". That run alone: wardmates run {scenario.name} --seed {seed}{engine}"
