"""The pictures of what it takes and what may come: burden beside benefit, and how different one real year could look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments.figure_answer import with_intervals
from experiments.in_short import about, best
from experiments.shown import has_intervals, shown_rows, tally
from experiments.style import ASH, BLUE, FAINT, GREY, INK, ON_LIGHT, ORANGE, PAPER, SOFT, WIDTH, Drawn, rows_axis, short, title
from experiments.tables import NOTHING, cells_of
from simulation.record.outcomes import HEADLINE

if TYPE_CHECKING:
    from experiments.compare import Comparison

_PANELS = ((HEADLINE, "Unreached", "of 100 students"), ("officer_hours", "Officer-hours", "a student"),
           ("burden_p95", "Load, heaviest", "1 = one support"))  # fmt: skip


def draw_burden(comparison: Comparison) -> Drawn:
    """(g) What is achieved, the hours it takes and what it weighs, side by side."""
    figure = Figure(figsize=(WIDTH, 1.9 + 0.4 * len(comparison.names)))
    axes = figure.subplots(1, 3, sharey=True)
    rows_axis(axes[0], comparison.names)
    said, everybody = [], shown_rows(comparison, "burden_p95")
    for axis, (outcome, heading, unit) in zip(axes, _PANELS, strict=True):
        rows_axis(axis, None)
        series = [(outcome, BLUE, "o")] if outcome != "burden_p95" else [("burden_p95", BLUE, "o"), ("officer_burden_p95", ORANGE, "s")]
        for name, colour, marker in series:
            rows = shown_rows(comparison, name)
            cells = cells_of(rows)
            for y, (row, cell) in enumerate(zip(rows, cells, strict=True)):
                if row["mean"] is None:
                    continue
                if row["low"] is not None:
                    axis.hlines(y, row["low"], row["high"], color=colour, linewidth=2.4)
                axis.plot(row["mean"], y, marker, color=colour, markersize=6, markeredgecolor=PAPER, markeredgewidth=0.8, clip_on=False, zorder=3)
                is_crowded = name == "officer_burden_p95" and row["mean"] < 1.8 * (everybody[y]["mean"] or 0.0)
                above, side = (0.22, "top") if is_crowded else (-0.2, "bottom")
                axis.text(row["mean"], y + above, cell.value, ha="center", va=side, fontsize=7.6)
            whom = {"burden_p95": "load on everybody", "officer_burden_p95": "load on officers"}.get(name, f"{heading.lower()} {unit}")
            said.append(f"{whom}: " + ", ".join(f"{scenario} {cell.value}" for scenario, cell in zip(comparison.names, cells, strict=True)
                                                if cell.value != NOTHING))  # fmt: skip
        right = axis.get_xlim()[1]
        axis.set_xlim(0, right * 1.12 if right > 0.055 else 1)
        axis.locator_params(axis="x", nbins=4)
        axis.set_title(heading, fontsize=8.5)
        axis.set_xlabel(unit, fontsize=8)
    axes[0].set_ylim(len(comparison.names) - 0.35, -0.75)
    key = [Line2D([], [], color=colour, marker=marker, linewidth=2.4, label=label) for colour, marker, label in
           ((BLUE, "o", "everybody"), (ORANGE, "s", "load on officers"))]  # fmt: skip
    figure.legend(handles=key, loc="outside lower left", ncols=2)
    title(figure, _burden_answer(comparison))
    caption = (f"Means over the simulated cohorts, {with_intervals(comparison)}; in all three less is better. Load is what helping weighs on the "
               "helper: each accepted support adds 1 (2 where the student is severely distressed), and it fades over weeks. Its heaviest: one "
               "week in twenty carries more.")  # fmt: skip
    return figure, caption, "; ".join(part for part in said if not part.endswith(": ")) + "."


def _burden_answer(comparison: Comparison) -> str:
    found, hours, load = best(comparison), shown_rows(comparison, "officer_hours"), shown_rows(comparison, "burden_p95")
    if found is None:
        return "What each scenario achieves, and what it asks of people"
    base, there = (shown_rows(comparison, HEADLINE)[s]["mean"] for s in (0, found))
    fewer = about(base - there)[0]
    spent = f"{hours[found]['mean']:.0f} officer-hours a student" if hours[found]["mean"] else "no officer-hours"
    heavier = load[found]["mean"] > 1.02 * load[0]["mean"]
    return (f"{short(comparison.names[found], 1)} leaves {fewer} fewer of 100 unreached, for {spent}"
            f"{' and a heavier load on those who help' if heavier else ''}")  # fmt: skip


def draw_cohorts(comparison: Comparison) -> Drawn:
    """(h) Single cohorts against the mean: how different one real year could look."""
    names, many = comparison.names, len(comparison.names) > 1
    figure = Figure(figsize=(WIDTH, 1.75 + 0.5 * len(names)))
    axes = figure.subplots(1, 2, sharey=True, width_ratios=(1.7, 1), squeeze=False)[0] if many else [figure.add_subplot()]
    rows_axis(axes[0], names)
    said = [_draw_spread(axes[0], comparison, s) for s in range(len(names))]
    axes[0].set_xlim(left=min(0, axes[0].get_xlim()[0]) if comparison.school is None else 0)
    axes[0].set_xlabel("unreached, of 100 students")
    axes[0].set_title("One bar, one possible value" if comparison.school is None else "Where single cohorts lie")
    axes[0].set_ylim(len(names) - 0.5, -0.75 if comparison.school is None else -0.5)
    if many:
        _draw_tally(axes[1], comparison)
    key = [Line2D([], [], color=INK, marker="o", linewidth=2, markersize=5, label="mean, 95 % interval" if has_intervals(comparison) else "mean")]
    if has_intervals(comparison):
        key += [Line2D([], [], color=ASH, linewidth=7, label="half of the cohorts"), Line2D([], [], color=ASH, linewidth=2, label="9 in 10")]
    figure.legend(handles=key, loc="outside lower left", ncols=3, columnspacing=1.2)
    title(figure, _cohorts_answer(comparison))
    caption = "A school has one cohort a year, not the mean of many: each simulated cohort is one way in which the same design could turn out."
    if many:
        caption += " On the right the same cohorts under two scenarios: in how many of 100 the scenario leaves fewer, as many or more."
    return figure, caption, "; ".join(said) + "."


def _draw_spread(axis: Axes, comparison: Comparison, s: int) -> str:
    """How the headline is spread over single cohorts; where a school was given without the single values. Returns it in words."""
    single, row = comparison.headline[s], shown_rows(comparison, HEADLINE)[s]
    single = single[np.isfinite(single)]
    colour = GREY if s == 0 else BLUE
    low_line = s + 0.28 if comparison.school is None else s
    if comparison.school is None and len(single):
        values, counts = np.unique(np.round(single, 9), return_counts=True)
        step = np.diff(values).min() if len(values) > 1 else 1.0
        axis.bar(values, -0.62 * counts / counts.max(), bottom=s + 0.18, width=0.75 * step, color=colour, alpha=0.4, linewidth=0)
    if has_intervals(comparison) and len(single):
        low, quarter, three, high = np.quantile(single, (0.05, 0.25, 0.75, 0.95))
        axis.hlines(low_line, low, high, color=ASH, linewidth=2)
        axis.hlines(low_line, quarter, three, color=ASH, linewidth=7)
    if row["mean"] is None:
        return f"{comparison.names[s]} nothing to count"
    if row["low"] is not None:
        axis.hlines(low_line, row["low"], row["high"], color=INK, linewidth=2)
    axis.plot(row["mean"], low_line, "o", color=INK, markersize=5, markeredgecolor=PAPER, markeredgewidth=0.7, zorder=3)
    band = f", 9 in 10 cohorts {low:.1f} to {high:.1f}" if has_intervals(comparison) and len(single) else ""
    return f"{comparison.names[s]}: mean {cells_of([row])[0].value} of 100{band}"


_TALLY = (("fewer", BLUE, PAPER), ("same", FAINT, INK), ("more", ORANGE, ON_LIGHT))


def _draw_tally(axis: Axes, comparison: Comparison) -> None:
    """In how many of 100 cohorts a scenario leaves fewer, as many or more than the baseline."""
    axis.spines["left"].set_visible(False)
    for s in range(1, len(comparison.names)):
        counts = np.array(tally(comparison, s), dtype=float)
        if not counts.sum():
            continue
        left = 0.0
        for (_, colour, ink), width in zip(_TALLY, 100 * counts / counts.sum(), strict=True):
            axis.barh(s, width, left=left, height=0.6, color=colour, edgecolor=SOFT, linewidth=0.5)
            if width >= 9:
                axis.text(left + width / 2, s, f"{width:.0f}", ha="center", va="center", fontsize=8, color=ink)
            left += width
    axis.text(50, 0.2, "fewer | same | more", ha="center", va="center", fontsize=8)
    axis.set_xlim(0, 100)
    axis.set_xticks([0, 50, 100])
    axis.set_title(f"Against {short(comparison.names[0], 1)}", fontsize=8.5)
    axis.set_xlabel("of 100 cohorts")


def _cohorts_answer(comparison: Comparison) -> str:
    row, base, found = shown_rows(comparison, HEADLINE)[0], short(comparison.names[0], 1), best(comparison)
    if row["cohort_low"] is None:
        return "A single cohort can lie far from the mean"
    low, high = (f"{row[key]:.0f}" if row["cohort_high"] - row["cohort_low"] > 2 else f"{row[key]:.1f}" for key in ("cohort_low", "cohort_high"))
    said = f"One cohort under {base} could have {low} or {high} unreached of 100"
    if found is None:
        return said + " by luck alone"
    fewer, same, more = tally(comparison, found)
    return f"{said}; {short(comparison.names[found], 1)} does better in {100 * fewer / max(fewer + same + more, 1):.0f} of 100 cohorts"
