"""The picture of a school's calendar: sites by week, group sizes, and students who meet nobody."""

from __future__ import annotations

import datetime
import io

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from experiments.calendar import BANDS, SchoolCalendar, said
from experiments.style import BLUE, INK, PALE, STYLE, VERMILLION, Drawn, title
from simulation.scenario.programme import WEEKS_A_YEAR
from simulation.scenario.school import FEWEST_TOLD

MOST_SITES = 30
_WIDTH = 8.6
# One hue from light to dark, which every eye orders alike; the band that says least is grey and striped besides.
_BAND_COLOURS = ("white", "#E3E3E3", "#BCD7EC", "#6FADD6", "#2474B4", "#0A3D6B")
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def draw_calendar(calendar: SchoolCalendar) -> Drawn:
    """Draw the calendar; with the caption and the picture in words."""
    shown = calendar.sites[:MOST_SITES]
    with matplotlib.rc_context(STYLE):
        heights = [max(1.2, 0.2 * len(shown)), 1.25, 1.25]
        figure = Figure(figsize=(_WIDTH, sum(heights) + 1.9))
        axes = figure.subplots(3, 1, sharex=True, height_ratios=heights)
        _sites(axes[0], calendar, shown)
        _groups(axes[1], calendar)
        _alone(axes[2], calendar)
        for axis in axes:
            _years(axis, calendar)
        _dates(axes[2], calendar)
        title(figure, "Who is placed where, and with how many?")
        engine = figure.get_layout_engine()
        assert engine is not None
        engine.set(h_pad=0.09)  # type: ignore[call-arg]
    caption = (f"Counts below {FEWEST_TOLD} students are withheld. A group is the students with one site and team in a week; at a site without "
               "teams it is taken for no larger than the companions that a student is expected to see there.")  # fmt: skip
    if len(shown) < len(calendar.sites):
        caption += f" Shown are the {MOST_SITES} sites with most students of {len(calendar.sites)}."
    return figure, caption, said(calendar)


def _sites(axis: Axes, calendar: SchoolCalendar, shown: tuple[str, ...]) -> None:
    band = calendar.band[: len(shown)]
    edges = _edges(calendar)
    colours = ListedColormap(list(_BAND_COLOURS))
    axis.pcolormesh(edges, np.arange(len(shown) + 1) - 0.5, band, cmap=colours, norm=BoundaryNorm(np.arange(len(BANDS) + 1) - 0.5, len(BANDS)))
    for row, of_site in enumerate(band == 1):
        for begin, end in _runs(of_site):
            axis.fill_between([edges[begin], edges[end]], row - 0.5, row + 0.5, facecolor="none", edgecolor="#9A9A9A", hatch="////", linewidth=0)
    for row in range(1, len(shown)):
        axis.axhline(row - 0.5, color="white", linewidth=2.5)
    axis.set_yticks(range(len(shown)), [name if len(name) <= 30 else name[:29] + "\N{HORIZONTAL ELLIPSIS}" for name in shown])
    axis.set_ylim(len(shown) - 0.5, -0.5)
    axis.set_title("How many students are at each site?", pad=16)
    handles = [Patch(facecolor=colour, edgecolor="#999999", linewidth=0.5, hatch="////" if k == 1 else None, label=name)
               for k, (colour, name) in enumerate(zip(_BAND_COLOURS, BANDS, strict=True)) if k]  # fmt: skip
    axis.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=len(handles), handlelength=1.6, columnspacing=1.6,
                borderaxespad=0.6, borderpad=0)  # fmt: skip
    axis.spines["left"].set_visible(False)
    axis.spines["bottom"].set_visible(False)
    axis.tick_params(axis="x", length=0)


def _edges(calendar: SchoolCalendar) -> NDArray[np.float64]:
    return np.asarray(np.append(calendar.weeks, calendar.weeks[-1] + 1) - 0.5)


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where each run of flags begins, and where it is over."""
    changes = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]]))).tolist()
    return list(zip(changes[::2], changes[1::2], strict=True))


def _groups(axis: Axes, calendar: SchoolCalendar) -> None:
    axis.set_title("How large is the group that a student is in?", pad=10)
    edges = _edges(calendar)
    axis.stairs(calendar.high, edges, baseline=calendar.low, fill=True, color=BLUE, alpha=0.2, linewidth=0)
    axis.stairs(calendar.median, edges, baseline=None, color=BLUE, linewidth=1.6)
    top = np.nanmax(calendar.high) if np.isfinite(calendar.high).any() else 5
    axis.set_ylim(0, 1.15 * max(float(top), 4))
    axis.yaxis.get_major_locator().set_params(integer=True, nbins=5)
    axis.grid(axis="y")
    axis.set_ylabel("people")
    if not np.isfinite(calendar.median).any():
        _none(axis, "withheld: too few students are placed at a time")
    else:
        axis.text(1, 1.04, "line: student in the middle; band: the middle half", transform=axis.transAxes, ha="right", va="bottom", fontsize=7.5)


def _alone(axis: Axes, calendar: SchoolCalendar) -> None:
    axis.set_title("How many students meet nobody?", pad=10)
    axis.bar(calendar.weeks, np.nan_to_num(calendar.alone), width=1.0, color=VERMILLION, linewidth=0)
    axis.stairs(calendar.unplaced, _edges(calendar), baseline=None, color=INK, linewidth=1.4)
    top = np.nanmax(np.concatenate([calendar.alone, calendar.unplaced, [FEWEST_TOLD]]))
    axis.axhspan(0, FEWEST_TOLD, facecolor="none", edgecolor=PALE, hatch="////", linewidth=0, zorder=0)
    axis.set_ylim(0, 1.15 * max(float(top), 2.2 * FEWEST_TOLD))
    axis.yaxis.get_major_locator().set_params(integer=True, nbins=5)
    axis.set_ylabel("students")
    has_alone, has_unplaced = np.isfinite(calendar.alone).any(), np.isfinite(calendar.unplaced).any()
    if not has_alone and not has_unplaced:
        _none(axis, f"in every week fewer than {FEWEST_TOLD} students, or none")
        return
    words = ["bars: placed alone"] * bool(has_alone) + ["line: without placement while others have one"] * bool(has_unplaced)
    axis.text(1, 1.04, "; ".join([*words, f"striped: fewer than {FEWEST_TOLD}"]), transform=axis.transAxes, ha="right", va="bottom", fontsize=7.5)


def _none(axis: Axes, words: str) -> None:
    axis.text(0.5, 0.68, words, transform=axis.transAxes, ha="center", va="center", fontsize=8.5, color="#444444",
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 3})  # fmt: skip


def _years(axis: Axes, calendar: SchoolCalendar) -> None:
    """Shade weeks without teaching, and part and name the years of the course."""
    first, last = int(calendar.weeks[0]), int(calendar.weeks[-1])
    axis.set_xlim(first - 0.5, last + 0.5)
    if axis.get_subplotspec().is_first_row():  # type: ignore[union-attr]
        for year in range((first - 1) // WEEKS_A_YEAR, (last - 1) // WEEKS_A_YEAR + 1):
            begin, end = max(first, year * WEEKS_A_YEAR + 1), min(last, (year + 1) * WEEKS_A_YEAR)
            if end - begin >= 8:
                axis.text((begin + end) / 2, 1.015, f"year {year + 1}", transform=axis.get_xaxis_transform(), ha="center", va="bottom", fontsize=8)
    else:
        edges = _edges(calendar)
        for begin, end in _runs(~calendar.is_taught):
            axis.axvspan(edges[begin], edges[end], color="#F0F0F0", linewidth=0, zorder=0.5)
    for year in range(first // WEEKS_A_YEAR + 1, (last - 1) // WEEKS_A_YEAR + 1):
        axis.axvline(year * WEEKS_A_YEAR + 0.5, color="#888888", linewidth=0.8)


def _dates(axis: Axes, calendar: SchoolCalendar) -> None:
    """Months below, where the timetable has dates; else weeks of the course."""
    first, last = int(calendar.weeks[0]), int(calendar.weeks[-1])
    step = 3 if last - first < 160 else 6
    if calendar.week_1 is None:
        axis.set_xticks(range(-(-first // 13) * 13, last + 1, 13 if step == 3 else 26))
        axis.set_xlabel("week of the course")
        return
    places, labels = [], []
    begin = calendar.week_1.toordinal()
    for year in range((calendar.week_1 + datetime.timedelta(7 * first)).year, (calendar.week_1 + datetime.timedelta(7 * last)).year + 1):
        for month in range(1, 13, step):
            place = (datetime.date(year, month, 1).toordinal() - begin) / 7 + 0.5
            if first - 0.5 <= place <= last + 0.5:
                places.append(place)
                labels.append(f"{_MONTHS[month]}\n{year}" if month == 1 or not labels else _MONTHS[month])
    axis.set_xticks(places, labels)


def write_calendar(drawn: Drawn) -> dict[str, bytes]:
    """The files calendar.svg and calendar.png; the same calendar gives the same bytes."""
    figure, caption, words = drawn
    svg, png = io.BytesIO(), io.BytesIO()
    with matplotlib.rc_context(STYLE):
        text = io.StringIO()
        FigureCanvasSVG(figure).print_svg(text, metadata={"Date": None, "Creator": None, "Title": "A school's calendar", "Description": words})
        svg.write(text.getvalue().encode())
        canvas = FigureCanvasAgg(figure)
        figure.set_dpi(160)
        canvas.print_png(png, metadata={"Software": None, "Description": f"{words} {caption}"})
    return {"calendar.svg": svg.getvalue(), "calendar.png": png.getvalue()}
