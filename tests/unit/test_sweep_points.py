"""A point as what is run there, the worlds of its replicates, what the model refuses, and a user's own points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.sweep.design import Design, load_design
from experiments.sweep.own import design_of_points
from experiments.sweep.points import TOGETHER, contents_of, faults_of, scenario_at, seed_of
from experiments.sweep.problem import Problem, choice, problem_of_table
from experiments.sweep.problem_file import read_problem
from experiments.sweep.sampling import draw_design
from simulation.evidence.parameters import PARAMETERS
from simulation.faults import InputError
from simulation.scenario.input_tables import and_more
from simulation.scenario.scenario import bundled, load_scenario, make_scenario
from simulation.streams import replicate_seed

# A point as what is run there


@pytest.mark.parametrize("name", bundled())
def test_a_design_keeps_all_that_a_scenario_says(name: str) -> None:
    ((label, content),) = contents_of([name])
    kept, scenario = make_scenario(content, label=label), load_scenario(name)
    assert kept == scenario and kept.fingerprint == scenario.fingerprint


def test_values_of_a_point_win_over_the_scenario_and_the_users() -> None:
    design = draw_design(problem_of_table(["placement_group_size", "officers", "onset_rate"]), "lhs", 12, scenarios=["larger-groups", "training"],
                         overrides={"students": "60", "onset_rate": "0.1"})  # fmt: skip
    for point in range(design.n_points):
        at = design.points.iloc[point]
        for name in design.contents:
            scenario = scenario_at(design, point, name)
            same = load_scenario(name, overrides={"students": 60, "officers": at["officers"], "onset_rate": at["onset_rate"],
                                                  "placement_group_size": at["placement_group_size"]})  # fmt: skip
            assert scenario == same and scenario.fingerprint == same.fingerprint
            assert scenario.parameters.onset_rate == at["onset_rate"] and scenario.name == name


@pytest.mark.parametrize("seeds", ["crossed", "independent"])
def test_more_replicates_or_points_move_no_seed(seeds: str) -> None:
    few, many = (draw_design(problem_of_table(["onset_rate"]), "lhs", n, replicates=r, seeds=seeds, seed=0) for n, r in ((4, 2), (9, 7)))
    assert [seed_of(few, p, r) for p in range(4) for r in range(2)] == [seed_of(many, p, r) for p in range(4) for r in range(2)]


def test_crossed_replicates_are_one_world_at_every_point_and_independent_ones_are_not() -> None:
    crossed, independent = (draw_design(problem_of_table(["onset_rate"]), "lhs", 20, seeds=seeds, seed=0) for seeds in ("crossed", "independent"))
    for r in range(5):
        assert {seed_of(crossed, p, r) for p in range(20)} == {replicate_seed(0, r)}
    assert len({seed_of(independent, p, r) for p in range(20) for r in range(5)}) == 100


def test_seed_0_is_another_set_of_worlds_than_seed_1() -> None:
    of_0, of_1 = (draw_design(problem_of_table(["onset_rate"]), "lhs", 4, seed=seed) for seed in (0, 1))
    assert seed_of(of_0, 0, 0) != seed_of(of_1, 0, 0)


# What the model refuses


@given(st.data())
def test_only_values_that_are_checked_together_can_be_wrong_together(data: st.DataObject) -> None:
    """`faults_of` rests on this: it makes a scenario only for points that differ in TOGETHER."""
    names = data.draw(st.lists(st.sampled_from(sorted(set(PARAMETERS) - set(TOGETHER))), unique=True))
    values = {}
    for name in names:
        row = PARAMETERS[name]
        values[name] = data.draw(st.integers(int(row.minimum), int(row.maximum)) if row.is_integer else st.floats(row.minimum, row.maximum))
    make_scenario({}, overrides=values)


@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_no_value_at_an_end_of_its_bounds_depends_on_another(end: str) -> None:
    values = {name: getattr(row, end) for name, row in PARAMETERS.items() if name not in TOGETHER}
    make_scenario({}, overrides=values)
    for name, value in values.items():
        make_scenario({}, overrides={name: value})


def from_file(folder: Path, text: str, **rest: Any) -> Design:
    (folder / "problem.toml").write_text(text, encoding="utf-8")
    return draw_design(read_problem(folder / "problem.toml"), "grid", 3, **rest)


def refused_one_by_one(design: Design) -> set[int]:
    refused = set()
    for point in range(design.n_points):
        for name in design.contents:
            try:
                scenario_at(design, point, name)
            except InputError:
                refused.add(point)
    return refused


PAIRS = '[[parameter]]\nname = "{}"\nlow = {}\nhigh = {}\n[[parameter]]\nname = "{}"\nlow = {}\nhigh = {}\n[[parameter]]\nname = "homophily"'


@pytest.mark.parametrize(("text", "told"), [
    (PAIRS.format("campus_years", 2, 6, "clinical_years", 0, 4), "course is too long"),
    (PAIRS.format("campus_years", 0, 2, "clinical_years", 0, 2), "course has no years"),
    (PAIRS.format("friend_strength", 0.3, 0.9, "close_strength", 0.5, 0.8).replace('"homophily"', '"homophily"\nhigh = 2')
     .replace("high = 0.9", 'high = 0.9\ndistribution = "uniform"'), "strengths are out of order"),
    ('[[parameter]]\nname = "officers"\n[[parameter]]\nname = "add_ons"\n[[parameter]]\nname = "homophily"', "add_ons need officers"),
])  # fmt: skip
def test_all_points_that_the_model_refuses_are_known_before_anything_runs(tmp_path: Path, text: str, told: str) -> None:
    design = from_file(tmp_path, text)
    refused = refused_one_by_one(design)
    (fault,) = faults_of(design)
    assert told in fault.what
    assert 0 < len(refused) < design.n_points
    assert f": {and_more(sorted(refused)).replace('row', 'point')} (point {min(refused)}: " in fault.what


def test_a_point_that_only_one_scenario_refuses_names_it() -> None:
    design = draw_design(Problem((choice("officers", ["none", "elected"]),), True), "grid", 2, scenarios=["informal", "officers-outreach"])
    (fault,) = faults_of(design)
    assert fault.where == "points, with officers-outreach" and "point 0" in fault.what and "officers = none" in fault.what


def test_values_out_of_bounds_are_found_wherever_a_design_comes_from() -> None:
    design = draw_design(problem_of_table(["onset_rate", "homophily"]), "lhs", 40)
    values = design.points["onset_rate"].to_numpy().copy()
    values[[3, 17]] = 99, np.nan
    design.points["onset_rate"] = values
    assert any("points 3 and 17" in fault.what and "onset_rate" in fault.what for fault in faults_of(design))


@pytest.mark.parametrize("method", ["lhs", "sobol", "morris"])
def test_the_model_takes_every_point_of_the_tables_ranges(method: str) -> None:
    assert faults_of(draw_design(problem_of_table(), method, 4, scenarios=["informal", "officers-outreach", "training"])) == []


# A user's own points


def write(folder: Path, text: str) -> Path:
    path = folder / "points.csv"
    path.write_text(text, encoding="utf-8")
    return path


OWN = "point,onset_rate,placement_group_size,officers\n1,0.01,3,none\n0,1e-3,2.0,elected\n"


def test_own_points_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    design = load_design(write(tmp_path, OWN))
    assert (design.method, design.unit, design.n_points) == ("own", None, 2)
    assert design.points.to_dict("list") == {"onset_rate": [1e-3, 0.01], "placement_group_size": [2, 3], "officers": ["elected", "none"]}
    assert [factor.distribution for factor in design.problem.factors] == ["uniform", "integer", "choice"]
    assert scenario_at(design, 0, "informal").parameters.placement_group_size == 2
    design.save(tmp_path / "saved.parquet")
    saved = load_design(tmp_path / "saved.parquet")
    assert saved.digest == design.digest and saved.unit is None and saved.problem == design.problem


@given(st.lists(st.floats(0, 5, exclude_min=True), min_size=1, max_size=20))
def test_numbers_of_a_csv_are_read_to_the_last_digit(tmp_path_factory: pytest.TempPathFactory, values: list[float]) -> None:
    folder = tmp_path_factory.mktemp("own")
    frame = pd.DataFrame({"onset_rate": values})
    frame.to_csv(folder / "points.csv", index=False)
    frame.to_parquet(folder / "points.parquet")
    assert load_design(folder / "points.csv").points["onset_rate"].tolist() == values
    assert load_design(folder / "points.csv").digest == load_design(folder / "points.parquet").digest


def test_own_parquet_may_have_the_point_as_its_index(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.5, 2.5], "kind": ["a", "b"]}, index=pd.Index([1, 0], name="point"))
    frame.to_parquet(tmp_path / "points.parquet")
    design = load_design(tmp_path / "points.parquet")
    assert not design.problem.is_ours and design.points.to_dict("list") == {"x": [2.5, 1.5], "kind": ["b", "a"]}


def test_own_points_run_what_is_asked_for(tmp_path: Path) -> None:
    design = design_of_points(write(tmp_path, OWN), scenarios=["training", "informal"], overrides={"students": "60"}, replicates=2, seed=0)
    assert (list(design.contents), design.overrides, design.replicates, design.seed) == (["training", "informal"], {"students": "60"}, 2, 0)


@pytest.mark.parametrize(("text", "row", "column", "told"), [
    ("onset_rate,placement_group_sise\n.1,2\n", 1, "placement_group_sise", "did you mean 'placement_group_size'"),
    ("onset_rate,homophily\n.1,2\nabc,2\n,2\nnan,2\n", 3, "onset_rate", "is not a number, also in rows 4 and 5"),
    ("onset_rate\n.1\n\n-1\n6\n", 4, "onset_rate", "out of what the model accepts, also in row 5; a number from 0 to 5"),
    ("students\n60.5\n", 2, "students", "a whole number from 2"),
    ("officers\nnone\nelectd\n\"\"\n", 3, "officers", "did you mean 'elected'"),
    ("officers,onset_rate\n,.1\n", 2, "officers", "is blank"),
    ("point,x\n0,1\n0,2\n", 2, "point", "given twice, also in row 3"),
    ("point,x\n0,1\n2,2\n", 3, "point", "each of 0 to 1 once"),
    ("point,x\n0,1\n0.5,2\n", 3, "point", "does not number a row"),
    ("point,x\n0,1\n,2\n", 3, "point", "does not number a row"),
    ("x,y\n1,inf\n", 2, "y", "is not a number"),
    ("replicate,x\n1,2\n", 1, "replicate", "cannot be a factor's name"),
    ("x,x\n1,2\n", 1, "x", "given twice"),
    ("x,\n1,2\n", 1, "", "has no name"),
    ("x;y\n1;2\n", 1, "", "not separated by commas"),
    ("x,y\n1,2,3\n", None, "", "in line 2, saw 3"),
    ("x,y\n", None, "", "has no points"),
    ("point\n0\n", None, "", "has no column but `point`"),
    ("", None, "", "is empty"),
])  # fmt: skip
def test_each_fault_of_own_points_has_its_place(tmp_path: Path, text: str, row: int | None, column: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        load_design(write(tmp_path, text))
    found = [fault for fault in error.value.faults if told in f"{fault.what}; {fault.allowed}"]
    assert found, error.value.faults
    assert (found[0].where, found[0].row, found[0].column) == ("points.csv", row, column)


def test_all_faults_of_own_points_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        load_design(write(tmp_path, "point,onset_rate,student,officers\n0,9,60,nobody\n0,x,60,none\n"))
    assert {fault.column for fault in error.value.faults} == {"point", "onset_rate", "student", "officers"}
    assert len(error.value.faults) == 5


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    for content in (bytes(range(128, 228)), b"PAR1" + bytes(40)):
        (tmp_path / "points.csv").write_bytes(content)
        with pytest.raises(InputError):
            load_design(tmp_path / "points.csv")
