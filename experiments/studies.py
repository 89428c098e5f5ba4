"""A sensitivity study in Python, a call a step: a design by the names of parameters, its runs in a folder, a question put to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from experiments.engines import DEFAULT_ENGINE, usable_cores
from experiments.execute import make_ready
from experiments.sensitivity import study
from experiments.sensitivity.analyse import analyse as analysis_of
from experiments.sweep import sampling, sweep
from experiments.sweep.design import Design
from experiments.sweep.problem import problem_of_table
from experiments.sweep.rows import Job
from experiments.sweep.store import Store, read_store


def draw_design(parameters: Sequence[str], method: str, n: int, *, scenarios: Sequence[str], overrides: Mapping[str, object], replicates: int,
                seed: int) -> Design:  # fmt: skip
    """A design over the table's ranges of some parameters, the same worlds at every point.

    Args:
        parameters: names, as in PARAMETERS.
        method: "morris", "sobol", "lhs" or "grid".
        n: trajectories (morris), base points, a power of two (sobol), points (lhs), or levels of each parameter (grid).
        scenarios: run at each point, the baseline first.
        overrides: values that hold at every point.
        replicates: worlds in which each scenario is run at each point.
        seed: of the points and of the worlds.

    Raises:
        InputError: every reason for which there is no such design.
    """
    return sampling.draw_design(problem_of_table(parameters), method, n, scenarios=scenarios, replicates=replicates, seed=seed,
                                overrides={name: str(value) for name, value in overrides.items()})  # fmt: skip


def run_sweep(design: Design, folder: Path | str, *, outcomes: Sequence[str] = ()) -> Store:
    """Run what a folder does not hold yet of a design, on all cores.

    Args:
        design: what is run.
        folder: made if it is not there; one that holds a part of the same sweep is gone on with.
        outcomes: those that are kept; all where none is named.

    Raises:
        InputError: there is no such outcome, or the folder holds another sweep.
    """
    folder = Path(folder)
    kept = sweep.outcomes_of(outcomes)
    folder.mkdir(parents=True, exist_ok=True)
    make_ready()
    job = Job(design, None, DEFAULT_ENGINE, kept)
    sweep.run_sweep(job, folder, workers=usable_cores(), progress=_unseen, say=print, stop=threading.Event())
    return read_store(folder)


@contextmanager
def _unseen(_runs: int, _at_once: int) -> Iterator[Callable[[int, int], None]]:
    """No progress is shown: it would be an output that is out of date as soon as the runs are there."""
    yield lambda _done, _of: None


def analyse(store: Store, outcome: str, *, difference: tuple[str, str] | None = None) -> study.Study:
    """One question put to a finished sweep: indices, curves, and the map of where which scenario wins.

    Args:
        store: the sweep.
        outcome: name of the outcome.
        difference: the first scenario less the second, in the same worlds; the design's first scenario alone where None.

    Raises:
        InputError: no such outcome or scenario, or runs that are missing, failed or undefined.
    """
    evaluations = study.read_evaluations(store, outcome, next(iter(store.design.contents)), difference)
    found = analysis_of(store.design, evaluations)
    return study.study_of(store.design, outcome, evaluations, found, difference, study.all_scenarios(store, outcome) if difference else None)
