"""Default cohorts beside what they are fitted to: what single cohorts look like, as tables and pictures of docs/plausibility.md."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from calibration.rejection import ratios
from calibration.targets import FACT_SOURCES, HELD_OUT, TARGETS
from experiments.style import BLUE, INK, PALE, VERMILLION, rows_axis, title
from simulation.evidence.sources import SOURCES
from simulation.record.history import History
from simulation.record.outcomes import OUTCOMES
from simulation.record.reach import is_counted, is_reached
from simulation.record.series import weekly_means
from simulation.run import run
from simulation.scenario.scenario import load_scenario
from simulation.streams import replicate_seed

Array = NDArray[np.float64]
Values = dict[str, float]

SERIES = ("friends_mean", "isolated", "distressed")
AROUND = 13
"""Weeks before and after, over which the share of episodes reached is taken."""


@dataclass(frozen=True)
class Look:
    """What cohorts of a scenario show.

    Attributes:
        outcomes: value of each outcome in each cohort; a row a cohort, shape (cohorts, outcomes).
        pooled: value of each outcome over all of them.
        targets, held_out: sums, shape (cohorts, targets or facts, 2).
        weekly: SERIES, and the share of episodes reached by week of onset, shape (cohorts, series, weeks).
    """

    outcomes: Array
    pooled: Values
    targets: Array
    held_out: Array
    weekly: Array

    def __len__(self) -> int:
        return len(self.outcomes)


def look(scenario: str, cohorts: int, workers: int, overrides: dict[str, float] | None = None) -> Look:
    """Run cohorts of a bundled scenario, in threads: the same whatever their number."""
    what = load_scenario(scenario, overrides=overrides or {})
    weeks = tuple(fact.week for fact in HELD_OUT if fact.week)

    def read(replicate: int) -> tuple[list[Array], Array, Array, Array]:
        history = run(what, replicate_seed(1, replicate), weeks_of_ties=weeks)
        parts = [np.array(outcome.parts(history, history)) for outcome in OUTCOMES.values()]
        held_out = [fact.sums(history) if fact.sums else (0.0, 0.0) for fact in HELD_OUT]
        return parts, np.array([t.sums(history) for t in TARGETS]), np.array(held_out), np.array([*weekly_means(history, SERIES), _reached(history)])

    with ThreadPoolExecutor(workers, thread_name_prefix="look") as pool:
        read_off = list(pool.map(read, range(cohorts)))
    parts = [np.array(of_outcome) for of_outcome in zip(*(row[0] for row in read_off), strict=True)]
    of_cohort = np.column_stack([outcome.value(of_outcome) for outcome, of_outcome in zip(OUTCOMES.values(), parts, strict=True)])
    pooled = {name: float(outcome.value(of_outcome.sum(axis=0))) for (name, outcome), of_outcome in zip(OUTCOMES.items(), parts, strict=True)}
    targets, held_out, weekly = (np.array([row[k] for row in read_off]) for k in (1, 2, 3))
    return Look(of_cohort, pooled, targets, held_out, weekly)


def _reached(history: History) -> Array:
    """Share reached of the episodes that began in the weeks around each week; nan where there are none."""
    counted = is_counted(history)
    onset, reached = history.week_of(history.episodes.onset)[counted], is_reached(history)[counted]
    near = np.abs(onset[None, :] - np.arange(1, history.calendar.n_weeks + 1)[:, None]) <= AROUND
    return ratios(np.stack([(near & reached).sum(axis=1), near.sum(axis=1)], axis=-1).astype(np.float64))


def target_lines(looks: Sequence[Look]) -> list[str]:
    """The table of fit targets: pooled value, standard error and share of single cohorts inside, of each programme."""
    lines = ["| what | published | source | range | GE4 (standard error) | cohorts inside | UG5 (standard error) | cohorts inside |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for k, t in enumerate(TARGETS):
        cells = []
        for seen in looks:
            value, each = float(ratios(seen.targets[:, k].sum(axis=0))), ratios(seen.targets[:, k])
            error = float(np.nanstd(each, ddof=1)) / len(seen) ** 0.5
            mark = "" if t.low <= value <= t.high else " **outside**"
            cells += [f"{value:.3f} ({error:.3f}){mark}", f"{100 * np.mean((each >= t.low) & (each <= t.high)):.0f} %"]
        lines.append(f"| {t.meaning} | {t.published} | {t.source or '-'} | {t.low:g} to {t.high:g} | " + " | ".join(cells) + " |")
    return lines


def held_out_lines(looks: dict[str, Look]) -> list[str]:
    """The table of held-out facts: what was found, and what the model shows beside; `looks` by scenario."""
    lines = ["| found | source | published | read off the model | value |", "|---|---|---|---|---|"]
    for k, fact in enumerate(HELD_OUT):
        shown = "-"
        if fact.sums:
            value = float(ratios(looks[fact.scenario].held_out[:, k].sum(axis=0)))
            shown = f"{value:.3f}"
            if fact.less:
                both = [ratios(looks[name].held_out[:, k]) for name in (fact.scenario, fact.less)]
                value -= float(ratios(looks[fact.less].held_out[:, k].sum(axis=0)))
                shown = f"{value:+.4f} (standard error {np.nanstd(both[0] - both[1], ddof=1) / len(both[0]) ** 0.5:.4f})"
        source = {**SOURCES, **FACT_SOURCES}[fact.source]
        lines.append(f"| {fact.fact} | {source.locator or fact.source} | {fact.published} | {fact.reading} | {shown} |")
    return lines


def outcome_lines(looks: Sequence[Look]) -> list[str]:
    """The table of all outcomes: over all cohorts, and the range of nine single cohorts in ten."""
    ranges = {t.name: f"{t.low:g} to {t.high:g}" for t in TARGETS}
    lines = ["| outcome | unit | GE4 | nine cohorts in ten | UG5 | nine cohorts in ten | fit target |", "|---|---|---|---|---|---|---|"]
    for k, (name, outcome) in enumerate(OUTCOMES.items()):
        cells = []
        for seen in looks:
            counted = seen.outcomes[:, k][np.isfinite(seen.outcomes[:, k])]
            if not len(counted):
                cells += ["-", "-"]
                continue
            low, high = np.quantile(counted, [0.05, 0.95])
            cells += [f"{seen.pooled[name]:.3g}", f"{low:.3g} to {high:.3g}"]
        if cells != ["-"] * 4:
            lines.append(f"| `{name}` | {outcome.unit} | " + " | ".join(cells) + f" | {ranges.get(name, '')} |")
    return lines


def draw_targets(looks: Sequence[Look]) -> Figure:
    """Each target's range as one band, and where cohorts of both programmes lie in and around it."""
    figure = Figure(figsize=(8.6, 6.6))
    axis = figure.subplots()
    low, width = np.array([t.low for t in TARGETS]), np.array([t.high - t.low for t in TARGETS])
    axis.axvspan(0, 1, color=PALE, alpha=0.6, lw=0)
    for seen, colour, name, shift in zip(looks, (BLUE, VERMILLION), ("GE4", "UG5"), (-0.15, 0.15), strict=True):
        rows = np.arange(len(TARGETS)) + shift
        start, end = (np.nanquantile(ratios(seen.targets), [0.05, 0.95], axis=0) - low) / width
        pooled = (ratios(seen.targets.sum(axis=0)) - low) / width
        axis.hlines(rows, start, end, color=colour, lw=2.2, alpha=0.45)
        axis.plot(pooled, rows, "o", color=colour, ms=4.5, label=f"{name}: all {len(seen)} cohorts, and nine single cohorts in ten")
    rows_axis(axis, None)
    axis.set_yticks(range(len(TARGETS)), [f"{t.meaning}\n{t.low:g} to {t.high:g}" for t in TARGETS], fontsize=7.5)
    axis.set_ylim(len(TARGETS) - 0.4, -0.6)
    axis.set_xticks([0, 0.5, 1], ["lower end", "middle of the range", "upper end"])
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.05), ncols=2)
    title(figure, "Do the default cohorts lie in the fit targets' ranges?")
    return figure


def draw_years(cohorts: dict[str, Look], campus_years: int = 2) -> Figure:
    """Friends, isolation, distress and reach over the years: mean, and the range of nine cohorts in ten."""
    panels = (("friends in the cohort", 0, 1), ("% without a friend", 1, 100), ("% distressed", 2, 100), ("% of episodes reached, by onset", 3, 100))
    figure = Figure(figsize=(8.6, 8.6))
    axes = figure.subplots(4, 2, sharey="row", sharex="col", width_ratios=[4, 5])
    for column, (name, seen) in enumerate(cohorts.items()):
        n_weeks = seen.weekly.shape[2]
        known = np.isfinite(seen.weekly[:, 3]).any(axis=0)  # nobody's episode counts in the settling-in
        for row, (label, index, scale) in enumerate(panels):
            axis = axes[row][column]
            weeks = np.flatnonzero(known) if index == 3 else np.arange(n_weeks)
            values = scale * seen.weekly[:, index, weeks]
            for year in range(n_weeks // 52):
                axis.axvspan(52 * year + (36 if year < campus_years else 40), 52 * (year + 1), color=PALE, alpha=0.6, lw=0)
            low, high = np.nanquantile(values, [0.05, 0.95], axis=0)
            colour = (BLUE, VERMILLION)[column]
            axis.fill_between(weeks + 1, low, high, color=colour, alpha=0.22, lw=0)
            axis.plot(weeks + 1, np.nanmean(values, axis=0), color=colour)
            axis.axvline(52 * campus_years, color=INK, lw=0.8, ls=(0, (2, 2)))
            axis.set_xlim(0, n_weeks)
            axis.set_ylim(bottom=0)
            axis.grid(axis="y")
            if column == 0:
                axis.set_ylabel(label)
            if row == 0:
                axis.set_title(name)
                axis.text(52 * campus_years + 2, axis.get_ylim()[1] * 0.97, "placements begin", fontsize=7.5, va="top")
        axes[3][column].set_xticks(range(0, n_weeks + 1, 52), [f"year {y + 1}" for y in range(n_weeks // 52)] + [""])
        for tick in axes[3][column].get_xticklabels():
            tick.set_ha("left")
    axes[1][0].set_ylim(0, 30)
    n = len(next(iter(cohorts.values())))
    title(figure, f"Default cohorts over the years: mean, and nine cohorts in ten ({n} cohorts; breaks shaded)")
    return figure
