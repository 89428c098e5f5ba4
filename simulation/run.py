"""One run: a scenario and a seed give a history, on arrays or on the Mesa model."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from simulation import ENGINES
from simulation.record.history import History
from simulation.scenario.scenario import Scenario

if TYPE_CHECKING:
    from simulation.engine.cohort import Plan

_plans: dict[int, tuple[weakref.ref[Scenario], Plan]] = {}


def run(scenario: Scenario, seed: int, *, weeks_of_ties: tuple[int, ...] = (), engine: str = "arrays") -> History:
    """Run a scenario to the end of the course. Both engines give the same history, but for the last digits of strengths, loads and contact hours.

    Args:
        scenario: what to simulate.
        seed: the world, 0 <= seed < 2^64; the same seed gives the same history, and scenarios with one seed share their draws.
        weeks_of_ties: weeks, besides the year-ends, whose ties are kept.
        engine: a key of ENGINES.

    Raises:
        InputError: groups do not fit into the sites.
        KeyError: no such engine.
    """
    if engine == "arrays":
        from simulation.engine.cohort import Cohort

        cohort = Cohort(_plan_of(scenario), seed, weeks_of_ties=weeks_of_ties)
        cohort.run_to(cohort.n_steps)
        return cohort.history()
    if engine != "mesa":
        raise KeyError(f"no engine is called {engine!r}: one of {', '.join(ENGINES)}")
    from simulation.model import PeerSupportModel

    model = PeerSupportModel(scenario, seed, weeks_of_ties=weeks_of_ties)
    while model.running:
        model.step()
    return model.history()


def _plan_of(scenario: Scenario) -> Plan:
    """The plan of a scenario, made once for each and kept while the scenario is."""
    from simulation.engine.cohort import Plan

    kept = _plans.get(id(scenario))
    if kept is not None and kept[0]() is scenario:
        return kept[1]
    plan, key = Plan(scenario), id(scenario)
    _plans[key] = weakref.ref(scenario, lambda _: _plans.pop(key, None)), plan
    return plan
