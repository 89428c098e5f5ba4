"""Chunks of rows: Parquet files in the store's folder `chunks`, each whole or absent, whose names say which tasks they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from experiments.sweep.files import write_whole
from experiments.sweep.rows import Part
from experiments.sweep.tasks import Mask

FOLDER = "chunks"
_NAME = re.compile(r"tasks-(\d{10})-(\d{10})\.parquet")
_TEXTS = ("scenario", "status", "error")


class DamagedError(Exception):
    """A chunk is not what was written; the message says what is wrong with it."""


@dataclass(frozen=True)
class Chunk:
    """A file of rows.

    Attributes:
        path: of the file.
        tasks: that its name says it holds.
    """

    path: Path
    tasks: range

    def read(self, schema: pa.Schema, n_scenarios: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Rows of the chunk, `row` always among them; every page that is read is checked against its checksum.

        Args:
            schema: of all columns.
            n_scenarios: rows of a task.
            columns: those wanted; None for all.

        Raises:
            DamagedError: the file is not a whole chunk of these tasks.
            OSError: it cannot be read at all.
        """
        wanted = schema.names if columns is None else list(dict.fromkeys(["row", *columns]))
        try:
            with parquet.ParquetFile(self.path, page_checksum_verification=True) as file:
                if not file.schema_arrow.equals(schema):
                    raise DamagedError("its columns are not those of the store")
                table = file.read(columns=wanted, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the system's word and not Parquet's: the file may be whole
            raise DamagedError(str(error).splitlines()[0]) from None
        expected = np.arange(self.tasks.start * n_scenarios, self.tasks.stop * n_scenarios)
        if not np.array_equal(table["row"].to_numpy(), expected):
            raise DamagedError("its rows are not those that its name says")
        return table


def chunks_in(store: Path) -> list[Chunk]:
    """Chunks of a store, by their first task; what has no name of a chunk is none."""
    paths = (store / FOLDER).glob("tasks-*.parquet")
    chunks = [Chunk(path, range(int(found[1]), int(found[2]) + 1)) for path in paths if (found := _NAME.fullmatch(path.name))]
    return sorted(chunks, key=lambda chunk: (chunk.tasks.start, chunk.tasks.stop))


def parts_of(rows: pa.Table, tasks: range, is_kept: Mask) -> Iterator[Part]:
    """Rows of consecutive tasks cut down to some of them.

    Args:
        rows: of the tasks, all columns.
        tasks: consecutive ones.
        is_kept: shape (tasks of the whole design,).
    """
    kept = np.flatnonzero(is_kept[tasks.start : tasks.stop])
    n_scenarios = len(rows) // len(tasks)
    for run in np.split(kept, np.flatnonzero(np.diff(kept) > 1) + 1) if len(kept) else ():
        first, end = int(run[0]), int(run[-1]) + 1
        yield Part(range(tasks.start + first, tasks.start + end), rows.slice(first * n_scenarios, (end - first) * n_scenarios))


def write_chunk(store: Path, part: Part) -> Chunk:
    """Write a part, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    buffer = pa.BufferOutputStream()
    parquet.write_table(part.rows, buffer, compression="zstd", use_dictionary=list(_TEXTS), write_page_checksum=True)
    path = store / FOLDER / f"tasks-{part.tasks.start:010d}-{part.tasks.stop - 1:010d}.parquet"
    write_whole(path, buffer.getvalue().to_pybytes())
    return Chunk(path, part.tasks)
