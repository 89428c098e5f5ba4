"""Everything in one run, in rounds, each case once a round: so a noisy minute hits all of them alike, and not the one that stood there.

pyperf times one case after another, each in processes of its own; what is wanted here is ratios of cases, so their turns must alternate.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, process_time

from benchmarks.record import Measure, Sample

Samples = dict[str, list[Sample]]


@dataclass
class Taken:
    """What a turn took; seconds.

    Attributes:
        repeats: runs in it.
        wall, cpu: of all of them; cpu is None where another process did the work.
        extra: what else was measured.
    """

    repeats: int = 1
    wall: float = 0.0
    cpu: float | None = None
    extra: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """Something that is timed.

    Attributes:
        name: by which its samples are found.
        samples: rounds in which it has its turn.
        turn: does the work and says what it took; it is given the round.
        guess: seconds a turn takes, roughly: for the time left, until it has been measured.
        is_alone: it computes in one thread of this process, so that its CPU time is its wall time where nothing else runs.
    """

    name: str
    samples: int
    turn: Callable[[int], Taken]
    guess: float
    is_alone: bool = False


@dataclass(frozen=True)
class Step:
    """Something that is done before the first round and not timed: said as `what`, and taking about `guess` seconds."""

    what: str
    guess: float
    do: Callable[[], object]


@dataclass(frozen=True)
class Part:
    """One of the questions.

    Attributes:
        steps: what must be ready.
        groups: cases; those of a group are compared with one another and have their turns side by side.
        measures: from the samples of all cases to the part's figures.
        notes: what is left out, and why.
    """

    steps: Sequence[Step]
    groups: Sequence[Sequence[Case]]
    measures: Callable[[Samples], list[Measure]]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Turn:
    """A case's turn."""

    round: int
    case: Case


def distinct(groups: Sequence[Sequence[Case]]) -> list[list[Case]]:
    """The groups without cases that stand in an earlier one: two parts may look at the same samples."""
    seen: set[str] = set()
    result = []
    for group in groups:
        fresh = [case for case in group if case.name not in seen]
        seen.update(case.name for case in fresh)
        if fresh:
            result.append(fresh)
    return result


def turns(groups: Sequence[Sequence[Case]], rounds: int) -> list[Turn]:
    """The order of all turns: shuffled anew in every round, groups and the cases of each, and the same whenever it is asked for.

    Every case has its turn in the first round, so that from then on it is known how long it takes; one of fewer samples than rounds has the others
    at even distances.
    """
    order = []
    for number in range(rounds):
        chance = random.Random(f"round {number}")
        shuffled = [list(group) for group in groups]
        chance.shuffle(shuffled)
        for group in shuffled:
            chance.shuffle(group)
            order += [Turn(number, case) for case in group if _has_turn(case.samples, number, rounds)]
    return order


def _has_turn(samples: int, number: int, rounds: int) -> bool:
    return number * samples % rounds < samples


def take(order: Sequence[Turn], when_done: Callable[[int, float], None]) -> Samples:
    """Take every turn.

    Args:
        order: of turns.
        when_done: told after each: its place in the order, and the seconds it took, its own preparations included.

    Returns:
        The samples of each case, in the order of rounds.
    """
    result: Samples = {}
    for place, turn in enumerate(order):
        gc.collect()  # what others left behind is not this case's to clear away
        begun = perf_counter()
        taken = turn.case.turn(turn.round)
        when_done(place, perf_counter() - begun)
        result.setdefault(turn.case.name, []).append(
            Sample(round=turn.round, place=place, repeats=taken.repeats, wall=taken.wall, cpu=taken.cpu, extra=taken.extra))  # fmt: skip
    return result


@contextmanager
def clocked(repeats: int = 1, *, is_here: bool = True) -> Iterator[Taken]:
    """Time what is done inside.

    Args:
        repeats: runs in it.
        is_here: this process does the work, so that its CPU time, of all its threads, is that of the work.

    Yields:
        Where the times stand when it is over.
    """
    taken = Taken(repeats)
    wall, cpu = perf_counter(), process_time()
    yield taken
    taken.wall = perf_counter() - wall
    taken.cpu = process_time() - cpu if is_here else None
