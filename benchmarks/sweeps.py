"""`python -m benchmarks.sweeps bench`: what a sweep costs beside the bare engine, over threads and over Dask, and whether its memory stays flat.

The runs are as small as they get (few students, two years), so that what a sweep adds to a run weighs most.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Annotated

import typer

from benchmarks.fresh import process
from benchmarks.peak import peak_mib
from benchmarks.record import Measure
from experiments.execute import make_ready
from experiments.sweep.design import Design
from experiments.sweep.points import scenario_at, seed_of
from experiments.sweep.problem import problem_of_table
from experiments.sweep.rows import Job
from experiments.sweep.sampling import draw_design
from experiments.sweep.sweep import outcomes_of, run_sweep
from simulation.run import run
from wardmates.shown import console, plain_table

SCENARIOS = ("informal", "officers-outreach")
VARIED = ("onset_rate", "friend_strength", "notice_contact")
REPLICATES = 10
WORKERS = 2
MOST_OVER_THREADS, MOST_OVER_DASK, MOST_GROWTH = 1.2, 1.5, 1.2
Seconds = tuple[float, float]
"""Wall, and CPU of this process."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def bench(
    runs: Annotated[int, typer.Option(min=100, help="Runs of a sweep.")] = 10_000,
    students: Annotated[int, typer.Option(min=12, help="Students of a cohort.")] = 40,
    years: Annotated[int, typer.Option(min=1, max=2, help="Years on campus, and as many on placement.")] = 1,
    rounds: Annotated[int, typer.Option(min=1, help="In each the bare runs, threads and Dask have their turn.")] = 3,
    outcomes: Annotated[str, typer.Option(help="Outcomes that are kept, with commas; all if blank.")] = "",
    memory: Annotated[str, typer.Option(metavar="N,M", help="Runs of the sweeps whose memory is compared; blank for none.")] = "1000,50000",
) -> None:
    """Measure a sweep: time a run over the bare engine's, and the most memory held."""
    taken: dict[str, list[Seconds]] = {"bare": [], "threads": [], "dask": []}
    turns: dict[str, Callable[[], Seconds]] = {
        "bare": lambda: _bare(runs, students, years), "threads": lambda: _sweep(runs, students, years, outcomes, None),
        "dask": lambda: _sweep(runs, students, years, outcomes, "local"),
    }  # fmt: skip
    _bare(200, students, years)
    for _ in range(rounds):
        for name, turn in turns.items():
            taken[name].append(turn())
    table = plain_table(f"{runs:,} runs of {students} students, {years} + {years} years, {WORKERS} workers")
    for heading in ("what", "median", "quartiles", "unit", "bar"):
        table.add_column(heading)
    bare_ms = Measure.of("bare", "a bare run, wall", "ms", (1e3 * wall / runs for wall, _ in taken["bare"]))
    measures: list[tuple[Measure, float | None]] = [(bare_ms, None)]
    for name, bar in (("threads", MOST_OVER_THREADS), ("dask", MOST_OVER_DASK)):
        pairs = list(zip(taken[name], taken["bare"], strict=True))
        measures.append((Measure.of(name, f"sweep over {name} / bare, wall", "times", (one[0] / bare[0] for one, bare in pairs)), bar))
    cpu = [one[1] / bare[1] for one, bare in zip(taken["threads"], taken["bare"], strict=True)]
    measures.append((Measure.of("cpu", "sweep over threads / bare, CPU", "times", cpu), MOST_OVER_THREADS))
    if memory:
        few, many = (int(n) for n in memory.split(","))
        mib = {n: _memory(n, students, years) for n in (few, many)}
        measures += [(Measure.of(f"memory.{n}", f"most memory held, {n:,} runs", "MiB", [most]), None) for n, most in mib.items()]
        measures.append((Measure.of("memory", f"{many:,} runs / {few:,} runs, memory", "times", [mib[many] / mib[few]]), MOST_GROWTH))
    for measure, most in measures:
        told = "" if most is None else f"at most {most:g}: {'met' if measure.median <= most else 'missed'}"
        table.add_row(measure.what, f"{measure.median:.3f}", f"{measure.low:.3f} to {measure.high:.3f}", measure.unit, told)
    console().print(table)


@app.command()
def held(runs: int, students: int, years: int) -> None:
    """One sweep over threads in this process, and the most memory that it ever held, in MiB."""
    _sweep(runs, students, years, "", None)
    typer.echo(f"{peak_mib():.3f}")


def _design_of(runs: int, students: int, years: int) -> Design:
    overrides = {"students": str(students), "campus_years": str(years), "clinical_years": str(years)}
    return draw_design(problem_of_table(VARIED), "lhs", max(1, runs // (REPLICATES * len(SCENARIOS))), scenarios=SCENARIOS, overrides=overrides,
                       replicates=REPLICATES)  # fmt: skip


def _bare(runs: int, students: int, years: int) -> Seconds:
    """The engine alone, on the runs of the sweep in the same number of threads: scenarios stand ready, and a history is dropped at once."""
    design = _design_of(runs, students, years)
    scenarios = [scenario_at(design, point, name) for point in range(design.n_points) for name in SCENARIOS]
    todo = iter([(scenario, seed_of(design, 0, replicate)) for replicate in range(design.replicates) for scenario in scenarios])
    lock = threading.Lock()

    def work(_worker: int) -> None:
        while True:
            with lock:
                next_one = next(todo, None)
            if next_one is None:
                return
            run(*next_one)

    with _clock() as taken, ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    return taken[0]


def _sweep(runs: int, students: int, years: int, outcomes: str, cluster: str | None) -> Seconds:
    """A sweep, from its design to its store's last chunk; a Dask cluster of this machine's is started in it."""
    job = Job(_design_of(runs, students, years), None, "arrays", outcomes_of([name for name in outcomes.split(",") if name]))
    make_ready()
    place = Path(tempfile.mkdtemp(prefix="sweep-"))
    try:
        with _clock() as taken:
            ended = run_sweep(job, place, workers=WORKERS, cluster=cluster, progress=_unseen, say=typer.echo, stop=threading.Event())
    finally:
        shutil.rmtree(place)
    if not ended.is_whole or ended.n_failed:
        raise RuntimeError(f"{ended.n_failed} runs failed and {ended.n_expected - ended.n_there} are missing")
    return taken[0]


@contextmanager
def _clock() -> Iterator[list[Seconds]]:
    taken: list[Seconds] = []
    wall, cpu = perf_counter(), process_time()
    yield taken
    taken.append((perf_counter() - wall, process_time() - cpu))


@contextmanager
def _unseen(_runs: int, _at_once: int) -> Iterator[Callable[[int, int], None]]:
    yield lambda _done, _of: None


def _memory(runs: int, students: int, years: int) -> float:
    """The most memory that a process of its own holds in a sweep, in MiB."""
    return float(process("-m", "benchmarks.sweeps", "held", str(runs), str(students), str(years)).stdout)


if __name__ == "__main__":
    app()
