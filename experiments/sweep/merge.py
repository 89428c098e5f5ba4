"""Shards of a sweep put together into one store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.sweep.chunks import parts_of, write_chunk
from experiments.sweep.folder import Say, check_folder, opened
from experiments.sweep.manifest import Manifest, faults_between
from experiments.sweep.store import Store, look_at, read_store
from experiments.sweep.tasks import WHOLE, owned
from simulation.faults import Fault, InputError


@dataclass(frozen=True)
class Merged:
    """What became of a merge.

    Attributes:
        store: the store as it is now.
        lacking: a sentence for each shard some of whose runs are not there.
    """

    store: Store
    lacking: tuple[str, ...]


def read_shards(paths: Sequence[Path]) -> list[Store]:
    """Look at the shards of one sweep.

    Raises:
        InputError: one of them is no store or no shard, is given twice, or is of another design, source, input, engine or number of shards.
    """
    faults: list[Fault] = []
    shards: list[Store] = []
    for path in paths:
        try:
            shards.append(read_store(path))
        except InputError as error:
            faults += error.faults
    folders: dict[tuple[int, int], Path] = {}
    for store in shards:
        first, (k, n) = shards[0], store.manifest.shard
        other = folders.setdefault((k, n), store.path)
        if n == 1:
            faults.append(Fault(str(store.path), "is the whole of a sweep and no shard", "stores made with --shard K/N"))
        elif other != store.path:
            faults.append(Fault(str(store.path), f"is shard {k}/{n}, as is {other}", "each shard once"))
        elif n != first.manifest.shard[1]:
            faults.append(Fault(str(store.path), f"is one of {n} shards, and {first.path} one of {first.manifest.shard[1]}", "shards of one N"))
        faults += faults_between(store.path, store.manifest, first.manifest, store.design, first.design, f"what {first.path} was made with")
    if faults:
        raise InputError(faults)
    return shards


def merge(shards: Sequence[Store], out: Path, say: Say) -> Merged:
    """Copy what shards hold into a store of the whole sweep; shards that are not finished yet can be merged again later.

    Args:
        shards: from `read_shards`.
        out: an existing folder: empty, or a store of the same sweep.
        say: told what was found damaged.

    Raises:
        InputError: the folder holds another sweep, or is being written to.
        OSError: it cannot be written to.
    """
    design, whole = shards[0].design, whole_of(shards[0])
    with opened(out, design, whole, say) as store:
        is_missing = ~store.is_done
        for shard in shards:
            for sentence in shard.problems:
                say(f"{shard.path.name}: {sentence}")
            for chunk, rows in shard.tables():
                for part in parts_of(rows, chunk.tasks, is_missing):
                    write_chunk(out, part)
                is_missing[chunk.tasks.start : chunk.tasks.stop] = False
        merged = look_at(out, design, whole, is_thorough=False)
    n = shards[0].manifest.shard[1]
    given = {shard.manifest.shard[0] for shard in shards}
    lacking = []
    for k in range(1, n + 1):
        of_shard = owned(design, (k, n))
        absent = int((of_shard & ~merged.is_done).sum()) * merged.n_scenarios
        if absent:
            why = "is not finished" if k in given else "was not given"
            lacking.append(f"Shard {k}/{n} {why}: {absent:,} of its {int(of_shard.sum()) * merged.n_scenarios:,} runs are missing.")
    return Merged(merged, tuple(lacking))


def whole_of(shard: Store) -> Manifest:
    """The manifest of the sweep that a shard is of."""
    return shard.manifest.model_copy(update={"shard": WHOLE})


def check_merge(shards: Sequence[Store], out: Path) -> None:
    """See that shards may be merged into a folder, without writing anything; errors as for `merge`."""
    check_folder(out, shards[0].design, whole_of(shards[0]))
