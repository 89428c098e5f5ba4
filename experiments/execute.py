"""Replicates of a comparison, in this process or in several: the results are the same, whatever the number of processes.

The unit of work is one replicate of all scenarios, because some outcomes look at the baseline's history. A worker sends back sums and weekly
means over the cohort, never a history, so that nothing about a single student leaves it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.faults import InputError
from simulation.record.history import REASONS, History
from simulation.record.outcomes import OUTCOMES, missed_reasons, year_end_table
from simulation.scenario.scenario import Scenario
from simulation.streams import replicate_seed

Run = Callable[[Scenario, int], History]
OnProgress = Callable[[int, int], None]

MISSED = REASONS[1:]
GROUPS = ("isolated", "connected")
STEPS = ("episode", "noticed", "offered", "accepted", "referred", "treated")
SERIES = ("present", "distressed", "isolated", "friends_mean")
_CALENDAR = ["week", "year", "week_of_year", "is_clinical", "is_teaching", "is_settling_in"]


class RunError(RuntimeError):
    """A simulated cohort could not be finished; the message names the scenario and the seed that repeat it."""


@dataclass(frozen=True)
class Sums:
    """What one replicate sends back; lists have one entry a scenario.

    Attributes:
        parts: outcome -> sums, shape (scenarios, k).
        reasons: unreached episodes by MISSED, shape (scenarios, reasons).
        cascade: episodes after the settling-in by GROUPS at onset and STEPS, shape (scenarios, groups, steps).
        weekly: SERIES by week, each of shape (series, weeks).
        calendars: the weeks of each course.
        year_ends: tables of the year-ends.
        spread_sites: sites where hours were spread over expected companions.
    """

    parts: dict[str, NDArray[np.float64]]
    reasons: NDArray[np.int64]
    cascade: NDArray[np.int64]
    weekly: list[NDArray[np.float64]]
    calendars: list[pd.DataFrame]
    year_ends: list[pd.DataFrame]
    spread_sites: list[tuple[str, ...]]


def run_replicates(scenarios: tuple[Scenario, ...], run: Run, seed: int, replicates: int, workers: int, on_progress: OnProgress) -> list[Sums]:
    """Run every replicate of every scenario.

    Args:
        scenarios: the baseline first.
        run: (scenario, seed) -> History; with several workers a function of a module.
        seed: the user's seed.
        replicates: how many of each scenario.
        workers: processes; 1 runs in this one.
        on_progress: called with (runs done, runs in all) after each replicate of all scenarios.

    Returns:
        One entry a replicate, in their order.

    Raises:
        InputError: a scenario cannot be run as it stands.
        RunError: a run failed or its process ended.
    """
    task = partial(_replicate, scenarios, run, seed)
    total = len(scenarios) * replicates
    if workers > 1:
        return _in_processes(task, replicates, workers, lambda done: on_progress(done * len(scenarios), total), scenarios, seed)
    sums = []
    for r in range(replicates):
        sums.append(task(r))
        on_progress((r + 1) * len(scenarios), total)
    return sums


def _replicate(scenarios: tuple[Scenario, ...], run: Run, seed: int, replicate: int) -> Sums:
    """Run one replicate of every scenario and sum it up."""
    baseline: History | None = None
    parts: dict[str, list[tuple[float, ...]]] = {name: [] for name in OUTCOMES}
    reasons, cascades, weekly, calendars, year_ends, spread = [], [], [], [], [], []
    own_seed = replicate_seed(seed, replicate)
    for scenario in scenarios:
        try:
            history = run(scenario, own_seed)
            baseline = baseline or history
            for name, outcome in OUTCOMES.items():
                parts[name].append(tuple(outcome.parts(history, baseline)))
            missed = missed_reasons(history)
            reasons.append([missed[reason] for reason in MISSED])
            cascades.append(_cascade(history))
            frame = history.weekly_frame()
            weekly.append(frame[list(SERIES)].to_numpy(dtype=np.float64).T)
            calendars.append(frame[_CALENDAR])
            year_ends.append(year_end_table(history))
            spread.append(tuple(history.spread_sites))
        except InputError as error:
            raise InputError([fault if scenario.name in fault.where else replace(fault, where=f"{scenario.name}: {fault.where}")
                              for fault in error.faults]) from error  # fmt: skip
        except Exception as error:
            raise RunError(f"scenario {scenario.name!r} failed with seed {own_seed} (replicate {replicate + 1} of seed {seed}): "
                           f"{type(error).__name__}: {error}. That run alone: "
                           f"wardmates run {scenario.name} --seed {own_seed}") from error  # fmt: skip
    arrays = {name: np.array(sums, dtype=np.float64) for name, sums in parts.items()}
    return Sums(arrays, np.array(reasons), np.array(cascades), weekly, calendars, year_ends, spread)


def _cascade(history: History) -> NDArray[np.int64]:
    """Episodes after the settling-in by GROUPS at onset and STEPS, shape (groups, steps)."""
    e = history.episodes
    taken = np.stack([~e.is_early] + [~e.is_early & (getattr(e, f"first_{step}") >= 0) for step in STEPS[1:]])
    return np.array([(taken & group).sum(axis=1) for group in (e.is_isolated_at_onset, ~e.is_isolated_at_onset)], dtype=np.int64)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while workers start, who inherit that: one in the midst of its imports would die with a traceback, or hang."""
    if sys.platform == "win32":
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Start workers whose linear algebra keeps to one thread: several threads a worker wait for one another and double the time."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _in_processes(task: Callable[[int], Sums], replicates: int, workers: int, when_done: Callable[[int], None],
                  scenarios: tuple[Scenario, ...], seed: int) -> list[Sums]:  # fmt: skip
    """All replicates, in processes; on a fault or Ctrl-C what is under way is ended and nothing is left running."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_interrupts_to_the_parent)
    try:
        with _interrupts_held(), _one_thread_each():
            futures: dict[Future[Sums], int] = {pool.submit(task, r): r for r in range(replicates)}
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            when_done(done)
    except BrokenProcessPool as error:
        under_way = [r for future, r in futures.items() if isinstance(future.exception(), BrokenProcessPool)][: workers + 1]
        seeds = ", ".join(str(replicate_seed(seed, r)) for r in under_way)
        names = ", ".join(scenario.name for scenario in scenarios)
        raise RunError("a worker process ended before it was done, while it ran one of the scenarios "
                       f"{names} with one of the seeds {seeds}. Likely causes: in a script of your own, compare(...) that does not stand below "
                       "`if __name__ == \"__main__\":` (workers import the script anew); or want of memory (fewer workers need less). "
                       "With one worker (--workers 1 or workers=1) the fault shows itself") from error  # fmt: skip
    except BaseException:
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [future.result() for future in futures]
