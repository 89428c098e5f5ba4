"""A sweep, run: every task of a design that a store does not hold yet, by the workers at hand, into the store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.sweep.chunks import write_chunk
from experiments.sweep.cluster import cluster_workers
from experiments.sweep.drive import drive
from experiments.sweep.folder import Say, drop_failed, opened
from experiments.sweep.local import local_workers
from experiments.sweep.manifest import manifest_of
from experiments.sweep.rows import FAILED, KEYS, Job, Part
from experiments.sweep.tasks import WHOLE, Shard, owned, pieces_of
from simulation.faults import Fault, InputError, nearest
from simulation.record.outcomes import OUTCOMES

OnProgress = Callable[[int, int], None]
Progress = Callable[[int, int], AbstractContextManager[OnProgress]]
"""(runs to come, runs that go on at one time) -> what is told (runs done, runs to come)."""
MOST_TOLD = 20


@dataclass
class Ended:
    """How a sweep ended.

    Attributes:
        n_expected: runs of the sweep, or of the shard of it.
        n_there: of them, those in the store, failed ones among them.
        n_failed: of them, those that failed.
        failed: the first of those, at most MOST_TOLD, with KEYS as columns.
        lost: a sentence for each piece that no worker could finish.
    """

    n_expected: int
    n_there: int
    n_failed: int
    failed: pd.DataFrame
    lost: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether every run is there, failed or not."""
        return self.n_there == self.n_expected

    def add(self, part: Part) -> None:
        """Count rows that were stored."""
        self.n_there += len(part.rows)
        statuses = part.rows["status"].to_pylist()
        if FAILED in statuses:
            frame = part.rows.select(KEYS).to_pandas()
            failed = frame[frame["status"] == FAILED]
            self.n_failed += len(failed)
            self.failed = pd.concat([self.failed, failed]).head(MOST_TOLD) if len(self.failed) else failed.head(MOST_TOLD)


def outcomes_of(names: Sequence[str]) -> tuple[str, ...]:
    """Names of outcomes in the order of OUTCOMES; all of them where none is named.

    Raises:
        InputError: with every name that is no outcome.
    """
    faults = [Fault("--outcomes", "no such outcome", nearest(name, OUTCOMES), value=name) for name in names if name not in OUTCOMES]
    if faults:
        raise InputError(faults)
    return tuple(name for name in OUTCOMES if not names or name in names)


def run_sweep(job: Job, path: Path, *, workers: int | None, progress: Progress, say: Say, stop: threading.Event, cluster: str | None = None,
              shard: Shard = WHOLE, is_retrying: bool = False) -> Ended:  # fmt: skip
    """Run what is missing of a sweep.

    Args:
        job: what is run.
        path: an existing folder: empty, or a store of the same sweep.
        workers: threads or processes, or pieces at one time of a cluster; None, of a cluster, for as many as it has.
        progress: shows it.
        say: told what is no result, as what was found damaged.
        stop: once set, runs under way are finished and nothing more begins; it is set when this returns.
        cluster: address of a Dask scheduler, or "local"; None for this process.
        shard: part of the sweep.
        is_retrying: runs that failed are run again.

    Raises:
        InputError: the folder holds another sweep, or is being written to; or nobody answers at the cluster's address.
        WorkersError: the workers are gone; what was stored is stored.
        OSError: the store cannot be written to; the same.
    """
    with opened(path, job.design, manifest_of(job, shard), say) as store:
        if is_retrying and len(store.failed):
            store = drop_failed(store)
        is_owned = owned(job.design, shard)
        is_wanted = is_owned & ~store.is_done
        ended = Ended(int(is_owned.sum()) * store.n_scenarios, store.n_rows, len(store.failed), store.failed.head(MOST_TOLD))
        n_to_come = int(is_wanted.sum()) * store.n_scenarios
        if n_to_come and not stop.is_set():
            team = local_workers(job, workers or 1, stop) if cluster is None else cluster_workers(job, cluster, workers, say)
            n_before, n_parts = ended.n_there, 0
            with team as at_work, progress(n_to_come, at_work.n() if at_work.n_run() is not None else 1) as on_progress:

                def keep(part: Part) -> None:
                    nonlocal n_parts
                    write_chunk(path, part)
                    ended.add(part)
                    n_parts += 1

                def tick() -> None:
                    n_stored, n_run = ended.n_there - n_before, at_work.n_run()
                    if n_run is not None:
                        on_progress(max(n_run, n_stored), n_to_come)
                    elif n_parts >= at_work.n() or n_stored == n_to_come:  # the first parts come late, and would make all look slow
                        on_progress(n_stored, n_to_come)

                ended.lost = tuple(drive(at_work, pieces_of(is_wanted, job.design, at_work.n()), stop, keep, tick))
        return ended
