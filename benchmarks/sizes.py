"""How much is measured: the whole, or a minute's worth of it."""

from __future__ import annotations

from dataclasses import dataclass

SCENARIO = "informal"
"""GE4, four years, no training and no officers: what the bars are stated for."""
EXAMPLE_STUDENTS = 152
"""Students of examples/school."""
HEAVY = ("numba", "matplotlib")
"""What `wardmates --help` must not import."""
LINEAR_ALGEBRA = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Set to 1 in this process, not in those it starts, so that the CPU time of the Mesa model is its own and not that of threads that wait."""
PARTS = ("engines", "scaling", "phases", "memory", "threads", "compare", "start")


@dataclass(frozen=True)
class Sizes:
    """What is measured, and how often.

    Attributes:
        is_quick: this is not the run that the bars are stated for.
        rounds: in each of them every case has its turn, but for those that take long.
        few: samples of a case that takes seconds.
        fewest: samples of a case that takes half a minute.
        engines, scaling, phases, memory: numbers of students.
        thread_runs: runs that are shared out among threads.
        replicates: of each of the four scenarios compared.
        has_cold_start: whether a compilation is timed, which takes one or two minutes.
    """

    is_quick: bool
    rounds: int
    few: int
    fewest: int
    engines: tuple[int, ...]
    scaling: tuple[int, ...]
    phases: tuple[int, ...]
    memory: tuple[int, ...]
    thread_runs: int
    replicates: int
    has_cold_start: bool

    def samples(self, seconds: float) -> int:
        """How often a case has its turn that takes about so long."""
        return self.rounds if seconds < 2.5 else self.few if seconds < 25 else self.fewest


FULL = Sizes(False, 7, 4, 2, (60, 200, 1000), (200, 1000, 5000, 20_000), (200, 5000), (200, 5000, 20_000), 60, 500, True)
QUICK = Sizes(True, 3, 2, 1, (60, 200), (200, 1000), (200,), (200, 1000), 12, 12, False)
