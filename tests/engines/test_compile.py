"""Compiled kernels are kept, and an edit of anything that goes into them is never answered with old code."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.engine import compile as compiled
from simulation.engine.start import draw_people
from simulation.engine.week import run_steps

SIMULATION = Path(compiled.__file__).parents[1]


def told(root: Path, what: str, cwd: Path) -> str:
    """What a fresh process says of the package under `root`."""
    program = f"import sys; sys.path.insert(0, {str(root)!r}); from simulation.engine import compile; print({what})"
    return subprocess.run([sys.executable, "-c", program], cwd=cwd, capture_output=True, text=True, check=True).stdout.strip()


def test_kernels_are_kept_in_the_folder_of_their_sources() -> None:
    for kernel in (run_steps, draw_people):
        assert compiled.folder() in Path(kernel._cache.cache_path).parents
    assert compiled.digest() in str(compiled.folder())


def test_the_folder_is_the_same_from_any_working_directory(tmp_path: Path) -> None:
    assert told(SIMULATION.parent, "compile.folder()", tmp_path) == told(SIMULATION.parent, "compile.folder()", SIMULATION) == str(compiled.folder())


def test_an_edit_of_any_engine_file_is_another_folder(tmp_path: Path) -> None:
    shutil.copytree(SIMULATION, tmp_path / "simulation", ignore=shutil.ignore_patterns("__pycache__"))
    whole = "compile.digest()"
    before = told(tmp_path, whole, tmp_path)
    edits = """[(f.name, f.write_bytes(f.read_bytes() + b"\\n"), compile.digest.cache_clear(), compile.digest())[-1] for f in compile.sources()]"""
    after = told(tmp_path, f"*{edits}", tmp_path).split()
    assert len(after) == len(set(after)) == len(compiled.sources()) >= 20
    assert before not in after


@pytest.mark.parametrize("name", ["streams.py", "record/history.py", "scenario/support.py", "engine/ties.py", "engine/week.py"])
def test_what_kernels_take_constants_from_counts_as_a_source(name: str) -> None:
    assert SIMULATION / name in compiled.sources()
