"""Workers of a Dask cluster: one that runs already, by its scheduler's address, or one of this machine's own processes.

Workers need this version of wardmates and no file of this machine: they are sent the job and send rows back. Dask gives what a worker had under way
when it ended to another one.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from experiments.sweep.drive import Workers, WorkersError
from experiments.sweep.manifest import sources
from experiments.sweep.rows import Job
from simulation.faults import Fault, InputError

LOCAL = "local"
_SECONDS_TO_ANSWER = 20


def cluster_faults(address: str | None) -> list[Fault]:
    """The fault of a cluster without the library for it; none otherwise."""
    if address is None:
        return []
    try:
        import distributed  # noqa: F401
    except ImportError:
        return [Fault("--cluster", "needs Dask's `distributed`, which is not installed", "pip install 'wardmates[cluster]'; or no --cluster: "
                      "the threads of this machine need nothing more", value=address)]  # fmt: skip
    return []


@contextmanager
def cluster_workers(job: Job, address: str, n: int | None) -> Iterator[Workers]:
    """Workers of a cluster for a job.

    Args:
        job: what is run.
        address: of the scheduler; LOCAL for a cluster of this machine's own.
        n: processes of a local cluster; pieces at one time on another, None for its number of threads.

    Raises:
        InputError: nobody answers at the address, or nobody works there.
        WorkersError: a local cluster does not start.
    """
    from experiments.sweep.cluster_worker import Sender, run_piece

    with _client(address, n) as client:
        key = f"wardmates-{uuid.uuid4()}"
        client.register_plugin(Sender(key, job, sources(), is_deaf=address == LOCAL), name=key)
        executor = client.get_executor(pure=False)
        try:
            yield Workers(lambda piece: executor.submit(run_piece, key, piece), n or sum(client.nthreads().values()), lambda: None, has_end=False)
        finally:
            if client.status == "running":
                executor.shutdown(wait=False)
                client.unregister_worker_plugin(key)


@contextmanager
def _client(address: str, n: int | None) -> Iterator[Any]:
    distributed: Any = import_module("distributed")  # what it calls is not typed
    if address == LOCAL:
        try:
            cluster = distributed.LocalCluster(n_workers=n, threads_per_worker=1, processes=True, silence_logs=logging.CRITICAL, dashboard_address=None)
        except RuntimeError as error:
            raise WorkersError(f"the local Dask cluster did not start ({error})") from error
        with cluster, distributed.Client(cluster) as client:
            yield client
        return
    try:
        client = distributed.Client(address, timeout=_SECONDS_TO_ANSWER)
    except (OSError, ValueError) as error:
        raise InputError([Fault("--cluster", f"no scheduler answers there ({type(error).__name__})", "its address, as tcp://host:8786, or 'local'",
                                value=address)]) from None  # fmt: skip
    with client:
        try:
            client.wait_for_workers(1, timeout=_SECONDS_TO_ANSWER)
        except TimeoutError:
            raise InputError([Fault("--cluster", "the scheduler has no workers", f"start some: dask worker {address}", value=address)]) from None
        yield client
