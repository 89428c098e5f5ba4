"""The picture that ranks the parameters, with what a single run's variance is made of: how much is the parameters and how much the seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.sensitivity.looks import MOST_ROWS, asked_of, floor_band, heading, name_rows, quiet, room_for, rows_height, top
from experiments.sensitivity.result import Analysis, Index, is_told
from experiments.style import BLUE, FAINT, GREY, INK, ON_LIGHT, ORANGE, PAPER, SKY, SOFT, VERMILLION, WIDTH, Drawn
from experiments.tables import number, signed

_QUESTIONS = {"morris": "Which parameters matter at all?"}
_QUESTION = "Which parameters decide the answer?"
_AXES = {
    "mu_star": "mean size of the effect, over a parameter's whole range", "PRCC": "partial rank correlation",
}  # fmt: skip
_CAPTIONS = {
    "ST": "Filled: total order (ST), what a parameter decides alone and together with others. Hollow: first order (S1), what it decides alone. "
          "Left of the variance between points, each averaged over its seeds; right of the variance of a single run, where chance takes its part. "
          "Lines are 95 % intervals over points and seeds. Shaded: too small to be told from zero, and grey marks lie there.",
    "mu_star": "Mean size of the change in the outcome when a parameter moves and nothing else does (mu*), scaled to its whole range, with 95 % "
               "intervals. A triangle to the right: it mostly raises the outcome; to the left: it mostly lowers it; a diamond: now one, now the "
               "other. Shaded: too small to be told from zero.",
    "PRCC": "Rank correlation of parameter and outcome with all other parameters held, with 95 % intervals: it sees effects that go one way only. "
            "Shaded: too small to be told from zero.",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """A part of a single run's variance: its text, the index it is, its colour and the colour of letters on it, and its hatch."""

    text: str
    index: Index
    colour: str
    ink: str
    hatch: str = ""


def run_parts(analysis: Analysis) -> list[Part]:
    """What a single run's variance is made of; empty where one replicate cannot tell."""
    noise = analysis.get("noise")
    if noise is None:
        return []
    parts = [Part("parameters", Index(None, "parameters", 1 - noise.value, 1 - noise.high, 1 - noise.low), BLUE, PAPER)]
    own, together = analysis.get("noise_seed"), analysis.get("noise_interaction")
    if own is None or together is None:
        return [*parts, Part("seed", noise, ORANGE, ON_LIGHT)]
    return [*parts, Part("seed, alike at all points", own, ORANGE, ON_LIGHT), Part("seed × parameters", together, SKY, ON_LIGHT, "////")]


def draw_ranks(analysis: Analysis) -> Drawn:
    """(a) Parameters ranked, with intervals; beside them, where replicates tell, their shares of a single run and the seed's."""
    names, parts = top(analysis, MOST_ROWS), run_parts(analysis)
    has_runs = analysis.ranked_by == "ST" and bool(analysis.of("ST_run"))
    height = rows_height(names)
    figure = Figure(figsize=(WIDTH, 1.75 + height + (0.72 if parts else 0)))
    grid = figure.add_gridspec(2 if parts else 1, 1, height_ratios=(height + 0.3, 0.5) if parts else (1,))
    panels = grid[0].subgridspec(1, 2 if has_runs else 1, wspace=0.04)
    axes = [figure.add_subplot(panels[0])]
    if has_runs:
        axes.append(figure.add_subplot(panels[1], sharex=axes[0]))
    pairs = ("ST", "S1") if analysis.ranked_by == "ST" else (analysis.ranked_by, None)
    _dots(axes[0], analysis, names, *pairs)
    name_rows(axes[0], names)
    if has_runs:
        _dots(axes[1], analysis, names, "ST_run", "S1_run")
        axes[1].set_ylim(axes[0].get_ylim())
        axes[1].set_yticks([])
        quiet(axes[1])
        axes[0].set_title("Seeds averaged out", fontsize=8.5)
        axes[1].set_title("Of a single run", fontsize=8.5)
    _limits(axes[0], analysis, names)
    for axis in axes:
        axis.set_xlabel(_AXES.get(analysis.ranked_by, "share of the variance"))
        axis.locator_params(axis="x", nbins=5 if has_runs else 7)
    if parts:
        _strip(figure.add_subplot(grid[1]), parts)
    figure.legend(handles=_key(analysis), loc="outside lower left", ncols=3, columnspacing=1.2)
    heading(figure, _QUESTIONS.get(analysis.method, _QUESTION), asked_of(analysis))
    caption = _CAPTIONS[analysis.ranked_by]
    rest = len(analysis.ranked()) - len(names)
    if rest > 0:
        caption += f" The {len(names)} largest of {rest + len(names)} parameters."
    return figure, caption, _told(analysis, names, parts)


def _limits(axis: Axes, analysis: Analysis, names: list[str]) -> None:
    """From zero, or from as far below as an interval goes, to the largest interval."""
    rows = [row for index in ("ST", "S1", "ST_run", "S1_run", analysis.ranked_by) for row in analysis.of(index) if row.parameter in names]
    high = room_for([row.value for row in rows], [row.high for row in rows], analysis.floor)
    if analysis.ranked_by == "PRCC":
        axis.set_xlim(-1, 1)
    else:
        lowest = min(row.value for row in rows)  # an estimate of nothing may fall below it
        axis.set_xlim(min(-0.03 * high, lowest - 0.02 * high), 1.06 * high)


def _dots(axis: Axes, analysis: Analysis, names: list[str], filled: str, hollow: str | None) -> None:
    floor = analysis.floors.get(filled, np.nan)
    floor_band(axis, floor, is_signed=filled == "PRCC")
    if filled == "PRCC":
        axis.axvline(0, color=SOFT, linewidth=1)
    for y, name in enumerate(names):
        for index, apart in ((hollow, 0.16), (filled, -0.16 if hollow else 0.0)):
            row = analysis.get(index, name) if index else None
            if row is None or not np.isfinite(row.value):
                continue
            told = is_told(row, analysis.floors.get(row.index, 0.0))
            colour = (VERMILLION if index == hollow else BLUE) if told else GREY
            if np.isfinite(row.low):
                axis.hlines(y + apart, row.low, row.high, color=colour, linewidth=2 if index == filled else 1.3)
            size = 4.5 if index == hollow else 6.5 if analysis.method == "morris" else 5.5
            axis.plot(row.value, y + apart, _marker(analysis, name, index == hollow), color=colour, markersize=size,
                      markerfacecolor=PAPER if index == hollow else colour, markeredgecolor=colour if index == hollow else PAPER,
                      markeredgewidth=1.2 if index == hollow else 0.6, zorder=3)  # fmt: skip


def _marker(analysis: Analysis, name: str, is_hollow: bool) -> str:
    """A disc or a square; of Morris the way in which the parameter mostly moves the outcome."""
    if analysis.method != "morris":
        return "s" if is_hollow else "o"
    mean, size = analysis.get("mu", name), analysis.get("mu_star", name)
    if mean is None or size is None or abs(mean.value) < 0.5 * abs(size.value):
        return "D"
    return ">" if mean.value > 0 else "<"


def _strip(axis: Axes, parts: list[Part]) -> None:
    """One bar, a single run's variance, cut into its parts."""
    left = 0.0
    for part in parts:
        width = float(np.clip(100 * part.index.value, 0, 100 - left))
        axis.barh(0, width, left=left, height=0.72, color=part.colour, hatch=part.hatch, edgecolor=PAPER, linewidth=0.6)
        if width >= 7:
            axis.text(left + width / 2, 0, f"{width:.0f}%", ha="center", va="center", fontsize=8, color=part.ink,
                      bbox={"facecolor": part.colour, "edgecolor": "none", "pad": 1.0} if part.hatch else None)  # fmt: skip
        left += width
    low, high = 100 * parts[0].index.low, 100 * parts[0].index.high
    if np.isfinite(low):
        axis.hlines(-0.5, low, high, color=INK, linewidth=1.4, clip_on=False)
        axis.vlines([low, high], -0.6, -0.4, color=INK, linewidth=1.4, clip_on=False)
    axis.set_xlim(0, 100)
    axis.set_ylim(0.45, -0.68)
    axis.set_yticks([0], ["a single run's\nvariance"], linespacing=0.95)
    axis.set_xticks([])
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)


def _key(analysis: Analysis) -> list[Line2D | Patch]:
    """What the marks and the colours of the strip mean."""
    if analysis.ranked_by == "ST":
        marks: list[Line2D | Patch] = [
            Line2D([], [], color=BLUE, marker="o", linewidth=2, markersize=5.5, markeredgecolor=PAPER, label="total order"),
            Line2D([], [], color=VERMILLION, marker="s", linewidth=1.3, markersize=4.5, markerfacecolor=PAPER, label="first order")]  # fmt: skip
    elif analysis.method == "morris":
        marks = [Line2D([], [], color=BLUE, marker=marker, linewidth=2, markersize=5.5, markeredgecolor=PAPER, label=label)
                 for marker, label in ((">", "raises it"), ("<", "lowers it"), ("D", "either way"))]  # fmt: skip
    else:
        marks = [Line2D([], [], color=BLUE, marker="o", linewidth=2, markersize=5.5, markeredgecolor=PAPER, label="estimate, 95 % interval")]
    marks.append(Patch(facecolor=FAINT, edgecolor=SOFT, linestyle=(0, (3, 2)), linewidth=0.8,
                       label="total order: not told" if analysis.ranked_by == "ST" else "not told from zero"))  # fmt: skip
    return marks + [Patch(facecolor=part.colour, hatch=part.hatch, edgecolor=PAPER, label=part.text) for part in run_parts(analysis)]


def _told(analysis: Analysis, names: list[str], parts: list[Part]) -> str:
    """The picture in words."""
    said = []
    for name in names:
        row, first = analysis.get(analysis.ranked_by, name), analysis.get("S1", name)
        if row is not None:
            write = signed if analysis.ranked_by == "PRCC" else number
            interval = f" ({write(row.low, 3)} to {write(row.high, 3)})" if np.isfinite(row.low) else ""
            said.append(f"{name} {write(row.value, 3)}{interval}" + (f", first order {number(first.value, 3)}" if first is not None else ""))
    text = f"{analysis.ranked_by} of {analysis.label}: " + "; ".join(said) + f". Below {number(analysis.floor, 3)} nothing is told from zero."
    if parts:
        text += " Of a single run's variance: " + ", ".join(f"{part.text} {number(100 * part.index.value, 0)} %" for part in parts) + "."
    return text
