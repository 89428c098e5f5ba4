"""`wardmates sweep status` and `wardmates sweep export`: what a store holds, and its rows as a table."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from wardmates.given import AsJson

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from experiments.sweep.store import Store

_MOST_SHOWN = 20
StoreFolder = Annotated[Path, typer.Argument(metavar="STORE", help="Folder that `sweep run` or `sweep merge` wrote.")]


def status(store: StoreFolder, as_json: AsJson = False) -> None:
    """Say how far a sweep is: what is there, what failed, what is missing, and who is at it."""
    from experiments.sweep.lock import holder
    from experiments.sweep.store import read_store
    from wardmates.shown import console

    found = read_store(store)
    design, made_with = found.design, found.manifest
    by_replicate = found.is_done.reshape(design.replicates, design.n_points)
    told = {
        "store": store.name, "method": design.method, "points": design.n_points, "scenarios": [name for name, _ in design.scenarios],
        "replicates": design.replicates, "shard": made_with.part or None, "engine": made_with.engine, "version": made_with.wardmates,
        "runs": found.n_expected, "there": found.n_rows, "failed": len(found.failed), "missing": found.n_expected - found.n_rows,
        "replicates_at_every_point": int(by_replicate.sum(axis=0).min()), "problems": list(found.problems), "being_written_by": holder(store) or None,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(told, indent=2))
        return
    of = f"shard {made_with.part} of " if made_with.part else ""
    typer.echo(f"{store}: {of}{design.method} design, {design.n_points:,} points, {design.replicates:,} replicates, "
               f"scenarios {', '.join(design.contents)}.")  # fmt: skip
    typer.echo(f"{told['there']:,} of {told['runs']:,} runs are there, {told['failed']:,} of them failed; {told['missing']:,} are missing. "
               f"Replicates at every point: {told['replicates_at_every_point']:,}.")  # fmt: skip
    show_failed(console(), found.failed, len(found.failed))
    for sentence in found.problems:
        typer.echo(sentence)
    if told["being_written_by"]:
        typer.echo(f"It is being written by {told['being_written_by']}.")
    elif told["missing"]:
        again = f"wardmates sweep run {store / 'design.parquet'} --out {store}" + (f" --shard {made_with.part}" if made_with.part else "")
        typer.echo(f"To go on: {again}" + (", with the same files of the school" if made_with.inputs else ""))


def export(
    store: StoreFolder,
    csv: Annotated[bool, typer.Option("--csv", help="As CSV: a row a run, with the values of its point.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", show_default="standard output", help="File to write to.")] = None,
) -> None:
    """Write a store's rows as one table, with the values of each point beside its outcomes.

    Where pandas is at hand this is not needed: it reads the folder STORE/chunks as it is.
    """
    from experiments.sweep.files import PART
    from experiments.sweep.store import read_store
    from simulation.faults import Fault, InputError
    from wardmates.shown import console, say

    faults = [] if csv else [Fault("export", "has no format", "--csv")]
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        faults.append(Fault("--out", "is a folder" if out.is_dir() else "lies in no folder that there is", "a file in a folder", value=str(out)))
    if faults:
        raise InputError(faults)
    found = read_store(store)
    if out is None:
        _write_csv(found, sys.stdout)
    else:
        part = out.with_name(f".{out.name}{PART}")
        try:
            with part.open("w", encoding="utf-8", newline="") as file:
                _write_csv(found, file)
            os.replace(part, out)
        finally:
            part.unlink(missing_ok=True)
    for sentence in found.problems:
        say(console(stderr=True), sentence)
    missing = found.n_expected - found.n_rows
    if missing:
        say(console(stderr=True), f"{missing:,} of {found.n_expected:,} runs are not there yet.")


def _write_csv(store: Store, file: IO[str]) -> None:
    """Rows by their number, chunk by chunk."""
    import pandas as pd

    from experiments.sweep.rows import KEYS

    points, last, n_keys = store.design.points, -1, len(KEYS)
    points = points.rename(columns={name: f"{name} (parameter)" for name in points if name in store.schema.names})  # officer_hours is both
    for _, rows in store.tables():
        frame = rows.to_pandas()
        frame = frame[frame["row"] > last]
        beside = points.iloc[frame["point"].to_numpy()].set_axis(frame.index)
        together = [frame.iloc[:, :n_keys], beside, frame.iloc[:, n_keys:]]
        pd.concat(together, axis=1).to_csv(file, index=False, header=last < 0, lineterminator="\n")
        last = max(last, int(rows["row"][-1].as_py()))


def show_failed(screen: Console, failed: pd.DataFrame, n_failed: int) -> None:
    """A table of the first runs that failed; nothing where none did."""
    if not n_failed:
        return
    from wardmates.shown import plain_table, printable

    table = plain_table("Failed runs" if n_failed <= _MOST_SHOWN else f"The first {_MOST_SHOWN} of {n_failed:,} failed runs")
    names = ("row", "point", "replicate", "scenario", "seed", "error")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in failed.head(_MOST_SHOWN).to_dict("records"):
        table.add_row(*(printable(str(row[name])) for name in names))
    screen.print(table)
    screen.print("A run alone, with its full history: wardmates sweep rerun STORE ROW --out DIR")
