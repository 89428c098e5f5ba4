"""What a run of the benchmarks leaves behind: one schema, from which the tables and the picture are made; nothing in it says where or by whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from benchmarks.sizes import PARTS

Sense = Literal["at most", "at least"]
Clock = Literal["cpu", "wall"]
CLOCKS: tuple[Clock, ...] = ("cpu", "wall")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Sample(_Record):
    """One case's turn in one round.

    Attributes:
        round, place: the round, and the turn in the whole run, both from 0.
        repeats: runs in it; `wall` and `cpu` are of all of them together.
        wall, cpu: seconds; cpu is None where another process did the work.
        extra: what else was measured, by name.
    """

    round: int
    place: int
    repeats: int
    wall: float
    cpu: float | None
    extra: dict[str, float] = {}


class Measure(_Record):
    """A figure with its spread.

    Attributes:
        name: by which it is found: the part, then what and of how many students.
        what: in words.
        unit: of the three figures.
        n: samples.
        low, median, high: quartiles.
    """

    name: str
    what: str
    unit: str
    n: int
    low: float
    median: float
    high: float

    @classmethod
    def of(cls, name: str, what: str, unit: str, values: Iterable[float]) -> Measure:
        """From the samples.

        Raises:
            ValueError: there are none.
        """
        numbers = list(values)
        if not numbers:
            raise ValueError(f"{name}: nothing was measured")
        low, median, high = (float(q) for q in np.quantile(numbers, (0.25, 0.5, 0.75)))
        return cls(name=name, what=what, unit=unit, n=len(numbers), low=low, median=median, high=high)


class Bar(_Record):
    """A bar, and whether it is met.

    Attributes:
        name, what, unit: of the bar.
        measure: name of the measure that it is about.
        sense, bound: what is asked of the median.
        measured: None where this run did not measure it.
        is_met: None likewise.
        note: what to know before leaning on it.
    """

    name: str
    what: str
    unit: str
    measure: str
    sense: Sense
    bound: float
    measured: Measure | None
    is_met: bool | None
    note: str = ""


class Machine(_Record):
    """What the figures depend on, and nothing that says whose machine it is.

    Attributes:
        system, architecture, processor: their names.
        processors, usable: of the machine, and those that this process may use.
        memory_gib: None where it is not told.
        load: processes that ran or waited to run, averaged over the minute before the first sample; None where it is not told.
        had_processor: share of the wall time of one-thread samples in which this process computed, median; 1 on an idle machine.
        linear_algebra_threads: of numpy in this process.
    """

    system: str
    architecture: str
    processor: str
    processors: int
    usable: int
    memory_gib: float | None
    load: float | None
    had_processor: float | None
    linear_algebra_threads: int


class Bench(_Record):
    """One run of the benchmarks.

    Attributes:
        schema_version: of this record.
        is_quick: smaller, and not what the bars are stated for.
        parts: what was asked for, in the order of PARTS.
        wardmates: version. sources: of the engine, and what else decides its machine code, as `simulation.engine.compile.digest`.
        libraries: their versions. machine: see there.
        samples: by case, in the order of rounds.
        measures, bars: what follows from them.
        notes: what was left out, and why.
    """

    schema_version: Literal[1] = 1
    is_quick: bool
    parts: tuple[str, ...]
    wardmates: str
    sources: str
    libraries: dict[str, str]
    machine: Machine
    samples: dict[str, tuple[Sample, ...]]
    measures: tuple[Measure, ...]
    bars: tuple[Bar, ...]
    notes: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it is a run of everything at full size."""
        return not self.is_quick and self.parts == PARTS

    def find(self, name: str) -> Measure | None:
        """The measure of this name, None where there is none."""
        return next((measure for measure in self.measures if measure.name == name), None)

    def below(self, stem: str) -> list[Measure]:
        """Measures whose name begins with this, in their order."""
        return [measure for measure in self.measures if measure.name.startswith(stem)]

    def counts(self, stem: str) -> list[int]:
        """Numbers of students of which there is a measure `<stem>.<students>...`, in their order."""
        parts = (measure.name[len(stem) + 1 :].split(".")[0] for measure in self.below(f"{stem}."))
        return sorted({int(part) for part in parts if part.isdigit()})


def per_run(sample: Sample, by: Clock) -> float:
    """Seconds of one run.

    Raises:
        ValueError: another process did the work, so its CPU time is not known.
    """
    seconds = sample.wall if by == "wall" else sample.cpu
    if seconds is None:
        raise ValueError("the CPU time of another process was asked for")
    return seconds / sample.repeats


def paired(above: Sequence[Sample], below: Sequence[Sample], by: Clock) -> list[float]:
    """Ratios of the time of a run, of samples of the same round: what slows a whole minute down, slows both."""
    others = {sample.round: sample for sample in below}
    return [per_run(sample, by) / per_run(others[sample.round], by) for sample in above if sample.round in others]
