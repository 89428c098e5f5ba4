"""`wardmates sweep`: a design, its runs in a store that survives what happens to the machine, and what can be done with a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.engines import DEFAULT_ENGINE, usable_cores
from simulation.faults import InputError
from wardmates.command_sweep_design import design
from wardmates.command_sweep_rerun import rerun
from wardmates.command_sweep_store import export, status
from wardmates.given import (
    CourseStart,
    DateOrder,
    EngineName,
    FriendshipsFile,
    RosterFile,
    SchoolFiles,
    SitesFile,
    TimetableFile,
    given_engine,
)
from wardmates.results import EXIT_FAILED, output_folder

if TYPE_CHECKING:
    from experiments.sweep.sweep import Ended
    from experiments.sweep.tasks import Shard
    from simulation.faults import Fault
    from wardmates.sweep_inputs import Stopped

_SIGNAL = 128  # and the signal's number: how a shell tells of a process that was stopped by one
_WHERE = "Where it is run"

app = typer.Typer(no_args_is_help=True, help="Run the model at many points: design, run, merge, status, rerun, export.")


def run(
    design: Annotated[Path, typer.Argument(metavar="DESIGN", help="A design made by `sweep design`, or a CSV or Parquet of your own points.")],
    out: Annotated[str, typer.Option("--out", metavar="STORE", help="Folder of the store; one that holds a part of this sweep is gone on with.")],
    roster: RosterFile = None,
    timetable: TimetableFile = None,
    friendships: FriendshipsFile = None,
    sites: SitesFile = None,
    course_start: CourseStart = None,
    dates: DateOrder = None,
    outcomes: Annotated[
        str, typer.Option("--outcomes", metavar="A,B,...", show_default="all", help="Outcomes that are kept; in cohorts of a few dozen students, "
                          "where they take a tenth of the time, fewer are quicker.")] = "",
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run again what failed before.")] = False,
    engine: EngineName = DEFAULT_ENGINE,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1024, show_default="all cores", rich_help_panel=_WHERE, help="Runs at one time; it changes no figure.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS|local", rich_help_panel=_WHERE,
                                 help="Dask scheduler's address, as tcp://host:8786; or 'local': a Dask cluster of this machine.")] = None,
    shard: Annotated[
        str, typer.Option("--shard", metavar="K/N", rich_help_panel=_WHERE,
                          help="Part K of N equal parts, as of a job array, each to a store of its own; then `sweep merge`.")] = "",
) -> None:  # fmt: skip
    """Run a design and keep every run in a store; the same command goes on with what was interrupted.

    A run that fails is kept with its point, seed and error, the others go on, and the exit code is 1.
    """
    from experiments.sweep.cluster import LOCAL, cluster_faults
    from experiments.sweep.drive import WorkersError
    from experiments.sweep.folder import check_folder
    from experiments.sweep.manifest import manifest_of
    from experiments.sweep.rows import Job
    from experiments.sweep.sweep import outcomes_of, run_sweep
    from wardmates.ready import make_ready
    from wardmates.shown import console, progress, say
    from wardmates.sweep_inputs import read_design, say_school, school_of, stoppable

    files = SchoolFiles(roster, timetable, friendships, sites, course_start.date() if course_start else None, dates)
    faults: list[Fault] = cluster_faults(cluster)
    given_engine(engine, faults)
    err = console(stderr=True)
    with output_folder(out, faults) as folder:
        part = _shard(shard, faults)
        wanted: tuple[str, ...] = ()
        try:
            wanted = outcomes_of([name.strip() for name in outcomes.split(",") if name.strip()])
        except InputError as error:
            faults += error.faults
        read = read_design(design, faults)
        if faults or read is None or folder is None:
            raise InputError(faults)
        job = Job(read, school_of(read, files), engine, wanted)
        check_folder(folder, read, manifest_of(job, part))
        say_school(err, read, files, job.school)
        if cluster in (None, LOCAL):
            make_ready(engine, err)
        try:
            with stoppable() as stopped:
                ended = run_sweep(job, folder, workers=workers or (usable_cores() if cluster in (None, LOCAL) else None), progress=progress,
                                  say=lambda sentence: say(err, sentence), stop=stopped.event, cluster=cluster, shard=part,
                                  is_retrying=retry_failed)  # fmt: skip
        except (OSError, WorkersError) as error:
            typer.echo(f"It could not be finished: {error}. What was done is in {out}; once that is mended, the same command goes on.", err=True)
            raise typer.Exit(EXIT_FAILED) from error
        _tell(ended, out, stopped)


def _shard(text: str, faults: list[Fault]) -> Shard:
    from experiments.sweep.tasks import WHOLE, read_shard

    try:
        return read_shard(text) if text else WHOLE
    except InputError as error:
        faults += error.faults
        return WHOLE


def _tell(ended: Ended, out: str, stopped: Stopped) -> None:
    """Say how a sweep ended, and with which exit code."""
    from wardmates.command_sweep_store import show_failed
    from wardmates.shown import console

    whole = f"All {ended.n_expected:,}" if ended.is_whole else f"{ended.n_there:,} of {ended.n_expected:,}"
    failed = f", of which {ended.n_failed:,} failed" if ended.n_failed else ""
    told = f"{whole} runs are in {out}{failed}."
    if stopped.signal is not None and not ended.is_whole:
        typer.echo(f"Stopped. {told} The same command goes on from there.", err=True)
        raise typer.Exit(_SIGNAL + stopped.signal)
    typer.echo(told)
    show_failed(console(), ended.failed, ended.n_failed)
    for sentence in ended.lost:
        typer.echo(f"No worker could finish {sentence}", err=True)
    if ended.lost:
        typer.echo("The same command tries that again.", err=True)
    if ended.n_failed or not ended.is_whole:
        raise typer.Exit(EXIT_FAILED)


def merge(
    shards: Annotated[list[Path], typer.Argument(metavar="SHARD...", help="Stores made with `sweep run --shard K/N`.")],
    out: Annotated[str, typer.Option("--out", metavar="STORE", help="Folder of the whole; one that holds other shards of the sweep is added to.")],
) -> None:
    """Put the shards of a sweep together; one that is not finished yet can be merged again later.

    Shards of another design, source or input are refused. The exit code is 1 if runs are missing or failed.
    """
    from experiments.sweep.merge import check_merge, read_shards
    from experiments.sweep.merge import merge as put_together
    from wardmates.command_sweep_store import show_failed
    from wardmates.shown import console, say

    faults: list[Fault] = []
    with output_folder(out, faults) as folder:
        try:
            stores = read_shards(shards)
        except InputError as error:
            faults += error.faults
        if faults or folder is None:
            raise InputError(faults)
        check_merge(stores, folder)
        merged = put_together(stores, folder, lambda sentence: say(console(stderr=True), sentence))
    store = merged.store
    failed = f", of which {len(store.failed):,} failed" if len(store.failed) else ""
    typer.echo(f"{store.n_rows:,} of {store.n_expected:,} runs are in {out}{failed}.")
    show_failed(console(), store.failed, len(store.failed))
    for sentence in merged.lacking:
        typer.echo(sentence)
    if merged.lacking:
        typer.echo("Merge them when they are there, or `sweep run` the design with this --out.")
    if merged.lacking or len(store.failed):
        raise typer.Exit(EXIT_FAILED)


for command in (design, run, merge, status, rerun, export):
    app.command()(command)
