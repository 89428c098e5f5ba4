"""Workers of this machine: threads for the array engine, which lets go of the interpreter while it computes, processes for all else."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.synchronize import Event
from time import monotonic

from experiments.execute import IN_THREADS, interrupts_held, leave_interrupts_to_the_parent, one_thread_each
from experiments.sweep.drive import MOST_SECONDS, Workers
from experiments.sweep.rows import Job, Part, run_tasks

_here: tuple[Job, Event] | None = None  # in a process of `_processes`, what it was begun with


def local_workers(job: Job, n: int, stop: threading.Event) -> AbstractContextManager[Workers]:
    """Workers for a job; once `stop` is set they end."""
    return _threads(job, n, stop) if job.engine in IN_THREADS else _processes(job, n)


class _Counter:
    """Counts in any thread."""

    def __init__(self) -> None:
        self.n = 0
        self._lock = threading.Lock()

    def up(self) -> None:
        with self._lock:
            self.n += 1


@contextmanager
def _threads(job: Job, n: int, stop: threading.Event) -> Iterator[Workers]:
    """Threads: no kernel is ever in the main one, where Ctrl-C could come between it and what it returns."""
    counter = _Counter()

    def run(piece: range) -> Part:
        return run_tasks(job, piece, is_over=time_limit(), is_stopped=stop.is_set, on_run=counter.up)

    pool = ThreadPoolExecutor(n, thread_name_prefix="sweep")
    try:
        yield Workers(lambda piece: pool.submit(run, piece), lambda: n, lambda: counter.n, stop=stop.set)
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _processes(job: Job, n: int) -> Iterator[Workers]:
    spawn = multiprocessing.get_context("spawn")
    is_stopped = spawn.Event()
    pool = ProcessPoolExecutor(n, spawn, _begin, (job, is_stopped))

    def submit(piece: range) -> Future[Part]:
        with interrupts_held(), one_thread_each():  # a process may start with any of the first pieces
            return pool.submit(_run_here, piece)

    try:
        yield Workers(submit, lambda: n, lambda: None, stop=is_stopped.set)
    finally:
        is_stopped.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(job: Job, is_stopped: Event) -> None:
    """Make a process ready for pieces of a job."""
    global _here
    leave_interrupts_to_the_parent()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _here = job, is_stopped


def _end_with_parent() -> None:
    """End when the parent has been killed, who else would be waited for for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _run_here(piece: range) -> Part:
    """Run a piece of the job that this process was begun with."""
    assert _here is not None
    job, is_stopped = _here
    return run_tasks(job, piece, is_over=time_limit(), is_stopped=is_stopped.is_set, on_run=nothing)


def time_limit() -> Callable[[], bool]:
    """What tells whether MOST_SECONDS have gone since now."""
    end = monotonic() + MOST_SECONDS
    return lambda: monotonic() > end


def never() -> bool:
    """Whether to stop: no."""
    return False


def nothing() -> None:
    """What is done after a run: nothing."""
