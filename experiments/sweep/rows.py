"""Tasks made into rows: every scenario of a point and replicate, run and summed up; a run that fails is a row too.

What leaves here are outcomes of a whole cohort, never a history and nothing about a single student.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from experiments.sweep.design import Design
from experiments.sweep.points import scenario_at, seed_of
from experiments.sweep.tasks import place_of
from experiments.withheld import fewest_behind
from simulation.record.history import History
from simulation.record.outcomes import OUTCOMES, value_of
from simulation.run import run
from simulation.scenario.school import FEWEST_TOLD, School

OK, FAILED = "ok", "failed"
KEYS = ("row", "point", "replicate", "scenario", "seed", "status", "error")
NO_BASELINE = "not run: the baseline of this point and replicate failed, and some outcomes look at it"
_MOST_TOLD = 500
_INTEGERS = ("row", "point", "replicate", "seed")


@dataclass(frozen=True)
class Job:
    """What a worker needs to know, the same for every task.

    Attributes:
        design: of a problem that is the model's.
        school: a school's files, or None.
        engine: a name in `simulation.ENGINES`.
        outcomes: names in OUTCOMES, in the order of the columns.
    """

    design: Design
    school: School | None
    engine: str
    outcomes: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """Tasks that are done.

    Attributes:
        tasks: from the first of the piece on; fewer than the piece where the time was up.
        rows: theirs, in the order of `schema_of`.
    """

    tasks: range
    rows: pa.Table


@dataclass
class _Row:
    """A row under way: its keys by KEYS, and sums of each outcome, None where it failed."""

    keys: tuple[Any, ...]
    sums: Sequence[Sequence[float]] | None


def schema_of(outcomes: Sequence[str]) -> pa.Schema:
    """Columns of the rows."""
    keys = [pa.field(name, pa.int64() if name in _INTEGERS else pa.string()) for name in KEYS]
    return pa.schema([*keys, *(pa.field(name, pa.float64()) for name in outcomes)])


def row_of(design: Design, point: int, replicate: int, scenario: int) -> int:
    """Number of the row of a run."""
    return (replicate * design.n_points + point) * len(design.scenarios) + scenario


def keys_of(design: Design, row: int) -> tuple[int, int, str]:
    """Point, replicate and scenario of a row."""
    task, scenario = divmod(row, len(design.scenarios))
    return *place_of(task, design.n_points), design.scenarios[scenario][0]


def run_tasks(job: Job, tasks: range, *, is_over: Callable[[], bool], is_stopped: Callable[[], bool], on_run: Callable[[], None]) -> Part:
    """Run tasks, until they are done, the time is up or the sweep is stopped.

    Args:
        job: what is run.
        tasks: consecutive ones.
        is_over: asked after each task; then the part ends there.
        is_stopped: asked before each run; then the part ends with the last whole task, which may be none.
        on_run: called after each run.
    """
    rows: list[_Row] = []
    end = tasks.start
    for task in tasks:
        try:
            rows += _run_task(job, task, is_stopped, on_run)
        except CancelledError:
            break
        end = task + 1
        if is_over():
            break
    return Part(range(tasks.start, end), _table(rows, job))


def _run_task(job: Job, task: int, is_stopped: Callable[[], bool], on_run: Callable[[], None]) -> list[_Row]:
    design = job.design
    point, replicate = place_of(task, design.n_points)
    seed = seed_of(design, point, replicate)
    rows: list[_Row] = []
    baseline: History | None = None
    for position, (name, _) in enumerate(design.scenarios):
        if is_stopped():
            raise CancelledError
        sums: Sequence[Sequence[float]] | None = None
        error: str | None = NO_BASELINE
        if position == 0 or baseline is not None:
            try:
                history = run(scenario_at(design, point, name, job.school), seed, engine=job.engine)
                baseline = baseline or history
                sums, error = [OUTCOMES[outcome].parts(history, baseline) for outcome in job.outcomes], None
            except Exception as fault:  # whatever it is, it is this run's alone: it is told with the row, and the others go on
                error = f"{type(fault).__name__}: {fault}".replace("\n", "; ")[:_MOST_TOLD]
                if position == 0:
                    baseline = None
        rows.append(_Row((row_of(design, point, replicate, position), point, replicate, name, seed, OK if error is None else FAILED, error), sums))
        on_run()
    return rows


def _table(rows: list[_Row], job: Job) -> pa.Table:
    columns: list[Any] = [[row.keys[k] for row in rows] for k in range(len(KEYS))]
    is_ok = np.array([row.sums is not None for row in rows], dtype=np.bool_)
    for k, name in enumerate(job.outcomes):
        values = np.full(len(rows), np.nan)
        if is_ok.any():
            values[is_ok] = values_of(name, [row.sums[k] for row in rows if row.sums is not None], has_school=job.school is not None)
        columns.append(values)
    schema = schema_of(job.outcomes)
    return pa.table([pa.array(column, type=field.type, from_pandas=False) for column, field in zip(columns, schema, strict=True)], schema=schema)


def values_of(outcome: str, sums: Sequence[Sequence[float]], *, has_school: bool) -> NDArray[np.float64]:
    """Values of single runs, from their sums: the same bits for a run alone and for it among others.

    About a school's own cohort nan where fewer than FEWEST_TOLD students or episodes of the run stand behind a value.
    """
    parts = np.array(sums, dtype=np.float64)
    values = value_of(outcome, parts)
    return np.where(fewest_behind(outcome, parts) < FEWEST_TOLD, np.nan, values) if has_school else values
