"""The pictures of isolated against connected students: how far help reaches each, and who is gained and lost for the same students."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.counterfactual import counterfactual_rows
from experiments.figure_answer import with_intervals
from experiments.figure_help import GROUP_LOOKS
from experiments.in_short import best
from experiments.shown import has_intervals, shown_rows
from experiments.style import BLUE, INK, PAPER, SOFT, VERMILLION, WIDTH, Drawn, rows_axis, short, title
from experiments.tables import NOTHING, cells_of, interval_said, number

if TYPE_CHECKING:
    from experiments.compare import Comparison

_GROUPS = (("reach_isolated", "without a friend"), ("reach_connected", "with a friend"))


def draw_isolation(comparison: Comparison) -> Drawn:
    """(e) Reach among students without a friend when their distress began, and among those with one."""
    figure = Figure(figsize=(WIDTH, 1.6 + 0.36 * len(comparison.names)))
    axis = figure.add_subplot()
    rows_axis(axis, comparison.names)
    found = [shown_rows(comparison, outcome) for outcome, _ in _GROUPS]
    for y, pair in enumerate(zip(*found, strict=True)):
        if all(row["mean"] is not None for row in pair):
            axis.plot([100 * row["mean"] for row in pair], [y, y], color=SOFT, linewidth=0.7, zorder=1)
        for row, (colour, marker) in zip(pair, GROUP_LOOKS, strict=True):
            if row["mean"] is None:
                continue
            if row["low"] is not None:
                axis.hlines(y, 100 * row["low"], 100 * row["high"], color=colour, linewidth=2.4)
            axis.plot(100 * row["mean"], y, marker, color=colour, markersize=6, markeredgecolor=PAPER, markeredgewidth=0.8, zorder=3, clip_on=False)
    axis.set_xlim(0, 100 if any((row["mean"] or 0) > 0.7 for rows in found for row in rows) else 75)
    axis.set_xlabel("% of spells of distress that help reached")
    key = [Line2D([], [], color=colour, marker=marker, linewidth=2.4, label=label) for (colour, marker), (_, label) in
           zip(GROUP_LOOKS, _GROUPS, strict=True)]  # fmt: skip
    figure.legend(handles=key, loc="outside lower left", ncols=2)
    cells = [cells_of(rows) for rows in found]
    first = [cell[0].value for cell in cells]
    title(figure, "Nobody to compare: no spells of distress in one of the groups" if NOTHING in first else
          f"Under {short(comparison.names[0], 1)} help reaches {_whole(found[0][0])} of 100 spells without a friend, "
          f"and {_whole(found[1][0])} of 100 with one")  # fmt: skip
    said = "; ".join(f"{name}, " + ", ".join(f"{label} {cell[s].value} %" + (f" ({interval_said(cell[s])})" if cell[s].interval else "")
                                            for cell, (_, label) in zip(cells, _GROUPS, strict=True))
                     for s, name in enumerate(comparison.names))  # fmt: skip
    caption = (f"Spells of distress in which support was accepted or care began, {with_intervals(comparison)}. With or without a friend in the "
               "cohort: in the week in which the distress began.")  # fmt: skip
    return figure, caption, f"Spells of distress reached: {said}."


def _whole(row: dict[str, float | None]) -> str:
    return f"{100 * (row['mean'] or 0.0):.0f}"


def draw_changed(comparison: Comparison) -> Drawn:
    """(f) The same students in two worlds: whose distress a scenario reaches and the baseline did not, and the other way round."""
    rows = [row for row in counterfactual_rows(comparison) if row["unit"] == "students" and row["change"] in ("gained", "lost", "net")
            and row["under_baseline"] == "any"]  # fmt: skip
    others = comparison.names[1:]
    figure = Figure(figsize=(WIDTH, 1.85 + 0.38 * len(others)))
    axes = figure.subplots(1, 2, sharey=True)
    said = []
    for axis, (group, heading) in zip(axes, (("isolated", "Isolated for long"), ("connected", "All others")), strict=True):
        rows_axis(axis, others)
        axis.axvline(0, color=SOFT, linewidth=1)
        for y, name in enumerate(others):
            per_100 = {row["change"]: row for row in rows if row["scenario"] == name and row["group"] == group}
            if not per_100 or per_100["net"]["per_100"] is None:
                continue
            gained, lost, net = (per_100[change]["per_100"] for change in ("gained", "lost", "net"))
            axis.barh(y, gained, height=0.6, color=BLUE, alpha=0.55, linewidth=0)
            axis.barh(y, -lost, height=0.6, color=VERMILLION, alpha=0.55, linewidth=0, hatch="////", edgecolor=PAPER)
            low, high = per_100["net"]["low"], per_100["net"]["high"]
            if has_intervals(comparison) and low is not None:
                axis.hlines(y, low, high, color=INK, linewidth=2)
            axis.plot(net, y, "D", color=INK, markersize=4.5, markeredgecolor=PAPER, markeredgewidth=0.6)
            said.append(f"{name}, {heading.lower()}: {gained:.1f} gained, {lost:.1f} lost")
        axis.set_title(heading)
        axis.locator_params(axis="x", nbins=6)
        axis.margins(x=0.06)
        axis.set_xlabel("of 100 such students")
    title(figure, _changed_answer(comparison, rows))
    key: list[object] = [figure.axes[0].barh(0, 0, color=BLUE, alpha=0.55, label="gained"),
                         figure.axes[0].barh(0, 0, color=VERMILLION, alpha=0.55, hatch="////", edgecolor=PAPER, label="lost"),
                         Line2D([], [], color=INK, marker="D", markersize=4.5, linewidth=2,
                                label="gained less lost" + (", 95 % interval" if has_intervals(comparison) else ""))]  # fmt: skip
    figure.legend(handles=key, loc="outside lower left", ncols=3, columnspacing=1.2)
    caption = (f"The same simulated students under {comparison.names[0]} and under another scenario: gained is who is reached there in at least one "
               "spell of distress and was not before, lost the other way round. Isolated for long: without a friend for many teaching weeks on "
               f"end under {comparison.names[0]}.")  # fmt: skip
    return figure, caption, "Of 100 students: " + "; ".join(said or ["nobody to compare"]) + "."


def _changed_answer(comparison: Comparison, rows: list[dict[str, Any]]) -> str:
    found = best(comparison) or 1
    own = {str(row["change"]): row["per_100"] for row in rows if row["scenario"] == comparison.names[found] and row["group"] == "isolated"}
    gained, lost = own.get("gained"), own.get("lost")
    if gained is None or lost is None:
        return "Who is gained and lost: nobody was isolated for long"
    return (f"Of 100 students isolated for long, {short(comparison.names[found], 1)} gains {_tenth(gained)} and loses {_tenth(lost)} "
            f"that {short(comparison.names[0], 1)} reached")  # fmt: skip


def _tenth(value: float) -> str:
    return number(value, 1 if value < 9.95 else 0)
