"""Functions whose shares of variance are known in closed form, with chance of several kinds on top, and designs to evaluate them on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.sensitivity.evaluations import Evaluations
from experiments.sweep.design import Design
from experiments.sweep.factor import Factor
from experiments.sweep.problem import Problem

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Function:
    """A function of the unit cube.

    Attributes:
        values: (points, d) -> (points,).
        first: variance of the main effect of each factor, shape (d,).
        total: variance of everything that a factor takes part in, shape (d,).
        variance, mean: of the function.
    """

    values: Callable[[Array], Array]
    first: Array
    total: Array
    variance: float
    mean: float


def _ishigami(u: Array) -> Array:
    x = (2 * u - 1) * np.pi
    return np.asarray(np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))


def ishigami() -> Function:
    """Ishigami and Homma 1990 with a = 7, b = 0.1."""
    one, two, together = (1 + 0.1 * np.pi**4 / 5) ** 2 / 2, 7**2 / 8, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    return Function(_ishigami, np.array([one, two, 0.0]), np.array([one + together, two, together]), one + two + together, 3.5)


def sobol_g(a: tuple[float, ...] = (0.0, 1.0, 4.5, 9.0)) -> Function:
    """Sobol's g: the product of (|4u - 2| + a) / (1 + a)."""
    weight = np.array(a)
    own = 1 / (3 * (1 + weight) ** 2)
    variance = float(np.prod(1 + own) - 1)
    return Function(lambda u: np.asarray(np.prod((np.abs(4 * u - 2) + weight) / (1 + weight), axis=1)), own,
                    own * np.prod(1 + own) / (1 + own), variance, 1.0)  # fmt: skip


@dataclass(frozen=True)
class Chance:
    """What chance adds.

    Attributes:
        crossed: worlds are shared by all points.
        seed, interaction: variances of the worlds' main effect and of seed x parameter (of all chance, with independent seeds).
        interaction_first: what the interaction adds to the numerators of first order in a single world, shape (d,).
        interaction_total: likewise of total order.
        draw: (unit, f less its mean, replicates, rng) -> what to add, shape (points, replicates).
    """

    crossed: bool
    seed: float
    interaction: float
    interaction_first: Array
    interaction_total: Array
    draw: Callable[[Array, Array, int, np.random.Generator], Array]


def constant(function: Function, share: float = 0.5) -> Chance:
    """Independent chance of one size, its variance a share of the function's."""
    v = share * function.variance
    d = len(function.first)
    return Chance(False, 0.0, v, np.zeros(d), np.full(d, v), lambda u, f, r, rng: rng.normal(0, np.sqrt(v), (len(u), r)))


def varying(function: Function, share: float = 0.5) -> Chance:
    """Independent chance, skew, whose size grows with the first factor: standard deviation c * u_1, variance c^2 / 3 on average."""
    c = np.sqrt(3 * share * function.variance)
    d = len(function.first)
    return Chance(False, 0.0, c**2 / 3, np.zeros(d), np.full(d, c**2 / 3),
                  lambda u, f, r, rng: (rng.exponential(1, (len(u), r)) - 1) * c * u[:, :1])  # fmt: skip


def crossed_scattered(function: Function, seed: float = 0.2, share: float = 0.4) -> Chance:
    """g(s) + h(x, s), where h is fresh chance at every point, of a size that varies: c * u_2."""
    c = np.sqrt(3 * share * function.variance)
    d = len(function.first)
    sg = np.sqrt(seed * function.variance)
    return Chance(True, sg**2, c**2 / 3, np.zeros(d), np.full(d, c**2 / 3),
                  lambda u, f, r, rng: rng.normal(0, sg, r) + rng.normal(size=(len(u), r)) * c * u[:, 1:2])  # fmt: skip


def crossed_scaled(function: Function, seed: float = 0.2, share: float = 0.25) -> Chance:
    """g(s) + h(x, s), where h = k(s) * (f(x) - mean): a world scales the whole response."""
    k, sg = np.sqrt(share), np.sqrt(seed * function.variance)
    return Chance(True, sg**2, share * function.variance, share * function.first, share * function.total,
                  lambda u, f, r, rng: rng.normal(0, sg, r) + rng.normal(0, k, r) * f[:, None])  # fmt: skip


def crossed_mixed(function: Function, seed: float = 0.2, share: float = 0.15) -> Chance:
    """g(s) + h(x, s), where h = k(s) * sin(2 pi u_1) + fresh chance: worlds agree on part of it, and change what x1 decides."""
    sk, sg, se = np.sqrt(2 * share * function.variance), np.sqrt(seed * function.variance), np.sqrt(0.1 * function.variance)
    d = len(function.first)
    first, total = np.zeros(d), np.full(d, se**2)
    first[0] = sk**2 / 2
    total[0] += sk**2 / 2
    return Chance(True, sg**2, sk**2 / 2 + se**2, first, total,
                  lambda u, f, r, rng: (rng.normal(0, sg, r) + rng.normal(0, sk, r) * np.sin(2 * np.pi * u[:, :1])
                                        + rng.normal(0, se, (len(u), r))))  # fmt: skip


def truth(function: Function, chance: Chance, replicates: int) -> dict[str, Array]:
    """Indices by name; S1 and ST those of the mean of so many replicates, which is what SALib's estimators estimate."""
    variance = function.variance + chance.seed + chance.interaction
    of_means = function.variance + chance.interaction / replicates
    found = {
        "S1": (function.first + chance.interaction_first / replicates) / of_means,
        "ST": (function.total + chance.interaction_total / replicates) / of_means,
        "S1_run": function.first / variance, "ST_run": function.total / variance,
        "noise": np.array([(chance.seed + chance.interaction) / variance]),
    }  # fmt: skip
    if chance.crossed:
        found |= {"noise_seed": np.array([chance.seed / variance]), "noise_interaction": np.array([chance.interaction / variance])}
    return found


def base_rows(n: int, d: int, rng: np.random.Generator) -> Array:
    """Points of a sobol design in SALib's order whose base rows are independent, as the intervals take them to be."""
    a, b = rng.random((n, d)), rng.random((n, d))
    return np.stack([a, *(np.where(np.arange(d) == j, b, a) for j in range(d)), b], axis=1).reshape(-1, d)


def design_of(unit: Array, method: str = "sobol", *, replicates: int = 1, crossed: bool = True, second_order: bool = False,
              num_levels: int | None = None) -> Design:  # fmt: skip
    """A design of the unit cube at given points."""
    names = [f"x{k + 1}" for k in range(unit.shape[1])]
    problem = Problem(tuple(Factor(name, 0.0, 1.0, "uniform") for name in names), False)
    return Design(method, problem, pd.DataFrame(unit, columns=names), unit, len(unit), second_order, num_levels, (), {}, replicates,
                  "crossed" if crossed else "independent", 0, "0")  # fmt: skip


def evaluated(function: Function, chance: Chance, unit: Array, replicates: int, rng: np.random.Generator) -> Evaluations:
    """The function with chance on top."""
    f = function.values(unit)
    return Evaluations(f[:, None] + chance.draw(unit, f - function.mean, replicates, rng), "y", "", chance.crossed)
