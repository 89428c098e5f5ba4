"""One row of a store run again, with its full history, and held against what the store says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.sweep.points import scenario_at, seed_of
from experiments.sweep.rows import values_of
from experiments.sweep.store import Store
from simulation.record.history import History
from simulation.record.outcomes import OUTCOMES
from simulation.run import run
from simulation.scenario.scenario import Scenario
from simulation.scenario.school import School


@dataclass(frozen=True)
class Again:
    """A row, run again.

    Attributes:
        row: its number.
        scenario: what was run.
        history: of the run.
        outcomes: name -> value now.
        stored: the store's row, None where it has none.
    """

    row: int
    scenario: Scenario
    history: History
    outcomes: dict[str, float]
    stored: pd.Series | None

    def differing(self) -> dict[str, tuple[float, float]]:
        """Outcomes that are not the store's bit for bit: name -> (in the store, now)."""
        if self.stored is None:
            return {}
        pairs = {name: (float(self.stored[name]), value) for name, value in self.outcomes.items()}
        return {name: pair for name, pair in pairs.items() if not _is_same(*pair)}


def scenario_of(store: Store, row: int, school: School | None) -> Scenario:
    """The scenario of a row."""
    point, _, name = store.place_of(row)
    return scenario_at(store.design, point, name, school)


def rerun(store: Store, row: int, school: School | None, weeks_of_ties: tuple[int, ...] = ()) -> Again:
    """Run a row again, and its baseline too, at which some outcomes look.

    Args:
        store: the store.
        row: number of the row.
        school: the files that the sweep was run with.
        weeks_of_ties: weeks, besides the year-ends, whose ties the history keeps.

    Raises:
        InputError: the design has no such row, or the model refuses the run, as it did in the sweep.
    """
    stored = store.row(row)
    point, replicate, name = store.place_of(row)
    seed, engine = seed_of(store.design, point, replicate), store.manifest.engine
    scenario = scenario_of(store, row, school)
    history = run(scenario, seed, weeks_of_ties=weeks_of_ties, engine=engine)
    first = store.design.scenarios[0][0]
    baseline = history if name == first else run(scenario_at(store.design, point, first, school), seed, engine=engine)
    outcomes = {outcome: float(values_of(outcome, [OUTCOMES[outcome].parts(history, baseline)], has_school=school is not None)[0])
                for outcome in store.manifest.outcomes}  # fmt: skip
    return Again(row, scenario, history, outcomes, stored)


def _is_same(one: float, other: float) -> bool:
    return bool(np.float64(one).view(np.int64) == np.float64(other).view(np.int64)) or (np.isnan(one) and np.isnan(other))
