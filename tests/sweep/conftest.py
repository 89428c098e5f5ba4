"""A sweep that nothing disturbed, which the disturbed ones are held against."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sweep.sweeps import design_file, sweep


@pytest.fixture(scope="session")
def design(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return design_file(tmp_path_factory.mktemp("design"))


@pytest.fixture(scope="session")
def undisturbed(design: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("undisturbed") / "store"
    done = sweep("run", design, "--out", store, "--workers", 1)
    assert done.returncode == 0, done.stderr
    return store
