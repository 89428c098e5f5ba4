"""What is made ready ahead of its use: the engine before anything is timed, the report's libraries while others simulate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from experiments.execute import OnProgress
    from simulation.record.history import History

COMPILING = "Compiling the array engine for this machine, once"


def make_ready(engine: str, err: Console) -> None:
    """Have the engine ready before the first run, and say so where it must be compiled; the Mesa model is always ready.

    It is done here and not in the midst of the first results, so that the time left is estimated from runs alone.

    Args:
        engine: a name in `simulation.ENGINES`.
        err: where to say that it compiles.
    """
    if engine != "arrays":
        return
    from experiments import execute
    from simulation.engine.compile import SECONDS, is_compiled
    from wardmates.shown import say, span

    if not is_compiled():
        say(err, f"{COMPILING}: about {span(SECONDS)} ...")
    execute.make_ready()


def away_from_ctrl_c(engine: str, run: Callable[[], History]) -> History:
    """Run the array engine in a thread of its own.

    Ctrl-C comes to the main thread. A kernel there would return with it pending, and numba does not survive that while it makes Python's tuples of
    what the kernel returns. So Ctrl-C waits for the end of the run; the Mesa model stops at once.

    Args:
        engine: a name in `simulation.ENGINES`.
        run: what simulates.
    """
    if engine != "arrays":
        return run()
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


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

    import experiments.report  # noqa: F401
    from experiments.page import template

    template("report.html")
