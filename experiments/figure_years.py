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
from experiments.style import FAINT, INK, PALE, SOFT, WIDTH, Drawn, colour_of, short, title
from simulation.record.networks import YEAR_END
from simulation.record.outcomes import HEADLINE
from simulation.scenario.programme import Calendar

if TYPE_CHECKING:
    from experiments.compare import Comparison

MOST_LINES = 8
_DASHES = ("-", "-", (0, (4, 1.2)), (0, (1.2, 1)), (0, (5, 1, 1.2, 1)))


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
    figure = Figure(figsize=(WIDTH, 6.0))
    axes = figure.subplots(3, 1, sharex=True)
    calendar = max((comparison.calendars[s] for s in shown), key=lambda one: one.n_weeks)
    settled = int(calendar.is_settling_in.sum())
    n_weeks = calendar.n_weeks
    said, labels = [], [short(comparison.names[s]) for s in shown]
    farthest = _farthest(comparison)
    banded = {0, farthest}
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
            if s in banded and has_intervals(comparison):
                low, high = np.quantile(own, COHORT_QUANTILES, axis=0)
                axis.fill_between(week, low, high, color=colour_of(k), alpha=0.2, linewidth=0)
                top = max(top, float(high[start:].max(initial=0)))
            axis.plot(week, mean, color=colour_of(k), linestyle=_DASHES[k % len(_DASHES)], zorder=3 if k else 4)
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
            axis.plot([comparison.calendars[s].n_weeks, n_weeks * 1.035], [ends[k], places[k]], color=colour_of(k), linewidth=1, clip_on=False)
            axis.text(n_weeks * 1.04, places[k], labels[k], va="center", fontsize=7.8)
        axis.set_xlim(0, n_weeks)
        axis.tick_params(axis="x", length=0)
    axes[-1].set_xticks([52 * y + 26 for y in range(n_weeks // 52)], [f"year {y + 1}" for y in range(n_weeks // 52)])
    _name_marks(axes[0], calendar)
    title(figure, _years_answer(comparison))
    whose = comparison.names[0] if farthest == 0 else f"{comparison.names[0]} and {comparison.names[farthest]}"
    band = f"Bands: where 9 in 10 cohorts lie under {whose}. " if has_intervals(comparison) else ""
    caption = (f"Lines: means over the simulated cohorts. {band}Grey columns are breaks, short strokes at the foot exam weeks, and the dark rule "
               "above a year marks placements. In the first term everybody is still a stranger, so isolation starts beyond the top.")  # fmt: skip
    if len(shown) < len(comparison.names):
        caption += f" Shown are the baseline and the {len(shown) - 1} scenarios whose headline differs most."
    return figure, caption, "; ".join(said) + "."


def _farthest(comparison: Comparison) -> int:
    """The scenario whose share of students without a friend is farthest from the baseline's on average; 0 where there is no other."""
    k = SERIES.index("isolated")
    n_weeks = min(weekly.shape[2] for weekly in comparison.weekly)
    means = [weekly[:, k, :n_weeks].mean(axis=0) for weekly in comparison.weekly]
    return int(np.argmax([np.abs(mean - means[0]).mean() for mean in means]))


def _years_answer(comparison: Comparison) -> str:
    """Friends and isolation under the baseline before placements and at the end; without either, the least that can be said."""
    table = dict(zip(YEAR_END, comparison.year_ends[0].T, strict=True))
    years, campus = table["year"], comparison.scenarios[0].parameters.campus_years
    before, after = np.flatnonzero(years <= campus), np.flatnonzero(years > campus)
    if not len(before) or not len(after) or not np.isfinite(table["friends_mean"][[before[-1], after[-1]]]).all():
        return "Friends, isolation and distress over the years"
    friends, alone = (scale * table[name][[before[-1], after[-1]]] for name, scale in (("friends_mean", 1.0), ("no_friend_share", 100.0)))
    way = "thin out" if friends[1] < 0.95 * friends[0] else "grow" if friends[1] > 1.05 * friends[0] else "hold"
    return (f"On placement friendships {way}: from {friends[0]:.1f} to {friends[1]:.1f} a student under {short(comparison.names[0], 1)}; "
            f"without a friend are {alone[0]:.0f} % before and {alone[1]:.0f} % at the end")  # fmt: skip


def _calendar_marks(axis: Axes, calendar: Calendar) -> None:
    """Shade breaks, part the years, and mark exam weeks and the years on placement."""
    for exam in np.flatnonzero(calendar.is_exam) + 1:
        axis.plot([exam, exam], [0, 0.05], color=INK, linewidth=1.1, transform=axis.get_xaxis_transform(), solid_capstyle="butt")
    week = np.arange(1, calendar.n_weeks + 1)
    axis.fill_between(week, 0, 1, where=~calendar.is_teaching, transform=axis.get_xaxis_transform(), color=FAINT, linewidth=0, step="mid")
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
        axis.text(first.mean(), 0.07, "break", transform=axis.get_xaxis_transform(), ha="center", va="bottom", fontsize=7.5, color=SOFT)
    exams = np.flatnonzero(calendar.is_exam) + 1
    if len(exams):
        axis.text(exams[0], 0.07, "exams", transform=axis.get_xaxis_transform(), ha="center", va="bottom", fontsize=7.5, color=SOFT)
    if len(clinical):
        axis.text(clinical[-1], 1.03, "on placement", transform=axis.get_xaxis_transform(), ha="right", va="bottom", fontsize=7.5, color=INK)
