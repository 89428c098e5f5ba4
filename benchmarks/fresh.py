"""What is measured of processes of their own: memory, the command `wardmates compare` and what is around the runs, and how long a start takes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from benchmarks.interleave import Case, Part, Samples, Step, Taken, clocked
from benchmarks.record import Measure, paired
from benchmarks.sizes import EXAMPLE_STUDENTS, HEAVY, LINEAR_ALGEBRA, SCENARIO, Sizes
from experiments.compare import compare, write
from experiments.engines import usable_cores
from simulation.engine.cohort import Cohort, Plan
from simulation.engine.compile import SECONDS
from simulation.scenario.scenario import load_scenario
from simulation.streams import replicate_seed
from wardmates.command_compare import DEFAULT_SCENARIOS
from wardmates.ready import prepare_report

ROOT = Path(__file__).resolve().parents[1]


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments, as a user's shell would.

    Raises:
        RuntimeError: it failed; with the last of what it said.
    """
    own = {name: value for name, value in os.environ.items() if name not in LINEAR_ALGEBRA}
    path = os.pathsep.join([str(ROOT), *filter(None, [own.get("PYTHONPATH")])])
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, env={**own, "PYTHONPATH": path, **environment})
    if done.returncode != 0:
        raise RuntimeError(f"python {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done


def _case(name: str, samples: int, guess: float, *arguments: str) -> Case:
    """The wall time of a process, from its start to its end."""

    def turn(_round: int) -> Taken:
        with clocked(is_here=False) as taken:
            process(*arguments)
        return taken

    return Case(name, samples, turn, guess)


def memory(sizes: Sizes) -> Part:
    """The most memory that a fresh process holds which makes one run."""

    def case(n: int) -> Case:
        def turn(_round: int) -> Taken:
            with clocked(is_here=False) as taken:
                students, mib = process("-m", "benchmarks.peak", str(n)).stdout.split()
            if int(students) != n:
                raise RuntimeError(f"{students} students were simulated instead of {n}")
            taken.extra["mib"] = float(mib)
            return taken

        guess = 1.0 + n * 550e-6
        return Case(f"memory-{n}", sizes.fewest, turn, guess)

    def measures(samples: Samples) -> list[Measure]:
        return [Measure.of(f"memory.{n}", f"{n:,} students, most memory held by a process with one run", "MiB",
                           (s.extra["mib"] for s in samples[f"memory-{n}"])) for n in sizes.memory]  # fmt: skip

    return Part([], [[case(n) for n in sizes.memory]], measures)


def comparison(sizes: Sizes) -> Part:
    """`compare` against the bare runs in it: the command, and what it does once Python and the libraries stand ready."""
    replicates, at_once = sizes.replicates, min(usable_cores(), sizes.replicates)
    chosen = [load_scenario(name, overrides={"students": EXAMPLE_STUDENTS}) for name in DEFAULT_SCENARIOS]
    plans = [Plan(scenario) for scenario in chosen]

    def bare_replicate(replicate: int) -> None:
        for plan in plans:
            cohort = Cohort(plan, replicate_seed(1, replicate))
            cohort.run_to(cohort.n_steps)

    def bare(_round: int) -> Taken:
        with clocked() as taken, ThreadPoolExecutor(at_once) as pool:
            for _ in pool.map(bare_replicate, range(replicates)):
                pass
        return taken

    def library(_round: int, n: int = replicates) -> Taken:
        with tempfile.TemporaryDirectory() as place, clocked() as taken:
            write(compare(chosen, seed=1, replicates=n, workers=at_once), Path(place) / "out")
        return taken

    def command(_round: int) -> Taken:
        with tempfile.TemporaryDirectory() as place, clocked(is_here=False) as taken:
            process("-m", "wardmates", "compare", *DEFAULT_SCENARIOS, "--set", f"students={EXAMPLE_STUDENTS}", "--replicates", str(replicates),
                    "--seed", "1", "--workers", str(at_once), "--out", str(Path(place) / "out"))  # fmt: skip
        return taken

    runs = f"{len(chosen)} x {replicates} runs of {EXAMPLE_STUDENTS} students, {at_once} thread{'s' * (at_once > 1)}"
    said = {"command": "`wardmates compare`, from its start to its end", "library": "compare and write, in this process",
            "bare": "the same runs alone"}  # fmt: skip

    def measures(samples: Samples) -> list[Measure]:
        of = {name: samples[f"compare-{name}"] for name in said}
        stem = f"compare.{replicates}"
        return [*(Measure.of(f"{stem}.{name}", f"{text}: {runs}, wall", "s", (s.wall for s in of[name])) for name, text in said.items()),
                *(Measure.of(f"{stem}.{name}.ratio", f"{said[name]} / {said['bare']}, wall", "times", paired(of[name], of["bare"], "wall"))
                  for name in ("command", "library"))]  # fmt: skip

    guess = len(chosen) * replicates * 0.04 / at_once
    n = min(sizes.few, 3)
    cases = [Case("compare-bare", n, bare, guess), Case("compare-library", n, library, guess * 1.1),
             Case("compare-command", n, command, guess * 1.1 + 2)]  # fmt: skip
    steps = [Step("Loading what a report is made with", 1.0, prepare_report), Step("A first comparison", 1.0, partial(library, 0, 2))]
    return Part(steps, [cases], measures)


def start(sizes: Sizes) -> Part:
    """From the shell's prompt to the first result, with kernels to compile and without; and `wardmates --help`."""
    a_run = ("-m", "wardmates", "run", SCENARIO, "--json")
    movable = _is_cache_movable()

    def cold(_round: int) -> Taken:
        with tempfile.TemporaryDirectory() as empty:
            with clocked(is_here=False) as taken:
                process(*a_run, XDG_CACHE_HOME=empty, NUMBA_CACHE_DIR=empty)  # the second is for kernels outside the engine
            if not any(Path(empty).rglob("week.run_steps*.nbi")):
                raise RuntimeError("the engine was not compiled into an empty cache, so this was no cold start")
        return taken

    def imports(_round: int) -> Taken:
        with clocked(is_here=False) as taken:
            told = process("-X", "importtime", "-m", "wardmates", "--help").stderr
        taken.extra["heavy"] = float(len(heavy_imports(told)))
        return taken

    texts = {"help": "`wardmates --help`", "python": "python that does nothing", "warm": "`wardmates run informal`, kernels compiled before",
             "cold": "`wardmates run informal` on a fresh installation, compiling"}  # fmt: skip
    cases = [_case("start-help", sizes.rounds, 0.3, "-m", "wardmates", "--help"), _case("start-python", sizes.rounds, 0.05, "-c", "pass"),
             _case("start-warm", sizes.few, 1.5, *a_run), Case("start-imports", 1, imports, 0.4)]  # fmt: skip
    notes = []
    if sizes.has_cold_start and movable:
        cases.append(Case("start-cold", 1, cold, SECONDS))
    else:
        notes.append(f"start: no cold start was timed, as {'a quick run compiles nothing' if movable else 'the cache folder cannot be moved here'}")

    def measures(samples: Samples) -> list[Measure]:
        timed = [Measure.of(f"start.{name}", f"{text}, wall", "s", (s.wall for s in samples[f"start-{name}"]))
                 for name, text in texts.items() if f"start-{name}" in samples]  # fmt: skip
        heavy = (s.extra["heavy"] for s in samples["start-imports"])
        return [*timed, Measure.of("start.help.heavy", f"`wardmates --help`, of {' and '.join(HEAVY)} imported", "packages", heavy)]

    return Part([], [cases], measures, notes)


def heavy_imports(told: str) -> set[str]:
    """Which of HEAVY were imported, by what `python -X importtime` tells.

    Raises:
        ValueError: it tells of no import at all.
    """
    imported = set(re.findall(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\w+)", told, re.MULTILINE))
    if not imported:
        raise ValueError("no import was told of")
    return imported & set(HEAVY)


def _is_cache_movable() -> bool:
    """Whether a process can be given an empty cache folder."""
    with tempfile.TemporaryDirectory() as empty:
        program = "import platformdirs; print(platformdirs.user_cache_dir('wardmates', appauthor=False))"
        return Path(process("-c", program, XDG_CACHE_HOME=empty).stdout.strip()).is_relative_to(empty)
