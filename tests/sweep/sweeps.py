"""Small sweeps for the tests, run by the command in processes of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pandas as pd

from tests.unit.cli_calls import ROOT

LONG = 300.0
WIDE = {**os.environ, "COLUMNS": "1000"}  # so that tables of faults do not wrap
FEW_STUDENTS = ["--set", "students=24", "--set", "campus_years=1", "--set", "clinical_years=1"]


def words(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "wardmates", "sweep", *(str(argument) for argument in arguments)]


def sweep(*arguments: object, cwd: Path = ROOT, limit: Callable[[], None] | None = None, path: str = "") -> subprocess.CompletedProcess[str]:
    """The command, to its end; `limit` is called in its process first, and `path` is where it looks for modules first."""
    env = {**WIDE, "PYTHONPATH": path} if path else WIDE
    return subprocess.run(words(*arguments), cwd=cwd, capture_output=True, text=True, timeout=LONG, preexec_fn=limit, env=env)


@contextmanager
def begun(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """The command, under way, in a group of processes of its own; none of them is left behind."""
    process = subprocess.Popen(words(*arguments), cwd=ROOT, env=WIDE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.communicate()


def design_file(folder: Path, *, points: int = 60, replicates: int = 4, scenarios: str = "informal,officers", seed: int = 1) -> Path:
    """A design whose runs take some milliseconds each."""
    path = folder / f"design-{points}-{replicates}-{seed}.parquet"
    done = sweep("design", "--method", "lhs", "--n", points, "--parameters", "onset_rate,friend_strength", "--scenarios", scenarios,
                 "--replicates", replicates, "--seed", seed, *FEW_STUDENTS, "--out", path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return path


def wait_until(is_so: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait, while the process goes on."""
    end = monotonic() + LONG
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert monotonic() < end, "it took too long"
        sleep(0.005)


def chunks(store: Path) -> dict[str, bytes]:
    """The chunks of a store: name -> content."""
    return {path.name: path.read_bytes() for path in (store / "chunks").glob("*.parquet")}


def rows(store: Path) -> pd.DataFrame:
    """The rows, as anybody reads them."""
    return pd.read_parquet(store / "chunks").sort_values("row", ignore_index=True)


def assert_same(store: Path, undisturbed: Path) -> None:
    """The rows of two stores are the same to the last bit, each once."""
    found = rows(store)
    assert found["row"].is_unique
    pd.testing.assert_frame_equal(found, rows(undisturbed), check_exact=True)


def copied(store: Path, folder: Path) -> Path:
    """A copy of a store to do harm to."""
    return Path(shutil.copytree(store, folder / "copy"))
