"""wardmates: who notices a medical student in distress, who helps, and who is left unreached.

The public names are re-exported here and imported only when they are asked for, so that `wardmates --help` and `import wardmates` stay quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from simulation import __version__

if TYPE_CHECKING:
    from experiments.compare import compare
    from experiments.studies import analyse, draw_design, run_sweep
    from simulation.agents import Student
    from simulation.evidence.parameters import PARAMETERS
    from simulation.model import PeerSupportModel
    from simulation.record.history import History
    from simulation.record.outcomes import OUTCOMES
    from simulation.run import run
    from simulation.scenario.inputs import read_school
    from simulation.scenario.scenario import Scenario, bundled, load_scenario


_HOME = {
    "PeerSupportModel": "simulation.model",
    "Student": "simulation.agents",
    "Scenario": "simulation.scenario.scenario",
    "load_scenario": "simulation.scenario.scenario",
    "bundled": "simulation.scenario.scenario",
    "read_school": "simulation.scenario.inputs",
    "run": "simulation.run",
    "compare": "experiments.compare",
    "draw_design": "experiments.studies",
    "run_sweep": "experiments.studies",
    "analyse": "experiments.studies",
    "History": "simulation.record.history",
    "OUTCOMES": "simulation.record.outcomes",
    "PARAMETERS": "simulation.evidence.parameters",
}

__all__ = [
    "OUTCOMES", "PARAMETERS", "History", "PeerSupportModel", "Scenario", "Student", "__version__", "analyse", "bundled", "compare",
    "draw_design", "load_scenario", "read_school", "run", "run_sweep",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name from the room that it lives in (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'wardmates' has no attribute {name!r}; it has {', '.join(sorted(_HOME))}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_HOME))
