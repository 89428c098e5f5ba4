"""The engine's steps with a clock between the kernels: made from the source of `run_steps` each time, so never out of step with it.

The shipped kernel has no clock in it. Its twin is the same statements, and after each that calls a kernel one more, which notes the time; a run of
the benchmarks ends with an error if the twin's history is not the engine's.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import io
import os
import re
import sys
import time
import tokenize
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
from numba import njit, types
from numba.core.dispatcher import Dispatcher
from numpy.typing import NDArray

from simulation.engine import cohort, week
from simulation.engine.compile import folder, kept

_MODULE = "benchmarks.timed_week"
_NAMES = ("bench_lap", "bench_laps", "bench_clock")
_PHASE = re.compile(r"#\s*(\d+\.\s.*)")
_SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)


class NoPhasesError(RuntimeError):
    """The engine's steps are not of the form that a twin can be derived from."""


@dataclass(frozen=True)
class Lap:
    """What the time up to a statement is noted under: the phase's comment, and the kernel that it calls."""

    phase: str
    kernel: str


@dataclass(frozen=True)
class Twin:
    """`run_steps` with laps.

    Attributes:
        laps: under what time is noted; number k stands in place k + 1 of the array of laps, and place 0 is for nobody.
        source: the twin's own.
    """

    laps: tuple[Lap, ...]
    source: str


def derive(function: Callable[..., Any]) -> Twin:
    """The twin of a function that steps through the phases.

    Between two laps everything counts for the later one; so a condition counts for what comes after it.

    Args:
        function: not compiled; its body has one loop, over steps, in which comments like `# 6. distress` head the phases.

    Raises:
        NoPhasesError: it is not of this form.
    """
    source = inspect.getsource(function)
    if any(name in source for name in _NAMES):
        raise NoPhasesError(f"the source of the engine's steps uses one of the names {', '.join(_NAMES)}")
    phases = _phases(source)
    steps = ast.parse(source).body[0]
    loops = [statement for statement in steps.body if isinstance(statement, ast.For)] if isinstance(steps, ast.FunctionDef) else []
    if not isinstance(steps, ast.FunctionDef) or len(loops) != 1:
        raise NoPhasesError("the engine's steps should have one loop, over steps")
    marker = _Marker(phases, function.__globals__)
    loop = loops[0]
    loop.body = marker.marked(loop.body)
    steps.body.insert(steps.body.index(loop), _lap(0))
    steps.decorator_list = []
    steps.args.args += [ast.arg(name) for name in _NAMES[1:]]
    return Twin(tuple(marker.laps), f"from __future__ import annotations\n\n{ast.unparse(ast.fix_missing_locations(steps))}\n")


def _phases(source: str) -> list[tuple[int, str]]:
    """Lines and texts of the comments that head phases.

    Raises:
        NoPhasesError: the phases are not numbered 1, 2, ...
    """
    comments = (token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.COMMENT)
    found = [(token.start[0], match[1].strip()) for token in comments if (match := _PHASE.match(token.string))]
    numbers = [int(number) for _, text in found for number in re.findall(r"(\d+)\.", text)]
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        raise NoPhasesError(f"comments should head the phases 1, 2, ... of the engine's steps, and head {numbers}")
    return found


class _Marker:
    """Puts a lap after each statement that calls a function of the module."""

    def __init__(self, phases: list[tuple[int, str]], names: dict[str, Any]) -> None:
        self._phases, self._names = phases, names
        self.laps: list[Lap] = []

    def marked(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for statement in statements:
            if isinstance(statement, ast.If):
                statement.body, statement.orelse = self.marked(statement.body), self.marked(statement.orelse)
            result.append(statement)
            kernel = self._kernel(statement)
            if kernel:
                result.append(_lap(self._place(Lap(self._phase(statement.lineno), kernel))))
        return result

    def _kernel(self, statement: ast.stmt) -> str:
        if isinstance(statement, _SIMPLE):
            for node in ast.walk(statement):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    called = self._names.get(node.func.id)
                    if isinstance(called, Dispatcher) or inspect.isfunction(called):
                        return node.func.id
        return ""

    def _phase(self, line: int) -> str:
        before = [text for at, text in self._phases if at < line]
        return before[-1] if before else self._phases[0][1]

    def _place(self, lap: Lap) -> int:
        if lap not in self.laps:
            self.laps.append(lap)
        return self.laps.index(lap) + 1


def _lap(place: int) -> ast.stmt:
    lap, laps, clock = _NAMES
    return ast.parse(f"{lap}({laps}, {place}, {clock})").body[0]


def is_kept(twin: Twin) -> bool:
    """Whether `compiled` has compiled it before."""
    return any(folder().rglob(f"{_path(twin).stem}.*.nbi"))


def compiled(twin: Twin) -> Callable[..., Any]:
    """The twin as a kernel; it is kept with the engine's, under a name made of its own source, so compiling takes its time once.

    Raises:
        RuntimeError: this system has no clock that a kernel can call.
    """
    if sys.platform == "win32":
        raise RuntimeError("kernels cannot call a clock here")
    path = _path(twin)
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(twin.source, encoding="utf-8")
        os.replace(part, path)
    module = ModuleType(_MODULE)
    sys.modules[_MODULE] = module  # numba looks for it there when it loads what was kept
    return kept(nogil=True)(_function(twin, str(path), _kernel_lap, module))


def _path(twin: Twin) -> Path:
    """Of its source; the folder is that of the engine's kernels, so an edit of any of them is another."""
    name = hashlib.sha256((twin.source + inspect.getsource(sys.modules[__name__])).encode()).hexdigest()[:16]
    return folder() / f"week_timed_{name}.py"


def interpreted(twin: Twin) -> Callable[..., Any]:
    """The twin as plain Python, of whatever `simulation.engine.week` now holds: kernels, or their uncompiled functions."""

    def lap(laps: NDArray[np.int64], place: int, clock: NDArray[np.int64]) -> None:
        now = time.perf_counter_ns()
        laps[place] += now - clock[2]
        clock[2] = now

    return _function(twin, "<timed>", lap, ModuleType(_MODULE))


def _function(twin: Twin, path: str, lap: Callable[..., Any], module: ModuleType) -> Callable[..., Any]:
    names = vars(module)
    names |= {name: value for name, value in vars(week).items() if not name.startswith("__")} | {_NAMES[0]: lap}
    exec(compile(twin.source, path, "exec"), names)
    made: Callable[..., Any] = names["run_steps"]
    return made


# The C library's clock is called by name and not by address, which could not be kept for another process.
_read_clock = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.voidptr))
_WHICH = 0 if sys.platform == "win32" else time.CLOCK_MONOTONIC


@njit
def _kernel_lap(laps: NDArray[np.int64], place: int, clock: NDArray[np.int64]) -> None:
    """Note a lap within a kernel, in some 25 ns."""
    _read_clock(_WHICH, clock.ctypes)  # seconds and nanoseconds, into the first two places
    now = clock[0] * 1_000_000_000 + clock[1]
    laps[place] += now - clock[2]
    clock[2] = now


@contextmanager
def timing(function: Callable[..., Any], n_laps: int) -> Iterator[NDArray[np.int64]]:
    """Every cohort runs with the twin in the place of the kernel.

    Args:
        function: the twin, compiled or not.
        n_laps: of it.

    Yields:
        Nanoseconds by lap, shape (laps + 1,), summed over runs; place 0 is what lay between them.
    """
    laps, clock = np.zeros(n_laps + 1, dtype=np.int64), np.zeros(3, dtype=np.int64)

    def run_steps(*arguments: Any) -> Any:
        return function(*arguments, laps, clock)

    with patch.object(cohort, "run_steps", run_steps):
        yield laps
