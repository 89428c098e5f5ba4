"""The picture of how the indices settled as the sample grew."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from experiments.sensitivity.looks import asked_of, heading, in_lines, room_for, spread_out, top
from experiments.sensitivity.result import Analysis
from experiments.style import FAINT, INK, OTHERS, SOFT, WIDTH, Drawn
from experiments.tables import number

MOST_LINES = 6
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_SAMPLE = {"sobol": "base points", "morris": "trajectories"}


def draw_convergence(analysis: Analysis) -> Drawn:
    """(c) The largest parameters' ranking index at growing samples, with its interval."""
    steps, index = analysis.convergence_frame(), analysis.ranked_by
    steps = steps[steps["index"] == index]
    names = [name for name in top(analysis, MOST_LINES) if (steps["parameter"] == name).any()]
    figure = Figure(figsize=(WIDTH, 4.0))
    axis = figure.add_subplot()
    sizes = sorted(steps["n"].unique())
    if np.isfinite(analysis.floor) and analysis.floor > 0:
        axis.axhspan(-analysis.floor if index == "PRCC" else 0, analysis.floor, color=FAINT, linewidth=0, zorder=0)
        for side in (-1, 1) if index == "PRCC" else (1,):
            axis.axhline(side * analysis.floor, color=SOFT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=0.5)
    ends, values, reach = [], [], []
    for k, name in enumerate(names):
        own, colour = steps[steps["parameter"] == name].sort_values("n"), OTHERS[k]
        axis.fill_between(own["n"], own["low"], own["high"], color=colour, alpha=0.13, linewidth=0)
        axis.plot(own["n"], own["value"], marker=_MARKERS[k], color=colour, markersize=4.5)
        ends.append(float(own["value"].iloc[-1]))
        last = own.iloc[-1:]  # the first intervals are wider than the picture need be
        values += [*own["value"]]
        reach += [*last["high"], *(-last["low"] if index == "PRCC" else [])]
    high = 1.06 * room_for(values, reach, analysis.floor)
    axis.set_ylim(-high if index == "PRCC" else 0.0, high)
    axis.set_xscale("log", base=2)
    axis.minorticks_off()
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axis.set_xlim(sizes[0] / 1.05, sizes[-1] * 1.05)
    axis.set_xlabel(f"{_SAMPLE.get(analysis.method, 'points')} used")
    axis.set_ylabel({"ST": "total order (ST)", "mu_star": "mean size of the effect", "PRCC": "partial rank correlation"}.get(index, index))
    axis.grid(axis="y")
    span = axis.get_ylim()[1] - axis.get_ylim()[0]
    lines = 2 if any("\n" in in_lines(name, 16) for name in names) else 1
    for k, (name, y) in enumerate(zip(names, spread_out(ends, span * (0.055 if lines == 1 else 0.09), *axis.get_ylim()), strict=True)):
        axis.annotate(in_lines(name, 16), (sizes[-1], ends[k]), xytext=(1.07, y), textcoords=axis.get_yaxis_transform(), va="center", fontsize=8,
                      color=INK, linespacing=0.95, annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": OTHERS[k], "linewidth": 0.7, "shrinkA": 1, "shrinkB": 3})  # fmt: skip
    heading(figure, "Has the ranking settled as the sample grew?", asked_of(analysis))
    caption = (f"The {len(names)} largest at samples that double, each the beginning of the next; shaded along the lines 95 % intervals over points "
               f"and seeds. {analysis.verdict} In the grey strip nothing is told from zero.")  # fmt: skip
    said = "; ".join(f"{name} " + ", ".join(f"{number(value, 2)} at {n:,}" for n, value in
                                            steps[steps["parameter"] == name].sort_values("n")[["n", "value"]].itertuples(index=False))
                     for name in names)  # fmt: skip
    return figure, caption, f"{analysis.verdict} {index} by size of the sample: {said}."
