"""The engines by name, and how many runs may go on at one time; nothing here is slow to import."""

from __future__ import annotations

import os
import sys

from simulation import ENGINES
from simulation.faults import Fault, nearest

DEFAULT_ENGINE = "arrays"
OWN = "a function of the caller's own"
"""What stands for the engine where somebody compares with a `run` of their own."""


def engine_faults(engine: str, where: str = "engine") -> list[Fault]:
    """The fault of an engine that there is none of; none for an engine.

    Args:
        engine: its name, as given.
        where: the argument or option that gave it.
    """
    return [] if engine in ENGINES else [Fault(where, "no such engine", nearest(engine, ENGINES), value=engine)]


def usable_cores() -> int:
    """Processor cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
