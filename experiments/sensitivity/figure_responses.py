"""The pictures of how an outcome answers: along one parameter at a time, and of pairs that act together."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from experiments.sensitivity.looks import heading, in_lines, is_difference, top, unit_text
from experiments.sensitivity.responses import Curve
from experiments.sensitivity.result import Analysis, is_told
from experiments.style import ASH, BLUE, FAINT, GREY, INK, PAPER, SOFT, WIDTH, Drawn
from experiments.tables import decimals, number, scale_of

if TYPE_CHECKING:
    from experiments.sensitivity.group_means import Groups

MOST_CURVES = 6
MOST_PAIRED = 10
_NAMED_LEVELS = 8


def draw_responses(analysis: Analysis, curves: Sequence[Curve]) -> Drawn:
    """(d) The outcome along each of the largest parameters, averaged over the others, with bands."""
    curves = curves[:MOST_CURVES]
    columns = min(2, len(curves))
    lines = -(-len(curves) // columns)
    figure = Figure(figsize=(WIDTH, 1.5 + 1.55 * lines))
    axes = figure.subplots(lines, columns, sharey=True, squeeze=False)
    scale = scale_of(analysis.unit)
    for axis, curve in zip(axes.flat, curves, strict=False):
        if is_difference(analysis):
            axis.axhline(0, color=SOFT, linewidth=1)
        _curve(axis, curve, scale)
    for axis in list(axes.flat)[len(curves) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel(textwrap.fill(unit_text(analysis), 22), fontsize=8)
    key = [Line2D([], [], color=BLUE, marker="o", markersize=4, label="mean, 95 % interval"),
           Patch(facecolor=GREY, alpha=0.18, label="nine in ten points")]  # fmt: skip
    figure.legend(handles=key, loc="outside lower left", ncols=2)
    heading(figure, "How does the outcome answer to each parameter?", analysis.label)
    caption = ("Averaged over all other parameters of the design, so a flat line can hide effects that cancel. Along the line the 95 % interval of "
               "the mean over points and seeds; pale, where nine in ten points lie, their seeds averaged: what the other parameters, and what is "
               "left of chance, do at the same value.")  # fmt: skip
    if is_difference(analysis):
        caption += " At zero both scenarios do equally well."
    elif analysis.crossed:
        caption += " The interval is of the line's shape: a seed that lifts or lowers all points alike is left out of it."
    return figure, caption, f"{analysis.label}: " + "; ".join(_said(curve, scale) for curve in curves) + "."


def _curve(axis: Axes, curve: Curve, scale: float) -> None:
    groups, mean = curve.groups, scale * curve.mean
    is_named = curve.factor.distribution == "choice"
    x = np.arange(len(groups), dtype=np.float64) if is_named else np.array(groups.labels, dtype=np.float64)
    if groups.are_levels and len(groups) <= _NAMED_LEVELS:
        is_log = curve.factor.distribution == "loguniform"
        places = np.log(x) if is_log else x
        half = 0.4 * (np.diff(places).min() if len(x) > 1 else 1.0)
        for at, low, high in zip(places, scale * curve.spread_low, scale * curve.spread_high, strict=True):
            sides = np.array([at - half, at + half])
            axis.fill_between(np.exp(sides) if is_log else sides, low, high, color=GREY, alpha=0.18, linewidth=0)
        axis.vlines(x, scale * curve.low, scale * curve.high, color=BLUE, linewidth=2)
        axis.plot(x, mean, "o" if is_named else "o-", color=BLUE, markersize=4, linewidth=0.8)
    else:
        axis.fill_between(x, scale * curve.spread_low, scale * curve.spread_high, color=GREY, alpha=0.18, linewidth=0)
        axis.fill_between(x, scale * curve.low, scale * curve.high, color=BLUE, alpha=0.3, linewidth=0)
        axis.plot(x, mean, "o-", color=BLUE, markersize=3, linewidth=1.2)
    if is_named:
        axis.set_xticks(x, [in_lines(str(label).replace("-", "_"), 9).replace("_", "-") for label in groups.labels], fontsize=7, linespacing=0.95)
    elif curve.factor.distribution == "loguniform":
        axis.set_xscale("log")
        axis.minorticks_off()
        ticks = np.unique([float(f"{tick:.2g}") for tick in np.geomspace(x[0], x[-1], 4)])
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    else:
        axis.locator_params(axis="x", nbins=5, integer=curve.factor.distribution == "integer")
    axis.grid(axis="y")
    axis.set_title(in_lines(curve.factor.name, 30), fontsize=8.2)
    if curve.factor.unit:
        axis.set_xlabel(curve.factor.unit if len(curve.factor.unit) <= 34 else curve.factor.unit[:33] + "…", fontsize=7.5)


def _said(curve: Curve, scale: float) -> str:
    lowest, highest = (int(at) for at in (np.argmin(curve.mean), np.argmax(curve.mean)))
    half = scale * float(np.nanmean((curve.high - curve.low) / 2)) if np.isfinite(curve.high).any() else None
    places = decimals(scale * float(curve.mean[highest]), half)

    def at(k: int) -> str:
        return f"{number(scale * float(curve.mean[k]), places)} at {group_text(curve.groups, k)}"

    return f"along {curve.factor.name} from {at(lowest)} to {at(highest)}"


def group_text(groups: Groups, k: int) -> str:
    """A group of values: the level, or its average."""
    label = groups.labels[k]
    return label if isinstance(label, str) else f"{label:.3g}"


def draw_pairs(analysis: Analysis) -> Drawn:
    """(e) Second order: what two parameters decide together beyond what each decides alone."""
    in_pairs = {name for row in analysis.of("S2") for name in str(row.parameter).split("*")}
    names = [name for name in top(analysis, len(analysis.parameters)) if name in in_pairs][:MOST_PAIRED]
    rows = {frozenset(str(row.parameter).split("*")): row for row in analysis.of("S2")}
    n, floor = len(names), analysis.floors.get("S2", 0.0)
    shown = {(i, j): rows[frozenset((names[i], names[j]))] for i in range(n) for j in range(i) if frozenset((names[i], names[j])) in rows}
    largest = max([row.value for row in shown.values()] + [floor, 1e-9])
    figure = Figure(figsize=(WIDTH, 1.5 + 0.36 * n))
    axis = figure.add_subplot()
    for (i, j), row in shown.items():
        told = is_told(row, floor)
        axis.add_patch(Rectangle((j - 0.48, i - 0.48), 0.96, 0.96, facecolor=FAINT, edgecolor="none"))
        if told:
            strength = float(np.clip(row.value / largest, 0, 1))
            axis.add_patch(Rectangle((j - 0.48, i - 0.48), 0.96, 0.96, facecolor=BLUE, edgecolor="none", alpha=0.15 + 0.85 * strength))
            axis.text(j, i, f"{row.value:.2f}".removeprefix("0"), ha="center", va="center", fontsize=7.5, color=PAPER if strength > 0.85 else INK)
        else:
            axis.plot(j, i, "o", color=ASH, markersize=2)
    axis.set_xlim(-0.5, n - 1.5)
    axis.set_ylim(n - 0.5, 0.5)
    axis.set_yticks(range(1, n), [in_lines(name) for name in names[1:]], linespacing=0.95)
    if n > 4:
        axis.set_xticks(range(n - 1), [in_lines(name) for name in names[:-1]], rotation=45, ha="right", rotation_mode="anchor", fontsize=8)
    else:
        axis.set_xticks(range(n - 1), [in_lines(name, 16) for name in names[:-1]], fontsize=8, linespacing=0.95)
    axis.tick_params(length=0)
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)
    key = [Patch(facecolor=BLUE, alpha=0.7, label="share of the variance (S2)"),
           Line2D([], [], color=ASH, marker="o", linewidth=0, markersize=3, label="not told from zero")]  # fmt: skip
    figure.legend(handles=key, loc="outside lower left", ncols=2)
    heading(figure, "Which parameters act together?", analysis.label)
    told_pairs = sorted(((row.value, i, j) for (i, j), row in shown.items() if is_told(row, floor)), reverse=True)
    caption = ("Second order (S2): the share of the variance, seeds averaged out, that two parameters decide together beyond what each decides "
               f"alone. Pairs among the {n} largest parameters; {len(told_pairs)} of {len(shown)} are told from zero, that is above "
               f"{number(floor, 3)} with an interval that leaves out zero.")  # fmt: skip
    said = "; ".join(f"{names[j]} with {names[i]} {number(value, 2)}" for value, i, j in told_pairs[:8]) or "no pair is told from zero"
    return figure, caption, f"Second-order indices of {analysis.label}: {said}."
