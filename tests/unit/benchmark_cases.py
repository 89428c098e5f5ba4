"""What the tests of the benchmarks share: small sizes, a made-up machine, cases and samples."""

from __future__ import annotations

from benchmarks.interleave import Case, Taken
from benchmarks.record import Machine, Sample
from benchmarks.sizes import Sizes

TINY = Sizes(True, 2, 1, 1, (12, 20), (12, 20), (12, 20), (12, 20), 2, 3, True)
MACHINE = Machine(system="Any", architecture="any", processor="a processor", processors=2, usable=2, memory_gib=8, load=0.1, had_processor=0.99,
                  linear_algebra_threads=1)  # fmt: skip


def case(name: str, samples: int = 1) -> Case:
    return Case(name, samples, lambda _: Taken(1, 1.0, 1.0), 1.0)


def sample(number: int, wall: float, cpu: float | None = None, repeats: int = 1) -> Sample:
    return Sample(round=number, place=number, repeats=repeats, wall=wall, cpu=wall if cpu is None else cpu)
