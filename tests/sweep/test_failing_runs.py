"""Runs that fail are rows, the others go on, and the exit code tells."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from experiments.sweep.store import read_store
from simulation.streams import replicate_seed
from tests.sweep.sweeps import copied, rows, sweep

SIZES = (4, 6, 8, 12, 4, 24)
PLACES = 8
"""Of each site: groups of more fit nowhere."""


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    folder = tmp_path_factory.mktemp("school")
    roster, sites = folder / "roster.csv", folder / "sites.csv"
    roster.write_text("student_id\n" + "".join(f"S{k:02d}\n" for k in range(24)), encoding="utf-8")
    sites.write_text("site,capacity\n" + "".join(f"{name},{PLACES}\n" for name in ("North", "South", "East", "West", "Hill")), encoding="utf-8")
    return ["--roster", roster, "--sites", sites]


@pytest.fixture(scope="module")
def design(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Points of which some cannot be placed at the school's sites; that is seen only when they are run."""
    folder = tmp_path_factory.mktemp("points")
    points, path = folder / "points.csv", folder / "design.parquet"
    points.write_text("placement_group_size\n" + "".join(f"{size}\n" for size in SIZES), encoding="utf-8")
    done = sweep("design", "--points", points, "--scenarios", "informal,officers", "--replicates", 2, "--set", "campus_years=1", "--set",
                 "clinical_years=1", "--out", path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def store(design: Path, school: list[object], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("failing") / "store"
    done = sweep("run", design, "--out", path, *school)
    assert done.returncode == 1, done.stderr
    assert "All 24 runs are in" in done.stdout and "of which 8 failed" in done.stdout and "InputError" in done.stdout
    return path


def test_a_run_that_fails_is_a_row_with_its_point_seed_and_error(store: Path) -> None:
    found = rows(store)
    is_unplaceable = found["point"].map(lambda point: SIZES[point] > PLACES)
    assert ((found["status"] == "failed") == is_unplaceable).all() and len(found) == 24
    failed, fine = found[is_unplaceable], found[~is_unplaceable]
    assert failed["error"].notna().all() and fine["error"].isna().all()
    assert failed.loc[failed["scenario"] == "informal", "error"].str.contains("place").all()
    assert failed["seed"].tolist() == [replicate_seed(1, r) for r in failed["replicate"]]
    assert failed["reach"].isna().all() and fine["prevalence"].notna().all()


def test_what_is_missing_is_known_to_whoever_reads_the_store(store: Path) -> None:
    missing = read_store(store).missing()
    assert missing["row"].tolist() == [6, 7, 10, 11, 18, 19, 22, 23] and set(missing["status"]) == {"failed"}
    told = json.loads(sweep("status", store, "--json").stdout)
    assert (told["there"], told["failed"], told["missing"]) == (24, 8, 0)


def test_the_same_command_does_not_run_them_again_unless_asked(design: Path, school: list[object], store: Path, tmp_path: Path) -> None:
    again = sweep("run", design, "--out", store, *school)
    assert again.returncode == 1 and "Simulating" not in again.stderr and "8 failed" in again.stdout
    copy = copied(store, tmp_path)
    retried = sweep("run", design, "--out", copy, *school, "--retry-failed")
    assert retried.returncode == 1 and "Simulating 8 runs" in retried.stderr and "8 failed" in retried.stdout
    pd.testing.assert_frame_equal(rows(copy), rows(store), check_exact=True)


def test_a_failed_run_alone_fails_again(school: list[object], store: Path, tmp_path: Path) -> None:
    done = sweep("rerun", store, 6, *school, "--out", tmp_path / "out")
    assert done.returncode == 1 and "Row 6 failed: InputError" in done.stderr and "In the store it is failed" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_row_of_a_school_alone_gives_aggregates_and_nothing_of_a_student(school: list[object], store: Path, tmp_path: Path) -> None:
    done = sweep("rerun", store, 2, *school, "--out", tmp_path / "out")
    assert done.returncode == 0 and "those of the store, bit for bit" in done.stdout, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"weekly.csv", "weekly.parquet", "parameters.csv", "run.json"}
    assert "was made with a school's files" in sweep("rerun", store, 2).stderr
