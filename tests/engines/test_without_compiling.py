"""Nothing hangs on the compiler: the kernels as plain Python give what they give compiled, and compiled with checks they stay within their arrays."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

from simulation.run import run
from tests.engines.agreement import in_records
from tests.engines.scenarios import NAMES, case

ROOT = Path(__file__).parents[2]
TINY = ("two", "three", "everybody leaves", "checked on, and gone")


def in_a_process(program: str, **environment: str) -> None:
    """Run a program in a fresh process.

    Raises:
        AssertionError: it failed, with what it said.
    """
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT), **environment})  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]


def test_plain_python_gives_what_compiled_kernels_give(tmp_path: Path) -> None:
    """To 1e-12; where this was written, to the last bit."""
    in_a_process(f"""
import pickle
from pathlib import Path
from numba.core.dispatcher import Dispatcher
from simulation.engine import week
from simulation.run import run
from tests.engines.scenarios import case
assert not isinstance(week.run_steps, Dispatcher), "this is compiled"
for name in {TINY!r}:
    Path({str(tmp_path)!r}, name).write_bytes(pickle.dumps(run(case(name).scenario, 5)))
""", NUMBA_DISABLE_JIT="1")  # fmt: skip
    histories = {name: pickle.loads((tmp_path / name).read_bytes()) for name in TINY}
    assert sum(plain.n_offers.sum() for plain in histories.values()) > 0
    for name, plain in histories.items():
        assert next(in_records(name, run(case(name).scenario, 5), plain, close=1e-12), "") == ""


def test_kernels_stay_within_their_arrays() -> None:
    """Every scenario with every index checked, from little room so that rows have to grow; compiled for it, a minute or two, once for each state
    of the engine (what is compiled with checks is kept apart from what is compiled without).
    """
    in_a_process(f"""
import numba
import numpy as np
from simulation.engine import start
from simulation.run import run
from tests.engines.scenarios import case
@numba.njit
def third(values):
    return values[2]
try:
    third(np.zeros(2))
except IndexError:
    start.ROOM_FOR_PAIRS = 1
    for name in {NAMES!r}:
        run(case(name).scenario, 1)
else:
    raise AssertionError("indices are not checked")
""", NUMBA_BOUNDSCHECK="1")  # fmt: skip
