"""What happens inside a worker of a Dask cluster: it is sent the job once, when it joins, and runs pieces of it."""

from __future__ import annotations

import signal
import threading

from distributed import Worker, WorkerPlugin

from experiments.sweep.drive import WorkersError
from experiments.sweep.local import never, nothing, time_limit
from experiments.sweep.manifest import sources
from experiments.sweep.rows import Job, Part, run_tasks

_jobs: dict[str, Job] = {}


class Sender(WorkerPlugin):
    """Dask sets it up in every worker that is there or joins, before it works.

    Args:
        key: of the job.
        job: what is run.
        sources: of the one who sends it.
        is_deaf: Ctrl-C, which a terminal sends to all processes that it sees, is left to the one who sends the job.
    """

    def __init__(self, key: str, job: Job, sources: dict[str, str], *, is_deaf: bool) -> None:
        self.key, self.job, self.sources, self.is_deaf = key, job, sources, is_deaf

    def setup(self, worker: Worker) -> None:
        """Keep the job, unless this worker would compute other numbers."""
        if self.is_deaf and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self.sources == sources():
            _jobs[self.key] = self.job

    def teardown(self, worker: Worker) -> None:
        """Forget it."""
        _jobs.pop(self.key, None)


def run_piece(key: str, piece: range) -> Part:
    """Run a piece of a job.

    Raises:
        WorkersError: this worker has another source of the model than the one who sent the job.
    """
    if key not in _jobs:
        raise WorkersError("a worker of the cluster has another source of the model than this machine: install the same version there")
    return run_tasks(_jobs[key], piece, is_over=time_limit(), is_stopped=never, on_run=nothing)
