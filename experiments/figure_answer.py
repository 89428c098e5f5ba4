"""The pictures of the answer: the headline by scenario, and how far each scenario is from the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.in_short import about, best
from experiments.shown import has_intervals, is_the_same, shown_rows
from experiments.style import BLUE, GREY, PAPER, SOFT, VERMILLION, WIDTH, Drawn, colour_of, rows_axis, short, title
from experiments.tables import Cell, cells_of, interval_said, is_told_apart, scale_of
from simulation.record.outcomes import HEADLINE, OUTCOMES

if TYPE_CHECKING:
    from experiments.compare import Comparison


def draw_headline(comparison: Comparison) -> Drawn:
    """(a) The headline by scenario: mean, its interval and the range of single cohorts."""
    rows = shown_rows(comparison, HEADLINE)
    cells = cells_of(rows)
    figure = Figure(figsize=(WIDTH, 1.6 + 0.36 * len(rows)))
    axis = figure.add_subplot()
    rows_axis(axis, comparison.names)
    for y, row in enumerate(rows):
        if row["mean"] is None:
            continue
        colour = colour_of(0) if y == 0 else BLUE
        if row["cohort_low"] is not None:
            axis.plot([row["cohort_low"], row["cohort_high"]], [y, y], color=colour, alpha=0.3, linewidth=8, solid_capstyle="butt")
        if row["low"] is not None:
            axis.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=2.4, solid_capstyle="butt")
        axis.plot(row["mean"], y, "o", color=colour, markersize=6.5, markeredgecolor=PAPER, markeredgewidth=0.8, clip_on=False, zorder=3)
        shown = cells[y].value + (f"\n{cells[y].interval}" if cells[y].interval else "")
        axis.text(1.02, y, shown, transform=axis.get_yaxis_transform(), va="center", fontsize=8, linespacing=1.15)
    axis.set_xlim(left=0, right=axis.get_xlim()[1] if any(row["mean"] for row in rows) else 1)
    axis.set_xlabel("students of 100 whom nobody reaches (fewer is better)")
    title(figure, _headline_answer(comparison))
    key = [Line2D([], [], color=GREY, marker="o", linewidth=2.4, label="mean, 95 % interval"),
           Line2D([], [], color=GREY, alpha=0.3, linewidth=8, label="9 in 10 single cohorts")]  # fmt: skip
    if has_intervals(comparison):
        figure.legend(handles=key, loc="outside lower left", ncols=2)
    said = "; ".join(f"{row['scenario']} {_said(cell)}" for row, cell in zip(rows, cells, strict=True))
    caption = ("Students with a spell of distress of some weeks, mostly without a friend in the cohort, whom neither support nor care reached, "
               "of 100 enrolled, over the course.")  # fmt: skip
    return figure, caption, f"Unreached isolated students per 100 enrolled: {said}."


def _headline_answer(comparison: Comparison) -> str:
    rows, names = shown_rows(comparison, HEADLINE), [short(name, 1) for name in comparison.names]
    base, found = rows[0]["mean"], best(comparison)
    if base is None:
        return "There were no students to count"
    if found is not None:
        here, there = about(base, rows[found]["mean"])
        return f"{names[found]} leaves fewest unreached: {there} of 100 students, against {here} under {names[0]}"
    [here] = about(base)
    if len(rows) == 1:
        return f"Nobody reaches about {here} of 100 students, distressed and mostly without a friend"
    if not has_intervals(comparison):
        return f"About {here} of 100 unreached under {names[0]}; too few cohorts to tell the others apart"
    return f"No scenario is known to leave fewer unreached than {names[0]}, about {here} of 100 students"


def _said(cell: Cell) -> str:
    return cell.value + (f" ({interval_said(cell)})" if cell.interval else "")


def with_intervals(comparison: Comparison) -> str:
    """How a caption goes on: with intervals, or why without."""
    return "with 95 % intervals" if has_intervals(comparison) else "without intervals, as the simulated cohorts are too few"


def draw_differences(comparison: Comparison) -> Drawn:
    """(b) Differences to the baseline, paired by cohort, with their intervals."""
    others = comparison.names[1:]
    panels = ((HEADLINE, "Unreached, isolated"), ("reach_isolated", "Reach of the isolated"))
    figure = Figure(figsize=(WIDTH, 1.8 + 0.38 * len(others)))
    axes = figure.subplots(1, 2, sharey=True)
    said = []
    for axis, (outcome, heading) in zip(axes, panels, strict=True):
        rows = shown_rows(comparison, outcome)[1:]
        cells = cells_of(rows)
        scale, better = scale_of(rows[0]["unit"]), OUTCOMES[outcome].better
        rows_axis(axis, others)
        axis.axvline(0, color=SOFT, linewidth=1)
        for y, row in enumerate(rows):
            if row["difference"] is None:
                axis.text(0, y, "  nothing to compare", va="center", fontsize=8, color=SOFT)
                continue
            told = is_told_apart(row)
            colour = GREY if not told else BLUE if (row["difference"] < 0) == (better == "lower") else VERMILLION
            if row["difference_low"] is not None:
                axis.hlines(y, scale * row["difference_low"], scale * row["difference_high"], color=colour, linewidth=2.4)
            marker = "o" if colour != VERMILLION else "s"
            axis.plot(scale * row["difference"], y, marker, color=colour, markersize=6, markerfacecolor=colour if told else PAPER,
                      markeredgewidth=1.5)  # fmt: skip
        axis.set_title(heading)
        axis.margins(x=0.12)
        axis.locator_params(axis="x", nbins=5)
        fewer = "fewer" if better == "lower" else "more"
        unit = "students of 100" if outcome == HEADLINE else "percentage points"
        axis.set_xlabel(f"{unit}, difference\n({fewer} is better)")
        said.append(f"{heading}: " + "; ".join(f"{row['scenario']} {_difference_said(cell)}" for row, cell in zip(rows, cells, strict=True)))
    baseline = comparison.names[0]
    title(figure, _differences_answer(comparison))
    key = [Line2D([], [], color=colour, marker=marker, linewidth=2.4, markerfacecolor=face, markeredgewidth=1.5, label=label)
           for colour, face, marker, label in
           ((BLUE, BLUE, "o", "better"), (VERMILLION, VERMILLION, "s", "worse"), (GREY, PAPER, "o", "not told apart from none"))]  # fmt: skip
    if has_intervals(comparison):
        figure.legend(handles=key, loc="outside lower left", ncols=3)
    caption = (f"Differences to {baseline}, {with_intervals(comparison)}. Each simulated cohort meets every scenario with the same luck, so what "
               "the cohorts share cancels out. Isolated: without a friend in the cohort when the distress began.")  # fmt: skip
    return figure, caption, ". ".join(said) + "."


def _differences_answer(comparison: Comparison) -> str:
    rows, base = shown_rows(comparison, HEADLINE)[1:], short(comparison.names[0], 1)
    if not has_intervals(comparison):
        return f"Against {base}: too few cohorts to tell what is luck"
    if all(is_the_same(row) for row in rows):
        return f"Nothing is different from {base} in any cohort"
    fewer = sum(is_told_apart(row) and row["difference"] < 0 for row in rows)
    more = sum(is_told_apart(row) and row["difference"] > 0 for row in rows)
    same = sum(is_the_same(row) for row in rows)
    unclear = len(rows) - fewer - more - same
    parts = [(fewer, "leave fewer unreached", "leaves fewer unreached"), (more, "leave more", "leaves more"),
             (same, "change nothing", "changes nothing"),
             (unclear, "are not told apart", "is not told apart")]  # fmt: skip
    said = ", ".join(f"{n} {one if n == 1 else many}" for n, many, one in parts if n)
    return f"Against {base}, in the same cohorts: {said}"


def _difference_said(cell: Cell) -> str:
    if not cell.difference:
        return "nothing to compare"
    return cell.difference + (f" ({cell.difference_interval})" if cell.difference_interval else "")
