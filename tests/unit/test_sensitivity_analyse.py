"""The analysis of a design: equal to SALib's, the same whatever the seed is called, with faults that say what to do."""

from __future__ import annotations

import numpy as np
import pytest
from SALib.analyze import morris as salib_morris
from SALib.analyze import sobol as salib_sobol

from experiments.sensitivity.analyse import analyse
from experiments.sensitivity.evaluations import Evaluations
from experiments.sensitivity.result import Index, Step, is_told
from experiments.sweep.sampling import sample
from simulation.faults import InputError
from tests.statistical import known_functions as known

D = 4


def made(method: str, n: int, *, replicates: int = 3, crossed: bool = True, second_order: bool = False, seed: int = 0):
    """A design and what it gave: a function with interactions in which x1 leads, far from 0, with chance."""
    _, unit = sample(known.design_of(np.zeros((1, D))).problem, method, n, seed=seed, second_order=second_order)
    rng = np.random.default_rng([seed, n])
    f = 100 + known.sobol_g().values(unit) + 2 * unit[:, 0]
    y = f[:, None] + rng.normal(0, 0.3, (len(unit), replicates)) + (rng.normal(0, 1, replicates) if crossed else 0)
    design = known.design_of(unit, method, replicates=replicates, crossed=crossed, second_order=second_order,
                             num_levels=4 if method == "morris" else None)  # fmt: skip
    return design, Evaluations(y, "y", "", crossed)


def values(analysis, index: str) -> list[float]:
    return [row.value for row in analysis.of(index)]


@pytest.mark.parametrize("crossed", [True, False])
@pytest.mark.parametrize("replicates", [1, 4])
@pytest.mark.parametrize("n", [2, 16, 128])
@pytest.mark.parametrize("second_order", [True, False])
def test_first_total_and_second_order_equal_salib(second_order: bool, n: int, replicates: int, crossed: bool) -> None:
    design, there = made("sobol", n, replicates=replicates, crossed=crossed, second_order=second_order)
    found = analyse(design, there, resamples=10, second_order=second_order)
    theirs = salib_sobol.analyze({"num_vars": D, "names": list(design.problem.names), "bounds": [[0, 1]] * D}, there.y.mean(axis=1),
                                 calc_second_order=second_order, seed=1)  # fmt: skip
    for index in ("S1", "ST"):
        np.testing.assert_allclose(values(found, index), theirs[index], atol=1e-12, rtol=0)
    if second_order:
        np.testing.assert_allclose(values(found, "S2"), theirs["S2"][np.triu_indices(D, 1)], atol=1e-12, rtol=0)
        assert [row.parameter for row in found.of("S2")] == ["x1*x2", "x1*x3", "x1*x4", "x2*x3", "x2*x4", "x3*x4"]
    else:
        assert not found.of("S2")


def test_a_design_with_rows_for_pairs_can_be_analysed_without_them() -> None:
    design, there = made("sobol", 32, second_order=True)
    with_pairs, without = (analyse(design, there, resamples=10, second_order=asked) for asked in (True, False))
    assert values(with_pairs, "ST") == values(without, "ST") and not without.of("S2") and len(with_pairs.of("S2_run")) == 6


@pytest.mark.parametrize("replicates", [1, 4])
def test_elementary_effects_equal_salib(replicates: int) -> None:
    design, there = made("morris", 12, replicates=replicates)
    found = analyse(design, there, resamples=10)
    theirs = salib_morris.analyze({"num_vars": D, "names": list(design.problem.names), "bounds": [[0, 1]] * D, "groups": None}, design.unit,
                                  there.y.mean(axis=1), num_levels=4)  # fmt: skip
    for index in ("mu", "mu_star", "sigma"):
        np.testing.assert_allclose(values(found, index), np.asarray(theirs[index], dtype=float), rtol=1e-12, atol=1e-12)
    assert bool(found.of("sigma_corrected")) == (replicates > 1)


@pytest.mark.parametrize(("method", "n"), [("sobol", 32), ("morris", 8), ("lhs", 40), ("grid", 3)])
@pytest.mark.parametrize("crossed", [True, False])
@pytest.mark.parametrize("replicates", [1, 2, 3])
def test_every_method_gives_rows_intervals_floors_and_a_verdict(method: str, n: int, crossed: bool, replicates: int) -> None:
    design, there = made(method, n, replicates=replicates, crossed=crossed)
    found = analyse(design, there, resamples=100)
    assert found.label == "y" and found.replicates == replicates and found.n_points == design.n_points
    has_intervals = method != "grid" or replicates > 1
    for row in found.rows:
        if has_intervals:
            assert row.low <= row.value <= row.high
        else:
            assert np.isnan(row.low) and np.isnan(row.high)
        assert np.isfinite(row.value)
    noise = {row.index for row in found.rows if row.index.startswith("noise")}
    assert noise == (set() if replicates == 1 else {"noise", "noise_seed", "noise_interaction"} if crossed else {"noise"})
    assert all(row.parameter is None for row in found.rows if row.index.startswith("noise"))
    assert found.floor == found.floors[found.ranked_by] >= 0 and np.isfinite(list(found.floors.values())).all()
    assert found.verdict.endswith(".") and found.ranked()[0] == "x1"
    assert any("one run at each point" in note for note in found.notes) == (replicates == 1)
    assert any("worlds" in note for note in found.notes) == (crossed and replicates in (2, 3))
    frame = found.frame()
    assert list(frame.columns) == ["parameter", "index", "value", "low", "high"] and len(frame) == len(found.rows)


def test_seed_0_is_a_seed_like_any_other_and_the_same_seed_gives_the_same_intervals() -> None:
    design, there = made("sobol", 32)
    zero, again, one = (analyse(design, there, resamples=50, seed=seed) for seed in (0, 0, 1))
    assert zero.rows == again.rows
    assert [row.value for row in zero.rows] == [row.value for row in one.rows]
    assert zero.get("ST", "x1").low != one.get("ST", "x1").low


def test_shifting_and_scaling_the_outcome_changes_no_share() -> None:
    design, there = made("sobol", 32)
    moved = Evaluations(-7 * there.y + 1e4, "y", "", True)
    one, other = analyse(design, there, resamples=50), analyse(design, moved, resamples=50)
    for row, twin in zip(one.rows, other.rows, strict=True):
        np.testing.assert_allclose([twin.value, twin.low, twin.high], [row.value, row.low, row.high], atol=1e-8)


def test_intervals_shrink_with_the_level() -> None:
    design, there = made("sobol", 64)
    wide, narrow = (analyse(design, there, resamples=500, level=level).get("ST", "x1") for level in (0.99, 0.5))
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_convergence_takes_the_first_part_of_the_sample() -> None:
    design, there = made("sobol", 64)
    steps = analyse(design, there, resamples=20).convergence
    assert sorted({step.n for step in steps}) == [16, 32, 64]
    half = known.design_of(design.unit[: 32 * (D + 2)], replicates=3)
    shorter = analyse(half, Evaluations(there.y[: 32 * (D + 2)], "y", "", True), resamples=20)
    assert [step.value for step in steps if step.n == 32 and step.index == "ST"] == pytest.approx(values(shorter, "ST"))
    assert [step.value for step in steps if step.n == 64 and step.index == "S1"] == values(analyse(design, there, resamples=20), "S1")


def test_an_outcome_that_varies_at_one_point_alone_is_analysed() -> None:
    """Resamples without that base row vary in nothing."""
    design, there = made("sobol", 16, replicates=2)
    y = np.zeros_like(there.y)
    y[0] = 1.0, 2.0
    found = analyse(design, Evaluations(y, "y", "", True), resamples=100)
    assert np.isfinite(values(found, "ST")).all()


def test_the_same_outcome_everywhere_is_refused() -> None:
    design, there = made("sobol", 16)
    with pytest.raises(InputError, match="nothing that parameters could decide"):
        analyse(design, Evaluations(np.full_like(there.y, 0.1), "reach, informal", "", True))


def test_pairs_are_refused_where_the_design_has_no_rows_for_them() -> None:
    for method, n in (("sobol", 16), ("lhs", 20)):
        with pytest.raises(InputError, match="--second-order"):
            analyse(*made(method, n), second_order=True)


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_a_sample_of_one_is_refused(method: str) -> None:
    with pytest.raises(InputError, match="two or more"):
        analyse(*made(method, 1))


def test_values_of_another_design_are_a_mistake_of_the_program() -> None:
    design, there = made("sobol", 16)
    with pytest.raises(ValueError, match="points"):
        analyse(design, Evaluations(there.y[1:], "y", "", True))
    with pytest.raises(ValueError, match="finite"):
        analyse(design, Evaluations(np.where(there.y == there.y[0, 0], np.nan, there.y), "y", "", True))


def test_own_points_leave_out_what_is_constant_and_refuse_what_cannot_be_told_apart() -> None:
    rng = np.random.default_rng(0)
    unit = rng.random((40, 3))
    y = Evaluations((unit @ [3, 1, 0])[:, None] + rng.normal(0, 0.1, (40, 2)), "y", "", True)
    fixed = unit.copy()
    fixed[:, 2] = 0.5
    found = analyse(known.design_of(fixed, "own"), y, resamples=50)
    assert found.parameters == ("x1", "x2") and any(note.startswith("x3 is the same") for note in found.notes)
    twins = unit.copy()
    twins[:, 2] = 2 * twins[:, 0]
    with pytest.raises(InputError, match="do not tell 3 factors apart"):
        analyse(known.design_of(twins, "own"), y)
    with pytest.raises(InputError, match="all the same"):
        analyse(known.design_of(np.full((40, 3), 0.5), "own"), y)


def test_what_slopes_cannot_see_is_said() -> None:
    unit = np.random.default_rng(1).random((100, 2))
    valley = analyse(known.design_of(unit, "lhs"), Evaluations(((unit[:, 0] - 0.5) ** 2 + 0.1 * unit[:, 1])[:, None], "y", "", True), resamples=50)
    assert any("straight line" in note for note in valley.notes)
    line = analyse(known.design_of(unit, "lhs"), Evaluations((unit @ [2.0, -1.0])[:, None], "y", "", True), resamples=50)
    assert not any("straight line" in note for note in line.notes)
    assert line.get("R2").value == pytest.approx(1) and line.get("PRCC", "x2").value < -0.9


def test_points_that_are_no_full_grid_are_refused() -> None:
    design, there = made("grid", 3)
    shuffled = known.design_of(design.unit[::-1], "grid", replicates=3)
    with pytest.raises(InputError, match="full grid"):
        analyse(shuffled, there)


def test_told_from_zero_asks_for_the_floor_and_for_the_interval_where_there_are_two_sides() -> None:
    assert is_told(Index("a", "S1", 0.2, 0.1, 0.3), 0.05) and is_told(Index("a", "PRCC", -0.2, -0.3, -0.1), 0.05)
    assert not is_told(Index("a", "S1", 0.2, -0.1, 0.5), 0.05)
    assert not is_told(Index("a", "S1", 0.04, 0.01, 0.07), 0.05)
    assert is_told(Index("a", "mu_star", 2.0, 0.0, 5.0), 1.0) and not is_told(Index("a", "mu_star", 0.9, 0.5, 1.2), 1.0)
    assert is_told(Index("a", "S1", 0.2, float("nan"), float("nan")), 0.0)


def steps(table: dict[int, dict[str, float]]) -> list[Step]:
    return [Step(n, name, "ST", value, value - 0.01, value + 0.01) for n, row in table.items() for name, value in row.items()]


def rows(row: dict[str, float], half: float = 0.01) -> list[Index]:
    return [Index(name, "ST", value, value - half, value + half) for name, value in row.items()]


def test_verdict_says_since_when_the_order_is_kept() -> None:
    from experiments.sensitivity.convergence import verdict

    last = {"a": 0.5, "b": 0.3, "c": 0.2, "d": 0.1}
    table = {16: {**last, "a": 0.1}, 32: {**last, "a": 0.6, "d": 0.19}, 64: last}
    assert verdict("sobol", "ST", steps(table), rows(last), 0.01) == (
        "By total order (ST) the first three (a, b and c) have kept their order since 32 of 64 base rows; from 32 to 64 base rows no index moved by "
        "more than 0.1.")  # fmt: skip
    unsettled = verdict("sobol", "ST", steps({32: {**last, "a": 0.25}, 64: last}), rows(last), 0.01)
    assert "has not settled" in unsettled and "larger sample" in unsettled
    assert "a and b and of b and c overlap" in verdict("sobol", "ST", steps(table), rows(last, 0.2), 0.01)
    assert "the first (a) has kept its place since 32" in verdict("sobol", "ST", steps(table), rows(last), 0.4)
    assert "no parameter is told from zero" in verdict("sobol", "ST", steps(table), rows(last), 0.9)
    assert "too few" in verdict("sobol", "ST", steps({64: last}), rows(last), 0.01)
    assert "full grid" in verdict("grid", "ST", [], rows(last), 0.0)
