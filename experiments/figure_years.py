"""The picture of the years: friends, isolation and distress week by week, with breaks and placements marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.estimates import COHORT_QUANTILES
from experiments.replicate import SERIES
from experiments.shown import has_intervals
from experiments.style import GREY, INK, PALE, WIDTH, Drawn, colour_of, short, title
from simulation.record.outcomes import HEADLINE
from simulation.scenario.programme import Calendar

if TYPE_CHECKING:
    from experiments.compare import Comparison

MOST_LINES = 8


def _shown(comparison: Comparison) -> list[int]:
    """Scenarios drawn as lines: all, or the baseline and those whose headline differs most."""
    rows = comparison.of(HEADLINE)
    order = sorted(range(1, len(rows)), key=lambda s: -abs(rows[s]["difference"] or 0.0))[: MOST_LINES - 1]
    return [0, *sorted(order)]


def _fan(wanted: NDArray[np.float64], gap: float, top: float) -> NDArray[np.float64]:
    """Positions from the top down in the order given, at least a gap apart, as near the wanted ones as that leaves, between 0 and `top`.

    The order is the same in each panel, so that a name is found at once. The least squares under that order are an isotonic regression: place k is
    the least, over i <= k, of the largest mean of the wanted i..j over j >= k (Barlow et al. 1972). scipy.optimize has a faster one for more than a
    handful of names, and takes longer to import than this picture to draw.
    """
    n = len(wanted)
    steps = gap * np.arange(n)
    so_far = np.concatenate([[0.0], np.cumsum(wanted + steps)])
    mean = [[(so_far[j + 1] - so_far[i]) / (j + 1 - i) if j >= i else -np.inf for j in range(n)] for i in range(n)]
    placed = np.array([min(max(mean[i][k:]) for i in range(k + 1)) for k in range(n)]) - steps
    return np.maximum(np.minimum(placed, top - steps), steps[::-1])


def draw_years(comparison: Comparison) -> Drawn:
    """(e) Friends, isolation and distress week by week."""
    shown = _shown(comparison)
    figure = Figure(figsize=(WIDTH, 6.2))
    axes = figure.subplots(3, 1, sharex=True)
    calendar = max((comparison.calendars[s] for s in shown), key=lambda one: one.n_weeks)
    settled = int(calendar.is_settling_in.sum())
    n_weeks = calendar.n_weeks
    said, labels = [], [short(comparison.names[s]) for s in shown]
    panels = (("friends_mean", 1.0, "Friends in the cohort, mean"), ("isolated", 100.0, "Students without a friend, %"),
              ("distressed", 100.0, "Students in distress, %"))  # fmt: skip
    for axis, (series, scale, heading) in zip(axes, panels, strict=True):
        _calendar_marks(axis, calendar)
        ends, top = [], 0.0
        start = settled if series == "isolated" else 0  # at first nobody has a friend, which would press the rest flat
        for k, s in enumerate(shown):
            weekly = comparison.weekly[s]
            present, own = weekly[:, SERIES.index("present")], scale * weekly[:, SERIES.index(series)]
            week = np.arange(1, weekly.shape[2] + 1)
            mean = (own * present).sum(axis=0) / np.maximum(present.sum(axis=0), 1)
            if s == 0 and has_intervals(comparison):
                low, high = np.quantile(own, COHORT_QUANTILES, axis=0)
                axis.fill_between(week, low, high, color=GREY, alpha=0.22, linewidth=0)
                top = max(top, float(high[start:].max(initial=0)))
            axis.plot(week, mean, color=colour_of(k), zorder=3 if k else 4)
            top = max(top, float(mean[start:].max(initial=0)))
            ends.append(mean[-1])
            half = len(mean) // 2
            said.append(f"{heading}, {comparison.names[s]}: {mean[half - 1]:.1f} half-way, {mean[-1]:.1f} at the end")
        top = 1.12 * top or 1.0
        axis.set_ylim(0, top)
        axis.set_title(heading)
        axis.grid(axis="y")
        lines = max(label.count("\n") + 1 for label in labels)
        places = _fan(np.array(ends), min(0.105 * lines, 0.95 / len(shown)) * top, top)
        for k, s in enumerate(shown):
            # A line and a text, since an annotation works out in each of its drawings where its arrow and its text meet.
            axis.plot([comparison.calendars[s].n_weeks, n_weeks * 1.035], [ends[k], places[k]], color=colour_of(k), linewidth=0.6, clip_on=False)
            axis.text(n_weeks * 1.04, places[k], labels[k], va="center", fontsize=8, color=colour_of(k))
        axis.set_xlim(0, n_weeks)
        axis.tick_params(axis="x", length=0)
    axes[-1].set_xticks([52 * y + 26 for y in range(n_weeks // 52)], [f"year {y + 1}" for y in range(n_weeks // 52)])
    _name_marks(axes[0], calendar)
    title(figure, "What happens over the years?")
    band = f"Band: where 9 in 10 cohorts lie under {comparison.names[0]}. " if has_intervals(comparison) else ""
    caption = (f"Lines: means over the simulated cohorts. {band}Grey columns are "
               "breaks, the dark rule above a year marks placements. In the first term everybody is still a stranger, so isolation starts beyond "
               "the top.")  # fmt: skip
    if len(shown) < len(comparison.names):
        caption += f" Shown are the baseline and the {len(shown) - 1} scenarios whose headline differs most."
    return figure, caption, "; ".join(said) + "."


def _calendar_marks(axis: Axes, calendar: Calendar) -> None:
    """Shade breaks, part the years and mark the years on placement."""
    week = np.arange(1, calendar.n_weeks + 1)
    axis.fill_between(week, 0, 1, where=~calendar.is_teaching, transform=axis.get_xaxis_transform(), color="#F0F0F0", linewidth=0, step="mid")
    for year in range(1, calendar.n_years + 1):
        weeks = week[calendar.year == year]
        axis.axvline(weeks[0] - 0.5, color=PALE, linewidth=0.8)
        if calendar.is_clinical[weeks[0] - 1]:
            axis.plot([weeks[0], weeks[-1]], [1, 1], color=INK, linewidth=2.5, transform=axis.get_xaxis_transform(), clip_on=False,
                      solid_capstyle="butt")  # fmt: skip


def _name_marks(axis: Axes, calendar: Calendar) -> None:
    """Say once what the shading and the rule mean."""
    breaks, clinical = np.flatnonzero(~calendar.is_teaching) + 1, np.flatnonzero(calendar.is_clinical) + 1
    if len(breaks):
        first = breaks[: int(np.argmax(np.append(np.diff(breaks) > 1, True))) + 1]
        axis.text(first.mean(), 0.03, "break", transform=axis.get_xaxis_transform(), ha="center", va="bottom", fontsize=7, color="#666666")
    if len(clinical):
        axis.text(clinical[-1], 1.03, "on placement", transform=axis.get_xaxis_transform(), ha="right", va="bottom", fontsize=7.5, color=INK)
