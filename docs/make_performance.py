"""Makes docs/performance.md from benchmarks/results/bench.json, so that no figure in it is older than the last whole run of `make bench`.

python docs/make_performance.py
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.record import Bench
from benchmarks.results import read

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"


def figure(bench: Bench, name: str, digits: int = 3) -> str:
    """The median and the quartiles of a measure."""
    measure = bench.find(name)
    if measure is None:
        raise KeyError(f"bench.json has no {name}: run `make bench` as a whole")
    low, median, high = (_number(value, digits) for value in (measure.low, measure.median, measure.high))
    return median if low == high else f"{median} ({low} to {high})"


def median(bench: Bench, name: str) -> float:
    """The median of a measure."""
    measure = bench.find(name)
    if measure is None:
        raise KeyError(f"bench.json has no {name}: run `make bench` as a whole")
    return measure.median


def _number(value: float, digits: int) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:.{digits}g}"


def bars(bench: Bench) -> list[str]:
    """The table of bars."""
    lines = ["| bar | measured | asked | |", "|---|---|---|---|"]
    for bar in bench.bars:
        measured = "-" if bar.measured is None else figure(bench, bar.measure)
        said = {True: "met", False: "**not met**", None: "not measured"}[bar.is_met]
        lines.append(f"| {bar.what} | {measured} {'' if bar.unit == 'times' else bar.unit} | {bar.sense} {bar.bound:,g} | {said} |")
    return lines


def engines(bench: Bench) -> list[str]:
    """Both engines and the floor, by size."""
    lines = ["| students | Mesa model, ms | array engine, ms | times | arithmetic of ties alone, ms | Mesa model / that |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for n in bench.counts("engines"):
        cells = [figure(bench, f"engines.{n}.{name}.cpu") for name in ("mesa", "arrays", "ratio", "floor", "most")]
        lines.append(f"| {n:,} | " + " | ".join(cells) + " |")
    return lines


def scaling(bench: Bench) -> list[str]:
    """The time of a tie, by size."""
    lines = ["| students | CPU a run, s | ns a tie and week | ns a pair looked at | memory, MiB |", "|---|---|---|---|---|"]
    for n in bench.counts("scaling"):
        memory = "" if bench.find(f"memory.{n}") is None else figure(bench, f"memory.{n}")
        seconds = _number(median(bench, f"scaling.{n}.ms") / 1e3, 3)
        lines.append(f"| {n:,} | {seconds} | {figure(bench, f'scaling.{n}.per_tie')} | {figure(bench, f'scaling.{n}.per_pair')} | {memory} |")
    return lines


def laps(bench: Bench, n: int = 200, least: float = 2.0) -> str:
    """Where a week goes: kernels that take so many us or more, the longest first."""
    stem = f"phases.{n}.lap."
    found = sorted(((measure.median, measure.name.removeprefix(stem)) for measure in bench.below(stem)), reverse=True)
    named = [f"{name.split(': ')[-1]} {_number(value, 2)}" for value, name in found if value >= least]
    return f"Of {_number(median(bench, f'phases.{n}.week'), 3)} us a week at {n} students: " + ", ".join(named) + "."


def page(bench: Bench) -> str:
    """The page."""
    machine, share = bench.machine, 100 * median(bench, "engines.200.floor.cpu") / median(bench, "engines.200.arrays.cpu")
    idle = "" if machine.load is None else f" The load in the minute before was {machine.load:.1f}."
    text = (ROOT / "docs" / "performance.template.md").read_text(encoding="utf-8")
    return text.format(
        machine=f"{machine.processor}, {machine.usable} processors usable.{idle}", bars="\n".join(bars(bench)), engines="\n".join(engines(bench)),
        scaling="\n".join(scaling(bench)), laps=laps(bench), most=_number(median(bench, "engines.200.most.cpu"), 3), share=f"{share:.0f}",
        cold=figure(bench, "start.cold"), warm=figure(bench, "start.warm"),
    )  # fmt: skip


if __name__ == "__main__":
    (ROOT / "docs" / "performance.md").write_text(page(read(RESULTS)), encoding="utf-8")
