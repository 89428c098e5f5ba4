"""The same students under the baseline and under a scenario: the table of who was reached where, with intervals, and its files.

For synthetic cohorts only. About a school's own students there is nothing of this to write (docs/model.md, section 11.2).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.estimates import estimate
from simulation.record.counterfactual import STATES, UNITS
from simulation.record.outcomes import ratio
from simulation.record.reach import ISOLATION
from simulation.streams import replicate_seed

if TYPE_CHECKING:
    from experiments.compare import Comparison

COUNTERFACTUAL_FILES = ("counterfactual.csv", "counterfactual-students.parquet")
COUNTERFACTUAL_KEYS = ("scenario", "baseline", "unit", "group", "change", "under_baseline", "under_scenario", "count", "per_100", "low", "high")
STUDENT_KEYS = ("scenario", "seed", "student", "group", "under_baseline", "under_scenario")

EVERYBODY, ANY = "all", "any"
_REACHED = STATES.index("reached")
_STUDENTS_AT_ONE_TIME = 200_000
"""Rows of the students' file that are put together at one time, so that its writing takes little memory however many cohorts there are."""


def counterfactual_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """What became of the same students, and of their episodes, under the baseline and under each other scenario.

    Nine cells a scenario, unit and group, and three sums of them: gained (reached under the scenario and not under the baseline), lost (the other
    way round) and net (gained less lost). Counts are summed over replicates; `per_100` is for 100 students, or episodes, of the group, a ratio of
    sums with its jackknifed 95 % interval. The group "not there" is left out where nobody is in it.

    Returns:
        Rows with the keys COUNTERFACTUAL_KEYS; none for a school's cohort or without a scenario to compare.
    """
    if comparison.changes is None:
        return []
    rows = []
    for scenario, of_scenario in zip(comparison.names[1:], comparison.changes[1:], strict=True):
        for unit, of_unit in zip(UNITS, np.moveaxis(of_scenario, 1, 0), strict=True):  # (replicates, groups, states, states)
            groups = {name: of_unit[:, g] for g, name in enumerate(ISOLATION)} | {EVERYBODY: of_unit.sum(axis=1)}
            for group, tables in groups.items():
                if group == ISOLATION[-1] and not tables.any():
                    continue
                head = {"scenario": scenario, "baseline": comparison.names[0], "unit": unit, "group": group}
                rows += [head | row for row in _rows_of_group(tables)]
    return rows


def _rows_of_group(tables: NDArray[np.int64]) -> Iterator[dict[str, Any]]:
    """The cells and sums of tables of STATES under the baseline and under the scenario, shape (replicates, 3, 3)."""
    total = tables.sum(axis=(1, 2))
    gained, lost = (changed.sum(axis=1) for changed in (tables[:, :_REACHED, _REACHED], tables[:, _REACHED, :_REACHED]))
    for there, under_baseline in enumerate(STATES):
        for here, under_scenario in enumerate(STATES):
            change = {(True, True): "both", (False, True): "gained", (True, False): "lost"}.get((there == _REACHED, here == _REACHED), "neither")
            yield _row(change, under_baseline, under_scenario, tables[:, there, here], total)
    for change, counts in (("gained", gained), ("lost", lost), ("net", gained - lost)):
        yield _row(change, ANY, ANY, counts, total)


def _row(change: str, under_baseline: str, under_scenario: str, counts: NDArray[np.int64], total: NDArray[np.int64]) -> dict[str, Any]:
    found = estimate(np.stack([counts, total], axis=1)[None], ratio(100))
    levels = {key: float(values[0]) if np.isfinite(values[0]) else None
              for key, values in (("per_100", found.mean), ("low", found.low), ("high", found.high))}  # fmt: skip
    return {"change": change, "under_baseline": under_baseline, "under_scenario": under_scenario, "count": int(counts.sum()), **levels}


def counterfactual_files(comparison: Comparison) -> dict[str, Callable[[Path], None]]:
    """What writes each of COUNTERFACTUAL_FILES; nothing for a school's cohort or without a scenario to compare."""
    if comparison.school is not None or comparison.changes is None or len(comparison.names) < 2:
        return {}
    return dict(zip(COUNTERFACTUAL_FILES, (partial(_write_table, comparison), partial(_write_students, comparison)), strict=True))


def _write_table(comparison: Comparison, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COUNTERFACTUAL_KEYS, lineterminator="\n")
        table.writeheader()
        table.writerows(counterfactual_rows(comparison))


def _write_students(comparison: Comparison, path: Path) -> None:
    """One row a scenario, cohort and student enrolled in both; texts are stored once, as a dictionary."""
    import pyarrow
    from pyarrow import parquet

    texts = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    kinds = dict.fromkeys(STUDENT_KEYS, texts) | {"seed": pyarrow.int64(), "student": pyarrow.int32()}
    with parquet.ParquetWriter(path, pyarrow.schema(list(kinds.items()))) as file:
        for s, scenario in enumerate(comparison.names[1:], start=1):
            for first, cohorts in _batches(comparison.students):
                file.write_table(pyarrow.table(_columns(comparison.seed, scenario, s, first, cohorts), schema=file.schema))


def _batches(students: list[list[NDArray[np.int8]]]) -> Iterator[tuple[int, list[list[NDArray[np.int8]]]]]:
    """Replicates a few at a time, with the number of the first of them."""
    size = max(1, _STUDENTS_AT_ONE_TIME // max(len(students[0][0]), 1))
    for first in range(0, len(students), size):
        yield first, students[first : first + size]


def _columns(seed: int, scenario: str, s: int, first: int, cohorts: list[list[NDArray[np.int8]]]) -> dict[str, Any]:
    """Columns of some replicates: `cohorts` holds for each the groups, then the states under every scenario, baseline first."""
    import pyarrow

    n_in_both = [min(len(states[1]), len(states[1 + s])) for states in cohorts]

    def texts(k: int, names: tuple[str, ...]) -> Any:
        codes = np.concatenate([states[k][:n] for states, n in zip(cohorts, n_in_both, strict=True)])
        return pyarrow.DictionaryArray.from_arrays(codes.astype(np.int32), list(names))

    seeds = [replicate_seed(seed, first + r) for r in range(len(cohorts))]
    scenarios = pyarrow.DictionaryArray.from_arrays(np.zeros(sum(n_in_both), dtype=np.int32), [scenario])
    return {
        "scenario": scenarios, "seed": np.repeat(np.array(seeds, dtype=np.int64), n_in_both),
        "student": np.concatenate([np.arange(1, n + 1, dtype=np.int32) for n in n_in_both]), "group": texts(0, ISOLATION),
        "under_baseline": texts(1, STATES), "under_scenario": texts(1 + s, STATES),
    }  # fmt: skip
