"""Scenario discovery: a rule that is there is found and said with its counts; where there is none, that is said."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.sensitivity.discovery import Condition, discover
from experiments.sensitivity.words import conditions_text, discovery_sentences
from tests.unit import sensitivity_made_up as made

A, B = "officers-outreach", "informal"


@pytest.mark.parametrize(("method", "points"), [("lhs", 600), ("sobol", 2000)])
def test_a_rule_that_is_there_is_found(method: str, points: int) -> None:
    design = made.design(6, points, method=method)
    found = discover(design, made.gains(design), A, B, "lower")
    assert found.rule is not None and found.kept_apart is not None
    bounds = {(one.parameter, one.sign): float(one.bound) for one in found.rule.conditions}
    first, second = design.problem.factors[:2]
    assert set(bounds) == {("tie_half_life", ">"), ("kappa_placement", "<=")}
    assert math.isclose(bounds["tie_half_life", ">"], first.value(0.6), rel_tol=0.05)
    assert math.isclose(bounds["kappa_placement", "<="], second.value(0.5), rel_tol=0.1)
    assert found.kept_apart.gain > 0.5
    assert found.rule.difference[0] > 0 > found.rule.difference_else[0]


def test_the_counts_are_those_of_the_rule_as_it_is_said() -> None:
    design = made.design(6, 900)
    difference = made.gains(design)
    found = discover(design, difference, A, B, "lower")
    assert found.rule is not None
    inside = np.ones(design.n_points, dtype=bool)
    for one in found.rule.conditions:
        value, bound = design.points[one.parameter].to_numpy(), float(one.bound_text)
        inside &= value > bound if one.sign == ">" else value <= bound
    without = difference.y.mean(axis=1) >= 0
    assert (found.rule.n, found.rule.n_without) == (inside.sum(), without[inside].sum())
    assert (found.rule.n_else, found.rule.n_without_else) == ((~inside).sum(), without[~inside].sum())
    text = " ".join(discovery_sentences(found, "reach"))
    assert f"at {found.rule.n_without:,} of {found.rule.n:,} such points" in text
    assert f"{A}` does no better than `{B}` where `tie_half_life` is above" in text


def test_what_is_the_same_under_both_does_not_help() -> None:
    design = made.design(3, 300)
    nothing = made.gains(design)
    nothing.y[:] = 0.0
    found = discover(design, nothing, A, B, "lower")
    assert found.n_without == 300 and found.rule is None and found.kept_apart is None
    assert found.n_same == 300 and "at 300 of them the two are the same in every run" in discovery_sentences(found, "reach")[0]
    assert "too few" in discovery_sentences(found, "reach")[1]


def test_higher_is_better_turns_it_round() -> None:
    design = made.design(6, 600)
    lower, higher = made.gains(design), made.gains(design)
    higher.y[:] *= -1
    assert discover(design, higher, A, B, "higher").leaves[0].conditions == discover(design, lower, A, B, "lower").leaves[0].conditions


def test_where_most_points_have_no_gain_the_rule_says_where_there_is_one() -> None:
    design = made.design(6, 900)
    turned = made.gains(design)
    turned.y[:] *= -1
    found = discover(design, turned, A, B, "lower")
    assert found.about_gain and found.rule is not None
    text = discovery_sentences(found, "reach")[1]
    assert "does better than" in text and f"at {found.rule.n - found.rule.n_without:,} of {found.rule.n:,}" in text


def test_a_named_level_can_be_a_condition() -> None:
    design = made.design(4, 600)
    difference = made.gains(design, effect=False, noise=0.3)
    difference.y[(design.points["placement"] == "fixed-groups").to_numpy()] += 1.0
    found = discover(design, difference, A, B, "lower")
    assert found.rule is not None and found.rule.conditions == (Condition("placement", "is", "fixed-groups"),)
    assert conditions_text(found.rule) == "`placement` is fixed-groups"


def test_noise_alone_is_rarely_called_a_rule() -> None:
    """Two standard errors above none: some 2 in 100 by chance, fewer as a tree is pruned; 5 of 60 or more would be a fault (p < .01)."""
    alarms = 0
    for k in range(60):
        design = made.design(6, 300, seed=100 + k)
        found = discover(design, made.gains(design, effect=False, seed=k), A, B, "lower")
        alarms += found.is_found
        if not found.is_found:
            assert "No rule was found" in discovery_sentences(found, "reach")[1]
    assert alarms < 5


def test_a_small_design_is_not_searched() -> None:
    design = made.design(4, 30)
    assert discover(design, made.gains(design), A, B, "lower").kept_apart is None
