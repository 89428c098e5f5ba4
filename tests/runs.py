"""Short runs for tests: small cohorts, two years, any change of scenario."""

from __future__ import annotations

from functools import cache
from typing import Any

from simulation.model import PeerSupportModel
from simulation.record.history import History
from simulation.scenario.scenario import Scenario, make_scenario

SMALL = {"students": 48, "campus_years": 1, "clinical_years": 1, "students_per_officer": 12, "volunteer_share": 0.4}


def scenario(placement: str = "auto", campus: str = "auto", training: Any = (), officers: str = "none", add_ons: tuple[str, ...] = (),
             **parameters: float) -> Scenario:  # fmt: skip
    """A small scenario; parameters win over SMALL."""
    raw = {"grouping": {"placement": placement, "campus": campus}, "parameters": {**SMALL, **parameters},
           "support": {"training": training if training == "all" else list(training), "officers": officers, "add_ons": list(add_ons)}}  # fmt: skip
    return make_scenario(raw)


def stepped(weeks: int, seed: int = 1, **changes: Any) -> PeerSupportModel:
    """A small model after some weeks."""
    model = PeerSupportModel(scenario(**changes), seed)
    for _ in range(weeks * model.steps_per_week):
        model.step()
    return model


@cache
def _history(seed: int, changes: tuple[tuple[str, Any], ...]) -> History:
    model = PeerSupportModel(scenario(**dict(changes)), seed)
    while model.running:
        model.step()
    return model.history()


def history(seed: int = 1, **changes: Any) -> History:
    """The history of a small model; repeated calls give the same object."""
    return _history(seed, tuple(sorted(changes.items())))
