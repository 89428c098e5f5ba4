"""Replicates of a comparison, here, in threads or in processes: the results are the same, byte by byte, wherever they are made.

The array engine lets go of the interpreter while it computes, so threads are enough for it, and they start at once and send nothing. Everything
else, the Mesa model and a user's own Python, needs processes to go on side by side.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from experiments.replicate import RunError, Sums, Work, run_replicate
from simulation.record.history import History
from simulation.record.outcomes import outcome_parts
from simulation.scenario.scenario import Scenario, make_scenario
from simulation.streams import replicate_seed

OnProgress = Callable[[int, int], None]

IN_THREADS = ("arrays",)
"""Engines that let go of the interpreter while they compute."""
MOST_A_TASK = 4
"""Replicates that a thread is given at one time: so many that handing them out costs nothing, so few that all threads end at nearly one time."""
_TURNS = 8
_FEW_STUDENTS = {"parameters": {"students": 12, "campus_years": 1, "clinical_years": 1}}


def make_ready() -> None:
    """Load the array engine, and compile it if this installation has not yet done so, with a run of a few students and their outcomes.

    It is done in the thread that calls, where Ctrl-C can stop a compilation, and before runs are timed.
    """
    from simulation.run import run

    history = run(make_scenario(_FEW_STUDENTS), 0, engine="arrays")
    outcome_parts(history, history)


def run_replicates(work: Work, replicates: int, workers: int, on_progress: OnProgress) -> list[Sums]:
    """Run every replicate of every scenario.

    Args:
        work: what is run; with several processes its `run` must be a function of a module.
        replicates: how many of each scenario.
        workers: threads for the engines of IN_THREADS, even if it is one; processes for all else, where 1 runs in this thread.
        on_progress: called in this thread with (runs done, runs in all), as replicates of all scenarios are done.

    Returns:
        One entry a replicate, in their order.

    Raises:
        InputError: a scenario cannot be run as it stands.
        RunError: a run failed or its process ended.
    """
    n_scenarios, total = len(work.scenarios), len(work.scenarios) * replicates
    if workers > 1 or work.engine in IN_THREADS:
        run = _in_threads if work.engine in IN_THREADS else _in_processes
        return run(work, tasks_of(replicates, workers, work.engine), workers, lambda done: on_progress(done * n_scenarios, total))
    sums = []
    for r in range(replicates):
        sums.append(run_replicate(work, r))
        on_progress((r + 1) * n_scenarios, total)
    return sums


def tasks_of(replicates: int, workers: int, engine: str) -> list[range]:
    """The replicates in tasks, each done by one worker: one replicate a task in processes, up to MOST_A_TASK in threads."""
    size = max(1, min(MOST_A_TASK, replicates // (_TURNS * workers))) if engine in IN_THREADS else 1
    return [range(first, min(first + size, replicates)) for first in range(0, replicates, size)]


def runs_at_once(n_scenarios: int, replicates: int, workers: int, engine: str) -> int:
    """Runs that are under way at one time: those of as many tasks as there are workers."""
    return n_scenarios * sum(map(len, tasks_of(replicates, workers, engine)[:workers]))


def _task(work: Work, replicates: range) -> list[Sums]:
    return [run_replicate(work, r) for r in replicates]


def _collect(futures: dict[Future[list[Sums]], range], when_done: Callable[[int], None]) -> list[Sums]:
    """The results in the order of replicates; `when_done` is told how many replicates are done, and may take its time.

    Raises:
        Exception: whatever the first task that failed raised.
    """
    ended: list[int] = []  # replicates of each task, noted in its own thread as soon as it ends: here they are seen one by one, and perhaps late
    for future, task in futures.items():
        future.add_done_callback(partial(_note, ended, len(task)))
    seen = noted = n_noted = told = 0
    for future in as_completed(futures):
        seen += len(future.result())
        new = ended[n_noted:]
        n_noted, noted = n_noted + len(new), noted + sum(new)
        if max(seen, noted) > told:
            told = max(seen, noted)
            when_done(told)
    return [sums for future in futures for sums in future.result()]


def _note(ended: list[int], replicates: int, _task: Future[list[Sums]]) -> None:
    ended.append(replicates)


def _in_threads(work: Work, tasks: list[range], workers: int, when_done: Callable[[int], None]) -> list[Sums]:
    """All replicates, in threads; after a fault or Ctrl-C only the runs under way are finished.

    A kernel cannot be interrupted, and Ctrl-C while this thread were in one would be seen only in the middle of what it returns.
    """
    stopped = threading.Event()

    def run(scenario: Scenario, seed: int) -> History:
        if stopped.is_set():
            raise CancelledError
        return work.run(scenario, seed)

    pool = ThreadPoolExecutor(workers, thread_name_prefix="replicates")
    try:
        return _collect({pool.submit(_task, replace(work, run=run), task): task for task in tasks}, when_done)
    finally:
        stopped.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _in_processes(work: Work, tasks: list[range], workers: int, when_done: Callable[[int], None]) -> list[Sums]:
    """All replicates, in processes; on a fault or Ctrl-C what is under way is ended and nothing is left running."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=leave_interrupts_to_the_parent)
    futures: dict[Future[list[Sums]], range] = {}
    try:
        with interrupts_held(), one_thread_each():
            for task in tasks:
                futures[pool.submit(_task, work, task)] = task
        return _collect(futures, when_done)
    except BrokenProcessPool as error:
        under_way = [r for future, task in futures.items() if isinstance(future.exception(), BrokenProcessPool) for r in task][: workers + 1]
        seeds = ", ".join(str(replicate_seed(work.seed, r)) for r in under_way)
        names = ", ".join(scenario.name for scenario in work.scenarios)
        raise RunError("a worker process ended before it was done, while it ran one of the scenarios "
                       f"{names} with one of the seeds {seeds}. Likely causes: in a script of your own, compare(...) that does not stand below "
                       "`if __name__ == \"__main__\":` (workers import the script anew); or want of memory (fewer workers need less). "
                       "With one worker (--workers 1 or workers=1) the fault shows itself") from error  # fmt: skip
    except BaseException:
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        # Who was ended while it sent leaves half a message. Its reader would wait for the rest for ever, since this process holds a writing end
        # too; there is no public way to close that.
        pool._result_queue._writer.close()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def interrupts_held() -> Iterator[None]:
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
def one_thread_each() -> Iterator[None]:
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


def leave_interrupts_to_the_parent() -> None:
    """Let Ctrl-C, which reaches all processes of a terminal, be dealt with by the parent alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
