"""The bars: what is asked of the figures. One that is not met fails nothing; it is said."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.record import Bar, Machine, Measure, Sense
from benchmarks.sizes import FULL, HEAVY

_IDLE = 0.97
"""Share of its wall time for which a one-thread run has a processor where nothing else runs; a little goes to the system."""


@dataclass(frozen=True)
class _Asked:
    name: str
    what: str
    measure: str
    sense: Sense
    bound: float
    unit: str


_ASKED = (
    _Asked("engine", "Mesa model / engine, CPU, 200 students (aim: 200)", "engines.200.ratio.cpu", "at least", 100, "times"),
    _Asked("scaling", "CPU a tie and week, 20,000 / 200 students", "scaling.20000.ratio", "at most", 2, "times"),
    _Asked("memory", "20,000 students, most memory held", "memory.20000", "at most", 1536, "MiB"),
    _Asked("threads", "two threads / one, 200 students, idle machine", "threads.ratio", "at least", 1.7, "times"),
    _Asked("compare", f"`wardmates compare`, 4 x {FULL.replicates}, / the bare runs", f"compare.{FULL.replicates}.command.ratio", "at most", 1.3,
           "times"),
    _Asked("compare, loaded", "the same, once Python and libraries are loaded", f"compare.{FULL.replicates}.library.ratio", "at most", 1.3, "times"),
    _Asked("help", "`wardmates --help`, wall", "start.help", "at most", 0.4, "s"),
    _Asked("help, imports", f"`wardmates --help`, of {' and '.join(HEAVY)} imported", "start.help.heavy", "at most", 0, "packages"),
)  # fmt: skip


def bars_of(measures: list[Measure], machine: Machine) -> list[Bar]:
    """Every bar, measured in this run or not."""
    by_name = {measure.name: measure for measure in measures}
    result = []
    for asked in _ASKED:
        measured = by_name.get(asked.measure)
        is_met = None if measured is None else measured.median <= asked.bound if asked.sense == "at most" else measured.median >= asked.bound
        note = _note(asked, by_name, machine) if measured is not None else ""
        result.append(Bar(name=asked.name, what=asked.what, unit=asked.unit, measure=asked.measure, sense=asked.sense, bound=asked.bound,
                          measured=measured, is_met=is_met, note=note))  # fmt: skip
    return result


def _note(asked: _Asked, measures: dict[str, Measure], machine: Machine) -> str:
    notes = []
    if asked.name == "help" and "start.python" in measures:
        notes.append(f"Python that does nothing takes {measures['start.python'].median:.3f} s")
    if asked.name == "threads":
        if "threads.control" in measures:
            notes.append(f"hashing, which needs no memory, gains {measures['threads.control'].median:.2f} here")
        if machine.usable < 2:
            notes.append("one processor only")
        if machine.load is not None:
            notes.append(f"load before the run {machine.load:.1f}")
        if machine.had_processor is not None and machine.had_processor < _IDLE:
            notes.append("the machine was not idle")
    return "; ".join(notes)
