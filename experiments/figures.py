"""The report's pictures: each answers one question, says it in its title and shows how sure the answer is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from experiments.estimates import estimate
from experiments.figure_years import draw_years
from experiments.replicate import MISSED
from experiments.shown import has_intervals, shown_rows
from experiments.style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, SKY, STYLE, VERMILLION, WIDTH, Drawn, colour_of, rows_axis, short, title, to_svg
from experiments.tables import Cell, cells_of, interval_said, is_told_apart, scale_of
from simulation.record.outcomes import HEADLINE, OUTCOMES
from simulation.record.reach import CASCADE_STEPS

if TYPE_CHECKING:
    from experiments.compare import Comparison


@dataclass(frozen=True)
class Picture:
    """A picture of the report.

    Attributes:
        name: short name, part of the ids inside the SVG.
        caption: how to read it.
        text: what it shows, for who does not see it.
        svg: the picture, to be set into a page.
    """

    name: str
    caption: str
    text: str
    svg: str


def pictures(comparison: Comparison) -> list[Picture]:
    """All pictures of a comparison; the one that needs a second scenario is left out where there is none."""
    drawings: list[tuple[str, Callable[[Comparison], Drawn]]] = [
        ("headline", draw_headline), ("differences", draw_differences), ("cascade", draw_cascade), ("missed", draw_missed), ("years", draw_years),
    ]  # fmt: skip
    if len(comparison.scenarios) == 1:
        drawings.pop(1)
    result = []
    for name, draw in drawings:
        with matplotlib.rc_context(STYLE):
            figure, caption, text = draw(comparison)
            result.append(Picture(name, caption, text, to_svg(figure, name)))
    return result


def draw_headline(comparison: Comparison) -> Drawn:
    """(a) The headline by scenario: mean, its interval and the range of single cohorts."""
    rows = shown_rows(comparison, HEADLINE)
    cells = cells_of(rows)
    figure = Figure(figsize=(WIDTH, 1.75 + 0.36 * len(rows)))
    axis = figure.add_subplot()
    rows_axis(axis, comparison.names)
    for y, row in enumerate(rows):
        if row["mean"] is None:
            continue
        colour = colour_of(0) if y == 0 else BLUE
        if row["cohort_low"] is not None:
            axis.plot([row["cohort_low"], row["cohort_high"]], [y, y], color=colour, alpha=0.3, linewidth=7, solid_capstyle="butt")
        if row["low"] is not None:
            axis.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt")
        axis.plot(row["mean"], y, "o", color=colour, markersize=6.5, markeredgecolor="white", markeredgewidth=0.8, clip_on=False, zorder=3)
        shown = cells[y].value + (f"  ({cells[y].interval})" if cells[y].interval else "")
        axis.text(1.02, y, shown, transform=axis.get_yaxis_transform(), va="center", fontsize=8.5)
    axis.set_xlim(left=0, right=axis.get_xlim()[1] if any(row["mean"] for row in rows) else 1)
    axis.set_xlabel("students per 100 enrolled (fewer is better)")
    title(figure, "How many isolated students in distress does nobody reach?")
    key = [Line2D([], [], color=GREY, marker="o", linewidth=2.2, label="mean and 95 % interval"),
           Line2D([], [], color=GREY, alpha=0.3, linewidth=7, label="where 9 in 10 single cohorts lie")]  # fmt: skip
    if has_intervals(comparison):
        figure.legend(handles=key, loc="outside lower left", ncols=2)
    said = "; ".join(f"{row['scenario']} {_said(cell)}" for row, cell in zip(rows, cells, strict=True))
    caption = ("Students with a spell of distress of some weeks, mostly without a friend in the cohort, whom neither support nor care reached, "
               "per 100 enrolled, over the course. One cohort can lie far from the mean by luck alone.")  # fmt: skip
    return figure, caption, f"Unreached isolated students per 100 enrolled: {said}."


def _said(cell: Cell) -> str:
    return cell.value + (f" ({interval_said(cell)})" if cell.interval else "")


def _with_intervals(comparison: Comparison) -> str:
    """How a caption goes on: with intervals, or why without."""
    return "with 95 % intervals" if has_intervals(comparison) else "without intervals, as the simulated cohorts are too few"


def draw_differences(comparison: Comparison) -> Drawn:
    """(b) Paired differences to the baseline in the headline and in the reach of isolated students."""
    others = comparison.names[1:]
    figure = Figure(figsize=(WIDTH, 2.15 + 0.36 * len(others)))
    axes = figure.subplots(1, 2, sharey=True)
    said = []
    panels = ((HEADLINE, "Unreached isolated students"), ("reach_isolated", "Reach among isolated students"))
    for axis, (outcome, heading) in zip(axes, panels, strict=True):
        rows = shown_rows(comparison, outcome)
        cells, rows = cells_of(rows)[1:], rows[1:]
        scale, better = scale_of(rows[0]["unit"]), OUTCOMES[outcome].better
        rows_axis(axis, others)
        axis.axvline(0, color="#444444", linewidth=1)
        for y, row in enumerate(rows):
            if row["difference"] is None:
                axis.text(0, y, "  nothing to compare", va="center", fontsize=8, color="#555555")
                continue
            told = is_told_apart(row)
            colour = GREY if not told else BLUE if (row["difference"] < 0) == (better == "lower") else VERMILLION
            if row["difference_low"] is not None:
                axis.hlines(y, scale * row["difference_low"], scale * row["difference_high"], color=colour, linewidth=2.2)
            face = colour if told else "white"
            axis.plot(scale * row["difference"], y, "o", color=colour, markersize=6.5, markerfacecolor=face, markeredgewidth=1.5)
        axis.set_title(heading)
        axis.margins(x=0.12)
        fewer = "fewer" if better == "lower" else "more"
        unit = "students per 100" if outcome == HEADLINE else "percentage points"
        axis.set_xlabel(f"difference in {unit}\n({fewer} is better)")
        said.append(f"{heading}: " + "; ".join(f"{row['scenario']} {_difference_said(cell)}" for row, cell in zip(rows, cells, strict=True)))
    baseline = comparison.names[0]
    title(figure, f"What changes against {short(baseline, 1)}, in the same cohorts?")
    key = [Line2D([], [], color=colour, marker="o", linewidth=2.2, markerfacecolor=face, markeredgewidth=1.5, label=label) for colour, face, label in
           ((BLUE, BLUE, "better"), (VERMILLION, VERMILLION, "worse"), (GREY, "white", "not told apart from no difference"))]  # fmt: skip
    if has_intervals(comparison):
        figure.legend(handles=key, loc="outside lower left", ncols=3)
    caption = (f"Differences to {baseline}, {_with_intervals(comparison)}. Each simulated cohort meets every scenario with the same luck, so what "
               "the cohorts share cancels out. Isolated: without a friend in the cohort when the distress began.")  # fmt: skip
    return figure, caption, ". ".join(said) + "."


def _difference_said(cell: Cell) -> str:
    if not cell.difference:
        return "nothing to compare"
    return cell.difference + (f" ({cell.difference_interval})" if cell.difference_interval else "")


def _share(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    out: NDArray[np.float64] = np.full(parts.shape[:-1], np.nan)
    np.divide(100 * parts[..., 0], parts[..., 1], out=out, where=parts[..., 1] > 0)
    return out


def cascade_shares(comparison: Comparison) -> NDArray[np.float64]:
    """Per cent of episodes in which each step happened, as shown.

    Returns:
        Array of shape (3, scenarios, groups, steps): value, low and high of the 95 % interval within 0 and 100; nan where there is none.
    """
    counts = comparison.cascade.astype(np.float64)
    parts = np.stack([counts, np.broadcast_to(counts[..., :1], counts.shape)], axis=-1)
    each = np.moveaxis(parts, 1, 3)  # scenarios, groups, steps, replicates, 2: what is estimated is the same for every one of the first three
    got = estimate(each.reshape(-1, *each.shape[3:]), _share)
    found = np.array([got.mean, got.low, got.high]).reshape(3, len(counts), *counts.shape[2:])
    found[1:] = np.clip(found[1:], 0, 100) if has_intervals(comparison) else np.nan
    return found


def draw_cascade(comparison: Comparison) -> Drawn:
    """(c) From an episode to treatment, by scenario and by isolation at onset."""
    shares, names = cascade_shares(comparison), comparison.names
    columns = min(2, len(names))
    n_rows = -(-len(names) // columns)
    figure = Figure(figsize=(WIDTH, 1.0 + 1.75 * n_rows))
    axes = figure.subplots(n_rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    y = np.arange(len(CASCADE_STEPS))
    for s, axis in enumerate(axes):
        if s >= len(names):
            axis.set_visible(False)
            continue
        rows_axis(axis, [step.replace("episode", "all episodes") for step in CASCADE_STEPS] if s == 0 else None)
        axis.set_title(short(names[s]))
        for g, (colour, shift) in enumerate(((VERMILLION, 0.14), (BLUE, -0.14))):
            value, low, high = shares[:, s, g]
            axis.hlines(y + shift, low, high, color=colour, linewidth=2)
            axis.plot(value[:-1], (y + shift)[:-1], color=colour, linewidth=0.7)  # care is no step after referral alone, so no line leads there
            axis.plot(value, y + shift, "o", color=colour, markersize=5, markeredgecolor="white", markeredgewidth=0.6,
                      clip_on=False, zorder=3)  # fmt: skip
        if s == 0:
            axis.set_xlim(0, 104)
            axis.set_xticks(range(0, 101, 25))
        if s >= len(names) - columns:
            axis.set_xlabel("% of episodes")
            axis.xaxis.set_tick_params(labelbottom=True)
    title(figure, "Where does help stop on the way from distress to care?")
    key = [Line2D([], [], color=colour, marker="o", linewidth=2, label=label) for colour, label in
           ((BLUE, "with a friend when distress began"), (VERMILLION, "without a friend"))]  # fmt: skip
    figure.legend(handles=key, loc="outside lower left", ncols=2)
    said = []
    for s, name in enumerate(names):
        for g, group in enumerate(("without", "with")):
            steps = ", ".join(f"{step} {shares[0, s, g, k]:.0f} %" for k, step in enumerate(CASCADE_STEPS) if k and np.isfinite(shares[0, s, g, k]))
            said.append(f"{name}, {group} a friend: {steps or 'no episodes'}")
    caption = (f"Spells of distress after the settling-in: in how many of 100 each step happened at least once, {_with_intervals(comparison)}. "
               "Care can begin without the steps before it, where a student asks for it unprompted.")  # fmt: skip
    return figure, caption, "; ".join(said) + "."


# Reasons in the order in which help stops; those of the likeliest helper are put together into four kinds so that colours stay apart.
MISSED_KINDS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("over before anybody could notice", ("brief",), "#BBBBBB"),
    ("nobody there", ("nobody there",), VERMILLION),
    ("people around, not noticed", ("not noticed",), ORANGE),
    ("noticed; helper hardly knew the student", ("weak tie",), SKY),
    ("noticed; expertise, stigma or boundaries", ("expertise", "stigma", "boundary"), BLUE),
    ("noticed; helper stretched or distressed", ("weekly limit", "load", "own distress"), PURPLE),
    ("noticed; reluctance or chance", ("reluctance", "chance"), "#7A5C3E"),
    ("offered, not accepted", ("refused",), GREEN),
)


def draw_missed(comparison: Comparison) -> Drawn:
    """(d) Why episodes were missed: bars that add up to the unreached."""
    episodes = comparison.cascade[..., 0].sum(axis=(1, 2))
    figure = Figure(figsize=(WIDTH, 2.6 + 0.38 * len(comparison.names)))
    axis = figure.add_subplot()
    rows_axis(axis, comparison.names)
    left = np.zeros(len(comparison.names))
    rates = 100 * comparison.reasons / np.maximum(episodes, 1)[:, None]
    said: dict[str, list[str]] = {name: [] for name in comparison.names}
    for label, reasons, colour in MISSED_KINDS:
        width = rates[:, [MISSED.index(reason) for reason in reasons]].sum(axis=1)
        axis.barh(range(len(width)), width, left=left, height=0.62, color=colour, edgecolor="white", linewidth=0.8, label=label)
        for y, w in enumerate(width):
            if w >= 2.5:
                dark = colour in (BLUE, VERMILLION, GREEN, "#7A5C3E")
                axis.text(left[y] + w / 2, y, f"{w:.0f}", ha="center", va="center", fontsize=8, color="white" if dark else INK)
            said[comparison.names[y]].append(f"{label} {w:.1f}")
        left += width
    for y, row in enumerate(shown_rows(comparison, "reach")):
        if row["low"] is not None:
            axis.plot([100 - 100 * row["high"], 100 - 100 * row["low"]], [y, y], color=INK, linewidth=1.4, marker="|", markersize=6, clip_on=False)
        # At a fixed place: beyond the end of a wide interval it would leave the canvas.
        axis.text(1.02, y, f"{left[y]:.0f}", transform=axis.get_yaxis_transform(), va="center", fontsize=9, fontweight="bold")
    axis.set_xlim(0, 100)
    axis.set_xlabel("unreached of 100 episodes" + (", with the 95 % interval of their sum" if has_intervals(comparison) else ""))
    title(figure, "Why did help not reach them?")
    figure.legend(loc="outside lower left", ncols=2, columnspacing=1.5)
    caption = ("Each unreached spell of distress has one reason, so the bars add up to all that were unreached (bold, on the right). What held the "
               "likeliest helper back is the largest cost in that helper's readiness to offer; the table below has every reason.")  # fmt: skip
    return figure, caption, "; ".join(f"{name}: {', '.join(parts)}" for name, parts in said.items()) + " (per 100 episodes)."
