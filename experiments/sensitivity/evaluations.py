"""What was evaluated: one outcome, or one paired difference, of every run of a design, complete or refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulation.faults import Fault, InputError, nearest
from simulation.record.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sweep.design import Design
    from experiments.sweep.store import Store

MOST_LISTED = 20
"""Runs that a message lists; of more it gives the number."""


@dataclass(frozen=True)
class Evaluations:
    """One quantity at every point and replicate.

    Attributes:
        y: its values, shape (points, replicates), complete and finite, rows in the design's order.
        label: what it is, for people ("reach, informal", "reach: officers-outreach − informal").
        unit: what it is measured in; empty where nobody said.
        crossed: replicate r is the same world (seed) at every point.
        notes: what a reader must know about how the values were taken.
    """

    y: NDArray[np.float64]
    label: str
    unit: str
    crossed: bool
    notes: tuple[str, ...] = ()


def of_store(store: Store, outcome: str, scenario: str) -> Evaluations:
    """One outcome of one scenario from a finished sweep.

    Raises:
        InputError: no such outcome or scenario, runs that are missing or failed, or values that are not defined.
    """
    y = _values(store, outcome, (scenario,))[scenario]
    return Evaluations(y, f"{outcome}, {scenario}", OUTCOMES[outcome].unit, store.design.seeds == "crossed")


def of_difference(store: Store, outcome: str, a: str, b: str) -> Evaluations:
    """One outcome of scenario a less that of scenario b, run by run in the same worlds.

    Raises:
        InputError: as `of_store`, or a and b are the same.
    """
    if a == b:
        raise InputError([Fault("--difference", "a scenario less itself is zero", "two scenarios of the design", value=a)])
    y = _values(store, outcome, (a, b))
    return Evaluations(y[a] - y[b], f"{outcome}: {a} − {b}", OUTCOMES[outcome].unit, store.design.seeds == "crossed")


def of_table(design: Design, results: pd.DataFrame, outcome: str, *, where: str = "--results") -> Evaluations:
    """An outcome that was evaluated elsewhere.

    Args:
        design: what was evaluated.
        results: columns `point` (as in the design), `replicate` (optional; any whole numbers), and the outcome; rows in any order.
        outcome: name of the column.
        where: file of the results, for messages.

    Raises:
        InputError: columns or runs that are missing, points that the design has not, doubled runs, values that are no finite numbers.
    """
    columns = [str(column) for column in results.columns]
    faults = [Fault(where, f"there is no column {name!r}", nearest(name, columns) or "a table with columns", value=", ".join(columns[:12]))
              for name in ("point", outcome) if name not in columns]  # fmt: skip
    if faults:
        raise InputError(faults)
    point = _whole_numbers(results["point"], where, "point")
    named = "replicate" in columns
    replicate = _whole_numbers(results["replicate"], where, "replicate") if named else np.zeros(len(point), dtype=np.int64)
    y = _arranged(design, point, replicate, _numbers(results[outcome], where, outcome), where, named=named)
    notes = () if y.shape[1] == design.replicates or not named else (
        f"The design asks for {design.replicates} replicates of each point; the results have {y.shape[1]}, and these were used.",)  # fmt: skip
    return Evaluations(y, outcome, OUTCOMES[outcome].unit if design.problem.is_ours and outcome in OUTCOMES else "",
                       design.seeds == "crossed", notes)  # fmt: skip


def _values(store: Store, outcome: str, scenarios: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Values of an outcome by scenario, each of shape (points, replicates)."""
    if outcome not in OUTCOMES:
        raise InputError([Fault("--outcome", "there is no such outcome", nearest(outcome, OUTCOMES) or "a name that `wardmates outcomes` lists",
                                value=outcome)])  # fmt: skip
    known = [name for name, _ in store.design.scenarios]
    faults = [Fault("scenario", "the sweep has no such scenario", nearest(name, known), value=name) for name in scenarios if name not in known]
    if faults:
        raise InputError(faults)
    missing = store.missing()["row"].tolist()
    if missing:
        raise InputError([Fault("the sweep", f"{len(missing)} of its runs are missing or failed: rows {_listed(missing)}",
                                "an analysis needs every run: `wardmates sweep run` does those that are missing, `wardmates sweep status` tells "
                                "which failed and why")])  # fmt: skip
    runs = store.runs(["point", "replicate", "scenario", outcome])
    found = {}
    for name in scenarios:
        mine = runs[runs["scenario"] == name]
        values = mine[outcome].to_numpy(dtype=np.float64)
        undefined = ~np.isfinite(values)
        if undefined.any():
            where = [f"point {p} replicate {r}" for p, r in zip(mine["point"][undefined], mine["replicate"][undefined], strict=True)]
            raise InputError([Fault(f"{outcome}, {name}", f"it is not defined in {len(where)} of {len(values)} runs ({_listed(where)})",
                                    "an outcome that every run defines; one with a larger denominator, or larger cohorts (students)")])  # fmt: skip
        found[name] = _arranged(store.design, mine["point"].to_numpy(np.int64), mine["replicate"].to_numpy(np.int64), values, "the sweep", named=True)
    return found


def _arranged(design: Design, point: NDArray[np.int64], replicate: NDArray[np.int64], values: NDArray[np.float64], where: str, *,
              named: bool) -> NDArray[np.float64]:  # fmt: skip
    """Values as (points, replicates) in the design's order, every run once or refused."""
    points = design.points.index.to_numpy(np.int64)
    replicates = np.unique(replicate) if len(replicate) else np.zeros(1, dtype=np.int64)
    faults = []
    unknown = np.setdiff1d(point, points)
    if len(unknown):
        faults.append(Fault(where, f"{len(unknown)} points are none of the design's: {_listed(unknown)}",
                            f"points of the design, {points.min()} to {points.max()}", column="point"))  # fmt: skip
    known = np.isin(point, points)
    at = np.searchsorted(points, point[known]) if np.all(np.diff(points) > 0) else _position(points, point[known])
    count = np.zeros((len(points), len(replicates)), dtype=np.int64)
    np.add.at(count, (at, np.searchsorted(replicates, replicate[known])), 1)
    for wrong, what, allowed in (
        (count > 1, "are there more than once", "one row for every point and replicate" if named else
         "one row for every point; a column `replicate` tells repeated runs of a point apart"),
        (count == 0, "are missing", "every run of the design; nothing is analysed with gaps"),
    ):  # fmt: skip
        if wrong.any():
            listed = [f"point {points[p]}" + (f" replicate {replicates[r]}" if named else "") for p, r in np.argwhere(wrong)[:MOST_LISTED]]
            faults.append(Fault(where, f"{wrong.sum()} of {wrong.size} runs {what}: {_listed(listed, int(wrong.sum()))}", allowed))
    if faults:
        raise InputError(faults)
    y = np.empty(count.shape)
    y[at, np.searchsorted(replicates, replicate)] = values
    return y


def _position(points: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    order = np.argsort(points)
    return np.asarray(order[np.searchsorted(points, wanted, sorter=order)], dtype=np.int64)


def _numbers(column: pd.Series, where: str, name: str) -> NDArray[np.float64]:
    """A column as finite numbers.

    Raises:
        InputError: what is none, with its rows.
    """
    import pandas as pd

    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        raise InputError(_faults_of_rows(column, wrong, where, name, "a finite number"))
    return np.asarray(values, dtype=np.float64)


def _whole_numbers(column: pd.Series, where: str, name: str) -> NDArray[np.int64]:
    values = _numbers(column, where, name)
    wrong = np.flatnonzero(values != np.rint(values))
    if len(wrong):
        raise InputError(_faults_of_rows(column, wrong, where, name, "a whole number"))
    return values.astype(np.int64)


def _faults_of_rows(column: pd.Series, wrong: NDArray[np.int64], where: str, name: str, allowed: str) -> list[Fault]:
    faults = [Fault(where, "this is not " + allowed, allowed, row=int(i) + 2, column=name, value=str(column.iloc[i])) for i in wrong[:MOST_LISTED]]
    if len(wrong) > MOST_LISTED:
        faults.append(Fault(where, f"and {len(wrong) - MOST_LISTED} more rows like these", allowed, column=name))
    return faults


def _listed(things: Iterable[object], total: int | None = None) -> str:
    """The first few, and how many more there are."""
    every = [str(thing) for thing in things]
    more = (total or len(every)) - min(len(every), MOST_LISTED)
    return ", ".join(every[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
