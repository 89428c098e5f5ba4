"""Designs: what is drawn, the file that keeps it, and the command that makes it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from SALib.sample import morris, sobol
from typer.testing import CliRunner, Result

from experiments.sweep.design import Design, is_design, load_design
from experiments.sweep.factor import Factor
from experiments.sweep.problem import Problem, choice, problem_of_table
from experiments.sweep.sampling import SAMPLED, count_points, draw_design, sample
from simulation.faults import InputError
from wardmates.cli import Commands
from wardmates.command_sweep_design import design as design_command

MIXED = Problem((Factor("x", -1, 3, "uniform"), Factor("k", 2, 6, "integer"), choice("c", ["a", "b", "c"])), False)
ISHIGAMI = Problem(tuple(Factor(f"x{k}", -np.pi, np.pi, "uniform") for k in (1, 2, 3)), False)
METHODS = [("grid", 3), ("lhs", 7), ("sobol", 8), ("morris", 3)]
OURS = ["onset_rate", "friend_strength", "placement_group_size", "officers"]


def drawn(method: str, n: int, **rest: object) -> Design:
    return draw_design(problem_of_table(OURS), method, n, scenarios=["informal", "training"], **rest)  # type: ignore[arg-type]


# What is drawn


@given(st.integers(2, 5), st.integers(0, 3))
def test_a_grid_is_every_combination_once(n: int, n_more: int) -> None:
    problem = Problem((*MIXED.factors, *(Factor(f"more{k}", 0, 1, "uniform") for k in range(n_more))), False)
    points, unit = sample(problem, "grid", n)
    every = list(itertools.product(*(factor.spread(n).tolist() for factor in problem.factors)))
    assert [tuple(row) for row in points.itertuples(index=False, name=None)] == every
    assert unit.shape == points.shape


@pytest.mark.parametrize("second_order", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2**53 - 1])
def test_rows_of_sobol_are_those_of_salib(seed: int, second_order: bool) -> None:
    bounds = {"num_vars": 3, "names": list(ISHIGAMI.names), "bounds": [[-np.pi, np.pi]] * 3}
    points, _ = sample(ISHIGAMI, "sobol", 16, seed=seed, second_order=second_order)
    assert np.array_equal(points.to_numpy(), sobol.sample(bounds, 16, calc_second_order=second_order, seed=seed))


@pytest.mark.parametrize("num_levels", [2, 4, 6, 10])
def test_trajectories_of_morris_are_those_of_salib_and_change_one_factor_a_step(num_levels: int) -> None:
    points, unit = sample(MIXED, "morris", 25, seed=0, num_levels=num_levels)
    theirs = morris.sample({"num_vars": 3, "names": list(MIXED.names), "bounds": [[0, 1]] * 3}, 25, num_levels=num_levels, seed=0)
    assert np.array_equal(unit, theirs)
    trajectories = unit.reshape(25, 4, 3)
    assert ((np.diff(trajectories, axis=1) != 0).sum(axis=2) == 1).all()
    values = points.to_numpy(dtype=object).reshape(25, 4, 3)
    assert ((values[:, 1:] != values[:, :-1]) == (np.diff(trajectories, axis=1) != 0)).all()  # rounding never takes a step back
    assert len(np.unique(unit)) <= num_levels


def test_integers_and_levels_on_the_grid_of_morris_are_the_nearest_from_either_end() -> None:
    problem = Problem((Factor("k", 1, 8, "integer"), choice("two", ["a", "b"]), choice("three", ["a", "b", "c"])), False)
    points, unit = sample(problem, "morris", 50)
    at = {name: dict(zip(np.rint(unit[:, k] * 3).astype(int).tolist(), points[name], strict=True)) for k, name in enumerate(problem.names)}
    assert at["k"] == {0: 1, 1: 3, 2: 6, 3: 8}
    assert at["two"] == {0: "a", 1: "a", 2: "b", 3: "b"} and at["three"] == {0: "a", 1: "b", 2: "b", 3: "c"}


def test_points_of_a_latin_hypercube_lie_one_in_each_stratum() -> None:
    _, unit = sample(MIXED, "lhs", 50, seed=3)
    assert (np.sort(np.floor(unit * 50), axis=0) == np.arange(50)[:, None]).all()


@given(st.sampled_from(METHODS), st.booleans())
def test_points_are_counted_before_they_are_made(method: tuple[str, int], second_order: bool) -> None:
    points, unit = sample(MIXED, *method, second_order=second_order)
    assert len(points) == len(unit) == count_points(MIXED, *method, second_order=second_order)


@pytest.mark.parametrize(("method", "n"), METHODS[1:])
def test_a_seed_repeats_its_points_and_0_is_one_like_any_other(method: str, n: int) -> None:
    of_0, of_1 = (sample(ISHIGAMI, method, n, seed=seed)[1] for seed in (0, 1))
    assert np.array_equal(of_0, sample(ISHIGAMI, method, n, seed=0)[1])
    assert not np.array_equal(of_0, of_1)


@pytest.mark.parametrize(("method", "n", "rest", "told"), [
    ("sobol", 500, {}, "256 or 512"), ("grid", 1, {}, "too small"), ("lhs", 0, {}, "too small"), ("morris", 4, {"num_levels": 5}, "even number"),
    ("grid", 5, {}, "735,294"), ("sobol", 2**20, {}, "144,703,488 points"),
])  # fmt: skip
def test_a_design_that_cannot_be_is_refused_before_it_is_drawn(method: str, n: int, rest: dict[str, int], told: str) -> None:
    with pytest.raises(InputError, match=told):
        sample(problem_of_table(), method, n, **rest)  # type: ignore[arg-type]


# The file


@pytest.mark.parametrize(("method", "n"), METHODS)
def test_a_design_is_read_as_it_was_written(tmp_path: Path, method: str, n: int) -> None:
    made = drawn(method, n, overrides={"students": "60"}, replicates=3, seeds="independent", seed=0)
    made.save(tmp_path / "d.parquet")
    read = load_design(tmp_path / "d.parquet")
    pd.testing.assert_frame_equal(read.points, made.points)
    assert read.unit is not None and made.unit is not None and np.array_equal(read.unit, made.unit)
    assert replace(read, points=made.points, unit=None) == replace(made, unit=None)
    assert read.digest == made.digest
    assert [path.name for path in tmp_path.iterdir()] == ["d.parquet"]


@pytest.mark.parametrize(("method", "n"), METHODS)
def test_the_same_design_gives_the_same_bytes(tmp_path: Path, method: str, n: int) -> None:
    for name in ("a", "b"):
        drawn(method, n).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_file_can_be_read_by_anybody(tmp_path: Path) -> None:
    made = drawn("sobol", 4)
    made.save(tmp_path / "d.parquet")
    frame = pd.read_parquet(tmp_path / "d.parquet")
    assert list(frame.columns) == ["point", *(column for name in OURS for column in (name, f"{name} (unit)"))]
    assert frame["point"].tolist() == list(range(made.n_points))
    assert [str(frame[name].dtype) for name in OURS] == ["float64", "float64", "int64", "str"]


CHANGES: dict[str, Callable[[Design], Design]] = {
    "a value": lambda d: replace(d, points=d.points.assign(onset_rate=np.nextafter(d.points["onset_rate"].to_numpy(), 1))),
    "a level": lambda d: replace(d, points=d.points.assign(officers=d.points["officers"].to_numpy()[::-1])),
    "order of points": lambda d: replace(d, points=d.points.iloc[::-1].reset_index(drop=True)),
    "overrides": lambda d: replace(d, overrides={"students": "61"}),
    "scenarios": lambda d: replace(d, scenarios=d.scenarios[:1]),
    "order of scenarios": lambda d: replace(d, scenarios=d.scenarios[::-1]),
    "replicates": lambda d: replace(d, replicates=4),
    "seeds": lambda d: replace(d, seeds="independent"),
    "seed": lambda d: replace(d, seed=0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_digest_tells_designs_apart_that_run_differently(change: str) -> None:
    made = drawn("lhs", 6, overrides={"students": "60"}, replicates=3)
    assert CHANGES[change](made).digest != made.digest


def test_the_digest_is_blind_to_what_changes_no_run() -> None:
    made = drawn("lhs", 6)
    assert replace(made, method="own", unit=None, version="9", command="other").digest == made.digest


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    drawn("lhs", 6).save(tmp_path / "d.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "d.parquet").read_bytes()[:-20])
    with pytest.raises(InputError, match="damaged"):
        load_design(tmp_path / "cut.parquet")
    with pytest.raises(InputError, match="cannot be read"):
        load_design(tmp_path / "none.parquet")


def test_a_design_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    before = drawn("lhs", 6)
    before.save(tmp_path / "d.parquet")
    monkeypatch.setattr("experiments.sweep.design.parquet.write_table", full)
    with pytest.raises(OSError, match="No space"):
        drawn("lhs", 9).save(tmp_path / "d.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["d.parquet"]
    assert load_design(tmp_path / "d.parquet").digest == before.digest


def test_who_reads_a_design_while_another_takes_its_place_reads_it_whole(tmp_path: Path) -> None:
    drawn("lhs", 6).save(tmp_path / "d.parquet")
    before = (tmp_path / "d.parquet").read_bytes()
    with (tmp_path / "d.parquet").open("rb") as reader:
        drawn("lhs", 9).save(tmp_path / "d.parquet")
        assert reader.read() == before


# The command


def call(folder: Path, *arguments: object) -> Result:
    app = typer.Typer(cls=Commands)
    app.command()(design_command)
    app.command("other")(lambda: None)
    return CliRunner().invoke(app, ["design", "--out", str(folder / "d.parquet"), *(str(argument) for argument in arguments)])


SMALL = ("--method", "lhs", "--n", 5, "--parameters", "onset_rate,homophily")


@pytest.mark.parametrize("method", SAMPLED)
def test_the_command_writes_a_design_and_says_what_it_holds(tmp_path: Path, method: str) -> None:
    arguments = ("--method", method, "--n", 4, "--parameters", ",".join(OURS), "--scenarios", "informal,training", "--replicates", 3, "--seed", 0)
    result = call(tmp_path, *arguments)
    assert result.exit_code == 0, result.output
    made = load_design(tmp_path / "d.parquet")
    assert (made.method, made.n, made.replicates, made.seed, made.seeds) == (method, 4, 3, 0, "crossed")
    assert list(made.contents) == ["informal", "training"]
    assert f"{made.n_points:,} points of 4 factors x 2 scenarios x 3 replicates" in result.stdout and f"{made.n_runs:,} runs" in result.stdout
    first = (tmp_path / "d.parquet").read_bytes()
    assert call(tmp_path, *arguments).exit_code == 0
    assert (tmp_path / "d.parquet").read_bytes() == first
    assert str(tmp_path) not in made.command and "--seed 0" in made.command


@pytest.mark.parametrize("given", [("--scenarios", "informal,training"), ("--scenarios", "informal", "training"), ("informal", "training"),
                                   ("--scenarios", "informal", "--scenarios", "training")])  # fmt: skip
def test_scenarios_may_be_given_in_each_usual_way(tmp_path: Path, given: tuple[str, ...]) -> None:
    assert call(tmp_path, *SMALL, *given).exit_code == 0
    assert list(load_design(tmp_path / "d.parquet").contents) == ["informal", "training"]


def test_options_of_one_method_reach_the_design(tmp_path: Path) -> None:
    assert call(tmp_path, "--method", "sobol", "--n", 4, "--second-order", "--parameters", "onset_rate,homophily").exit_code == 0
    assert load_design(tmp_path / "d.parquet").n_points == 4 * 6
    assert call(tmp_path, "--method", "morris", "--n", 4, "--levels", 6, "--set", "students=60", "--seeds", "independent").exit_code == 0
    made = load_design(tmp_path / "d.parquet")
    assert (made.num_levels, made.overrides, made.seeds) == (6, {"students": "60"}, "independent")
    assert set(made.problem.names) == set(problem_of_table().names) - {"students"}


def test_a_problem_that_is_not_the_models_needs_no_scenario(tmp_path: Path) -> None:
    (tmp_path / "ishigami.toml").write_text("\n".join(
        f'[[parameter]]\nname = "x{k}"\nlow = {-np.pi}\nhigh = {np.pi}\ndistribution = "uniform"' for k in (1, 2, 3)), encoding="utf-8")  # fmt: skip
    result = call(tmp_path, "--problem", tmp_path / "ishigami.toml", "--method", "sobol", "--n", 64, "--seed", 0)
    assert result.exit_code == 0, result.output
    made = load_design(tmp_path / "d.parquet")
    assert made.scenarios == () and not made.problem.is_ours and made.n_runs == 64 * 5
    assert np.array_equal(made.points.to_numpy(), sample(ISHIGAMI, "sobol", 64, seed=0)[0].to_numpy())
    for more in (("--scenarios", "informal"), ("--set", "students=60"), ("--parameters", "x4")):
        result = call(tmp_path, "--problem", tmp_path / "ishigami.toml", "--method", "sobol", "--n", 64, *more)
        assert result.exit_code == 2 and more[0] in result.stderr


@pytest.mark.parametrize(("arguments", "told"), [
    ((), ["--method", "is not given", "--n"]),
    ((*SMALL[2:], "--method", "sobl"), ["did you mean 'sobol'"]),
    ((*SMALL, "--levels", 4), ["--levels", "morris alone"]),
    ((*SMALL, "--second-order"), ["--second-order", "sobol alone"]),
    ((*SMALL, "--seeds", "cross"), ["did you mean 'crossed'"]),
    ((*SMALL, "--set", "homophily=2"), ["is varied by the design"]),
    ((*SMALL, "--set", "homophily"), ["NAME=VALUE"]),
    ((*SMALL, "--set", "students=1"), ["students is out of bounds"]),
    ((*SMALL, "--scenarios", "informl"), ["did you mean 'informal'"]),
    ((*SMALL, "--points", "mine.csv"), ["means nothing with --points"]),
    ((*SMALL, "--problem", "nowhere.toml"), ["--problem", "cannot be read"]),
    (("--method", "lhs", "--n", 40, "--parameters", "officers", "--scenarios", "officers-outreach"), ["add_ons need officers", "officers = none"]),
])  # fmt: skip
def test_mistakes_are_told_and_nothing_is_written(tmp_path: Path, arguments: tuple[object, ...], told: list[str]) -> None:
    result = call(tmp_path, *arguments)
    assert result.exit_code == 2
    assert all(text in " ".join(result.stderr.split()) for text in told), result.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_design_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "d.parquet").write_text("mine", encoding="utf-8")
    assert call(tmp_path, *SMALL).exit_code == 2
    assert (tmp_path / "d.parquet").read_text(encoding="utf-8") == "mine" and not is_design(tmp_path / "d.parquet")


def test_a_scenarios_own_value_that_is_varied_is_told(tmp_path: Path) -> None:
    varied = ("--parameters", "placement_group_size,campus")
    result = call(tmp_path, "--method", "lhs", "--n", 5, *varied, "larger-groups", "stable-campus-groups")
    assert result.exit_code == 0
    assert "larger-groups sets placement_group_size" in result.stderr and "stable-campus-groups sets campus" in result.stderr
