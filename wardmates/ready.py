"""What is made ready ahead of its use: the engine before anything is timed, the report's libraries while others simulate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from experiments.execute import OnProgress

COMPILING = "Compiling the array engine for this machine, once: about a minute ..."
_SMALL = {"parameters": {"students": 12, "campus_years": 1, "clinical_years": 1}}


def make_ready(engine: str, err: Console) -> None:
    """Load the array engine, and compile it if this installation has not yet done so; the Mesa model is always ready.

    A run of a few students does both, here and not in the midst of the first results: so the time left is estimated from runs alone, and Ctrl-C
    stops a compilation. What outcomes compile of their own is made ready with it.

    Args:
        engine: a name in `experiments.engines.ENGINES`.
        err: where to say that it compiles.
    """
    if engine != "arrays":
        return
    from simulation.engine.compile import is_compiled
    from simulation.record.outcomes import outcome_parts
    from simulation.run import run
    from simulation.scenario.scenario import make_scenario
    from wardmates.shown import say

    if not is_compiled():
        say(err, COMPILING)
    history = run(make_scenario(_SMALL), 0, engine=engine)
    outcome_parts(history, history)


def meanwhile(on_progress: OnProgress, prepare: Callable[[], object]) -> OnProgress:
    """Do something once, at the first progress: then workers simulate and this thread would only wait for them.

    Args:
        on_progress: what is told of progress, before that.
        prepare: what is done.

    Returns:
        What to call in the place of `on_progress`.
    """
    is_done = False

    def told(done: int, of: int) -> None:
        nonlocal is_done
        on_progress(done, of)
        if not is_done:
            is_done = True
            prepare()

    return told


def prepare_report() -> None:
    """Import what a report is made with, and compile its template: half a second that needs no result."""
    from pyarrow import parquet  # noqa: F401  (for rows.parquet)

    from experiments.report import template

    template()
