"""The house style of pictures, and the ways from a figure to a page, to a file of its own and to pixels.

Text is drawn as outlines of the font that matplotlib ships, so a picture looks the same offline on every machine; what it says is also given as
a text alternative and in a table. The same figure gives the same bytes.
"""

from __future__ import annotations

import io
import re
import textwrap
from html import escape
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# Okabe and Ito's palette, legible to colour-blind readers.
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, GREY, INK = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#767676", "#222222")  # fmt: skip
PALE, FAINT, SOFT, BROWN, ASH, ON_LIGHT, PAPER = "#DDDDDD", "#F0F0F0", "#555555", "#7A5C3E", "#BBBBBB", "#111111", "#FFFFFF"
SHADES = {"blue": BLUE, "vermillion": VERMILLION, "green": GREEN, "purple": PURPLE, "orange": ORANGE, "sky": SKY, "grey": GREY, "ink": INK,
          "pale": PALE, "faint": FAINT, "soft": SOFT, "brown": BROWN, "ash": ASH, "on-light": ON_LIGHT, "paper": PAPER}  # fmt: skip
"""Name of the property by which a page sets a colour -> the colour in a file; a picture uses no other, so that it can be read in the dark too."""
OTHERS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, INK)
WIDTH = 5.0
"""Width in inches: narrow, so that the letters can be read where a phone shows the whole of it."""
MOST_LETTERS = 18
_TITLE_LETTERS = 54
_DPI = 200

STYLE: dict[Any, Any] = {
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 9, "axes.titlesize": 9, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.titley": 1.0, "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5, "axes.axisbelow": True, "text.color": INK, "xtick.color": SOFT, "ytick.color": SOFT, "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5, "xtick.major.size": 3, "ytick.major.size": 0, "grid.color": PALE, "grid.linewidth": 0.7, "lines.linewidth": 1.6,
    "figure.facecolor": PAPER, "axes.facecolor": "none", "legend.frameon": False, "legend.fontsize": 8, "legend.handlelength": 1.6,
    "svg.fonttype": "path", "svg.hashsalt": "wardmates", "figure.constrained_layout.use": True,
}  # fmt: skip

Drawn = tuple[Figure, str, str]
"""A figure, its caption and its text alternative."""


def to_svg(figure: Figure, answer: str = "") -> str:
    """A figure as a file: an SVG document without date.

    The canvas prints it and not `figure.savefig`, which gives the same bytes and draws everything twice, the first time for the layout alone.

    Args:
        figure: what is drawn.
        answer: its text alternative.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context(STYLE):
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = buffer.getvalue()
    start = svg.index(">", svg.index("<svg")) + 1
    said = f"\n <title>{escape(answer, quote=False)}</title>" if answer else ""
    return svg[: start - 1] + ' role="img">' + said + svg[start:]


def to_element(svg: str, name: str) -> str:
    """The element to be set into a page: without address or id that a page of several pictures could confuse, and in the page's own colours."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<title>.*?</title>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r' xmlns(:xlink)?="[^"]*"', "", svg)
    svg = re.sub(r"<style.*?</style>|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg [^>]*?) width="[^"]*" height="[^"]*"', r'\1 style="stroke-linejoin:round;stroke-linecap:butt"', svg, count=1)
    svg = svg.replace(' role="img">', ' aria-hidden="true">', 1)
    svg = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    for shade, colour in SHADES.items():
        svg = svg.replace(f": {colour.lower()}", f": var(--f-{shade})")
    return re.sub(r"\n\s+", "\n", svg).strip()


def to_png(figure: Figure) -> bytes:
    """The picture in pixels, for slides; without date and without the name of what drew it."""
    buffer = io.BytesIO()
    with matplotlib.rc_context(STYLE | {"savefig.dpi": _DPI}):
        figure.set_dpi(_DPI)
        FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


def colour_of(position: int) -> str:
    """Colour of a scenario: grey for the baseline, the palette in turn for the others."""
    return GREY if position == 0 else OTHERS[(position - 1) % len(OTHERS)]


def title(figure: Figure, answer: str) -> None:
    """Put what a figure says above it, in lines that fit."""
    figure.suptitle("\n".join(textwrap.wrap(answer, _TITLE_LETTERS, break_on_hyphens=False)), x=0.01, ha="left", fontsize=10.5, fontweight="bold")


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
