"""The house style of pictures, and the way from a figure to a page.

Text is drawn as outlines of the font that matplotlib ships, so a picture looks the same offline on every machine; what it says is also given as
a text alternative and in a table. The same figure gives the same bytes.
"""

from __future__ import annotations

import io
import re
import textwrap
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# Okabe and Ito's palette, legible to colour-blind readers.
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, GREY, INK = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#767676", "#222222")  # fmt: skip
PALE = "#DDDDDD"
OTHERS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK)
WIDTH = 5.9
MOST_LETTERS = 24

STYLE: dict[Any, Any] = {
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 9, "axes.titlesize": 9, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.titley": 1.0, "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#999999",
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5, "axes.axisbelow": True, "text.color": INK, "xtick.color": "#444444", "ytick.color": "#444444", "xtick.labelsize": 8,
    "ytick.labelsize": 8.5, "xtick.major.size": 3, "ytick.major.size": 0, "grid.color": "#E4E4E4", "grid.linewidth": 0.8, "lines.linewidth": 1.6,
    "figure.facecolor": "white", "legend.frameon": False, "legend.fontsize": 8, "svg.fonttype": "path", "svg.hashsalt": "wardmates",
    "figure.constrained_layout.use": True,
}  # fmt: skip

Drawn = tuple[Figure, str, str]
"""A figure, its caption and its text alternative."""


def to_svg(figure: Figure, name: str) -> str:
    """The SVG element of a figure, without address, date or id that a page of several pictures could confuse.

    The canvas prints it and not `figure.savefig`, which gives the same bytes and draws everything twice, the first time for the layout alone.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context(STYLE):
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg [^>]*?) width="[^"]*" height="[^"]*"', r'\1 style="stroke-linejoin:round;stroke-linecap:butt"', svg, count=1)
    return re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{name}-", svg).strip()


def colour_of(position: int) -> str:
    """Colour of a scenario: grey for the baseline, the palette in turn for the others."""
    return GREY if position == 0 else OTHERS[(position - 1) % len(OTHERS)]


def title(figure: Figure, question: str) -> None:
    """Put the question that a figure answers above it."""
    figure.suptitle(question, x=0.01, ha="left", fontsize=11, fontweight="bold")


def short(name: str, lines: int = 2) -> str:
    """A name in lines of at most MOST_LETTERS letters, cut off after the last of them."""
    parts = textwrap.wrap(name, MOST_LETTERS) or [name]
    if len(parts) > lines:
        parts = [*parts[: lines - 1], parts[lines - 1][: MOST_LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"]
    return "\n".join(parts)


def rows_axis(axis: Axes, names: list[str] | None) -> None:
    """Rows from the top down, with a faint guide from each name; None where the axis shares the names of another."""
    if names is not None:
        axis.set_yticks(range(len(names)), [short(name) for name in names])
        axis.set_ylim(len(names) - 0.5, -0.5)
    axis.grid(axis="x")
    axis.spines["left"].set_visible(False)
