"""From a figure to the notebook's page, and what several pictures share."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from IPython.display import HTML, Image, Markdown, display
from matplotlib.axes import Axes

from experiments.style import STYLE, VERMILLION, Drawn
from wardmates import PARAMETERS, History

# Mesa loads a progress bar that wants a Jupyter extension, which nothing here shows; its warning would print a path of the machine.
warnings.filterwarnings("ignore", message="IProgress not found")

WIDE = 8.0
"""Width of a picture, in inches."""
DOTS_AN_INCH = 170
SHOWN_WIDTH = 800
SHOWN_AN_INCH = 125  # of a picture narrower than WIDE, whose letters are then as large as in a wide one or larger
BREAKS = "#EEEEEE"
LONE: dict[str, Any] = {"marker": "o", "markersize": 7, "markerfacecolor": "white", "markeredgecolor": VERMILLION, "markeredgewidth": 1.8,
                        "linewidth": 0}  # fmt: skip
"""Look of the mark for a student without a friend."""


def show(drawn: Drawn) -> None:
    """Show a picture, and below it how to read it and what it shows; the latter is also its text alternative."""
    figure, caption, text = drawn
    buffer = BytesIO()
    with matplotlib.rc_context(STYLE):
        # as many pixels for each picture, so that a narrow one is sharp as well
        figure.savefig(buffer, format="png", dpi=DOTS_AN_INCH * WIDE / figure.get_figwidth(), metadata={"Software": None})
    display(Image(buffer.getvalue(), width=min(SHOWN_WIDTH, round(SHOWN_AN_INCH * figure.get_figwidth())), alt=text))
    display(Markdown(f"**How to read it.** {caption}\n\n**What it shows.** {text}"))


def show_table(table: pd.DataFrame) -> None:
    """Show a table, its texts in full."""
    with pd.option_context("display.max_colwidth", None):
        display(HTML(table.to_html(index=False, border=0, justify="left", na_rep="\N{EN DASH}")))


def show_numbers(meanings: Mapping[str, str]) -> None:
    """Show rows of the parameter table: the numbers behind a picture, and how well each is known.

    Args:
        meanings: name of the parameter -> what it means, in plain words.
    """
    rows = [PARAMETERS[name] for name in meanings]
    show_table(pd.DataFrame({
        "what it means": list(meanings.values()), "value": [f"{row.default:g}" for row in rows], "unit": [row.unit for row in rows],
        "held possible": [f"{row.low:g} to {row.high:g}" for row in rows], "known how": [row.evidence for row in rows],
        "name": [row.name for row in rows],
    }))  # fmt: skip


def mark_calendar(axis: Axes, history: History) -> None:
    """Name the years, part them, and shade the breaks."""
    calendar = history.calendar
    week = np.arange(1, calendar.n_weeks + 1)
    axis.fill_between(week, 0, 1, where=~calendar.is_teaching, transform=axis.get_xaxis_transform(), color=BREAKS, linewidth=0, step="mid", zorder=0)
    firsts = [int(week[calendar.year == year][0]) for year in range(1, calendar.n_years + 1)]
    for first in firsts[1:]:
        axis.axvline(first - 0.5, color="#BBBBBB", linewidth=0.8, zorder=0)
    names = [f"year {y + 1}\n{'on placement' if calendar.is_clinical[first - 1] else 'on campus'}" for y, first in enumerate(firsts)]
    axis.set_xticks([first + 25.5 for first in firsts], names)
    axis.tick_params(axis="x", length=0)
    axis.set_xlim(0.5, calendar.n_weeks + 0.5)


def count(mask: Any) -> int:
    """How many are true."""
    return int(np.count_nonzero(mask))


def said(n: int, one: str, several: str | None = None) -> str:
    """A number with its noun."""
    return f"{n} {one if n == 1 else several or one + 's'}"
