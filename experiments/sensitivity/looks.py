"""What the pictures of an analysis share: names in lines, a question with what it is asked of, marks and their colours."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from experiments.sensitivity.result import Analysis
from experiments.style import FAINT, SOFT
from experiments.tables import scale_of, shown_unit

MOST_ROOM = 2.5
IN_UNITS = ("mu", "mu_star", "sigma", "sigma_corrected")
"""Indices that are in the unit of the outcome."""
MOST_ROWS = 20
"""Parameters that a picture ranks; the tables have all."""
_QUESTION_POINTS, _LABEL_POINTS, _LINE, _PAD = 10.5, 8.5, 1.3, 3.0
_QUESTION_LETTERS, _LABEL_LETTERS, _NAME_LETTERS = 54, 72, 22
INDEX_TEXTS = {
    "ST": "total order (ST)", "S1": "first order (S1)", "ST_run": "total order of a single run (ST_run)",
    "S1_run": "first order of a single run (S1_run)", "mu_star": "mean size of the effect (mu*)", "mu": "mean effect (mu)",
    "sigma": "spread of the effect (sigma)", "sigma_corrected": "spread of the effect, chance taken off (sigma_corrected)",
    "PRCC": "partial rank correlation (PRCC)", "SRC": "standardised slope (SRC)",
}  # fmt: skip
"""Name of an index -> what it is called."""


def heading(figure: Figure, question: str, label: str) -> None:
    """The question that a figure answers, and under it, lighter, what it is asked of."""
    lines = textwrap.wrap(question, _QUESTION_LETTERS)
    under = [line for part in label.split("\n") for line in textwrap.wrap(part, _LABEL_LETTERS, break_long_words=False)]
    # The layout makes room for the title only, so it holds empty lines for what stands under it.
    room = "\n " * round(len(under) * _LABEL_POINTS / _QUESTION_POINTS + 0.3)
    figure.suptitle("\n".join(lines) + room, x=0.01, ha="left", fontsize=_QUESTION_POINTS, fontweight="bold", linespacing=_LINE)
    below = _PAD + len(lines) * _QUESTION_POINTS * _LINE + 1
    figure.text(0.01, 1, "\n".join(under), transform=figure.transFigure + ScaledTranslation(0, -below / 72, figure.dpi_scale_trans), va="top",
                fontsize=_LABEL_POINTS, color=SOFT, linespacing=1.25, in_layout=False)  # fmt: skip


def in_lines(name: str, letters: int = _NAME_LETTERS) -> str:
    """A parameter's name in lines, broken where it has an underscore."""
    lines = [""]
    for part in re.findall(r"[^_\s]+[_\s]*|[_\s]+", name):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > letters:
            lines.append("")
        lines[-1] += part
    lines = [line.rstrip() for line in lines]
    return "\n".join(line if len(line) <= letters + 4 else line[: letters + 3] + "\N{HORIZONTAL ELLIPSIS}" for line in lines)


def name_rows(axis: Axes, names: Sequence[str], extra: float = 0.0) -> None:
    """Rows from the top down, one a name; `extra` rows of room below the last."""
    axis.set_yticks(range(len(names)), [in_lines(name) for name in names], linespacing=0.95)
    axis.set_ylim(len(names) - 0.5 + extra, -0.5)
    quiet(axis)


def quiet(axis: Axes) -> None:
    """Guides along the values, no line along the names."""
    axis.grid(axis="x")
    axis.spines["left"].set_visible(False)


def rows_height(names: Sequence[str]) -> float:
    """Inches that rows of these names take."""
    return sum(0.235 if "\n" not in in_lines(name) else 0.31 for name in names)


def floor_band(axis: Axes, floor: float, *, is_signed: bool = False) -> None:
    """Shade what is not told from zero."""
    if np.isfinite(floor) and floor > 0:
        axis.axvspan(-floor if is_signed else 0, floor, color=FAINT, linewidth=0, zorder=0)
        axis.axvline(floor, color=SOFT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=0.5)
        if is_signed:
            axis.axvline(-floor, color=SOFT, linewidth=0.8, linestyle=(0, (3, 2)), zorder=0.5)


def is_difference(analysis: Analysis) -> bool:
    """Whether a paired difference was analysed; the label of one says so."""
    return " \N{MINUS SIGN} " in analysis.label


def unit_text(analysis: Analysis) -> str:
    """The unit as shown: shares in per cent, their differences in percentage points."""
    return "percentage points" if is_difference(analysis) and analysis.unit.startswith("share of ") else shown_unit(analysis.unit)


def asked_of(analysis: Analysis) -> str:
    """What was analysed, with its unit."""
    return f"{analysis.label}{f' ({unit_text(analysis)})' if analysis.unit else ''}"


def as_shown(analysis: Analysis) -> Analysis:
    """The analysis with what is in the outcome's unit as it is shown: effects on shares in percentage points."""
    scale = scale_of(analysis.unit)
    if scale == 1 or analysis.ranked_by not in IN_UNITS:
        return analysis
    rows = tuple(replace(row, value=scale * row.value, low=scale * row.low, high=scale * row.high) if row.index in IN_UNITS else row
                 for row in analysis.rows)  # fmt: skip
    steps = tuple(replace(step, value=scale * step.value, low=scale * step.low, high=scale * step.high) for step in analysis.convergence)
    floors = {index: scale * floor if index in IN_UNITS else floor for index, floor in analysis.floors.items()}
    return replace(analysis, rows=rows, convergence=steps, floors=floors)


def room_for(values: Sequence[float], ends: Sequence[float], floor: float) -> float:
    """How far an axis goes: to the ends of intervals, but not so far that one of them makes all else small; those run on to the edge."""
    largest = max([abs(value) for value in values if np.isfinite(value)] + [1.2 * floor, 1e-9])
    return float(min(max([end for end in ends if np.isfinite(end)] + [largest]), MOST_ROOM * largest))


def top(analysis: Analysis, most: int) -> list[str]:
    """The most influential parameters."""
    return analysis.ranked()[:most]


def spread_out(wanted: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Places as near as can be to those wanted and at least so far apart, for labels beside the ends of lines."""
    order = np.argsort(wanted, kind="stable")
    placed = np.array(wanted, dtype=np.float64)[order]
    for _ in range(200):
        gaps = np.diff(placed)
        close = np.flatnonzero(gaps < least - 1e-9)
        if not len(close):
            break
        for k in close:
            push = (least - (placed[k + 1] - placed[k])) / 2
            placed[k] -= push
            placed[k + 1] += push
        placed += max(low - placed[0], 0.0)
        placed -= max(placed[-1] - high, 0.0)
    result = np.empty(len(placed))
    result[order] = placed
    return [float(place) for place in result]
