"""A fit by rejection, as tables and pictures of docs/plausibility.md: what was accepted, what refused most, what pulls against what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from calibration.rejection import Result, Stage, parameters_of
from calibration.targets import TARGETS
from calibration.tension import Pair, costs, pairs, place
from experiments.style import BLUE, GREY, INK, PALE, VERMILLION, rows_axis, title
from simulation.evidence.parameters import PARAMETERS

Array = NDArray[np.float64]

MEANING = {t.name: t.meaning for t in TARGETS}
NAMES = [t.name for t in TARGETS]
LOW, MIDDLE, HIGH = 0.05, 0.5, 0.95


def stage_lines(results: Sequence[Result]) -> list[str]:
    """The table of stages: what was drawn, how much was accepted, and how much stayed inside the blocks before."""
    lines = ["| stage | drawn here, and kept as accepted from here on | points x cohorts | still inside earlier blocks | accepted |",
             "|---|---|---|---|---|"]  # fmt: skip
    judged: set[str] = set()
    for number, result in enumerate(results, start=1):
        earlier = result.is_inside[:, [t.block in judged for t in TARGETS]].all(axis=1)
        judged |= {result.stage.block}
        drawn = ", ".join(f"`{name}`" for name in result.stage.parameters) or "nothing: the same points in other worlds"
        kept = f"{100 * earlier.mean():.0f} %" if number > 1 else "-"
        n_worlds = len(result.stage.replicates)
        lines.append(f"| {number}. {result.stage.block or 'again'} | {drawn} | {len(result.points)} x {n_worlds} | {kept} | "
                     f"{result.is_accepted.sum()} ({100 * result.is_accepted.mean():.1f} %) |")  # fmt: skip
    return lines


def cost_lines(results: Sequence[Result]) -> list[str]:
    """The table of targets: how many points of the whole table each accepts, and what it refuses of what all the others accept."""
    share = results[0].is_inside.mean(axis=0)
    lines = ["| target | inside, of all points | points that the others of its block accept | of these inside | below | above |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for cost in costs(results, TARGETS):
        parts = [f"{100 * n / cost.n_others:.0f} %" if cost.n_others else "-" for n in (cost.inside, cost.below, cost.above)]
        lines.append(f"| {MEANING[cost.target]} | {100 * share[NAMES.index(cost.target)]:.0f} % | {cost.n_others} | " + " | ".join(parts) + " |")
    return lines


def pair_lines(found: Sequence[Pair], false_alarm: float) -> list[str]:
    """The table of pairs that pull against each other: fewer points inside both than by the product, and not by chance alone.

    Args:
        found: pairs of targets.
        false_alarm: list those whose probability by chance is smaller.
    """
    lines = ["| target | and | points | inside both | product | ratio | p |", "|---|---|---|---|---|---|---|"]
    for each in found:
        if each.p < false_alarm:
            lines.append(f"| {MEANING[each.a]} | {MEANING[each.b]} | {each.n} | {100 * each.joint:.1f} % | {100 * each.product:.1f} % | "
                         f"{each.ratio:.2f} | {each.p:.1g} |")  # fmt: skip
    return lines if len(lines) > 2 else [*lines, "| none | | | | | | |"]


def against(results: Sequence[Result]) -> list[Pair]:
    """All pairs of targets over the points of the first stage, drawn from the whole table."""
    return pairs(results[0].is_inside, NAMES)


def accepted_values(results: Sequence[Result]) -> dict[str, Array]:
    """Accepted values of each parameter in the stage that draws and judges it."""
    names = parameters_of([r.stage for r in results])
    return {name: r.points[r.is_accepted, names.index(name)] for r in results for name in r.stage.parameters}


def range_lines(results: Sequence[Result]) -> list[str]:
    """The table of fitted parameters: the table's range, what was accepted, and where the default lies among it."""
    lines = ["| parameter | range of the table | accepted points | 5 %, middle, 95 % of them | default | of them below it |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for name, accepted in accepted_values(results).items():
        row, at = PARAMETERS[name], np.quantile(accepted, [LOW, MIDDLE, HIGH])
        below = place(accepted, row.default)
        mark = "" if LOW <= below <= HIGH else " **at the edge**"
        spread = ", ".join(f"{v:.3g}" for v in at)
        cells = [f"{row.low:g} to {row.high:g}", str(len(accepted)), spread, f"{row.default:g}", f"{100 * below:.0f} %{mark}"]
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return lines


def n_distinct(results: Sequence[Result]) -> dict[str, int]:
    """Distinct settings of each block's parameters among the points accepted in the end."""
    last, start, found = results[-1], 0, {}
    accepted = last.points[last.is_accepted]
    for stage in (r.stage for r in results if r.stage.parameters):
        found[stage.block] = len(np.unique(accepted[:, start : start + len(stage.parameters)], axis=0))
        start += len(stage.parameters)
    return found


def n_runs(stages: Sequence[Stage]) -> int:
    """Cohorts that the stages simulate at most."""
    return sum(stage.points * len(stage.replicates) for stage in stages)


def draw_pairs(results: Sequence[Result]) -> Figure:
    """How often two targets are met together, against the product: a grid of pairs."""
    table = np.full((len(NAMES), len(NAMES)), np.nan)
    for each in against(results):
        i, j = NAMES.index(each.a), NAMES.index(each.b)
        table[j, i] = each.ratio
    figure = Figure(figsize=(8.6, 7.6))
    axis = figure.subplots()
    colours = LinearSegmentedColormap.from_list("against", [VERMILLION, "#FFFFFF", BLUE])
    axis.imshow(np.log2(np.clip(table, 0.5, 2)), cmap=colours, vmin=-1, vmax=1, aspect="auto")
    for j in range(len(NAMES)):
        for i in range(j):
            if np.isfinite(table[j, i]):
                axis.text(i, j, f"{table[j, i]:.1f}", ha="center", va="center", fontsize=7.5, color="white" if not 0.6 < table[j, i] < 1.7 else INK)
    axis.set_xticks(range(len(NAMES) - 1), [MEANING[name] for name in NAMES[:-1]], rotation=40, ha="right", rotation_mode="anchor", fontsize=7.5)
    axis.set_yticks(range(1, len(NAMES)), [MEANING[name] for name in NAMES[1:]], fontsize=7.5)
    axis.set_xlim(-0.5, len(NAMES) - 1.5)
    axis.set_ylim(len(NAMES) - 0.5, 0.5)
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.text(len(NAMES) - 1.6, 1.2, "points inside both ranges,\nover the product of the shares:\nbelow 1 (orange) two targets\n"
              "pull against each other,\nabove 1 (blue) one brings the other", ha="right", va="top", fontsize=8.5)  # fmt: skip
    title(figure, "Which targets pull against each other?")
    return figure


def draw_ranges(results: Sequence[Result]) -> Figure:
    """Each fitted parameter's range in the table, what was accepted of it, and the default."""
    values = accepted_values(results)
    names = list(values)
    figure = Figure(figsize=(8.6, 5.4))
    axis = figure.subplots()
    for k, (name, accepted) in enumerate(values.items()):
        row = PARAMETERS[name]
        is_log = row.distribution == "loguniform"
        scaled = [(np.log(v / row.low) / np.log(row.high / row.low)) if is_log else (v - row.low) / (row.high - row.low)
                  for v in (accepted, row.default)]  # fmt: skip
        low, middle, high = np.quantile(scaled[0], [LOW, MIDDLE, HIGH])
        axis.hlines(k, 0, 1, color=PALE, lw=7)
        axis.plot(scaled[0], np.full(len(accepted), k), "|", color=GREY, ms=6, mew=0.5, alpha=0.5)
        axis.hlines(k, low, high, color=BLUE, lw=3, label="" if k else "accepted: nine points in ten")
        axis.plot(middle, k, "o", color=BLUE, ms=5, label="" if k else "accepted: the middle one")
        axis.plot(scaled[1], k, "D", color=VERMILLION, ms=5, label="" if k else "default")
        axis.text(-0.01, k, f"{row.low:g}", ha="right", va="center", fontsize=7.5)
        axis.text(1.01, k, f"{row.high:g}" + (" (log)" if is_log else ""), ha="left", va="center", fontsize=7.5)
    rows_axis(axis, None)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_xlim(-0.08, 1.1)
    axis.set_xticks([])
    axis.grid(visible=False)
    axis.spines["bottom"].set_visible(False)
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=3)
    title(figure, "Which values do the targets leave, and where are the defaults?")
    return figure
