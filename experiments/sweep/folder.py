"""A store, written: opened by one process at a time, begun with a design or gone on with, and never with another design or another source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from experiments.sweep import lock, manifest
from experiments.sweep.chunks import FOLDER, chunks_in, parts_of, write_chunk
from experiments.sweep.design import Design, load_design
from experiments.sweep.files import drop_parts, write_whole
from experiments.sweep.manifest import Manifest, faults_between, read_manifest, version_notes
from experiments.sweep.store import DESIGN, Store, look_at
from simulation.faults import Fault, InputError

Say = Callable[[str], None]
_OURS = {DESIGN, FOLDER, lock.NAME, manifest.NAME}


def check_folder(path: Path, design: Design, wanted: Manifest) -> None:
    """See that a sweep may be written to a folder, without writing anything.

    Args:
        path: a folder, or a path where there is nothing.
        design: of the sweep.
        wanted: its manifest.

    Raises:
        InputError: the folder holds something else, or another sweep; names every difference.
    """
    if (path / manifest.NAME).exists():
        there = read_manifest(path)
        faults = faults_between(path, there, wanted, load_design(path / DESIGN), design)
        if there.shard != wanted.shard:
            faults.append(Fault(str(path), f"holds {_part(there)} and not {_part(wanted)}", "a folder for each shard, then `wardmates sweep merge`"))
        if faults:
            raise InputError(faults)
    elif path.is_dir():
        strangers = sorted(entry.name for entry in path.iterdir() if entry.name not in _OURS and not entry.name.startswith("."))
        if strangers:
            raise InputError([Fault("--out", f"is no store and holds other files ({', '.join(strangers[:5])})", "a folder of its own for the store",
                                    value=str(path))])  # fmt: skip


@contextmanager
def opened(path: Path, design: Design, wanted: Manifest, say: Say) -> Iterator[Store]:
    """Open a store for writing, alone; it is begun if it is not there, and chunks that are damaged are taken away.

    Args:
        path: an existing folder.
        design: of the sweep.
        wanted: its manifest.
        say: told what was found damaged, and where libraries differ.

    Yields:
        The store as it stands.

    Raises:
        InputError: as `check_folder`, or another process writes to it.
    """
    with lock.locked(path, say):
        check_folder(path, design, wanted)
        (path / FOLDER).mkdir(exist_ok=True)
        for folder in (path, path / FOLDER):
            drop_parts(folder)
        if not (path / manifest.NAME).exists():
            for unfinished in path.glob(f".{DESIGN}.*"):
                unfinished.unlink()
            design.save(path / DESIGN)
            write_whole(path / manifest.NAME, (wanted.model_dump_json(indent=1) + "\n").encode())
        for sentence in version_notes(read_manifest(path), wanted):
            say(sentence)
        store = look_at(path, design, wanted, is_thorough=True)
        for sentence in store.problems:
            say(f"{sentence} They are made anew.")
        whole = {chunk.path for chunk in store.chunks}
        for chunk in chunks_in(path):
            if chunk.path not in whole:
                chunk.path.unlink()
        yield _without_doubles(store)


def drop_failed(store: Store) -> Store:
    """Take failed runs out of a store, each with its task, so that they are run again; the store must be open.

    A chunk goes only when the rest of it is in chunks of its own: what has not failed stays, whatever happens meanwhile.
    """
    is_kept = store.is_done.copy()
    is_kept[store.failed["row"].to_numpy(dtype=np.int64) // store.n_scenarios] = False
    for chunk, rows in store.tables():
        if not is_kept[chunk.tasks.start : chunk.tasks.stop].all():
            for part in parts_of(rows, chunk.tasks, is_kept):
                write_chunk(store.path, part)
            chunk.path.unlink()
    return look_at(store.path, store.design, store.manifest, is_thorough=False)


def _without_doubles(store: Store) -> Store:
    """Take away chunks all of whose tasks others hold too, as a crash in `drop_failed` leaves them: the rows are the same."""
    times = np.zeros(len(store.is_done), dtype=np.int64)
    for chunk in store.chunks:
        times[chunk.tasks.start : chunk.tasks.stop] += 1
    kept = list(store.chunks)
    for chunk in sorted(store.chunks, key=lambda chunk: len(chunk.tasks)):
        held = times[chunk.tasks.start : chunk.tasks.stop]
        if (held > 1).all():
            held -= 1
            chunk.path.unlink()
            kept.remove(chunk)
    return replace(store, chunks=tuple(kept))


def _part(made_with: Manifest) -> str:
    return f"shard {made_with.part}" if made_with.part else "the whole sweep"
