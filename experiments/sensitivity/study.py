"""One question put to a sweep, with all that is shown of it: indices, curves, the map of who wins where, and the rule of scenario discovery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.sensitivity.discovery import Discovery, discover
from experiments.sensitivity.evaluations import Evaluations, of_difference, of_store
from experiments.sensitivity.figure_responses import MOST_CURVES
from experiments.sensitivity.looks import as_shown
from experiments.sensitivity.responses import FEWEST_CELLS, POINTS_A_CELL, Curve, WinMap, curves, win_map
from experiments.sensitivity.result import Analysis
from simulation.faults import InputError
from simulation.record.outcomes import OUTCOMES

if TYPE_CHECKING:
    from experiments.sweep.design import Design
    from experiments.sweep.store import Store

FEWEST_CURVES = 2


@dataclass(frozen=True)
class Study:
    """What was asked and what was found.

    Attributes:
        design: what was run.
        outcome: name of the outcome.
        evaluations: its values.
        analysis: the indices.
        curves: the outcome along the largest parameters.
        wins: where which scenario wins; None where there is one scenario, too few points, or no better and worse.
        discovery: where a does no better than b, of a difference a less b; else None.
    """

    design: Design
    outcome: str
    evaluations: Evaluations
    analysis: Analysis
    curves: tuple[Curve, ...]
    wins: WinMap | None
    discovery: Discovery | None

    @property
    def shown(self) -> Analysis:
        """The analysis as it is shown: what is in the outcome's unit in the unit that people read."""
        return as_shown(self.analysis)

    @property
    def better(self) -> str | None:
        """Whether lower or higher values of the outcome are better; None where neither is or nobody said."""
        return better_of(self.design, self.outcome)


def better_of(design: Design, outcome: str) -> str | None:
    """Whether lower or higher values of an outcome are better; None where neither is, or where the problem is not the model's."""
    return OUTCOMES[outcome].better if design.problem.is_ours and outcome in OUTCOMES else None


def read_evaluations(store: Store, outcome: str, scenario: str, difference: tuple[str, str] | None) -> Evaluations:
    """The outcome of one scenario, or the paired difference of two.

    Raises:
        InputError: no such outcome or scenario, or runs that are missing, failed or undefined.
    """
    return of_store(store, outcome, scenario) if difference is None else of_difference(store, outcome, *difference)


def study_of(design: Design, outcome: str, evaluations: Evaluations, analysis: Analysis, difference: tuple[str, str] | None = None,
             by_scenario: dict[str, Evaluations] | None = None) -> Study:  # fmt: skip
    """Everything that is shown of an analysis.

    Args:
        design, outcome, evaluations: what was analysed.
        analysis: its indices.
        difference: the two scenarios, where a paired difference was analysed.
        by_scenario: evaluations of the outcome by scenario, for the map of who wins where.
    """
    varied = [name for name in analysis.ranked() if design.points[name].nunique() > 1]
    told = [name for name in analysis.told_from_zero() if name in varied]
    shown = (told or varied[:FEWEST_CURVES])[:MOST_CURVES]
    better, values = better_of(design, outcome), by_scenario or {}
    wins = None
    if better and len(values) > 1 and len(varied) > 1 and design.n_points >= FEWEST_CELLS**2 * POINTS_A_CELL:
        first, second = [*told, *(name for name in varied if name not in told)][:2]
        wins = win_map(design, values, better, first, second)
    found = discover(design, evaluations, *difference, better) if difference and better else None
    return Study(design, outcome, evaluations, analysis, tuple(curves(design, evaluations, shown, is_shape=difference is None)), wins, found)


def all_scenarios(store: Store, outcome: str) -> dict[str, Evaluations]:
    """Evaluations of an outcome by scenario, without those in which it is not defined."""
    found = {}
    for name, _ in store.design.scenarios:
        try:
            found[name] = of_store(store, outcome, name)
        except InputError:
            continue
    return found
