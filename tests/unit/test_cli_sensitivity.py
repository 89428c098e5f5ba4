"""`wardmates sensitivity` as a user meets it: a real, tiny sweep, evaluations made elsewhere, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from experiments.sweep.design import load_design
from experiments.sweep.store import read_store
from tests.unit.cli_calls import TINY, call
from wardmates.command_sensitivity import unfinished

FACTORS = "tie_half_life,kappa_placement"
ISHIGAMI = """
[[parameter]]
name = "x1"
low = -3.141592653589793
high = 3.141592653589793
distribution = "uniform"
[[parameter]]
name = "x2"
low = -3.141592653589793
high = 3.141592653589793
distribution = "uniform"
[[parameter]]
name = "x3"
low = -3.141592653589793
high = 3.141592653589793
distribution = "uniform"
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    design, made = folder / "design.parquet", folder / "STORE"
    asked = call("sweep", "design", "--method", "sobol", "--n", "8", "--parameters", FACTORS, "--scenarios", "informal,officers", *TINY,
                 "--replicates", "2", "--out", design)  # fmt: skip
    assert asked.exit_code == 0, asked.output
    ended = call("sweep", "run", design, "--out", made, "--workers", "1")
    assert ended.exit_code == 0, ended.output
    return made


def test_a_sweep_is_ranked_on_the_screen_with_what_is_chance_and_what_to_run_next(store: Path) -> None:
    result = call("sensitivity", store, "--outcome", "friends_mean")
    assert result.exit_code == 0, result.output
    for text in ("friends_mean, informal: 8 base points", "tie_half_life", "ST_run", "Of a single run's variance", "sweep design --method sobol"):
        assert text in result.stdout
    assert "`" not in result.stdout


def test_a_difference_writes_a_report_that_names_no_place_of_this_machine(store: Path, tmp_path: Path) -> None:
    result = call("sensitivity", store, "--outcome", "burden_mean", "--difference", "officers", "informal", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "sensitivity.html, figures/, tables/" in result.stdout
    html = (tmp_path / "sensitivity.html").read_text(encoding="utf-8")
    assert "wardmates sensitivity STORE --outcome burden_mean --difference officers informal" in html
    assert str(store) not in html and str(tmp_path) not in html
    again = tmp_path / "again"
    call("sensitivity", store, "--outcome", "burden_mean", "--difference", "officers", "informal", "--out", again)
    assert (again / "sensitivity.html").read_bytes() == (tmp_path / "sensitivity.html").read_bytes()


def test_json_is_alone_on_standard_output(store: Path) -> None:
    result = call("sensitivity", store, "--outcome", "friends_mean", "--json")
    found = json.loads(result.stdout)
    assert {tuple(row) for row in found["rows"]} == {("parameter", "index", "value", "low", "high")}
    assert {row["index"] for row in found["rows"]} >= {"S1", "ST", "S1_run", "ST_run", "noise", "noise_seed", "noise_interaction"}


@pytest.mark.parametrize(("arguments", "said"), [
    (["--outcome", "raech"], "did you mean 'reach'?"),
    (["--scenario", "oficers"], "did you mean 'officers'?"),
    (["--difference", "officers", "informl"], "did you mean 'informal'?"),
    (["--scenario", "officers", "--difference", "officers", "informal"], "one of the two"),
    (["--second-order", "--outcome", "friends_mean"], "no points for pairs"),
    (["--design", "d.parquet"], "a STORE, or --design with --results"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_what_is_allowed(store: Path, tmp_path: Path, arguments: list[str], said: str) -> None:
    out = tmp_path / "out"
    result = call("sensitivity", store, *arguments, "--out", out)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split()) and not out.exists()


def test_nothing_given_and_half_of_what_is_needed_are_refused() -> None:
    assert "--results FILE" in " ".join(call("sensitivity").stderr.split())
    half = call("sensitivity", "--results", "r.csv")
    assert half.exit_code == 2 and "--design" in half.stderr and "--outcome" in half.stderr


def test_a_store_with_gaps_is_refused_and_says_which_runs_and_how_to_go_on(store: Path, tmp_path: Path) -> None:
    partial = tmp_path / "PARTIAL"
    call("sweep", "run", store / "design.parquet", "--out", partial, "--workers", "1")
    for chunk in sorted((partial / "chunks").glob("*.parquet"))[-1:]:
        chunk.unlink()
    result = call("sensitivity", partial)
    assert result.exit_code == 2 and "is missing" in result.stderr
    first, *runs = unfinished(read_store(partial))
    assert f"of its 128 runs {len(runs)} are missing" in first.what
    assert f"wardmates sweep run {partial}/design.parquet --out {partial}` goes on" in first.allowed
    assert runs[-1].where == "run 127" and runs[-1].value == "point 31, replicate 1, officers"


def test_runs_that_failed_are_listed_with_their_errors_and_how_to_run_them_again() -> None:
    rows = pd.DataFrame([{"row": 3, "point": 1, "replicate": 0, "scenario": "officers", "status": "failed", "error": "no such site"}] * 30)
    store = SimpleNamespace(path=Path("my store"), manifest=SimpleNamespace(part=""), design=SimpleNamespace(n_runs=90), missing=lambda: rows)
    first, *runs, rest = unfinished(store)
    assert "of its 90 runs 30 failed" in first.what and "--retry-failed" in first.allowed and "'my store'" in first.allowed
    assert runs[0].what == "failed: no such site" and len(runs) == 20 and rest.what == "10 runs like these"
    store.manifest.part = "2/4"
    [part] = unfinished(store)
    assert "part 2/4" in part.what and "sweep merge" in part.allowed


def ishigami(points: pd.DataFrame) -> np.ndarray:
    x = points[["x1", "x2", "x3"]].to_numpy()
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("ishigami")
    (folder / "problem.toml").write_text(ISHIGAMI, encoding="utf-8")
    design = folder / "D.parquet"
    asked = call("sweep", "design", "--method", "sobol", "--n", "8192", "--problem", folder / "problem.toml", "--out", design)
    assert asked.exit_code == 0, asked.output
    points = load_design(design).points
    results = pd.DataFrame({"point": points.index, "y": ishigami(points)}).sample(frac=1, random_state=0)
    results.to_csv(folder / "R.csv", index=False)
    return design, folder / "R.csv"


def test_ishigami_evaluated_elsewhere_is_within_a_hundredth_of_the_truth(elsewhere: tuple[Path, Path]) -> None:
    design, results = elsewhere
    result = call("sensitivity", "--design", design, "--results", results, "--outcome", "y", "--json")
    assert result.exit_code == 0, result.output
    found = {(row["parameter"], row["index"]): row["value"] for row in json.loads(result.stdout)["rows"]}
    truth = {("x1", "S1"): 0.3139, ("x2", "S1"): 0.4424, ("x3", "S1"): 0.0, ("x1", "ST"): 0.5576, ("x2", "ST"): 0.4424, ("x3", "ST"): 0.2437}
    for key, value in truth.items():
        assert found[key] == pytest.approx(value, abs=0.01), key


def test_evaluations_made_elsewhere_are_reported_without_the_models_words(elsewhere: tuple[Path, Path], tmp_path: Path) -> None:
    design, results = elsewhere
    result = call("sensitivity", "--design", design, "--results", results, "--outcome", "y", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "cannot be told from one replicate" in result.stdout and "problem.toml" in result.stdout
    html = (tmp_path / "sensitivity.html").read_text(encoding="utf-8")
    assert "--design D.parquet --results R.csv --outcome y" in html and "known by" not in html


@pytest.mark.parametrize(("change", "said"), [
    (lambda frame: frame.drop(index=[3, 5]), "2 of"), (lambda frame: frame.rename(columns={"y": "z"}), "no column 'y'"),
    (lambda frame: pd.concat([frame, frame[:1]]), "more than once"),
])  # fmt: skip
def test_results_that_are_not_the_designs_are_refused(elsewhere: tuple[Path, Path], tmp_path: Path, change, said: str) -> None:
    design, results = elsewhere
    change(pd.read_csv(results)).to_csv(tmp_path / "R.csv", index=False)
    result = call("sensitivity", "--design", design, "--results", tmp_path / "R.csv", "--outcome", "y")
    assert result.exit_code == 2 and said in " ".join(result.stderr.split())


def test_results_that_cannot_be_read_are_refused(elsewhere: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    for name in ("none.csv", "empty.csv"):
        result = call("sensitivity", "--design", elsewhere[0], "--results", tmp_path / name, "--outcome", "y")
        assert result.exit_code == 2 and "cannot be read" in " ".join(result.stderr.split())
