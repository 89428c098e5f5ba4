"""Workers of a Dask cluster: one that runs already, by its scheduler's address, or one of this machine's own processes.

Workers need this version of wardmates and no file of this machine: they are sent the job and send rows back. Dask gives what a worker had under way
when it ended to another one.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from experiments.sweep.drive import Workers, WorkersError
from experiments.sweep.manifest import sources
from experiments.sweep.rows import Job
from simulation.faults import Fault, InputError

# `distributed` is looked up by its name: it is optional, and what it calls is not typed.
LOCAL = "local"
_SECONDS_TO_ANSWER = 10


def cluster_faults(address: str | None) -> list[Fault]:
    """The fault of a cluster without the library for it, or at whose address nobody answers; none otherwise."""
    if address is None:
        return []
    try:
        import distributed  # noqa: F401
    except ImportError:
        return [Fault("--cluster", "needs Dask's `distributed`, which is not installed", "pip install 'wardmates[cluster]'; or no --cluster: "
                      "the threads of this machine need nothing more", value=address)]  # fmt: skip
    if address != LOCAL:
        try:
            _connected(address).close()
        except InputError as error:
            return error.faults
    return []


@contextmanager
def cluster_workers(job: Job, address: str, n: int | None, say: Callable[[str], None]) -> Iterator[Workers]:
    """Workers of a cluster for a job.

    Args:
        job: what is run.
        address: of the scheduler; LOCAL for a cluster of this machine's own.
        n: processes of a local cluster; pieces at one time on another, None for its number of threads, which may change.
        say: told where there are no workers yet.

    Raises:
        InputError: nobody answers at the address.
        WorkersError: a local cluster does not start.
    """
    from experiments.sweep.cluster_worker import Sender, run_piece

    with _client(address, n) as client:
        key = f"wardmates-{uuid.uuid4()}"
        client.register_plugin(Sender(key, job, sources(), is_deaf=address == LOCAL), name=key)
        executor = client.get_executor(pure=False)

        def threads() -> int:
            return n or max(1, sum(client.nthreads().values()))

        if not client.nthreads():
            say("Note: no worker has joined the cluster yet; waiting for the first.")
        try:
            yield Workers(lambda piece: executor.submit(run_piece, key, piece), threads, lambda: None, stop=None)
        finally:
            if client.status == "running":
                executor.shutdown(wait=False)
                client.unregister_worker_plugin(key)


@contextmanager
def _client(address: str, n: int | None) -> Iterator[Any]:
    distributed: Any = import_module("distributed")
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters of it comes back as an error
    if address == LOCAL:
        try:
            cluster = distributed.LocalCluster(n_workers=n, threads_per_worker=1, processes=True, dashboard_address=None,
                                               silence_logs=logging.CRITICAL)  # fmt: skip
        except RuntimeError as error:
            raise WorkersError(f"the local Dask cluster did not start ({error})") from error
        with cluster, distributed.Client(cluster) as client:
            yield client
        return
    with _connected(address) as client:
        yield client


def _connected(address: str) -> Any:
    """A client of a scheduler.

    Raises:
        InputError: nobody answers.
    """
    try:
        return import_module("distributed").Client(address, timeout=_SECONDS_TO_ANSWER)
    except (OSError, ValueError) as error:
        raise InputError([Fault("--cluster", f"no scheduler answers there ({type(error).__name__})", "its address, as tcp://host:8786, or 'local'",
                                value=address)]) from None  # fmt: skip
