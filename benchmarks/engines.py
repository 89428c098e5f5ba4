"""The array engine against the Mesa model, and against the floor."""

from __future__ import annotations

from functools import partial

from benchmarks.engine_cases import arrays, informal, mesa
from benchmarks.floor import floor, prepare
from benchmarks.interleave import Part, Samples, Step
from benchmarks.record import CLOCKS, Measure, paired, per_run
from benchmarks.sizes import Sizes
from simulation.run import run


def engines(sizes: Sizes) -> Part:
    """The two engines, side by side, and the floor under the faster one."""

    def measures(samples: Samples) -> list[Measure]:
        result = []
        for n in sizes.engines:
            slow, fast, least = samples[f"mesa-{n}"], samples[f"arrays-{n}"], samples[f"floor-{n}"]
            for by in CLOCKS:
                stem, said = f"engines.{n}", f"{n:,} students, {'CPU' if by == 'cpu' else by}"
                result += [Measure.of(f"{stem}.mesa.{by}", f"Mesa model, {said} a run", "ms", (1e3 * per_run(s, by) for s in slow)),
                           Measure.of(f"{stem}.arrays.{by}", f"array engine, {said} a run", "ms", (1e3 * per_run(s, by) for s in fast)),
                           Measure.of(f"{stem}.floor.{by}", f"the arithmetic of ties alone, {said} a course", "ms",
                                      (1e3 * per_run(s, by) for s in least)),
                           Measure.of(f"{stem}.ratio.{by}", f"Mesa model / array engine, {said}", "times", paired(slow, fast, by)),
                           Measure.of(f"{stem}.most.{by}", f"Mesa model / the arithmetic of ties alone, {said}", "times",
                                      paired(slow, least, by))]  # fmt: skip
        return result

    groups = [[mesa(n, sizes), arrays(n, sizes), floor(n, sizes)] for n in sizes.engines]
    steps = [Step("A first run of the Mesa model", 1.0, partial(run, informal(30), 1, engine="mesa")),
             *(Step(f"The states that the floor of {n:,} students is measured on", 10.0, partial(prepare, n)) for n in sizes.engines)]  # fmt: skip
    return Part(steps, groups, measures)
