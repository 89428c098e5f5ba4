"""One run: a scenario and a seed give a history."""

from __future__ import annotations

from simulation.model import PeerSupportModel
from simulation.record.history import History
from simulation.scenario.scenario import Scenario


def run(scenario: Scenario, seed: int, *, weeks_of_ties: tuple[int, ...] = ()) -> History:
    """Run a scenario to the end of the course.

    Args:
        scenario: what to simulate.
        seed: the world, 0 <= seed < 2^64; the same seed gives the same history, and scenarios with one seed share their draws.
        weeks_of_ties: weeks, besides the year-ends, whose ties are kept.

    Raises:
        InputError: groups do not fit into the sites.
    """
    model = PeerSupportModel(scenario, seed, weeks_of_ties=weeks_of_ties)
    while model.running:
        model.step()
    return model.history()
