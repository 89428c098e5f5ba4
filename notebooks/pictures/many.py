"""Pictures of many simulated cohorts: where help stops, what a grouping changes in the same cohorts, and what that hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from experiments.figure_help import cascade_shares
from experiments.style import BLUE, GREEN, GREY, INK, STYLE, VERMILLION, Drawn, title
from pictures.showing import WIDE
from simulation.record.outcomes import HEADLINE

if TYPE_CHECKING:
    from experiments.compare import Comparison

STEPS = ("spells of distress", "somebody notices", "somebody offers help", "help is accepted", "care is suggested", "professional care begins")
DARK = {BLUE: BLUE, VERMILLION: "#B34E00", GREY: "#555555", GREEN: "#00775A"}
LOOKS: tuple[tuple[str, str, Any], ...] = (  # colour, marker, line
    (GREY, "o", "-"), (GREEN, "s", (0, (2, 1.2))), (BLUE, "D", (0, (5, 1.2))))


def draw_cascade(comparison: Comparison, scenario: int = 0) -> Drawn:
    """From a spell of distress to help, for students with a friend and without one when it began.

    Args:
        comparison: what was found.
        scenario: which of its scenarios.
    """
    shares = cascade_shares(comparison)[:, scenario]
    counts = comparison.cascade[scenario].sum(axis=0)
    y = np.array([0, 1, 2, 3, 4, 5.45])
    words = []
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDE, 3.9))
        axes = figure.subplots(1, 2, sharey=True)
        for axis, group, colour, name in ((axes[0], 1, BLUE, "with a friend"), (axes[1], 0, VERMILLION, "without a friend")):
            value, low, high = shares[:, group]
            axis.barh(y, value, height=0.66, color=[to_rgba(colour, strength) for strength in (0.28, 0.55, 0.55, 0.95, 0.55, 0.95)])
            axis.barh(y[1:4], value[:3] - value[1:4], left=value[1:4], height=0.66, facecolor="none", edgecolor=colour, hatch="////", linewidth=0,
                      alpha=0.3)  # fmt: skip
            axis.hlines(y[1:], low[1:], high[1:], color=INK, linewidth=1.6)
            for at, share, edge in zip(y, value, np.fmax(value, high), strict=True):
                axis.text(edge + 2, at, f"{share:.0f}", va="center", fontsize=9, fontweight="bold", color=DARK[colour],
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip
            axis.set_title(f"{name} when it began")
            axis.set_xlim(0, 112)
            axis.set_xticks(range(0, 101, 25))
            axis.set_xlabel("of 100 spells of distress")
            axis.grid(axis="x")
            axis.axhline(4.72, color="#BBBBBB", linewidth=0.8)
            words.append(f"Of 100 spells of distress of students {name}, somebody notices {value[1]:.0f}, help is offered in {value[2]:.0f} and "
                         f"accepted in {value[3]:.0f}; professional care begins in {value[5]:.0f}")  # fmt: skip
        axes[0].set_yticks(y, STEPS)
        axes[0].set_ylim(5.95, -0.55)
        axes[0].spines["left"].set_visible(False)
        axes[1].spines["left"].set_visible(False)
        title(figure, "Where does help stop?")
    caption = (f"All spells of distress after the first term in {comparison.replicates} simulated cohorts "
               f"({comparison.scenarios[scenario].title.lower()}): {counts[1, 0]:,} of students with a friend in the cohort, {counts[0, 0]:,} of "
               "students without one. Each bar: in how many of 100 it happened at least once. Dark: help that arrives. Hatched: those lost since "
               "the step before. Black: 95 % intervals. Care stands apart, since a student can also ask for it unprompted.")  # fmt: skip
    return figure, caption, ". ".join(words) + "."


def draw_pairs(comparison: Comparison, scenario: int, names: tuple[str, str]) -> Drawn:
    """The headline of each cohort under the baseline and under a scenario, and the differences.

    Args:
        comparison: what was found.
        scenario: which of its scenarios is compared with the baseline.
        names: what the two are called.
    """
    pair = comparison.headline[[0, scenario]]
    pair = pair[:, np.lexsort((pair[1], pair[0]))]
    difference = pair[1] - pair[0]
    row = comparison.of(HEADLINE)[scenario]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDE, 4.4))
        left, right = figure.subplots(1, 2, width_ratios=(1.75, 1))
        x = np.arange(pair.shape[1])
        for k, change in enumerate(difference):
            left.plot([k, k], pair[:, k], color=BLUE if change < 0 else VERMILLION if change > 0 else GREY, linewidth=1.1, alpha=0.55)
        left.plot(x, pair[0], "o", markersize=6, color=GREY, label=names[0])
        left.plot(x, pair[1], "D", markersize=4.2, color=BLUE, label=names[1])
        left.set_xticks([])
        left.set_xlabel(f"the {len(x)} simulated cohorts, a column each")
        left.set_ylabel("unreached isolated students\nper 100 enrolled (fewer is better)")
        left.set_ylim(bottom=-0.3)
        left.grid(axis="y")
        left.legend(loc="upper left", handletextpad=0.3)
        left.set_title("The same cohort, grouped in two ways")
        _draw_differences(right, difference, (row["difference"], row["difference_low"], row["difference_high"]))
        title(figure, "Does it matter with whom students are placed?")
    fewer, more = int((difference < 0).sum()), int((difference > 0).sum())
    caption = ("Left: each column is one cohort, simulated twice with the same students and the same luck; only who is placed with whom differs. "
               "Right: a dot for each cohort, the difference between its two ways; below, their average with its 95 % interval.")  # fmt: skip
    text = (f"Under {names[1]} fewer students are left unreached in {fewer} of {len(x)} cohorts, more in {more}, and as many in "
            f"{len(x) - fewer - more}. On average {row['mean']:.1f} per 100 are left unreached, under {names[0]} "
            f"{comparison.of(HEADLINE)[0]['mean']:.1f}: a difference of {_signed(row['difference'])} (95 % interval {_signed(row['difference_low'])} "
            f"to {_signed(row['difference_high'])}).")  # fmt: skip
    return figure, caption, text


def _signed(number: float) -> str:
    return f"{number:+.1f}".replace("-", "\N{MINUS SIGN}")


def _draw_differences(axis: Axes, difference: NDArray[np.float64], mean: tuple[float, float, float]) -> None:
    """Differences as heaps of dots over each value, their mean and its interval below."""
    values, heights = np.unique(np.round(difference, 6), return_counts=True)
    for value, height in zip(values, heights, strict=True):
        colour, face = (BLUE, BLUE) if value < 0 else (VERMILLION, VERMILLION) if value > 0 else (GREY, "white")
        axis.plot(np.full(height, value), np.arange(height) + 1, "o", markersize=5, markeredgecolor=colour, markerfacecolor=face)
    below = -0.16 * max(heights.max(), 6)
    axis.axvline(0, color="#444444", linewidth=1)
    axis.axhline(0.2, color="#BBBBBB", linewidth=0.8)
    axis.plot(mean[1:], [below, below], color=INK, linewidth=1.8, marker="|", markersize=9, markeredgewidth=1.8)
    axis.plot(mean[0], below, "o", color=INK, markersize=5)
    low, high = (_signed(end) for end in mean[1:])
    axis.text(mean[0], 1.45 * below, f"on average {_signed(mean[0])}\n({low} to {high})", ha="center", va="top", fontsize=8)
    axis.set_ylim(2.6 * below, 1.12 * heights.max() + 1)
    room = 0.12 * max(float(np.ptp(difference)), 1.0)
    axis.set_xlim(min(difference.min(), 0.0) - room, max(difference.max(), 0.0) + 2 * room)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    axis.set_xlabel("difference, students per 100\n(left of the line: fewer)")
    axis.set_title("The differences")


def draw_assumption(comparisons: Mapping[float, Comparison], names: list[str]) -> Drawn:
    """The headline of several scenarios, and the differences to the first, over values of an assumption.

    Args:
        comparisons: value of `kappa_placement` -> what was found with it, all with the same scenarios, at most as many as LOOKS.
        names: what the scenarios are called.
    """
    values = sorted(comparisons)
    rows = [comparisons[value].of(HEADLINE) for value in values]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDE, 3.9))
        left, right = figure.subplots(1, 2)
        for s, (colour, marker, dashes) in enumerate(LOOKS[: len(names)]):
            for axis, keys in ((left, ("mean", "low", "high")), (right, ("difference", "difference_low", "difference_high"))):
                if axis is right and s == 0:
                    continue
                mean, low, high = (np.array([row[s][key] for row in rows], dtype=float) for key in keys)
                at = np.array(values) + 0.008 * (s - 1)
                axis.vlines(at, low, high, color=colour, linewidth=1.8)
                axis.plot(at, mean, marker=marker, color=colour, linestyle=dashes, linewidth=1.4, markersize=6, markeredgecolor="white",
                          markeredgewidth=0.7)  # fmt: skip
        for axis in (left, right):
            axis.set_xticks(values, [f"{value:g}" for value in values])
            axis.set_xlabel("how much an hour on placement counts towards a tie\n(0: nothing; 1: as much as an hour that friends choose)")
            axis.grid(axis="y")
            axis.set_xlim(0, max(values) + 0.06)
        left.set_ylim(bottom=0)
        left.set_title("Unreached isolated students per 100")
        right.axhline(0, color="#444444", linewidth=1)
        right.set_title(f"Difference to {names[0]}")
        key = [Line2D([], [], color=colour, marker=marker, linestyle=dashes, markersize=6, markeredgecolor="white", label=name)
               for (colour, marker, dashes), name in zip(LOOKS, names, strict=False)]  # fmt: skip
        figure.legend(handles=key, loc="outside lower left", ncols=len(names))
        title(figure, "What does that hang on?")
    caption = ("The same comparison under other values of one number that nobody has measured. Dots are averages over the simulated cohorts, upright "
               "lines their 95 % intervals.")  # fmt: skip
    parts = [f"at {value:g}: " + ", ".join(f"{name} {row[s]['mean']:.1f}" for s, name in enumerate(names))
             for value, row in zip(values, rows, strict=True)]  # fmt: skip
    return figure, caption, "Unreached isolated students per 100, " + "; ".join(parts) + "."
