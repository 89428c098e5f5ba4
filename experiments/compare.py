"""Scenarios compared in the same worlds: replicate r of every scenario runs with one seed, so a difference is the scenarios' own."""

from __future__ import annotations

import csv
import json
import os
import platform
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.counterfactual import COUNTERFACTUAL_FILES, counterfactual_files
from experiments.engines import DEFAULT_ENGINE, OWN, engine_faults, usable_cores
from experiments.estimates import ROW_KEYS, estimate, rows_of
from experiments.execute import IN_THREADS, OnProgress, make_ready, run_replicates
from experiments.replicate import Run, RunError, Sums, Work
from experiments.withheld import is_of_few
from simulation import __version__
from simulation.faults import Fault, InputError
from simulation.record.outcomes import HEADLINE, OUTCOMES
from simulation.scenario.programme import Calendar
from simulation.scenario.scenario import Scenario
from simulation.scenario.school import School

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "RunError", "compare", "write"]

_LIBRARIES = ("mesa", "numba", "numpy", "networkx", "pandas", "scipy")


@dataclass(frozen=True)
class Comparison:
    """Everything that a comparison found; scenario 0 is the baseline.

    Attributes:
        scenarios: what was compared.
        seed, replicates: the user's seed, and simulated cohorts of each scenario.
        engine: what simulated them: a name in `simulation.ENGINES`, or OWN.
        rows: one an outcome and scenario, with the keys of `experiments.estimates.ROW_KEYS`.
        headline: the headline of each single cohort, shape (scenarios, replicates); nan where there is none.
        reasons: unreached episodes by MISSED, summed over replicates, shape (scenarios, reasons).
        cascade: episodes by CASCADE_GROUPS and CASCADE_STEPS, shape (scenarios, replicates, groups, steps).
        weekly: one a scenario: SERIES by week, shape (replicates, series, weeks).
        calendars: one a scenario: the weeks of its course.
        year_ends: one a scenario: YEAR_END by year-end, averaged over replicates, shape (year-ends, columns); nan where not defined.
        spread_sites: one a scenario: sites where hours were spread over expected companions, sorted.
        changes: what became of the same students and episodes under the baseline and under each scenario, counted as in
            `simulation.record.counterfactual.changes`, shape (scenarios, replicates, 2, 3, 3, 3); None with a school.
        students: for a synthetic cohort one a replicate: isolation under the baseline, then what became of the students under each scenario,
            a byte a student; empty with a school.
        withheld: outcomes that are blank for a scenario, because too few students or episodes of a school's cohorts stand behind them.
    """

    scenarios: tuple[Scenario, ...]
    seed: int
    replicates: int
    engine: str
    rows: list[dict[str, Any]]
    headline: NDArray[np.float64]
    reasons: NDArray[np.int64]
    cascade: NDArray[np.int64]
    weekly: list[NDArray[np.float64]]
    calendars: list[Calendar]
    year_ends: list[NDArray[np.float64]]
    spread_sites: list[tuple[str, ...]]
    changes: NDArray[np.int64] | None = None
    students: list[list[NDArray[np.int8]]] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Names of the scenarios, baseline first."""
        return [scenario.name for scenario in self.scenarios]

    @property
    def school(self) -> School | None:
        """The school whose cohort was simulated, if one was given."""
        return self.scenarios[0].school

    def of(self, outcome: str) -> list[dict[str, Any]]:
        """The rows of one outcome, baseline first.

        Raises:
            KeyError: no such outcome.
        """
        if outcome not in OUTCOMES:
            raise KeyError(outcome)
        return [row for row in self.rows if row["outcome"] == outcome]

    def frame(self) -> pd.DataFrame:
        """The rows as a table."""
        import pandas as pd

        frame = pd.DataFrame(self.rows, columns=list(ROW_KEYS))
        numbers = {key: "float64" for key in ROW_KEYS[3:-1]}
        return frame.astype({**numbers, "replicates_needed": "Int64"})

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """What it takes to get the same figures again; no clock, host, path or number of workers."""
        return {
            "wardmates": __version__, "seed": self.seed, "replicates": self.replicates, "engine": self.engine,
            "scenarios": [{"name": s.name, "title": s.title, "fingerprint": s.fingerprint} for s in self.scenarios],
            "school": self.school.digest if self.school else None,
            "libraries": {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}},
        }  # fmt: skip

    @cached_property
    def notes(self) -> list[str]:
        """What a reader must know before leaning on the figures, in plain sentences."""
        from experiments.notes import notes_of

        return notes_of(self)

    def to_json(self) -> str:
        """One JSON object: provenance, rows and notes; what is undefined is null."""
        return json.dumps({"provenance": self.provenance, "rows": self.rows, "notes": self.notes}, indent=2, ensure_ascii=False, allow_nan=False)


def compare(scenarios: Sequence[Scenario], *, seed: int = 1, replicates: int = 200, workers: int | None = 1, engine: str = DEFAULT_ENGINE,
            on_progress: OnProgress | None = None, run: Run | None = None) -> Comparison:  # fmt: skip
    """Run every scenario in the same worlds and compare each to the first.

    With several workers, a script that calls this with the engine "mesa" or a `run` of its own must do so below `if __name__ == "__main__":`:
    these workers are processes, which import the script anew.

    Args:
        scenarios: the baseline first; names must differ.
        seed: the user's seed, 0 <= seed < 2^64.
        replicates: simulated cohorts of each scenario.
        workers: how many runs go on at one time, in threads with the engine "arrays" and in processes else (but for 1, the default); None takes one
            a processor. The results are the same, whatever their number.
        engine: "arrays" or "mesa"; their results agree to nine digits or more.
        on_progress: called with (runs done, runs in all) as replicates of all scenarios are done.
        run: (scenario, seed) -> History, instead of the engine; None takes `simulation.run.run`. With several workers it must be a function of a
            module.

    Raises:
        InputError: nothing to compare, a name twice, a number out of bounds, or a scenario that cannot be run as it stands.
        RunError: a run failed or its process ended; names the scenario and the seed.
    """
    scenarios = tuple(scenarios)
    _check(scenarios, seed, replicates, workers, engine)
    if run is None:
        from simulation.run import run as simulated

        work = Work(scenarios, partial(simulated, engine=engine), seed, engine)
        if engine in IN_THREADS:
            make_ready()
    else:
        work = Work(scenarios, run, seed, OWN)
    return _pool(work, run_replicates(work, replicates, min(workers or usable_cores(), replicates), on_progress or _say_nothing))


def write(comparison: Comparison, out: Path, command: str = "") -> list[Path]:
    """Write report.html, rows.csv and rows.parquet; each is renamed into place when it is complete, so none is ever half-written.

    Also every picture of the report as SVG and PNG (figures/) and every table as CSV (tables/), and where scenarios were compared on synthetic
    cohorts counterfactual.csv and counterfactual-students.parquet. Such files of an earlier comparison that this one has not are taken away.

    Args:
        comparison: what was found.
        out: folder; made if it does not exist.
        command: the command that repeats it, as the report shows it.

    Returns:
        The files written.

    Raises:
        OSError: the folder cannot be written to; files that stood there before are left as they were.
    """
    from experiments.figures import pictures
    from experiments.report import render
    from experiments.report_files import every_file, files_beside

    found = pictures(comparison)
    contents: dict[str, Callable[[Path], Any]] = {
        "report.html": partial(Path.write_text, data=render(comparison, command, found), encoding="utf-8", newline="\n"),
        "rows.csv": partial(_write_csv, comparison),
        "rows.parquet": partial(_write_parquet, comparison),
        **counterfactual_files(comparison),
        **files_beside(comparison, found),
    }
    places = [out / name for name in contents]
    for folder in dict.fromkeys(place.parent for place in places):
        folder.mkdir(parents=True, exist_ok=True)
    waiting = {place: place.with_name(f".{place.name}.part") for place in places}
    try:
        for part, fill in zip(waiting.values(), contents.values(), strict=True):
            fill(part)
        for name in {*COUNTERFACTUAL_FILES, *every_file()} - set(contents):  # else they would lie beside a report that is about other cohorts
            (out / name).unlink(missing_ok=True)
        for path, part in waiting.items():
            os.replace(part, path)
    finally:
        for part in waiting.values():
            part.unlink(missing_ok=True)
        for folder in {place.parent for place in places} - {out}:
            with suppress(OSError):  # something is in it, as it should be
                folder.rmdir()
    return list(waiting)


def _write_csv(comparison: Comparison, path: Path) -> None:
    """The rows, as `Comparison.frame` would write them; pandas would take longer to import than all else that is done with the rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ROW_KEYS, lineterminator="\n")
        table.writeheader()
        table.writerows(comparison.rows)


def _write_parquet(comparison: Comparison, path: Path) -> None:
    """The rows, with the provenance under the key "wardmates" of the schema's metadata, so that the file says by itself where it comes from.

    Under the key "pandas" it says what pandas would guess wrongly: that a column of whole numbers with gaps is one.
    """
    import pyarrow
    from pyarrow import parquet

    kinds = dict.fromkeys(ROW_KEYS, pyarrow.float64()) | dict.fromkeys(ROW_KEYS[:3], pyarrow.string()) | {ROW_KEYS[-1]: pyarrow.int64()}
    whole = {"name": ROW_KEYS[-1], "field_name": ROW_KEYS[-1], "pandas_type": "int64", "numpy_type": "Int64", "metadata": None}
    metadata = {"wardmates": comparison.provenance, "pandas": {"index_columns": [], "column_indexes": [], "columns": [whole]}}
    schema = pyarrow.schema(list(kinds.items()), {key: json.dumps(value, ensure_ascii=False) for key, value in metadata.items()})
    parquet.write_table(pyarrow.Table.from_pylist(comparison.rows, schema), path)


def _say_nothing(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _check(scenarios: tuple[Scenario, ...], seed: int, replicates: int, workers: int | None, engine: str) -> None:
    names = [scenario.name for scenario in scenarios]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults = [Fault("scenarios", "two scenarios have this name", "names that differ", value=name) for name in twice]
    if not scenarios:
        faults.append(Fault("scenarios", "nothing to compare", "one scenario or more, the baseline first"))
    if not 0 <= seed < 2**64:
        faults.append(Fault("seed", "is out of bounds", "a whole number from 0 to 2^64 - 1", value=str(seed)))
    if replicates < 1:
        faults.append(Fault("replicates", "is out of bounds", "a whole number of at least 1", value=str(replicates)))
    if workers is not None and workers < 1:
        faults.append(Fault("workers", "is out of bounds", "a whole number of at least 1", value=str(workers)))
    faults += engine_faults(engine)
    if len({scenario.school.digest if scenario.school else "" for scenario in scenarios}) > 1:
        faults.append(Fault("scenarios", "are not about the same school", "one school's files for all scenarios, or none for any"))
    if faults:
        raise InputError(faults)


def _pool(work: Work, sums: list[Sums]) -> Comparison:
    """Add up the replicates, in their order."""
    names = [scenario.name for scenario in work.scenarios]
    rows, withheld = [], []
    stacked = {name: np.stack([one.parts[name] for one in sums], axis=1) for name in OUTCOMES}
    for name, outcome in OUTCOMES.items():
        parts = stacked[name]
        if work.scenarios[0].school is not None and (few := is_of_few(name, parts)).any():
            withheld.append(name)
            parts = np.where(few[:, None, None], np.nan, parts)
        rows += rows_of(names, name, outcome.unit, estimate(parts, outcome.value, outcome.better))
    each = range(len(names))
    return Comparison(
        work.scenarios, work.seed, len(sums), work.engine, rows,
        headline=np.asarray(OUTCOMES[HEADLINE].value(stacked[HEADLINE]), dtype=np.float64),
        reasons=np.sum([one.reasons for one in sums], axis=0),
        cascade=np.stack([one.cascade for one in sums], axis=1),
        weekly=[np.stack([one.weekly[s] for one in sums]) for s in each],
        calendars=sums[0].calendars,
        year_ends=[_mean_of_defined(np.stack([one.year_ends[s] for one in sums])) for s in each],
        spread_sites=[tuple(sorted({site for one in sums for site in one.spread_sites[s]})) for s in each],
        changes=None if any(one.changes is None for one in sums) else np.stack([one.changes for one in sums], axis=1),
        withheld=withheld,
        students=[[one.groups, *one.states] for one in sums if one.groups is not None],
    )  # fmt: skip


def _mean_of_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the first axis of what is defined; nan where nothing is."""
    defined = np.isfinite(values)
    n = defined.sum(axis=0)
    out = np.full(n.shape, np.nan)
    return np.divide(np.where(defined, values, 0.0).sum(axis=0), n, out=out, where=n > 0)
