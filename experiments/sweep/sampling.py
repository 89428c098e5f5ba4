"""Designs drawn by libraries' samplers, in the unit cube or on a grid; the same seed gives the same points, and 0 is a seed like any other.

SALib's samplers take the seed as `numpy.random.default_rng(seed)`, 0 included (its analyses and older versions take 0 for no seed at all).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sweep.design import DEFAULT_REPLICATES, DEFAULT_SCENARIOS, Design
from experiments.sweep.factor import Factor
from experiments.sweep.points import contents_of
from experiments.sweep.problem import Problem
from simulation import __version__
from simulation.faults import Fault, InputError

Unit = NDArray[np.float64]
Points = tuple[pd.DataFrame, Unit]

SAMPLED = ("grid", "lhs", "sobol", "morris")
MOST_POINTS = 10_000_000
MOST_VALUES = 100_000_000
"""Points times factors: 0.8 GB, and as much again in the unit cube."""
MORRIS_LEVELS = 4


def count_points(problem: Problem, method: str, n: int, *, second_order: bool = False) -> int:
    """How many points a design will have; a whole number of Python's, however large."""
    d = len(problem)
    if method == "grid":
        return math.prod(_on_axis(factor, n) for factor in problem.factors)
    return n * {"lhs": 1, "sobol": 2 * d + 2 if second_order else d + 2, "morris": d + 1}[method]


def sample(problem: Problem, method: str, n: int, *, seed: int = 0, second_order: bool = False, num_levels: int = MORRIS_LEVELS) -> Points:
    """Draw a design.

    Args:
        problem: what is varied.
        method: one of SAMPLED.
        n: levels a factor (grid), points (lhs), base sample, a power of two (sobol), trajectories (morris).
        seed: any whole number from 0; a grid has no use for it.
        second_order: sobol has the rows for second-order indices.
        num_levels: of the grid that a Morris trajectory walks on, even.

    Returns:
        The points, one column a factor, and where they are in the unit cube, shape (points, factors).

    Raises:
        InputError: every reason for which there is no such design.
    """
    faults = design_faults(problem, method, n, second_order=second_order, num_levels=num_levels)
    if faults:
        raise InputError(faults)
    if method == "grid":
        return _grid(problem, n)
    if method == "morris":
        unit = _morris(problem, n, seed, num_levels)
        columns = [_at_grid_position(factor, unit[:, k]) for k, factor in enumerate(problem.factors)]
    else:
        unit = _lhs(problem, n, seed) if method == "lhs" else _sobol(problem, n, seed, second_order)
        columns = [factor.value(unit[:, k]) for k, factor in enumerate(problem.factors)]
    return pd.DataFrame(dict(zip(problem.names, columns, strict=True))), unit


def draw_design(problem: Problem, method: str, n: int, *, scenarios: Sequence[str] = DEFAULT_SCENARIOS, overrides: Mapping[str, str] | None = None,
                replicates: int | None = None, seeds: str = "crossed", seed: int = 1, second_order: bool = False,
                num_levels: int = MORRIS_LEVELS, command: str = "") -> Design:  # fmt: skip
    """A design with what is run at its points; other arguments as for `sample`.

    Args:
        problem, method, n: as for `sample`.
        scenarios: bundled names or files; not used where the problem is not the model's.
        overrides: values of `--set`, for every point.
        replicates: DEFAULT_REPLICATES where None, and 1 where the problem is not the model's.
        seeds: "crossed" or "independent".
        seed: the user's, for the points and for the runs.
        second_order, num_levels: as for `sample`.
        command: what made it, for people.

    Raises:
        InputError: every reason for which there is no such design, or every fault of the scenarios.
    """
    points, unit = sample(problem, method, n, seed=seed, second_order=second_order, num_levels=num_levels)
    runs = replicates or (DEFAULT_REPLICATES if problem.is_ours else 1)
    return Design(method, problem, points, unit, n, second_order, num_levels if method == "morris" else None,
                  contents_of(scenarios) if problem.is_ours else (), dict(overrides or {}), runs, seeds, seed, __version__, command)  # fmt: skip


def _on_axis(factor: Factor, n: int) -> int:
    """Values of a factor on a grid, counted without making them."""
    if factor.distribution == "choice":
        return len(factor.levels)
    return n if factor.n_levels is None else min(n, factor.n_levels)


def _grid(problem: Problem, n: int) -> Points:
    """The full product of the factors' levels; the last factor changes fastest."""
    axes = [factor.spread(n) for factor in problem.factors]
    number = np.indices([len(axis) for axis in axes]).reshape(len(axes), -1)
    columns = {factor.name: axis[k] for factor, axis, k in zip(problem.factors, axes, number, strict=True)}
    unit = np.column_stack([factor.position(axis)[k] for factor, axis, k in zip(problem.factors, axes, number, strict=True)])
    return pd.DataFrame(columns), unit


def _lhs(problem: Problem, n: int, seed: int) -> Unit:
    from scipy.stats import qmc

    return qmc.LatinHypercube(len(problem), seed=np.random.default_rng(seed)).random(n)


def _sobol(problem: Problem, n: int, seed: int, second_order: bool) -> Unit:
    from SALib.sample import sobol

    return np.asarray(sobol.sample(problem.unit_cube(), n, calc_second_order=second_order, seed=seed), dtype=np.float64)


def _morris(problem: Problem, n: int, seed: int, num_levels: int) -> Unit:
    from SALib.sample import morris

    return np.asarray(morris.sample(problem.unit_cube(), n, num_levels=num_levels, seed=seed), dtype=np.float64)


def _at_grid_position(factor: Factor, u: Unit) -> NDArray[np.generic]:
    """Values at levels of a Morris grid: 0 is the lowest value and 1 the highest, and integers and choices are rounded to in between.

    A step there is more than half of the range, so it always changes an integer or a choice too.
    """
    n = factor.n_levels
    return factor.value(u) if n is None else factor.level(np.rint(u * (n - 1)).astype(np.int64))


def design_faults(problem: Problem, method: str, n: int, *, second_order: bool, num_levels: int) -> list[Fault]:
    """Every reason for which there is no such design; arguments as for `sample`."""
    if method not in SAMPLED:
        raise KeyError(f"no method is called {method!r}: one of {', '.join(SAMPLED)}")
    faults = []
    least = 2 if method == "grid" else 1
    if n < least:
        return [Fault("--n", "is too small", f"{least} or more", value=str(n))]
    if method == "sobol" and n & (n - 1):
        below = 1 << (n.bit_length() - 1)
        faults.append(Fault("--n", "is not a power of two, which Sobol's sequence needs", f"for instance {below:,} or {2 * below:,}", value=str(n)))
    if method == "morris" and (num_levels < 2 or num_levels % 2):
        faults.append(Fault("--levels", "is not an even number", "an even number from 2, 4 unless there is a reason", value=str(num_levels)))
    points = count_points(problem, method, n, second_order=second_order)
    if points > MOST_POINTS or points * len(problem) > MOST_VALUES:
        most = min(MOST_POINTS, MOST_VALUES // len(problem))
        remedy = "a smaller --n, or fewer --parameters" + ("; --method lhs fills many dimensions with few points" if method == "grid" else "")
        faults.append(Fault("--n", f"gives {_told(points)} points of {len(problem)} factors", f"at most {most:,} points; {remedy}", value=str(n)))
    return faults


def _told(count: int) -> str:
    """A count that may be of a hundred digits."""
    return f"{count:,}" if count < 10**15 else f"about 10^{len(str(count)) - 1}"
