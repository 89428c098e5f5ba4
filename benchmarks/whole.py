"""The run: what must be ready, then all turns in their order, then what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks import engine_cases, engines, fresh, machine
from benchmarks.bars import bars_of
from benchmarks.interleave import Part, Samples, Step, distinct, take, turns
from benchmarks.phases import phases
from benchmarks.progress import Ledger, shown
from benchmarks.record import Bench
from benchmarks.sizes import PARTS, Sizes
from experiments.execute import make_ready
from simulation.engine.compile import SECONDS, digest, is_compiled
from wardmates import __version__

_PARTS: dict[str, Callable[[Sizes], Part]] = {
    "engines": engines.engines, "scaling": engine_cases.scaling, "phases": phases, "memory": fresh.memory, "threads": engine_cases.threads,
    "compare": fresh.comparison, "start": fresh.start,
}  # fmt: skip


def parts_for(sizes: Sizes, wanted: Sequence[str]) -> dict[str, Part]:
    """The parts that are wanted, in the order of PARTS."""
    return {name: _PARTS[name](sizes) for name in PARTS if name in wanted}


def measure(sizes: Sizes, wanted: Sequence[str]) -> Bench:
    """Measure the parts that are wanted, with progress on stderr.

    Args:
        sizes: how much.
        wanted: names in PARTS.

    Raises:
        RuntimeError: something that was to be timed failed, or was not what it should be.
    """
    load = machine.load()
    parts = parts_for(sizes, wanted)
    order = turns(distinct([group for part in parts.values() for group in part.groups]), sizes.rounds)
    is_ready = is_compiled()
    steps = [Step("Loading the engine" if is_ready else "Compiling the engine for this machine", 1.0 if is_ready else SECONDS, make_ready),
             *(step for part in parts.values() for step in part.steps)]  # fmt: skip
    ledger = Ledger([(step.what, step.guess) for step in steps] + [(turn.case.name, turn.case.guess) for turn in order])
    with shown(ledger) as tell:
        for step in steps:
            tell(step.what, step.what)
            begun = ledger.taken
            step.do()
            ledger.done(step.what, ledger.taken - begun)

        def begins(place: int) -> None:
            turn = order[place]
            is_new = place == 0 or turn.round != order[place - 1].round
            tell(turn.case.name, f"Round {turn.round + 1} of {sizes.rounds}" if is_new else "")

        def when_done(place: int, seconds: float) -> None:
            ledger.done(order[place].case.name, seconds)
            if place + 1 < len(order):
                begins(place + 1)

        begins(0)
        samples = take(order, when_done)
    return conclude(sizes, parts, samples, load)


def conclude(sizes: Sizes, parts: dict[str, Part], samples: Samples, load: float | None) -> Bench:
    """The record, from the samples.

    Args:
        sizes, parts: of the run.
        samples: of all its cases.
        load: `machine.load()` before it.
    """
    cases = [case for part in parts.values() for group in part.groups for case in group]
    facts = machine.machine(load, cases, samples)
    measures = [figure for part in parts.values() for figure in part.measures(samples)]
    return Bench(
        is_quick=sizes.is_quick, parts=tuple(parts), wardmates=__version__, sources=digest(), libraries=machine.libraries(), machine=facts,
        samples={name: tuple(taken) for name, taken in sorted(samples.items())}, measures=tuple(measures),
        bars=tuple(bars_of(measures, facts)), notes=tuple(note for part in parts.values() for note in part.notes),
    )  # fmt: skip
