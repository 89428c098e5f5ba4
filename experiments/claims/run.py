"""Claims put to the model: every arm of every trial in the same worlds, with its mutant.

The unit of work is one world of one claim: its arms, those of its mutants, and what is read of them. A scenario that several arms share is run once
a world. Only sums leave a unit, never a history, and they are put together in the order of worlds, so no number of threads changes a figure.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.claims.claim import Array, Claim, Contrast, Reading, Sums, Trial
from experiments.claims.rows import Found, row_of
from experiments.claims.verdict import effect_of
from experiments.claims.watch import Step, watched
from experiments.replicate import RunError
from simulation.engine.cohort import Plan
from simulation.record.history import History
from simulation.scenario.scenario import load_scenario
from simulation.streams import replicate_seed

OnProgress = Callable[[int, int], None]
OfStep = Callable[[Step], Sums]
OfWorld = list[list[Sums] | None]

SEED = 1
WORLDS_A_TASK = 4
"""Worlds that a thread is given at one time."""


@dataclass(frozen=True)
class _Read:
    """A reading of a trial.

    Attributes:
        trial, reading: what is read.
        arms: fingerprints of the scenarios of the trial's arms, then of the mutant's.
    """

    trial: Trial
    reading: Reading
    arms: tuple[str, ...]


@dataclass(frozen=True)
class _Work:
    """A claim made ready.

    Attributes:
        claim: the claim.
        plans: of its scenarios, by fingerprint.
        reads: what is read, in the order of trials and their readings.
    """

    claim: Claim
    plans: dict[str, Plan]
    reads: tuple[_Read, ...]

    @property
    def worlds(self) -> range:
        """Worlds in which anything of the claim is run."""
        return range(max(trial.replicates for trial in self.claim.trials))

    def due(self, world: int) -> list[_Read]:
        """What is read in a world: trials may have different numbers of them."""
        return [read for read in self.reads if world < read.trial.replicates]

    @property
    def n_runs(self) -> int:
        """Runs in all worlds."""
        return sum(len({key for read in self.due(world) for key in read.arms}) for world in self.worlds)


def _work_of(claim: Claim) -> _Work:
    plans: dict[str, Plan] = {}
    reads = []
    for trial in claim.trials:
        arms = [load_scenario("informal", overrides=arm) for arm in (*trial.arms.values(), *trial.mutant_arms.values())]
        for scenario in arms:
            if scenario.fingerprint not in plans:
                plans[scenario.fingerprint] = Plan(scenario)
        reads += [_Read(trial, reading, tuple(scenario.fingerprint for scenario in arms)) for reading in trial.readings]
    return _Work(claim, plans, tuple(reads))


def _run_world(work: _Work, world: int, seed: int) -> OfWorld:
    """Sums of every read by arm, in one world; None where its trial has fewer worlds."""
    due = work.due(world)
    weeks = tuple(sorted({week for read in due for week in read.reading.measure.weeks_of_ties}))
    watches: dict[str, dict[OfStep, None]] = {key: {} for read in due for key in read.arms}
    for read in due:
        if read.reading.measure.step is not None:
            for key in read.arms:
                watches[key][read.reading.measure.step] = None
    histories: dict[str, History] = {}
    of_steps: dict[tuple[str, OfStep], Sums] = {}
    for key, steps in watches.items():
        histories[key], sums = watched(work.plans[key], seed, list(steps), weeks)
        of_steps.update(zip(((key, step) for step in steps), sums, strict=True))

    def sums_of(read: _Read) -> list[Sums]:
        measure, n_arms = read.reading.measure, len(read.trial.arms)
        if measure.step is not None:
            return [of_steps[key, measure.step] for key in read.arms]
        assert measure.parts is not None
        return [measure.parts(histories[key], histories[read.arms[k - k % n_arms]]) for k, key in enumerate(read.arms)]

    return [sums_of(read) if world < read.trial.replicates else None for read in work.reads]


def n_runs(claims: Sequence[Claim]) -> int:
    """Runs that claims take in all."""
    return sum(_work_of(claim).n_runs for claim in claims)


def run_claims(claims: Sequence[Claim], *, seed: int = SEED, workers: int = 1, on_progress: OnProgress | None = None) -> list[dict[str, Any]]:
    """Put claims to the model.

    Args:
        claims: which.
        seed: the user's seed; world r of every claim runs with `replicate_seed(seed, r)`.
        workers: threads; they change no figure.
        on_progress: called in this thread with (runs done, runs in all).

    Returns:
        A row a claim, in their order, as `rows.row_of` has them.

    Raises:
        RunError: a run failed; names the claim and the seed.
    """
    works = [_work_of(claim) for claim in claims]
    tasks = [(c, work.worlds[first : first + WORLDS_A_TASK]) for c, work in enumerate(works) for first in work.worlds[::WORLDS_A_TASK]]
    n_done, n_all = 0, sum(work.n_runs for work in works)
    found: list[dict[int, OfWorld]] = [{} for _ in works]
    stopped = threading.Event()

    def run_task(c: int, worlds: range) -> int:
        runs = 0
        for world in worlds:
            if stopped.is_set():
                raise CancelledError
            own_seed = replicate_seed(seed, world)
            try:
                found[c][world] = _run_world(works[c], world, own_seed)
            except Exception as error:
                raise RunError(f"claim {works[c].claim.id} failed with seed {own_seed} (replicate {world + 1} of seed {seed}): "
                               f"{type(error).__name__}: {error}") from error  # fmt: skip
            runs += len({key for read in works[c].due(world) for key in read.arms})
        return runs

    pool = ThreadPoolExecutor(workers, thread_name_prefix="claims")
    try:
        for future in as_completed([pool.submit(run_task, c, worlds) for c, worlds in tasks]):
            n_done += future.result()
            if on_progress is not None:
                on_progress(n_done, n_all)
    finally:  # after a fault or Ctrl-C only the worlds under way are finished: a kernel cannot be interrupted
        stopped.set()
        pool.shutdown(wait=True, cancel_futures=True)
    return [row_of(work.claim, _found(work, found[c])) for c, work in enumerate(works)]


def _found(work: _Work, of_worlds: dict[int, OfWorld]) -> list[Found]:
    """What was found of each reading, in the arms and with the mutant."""
    found = []
    for k, read in enumerate(work.reads):
        value, contrast = read.reading.measure.value, read.trial.contrast_of(read.reading)
        parts = np.array([of_worlds[world][k] for world in range(read.trial.replicates)], dtype=np.float64).swapaxes(0, 1)
        n_arms = len(read.trial.arms)

        def apart(values: Array, contrast: Contrast = contrast, n_arms: int = n_arms) -> Array:
            return contrast(values[..., :n_arms]) - contrast(values[..., n_arms:])

        with np.errstate(divide="ignore", invalid="ignore"):  # an arm in which nothing happened has no value
            levels = value(parts.sum(axis=1))
        found.append(Found(read.trial, read.reading, levels[:n_arms], effect_of(parts[:n_arms], value, contrast),
                           levels[n_arms:], effect_of(parts[n_arms:], value, contrast), effect_of(parts, value, apart)))  # fmt: skip
    return found
