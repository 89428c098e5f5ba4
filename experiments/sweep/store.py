"""A store, read: a folder with a manifest, the design, and chunks of rows, of which each is whole or absent.

The rows are plain Parquet: `pandas.read_parquet("STORE/chunks")` reads them all. Here they are checked too, and what is missing is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute as pc

from experiments.engines import usable_cores
from experiments.sweep import manifest
from experiments.sweep.chunks import Chunk, DamagedError, chunks_in
from experiments.sweep.design import Design, load_design
from experiments.sweep.manifest import Manifest, read_manifest
from experiments.sweep.rows import FAILED, KEYS, keys_of, schema_of
from experiments.sweep.tasks import Mask, mask_of, owned
from simulation.faults import Fault, InputError, nearest

DESIGN = "design.parquet"
MISSING = "missing"


@dataclass(frozen=True)
class Store:
    """A store as it was when it was looked at.

    Attributes:
        path: its folder.
        design: what is to be run.
        manifest: what it was made with.
        chunks: those that are whole, by their first task.
        failed: rows that failed, with KEYS as columns.
        problems: a sentence for each chunk that is damaged; what it held is missing.
    """

    path: Path
    design: Design
    manifest: Manifest
    chunks: tuple[Chunk, ...]
    failed: pd.DataFrame
    problems: tuple[str, ...]

    @property
    def n_scenarios(self) -> int:
        """Rows of a task."""
        return len(self.design.scenarios)

    @cached_property
    def is_done(self) -> Mask:
        """Tasks that are in a chunk, shape (tasks,)."""
        return mask_of((chunk.tasks for chunk in self.chunks), self.design)

    @property
    def n_rows(self) -> int:
        """Rows that are there, those that failed among them."""
        return int(self.is_done.sum()) * self.n_scenarios

    @property
    def n_expected(self) -> int:
        """Rows of the whole sweep, or of the store's shard of it."""
        return int(owned(self.design, self.manifest.shard).sum()) * self.n_scenarios

    def runs(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows by their number, those that failed with NaN for every outcome.

        Args:
            columns: those wanted, in this order; None for all.

        Raises:
            InputError: the store has no such column, or a chunk was damaged since the store was looked at.
        """
        wanted = list(self.schema.names if columns is None else columns)
        tables = [table for _, table in self.tables(wanted)]
        table = pa.concat_tables(tables) if tables else self.schema.empty_table()
        return table.to_pandas().drop_duplicates("row").sort_values("row", ignore_index=True)[wanted]

    def tables(self, columns: Sequence[str] | None = None) -> Iterator[tuple[Chunk, pa.Table]]:
        """Chunks and their rows, one after the other, `row` always among the columns; errors as for `runs`."""
        unknown = [name for name in columns or () if name not in self.schema.names]
        if unknown:
            raise InputError([Fault(self.path.name, "has no such column", nearest(name, self.schema.names), value=name) for name in unknown])
        for chunk in self.chunks:
            try:
                yield chunk, chunk.read(self.schema, self.n_scenarios, columns)
            except DamagedError as damage:
                raise InputError([Fault(f"{self.path.name}/chunks/{chunk.path.name}", f"is damaged: {damage}",
                                        "run the sweep again: it makes anew what is damaged")]) from None  # fmt: skip

    def missing(self) -> pd.DataFrame:
        """Rows that are not there or failed, of the whole design: row, point, replicate, scenario, status ("missing" or "failed"), error."""
        tasks = np.flatnonzero(~self.is_done)
        rows = (tasks[:, None] * self.n_scenarios + np.arange(self.n_scenarios)).ravel()
        names = np.array([name for name, _ in self.design.scenarios], dtype=object)
        task = rows // self.n_scenarios
        frame = pd.DataFrame({"row": rows, "point": task % self.design.n_points, "replicate": task // self.design.n_points,
                              "scenario": names[rows % self.n_scenarios], "status": MISSING, "error": None})  # fmt: skip
        failed = self.failed[list(frame)]
        found = failed if frame.empty else frame if failed.empty else pd.concat([frame, failed])
        return found.sort_values("row", ignore_index=True)

    def row(self, number: int) -> pd.Series | None:
        """A row by its number; None where it is not there.

        Raises:
            InputError: the design has no such row, or its chunk is damaged.
        """
        if not 0 <= number < self.design.n_runs:
            raise InputError([Fault("row", "is no row of the design", f"0 to {self.design.n_runs - 1:,}", value=str(number))])
        task = number // self.n_scenarios
        for chunk in self.chunks:
            if task in chunk.tasks:
                alone = Store(self.path, self.design, self.manifest, (chunk,), self.failed, ())
                return alone.runs().iloc[number - chunk.tasks.start * self.n_scenarios]
        return None

    def place_of(self, row: int) -> tuple[int, int, str]:
        """Point, replicate and scenario of a row."""
        return keys_of(self.design, row)

    @cached_property
    def schema(self) -> pa.Schema:
        """Columns of the rows."""
        return schema_of(self.manifest.outcomes)


def read_store(path: Path | str) -> Store:
    """Look at a store: its manifest, its design, which chunks are there, and what failed.

    Raises:
        InputError: it is no store, or its design is not the one that it was made with.
    """
    path = Path(path)
    made_with = read_manifest(path)
    design = load_design(path / DESIGN)
    if design.digest != made_with.design:
        raise InputError([Fault(f"{path.name}/{DESIGN}", f"is not the design that {path.name}/{manifest.NAME} speaks of",
                                "the design that the store was made with")])  # fmt: skip
    return look_at(path, design, made_with, is_thorough=False)


def look_at(path: Path, design: Design, made_with: Manifest, *, is_thorough: bool) -> Store:
    """A store whose manifest and design are known.

    Args:
        path, design, made_with: of the store.
        is_thorough: every column of every chunk is read and checked, not only those that tell which rows failed.
    """
    schema = schema_of(made_with.outcomes)
    n_scenarios = max(1, len(design.scenarios))
    columns = None if is_thorough else KEYS

    def look(chunk: Chunk) -> pa.Table | str:
        try:
            table = chunk.read(schema, n_scenarios, columns)
        except DamagedError as damage:
            return f"{chunk.path.name} is damaged ({damage}): its {len(chunk.tasks) * n_scenarios} runs are missing."
        return table.select(KEYS).filter(pc.equal(table["status"], FAILED))

    found = chunks_in(path)
    with ThreadPoolExecutor(usable_cores()) as pool:
        looked = list(pool.map(look, found))
    whole = tuple(chunk for chunk, seen in zip(found, looked, strict=True) if not isinstance(seen, str))
    failed = [seen for seen in looked if isinstance(seen, pa.Table) and len(seen)]
    frame = pa.concat_tables(failed).to_pandas() if failed else schema.empty_table().select(KEYS).to_pandas()
    problems = tuple(seen for seen in looked if isinstance(seen, str))
    return Store(path, design, made_with, whole, frame.drop_duplicates("row").sort_values("row", ignore_index=True), problems)
