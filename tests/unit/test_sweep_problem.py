"""What is varied: maps from the unit interval and back, the table's ranges, and problem files with what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.sweep.factor import Factor
from experiments.sweep.problem import SETTINGS, choice, pick, problem_of_table, require_ours
from experiments.sweep.problem_file import read_problem
from simulation.evidence.parameters import PARAMETERS
from simulation.faults import InputError
from simulation.scenario.scenario import make_scenario

UNIT = st.floats(0, 1)


@st.composite
def factors(draw: st.DrawFn) -> Factor:
    """A factor of any distribution."""
    distribution = draw(st.sampled_from(["uniform", "loguniform", "triangular", "integer", "choice"]))
    if distribution == "choice":
        return choice("x", [f"level {k}" for k in range(draw(st.integers(2, 9)))])
    if distribution == "integer":
        low = draw(st.integers(-1000, 1000))
        return Factor("x", low, low + draw(st.integers(1, 400)), "integer")
    low = draw(st.floats(1e-3, 1e3) if distribution == "loguniform" else st.floats(-1e3, 1e3))
    high = low + draw(st.floats(1e-2, 1e3))
    mode = draw(st.floats(low, high)) if distribution == "triangular" else None
    return Factor("x", low, high, distribution, mode)


@given(factors(), st.lists(UNIT, min_size=1, max_size=20))
def test_values_lie_in_the_range_and_never_fall_as_the_probability_rises(factor: Factor, u: list[float]) -> None:
    values = factor.value(np.sort(u))
    if factor.distribution == "choice":
        values = np.array([factor.levels.index(value) for value in values])
    assert (values >= factor.low).all() and (values <= factor.high).all()
    assert (np.diff(values.astype(float)) >= 0).all()


@given(factors(), st.lists(UNIT, min_size=1, max_size=20))
def test_the_position_of_a_value_is_its_probability(factor: Factor, u: list[float]) -> None:
    back = factor.position(factor.value(u))
    if factor.n_levels is None:
        # The distribution function of a triangle is flat at its ends, where 1e-16 in the value is 1e-8 in the probability.
        np.testing.assert_allclose(back, u, atol=1e-7 if factor.distribution == "triangular" else 1e-9)
    else:
        assert (np.abs(back - u) <= 0.5 / factor.n_levels + 1e-9).all()
        assert (factor.value(back) == factor.value(u)).all()


@given(factors())
def test_the_ends_of_the_unit_interval_are_the_ends_of_the_range(factor: Factor) -> None:
    ends = factor.value([0, 1])
    if factor.distribution == "choice":
        assert list(ends) == [factor.levels[0], factor.levels[-1]]
    else:
        np.testing.assert_allclose(ends, [factor.low, factor.high], rtol=1e-12)


@given(factors().filter(lambda factor: factor.n_levels is not None))
def test_every_integer_and_every_level_has_the_same_probability(factor: Factor) -> None:
    n = factor.n_levels
    assert n is not None
    per_level = 16
    values, counts = np.unique(factor.value((np.arange(n * per_level) + 0.5) / (n * per_level)), return_counts=True)
    assert len(values) == n and (counts == per_level).all()


@given(factors(), st.integers(2, 12))
def test_levels_of_a_grid_are_spread_from_end_to_end(factor: Factor, n: int) -> None:
    levels = factor.spread(n)
    if factor.distribution == "choice":
        assert list(levels) == list(factor.levels)
        return
    assert len(levels) == n if factor.n_levels is None else len(levels) == min(n, factor.n_levels)
    assert levels[0] == factor.low and levels[-1] == factor.high
    steps = np.diff(np.log(levels) if factor.distribution == "loguniform" else levels)
    assert (steps > 0).all()
    if factor.n_levels is None:
        np.testing.assert_allclose(steps, steps.mean(), rtol=1e-6)


def test_the_table_gives_every_parameter_that_has_a_range() -> None:
    problem = problem_of_table()
    assert problem.is_ours
    assert set(problem.names) == {name for name, row in PARAMETERS.items() if row.low < row.high}
    hours, offers = (problem.factors[problem.names.index(name)] for name in ("friend_hours", "weekly_offers"))
    assert (hours.low, hours.high, hours.distribution, hours.mode) == (60, 130, "triangular", 90)
    assert offers.n_levels == 7


@pytest.mark.parametrize("name", SETTINGS)
def test_every_level_of_a_setting_is_one_that_the_model_takes(name: str) -> None:
    (factor,) = problem_of_table([name]).factors
    for level in factor.levels:
        make_scenario({"support": {"officers": "volunteers"}}, overrides={name: level})


def test_what_cannot_be_varied_is_told_at_once_with_the_nearest_name() -> None:
    with pytest.raises(InputError) as error:
        problem_of_table(["onset_rat", "steps_per_week", "homophily", "homophily"])
    told = {fault.value: f"{fault.what} {fault.allowed}" for fault in error.value.faults}
    assert "'onset_rate'" in told["onset_rat"] and "definition" in told["steps_per_week"] and "twice" in told["homophily"]
    assert len(error.value.faults) == 3


def write(folder: Path, text: str) -> Path:
    path = folder / "problem.toml"
    path.write_text(text, encoding="utf-8")
    return path


def row(name: str, rest: str = "") -> str:
    return f'[[parameter]]\nname = "{name}"\n{rest}\n'


def test_a_file_overrides_the_table_and_leaves_the_rest_to_it(tmp_path: Path) -> None:
    problem = read_problem(write(tmp_path, row("onset_rate", "high = 0.03") + row("block_weeks", "levels = [4, 12]") + row("officers")
                                 + row("common_friends_every", "low = 2\nhigh = 8") + row("friend_hours", "mode = 80")
                                 + row("students", 'distribution = "uniform"')))  # fmt: skip
    onset, block, officers, recount, hours, students = problem.factors
    assert problem.is_ours
    assert (onset.low, onset.high, onset.distribution) == (0.005, 0.03, "uniform")
    assert block.levels == ("4", "12") and officers.levels == SETTINGS["officers"]
    assert recount.distribution == "integer" and (recount.low, recount.high) == (2, 8)
    assert (hours.mode, hours.distribution) == (80, "triangular")
    assert students.distribution == "integer"  # of whole numbers that is what uniform means


def test_a_problem_that_is_not_the_models_needs_nothing_of_it(tmp_path: Path) -> None:
    problem = read_problem(write(tmp_path, row("x", 'low = -1\nhigh = 1\ndistribution = "uniform"')
                                 + row("kind", 'levels = ["a", "b"]\ndistribution = "choice"')))  # fmt: skip
    assert not problem.is_ours and problem.names == ("x", "kind")
    with pytest.raises(InputError):
        require_ours(problem, "problem.toml")


@pytest.mark.parametrize(("text", "name", "told"), [
    (row("onset_rate") + row("onset_rat", "low = 0\nhigh = 1"), "onset_rat", "did you mean 'onset_rate'"),
    (row("onset_rate", "low = 0.5\nhigh = 0.1"), "0.5 and 0.1", "low < high"),
    (row("onset_rate", "high = 50"), "50", "a number from 0 to 5"),
    (row("onset_rate", "high = inf"), "inf", "not a finite number"),
    (row("onset_rate", 'distribution = "unifrm"'), "unifrm", "did you mean 'uniform'"),
    (row("onset_rate", "mode = 0.01"), "0.01", "uniform has no mode"),
    (row("onset_rate", "hihg = 0.01"), "hihg", "did you mean 'high'"),
    (row("onset_rate", 'low = "a"'), "a", "low is not of the right kind"),
    (row("onset_rate", 'levels = [0.01, "a"]'), "a", "a level is not a number"),
    (row("onset_rate", "levels = [0.01, 9]"), "9", "out of what the model accepts"),
    (row("onset_rate") + row("onset_rate"), "onset_rate", "is given twice"),
    (row("students", "high = 99.5"), "99.5", "whole number"),
    (row("friend_hours", "low = 100"), "90", "mode is outside the range"),
    (row("officers", 'levels = ["none", "electd"]'), "electd", "did you mean 'elected'"),
    (row("officers", 'levels = ["none"]'), "none", "has no levels to choose from"),
    (row("officers", "low = 0\nhigh = 1"), "0", "a choice has no low"),
    (row("officers", 'distribution = "uniform"'), "uniform", "is a setting"),
    (row("steps_per_week", "low = 1"), "", "has no high"),
    (row("x", "low = 0\nhigh = 1"), "", "has no distribution"),
    (row("x", 'low = 0\ndistribution = "uniform"'), "", "has no high"),
    (row("x", 'low = 0\nhigh = 1\ndistribution = "loguniform"'), "0", "low > 0"),
    (row("x", 'low = 0\nhigh = 1\ndistribution = "triangular"'), "", "has no mode"),
    (row("point", 'low = 0\nhigh = 1\ndistribution = "uniform"'), "point", "cannot be a factor's name"),
    ("[[parameter]]\nlow = 1", "", "parameter 1: has no name"),
    ("[parameter]\nname = 'x'", "", "[[parameter]]"),
    ("", "", "names nothing to vary"),
    ("[[parameter", "", "not valid TOML"),
])  # fmt: skip
def test_each_fault_of_a_file_says_what_is_wrong_and_what_is_allowed(tmp_path: Path, text: str, name: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        read_problem(write(tmp_path, text))
    assert any(told in f"{fault.what}; {fault.allowed}" and name in fault.value for fault in error.value.faults), error.value.faults
    assert all(fault.where == "problem.toml" for fault in error.value.faults)


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_problem(write(tmp_path, row("onset_rate", "high = 50") + row("homophili") + row("students", "low = 1\nhigh = nan")))
    assert len(error.value.faults) == 4


def test_names_pick_from_a_file_and_from_the_table(tmp_path: Path) -> None:
    problem = read_problem(write(tmp_path, row("onset_rate", "high = 0.03")))
    picked = pick(problem, ["homophily", "onset_rate"])
    assert picked.names == ("homophily", "onset_rate") and picked.factors[1].high == 0.03
    with pytest.raises(InputError, match="onset_rate"):
        pick(problem, ["onset_rat"])
    foreign = read_problem(write(tmp_path, row("x1", 'low = 0\nhigh = 1\ndistribution = "uniform"')))
    with pytest.raises(InputError, match="no such name"):
        pick(foreign, ["onset_rate"])
