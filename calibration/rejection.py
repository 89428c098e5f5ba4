"""A first fit by plain rejection: draw parameters from the table's ranges, run cheap cohorts, keep the points inside every target's range.

All targets at once would keep about one point in a million. But how long distress lasts depends on little but its own rates, how common it is
hardly on friendship, and neither on how students help. So the fit goes in stages, one for each block of targets: a stage keeps the parameters
that earlier stages accepted, draws all others anew, and accepts what is inside the targets of its block and of all before it. Where earlier
blocks do not depend on later parameters at all, that is exactly rejection on all of them together; how far they do shows in how many points stay
inside earlier blocks, and none that do not is kept. A last stage draws nothing and looks at what is left in other worlds, with more cohorts.

At every point of a stage the same seeds are used, so points differ by their parameters alone. These few worlds are not the average world: how far
they are from it at the defaults, over many worlds, is taken off everywhere. Nothing held out is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.stats import qmc

from calibration.measures import Measure
from calibration.targets import Target
from simulation.evidence.parameters import PARAMETERS, Parameter
from simulation.run import run
from simulation.scenario.scenario import load_scenario
from simulation.streams import replicate_seed

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Simulate = Callable[[dict[str, float], range], Array]
"""(parameter values, replicates) -> sums of each cohort for each target, shape (replicates, targets, 2)."""
OnProgress = Callable[[int, int], None]
AVERAGE = range(200)
"""Worlds over which the defaults are the average world."""


@dataclass(frozen=True)
class Stage:
    """One stage of a fit.

    Attributes:
        block: the block of targets that is judged from here on; empty for a stage that only looks again.
        parameters: the rows of the table that the block identifies, kept from here on as accepted.
        points: points drawn (a power of 2 is spread best), or the most that are looked at again.
        replicates: worlds of each point.
    """

    block: str
    parameters: tuple[str, ...]
    points: int
    replicates: range


STAGES: tuple[Stage, ...] = (
    Stage("recovery", ("recovery_rate", "frailty_sd"), 2048, range(2)),
    Stage("distress", ("onset_rate", "worsening_rate", "year_1_multiplier", "distressed_at_entry"), 2048, range(2)),
    Stage("friendship", ("sociability_mean", "sociability_cv", "tie_half_life", "common_friends_pull", "offsite_availability", "kappa_campus",
                         "kappa_placement"), 12288, range(1)),
    Stage("help", ("self_presentation", "notice_contact", "accept_intercept"), 1024, range(4)),
    Stage("", (), 128, range(200, 212)),
)  # fmt: skip
"""The fit of the defaults. The share noticed and peer reach tell two of noticing, offering and accepting apart, so offering is fixed."""


@dataclass(frozen=True)
class Result:
    """What a stage found.

    Attributes:
        stage: the stage.
        points: parameter values, shape (points, parameters of all stages).
        values: of each target, less the worlds' offset, shape (points, targets); nan where nothing happened that could be counted.
        offset: value of each target at the defaults in the stage's worlds, less that in the average world, shape (targets,).
        is_inside: inside each target's range, shape (points, targets).
        is_accepted: inside all ranges of the blocks judged so far, shape (points,).
    """

    stage: Stage
    points: Array
    values: Array
    offset: Array
    is_inside: Mask
    is_accepted: Mask


def quantile(row: Parameter, share: Array) -> Array:
    """Values below which shares of a parameter's distribution lie.

    Raises:
        ValueError: the parameter has no range of real numbers to draw from.
    """
    low, width = row.low, row.high - row.low
    match row.distribution:
        case "uniform":
            return np.asarray(stats.uniform.ppf(share, low, width))
        case "loguniform":
            return np.asarray(stats.loguniform.ppf(share, row.low, row.high))
        case "triangular":
            return np.asarray(stats.triang.ppf(share, (row.default - low) / width, low, width))
    raise ValueError(f"{row.name} is {row.distribution}: nothing to draw")


def draw(names: Sequence[str], points: int, seed: int) -> Array:
    """Parameter values from the table's ranges and distributions, spread evenly (a scrambled Sobol sequence), shape (points, names)."""
    if not names:
        return np.empty((points, 0))
    sobol = qmc.Sobol(len(names), rng=np.random.default_rng(seed))
    unit = sobol.random_base2(int(np.ceil(np.log2(points))))[:points]
    return np.column_stack([quantile(PARAMETERS[name], unit[:, k]) for k, name in enumerate(names)])


def cohorts(measures: Sequence[Measure], *, scenario: str = "informal", students: int = 120, seed: int = 1) -> Simulate:
    """What reads measures off cohorts of a bundled scenario with some parameters set."""

    def simulate(values: dict[str, float], replicates: range) -> Array:
        what = load_scenario(scenario, overrides={"students": students, **values})
        histories = (run(what, replicate_seed(seed, r)) for r in replicates)
        return np.array([[sums(history) for sums in measures] for history in histories])

    return simulate


def simulate_points(simulate: Simulate, names: Sequence[str], points: Array, replicates: range, workers: int = 1,
                    on_progress: OnProgress | None = None) -> Array:  # fmt: skip
    """Sums of targets at every point, added over its cohorts: the same array whatever the number of threads.

    Args:
        simulate: makes the cohorts of one point.
        names: parameters, in the order of the columns of `points`.
        points: shape (points, names).
        replicates: worlds, the same at all points.
        workers: threads.
        on_progress: called in this thread with (runs done, runs in all).

    Returns:
        Shape (points, targets, 2).
    """

    def at(point: Array) -> Array:
        return np.asarray(simulate(dict(zip(names, point.tolist(), strict=True)), replicates).sum(axis=0))

    sums = []
    with ThreadPoolExecutor(workers, thread_name_prefix="rejection") as pool:
        for of_point in pool.map(at, points):
            sums.append(of_point)
            if on_progress:
                on_progress(len(sums) * len(replicates), len(points) * len(replicates))
    return np.array(sums)


def inside(targets: Sequence[Target], values: Array) -> Mask:
    """Whether values, shape (..., targets), lie in the targets' ranges; what could not be counted does not."""
    return np.asarray((values >= [t.low for t in targets]) & (values <= [t.high for t in targets]))


def fit(stages: Sequence[Stage], targets: Sequence[Target], simulate: Simulate, *, average: range = AVERAGE, seed: int = 1, workers: int = 1,
        on_progress: OnProgress | None = None) -> list[Result]:  # fmt: skip
    """Run the stages of a fit, one after the other.

    Args:
        stages: in order; their blocks are judged from the stage that names them on.
        targets: what is fitted.
        simulate: makes the cohorts of one point, in the order of `targets`.
        average: worlds of the average world.
        seed: of the points drawn.
        workers: threads; they change no figure.
        on_progress: called with (runs done, runs in all at most).

    Raises:
        ValueError: a stage accepted no point with which the next could go on; that the last accepts none is a result.
    """
    names = parameters_of(stages)
    total, done = sum(stage.points * len(stage.replicates) for stage in stages), 0
    centre = ratios(simulate({}, average).sum(axis=0))
    results: list[Result] = []
    judged: set[str] = set()
    for number, stage in enumerate(stages):
        points = _points(results[-1] if results else None, stages[number:], names, seed + number)
        start = done
        told = None if on_progress is None else lambda n, _total, start=start: on_progress(start + n, total)
        sums = simulate_points(simulate, names, points, stage.replicates, workers, told)
        done += stage.points * len(stage.replicates)
        judged |= {stage.block}
        offset = ratios(simulate({}, stage.replicates).sum(axis=0)) - centre
        values = ratios(sums) - offset
        is_inside = inside(targets, values)
        is_accepted = np.asarray(is_inside[:, [t.block in judged for t in targets]].all(axis=1))
        if not is_accepted.any() and number + 1 < len(stages):
            raise ValueError(f"stage {number + 1} accepted none of {len(points)} points: draw more, or look at its targets ({stage.block or 'all'})")
        results.append(Result(stage, points, values, offset, is_inside, is_accepted))
    return results


def parameters_of(stages: Sequence[Stage]) -> tuple[str, ...]:
    """Parameters of all stages, in their order."""
    return tuple(name for stage in stages for name in stage.parameters)


def ratios(sums: Array) -> Array:
    """Values of sums of shape (..., 2); nan where there is no denominator."""
    out = np.full(sums.shape[:-1], np.nan)
    return np.asarray(np.divide(sums[..., 0], sums[..., 1], out=out, where=sums[..., 1] != 0))


def _points(before: Result | None, stages: Sequence[Stage], names: Sequence[str], seed: int) -> Array:
    """The points of the first of the stages left: what the stage before accepted, in turn, with the parameters of the stages left drawn anew."""
    stage, left = stages[0], parameters_of(stages)
    if before is None:
        return draw(left, stage.points, seed)
    accepted = before.points[before.is_accepted]
    if not left:
        return accepted[np.linspace(0, len(accepted) - 1, min(stage.points, len(accepted))).round().astype(np.int64)]
    kept = accepted[np.arange(stage.points) % len(accepted), : len(names) - len(left)]
    return np.concatenate([kept, draw(left, stage.points, seed)], axis=1)
