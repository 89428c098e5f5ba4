"""One outcome of a design, analysed as its method asks: indices, noise, floors, convergence, and what a reader must know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.sensitivity import factorial, morris, regression, sobol
from experiments.sensitivity.convergence import sizes, verdict
from experiments.sensitivity.evaluations import Evaluations
from experiments.sensitivity.floor import sobol_floors
from experiments.sensitivity.noise import Noise, noise_shares
from experiments.sensitivity.resample import Estimated, Resampling
from experiments.sensitivity.result import RANKED_BY, Analysis, Index, Step
from simulation.faults import Fault, InputError

if TYPE_CHECKING:
    from experiments.sweep.design import Design

Array = NDArray[np.float64]

FEW_WORLDS = 5
"""Replicates below which intervals with crossed seeds lean on few worlds; a note says so."""


@dataclass(frozen=True)
class _Found:
    """What a method's part hands back.

    Attributes:
        n: size of the sample.
        names: factors that were analysed.
        estimates: the indices, noise not among them.
        noise: shares of chance; None with one replicate.
        floors: by index.
        at: the indices to follow, from the first n units of the sample; None for a grid.
        notes: sentences.
    """

    n: int
    names: tuple[str, ...]
    estimates: list[Estimated]
    noise: Noise | None
    floors: dict[str, float]
    at: Callable[[int], list[Estimated]] | None = None
    notes: list[str] = field(default_factory=list)


def analyse(design: Design, evaluations: Evaluations, *, resamples: int = 1000, seed: int = 0, level: float = 0.95,
            second_order: bool = False) -> Analysis:  # fmt: skip
    """Analyse one outcome, or one paired difference, by the method of its design.

    Args:
        design: what was evaluated.
        evaluations: the values.
        resamples: for the intervals, at least 2.
        seed: of the resampling; 0 is a seed like any other.
        level: of the intervals.
        second_order: of a sobol design also the indices of pairs.

    Raises:
        InputError: the outcome is the same everywhere, pairs are asked of a design that has none, or points do not tell factors apart.
    """
    y = np.ascontiguousarray(evaluations.y, dtype=np.float64)
    if y.ndim != 2 or len(y) != design.n_points or 0 in y.shape:
        raise ValueError(f"values must have shape ({design.n_points} points, replicates); they have {y.shape}")
    if not np.isfinite(y).all():
        raise ValueError("every value must be a finite number")
    if second_order and not (design.method == "sobol" and design.second_order):
        raise InputError([Fault("--second-order", "the design has no rows for pairs of parameters",
                                "a design made with `wardmates sweep design --method sobol --second-order`", value=design.method)])  # fmt: skip
    mean = y.mean(axis=1)
    if np.ptp(mean) <= 1e-12 * np.abs(mean).max():
        raise InputError([Fault(evaluations.label, f"it is {mean[0]:.6g} at every point: there is nothing that parameters could decide",
                                "another outcome, or wider ranges")])  # fmt: skip
    resampling = Resampling(resamples, seed, level)
    crossed = evaluations.crossed
    if design.method == "sobol":
        found = _sobol(design, y, resampling, crossed=crossed, second_order=second_order)
    elif design.method == "morris":
        found = _morris(design, y, resampling, crossed=crossed)
    elif design.method == "grid":
        found = _grid(design, y, resampling, crossed=crossed)
    else:
        found = _points(design, y, resampling, crossed=crossed)
    rows = [row for estimated in (*found.estimates, *(found.noise.shares if found.noise else ())) for row in estimated.rows(resampling)]
    ranked_by = RANKED_BY[design.method]
    ranking = [row for row in rows if row.index == ranked_by]
    steps = _steps(design.method, found, resampling, rows)
    return Analysis(
        method=design.method, label=evaluations.label, unit=evaluations.unit, parameters=found.names, n=found.n, n_points=len(y),
        replicates=y.shape[1], crossed=crossed, rows=tuple(rows), floors={name: float(floor) for name, floor in found.floors.items()},
        convergence=steps, verdict=verdict(design.method, ranked_by, steps, ranking, found.floors[ranked_by]),
        notes=(*evaluations.notes, *found.notes, *_notes(y.shape[1], crossed)), mean=float(y.mean()),
        sd=float(np.sqrt(found.noise.variance)) if found.noise else float(y.std()), level=level, resamples=resamples)  # fmt: skip


def _sobol(design: Design, y: Array, resampling: Resampling, *, crossed: bool, second_order: bool) -> _Found:
    names = tuple(design.problem.names)
    d = len(names)
    step = 2 * d + 2 if design.second_order else d + 2

    def blocks(n: int) -> sobol.Blocks:
        return sobol.blocks_of(y[: n * step], d, has_ba=design.second_order, crossed=crossed)

    n = len(y) // step
    _require_two(n, "base rows")
    estimates, noise = sobol.estimate(blocks(n), names, resampling, second_order=second_order)
    return _Found(n, names, estimates, noise, sobol_floors(blocks(n), noise), lambda k: sobol.estimate_means(blocks(k), names, resampling))


def _morris(design: Design, y: Array, resampling: Resampling, *, crossed: bool) -> _Found:
    names = tuple(design.problem.names)
    if design.unit is None or design.num_levels is None:
        raise ValueError("a morris design carries its points in the unit cube and its number of levels")
    levels, n = design.num_levels, len(y) // (len(names) + 1)
    _require_two(n, "trajectories")
    effects, chance = morris.elementary_effects(y, design.unit, levels)
    units = y.reshape(n, -1, y.shape[1])
    noise = noise_shares(units, resampling, crossed=crossed) if y.shape[1] > 1 else None
    return _Found(n, names, morris.estimate(effects, chance, names, resampling, crossed=crossed), noise,
                  morris.morris_floors(y, n, levels, crossed=crossed),
                  lambda k: morris.estimate(effects[:k], chance[:k], names, resampling, crossed=crossed)[1:2])  # fmt: skip


def _grid(design: Design, y: Array, resampling: Resampling, *, crossed: bool) -> _Found:
    names = tuple(design.problem.names)
    codes = np.column_stack([np.unique(factor.position(design.points[factor.name]), return_inverse=True)[1] for factor in design.problem.factors])
    levels = codes.max(axis=0) + 1
    expected = np.stack(np.unravel_index(np.arange(len(y)), tuple(levels)), axis=1) if np.prod(levels) == len(y) else None
    if expected is None or not np.array_equal(expected, codes):
        raise InputError([Fault("the design's points", "are not a full grid with the last factor changing fastest", "a grid as `wardmates sweep "
                                "design --method grid` makes it; other points can be given as CSV")])  # fmt: skip
    estimates, noise = factorial.estimate(y, codes, names, resampling, crossed=crossed)
    return _Found(len(y), names, estimates, noise, factorial.grid_floors(y, int(levels.max()), noise, crossed=crossed))


def _points(design: Design, y: Array, resampling: Resampling, *, crossed: bool) -> _Found:
    notes = []
    columns = {}
    for factor in design.problem.factors:
        values = design.points[factor.name]
        numbers = (factor.position(values) if factor.distribution == "choice" else values.to_numpy()).astype(np.float64)
        if np.ptp(numbers) == 0:
            notes.append(f"{factor.name} is the same at every point, so nothing is said of it.")
        else:
            columns[factor.name] = numbers
        if factor.distribution == "choice" and len(factor.levels) > 2:
            notes.append(f"The levels of {factor.name} are taken in the order {', '.join(factor.levels)}: its slope and rank correlation mean "
                         "something only if that order does.")  # fmt: skip
    if not columns:
        raise InputError([Fault("the design's points", "are all the same", "points that differ in at least one factor")])
    names, x = tuple(columns), np.column_stack(list(columns.values()))
    estimates = regression.estimate(x, y, names, resampling, crossed=crossed)
    r2 = float(estimates[-1].values[0])
    if r2 < 0.7:
        notes.append(f"A straight line in all parameters explains {r2:.0%} of the variance between points. Slopes and rank correlations see effects "
                     "that go one way; for the rest a sobol design is needed.")  # fmt: skip
    noise = noise_shares(y[:, None], resampling, crossed=crossed) if y.shape[1] > 1 else None
    return _Found(len(y), names, estimates, noise, regression.regression_floors(len(y), len(names), r2),
                  lambda k: regression.estimate(x[:k], y[:k], names, resampling, crossed=crossed)[1:2], notes)  # fmt: skip


def _steps(method: str, found: _Found, resampling: Resampling, rows: list[Index]) -> tuple[Step, ...]:
    """The indices to follow at growing samples, the whole one last."""
    if found.at is None:
        return ()
    followed = {"S1", "ST"} if method == "sobol" else {RANKED_BY[method]}
    grown = [(n, row) for n in sizes(method, found.n, len(found.names)) for estimated in found.at(n) for row in estimated.rows(resampling)]
    whole = [(found.n, row) for row in rows if row.index in followed]
    return tuple(Step(n, str(row.parameter), row.index, row.value, row.low, row.high) for n, row in grown + whole)


def _require_two(n: int, units: str) -> None:
    if n < 2:
        raise InputError([Fault("--n", f"the design has {n} {units}, so nothing tells how far to trust a figure", f"a design of two or more {units}, "
                                "better of hundreds (sobol) or tens (morris)")])  # fmt: skip


def _notes(replicates: int, crossed: bool) -> list[str]:
    """What holds for every method."""
    if replicates == 1:
        return ["There is one run at each point, so chance cannot be told from what parameters do: shares of a single run and noise are left "
                "out, and total order, mu* and the like hold chance as well. If the model has no chance in it, that is no loss."]  # fmt: skip
    notes = []
    if crossed and replicates < FEW_WORLDS:
        notes.append(f"All points share {replicates} worlds, too few to say well how much worlds differ: the intervals of noise_seed, "
                     "noise_interaction and of the shares of a single run are wide, and lean on worlds' effects being about normal.")  # fmt: skip
    return notes
