"""The figures as one picture, a panel a question; what a panel shows is also a table, so nothing hangs on a colour."""

from __future__ import annotations

import io
from collections.abc import Callable

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from benchmarks.record import Bar, Bench, Measure
from benchmarks.tables import MET, figure, laps_of
from experiments.style import BLUE, GREY, ORANGE, SKY, STYLE, VERMILLION

_WIDTH, _ROW = 10.0, 3.1
_LEAST_SHARE = 0.01


def draw(bench: Bench) -> Figure | None:
    """The picture; None where nothing was measured that has a panel."""
    panels: list[tuple[bool, Callable[[Axes, Bench], None]]] = [
        (any(bar.measured is not None for bar in bench.bars), draw_bars), (bool(bench.counts("engines")), draw_engines),
        (bool(bench.counts("scaling")), draw_scaling), (bool(bench.counts("phases")), draw_phases),
        (bool(bench.counts("memory")), draw_memory), (bench.find("start.help") is not None, draw_waits),
    ]  # fmt: skip
    wanted = [panel for is_there, panel in panels if is_there]
    if not wanted:
        return None
    with matplotlib.rc_context(STYLE):
        rows = (len(wanted) + 1) // 2
        drawing = Figure(figsize=(_WIDTH, 0.5 + _ROW * rows))
        axes = drawing.subplots(rows, 2, squeeze=False).ravel()
        for axis, panel in zip(axes, wanted, strict=False):
            panel(axis, bench)
        for axis in axes[len(wanted) :]:
            axis.set_axis_off()
        kind = "a quick run, which is not what the bars are stated for" if bench.is_quick else "one interleaved run"
        drawing.suptitle(f"Scenario informal, GE4, four years; medians and quartiles of {kind}", x=0.01, ha="left", fontsize=10)
    return drawing


def picture_bytes(drawing: Figure, kind: str) -> bytes:
    """The picture as a file: svg, the same bytes for the same figures, or png."""
    buffer = io.BytesIO()
    nameless = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    with matplotlib.rc_context(STYLE):
        drawing.savefig(buffer, format=kind, dpi=150, metadata=nameless)
    return buffer.getvalue()


def draw_bars(axis: Axes, bench: Bench) -> None:
    """Each bar as a share of what it allows: to the left of the line is better. What may only be 0 has no share, and is only said."""
    bars = [bar for bar in bench.bars if bar.measured is not None]
    shares = {y: _of_allowed(bar) for y, bar in enumerate(bars) if bar.bound > 0}
    values = [value for share in shares.values() for value in share]
    left, right = min(0.2, 0.8 * min(values, default=1)), max(2.5, 1.6 * max(values, default=1))
    for y, bar in enumerate(bars):
        colour, marker = (BLUE, "o") if bar.is_met else (VERMILLION, "X")
        if y in shares:
            low, middle, high = shares[y]
            axis.plot([low, high], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt")
            axis.plot(middle, y, marker, color=colour, markersize=7, markeredgecolor="white", markeredgewidth=0.8)
        axis.annotate(MET[bar.is_met], (shares[y][2] if y in shares else left, y), (8, 0), textcoords="offset points", va="center", fontsize=7.5,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
    axis.axvline(1, color="#444444", linewidth=1)
    axis.set_xscale("log")
    axis.set_xlim(left, right)
    _ticks(axis.xaxis, [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if left <= tick <= right], lambda x: f"{x:g}")
    axis.set_yticks(range(len(bars)), [f"{bar.name}: {_measured(bar)}\n{bar.sense} {bar.bound:,g}" for bar in bars], fontsize=7.5)
    axis.set_ylim(len(bars) - 0.5, -0.5)
    axis.grid(axis="x")
    axis.set_title("Are the bars met?")
    axis.set_xlabel("share of what the bar allows (left of 1: met)")


def _of_allowed(bar: Bar) -> tuple[float, float, float]:
    """Quartiles and median as shares of the bound, turned round where more is better."""
    if bar.measured is None:
        raise ValueError(f"{bar.name} was not measured")
    shares = [value / bar.bound for value in (bar.measured.low, bar.measured.median, bar.measured.high)]
    if bar.sense == "at least":
        shares = [1 / share for share in reversed(shares)]
    return shares[0], shares[1], shares[2]


def _measured(bar: Bar) -> str:
    return "" if bar.measured is None else figure(bar.measured.median) + ("" if bar.unit in ("times", "packages") else f" {bar.unit}")


def draw_engines(axis: Axes, bench: Bench) -> None:
    """CPU time of a run on both engines, their ratio, and the floor."""
    counts = bench.counts("engines")
    for name, label, colour, marker in (("mesa", "Mesa model", ORANGE, "s"), ("arrays", "array engine", BLUE, "o"),
                                        ("floor", "the arithmetic of its ties alone", SKY, "^")):  # fmt: skip
        points = [_found(bench, f"engines.{n}.{name}.cpu") for n in counts]
        _line(axis, counts, points, colour, marker, label)
        for n, point in zip(counts, points, strict=True):
            place = (0, 7 if name == "mesa" else -13)
            axis.annotate(f"{figure(point.median)} ms", (n, point.median), place, textcoords="offset points", ha="center", fontsize=7.5)
    for n in counts:
        ratio, ends = _found(bench, f"engines.{n}.ratio.cpu"), [_found(bench, f"engines.{n}.{name}.cpu").median for name in ("mesa", "arrays")]
        axis.plot([n, n], ends, color="#BBBBBB", linewidth=0.8, linestyle=":", zorder=0)
        axis.text(n, float(np.sqrt(ends[0] * ends[1])), f"{figure(ratio.median)} times", ha="center", va="center", fontsize=8, fontweight="bold",
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip
    _sizes(axis, counts)
    axis.set_yscale("log")
    axis.margins(y=0.2)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,g}"))
    axis.set_ylabel("ms of CPU a run")
    axis.set_title("How much faster than the Mesa model?")
    axis.legend(loc="upper left")


def draw_scaling(axis: Axes, bench: Bench) -> None:
    """The time of a tie and of a pair looked at, by the size of the cohort, against twice the smallest's."""
    counts = bench.counts("scaling")
    per_tie = [_found(bench, f"scaling.{n}.per_tie") for n in counts]
    _line(axis, counts, per_tie, BLUE, "o", "a tie (w > 0)")
    _line(axis, counts, [_found(bench, f"scaling.{n}.per_pair") for n in counts], SKY, "^", "a pair that is looked at")
    for n, point in zip(counts, per_tie, strict=True):
        axis.annotate(figure(point.median), (n, point.median), (0, -15), textcoords="offset points", ha="center", fontsize=7.5)
    axis.axhline(2 * per_tie[0].median, color="#444444", linewidth=1, linestyle="--")
    axis.text(0.01, 2 * per_tie[0].median, f"bar: twice {counts[0]:,} students'", transform=axis.get_yaxis_transform(), va="bottom", fontsize=7.5)
    _sizes(axis, counts)
    axis.set_ylim(0, 1.15 * max(2 * per_tie[0].median, *(point.high for point in per_tie)))
    axis.set_ylabel("ns of CPU a week")
    axis.set_title("Does a tie cost more in a large cohort?")
    axis.grid(axis="y")
    axis.legend(loc="lower right", title="for", title_fontsize=8, alignment="left")


def draw_phases(axis: Axes, bench: Bench) -> None:
    """Shares of the time of a week, by kernel in the order of the step; those of less than 1 % at every size together."""
    counts = bench.counts("phases")
    by_size = [laps_of(bench, n) for n in counts]
    shares = np.array([[measure.median for *_, measure in laps] for laps in by_size])
    totals = shares.sum(axis=1)
    shares /= totals[:, None]
    names = [kernel.replace("_", " ") or phase for phase, kernel, _ in by_size[0]]
    is_shown = shares.max(axis=0) >= _LEAST_SHARE
    labels = [name for name, is_one in zip(names, is_shown, strict=True) if is_one] + ["the rest"]
    shares = np.column_stack([shares[:, is_shown], shares[:, ~is_shown].sum(axis=1)])
    height = 0.8 / len(counts)
    for k, (n, colour, hatch) in enumerate(zip(counts, (BLUE, ORANGE, GREY), ("", "////", ""), strict=False)):
        y = np.arange(len(labels)) - 0.4 + (k + 0.5) * height
        axis.barh(y, 100 * shares[k], height=0.9 * height, color=colour, label=f"{n:,} students: {figure(totals[k])} µs", hatch=hatch,
                  edgecolor="white", linewidth=0)  # fmt: skip
        for place, share in zip(y, shares[k], strict=True):
            axis.text(100 * share + 0.6, place, f"{100 * share:.0f}", va="center", fontsize=7)
    axis.set_yticks(range(len(labels)), labels, fontsize=7.5)
    axis.set_ylim(len(labels) - 0.5, -0.5)
    axis.set_xlim(0, 108 * shares.max())
    axis.grid(axis="x")
    axis.set_xlabel("% of a week, start and history spread over all weeks")
    axis.set_title("Where does a week's time go?")
    axis.legend(loc="lower right")


def draw_memory(axis: Axes, bench: Bench) -> None:
    """The most memory held, by the size of the cohort."""
    counts = bench.counts("memory")
    points = [_found(bench, f"memory.{n}") for n in counts]
    axis.bar(range(len(counts)), [point.median / 1024 for point in points], width=0.55, color=BLUE)
    for x, point in enumerate(points):
        axis.text(x, point.median / 1024, f"{point.median / 1024:.2f}", ha="center", va="bottom", fontsize=8)
    bar = next(bar for bar in bench.bars if bar.name == "memory")
    axis.axhline(bar.bound / 1024, color="#444444", linewidth=1, linestyle="--")
    axis.text(0.01, bar.bound / 1024, f"bar at 20,000: {bar.bound / 1024:g} GiB", transform=axis.get_yaxis_transform(), va="bottom", fontsize=7.5)
    axis.set_xlim(-0.6, len(counts) - 0.4)
    axis.set_xticks(range(len(counts)), [f"{n:,}" for n in counts])
    axis.set_ylim(0, 1.2 * max(bar.bound / 1024, *(point.high / 1024 for point in points)))
    axis.set_xlabel("students")
    axis.set_ylabel("GiB")
    axis.set_title("How much memory does one run hold?")
    axis.grid(axis="y")


def draw_waits(axis: Axes, bench: Bench) -> None:
    """What a user waits for at the command line, on a scale of powers."""
    names = {"start.python": "python alone", "start.help": "wardmates --help", "start.warm": "wardmates run",
             "start.cold": "wardmates run,\ncompiling first"}  # fmt: skip
    compared = [measure for measure in bench.below("compare.") if measure.unit == "s"]
    waits = [(label, measure) for name, label in names.items() if (measure := bench.find(name)) is not None]
    runs = f"4 × {compared[0].name.split('.')[1]} runs" if compared else ""
    waits += list(zip((f"wardmates compare,\n{runs}", "the same,\nonce loaded", "its runs alone"), compared, strict=False))
    for y, (_, measure) in enumerate(waits):
        axis.plot([measure.low, measure.high], [y, y], color=BLUE, linewidth=2.2, solid_capstyle="butt")
        axis.plot(measure.median, y, "o", color=BLUE, markersize=6.5, markeredgecolor="white", markeredgewidth=0.8)
        axis.annotate(f"{figure(measure.median)} s", (measure.high, y), (8, 0), textcoords="offset points", va="center", fontsize=7.5)
    axis.set_xscale("log")
    low, high = min(measure.low for _, measure in waits), max(measure.high for _, measure in waits)
    axis.set_xlim(low / 2, high * 4)
    _ticks(axis.xaxis, [tick for tick in (0.01, 0.1, 1, 10, 100) if low / 2 <= tick <= high * 4], lambda x: f"{x:g}")
    axis.set_yticks(range(len(waits)), [label for label, _ in waits])
    axis.set_ylim(len(waits) - 0.5, -0.5)
    axis.grid(axis="x")
    axis.set_xlabel("seconds of wall time")
    axis.set_title("How long does a user wait?")


def _line(axis: Axes, counts: list[int], points: list[Measure], colour: str, marker: str, label: str) -> None:
    axis.plot(counts, [point.median for point in points], color=colour, marker=marker, markersize=5.5, label=label)
    axis.vlines(counts, [point.low for point in points], [point.high for point in points], color=colour, linewidth=2.2)


def _sizes(axis: Axes, counts: list[int]) -> None:
    axis.set_xscale("log")
    axis.set_xlim(counts[0] / 1.7, counts[-1] * 1.7)
    _ticks(axis.xaxis, counts, lambda x: f"{x:,.0f}")
    axis.set_xlabel("students")


def _ticks(side: matplotlib.axis.Axis, places: list[float] | list[int], said: Callable[[float], str]) -> None:
    side.set_major_locator(FixedLocator(places))
    side.set_minor_locator(NullLocator())
    side.set_major_formatter(FuncFormatter(lambda x, _: said(x)))


def _found(bench: Bench, name: str) -> Measure:
    measure = bench.find(name)
    if measure is None:
        raise KeyError(f"the record holds no measure {name!r}")
    return measure
