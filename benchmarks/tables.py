"""The figures as tables to be read on a screen, medians first and quartiles beside them."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.phases import END, START
from benchmarks.record import CLOCKS, Bench, Measure
from wardmates.shown import plain_table

_SHOWN_UNITS = ("s", "MiB")  # the others stand in the heading or go without saying
_WIDTH_OF_QUARTILES = len("(0.123 – 0.123)")
MET = {True: "met", False: "NOT MET", None: "not measured"}


def figure(value: float) -> str:
    """Three digits, or all those before the point."""
    return f"{value:,.0f}" if value >= 100 or value == 0 else f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def spread(measure: Measure) -> str:
    """The median with its unit, and the quartiles where there is more than one sample; padded, so that medians stand below one another."""
    unit = f" {measure.unit}" if measure.unit in _SHOWN_UNITS else ""
    quartiles = f"({figure(measure.low)} – {figure(measure.high)})" if measure.n > 1 else ""
    return f"{figure(measure.median)}{unit}  {quartiles:<{_WIDTH_OF_QUARTILES}}"


def tables(bench: Bench) -> list[Table]:
    """All tables: the bars first, then what they rest on, for the parts that were measured."""
    made = [_bars(bench), _engines(bench), _scaling(bench), _phases(bench), _others(bench)]
    return [table for table in made if table.row_count]


def show(bench: Bench, screen: Console) -> None:
    """Print the tables, and what must be said with them."""
    screen.print()
    for table in tables(bench):
        screen.print(table)
        screen.print()
    for line in sentences(bench):
        screen.print(f"- {line}")


def sentences(bench: Bench) -> list[str]:
    """What a reader must know before leaning on the figures."""
    machine = bench.machine
    said = ["Medians of samples that took turns in one run; in brackets the quartiles. CPU is processor time, of all threads."]
    memory = "" if machine.memory_gib is None else f", {machine.memory_gib:.0f} GiB"
    said.append(f"{machine.processor}, {machine.usable} of {machine.processors} processors usable{memory}, {machine.system} {machine.architecture}; "
                + ", ".join(f"{name} {bench.libraries[name]}" for name in ("python", "numba", "numpy", "mesa")) + ".")  # fmt: skip
    load = "not told" if machine.load is None else f"{machine.load:.1f}"
    share = "" if machine.had_processor is None else (
        f"; one-thread runs had a processor for {100 * machine.had_processor:.0f} % of their wall time (100 % where nothing else runs)")  # fmt: skip
    said.append(f"Load in the minute before: {load}{share}.")
    if not bench.is_whole:
        said.append("This is not the whole run that the bars are stated for" + (": it is a quick one." if bench.is_quick else "."))
    return [*said, *(f"{bar.name}: {bar.note}." for bar in bench.bars if bar.note), *(f"{note}." for note in bench.notes)]


def _bars(bench: Bench) -> Table:
    table = _table("The bars", ("what",), ("measured", "samples", "bar"), ("",))
    for bar in bench.bars:
        style = {True: "green", False: "bold red", None: "dim"}[bar.is_met]
        measured, n = ("", "") if bar.measured is None else (spread(bar.measured), str(bar.measured.n))
        table.add_row(bar.what, measured, n, f"{bar.sense} {bar.bound:,g}", Text(MET[bar.is_met], style=style))
    return table


def _engines(bench: Bench) -> Table:
    table = _table("A whole run, ms", ("students", ""), ("CPU", "wall", "samples"))
    names = {"mesa": "Mesa model", "arrays": "array engine", "floor": "the arithmetic of its ties alone", "ratio": "Mesa model / engine",
             "most": "Mesa model / that arithmetic"}  # fmt: skip
    for n in bench.counts("engines"):
        for name, said in names.items():
            cells = [_found(bench, f"engines.{n}.{name}.{by}") for by in CLOCKS]
            table.add_row(f"{n:,}" if name == "mesa" else "", said, *map(spread, cells), str(cells[0].n), style="bold" if name == "ratio" else "")
    return table


def _scaling(bench: Bench) -> Table:
    counts = bench.counts("scaling")
    to = f"times {counts[0]:,}" if counts else ""
    heads = ("CPU a run, ms", "ties a student", "looked at", "ns a pair looked at", "ns a tie and week", to, "samples")
    table = _table("Scaling of the engine: CPU", ("students",), heads)
    for n in counts:
        ratio = bench.find(f"scaling.{n}.ratio")
        once = [figure(_found(bench, f"scaling.{n}.{name}").median) for name in ("ms", "ties", "looked_at", "per_pair")]
        per_tie = _found(bench, f"scaling.{n}.per_tie")
        table.add_row(f"{n:,}", *once, spread(per_tie), "" if ratio is None else spread(ratio), str(per_tie.n))
    return table


def laps_of(bench: Bench, n: int) -> list[tuple[str, str, Measure]]:
    """Phase, kernel and time of each lap of a week at this size; START and END, which are no phases, have no kernel."""
    stem = f"phases.{n}.lap."
    names = [(measure.name.removeprefix(stem), measure) for measure in bench.below(stem)]
    return [(name, "", measure) if name in (START, END) else (*_two(name), measure) for name, measure in names]


def _two(name: str) -> tuple[str, str]:
    phase, _, kernel = name.rpartition(": ")
    return phase, kernel


def _phases(bench: Bench) -> Table:
    counts = bench.counts("phases")
    heads = tuple(head for n in counts for head in (f"{n:,} students", "share"))
    table = _table("Where the time of a week goes, µs of wall time", ("phase, and the kernels in it",), heads)
    if not counts:
        return table
    by_size = [laps_of(bench, n) for n in counts]
    sums = [sum(measure.median for *_, measure in laps) for laps in by_size]

    def add(name: str, shown: list[str], medians: list[float], style: str = "") -> None:
        shares = [f"{100 * median / total:.1f} %" for median, total in zip(medians, sums, strict=True)]
        table.add_row(name, *(cell for pair in zip(shown, shares, strict=True) for cell in pair), style=style)

    phases = dict.fromkeys(phase for phase, *_ in by_size[0])
    for phase in phases:
        of_phase = [[lap for lap in laps if lap[0] == phase] for laps in by_size]
        medians = [sum(measure.median for *_, measure in laps) for laps in of_phase]
        add(phase, [f"{figure(median)}  {'':<{_WIDTH_OF_QUARTILES}}" for median in medians], medians, "bold")
        for rows in zip(*of_phase, strict=True):
            kernel, measures = rows[0][1], [measure for *_, measure in rows]
            if kernel and any(measure.median > 0 for measure in measures):  # what this scenario never calls takes no time
                add(f"   {kernel.replace('_', ' ')}", [spread(measure) for measure in measures], [measure.median for measure in measures])
    for name, stem in (("all of it", "week"), ("timed twin / engine, CPU", "clock")):
        cells = [spread(_found(bench, f"phases.{n}.{stem}")) for n in counts]
        table.add_row(name, *(text for cell in cells for text in (cell, "")), style="bold" if stem == "week" else "dim")
    return table


def _others(bench: Bench) -> Table:
    table = _table("Memory, threads, the command line", ("what",), ("measured", "samples"))
    for measure in (measure for part in ("memory", "threads", "compare", "start") for measure in bench.below(f"{part}.")):
        table.add_row(measure.what, spread(measure), str(measure.n))
    return table


def _found(bench: Bench, name: str) -> Measure:
    measure = bench.find(name)
    if measure is None:
        raise KeyError(f"the record holds no measure {name!r}")
    return measure


def _table(title: str, left: tuple[str, ...], right: tuple[str, ...], last: tuple[str, ...] = ()) -> Table:
    table = plain_table(title)
    for heading in left:
        table.add_column(heading, overflow="fold")
    for heading in right:
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in last:
        table.add_column(heading, overflow="fold")
    return table

